/* The referee of the lift: a box of elastic tissue in three dimensions, part of which grows, solved by finite
 * elements and by nothing that the library has.
 *
 * Bricks with linear shape functions on a tensor grid, x and y from the middle of the growth outwards (planes
 * of symmetry), z down from a free surface. Growth g is a strain without stress of g / 3 in each direction. The
 * far sides slide, the bottom is fixed. The part of the stiffness with Lame's lambda takes the mean dilatation
 * of an element, so that nu near 1/2 does not lock. Every matrix is a product of three tridiagonal ones; their
 * 27-point rows are stored, and conjugate gradients solve them. Their preconditioner takes each component of the
 * displacement by itself: what is left of its stiffness separates, into modes of x and of y, each a tridiagonal
 * matrix in z. */
#include "t.h"
#include <cit/num.h>
#include <cit/scar.h>
#include <stdlib.h>

static const double pi = 3.14159265358979323846;

enum { NODES_MAX = 64, STENCIL = 27, ENTRIES = 9 * STENCIL };

typedef struct axis {
    int cells;
    double at[NODES_MAX + 1]; /* nodes */
} axis;

typedef struct box {
    axis x, y, z;
    double stiffness[NODES_MAX], poisson[NODES_MAX]; /* a layer of cells */
} box;

/* Tridiagonal: entry [i][j - i + 1]. What is called after `trial` has its derivative there. */
typedef double line[NODES_MAX + 1][3];
typedef struct lines {
    line mass, mean, stiff, test, trial;
} lines;

static void lines_make(const axis *a, const double *weight, lines *ret) {
    memset(ret, 0, sizeof *ret);
    for (int c = 0; c < a->cells; c++) {
        const double h = a->at[c + 1] - a->at[c], w = weight == NULL ? 1 : weight[c];
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < 2; j++) {
                const int row = c + i, column = j - i + 1;
                const double si = i ? 1 : -1, sj = j ? 1 : -1;
                ret->mass[row][column] += w * h / (i == j ? 3 : 6);
                ret->mean[row][column] += w * h / 4;
                ret->stiff[row][column] += w * si * sj / h;
                ret->test[row][column] += w * si / 2;
                ret->trial[row][column] += w * sj / 2;
            }
    }
}

/* Vectors of an axis of which stiffness and mass are diagonal: the generalised eigenvectors, scaled to a mass of 1. */
typedef struct modes {
    int n;
    double value[NODES_MAX + 1];
    double of[NODES_MAX + 1][NODES_MAX + 1],
        turned[NODES_MAX + 1][NODES_MAX + 1]; /* [mode][node] */
} modes;

typedef struct system {
    int n[3];
    size_t nodes, guard;
    double *rows;                 /* entry by entry, each `nodes` long */
    modes *ends_held, *ends_free; /* of x and y: with both ends held, and without */
    double *pivots, *off, *room;
    bool *is_held[3];
} system_of;

static double lame(const box *b, int k, double *mu) {
    *mu = b->stiffness[k] / (2 * (1 + b->poisson[k]));
    return b->stiffness[k] * b->poisson[k] / ((1 + b->poisson[k]) * (1 - 2 * b->poisson[k]));
}

/* One entry of block (a, b) for the neighbour at d: tridiagonals of x, y, and of z weighted with lambda and
 * with mu. */
static double entry(const lines *l, const lines *m, const int at[3], const int d[3], int a, int b) {
#define OF(which, kind, axis) (which)[axis].kind[at[axis]][d[axis]]
    const int c = 3 - a - b;
    if (a != b)
        return OF(l, test, a) * OF(l, trial, b) * OF(l, mean, c) +
               OF(m, test, b) * OF(m, trial, a) * OF(m, mass, c);
    const int e = (a + 1) % 3, f = (a + 2) % 3;
    return OF(l, stiff, a) * OF(l, mean, e) * OF(l, mean, f) +
           2 * OF(m, stiff, a) * OF(m, mass, e) * OF(m, mass, f) +
           OF(m, mass, a) * OF(m, stiff, e) * OF(m, mass, f) +
           OF(m, mass, a) * OF(m, mass, e) * OF(m, stiff, f);
#undef OF
}

