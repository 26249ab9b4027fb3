/* What was measured as files: JSON, CSV, a case's block of scars, volumes over visits, a sheet, a folder. */
#include "report_impl.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- JSON ---------------------------------------------------------------------------------------------- */

static json_t *interval(double middle, double low, double high) {
    return json_pack("{s:o, s:o, s:o}", "value", number_json(middle), "low95", number_json(low),
                     "high95", number_json(high));
}

static json_t *surface(const cit_take *t) {
    const cit_heights *z = t->heights;
    return json_pack("{s:o, s:o, s:i, s:i, s:o, s:o, s:o, s:o, s:o}", "file", text_json(t->name),
                     "date", day_json(t->day), "nx", z->nx, "ny", z->ny, "pitch_x_mm",
                     number_json(z->dx_mm), "pitch_y_mm", number_json(z->dy_mm), "missing",
                     whole_json((int64_t)z->missing), "origin", text_json(z->origin), "history",
                     text_json(z->history));
}

static json_t *one_scar(const cit_measured_scar *s) {
    json_t *classes = json_object();
    for (int i = 0; i < CIT_CLASS_COUNT; i++)
        json_object_set_new(classes, cit_scar_class_name(i), number_json(s->probability[i]));
    return json_pack("{s:i, s:o, s:b, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}",
                     "number", s->number, "class_probability", classes, "compound", s->compound,
                     "parts", s->parts, "x_mm", number_json(s->x_mm), "y_mm", number_json(s->y_mm),
                     "rim_mm", number_json(s->rim_mm), "area_mm2", number_json(s->area_mm2),
                     "depth_um", interval(s->depth_um, s->depth_low_um, s->depth_high_um),
                     "volume_mm3", interval(s->volume_mm3, s->volume_low_mm3, s->volume_high_mm3),
                     "wall_slope", number_json(s->slope), "flatness", number_json(s->flatness),
                     "signal", number_json(s->signal), "cut_off", s->cut);
}

static json_t *scars(const cit_scars *s) {
    if (s == NULL) return json_null();
    json_t *list = json_array(), *counts = json_object();
    for (int i = 0; i < s->count; i++) json_array_append_new(list, one_scar(&s->scar[i]));
    for (int i = 0; i < CIT_CLASS_COUNT; i++)
        json_object_set_new(counts, cit_scar_class_name(i), number_json(s->counts[i]));
    return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "count", s->count,
                     "expected_by_class", counts, "area_share", number_json(s->area_share),
                     "volume_mm3", interval(s->volume_mm3, s->volume_low_mm3, s->volume_high_mm3),
                     "noise_um", number_json(s->noise_um), "relief_um", number_json(s->relief_um),
                     "least_depth_um", number_json(s->least_depth_um), "least_area_mm2",
                     number_json(s->least_area_mm2), "scars", list);
}

static json_t *change(const cit_change *c) {
    return json_pack("{s:i, s:o, s:o, s:o, s:o, s:s}", "number", c->number, "before_mm3",
                     number_json(c->before_mm3), "change_mm3",
                     interval(c->change_mm3, c->low_mm3, c->high_mm3), "detectable_mm3",
                     number_json(c->detectable_mm3), "depth_change_um",
                     interval(c->depth_change_um, c->depth_low_um, c->depth_high_um), "verdict",
                     measure_verdict(c));
}

static json_t *pair(const cit_take *t) {
    const cit_pair *p = t->pair;
    json_t *list = json_array();
    for (int i = 0; i < p->count; i++) json_array_append_new(list, change(&p->change[i]));
    return json_pack(
        "{s:o, s:[o, o], s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "surface", surface(t), "shift_mm",
        number_json(p->shift_mm[0]), number_json(p->shift_mm[1]), "turn_rad",
        number_json(p->turn_rad), "lateral_error_um", number_json(p->lateral_error_um),
        "vertical_error_um", number_json(p->vertical_error_um), "overlap", number_json(p->overlap),
        "residual_um", number_json(p->residual_um), "all_scars", change(&p->zone), "scars", list);
}

