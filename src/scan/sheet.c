/* A text as a table of numbers: its letters, its lines, its decimal sign, where the table begins. Nothing in it is
 * skipped: a line that is no row ends the table, and a table that was ended is a fault. */
#include "scan_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- letters ------------------------------------------------------------------------------------ */

/* Latin-1 as it is; the Greek mu as the micro sign; anything else is not needed. */
static char letter(uint32_t code) {
    if (code == 0x3bc) return (char)0xb5;
    if (code == 0x2212) return '-';
    return (char)(code < 0x100 ? code : '?');
}

/* A letter of UTF-8 and its length; 0: it is none. */
static size_t utf8_letter(const uint8_t *s, size_t left, uint32_t *ret) {
    if (s[0] < 0x80) {
        *ret = s[0];
        return 1;
    }
    const size_t length = s[0] >= 0xc2 && s[0] < 0xe0   ? 2
                          : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
                          : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
                                                        : 0;
    if (length == 0 || length > left) return 0;
    *ret = s[0] & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80) return 0;
        *ret = *ret << 6 | (s[i] & 0x3fu);
    }
    return length;
}

static bool is_utf8(const uint8_t *s, size_t size) {
    uint32_t code = 0;
    for (size_t i = 0; i < size;) {
        const size_t length = utf8_letter(s + i, size - i, &code);
        if (length == 0) return false;
        i += length;
    }
    return true;
}

static void take_utf8(cit_sheet *sheet, const uint8_t *s, size_t size) {
    uint32_t code = 0;
    for (size_t i = 0; i < size; sheet->length++) {
        i += utf8_letter(s + i, size - i, &code);
        sheet->text[sheet->length] = letter(code);
    }
}

static void take_utf16(cit_sheet *sheet, const uint8_t *s, size_t size, bool big_endian) {
    for (size_t i = 0; i + 1 < size; i += 2)
        sheet->text[sheet->length++] = letter(cit_get_u16(s + i, big_endian));
}

static cit_status take_letters(const cit_heights_source *in, cit_sheet *sheet) {
    const uint8_t *s = in->bytes;
    const size_t size = in->size;
    sheet->text = calloc(1, size);
    if (sheet->text == NULL) return cit_heights_no_memory(in, (double)size);
    if (size >= 2 && s[0] + s[1] == 0xff + 0xfe && s[0] >= 0xfe) {
        if (size % 2 != 0)
            return cit_heights_bad_byte(in, size - 1, "ends within a letter of UTF-16");
        take_utf16(sheet, s + 2, size - 2, s[0] == 0xfe);
    } else if (is_utf8(s, size)) {
        const bool marked = size >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0;
        take_utf8(sheet, s + (marked ? 3 : 0), size - (marked ? 3 : 0));
    } else {
        memcpy(sheet->text, s, size);
        sheet->length = size;
    }
    for (size_t i = 0; i < sheet->length; i++)
        if ((uint8_t)sheet->text[i] < ' ' && (sheet->text[i] < '\t' || sheet->text[i] > '\r'))
            return cit_heights_bad(in, "is no text: its letter %zu is a control character (%d)",
                                   i + 1, sheet->text[i]);
    return CIT_OK;
}

/* ---- lines and fields --------------------------------------------------------------------------- */

static bool is_soft(char c) { return c == ' ' || c == '\f' || c == '\v' || c == (char)0xa0; }

bool cit_sheet_next_line(const cit_sheet *sheet, size_t *at, int *number, cit_line *ret) {
    const char *text = sheet->text, *end = text + sheet->length;
    while (*at < sheet->length) {
        const char *first = text + *at, *stop = first;
        while (stop < end && *stop != '\n' && *stop != '\r') stop++;
        const char *next = stop;
        while (next < end && *next == '\r') next++;
        next += next < end && *next == '\n';
        *at = (size_t)(next - text);
        ++*number;
        for (const char *c = first; c < stop; c++) {
            if (is_soft(*c) || *c == '\t') continue;
            *ret = (cit_line){first, stop, *number};
            return true;
        }
    }
    return false;
}

/* A field of a row: a number, a missing one, or neither. */
typedef struct field {
    double value;
    int decimals;
    bool is_number;
} field;

static bool is_missing_word(const char *text, size_t length) {
    static const char *const words[] = {"nan",  "na", "n/a", "bad", "null",
                                        "none", "-",  "--",  "---", "***"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == length && strncasecmp(words[i], text, length) == 0) return true;
    return false;
}

