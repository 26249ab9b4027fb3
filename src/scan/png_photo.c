/* PNG by libpng: 8 and 16 bits, grey, colour, palette. A picture with something transparent in it is refused: its
 * colours there are those of what would lie behind. Text, times and all other chunks that tell stories are not looked at. */
#include "shape_impl.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* libpng comes after what it needs */
#include <png.h>

typedef struct reader {
    png_structp png;
    png_infop info;
    cit_job *job;
    size_t at; /* bytes read */
    cit_photo_plan plan;
    cit_photo *photo;
    uint16_t *rows; /* one row, or all of an interlaced picture; red green blue alpha */
    cit_status st;
} reader;

/* ---- what libpng calls ----------------------------------------------------------------------- */

static void leave(reader *r, cit_status st) {
    r->st = st;
    png_longjmp(r->png, 1);
}

static void on_error(png_structp png, png_const_charp text) {
    reader *r = png_get_error_ptr(png);
    leave(r, cit_job_fail_byte(r->job, r->at, "is no PNG that can be read: %s", text));
}

static void on_warning(png_structp png, png_const_charp text) { (void)png, (void)text; }

static void on_read(png_structp png, png_bytep to, size_t count) {
    reader *r = png_get_io_ptr(png);
    if (count > r->job->size - r->at) png_error(png, "the file ends before the picture does");
    memcpy(to, r->job->bytes + r->at, count);
    r->at += count;
}

/* ---- header ---------------------------------------------------------------------------------- */

static void read_exif(reader *r) {
    png_bytep bytes = NULL;
    png_uint_32 size = 0;
    if (png_get_eXIf_1(r->png, r->info, &size, &bytes) != 0)
        r->plan.orientation = cit_exif_read(bytes, size).orientation;
}

/* A profile is believed before a plain exponent, and what calls itself sRGB before both. */
static void read_colours(reader *r) {
    png_charp name = NULL;
    png_bytep profile = NULL;
    png_uint_32 size = 0;
    double gamma = 0;
    int kind = 0;
    if (png_get_sRGB(r->png, r->info, &kind) != 0) return;
    if (png_get_iCCP(r->png, r->info, &name, &kind, &profile, &size) != 0) {
        const cit_status st = cit_job_keep_profile(r->job, profile, size);
        if (st != CIT_OK) leave(r, st);
    } else if (png_get_gAMA(r->png, r->info, &gamma) != 0) {
        r->plan.linear = fabs(gamma - 1) < 0.01;
        r->plan.unreferred = !r->plan.linear && fabs(gamma - 1 / 2.2) > 0.01;
    }
}

static void plan(reader *r) {
    const int colour = png_get_color_type(r->png, r->info);
    const int bits = png_get_bit_depth(r->png, r->info);
    r->plan.kind = "PNG";
    r->plan.width = png_get_image_width(r->png, r->info);
    r->plan.height = png_get_image_height(r->png, r->info);
    r->plan.grey = (colour & PNG_COLOR_MASK_COLOR) == 0;
    r->plan.bits = bits > 8 ? 16 : 8;
    /* Deflate makes at most 1032 bytes of one; a palette or a few bits become up to 24 times as much. */
    r->plan.most =
        1032.0 * (bits < 8 ? 8.0 / bits : 1) * (colour == PNG_COLOR_TYPE_PALETTE ? 3 : 1);
    r->plan.beside = png_get_interlace_type(r->png, r->info) != PNG_INTERLACE_NONE ? 8 : 0;
    read_exif(r);
    read_colours(r);
}

/* Whatever it was: red green blue alpha of 16 bits, in this machine's order. */
static void unify(reader *r) {
    const uint16_t one = 1;
    png_set_expand_16(r->png);
    png_set_gray_to_rgb(r->png);
    png_set_add_alpha(r->png, 65535, PNG_FILLER_AFTER);
    if (*(const uint8_t *)&one == 1) png_set_swap(r->png);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void put_row(reader *r, int y, uint16_t *row) {
    const size_t width = (size_t)r->plan.width;
    for (size_t x = 0; x < width; x++) {
        if (row[4 * x + 3] != 65535)
            leave(r, cit_job_fail(r->job, "is transparent at column %zu, row %d; save it opaque", x,
                                  y));
        memmove(row + 3 * x, row + 4 * x, 6);
    }
    cit_photo_put(r->photo, r->plan.orientation, y, row);
}

static void read_rows(reader *r, int passes) {
    const size_t length = 4 * (size_t)r->plan.width;
    const int height = (int)r->plan.height;
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < height; y++) {
            uint16_t *row = r->rows + (passes > 1 ? length * (size_t)y : 0);
            png_read_row(r->png, (png_bytep)row, NULL);
            if (pass == passes - 1) put_row(r, y, row);
        }
    png_read_end(r->png, NULL);
}

/* Leaves by longjmp on any fault. */
static void read(reader *r) {
    void *rows = NULL;
    png_set_user_limits(r->png, 65535, 65535);
    png_set_chunk_malloc_max(r->png, (png_alloc_size_t)1 << 22);
    png_set_chunk_cache_max(r->png, 64);
    png_set_read_fn(r->png, r, on_read);
    png_read_info(r->png, r->info);
    plan(r);
    cit_status st = cit_photo_make(r->job, &r->plan, &r->photo);
    if (st != CIT_OK) leave(r, st);
    unify(r);
    const int passes = png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
    if (png_get_rowbytes(r->png, r->info) != 8 * (size_t)r->plan.width)
        png_error(r->png, "rows are not what was asked for");
    r->job->memory += r->plan.beside * r->plan.width * r->plan.height; /* was set apart for this */
    st = cit_job_take(r->job, (size_t)r->plan.width * (passes > 1 ? (size_t)r->plan.height : 1), 8,
                      &rows);
    r->rows = rows;
    if (st != CIT_OK) leave(r, st);
    read_rows(r, passes);
}

cit_status cit_png_read(cit_job *job, cit_photo **ret) {
    void *made = NULL;
    cit_status st = cit_job_take(job, 1, sizeof(reader), &made);
    if (st != CIT_OK) return st;
    reader *const r = made;
    r->job = job;
    r->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, r, on_error, on_warning);
    r->info = r->png != NULL ? png_create_info_struct(r->png) : NULL;
    if (r->info == NULL)
        r->st = cit_fail(job->errs, CIT_NOMEM, job->name, "out of memory");
    else if (setjmp(png_jmpbuf(r->png)) == 0)
        read(r);
    png_destroy_read_struct(&r->png, &r->info, NULL);
    free(r->rows);
    st = r->st;
    if (st == CIT_OK)
        *ret = r->photo;
    else
        cit_photo_free(r->photo);
    free(r);
    return st;
}
