/* One surface laid over another: where each sample of the first lies on the second, and by how much skin moved up or
 * down. Gauss-Newton on
 *     e(x) = A(x) - B(x + u(x)) - p(x)
 * from coarse to fine, u and p polynomials over the map, with Tukey weights. Normal equations need sums over samples of
 * products of polynomials: with Chebyshev's, T_a T_b = (T_(a+b) + T_|a-b|) / 2, so that sums against single ones do. */
#include "measure_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEGREE_MAX = ALIGN_DEGREE_MAX,
    MOMENTS = 2 * DEGREE_MAX + 1, /* degrees of products */
    TERMS_MAX = (DEGREE_MAX + 1) * (DEGREE_MAX + 2) / 2,
    UNKNOWNS_MAX = 3 * TERMS_MAX,
    BLOCKS = 64, /* of rows: sums are added in their order, whatever the threads */
    BINS = 4096,
    QUADRATIC = 6, /* gx gx, gx gy, gx, gy gy, gy, 1 */
    LINEAR = 3     /* e gx, e gy, e */
};

/* ---- polynomials -------------------------------------------------------------------------------------------- */

/* T_a T_b with a + b <= degree: term k has these two. */
typedef struct terms {
    int degree, count, a[TERMS_MAX], b[TERMS_MAX];
} terms;

static terms terms_of(int degree) {
    terms t = {.degree = degree};
    for (int a = 0; a <= degree; a++)
        for (int b = 0; a + b <= degree; b++) {
            t.a[t.count] = a;
            t.b[t.count++] = b;
        }
    return t;
}

static void chebyshev(double x, int degree, double *ret) {
    ret[0] = 1;
    if (degree > 0) ret[1] = x;
    for (int n = 2; n <= degree; n++) ret[n] = 2 * x * ret[n - 1] - ret[n - 2];
}

/* Sum over b of what belongs to each a, at this y. */
static void collapse(const terms *t, const double *coefficients, const double *of_y, double *ret) {
    memset(ret, 0, sizeof(double) * (DEGREE_MAX + 1));
    for (int k = 0; k < t->count; k++) ret[t->a[k]] += coefficients[k] * of_y[t->b[k]];
}

static double along(const double *coefficients, int degree, double x) {
    double b1 = 0, b2 = 0; /* Clenshaw */
    for (int n = degree; n > 0; n--) {
        const double b = coefficients[n] + 2 * x * b1 - b2;
        b2 = b1;
        b1 = b;
    }
    return coefficients[0] + x * b1 - b2;
}

/* ---- sampling ------------------------------------------------------------------------------------------------ */

typedef struct tapped {
    double value, gx, gy; /* um, um a sample */
} tapped;

static double cubic(const float *q, double u) {
    const double a = (double)q[0], b = (double)q[1], c = (double)q[2], d = (double)q[3];
    return b + 0.5 * u * (c - a + u * (2 * a - 5 * b + 4 * c - d + u * (3 * (b - c) + d - a)));
}

static double cubic_slope(const float *q, double u) {
    const double a = (double)q[0], b = (double)q[1], c = (double)q[2], d = (double)q[3];
    return 0.5 * (c - a) + u * (2 * a - 5 * b + 4 * c - d) + 1.5 * u * u * (3 * (b - c) + d - a);
}

/* Keys' cubic between samples; false where one of the sixteen is missing or outside. */
static bool tap(const cit_heights *z, const float *um, double x, double y, tapped *ret) {
    if (!(x >= 1 && y >= 1 && x < z->nx - 2 && y < z->ny - 2)) return false;
    const int i = (int)x, j = (int)y;
    const double u = x - i, v = y - j;
    float rows[4], slopes[4];
    for (int k = 0; k < 4; k++) {
        const float *q = um + (size_t)(j - 1 + k) * (size_t)z->nx + (size_t)(i - 1);
        rows[k] = (float)cubic(q, u);
        slopes[k] = (float)cubic_slope(q, u);
    }
    *ret = (tapped){cubic(rows, v), cubic(slopes, v), cubic_slope(rows, v)};
    return isfinite(ret->value) && isfinite(ret->gx) && isfinite(ret->gy);
}

