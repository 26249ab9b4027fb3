/* What was measured, for the terminal. */
#include "report_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const measure_intended_use =
    "Intended use: sizes of depressed scars, and their change, for people who know skin. This is "
    "no diagnosis, and "
    "nothing of it enters a plan before a person has accepted it.";

int measure_class_of(const cit_measured_scar *s) {
    int most = 0;
    for (int i = 1; i < CIT_CLASS_COUNT; i++)
        if (s->probability[i] > s->probability[most]) most = i;
    return most;
}

const char *measure_verdict(const cit_change *c) {
    static const char *const words[] = {"", "better", "worse", "no change seen"};
    if (!isfinite(c->change_mm3)) return "not covered";
    return c->verdict >= 1 && c->verdict <= 3 ? words[c->verdict] : "";
}

void measure_short(double v, char ret[24]) {
    if (!isfinite(v)) {
        snprintf(ret, 24, "none");
        return;
    }
    const int magnitude = v != 0 ? (int)floor(log10(fabs(v))) : 0,
              digits = magnitude < 1 ? 1 - magnitude : 0;
    const double step = pow(10, magnitude - 1);
    snprintf(ret, 24, "%.*f", digits < 8 ? digits : 8, magnitude > 1 ? round(v / step) * step : v);
}

/* Half of a 95 % interval: the longer half, where they differ. */
static double half(double middle, double low, double high) {
    return fmax(high - middle, middle - low);
}

void measure_cell_um(double middle, double low, double high, char ret[60]) {
    if (isfinite(middle))
        snprintf(ret, 60, "%.0f ±%.0f", middle, half(middle, low, high));
    else
        snprintf(ret, 60, "-");
}

void measure_cell_mm3(double middle, double low, double high, bool sign, char ret[60]) {
    if (isfinite(middle))
        snprintf(ret, 60, sign ? "%+.4f ±%.4f" : "%.3f ±%.3f", middle, half(middle, low, high));
    else
        snprintf(ret, 60, "-");
}

void measure_cell_class(const cit_measured_scar *s, char ret[60]) {
    char parts[20] = "";
    const int kind = measure_class_of(s);
    if (s->compound) snprintf(parts, sizeof parts, ", %d parts", s->parts);
    snprintf(ret, 60, "%s %.0f %%%s%s", cit_scar_class_name(kind), 100 * s->probability[kind],
             parts, s->cut ? ", cut off" : "");
}

double measure_value(const void *of, size_t offset) {
    return *(const double *)(const void *)((const char *)of + offset);
}

/* ---- the first take ----------------------------------------------------------------------------------- */

static void put_surface(cit_page *page, const cit_take *t) {
    const cit_heights *z = t->heights;
    char missing[30];
    measure_short(100.0 * (double)z->missing / ((double)z->nx * z->ny), missing);
    strcat(missing, " %");
    page_say(page, "%s: %d x %d samples of %.3g x %.3g um, %.3g x %.3g mm, %s missing. %s", t->name,
             z->nx, z->ny, 1000 * z->dx_mm, 1000 * z->dy_mm, z->nx * z->dx_mm, z->ny * z->dy_mm,
             z->missing > 0 ? missing : "none", z->origin);
}

static void put_counts(cit_page *page, const cit_scars *s) {
    int compound = 0;
    for (int i = 0; i < s->count; i++) compound += s->scar[i].compound;
    if (s->count == 0) {
        cit_page_paragraph(page, "No depressed scar was found.");
        return;
    }
    page_say(
        page,
        "%d depressed scar%s on %.1f %% of the surface%s; together %.3f mm3 (95 %%: %.3f to %.3f) "
        "below %s.",
        s->count, s->count == 1 ? "" : "s", 100 * s->area_share,
        compound > 0 ? ", those that touch counted as one" : "", s->volume_mm3, s->volume_low_mm3,
        s->volume_high_mm3, s->count == 1 ? "its rim" : "their rims");
    page_say(page, "Expected by class: %.1f ice-pick, %.1f boxcar, %.1f rolling, %.1f mixed.",
             s->counts[CIT_CLASS_ICE_PICK], s->counts[CIT_CLASS_BOXCAR],
             s->counts[CIT_CLASS_ROLLING], s->counts[CIT_CLASS_MIXED]);
}

static void put_limits(cit_page *page, const cit_scars *s) {
    char noise[24], relief[24], depth[24], area[24];
    measure_short(s->noise_um, noise);
    measure_short(s->relief_um, relief);
    measure_short(s->least_depth_um, depth);
    measure_short(s->least_area_mm2, area);
    page_say(
        page,
        "Noise of a sample %s um, relief of the skin around %s um rms: nothing shallower than %s "
        "um or smaller than %s mm2 could have been found here.",
        noise, relief, depth, area);
}

