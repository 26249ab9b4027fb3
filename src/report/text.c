/* The terminal table, the brief, and CSV. */
#include "report_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

cit_status text_open(memo *t, cit_errors *errs) {
    *t = (memo){0};
    t->out = open_memstream(&t->bytes, &t->size);
    return t->out ? CIT_OK : cit_fail(errs, CIT_NOMEM, "", "no memory for the report");
}

cit_status text_close(memo *t, char **ret, cit_errors *errs) {
    const bool bad = ferror(t->out) != 0;
    if (fclose(t->out) != 0 || bad || t->bytes == NULL) {
        free(t->bytes);
        return cit_fail(errs, CIT_NOMEM, "", "no memory for the report");
    }
    *ret = t->bytes;
    return CIT_OK;
}

void short_name(const char *name, int most, char ret[SHORT_NAME]) {
    const int length = (int)strlen(name), head = most / 2 - 2;
    const char *tail = name + (length > most ? length - (most - head - 3) : 0);
    if (length <= most) {
        snprintf(ret, SHORT_NAME, "%s", name);
        return;
    }
    while (((unsigned char)*tail & 0xC0) == 0x80) tail++; /* a whole character */
    snprintf(ret, SHORT_NAME, "%.*s...%s", cit_text_whole(name, head), name, tail);
}

