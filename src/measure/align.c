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
    TILES = 64,    /* of columns: a block's scores, side by side */
    QUADRATIC = 6, /* gx gx, gx gy, gx, gy gy, gy, 1 */
    LINEAR = 3     /* e gx, e gy, e */
};
enum { SIDEWAYS_X, SIDEWAYS_Y, UPWARDS };

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
    double tile[LINEAR][TILES];
    double weight, slope; /* of e times its weight, by e */
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
        double weight = 1, slope = 1;
        if (p->sigma > 0) {
            const double r = e / (4.685 * p->sigma);
            if (fabs(r) >= 1) continue;
            weight = (1 - r * r) * (1 - r * r);
            slope = (1 - r * r) * (1 - 5 * r * r);
        }
        const double gx = t.gx / b->dx_mm, gy = t.gy / b->dy_mm;
        const double values[QUADRATIC + LINEAR] = {weight * gx * gx, weight * gx * gy, weight * gx,
                                                   weight * gy * gy, weight * gy,      weight,
                                                   weight * gx * e,  weight * gy * e,  weight * e};
        for (int q = 0; q < QUADRATIC + LINEAR; q++) w[(size_t)q * n + (size_t)c] = values[q];
        s->weight += weight;
        s->slope += slope;
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
    for (int q = 0; q < LINEAR; q++)
        for (int t = 0; t < TILES; t++)
            for (int c = t * p->columns / TILES; c < (t + 1) * p->columns / TILES; c++)
                s->tile[q][t] += w[(size_t)(QUADRATIC + q) * n + (size_t)c];
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

/* Which set of gradients belongs to two kinds of unknowns. */
static const int set_of[3][3] = {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}};

typedef struct equations {
    int unknowns;
    double matrix[UNKNOWNS_MAX * UNKNOWNS_MAX], right[UNKNOWNS_MAX], prior[UNKNOWNS_MAX];
} equations;

/* Vertical terms come first, then lateral ones of x, of y: what is left of a reading when the heights are as good as they
 * can be is then what sideways errors do to it. */
static int first_of(const problem *p, int kind) {
    return kind == UPWARDS ? 0 : p->vertical.count + kind * p->lateral.count;
}

static void term_of(const problem *p, int unknown, int *kind, int *a, int *b) {
    *kind = unknown < first_of(p, SIDEWAYS_X)   ? UPWARDS
            : unknown < first_of(p, SIDEWAYS_Y) ? SIDEWAYS_X
                                                : SIDEWAYS_Y;
    const terms *t = *kind == UPWARDS ? &p->vertical : &p->lateral;
    const int k = unknown - first_of(p, *kind);
    *a = t->a[k];
    *b = t->b[k];
}

static int unknowns_of(const problem *p) { return 2 * p->lateral.count + p->vertical.count; }

static void right_side(const problem *p, const sums *s, double *ret) {
    for (int k = 0; k < unknowns_of(p); k++) {
        int kind, a, b;
        term_of(p, k, &kind, &a, &b);
        ret[k] = s->linear[kind][a][b];
    }
}

/* Errors of a surface are taken to be independent from tile to tile of a millimetre or more (assumed): what is new in
 * skin is alike over less, and its product with a gradient over less than that. */
static const double tile_mm = 1.0;

typedef struct scores {
    int columns, rows;
    double tile[LINEAR][BLOCKS][TILES]; /* rows slower */
    double
        spread[LINEAR]; /* variance of a coefficient's score, by the weight of what it is seen by */
} scores;

static int whole_tiles(double side_mm, int pieces) {
    const int each = (int)ceil(tile_mm * pieces / side_mm);
    return each < pieces ? pieces / each : 1;
}

static void gather(const problem *p, const sums *blocks, const sums *all, scores *ret) {
    static const int seen_by[LINEAR] = {0, 3, 5};
    *ret = (scores){.columns = whole_tiles(p->a->nx * p->a->dx_mm, TILES),
                    .rows = whole_tiles(p->a->ny * p->a->dy_mm, BLOCKS)};
    for (int q = 0; q < LINEAR; q++) {
        double square = 0;
        for (int block = 0; block < BLOCKS; block++)
            for (int t = 0; t < TILES; t++)
                ret->tile[q][block * ret->rows / BLOCKS][t * ret->columns / TILES] +=
                    blocks[block].tile[q][t];
        for (int row = 0; row < ret->rows; row++)
            for (int column = 0; column < ret->columns; column++)
                square += ret->tile[q][row][column] * ret->tile[q][row][column];
        ret->spread[q] = square / fmax(all->quadratic[seen_by[q]][0][0], 1e-300);
    }
}

