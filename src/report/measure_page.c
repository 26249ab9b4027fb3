/* What was measured, for the terminal. */
#include "report_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const measure_intended_use =
    "Intended use: sizes of depressed scars, and their change, for people who know skin. This is "
    "no diagnosis, and "
    "nothing of it enters a plan before a person has accepted it.";

const char *const measure_found_note =
    "±: 95 %; ±?: too little healthy skin around to say. Depth: of the floor, not of the deepest "
    "sample. Rim: diameter at a tenth of the depth. Volume: below the plane of the skin around.";

const char *const measure_changed_note =
    "Above 0: fuller, shallower. Taken from the difference of both surfaces inside the outlines of "
    "the first, never from two outlines. Could be seen: the smallest change that stands out of "
    "what healthy skin seems to change. ± (95 %) holds the error of the height scale, too: a share "
    "of the change itself, it makes no change out of none.";

double measure_value(const void *of, size_t offset) {
    return *(const double *)(const void *)((const char *)of + offset);
}

/* ---- the first take ----------------------------------------------------------------------------------- */

/* Its format, and what was done to it, as a zone: places of scars count from there. */
static void tell_origin(const cit_heights *z, char ret[700]) {
    snprintf(ret, 700, "%s%s%s", z->origin, z->history != NULL ? "; " : "",
             z->history != NULL ? z->history : "");
    for (char *c = ret; *c != 0; c++)
        if (*c == '\n') *c = ';';
}

static void put_surface(cit_page *page, const cit_take *t) {
    const cit_heights *z = t->heights;
    char missing[30];
    measure_short(100.0 * (double)z->missing / ((double)z->nx * z->ny), missing);
    strcat(missing, " %");
    char origin[700];
    tell_origin(z, origin);
    page_say(page, "%s: %d x %d samples of %.3g x %.3g um, %.3g x %.3g mm, %s missing (%s).",
             t->name, z->nx, z->ny, 1000 * z->dx_mm, 1000 * z->dy_mm, z->nx * z->dx_mm,
             z->ny * z->dy_mm, z->missing > 0 ? missing : "none", origin);
}

void measure_range(const cit_scars *s, char ret[80]) {
    if (isfinite(s->volume_low_mm3) && isfinite(s->volume_high_mm3))
        snprintf(ret, 80, "95 %%: %.3f to %.3f", s->volume_low_mm3, s->volume_high_mm3);
    else
        snprintf(ret, 80, "95 %%: too little healthy skin around to say");
}

static void put_counts(cit_page *page, const cit_scars *s) {
    int compound = 0;
    for (int i = 0; i < s->count; i++) compound += s->scar[i].compound;
    if (s->count == 0) {
        cit_page_paragraph(page, "No depressed scar was found.");
        return;
    }
    char range[80];
    measure_range(s, range);
    page_say(page,
             "%d depressed scar%s on %.1f %% of the surface%s; together %.3f mm3 (%s) below %s.",
             s->count, s->count == 1 ? "" : "s", 100 * s->area_share,
             compound > 0 ? ", those that touch counted as one" : "", s->volume_mm3, range,
             s->count == 1 ? "its rim" : "their rims");
    page_say(page, "Expected by class: %.1f ice-pick, %.1f boxcar, %.1f rolling, %.1f mixed.",
             s->counts[CIT_CLASS_ICE_PICK], s->counts[CIT_CLASS_BOXCAR],
             s->counts[CIT_CLASS_ROLLING], s->counts[CIT_CLASS_MIXED]);
}

static const double least_relief_um = 1; /* assumed */

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
    if (s->relief_um < least_relief_um)
        page_say(page,
                 "Skin is never as smooth as %s um: is the unit of heights right, is it a "
                 "measurement at all?",
                 relief);
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

/* The scars with the given columns; `since` NULL: nothing is known of later. */
static void put_table(cit_page *page, const measure_column *columns, int count, const cit_scars *s,
                      const cit_change *since) {
    enum { MOST = 8 };
    const double least = least_listed(s);
    const char *texts[MOST];
    double shares[MOST];
    for (int c = 0; c < count; c++) {
        texts[c] = columns[c].head;
        shares[c] = columns[c].share;
    }
    cit_page_table(page, count, shares, texts);
    for (int i = 0; i < s->count; i++) {
        char cells[MOST][MEASURE_CELL];
        const measure_row row = {&s->scar[i], since != NULL ? &since[i] : NULL};
        if (!is_listed(s, i, least)) continue;
        measure_cells(columns, count, &row, cells, texts);
        cit_page_row(page, count, texts);
    }
}

static void put_scars(cit_page *page, const cit_scars *s) {
    if (s->count == 0) return;
    cit_page_heading(page, "Scars");
    put_table(page, measure_found, MEASURE_FOUND, s, NULL);
    if (s->count > LISTED) {
        char line[120];
        snprintf(line, sizeof line, "The %d largest of %d; -o FOLDER and --json tell all of them.",
                 LISTED, s->count);
        cit_page_note(page, line);
    }
    cit_page_note(page, measure_found_note);
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

/* To two places, without the minus of -0.00. */
static double whole_cents(double v) { return fabs(v) < 0.005 ? 0 : v; }

static void put_alignment(cit_page *page, const cit_pair *p) {
    char sideways[24], height[24], residual[24];
    measure_short(p->lateral_error_um, sideways);
    measure_short(p->vertical_error_um, height);
    measure_short(p->residual_um, residual);
    page_say(
        page,
        "Laid over the first: moved %.2f, %.2f mm and turned %.2f degrees, to %s um sideways and "
        "%s um in height. %.0f %% of the first is covered; healthy skin differs by %s um.",
        whole_cents(p->shift_mm[0]), whole_cents(p->shift_mm[1]),
        whole_cents(p->turn_rad * 57.29577951308232), sideways, height, 100 * p->overlap, residual);
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
    if (t->pair->count == 0 || i < r->count - 1) return;
    put_table(page, measure_changed, MEASURE_CHANGED, r->takes[0].scars, t->pair->change);
    cit_page_note(page, measure_changed_note);
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
    static const double shares[COLUMNS] = {2.65, 0.85, 1.6, 1.95, 1.95};
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
