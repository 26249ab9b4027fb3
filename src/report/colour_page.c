/* The colour of skin in photos: for the terminal, as JSON and CSV, and the photos with what was looked at outlined. */
#include "report_impl.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ONE(name, unit, meaning) +1
enum { INDICES = 0 CIT_COLOUR_LIST(ONE) };
#define ROW(name, unit, meaning) {#name, unit, meaning},
static const struct {
    const char *name, *unit, *meaning;
} indices[INDICES] = {CIT_COLOUR_LIST(ROW)};
#define GATE(name, text) {#name, text},
static const struct { const char *name, *text; } gates[CIT_GATE_COUNT] = {CIT_GATES(GATE)};

static const char *const intended_use =
    "Intended use: the colour of skin, and its change, for people who know skin. This is no "
    "diagnosis, and nothing of it enters a plan before a person has accepted it.";

static double number(const cit_colour *c, int i) {
    double v[INDICES];
    memcpy(v, c, sizeof v);
    return v[i];
}

/* ---- page --------------------------------------------------------------------------------------------- */

static void put_photo(cit_page *page, const cit_colour_take *t) {
    const cit_photo_quality *q = &t->quality;
    char pattern[80] = "no pattern of the skin is seen";
    if (cit_known(q->scale))
        snprintf(pattern, sizeof pattern, "the skin's pattern is %.0f pixels wide", q->scale);
    page_say(
        page,
        "%s: %d x %d pixels; looked at: %d x %d at %d, %d. %.2g %% clipped, %.2g %% black, one "
        "side "
        "%.2f times as bright, %s.",
        t->name, t->photo->width, t->photo->height, t->part.width, t->part.height, t->part.x,
        t->part.y, 100 * q->clipped, 100 * q->dark, q->light, pattern);
    if (t->chart != NULL)
        page_say(
            page,
            "A chart was found: its patches are missed by %.1f delta E (worst %.1f), each left out "
            "of the fit that it judges; light on its greys differs by %.0f %%.",
            t->chart->error_mean, t->chart->error_worst, 100 * (t->chart->light_spread - 1));
    else
        page_say(page,
                 "No colour chart: what follows is as the camera wrote it, and not to be compared "
                 "with any other photo.");
    if (t->photo->unreferred)
        page_say(page, "The file names a colour space other than sRGB, which was not converted.");
    if (t->photo->converted)
        page_say(page, "Its colours were brought to sRGB by the profile in the file.");
}

static void put_indices(cit_page *page, const cit_colour_take *t) {
    enum { COLUMNS = 4 };
    static const char *const heads[COLUMNS] = {"index", "value (95 % by its chart)",
                                               "spread over the skin", "what it is"};
    static const double shares[COLUMNS] = {0.7, 2, 1.5, 2};
    cit_page_table(page, COLUMNS, shares, heads);
    for (int i = 0; i < INDICES; i++) {
        const double v = number(&t->result.middle, i), e = 1.96 * number(&t->result.error, i);
        char value[80], spread[40];
        if (cit_known(e))
            snprintf(value, sizeof value, "%.1f (%.1f to %.1f)", v, v - e, v + e);
        else
            snprintf(value, sizeof value, "%.1f", v);
        snprintf(spread, sizeof spread, "%.1f", number(&t->result.spread, i));
        const char *cells[COLUMNS] = {indices[i].name, value, spread, indices[i].meaning};
        cit_page_row(page, COLUMNS, cells);
    }
}

static void put_gates(cit_page *page, const cit_colour_change *c) {
    for (int g = 0; g < CIT_GATE_COUNT; g++) {
        char line[400];
        if (!(c->gates >> g & 1)) continue;
        snprintf(line, sizeof line, "%s: %s", gates[g].text, c->reason[g]);
        cit_page_bullet(page, "-", line);
    }
}

static void put_verdict(cit_page *page, const cit_colour_change *c) {
    if (c->refused)
        cit_page_verdict(page, CIT_PAGE_BAD,
                         c->gates == 1U << CIT_GATE_CHART
                             ? "Change of colour: refused, for want of a chart. --relative shows "
                               "what differs all the same."
                             : "Change of colour: refused.");
    else if (c->relative)
        cit_page_verdict(page, CIT_PAGE_ASK,
                         "Relative only, the brightest 2 % of each photo taken for white: light "
                         "and camera are in it. The interval is what five lights made of one "
                         "cheek, and no more than that.");
}

