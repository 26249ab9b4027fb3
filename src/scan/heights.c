/* Heights: making, copying, what readers share, and which reader it is. */
#include "scan_impl.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Assumed: no pitch is a kilometre, or a picometre. */
#define PITCH_MOST   1e6
#define PITCH_LEAST  1e-9
#define MEMORY_BYTES 2147483648.0
/* What a compressed part may grow to without having to be long: a few of the largest maps in use. */
#define UNPACKED_FREE 67108864.0
#define UNPACKED_MOST 30

/* ---- faults ------------------------------------------------------------------------------------- */

static cit_status bad_v(const cit_heights_source *in, const char *where, const char *format,
                        va_list args) CIT_PRINTF(3, 0);

static cit_status bad_v(const cit_heights_source *in, const char *where, const char *format,
                        va_list args) {
    char text[400];
    vsnprintf(text, sizeof text, format, args);
    return cit_fail(in->errs, CIT_INVALID, where, "%s", text);
}

cit_status cit_heights_bad(const cit_heights_source *in, const char *format, ...) {
    va_list args;
    va_start(args, format);
    bad_v(in, in->name, format, args);
    va_end(args);
    return CIT_INVALID;
}

cit_status cit_heights_bad_byte(const cit_heights_source *in, size_t byte, const char *format,
                                ...) {
    char where[192];
    va_list args;
    snprintf(where, sizeof where, "%.150s:byte %zu", in->name, byte);
    va_start(args, format);
    bad_v(in, where, format, args);
    va_end(args);
    return CIT_INVALID;
}

cit_status cit_heights_bad_line(const cit_heights_source *in, int line, const char *format, ...) {
    char where[192];
    va_list args;
    snprintf(where, sizeof where, "%.150s:%d", in->name, line);
    va_start(args, format);
    bad_v(in, where, format, args);
    va_end(args);
    return CIT_INVALID;
}

cit_status cit_heights_bad_part(const cit_heights_source *in, const char *part, const char *format,
                                ...) {
    char where[192];
    va_list args;
    snprintf(where, sizeof where, "%.100s:%.80s", in->name, part);
    va_start(args, format);
    bad_v(in, where, format, args);
    va_end(args);
    return CIT_INVALID;
}

cit_status cit_heights_no_memory(const cit_heights_source *in, double bytes) {
    return cit_fail(in->errs, CIT_NOMEM, in->name, "no memory for %.0f bytes", bytes);
}

cit_status cit_heights_afford(const cit_heights_source *in, double bytes, const char *what) {
    if (bytes <= in->memory_bytes) return CIT_OK;
    return cit_heights_bad(in, "%s would take %.3g bytes; %.3g may be taken", what, bytes,
                           in->memory_bytes);
}

double cit_heights_unpacked_most(const cit_heights_source *in, double packed) {
    return fmin(in->memory_bytes, fmax(UNPACKED_FREE, UNPACKED_MOST * packed));
}

cit_status cit_heights_unpack(const cit_heights_source *in, double packed, double bytes,
                              const char *what) {
    cit_status st = CIT_OK;
    CIT_TRY(cit_heights_afford(in, bytes, what));
    if (bytes > cit_heights_unpacked_most(in, packed))
        st = cit_heights_bad(
            in, "%s claims to unpack from %.0f bytes to %.3g, more than %d times as many", what,
            packed, bytes, UNPACKED_MOST);
done:
    return st;
}

/* ---- heights ------------------------------------------------------------------------------------ */

static cit_status check_size(double nx, double ny, double dx_mm, double dy_mm, const char *where,
                             cit_errors *errs) {
    if (!(nx >= 1) || !(ny >= 1))
        return cit_fail(errs, CIT_INVALID, where, "has %.0f x %.0f samples; there is no surface",
                        nx, ny);
    if (!(nx * ny < 0x1p31))
        return cit_fail(errs, CIT_INVALID, where,
                        "has %.0f x %.0f samples, beyond the 2^31 that are read", nx, ny);
    if (!(dx_mm >= PITCH_LEAST && dx_mm <= PITCH_MOST) ||
        !(dy_mm >= PITCH_LEAST && dy_mm <= PITCH_MOST))
        return cit_fail(errs, CIT_INVALID, where,
                        "has pitches of %g and %g mm; lengths above 0 are needed", dx_mm, dy_mm);
    return CIT_OK;
}

