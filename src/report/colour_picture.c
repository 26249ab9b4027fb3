/* A photo with what was looked at: the skin, the chart and its patches outlined; beside it the redness of that skin. */
#include "report_impl.h"
#include <cit/num.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Points, but for the last two: pixels to a point, and cells along a map. */
enum {
    PHOTO_W = 600,
    PHOTO_H = 640,
    MAP_W = 360,
    MAP_H = 520,
    MARGIN = 24,
    GAP = 28,
    TOP = 76,
    FOOT = 30,
    BAR = 66,
    PIXELS = 2,
    CELLS = 160
};
static const double largest = 4; /* of a pixel, points */
static const colour dark = {0, 0, 0}, light = {1, 1, 1}, nothing = {0.80, 0.80, 0.82};

/* Darker is redder, in grey too. */
static colour redness_colour(double share) {
    static const colour stops[4] = {
        {0.99, 0.96, 0.90}, {0.96, 0.72, 0.56}, {0.82, 0.33, 0.24}, {0.38, 0.03, 0.12}};
    const double at = 3 * fmin(fmax(share, 0), 1);
    const int i = at < 2 ? (int)at : 2;
    const double t = at - i;
    return (colour){(1 - t) * stops[i].r + t * stops[i + 1].r,
                    (1 - t) * stops[i].g + t * stops[i + 1].g,
                    (1 - t) * stops[i].b + t * stops[i + 1].b};
}

/* ---- pixels ----------------------------------------------------------------------------------------- */

typedef colour pixel_function(const colour_picture *p, int w, int h, int x, int y);

static int least(int a, int b) { return a < b ? a : b; }

/* Mean over the pixels that lie under one of the picture, as coded: sRGB, or a linear one's square root, which is near it. */
static colour photo_pixel(const colour_picture *p, int w, int h, int x, int y) {
    const cit_photo *photo = p->take->photo;
    const int i0 = (int)((double)x * photo->width / w), j0 = (int)((double)y * photo->height / h),
              i1 = least((int)((x + 1.0) * photo->width / w), photo->width),
              j1 = least((int)((y + 1.0) * photo->height / h), photo->height);
    double sum[3] = {0};
    int n = 0;
    for (int j = j0; j < j1 || j == j0; j++)
        for (int i = i0; i < i1 || i == i0; i++) {
            const uint16_t *at = photo->rgb + 3 * ((size_t)j * (size_t)photo->width + (size_t)i);
            for (int c = 0; c < 3; c++) sum[c] += at[c] / 65535.0;
            n++;
        }
    for (int c = 0; c < 3; c++) sum[c] = photo->linear ? sqrt(sum[c] / n) : sum[c] / n;
    return (colour){sum[0], sum[1], sum[2]};
}

static colour redness_pixel(const colour_picture *p, int w, int h, int x, int y) {
    (void)h;
    const double v = p->redness->EI[(size_t)y * (size_t)w + (size_t)x];
    return cit_known(v) ? redness_colour((v - p->low) / (p->high - p->low)) : nothing;
}

static bool put_raster(cairo_t *c, const colour_picture *p, int w, int h, pixel_function *of,
                       double x0, double y0, double pixels) {
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, w, h);
    const bool done = cairo_surface_status(image) == CAIRO_STATUS_SUCCESS;
    if (done) {
        cairo_surface_flush(image);
        unsigned char *bytes = cairo_image_surface_get_data(image);
        const int stride = cairo_image_surface_get_stride(image);
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++) {
                const colour k = of(p, w, h, x, y);
                const uint32_t all = 0xff000000U | (uint32_t)(k.r * 255 + 0.5) << 16 |
                                     (uint32_t)(k.g * 255 + 0.5) << 8 | (uint32_t)(k.b * 255 + 0.5);
                memcpy(bytes + (size_t)y * (size_t)stride + 4 * (size_t)x, &all, 4);
            }
        put_pixels(c, image, x0, y0, pixels);
    }
    cairo_surface_destroy(image);
    return done;
}

/* ---- on the photo ------------------------------------------------------------------------------------ */

