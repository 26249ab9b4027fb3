/* Two surfaces that lie apart: which turn and shift make the dips of one those of the other. */
#include "measure_impl.h"
#include <cit/relief.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* What a map shows from a length on, on a coarse grid about its middle: the same for both maps. */
typedef struct shown {
    int n; /* samples a side */
    double pitch_mm, *values;
} shown;

/* Deviations of the Gaussian: the first that leaves enough of what the last would. */
static const double fines_mm[] = {0.3, 0.15, 0.075}; /* assumed */
enum { FINES = sizeof fines_mm / sizeof *fines_mm };

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

/* Form off: of what is left, waves of form would be higher than fine relief, and other skin on a like form be like. A mean
 * leaves a third of a wave of 14 mm, and what slopes beside an edge; a regression of order 2, of the cut-off that form has
 * elsewhere, 2 % and little beside edges. Scars stay in it: where they are is what is to be found. */
static cit_status flatten(const cit_heights *z, int threads, cit_form_result *ret,
                          cit_errors *errs) {
    const size_t count = (size_t)z->nx * (size_t)z->ny;
    uint8_t *all = malloc(count);
    if (all == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory to align surfaces");
    memset(all, 1, count);
    const cit_form_options how = {.form = CIT_FORM_SKIN,
                                  .degree = 4,
                                  .cutoff_mm = fmax(8, 12 * fmax(z->dx_mm, z->dy_mm)),
                                  .healthy = all,
                                  .threads = threads};
    const cit_status st = cit_relief_form(z, &how, ret, errs);
    free(all);
    return st;
}

static double power_of(const cit_heights *z, const float *um) {
    const size_t count = (size_t)z->nx * (size_t)z->ny;
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += isnan(um[i]) ? 0 : (double)um[i] * (double)um[i];
    return sum / (double)count;
}

/* What two surfaces show from the same length on. */
typedef struct both {
    cit_form_result flat[2];
    float *band[2];
    double fine_mm;
} both;

static void both_clear(both *b) {
    for (int k = 0; k < 2; k++) {
        cit_form_result_clear(&b->flat[k]);
        free(b->band[k]);
    }
}

static cit_status take_bands(both *b, double fine_mm, int threads, double *ret_power,
                             cit_errors *errs) {
    cit_status st = CIT_OK;
    *ret_power = 0;
    for (int k = 0; k < 2; k++) {
        CIT_TRY(smooth_by(b->flat[k].relief, fine_mm, threads, b->band[k], errs));
        *ret_power += power_of(b->flat[k].relief, b->band[k]);
    }
    b->fine_mm = fine_mm;
done:
    return st;
}

static cit_status both_open(const cit_heights *const z[2], int threads, both *ret,
                            cit_errors *errs) {
    cit_status st = CIT_OK;
    for (int k = 0; k < 2; k++) {
        ret->band[k] = malloc((size_t)z[k]->nx * (size_t)z[k]->ny * sizeof *ret->band[k]);
        if (ret->band[k] == NULL)
            CIT_TRY(cit_fail(errs, CIT_NOMEM, "", "no memory to align surfaces"));
        CIT_TRY(flatten(z[k], threads, &ret->flat[k], errs));
    }
done:
    return st;
}

/* Where no scar is, a Gaussian of 0.3 mm may leave nothing of relief: the band is then as fine as that, but not finer
 * than samples. */
static cit_status take_own_bands(const cit_heights *const z[2], int threads, both *b,
                                 cit_errors *errs) {
    const double least_share = 0.2, /* assumed */
        pitch = fmax(fmax(z[0]->dx_mm, z[0]->dy_mm), fmax(z[1]->dx_mm, z[1]->dy_mm));
    double power, all;
    int finest = FINES - 1, i = 0;
    cit_status st = CIT_OK;
    while (finest > 0 && fines_mm[finest] < pitch) finest--;
    CIT_TRY(take_bands(b, fines_mm[finest], threads, &all, errs));
    do CIT_TRY(take_bands(b, fines_mm[i], threads, &power, errs));
    while (power < least_share * all && i++ < finest);
done:
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
    const double side = fmax(side_of(in->a), side_of(in->b)), radian = 0.017453292519943295;
    const cit_heights *const z[2] = {in->a, in->b};
    both of = {0};
    double *planes = NULL;
    cit_fft *fft = NULL;
    cit_status st = CIT_OK;
    found best = {0};
    CIT_TRY(both_open(z, in->threads, &of, errs));
    CIT_TRY(take_own_bands(z, in->threads, &of, errs));
    const double pitch = fmax(of.fine_mm, side / SIDE_MAX);
    const int inside = (int)ceil(side / pitch), n = cit_fft_length(2 * inside);
    const double step = radian * fmin(1, 57 * 2 * pitch / side); /* two pixels at the rim */
    const int steps = degrees > 0 ? (int)ceil(degrees * radian / step) : 0;
    const size_t count = (size_t)n * (size_t)n;
    planes = malloc(4 * count * sizeof *planes);
    if (planes == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory to align surfaces");
        goto done;
    }
    shown a = {n, pitch, planes}, b = {n, pitch, planes + count};
    CIT_TRY(cit_fft_new(n, n, in->threads, &fft, errs));
    turned(in->a, of.band[0], 0, inside, &a);
    for (int k = -steps; k <= steps; k++) {
        turned(in->b, of.band[1], k * step, inside, &b);
        correlate(fft, &a, &b, planes + 2 * count, planes + 3 * count, k * step, &best);
    }
    *ret = (align_pose){.lateral = 1, .vertical = 0, .fine_mm = of.fine_mm};
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
    both_clear(&of);
    return st;
}

/* Both where both are: beside an edge a mean depends on where that is. */
static cit_status both_there(const cit_heights *a, const float *difference, cit_heights *ret[2],
                             cit_errors *errs) {
    const size_t count = (size_t)a->nx * (size_t)a->ny;
    cit_status st = CIT_OK;
    for (int k = 0; k < 2; k++) CIT_TRY(cit_heights_copy(a, &ret[k], errs));
    for (size_t i = 0; i < count; i++) {
        ret[1]->um[i] += difference[i];
        if (isnan(difference[i])) ret[0]->um[i] = difference[i];
    }
done:
    return st;
}

cit_status align_match(const align_input *in, const float *difference, double fine_mm, double *ret,
                       cit_errors *errs) {
    const size_t count = (size_t)in->a->nx * (size_t)in->a->ny;
    cit_heights *z[2] = {NULL, NULL};
    both of = {0};
    double xx = 0, xy = 0, yy = 0, power;
    cit_status st = CIT_OK;
    CIT_TRY(both_there(in->a, difference, z, errs));
    CIT_TRY(both_open((const cit_heights *const[2]){z[0], z[1]}, in->threads, &of, errs));
    CIT_TRY(take_bands(&of, fine_mm, in->threads, &power, errs));
    for (size_t i = 0; i < count; i++) {
        const double x = (double)of.band[0][i], y = (double)of.band[1][i];
        if (isnan(x) || isnan(y)) continue;
        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    *ret = xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
done:
    for (int k = 0; k < 2; k++) cit_heights_free(z[k]);
    both_clear(&of);
    return st;
}
