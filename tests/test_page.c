/* Pages: exact text on a terminal; on paper, what Poppler reads back from the PDF. */
#include "t.h"
#include <cit/report.h>
#include <stdlib.h>
#include <unistd.h>

static const double point_mm = 72 / 25.4, margin_mm = 15;
static char folder[] = "/tmp/cit-page-XXXXXX";
static cit_errors errs;

/* ---- help ---------------------------------------------------------------------------------- */

#define LIST(...) ((const char *const[]){__VA_ARGS__})

static int setup(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : 1;
}

static int teardown(void **state) {
    (void)state;
    return rmdir(folder);
}

/* Frees the page. */
static char *text_of(cit_page *page, int columns) {
    char *words = NULL;
    errs = (cit_errors){0};
    const cit_status st = cit_page_text(page, columns, false, &words, &errs);
    CHECK(st == CIT_OK, "%s: %s", errs.items[0].where, errs.items[0].text);
    cit_page_free(page);
    return words;
}

static void check_text(cit_page *page, int columns, const char *want) {
    char *got = text_of(page, columns);
    CHECK(strcmp(got, want) == 0, "it is\n%s\nand not\n%s", got, want);
    free(got);
}

/* What a page is refused for; frees it. */
static cit_error refusal(cit_page *page) {
    char *words = NULL, *bytes = NULL;
    size_t size = 0;
    int sheets = 0;
    const cit_page_paper paper = {0};
    errs = (cit_errors){0};
    CHECK(cit_page_pdf(page, &paper, &bytes, &size, &sheets, &errs) == CIT_INVALID, "printed");
    const int faults = errs.count;
    errs = (cit_errors){0};
    CHECK(cit_page_text(page, 0, false, &words, &errs) == CIT_INVALID, "shown");
    CHECK(words == NULL && bytes == NULL && size == 0 && sheets == 0, "a refusal gave something");
    CHECK(errs.count >= 1 && errs.count == faults, "%d faults, and %d on paper", errs.count,
          faults);
    cit_page_free(page);
    return errs.items[0];
}

static void check_refusal(cit_page *page, const char *where, const char *why) {
    const cit_error e = refusal(page);
    CHECK(strcmp(e.where, where) == 0, "it blames '%s'", e.where);
    CHECK(strstr(e.text, why) != NULL, "it says '%s'", e.text);
}

typedef struct pdf {
    char *bytes;
    size_t size;
    int sheets;
    cit_status status;
} pdf;

static pdf print(const cit_page *page, const cit_page_paper *paper) {
    pdf p = {0};
    errs = (cit_errors){0};
    p.status = cit_page_pdf(page, paper, &p.bytes, &p.size, &p.sheets, &errs);
    return p;
}

static bool holds(const pdf *p, const char *bytes) {
    return memmem(p->bytes, p->size, bytes, strlen(bytes)) != NULL;
}

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
/* All that a program prints, the PDF being the file %s of its command line. */
static char *output_of(const pdf *p, const char *format, size_t *ret_size) {
    char path[80], command[300], *all = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/page.pdf", folder);
    CHECK(cit_file_write(path, p->bytes, p->size, &errs) == CIT_OK, "%s", errs.items[0].text);
    snprintf(command, sizeof command, format, path);
    FILE *out = popen(command, "r");
    CHECK(out != NULL, "%s did not start", command);
    for (size_t room = 1 << 16, n = 1; n > 0; room *= 2) {
        all = realloc(all, room + 1);
        CHECK(all != NULL, "no memory for %zu bytes", room);
        n = fread(all + size, 1, room - size, out);
        size += n;
    }
    all[size] = 0;
    CHECK(pclose(out) == 0, "%s failed", command);
    unlink(path);
    if (ret_size != NULL) *ret_size = size;
    return all;
}

static char *read_back(const pdf *p) { return output_of(p, "pdftotext -raw %s -", NULL); }

static int count_of(const char *text, const char *what) {
    int n = 0;
    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what)) n++;
    return n;
}

/* The sheet that a word is on, from 0; -1: on none. */
static int sheet_of(const char *text, const char *word) {
    const char *found = strstr(text, word);
    int sheet = 0;
    for (const char *at = text; found != NULL && at < found; at++) sheet += *at == '\f';
    return found != NULL ? sheet : -1;
}

static void one_line(char *text) {
    char *to = text;
    for (const char *from = text; *from != 0; from++) {
        const char c = *from == '\n' || *from == '\f' ? ' ' : *from;
        if (c != ' ' || (to > text && to[-1] != ' ')) *to++ = c;
    }
    *to = 0;
}

/* ---- a page with every kind of block ---------------------------------------------------------- */