/* Light on dark, to be seen on any skin. */
static void outline(cairo_t *c, const colour_picture *p, double corner[4][2], double width) {
    for (int pass = 0; pass < 2; pass++) {
        set_colour(c, pass ? light : dark, 1);
        cairo_set_line_width(c, pass ? width : 2.5 * width);
        for (int k = 0; k < 4; k++)
            cairo_line_to(c, MARGIN + p->scale * corner[k][0], TOP + p->scale * corner[k][1]);
        cairo_close_path(c);
        cairo_stroke(c);
    }
}

static void name_outline(cairo_t *c, const colour_picture *p, double corner[4][2],
                         const char *words) {
    double left = corner[0][0], top = corner[0][1];
    for (int k = 1; k < 4; k++) {
        left = fmin(left, corner[k][0]);
        top = fmin(top, corner[k][1]);
    }
    const double x = MARGIN + p->scale * left + 4, y = fmax(TOP + p->scale * top - 10, TOP + 10);
    for (int i = 0; i < 8; i++) {
        set_colour(c, dark, 0.8);
        put_text(c, x + 1.2 * cos(i * 0.7854), y + 1.2 * sin(i * 0.7854), LEFT, 14, true, words);
    }
    set_colour(c, light, 1);
    put_text(c, x, y, LEFT, 14, true, words);
}

static void put_outlines(cairo_t *c, const colour_picture *p) {
    const cit_photo_part *part = &p->take->part;
    const double x0 = part->x, y0 = part->y, x1 = x0 + part->width, y1 = y0 + part->height;
    double skin[4][2] = {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}, chart[4][2];
    outline(c, p, skin, 1.5);
    name_outline(c, p, skin, "skin looked at");
    if (p->take->chart == NULL) return;
    for (int k = 0; k < CIT_CHART_PATCHES; k++) {
        double patch[4][2];
        cit_chart_patch(p->take->chart, k, patch);
        outline(c, p, patch, 0.8);
    }
    memcpy(chart, p->take->chart->corner, sizeof chart);
    outline(c, p, chart, 1.5);
    name_outline(c, p, chart, "chart, patches as looked at");
}

/* ---- the page ------------------------------------------------------------------------------------------ */

static void put_heading(cairo_t *c, const colour_picture *p) {
    char line[400] = "", value[60];
    set_colour(c, ink, 1);
    colour_take_name(p->take, line);
    put_text(c, MARGIN, 24, LEFT, 20, true, line);
    line[0] = 0;
    for (int i = 0; i < COLOUR_INDICES; i++) {
        const size_t used = strlen(line);
        colour_cell_value(p->take, i, value);
        snprintf(line + used, sizeof line - used, "%s%s %s", i ? "    " : "", colour_rows[i].name,
                 value);
    }
    put_text(c, MARGIN, 52, LEFT, 14, false, line);
}

static void put_redness(cairo_t *c, const colour_picture *p) {
    const double x = MARGIN + p->photo_w + GAP;
    const bool chart = p->take->chart != NULL;
    const colour_bar bar = {.x = x,
                            .y = TOP + p->map_h + 12,
                            .w = MAP_W,
                            .low = p->low,
                            .high = p->high,
                            .at = redness_colour,
                            .words = chart ? "erythema index" : "erythema index, without a chart"};
    if (!put_raster(c, p, p->redness->width, p->redness->height, redness_pixel, x, TOP,
                    p->redness->width / p->map_w))
        *p->failed = true;
    colour_bar_draw(c, &bar);
    set_colour(c, ink, 1);
    put_text(c, x, TOP + p->map_h + BAR + 14, LEFT, 12, false,
             chart ? "The same colours in all photos with a chart."
                   : "Only to be compared within this photo.");
    put_text(c, x, TOP + p->map_h + BAR + 32, LEFT, 12, false, "Grey: clipped, black or chart.");
}

void colour_draw_picture(cairo_t *c, const void *picture) {
    const colour_picture *p = picture;
    const cit_photo *photo = p->take->photo;
    const double pixels = fmin(PIXELS, fmax(1 / p->scale, 1e-3));
    put_heading(c, p);
    if (!put_raster(c, p, least((int)(p->photo_w * pixels + 0.5), photo->width),
                    least((int)(p->photo_h * pixels + 0.5), photo->height), photo_pixel, MARGIN,
                    TOP, pixels))
        *p->failed = true;
    put_outlines(c, p);
    put_redness(c, p);
    set_colour(c, ink, 0.55);
    put_text(c, p->width - MARGIN, p->height - 12, RIGHT, 10, false, p->program);
}

