/* Tests of shares of people. Exact p values count the outcomes no likelier than the one seen. */
#include "statistics_impl.h"
#include <cit/num.h>

/* ---- outcomes no likelier than the one seen ---------------------------------------------------- */

/* Chances of lo to hi by the ratio of each to the one before it; they rise to one top and fall again. */
typedef struct outcomes {
    int lo, hi, seen;
    double (*ratio)(const struct outcomes *o, int k); /* chance(k) / chance(k - 1) */
    double a, b, c;
} outcomes;

/* Two chances this near are taken as equal; rounding must not part what mirrors itself. R does the same. */
static const double tie = 1 + 1e-7;

/* The most likely outcome: the last whose ratio is 1 or more. */
static int top_of(const outcomes *o) {
    int lo = o->lo, hi = o->hi;
    while (lo < hi) {
        const int middle = lo + (hi - lo + 1) / 2;
        if (o->ratio(o, middle) >= 1)
            lo = middle;
        else
            hi = middle - 1;
    }
    return lo;
}

/* Sums chances, in units of the top's, from the top outward on one side, and those up to `limit`. */
static void walk(const outcomes *o, int top, int step, double limit, double *all, double *some) {
    double chance = 1;
    for (int k = top; step > 0 ? k < o->hi : k > o->lo; k += step) {
        chance *= step > 0 ? o->ratio(o, k + 1) : 1 / o->ratio(o, k);
        if (chance <= 0) break;
        *all += chance;
        if (chance <= limit) *some += chance;
    }
}

static double chance_against_top(const outcomes *o, int top) {
    double chance = 1;
    for (int k = top; k < o->seen && chance > 0; k++) chance *= o->ratio(o, k + 1);
    for (int k = top; k > o->seen && chance > 0; k--) chance /= o->ratio(o, k);
    return chance;
}

static double no_likelier(const outcomes *o) {
    const int top = top_of(o);
    const double limit = chance_against_top(o, top) * tie;
    double all = 1, some = limit >= 1 ? 1 : 0;
    walk(o, top, 1, limit, &all, &some);
    walk(o, top, -1, limit, &all, &some);
    return fmin(some / all, 1);
}

/* a of b people, odds c. */
static double binomial_ratio(const outcomes *o, int k) { return (o->b - k + 1) / k * o->c; }

static double binomial_p(int events, int people, double share) {
    if (share <= 0) return events == 0 ? 1 : 0;
    if (share >= 1) return events == people ? 1 : 0;
    const outcomes o = {0, people, events, binomial_ratio, 0, people, share / (1 - share)};
    return no_likelier(&o);
}

/* k in the first cell, row sum a, column sum b, c the rest of the column's complement. */
static double table_ratio(const outcomes *o, int k) {
    return (o->a - k + 1) * (o->b - k + 1) / (k * (o->c + k));
}

double cit_fisher_p(int a, int b, int c, int d) {
    if (a < 0 || b < 0 || c < 0 || d < 0) return CIT_UNKNOWN_NUMBER;
    const int64_t row = (int64_t)a + b, column = (int64_t)a + c, rest = (int64_t)d - a;
    const int lo = rest < 0 ? (int)-rest : 0, hi = (int)(row < column ? row : column);
    const outcomes o = {lo, hi, a, table_ratio, (double)row, (double)column, (double)rest};
    return no_likelier(&o);
}

/* ---- one share ---------------------------------------------------------------------------------- */

static cit_status check_share(const char *what, int events, int people, cit_errors *errs) {
    if (people >= 1 && events >= 0 && events <= people) return CIT_OK;
    return cit_fail(errs, CIT_INVALID, what, "%d events of %d people cannot be", events, people);
}

bool cit_wilson_interval(int events, int people, double level, double *ret_lo, double *ret_hi) {
    if (people < 1 || events < 0 || events > people || !(level > 0 && level < 1)) return false;
    const double z = cit_normal_quantile(0.5 + 0.5 * level), n = people, share = events / n;
    const double middle = events + 0.5 * z * z;
    const double reach = z * sqrt(events * (1 - share) + 0.25 * z * z);
    *ret_lo = events == 0 ? 0 : (middle - reach) / (n + z * z);
    *ret_hi = events == people ? 1 : (middle + reach) / (n + z * z);
    return true;
}

cit_status cit_test_share(int events, int people, double null_share, double level,
                          cit_test_result *ret, cit_errors *errs) {
    cit_status st = check_share("share", events, people, errs);
    if (st == CIT_OK) st = stat_check_level(level, errs);
    if (st != CIT_OK) return st;
    if (!(null_share >= 0 && null_share <= 1))
        return cit_fail(errs, CIT_INVALID, "share", "%g is not from 0 to 1", null_share);
    cit_test_result r = {.estimate = (double)events / people,
                         .level = level,
                         .se = CIT_UNKNOWN_NUMBER,
                         .statistic = events,
                         .df = CIT_UNKNOWN_NUMBER,
                         .p = binomial_p(events, people, null_share),
                         .n = people,
                         .exact = true};
    if (!cit_exact_interval(events, people, level, &r.lo, &r.hi))
        return cit_fail(errs, CIT_INTERNAL, "share", "no interval");
    *ret = r;
    return CIT_OK;
}

/* ---- two shares ---------------------------------------------------------------------------------- */

