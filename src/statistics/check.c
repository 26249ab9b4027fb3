/* What every part of the room needs: refusals, the root of a function, an interval by t. */
#include "statistics_impl.h"
#include <float.h>

cit_status stat_check_values(const char *what, const double *x, int n, int least,
                             cit_errors *errs) {
    if (n < least)
        return cit_fail(errs, CIT_INVALID, what, "%d value%s, at least %d needed", n,
                        n == 1 ? "" : "s", least);
    for (int i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return cit_fail(errs, CIT_INVALID, what, "value %d of %d is not finite", i + 1, n);
    return CIT_OK;
}

cit_status stat_check_level(double level, cit_errors *errs) {
    if (level > 0 && level < 1) return CIT_OK;
    return cit_fail(errs, CIT_INVALID, "level", "%g is not between 0 and 1", level);
}

cit_status stat_check_weights(const double *weight, int n, cit_errors *errs) {
    double most = 0;
    const cit_status st = stat_check_values("weights", weight, n, 1, errs);
    if (st != CIT_OK) return st;
    for (int i = 0; i < n; i++) {
        if (weight[i] < 0)
            return cit_fail(errs, CIT_INVALID, "weights", "weight %d of %d is negative", i + 1, n);
        most = fmax(most, weight[i]);
    }
    if (most > 0) return CIT_OK;
    return cit_fail(errs, CIT_INVALID, "weights", "no weight is above 0");
}

cit_test_result stat_by_t(double estimate, double null, double se, double df, double level, int n) {
    const double reach = se * cit_t_quantile(0.5 + 0.5 * level, df);
    const double t = (estimate - null) / se;
    return (cit_test_result){.estimate = estimate,
                             .lo = estimate - reach,
                             .hi = estimate + reach,
                             .level = level,
                             .se = se,
                             .statistic = t,
                             .df = df,
                             .p = 2 * cit_t_upper(fabs(t), df),
                             .n = n};
}

/* One step's place between x1 and x2: inverse quadratic interpolation through three points where
 * Chandrupatla's test says that it is safe, the middle elsewhere (also where a value is infinite). */
static double chandrupatla(double x1, double x2, double x3, double f1, double f2, double f3) {
    const double xi = (x1 - x2) / (x3 - x2), phi = (f1 - f2) / (f3 - f2);
    if (!(phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi)) return 0.5;
    return f1 / (f2 - f1) * (f3 / (f2 - f3)) +
           (x3 - x1) / (x2 - x1) * (f1 / (f3 - f1)) * (f2 / (f3 - f2));
}

double stat_root(double (*f)(const void *context, double x), const void *context, double a,
                 double b) {
    enum { STEPS = 300 };
    double x1 = a, x2 = b, f1 = f(context, a), f2 = f(context, b), place = 0.5;
    if (!(f1 < 0 ? f2 > 0 : f1 > 0 && f2 < 0)) return fabs(f1) <= fabs(f2) ? a : b;
    for (int i = 0; i < STEPS; i++) {
        const double x = x1 + place * (x2 - x1), fx = f(context, x);
        const bool same = (fx > 0) == (f1 > 0);
        const double x3 = same ? x1 : x2, f3 = same ? f1 : f2;
        if (!same) {
            x2 = x1;
            f2 = f1;
        }
        x1 = x;
        f1 = fx;
        const double best = fabs(f1) < fabs(f2) ? x1 : x2;
        const double near = 2 * DBL_EPSILON * fabs(best) + DBL_MIN;
        const double least = near / fabs(x2 - x1);
        if (f1 == 0 || least > 0.5) return best;
        place = fmin(fmax(chandrupatla(x1, x2, x3, f1, f2, f3), least), 1 - least);
    }
    return x1;
}
