/* Fourier transforms in two dimensions: lines of any length by Stockham's self-sorting scheme, eight lines at a
 * time, each number of a line a vector.
 *
 * A pass takes one factor r off the length. With n = r m what is left of it, s the product of the factors
 * before, and w = exp(-2 pi i / n),
 *   out[q + s (r p + j)] = w^(j p) sum over i of in[q + s (p + m i)] exp(-2 pi i i j / r)
 * for p < m, q < s and j < r (Van Loan, Computational Frameworks for the Fast Fourier Transform, 1992, 1.7).
 * Factors are 4, 2, 3, 5 and any prime that is left, at r^2 a pass. */
#include <assert.h>
#include <cit/num.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { TOGETHER = 8, FACTORS_MAX = 32, ALIGN = 64, THREADS_MAX = 1024, LENGTH_MAX = 1 << 24 };
enum { SHARED_FROM = 1 << 14 }; /* numbers; fewer are not worth a second thread */

typedef struct line {
    int n, count, factor[FACTORS_MAX];
    double *cos, *sin; /* of 2 pi k / n; n each */
} line;

struct cit_fft {
    int nx, ny, threads;
    line x, y;
    size_t scratch_size; /* doubles a thread */
    double *scratch;
};

int cit_fft_length(int n) {
    assert(n >= 1 && n <= LENGTH_MAX);
    for (int length = n;; length++) {
        int rest = length;
        for (int f = 2; f <= 5; f++)
            while (rest % f == 0) rest /= f;
        if (rest == 1) return length;
    }
}

/* cos and sin of 2 pi k / n from an angle in the first eighth of the circle. */
static void root(int k, int n, double *ret_cos, double *ret_sin) {
    const double pi = 3.14159265358979323846;
    const long k8 = 8L * k, n8 = n;
    const int eighth = (int)(k8 / n8);
    /* The angle from the nearest axis, in units of pi / (4 n). */
    const long from = k8 - (eighth + 1) / 2 * 2 * n8;
    const double angle = pi / 4 * (double)from / n, c = cos(angle), s = sin(angle);
    const double quarter[4][2] = {{c, s}, {-s, c}, {-c, -s}, {s, -c}};
    *ret_cos = quarter[(eighth + 1) / 2 % 4][0];
    *ret_sin = quarter[(eighth + 1) / 2 % 4][1];
}

static bool line_make(int n, line *ret) {
    static const int first[] = {4, 2, 3, 5};
    int rest = n, count = 0;
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        for (; rest % first[i] == 0; rest /= first[i]) ret->factor[count++] = first[i];
    for (int f = 7; rest > 1; f += 2) {
        if ((long)f * f > rest) f = rest;
        for (; rest % f == 0; rest /= f) ret->factor[count++] = f;
    }
    ret->n = n;
    ret->count = count;
    ret->cos = malloc((size_t)n * sizeof *ret->cos);
    ret->sin = malloc((size_t)n * sizeof *ret->sin);
    if (ret->cos == NULL || ret->sin == NULL) return false;
    for (int k = 0; k < n; k++) root(k, n, &ret->cos[k], &ret->sin[k]);
    return true;
}

