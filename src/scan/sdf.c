/* SDF (ISO 25178-71, before that BCR): the same twelve fields as text or as bytes with the little end first,
 * then heights in units of Zscale metres. `BAD` in text, and in whole numbers of 16 and 32 bits the outermost, is
 * a missing height. */
#include "scan_impl.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct sdf {
    char maker[16], date[16];
    double nx, ny, x_m, y_m, z_m, compression, type, check;
    size_t at; /* of the first height */
} sdf;

static const cit_sample samples[] = {CIT_SAMPLE_U8, CIT_SAMPLE_U16, CIT_SAMPLE_U32, CIT_SAMPLE_F32,
                                     CIT_SAMPLE_S8, CIT_SAMPLE_S16, CIT_SAMPLE_S32, CIT_SAMPLE_F64};
enum { TYPES = sizeof samples / sizeof *samples };

static cit_status check_header(const cit_heights_source *in, const sdf *s) {
    if (s->compression != 0)
        return cit_heights_bad(in, "is compressed (%g), which is not read; save it uncompressed",
                               s->compression);
    if (s->check != 0)
        return cit_heights_bad(
            in, "has a check sum of kind %g, which is not known; save it without", s->check);
    if (!(s->type >= 0 && s->type < TYPES && s->type == floor(s->type)))
        return cit_heights_bad(in, "tells data type %g; 0 to 7 are known", s->type);
    if (!(s->nx >= 1 && s->ny >= 1 && s->nx < 0x1p31 && s->ny < 0x1p31 && s->nx == floor(s->nx) &&
          s->ny == floor(s->ny)))
        return cit_heights_bad(in, "tells %g points and %g profiles; there is no surface", s->nx,
                               s->ny);
    if (!(s->z_m > 0) || !isfinite(s->z_m))
        return cit_heights_bad(in, "tells Zscale as %g; it is above 0", s->z_m);
    return CIT_OK;
}

/* The outermost whole numbers stand for missing heights. */
static void exclude_missing(cit_raster *r) {
    static const double ends[][2] = {
        [CIT_SAMPLE_U16] = {0, 65534},
        [CIT_SAMPLE_S16] = {-32767, 32767},
        [CIT_SAMPLE_U32] = {0, 4294967294.0},
        [CIT_SAMPLE_S32] = {-2147483647.0, 2147483647.0},
    };
    r->bounded = r->sample == CIT_SAMPLE_U16 || r->sample == CIT_SAMPLE_S16 ||
                 r->sample == CIT_SAMPLE_U32 || r->sample == CIT_SAMPLE_S32;
    if (!r->bounded) return;
    r->lowest = ends[r->sample][0];
    r->highest = ends[r->sample][1];
}

static cit_status take_raster(const cit_heights_source *in, const sdf *s, cit_raster *r,
                              cit_heights **ret) {
    cit_status st = CIT_OK;
    double height_um = 1e6 * s->z_m;
    r->nx = (int)s->nx;
    r->ny = (int)s->ny;
    r->dx_mm = 1e3 * s->x_m;
    r->dy_mm = r->ny > 1 ? 1e3 * s->y_m : r->dx_mm;
    CIT_TRY(cit_heights_settle(in, &r->dx_mm, &r->dy_mm, &height_um));
    r->step_um = height_um;
    CIT_TRY(cit_heights_from_raster(in, r, ret));
    snprintf((*ret)->origin, sizeof(*ret)->origin, "SDF%s%s%s%s", *s->maker ? ", " : "", s->maker,
             *s->date ? ", " : "", s->date);
done:
    return st;
}

