/* Tests of means: Student, Welch, analysis of covariance; differences of scores. */
#include "statistics_impl.h"
#include <cit/num.h>
#include <float.h>
#include <stdlib.h>

/* Does an error stand out from the rounding of values of this size? R's tests ask the same. */
static bool varies(double se, double size) { return se > 10 * DBL_EPSILON * fabs(size); }

static cit_status all_the_same(const char *what, cit_errors *errs) {
    return cit_fail(errs, CIT_INVALID, what, "the values do not vary, so that there is no error");
}

cit_status cit_test_mean(const double *x, int n, double null_mean, double level,
                         cit_test_result *ret, cit_errors *errs) {
    cit_status st = stat_check_values("sample", x, n, 2, errs);
    if (st == CIT_OK) st = stat_check_level(level, errs);
    if (st != CIT_OK) return st;
    if (!isfinite(null_mean)) return cit_fail(errs, CIT_INVALID, "mean", "it is not finite");
    const double mean = cit_mean(x, n), se = sqrt(cit_variance(x, n) / n);
    if (!varies(se, mean)) return all_the_same("sample", errs);
    *ret = stat_by_t(mean, null_mean, se, n - 1, level, n);
    return CIT_OK;
}

static cit_status differences(const double *x, const double *y, int n, double **ret,
                              cit_errors *errs) {
    double *d = malloc((size_t)n * sizeof *d);
    if (d == NULL) return stat_no_memory(errs);
    for (int i = 0; i < n; i++) d[i] = x[i] - y[i];
    *ret = d;
    return CIT_OK;
}

cit_status cit_test_paired(const double *x, const double *y, int n, double level,
                           cit_test_result *ret, cit_errors *errs) {
    double *d = NULL;
    cit_status st = CIT_OK;
    CIT_TRY(stat_check_values("first of the pairs", x, n, 2, errs));
    CIT_TRY(stat_check_values("second of the pairs", y, n, 2, errs));
    CIT_TRY(differences(x, y, n, &d, errs));
    CIT_TRY(cit_test_mean(d, n, 0, level, ret, errs));
done:
    free(d);
    return st;
}

cit_status cit_test_welch(const double *x, int nx, const double *y, int ny, double level,
                          cit_test_result *ret, cit_errors *errs) {
    cit_status st = stat_check_values("first sample", x, nx, 2, errs);
    if (st == CIT_OK) st = stat_check_values("second sample", y, ny, 2, errs);
    if (st == CIT_OK) st = stat_check_level(level, errs);
    if (st != CIT_OK) return st;
    const double mx = cit_mean(x, nx), my = cit_mean(y, ny);
    const double vx = cit_variance(x, nx) / nx, vy = cit_variance(y, ny) / ny, v = vx + vy;
    if (!varies(sqrt(v), fmax(fabs(mx), fabs(my)))) return all_the_same("samples", errs);
    /* shares of v, so that no square of a small number is lost */
    const double sx = vx / v, sy = vy / v, df = 1 / (sx * sx / (nx - 1) + sy * sy / (ny - 1));
    *ret = stat_by_t(mx - my, 0, sqrt(v), df, level, nx + ny);
    return CIT_OK;
}

cit_status cit_score_difference(const double *a, const double *b, int n, double level,
                                cit_test_result *ret, cit_errors *errs) {
    const double none = CIT_UNKNOWN_NUMBER;
    double *d = NULL;
    cit_status st = CIT_OK;
    CIT_TRY(stat_check_values("first scores", a, n, 1, errs));
    CIT_TRY(stat_check_values("second scores", b, n, 1, errs));
    CIT_TRY(stat_check_level(level, errs));
    CIT_TRY(differences(a, b, n, &d, errs));
    const double mean = cit_mean(d, n), se = sqrt(cit_variance(d, n) / n);
    if (n > 1 && varies(se, mean))
        *ret = stat_by_t(mean, 0, se, n - 1, level, n);
    else if (n > 1)
        *ret = (cit_test_result){mean, mean, mean, level, 0, none, n - 1, none, n, false};
    else
        *ret = (cit_test_result){mean, none, none, level, none, none, none, none, 1, false};
done:
    free(d);
    return st;
}

/* ---- analysis of covariance ------------------------------------------------------------------- */

typedef struct group {
    int n;
    double baseline, follow_up; /* means */
} group;