/* Eigenvectors of a symmetric matrix by Jacobi's rotations; `a` ends diagonal, columns of `v` are the vectors. */
static void jacobi(int n, double a[][NODES_MAX + 1], double v[][NODES_MAX + 1]) {
    double off = 1, all = 1;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) v[i][j] = i == j;
    for (int sweep = 0; sweep < 40 && off > 1e-30 * all; sweep++) {
        off = all = 0;
        for (int p = 0; p < n; p++)
            for (int q = 0; q < n; q++) *(p == q ? &all : &off) += a[p][q] * a[p][q];
        for (int p = 0; p < n; p++)
            for (int q = p + 1; q < n; q++) {
                if (a[p][q] == 0) continue;
                const double angle = 0.5 * atan2(2 * a[p][q], a[q][q] - a[p][p]);
                const double c = cos(angle), s = sin(angle);
                for (int k = 0; k < n; k++) {
                    const double x = a[k][p], y = a[k][q], f = v[k][p], g = v[k][q];
                    a[k][p] = c * x - s * y;
                    a[k][q] = s * x + c * y;
                    v[k][p] = c * f - s * g;
                    v[k][q] = s * f + c * g;
                }
                for (int k = 0; k < n; k++) {
                    const double x = a[p][k], y = a[q][k];
                    a[p][k] = c * x - s * y;
                    a[q][k] = s * x + c * y;
                }
            }
    }
    assert_true(off <= 1e-30 * all);
}

/* Nodes first .. last of an axis; others have no part in any mode. Mass = L L^T turns it into one matrix. */
static void modes_make(const lines *l, int nodes, int first, int last, modes *ret) {
    typedef double square[NODES_MAX + 1][NODES_MAX + 1];
    const int n = last - first + 1;
    double(*a)[NODES_MAX + 1] = calloc(2, sizeof(square)), (*v)[NODES_MAX + 1] = a + NODES_MAX + 1;
    double diagonal[NODES_MAX + 1], below[NODES_MAX + 1] = {0};
    assert_non_null(a);
    memset(ret, 0, sizeof *ret);
    ret->n = nodes;
    for (int i = 0; i < n; i++) {
        if (i > 0) below[i] = l->mass[first + i][0] / diagonal[i - 1];
        diagonal[i] = sqrt(l->mass[first + i][1] - below[i] * below[i]);
        for (int d = -1; d <= 1; d++)
            if (i + d >= 0 && i + d < n) a[i][i + d] = l->stiff[first + i][d + 1];
    }
    for (int j = 0; j < n; j++) /* columns, then rows */
        for (int i = 0; i < n; i++)
            a[i][j] = (a[i][j] - (i > 0 ? below[i] * a[i - 1][j] : 0)) / diagonal[i];
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++)
            a[j][i] = (a[j][i] - (i > 0 ? below[i] * a[j][i - 1] : 0)) / diagonal[i];
    jacobi(n, a, v);
    for (int m = 0; m < n; m++) {
        ret->value[m] = a[m][m];
        for (int i = n - 1; i >= 0; i--) {
            const double next = i + 1 < n ? below[i + 1] * ret->of[m][first + i + 1] : 0;
            ret->of[m][first + i] = (v[i][m] - next) / diagonal[i];
        }
        for (int i = 0; i < nodes; i++) ret->turned[i][m] = ret->of[m][i];
    }
    free(a);
}

static const modes *modes_of(const system_of *s, int component, int along) {
    return component == along ? &s->ends_held[along] : &s->ends_free[along];
}

/* Of each component and pair of modes, the tridiagonal matrix in z: what is left of the stiffness where other
 * components do not move. The bottom is held. */
static void factor_columns(system_of *s, const lines *with_lambda, const lines *with_mu) {
    const int nx = s->n[0], ny = s->n[1], last = s->n[2] - 1;
    for (int c = 0; c < 3; c++) {
        const modes *x = modes_of(s, c, 0), *y = modes_of(s, c, 1);
        for (int k = 0; k < last; k++)
            for (int q = 0; q < ny; q++)
                for (int p = 0; p < nx; p++) {
                    const size_t at = (size_t)c * s->nodes +
                                      ((size_t)k * (size_t)ny + (size_t)q) * (size_t)nx + (size_t)p;
                    const size_t plane = (size_t)nx * (size_t)ny;
                    double entries[2];
                    for (int d = 0; d < 2; d++) { /* itself, and with the node below */
                        const double mu = with_mu->mass[k][1 + d],
                                     own = with_lambda->mass[k][1 + d] + 2 * mu,
                                     stiff = with_mu->stiff[k][1 + d];
                        entries[d] = (c == 0 ? own : mu) * x->value[p] +
                                     (c == 1 ? own : mu) * y->value[q] +
                                     (c == 2 ? with_lambda->stiff[k][1 + d] + 2 * stiff : stiff);
                    }
                    s->off[at] = k + 1 < last ? entries[1] : 0;
                    const double above = k > 0 ? s->off[at - plane] : 0;
                    s->pivots[at] =
                        1 / (entries[0] - (k > 0 ? above * above * s->pivots[at - plane] : 0));
                }
    }
}

