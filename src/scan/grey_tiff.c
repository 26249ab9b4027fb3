/* TIFF in grey as heights: one channel of whole numbers or floats, a number as high as the scale says. */
#include "scan_impl.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

typedef struct stream {
    const cit_heights_source *in;
    toff_t at;
    char fault[200];
} stream;

static tmsize_t give(thandle_t h, void *to, tmsize_t count) {
    stream *s = h;
    if (count <= 0 || s->at >= s->in->size) return 0;
    const size_t left = s->in->size - (size_t)s->at;
    const size_t take = (size_t)count < left ? (size_t)count : left;
    memcpy(to, s->in->bytes + s->at, take);
    s->at += take;
    return (tmsize_t)take;
}

static tmsize_t take_none(thandle_t h, void *from, tmsize_t count) {
    (void)h, (void)from, (void)count;
    return 0;
}

static toff_t seek(thandle_t h, toff_t offset, int whence) {
    stream *s = h;
    if (whence == SEEK_SET) s->at = offset;
    if (whence == SEEK_CUR) s->at += offset;
    if (whence == SEEK_END) s->at = s->in->size + offset;
    return s->at;
}

static int close_none(thandle_t h) {
    (void)h;
    return 0;
}

static toff_t length(thandle_t h) { return ((const stream *)h)->in->size; }

/* The first fault is the one that explains. */
static int keep_fault(TIFF *tiff, void *user, const char *module, const char *format, va_list args)
    CIT_PRINTF(4, 0);
static int keep_fault(TIFF *tiff, void *user, const char *module, const char *format,
                      va_list args) {
    stream *s = user;
    char text[200];
    (void)tiff, (void)module;
    vsnprintf(text, sizeof text, format, args);
    if (*s->fault == 0) cit_plain_copy(s->fault, sizeof s->fault, text, strlen(text));
    return 1;
}

static int ignore_warning(TIFF *tiff, void *user, const char *module, const char *format,
                          va_list args) CIT_PRINTF(4, 0);
static int ignore_warning(TIFF *tiff, void *user, const char *module, const char *format,
                          va_list args) {
    (void)tiff, (void)user, (void)module, (void)format, (void)args;
    return 1;
}

static TIFF *open_stream(stream *s) {
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (options == NULL) return NULL;
    const double most = cit_heights_unpacked_most(s->in, (double)s->in->size);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)most);
    TIFFOpenOptionsSetErrorHandlerExtR(options, keep_fault, s);
    TIFFOpenOptionsSetWarningHandlerExtR(options, ignore_warning, s);
    TIFF *tiff = TIFFClientOpenExt("heights", "rm", s, give, take_none, seek, close_none, length,
                                   NULL, NULL, options);
    TIFFOpenOptionsFree(options);
    return tiff;
}

static cit_status stopped(const stream *s) {
    return cit_heights_bad(s->in, "is no TIFF that can be read: %s",
                           *s->fault ? s->fault : "libtiff does not say why");
}

/* Kind and bits of a number. */
static bool known_sample(int kind, int bits, cit_sample *ret) {
    static const struct {
        int kind, bits;
        cit_sample sample;
    } known[] = {
        {SAMPLEFORMAT_UINT, 8, CIT_SAMPLE_U8},     {SAMPLEFORMAT_INT, 8, CIT_SAMPLE_S8},
        {SAMPLEFORMAT_UINT, 16, CIT_SAMPLE_U16},   {SAMPLEFORMAT_INT, 16, CIT_SAMPLE_S16},
        {SAMPLEFORMAT_UINT, 32, CIT_SAMPLE_U32},   {SAMPLEFORMAT_INT, 32, CIT_SAMPLE_S32},
        {SAMPLEFORMAT_IEEEFP, 32, CIT_SAMPLE_F32}, {SAMPLEFORMAT_IEEEFP, 64, CIT_SAMPLE_F64},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].kind != kind || known[i].bits != bits) continue;
        *ret = known[i].sample;
        return true;
    }
    return false;
}

/* Without loss, and few: each method is more that can go wrong. */
static cit_status check_packing(const stream *s, TIFF *tiff) {
    static const uint16_t known[] = {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_PACKBITS,
                                     COMPRESSION_ADOBE_DEFLATE, COMPRESSION_DEFLATE};
    uint16_t method = COMPRESSION_NONE;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &method);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i] == method) return CIT_OK;
    return cit_heights_bad(s->in, "is a TIFF packed by method %d; save it unpacked, or deflated",
                           method);
}

