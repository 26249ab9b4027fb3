/* cit/statistics.h -- how trials are analysed and how forecasts are judged.
 *
 *   1 distributions       Student, chi-square, F, gamma, binomial, non-central t; power of a t test
 *   2 tests               means, ranks, proportions, ANCOVA: an estimate, its interval, its p
 *   3 verdicts            non-inferiority, equivalence, several tests at once
 *   4 scores of forecasts CRPS, log score, coverage, PIT, two forecasts against each other
 *   5 meta-analysis       what the published studies alone predict for the next one
 *   6 streams             quantiles, mean and variance of any number of values, in any order
 *   7 weights             effective size, Pareto smoothing, resampling
 *
 * Knows nothing of skin. Everything is deterministic; nothing depends on the order of threads. Functions
 * that give a number give NAN for what cannot be; functions that give a status say why they refuse, and
 * then leave what they were to fill alone. A value that is not finite is refused, never skipped: who has
 * unknown values leaves them out first. `level` is the level of an interval, such as 0.95. Methods, limits
 * and sources in full: docs/models/statistics.md. */
#pragma once
#include <cit/base.h>

/* ---- 1 distributions ------------------------------------------------------------------------ */

/* `cdf` is the chance of x or less, `upper` of more than x, accurate where it is small; `quantile` turns
 * cdf around. The normal distribution is in cit/base.h (the upper tail is cit_normal_cdf(-x)), the beta
 * distribution in cit/num.h. Relative errors of either tail: below 1e-11 for degrees of freedom, shapes
 * and people up to 1000; 1e-9 up to 1e5. df may be HUGE_VAL where Student's distribution is meant: the
 * normal one.
 *
 * Student and F by the incomplete beta function, Student beyond 2000 degrees by Hill (Commun ACM 1970;
 * 13:617-619). Gamma by its series and continued fraction (DLMF 8.11.4, 8.9.2) with Loader's front (Fast
 * and accurate computation of binomial probabilities, 2000). Quantiles by Chandrupatla's method (Adv Eng
 * Softw 1997; 28:145-149) on the logarithm of the smaller tail. */
CIT_API double cit_t_density(double t, double df);
CIT_API double cit_t_cdf(double t, double df);
CIT_API double cit_t_upper(double t, double df);
CIT_API double cit_t_quantile(double p, double df);

CIT_API double cit_gamma_cdf(double x, double shape, double scale);
CIT_API double cit_gamma_upper(double x, double shape, double scale);
CIT_API double cit_gamma_quantile(double p, double shape, double scale);

CIT_API double cit_chi2_cdf(double x, double df);
CIT_API double cit_chi2_upper(double x, double df);
CIT_API double cit_chi2_quantile(double p, double df);

CIT_API double cit_f_cdf(double f, double df1, double df2);
CIT_API double cit_f_upper(double f, double df1, double df2);
CIT_API double cit_f_quantile(double p, double df1, double df2);

/* Of k events or fewer among `people`, and of more than k; the least k whose cdf is p or more (-1: bad
 * input). */
CIT_API double cit_binomial_cdf(int k, int people, double share);
CIT_API double cit_binomial_upper(int k, int people, double share);
CIT_API int cit_binomial_quantile(double p, int people, double share);

/* (Z + delta) / sqrt(X / df), Z standard normal, X chi-square: the normal tail at s t - delta, averaged
 * over the distribution of s = sqrt(X / df). The average is taken over log s by the trapezoidal rule,
 * which converges exponentially there; every term is positive, so that both tails keep their relative
 * accuracy. df from 0.5. */
CIT_API double cit_noncentral_t_cdf(double t, double df, double delta);
CIT_API double cit_noncentral_t_upper(double t, double df, double delta);
CIT_API double cit_noncentral_t_quantile(double p, double df, double delta);

/* The exact power of a t test whose statistic has this non-centrality (true difference over its standard
 * error): one-sided (upwards) or two-sided, at error `alpha` in all. */
