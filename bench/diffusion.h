/* diffusion.h -- one workload of diffusion and decay, and who solves it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum { DIFFUSION_FIELDS_MAX = 8 };

/* u_t = D lap u - lambda u in a box with closed walls, cubes of 20 um, steps of 0.01 min; it begins as
 * 1 + 1/2 cos(pi x / Lx) cos(pi y / Ly) cos(pi z / Lz). */
typedef struct diffusion_box {
    const char *name;
    int nx, ny, nz, fields;
} diffusion_box;

extern const double diffusion_d[DIFFUSION_FIELDS_MAX];     /* um2/min */
extern const double diffusion_decay[DIFFUSION_FIELDS_MAX]; /* 1/min */
extern const double diffusion_h_um, diffusion_dt_min;
double diffusion_start(const diffusion_box *box, int i, int j, int k);

/* Backward Euler, one dimension at a time, a third of the decay with each. */
typedef struct diffusion_solver {
    const char *name;
    void *(*open)(const diffusion_box *box, int threads); /* at the start; NULL: no memory */
    void (*run)(void *state, int steps);
    double (*value)(const void *state, int field, int i, int j, int k);
    size_t (*bytes)(const void *state); /* asked for */
    void (*close)(void *state);
} diffusion_solver;

/* diffusion_peers.c: what others do, written here. Each voxel's numbers in a vector of its own (BioFVM's
 * data structure); all in one array, fields fastest, in tiles that the compiler vectorises (PhysiCore's). */
extern const diffusion_solver diffusion_pointers, diffusion_plain;
/* diffusion_ours.c */
extern const diffusion_solver diffusion_xyz, diffusion_alternating, diffusion_layers,
    diffusion_voxels, diffusion_xyz_single, diffusion_alternating_single;
