/* Numerical methods against hand values, closed forms and orders of convergence. */
#include "t.h"
#include <cit/num.h>
#include <math.h>
#include <stdlib.h>

/* Exactly as much memory as a header says a function needs, so that a sanitizer sees one more. */
static double *doubles(int n) {
    double *memory = malloc((size_t)n * sizeof *memory);
    CHECK(memory != NULL, "no memory for %d numbers", n);
    return memory;
}

/* ---- statistics ---------------------------------------------------------------------------- */

static void quantiles_lie_on_lines_between_order_statistics(void **state) {
    static const double four[] = {1, 2, 4, 8}, one[] = {7};
    (void)state;
    CHECK_CLOSE(cit_quantile_sorted(four, 4, 0), 1, 0);
    CHECK_CLOSE(cit_quantile_sorted(four, 4, 0.25), 1.75, 1e-15);
    CHECK_CLOSE(cit_quantile_sorted(four, 4, 0.5), 3, 1e-15);
    CHECK_CLOSE(cit_quantile_sorted(four, 4, 0.9), 6.8, 1e-14);
    CHECK_CLOSE(cit_quantile_sorted(four, 4, 1), 8, 0);
    CHECK_CLOSE(cit_quantile_sorted(one, 1, 0.3), 7, 0);
    CHECK(isnan(cit_quantile_sorted(one, 0, 0.5)), "of nothing: %g",
          cit_quantile_sorted(one, 0, 0.5));
}

static void numbers_are_sorted_ascending(void **state) {
    double x[] = {3, -1e300, 2, 3, HUGE_VAL, -HUGE_VAL, 0, 1e-300};
    static const double want[] = {-HUGE_VAL, -1e300, 0, 1e-300, 2, 3, 3, HUGE_VAL};
    (void)state;
    cit_sort(x, 8);
    for (int i = 0; i < 8; i++) CHECK(x[i] == want[i], "place %d is %g, not %g", i, x[i], want[i]);
}

static void a_sum_keeps_what_cancels(void **state) {
    static const double wild[] = {1, 1e100, 1, -1e100};
    double tenths[1000];
    (void)state;
    for (int i = 0; i < 1000; i++) tenths[i] = 0.1;
    CHECK_CLOSE(cit_sum(wild, 4), 2, 0);
    CHECK_CLOSE(cit_sum(tenths, 1000), 100, 0); /* a plain sum is off by 1.4e-12 */
    CHECK_CLOSE(cit_sum(wild, 0), 0, 0);
}

static void mean_and_variance_have_their_hand_values(void **state) {
    static const double x[] = {2, 4, 4, 4, 5, 5, 7, 9};
    static const double far[] = {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16};
    (void)state;
    CHECK_CLOSE(cit_mean(x, 8), 5, 0);
    CHECK_CLOSE(cit_variance(x, 8), 32 / 7.0, 1e-15);
    CHECK_CLOSE(cit_mean(far, 4), 1e9 + 10, 0);
    CHECK_CLOSE(cit_variance(far, 4), 30, 0); /* squares about zero would lose it all */
    CHECK_CLOSE(cit_variance(x, 1), 0, 0);
    CHECK(isnan(cit_mean(x, 0)), "the mean of nothing is %g", cit_mean(x, 0));
}

static void check_rank_correlation(const double *x, const double *y, int n, double want) {
    double *scratch = doubles(4 * n);
    const double got = cit_rank_correlation(x, y, n, scratch);
    free(scratch);
    CHECK_CLOSE(got, want, 1e-15);
}

static void rank_correlation_has_its_hand_values(void **state) {
    static const double x[] = {1, 2, 2, 3}, y[] = {1, 3, 2, 4}, constant[] = {5, 5, 5, 5};
    static const double up[] = {1, 10, 100, 1000}, down[] = {8, 4, 2, -1};
    static const double a[] = {3, 1, 4, 1, 5}, b[] = {9, 2, 6, 5, 3};
    (void)state;
    /* ranks 0 1.5 1.5 3 and 0 2 1 3 about 1.5: 4.5 over the root of 4.5 times 5 */
    check_rank_correlation(x, y, 4, 4.5 / sqrt(22.5));
    check_rank_correlation(y, x, 4, 4.5 / sqrt(22.5));
    check_rank_correlation(up, y, 4, 0.8); /* 1 - 6 (0 + 1 + 1 + 0) / (4 * 15) */
    check_rank_correlation(up, down, 4, -1);
    check_rank_correlation(up, up, 4, 1);
    check_rank_correlation(up, constant, 4, 0);
    check_rank_correlation(constant, constant, 4, 0);
    /* ranks 2 .5 3 .5 4 and 4 0 3 2 1 about 2: 0 + 3 + 1 + 0 - 2 over the root of 9.5 times 10 */
    check_rank_correlation(a, b, 5, 2 / sqrt(95));
    check_rank_correlation(up, down, 1, 0);
}

/* ---- shares and their intervals --------------------------------------------------------------- */

/* The chance of k of n, the share being p; exact but for rounding, and apart from the library. */
static double binomial(int n, int k, double p) {
    double chance = 1;
    for (int i = 0; i < k; i++) chance *= p * (n - i) / (k - i);
    return chance * pow(1 - p, n - k);
}

static double at_least(int n, int k, double p) {
    double sum = 0;
    for (int i = k; i <= n; i++) sum += binomial(n, i, p);
    return sum;
}

