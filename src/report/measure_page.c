/* What was measured, for the terminal. */
#include "report_impl.h"
#include <math.h>
#include <stdarg.h>
#include <string.h>

const char *const measure_intended_use =
    "Intended use: sizes of depressed scars, and their change, for people who know skin. This is "
    "no diagnosis, and "
    "nothing of it enters a plan before a person has accepted it.";

static void say(cit_page *page, const char *format, ...) CIT_PRINTF(2, 3);
static void say(cit_page *page, const char *format, ...) {
    char line[900];
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    line[cit_text_whole(line, (int)sizeof line - 1)] = 0;
    cit_page_paragraph(page, line);
}

int measure_class_of(const cit_measured_scar *s) {
    int most = 0;
    for (int i = 1; i < CIT_CLASS_COUNT; i++)
        if (s->probability[i] > s->probability[most]) most = i;
    return most;
}

const char *measure_verdict(int verdict) {
    static const char *const words[] = {"", "better", "worse", "no change seen"};
    return verdict >= 1 && verdict <= 3 ? words[verdict] : "";
}

/* ---- the first take ----------------------------------------------------------------------------------- */

static void put_surface(cit_page *page, const cit_take *t) {
    const cit_heights *z = t->heights;
    say(page, "%s: %d x %d samples of %.3g x %.3g um, %.3g x %.3g mm, %.2g %% missing. %s", t->name,
        z->nx, z->ny, 1000 * z->dx_mm, 1000 * z->dy_mm, z->nx * z->dx_mm, z->ny * z->dy_mm,
        100.0 * (double)z->missing / ((double)z->nx * z->ny), z->origin);
}

static void put_found(cit_page *page, const cit_scars *s) {
    int compound = 0;
    for (int i = 0; i < s->count; i++) compound += s->scar[i].compound;
    say(page,
        "%d depressed scars%s, on %.2g %% of the surface; together %.4g mm3 (95 %%: %.4g to %.4g) "
        "below their rims.",
        s->count, compound > 0 ? " (those that touch are one, named compound)" : "",
        100 * s->area_share, s->volume_mm3, s->volume_low_mm3, s->volume_high_mm3);
    say(page,
        "Expected by class: %.1f ice-pick, %.1f boxcar, %.1f rolling, %.1f mixed. Noise of a "
        "sample "
        "%.2g um, relief of the skin around %.2g um rms. Nothing shallower than %.2g um or smaller "
        "than %.2g mm2 could have been found here.",
        s->counts[CIT_CLASS_ICE_PICK], s->counts[CIT_CLASS_BOXCAR], s->counts[CIT_CLASS_ROLLING],
        s->counts[CIT_CLASS_MIXED], s->noise_um, s->relief_um, s->least_depth_um,
        s->least_area_mm2);
}

static void put_scars(cit_page *page, const cit_scars *s) {
    enum { COLUMNS = 7 };
    static const char *const heads[COLUMNS] = {"no.",      "likely class", "at x, y mm", "rim mm",
                                               "area mm2", "depth um",     "volume mm3"};
    static const double shares[COLUMNS] = {0.6, 1.8, 1.5, 0.9, 1.1, 2.1, 2.6};
    if (s->count == 0) return;
    cit_page_heading(page, "Scars");
    cit_page_table(page, COLUMNS, shares, heads);
    for (int i = 0; i < s->count; i++) {
        const cit_measured_scar *one = &s->scar[i];
        const int kind = measure_class_of(one);
        char cells[COLUMNS][60];
        const char *row[COLUMNS];
        snprintf(cells[0], 60, "%d", one->number);
        snprintf(cells[1], 60, "%s %.0f %%%s", cit_scar_class_name(kind),
                 100 * one->probability[kind], one->compound ? ", compound" : "");
        snprintf(cells[2], 60, "%.1f, %.1f", one->x_mm, one->y_mm);
        snprintf(cells[3], 60, "%.2f", one->rim_mm);
        snprintf(cells[4], 60, "%.2f", one->area_mm2);
        snprintf(cells[5], 60, "%.0f (%.0f to %.0f)", one->depth_um, one->depth_low_um,
                 one->depth_high_um);
        snprintf(cells[6], 60, "%.3f (%.3f to %.3f)", one->volume_mm3, one->volume_low_mm3,
                 one->volume_high_mm3);
        for (int c = 0; c < COLUMNS; c++) row[c] = cells[c];
        cit_page_row(page, COLUMNS, row);
    }
    cit_page_note(page,
                  "Depth is of the floor, not of the deepest sample; rim: diameter at a tenth of "
                  "the depth; volume: below the plane of the skin around. In brackets 95 %.");
}

