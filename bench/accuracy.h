/* accuracy.h -- the tolerance at which a solver is timed.
 *
 * Solvers are compared at equal error: of each course the largest |y - ref| / (|ref| + 1e-3) against CVODE
 * at 1e-11 over all that is kept (the states at every visit and at the end; of a weekly cohort the outcomes
 * at every week), of a cohort its 99th percentile (p99). Every solver runs at a tolerance of a ladder
 * whose p99 is within the limit, while that of the next looser one is not: the loosest of all, if p99 falls with
 * the tolerance. A tolerance chosen so looks better on the people it was chosen on than on others: p99 of as many
 * others is told, too. */
#pragma once
#include "cohort.h"
#include "solvers.h"

typedef struct accuracy {
    double rtol, p99;
} accuracy;

/* Of this solver on this kind of cohort; prints it. A diffusive cohort is met at the tolerance that the
 * usual one needs. False: the solver is not here. */
bool accuracy_choose(const course_solver *solver, cohort_kind kind, double limit, accuracy *ret);
void accuracy_free(void);
