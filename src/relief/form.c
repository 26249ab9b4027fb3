/* Form: what the face is without its scars. Least squares over all samples, or with scars left out:
 *   cells    means of about 0.16 mm, with the share of samples that are there
 *   rounds   a polynomial over healthy cells; from the third round a masked Gaussian regression of order 2 of what is left;
 *            then what lies deep below the rest at one of two scales is a scar, and what is next to it
 *   last     polynomial and regression once more, the polynomial over all samples of healthy cells
 * Steps, scales and thresholds: assumed, chosen on phantoms of known scars (docs/models/relief.md). */
#include "relief_impl.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* All assumed. */
static const double cell_mm = 0.16;
enum { CELLS_MOST = 640, CELLS_LEAST = 64 }; /* a side, where the map has so many samples */
enum { ROUNDS = 5, REGRESSION_FROM = 2, AROUND = 2 /* cells about a scar */ };
static const double scales_mm[] = {0.15, 0.4}; /* standard deviations */
static const double floor_share[] = {1, 0.8};  /* of the noise floor at each */
static const double deep = 3.5;                /* standard deviations below the median */
static const double sigma_cells = 2;           /* of the regression, at least */
static const double healthy_least = 0.1; /* share of cells; with fewer the last round stands */
static const double degree_skin = 2, cutoff_skin_mm = 8, floor_skin_um = 2.5;

/* ---- cells -------------------------------------------------------------------------------------- */

typedef struct side {
    int n, cells;
    int *first;        /* cells + 1: samples of a cell */
    int *cell;         /* of each sample */
    double *mm, *unit; /* middle of a cell: from the edge; from -1 to 1 */
    double *of_sample; /* middles of samples from -1 to 1 */
} side;

typedef struct cells {
    side x, y;
    float *there, *weight; /* share of samples that are there; that are there and healthy */
    float *z, *residual, *trend, *smooth;
    uint8_t *scar, *wider;
    double *sorted;
} cells;

static void side_free(side *s) {
    free(s->first);
    free(s->cell);
    free(s->mm);
    free(s->unit);
    free(s->of_sample);
}

static void cells_free(cells *c) {
    side_free(&c->x);
    side_free(&c->y);
    free(c->there);
    free(c->weight);
    free(c->z);
    free(c->residual);
    free(c->trend);
    free(c->smooth);
    free(c->scar);
    free(c->wider);
    free(c->sorted);
}

static bool side_make(int n, double pitch_mm, side *s) {
    const double length = n * pitch_mm;
    double many = ceil(length / cell_mm);
    if (many > CELLS_MOST) many = CELLS_MOST;
    if (many < CELLS_LEAST) many = CELLS_LEAST;
    *s = (side){.n = n, .cells = many < n ? (int)many : n};
    const size_t count = (size_t)s->cells;
    s->first = calloc(count + 1, sizeof *s->first);
    s->cell = malloc((size_t)n * sizeof *s->cell);
    s->mm = malloc(count * sizeof *s->mm);
    s->unit = malloc(count * sizeof *s->unit);
    s->of_sample = malloc((size_t)n * sizeof *s->of_sample);
    if (s->first == NULL || s->cell == NULL || s->mm == NULL || s->unit == NULL ||
        s->of_sample == NULL)
        return false;
    relief_middles(n, s->of_sample);
    for (int c = 0; c <= s->cells; c++) s->first[c] = (int)((long)n * c / s->cells);
    for (int c = 0; c < s->cells; c++) {
        const double middle = 0.5 * (s->first[c] + s->first[c + 1]);
        s->mm[c] = middle * pitch_mm;
        s->unit[c] = 2 * middle / n - 1;
        for (int i = s->first[c]; i < s->first[c + 1]; i++) s->cell[i] = c;
    }
    return true;
}

static size_t cells_count(const cells *c) { return (size_t)c->x.cells * (size_t)c->y.cells; }

static cit_status cells_make(const cit_heights *h, cells *c, cit_errors *errs) {
    *c = (cells){0};
    if (!side_make(h->nx, h->dx_mm, &c->x) || !side_make(h->ny, h->dy_mm, &c->y)) goto none;
    const size_t n = cells_count(c);
    c->there = malloc(n * sizeof *c->there);
    c->weight = malloc(n * sizeof *c->weight);
    c->z = malloc(n * sizeof *c->z);
    c->residual = malloc(n * sizeof *c->residual);
    c->trend = calloc(n, sizeof *c->trend);
    c->smooth = malloc(n * sizeof *c->smooth);
    c->scar = calloc(n, sizeof *c->scar);
    c->wider = malloc(n * sizeof *c->wider);
    c->sorted = malloc(n * sizeof *c->sorted);
    if (c->there != NULL && c->weight != NULL && c->z != NULL && c->residual != NULL &&
        c->trend != NULL && c->smooth != NULL && c->scar != NULL && c->wider != NULL &&
        c->sorted != NULL)
        return CIT_OK;
none:
    return cit_fail(errs, CIT_NOMEM, "", "no memory to find the form of a surface");
}

