/* Predicted against reported: a table for the terminal, a page, JSON, a forest. */
#include "report_impl.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_titles[] = {
    "",
    "Mean improvement of a score, % of its start",
    "People by class of improvement, %",
    "Change of tissue, %",
    "Pain of a visit, 0 to 10",
    "Days of redness",
    "People with dark marks, %",
    "",
    "",
};

static const char *study_id(const cit_validation_report *r, int study) {
    return cit_evidence_study(r->evidence, study)->id;
}

static bool is_new(const cit_validation_report *r, int study) {
    return !cit_posterior_knows(r->posterior, study_id(r, study));
}

/* "12.2 against 11.7: +0.5 (95 % -0.3 to 1.3)". */
static void put_difference(FILE *out, const char *what, double own, double other,
                           const cit_test_result *d) {
    fprintf(out, "%s: %.1f against %.1f, difference %+.1f (standard error %.1f)\n", what, own,
            other, d->estimate, d->se);
}

static void put_scores(FILE *out, const cit_validation *v, const char *start) {
    fputs(start, out);
    put_difference(out, "CRPS, mechanism against random-effects mean", v->crps, v->crps_mean,
                   &v->to_mean);
    fputs(start, out);
    put_difference(out, "CRPS, mechanism against regression on visits", v->crps, v->crps_visits,
                   &v->to_visits);
    fputs(start, out);
    put_difference(out, "CRPS, blend against random-effects mean", v->crps_blend, v->crps_mean,
                   &v->blend_to_mean);
    fputs(start, out);
    put_difference(out, "CRPS, blend against regression on visits", v->crps_blend, v->crps_visits,
                   &v->blend_to_visits);
    fprintf(
        out,
        "%s90 %% intervals hold %.0f of %d studies (mechanism; p %.2f) and %.0f (blend; p %.2f)\n",
        start, v->inside90.estimate * v->between_count, v->between_count, v->inside90.p,
        v->blend_inside90.estimate * v->between_count, v->blend_inside90.p);
    fprintf(out, "%sweight of the mechanism in the blend, on all studies: %.2f\n", start,
            v->blend_weight);
}

/* ---- the terminal -------------------------------------------------------------------------------- */

static int inside_of(const cit_validation *v, int kind, bool ninety, int *ret_all) {
    int inside = 0, all = 0;
    for (int i = 0; i < v->compared_count; i++) {
        const cit_compared *c = &v->compared[i];
        if (kind != 0 && c->figure->kind != kind) continue;
        all++;
        inside += ninety ? c->seen >= c->lo90 && c->seen <= c->hi90
                         : c->seen >= c->lo50 && c->seen <= c->hi50;
    }
    *ret_all = all;
    return inside;
}

static void put_kinds(FILE *out, const cit_validation *v, const char *start) {
    for (int kind = 1; kind < 7; kind++) {
        int all = 0;
        const int ninety = inside_of(v, kind, true, &all);
        const int fifty = inside_of(v, kind, false, &all);
        if (all > 0)
            fprintf(out, "%s%-46s %3d figures, %3d inside 50 %%, %3d inside 90 %%\n", start,
                    kind_titles[kind], all, fifty, ninety);
    }
}