/* ---- sums over samples ------------------------------------------------------------------------------------------ */

typedef struct sums {
    double quadratic[QUADRATIC][MOMENTS][MOMENTS]; /* against T_a(x) T_b(y) */
    double linear[LINEAR][DEGREE_MAX + 1][DEGREE_MAX + 1];
    double weight;
    long used, bins[BINS];
} sums;

typedef struct problem {
    const cit_heights *a, *b;
    const float *um_a, *um_b; /* smoothed for this level */
    const uint8_t *use;       /* of a's samples; NULL: all */
    const align_pose *pose;
    terms lateral, vertical;
    int step;
    double sigma;       /* of residuals; 0: no weights */
    const double *of_x; /* T_n at each column used: columns x MOMENTS, n slower */
    int columns;
} problem;

/* Bins of |e| by the bits of a float: 256 an octave, from 0.05 um on. */
enum { BIN_SHIFT = 15 };
static const float bin_um = 0.05F;

static uint32_t bits_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static int bin_of(double e) {
    const uint32_t at = (bits_of((float)e + bin_um) - bits_of(bin_um)) >> BIN_SHIFT;
    return at < BINS - 1 ? (int)at : BINS - 1;
}

static double bin_middle(int bin) {
    const uint32_t bits = bits_of(bin_um) + ((uint32_t)bin << BIN_SHIFT) + (1U << (BIN_SHIFT - 1));
    float x;
    memcpy(&x, &bits, sizeof x);
    return (double)(x - bin_um);
}

/* A row's weights, gradients and residuals into `w`: QUADRATIC + LINEAR arrays of the columns. */
static void take_row(const problem *p, int j, double *w, sums *s) {
    const cit_heights *a = p->a, *b = p->b;
    double ty[MOMENTS], ux[DEGREE_MAX + 1], uy[DEGREE_MAX + 1], up[DEGREE_MAX + 1];
    const double y = 2 * (j + 0.5) / a->ny - 1;
    chebyshev(y, DEGREE_MAX, ty);
    collapse(&p->lateral, p->pose->x, ty, ux);
    collapse(&p->lateral, p->pose->y, ty, uy);
    collapse(&p->vertical, p->pose->z, ty, up);
    memset(w, 0, sizeof(double) * (QUADRATIC + LINEAR) * (size_t)p->columns);
    const size_t n = (size_t)p->columns;
    for (int c = 0; c < p->columns; c++) {
        const int i = c * p->step;
        const size_t at = (size_t)j * (size_t)a->nx + (size_t)i;
        if (p->use != NULL && !p->use[at]) continue;
        const double here = (double)p->um_a[at], x = 2 * (i + 0.5) / a->nx - 1;
        tapped t;
        if (isnan(here)) continue;
        const double mm_x = (i + 0.5 - 0.5 * a->nx) * a->dx_mm + along(ux, p->lateral.degree, x),
                     mm_y = (j + 0.5 - 0.5 * a->ny) * a->dy_mm + along(uy, p->lateral.degree, x);
        if (!tap(b, p->um_b, mm_x / b->dx_mm + 0.5 * b->nx - 0.5,
                 mm_y / b->dy_mm + 0.5 * b->ny - 0.5, &t))
            continue;
        const double e = here - t.value - along(up, p->vertical.degree, x);
        s->bins[bin_of(fabs(e))]++;
        s->used++;
        double weight = 1;
        if (p->sigma > 0) {
            const double r = e / (4.685 * p->sigma);
            if (fabs(r) >= 1) continue;
            weight = (1 - r * r) * (1 - r * r);
        }
        const double gx = t.gx / b->dx_mm, gy = t.gy / b->dy_mm;
        const double values[QUADRATIC + LINEAR] = {weight * gx * gx, weight * gx * gy, weight * gx,
                                                   weight * gy * gy, weight * gy,      weight,
                                                   weight * gx * e,  weight * gy * e,  weight * e};
        for (int q = 0; q < QUADRATIC + LINEAR; q++) w[(size_t)q * n + (size_t)c] = values[q];
        s->weight += weight;
    }
}

