/* The colour of skin in photos as files: JSON, CSV, changes over visits, a sheet, a folder. */
#include "report_impl.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- JSON ------------------------------------------------------------------------------------------------ */

static json_t *colour_json(const cit_colour *c) {
    json_t *o = json_object();
    for (int i = 0; i < COLOUR_INDICES; i++)
        json_object_set_new(o, colour_rows[i].name, number_json(colour_number(c, i)));
    return o;
}

static json_t *chart_json(const cit_chart *c) {
    json_t *corners = json_array();
    if (c == NULL) {
        json_decref(corners);
        return json_null();
    }
    for (int k = 0; k < 4; k++)
        json_array_append_new(corners, json_pack("[o, o]", number_json(c->corner[k][0]),
                                                 number_json(c->corner[k][1])));
    return json_pack("{s:o, s:o, s:o, s:o}", "corners", corners, "delta_e_mean",
                     number_json(c->error_mean), "delta_e_worst", number_json(c->error_worst),
                     "light_spread", number_json(c->light_spread));
}

static json_t *change_json(const cit_colour_change *c) {
    json_t *shut = json_object();
    if (c == NULL) {
        json_decref(shut);
        return json_null();
    }
    for (int g = 0; g < CIT_GATE_COUNT; g++)
        if (c->gates >> g & 1)
            json_object_set_new(shut, colour_gates[g].name, json_string(c->reason[g]));
    return json_pack("{s:b, s:b, s:o, s:o, s:o, s:o, s:o}", "refused", c->refused, "relative",
                     c->relative, "gates", shut, "before", colour_json(&c->before), "after",
                     colour_json(&c->after), "change", colour_json(&c->change), "half_width95",
                     colour_json(&c->half_width));
}

static const char *space_of(const cit_photo *p) {
    return p->unreferred ? "unknown" : p->converted ? "converted" : p->linear ? "linear" : "sRGB";
}

static json_t *take_json(const cit_colour_take *t) {
    const cit_photo_quality *q = &t->quality;
    json_t *quality =
        json_pack("{s:o, s:o, s:o, s:o, s:o}", "blur", number_json(q->blur), "clipped",
                  number_json(q->clipped), "dark", number_json(q->dark), "light",
                  number_json(q->light), "scale_pixels", number_json(q->scale));
    return json_pack("{s:s, s:o, s:s, s:[i, i, i, i], s:o, s:o, s:b, s:o, s:o, s:o, s:o}", "file",
                     t->name, "date", day_json(t->day), "colour_space", space_of(t->photo), "part",
                     t->part.x, t->part.y, t->part.width, t->part.height, "chart",
                     chart_json(t->chart), "quality", quality, "relative", t->result.relative,
                     "colour", colour_json(&t->result.middle), "spread",
                     colour_json(&t->result.spread), "standard_error",
                     colour_json(&t->result.error), "change", change_json(t->change));
}