static system_of assemble(const box *b) {
    double lambda[NODES_MAX], mu[NODES_MAX];
    lines *const l = calloc(6, sizeof *l), *const m = l + 3;
    for (int k = 0; k < b->z.cells; k++) lambda[k] = lame(b, k, &mu[k]);
    assert_non_null(l);
    lines_make(&b->x, NULL, &l[0]);
    lines_make(&b->y, NULL, &l[1]);
    lines_make(&b->z, lambda, &l[2]);
    m[0] = l[0];
    m[1] = l[1];
    lines_make(&b->z, mu, &m[2]);

    system_of s = {.n = {b->x.cells + 1, b->y.cells + 1, b->z.cells + 1}};
    s.nodes = (size_t)s.n[0] * (size_t)s.n[1] * (size_t)s.n[2];
    s.guard = (size_t)s.n[0] * (size_t)s.n[1] + (size_t)s.n[0] + 1;
    s.rows = calloc(s.nodes * ENTRIES, sizeof *s.rows);
    s.pivots = calloc(3 * s.nodes, sizeof *s.pivots);
    s.off = calloc(3 * s.nodes, sizeof *s.off);
    s.room = calloc(2 * s.nodes, sizeof *s.room);
    s.ends_held = calloc(4, sizeof *s.ends_held);
    s.ends_free = s.ends_held + 2;
    assert_true(s.rows && s.pivots && s.off && s.room && s.ends_held);
    for (int a = 0; a < 2; a++) {
        modes_make(&l[a], s.n[a], 1, s.n[a] - 2, &s.ends_held[a]);
        modes_make(&l[a], s.n[a], 0, s.n[a] - 1, &s.ends_free[a]);
    }
    factor_columns(&s, &l[2], &m[2]);
    for (int c = 0; c < 3; c++) {
        s.is_held[c] = calloc(s.nodes, sizeof *s.is_held[c]);
        assert_non_null(s.is_held[c]);
    }
    size_t node = 0;
    for (int k = 0; k < s.n[2]; k++)
        for (int j = 0; j < s.n[1]; j++)
            for (int i = 0; i < s.n[0]; i++, node++) {
                const int at[3] = {i, j, k};
                for (int t = 0; t < STENCIL; t++) {
                    const int d[3] = {t % 3, t / 3 % 3, t / 9};
                    for (int e = 0; e < 9; e++)
                        s.rows[(size_t)(9 * t + e) * s.nodes + node] =
                            entry(l, m, at, d, e / 3, e % 3);
                }
                s.is_held[0][node] = i == 0 || i == s.n[0] - 1 || k == s.n[2] - 1;
                s.is_held[1][node] = j == 0 || j == s.n[1] - 1 || k == s.n[2] - 1;
                s.is_held[2][node] = k == s.n[2] - 1;
            }
    free(l);
    return s;
}

static void system_free(system_of *s) {
    free(s->rows);
    free(s->pivots);
    free(s->off);
    free(s->room);
    free(s->ends_held);
    for (int c = 0; c < 3; c++) free(s->is_held[c]);
}

/* Vectors: three components, one after another, each with a guard before and after it. */
static size_t length(const system_of *s) { return 3 * (s->nodes + 2 * s->guard); }
static double *part(const system_of *s, double *v, int c) {
    return v + (size_t)c * (s->nodes + 2 * s->guard) + s->guard;
}

CIT_WIDE static void add_products(const double *a, const double *u, size_t n, double *out) {
    for (size_t i = 0; i < n; i++) out[i] += a[i] * u[i];
}

