/* Gauss-Legendre quadrature and symmetric tridiagonal matrices. */
#include <cit/num.h>
#include <float.h>
#include <math.h>

void cit_gauss(double a, double b, double nodes[CIT_GAUSS_POINTS],
               double weights[CIT_GAUSS_POINTS]) {
    static const double x[4] = {0.1834346424956498, 0.5255324099163290, 0.7966664774136267,
                                0.9602898564975363};
    static const double w[4] = {0.3626837833783620, 0.3137066458778873, 0.2223810344533745,
                                0.1012285362903763};
    const double middle = 0.5 * (a + b), half = 0.5 * (b - a);
    for (int i = 0; i < 4; i++) {
        nodes[3 - i] = middle - half * x[i];
        nodes[4 + i] = middle + half * x[i];
        weights[3 - i] = weights[4 + i] = half * w[i];
    }
}

/* How many eigenvalues lie below x: sign changes of the Sturm sequence. */
static int eigenvalues_below(const double *diagonal, const double *off, int n, double x) {
    int count = 0;
    double q = 1;
    for (int i = 0; i < n; i++) {
        q = diagonal[i] - x - (i > 0 ? off[i - 1] * off[i - 1] / q : 0);
        if (q == 0) q = DBL_MIN;
        count += q < 0;
    }
    return count;
}

double cit_tridiagonal_smallest(const double *diagonal, const double *off, int n) {
    double lo = diagonal[0], hi = diagonal[0]; /* Gershgorin */
    for (int i = 0; i < n; i++) {
        const double radius = (i > 0 ? fabs(off[i - 1]) : 0) + (i < n - 1 ? fabs(off[i]) : 0);
        lo = fmin(lo, diagonal[i] - radius);
        hi = fmax(hi, diagonal[i] + radius);
    }
    for (int i = 0; i < 200; i++) {
        const double middle = 0.5 * (lo + hi);
        if (middle <= lo || middle >= hi) break;
        if (eigenvalues_below(diagonal, off, n, middle) > 0)
            hi = middle;
        else
            lo = middle;
    }
    return 0.5 * (lo + hi);
}

void cit_tridiagonal_solve(const double *lower, const double *diagonal, const double *upper,
                           double *x, int n, double *scratch) {
    double pivot = diagonal[0];
    x[0] /= pivot;
    for (int i = 1; i < n; i++) {
        scratch[i] = upper[i - 1] / pivot;
        pivot = diagonal[i] - lower[i] * scratch[i];
        x[i] = (x[i] - lower[i] * x[i - 1]) / pivot;
    }
    for (int i = n - 2; i >= 0; i--) x[i] -= scratch[i + 1] * x[i + 1];
}

/* ---- small dense matrices ---------------------------------------------------------------------- */

static void swap_rows(double *a, int n, int i, int j) {
    for (int k = 0; k < n; k++) {
        const double kept = a[i * n + k];
        a[i * n + k] = a[j * n + k];
        a[j * n + k] = kept;
    }
}

void cit_dense_factor(double *a, double *pivots, int n) {
    for (int p = 0; p < n; p++) {
        int best = p;
        for (int i = p + 1; i < n; i++)
            if (fabs(a[i * n + p]) > fabs(a[best * n + p])) best = i;
        pivots[p] = best;
        if (best != p) swap_rows(a, n, p, best);
        const double inverse = 1 / a[p * n + p];
        a[p * n + p] = inverse;
        for (int i = p + 1; i < n; i++) {
            const double factor = a[i * n + p] * inverse;
            a[i * n + p] = factor;
            if (factor == 0) continue;
            for (int j = p + 1; j < n; j++) a[i * n + j] -= factor * a[p * n + j];
        }
    }
}

void cit_dense_solve(const double *a, const double *pivots, int n, double *x) {
    for (int p = 0; p < n; p++) {
        const int other = (int)pivots[p];
        const double kept = x[other];
        x[other] = x[p];
        x[p] = kept;
    }
    for (int i = 1; i < n; i++)
        for (int j = 0; j < i; j++) x[i] -= a[i * n + j] * x[j];
    for (int i = n - 1; i >= 0; i--) {
        for (int j = i + 1; j < n; j++) x[i] -= a[i * n + j] * x[j];
        x[i] *= a[i * n + i];
    }
}

void cit_band_factor(double *a, int n, int width) {
    const int row = 2 * width + 1;
    for (int k = 0; k < n; k++) {
        const double *pivot = a + (size_t)k * (size_t)row + width;
        const int last = k + width < n ? k + width : n - 1;
        for (int i = k + 1; i <= last; i++) {
            double *left = a + (size_t)i * (size_t)row + width - (i - k);
            if (*left == 0) continue;
            *left /= *pivot;
            for (int j = 1; j <= last - k; j++) left[j] -= *left * pivot[j];
        }
    }
}

void cit_band_solve(const double *a, int n, int width, double *x) {
    const int row = 2 * width + 1;
    for (int i = 0; i < n; i++) {
        const double *diagonal = a + (size_t)i * (size_t)row + width;
        for (int j = i > width ? i - width : 0; j < i; j++) x[i] -= diagonal[j - i] * x[j];
    }
    for (int i = n - 1; i >= 0; i--) {
        const double *diagonal = a + (size_t)i * (size_t)row + width;
        const int last = i + width < n ? i + width : n - 1;
        for (int j = i + 1; j <= last; j++) x[i] -= diagonal[j - i] * x[j];
        x[i] /= *diagonal;
    }
}
