/* A page on a terminal. Every block becomes cells side by side; each cell is cut into lines of its
 * width, and a line of the terminal is one line of every cell. */
#include "report_impl.h"
#include <pango/pango.h>
#include <stdlib.h>
#include <string.h>

enum {
    COLUMNS_DEFAULT = 78,
    COLUMNS_LEAST = 40,
    INDENT = 2,     /* of what is no paragraph */
    APART = 2,      /* between cells */
    BLANK_LEAST = 8 /* of a form's blank, beside its label */
};

/* Holds a box and its choice on one line; a text of a page has no control characters. */
#define GLUE '\001'

typedef struct codes {
    const char *bold, *dim, *off, *tone[3];
} codes;
static const codes no_codes = {"", "", "", {"", "", ""}};
static const codes terminal_codes = {
    "\033[1m", "\033[2m", "\033[0m", {"\033[1;32m", "\033[1;33m", "\033[1;31m"}};

typedef struct terminal {
    FILE *out;
    const codes *codes;
    const char *where;
    int columns;
    int lead; /* columns of the widest mark or question of this run of blocks */
} terminal;

/* ---- lines --------------------------------------------------------------------------------- */

static int char_width(gunichar c) {
    if (g_unichar_iszerowidth(c)) return 0;
    return g_unichar_iswide(c) ? 2 : 1;
}

static int width_of(const char *words) {
    int width = 0;
    for (; *words != 0; words += page_step(words)) width += char_width(g_utf8_get_char(words));
    return width;
}

/* The next line of at most `columns`, in bytes without the spaces at its end; *rest moves behind it. A
 * word longer than that is broken. */
static size_t cut_line(const char **rest, int columns) {
    const char *const start = *rest, *at = start, *space = NULL;
    for (int width = 0; *at != 0; at += page_step(at)) {
        if (*at == ' ') space = at;
        width += char_width(g_utf8_get_char(at));
        if (width > columns && at > start) break;
    }
    const char *end = *at != 0 && space != NULL ? space : at, *next = end;
    while (*next == ' ') next++;
    while (end > start && end[-1] == ' ') end--;
    *rest = next;
    return (size_t)(end - start);
}

/* ---- cells --------------------------------------------------------------------------------- */

typedef struct cell {
    const char *rest; /* what is not printed yet */
    int at, columns;
    const char *code; /* how the terminal shows it */
} cell;

static void put_spaces(FILE *out, int n) {
    for (int i = 0; i < n; i++) fputc(' ', out);
}

/* The cell's next line; from this column of the terminal's line to the one returned. */
static int put_cell_line(const terminal *t, cell *c, int column) {
    const char *const line = c->rest;
    const size_t size = cut_line(&c->rest, c->columns);
    if (size == 0) return column;
    put_spaces(t->out, c->at - column);
    fputs(c->code, t->out);
    column = c->at;
    for (const char *at = line; at < line + size; at += page_step(at)) {
        column += char_width(g_utf8_get_char(at));
        if (*at == GLUE)
            fputc(' ', t->out);
        else
            fwrite(at, 1, page_step(at), t->out);
    }
    if (*c->code != 0) fputs(t->codes->off, t->out);
    return column;
}

static bool is_printed(const cell *cells, int n) {
    for (int i = 0; i < n; i++)
        if (*cells[i].rest != 0) return false;
    return true;
}

static void put_cells(const terminal *t, cell *cells, int n) {
    while (!is_printed(cells, n)) {
        int column = 0;
        for (int i = 0; i < n; i++) column = put_cell_line(t, &cells[i], column);
        fputc('\n', t->out);
    }
}

/* Cells of these shares from `INDENT` to the right edge; the narrowest one's columns. */
static int spread(const terminal *t, const block *b, cell *cells) {
    const int room = t->columns - INDENT - APART * (b->count - 1);
    int narrowest = t->columns;
    double sum = 0;
    for (int i = 0; i < b->count; i++) {
        const int from = (int)(sum * room + 0.5);
        sum += b->shares[i];
        const int to = i == b->count - 1 ? room : (int)(sum * room + 0.5);
        cells[i] = (cell){b->texts[i], INDENT + APART * i + from, to - from, ""};
        if (to - from < narrowest) narrowest = to - from;
    }
    return narrowest;
}

/* ---- blocks -------------------------------------------------------------------------------- */

typedef cit_status put_function(terminal *t, const block *b, cit_errors *errs);

static cit_status put_bold(terminal *t, const block *b, cit_errors *errs) {
    cell c = {b->texts[0], 0, t->columns, t->codes->bold};
    (void)errs;
    put_cells(t, &c, 1);
    return CIT_OK;
}