static void apply(const system_of *s, double *u, double *out) {
    const size_t piece = 512;
    memset(out, 0, length(s) * sizeof *out);
    for (size_t from = 0; from < s->nodes; from += piece) {
        const size_t n = s->nodes - from < piece ? s->nodes - from : piece;
        for (int t = 0; t < STENCIL; t++) {
            const ptrdiff_t off =
                (t % 3 - 1) +
                (ptrdiff_t)s->n[0] * ((t / 3 % 3 - 1) + (ptrdiff_t)s->n[1] * (t / 9 - 1));
            for (int e = 0; e < 9; e++)
                add_products(s->rows + (size_t)(9 * t + e) * s->nodes + from,
                             part(s, u, e % 3) + (ptrdiff_t)from + off, n,
                             part(s, out, e / 3) + from);
        }
    }
    for (int c = 0; c < 3; c++)
        for (size_t i = 0; i < s->nodes; i++)
            if (s->is_held[c][i]) part(s, out, c)[i] = 0;
}

CIT_WIDE static void add_scaled(double factor, const double *from, size_t n, double *to) {
    for (size_t i = 0; i < n; i++) to[i] += factor * from[i];
}

/* Planes of one component between nodes and modes: first along y, then along x. */
static void turn(const system_of *s, const double along_x[][NODES_MAX + 1],
                 const double along_y[][NODES_MAX + 1], const double *from, double *to) {
    const size_t nx = (size_t)s->n[0], ny = (size_t)s->n[1];
    double plane[(NODES_MAX + 1) * (NODES_MAX + 1)];
    for (size_t k = 0; k < (size_t)s->n[2]; k++) {
        const double *const in = from + k * nx * ny;
        double *const out = to + k * nx * ny;
        memset(plane, 0, nx * ny * sizeof *plane);
        memset(out, 0, nx * ny * sizeof *out);
        for (size_t q = 0; q < ny; q++)
            for (size_t j = 0; j < ny; j++)
                add_scaled(along_y[q][j], in + j * nx, nx, plane + q * nx);
        for (size_t row = 0; row < ny; row++)
            for (size_t i = 0; i < nx; i++)
                add_scaled(plane[row * nx + i], along_x[i], nx, out + row * nx);
    }
}

CIT_WIDE static void solve_columns(const system_of *s, int c, double *x) {
    const size_t plane = (size_t)s->n[0] * (size_t)s->n[1], last = (size_t)s->n[2] - 1;
    const double *const off = s->off + (size_t)c * s->nodes, *const pivots =
                                                                 s->pivots + (size_t)c * s->nodes;
    for (size_t i = plane; i < last * plane; i++)
        x[i] -= off[i - plane] * pivots[i - plane] * x[i - plane];
    memset(x + last * plane, 0, plane * sizeof *x);
    for (size_t i = last * plane; i-- > 0;) x[i] = (x[i] - off[i] * x[i + plane]) * pivots[i];
}

static void precondition(const system_of *s, double *r, double *out) {
    double *const in_modes = s->room, *const nodes = s->room + s->nodes;
    for (int c = 0; c < 3; c++) {
        const modes *x = modes_of(s, c, 0), *y = modes_of(s, c, 1);
        turn(s, x->turned, y->of, part(s, r, c), in_modes);
        solve_columns(s, c, in_modes);
        turn(s, x->of, y->turned, in_modes, nodes);
        memcpy(part(s, out, c), nodes, s->nodes * sizeof *nodes);
    }
}