CIT_WIDE static double dot(const double *restrict a, const double *restrict b, int n) {
    double lanes[8] = {0};
    int i = 0;
    for (; i + 8 <= n; i += 8)
        for (int l = 0; l < 8; l++) lanes[l] += a[i + l] * b[i + l];
    double sum = 0;
    for (; i < n; i++) sum += a[i] * b[i];
    for (int l = 0; l < 8; l++) sum += lanes[l];
    return sum;
}

/* Adds a row's sums over its columns, times T_b of its place. */
static void add_row(const problem *p, int j, const double *w, sums *s) {
    const size_t n = (size_t)p->columns;
    const int most =
        p->vertical.degree > p->lateral.degree ? p->vertical.degree : p->lateral.degree;
    double ty[MOMENTS];
    chebyshev(2 * (j + 0.5) / p->a->ny - 1, 2 * most, ty);
    for (int q = 0; q < QUADRATIC + LINEAR; q++) {
        const int degree = q < QUADRATIC ? 2 * most : most;
        for (int a = 0; a <= degree; a++) {
            const double sum = dot(w + (size_t)q * n, p->of_x + (size_t)a * n, p->columns);
            double *to = q < QUADRATIC ? s->quadratic[q][a] : s->linear[q - QUADRATIC][a];
            for (int b = 0; b <= degree; b++) to[b] += sum * ty[b];
        }
    }
}

static cit_status sum_up(const problem *p, sums *blocks, int threads, cit_errors *errs) {
    const int rows = (p->a->ny + p->step - 1) / p->step;
    bool failed = false;
    memset(blocks, 0, BLOCKS * sizeof *blocks);
#pragma omp parallel num_threads(threads) reduction(|| : failed)
    {
        double *w = malloc(sizeof *w * (QUADRATIC + LINEAR) * (size_t)p->columns);
        failed = w == NULL;
#pragma omp for schedule(dynamic, 1)
        for (int block = 0; block < BLOCKS; block++)
            for (int r = (int)((long)rows * block / BLOCKS);
                 w != NULL && r < (int)((long)rows * (block + 1) / BLOCKS); r++) {
                take_row(p, r * p->step, w, &blocks[block]);
                add_row(p, r * p->step, w, &blocks[block]);
            }
        free(w);
    }
    return failed ? cit_fail(errs, CIT_NOMEM, "", "no memory to align surfaces") : CIT_OK;
}

/* ---- normal equations ---------------------------------------------------------------------------------------------- */

static double product(const double m[MOMENTS][MOMENTS], int a, int b, int c, int d) {
    const int p = a + c, q = abs(a - c), r = b + d, t = abs(b - d);
    return 0.25 * (m[p][r] + m[p][t] + m[q][r] + m[q][t]);
}

/* Unknowns: lateral terms of x, of y, then vertical ones. Which set of gradients belongs to two of these. */
static const int set_of[3][3] = {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}};

typedef struct equations {
    int unknowns;
    double matrix[UNKNOWNS_MAX * UNKNOWNS_MAX], right[UNKNOWNS_MAX];
} equations;

static void term_of(const problem *p, int unknown, int *kind, int *a, int *b) {
    const int lateral = p->lateral.count;
    *kind = unknown < lateral ? 0 : unknown < 2 * lateral ? 1 : 2;
    const terms *t = *kind < 2 ? &p->lateral : &p->vertical;
    const int k = unknown - *kind * lateral;
    *a = t->a[k];
    *b = t->b[k];
}

static void right_side(const problem *p, const sums *s, double *ret) {
    const int unknowns = 2 * p->lateral.count + p->vertical.count;
    for (int k = 0; k < unknowns; k++) {
        int kind, a, b;
        term_of(p, k, &kind, &a, &b);
        ret[k] = s->linear[kind][a][b];
    }
}