cit_status cit_report_validation_table(const cit_validation_report *r, char **ret,
                                       cit_errors *errs) {
    const cit_validation *v = r->validation;
    memo t;
    const cit_status st = text_open(&t, errs);
    if (st != CIT_OK) return st;
    fprintf(t.out, "Predicted against reported, each study left out in its turn; %d draws\n\n",
            r->draws);
    if (v->between_count > 0) {
        fprintf(t.out,
                "  mean improvement, %%        visits  reported   predicted (90 %%)       CRPS  "
                "mean  visits  blend\n");
        for (int i = 0; i < v->between_count; i++) {
            const cit_between *b = &v->between[i];
            fprintf(t.out,
                    "  %-26s %5.0f %9.1f %9.1f (%.0f to %.0f)%*s%6.1f %5.1f %7.1f %6.1f%s%s\n",
                    study_id(r, b->study), b->visits, b->seen, b->median, b->lo90, b->hi90,
                    snprintf(NULL, 0, "%.0f%.0f", b->lo90, b->hi90) > 5 ? 1 : 3, "", b->crps,
                    b->crps_mean, b->crps_visits, b->crps_blend,
                    is_new(r, b->study) ? "  (never seen)" : "", b->pareto > 0.7 ? " ?" : "");
        }
        fputc('\n', t.out);
        put_scores(t.out, v, "  ");
        fputc('\n', t.out);
    }
    put_kinds(t.out, v, "  ");
    if (v->within_count > 0) fputs("\nWithin studies\n", t.out);
    for (int i = 0; i < v->within_count; i++) {
        const cit_within *w = &v->within[i];
        fprintf(t.out, "  %-84.84s %6.0f  predicted %4.0f (%.0f to %.0f), flat %.0f\n", w->label,
                w->seen, w->median, w->lo90, w->hi90, w->baseline);
    }
    if (v->distrusted > 0)
        fprintf(t.out,
                "\n?: %d figures are of studies whose leaving out the weights cannot follow "
                "(Pareto k above 0.7);\ntheir predictions and scores cannot be trusted.\n",
                v->distrusted);
    return text_close(&t, ret, errs);
}

/* ---- the page ------------------------------------------------------------------------------------ */

static void put_between(FILE *out, const cit_validation_report *r) {
    const cit_validation *v = r->validation;
    fputs(
        "## Between studies\n\nThe mean improvement of one score a study, per cent of its start. "
        "*Mechanism*: this model without the study. *Mean*: the random-effects mean of the others. "
        "*Visits*: a random-effects regression of the others on the logarithm of visits. *Blend*: "
        "the mechanism, and the mechanism shifted by what the other studies report beyond it; its "
        "weight is chosen on the others. CRPS in per cent, lower is better. (?): the weights that "
        "leave this study out rest on a few draws and cannot be trusted; its scores are in the "
        "means all the same.\n\n![predicted and "
        "reported, study by study](validation.svg)\n\n"
        "| study | visits | reported | mechanism (90 %) | blend (90 %) | CRPS mechanism | mean | "
        "visits | blend |\n|---|---|---|---|---|---|---|---|---|\n",
        out);
    for (int i = 0; i < v->between_count; i++) {
        const cit_between *b = &v->between[i];
        fprintf(
            out,
            "| %s%s | %.0f | %.1f | %.1f (%.0f to %.0f) | %.1f (%.0f to %.0f) | %.1f | %.1f | %.1f "
            "| %.1f |\n",
            study_id(r, b->study),
            is_new(r, b->study) ? " (never seen)"
            : b->pareto > 0.7   ? " (?)"
                                : "",
            b->visits, b->seen, b->median, b->lo90, b->hi90, b->blend_median, b->blend_lo90,
            b->blend_hi90, b->crps, b->crps_mean, b->crps_visits, b->crps_blend);
    }
    fputc('\n', out);
    put_scores(out, v, "- ");
}

/* A t distribution of fewer degrees of freedom says nothing, nor does a spread of two. */
enum { STUDIES_FOR_A_SPREAD = 3, STUDIES_FOR_ANOTHER = 5 };

static void put_devices(FILE *out, const cit_validation *v) {
    fputs("\n## Devices\n\nWhat studies of each kind of device reported, per cent of the start "
          "(random effects, DerSimonian and Laird). The last column is where a further study would "
          "come out: "
          "a difference between devices that is smaller tells nothing.\n\n| device | studies | "
          "mean (95 %) | "
          "spread between studies | a further study (95 %) |\n|---|---|---|---|---|\n",
          out);
    for (int i = 0; i < v->device_count; i++) {
        const cit_of_device *d = &v->devices[i];
        const cit_heterogeneity *h = &d->spread;
        fprintf(out, "| %s | %d | ",
                d->device > 0 ? cit_study_device_choices[d->device - 1] : "not stated", d->studies);
        if (d->studies < STUDIES_FOR_A_SPREAD)
            fprintf(out, "%.0f | too few to say | ", h->estimate);
        else
            fprintf(out, "%.0f (%.0f to %.0f) | %.0f | ", h->estimate, h->lo, h->hi, sqrt(h->tau2));
        if (cit_known(h->new_lo) && d->studies >= STUDIES_FOR_ANOTHER)
            fprintf(out, "%.0f to %.0f |\n", h->new_lo, h->new_hi);
        else
            fputs("too few to say |\n", out);
    }
}

