/* Photos: which reader, what is checked before memory is taken, and how a row comes upright. */
#include "shape_impl.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- sides and memory ------------------------------------------------------------------------ */

enum { SIDE_MAX = 65535 };

/* How the eight orientations of EXIF (TIFF 6.0, Orientation) bring a coded pixel upright: sides change places or not,
 * then columns and rows run backwards or not. */
static const struct {
    bool swap, back_x, back_y;
} turns[9] = {{false, false, false}, {false, false, false}, {false, true, false},
              {false, true, true},   {false, false, true},  {true, false, false},
              {true, true, false},   {true, true, true},    {true, false, true}};

cit_status cit_photo_make(cit_job *job, const cit_photo_plan *plan, cit_photo **ret) {
    const double pixels = plan->width * plan->height, channels = plan->grey ? 1 : 3;
    void *made = NULL, *rgb = NULL;
    cit_status st = CIT_OK;
    if (!(plan->width >= 1 && plan->height >= 1 && plan->width <= SIDE_MAX &&
          plan->height <= SIDE_MAX))
        return cit_job_fail(job, "%.0f x %.0f pixels; a side has 1 to %d", plan->width,
                            plan->height, SIDE_MAX);
    if (pixels * channels * plan->bits / 8 > plan->most * (double)job->size)
        return cit_job_fail(job, "claims %.0f x %.0f pixels, more than %zu bytes can hold",
                            plan->width, plan->height, job->size);
    if (pixels * (6 + plan->beside) > job->memory)
        return cit_job_fail(job, "%.0f x %.0f pixels are beyond what one file may take",
                            plan->width, plan->height);
    job->memory -= pixels * plan->beside;
    CIT_TRY(cit_job_take(job, 1, sizeof(cit_photo), &made));
    CIT_TRY(cit_job_take(job, (size_t)pixels, 3 * sizeof(uint16_t), &rgb));
    cit_photo *photo = made;
    const bool swap = turns[plan->orientation].swap;
    photo->width = (int)(swap ? plan->height : plan->width);
    photo->height = (int)(swap ? plan->width : plan->height);
    photo->bits = plan->bits;
    photo->grey = plan->grey;
    photo->linear = plan->linear;
    photo->unreferred = plan->unreferred;
    photo->rgb = rgb;
    snprintf(photo->origin, sizeof photo->origin, "%s, %d bits%s%s", plan->kind, plan->bits,
             plan->grey ? ", grey" : "", plan->orientation > 1 ? ", turned upright" : "");
    *ret = photo;
    made = NULL;
done:
    free(made);
    return st;
}

void cit_photo_put(cit_photo *photo, int orientation, int y, const uint16_t *row) {
    const bool swap = turns[orientation].swap;
    const ptrdiff_t width = photo->width, height = photo->height;
    const ptrdiff_t count = swap ? height : width;
    ptrdiff_t to_x = swap ? y : 0, to_y = swap ? 0 : y, step = swap ? width : 1;
    if (turns[orientation].back_x) {
        to_x = width - 1 - to_x;
        step = swap ? step : -step;
    }
    if (turns[orientation].back_y) {
        to_y = height - 1 - to_y;
        step = swap ? -step : step;
    }
    uint16_t *to = photo->rgb + 3 * (to_y * width + to_x);
    for (ptrdiff_t x = 0; x < count; x++) memcpy(to + 3 * x * step, row + 3 * x, 6);
}

void cit_photo_free(cit_photo *photo) {
    if (photo == NULL) return;
    free(photo->rgb);
    free(photo);
}

/* ---- what files say about themselves --------------------------------------------------------- */

typedef struct tiff_bytes {
    const uint8_t *bytes;
    size_t size;
    bool big;
} tiff_bytes;

static uint32_t two(const tiff_bytes *t, size_t at) {
    return t->big ? cit_u16_be(t->bytes + at) : cit_u16_le(t->bytes + at);
}

