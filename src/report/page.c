/* Building a page: blocks in order, each with its own copies of its texts. */
#include "report_impl.h"
#include <assert.h>
#include <pango/pango.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[BLOCK_KINDS] = {"title", "subtitle", "heading", "paragraph",
                                                    "note",  "verdict",  "bullet",  "table",
                                                    "row",   "fields",   "boxes",   "space"};

static const char no_memory[] = "there is no memory for it";

size_t page_step(const char *at) { return (size_t)g_utf8_skip[(unsigned char)*at]; }

/* ---- texts --------------------------------------------------------------------------------- */

static bool is_space(gunichar c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029;
}

static cit_status check_words(const char *given, char why[80]) {
    const char *bad = NULL;
    if (!g_utf8_validate(given, -1, &bad)) {
        snprintf(why, 80, "byte %td is not UTF-8", bad - given + 1);
        return CIT_INVALID;
    }
    for (const char *at = given; *at != 0; at += page_step(at)) {
        const gunichar c = g_utf8_get_char(at);
        if (is_space(c) || !g_unichar_iscntrl(c)) continue;
        snprintf(why, 80, "byte %td starts the control character U+%04X", at - given + 1, c);
        return CIT_INVALID;
    }
    return CIT_OK;
}

static void tidy(const char *from, char *to) {
    const char *const start = to;
    bool gap = false;
    for (size_t length; *from != 0; from += length) {
        length = page_step(from);
        const bool space = is_space(g_utf8_get_char(from));
        if (gap && !space && to > start) *to++ = ' ';
        gap = space;
        if (space) continue;
        memcpy(to, from, length);
        to += length;
    }
    *to = 0;
}

cit_status page_words(const char *given, char **ret, char why[80]) {
    if (given == NULL) given = "";
    const cit_status st = check_words(given, why);
    if (st != CIT_OK) return st;
    char *copy = malloc(strlen(given) + 1);
    if (copy == NULL) {
        snprintf(why, 80, "%s", no_memory);
        return CIT_NOMEM;
    }
    tidy(given, copy);
    *ret = copy;
    return CIT_OK;
}

/* ---- blocks -------------------------------------------------------------------------------- */

static void block_free(block *b) {
    if (b->texts != NULL)
        for (int i = 0; i < b->count; i++) free(b->texts[i]);
    free(b->texts);
    free(b->shares);
}

void page_where(const cit_page *page, char where[160]) {
    const bool titled = page->count > 0 && page->blocks[0].kind == BLOCK_TITLE;
    snprintf(where, 160, "page \"%.120s\"", titled ? page->blocks[0].texts[0] : "");
}

static cit_status page_fault(cit_page *page, block_kind kind, cit_status code, const char *why) {
    char of[160], where[192];
    page_where(page, of);
    snprintf(where, sizeof where, "%s, block %d, %s", of, page->asked, kind_names[kind]);
    return cit_fail(&page->faults, code, where, "%s", why);
}

static cit_status copy_shares(const double *shares, int n, double *copy) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
        copy[i] = shares != NULL ? shares[i] : 1;
        if (!(copy[i] > 0 && copy[i] <= 1e6)) return CIT_INVALID;
        sum += copy[i];
    }
    for (int i = 0; i < n; i++) copy[i] /= sum;
    return CIT_OK;
}

/* Fills a block with copies, or says what is wrong with them; `side_by_side` blocks have shares. */
static cit_status block_fill(block *b, const char *const *texts, bool side_by_side,
                             const double *shares, char why[80]) {
    snprintf(why, 80, "%s", no_memory);
    b->texts = calloc((size_t)b->count + 1, sizeof *b->texts);
    if (b->texts == NULL) return CIT_NOMEM;
    for (int i = 0; i < b->count; i++) {
        const cit_status st = page_words(texts[i], &b->texts[i], why);
        if (st != CIT_OK) return st;
    }
    if (!side_by_side) return CIT_OK;
    b->shares = calloc((size_t)b->count, sizeof *b->shares);
    if (b->shares == NULL) return CIT_NOMEM;
    snprintf(why, 80, "a share of the width must be above 0");
    return copy_shares(shares, b->count, b->shares);
}

static cit_status page_take(cit_page *page, const block *b) {
    if (page->count == page->capacity) {
        const int capacity = 2 * page->capacity + 16;
        block *grown = realloc(page->blocks, (size_t)capacity * sizeof *grown);
        if (grown == NULL) return CIT_NOMEM;
        page->blocks = grown;
        page->capacity = capacity;
    }
    page->blocks[page->count++] = *b;
    return CIT_OK;
}

/* Adds a block, or remembers why not. */
static void add(cit_page *page, block b, const char *const *texts, bool side_by_side,
                const double *shares) {
    char why[80];
    cit_status st = block_fill(&b, texts, side_by_side, shares, why);
    if (st == CIT_OK) {
        snprintf(why, sizeof why, "%s", no_memory);
        st = page_take(page, &b);
    }
    if (st == CIT_OK) return;
    page_fault(page, b.kind, st, why);
    block_free(&b);
}

/* Counts the call; false where there is no page. */
static bool begin(cit_page *page) {
    if (page != NULL) page->asked++;
    return page != NULL;
}