static const char *const sentences[] = {
    "First efficient sentence of a paragraph, with ligatures that must come back as letters.",
    "Grüße aus Zürich: naïve façade, 0,5 µm ± 2 × 10⁻³, ≤ 3 °C, Ωmega, жизнь, Việt Nam.",
    "Take the cartridge out of its bag, look at its date, and write its lot number down first.",
    "STOP: a cold sore is open.",
    "Numbers are the middle of what the evidence allows.",
    "Visit 2 of 4",
    "left cheek, lower third",
    "6 passes in two directions, the skin held taut",
    "Is there anything on the skin that was not there last time?",
    "nobody looked",
    "Cartridge lot",
    "printed from case anna-m",
};

static cit_page *full_page(void) {
    cit_page *p = cit_page_new("Sheet for the day", sentences[5]);
    cit_page_verdict(p, CIT_PAGE_BAD, sentences[3]);
    cit_page_verdict(p, CIT_PAGE_ASK, "ASK FIRST: two questions are open");
    cit_page_verdict(p, CIT_PAGE_GOOD, "GO: nothing stands against it");
    cit_page_heading(p, "Before you begin");
    cit_page_paragraph(p, sentences[0]);
    cit_page_paragraph(p, sentences[1]);
    cit_page_bullet(p, "[ ]", sentences[2]);
    cit_page_bullet(p, "9.", "Nine.");
    cit_page_bullet(p, "10.", "Ten.");
    cit_page_bullet(p, "-", "A dash.");
    cit_page_heading(p, "Zones");
    cit_page_table(p, 3, (const double[]){2, 1, 3}, LIST("Zone", "Needle", NULL));
    cit_page_row(p, 3, LIST(sentences[6], "1.5 mm", sentences[7]));
    cit_page_row(p, 3, LIST("temple", NULL, "thin skin"));
    cit_page_note(p, sentences[4]);
    cit_page_space(p);
    cit_page_fields(p, 2, LIST("Date", sentences[10]), (const double[]){1, 2});
    cit_page_fields(p, 1, LIST("What was different from the plan"), NULL);
    cit_page_boxes(p, "Bleeding", 3, LIST("none", "pinpoint", "running"));
    cit_page_boxes(p, sentences[8], 3, LIST("no", "yes", sentences[9]));
    cit_page_boxes(p, NULL, 1, LIST("photographs were taken"));
    return p;
}

static const cit_page_paper plain_paper = {.day = 20463, .footer = "printed from case anna-m"};

/* ---- on a terminal --------------------------------------------------------------------------- */

static void paragraphs_wrap_between_words(void **state) {
    cit_page *p = cit_page_new("T", NULL);
    (void)state;
    cit_page_paragraph(p, "a234567890 b234567890 c234567890 d2345678901 e");
    cit_page_paragraph(p, "a234567890 b234567890 c234567890 d23456 e");
    cit_page_paragraph(p, " many \t spaces\r\n\nand\nline   ends ");
    check_text(p, 40,
               "T\n\n"
               "a234567890 b234567890 c234567890\n"
               "d2345678901 e\n"
               "\n"
               "a234567890 b234567890 c234567890 d23456\n"
               "e\n"
               "\n"
               "many spaces and line ends\n");
}

static void a_long_word_is_broken_between_characters(void **state) {
    cit_page *p = cit_page_new("T", NULL);
    (void)state;
    cit_page_paragraph(p, "x "
                          "äöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöü" /* 42 */
                          " y");
    check_text(p, 40,
               "T\n\nx\n"
               "äöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüä\n"
               "öü y\n");
}

/* Letters of two code points each. */
#define E1  "e\xcc\x88"
#define E9  E1 E1 E1 E1 E1 E1 E1 E1 E1
#define E10 E9 E1
#define E20 E10 E10

static void marks_take_no_column_and_wide_letters_two(void **state) {
    cit_page *p = cit_page_new("T", NULL);
    (void)state;
    cit_page_paragraph(p, E20 " " E10 E9 " z");
    cit_page_paragraph(p, "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢");
    check_text(p, 40,
               "T\n\n" E20 " " E10 E9 "\n"
               "z\n\n"
               "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字\n"
               "漢\n");
}

static void bullets_hang_and_their_texts_align(void **state) {
    cit_page *p = cit_page_new("T", NULL);
    (void)state;
    cit_page_bullet(p, "9.", "Hold the skin taut between two fingers, all the way.");
    cit_page_bullet(p, "10.", "Lift.");
    cit_page_paragraph(p, "Then:");
    cit_page_bullet(p, "-", "Hold the skin taut between two fingers, all the way.");
    cit_page_bullet(p, NULL, "No mark.");
    check_text(p, 40,
               "T\n\n"
               "  9.  Hold the skin taut between two\n"
               "      fingers, all the way.\n"
               "  10. Lift.\n"
               "\n"
               "Then:\n"
               "\n"
               "  - Hold the skin taut between two\n"
               "    fingers, all the way.\n"
               "    No mark.\n");
}

