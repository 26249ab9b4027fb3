/* A document on A4 with words, tables and pictures, written from top to bottom.
 *
 * Everything is cells: words in columns side by side, which go on where they fit and break at a line where they
 * are longer than what is left. The whole is written twice, first to count the sheets. */
#include "report_impl.h"
#include <cairo-pdf.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

static const double point_mm = 72 / 25.4, margin_mm = 15;
static const double sheet_w_mm = 210, sheet_h_mm = 297;
static const double least_pt = 7, touch = 0.01;
static const colour dim = {0.36, 0.39, 0.43};
static const colour tones[] = {{0.10, 0.45, 0.22}, {0.78, 0.48, 0.02}, {0.73, 0.09, 0.12}};

typedef struct face {
    double size, above; /* points */
    bool bold;
    const colour *colour;
    const char *tag;
    double stays; /* with so many points of what follows */
} face;
static const face faces[SHEET_FACES] = {
    [SHEET_TITLE] = {18, 0, true, &ink, "H1", 60},
    [SHEET_SUBTITLE] = {10, 2, false, &dim, "P", 40},
    [SHEET_HEADING] = {11.5, 9, true, &ink, "H2", 90},
    [SHEET_WORDS] = {9.5, 3, false, &ink, "P", 0},
    [SHEET_SMALL] = {8.5, 3, false, &ink, "P", 0},
    [SHEET_NOTE] = {7.8, 2.5, false, &dim, "P", 0},
    [SHEET_VERDICT] = {11.5, 6, true, &ink, "P", 0},
    [SHEET_COLUMN] = {7.8, 5, true, &dim, "TH", 70},
    [SHEET_CELL] = {8.3, 0, false, &ink, "TD", 0},
    [SHEET_BULLET] = {9.5, 2.5, false, &ink, "LBody", 0},
};

typedef struct cell {
    double x, width;
    const char *words;
    int face;
    PangoLayout *laid;
    int next;    /* line */
    double used; /* height of the lines that stand on earlier sheet_pile */
} cell;

struct sheet_pile {
    cairo_t *c;
    PangoContext *fonts;
    const sheet_facts *facts;
    PangoLayout *foot;
    double scale, left, width, top, bottom, y;
    int page, pages; /* pages 0: nobody has counted yet */
    bool begun;      /* something stands on this sheet */
    const char *group;
    int column_count; /* of the table that is open; 0: none */
    double shares[CIT_PAGE_CELLS_MAX];
    const char *headings[CIT_PAGE_CELLS_MAX];
};

/* ---- words ---------------------------------------------------------------------------------- */

static PangoLayout *lay(const sheet_pile *s, const char *words, int face_at, double width) {
    const face *f = &faces[face_at];
    PangoLayout *l = pango_layout_new(s->fonts);
    PangoFontDescription *font = pango_font_description_from_string("DejaVu Sans");
    PangoAttrList *how = pango_attr_list_new();
    pango_attr_list_insert(how, pango_attr_insert_hyphens_new(FALSE));
    pango_attr_list_insert(how, pango_attr_font_features_new("liga=0, clig=0"));
    pango_font_description_set_absolute_size(font,
                                             fmax(f->size * s->scale, least_pt) * PANGO_SCALE);
    if (f->bold) pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
    pango_layout_set_font_description(l, font);
    pango_layout_set_attributes(l, how);
    pango_layout_set_line_spacing(l, 1.15F);
    pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_width(l, (int)(width * PANGO_SCALE));
    pango_layout_set_text(l, words != NULL ? words : "", -1);
    pango_attr_list_unref(how);
    pango_font_description_free(font);
    return l;
}

static double height_of(PangoLayout *l) {
    int width = 0, height = 0;
    pango_layout_get_size(l, &width, &height);
    return (double)height / PANGO_SCALE;
}

/* ---- sheets --------------------------------------------------------------------------------- */

static void put_foot(const sheet_pile *s) {
    char number[60], of[16], at[16];
    snprintf(at, sizeof at, "%d", s->page);
    snprintf(of, sizeof of, "%d", s->pages);
    cit_text_fill(number, sizeof number, s->facts->number, "n", at, "m", of, NULL);
    PangoLayout *l = lay(s, number, SHEET_NOTE, 60);
    const double y = sheet_h_mm * point_mm - margin_mm * point_mm - height_of(s->foot) + 4;
    pango_layout_set_alignment(l, PANGO_ALIGN_RIGHT);
    set_colour(s->c, pale, 1);
    put_line(s->c, s->left, y - 4, s->left + s->width, y - 4, 0.5);
    set_colour(s->c, dim, 1);
    cairo_move_to(s->c, s->left, y);
    pango_cairo_show_layout(s->c, s->foot);
    cairo_move_to(s->c, s->left + s->width - 60, y);
    pango_cairo_show_layout(s->c, l);
    cairo_new_path(s->c);
    g_object_unref(l);
}