/* Root mean square of the coefficients of each degree, as found so far; of x and y together. */
typedef struct found_terms {
    double lateral[DEGREE_MAX + 1], vertical[DEGREE_MAX + 1];
} found_terms;

static void add_sizes(const terms *t, const double *coefficients, double share, double *ret) {
    for (int k = 0; k < t->count; k++) {
        const int n = t->a[k] + t->b[k];
        ret[n] += share * coefficients[k] * coefficients[k] / (n + 1);
    }
}

static found_terms found_of(const problem *p) {
    found_terms s = {{0}, {0}};
    add_sizes(&p->lateral, p->pose->x, 0.5, s.lateral);
    add_sizes(&p->lateral, p->pose->y, 0.5, s.lateral);
    add_sizes(&p->vertical, p->pose->z, 1, s.vertical);
    for (int n = 0; n <= DEGREE_MAX; n++) {
        s.lateral[n] = sqrt(s.lateral[n]);
        s.vertical[n] = sqrt(s.vertical[n]);
    }
    return s;
}

/* Weight of what is known of a coefficient before anything is seen, so that below a scar, which is left out, and beside
 * the map's edge the fields stay tame: those of a degree are about as large as those that were found. Residuals are
 * taken to be alike over 30 samples (assumed). A shift, a turn, a tilt and a bow may be any. */
static double known_before(int kind, int degree, double sigma, const found_terms *s) {
    const double alike = 30, least_mm = 1e-4, least_um = 0.05;
    const double size =
        kind < 2 ? fmax(s->lateral[degree], least_mm) : fmax(s->vertical[degree], least_um);
    return degree > (kind < 2 ? 1 : 2) ? alike * sigma * sigma / (size * size) : 0;
}

static void set_up(const problem *p, const sums *s, double sigma, equations *q) {
    const found_terms known = found_of(p);
    q->unknowns = 2 * p->lateral.count + p->vertical.count;
    for (int k = 0; k < q->unknowns; k++) {
        int kind, a, b;
        term_of(p, k, &kind, &a, &b);
        for (int l = 0; l <= k; l++) {
            int other, c, d;
            term_of(p, l, &other, &c, &d);
            const double value = product(s->quadratic[set_of[kind][other]], a, b, c, d);
            q->matrix[k * q->unknowns + l] = q->matrix[l * q->unknowns + k] = value;
        }
        const double *const at[3] = {p->pose->x, p->pose->y, p->pose->z};
        const double prior = p->sigma > 0 ? known_before(kind, a + b, sigma, &known) : 0;
        q->matrix[k * q->unknowns + k] += prior;
        q->right[k] = -prior * at[kind][k - kind * p->lateral.count];
    }
    double linear[UNKNOWNS_MAX];
    right_side(p, s, linear);
    for (int k = 0; k < q->unknowns; k++) q->right[k] += linear[k];
}

/* Cholesky's factor in place; false: not positive. A little on the diagonal for what nothing says. */
static bool factor(double *m, int n) {
    double most = 0;
    for (int i = 0; i < n; i++) most = fmax(most, m[i * n + i]);
    for (int i = 0; i < n; i++) m[i * n + i] += 1e-12 * most;
    for (int j = 0; j < n; j++) {
        double pivot = m[j * n + j] - dot(m + j * n, m + j * n, j);
        if (!(pivot > 0)) return false;
        m[j * n + j] = pivot = sqrt(pivot);
        for (int i = j + 1; i < n; i++)
            m[i * n + j] = (m[i * n + j] - dot(m + i * n, m + j * n, j)) / pivot;
    }
    return true;
}

static void solve(const double *m, int n, double *x) {
    for (int i = 0; i < n; i++) x[i] = (x[i] - dot(m + i * n, x, i)) / m[i * n + i];
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++) x[i] -= m[k * n + i] * x[k];
        x[i] /= m[i * n + i];
    }
}

