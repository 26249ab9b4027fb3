/* The column's equations for many people at once, from data/equations/column.eq. Built once for each
 * instruction set: CIT_LANES is the lanes of a vector, CIT_LANES_NAME its name. */
#include "healing_impl.h"

typedef cit_lanes_vector lanes;
typedef long long lanes_mask __attribute__((vector_size(8 * CIT_LANES), aligned(8 * CIT_LANES)));
#define LANES_MAX0(x) ((lanes)((lanes_mask)(x) & ((x) > 0)))
#define LANES_STEP(x) ((lanes)((lanes_mask)((lanes){0} + 1.0) & ((x) > 0)))
#include "column_lanes.h"

static void first(const double *q, const double *y, const double *c, double *work, double *k) {
    column_lanes_first((const lanes *)(const void *)q, (const lanes *)(const void *)y,
                       (const lanes *)(const void *)c, (lanes *)(void *)work, (lanes *)(void *)k);
}

static void later(const double *q, const double *y, const double *work, double *k) {
    column_lanes_later((const lanes *)(const void *)q, (const lanes *)(const void *)y,
                       (const lanes *)(const void *)work, (lanes *)(void *)k);
}

const cit_lanes_kernel CIT_LANES_NAMED(column_kernel_) = {CIT_LANES, first, later};

/* The same for all sets, so that one of them gives it. */
#ifdef CIT_LANES_FIRST
_Static_assert((int)COLUMN_LANES_LAYERS == (int)CIT_COLUMN_LAYERS, "layers of the lanes");
const int column_coefficient_count = COLUMN_LANES_COEFFICIENTS;
const int column_work_count = COLUMN_LANES_WORK;
void column_coefficients(const cit_column *column, double *q, int stride) {
    column_lanes_coefficients(column, q, stride);
}
#endif