/* All missing; NULL: no memory. */
static cit_heights *make(int nx, int ny, double dx_mm, double dy_mm) {
    const size_t count = (size_t)nx * (size_t)ny;
    cit_heights *h = calloc(1, sizeof *h);
    float *um = malloc(count * sizeof *um);
    if (h == NULL || um == NULL) {
        free(h);
        free(um);
        return NULL;
    }
    *h = (cit_heights){
        .nx = nx, .ny = ny, .dx_mm = dx_mm, .dy_mm = dy_mm, .um = um, .missing = count};
    for (size_t i = 0; i < count; i++) um[i] = NAN;
    return h;
}

cit_status cit_heights_new(int nx, int ny, double dx_mm, double dy_mm, cit_heights **ret,
                           cit_errors *errs) {
    cit_status st = CIT_OK;
    CIT_TRY(check_size(nx, ny, dx_mm, dy_mm, "", errs));
    cit_heights *h = make(nx, ny, dx_mm, dy_mm);
    if (h == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for %d x %d heights", nx, ny);
    *ret = h;
done:
    return st;
}

void cit_heights_free(cit_heights *heights) {
    if (heights == NULL) return;
    free(heights->um);
    free(heights->history);
    free(heights);
}

cit_status cit_heights_copy(const cit_heights *from, cit_heights **ret, cit_errors *errs) {
    cit_heights *h = make(from->nx, from->ny, from->dx_mm, from->dy_mm);
    char *history = from->history == NULL ? NULL : strdup(from->history);
    if (h == NULL || (history == NULL && from->history != NULL)) {
        cit_heights_free(h);
        free(history);
        return cit_fail(errs, CIT_NOMEM, "", "no memory for %d x %d heights", from->nx, from->ny);
    }
    memcpy(h->um, from->um, (size_t)from->nx * (size_t)from->ny * sizeof *h->um);
    memcpy(h->origin, from->origin, sizeof h->origin);
    h->zero_um = from->zero_um;
    h->missing = from->missing;
    h->history = history;
    *ret = h;
    return CIT_OK;
}

cit_status cit_heights_note(cit_heights *heights, cit_errors *errs, const char *format, ...) {
    char line[400];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    const size_t before = heights->history == NULL ? 0 : strlen(heights->history) + 1;
    char *longer = realloc(heights->history, before + strlen(line) + 1);
    if (longer == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a history");
    if (before > 0) longer[before - 1] = '\n';
    memcpy(longer + before, line, strlen(line) + 1);
    heights->history = longer;
    return CIT_OK;
}

/* ---- units and scales --------------------------------------------------------------------------- */

double cit_heights_unit_mm(const char *text, size_t length) {
    static const struct {
        const char *name;
        double mm;
    } units[] = {
        {"m", 1e3},        {"meter", 1e3},       {"metre", 1e3},       {"cm", 10},
        {"mm", 1},         {"millimeter", 1},    {"millimetre", 1},    {"um", 1e-3},
        {"\xb5m", 1e-3},   {"\xc2\xb5m", 1e-3},  {"\xce\xbcm", 1e-3},  {"micron", 1e-3},
        {"microns", 1e-3}, {"micrometer", 1e-3}, {"micrometre", 1e-3}, {"micrometers", 1e-3},
        {"nm", 1e-6},      {"nanometer", 1e-6},  {"nanometre", 1e-6},  {"pm", 1e-9},
        {"\xc5", 1e-7},    {"\xc3\x85", 1e-7},   {"angstrom", 1e-7},   {"inch", 25.4},
    };
    while (length > 0 && (*text == ' ' || *text == 0)) {
        text++;
        length--;
    }
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == 0)) length--;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        const bool word = strlen(units[i].name) > 3; /* "Micrometer", but not "MM" */
        if (strlen(units[i].name) != length) continue;
        if (word ? strncasecmp(units[i].name, text, length) == 0
                 : memcmp(units[i].name, text, length) == 0)
            return units[i].mm;
    }
    return 0;
}

