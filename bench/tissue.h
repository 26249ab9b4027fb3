/* tissue.h -- living dermis in steps of a fixed size, and parts of such a step. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Cubes of 50 um, periodic sides, 62 channels for 25 mm2, steps of 0.05 d. A dip is a quarter of the box wide. */
typedef struct tissue_box {
    int nx, ny, nz, threads;
    bool layered, dip, single;
} tissue_box;

extern const double tissue_step_day;

typedef struct tissue_contender {
    const char *name;
    void *(*open)(const tissue_box *box);
    void (*run)(void *state, int steps);
    double (*bytes)(const void *state); /* asked for */
    void (*close)(void *state);
} tissue_contender;

/* The model; its diffusion alone, the same steps of four fields by the calls of cit/num.h; and of these no more than
 * the eight solutions of a step. */
extern const tissue_contender tissue_model, tissue_diffusion, tissue_solves;

/* 5 x 5 x 2 mm, four visits 28 days apart and a year, by steps of its own. */
typedef struct tissue_course {
    double wall_s, processor_s, voxel_steps;
    long steps, euler_steps, rejected;
} tissue_course;
tissue_course tissue_course_run(double voxel_um, bool dip, bool single, int threads);