static void tables_and_forms_have_their_columns(void **state) {
    cit_page *p = cit_page_new("T", "S");
    (void)state;
    cit_page_heading(p, "H");
    cit_page_table(p, 2, (const double[]){1, 2}, LIST("Zone", "Why"));
    cit_page_row(p, 2, LIST("left cheek, low", "rolling"));
    cit_page_row(p, 2, LIST(NULL, "a longer reason than one line of it"));
    cit_page_note(p, "A note.");
    cit_page_fields(p, 2, LIST("Date", "Lot"), NULL);
    cit_page_fields(p, 2, LIST("A label too long for half", "Lot"), NULL);
    cit_page_boxes(p, "Pain", 4,
                   LIST("none", "a little", "much", "as never before in all my life"));
    cit_page_boxes(p, "A longer question?", 2, LIST("no", "yes"));
    check_text(p, 40,
               "T\nS\n\nH\n"
               "  Zone          Why\n"
               "  --------------------------------------\n"
               "  left cheek,   rolling\n"
               "  low\n"
               "                a longer reason than one\n"
               "                line of it\n"
               "  A note.\n"
               "\n"
               "  Date: ____________  Lot: _____________\n"
               "\n"
               "  A label too long for half: ___________\n"
               "  Lot: _________________________________\n"
               "\n"
               "  Pain              [ ] none\n"
               "                    [ ] a little\n"
               "                    [ ] much   [ ] as\n"
               "                    never before in all\n"
               "                    my life\n"
               "  A longer          [ ] no   [ ] yes\n"
               "  question?\n");
}

static void a_verdict_is_boxed(void **state) {
    cit_page *p = cit_page_new("T", NULL);
    (void)state;
    cit_page_verdict(p, CIT_PAGE_BAD, "STOP: it is not safe to go on with this");
    cit_page_verdict(p, CIT_PAGE_GOOD, "GO");
    check_text(p, 40,
               "T\n\n"
               "+--------------------------------------+\n"
               "|  STOP: it is not safe to go on with  |\n"
               "|  this                                |\n"
               "+--------------------------------------+\n"
               "\n"
               "+------+\n"
               "|  GO  |\n"
               "+------+\n");
}

static void space_is_a_blank_line_between_blocks(void **state) {
    cit_page *p = cit_page_new("T", NULL);
    (void)state;
    cit_page_bullet(p, "-", "a");
    cit_page_space(p);
    cit_page_bullet(p, "-", "b");
    cit_page_space(p);
    check_text(p, 40, "T\n\n  - a\n\n  - b\n");
}

static void an_empty_page_is_its_title(void **state) {
    (void)state;
    check_text(cit_page_new("Title", NULL), 0, "Title\n");
    check_text(cit_page_new("Title", "below"), 0, "Title\nbelow\n");
}

static int width_of(const char *line, const char *end) {
    int width = 0;
    for (const unsigned char *c = (const unsigned char *)line; c < (const unsigned char *)end; c++)
        width += (*c & 0xc0) != 0x80;
    return width;
}

static void no_line_is_wider_than_asked(void **state) {
    (void)state;
    for (int columns = 0; columns <= 130; columns = columns == 0 ? 40 : columns + 1) {
        char *words = text_of(full_page(), columns);
        int widest = 0;
        for (const char *line = words; *line != 0;) {
            const char *end = strchr(line, '\n');
            CHECK(end != NULL, "the last line does not end");
            const int width = width_of(line, end);
            CHECK(end == line || end[-1] != ' ', "a space before a line's end");
            widest = width > widest ? width : widest;
            line = end + 1;
        }
        const int want = columns == 0 ? 78 : columns;
        CHECK(widest == want, "%d columns of %d", widest, want);
        free(words);
    }
}

static void every_sentence_is_shown_in_plain_characters(void **state) {
    char *words = text_of(full_page(), 100);
    (void)state;
    for (const char *c = words; *c != 0; c++)
        CHECK((unsigned char)*c >= ' ' || *c == '\n', "a control character %d", *c);
    one_line(words);
    for (int i = 0; i < 6; i++)
        if (i != 2) CHECK(strstr(words, sentences[i]) != NULL, "'%s' is missing", sentences[i]);
    free(words);
}

static void without_its_codes_coloured_text_is_the_plain_one(void **state) {
    cit_page *p = full_page();
    char *coloured = NULL, *plain = NULL;
    (void)state;
    CHECK(cit_page_text(p, 60, true, &coloured, &errs) == CIT_OK, "not shown");
    CHECK(strstr(coloured, "\033[1;31m") != NULL, "nothing is red");
    plain = text_of(p, 60);
    char *to = coloured;
    for (const char *from = coloured; *from != 0; from++)
        if (*from == '\033')
            from = strchr(from, 'm');
        else
            *to++ = *from;
    *to = 0;
    CHECK(strcmp(coloured, plain) == 0, "it is\n%s\nand not\n%s", coloured, plain);
    free(coloured);
    free(plain);
}