/* Means of the samples that are there and in use, and their share; NAN where there are none. */
static void average(const cells *c, const float *um, const uint8_t *use, int threads, float *mean,
                    float *share) {
    const size_t nx = (size_t)c->x.n, across = (size_t)c->x.cells;
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int b = 0; b < c->y.cells; b++)
        for (int a = 0; a < c->x.cells; a++) {
            double sum = 0;
            int count = 0;
            for (int j = c->y.first[b]; j < c->y.first[b + 1]; j++)
                for (int i = c->x.first[a]; i < c->x.first[a + 1]; i++) {
                    const size_t at = (size_t)j * nx + (size_t)i;
                    if (um[at] != um[at] || (use != NULL && use[at] == 0)) continue;
                    sum += (double)um[at];
                    count++;
                }
            const int all =
                (c->x.first[a + 1] - c->x.first[a]) * (c->y.first[b + 1] - c->y.first[b]);
            const size_t at = (size_t)b * across + (size_t)a;
            mean[at] = count > 0 ? (float)(sum / count) : NAN;
            share[at] = (float)((double)count / all);
        }
}

/* ---- rounds ------------------------------------------------------------------------------------- */

typedef struct skin {
    int degree, threads;
    double cutoff_mm, floor_um; /* cutoff 0: no regression */
} skin;

static cit_status trend_of(const cells *c, const skin *s, const float *z, float *trend,
                           cit_errors *errs) {
    const relief_map map = {.nx = c->x.cells,
                            .ny = c->y.cells,
                            .x_mm = c->x.mm,
                            .y_mm = c->y.mm,
                            .z = z,
                            .weight = c->weight,
                            .threads = s->threads};
    return relief_regression(&map, CIT_SMOOTH_SIGMA * s->cutoff_mm, trend, errs);
}

/* Cells less polynomial and, if asked, regression. */
static cit_status residual_of(cells *c, const skin *s, bool regression, cit_errors *errs) {
    cit_status st = CIT_OK;
    relief_polynomial p;
    const relief_sampling of = {.nx = c->x.cells,
                                .ny = c->y.cells,
                                .x = c->x.unit,
                                .y = c->y.unit,
                                .z = c->z,
                                .weight = c->weight,
                                .threads = s->threads};
    CIT_TRY(relief_polynomial_fit(&of, s->degree, &p, errs));
    CIT_TRY(relief_polynomial_off(&of, &p, c->residual, errs));
    if (!regression) goto done;
    CIT_TRY(trend_of(c, s, c->residual, c->trend, errs));
    for (size_t i = 0; i < cells_count(c); i++) c->residual[i] -= c->trend[i];
done:
    return st;
}

static double middle_of(double *values, int n) {
    cit_sort(values, n);
    return cit_quantile_sorted(values, n, 0.5);
}

/* Marks what lies deep at one scale: below the median of healthy cells by so many standard deviations, or noise. */
static cit_status mark(cells *c, const skin *s, double sigma_mm, double floor_um,
                       cit_errors *errs) {
    const double dx = c->x.mm[c->x.cells - 1] / (c->x.cells - 0.5),
                 dy = c->y.mm[c->y.cells - 1] / (c->y.cells - 0.5);
    const cit_smooth_options o = {.sigma_x = c->x.cells > 1 ? sigma_mm / dx : 0,
                                  .sigma_y = c->y.cells > 1 ? sigma_mm / dy : 0,
                                  .threads = s->threads};
    const cit_status st = cit_smooth(c->x.cells, c->y.cells, c->residual, c->smooth, &o, errs);
    if (st != CIT_OK) return st;
    int n = 0;
    for (size_t i = 0; i < cells_count(c); i++)
        if (c->weight[i] > 0 && c->smooth[i] == c->smooth[i]) c->sorted[n++] = (double)c->smooth[i];
    const double median = middle_of(c->sorted, n);
    for (int i = 0; i < n; i++) c->sorted[i] = fabs(c->sorted[i] - median);
    const double sd = fmax(floor_um, 1.4826 * middle_of(c->sorted, n));
    for (size_t i = 0; i < cells_count(c); i++)
        if ((double)c->smooth[i] < median - deep * sd) c->scar[i] = 1;
    return CIT_OK;
}

