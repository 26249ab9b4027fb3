/* A page on paper.
 *
 * Each block is laid out as a strip: marks (words, lines, boxes, panels) at places from its top left
 * corner, in points. Strips are dealt out to sheets as pieces, a piece being a strip from one height to
 * another, nearly always all of it. Then every sheet draws its pieces. To fit one sheet the strips are
 * laid out again at a smaller scale. */
#include "report_impl.h"
#include <cairo-pdf.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

static const double point_mm = 72 / 25.4, margin_mm = 15;
static const double least_pt = 7;       /* of any text, however small the scale */
static const double least_column = 16;  /* points */
static const double line_spacing = 1.2; /* of the font's own */
enum { SCALE_LEAST = 75, SCALE_STEP = 5 /* percent; 75 is 7.5 pt of body text */ };

/* ---- what words look like ------------------------------------------------------------------- */

static const colour dim = {0.36, 0.39, 0.43}, middling = {0.58, 0.60, 0.64};
static const colour tones[] = {{0.10, 0.45, 0.22}, {0.78, 0.48, 0.02}, {0.73, 0.09, 0.12}};

typedef struct face {
    double size; /* points at scale 1 */
    bool bold;
    const colour *colour;
} face;
static const face title_face = {18, true, &ink}, subtitle_face = {10.5, false, &dim},
                  heading_face = {12, true, &ink}, body_face = {10, false, &ink},
                  note_face = {8.5, false, &dim}, verdict_face = {12, true, &ink},
                  column_face = {8.5, true, &dim}, label_face = {8, false, &dim},
                  foot_face = {8, false, &dim};

/* ---- strips --------------------------------------------------------------------------------- */

typedef enum mark_kind { MARK_WORDS, MARK_LINE, MARK_BOX, MARK_PANEL } mark_kind;

typedef struct mark {
    mark_kind kind;
    double x, y, w, h;
    double thick; /* of a line */
    colour colour;
    PangoLayout *words;
    const char *tag; /* what the words are to a screen reader; NULL: what their strip is */
} mark;

typedef struct strip {
    block_kind kind;
    int table;  /* a row's table, as the place of its strip; -1: none */
    double gap; /* room above, but at the top of a sheet */
    double height;
    mark *marks;
    int count;
} strip;

/* From one height of a strip to another, on a sheet at this height below the margin. */
typedef struct piece {
    int strip, sheet;
    double y, from, to;
} piece;

typedef struct printer {
    cairo_t *c;
    PangoContext *fonts;
    double sheet_w, sheet_h, margin; /* points */
    double width, height;            /* of what blocks may fill */
    double scale;
    double lead; /* width of the widest mark or question of this run of blocks */
    PangoLayout *footer;
    strip *strips;
    int strip_count;
    piece *pieces;
    int piece_count, capacity;
    int sheets;
} printer;

/* ---- words ---------------------------------------------------------------------------------- */

static double size_of(const printer *p, const face *f) {
    return fmax(f->size * p->scale, least_pt);
}

/* Words in lines of this width. Never hyphenated: what is broken may be a number or an address. No
 * ligatures: not every program that searches or reads aloud takes them apart. */
