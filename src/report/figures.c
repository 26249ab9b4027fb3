/* The figures: forecast in two panels, published figures beside it, what the band is made of, and the
 * punctures on a patch. */
#include "report_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double least(const double *v, int n) {
    double x = v[0];
    for (int i = 1; i < n; i++) x = fmin(x, v[i]);
    return x;
}

static double most(const double *v, int n) {
    double x = v[0];
    for (int i = 1; i < n; i++) x = fmax(x, v[i]);
    return x;
}

/* ---- shared pieces ------------------------------------------------------------------------- */

/* A published figure: a dot with its interval. */
static void put_published(cairo_t *c, const axes *a, double week, double value, double lo,
                          double hi) {
    const double x = axes_x(a, week);
    set_colour(c, published_colour, 1);
    if (cit_known(lo) && cit_known(hi)) {
        const double top = axes_y(a, fmin(hi, a->y1)), bottom = axes_y(a, fmax(lo, a->y0));
        put_line(c, x, top, x, bottom, 1.6);
        put_line(c, x - 4, top, x + 4, top, 1.6);
        put_line(c, x - 4, bottom, x + 4, bottom, 1.6);
    }
    cairo_arc(c, x, axes_y(a, value), 4.5, 0, 6.2832);
    cairo_fill(c);
}

/* What a physician signed stands on every picture too. */
static void put_overridden(cairo_t *c, const cit_report *r) {
    if (r->person->override_count == 0) return;
    const cit_override *o = &r->person->overrides[0];
    char line[400], all[440];
    cit_text_fill(line, sizeof line, cit_text(r->catalogue, "screen.overridden"), "rule", o->rule,
                  "by", o->by, "at", o->at, "reason", o->reason, NULL);
    snprintf(all, sizeof all, r->person->override_count > 1 ? "%s (+%d)" : "%s", line,
             r->person->override_count - 1);
    set_colour(c, published_colour, 1);
    put_text(c, 24, 7, LEFT, 10, true, all);
    set_colour(c, ink, 1);
}

static void put_heading(cairo_t *c, const cit_report *r, double width, const char *second) {
    put_overridden(c, r);
    char line[240];
    set_colour(c, ink, 1);
    snprintf(line, sizeof line, "%.110s",
             r->protocol->name ? r->protocol->name : "course of needling");
    put_text(c, 24, 22, LEFT, 17, true, line);
    put_text(c, 24, 44, LEFT, 12, false, second);
    set_colour(c, ink, 0.6);
    snprintf(line, sizeof line, "%s, catalogue %.8s, seed %llu, %d draws", r->program,
             r->catalogue->digest, (unsigned long long)r->forecast->seed, r->forecast->draws);
    put_text(c, width - 16, 22, RIGHT, 10, false, line);
}

/* ---- forecast ------------------------------------------------------------------------------ */

static const cit_quantity depth_of_type[CIT_SCAR_TYPES + 1] = {
    CIT_Q_DEPTH_ALL, CIT_Q_DEPTH_ROLLING, CIT_Q_DEPTH_BOXCAR, CIT_Q_DEPTH_ICE_PICK};

static bool has_type(const cit_forecast *f, int type) {
    for (int i = 0; i < f->group_count; i++)
        if (f->groups[i].type == type) return true;
    return false;
}

/* One plot a scar type, side by side: three bands in one plot cannot be told apart. */
static void draw_geometry(cairo_t *c, const cit_forecast *f, double x, double y, double w,
                          double h) {
    static const char *const titles[] = {"", "rolling", "boxcar", "ice-pick"};
    static week_series s;
    double lo = -5, hi = 20;
    int shown = 0, at = 0;
    for (int type = 1; type <= CIT_SCAR_TYPES; type++) {
        if (!has_type(f, type)) continue;
        series_of(f, depth_of_type[type], &s);
        lo = fmin(lo, least(s.lo90, s.n));
        hi = fmax(hi, most(s.hi90, s.n));
        shown++;
    }
    set_colour(c, ink, 1);
    put_text(c, x, y - 34, LEFT, 14, true, "Geometry: depth of a scar, % less than at the start");
    const double gap = 42, each = (w - gap * (shown - 1)) / shown;
    for (int type = 1; type <= CIT_SCAR_TYPES; type++) {
        if (!has_type(f, type)) continue;
        const axes a = {x + at++ * (each + gap), y, each, h, 0, f->weeks - 1, fmax(lo, -100) * 1.05,
                        fmin(hi * 1.08, 105)};
        series_of(f, depth_of_type[type], &s);
        axes_draw(c, &a, titles[type], "weeks from the first visit");
        put_band(c, &a, &s, type_colours[type], 1);
        put_unmeasured(c, f, &a);
        put_median(c, &a, &s, type_colours[type]);
        put_visit_marks(c, f, &a);
    }
}

