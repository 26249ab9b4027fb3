/* Gaussian smoothing by recursion: for t >= 0
 *   exp(-t^2 / 2)  ~  sum over k of exp(-b t) (p cos(w t) + q sin(w t)),
 * three pairs of exponentials, so that a line goes through three filters of second order forwards and three backwards,
 * whatever sigma is (Deriche, INRIA RR-1893, 1993, who has two pairs to four digits). Coefficients: fitted by
 * tools/fit-gaussian.py, largest error 1.94e-6.
 *
 * Eight lines go together; sums are in double, maps in float. */
#include "num_impl.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 4, HALVES = 2, TOGETHER = LANES * HALVES, PAIRS = 3, ALIGN = 64 };

/* As wide as an AVX2 register; two of them hide each other's waiting. */
typedef double vector __attribute__((vector_size(8 * LANES), aligned(16)));
typedef struct number {
    vector half[HALVES];
} number;

static const struct pair {
    double b, w, p, q;
} pairs[PAIRS] = {
    {2.152895262757072, 0.524005458716709, 3.080745063337439, 6.772104194018461},
    {2.118577741438657, 1.609163810371465, -2.224491711639217, -0.723917197105225},
    {2.040221085398863, 2.847955309005392, 0.143744720872182, -0.059863110979805},
};

/* Forwards  y_i = n0 x_i + n1 x_i-1 - d1 y_i-1 - d2 y_i-2, backwards y_i = m1 x_i+1 + m2 x_i+2 - d1 y_i+1 - d2 y_i+2. */
typedef struct section {
    double n0, n1, m1, m2, d1, d2;
} section;
typedef struct filter {
    section s[PAIRS];
} filter;

static filter filter_make(double sigma) {
    filter f = {0};
    double sum = 0;
    for (int k = 0; k < PAIRS; k++) {
        const struct pair *a = &pairs[k];
        const double r = exp(-a->b / sigma), turn = a->w / sigma, c = cos(turn), s = sin(turn);
        section *f_k = &f.s[k];
        f_k->n0 = a->p;
        f_k->n1 = r * (a->q * s - a->p * c);
        f_k->d1 = -2 * r * c;
        f_k->d2 = r * r;
        f_k->m1 = f_k->n1 - f_k->d1 * f_k->n0;
        f_k->m2 = -f_k->d2 * f_k->n0;
        /* Sums of like numbers, as products: 1 - r, 1 - c. */
        const double less = -expm1(-a->b / sigma), h = sin(0.5 * turn), bend = 2 * r * h * h;
        const double all = less * less + 2 * bend; /* 1 + d1 + d2 */
        sum += 2 * (a->p * (less + bend) + a->q * r * s) / all - a->p;
    }
    for (int k = 0; k < PAIRS; k++) {
        section *s = &f.s[k];
        s->n0 /= sum;
        s->n1 /= sum;
        s->m1 /= sum;
        s->m2 /= sum;
    }
    return f;
}

/* All sections forwards (n, of this number and the last) or backwards (m, of the next two). y holds the last two numbers
 * of each. */
#define SECTIONS(first, second, x, x1)                                                             \
    for (int k = 0; k < PAIRS; k++)                                                                \
        for (int h = 0; h < HALVES; h++) {                                                         \
            const vector now = (first[k] * (x).half[h] + second[k] * (x1).half[h]) -               \
                               (d1[k] * y[k][0].half[h] + d2[k] * y[k][1].half[h]);                \
            y[k][1].half[h] = y[k][0].half[h];                                                     \
            y[k][0].half[h] = now;                                                                 \
        }

