/* Random-effects meta-analysis with known sampling variances, with one regressor if asked.
 *
 *   y_i ~ N(mean + slope x_i, v_i + tau^2)
 *
 * Given tau the coefficients are normal with precision P = P0 + X' W X, W = 1 / (v + tau^2), and the
 * marginal likelihood of tau is
 *
 *   prod W_i^(1/2) |P|^(-1/2) exp(-(sum W_i r_i^2 + (b - b0)' P0 (b - b0)) / 2)
 *
 * with r the residuals at the coefficients' mean b: sums of squares, nothing cancels. A flat prior has P0 =
 * 0. What the studies say of tau is smooth on the scale of tau itself or of the smallest standard error, so
 * the panels of the quadrature shrink towards 0 by sqrt(2) each. */
#include "statistics_impl.h"
#include <cit/num.h>

enum { PANELS = CIT_META_NODES / CIT_GAUSS_POINTS };
_Static_assert(PANELS *CIT_GAUSS_POINTS == CIT_META_NODES, "panels of eight nodes");

static cit_status check_studies(const cit_study_result *studies, int n, int least,
                                cit_errors *errs) {
    if (n < least)
        return cit_fail(errs, CIT_INVALID, "studies", "%d, at least %d needed", n, least);
    for (int i = 0; i < n; i++) {
        const cit_study_result *s = &studies[i];
        if (!isfinite(s->estimate) || !isfinite(s->regressor))
            return cit_fail(errs, CIT_INVALID, "studies", "number %d has no finite estimate",
                            i + 1);
        if (!(s->variance > 0 && isfinite(s->variance)))
            return cit_fail(errs, CIT_INVALID, "studies", "number %d has variance %g", i + 1,
                            s->variance);
    }
    return CIT_OK;
}

/* ---- Bayes ------------------------------------------------------------------------------------- */

static cit_status check_prior(const cit_meta_prior *prior, cit_errors *errs) {
    const bool good = prior->tau_scale > 0 && isfinite(prior->tau_scale) && isfinite(prior->mean) &&
                      prior->mean_sd >= 0 && isfinite(prior->mean_sd) && prior->slope_sd >= 0 &&
                      isfinite(prior->slope_sd);
    return good ? CIT_OK
                : cit_fail(errs, CIT_INVALID, "prior", "scale of tau %g, mean %g, sd %g and %g",
                           prior->tau_scale, prior->mean, prior->mean_sd, prior->slope_sd);
}

/* With a flat slope two different regressors must be there, with a flat mean too. */
static cit_status check_regressors(const cit_study_result *studies, int n,
                                   const cit_meta_prior *prior, cit_errors *errs) {
    if (!prior->regress || prior->slope_sd > 0) return CIT_OK;
    for (int i = 0; i < n; i++) {
        const double x = studies[i].regressor;
        if (prior->mean_sd > 0 ? x != 0 : x != studies[0].regressor) return CIT_OK;
    }
    return cit_fail(errs, CIT_INVALID, "studies",
                    "the regressor does not vary and the slope is flat");
}

static double precision(double sd) { return sd > 0 ? 1 / (sd * sd) : 0; }

/* Mean and slope given tau, and the logarithm of what tau's posterior is proportional to. */
typedef struct given_tau {
    double mean, slope, var_mean, var_slope, covariance, log_posterior;
} given_tau;

static given_tau solve(const cit_study_result *studies, int n, const cit_meta_prior *prior,
                       double tau) {
    const double p_mean = precision(prior->mean_sd), p_slope = precision(prior->slope_sd);
    double a = p_mean, b = 0, c = p_slope, y0 = p_mean * prior->mean, y1 = 0, logs = 0;
    for (int i = 0; i < n; i++) {
        const double w = 1 / (studies[i].variance + tau * tau);
        const double x = prior->regress ? studies[i].regressor : 0;
        a += w;
        b += w * x;
        c += w * x * x;
        y0 += w * studies[i].estimate;
        y1 += w * x * studies[i].estimate;
        logs += log(w);
    }
    given_tau g = {0};
    const double determinant = prior->regress ? a * c - b * b : a;
    g.var_mean = prior->regress ? c / determinant : 1 / a;
    g.var_slope = prior->regress ? a / determinant : 0;
    g.covariance = prior->regress ? -b / determinant : 0;
    g.mean = g.var_mean * y0 + g.covariance * y1;
    g.slope = g.covariance * y0 + g.var_slope * y1;
    const double off = g.mean - prior->mean;
    double squares = p_mean * off * off + (prior->regress ? p_slope * g.slope * g.slope : 0);
    for (int i = 0; i < n; i++) {
        const double r = studies[i].estimate - g.mean - g.slope * studies[i].regressor;
        squares += r * r / (studies[i].variance + tau * tau);
    }
    const double t = tau / prior->tau_scale;
    g.log_posterior = 0.5 * (logs - log(determinant) - squares - t * t);
    return g;
}

/* Beyond this tau the posterior is nothing: the prior's tail, and where that tail meets the scatter of the
 * estimates, tau^4 = scale^2 times their sum of squares. */
static double highest_tau(const cit_study_result *studies, int n, const cit_meta_prior *prior) {
    double mean = 0, squares = 0;
    for (int i = 0; i < n; i++) mean += studies[i].estimate / n;
    if (prior->mean_sd > 0) squares = (mean - prior->mean) * (mean - prior->mean) * n;
    for (int i = 0; i < n; i++)
        squares += (studies[i].estimate - mean) * (studies[i].estimate - mean);
    return 8 * prior->tau_scale + sqrt(prior->tau_scale * sqrt(squares));
}