CIT_API double cit_power_t(double delta, double df, double alpha, int sides);

/* ---- 2 tests -------------------------------------------------------------------------------- */

typedef struct cit_test_result {
    double estimate, lo, hi; /* infinite where so few values cannot bound it at this level */
    double level;            /* of lo to hi */
    double se;               /* NAN where the interval is not estimate -+ quantile of t times se */
    double statistic, df; /* df NAN where there is none, HUGE_VAL where the normal stands for t */
    double p;             /* two-sided, against no difference; 1 at most */
    int n;                /* how many values, pairs or people it rests on */
    bool exact;           /* p counts outcomes, it does not approximate */
} cit_test_result;

/* Student's test (Biometrika 1908; 6:1-25) of the mean against `null_mean`, of the mean of x - y, and
 * Welch's (Biometrika 1947; 34:28-35) of mean(x) - mean(y) with unequal variances. Two values at least on
 * each side, not all the same. For a split face the pairs are its halves. */
CIT_CHECKED cit_status cit_test_mean(const double *x, int n, double null_mean, double level,
                                     cit_test_result *ret, cit_errors *errs);
CIT_CHECKED cit_status cit_test_paired(const double *x, const double *y, int n, double level,
                                       cit_test_result *ret, cit_errors *errs);
CIT_CHECKED cit_status cit_test_welch(const double *x, int nx, const double *y, int ny,
                                      double level, cit_test_result *ret, cit_errors *errs);

/* The line that follow-up lies on in every arm. */
typedef struct cit_ancova {
    double slope, slope_se; /* of follow-up on baseline, common to all arms */
    double residual_sd, df;
} cit_ancova;

/* Analysis of covariance by least squares: follow-up = arm + slope x baseline. arm[i] is 0 to arms - 1;
 * ret gets arms - 1 adjusted differences, of arm k + 1 from arm 0. Vickers and Altman, BMJ 2001;
 * 323:1123-1124 say why, Cox and McCullagh, Biometrics 1982; 38:541-561 how. fit may be NULL. */
CIT_CHECKED cit_status cit_test_ancova(const double *follow_up, const double *baseline,
                                       const int *arm, int n, int arms, double level,
                                       cit_test_result *ret, cit_ancova *fit, cit_errors *errs);

/* Wilcoxon's signed-rank test of n differences (Biometrics Bull 1945; 1:80-83): the statistic is the rank
 * sum of the positive ones, zeros are left out of it, ties have mean ranks. Up to 50 differences p counts
 * all signs, ties or not; beyond, normal with the variance of the ranks in hand and correction for
 * continuity. The estimate is the median of all means of two (Hodges and Lehmann, Ann Math Stat 1963;
 * 34:598-611), zeros included, its interval the matching order statistics, which with ties hold at least
 * what they promise (Noether, JASA 1967; 62:184-188). */
CIT_CHECKED cit_status cit_test_signed_rank(const double *differences, int n, double level,
                                            cit_test_result *ret, cit_errors *errs);
/* Mann and Whitney's (Ann Math Stat 1947; 18:50-60) of two samples: the statistic is the number of pairs
 * with x > y, half of those with x = y. p counts all splits of the ranks where there are no ties and 50
 * or fewer on each side, or ties and 40 or fewer in all; beyond, normal with correction for ties and
 * continuity. The estimate is the median of all x - y. */
CIT_CHECKED cit_status cit_test_mann_whitney(const double *x, int nx, const double *y, int ny,
                                             double level, cit_test_result *ret, cit_errors *errs);

/* One-sided p: the chance of a rank sum as high as the one seen or higher, and of one as low or lower; of the
 * normal, half a step nearer to the middle. With ties half of the two-sided p is not the tail: it counts
 * what is as far at the other end, where there may be nothing, or more. */
typedef struct cit_tails {
    double up, down; /* for x above y, or differences above 0; for the other way round */
} cit_tails;