static json_t *parameter(const void *of, size_t offset, const char *unit) {
    return json_pack("{s:o, s:s}", "value", number_json(measure_value(of, offset)), "unit", unit);
}

static json_t *roughness(const cit_measure_report *r) {
    const cit_take *t = &r->takes[0];
    if (t->roughness == NULL && t->profile == NULL) return json_null();
    json_t *all = json_object();
    json_object_set_new(all, "s_filter_mm", number_json(r->s_mm));
    json_object_set_new(all, "l_filter_mm", number_json(r->l_mm));
    if (t->profile != NULL)
        for (const cit_profile_row *row = cit_profile_rows; row->name != NULL; row++)
            json_object_set_new(all, row->name, parameter(t->profile, row->offset, row->unit));
    else
        for (const cit_roughness_row *row = cit_roughness_rows; row->name != NULL; row++)
            json_object_set_new(all, row->name, parameter(t->roughness, row->offset, row->unit));
    return all;
}

cit_status cit_report_measure_json(const cit_measure_report *r, char **ret, cit_errors *errs) {
    json_t *later = json_array();
    for (int i = 1; i < r->count; i++) json_array_append_new(later, pair(&r->takes[i]));
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "schema", "cit/measure/1", "intended_use",
                  measure_intended_use, "program", r->program, "surface", surface(&r->takes[0]),
                  "found", scars(r->takes[0].scars), "roughness", roughness(r), "later", later);
    char *bytes = o != NULL ? json_dumps(o, JSON_INDENT(1) | JSON_REAL_PRECISION(12)) : NULL;
    json_decref(o);
    if (bytes == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for JSON");
    *ret = bytes;
    return CIT_OK;
}

/* ---- CSV ----------------------------------------------------------------------------------------------- */

static void put_take(FILE *out, const cit_take *t) {
    char day[20] = "";
    if (t->day != CIT_UNKNOWN_INT) cit_date_format(t->day, day);
    csv_text(out, t->name);
    fprintf(out, ",%s", day);
}

static void put_first_row(FILE *out, const cit_take *t, const cit_measured_scar *s) {
    const int kind = measure_class_of(s);
    put_take(out, t);
    const double numbers[] = {s->area_mm2,   s->depth_um,       s->depth_low_um,   s->depth_high_um,
                              s->volume_mm3, s->volume_low_mm3, s->volume_high_mm3};
    fprintf(out, ",%d,%s,%.4f,%d,%.4f,%.4f,%.4f", s->number, cit_scar_class_name(kind),
            s->probability[kind], s->parts, s->x_mm, s->y_mm, s->rim_mm);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) csv_number(out, numbers[i]);
    fputs(",,,,,\n", out);
}

static void put_later_row(FILE *out, const cit_take *t, const cit_change *c) {
    put_take(out, t);
    fprintf(out, ",%d,,,,,,,,,,", c->number);
    csv_number(out, c->before_mm3 - c->change_mm3);
    fputs(",,", out);
    csv_number(out, c->change_mm3);
    csv_number(out, c->low_mm3);
    csv_number(out, c->high_mm3);
    csv_number(out, c->detectable_mm3);
    fprintf(out, ",%s\n", measure_verdict(c));
}

cit_status cit_report_measure_csv(const cit_measure_report *r, char **ret, cit_errors *errs) {
    const cit_scars *s = r->takes[0].scars;
    memo t;
    const cit_status st = text_open(&t, errs);
    if (st != CIT_OK) return st;
    fputs("file,date,scar,class,class_probability,parts,x_mm,y_mm,rim_mm,area_mm2,depth_um,"
          "depth_low95_um,depth_high95_um,volume_mm3,volume_low95_mm3,volume_high95_mm3,change_mm3,"
          "change_low95_mm3,change_high95_mm3,detectable_mm3,verdict\n",
          t.out);
    for (int i = 0; i < s->count; i++) put_first_row(t.out, &r->takes[0], &s->scar[i]);
    for (int k = 1; k < r->count; k++)
        for (int i = 0; i < r->takes[k].pair->count; i++)
            put_later_row(t.out, &r->takes[k], &r->takes[k].pair->change[i]);
    return text_close(&t, ret, errs);
}