static void put_within(FILE *out, const cit_validation *v) {
    fputs(
        "\n## Within studies\n\nIn shares of a gain and comparisons of arms or types a study's own "
        "effect, scale and rater cancel; in changes of tissue and directions against the start "
        "they "
        "do not, and are in the prediction. Odds: of a sign as the source found it, significant "
        "where it was. The flat baseline says what is in the last column.\n\n| what | reported | "
        "predicted (90 %) | "
        "baseline |\n|---|---|---|---|\n",
        out);
    for (int i = 0; i < v->within_count; i++) {
        const cit_within *w = &v->within[i];
        fprintf(out, "| %s | %.0f | %.0f (%.0f to %.0f) | %.0f (%s) |\n", w->label, w->seen,
                w->median, w->lo90, w->hi90, w->baseline, w->against);
    }
}

static const char *verdict_of(const cit_compared *c) {
    if (c->seen >= c->lo50 && c->seen <= c->hi50) return "inside 50 %";
    return c->seen >= c->lo90 && c->seen <= c->hi90 ? "inside 90 %" : "**outside**";
}

static void put_figures(FILE *out, const cit_validation *v) {
    fputs(
        "\n## Every figure\n\nPredicted with the figure's study left out; a study's own effect and "
        "sampling are in the intervals.\n",
        out);
    for (int kind = 1; kind < 7; kind++) {
        int all = 0;
        (void)inside_of(v, kind, true, &all);
        if (all == 0) continue;
        fprintf(out,
                "\n### %s\n\n| figure | reported | predicted | 50 %% | 90 %% | |\n"
                "|---|---|---|---|---|---|\n",
                kind_titles[kind]);
        for (int i = 0; i < v->compared_count; i++) {
            const cit_compared *c = &v->compared[i];
            if (c->figure->kind != kind) continue;
            fprintf(out, "| %s%s | %.3g | %.3g | %.3g to %.3g | %.3g to %.3g | %s |\n", c->label,
                    c->figure->untreated ? " (untreated)" : "", c->seen, c->median, c->lo50,
                    c->hi50, c->lo90, c->hi90, verdict_of(c));
        }
    }
}

static void put_left_out(FILE *out, const cit_validation_report *r) {
    fputs("\n## What was not compared\n\nStudies of the catalogue without a figure that the model "
          "has a "
          "counterpart for (something that acts was added, another device or condition, or no "
          "number in the "
          "text read): ",
          out);
    const cit_figure *figures;
    const int count = cit_evidence_figures(r->evidence, &figures);
    const char *comma = "";
    for (int s = 0; s < cit_evidence_studies(r->evidence); s++) {
        bool any = false;
        for (int i = 0; i < count; i++) any = any || figures[i].study == s;
        if (any) continue;
        fprintf(out, "%s%s", comma, study_id(r, s));
        comma = ", ";
    }
    fputs(".\n", out);
}

