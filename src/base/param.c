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

cit_law cit_param_law(const cit_param *param) {
    cit_law law = {
        .spread = param->spread, .value = param->value, .lo = param->lo, .hi = param->hi};
    const bool logs = param->spread == CIT_LOGNORMAL || param->spread == CIT_LOG_UNIFORM;
    const double lo = logs ? log(fmax(param->lo, 1e-300)) : param->lo;
    const double hi = logs ? log(param->hi) : param->hi;
    switch (param->spread) {
    case CIT_NORMAL:
    case CIT_LOGNORMAL:
        law.middle = logs ? log(param->value) : param->value;
        law.scale = param->width;
        if (!(law.scale > 0) || !(hi > lo)) {
            law.spread = CIT_FIXED;
            break;
        }
        law.p_lo = cit_normal_cdf((lo - law.middle) / law.scale);
        law.p_range = cit_normal_cdf((hi - law.middle) / law.scale) - law.p_lo;
        break;
    case CIT_UNIFORM:
    case CIT_LOG_UNIFORM:
        law.middle = lo;
        law.scale = hi - lo;
        break;
    default:
        break;
    }
    return law;
}

/* Rounding in exp and the tails may step over the bounds; a draw never does. */
double cit_law_quantile(const cit_law *law, double u) {
    double x = law->value;
    switch (law->spread) {
    case CIT_NORMAL:
    case CIT_LOGNORMAL:
        x = law->middle + law->scale * cit_normal_quantile(law->p_lo + u * law->p_range);
        break;
    case CIT_UNIFORM:
    case CIT_LOG_UNIFORM:
        x = law->middle + law->scale * u;
        break;
    default:
        return x;
    }
    if (law->spread == CIT_LOGNORMAL || law->spread == CIT_LOG_UNIFORM) x = exp(x);
    return fmin(fmax(x, law->lo), law->hi);
}

double cit_param_quantile(const cit_param *param, double u) {
    const cit_law law = cit_param_law(param);
    return cit_law_quantile(&law, u);
}
