/* Distributions: both tails, each accurate where it is small, and quantiles. */
#include "statistics_impl.h"
#include <cit/num.h>
#include <float.h>

static const double half_log_two_pi = 0.91893853320467274178;

static double log_gamma(double x) {
    int sign = 0;
    return lgamma_r(x, &sign);
}

/* Stirling's series from 16 on (DLMF 5.11.1); the next term is below 1e-17 there. */
double stat_stirling_error(double x) {
    static const double terms[] = {1.0 / 12,   -1.0 / 360,      1.0 / 1260, -1.0 / 1680,
                                   1.0 / 1188, -691.0 / 360360, 1.0 / 156};
    if (x < 16) return log_gamma(x + 1) - (x + 0.5) * log(x) + x - half_log_two_pi;
    double sum = 0;
    for (int i = 6; i >= 0; i--) sum = sum / (x * x) + terms[i];
    return sum / x;
}

double stat_half_step(double x) {
    return x * log1p(0.5 / x) + 0.5 * log(x) - 0.5 + stat_stirling_error(x + 0.5) -
           stat_stirling_error(x);
}

/* ---- quantiles ------------------------------------------------------------------------------- */

/* A distribution on the positive numbers, and the tail that a quantile is looked for in. */
typedef struct law {
    double (*cdf)(double x, double a, double b);
    double (*upper)(double x, double a, double b);
    double a, b;
    double log_p; /* of the tail */
    bool above;
} law;

/* How far the tail's logarithm is from what is wanted, at exp(u); rises with u. */
static double miss(const void *context, double u) {
    const law *l = context;
    const double x = exp(u);
    return l->above ? l->log_p - log(l->upper(x, l->a, l->b))
                    : log(l->cdf(x, l->a, l->b)) - l->log_p;
}

/* The x > 0 with this tail: over log x, where tails are nearly straight, in a bracket that is doubled until
 * it holds the place. Beyond 1e-300 and 1e150 it is called 0 and infinite: squares overflow. */
static double positive_quantile(law l) {
    const double lowest = -690, highest = 345;
    double lo = -1, hi = 1;
    while (lo > lowest && miss(&l, lo) > 0) {
        hi = lo;
        lo = fmax(2 * lo, lowest);
    }
    if (lo <= lowest && miss(&l, lo) > 0) return 0;
    while (hi < highest && miss(&l, hi) < 0) {
        lo = hi;
        hi = fmin(2 * hi, highest);
    }
    if (hi >= highest && miss(&l, hi) < 0) return HUGE_VAL;
    return exp(stat_root(miss, &l, lo, hi));
}

static double quantile(double p, law l) {
    if (p <= 0) return 0;
    if (p >= 1) return HUGE_VAL;
    l.above = p > 0.5;
    l.log_p = l.above ? log1p(-p) : log(p);
    return positive_quantile(l);
}

static bool is_chance(double p) { return p >= 0 && p <= 1; }
static bool is_positive(double x) { return x > 0 && isfinite(x); }

/* ---- Student --------------------------------------------------------------------------------- */

/* Beyond this many degrees the logarithms of the gamma function cancel and Hill's expansion is exact to
 * rounding. */
static const double many_degrees = 2000;

/* Hill, Algorithm 395: the normal deviate with the same upper tail. */
static double normal_deviate(double t, double df) {
    const double a = df - 0.5, b = 48 * a * a, y = a * log1p(t / df * t);
    const double higher = (((-0.4 * y - 3.3) * y - 24) * y - 85.5) / (0.8 * y * y + 100 + b);
    return ((higher + y + 3) / b + 1) * sqrt(y);
}

/* t > 0. The argument of the beta distribution is the smaller of x and 1 - x, which keeps its digits. */
static double student_upper(double t, double df, double unused) {
    (void)unused;
    if (isinf(df)) return cit_normal_cdf(-t);
    if (df > many_degrees) return cit_normal_cdf(-normal_deviate(t, df));
    const double square = t * t;
    return square > df ? 0.5 * cit_beta_cdf(df / (df + square), 0.5 * df, 0.5)
                       : 0.5 * cit_beta_upper(square / (df + square), 0.5, 0.5 * df);
}