cit_status cit_fft_new(int nx, int ny, int threads, cit_fft **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    if (nx < 1 || ny < 1 || nx > LENGTH_MAX || ny > LENGTH_MAX)
        return cit_fail(errs, CIT_INVALID, "",
                        "a transform is of 1 to %d numbers a side, not %d x %d", LENGTH_MAX, nx,
                        ny);
    if (threads < 0 || threads > THREADS_MAX)
        return cit_fail(errs, CIT_INVALID, "threads", "0 (all) to %d threads, not %d", THREADS_MAX,
                        threads);
    cit_fft *f = calloc(1, sizeof *f);
    if (f == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a transform");
    f->nx = nx;
    f->ny = ny;
    f->threads = threads > 0 ? threads : omp_get_max_threads();
    f->scratch_size = (size_t)4 * TOGETHER * (size_t)(nx > ny ? nx : ny);
    if (line_make(nx, &f->x) && line_make(ny, &f->y))
        f->scratch =
            aligned_alloc(ALIGN, f->scratch_size * (size_t)f->threads * sizeof *f->scratch);
    if (f->scratch == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory for a transform of %d x %d numbers", nx, ny);
        goto done;
    }
    *ret = f;
    f = NULL;
done:
    cit_fft_free(f);
    return st;
}

void cit_fft_free(cit_fft *f) {
    if (f == NULL) return;
    free(f->x.cos);
    free(f->x.sin);
    free(f->y.cos);
    free(f->y.sin);
    free(f->scratch);
    free(f);
}

/* ---- lines ------------------------------------------------------------------------------------- */

/* Aligned so that gcc has nothing to say about passing it by value. */
typedef double vector __attribute__((vector_size(8 * TOGETHER), aligned(16)));
typedef struct complex_vector {
    vector re, im;
} complex_vector;

static inline complex_vector turned(complex_vector a, double c, double s) { /* times c - i s */
    return (complex_vector){c * a.re + s * a.im, c * a.im - s * a.re};
}
static inline complex_vector sum(complex_vector a, complex_vector b) {
    return (complex_vector){a.re + b.re, a.im + b.im};
}
static inline complex_vector difference(complex_vector a, complex_vector b) {
    return (complex_vector){a.re - b.re, a.im - b.im};
}
static inline complex_vector scaled(double c, complex_vector a) {
    return (complex_vector){c * a.re, c * a.im};
}
static inline complex_vector over_i(complex_vector a) { /* -i a */
    return (complex_vector){a.im, -a.re};
}

/* The r numbers of one butterfly, before the turn by w^(j p). */
static inline void butterfly_2(complex_vector *a) {
    const complex_vector x = a[0];
    a[0] = sum(x, a[1]);
    a[1] = difference(x, a[1]);
}
static inline void butterfly_3(complex_vector *a) {
    const double half_root_3 = 0.86602540378443864676;
    const complex_vector t = sum(a[1], a[2]),
                         d = over_i(scaled(half_root_3, difference(a[1], a[2])));
    const complex_vector m = difference(a[0], scaled(0.5, t));
    a[0] = sum(a[0], t);
    a[1] = sum(m, d);
    a[2] = difference(m, d);
}
static inline void butterfly_4(complex_vector *a) {
    const complex_vector s0 = sum(a[0], a[2]), d0 = difference(a[0], a[2]), s1 = sum(a[1], a[3]),
                         d1 = over_i(difference(a[1], a[3]));
    a[0] = sum(s0, s1);
    a[1] = sum(d0, d1);
    a[2] = difference(s0, s1);
    a[3] = difference(d0, d1);
}
static inline void butterfly_5(complex_vector *a) {
    const double c1 = 0.30901699437494742410, c2 = -0.80901699437494742410,
                 s1 = 0.95105651629515357212, s2 = 0.58778525229247312917;
    const complex_vector p = sum(a[1], a[4]), q = sum(a[2], a[3]), d = difference(a[1], a[4]),
                         e = difference(a[2], a[3]), x = a[0];
    const complex_vector m1 = sum(x, sum(scaled(c1, p), scaled(c2, q))),
                         m2 = sum(x, sum(scaled(c2, p), scaled(c1, q))),
                         n1 = over_i(sum(scaled(s1, d), scaled(s2, e))),
                         n2 = over_i(difference(scaled(s2, d), scaled(s1, e)));
    a[0] = sum(x, sum(p, q));
    a[1] = sum(m1, n1);
    a[2] = sum(m2, n2);
    a[3] = difference(m2, n2);
    a[4] = difference(m1, n1);
}

typedef struct pass {
    int r, m, s;
} pass;

static inline complex_vector at(const vector *re, const vector *im, size_t i) {
    return (complex_vector){re[i], im[i]};
}

/* Inlined with a constant r, so that the loops over a butterfly are unrolled. */
__attribute__((always_inline)) static inline void
pass_by(size_t r, void (*butterfly)(complex_vector *), const line *l, pass of, const vector *re,
        const vector *im, vector *out_re, vector *out_im) {
    const size_t s = (size_t)of.s, m = (size_t)of.m;
    for (size_t p = 0; p < m; p++)
        for (size_t q = 0; q < s; q++) {
            complex_vector a[5];
            for (size_t i = 0; i < r; i++) a[i] = at(re, im, q + s * (p + m * i));
            butterfly(a);
            for (size_t j = 0; j < r; j++) {
                const size_t turn = j * p * s, to = q + s * (r * p + j);
                const complex_vector y =
                    turn == 0 ? a[j] : turned(a[j], l->cos[turn], l->sin[turn]);
                out_re[to] = y.re;
                out_im[to] = y.im;
            }
        }
}

#define PASS(r)                                                                                    \
    CIT_WIDE static void pass_##r(const line *l, pass of, const vector *re, const vector *im,      \
                                  vector *out_re, vector *out_im) {                                \
        pass_by(r, butterfly_##r, l, of, re, im, out_re, out_im);                                  \
    }
PASS(2)
PASS(3)
PASS(4)
PASS(5)

CIT_WIDE static void pass_any(const line *l, pass of, const vector *re, const vector *im,
                              vector *out_re, vector *out_im) {
    const size_t s = (size_t)of.s, m = (size_t)of.m, r = (size_t)of.r, n = (size_t)l->n;
    for (size_t p = 0; p < m; p++)
        for (size_t j = 0; j < r; j++)
            for (size_t q = 0; q < s; q++) {
                complex_vector y = at(re, im, q + s * p);
                for (size_t i = 1; i < r; i++) {
                    const size_t turn = i * j % r * (n / r);
                    y = sum(y, turned(at(re, im, q + s * (p + m * i)), l->cos[turn], l->sin[turn]));
                }
                y = turned(y, l->cos[j * p * s], l->sin[j * p * s]);
                out_re[q + s * (r * p + j)] = y.re;
                out_im[q + s * (r * p + j)] = y.im;
            }
}

/* Transforms eight lines in a; b is as large. Returns where the result is. */
static vector *line_run(const line *l, vector *a, vector *b) {
    const size_t n = (size_t)l->n;
    int s = 1, left = l->n;
    for (int f = 0; f < l->count; f++) {
        const int r = l->factor[f];
        const pass of = {r, left / r, s};
        switch (r) {
        case 2:
            pass_2(l, of, a, a + n, b, b + n);
            break;
        case 3:
            pass_3(l, of, a, a + n, b, b + n);
            break;
        case 4:
            pass_4(l, of, a, a + n, b, b + n);
            break;
        case 5:
            pass_5(l, of, a, a + n, b, b + n);
            break;
        default:
            pass_any(l, of, a, a + n, b, b + n);
        }
        vector *const was = a;
        a = b;
        b = was;
        left /= r;
        s *= r;
    }
    return a;
}

/* ---- planes ------------------------------------------------------------------------------------ */

static vector *scratch_of(const cit_fft *f) {
    return (vector *)(void *)(f->scratch + f->scratch_size * (size_t)omp_get_thread_num());
}

static int within(int n, int from) { return n - from < TOGETHER ? n - from : TOGETHER; }

/* All lines along x of the first `rows` rows; what is missing to eight is 0. */
static void along_x(const cit_fft *f, int rows, double *re, double *im) {
    const size_t n = (size_t)f->nx;
#pragma omp parallel for schedule(static)                                                          \
    num_threads(f->threads) if (n * (size_t)rows >= SHARED_FROM)
    for (int j = 0; j < rows; j += TOGETHER) {
        const int w = within(rows, j);
        vector *const a = scratch_of(f), *const b = a + 2 * n;
        memset(a, 0, 2 * n * sizeof *a);
        for (int v = 0; v < w; v++)
            for (size_t i = 0; i < n; i++) {
                a[i][v] = re[(size_t)(j + v) * n + i];
                a[n + i][v] = im[(size_t)(j + v) * n + i];
            }
        const vector *const y = line_run(&f->x, a, b);
        for (int v = 0; v < w; v++)
            for (size_t i = 0; i < n; i++) {
                re[(size_t)(j + v) * n + i] = y[i][v];
                im[(size_t)(j + v) * n + i] = y[n + i][v];
            }
    }
}

static void along_y(const cit_fft *f, double *re, double *im) {
    const size_t n = (size_t)f->ny, row = (size_t)f->nx;
#pragma omp parallel for schedule(static) num_threads(f->threads) if (n * row >= SHARED_FROM)
    for (int i = 0; i < f->nx; i += TOGETHER) {
        const size_t bytes = (size_t)within(f->nx, i) * sizeof(double);
        vector *const a = scratch_of(f), *const b = a + 2 * n;
        memset(a, 0, 2 * n * sizeof *a);
        for (size_t j = 0; j < n; j++) {
            memcpy(&a[j], &re[j * row + (size_t)i], bytes);
            memcpy(&a[n + j], &im[j * row + (size_t)i], bytes);
        }
        const vector *const y = line_run(&f->y, a, b);
        for (size_t j = 0; j < n; j++) {
            memcpy(&re[j * row + (size_t)i], &y[j], bytes);
            memcpy(&im[j * row + (size_t)i], &y[n + j], bytes);
        }
    }
}

void cit_fft_forward(cit_fft *f, int rows, double *re, double *im) {
    assert(rows >= 0 && rows <= f->ny);
    along_x(f, rows, re, im);
    along_y(f, re, im);
}

/* With real and imaginary parts swapped, the forward transform is the backward one. */
void cit_fft_backward(cit_fft *f, int rows, double *re, double *im) {
    assert(rows >= 0 && rows <= f->ny);
    along_y(f, im, re);
    along_x(f, rows, im, re);
}
