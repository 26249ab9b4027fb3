/* How good a forecast was: CRPS and its closed forms, log scores, coverage, PIT.
 *
 * The ensemble's score is the integral of (F(x) - [x >= y])^2, summed over the steps of F, and its fair
 * version takes away what too few draws add: with G = E|X - X'| / 2 of the draws in hand and S the sum of
 * squared weights, independent draws scatter more by 1 / (1 - S) (n / (n - 1) where weights are equal). */
#include "statistics_impl.h"
#include <cit/num.h>
#include <stdlib.h>

static const double root_two_pi = 2.50662827463100050242, root_pi = 1.77245385090551602730;

/* ---- closed forms ------------------------------------------------------------------------------- */

static double normal_density(double z) { return exp(-0.5 * z * z) / root_two_pi; }

/* E|m + s Z|. */
static double folded(double m, double s) {
    if (!(s > 0)) return fabs(m);
    const double z = fabs(m) / s;
    return 2 * s * normal_density(z) + s * z * (1 - 2 * cit_normal_cdf(-z));
}

double cit_crps_normal(double mean, double sd, double seen) {
    if (!isfinite(mean) || !(sd >= 0 && isfinite(sd)) || !isfinite(seen)) return CIT_UNKNOWN_NUMBER;
    return folded(seen - mean, sd) - sd / root_pi;
}

double cit_crps_t(double location, double scale, double df, double seen) {
    if (!isfinite(location) || !(scale >= 0 && isfinite(scale)) || !isfinite(seen) || !(df > 1))
        return CIT_UNKNOWN_NUMBER;
    if (scale == 0 || isinf(df)) return cit_crps_normal(location, scale, seen);
    const double z = fabs(seen - location) / scale;
    const double body = z * (1 - 2 * cit_t_upper(z, df));
    const double tail = 2 * cit_t_density(z, df) * (df + z * z) / (df - 1);
    /* B(1/2, df - 1/2) / B(1/2, df / 2)^2 */
    const double betas = exp(2 * stat_half_step(0.5 * df) - stat_half_step(df - 0.5)) / root_pi;
    return scale * (body + tail - 2 * sqrt(df) / (df - 1) * betas);
}

double cit_log_score_normal(double mean, double sd, double seen) {
    if (!isfinite(mean) || !(sd > 0 && isfinite(sd)) || !isfinite(seen)) return CIT_UNKNOWN_NUMBER;
    const double z = (seen - mean) / sd;
    return log(root_two_pi) + log(sd) + 0.5 * z * z;
}

/* ---- mixtures of normals -------------------------------------------------------------------------- */

/* The sum of the weights; NAN for what is no mixture. */
static double total(const cit_mixture *m) {
    double sum = 0;
    for (int i = 0; i < m->n; i++) {
        const bool good = m->weight[i] >= 0 && isfinite(m->weight[i]) && isfinite(m->mean[i]) &&
                          m->sd[i] >= 0 && isfinite(m->sd[i]);
        if (!good) return CIT_UNKNOWN_NUMBER;
        sum += m->weight[i];
    }
    return sum > 0 ? sum : CIT_UNKNOWN_NUMBER;
}

double cit_mixture_mean(const cit_mixture *m) {
    const double all = total(m);
    double sum = 0;
    for (int i = 0; i < m->n; i++) sum += m->weight[i] * m->mean[i];
    return sum / all;
}

double cit_mixture_sd(const cit_mixture *m) {
    const double all = total(m), mean = cit_mixture_mean(m);
    double sum = 0;
    for (int i = 0; i < m->n; i++) {
        const double d = m->mean[i] - mean;
        sum += m->weight[i] * (m->sd[i] * m->sd[i] + d * d);
    }
    return sqrt(sum / all);
}

/* The weight of a tail: side 1, at or below x; -1, above. */
static double tail_weight(const cit_mixture *m, double x, double side) {
    double sum = 0;
    for (int i = 0; i < m->n; i++) {
        const double d = x - m->mean[i];
        const double step = (d >= 0) == (side > 0) ? 1 : 0;
        sum += m->weight[i] * (m->sd[i] > 0 ? cit_normal_cdf(side * d / m->sd[i]) : step);
    }
    return sum;
}

double cit_mixture_cdf(const cit_mixture *m, double x) {
    return cit_known(x) ? tail_weight(m, x, 1) / total(m) : CIT_UNKNOWN_NUMBER;
}

typedef struct mixture_tail {
    const cit_mixture *m;
    double side, wanted; /* weight of the tail */
} mixture_tail;

static double tail_miss(const void *context, double x) {
    const mixture_tail *t = context;
    return t->side * (tail_weight(t->m, x, t->side) - t->wanted);
}

double cit_mixture_quantile(const cit_mixture *m, double p) {
    const double all = total(m);
    if (!cit_known(all) || !(p >= 0 && p <= 1)) return CIT_UNKNOWN_NUMBER;
    if (p == 0 || p == 1) return p == 0 ? -HUGE_VAL : HUGE_VAL;
    const double z = cit_normal_quantile(p);
    double lo = HUGE_VAL, hi = -HUGE_VAL;
    for (int i = 0; i < m->n; i++) {
        if (!(m->weight[i] > 0)) continue;
        lo = fmin(lo, m->mean[i] + z * m->sd[i]);
        hi = fmax(hi, m->mean[i] + z * m->sd[i]);
    }
    const mixture_tail t = {m, p <= 0.5 ? 1 : -1, all * (p <= 0.5 ? p : 1 - p)};
    return stat_root(tail_miss, &t, lo, hi);
}

