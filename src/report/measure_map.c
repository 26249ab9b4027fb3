/* A measured surface from above: depths with outlined, numbered scars, or what has changed since. */
#include "report_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 1000, MARGIN = 24, TOP = 72, FOOT = 92, PIXELS = 2, TALLEST = 1600 };
static const colour missing_colour = {0.80, 0.80, 0.82}, white = {1, 1, 1};

/* Sunken, as it was, fuller: told apart by the colour-blind too. */
static colour change_colour(double share) {
    static const colour stops[3] = {{0.25, 0.16, 0.45}, {0.96, 0.96, 0.95}, {0.05, 0.45, 0.30}};
    const double at = fmin(fmax(share, -1), 1) + 1;
    const int i = at < 1 ? 0 : 1;
    const double t = at - i;
    return (colour){(1 - t) * stops[i].r + t * stops[i + 1].r,
                    (1 - t) * stops[i].g + t * stops[i + 1].g,
                    (1 - t) * stops[i].b + t * stops[i + 1].b};
}

/* ---- numbers to colours ----------------------------------------------------------------------------- */

/* Mean over the samples that a pixel covers; NAN: none is there. */
static double mean_at(const cit_heights *z, double x0, double x1, double y0, double y1) {
    const int i0 = (int)fmin(fmax(x0, 0), z->nx - 1), i1 = (int)fmin(fmax(ceil(x1), i0 + 1), z->nx),
              j0 = (int)fmin(fmax(y0, 0), z->ny - 1), j1 = (int)fmin(fmax(ceil(y1), j0 + 1), z->ny);
    double sum = 0;
    int count = 0;
    for (int j = j0; j < j1; j++)
        for (int i = i0; i < i1; i++) {
            const float v = z->um[(size_t)j * (size_t)z->nx + (size_t)i];
            if (isnan(v)) continue;
            sum += (double)v;
            count++;
        }
    return count > 0 ? sum / count : CIT_UNKNOWN_NUMBER;
}

/* Where pixels are finer than samples: between the four around, or the nearest where one of them is missing. */
static double between(const cit_heights *z, double x, double y) {
    const double u = fmin(fmax(x - 0.5, 0), z->nx - 1), v = fmin(fmax(y - 0.5, 0), z->ny - 1);
    const int i = (int)u, j = (int)v, right = i + 1 < z->nx ? 1 : 0,
              down = j + 1 < z->ny ? z->nx : 0;
    const float *at = z->um + (size_t)j * (size_t)z->nx + (size_t)i;
    const double s = u - i, t = v - j,
                 here = (1 - t) * ((1 - s) * (double)at[0] + s * (double)at[right]) +
                        t * ((1 - s) * (double)at[down] + s * (double)at[right + down]);
    return isnan(here) ? (double)at[(s >= 0.5 ? right : 0) + (t >= 0.5 ? down : 0)] : here;
}

typedef struct raster {
    int w, h;
    double *um;
} raster;

static void sample(const measure_map *p, raster *r) {
    const cit_heights *z = p->heights;
    const double sx = (double)z->nx / r->w, sy = (double)z->ny / r->h;
#pragma omp parallel for schedule(static)
    for (int y = 0; y < r->h; y++)
        for (int x = 0; x < r->w; x++)
            r->um[(size_t)y * (size_t)r->w + (size_t)x] =
                sx < 1 ? between(z, (x + 0.5) * sx, (y + 0.5) * sy)
                       : mean_at(z, x * sx, (x + 1) * sx, y * sy, (y + 1) * sy);
}

/* Light from the upper left; heights are so small against a map that slopes are drawn some times as steep. */
static double shade_at(const measure_map *p, const raster *r, int x, int y) {
    const double *row = r->um + (size_t)y * (size_t)r->w;
    const double here = row[x], left = x > 0 ? row[x - 1] : here,
                 above = y > 0 ? row[x - r->w] : here;
    const double pixel_um = 1000 * p->heights->nx * p->heights->dx_mm / r->w;
    const double slope = ((here - left) + (here - above)) / pixel_um;
    return isfinite(slope) ? fmin(fmax(1 + 0.5 * slope, 0.75), 1.15) : 1;
}

static colour colour_at(const measure_map *p, const raster *r, int x, int y) {
    const double um = r->um[(size_t)y * (size_t)r->w + (size_t)x];
    if (isnan(um)) return missing_colour;
    if (p->change) return change_colour(um / p->most_um);
    const colour k = depth_colour(fmax(-um / p->most_um, 0));
    const double s = shade_at(p, r, x, y);
    return (colour){fmin(k.r * s, 1), fmin(k.g * s, 1), fmin(k.b * s, 1)};
}

