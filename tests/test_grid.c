/* Diffusion on a grid against closed forms, its plain definition, and what must not change. */
#include "t.h"
#include <cit/num.h>
#include <math.h>
#include <stdlib.h>

#define PI 3.14159265358979323846

/* ---- helpers ----------------------------------------------------------------------------------- */

static cit_grid grid_of(int nx, int ny, int nz, double dx, double dy, double dz) {
    cit_grid g;
    cit_errors errs = {0};
    CHECK(cit_grid_make(nx, ny, nz, dx, dy, dz, &g, &errs) == CIT_OK, "%s", errs.items[0].text);
    return g;
}

static void *fields_of(const cit_grid *g, cit_precision precision) {
    void *u = NULL;
    cit_errors errs = {0};
    CHECK(cit_fields_new(g, 1, precision, &u, &errs) == CIT_OK, "%s", errs.items[0].text);
    return u;
}

static double *field_of(const cit_grid *g) { return fields_of(g, CIT_DOUBLE); }

static cit_diffusion *diffusion_of(const cit_grid *g, const cit_diffusion_options *o) {
    cit_diffusion *d = NULL;
    cit_errors errs = {0};
    CHECK(cit_diffusion_new(g, o, &d, &errs) == CIT_OK, "%s", errs.items[0].text);
    return d;
}

static cit_diffusion_options best(void) {
    return (cit_diffusion_options){.instructions = cit_instructions_best(), .threads = 2};
}

static size_t at(const cit_grid *g, int i, int j, int k) {
    return (size_t)i + (size_t)j * g->row + (size_t)k * g->plane;
}

#define EACH(g, i, j, k)                                                                           \
    for (int k = 0; k < (g)->nz; k++)                                                              \
        for (int j = 0; j < (g)->ny; j++)                                                          \
            for (int i = 0; i < (g)->nx; i++)

/* A number in (0, 1) that belongs to a voxel. */
static double noise(const char *name, const cit_grid *g, int i, int j, int k) {
    return cit_random(7, (uint32_t)k, cit_random_stream(name), (uint32_t)(i + j * g->nx));
}

static double *noisy_field(const char *name, const cit_grid *g) {
    double *u = field_of(g);
    EACH(g, i, j, k) u[at(g, i, j, k)] = noise(name, g, i, j, k);
    return u;
}

static double worst_difference(const cit_grid *g, const double *a, const double *b) {
    double worst = 0;
    EACH(g, i, j, k) {
        const double off = fabs(a[at(g, i, j, k)] - b[at(g, i, j, k)]);
        if (!(off <= worst)) worst = off;
    }
    return worst;
}

static double total(const cit_grid *g, const double *v, const double *u) {
    double sum = 0, lost = 0;
    EACH(g, i, j, k) {
        const double term = (v != NULL ? v[at(g, i, j, k)] : 1) * u[at(g, i, j, k)] - lost;
        const double next = sum + term;
        lost = (next - sum) - term;
        sum = next;
    }
    return sum;
}

static void to_single(const cit_grid *g, const double *from, float *to) {
    for (size_t i = 0; i < g->field; i++) to[i] = (float)from[i];
}

static void to_double(const cit_grid *g, const float *from, double *to) {
    for (size_t i = 0; i < g->field; i++) to[i] = (double)from[i];
}

/* ---- modes ------------------------------------------------------------------------------------- */

/* -A of a mode of m half waves (closed) or waves (periodic) across n voxels. */
static double eigenvalue(double d, double h, int n, double half_waves) {
    const double s = sin(0.5 * PI * half_waves / n);
    return 4 * d / (h * h) * s * s;
}

typedef struct modes {
    cit_grid grid;
    cit_diffusion_options options;
    double l[3]; /* eigenvalue of each direction */
    double *u;
} modes;

static modes mode_of(const cit_grid *g, cit_diffusion_options o, const int waves[3]) {
    modes m = {*g, o, {0}, field_of(g)};
    const int n[] = {g->nx, g->ny, g->nz};
    const double h[] = {g->dx, g->dy, g->dz};
    double phase[3];
    for (int a = 0; a < 3; a++) {
        const bool cyclic = (a == 0   ? o.edge_x
                             : a == 1 ? o.edge_y
                                      : CIT_EDGE_CLOSED) == CIT_EDGE_PERIODIC;
        phase[a] = (cyclic ? 2 : 1) * waves[a];
        m.l[a] = eigenvalue(o.d, h[a], n[a], phase[a]);
    }
    EACH(g, i, j, k)
    m.u[at(g, i, j, k)] = cos(PI * phase[0] * (i + 0.5) / g->nx) *
                          cos(PI * phase[1] * (j + 0.5) / g->ny) *
                          cos(PI * phase[2] * (k + 0.5) / g->nz);
    return m;
}

static void check_mode(const cit_grid *g, cit_diffusion_options o, const int waves[3]) {
    const modes m = mode_of(g, o, waves);
    const double a = 0.7, c = 0.3, s = -1.5;
    cit_diffusion *d = diffusion_of(g, &o);
    double *out = field_of(g), *want = field_of(g);
    cit_diffusion_apply(d, s, m.u, out);
    for (size_t i = 0; i < g->field; i++) want[i] = -s * (m.l[0] + m.l[1] + m.l[2]) * m.u[i];
    CHECK_CLOSE(worst_difference(g, out, want), 0, 1e-13 * (1 + 4 * o.d / (g->dx * g->dx)));
    const double factor = 1 / ((1 + a * m.l[0]) * (1 + a * m.l[1]) * (1 + a * m.l[2]) * (1 + c));
    for (size_t i = 0; i < g->field; i++) want[i] = factor * m.u[i];
    cit_diffusion_solve(d, a, c, m.u);
    CHECK_CLOSE(worst_difference(g, m.u, want), 0, 2e-15);
    cit_diffusion_free(d);
    free(out);
    free(want);
    free(m.u);
}