cit_status cit_report_colour_json(const cit_colour_report *r, char **ret, cit_errors *errs) {
    json_t *photos = json_array();
    for (int i = 0; i < r->count; i++) json_array_append_new(photos, take_json(&r->takes[i]));
    json_t *all = json_pack("{s:s, s:s, s:s, s:o}", "schema", "cit/colour/1", "program", r->program,
                            "intended_use", colour_intended_use, "photos", photos);
    char *bytes = all != NULL ? json_dumps(all, JSON_INDENT(2)) : NULL;
    json_decref(all);
    if (bytes == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for JSON");
    *ret = bytes;
    return CIT_OK;
}

/* ---- CSV -------------------------------------------------------------------------------------------------- */

static const char *comparison(const cit_colour_change *c) {
    return c == NULL ? "" : c->refused ? "refused" : c->relative ? "relative" : "chart";
}

static void put_row(FILE *out, const cit_colour_take *t, int i) {
    char day[20] = "";
    const cit_colour_change *c = t->change;
    if (t->day != CIT_UNKNOWN_INT) cit_date_format(t->day, day);
    csv_text(out, t->name);
    fprintf(out, ",%s,%s,%s", day, colour_rows[i].name, colour_rows[i].unit);
    csv_number(out, colour_number(&t->result.middle, i));
    csv_number(out, colour_number(&t->result.spread, i));
    csv_number(out, colour_number(&t->result.error, i));
    fprintf(out, ",%s", t->result.relative ? "relative" : "chart");
    csv_number(out, c != NULL ? colour_number(&c->change, i) : CIT_UNKNOWN_NUMBER);
    csv_number(out, c != NULL ? colour_number(&c->half_width, i) : CIT_UNKNOWN_NUMBER);
    fprintf(out, ",%s,", comparison(c));
    const char *gap = "";
    for (int g = 0; c != NULL && g < CIT_GATE_COUNT; g++)
        if (c->gates >> g & 1) {
            fprintf(out, "%s%s", gap, colour_gates[g].name);
            gap = " ";
        }
    fputc('\n', out);
}

cit_status cit_report_colour_csv(const cit_colour_report *r, char **ret, cit_errors *errs) {
    memo t;
    const cit_status st = text_open(&t, errs);
    if (st != CIT_OK) return st;
    fputs("file,date,index,unit,value,spread,standard_error,white,change,half_width95,comparison,"
          "gates\n",
          t.out);
    for (int k = 0; k < r->count; k++)
        for (int i = 0; i < COLOUR_INDICES; i++) put_row(t.out, &r->takes[k], i);
    return text_close(&t, ret, errs);
}

/* ---- over visits -------------------------------------------------------------------------------------------- */

enum { SERIES_TOP = 64, PANEL_W = 360, PANEL_H = 250, PANELS = 3 };
enum { SERIES_W = PANELS * PANEL_W };
enum { SERIES_H = SERIES_TOP + (COLOUR_INDICES + PANELS - 1) / PANELS * PANEL_H };

static bool has_series(const cit_colour_report *r) {
    int compared = 0;
    for (int i = 0; i < r->count; i++) {
        if (r->takes[i].day == CIT_UNKNOWN_INT) return false;
        compared += r->takes[i].change != NULL && !r->takes[i].change->refused;
    }
    return compared > 0;
}

static bool any_relative(const cit_colour_report *r) {
    for (int i = 1; i < r->count; i++)
        if (r->takes[i].change->relative && !r->takes[i].change->refused) return true;
    return false;
}

typedef struct panel {
    const cit_colour_report *report;
    int index;
} panel;

static visit_change change_at(const void *of, int visit) {
    const panel *p = of;
    const cit_colour_take *t = &p->report->takes[visit];
    if (visit == 0) return (visit_change){.day = t->day};
    const double d = colour_number(&t->change->change, p->index),
                 h = colour_number(&t->change->half_width, p->index);
    return (visit_change){t->day, d, d - h, d + h};
}

static void draw_panel(cairo_t *c, const panel *p) {
    const cit_colour_take *first = &p->report->takes[0];
    char title[100], value[60] = "";
    if (first->chart != NULL) colour_cell_value(first, p->index, value);
    snprintf(title, sizeof title, "%s%s%s", colour_rows[p->index].name,
             value[0] ? ", at first " : "", value);
    const visit_chart v = {.title = title,
                           .x_label = "weeks from the first visit",
                           .count = p->report->count,
                           .low = -1,
                           .high = 1,
                           .at = change_at,
                           .of = p};
    const int x = p->index % PANELS * PANEL_W, y = SERIES_TOP + p->index / PANELS * PANEL_H;
    visit_chart_draw(c, &v, x + 56, y + 30, PANEL_W - 76, PANEL_H - 96);
}

static void draw_series(cairo_t *c, const void *of) {
    const cit_colour_report *r = of;
    set_colour(c, ink, 1);
    put_text(c, 20, 20, LEFT, 16, true, "Change since the first visit, with 95 %");
    put_text(c, 20, 44, LEFT, 12, false,
             any_relative(r) ? "Relative where a chart is missing: light and camera are in it. "
                               "Crosses: visits that are not to be compared."
                             : "By the chart in each photo. Crosses: visits that are not to be "
                               "compared.");
    for (int i = 0; i < COLOUR_INDICES; i++) {
        const panel p = {r, i};
        draw_panel(c, &p);
    }
}

cit_status cit_report_colour_series(const cit_colour_report *r, unsigned char **ret,
                                    size_t *ret_size, cit_errors *errs) {
    const drawing d = {"series", SERIES_W, SERIES_H, draw_series, r};
    if (!has_series(r))
        return cit_fail(errs, CIT_INVALID, "series",
                        "needs photos with dates, and of the later ones one that may be compared");
    return drawing_render(&d, true, ret, ret_size, errs);
}

/* ---- on paper --------------------------------------------------------------------------------------------------- */

typedef struct document {
    const cit_colour_report *report;
    const colour_picture *pictures; /* one a take */
} document;

/* The last that may be compared; else the first. */
static const cit_colour_take *last_of(const cit_colour_report *r) {
    for (int i = r->count - 1; i > 0; i--)
        if (!r->takes[i].change->refused) return &r->takes[i];
    return &r->takes[0];
}

static void put_verdict(sheet_pile *s, const cit_colour_take *t) {
    char name[120], line[720], text[400];
    colour_take_name(t, name);
    snprintf(line, sizeof line, "%s: %s", name, colour_verdict(t->change, text));
    sheet_panel(s, colour_tone(t->change), line);
    for (int g = 0; g < CIT_GATE_COUNT; g++)
        if (colour_gate_line(t->change, g, text)) sheet_bullet(s, "-", text);
}

/* "no colour chart; uneven light", or that it may be compared. */
static void why_not(const cit_colour_change *c, char ret[300]) {
    const char *gap = "refused: ";
    snprintf(ret, 300, "%s", c->relative ? "relative" : "by the charts");
    for (int g = 0; g < CIT_GATE_COUNT && c->refused; g++) {
        if (!(c->gates >> g & 1)) continue;
        const size_t used = *gap == ';' ? strlen(ret) : 0;
        snprintf(ret + used, 300 - used, "%s%s", gap, colour_gates[g].text);
        gap = "; ";
    }
}

static void put_visit(sheet_pile *s, const cit_colour_take *t) {
    char name[120], redness[60] = "", pigment[60] = "", words[300];
    colour_take_name(t, name);
    if (!t->change->refused) {
        colour_cell_change(t->change, COLOUR_EI, redness);
        colour_cell_change(t->change, COLOUR_MI, pigment);
    }
    why_not(t->change, words);
    const char *row[] = {name, redness, pigment, words};
    sheet_row(s, row);
}

static void put_verdicts(sheet_pile *s, const cit_colour_report *r) {
    static const char *const heads[] = {"photo", "redness (EI), change", "pigment (MI), change",
                                        "compared"};
    static const double shares[] = {0.3, 0.2, 0.2, 0.3};
    if (r->count == 2) put_verdict(s, &r->takes[1]);
    if (r->count <= 2) return;
    sheet_table(s, 4, shares, heads);
    for (int i = 1; i < r->count; i++) put_visit(s, &r->takes[i]);
    sheet_table_end(s);
    if (any_relative(r)) sheet_words(s, SHEET_NOTE, colour_relative_words);
}

/* The first, and beside it the last. */
static void draw_two(cairo_t *c, const void *of) {
    const document *d = of;
    colour_draw_picture(c, &d->pictures[0]);
    cairo_save(c);
    cairo_translate(c, d->pictures[0].width, 0);
    colour_draw_picture(c, &d->pictures[d->report->count - 1]);
    cairo_restore(c);
}

static void put_pictures(sheet_pile *s, const document *d) {
    const cit_colour_report *r = d->report;
    const colour_picture *first = &d->pictures[0], *last = &d->pictures[r->count - 1];
    if (r->count > 1)
        sheet_picture(s, first->width + last->width, fmax(first->height, last->height), 1, draw_two,
                      d);
    else
        sheet_picture(s, first->width, first->height, 0.8, colour_draw_picture, first);
    if (r->count > 2 && has_series(r)) sheet_picture(s, SERIES_W, SERIES_H, 1, draw_series, r);
}

static void put_alone(sheet_pile *s, const cit_colour_take *t) {
    static const char *const heads[] = {"index", "value (± 95 % by its chart)",
                                        "spread over the skin", "what it is"};
    static const double shares[] = {0.1, 0.3, 0.25, 0.35};
    sheet_table(s, 4, shares, heads);
    for (int i = 0; i < COLOUR_INDICES; i++) {
        char value[60], spread[40];
        colour_cell_value(t, i, value);
        snprintf(spread, sizeof spread, "%.1f", colour_number(&t->result.spread, i));
        const char *row[] = {colour_rows[i].name, value, spread, colour_rows[i].meaning};
        sheet_row(s, row);
    }
    sheet_table_end(s);
}

static void put_pair(sheet_pile *s, const cit_colour_take *t) {
    static const char *const heads[] = {"index", "what it is",    "before",
                                        "after", "change (95 %)", "could it be seen?"};
    static const double shares[] = {0.08, 0.24, 0.1, 0.1, 0.28, 0.2};
    char name[120], line[340];
    colour_take_name(t, name);
    snprintf(line, sizeof line, "The last that may be compared: %s", name);
    sheet_words(s, SHEET_SMALL, line);
    sheet_table(s, 6, shares, heads);
    for (int i = 0; i < COLOUR_INDICES; i++) {
        char before[40], after[40], change[60];
        snprintf(before, sizeof before, "%.1f", colour_number(&t->change->before, i));
        snprintf(after, sizeof after, "%.1f", colour_number(&t->change->after, i));
        colour_cell_change(t->change, i, change);
        const char *row[] = {
            colour_rows[i].name,      colour_rows[i].meaning, before, after, change,
            colour_seen(t->change, i)};
        sheet_row(s, row);
    }
    sheet_table_end(s);
}

static void on_paper(sheet_pile *s, const void *of) {
    const document *d = of;
    const cit_colour_report *r = d->report;
    const cit_colour_take *first = &r->takes[0], *last = last_of(r);
    char line[400], name[300];
    colour_take_name(first, name);
    sheet_words(s, SHEET_TITLE, "Colour of skin as measured");
    snprintf(line, sizeof line, "%s: %d x %d pixels%s", name, first->photo->width,
             first->photo->height, first->chart != NULL ? ", with a colour chart" : "");
    sheet_words(s, SHEET_SUBTITLE, line);
    put_verdicts(s, r);
    put_pictures(s, d);
    if (last != first)
        put_pair(s, last);
    else
        put_alone(s, first);
    sheet_words(s, SHEET_NOTE, colour_formulas);
    sheet_words(s, SHEET_NOTE, colour_intended_use);
}

static cit_status sheet_of(const cit_colour_report *r, const colour_picture *pictures, int day,
                           unsigned char **ret, size_t *ret_size, cit_errors *errs) {
    const sheet_facts facts = {"Colour of skin as measured", r->program, "{n} of {m}", day};
    const document d = {r, pictures};
    return sheets_pdf(&facts, on_paper, &d, ret, ret_size, errs);
}

cit_status cit_report_colour_pdf(const cit_colour_report *r, int day, unsigned char **ret,
                                 size_t *ret_size, cit_errors *errs) {
    cit_status st = CIT_OK;
    bool failed = false;
    unsigned char *bytes = NULL;
    colour_picture *pictures = NULL;
    CIT_TRY(colour_pictures_make(r, &failed, &pictures, errs));
    CIT_TRY(sheet_of(r, pictures, day, &bytes, ret_size, errs));
    if (failed) CIT_TRY(cit_fail(errs, CIT_NOMEM, "", "no memory for a picture"));
    *ret = bytes;
    bytes = NULL;
done:
    free(bytes);
    colour_pictures_free(pictures, r->count);
    return st;
}

/* ---- a folder ----------------------------------------------------------------------------------------------- */

static cit_status add_texts(const cit_colour_report *r, shelf *s, cit_errors *errs) {
    char *text = NULL;
    cit_status st = CIT_OK;
    CIT_TRY(cit_report_colour_json(r, &text, errs));
    shelf_put(s, text, strlen(text), "colour.json");
    CIT_TRY(cit_report_colour_csv(r, &text, errs));
    shelf_put(s, text, strlen(text), "colour.csv");
done:
    return st;
}

static cit_status add_pictures(const cit_colour_report *r, const colour_picture *pictures, shelf *s,
                               cit_errors *errs) {
    cit_status st = CIT_OK;
    unsigned char *png = NULL;
    size_t size = 0;
    for (int i = 0; i < r->count; i++) {
        const drawing d = {"photo", pictures[i].width, pictures[i].height, colour_draw_picture,
                           &pictures[i]};
        char name[40];
        CIT_TRY(drawing_render(&d, true, &png, &size, errs));
        snprintf(name, sizeof name, "photo-%d.png", i + 1);
        shelf_put(s, png, size, name);
    }
    if (!has_series(r)) goto done;
    CIT_TRY(cit_report_colour_series(r, &png, &size, errs));
    shelf_put(s, png, size, "series.png");
done:
    return st;
}

cit_status cit_report_colour_write(const cit_colour_report *r, int day, const char *folder,
                                   bool force, cit_errors *errs) {
    static const char *const sometimes[] = {"photo-#.png", "series.png", NULL};
    cit_status st = CIT_OK;
    bool failed = false;
    unsigned char *pdf = NULL;
    size_t size = 0;
    colour_picture *pictures = NULL;
    shelf s = {calloc((size_t)r->count + 4, sizeof *s.files), 0};
    if (s.files == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for results");
    CIT_TRY(cit_folder_may_write(folder, force, errs));
    CIT_TRY(colour_pictures_make(r, &failed, &pictures, errs));
    CIT_TRY(add_texts(r, &s, errs));
    CIT_TRY(add_pictures(r, pictures, &s, errs));
    CIT_TRY(sheet_of(r, pictures, day, &pdf, &size, errs));
    shelf_put(&s, pdf, size, "colour.pdf");
    if (failed) CIT_TRY(cit_fail(errs, CIT_NOMEM, "", "no memory for a picture"));
    CIT_TRY(cit_folder_write(s.files, s.count, sometimes, folder, force, errs));
done:
    colour_pictures_free(pictures, r->count);
    shelf_free(&s);
    return st;
}