static double dot(const double *a, const double *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* Displacement for the growth of each cell; released by the caller. */
static double *solve(const box *b,
                     double (*growth)(const box *b, int i, int j, int k, const void *of),
                     const void *of, int *ret_iterations) {
    system_of s = assemble(b);
    const size_t n = length(&s);
    double *const u = calloc(5 * n, sizeof *u), *const r = u + n, *const p = u + 2 * n,
                  *const q = u + 3 * n, *const z = u + 4 * n;
    assert_non_null(u);
    for (int k = 0; k < b->z.cells; k++)
        for (int j = 0; j < b->y.cells; j++)
            for (int i = 0; i < b->x.cells; i++) {
                const double g = growth(b, i, j, k, of);
                if (g == 0) continue;
                double mu;
                const double pressure = (3 * lame(b, k, &mu) + 2 * mu) / 3 * g;
                const double h[3] = {b->x.at[i + 1] - b->x.at[i], b->y.at[j + 1] - b->y.at[j],
                                     b->z.at[k + 1] - b->z.at[k]};
                for (int c = 0; c < 8; c++) {
                    const int d[3] = {c % 2, c / 2 % 2, c / 4};
                    const size_t node = (size_t)((k + d[2]) * s.n[1] + j + d[1]) * (size_t)s.n[0] +
                                        (size_t)(i + d[0]);
                    for (int a = 0; a < 3; a++)
                        if (!s.is_held[a][node])
                            part(&s, r, a)[node] +=
                                pressure * (d[a] ? 1 : -1) * h[(a + 1) % 3] * h[(a + 2) % 3] / 4;
                }
            }
    precondition(&s, r, z);
    memcpy(p, z, n * sizeof *p);
    double rz = dot(r, z, n);
    const double first = rz;
    int iterations = 0;
    while (rz > 1e-15 * first && iterations < 5000) {
        apply(&s, p, q);
        const double step = rz / dot(p, q, n);
        for (size_t i = 0; i < n; i++) {
            u[i] += step * p[i];
            r[i] -= step * q[i];
        }
        precondition(&s, r, z);
        const double was = rz;
        rz = dot(r, z, n);
        for (size_t i = 0; i < n; i++) p[i] = z[i] + rz / was * p[i];
        iterations++;
    }
    CHECK(rz <= 1e-15 * first, "no solution after %d iterations", iterations);
    if (ret_iterations != NULL) *ret_iterations = iterations;
    double *const lift = malloc((size_t)s.n[0] * (size_t)s.n[1] * sizeof *lift);
    assert_non_null(lift);
    for (size_t i = 0; i < (size_t)s.n[0] * (size_t)s.n[1]; i++) lift[i] = -part(&s, u, 2)[i];
    system_free(&s);
    free(u);
    return lift;
}

/* Cells of `h` up to `fine`, then each larger than the last by the same factor, up to `end`. */
static axis graded(double h, double fine, double end, double factor) {
    axis a = {0};
    while (a.at[a.cells] < fine - 1e-9) {
        a.at[a.cells + 1] = (a.cells + 1) * h;
        a.cells++;
    }
    int more = 0;
    double sum = 0;
    for (double cell = h; sum < end - fine - 1e-9; more++) sum += cell *= factor;
    double cell = h * (end - fine) / (more > 0 ? sum : 1), at = fine;
    for (int i = 0; i < more; i++) {
        at += cell *= factor;
        a.cells++;
        assert_true(a.cells <= NODES_MAX);
        a.at[a.cells] = at;
    }
    if (more > 0) a.at[a.cells] = end;
    return a;
}

static void uniform(box *b, double stiffness, double poisson) {
    for (int k = 0; k < b->z.cells; k++) {
        b->stiffness[k] = stiffness;
        b->poisson[k] = poisson;
    }
}

/* ---- a wave ------------------------------------------------------------------------------------ */

static double middle(const axis *a, int c) { return 0.5 * (a->at[c] + a->at[c + 1]); }

/* 0.5 + cos cos between the depths of[0] and of[1]; of[2]: length of the box. */
static double wave_growth(const box *b, int i, int j, int k, const void *of) {
    const double *const d = of, z = middle(&b->z, k), q = pi / d[2];
    return z > d[0] && z < d[1] ? 0.5 + cos(q * middle(&b->x, i)) * cos(q * middle(&b->y, j)) : 0;
}

/* The largest difference from cit_lift's periodic map, relative to the wave's height there. */
static double wave_error(double poisson, int cells) {
    const double size = 2, d[] = {0.5, 1, size}, h = size / cells;
    box *const b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->x = b->y = graded(h, size, size, 1);
    b->z = graded(h, 2, 12, 1.15);
    uniform(b, 80, poisson);
    double *const got = solve(b, wave_growth, d, NULL);

    /* The library: one period, its first pixel at x = 0. */
    const int n = 2 * cells;
    cit_errors errs = {0};
    cit_grid grid;
    void *field = NULL;
    cit_map lift = {0};
    cit_lift *l = NULL;
    const cit_lift_options o = {poisson, 1, 0.5, CIT_LATERAL_PERIODIC, 1};
    CHECK(cit_grid_make(n, n, 1, h, h, 0.5, &grid, &errs) == CIT_OK &&
              cit_fields_new(&grid, 1, CIT_DOUBLE, &field, &errs) == CIT_OK &&
              cit_map_new(n, n, h, h, &lift, &errs) == CIT_OK,
          "%s", errs.items[0].text);
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++)
            ((double *)field)[(size_t)i + (size_t)j * grid.row] =
                0.5 + cos(pi * i * h / size) * cos(pi * j * h / size);
    CHECK(cit_lift_new(&grid, &o, &l, &errs) == CIT_OK &&
              cit_lift_run(l, field, NULL, &lift, &errs) == CIT_OK,
          "%s", errs.items[0].text);
    double worst = 0;
    for (int j = 0; j <= cells; j++)
        for (int i = 0; i <= cells; i++)
            worst = fmax(worst, fabs(got[i + j * (cells + 1)] - lift.values[i + j * n]));
    worst /= lift.values[0];
    cit_lift_free(l);
    cit_map_free(&lift);
    free(field);
    free(got);
    free(b);
    return worst;
}

