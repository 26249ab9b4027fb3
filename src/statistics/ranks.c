/* Wilcoxon's and Mann and Whitney's tests, and Hodges and Lehmann's estimates.
 *
 * p values are exact as long as that is cheap: the number of ways to each sum of ranks is a whole number,
 * which doubles (to 2^53) and 128-bit integers hold as it is. The k-th smallest of all pairwise means or
 * differences is found by halving the range of doubles and counting, n steps each time, as the sorted
 * values let two fingers walk: no table of pairs, exact, and millions of values are no trouble. */
#include "statistics_impl.h"
#include <cit/num.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIGNED_EXACT = 50,   /* differences whose signs are counted: 2^50 ways */
    SPLIT_EXACT = 50,    /* on each side without ties: less than 2^97 ways */
    TIED_EXACT = 40,     /* in all, with ties: less than 2^38 ways */
    RANKS_MAX = 1 << 29, /* doubled ranks stay whole numbers of 32 bits */
};

static cit_status check_count(int64_t n, cit_errors *errs) {
    if (n <= RANKS_MAX) return CIT_OK;
    return cit_fail(errs, CIT_INVALID, "sample", "%lld values are too many", (long long)n);
}

/* ---- ranks ---------------------------------------------------------------------------------- */

typedef struct ranked {
    double value;
    int sample; /* of the positive ones, or of x: 1 */
    int twice;  /* the mean rank, doubled: a whole number */
} ranked;

static int by_value(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    if (x->value != y->value) return x->value > y->value ? 1 : -1;
    return x->sample - y->sample;
}

/* Sorts and ranks; gives the sum of t^3 - t over the ties. */
static double rank_all(ranked *all, int n) {
    double ties = 0;
    qsort(all, (size_t)n, sizeof *all, by_value);
    for (int i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && all[j].value == all[i].value;) j++;
        for (int k = i; k < j; k++) all[k].twice = i + j + 1;
        ties += ((double)(j - i) * (j - i) - 1) * (j - i);
    }
    return ties;
}

/* Twice the rank sum of sample 1. */
static int64_t twice_sum(const ranked *all, int n) {
    int64_t sum = 0;
    for (int i = 0; i < n; i++) sum += all[i].sample == 1 ? all[i].twice : 0;
    return sum;
}

/* What a rank sum says: two-sided p, and its tails. */
typedef struct chances {
    double p;
    cit_tails tails;
} chances;

/* By the normal, half a step nearer to the middle. */
static chances normal_chances(double from_mean, double step, double sd) {
    return (chances){fmin(2 * cit_normal_cdf(-fmax(fabs(from_mean) - 0.5 * step, 0) / sd), 1),
                     {cit_normal_cdf(-(from_mean - 0.5 * step) / sd),
                      cit_normal_cdf((from_mean + 0.5 * step) / sd)}};
}

/* ---- the k-th smallest of all pairs ------------------------------------------------------------ */

