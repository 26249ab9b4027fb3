/* Distributions, tests, scores, meta-analysis, streams and weights against closed forms, published examples,
 * brute force and simulation with fixed seeds.
 *
 * Reference values "by mpmath" are of its version 1.2.1 with 40 digits; "by R" of R 4.2.2 with the packages
 * exactRankTests 0.8, coin 1.4, metafor 3.8, loo 2.5.1 and bayesmeta 3.4. None of these is needed here. */
#include "t.h"
#include <cit/num.h>
#include <cit/statistics.h>
#include <stdlib.h>

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof *(array)))

/* |got / want - 1| <= tolerance. */
#define CHECK_NEAR(got, want, tolerance) CHECK_CLOSE(got, want, fabs(want) * (tolerance))
#define CHECK_OK(call)                                                                             \
    do {                                                                                           \
        cit_errors errs_ = {0}, *errs = &errs_;                                                    \
        CHECK((call) == CIT_OK, "refused: %s: %s", errs_.items[0].where, errs_.items[0].text);     \
    } while (0)
/* Refused as bad input with one sentence, and the result, 0xA5 before, left alone. */
#define CHECK_REFUSED(result, call)                                                                \
    do {                                                                                           \
        cit_errors errs_ = {0}, *errs = &errs_;                                                    \
        memset(&(result), 0xA5, sizeof(result));                                                   \
        CHECK((call) == CIT_INVALID, "accepted: %s", #call);                                       \
        CHECK(errs_.count == 1 && errs_.items[0].text[0] != 0, "%d faults", errs_.count);          \
        for (size_t i_ = 0; i_ < sizeof(result); i_++)                                             \
            CHECK(((unsigned char *)&(result))[i_] == 0xA5, "result touched: %s", #call);          \
    } while (0)

static const double pi = 3.14159265358979323846;
static const double nan_ = CIT_UNKNOWN_NUMBER;

static double uniform(uint32_t draw, uint32_t stream, uint32_t place) {
    return cit_random(20261121, draw, stream, place);
}
static double normal(uint32_t draw, uint32_t stream, uint32_t place) {
    return cit_normal_quantile(uniform(draw, stream, place));
}

static double *doubles(int n) {
    double *memory = malloc((size_t)n * sizeof *memory);
    CHECK(memory != NULL, "no memory for %d numbers", n);
    return memory;
}

/* Is a share seen in `runs` runs within four standard errors of what it should be? */
static void check_share(const char *what, int seen, int runs, double want) {
    const double share = (double)seen / runs, se = sqrt(want * (1 - want) / runs);
    CHECK(fabs(share - want) <= 4 * se, "%s: %.4f, not %.4f -+ %.4f", what, share, want, 4 * se);
}

/* The integral of f over [a, b], pieces of Gauss-Legendre. */
static double integral(double (*f)(const void *, double), const void *context, double a, double b,
                       int pieces) {
    double sum = 0;
    for (int i = 0; i < pieces; i++) {
        double x[CIT_GAUSS_POINTS], w[CIT_GAUSS_POINTS];
        cit_gauss(a + (b - a) * i / pieces, a + (b - a) * (i + 1) / pieces, x, w);
        for (int k = 0; k < CIT_GAUSS_POINTS; k++) sum += w[k] * f(context, x[k]);
    }
    return sum;
}

/* ---- distributions: closed forms ----------------------------------------------------------------- */

static void student_has_its_closed_forms(void **state) {
    (void)state;
    for (double t = 1e-9; t < 1e9; t *= 3.7) {
        const double two =
            1 / ((t * t + 2) * (1 + t / sqrt(t * t + 2))); /* of 1 / 2 - t / 2 / .. */
        CHECK_NEAR(cit_t_upper(t, 1), atan(1 / t) / pi, 1e-14);
        CHECK_NEAR(cit_t_upper(t, 2), two, 1e-14);
        CHECK_NEAR(cit_t_density(t, 1), 1 / (pi * (1 + t * t)), 1e-13);
        CHECK_NEAR(cit_t_density(t, 2), pow(2 + t * t, -1.5), 1e-13);
    }
    for (double t = -8; t < 8; t += 0.37) {
        CHECK_NEAR(cit_t_upper(t, HUGE_VAL), cit_normal_cdf(-t), 1e-15);
        CHECK_NEAR(cit_t_density(t, HUGE_VAL), exp(-t * t / 2) / sqrt(2 * pi), 1e-14);
        CHECK_NEAR(cit_t_upper(t, 1e14), cit_normal_cdf(-t), 2e-11); /* t^4 / 4 df */
        if (t < 0) CHECK_CLOSE(cit_t_quantile(cit_normal_cdf(t), HUGE_VAL), t, 1e-14);
    }
    for (double p = 1e-12; p < 0.5; p *= 4) {
        CHECK_NEAR(cit_t_quantile(p, 1), -1 / tan(pi * p), 1e-13);
        CHECK_NEAR(cit_t_quantile(p, 2), (2 * p - 1) / sqrt(2 * p * (1 - p)), 1e-13);
    }
}

static void chi_square_gamma_and_f_have_their_closed_forms(void **state) {
    (void)state;
    for (double x = 1e-9; x < 600; x *= 2.3) {
        CHECK_NEAR(cit_chi2_upper(x, 2), exp(-x / 2), 1e-13);
        CHECK_NEAR(cit_chi2_cdf(x, 2), -expm1(-x / 2), 1e-13);
        CHECK_NEAR(cit_chi2_upper(x, 1), erfc(sqrt(x / 2)), 1e-12);
        CHECK_NEAR(cit_gamma_upper(x, 3, 2), exp(-x / 2) * (1 + x / 2 + x * x / 8), 1e-12);
        CHECK_NEAR(cit_f_upper(x, 2, 7), pow(1 + 2 * x / 7, -3.5), 1e-13);
        CHECK_NEAR(cit_f_upper(x, 1, 9), 2 * cit_t_upper(sqrt(x), 9), 1e-13);
    }
    CHECK_NEAR(cit_chi2_quantile(0.95, 2), -2 * log(0.05), 1e-14);
    CHECK_NEAR(cit_gamma_quantile(1e-9, 1, 5), -5 * log1p(-1e-9), 1e-14);
    CHECK_NEAR(cit_f_quantile(0.9, 2, 8), 4 * (pow(0.1, -0.25) - 1), 1e-13);
}

static void beta_has_its_closed_forms(void **state) {
    (void)state;
    for (double x = 1e-12; x < 1; x = x < 0.4 ? x * 3 : 1 - (1 - x) / 3) {
        if (1 - x < 1e-12) break;
        CHECK_NEAR(cit_beta_cdf(x, 2.5, 1), pow(x, 2.5), 1e-13);
        CHECK_NEAR(cit_beta_upper(x, 1, 2.5), pow(1 - x, 2.5), 1e-13);
        CHECK_NEAR(cit_beta_cdf(x, 0.5, 0.5), atan2(sqrt(x), sqrt(1 - x)) / acos(0), 1e-12);
        CHECK_CLOSE(cit_beta_cdf(x, 3, 8) + cit_beta_upper(x, 3, 8), 1, 1e-14);
    }
    CHECK_CLOSE(cit_beta_cdf(-1, 2, 3), 0, 0);
    CHECK_CLOSE(cit_beta_upper(2, 2, 3), 0, 0);
    CHECK(isnan(cit_beta_cdf(nan_, 1, 1)) && isnan(cit_beta_upper(0.5, 0, 1)), "not refused");
}

static double binomial(int n, int k, double p) {
    double chance = 1;
    for (int i = 0; i < k; i++) chance *= p * (n - i) / (k - i);
    return chance * pow(1 - p, n - k);
}

static void binomial_tails_are_sums(void **state) {
    static const double shares[] = {0.01, 0.3, 0.5, 0.9};
    (void)state;
    for (int n = 1; n <= 40; n += 13)
        for (int i = 0; i < COUNT_OF(shares); i++)
            for (int k = -1; k <= n; k++) {
                double below = 0, above = 0;
                for (int j = 0; j <= n; j++)
                    *(j <= k ? &below : &above) += binomial(n, j, shares[i]);
                CHECK_NEAR(cit_binomial_cdf(k, n, shares[i]), below, 1e-12);
                CHECK_NEAR(cit_binomial_upper(k, n, shares[i]), above, 1e-12);
                if (k >= 0 && k < n && below > 1e-6 && above > 1e-6) {
                    CHECK(cit_binomial_quantile(below * (1 - 1e-9), n, shares[i]) == k, "below %d",
                          k);
                    CHECK(cit_binomial_quantile(below + 1e-6 * above, n, shares[i]) == k + 1,
                          "above %d of %d", k, n);
                }
            }
    CHECK(cit_binomial_quantile(0, 5, 0.5) == 0 && cit_binomial_quantile(1, 5, 0.5) == 5, "ends");
    CHECK(cit_binomial_quantile(0.5, -1, 0.5) == -1, "of less than nobody");
}

/* ---- distributions: references, mirrors, inverses -------------------------------------------------- */

static void distributions_agree_with_mpmath(void **state) {
    static const struct {
        double t, df, upper;
    } student[] = {{2.5, 7, 0.020496109292876448},   {0.01, 3.5, 0.49628235622596209},
                   {6, 30, 6.9713843836023714e-7},   {20, 2.5, 0.00039969412225121694},
                   {1.3, 300, 0.097299443616266634}, {2.5, 5000, 0.0062255580998605715},
                   {40, 1, 0.0079560899120258133}};
    static const struct {
        double shape, x, cdf, upper;
    } gamma[] = {{0.015, 0.05, 0.96349166150983981, 0.036508338490160187},
                 {3.24, 2.7, 0.44846193996023424, 0.55153806003976576},
                 {100, 100, 0.51329879827914866, 0.48670120172085134},
                 {140, 100, 9.1646514265102914e-5, 0.9999083534857349},
                 {60, 100, 0.99999365849657263, 6.3415034273687708e-6},
                 {990, 1000, 0.62829554350723171, 0.37170445649276829},
                 {1200, 1000, 4.6842038558722808e-10, 0.99999999953157961}};
    static const struct {
        double f, df1, df2, cdf, upper;
    } f[] = {{3, 5, 11, 0.94010342381080932, 0.059896576189190678},
             {0.2, 40, 3, 0.0048771714431924219, 0.99512282855680758},
             {1.1, 200, 200, 0.74951861930499256, 0.25048138069500744},
             {6, 900, 11, 0.99898241009597353, 0.0010175899040264732},
             {0.9, 1, 1500, 0.65706547546575042, 0.34293452453424958}};
    (void)state;
    for (int i = 0; i < COUNT_OF(student); i++)
        CHECK_NEAR(cit_t_upper(student[i].t, student[i].df), student[i].upper, 1e-12);
    for (int i = 0; i < COUNT_OF(gamma); i++) {
        CHECK_NEAR(cit_gamma_cdf(gamma[i].x, gamma[i].shape, 1), gamma[i].cdf, 1e-13);
        CHECK_NEAR(cit_gamma_upper(gamma[i].x * 3, gamma[i].shape, 3), gamma[i].upper, 1e-13);
    }
    for (int i = 0; i < COUNT_OF(f); i++) {
        CHECK_NEAR(cit_f_cdf(f[i].f, f[i].df1, f[i].df2), f[i].cdf, 1e-11);
        CHECK_NEAR(cit_f_upper(f[i].f, f[i].df1, f[i].df2), f[i].upper, 1e-11);
    }
}

/* What is lost of a quantile by rounding its chance grows as the density falls; hence the tails. */
static void quantiles_turn_both_tails_around(void **state) {
    static const double ps[] = {1e-200, 1e-15, 1e-6, 0.01, 0.3, 0.5, 0.8, 0.99, 1 - 1e-9};
    static const double dfs[] = {0.7, 1, 3, 17, 250, 1999, 2001, 40000};
    (void)state;
    for (int i = 0; i < COUNT_OF(ps); i++)
        for (int j = 0; j < COUNT_OF(dfs); j++) {
            const double p = ps[i], q = 1 - p, df = dfs[j];
            const double t = cit_t_quantile(p, df), c = cit_chi2_quantile(p, df);
            const double f = cit_f_quantile(p, df, 5), n = cit_noncentral_t_quantile(p, df, 1.5);
            if (isfinite(t)) CHECK_NEAR(cit_t_cdf(t, df), p, 1e-10);
            if (c > 0) CHECK_NEAR(cit_chi2_cdf(c, df), p, 1e-10);
            if (f > 0) CHECK_NEAR(cit_f_cdf(f, df, 5), p, 1e-10);
            CHECK_NEAR(cit_chi2_upper(c, df), q, 1e-10);
            CHECK_NEAR(cit_f_upper(f, df, 5), q, 1e-10);
            if (p > 1e-20) CHECK_NEAR(cit_noncentral_t_cdf(n, df, 1.5), p, 1e-10);
        }
    CHECK(cit_t_quantile(0.5, 3) == 0, "the middle is %g", cit_t_quantile(0.5, 3));
    CHECK(cit_t_quantile(0, 3) == -HUGE_VAL && cit_t_quantile(1, 3) == HUGE_VAL, "ends");
    CHECK(cit_chi2_quantile(0, 3) == 0 && cit_chi2_quantile(1, 3) == HUGE_VAL, "ends");
}

static void distributions_mirror(void **state) {
    (void)state;
    for (double df = 0.6; df < 1e6; df *= 5)
        for (double x = 0.02; x < 50; x *= 3) {
            CHECK_NEAR(cit_t_cdf(-x, df), cit_t_upper(x, df), 0);
            CHECK_CLOSE(cit_t_cdf(x, df) + cit_t_upper(x, df), 1, 1e-15);
            CHECK_NEAR(cit_f_cdf(x, df, 7), cit_f_upper(1 / x, 7, df), 1e-11);
            CHECK_CLOSE(cit_chi2_cdf(x, df) + cit_chi2_upper(x, df), 1, 1e-13);
            CHECK_NEAR(cit_noncentral_t_cdf(-x, df, 2), cit_noncentral_t_upper(x, df, -2), 1e-12);
        }
}

static void distributions_refuse_what_cannot_be(void **state) {
    (void)state;
    const double bad[] = {cit_t_cdf(nan_, 3),
                          cit_t_upper(1, 0),
                          cit_t_quantile(1.1, 3),
                          cit_t_density(1, -1),
                          cit_gamma_cdf(1, 0, 1),
                          cit_gamma_upper(1, 1, -1),
                          cit_gamma_quantile(-0.1, 1, 1),
                          cit_chi2_cdf(1, nan_),
                          cit_f_cdf(1, 0, 1),
                          cit_f_upper(1, 1, HUGE_VAL),
                          cit_f_quantile(nan_, 1, 1),
                          cit_binomial_cdf(1, -1, 0.5),
                          cit_binomial_upper(1, 3, 1.5),
                          cit_noncentral_t_cdf(1, 0.2, 0),
                          cit_noncentral_t_upper(1, 3, nan_),
                          cit_noncentral_t_quantile(2, 3, 0),
                          cit_power_t(1, 10, 0.05, 3),
                          cit_power_t(1, 10, 0, 2)};
    for (int i = 0; i < COUNT_OF(bad); i++) CHECK(isnan(bad[i]), "number %d is %g", i, bad[i]);
}

/* ---- non-central t and power ------------------------------------------------------------------------ */

static void noncentral_t_agrees_with_mpmath(void **state) {
    static const struct {
        double t, df, delta;
        bool above;
        double chance;
    } rows[] = {
        {2, 1, 5, false, 0.025347297515486142},      {4, 1, 5, true, 0.77474710428230917},
        {-1, 60, 12, false, 1.2675832213491201e-38}, {2, 300, -2, true, 3.3720438403042182e-5},
        {9, 18, 0.5, true, 1.4643048607855544e-7},   {-8, 2, 5, false, 3.0138864471844029e-10},
        {9, 0.5, 5, false, 0.43095578733873577},     {0.3, 2, 12, false, 2.4814468385761937e-31},
        {4, 3000, 0.5, false, 0.99976298108223189}};
    (void)state;
    for (int i = 0; i < COUNT_OF(rows); i++) {
        const double got = rows[i].above
                               ? cit_noncentral_t_upper(rows[i].t, rows[i].df, rows[i].delta)
                               : cit_noncentral_t_cdf(rows[i].t, rows[i].df, rows[i].delta);
        CHECK_NEAR(got, rows[i].chance, 2e-13);
    }
}

static void noncentral_t_has_its_limits(void **state) {
    (void)state;
    for (double df = 1; df < 5000; df *= 4)
        for (double t = -6; t <= 6; t += 1.5) {
            CHECK_NEAR(cit_noncentral_t_upper(t, df, 0), cit_t_upper(t, df), 1e-11);
            CHECK_CLOSE(cit_noncentral_t_cdf(t, df, 3) + cit_noncentral_t_upper(t, df, 3), 1,
                        1e-13);
            CHECK_CLOSE(cit_noncentral_t_cdf(0, df, t), cit_normal_cdf(-t), 1e-15);
            CHECK_CLOSE(cit_noncentral_t_cdf(t, HUGE_VAL, 2), cit_normal_cdf(t - 2), 1e-15);
            CHECK_CLOSE(cit_noncentral_t_cdf(t, 1e9, 2), cit_normal_cdf(t - 2), 1e-8);
        }
    CHECK_CLOSE(cit_noncentral_t_cdf(HUGE_VAL, 3, 1), 1, 0);
    CHECK_CLOSE(cit_noncentral_t_upper(HUGE_VAL, 3, 1), 0, 0);
}

/* The examples of R's power.t.test: 20 a group, difference and sd 1; and the sizes for power 0.9. */
static void power_has_its_published_values(void **state) {
    (void)state;
    const double n2 = 22.0210977038512, n1 = 17.8471260864842;
    CHECK_CLOSE(cit_power_t(sqrt(20 / 2.0), 38, 0.05, 2), 0.868953027724586, 1e-12);
    CHECK_CLOSE(cit_power_t(sqrt(n2 / 2), 2 * n2 - 2, 0.05, 2), 0.9, 1e-6);
    CHECK_CLOSE(cit_power_t(sqrt(n1 / 2), 2 * n1 - 2, 0.05, 1), 0.9, 1e-6);
    CHECK_CLOSE(cit_power_t(0, 9, 0.05, 2), 0.05, 1e-13);
    CHECK_CLOSE(cit_power_t(0, 9, 0.05, 1), 0.05, 1e-13);
}

static void power_is_what_simulation_finds(void **state) {
    enum { RUNS = 8000, N = 12 };
    int found = 0;
    (void)state;
    for (uint32_t run = 0; run < RUNS; run++) {
        double x[N];
        cit_test_result r;
        for (uint32_t i = 0; i < N; i++) x[i] = 0.7 + normal(run, 1, i);
        CHECK_OK(cit_test_mean(x, N, 0, 0.95, &r, errs));
        found += r.p <= 0.05;
    }
    check_share("power", found, RUNS, cit_power_t(0.7 * sqrt(N), N - 1, 0.05, 2));
}

/* ---- tests of means ----------------------------------------------------------------------------------- */

/* Hours of sleep gained with two drugs: Student, Biometrika 1908; 6:20. Figures by R (t.test). */
static const double sleep_1[] = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
static const double sleep_2[] = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

static void check_result(const cit_test_result *r, double statistic, double df, double p, double lo,
                         double hi, double estimate) {
    CHECK_NEAR(r->statistic, statistic, 1e-12);
    CHECK_NEAR(r->df, df, 1e-12);
    CHECK_NEAR(r->p, p, 1e-11);
    CHECK_CLOSE(r->lo, lo, 1e-12);
    CHECK_CLOSE(r->hi, hi, 1e-12);
    CHECK_CLOSE(r->estimate, estimate, 1e-12);
}

static void students_own_example(void **state) {
    cit_test_result r;
    (void)state;
    CHECK_OK(cit_test_mean(sleep_1, 10, 0, 0.95, &r, errs));
    check_result(&r, 1.32571014071382, 9, 0.217597780068449, -0.529780413526232, 2.02978041352623,
                 0.75);
    CHECK_OK(cit_test_paired(sleep_1, sleep_2, 10, 0.95, &r, errs));
    check_result(&r, -4.06212768338204, 9, 0.00283289019738427, -2.45988576327698,
                 -0.700114236723018, -1.58);
    CHECK(r.n == 10 && !r.exact && r.level == 0.95, "%d pairs", r.n);
    CHECK_OK(cit_test_welch(sleep_1, 10, sleep_2, 10, 0.95, &r, errs));
    check_result(&r, -1.86081346748685, 17.7764735161785, 0.0793941401873582, -3.36548323071171,
                 0.20548323071171, -1.58);
}

/* Two values: a mean of 2 with error 1 and one degree of freedom, Cauchy's. */
static void the_smallest_samples_have_closed_forms(void **state) {
    static const double x[] = {1, 3}, y[] = {0, 0}, before[] = {0, 1, 0, 1}, after[] = {1, 2, 5, 3};
    static const int arm[] = {0, 0, 1, 1};
    cit_test_result r;
    cit_ancova fit;
    (void)state;
    CHECK_OK(cit_test_mean(x, 2, 0, 0.5, &r, errs));
    check_result(&r, 2, 1, 2 * atan(0.5) / pi, 1, 3, 2);
    CHECK_OK(cit_test_welch(x, 2, y, 2, 0.5, &r, errs));
    check_result(&r, 2, 1, 2 * atan(0.5) / pi, 1, 3, 2);
    CHECK_OK(cit_score_difference(x, y, 2, 0.5, &r, errs));
    check_result(&r, 2, 1, 2 * atan(0.5) / pi, 1, 3, 2);
    /* slopes 1 and -2 share -1/2, which leaves 1.5^2 / 2 in each arm; means 1.5 and 4 */
    CHECK_OK(cit_test_ancova(after, before, arm, 4, 2, 0.5, &r, &fit, errs));
    CHECK_CLOSE(fit.slope, -0.5, 1e-15);
    check_result(&r, 2.5 / 1.5, 1, 2 * atan(1.5 / 2.5) / pi, 1, 4, 2.5);
}

static void intervals_of_t_hold_what_they_promise(void **state) {
    enum { RUNS = 4000 };
    int mean = 0, welch = 0;
    (void)state;
    for (uint32_t run = 0; run < RUNS; run++) {
        double x[5], y[11];
        cit_test_result r;
        for (uint32_t i = 0; i < 5; i++) x[i] = 3 + 4 * normal(run, 2, i);
        for (uint32_t i = 0; i < 11; i++) y[i] = 1 + normal(run, 3, i);
        CHECK_OK(cit_test_mean(x, 5, 0, 0.9, &r, errs));
        mean += r.lo <= 3 && 3 <= r.hi;
        CHECK_OK(cit_test_welch(x, 5, y, 11, 0.9, &r, errs));
        welch += r.lo <= 2 && 2 <= r.hi;
    }
    check_share("one sample", mean, RUNS, 0.9);
    /* Welch's is not exact; with 5 and 11 it comes within a hundredth */
    CHECK(fabs((double)welch / RUNS - 0.9) < 0.025, "Welch: %d of %d", welch, RUNS);
}

/* p is below alpha where the interval of level 1 - alpha leaves 0 out, at every level. */
static void p_and_interval_are_one(void **state) {
    (void)state;
    for (uint32_t run = 0; run < 200; run++) {
        double x[7], y[9];
        cit_test_result r, s;
        for (uint32_t i = 0; i < 7; i++) x[i] = normal(run, 4, i);
        for (uint32_t i = 0; i < 9; i++) y[i] = 0.5 + 2 * normal(run, 5, i);
        CHECK_OK(cit_test_welch(x, 7, y, 9, 0.95, &r, errs));
        CHECK_OK(cit_test_welch(x, 7, y, 9, 1 - r.p, &s, errs));
        CHECK_CLOSE(fmin(fabs(s.lo), fabs(s.hi)), 0, 1e-9);
        CHECK((r.p < 0.05) == (r.lo > 0 || r.hi < 0), "p = %g, %g to %g", r.p, r.lo, r.hi);
        CHECK_OK(cit_test_welch(y, 9, x, 7, 0.95, &s, errs));
        CHECK_CLOSE(s.estimate, -r.estimate, 0);
        CHECK_CLOSE(s.lo, -r.hi, 1e-14);
        CHECK_CLOSE(s.p, r.p, 0);
    }
}

/* Bacilli before and after drugs A, D and a placebo F: Snedecor and Cochran, Statistical Methods, 6th
 * edition, page 422; figures by R (lm), which SAS prints as well. */
static const double leprosy_before[] = {16, 13, 11, 9,  21, 16, 12, 12, 7, 12, 11, 8,  5, 14, 19,
                                        6,  10, 6,  11, 3,  6,  6,  7,  8, 18, 8,  19, 8, 5,  15};
static const double leprosy_after[] = {13, 10, 18, 5, 23, 12, 5, 16, 1, 20, 6, 0,  2, 8, 11,
                                       4,  13, 1,  8, 0,  0,  2, 3,  1, 18, 4, 14, 9, 1, 9};

static void leprosy_arms(int arm[30]) {
    for (int i = 0; i < 30; i++) arm[i] = i / 10;
}

static void ancova_has_its_published_values(void **state) {
    int arm[30];
    cit_test_result r[2];
    cit_ancova fit;
    (void)state;
    leprosy_arms(arm);
    CHECK_OK(cit_test_ancova(leprosy_after, leprosy_before, arm, 30, 3, 0.95, r, &fit, errs));
    CHECK_CLOSE(fit.slope, 0.987183811130, 1e-12);
    CHECK_CLOSE(fit.slope_se, 0.164497567753, 1e-12);
    CHECK_CLOSE(fit.residual_sd, 4.00577754367453, 1e-13);
    CHECK_CLOSE(fit.df, 26, 0);
    check_result(&r[0], -3.446138279933 / 1.886780648418, 26, 7.92845843098e-02, -7.324471447018,
                 0.432194887153, -3.446138279933);
    CHECK_CLOSE(r[1].estimate, -3.337166947723, 1e-12);
    CHECK_CLOSE(r[1].se, 1.853866424172, 1e-12);
    CHECK_CLOSE(r[1].p, 8.34575521763e-02, 1e-12);
    CHECK_CLOSE(r[1].lo, -7.147843957920, 1e-12);
    CHECK_CLOSE(r[1].hi, 0.473510062473, 1e-12);
}

/* Whether follow-up or change is analysed, and in what unit baseline is, the arms differ by the same. */
static void ancova_does_not_care_for_change_from_baseline(void **state) {
    int arm[30];
    double change[30], inches[30];
    cit_test_result r[2], s[2];
    (void)state;
    leprosy_arms(arm);
    for (int i = 0; i < 30; i++) {
        change[i] = leprosy_after[i] - leprosy_before[i];
        inches[i] = leprosy_before[i] / 25.4 + 100;
    }
    CHECK_OK(cit_test_ancova(leprosy_after, leprosy_before, arm, 30, 3, 0.9, r, NULL, errs));
    CHECK_OK(cit_test_ancova(change, inches, arm, 30, 3, 0.9, s, NULL, errs));
    for (int k = 0; k < 2; k++) {
        CHECK_CLOSE(s[k].estimate, r[k].estimate, 1e-12);
        CHECK_CLOSE(s[k].lo, r[k].lo, 1e-11);
        CHECK_CLOSE(s[k].p, r[k].p, 1e-12);
    }
}

static void ancova_holds_what_it_promises(void **state) {
    enum { RUNS = 3000, N = 16 };
    int held = 0;
    (void)state;
    for (uint32_t run = 0; run < RUNS; run++) {
        double before[N], after[N];
        int arm[N];
        cit_test_result r;
        for (uint32_t i = 0; i < N; i++) {
            arm[i] = i % 4 == 0;
            before[i] = 20 + 5 * normal(run, 6, i) + arm[i]; /* not the same at the start */
            after[i] = 0.6 * before[i] - 3 * arm[i] + 2 * normal(run, 7, i);
        }
        CHECK_OK(cit_test_ancova(after, before, arm, N, 2, 0.95, &r, NULL, errs));
        held += r.lo <= -3 && -3 <= r.hi;
    }
    check_share("ANCOVA", held, RUNS, 0.95);
}

static void means_refuse_bad_input(void **state) {
    static const double good[] = {1, 2, 4, 8}, hole[] = {1, 2, CIT_UNKNOWN_NUMBER, 4};
    static const double same[] = {0.1, 0.1, 0.1, 0.1}, far[] = {1, HUGE_VAL, 2, 3};
    static const int arm[] = {0, 1, 0, 1}, bad_arm[] = {0, 1, 2, 1}, one[] = {0, 0, 0, 0};
    cit_test_result r;
    (void)state;
    CHECK_REFUSED(r, cit_test_mean(good, 0, 0, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_mean(good, 1, 0, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_mean(good, -3, 0, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_mean(hole, 4, 0, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_mean(far, 4, 0, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_mean(same, 4, 0, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_mean(same, 3, 0, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_mean(good, 4, nan_, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_mean(good, 4, 0, 1, &r, errs));
    CHECK_REFUSED(r, cit_test_mean(good, 4, 0, nan_, &r, errs));
    CHECK_REFUSED(r, cit_test_paired(good, hole, 4, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_paired(good, good, 4, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_welch(good, 4, good, 1, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_welch(same, 4, same, 4, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_ancova(good, good, arm, 4, 1, 0.95, &r, NULL, errs));
    CHECK_REFUSED(r, cit_test_ancova(good, same, arm, 4, 2, 0.95, &r, NULL, errs));
    CHECK_REFUSED(r, cit_test_ancova(good, good, arm, 4, 2, 0.95, &r, NULL, errs)); /* no error */
    CHECK_REFUSED(r, cit_test_ancova(good, good, arm, 3, 2, 0.95, &r, NULL, errs));
    CHECK_REFUSED(r, cit_test_ancova(good, good, bad_arm, 4, 2, 0.95, &r, NULL, errs));
    CHECK_REFUSED(r, cit_test_ancova(good, good, one, 4, 2, 0.95, &r, NULL, errs));
    CHECK_REFUSED(r, cit_test_ancova(hole, good, arm, 4, 2, 0.95, &r, NULL, errs));
}

/* ---- ranks --------------------------------------------------------------------------------------------- */

/* Slow and plain: mean ranks by counting. */
static void mean_ranks(const double *x, int n, double *rank) {
    for (int i = 0; i < n; i++) {
        rank[i] = 0.5;
        for (int j = 0; j < n; j++) rank[i] += x[j] < x[i] ? 1 : x[j] == x[i] ? 0.5 : 0;
    }
}

/* All 2^n signs. */
static double signed_rank_by_enumeration(const double *d, int n) {
    double size[16], rank[16], seen = 0, below = 0, above = 0;
    int m = 0;
    bool up[16];
    for (int i = 0; i < n; i++)
        if (d[i] != 0) {
            up[m] = d[i] > 0;
            size[m++] = fabs(d[i]);
        }
    mean_ranks(size, m, rank);
    for (int i = 0; i < m; i++) seen += up[i] ? rank[i] : 0;
    for (int signs = 0; signs < 1 << m; signs++) {
        double sum = 0;
        for (int i = 0; i < m; i++) sum += signs >> i & 1 ? rank[i] : 0;
        below += sum <= seen;
        above += sum >= seen;
    }
    return fmin(2 * fmin(below, above) / (1 << m), 1);
}

/* All splits of n ranks into nx and the rest. */
static double split_by_enumeration(const double *x, int nx, const double *y, int ny) {
    double all[16], rank[16], seen = 0, far = 0, count = 0;
    const int n = nx + ny;
    for (int i = 0; i < n; i++) all[i] = i < nx ? x[i] : y[i - nx];
    mean_ranks(all, n, rank);
    for (int i = 0; i < nx; i++) seen += rank[i];
    const double mean = 0.5 * nx * (n + 1);
    for (int choice = 0; choice < 1 << n; choice++) {
        double sum = 0;
        int chosen = 0;
        for (int i = 0; i < n; i++)
            if (choice >> i & 1) {
                chosen++;
                sum += rank[i];
            }
        if (chosen != nx) continue;
        count++;
        far += fabs(sum - mean) >= fabs(seen - mean);
    }
    return far / count;
}

/* One-sided: as high as the one seen, and as low. */
static cit_tails split_tails_by_enumeration(const double *x, int nx, const double *y, int ny) {
    double all[16], rank[16], seen = 0, count = 0;
    cit_tails tails = {0, 0};
    const int n = nx + ny;
    for (int i = 0; i < n; i++) all[i] = i < nx ? x[i] : y[i - nx];
    mean_ranks(all, n, rank);
    for (int i = 0; i < nx; i++) seen += rank[i];
    for (int choice = 0; choice < 1 << n; choice++) {
        double sum = 0;
        int chosen = 0;
        for (int i = 0; i < n; i++) {
            chosen += choice >> i & 1;
            sum += choice >> i & 1 ? rank[i] : 0;
        }
        if (chosen != nx) continue;
        count++;
        tails.up += sum >= seen;
        tails.down += sum <= seen;
    }
    return (cit_tails){tails.up / count, tails.down / count};
}

/* The middle of all means of two or differences, by a table. */
static double middle_of_pairs(const double *x, int nx, const double *y, int ny) {
    double *all = doubles(nx * (nx + ny + 1));
    int n = 0;
    for (int i = 0; i < nx; i++)
        for (int j = y == NULL ? i : 0; j < (y == NULL ? nx : ny); j++)
            all[n++] = y == NULL ? 0.5 * x[i] + 0.5 * x[j] : x[i] - y[j];
    cit_sort(all, n);
    const double middle = 0.5 * all[(n - 1) / 2] + 0.5 * all[n / 2];
    free(all);
    return middle;
}

static void rank_tests_agree_with_enumeration(void **state) {
    (void)state;
    for (uint32_t run = 0; run < 120; run++) {
        const int n = 1 + (int)(run % 11), coarse = run % 3 == 0 ? 1 : run % 3 == 1 ? 3 : 1000;
        double d[11], y[7];
        cit_test_result r;
        for (int i = 0; i < n; i++) d[i] = rint(coarse * (normal(run, 8, (uint32_t)i) + 0.3));
        for (int i = 0; i < 7; i++) y[i] = rint(coarse * normal(run, 9, (uint32_t)i));
        CHECK_OK(cit_test_signed_rank(d, n, 0.9, &r, errs));
        CHECK_CLOSE(r.p, signed_rank_by_enumeration(d, n), 1e-14);
        CHECK_CLOSE(r.estimate, middle_of_pairs(d, n, NULL, 0), 0);
        CHECK(r.exact, "not exact");
        const int nx = n < 7 ? n : 7;
        CHECK_OK(cit_test_mann_whitney(d, nx, y, 7, 0.9, &r, errs));
        CHECK_CLOSE(r.p, split_by_enumeration(d, nx, y, 7), 1e-13);
        const cit_tails want = split_tails_by_enumeration(d, nx, y, 7);
        cit_tails tails;
        CHECK_OK(cit_test_mann_whitney_tails(d, nx, y, 7, 0.9, NULL, &tails, errs));
        CHECK_CLOSE(tails.up, want.up, 1e-13);
        CHECK_CLOSE(tails.down, want.down, 1e-13);
        CHECK_CLOSE(r.estimate, middle_of_pairs(d, nx, y, 7), 0);
        CHECK(r.exact, "not exact");
    }
}

/* Depression scores and permeability of membranes: Hollander and Wolfe, Nonparametric Statistical Methods,
 * 1973, pages 29 and 69; figures by R (wilcox.test). */
static void rank_tests_have_their_published_values(void **state) {
    static const double first[] = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
    static const double second[] = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
    static const double term[] = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
    static const double early[] = {1.15, 0.88, 0.90, 0.74, 1.21};
    double d[9];
    cit_test_result r;
    (void)state;
    for (int i = 0; i < 9; i++) d[i] = first[i] - second[i];
    CHECK_OK(cit_test_signed_rank(d, 9, 0.95, &r, errs));
    CHECK_CLOSE(r.statistic, 40, 0);
    CHECK_CLOSE(r.p, 0.0390625, 1e-15);
    CHECK_CLOSE(r.lo, 0.01, 1e-14);
    CHECK_CLOSE(r.hi, 0.786, 1e-14);
    CHECK_CLOSE(r.estimate, 0.46, 1e-14);
    CHECK_OK(cit_test_mann_whitney(term, 10, early, 5, 0.95, &r, errs));
    CHECK_CLOSE(r.statistic, 35, 0);
    CHECK_CLOSE(r.p, 0.254412254412254, 1e-14);
    CHECK_CLOSE(r.lo, -0.15, 1e-14);
    CHECK_CLOSE(r.hi, 0.76, 1e-14);
    CHECK_CLOSE(r.estimate, 0.305, 1e-14);
}

/* Two of sixteen respond, both among four: 6 of the 120 ways to be two. Of the other end, nobody of the four,
 * which is as far from the mean, half of the two-sided p would make something else. */
static void tails_of_ties_are_counted(void **state) {
    (void)state;
    const double x[4] = {1, 1}, y[12] = {0}, z[4] = {0}, w[12] = {1, 1};
    cit_test_result r;
    cit_tails t;
    CHECK_OK(cit_test_mann_whitney_tails(x, 4, y, 12, 0.95, &r, &t, errs));
    CHECK_CLOSE(t.up, 6 / 120.0, 1e-15);
    CHECK_CLOSE(t.down, 1, 1e-15);
    CHECK_CLOSE(r.p, 6 / 120.0, 1e-15);
    CHECK_OK(cit_test_mann_whitney_tails(z, 4, w, 12, 0.95, &r, &t, errs));
    CHECK_CLOSE(t.down, 66 / 120.0, 1e-15);
    CHECK_CLOSE(t.up, 1, 1e-15);
    CHECK_OK(cit_test_mann_whitney_tails(z, 4, y, 12, 0.95, &r, &t, errs));
    CHECK(t.up == 1 && t.down == 1, "%g and %g of what is all the same", t.up, t.down);
}

/* The tails of signed ranks, of signs counted and of the normal, mirror and add up to 1 and the point seen. */
static void tails_mirror(void **state) {
    (void)state;
    double x[60], minus[60];
    cit_test_result r;
    cit_tails t, m;
    for (int i = 0; i < 60; i++) x[i] = normal(1, 77, (uint32_t)i) + 0.2;
    for (int i = 0; i < 60; i++) minus[i] = -x[i];
    for (int n = 20; n <= 60; n += 40) {
        CHECK_OK(cit_test_signed_rank_tails(x, n, 0.95, &r, &t, errs));
        CHECK_OK(cit_test_signed_rank_tails(minus, n, 0.95, NULL, &m, errs));
        CHECK_CLOSE(t.up, m.down, 1e-14);
        CHECK_CLOSE(t.down, m.up, 1e-14);
        CHECK_CLOSE(r.p, 2 * fmin(t.up, t.down), 1e-14);
        CHECK(t.up + t.down > 1, "%g and %g", t.up, t.down);
        CHECK_OK(cit_test_mann_whitney_tails(x, n, minus, n, 0.95, &r, &t, errs));
        CHECK_OK(cit_test_mann_whitney_tails(minus, n, x, n, 0.95, NULL, &m, errs));
        CHECK_CLOSE(t.up, m.down, 1e-14);
        CHECK_CLOSE(r.p, 2 * fmin(t.up, t.down), 1e-14);
    }
}

/* By exactRankTests (sleep) and coin (two samples). */
static void rank_tests_count_ties_exactly(void **state) {
    static const double u[] = {1, 2, 2, 3, 4, 4, 5, 7}, v[] = {2, 3, 3, 5, 6, 8, 8, 9, 9};
    double d[10];
    cit_test_result r;
    (void)state;
    for (int i = 0; i < 10; i++) d[i] = sleep_1[i] - sleep_2[i];
    CHECK_OK(cit_test_signed_rank(d, 10, 0.95, &r, errs));
    CHECK_CLOSE(r.statistic, 0, 0);
    CHECK_CLOSE(r.p, 0.00390625, 1e-15);
    CHECK_OK(cit_test_mann_whitney(u, 8, v, 9, 0.95, &r, errs));
    CHECK_CLOSE(r.p, 0.0742492801316, 1e-13);
}

/* Normal numbers to one decimal, so with ties and zeros; figures by R (wilcox.test, correct). */
static const double tied_u[] = {-0.6, 0.2, -0.8, 1.6,  0.3, -0.8, 0.5,  0.7,  0.6,  -0.3,
                                1.5,  0.4, -0.6, -2.2, 1.1, 0,    0,    0.9,  0.8,  0.6,
                                0.9,  0.8, 0.1,  -2,   0.6, -0.1, -0.2, -1.5, -0.5, 0.4};
static const double tied_v[] = {1.9, 0.4, 0.9,  0.4,  -0.9, 0.1, 0.1, 0.4, 1.6, 1.3,  0.3, 0.2,
                                1.2, 1.1, -0.2, -0.2, 0.9,  1.3, 0.4, 1.4, 0.9, -0.1, 0.8, -0.6,
                                1.9, 2.5, 0.1,  -0.5, 1.1,  0.4, 2.9, 0.5, 1.2, 0.5,  -0.2};
static const double tied_d[] = {
    0.4,  -1.6, 1.7,  0.4,  2.4,  0.7,  -0.5, 0.8,  -0.7, -1.1, 0.5,  -0.2, 0.2, 0.3, -0.4,
    -0.4, 0.1,  1.4,  -1.3, 0.8,  0.5,  1.3,  -0.1, 0.6,  0.5,  -0.3, 1.4,  1.4, 0.9, 1.8,
    0.8,  -1.1, -0.4, -1,   -0.3, -0.4, 0.2,  -0.7, 0.4,  -0.5, 2,    0.9,  1.1, 0.6, 1.9,
    -0.4, -0.3, 1.6,  -0.5, 0,    -0.2, -0.1, -0.1, 0.7,  0,    -0.3, 1.5,  0,   0,   0.1};

static void many_ranks_are_normal_with_ties(void **state) {
    cit_test_result r;
    (void)state;
    CHECK_OK(cit_test_mann_whitney(tied_u, 30, tied_v, 35, 0.95, &r, errs));
    CHECK_CLOSE(r.statistic, 355.5, 0);
    CHECK_CLOSE(r.p, 0.0259509642290245, 1e-14);
    CHECK_CLOSE(r.estimate, -0.5, 1e-14);
    CHECK_CLOSE(r.lo, -0.9, 1e-14);
    CHECK_CLOSE(r.hi, -0.1, 1e-14);
    CHECK(!r.exact, "65 tied values were counted");
    CHECK_OK(cit_test_signed_rank(tied_d, 60, 0.95, &r, errs));
    CHECK_CLOSE(r.statistic, 1071, 0);
    CHECK_CLOSE(r.p, 0.0261074140318815, 1e-14);
    CHECK_CLOSE(r.estimate, 0.25, 0.051); /* R leaves zeros out here, we do not */
}

/* Exact and normal p meet where the exact one ends. */
static void exact_and_normal_ranks_meet(void **state) {
    double x[51], y[51];
    cit_test_result exact, near;
    (void)state;
    for (uint32_t i = 0; i < 51; i++) {
        x[i] = normal(0, 10, i);
        y[i] = normal(0, 11, i);
    }
    CHECK_OK(cit_test_mann_whitney(x, 50, y, 50, 0.95, &exact, errs));
    CHECK_OK(cit_test_mann_whitney(x, 51, y, 50, 0.95, &near, errs));
    CHECK(exact.exact && !near.exact, "50 and 51");
    const double u = exact.statistic - 1250, sd = sqrt(2500 / 12.0 * 101);
    CHECK_NEAR(exact.p, 2 * cit_normal_cdf(-(fabs(u) - 0.5) / sd), 0.02);
    CHECK_CLOSE(exact.lo, near.lo, 0.1);
    CHECK_OK(cit_test_signed_rank(x, 50, 0.95, &exact, errs));
    CHECK_OK(cit_test_signed_rank(x, 51, 0.95, &near, errs));
    CHECK(exact.exact && !near.exact, "50 and 51");
    const double t = exact.statistic - 637.5, signed_sd = sqrt(637.5 * 101 / 6);
    CHECK_NEAR(exact.p, 2 * cit_normal_cdf(-(fabs(t) - 0.5) / signed_sd), 0.02);
    CHECK_CLOSE(exact.hi, near.hi, 0.1);
}

static void rank_tests_shift_and_mirror(void **state) {
    double x[20], y[15], minus[20], moved[20];
    cit_test_result r, s;
    (void)state;
    for (uint32_t i = 0; i < 20; i++) x[i] = rint(8 * normal(1, 12, i));
    for (uint32_t i = 0; i < 15; i++) y[i] = rint(8 * normal(1, 13, i));
    for (int i = 0; i < 20; i++) minus[i] = -x[i];
    for (int i = 0; i < 20; i++) moved[i] = x[i] + 3;
    CHECK_OK(cit_test_signed_rank(x, 20, 0.95, &r, errs));
    CHECK_OK(cit_test_signed_rank(minus, 20, 0.95, &s, errs));
    CHECK(s.lo == -r.hi && s.hi == -r.lo && s.estimate == -r.estimate && s.p == r.p, "mirror");
    CHECK_OK(cit_test_mann_whitney(x, 20, y, 15, 0.95, &r, errs));
    CHECK_OK(cit_test_mann_whitney(y, 15, x, 20, 0.95, &s, errs));
    CHECK(s.lo == -r.hi && s.hi == -r.lo && s.estimate == -r.estimate, "mirror");
    CHECK_CLOSE(s.p, r.p, 1e-14);
    CHECK_OK(cit_test_mann_whitney(moved, 20, y, 15, 0.95, &s, errs));
    CHECK(s.lo == r.lo + 3 && s.hi == r.hi + 3 && s.estimate == r.estimate + 3, "shift");
}

static void rank_intervals_hold_what_they_promise(void **state) {
    enum { RUNS = 3000 };
    int one = 0, two = 0, large = 0;
    (void)state;
    for (uint32_t run = 0; run < RUNS; run++) {
        double x[60], y[12];
        cit_test_result r;
        for (uint32_t i = 0; i < 60; i++) x[i] = 1 + normal(run, 14, i);
        for (uint32_t i = 0; i < 12; i++) y[i] = normal(run, 15, i);
        CHECK_OK(cit_test_signed_rank(x, 10, 0.95, &r, errs));
        one += r.lo <= 1 && 1 <= r.hi;
        CHECK_OK(cit_test_mann_whitney(x, 8, y, 12, 0.95, &r, errs));
        two += r.lo <= 1 && 1 <= r.hi;
        CHECK_OK(cit_test_signed_rank(x, 60, 0.95, &r, errs));
        large += r.lo <= 1 && 1 <= r.hi;
    }
    /* the levels reached: 1 - 2 P(T <= 8) = 1 - 50/1024, and the others by R (pwilcox, psignrank) */
    check_share("signed ranks", one, RUNS, 1 - 50 / 1024.0);
    check_share("two samples", two, RUNS, 0.9526554);
    check_share("60 signed ranks", large, RUNS, 0.9507185);
}

static void few_ranks_bound_nothing(void **state) {
    static const double x[] = {1, 2, 3, 4, 5}, zeros[] = {0, 0, 0};
    cit_test_result r;
    (void)state;
    CHECK_OK(cit_test_signed_rank(x, 5, 0.95, &r, errs));
    CHECK(r.lo == -HUGE_VAL && r.hi == HUGE_VAL, "%g to %g", r.lo, r.hi);
    CHECK_CLOSE(r.p, 1 / 16.0, 0);
    CHECK_OK(cit_test_signed_rank(x, 5, 0.9, &r, errs));
    CHECK(r.lo == 1 && r.hi == 5, "%g to %g", r.lo, r.hi);
    CHECK_OK(cit_test_signed_rank(zeros, 3, 0.5, &r, errs));
    CHECK(r.p == 1 && r.estimate == 0, "p = %g", r.p);
    CHECK_OK(cit_test_mann_whitney(zeros, 3, zeros, 2, 0.5, &r, errs));
    CHECK(r.p == 1 && r.estimate == 0, "p = %g", r.p);
}

static void half_a_million_values_need_no_table_of_pairs(void **state) {
    enum { N = 500000 };
    double *x = doubles(N);
    cit_test_result r;
    (void)state;
    for (uint32_t i = 0; i < N; i++) x[i] = 5 + uniform(0, 16, i);
    CHECK_OK(cit_test_signed_rank(x, N, 0.95, &r, errs));
    CHECK_CLOSE(r.estimate, 5.5, 0.002);
    CHECK(r.hi - r.lo > 0.0005 && r.hi - r.lo < 0.005, "%g to %g", r.lo, r.hi);
    CHECK_OK(cit_test_mann_whitney(x, N / 2, x + N / 2, N / 2, 0.95, &r, errs));
    CHECK_CLOSE(r.estimate, 0, 0.004);
    free(x);
}

static void ranks_refuse_bad_input(void **state) {
    static const double good[] = {1, 2, 4}, hole[] = {1, CIT_UNKNOWN_NUMBER, 4};
    cit_test_result r;
    (void)state;
    CHECK_REFUSED(r, cit_test_signed_rank(good, 0, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_signed_rank(hole, 3, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_signed_rank(good, 3, 0, &r, errs));
    CHECK_REFUSED(r, cit_test_mann_whitney(good, 0, good, 3, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_mann_whitney(good, 3, hole, 3, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_mann_whitney(good, 3, good, 3, 1.5, &r, errs));
}

/* ---- shares --------------------------------------------------------------------------------------------- */

/* Newcombe, Stat Med 1998; 17:857-872, table I, method 3. */
static void wilson_has_its_published_values(void **state) {
    static const struct {
        int events, people;
        double lo, hi;
    } rows[] = {{81, 263, 0.2553, 0.3662},
                {15, 148, 0.0624, 0.1605},
                {0, 20, 0, 0.1611},
                {1, 29, 0.0061, 0.1718}};
    double lo = 7, hi = 8;
    (void)state;
    for (int i = 0; i < COUNT_OF(rows); i++) {
        CHECK(cit_wilson_interval(rows[i].events, rows[i].people, 0.95, &lo, &hi), "refused");
        CHECK_CLOSE(lo, rows[i].lo, 5e-5);
        CHECK_CLOSE(hi, rows[i].hi, 5e-5);
        CHECK(cit_wilson_interval(rows[i].people - rows[i].events, rows[i].people, 0.95, &lo, &hi),
              "refused");
        CHECK_CLOSE(1 - hi, rows[i].lo, 5e-5);
    }
    lo = 7;
    CHECK(!cit_wilson_interval(4, 3, 0.95, &lo, &hi) &&
              !cit_wilson_interval(0, 0, 0.95, &lo, &hi) &&
              !cit_wilson_interval(1, 3, 1, &lo, &hi) && lo == 7,
          "not refused");
}

/* Newcombe, Stat Med 1998; 17:873-890, table II, method 10. */
static void differences_of_shares_have_their_published_values(void **state) {
    static const struct {
        int ex, nx, ey, ny;
        double lo, hi;
    } rows[] = {{56, 70, 48, 80, 0.0524, 0.3339}, {9, 10, 3, 10, 0.1705, 0.8090},
                {6, 7, 2, 7, 0.0582, 0.8062},     {5, 56, 0, 29, -0.0381, 0.1926},
                {0, 10, 0, 20, -0.1611, 0.2775},  {0, 10, 0, 10, -0.2775, 0.2775},
                {10, 10, 0, 20, 0.6791, 1.0000},  {10, 10, 0, 10, 0.6075, 1.0000}};
    (void)state;
    for (int i = 0; i < COUNT_OF(rows); i++) {
        cit_test_result r, s;
        CHECK_OK(cit_test_shares(rows[i].ex, rows[i].nx, rows[i].ey, rows[i].ny, 0.95, &r, errs));
        CHECK_CLOSE(r.lo, rows[i].lo, 5e-5);
        CHECK_CLOSE(r.hi, rows[i].hi, 5e-5);
        CHECK_OK(cit_test_shares(rows[i].ey, rows[i].ny, rows[i].ex, rows[i].nx, 0.95, &s, errs));
        CHECK_CLOSE(s.lo, -r.hi, 1e-15);
        CHECK_CLOSE(s.p, r.p, 1e-13);
    }
}

/* p: chi-square of 56/70 against 48/80 is 1200/169 times .. by hand: pooled 104/150. */
static void differences_of_shares_choose_their_test(void **state) {
    cit_test_result r;
    (void)state;
    CHECK_OK(cit_test_shares(56, 70, 48, 80, 0.95, &r, errs));
    const double pooled = 104 / 150.0;
    const double z = 0.2 / sqrt(pooled * (1 - pooled) * (1 / 70.0 + 1 / 80.0));
    CHECK_CLOSE(r.statistic, z, 1e-14);
    CHECK_CLOSE(r.p, erfc(z / sqrt(2)), 1e-15);
    CHECK(!r.exact, "large counts");
    CHECK_OK(cit_test_shares(9, 10, 3, 10, 0.95, &r, errs)); /* 4 expected without an event */
    CHECK(r.exact, "small counts");
    CHECK_CLOSE(r.p, cit_fisher_p(9, 1, 3, 7), 0);
    CHECK_OK(cit_test_shares(0, 10, 0, 20, 0.95, &r, errs));
    CHECK(r.p == 1 && r.statistic == 0, "nobody: p = %g", r.p);
}

/* The mean coverage over the unit square is near the level, which Wald's interval misses. */
static void differences_of_shares_hold_on_average(void **state) {
    enum { NX = 15, NY = 20, GRID = 15 };
    double sum = 0;
    (void)state;
    for (int k = 0; k <= NX; k++)
        for (int l = 0; l <= NY; l++) {
            cit_test_result r;
            CHECK_OK(cit_test_shares(k, NX, l, NY, 0.95, &r, errs));
            for (int i = 0; i < GRID; i++)
                for (int j = 0; j < GRID; j++) {
                    const double x = (i + 0.5) / GRID, y = (j + 0.5) / GRID;
                    if (r.lo <= x - y && x - y <= r.hi)
                        sum += binomial(NX, k, x) * binomial(NY, l, y) / (GRID * GRID);
                }
        }
    CHECK(sum > 0.945 && sum < 0.965, "held in %.4f", sum);
}

/* The lady tasting tea (Fisher, Design of Experiments, 1935: 34/70), and figures by R (fisher.test). */
static void fisher_has_its_published_values(void **state) {
    static const struct {
        int a, b, c, d;
        double p;
    } rows[] = {{3, 1, 1, 3, 34 / 70.0},          {2, 10, 15, 3, 0.000536724119143436},
                {0, 5, 6, 1, 0.0151515151515152}, {56, 14, 48, 32, 0.0125211297492092},
                {8, 2, 1, 5, 0.034965034965035},  {1, 9, 11, 3, 0.00275945618522008}};
    (void)state;
    for (int i = 0; i < COUNT_OF(rows); i++) {
        const int a = rows[i].a, b = rows[i].b, c = rows[i].c, d = rows[i].d;
        CHECK_NEAR(cit_fisher_p(a, b, c, d), rows[i].p, 1e-13);
        CHECK_NEAR(cit_fisher_p(a, c, b, d), rows[i].p, 1e-13);
        CHECK_NEAR(cit_fisher_p(d, c, b, a), rows[i].p, 1e-13);
        CHECK_NEAR(cit_fisher_p(b, a, d, c), rows[i].p, 1e-13);
    }
    CHECK(cit_fisher_p(0, 0, 0, 0) == 1 && cit_fisher_p(3, 0, 5, 0) == 1, "one table only");
    CHECK(isnan(cit_fisher_p(-1, 2, 3, 4)), "a negative count");
}

/* Figures by R (binom.test); the first is Mendel's, from Conover 1971, page 97. */
static void exact_test_of_a_share_has_its_published_values(void **state) {
    static const struct {
        int events, people;
        double share, p, lo, hi;
    } rows[] = {{682, 925, 0.75, 0.382491559574852, 0.707668264079039, 0.765406558241525},
                {3, 10, 0.5, 0.34375, 0.0667395111777345, 0.652452850059997},
                {0, 7, 0.2, 0.3577472, 0, 0.409616397225003},
                {19, 20, 0.9, 0.714820192935702, 0.751267237227972, 0.99873491050205},
                {7, 20, 0.3, 0.629497966676677, 0.153909204784541, 0.592188534532828},
                {480, 1000, 0.5, 0.217448293204141, 0.448632942694534, 0.511485117547841}};
    cit_test_result r;
    (void)state;
    for (int i = 0; i < COUNT_OF(rows); i++) {
        CHECK_OK(cit_test_share(rows[i].events, rows[i].people, rows[i].share, 0.95, &r, errs));
        CHECK_NEAR(r.p, rows[i].p, 1e-12);
        CHECK_CLOSE(r.lo, rows[i].lo, 1e-12);
        CHECK_CLOSE(r.hi, rows[i].hi, 1e-12);
    }
    CHECK_OK(cit_test_share(0, 9, 0, 0.95, &r, errs));
    CHECK_CLOSE(r.p, 1, 0);
    CHECK_OK(cit_test_share(8, 9, 1, 0.95, &r, errs));
    CHECK_CLOSE(r.p, 0, 0);
    CHECK_OK(cit_test_share(500000, 1000000, 0.4, 0.95, &r, errs));
    CHECK(r.p >= 0 && r.p < 1e-300, "p = %g", r.p);
}

static void exact_test_of_a_share_agrees_with_enumeration(void **state) {
    (void)state;
    for (int n = 1; n <= 30; n += 3)
        for (int k = 0; k <= n; k++)
            for (double share = 0.05; share < 1; share += 0.15) {
                double p = 0;
                cit_test_result r;
                for (int j = 0; j <= n; j++)
                    if (binomial(n, j, share) <= binomial(n, k, share) * (1 + 1e-7))
                        p += binomial(n, j, share);
                CHECK_OK(cit_test_share(k, n, share, 0.95, &r, errs));
                CHECK_NEAR(r.p, p, 1e-11);
            }
}

/* Complete response before and after consolidation: Cavo and others 2012, in Fagerland and others,
 * Statistical Analysis of Contingency Tables, 2017, chapter 8: -0.0621 (-0.1186 to -0.0046), p 0.0525. And
 * airways before and after transplantation, Bentur and others 2009, there too. */
static void paired_shares_have_their_published_values(void **state) {
    cit_test_result r;
    (void)state;
    CHECK_OK(cit_test_paired_shares(59, 6, 16, 80, 0.95, &r, errs));
    CHECK_CLOSE(r.estimate, -10 / 161.0, 1e-15);
    CHECK_CLOSE(r.lo, -0.1186, 5e-5);
    CHECK_CLOSE(r.hi, -0.0046, 5e-5);
    CHECK_CLOSE(r.p, 0.052479, 5e-7);
    CHECK_OK(cit_test_paired_shares(1, 1, 7, 12, 0.95, &r, errs));
    CHECK_CLOSE(r.lo, -0.507, 5e-4);
    CHECK_CLOSE(r.hi, -0.026, 5e-4);
    CHECK_CLOSE(r.p, 18 / 256.0, 1e-15);
    CHECK_OK(cit_test_paired_shares(5, 0, 0, 3, 0.95, &r, errs));
    CHECK(r.p == 1 && r.estimate == 0, "none discordant: p = %g", r.p);
    CHECK_CLOSE(r.lo, -r.hi, 1e-15);
}

/* Mean coverage over pairs with shares 0.4 and 0.6 and every correlation that they allow. */
static void paired_shares_hold_on_average(void **state) {
    enum { RUNS = 4000, N = 30 };
    int held = 0;
    (void)state;
    for (uint32_t run = 0; run < RUNS; run++) {
        const double both = 0.4 * uniform(run, 17, 99);
        int cells[4] = {0};
        cit_test_result r;
        for (uint32_t i = 0; i < N; i++) {
            const double u = uniform(run, 17, i);
            cells[u < both ? 0 : u < 0.4 ? 1 : u < 1 - both ? 2 : 3]++;
        }
        CHECK_OK(cit_test_paired_shares(cells[0], cells[1], cells[2], cells[3], 0.95, &r, errs));
        const double truth = 0.4 - (both + 1 - both - 0.4);
        held += r.lo <= truth && truth <= r.hi;
    }
    CHECK(held > 0.935 * RUNS && held < 0.975 * RUNS, "held in %d of %d", held, RUNS);
}

static void odds_ratios_have_their_hand_values(void **state) {
    cit_test_result r, s;
    (void)state;
    CHECK_OK(cit_test_odds_ratio(12, 20, 5, 25, 0.95, &r, errs));
    const double se = sqrt(1 / 12.0 + 1 / 8.0 + 1 / 5.0 + 1 / 20.0), z = cit_normal_quantile(0.975);
    CHECK_CLOSE(r.estimate, 12 * 20 / (8 * 5.0), 1e-14);
    CHECK_CLOSE(r.lo, 6 * exp(-z * se), 1e-13);
    CHECK_CLOSE(r.hi, 6 * exp(z * se), 1e-12);
    CHECK_CLOSE(r.p, erfc(log(6) / se / sqrt(2)), 1e-14);
    CHECK_OK(cit_test_odds_ratio(5, 25, 12, 20, 0.95, &s, errs));
    CHECK_CLOSE(s.estimate * r.estimate, 1, 1e-14);
    CHECK_CLOSE(s.lo * r.hi, 1, 1e-14);
    CHECK_OK(cit_test_odds_ratio(0, 10, 4, 10, 0.95, &r, errs));
    CHECK_CLOSE(r.estimate, 0.5 * 6.5 / (10.5 * 4.5), 1e-15);
    CHECK_CLOSE(r.se, sqrt(1 / 0.5 + 1 / 10.5 + 1 / 4.5 + 1 / 6.5), 1e-14);
    CHECK_OK(cit_test_odds_ratio(10, 10, 10, 10, 0.95, &r, errs));
    CHECK_CLOSE(r.estimate, 1, 1e-15);
}

static void shares_refuse_bad_input(void **state) {
    cit_test_result r;
    (void)state;
    CHECK_REFUSED(r, cit_test_share(0, 0, 0.5, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_share(4, 3, 0.5, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_share(1, 3, 1.5, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_share(1, 3, nan_, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_share(1, 3, 0.5, 0, &r, errs));
    CHECK_REFUSED(r, cit_test_shares(1, 3, 0, 0, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_shares(-1, 3, 1, 3, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_shares(1, 3, 1, 3, nan_, &r, errs));
    CHECK_REFUSED(r, cit_test_shares(1, INT32_MAX, 1, 3, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_paired_shares(0, 0, 0, 0, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_paired_shares(1, -1, 2, 3, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_odds_ratio(1, 0, 1, 3, 0.95, &r, errs));
}

/* ---- verdicts ---------------------------------------------------------------------------------------------- */

static void margins_follow_the_interval(void **state) {
    cit_margin_result m;
    cit_test_result r;
    (void)state;
    for (uint32_t run = 0; run < 500; run++) {
        double x[9], y[8];
        for (uint32_t i = 0; i < 9; i++) x[i] = normal(run, 18, i) + normal(run, 20, 0);
        for (uint32_t i = 0; i < 8; i++) y[i] = normal(run, 19, i);
        CHECK_OK(cit_test_welch(x, 9, y, 8, 0.9, &r, errs));
        CHECK_OK(cit_test_margin(&r, 0.8, &m, errs));
        CHECK_CLOSE(m.alpha, 0.05, 1e-15);
        CHECK(m.superior == (m.p_superior < 0.05), "superior, p = %g", m.p_superior);
        CHECK(m.noninferior == (m.p_noninferior < 0.05), "not inferior, p = %g", m.p_noninferior);
        CHECK(m.equivalent == (m.p_equivalent < 0.05), "equivalent, p = %g", m.p_equivalent);
        CHECK(!m.equivalent || m.noninferior, "equivalent and inferior");
        CHECK(!m.superior || m.noninferior, "superior and inferior");
    }
}

/* At a true difference of minus the margin, non-inferiority is shown in alpha of trials. */
static void margins_err_as_often_as_they_say(void **state) {
    enum { RUNS = 4000 };
    int wrong = 0;
    (void)state;
    for (uint32_t run = 0; run < RUNS; run++) {
        double x[14];
        cit_test_result r;
        cit_margin_result m;
        for (uint32_t i = 0; i < 14; i++) x[i] = -0.5 + normal(run, 21, i);
        CHECK_OK(cit_test_mean(x, 14, 0, 0.9, &r, errs));
        CHECK_OK(cit_test_margin(&r, 0.5, &m, errs));
        wrong += m.noninferior;
    }
    check_share("non-inferiority", wrong, RUNS, 0.05);
}

static void margins_of_intervals_without_error_have_no_p(void **state) {
    cit_test_result r;
    cit_margin_result m;
    (void)state;
    CHECK_OK(cit_test_shares(18, 20, 17, 20, 0.9, &r, errs));
    CHECK_OK(cit_test_margin(&r, 0.3, &m, errs));
    CHECK(m.noninferior && isnan(m.p_noninferior), "p = %g", m.p_noninferior);
    CHECK_REFUSED(m, cit_test_margin(&r, 0, &m, errs));
    CHECK_REFUSED(m, cit_test_margin(&r, nan_, &m, errs));
    r.lo = nan_;
    CHECK_REFUSED(m, cit_test_margin(&r, 1, &m, errs));
}

static void adjusted_p_have_their_published_values(void **state) {
    static const double p[] = {0.01, 0.02, 0.022, 0.09, 0.04};
    static const struct {
        cit_multiplicity method;
        double want[5]; /* by R (p.adjust), the last by hand */
    } rows[] = {{CIT_HOLM, {0.05, 0.08, 0.08, 0.09, 0.08}},
                {CIT_HOCHBERG, {0.05, 0.066, 0.066, 0.09, 0.08}},
                {CIT_BONFERRONI, {0.05, 0.1, 0.11, 0.45, 0.2}},
                {CIT_FIXED_SEQUENCE, {0.01, 0.02, 0.022, 0.09, 0.09}}};
    (void)state;
    for (int i = 0; i < COUNT_OF(rows); i++) {
        double got[5], own[5];
        memcpy(own, p, sizeof own);
        CHECK_OK(cit_adjust_p(rows[i].method, p, 5, got, errs));
        CHECK_OK(cit_adjust_p(rows[i].method, own, 5, own, errs));
        for (int k = 0; k < 5; k++) {
            CHECK_CLOSE(got[k], rows[i].want[k], 1e-15);
            CHECK_CLOSE(own[k], got[k], 0);
        }
    }
}

/* Holm's p of a hypothesis is the largest of Bonferroni's over all sets that it is in; Hochberg's is never
 * above it. */
static void holm_is_the_closed_test(void **state) {
    enum { N = 6 };
    (void)state;
    for (uint32_t run = 0; run < 100; run++) {
        double p[N], holm[N], hochberg[N];
        for (uint32_t i = 0; i < N; i++) p[i] = pow(uniform(run, 22, i), 3);
        CHECK_OK(cit_adjust_p(CIT_HOLM, p, N, holm, errs));
        CHECK_OK(cit_adjust_p(CIT_HOCHBERG, p, N, hochberg, errs));
        for (int i = 0; i < N; i++) {
            double most = 0;
            for (int set = 1; set < 1 << N; set++) {
                double least = 1;
                int size = 0;
                for (int k = 0; k < N; k++)
                    if (set >> k & 1) {
                        size++;
                        least = fmin(least, p[k]);
                    }
                if (set >> i & 1) most = fmax(most, fmin(size * least, 1));
            }
            CHECK_CLOSE(holm[i], most, 1e-15);
            CHECK(hochberg[i] <= holm[i] && hochberg[i] >= p[i], "%g above %g", hochberg[i],
                  holm[i]);
        }
    }
}

static void adjusted_p_refuse_bad_input(void **state) {
    static const double bad[] = {0.1, -0.1}, large[] = {1.1}, hole[] = {CIT_UNKNOWN_NUMBER};
    double r[2];
    (void)state;
    CHECK_REFUSED(r, cit_adjust_p(CIT_HOLM, bad, 2, r, errs));
    CHECK_REFUSED(r, cit_adjust_p(CIT_HOLM, large, 1, r, errs));
    CHECK_REFUSED(r, cit_adjust_p(CIT_HOLM, hole, 1, r, errs));
    CHECK_REFUSED(r, cit_adjust_p(CIT_HOLM, bad, 0, r, errs));
    CHECK_REFUSED(r, cit_adjust_p((cit_multiplicity)0, bad, 1, r, errs));
}

/* ---- scores of forecasts ------------------------------------------------------------------------------------- */

/* (F(x) - [x >= seen])^2, F one of three forecasts. */
typedef struct forecast {
    const cit_mixture *mixture;
    double df, seen;
} forecast;

static double squared_miss(const void *context, double x) {
    const forecast *f = context;
    const double below = f->mixture != NULL ? cit_mixture_cdf(f->mixture, x) : cit_t_cdf(x, f->df);
    const double above = f->mixture != NULL ? 1 - below : cit_t_upper(x, f->df);
    return x >= f->seen ? above * above : below * below;
}

static double crps_by_quadrature(const forecast *f, double reach) {
    return integral(squared_miss, f, -reach, f->seen, 4000) +
           integral(squared_miss, f, f->seen, reach, 4000);
}

static void crps_closed_forms_agree_with_quadrature(void **state) {
    static const double weight[] = {2, 1, 0.5}, mean[] = {-1, 2, 2.5}, sd[] = {0.7, 0.2, 3};
    const cit_mixture three = {3, weight, mean, sd}, one = {1, weight, mean, sd};
    (void)state;
    CHECK_NEAR(cit_crps_normal(0, 1, 0), (sqrt(2) - 1) / sqrt(pi),
               1e-15); /* Gneiting, Raftery 2007 */
    for (double seen = -6; seen <= 6; seen += 1.3) {
        const forecast mixture = {&three, 0, seen}, single = {&one, 0, seen};
        const forecast three_df = {NULL, 3, seen}, many_df = {NULL, 40, seen};
        CHECK_NEAR(cit_crps_mixture(&three, seen), crps_by_quadrature(&mixture, 40), 1e-9);
        CHECK_NEAR(cit_crps_normal(-1, 0.7, seen), crps_by_quadrature(&single, 20), 1e-9);
        CHECK_NEAR(cit_crps_mixture(&one, seen), cit_crps_normal(-1, 0.7, seen), 1e-14);
        CHECK_NEAR(cit_crps_t(0, 1, 40, seen), crps_by_quadrature(&many_df, 40), 1e-9);
        CHECK_NEAR(cit_crps_t(0, 1, 3, seen), crps_by_quadrature(&three_df, 2000), 1e-6);
        CHECK_NEAR(cit_crps_t(0, 1, 1e7, seen), cit_crps_normal(0, 1, seen), 1e-6);
        CHECK_NEAR(cit_crps_t(5, 2, 7, 5 + 2 * seen), 2 * cit_crps_t(0, 1, 7, seen), 1e-13);
        CHECK_CLOSE(cit_crps_normal(3, 0, seen), fabs(seen - 3), 0);
    }
}

/* Two definitions at once, the plain double sum. */
static double crps_by_pairs(const double *x, const double *w, int n, double seen, bool fair) {
    double all = 0, squares = 0, error = 0, spread = 0;
    for (int i = 0; i < n; i++) all += w[i];
    for (int i = 0; i < n; i++) {
        squares += w[i] * w[i] / all / all;
        error += w[i] / all * fabs(x[i] - seen);
        for (int j = 0; j < n; j++) spread += w[i] * w[j] / all / all * fabs(x[i] - x[j]) / 2;
    }
    return error - spread / (fair ? 1 - squares : 1);
}

static void crps_of_an_ensemble_agrees_with_all_pairs(void **state) {
    enum { N = 23 };
    (void)state;
    for (uint32_t run = 0; run < 100; run++) {
        double x[N], w[N], ones[N], got;
        const double seen = 2 * normal(run, 23, 99);
        for (uint32_t i = 0; i < N; i++) {
            x[i] = run % 2 ? rint(2 * normal(run, 23, i)) : normal(run, 23, i);
            w[i] = i % 5 == 0 ? 0 : uniform(run, 24, i);
            ones[i] = 1;
        }
        for (int fair = 0; fair < 2; fair++) {
            CHECK_OK(cit_crps_ensemble(x, w, N, seen, fair, &got, errs));
            CHECK_CLOSE(got, crps_by_pairs(x, w, N, seen, fair), 1e-14);
            CHECK_OK(cit_crps_ensemble(x, NULL, N, seen, fair, &got, errs));
            CHECK_CLOSE(got, crps_by_pairs(x, ones, N, seen, fair), 1e-14);
        }
    }
}

static void crps_of_an_ensemble_does_not_depend_on_order(void **state) {
    double x[50], w[50], turned[50], w_turned[50], a, b;
    (void)state;
    for (uint32_t i = 0; i < 50; i++) {
        x[i] = rint(3 * normal(0, 25, i));
        w[i] = uniform(0, 26, i);
    }
    for (int i = 0; i < 50; i++) {
        turned[i] = x[(i * 17 + 5) % 50];
        w_turned[i] = w[(i * 17 + 5) % 50];
    }
    CHECK_OK(cit_crps_ensemble(x, w, 50, 0.3, true, &a, errs));
    CHECK_OK(cit_crps_ensemble(turned, w_turned, 50, 0.3, true, &b, errs));
    CHECK(memcmp(&a, &b, sizeof a) == 0, "%.17g and %.17g", a, b);
    const double one = 4;
    CHECK_OK(cit_crps_ensemble(&one, NULL, 1, 6.5, false, &a, errs));
    CHECK_CLOSE(a, 2.5, 0);
}

/* Five fair draws score what the normal itself does; five ordinary ones more by E|X - X'| / (2 n). */
static void fair_crps_does_not_punish_few_draws(void **state) {
    enum { RUNS = 40000 };
    double fair_sum = 0, plain_sum = 0, square = 0;
    const double seen = 0.8, want = cit_crps_normal(0, 1, seen);
    (void)state;
    for (uint32_t run = 0; run < RUNS; run++) {
        double x[5], fair, plain;
        for (uint32_t i = 0; i < 5; i++) x[i] = normal(run, 27, i);
        CHECK_OK(cit_crps_ensemble(x, NULL, 5, seen, true, &fair, errs));
        CHECK_OK(cit_crps_ensemble(x, NULL, 5, seen, false, &plain, errs));
        fair_sum += fair;
        plain_sum += plain;
        square += (fair - want) * (fair - want);
    }
    const double se = sqrt(square) / RUNS;
    CHECK_CLOSE(fair_sum / RUNS, want, 4 * se);
    CHECK_CLOSE(plain_sum / RUNS, want + 1 / sqrt(pi) / 5, 4 * se);
}

/* A score is proper: nobody does better on average than with the truth. */
static void true_forecasts_score_best(void **state) {
    enum { GRID = 2000 };
    double crps[3] = {0}, logs[3] = {0};
    static const double mean[] = {0, 0.3, 0}, sd[] = {1, 1, 1.4};
    (void)state;
    for (int i = 0; i < GRID; i++) {
        const double seen = cit_normal_quantile((i + 0.5) / GRID);
        for (int k = 0; k < 3; k++) {
            crps[k] += cit_crps_normal(mean[k], sd[k], seen) / GRID;
            logs[k] += cit_log_score_normal(mean[k], sd[k], seen) / GRID;
        }
    }
    CHECK(crps[0] < crps[1] && crps[0] < crps[2], "%g, %g, %g", crps[0], crps[1], crps[2]);
    CHECK(logs[0] < logs[1] && logs[0] < logs[2], "%g, %g, %g", logs[0], logs[1], logs[2]);
    CHECK_CLOSE(logs[0], 0.5 * log(2 * pi * exp(1)), 1e-3); /* the entropy */
    CHECK_CLOSE(crps[0], 1 / sqrt(pi), 1e-3);
}

static void mixtures_have_their_moments_and_quantiles(void **state) {
    static const double weight[] = {3, 1, 0}, mean[] = {0, 4, 100}, sd[] = {1, 2, 1};
    static const double point_sd[] = {0, 0, 0}, tiny[] = {1, 1e-18};
    const cit_mixture m = {3, weight, mean, sd}, points = {2, weight, mean, point_sd};
    const cit_mixture rare = {2, tiny, mean, sd};
    (void)state;
    CHECK_CLOSE(cit_mixture_mean(&m), 1, 1e-15);
    CHECK_CLOSE(cit_mixture_sd(&m), sqrt(0.75 * 2 + 0.25 * (4 + 9)), 1e-14);
    CHECK_CLOSE(cit_mixture_cdf(&m, 2), 0.75 * cit_normal_cdf(2) + 0.25 * cit_normal_cdf(-1),
                1e-15);
    for (double p = 1e-12; p < 1; p = p < 0.3 ? p * 7 : p + 0.1)
        CHECK_NEAR(cit_mixture_cdf(&m, cit_mixture_quantile(&m, p)), p, 1e-12);
    CHECK_CLOSE(cit_mixture_quantile(&m, 1 - 1e-12), 4 + 2 * -cit_normal_quantile(4e-12), 1e-3);
    CHECK_CLOSE(cit_mixture_quantile(&points, 0.7), 0, 1e-12);
    CHECK_CLOSE(cit_mixture_quantile(&points, 0.8), 4, 1e-12);
    CHECK_CLOSE(cit_mixture_quantile(&rare, 0.3), cit_normal_quantile(0.3), 1e-14);
    CHECK_CLOSE(cit_log_score_mixture(&m, 2),
                -log(0.75 * exp(-2) / sqrt(2 * pi) + 0.25 * exp(-0.5) / sqrt(8 * pi)), 1e-14);
    CHECK_CLOSE(cit_log_score_mixture(&m, -1e3),
                0.5 * log(2 * pi) - log(0.25 / 2) + 1004 * 1004 / 8.0, 1e-9);
}

static void a_blend_is_the_ensemble_of_both(void **state) {
    enum { NA = 9, NB = 14 };
    double all[NA + NB], weight[NA + NB], want;
    cit_blend blend;
    (void)state;
    for (uint32_t run = 0; run < 50; run++) {
        for (uint32_t i = 0; i < NA + NB; i++)
            all[i] = rint(4 * normal(run, 28, i)) / 2 + (i < NA ? 0 : 1);
        const double seen = normal(run, 29, 0);
        for (double w = 0; w <= 1; w += 0.125) {
            for (int i = 0; i < NA + NB; i++) weight[i] = i < NA ? (1 - w) / NA : w / NB;
            CHECK_OK(cit_crps_blend(all, NA, all + NA, NB, seen, false, &blend, errs));
            CHECK_OK(cit_crps_ensemble(all, weight, NA + NB, seen, false, &want, errs));
            CHECK_CLOSE(cit_crps_blend_at(&blend, w), want, 1e-13);
        }
        CHECK_OK(cit_crps_blend(all, NA, all + NA, NB, seen, true, &blend, errs));
        CHECK_OK(cit_crps_ensemble(all, NULL, NA, seen, true, &want, errs));
        CHECK_CLOSE(cit_crps_blend_at(&blend, 0), want, 1e-13);
        CHECK_OK(cit_crps_ensemble(all + NA, NULL, NB, seen, true, &want, errs));
        CHECK_CLOSE(cit_crps_blend_at(&blend, 1), want, 1e-13);
    }
    CHECK(isnan(cit_crps_blend_at(&blend, 1.1)), "more than all");
}

static void coverage_is_a_count_against_the_level(void **state) {
    static const double lo[] = {0, 0, 0, 0}, hi[] = {1, 1, 1, 1}, seen[] = {0, 0.5, 1, 1.01};
    static const double crossed[] = {0, 2, 0, 0};
    cit_test_result r;
    (void)state;
    CHECK_OK(cit_test_coverage(lo, hi, seen, 4, 0.9, 0.95, &r, errs));
    CHECK_CLOSE(r.estimate, 0.75, 0);
    CHECK_CLOSE(r.p, 1 - pow(0.9, 4), 1e-12); /* all but 4 of 4 are no likelier */
    CHECK_REFUSED(r, cit_test_coverage(crossed, hi, seen, 4, 0.9, 0.95, &r, errs));
    CHECK_REFUSED(r, cit_test_coverage(lo, hi, seen, 0, 0.9, 0.95, &r, errs));
}

/* One more draw of the same: uniform, whether there are ties or not, and found so. */
static void pit_of_one_more_draw_is_uniform(void **state) {
    enum { RUNS = 4000, N = 7, BINS = 8 };
    double pit[2][RUNS];
    (void)state;
    for (uint32_t run = 0; run < RUNS; run++)
        for (int k = 0; k < 2; k++) {
            double x[N + 1];
            for (uint32_t i = 0; i <= N; i++)
                x[i] = k == 0 ? normal(run, 30, i) : rint(normal(run, 30, i));
            pit[k][run] = cit_pit_ensemble(x, N, x[N], uniform(run, 31, (uint32_t)k));
        }
    for (int k = 0; k < 2; k++) {
        int counts[BINS];
        cit_test_result r;
        CHECK_OK(cit_test_uniform(pit[k], RUNS, BINS, counts, &r, errs));
        CHECK(r.p > 0.01, "p = %g", r.p);
        for (int i = 0; i < RUNS; i++) pit[k][i] = pow(pit[k][i], 1.2);
        CHECK_OK(cit_test_uniform(pit[k], RUNS, BINS, counts, &r, errs));
        CHECK(r.p < 1e-6, "a bent one: p = %g", r.p);
    }
}

static void uniformity_has_its_hand_value(void **state) {
    static const double pit[] = {0, 0.1, 0.2, 0.3, 0.49, 0.5, 0.9, 1}, bad[] = {0.5, 1.5};
    static const double draws[] = {1, 2, 2, 3};
    int counts[2];
    cit_test_result r;
    (void)state;
    CHECK_OK(cit_test_uniform(pit, 8, 2, counts, &r, errs));
    CHECK(counts[0] == 5 && counts[1] == 3, "%d and %d", counts[0], counts[1]);
    CHECK_CLOSE(r.statistic, 0.5, 1e-15);
    CHECK_CLOSE(r.p, erfc(0.5), 1e-14);
    CHECK_CLOSE(cit_pit_ensemble(draws, 4, 2, 0), 0.2, 1e-16);
    CHECK_CLOSE(cit_pit_ensemble(draws, 4, 2, 0.5), (1 + 1.5) / 5, 1e-16);
    CHECK_CLOSE(cit_pit_ensemble(draws, 4, 9, 0.5), 4.5 / 5, 1e-16);
    CHECK(isnan(cit_pit_ensemble(draws, 0, 2, 0)) && isnan(cit_pit_ensemble(draws, 4, nan_, 0)),
          "not refused");
    CHECK_REFUSED(r, cit_test_uniform(bad, 2, 2, counts, &r, errs));
    CHECK_REFUSED(r, cit_test_uniform(pit, 8, 9, counts, &r, errs));
    CHECK_REFUSED(r, cit_test_uniform(pit, 0, 2, counts, &r, errs));
}

static void two_forecasts_are_compared_by_pairs(void **state) {
    cit_test_result r, paired;
    (void)state;
    CHECK_OK(cit_score_difference(sleep_1, sleep_2, 10, 0.95, &r, errs));
    CHECK_OK(cit_test_paired(sleep_1, sleep_2, 10, 0.95, &paired, errs));
    CHECK(r.estimate == paired.estimate && r.se == paired.se && r.p == paired.p, "not the same");
    CHECK_OK(cit_score_difference(sleep_1, sleep_2, 1, 0.95, &r, errs));
    CHECK_CLOSE(r.estimate, -1.2, 1e-15);
    CHECK(isnan(r.se) && isnan(r.lo) && isnan(r.p), "of one pair: se %g", r.se);
    CHECK_OK(cit_score_difference(sleep_1, sleep_1, 10, 0.95, &r, errs));
    CHECK(r.estimate == 0 && r.se == 0 && r.lo == 0 && isnan(r.p), "p = %g", r.p);
    CHECK_REFUSED(r, cit_score_difference(sleep_1, sleep_2, 0, 0.95, &r, errs));
}

static void scores_refuse_bad_input(void **state) {
    static const double good[] = {1, 2}, hole[] = {1, CIT_UNKNOWN_NUMBER}, minus[] = {1, -1};
    static const double zeros[] = {0, 0}, lone[] = {0, 2};
    double r;
    cit_blend b;
    (void)state;
    CHECK_REFUSED(r, cit_crps_ensemble(good, NULL, 0, 1, false, &r, errs));
    CHECK_REFUSED(r, cit_crps_ensemble(hole, NULL, 2, 1, false, &r, errs));
    CHECK_REFUSED(r, cit_crps_ensemble(good, minus, 2, 1, false, &r, errs));
    CHECK_REFUSED(r, cit_crps_ensemble(good, zeros, 2, 1, false, &r, errs));
    CHECK_REFUSED(r, cit_crps_ensemble(good, lone, 2, 1, true, &r, errs));
    CHECK_REFUSED(r, cit_crps_ensemble(good, NULL, 1, 1, true, &r, errs));
    CHECK_REFUSED(r, cit_crps_ensemble(good, NULL, 2, nan_, false, &r, errs));
    CHECK_REFUSED(b, cit_crps_blend(good, 2, hole, 2, 1, false, &b, errs));
    CHECK_REFUSED(b, cit_crps_blend(good, 2, good, 1, 1, true, &b, errs));
    const cit_mixture bad = {2, minus, good, good};
    const double numbers[] = {cit_crps_normal(0, -1, 0), cit_crps_normal(nan_, 1, 0),
                              cit_crps_t(0, 1, 1, 0),    cit_log_score_normal(0, 0, 0),
                              cit_mixture_cdf(&bad, 1),  cit_mixture_quantile(&bad, 0.5),
                              cit_crps_mixture(&bad, 1), cit_log_score_mixture(&bad, 1)};
    for (int i = 0; i < COUNT_OF(numbers); i++) CHECK(isnan(numbers[i]), "number %d", i);
}

/* ---- meta-analysis ------------------------------------------------------------------------------------------ */

/* Coaching in eight schools: Rubin, J Educ Stat 1981; 6:377-401. */
static void eight_schools(cit_study_result s[8]) {
    static const double y[] = {28, 8, -3, 7, -1, 1, 18, 12}, se[] = {15, 10, 16, 11, 9, 11, 10, 18};
    for (int i = 0; i < 8; i++) s[i] = (cit_study_result){y[i], se[i] * se[i], 0};
}

/* Log risk ratios of thirteen trials of BCG against tuberculosis by latitude: Colditz and others, JAMA 1994;
 * 271:698-702, as in metafor's dat.bcg; regressor (degrees - 30) / 10. */
static void bcg_trials(cit_study_result s[13]) {
    static const int counts[13][5] = {
        {4, 119, 11, 128, 44},       {6, 300, 29, 274, 55},        {3, 228, 11, 209, 42},
        {62, 13536, 248, 12619, 52}, {33, 5036, 47, 5761, 13},     {180, 1361, 372, 1079, 44},
        {8, 2537, 10, 619, 19},      {505, 87886, 499, 87892, 13}, {29, 7470, 45, 7232, 27},
        {17, 1699, 65, 1600, 42},    {186, 50448, 141, 27197, 18}, {5, 2493, 3, 2338, 33},
        {27, 16886, 29, 17825, 33}};
    for (int i = 0; i < 13; i++) {
        const double a = counts[i][0], n = a + counts[i][1], c = counts[i][2], m = c + counts[i][3];
        s[i] = (cit_study_result){log(a / n / (c / m)), 1 / a - 1 / n + 1 / c - 1 / m,
                                  (counts[i][4] - 30) / 10.0};
    }
}

static double new_quantile(const cit_meta *fit, double x, double variance, double p) {
    double mean[CIT_META_NODES], sd[CIT_META_NODES];
    const cit_mixture m = {CIT_META_NODES, fit->weight, mean, sd};
    cit_meta_predict(fit, x, variance, mean, sd);
    return cit_mixture_quantile(&m, p);
}

static double mean_quantile(const cit_meta *fit, double x, double p) {
    double mean[CIT_META_NODES], sd[CIT_META_NODES];
    const cit_mixture m = {CIT_META_NODES, fit->weight, mean, sd};
    cit_meta_mean(fit, x, mean, sd);
    return cit_mixture_quantile(&m, p);
}

/* Figures by R (bayesmeta, half-normal tau of scale 10, epsilon 1e-8, delta 1e-5). */
static void eight_schools_agree_with_bayesmeta(void **state) {
    static const struct {
        double p, flat_new, flat_mean, prior_new, prior_mean;
    } rows[] = {{0.025, -7.7160875630905, -1.2699228546933, -10.653355647361, -2.4844948636874},
                {0.5, 7.8029981204127, 7.8385986062278, 4.4159450774254, 4.3002546355492},
                {0.975, 23.822576663101, 17.118237245758, 18.233606708661, 10.86570018758}};
    const cit_meta_prior flat = {.tau_scale = 10}, prior = {.tau_scale = 10, .mean_sd = 5};
    cit_study_result s[8];
    cit_meta fit;
    (void)state;
    eight_schools(s);
    CHECK_OK(cit_meta_fit(s, 8, &flat, &fit, errs));
    CHECK_CLOSE(fit.tau_mean, 4.8441431832028, 1e-5);
    CHECK_CLOSE(fit.tau_sd, 3.7480967074451, 1e-5);
    for (int i = 0; i < 3; i++) {
        CHECK_CLOSE(new_quantile(&fit, 0, 0, rows[i].p), rows[i].flat_new, 1e-4);
        CHECK_CLOSE(mean_quantile(&fit, 0, rows[i].p), rows[i].flat_mean, 1e-4);
    }
    CHECK_OK(cit_meta_fit(s, 8, &prior, &fit, errs));
    for (int i = 0; i < 3; i++) {
        CHECK_CLOSE(new_quantile(&fit, 0, 0, rows[i].p), rows[i].prior_new, 1e-4);
        CHECK_CLOSE(mean_quantile(&fit, 0, rows[i].p), rows[i].prior_mean, 1e-4);
    }
}

/* Figures by R (bmr of bayesmeta, half-normal tau of scale 0.5). */
static void meta_regression_agrees_with_bayesmeta(void **state) {
    const cit_meta_prior flat = {.tau_scale = 0.5, .regress = true};
    const cit_meta_prior prior = {.tau_scale = 0.5, .mean_sd = 1, .regress = true, .slope_sd = 0.1};
    cit_study_result s[13];
    cit_meta fit;
    (void)state;
    bcg_trials(s);
    CHECK_OK(cit_meta_fit(s, 13, &flat, &fit, errs));
    CHECK_CLOSE(fit.tau_mean, 0.313994037595444, 1e-6);
    CHECK_CLOSE(fit.tau_sd, 0.143504598036021, 1e-6);
    CHECK_CLOSE(mean_quantile(&fit, 0, 0.5), -0.61472725848249, 1e-5);
    CHECK_CLOSE(mean_quantile(&fit, 1, 0.5) - mean_quantile(&fit, 0, 0.5), -0.29, 0.02);
    CHECK_CLOSE(mean_quantile(&fit, 2.5, 0.025), -1.8094442055658, 1e-5);
    CHECK_CLOSE(mean_quantile(&fit, 2.5, 0.975), -0.88273216748396, 1e-5);
    CHECK_CLOSE(new_quantile(&fit, 2.5, 0, 0.025), -2.1989990616858, 1e-5);
    CHECK_CLOSE(new_quantile(&fit, 2.5, 0, 0.5), -1.3386660158349, 1e-5);
    CHECK_CLOSE(new_quantile(&fit, 2.5, 0, 0.975), -0.49296394690266, 1e-5);
    CHECK_OK(cit_meta_fit(s, 13, &prior, &fit, errs));
    CHECK_CLOSE(fit.tau_mean, 0.39394435470542, 1e-6);
    CHECK_CLOSE(mean_quantile(&fit, 0, 0.5), -0.63532537043809, 1e-5);
}

/* Figures by R (metafor: rma, method DL; predict, pi.type riley). */
static void dersimonian_and_laird_agree_with_metafor(void **state) {
    cit_study_result s[13];
    cit_heterogeneity h;
    (void)state;
    bcg_trials(s);
    CHECK_CLOSE(s[0].estimate, -0.889311333920205, 1e-14);
    CHECK_CLOSE(s[12].variance, 0.0714046596839863, 1e-15);
    CHECK_OK(cit_meta_dersimonian_laird(s, 13, 0.95, &h, errs));
    CHECK_CLOSE(h.estimate, -0.714117222073227, 1e-13);
    CHECK_CLOSE(h.se, 0.178742089535403, 1e-13);
    CHECK_CLOSE(h.lo, -1.0644452801, 1e-10);
    CHECK_CLOSE(h.tau2, 0.308760262862376, 1e-13);
    CHECK_CLOSE(h.i2, 0.921173468545621, 1e-13);
    CHECK_CLOSE(h.q, 152.233008082373, 1e-10);
    CHECK_NEAR(h.p, 1.99676459084597e-26, 1e-10);
    CHECK_CLOSE(h.new_lo, -1.9988384958, 1e-10);
    CHECK_CLOSE(h.new_hi, 0.5706040516, 1e-10);
    CHECK_OK(cit_meta_dersimonian_laird(s, 2, 0.95, &h, errs));
    CHECK(isnan(h.new_lo) && h.i2 >= 0 && h.tau2 >= 0, "of two studies to %g", h.new_lo);
}

/* One study under a flat mean says nothing of tau: its posterior is the prior. */
static void one_study_leaves_tau_to_the_prior(void **state) {
    const cit_study_result one = {12, 4, 0};
    const cit_meta_prior prior = {.tau_scale = 3};
    double mean[CIT_META_NODES], sd[CIT_META_NODES];
    const cit_mixture m = {CIT_META_NODES, NULL, mean, sd};
    cit_meta fit;
    (void)state;
    CHECK_OK(cit_meta_fit(&one, 1, &prior, &fit, errs));
    cit_mixture new = m;
    new.weight = fit.weight;
    cit_meta_predict(&fit, 0, 1, mean, sd);
    CHECK_CLOSE(fit.tau_mean, 3 * sqrt(2 / pi), 1e-9);
    CHECK_CLOSE(fit.tau_sd, 3 * sqrt(1 - 2 / pi), 1e-8);
    CHECK_CLOSE(cit_mixture_mean(&new), 12, 1e-12);
    CHECK_CLOSE(cit_mixture_sd(&new), sqrt(4 + 2 * 9 + 1), 1e-7); /* v + tau^2 twice + new v */
}

/* With next to no tau everything is the weighted mean or line. */
static void without_heterogeneity_studies_are_pooled(void **state) {
    const cit_meta_prior line = {.tau_scale = 1e-7, .regress = true}, mean = {.tau_scale = 1e-7};
    cit_study_result s[8];
    cit_meta fit;
    double w = 0, wx = 0, wxx = 0, wy = 0, wxy = 0;
    (void)state;
    eight_schools(s);
    for (int i = 0; i < 8; i++) {
        const double x = s[i].regressor = log(i + 1.0), v = s[i].variance;
        w += 1 / v;
        wx += x / v;
        wxx += x * x / v;
        wy += s[i].estimate / v;
        wxy += x * s[i].estimate / v;
    }
    CHECK_OK(cit_meta_fit(s, 8, &mean, &fit, errs));
    CHECK_CLOSE(new_quantile(&fit, 0, 0, 0.5), wy / w, 1e-9);
    CHECK_CLOSE(new_quantile(&fit, 0, 2, 0.9), wy / w + cit_normal_quantile(0.9) * sqrt(1 / w + 2),
                1e-9);
    CHECK_OK(cit_meta_fit(s, 8, &line, &fit, errs));
    const double d = w * wxx - wx * wx, slope = (w * wxy - wx * wy) / d,
                 start = (wy - slope * wx) / w;
    const double se = sqrt(1 / w + (2 - wx / w) * (2 - wx / w) * w / d);
    CHECK_CLOSE(new_quantile(&fit, 2, 0, 0.5), start + 2 * slope, 1e-8);
    CHECK_CLOSE(mean_quantile(&fit, 2, 0.9), start + 2 * slope + cit_normal_quantile(0.9) * se,
                1e-8);
}

/* The grid against a plain one of 100,000 steps, finer towards 0, where studies are few, many, or at odds
 * with the prior. */
static double plain_tau_mean(const cit_study_result *s, int n, double scale, double top) {
    enum { STEPS = 100000 };
    double most = -HUGE_VAL, sum = 0, mean = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int k = 0; k < STEPS; k++) {
            const double root = (k + 0.5) / STEPS, tau = top * root * root;
            double w = 0, wy = 0, log_w = 0, squares = 0;
            for (int i = 0; i < n; i++) {
                const double wi = 1 / (s[i].variance + tau * tau);
                w += wi;
                wy += wi * s[i].estimate;
                log_w += log(wi);
            }
            for (int i = 0; i < n; i++)
                squares += (s[i].estimate - wy / w) * (s[i].estimate - wy / w) /
                           (s[i].variance + tau * tau);
            const double l = 0.5 * (log_w - log(w) - squares - tau * tau / scale / scale);
            if (pass == 0)
                most = fmax(most, l);
            else {
                sum += root * exp(l - most);
                mean += root * tau * exp(l - most);
            }
        }
    return mean / sum;
}

static void the_grid_over_tau_is_fine_enough(void **state) {
    static const struct {
        int n;
        double se, tau, scale, tolerance;
    } rows[] = {{2, 1, 1, 1, 1e-6},    {3, 0.01, 0.5, 0.5, 1e-6}, {5, 0.02, 0, 5, 1e-6},
                {8, 1, 10, 0.1, 1e-5}, /* the prior's scale a hundredth of what it meets */
                {40, 1, 2, 2, 1e-6},   {60, 0.1, 3, 1, 1e-6}};
    (void)state;
    for (int i = 0; i < COUNT_OF(rows); i++) {
        cit_study_result s[60];
        cit_meta fit;
        const cit_meta_prior prior = {.tau_scale = rows[i].scale};
        for (int k = 0; k < rows[i].n; k++) {
            const double sd = hypot(rows[i].se, rows[i].tau);
            s[k] = (cit_study_result){sd * normal((uint32_t)i, 32, (uint32_t)k),
                                      rows[i].se * rows[i].se * (1 + 0.3 * (k % 4)), 0};
        }
        CHECK_OK(cit_meta_fit(s, rows[i].n, &prior, &fit, errs));
        const double top = 8 * rows[i].scale + 2 * rows[i].tau;
        CHECK_NEAR(fit.tau_mean, plain_tau_mean(s, rows[i].n, rows[i].scale, top),
                   rows[i].tolerance);
    }
}

/* Where tau comes from the prior, intervals for the next study hold what they promise. */
static void predictions_hold_what_they_promise(void **state) {
    enum { RUNS = 1500, K = 4 };
    const cit_meta_prior prior = {.tau_scale = 1, .regress = true};
    int held = 0;
    (void)state;
    for (uint32_t run = 0; run < RUNS; run++) {
        cit_study_result s[K + 1];
        cit_meta fit;
        const double tau = fabs(normal(run, 33, 0));
        for (uint32_t i = 0; i <= K; i++) {
            const double v = 0.2 + 0.1 * i, x = log(1.0 + i);
            s[i] = (cit_study_result){5 + 2 * x + sqrt(v + tau * tau) * normal(run, 34, i), v, x};
        }
        CHECK_OK(cit_meta_fit(s, K, &prior, &fit, errs));
        const double lo = new_quantile(&fit, s[K].regressor, s[K].variance, 0.05);
        const double hi = new_quantile(&fit, s[K].regressor, s[K].variance, 0.95);
        held += lo <= s[K].estimate && s[K].estimate <= hi;
    }
    check_share("predictions", held, RUNS, 0.9);
}

static void meta_analysis_refuses_bad_input(void **state) {
    const cit_meta_prior prior = {.tau_scale = 1}, no_tau = {.tau_scale = 0};
    const cit_meta_prior hole = {.tau_scale = nan_}, line = {.tau_scale = 1, .regress = true};
    const cit_study_result good[] = {{1, 1, 2}, {2, 1, 2}}, negative[] = {{1, -1, 0}, {2, 1, 0}};
    const cit_study_result unknown[] = {{1, 1, 0}, {nan_, 1, 0}}, exact[] = {{1, 0, 0}, {2, 1, 0}};
    static cit_meta fit;
    cit_heterogeneity h;
    (void)state;
    CHECK_REFUSED(fit, cit_meta_fit(good, 0, &prior, &fit, errs));
    CHECK_REFUSED(fit, cit_meta_fit(negative, 2, &prior, &fit, errs));
    CHECK_REFUSED(fit, cit_meta_fit(exact, 2, &prior, &fit, errs));
    CHECK_REFUSED(fit, cit_meta_fit(unknown, 2, &prior, &fit, errs));
    CHECK_REFUSED(fit, cit_meta_fit(good, 2, &no_tau, &fit, errs));
    CHECK_REFUSED(fit, cit_meta_fit(good, 2, &hole, &fit, errs));
    CHECK_REFUSED(fit, cit_meta_fit(good, 2, &line, &fit, errs)); /* the regressor does not vary */
    CHECK_REFUSED(h, cit_meta_dersimonian_laird(good, 1, 0.95, &h, errs));
    CHECK_REFUSED(h, cit_meta_dersimonian_laird(negative, 2, 0.95, &h, errs));
    CHECK_REFUSED(h, cit_meta_dersimonian_laird(good, 2, 1, &h, errs));
}

/* ---- streams -------------------------------------------------------------------------------------------------- */

enum { STREAM = 3000, SKETCH_BINS = 100 };

static cit_sketch *new_sketch(double lo, double hi, int bins) {
    cit_sketch *s = malloc(cit_sketch_size(bins));
    CHECK(s != NULL, "no memory");
    CHECK_OK(cit_sketch_init(s, lo, hi, bins, errs));
    return s;
}

/* Of every kind: wild sizes, zeros of both signs, unknown, outside the sketch. */
static void stream_of_values(double x[STREAM]) {
    for (uint32_t i = 0; i < STREAM; i++) {
        const double u = uniform(0, 35, i);
        x[i] = normal(0, 36, i) * (u < 0.1 ? 1e12 : u < 0.2 ? 1e-12 : 1);
        if (u > 0.97) x[i] = u > 0.99 ? nan_ : u > 0.98 ? 0.0 : -0.0;
    }
}

/* The stream dealt to `parts` parts by a rule, merged from the last to the first or the other way round. */
static void deal(const double *x, int parts, int stride, bool backwards, cit_sketch *sketch,
                 cit_moments *moments) {
    cit_sketch *some[8];
    cit_moments sums[8];
    memset(sums, 0, sizeof sums);
    for (int k = 0; k < parts; k++) some[k] = new_sketch(-3, 3, SKETCH_BINS);
    for (int i = 0; i < STREAM; i++) {
        const int at = (int)((int64_t)i * stride % STREAM), to = (at / 7 + at) % parts;
        cit_sketch_add(some[to], x[at]);
        cit_moments_add(&sums[to], x[at]);
    }
    for (int i = 0; i < parts; i++) {
        const int k = backwards ? parts - 1 - i : i;
        CHECK_OK(cit_sketch_merge(sketch, some[k], errs));
        cit_moments_merge(moments, &sums[k]);
    }
    for (int k = 0; k < parts; k++) free(some[k]);
}

static void streams_do_not_depend_on_order_or_parts(void **state) {
    static const int strides[] = {1, 7, 1301, 2999};
    double x[STREAM];
    cit_sketch *first = new_sketch(-3, 3, SKETCH_BINS);
    cit_moments first_sums = {0};
    (void)state;
    stream_of_values(x);
    deal(x, 1, 1, false, first, &first_sums);
    for (int parts = 1; parts <= 8; parts++)
        for (int k = 0; k < 8; k++) {
            cit_sketch *s = new_sketch(-3, 3, SKETCH_BINS);
            cit_moments m = {0};
            deal(x, parts, strides[k / 2], k % 2, s, &m);
            CHECK(memcmp(s, first, cit_sketch_size(SKETCH_BINS)) == 0, "%d parts: other counts",
                  parts);
            CHECK(memcmp(&m, &first_sums, sizeof m) == 0, "%d parts: other sums", parts);
            free(s);
        }
    CHECK(first_sums.count + first_sums.unknown == STREAM && first_sums.unknown > 0, "lost some");
    CHECK(cit_sketch_count(first) == first_sums.count && first->unknown == first_sums.unknown,
          "%lld", (long long)cit_sketch_count(first));
    free(first);
}

static void moments_have_their_hand_values(void **state) {
    cit_moments m = {0}, far = {0}, tenths = {0}, wild = {0};
    (void)state;
    CHECK(isnan(cit_moments_mean(&m)), "of nothing: %g", cit_moments_mean(&m));
    cit_moments_add(&m, -2.5);
    CHECK_CLOSE(cit_moments_mean(&m), -2.5, 0);
    CHECK(isnan(cit_moments_variance(&m)), "of one: %g", cit_moments_variance(&m));
    cit_moments_add(&m, 4);
    cit_moments_add(&m, nan_);
    CHECK_CLOSE(cit_moments_mean(&m), 0.75, 0);
    CHECK_CLOSE(cit_moments_variance(&m), 2 * 3.25 * 3.25, 0);
    static const double offsets[] = {4, 7, 13, 16};
    for (int i = 0; i < 4; i++) cit_moments_add(&far, 1e15 + offsets[i]);
    CHECK_CLOSE(cit_moments_mean(&far), 1e15 + 10, 0);
    CHECK_CLOSE(cit_moments_variance(&far), 30, 0); /* of squares of 1e30 */
    for (int i = 0; i < 1000; i++) cit_moments_add(&tenths, -0.1);
    CHECK_CLOSE(cit_moments_mean(&tenths), -0.1, 0);
    CHECK_CLOSE(cit_moments_variance(&tenths), 0, 0); /* exactly */
    static const double cancel[] = {1, 1e18, 1, -1e18};
    for (int i = 0; i < 4; i++) cit_moments_add(&wild, cancel[i]);
    CHECK_CLOSE(cit_moments_mean(&wild), 0.5, 0);
    CHECK_NEAR(cit_moments_variance(&wild), 2e36 / 3, 1e-15);
}

/* Against the same sums in whole numbers of 128 bits, where those suffice. */
static void moments_are_exact(void **state) {
    (void)state;
    for (uint32_t run = 0; run < 40; run++) {
        const int n = 2 + (int)(run * 37 % 500);
        int64_t sum = 0, square = 0;
        cit_moments m = {0};
        for (int i = 0; i < n; i++) {
            const int64_t k = (int64_t)(2e6 * (uniform(run, 37, (uint32_t)i) - 0.3));
            sum += k;
            square += k * k;
            cit_moments_add(&m, ldexp((double)k, -40));
        }
        const double top = (double)(n * square - sum * sum); /* below 2^63 */
        CHECK_NEAR(cit_moments_mean(&m), ldexp((double)sum, -40) / n, 3e-16);
        CHECK_NEAR(cit_moments_variance(&m), ldexp(top, -80) / n / (n - 1.0), 5e-16);
    }
}

static void moments_agree_with_two_passes(void **state) {
    double x[STREAM];
    cit_moments m = {0};
    (void)state;
    for (uint32_t i = 0; i < STREAM; i++) x[i] = 37.5 + 3 * normal(0, 38, i);
    for (int i = 0; i < STREAM; i++) cit_moments_add(&m, x[i]);
    CHECK_NEAR(cit_moments_mean(&m), cit_mean(x, STREAM), 2e-16);
    CHECK_NEAR(cit_moments_variance(&m), cit_variance(x, STREAM), 1e-14);
}

static void moments_say_what_they_cannot_hold(void **state) {
    static const double large[] = {0x1p63, -0x1p63, HUGE_VAL, -HUGE_VAL, 1e300};
    cit_moments m = {0};
    (void)state;
    cit_moments_add(&m, 0x1.fffffffffffffp62);
    cit_moments_add(&m, -0x1.fffffffffffffp62);
    cit_moments_add(&m, 0x1p-64);
    cit_moments_add(&m, 1e-300);
    CHECK_CLOSE(cit_moments_mean(&m), 0x1p-66, 0);
    CHECK(m.outside == 0, "%lld outside", (long long)m.outside);
    for (int i = 0; i < COUNT_OF(large); i++) {
        cit_moments n = m;
        cit_moments_add(&n, large[i]);
        CHECK(n.outside == 1 && n.count == 4, "%g taken", large[i]);
        CHECK(isnan(cit_moments_mean(&n)) && isnan(cit_moments_variance(&n)), "%g", large[i]);
    }
    cit_moments full = {.count = (int64_t)1 << 30}, more = full;
    cit_moments_add(&full, 1);
    cit_moments_merge(&more, &m);
    CHECK(full.outside == 1 && isnan(cit_moments_mean(&full)), "one more than 2^30");
    CHECK(more.outside == 4 && more.square[7] == 0 && isnan(cit_moments_mean(&more)), "merged");
}

static void sketch_quantiles_are_within_their_error(void **state) {
    enum { N = 2001 };
    double x[N];
    (void)state;
    for (int bins = 1; bins <= 1000; bins *= 10)
        for (uint32_t shape = 0; shape < 4; shape++) {
            cit_sketch *s = new_sketch(0, 10, bins);
            for (uint32_t i = 0; i < N; i++) {
                const double u = uniform(shape, 39, i);
                x[i] = shape == 0   ? 10 * u
                       : shape == 1 ? rint(4 * u)
                       : shape == 2 ? 5 + 4 * normal(shape, 40, i) /* some outside */
                                    : (u < 0.5 ? 1 + u : 9 + u);   /* a gap at the median */
                cit_sketch_add(s, x[i]);
            }
            cit_sort(x, N);
            for (double p = 0; p <= 1; p += 0.00031) {
                double error = -1;
                const double got = cit_sketch_quantile(s, p, &error);
                const double want = cit_quantile_sorted(x, N, p);
                CHECK(fabs(got - want) <= error + 1e-14,
                      "shape %u, %d bins, p %g: %g, not %g -+ %g", shape, bins, p, got, want,
                      error);
                CHECK(shape == 2 || error <= 10.0 / bins + 1e-12, "error %g of %d bins", error,
                      bins);
            }
            CHECK(cit_sketch_quantile(s, 0, NULL) == x[0], "the least");
            CHECK(cit_sketch_quantile(s, 1, NULL) == x[N - 1], "the most");
            free(s);
        }
}

static void sketch_counts_where_values_fall(void **state) {
    cit_sketch *s = new_sketch(-1, 1, 4);
    static const double x[] = {-1, -0.5, 0, 0.5, 1, 1.0001, -HUGE_VAL, 7, CIT_UNKNOWN_NUMBER};
    static const int64_t want[] = {1, 1, 1, 2};
    (void)state;
    CHECK(isnan(cit_sketch_quantile(s, 0.5, NULL)), "of nothing");
    for (int i = 0; i < COUNT_OF(x); i++) cit_sketch_add(s, x[i]);
    for (int k = 0; k < 4; k++)
        CHECK(s->counts[k] == want[k], "bin %d has %lld", k, (long long)s->counts[k]);
    CHECK(s->below == 1 && s->above == 2 && s->unknown == 1, "outside");
    CHECK(s->least == -HUGE_VAL && s->most == 7, "%g to %g", s->least, s->most);
    CHECK(cit_sketch_quantile(s, 0, NULL) == -HUGE_VAL, "the least");
    CHECK(isnan(cit_sketch_quantile(s, 1.5, NULL)) && isnan(cit_sketch_quantile(s, nan_, NULL)),
          "p");
    free(s);
}

static void sketches_refuse_bad_input(void **state) {
    cit_sketch *s = new_sketch(0, 1, 4), *other = new_sketch(0, 2, 4), *finer = new_sketch(0, 1, 5);
    cit_errors faults = {0}, *errs = &faults;
    (void)state;
    CHECK(cit_sketch_init(s, 0, 1, 0, errs) == CIT_INVALID, "no bins");
    CHECK(cit_sketch_init(s, 0, 1, CIT_SKETCH_BINS_MAX + 1, errs) == CIT_INVALID, "too many bins");
    CHECK(cit_sketch_init(s, 1, 1, 4, errs) == CIT_INVALID, "no range");
    CHECK(cit_sketch_init(s, 0, nan_, 4, errs) == CIT_INVALID, "an unknown range");
    CHECK(cit_sketch_init(s, 0, HUGE_VAL, 4, errs) == CIT_INVALID, "an infinite range");
    CHECK(cit_sketch_merge(s, other, errs) == CIT_INVALID, "another range");
    CHECK(cit_sketch_merge(s, finer, errs) == CIT_INVALID, "other bins");
    CHECK(errs->count == 7, "%d faults", errs->count);
    CHECK(cit_sketch_size(0) == 0 && cit_sketch_size(-1) == 0, "size of no bins");
    free(s);
    free(other);
    free(finer);
}

/* ---- weights ----------------------------------------------------------------------------------------------------- */

static void effective_size_has_its_hand_values(void **state) {
    static const double same[] = {3, 3, 3}, one[] = {0, 1e-300, 0}, mixed[] = {1, 2, 3};
    static const double bad[] = {1, -1}, zeros[] = {0, 0}, huge[] = {1e300, 1e300};
    (void)state;
    CHECK_CLOSE(cit_effective_size(same, 3), 3, 1e-15);
    CHECK_CLOSE(cit_effective_size(one, 3), 1, 0);
    CHECK_CLOSE(cit_effective_size(mixed, 3), 36 / 14.0, 1e-15);
    CHECK_CLOSE(cit_effective_size(huge, 2), 2, 1e-15);
    CHECK(isnan(cit_effective_size(bad, 2)) && isnan(cit_effective_size(zeros, 2)) &&
              isnan(cit_effective_size(mixed, 0)),
          "not refused");
}

/* Figures by R (loo, r_eff 1): a Pareto tail of 1.3 and a bounded one. */
static void psis_agrees_with_loo(void **state) {
    enum { N = 200 };
    double ratio[N], weight[N];
    cit_psis r;
    (void)state;
    for (int i = 1; i <= N; i++) ratio[i - 1] = -1.3 * log((i * 37 % N + 0.5) / N);
    CHECK_OK(cit_psis_weights(ratio, N, weight, &r, errs));
    CHECK_NEAR(r.k, 1.08030277979004, 1e-12);
    CHECK_NEAR(r.effective_size, 6.52535111009762, 1e-12);
    CHECK_NEAR(weight[0], 0.00266916818570218, 1e-12);
    CHECK_NEAR(weight[2], 0.000653792670976679, 1e-12);
    CHECK(r.tail == 40, "tail %d", r.tail);
    CHECK_CLOSE(r.threshold, 1 - 1 / log10(200), 1e-15);
    for (int i = 1; i <= N; i++) ratio[i - 1] = 700 + 1.5 * sin(i);
    CHECK_OK(cit_psis_weights(ratio, N, weight, &r, errs));
    CHECK_NEAR(r.k, -1.22780660887507, 1e-10);
    CHECK_NEAR(r.effective_size, 110.649219622672, 1e-11);
    CHECK_NEAR(weight[0], 0.0106030955335194, 1e-10);
}

/* Draws of a Pareto tail give its shape on average, a maximum likelihood estimate's error being (1 + k) over
 * the root of the tail; weights keep their order and add up to 1. */
static void psis_finds_the_tail(void **state) {
    enum { N = 5000, RUNS = 8 };
    double *ratio = doubles(N), *weight = doubles(N);
    (void)state;
    for (double shape = 0.1; shape < 1; shape += 0.2) {
        double mean = 0;
        cit_psis r;
        for (uint32_t run = 0; run < RUNS; run++) {
            double sum = 0;
            for (uint32_t i = 0; i < N; i++) ratio[i] = -shape * log(uniform(run, 41, i));
            CHECK_OK(cit_psis_weights(ratio, N, weight, &r, errs));
            for (int i = 0; i < N; i++) sum += weight[i];
            CHECK_CLOSE(sum, 1, 1e-12);
            for (int i = 1; i < N; i++)
                CHECK((ratio[i] < ratio[0]) ? weight[i] <= weight[0] : weight[i] >= weight[0],
                      "weight %d", i);
            mean += r.k / RUNS;
        }
        CHECK_CLOSE(mean, shape, 4 * (1 + shape) / sqrt(r.tail * RUNS));
    }
    free(ratio);
    free(weight);
}

static void psis_leaves_alone_what_has_no_tail(void **state) {
    double same[50], weight[50], none[] = {-HUGE_VAL, 2, -HUGE_VAL}, few[3];
    cit_psis r;
    (void)state;
    for (int i = 0; i < 50; i++) same[i] = -3;
    CHECK_OK(cit_psis_weights(same, 50, weight, &r, errs));
    CHECK(isnan(r.k) && r.tail == 0, "k = %g", r.k);
    CHECK_CLOSE(r.effective_size, 50, 1e-12);
    CHECK_CLOSE(weight[7], 0.02, 1e-17);
    CHECK_OK(cit_psis_weights(none, 3, few, &r, errs));
    CHECK(few[0] == 0 && few[1] == 1 && few[2] == 0, "%g, %g", few[0], few[1]);
    double bad[] = {1, nan_}, infinite[] = {HUGE_VAL, 1}, nothing[] = {-HUGE_VAL, -HUGE_VAL};
    CHECK_REFUSED(r, cit_psis_weights(bad, 2, weight, &r, errs));
    CHECK_REFUSED(r, cit_psis_weights(infinite, 2, weight, &r, errs));
    CHECK_REFUSED(r, cit_psis_weights(nothing, 2, weight, &r, errs));
    CHECK_REFUSED(r, cit_psis_weights(bad, 0, weight, &r, errs));
}

static void resampling_keeps_to_the_weights(void **state) {
    static const double weight[] = {0, 0.5, 2, 0, 0.25, 1.25, 0};
    enum { N = COUNT_OF(weight), PLACES = 13, GRID = 4000 };
    double mean[N] = {0};
    int places[PLACES], counts[N];
    (void)state;
    for (int g = 0; g < GRID; g++) {
        CHECK_OK(cit_resample(weight, N, g / (double)GRID, PLACES, places, errs));
        memset(counts, 0, sizeof counts);
        for (int i = 0; i < PLACES; i++) {
            CHECK(places[i] >= (i > 0 ? places[i - 1] : 0) && places[i] < N, "place %d", places[i]);
            counts[places[i]]++;
        }
        for (int k = 0; k < N; k++) {
            const double want = PLACES * weight[k] / 4;
            CHECK(counts[k] >= floor(want) && counts[k] <= ceil(want), "%d of %g", counts[k], want);
            mean[k] += (double)counts[k] / GRID;
        }
    }
    for (int k = 0; k < N; k++) CHECK_CLOSE(mean[k], PLACES * weight[k] / 4, 2.0 / GRID);
    CHECK_OK(cit_resample(weight, N, 0.5, 1, places, errs));
    CHECK(places[0] == 2, "the middle of all weight is in place %d", places[0]);
    int r[3];
    static const double bad[] = {1, -1, 3};
    CHECK_REFUSED(r, cit_resample(bad, 3, 0.5, 3, r, errs));
    CHECK_REFUSED(r, cit_resample(weight, 0, 0.5, 3, r, errs));
    CHECK_REFUSED(r, cit_resample(weight, 1, 0.5, 3, r, errs)); /* no weight above 0 */
    CHECK_REFUSED(r, cit_resample(weight, N, 1, 3, r, errs));
    CHECK_REFUSED(r, cit_resample(weight, N, 0.5, 0, r, errs));
}

T_MAIN(CASE(student_has_its_closed_forms), CASE(chi_square_gamma_and_f_have_their_closed_forms),
       CASE(beta_has_its_closed_forms), CASE(binomial_tails_are_sums),
       CASE(distributions_agree_with_mpmath), CASE(quantiles_turn_both_tails_around),
       CASE(distributions_mirror), CASE(distributions_refuse_what_cannot_be),
       CASE(noncentral_t_agrees_with_mpmath), CASE(noncentral_t_has_its_limits),
       CASE(power_has_its_published_values), CASE(power_is_what_simulation_finds),
       CASE(students_own_example), CASE(the_smallest_samples_have_closed_forms),
       CASE(intervals_of_t_hold_what_they_promise), CASE(p_and_interval_are_one),
       CASE(ancova_has_its_published_values), CASE(ancova_does_not_care_for_change_from_baseline),
       CASE(ancova_holds_what_it_promises), CASE(means_refuse_bad_input),
       CASE(rank_tests_agree_with_enumeration), CASE(rank_tests_have_their_published_values),
       CASE(rank_tests_count_ties_exactly), CASE(tails_of_ties_are_counted), CASE(tails_mirror),
       CASE(many_ranks_are_normal_with_ties), CASE(exact_and_normal_ranks_meet),
       CASE(rank_tests_shift_and_mirror), CASE(rank_intervals_hold_what_they_promise),
       CASE(few_ranks_bound_nothing), CASE(half_a_million_values_need_no_table_of_pairs),
       CASE(ranks_refuse_bad_input), CASE(wilson_has_its_published_values),
       CASE(differences_of_shares_have_their_published_values),
       CASE(differences_of_shares_choose_their_test), CASE(differences_of_shares_hold_on_average),
       CASE(fisher_has_its_published_values), CASE(exact_test_of_a_share_has_its_published_values),
       CASE(exact_test_of_a_share_agrees_with_enumeration),
       CASE(paired_shares_have_their_published_values), CASE(paired_shares_hold_on_average),
       CASE(odds_ratios_have_their_hand_values), CASE(shares_refuse_bad_input),
       CASE(margins_follow_the_interval), CASE(margins_err_as_often_as_they_say),
       CASE(margins_of_intervals_without_error_have_no_p),
       CASE(adjusted_p_have_their_published_values), CASE(holm_is_the_closed_test),
       CASE(adjusted_p_refuse_bad_input), CASE(crps_closed_forms_agree_with_quadrature),
       CASE(crps_of_an_ensemble_agrees_with_all_pairs),
       CASE(crps_of_an_ensemble_does_not_depend_on_order),
       CASE(fair_crps_does_not_punish_few_draws), CASE(true_forecasts_score_best),
       CASE(mixtures_have_their_moments_and_quantiles), CASE(a_blend_is_the_ensemble_of_both),
       CASE(coverage_is_a_count_against_the_level), CASE(pit_of_one_more_draw_is_uniform),
       CASE(uniformity_has_its_hand_value), CASE(two_forecasts_are_compared_by_pairs),
       CASE(scores_refuse_bad_input), CASE(eight_schools_agree_with_bayesmeta),
       CASE(meta_regression_agrees_with_bayesmeta), CASE(dersimonian_and_laird_agree_with_metafor),
       CASE(one_study_leaves_tau_to_the_prior), CASE(without_heterogeneity_studies_are_pooled),
       CASE(the_grid_over_tau_is_fine_enough), CASE(predictions_hold_what_they_promise),
       CASE(meta_analysis_refuses_bad_input), CASE(streams_do_not_depend_on_order_or_parts),
       CASE(moments_have_their_hand_values), CASE(moments_are_exact),
       CASE(moments_agree_with_two_passes), CASE(moments_say_what_they_cannot_hold),
       CASE(sketch_quantiles_are_within_their_error), CASE(sketch_counts_where_values_fall),
       CASE(sketches_refuse_bad_input), CASE(effective_size_has_its_hand_values),
       CASE(psis_agrees_with_loo), CASE(psis_finds_the_tail),
       CASE(psis_leaves_alone_what_has_no_tail), CASE(resampling_keeps_to_the_weights))
