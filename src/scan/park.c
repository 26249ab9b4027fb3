/* Park Systems: a TIFF whose picture is for show; the heights lie in a tag of the maker's, described by
 * another. A height is gain * (scale * number + offset) in the unit told there. Only whole files with the
 * little end first are known. */
#include "scan_impl.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TAG_MAGIC = 50432, TAG_VERSION, TAG_DATA, TAG_HEADER, TAGS = 4 };
#define MAGIC 0x0E031301u

enum {
    HEAD_KIND = 0,
    HEAD_NX = 100,
    HEAD_NY = 104,
    HEAD_X_UM = 140,
    HEAD_Y_UM = 148,
    HEAD_GAIN = 220,
    HEAD_SCALE = 228,
    HEAD_OFFSET = 236,
    HEAD_UNIT = 244,
    HEAD_PACKED = 272,
    HEAD_LOG = 276,
    HEAD_SHORT = 284,
    HEAD_TYPE = 348, /* of version 2 */
    HEAD_LONG = 352,
    UNIT_LETTERS = 8,
};

typedef struct tag {
    size_t bytes, at;
    uint32_t value;
} tag;

/* The maker's tags of the first directory, where they are. */
static void find_tags(const cit_heights_source *in, tag tags[TAGS]) {
    static const uint8_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};
    if (in->size < 8 || memcmp(in->bytes, "II*", 4) != 0) return;
    const size_t at = cit_get_u32(in->bytes + 4, false);
    if (at > in->size - 2) return;
    const size_t count = cit_get_u16(in->bytes + at, false);
    for (size_t i = 0; i < count && at + 2 + 12 * (i + 1) <= in->size; i++) {
        const uint8_t *entry = in->bytes + at + 2 + 12 * i;
        const uint32_t name = cit_get_u16(entry, false), type = cit_get_u16(entry + 2, false);
        if (name < TAG_MAGIC || name >= TAG_MAGIC + TAGS || type >= sizeof sizes) continue;
        tag *t = &tags[name - TAG_MAGIC];
        t->bytes = (size_t)cit_get_u32(entry + 4, false) * sizes[type];
        t->value = cit_get_u32(entry + 8, false);
        t->at = t->bytes <= 4 ? (size_t)(entry + 8 - in->bytes) : t->value;
    }
}

bool cit_heights_is_park(const cit_heights_source *in) {
    tag tags[TAGS] = {{0}};
    find_tags(in, tags);
    return tags[0].bytes == 4 && tags[0].value == MAGIC;
}

static cit_status check_tag(const cit_heights_source *in, const tag *t, const char *what,
                            size_t least) {
    if (t->bytes < least)
        return cit_heights_bad(in, "has %zu bytes of %s where %zu are needed", t->bytes, what,
                               least);
    if (t->at > in->size || t->bytes > in->size - t->at)
        return cit_heights_bad_byte(in, in->size, "ends; its %s, %zu bytes, would begin at %zu",
                                    what, t->bytes, t->at);
    return CIT_OK;
}

/* UTF-16 as one byte a letter. */
static void take_unit(const uint8_t *head, char unit[UNIT_LETTERS + 1]) {
    int n = 0;
    for (; n < UNIT_LETTERS; n++) {
        const uint32_t letter = cit_get_u16(head + HEAD_UNIT + 2 * n, false);
        if (letter == 0) break;
        unit[n] = (char)(letter == 0x3bc ? 0xb5 : letter < 0x100 ? letter : '?');
    }
    unit[n] = 0;
}

static cit_status take_head(const cit_heights_source *in, const uint8_t *head, bool longer,
                            cit_raster *r, double *height_um) {
    static const cit_sample types[] = {CIT_SAMPLE_S16, CIT_SAMPLE_S32, CIT_SAMPLE_F32};
    const uint32_t type = longer ? cit_get_u32(head + HEAD_TYPE, false) : 0;
    const uint32_t kind = cit_get_u32(head + HEAD_KIND, false);
    const double scale = cit_get_f64(head + HEAD_SCALE, false);
    char unit[UNIT_LETTERS + 1];
    take_unit(head, unit);
    const double unit_um = 1e3 * cit_heights_unit_mm(unit, strlen(unit));
    const double gain = cit_get_f64(head + HEAD_GAIN, false);
    if (kind != 0) return cit_heights_bad(in, "holds a record of kind %u, not a map", kind);
    if (type >= sizeof types / sizeof *types)
        return cit_heights_bad(in, "holds numbers of type %u, which is not known", type);
    if (cit_get_u32(head + HEAD_PACKED, false) != 0 || cit_get_u32(head + HEAD_LOG, false) != 0)
        return cit_heights_bad(in, "holds packed or logarithmic numbers, which are not read");
    if (unit_um == 0) return cit_heights_bad(in, "tells heights in '%s'; a length is needed", unit);
    r->sample = types[type];
    *height_um = gain * unit_um * (scale == 0 ? 1 : scale);
    r->offset_um = gain * unit_um * cit_get_f64(head + HEAD_OFFSET, false);
    if (*height_um == 0 || !isfinite(*height_um) || !isfinite(r->offset_um))
        return cit_heights_bad(in, "tells a gain of %g and a scale of %g; neither is 0", gain,
                               scale);
    return CIT_OK;
}

static cit_status take_sides(const cit_heights_source *in, const uint8_t *head, const tag *data,
                             cit_raster *r) {
    cit_status st = CIT_OK;
    const double nx = cit_get_u32(head + HEAD_NX, false), ny = cit_get_u32(head + HEAD_NY, false);
    CIT_TRY(cit_heights_fits(in, data->at, nx, ny, r->sample));
    r->nx = (int)nx;
    r->ny = (int)ny;
    if ((double)data->bytes != nx * ny * (double)cit_sample_size(r->sample)) {
        st = cit_heights_bad(in, "has %zu bytes of heights, and tells %d x %d of %zu", data->bytes,
                             r->nx, r->ny, cit_sample_size(r->sample));
        goto done;
    }
    r->dx_mm = 1e-3 * cit_get_f64(head + HEAD_X_UM, false) / nx;
    r->dy_mm = 1e-3 * cit_get_f64(head + HEAD_Y_UM, false) / ny;
done:
    return st;
}

cit_status cit_heights_read_park(const cit_heights_source *in, cit_heights **ret) {
    cit_status st = CIT_OK;
    tag tags[TAGS] = {{0}};
    double height_um = 0;
    find_tags(in, tags);
    const uint32_t version = tags[TAG_VERSION - TAG_MAGIC].value;
    const tag *data = &tags[TAG_DATA - TAG_MAGIC], *header = &tags[TAG_HEADER - TAG_MAGIC];
    cit_raster r = {.at = data->at};
    if (version != 0x1000001 && version != 0x1000002)
        return cit_heights_bad(in, "is a Park Systems TIFF of version %#x, which is not known",
                               version);
    const bool longer = version == 0x1000002;
    CIT_TRY(check_tag(in, header, "header", longer ? HEAD_LONG : HEAD_SHORT));
    CIT_TRY(check_tag(in, data, "heights", 1));
    CIT_TRY(take_head(in, in->bytes + header->at, longer, &r, &height_um));
    CIT_TRY(take_sides(in, in->bytes + header->at, data, &r));
    CIT_TRY(cit_heights_settle(in, &r.dx_mm, &r.dy_mm, &height_um));
    r.step_um = height_um;
    r.numbers = in->bytes + data->at;
    CIT_TRY(cit_heights_from_raster(in, &r, ret));
    snprintf((*ret)->origin, sizeof(*ret)->origin, "Park Systems TIFF");
done:
    return st;
}