/* Deep and periodic: nothing is left out but the bottom, exp(-2 q 12) = 4e-12, and the size of the elements. */
static void a_wave_of_growth_lifts_as_in_the_solid(void **state) {
    static const double ratios[] = {0.3, 0.45};
    (void)state;
    for (size_t c = 0; c < 2; c++) {
        const double coarse = wave_error(ratios[c], 8), fine = wave_error(ratios[c], 16);
        print_message("# wave, nu %.2f: solid and kernel differ by %.2e and %.2e of the lift with "
                      "8 and 16 elements\n",
                      ratios[c], coarse, fine);
        CHECK(fine < 5e-3, "nu %g: %.3g", ratios[c], fine);
        CHECK(log2(coarse / fine) > 1.8, "nu %g: order %.2f", ratios[c], log2(coarse / fine));
    }
}

/* ---- a brick ----------------------------------------------------------------------------------- */

typedef struct brick {
    double half, top, bottom;
} brick;

static double brick_growth(const box *b, int i, int j, int k, const void *of) {
    const brick *const d = of;
    const double z = middle(&b->z, k);
    return middle(&b->x, i) < d->half && middle(&b->y, j) < d->half && z > d->top && z < d->bottom;
}

/* The library's lift of the brick, on pixels of half / 2.5 so that five are as wide as it is; the middle pixel
 * at (8, 8). */
static void brick_map(const brick *d, double poisson, double ret[17 * 17]) {
    cit_errors errs = {0};
    cit_grid grid;
    void *field = NULL;
    cit_lift *l = NULL;
    const double pixel = d->half / 2.5;
    cit_map lift = {17, 17, pixel, pixel, ret};
    const cit_lift_options o = {poisson, 1, d->top, CIT_LATERAL_ISOLATED, 1};
    CHECK(cit_grid_make(17, 17, 1, pixel, pixel, d->bottom - d->top, &grid, &errs) == CIT_OK &&
              cit_fields_new(&grid, 1, CIT_DOUBLE, &field, &errs) == CIT_OK,
          "%s", errs.items[0].text);
    for (int j = 6; j < 11; j++)
        for (int i = 6; i < 11; i++) ((double *)field)[(size_t)i + (size_t)j * grid.row] = 1;
    CHECK(cit_lift_new(&grid, &o, &l, &errs) == CIT_OK &&
              cit_lift_run(l, field, NULL, &lift, &errs) == CIT_OK,
          "%s", errs.items[0].text);
    cit_lift_free(l);
    free(field);
}

static int node_at(const axis *a, double x) {
    int i = 0;
    while (i < a->cells && a->at[i] < x - 1e-9) i++;
    return i;
}

/* The lift in the middle, and at 1 and 2 mm, of a brick in a box. */
static void brick_in_box(const brick *d, double poisson, double size, double h, double ret[3]) {
    box *const b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->x = b->y = graded(h, 2, size, 1.25);
    b->z = graded(h, 1.5, size, 1.25);
    uniform(b, 80, poisson);
    int iterations = 0;
    double *const lift = solve(b, brick_growth, d, &iterations);
    for (int i = 0; i < 3; i++) ret[i] = lift[node_at(&b->x, i)];
    print_message("#   box %g mm, elements of %g mm: %d cells, %d iterations\n", size, h,
                  b->x.cells * b->y.cells * b->z.cells, iterations);
    free(lift);
    free(b);
}

