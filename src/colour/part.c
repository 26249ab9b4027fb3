/* The colour of a part of a photo: medians of what is neither clipped nor black nor chart, its spread over blocks, and
 * what the chart's misfit makes of it. */
#include "colour_impl.h"
#include <cit/num.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 8, BLOCK_PIXELS = 1024, BRIGHT_BINS = 4096 };
static const double middle_share = 0.6, highlight_share = 0.02,
                    around_chart = 1.15; /* assumed: the chart's frame */
static const double least_usable = 0.5;  /* of the part; assumed */

cit_status cit_photo_part_of(const cit_photo *photo, const cit_photo_part *part,
                             cit_photo_part *ret, cit_errors *errs) {
    const int w = photo->width, h = photo->height;
    cit_photo_part p = part != NULL ? *part : (cit_photo_part){0};
    if (p.x == 0 && p.y == 0 && p.width == 0 && p.height == 0) {
        p.width = (int)(middle_share * w);
        p.height = (int)(middle_share * h);
        p.x = (w - p.width) / 2;
        p.y = (h - p.height) / 2;
    }
    if (p.width < 16 || p.height < 16)
        return cit_fail(errs, CIT_INVALID, "part", "%d x %d pixels; 16 x 16 are the least", p.width,
                        p.height);
    if (p.x < 0 || p.y < 0 || p.x > w - p.width || p.y > h - p.height)
        return cit_fail(errs, CIT_INVALID, "part",
                        "%d x %d pixels at %d, %d do not lie in a photo of %d x %d", p.width,
                        p.height, p.x, p.y, w, h);
    *ret = p;
    return CIT_OK;
}

typedef struct looking {
    const cit_photo *photo;
    const cit_chart *chart;
    cit_photo_part part;
    cit_white white;
    float *curve;
    uint32_t *levels; /* 3 x COLOUR_LEVELS */
    double white_rgb[3];
    size_t usable;
} looking;

static bool usable(const looking *l, int x, int y) {
    const uint16_t *at = colour_pixel(l->photo, x, y);
    if (colour_clipped(at) || colour_dark(at)) return false;
    return l->chart == NULL || !colour_inside(l->chart->corner, around_chart, x + 0.5, y + 0.5);
}

static double brightness_at(const looking *l, int x, int y) {
    const uint16_t *at = colour_pixel(l->photo, x, y);
    const double rgb[3] = {(double)l->curve[at[0]], (double)l->curve[at[1]],
                           (double)l->curve[at[2]]};
    return colour_brightness(rgb);
}

static void count_levels(looking *l) {
    const cit_photo_part *p = &l->part;
    for (int y = p->y; y < p->y + p->height; y++)
        for (int x = p->x; x < p->x + p->width; x++) {
            const uint16_t *at = colour_pixel(l->photo, x, y);
            if (!usable(l, x, y)) continue;
            l->usable++;
            for (int c = 0; c < 3; c++) l->levels[COLOUR_LEVELS * c + at[c]]++;
        }
}

/* Linear value that half of the pixels do not exceed. A level stands for all from half way to the next below to half
 * way to the next above, so that the steps of 8 bits do not show. */
static double median_of(const looking *l, int c) {
    const uint32_t *count = l->levels + (size_t)COLOUR_LEVELS * (size_t)c;
    size_t below = 0;
    int level = 0;
    while (level < COLOUR_LEVELS - 1 && 2 * (below + count[level]) < l->usable)
        below += count[level++];
    int lower = level - 1, upper = level + 1;
    while (lower > 0 && count[lower] == 0) lower--;
    while (upper < COLOUR_LEVELS - 1 && count[upper] == 0) upper++;
    lower = lower < 0 || count[lower] == 0 ? level : lower;
    upper = upper >= COLOUR_LEVELS || count[upper] == 0 ? level : upper;
    const double share = (0.5 * (double)l->usable - (double)below) / count[level],
                 at = 0.5 * ((1 - share) * (lower + level) + share * (level + upper));
    const int whole = (int)at;
    const double t = at - whole;
    return t > 0 ? (1 - t) * (double)l->curve[whole] + t * (double)l->curve[whole + 1]
                 : (double)l->curve[whole];
}

static int bin_of(double brightness) {
    return (int)(sqrt(fmin(fmax(brightness, 0), 1)) * (BRIGHT_BINS - 1));
}