/* Points where a start in points is known or was published; per cent otherwise. */
static cit_quantity score_shown(const cit_report *r) {
    for (int i = 0; i < r->forecast->comparison_count; i++)
        if (r->forecast->comparisons[i].quantity == CIT_Q_GB_CHANGE) return CIT_Q_GB_CHANGE;
    return cit_known(r->person->assessment.gb_quantitative) ? CIT_Q_GB_CHANGE : CIT_Q_GB_PERCENT;
}

static void draw_score(cairo_t *c, const cit_report *r, double x, double y, double w, double h) {
    const cit_forecast *f = r->forecast;
    const cit_quantity q = score_shown(r);
    static week_series s;
    series_of(f, q, &s);
    double lo = fmin(least(s.lo90, s.n), 0), hi = fmax(most(s.hi90, s.n), 0);
    bool published = false;
    for (int i = 0; i < f->comparison_count; i++) {
        const cit_comparison *p = &f->comparisons[i];
        if (p->quantity != q) continue;
        lo = fmin(lo, fmin(p->reported, cit_known(p->reported_lo) ? p->reported_lo : p->reported));
        hi = fmax(hi, fmax(p->reported, cit_known(p->reported_hi) ? p->reported_hi : p->reported));
        published = true;
    }
    const double margin = 0.06 * (hi - lo) + 1e-9;
    const axes a = {x, y, w, h, 0, f->weeks - 1, lo - margin, hi + margin};
    axes_draw(c, &a,
              q == CIT_Q_GB_CHANGE ? "Score: Goodman-Baron, change in points (down is better)"
                                   : "Score: Goodman-Baron, % less than at the start",
              "weeks from the first visit");
    put_band(c, &a, &s, score_colour, 1);
    put_unmeasured(c, f, &a);
    put_median(c, &a, &s, score_colour);
    put_visit_marks(c, f, &a);
    for (int i = 0; i < f->comparison_count; i++) {
        const cit_comparison *p = &f->comparisons[i];
        if (p->quantity == q)
            put_published(c, &a, p->week, p->reported, p->reported_lo, p->reported_hi);
    }
    const double key = y + h + 56;
    put_key(c, x, key, score_colour, "median; dark band: 50 % of draws, light: 90 %");
    set_colour(c, ink, 1);
    put_text(c, x + 370, key, LEFT, 12, false, "\xe2\x96\xb2 visit done   \xe2\x96\xb3 planned");
    if (published) {
        set_colour(c, published_colour, 1);
        cairo_arc(c, x + 580, key, 4.5, 0, 6.2832);
        cairo_fill(c);
        set_colour(c, ink, 1);
        put_text(c, x + 592, key, LEFT, 12, false, "published mean, its interval or deviation");
    }
}

static void draw_forecast(cairo_t *c, const cit_report *r, const void *extra) {
    (void)extra;
    char visits[120], setting[200], line[340];
    describe_visits(r, visits);
    describe_setting(r, setting);
    snprintf(line, sizeof line, "%s, %s", visits, setting);
    put_heading(c, r, figure_forecast.width, line);
    draw_geometry(c, r->forecast, 60, 126, 880, 200);
    draw_score(c, r, 60, 430, 880, 220);
}

const figure figure_forecast = {"forecast", 960, 730, NULL, draw_forecast};

/* ---- evidence ------------------------------------------------------------------------------ */

static const double evidence_top = 84, evidence_row = 74;

static double evidence_height(const cit_report *r) {
    return evidence_top + evidence_row * r->forecast->comparison_count + 30;
}