static PangoLayout *set_words(const printer *p, const char *given, const face *f, double size,
                              double width) {
    PangoLayout *words = pango_layout_new(p->fonts);
    PangoFontDescription *font = pango_font_description_from_string("DejaVu Sans");
    PangoAttrList *how = pango_attr_list_new();
    pango_attr_list_insert(how, pango_attr_insert_hyphens_new(FALSE));
    pango_attr_list_insert(how, pango_attr_font_features_new("liga=0, clig=0"));
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    if (f->bold) pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
    pango_layout_set_font_description(words, font);
    pango_layout_set_attributes(words, how);
    pango_layout_set_line_spacing(words, (float)line_spacing);
    pango_layout_set_wrap(words, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_width(words, (int)(width * PANGO_SCALE));
    pango_layout_set_text(words, given, -1);
    pango_attr_list_unref(how);
    pango_font_description_free(font);
    return words;
}

static double height_of(PangoLayout *words) {
    int width = 0, height = 0;
    pango_layout_get_size(words, &width, &height);
    return (double)height / PANGO_SCALE;
}

static double width_of(PangoLayout *words) {
    PangoRectangle logical;
    pango_layout_get_extents(words, NULL, &logical);
    return (double)logical.width / PANGO_SCALE;
}

static double natural_width(const printer *p, const char *given, const face *f) {
    PangoLayout *words = set_words(p, given, f, size_of(p, f), 1e5);
    const double width = width_of(words);
    g_object_unref(words);
    return width;
}

/* ---- marks ---------------------------------------------------------------------------------- */

static mark *add_mark(strip *s, mark m) {
    s->marks[s->count] = m;
    return &s->marks[s->count++];
}

/* Returns the words' height. */
static double add_words(const printer *p, strip *s, const char *given, const face *f, double x,
                        double y, double width, const char *tag) {
    const mark *m = add_mark(s, (mark){.kind = MARK_WORDS,
                                       .x = x,
                                       .y = y,
                                       .colour = *f->colour,
                                       .words = set_words(p, given, f, size_of(p, f), width),
                                       .tag = tag});
    return height_of(m->words);
}

static void add_line(strip *s, double x, double y, double w, double thick, colour k) {
    add_mark(s, (mark){.kind = MARK_LINE, .x = x, .y = y, .w = w, .thick = thick, .colour = k});
}

static void add_box(strip *s, double x, double y, double w, double h, colour k) {
    add_mark(s, (mark){.kind = MARK_BOX, .x = x, .y = y, .w = w, .h = h, .colour = k});
}

static void add_tick_box(strip *s, double x, double y, double side) {
    add_box(s, x, y, side, side, ink);
}

/* ---- blocks --------------------------------------------------------------------------------- */

typedef void lay_function(const printer *p, strip *s, const block *b);

static void lay_title(const printer *p, strip *s, const block *b) {
    s->height = add_words(p, s, b->texts[0], &title_face, 0, 0, p->width, NULL);
}

static void lay_subtitle(const printer *p, strip *s, const block *b) {
    s->height = add_words(p, s, b->texts[0], &subtitle_face, 0, 0, p->width, NULL);
}

static void lay_heading(const printer *p, strip *s, const block *b) {
    s->height = add_words(p, s, b->texts[0], &heading_face, 0, 0, p->width, NULL);
}

static void lay_paragraph(const printer *p, strip *s, const block *b) {
    s->height = add_words(p, s, b->texts[0], &body_face, 0, 0, p->width, NULL);
}

static void lay_note(const printer *p, strip *s, const block *b) {
    s->height = add_words(p, s, b->texts[0], &note_face, 0, 0, p->width, NULL);
}

static void lay_verdict(const printer *p, strip *s, const block *b) {
    const double side = 12 * p->scale, top = 8 * p->scale;
    mark *panel = add_mark(s, (mark){.kind = MARK_PANEL, .w = p->width, .colour = tones[b->tone]});
    s->height = 2 * top + add_words(p, s, b->texts[0], &verdict_face, side + panel->x, top,
                                    p->width - 2 * side, NULL);
    panel->h = s->height;
}

/* A tick box's side and the height of a line it stands on. */
static double box_side(const printer *p) { return 0.95 * size_of(p, &body_face); }

static double box_line(const printer *p) { return 1.75 * size_of(p, &body_face); }

static double body_line(const printer *p) { return 1.164 * size_of(p, &body_face); }

static bool is_tick_box(const char *mark_text) { return strcmp(mark_text, "[ ]") == 0; }

static const char *paper_mark(const char *mark_text) {
    return strcmp(mark_text, "-") == 0 ? "\xe2\x80\xa2" : mark_text;
}

static void lay_bullet(const printer *p, strip *s, const block *b) {
    const double indent = 6 * p->scale, hang = indent + p->lead + 6 * p->scale;
    const double side = box_side(p), drop = 0.5 * (body_line(p) - side);
    double mark_h = 0;
    if (is_tick_box(b->texts[0]))
        add_tick_box(s, indent, drop, side);
    else
        mark_h =
            add_words(p, s, paper_mark(b->texts[0]), &body_face, indent, 0, p->lead + 2, "Lbl");
    s->height =
        fmax(mark_h, add_words(p, s, b->texts[1], &body_face, hang, 0, p->width - hang, "LBody"));
}

/* Where a block's cells begin, and how wide they are; the width of the narrowest. */
static double spread(const printer *p, const block *b, double apart, double *x, double *w) {
    const double room = p->width - apart * (b->count - 1);
    double sum = 0, narrowest = p->width;
    for (int i = 0; i < b->count; i++) {
        x[i] = sum * room + apart * i;
        w[i] = b->shares[i] * room;
        sum += b->shares[i];
        narrowest = fmin(narrowest, w[i]);
    }
    return narrowest;
}

static void lay_cells(const printer *p, strip *s, const block *b, const face *f, const char *tag) {
    double x[CIT_PAGE_CELLS_MAX], w[CIT_PAGE_CELLS_MAX], tallest = 0;
    const double pad = 3 * p->scale;
    spread(p, b, 10 * p->scale, x, w);
    for (int i = 0; i < b->count; i++)
        tallest = fmax(tallest, add_words(p, s, b->texts[i], f, x[i], pad, w[i], tag));
    s->height = tallest + 2 * pad;
}

static void lay_table(const printer *p, strip *s, const block *b) {
    lay_cells(p, s, b, &column_face, "TH");
    add_line(s, 0, s->height, p->width, 0.9, ink);
}

static void lay_row(const printer *p, strip *s, const block *b) {
    lay_cells(p, s, b, &body_face, "TD");
    add_line(s, 0, s->height, p->width, 0.5, pale);
}

/* Frames to write in, each with its small label in the corner. */
static void lay_fields(const printer *p, strip *s, const block *b) {
    const double hand = 6.5 * point_mm * fmax(p->scale, 0.85), pad = 3.5 * p->scale;
    double x[CIT_PAGE_CELLS_MAX], w[CIT_PAGE_CELLS_MAX], tallest = 0;
    spread(p, b, 6 * p->scale, x, w);
    for (int i = 0; i < b->count; i++)
        tallest = fmax(tallest, add_words(p, s, b->texts[i], &label_face, x[i] + pad, pad,
                                          w[i] - 2 * pad, NULL));
    s->height = pad + tallest + hand;
    for (int i = 0; i < b->count; i++) add_box(s, x[i], 0, w[i], s->height, middling);
}

static void lay_boxes(const printer *p, strip *s, const block *b) {
    const double side = box_side(p), line = box_line(p), near = 5 * p->scale, far = 16 * p->scale;
    const double lead = b->texts[0][0] != 0 ? fmin(p->lead, 0.36 * p->width) : 0;
    const double start = lead > 0 ? lead + far : 0;
    const double drop = 0.5 * (line - body_line(p)), most = p->width - start - side - near;
    double x = start, y = 0;
    const double label_h = add_words(p, s, b->texts[0], &body_face, 0, drop, lead + 2, NULL);
    for (int i = 1; i < b->count; i++) {
        const double wide = fmin(natural_width(p, b->texts[i], &body_face) + 1, most);
        if (x > start && x + side + near + wide > p->width) {
            x = start;
            y += line;
        }
        add_tick_box(s, x, y + 0.5 * (line - side), side);
        const double h =
            add_words(p, s, b->texts[i], &body_face, x + side + near, y + drop, wide, NULL);
        if (h > line) y += h - body_line(p);
        x += side + near + wide + far;
    }
    s->height = fmax(y + line, label_h + 2 * drop);
}

/* Room above a block, between two of its kind, and below it, in points at scale 1; what a screen reader
 * is told. */
static const struct {
    lay_function *lay;
    double above, between, below;
    bool stays; /* with what follows */
    const char *group, *tag;
} kinds[BLOCK_KINDS] = {
    [BLOCK_TITLE] = {lay_title, 0, 0, 10, true, NULL, "H1"},
    [BLOCK_SUBTITLE] = {lay_subtitle, 2, 0, 10, true, NULL, "P"},
    [BLOCK_HEADING] = {lay_heading, 14, 14, 5, true, NULL, "H2"},
    [BLOCK_PARAGRAPH] = {lay_paragraph, 6, 6, 6, false, NULL, "P"},
    [BLOCK_NOTE] = {lay_note, 4, 3, 6, false, NULL, "P"},
    [BLOCK_VERDICT] = {lay_verdict, 8, 6, 8, false, NULL, "P"},
    [BLOCK_BULLET] = {lay_bullet, 4, 5, 6, false, "L", "LI"},
    [BLOCK_TABLE] = {lay_table, 4, 10, 0, true, "Table", "TR"},
    [BLOCK_ROW] = {lay_row, 0, 0, 8, false, "Table", "TR"},
    [BLOCK_FIELDS] = {lay_fields, 4, 4, 8, false, NULL, "P"},
    [BLOCK_BOXES] = {lay_boxes, 4, 0, 6, false, NULL, "P"},
    [BLOCK_SPACE] = {NULL, 12, 12, 12, false, NULL, NULL},
};

/* Between two neighbours: what one wants below it, or the other above it. */
static double gap_between(const block *above, const block *b) {
    if (above == NULL) return 0;
    if (above->kind == b->kind) return kinds[b->kind].between;
    if (b->kind == BLOCK_SUBTITLE || b->kind == BLOCK_NOTE) return kinds[b->kind].above;
    return fmax(kinds[above->kind].below, kinds[b->kind].above);
}

static double widest_lead(const printer *p, const cit_page *page, int i) {
    double widest = 0;
    for (int n = page_run(page, i), j = i; j < i + n; j++) {
        const block *b = &page->blocks[j];
        const char *lead = b->kind == BLOCK_BULLET ? paper_mark(b->texts[0]) : b->texts[0];
        const bool ticks = b->kind == BLOCK_BULLET && is_tick_box(lead);
        widest = fmax(widest, ticks ? box_side(p) : natural_width(p, lead, &body_face));
    }
    return widest;
}

static void forget_strips(printer *p) {
    for (int i = 0; i < p->strip_count; i++) {
        for (int j = 0; j < p->strips[i].count; j++)
            if (p->strips[i].marks[j].words != NULL) g_object_unref(p->strips[i].marks[j].words);
        free(p->strips[i].marks);
    }
    free(p->strips);
    p->strips = NULL;
    p->strip_count = p->piece_count = 0;
}

/* Lays out all blocks at the printer's scale. */
static bool lay_page(printer *p, const cit_page *page) {
    const block *above = NULL;
    double spaces = 0;
    int table = -1;
    p->strips = calloc((size_t)page->count + 1, sizeof *p->strips);
    if (p->strips == NULL) return false;
    for (int i = 0; i < page->count; i++) {
        const block *b = &page->blocks[i];
        const bool again = i > 0 && page->blocks[i - 1].kind == b->kind;
        if (b->kind == BLOCK_SPACE) {
            spaces += kinds[BLOCK_SPACE].above;
            continue;
        }
        strip *s = &p->strips[p->strip_count++];
        s->marks = calloc(2 * (size_t)b->count + 2, sizeof *s->marks);
        if (s->marks == NULL) return false;
        if (!again && (b->kind == BLOCK_BULLET || b->kind == BLOCK_BOXES))
            p->lead = widest_lead(p, page, i);
        if (b->kind == BLOCK_TABLE) table = p->strip_count - 1;
        s->kind = b->kind;
        s->table = b->kind == BLOCK_ROW ? table : -1;
        s->gap = p->scale * (spaces + gap_between(above, b));
        kinds[b->kind].lay(p, s, b);
        above = b;
        spaces = 0;
    }
    return true;
}

/* ---- sheets --------------------------------------------------------------------------------- */

static const double touch = 0.01; /* points: less than this is the same height */

static bool add_piece(printer *p, int strip_at, int sheet, double y, double from, double to) {
    if (p->piece_count == p->capacity) {
        const int capacity = 2 * p->capacity + 64;
        piece *grown = realloc(p->pieces, (size_t)capacity * sizeof *grown);
        if (grown == NULL) return false;
        p->pieces = grown;
        p->capacity = capacity;
    }
    p->pieces[p->piece_count++] = (piece){strip_at, sheet, y, from, to};
    return true;
}

typedef struct line_place {
    double top, bottom, baseline, x;
    PangoLayoutLine *line;
} line_place;

static line_place line_at(PangoLayoutIter *at, const mark *m) {
    int top = 0, bottom = 0;
    PangoRectangle logical;
    pango_layout_iter_get_line_yrange(at, &top, &bottom);
    pango_layout_iter_get_line_extents(at, NULL, &logical);
    return (line_place){m->y + (double)top / PANGO_SCALE, m->y + (double)bottom / PANGO_SCALE,
                        m->y + (double)pango_layout_iter_get_baseline(at) / PANGO_SCALE,
                        m->x + (double)logical.x / PANGO_SCALE,
                        pango_layout_iter_get_line_readonly(at)};
}

/* The top of what this mark has across the height, or the height itself. */
static double top_across(const mark *m, double height) {
    if (m->kind == MARK_BOX) return m->y < height && m->y + m->h > height + touch ? m->y : height;
    if (m->kind != MARK_WORDS) return height;
    double top = height;
    PangoLayoutIter *at = pango_layout_get_iter(m->words);
    do {
        const line_place l = line_at(at, m);
        if (l.top < height && l.bottom > height + touch) top = l.top;
    } while (pango_layout_iter_next_line(at));
    pango_layout_iter_free(at);
    return top;
}

/* The greatest height up to `limit` at which nothing is cut through. */
static double cut_at(const strip *s, double limit) {
    for (;;) {
        double cut = limit;
        for (int i = 0; i < s->count; i++) cut = fmin(cut, top_across(&s->marks[i], cut));
        if (cut >= limit - touch) return cut;
        limit = cut;
    }
}

/* The room a strip must find on a sheet to begin there, with what it stays with. */
static double room_for(const printer *p, int i) {
    const double first_lines = 45 * p->scale;
    double room = 0;
    for (; i < p->strip_count; i++) {
        const strip *s = &p->strips[i];
        room += s->height <= p->height ? s->height : first_lines;
        if (!kinds[s->kind].stays || i + 1 == p->strip_count || room > p->height) break;
        room += p->strips[i + 1].gap;
    }
    return room;
}

typedef struct place {
    int sheet;
    double y;
} place;

/* From this place on, over as many sheets as it takes. */
static bool deal_strip(printer *p, int i, place *at) {
    const strip *s = &p->strips[i];
    double from = 0;
    while (from < s->height - touch) {
        const double limit = from + p->height - at->y;
        double to = s->height <= limit + touch ? s->height : cut_at(s, limit);
        if (to <= from + touch && at->y > 0) { /* not one line fits */
            *at = (place){at->sheet + 1, 0};
            continue;
        }
        if (to <= from + touch) to = limit;
        if (!add_piece(p, i, at->sheet, at->y, from, to)) return false;
        at->y += to - from;
        from = to;
        if (from < s->height - touch) *at = (place){at->sheet + 1, 0};
    }
    return true;
}

/* Deals strips out to sheets. */
static bool deal(printer *p) {
    place at = {0, 0};
    for (int i = 0; i < p->strip_count; i++) {
        const strip *s = &p->strips[i];
        const bool top = at.y <= 0;
        if (!top && at.y + s->gap + room_for(p, i) > p->height + touch) {
            at = (place){at.sheet + 1, 0};
            const strip *table = s->table >= 0 ? &p->strips[s->table] : NULL;
            if (table != NULL && table->height + s->height <= p->height &&
                !deal_strip(p, s->table, &at))
                return false;
        } else if (!top) {
            at.y += s->gap;
        }
        if (!deal_strip(p, i, &at)) return false;
    }
    p->sheets = at.sheet + 1;
    return true;
}

/* ---- drawing -------------------------------------------------------------------------------- */

/* Mixed with white, so that nothing on the sheet is transparent. */
static void set_tint(cairo_t *c, colour k, double share) {
    cairo_set_source_rgb(c, 1 - share * (1 - k.r), 1 - share * (1 - k.g), 1 - share * (1 - k.b));
}

static void draw_words(cairo_t *c, const mark *m, double from, double to) {
    PangoLayoutIter *at = pango_layout_get_iter(m->words);
    set_colour(c, m->colour, 1);
    if (m->tag != NULL) cairo_tag_begin(c, m->tag, NULL);
    do {
        const line_place l = line_at(at, m);
        if (l.top < from - touch || l.top >= to - touch) continue;
        cairo_move_to(c, l.x, l.baseline);
        pango_cairo_show_layout_line(c, l.line);
    } while (pango_layout_iter_next_line(at));
    if (m->tag != NULL) cairo_tag_end(c, m->tag);
    pango_layout_iter_free(at);
    cairo_new_path(c);
}

static void draw_panel(cairo_t *c, const mark *m, double from, double to) {
    const double y = fmax(m->y, from), h = fmin(m->y + m->h, to) - y, bar = 4, edge = 0.8;
    if (h <= 0) return;
    cairo_rectangle(c, m->x + 0.5 * edge, y + 0.5 * edge, m->w - edge, h - edge);
    set_tint(c, m->colour, 0.09);
    cairo_fill_preserve(c);
    set_colour(c, m->colour, 1);
    cairo_set_line_width(c, edge);
    cairo_stroke(c);
    cairo_rectangle(c, m->x, y, bar, h);
    cairo_fill(c);
}

static void draw_box(cairo_t *c, const mark *m) {
    set_colour(c, m->colour, 1);
    cairo_set_line_width(c, 0.8);
    cairo_rectangle(c, m->x + 0.4, m->y + 0.4, m->w - 0.8, m->h - 0.8);
    cairo_stroke(c);
}

static void draw_mark(cairo_t *c, const mark *m, double from, double to) {
    switch (m->kind) {
    case MARK_WORDS:
        draw_words(c, m, from, to);
        break;
    case MARK_PANEL:
        draw_panel(c, m, from, to);
        break;
    case MARK_BOX:
        if (m->y >= from - touch && m->y < to - touch) draw_box(c, m);
        break;
    case MARK_LINE:
        set_colour(c, m->colour, 1);
        if (m->y > from && m->y <= to + touch) put_line(c, m->x, m->y, m->x + m->w, m->y, m->thick);
        break;
    }
}

static void draw_piece(const printer *p, const piece *q) {
    const strip *s = &p->strips[q->strip];
    cairo_save(p->c);
    cairo_translate(p->c, p->margin, p->margin + q->y - q->from);
    cairo_tag_begin(p->c, kinds[s->kind].tag, NULL);
    for (int i = 0; i < s->count; i++) draw_mark(p->c, &s->marks[i], q->from, q->to);
    cairo_tag_end(p->c, kinds[s->kind].tag);
    cairo_restore(p->c);
}

/* Lists and tables are groups of their pieces on a sheet. */
static void draw_pieces(const printer *p, int sheet, int *next) {
    const char *group = NULL;
    for (; *next < p->piece_count && p->pieces[*next].sheet == sheet; ++*next) {
        const piece *q = &p->pieces[*next];
        const char *of = kinds[p->strips[q->strip].kind].group;
        if (group != NULL && of != group) cairo_tag_end(p->c, group);
        if (of != NULL && of != group) cairo_tag_begin(p->c, of, NULL);
        group = of;
        draw_piece(p, q);
    }
    if (group != NULL) cairo_tag_end(p->c, group);
}

static void draw_foot(const printer *p, int sheet) {
    char number[40];
    const double left = p->margin, right = p->sheet_w - p->margin;
    const double y = p->sheet_h - p->margin - height_of(p->footer);
    snprintf(number, sizeof number, "%d/%d", sheet + 1, p->sheets);
    PangoLayout *words = set_words(p, number, &foot_face, foot_face.size, p->width);
    set_colour(p->c, pale, 1);
    put_line(p->c, left, y - 5, right, y - 5, 0.5);
    set_colour(p->c, dim, 1);
    cairo_move_to(p->c, left, y);
    pango_cairo_show_layout(p->c, p->footer);
    cairo_move_to(p->c, right - width_of(words), y);
    pango_cairo_show_layout(p->c, words);
    cairo_new_path(p->c);
    g_object_unref(words);
}

static void draw_sheets(const printer *p) {
    int next = 0;
    cairo_tag_begin(p->c, "Document", NULL);
    for (int sheet = 0; sheet < p->sheets; sheet++) {
        draw_pieces(p, sheet, &next);
        if (sheet == p->sheets - 1) cairo_tag_end(p->c, "Document");
        draw_foot(p, sheet);
        cairo_show_page(p->c);
    }
}

/* ---- the document --------------------------------------------------------------------------- */

static const struct {
    double w_mm, h_mm;
} formats[] = {{210, 297}, {215.9, 279.4}}; /* A4, US letter */

static void printer_open(printer *p, const cit_page_paper *paper, cairo_surface_t *surface) {
    cairo_font_options_t *smooth = cairo_font_options_create();
    p->c = cairo_create(surface);
    p->fonts = pango_cairo_create_context(p->c);
    cairo_font_options_set_hint_style(smooth, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(smooth, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(p->fonts, smooth);
    pango_context_set_round_glyph_positions(p->fonts, FALSE);
    cairo_font_options_destroy(smooth);
    p->margin = margin_mm * point_mm;
    p->sheet_w = formats[paper->letter].w_mm * point_mm;
    p->sheet_h = formats[paper->letter].h_mm * point_mm;
    p->width = p->sheet_w - 2 * p->margin;
    p->scale = 1;
}

static void printer_close(printer *p) {
    forget_strips(p);
    free(p->pieces);
    if (p->footer != NULL) g_object_unref(p->footer);
    if (p->fonts != NULL) g_object_unref(p->fonts);
    if (p->c != NULL) cairo_destroy(p->c);
}

static cit_status set_footer(printer *p, const char *footer, const char *where, cit_errors *errs) {
    const double number = 60, above = 12;
    char why[80], *words = NULL;
    const cit_status st = page_words(footer, &words, why);
    if (st != CIT_OK) return cit_fail(errs, st, where, "its footer: %s", why);
    p->footer = set_words(p, words, &foot_face, foot_face.size, p->width - number);
    free(words);
    p->height = p->sheet_h - 2 * p->margin - above - height_of(p->footer);
    if (p->height < 0.5 * p->sheet_h)
        return cit_fail(errs, CIT_INVALID, where, "its footer leaves no room for the text");
    return CIT_OK;
}

/* Sets the document's date and names; false where the date has no year of four digits. */
static bool set_facts(cairo_surface_t *surface, const cit_page *page, int day) {
    char date[16], moment[40];
    if (day < -719162 || day > 2932896) return false; /* 0001-01-01 to 9999-12-31 */
    cit_date_format(day, date);
    snprintf(moment, sizeof moment, "%sT00:00:00Z", date);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, moment);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, moment);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, page->blocks[0].texts[0]);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "cit");
    return true;
}

