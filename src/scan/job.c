/* A file that is being read: where its faults are, what memory it may take, its words and numbers. */
#include "shape_impl.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double memory_default = 2147483648.0;

cit_job cit_job_of(const char *name, const uint8_t *bytes, size_t size,
                   const cit_scan_limits *limits, cit_errors *errs) {
    const double memory = limits != NULL ? limits->memory_bytes : 0;
    return (cit_job){.name = name,
                     .bytes = bytes,
                     .size = size,
                     .memory = memory > 0 ? memory : memory_default,
                     .errs = errs};
}

/* ---- faults ---------------------------------------------------------------------------------- */

static cit_status fail_at(const cit_job *job, const char *where, const char *format, va_list args)
    CIT_PRINTF(3, 0);

static cit_status fail_at(const cit_job *job, const char *where, const char *format, va_list args) {
    char text[400];
    vsnprintf(text, sizeof text, format, args);
    return cit_fail(job->errs, CIT_INVALID, where, "%s", text);
}

cit_status cit_job_fail(const cit_job *job, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const cit_status st = fail_at(job, job->name, format, args);
    va_end(args);
    return st;
}

cit_status cit_job_fail_line(const cit_job *job, size_t line, const char *format, ...) {
    char where[192];
    va_list args;
    snprintf(where, sizeof where, "%.160s:%zu", job->name, line);
    va_start(args, format);
    const cit_status st = fail_at(job, where, format, args);
    va_end(args);
    return st;
}

cit_status cit_job_fail_byte(const cit_job *job, size_t byte, const char *format, ...) {
    char where[192];
    va_list args;
    snprintf(where, sizeof where, "%.150s:byte %zu", job->name, byte);
    va_start(args, format);
    const cit_status st = fail_at(job, where, format, args);
    va_end(args);
    return st;
}

/* ---- memory ---------------------------------------------------------------------------------- */

static cit_status pay(cit_job *job, double bytes) {
    if (bytes > job->memory)
        return cit_job_fail(job, "needs %.3g MB more, beyond what one file may take", bytes / 1e6);
    job->memory -= bytes;
    return CIT_OK;
}

cit_status cit_job_take(cit_job *job, size_t count, size_t each, void **ret) {
    const cit_status st = pay(job, (double)count * (double)each);
    if (st != CIT_OK) return st;
    void *things = calloc(count > 0 ? count : 1, each);
    if (things == NULL) return cit_fail(job->errs, CIT_NOMEM, job->name, "out of memory");
    *ret = things;
    return CIT_OK;
}

cit_status cit_job_grow(cit_job *job, void **things, size_t each, size_t needed, size_t *room) {
    if (needed <= *room) return CIT_OK;
    const size_t more = needed > 2 * *room ? needed + 16 : 2 * *room;
    const cit_status st = pay(job, (double)(more - *room) * (double)each);
    if (st != CIT_OK) return st;
    void *grown = realloc(*things, more * each);
    if (grown == NULL) return cit_fail(job->errs, CIT_NOMEM, job->name, "out of memory");
    *things = grown;
    *room = more;
    return CIT_OK;
}

/* ---- words ----------------------------------------------------------------------------------- */

static bool is_blank(uint8_t c) { return c == ' ' || c == '\t' || c == '\v' || c == '\f'; }
static bool is_end(uint8_t c) { return c == '\n' || c == '\r'; }

static size_t line_end(const cit_words *w) {
    if (w->at == w->end || !is_end(*w->at)) return 0;
    return *w->at == '\r' && w->end - w->at > 1 && w->at[1] == '\n' ? 2 : 1;
}

static bool joins(const cit_words *w) {
    const cit_words next = {w->at + 1, w->end, w->line};
    return *w->at == '\\' && line_end(&next) > 0;
}

static void skip_blanks(cit_words *w) {
    while (w->at < w->end && (is_blank(*w->at) || joins(w))) {
        const bool join = joins(w);
        w->at++;
        if (join) {
            w->at += line_end(w);
            w->line++;
        }
    }
}

bool cit_words_next(cit_words *w, char ret[CIT_WORD]) {
    size_t n = 0;
    skip_blanks(w);
    for (; w->at < w->end && !is_blank(*w->at) && !is_end(*w->at) && !joins(w); w->at++, n++)
        if (n < CIT_WORD - 1) ret[n] = (char)*w->at;
    if (n > CIT_WORD - 1) ret[CIT_WORD - 2] = '~';
    ret[n < CIT_WORD - 1 ? n : CIT_WORD - 1] = 0;
    return n > 0;
}

bool cit_words_line(cit_words *w) {
    while (w->at < w->end && line_end(w) == 0) w->at++;
    w->at += line_end(w);
    w->line++;
    return w->at < w->end;
}

bool cit_words_any(cit_words *w, char ret[CIT_WORD]) {
    do
        if (cit_words_next(w, ret)) return true;
    while (cit_words_line(w));
    return false;
}

/* ---- numbers --------------------------------------------------------------------------------- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

typedef struct decimal {
    uint64_t digits; /* the first 18 of them */
    int count, exponent;
} decimal;

static const char *take_digits(const char *c, decimal *d, int each) {
    for (; is_digit(*c); c++) {
        if (d->count < 18) d->digits = 10 * d->digits + (uint64_t)(*c - '0');
        d->count += d->count > 0 || *c != '0';
        d->exponent += each;
    }
    return c;
}

static const char *take_exponent(const char *c, int *exponent) {
    if (*c != 'e' && *c != 'E') return c;
    const int sign = c[1] == '-' ? -1 : 1;
    int e = 0;
    c += 1 + (c[1] == '-' || c[1] == '+');
    if (!is_digit(*c)) return NULL;
    for (; is_digit(*c); c++) e = e < 10000 ? 10 * e + (*c - '0') : e;
    *exponent += sign * e;
    return c;
}

/* Whole numbers below 2^53 and powers of ten up to 22 are exact, and so is rounded once what comes of them. */
static bool scaled(const decimal *d, double *ret) {
    static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (d->count > 18 || d->digits >= (uint64_t)1 << 53 || abs(d->exponent) > 22) return false;
    *ret = d->exponent < 0 ? (double)d->digits / ten[-d->exponent]
                           : (double)d->digits * ten[d->exponent];
    return true;
}

bool cit_word_number(const char *word, double *ret) {
    const char *c = word + (*word == '-' || *word == '+'), *first = c;
    decimal d = {0};
    double number = 0;
    char why[160];
    c = take_digits(c, &d, 0);
    const bool whole = c > first;
    if (*c == '.') {
        c = take_digits(c + 1, &d, -1);
        if (!whole && !is_digit(c[-1])) return false;
    } else if (!whole) {
        return false;
    }
    c = take_exponent(c, &d.exponent);
    if (c == NULL || *c != 0) return false;
    if (!scaled(&d, &number) && !cit_quantity_parse(first, "", &number, why)) return false;
    *ret = *word == '-' ? -number : number;
    return true;
}

float cit_f32_le(const uint8_t *b) {
    const uint32_t bits = cit_u32_le(b);
    float number;
    memcpy(&number, &bits, sizeof number);
    return number;
}