/* Lists and tables are groups to a program that reads aloud; each ends with its sheet. */
static void set_group(sheet_pile *s, const char *group) {
    if (s->group == group) return;
    if (s->group != NULL) cairo_tag_end(s->c, s->group);
    if (group != NULL) cairo_tag_begin(s->c, group, NULL);
    s->group = group;
}

static void put_cells(sheet_pile *s, cell *cells, int n, const char *row_tag);

static void put_headings(sheet_pile *s) {
    cell cells[CIT_PAGE_CELLS_MAX];
    double x = 0;
    const double apart = 8, room = s->width - apart * (s->column_count - 1);
    for (int i = 0; i < s->column_count; i++) {
        const double w = room * s->shares[i];
        cells[i] = (cell){.x = x, .width = w, .words = s->headings[i], .face = SHEET_COLUMN};
        x += w + apart;
    }
    const int columns = s->column_count;
    s->column_count = 0; /* on their way to another sheet they do not put themselves there too */
    put_cells(s, cells, columns, "TR");
    s->column_count = columns;
    set_colour(s->c, ink, 1);
    put_line(s->c, s->left, s->y + 1, s->left + s->width, s->y + 1, 0.8);
    s->y += 3;
}

static void next_sheet(sheet_pile *s) {
    const char *group = s->group;
    const int columns = s->column_count;
    set_group(s, NULL);
    put_foot(s);
    cairo_show_page(s->c);
    s->page++;
    s->y = s->top;
    s->begun = false;
    set_group(s, group);
    s->column_count = 0; /* headings that are longer than a sheet do not repeat themselves */
    if (columns > 0) {
        s->column_count = columns;
        put_headings(s);
    }
}

/* ---- cells ---------------------------------------------------------------------------------- */

/* Draws the lines that fit; false: some are left. */
static bool put_lines(sheet_pile *s, cell *e, double *ret_low) {
    const face *f = &faces[e->face];
    PangoLayoutIter *at = pango_layout_get_iter(e->laid);
    bool all = true;
    int line = 0;
    set_colour(s->c, *f->colour, 1);
    if (f->tag != NULL) cairo_tag_begin(s->c, f->tag, NULL);
    do {
        int top = 0, bottom = 0;
        PangoRectangle logical;
        pango_layout_iter_get_line_yrange(at, &top, &bottom);
        pango_layout_iter_get_line_extents(at, NULL, &logical);
        const double low = s->y + (double)bottom / PANGO_SCALE - e->used;
        if (line++ < e->next) continue;
        all = low <= s->bottom + touch || (s->y <= s->top + touch && line == e->next + 1);
        if (!all) {
            e->used = (double)top / PANGO_SCALE;
            break;
        }
        cairo_move_to(s->c, s->left + e->x + (double)logical.x / PANGO_SCALE,
                      s->y - e->used + (double)pango_layout_iter_get_baseline(at) / PANGO_SCALE);
        pango_cairo_show_layout_line(s->c, pango_layout_iter_get_line_readonly(at));
        e->next = line;
        *ret_low = fmax(*ret_low, low);
    } while (pango_layout_iter_next_line(at));
    cairo_new_path(s->c);
    if (f->tag != NULL) cairo_tag_end(s->c, f->tag);
    pango_layout_iter_free(at);
    return all;
}

/* Short blocks stay whole. */
static void make_room(sheet_pile *s, double height, double stays) {
    const double page = s->bottom - s->top, with = height + stays;
    if (s->begun && s->y + with > s->bottom && (with < 0.25 * page || s->y + 30 > s->bottom))
        next_sheet(s);
}