static cit_status check_head(const stream *s, TIFF *tiff, cit_raster *r) {
    uint32_t nx = 0, ny = 0, depth = 1;
    uint16_t bits = 1, channels = 1, kind = SAMPLEFORMAT_UINT, colour = 0xffff;
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &nx);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &ny);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_IMAGEDEPTH, &depth);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &bits);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &channels);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &kind);
    TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &colour);
    if (channels != 1 || colour != PHOTOMETRIC_MINISBLACK)
        return cit_heights_bad(s->in,
                               "is a TIFF in colours, or with black and white exchanged; heights "
                               "are grey, the highest brightest");
    if (!known_sample(kind, bits, &r->sample))
        return cit_heights_bad(
            s->in, "is a TIFF of %d bits of kind %d; heights need 8, 16 or 32, or floats", bits,
            kind);
    if (depth != 1 || !TIFFLastDirectory(tiff))
        return cit_heights_bad(s->in, "holds several pictures; save the map of heights alone");
    if (nx < 1 || ny < 1 || nx > INT32_MAX || ny > INT32_MAX)
        return cit_heights_bad(s->in, "has %u x %u pixels; there is no surface", nx, ny);
    r->nx = (int)nx;
    r->ny = (int)ny;
    r->big_endian = CIT_HOST_IS_BIG;
    return CIT_OK;
}

static bool read_strips(TIFF *tiff, const cit_raster *r, uint8_t *levels, size_t bytes) {
    const size_t row = (size_t)r->nx * cit_sample_size(r->sample);
    uint32_t rows = 0;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &rows);
    if (rows == 0 || (size_t)TIFFScanlineSize64(tiff) != row) return false;
    if (rows > (uint32_t)r->ny) rows = (uint32_t)r->ny;
    for (uint32_t y = 0; y < (uint32_t)r->ny; y += rows) {
        const size_t at = y * row, left = bytes - at;
        const size_t due = left < rows * row ? left : rows * row;
        const uint32_t strip = TIFFComputeStrip(tiff, y, 0);
        if (TIFFReadEncodedStrip(tiff, strip, levels + at, (tmsize_t)due) != (tmsize_t)due)
            return false;
    }
    return true;
}

static bool read_tiles(TIFF *tiff, const cit_raster *r, uint8_t *levels, uint8_t *tile, uint32_t tx,
                       uint32_t ty) {
    const size_t size = cit_sample_size(r->sample), nx = (size_t)r->nx, ny = (size_t)r->ny;
    for (size_t y = 0; y < ny; y += ty)
        for (size_t x = 0; x < nx; x += tx) {
            const size_t wide = nx - x < tx ? nx - x : tx, high = ny - y < ty ? ny - y : ty;
            if (TIFFReadTile(tiff, tile, (uint32_t)x, (uint32_t)y, 0, 0) < 0) return false;
            for (size_t j = 0; j < high; j++)
                memcpy(levels + ((y + j) * nx + x) * size, tile + j * tx * size, wide * size);
        }
    return true;
}

static cit_status read_levels(stream *s, TIFF *tiff, const cit_raster *r, uint8_t *levels,
                              size_t bytes) {
    cit_status st = CIT_OK;
    if (!TIFFIsTiled(tiff)) return read_strips(tiff, r, levels, bytes) ? CIT_OK : stopped(s);
    uint32_t tx = 0, ty = 0;
    TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &tx);
    TIFFGetField(tiff, TIFFTAG_TILELENGTH, &ty);
    const double needed = (double)tx * ty * (double)cit_sample_size(r->sample);
    if (tx == 0 || ty == 0 || (double)TIFFTileSize64(tiff) != needed) return stopped(s);
    CIT_TRY(cit_heights_unpack(s->in, (double)s->in->size, needed, "a tile"));
    uint8_t *tile = malloc((size_t)needed);
    if (tile == NULL) return cit_heights_no_memory(s->in, needed);
    if (!read_tiles(tiff, r, levels, tile, tx, ty)) st = stopped(s);
    free(tile);
done:
    return st;
}

cit_status cit_heights_read_tiff(const cit_heights_source *in, cit_heights **ret) {
    cit_status st = CIT_OK;
    stream s = {.in = in};
    cit_raster r = {.unpacked = true};
    uint8_t *levels = NULL;
    TIFF *tiff = open_stream(&s);
    if (tiff == NULL) return stopped(&s);
    CIT_TRY(check_packing(&s, tiff));
    CIT_TRY(check_head(&s, tiff, &r));
    CIT_TRY(cit_heights_settle(in, &r.dx_mm, &r.dy_mm, &r.step_um));
    const double bytes = (double)r.nx * r.ny * (double)cit_sample_size(r.sample);
    CIT_TRY(cit_heights_unpack(in, (double)in->size, bytes, "its picture"));
    levels = calloc(1, (size_t)bytes);
    if (levels == NULL) {
        st = cit_heights_no_memory(in, bytes);
        goto done;
    }
    CIT_TRY(read_levels(&s, tiff, &r, levels, (size_t)bytes));
    r.numbers = levels;
    CIT_TRY(cit_heights_from_raster(in, &r, ret));
    snprintf((*ret)->origin, sizeof(*ret)->origin, "TIFF, %d bits",
             8 * (int)cit_sample_size(r.sample));
done:
    free(levels);
    TIFFClose(tiff);
    return st;
}