static void texts_are_copied(void **state) {
    char title[] = "before", cell[] = "inside";
    const char *const cells[] = {cell};
    double shares[] = {1};
    (void)state;
    cit_page *p = cit_page_new(title, NULL);
    cit_page_table(p, 1, shares, cells);
    cit_page_row(p, 1, cells);
    memset(title, 'x', 6);
    memset(cell, 'x', 6);
    shares[0] = -1;
    char *words = text_of(p, 40);
    CHECK(strchr(words, 'x') == NULL, "%s", words);
    free(words);
}

/* ---- refusals -------------------------------------------------------------------------------- */

static void a_bad_block_is_named(void **state) {
    cit_page *p = cit_page_new("Care", "S");
    (void)state;
    cit_page_paragraph(p, "good");
    cit_page_bullet(p, "-", "good, then \xff");
    check_refusal(p, "page \"Care\", block 2, bullet", "byte 12 is not UTF-8");

    cit_page_heading(p = cit_page_new("Care", NULL), "red \033[31m");
    check_refusal(p, "page \"Care\", block 1, heading",
                  "byte 5 starts the control character U+001B");
    cit_page_row(p = cit_page_new("Care", NULL), 1, LIST("cell"));
    check_refusal(p, "page \"Care\", block 1, row", "neither a table nor a row");
    cit_page_bullet(p = cit_page_new("Care", NULL), "123456789", "x");
    check_refusal(p, "page \"Care\", block 1, bullet", "mark is too long");
    cit_page_boxes(p = cit_page_new("Care", NULL), "x", 0, LIST("x"));
    check_refusal(p, "page \"Care\", block 1, boxes", "0 is not from 1 to 16");
    cit_page_fields(p = cit_page_new("Care", NULL), 17, LIST("x"), NULL);
    check_refusal(p, "page \"Care\", block 1, fields", "17 is not from 1 to 16");
    check_refusal(cit_page_new("\x80", NULL), "page \"\", block 1, title", "not UTF-8");
}

static void a_row_must_be_as_long_as_its_table(void **state) {
    cit_page *p = cit_page_new("Care", NULL);
    (void)state;
    cit_page_table(p, 2, NULL, LIST("a", "b"));
    cit_page_row(p, 1, LIST("a"));
    check_refusal(p, "page \"Care\", block 2, row", "its table has 2 columns, not 1");
    p = cit_page_new("Care", NULL);
    cit_page_table(p, 1, NULL, LIST("a"));
    cit_page_paragraph(p, "between");
    cit_page_row(p, 1, LIST("a"));
    check_refusal(p, "page \"Care\", block 3, row", "neither a table nor a row");
}

static void shares_must_be_above_0(void **state) {
    static const double bad[] = {0, -1, CIT_UNKNOWN_NUMBER, HUGE_VAL};
    (void)state;
    for (int i = 0; i < 4; i++) {
        cit_page *p = cit_page_new("Care", NULL);
        cit_page_table(p, 2, (const double[]){1, bad[i]}, LIST("a", "b"));
        check_refusal(p, "page \"Care\", block 1, table", "above 0");
    }
    cit_page *p = cit_page_new("Care", NULL);
    cit_page_table(p, 2, (const double[]){1, 100}, LIST("a", "b"));
    check_refusal(p, "page \"Care\"", "column");
}

static void every_fault_is_told(void **state) {
    cit_page *p = cit_page_new("Care", NULL);
    char *words = NULL;
    (void)state;
    cit_page_paragraph(p, "\xc3");
    cit_page_paragraph(p, "good");
    cit_page_note(p, "\x01");
    errs = (cit_errors){0};
    CHECK(cit_page_text(p, 0, false, &words, &errs) == CIT_INVALID, "shown");
    CHECK(errs.count == 2, "%d faults", errs.count);
    assert_string_equal(errs.items[1].where, "page \"Care\", block 3, note");
    cit_page_free(p);
}

static void a_terminal_must_have_40_columns(void **state) {
    static const int bad[] = {39, 1, -1, INT32_MIN};
    cit_page *p = full_page();
    char *words = NULL;
    (void)state;
    for (int i = 0; i < 4; i++) {
        errs = (cit_errors){0};
        CHECK(cit_page_text(p, bad[i], false, &words, &errs) == CIT_INVALID, "%d columns", bad[i]);
        CHECK(strstr(errs.items[0].text, "40") != NULL, "it says '%s'", errs.items[0].text);
    }
    CHECK(words == NULL, "a refusal gave something");
    cit_page_free(p);
}