/* A tab, a semicolon, and a comma where it is no decimal sign, part fields even where one is empty; blanks part them
 * where both are there. */
static bool is_hard(const cit_sheet *sheet, char c) {
    return c == '\t' || c == ';' || (c == ',' && sheet->point == '.');
}

static const char *skip_soft(const char *c, const char *end) {
    while (c < end && is_soft(*c)) c++;
    return c;
}

/* The field at *at, which moves behind it and its separator; *more: another follows. False: it is text. */
static bool take_field(const cit_sheet *sheet, const char **at, const char *end, field *ret,
                       bool *more) {
    const char *c = skip_soft(*at, end), *stop = c;
    cit_number number = {CIT_UNKNOWN_NUMBER, 0};
    while (stop < end && !is_soft(*stop) && !is_hard(sheet, *stop)) stop++;
    *ret = (field){CIT_UNKNOWN_NUMBER, 0, false};
    if (stop > c && !is_missing_word(c, (size_t)(stop - c))) {
        if (stop[-1] == ',') return false; /* "1, 2": it parts */
        if (cit_number_read(c, stop, sheet->point, sheet->c, &number) != stop) return false;
        *ret = (field){number.value, number.decimals, true};
    }
    c = skip_soft(stop, end);
    *more = c < end;
    *at = c < end && is_hard(sheet, *c) ? c + 1 : c;
    if (c < end && is_hard(sheet, *c)) *more = true;
    return true;
}

/* How many fields a row has, also the empty ones behind its last separator; 0: it is no row. */
static size_t take_row(const cit_sheet *sheet, const cit_line *line, double *numbers,
                       int8_t *decimals) {
    const char *at = line->text;
    size_t count = 0, known = 0;
    for (bool more = true; more; count++) {
        field f;
        if (!take_field(sheet, &at, line->end, &f, &more)) return 0;
        known += f.is_number;
        if (numbers == NULL) continue;
        numbers[count] = f.value;
        decimals[count] = (int8_t)(f.decimals > 99 ? 99 : f.decimals < -99 ? -99 : f.decimals);
    }
    return known > 0 || count > 1 ? count : 0;
}

/* ---- the table ---------------------------------------------------------------------------------- */

/* Rows of the same length one after another, and the line that ended them. */
typedef struct run {
    size_t rows, columns;
    int ended_at;
    bool by_row;
    char by[24];
} run;

enum { RUNS_MOST = 32, CERTAIN_ROWS = 3, CERTAIN_COLUMNS = 3 };

typedef struct search {
    run runs[RUNS_MOST];
    int count; /* runs that were ended */
    run now;
} search;

static void end_run(search *s, const cit_line *line, bool by_row) {
    if (s->now.rows > 0 && s->count < RUNS_MOST) {
        s->now.ended_at = line->number;
        s->now.by_row = by_row;
        cit_plain_copy(s->now.by, sizeof s->now.by, line->text, (size_t)(line->end - line->text));
        s->runs[s->count++] = s->now;
    }
    s->now = (run){0};
}

/* The last run of rows; it reaches to the end or is no table. */
static void find_table(cit_sheet *sheet, search *s) {
    size_t at = 0, before = 0;
    int number = 0, lines_before = 0;
    cit_line line;
    while (cit_sheet_next_line(sheet, &at, &number, &line)) {
        const size_t columns = take_row(sheet, &line, NULL, NULL);
        if (columns != s->now.columns) end_run(s, &line, columns > 0);
        if (columns > 0 && s->now.rows == 0) {
            sheet->first = before;
            sheet->before = lines_before;
        }
        if (columns > 0) s->now.columns = columns;
        s->now.rows += columns > 0;
        before = at;
        lines_before = number;
    }
    sheet->rows = s->now.rows;
    sheet->columns = s->now.columns;
}

/* A header may hold a line or two of one number or two; whatever looks more like a table was one. */
static const run *broken(const search *s) {
    for (int i = 0; i < s->count; i++) {
        const run *r = &s->runs[i];
        if (r->by_row || r->rows >= CERTAIN_ROWS || r->columns >= CERTAIN_COLUMNS ||
            r->columns == s->now.columns || s->now.rows == 0 || i == RUNS_MOST - 1)
            return r;
    }
    return NULL;
}

static bool has_in_table(const cit_sheet *sheet, const char *letters) {
    for (size_t i = sheet->first; i < sheet->length; i++)
        if (sheet->text[i] != 0 && strchr(letters, sheet->text[i]) != NULL) return true;
    return false;
}

