/* A phantom as files, and a card of steps to check a camera with. */
#include "report_impl.h"
#include <cairo-pdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is true ---------------------------------------------------------------------------------------- */

static cit_status truth_csv(const cit_phantom *p, char **ret, cit_errors *errs) {
    memo t;
    const cit_status st = text_open(&t, errs);
    if (st != CIT_OK) return st;
    fprintf(t.out,
            "# all together %.6f mm3, where scars touch counted once\n"
            "scar,class,x_mm,y_mm,radius_mm,depth_um,area_mm2,volume_mm3,touches\n",
            p->volume_mm3);
    for (int i = 0; i < p->count; i++) {
        const cit_phantom_scar *s = &p->scar[i];
        fprintf(t.out, "%d,%s,%.4f,%.4f,%.4f,%.3f,%.5f,%.6f,", i + 1,
                cit_scar_class_name(s->scar_class), s->x_mm, s->y_mm, s->radius_mm, s->depth_um,
                s->area_mm2, s->volume_mm3);
        if (s->touches >= 0) fprintf(t.out, "%d", s->touches + 1);
        fputc('\n', t.out);
    }
    return text_close(&t, ret, errs);
}

/* ---- the card -------------------------------------------------------------------------------------------- */

/* Sheets of paper glued on one another, with windows cut through more and more of them: their depth is what a caliper
 * says of the pile. */
enum { STEPS = 5 };
static const double mm = 72 / 25.4, windows_mm[] = {6, 3, 1.5};
static const double across_mm = 210, down_mm = 297;

/* Letters are set in points: set in mm, each would be rounded to a whole one. */
static void put_words(cairo_t *c, double x, double y, int how, double size, bool bold,
                      const char *words) {
    cairo_save(c);
    cairo_scale(c, 1 / mm, 1 / mm);
    put_text(c, x * mm, y * mm, how, size * mm, bold, words);
    cairo_restore(c);
}

static void put_ruler(cairo_t *c, double x, double y, bool upright) {
    for (int i = 0; i <= 50; i++) {
        const double long_mm = i % 10 == 0 ? 4 : i % 5 == 0 ? 3 : 2, at = i;
        if (upright)
            put_line(c, x, y + at, x + long_mm, y + at, 0.15);
        else
            put_line(c, x + at, y, x + at, y + long_mm, 0.15);
    }
    if (upright)
        put_words(c, x + 6, y + 25, LEFT, 3, false, "50 mm");
    else
        put_words(c, x + 54, y + 2, LEFT, 3, false, "50 mm");
}

static void put_windows(cairo_t *c, int step) {
    char label[60];
    const double x = 32 + 32 * step, y = 150;
    snprintf(label, sizeof label, "%d", step + 1);
    put_words(c, x, y - 9, CENTRE, 5, true, label);
    double top = y;
    for (int i = 0; i < 3; i++) {
        const double r = 0.5 * windows_mm[i];
        cairo_set_line_width(c, 0.15);
        cairo_arc(c, x, top + r, r, 0, 6.283185307179586);
        cairo_stroke(c);
        top += windows_mm[i] + 6;
    }
}

static void put_lines(cairo_t *c, double y, int n, const char *const *lines) {
    for (int i = 0; i < n; i++) put_words(c, 20, y + 6 * i, LEFT, 3.6, false, lines[i]);
}