static void widen(cells *c) {
    const int nx = c->x.cells, ny = c->y.cells;
    memset(c->wider, 0, cells_count(c));
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++)
            for (int b = -AROUND; c->scar[j * nx + i] && b <= AROUND; b++)
                for (int a = -(AROUND - abs(b)); a <= AROUND - abs(b); a++)
                    if (i + a >= 0 && i + a < nx && j + b >= 0 && j + b < ny)
                        c->wider[(j + b) * nx + i + a] = 1;
}

/* The next round's weights; false: nearly all would be scar, and those of the last round stay. */
static bool leave_out(cells *c) {
    double left = 0, all = 0;
    widen(c);
    for (size_t i = 0; i < cells_count(c); i++) {
        all += (double)c->there[i];
        left += c->wider[i] ? 0 : (double)c->there[i];
    }
    if (left < healthy_least * all) return false;
    for (size_t i = 0; i < cells_count(c); i++) c->weight[i] = c->wider[i] ? 0 : c->there[i];
    return true;
}

static cit_status rounds(cells *c, const skin *s, cit_errors *errs) {
    cit_status st = CIT_OK;
    memcpy(c->weight, c->there, cells_count(c) * sizeof *c->weight);
    for (int r = 0; r < ROUNDS; r++) {
        CIT_TRY(residual_of(c, s, s->cutoff_mm > 0 && r >= REGRESSION_FROM, errs));
        memset(c->scar, 0, cells_count(c));
        for (size_t k = 0; k < sizeof scales_mm / sizeof *scales_mm; k++)
            CIT_TRY(mark(c, s, scales_mm[k], floor_share[k] * s->floor_um, errs));
        if (!leave_out(c)) break;
    }
done:
    return st;
}

/* ---- back to samples ---------------------------------------------------------------------------- */

/* Weights of the cubic through the four cells about each sample; near an end, or where there are fewer, through those
 * there are. */
typedef struct cubic {
    int first, count;
    double w[4];
} cubic;

static cubic *cubics(const side *s) {
    cubic *const all = malloc((size_t)s->n * sizeof *all);
    for (int i = 0; all != NULL && i < s->n; i++) {
        const double x = s->of_sample[i];
        int below = s->cell[i];
        if (x < s->unit[below]) below--;
        cubic *const c = &all[i];
        c->count = s->cells < 4 ? s->cells : 4;
        c->first = below - 1;
        if (c->first > s->cells - c->count) c->first = s->cells - c->count;
        if (c->first < 0) c->first = 0;
        for (int a = 0; a < c->count; a++) {
            c->w[a] = 1;
            for (int b = 0; b < c->count; b++)
                if (b != a)
                    c->w[a] *= (x - s->unit[c->first + b]) /
                               (s->unit[c->first + a] - s->unit[c->first + b]);
        }
    }
    return all;
}

static cit_status trend_off(const cells *c, int threads, float *um, cit_errors *errs) {
    const size_t nx = (size_t)c->x.n, across = (size_t)c->x.cells;
    cubic *const cx = cubics(&c->x), *const cy = cubics(&c->y);
    double *const scratch = malloc(relief_pad(c->x.cells) * (size_t)threads * sizeof *scratch);
    const bool fine = cx != NULL && cy != NULL && scratch != NULL;
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int j = 0; j < (fine ? c->y.n : 0); j++) {
        double *const row = scratch + relief_pad(c->x.cells) * (size_t)omp_get_thread_num();
        memset(row, 0, across * sizeof *row);
        for (int b = 0; b < cy[j].count; b++)
            for (size_t a = 0; a < across; a++)
                row[a] += cy[j].w[b] * (double)c->trend[(size_t)(cy[j].first + b) * across + a];
        for (size_t i = 0; i < nx; i++) {
            double trend = 0;
            for (int a = 0; a < cx[i].count; a++) trend += cx[i].w[a] * row[cx[i].first + a];
            um[(size_t)j * nx + i] = (float)((double)um[(size_t)j * nx + i] - trend);
        }
    }
    free(cx);
    free(cy);
    free(scratch);
    return fine ? CIT_OK : cit_fail(errs, CIT_NOMEM, "", "no memory to take off a form");
}

/* ---- ways --------------------------------------------------------------------------------------- */

typedef struct work {
    const cit_heights *heights;
    cit_form_options o; /* defaults filled in */
    relief_sampling all;
    double *x, *y;
    cit_form_result *ret;
} work;