/* Told twice: the same to the digits that people write? */
static bool agree(double a, double b) { return fabs(a - b) <= 1e-4 * fabs(b); }

static cit_status settle_one(const cit_heights_source *in, const char *what, const char *unit,
                             const char *ask, double given, double *told) {
    if (*told == 0 && given == 0)
        return cit_heights_bad(in, "does not tell %s; a scale must (`%s`)", what, ask);
    if (*told != 0 && given != 0 && !agree(given, *told))
        return cit_heights_bad(in, "tells %s as %.6g %s, the scale as %.6g", what, *told, unit,
                               given);
    if (*told == 0) *told = given;
    return CIT_OK;
}

cit_status cit_heights_settle(const cit_heights_source *in, double *dx_mm, double *dy_mm,
                              double *height_um) {
    cit_status st = CIT_OK;
    const double dy = in->scale.dy_mm != 0 ? in->scale.dy_mm : in->scale.dx_mm;
    CIT_TRY(settle_one(in, "the pitch", "mm", "pitch: 40 um", in->scale.dx_mm, dx_mm));
    CIT_TRY(settle_one(in, "the pitch of rows", "mm", "pitch y: 40 um", dy, dy_mm));
    CIT_TRY(
        settle_one(in, "the height of 1", "um", "height: 1 um", in->scale.height_um, height_um));
done:
    return st;
}

/* ---- rasters ------------------------------------------------------------------------------------ */

uint16_t cit_get_u16(const uint8_t *b, bool big_endian) {
    return (uint16_t)(big_endian ? b[0] << 8 | b[1] : b[1] << 8 | b[0]);
}

uint32_t cit_get_u32(const uint8_t *b, bool big_endian) {
    const uint32_t first = cit_get_u16(b, big_endian), second = cit_get_u16(b + 2, big_endian);
    return big_endian ? first << 16 | second : second << 16 | first;
}

double cit_get_f32(const uint8_t *b, bool big_endian) {
    const uint32_t bits = cit_get_u32(b, big_endian);
    float number = 0;
    memcpy(&number, &bits, sizeof number);
    return (double)number;
}