static void add_text(cit_page *page, block_kind kind, const char *words) {
    if (!begin(page)) return;
    add(page, (block){.kind = kind, .count = 1}, &words, false, NULL);
}

/* Between 1 and the most there may be. */
static bool count_is_good(cit_page *page, block_kind kind, int n) {
    if (n >= 1 && n <= CIT_PAGE_CELLS_MAX) return true;
    char why[80];
    snprintf(why, sizeof why, "%d is not from 1 to %d", n, CIT_PAGE_CELLS_MAX);
    page_fault(page, kind, CIT_INVALID, why);
    return false;
}

int page_run(const cit_page *page, int i) {
    int n = 1;
    while (i + n < page->count && page->blocks[i + n].kind == page->blocks[i].kind) n++;
    return n;
}

cit_status page_faults(const cit_page *page, cit_errors *errs) {
    if (page == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for the page");
    for (int i = 0; i < page->faults.count; i++) {
        const cit_error *e = &page->faults.items[i];
        cit_fail(errs, e->code, e->where, "%s", e->text);
    }
    if (errs != NULL) errs->lost += page->faults.lost;
    return cit_errors_status(&page->faults);
}

/* ---- the calls ----------------------------------------------------------------------------- */

cit_page *cit_page_new(const char *title, const char *subtitle) {
    cit_page *page = calloc(1, sizeof *page);
    if (page == NULL) return NULL;
    add_text(page, BLOCK_TITLE, title);
    if (subtitle != NULL) add_text(page, BLOCK_SUBTITLE, subtitle);
    page->asked = 0;
    return page;
}

void cit_page_free(cit_page *page) {
    if (page == NULL) return;
    for (int i = 0; i < page->count; i++) block_free(&page->blocks[i]);
    free(page->blocks);
    free(page);
}

void cit_page_heading(cit_page *page, const char *words) { add_text(page, BLOCK_HEADING, words); }

void cit_page_paragraph(cit_page *page, const char *words) {
    add_text(page, BLOCK_PARAGRAPH, words);
}

void cit_page_note(cit_page *page, const char *words) { add_text(page, BLOCK_NOTE, words); }

void cit_page_verdict(cit_page *page, cit_page_tone tone, const char *words) {
    assert((unsigned)tone <= CIT_PAGE_BAD);
    if (!begin(page)) return;
    add(page, (block){.kind = BLOCK_VERDICT, .tone = tone, .count = 1}, &words, false, NULL);
}

void cit_page_bullet(cit_page *page, const char *mark, const char *words) {
    const char *const texts[] = {mark, words};
    if (!begin(page)) return;
    if (mark != NULL && strlen(mark) > CIT_PAGE_MARK_MAX) {
        page_fault(page, BLOCK_BULLET, CIT_INVALID, "its mark is too long");
        return;
    }
    add(page, (block){.kind = BLOCK_BULLET, .count = 2}, texts, false, NULL);
}

void cit_page_table(cit_page *page, int n, const double *shares, const char *const *headings) {
    if (!begin(page)) return;
    if (!count_is_good(page, BLOCK_TABLE, n)) return;
    add(page, (block){.kind = BLOCK_TABLE, .count = n}, headings, true, shares);
}

static bool is_in_table(const cit_page *page) {
    if (page->count == 0) return false;
    const block_kind above = page->blocks[page->count - 1].kind;
    return above == BLOCK_TABLE || above == BLOCK_ROW;
}

void cit_page_row(cit_page *page, int n, const char *const *cells) {
    if (!begin(page)) return;
    if (!is_in_table(page)) {
        page_fault(page, BLOCK_ROW, CIT_INVALID, "it follows neither a table nor a row");
        return;
    }
    const block *above = &page->blocks[page->count - 1];
    if (above->count != n) {
        char why[80];
        snprintf(why, sizeof why, "its table has %d columns, not %d", above->count, n);
        page_fault(page, BLOCK_ROW, CIT_INVALID, why);
        return;
    }
    add(page, (block){.kind = BLOCK_ROW, .count = n}, cells, true, above->shares);
}

void cit_page_fields(cit_page *page, int n, const char *const *labels, const double *shares) {
    if (!begin(page)) return;
    if (!count_is_good(page, BLOCK_FIELDS, n)) return;
    add(page, (block){.kind = BLOCK_FIELDS, .count = n}, labels, true, shares);
}

void cit_page_boxes(cit_page *page, const char *label, int n, const char *const *choices) {
    const char *texts[CIT_PAGE_CELLS_MAX + 1] = {label};
    if (!begin(page)) return;
    if (!count_is_good(page, BLOCK_BOXES, n)) return;
    for (int i = 0; i < n; i++) texts[i + 1] = choices[i];
    add(page, (block){.kind = BLOCK_BOXES, .count = n + 1}, texts, false, NULL);
}

void cit_page_space(cit_page *page) {
    if (!begin(page)) return;
    add(page, (block){.kind = BLOCK_SPACE}, NULL, false, NULL);
}

void page_say(cit_page *page, const char *format, ...) {
    char line[900];
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    line[cit_text_whole(line, (int)sizeof line - 1)] = 0;
    cit_page_paragraph(page, line);
}
