/* Importance weights: how many draws they are worth, their smoothed tail, resampling. */
#include "statistics_impl.h"
#include <float.h>
#include <stdlib.h>

double cit_effective_size(const double *weight, int n) {
    if (n < 1 || stat_check_weights(weight, n, NULL) != CIT_OK) return CIT_UNKNOWN_NUMBER;
    double most = 0, sum = 0, squares = 0;
    for (int i = 0; i < n; i++) most = fmax(most, weight[i]);
    for (int i = 0; i < n; i++) {
        const double w = weight[i] / most;
        sum += w;
        squares += w * w;
    }
    return sum * sum / squares;
}

/* ---- the generalised Pareto distribution ------------------------------------------------------------ */

/* The likelihood's profile at theta = -k / scale: k, and ln likelihood per value. */
static double shape_at(const double *x, int n, double theta) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += log1p(-theta * x[i]);
    return sum / n;
}

/* Zhang and Stephens' estimate from n ascending values above 0: the mean of theta over a grid, weighted by
 * the profile likelihood. The grid has 30 + sqrt n points where they took 20, as in Vehtari and others. */
static double fit_theta(const double *x, int n) {
    const int points = 30 + (int)sqrt(n);
    const double quartile = x[(int)(n / 4.0 + 0.5) - 1], largest = x[n - 1];
    double most = -HUGE_VAL, sum = 0, mean = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int j = 0; j < points; j++) {
            const double theta = 1 / largest + (1 - sqrt(points / (j + 0.5))) / (3 * quartile);
            const double k = shape_at(x, n, theta);
            const double likelihood = n * (log(-theta / k) - k - 1);
            if (pass == 0)
                most = fmax(most, likelihood);
            else {
                const double weight = exp(likelihood - most);
                sum += weight;
                mean += weight * theta;
            }
        }
    return mean / sum;
}

/* The p-quantile above the threshold. */
static double pareto_quantile(double p, double k, double scale) {
    return k == 0 ? -scale * log1p(-p) : scale * expm1(-k * log1p(-p)) / k;
}

/* ---- Pareto-smoothed importance sampling ------------------------------------------------------------- */

typedef struct ratio {
    double log;
    int at;
} ratio;

static int by_log(const void *a, const void *b) {
    const ratio *x = a, *y = b;
    if (x->log != y->log) return x->log > y->log ? 1 : -1;
    return (x->at > y->at) - (x->at < y->at);
}

static cit_status check_ratios(const double *log_ratio, int n, double *ret_most, cit_errors *errs) {
    double most = -HUGE_VAL;
    if (n < 1) return cit_fail(errs, CIT_INVALID, "weights", "there are none");
    for (int i = 0; i < n; i++) {
        if (!(log_ratio[i] < HUGE_VAL))
            return cit_fail(errs, CIT_INVALID, "weights", "the logarithm of number %d is %g", i + 1,
                            log_ratio[i]);
        most = fmax(most, log_ratio[i]);
    }
    if (isinf(most)) return cit_fail(errs, CIT_INVALID, "weights", "no weight is above 0");
    *ret_most = most;
    return CIT_OK;
}

/* Smooths weights[0] to [tail - 1], ascending and at most 1, above the one below them. Gives the shape; NAN
 * where they do not let it be fitted, and then leaves them as they are. */
static double smooth(double *weights, int tail, double cutoff) {
    const double weak_prior = 10; /* as many values at 0.5 (Vehtari and others 2024, appendix) */
    double shape = CIT_UNKNOWN_NUMBER;
    if (tail < 5 || !(weights[tail - 1] - weights[0] > 0.01 * DBL_EPSILON)) return shape;
    double *x = malloc((size_t)tail * sizeof *x);
    if (x == NULL) return HUGE_VAL;
    for (int i = 0; i < tail; i++) x[i] = weights[i] - cutoff;
    if (x[(int)(tail / 4.0 + 0.5) - 1] > 0) {
        const double theta = fit_theta(x, tail), k = shape_at(x, tail, theta);
        const double scale = -k / theta;
        shape = (k * tail + 0.5 * weak_prior) / (tail + weak_prior);
        for (int i = 0; isfinite(shape) && i < tail; i++)
            weights[i] = fmin(cutoff + pareto_quantile((i + 0.5) / tail, shape, scale), 1);
    }
    free(x);
    return isfinite(shape) ? shape : CIT_UNKNOWN_NUMBER;
}

static int tail_size(int n) { return (int)ceil(fmin(0.2 * n, 3 * sqrt(n))); }

static void hand_out(const ratio *sorted, const double *raw, int n, double *weight) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += raw[i];
    for (int i = 0; i < n; i++) weight[sorted[i].at] = raw[i] / sum;
}

cit_status cit_psis_weights(const double *log_ratio, int n, double *weight, cit_psis *ret,
                            cit_errors *errs) {
    ratio *sorted = NULL;
    double *raw = NULL, most = 0;
    cit_status st = CIT_OK;
    CIT_TRY(check_ratios(log_ratio, n, &most, errs));
    sorted = malloc((size_t)n * sizeof *sorted);
    raw = malloc((size_t)n * sizeof *raw);
    if (sorted == NULL || raw == NULL) CIT_TRY(stat_no_memory(errs));
    for (int i = 0; i < n; i++) sorted[i] = (ratio){log_ratio[i] - most, i};
    qsort(sorted, (size_t)n, sizeof *sorted, by_log);
    for (int i = 0; i < n; i++) raw[i] = exp(sorted[i].log);
    const int tail = tail_size(n);
    const double k =
        tail < n ? smooth(raw + n - tail, tail, raw[n - tail - 1]) : CIT_UNKNOWN_NUMBER;
    if (isinf(k)) CIT_TRY(stat_no_memory(errs));
    hand_out(sorted, raw, n, weight);
    *ret = (cit_psis){.k = k,
                      .threshold = fmin(1 - 1 / log10(n), 0.7),
                      .effective_size = cit_effective_size(weight, n),
                      .tail = cit_known(k) ? tail : 0};
done:
    free(sorted);
    free(raw);
    return st;
}

/* ---- resampling --------------------------------------------------------------------------------------- */

cit_status cit_resample(const double *weight, int n, double u, int count, int *ret,
                        cit_errors *errs) {
    const cit_status st = stat_check_weights(weight, n, errs);
    if (st != CIT_OK) return st;
    if (count < 1 || !(u >= 0 && u < 1))
        return cit_fail(errs, CIT_INVALID, "resampling", "%d places from u = %g", count, u);
    double sum = 0, upto = weight[0];
    int at = 0, last = 0; /* last: of a weight above 0 */
    for (int i = 0; i < n; i++) {
        sum += weight[i];
        if (weight[i] > 0) last = i;
    }
    for (int i = 0; i < count; i++) {
        const double place = (i + u) / count * sum;
        while (at < last && upto <= place) upto += weight[++at];
        ret[i] = at;
    }
    return CIT_OK;
}