double cit_crps_mixture(const cit_mixture *m, double seen) {
    const double all = total(m);
    double error = 0, spread = 0;
    if (!cit_known(all) || !isfinite(seen)) return CIT_UNKNOWN_NUMBER;
    for (int i = 0; i < m->n; i++) {
        if (!(m->weight[i] > 0)) continue;
        error += m->weight[i] * folded(seen - m->mean[i], m->sd[i]);
        double row = m->weight[i] * m->sd[i] / root_pi;
        for (int j = 0; j < i; j++)
            if (m->weight[j] > 0)
                row += m->weight[j] * folded(m->mean[i] - m->mean[j], hypot(m->sd[i], m->sd[j]));
        spread += m->weight[i] * row;
    }
    return error / all - spread / all / all;
}

double cit_log_score_mixture(const cit_mixture *m, double seen) {
    const double all = total(m);
    double most = -HUGE_VAL, sum = 0;
    if (!cit_known(all) || !isfinite(seen)) return CIT_UNKNOWN_NUMBER;
    for (int i = 0; i < m->n; i++)
        if (m->weight[i] > 0) most = fmax(most, -cit_log_score_normal(m->mean[i], m->sd[i], seen));
    for (int i = 0; i < m->n; i++)
        if (m->weight[i] > 0)
            sum += m->weight[i] * exp(-cit_log_score_normal(m->mean[i], m->sd[i], seen) - most);
    return -most - log(sum / all);
}

/* ---- ensembles ----------------------------------------------------------------------------------- */

typedef struct draw {
    double value, weight;
} draw;

/* By value and then by weight, so that sums do not depend on the order given. */
static int by_value(const void *a, const void *b) {
    const draw *x = a, *y = b;
    if (x->value != y->value) return x->value > y->value ? 1 : -1;
    return (x->weight > y->weight) - (x->weight < y->weight);
}

/* Sorted, with weights that add up to 1. */
static cit_status sort_draws(const char *what, const double *values, const double *weight, int n,
                             draw **ret, cit_errors *errs) {
    cit_status st = stat_check_values(what, values, n, 1, errs);
    if (st == CIT_OK && weight != NULL) st = stat_check_weights(weight, n, errs);
    if (st != CIT_OK) return st;
    draw *draws = malloc((size_t)n * sizeof *draws);
    if (draws == NULL) return stat_no_memory(errs);
    double sum = 0;
    for (int i = 0; i < n; i++) draws[i] = (draw){values[i], weight == NULL ? 1 : weight[i]};
    qsort(draws, (size_t)n, sizeof *draws, by_value);
    for (int i = 0; i < n; i++) sum += draws[i].weight;
    for (int i = 0; i < n; i++) draws[i].weight /= sum;
    *ret = draws;
    return CIT_OK;
}

/* E|X - y|, and E|X - X'| / 2 as the integral of F (1 - F). */
static double error_of(const draw *draws, int n, double seen) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += draws[i].weight * fabs(draws[i].value - seen);
    return sum;
}

static double spread_of(const draw *draws, int n) {
    double sum = 0, below = 0, above = 1;
    for (int i = 0; i + 1 < n; i++) {
        below += draws[i].weight;
        above = fmax(1 - below, 0);
        sum += below * above * (draws[i + 1].value - draws[i].value);
    }
    return sum;
}

/* The integral of (F - [x >= y])^2: nothing cancels. */
static double integral_of(const draw *draws, int n, double seen) {
    double sum = fmax(draws[0].value - seen, 0) + fmax(seen - draws[n - 1].value, 0), below = 0;
    for (int i = 0; i + 1 < n; i++) {
        const double a = draws[i].value, b = draws[i + 1].value;
        const double turn = fmin(fmax(seen, a), b);
        below += draws[i].weight;
        sum += below * below * (turn - a) + (1 - below) * (1 - below) * (b - turn);
    }
    return sum;
}

/* How much more independent draws scatter than these, less 1; below 0 where there is but one. */
static double fair_excess(const draw *draws, int n) {
    double squares = 0;
    for (int i = 0; i < n; i++) squares += draws[i].weight * draws[i].weight;
    return squares < 1 ? squares / (1 - squares) : -1;
}

static cit_status one_draw(cit_errors *errs) {
    return cit_fail(errs, CIT_INVALID, "draws", "one draw has no fair score");
}

cit_status cit_crps_ensemble(const double *values, const double *weight, int n, double seen,
                             bool fair, double *ret, cit_errors *errs) {
    draw *draws = NULL;
    cit_status st = CIT_OK;
    CIT_TRY(stat_check_values("what was seen", &seen, 1, 1, errs));
    CIT_TRY(sort_draws("draws", values, weight, n, &draws, errs));
    const double excess = fair ? fair_excess(draws, n) : 0;
    if (excess < 0) CIT_TRY(one_draw(errs));
    *ret = integral_of(draws, n, seen) - (fair ? excess * spread_of(draws, n) : 0);
done:
    free(draws);
    return st;
}