/* Mean of the brightest 2 % of the whole photo: what is nearest to a lamp seen in gloss. */
static void find_highlight(looking *l) {
    const int w = l->photo->width, h = l->photo->height;
    uint32_t bins[BRIGHT_BINS] = {0};
    double sum[3] = {0};
    size_t all = 0, above = 0;
    int least = BRIGHT_BINS;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            if (usable(l, x, y)) {
                bins[bin_of(brightness_at(l, x, y))]++;
                all++;
            }
    while (least > 0 && (double)above < highlight_share * (double)all) above += bins[--least];
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            if (!usable(l, x, y) || bin_of(brightness_at(l, x, y)) < least) continue;
            for (int c = 0; c < 3; c++) sum[c] += (double)l->curve[colour_pixel(l->photo, x, y)[c]];
        }
    for (int c = 0; c < 3; c++) l->white_rgb[c] = fmax(sum[c] / (double)above, 1e-4);
}

/* The camera's linear values to linear sRGB under white light. */
static void reflectance(const looking *l, const double camera[3], double rgb[3]) {
    if (l->white == CIT_WHITE_CHART) {
        colour_corrected(l->chart->matrix, l->chart->offset, camera, rgb);
        return;
    }
    for (int c = 0; c < 3; c++) rgb[c] = camera[c] / l->white_rgb[c];
}

/* ---- spread --------------------------------------------------------------------------------------- */

static bool block_colour(const looking *l, int k, cit_colour *ret) {
    const cit_photo_part *p = &l->part;
    const int x0 = p->x + p->width * (k % BLOCKS) / BLOCKS,
              x1 = p->x + p->width * (k % BLOCKS + 1) / BLOCKS,
              y0 = p->y + p->height * (k / BLOCKS) / BLOCKS,
              y1 = p->y + p->height * (k / BLOCKS + 1) / BLOCKS;
    const int step = (int)ceil(sqrt((double)(x1 - x0) * (y1 - y0) / (BLOCK_PIXELS / 2.0)));
    double values[3][BLOCK_PIXELS], camera[3], rgb[3];
    int n = 0, all = 0;
    for (int y = y0; y < y1; y += step)
        for (int x = x0; x < x1; x += step) {
            all++;
            if (!usable(l, x, y) || n == BLOCK_PIXELS) continue;
            for (int c = 0; c < 3; c++)
                values[c][n] = (double)l->curve[colour_pixel(l->photo, x, y)[c]];
            n++;
        }
    if (2 * n < all || n == 0) return false;
    for (int c = 0; c < 3; c++) {
        cit_sort(values[c], n);
        const int from = 2 * n / 5, to = n - from; /* about the median, without its steps */
        camera[c] = cit_mean(values[c] + from, to - from);
    }
    reflectance(l, camera, rgb);
    *ret = colour_indices(rgb);
    return true;
}

static cit_colour spread_of(const looking *l) {
    cit_colour blocks[BLOCKS * BLOCKS], spread = {0};
    int n = 0;
    for (int k = 0; k < BLOCKS * BLOCKS; k++) n += block_colour(l, k, &blocks[n]);
    for (int i = 0; i < COLOUR_COUNT; i++) {
        double of[BLOCKS * BLOCKS];
        for (int k = 0; k < n; k++) of[k] = colour_numbers(&blocks[k])[i];
        colour_numbers(&spread)[i] = n > 1 ? sqrt(cit_variance(of, n)) : CIT_UNKNOWN_NUMBER;
    }
    return spread;
}

/* ---- error ------------------------------------------------------------------------------------------ */

/* A colour that the fit has not seen is missed by it as the patches were that were left out of it. */
static cit_status error_of(const looking *l, const double rgb[3], cit_colour *ret,
                           cit_errors *errs) {
    colour_fit fit;
    double lab[3], sum[COLOUR_COUNT] = {0}, seen[CIT_CHART_PATCHES][3];
    cit_colour here = colour_indices(rgb);
    int n = 0;
    memcpy(seen, l->chart->rgb, sizeof seen);
    const cit_status st = colour_fit_make(seen, NULL, true, &fit, errs);
    if (st != CIT_OK) return st;
    colour_lab(rgb, lab);
    for (int k = 0; k < CIT_CHART_PATCHES; k++) {
        double missed[3], as[3];
        if (!fit.used[k]) continue;
        for (int c = 0; c < 3; c++) missed[c] = lab[c] + fit.miss[k][c];
        colour_from_lab(missed, as);
        cit_colour there = colour_indices(as);
        for (int i = 0; i < COLOUR_COUNT; i++) {
            const double d = colour_numbers(&there)[i] - colour_numbers(&here)[i];
            sum[i] += d * d;
        }
        n++;
    }
    for (int i = 0; i < COLOUR_COUNT; i++) colour_numbers(ret)[i] = sqrt(sum[i] / n);
    return CIT_OK;
}

/* ---- all together ------------------------------------------------------------------------------------- */

