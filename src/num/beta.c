/* The beta distribution, and the exact interval for a share of people.
 *
 * The distribution function I_x(a, b) is x^a (1-x)^b / (a B(a, b)) over a continued fraction (DLMF
 * 8.17.22), which converges fast left of (a+1)/(a+b+2); right of it the mirror image is taken. The
 * fraction is worked from the front by Lentz's method, as Thompson and Barnett (J Comput Phys 1986;
 * 64:490-509) keep it from dividing by zero. */
#include <cit/num.h>
#include <float.h>

enum { TERMS_MAX = 200000, STEPS_MAX = 2200 };

static double log_gamma(double x) {
    int sign = 0;
    return lgamma_r(x, &sign);
}

/* x^a (1-x)^b / B(a, b). */
static double beta_front(double x, double a, double b) {
    return exp(a * log(x) + b * log1p(-x) + log_gamma(a + b) - log_gamma(a) - log_gamma(b));
}

static double not_zero(double v) { return fabs(v) < DBL_MIN ? DBL_MIN : v; }

/* 1 + d1/(1 + d2/(1 + ...)) */
static double beta_fraction(double x, double a, double b) {
    double value = 1, c = 1, d = 0;
    for (int i = 1; i <= TERMS_MAX; i++) {
        const double m = floor(0.5 * i), place = a + i;
        const double term = i % 2 == 1 ? -(a + m) * (a + b + m) * x / ((place - 1) * place)
                                       : m * (b - m) * x / ((place - 1) * place);
        d = 1 / not_zero(1 + term * d);
        c = not_zero(1 + term / c);
        value *= c * d;
        if (fabs(c * d - 1) < DBL_EPSILON) break;
    }
    return value;
}

static double beta_cdf(double x, double a, double b) {
    if (x <= 0) return 0;
    if (x >= 1) return 1;
    if (x > (a + 1) / (a + b + 2))
        return 1 - beta_front(1 - x, b, a) / (b * beta_fraction(1 - x, b, a));
    return beta_front(x, a, b) / (a * beta_fraction(x, a, b));
}

static double beta_upper(double x, double a, double b) {
    if (x <= 0) return 1;
    if (x >= 1) return 0;
    if (x > (a + 1) / (a + b + 2)) return beta_front(x, a, b) / (b * beta_fraction(1 - x, b, a));
    return 1 - beta_front(x, a, b) / (a * beta_fraction(x, a, b));
}

static bool beta_has(double x, double a, double b) {
    return cit_known(x) && a > 0 && b > 0 && isfinite(a + b);
}

double cit_beta_cdf(double x, double a, double b) {
    return beta_has(x, a, b) ? beta_cdf(x, a, b) : CIT_UNKNOWN_NUMBER;
}

double cit_beta_upper(double x, double a, double b) {
    return beta_has(x, a, b) ? beta_upper(x, a, b) : CIT_UNKNOWN_NUMBER;
}

/* Newton's steps where they stay in the bracket and at least halve; the bracket's middle otherwise. A
 * Newton step this small squares its error away. */
static double lower_quantile(double p, double a, double b) {
    const double small = 1e-10;
    double lo = 0, hi = 1, x = a / (a + b), step = 1;
    for (int i = 0; i < STEPS_MAX && x > lo && x < hi; i++) {
        const double miss = beta_cdf(x, a, b) - p;
        const double newton = x - miss * x * (1 - x) / beta_front(x, a, b);
        if (miss == 0) break;
        *(miss < 0 ? &lo : &hi) = x;
        const bool good = newton > lo && newton < hi && fabs(newton - x) <= 0.5 * step;
        const double next = good ? newton : lo + 0.5 * (hi - lo);
        step = fabs(next - x);
        x = next;
        if (good && step <= small * x) break;
    }
    return x;
}

double cit_beta_quantile(double p, double a, double b) {
    if (!(p >= 0 && p <= 1 && a > 0 && b > 0 && isfinite(a + b))) return CIT_UNKNOWN_NUMBER;
    if (p <= 0) return 0;
    if (p >= 1) return 1;
    return p <= 0.5 ? lower_quantile(p, a, b) : 1 - lower_quantile(1 - p, b, a);
}

/* The least share that `events` or more of `people` would still be seen under with this chance. */
static double least_share(int events, int people, double chance) {
    return events == 0 ? 0 : lower_quantile(chance, events, people - events + 1.0);
}

bool cit_exact_interval(int events, int people, double level, double *ret_lo, double *ret_hi) {
    if (people < 1 || events < 0 || events > people || !(level > 0 && level < 1)) return false;
    *ret_lo = least_share(events, people, 0.5 * (1 - level));
    *ret_hi = 1 - least_share(people - events, people, 0.5 * (1 - level));
    return true;
}
