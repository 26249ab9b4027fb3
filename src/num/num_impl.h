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