static void place_nodes(double highest, double nodes[CIT_META_NODES],
                        double weights[CIT_META_NODES]) {
    double hi = highest;
    for (int k = PANELS - 1; k >= 0; k--) {
        const double lo = k == 0 ? 0 : hi / sqrt(2);
        cit_gauss(lo, hi, nodes + k * CIT_GAUSS_POINTS, weights + k * CIT_GAUSS_POINTS);
        hi = lo;
    }
}

static void normalise(cit_meta *m, const double *log_posterior) {
    double most = -HUGE_VAL, sum = 0, square = 0;
    for (int k = 0; k < CIT_META_NODES; k++) most = fmax(most, log_posterior[k]);
    for (int k = 0; k < CIT_META_NODES; k++) {
        m->weight[k] *= exp(log_posterior[k] - most);
        sum += m->weight[k];
    }
    m->tau_mean = 0;
    for (int k = 0; k < CIT_META_NODES; k++) {
        m->weight[k] /= sum;
        m->tau_mean += m->weight[k] * m->tau[k];
    }
    for (int k = 0; k < CIT_META_NODES; k++)
        square += m->weight[k] * (m->tau[k] - m->tau_mean) * (m->tau[k] - m->tau_mean);
    m->tau_sd = sqrt(square);
}

cit_status cit_meta_fit(const cit_study_result *studies, int n, const cit_meta_prior *prior,
                        cit_meta *ret, cit_errors *errs) {
    double log_posterior[CIT_META_NODES];
    cit_status st = check_studies(studies, n, 1, errs);
    if (st == CIT_OK) st = check_prior(prior, errs);
    if (st == CIT_OK) st = check_regressors(studies, n, prior, errs);
    if (st != CIT_OK) return st;
    place_nodes(highest_tau(studies, n, prior), ret->tau, ret->weight);
    for (int k = 0; k < CIT_META_NODES; k++) {
        const given_tau g = solve(studies, n, prior, ret->tau[k]);
        ret->mean[k] = g.mean;
        ret->slope[k] = g.slope;
        ret->var_mean[k] = g.var_mean;
        ret->var_slope[k] = g.var_slope;
        ret->covariance[k] = g.covariance;
        log_posterior[k] = g.log_posterior;
    }
    normalise(ret, log_posterior);
    ret->studies = n;
    return CIT_OK;
}

void cit_meta_mean(const cit_meta *fit, double regressor, double mean[CIT_META_NODES],
                   double sd[CIT_META_NODES]) {
    for (int k = 0; k < CIT_META_NODES; k++) {
        const double v =
            fit->var_mean[k] + regressor * (2 * fit->covariance[k] + regressor * fit->var_slope[k]);
        mean[k] = fit->mean[k] + regressor * fit->slope[k];
        sd[k] = sqrt(fmax(v, 0));
    }
}

void cit_meta_predict(const cit_meta *fit, double regressor, double variance,
                      double mean[CIT_META_NODES], double sd[CIT_META_NODES]) {
    cit_meta_mean(fit, regressor, mean, sd);
    for (int k = 0; k < CIT_META_NODES; k++)
        sd[k] = sqrt(sd[k] * sd[k] + fit->tau[k] * fit->tau[k] + variance);
}

/* ---- DerSimonian and Laird ----------------------------------------------------------------------- */

typedef struct pooled {
    double weight, squares, mean; /* sums of weights and of their squares */
} pooled;

static pooled pool(const cit_study_result *studies, int n, double tau2) {
    pooled p = {0, 0, 0};
    for (int i = 0; i < n; i++) {
        const double w = 1 / (studies[i].variance + tau2);
        p.weight += w;
        p.squares += w * w;
        p.mean += w * studies[i].estimate;
    }
    p.mean /= p.weight;
    return p;
}

cit_status cit_meta_dersimonian_laird(const cit_study_result *studies, int n, double level,
                                      cit_heterogeneity *ret, cit_errors *errs) {
    cit_status st = check_studies(studies, n, 2, errs);
    if (st == CIT_OK) st = stat_check_level(level, errs);
    if (st != CIT_OK) return st;
    const pooled fixed = pool(studies, n, 0);
    double q = 0;
    for (int i = 0; i < n; i++) {
        const double r = studies[i].estimate - fixed.mean;
        q += r * r / studies[i].variance;
    }
    const double df = n - 1, scale = fixed.weight - fixed.squares / fixed.weight;
    const double tau2 = fmax((q - df) / scale, 0);
    const pooled random = pool(studies, n, tau2);
    const double se = sqrt(1 / random.weight), z = cit_normal_quantile(0.5 + 0.5 * level);
    const double reach = n < 3 ? CIT_UNKNOWN_NUMBER
                               : cit_t_quantile(0.5 + 0.5 * level, n - 2) * hypot(sqrt(tau2), se);
    *ret = (cit_heterogeneity){.estimate = random.mean,
                               .se = se,
                               .lo = random.mean - z * se,
                               .hi = random.mean + z * se,
                               .q = q,
                               .df = df,
                               .p = cit_chi2_upper(q, df),
                               .tau2 = tau2,
                               .i2 = q > df ? (q - df) / q : 0,
                               .new_lo = random.mean - reach,
                               .new_hi = random.mean + reach};
    return CIT_OK;
}