static cit_status look(looking *l, cit_colour_result *ret, cit_errors *errs) {
    cit_colour_result r = {.white = l->white, .relative = l->white != CIT_WHITE_CHART};
    double camera[3], rgb[3];
    count_levels(l);
    if ((double)l->usable < least_usable * l->part.width * l->part.height)
        return cit_fail(errs, CIT_INVALID, "part",
                        "over half of it is clipped, black or chart: choose skin that is lit well");
    if (l->white == CIT_WHITE_HIGHLIGHT) find_highlight(l);
    for (int c = 0; c < 3; c++) camera[c] = median_of(l, c);
    reflectance(l, camera, rgb);
    r.middle = colour_indices(rgb);
    r.spread = spread_of(l);
    for (int i = 0; i < COLOUR_COUNT; i++) colour_numbers(&r.error)[i] = CIT_UNKNOWN_NUMBER;
    if (l->white == CIT_WHITE_CHART) {
        const cit_status st = error_of(l, rgb, &r.error, errs);
        if (st != CIT_OK) return st;
    }
    *ret = r;
    return CIT_OK;
}

static void looking_end(looking *l) {
    free(l->curve);
    free(l->levels);
}

/* What was begun is to be ended, whatever the status. */
static cit_status looking_begin(looking *l, const cit_photo_part *part, cit_errors *errs) {
    const cit_status st = cit_photo_part_of(l->photo, part, &l->part, errs);
    return st == CIT_OK ? colour_curve(l->photo, &l->curve, errs) : st;
}

cit_status cit_colour_of(const cit_photo *photo, const cit_photo_part *part, const cit_chart *chart,
                         cit_white white, cit_colour_result *ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    looking l = {.photo = photo, .chart = chart, .white = white, .white_rgb = {1, 1, 1}};
    if (white == CIT_WHITE_CHART && chart == NULL)
        return cit_fail(errs, CIT_INVALID, "chart", "white by a chart needs a chart");
    CIT_TRY(looking_begin(&l, part, errs));
    l.levels = calloc(3 * (size_t)COLOUR_LEVELS, sizeof *l.levels);
    if (l.levels == NULL) CIT_TRY(cit_fail(errs, CIT_NOMEM, "", "no memory to count colours"));
    CIT_TRY(look(&l, ret, errs));
done:
    looking_end(&l);
    return st;
}

/* ---- redness ------------------------------------------------------------------------------------------ */

static double redness_at(const looking *l, const cit_redness *map, int i, int j) {
    const int x0 = l->part.x + i * map->step, y0 = l->part.y + j * map->step;
    double camera[3] = {0}, rgb[3];
    int n = 0;
    for (int y = y0; y < y0 + map->step; y++)
        for (int x = x0; x < x0 + map->step; x++) {
            if (!usable(l, x, y)) continue;
            const uint16_t *at = colour_pixel(l->photo, x, y);
            for (int c = 0; c < 3; c++) camera[c] += (double)l->curve[at[c]];
            n++;
        }
    if (2 * n < map->step * map->step || n == 0) return CIT_UNKNOWN_NUMBER;
    for (int c = 0; c < 3; c++) camera[c] /= n;
    reflectance(l, camera, rgb);
    return colour_indices(rgb).EI;
}

static cit_redness *redness_new(const cit_photo_part *part, int longest) {
    const int side = part->width > part->height ? part->width : part->height;
    cit_redness *map = calloc(1, sizeof *map);
    if (map == NULL) return NULL;
    map->step = longest > 0 && side > longest ? (side + longest - 1) / longest : 1;
    map->step = map->step < part->width ? map->step : part->width;
    map->step = map->step < part->height ? map->step : part->height;
    map->width = part->width / map->step;
    map->height = part->height / map->step;
    map->EI = malloc((size_t)map->width * (size_t)map->height * sizeof *map->EI);
    if (map->EI != NULL) return map;
    free(map);
    return NULL;
}

void cit_redness_free(cit_redness *redness) {
    if (redness == NULL) return;
    free(redness->EI);
    free(redness);
}

cit_status cit_redness_of(const cit_photo *photo, const cit_photo_part *part,
                          const cit_chart *chart, int longest, cit_redness **ret,
                          cit_errors *errs) {
    cit_status st = CIT_OK;
    looking l = {.photo = photo,
                 .chart = chart,
                 .white = chart != NULL ? CIT_WHITE_CHART : CIT_WHITE_NONE,
                 .white_rgb = {1, 1, 1}};
    CIT_TRY(looking_begin(&l, part, errs));
    cit_redness *map = redness_new(&l.part, longest);
    if (map == NULL) CIT_TRY(cit_fail(errs, CIT_NOMEM, "", "no memory for a map of redness"));
    for (int j = 0; j < map->height; j++)
        for (int i = 0; i < map->width; i++)
            map->EI[(size_t)j * (size_t)map->width + (size_t)i] = redness_at(&l, map, i, j);
    *ret = map;
done:
    looking_end(&l);
    return st;
}
