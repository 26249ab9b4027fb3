/* Two surfaces that lie apart: which turn and shift make the dips of one those of the other. */
#include "measure_impl.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* What a map shows between two lengths, on a coarse grid about its middle: the same for both maps. */
typedef struct shown {
    int n; /* samples a side */
    double pitch_mm, *values;
} shown;

static const double fine_mm = 0.3, coarse_mm = 2; /* deviations of the two Gaussians; assumed */

static double at_place(const cit_heights *z, const float *um, double x_mm, double y_mm) {
    const double i = x_mm / z->dx_mm + 0.5 * z->nx, j = y_mm / z->dy_mm + 0.5 * z->ny;
    if (!(i >= 0 && j >= 0 && i < z->nx && j < z->ny)) return 0;
    const float v = um[(size_t)j * (size_t)z->nx + (size_t)i];
    return isnan(v) ? 0 : (double)v;
}

static cit_status smooth_by(const cit_heights *z, double mm, int threads, float *ret,
                            cit_errors *errs) {
    const cit_smooth_options how = {
        .sigma_x = mm / z->dx_mm, .sigma_y = mm / z->dy_mm, .least = 0.3, .threads = threads};
    return cit_smooth(z->nx, z->ny, z->um, ret, &how, errs);
}

/* The form is off: beside an edge a mean of what slopes is wrong. */
static cit_status band_of(const cit_heights *z, int threads, float **ret, cit_errors *errs) {
    const size_t count = (size_t)z->nx * (size_t)z->ny;
    const cit_form_options how = {.form = CIT_FORM_POLYNOMIAL, .degree = 4, .threads = threads};
    cit_form_result flat = {0};
    float *fine = malloc(count * sizeof *fine), *coarse = malloc(count * sizeof *coarse);
    cit_status st = CIT_OK;
    if (fine == NULL || coarse == NULL)
        CIT_TRY(cit_fail(errs, CIT_NOMEM, "", "no memory to align surfaces"));
    CIT_TRY(cit_relief_form(z, &how, &flat, errs));
    CIT_TRY(smooth_by(flat.relief, fine_mm, threads, fine, errs));
    CIT_TRY(smooth_by(flat.relief, coarse_mm, threads, coarse, errs));
    for (size_t i = 0; i < count; i++) fine[i] -= coarse[i];
    *ret = fine;
    fine = NULL;
done:
    cit_form_result_clear(&flat);
    free(fine);
    free(coarse);
    return st;
}

/* Values beyond three deviations would be all that counts; and so one deep scar does not decide. */
static void tame(shown *s) {
    double sum = 0;
    long count = 0;
    for (int i = 0; i < s->n * s->n; i++) {
        sum += s->values[i] * s->values[i];
        count += s->values[i] != 0;
    }
    const double most = count > 0 ? 3 * sqrt(sum / (double)count) : 0;
    for (int i = 0; i < s->n * s->n; i++) s->values[i] = fmin(fmax(s->values[i], -most), most);
}

/* The map turned by an angle: its value at R x. */
static void turned(const cit_heights *z, const float *band, double angle, int inside, shown *s) {
    const double c = cos(angle), d = sin(angle);
    memset(s->values, 0, sizeof *s->values * (size_t)s->n * (size_t)s->n);
    for (int j = 0; j < inside; j++)
        for (int i = 0; i < inside; i++) {
            const double x = (i + 0.5 - 0.5 * inside) * s->pitch_mm,
                         y = (j + 0.5 - 0.5 * inside) * s->pitch_mm;
            s->values[j * s->n + i] = at_place(z, band, c * x - d * y, d * x + c * y);
        }
    tame(s);
}

typedef struct found {
    double match, angle, x_mm, y_mm;
} found;

