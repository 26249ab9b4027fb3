/* Diffusion on a grid by plain loops: faces one by one, and a dense matrix for every line. It defines what
 * diffusion.c and lines.c compute faster. */
#include "num_impl.h"
#include <stdlib.h>
#include <string.h>

typedef struct plain {
    const cit_grid *grid;
    const cit_diffusion_options *options;
} plain;

static int side(const cit_grid *g, int axis) {
    return axis == 0 ? g->nx : axis == 1 ? g->ny : g->nz;
}

static double spacing(const cit_grid *g, int axis) {
    return axis == 0 ? g->dx : axis == 1 ? g->dy : g->dz;
}

static cit_edge edge_of(const plain *p, int axis) {
    return axis == 0 ? p->options->edge_x : axis == 1 ? p->options->edge_y : CIT_EDGE_CLOSED;
}

static size_t place(const cit_grid *g, const int at[3]) {
    return (size_t)at[0] + (size_t)at[1] * g->row + (size_t)at[2] * g->plane;
}

static double d_of(const plain *p, const int at[3]) {
    return grid_d(p->grid, p->options, at[0], at[1], at[2]);
}

static double v_of(const plain *p, const int at[3]) {
    return grid_v(p->grid, p->options, at[0], at[1], at[2]);
}

/* The voxel `step` further along the axis; false: there is none. */
static bool neighbour(const plain *p, const int at[3], int axis, int step, int ret[3]) {
    const int n = side(p->grid, axis);
    for (int i = 0; i < 3; i++) ret[i] = at[i];
    ret[axis] += step;
    if (ret[axis] >= 0 && ret[axis] < n) return true;
    if (edge_of(p, axis) != CIT_EDGE_PERIODIC) return false;
    ret[axis] = (ret[axis] + n) % n;
    return true;
}

/* What the face of the box lets through for a unit of difference to what is outside, and that. */
static double outer_face(const plain *p, const int at[3], int axis, int step, double *ret_value) {
    const double h = spacing(p->grid, axis), d = d_of(p, at), v = v_of(p, at),
                 rate = p->options->bottom;
    *ret_value = 0;
    if (edge_of(p, axis) == CIT_EDGE_VALUE) {
        *ret_value = p->options->edge_value;
        return v * 2 * d / (h * h);
    }
    /* u at the face from D (u - u_face) / (dz / 2) = rate u_face */
    if (axis == 2 && step > 0 && d > 0) return v * rate * 2 * d / (2 * d + rate * h) / h;
    return 0;
}

static double face_between(const plain *p, const int a[3], const int b[3], int axis) {
    const double h = spacing(p->grid, axis);
    return grid_face(d_of(p, a), d_of(p, b), v_of(p, a), v_of(p, b)) / (h * h);
}

static double flow_into(const plain *p, const double *u, const int at[3]) {
    const double here = u[place(p->grid, at)];
    double sum = 0;
    for (int axis = 0; axis < 3; axis++)
        for (int step = -1; step <= 1; step += 2) {
            int other[3];
            double outside;
            if (neighbour(p, at, axis, step, other)) {
                sum += face_between(p, at, other, axis) * (u[place(p->grid, other)] - here);
            } else {
                const double face = outer_face(p, at, axis, step, &outside);
                sum += face * (outside - here);
            }
        }
    return sum;
}

cit_status cit_diffusion_apply_plain(const cit_grid *grid, const cit_diffusion_options *options,
                                     double s, const double *u, double *out, cit_errors *errs) {
    const plain p = {grid, options};
    const cit_status st = grid_check(grid, options, errs);
    if (st != CIT_OK) return st;
    for (int k = 0; k < grid->nz; k++)
        for (int j = 0; j < grid->ny; j++)
            for (int i = 0; i < grid->nx; i++) {
                const int at[3] = {i, j, k};
                const double v = v_of(&p, at);
                if (v > 0) out[place(grid, at)] += s * flow_into(&p, u, at) / v;
            }
    return CIT_OK;
}

/* ---- lines ------------------------------------------------------------------------------------- */

/* The matrix I - a A of the line through `at`, which begins it. */
static void line_matrix(const plain *p, double a, const int begin[3], int axis, double *matrix) {
    const int n = side(p->grid, axis);
    int at[3] = {begin[0], begin[1], begin[2]}, other[3];
    memset(matrix, 0, (size_t)n * (size_t)n * sizeof *matrix);
    for (int i = 0; i < n; i++) {
        at[axis] = i;
        matrix[i * n + i] += 1;
        const double v = v_of(p, at);
        for (int step = -1; step <= 1 && v > 0; step += 2) {
            double outside;
            const bool inner = neighbour(p, at, axis, step, other);
            const double face =
                inner ? face_between(p, at, other, axis) : outer_face(p, at, axis, step, &outside);
            matrix[i * n + i] += a * face / v;
            if (inner) matrix[i * n + other[axis]] -= a * face / v;
        }
    }
}

static void solve_line(const plain *p, double a, const int begin[3], int axis, double *x,
                       double *scratch) {
    const int n = side(p->grid, axis);
    double *matrix = scratch, *pivots = matrix + n * n, *line = pivots + n;
    int at[3] = {begin[0], begin[1], begin[2]};
    line_matrix(p, a, begin, axis, matrix);
    for (int i = 0; i < n; i++) {
        at[axis] = i;
        line[i] = x[place(p->grid, at)];
    }
    cit_dense_factor(matrix, pivots, n);
    cit_dense_solve(matrix, pivots, n, line);
    for (int i = 0; i < n; i++) {
        at[axis] = i;
        x[place(p->grid, at)] = line[i];
    }
}

cit_status cit_diffusion_solve_plain(const cit_grid *grid, const cit_diffusion_options *options,
                                     double a, double c, double *x, cit_errors *errs) {
    const plain p = {grid, options};
    const cit_status st = grid_check(grid, options, errs);
    if (st != CIT_OK) return st;
    for (int axis = 0; axis < 3; axis++) {
        const int n = side(grid, axis);
        const int last[3] = {axis == 0 ? 1 : grid->nx, axis == 1 ? 1 : grid->ny,
                             axis == 2 ? 1 : grid->nz};
        double *scratch = malloc(((size_t)n + 2) * (size_t)n * sizeof *scratch);
        if (scratch == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a line");
        for (int k = 0; k < last[2]; k++)
            for (int j = 0; j < last[1]; j++)
                for (int i = 0; i < last[0]; i++)
                    solve_line(&p, a, (const int[3]){i, j, k}, axis, x, scratch);
        free(scratch);
    }
    for (int k = 0; k < grid->nz; k++)
        for (int j = 0; j < grid->ny; j++)
            for (int i = 0; i < grid->nx; i++) x[place(grid, (const int[3]){i, j, k})] /= 1 + c;
    return CIT_OK;
}