static void no_page_is_no_memory(void **state) {
    char *words = NULL;
    (void)state;
    cit_page_paragraph(NULL, "x");
    cit_page_bullet(NULL, "-", "x");
    cit_page_table(NULL, 1, NULL, NULL);
    cit_page_row(NULL, 1, NULL);
    cit_page_space(NULL);
    cit_page_free(NULL);
    CHECK(cit_page_text(NULL, 0, false, &words, &errs) == CIT_NOMEM, "shown");
    const pdf p = print(NULL, &plain_paper);
    CHECK(p.status == CIT_NOMEM && p.bytes == NULL, "printed");
}

/* ---- on paper -------------------------------------------------------------------------------- */

static pdf printed(cit_page *page, const cit_page_paper *paper) {
    const pdf p = print(page, paper);
    CHECK(p.status == CIT_OK, "%s: %s", errs.items[0].where, errs.items[0].text);
    CHECK(p.size > 1000 && memcmp(p.bytes, "%PDF-", 5) == 0, "not a PDF");
    CHECK(memcmp(p.bytes + p.size - 6, "%%EOF\n", 6) == 0, "cut short");
    cit_page_free(page);
    return p;
}

static void the_same_page_is_the_same_bytes(void **state) {
    (void)state;
    const pdf a = printed(full_page(), &plain_paper), b = printed(full_page(), &plain_paper);
    CHECK(a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0, "other bytes");
    CHECK(a.sheets == 1, "%d sheets", a.sheets);
    free(a.bytes);
    free(b.bytes);
}

static void its_date_is_the_one_given(void **state) {
    const cit_page_paper paper = {.day = 0};
    (void)state;
    const pdf a = printed(full_page(), &plain_paper), b = printed(full_page(), &paper);
    CHECK(holds(&a, "/CreationDate (20260110000000Z)"), "not made on 2026-01-10");
    CHECK(holds(&a, "/ModDate (20260110000000Z)"), "not changed on 2026-01-10");
    CHECK(holds(&b, "/CreationDate (19700101000000Z)"), "not made on 1970-01-01");
    free(a.bytes);
    free(b.bytes);
}

static void it_is_titled_and_tagged(void **state) {
    static const char *const facts[] = {"/Title (Sheet for the day)",
                                        "/MarkInfo << /Marked true >>",
                                        "/S /H1",
                                        "/S /H2",
                                        "/S /P",
                                        "/S /L\n",
                                        "/S /LI",
                                        "/S /Lbl",
                                        "/S /LBody",
                                        "/S /Table",
                                        "/S /TR",
                                        "/S /TH",
                                        "/S /TD"};
    (void)state;
    const pdf p = printed(full_page(), &plain_paper);
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        CHECK(holds(&p, facts[i]), "no '%s'", facts[i]);
    free(p.bytes);
}

static void every_sentence_is_read_back(void **state) {
    (void)state;
    const pdf p = printed(full_page(), &plain_paper);
    char *words = read_back(&p);
    CHECK(strlen(words) > 800, "only %zu bytes", strlen(words));
    one_line(words);
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
        CHECK(strstr(words, sentences[i]) != NULL, "'%s' is missing in\n%s", sentences[i], words);
    CHECK(strstr(words, "1/1") != NULL, "no number of the sheet");
    free(words);
    free(p.bytes);
}

typedef struct word_box {
    double x0, y0, x1, y1;
    int sheet;
} word_box;

enum { WORDS_MAX = 4000 };

static int read_boxes(const pdf *p, word_box boxes[WORDS_MAX]) {
    char *xml = output_of(p, "pdftotext -bbox %s -", NULL);
    int n = 0, sheet = -1;
    for (const char *at = xml; *at != 0; at++) {
        word_box b = {.sheet = sheet};
        if (strncmp(at, "<page ", 6) == 0) sheet++;
        if (n < WORDS_MAX && sscanf(at, "<word xMin=\"%lf\" yMin=\"%lf\" xMax=\"%lf\" yMax=\"%lf\"",
                                    &b.x0, &b.y0, &b.x1, &b.y1) == 4)
            boxes[n++] = b;
    }
    free(xml);
    return n;
}

static bool overlap(const word_box *a, const word_box *b) {
    const double slack = 0.6; /* points: a font's box is taller than its letters */
    return a->sheet == b->sheet && a->x0 < b->x1 - slack && b->x0 < a->x1 - slack &&
           a->y0 < b->y1 - slack && b->y0 < a->y1 - slack;
}