/* Samples that are there (and, if the caller names them, healthy). */
static void use_all(work *w) {
    const size_t n = relief_count(w->heights);
    for (size_t i = 0; i < n; i++)
        w->ret->healthy[i] = w->heights->um[i] == w->heights->um[i] &&
                             (w->o.healthy == NULL || w->o.healthy[i] != 0);
}

static cit_status polynomial(work *w, cit_errors *errs) {
    cit_status st = CIT_OK;
    relief_polynomial p;
    relief_sampling of = w->all;
    /* Without a mask NAN says it all, and no bytes are read. */
    if (w->o.form == CIT_FORM_SKIN || w->o.healthy != NULL) of.use = w->ret->healthy;
    CIT_TRY(relief_polynomial_fit(&of, w->o.degree, &p, errs));
    CIT_TRY(relief_polynomial_off(&of, &p, w->ret->relief->um, errs));
    p.c[0][0] += w->heights->zero_um;
    relief_polynomial_powers(&p, w->ret->coefficients);
    w->ret->degree = w->o.degree;
done:
    return st;
}

/* The regression of what the polynomial left, over healthy cells. */
static cit_status regression(work *w, cells *c, const skin *s, cit_errors *errs) {
    cit_status st = CIT_OK;
    average(c, w->ret->relief->um, w->ret->healthy, s->threads, c->residual, c->weight);
    CIT_TRY(trend_of(c, s, c->residual, c->trend, errs));
    CIT_TRY(trend_off(c, s->threads, w->ret->relief->um, errs));
done:
    return st;
}

static void healthy_from_cells(work *w, const cells *c) {
    const size_t nx = (size_t)w->heights->nx;
#pragma omp parallel for schedule(static) num_threads(w->o.threads)
    for (int j = 0; j < w->heights->ny; j++)
        for (size_t i = 0; i < nx; i++)
            if (!(c->weight[(size_t)c->y.cell[j] * (size_t)c->x.cells + (size_t)c->x.cell[i]] > 0))
                w->ret->healthy[(size_t)j * nx + i] = 0;
}

/* A regression over hardly more than one cell would take all relief for form. */
static cit_status check_cutoff(const work *w, const cells *c, double cutoff_mm, cit_errors *errs) {
    const cit_heights *const h = w->heights;
    double cell = 0;
    if (c->x.cells > 1) cell = h->nx * h->dx_mm / c->x.cells;
    if (c->y.cells > 1) cell = fmax(cell, h->ny * h->dy_mm / c->y.cells);
    const double least = sigma_cells * cell / CIT_SMOOTH_SIGMA;
    if (cutoff_mm == 0 || cutoff_mm >= least) return CIT_OK;
    return cit_fail(errs, CIT_INVALID, "cutoff",
                    "form is found on cells of %.3g mm: from %.3g mm on, or none, not %g mm", cell,
                    least, cutoff_mm);
}

static cit_status without_scars(work *w, cit_errors *errs) {
    cit_status st = CIT_OK;
    cells c;
    const skin s = {.degree = w->o.degree,
                    .threads = w->o.threads,
                    .cutoff_mm = fmax(0, w->o.cutoff_mm),
                    .floor_um = w->o.floor_um};
    CIT_TRY(cells_make(w->heights, &c, errs));
    CIT_TRY(check_cutoff(w, &c, s.cutoff_mm, errs));
    if (w->o.healthy == NULL) {
        average(&c, w->heights->um, NULL, s.threads, c.z, c.there);
        CIT_TRY(rounds(&c, &s, errs));
        healthy_from_cells(w, &c);
    }
    CIT_TRY(polynomial(w, errs));
    if (s.cutoff_mm > 0) CIT_TRY(regression(w, &c, &s, errs));
done:
    cells_free(&c);
    return st;
}

/* ---- all of it ---------------------------------------------------------------------------------- */

static cit_status check(const cit_form_options *o, cit_errors *errs) {
    if (o->degree < 0 || o->degree > RELIEF_DEGREE_MAX)
        return cit_fail(errs, CIT_INVALID, "degree", "from 1 to %d, or 0 for 2, not %d",
                        RELIEF_DEGREE_MAX, o->degree);
    if (!isfinite(o->cutoff_mm))
        return cit_fail(errs, CIT_INVALID, "cutoff", "a length in mm, not %g", o->cutoff_mm);
    if (!(o->floor_um >= 0 && isfinite(o->floor_um)))
        return cit_fail(errs, CIT_INVALID, "floor", "0 or more um, not %g", o->floor_um);
    return relief_check_threads(o->threads, errs);
}