static void put_cells(sheet_pile *s, cell *cells, int n, const char *row_tag) {
    double tallest = 0;
    double stays = 0;
    bool all = false;
    for (int i = 0; i < n; i++) {
        cells[i].laid = lay(s, cells[i].words, cells[i].face, cells[i].width);
        cells[i].next = 0;
        cells[i].used = 0;
        tallest = fmax(tallest, height_of(cells[i].laid));
        stays = fmax(stays, faces[cells[i].face].stays);
    }
    if (s->begun) s->y += faces[cells[n - 1].face].above * s->scale;
    make_room(s, tallest, stays);
    for (;;) {
        double low = s->y;
        all = true;
        s->begun = true;
        if (row_tag != NULL) cairo_tag_begin(s->c, row_tag, NULL);
        for (int i = 0; i < n; i++)
            if (cells[i].next < pango_layout_get_line_count(cells[i].laid))
                all = put_lines(s, &cells[i], &low) && all;
        if (row_tag != NULL) cairo_tag_end(s->c, row_tag);
        s->y = low;
        if (all) break;
        next_sheet(s);
    }
    for (int i = 0; i < n; i++) g_object_unref(cells[i].laid);
}

/* ---- what stands on sheets ---------------------------------------------------------------------- */

void sheet_words(sheet_pile *s, sheet_face which, const char *words) {
    cell one = {.width = s->width, .words = words, .face = (int)which};
    sheet_table_end(s);
    set_group(s, NULL);
    put_cells(s, &one, 1, NULL);
}

void sheet_bullet(sheet_pile *s, const char *mark, const char *words) {
    const double indent = 4, hang = 17;
    cell two[] = {{.x = indent, .width = hang, .words = mark, .face = SHEET_BULLET},
                  {.x = hang, .width = s->width - hang, .words = words, .face = SHEET_BULLET}};
    if (strcmp(mark, "-") == 0) two[0].words = "\xe2\x80\xa2";
    sheet_table_end(s);
    set_group(s, "L");
    put_cells(s, two, 2, "LI");
}

void sheet_panel(sheet_pile *s, cit_page_tone tone, const char *words) {
    const double side = 10, pad = 6;
    sheet_table_end(s);
    set_group(s, NULL);
    PangoLayout *l = lay(s, words, SHEET_VERDICT, s->width - 2 * side);
    const double h = height_of(l) + 2 * pad;
    g_object_unref(l);
    s->y += s->begun ? 4 : 0;
    if (s->begun && s->y + h > s->bottom) next_sheet(s);
    const colour k = tones[tone];
    cairo_rectangle(s->c, s->left + 0.4, s->y + 0.4, s->width - 0.8, h - 0.8);
    cairo_set_source_rgb(s->c, 1 - 0.09 * (1 - k.r), 1 - 0.09 * (1 - k.g), 1 - 0.09 * (1 - k.b));
    cairo_fill_preserve(s->c);
    set_colour(s->c, k, 1);
    cairo_set_line_width(s->c, 0.8);
    cairo_stroke(s->c);
    cairo_rectangle(s->c, s->left, s->y, 4, h);
    cairo_fill(s->c);
    cell one = {.x = side, .width = s->width - 2 * side, .words = words, .face = SHEET_VERDICT};
    s->y += pad;
    s->begun = false;
    put_cells(s, &one, 1, NULL);
    s->y += pad;
}

void sheet_table(sheet_pile *s, int n, const double *shares, const char *const *headings) {
    double sum = 0;
    sheet_table_end(s);
    set_group(s, "Table");
    for (int i = 0; i < n; i++) sum += shares[i];
    for (int i = 0; i < n; i++) {
        s->shares[i] = shares[i] / sum;
        s->headings[i] = headings[i];
    }
    s->column_count = n;
    put_headings(s);
}

void sheet_row(sheet_pile *s, const char *const *words) {
    cell cells[CIT_PAGE_CELLS_MAX];
    double x = 0;
    const int n = s->column_count;
    const double apart = 8, room = s->width - apart * (n - 1);
    for (int i = 0; i < n; i++) {
        const double w = room * s->shares[i];
        cells[i] = (cell){.x = x, .width = w, .words = words[i], .face = SHEET_CELL};
        x += w + apart;
    }
    s->y += 1.5;
    put_cells(s, cells, n, "TR");
    set_colour(s->c, pale, 1);
    put_line(s->c, s->left, s->y + 1.5, s->left + s->width, s->y + 1.5, 0.4);
    s->y += 1.5;
}

void sheet_table_end(sheet_pile *s) {
    if (s->column_count == 0) return;
    s->column_count = 0;
    s->y += 3;
}

