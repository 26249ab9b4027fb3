/* cit/num.h -- numerical methods that know nothing of skin.
 *
 *   1 statistics          quantiles, means, rank correlation; sums in a fixed order; exact intervals
 *   2 quadrature          Gauss-Legendre on an interval
 *   3 tridiagonal matrices, small dense ones
 *   4 ordinary differential equations: one interface, three methods
 *   5 many systems of ordinary differential equations at once, a vector lane each
 *   6 diffusion on a grid of voxels: its operator, factored implicit steps
 *   7 Fourier transforms in two dimensions
 *   8 Gaussian filters of maps
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

/* The beta distribution: the chance of x or less, which is the regularised incomplete beta function
 * I_x(a, b), and of more than x; each accurate where it is small. NAN unless a > 0 and b > 0. */
CIT_API double cit_beta_cdf(double x, double a, double b);
CIT_API double cit_beta_upper(double x, double a, double b);
/* Its p-quantile, the x where I_x(a, b) is p: by continued fraction (DLMF 8.17.22) and Newton's method in a
 * bracket. Relative error below 1e-11 for a and b from 0.1 to 1000. NAN unless 0 <= p <= 1, a > 0 and
 * b > 0. */
CIT_API double cit_beta_quantile(double p, double a, double b);
/* The two-sided exact interval (Clopper and Pearson, Biometrika 1934; 26:404-413) for the share that
 * `events` of `people` were seen of: it holds the true share with at least this level (0.95), whatever
 * that share is. False, and nothing given, unless 0 <= events <= people, people >= 1, 0 < level < 1. */
CIT_CHECKED bool cit_exact_interval(int events, int people, double level, double *ret_lo,
                                    double *ret_hi);

/* The modified Bessel functions I and K of order 0 or 1 of x >= 0: relative error below 1e-13 for x from 1e-3
 * to 700. */
CIT_API double cit_bessel_i(int order, double x);
CIT_API double cit_bessel_k(int order, double x);

/* ---- 2 quadrature -------------------------------------------------------------------------- */

enum { CIT_GAUSS_POINTS = 8 };
/* Nodes and weights of the 8-point Gauss-Legendre rule on [a, b]: exact for degree 15. */
CIT_API void cit_gauss(double a, double b, double nodes[CIT_GAUSS_POINTS],
                       double weights[CIT_GAUSS_POINTS]);

/* ---- 3 tridiagonal and small dense matrices -------------------------------------------------- */

/* The smallest eigenvalue of the n x n matrix with this diagonal and off-diagonal (n - 1 entries), by
 * bisection on Sturm sequences, to full precision. */
CIT_API double cit_tridiagonal_smallest(const double *diagonal, const double *off, int n);
/* Solves the n x n tridiagonal system in place of x; lower[i] is left of the diagonal in row i,
 * upper[i] right of it. Needs n doubles of scratch. No pivoting: for diagonally dominant matrices. */
CIT_API void cit_tridiagonal_solve(const double *lower, const double *diagonal, const double *upper,
                                   double *x, int n, double *scratch);

/* The n x n matrix a, row by row, as L U with partial pivoting, in its place; pivots needs n doubles. A
 * singular matrix leaves infinities or NAN for `solve` to hand on. */
CIT_API void cit_dense_factor(double *a, double *pivots, int n);
CIT_API void cit_dense_solve(const double *a, const double *pivots, int n, double *x);

/* The n x n matrix with `width` diagonals on each side of the main one, as L U in its place: row i holds its
 * 2 width + 1 entries, those left of the first column and right of the last unused. No pivoting: for
 * matrices that are diagonally dominant by rows or by columns. Then the solution in place of x. */
CIT_API void cit_band_factor(double *a, int n, int width);
CIT_API void cit_band_solve(const double *a, int n, int width, double *x);

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

/* ---- 5 many systems at once ------------------------------------------------------------------- */