static void check_boxes(const pdf *p, double width, double height) {
    static word_box boxes[WORDS_MAX];
    const double margin = margin_mm * point_mm - 0.5;
    const int n = read_boxes(p, boxes);
    CHECK(n > 40, "only %d words", n);
    for (int i = 0; i < n; i++) {
        const word_box *b = &boxes[i];
        CHECK(b->x0 >= margin && b->x1 <= width - margin && b->y0 >= margin - 3 &&
                  b->y1 <= height - margin + 3,
              "word %d lies at %.1f to %.1f, %.1f to %.1f", i, b->x0, b->x1, b->y0, b->y1);
        for (int j = 0; j < i; j++)
            CHECK(!overlap(b, &boxes[j]), "words %d and %d overlap at %.1f, %.1f", j, i, b->x0,
                  b->y0);
    }
}

static cit_page *narrow_page(void) {
    char word[301] = "";
    cit_page *p = full_page();
    memset(word, 'W', 300);
    cit_page_paragraph(p, word);
    cit_page_bullet(p, "WWWWWWWW", word);
    cit_page_verdict(p, CIT_PAGE_ASK, word);
    cit_page_table(
        p, 16, NULL,
        LIST(word, word, "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"));
    cit_page_fields(p, 3, LIST(word, "b", word), NULL);
    cit_page_boxes(p, word, 3, LIST(word, "b", word));
    return p;
}

static void words_lie_inside_the_margins_and_apart(void **state) {
    const cit_page_paper letter = {.letter = true,
                                   .footer = "a footer so long that it takes more "
                                             "than one line of the sheet, which it "
                                             "then does without running into the "
                                             "number of the sheet beside it"};
    (void)state;
    const pdf a4 = printed(full_page(), &plain_paper), us = printed(full_page(), &letter);
    check_boxes(&a4, 595.28, 841.89);
    check_boxes(&us, 612, 792);
    const pdf narrow = printed(narrow_page(), &letter);
    check_boxes(&narrow, 612, 792);
    free(a4.bytes);
    free(us.bytes);
    free(narrow.bytes);
}

/* Rules, boxes and panels too: at 36 dots to the inch, all but the inner sheet is white. */
static void ink_stays_inside_the_margins(void **state) {
    const double dots_mm = 36 / 25.4;
    size_t size = 0;
    int width = 0, height = 0, start = 0;
    (void)state;
    const pdf p = printed(narrow_page(), &plain_paper);
    char *pgm = output_of(&p, "pdftoppm -gray -r 36 -f 1 -l 1 %s", &size);
    CHECK(sscanf(pgm, "P5 %d %d 255%n", &width, &height, &start) == 2, "no picture");
    const unsigned char *at = (const unsigned char *)pgm + start + 1;
    CHECK(size == (size_t)start + 1 + (size_t)width * (size_t)height, "%zu bytes", size);
    const int edge = (int)(margin_mm * dots_mm) - 1;
    int inside = 0;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const bool margin = x < edge || x >= width - edge || y < edge || y >= height - edge;
            const bool dark = at[y * width + x] < 250;
            CHECK(!(margin && dark), "ink at %d, %d of %d x %d", x, y, width, height);
            inside += dark;
        }
    CHECK(inside > width * height / 100, "only %d dots of ink", inside);
    free(pgm);
    free(p.bytes);
}

static void an_empty_page_is_one_sheet(void **state) {
    const cit_page_paper bare = {0};
    (void)state;
    const pdf p = printed(cit_page_new("Nothing", NULL), &bare);
    char *words = read_back(&p);
    CHECK(p.sheets == 1 && count_of(words, "\f") == 1, "%d sheets", p.sheets);
    CHECK(strncmp(words, "Nothing\n1/1\n", 12) == 0, "it says '%s'", words);
    free(words);
    free(p.bytes);
}

static void many_bullets_take_many_sheets(void **state) {
    enum { BULLETS = 400 };
    cit_page *page = cit_page_new("Many", NULL);
    char item[80];
    (void)state;
    for (int i = 0; i < BULLETS; i++) {
        snprintf(item, sizeof item, "bullet b%03d. of four hundred", i);
        cit_page_bullet(page, "-", item);
    }
    const pdf p = printed(page, &plain_paper);
    char *words = read_back(&p);
    CHECK(p.sheets >= 5 && p.sheets <= 12, "%d sheets", p.sheets);
    CHECK(count_of(words, "\f") == p.sheets, "%d sheets, not %d", count_of(words, "\f"), p.sheets);
    CHECK(count_of(words, plain_paper.footer) == p.sheets, "a sheet without its footer");
    for (int i = 0, before = 0; i < BULLETS; i++) {
        snprintf(item, sizeof item, "b%03d.", i);
        const int sheet = sheet_of(words, item);
        CHECK(count_of(words, item) == 1, "%s is there %d times", item, count_of(words, item));
        CHECK(sheet == before || sheet == before + 1, "%s is on sheet %d", item, sheet);
        before = sheet;
    }
    for (int i = 1; i <= p.sheets; i++) {
        snprintf(item, sizeof item, "%d/%d", i, p.sheets);
        CHECK(sheet_of(words, item) == i - 1, "%s is on sheet %d", item, sheet_of(words, item));
    }
    free(words);
    free(p.bytes);
}