double cit_t_upper(double t, double df) {
    if (!cit_known(t) || !(df > 0)) return CIT_UNKNOWN_NUMBER;
    if (t == 0) return 0.5;
    if (isinf(t)) return t > 0 ? 0 : 1;
    return t > 0 ? student_upper(t, df, 0) : 1 - student_upper(-t, df, 0);
}

double cit_t_cdf(double t, double df) { return cit_t_upper(-t, df); }

double cit_t_density(double t, double df) {
    if (!cit_known(t) || !(df > 0)) return CIT_UNKNOWN_NUMBER;
    if (isinf(df)) return exp(-0.5 * t * t - half_log_two_pi);
    const double x = 0.5 * df, front = stat_half_step(x) - 0.5 * log(x);
    return exp(front - half_log_two_pi - (x + 0.5) * log1p(t / df * t));
}

double cit_t_quantile(double p, double df) {
    if (!is_chance(p) || !(df > 0)) return CIT_UNKNOWN_NUMBER;
    if (p == 0.5) return 0;
    if (p == 0 || p == 1) return p == 0 ? -HUGE_VAL : HUGE_VAL;
    if (isinf(df)) return cit_normal_quantile(p);
    const double tail = p < 0.5 ? p : 1 - p;
    const double t = positive_quantile((law){NULL, student_upper, df, 0, log(tail), true});
    return p < 0.5 ? -t : t;
}

/* ---- gamma ----------------------------------------------------------------------------------- */

/* a ln(a / x) + x - a, without cancellation where x is near a (Loader's deviance). */
static double deviance(double a, double x) {
    const double v = (a - x) / (a + x);
    if (fabs(v) >= 0.1) return a * log(a / x) + x - a;
    double sum = (a - x) * v, power = 2 * a * v;
    for (int k = 1; k < 1000; k++) {
        power *= v * v;
        const double next = sum + power / (2 * k + 1);
        if (next == sum) break;
        sum = next;
    }
    return sum;
}

/* x^a e^-x / Gamma(a + 1). */
static double gamma_front(double a, double x) {
    return exp(-stat_stirling_error(a) - deviance(a, x) - half_log_two_pi - 0.5 * log(a));
}

enum { TERMS_MAX = 1000000 };

/* 1 + x / (a + 1) + x^2 / ((a + 1)(a + 2)) + ... */
static double gamma_series(double a, double x) {
    double sum = 1, term = 1;
    for (int k = 1; k < TERMS_MAX && term > sum * 0.1 * DBL_EPSILON; k++) {
        term *= x / (a + k);
        sum += term;
    }
    return sum;
}

static double not_zero(double v) { return fabs(v) < DBL_MIN ? DBL_MIN : v; }

/* Gamma(a, x) / (x^a e^-x) = 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - ...)), by Lentz's method. */
static double gamma_fraction(double a, double x) {
    double b = x + 1 - a, c = 1 / DBL_MIN, d = 1 / not_zero(b), value = d;
    for (int k = 1; k < TERMS_MAX; k++) {
        const double term = -k * (k - a);
        b += 2;
        d = 1 / not_zero(term * d + b);
        c = not_zero(b + term / c);
        value *= c * d;
        if (fabs(c * d - 1) < DBL_EPSILON) break;
    }
    return value;
}

static double gamma_cdf(double x, double a, double unused) {
    (void)unused;
    if (x <= 0) return 0;
    if (isinf(x)) return 1;
    return x < a + 1 ? gamma_front(a, x) * gamma_series(a, x)
                     : 1 - a * gamma_front(a, x) * gamma_fraction(a, x);
}

static double gamma_upper(double x, double a, double unused) {
    (void)unused;
    if (x <= 0) return 1;
    if (isinf(x)) return 0;
    return x < a + 1 ? 1 - gamma_front(a, x) * gamma_series(a, x)
                     : a * gamma_front(a, x) * gamma_fraction(a, x);
}