CIT_WIDE static void run(const filter *of, int n, const number *in, number *out) {
    const number zero = {{{0}}};
    vector n0[PAIRS], n1[PAIRS], m1[PAIRS], m2[PAIRS], d1[PAIRS], d2[PAIRS];
    for (int k = 0; k < PAIRS; k++) {
        const section *s = &of->s[k];
        const vector none = {0};
        n0[k] = none + s->n0;
        n1[k] = none + s->n1;
        m1[k] = none + s->m1;
        m2[k] = none + s->m2;
        d1[k] = none + s->d1;
        d2[k] = none + s->d2;
    }
    number y[PAIRS][2] = {{{{{0}}}}}, x1 = zero, x2 = zero;
    for (int i = 0; i < n; i++) {
        const number x = in[i];
        SECTIONS(n0, n1, x, x1)
        for (int h = 0; h < HALVES; h++)
            out[i].half[h] = y[0][0].half[h] + (y[1][0].half[h] + y[2][0].half[h]);
        x1 = x;
    }
    memset(y, 0, sizeof y);
    x1 = zero;
    for (int i = n - 1; i >= 0; i--) {
        SECTIONS(m1, m2, x1, x2)
        for (int h = 0; h < HALVES; h++)
            out[i].half[h] += y[0][0].half[h] + (y[1][0].half[h] + y[2][0].half[h]);
        x2 = x1;
        x1 = in[i];
    }
}

static inline double *lane(number *of, int v) { return (double *)(void *)of + v; }
static inline double seen(const number *of, int v) { return ((const double *)(const void *)of)[v]; }

/* ---- maps --------------------------------------------------------------------------------------- */

static int within(int n, int from) { return n - from < TOGETHER ? n - from : TOGETHER; }

/* Eight rows, or columns, as numbers and back. */
CIT_WIDE static void rows_in(const float *at, size_t row, int nx, number *in) {
    for (int i = 0; i < nx; i++)
        for (int v = 0; v < TOGETHER; v++)
            *lane(&in[i], v) = (double)at[(size_t)v * row + (size_t)i];
}
CIT_WIDE static void rows_out(const number *out, size_t row, int nx, float *at) {
    for (int i = 0; i < nx; i++)
        for (int v = 0; v < TOGETHER; v++)
            at[(size_t)v * row + (size_t)i] = (float)seen(&out[i], v);
}
CIT_WIDE static void columns_in(const float *at, size_t row, int ny, number *in) {
    for (int j = 0; j < ny; j++)
        for (int v = 0; v < TOGETHER; v++)
            *lane(&in[j], v) = (double)at[(size_t)j * row + (size_t)v];
}
CIT_WIDE static void columns_out(const number *out, size_t row, int ny, float *at) {
    for (int j = 0; j < ny; j++)
        for (int v = 0; v < TOGETHER; v++)
            at[(size_t)j * row + (size_t)v] = (float)seen(&out[j], v);
}

/* One of fewer than eight at the end of a map. */
static void one_line(const filter *f, float *at, size_t stride, int n, number *scratch) {
    memset(scratch, 0, (size_t)n * sizeof *scratch);
    for (int i = 0; i < n; i++) *lane(&scratch[i], 0) = (double)at[(size_t)i * stride];
    run(f, n, scratch, scratch + n);
    for (int i = 0; i < n; i++) at[(size_t)i * stride] = (float)seen(&scratch[n + i], 0);
}

static void rows(const filter *f, float *field, int nx, int j, int count, number *scratch) {
    const size_t row = (size_t)nx;
    float *const at = field + (size_t)j * row;
    for (int v = 0; count < TOGETHER && v < count; v++)
        one_line(f, at + (size_t)v * row, 1, nx, scratch);
    if (count < TOGETHER) return;
    rows_in(at, row, nx, scratch);
    run(f, nx, scratch, scratch + nx);
    rows_out(scratch + nx, row, nx, at);
}

static void columns(const filter *f, float *field, int nx, int ny, int i, int count,
                    number *scratch) {
    const size_t row = (size_t)nx;
    float *const at = field + i;
    for (int v = 0; count < TOGETHER && v < count; v++) one_line(f, at + v, row, ny, scratch);
    if (count < TOGETHER) return;
    columns_in(at, row, ny, scratch);
    run(f, ny, scratch, scratch + ny);
    columns_out(scratch + ny, row, ny, at);
}