void csv_text(FILE *out, const char *text) {
    fputc('"', out);
    for (; *text != 0; text++) {
        if (*text == '"') fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

void csv_number(FILE *out, double v) {
    fputc(',', out);
    if (isfinite(v)) fprintf(out, "%.6g", v);
}

/* ---- words --------------------------------------------------------------------------------- */

/* The first setting in use, on 12 mm of skin, unknown settings at the middle of their prior. */
cit_status punctures_of(const cit_report *r, puncture_picture *p, cit_errors *errs) {
    const double size_mm = 12;
    cit_parameters usual;
    const cit_setting *settings[CIT_SETTINGS_MAX];
    const int count = cit_protocol_settings(r->protocol, r->person, settings);
    cit_parameters_default(&usual);
    if (count == 0) return CIT_OK;
    p->use = cit_use_of(&usual, r->catalogue, r->protocol, settings[0]);
    const cit_reach reach = cit_reach_of(&usual.needling, p->use.kind, p->use.length_mm);
    cit_status st = cit_patch_make(&p->use, &reach, size_mm, r->forecast->seed, &p->patch, errs);
    if (st == CIT_OK) st = cit_patch_measure(&p->patch, p->use.halo_mm, &p->stats, errs);
    return st;
}

void describe_setting(const cit_report *r, char line[200]) {
    const cit_setting *settings[CIT_SETTINGS_MAX];
    const int count = cit_protocol_settings(r->protocol, r->person, settings);
    line[0] = 0;
    if (count == 0) return;
    const cit_setting *s = settings[0];
    const cit_device *d = s->device ? cit_catalogue_device(r->catalogue, s->device) : NULL;
    char length[40], passes[40];
    const char *what = d         ? d->name
                       : s->kind ? cit_choice_name(cit_device_kind_choices, s->kind)
                                 : "device unknown";
    if (cit_known(s->length_mm))
        snprintf(length, sizeof length, "%g mm", s->length_mm);
    else
        snprintf(length, sizeof length, "needle length unknown");
    if (s->passes != CIT_UNKNOWN_INT)
        snprintf(passes, sizeof passes, "%d passes", s->passes);
    else if (cit_known(s->density_per_cm2))
        snprintf(passes, sizeof passes, "%g punctures per cm2", s->density_per_cm2);
    else
        snprintf(passes, sizeof passes, "passes unknown");
    const int others = count - 1;
    char more[40] = "";
    if (others > 0)
        snprintf(more, sizeof more, " (and %d other setting%s)", others, others > 1 ? "s" : "");
    snprintf(line, 200, "%.80s, %s, %s%s", what, length, passes, more);
}

void describe_visits(const cit_report *r, char line[120]) {
    const cit_forecast *f = r->forecast;
    int done = 0;
    for (int i = 0; i < f->visit_count; i++) done += f->visits[i].status == CIT_DONE;
    const double last = f->visit_count ? f->visits[f->visit_count - 1].day.median / 7 : 0;
    char when[40];
    snprintf(when, sizeof when, "over %.3g weeks", last);
    if (done == f->visit_count)
        snprintf(line, 120, "%d visit%s %s", done, done == 1 ? "" : "s", when);
    else
        snprintf(line, 120, "%d visits %s (%d done, %d planned)", f->visit_count, when, done,
                 f->visit_count - done);
}

typedef struct style {
    const char *bold, *dim, *red, *off;
} style;
static const style plain = {"", "", "", ""};
static const style coloured = {"\033[1m", "\033[2m", "\033[31m", "\033[0m"};

static void heading(FILE *out, const style *s, const char *title) {
    fprintf(out, "\n%s%s%s\n", s->bold, title, s->off);
}

/* ---- parts of the table --------------------------------------------------------------------- */

static void put_head(FILE *out, const cit_report *r, const style *s) {
    char visits[120], setting[200];
    describe_visits(r, visits);
    describe_setting(r, setting);
    fprintf(out, "%s%s%s\n", s->bold, r->protocol->name ? r->protocol->name : "Course of needling",
            s->off);
    if (r->person->name) fprintf(out, "for %s\n", r->person->name);
    fprintf(out, "%s: %s\n", visits, setting);
}

/* What a physician signed stands on everything that follows. */
static void put_overrides(FILE *out, const cit_report *r, const style *s) {
    for (int i = 0; i < r->person->override_count; i++) {
        const cit_override *o = &r->person->overrides[i];
        char line[600];
        fprintf(out, "%s%s%s\n", s->red,
                cit_text_fill(line, sizeof line, cit_text(r->catalogue, "screen.overridden"),
                              "rule", o->rule, "by", o->by, "at", o->at, "reason", o->reason, NULL),
                s->off);
    }
}

/* Titles of what is not settled, a few of them. */
static void put_unsettled(FILE *out, const cit_report *r) {
    enum { SHOWN = 6 };
    const cit_screening *s = r->screening;
    const cit_rule *last = NULL;
    int shown = 0, more = 0;
    for (int i = 0; i < s->count; i++) {
        const cit_finding *f = &s->findings[i];
        if (f->rule == last || !finding_unsettled(f, cit_who_of(r->person, r->protocol))) continue;
        last = f->rule;
        if (shown++ >= SHOWN) {
            more++;
            continue;
        }
        fprintf(out, "  - %s\n",
                cit_text_of(r->catalogue, "rule", f->rule->id, "title", f->rule->title));
    }
    char number[16], line[200];
    snprintf(number, sizeof number, "%d", more);
    if (more > 0)
        fprintf(out, "  %s\n",
                cit_text_fill(line, sizeof line, cit_text(r->catalogue, "screen.more"), "number",
                              number, NULL));
}

static void put_screening(FILE *out, const cit_report *r, const style *s, bool brief) {
    const cit_clearance verdict =
        cit_screening_verdict(r->screening, -1, cit_who_of(r->person, r->protocol));
    char day[16], line[600];
    const char *key = r->person->study != NULL ? "screen.arm"
                      : verdict == CIT_CLEARED ? "screen.line_cleared"
                                               : "screen.line_ask";
    cit_date_format(r->screening->day, day);
    cit_text_fill(line, sizeof line, cit_text(r->catalogue, key), "who",
                  cit_choice_name(cit_who_choices, cit_who_of(r->person, r->protocol)), "day", day,
                  NULL);
    fprintf(out, "%s%s%s%s\n", brief ? "" : "\n",
            verdict == CIT_CLEARED || r->person->study ? "" : s->red, line, s->off);
    if (!brief && verdict != CIT_CLEARED && r->person->study == NULL) put_unsettled(out, r);
    put_overrides(out, r, s);
}

static void put_band_row(FILE *out, const char *label, const char *unit, const cit_band *b) {
    if (!cit_known(b->median)) return;
    fprintf(out, "  %-43s %8.3g %-6s %8.3g to %-8.3g %8.3g to %-8.3g\n", label, b->median, unit,
            b->lo50, b->hi50, b->lo90, b->hi90);
}

static void put_row(FILE *out, const cit_forecast *f, cit_quantity q, int week, const char *label) {
    put_band_row(out, label ? label : cit_quantity_label(q), cit_quantity_unit(q),
                 cit_forecast_band(f, q, week));
}

static void put_columns(FILE *out, const style *s, const char *what) {
    fprintf(out, "  %s%-43s %8s %-6s %20s %20s%s\n", s->dim, what, "median", "", "50 % of draws",
            "90 % of draws", s->off);
}

static void put_geometry(FILE *out, const cit_forecast *f, const style *s) {
    char title[120];
    snprintf(title, sizeof title, "Scars at week %d%s", f->summary_week,
             f->summary_week > f->measured_until_week ? " (not measured: beyond every study)" : "");
    heading(out, s, title);
    put_columns(out, s, "less than at the start by");
    for (int q = CIT_Q_DEPTH_ROLLING; q <= CIT_Q_VOLUME_ALL; q++)
        put_row(out, f, (cit_quantity)q, f->summary_week, NULL);
    put_row(out, f, CIT_Q_COLLAGEN, f->summary_week, "collagen below scars, upper third, more");
    put_row(out, f, CIT_Q_EPIDERMIS, f->summary_week, "epidermis, thicker");
    put_row(out, f, CIT_Q_ELASTIN, f->summary_week, "elastin below scars, change");
}

static void put_parts(FILE *out, const cit_report *r, const style *s) {
    const cit_forecast *f = r->forecast;
    heading(out, s, "Where depth comes from and what takes it off, mm (medians)");
    fprintf(out, "  %s%-30s %6s %6s %8s %7s %6s | %8s %6s %6s %6s%s\n", s->dim, "", "scars",
            "depth", "deficit", "tether", "open", "collagen", "bands", "epid.", "harm", s->off);
    for (int i = 0; i < f->group_count; i++) {
        const cit_group_forecast *g = &f->groups[i];
        char zone[80], label[140];
        cit_zone_name(&r->person->zones[g->zone], zone);
        snprintf(label, sizeof label, "%s: %s", zone,
                 cit_choice_name(cit_case_scar_choices, g->type));
        fprintf(out, "  %-30s %6.0f %6.2f %8.2f %7.2f %6.2f | %8.3f %6.3f %6.3f %6.3f\n", label,
                g->count.median, g->start_depth_mm.median, g->start_deficit_mm.median,
                g->start_tether_mm.median, g->start_open_mm.median, -g->by_collagen_mm.median,
                -g->by_tether_mm.median, -g->by_epidermis_mm.median, g->by_harm_mm.median);
    }
}

static void put_scores(FILE *out, const cit_forecast *f, const style *s) {
    heading(out, s, "Scores");
    put_columns(out, s, "");
    put_band_row(out, "Goodman-Baron score at the start", "points", &f->start_gb);
    put_row(out, f, CIT_Q_GB_CHANGE, f->summary_week, NULL);
    put_row(out, f, CIT_Q_GB_PERCENT, f->summary_week, NULL);
    put_row(out, f, CIT_Q_ECCA_PERCENT, f->summary_week, NULL);
    put_band_row(out, "Goodman-Baron grade at the start", "grade", &f->start_grade);
    put_row(out, f, CIT_Q_GRADE, f->summary_week, NULL);
    put_row(out, f, CIT_Q_SCAR_S, f->summary_week, NULL);
    fprintf(
        out,
        "  odds of one grade better %.0f %%, of two %.0f %%; of scars deeper than before %.0f %%\n",
        100 * f->odds_one_grade, 100 * f->odds_two_grades, 100 * f->odds_worse);
    fprintf(
        out,
        "  of a mean fall of %.2f points, geometry makes %.2f; drift without treatment %.2f and "
        "open\n  rating %.2f are the scale's",
        f->geometry_points + f->drift_points + f->open_points, f->geometry_points, f->drift_points,
        f->open_points);
    if (cit_known(f->scale_share)) fprintf(out, ": %.0f %%", 100 * f->scale_share);
    fprintf(out, ". One rater rating twice differs by %.1f points (sd).\n", f->rerating_points);
}

static void put_visits(FILE *out, const cit_forecast *f, const style *s) {
    heading(out, s, "Visits (median, 90 % of draws)");
    fprintf(out, "  %s%5s %8s %16s %18s %20s %12s%s\n", s->dim, "week", "", "pain of 10",
            "days of redness", "punctures per cm2", "reach, mm", s->off);
    for (int i = 0; i < f->visit_count && i < 12; i++) {
        const cit_visit_forecast *v = &f->visits[i];
        fprintf(out, "  %5.1f %8s %6.1f %4.1f-%-4.1f %8.1f %4.1f-%-4.1f %9.0f %5.0f-%-5.0f %8.2f\n",
                v->day.median / 7, v->status == CIT_DONE ? "done" : "planned", v->pain.median,
                v->pain.lo90, v->pain.hi90, v->red_days.median, v->red_days.lo90, v->red_days.hi90,
                v->density_per_cm2.median, v->density_per_cm2.lo90, v->density_per_cm2.hi90,
                v->reach_mm.median);
    }
    if (f->visit_count > 12) fprintf(out, "  and %d more\n", f->visit_count - 12);
}

static void put_punctures(FILE *out, const puncture_picture *p, const style *s) {
    if (p->patch.count == 0) return;
    fprintf(
        out,
        "  %sa visit with unstated settings at the middle of their prior: halos of %.2f mm cover "
        "%.0f %% of the\n  skin, %.0f %% of halo falls on another; the densest line has %.1f "
        "times the mean%s\n",
        s->dim, p->use.halo_mm, 100 * p->stats.coverage, 100 * p->stats.overlap,
        p->stats.streak_ratio, s->off);
}

static void put_harm(FILE *out, const cit_forecast *f, const style *s) {
    const cit_band *mark = cit_forecast_band(f, CIT_Q_PIGMENT_RISK, f->summary_week);
    heading(out, s, "Harm");
    fprintf(out,
            "  chance of a dark mark: %.2g %% (90 %% of draws: %.2g to %.2g %%; mean %.2g %%)\n"
            "  lasting loss of collagen in %.1f %% of draws, fibrosis in %.1f %% (never counted as "
            "lift)\n",
            mark->median, mark->lo90, mark->hi90, mark->mean, 100 * f->lasting_loss_share,
            100 * f->fibrosis_share);
}

static const char *const verdict_text[] = {"", "inside 50 %", "inside 90 %", "OUTSIDE"};

static void put_reported(const cit_comparison *c, char line[60]) {
    if (cit_known(c->reported_lo))
        snprintf(line, 60, "%.3g (%s %.3g to %.3g)", c->reported, c->interval_is_ci ? "CI" : "sd",
                 c->reported_lo, c->reported_hi);
    else
        snprintf(line, 60, "%.3g", c->reported);
}

static void put_comparison(FILE *out, const cit_report *r, const style *s) {
    const cit_forecast *f = r->forecast;
    if (f->comparison_count == 0) return;
    heading(out, s,
            f->fitted ? "Beside what the study reported (its mean; the band is one person's)"
                      : "Beside what the study reported (its mean; the band is one person's; "
                        "nothing is fitted)");
    fprintf(out, "  %s%-36s %5s %-26s %-8s %-24s%s\n", s->dim, "", "week", "reported", "forecast",
            "90 % of draws", s->off);
    for (int i = 0; i < f->comparison_count; i++) {
        const cit_comparison *c = &f->comparisons[i];
        char reported[60], range[60];
        put_reported(c, reported);
        snprintf(range, sizeof range, "%.3g to %.3g", c->forecast.lo90, c->forecast.hi90);
        const bool out_of = c->verdict == CIT_OUTSIDE_90;
        fprintf(out, "  %-36s %5.3g %-26s %-8.3g %-16s %s%s%s\n", cit_quantity_label(c->quantity),
                c->week, reported, c->forecast.median, range, out_of ? s->red : "",
                verdict_text[c->verdict], out_of ? s->off : "");
    }
}

/* What the source says in words or counts, which no band can be held against. */
static void put_study_facts(FILE *out, const cit_report *r, const style *s) {
    const cit_case *c = r->person;
    const cit_forecast *f = r->forecast;
    const cit_study *study = c->study ? cit_catalogue_study(r->catalogue, c->study) : NULL;
    if (study == NULL) return;
    bool any = false;
    for (int i = 0; i < study->by_type_count; i++) {
        if (!any) heading(out, s, "Also reported");
        any = true;
        fprintf(out, "  %s: %s\n", cit_choice_name(cit_scar_type_choices, study->by_type[i].type),
                study->by_type[i].finding);
    }
    for (int i = 0; i < study->arm_count; i++) {
        const cit_study_arm *arm = &study->arms[i];
        if (c->study_arm == NULL || strcmp(arm->name, c->study_arm) == 0) continue;
        for (int j = 0; j < arm->outcome_count; j++) {
            const cit_study_outcome *o = &arm->outcomes[j];
            if (!cit_known(o->change)) continue;
            if (!any) heading(out, s, "Also reported");
            any = true;
            fprintf(out, "  %s, %s%s: %.3g", arm->name, o->scale,
                    cit_known(o->week) ? "" : ", week unknown", o->change);
            if (cit_known(o->week)) fprintf(out, " at week %.3g", o->week);
            if (cit_known(o->change_low))
                fprintf(out, " (CI %.3g to %.3g)", o->change_low, o->change_high);
            if (arm->visits == 0 && o->measure == CIT_GB_QUANTITATIVE)
                fprintf(out, "; forecast without needling: %.2g, drift alone", -f->drift_points);
            fputc('\n', out);
        }
    }
}

/* The largest few of the score's band, on one line. */
static void put_score_drivers(FILE *out, const cit_forecast *f) {
    double below = 2;
    for (int shown = 0; shown < 3; shown++) {
        const cit_driver *best = NULL;
        for (int i = 0; i < f->driver_count; i++) {
            const cit_driver *d = &f->drivers[i];
            if (d->score_share < below && (best == NULL || d->score_share > best->score_share))
                best = d;
        }
        if (best == NULL || best->score_share <= 0) break;
        if (shown == 0) fputs("  of the score's band:\n", out);
        fprintf(out, "  %4.0f %%  %-70s %s\n", 100 * best->score_share, best->meaning,
                best->assumed ? "assumed" : "");
        below = best->score_share;
    }
}

static void put_drivers(FILE *out, const cit_forecast *f, const style *s) {
    heading(out, s, "What the band of depth reduction is made of");
    int shown = 0;
    for (int i = 0; i < f->driver_count && shown < 8; i++) {
        const cit_driver *d = &f->drivers[i];
        if (d->share <= 0) break;
        shown++;
        fprintf(out, "  %4.0f %%  %-70s %s\n", 100 * d->share, d->meaning,
                d->assumed ? "assumed" : "");
    }
    put_score_drivers(out, f);
    if (shown == 0) fprintf(out, "  nothing stands out from chance at this number of draws\n");
    fprintf(out, "  %d of %d uncertain numbers are assumed", f->assumed_count, f->parameter_count);
    if (cit_known(f->assumed_share))
        fprintf(out, "; they make %.0f %% of what could be told apart.\n", 100 * f->assumed_share);
    else
        fputs(".\n", out);
    if (f->unknown_setting_count == 0) {
        fprintf(out, "  Every setting is stated.\n");
        return;
    }
    const double cost = f->width_percent - f->width_known_percent;
    fprintf(out, "  Settings nobody stated (%d) cost ", f->unknown_setting_count);
    if (cost > 0)
        fprintf(out, "%.1f of the 90 %% band's %.1f points.\n", cost, f->width_percent);
    else
        fprintf(out, "nothing that can be told from chance (band %.1f points, %.1f if known).\n",
                f->width_percent, f->width_known_percent);
}

static void put_notes(FILE *out, const cit_report *r, const style *s) {
    const cit_forecast *f = r->forecast;
    heading(out, s, "Where the evidence ends");
    for (int i = 0; i < f->note_count; i++) fprintf(out, "  - %s\n", f->notes[i]);
    fprintf(
        out,
        "  - A model's forecast for one person, not a promise and not medical advice; parameters "
        "are\n    %s.\n",
        f->fitted ? "fitted to published studies, which inform few of them (data/posterior)"
                  : "not fitted to trials");
    fprintf(out, "\n%s%s, catalogue %s, seed %llu, %d draws%s\n", s->dim, r->program,
            r->catalogue->digest, (unsigned long long)f->seed, f->draws, s->off);
}

cit_status cit_report_table(const cit_report *r, bool colour_on, char **ret, cit_errors *errs) {
    const style *s = colour_on ? &coloured : &plain;
    puncture_picture picture = {0};
    memo t;
    cit_status st = CIT_OK;
    CIT_TRY(punctures_of(r, &picture, errs));
    CIT_TRY(text_open(&t, errs));
    put_head(t.out, r, s);
    put_screening(t.out, r, s, false);
    put_geometry(t.out, r->forecast, s);
    put_parts(t.out, r, s);
    put_scores(t.out, r->forecast, s);
    put_visits(t.out, r->forecast, s);
    put_punctures(t.out, &picture, s);
    put_harm(t.out, r->forecast, s);
    put_comparison(t.out, r, s);
    put_study_facts(t.out, r, s);
    put_drivers(t.out, r->forecast, s);
    put_notes(t.out, r, s);
    st = text_close(&t, ret, errs);
done:
    cit_patch_free(&picture.patch);
    return st;
}

cit_status cit_report_brief(const cit_report *r, char **ret, cit_errors *errs) {
    const cit_forecast *f = r->forecast;
    memo t;
    const cit_status st = text_open(&t, errs);
    if (st != CIT_OK) return st;
    put_head(t.out, r, &plain);
    put_screening(t.out, r, &plain, true);
    put_columns(t.out, &plain, "");
    for (int q = CIT_Q_DEPTH_ROLLING; q <= CIT_Q_DEPTH_ICE_PICK; q++) {
        char label[80];
        snprintf(label, sizeof label, "%s, less by, week %d", cit_quantity_label((cit_quantity)q),
                 f->summary_week);
        put_row(t.out, f, (cit_quantity)q, f->summary_week, label);
    }
    put_row(t.out, f, CIT_Q_GB_CHANGE, f->summary_week, NULL);
    if (cit_known(f->scale_share))
        fprintf(t.out, "  scale layer: %.0f %% of the score's change; ", 100 * f->scale_share);
    fprintf(t.out, "odds of one grade %.0f %%, of two %.0f %%\n", 100 * f->odds_one_grade,
            100 * f->odds_two_grades);
    put_comparison(t.out, r, &plain);
    put_study_facts(t.out, r, &plain);
    return text_close(&t, ret, errs);
}

/* ---- CSV ----------------------------------------------------------------------------------- */

static void put_csv_band(FILE *out, const char *key, int week, const cit_band *b) {
    if (!cit_known(b->median)) return;
    fprintf(out, "%s,%d,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g\n", key, week, b->mean, b->median, b->lo50,
            b->hi50, b->lo90, b->hi90);
}

cit_status cit_report_csv(const cit_report *r, char **ret, cit_errors *errs) {
    const cit_forecast *f = r->forecast;
    memo t;
    const cit_status st = text_open(&t, errs);
    if (st != CIT_OK) return st;
    fputs("quantity,week,mean,median,lo50,hi50,lo90,hi90\n", t.out);
    for (int q = 0; q < CIT_QUANTITIES; q++)
        for (int week = 0; week < f->weeks; week++)
            put_csv_band(t.out, cit_quantity_key((cit_quantity)q), week,
                         cit_forecast_band(f, (cit_quantity)q, week));
    for (int i = 0; i < f->group_count; i++) {
        const cit_group_forecast *g = &f->groups[i];
        const struct {
            const char *name;
            const cit_band *bands;
        } of[] = {
            {"depth_mm", g->depth_mm}, {"volume_mm3", g->volume_mm3}, {"width_mm", g->width_mm}};
        for (int j = 0; j < 3; j++)
            for (int week = 0; week < f->weeks; week++) {
                char key[80];
                snprintf(key, sizeof key, "scar_group_%d_%s", i + 1, of[j].name);
                put_csv_band(t.out, key, week, &of[j].bands[week]);
            }
    }
    return text_close(&t, ret, errs);
}