/* One model, many systems that differ in their coefficients: RODAS5P (Steinebach, BIT Numer Math 2023;
 * 63:27; eight stages, order 5, interpolant of order 4), where every instruction works at as many systems
 * as a vector of this processor holds. Each lane has its own time, step size, error
 * control and end, and what it computes does not depend on what its neighbours do. A lane that comes to
 * its end is given the next stretch at once. Arrays hold number i of all lanes side by side.
 *
 * The results of one instruction set are the same to the bit in every lane; those of different sets differ
 * by rounding, as some have a fused multiply-add. */
typedef enum cit_instructions {
    CIT_PORTABLE, /* two lanes, any processor */
    CIT_AVX2,     /* four lanes; with FMA */
    CIT_AVX512,   /* eight lanes; F and DQ */
    CIT_INSTRUCTION_SETS
} cit_instructions;

enum { CIT_LANES_MAX = 8 }; /* of any set */

CIT_API const char *cit_instructions_name(cit_instructions set);
CIT_API bool cit_instructions_here(cit_instructions set); /* built, and this processor has them */
CIT_API cit_instructions cit_instructions_best(void);

/* What a model gives for one instruction set; J is the Jacobian of the right side f, q coefficients. */
typedef struct cit_lanes_kernel {
    int lanes;
    /* work: the factors of (c I - J(y)), c one a lane; k = (c I - J)^-1 f(y). */
    void (*first)(const double *q, const double *y, const double *c, double *work, double *k);
    /* k = (c I - J)^-1 (k + f(y)), with the factors in work. */
    void (*later)(const double *q, const double *y, const double *work, double *k);
} cit_lanes_kernel;

typedef struct cit_lanes_system {
    int n, coefficients, work_size;                        /* numbers a lane */
    const double *slack;                                   /* as in cit_ode_system */
    const cit_lanes_kernel *kernels[CIT_INSTRUCTION_SETS]; /* NULL: not built */
} cit_lanes_system;

/* In a file that is built for one instruction set, CIT_LANES is the lanes of its vectors and CIT_LANES_NAME its
 * name, which CIT_LANES_NAMED(x) appends to x. */
#ifdef CIT_LANES
_Static_assert(CIT_LANES <= CIT_LANES_MAX, "lanes of a vector");
#define CIT_LANES_JOIN_(a, b) a##b
#define CIT_LANES_JOIN(a, b)  CIT_LANES_JOIN_(a, b)
#define CIT_LANES_NAMED(a)    CIT_LANES_JOIN(a, CIT_LANES_NAME)
typedef double cit_lanes_vector __attribute__((vector_size(8 * CIT_LANES), aligned(8 * CIT_LANES)));
#endif

/* What one lane is at. `y` and `q` are set and read through the stride: number i is y[i * stride]. */
typedef struct cit_lane {
    int index;       /* the lane's own, from 0 */
    double t, until; /* from here to there */
    double *y, *q;
    int stride;
    const double
        *times; /* ascending, in (t, until]: where `values` (count x n) gets the solution */
    int count;
    double *values;
    cit_status status; /* CIT_DIVERGED: it could not go on from t */
} cit_lane;

/* Asked for when a lane has arrived at `until`, has diverged, or has no work yet: puts the next stretch into
 * the lane, or returns false where there is none now (it is asked again after another lane was). Every
 * stretch begins with the first step size. */
typedef bool cit_lanes_next(void *user, cit_lane *lane);

/* Belongs to one thread. It keeps `system`, which outlives it; the options are copied. */
typedef struct cit_lanes cit_lanes;
CIT_CHECKED cit_status cit_lanes_new(const cit_lanes_system *system, cit_instructions set,
                                     const cit_ode_options *options, cit_lanes **ret,
                                     cit_errors *errs);
CIT_API void cit_lanes_free(cit_lanes *lanes); /* NULL is fine */
/* Runs until no lane has work. stats, if given, is added to. */
CIT_API void cit_lanes_run(cit_lanes *lanes, cit_lanes_next *next, void *user,
                           cit_ode_stats *stats);