static void put_roughness(cit_page *page, const cit_measure_report *r) {
    enum { COLUMNS = 3 };
    static const char *const heads[COLUMNS] = {"parameter", "value", "what it is"};
    static const double shares[COLUMNS] = {1, 1.4, 4};
    const cit_roughness *of = r->takes[0].roughness;
    char line[200];
    if (of == NULL) return;
    snprintf(line, sizeof line, "Roughness (ISO 25178-2), form off%s",
             r->s_mm > 0 || r->l_mm > 0 ? "," : "");
    if (r->s_mm > 0) snprintf(line + strlen(line), sizeof line - strlen(line), " S %g mm", r->s_mm);
    if (r->l_mm > 0) snprintf(line + strlen(line), sizeof line - strlen(line), " L %g mm", r->l_mm);
    cit_page_heading(page, line);
    cit_page_table(page, COLUMNS, shares, heads);
    for (const cit_roughness_row *row = cit_roughness_rows; row->name != NULL; row++) {
        const double v = *(const double *)(const void *)((const char *)of + row->offset);
        char value[40];
        if (!cit_known(v)) continue;
        snprintf(value, sizeof value, "%.5g %s", v, row->unit);
        const char *cells[COLUMNS] = {row->name, value, row->meaning};
        cit_page_row(page, COLUMNS, cells);
    }
    cit_page_note(
        page, "docs/models/relief.md says how each is computed, and where other programs differ.");
}

/* ---- the others --------------------------------------------------------------------------------------- */

static void put_zone_change(cit_page *page, const cit_take *t) {
    const cit_change *z = &t->pair->zone;
    char line[400];
    const double before = z->before_mm3;
    snprintf(line, sizeof line,
             "All scars together: %s. %.4g mm3 %s of %.4g (%+.1f %%; 95 %%: %+.1f to %+.1f %%); a "
             "change "
             "of %.2g mm3 (%.2g %%) could have been seen.",
             measure_verdict(z->verdict), fabs(z->change_mm3),
             z->change_mm3 >= 0 ? "filled" : "lost", before, 100 * z->change_mm3 / before,
             100 * z->low_mm3 / before, 100 * z->high_mm3 / before, z->detectable_mm3,
             100 * z->detectable_mm3 / before);
    cit_page_verdict(page,
                     z->verdict == CIT_CHANGE_BETTER  ? CIT_PAGE_GOOD
                     : z->verdict == CIT_CHANGE_WORSE ? CIT_PAGE_BAD
                                                      : CIT_PAGE_ASK,
                     line);
}

static void put_alignment(cit_page *page, const cit_pair *p) {
    say(page,
        "Laid over the first: moved %.3f, %.3f mm, turned %.2f degrees (to %.2g um sideways, %.2g "
        "um "
        "in height); %.0f %% covered; %.2g um differ on healthy skin.",
        p->shift_mm[0], p->shift_mm[1], p->turn_rad * 57.29577951308232, p->lateral_error_um,
        p->vertical_error_um, 100 * p->overlap, p->residual_um);
}

static void put_change(cit_page *page, const cit_take *t) {
    enum { COLUMNS = 5 };
    static const char *const heads[COLUMNS] = {"no.", "before mm3", "change mm3", "could be seen",
                                               "verdict"};
    static const double shares[COLUMNS] = {0.5, 1, 2.4, 1.2, 1.4};
    char line[300], day[20] = "";
    if (t->day != CIT_UNKNOWN_INT) cit_date_format(t->day, day);
    snprintf(line, sizeof line, "%.100s%s%s", t->name, day[0] ? ", " : "", day);
    cit_page_heading(page, line);
    put_zone_change(page, t);
    put_alignment(page, t->pair);
    if (t->pair->count == 0) return;
    cit_page_table(page, COLUMNS, shares, heads);
    for (int i = 0; i < t->pair->count; i++) {
        const cit_change *c = &t->pair->change[i];
        char cells[COLUMNS][60];
        const char *row[COLUMNS];
        snprintf(cells[0], 60, "%d", c->number);
        snprintf(cells[1], 60, "%.3f", c->before_mm3);
        snprintf(cells[2], 60, "%+.4f (%+.4f to %+.4f)", c->change_mm3, c->low_mm3, c->high_mm3);
        snprintf(cells[3], 60, "%.4f", c->detectable_mm3);
        snprintf(cells[4], 60, "%s", measure_verdict(c->verdict));
        for (int k = 0; k < COLUMNS; k++) row[k] = cells[k];
        cit_page_row(page, COLUMNS, row);
    }
    cit_page_note(
        page, "Above 0: fuller. Change is taken from the difference of both surfaces inside the "
              "outlines of the first, never from two outlines.");
}