/* ---- a case's block -------------------------------------------------------------------------------------- */

/* Scars of a likeliest class together: how many, and their median width and depth. */
static void put_group(FILE *out, const cit_scars *s, int kind) {
    double *width = malloc((size_t)(s->count + 1) * sizeof *width),
           *depth = malloc((size_t)(s->count + 1) * sizeof *depth);
    int n = 0;
    for (int i = 0; i < s->count && width != NULL && depth != NULL; i++) {
        if (measure_class_of(&s->scar[i]) != kind) continue;
        width[n] = s->scar[i].rim_mm;
        depth[n++] = s->scar[i].depth_um / 1000;
    }
    if (n > 0) {
        cit_sort(width, n);
        cit_sort(depth, n);
        fprintf(out, "      - {type: %s, count: %d, width: %.2f mm, depth: %.3f mm}\n",
                cit_scar_class_name(kind), n, cit_quantile_sorted(width, n, 0.5),
                cit_quantile_sorted(depth, n, 0.5));
    }
    free(width);
    free(depth);
}

cit_status cit_report_measure_case(const cit_measure_report *r, char **ret, cit_errors *errs) {
    const cit_scars *s = r->takes[0].scars;
    int mixed = 0;
    memo t;
    const cit_status st = text_open(&t, errs);
    if (st != CIT_OK) return st;
    for (int i = 0; i < s->count; i++) mixed += measure_class_of(&s->scar[i]) == CIT_CLASS_MIXED;
    fprintf(
        t.out,
        "# Measured by %s; widths and depths are medians. Look it over and correct it: nobody has\n"
        "# accepted it yet. Then it goes into the case, as its zones; where the case has this "
        "zone,\n"
        "# the list goes among that zone's scars.\n",
        r->program);
    if (mixed > 0)
        fprintf(t.out, "# %d more could not be told apart; count them under the type you see.\n",
                mixed);
    fprintf(t.out, "zones:\n  - site: %s\n    scars:%s\n", r->site != NULL ? r->site : "cheek",
            s->count == mixed ? " []" : "");
    static const int order[] = {CIT_CLASS_ROLLING, CIT_CLASS_BOXCAR, CIT_CLASS_ICE_PICK};
    for (int i = 0; i < 3; i++) put_group(t.out, s, order[i]);
    return text_close(&t, ret, errs);
}

/* ---- over visits --------------------------------------------------------------------------------------------- */

bool measure_has_series(const cit_measure_report *r) {
    for (int i = 0; i < r->count; i++)
        if (r->takes[i].day == CIT_UNKNOWN_INT) return false;
    return r->count > 1 && r->takes[0].scars->volume_mm3 > 0;
}

static visit_change volume_at(const void *of, int visit) {
    const cit_measure_report *r = of;
    if (visit == 0) return (visit_change){.day = r->takes[0].day};
    const cit_change *z = &r->takes[visit].pair->zone;
    const double percent = 100 / z->before_mm3; /* of the scars that this visit shows */
    return (visit_change){r->takes[visit].day, percent * z->change_mm3, percent * z->low_mm3,
                          percent * z->high_mm3};
}

void measure_draw_series(cairo_t *c, const void *of) {
    const cit_measure_report *r = of;
    const visit_chart v = {.title = "Volume of all scars, % filled since the first visit",
                           .x_label = "weeks from the first visit",
                           .count = r->count,
                           .high = 10,
                           .at = volume_at,
                           .of = r};
    visit_chart_draw(c, &v, 70, 70, MEASURE_SERIES_W - 100, MEASURE_SERIES_H - 140);
}

