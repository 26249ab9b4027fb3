/* Gaussian smoothing of maps: what is asked is checked, a way is chosen, and the definition itself, summed in double.
 * With w(d) = exp(-d^2 / (2 sigma^2)) and v = 1 where a sample z is there, else 0, the result is
 *   (sum of w v z) / (sum of w v)
 * over samples at most 6 sigma away in each direction (ISO 16610-61 has the same Gaussian). */
#include "num_impl.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

static const double reach = 6;           /* in sigma: exp(-18) is 2e-8 */
static const double least_weight = 0.01; /* where the caller names none; assumed */
static const double sigma_max = 1e5;     /* samples */
static const double direct_below = 2;    /* sigma: fewer than 25 terms a sample beat a recursion */
static const double multirate_from = 16; /* sigma: blocks of two still leave 8 samples */
enum { THREADS_MAX = 1024, ROWS_SHARED = 8 }; /* a chunk of rows for a thread */

/* ---- what is asked ------------------------------------------------------------------------------ */

static bool sigma_is_fine(double sigma) { return sigma >= 0 && sigma <= sigma_max; }

static cit_status check(int nx, int ny, const cit_smooth_options *o, cit_errors *errs) {
    if (nx < 1 || ny < 1)
        return cit_fail(errs, CIT_INVALID, "", "a map has sides of 1 or more samples, not %d x %d",
                        nx, ny);
    if (!sigma_is_fine(o->sigma_x) || !sigma_is_fine(o->sigma_y))
        return cit_fail(errs, CIT_INVALID, "sigma", "from 0 to %g samples, not %g and %g",
                        sigma_max, o->sigma_x, o->sigma_y);
    if (!(o->least >= 0 && o->least <= 1))
        return cit_fail(errs, CIT_INVALID, "least", "a share from 0 to 1, not %g", o->least);
    if (o->threads < 0 || o->threads > THREADS_MAX)
        return cit_fail(errs, CIT_INVALID, "threads", "0 (all) to %d threads, not %d", THREADS_MAX,
                        o->threads);
    return CIT_OK;
}

/* How many samples are missing; -1: one is infinite. */
static long missing_in(size_t count, const float *in, int threads) {
    long missing = 0, infinite = 0;
#pragma omp parallel for schedule(static) num_threads(threads) reduction(+ : missing, infinite)
    for (size_t i = 0; i < count; i++) {
        const float gone = in[i] - in[i]; /* NAN where in is NAN or infinite */
        missing += in[i] != in[i];
        infinite += gone != gone;
    }
    return infinite > missing ? -1 : missing;
}

static cit_smooth_way way_for(const cit_smooth_options *o) {
    const double most = fmax(o->sigma_x, o->sigma_y);
    if (o->way != CIT_SMOOTH_AUTO) return o->way;
    if (most < direct_below) return CIT_SMOOTH_DIRECT;
    return most < multirate_from ? CIT_SMOOTH_RECURSIVE : CIT_SMOOTH_MULTIRATE;
}

cit_status cit_smooth(int nx, int ny, const float *in, float *out,
                      const cit_smooth_options *options, cit_errors *errs) {
    const cit_status st = check(nx, ny, options, errs);
    if (st != CIT_OK) return st;
    const int threads = options->threads > 0 ? options->threads : omp_get_max_threads();
    const long missing = missing_in((size_t)nx * (size_t)ny, in, threads);
    if (missing < 0) return cit_fail(errs, CIT_INVALID, "", "a sample is infinite");
    const smooth_job job = {
        .nx = nx,
        .ny = ny,
        .threads = threads,
        .in = in,
        .out = out,
        .sigma_x = options->sigma_x,
        .sigma_y = options->sigma_y,
        .least = options->least > 0 ? options->least : least_weight,
        .missing = missing > 0,
    };
    switch (way_for(options)) {
    case CIT_SMOOTH_RECURSIVE:
        return smooth_recursive(&job, errs);
    case CIT_SMOOTH_MULTIRATE:
        return smooth_multirate(&job, errs);
    case CIT_SMOOTH_AUTO:
    case CIT_SMOOTH_DIRECT:
        break;
    }
    return smooth_direct(&job, errs);
}

void smooth_split(const smooth_job *job, float *samples, float *there) {
    const size_t count = (size_t)job->nx * (size_t)job->ny;
    if (!job->missing && samples == job->in) return;
#pragma omp parallel for schedule(static) num_threads(job->threads)
    for (size_t i = 0; i < count; i++) {
        const float z = job->in[i];
        if (there != NULL) there[i] = z == z ? 1 : 0;
        samples[i] = z == z ? z : 0;
    }
}

