/* Least squares over a map in products of Legendre polynomials, which keep the normal equations well conditioned to
 * degree 10. Where a row is whole its sums of products are those of every whole row, so that a fit costs degree + 1
 * products a sample. */
#include "relief_impl.h"
#include <assert.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = RELIEF_DEGREE_MAX + 1, THREADS_MAX = 1024 };
/* Relative, on the diagonal: what the samples do not say (a polynomial across one row) stays 0. */
static const double ridge = 1e-13;

int relief_threads(int threads) { return threads > 0 ? threads : omp_get_max_threads(); }

cit_status relief_check_threads(int threads, cit_errors *errs) {
    if (threads >= 0 && threads <= THREADS_MAX) return CIT_OK;
    return cit_fail(errs, CIT_INVALID, "threads", "0 (all) to %d threads, not %d", THREADS_MAX,
                    threads);
}

void relief_middles(int n, double *ret) {
    for (int i = 0; i < n; i++) ret[i] = (2 * i + 1.0) / n - 1;
}

typedef double lanes __attribute__((vector_size(32), aligned(8)));

CIT_WIDE double relief_dot(int n, const double *a, const double *b) {
    lanes s = {0}, t = {0};
    int i = 0;
    for (; i + 8 <= n; i += 8) {
        s += *(const lanes *)(const void *)(a + i) * *(const lanes *)(const void *)(b + i);
        t += *(const lanes *)(const void *)(a + i + 4) * *(const lanes *)(const void *)(b + i + 4);
    }
    s += t;
    double rest = 0;
    for (; i < n; i++) rest += a[i] * b[i];
    return ((s[0] + s[1]) + (s[2] + s[3])) + rest;
}

CIT_WIDE double relief_sum(int n, const double *a) {
    lanes s = {0}, t = {0};
    int i = 0;
    for (; i + 8 <= n; i += 8) {
        s += *(const lanes *)(const void *)(a + i);
        t += *(const lanes *)(const void *)(a + i + 4);
    }
    s += t;
    double rest = 0;
    for (; i < n; i++) rest += a[i];
    return ((s[0] + s[1]) + (s[2] + s[3])) + rest;
}

/* P_0 to P_degree of each x, one polynomial after the other. */
static void legendre(int degree, int n, const double *x, double *ret) {
    for (int i = 0; i < n; i++) ret[i] = 1;
    if (degree >= 1) memcpy(ret + n, x, (size_t)n * sizeof *ret);
    for (int k = 2; k <= degree; k++) {
        double *const p = ret + (size_t)k * (size_t)n;
        const double *const q = p - n, *const r = q - n;
        for (int i = 0; i < n; i++) p[i] = ((2 * k - 1) * x[i] * q[i] - (k - 1) * r[i]) / k;
    }
}

/* ---- sums --------------------------------------------------------------------------------------- */

/* Of a block of rows: right side, sums of products, and those of y over whole rows. */
typedef struct sums {
    double right[SIDE][SIDE], whole[SIDE][SIDE];
    double left[RELIEF_TERMS_MAX][RELIEF_TERMS_MAX];
    double weight;
} sums;

typedef struct fit {
    const relief_sampling *of;
    int degree, terms;
    int i[RELIEF_TERMS_MAX], j[RELIEF_TERMS_MAX];
    double *px, *py; /* polynomials of each column, of each row */
    double *scratch; /* three rows a thread */
    sums *blocks;
} fit;

/* Values and weights of a row as double; true: all of them count, and fully. */
CIT_WIDE static bool load(const relief_sampling *of, int j, double *z, double *w) {
    const size_t n = (size_t)of->nx, at = (size_t)j * n;
    bool whole = true;
    for (size_t i = 0; i < n; i++) {
        const float v = of->z[at + i];
        w[i] = v == v ? 1 : 0;
        z[i] = v == v ? (double)v : 0;
    }
    if (of->use != NULL)
        for (size_t i = 0; i < n; i++) w[i] = of->use[at + i] != 0 ? w[i] : 0;
    if (of->weight != NULL)
        for (size_t i = 0; i < n; i++) w[i] *= (double)of->weight[at + i];
    for (size_t i = 0; i < n; i++) {
        whole &= w[i] == 1;
        z[i] *= w[i];
    }
    return whole;
}