static int outline_at(const measure_map *p, int w, int h, int x, int y) {
    const cit_scars *s = p->report->takes[0].scars;
    const int i = (int)((x + 0.5) * s->nx / w), j = (int)((y + 0.5) * s->ny / h);
    return s->outline[(size_t)(j < s->ny ? j : s->ny - 1) * (size_t)s->nx +
                      (size_t)(i < s->nx ? i : s->nx - 1)];
}

static bool at_outline(const measure_map *p, const raster *r, int x, int y) {
    const int here = outline_at(p, r->w, r->h, x, y);
    return (x > 0 && outline_at(p, r->w, r->h, x - 1, y) != here) ||
           (y > 0 && outline_at(p, r->w, r->h, x, y - 1) != here);
}

static void paint(const measure_map *p, const raster *r, unsigned char *bytes, int stride) {
#pragma omp parallel for schedule(static)
    for (int y = 0; y < r->h; y++)
        for (int x = 0; x < r->w; x++) {
            const colour k = at_outline(p, r, x, y) ? ink : colour_at(p, r, x, y);
            const uint32_t all = 0xff000000U | (uint32_t)(k.r * 255 + 0.5) << 16 |
                                 (uint32_t)(k.g * 255 + 0.5) << 8 | (uint32_t)(k.b * 255 + 0.5);
            memcpy(bytes + (size_t)y * (size_t)stride + 4 * (size_t)x, &all, 4);
        }
}

static bool put_surface(cairo_t *c, const measure_map *p) {
    /* More pixels than samples would only make a larger file. */
    const double pixels = fmin(fmax(p->heights->nx / p->w, 1), PIXELS);
    raster r = {(int)(p->w * pixels), (int)(p->h * pixels), NULL};
    r.um = malloc((size_t)r.w * (size_t)r.h * sizeof *r.um);
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, r.w, r.h);
    const bool done = r.um != NULL && cairo_surface_status(image) == CAIRO_STATUS_SUCCESS;
    if (done) {
        sample(p, &r);
        cairo_surface_flush(image);
        paint(p, &r, cairo_image_surface_get_data(image), cairo_image_surface_get_stride(image));
        put_pixels(c, image, MARGIN, TOP, pixels);
    }
    cairo_surface_destroy(image);
    free(r.um);
    return done;
}

/* ---- on it ------------------------------------------------------------------------------------------ */

static void put_number(cairo_t *c, double x, double y, double size, const char *words) {
    set_colour(c, white, 0.85);
    for (int i = 0; i < 8; i++)
        put_text(c, x + 1.3 * cos(i * 0.7854), y + 1.3 * sin(i * 0.7854), CENTRE, size, true,
                 words);
    set_colour(c, ink, 1);
    put_text(c, x, y, CENTRE, size, true, words);
}

/* "3", and in a map of change how it went. */
static void scar_label(const measure_map *p, int i, char label[24]) {
    static const char *const marks[] = {"", "▲", "▼", ""};
    const cit_take *take = &p->report->takes[p->take];
    const int number = p->report->takes[0].scars->scar[i].number;
    snprintf(label, 24, "%d%s", number,
             p->change && i < take->pair->count && isfinite(take->pair->change[i].change_mm3)
                 ? marks[take->pair->change[i].verdict]
                 : "");
}

static void put_numbers(cairo_t *c, const measure_map *p) {
    const cit_scars *s = p->report->takes[0].scars;
    const double mm = p->w / (s->nx * s->dx_mm), size = s->count > 80   ? 11
                                                        : s->count > 30 ? 15
                                                                        : 18;
    for (int i = 0; i < s->count; i++) {
        char label[24];
        scar_label(p, i, label);
        put_number(c, MARGIN + s->scar[i].x_mm * mm, TOP + s->scar[i].y_mm * mm, size, label);
    }
}

static void put_scale_bar(cairo_t *c, const measure_map *p) {
    char label[40];
    const double wide = p->heights->nx * p->heights->dx_mm, mm = round_step(wide, 6),
                 w = mm / wide * p->w, y = TOP + p->h + 22;
    set_colour(c, ink, 1);
    put_line(c, MARGIN, y, MARGIN + w, y, 3);
    put_line(c, MARGIN, y - 5, MARGIN, y + 5, 1.5);
    put_line(c, MARGIN + w, y - 5, MARGIN + w, y + 5, 1.5);
    snprintf(label, sizeof label, "%g mm", mm);
    put_text(c, MARGIN + 0.5 * w, y + 19, CENTRE, 16, false, label);
}

static colour change_share(double share) { return change_colour(2 * share - 1); }

