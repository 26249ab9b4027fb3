/* PNG in grey as heights: a level is as high as the scale says. */
#include "scan_impl.h"
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What must outlive a jump out of libpng. */
typedef struct picture {
    const cit_heights_source *in;
    size_t at;
    char fault[160];
    png_structp png;
    png_infop info;
    uint8_t *levels;
    png_bytep *rows;
} picture;

static void keep_fault(png_structp png, png_const_charp text) {
    picture *p = png_get_error_ptr(png);
    cit_plain_copy(p->fault, sizeof p->fault, text, strlen(text));
    longjmp(png_jmpbuf(png), 1);
}

static void ignore_warning(png_structp png, png_const_charp text) { (void)png, (void)text; }

static void give_bytes(png_structp png, png_bytep to, size_t count) {
    picture *p = png_get_io_ptr(png);
    if (count > p->in->size - p->at) png_error(png, "it ends too early");
    memcpy(to, p->in->bytes + p->at, count);
    p->at += count;
}

static cit_status check_head(picture *p, cit_raster *r) {
    const cit_heights_source *in = p->in;
    const int bits = png_get_bit_depth(p->png, p->info);
    const int colour = png_get_color_type(p->png, p->info);
    if (colour != PNG_COLOR_TYPE_GRAY)
        return cit_heights_bad(in, "is a PNG in colours or with transparency; heights are grey");
    if (bits != 8 && bits != 16)
        return cit_heights_bad(in, "is a PNG of %d bits; heights need 8 or 16", bits);
    r->nx = (int)png_get_image_width(p->png, p->info);
    r->ny = (int)png_get_image_height(p->png, p->info);
    r->sample = bits == 8 ? CIT_SAMPLE_U8 : CIT_SAMPLE_U16;
    r->big_endian = true;
    return CIT_OK;
}

static cit_status make_room(picture *p, const cit_raster *r) {
    const size_t row = (size_t)r->nx * cit_sample_size(r->sample), rows = (size_t)r->ny;
    p->levels = calloc(rows, row);
    p->rows = calloc(rows, sizeof *p->rows);
    if (p->levels == NULL || p->rows == NULL)
        return cit_heights_no_memory(p->in, (double)row * (double)rows);
    for (size_t j = 0; j < rows; j++) p->rows[j] = p->levels + j * row;
    return CIT_OK;
}

/* False where libpng stopped; the fault is kept. */
static bool read_head(picture *p) {
    if (setjmp(png_jmpbuf(p->png)) != 0) return false;
    png_set_read_fn(p->png, p, give_bytes);
    png_set_user_limits(p->png, 0x7fffffff, 0x7fffffff);
    png_set_chunk_malloc_max(p->png, 1 << 20);
    png_set_chunk_cache_max(p->png, 64);
    png_read_info(p->png, p->info);
    return true;
}

static bool read_levels(picture *p) {
    if (setjmp(png_jmpbuf(p->png)) != 0) return false;
    png_read_image(p->png, p->rows);
    png_read_end(p->png, NULL);
    return true;
}

static cit_status stopped(const picture *p) {
    return cit_heights_bad_byte(p->in, p->at, "is where the PNG stops to be one: %s", p->fault);
}

cit_status cit_heights_read_png(const cit_heights_source *in, cit_heights **ret) {
    cit_status st = CIT_OK;
    picture p = {.in = in};
    cit_raster r = {.unpacked = true};
    p.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &p, keep_fault, ignore_warning);
    if (p.png != NULL) p.info = png_create_info_struct(p.png);
    if (p.info == NULL) {
        st = cit_heights_no_memory(in, 0);
        goto done;
    }
    if (!read_head(&p)) {
        st = stopped(&p);
        goto done;
    }
    CIT_TRY(check_head(&p, &r));
    CIT_TRY(cit_heights_settle(in, &r.dx_mm, &r.dy_mm, &r.step_um));
    const double bytes = (double)r.nx * r.ny * (double)cit_sample_size(r.sample);
    CIT_TRY(cit_heights_unpack(in, (double)in->size, bytes, "its picture"));
    CIT_TRY(cit_heights_afford(in, bytes + (double)r.ny * sizeof *p.rows, "its picture"));
    CIT_TRY(make_room(&p, &r));
    if (!read_levels(&p)) {
        st = stopped(&p);
        goto done;
    }
    r.numbers = p.levels;
    CIT_TRY(cit_heights_from_raster(in, &r, ret));
    snprintf((*ret)->origin, sizeof(*ret)->origin, "PNG, %d bits",
             8 * (int)cit_sample_size(r.sample));
done:
    if (p.png != NULL) png_destroy_read_struct(&p.png, &p.info, NULL);
    free(p.levels);
    free(p.rows);
    return st;
}
