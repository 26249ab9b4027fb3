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