static void put_change(cit_page *page, const cit_colour_take *t) {
    enum { COLUMNS = 5 };
    static const char *const heads[COLUMNS] = {"index", "before", "after", "change (95 %)",
                                               "could it be seen?"};
    static const double shares[COLUMNS] = {0.7, 0.9, 0.9, 2.2, 1.6};
    const cit_colour_change *c = t->change;
    char line[300], day[20] = "";
    if (t->day != CIT_UNKNOWN_INT) cit_date_format(t->day, day);
    snprintf(line, sizeof line, "%.100s%s%s", t->name, day[0] ? ", " : "", day);
    cit_page_heading(page, line);
    put_photo(page, t);
    put_verdict(page, c);
    put_gates(page, c);
    if (c->refused) return;
    cit_page_table(page, COLUMNS, shares, heads);
    for (int i = 0; i < INDICES; i++) {
        const double d = number(&c->change, i), h = number(&c->half_width, i);
        char before[40], after[40], change[80];
        snprintf(before, sizeof before, "%.1f", number(&c->before, i));
        snprintf(after, sizeof after, "%.1f", number(&c->after, i));
        snprintf(change, sizeof change, "%+.1f (%+.1f to %+.1f)", d, d - h, d + h);
        const char *cells[COLUMNS] = {indices[i].name, before, after, change,
                                      fabs(d) <= h ? "no change seen"
                                      : d > 0      ? "higher"
                                                   : "lower"};
        cit_page_row(page, COLUMNS, cells);
    }
    if (c->relative)
        cit_page_note(page, "Without charts nobody can tell whether both were taken from the same "
                            "side.");
}

cit_page *cit_page_of_colour(const cit_colour_report *r) {
    cit_page *page = cit_page_new("Colour of skin as measured", NULL);
    put_photo(page, &r->takes[0]);
    put_indices(page, &r->takes[0]);
    for (int i = 1; i < r->count; i++) put_change(page, &r->takes[i]);
    cit_page_note(page, "Erythema index 100 (log10 R - log10 G), melanin index 100 log10 (1 / R), "
                        "ITA = atan ((L* - 50) / b*). Methods and limits: docs/models/colour.md.");
    cit_page_note(page, intended_use);
    return page;
}

/* ---- JSON ------------------------------------------------------------------------------------------------ */

static json_t *colour_json(const cit_colour *c) {
    json_t *o = json_object();
    for (int i = 0; i < INDICES; i++)
        json_object_set_new(o, indices[i].name, number_json(number(c, i)));
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
        if (c->gates >> g & 1) json_object_set_new(shut, gates[g].name, json_string(c->reason[g]));
    return json_pack("{s:b, s:b, s:o, s:o, s:o, s:o, s:o}", "refused", c->refused, "relative",
                     c->relative, "gates", shut, "before", colour_json(&c->before), "after",
                     colour_json(&c->after), "change", colour_json(&c->change), "half_width95",
                     colour_json(&c->half_width));
}

static json_t *take_json(const cit_colour_take *t) {
    const cit_photo_quality *q = &t->quality;
    json_t *quality =
        json_pack("{s:o, s:o, s:o, s:o, s:o}", "blur", number_json(q->blur), "clipped",
                  number_json(q->clipped), "dark", number_json(q->dark), "light",
                  number_json(q->light), "scale_pixels", number_json(q->scale));
    return json_pack("{s:s, s:o, s:[i, i, i, i], s:o, s:o, s:b, s:o, s:o, s:o, s:o}", "file",
                     t->name, "date", day_json(t->day), "part", t->part.x, t->part.y, t->part.width,
                     t->part.height, "chart", chart_json(t->chart), "quality", quality, "relative",
                     t->result.relative, "colour", colour_json(&t->result.middle), "spread",
                     colour_json(&t->result.spread), "standard_error",
                     colour_json(&t->result.error), "change", change_json(t->change));
}