/* ---- 6 diffusion on a grid --------------------------------------------------------------------- */

/* What diffuses is a field u over a box of voxels:  v u_t = div(v D grad u), with a share v of each voxel
 * that it can live in. Finite volumes: the flux through the face between two voxels is
 *   (u2 - u1) / distance, times the harmonic mean of their D, times the smaller of their v.
 * v = 0: the voxel's faces are closed, and its number takes no part. Lengths, times and amounts are
 * the caller's; D is a length squared a time. */

typedef enum cit_precision { CIT_DOUBLE, CIT_SINGLE } cit_precision;

/* nx x ny x nz voxels, each dx x dy x dz. Number (i, j, k) of a field is at i + j row + k plane, so x runs
 * fastest; numbers beyond nx in a row and beyond ny rows in a plane are padding: never read into a voxel, and
 * any solve may set them to 0. A direction may be one voxel thin. */
typedef struct cit_grid {
    int nx, ny, nz;
    double dx, dy, dz;
    size_t row, plane, field; /* numbers; `field` is the size of a field */
} cit_grid;

/* The grid of that size with its strides. CIT_INVALID: a side below 1, a spacing that is not a length above 0,
 * or more voxels than memory can address. */
CIT_CHECKED cit_status cit_grid_make(int nx, int ny, int nz, double dx, double dy, double dz,
                                     cit_grid *ret, cit_errors *errs);
/* `count` fields of zeros, one after another, aligned for any vector (64 bytes) and on large pages where the
 * system has them. Released with free(). Fields of another origin must be aligned so, too. */
CIT_CHECKED cit_status cit_fields_new(const cit_grid *grid, int count, cit_precision precision,
                                      void **ret, cit_errors *errs);

/* What happens at the two faces of the box across x, or y. The top (z = 0) is closed. */
typedef enum cit_edge {
    CIT_EDGE_CLOSED, /* no flux */
    CIT_EDGE_PERIODIC,
    CIT_EDGE_VALUE, /* u = edge_value at the face, half a voxel away */
} cit_edge;

typedef struct cit_diffusion_options {
    double d;             /* everywhere, unless one of the next two is given */
    const double *layers; /* nz values; within a layer D is the same in x, y and z */
    const double *voxels; /* a D for each voxel, at the grid's strides */
    const double *viable; /* v, from 0 to 1, at the grid's strides; NULL: 1 */
    cit_edge edge_x, edge_y;
    double edge_value;
    double bottom; /* h of D du/dz = -h u at the face of the last layer; 0: closed */
    cit_precision precision;
    cit_instructions instructions;
    int threads; /* 0: all. The result is the same to the bit for any number. */
} cit_diffusion_options;

/* The operator A u = div(v D grad u) / v of one grid. One call at a time. It copies what it is given. Unless
 * voxels are given, lines that meet only v = 1 share their factors, a few numbers a place of a line (in each
 * layer, if there are layers); spans of lines that hold all others have coefficients by voxel, four numbers in each
 * voxel of the planes down to the last with v < 1, or with voxels of all, and take several times as long. Beside
 * that it keeps a plane and a few hundred KiB a thread. */
typedef struct cit_diffusion cit_diffusion;
/* CIT_INVALID names the option: a D that is negative or not a number, v outside 0 to 1, h below 0,
 * instructions that are not here. */
CIT_CHECKED cit_status cit_diffusion_new(const cit_grid *grid, const cit_diffusion_options *options,
                                         cit_diffusion **ret, cit_errors *errs);
CIT_API void cit_diffusion_free(cit_diffusion *diffusion); /* NULL is fine */

/* In what follows u, out and x are fields of the operator's precision: double, or float. */

/* out += s A u, from differences across faces: exactly 0 for a uniform field that no edge disturbs. */
CIT_API void cit_diffusion_apply(const cit_diffusion *diffusion, double s, const void *u,
                                 void *out);