enum { LISTED = 30, ROUGHNESS_COLUMNS = 3 };

/* The volume of the least scar that a terminal lists; 0: all are listed. */
static double least_listed(const cit_scars *s) {
    if (s->count <= LISTED) return 0;
    double *volume = malloc((size_t)s->count * sizeof *volume), least = 0;
    if (volume == NULL) return 0;
    for (int i = 0; i < s->count; i++) volume[i] = s->scar[i].volume_mm3;
    cit_sort(volume, s->count);
    least = volume[s->count - LISTED];
    free(volume);
    return least;
}

static bool is_listed(const cit_scars *s, int i, double least) {
    return s->count <= LISTED || s->scar[i].volume_mm3 >= least;
}

static void put_scar(cit_page *page, const cit_measured_scar *s) {
    enum { COLUMNS = 7 };
    char cells[COLUMNS][60];
    const char *row[COLUMNS];
    snprintf(cells[0], 60, "%d", s->number);
    measure_cell_class(s, cells[1]);
    snprintf(cells[2], 60, "%.1f, %.1f", s->x_mm, s->y_mm);
    snprintf(cells[3], 60, "%.2f", s->rim_mm);
    snprintf(cells[4], 60, "%.2f", s->area_mm2);
    measure_cell_um(s->depth_um, s->depth_low_um, s->depth_high_um, cells[5]);
    measure_cell_mm3(s->volume_mm3, s->volume_low_mm3, s->volume_high_mm3, false, cells[6]);
    for (int c = 0; c < COLUMNS; c++) row[c] = cells[c];
    cit_page_row(page, COLUMNS, row);
}

static void put_scars(cit_page *page, const cit_scars *s) {
    enum { COLUMNS = 7 };
    static const char *const heads[COLUMNS] = {"no.",      "likely class", "x, y mm",   "rim mm",
                                               "area mm2", "depth um",     "volume mm3"};
    static const double shares[COLUMNS] = {0.45, 2.3, 1.15, 0.8, 0.9, 1.1, 1.45};
    const double least = least_listed(s);
    if (s->count == 0) return;
    cit_page_heading(page, "Scars");
    cit_page_table(page, COLUMNS, shares, heads);
    for (int i = 0; i < s->count; i++)
        if (is_listed(s, i, least)) put_scar(page, &s->scar[i]);
    if (s->count > LISTED) {
        char line[120];
        snprintf(line, sizeof line, "The %d largest of %d; -o FOLDER and --json tell all of them.",
                 LISTED, s->count);
        cit_page_note(page, line);
    }
    cit_page_note(page, "±: 95 %. Depth: of the floor, not of the deepest sample. Rim: diameter at "
                        "a tenth of the depth. Volume: below the plane of the skin around.");
}

static void put_parameter(cit_page *page, const char *name, double v, const char *unit,
                          const char *meaning) {
    char value[40];
    if (!cit_known(v)) return;
    snprintf(value, sizeof value, "%.5g %s", v, unit);
    const char *cells[ROUGHNESS_COLUMNS] = {name, value, meaning};
    cit_page_row(page, ROUGHNESS_COLUMNS, cells);
}

/* What was taken off, and what the filters left. */
static void put_roughness_heading(cit_page *page, const cit_measure_report *r) {
    const cit_take *t = &r->takes[0];
    char line[200];
    snprintf(line, sizeof line, "Roughness (ISO %s), %s off%s",
             t->profile != NULL ? "21920-2" : "25178-2",
             t->profile != NULL ? "straight line"
             : t->scars != NULL ? "form"
                                : "plane",
             r->s_mm > 0 || r->l_mm > 0 ? "," : "");
    if (r->s_mm > 0) snprintf(line + strlen(line), sizeof line - strlen(line), " S %g mm", r->s_mm);
    if (r->l_mm > 0) snprintf(line + strlen(line), sizeof line - strlen(line), " L %g mm", r->l_mm);
    cit_page_heading(page, line);
}