static void beta_quantiles_have_their_closed_forms(void **state) {
    static const double chances[] = {1e-12, 0.025, 0.3, 0.5, 0.8, 0.975};
    (void)state;
    for (int i = 0; i < 6; i++)
        for (double a = 0.125; a < 200; a *= 2) {
            const double p = chances[i], power = pow(p, 1 / a), arc = sin(acos(0) * p);
            CHECK_CLOSE(cit_beta_quantile(p, a, 1), power, 1e-12 * power);
            CHECK_CLOSE(cit_beta_quantile(p, 1, a), -expm1(log1p(-p) / a), 1e-12);
            CHECK_CLOSE(cit_beta_quantile(p, 0.5, 0.5), arc * arc, 1e-12 * arc * arc);
            CHECK_CLOSE(cit_beta_quantile(0.5, a, a), 0.5, 1e-13);
        }
}

/* I_x(k, n-k+1) is the chance of k or more of n. */
static void beta_quantiles_turn_the_binomial_around(void **state) {
    static const double shares[] = {0.001, 0.02, 0.3, 0.5, 0.77, 0.99};
    (void)state;
    for (int n = 1; n <= 60; n += 7)
        for (int k = 1; k <= n; k++)
            for (int i = 0; i < 6; i++) {
                const double p = at_least(n, k, shares[i]);
                if (p < 1e-200 || p > 0.999) continue; /* 1 - p has lost its digits */
                CHECK_CLOSE(cit_beta_quantile(p, k, n - k + 1), shares[i], 1e-12);
            }
}

static void beta_quantiles_end_at_0_and_1(void **state) {
    static const double bad[][3] = {{-0.1, 1, 1}, {1.1, 1, 1},       {CIT_UNKNOWN_NUMBER, 1, 1},
                                    {0.5, 0, 1},  {0.5, 1, -2},      {0.5, CIT_UNKNOWN_NUMBER, 1},
                                    {0.5, 1, 0},  {0.5, HUGE_VAL, 1}};
    (void)state;
    CHECK_CLOSE(cit_beta_quantile(0, 3, 4), 0, 0);
    CHECK_CLOSE(cit_beta_quantile(1, 3, 4), 1, 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(isnan(cit_beta_quantile(bad[i][0], bad[i][1], bad[i][2])), "row %zu is no NAN", i);
}

typedef struct interval {
    double lo, hi;
} interval;

static interval exact(int events, int people, double level) {
    interval x = {2, -2};
    CHECK(cit_exact_interval(events, people, level, &x.lo, &x.hi), "%d of %d refused", events,
          people);
    return x;
}

/* The rows of four digits from 81/263 on: Newcombe, Stat Med 1998; 17:857-872, table I, method 5. */
static void exact_intervals_have_their_published_values(void **state) {
    static const struct {
        int events, people;
        double lo, hi;
    } rows[] = {
        {0, 31, 0, 0.1122},        {5, 30, 0.0564, 0.3472}, {2, 30, 0.0082, 0.2207},
        {0, 10, 0, 0.3085},        {10, 10, 0.6915, 1},     {81, 263, 0.2527, 0.3676},
        {15, 148, 0.0578, 0.1617}, {0, 20, 0.0000, 0.1684}, {1, 29, 0.0009, 0.1776},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const interval x = exact(rows[i].events, rows[i].people, 0.95);
        CHECK_CLOSE(x.lo, rows[i].lo, 5e-5);
        CHECK_CLOSE(x.hi, rows[i].hi, 5e-5);
    }
}

static void exact_intervals_of_none_and_of_all_have_closed_forms(void **state) {
    (void)state;
    for (int n = 1; n < 1000000; n *= 3) {
        const double want = -expm1(log(0.025) / n);
        const interval none = exact(0, n, 0.95), all = exact(n, n, 0.95);
        CHECK(none.lo == 0 && all.hi == 1, "of %d: from %g, to %g", n, none.lo, all.hi);
        CHECK_CLOSE(none.hi, want, 1e-11);
        CHECK_CLOSE(all.lo, 1 - want, 1e-11);
    }
}

static void exact_intervals_mirror_and_nest(void **state) {
    (void)state;
    for (int n = 1; n <= 40; n++)
        for (int k = 0; k <= n; k++) {
            const interval x = exact(k, n, 0.95), mirror = exact(n - k, n, 0.95);
            const interval wide = exact(k, n, 0.99);
            const double share = (double)k / n;
            CHECK_CLOSE(x.lo, 1 - mirror.hi, 1e-15);
            CHECK_CLOSE(x.hi, 1 - mirror.lo, 1e-15);
            CHECK(x.lo <= share && share <= x.hi, "%d of %d: %g to %g", k, n, x.lo, x.hi);
            CHECK(k == 0 || wide.lo < x.lo, "%d of %d: %g, and %g at 99 %%", k, n, x.lo, wide.lo);
            CHECK(k == n || wide.hi > x.hi, "%d of %d: %g, and %g at 99 %%", k, n, x.hi, wide.hi);
        }
}

/* The chance that the interval seen holds the true share. */
static double coverage(int n, double p, double level) {
    double sum = 0;
    for (int k = 0; k <= n; k++) {
        const interval x = exact(k, n, level);
        if (x.lo <= p && p <= x.hi) sum += binomial(n, k, p);
    }
    return sum;
}

static void exact_intervals_cover_what_they_promise(void **state) {
    static const int sizes[] = {1, 2, 5, 10, 31, 60};
    static const double levels[] = {0.5, 0.95, 0.99};
    (void)state;
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 3; j++) {
            double least = 1;
            for (int k = 0; k <= 500; k++)
                least = fmin(least, coverage(sizes[i], k / 500.0, levels[j]));
            CHECK(least >= levels[j] - 1e-12, "%d people: %.6f, not %g", sizes[i], least,
                  levels[j]);
            CHECK(sizes[i] < 31 || least < levels[j] + 0.06, "%d people: never below %.6f",
                  sizes[i], least);
        }
}

