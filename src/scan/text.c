/* Heights as text: a matrix, a profile with or without a column of places, a list x y z on an even grid. Units are taken
 * where a header tells them beyond doubt, and from the scale otherwise. */
#include "scan_impl.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- what stands above the table ---------------------------------------------------------------- */

enum { NAMED = 4 }; /* columns that may have a meaning */

/* 0: not told. */
typedef struct heading {
    double dx_mm, dy_mm, wide_mm, high_mm, factor_mm, unit_mm;
    double rows, columns;
    double column_mm[NAMED]; /* unit of a column */
    bool counted;            /* the first column counts the rows */
} heading;

static bool is_mark(char c) { return c == ' ' || c == '\t' || c == '"' || c == '#'; }

static void trim(const char **text, const char **end) {
    while (*text < *end && is_mark(**text)) ++*text;
    while (*text < *end && is_mark((*end)[-1])) --*end;
}

static bool same_word(const char *word, const char *text, const char *end) {
    return strlen(word) == (size_t)(end - text) &&
           strncasecmp(word, text, (size_t)(end - text)) == 0;
}

typedef enum meaning { LENGTH, FACTOR, UNIT, COUNT } meaning;
typedef struct known_key {
    const char *key;
    meaning told;
    size_t at, also; /* in a heading */
    bool comment;    /* only behind a # */
} known_key;
#define AT(member) offsetof(heading, member)
static const known_key known_keys[] = {
    {"pixel size", LENGTH, AT(dx_mm), AT(dy_mm), false},
    {"pitch", LENGTH, AT(dx_mm), AT(dy_mm), false},
    {"pixel width", LENGTH, AT(dx_mm), AT(dx_mm), false},
    {"pixel height", LENGTH, AT(dy_mm), AT(dy_mm), false},
    {"dx", LENGTH, AT(dx_mm), AT(dx_mm), false},
    {"dy", LENGTH, AT(dy_mm), AT(dy_mm), false},
    {"width", LENGTH, AT(wide_mm), AT(wide_mm), true},
    {"height", LENGTH, AT(high_mm), AT(high_mm), true},
    {"value units", UNIT, AT(unit_mm), AT(unit_mm), false},
    {"data unit", UNIT, AT(unit_mm), AT(unit_mm), false},
    {"height unit", UNIT, AT(unit_mm), AT(unit_mm), false},
    {"z unit", UNIT, AT(unit_mm), AT(unit_mm), false},
    {"height conversion factor (-> m)", FACTOR, AT(factor_mm), AT(factor_mm), false},
    {"h", COUNT, AT(rows), AT(rows), false},
    {"w", COUNT, AT(columns), AT(columns), false},
};

static const known_key *find_key(const char *text, const char *end, bool comment) {
    for (size_t i = 0; i < sizeof known_keys / sizeof *known_keys; i++)
        if (same_word(known_keys[i].key, text, end) && (comment || !known_keys[i].comment))
            return &known_keys[i];
    return NULL;
}

static void put(heading *h, const known_key *key, double value) {
    memcpy((char *)h + key->at, &value, sizeof value);
    memcpy((char *)h + key->also, &value, sizeof value);
}

/* The value behind a key; where the next key may begin. */
static const char *take_value(const cit_sheet *sheet, const known_key *key, const char *at,
                              const char *end, heading *h) {
    cit_number number = {0, 0};
    while (at < end && is_mark(*at)) at++;
    if (key->told == UNIT) {
        trim(&at, &end);
        put(h, key, cit_heights_unit_mm(at, (size_t)(end - at)));
        return end;
    }
    const char *unit = cit_number_read(at, end, sheet->point, sheet->c, &number);
    if (unit == NULL || !(number.value > 0)) return end;
    while (unit < end && is_mark(*unit)) unit++;
    const char *stop = unit;
    while (stop < end && !is_mark(*stop) && *stop != '=') stop++;
    const double mm = cit_heights_unit_mm(unit, (size_t)(stop - unit));
    if (key->told == COUNT) put(h, key, number.value);
    if (key->told == FACTOR) put(h, key, 1e3 * number.value);
    if (key->told == LENGTH && mm > 0) put(h, key, number.value * mm);
    return key->told == LENGTH ? stop : unit;
}

/* `h=305 w=75`, `# Width: 10 um`. */
static void take_keys(const cit_sheet *sheet, const cit_line *line, heading *h) {
    const char *at = line->text;
    const bool comment = memchr(at, '#', (size_t)(line->end - at)) != NULL;
    while (at < line->end) {
        const char *sign = at, *end;
        while (sign < line->end && *sign != '=' && *sign != ':') sign++;
        if (sign == line->end) return;
        end = sign;
        trim(&at, &end);
        const known_key *key = find_key(at, end, comment);
        if (key == NULL) return;
        at = take_value(sheet, key, sign + 1, line->end, h);
    }
}