static size_t four(const tiff_bytes *t, size_t at) {
    return t->big ? cit_u32_be(t->bytes + at) : cit_u32_le(t->bytes + at);
}

/* The value of a tag in the folder at that byte, where it is one number of 2 or 4 bytes; 0: it is not there. */
static size_t tag(const tiff_bytes *t, size_t folder, uint32_t name) {
    if (folder < 8 || folder > t->size || t->size - folder < 2) return 0;
    const size_t count = two(t, folder);
    for (size_t i = 0; i < count && t->size - folder - 2 >= 12 * (i + 1); i++) {
        const size_t at = folder + 2 + 12 * i;
        if (two(t, at) != name || four(t, at + 4) != 1) continue;
        return two(t, at + 2) == 3 ? two(t, at + 8) : two(t, at + 2) == 4 ? four(t, at + 8) : 0;
    }
    return 0;
}

cit_exif cit_exif_read(const uint8_t *bytes, size_t size) {
    enum { ORIENTATION = 0x112, FOLDER = 0x8769, COLOUR_SPACE = 0xa001 };
    cit_exif exif = {0};
    if (size < 8 || (memcmp(bytes, "II*", 4) != 0 && memcmp(bytes, "MM\0*", 4) != 0)) return exif;
    const tiff_bytes t = {bytes, size, *bytes == 'M'};
    const size_t first = four(&t, 4), orientation = tag(&t, first, ORIENTATION);
    exif.orientation = orientation <= 8 ? (int)orientation : 0;
    exif.colour = (int)(tag(&t, tag(&t, first, FOLDER), COLOUR_SPACE) & 0xffff);
    return exif;
}

/* ---- which reader ---------------------------------------------------------------------------- */

typedef struct photo_format {
    size_t at, length; /* of what it is known by */
    const char *known_by, *name;
    cit_status (*read)(cit_job *job, cit_photo **ret); /* NULL: not read */
} photo_format;

static const photo_format formats[] = {
    {0, 3, "\xff\xd8\xff", "JPEG", cit_jpeg_read},
    {0, 8, "\x89PNG\r\n\x1a\n", "PNG", cit_png_read},
    {0, 4, "II*\0", "TIFF", cit_tiff_photo_read},
    {0, 4, "MM\0*", "TIFF", cit_tiff_photo_read},
    {0, 4, "II+\0", "BigTIFF", NULL},
    {0, 4, "MM\0+", "BigTIFF", NULL},
    {4, 8, "ftypheic", "HEIC", NULL},
    {4, 8, "ftypheix", "HEIC", NULL},
    {4, 8, "ftypmif1", "HEIF", NULL},
    {4, 8, "ftypavif", "AVIF", NULL},
    {8, 4, "WEBP", "WebP", NULL},
    {0, 4, "GIF8", "GIF", NULL},
    {0, 2, "BM", "BMP", NULL},
};

static cit_status read_format(cit_job *job, cit_photo **ret) {
    if (job->size == 0) return cit_job_fail(job, "is empty");
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const photo_format *f = &formats[i];
        if (job->size < f->at + f->length ||
            memcmp(job->bytes + f->at, f->known_by, f->length) != 0)
            continue;
        if (f->read != NULL) return f->read(job, ret);
        return cit_job_fail(job, "is %s, which is not read; save it as JPEG or PNG", f->name);
    }
    return cit_job_fail(job, "is no JPEG, PNG or TIFF by its first bytes");
}

cit_status cit_photo_read(const char *name, const uint8_t *bytes, size_t size,
                          const cit_scan_limits *limits, cit_photo **ret, cit_errors *errs) {
    cit_job job = cit_job_of(name, bytes, size, limits, errs);
    cit_photo *photo = NULL;
    cit_status st = CIT_OK;
    CIT_TRY(read_format(&job, &photo));
    CIT_TRY(cit_profile_apply(&job, photo));
    *ret = photo;
    photo = NULL;
done:
    cit_photo_free(photo);
    free(job.profile);
    return st;
}