/* Is a comma in the line just above? Then commas part names, and numbers too. */
static bool named_by_commas(const cit_sheet *sheet) {
    size_t at = 0;
    int number = 0;
    bool commas = false;
    cit_line line;
    while (at < sheet->first && cit_sheet_next_line(sheet, &at, &number, &line))
        commas = memchr(line.text, ',', (size_t)(line.end - line.text)) != NULL;
    return commas;
}

/* With points as decimal sign, or else with commas; both may make a table of the same letters. */
static cit_status choose_sign(cit_sheet *sheet) {
    search points = {0}, commas = {0};
    cit_sheet other = *sheet;
    sheet->point = '.';
    other.point = ',';
    find_table(sheet, &points);
    const run *b = broken(&points);
    const bool by_points = points.now.rows > 0 && b == NULL;
    if (by_points && !has_in_table(sheet, ",")) return CIT_OK;
    find_table(&other, &commas);
    if (commas.now.rows > 0 && broken(&commas) == NULL) {
        const bool parted = has_in_table(&other, "\t; ");
        if (by_points && !parted && !named_by_commas(sheet))
            return cit_heights_bad_line(sheet->in, cit_sheet_line(sheet, 0),
                                        "may hold two numbers or one with a decimal comma; write "
                                        "decimal points, or names of columns above");
        if (!by_points || parted) *sheet = other;
        return CIT_OK;
    }
    if (b != NULL)
        return cit_heights_bad_line(sheet->in, b->ended_at,
                                    "'%s' is no row of %zu numbers as the %zu before it", b->by,
                                    b->columns, b->rows);
    if (!by_points)
        return cit_heights_bad(sheet->in, "has no table of numbers that reaches to its end");
    return CIT_OK;
}

static cit_status take_rows(cit_sheet *sheet) {
    cit_status st = CIT_OK;
    size_t at = sheet->first;
    int number = 0;
    cit_line line;
    const size_t count = sheet->rows * sheet->columns;
    CIT_TRY(cit_heights_afford(sheet->in, (double)sheet->length + (double)count * 13, "its table"));
    sheet->numbers = calloc(count + 1, sizeof *sheet->numbers);
    sheet->decimals = calloc(count + 1, 1);
    if (sheet->numbers == NULL || sheet->decimals == NULL)
        return cit_heights_no_memory(sheet->in, (double)count * 9);
    for (size_t row = 0; cit_sheet_next_line(sheet, &at, &number, &line); row++)
        take_row(sheet, &line, sheet->numbers + row * sheet->columns,
                 sheet->decimals + row * sheet->columns);
done:
    return st;
}

static bool is_empty_column(const cit_sheet *sheet, size_t column) {
    for (size_t row = 0; row < sheet->rows; row++)
        if (!isnan(sheet->numbers[row * sheet->columns + column])) return false;
    return true;
}

/* Programs put a separator behind the last number as well; what it makes is no column. */
static void drop_empty_columns(cit_sheet *sheet) {
    size_t columns = sheet->columns;
    while (columns > 1 && is_empty_column(sheet, columns - 1)) columns--;
    for (size_t row = 0; row < sheet->rows && columns < sheet->columns; row++) {
        memmove(sheet->numbers + row * columns, sheet->numbers + row * sheet->columns,
                columns * sizeof *sheet->numbers);
        memmove(sheet->decimals + row * columns, sheet->decimals + row * sheet->columns, columns);
    }
    sheet->columns = columns;
}

int cit_sheet_line(const cit_sheet *sheet, size_t row) {
    size_t at = sheet->first;
    int number = sheet->before;
    cit_line line = {0};
    for (size_t i = 0; i <= row && cit_sheet_next_line(sheet, &at, &number, &line); i++) continue;
    return line.number;
}

cit_status cit_sheet_read(const cit_heights_source *in, cit_sheet *ret) {
    cit_status st = CIT_OK;
    *ret = (cit_sheet){.in = in, .c = newlocale(LC_ALL_MASK, "C", (locale_t)0)};
    if (ret->c == (locale_t)0) return cit_heights_no_memory(in, 0);
    CIT_TRY(cit_heights_afford(in, (double)in->size, "its text"));
    CIT_TRY(take_letters(in, ret));
    CIT_TRY(choose_sign(ret));
    CIT_TRY(take_rows(ret));
    drop_empty_columns(ret);
done:
    return st;
}

void cit_sheet_free(cit_sheet *sheet) {
    free(sheet->text);
    free(sheet->numbers);
    free(sheet->decimals);
    if (sheet->c != (locale_t)0) freelocale(sheet->c);
}