static void add_left(const fit *f, sums *s, const double *w, double *weighted, int row) {
    const int n = f->of->nx;
    double across[SIDE][SIDE] = {{0}};
    for (int i = 0; i <= f->degree; i++) {
        const double *const p = f->px + (size_t)i * (size_t)n;
        for (int k = 0; k < n; k++) weighted[k] = w[k] * p[k];
        for (int k = i; k <= f->degree; k++)
            across[i][k] = across[k][i] = relief_dot(n, weighted, f->px + (size_t)k * (size_t)n);
    }
    s->weight += across[0][0];
    const double *const y = f->py + row;
    const size_t ny = (size_t)f->of->ny;
    for (int a = 0; a < f->terms; a++)
        for (int b = 0; b <= a; b++)
            s->left[a][b] +=
                across[f->i[a]][f->i[b]] * y[(size_t)f->j[a] * ny] * y[(size_t)f->j[b] * ny];
}

static void add_row(const fit *f, sums *s, int row, double *scratch) {
    const int n = f->of->nx;
    const size_t pad = relief_pad(n), ny = (size_t)f->of->ny;
    double *const z = scratch, *const w = scratch + pad;
    const bool whole = load(f->of, row, z, w);
    const double *const y = f->py + row;
    for (int i = 0; i <= f->degree; i++) {
        const double along = relief_dot(n, z, f->px + (size_t)i * (size_t)n);
        for (int j = 0; i + j <= f->degree; j++) s->right[i][j] += along * y[(size_t)j * ny];
    }
    if (!whole) {
        add_left(f, s, w, scratch + 2 * pad, row);
        return;
    }
    s->weight += n;
    for (int j = 0; j <= f->degree; j++)
        for (int k = 0; k <= f->degree; k++)
            s->whole[j][k] += y[(size_t)j * ny] * y[(size_t)k * ny];
}

static void add_up(const fit *f) {
    const size_t each = 3 * relief_pad(f->of->nx);
#pragma omp parallel for schedule(dynamic, 1) num_threads(f->of->threads)
    for (int b = 0; b < RELIEF_BLOCKS; b++) {
        const relief_rows rows = relief_block(f->of->ny, b);
        for (int j = rows.first; j < rows.end; j++)
            add_row(f, &f->blocks[b], j, f->scratch + each * (size_t)omp_get_thread_num());
    }
    sums *const all = &f->blocks[0];
    double *const to = (double *)(void *)all;
    for (int b = 1; b < RELIEF_BLOCKS; b++) {
        const double *const from = (const double *)(const void *)&f->blocks[b];
        for (size_t k = 0; k < sizeof *all / sizeof *to; k++) to[k] += from[k];
    }
    for (int a = 0; a < f->terms; a++)
        for (int b = 0; b <= a; b++) {
            const size_t n = (size_t)f->of->nx;
            const double across =
                relief_dot(f->of->nx, f->px + (size_t)f->i[a] * n, f->px + (size_t)f->i[b] * n);
            all->left[a][b] += across * all->whole[f->j[a]][f->j[b]];
        }
}

/* ---- the fit ------------------------------------------------------------------------------------ */

static cit_status solve(const fit *f, relief_polynomial *ret, cit_errors *errs) {
    const sums *const s = &f->blocks[0];
    const int n = f->terms;
    double a[RELIEF_TERMS_MAX * RELIEF_TERMS_MAX], pivots[RELIEF_TERMS_MAX], x[RELIEF_TERMS_MAX];
    if (!(s->weight > 0))
        return cit_fail(errs, CIT_INVALID, "", "no sample is there to fit a form to");
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) a[i * n + j] = i >= j ? s->left[i][j] : s->left[j][i];
        a[i * n + i] += ridge * s->weight;
        x[i] = s->right[f->i[i]][f->j[i]];
    }
    cit_dense_factor(a, pivots, n);
    cit_dense_solve(a, pivots, n, x);
    *ret = (relief_polynomial){.degree = f->degree};
    for (int k = 0; k < n; k++) {
        if (!isfinite(x[k]))
            return cit_fail(errs, CIT_INVALID, "", "too few samples to fit a form of degree %d to",
                            f->degree);
        ret->c[f->i[k]][f->j[k]] = x[k];
    }
    return CIT_OK;
}