static cit_status put_plain(terminal *t, const block *b, cit_errors *errs) {
    cell c = {b->texts[0], 0, t->columns, ""};
    (void)errs;
    put_cells(t, &c, 1);
    return CIT_OK;
}

static cit_status put_note(terminal *t, const block *b, cit_errors *errs) {
    cell c = {b->texts[0], INDENT, t->columns - INDENT, t->codes->dim};
    (void)errs;
    put_cells(t, &c, 1);
    return CIT_OK;
}

static void put_edge(const terminal *t, const char *code, int columns) {
    fprintf(t->out, "%s+", code);
    for (int i = 0; i < columns - 2; i++) fputc('-', t->out);
    fprintf(t->out, "+%s\n", t->codes->off);
}

static cit_status put_verdict(terminal *t, const block *b, cit_errors *errs) {
    enum { SIDE = 3 };
    const int width = width_of(b->texts[0]), most = t->columns - 2 * SIDE;
    const int inner = width < most ? width : most;
    const char *code = t->codes->tone[b->tone];
    cell c = {b->texts[0], SIDE, inner, code};
    (void)errs;
    put_edge(t, code, inner + 2 * SIDE);
    while (*c.rest != 0) {
        fprintf(t->out, "%s|%s", code, t->codes->off);
        put_spaces(t->out, SIDE + inner - put_cell_line(t, &c, 1) + SIDE - 1);
        fprintf(t->out, "%s|%s\n", code, t->codes->off);
    }
    put_edge(t, code, inner + 2 * SIDE);
    return CIT_OK;
}

/* Where a text begins that hangs beside a mark or a question of these columns. */
static int hang(int lead, int apart) { return INDENT + lead + (lead > 0 ? apart : 0); }

static void put_hanging(const terminal *t, const char *lead, int columns, int apart,
                        const char *words) {
    const int at = hang(columns, apart);
    cell cells[] = {{lead, INDENT, columns, ""}, {words, at, t->columns - at, ""}};
    put_cells(t, cells, 2);
}

static cit_status put_bullet(terminal *t, const block *b, cit_errors *errs) {
    (void)errs;
    put_hanging(t, b->texts[0], t->lead, 1, b->texts[1]);
    return CIT_OK;
}

/* Choices in one text, each held together with its box, and within itself where it fits a line. */
static cit_status join_choices(const block *b, int columns, char **ret, cit_errors *errs) {
    const int box = 4;
    memo line;
    const cit_status st = text_open(&line, errs);
    if (st != CIT_OK) return st;
    for (int i = 1; i < b->count; i++) {
        const char space = box + width_of(b->texts[i]) <= columns ? GLUE : ' ';
        fprintf(line.out, "%s[%c]%c", i > 1 ? "   " : "", GLUE, GLUE);
        for (const char *c = b->texts[i]; *c != 0; c++) fputc(*c == ' ' ? space : *c, line.out);
    }
    return text_close(&line, ret, errs);
}

static cit_status put_boxes(terminal *t, const block *b, cit_errors *errs) {
    const int most = t->columns * 2 / 5, widest = t->lead < most ? t->lead : most;
    const int lead = *b->texts[0] != 0 ? widest : 0;
    char *choices = NULL;
    const cit_status st = join_choices(b, t->columns - hang(lead, APART), &choices, errs);
    if (st != CIT_OK) return st;
    put_hanging(t, b->texts[0], lead, APART, choices);
    free(choices);
    return CIT_OK;
}

static cit_status put_row(terminal *t, const block *b, cit_errors *errs) {
    cell cells[CIT_PAGE_CELLS_MAX];
    if (spread(t, b, cells) < 2)
        return cit_fail(errs, CIT_INVALID, t->where,
                        "a column of a table is too narrow on %d columns", t->columns);
    if (b->kind == BLOCK_TABLE)
        for (int i = 0; i < b->count; i++) cells[i].code = t->codes->bold;
    put_cells(t, cells, b->count);
    if (b->kind == BLOCK_ROW) return CIT_OK;
    put_spaces(t->out, INDENT);
    for (int i = INDENT; i < t->columns; i++) fputc('-', t->out);
    fputc('\n', t->out);
    return CIT_OK;
}

/* "label: ____" of these columns, or of what the label needs with the shortest blank. */
static void put_blank(FILE *out, const char *label, int columns) {
    const int room = columns - width_of(label) - 2;
    fprintf(out, "%s%s", label, *label != 0 ? ": " : "");
    for (int i = 0; i < (room > BLANK_LEAST ? room : BLANK_LEAST); i++) fputc('_', out);
    fputc('\n', out);
}

static bool blanks_fit(const block *b, const cell *cells) {
    for (int i = 0; i < b->count; i++)
        if (width_of(b->texts[i]) + 2 + BLANK_LEAST > cells[i].columns) return false;
    return true;
}

