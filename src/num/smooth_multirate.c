/* Gaussian smoothing at a lower rate, for a sigma of many samples. In each direction:
 *   down  each sample is shared out to three cells of m samples by the quadratic B-spline, which keeps its place, and
 *         adds a quarter of a cell squared to its variance wherever it lies; so ends and holes are no special case
 *   lines the Gaussian of variance sigma^2 / m^2 - 1/4 on cells
 *   up    the quotient of sum and weight, by the cubic through four cells
 * With sigma / m of 8 or more the B-spline's excess is 1e-6 of the Gaussian and the cubic's error 2e-5. */
#include "num_impl.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { PAD = 2, DOWN = 3, UP = 4 };  /* cells beyond the ends; taps */
static const double least_cells = 8; /* of sigma */
static const double node_share =
    0.05; /* of the least weight, for a cell: it falls by less from cell to sample */

typedef struct axis {
    int n, m, cells; /* samples; of them in a cell; cells with their padding */
    double sigma;    /* cells */
    double *down;    /* m x 3 */
    float *up;       /* m x 4 */
    int *first;      /* m: the first of the four, from the sample's own cell */
} axis;

static void axis_free(axis *a) {
    free(a->down);
    free(a->up);
    free(a->first);
}

static bool axis_make(int n, double sigma, axis *a) {
    a->n = n;
    for (a->m = 1; sigma / (2 * a->m) >= least_cells;) a->m *= 2;
    const size_t m = (size_t)a->m;
    a->cells = (n + a->m - 1) / a->m + 2 * PAD;
    a->sigma = a->m == 1 ? sigma : sqrt(sigma * sigma / ((double)a->m * a->m) - 0.25);
    a->down = malloc(m * DOWN * sizeof *a->down);
    a->up = malloc(m * UP * sizeof *a->up);
    a->first = malloc(m * sizeof *a->first);
    if (a->down == NULL || a->up == NULL || a->first == NULL) return false;
    for (size_t p = 0; p < m; p++) {
        double *const d = a->down + p * DOWN;
        float *const u = a->up + p * UP;
        const double at = ((double)p + 0.5) / a->m - 0.5; /* from the middle of the cell */
        const double x = at < 0 ? at + 1 : at;
        d[0] = 0.5 * (0.5 - at) * (0.5 - at) / a->m;
        d[1] = (0.75 - at * at) / a->m;
        d[2] = 0.5 * (0.5 + at) * (0.5 + at) / a->m;
        if (a->m == 1) { /* no sharing out */
            d[0] = d[2] = 0;
            d[1] = 1;
        }
        a->first[p] = at < 0 ? -2 : -1;
        u[0] = (float)(-x * (x - 1) * (x - 2) / 6);
        u[1] = (float)((x + 1) * (x - 1) * (x - 2) / 2);
        u[2] = (float)(-(x + 1) * x * (x - 2) / 2);
        u[3] = (float)((x + 1) * x * (x - 1) / 6);
    }
    return true;
}

/* ---- down --------------------------------------------------------------------------------------- */

/* Samples that a cell, counted from the padding, has a share of. */
static int share_first(const axis *a, int cell) {
    const int first = (cell - PAD - 1) * a->m;
    return first > 0 ? first : 0;
}
static int share_end(const axis *a, int cell) {
    const int end = (cell - PAD + 2) * a->m;
    return end < a->n ? end : a->n;
}
static double share(const axis *a, int cell, int i) {
    return a->down[i % a->m * DOWN + cell - PAD - i / a->m + 1];
}

static double gather(const axis *a, int cell, const double *line) {
    double sum = 0;
    for (int i = share_first(a, cell); i < share_end(a, cell); i++)
        sum += share(a, cell, i) * line[i];
    return sum;
}

/* One row of cells. Scratch: two rows of samples. */
static void down_row(const smooth_job *job, const axis *x, const axis *y, int row, double *scratch,
                     float *sums, float *weights) {
    const size_t n = (size_t)job->nx, at = (size_t)row * (size_t)x->cells;
    memset(scratch, 0, 2 * n * sizeof *scratch);
    for (int j = share_first(y, row); j < share_end(y, row); j++) {
        const float *const in = job->in + (size_t)j * n;
        if (job->missing)
            smooth_add_present(job->nx, share(y, row, j), in, scratch, scratch + n);
        else
            smooth_add(job->nx, share(y, row, j), in, scratch);
    }
    for (int c = 0; c < x->cells; c++) {
        sums[at + (size_t)c] = (float)gather(x, c, scratch);
        if (job->missing) weights[at + (size_t)c] = (float)gather(x, c, scratch + n);
    }
}

/* Of samples that are all there. */
static cit_status weights_of(const axis *a, double *ret, cit_errors *errs) {
    for (int c = 0; c < a->cells; c++) {
        ret[c] = 0;
        for (int i = share_first(a, c); i < share_end(a, c); i++) ret[c] += share(a, c, i);
    }
    return smooth_line(ret, a->cells, a->sigma, errs);
}

/* ---- up ----------------------------------------------------------------------------------------- */

/* A cell that is a sample is copied, for what is next to it may be NAN. */
static void up_along(const axis *a, const float *cells, float *out) {
    if (a->m == 1) {
        memcpy(out, cells + PAD, (size_t)a->n * sizeof *out);
        return;
    }
    for (int i = 0; i < a->n; i++) {
        const int p = i % a->m;
        const float *const u = a->up + p * UP, *const c = cells + i / a->m + PAD + a->first[p];
        out[i] = u[0] * c[0] + u[1] * c[1] + u[2] * c[2] + u[3] * c[3];
    }
}