/* Correlation of both for all shifts: the best, in units of the product of their sizes. */
static void correlate(cit_fft *fft, const shown *a, const shown *b, double *re, double *im,
                      double angle, found *best) {
    const int n = a->n;
    double size_a = 0, size_b = 0;
    for (int i = 0; i < n * n; i++) {
        re[i] = a->values[i];
        im[i] = b->values[i];
        size_a += re[i] * re[i];
        size_b += im[i] * im[i];
    }
    if (!(size_a > 0 && size_b > 0)) return;
    cit_fft_forward(fft, n, re, im);
    /* conj(A) B, from the transform of A + i B */
    for (int j = 0; j <= n / 2; j++)
        for (int i = 0; i < n; i++) {
            const int k = j * n + i, l = (n - j) % n * n + (n - i) % n;
            if (l < k) continue;
            const double ar = 0.5 * (re[k] + re[l]), ai = 0.5 * (im[k] - im[l]),
                         br = 0.5 * (im[k] + im[l]), bi = 0.5 * (re[l] - re[k]);
            re[k] = re[l] = ar * br + ai * bi;
            im[k] = ar * bi - ai * br;
            im[l] = -im[k];
        }
    cit_fft_backward(fft, n, re, im);
    for (int k = 0; k < n * n; k++) {
        const double match = re[k] / ((double)n * n * sqrt(size_a * size_b));
        if (match <= best->match) continue;
        const int i = k % n, j = k / n;
        const double x = (i < n / 2 ? i : i - n) * a->pitch_mm,
                     y = (j < n / 2 ? j : j - n) * a->pitch_mm;
        *best =
            (found){match, angle, cos(angle) * x - sin(angle) * y, sin(angle) * x + cos(angle) * y};
    }
}

static double side_of(const cit_heights *z) { return fmax(z->nx * z->dx_mm, z->ny * z->dy_mm); }

cit_status align_search(const align_input *in, double degrees, align_pose *ret, cit_errors *errs) {
    enum { SIDE_MAX = 400 };
    const double side = fmax(side_of(in->a), side_of(in->b)),
                 pitch = fmax(fine_mm, side / SIDE_MAX), radian = 0.017453292519943295;
    const int inside = (int)ceil(side / pitch), n = cit_fft_length(2 * inside);
    const double step = radian * fmin(1, 57 * 2 * pitch / side); /* two pixels at the rim */
    const int steps = degrees > 0 ? (int)ceil(degrees * radian / step) : 0;
    const size_t count = (size_t)n * (size_t)n;
    float *of_a = NULL, *of_b = NULL;
    double *planes = malloc(4 * count * sizeof *planes);
    cit_fft *fft = NULL;
    cit_status st = CIT_OK;
    found best = {0};
    if (planes == NULL) CIT_TRY(cit_fail(errs, CIT_NOMEM, "", "no memory to align surfaces"));
    shown a = {n, pitch, planes}, b = {n, pitch, planes + count};
    CIT_TRY(band_of(in->a, in->threads, &of_a, errs));
    CIT_TRY(band_of(in->b, in->threads, &of_b, errs));
    CIT_TRY(cit_fft_new(n, n, in->threads, &fft, errs));
    turned(in->a, of_a, 0, inside, &a);
    for (int k = -steps; k <= steps; k++) {
        turned(in->b, of_b, k * step, inside, &b);
        correlate(fft, &a, &b, planes + 2 * count, planes + 3 * count, k * step, &best);
    }
    *ret = (align_pose){.lateral = 1, .vertical = 0};
    /* terms: 1, T_1(y), T_1(x); u = R x + t - x */
    const double half_x = 0.5 * in->a->nx * in->a->dx_mm, half_y = 0.5 * in->a->ny * in->a->dy_mm;
    ret->x[0] = best.x_mm;
    ret->y[0] = best.y_mm;
    ret->x[1] = -sin(best.angle) * half_y;
    ret->y[1] = (cos(best.angle) - 1) * half_y;
    ret->x[2] = (cos(best.angle) - 1) * half_x;
    ret->y[2] = sin(best.angle) * half_x;
done:
    cit_fft_free(fft);
    free(planes);
    free(of_a);
    free(of_b);
    return st;
}

cit_status align_match(const align_input *in, const float *difference, double *ret,
                       cit_errors *errs) {
    const cit_heights *a = in->a;
    const size_t count = (size_t)a->nx * (size_t)a->ny;
    cit_heights *later = NULL;
    float *x = NULL, *y = NULL;
    double xx = 0, xy = 0, yy = 0;
    cit_status st = cit_heights_copy(a, &later, errs);
    if (st != CIT_OK) return st;
    for (size_t i = 0; i < count; i++) later->um[i] += difference[i];
    CIT_TRY(band_of(a, in->threads, &x, errs));
    CIT_TRY(band_of(later, in->threads, &y, errs));
    for (size_t i = 0; i < count; i++) {
        if (isnan(x[i]) || isnan(y[i])) continue;
        xx += (double)x[i] * (double)x[i];
        xy += (double)x[i] * (double)y[i];
        yy += (double)y[i] * (double)y[i];
    }
    *ret = xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
done:
    cit_heights_free(later);
    free(x);
    free(y);
    return st;
}