/* x becomes (1 + c)^-1 (I - a A_z)^-1 (I - a A_y)^-1 (I - a A_x)^-1 x, with A = A_x + A_y + A_z for edge
 * values of 0: each factor is a tridiagonal matrix a line (Thomas' algorithm, written without differences
 * of like numbers, so that any a >= 0 is fine; periodic lines by the Sherman-Morrison formula). With
 * a = gamma h it is what a W-method with approximate matrix factorisation needs (Verwer, Spee, Blom and
 * Hundsdorfer, SIAM J Sci Comput 1999; 20:1456-1480); with a = h and c = h times a rate of decay
 * it is a locally one-dimensional backward Euler step (Yanenko, The Method of Fractional Steps, 1971).
 * Keeps the total of v x to rounding where c = 0 and nothing leaves. a >= 0 and c > -1, both finite. Where D
 * is 0 everywhere only the decay is left. Factors of lines are kept for the next call with the same a and c. */
CIT_API void cit_diffusion_solve(cit_diffusion *diffusion, double a, double c, void *x);

/* The same solve direction by direction, for callers that share out the work themselves and have more to do with rows
 * or planes while a cache holds them. Each call solves (I - a A_x) for rows `from` to `to` of plane k, (I - a A_y) for
 * plane k, or (I - a A_z) for row j of all planes, in place, by the thread that calls it: from within a parallel
 * region of no more threads than the operator has. Who has been through all rows, planes and rows has solved the
 * three in the order chosen, and threads change no bit. Does nothing where D or a is 0. */
typedef struct cit_lines cit_lines;
/* Keeps the operator, which outlives it; several may keep one. */
CIT_CHECKED cit_status cit_lines_new(const cit_diffusion *diffusion, cit_lines **ret,
                                     cit_errors *errs);
CIT_API void cit_lines_free(cit_lines *lines);          /* NULL is fine */
CIT_API void cit_lines_set(cit_lines *lines, double a); /* a >= 0, finite; 0 until then */
CIT_API void cit_lines_x(const cit_lines *lines, void *u, int k, int from, int to);
CIT_API void cit_lines_y(const cit_lines *lines, void *u, int k);
CIT_API void cit_lines_z(const cit_lines *lines, void *u, int j);

/* Differences and the solve by plain loops and dense matrices, in double precision whatever the options say: what the
 * fast ones are held against, for small grids. */
CIT_CHECKED cit_status cit_diffusion_apply_plain(const cit_grid *grid,
                                                 const cit_diffusion_options *options, double s,
                                                 const double *u, double *out, cit_errors *errs);
CIT_CHECKED cit_status cit_diffusion_solve_plain(const cit_grid *grid,
                                                 const cit_diffusion_options *options, double a,
                                                 double c, double *x, cit_errors *errs);

/* Backward Euler steps of several fields of one grid, u_t = A u - decay u, one dimension at a time, each with a
 * third of the decay: the scheme of BioFVM (Ghaffarizadeh, Friedman and Macklin, Bioinformatics 2016;
 * 32:1256-1258). In place. */
typedef enum cit_lod_order {
    /* Every step x y z. Reads and writes each number once a step where the number of fields is a multiple of that
     * of threads, or at least four times as large, and nothing is given by voxel: a field is then one
     * thread's work. Otherwise twice, planes and rows shared out. The bits are the same. */
    CIT_LOD_XYZ,
    /* x y z, z y x, x y z, ...: symmetric over two steps, and lines solved twice in a row are read once. */
    CIT_LOD_ALTERNATING,
} cit_lod_order;

/* The factors of `count` fields for steps of h; it keeps the operators, which outlive it; one may stand for
 * several fields. CIT_INVALID: h or a decay that is negative or not a number, operators of different grids,
 * precisions, instruction sets or numbers of threads, edge values that are not 0. */
typedef struct cit_lod cit_lod;
CIT_CHECKED cit_status cit_lod_new(cit_diffusion *const *diffusion, const double *decay, int count,
                                   double h, cit_lod **ret, cit_errors *errs);