static void put_roughness(cit_page *page, const cit_measure_report *r) {
    static const char *const heads[ROUGHNESS_COLUMNS] = {"parameter", "value", "what it is"};
    static const double shares[ROUGHNESS_COLUMNS] = {1, 1.4, 4};
    const cit_take *t = &r->takes[0];
    if (t->roughness == NULL && t->profile == NULL) return;
    put_roughness_heading(page, r);
    cit_page_table(page, ROUGHNESS_COLUMNS, shares, heads);
    if (t->profile != NULL)
        for (const cit_profile_row *row = cit_profile_rows; row->name != NULL; row++)
            put_parameter(page, row->name, measure_value(t->profile, row->offset), row->unit,
                          row->meaning);
    else
        for (const cit_roughness_row *row = cit_roughness_rows; row->name != NULL; row++)
            put_parameter(page, row->name, measure_value(t->roughness, row->offset), row->unit,
                          row->meaning);
    cit_page_note(
        page, "docs/models/relief.md says how each is computed, and where other programs differ.");
}

/* ---- the others --------------------------------------------------------------------------------------- */

static int verdicts(const cit_pair *p, cit_change_verdict verdict) {
    int n = 0;
    for (int i = 0; i < p->count; i++)
        n += isfinite(p->change[i].change_mm3) && p->change[i].verdict == verdict;
    return n;
}

void measure_zone_line(const cit_pair *p, char ret[400]) {
    const cit_change *z = &p->zone;
    const double share = 100 / z->before_mm3;
    const bool fuller = z->change_mm3 >= 0;
    char seen[24], change[60], uncovered[40] = "";
    const int covered = verdicts(p, CIT_CHANGE_BETTER) + verdicts(p, CIT_CHANGE_WORSE) +
                        verdicts(p, CIT_CHANGE_UNSEEN);
    if (p->count == 0 || !(z->before_mm3 > 0)) {
        snprintf(ret, 400, "No scar in the first, so there is nothing to follow.");
        return;
    }
    if (covered == 0) {
        snprintf(ret, 400, "The later file shows none of the scars well enough to follow it.");
        return;
    }
    measure_short(share * z->detectable_mm3, seen);
    if (covered < p->count)
        snprintf(uncovered, sizeof uncovered, ", %d not covered", p->count - covered);
    snprintf(change, sizeof change,
             fuller ? "%.1f %% of their volume filled" : "Their volume is %.1f %% larger",
             fabs(share * z->change_mm3));
    snprintf(ret, 400,
             "All scars together: %s. %s (95 %%: %+.1f to %+.1f %%); a change of %s %% "
             "could have been seen. One by one: %d better, %d worse, %d without a change that "
             "could be seen%s.",
             measure_verdict(z), change, share * (fuller ? z->low_mm3 : -z->high_mm3),
             share * (fuller ? z->high_mm3 : -z->low_mm3), seen, verdicts(p, CIT_CHANGE_BETTER),
             verdicts(p, CIT_CHANGE_WORSE), verdicts(p, CIT_CHANGE_UNSEEN), uncovered);
}

cit_page_tone measure_tone(const cit_pair *p) {
    return p->count > 0 && p->zone.verdict == CIT_CHANGE_BETTER  ? CIT_PAGE_GOOD
           : p->count > 0 && p->zone.verdict == CIT_CHANGE_WORSE ? CIT_PAGE_BAD
                                                                 : CIT_PAGE_ASK;
}

static void put_alignment(cit_page *page, const cit_pair *p) {
    char sideways[24], height[24], residual[24];
    measure_short(p->lateral_error_um, sideways);
    measure_short(p->vertical_error_um, height);
    measure_short(p->residual_um, residual);
    page_say(
        page,
        "Laid over the first: moved %.2f, %.2f mm and turned %.2f degrees, to %s um sideways and "
        "%s um in height. %.0f %% of the first is covered; healthy skin differs by %s um.",
        p->shift_mm[0], p->shift_mm[1], p->turn_rad * 57.29577951308232, sideways, height,
        100 * p->overlap, residual);
}

static void put_changes(cit_page *page, const cit_scars *s, const cit_pair *p) {
    enum { COLUMNS = 6 };
    static const char *const heads[COLUMNS] = {"no.",           "before mm3", "change mm3",
                                               "could be seen", "depth um",   "verdict"};
    static const double shares[COLUMNS] = {0.45, 1, 1.5, 1.2, 1.2, 1.4};
    const double least = least_listed(s);
    cit_page_table(page, COLUMNS, shares, heads);
    for (int i = 0; i < p->count; i++) {
        const cit_change *c = &p->change[i];
        char cells[COLUMNS][60];
        const char *row[COLUMNS];
        if (!is_listed(s, i, least)) continue;
        snprintf(cells[0], 60, "%d", c->number);
        snprintf(cells[1], 60, "%.3f", c->before_mm3);
        measure_cell_mm3(c->change_mm3, c->low_mm3, c->high_mm3, true, cells[2]);
        snprintf(cells[3], 60, isfinite(c->detectable_mm3) ? "%.4f" : "-", c->detectable_mm3);
        measure_cell_um(c->depth_change_um, c->depth_low_um, c->depth_high_um, cells[4]);
        snprintf(cells[5], 60, "%s", measure_verdict(c));
        for (int k = 0; k < COLUMNS; k++) row[k] = cells[k];
        cit_page_row(page, COLUMNS, row);
    }
    cit_page_note(page,
                  "Above 0: fuller, shallower. Taken from the difference of both surfaces inside "
                  "the outlines of the first, never from two outlines.");
}