static cit_page *lines(int count) {
    cit_page *page = cit_page_new("Lines", NULL);
    for (int i = 0; i < count; i++) cit_page_bullet(page, "[ ]", "one line");
    return page;
}

/* A heading, and what must be on its sheet whatever stands between. */
static void add_pair(cit_page *page, int kind) {
    cit_page_heading(page, "HEADING");
    if (kind == 0) cit_page_paragraph(page, "FOLLOWER");
    if (kind == 1) {
        cit_page_table(page, 1, NULL, LIST("column"));
        cit_page_row(page, 1, LIST("FOLLOWER"));
    }
    if (kind == 2) {
        cit_page_space(page);
        cit_page_bullet(page, "-", "FOLLOWER");
    }
    if (kind == 3) {
        cit_page_heading(page, "second");
        cit_page_fields(page, 1, LIST("FOLLOWER"), NULL);
    }
}

/* At every height about the foot of a sheet. */
static void a_heading_is_never_left_alone(void **state) {
    const cit_page_paper bare = {0};
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        int on_first = 0, on_second = 0;
        for (int count = 34; count <= 46; count++) {
            cit_page *page = lines(count);
            add_pair(page, kind);
            const pdf p = printed(page, &bare);
            char *words = read_back(&p);
            const int a = sheet_of(words, "HEADING"), b = sheet_of(words, "FOLLOWER");
            CHECK(a >= 0 && a == b, "kind %d under %d lines: sheet %d, what follows on %d", kind,
                  count, a, b);
            on_first += a == 0;
            on_second += a == 1;
            free(words);
            free(p.bytes);
        }
        CHECK(on_first >= 2 && on_second >= 2, "kind %d: %d and %d", kind, on_first, on_second);
    }
}

static const char filler[] = "words that fill lines and lines of this block, so that it would be "
                             "split if anything were, and then some more words to be sure of it, ";

static void rows_are_whole_and_tables_keep_their_heading(void **state) {
    enum { ROWS = 80 };
    cit_page *page = cit_page_new("Rows", NULL);
    char cell[400], last[8];
    (void)state;
    cit_page_table(page, 2, (const double[]){1, 2}, LIST("COLUMN ONE", "COLUMN TWO"));
    for (int i = 0; i < ROWS; i++) {
        snprintf(cell, sizeof cell, "R%02d. %s Z%02d.", i, filler, i);
        cit_page_row(page, 2, LIST("short", cell));
    }
    const pdf p = printed(page, &plain_paper);
    char *words = read_back(&p);
    CHECK(p.sheets > 3, "%d sheets", p.sheets);
    CHECK(count_of(words, "COLUMN ONE") == p.sheets, "%d headings on %d sheets",
          count_of(words, "COLUMN ONE"), p.sheets);
    for (int i = 0; i < ROWS; i++) {
        snprintf(cell, sizeof cell, "R%02d.", i);
        snprintf(last, sizeof last, "Z%02d.", i);
        CHECK(sheet_of(words, cell) >= 0 && sheet_of(words, cell) == sheet_of(words, last),
              "row %d is split", i);
    }
    free(words);
    free(p.bytes);
}

/* `count` words "w0000 w0001 ..." */
static char *numbered(int count) {
    char *all = malloc((size_t)count * 6 + 1);
    CHECK(all != NULL, "no memory");
    for (int i = 0; i < count; i++) snprintf(all + (size_t)i * 6, 7, "w%04d ", i);
    return all;
}

static void a_block_longer_than_a_sheet_loses_nothing(void **state) {
    enum { COUNT = 3000 };
    char *all = numbered(COUNT), word[8];
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        cit_page *page = cit_page_new("Long", NULL);
        cit_page_paragraph(page, "before");
        if (kind == 0) cit_page_paragraph(page, all);
        if (kind == 1) cit_page_bullet(page, "[ ]", all);
        if (kind == 2) cit_page_verdict(page, CIT_PAGE_ASK, all);
        if (kind == 3) {
            cit_page_table(page, 2, NULL, LIST("a", "b"));
            cit_page_row(page, 2, LIST("x", all));
        }
        cit_page_paragraph(page, "after");
        const pdf p = printed(page, &plain_paper);
        char *words = read_back(&p);
        const char *at = words;
        CHECK(p.sheets >= 3, "kind %d: %d sheets", kind, p.sheets);
        CHECK(sheet_of(words, "w0000") == 0, "kind %d begins on sheet %d", kind,
              sheet_of(words, "w0000"));
        for (int i = 0; i < COUNT; i++) {
            snprintf(word, sizeof word, "w%04d", i);
            at = strstr(at, word);
            CHECK(at != NULL, "kind %d: %s is missing or out of order", kind, word);
            CHECK(strstr(at + 1, word) == NULL, "kind %d: %s is there twice", kind, word);
        }
        CHECK(strstr(at, "after") != NULL, "kind %d: what follows is missing", kind);
        check_boxes(&p, 595.28, 841.89);
        free(words);
        free(p.bytes);
    }
    free(all);
}