void sheet_picture(sheet_pile *s, double width, double height, double share,
                   void (*draw)(cairo_t *c, const void *of), const void *of) {
    const double smallest = 0.6, whole = fmin(share, 1) * s->width / width;
    sheet_table_end(s);
    set_group(s, NULL);
    s->y += s->begun ? 6 : 0;
    const double fits = (s->bottom - s->y) / height;
    if (s->begun && fits < smallest * whole) next_sheet(s);
    const double scale = s->begun ? fmin(whole, fits) : whole, w = scale * width;
    cairo_save(s->c);
    cairo_tag_begin(s->c, "Figure", NULL);
    cairo_translate(s->c, s->left + 0.5 * (s->width - w), s->y);
    cairo_scale(s->c, scale, scale);
    draw(s->c, of);
    cairo_tag_end(s->c, "Figure");
    cairo_restore(s->c);
    s->y += scale * height;
    s->begun = true;
}

void sheet_break(sheet_pile *s) {
    sheet_table_end(s);
    set_group(s, NULL);
    if (s->begun) next_sheet(s);
}

void sheet_room(sheet_pile *s, double points) {
    sheet_table_end(s);
    set_group(s, NULL);
    if (s->begun && s->y + points * s->scale > s->bottom) next_sheet(s);
}

void sheet_scale(sheet_pile *s, double scale) { s->scale = scale; }

/* ---- the document --------------------------------------------------------------------------- */

static bool set_facts(cairo_surface_t *surface, const sheet_facts *f) {
    char date[16], moment[40];
    if (f->day < -719162 || f->day > 2932896) return false; /* 0001-01-01 to 9999-12-31 */
    cit_date_format(f->day, date);
    snprintf(moment, sizeof moment, "%sT00:00:00Z", date);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, moment);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, moment);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, f->title);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "cit");
    return true;
}

static void sheets_open(sheet_pile *s, cairo_surface_t *surface) {
    cairo_font_options_t *smooth = cairo_font_options_create();
    s->c = cairo_create(surface);
    s->fonts = pango_cairo_create_context(s->c);
    cairo_font_options_set_hint_style(smooth, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(smooth, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(s->fonts, smooth);
    pango_context_set_round_glyph_positions(s->fonts, FALSE);
    cairo_font_options_destroy(smooth);
    s->scale = 1;
    s->left = s->top = margin_mm * point_mm;
    s->width = sheet_w_mm * point_mm - 2 * s->left;
    s->foot = lay(s, s->facts->footer, SHEET_NOTE, s->width - 70);
    s->bottom = sheet_h_mm * point_mm - s->top - height_of(s->foot) - 8;
    s->y = s->top;
    s->page = 1;
}

/* Writes all of it once; the sheets it took. */
static cairo_status_t write_once(const sheet_facts *facts, int pages, sheet_content *content,
                                 const void *of, sink *out, int *ret_pages) {
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(
        sink_take, out, sheet_w_mm * point_mm, sheet_h_mm * point_mm);
    sheet_pile s = {.facts = facts, .pages = pages};
    set_facts(surface, facts);
    sheets_open(&s, surface);
    cairo_tag_begin(s.c, "Document", NULL);
    content(&s, of);
    sheet_table_end(&s);
    set_group(&s, NULL);
    cairo_tag_end(s.c, "Document");
    put_foot(&s);
    cairo_show_page(s.c);
    cairo_surface_finish(surface);
    cairo_status_t status = cairo_status(s.c);
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(surface);
    *ret_pages = s.page;
    g_object_unref(s.foot);
    g_object_unref(s.fonts);
    cairo_destroy(s.c);
    cairo_surface_destroy(surface);
    return status;
}

int sheets_count(const sheet_facts *facts, sheet_content *content, const void *of) {
    sink out = {0};
    int pages = 0;
    const cairo_status_t status = write_once(facts, 0, content, of, &out, &pages);
    free(out.bytes);
    return status == CAIRO_STATUS_SUCCESS ? pages : 0;
}

cit_status sheets_pdf(const sheet_facts *facts, sheet_content *content, const void *of,
                      unsigned char **ret, size_t *ret_size, cit_errors *errs) {
    sink out = {0};
    int pages = 0;
    if (facts->day < -719162 || facts->day > 2932896)
        return cit_fail(errs, CIT_INVALID, facts->title, "a date in the years 1 to 9999 is needed");
    const int count = sheets_count(facts, content, of);
    const cairo_status_t status = write_once(facts, count, content, of, &out, &pages);
    if (status != CAIRO_STATUS_SUCCESS) {
        free(out.bytes);
        return cit_fail(errs, CIT_INTERNAL, facts->title, "the PDF could not be made: %s",
                        cairo_status_to_string(status));
    }
    *ret = out.bytes;
    *ret_size = out.size;
    return CIT_OK;
}
