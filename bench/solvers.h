/* solvers.h -- ways to run courses. Everyone gets the column's own right side (cit_column_system), its own
 * Jacobian (cit_column_jacobian) where it takes one, and the same errors allowed: `rtol`, and absolutely
 * rtol / 1000 times the system's slack. Visits and the day raised scar begins to count are events, at
 * which every method begins anew, as its manual says for a jump in the state. */
#pragma once
#include <cit/healing.h>

typedef struct course_solver {
    const char *name;
    void *(*open)(const struct course_solver *self, double rtol); /* NULL: not here; has said why */
    void (*run)(void *state, cit_course *courses, int count, long *steps); /* adds to *steps */
    void (*close)(void *state);
    const void *variant; /* for `open`: what sets solvers of one family apart */
    /* Whose numbers these are, if not the time; NULL: its own. */
    const struct course_solver *same_as;
} course_solver;

static const double solver_atol_share = 1e-3,
                    solver_first_step = 0.05; /* as the plain engine has them */

/* ours.c: a course in every vector lane, with the best instructions here or those named; and one course
 * after the other with the plain integrator. */
extern const course_solver ours_lanes, ours_portable, ours_avx2, ours_avx512, ours_plain;
/* sundials.c: with a dense Jacobian by difference quotients, or the column's; without one. */
extern const course_solver cvode_bdf, cvode_bdf_jacobian, cvode_adams, arkode_erk;
/* gsl.c */
extern const course_solver gsl_rk2, gsl_rk4, gsl_rkf45, gsl_rkck, gsl_rk8pd, gsl_rk4imp, gsl_bsimp,
    gsl_msbdf, gsl_msadams;
/* desolve.c: LSODA in R with a compiled model; net: without what the same calls take with nothing to
 * integrate. */
extern const course_solver desolve_raw, desolve_net;

/* walk.c: a course for a solver that only goes from one day to another: events as src/healing/course.c has
 * them. If the engine changed what happens when, its error against CVODE would leap. */
typedef struct stretch {
    const cit_column *column;
    double from, to; /* where the state is wanted */
    double until;    /* the next event: a solver may look so far ahead */
    bool begins;     /* just after an event */
} stretch;
typedef void advance_function(void *state, const stretch *s, double *y);
void walk_course(void *state, advance_function *advance, cit_course *c, double *y);
