/* What an interval says to a margin, and what several p values say together. */
#include "statistics_impl.h"
#include <stdlib.h>

cit_status cit_test_margin(const cit_test_result *test, double margin, cit_margin_result *ret,
                           cit_errors *errs) {
    if (!(margin > 0 && isfinite(margin)))
        return cit_fail(errs, CIT_INVALID, "margin", "%g is not above 0", margin);
    if (!(test->lo <= test->hi))
        return cit_fail(errs, CIT_INVALID, "interval", "there is none to hold against the margin");
    const double up = (test->estimate + margin) / test->se;
    const double down = (margin - test->estimate) / test->se;
    const double p_up = cit_t_upper(up, test->df);
    *ret = (cit_margin_result){.margin = margin,
                               .alpha = 0.5 * (1 - test->level),
                               .superior = test->lo > 0,
                               .noninferior = test->lo > -margin,
                               .equivalent = test->lo > -margin && test->hi < margin,
                               .p_superior = cit_t_upper(test->estimate / test->se, test->df),
                               .p_noninferior = p_up,
                               .p_equivalent = cit_t_upper(fmin(up, down), test->df)};
    return CIT_OK;
}

/* A p value and its place in the list. */
typedef struct place {
    double p;
    int at;
} place;

static int ascending(const void *a, const void *b) {
    const place *x = a, *y = b;
    if (x->p != y->p) return x->p > y->p ? 1 : -1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Down from the smallest: no adjusted p is below the one before it. */
static void step_down(const place *sorted, int n, double *ret) {
    double most = 0;
    for (int i = 0; i < n; i++) {
        most = fmax(most, fmin((n - i) * sorted[i].p, 1));
        ret[sorted[i].at] = most;
    }
}

/* Up from the largest: no adjusted p is above the one after it. */
static void step_up(const place *sorted, int n, double *ret) {
    double least = 1;
    for (int i = n - 1; i >= 0; i--) {
        least = fmin(least, (n - i) * sorted[i].p);
        ret[sorted[i].at] = least;
    }
}

static cit_status adjust_sorted(cit_multiplicity method, const double *p, int n, double *ret,
                                cit_errors *errs) {
    place *sorted = malloc((size_t)n * sizeof *sorted);
    if (sorted == NULL) return stat_no_memory(errs);
    for (int i = 0; i < n; i++) sorted[i] = (place){p[i], i};
    qsort(sorted, (size_t)n, sizeof *sorted, ascending);
    if (method == CIT_HOLM)
        step_down(sorted, n, ret);
    else
        step_up(sorted, n, ret);
    free(sorted);
    return CIT_OK;
}

cit_status cit_adjust_p(cit_multiplicity method, const double *p, int n, double *ret,
                        cit_errors *errs) {
    const cit_status st = stat_check_values("p values", p, n, 1, errs);
    if (st != CIT_OK) return st;
    for (int i = 0; i < n; i++)
        if (p[i] < 0 || p[i] > 1)
            return cit_fail(errs, CIT_INVALID, "p values", "value %d, %g, is no p", i + 1, p[i]);
    switch (method) {
    case CIT_BONFERRONI:
        for (int i = 0; i < n; i++) ret[i] = fmin(n * p[i], 1);
        return CIT_OK;
    case CIT_FIXED_SEQUENCE:
        for (int i = 0; i < n; i++) ret[i] = fmax(p[i], i > 0 ? ret[i - 1] : 0);
        return CIT_OK;
    case CIT_HOLM:
    case CIT_HOCHBERG:
        return adjust_sorted(method, p, n, ret, errs);
    }
    return cit_fail(errs, CIT_INVALID, "p values", "%d is no method", (int)method);
}
