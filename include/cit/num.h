/* cit/num.h -- numerical methods that know nothing of skin.
 *
 *   1 statistics          quantiles, means, rank correlation; sums in a fixed order; exact intervals
 *   2 quadrature          Gauss-Legendre on an interval
 *   3 symmetric tridiagonal matrices
 *   4 ordinary differential equations: one interface, three methods
 *
 * Everything is deterministic: the same input gives the same bits, on any number of threads. */
#pragma once
#include <cit/base.h>

/* ---- 1 statistics -------------------------------------------------------------------------- */

/* The p-quantile of n numbers in ascending order, linear between order statistics (Hyndman and Fan
 * 1996, type 7). NAN if n is 0. */
CIT_API double cit_quantile_sorted(const double *sorted, int n, double p);
CIT_API void cit_sort(double *values, int n);
/* Sum with Neumaier's compensation, in the order given. */
CIT_API double cit_sum(const double *values, int n);
CIT_API double cit_mean(const double *values, int n);
CIT_API double cit_variance(const double *values, int n); /* n - 1 in the denominator; 0 if n < 2 */
/* Spearman's rank correlation, ties by mean rank; 0 if either side is constant. Needs 4 n doubles of
 * scratch. */
CIT_API double cit_rank_correlation(const double *x, const double *y, int n, double *scratch);

/* The p-quantile of the beta distribution, the x where the regularised incomplete beta function I_x(a, b)
 * is p: by continued fraction (DLMF 8.17.22) and Newton's method in a bracket. Relative error below 1e-11
 * for a and b from 0.1 to 1000. NAN unless 0 <= p <= 1, a > 0 and b > 0. */
CIT_API double cit_beta_quantile(double p, double a, double b);
/* The two-sided exact interval (Clopper and Pearson, Biometrika 1934; 26:404-413) for the share that
 * `events` of `people` were seen of: it holds the true share with at least this level (0.95), whatever
 * that share is. False, and nothing given, unless 0 <= events <= people, people >= 1, 0 < level < 1. */
CIT_CHECKED bool cit_exact_interval(int events, int people, double level, double *ret_lo,
                                    double *ret_hi);

/* ---- 2 quadrature -------------------------------------------------------------------------- */

enum { CIT_GAUSS_POINTS = 8 };
/* Nodes and weights of the 8-point Gauss-Legendre rule on [a, b]: exact for degree 15. */
CIT_API void cit_gauss(double a, double b, double nodes[CIT_GAUSS_POINTS],
                       double weights[CIT_GAUSS_POINTS]);

/* ---- 3 symmetric tridiagonal matrices ------------------------------------------------------- */

/* The smallest eigenvalue of the n x n matrix with this diagonal and off-diagonal (n - 1 entries), by
 * bisection on Sturm sequences, to full precision. */
CIT_API double cit_tridiagonal_smallest(const double *diagonal, const double *off, int n);
/* Solves the n x n tridiagonal system in place of x; lower[i] is left of the diagonal in row i,
 * upper[i] right of it. Needs n doubles of scratch. No pivoting: for diagonally dominant matrices. */
CIT_API void cit_tridiagonal_solve(const double *lower, const double *diagonal, const double *upper,
                                   double *x, int n, double *scratch);

/* ---- 4 ordinary differential equations ------------------------------------------------------ */

/* y' = f(y). A stiff method also asks for (c I - J(y))^-1, J the Jacobian of f, in two halves, so that
 * a model can use its own structure: `factor` prepares `work`, `solve` turns x into the solution. */
typedef struct cit_ode_system {
    int n;
    const void *model;
    void (*rhs)(const void *model, const double *y, double *dy);
    void (*factor)(const void *model, const double *y, double c, double *work);
    void (*solve)(const void *model, const double *work, double *x);
    int work_size; /* doubles that factor needs */
    /* Absolute error allowed in each unknown, in units of cit_ode_options.atol; NULL: 1 for all. For what
     * dies out and is of no interest by itself when it is small. */
    const double *slack;
} cit_ode_system;

typedef struct cit_ode_options {
    double rtol;       /* relative error allowed a step; 0: 1e-5 */
    double atol;       /* absolute; 0: rtol / 1000 */
    double first_step; /* 0: 0.02; the step itself for a fixed-step method */
    int max_steps;     /* 0: 100000 */
} cit_ode_options;

typedef struct cit_ode_stats {
    long steps, rejected, rhs_calls;
} cit_ode_stats;

typedef struct cit_ode_method cit_ode_method;

/* RODAS: Rosenbrock, six stages, order 4 with an embedded 3, L-stable, stiffly accurate, dense output
 * of order 3 (Hairer and Wanner, Solving Ordinary Differential Equations II, IV.10). */
extern CIT_API const cit_ode_method cit_ode_rodas;
/* Dormand and Prince 1980, explicit, order 5 with an embedded 4. */
extern CIT_API const cit_ode_method cit_ode_dopri5;
/* The classical Runge-Kutta method of order 4 with a fixed step: the plain reference. */
extern CIT_API const cit_ode_method cit_ode_rk4;

CIT_API const char *cit_ode_method_name(const cit_ode_method *method);

/* Memory for one integration at a time; belongs to one thread. NULL: no memory. */
typedef struct cit_ode cit_ode;
CIT_CHECKED cit_status cit_ode_new(const cit_ode_method *method, int n, int work_size,
                                   cit_ode **ret, cit_errors *errs);
CIT_API void cit_ode_free(cit_ode *ode); /* NULL is fine */

/* Integrates y from t0 to t1. `times` (ascending, in (t0, t1]) are where `values` (count x n) gets the
 * solution from the method's own interpolant; they cost no steps. stats, if given, is added to. On
 * CIT_DIVERGED y is that of the last accepted step. */
CIT_CHECKED cit_status cit_ode_advance(cit_ode *ode, const cit_ode_system *system,
                                       const cit_ode_options *options, double t0, double t1,
                                       double *y, const double *times, int count, double *values,
                                       cit_ode_stats *stats, cit_errors *errs);