static cit_form_options filled(const cit_form_options *given) {
    cit_form_options o = *given;
    if (o.degree == 0) o.degree = (int)degree_skin;
    if (o.cutoff_mm == 0) o.cutoff_mm = cutoff_skin_mm;
    if (o.floor_um == 0) o.floor_um = floor_skin_um;
    if (o.form == CIT_FORM_MEAN) o.degree = 0;
    o.threads = relief_threads(o.threads);
    return o;
}

/* Shares and rms over healthy samples. */
static void tell(work *w) {
    const size_t nx = (size_t)w->heights->nx;
    double squares[RELIEF_BLOCKS] = {0}, counts[RELIEF_BLOCKS] = {0}, sum = 0, count = 0;
#pragma omp parallel for schedule(dynamic, 1) num_threads(w->o.threads)
    for (int b = 0; b < RELIEF_BLOCKS; b++) {
        const relief_rows rows = relief_block(w->heights->ny, b);
        for (size_t i = (size_t)rows.first * nx; i < (size_t)rows.end * nx; i++) {
            const double z = w->ret->healthy[i] ? (double)w->ret->relief->um[i] : 0;
            squares[b] += z * z;
            counts[b] += w->ret->healthy[i];
        }
    }
    for (int b = 0; b < RELIEF_BLOCKS; b++) {
        sum += squares[b];
        count += counts[b];
    }
    const double there = (double)(relief_count(w->heights) - w->ret->relief->missing);
    w->ret->healthy_share = there > 0 ? count / there : CIT_UNKNOWN_NUMBER;
    w->ret->rms_um = count > 0 ? sqrt(sum / count) : CIT_UNKNOWN_NUMBER;
}

static cit_status note(const work *w, cit_errors *errs) {
    cit_heights *const to = w->ret->relief;
    switch (w->o.form) {
    case CIT_FORM_NONE:
        break;
    case CIT_FORM_MEAN:
        return cit_heights_note(to, errs, "form: mean taken off");
    case CIT_FORM_POLYNOMIAL:
        return cit_heights_note(to, errs, "form: polynomial of degree %d taken off", w->o.degree);
    case CIT_FORM_SKIN:
        if (w->o.cutoff_mm < 0)
            return cit_heights_note(
                to, errs,
                "form: polynomial of degree %d taken off, scars left out of it (%.1f %% in it)",
                w->o.degree, 100 * w->ret->healthy_share);
        return cit_heights_note(to, errs,
                                "form: polynomial of degree %d and Gaussian regression of order 2 "
                                "(%g mm) taken off, scars left out of them (%.1f %% in them)",
                                w->o.degree, w->o.cutoff_mm, 100 * w->ret->healthy_share);
    }
    return CIT_OK;
}

static cit_status take_off(work *w, cit_errors *errs) {
    switch (w->o.form) {
    case CIT_FORM_NONE:
        break;
    case CIT_FORM_MEAN:
    case CIT_FORM_POLYNOMIAL:
        w->ret->relief->zero_um = 0;
        return polynomial(w, errs);
    case CIT_FORM_SKIN:
        w->ret->relief->zero_um = 0;
        return without_scars(w, errs);
    }
    return CIT_OK;
}

void cit_form_result_clear(cit_form_result *result) {
    if (result == NULL) return;
    cit_heights_free(result->relief);
    free(result->healthy);
    *result = (cit_form_result){0};
}

cit_status cit_relief_form(const cit_heights *heights, const cit_form_options *options,
                           cit_form_result *ret, cit_errors *errs) {
    cit_status st = check(options, errs);
    if (st != CIT_OK) return st;
    cit_form_result made = {0};
    work w = {.heights = heights, .o = filled(options), .ret = &made};
    w.x = malloc((size_t)heights->nx * sizeof *w.x);
    w.y = malloc((size_t)heights->ny * sizeof *w.y);
    made.healthy = malloc(relief_count(heights));
    if (w.x == NULL || w.y == NULL || made.healthy == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory to take off a form");
        goto done;
    }
    relief_middles(heights->nx, w.x);
    relief_middles(heights->ny, w.y);
    w.all = (relief_sampling){.nx = heights->nx,
                              .ny = heights->ny,
                              .x = w.x,
                              .y = w.y,
                              .z = heights->um,
                              .threads = w.o.threads};
    CIT_TRY(cit_heights_copy(heights, &made.relief, errs));
    use_all(&w);
    CIT_TRY(take_off(&w, errs));
    tell(&w);
    CIT_TRY(note(&w, errs));
    *ret = made;
    made = (cit_form_result){0};
done:
    cit_form_result_clear(&made);
    free(w.x);
    free(w.y);
    return st;
}