cit_status cit_report_colour_json(const cit_colour_report *r, char **ret, cit_errors *errs) {
    json_t *photos = json_array();
    for (int i = 0; i < r->count; i++) json_array_append_new(photos, take_json(&r->takes[i]));
    json_t *all = json_pack("{s:s, s:s, s:s, s:o}", "schema", "cit/colour/1", "program", r->program,
                            "intended_use", intended_use, "photos", photos);
    char *bytes = all != NULL ? json_dumps(all, JSON_INDENT(2)) : NULL;
    json_decref(all);
    if (bytes == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for JSON");
    *ret = bytes;
    return CIT_OK;
}

/* ---- CSV -------------------------------------------------------------------------------------------------- */

static void put_number(FILE *out, double v) {
    if (cit_known(v))
        fprintf(out, ",%.6g", v);
    else
        fputc(',', out);
}

/* A file's name may hold commas and quotes. */
static void put_name(FILE *out, const char *name) {
    fputc('"', out);
    for (; *name != 0; name++) {
        if (*name == '"') fputc('"', out);
        fputc(*name, out);
    }
    fputc('"', out);
}

static void put_row(FILE *out, const cit_colour_take *t, int i) {
    char day[20] = "";
    const cit_colour_change *c = t->change;
    if (t->day != CIT_UNKNOWN_INT) cit_date_format(t->day, day);
    put_name(out, t->name);
    fprintf(out, ",%s,%s,%s", day, indices[i].name, indices[i].unit);
    put_number(out, number(&t->result.middle, i));
    put_number(out, number(&t->result.spread, i));
    put_number(out, number(&t->result.error, i));
    fprintf(out, ",%s", t->result.relative ? "relative" : "chart");
    put_number(out, c != NULL ? number(&c->change, i) : CIT_UNKNOWN_NUMBER);
    put_number(out, c != NULL ? number(&c->half_width, i) : CIT_UNKNOWN_NUMBER);
    fprintf(out, ",%s\n",
            c == NULL     ? ""
            : c->refused  ? "refused"
            : c->relative ? "relative"
                          : "chart");
}

cit_status cit_report_colour_csv(const cit_colour_report *r, char **ret, cit_errors *errs) {
    memo t;
    const cit_status st = text_open(&t, errs);
    if (st != CIT_OK) return st;
    fputs("file,date,index,unit,value,spread,standard_error,white,change,half_width95,comparison\n",
          t.out);
    for (int k = 0; k < r->count; k++)
        for (int i = 0; i < INDICES; i++) put_row(t.out, &r->takes[k], i);
    return text_close(&t, ret, errs);
}

/* ---- pictures --------------------------------------------------------------------------------------------- */

enum { LONGEST = 900, TOP = 56 };
typedef struct picture {
    const cit_colour_take *take;
    double scale, width, height;
    bool *failed;
} picture;

static void paint(const cit_photo *p, double scale, int w, int h, unsigned char *bytes,
                  int stride) {
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const int i = (int)fmin((x + 0.5) / scale, p->width - 1),
                      j = (int)fmin((y + 0.5) / scale, p->height - 1);
            const uint16_t *at = p->rgb + 3 * ((size_t)j * (size_t)p->width + (size_t)i);
            uint32_t all = 0xff;
            for (int c = 0; c < 3; c++)
                all = all << 8 | (uint32_t)(p->linear ? 255 * sqrt(at[c] / 65535.0) : at[c] / 257);
            memcpy(bytes + (size_t)y * (size_t)stride + 4 * (size_t)x, &all, 4);
        }
}

static bool put_pixels_of(cairo_t *c, const picture *p) {
    const int w = (int)(p->scale * p->take->photo->width),
              h = (int)(p->scale * p->take->photo->height);
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, w, h);
    const bool done = cairo_surface_status(image) == CAIRO_STATUS_SUCCESS;
    if (done) {
        cairo_surface_flush(image);
        paint(p->take->photo, p->scale, w, h, cairo_image_surface_get_data(image),
              cairo_image_surface_get_stride(image));
        put_pixels(c, image, 0, TOP, 1);
    }
    cairo_surface_destroy(image);
    return done;
}

