/* The non-central t distribution, and the power of a t test.
 *
 *   P(T <= t) = integral of Phi(s t - delta) over the distribution of s = sqrt(chi^2 / df)
 *
 * Over u = log s the density of s is C exp(df (u - (e^2u - 1) / 2)), C = 2 sqrt(z / 2 pi) e^-d(z) with
 * z = df / 2 and d Stirling's error, so that nothing large cancels. The integrand has one hill. It is found,
 * its ends are put where it has fallen by e^-42, and equal steps are taken between them: for a function
 * that is analytic and dies out on both sides that rule converges exponentially. Lenth's series (Appl Stat
 * 1989; 38:185-189) was not taken: it loses the upper tail. */
#include "statistics_impl.h"

typedef struct tail {
    double t, df, delta;
    double side; /* 1: the chance of t or less; -1: of more */
} tail;

/* ln Phi(z), also where Phi(z) is below the smallest number. */
static double log_normal_cdf(double z) {
    const double half_log_two_pi = 0.91893853320467274178;
    if (z > -37) return log(cit_normal_cdf(z));
    return -0.5 * z * z - half_log_two_pi - log(-z) + log1p((-1 + 3 / (z * z)) / (z * z));
}

static double log_density(const tail *q, double u) { return q->df * (u - 0.5 * expm1(2 * u)); }

static double normal_place(const tail *q, double u) { return q->side * (q->t * exp(u) - q->delta); }

static double log_integrand(const tail *q, double u) {
    return log_normal_cdf(normal_place(q, u)) + log_density(q, u);
}

/* The top of the hill between two places, by golden section. */
static double top_between(const tail *q, double a, double b) {
    const double golden = 0.61803398874989484820;
    double c = b - golden * (b - a), d = a + golden * (b - a);
    double fc = log_integrand(q, c), fd = log_integrand(q, d);
    for (int i = 0; i < 80; i++) {
        if (fc > fd) {
            b = d;
            d = c;
            fd = fc;
            c = b - golden * (b - a);
            fc = log_integrand(q, c);
        } else {
            a = c;
            c = d;
            fc = fd;
            d = a + golden * (b - a);
            fd = log_integrand(q, d);
        }
    }
    return 0.5 * (a + b);
}

/* Where the hill has sunk from the top by so much: outward in doubling strides, then halving. */
static double foot(const tail *q, double top, double stride) {
    const double wanted = log_integrand(q, top) - 42;
    double near = 0, far = stride;
    while (log_integrand(q, top + far) > wanted) {
        near = far;
        far *= 2;
    }
    for (int i = 0; i < 30; i++) {
        const double middle = 0.5 * (near + far);
        *(log_integrand(q, top + middle) > wanted ? &near : &far) = middle;
    }
    return top + far;
}

/* t >= 0. */
static double integral(const tail *q) {
    enum { FEWEST = 256, MOST = 400000 };
    const double pi = 3.14159265358979323846, width = 1 / sqrt(2 * q->df);
    const double size = fabs(q->delta), lowest = -log1p(q->t) - log1p(size) - 5 - 5 / q->df;
    const double top = top_between(q, lowest, log(2 + size));
    const double lo = foot(q, top, -width), hi = foot(q, top, width);
    /* the normal's own step, where s t = delta, has width 1 / delta */
    const double wanted = ceil((hi - lo) * fmax(10, 2 * size));
    const int steps = (int)fmin(fmax(wanted, FEWEST), MOST);
    const double h = (hi - lo) / steps, z = 0.5 * q->df;
    double sum = 0;
    for (int i = 0; i <= steps; i++) {
        const double u = lo + i * h;
        sum += cit_normal_cdf(normal_place(q, u)) * exp(log_density(q, u));
    }
    return h * sum * 2 * sqrt(z / (2 * pi)) * exp(-stat_stirling_error(z));
}

static bool can_be(double t, double df, double delta) {
    return cit_known(t) && df >= 0.5 && isfinite(delta);
}

static double one_tail(double t, double df, double delta, double side) {
    if (isinf(t)) return (t > 0) == (side > 0) ? 1 : 0;
    if (isinf(df) || t == 0) return cit_normal_cdf(side * (t - delta));
    const tail q = t > 0 ? (tail){t, df, delta, side} : (tail){-t, df, -delta, -side};
    return fmin(integral(&q), 1);
}

double cit_noncentral_t_cdf(double t, double df, double delta) {
    return can_be(t, df, delta) ? one_tail(t, df, delta, 1) : CIT_UNKNOWN_NUMBER;
}

double cit_noncentral_t_upper(double t, double df, double delta) {
    return can_be(t, df, delta) ? one_tail(t, df, delta, -1) : CIT_UNKNOWN_NUMBER;
}

typedef struct wanted_tail {
    double df, delta, side, log_p;
} wanted_tail;

/* Rises with t, whichever tail is looked at. */
static double tail_miss(const void *context, double t) {
    const wanted_tail *w = context;
    return w->side * (log(one_tail(t, w->df, w->delta, w->side)) - w->log_p);
}

double cit_noncentral_t_quantile(double p, double df, double delta) {
    if (!can_be(0, df, delta) || !(p >= 0 && p <= 1)) return CIT_UNKNOWN_NUMBER;
    if (p == 0 || p == 1) return p == 0 ? -HUGE_VAL : HUGE_VAL;
    const wanted_tail w = {df, delta, p <= 0.5 ? 1 : -1, p <= 0.5 ? log(p) : log1p(-p)};
    const double far = 1e150;
    double below = 1, above = 1;
    while (below < far && tail_miss(&w, delta - below) > 0) below *= 2;
    while (above < far && tail_miss(&w, delta + above) < 0) above *= 2;
    return stat_root(tail_miss, &w, delta - below, delta + above);
}

double cit_power_t(double delta, double df, double alpha, int sides) {
    if (!can_be(0, df, delta) || !(alpha > 0 && alpha < 1) || (sides != 1 && sides != 2))
        return CIT_UNKNOWN_NUMBER;
    const double edge = -cit_t_quantile(alpha / sides, df);
    const double up = cit_noncentral_t_upper(edge, df, delta);
    return sides == 1 ? up : up + cit_noncentral_t_cdf(-edge, df, delta);
}