double cit_get_f64(const uint8_t *b, bool big_endian) {
    const uint64_t first = cit_get_u32(b, big_endian), second = cit_get_u32(b + 4, big_endian);
    const uint64_t bits = big_endian ? first << 32 | second : second << 32 | first;
    double number = 0;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static const uint8_t sample_sizes[] = {1, 1, 2, 2, 4, 4, 4, 8};
size_t cit_sample_size(cit_sample sample) { return sample_sizes[sample]; }

static double number_at(const cit_raster *r, size_t i) {
    const uint8_t *b = r->numbers + i * sample_sizes[r->sample];
    switch (r->sample) {
    case CIT_SAMPLE_U8:
        return b[0];
    case CIT_SAMPLE_S8:
        return (int8_t)b[0];
    case CIT_SAMPLE_U16:
        return cit_get_u16(b, r->big_endian);
    case CIT_SAMPLE_S16:
        return (int16_t)cit_get_u16(b, r->big_endian);
    case CIT_SAMPLE_U32:
        return cit_get_u32(b, r->big_endian);
    case CIT_SAMPLE_S32:
        return (int32_t)cit_get_u32(b, r->big_endian);
    case CIT_SAMPLE_F32:
        return cit_get_f32(b, r->big_endian);
    case CIT_SAMPLE_F64:
        return cit_get_f64(b, r->big_endian);
    }
    return CIT_UNKNOWN_NUMBER;
}

/* The number at a place, NaN where it is missing. */
static double measured_at(const cit_raster *r, const cit_scan_scale *scale, size_t i) {
    if (r->valid != NULL && (r->valid[i / 8] >> (i % 8) & 1) == 0) return CIT_UNKNOWN_NUMBER;
    const double number = number_at(r, i);
    if (r->bounded && !(number >= r->lowest && number <= r->highest)) return CIT_UNKNOWN_NUMBER;
    return scale->has_missing && number == scale->missing ? CIT_UNKNOWN_NUMBER : number;
}

static cit_status bad_number(const cit_heights_source *in, const cit_raster *r, size_t i,
                             double number, double um) {
    char part[120];
    const size_t byte = r->at + i * sample_sizes[r->sample], nx = (size_t)r->nx;
    if (r->unpacked)
        snprintf(part, sizeof part, "row %zu, column %zu", i / nx + 1, i % nx + 1);
    else
        snprintf(part, sizeof part, "%.80s%sbyte %zu", r->part ? r->part : "", r->part ? ":" : "",
                 byte);
    if (!isfinite(number))
        return cit_heights_bad_part(in, part, "is infinite; a missing height is NaN");
    return cit_heights_bad_part(
        in, part,
        "%.6g is a height of %.3g um, beyond any surface; if it stands for a missing one, a scale "
        "must say so (`missing: %.6g`)",
        number, um, number);
}

/* The middle of the heights, rounded so that it is the same for heights that are nearly the same. */
static double middle(double lowest, double highest) {
    const double range = highest - lowest, half = lowest + range / 2;
    if (!(range > 0)) return half;
    int power = 0;
    frexp(range, &power);
    const double step = ldexp(1, power - 5);
    return step * round(half / step) + 0.0; /* no -0 */
}

cit_status cit_heights_fits(const cit_heights_source *in, size_t at, double nx, double ny,
                            cit_sample sample) {
    cit_status st = CIT_OK;
    CIT_TRY(check_size(nx, ny, 1, 1, in->name, in->errs));
    const double needed = (double)at + nx * ny * (double)sample_sizes[sample];
    if (needed > (double)in->size)
        st = cit_heights_bad_byte(in, in->size,
                                  "ends; its %.0f x %.0f samples of %d bytes would end at %.0f", nx,
                                  ny, sample_sizes[sample], needed);
done:
    return st;
}

/* Lowest and highest, and how many are missing. */
static cit_status survey(const cit_heights_source *in, const cit_raster *r, double range[2],
                         size_t *missing) {
    const size_t count = (size_t)r->nx * (size_t)r->ny;
    range[0] = (double)INFINITY;
    range[1] = -(double)INFINITY;
    for (size_t i = 0; i < count; i++) {
        const double number = measured_at(r, &in->scale, i);
        if (isnan(number)) {
            ++*missing;
            continue;
        }
        const double um = r->offset_um + r->step_um * number;
        if (!(fabs(um) <= CIT_HEIGHT_MOST_UM)) return bad_number(in, r, i, number, um);
        if (um < range[0]) range[0] = um;
        if (um > range[1]) range[1] = um;
    }
    if (*missing == count) return cit_heights_bad(in, "has no measured height: all are missing");
    return CIT_OK;
}

cit_status cit_heights_from_raster(const cit_heights_source *in, const cit_raster *r,
                                   cit_heights **ret) {
    cit_status st = CIT_OK;
    size_t missing = 0;
    double range[2];
    CIT_TRY(check_size(r->nx, r->ny, r->dx_mm, r->dy_mm, in->name, in->errs));
    const size_t count = (size_t)r->nx * (size_t)r->ny;
    CIT_TRY(cit_heights_afford(in, (double)count * sizeof(float), "its heights"));
    CIT_TRY(survey(in, r, range, &missing));
    cit_heights *h = make(r->nx, r->ny, r->dx_mm, r->ny > 1 ? r->dy_mm : r->dx_mm);
    if (h == NULL) return cit_heights_no_memory(in, (double)count * sizeof(float));
    h->zero_um = middle(range[0], range[1]);
    h->missing = missing;
    for (size_t i = 0; i < count; i++)
        h->um[i] = (float)(r->offset_um + r->step_um * measured_at(r, &in->scale, i) - h->zero_um);
    *ret = h;
done:
    return st;
}

/* ---- reading ------------------------------------------------------------------------------------ */

void cit_plain_copy(char *to, size_t room, const char *text, size_t length) {
    size_t n = 0;
    while (length > 0 && (*text == ' ' || *text == 0)) {
        text++;
        length--;
    }
    for (size_t i = 0; i < length && n + 1 < room && text[i] != 0; i++)
        to[n++] = (char)(text[i] >= ' ' && text[i] < 0x7f ? text[i] : '?');
    while (n > 0 && to[n - 1] == ' ') n--;
    to[n] = 0;
}

static cit_status no_reader(const cit_heights_source *in, cit_scan_format format) {
    const char *foreign = cit_scan_foreign(in->name, in->bytes, in->size);
    if (foreign != NULL)
        return cit_heights_bad(in,
                               "is %s, which is not read; let the instrument's program save it as "
                               "X3P, or Gwyddion as GSF",
                               foreign);
    if (format != CIT_SCAN_UNKNOWN)
        return cit_heights_bad(in, "is a %s, which is no map of heights",
                               cit_scan_format_text(format));
    return cit_heights_bad(
        in, "is in no format that is known; GSF, X3P, SUR, SDF, TIFF, PNG and text are read");
}

static cit_status read_by_format(const cit_heights_source *in, cit_heights **ret) {
    const cit_scan_format format = cit_scan_recognise(in->name, in->bytes, in->size);
    switch (format) {
    case CIT_SCAN_GSF:
        return cit_heights_read_gsf(in, ret);
    case CIT_SCAN_X3P:
        return cit_heights_read_x3p(in, ret);
    case CIT_SCAN_SUR:
        return cit_heights_read_sur(in, ret);
    case CIT_SCAN_SDF:
        return cit_heights_read_sdf(in, ret);
    case CIT_SCAN_TEXT:
        return cit_heights_read_text(in, ret);
    case CIT_SCAN_TIFF:
        return cit_heights_is_park(in) ? cit_heights_read_park(in, ret)
                                       : cit_heights_read_tiff(in, ret);
    case CIT_SCAN_PNG:
        return cit_heights_read_png(in, ret);
    case CIT_SCAN_UNKNOWN:
    case CIT_SCAN_JPEG:
    case CIT_SCAN_PLY:
    case CIT_SCAN_OBJ:
    case CIT_SCAN_STL:
    case CIT_SCAN_GLTF:
        break;
    }
    return no_reader(in, format);
}

static cit_status check_scale(const cit_heights_source *in) {
    const double lengths[] = {in->scale.dx_mm, in->scale.dy_mm, in->scale.height_um,
                              in->scale.unit_mm};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        if (!(lengths[i] >= 0 && isfinite(lengths[i])))
            return cit_heights_bad(
                in, "is to be read with a scale of %g; lengths above 0 are needed", lengths[i]);
    return CIT_OK;
}

cit_status cit_heights_read(const char *name, const uint8_t *bytes, size_t size,
                            const cit_scan_scale *scale, const cit_scan_limits *limits,
                            cit_heights **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    cit_heights_source in = {
        .name = name, .bytes = bytes, .size = size, .errs = errs, .memory_bytes = MEMORY_BYTES};
    if (scale != NULL) in.scale = *scale;
    if (limits != NULL && limits->memory_bytes > 0) in.memory_bytes = limits->memory_bytes;
    if (size == 0) return cit_heights_bad(&in, "is empty");
    CIT_TRY(check_scale(&in));
    st = read_by_format(&in, ret);
done:
    return st;
}