static void exact_intervals_refuse_what_cannot_be(void **state) {
    static const int counts[][2] = {{4, 3}, {0, 0}, {0, -1}, {-1, 3}, {-2, -1}};
    static const double levels[] = {0, 1, -0.5, 1.5, CIT_UNKNOWN_NUMBER};
    double lo = 7, hi = 8;
    (void)state;
    for (int i = 0; i < 5; i++) {
        CHECK(!cit_exact_interval(counts[i][0], counts[i][1], 0.95, &lo, &hi), "%d of %d",
              counts[i][0], counts[i][1]);
        CHECK(!cit_exact_interval(1, 3, levels[i], &lo, &hi), "level %g", levels[i]);
    }
    CHECK(lo == 7 && hi == 8, "a refusal gave %g to %g", lo, hi);
}

/* ---- quadrature ---------------------------------------------------------------------------- */

static double gauss_of_power(double a, double b, int degree) {
    double x[CIT_GAUSS_POINTS], w[CIT_GAUSS_POINTS], sum = 0;
    cit_gauss(a, b, x, w);
    for (int i = 0; i < CIT_GAUSS_POINTS; i++) sum += w[i] * pow(x[i], degree);
    return sum;
}

static void gauss_is_exact_to_degree_15(void **state) {
    const double a = -0.7, b = 2.1;
    (void)state;
    for (int k = 0; k <= 15; k++) {
        const double exact = (pow(b, k + 1) - pow(a, k + 1)) / (k + 1);
        const double got = gauss_of_power(a, b, k);
        CHECK(fabs(got - exact) <= 1e-14 * exact, "degree %d: %.17g, not %.17g", k, got, exact);
    }
}

/* The rule's error on [-1, 1] is 2^17 (8!)^4 / (17 (16!)^3) times the 16th derivative. */
static void gauss_misses_degree_16_by_its_known_error(void **state) {
    const double f8 = tgamma(9), f16 = tgamma(17);
    const double error = pow(2, 17) * pow(f8, 4) / (17 * f16 * f16);
    (void)state;
    CHECK(error > 1e-5, "the error to be seen is %g", error);
    CHECK_CLOSE(2 / 17.0 - gauss_of_power(-1, 1, 16), error, 1e-15);
}

static void gauss_nodes_ascend_inside_the_interval(void **state) {
    double x[CIT_GAUSS_POINTS], w[CIT_GAUSS_POINTS];
    (void)state;
    cit_gauss(3, 5, x, w);
    for (int i = 0; i < CIT_GAUSS_POINTS; i++) {
        CHECK(x[i] > (i > 0 ? x[i - 1] : 3) && x[i] < 5, "node %d is %g", i, x[i]);
        CHECK(w[i] > 0, "weight %d is %g", i, w[i]);
    }
}

/* ---- tridiagonal matrices ------------------------------------------------------------------- */

static void the_smallest_eigenvalue_has_its_hand_values(void **state) {
    static const double d1[] = {-3.5}, d2[] = {2, 3}, d3[] = {1, 2, 3}, d4[] = {4, -1, 7, 0};
    static const double d5[] = {1, 0, -1};
    static const double ones[] = {1, 1, 1}, minus[] = {-1, -1, -1}, zeros[] = {0, 0, 0};
    (void)state;
    CHECK_CLOSE(cit_tridiagonal_smallest(d1, NULL, 1), -3.5, 0);
    CHECK_CLOSE(cit_tridiagonal_smallest(d2, ones, 2), (5 - sqrt(5)) / 2, 1e-15);
    CHECK_CLOSE(cit_tridiagonal_smallest(d2, minus, 2), (5 - sqrt(5)) / 2, 1e-15);
    CHECK_CLOSE(cit_tridiagonal_smallest(d3, ones, 3), 2 - sqrt(3), 1e-15);
    CHECK_CLOSE(cit_tridiagonal_smallest(d4, zeros, 4), -1, 1e-15);
    CHECK_CLOSE(cit_tridiagonal_smallest(d5, zeros, 3), -1, 1e-15); /* 0 / 0 on the way */
}

/* The 1-D Laplacian: 2 - 2 cos(pi / (n + 1)) with fixed ends, 0 with free ends. Bisection is right to
 * a few rounding errors of the matrix's norm, 4. */
static void the_laplacian_has_its_closed_form(void **state) {
    enum { N = 400 };
    double diagonal[N], off[N];
    (void)state;
    for (int i = 0; i < N; i++) {
        diagonal[i] = 2;
        off[i] = -1;
    }
    for (int n = 2; n <= N; n += 7) {
        const double s = sin(acos(-1) / (2 * (n + 1)));
        CHECK_CLOSE(cit_tridiagonal_smallest(diagonal, off, n), 4 * s * s, 4 * 2.3e-16);
    }
    diagonal[0] = diagonal[N - 1] = 1;
    CHECK_CLOSE(cit_tridiagonal_smallest(diagonal, off, N), 0, 4 * 2.3e-16);
}

static void check_solution(int n) {
    double *lower = doubles(n), *diagonal = doubles(n), *upper = doubles(n), *x = doubles(n),
           *scratch = doubles(n), *right = doubles(n);
    double worst = 0;
    for (int i = 0; i < n; i++) {
        const uint32_t place = (uint32_t)i;
        lower[i] = i > 0 ? cit_random(1, 0, 0, place) - 0.5 : (double)NAN; /* outside: not read */
        upper[i] = i < n - 1 ? cit_random(1, 0, 1, place) - 0.5 : (double)NAN;
        diagonal[i] = 1.1 + cit_random(1, 0, 2, place);
        right[i] = x[i] = cit_random(1, 0, 3, place) - 0.5;
    }
    cit_tridiagonal_solve(lower, diagonal, upper, x, n, scratch);
    for (int i = 0; i < n; i++) {
        const double left = i > 0 ? lower[i] * x[i - 1] : 0;
        const double rest = i < n - 1 ? upper[i] * x[i + 1] : 0;
        worst = fmax(worst, fabs(left + diagonal[i] * x[i] + rest - right[i]));
    }
    free(lower);
    free(diagonal);
    free(upper);
    free(x);
    free(scratch);
    free(right);
    CHECK(worst < 1e-15, "of %d equations one is missed by %g", n, worst);
}

