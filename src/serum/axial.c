/* Skin around an axis: finite volumes in radius and depth, solved directly.
 *
 *     c_t = D (c_rr + c_r / r + c_zz) - k c
 *
 * Faces that are held are half a cell away from its middle; beyond open faces c falls as one over the distance
 * s from the middle of the lid, so that there c_n = -c (n . x) / s^2, which a disc's far field obeys to order
 * (r0 / s)^2. */
#include <cit/num.h>
#include <cit/serum.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

typedef struct grid {
    const cit_serum_axial *of;
    int n, width, step_r, step_z;       /* places of the neighbours in the matrix */
    double *matrix, *x, *held, *volume; /* held: inflow from faces that hold a value */
} grid;

static int place(const grid *g, int i, int j) { return i * g->step_r + j * g->step_z; }

static double radius(const cit_serum_axial *a, int i) {
    return 0.5 * (a->r_edges[i] + a->r_edges[i + 1]);
}
static double span(const double *edges, int i) { return edges[i + 1] - edges[i]; }

/* Area of the ring between r edges i and i + 1. */
static double ring(const cit_serum_axial *a, int i) {
    return 2 * pi * radius(a, i) * span(a->r_edges, i);
}
/* Area of the cylinder at r edge i beside z cell j. */
static double cylinder(const cit_serum_axial *a, int i, int j) {
    return 2 * pi * a->r_edges[i] * span(a->z_edges, j);
}

static double held_at(const double *values, int i) {
    return values != NULL ? values[i] : CIT_UNKNOWN_NUMBER;
}

/* What a face of this area leads to a value held on it. */
static double to_face(const cit_serum_axial *a, double area, double across) {
    return a->diffusion * area / (0.5 * across);
}

/* What an open face leads away: its outward part of the place x is `out`, its distance s. */
static double to_far(const cit_serum_axial *a, double area, double across, double out, double s2) {
    const double falls = out / s2;
    return a->diffusion * area * falls / (1 + 0.5 * across * falls);
}

static double *entry(grid *g, int row, int column) {
    return g->matrix + (size_t)row * (size_t)(2 * g->width + 1) + (column - row + g->width);
}

static void couple(grid *g, int p, int q, double lead) {
    *entry(g, p, p) += lead;
    *entry(g, q, q) += lead;
    *entry(g, p, q) -= lead;
    *entry(g, q, p) -= lead;
}

static double middle(const double *edges, int i) { return 0.5 * (edges[i] + edges[i + 1]); }

/* The cell's own clearance and what it exchanges with faces and with its neighbours outward and below. */
static void fill_cell(grid *g, int i, int j) {
    const cit_serum_axial *a = g->of;
    const int p = place(g, i, j);
    const double dr = span(a->r_edges, i), dz = span(a->z_edges, j);
    const double wall = i == 0 ? held_at(a->wall, j) : CIT_UNKNOWN_NUMBER,
                 lid = j == 0 ? held_at(a->lid, i) : CIT_UNKNOWN_NUMBER;
    g->volume[p] = ring(a, i) * dz;
    *entry(g, p, p) += a->clearance_per_day * g->volume[p];
    if (cit_known(wall)) {
        *entry(g, p, p) += to_face(a, cylinder(a, 0, j), dr);
        g->held[p] += to_face(a, cylinder(a, 0, j), dr) * wall;
    }
    if (cit_known(lid)) {
        *entry(g, p, p) += to_face(a, ring(a, i), dz);
        g->held[p] += to_face(a, ring(a, i), dz) * lid;
    }
    if (i + 1 < a->nr)
        couple(g, p, place(g, i + 1, j),
               a->diffusion * cylinder(a, i + 1, j) / (radius(a, i + 1) - radius(a, i)));
    else if (a->open) {
        const double r = a->r_edges[a->nr], z = middle(a->z_edges, j) - a->z_edges[0];
        *entry(g, p, p) += to_far(a, cylinder(a, a->nr, j), dr, r, r * r + z * z);
    }
    if (j + 1 < a->nz)
        couple(g, p, place(g, i, j + 1),
               a->diffusion * ring(a, i) / (middle(a->z_edges, j + 1) - middle(a->z_edges, j)));
    else if (a->open) {
        const double r = radius(a, i), z = a->z_edges[a->nz] - a->z_edges[0];
        *entry(g, p, p) += to_far(a, ring(a, i), dz, z, r * r + z * z);
    }
}

/* With `per_day` times its volume on each cell's diagonal. */
static void build(grid *g, double per_day) {
    memset(g->matrix, 0, (size_t)g->n * (size_t)(2 * g->width + 1) * sizeof *g->matrix);
    memset(g->held, 0, (size_t)g->n * sizeof *g->held);
    for (int j = 0; j < g->of->nz; j++)
        for (int i = 0; i < g->of->nr; i++) fill_cell(g, i, j);
    for (int p = 0; p < g->n; p++) *entry(g, p, p) += per_day * g->volume[p];
    cit_band_factor(g->matrix, g->n, g->width);
}

static bool ascending(const double *edges, int count) {
    if (!(edges[0] >= 0)) return false;
    for (int i = 0; i < count; i++)
        if (!(edges[i + 1] > edges[i] && isfinite(edges[i + 1]))) return false;
    return true;
}