/* The same tests with their tails; where ret is NULL, the tails alone, which cost less. */
CIT_CHECKED cit_status cit_test_signed_rank_tails(const double *differences, int n, double level,
                                                  cit_test_result *ret, cit_tails *ret_tails,
                                                  cit_errors *errs);
CIT_CHECKED cit_status cit_test_mann_whitney_tails(const double *x, int nx, const double *y, int ny,
                                                   double level, cit_test_result *ret,
                                                   cit_tails *ret_tails, cit_errors *errs);

/* Wilson's score interval of a share (JASA 1927; 22:209-212). False, and nothing given, for what cannot
 * be. The exact interval is cit_exact_interval of cit/num.h. */
CIT_CHECKED bool cit_wilson_interval(int events, int people, double level, double *ret_lo,
                                     double *ret_hi);
/* The exact test of a share: all outcomes no likelier than the one seen; the interval is Clopper and
 * Pearson's. They come from two different tests and may disagree by a hair. */
CIT_CHECKED cit_status cit_test_share(int events, int people, double null_share, double level,
                                      cit_test_result *ret, cit_errors *errs);
/* Share of x less share of y: Newcombe's interval (Stat Med 1998; 17:873-890, method 10). The statistic is
 * the pooled z; p is its, or Fisher's where less than 5 events or non-events are expected in an arm
 * (Cochran, Biometrics 1954; 10:417-451). */
CIT_CHECKED cit_status cit_test_shares(int events_x, int people_x, int events_y, int people_y,
                                       double level, cit_test_result *ret, cit_errors *errs);
/* Fisher's exact test of a two by two table, two-sided by Irwin's rule: all tables with these margins that
 * are no likelier. NAN for a negative count. */
CIT_API double cit_fisher_p(int a, int b, int c, int d);
/* The same people twice: how many were events both times, only in x, only in y, neither time. Share of x
 * less share of y with Newcombe's interval for pairs (Stat Med 1998; 17:2635-2650, method 10); McNemar's
 * exact test of the discordant ones (Psychometrika 1947; 12:153-157), 1 where there are none. The
 * statistic is `only_x`. */
CIT_CHECKED cit_status cit_test_paired_shares(int both, int only_x, int only_y, int neither,
                                              double level, cit_test_result *ret, cit_errors *errs);
/* Odds of x over odds of y: Woolf's interval (Ann Hum Genet 1955; 19:251-253); half an event is added to
 * every cell where one is empty (Haldane, Ann Hum Genet 1956; 20:309-311). statistic and p are those of
 * its logarithm, and so is se. */
CIT_CHECKED cit_status cit_test_odds_ratio(int events_x, int people_x, int events_y, int people_y,
                                           double level, cit_test_result *ret, cit_errors *errs);

/* ---- 3 verdicts ------------------------------------------------------------------------------ */

/* What the interval of a difference says to a margin. Each verdict errs in (1 - level) / 2 of trials, as far
 * as the interval keeps its level: a 0.95 interval tests at 0.025, a 0.90 interval at 0.05, as two
 * one-sided tests do (Schuirmann, J Pharmacokinet Biopharm 1987; 15:657-680). p where se is known, NAN
 * otherwise. */
typedef struct cit_margin_result {
    double margin, alpha;
    bool superior, noninferior, equivalent;
    double p_superior, p_noninferior, p_equivalent;
} cit_margin_result;

/* From any estimate, higher being better (else swap the arms). superior: lo > 0; noninferior:
 * lo > -margin; equivalent: also hi < margin. For a ratio take the logarithms of estimate, lo, hi. */
CIT_CHECKED cit_status cit_test_margin(const cit_test_result *test, double margin,
                                       cit_margin_result *ret, cit_errors *errs);

typedef enum cit_multiplicity {
    CIT_BONFERRONI = 1,
    CIT_HOLM,     /* Scand J Stat 1979; 6:65-70 */
    CIT_HOCHBERG, /* Biometrika 1988; 75:800-802; for independent or positively dependent tests */
    CIT_FIXED_SEQUENCE, /* in the order given, until one fails (Maurer and others 1995) */
} cit_multiplicity;