/* Side by side where each label leaves room for a blank, otherwise below each other. */
static cit_status put_fields(terminal *t, const block *b, cit_errors *errs) {
    cell cells[CIT_PAGE_CELLS_MAX];
    memo line;
    char *blanks = NULL, *at = NULL;
    spread(t, b, cells);
    const bool fit = blanks_fit(b, cells);
    cit_status st = text_open(&line, errs);
    if (st != CIT_OK) return st;
    for (int i = 0; i < b->count; i++)
        put_blank(line.out, b->texts[i], fit ? cells[i].columns : t->columns - INDENT);
    st = text_close(&line, &blanks, errs);
    at = blanks;
    for (int i = 0; st == CIT_OK && i < b->count; i++) {
        cells[i].rest = strsep(&at, "\n");
        if (fit) continue;
        cell alone = {cells[i].rest, INDENT, t->columns - INDENT, ""};
        put_cells(t, &alone, 1);
    }
    if (st == CIT_OK && fit) put_cells(t, cells, b->count);
    free(blanks);
    return st;
}

/* Blank lines above a block, between two of its kind, and below it. */
static const struct {
    put_function *put;
    int above, between, below;
} kinds[BLOCK_KINDS] = {
    [BLOCK_TITLE] = {put_bold, 0, 0, 1},    [BLOCK_SUBTITLE] = {put_plain, 0, 0, 1},
    [BLOCK_HEADING] = {put_bold, 1, 1, 0},  [BLOCK_PARAGRAPH] = {put_plain, 0, 1, 1},
    [BLOCK_NOTE] = {put_note, 0, 0, 1},     [BLOCK_VERDICT] = {put_verdict, 1, 1, 1},
    [BLOCK_BULLET] = {put_bullet, 0, 0, 1}, [BLOCK_TABLE] = {put_row, 0, 1, 0},
    [BLOCK_ROW] = {put_row, 0, 0, 1},       [BLOCK_FIELDS] = {put_fields, 0, 1, 1},
    [BLOCK_BOXES] = {put_boxes, 0, 0, 1},   [BLOCK_SPACE] = {NULL, 0, 0, 0},
};

static int blank_lines(const block *above, const block *b) {
    if (above == NULL || b->kind == BLOCK_SUBTITLE) return 0;
    if (above->kind == b->kind) return kinds[b->kind].between;
    if (b->kind == BLOCK_NOTE && above->kind != BLOCK_TITLE) return 0;
    const int below = kinds[above->kind].below, over = kinds[b->kind].above;
    return below > over ? below : over;
}

/* The widest first text of this block and of those of its kind behind it. */
static int widest_lead(const cit_page *page, int i) {
    int widest = 0;
    for (int n = page_run(page, i), j = i; j < i + n; j++) {
        const int width = width_of(page->blocks[j].texts[0]);
        if (width > widest) widest = width;
    }
    return widest;
}

static cit_status put_page(terminal *t, const cit_page *page, cit_errors *errs) {
    const block *above = NULL;
    int spaces = 0;
    for (int i = 0; i < page->count; i++) {
        const block *b = &page->blocks[i];
        const bool again = i > 0 && page->blocks[i - 1].kind == b->kind;
        if (b->kind == BLOCK_SPACE) {
            spaces++;
            continue;
        }
        if (!again) t->lead = widest_lead(page, i);
        for (int n = spaces + blank_lines(above, b); n > 0; n--) fputc('\n', t->out);
        const cit_status st = kinds[b->kind].put(t, b, errs);
        if (st != CIT_OK) return st;
        above = b;
        spaces = 0;
    }
    return CIT_OK;
}

cit_status cit_page_text(const cit_page *page, int columns, bool colour_on, char **ret,
                         cit_errors *errs) {
    char where[160];
    memo out;
    char *bytes = NULL;
    cit_status st = page_faults(page, errs);
    if (st != CIT_OK) return st;
    page_where(page, where);
    if (columns == 0) columns = COLUMNS_DEFAULT;
    if (columns < COLUMNS_LEAST)
        return cit_fail(errs, CIT_INVALID, where, "it needs %d columns, not %d", COLUMNS_LEAST,
                        columns);
    CIT_TRY(text_open(&out, errs));
    terminal t = {out.out, colour_on ? &terminal_codes : &no_codes, where, columns, 0};
    st = put_page(&t, page, errs);
    const cit_status closed = text_close(&out, &bytes, errs);
    if (st == CIT_OK) st = closed;
    if (st == CIT_OK) {
        *ret = bytes;
        bytes = NULL;
    }
done:
    free(bytes);
    return st;
}
