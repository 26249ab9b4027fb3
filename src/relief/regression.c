/* Gaussian regression of order 2, with weights (as ISO 16610-31 has it for profiles and S. Brinkmann, H. Bodschwinna and
 * H.-W. Lemke, Int J Mach Tools Manuf 2001; 41:2153-2161, for surfaces): where a Gaussian mean is bent at ends, holes and
 * over curved form, the fitted parabola is not.
 *
 * Moments of distance u, v in sigma, with k(u) = u^p exp(-u^2 / 2), are separable:
 *   sum of k_p(u) k_q(v) w        p + q <= 4     the normal equations
 *   sum of k_p(u) k_q(v) w z      p + q <= 2     their right side
 * Places need not be even. */
#include "relief_impl.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { POWERS = 5, TERMS = 6, LEFT = 15, ALONG = POWERS + 3 };
static const double reach = 4.5; /* sigma: exp(-10) is 4e-5 */
static const double ridge =
    1e-9; /* of the largest weight, on the diagonal: little is left, the value tends to 0 */
static const int term_x[TERMS] = {0, 1, 0, 2, 1, 0}, term_y[TERMS] = {0, 0, 1, 0, 1, 2};

/* k_p of every place seen from every place near, in bands. */
typedef struct band {
    int n, width; /* places; of a band: at most so many */
    int *first, *count;
    double *k; /* [place][p][width] */
} band;

static void band_free(band *b) {
    free(b->first);
    free(b->count);
    free(b->k);
}

static bool band_make(int n, const double *at_mm, double sigma_mm, band *b) {
    *b = (band){.n = n, .width = 1};
    b->first = malloc((size_t)n * sizeof *b->first);
    b->count = malloc((size_t)n * sizeof *b->count);
    if (b->first == NULL || b->count == NULL) return false;
    for (int i = 0, first = 0, end = 0; i < n; i++) {
        while (at_mm[i] - at_mm[first] > reach * sigma_mm) first++;
        while (end < n && at_mm[end] - at_mm[i] <= reach * sigma_mm) end++;
        b->first[i] = first;
        b->count[i] = end - first;
        if (end - first > b->width) b->width = end - first;
    }
    b->k = malloc((size_t)n * POWERS * (size_t)b->width * sizeof *b->k);
    if (b->k == NULL) return false;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < b->count[i]; j++) {
            const double u = (at_mm[b->first[i] + j] - at_mm[i]) / sigma_mm;
            double k = exp(-0.5 * u * u);
            for (int p = 0; p < POWERS; p++, k *= u)
                b->k[((size_t)i * POWERS + (size_t)p) * (size_t)b->width + (size_t)j] = k;
        }
    return true;
}

static const double *band_of(const band *b, int place, int p) {
    return b->k + ((size_t)place * POWERS + (size_t)p) * (size_t)b->width;
}

/* Sums along x: five of w, then three of w z, a row each. */
static void along_x(const relief_map *of, const band *x, int j, double *w, double *wz,
                    double *sums) {
    const size_t n = (size_t)of->nx, at = (size_t)j * n;
    for (size_t i = 0; i < n; i++) {
        const bool there = of->z[at + i] == of->z[at + i];
        w[i] = there ? (double)of->weight[at + i] : 0;
        wz[i] = there ? w[i] * (double)of->z[at + i] : 0;
    }
    for (int i = 0; i < of->nx; i++)
        for (int s = 0; s < ALONG; s++)
            sums[(size_t)s * n + (size_t)i] =
                relief_dot(x->count[i], band_of(x, i, s < POWERS ? s : s - POWERS),
                           (s < POWERS ? w : wz) + x->first[i]);
}

CIT_WIDE static void add(int n, double k, const double *from, double *to) {
    for (int i = 0; i < n; i++) to[i] += k * from[i];
}

/* Which of the sums of row j is the moment (p, q): rows of w and of w z, down the columns. */
static void down_y(const relief_map *of, const band *y, int j, const double *sums,
                   double *moments) {
    const size_t n = (size_t)of->nx;
    memset(moments, 0, (LEFT + TERMS) * n * sizeof *moments);
    for (int r = 0; r < y->count[j]; r++) {
        const double *const row = sums + (size_t)(y->first[j] + r) * ALONG * n;
        double *to = moments;
        for (int p = 0; p < POWERS; p++)
            for (int q = 0; p + q < POWERS; q++, to += n)
                add(of->nx, band_of(y, j, q)[r], row + (size_t)p * n, to);
        for (int t = 0; t < TERMS; t++, to += n)
            add(of->nx, band_of(y, j, term_y[t])[r], row + (size_t)(POWERS + term_x[t]) * n, to);
    }
}

static int moment(int p, int q) { return p * POWERS - p * (p - 1) / 2 + q; }

static double value(const double *moments, size_t n, size_t i, double most) {
    double a[TERMS * TERMS], b[TERMS], pivots[TERMS];
    for (int s = 0; s < TERMS; s++) {
        b[s] = moments[(size_t)(LEFT + s) * n + i];
        for (int t = 0; t < TERMS; t++)
            a[s * TERMS + t] =
                moments[(size_t)moment(term_x[s] + term_x[t], term_y[s] + term_y[t]) * n + i];
        a[s * TERMS + s] += ridge * most;
    }
    cit_dense_factor(a, pivots, TERMS);
    cit_dense_solve(a, pivots, TERMS, b);
    return isfinite(b[0]) ? b[0] : 0;
}

/* The weight of a place amid others that all count. */
static double most_weight(const band *x, const band *y) {
    double of_x = 0, of_y = 0;
    for (int i = 0; i < x->n; i++) {
        double sum = 0;
        for (int j = 0; j < x->count[i]; j++) sum += band_of(x, i, 0)[j];
        of_x = fmax(of_x, sum);
    }
    for (int i = 0; i < y->n; i++) {
        double sum = 0;
        for (int j = 0; j < y->count[i]; j++) sum += band_of(y, i, 0)[j];
        of_y = fmax(of_y, sum);
    }
    return of_x * of_y;
}

cit_status relief_regression(const relief_map *of, double sigma_mm, float *ret, cit_errors *errs) {
    const size_t nx = (size_t)of->nx, ny = (size_t)of->ny, each = (LEFT + TERMS) * nx;
    cit_status st = CIT_OK;
    band x = {0}, y = {0};
    double *const sums = malloc(ny * ALONG * nx * sizeof *sums);
    double *const scratch = malloc(each * (size_t)of->threads * sizeof *scratch);
    const bool bands =
        band_make(of->nx, of->x_mm, sigma_mm, &x) && band_make(of->ny, of->y_mm, sigma_mm, &y);
    if (!bands || sums == NULL || scratch == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory for a regression");
        goto done;
    }
    const double most = most_weight(&x, &y);
#pragma omp parallel num_threads(of->threads)
    {
        double *const mine = scratch + each * (size_t)omp_get_thread_num();
#pragma omp for schedule(static)
        for (int j = 0; j < of->ny; j++)
            along_x(of, &x, j, mine, mine + nx, sums + (size_t)j * ALONG * nx);
#pragma omp for schedule(static)
        for (int j = 0; j < of->ny; j++) {
            down_y(of, &y, j, sums, mine);
            for (size_t i = 0; i < nx; i++)
                ret[(size_t)j * nx + i] = (float)value(mine, nx, i, most);
        }
    }
done:
    free(sums);
    free(scratch);
    band_free(&x);
    band_free(&y);
    return st;
}