/* p values adjusted for being n: a hypothesis falls where its adjusted p is alpha or less (Wright,
 * Biometrics 1992; 48:1005-1013). ret may be p. */
CIT_CHECKED cit_status cit_adjust_p(cit_multiplicity method, const double *p, int n, double *ret,
                                    cit_errors *errs);

/* ---- 4 scores of forecasts ------------------------------------------------------------------- */

/* All scores are better when lower. The continuous ranked probability score is E|X - y| - E|X - X'| / 2
 * (Gneiting and Raftery, JASA 2007; 102:359-378), in units of y; it is |X - y| where the forecast is one
 * number. */
CIT_API double cit_crps_normal(double mean, double sd, double seen);
/* Location and scale of Student's distribution; df > 1. Jordan and others, J Stat Softw 2019; 90(12). */
CIT_API double cit_crps_t(double location, double scale, double df, double seen);

/* Normals with weights that add up to what they will; sd may be 0. The arrays are borrowed. */
typedef struct cit_mixture {
    int n;
    const double *weight, *mean, *sd;
} cit_mixture;

CIT_API double cit_mixture_mean(const cit_mixture *m);
CIT_API double cit_mixture_sd(const cit_mixture *m);
CIT_API double cit_mixture_cdf(const cit_mixture *m, double x);
CIT_API double cit_mixture_quantile(const cit_mixture *m, double p); /* u to a draw */
/* Grimit and others, Q J R Meteorol Soc 2006; 132:2925-2942. n^2 normal tails. */
CIT_API double cit_crps_mixture(const cit_mixture *m, double seen);

/* Minus the logarithm of the density at what was seen. */
CIT_API double cit_log_score_normal(double mean, double sd, double seen);
CIT_API double cit_log_score_mixture(const cit_mixture *m, double seen);

/* The score of n draws; weight may be NULL: all the same. `fair` is what draws beyond number would score
 * on average (Ferro, Q J R Meteorol Soc 2014; 140:1917-1923), so that ensembles of different size
 * compare; it needs two draws of weight, and may come out below 0. */
CIT_CHECKED cit_status cit_crps_ensemble(const double *draws, const double *weight, int n,
                                         double seen, bool fair, double *ret, cit_errors *errs);

/* What the score of every blend of two ensembles follows from: share w of b's draws, 1 - w of a's. */
typedef struct cit_blend {
    double error_a, error_b;   /* E|X - y| */
    double spread_a, spread_b; /* E|X - X'| / 2, ordinary or fair */
    double spread_ab;          /* E|A - B| / 2 */
} cit_blend;

CIT_CHECKED cit_status cit_crps_blend(const double *a, int na, const double *b, int nb, double seen,
                                      bool fair, cit_blend *ret, cit_errors *errs);
/* The score at w from 0 to 1: a parabola. */
CIT_API double cit_crps_blend_at(const cit_blend *blend, double w);

/* How many of n intervals of nominal level hold what was seen (ends included): cit_test_share against
 * that level. */
CIT_CHECKED cit_status cit_test_coverage(const double *lo, const double *hi, const double *seen,
                                         int n, double nominal, double level, cit_test_result *ret,
                                         cit_errors *errs);
/* Where what was seen lies among the draws, 0 to 1, u in [0, 1) breaking ties. Uniform where it is one
 * more draw of the same: (draws below + u (draws equal + 1)) / (n + 1). NAN if n is 0. */
CIT_API double cit_pit_ensemble(const double *draws, int n, double seen, double u);
/* The histogram of n numbers from 0 to 1 and the chi-square test that they are uniform (its approximation
 * wants five a bin). counts gets `bins` numbers. Estimate and interval are NAN. */
CIT_CHECKED cit_status cit_test_uniform(const double *pit, int n, int bins, int *counts,
                                        cit_test_result *ret, cit_errors *errs);
