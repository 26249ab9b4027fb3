/* Private to the patch room: tissue in memory, one pass over it, and what the passes give back. */
#pragma once
#include "column_voxel.h"
#include <cit/patch.h>

_Static_assert((int)VOXEL_FIELDS == (int)CIT_TISSUE_FIELDS,
               "fields of the table and of the header");
_Static_assert((int)VOXEL_D == (int)CIT_DEBRIS && (int)VOXEL_I == (int)CIT_INFLAMMATION &&
                   (int)VOXEL_R == (int)CIT_MACROPHAGES && (int)VOXEL_G == (int)CIT_TGF &&
                   (int)VOXEL_F == (int)CIT_FIBROBLASTS &&
                   (int)VOXEL_M == (int)CIT_MYOFIBROBLASTS &&
                   (int)VOXEL_N == (int)CIT_NEW_COLLAGEN && (int)VOXEL_C == (int)CIT_COLLAGEN &&
                   (int)VOXEL_S == (int)CIT_SET_POINT && (int)VOXEL_E == (int)CIT_TISSUE_ELASTIN,
               "fields of a voxel come in the order of the header");

/* Drivers stand behind the one closed field, followers behind them. Of the drivers the first four diffuse; F moves
 * into the room that M leaves. */
enum {
    DRIVERS = VOXEL_DRIVERS,
    FOLLOWERS = VOXEL_FOLLOWERS,
    DIFFUSING = VOXEL_DIFFUSING,
    DRIVER_0 = VOXEL_CLOSED,
    FOLLOWER_0 = VOXEL_CLOSED + VOXEL_DRIVERS,
    DRIVER_G = VOXEL_G - DRIVER_0,
    DRIVER_F = VOXEL_F - DRIVER_0,
    DRIVER_M = VOXEL_M - DRIVER_0,
    MOVING = DRIVERS + FOLLOWERS /* all but debris */
};
_Static_assert(DRIVER_F == DIFFUSING - 1 && DRIVER_M == DIFFUSING, "F is the last that diffuses");

/* Stages of a step: the two of ROS2, and one of backward Euler. */
typedef enum patch_stage { STAGE_FIRST, STAGE_SECOND, STAGE_EULER } patch_stage;

/* What a pass works on; arrays are fields of reals. */
typedef struct patch_pass {
    const cit_grid *grid;
    const cit_kinetics *kinetics;
    cit_edge edge_x, edge_y;
    void *u[DRIVERS], *k1[DRIVERS], *k2[DRIVERS], *followers[FOLLOWERS];
    const void *debris, *priming, *viable; /* viable NULL: all is */
    bool at_points;                        /* debris saturates the signal point by point */
    const double *near; /* a layer: mean debris; both times `fade` at the first stage */
    double fade, fade_then;
    const double *across; /* a layer: factor of D in x and y */
    const double *up;     /* nz + 1 faces: the same between layers; 0 at both ends */
    double loss_G;        /* of the deepest layer into what is below, per day */
    patch_stage stage;
    double h;
    double *row_sums; /* ny x nz x ROW_SUMS */
} patch_pass;

/* Of a row, times v: what drivers gain by reaction, less what a stage's own losses take of it; then what those that
 * diffuse gain from beside, but for what a solve brings. */
enum { ROW_SUMS = DRIVERS + DIFFUSING };

typedef struct patch_extremes {
    double change[DRIVERS]; /* largest difference to the first-order result */
    double largest[MOVING], least[MOVING];
    double cells, collagen; /* largest F + M and N + C */
    double most;            /* largest rate of a follower */
    double sum;             /* of everything: no number if any is none */
} patch_extremes;

typedef struct patch_kernel {
    size_t real_size;
    int block; /* rows of a plane that a task takes, through all planes: at least two vectors' numbers */
    /* Rows j0 to j1 of plane k; planes in order, as the scratch keeps some of those before. */
    void (*stage)(const patch_pass *pass, int j0, int j1, int k, void *scratch);
    void (*finish)(const patch_pass *pass, int k, patch_extremes *ret);
    size_t (*scratch)(const cit_grid *grid); /* bytes */
} patch_kernel;

extern const patch_kernel patch_kernel_double_portable, patch_kernel_double_avx2,
    patch_kernel_double_avx512, patch_kernel_float_portable, patch_kernel_float_avx2,
    patch_kernel_float_avx512;

#define ROS2_GAMMA 0.29289321881345247560 /* 1 - 1/sqrt 2 */

typedef struct patch_account {
    double start, visits, reacted, crossed; /* mm3 */
} patch_account;

struct cit_tissue {
    cit_grid grid;
    cit_tissue_options options;
    cit_kinetics kinetics;
    cit_needling_params needling;
    const patch_kernel *kernel;
    int threads;
    void *memory;
    /* Places in it; accepting a step exchanges them. */
    void *u[DRIVERS], *k1[DRIVERS], *k2[DRIVERS], *followers[FOLLOWERS], *debris, *priming, *viable;
    double *near, *across, *up, *row_sums;
    double loss_G, fading, fade; /* debris is `debris` times fade */
    double D[DIFFUSING];
    cit_diffusion *diffusion[DIFFUSING]; /* of D = 1 where it stands for several */
    double diffusion_D[DIFFUSING];       /* D over the operator's */
    cit_lines *lines[DIFFUSING];         /* NULL: the field does not diffuse */
    char *scratch;
    size_t scratch_bytes; /* of a thread */
    int tasks;
    patch_extremes *extremes; /* a plane */
    double *left;             /* a plane x DIFFUSING: what edges let out, a day */
    double volume, living;    /* of a voxel, and of all that is viable, mm3 */
    uint64_t fingerprint;     /* of how it was made */
    /* Where it has come to. */
    double day, step;
    bool starts;                   /* the next step is to be started by backward Euler */
    double euler_left, euler_part; /* days that are still for it, and its next step */
    patch_account account[VOXEL_FIELDS];
    double gained[ROW_SUMS]; /* by the step that is tried, mm3, as row sums */
    cit_tissue_stats stats;
};

static inline double patch_get(const cit_tissue *t, const void *field, size_t at) {
    return t->kernel->real_size == sizeof(double) ? ((const double *)field)[at]
                                                  : (double)((const float *)field)[at];
}
static inline void patch_put(const cit_tissue *t, void *field, size_t at, double value) {
    if (t->kernel->real_size == sizeof(double))
        ((double *)field)[at] = value;
    else
        ((float *)field)[at] = (float)value;
}
/* The place of a field of the header; debris without its fading. */
static inline void *patch_field(const cit_tissue *t, int field) {
    if (field < DRIVER_0) return t->debris;
    return field < FOLLOWER_0 ? t->u[field - DRIVER_0] : t->followers[field - FOLLOWER_0];
}
static inline size_t patch_at(const cit_grid *g, int i, int j, int k) {
    return (size_t)i + (size_t)j * g->row + (size_t)k * g->plane;
}
static inline double patch_viable(const cit_tissue *t, size_t at) {
    return t->viable == NULL ? 1 : patch_get(t, t->viable, at);
}

/* The sum over living tissue of a field, mm3: plane by plane, in one order. */
double patch_total(const cit_tissue *t, int field);
/* Mean debris of each layer, for the signal. */
void patch_near(cit_tissue *t);
/* Share of the unit disc's area within a polygon, times pi. */
double patch_disc_polygon(double (*corners)[2], int count);
