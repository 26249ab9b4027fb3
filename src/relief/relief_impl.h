/* Private to the relief room: sums over rows, polynomials over a map, and the coarse map that a form is found on. */
#pragma once
#include <cit/relief.h>

/* ---- sums --------------------------------------------------------------------------------------- */

/* Rows are summed in blocks, blocks in order: so sums have the same bits for any number of threads. */
enum { RELIEF_BLOCKS = 64 };
typedef struct relief_rows {
    int first, end;
} relief_rows;
static inline relief_rows relief_block(int ny, int block) {
    return (relief_rows){(int)((long)ny * block / RELIEF_BLOCKS),
                         (int)((long)ny * (block + 1) / RELIEF_BLOCKS)};
}
int relief_threads(int threads); /* 0: all */
cit_status relief_check_threads(int threads, cit_errors *errs);

/* Sum of a b, in eight parts that are added in order. */
double relief_dot(int n, const double *a, const double *b);

static inline size_t relief_count(const cit_heights *h) { return (size_t)h->nx * (size_t)h->ny; }
/* Room for a row in front, so that a thread's scratch does not share a cache line. */
static inline size_t relief_pad(int n) { return ((size_t)n + 15) / 8 * 8; }

/* ---- polynomials -------------------------------------------------------------------------------- */

enum { RELIEF_DEGREE_MAX = 10, RELIEF_TERMS_MAX = 66 };
/* Values at x and y from -1 to 1; NAN, a weight of 0 and a `use` of 0 take no part. */
typedef struct relief_sampling {
    int nx, ny;
    const double *x, *y;
    const float *z;
    const float *weight; /* NULL: 1 */
    const uint8_t *use;  /* NULL: 1 */
    int threads;
} relief_sampling;
/* Of Legendre polynomials P_i(x) P_j(y), i + j <= degree: c[i][j]. */
typedef struct relief_polynomial {
    int degree;
    double c[RELIEF_DEGREE_MAX + 1][RELIEF_DEGREE_MAX + 1];
} relief_polynomial;
cit_status relief_polynomial_fit(const relief_sampling *of, int degree, relief_polynomial *ret,
                                 cit_errors *errs);
/* z less the polynomial; out may be z. */
cit_status relief_polynomial_off(const relief_sampling *of, const relief_polynomial *p, float *out,
                                 cit_errors *errs);
/* Coefficients of x^i y^j, i the slower. */
void relief_polynomial_powers(const relief_polynomial *p, double ret[RELIEF_TERMS_MAX]);
/* Middles of n samples on a side from -1 to 1. */
void relief_middles(int n, double *ret);

/* ---- regression --------------------------------------------------------------------------------- */

/* At each place the value there of the polynomial of degree 2 that fits z best with weights
 * weight exp(-d^2 / (2 sigma^2)), sums cut at 4.5 sigma; 0 where there is next to nothing near. x_mm, y_mm rise. */
typedef struct relief_map {
    int nx, ny;
    const double *x_mm, *y_mm;
    const float *z, *weight;
    int threads;
} relief_map;
cit_status relief_regression(const relief_map *of, double sigma_mm, float *ret, cit_errors *errs);

/* ---- roughness ---------------------------------------------------------------------------------- */

typedef struct relief_moments {
    size_t there;
    double mean_um, sq_um, low_um, high_um; /* of um[...], the zero not in it */
} relief_moments;
typedef struct relief_surface {
    const cit_heights *heights;
    relief_moments m;
    int threads;
} relief_surface;
cit_status relief_functional(const relief_surface *s, cit_roughness *ret, cit_errors *errs);
cit_status relief_spatial(const relief_surface *s, cit_roughness *ret, cit_errors *errs);
cit_status relief_feature(const relief_surface *s, cit_roughness *ret, cit_errors *errs);
/* Sum of n numbers, as relief_dot. */
double relief_sum(int n, const double *a);
