/* Digital Surf: a header of 512 bytes with the little end first, a comment, a private zone, whole numbers row after
 * row. A point that was not measured is two below the lowest. */
#include "scan_impl.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    HEADER = 512,
    FORMAT = 12,
    OBJECTS = 14,
    TYPE = 18,
    SPECIAL = 86,
    BITS = 98,
    LOWEST = 100,
    HIGHEST = 104,
    NX = 108,
    NY = 112,
    POINTS = 116,
    DX = 120,
    DY = 124,
    DZ = 128,
    DX_UNIT = 180,
    DY_UNIT = 196,
    DZ_UNIT = 212,
    IMPRINT = 288,
    INVERTED = 290,
    DATE = 312, /* day, month, year */
    COMMENT_SIZE = 334,
    PRIVATE_SIZE = 336,
    Z_OFFSET = 474,
    UNIT_LENGTH = 16,
};

static int u16(const cit_heights_source *in, int at) { return cit_get_u16(in->bytes + at, false); }
static int32_t s32(const cit_heights_source *in, int at) {
    return (int32_t)cit_get_u32(in->bytes + at, false);
}

static const char *type_name(int type) {
    static const char *const names[] = {"nothing",
                                        "a profile",
                                        "a surface",
                                        "a binary image",
                                        "a series of profiles",
                                        "a series of surfaces",
                                        "a profile of meridians",
                                        "a surface of several layers",
                                        "parallel profiles",
                                        "an image of intensities",
                                        "an image of intensities and heights",
                                        "a picture in colours",
                                        "a surface in colours"};
    return type >= 0 && type < (int)(sizeof names / sizeof *names) ? names[type]
                                                                   : "of a kind that is not known";
}

static cit_status check_kind(const cit_heights_source *in) {
    const int format = u16(in, FORMAT), type = u16(in, TYPE), objects = u16(in, OBJECTS);
    if (format != 0)
        return cit_heights_bad_byte(in, FORMAT, "says format %d; only 0, of PCs, is read", format);
    if (objects > 1)
        return cit_heights_bad_byte(in, OBJECTS, "says that it holds %d objects; save one alone",
                                    objects);
    if (type != 1 && type != 2)
        return cit_heights_bad_byte(in, TYPE, "says that it is %s (%d), not a surface or a profile",
                                    type_name(type), type);
    return CIT_OK;
}

static cit_status take_length(const cit_heights_source *in, int at, int unit_at, double *ret_mm) {
    const char *unit = (const char *)in->bytes + unit_at;
    const double number = cit_get_f32(in->bytes + at, false);
    const size_t length = strnlen(unit, UNIT_LENGTH);
    const double unit_mm = cit_heights_unit_mm(unit, length);
    if (unit_mm == 0) {
        char shown[UNIT_LENGTH + 1];
        cit_plain_copy(shown, sizeof shown, unit, length);
        return cit_heights_bad_byte(in, (size_t)unit_at,
                                    "says the unit '%s'; a length is needed, such as mm", shown);
    }
    if (!(number > 0) || !isfinite(number))
        return cit_heights_bad_byte(in, (size_t)at, "says a step of %g; it is above 0", number);
    *ret_mm = number * unit_mm;
    return CIT_OK;
}

static cit_status take_size(const cit_heights_source *in, cit_raster *r) {
    cit_status st = CIT_OK;
    const int bits = u16(in, BITS);
    const double nx = s32(in, NX), ny = s32(in, NY),
                 points = cit_get_u32(in->bytes + POINTS, false);
    if (bits != 16 && bits != 32)
        return cit_heights_bad_byte(in, BITS, "says %d bits a point; 16 or 32 are read", bits);
    if (points != nx * ny)
        return cit_heights_bad_byte(in, POINTS, "says %.0f points, and %.0f x %.0f just before",
                                    points, nx, ny);
    r->sample = bits == 16 ? CIT_SAMPLE_S16 : CIT_SAMPLE_S32;
    r->at = HEADER + (size_t)u16(in, COMMENT_SIZE) + (size_t)u16(in, PRIVATE_SIZE);
    CIT_TRY(cit_heights_fits(in, r->at, nx, ny, r->sample));
    r->nx = (int)nx;
    r->ny = (int)ny;
    r->numbers = in->bytes + r->at;
    const size_t end = r->at + (size_t)r->nx * (size_t)r->ny * cit_sample_size(r->sample);
    if (end != in->size)
        st = cit_heights_bad_byte(in, end, "is behind the last of %d x %d points", r->nx, r->ny);
done:
    return st;
}

static cit_status take_special(const cit_heights_source *in, cit_raster *r) {
    const int special = u16(in, SPECIAL);
    if (special == 0) return CIT_OK;
    r->bounded = true;
    r->lowest = s32(in, LOWEST);
    r->highest = s32(in, HIGHEST);
    if (special != 1)
        return cit_heights_bad_byte(in, SPECIAL, "says special points of kind %d; 0 or 1 is read",
                                    special);
    if (r->lowest > r->highest)
        return cit_heights_bad_byte(in, LOWEST, "says a lowest point of %.0f and a highest of %.0f",
                                    r->lowest, r->highest);
    return CIT_OK;
}

static void tell_origin(const cit_heights_source *in, cit_heights *h) {
    const int day = u16(in, DATE), month = u16(in, DATE + 2), year = u16(in, DATE + 4);
    char date[32] = "";
    if (year >= 1980 && year < 2200 && month >= 1 && month <= 12 && day >= 1 && day <= 31)
        snprintf(date, sizeof date, ", %04d-%02d-%02d", year, month, day);
    snprintf(h->origin, sizeof h->origin, "Digital Surf SUR%s%s%s", date,
             u16(in, IMPRINT) != 0 ? ", said to be an imprint" : "",
             u16(in, INVERTED) != 0 ? ", said to have been inverted" : "");
}

cit_status cit_heights_read_sur(const cit_heights_source *in, cit_heights **ret) {
    cit_status st = CIT_OK;
    cit_raster r = {0};
    double z_mm = 0, height_um = 0;
    if (in->bytes[1] == 'S')
        return cit_heights_bad_byte(in, 0, "is compressed; save it uncompressed, or as X3P");
    if (in->size < HEADER)
        return cit_heights_bad_byte(in, in->size, "ends within the header of %d bytes", HEADER);
    CIT_TRY(check_kind(in));
    CIT_TRY(take_size(in, &r));
    CIT_TRY(take_special(in, &r));
    CIT_TRY(take_length(in, DX, DX_UNIT, &r.dx_mm));
    r.dy_mm = r.dx_mm;
    if (r.ny > 1) CIT_TRY(take_length(in, DY, DY_UNIT, &r.dy_mm));
    CIT_TRY(take_length(in, DZ, DZ_UNIT, &z_mm));
    height_um = 1e3 * z_mm;
    CIT_TRY(cit_heights_settle(in, &r.dx_mm, &r.dy_mm, &height_um));
    r.step_um = height_um;
    const double offset = cit_get_f32(in->bytes + Z_OFFSET, false);
    r.offset_um =
        isfinite(offset)
            ? 1e3 * offset *
                  cit_heights_unit_mm((const char *)in->bytes + DZ_UNIT,
                                      strnlen((const char *)in->bytes + DZ_UNIT, UNIT_LENGTH))
            : 0;
    CIT_TRY(cit_heights_from_raster(in, &r, ret));
    tell_origin(in, *ret);
done:
    return st;
}