cit_status cit_report_validation(const cit_validation_report *r, char **ret, cit_errors *errs) {
    const cit_validation *v = r->validation;
    memo t;
    const cit_status st = text_open(&t, errs);
    if (st != CIT_OK) return st;
    fprintf(
        t.out,
        "# Validation\n\nMade by `cit validate%s -o FOLDER` (%s); do not edit. %d draws of the "
        "posterior, "
        "%d figures. Each study is left out in its turn by weighting the draws with one over its "
        "likelihood (Pareto-smoothed); %d studies that told too much for that were left out by "
        "new fits instead (`--refit`). For %d figures the weights cannot be trusted (Pareto k "
        "above 0.7). The form of the model was chosen by people who had seen these studies: the "
        "time "
        "course of drift and of a study's effect, `flat_steps` and the errors of shares after Minh "
        "2019 "
        "and Alam 2014, the widths of some priors after the spread of what is reported. Only a "
        "study "
        "published since is a test that nothing leaked into.\n\n",
        v->fitted_anew > 0 ? " --refit" : "", r->program, r->draws, v->compared_count,
        v->fitted_anew, v->distrusted);
    if (v->between_count > 0) put_between(t.out, r);
    if (v->device_count > 0) put_devices(t.out, v);
    fputs("\n## What fits and what does not\n\n```\n", t.out);
    put_kinds(t.out, v, "");
    fputs("```\n", t.out);
    if (v->within_count > 0) put_within(t.out, v);
    put_figures(t.out, v);
    put_silence(t.out, r);
    put_left_out(t.out, r);
    return text_close(&t, ret, errs);
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

/* Null: the study was left out by a new fit, or never had a say. */
static json_t *number_or_null(double x) { return cit_known(x) ? json_real(x) : json_null(); }

static json_t *difference_json(const cit_test_result *d) {
    return json_pack("{s:f, s:f, s:f, s:f}", "estimate", d->estimate, "standard_error", d->se,
                     "lo95", d->lo, "hi95", d->hi);
}

cit_status cit_report_validation_json(const cit_validation_report *r, char **ret,
                                      cit_errors *errs) {
    const cit_validation *v = r->validation;
    json_t *o = json_object(), *between = json_array(), *figures = json_array(),
           *within = json_array();
    for (int i = 0; i < v->between_count; i++) {
        const cit_between *b = &v->between[i];
        json_array_append_new(
            between,
            json_pack(
                "{s:s, s:b, s:f, s:f, s:f, s:[f,f], s:f, s:[f,f], s:f, s:f, s:f, s:f, s:f, s:o}",
                "study", study_id(r, b->study), "never_seen", is_new(r, b->study), "visits",
                b->visits, "reported", b->seen, "median", b->median, "band90", b->lo90, b->hi90,
                "blend_median", b->blend_median, "blend_band90", b->blend_lo90, b->blend_hi90,
                "crps", b->crps, "crps_mean", b->crps_mean, "crps_visits", b->crps_visits,
                "crps_blend", b->crps_blend, "weight", b->weight, "pareto_k",
                number_or_null(b->pareto)));
    }
    for (int i = 0; i < v->compared_count; i++) {
        const cit_compared *c = &v->compared[i];
        json_array_append_new(
            figures,
            json_pack("{s:s, s:s, s:s, s:f, s:f, s:f, s:[f,f], s:[f,f], s:f, s:o}", "study",
                      study_id(r, c->figure->study), "figure", c->label, "kind",
                      kind_titles[c->figure->kind], "day", c->figure->day, "reported", c->seen,
                      "median", c->median, "band50", c->lo50, c->hi50, "band90", c->lo90, c->hi90,
                      "crps", c->crps, "pareto_k", number_or_null(c->pareto)));
    }
    for (int i = 0; i < v->within_count; i++) {
        const cit_within *w = &v->within[i];
        json_array_append_new(within, json_pack("{s:s, s:f, s:f, s:[f,f], s:f}", "what", w->label,
                                                "reported", w->seen, "median", w->median, "band90",
                                                w->lo90, w->hi90, "baseline", w->baseline));
    }
    json_object_set_new(o, "schema", json_string("cit/validation/1"));
    json_object_set_new(o, "program", json_string(r->program));
    json_object_set_new(o, "draws", json_integer(r->draws));
    json_object_set_new(o, "between", between);
    if (v->between_count > 0) {
        json_object_set_new(o, "crps_mechanism_less_mean", difference_json(&v->to_mean));
        json_object_set_new(o, "crps_mechanism_less_visits", difference_json(&v->to_visits));
        json_object_set_new(o, "crps_blend_less_mean", difference_json(&v->blend_to_mean));
        json_object_set_new(o, "crps_blend_less_visits", difference_json(&v->blend_to_visits));
        json_object_set_new(o, "coverage90", json_real(v->inside90.estimate));
        json_object_set_new(o, "coverage90_p", json_real(v->inside90.p));
        json_object_set_new(o, "blend_coverage90", json_real(v->blend_inside90.estimate));
        json_object_set_new(o, "blend_coverage90_p", json_real(v->blend_inside90.p));
        json_object_set_new(o, "blend_weight", json_real(v->blend_weight));
    }
    json_object_set_new(o, "figures", figures);
    json_object_set_new(o, "within", within);
    *ret = json_dumps(o, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
    json_decref(o);
    return *ret != NULL ? CIT_OK : cit_fail(errs, CIT_NOMEM, "", "no memory");
}

/* ---- the forest ---------------------------------------------------------------------------------- */

static const double row_height = 26, top = 92;

static void put_row(cairo_t *c, const axes *a, const cit_validation_report *r, const cit_between *b,
                    double y) {
    char text[80];
    set_colour(c, ink, 1);
    snprintf(text, sizeof text, "%s, %.0f visits%s", study_id(r, b->study), b->visits,
             is_new(r, b->study) ? " (never seen)" : "");
    put_text(c, 24, y, LEFT, 12, false, text);
    set_colour(c, score_colour, 0.25);
    cairo_rectangle(c, axes_x(a, fmax(b->lo90, a->x0)), y - 8,
                    axes_x(a, fmin(b->hi90, a->x1)) - axes_x(a, fmax(b->lo90, a->x0)), 16);
    cairo_fill(c);
    set_colour(c, score_colour, 1);
    put_line(c, axes_x(a, b->median), y - 8, axes_x(a, b->median), y + 8, 2.4);
    set_colour(c, ink, 0.8);
    put_line(c, axes_x(a, fmax(b->blend_lo90, a->x0)), y + 11,
             axes_x(a, fmin(b->blend_hi90, a->x1)), y + 11, 1.4);
    const double error = 1.96 * 100 * b->figure->error;
    set_colour(c, published_colour, 1);
    put_line(c, axes_x(a, fmax(b->seen - error, a->x0)), y, axes_x(a, fmin(b->seen + error, a->x1)),
             y, 1.8);
    cairo_arc(c, axes_x(a, b->seen), y, 4.5, 0, 6.2832);
    cairo_fill(c);
}

static void draw_forest(cairo_t *c, const cit_report *unused, const void *extra) {
    (void)unused;
    const cit_validation_report *r = extra;
    const cit_validation *v = r->validation;
    const axes a = {330, top, 590, row_height * v->between_count, -20, 100, 0, 1};
    char text[24];
    set_colour(c, ink, 1);
    put_text(c, 24, 30, LEFT, 16, true, "Mean improvement of a score: reported and predicted");
    put_text(c, 24, 54, LEFT, 12, false, "each study left out in its turn; per cent of the start");
    for (double x = -20; x <= 100; x += 20) {
        set_colour(c, pale, x == 0 ? 1 : 0.6);
        put_line(c, axes_x(&a, x), top - 12, axes_x(&a, x), top + a.h, x == 0 ? 1.6 : 0.8);
        set_colour(c, ink, 1);
        snprintf(text, sizeof text, "%g", x);
        put_text(c, axes_x(&a, x), top + a.h + 14, CENTRE, 11, false, text);
    }
    for (int i = 0; i < v->between_count; i++)
        put_row(c, &a, r, &v->between[i], top + row_height * (i + 0.4));
    set_colour(c, ink, 0.8);
    put_text(c, 24, top + a.h + 38, LEFT, 11, false,
             "red: reported mean and 95 % of its sampling; purple: the model's median and 90 %; "
             "thin line: "
             "90 % of the blend with the other studies' mean");
}

cit_status cit_report_forest(const cit_validation_report *r, bool png, unsigned char **ret,
                             size_t *ret_size, cit_errors *errs) {
    const figure forest = {"forest", 960, top + row_height * r->validation->between_count + 60,
                           NULL, draw_forest};
    return figure_render(&forest, NULL, r, png, ret, ret_size, errs);
}