static void a_tridiagonal_system_is_solved(void **state) {
    (void)state;
    check_solution(1);
    check_solution(2);
    check_solution(3);
    check_solution(1000);
}

/* ---- differential equations: problems with known solutions --------------------------------- */

enum { SIZE_MAX_ODE = 3 };

/* f and its Jacobian by rows. The recorder counts calls and keeps where the last step began: the first
 * call of a step is made there. */
typedef struct recorder {
    long calls;
    int calls_per_step;
    double step_began_at[SIZE_MAX_ODE];
} recorder;

typedef struct problem {
    int n;
    void (*f)(const double *y, double *dy);
    void (*jacobian)(const double *y, double *j);
    recorder *recorder; /* may be NULL */
} problem;

static void call_rhs(const void *model, const double *y, double *dy) {
    const problem *p = model;
    recorder *r = p->recorder;
    if (r != NULL && r->calls++ % r->calls_per_step == 0)
        memcpy(r->step_began_at, y, (size_t)p->n * sizeof *y);
    p->f(y, dy);
}

static void prepare(const void *model, const double *y, double c, double *work) {
    const problem *p = model;
    p->jacobian(y, work);
    for (int i = 0; i < p->n * p->n; i++) work[i] = -work[i];
    for (int i = 0; i < p->n; i++) work[i * p->n + i] += c;
}

/* Gauss-Jordan with pivots on a copy. */
static void solve(const void *model, const double *work, double *x) {
    const int n = ((const problem *)model)->n;
    double a[SIZE_MAX_ODE][SIZE_MAX_ODE + 1];
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) a[i][j] = work[i * n + j];
        a[i][n] = x[i];
    }
    for (int k = 0; k < n; k++) {
        int best = k;
        for (int i = k + 1; i < n; i++)
            if (fabs(a[i][k]) > fabs(a[best][k])) best = i;
        for (int j = 0; j <= n; j++) {
            const double swap = a[k][j];
            a[k][j] = a[best][j];
            a[best][j] = swap;
        }
        for (int i = 0; i < n; i++) {
            const double factor = i == k ? 0 : a[i][k] / a[k][k];
            for (int j = k; j <= n; j++) a[i][j] -= factor * a[k][j];
        }
    }
    for (int i = 0; i < n; i++) x[i] = a[i][n] / a[i][i];
}

static void decay_f(const double *y, double *dy) { dy[0] = -y[0]; }
static void decay_j(const double *y, double *j) {
    (void)y;
    j[0] = -1;
}
static const problem decay = {1, decay_f, decay_j, NULL};

static void oscillator_f(const double *y, double *dy) {
    dy[0] = y[1];
    dy[1] = -y[0];
}
static void oscillator_j(const double *y, double *j) {
    (void)y;
    j[0] = j[3] = 0;
    j[1] = 1;
    j[2] = -1;
}
static const problem oscillator = {2, oscillator_f, oscillator_j, NULL};

static void logistic_f(const double *y, double *dy) { dy[0] = y[0] * (1 - y[0]); }
static void logistic_j(const double *y, double *j) { j[0] = 1 - 2 * y[0]; }
static const problem logistic = {1, logistic_f, logistic_j, NULL};

/* y' = cos s + 2 (sin^3 s - y^3), s' = 1: made so that (sin 1, 1) goes to (sin (1 + t), 1 + t). */
static void cubic_f(const double *y, double *dy) {
    const double s = sin(y[1]);
    dy[0] = cos(y[1]) + 2 * (s * s * s - y[0] * y[0] * y[0]);
    dy[1] = 1;
}
static void cubic_j(const double *y, double *j) {
    const double s = sin(y[1]);
    j[0] = -6 * y[0] * y[0];
    j[1] = -s + 6 * s * s * cos(y[1]);
    j[2] = j[3] = 0;
}
static const problem cubic = {2, cubic_f, cubic_j, NULL};

/* From 1: 1 / (1 - t), which ends at time 1. */
static void square_f(const double *y, double *dy) { dy[0] = y[0] * y[0]; }
static void square_j(const double *y, double *j) { j[0] = 2 * y[0]; }
static const problem square = {1, square_f, square_j, NULL};

/* Robertson 1966: three reactions with rates from 0.04 to 3e7. */
static void robertson_f(const double *y, double *dy) {
    dy[0] = -0.04 * y[0] + 1e4 * y[1] * y[2];
    dy[2] = 3e7 * y[1] * y[1];
    dy[1] = -dy[0] - dy[2];
}
static void robertson_j(const double *y, double *j) {
    const double rows[3][3] = {{-0.04, 1e4 * y[2], 1e4 * y[1]},
                               {0.04, -1e4 * y[2] - 6e7 * y[1], -1e4 * y[1]},
                               {0, 6e7 * y[1], 0}};
    memcpy(j, rows, sizeof rows);
}
static const problem robertson = {3, robertson_f, robertson_j, NULL};

/* y' = -1e6 (y - cos s), s' = 1; from (1, 0) it stays within 1e-6 of (cos t, t). */
static void forced_f(const double *y, double *dy) {
    dy[0] = -1e6 * (y[0] - cos(y[1]));
    dy[1] = 1;
}
static void forced_j(const double *y, double *j) {
    j[0] = -1e6;
    j[1] = -1e6 * sin(y[1]);
    j[2] = j[3] = 0;
}
static const problem forced = {2, forced_f, forced_j, NULL};