/* ddmmyyyyhhmm, as the standard has it. */
static void take_date(sdf *s, const char *text, size_t length) {
    int d[8];
    if (length < 8) return;
    for (int i = 0; i < 8; i++) {
        if (text[i] < '0' || text[i] > '9') return;
        d[i] = text[i] - '0';
    }
    if (d[0] * 10 + d[1] < 1 || d[0] > 3 || d[2] * 10 + d[3] < 1 || d[2] * 10 + d[3] > 12) return;
    snprintf(s->date, sizeof s->date, "%d%d%d%d-%d%d-%d%d", d[4], d[5], d[6], d[7], d[2], d[3],
             d[0], d[1]);
}

/* ---- bytes -------------------------------------------------------------------------------------- */

enum { MAKER = 8, CREATED = 18, POINTS = 42, SCALES = 46, KINDS = 78, BINARY_HEADER = 81 };

static cit_status read_binary(const cit_heights_source *in, cit_heights **ret) {
    cit_status st = CIT_OK;
    const uint8_t *b = in->bytes;
    cit_raster r = {.at = BINARY_HEADER};
    if (in->size < BINARY_HEADER)
        return cit_heights_bad_byte(in, in->size, "ends within the header of %d bytes",
                                    BINARY_HEADER);
    sdf s = {.nx = cit_get_u16(b + POINTS, false),
             .ny = cit_get_u16(b + POINTS + 2, false),
             .x_m = cit_get_f64(b + SCALES, false),
             .y_m = cit_get_f64(b + SCALES + 8, false),
             .z_m = cit_get_f64(b + SCALES + 16, false),
             .compression = b[KINDS],
             .type = b[KINDS + 1],
             .check = b[KINDS + 2]};
    cit_plain_copy(s.maker, sizeof s.maker, (const char *)b + MAKER, CREATED - MAKER);
    take_date(&s, (const char *)b + CREATED, 12);
    CIT_TRY(check_header(in, &s));
    r.sample = samples[(int)s.type];
    CIT_TRY(cit_heights_fits(in, r.at, s.nx, s.ny, r.sample));
    r.numbers = b + r.at;
    exclude_missing(&r);
    CIT_TRY(take_raster(in, &s, &r, ret));
done:
    return st;
}

/* ---- text --------------------------------------------------------------------------------------- */

static const struct {
    const char *key;
    size_t offset;
} numbers[] = {
    {"NumPoints", offsetof(sdf, nx)},  {"NumProfiles", offsetof(sdf, ny)},
    {"Xscale", offsetof(sdf, x_m)},    {"Yscale", offsetof(sdf, y_m)},
    {"Zscale", offsetof(sdf, z_m)},    {"Compression", offsetof(sdf, compression)},
    {"DataType", offsetof(sdf, type)}, {"CheckType", offsetof(sdf, check)},
};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static bool is_key(const char *key, const char *text, size_t length) {
    return strlen(key) == length && strncasecmp(key, text, length) == 0;
}

static cit_status take_field(const cit_heights_source *in, int line, const char *text,
                             const char *end, sdf *s, unsigned *seen) {
    const char *equals = memchr(text, '=', (size_t)(end - text));
    if (equals == NULL) return cit_heights_bad_line(in, line, "is no `name = value`");
    const char *stop = equals, *value = equals + 1;
    while (stop > text && is_blank(stop[-1])) stop--;
    while (value < end && is_blank(*value)) value++;
    while (end > value && is_blank(end[-1])) end--;
    const size_t length = (size_t)(end - value);
    if (is_key("ManufacID", text, (size_t)(stop - text)))
        cit_plain_copy(s->maker, sizeof s->maker, value, length);
    if (is_key("CreateDate", text, (size_t)(stop - text))) take_date(s, value, length);
    for (unsigned n = 0; n < NUMBERS; n++) {
        if (!is_key(numbers[n].key, text, (size_t)(stop - text))) continue;
        if (*seen & 1u << n)
            return cit_heights_bad_line(in, line, "tells %s twice", numbers[n].key);
        *seen |= 1u << n;
        double number = 0;
        if (!cit_number_whole(value, length, &number))
            return cit_heights_bad_line(in, line, "tells %s as '%.*s', which is no number",
                                        numbers[n].key, (int)(length < 40 ? length : 40), value);
        memcpy((char *)s + numbers[n].offset, &number, sizeof number);
    }
    return CIT_OK;
}

