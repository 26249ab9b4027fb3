/* Private to the num room: one block of lanes, as the driver (lanes.c) and a step (lanes_step.c, built
 * once for each instruction set) share it. Arrays are n x lanes, unknown by unknown, aligned to a vector. */
#pragma once
#include <cit/num.h>

enum { LANES_STAGES = 8, LANES_DENSE = 3 };

typedef struct lanes_block {
    const cit_lanes_kernel *kernel;
    double *y, *y_new, *q, *work, *k[LANES_STAGES];
    double *dense[LANES_DENSE]; /* of the interpolant, once lanes_dense was called */
    double *h, *error;          /* a lane: step; mean square of error over what is allowed */
    double *growth;             /* a lane: of the step, by that error */
    const double *atol;         /* an unknown */
    double rtol;
} lanes_block;

/* One step of size h in every lane: y_new, error, growth and the stages. */
typedef void lanes_step(const lanes_block *block, int n);
lanes_step lanes_step_portable, lanes_step_avx2, lanes_step_avx512;
/* After a step: u, v, w of y_new - (1 - theta) (y_new - y - theta (u + theta (v + theta w))), which is the
 * solution within the step, of order 4. */
typedef void lanes_dense(const lanes_block *block, int n);
lanes_dense lanes_dense_portable, lanes_dense_avx2, lanes_dense_avx512;

/* ---- diffusion on a grid ----------------------------------------------------------------------- */

/* "real" below is double or float, as the operator's precision says. */
enum { GRID_PAD = 16, GRID_AXES = 3 };

/* Lines of a set share p_i = m_i d_i + f_i p_i-1, x_i = p_i + g_i x_i+1, and then, where they are periodic,
 * x_i -= (x_0 - x_n-1) z_i. Reals, in sets of five arrays of `pad`: m, f, g, z, zeros; beyond n
 * zeros. In z there is a second set, of the lines turned upside down. */
typedef struct grid_factors {
    double a;     /* of I - a A */
    double keep;  /* 1 + the decay that is within the matrix of each direction */
    double scale; /* of the right side, in the first direction */
    size_t pad[GRID_AXES];
    void *of[GRID_AXES];
} grid_factors;

/* From one row or column to before another. */
typedef struct grid_span {
    int from, to;
} grid_span;

/* Face i of a line is between voxels i - 1 and i; its coefficient is v D / h^2. In a periodic line faces 0 and n are
 * the same. Lines that meet only v = 1 share coefficients; those of a span have their own. */
typedef struct grid_operator {
    cit_grid grid;
    bool zero;                 /* no face lets anything through */
    bool by_voxel;             /* some lines have coefficients of their own */
    bool shared;               /* some may share them: D is not by voxel */
    grid_span *own[GRID_AXES]; /* by voxel: a plane's rows, a plane's columns; a row's columns */
    int sets[GRID_AXES];       /* of lines: a layer each in x and y, or 1 */
    bool cyclic[GRID_AXES];
    double *face[GRID_AXES]; /* shared: sets x (n + 1) */
    void *x_faces;           /* the same in x, in reals: sets x x_pad */
    size_t x_pad;
    void *v_face[GRID_AXES], *v; /* by voxel: reals at these strides; v is 1 where nothing lives */
    size_t v_row, v_plane;
    int v_planes; /* that many planes of them; further down v is 1, and faces are the shared ones */
    cit_edge edge[2];
    double edge_value;
    size_t chunk, own_chunk; /* columns that are solved together: of shared lines, of the others */
} grid_operator;

/* What is done to a plane k or a row j (across all planes) of a field, with the thread's own scratch. */
typedef void grid_solve(const grid_operator *op, const grid_factors *f, void *u, int at,
                        void *scratch);
typedef struct grid_kernel {
    size_t real_size;
    int lanes, rows; /* what spans of columns and of rows are whole multiples of, but at an end */
    /* Lines in x of some rows of a plane. */
    void (*x)(const grid_operator *op, const grid_factors *f, void *u, int k, int from, int to,
              void *scratch);
    grid_solve *y, *xy, *yx, *yxxy; /* of a plane: lines in y; those in x, then those in y; ... */
    grid_solve *z, *z_upwards, *zz; /* of a row; upwards: eliminated from the bottom */
    /* Of a whole field: step number `step`, from 0, of `steps`, and after them one more, all on one thread. */
    void (*sweep)(const grid_operator *op, const grid_factors *f, void *u, int step, int steps,
                  void *scratch);
    void (*apply)(const grid_operator *op, double s, const void *u, void *out, int k,
                  void *scratch);
    void (*scale)(const grid_operator *op, double s, void *u, int k);
    size_t (*scratch)(const grid_operator *op); /* bytes */
} grid_kernel;

extern const grid_kernel grid_kernel_double_portable, grid_kernel_double_avx2,
    grid_kernel_double_avx512, grid_kernel_float_portable, grid_kernel_float_avx2,
    grid_kernel_float_avx512;

cit_status grid_check(const cit_grid *grid, const cit_diffusion_options *options, cit_errors *errs);
static inline double grid_face(double d1, double d2, double v1, double v2) {
    return d1 > 0 && d2 > 0 ? 2 / (1 / d1 + 1 / d2) * (v1 < v2 ? v1 : v2) : 0;
}
/* D of a voxel, and its viable share. */
static inline double grid_d(const cit_grid *g, const cit_diffusion_options *o, int i, int j,
                            int k) {
    if (o->voxels != NULL) return o->voxels[(size_t)i + (size_t)j * g->row + (size_t)k * g->plane];
    return o->layers != NULL ? o->layers[k] : o->d;
}
static inline double grid_v(const cit_grid *g, const cit_diffusion_options *o, int i, int j,
                            int k) {
    return o->viable != NULL ? o->viable[(size_t)i + (size_t)j * g->row + (size_t)k * g->plane] : 1;
}

/* ---- filters of maps ---------------------------------------------------------------------------- */

/* A checked request. Where nothing is missing the weight of a sample is a product of one of its column and one of
 * its row, and needs no field. */
typedef struct smooth_job {
    int nx, ny, threads;
    const float *in;
    float *out; /* may be in */
    double sigma_x, sigma_y, least;
    bool missing;
} smooth_job;
cit_status smooth_direct(const smooth_job *job, cit_errors *errs);
cit_status smooth_recursive(const smooth_job *job, cit_errors *errs);
cit_status smooth_multirate(const smooth_job *job, cit_errors *errs);

/* The field times a Gaussian of sum 1, in place, nothing beyond its ends; a sigma of 0: not in that direction. */
cit_status smooth_lines(float *field, int nx, int ny, double sigma_x, double sigma_y, int threads,
                        cit_errors *errs);
/* The same of n numbers. */
cit_status smooth_line(double *line, int n, double sigma, cit_errors *errs);
/* Samples, 0 where they are missing, and 1 or 0 for whether they are; `there` may be NULL. */
void smooth_split(const smooth_job *job, float *samples, float *there);
/* sum += w in; of what is there, with the weight of it. */
void smooth_add(int n, double w, const float *in, double *sum);
void smooth_add_present(int n, double w, const float *in, double *sum, double *weight);