/* ---- one level -------------------------------------------------------------------------------------------------------- */

static double middle_of(const sums *s) {
    long below = 0;
    for (int b = 0; b < BINS; b++) {
        below += s->bins[b];
        if (2 * below >= s->used) return bin_middle(b);
    }
    return 0;
}

static void join(const sums *blocks, sums *all) {
    *all = blocks[0];
    for (int k = 1; k < BLOCKS; k++) {
        const double *from = (const double *)&blocks[k];
        double *to = (double *)all;
        const size_t count = offsetof(sums, used) / sizeof(double);
        for (size_t i = 0; i < count; i++) to[i] += from[i];
        all->used += blocks[k].used;
        for (int b = 0; b < BINS; b++) all->bins[b] += blocks[k].bins[b];
    }
}

/* Deviation of the first lateral and vertical coefficients, from how the sums of blocks of rows scatter. */
static void errors_of(const problem *p, const sums *blocks, const equations *q, double ret[3]) {
    const int at[3] = {0, p->lateral.count, 2 * p->lateral.count};
    double *score = malloc(sizeof *score * UNKNOWNS_MAX);
    memset(ret, 0, 3 * sizeof *ret);
    for (int k = 0; k < BLOCKS && score != NULL; k++) {
        right_side(p, &blocks[k], score);
        solve(q->matrix, q->unknowns, score);
        for (int i = 0; i < 3; i++) ret[i] += score[at[i]] * score[at[i]];
    }
    for (int i = 0; i < 3; i++) ret[i] = sqrt(ret[i]);
    free(score);
}

static double move(const problem *p, align_pose *pose, const double *by) {
    double most = 0;
    for (int k = 0; k < p->lateral.count; k++) {
        pose->x[k] += by[k];
        pose->y[k] += by[p->lateral.count + k];
        most = fmax(most, fmax(fabs(by[k]), fabs(by[p->lateral.count + k])));
    }
    for (int k = 0; k < p->vertical.count; k++) pose->z[k] += by[2 * p->lateral.count + k];
    return most;
}

/* Coefficients in the order of a larger degree. */
static void widen(double *coefficients, int from, int to) {
    const terms old = terms_of(from), new = terms_of(to);
    double wide[TERMS_MAX] = {0};
    for (int k = 0; k < old.count; k++)
        for (int l = 0; l < new.count; l++)
            if (new.a[l] == old.a[k] && new.b[l] == old.b[k]) wide[l] = coefficients[k];
    memcpy(coefficients, wide, sizeof wide);
}

static void widen_pose(align_pose *pose, int lateral, int vertical) {
    widen(pose->x, pose->lateral, lateral);
    widen(pose->y, pose->lateral, lateral);
    widen(pose->z, pose->vertical, vertical);
    pose->lateral = lateral;
    pose->vertical = vertical;
}