/* E|A - B| / 2 = integral of F_a (1 - F_b) + F_b (1 - F_a), halved. */
static double cross_spread(const draw *a, int na, const draw *b, int nb) {
    double fa = 0, fb = 0, sum = 0, last = fmin(a[0].value, b[0].value);
    for (int i = 0, j = 0; i < na || j < nb;) {
        const bool from_a = j == nb || (i < na && a[i].value <= b[j].value);
        const double x = from_a ? a[i].value : b[j].value;
        sum += 0.5 * (fa * (1 - fb) + fb * (1 - fa)) * (x - last);
        last = x;
        if (from_a)
            fa = i + 1 == na ? 1 : fa + a[i].weight;
        else
            fb = j + 1 == nb ? 1 : fb + b[j].weight;
        *(from_a ? &i : &j) += 1;
    }
    return sum;
}

cit_status cit_crps_blend(const double *a, int na, const double *b, int nb, double seen, bool fair,
                          cit_blend *ret, cit_errors *errs) {
    draw *x = NULL, *y = NULL;
    cit_status st = CIT_OK;
    CIT_TRY(stat_check_values("what was seen", &seen, 1, 1, errs));
    CIT_TRY(sort_draws("first draws", a, NULL, na, &x, errs));
    CIT_TRY(sort_draws("second draws", b, NULL, nb, &y, errs));
    const double more_x = fair ? fair_excess(x, na) : 0, more_y = fair ? fair_excess(y, nb) : 0;
    if (more_x < 0 || more_y < 0) CIT_TRY(one_draw(errs));
    *ret = (cit_blend){.error_a = error_of(x, na, seen),
                       .error_b = error_of(y, nb, seen),
                       .spread_a = spread_of(x, na) * (1 + more_x),
                       .spread_b = spread_of(y, nb) * (1 + more_y),
                       .spread_ab = cross_spread(x, na, y, nb)};
done:
    free(x);
    free(y);
    return st;
}

double cit_crps_blend_at(const cit_blend *s, double w) {
    if (!(w >= 0 && w <= 1)) return CIT_UNKNOWN_NUMBER;
    const double v = 1 - w;
    return v * s->error_a + w * s->error_b -
           (v * v * s->spread_a + w * w * s->spread_b + 2 * v * w * s->spread_ab);
}

/* ---- calibration ----------------------------------------------------------------------------------- */

cit_status cit_test_coverage(const double *lo, const double *hi, const double *seen, int n,
                             double nominal, double level, cit_test_result *ret, cit_errors *errs) {
    int inside = 0;
    cit_status st = stat_check_values("what was seen", seen, n, 1, errs);
    for (int i = 0; st == CIT_OK && i < n; i++) {
        if (!(lo[i] <= hi[i]))
            st = cit_fail(errs, CIT_INVALID, "intervals", "number %d, %g to %g, is none", i + 1,
                          lo[i], hi[i]);
        inside += lo[i] <= seen[i] && seen[i] <= hi[i];
    }
    return st == CIT_OK ? cit_test_share(inside, n, nominal, level, ret, errs) : st;
}

double cit_pit_ensemble(const double *draws, int n, double seen, double u) {
    int below = 0, equal = 0;
    if (n < 1 || !cit_known(seen) || !(u >= 0 && u < 1)) return CIT_UNKNOWN_NUMBER;
    for (int i = 0; i < n; i++) {
        if (!cit_known(draws[i])) return CIT_UNKNOWN_NUMBER;
        below += draws[i] < seen;
        equal += draws[i] == seen;
    }
    return (below + u * (equal + 1.0)) / (n + 1.0);
}

cit_status cit_test_uniform(const double *pit, int n, int bins, int *counts, cit_test_result *ret,
                            cit_errors *errs) {
    const double none = CIT_UNKNOWN_NUMBER;
    const cit_status st = stat_check_values("PIT", pit, n, 1, errs);
    if (st != CIT_OK) return st;
    if (bins < 2 || bins > n)
        return cit_fail(errs, CIT_INVALID, "PIT", "%d bins for %d values", bins, n);
    for (int i = 0; i < n; i++)
        if (pit[i] < 0 || pit[i] > 1)
            return cit_fail(errs, CIT_INVALID, "PIT", "value %d, %g, is not from 0 to 1", i + 1,
                            pit[i]);
    for (int k = 0; k < bins; k++) counts[k] = 0;
    for (int i = 0; i < n; i++) counts[(int)fmin(pit[i] * bins, bins - 1)]++;
    const double expected = (double)n / bins;
    double sum = 0;
    for (int k = 0; k < bins; k++)
        sum += (counts[k] - expected) * (counts[k] - expected) / expected;
    *ret = (cit_test_result){
        none, none, none, none, none, sum, bins - 1, cit_chi2_upper(sum, bins - 1), n, false};
    return CIT_OK;
}
