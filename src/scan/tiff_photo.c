/* TIFF by libtiff: the first picture of a file, in strips, 8 or 16 bits a channel, grey or RGB, plain or by LZW, deflate
 * or PackBits. The rest of what TIFF can be is refused by name. */
#include "shape_impl.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* libtiff comes after what it needs */
#include <tiffio.h>

typedef struct reader {
    TIFF *tiff;
    cit_job *job;
    uint64_t at;
    bool failed;
    char text[200]; /* libtiff's first fault */
    uint16_t bits, samples, photometric, compression, planar, format, orientation;
    bool inverted; /* 0 is white */
    cit_photo_plan plan;
    cit_photo *photo;
    uint8_t *line;
    uint16_t *row;
} reader;

/* ---- what libtiff calls ---------------------------------------------------------------------- */

static int on_error(TIFF *tiff, void *user, const char *module, const char *format, va_list args)
    CIT_PRINTF(4, 0);

static int on_error(TIFF *tiff, void *user, const char *module, const char *format, va_list args) {
    reader *r = user;
    (void)tiff, (void)module;
    if (!r->failed) vsnprintf(r->text, sizeof r->text, format, args);
    r->failed = true;
    return 1;
}

static int on_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list args)
    CIT_PRINTF(4, 0);

static int on_warning(TIFF *tiff, void *user, const char *module, const char *format,
                      va_list args) {
    (void)tiff, (void)user, (void)module, (void)format, (void)args;
    return 1;
}

static tmsize_t on_read(thandle_t handle, void *to, tmsize_t count) {
    reader *r = handle;
    const uint64_t left = r->at < r->job->size ? r->job->size - r->at : 0;
    const size_t n = (uint64_t)count < left ? (size_t)count : (size_t)left;
    if (n > 0) memcpy(to, r->job->bytes + r->at, n);
    r->at += n;
    return (tmsize_t)n;
}

static tmsize_t on_write(thandle_t handle, void *from, tmsize_t count) {
    (void)handle, (void)from, (void)count;
    return 0;
}

static toff_t on_seek(thandle_t handle, toff_t to, int whence) {
    reader *r = handle;
    r->at = whence == SEEK_CUR ? r->at + to : whence == SEEK_END ? r->job->size + to : to;
    return r->at;
}

static int on_close(thandle_t handle) {
    (void)handle;
    return 0;
}

static toff_t on_size(thandle_t handle) { return ((reader *)handle)->job->size; }

static TIFF *open_bytes(reader *r) {
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (options == NULL) return NULL;
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, r);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, r);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)fmin(r->job->memory, 1e18));
    /* m: the bytes are not mapped, O: only the first folder is looked for */
    TIFF *tiff = TIFFClientOpenExt("", "rm", r, on_read, on_write, on_seek, on_close, on_size, NULL,
                                   NULL, options);
    TIFFOpenOptionsFree(options);
    return tiff;
}

static cit_status fail_by_libtiff(const reader *r) {
    return cit_job_fail(r->job, "is no TIFF that can be read: %s",
                        r->failed ? r->text : "something is missing");
}

/* ---- header ---------------------------------------------------------------------------------- */

/* Bytes that one byte becomes at most: LZW's longest string stands for 12 bits. */
static const struct {
    uint16_t code;
    double most;
} compressions[] = {{COMPRESSION_NONE, 1},
                    {COMPRESSION_LZW, 2600},
                    {COMPRESSION_ADOBE_DEFLATE, 1032},
                    {COMPRESSION_DEFLATE, 1032},
                    {COMPRESSION_PACKBITS, 64}};

static double most_of(uint16_t code) {
    for (size_t i = 0; i < sizeof compressions / sizeof *compressions; i++)
        if (compressions[i].code == code) return compressions[i].most;
    return 0;
}

static uint16_t number(const reader *r, uint32_t name, uint16_t otherwise) {
    uint16_t value = 0;
    return TIFFGetFieldDefaulted(r->tiff, name, &value) ? value : otherwise;
}

static cit_status check_kind(const reader *r) {
    const bool grey = r->photometric == PHOTOMETRIC_MINISBLACK || r->inverted;
    const uint16_t colours = grey ? 1 : 3;
    if (!grey && r->photometric != PHOTOMETRIC_RGB)
        return cit_job_fail(r->job, "its colours (photometric %u) are neither RGB nor grey",
                            r->photometric);
    if ((r->bits != 8 && r->bits != 16) || r->format != SAMPLEFORMAT_UINT)
        return cit_job_fail(r->job,
                            "a photo has whole numbers of 8 or 16 bits, not %u bits of kind %u",
                            r->bits, r->format);
    if (r->samples != colours && r->samples != colours + 1)
        return cit_job_fail(r->job, "has %u channels", r->samples);
    if (r->planar != PLANARCONFIG_CONTIG)
        return cit_job_fail(r->job, "has its channels apart; save them together");
    if (TIFFIsTiled(r->tiff)) return cit_job_fail(r->job, "is in tiles; save it in strips");
    if (most_of(r->compression) == 0)
        return cit_job_fail(r->job, "its compression (%u) is not read; save it with LZW",
                            r->compression);
    return CIT_OK;
}