/* Light on dark, to be seen on any skin. */
static void outline(cairo_t *c, const picture *p, const double corner[4][2], const char *words) {
    static const colour dark = {0, 0, 0}, light = {1, 1, 1};
    for (int pass = 0; pass < 2; pass++) {
        set_colour(c, pass ? light : dark, 1);
        cairo_set_line_width(c, pass ? 1.5 : 4);
        for (int k = 0; k < 4; k++)
            cairo_line_to(c, p->scale * corner[k][0], TOP + p->scale * corner[k][1]);
        cairo_close_path(c);
        cairo_stroke(c);
    }
    const double x = p->scale * corner[0][0] + 6, y = TOP + p->scale * corner[0][1] + 14;
    for (int i = 0; i < 8; i++) {
        set_colour(c, dark, 0.8);
        put_text(c, x + 1.2 * cos(i * 0.7854), y + 1.2 * sin(i * 0.7854), LEFT, 13, true, words);
    }
    set_colour(c, light, 1);
    put_text(c, x, y, LEFT, 13, true, words);
}

static void draw_picture(cairo_t *c, const void *of) {
    const picture *p = of;
    const cit_colour_take *t = p->take;
    const cit_photo_part *part = &t->part;
    const double x0 = part->x, y0 = part->y, x1 = x0 + part->width, y1 = y0 + part->height,
                 corner[4][2] = {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}};
    char line[300];
    set_colour(c, ink, 1);
    snprintf(line, sizeof line, "%.80s", t->name);
    put_text(c, 8, 18, LEFT, 15, true, line);
    snprintf(line, sizeof line, "L* %.1f  a* %.1f  b* %.1f  ITA %.1f  EI %.1f  MI %.1f%s",
             t->result.middle.L, t->result.middle.a, t->result.middle.b, t->result.middle.ITA,
             t->result.middle.EI, t->result.middle.MI,
             t->result.relative ? "  (as the camera wrote it)" : "");
    put_text(c, 8, 40, LEFT, 12, false, line);
    if (!put_pixels_of(c, p)) *p->failed = true;
    outline(c, p, corner, "skin looked at");
    if (t->chart == NULL) return;
    outline(c, p, (const double(*)[2])t->chart->corner, "chart");
}

cit_status cit_report_colour_picture(const cit_colour_report *r, int take, unsigned char **ret,
                                     size_t *ret_size, cit_errors *errs) {
    if (take < 0 || take >= r->count)
        return cit_fail(errs, CIT_INVALID, "take", "there is no photo %d", take);
    bool failed = false;
    unsigned char *bytes = NULL;
    const cit_photo *photo = r->takes[take].photo;
    const double scale =
        fmin(1, (double)LONGEST / (photo->width > photo->height ? photo->width : photo->height));
    const picture p = {&r->takes[take], scale, fmax(scale * photo->width, 520),
                       TOP + scale * photo->height, &failed};
    const drawing d = {"photo", p.width, p.height, draw_picture, &p};
    cit_status st = drawing_render(&d, true, &bytes, ret_size, errs);
    if (st == CIT_OK && failed) st = cit_fail(errs, CIT_NOMEM, "", "no memory for a picture");
    if (st == CIT_OK)
        *ret = bytes;
    else
        free(bytes);
    return st;
}

/* ---- a folder ----------------------------------------------------------------------------------------------- */

static void put_file(cit_product *to, const char *name, void *bytes, size_t size) {
    snprintf(to->name, sizeof to->name, "%s", name);
    to->bytes = bytes;
    to->size = size;
}

cit_status cit_report_colour_write(const cit_colour_report *r, const char *folder, bool force,
                                   cit_errors *errs) {
    static const char *const sometimes[] = {"photo-#.png", NULL};
    cit_status st = CIT_OK;
    char *text = NULL;
    int n = 0;
    cit_product *files = calloc((size_t)r->count + 2, sizeof *files);
    if (files == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for results");
    CIT_TRY(cit_folder_may_write(folder, force, errs));
    CIT_TRY(cit_report_colour_json(r, &text, errs));
    put_file(&files[n++], "colour.json", text, strlen(text));
    CIT_TRY(cit_report_colour_csv(r, &text, errs));
    put_file(&files[n++], "colour.csv", text, strlen(text));
    for (int i = 0; i < r->count; i++) {
        unsigned char *png = NULL;
        size_t size = 0;
        char name[40];
        CIT_TRY(cit_report_colour_picture(r, i, &png, &size, errs));
        snprintf(name, sizeof name, "photo-%d.png", i + 1);
        put_file(&files[n++], name, png, size);
    }
    CIT_TRY(cit_folder_write(files, n, sometimes, folder, force, errs));
done:
    for (int i = 0; i < n; i++) free(files[i].bytes);
    free(files);
    return st;
}