cit_status smooth_lines(float *field, int nx, int ny, double sigma_x, double sigma_y, int threads,
                        cit_errors *errs) {
    const size_t each = 2 * (size_t)(nx > ny ? nx : ny);
    number *const scratch = aligned_alloc(ALIGN, each * (size_t)threads * sizeof *scratch);
    if (scratch == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory to smooth a map");
    if (sigma_x > 0) {
        const filter f = filter_make(sigma_x);
#pragma omp parallel for schedule(static) num_threads(threads)
        for (int j = 0; j < ny; j += TOGETHER)
            rows(&f, field, nx, j, within(ny, j), scratch + each * (size_t)omp_get_thread_num());
    }
    if (sigma_y > 0) {
        const filter f = filter_make(sigma_y);
#pragma omp parallel for schedule(static) num_threads(threads)
        for (int i = 0; i < nx; i += TOGETHER)
            columns(&f, field, nx, ny, i, within(nx, i),
                    scratch + each * (size_t)omp_get_thread_num());
    }
    free(scratch);
    return CIT_OK;
}

cit_status smooth_line(double *line, int n, double sigma, cit_errors *errs) {
    if (!(sigma > 0)) return CIT_OK;
    number *const scratch = aligned_alloc(ALIGN, 2 * (size_t)n * sizeof *scratch);
    if (scratch == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory to smooth a line");
    const filter f = filter_make(sigma);
    memset(scratch, 0, (size_t)n * sizeof *scratch);
    for (int i = 0; i < n; i++) *lane(&scratch[i], 0) = line[i];
    run(&f, n, scratch, scratch + n);
    for (int i = 0; i < n; i++) line[i] = seen(&scratch[n + i], 0);
    free(scratch);
    return CIT_OK;
}

/* ---- normalised --------------------------------------------------------------------------------- */

/* Divides by the weight of what is there: a field, or a product where nothing is missing. */
static void divide(const smooth_job *job, const float *there, const double *weight_x,
                   const double *weight_y) {
    const size_t nx = (size_t)job->nx;
#pragma omp parallel for schedule(static) num_threads(job->threads)
    for (int j = 0; j < job->ny; j++) {
        float *const out = job->out + (size_t)j * nx;
        for (size_t i = 0; i < nx; i++) {
            const double weight =
                there != NULL ? (double)there[(size_t)j * nx + i] : weight_x[i] * weight_y[j];
            out[i] = weight >= job->least ? (float)((double)out[i] / weight) : NAN;
        }
    }
}

cit_status smooth_recursive(const smooth_job *job, cit_errors *errs) {
    const size_t nx = (size_t)job->nx, ny = (size_t)job->ny;
    cit_status st = CIT_OK;
    float *there = job->missing ? malloc(nx * ny * sizeof *there) : NULL;
    double *weight = malloc((nx + ny) * sizeof *weight);
    if (weight == NULL || (job->missing && there == NULL)) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory to smooth a map");
        goto done;
    }
    smooth_split(job, job->out, there);
    CIT_TRY(
        smooth_lines(job->out, job->nx, job->ny, job->sigma_x, job->sigma_y, job->threads, errs));
    if (job->missing)
        CIT_TRY(
            smooth_lines(there, job->nx, job->ny, job->sigma_x, job->sigma_y, job->threads, errs));
    for (size_t i = 0; i < nx + ny; i++) weight[i] = 1;
    CIT_TRY(smooth_line(weight, job->nx, job->sigma_x, errs));
    CIT_TRY(smooth_line(weight + nx, job->ny, job->sigma_y, errs));
    divide(job, there, weight, weight + nx);
done:
    free(there);
    free(weight);
    return st;
}