/* ---- all photos ----------------------------------------------------------------------------------------- */

/* Where 2 and 98 of 100 cells lie: a hair or a shadow does not stretch the colours. */
static void find_range(colour_picture *p) {
    const size_t cells = (size_t)p->redness->width * (size_t)p->redness->height;
    double *sorted = malloc(cells * sizeof *sorted);
    int n = 0;
    p->low = HUGE_VAL;
    p->high = -HUGE_VAL;
    if (sorted == NULL) return;
    for (size_t i = 0; i < cells; i++)
        if (cit_known(p->redness->EI[i])) sorted[n++] = p->redness->EI[i];
    if (n > 0) {
        cit_sort(sorted, n);
        p->low = cit_quantile_sorted(sorted, n, 0.02);
        p->high = cit_quantile_sorted(sorted, n, 0.98);
    }
    free(sorted);
}

/* Photos with a chart have one range, and none is narrower than 1. */
static void settle_ranges(colour_picture *all, int count) {
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (int i = 0; i < count; i++)
        if (all[i].take->chart != NULL) {
            low = fmin(low, all[i].low);
            high = fmax(high, all[i].high);
        }
    for (int i = 0; i < count; i++) {
        colour_picture *p = &all[i];
        if (p->take->chart != NULL) {
            p->low = low;
            p->high = high;
        }
        if (!(p->high > p->low + 1)) p->high = p->low + 1;
        if (!isfinite(p->low)) p->high = 1 + (p->low = 0);
    }
}

static void find_sizes(colour_picture *p) {
    const cit_photo *photo = p->take->photo;
    const cit_redness *map = p->redness;
    const double tall = (double)map->height / map->width;
    p->scale = fmin(largest, fmin((double)PHOTO_W / photo->width, (double)PHOTO_H / photo->height));
    p->photo_w = p->scale * photo->width;
    p->photo_h = p->scale * photo->height;
    p->map_w = fmin(MAP_W, MAP_H / tall);
    p->map_h = p->map_w * tall;
    p->width = MARGIN + p->photo_w + GAP + MAP_W + MARGIN;
    p->height = TOP + fmax(p->photo_h, p->map_h + BAR + 42) + FOOT;
}

void colour_pictures_free(colour_picture *pictures, int count) {
    for (int i = 0; i < count && pictures != NULL; i++) cit_redness_free(pictures[i].redness);
    free(pictures);
}

cit_status colour_pictures_make(const cit_colour_report *r, bool *failed, colour_picture **ret,
                                cit_errors *errs) {
    cit_status st = CIT_OK;
    colour_picture *all = calloc((size_t)r->count, sizeof *all);
    if (all == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for pictures");
    for (int i = 0; i < r->count; i++) {
        const cit_colour_take *t = &r->takes[i];
        all[i] = (colour_picture){.take = t, .program = r->program, .failed = failed};
        CIT_TRY(cit_redness_of(t->photo, &t->part, t->chart, CELLS, &all[i].redness, errs));
        find_range(&all[i]);
        find_sizes(&all[i]);
    }
    settle_ranges(all, r->count);
    *ret = all;
    all = NULL;
done:
    colour_pictures_free(all, r->count);
    return st;
}

cit_status cit_report_colour_picture(const cit_colour_report *r, int take, unsigned char **ret,
                                     size_t *ret_size, cit_errors *errs) {
    cit_status st = CIT_OK;
    bool failed = false;
    colour_picture *all = NULL;
    unsigned char *bytes = NULL;
    if (take < 0 || take >= r->count)
        return cit_fail(errs, CIT_INVALID, "take", "there is no photo %d", take);
    CIT_TRY(colour_pictures_make(r, &failed, &all, errs));
    const drawing d = {"photo", all[take].width, all[take].height, colour_draw_picture, &all[take]};
    CIT_TRY(drawing_render(&d, true, &bytes, ret_size, errs));
    if (failed) CIT_TRY(cit_fail(errs, CIT_NOMEM, "", "no memory for a picture"));
    *ret = bytes;
    bytes = NULL;
done:
    free(bytes);
    colour_pictures_free(all, r->count);
    return st;
}
