/* Gwyddion Simple Field: a line of magic, lines `name = value`, one to four NUL up to a multiple of four, floats with
 * the little end first. */
#include "scan_impl.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char first_line[] = "Gwyddion Simple Field 1.0\n";
enum { FIRST_LINE = sizeof first_line - 1 };

enum { X_RES, Y_RES, X_REAL, Y_REAL, XY_UNITS, Z_UNITS, DATE, KEYS };
static const char *const keys[KEYS] = {"XRes",    "YRes",   "XReal", "YReal",
                                       "XYUnits", "ZUnits", "Date"};

typedef struct span {
    const char *text; /* NULL: the key is not there */
    size_t length;
    size_t at;
} span;

static span trimmed(const char *text, const char *end) {
    while (text < end && (*text == ' ' || *text == '\t' || *text == '\r')) text++;
    while (text < end && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r')) end--;
    return (span){text, (size_t)(end - text), 0};
}

static cit_status take_line(const cit_heights_source *in, const char *line, const char *end,
                            span values[KEYS]) {
    const size_t at = (size_t)(line - (const char *)in->bytes);
    const char *equals = memchr(line, '=', (size_t)(end - line));
    if (equals == NULL) return cit_heights_bad_byte(in, at, "is a line without `name = value`");
    const span key = trimmed(line, equals);
    span value = trimmed(equals + 1, end);
    value.at = at;
    for (int k = 0; k < KEYS; k++) {
        if (strlen(keys[k]) != key.length || memcmp(keys[k], key.text, key.length) != 0) continue;
        if (values[k].text != NULL) return cit_heights_bad_byte(in, at, "tells %s twice", keys[k]);
        values[k] = value;
    }
    return CIT_OK;
}

/* The header's values, and where the numbers begin. */
static cit_status take_header(const cit_heights_source *in, span values[KEYS], size_t *ret_at) {
    cit_status st = CIT_OK;
    const char *text = (const char *)in->bytes;
    if (in->size < FIRST_LINE || memcmp(text, first_line, FIRST_LINE) != 0)
        return cit_heights_bad_byte(in, 0, "does not begin with the line '%.25s'", first_line);
    const char *end = memchr(text, 0, in->size);
    if (end == NULL) return cit_heights_bad_byte(in, in->size, "ends within its header");
    for (const char *line = text + FIRST_LINE; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        if (stop == NULL) stop = end;
        if (trimmed(line, stop).length > 0) CIT_TRY(take_line(in, line, stop, values));
        line = stop + (stop < end);
    }
    *ret_at = ((size_t)(end - text) / 4 + 1) * 4;
    for (size_t i = (size_t)(end - text); i < *ret_at && i < in->size; i++)
        if (text[i] != 0) return cit_heights_bad_byte(in, i, "is not the 0 that pads the header");
done:
    return st;
}

static cit_status take_number(const cit_heights_source *in, const span *value, const char *key,
                              double *ret) {
    if (!cit_number_whole(value->text, value->length, ret))
        return cit_heights_bad_byte(in, value->at, "tells %s as '%.*s', which is no number", key,
                                    (int)(value->length < 40 ? value->length : 40), value->text);
    return CIT_OK;
}

static cit_status take_side(const cit_heights_source *in, const span values[KEYS], int key,
                            double *ret) {
    cit_status st = CIT_OK;
    if (values[key].text == NULL)
        return cit_heights_bad(in, "does not tell %s, its number of samples", keys[key]);
    CIT_TRY(take_number(in, &values[key], keys[key], ret));
    if (!(*ret >= 1 && *ret < 0x1p31 && *ret == floor(*ret)))
        st = cit_heights_bad_byte(in, values[key].at, "tells %s as %g; 1 or more is needed",
                                  keys[key], *ret);
done:
    return st;
}

/* How much a unit is; 0 where there is none. */
static cit_status take_unit(const cit_heights_source *in, const span values[KEYS], int key,
                            double *ret_mm) {
    const span *v = &values[key];
    if (v->text == NULL || v->length == 0) return CIT_OK;
    *ret_mm = cit_heights_unit_mm(v->text, v->length);
    if (*ret_mm > 0) return CIT_OK;
    return cit_heights_bad_byte(in, v->at, "tells %s as '%.*s'; a length is needed, such as m",
                                keys[key], (int)(v->length < 20 ? v->length : 20), v->text);
}

static cit_status take_pitch(const cit_heights_source *in, const span values[KEYS], int key,
                             double unit_mm, double count, double *ret_mm) {
    cit_status st = CIT_OK;
    double real = 0;
    if (values[key].text == NULL || unit_mm == 0) return CIT_OK;
    CIT_TRY(take_number(in, &values[key], keys[key], &real));
    if (!(real > 0))
        return cit_heights_bad_byte(in, values[key].at, "tells %s as %g; it is a length", keys[key],
                                    real);
    *ret_mm = real * unit_mm / count;
done:
    return st;
}

cit_status cit_heights_read_gsf(const cit_heights_source *in, cit_heights **ret) {
    cit_status st = CIT_OK;
    span values[KEYS] = {{0}};
    double nx = 0, ny = 0, xy_mm = 0, z_mm = 0, height_um = 0;
    cit_raster r = {.sample = CIT_SAMPLE_F32};
    char date[24] = "";

    CIT_TRY(take_header(in, values, &r.at));
    CIT_TRY(take_side(in, values, X_RES, &nx));
    CIT_TRY(take_side(in, values, Y_RES, &ny));
    CIT_TRY(take_unit(in, values, XY_UNITS, &xy_mm));
    CIT_TRY(take_unit(in, values, Z_UNITS, &z_mm));
    CIT_TRY(take_pitch(in, values, X_REAL, xy_mm, nx, &r.dx_mm));
    CIT_TRY(take_pitch(in, values, Y_REAL, xy_mm, ny, &r.dy_mm));
    height_um = 1e3 * z_mm;
    CIT_TRY(cit_heights_settle(in, &r.dx_mm, &r.dy_mm, &height_um));
    CIT_TRY(cit_heights_fits(in, r.at, nx, ny, r.sample));
    r.nx = (int)nx;
    r.ny = (int)ny;
    const size_t end = r.at + (size_t)r.nx * (size_t)r.ny * 4;
    if (end != in->size) {
        st = cit_heights_bad_byte(in, end, "is behind the last of %d x %d samples", r.nx, r.ny);
        goto done;
    }
    r.step_um = height_um;
    r.numbers = in->bytes + r.at;
    CIT_TRY(cit_heights_from_raster(in, &r, ret));
    if (values[DATE].text != NULL)
        cit_plain_copy(date, sizeof date, values[DATE].text, values[DATE].length);
    snprintf((*ret)->origin, sizeof(*ret)->origin, "GSF%s%s", *date ? ", " : "", date);
done:
    return st;
}

/* ---- writing ------------------------------------------------------------------------------------ */

static void put_f32(uint8_t *to, float number) {
    uint32_t bits = 0;
    memcpy(&bits, &number, sizeof bits);
    for (int i = 0; i < 4; i++) to[i] = (uint8_t)(bits >> (8 * i));
}

cit_status cit_heights_write_gsf(const cit_heights *h, uint8_t **ret, size_t *ret_size,
                                 cit_errors *errs) {
    char header[512], x_real[32], y_real[32];
    const size_t count = (size_t)h->nx * (size_t)h->ny;
    cit_number_print(h->nx * h->dx_mm / 1e3, x_real);
    cit_number_print(h->ny * h->dy_mm / 1e3, y_real);
    const int length = snprintf(header, sizeof header,
                                "%sXRes = %d\nYRes = %d\nXReal = %s\nYReal = %s\nXYUnits = m\n"
                                "ZUnits = m\n",
                                first_line, h->nx, h->ny, x_real, y_real);
    const size_t at = ((size_t)length / 4 + 1) * 4;
    uint8_t *bytes = calloc(1, at + 4 * count);
    if (bytes == NULL)
        return cit_fail(errs, CIT_NOMEM, "", "no memory for %d x %d heights as GSF", h->nx, h->ny);
    memcpy(bytes, header, (size_t)length);
    for (size_t i = 0; i < count; i++)
        put_f32(bytes + at + 4 * i, (float)((h->zero_um + (double)h->um[i]) * 1e-6));
    *ret = bytes;
    *ret_size = at + 4 * count;
    return CIT_OK;
}