CIT_WIDE static void up_four(int n, const float *u, const float *row, float *out) {
    const float *const r1 = row + n, *const r2 = r1 + n, *const r3 = r2 + n;
    for (int i = 0; i < n; i++) out[i] = u[0] * row[i] + u[1] * r1[i] + u[2] * r2[i] + u[3] * r3[i];
}

static void up_across(const axis *y, int n, const float *wide, int j, float *out) {
    const int p = j % y->m;
    const float *const rows = wide + (size_t)(j / y->m + PAD + y->first[p]) * (size_t)n;
    if (y->m == 1)
        memcpy(out, rows + n, (size_t)n * sizeof *out);
    else
        up_four(n, y->up + p * UP, rows, out);
}

/* ---- all of it ---------------------------------------------------------------------------------- */

typedef struct work {
    axis x, y;
    float *sums, *weights;           /* cells */
    float *wide_sums, *wide_weights; /* rows of cells, as wide as the map */
    double *scratch;                 /* two rows of samples a thread */
    double *plain;                   /* weights of a column and of a row where nothing is missing */
    bool careful;                    /* somewhere the weight may be too small */
} work;

static void work_free(work *w) {
    axis_free(&w->x);
    axis_free(&w->y);
    free(w->sums);
    free(w->weights);
    free(w->wide_sums);
    free(w->wide_weights);
    free(w->scratch);
    free(w->plain);
}

static bool work_make(const smooth_job *job, work *w) {
    if (!axis_make(job->nx, job->sigma_x, &w->x) || !axis_make(job->ny, job->sigma_y, &w->y))
        return false;
    const size_t cells = (size_t)w->x.cells * (size_t)w->y.cells;
    w->sums = malloc(cells * sizeof *w->sums);
    w->weights = malloc(cells * sizeof *w->weights);
    w->scratch = malloc(2 * (size_t)job->nx * (size_t)job->threads * sizeof *w->scratch);
    w->plain = malloc((size_t)(w->x.cells + w->y.cells) * sizeof *w->plain);
    return w->sums != NULL && w->weights != NULL && w->scratch != NULL && w->plain != NULL;
}

static cit_status smooth_cells(const smooth_job *job, work *w, cit_errors *errs) {
    const axis *const x = &w->x, *const y = &w->y;
    cit_status st = CIT_OK;
#pragma omp parallel for schedule(static) num_threads(job->threads)
    for (int c = 0; c < y->cells; c++)
        down_row(job, x, y, c, w->scratch + 2 * (size_t)job->nx * (size_t)omp_get_thread_num(),
                 w->sums, w->weights);
    CIT_TRY(smooth_lines(w->sums, x->cells, y->cells, x->sigma, y->sigma, job->threads, errs));
    if (job->missing) {
        CIT_TRY(
            smooth_lines(w->weights, x->cells, y->cells, x->sigma, y->sigma, job->threads, errs));
        goto done;
    }
    double *const of_x = w->plain, *const of_y = of_x + x->cells;
    CIT_TRY(weights_of(x, of_x, errs));
    CIT_TRY(weights_of(y, of_y, errs));
    for (int j = 0; j < y->cells; j++)
        for (int i = 0; i < x->cells; i++)
            w->weights[(size_t)j * (size_t)x->cells + (size_t)i] = (float)(of_x[i] * of_y[j]);
done:
    return st;
}

static void divide(const smooth_job *job, work *w) {
    const size_t cells = (size_t)w->x.cells * (size_t)w->y.cells;
    const double least = job->least * node_share;
    for (size_t i = 0; i < cells; i++) {
        const double weight = (double)w->weights[i];
        if (!(weight >= 2 * job->least)) w->careful = true;
        w->sums[i] = weight >= least ? (float)((double)w->sums[i] / weight) : NAN;
    }
}

static cit_status widen(const smooth_job *job, const work *w, const float *cells, float **ret,
                        cit_errors *errs) {
    const size_t n = (size_t)job->nx;
    float *const wide = *ret = malloc(n * (size_t)w->y.cells * sizeof **ret);
    if (wide == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory to smooth a map");
#pragma omp parallel for schedule(static) num_threads(job->threads)
    for (int c = 0; c < w->y.cells; c++)
        up_along(&w->x, cells + (size_t)c * (size_t)w->x.cells, wide + (size_t)c * n);
    return CIT_OK;
}

/* Row j of the result. Scratch: a row of floats. */
static void up_row(const smooth_job *job, const work *w, int j, float *weights) {
    float *const out = job->out + (size_t)j * (size_t)job->nx;
    up_across(&w->y, job->nx, w->wide_sums, j, out);
    if (!w->careful) return;
    up_across(&w->y, job->nx, w->wide_weights, j, weights);
    for (int i = 0; i < job->nx; i++)
        if (!((double)weights[i] >= job->least)) out[i] = NAN;
}

cit_status smooth_multirate(const smooth_job *job, cit_errors *errs) {
    cit_status st = CIT_OK;
    work w = {0};
    if (!work_make(job, &w)) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory to smooth a map");
        goto done;
    }
    CIT_TRY(smooth_cells(job, &w, errs));
    divide(job, &w);
    CIT_TRY(widen(job, &w, w.sums, &w.wide_sums, errs));
    if (w.careful) CIT_TRY(widen(job, &w, w.weights, &w.wide_weights, errs));
#pragma omp parallel for schedule(static) num_threads(job->threads)
    for (int j = 0; j < job->ny; j++)
        up_row(job, &w, j,
               (float *)(void *)(w.scratch + 2 * (size_t)job->nx * (size_t)omp_get_thread_num()));
done:
    work_free(&w);
    return st;
}
