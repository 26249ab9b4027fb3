/* Private to the statistics room: where a function crosses zero, and what is refused. */
#pragma once
#include <cit/statistics.h>

/* Where a rising or falling function of x is 0 between a and b, where it has different signs; the end that
 * is nearer to 0 where it has not. The function may be infinite at the ends. */
double stat_root(double (*f)(const void *context, double x), const void *context, double a,
                 double b);

/* CIT_OK, or why numbers cannot be used: fewer than `least`, or one that is not finite. */
cit_status stat_check_values(const char *what, const double *x, int n, int least, cit_errors *errs);
cit_status stat_check_level(double level, cit_errors *errs);
/* Weights are finite, none is below 0, one is above. */
cit_status stat_check_weights(const double *weight, int n, cit_errors *errs);
/* Here so that an analyser sees what it gives. */
static inline cit_status stat_no_memory(cit_errors *errs) {
    cit_fail(errs, CIT_NOMEM, "", "no memory for statistics");
    return CIT_NOMEM;
}

/* Estimate -+ t quantile times se, statistic and p against `null`. */
cit_test_result stat_by_t(double estimate, double null, double se, double df, double level, int n);

/* ln Gamma(x + 1) less Stirling's x ln x - x + ln(2 pi x) / 2, for x > 0. */
double stat_stirling_error(double x);
/* ln Gamma(x + 1/2) - ln Gamma(x), for x > 0, without cancellation. */
double stat_half_step(double x);