static void cosine_modes_have_their_discrete_eigenvalues(void **state) {
    const cit_grid g = grid_of(19, 22, 13, 0.5, 0.4, 0.25), even = grid_of(16, 32, 8, 1, 1, 1);
    static const int waves[][3] = {{1, 0, 0}, {0, 2, 0}, {0, 0, 3}, {4, 3, 2}, {18, 21, 12}};
    (void)state;
    for (size_t i = 0; i < sizeof waves / sizeof *waves; i++) {
        cit_diffusion_options o = best();
        o.d = 0.3;
        check_mode(&g, o, waves[i]);
        o.instructions = CIT_PORTABLE;
        check_mode(&g, o, waves[i]);
        if (i < 4) check_mode(&even, o, waves[i]);
    }
}

static void periodic_modes_have_their_discrete_eigenvalues(void **state) {
    const cit_grid g = grid_of(19, 22, 13, 0.5, 0.4, 0.25);
    static const int waves[][3] = {{1, 0, 0}, {0, 2, 0}, {5, 3, 2}, {9, 11, 12}};
    (void)state;
    for (size_t i = 0; i < sizeof waves / sizeof *waves; i++) {
        cit_diffusion_options o = best();
        o.d = 0.3;
        o.edge_x = CIT_EDGE_PERIODIC;
        check_mode(&g, o, waves[i]);
        o.edge_y = CIT_EDGE_PERIODIC;
        check_mode(&g, o, waves[i]);
        o.edge_x = CIT_EDGE_CLOSED;
        check_mode(&g, o, waves[i]);
    }
}

/* The error of A at a smooth function that is closed at the edges. */
static double operator_error(int n) {
    const cit_grid g = grid_of(n, n, n, 1.0 / n, 1.0 / n, 1.0 / n);
    cit_diffusion_options o = best();
    o.d = 1;
    const modes m = mode_of(&g, o, (const int[]){1, 2, 1});
    cit_diffusion *d = diffusion_of(&g, &o);
    double *out = field_of(&g), *want = field_of(&g);
    cit_diffusion_apply(d, 1, m.u, out);
    for (size_t i = 0; i < g.field; i++) want[i] = -6 * PI * PI * m.u[i];
    const double error = worst_difference(&g, out, want);
    cit_diffusion_free(d);
    free(out);
    free(want);
    free(m.u);
    return error;
}

static void space_is_of_second_order(void **state) {
    (void)state;
    const double coarse = operator_error(16), fine = operator_error(32);
    CHECK(log2(coarse / fine) > 1.95, "order %.3f", log2(coarse / fine));
}

/* ---- against the plain definition -------------------------------------------------------------- */

/* BY_DIP: layers, and a bowl in the top, so that some lines meet v < 1 and others do not. */
enum { BY_CONSTANT, BY_LAYERS, BY_VOXELS, BY_VIABLE, BY_BOTH, BY_DIP, SORTS };

/* A bowl of open space around a place of the top, a third of the box wide and deep. */
static void dip(const cit_grid *g, double x, double y, double *v) {
    EACH(g, i, j, k) {
        const double a = (i + 0.5 - x * g->nx) / (0.3 * g->nx + 0.5),
                     b = (j + 0.5 - y * g->ny) / (0.3 * g->ny + 0.5);
        const double below = k + 1 - (0.4 * g->nz + 0.2) * (1 - a * a - b * b);
        v[at(g, i, j, k)] = below > 1 ? 1 : below > 0.01 ? below : 0;
    }
}

typedef struct tissue {
    cit_grid grid;
    double *layers, *voxels, *viable;
    cit_diffusion_options options;
} tissue;

static tissue tissue_of(const cit_grid *g, int sort, cit_edge edge_x, cit_edge edge_y,
                        double bottom) {
    tissue t = {.grid = *g, .options = best()};
    t.layers = malloc((size_t)g->nz * sizeof *t.layers);
    t.voxels = noisy_field("voxels", g);
    t.viable = noisy_field("viable", g);
    CHECK(t.layers != NULL, "no memory");
    for (int k = 0; k < g->nz; k++)
        t.layers[k] = k % 5 == 3 ? 0 : 0.1 + noise("layers", g, 0, 0, k);
    EACH(g, i, j, k) {
        const size_t here = at(g, i, j, k);
        if (t.voxels[here] < 0.1) t.voxels[here] = 0;
        if (t.viable[here] < 0.15) t.viable[here] = 0;
        if (t.viable[here] > 0.6) t.viable[here] = 1;
    }
    t.options.d = 0.4;
    t.options.edge_x = edge_x;
    t.options.edge_y = edge_y;
    t.options.edge_value = edge_x == CIT_EDGE_VALUE || edge_y == CIT_EDGE_VALUE ? 0.8 : 0;
    t.options.bottom = bottom;
    if (sort == BY_DIP) dip(g, 0.6, 0.4, t.viable);
    if (sort == BY_LAYERS || sort == BY_DIP) t.options.layers = t.layers;
    if (sort == BY_VOXELS || sort == BY_BOTH) t.options.voxels = t.voxels;
    if (sort == BY_VIABLE || sort == BY_BOTH || sort == BY_DIP) t.options.viable = t.viable;
    return t;
}

static void tissue_free(tissue *t) {
    free(t->layers);
    free(t->voxels);
    free(t->viable);
}