/* Doubles as whole numbers in the same order, and back. */
static uint64_t to_order(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

static double from_order(uint64_t order) {
    const uint64_t bits = order >> 63 ? order & ~((uint64_t)1 << 63) : ~order;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Ascending values; of one sample (y NULL): means of two, each value with itself and those after it; of
 * two: differences. */
typedef struct pairs {
    const double *x, *y;
    int nx, ny;
} pairs;

static int64_t pair_count(const pairs *p) {
    return p->y == NULL ? (int64_t)p->nx * (p->nx + 1) / 2 : (int64_t)p->nx * p->ny;
}

static double mean_of(double a, double b) { return 0.5 * a + 0.5 * b; }

static int64_t means_up_to(const pairs *p, double limit) {
    int64_t count = 0;
    int last = p->nx - 1;
    for (int i = 0; i <= last; i++) {
        while (last >= i && mean_of(p->x[i], p->x[last]) > limit) last--;
        count += last - i + 1;
    }
    return count;
}

static int64_t differences_up_to(const pairs *p, double limit) {
    int64_t count = 0;
    int first = 0;
    for (int i = 0; i < p->nx; i++) {
        while (first < p->ny && p->x[i] - p->y[first] > limit) first++;
        count += p->ny - first;
    }
    return count;
}

/* The k-th smallest, k from 1. */
static double kth(const pairs *p, int64_t k) {
    uint64_t lo = to_order(p->y == NULL ? p->x[0] : p->x[0] - p->y[p->ny - 1]);
    uint64_t hi = to_order(p->y == NULL ? p->x[p->nx - 1] : p->x[p->nx - 1] - p->y[0]);
    while (lo < hi) {
        const uint64_t middle = lo + (hi - lo) / 2;
        const double limit = from_order(middle);
        const int64_t count = p->y == NULL ? means_up_to(p, limit) : differences_up_to(p, limit);
        if (count >= k)
            hi = middle;
        else
            lo = middle + 1;
    }
    return from_order(lo) + 0.0; /* no negative zero */
}

static double median_of_pairs(const pairs *p) {
    const int64_t n = pair_count(p);
    return n % 2 == 1 ? kth(p, n / 2 + 1) : mean_of(kth(p, n / 2), kth(p, n / 2 + 1));
}

/* The interval that leaves out the `out` - 1 lowest and highest; none can be given where out is 0. */
static void interval_of_pairs(const pairs *p, int64_t out, cit_test_result *r) {
    r->lo = out < 1 ? -HUGE_VAL : kth(p, out);
    r->hi = out < 1 ? HUGE_VAL : kth(p, pair_count(p) - out + 1);
}

/* ---- signed ranks -------------------------------------------------------------------------------- */

enum { SIGNED_SUMS = SIGNED_EXACT * (SIGNED_EXACT + 1) + 1 };

/* ways[s]: how many choices of signs give the positive ones this doubled rank sum. Gives the highest. */
static int count_signs(const int *twice, int n, double ways[SIGNED_SUMS]) {
    int top = 0;
    memset(ways, 0, SIGNED_SUMS * sizeof *ways);
    ways[0] = 1;
    for (int i = 0; i < n; i++) {
        top += twice[i];
        for (int s = top; s >= twice[i]; s--) ways[s] += ways[s - twice[i]];
    }
    return top;
}

static chances signed_exact(const ranked *all, int n, int64_t seen) {
    double ways[SIGNED_SUMS], below = 0, above = 0;
    int twice[SIGNED_EXACT];
    for (int i = 0; i < n; i++) twice[i] = all[i].twice;
    const int top = count_signs(twice, n, ways);
    for (int s = 0; s <= top; s++) {
        if (s <= seen) below += ways[s];
        if (s >= seen) above += ways[s];
    }
    return (chances){fmin(2 * fmin(below, above) * exp2(-n), 1),
                     {above * exp2(-n), below * exp2(-n)}};
}

static chances signed_normal(const ranked *all, int n, int64_t seen) {
    double square = 0;
    for (int i = 0; i < n; i++) square += 0.25 * all[i].twice * all[i].twice;
    const double mean = 0.25 * n * (n + 1.0);
    return normal_chances(0.5 * (double)seen - mean, 1, sqrt(0.25 * square));
}

/* The least rank sum t with P(T <= t) at `chance` or more, without ties. */
static int64_t signed_quantile(int n, double chance) {
    if (n > SIGNED_EXACT) {
        const double mean = 0.25 * n * (n + 1.0), sd = sqrt(mean * (2.0 * n + 1) / 6);
        return (int64_t)fmax(floor(mean + cit_normal_quantile(chance) * sd + 0.5), 0);
    }
    double ways[SIGNED_SUMS], sum = 0;
    int ranks[SIGNED_EXACT];
    for (int i = 0; i < n; i++) ranks[i] = i + 1;
    const int top = count_signs(ranks, n, ways);
    for (int s = 0; s <= top; s++) {
        sum += ways[s];
        if (sum * exp2(-n) >= chance) return s;
    }
    return top;
}

static void signed_rank(const double *sorted, ranked *all, int n, double level,
                        cit_test_result *ret, cit_tails *ret_tails) {
    const pairs p = {sorted, NULL, n, 0};
    int used = 0;
    for (int i = 0; i < n; i++)
        if (sorted[i] != 0) all[used++] = (ranked){fabs(sorted[i]), sorted[i] > 0, 0};
    rank_all(all, used);
    const int64_t seen = twice_sum(all, used);
    const bool exact = used <= SIGNED_EXACT;
    const chances c = exact ? signed_exact(all, used, seen) : signed_normal(all, used, seen);
    *ret_tails = c.tails;
    if (ret == NULL) return;
    *ret = (cit_test_result){.estimate = median_of_pairs(&p),
                             .level = level,
                             .se = CIT_UNKNOWN_NUMBER,
                             .statistic = 0.5 * (double)seen,
                             .df = CIT_UNKNOWN_NUMBER,
                             .p = c.p,
                             .n = n,
                             .exact = exact};
    interval_of_pairs(&p, signed_quantile(n, 0.5 * (1 - level)), ret);
}

cit_status cit_test_signed_rank(const double *differences, int n, double level,
                                cit_test_result *ret, cit_errors *errs) {
    cit_tails unasked;
    return cit_test_signed_rank_tails(differences, n, level, ret, &unasked, errs);
}

cit_status cit_test_signed_rank_tails(const double *differences, int n, double level,
                                      cit_test_result *ret, cit_tails *ret_tails,
                                      cit_errors *errs) {
    double *sorted = NULL;
    ranked *all = NULL;
    cit_status st = CIT_OK;
    CIT_TRY(check_count(n, errs));
    CIT_TRY(stat_check_values("differences", differences, n, 1, errs));
    CIT_TRY(stat_check_level(level, errs));
    sorted = malloc((size_t)n * sizeof *sorted);
    all = malloc((size_t)n * sizeof *all);
    if (sorted == NULL || all == NULL) CIT_TRY(stat_no_memory(errs));
    memcpy(sorted, differences, (size_t)n * sizeof *sorted);
    cit_sort(sorted, n);
    signed_rank(sorted, all, n, level, ret, ret_tails);
done:
    free(sorted);
    free(all);
    return st;
}

/* ---- two samples --------------------------------------------------------------------------------- */

__extension__ typedef unsigned __int128 whole;
enum { SPLIT_SUMS = SPLIT_EXACT * SPLIT_EXACT + 1 };

/* ways[u]: how many of all splits of n + m ranks give the statistic u. The Gaussian binomial coefficient,
 * built up factor by factor: times 1 - q^(n + i), by 1 - q^i. */
static void count_splits(int m, int n, whole ways[SPLIT_SUMS]) {
    const int top = m * n;
    memset(ways, 0, SPLIT_SUMS * sizeof *ways);
    ways[0] = 1;
    for (int i = 1; i <= m; i++) {
        for (int u = top; u >= n + i; u--) ways[u] -= ways[u - n - i];
        for (int u = i; u <= top; u++) ways[u] += ways[u - i];
    }
}

/* All ways at once: the binomial coefficient. */
static double all_splits(const whole *ways, int top) {
    whole sum = 0;
    for (int u = 0; u <= top; u++) sum += ways[u];
    return (double)sum;
}

static chances untied_exact(int nx, int ny, int64_t u) {
    whole ways[SPLIT_SUMS], below = 0, above = 0;
    const int top = nx * ny;
    count_splits(nx, ny, ways);
    for (int k = 0; k <= u; k++) below += ways[k];
    for (int k = (int)u; k <= top; k++) above += ways[k];
    const double all = all_splits(ways, top);
    const cit_tails tails = {(double)above / all, (double)below / all};
    return (chances){fmin(2 * fmin(tails.up, tails.down), 1), tails};
}

enum { TIED_SUMS = TIED_EXACT * (TIED_EXACT + 1) + 1 };

/* The share of all choices of nx places whose doubled rank sum is as far from its mean as the one seen; and
 * of those where it is as high, and as low. NAN: no memory. */
static chances tied_exact(const ranked *all, int nx, int n, int64_t seen) {
    static const size_t row = TIED_SUMS;
    double *ways = calloc((size_t)(nx + 1) * row, sizeof *ways);
    double far = 0, above = 0, below = 0, sum = 0;
    if (ways == NULL) return (chances){.p = CIT_UNKNOWN_NUMBER};
    ways[0] = 1;
    for (int i = 0; i < n; i++)
        for (int k = i + 1 < nx ? i + 1 : nx; k >= 1; k--)
            for (int s = all[i].twice; s < TIED_SUMS; s++)
                ways[(size_t)k * row + (size_t)s] +=
                    ways[(size_t)(k - 1) * row + (size_t)(s - all[i].twice)];
    const int64_t mean = (int64_t)nx * (n + 1), away = llabs(seen - mean);
    for (int s = 0; s < TIED_SUMS; s++) {
        const double w = ways[(size_t)nx * row + (size_t)s];
        sum += w;
        if (llabs(s - mean) >= away) far += w;
        if (s >= seen) above += w;
        if (s <= seen) below += w;
    }
    free(ways);
    return (chances){far / sum, {above / sum, below / sum}};
}

static int64_t split_quantile(int nx, int ny, double chance) {
    const double mean = 0.5 * nx * ny;
    if (nx > SPLIT_EXACT || ny > SPLIT_EXACT) {
        const double sd = sqrt(mean * (nx + ny + 1.0) / 6);
        return (int64_t)fmax(floor(mean + cit_normal_quantile(chance) * sd + 0.5), 0);
    }
    whole ways[SPLIT_SUMS], sum = 0;
    count_splits(nx, ny, ways);
    const double all = all_splits(ways, nx * ny);
    int u = 0;
    for (; u < nx * ny; u++) {
        sum += ways[u];
        if ((double)sum / all >= chance) break;
    }
    return u;
}

static chances split_chances(const ranked *all, int nx, int ny, double ties, int64_t twice,
                             bool *exact) {
    const int n = nx + ny;
    const int64_t least = (int64_t)nx * (nx + 1); /* doubled */
    *exact = ties > 0 ? n <= TIED_EXACT : nx <= SPLIT_EXACT && ny <= SPLIT_EXACT;
    if (*exact)
        return ties > 0 ? tied_exact(all, nx, n, twice) : untied_exact(nx, ny, (twice - least) / 2);
    const double away = 0.5 * (double)(twice - least) - 0.5 * nx * ny;
    const double lost = ties / ((double)n * (n - 1.0));
    const double variance = (double)nx * ny / 12 * (n + 1 - lost);
    return variance > 0 ? normal_chances(away, 1, sqrt(variance)) : (chances){1, {1, 1}};
}

/* False: no memory. */
static bool mann_whitney(const double *x, int nx, const double *y, int ny, ranked *all,
                         double level, cit_test_result *ret, cit_tails *ret_tails) {
    const pairs p = {x, y, nx, ny};
    bool exact = false;
    for (int i = 0; i < nx; i++) all[i] = (ranked){x[i], 1, 0};
    for (int i = 0; i < ny; i++) all[nx + i] = (ranked){y[i], 0, 0};
    const double ties = rank_all(all, nx + ny);
    const int64_t twice = twice_sum(all, nx + ny);
    const chances c = split_chances(all, nx, ny, ties, twice, &exact);
    if (!cit_known(c.p)) return false;
    *ret_tails = c.tails;
    if (ret == NULL) return true;
    *ret = (cit_test_result){.estimate = median_of_pairs(&p),
                             .level = level,
                             .se = CIT_UNKNOWN_NUMBER,
                             .statistic = 0.5 * (double)(twice - (int64_t)nx * (nx + 1)),
                             .df = CIT_UNKNOWN_NUMBER,
                             .p = c.p,
                             .n = nx + ny,
                             .exact = exact};
    interval_of_pairs(&p, split_quantile(nx, ny, 0.5 * (1 - level)), ret);
    return true;
}

cit_status cit_test_mann_whitney(const double *x, int nx, const double *y, int ny, double level,
                                 cit_test_result *ret, cit_errors *errs) {
    cit_tails unasked;
    return cit_test_mann_whitney_tails(x, nx, y, ny, level, ret, &unasked, errs);
}

cit_status cit_test_mann_whitney_tails(const double *x, int nx, const double *y, int ny,
                                       double level, cit_test_result *ret, cit_tails *ret_tails,
                                       cit_errors *errs) {
    double *sorted = NULL;
    ranked *all = NULL;
    cit_status st = CIT_OK;
    CIT_TRY(check_count((int64_t)nx + ny, errs));
    CIT_TRY(stat_check_values("first sample", x, nx, 1, errs));
    CIT_TRY(stat_check_values("second sample", y, ny, 1, errs));
    CIT_TRY(stat_check_level(level, errs));
    const size_t n = (size_t)nx + (size_t)ny;
    sorted = malloc(n * sizeof *sorted);
    all = malloc(n * sizeof *all);
    if (sorted == NULL || all == NULL) CIT_TRY(stat_no_memory(errs));
    memcpy(sorted, x, (size_t)nx * sizeof *sorted);
    memcpy(sorted + nx, y, (size_t)ny * sizeof *sorted);
    cit_sort(sorted, nx);
    cit_sort(sorted + nx, ny);
    if (!mann_whitney(sorted, nx, sorted + nx, ny, all, level, ret, ret_tails))
        CIT_TRY(stat_no_memory(errs));
done:
    free(sorted);
    free(all);
    return st;
}
