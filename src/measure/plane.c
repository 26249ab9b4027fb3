/* Samples gathered, and the plane that most of them lie in. */
#include "measure_impl.h"
#include <math.h>
#include <stdlib.h>

enum { PLANE_ROUNDS = 3 };         /* assumed */
static const double tukey = 4.685; /* 95 % efficient for normal errors (Holland and Welsch 1977) */

bool points_add(points *p, double x, double y, double z) {
    if (p->count == p->room) {
        const int room = p->room < 1024 ? 1024 : 2 * p->room;
        double *xs = realloc(p->x, (size_t)room * sizeof *xs);
        if (xs != NULL) p->x = xs;
        double *ys = realloc(p->y, (size_t)room * sizeof *ys);
        if (ys != NULL) p->y = ys;
        double *zs = realloc(p->z, (size_t)room * sizeof *zs);
        if (zs != NULL) p->z = zs;
        if (xs == NULL || ys == NULL || zs == NULL) return false;
        p->room = room;
    }
    p->x[p->count] = x;
    p->y[p->count] = y;
    p->z[p->count++] = z;
    return true;
}

void points_clear(points *p) {
    free(p->x);
    free(p->y);
    free(p->z);
    *p = (points){0};
}

/* The middle one of n, which are put in another order (Hoare's selection). */
static double middle(double *v, int n) {
    int low = 0, high = n - 1;
    const int k = n / 2;
    while (low < high) {
        const double pivot = v[low + (high - low) / 2];
        int i = low, j = high;
        while (i <= j) {
            while (v[i] < pivot) i++;
            while (v[j] > pivot) j--;
            if (i > j) break;
            const double kept = v[i];
            v[i++] = v[j];
            v[j--] = kept;
        }
        if (k <= j)
            high = j;
        else if (k >= i)
            low = i;
        else
            break;
    }
    return v[k];
}

static plane plane_weighted(const points *p, const double *weight) {
    double a[9] = {0}, b[3] = {0}, pivots[3];
    for (int k = 0; k < p->count; k++) {
        const double w = weight[k], t[3] = {1, p->x[k], p->y[k]};
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) a[3 * i + j] += w * t[i] * t[j];
            b[i] += w * t[i] * p->z[k];
        }
    }
    cit_dense_factor(a, pivots, 3);
    cit_dense_solve(a, pivots, 3, b);
    return (plane){b[0], b[1], b[2]};
}

bool plane_fit(const points *p, plane *ret) {
    const int n = p->count;
    if (n < RING_LEAST) return false;
    double *weight = malloc((size_t)2 * n * sizeof *weight);
    if (weight == NULL) return false;
    double *off = weight + n;
    for (int k = 0; k < n; k++) weight[k] = 1;
    plane fit = {0};
    for (int round = 0; round < PLANE_ROUNDS; round++) {
        fit = plane_weighted(p, weight);
        for (int k = 0; k < n; k++) off[k] = fabs(p->z[k] - plane_at(&fit, p->x[k], p->y[k]));
        const double sd = 1.4826 * middle(off, n) + 1e-9;
        for (int k = 0; k < n; k++) {
            const double u = (p->z[k] - plane_at(&fit, p->x[k], p->y[k])) / (tukey * sd);
            weight[k] = u * u < 1 ? (1 - u * u) * (1 - u * u) : 0;
        }
    }
    free(weight);
    if (!isfinite(fit.at) || !isfinite(fit.x) || !isfinite(fit.y)) return false;
    *ret = fit;
    return true;
}