static cit_status check_two(int ex, int nx, int ey, int ny, double level, cit_errors *errs) {
    cit_status st = check_share("first arm", ex, nx, errs);
    if (st == CIT_OK) st = check_share("second arm", ey, ny, errs);
    if (st == CIT_OK) st = stat_check_level(level, errs);
    if (st == CIT_OK && (int64_t)nx + ny > INT32_MAX)
        st = cit_fail(errs, CIT_INVALID, "arms", "too many people");
    return st;
}

typedef struct interval {
    double lo, hi;
} interval;

static interval wilson(int events, int people, double level) {
    interval x = {0, 1};
    return cit_wilson_interval(events, people, level, &x.lo, &x.hi) ? x : (interval){0, 1};
}

static double hypotenuse(double a, double b, double correlation) {
    return sqrt(fmax(a * a - 2 * correlation * a * b + b * b, 0));
}

/* Newcombe's method 10, alone (correlation 0) and of pairs. */
static interval squared_and_added(double x, interval ix, double y, interval iy,
                                  double correlation) {
    return (interval){x - y - hypotenuse(x - ix.lo, iy.hi - y, correlation),
                      x - y + hypotenuse(ix.hi - x, y - iy.lo, correlation)};
}

cit_status cit_test_shares(int events_x, int people_x, int events_y, int people_y, double level,
                           cit_test_result *ret, cit_errors *errs) {
    const cit_status st = check_two(events_x, people_x, events_y, people_y, level, errs);
    if (st != CIT_OK) return st;
    const double nx = people_x, ny = people_y, x = events_x / nx, y = events_y / ny;
    const double pooled = ((double)events_x + events_y) / (nx + ny);
    const double least = fmin(nx, ny) * fmin(pooled, 1 - pooled);
    const interval i = squared_and_added(x, wilson(events_x, people_x, level), y,
                                         wilson(events_y, people_y, level), 0);
    const bool one_sort = events_x + events_y == 0 || events_x + events_y == people_x + people_y;
    const double z = one_sort ? 0 : (x - y) / sqrt(pooled * (1 - pooled) * (1 / nx + 1 / ny));
    const bool few = least < 5;
    *ret = (cit_test_result){
        .estimate = x - y,
        .lo = i.lo,
        .hi = i.hi,
        .level = level,
        .se = CIT_UNKNOWN_NUMBER,
        .statistic = z,
        .df = HUGE_VAL,
        .p = few ? cit_fisher_p(events_x, people_x - events_x, events_y, people_y - events_y)
                 : 2 * cit_normal_cdf(-fabs(z)),
        .n = people_x + people_y,
        .exact = few};
    return CIT_OK;
}

/* The correlation of the two shares, its top drawn in by half the people where it is positive. */
static double pair_correlation(double both, double only_x, double only_y, double neither) {
    const double n = both + only_x + only_y + neither;
    const double scale =
        (both + only_x) * (only_y + neither) * (both + only_y) * (only_x + neither);
    const double top = both * neither - only_x * only_y;
    if (!(scale > 0)) return 0;
    return (top > 0 ? fmax(top - 0.5 * n, 0) : top) / sqrt(scale);
}

cit_status cit_test_paired_shares(int both, int only_x, int only_y, int neither, double level,
                                  cit_test_result *ret, cit_errors *errs) {
    const cit_status st = stat_check_level(level, errs);
    if (st != CIT_OK) return st;
    const int64_t all = (int64_t)both + only_x + only_y + neither;
    if (both < 0 || only_x < 0 || only_y < 0 || neither < 0 || all < 1 || all > INT32_MAX)
        return cit_fail(errs, CIT_INVALID, "pairs", "counts %d, %d, %d, %d cannot be", both, only_x,
                        only_y, neither);
    const int people = (int)all;
    const double x = (double)(both + only_x) / people, y = (double)(both + only_y) / people;
    const interval i = squared_and_added(x, wilson(both + only_x, people, level), y,
                                         wilson(both + only_y, people, level),
                                         pair_correlation(both, only_x, only_y, neither));
    *ret = (cit_test_result){.estimate = (double)(only_x - only_y) / people,
                             .lo = i.lo,
                             .hi = i.hi,
                             .level = level,
                             .se = CIT_UNKNOWN_NUMBER,
                             .statistic = only_x,
                             .df = CIT_UNKNOWN_NUMBER,
                             .p = binomial_p(only_x, only_x + only_y, 0.5),
                             .n = people,
                             .exact = true};
    return CIT_OK;
}

cit_status cit_test_odds_ratio(int events_x, int people_x, int events_y, int people_y, double level,
                               cit_test_result *ret, cit_errors *errs) {
    const cit_status st = check_two(events_x, people_x, events_y, people_y, level, errs);
    if (st != CIT_OK) return st;
    const int without_x = people_x - events_x, without_y = people_y - events_y;
    const bool empty = events_x == 0 || events_y == 0 || without_x == 0 || without_y == 0;
    const double more = empty ? 0.5 : 0;
    const double a = events_x + more, b = without_x + more, c = events_y + more,
                 d = without_y + more;
    cit_test_result r = stat_by_t(log(a * d / (b * c)), 0, sqrt(1 / a + 1 / b + 1 / c + 1 / d),
                                  HUGE_VAL, level, people_x + people_y);
    r.estimate = a * d / (b * c);
    r.lo = exp(r.lo);
    r.hi = exp(r.hi);
    *ret = r;
    return CIT_OK;
}