static cit_status check_arms(const int *arm, int n, int arms, group *groups, cit_errors *errs) {
    for (int i = 0; i < n; i++) {
        if (arm[i] < 0 || arm[i] >= arms)
            return cit_fail(errs, CIT_INVALID, "arm", "value %d is %d, not 0 to %d", i + 1, arm[i],
                            arms - 1);
        groups[arm[i]].n++;
    }
    for (int k = 0; k < arms; k++)
        if (groups[k].n == 0) return cit_fail(errs, CIT_INVALID, "arm", "arm %d is empty", k);
    if (n - arms - 1 < 1)
        return cit_fail(errs, CIT_INVALID, "sample", "%d people in %d arms leave no error", n,
                        arms);
    return CIT_OK;
}

/* Means of the arms, the values taken in the order given. */
static void find_means(const double *follow_up, const double *baseline, const int *arm, int n,
                       int arms, group *groups) {
    for (int i = 0; i < n; i++) {
        groups[arm[i]].baseline += baseline[i];
        groups[arm[i]].follow_up += follow_up[i];
    }
    for (int k = 0; k < arms; k++) {
        groups[k].baseline /= groups[k].n;
        groups[k].follow_up /= groups[k].n;
    }
}

/* Within-arm sums of squares and products: xx of baseline, xy, and of what the line leaves over. */
typedef struct within {
    double xx, slope, left;
} within;

static within fit_line(const double *follow_up, const double *baseline, const int *arm, int n,
                       const group *groups) {
    within w = {0, 0, 0};
    double xy = 0;
    for (int i = 0; i < n; i++) {
        const double x = baseline[i] - groups[arm[i]].baseline;
        w.xx += x * x;
        xy += x * (follow_up[i] - groups[arm[i]].follow_up);
    }
    w.slope = xy / w.xx;
    for (int i = 0; i < n; i++) {
        const double x = baseline[i] - groups[arm[i]].baseline;
        const double r = follow_up[i] - groups[arm[i]].follow_up - w.slope * x;
        w.left += r * r;
    }
    return w;
}

static cit_status compare_arms(const within *w, const group *groups, int n, int arms, double level,
                               cit_test_result *ret, cit_ancova *fit, cit_errors *errs) {
    const double df = n - arms - 1, square = w->left / df;
    double x_size = 0, y_size = 0;
    for (int k = 0; k < arms; k++) {
        x_size = fmax(x_size, fabs(groups[k].baseline));
        y_size = fmax(y_size, fabs(groups[k].follow_up));
    }
    if (!varies(sqrt(w->xx), x_size)) return all_the_same("baseline", errs);
    if (!varies(sqrt(square), y_size)) return all_the_same("follow-up", errs);
    for (int k = 1; k < arms; k++) {
        const double x = groups[k].baseline - groups[0].baseline;
        const double y = groups[k].follow_up - groups[0].follow_up;
        const double share = 1.0 / groups[k].n + 1.0 / groups[0].n + x * x / w->xx;
        ret[k - 1] = stat_by_t(y - w->slope * x, 0, sqrt(square * share), df, level,
                               groups[k].n + groups[0].n);
    }
    if (fit != NULL) *fit = (cit_ancova){w->slope, sqrt(square / w->xx), sqrt(square), df};
    return CIT_OK;
}

cit_status cit_test_ancova(const double *follow_up, const double *baseline, const int *arm, int n,
                           int arms, double level, cit_test_result *ret, cit_ancova *fit,
                           cit_errors *errs) {
    group *groups = NULL;
    cit_status st = CIT_OK;
    if (arms < 2) return cit_fail(errs, CIT_INVALID, "arm", "%d arms cannot be compared", arms);
    CIT_TRY(stat_check_values("follow-up", follow_up, n, 1, errs));
    CIT_TRY(stat_check_values("baseline", baseline, n, 1, errs));
    CIT_TRY(stat_check_level(level, errs));
    groups = calloc((size_t)arms, sizeof *groups);
    if (groups == NULL) return stat_no_memory(errs);
    CIT_TRY(check_arms(arm, n, arms, groups, errs));
    find_means(follow_up, baseline, arm, n, arms, groups);
    const within w = fit_line(follow_up, baseline, arm, n, groups);
    CIT_TRY(compare_arms(&w, groups, n, arms, level, ret, fit, errs));
done:
    free(groups);
    return st;
}