static cit_status check_columns(const printer *p, const cit_page *page, const char *where,
                                cit_errors *errs) {
    double x[CIT_PAGE_CELLS_MAX], w[CIT_PAGE_CELLS_MAX];
    for (int i = 0; i < page->count; i++) {
        const block *b = &page->blocks[i];
        if (b->shares != NULL && spread(p, b, 14, x, w) < least_column)
            return cit_fail(errs, CIT_INVALID, where, "a column is narrower than %g points",
                            least_column);
    }
    return CIT_OK;
}

/* Lays out and deals at full size; where one sheet is wanted, smaller until it is one. */
static cit_status compose(printer *p, const cit_page *page, const cit_page_paper *paper,
                          const char *where, cit_errors *errs) {
    const int least = paper->fit_one_page ? SCALE_LEAST : 100;
    for (int percent = 100; percent >= least; percent -= SCALE_STEP) {
        forget_strips(p);
        p->scale = percent / 100.0;
        if (!lay_page(p, page) || !deal(p))
            return cit_fail(errs, CIT_NOMEM, where, "no memory for its layout");
        if (p->sheets == 1) return CIT_OK;
    }
    if (!paper->fit_one_page) return CIT_OK;
    return cit_fail(
        errs, CIT_INVALID, where,
        "does not fit on one sheet: at %g pt, the smallest that can be read, it takes %d",
        body_face.size * SCALE_LEAST / 100, p->sheets);
}