cit_status cit_report_measure_series(const cit_measure_report *r, unsigned char **ret,
                                     size_t *ret_size, cit_errors *errs) {
    const drawing d = {"series", MEASURE_SERIES_W, MEASURE_SERIES_H, measure_draw_series, r};
    if (!measure_has_series(r))
        return cit_fail(errs, CIT_INVALID, "series",
                        "needs two surfaces or more, each with a date");
    return drawing_render(&d, true, ret, ret_size, errs);
}

/* ---- on paper --------------------------------------------------------------------------------------------------- */

typedef struct document {
    const cit_measure_report *report;
    const measure_map *maps; /* one a take */
} document;

static void put_scar_rows(sheet_pile *s, const cit_measure_report *r) {
    const cit_scars *of = r->takes[0].scars;
    const cit_pair *last = r->takes[r->count - 1].pair;
    const int columns = last != NULL ? MEASURE_ON_PAPER : MEASURE_ON_PAPER - 1;
    const char *texts[MEASURE_ON_PAPER];
    double shares[MEASURE_ON_PAPER];
    if (of->count == 0) return;
    for (int c = 0; c < columns; c++) {
        texts[c] = measure_on_paper[c].head;
        shares[c] = measure_on_paper[c].share;
    }
    sheet_table(s, columns, shares, texts);
    for (int i = 0; i < of->count; i++) {
        char cells[MEASURE_ON_PAPER][MEASURE_CELL];
        const measure_row row = {&of->scar[i], last != NULL ? &last->change[i] : NULL};
        measure_cells(measure_on_paper, columns, &row, cells, texts);
        sheet_row(s, texts);
    }
    sheet_table_end(s);
    sheet_words(s, SHEET_NOTE, measure_found_note);
    if (last != NULL) sheet_words(s, SHEET_NOTE, measure_changed_note);
}

static void put_verdicts(sheet_pile *s, const cit_measure_report *r) {
    for (int i = 1; i < r->count; i++) {
        char line[700], day[20] = "", verdict[400];
        if (r->takes[i].day != CIT_UNKNOWN_INT) cit_date_format(r->takes[i].day, day);
        measure_zone_line(r->takes[i].pair, verdict);
        snprintf(line, sizeof line, "%s%s%s: %s", r->takes[i].name, day[0] ? ", " : "", day,
                 verdict);
        sheet_panel(s, measure_tone(r->takes[i].pair), line);
    }
}

/* The first take, and beside it what has changed until the last. */
static void draw_two(cairo_t *c, const void *of) {
    const document *d = of;
    measure_draw_map(c, &d->maps[0]);
    cairo_save(c);
    cairo_translate(c, d->maps[0].width, 0);
    measure_draw_map(c, &d->maps[d->report->count - 1]);
    cairo_restore(c);
}

static void put_pictures(sheet_pile *s, const document *d) {
    const cit_measure_report *r = d->report;
    const measure_map *first = &d->maps[0];
    if (r->count > 1)
        sheet_picture(s, 2 * first->width, first->height, 1, draw_two, d);
    else
        sheet_picture(s, first->width, first->height, 0.8, measure_draw_map, first);
    if (r->count > 2 && measure_has_series(r))
        sheet_picture(s, MEASURE_SERIES_W, MEASURE_SERIES_H, 0.62, measure_draw_series, r);
}

static void on_paper(sheet_pile *s, const void *of) {
    const document *d = of;
    const cit_take *first = &d->report->takes[0];
    const cit_heights *z = first->heights;
    char line[800], missing[24];
    measure_short(100.0 * (double)z->missing / ((double)z->nx * z->ny), missing);
    sheet_words(s, SHEET_TITLE, "Scars as measured");
    snprintf(line, sizeof line, "%.250s: %d x %d samples of %.3g um, %.3g x %.3g mm, %s %% missing",
             first->name, z->nx, z->ny, 1000 * z->dx_mm, z->nx * z->dx_mm, z->ny * z->dy_mm,
             z->missing > 0 ? missing : "0");
    sheet_words(s, SHEET_SUBTITLE, line);
    put_verdicts(s, d->report);
    put_pictures(s, d);
    put_scar_rows(s, d->report);
    sheet_words(s, SHEET_NOTE, measure_intended_use);
}