static void a_page_shrinks_to_fit_one_sheet(void **state) {
    const cit_page_paper fit = {.fit_one_page = true}, loose = {0};
    (void)state;
    const pdf small = printed(lines(10), &fit), same = printed(lines(10), &loose);
    CHECK(small.size == same.size && memcmp(small.bytes, same.bytes, same.size) == 0,
          "what fits was changed");
    const pdf two = printed(lines(55), &loose), one = printed(lines(55), &fit);
    CHECK(two.sheets == 2 && one.sheets == 1, "%d sheets became %d", two.sheets, one.sheets);
    free(small.bytes);
    free(same.bytes);
    free(two.bytes);
    free(one.bytes);
}

static void what_would_be_too_small_to_read_is_refused(void **state) {
    const cit_page_paper fit = {.fit_one_page = true};
    cit_page *page = lines(90);
    (void)state;
    const pdf p = print(page, &fit);
    CHECK(p.status == CIT_INVALID && p.bytes == NULL, "it was printed");
    assert_string_equal(errs.items[0].where, "page \"Lines\"");
    CHECK(strstr(errs.items[0].text, "7.5 pt") != NULL && strstr(errs.items[0].text, "takes 2"),
          "it says '%s'", errs.items[0].text);
    cit_page_free(page);
}

static void bad_paper_is_refused(void **state) {
    static char endless[20000];
    const struct {
        cit_page_paper paper;
        const char *why;
    } rows[] = {
        {{.day = CIT_UNKNOWN_INT}, "date"},
        {{.day = 2932897}, "date"},
        {{.footer = "bad \xfe"}, "footer: byte 5"},
        {{.footer = endless}, "no room"},
    };
    cit_page *page = full_page();
    (void)state;
    for (size_t i = 0; i + 1 < sizeof endless; i++) endless[i] = i % 8 == 7 ? ' ' : 'x';
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const pdf p = print(page, &rows[i].paper);
        CHECK(p.status == CIT_INVALID && p.bytes == NULL, "row %zu was printed", i);
        CHECK(errs.count == 1 && strstr(errs.items[0].text, rows[i].why) != NULL, "row %zu: '%s'",
              i, errs.items[0].text);
        assert_string_equal(errs.items[0].where, "page \"Sheet for the day\"");
    }
    cit_page_free(page);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(paragraphs_wrap_between_words),
        CASE(a_long_word_is_broken_between_characters),
        CASE(marks_take_no_column_and_wide_letters_two),
        CASE(bullets_hang_and_their_texts_align),
        CASE(tables_and_forms_have_their_columns),
        CASE(a_verdict_is_boxed),
        CASE(space_is_a_blank_line_between_blocks),
        CASE(an_empty_page_is_its_title),
        CASE(no_line_is_wider_than_asked),
        CASE(every_sentence_is_shown_in_plain_characters),
        CASE(without_its_codes_coloured_text_is_the_plain_one),
        CASE(texts_are_copied),
        CASE(a_bad_block_is_named),
        CASE(a_row_must_be_as_long_as_its_table),
        CASE(shares_must_be_above_0),
        CASE(every_fault_is_told),
        CASE(a_terminal_must_have_40_columns),
        CASE(no_page_is_no_memory),
        CASE(the_same_page_is_the_same_bytes),
        CASE(its_date_is_the_one_given),
        CASE(it_is_titled_and_tagged),
        CASE(every_sentence_is_read_back),
        CASE(words_lie_inside_the_margins_and_apart),
        CASE(ink_stays_inside_the_margins),
        CASE(an_empty_page_is_one_sheet),
        CASE(many_bullets_take_many_sheets),
        CASE(a_heading_is_never_left_alone),
        CASE(rows_are_whole_and_tables_keep_their_heading),
        CASE(a_block_longer_than_a_sheet_loses_nothing),
        CASE(a_page_shrinks_to_fit_one_sheet),
        CASE(what_would_be_too_small_to_read_is_refused),
        CASE(bad_paper_is_refused),
    };
    return cmocka_run_group_tests(cases, setup, teardown);
}