/* The unit that ends a column's name: "x in um", "Height [nm]", "X_(microns)", "z/mm". A lone letter is believed only
 * in brackets or behind a stroke or `in`. */
static double name_unit_mm(const char *text, const char *end) {
    trim(&text, &end);
    const bool bracket = text < end && (end[-1] == ']' || end[-1] == ')');
    if (bracket) end--;
    const char *word = end;
    while (word > text && strchr(" \t([/_", word[-1]) == NULL) word--;
    if (word == text) return 0;
    const bool sure =
        bracket || word[-1] == '/' || (word - text >= 4 && strncasecmp(word - 4, " in ", 4) == 0);
    return end - word > 1 || sure ? cit_heights_unit_mm(word, (size_t)(end - word)) : 0;
}

static bool is_counter(const char *text, const char *end) {
    static const char *const words[] = {"index", "no", "no.", "nr", "nr.", "number", "row"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (same_word(words[i], text, end)) return true;
    return false;
}

typedef struct name {
    const char *text, *end;
} name;

static char separator_of(const cit_line *line) {
    for (const char *c = "\t;,"; *c != 0; c++)
        if (memchr(line->text, *c, (size_t)(line->end - line->text)) != NULL) return *c;
    return ' ';
}

/* The first names in a line, trimmed, and how many there are; empty ones at its end are none. */
static size_t split_names(const cit_line *line, name names[NAMED]) {
    const char separator = separator_of(line);
    size_t count = 0, last = 0;
    for (const char *at = line->text; at <= line->end;) {
        const char *stop = memchr(at, separator, (size_t)(line->end - at));
        const char *end = stop == NULL ? line->end : stop;
        name n = {at, end};
        trim(&n.text, &n.end);
        at = end + 1;
        if (separator == ' ' && n.text == n.end) continue;
        if (count < NAMED) names[count] = n;
        count++;
        if (n.text < n.end) last = count;
    }
    return last;
}

/* The names of columns in the line just above the table; believed where each column has one. */
static void take_names(const cit_sheet *sheet, const cit_line *line, heading *h) {
    name names[NAMED] = {{0}};
    const bool alone = sheet->columns == 1;
    const size_t count = alone ? 1 : split_names(line, names);
    if (alone) names[0] = (name){line->text, line->end};
    if (count != sheet->columns) return;
    for (size_t i = 0; i < count && i < NAMED; i++)
        h->column_mm[i] = name_unit_mm(names[i].text, names[i].end);
    h->counted = !alone && is_counter(names[0].text, names[0].end);
}

static void take_heading(const cit_sheet *sheet, heading *h) {
    size_t at = 0;
    int number = 0;
    cit_line line;
    bool any = false;
    while (at < sheet->first && cit_sheet_next_line(sheet, &at, &number, &line)) {
        take_keys(sheet, &line, h);
        any = true;
    }
    if (any) take_names(sheet, &line, h);
}

/* ---- places ------------------------------------------------------------------------------------- */

/* A number as printed: its last digit says how far it was rounded. */
typedef struct printed {
    double x;
    int decimals;
} printed;

/* Places one after another, and the even ones through them. */
typedef struct places {
    printed *p;
    size_t count;
    double first, step;
} places;

static cit_status take_column(const cit_sheet *s, size_t column, places *ret) {
    *ret = (places){.p = calloc(s->rows + 1, sizeof *ret->p), .count = s->rows};
    if (ret->p == NULL) return cit_heights_no_memory(s->in, (double)s->rows * sizeof *ret->p);
    for (size_t row = 0; row < s->rows; row++) {
        const size_t i = row * s->columns + column;
        ret->p[row] = (printed){s->numbers[i], s->decimals[i]};
        if (isnan(s->numbers[i]))
            return cit_heights_bad_line(s->in, cit_sheet_line(s, row), "has no place in column %zu",
                                        column + 1);
    }
    return CIT_OK;
}

/* By least squares, so that a place that is left out does not hide in the rounding. */
static void fit(places *s) {
    const double middle = ((double)s->count - 1) / 2;
    double mean = 0, up = 0, across = 0;
    for (size_t i = 0; i < s->count; i++) mean += s->p[i].x / (double)s->count;
    for (size_t i = 0; i < s->count; i++) {
        up += ((double)i - middle) * (s->p[i].x - mean);
        across += ((double)i - middle) * ((double)i - middle);
    }
    s->step = across > 0 ? up / across : 0;
    s->first = mean - s->step * middle;
}

static double even_place(const places *s, size_t i) { return s->first + s->step * (double)i; }

/* The first that is off by more than rounding; count: none. */
static size_t uneven(const places *s) {
    for (size_t i = 0; i < s->count; i++) {
        const double digit = pow(10, -s->p[i].decimals);
        const double rounding = s->step >= 1.5 * digit ? 0.6 * digit : 0;
        if (!(fabs(s->p[i].x - even_place(s, i)) <= rounding + 1e-3 * s->step)) return i;
    }
    return s->count;
}

/* ---- profiles and matrices ---------------------------------------------------------------------- */

typedef struct reading {
    const cit_heights_source *in;
    cit_sheet *sheet;
    heading heading;
    size_t first_column;            /* behind the one that counts */
    double dx_mm, dy_mm, height_um; /* 0: not told */
} reading;

/* What 1 in a column of places is: told by its name, or by the scale; 0 where the scale has the pitch instead. */
static cit_status take_column_unit(const reading *r, size_t column, double *ret_mm) {
    const cit_scan_scale *scale = &r->in->scale;
    const double told = r->heading.column_mm[column], given = scale->unit_mm;
    if (told == 0 && given == 0 && scale->dx_mm == 0)
        return cit_heights_bad(
            r->in, "does not tell the unit of column %zu; a scale must (`unit: 1 um`)", column + 1);
    if (told != 0 && given != 0 && fabs(told - given) > 1e-4 * told)
        return cit_heights_bad(r->in, "tells places in units of %g mm, the scale of %g", told,
                               given);
    *ret_mm = told != 0 ? told : given;
    return CIT_OK;
}

static cit_status take_height_unit(reading *r, size_t column) {
    const heading *h = &r->heading;
    const double named = column < NAMED ? h->column_mm[column] : 0;
    if (named != 0 && h->unit_mm != 0 && named != h->unit_mm)
        return cit_heights_bad(r->in, "tells heights in units of %g mm, and of %g", named,
                               h->unit_mm);
    r->height_um = 1e3 * (named != 0 ? named : h->factor_mm != 0 ? h->factor_mm : h->unit_mm);
    return CIT_OK;
}

static cit_status check_shape(const reading *r, size_t columns) {
    const heading *h = &r->heading;
    if ((h->rows != 0 && h->rows != (double)r->sheet->rows) ||
        (h->columns != 0 && h->columns != (double)columns))
        return cit_heights_bad(r->in, "tells %g rows of %g, and has %zu of %zu", h->rows,
                               h->columns, r->sheet->rows, columns);
    return CIT_OK;
}

/* Heights that no surface has are told with their line. */
static cit_status check_heights(const reading *r, size_t from, size_t to) {
    const cit_sheet *s = r->sheet;
    for (size_t row = 0; row < s->rows; row++)
        for (size_t i = from; i < to; i++) {
            const double number = s->numbers[row * s->columns + i];
            const bool missing =
                isnan(number) || (r->in->scale.has_missing && number == r->in->scale.missing);
            if (missing || fabs(number) * r->height_um <= CIT_HEIGHT_MOST_UM) continue;
            return cit_heights_bad_line(
                r->in, cit_sheet_line(s, row),
                "%.6g is a height of %.3g um, beyond any surface; if it "
                "stands for a missing one, a scale must say so (`missing: %.6g`)",
                number, number * r->height_um, number);
        }
    return CIT_OK;
}

/* Numbers one after another as heights. */
static cit_status give(reading *r, const double *numbers, size_t nx, size_t ny, const char *what,
                       cit_heights **ret) {
    cit_status st = CIT_OK;
    if (nx > INT32_MAX || ny > INT32_MAX)
        return cit_heights_bad(r->in, "has %zu x %zu heights, beyond what is read", nx, ny);
    const cit_raster raster = {.nx = (int)nx,
                               .ny = (int)ny,
                               .dx_mm = r->dx_mm,
                               .dy_mm = r->dy_mm,
                               .step_um = r->height_um,
                               .sample = CIT_SAMPLE_F64,
                               .big_endian = CIT_HOST_IS_BIG,
                               .numbers = (const uint8_t *)numbers,
                               .unpacked = true};
    CIT_TRY(cit_heights_from_raster(r->in, &raster, ret));
    snprintf((*ret)->origin, sizeof(*ret)->origin, "text, %s", what);
done:
    return st;
}

/* Without its corner, do its first row and column rise as places do? */
static bool is_framed(const cit_sheet *s) {
    bool even = s->rows > 2 && s->columns > 2 && isnan(s->numbers[0]);
    const size_t counts[] = {s->columns - 1, s->rows - 1}, strides[] = {1, s->columns};
    for (int side = 0; side < 2 && even; side++) {
        const double first = s->numbers[strides[side]];
        const double last = s->numbers[counts[side] * strides[side]];
        const double step = (last - first) / ((double)counts[side] - 1);
        even = step > 0;
        for (size_t i = 0; i < counts[side]; i++)
            even = even && fabs(s->numbers[(i + 1) * strides[side]] - first - step * (double)i) <=
                               0.5 * step;
    }
    return even;
}

static cit_status read_matrix(reading *r, size_t columns, cit_heights **ret) {
    cit_status st = CIT_OK;
    cit_sheet *s = r->sheet;
    const heading *h = &r->heading;
    r->dx_mm = h->dx_mm != 0 ? h->dx_mm : h->wide_mm / (double)columns;
    r->dy_mm = h->dy_mm != 0 ? h->dy_mm : h->high_mm / (double)s->rows;
    if (s->rows == 1) r->dy_mm = r->dx_mm;
    r->height_um = 1e3 * (h->factor_mm != 0 ? h->factor_mm : h->unit_mm);
    CIT_TRY(check_shape(r, columns));
    if (is_framed(s))
        return cit_heights_bad_line(r->in, cit_sheet_line(s, 0),
                                    "begins a matrix with places in its first row and column; save "
                                    "the heights alone");
    CIT_TRY(cit_heights_settle(r->in, &r->dx_mm, &r->dy_mm, &r->height_um));
    CIT_TRY(check_heights(r, r->first_column, s->columns));
    for (size_t row = 0; row < s->rows && r->first_column > 0; row++)
        memmove(s->numbers + row * columns, s->numbers + row * s->columns + r->first_column,
                columns * sizeof *s->numbers);
    CIT_TRY(give(r, s->numbers, columns, s->rows, "a matrix", ret));
done:
    return st;
}

/* One height a row; its column is brought together. */
static cit_status give_profile(reading *r, size_t column, const char *what, cit_heights **ret) {
    cit_status st = CIT_OK;
    cit_sheet *s = r->sheet;
    CIT_TRY(take_height_unit(r, column));
    r->dy_mm = r->dx_mm;
    if (r->dy_mm == 0) r->dy_mm = r->in->scale.dx_mm;
    CIT_TRY(cit_heights_settle(r->in, &r->dx_mm, &r->dy_mm, &r->height_um));
    CIT_TRY(check_heights(r, column, column + 1));
    for (size_t row = 0; row < s->rows; row++)
        s->numbers[row] = s->numbers[row * s->columns + column];
    CIT_TRY(give(r, s->numbers, s->rows, 1, what, ret));
done:
    return st;
}

static cit_status read_profile(reading *r, cit_heights **ret) {
    cit_status st = CIT_OK;
    const cit_sheet *s = r->sheet;
    double unit_mm = 0;
    places x = {0};
    CIT_TRY(take_column(s, r->first_column, &x));
    fit(&x);
    if (!(x.step > 0)) {
        st = cit_heights_bad_line(r->in, cit_sheet_line(s, 0),
                                  "begins two columns; the first does not rise as places do");
        goto done;
    }
    const size_t off = uneven(&x);
    if (off < x.count) {
        st = cit_heights_bad_line(r->in, cit_sheet_line(s, off),
                                  "is at %.6g; even steps of %.6g would put it at %.6g", x.p[off].x,
                                  x.step, even_place(&x, off));
        goto done;
    }
    CIT_TRY(take_column_unit(r, r->first_column, &unit_mm));
    r->dx_mm = x.step * unit_mm;
    CIT_TRY(give_profile(r, r->first_column + 1, "a profile", ret));
done:
    free(x.p);
    return st;
}

/* ---- lists -------------------------------------------------------------------------------------- */

static int by_place(const void *a, const void *b) {
    const double x = ((const printed *)a)->x, y = ((const printed *)b)->x;
    return (x > y) - (x < y);
}

/* Each place once, in order. */
static void keep_distinct(places *s) {
    qsort(s->p, s->count, sizeof *s->p, by_place);
    const double same = 1e-7 * (s->p[s->count - 1].x - s->p[0].x);
    size_t count = 1;
    for (size_t i = 1; i < s->count; i++)
        if (s->p[i].x - s->p[count - 1].x > same) s->p[count++] = s->p[i];
    s->count = count;
}

/* The places of a column as an axis of a grid, and its pitch in mm (0: not told). */
static cit_status take_axis(const reading *r, size_t column, places *ret, double *ret_mm) {
    cit_status st = CIT_OK;
    double unit_mm = 0;
    const char axis = column == r->first_column ? 'x' : 'y';
    CIT_TRY(take_column(r->sheet, column, ret));
    keep_distinct(ret);
    fit(ret);
    const size_t off = uneven(ret);
    if (ret->count > 1 && off < ret->count)
        return cit_heights_bad(
            r->in,
            "is a list of x, y and height, but %c = %.6g does not lie on an even "
            "grid of %.6g; save it as a map",
            axis, ret->p[off].x, ret->step);
    CIT_TRY(take_column_unit(r, column, &unit_mm));
    *ret_mm = ret->count > 1 ? ret->step * unit_mm : 0;
done:
    return st;
}

static size_t index_of(const places *s, double x) {
    const double i = s->step > 0 ? round((x - s->first) / s->step) : 0;
    return i <= 0 ? 0 : i >= (double)s->count ? s->count - 1 : (size_t)i;
}

static cit_status put_on_grid(const reading *r, const places *x, const places *y, double *grid) {
    const cit_sheet *s = r->sheet;
    for (size_t i = 0; i < x->count * y->count; i++) grid[i] = CIT_UNKNOWN_NUMBER;
    for (size_t row = 0; row < s->rows; row++) {
        const double *n = s->numbers + row * s->columns + r->first_column;
        double *at = grid + index_of(x, n[0]) + index_of(y, n[1]) * x->count;
        if (!isnan(*at))
            return cit_heights_bad_line(r->in, cit_sheet_line(s, row),
                                        "has a second height at x = %.6g, y = %.6g", n[0], n[1]);
        *at = n[2];
    }
    return CIT_OK;
}

/* Assumed: of a grid of which less was measured, the list is no list of a grid. */
enum { GRID_SHARE = 4 };

static cit_status read_list(reading *r, cit_heights **ret) {
    cit_status st = CIT_OK;
    const cit_sheet *s = r->sheet;
    places x = {0}, y = {0};
    double *grid = NULL;
    CIT_TRY(cit_heights_afford(r->in, 32 * (double)s->rows, "its places"));
    CIT_TRY(take_axis(r, r->first_column, &x, &r->dx_mm));
    CIT_TRY(take_axis(r, r->first_column + 1, &y, &r->dy_mm));
    if (y.count == 1) r->dy_mm = r->dx_mm;
    const double size = (double)x.count * (double)y.count;
    if (x.count == 1 || size > GRID_SHARE * (double)s->rows) {
        st = cit_heights_bad(
            r->in, "is a list of %zu heights at %zu x and %zu y: no grid; save it as a map",
            s->rows, x.count, y.count);
        goto done;
    }
    CIT_TRY(take_height_unit(r, r->first_column + 2));
    CIT_TRY(cit_heights_settle(r->in, &r->dx_mm, &r->dy_mm, &r->height_um));
    CIT_TRY(check_heights(r, r->first_column + 2, r->first_column + 3));
    CIT_TRY(cit_heights_afford(r->in, 8 * size, "its grid"));
    grid = malloc(x.count * y.count * sizeof *grid);
    if (grid == NULL) {
        st = cit_heights_no_memory(r->in, 8 * size);
        goto done;
    }
    CIT_TRY(put_on_grid(r, &x, &y, grid));
    CIT_TRY(give(r, grid, x.count, y.count, "a list", ret));
done:
    free(x.p);
    free(y.p);
    free(grid);
    return st;
}

/* ---- which of them ------------------------------------------------------------------------------ */

cit_status cit_heights_read_text(const cit_heights_source *in, cit_heights **ret) {
    cit_status st = CIT_OK;
    cit_sheet sheet;
    reading r = {.in = in, .sheet = &sheet};
    CIT_TRY(cit_sheet_read(in, &sheet));
    take_heading(&sheet, &r.heading);
    r.first_column = r.heading.counted;
    const size_t columns = sheet.columns - r.first_column;
    if (r.heading.columns == (double)columns || columns > 3)
        st = read_matrix(&r, columns, ret);
    else if (columns == 1)
        st = give_profile(&r, r.first_column, "a profile", ret);
    else
        st = columns == 2 ? read_profile(&r, ret) : read_list(&r, ret);
done:
    cit_sheet_free(&sheet);
    return st;
}