static cit_status print(printer *p, cairo_surface_t *surface, const cit_page *page,
                        const cit_page_paper *paper, cit_errors *errs) {
    char where[160];
    cit_status st = CIT_OK;
    page_where(page, where);
    if (!set_facts(surface, page, paper->day))
        return cit_fail(errs, CIT_INVALID, where, "a date in the years 1 to 9999 is needed");
    printer_open(p, paper, surface);
    CIT_TRY(check_columns(p, page, where, errs));
    CIT_TRY(set_footer(p, paper->footer, where, errs));
    CIT_TRY(compose(p, page, paper, where, errs));
    draw_sheets(p);
    cairo_surface_finish(surface);
    const cairo_status_t drawn = cairo_status(p->c), written = cairo_surface_status(surface);
    if (drawn != CAIRO_STATUS_SUCCESS || written != CAIRO_STATUS_SUCCESS)
        st = cit_fail(errs, CIT_INTERNAL, where, "the PDF could not be made: %s",
                      cairo_status_to_string(drawn != CAIRO_STATUS_SUCCESS ? drawn : written));
done:
    return st;
}

cit_status cit_page_pdf(const cit_page *page, const cit_page_paper *paper, char **ret_bytes,
                        size_t *ret_size, int *ret_sheets, cit_errors *errs) {
    printer p = {0};
    sink s = {0};
    cit_status st = page_faults(page, errs);
    if (st != CIT_OK) return st;
    cairo_surface_t *surface =
        cairo_pdf_surface_create_for_stream(sink_take, &s, formats[paper->letter].w_mm * point_mm,
                                            formats[paper->letter].h_mm * point_mm);
    st = print(&p, surface, page, paper, errs);
    const int sheets = p.sheets;
    printer_close(&p);
    cairo_surface_finish(surface);
    cairo_surface_destroy(surface);
    if (st != CIT_OK) {
        free(s.bytes);
        return st;
    }
    *ret_bytes = (char *)s.bytes;
    *ret_size = s.size;
    *ret_sheets = sheets;
    return CIT_OK;
}
