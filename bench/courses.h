/* courses.h -- what the courses' benchmark and its solvers share. */
#pragma once
#include <cit/healing.h>

/* A way to run courses at a tolerance: absolute = relative / 1000 everywhere. */
typedef struct course_solver {
    const char *name;
    void *(*open)(double rtol);
    void (*run)(void *solver, cit_course *courses, int count, long *steps); /* adds to *steps */
    void (*close)(void *solver);
} course_solver;

extern const course_solver ours_rodas;
/* peers.c. CVODE: BDF, dense, the Jacobian by difference quotients. GSL: Dormand and Prince 8(7). */
extern const course_solver peer_cvode_bdf, peer_gsl_rk8pd;