static cit_status check(const cit_serum_axial *a, cit_errors *errs) {
    if (a->nr < 1 || a->nz < 1 || a->nr > CIT_SERUM_AXIAL_MAX ||
        a->nz > CIT_SERUM_AXIAL_MAX / a->nr)
        return cit_fail(errs, CIT_INVALID, "axial", "needs from 1 to %d cells",
                        CIT_SERUM_AXIAL_MAX);
    if (!ascending(a->r_edges, a->nr) || !ascending(a->z_edges, a->nz))
        return cit_fail(errs, CIT_INVALID, "axial", "edges must rise from 0 or above");
    if (!(a->diffusion > 0 && isfinite(a->diffusion)) ||
        !(a->clearance_per_day >= 0 && isfinite(a->clearance_per_day)))
        return cit_fail(errs, CIT_INVALID, "axial",
                        "diffusion must be above 0, clearance not below");
    return CIT_OK;
}

static cit_status grid_open(const cit_serum_axial *a, grid *g, cit_errors *errs) {
    const cit_status st = check(a, errs);
    if (st != CIT_OK) return st;
    const bool r_first = a->nr <= a->nz;
    const int n = a->nr * a->nz, width = r_first ? a->nr : a->nz;
    *g = (grid){.of = a,
                .n = n,
                .width = width,
                .step_r = r_first ? 1 : a->nz,
                .step_z = r_first ? a->nr : 1};
    const size_t size = (size_t)n * (size_t)(2 * width + 1);
    g->matrix = calloc(size + 3 * (size_t)n, sizeof *g->matrix);
    if (g->matrix == NULL) return cit_fail(errs, CIT_NOMEM, "axial", "no memory");
    g->x = g->matrix + size;
    g->held = g->x + n;
    g->volume = g->held + n;
    return CIT_OK;
}

/* Flow in through held faces, of the concentrations x. */
static double inflow(const grid *g) {
    const cit_serum_axial *a = g->of;
    double sum = 0;
    for (int j = 0; j < a->nz; j++) {
        const double value = held_at(a->wall, j);
        if (cit_known(value))
            sum +=
                to_face(a, cylinder(a, 0, j), span(a->r_edges, 0)) * (value - g->x[place(g, 0, j)]);
    }
    for (int i = 0; i < a->nr; i++) {
        const double value = held_at(a->lid, i);
        if (cit_known(value))
            sum += to_face(a, ring(a, i), span(a->z_edges, 0)) * (value - g->x[place(g, i, 0)]);
    }
    return sum;
}

static void copy_out(const grid *g, double *c) {
    for (int j = 0; j < g->of->nz; j++)
        for (int i = 0; i < g->of->nr; i++) c[i + g->of->nr * j] = g->x[place(g, i, j)];
}

static bool is_held(const cit_serum_axial *a) {
    if (a->clearance_per_day > 0 || a->open) return true;
    for (int j = 0; j < a->nz && a->r_edges[0] > 0; j++)
        if (cit_known(held_at(a->wall, j))) return true;
    for (int i = 0; i < a->nr; i++)
        if (cit_known(held_at(a->lid, i))) return true;
    return false;
}

cit_status cit_serum_axial_rest(const cit_serum_axial *a, double *c, double *ret_inflow,
                                cit_errors *errs) {
    grid g;
    const cit_status st = grid_open(a, &g, errs);
    if (st != CIT_OK) return st;
    if (!is_held(a)) {
        free(g.matrix);
        return cit_fail(errs, CIT_INVALID, "axial", "nothing holds a concentration");
    }
    build(&g, 0);
    memcpy(g.x, g.held, (size_t)g.n * sizeof *g.x);
    cit_band_solve(g.matrix, g.n, g.width, g.x);
    *ret_inflow = inflow(&g);
    copy_out(&g, c);
    free(g.matrix);
    return CIT_OK;
}

/* x = (V / h + A)^-1 (V y / h + held): a stage of length h from the concentrations y. */
static void stage(grid *g, const double *y, double h) {
    for (int p = 0; p < g->n; p++) g->x[p] = g->volume[p] * y[p] / h + g->held[p];
    cit_band_solve(g->matrix, g->n, g->width, g->x);
}

cit_status cit_serum_axial_follow(const cit_serum_axial *a, double days, int steps, double *c,
                                  double *taken, cit_errors *errs) {
    grid g;
    if (!(days > 0 && isfinite(days)) || steps < 1)
        return cit_fail(errs, CIT_INVALID, "axial", "needs days above 0 and at least one step");
    cit_status st = grid_open(a, &g, errs);
    if (st != CIT_OK) return st;
    double *y = malloc(2 * (size_t)g.n * sizeof *y);
    if (y == NULL) {
        free(g.matrix);
        return cit_fail(errs, CIT_NOMEM, "axial", "no memory");
    }
    double *known = y + g.n;
    const double part = 1 - sqrt(0.5), dt = days / steps, h = part * dt;
    for (int j = 0; j < a->nz; j++)
        for (int i = 0; i < a->nr; i++) y[place(&g, i, j)] = c[i + a->nr * j];
    build(&g, 1 / h);
    for (int step = 0; step < steps; step++) {
        stage(&g, y, h);
        *taken += (1 - part) * dt * inflow(&g);
        for (int p = 0; p < g.n; p++) known[p] = y[p] + (1 - part) / part * (g.x[p] - y[p]);
        stage(&g, known, h);
        *taken += h * inflow(&g);
        memcpy(y, g.x, (size_t)g.n * sizeof *y);
    }
    copy_out(&g, c);
    free(y);
    free(g.matrix);
    return CIT_OK;
}