double cit_gamma_cdf(double x, double shape, double scale) {
    if (!cit_known(x) || !is_positive(shape) || !is_positive(scale)) return CIT_UNKNOWN_NUMBER;
    return gamma_cdf(x / scale, shape, 0);
}

double cit_gamma_upper(double x, double shape, double scale) {
    if (!cit_known(x) || !is_positive(shape) || !is_positive(scale)) return CIT_UNKNOWN_NUMBER;
    return gamma_upper(x / scale, shape, 0);
}

double cit_gamma_quantile(double p, double shape, double scale) {
    if (!is_chance(p) || !is_positive(shape) || !is_positive(scale)) return CIT_UNKNOWN_NUMBER;
    return scale * quantile(p, (law){gamma_cdf, gamma_upper, shape, 0, 0, false});
}

double cit_chi2_cdf(double x, double df) { return cit_gamma_cdf(x, 0.5 * df, 2); }
double cit_chi2_upper(double x, double df) { return cit_gamma_upper(x, 0.5 * df, 2); }
double cit_chi2_quantile(double p, double df) { return cit_gamma_quantile(p, 0.5 * df, 2); }

/* ---- F --------------------------------------------------------------------------------------- */

static double f_cdf(double f, double df1, double df2) {
    const double a = df1 * f, sum = a + df2;
    if (f <= 0) return 0;
    if (isinf(sum)) return 1;
    return a < df2 ? cit_beta_cdf(a / sum, 0.5 * df1, 0.5 * df2)
                   : cit_beta_upper(df2 / sum, 0.5 * df2, 0.5 * df1);
}

static double f_upper(double f, double df1, double df2) {
    const double a = df1 * f, sum = a + df2;
    if (f <= 0) return 1;
    if (isinf(sum)) return 0;
    return a < df2 ? cit_beta_upper(a / sum, 0.5 * df1, 0.5 * df2)
                   : cit_beta_cdf(df2 / sum, 0.5 * df2, 0.5 * df1);
}

double cit_f_cdf(double f, double df1, double df2) {
    if (!cit_known(f) || !is_positive(df1) || !is_positive(df2)) return CIT_UNKNOWN_NUMBER;
    return f_cdf(f, df1, df2);
}

double cit_f_upper(double f, double df1, double df2) {
    if (!cit_known(f) || !is_positive(df1) || !is_positive(df2)) return CIT_UNKNOWN_NUMBER;
    return f_upper(f, df1, df2);
}

double cit_f_quantile(double p, double df1, double df2) {
    if (!is_chance(p) || !is_positive(df1) || !is_positive(df2)) return CIT_UNKNOWN_NUMBER;
    return quantile(p, (law){f_cdf, f_upper, df1, df2, 0, false});
}

/* ---- binomial -------------------------------------------------------------------------------- */

static bool is_binomial(int people, double share) { return people >= 0 && is_chance(share); }

double cit_binomial_cdf(int k, int people, double share) {
    if (!is_binomial(people, share)) return CIT_UNKNOWN_NUMBER;
    if (k < 0) return 0;
    return k >= people ? 1 : cit_beta_upper(share, k + 1.0, (double)people - k);
}

double cit_binomial_upper(int k, int people, double share) {
    if (!is_binomial(people, share)) return CIT_UNKNOWN_NUMBER;
    if (k < 0) return 1;
    return k >= people ? 0 : cit_beta_cdf(share, k + 1.0, (double)people - k);
}

int cit_binomial_quantile(double p, int people, double share) {
    if (!is_binomial(people, share) || !is_chance(p)) return -1;
    int lo = 0, hi = people;
    while (lo < hi) {
        const int middle = lo + (hi - lo) / 2;
        const bool enough = p <= 0.5 ? cit_binomial_cdf(middle, people, share) >= p
                                     : cit_binomial_upper(middle, people, share) <= 1 - p;
        if (enough)
            hi = middle;
        else
            lo = middle + 1;
    }
    return lo;
}
