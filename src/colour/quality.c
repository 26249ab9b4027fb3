/* What of a photo speaks for or against a comparison. Detail is looked at in bands half an octave wide: the variance of the
 * difference of two means, of squares of side 2 r + 1 and of about 1.4 times that, of the logarithm of brightness. */
#include "colour_impl.h"
#include <cit/num.h>
#include <math.h>
#include <stdlib.h>

enum { BLOCKS = 16, BANDS_MAX = 24, ACROSS_MAX = 1400 };
/* Assumed, and held against drawn skin in tests/test_colour.c: a pattern shows where a band stands this far (in
 * natural logarithms of variance) above the straight line between bands an octave to both sides. */
static const double stands_out = 0.25;
/* Pixels of what was looked at: finer patterns cannot be told from a camera's noise. Assumed. */
static const double finest = 8;

/* The part in brightness, made small where it is very large; `sums` over all above and left. */
typedef struct field {
    int width, height, step;
    double *sums; /* (width + 1) x (height + 1) */
} field;

static double *cell(const field *f, int x, int y) {
    return f->sums + (size_t)y * ((size_t)f->width + 1) + (size_t)x;
}

static double mean_over(const field *f, int x0, int y0, int x1, int y1) {
    return (*cell(f, x1, y1) - *cell(f, x0, y1) - *cell(f, x1, y0) + *cell(f, x0, y0)) /
           ((double)(x1 - x0) * (y1 - y0));
}

static double brightness_of(const cit_photo *photo, const float *curve, int x, int y, int step) {
    double sum = 0;
    for (int j = 0; j < step; j++)
        for (int i = 0; i < step; i++) {
            const uint16_t *at = colour_pixel(photo, x + i, y + j);
            const double rgb[3] = {(double)curve[at[0]], (double)curve[at[1]],
                                   (double)curve[at[2]]};
            sum += colour_brightness(rgb);
        }
    return sum / ((double)step * step);
}

static cit_status field_of(const cit_photo *photo, const cit_photo_part *part, bool logarithms,
                           field *ret, cit_errors *errs) {
    const int longest = part->width > part->height ? part->width : part->height;
    field f = {.step = 1 + longest / ACROSS_MAX};
    float *curve = NULL;
    f.width = part->width / f.step;
    f.height = part->height / f.step;
    const cit_status st = colour_curve(photo, &curve, errs);
    if (st != CIT_OK) return st;
    f.sums = calloc(((size_t)f.width + 1) * ((size_t)f.height + 1), sizeof *f.sums);
    for (int y = 0; y < f.height && f.sums != NULL; y++) {
        double row = 0;
        for (int x = 0; x < f.width; x++) {
            const double v =
                brightness_of(photo, curve, part->x + x * f.step, part->y + y * f.step, f.step);
            row += logarithms ? log(v + 1e-3) : v;
            *cell(&f, x + 1, y + 1) = *cell(&f, x + 1, y) + row;
        }
    }
    free(curve);
    if (f.sums == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a photo's brightness");
    *ret = f;
    return CIT_OK;
}

/* ---- light ------------------------------------------------------------------------------------------ */

static double unevenness(const field *f) {
    double blocks[BLOCKS * BLOCKS];
    int n = 0;
    for (int j = 0; j < BLOCKS; j++)
        for (int i = 0; i < BLOCKS; i++)
            blocks[n++] = mean_over(f, f->width * i / BLOCKS, f->height * j / BLOCKS,
                                    f->width * (i + 1) / BLOCKS, f->height * (j + 1) / BLOCKS);
    cit_sort(blocks, n);
    return cit_quantile_sorted(blocks, n, 0.95) / fmax(cit_quantile_sorted(blocks, n, 0.05), 1e-6);
}

static void exposure(const cit_photo *photo, const cit_photo_part *p, cit_photo_quality *ret) {
    size_t clipped = 0, dark = 0;
    for (int y = p->y; y < p->y + p->height; y++)
        for (int x = p->x; x < p->x + p->width; x++) {
            const uint16_t *at = colour_pixel(photo, x, y);
            clipped += colour_clipped(at);
            dark += colour_dark(at);
        }
    const double all = (double)p->width * p->height;
    ret->clipped = (double)clipped / all;
    ret->dark = (double)dark / all;
}

/* ---- detail ------------------------------------------------------------------------------------------ */

typedef struct bands {
    int count, step;
    double pixels[BANDS_MAX]; /* a wave length that the band passes best, in pixels of the photo */
    double raw[BANDS_MAX];    /* power, logarithm */
    double power[BANDS_MAX];  /* without noise */
} bands;

/* Mean over a square whose side need not be odd or whole: two squares mixed. */
static double mean_around(const field *f, int x, int y, double half) {
    const int r = (int)half;
    const double t = half - r, inner = mean_over(f, x - r, y - r, x + r + 1, y + r + 1);
    return t > 0 ? (1 - t) * inner + t * mean_over(f, x - r - 1, y - r - 1, x + r + 2, y + r + 2)
                 : inner;
}

static double power_of(const field *f, double fine, double coarse) {
    const int margin = (int)coarse + 2, step = 1 + (int)(fine / 3);
    double sum = 0;
    size_t n = 0;
    for (int y = margin; y < f->height - margin; y += step)
        for (int x = margin; x < f->width - margin; x += step) {
            const double d = mean_around(f, x, y, fine) - mean_around(f, x, y, coarse);
            sum += d * d;
            n++;
        }
    return n > 0 ? sum / (double)n : 0;
}

/* What independent noise of pixels of variance 1 puts into a band: it is made of four means over nested squares, and two
 * such means share 1 over the larger count. */
static double noise_of(double fine, double coarse) {
    const double half[2] = {fine, coarse};
    double share[4], count[4], sum = 0;
    for (int i = 0; i < 4; i++) {
        const double r = floor(half[i / 2]), t = half[i / 2] - r, side = 2 * (r + i % 2) + 1;
        share[i] = (i < 2 ? 1 : -1) * (i % 2 ? t : 1 - t);
        count[i] = side * side;
    }
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++) sum += share[i] * share[j] / fmax(count[i], count[j]);
    return sum;
}