CIT_API void cit_lod_free(cit_lod *lod); /* NULL is fine */
/* `steps` steps of the fields, each of them aligned as those of cit_fields_new. */
CIT_API void cit_lod_run(cit_lod *lod, void *const *fields, int steps, cit_lod_order order);

/* ---- 7 Fourier transforms ----------------------------------------------------------------------- */

/* The discrete Fourier transform of ny rows of nx complex numbers, (i, j) at i + j nx, real and imaginary parts
 * in arrays of their own, in place and in natural order:
 *   X(a, b) = sum over i, j of x(i, j) exp(-2 pi i (a i / nx + b j / ny)).
 * Lengths may be any; factors of 2, 3, 4 and 5 are quick, a larger prime p costs p a number. Rounding is a few
 * 1e-16 of the root mean square. Two real planes go through one transform, as its real and its imaginary part:
 * where each spectrum is then multiplied by something real and even, u and v, (u - i v) times the transform
 * goes back to a real part that is the sum of both.
 *
 * Stockham's scheme, written here because no packaged library fits: docs/decisions/0022-lift.md. */
typedef struct cit_fft cit_fft;
/* Factors and roots for that size, and memory for one transform at a time. threads 0: all; the result is the
 * same to the bit for any number. */
CIT_CHECKED cit_status cit_fft_new(int nx, int ny, int threads, cit_fft **ret, cit_errors *errs);
CIT_API void cit_fft_free(cit_fft *fft); /* NULL is fine */
/* The first `rows` rows hold something, the rest are 0: lines that are 0 cost nothing. */
CIT_API void cit_fft_forward(cit_fft *fft, int rows, double *re, double *im);
/* With + in the exponent: backward after forward is nx ny times what was there. Only the first `rows` rows of
 * the result are wanted; the others hold nothing of use. */
CIT_API void cit_fft_backward(cit_fft *fft, int rows, double *re, double *im);
/* The smallest length of n or more without a prime factor above 5; n from 1 to 2^24. */
CIT_API int cit_fft_length(int n);

/* ---- 8 filters of maps ------------------------------------------------------------------------- */

/* Gaussian smoothing of nx x ny floats, x fastest, with standard deviations in samples; NaN is missing. Weights are
 * w(d) = exp(-d^2 / (2 sigma^2)), cut at 6 sigma, of the samples that are there and inside: normalised
 * convolution, so ends and holes need nothing else; where the weight of what is there is below `least` of a full
 * one the result is missing. The areal Gaussian of ISO 16610-61 with cut-off (nesting index) L has sigma = L
 * sqrt(ln 2 / (2 pi^2)) = 0.18739 L and transmits half of a wave of length L. */
#define CIT_SMOOTH_SIGMA 0.187390625129278 /* sqrt(ln 2 / (2 pi^2)) */
typedef enum cit_smooth_way {
    CIT_SMOOTH_AUTO,   /* the quickest that errs by at most 2e-4 of the largest less the least */
    CIT_SMOOTH_DIRECT, /* sums in double as written above: the definition */
    CIT_SMOOTH_RECURSIVE, /* three pairs of exponentials fitted to the Gaussian (after Deriche, INRIA RR-1893, 1993) */
    CIT_SMOOTH_MULTIRATE, /* shared out to cells, recursively there, and back by cubics; where sigma is 16 samples or more */
} cit_smooth_way;
typedef struct cit_smooth_options {
    double sigma_x, sigma_y; /* samples; 0: not in that direction */
    double least;            /* 0 to 1; 0: 0.01 */
    cit_smooth_way way;
    int threads; /* 0: all; the same bits for any number */
} cit_smooth_options;
/* out may be in. Beside both it keeps at most a float a sample, and that only where some are missing (or, of the direct
 * way, where out is in). CIT_INVALID: sides below 1, a sigma that is negative, no number or beyond 1e5, infinite samples. */
CIT_CHECKED cit_status cit_smooth(int nx, int ny, const float *in, float *out,
                                  const cit_smooth_options *options, cit_errors *errs);