static void fit_free(fit *f) {
    free(f->px);
    free(f->py);
    free(f->scratch);
    free(f->blocks);
}

static cit_status fit_make(const relief_sampling *of, int degree, fit *f, cit_errors *errs) {
    const size_t nx = (size_t)of->nx, ny = (size_t)of->ny, powers = (size_t)degree + 1;
    *f = (fit){.of = of, .degree = degree};
    for (int i = 0; i <= degree; i++)
        for (int j = 0; i + j <= degree; j++) {
            f->i[f->terms] = i;
            f->j[f->terms++] = j;
        }
    f->px = calloc(nx * powers, sizeof *f->px);
    f->py = calloc(ny * powers, sizeof *f->py);
    f->scratch = malloc(3 * relief_pad(of->nx) * (size_t)of->threads * sizeof *f->scratch);
    f->blocks = calloc(RELIEF_BLOCKS, sizeof *f->blocks);
    if (f->px == NULL || f->py == NULL || f->scratch == NULL || f->blocks == NULL)
        return cit_fail(errs, CIT_NOMEM, "", "no memory to fit a form");
    legendre(degree, of->nx, of->x, f->px);
    legendre(degree, of->ny, of->y, f->py);
    return CIT_OK;
}

cit_status relief_polynomial_fit(const relief_sampling *of, int degree, relief_polynomial *ret,
                                 cit_errors *errs) {
    assert(degree >= 0 && degree <= RELIEF_DEGREE_MAX);
    fit f;
    cit_status st = fit_make(of, degree, &f, errs);
    if (st != CIT_OK) goto done;
    add_up(&f);
    st = solve(&f, ret, errs);
done:
    fit_free(&f);
    return st;
}

/* ---- what comes of it --------------------------------------------------------------------------- */

CIT_WIDE static void row_off(int n, int degree, const double *along, const double *px,
                             const float *z, double *form, float *out) {
    for (int i = 0; i < n; i++) form[i] = along[0];
    for (int k = 1; k <= degree; k++) {
        const double *const p = px + (size_t)k * (size_t)n;
        const double c = along[k];
        for (int i = 0; i < n; i++) form[i] += c * p[i];
    }
    for (int i = 0; i < n; i++) out[i] = (float)((double)z[i] - form[i]);
}

cit_status relief_polynomial_off(const relief_sampling *of, const relief_polynomial *p, float *out,
                                 cit_errors *errs) {
    const size_t nx = (size_t)of->nx;
    fit f;
    const cit_status st = fit_make(of, p->degree, &f, errs);
    if (st != CIT_OK) goto done;
#pragma omp parallel for schedule(static) num_threads(of->threads)
    for (int j = 0; j < of->ny; j++) {
        double along[SIDE] = {0};
        for (int i = 0; i <= p->degree; i++)
            for (int k = 0; i + k <= p->degree; k++)
                along[i] += p->c[i][k] * f.py[(size_t)k * (size_t)of->ny + (size_t)j];
        row_off(of->nx, p->degree, along, f.px, of->z + (size_t)j * nx,
                f.scratch + 3 * relief_pad(of->nx) * (size_t)omp_get_thread_num(),
                out + (size_t)j * nx);
    }
done:
    fit_free(&f);
    return st;
}

void relief_polynomial_powers(const relief_polynomial *p, double ret[RELIEF_TERMS_MAX]) {
    double power[SIDE][SIDE] = {{1}, {0, 1}}; /* of P_k: x^q */
    for (int k = 2; k < SIDE; k++)
        for (int q = 0; q <= k; q++)
            power[k][q] =
                ((2 * k - 1) * (q > 0 ? power[k - 1][q - 1] : 0) - (k - 1) * power[k - 2][q]) / k;
    int at = 0;
    for (int q = 0; q <= p->degree; q++)
        for (int r = 0; q + r <= p->degree; r++) {
            double sum = 0;
            for (int i = 0; i <= p->degree; i++)
                for (int j = 0; i + j <= p->degree; j++)
                    sum += p->c[i][j] * power[i][q] * power[j][r];
            ret[at++] = sum;
        }
}