static void draw_evidence(cairo_t *c, const cit_report *r, const void *extra) {
    (void)extra;
    static const char *const verdicts[] = {"", "inside the 50 % band", "inside the 90 % band",
                                           "outside the 90 % band"};
    const cit_forecast *f = r->forecast;
    const cit_study *study = cit_catalogue_study(r->catalogue, r->person->study);
    char line[260];
    snprintf(line, sizeof line, "published figures of %s, %.80s, beside the forecast", study->id,
             f->comparisons[0].arm->name);
    put_heading(c, r, figure_evidence.width, line);
    double y = evidence_top;
    for (int i = 0; i < f->comparison_count; i++, y += evidence_row) {
        const cit_comparison *p = &f->comparisons[i];
        const cit_band *b = &p->forecast;
        double lo = fmin(fmin(b->lo90, p->reported), 0), hi = fmax(fmax(b->hi90, p->reported), 0);
        if (cit_known(p->reported_lo)) {
            lo = fmin(lo, p->reported_lo);
            hi = fmax(hi, p->reported_hi);
        }
        const double margin = 0.08 * (hi - lo) + 1e-9;
        const axes a = {330, y, 560, 26, lo - margin, hi + margin, 0, 1};
        set_colour(c, ink, 1);
        snprintf(line, sizeof line, "%s, week %.3g", cit_quantity_label(p->quantity), p->week);
        put_text(c, 24, y + 6, LEFT, 12, true, line);
        snprintf(line, sizeof line, "reported %.3g, forecast %.3g %s", p->reported, b->median,
                 cit_quantity_unit(p->quantity));
        put_text(c, 24, y + 23, LEFT, 11, false, line);
        put_text(c, 24, y + 38, LEFT, 11, false, verdicts[p->verdict]);
        set_colour(c, score_colour, 0.14);
        cairo_rectangle(c, axes_x(&a, b->lo90), y, axes_x(&a, b->hi90) - axes_x(&a, b->lo90), 26);
        cairo_fill(c);
        set_colour(c, score_colour, 0.30);
        cairo_rectangle(c, axes_x(&a, b->lo50), y, axes_x(&a, b->hi50) - axes_x(&a, b->lo50), 26);
        cairo_fill(c);
        set_colour(c, score_colour, 1);
        put_line(c, axes_x(&a, b->median), y - 2, axes_x(&a, b->median), y + 28, 2.4);
        set_colour(c, ink, 0.7);
        const double step = round_step(a.x1 - a.x0, 6);
        for (double x = ceil(a.x0 / step) * step; x <= a.x1; x += step) {
            snprintf(line, sizeof line, "%g", fabs(x) < 1e-9 ? 0 : x);
            put_line(c, axes_x(&a, x), y + 30, axes_x(&a, x), y + 34, 1);
            put_text(c, axes_x(&a, x), y + 42, CENTRE, 10, false, line);
        }
        put_line(c, a.x, y + 30, a.x + a.w, y + 30, 0.8);
        set_colour(c, published_colour, 1);
        if (cit_known(p->reported_lo))
            put_line(c, axes_x(&a, p->reported_lo), y + 13, axes_x(&a, p->reported_hi), y + 13,
                     1.8);
        cairo_arc(c, axes_x(&a, p->reported), y + 13, 5, 0, 6.2832);
        cairo_fill(c);
    }
    set_colour(c, ink, 0.8);
    put_text(
        c, 24, y + 6, LEFT, 11, false,
        "red: published mean (95 % interval or one deviation); purple: forecast for one person, "
        "median, 50 and 90 % of draws");
}

const figure figure_evidence = {"evidence", 960, 0, evidence_height, draw_evidence};

/* ---- drivers ------------------------------------------------------------------------------- */

enum { DRIVERS_SHOWN = 12 };
static const double drivers_top = 70, drivers_row = 26;

static int drivers_shown(const cit_forecast *f) {
    int n = 0;
    while (n < f->driver_count && n < DRIVERS_SHOWN && f->drivers[n].share > 0) n++;
    return n;
}

static double drivers_height(const cit_report *r) {
    return drivers_top + drivers_row * fmax(drivers_shown(r->forecast), 1) + 62;
}

static void draw_drivers(cairo_t *c, const cit_report *r, const void *extra) {
    (void)extra;
    const cit_forecast *f = r->forecast;
    char line[260];
    const cit_band *b = cit_forecast_band(f, CIT_Q_DEPTH_ALL, f->summary_week);
    snprintf(
        line, sizeof line,
        "What the band of depth reduction at week %d is made of: median over the lowest and the "
        "highest fifth of each",
        f->summary_week);
    put_heading(c, r, figure_drivers.width, line);
    const int shown = drivers_shown(f);
    double lo = b->median, hi = b->median;
    for (int i = 0; i < shown; i++) {
        lo = fmin(lo, fmin(f->drivers[i].low, f->drivers[i].high));
        hi = fmax(hi, fmax(f->drivers[i].low, f->drivers[i].high));
    }
    const axes a = {490,           drivers_top,  370, drivers_row * fmax(shown, 1),
                    floor(lo - 1), ceil(hi + 1), 0,   1};
    const double step = round_step(a.x1 - a.x0, 6);
    for (double x = ceil(a.x0 / step) * step; x <= a.x1; x += step) {
        set_colour(c, pale, 0.7);
        put_line(c, axes_x(&a, x), a.y, axes_x(&a, x), a.y + a.h, 1);
        set_colour(c, ink, 1);
        snprintf(line, sizeof line, "%g %%", x);
        put_text(c, axes_x(&a, x), a.y + a.h + 12, CENTRE, 11, false, line);
    }
    for (int i = 0; i < shown; i++) {
        const cit_driver *d = &f->drivers[i];
        const double y = a.y + drivers_row * i + 4;
        const double x0 = axes_x(&a, d->low), x1 = axes_x(&a, d->high);
        snprintf(line, sizeof line, "%.80s", d->meaning);
        set_colour(c, ink, 1);
        put_text(c, a.x - 10, y + 9, RIGHT, 11, false, line);
        set_colour(c, d->assumed ? type_colours[2] : type_colours[1], 0.75);
        cairo_rectangle(c, fmin(x0, x1), y, fmax(fabs(x1 - x0), 1), 18);
        cairo_fill(c);
        set_colour(c, ink, 1);
        cairo_arc(c, x1, y + 9, 3, 0, 6.2832);
        cairo_fill(c);
        snprintf(line, sizeof line, "%.0f %%", 100 * d->share);
        put_text(c, 940, y + 9, RIGHT, 11, false, line);
    }
    set_colour(c, ink, 0.6);
    put_line(c, axes_x(&a, b->median), a.y, axes_x(&a, b->median), a.y + a.h, 1.4);
    set_colour(c, ink, 1);
    put_text(c, 940, 60, RIGHT, 11, false, "of variance");
    const double y = a.y + a.h + 40;
    put_key(c, 24, y, type_colours[2], "assumed");
    put_key(c, 130, y, type_colours[1], "has a source");
    put_text(c, 270, y, LEFT, 11, false, "dot: the highest fifth");
}