static void still_f(const double *y, double *dy) {
    (void)y;
    dy[0] = dy[1] = dy[2] = 0;
}
static void still_j(const double *y, double *j) {
    (void)y;
    for (int i = 0; i < 9; i++) j[i] = i - 4;
}
static const problem still = {3, still_f, still_j, NULL};

enum { METHODS = 3 };

static bool same_bits(const void *a, const void *b, size_t size) { return memcmp(a, b, size) == 0; }

static const cit_ode_method *const methods[METHODS] = {&cit_ode_rodas, &cit_ode_dopri5,
                                                       &cit_ode_rk4};
static const int calls_per_step[METHODS] = {6, 7, 5};

/* One integration; `times`, `values` and `stats` as for cit_ode_advance. */
static cit_status integrate(const cit_ode_method *method, const problem *p,
                            const cit_ode_options *options, double t0, double t1, double *y,
                            const double *times, int count, double *values, cit_ode_stats *stats) {
    const cit_ode_system system = {p->n, p, call_rhs, prepare, solve, p->n * p->n, NULL};
    cit_errors errs = {0};
    cit_ode *ode = NULL;
    CHECK(cit_ode_new(method, p->n, p->n * p->n, &ode, &errs) == CIT_OK, "%s", errs.items[0].text);
    const cit_status st =
        cit_ode_advance(ode, &system, options, t0, t1, y, times, count, values, stats, &errs);
    cit_ode_free(ode);
    CHECK(errs.count == (st != CIT_OK), "status %d with %d faults", st, errs.count);
    return st;
}

/* One step of exactly h: a whole integration that accepts any error. */
static void step(const cit_ode_method *method, const problem *p, double h, double *y) {
    const cit_ode_options options = {.rtol = 1e30, .first_step = h};
    cit_ode_stats stats = {0};
    CHECK(integrate(method, p, &options, 0, h, y, NULL, 0, NULL, &stats) == CIT_OK, "diverged");
    CHECK(stats.steps == 1 && stats.rejected == 0, "%ld steps and %ld rejected, not one step",
          stats.steps, stats.rejected);
}

/* ---- order --------------------------------------------------------------------------------- */

static void start_of(const problem *p, double y[2]) {
    y[0] = p == &cubic ? sin(1) : 1;
    y[1] = p == &cubic ? 1 : 0;
}

/* How far y is from the solution of `oscillator` or `cubic` at t. */
static double error_of(const problem *p, const double *y, double t) {
    return p == &cubic ? fabs(y[0] - sin(1 + t)) : hypot(y[0] - cos(t), y[1] + sin(t));
}

/* The largest error on the way to time 2: at its end alone, errors of two signs may cancel. */
static double error_on_way(const cit_ode_method *method, const problem *p, int steps) {
    const double h = 2.0 / steps;
    double y[2], worst = 0;
    start_of(p, y);
    for (int i = 1; i <= steps; i++) {
        step(method, p, h, y);
        worst = fmax(worst, error_of(p, y, i * h));
    }
    return worst;
}

static double order_of(const cit_ode_method *method, const problem *p, int steps) {
    return log2(error_on_way(method, p, steps) / error_on_way(method, p, 2 * steps));
}

/* A tenth is what the next order leaves at these steps. */
static void methods_have_their_order(void **state) {
    static const double order[METHODS] = {4, 5, 4};
    (void)state;
    for (int i = 0; i < METHODS; i++) {
        const char *name = cit_ode_method_name(methods[i]);
        const double linear = order_of(methods[i], &oscillator, 80);
        const double nonlinear = order_of(methods[i], &cubic, 80);
        CHECK(fabs(linear - order[i]) < 0.1, "%s: order %.3f when linear", name, linear);
        CHECK(fabs(nonlinear - order[i]) < 0.1, "%s: order %.3f when nonlinear", name, nonlinear);
    }
}

/* The largest error of the interpolant inside one step of size h. */
static double dense_error(const cit_ode_method *method, const problem *p, double h) {
    const cit_ode_options options = {.rtol = 1e30, .first_step = h};
    double times[9], values[9 * 2], y[2], worst = 0;
    start_of(p, y);
    for (int i = 0; i < 9; i++) times[i] = h * (i + 1) / 10;
    CHECK(integrate(method, p, &options, 0, h, y, times, 9, values, NULL) == CIT_OK, "diverged");
    for (int i = 0; i < 9; i++) worst = fmax(worst, error_of(p, values + 2 * (size_t)i, times[i]));
    return worst;
}

static double dense_power_of(const cit_ode_method *method, const problem *p) {
    return log2(dense_error(method, p, 0.02) / dense_error(method, p, 0.01));
}

/* Of order 3: the error within a step goes with the fourth power of its size at least. */
static void interpolants_have_order_three(void **state) {
    (void)state;
    for (int i = 0; i < METHODS; i++) {
        const char *name = cit_ode_method_name(methods[i]);
        const double linear = dense_power_of(methods[i], &oscillator);
        const double nonlinear = dense_power_of(methods[i], &cubic);
        CHECK(linear > 3.9, "%s: power %.3f when linear", name, linear);
        CHECK(nonlinear > 3.9, "%s: power %.3f when nonlinear", name, nonlinear);
    }
}

/* ---- tolerance ----------------------------------------------------------------------------- */