cit_status align_level(const align_input *in, const align_level_options *o, align_pose *pose,
                       cit_errors *errs) {
    cit_status st = CIT_OK;
    widen_pose(pose, o->lateral, o->vertical);
    problem p = {.a = in->a,
                 .b = in->b,
                 .um_a = o->um_a,
                 .um_b = o->um_b,
                 .use = o->use,
                 .pose = pose,
                 .lateral = terms_of(o->lateral),
                 .vertical = terms_of(o->vertical),
                 .step = o->step,
                 .columns = (in->a->nx + o->step - 1) / o->step};
    sums *blocks = malloc((BLOCKS + 1) * sizeof *blocks), *all = blocks + BLOCKS;
    equations *q = malloc(sizeof *q);
    double *of_x = malloc(sizeof *of_x * MOMENTS * (size_t)p.columns);
    if (blocks == NULL || q == NULL || of_x == NULL)
        CIT_TRY(cit_fail(errs, CIT_NOMEM, "", "no memory to align surfaces"));
    for (int c = 0; c < p.columns; c++) {
        double t[MOMENTS];
        chebyshev(2 * (c * p.step + 0.5) / in->a->nx - 1, MOMENTS - 1, t);
        for (int n = 0; n < MOMENTS; n++) of_x[(size_t)n * (size_t)p.columns + (size_t)c] = t[n];
    }
    p.of_x = of_x;
    for (int round = 0; round < o->rounds; round++) {
        CIT_TRY(sum_up(&p, blocks, in->threads, errs));
        join(blocks, all);
        pose->rounds++;
        const long there = (long)p.columns * ((in->a->ny + p.step - 1) / p.step);
        if (all->used < there / 20 || all->used < 200)
            CIT_TRY(
                cit_fail(errs, CIT_DIVERGED, "",
                         "the surfaces have %.0f %% of their samples in common: they do not show "
                         "the same skin, or lie too far apart",
                         100.0 * (double)all->used / (double)there));
        const double sigma = fmax(1.4826 * middle_of(all), 0.05);
        pose->sigma_um = sigma;
        set_up(&p, all, sigma, q);
        if (!factor(q->matrix, q->unknowns))
            CIT_TRY(cit_fail(errs, CIT_DIVERGED, "", "the surfaces do not say how they lie"));
        errors_of(&p, blocks, q, pose->error);
        solve(q->matrix, q->unknowns, q->right);
        const double moved = move(&p, pose, q->right);
        const bool weighted = p.sigma > 0;
        p.sigma = sigma;
        if (weighted && moved < o->enough_mm) break;
    }
done:
    free(blocks);
    free(q);
    free(of_x);
    return st;
}

/* ---- afterwards ------------------------------------------------------------------------------------------------------------ */

void align_difference(const align_input *in, const align_pose *pose, float *ret) {
    const cit_heights *a = in->a, *b = in->b;
    const terms lateral = terms_of(pose->lateral), vertical = terms_of(pose->vertical);
#pragma omp parallel for schedule(static) num_threads(in->threads)
    for (int j = 0; j < a->ny; j++) {
        double ty[MOMENTS], ux[DEGREE_MAX + 1], uy[DEGREE_MAX + 1], up[DEGREE_MAX + 1];
        chebyshev(2 * (j + 0.5) / a->ny - 1, DEGREE_MAX, ty);
        collapse(&lateral, pose->x, ty, ux);
        collapse(&lateral, pose->y, ty, uy);
        collapse(&vertical, pose->z, ty, up);
        for (int i = 0; i < a->nx; i++) {
            const size_t at = (size_t)j * (size_t)a->nx + (size_t)i;
            const double x = 2 * (i + 0.5) / a->nx - 1,
                         mm_x = (i + 0.5 - 0.5 * a->nx) * a->dx_mm + along(ux, lateral.degree, x),
                         mm_y = (j + 0.5 - 0.5 * a->ny) * a->dy_mm + along(uy, lateral.degree, x);
            tapped t;
            const bool there = tap(b, b->um, mm_x / b->dx_mm + 0.5 * b->nx - 0.5,
                                   mm_y / b->dy_mm + 0.5 * b->ny - 0.5, &t);
            ret[at] =
                there ? (float)(t.value + along(up, vertical.degree, x) - (double)a->um[at]) : NAN;
        }
    }
}

void align_where(const double side_mm[2], const align_pose *pose, double x_mm, double y_mm,
                 double ret[2]) {
    const terms lateral = terms_of(pose->lateral);
    double ty[MOMENTS], u[DEGREE_MAX + 1];
    const double x = 2 * x_mm / side_mm[0] - 1, y = 2 * y_mm / side_mm[1] - 1;
    chebyshev(y, DEGREE_MAX, ty);
    collapse(&lateral, pose->x, ty, u);
    ret[0] = x_mm - 0.5 * side_mm[0] + along(u, lateral.degree, x);
    collapse(&lateral, pose->y, ty, u);
    ret[1] = y_mm - 0.5 * side_mm[1] + along(u, lateral.degree, x);
}