static void draw_card(cairo_t *c, const char *program) {
    static const char *const how[] = {
        "1   Print six of these at 100 %. Both rulers must measure 50 mm.",
        "2   Leave one whole. Of the others cut circles out, best with a punch: of the first sheet",
        "     those of columns 1 to 5, of the second 2 to 5, of the third 3 to 5, of the fourth 4 "
        "and 5,",
        "     of the fifth 5.",
        "3   Glue the fifth on the whole one, on it the fourth, and so on, rulers over rulers; the "
        "first",
        "     lies on top. Measure the pile with a caliper each time. A column is as deep as its "
        "number",
        "     of sheets from the top: some 0.1 mm each of 80 g/m2. How deep is each?"};
    static const char *const then[] = {
        "4   Take it with the camera three times, moved in between, and measure:",
        "     cit measure FIRST SECOND THIRD",
        "     Depths say the error of the scale; what differs between takes, the repeat; the "
        "narrowest",
        "     window that is found, what the camera resolves.",
        "5   Put them into a file in data/cameras/, with the date and this card as their source.",
        "",
        "Paper is matt and white and lies flat: skin is none of that. What fails here fails on a "
        "face;",
        "what works here may not."};
    cairo_scale(c, mm, mm);
    set_colour(c, ink, 1);
    put_words(c, 20, 22, LEFT, 6, true, "A card of steps, to check a camera");
    put_lines(c, 36, 7, how);
    for (int i = 0; i < STEPS; i++) {
        const double x = 20 + 34 * i;
        char label[20];
        snprintf(label, sizeof label, "%d:", i + 1);
        put_words(c, x, 88, LEFT, 4, false, label);
        put_line(c, x + 6, 90, x + 18, 90, 0.15);
        put_words(c, x + 19.5, 88, LEFT, 4, false, "mm");
    }
    put_ruler(c, 20, 108, false);
    put_ruler(c, 184, 132, true);
    for (int i = 0; i < STEPS; i++) put_windows(c, i);
    put_lines(c, 205, 8, then);
    set_colour(c, ink, 0.6);
    put_words(c, across_mm - 15, down_mm - 10, RIGHT, 3, false, program);
}

static cit_status card_pdf(const char *program, unsigned char **ret, size_t *ret_size,
                           cit_errors *errs) {
    sink s = {0};
    cairo_surface_t *surface =
        cairo_pdf_surface_create_for_stream(sink_take, &s, across_mm * mm, down_mm * mm);
    /* The same bytes again: a date would be the clock's. */
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "2026-01-01T00:00:00Z");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE,
                                   "A card of steps, to check a camera");
    cairo_t *c = cairo_create(surface);
    draw_card(c, program);
    cairo_show_page(c);
    const cairo_status_t drawn = cairo_status(c);
    cairo_destroy(c);
    cairo_surface_finish(surface);
    const cairo_status_t written = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (drawn != CAIRO_STATUS_SUCCESS || written != CAIRO_STATUS_SUCCESS) {
        free(s.bytes);
        return cit_fail(errs, CIT_INTERNAL, "", "the card could not be drawn");
    }
    *ret = s.bytes;
    *ret_size = s.size;
    return CIT_OK;
}

/* ---- a folder -------------------------------------------------------------------------------------------- */

typedef struct box {
    cit_product *files;
    int count;
} box;

static void put_in(box *b, const char *name, void *bytes, size_t size) {
    cit_product *p = &b->files[b->count++];
    snprintf(p->name, sizeof p->name, "%s", name);
    p->bytes = bytes;
    p->size = size;
}

/* A surface twice, and what is true of it. */
static cit_status put_phantom(const cit_phantom *p, const char *const names[3], box *b,
                              cit_errors *errs) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    char *text = NULL;
    cit_status st = cit_heights_write_x3p(p->heights, &bytes, &size, errs);
    if (st != CIT_OK) return st;
    put_in(b, names[0], bytes, size);
    st = cit_heights_write_gsf(p->heights, &bytes, &size, errs);
    if (st != CIT_OK) return st;
    put_in(b, names[1], bytes, size);
    st = truth_csv(p, &text, errs);
    if (st == CIT_OK) put_in(b, names[2], text, strlen(text));
    return st;
}

cit_status cit_report_phantom_write(const cit_phantom *p, const cit_phantom *later,
                                    const char *program, const char *folder, bool force,
                                    cit_errors *errs) {
    static const char *const first_names[] = {"phantom.x3p", "phantom.gsf", "truth.csv"},
                             *const later_names[] = {"later.x3p", "later.gsf", "truth-later.csv"},
                             *const sometimes[] = {"later.x3p", "later.gsf", "truth-later.csv",
                                                   NULL};
    enum { FILES = 7 };
    cit_product files[FILES] = {0};
    box b = {files, 0};
    unsigned char *card = NULL;
    size_t size = 0;
    cit_status st = CIT_OK;
    CIT_TRY(cit_folder_may_write(folder, force, errs));
    CIT_TRY(put_phantom(p, first_names, &b, errs));
    if (later != NULL) CIT_TRY(put_phantom(later, later_names, &b, errs));
    CIT_TRY(card_pdf(program, &card, &size, errs));
    put_in(&b, "step-card.pdf", card, size);
    CIT_TRY(cit_folder_write(files, b.count, sometimes, folder, force, errs));
done:
    for (int i = 0; i < b.count; i++) free(files[i].bytes);
    return st;
}