/* The three directions one after another, rows in uneven blocks and from the last. */
static void solve_by_lines(const cit_diffusion *d, const cit_grid *g, double a, void *x) {
    enum { BLOCK = 7 };
    cit_errors errs = {0};
    cit_lines *l = NULL;
    CHECK(cit_lines_new(d, &l, &errs) == CIT_OK, "%s", errs.items[0].text);
    cit_lines_set(l, a);
    for (int k = 0; k < g->nz; k++)
        for (int to = g->ny; to > 0; to -= BLOCK)
            cit_lines_x(l, x, k, to > BLOCK ? to - BLOCK : 0, to);
    for (int k = 0; k < g->nz; k++) cit_lines_y(l, x, k);
    for (int j = 0; j < g->ny; j++) cit_lines_z(l, x, j);
    cit_lines_free(l);
}

static void check_lines(const tissue *t, const cit_diffusion *d, double a, double allowed) {
    const cit_grid *g = &t->grid;
    const bool single = t->options.precision == CIT_SINGLE;
    double *u = noisy_field("u", g), *plain = noisy_field("u", g);
    void *own = fields_of(g, t->options.precision);
    cit_errors errs = {0};
    if (single) to_single(g, u, own);
    solve_by_lines(d, g, a, single ? own : u);
    if (single) to_double(g, own, u);
    CHECK(cit_diffusion_solve_plain(g, &t->options, a, 0, plain, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    const double off = worst_difference(g, u, plain);
    CHECK(off <= allowed, "lines, %d x %d x %d, edges %d %d: off by %.3g, allowed %g", g->nx, g->ny,
          g->nz, t->options.edge_x, t->options.edge_y, off, allowed);
    free(u);
    free(plain);
    free(own);
}

/* Worst difference to the plain ones, of apply and of solve, over the largest number there is. */
static void check_against_plain(const tissue *t, double a, double c, double allowed) {
    const cit_grid *g = &t->grid;
    const bool single = t->options.precision == CIT_SINGLE;
    double *u = noisy_field("u", g), *plain = noisy_field("out", g), *got = noisy_field("out", g);
    void *u_own = fields_of(g, t->options.precision), *out_own = fields_of(g, t->options.precision);
    cit_errors errs = {0};
    cit_diffusion *d = diffusion_of(g, &t->options);
    const double s = 0.01;

    if (single) {
        to_single(g, u, u_own);
        to_single(g, got, out_own);
    }
    cit_diffusion_apply(d, s, single ? u_own : u, single ? out_own : got);
    if (single) to_double(g, out_own, got);
    CHECK(cit_diffusion_apply_plain(g, &t->options, s, u, plain, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    const double apply_error = worst_difference(g, got, plain);
    CHECK(apply_error <= allowed, "apply, %d x %d x %d, edges %d %d: off by %.3g, allowed %g",
          g->nx, g->ny, g->nz, t->options.edge_x, t->options.edge_y, apply_error, allowed);

    memcpy(plain, u, g->field * sizeof *u);
    cit_diffusion_solve(d, a, c, single ? u_own : u);
    if (single) to_double(g, u_own, u);
    CHECK(cit_diffusion_solve_plain(g, &t->options, a, c, plain, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    const double solve_error = worst_difference(g, u, plain);
    CHECK(solve_error <= allowed, "solve, %d x %d x %d, edges %d %d: off by %.3g, allowed %g",
          g->nx, g->ny, g->nz, t->options.edge_x, t->options.edge_y, solve_error, allowed);
    check_lines(t, d, a, allowed);
    cit_diffusion_free(d);
    free(u);
    free(plain);
    free(got);
    free(u_own);
    free(out_own);
}

static const int sizes[][3] = {{1, 1, 1},  {1, 1, 9},   {7, 1, 1},  {1, 11, 1}, {2, 2, 2},
                               {3, 17, 5}, {16, 16, 4}, {17, 9, 8}, {31, 5, 3}, {33, 18, 2}};
enum { SIZES = sizeof sizes / sizeof *sizes, EDGES = 3 };

static void check_all_sorts(cit_precision precision, cit_instructions set, double allowed) {
    if (!cit_instructions_here(set)) return;
    for (int i = 0; i < SIZES; i++)
        for (int sort = 0; sort < SORTS; sort++)
            for (int edges = 0; edges < EDGES * EDGES; edges++) {
                const cit_grid g = grid_of(sizes[i][0], sizes[i][1], sizes[i][2], 0.5, 0.7, 0.3);
                tissue t = tissue_of(&g, sort, (cit_edge)(edges % EDGES), (cit_edge)(edges / EDGES),
                                     edges % 2 == 0 ? 0 : 0.6);
                t.options.precision = precision;
                t.options.instructions = set;
                check_against_plain(&t, 0.3, 0.2, allowed);
                tissue_free(&t);
            }
}

static void double_agrees_with_the_plain_definition(void **state) {
    (void)state;
    for (int set = 0; set < CIT_INSTRUCTION_SETS; set++)
        check_all_sorts(CIT_DOUBLE, (cit_instructions)set, 2e-14);
}

static void single_agrees_with_the_plain_definition(void **state) {
    (void)state;
    for (int set = 0; set < CIT_INSTRUCTION_SETS; set++)
        check_all_sorts(CIT_SINGLE, (cit_instructions)set, 2e-6);
}

/* In the middle, at edges and in a corner; beside it lines that do not meet it, in grids thin and thick. */
static void a_dip_anywhere_agrees_with_the_plain_definition(void **state) {
    static const int n[][3] = {{45, 37, 5}, {70, 1, 9}, {1, 70, 9}, {41, 39, 1}};
    static const double places[][2] = {{0.5, 0.5}, {0, 0.5}, {0.5, 1}, {1, 0}};
    (void)state;
    for (int size = 0; size < 4; size++)
        for (int place = 0; place < 4; place++)
            for (int precision = 0; precision < 2; precision++) {
                const cit_grid g = grid_of(n[size][0], n[size][1], n[size][2], 0.5, 0.7, 0.3);
                tissue t = tissue_of(&g, BY_DIP, (cit_edge)(place % EDGES),
                                     (cit_edge)((place + size) % EDGES), place < 2 ? 0.6 : 0);
                dip(&g, places[place][0], places[place][1], t.viable);
                t.options.precision = (cit_precision)precision;
                check_against_plain(&t, 0.3, 0.2, precision == CIT_SINGLE ? 2e-6 : 2e-14);
                tissue_free(&t);
            }
}

static void long_steps_agree_with_the_plain_definition(void **state) {
    const cit_grid g = grid_of(21, 18, 11, 0.1, 0.1, 0.1);
    (void)state;
    for (int sort = 0; sort < SORTS; sort++) {
        tissue t = tissue_of(&g, sort, CIT_EDGE_CLOSED, CIT_EDGE_PERIODIC, 0.6);
        check_against_plain(&t, 100, 0,
                            1e-11); /* a D / h^2 is 10^4; a dense matrix loses as much */
        tissue_free(&t);
    }
}

/* ---- what must not change ---------------------------------------------------------------------- */

static void a_uniform_field_does_not_move(void **state) {
    const cit_grid g = grid_of(21, 10, 6, 0.3, 0.2, 0.1);
    (void)state;
    for (int sort = 0; sort < SORTS; sort++)
        for (int edge = 0; edge < EDGES; edge++)
            for (int precision = 0; precision < 2; precision++) {
                tissue t = tissue_of(&g, sort, (cit_edge)edge, (cit_edge)edge, 0);
                t.options.edge_value = 1 / 3.0;
                t.options.precision = (cit_precision)precision;
                cit_diffusion *d = diffusion_of(&g, &t.options);
                double *u = fields_of(&g, CIT_DOUBLE), *out = fields_of(&g, CIT_DOUBLE);
                EACH(&g, i, j, k) {
                    if (precision == CIT_SINGLE)
                        ((float *)(void *)u)[at(&g, i, j, k)] = (float)(1 / 3.0);
                    else
                        u[at(&g, i, j, k)] = 1 / 3.0;
                }
                cit_diffusion_apply(d, 1e6, u, out);
                EACH(&g, i, j, k) {
                    const double moved = precision == CIT_SINGLE
                                             ? (double)((float *)(void *)out)[at(&g, i, j, k)]
                                             : out[at(&g, i, j, k)];
                    CHECK(moved == 0, "sort %d, edge %d: %g", sort, edge, moved);
                }
                cit_diffusion_free(d);
                free(u);
                free(out);
                tissue_free(&t);
            }
}

/* By sort, over 20 long steps. */
static void the_viable_total_is_kept(void **state) {
    const cit_grid g = grid_of(37, 21, 18, 0.1, 0.1, 0.05);
    (void)state;
    for (int sort = 0; sort < SORTS; sort++)
        for (int edge = CIT_EDGE_CLOSED; edge <= CIT_EDGE_PERIODIC; edge++) {
            tissue t = tissue_of(&g, sort, (cit_edge)edge, CIT_EDGE_CLOSED, 0);
            const double *v = t.options.viable;
            cit_diffusion *d = diffusion_of(&g, &t.options);
            double *u = noisy_field("u", &g), *out = field_of(&g);
            const double before = total(&g, v, u);
            for (int step = 0; step < 20; step++) cit_diffusion_solve(d, 0.5, 0, u);
            CHECK_CLOSE(total(&g, v, u) / before, 1, 2e-13);
            cit_diffusion_apply(d, 1, u, out);
            CHECK_CLOSE(total(&g, v, out), 0, 1e-9);
            cit_diffusion_free(d);
            free(u);
            free(out);
            tissue_free(&t);
        }
}

static void what_does_not_diffuse_keeps_its_bits(void **state) {
    const cit_grid g = grid_of(21, 10, 6, 0.3, 0.2, 0.1);
    cit_diffusion_options o = best();
    double *u = noisy_field("u", &g), *kept = noisy_field("u", &g), *out = field_of(&g);
    (void)state;
    cit_diffusion *d = diffusion_of(&g, &o);
    cit_diffusion_solve(d, 3, 0, u);
    CHECK_CLOSE(worst_difference(&g, u, kept), 0, 0);
    cit_diffusion_apply(d, 3, u, out);
    CHECK_CLOSE(total(&g, NULL, out), 0, 0);
    cit_diffusion_solve(d, 3, 0.25, u);
    EACH(&g, i, j, k) CHECK_CLOSE(u[at(&g, i, j, k)], kept[at(&g, i, j, k)] / 1.25, 2e-16);
    cit_diffusion_free(d);
    o.d = 1;
    d = diffusion_of(&g, &o);
    memcpy(u, kept, g.field * sizeof *u);
    cit_diffusion_solve(d, 0, 0, u);
    CHECK_CLOSE(worst_difference(&g, u, kept), 0, 0);
    cit_diffusion_free(d);
    free(u);
    free(kept);
    free(out);
}

static void dead_voxels_are_walls(void **state) {
    const cit_grid g = grid_of(20, 9, 7, 1, 1, 1);
    cit_diffusion_options o = best();
    double *v = field_of(&g), *u = noisy_field("u", &g), *kept = noisy_field("u", &g);
    (void)state;
    EACH(&g, i, j, k) v[at(&g, i, j, k)] = i == 10 ? 0 : 1;
    o.d = 5;
    o.viable = v;
    cit_diffusion *d = diffusion_of(&g, &o);
    EACH(&g, i, j, k) if (i < 10) u[at(&g, i, j, k)] = 0;
    for (int step = 0; step < 5; step++) cit_diffusion_solve(d, 10, 0, u);
    EACH(&g, i, j, k) {
        const double x = u[at(&g, i, j, k)];
        if (i < 10) CHECK(x == 0, "%g came through", x);
        if (i == 10) CHECK(x == kept[at(&g, i, j, k)], "the wall has %g", x);
    }
    cit_diffusion_free(d);
    free(v);
    free(u);
    free(kept);
}

/* u(x, y, z) reflected, and with x and y exchanged. */
static void mirrors_and_turns_change_nothing(void **state) {
    const cit_grid g = grid_of(18, 18, 11, 0.2, 0.2, 0.3);
    (void)state;
    for (int sort = BY_CONSTANT; sort <= BY_LAYERS; sort++)
        for (int turn = 0; turn < 2; turn++) {
            tissue t = tissue_of(&g, sort, CIT_EDGE_CLOSED, CIT_EDGE_CLOSED, 0.2);
            cit_diffusion *d = diffusion_of(&g, &t.options);
            double *u = noisy_field("u", &g), *w = field_of(&g), *u_out = field_of(&g),
                   *w_out = field_of(&g), *back = field_of(&g);
            EACH(&g, i, j, k)
            w[turn ? at(&g, j, i, k) : at(&g, g.nx - 1 - i, g.ny - 1 - j, k)] = u[at(&g, i, j, k)];
            cit_diffusion_apply(d, 1, u, u_out);
            cit_diffusion_apply(d, 1, w, w_out);
            EACH(&g, i, j, k)
            back[at(&g, i, j, k)] =
                w_out[turn ? at(&g, j, i, k) : at(&g, g.nx - 1 - i, g.ny - 1 - j, k)];
            CHECK_CLOSE(worst_difference(&g, back, u_out), 0, 1e-12);
            cit_diffusion_solve(d, 2, 0, u);
            cit_diffusion_solve(d, 2, 0, w);
            EACH(&g, i, j, k)
            back[at(&g, i, j, k)] =
                w[turn ? at(&g, j, i, k) : at(&g, g.nx - 1 - i, g.ny - 1 - j, k)];
            CHECK_CLOSE(worst_difference(&g, back, u), 0, 1e-14);
            cit_diffusion_free(d);
            free(u);
            free(w);
            free(u_out);
            free(w_out);
            free(back);
            tissue_free(&t);
        }
}

/* ---- steady states ----------------------------------------------------------------------------- */

/* A column with flux q in at the top: u falls by q dz (1/2D + 1/2D') from layer to layer, and ends at
 * q / h + q dz / 2D above the bottom. The source is q / dz in the first layer: A u = -q / dz there, else 0. */
static void layers_and_bottom_have_their_exact_steady_state(void **state) {
    enum { N = 14 };
    const cit_grid g = grid_of(3, 2, N, 1, 1, 0.1);
    const double q = 0.3, h = 0.8;
    double layers[N], u_exact[N];
    (void)state;
    for (int k = 0; k < N; k++) layers[k] = k < 5 ? 0.03 : k < 9 ? 0.5 : 0.11;
    u_exact[N - 1] = q / h + q * g.dz / 2 / layers[N - 1];
    for (int k = N - 2; k >= 0; k--)
        u_exact[k] = u_exact[k + 1] + q * g.dz / 2 * (1 / layers[k] + 1 / layers[k + 1]);
    cit_diffusion_options o = best();
    o.layers = layers;
    o.bottom = h;
    cit_diffusion *d = diffusion_of(&g, &o);
    double *u = field_of(&g), *out = field_of(&g);
    EACH(&g, i, j, k) u[at(&g, i, j, k)] = u_exact[k];
    cit_diffusion_apply(d, 1, u, out);
    EACH(&g, i, j, k) CHECK_CLOSE(out[at(&g, i, j, k)], k == 0 ? -q / g.dz : 0, 1e-12);
    /* Implicit steps from nothing, of 1 at first and then 10^4, come to it. */
    EACH(&g, i, j, k) u[at(&g, i, j, k)] = 0;
    for (int step = 0; step < 30; step++) {
        const double a = step < 5 ? 1 : 1e4;
        EACH(&g, i, j, k) if (k == 0) u[at(&g, i, j, k)] += a * q / g.dz;
        cit_diffusion_solve(d, a, 0, u);
    }
    EACH(&g, i, j, k) CHECK_CLOSE(u[at(&g, i, j, k)] / u_exact[k], 1, 1e-10);
    cit_diffusion_free(d);
    free(u);
    free(out);
}

/* Between walls of 0 with a source of 1: u = x (L - x) / 2D, which the scheme gives up to h^2 / 8D. */
static void edges_of_a_value_have_their_parabola(void **state) {
    const cit_grid g = grid_of(1, 40, 1, 1, 0.05, 1);
    cit_diffusion_options o = best();
    o.d = 0.7;
    o.edge_y = CIT_EDGE_VALUE;
    o.edge_value = 3;
    cit_diffusion *d = diffusion_of(&g, &o);
    double *u = field_of(&g), *out = field_of(&g);
    (void)state;
    for (int j = 0; j < 40; j++) {
        const double y = (j + 0.5) * g.dy;
        u[at(&g, 0, j, 0)] = 3 + y * (2 - y) / 2 / o.d + g.dy * g.dy / 8 / o.d;
    }
    cit_diffusion_apply(d, 1, u, out);
    for (int j = 0; j < 40; j++) CHECK_CLOSE(out[at(&g, 0, j, 0)], -1, 1e-11);
    cit_diffusion_free(d);
    free(u);
    free(out);
}

/* u = cos(pi x) w(z) between layers of D = 1 and 4 that meet at z = 1/2, w' D continuous: the error of the solution
 * of (1 - a A) u = f with f exact, by solving along z alone (waves in x by their own eigenvalue). */
static double layered_error(int n) {
    const cit_grid g = grid_of(4, 3, n, 0.25, 1, 1.0 / n);
    double *layers = malloc((size_t)n * sizeof *layers), *u = field_of(&g), worst = 0;
    const double a = 0.05;
    CHECK(layers != NULL, "no memory");
    for (int k = 0; k < n; k++) layers[k] = k < n / 2 ? 1 : 4;
    cit_diffusion_options o = best();
    o.layers = layers;
    cit_diffusion *d = diffusion_of(&g, &o);
    /* w = cos(pi z) above; below 1/4 of its slope: w = cos(pi z) / 4 + 3/4 cos(pi/2). D w' is continuous, 0 at
     * both ends, and (D w')' = -pi^2 cos(pi z) in both. */
    EACH(&g, i, j, k) {
        const double z = (k + 0.5) / n, w = k < n / 2 ? cos(PI * z) : cos(PI * z) / 4;
        u[at(&g, i, j, k)] = w + a * PI * PI * cos(PI * z);
    }
    cit_diffusion_solve(d, a, 0, u);
    EACH(&g, i, j, k) {
        const double z = (k + 0.5) / n, w = k < n / 2 ? cos(PI * z) : cos(PI * z) / 4;
        worst = fmax(worst, fabs(u[at(&g, i, j, k)] - w));
    }
    cit_diffusion_free(d);
    free(layers);
    free(u);
    return worst;
}

static void layers_are_of_second_order(void **state) {
    (void)state;
    const double coarse = layered_error(32), fine = layered_error(64);
    CHECK(log2(coarse / fine) > 1.9, "order %.3f: %.3g, %.3g", log2(coarse / fine), coarse, fine);
}

/* ---- threads ----------------------------------------------------------------------------------- */

static void check_threads(int sort, cit_precision precision) {
    static const int threads[] = {1, 2, 3, 8};
    const cit_grid g = grid_of(29, 19, 13, 0.1, 0.2, 0.1);
    void *first = NULL;
    for (int i = 0; i < 4; i++) {
        tissue t = tissue_of(&g, sort, CIT_EDGE_CLOSED, CIT_EDGE_PERIODIC, 0.6);
        t.options.threads = threads[i];
        t.options.precision = precision;
        cit_diffusion *d = diffusion_of(&g, &t.options);
        double *u = noisy_field("u", &g);
        void *x = fields_of(&g, precision), *out = fields_of(&g, precision);
        if (precision == CIT_SINGLE)
            to_single(&g, u, x);
        else
            memcpy(x, u, g.field * sizeof *u);
        for (int step = 0; step < 3; step++) {
            cit_lod *lod = NULL;
            cit_errors errs = {0};
            cit_diffusion_apply(d, 0.01, x, out);
            cit_diffusion_solve(d, 0.3, 0.1, x);
            CHECK(cit_lod_new(&d, (const double[]){0.3}, 1, 0.1, &lod, &errs) == CIT_OK, "%s",
                  errs.items[0].text);
            cit_lod_run(lod, &x, 3, CIT_LOD_XYZ);
            cit_lod_run(lod, &x, 4, CIT_LOD_ALTERNATING);
            cit_lod_free(lod);
        }
        if (first == NULL) {
            first = fields_of(&g, precision);
            memcpy(first, x, g.field * (precision == CIT_SINGLE ? 4 : 8));
        }
        const size_t real = precision == CIT_SINGLE ? sizeof(float) : sizeof(double);
        EACH(&g, l, j, k)
        CHECK(memcmp((char *)x + real * at(&g, l, j, k), (char *)first + real * at(&g, l, j, k),
                     real) == 0,
              "%d threads: another number at %d, %d, %d", threads[i], l, j, k);
        cit_diffusion_free(d);
        free(u);
        free(x);
        free(out);
        tissue_free(&t);
    }
    free(first);
}

static void threads_change_no_bit(void **state) {
    (void)state;
    for (int sort = 0; sort < SORTS; sort++)
        for (int precision = 0; precision < 2; precision++)
            check_threads(sort, (cit_precision)precision);
}

/* ---- steps of backward Euler ------------------------------------------------------------------- */

enum { FIELDS = 3 };

/* Modes after some steps, in their closed form: each direction divides by 1 + decay h / 3 + h times its
 * eigenvalue. */
static void check_lod_modes(int steps, cit_lod_order order, double allowed) {
    const cit_grid g = grid_of(22, 17, 9, 20, 20, 20);
    static const double d[FIELDS] = {1e4, 300, 0}, decay[FIELDS] = {0.1, 0, 0.5};
    static const int waves[3] = {1, 2, 3};
    const double h = 0.02;
    cit_diffusion *diffusion[FIELDS];
    modes m[FIELDS];
    void *u[FIELDS];
    cit_lod *lod = NULL;
    cit_errors errs = {0};
    double *start = NULL;
    for (int f = 0; f < FIELDS; f++) {
        cit_diffusion_options o = best();
        o.d = d[f];
        m[f] = mode_of(&g, o, waves);
        diffusion[f] = diffusion_of(&g, &o);
        u[f] = m[f].u;
    }
    start = mode_of(&g, m[0].options, waves).u;
    CHECK(cit_lod_new(diffusion, decay, FIELDS, h, &lod, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    cit_lod_run(lod, u, steps, order);
    for (int f = 0; f < FIELDS; f++) {
        double factor = 1;
        for (int a = 0; a < 3; a++) factor /= pow(1 + h * decay[f] / 3 + h * m[f].l[a], steps);
        EACH(&g, i, j, k)
        CHECK_CLOSE(m[f].u[at(&g, i, j, k)], factor * start[at(&g, i, j, k)], allowed);
        free(m[f].u);
        cit_diffusion_free(diffusion[f]);
    }
    cit_lod_free(lod);
    free(start);
}

static void steps_have_their_closed_form(void **state) {
    (void)state;
    for (int steps = 0; steps <= 5; steps++) {
        check_lod_modes(steps, CIT_LOD_XYZ, 1e-14);
        check_lod_modes(steps, CIT_LOD_ALTERNATING, 1e-14);
    }
}

/* Where directions do not commute both orders converge to the same, the first at order 1. */
static void check_step_order(int sort) {
    const cit_grid g = grid_of(20, 13, 9, 0.1, 0.1, 0.1);
    tissue t = tissue_of(&g, sort, CIT_EDGE_CLOSED, CIT_EDGE_PERIODIC, 0.5);
    cit_diffusion *d = diffusion_of(&g, &t.options);
    double error[2][2], *fine = NULL;
    for (int run = 0; run < 5; run++) {
        const int steps = run == 0 ? 800 : run < 3 ? 50 : 100;
        void *u = noisy_field("u", &g);
        cit_lod *lod = NULL;
        cit_errors errs = {0};
        CHECK(cit_lod_new(&d, (const double[]){0.4}, 1, 0.02 / steps, &lod, &errs) == CIT_OK, "%s",
              errs.items[0].text);
        cit_lod_run(lod, &u, steps, run % 2 == 0 ? CIT_LOD_ALTERNATING : CIT_LOD_XYZ);
        cit_lod_free(lod);
        if (run == 0) {
            fine = u;
            continue;
        }
        error[run % 2][run > 2] = worst_difference(&g, u, fine);
        free(u);
    }
    for (int order = 0; order < 2; order++) {
        const double got = log2(error[order][0] / error[order][1]);
        CHECK(got > 0.9 && got < 1.3, "sort %d, order %d: %.3f, %.3g", sort, order, got,
              error[order][0]);
    }
    free(fine);
    cit_diffusion_free(d);
    tissue_free(&t);
}

static void both_orders_converge_to_the_same(void **state) {
    (void)state;
    for (int sort = 0; sort < SORTS; sort++) check_step_order(sort);
}

static void single_steps_stay_near(void **state) {
    const cit_grid g = grid_of(40, 40, 25, 20, 20, 20);
    (void)state;
    for (int order = CIT_LOD_XYZ; order <= CIT_LOD_ALTERNATING; order++) {
        double *u = noisy_field("u", &g), *got = field_of(&g);
        float *single = fields_of(&g, CIT_SINGLE);
        void *both[] = {u, single};
        to_single(&g, u, single);
        for (int precision = 0; precision < 2; precision++) {
            cit_diffusion_options o = best();
            cit_lod *lod = NULL;
            cit_errors errs = {0};
            o.d = 1e4;
            o.precision = (cit_precision)precision;
            cit_diffusion *d = diffusion_of(&g, &o);
            CHECK(cit_lod_new(&d, (const double[]){0.02}, 1, 0.01, &lod, &errs) == CIT_OK, "%s",
                  errs.items[0].text);
            cit_lod_run(lod, &both[precision], 40, (cit_lod_order)order);
            cit_lod_free(lod);
            cit_diffusion_free(d);
        }
        to_double(&g, single, got);
        CHECK_CLOSE(worst_difference(&g, u, got), 0, 2e-5);
        free(u);
        free(got);
        free(single);
    }
}

/* ---- refusals ---------------------------------------------------------------------------------- */

static void check_refused_grid(int nx, int ny, int nz, double dx, double dz, const char *says) {
    cit_errors errs = {0};
    cit_grid g = {.nx = -7};
    CHECK(cit_grid_make(nx, ny, nz, dx, 1, dz, &g, &errs) == CIT_INVALID, "accepted");
    CHECK(strstr(errs.items[0].text, says) != NULL, "said '%s', not '%s'", errs.items[0].text,
          says);
    CHECK(g.nx == -7, "the result was touched");
}

static void bad_grids_are_refused(void **state) {
    cit_errors errs = {0};
    void *u = NULL;
    (void)state;
    check_refused_grid(0, 1, 1, 1, 1, "1 voxel or more along x, not 0");
    check_refused_grid(1, 1, -3, 1, 1, "along z, not -3");
    check_refused_grid(1, 1, 1, 0, 1, "along x is a length above 0, not 0");
    check_refused_grid(1, 1, 1, 1, (double)NAN, "along z is a length above 0, not nan");
    check_refused_grid(1, 1, 1, 1, (double)INFINITY, "not inf");
    check_refused_grid(1, 1, 1, 1e-200, 1, "not 1e-200");
    check_refused_grid(2000000000, 2000000000, 2000000000, 1, 1, "take fewer or larger voxels");
    check_refused_grid(INT32_MAX, 100000, 1, 1, 1, "more than memory can address");
    const cit_grid large = grid_of(1000, 100000, 1000, 1, 1, 1);
    CHECK(cit_fields_new(&large, INT32_MAX, CIT_DOUBLE, &u, &errs) == CIT_INVALID, "accepted");
    CHECK(cit_fields_new(&large, 0, CIT_DOUBLE, &u, &errs) == CIT_INVALID, "no field accepted");
    CHECK(u == NULL, "the result was touched");
}

static void check_refused(const cit_grid *g, const cit_diffusion_options *o, const char *where,
                          const char *says) {
    cit_errors errs = {0};
    cit_diffusion *d = NULL;
    CHECK(cit_diffusion_new(g, o, &d, &errs) == CIT_INVALID, "accepted, wanted: %s", says);
    assert_string_equal(errs.items[0].where, where);
    CHECK(strstr(errs.items[0].text, says) != NULL, "said '%s', not '%s'", errs.items[0].text,
          says);
    CHECK(d == NULL, "the result was touched");
}

static void bad_options_are_refused(void **state) {
    const cit_grid g = grid_of(3, 2, 4, 1, 1, 1);
    double layers[] = {1, 1, -2, 1}, *voxels = field_of(&g), *viable = field_of(&g);
    cit_diffusion_options o = best();
    (void)state;
    o.d = -1;
    check_refused(&g, &o, "d", "0 or more, not -1");
    o.d = (double)NAN;
    check_refused(&g, &o, "d", "not nan");
    o.d = 1;
    o.bottom = -0.5;
    check_refused(&g, &o, "bottom", "0 or more, not -0.5");
    o.bottom = 0;
    o.edge_value = (double)INFINITY;
    check_refused(&g, &o, "edge_value", "not inf");
    o.edge_value = 0;
    o.threads = -2;
    check_refused(&g, &o, "threads", "not -2");
    o.threads = 1;
    o.layers = layers;
    check_refused(&g, &o, "layers", "layer 2: a diffusivity is 0 or more, not -2");
    o.voxels = voxels;
    layers[2] = 1;
    check_refused(&g, &o, "layers", "not both");
    o.layers = NULL;
    voxels[at(&g, 2, 1, 3)] = (double)NAN;
    check_refused(&g, &o, "voxels", "voxel 2, 1, 3: a diffusivity is 0 or more, not nan");
    voxels[at(&g, 2, 1, 3)] = 0;
    o.viable = viable;
    viable[at(&g, 1, 0, 2)] = 1.5;
    check_refused(&g, &o, "viable", "voxel 1, 0, 2: a viable share is from 0 to 1, not 1.5");
    o.viable = o.voxels = NULL;
    const cit_grid by_hand = {
        .nx = 3, .ny = 2, .nz = 4, .dx = 1, .dy = 1, .dz = 1, .row = 3, .plane = 6, .field = 24};
    check_refused(&by_hand, &o, "grid", "those of cit_grid_make");
    cit_diffusion_free(NULL);
    free(voxels);
    free(viable);
}

static void bad_steps_are_refused(void **state) {
    const cit_grid g = grid_of(3, 2, 4, 1, 1, 1), other = grid_of(3, 2, 5, 1, 1, 1);
    cit_diffusion_options o = best();
    cit_lod *lod = NULL;
    (void)state;
    o.d = 1;
    cit_diffusion *d[] = {diffusion_of(&g, &o), diffusion_of(&other, &o), NULL};
    o.edge_x = CIT_EDGE_VALUE;
    o.edge_value = 2;
    d[2] = diffusion_of(&g, &o);
    const struct {
        cit_diffusion *d[2];
        double decay, h;
        int count;
        const char *where;
    } bad[] = {{{d[0], d[0]}, 0, 1, 0, "count"},       {{d[0], d[0]}, 0, -1, 1, "h"},
               {{d[0], d[0]}, 0, (double)NAN, 1, "h"}, {{d[0], d[0]}, -1, 1, 1, "decay"},
               {{d[0], d[1]}, 0, 1, 2, "diffusion"},   {{d[2], d[2]}, 0, 1, 1, "edge_value"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cit_errors errs = {0};
        const double decay[] = {bad[i].decay, 0};
        CHECK(cit_lod_new(bad[i].d, decay, bad[i].count, bad[i].h, &lod, &errs) == CIT_INVALID,
              "case %zu accepted", i);
        assert_string_equal(errs.items[0].where, bad[i].where);
        CHECK(lod == NULL, "the result was touched");
    }
    cit_lod_free(NULL);
    for (int i = 0; i < 3; i++) cit_diffusion_free(d[i]);
}

T_MAIN(CASE(cosine_modes_have_their_discrete_eigenvalues),
       CASE(periodic_modes_have_their_discrete_eigenvalues), CASE(space_is_of_second_order),
       CASE(double_agrees_with_the_plain_definition), CASE(single_agrees_with_the_plain_definition),
       CASE(a_dip_anywhere_agrees_with_the_plain_definition),
       CASE(long_steps_agree_with_the_plain_definition), CASE(a_uniform_field_does_not_move),
       CASE(the_viable_total_is_kept), CASE(what_does_not_diffuse_keeps_its_bits),
       CASE(dead_voxels_are_walls), CASE(mirrors_and_turns_change_nothing),
       CASE(layers_and_bottom_have_their_exact_steady_state),
       CASE(edges_of_a_value_have_their_parabola), CASE(layers_are_of_second_order),
       CASE(threads_change_no_bit), CASE(steps_have_their_closed_form),
       CASE(both_orders_converge_to_the_same), CASE(single_steps_stay_near),
       CASE(bad_grids_are_refused), CASE(bad_options_are_refused), CASE(bad_steps_are_refused))
