/* Modified Bessel functions of order 0 and 1, from their integrals by the trapezoidal rule, which converges
 * faster than any power of its step for what is periodic or dies out twice exponentially (Trefethen and
 * Weideman, SIAM Review 2014; 56:385-458). */
#include <assert.h>
#include <cit/num.h>
#include <math.h>

static const double pi = 3.14159265358979323846;

double cit_bessel_i(int order, double x) {
    assert((order == 0 || order == 1) && x >= 0);
    if (x > 700) return (double)INFINITY; /* exp would be, soon */
    const int points = 32 + (int)(2 * x);
    double sum = 0;
    for (int j = 0; j <= points; j++) {
        const double angle = pi * j / points;
        const double value = exp(x * cos(angle)) * (order == 0 ? 1 : cos(angle));
        sum += j == 0 || j == points ? 0.5 * value : value;
    }
    return sum / points;
}

double cit_bessel_k(int order, double x) {
    assert((order == 0 || order == 1) && x >= 0);
    if (x == 0) return (double)INFINITY;
    /* The integrand is as wide as the strip in which it is smooth, or as 1 / sqrt(x). */
    const double step = fmin(0.125, 0.7 / sqrt(x));
    double sum = 0.5 * exp(-x);
    for (int j = 1;; j++) {
        const double t = step * j;
        const double value = exp(-x * cosh(t)) * (order == 0 ? 1 : cosh(t));
        sum += value;
        if (x * cosh(t) > 745 || (x * cosh(t) > 40 && value < 1e-18 * sum)) break;
    }
    return step * sum;
}
