/* A parameter's distribution, as a quantile function: the same probability always gives the same
 * value, and a higher probability a higher value, which is what rank statistics and common random
 * numbers need. */
#include <cit/base.h>
#include <math.h>
#include <string.h>

const char *const cit_spread_choices[] = {"fixed",   "normal",      "lognormal",
                                          "uniform", "log-uniform", NULL};
const char *const cit_level_choices[] = {"shared", "person", NULL};

bool cit_param_is_assumed(const cit_param *param) {
    return strstr(param->source, "assumed") != NULL;
}

/* The normal distribution with this mean and deviation, cut to [lo, hi]. */
static double cut_normal(double mean, double deviation, double lo, double hi, double u) {
    if (deviation <= 0 || hi <= lo) return mean;
    const double p_lo = cit_normal_cdf((lo - mean) / deviation);
    const double p_hi = cit_normal_cdf((hi - mean) / deviation);
    return mean + deviation * cit_normal_quantile(p_lo + u * (p_hi - p_lo));
}

static double quantile(const cit_param *param, double u) {
    switch (param->spread) {
    case CIT_FIXED:
        return param->value;
    case CIT_NORMAL:
        return cut_normal(param->value, param->width, param->lo, param->hi, u);
    case CIT_LOGNORMAL:
        return exp(cut_normal(log(param->value), param->width, log(fmax(param->lo, 1e-300)),
                              log(param->hi), u));
    case CIT_UNIFORM:
        return param->lo + u * (param->hi - param->lo);
    case CIT_LOG_UNIFORM:
        return param->lo * pow(param->hi / param->lo, u);
    }
    return param->value;
}

/* Rounding in exp, pow and the tails may step over the bounds; a draw never does. */
double cit_param_quantile(const cit_param *param, double u) {
    if (param->spread == CIT_FIXED) return param->value;
    return fmin(fmax(quantile(param, u), param->lo), param->hi);
}
