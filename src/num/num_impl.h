/* Private to the num room: one block of lanes, as the driver (lanes.c) and a step (lanes_step.c, built
 * once for each instruction set) share it. Arrays are n x lanes, unknown by unknown, aligned to 64 bytes. */
#pragma once
#include <cit/num.h>

enum { LANES_STAGES = 6, LANES_MAX = 8 };

typedef struct lanes_block {
    const cit_lanes_kernel *kernel;
    double *y, *y_new, *q, *work, *k[LANES_STAGES];
    double *h, *error;  /* a lane: step; sum of squares of error over what is allowed */
    const double *atol; /* an unknown */
    double rtol;
} lanes_block;

/* One step of size h in every lane: y_new, error and the stages. */
typedef void lanes_step(const lanes_block *block, int n);
lanes_step lanes_step_portable, lanes_step_avx2, lanes_step_avx512;