/* The mean of a - b over n pairs of scores, below 0 where a is better, with Student's interval. One pair
 * has no interval, and pairs that all differ by the same no p. Scores of one study are not independent:
 * take its mean first. */
CIT_CHECKED cit_status cit_score_difference(const double *a, const double *b, int n, double level,
                                            cit_test_result *ret, cit_errors *errs);

/* ---- 5 meta-analysis -------------------------------------------------------------------------- */

typedef struct cit_study_result {
    double estimate, variance; /* variance: the square of the estimate's standard error, above 0 */
    double regressor;          /* such as the logarithm of the number of visits; 0 where unused */
} cit_study_result;

/* Between studies true effects scatter with standard deviation tau about mean + slope x regressor; each
 * estimate scatters about its effect with its known variance. tau is half-normal with this scale: its
 * thin tail keeps predictions finite where studies are few and cannot tell it (Roever and others, Res
 * Synth Methods 2021; 12:448-474, who advise it and how to choose the scale). */
typedef struct cit_meta_prior {
    double tau_scale;     /* above 0 */
    double mean, mean_sd; /* of the mean at regressor 0; mean_sd 0: flat */
    bool regress;         /* with a slope */
    double slope_sd;      /* about 0; 0: flat */
} cit_meta_prior;

enum { CIT_META_NODES = 208 };

/* The posterior: given tau, mean and slope are normal. The grid over tau, Gauss-Legendre with 8 points on
 * panels that grow by sqrt(2), is fixed by the prior and the spread of the estimates. */
typedef struct cit_meta {
    double tau[CIT_META_NODES], weight[CIT_META_NODES]; /* weights add up to 1 */
    double mean[CIT_META_NODES], slope[CIT_META_NODES];
    double var_mean[CIT_META_NODES], var_slope[CIT_META_NODES], covariance[CIT_META_NODES];
    double tau_mean, tau_sd;
    int studies;
} cit_meta;

/* The full Bayesian normal-normal model, mean and slope integrated out in closed form, tau by quadrature
 * (Roever, J Stat Softw 2020; 93(6)). One study will do with a flat mean, two different regressors with a
 * flat slope. */
CIT_CHECKED cit_status cit_meta_fit(const cit_study_result *studies, int n,
                                    const cit_meta_prior *prior, cit_meta *ret, cit_errors *errs);
/* The posterior of the mean at a regressor, and the prediction of a new study's estimate there whose
 * sampling variance will be `variance` (0: of its true effect), as normals with the weights of the fit:
 * (cit_mixture){CIT_META_NODES, fit->weight, mean, sd}. */
CIT_API void cit_meta_mean(const cit_meta *fit, double regressor, double mean[CIT_META_NODES],
                           double sd[CIT_META_NODES]);
CIT_API void cit_meta_predict(const cit_meta *fit, double regressor, double variance,
                              double mean[CIT_META_NODES], double sd[CIT_META_NODES]);

/* For tables: tau^2 by moments (DerSimonian and Laird, Control Clin Trials 1986; 7:177-188), I^2 (Higgins
 * and Thompson, Stat Med 2002; 21:1539-1558), and where a new study's effect will lie (Higgins and
 * others, J R Stat Soc A 2009; 172:137-159): t with studies - 2 degrees, NAN for fewer than three. */
typedef struct cit_heterogeneity {
    double estimate, se, lo, hi; /* of the mean, by the normal */
    double q, df, p;             /* Cochran's Q against no heterogeneity */
    double tau2, i2;             /* i2: 0 to 1 */
    double new_lo, new_hi;
} cit_heterogeneity;

CIT_CHECKED cit_status cit_meta_dersimonian_laird(const cit_study_result *studies, int n,
                                                  double level, cit_heterogeneity *ret,
                                                  cit_errors *errs);

/* ---- 6 streams ------------------------------------------------------------------------------- */

/* Both summaries are plain memory without pointers: copy, send and store their bytes. Adding and merging
 * only add whole numbers and take extremes, so that the same values give the same bytes in any order, in
 * any parts, on any number of threads or ranks. NAN is counted apart. */