static void put_bar(cairo_t *c, const measure_map *p) {
    enum { W = 300 };
    const colour_bar bar = {.x = p->width - MARGIN - W,
                            .y = TOP + p->h + 14,
                            .w = W,
                            .low = p->change ? -p->most_um : 0,
                            .high = p->most_um,
                            .sign = p->change,
                            .at = p->change ? change_share : depth_colour,
                            .words = p->change ? "um fuller than before (below 0: sunken)"
                                               : "um below the skin around"};
    colour_bar_draw(c, &bar);
}

static void put_heading(cairo_t *c, const measure_map *p) {
    const cit_take *first = &p->report->takes[0], *take = &p->report->takes[p->take];
    char line[400], range[80], name[2][SHORT_NAME];
    const int letters = (int)(p->width / 15); /* that fit into a line */
    short_name(take->name, p->change ? letters / 2 - 5 : letters, name[0]);
    short_name(first->name, letters / 2 - 5, name[1]);
    set_colour(c, ink, 1);
    snprintf(line, sizeof line, "%s%s%s", name[0], p->change ? " against " : "",
             p->change ? name[1] : "");
    put_text(c, MARGIN, 24, LEFT, 20, true, line);
    if (p->change)
        snprintf(line, sizeof line, "▲ fuller, ▼ deeper; no sign: no change seen, or not covered");
    else {
        measure_range(first->scars, range);
        snprintf(line, sizeof line, "%d scar%s, %.3f mm3 (%s), %.1f %% of the surface",
                 first->scars->count, first->scars->count == 1 ? "" : "s", first->scars->volume_mm3,
                 range, 100 * first->scars->area_share);
    }
    put_text(c, MARGIN, 52, LEFT, 16, false, line);
    set_colour(c, ink, 0.55);
    put_text(c, p->width - MARGIN, p->height - 12, RIGHT, 10, false, p->report->program);
}

void measure_draw_map(cairo_t *c, const void *of) {
    const measure_map *p = of;
    put_heading(c, p);
    *p->failed = !put_surface(c, p);
    put_numbers(c, p);
    put_scale_bar(c, p);
    put_bar(c, p);
}

/* ---- how far colours reach ---------------------------------------------------------------------------- */

static double deepest_of(const cit_scars *s) {
    double deepest = 0;
    for (int i = 0; i < s->count; i++) deepest = fmax(deepest, s->scar[i].depth_um);
    return fmax(deepest, fmax(3 * s->relief_um, 1));
}

static double largest_change_of(const cit_pair *p) {
    double most = 3 * p->residual_um;
    for (int i = 0; i < p->count; i++) most = fmax(most, fabs(p->change[i].depth_change_um));
    return fmax(most, 1);
}

void measure_map_lay(measure_map *p, double width) {
    const cit_heights *z = p->heights;
    const double tall = (z->ny * z->dy_mm) / (z->nx * z->dx_mm);
    p->w = fmin(width - 2 * MARGIN, TALLEST / tall);
    p->h = fmax(p->w * tall, 1);
    p->width = width;
    p->height = TOP + p->h + FOOT;
}

cit_status measure_map_of(const cit_measure_report *r, int take, bool *failed, measure_map *ret,
                          cit_errors *errs) {
    const bool change = take > 0;
    if (take < 0 || take >= r->count || r->takes[0].scars == NULL ||
        (change && r->takes[take].pair == NULL))
        return cit_fail(errs, CIT_INVALID, "take", "there is nothing to draw of take %d", take);
    measure_map p = {.report = r, .take = take, .change = change, .failed = failed};
    p.heights = change ? r->takes[take].pair->difference : r->takes[0].scars->relief;
    p.most_um = change ? largest_change_of(r->takes[take].pair) : deepest_of(r->takes[0].scars);
    measure_map_lay(&p, WIDTH);
    *ret = p;
    return CIT_OK;
}

cit_status cit_report_measure_map(const cit_measure_report *r, int take, unsigned char **ret,
                                  size_t *ret_size, cit_errors *errs) {
    bool failed = false;
    measure_map p;
    cit_status st = measure_map_of(r, take, &failed, &p, errs);
    if (st != CIT_OK) return st;
    const drawing d = {"map", p.width, p.height, measure_draw_map, &p};
    unsigned char *bytes = NULL;
    st = drawing_render(&d, true, &bytes, ret_size, errs);
    if (st == CIT_OK && failed) st = cit_fail(errs, CIT_NOMEM, "", "no memory for a picture");
    if (st == CIT_OK)
        *ret = bytes;
    else
        free(bytes);
    return st;
}
