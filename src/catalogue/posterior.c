/* The posterior: data/posterior/needling.csv. Lines beginning with # say where it comes from; then a line of
 * parameter names, then a line of standard normal numbers for each draw. */
#include "catalogue_impl.h"
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWS_MAX = 100000, COLUMNS_MAX = 1000, LINE_MAX_BYTES = 64 * 1024 };

double cit_posterior_number(const cit_posterior *posterior, int draw, int row) {
    const size_t place = (size_t)(draw % posterior->draws);
    return posterior->numbers[place * (size_t)posterior->rows + (size_t)row];
}

void cit_posterior_free(cit_posterior *posterior) {
    if (posterior == NULL) return;
    free(posterior->numbers);
    free(posterior->about);
    free(posterior);
}

typedef struct reading {
    const char *path;
    cit_posterior *posterior;
    int place[COLUMNS_MAX]; /* rows of the parameter table */
    int columns, line;
    size_t room;
    cit_errors *errs;
} reading;

static cit_status fault(const reading *r, int column, cit_status status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static cit_status fault(const reading *r, int column, cit_status status, const char *format, ...) {
    char where[512], text[256];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    snprintf(where, sizeof where, "%s:%d:%d", r->path, r->line, column);
    return cit_fail(r->errs, status, where, "%s", text);
}

static cit_status read_blend(reading *r, const char *line) {
    cit_posterior *p = r->posterior;
    char rest;
    if (sscanf(line, "# blend: weight %lf offset %lf sd %lf%c", &p->blend_weight, &p->blend_offset,
               &p->blend_sd, &rest) == 3 &&
        p->blend_weight >= 0 && p->blend_weight <= 1 && fabs(p->blend_offset) <= 1 &&
        p->blend_sd >= 0 && p->blend_sd <= 1)
        return CIT_OK;
    return fault(r, 1, CIT_INVALID,
                 "expected '# blend: weight W offset O sd S', shares from 0 to 1 (O from -1)");
}

static cit_status read_chance(reading *r, const char *line) {
    char rest;
    if (sscanf(line, "# chance: %lf%c", &r->posterior->chance, &rest) == 1 &&
        r->posterior->chance >= 0 && isfinite(r->posterior->chance))
        return CIT_OK;
    return fault(r, 1, CIT_INVALID, "expected '# chance: C', not below 0");
}

static cit_status read_about(reading *r, const char *line) {
    static const char blend[] = "# blend:", chance[] = "# chance:";
    if (strncmp(line, chance, sizeof chance - 1) == 0) {
        const cit_status st = read_chance(r, line);
        if (st != CIT_OK) return st;
    }
    if (strncmp(line, blend, sizeof blend - 1) == 0) {
        const cit_status st = read_blend(r, line);
        if (st != CIT_OK) return st;
    }
    const size_t old = r->posterior->about == NULL ? 0 : strlen(r->posterior->about),
                 more = strlen(line);
    char *grown = realloc(r->posterior->about, old + more + 2);
    if (grown == NULL) return fault(r, 1, CIT_NOMEM, "no memory");
    snprintf(grown + old, more + 2, "%s\n", line);
    r->posterior->about = grown;
    return CIT_OK;
}

static cit_status read_names(reading *r, char *line) {
    int count;
    const cit_parameter *table = cit_parameter_table(&count);
    char *rest = line;
    r->posterior->rows = count;
    for (char *name = strsep(&rest, ","); name != NULL; name = strsep(&rest, ",")) {
        int row = 0;
        while (row < count && strcmp(table[row].param.name, name) != 0) row++;
        if (row == count)
            return fault(r, (int)(name - line) + 1, CIT_INVALID, "'%s' is not a parameter", name);
        for (int i = 0; i < r->columns; i++)
            if (r->place[i] == row)
                return fault(r, (int)(name - line) + 1, CIT_INVALID, "'%s' twice", name);
        if (r->columns == COLUMNS_MAX)
            return fault(r, (int)(name - line) + 1, CIT_INVALID, "too many columns");
        r->place[r->columns++] = row;
    }
    return CIT_OK;
}

/* What strtod gives: up to 14 digits are one whole number, and over a power of ten it is rounded once, as it should be
 * (Clinger 1990). Everything else is strtod's. */
static double number_of(char *text, char **ret_end) {
    static const double tens[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6, 1e7,
                                  1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14};
    char *c = text + (*text == '-');
    int64_t whole = 0;
    int digits = 0, places = -1; /* behind the point; -1: none yet */
    for (; (*c >= '0' && *c <= '9') || (*c == '.' && places < 0); c++) {
        if (*c != '.') {
            whole = 10 * whole + (*c - '0');
            digits++;
        }
        places += *c == '.' || places >= 0;
        if (digits > 14) break;
    }
    if (*c != '\0' || digits == 0) return strtod(text, ret_end);
    *ret_end = c;
    const double value = (double)whole / tens[places > 0 ? places : 0];
    return *text == '-' ? -value : value;
}

static cit_status read_numbers(reading *r, char *line) {
    cit_posterior *p = r->posterior;
    if (p->draws == DRAWS_MAX) return fault(r, 1, CIT_INVALID, "too many draws");
    if ((size_t)p->draws == r->room) {
        r->room = r->room == 0 ? 512 : 2 * r->room;
        double *grown = realloc(p->numbers, r->room * (size_t)p->rows * sizeof *grown);
        if (grown == NULL) return fault(r, 1, CIT_NOMEM, "no memory");
        p->numbers = grown;
    }
    double *row = p->numbers + (size_t)p->draws * (size_t)p->rows;
    for (int i = 0; i < p->rows; i++) row[i] = CIT_UNKNOWN_NUMBER;
    char *rest = line;
    for (int i = 0; i < r->columns; i++) {
        char *text = strsep(&rest, ","), *end = NULL;
        if (text == NULL) return fault(r, 1, CIT_INVALID, "fewer numbers than names");
        const double z = number_of(text, &end);
        if (end == text || *end != '\0' || !isfinite(z) || fabs(z) > 20)
            return fault(r, (int)(text - line) + 1, CIT_INVALID,
                         "'%s' is not a standard normal number (from -20 to 20)", text);
        row[r->place[i]] = z;
    }
    if (rest != NULL) return fault(r, 1, CIT_INVALID, "more numbers than names");
    p->draws++;
    return CIT_OK;
}

static uint64_t digest_text(uint64_t hash, const char *text) {
    for (const char *c = text; *c; c++) hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    return hash;
}

static cit_status read_lines(reading *r, FILE *file, uint64_t *hash) {
    static const char first[] = "# cit posterior 1";
    char *line = malloc(LINE_MAX_BYTES);
    cit_status st = line == NULL ? fault(r, 1, CIT_NOMEM, "no memory") : CIT_OK;
    while (st == CIT_OK && fgets(line, LINE_MAX_BYTES, file) != NULL) {
        r->line++;
        *hash = digest_text(*hash, line);
        const size_t length = strcspn(line, "\r\n");
        if (line[length] == '\0')
            st = fault(r, 1, CIT_INVALID,
                       feof(file) ? "the last line is cut: it has no end"
                                  : "the line is too long, or holds a zero byte");
        line[length] = '\0';
        if (st != CIT_OK || (length == 0 && r->line > 1)) continue;
        if (r->line == 1 && strcmp(line, first) != 0)
            st = fault(r, 1, CIT_INVALID, "the first line must be '%s'", first);
        else if (line[0] == '#')
            st = read_about(r, line);
        else
            st = r->columns == 0 ? read_names(r, line) : read_numbers(r, line);
    }
    free(line);
    if (st == CIT_OK && ferror(file)) st = fault(r, 1, CIT_IO, "cannot be read");
    if (st == CIT_OK && r->posterior->draws == 0) {
        r->line++;
        st = fault(r, 1, CIT_INVALID, "there are no draws");
    }
    return st;
}

cit_status read_posterior(const char *path, cit_posterior **ret, uint64_t *hash, cit_errors *errs) {
    FILE *file = fopen(path, "r");
    if (file == NULL && errno == ENOENT) return CIT_OK; /* forecasts are then from the prior */
    if (file == NULL) return cit_fail(errs, CIT_IO, path, "cannot be read: %s", strerror(errno));
    reading r = {.path = path, .posterior = calloc(1, sizeof *r.posterior), .errs = errs};
    if (r.posterior != NULL) {
        r.posterior->blend_weight = 1;
        r.posterior->chance = CIT_UNKNOWN_NUMBER;
    }
    cit_status st = r.posterior == NULL ? cit_fail(errs, CIT_NOMEM, path, "no memory")
                                        : read_lines(&r, file, hash);
    fclose(file);
    if (st == CIT_OK)
        *ret = r.posterior;
    else
        cit_posterior_free(r.posterior);
    return st;
}

cit_status cit_posterior_read(const char *path, cit_posterior **ret, cit_errors *errs) {
    uint64_t unused = 0;
    cit_posterior *got = NULL;
    const cit_status st = read_posterior(path, &got, &unused, errs);
    if (st != CIT_OK) return st;
    if (got == NULL) return cit_fail(errs, CIT_NOTFOUND, path, "cannot be opened");
    *ret = got;
    return CIT_OK;
}