static cit_status read_header(const cit_heights_source *in, sdf *s, int *ret_line) {
    cit_status st = CIT_OK;
    const char *at = (const char *)in->bytes, *end = at + in->size;
    unsigned seen = 0;
    bool open = true;
    for (int line = 1; open; line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const char *first = at;
        if (stop == NULL)
            return cit_heights_bad_line(in, line, "ends before the heights begin (*)");
        while (first < stop && is_blank(*first)) first++;
        open = first == stop || *first != '*';
        if (line > 1 && open && first < stop && *first != ';')
            CIT_TRY(take_field(in, line, first, stop, s, &seen));
        at = stop + 1;
        *ret_line = line + 1;
    }
    s->at = (size_t)(at - (const char *)in->bytes);
    for (unsigned n = 0; n < NUMBERS; n++)
        if ((seen & 1u << n) == 0) return cit_heights_bad(in, "does not tell %s", numbers[n].key);
done:
    return st;
}

static cit_status take_heights(const cit_heights_source *in, const sdf *s, int line, locale_t c,
                               double *heights, size_t count) {
    const char *at = (const char *)in->bytes + s->at, *end = (const char *)in->bytes + in->size;
    for (size_t i = 0; i < count; i++) {
        cit_number number = {NAN, 0};
        for (; at < end && is_blank(*at); at++) line += *at == '\n';
        const bool bad = end - at >= 3 && memcmp(at, "BAD", 3) == 0;
        const char *stop = bad ? at + 3 : cit_number_read(at, end, '.', c, &number);
        if (stop == NULL || (stop < end && !is_blank(*stop) && *stop != '*'))
            return cit_heights_bad_line(in, line, "has no height where the %zuth of %zu is due",
                                        i + 1, count);
        heights[i] = number.value;
        at = stop;
    }
    for (; at < end && is_blank(*at); at++) line += *at == '\n';
    if (at < end && *at != '*')
        return cit_heights_bad_line(in, line, "has more than the %zu heights that it tells", count);
    return CIT_OK;
}

static cit_status read_ascii(const cit_heights_source *in, cit_heights **ret) {
    cit_status st = CIT_OK;
    sdf s = {0};
    int line = 0;
    double *heights = NULL;
    const locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);

    if (c == (locale_t)0) return cit_heights_no_memory(in, 0);
    CIT_TRY(read_header(in, &s, &line));
    CIT_TRY(check_header(in, &s));
    /* Every height is a digit and a blank at least. */
    if (2 * s.nx * s.ny > (double)(in->size - s.at) + 1) {
        st =
            cit_heights_bad_line(in, line, "begins %.0f x %.0f heights; %zu bytes cannot hold them",
                                 s.nx, s.ny, in->size - s.at);
        goto done;
    }
    const size_t count = (size_t)s.nx * (size_t)s.ny;
    CIT_TRY(cit_heights_afford(in, (double)count * 12, "its heights"));
    heights = malloc(count * sizeof *heights);
    if (heights == NULL) {
        st = cit_heights_no_memory(in, (double)count * 8);
        goto done;
    }
    CIT_TRY(take_heights(in, &s, line, c, heights, count));
    cit_raster r = {.sample = CIT_SAMPLE_F64,
                    .big_endian = CIT_HOST_IS_BIG,
                    .numbers = (const uint8_t *)heights,
                    .unpacked = true};
    CIT_TRY(take_raster(in, &s, &r, ret));
done:
    free(heights);
    freelocale(c);
    return st;
}

cit_status cit_heights_read_sdf(const cit_heights_source *in, cit_heights **ret) {
    return in->bytes[0] == 'b' ? read_binary(in, ret) : read_ascii(in, ret);
}