static void a_brick_lifts_as_in_a_box_that_grows(void **state) {
    static const double ratios[] = {0.3, 0.45};
    const brick d = {1.25, 0.25, 1.25};
    (void)state;
    for (size_t c = 0; c < 2; c++) {
        double map[17 * 17], last = 1;
        brick_map(&d, ratios[c], map);
        for (double size = 8; size < (c == 0 ? 40 : 20); size *= 2) {
            double coarse[3], fine[3], worst = 0;
            brick_in_box(&d, ratios[c], size, 0.25, coarse);
            brick_in_box(&d, ratios[c], size, 0.125, fine);
            for (int i = 0; i < 3; i++) {
                const double limit = fine[i] + (fine[i] - coarse[i]) / 3,
                             want = map[8 * 17 + 8 + 2 * i];
                worst = fmax(worst, fabs(limit - want));
                print_message("# nu %.2f, box %g mm, at %d mm: elements of 250, 125 um %.5f, %.5f, "
                              "limit %.5f; kernel %.5f\n",
                              ratios[c], size, i, coarse[i], fine[i], limit, want);
            }
            /* images of the brick and the bottom take off as its volume over the square of the box */
            const double volume = 4 * d.half * d.half * (d.bottom - d.top);
            CHECK(worst < 0.1 * volume / (size * size) + 1e-3,
                  "nu %g, box of %g mm: off by %.3g mm", ratios[c], size, worst);
            CHECK(worst < last, "nu %g, box of %g mm: %.3g after %.3g", ratios[c], size, worst,
                  last);
            last = worst;
        }
    }
}

/* ---- soft fat ---------------------------------------------------------------------------------- */

typedef struct skin {
    double radius, stiffness, fat, poisson; /* of the disc that grows; kPa */
    double dermis_mm, fat_mm;
    double grown_mm; /* to what depth dermis grows, from 0.1 mm on */
    double size_mm, fine;
    int cells; /* across the growth's half-width */
} skin;

/* Lift of the middle, relative to the kernel's for the same brick, which has the area of the disc; and of the
 * rim. */
static void lift_on_fat(const skin *s, double *ret_middle, double *ret_rim) {
    const brick d = {s->radius * sqrt(pi) / 2, 0.1, s->grown_mm};
    double map[17 * 17];
    box *const b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->x = b->y = graded(d.half / s->cells, 2 * d.half, s->size_mm, 1.25);
    b->z = graded(s->fine, s->dermis_mm, s->dermis_mm + s->fat_mm, 1.25);
    for (int k = 0; k < b->z.cells; k++) {
        b->stiffness[k] = middle(&b->z, k) < s->dermis_mm ? s->stiffness : s->fat;
        b->poisson[k] = s->poisson;
    }
    double *const lift = solve(b, brick_growth, &d, NULL);
    brick_map(&d, s->poisson, map);
    *ret_middle = lift[0] / map[8 * 17 + 8];
    *ret_rim =
        (lift[0] - lift[node_at(&b->x, 1.6 * d.half)]) / (map[8 * 17 + 8] - map[8 * 17 + 12]);
    free(lift);
    free(b);
}

/* How much of the kernel's lift is left where dermis lies on fat that is twenty times softer: figures for
 * docs/models/scar.md. */
static void soft_fat_takes_a_part_of_the_lift(void **state) {
    static const double radii[] = {0.5, 1.25, 2.5};
    static const double measured[][2] = {{0.67, 1.11}, {0.42, 1.35}, {0.35, 1.74}};
    (void)state;
    for (size_t c = 0; c < 3; c++) {
        double same, soft, upper, rim[3];
        skin s = {radii[c], 80, 80, 0.45, 1.3, 8, 1.3, 20, 0.1, 5};
        lift_on_fat(&s, &same, &rim[0]);
        s.fat = 4;
        lift_on_fat(&s, &soft, &rim[1]);
        s.grown_mm = 0.7;
        lift_on_fat(&s, &upper, &rim[2]);
        print_message("# radius %.2f mm: lift of the middle relative to the kernel's: one "
                      "stiffness %.3f, on fat %.3f, "
                      "on fat with growth in the upper half %.3f; relative to skin 1.6 half-widths "
                      "away %.3f, %.3f, %.3f\n",
                      radii[c], same, soft, upper, rim[0], rim[1], rim[2]);
        /* the mesh, and the sides at 20 mm; then the figures as the page has them */
        CHECK_CLOSE(same, 1, 0.03);
        CHECK_CLOSE(soft, measured[c][0], 0.01);
        CHECK_CLOSE(upper, measured[c][1], 0.01);
    }
}

T_MAIN(CASE(a_wave_of_growth_lifts_as_in_the_solid), CASE(a_brick_lifts_as_in_a_box_that_grows),
       CASE(soft_fat_takes_a_part_of_the_lift))