cit_status cit_report_measure_pdf(const cit_measure_report *r, int day, unsigned char **ret,
                                  size_t *ret_size, cit_errors *errs) {
    cit_status st = CIT_OK;
    bool failed = false;
    unsigned char *bytes = NULL;
    measure_map *maps = calloc((size_t)r->count, sizeof *maps);
    const sheet_facts facts = {"Scars as measured", r->program, "{n} of {m}", day};
    const document d = {r, maps};
    if (maps == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a document");
    for (int i = 0; i < r->count; i++) {
        CIT_TRY(measure_map_of(r, i, &failed, &maps[i], errs));
        measure_map_lay(&maps[i], r->count > 1 ? 660 : 900);
    }
    CIT_TRY(sheets_pdf(&facts, on_paper, &d, &bytes, ret_size, errs));
    if (failed) CIT_TRY(cit_fail(errs, CIT_NOMEM, "", "no memory for a picture"));
    *ret = bytes;
    bytes = NULL;
done:
    free(bytes);
    free(maps);
    return st;
}

/* ---- a folder ------------------------------------------------------------------------------------------------------ */

static cit_status add_texts(const cit_measure_report *r, shelf *s, cit_errors *errs) {
    static const struct {
        const char *name;
        cit_status (*make)(const cit_measure_report *, char **, cit_errors *);
    } made[] = {{"measure.json", cit_report_measure_json},
                {"scars.csv", cit_report_measure_csv},
                {"scars.yaml", cit_report_measure_case}};
    const size_t count = r->takes[0].scars != NULL ? sizeof made / sizeof *made : 1;
    for (size_t i = 0; i < count; i++) {
        char *bytes = NULL;
        const cit_status st = made[i].make(r, &bytes, errs);
        if (st != CIT_OK) return st;
        shelf_put(s, bytes, strlen(bytes), made[i].name);
    }
    return CIT_OK;
}

static cit_status add_pictures(const cit_measure_report *r, int day, shelf *s, cit_errors *errs) {
    unsigned char *bytes = NULL;
    size_t size = 0;
    cit_status st = CIT_OK;
    for (int i = 0; i < r->count; i++) {
        char name[40] = "scars.png";
        CIT_TRY(cit_report_measure_map(r, i, &bytes, &size, errs));
        if (i > 0) snprintf(name, sizeof name, "change-%d.png", i);
        shelf_put(s, bytes, size, name);
    }
    if (measure_has_series(r)) {
        CIT_TRY(cit_report_measure_series(r, &bytes, &size, errs));
        shelf_put(s, bytes, size, "series.png");
    }
    CIT_TRY(cit_report_measure_pdf(r, day, &bytes, &size, errs));
    shelf_put(s, bytes, size, "measure.pdf");
done:
    return st;
}

cit_status cit_report_measure_write(const cit_measure_report *r, int day, const char *folder,
                                    bool force, cit_errors *errs) {
    static const char *const sometimes[] = {
        "scars.csv", "scars.yaml", "scars.png", "measure.pdf", "change-#.png", "series.png", NULL};
    cit_status st = CIT_OK;
    shelf s = {calloc((size_t)r->count + 5, sizeof *s.files), 0};
    if (s.files == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for results");
    CIT_TRY(cit_folder_may_write(folder, force, errs));
    CIT_TRY(add_texts(r, &s, errs));
    if (r->takes[0].scars != NULL) CIT_TRY(add_pictures(r, day, &s, errs));
    CIT_TRY(cit_folder_write(s.files, s.count, sometimes, folder, force, errs));
done:
    shelf_free(&s);
    return st;
}