/* sum += w in. */
CIT_WIDE void smooth_add(int n, double w, const float *in, double *sum) {
    for (int i = 0; i < n; i++) sum[i] += w * (double)in[i];
}

CIT_WIDE void smooth_add_present(int n, double w, const float *in, double *sum, double *weight) {
    for (int i = 0; i < n; i++) {
        const bool there = in[i] == in[i];
        sum[i] += there ? w * (double)in[i] : 0;
        weight[i] += there ? w : 0;
    }
}

/* ---- the definition ----------------------------------------------------------------------------- */

typedef struct kernel {
    int reach;
    double *w; /* of distance 0 to reach; sum 1 over both sides */
} kernel;

static kernel kernel_make(double sigma) {
    kernel k = {(int)ceil(reach * sigma), NULL};
    k.w = calloc((size_t)k.reach + 1, sizeof *k.w);
    if (k.w == NULL) return k;
    double sum = 0;
    for (int d = k.reach; d >= 0; d--) {
        k.w[d] = d == 0 ? 1 : exp(-0.5 * (d / sigma) * (d / sigma));
        sum += d == 0 ? k.w[d] : 2 * k.w[d];
    }
    for (int d = 0; d <= k.reach; d++) k.w[d] /= sum;
    return k;
}

/* What the samples that are inside weigh, seen from each of n places in a line. */
static void inside(const kernel *k, int n, double *ret) {
    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int d = -k->reach; d <= k->reach; d++)
            if (i + d >= 0 && i + d < n) sum += k->w[abs(d)];
        ret[i] = sum;
    }
}

CIT_WIDE static void add_shifted(int n, double w, const double *in, double *sum) {
    for (int i = 0; i < n; i++) sum[i] += w * in[i];
}

static void along_row(const kernel *k, int n, const double *in, double *out) {
    memset(out, 0, (size_t)n * sizeof *out);
    for (int d = -k->reach; d <= k->reach; d++) {
        const int first = d < 0 ? -d : 0, end = d > 0 ? n - d : n;
        if (end > first) add_shifted(end - first, k->w[abs(d)], in + first + d, out + first);
    }
}

/* Row j: down the columns, then along the row. Scratch: four rows. */
static void direct_row(const smooth_job *job, const kernel *kx, const kernel *ky, const float *in,
                       const double *inside_x, const double *inside_y, int j, double *scratch) {
    const size_t n = (size_t)job->nx;
    double *const column = scratch, *const weight = scratch + n, *const sum = scratch + 2 * n,
                  *const total = scratch + 3 * n;
    memset(column, 0, 2 * n * sizeof *column);
    for (int d = -ky->reach; d <= ky->reach; d++) {
        if (j + d < 0 || j + d >= job->ny) continue;
        const float *const from = in + (size_t)(j + d) * n;
        if (job->missing)
            smooth_add_present(job->nx, ky->w[abs(d)], from, column, weight);
        else
            smooth_add(job->nx, ky->w[abs(d)], from, column);
    }
    along_row(kx, job->nx, column, sum);
    if (job->missing)
        along_row(kx, job->nx, weight, total);
    else
        for (size_t i = 0; i < n; i++) total[i] = inside_x[i] * inside_y[j];
    for (size_t i = 0; i < n; i++)
        job->out[(size_t)j * n + i] = total[i] >= job->least ? (float)(sum[i] / total[i]) : NAN;
}

cit_status smooth_direct(const smooth_job *job, cit_errors *errs) {
    const size_t nx = (size_t)job->nx, ny = (size_t)job->ny;
    cit_status st = CIT_OK;
    const float *in = job->in;
    float *copy = NULL;
    kernel kx = kernel_make(job->sigma_x), ky = kernel_make(job->sigma_y);
    double *inside_xy = malloc((nx + ny) * sizeof *inside_xy);
    double *scratch = malloc(4 * nx * (size_t)job->threads * sizeof *scratch);
    if (job->in == job->out) in = copy = malloc(nx * ny * sizeof *copy);
    if (kx.w == NULL || ky.w == NULL || inside_xy == NULL || scratch == NULL || in == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory to smooth a map");
        goto done;
    }
    if (copy != NULL) memcpy(copy, job->in, nx * ny * sizeof *copy);
    inside(&kx, job->nx, inside_xy);
    inside(&ky, job->ny, inside_xy + nx);
#pragma omp parallel for schedule(dynamic, ROWS_SHARED) num_threads(job->threads)
    for (int j = 0; j < job->ny; j++)
        direct_row(job, &kx, &ky, in, inside_xy, inside_xy + nx, j,
                   scratch + 4 * nx * (size_t)omp_get_thread_num());
done:
    free(kx.w);
    free(ky.w);
    free(inside_xy);
    free(scratch);
    free(copy);
    return st;
}