static cit_status read_profile(reader *r) {
    uint32_t size = 0;
    void *profile = NULL;
    return TIFFGetField(r->tiff, TIFFTAG_ICCPROFILE, &size, &profile)
               ? cit_job_keep_profile(r->job, profile, size)
               : CIT_OK;
}

static cit_status read_header(reader *r) {
    uint32_t width = 0, height = 0;
    if (!TIFFGetField(r->tiff, TIFFTAG_IMAGEWIDTH, &width) ||
        !TIFFGetField(r->tiff, TIFFTAG_IMAGELENGTH, &height) ||
        !TIFFGetField(r->tiff, TIFFTAG_PHOTOMETRIC, &r->photometric))
        return fail_by_libtiff(r);
    r->bits = number(r, TIFFTAG_BITSPERSAMPLE, 1);
    r->samples = number(r, TIFFTAG_SAMPLESPERPIXEL, 1);
    r->format = number(r, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
    r->planar = number(r, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    r->compression = number(r, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    r->orientation = number(r, TIFFTAG_ORIENTATION, 1);
    r->inverted = r->photometric == PHOTOMETRIC_MINISWHITE;
    r->plan.kind = "TIFF";
    r->plan.width = width;
    r->plan.height = height;
    r->plan.bits = r->bits;
    r->plan.grey = r->photometric != PHOTOMETRIC_RGB;
    r->plan.orientation = r->orientation <= 8 ? r->orientation : 0;
    r->plan.most = most_of(r->compression);
    const cit_status st = check_kind(r);
    return st == CIT_OK ? read_profile(r) : st;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static unsigned sample(const reader *r, size_t i) {
    uint16_t wide;
    if (r->bits == 8) return 257u * r->line[i];
    memcpy(&wide, r->line + 2 * i, 2);
    return wide;
}

static cit_status put_row(reader *r, int y) {
    const size_t width = (size_t)r->plan.width, colours = r->plan.grey ? 1 : 3;
    for (size_t x = 0; x < width; x++) {
        const size_t at = x * r->samples;
        if (r->samples > colours && sample(r, at + colours) != 65535)
            return cit_job_fail(r->job, "is transparent at column %zu, row %d; save it opaque", x,
                                y);
        for (size_t k = 0; k < 3; k++) {
            const unsigned value = sample(r, at + (colours == 3 ? k : 0));
            r->row[3 * x + k] = (uint16_t)(r->inverted ? 65535 - value : value);
        }
    }
    cit_photo_put(r->photo, r->plan.orientation, y, r->row);
    return CIT_OK;
}

static cit_status read_rows(reader *r) {
    const size_t width = (size_t)r->plan.width, least = width * r->samples * r->bits / 8;
    const tmsize_t length = TIFFScanlineSize(r->tiff);
    void *line = NULL, *row = NULL;
    cit_status st = CIT_OK;
    if (length < (tmsize_t)least) return fail_by_libtiff(r);
    CIT_TRY(cit_job_take(r->job, (size_t)length, 1, &line));
    r->line = line;
    CIT_TRY(cit_job_take(r->job, width, 6, &row));
    r->row = row;
    for (int y = 0; y < (int)r->plan.height && st == CIT_OK; y++) {
        if (TIFFReadScanline(r->tiff, r->line, (uint32_t)y, 0) != 1) return fail_by_libtiff(r);
        st = put_row(r, y);
    }
done:
    return st;
}

cit_status cit_tiff_photo_read(cit_job *job, cit_photo **ret) {
    reader r = {.job = job};
    cit_status st = CIT_OK;
    r.tiff = open_bytes(&r);
    if (r.tiff == NULL) return fail_by_libtiff(&r);
    CIT_TRY(read_header(&r));
    CIT_TRY(cit_photo_make(job, &r.plan, &r.photo));
    CIT_TRY(read_rows(&r));
    *ret = r.photo;
    r.photo = NULL;
done:
    cit_photo_free(r.photo);
    free(r.line);
    free(r.row);
    TIFFClose(r.tiff);
    return st;
}