static double size_of(const align_pose *pose, int kind, int degree) {
    return kind == UPWARDS ? pose->vertical_size[degree] : pose->lateral_size[degree];
}

/* Weight of what is known of a coefficient before anything is seen, so that below a scar, which is left out, and beside
 * the map's edge the fields stay tame: those of a degree are about as large as those that were found. A shift, a turn, a
 * tilt and a bow may be any. */
static double known_before(const problem *p, const scores *c, int kind, int degree) {
    const double size = size_of(p->pose, kind, degree);
    return degree > (kind == UPWARDS ? 2 : 1) ? c->spread[kind] / (size * size) : 0;
}

/* `share` of what is seen, beside what was known before. */
static void set_up(const problem *p, const sums *s, const scores *c, double share, equations *q) {
    q->unknowns = unknowns_of(p);
    for (int k = 0; k < q->unknowns; k++) {
        int kind, a, b;
        term_of(p, k, &kind, &a, &b);
        for (int l = 0; l <= k; l++) {
            int other, d, e;
            term_of(p, l, &other, &d, &e);
            const double value = share * product(s->quadratic[set_of[kind][other]], a, b, d, e);
            q->matrix[k * q->unknowns + l] = q->matrix[l * q->unknowns + k] = value;
        }
        const double *const at[3] = {p->pose->x, p->pose->y, p->pose->z};
        const double prior = known_before(p, c, kind, a + b);
        q->matrix[k * q->unknowns + k] += prior;
        q->prior[k] = prior;
        q->right[k] = -prior * at[kind][k - first_of(p, kind)];
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

/* Of x whose numbers before `from` are 0. */
static void solve_down(const double *m, int n, int from, double *x) {
    for (int i = from; i < n; i++)
        x[i] = (x[i] - dot(m + i * n + from, x + from, i - from)) / m[i * n + i];
}

static void solve_up(const double *m, int n, double *x) {
    for (int i = n - 1; i >= 0; i--) {
        x[i] /= m[i * n + i];
        for (int k = 0; k < i; k++) x[k] -= m[i * n + k] * x[i];
    }
}

static void solve(const double *m, int n, double *x) {
    solve_down(m, n, 0, x);
    solve_up(m, n, x);
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
    const int at[3] = {first_of(p, SIDEWAYS_X), first_of(p, SIDEWAYS_Y), first_of(p, UPWARDS)};
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
    const double *x = by + first_of(p, SIDEWAYS_X), *y = by + first_of(p, SIDEWAYS_Y),
                 *z = by + first_of(p, UPWARDS);
    double most = 0;
    for (int k = 0; k < p->lateral.count; k++) {
        pose->x[k] += x[k];
        pose->y[k] += y[k];
        most = fmax(most, fmax(fabs(x[k]), fabs(y[k])));
    }
    for (int k = 0; k < p->vertical.count; k++) pose->z[k] += z[k];
    return most;
}

/* Mean square of a degree's coefficients, as they are found and as far as they are not known (a step of expectation and
 * maximisation): what is hardly seen does not shrink to nothing. */
static void find_sizes(const problem *p, const scores *c, const equations *q, align_pose *pose) {
    double square[LINEAR][DEGREE_MAX + 1] = {{0}}, unit[UNKNOWNS_MAX];
    for (int k = 0; k < q->unknowns; k++) {
        int kind, a, b;
        term_of(p, k, &kind, &a, &b);
        const double *const of[LINEAR] = {pose->x, pose->y, pose->z};
        const double found = of[kind][k - first_of(p, kind)] + q->right[k];
        memset(unit, 0, sizeof unit);
        unit[k] = 1;
        solve_down(q->matrix, q->unknowns, k, unit);
        square[kind][a + b] +=
            (found * found + c->spread[kind] * dot(unit + k, unit + k, q->unknowns - k)) /
            (a + b + 1);
    }
    for (int n = 0; n <= p->lateral.degree; n++)
        pose->lateral_size[n] = sqrt(0.5 * (square[SIDEWAYS_X][n] + square[SIDEWAYS_Y][n]));
    for (int n = 0; n <= p->vertical.degree; n++) pose->vertical_size[n] = sqrt(square[UPWARDS][n]);
}

/* Into q->right, with sizes that belong to it: samples are summed once for several of them. */
static bool find_move(const problem *p, const sums *s, const scores *c, equations *q,
                      align_pose *pose) {
    enum { SIZES = 3 };
    for (int k = 0; k < SIZES; k++) {
        set_up(p, s, c, 1, q);
        if (!factor(q->matrix, q->unknowns)) return false;
        solve(q->matrix, q->unknowns, q->right);
        find_sizes(p, c, q, pose);
    }
    return true;
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

/* As large as skin may well move, where nothing was found as yet. */
static void widen_pose(align_pose *pose, int lateral, int vertical) {
    static const double lateral_mm = 0.03, vertical_um = 30; /* assumed */
    for (int n = 0; n <= DEGREE_MAX; n++) {
        if (n > pose->lateral) pose->lateral_size[n] = lateral_mm;
        if (n > pose->vertical) pose->vertical_size[n] = vertical_um;
    }
    widen(pose->x, pose->lateral, lateral);
    widen(pose->y, pose->lateral, lateral);
    widen(pose->z, pose->vertical, vertical);
    pose->lateral = lateral;
    pose->vertical = vertical;
}

/* ---- what is left in doubt --------------------------------------------------------------------------------------- */

struct align_doubt {
    equations q; /* factored; of e times its weight, by e */
    terms lateral, vertical;
    int first[3]; /* unknown of each kind */
    double bias[UNKNOWNS_MAX];
    scores of;
};

/* Of the last round, whose move was none. A weight falls as e grows, so that what is seen counts for less than the sum of
 * weights: by the slope. A coefficient that is known before to be about as large as it may be is pulled to nothing, and
 * errs by that. */
static cit_status keep_doubt(const problem *p, const sums *all, const scores *c, equations *q,
                             align_doubt **ret, cit_errors *errs) {
    align_doubt *d = calloc(1, sizeof *d);
    if (d == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory to align surfaces");
    set_up(p, all, c, fmax(all->slope, 0) / all->weight, q);
    if (!factor(q->matrix, q->unknowns)) {
        free(d);
        return cit_fail(errs, CIT_DIVERGED, "", "the surfaces do not say how they lie");
    }
    d->q = *q;
    d->lateral = p->lateral;
    d->vertical = p->vertical;
    for (int kind = 0; kind < 3; kind++) d->first[kind] = first_of(p, kind);
    for (int k = 0; k < q->unknowns; k++) {
        int kind, a, b;
        term_of(p, k, &kind, &a, &b);
        d->bias[k] = sqrt(c->spread[kind] * q->prior[k]);
    }
    d->of = *c;
    *ret = d;
    return CIT_OK;
}

void align_doubt_free(align_doubt *d) { free(d); }

int align_doubt_size(const align_doubt *d) { return d->q.unknowns; }

/* One row of a window against T_a(x). */
static void pull_row(const align_input *in, const align_pose *pose, const align_doubt *d,
                     const align_window *w, int j, double ret[LINEAR][DEGREE_MAX + 1]) {
    const cit_heights *a = in->a, *b = in->b;
    const int most =
        d->vertical.degree > d->lateral.degree ? d->vertical.degree : d->lateral.degree;
    double ty[DEGREE_MAX + 1], ux[DEGREE_MAX + 1], uy[DEGREE_MAX + 1], tx[DEGREE_MAX + 1];
    chebyshev(2 * (w->j0 + j + 0.5) / a->ny - 1, DEGREE_MAX, ty);
    collapse(&d->lateral, pose->x, ty, ux);
    collapse(&d->lateral, pose->y, ty, uy);
    memset(ret, 0, sizeof(double) * LINEAR * (DEGREE_MAX + 1));
    for (int i = 0; i < w->nx; i++) {
        const double weight = w->weight[(size_t)j * (size_t)w->nx + (size_t)i];
        tapped t;
        if (weight == 0) continue;
        chebyshev(2 * (w->i0 + i + 0.5) / a->nx - 1, most, tx);
        const double mm_x = (w->i0 + i + 0.5 - 0.5 * a->nx) * a->dx_mm +
                            along(ux, d->lateral.degree, tx[1]),
                     mm_y = (w->j0 + j + 0.5 - 0.5 * a->ny) * a->dy_mm +
                            along(uy, d->lateral.degree, tx[1]);
        if (!tap(b, b->um, mm_x / b->dx_mm + 0.5 * b->nx - 0.5, mm_y / b->dy_mm + 0.5 * b->ny - 0.5,
                 &t))
            continue;
        const double by[LINEAR] = {weight * t.gx / b->dx_mm, weight * t.gy / b->dy_mm, weight};
        for (int q = 0; q < LINEAR; q++)
            for (int n = 0; n <= most; n++) ret[q][n] += by[q] * tx[n];
    }
}

void align_pull(const align_input *in, const align_pose *pose, const align_doubt *d,
                const align_window *w, double *ret) {
    for (int k = 0; k < d->q.unknowns; k++) ret[k] = 0;
    for (int j = 0; j < w->ny; j++) {
        double row[LINEAR][DEGREE_MAX + 1], ty[DEGREE_MAX + 1];
        pull_row(in, pose, d, w, j, row);
        chebyshev(2 * (w->j0 + j + 0.5) / in->a->ny - 1, DEGREE_MAX, ty);
        for (int kind = 0; kind < 3; kind++) {
            const terms *t = kind == UPWARDS ? &d->vertical : &d->lateral;
            for (int k = 0; k < t->count; k++)
                ret[d->first[kind] + k] += row[kind][t->a[k]] * ty[t->b[k]];
        }
    }
}

double align_sideways_sd(const align_doubt *d, const double *pull) {
    double h[UNKNOWNS_MAX], variance = 0;
    memcpy(h, pull, sizeof(double) * (size_t)d->q.unknowns);
    solve_down(d->q.matrix, d->q.unknowns, 0, h);
    for (int k = 0; k < d->first[SIDEWAYS_X]; k++) h[k] = 0;
    solve_up(d->q.matrix, d->q.unknowns, h);
    for (int k = 0; k < d->q.unknowns; k++) variance += h[k] * d->bias[k] * h[k] * d->bias[k];
    for (int row = 0; row < d->of.rows; row++) {
        double ty[DEGREE_MAX + 1], of_x[LINEAR][DEGREE_MAX + 1];
        chebyshev((2 * row + 1.0) / d->of.rows - 1, DEGREE_MAX, ty);
        for (int q = 0; q < LINEAR; q++)
            collapse(q == UPWARDS ? &d->vertical : &d->lateral, h + d->first[q], ty, of_x[q]);
        for (int column = 0; column < d->of.columns; column++) {
            const double x = (2 * column + 1.0) / d->of.columns - 1;
            double error = 0;
            for (int q = 0; q < LINEAR; q++)
                error += along(of_x[q], DEGREE_MAX, x) * d->of.tile[q][row][column];
            variance += error * error;
        }
    }
    return sqrt(variance);
}

/* Samples of the first that are there and may be used. */
static long usable_of(const problem *p) {
    long count = 0;
    for (int j = 0; j < p->a->ny; j += p->step)
        for (int i = 0; i < p->a->nx; i += p->step) {
            const size_t at = (size_t)j * (size_t)p->a->nx + (size_t)i;
            count += (p->use == NULL || p->use[at]) && !isnan(p->um_a[at]);
        }
    return count;
}

/* Says which of the two it is: little skin to lie on, or skin that does not meet. */
static cit_status too_little(const problem *p, long used, long there, cit_errors *errs) {
    const long usable = usable_of(p);
    if (usable < there / 20 || usable < 200)
        return cit_fail(errs, CIT_DIVERGED, "",
                        "only %.0f %% of the earlier surface is healthy skin, too little to lay "
                        "the later one over: give maps that show more skin around the scars",
                        100.0 * (double)usable / (double)there);
    return cit_fail(errs, CIT_DIVERGED, "",
                    "the later surface meets %.0f %% of the earlier one's skin where it fits best: "
                    "they do not show the same skin, lie too far apart or show too little skin "
                    "around the scars",
                    100.0 * (double)used / (double)usable);
}

/* ---- a level, whole ---------------------------------------------------------------------------------------------- */

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
    sums *blocks = malloc((BLOCKS + 1) * sizeof *blocks), *all = NULL;
    equations *q = malloc(sizeof *q);
    scores *of_tiles = malloc(sizeof *of_tiles);
    double *of_x = malloc(sizeof *of_x * MOMENTS * (size_t)p.columns);
    if (blocks == NULL || q == NULL || of_tiles == NULL || of_x == NULL)
        CIT_TRY(cit_fail(errs, CIT_NOMEM, "", "no memory to align surfaces"));
    all = blocks + BLOCKS;
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
            CIT_TRY(too_little(&p, all->used, there, errs));
        const double sigma = fmax(1.4826 * middle_of(all), 0.05);
        pose->sigma_um = sigma;
        gather(&p, blocks, all, of_tiles);
        if (!find_move(&p, all, of_tiles, q, pose))
            CIT_TRY(cit_fail(errs, CIT_DIVERGED, "", "the surfaces do not say how they lie"));
        errors_of(&p, blocks, q, pose->error);
        const double moved = move(&p, pose, q->right);
        const bool weighted = p.sigma > 0;
        p.sigma = sigma;
        if (weighted && moved < o->enough_mm) break;
    }
    if (o->ret_doubt != NULL) CIT_TRY(keep_doubt(&p, all, of_tiles, q, o->ret_doubt, errs));
done:
    free(blocks);
    free(q);
    free(of_tiles);
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