/* The finest band is taken to be noise alone, and as much is taken off the others. */
static bands bands_of(const field *f) {
    bands b = {.step = f->step};
    const int shorter = f->width < f->height ? f->width : f->height;
    double noise = 0;
    for (double half = 0; b.count < BANDS_MAX; half = half * 1.19 + 0.1) {
        const double wide = 1.414 * (2 * half + 1), coarse = (wide - 1) / 2;
        if (12 * coarse > shorter) break;
        const double power = power_of(f, half, coarse);
        if (b.count == 0) noise = power / noise_of(half, coarse);
        b.pixels[b.count] = 1.2 * wide * f->step; /* assumed: drawn skin of 9 pixels shows at 9.2 */
        b.raw[b.count] = log(power + 1e-12);
        b.power[b.count++] =
            log(fmax(power - noise * noise_of(half, coarse), 0.01 * power) + 1e-12);
    }
    return b;
}

/* Power at a wave length, between bands. */
static double power_at(const bands *b, const double *power, double pixels) {
    int i = 1;
    while (i < b->count - 1 && b->pixels[i] < pixels) i++;
    const double t = log(pixels / b->pixels[i - 1]) / log(b->pixels[i] / b->pixels[i - 1]);
    return power[i - 1] + fmin(fmax(t, 0), 1) * (power[i] - power[i - 1]);
}

/* The finest band that stands out; a parabola through it and its neighbours tells where. */
static double pattern(const bands *b) {
    double out[BANDS_MAX];
    for (int i = 0; i < b->count; i++) {
        out[i] = CIT_UNKNOWN_NUMBER;
        const double p = b->pixels[i];
        if (p < 2 * b->pixels[0] || p > b->pixels[b->count - 1] / 2) continue;
        out[i] = b->raw[i] - 0.5 * (power_at(b, b->raw, p / 2) + power_at(b, b->raw, 2 * p));
    }
    for (int i = 1; i + 1 < b->count; i++) {
        if (b->pixels[i] < finest * b->step) continue;
        if (!(out[i] > stands_out && out[i] >= out[i - 1] && out[i] >= out[i + 1])) continue;
        const double bend = out[i - 1] - 2 * out[i] + out[i + 1],
                     t = bend < 0 ? 0.5 * (out[i - 1] - out[i + 1]) / bend : 0;
        return b->pixels[i] * pow(b->pixels[i + 1] / b->pixels[i], t);
    }
    return CIT_UNKNOWN_NUMBER;
}

/* Waves of half the pattern's length among all from there to six times of it: the skin's own measure, however far the
 * camera. Where no pattern shows, a hundredth of the part's width and height stands for it. */
static double sharpness(const bands *b, double scale, const cit_photo_part *part) {
    const double pixels = cit_known(scale) ? scale : fmax(8, 0.01 * (part->width + part->height));
    double all = 0;
    if (b->count < 2) return CIT_UNKNOWN_NUMBER;
    for (int k = 0; k <= 7; k++) all += exp(power_at(b, b->power, 0.5 * pixels * pow(12, k / 7.0)));
    return sqrt(exp(power_at(b, b->power, 0.5 * pixels)) / all);
}

cit_status colour_quality(const cit_photo *photo, const cit_photo_part *part, bool own_scale,
                          cit_photo_quality *ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    cit_photo_part p;
    cit_photo_quality q = {0};
    field plain = {0}, logarithms = {0};
    CIT_TRY(cit_photo_part_of(photo, part, &p, errs));
    CIT_TRY(field_of(photo, &p, false, &plain, errs));
    CIT_TRY(field_of(photo, &p, true, &logarithms, errs));
    const bands b = bands_of(&logarithms);
    exposure(photo, &p, &q);
    q.light = unevenness(&plain);
    q.scale = pattern(&b);
    q.blur = sharpness(&b, own_scale ? q.scale : CIT_UNKNOWN_NUMBER, &p);
    *ret = q;
done:
    free(plain.sums);
    free(logarithms.sums);
    return st;
}

cit_status cit_photo_quality_of(const cit_photo *photo, const cit_photo_part *part,
                                cit_photo_quality *ret, cit_errors *errs) {
    return colour_quality(photo, part, true, ret, errs);
}