/* Counts in equal bins from lo to hi (hi itself in the last). */
typedef struct cit_sketch {
    double lo, hi;
    double least, most; /* of all values, exact; infinite before there is one */
    int64_t bins, below, above, unknown;
    int64_t counts[];
} cit_sketch;

enum { CIT_SKETCH_BINS_MAX = 1 << 20 };
CIT_API size_t cit_sketch_size(int bins); /* bytes; 0 for too few or too many */
/* Empties memory of that size. */
CIT_CHECKED cit_status cit_sketch_init(cit_sketch *sketch, double lo, double hi, int bins,
                                       cit_errors *errs);
CIT_API void cit_sketch_add(cit_sketch *sketch, double value);
/* Refuses a sketch of another range or number of bins. */
CIT_CHECKED cit_status cit_sketch_merge(cit_sketch *into, const cit_sketch *from, cit_errors *errs);
CIT_API int64_t cit_sketch_count(const cit_sketch *sketch); /* known values */
/* The p-quantile as cit_quantile_sorted defines it, each order statistic put in its place in its bin. It
 * is wrong by *ret_error at most but for rounding (may be NULL): a bin's width, or the way to the extreme
 * for what is outside the range. NAN if there is no value. */
CIT_API double cit_sketch_quantile(const cit_sketch *sketch, double p, double *ret_error);

/* Sums of values and of their squares, exact: a value is a whole multiple of 2^-64 (smaller parts, which
 * only values below 2^-12 have, are rounded off once and for all), its square one of 2^-128; their digits
 * to base 2^32 are added up each by itself, and carries wait until somebody asks. All fields are whole
 * numbers: their sums over ranks, field by field, are a merge. Beyond 2^30 values there is no order left,
 * and no mean. */
typedef struct cit_moments {
    int64_t count, unknown;
    int64_t outside; /* 2^63 or more in size, or beyond 2^30 values: mean and variance are NAN */
    int64_t sum[4];  /* lowest digit first */
    int64_t square[8];
} cit_moments;

CIT_API void cit_moments_add(cit_moments *m, double value); /* *m zero at the start */
CIT_API void cit_moments_merge(cit_moments *into, const cit_moments *from);
CIT_API double cit_moments_mean(const cit_moments *m);     /* NAN if there is no value */
CIT_API double cit_moments_variance(const cit_moments *m); /* n - 1 below; NAN for less than 2 */

/* ---- 7 weights ------------------------------------------------------------------------------- */

/* (sum w)^2 / sum w^2 (Kish 1965): so many equal weights would do as well. NAN where a weight is negative
 * or none is positive. */
CIT_API double cit_effective_size(const double *weight, int n);

typedef struct cit_psis {
    double k;         /* shape of the tail of the weights; NAN where there is none to fit */
    double threshold; /* min(1 - 1 / log10 n, 0.7): above it do not trust what the weights give */
    double effective_size;
    int tail; /* how many of the largest weights were smoothed */
} cit_psis;

/* Importance weights from the logarithms of their ratios (minus infinity: no weight), the largest
 * min(n / 5, 3 sqrt n) replaced by the expected order statistics of the generalised Pareto distribution
 * fitted to them (Vehtari and others, J Mach Learn Res 2024; 25(72); fit by Zhang and Stephens,
 * Technometrics 2009; 51:316-325). weight gets n numbers that add up to 1. */
CIT_CHECKED cit_status cit_psis_weights(const double *log_ratio, int n, double *weight,
                                        cit_psis *ret, cit_errors *errs);

/* `count` places in the list of n weights, ascending, each as often as its weight asks to within one:
 * systematic resampling (Kitagawa, J Comput Graph Stat 1996; 5:1-25) from one number u in [0, 1). */
CIT_CHECKED cit_status cit_resample(const double *weight, int n, double u, int count, int *ret,
                                    cit_errors *errs);