const figure figure_drivers = {"drivers", 960, 0, drivers_height, draw_drivers};

/* ---- punctures ----------------------------------------------------------------------------- */

static void draw_punctures(cairo_t *c, const cit_report *r, const void *extra) {
    const puncture_picture *p = extra;
    char line[260];
    snprintf(line, sizeof line, "%s, %.2g mm needles: one visit on 6 x 6 mm of skin",
             p->use.device->name, p->use.length_mm);
    put_heading(c, r, figure_punctures.width, line);
    const double shown_mm = 6, from = 0.5 * (p->patch.size_mm - shown_mm);
    const axes a = {24, 70, 560, 560, from, from + shown_mm, from, from + shown_mm};
    const double pixel = a.w / shown_mm;
    cairo_save(c);
    cairo_rectangle(c, a.x, a.y, a.w, a.h);
    cairo_set_source_rgb(c, 0.98, 0.94, 0.91);
    cairo_fill_preserve(c);
    cairo_clip(c);
    for (int i = 0; i < p->patch.count; i++) {
        const cit_puncture *q = &p->patch.punctures[i];
        const double x = axes_x(&a, q->x_mm), y = axes_y(&a, q->y_mm);
        if (x < a.x - 9 || x > a.x + a.w + 9 || y < a.y - 9 || y > a.y + a.h + 9) continue;
        set_colour(c, published_colour, 0.25);
        cairo_arc(c, x, y, p->use.halo_mm * pixel, 0, 6.2832);
        cairo_fill(c);
        set_colour(c, published_colour, 0.9);
        cairo_arc(c, x, y, fmax(p->use.hole_mm * pixel, 0.7), 0, 6.2832);
        cairo_fill(c);
    }
    cairo_restore(c);
    set_colour(c, ink, 1);
    put_line(c, a.x + 14, a.y + a.h - 16, a.x + 14 + pixel, a.y + a.h - 16, 3);
    put_text(c, a.x + 14 + 0.5 * pixel, a.y + a.h - 28, CENTRE, 11, false, "1 mm");
    const double x = 610;
    double y = 84;
#define LINE(...)                                                                                  \
    do {                                                                                           \
        snprintf(line, sizeof line, __VA_ARGS__);                                                  \
        put_text(c, x, y, LEFT, 12, false, line);                                                  \
        y += 22;                                                                                   \
    } while (0)
    LINE("%.0f passes in %d directions", p->use.passes, p->use.directions);
    LINE("%.0f punctures per cm\xc2\xb2", 100 * p->stats.density);
    LINE("halo %.2f mm covers %.0f %% of the skin", p->use.halo_mm, 100 * p->stats.coverage);
    LINE("%.0f %% of halo falls on another", 100 * p->stats.overlap);
    LINE("densest line: %.1f times the mean", p->stats.streak_ratio);
    LINE("(%.1f deviations of a random pattern)", p->stats.streak_score);
    y += 10;
    LINE("(all of it over %.0f x %.0f mm)", p->patch.size_mm, p->patch.size_mm);
    y += 10;
    LINE("red: channel; pale: disturbed tissue");
    LINE("settings nobody stated stand at the");
    LINE("middle of their prior");
#undef LINE
}

const figure figure_punctures = {"punctures", 960, 660, NULL, draw_punctures};