/* Scars one by one only of the last: the files tell them of every visit. */
static void put_later(cit_page *page, const cit_measure_report *r, int i) {
    const cit_take *t = &r->takes[i];
    char line[400], day[20] = "";
    if (t->day != CIT_UNKNOWN_INT) cit_date_format(t->day, day);
    snprintf(line, sizeof line, "%s%s%s", t->name, day[0] ? ", " : "", day);
    cit_page_heading(page, line);
    measure_zone_line(t->pair, line);
    cit_page_verdict(page, measure_tone(t->pair), line);
    put_alignment(page, t->pair);
    if (t->pair->count > 0 && i == r->count - 1) put_changes(page, r->takes[0].scars, t->pair);
}

cit_page *cit_page_of_measure(const cit_measure_report *r) {
    const cit_take *first = &r->takes[0];
    cit_page *page =
        cit_page_new(first->scars != NULL ? "Scars as measured" : "Roughness as measured", NULL);
    put_surface(page, first);
    if (first->scars == NULL) {
        page_say(page, "No scars were looked for: %s.", first->no_scars);
        put_roughness(page, r);
        return page;
    }
    put_counts(page, first->scars);
    put_limits(page, first->scars);
    put_scars(page, first->scars);
    for (int i = 1; i < r->count; i++) put_later(page, r, i);
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
    return !isfinite(detectable)        ? "never"
           : e->low_um >= detectable    ? "almost surely"
           : e->middle_um >= detectable ? "likely"
           : e->high_um >= detectable   ? "perhaps"
                                        : "no";
}

static void put_seen(const expectation *e, double detectable, char ret[100]) {
    char least[24];
    measure_short(detectable, least);
    if (isfinite(detectable))
        snprintf(ret, 100, "%s, %s", least, sight(e, detectable));
    else
        snprintf(ret, 100, "never");
}

static void put_sight(cit_page *page, const cit_forecast *f, const cit_case *person,
                      const cit_group_forecast *g, const cit_camera *camera) {
    enum { COLUMNS = 5 };
    const expectation e = expected(f, g);
    const double one = cit_camera_detectable_um(camera, e.radius_mm), all = one / sqrt(e.count);
    char cells[COLUMNS][100], zone[80];
    const char *row[COLUMNS];
    cit_zone_name(&person->zones[g->zone], zone);
    snprintf(cells[0], 100, "%.0f %s, %s", e.count, cit_choice_name(cit_case_scar_choices, g->type),
             zone);
    snprintf(cells[1], 100, "%.1f", 2 * e.radius_mm);
    snprintf(cells[2], 100, "%.0f (%.0f to %.0f)", e.middle_um, e.low_um, e.high_um);
    put_seen(&e, one, cells[3]);
    put_seen(&e, all, cells[4]);
    for (int c = 0; c < COLUMNS; c++) row[c] = cells[c];
    cit_page_row(page, COLUMNS, row);
}

cit_page *cit_page_of_can_see(const cit_forecast *f, const cit_case *person,
                              const cit_camera *camera) {
    enum { COLUMNS = 5 };
    static const char *const heads[COLUMNS] = {"scars", "mm wide", "lift um (90 %)",
                                               "one seen from um", "all seen from um"};
    static const double shares[COLUMNS] = {2.5, 0.8, 1.7, 1.9, 1.9};
    cit_page *page = cit_page_new("Could this camera see it?", NULL);
    page_say(
        page,
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
        "Lift: what the course is likely to take off the mean depth. Seen from: the smallest "
        "change "
        "that 95 % confidence shows in four of five cases; never: fewer than 4 samples across. "
        "All: as many scars as the case counts, their errors taken as independent (assumed). Where "
        "a camera's figures come from: `cit catalogue cameras ID`.");
    cit_page_note(page, measure_intended_use);
    return page;
}