static double error_per_rtol(const cit_ode_method *method, const problem *p, double rtol) {
    const cit_ode_options options = {.rtol = rtol};
    const double end = p == &robertson ? 40 : 5;
    double y[3] = {1, 0, 0};
    CHECK(integrate(method, p, &options, 0, end, y, NULL, 0, NULL, NULL) == CIT_OK, "diverged");
    if (p == &robertson) return fabs(y[0] / 0.7158270687193941 - 1) / rtol;
    if (p == &oscillator) return hypot(y[0] - cos(end), y[1] + sin(end)) / rtol;
    return fabs(y[0] * exp(end) - 1) / rtol;
}

/* A step may err by rtol, and errors of several steps add up; a controller that wasted steps would be
 * far below. Robertson's y1 at time 40 is 0.7158270687193941, the usual reference value. */
static void the_error_follows_the_tolerance(void **state) {
    static const struct {
        const cit_ode_method *method;
        const problem *problem;
        const char *name;
    } rows[] = {
        {&cit_ode_rodas, &decay, "decay"},
        {&cit_ode_rodas, &oscillator, "oscillator"},
        {&cit_ode_rodas, &robertson, "Robertson"},
        {&cit_ode_dopri5, &decay, "decay"},
        {&cit_ode_dopri5, &oscillator, "oscillator"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int digits = 4; digits <= 10; digits += 2) {
            const double rtol = pow(10, -digits);
            const double times = error_per_rtol(rows[i].method, rows[i].problem, rtol);
            CHECK(times < 10 && times > 1e-3, "%s on %s at %g: the error is %g times that",
                  cit_ode_method_name(rows[i].method), rows[i].name, rtol, times);
        }
}

/* The step control knows its method's order: on a smooth problem it hardly ever has to take a step back,
 * and ten times less error costs 10^(1/4) or 10^(1/5) times the steps. */
static void steps_are_foreseen_well(void **state) {
    static const double power[2] = {1 / 4.0, 1 / 5.0};
    (void)state;
    for (int i = 0; i < 2; i++) {
        cit_ode_stats coarse = {0}, fine = {0};
        const cit_ode_options loose = {.rtol = 1e-6}, tight = {.rtol = 1e-10};
        double y[2] = {1, 0};
        CHECK(integrate(methods[i], &oscillator, &loose, 0, 50, y, NULL, 0, NULL, &coarse) ==
                  CIT_OK,
              "diverged");
        CHECK(integrate(methods[i], &oscillator, &tight, 0, 50, y, NULL, 0, NULL, &fine) == CIT_OK,
              "diverged");
        const double grown = log10((double)fine.steps / (double)coarse.steps) / 4;
        CHECK(20 * fine.rejected <= fine.steps, "%s: %ld of %ld steps are taken back",
              cit_ode_method_name(methods[i]), fine.rejected, fine.steps);
        CHECK(fabs(grown - power[i]) < 0.05, "%s: steps grow with the power %.3f",
              cit_ode_method_name(methods[i]), grown);
    }
}

/* ---- stiffness ----------------------------------------------------------------------------- */

static void rodas_takes_few_steps_on_a_stiff_problem(void **state) {
    const cit_ode_options options = {.rtol = 1e-5};
    double y[2] = {1, 0};
    cit_ode_stats stats = {0};
    (void)state; /* an explicit method would need some three million steps */
    CHECK(integrate(&cit_ode_rodas, &forced, &options, 0, 10, y, NULL, 0, NULL, &stats) == CIT_OK,
          "diverged");
    CHECK(stats.steps + stats.rejected < 20, "%ld steps and %ld rejected", stats.steps,
          stats.rejected);
    CHECK_CLOSE(y[0], cos(10) + 1e-6 * sin(10), 1e-5);
    CHECK_CLOSE(y[1], 10, 1e-13);
}

static void stiff_decay_f(const double *y, double *dy) { dy[0] = -1e12 * y[0]; }
static void stiff_decay_j(const double *y, double *j) {
    (void)y;
    j[0] = -1e12;
}

/* L-stable: the factor of a step goes to 0 with the rate, as 1 / (rate h). */
static void rodas_forgets_a_fast_decay_in_one_step(void **state) {
    const problem stiff_decay = {1, stiff_decay_f, stiff_decay_j, NULL};
    double y = 1;
    (void)state;
    step(&cit_ode_rodas, &stiff_decay, 1, &y);
    CHECK(fabs(y) < 1e-10, "%g is left", y);
}

/* ---- outputs ------------------------------------------------------------------------------- */

static void outputs_cost_no_steps_and_change_no_bits(void **state) {
    static const double times[] = {1e-9, 0.5, 0.51, 0.52, 3, 19.5, 40};
    enum { COUNT = sizeof times / sizeof *times };
    const cit_ode_options options = {.rtol = 1e-4, .first_step = 0.01};
    (void)state;
    for (int i = 0; i < METHODS; i++) {
        const problem *p = methods[i] == &cit_ode_rodas ? &robertson : &oscillator;
        const char *name = cit_ode_method_name(methods[i]);
        double plain[3] = {1, 0, 0}, with[3] = {1, 0, 0}, values[COUNT * 3];
        cit_ode_stats stats = {0}, stats_with = {0};
        CHECK(integrate(methods[i], p, &options, 0, 40, plain, NULL, 0, NULL, &stats) == CIT_OK,
              "%s diverged", name);
        CHECK(integrate(methods[i], p, &options, 0, 40, with, times, COUNT, values, &stats_with) ==
                  CIT_OK,
              "%s diverged", name);
        CHECK(same_bits(plain, with, sizeof plain), "%s: %.17g became %.17g", name, plain[0],
              with[0]);
        CHECK(same_bits(&stats, &stats_with, sizeof stats), "%s: %ld steps became %ld", name,
              stats.steps, stats_with.steps);
        const double *at_end = values + (size_t)(COUNT - 1) * (size_t)p->n;
        CHECK(same_bits(at_end, with, (size_t)p->n * sizeof *with),
              "%s: the output at the end is %.17g, not %.17g", name, at_end[0], with[0]);
    }
}

static void outputs_lie_on_the_solution(void **state) {
    enum { COUNT = 200 };
    const cit_ode_options options = {.rtol = 1e-6, .first_step = 0.02};
    double times[COUNT], values[COUNT * 2];
    (void)state;
    for (int i = 0; i < COUNT; i++) times[i] = 3 + (i + 1) * 0.05;
    for (int k = 0; k < METHODS; k++) {
        double y[2] = {cos(3), -sin(3)}, worst = 0;
        CHECK(integrate(methods[k], &oscillator, &options, 3, 13.1, y, times, COUNT, values,
                        NULL) == CIT_OK,
              "diverged");
        for (int i = 0; i < COUNT; i++)
            worst = fmax(worst, error_of(&oscillator, values + 2 * (size_t)i, times[i]));
        /* steps are chosen for the solution; an interpolant of lower order may lose a digit or two */
        CHECK(worst < 1e-4, "%s: an output is off by %g", cit_ode_method_name(methods[k]), worst);
    }
}

/* ---- contracts ----------------------------------------------------------------------------- */

static void a_steady_state_stays_bit_for_bit(void **state) {
    static const double start[3] = {0.1, -3e200, 1e-300};
    const cit_ode_options options = {0};
    (void)state;
    for (int i = 0; i < METHODS; i++) {
        double y[3], at_one = 1;
        memcpy(y, start, sizeof y);
        CHECK(integrate(methods[i], &still, &options, 0, 700, y, NULL, 0, NULL, NULL) == CIT_OK,
              "diverged");
        CHECK(same_bits(y, start, sizeof y), "%s: %.17g %.17g %.17g",
              cit_ode_method_name(methods[i]), y[0], y[1], y[2]);
        CHECK(integrate(methods[i], &logistic, &options, 0, 700, &at_one, NULL, 0, NULL, NULL) ==
                  CIT_OK,
              "diverged");
        CHECK(at_one == 1, "%s: 1 became %.17g", cit_ode_method_name(methods[i]), at_one);
    }
}

static void stats_count_what_was_done_and_add_up(void **state) {
    const cit_ode_options options = {.rtol = 1e-8, .first_step = 0.5};
    (void)state;
    for (int i = 0; i < METHODS; i++) {
        recorder r = {.calls_per_step = calls_per_step[i]};
        problem p = oscillator;
        cit_ode_stats stats = {0};
        const char *name = cit_ode_method_name(methods[i]);
        p.recorder = &r;
        for (int round = 0; round < 2; round++) {
            double y[2] = {1, 0};
            CHECK(integrate(methods[i], &p, &options, 0, 10, y, NULL, 0, NULL, &stats) == CIT_OK,
                  "%s diverged", name);
        }
        CHECK(stats.rhs_calls == r.calls, "%s: %ld calls, counted as %ld", name, r.calls,
              stats.rhs_calls);
        CHECK((stats.steps + stats.rejected) * calls_per_step[i] == r.calls,
              "%s: %ld steps and %ld rejected make %ld calls", name, stats.steps, stats.rejected,
              r.calls);
        CHECK(stats.rejected > 0 || methods[i] == &cit_ode_rk4, "%s: no step was rejected", name);
        CHECK(stats.steps >= 40, "%s: two rounds in %ld steps", name, stats.steps);
    }
}

static void zero_options_are_the_defaults(void **state) {
    const cit_ode_options zero = {0}, said = {1e-5, 1e-8, 0.02, 100000};
    (void)state;
    for (int i = 0; i < METHODS; i++) {
        double a[2] = {1, 0}, b[2] = {1, 0};
        CHECK(integrate(methods[i], &oscillator, &zero, 0, 10, a, NULL, 0, NULL, NULL) == CIT_OK,
              "diverged");
        CHECK(integrate(methods[i], &oscillator, &said, 0, 10, b, NULL, 0, NULL, NULL) == CIT_OK,
              "diverged");
        CHECK(same_bits(a, b, sizeof a), "%s: %.17g and %.17g", cit_ode_method_name(methods[i]),
              a[0], b[0]);
    }
}

static void nothing_happens_in_no_time(void **state) {
    const cit_ode_options options = {0};
    cit_ode_stats stats = {0};
    double y = 0.3;
    (void)state;
    CHECK(integrate(&cit_ode_rodas, &decay, &options, 5, 5, &y, NULL, 0, NULL, &stats) == CIT_OK,
          "diverged");
    CHECK(y == 0.3 && stats.rhs_calls == 0, "%.17g after %ld calls", y, stats.rhs_calls);
}

/* Integrates to failure and checks that y is where the step that failed began. */
static double diverged_state(int method, const problem *given, const cit_ode_options *options,
                             double t1) {
    recorder r = {.calls_per_step = calls_per_step[method]};
    const char *name = cit_ode_method_name(methods[method]);
    problem p = *given;
    double y[2] = {1, 0};
    p.recorder = &r;
    const cit_status st = integrate(methods[method], &p, options, 0, t1, y, NULL, 0, NULL, NULL);
    CHECK(st == CIT_DIVERGED, "%s: status %d, and %g", name, st, y[0]);
    CHECK(same_bits(y, r.step_began_at, (size_t)p.n * sizeof *y),
          "%s: %.17g, but the last step began at %.17g", name, y[0], r.step_began_at[0]);
    return y[0];
}

static void a_blow_up_ends_at_the_last_accepted_step(void **state) {
    const cit_ode_options options = {.rtol = 1e-6, .first_step = 0.01};
    (void)state;
    for (int i = 0; i < METHODS; i++) {
        const double y = diverged_state(i, &square, &options, 2);
        CHECK(isfinite(y) && y > 1e3, "%s: left at %g", cit_ode_method_name(methods[i]), y);
    }
}

static void too_many_steps_end_at_the_last_accepted_one(void **state) {
    const cit_ode_options few = {.rtol = 1e-6, .first_step = 0.01, .max_steps = 10};
    (void)state;
    for (int i = 0; i < METHODS; i++) {
        const double y = diverged_state(i, &decay, &few, 1000);
        CHECK(y < 1 && y > 1e-6, "%s: left at %g", cit_ode_method_name(methods[i]), y);
    }
    const cit_ode_options stiff = {.max_steps = 2000};
    const double y = diverged_state(1, &forced, &stiff, 10);
    CHECK_CLOSE(y, 1, 1e-2); /* an explicit method creeps: 2000 steps are a few milliseconds */
}

static void methods_have_names(void **state) {
    (void)state;
    assert_string_equal(cit_ode_method_name(&cit_ode_rodas), "rodas");
    assert_string_equal(cit_ode_method_name(&cit_ode_dopri5), "dopri5");
    assert_string_equal(cit_ode_method_name(&cit_ode_rk4), "rk4");
    cit_ode_free(NULL);
}

/* Abramowitz and Stegun, tables 9.8 and 9.11; I0 K1 + I1 K0 = 1 / x. */
static void modified_bessel_functions_are_those_of_the_tables(void **state) {
    (void)state;
    CHECK_CLOSE(cit_bessel_i(0, 1), 1.2660658777520084, 1e-14);
    CHECK_CLOSE(cit_bessel_i(1, 1), 0.5651591039924850, 1e-14);
    CHECK_CLOSE(cit_bessel_k(0, 1), 0.4210244382407083, 1e-14);
    CHECK_CLOSE(cit_bessel_k(1, 1), 0.6019072301972346, 1e-14);
    CHECK_CLOSE(cit_bessel_k(0, 0.1), 2.4270690247020166, 1e-13);
    CHECK_CLOSE(cit_bessel_k(0, 10), 1.7780062316167651e-5, 1e-18);
    for (double x = 1e-3; x < 700; x *= 1.7) {
        const double wronskian =
            x * (cit_bessel_i(0, x) * cit_bessel_k(1, x) + cit_bessel_i(1, x) * cit_bessel_k(0, x));
        CHECK(fabs(wronskian - 1) < 1e-12, "at %g: %.15g", x, wronskian);
    }
    CHECK(cit_bessel_i(0, 0) == 1 && isinf(cit_bessel_k(0, 0)), "at nothing");
}

static void a_banded_matrix_is_solved_as_a_dense_one(void **state) {
    (void)state;
    enum { N = 17, WIDTH = 3, ROW = 2 * WIDTH + 1 };
    double band[N * ROW] = {0}, dense[N * N] = {0}, pivots[N], x[N], y[N];
    for (int i = 0; i < N; i++) {
        x[i] = y[i] = cit_random(5, (uint32_t)i, 1, 0);
        for (int j = i - WIDTH; j <= i + WIDTH; j++) {
            const double v = j == i ? 8 : -cit_random(5, (uint32_t)i, 2, (uint32_t)(j + WIDTH));
            band[i * ROW + j - i + WIDTH] = v; /* what lies outside must not matter */
            if (j >= 0 && j < N) dense[i * N + j] = v;
        }
    }
    cit_band_factor(band, N, WIDTH);
    cit_band_solve(band, N, WIDTH, x);
    cit_dense_factor(dense, pivots, N);
    cit_dense_solve(dense, pivots, N, y);
    for (int i = 0; i < N; i++) CHECK_CLOSE(x[i], y[i], 1e-14);
}

T_MAIN(CASE(quantiles_lie_on_lines_between_order_statistics), CASE(numbers_are_sorted_ascending),
       CASE(a_sum_keeps_what_cancels), CASE(mean_and_variance_have_their_hand_values),
       CASE(rank_correlation_has_its_hand_values), CASE(beta_quantiles_have_their_closed_forms),
       CASE(beta_quantiles_turn_the_binomial_around), CASE(beta_quantiles_end_at_0_and_1),
       CASE(exact_intervals_have_their_published_values),
       CASE(exact_intervals_of_none_and_of_all_have_closed_forms),
       CASE(exact_intervals_mirror_and_nest), CASE(exact_intervals_cover_what_they_promise),
       CASE(exact_intervals_refuse_what_cannot_be), CASE(gauss_is_exact_to_degree_15),
       CASE(gauss_misses_degree_16_by_its_known_error),
       CASE(gauss_nodes_ascend_inside_the_interval),
       CASE(the_smallest_eigenvalue_has_its_hand_values), CASE(the_laplacian_has_its_closed_form),
       CASE(a_tridiagonal_system_is_solved), CASE(methods_have_their_order),
       CASE(interpolants_have_order_three), CASE(the_error_follows_the_tolerance),
       CASE(steps_are_foreseen_well), CASE(rodas_takes_few_steps_on_a_stiff_problem),
       CASE(rodas_forgets_a_fast_decay_in_one_step), CASE(outputs_cost_no_steps_and_change_no_bits),
       CASE(outputs_lie_on_the_solution), CASE(a_steady_state_stays_bit_for_bit),
       CASE(stats_count_what_was_done_and_add_up), CASE(zero_options_are_the_defaults),
       CASE(nothing_happens_in_no_time), CASE(a_blow_up_ends_at_the_last_accepted_step),
       CASE(too_many_steps_end_at_the_last_accepted_one), CASE(methods_have_names),
       CASE(modified_bessel_functions_are_those_of_the_tables),
       CASE(a_banded_matrix_is_solved_as_a_dense_one))