cit_page *cit_page_of_measure(const cit_measure_report *r) {
    const cit_take *first = &r->takes[0];
    cit_page *page = cit_page_new("Scars as measured", NULL);
    put_surface(page, first);
    put_found(page, first->scars);
    put_scars(page, first->scars);
    for (int i = 1; i < r->count; i++) put_change(page, &r->takes[i]);
    put_roughness(page, r);
    cit_page_note(page, measure_intended_use);
    return page;
}

/* ---- could it be seen? -------------------------------------------------------------------------------- */

/* What a course is likely to do to the mean depth of one scar of a group, um: 5 %, median, 95 %. */
typedef struct expectation {
    double radius_mm, count, low_um, middle_um, high_um;
} expectation;

static expectation expected(const cit_forecast *f, const cit_group_forecast *g) {
    static const cit_quantity depth_of[] = {CIT_Q_DEPTH_ALL, CIT_Q_DEPTH_ROLLING,
                                            CIT_Q_DEPTH_BOXCAR, CIT_Q_DEPTH_ICE_PICK};
    const double radius = 0.5 * g->width_mm[0].median, depth = g->depth_mm[0].median,
                 full = g->volume_mm3[0].median /
                        (3.14159265358979323846 * radius * radius * depth), /* of a cylinder */
        um = 10 * depth * fmin(full, 1);                                    /* of 1 % */
    const cit_band *b = cit_forecast_band(f, depth_of[g->type], f->summary_week);
    return (expectation){radius, fmax(g->count.median, 1), um * b->lo90, um * b->median,
                         um * b->hi90};
}

static const char *sight(const expectation *e, double detectable) {
    return !isfinite(detectable)        ? "never: too few samples across"
           : e->low_um >= detectable    ? "almost surely"
           : e->middle_um >= detectable ? "more likely than not"
           : e->high_um >= detectable   ? "perhaps"
                                        : "no";
}

static void put_sight(cit_page *page, const cit_forecast *f, const cit_case *person,
                      const cit_group_forecast *g, const cit_camera *camera) {
    enum { COLUMNS = 6 };
    const expectation e = expected(f, g);
    const double one = cit_camera_detectable_um(camera, e.radius_mm), all = one / sqrt(e.count);
    char cells[COLUMNS][100], zone[80];
    const char *row[COLUMNS];
    cit_zone_name(&person->zones[g->zone], zone);
    snprintf(cells[0], 100, "%s, %s", cit_choice_name(cit_case_scar_choices, g->type), zone);
    snprintf(cells[1], 100, "%.1f", 2 * e.radius_mm);
    snprintf(cells[2], 100, "%.0f (%.0f to %.0f)", e.middle_um, e.low_um, e.high_um);
    if (isfinite(one))
        snprintf(cells[3], 100, "%.0f; %.0f for all %.0f", one, all, e.count);
    else
        snprintf(cells[3], 100, "none");
    snprintf(cells[4], 100, "%s", sight(&e, one));
    snprintf(cells[5], 100, "%s", sight(&e, all));
    for (int c = 0; c < COLUMNS; c++) row[c] = cells[c];
    cit_page_row(page, COLUMNS, row);
}

cit_page *cit_page_of_can_see(const cit_forecast *f, const cit_case *person,
                              const cit_camera *camera) {
    enum { COLUMNS = 6 };
    static const char *const heads[COLUMNS] = {
        "scars", "width mm", "likely lift um (90 %)", "can be seen um", "one scar", "all together"};
    static const double shares[COLUMNS] = {1.6, 0.8, 1.7, 1.7, 1.5, 1.5};
    cit_page *page = cit_page_new("Could this camera see it?", NULL);
    say(page,
        "%s: samples every %.3g um with a noise of %.3g um; heights differ by %.3g um between two "
        "takes. "
        "Week %d after the first visit, mean depth over a scar.",
        camera->name, 1000 * camera->pitch_mm, camera->noise_um, camera->repeat_um,
        f->summary_week);
    cit_page_table(page, COLUMNS, shares, heads);
    for (int i = 0; i < f->group_count; i++)
        if (f->groups[i].type > 0) put_sight(page, f, person, &f->groups[i], camera);
    cit_page_note(
        page,
        "What can be seen: the smallest change that 95 % confidence shows in four of five cases. "
        "Together: as many scars as the case counts, their errors taken as independent "
        "(assumed). Where a camera's figures come from: `cit catalogue cameras ID`.");
    cit_page_note(page, measure_intended_use);
    return page;
}
