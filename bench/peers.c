/* CVODE and GSL on the column's own right side. GSL is under the GPL: it is measured here and linked
 * into nothing else. */
#include "bench.h"
#include "courses.h"
#include <cvode/cvode.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <math.h>
#include <nvector/nvector_serial.h>
#include <stdlib.h>
#include <string.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>

static const double atol_share = 1e-3, first_step = 0.05; /* as the engine has them */

/* ---- visits, as src/healing/course.c has them -------------------------------------------------- */

/* If the engine changed what happens when, its error against CVODE would leap. */
static const double raised_after_day = 60;

typedef void (*advance_function)(void *solver, const cit_column *column, double from, double to,
                                 double *y);

/* States are wanted only where visits are, and at the end, so no solver needs an interpolant. */
static void run_course(void *solver, advance_function advance, cit_course *c, double *y) {
    cit_column column = c->column;
    const size_t n = (size_t)cit_column_size(&column);
    cit_column_start(&column, y);
    for (int i = 0; i < c->time_count; i++) {
        memcpy(c->values + n * (size_t)i, y, n * sizeof *y);
        if (i == c->visits) break;
        cit_column_visit(&column, &c->wounds[i], c->c_cut, c->band_floor, y);
        const double from = c->days[i], to = c->times[i + 1], raised = from + raised_after_day;
        advance(solver, &column, from, fmin(raised, to), y);
        if (raised < to) {
            column.counts_raised = true;
            advance(solver, &column, raised, to, y);
        }
    }
}

/* ---- CVODE ------------------------------------------------------------------------------------- */

typedef struct cvode_solver {
    SUNContext context;
    void *memory;
    N_Vector y;
    SUNMatrix matrix;
    SUNLinearSolver linear;
    cit_ode_system system;
    long steps;
} cvode_solver;

static int cvode_rhs(realtype t, N_Vector y, N_Vector dy, void *user) {
    const cvode_solver *s = user;
    (void)t;
    s->system.rhs(s->system.model, N_VGetArrayPointer(y), N_VGetArrayPointer(dy));
    return 0;
}

static void cvode_check(int flag) {
    if (flag < 0) bench_die("CVODE failed: %s", CVodeGetReturnFlagName(flag));
}

static void *cvode_open(double rtol) {
    cvode_solver *s = calloc(1, sizeof *s);
    const cit_column shape = {.layers = CIT_COLUMN_LAYERS};
    const int n = cit_column_size(&shape);
    if (s == NULL || SUNContext_Create(NULL, &s->context) != 0) bench_die("no memory for CVODE");
    s->y = N_VNew_Serial(n, s->context);
    s->matrix = SUNDenseMatrix(n, n, s->context);
    s->linear = SUNLinSol_Dense(s->y, s->matrix, s->context);
    s->memory = CVodeCreate(CV_BDF, s->context);
    if (s->memory == NULL || s->linear == NULL) bench_die("no memory for CVODE");
    cvode_check(CVodeInit(s->memory, cvode_rhs, 0, s->y));
    cvode_check(CVodeSStolerances(s->memory, rtol, atol_share * rtol));
    cvode_check(CVodeSetLinearSolver(s->memory, s->linear, s->matrix));
    cvode_check(CVodeSetUserData(s->memory, s));
    cvode_check(CVodeSetMaxNumSteps(s->memory, 1000000));
    return s;
}

static void cvode_advance(void *solver, const cit_column *column, double from, double to,
                          double *y) {
    cvode_solver *s = solver;
    realtype reached;
    long steps;
    s->system = cit_column_system(column);
    cvode_check(CVodeReInit(s->memory, from, s->y));
    cvode_check(CVodeSetStopTime(s->memory, to));
    cvode_check(CVode(s->memory, to, s->y, &reached, CV_NORMAL));
    cvode_check(CVodeGetNumSteps(s->memory, &steps));
    s->steps += steps;
    (void)y; /* is the vector's own array */
}

static void cvode_run(void *solver, cit_course *courses, int count, long *steps) {
    cvode_solver *s = solver;
    s->steps = 0;
    for (int i = 0; i < count; i++)
        run_course(s, cvode_advance, &courses[i], N_VGetArrayPointer(s->y));
    *steps += s->steps;
}

static void cvode_close(void *solver) {
    cvode_solver *s = solver;
    CVodeFree(&s->memory);
    SUNLinSolFree(s->linear);
    SUNMatDestroy(s->matrix);
    N_VDestroy(s->y);
    SUNContext_Free(&s->context);
    free(s);
}

const course_solver peer_cvode_bdf = {"CVODE BDF, dense", cvode_open, cvode_run, cvode_close};

/* ---- GSL --------------------------------------------------------------------------------------- */

typedef struct gsl_solver {
    gsl_odeiv2_system system;
    gsl_odeiv2_driver *driver;
    cit_ode_system column;
    long steps;
} gsl_solver;

static int gsl_rhs(double t, const double *y, double *dy, void *user) {
    const gsl_solver *s = user;
    (void)t;
    s->column.rhs(s->column.model, y, dy);
    return GSL_SUCCESS;
}

static void *gsl_open(double rtol) {
    gsl_solver *s = calloc(1, sizeof *s);
    const cit_column shape = {.layers = CIT_COLUMN_LAYERS};
    if (s == NULL) bench_die("no memory for GSL");
    s->system = (gsl_odeiv2_system){gsl_rhs, NULL, (size_t)cit_column_size(&shape), s};
    s->driver = gsl_odeiv2_driver_alloc_y_new(&s->system, gsl_odeiv2_step_rk8pd, first_step,
                                              atol_share * rtol, rtol);
    if (s->driver == NULL) bench_die("no memory for GSL");
    return s;
}

static void gsl_advance(void *solver, const cit_column *column, double from, double to, double *y) {
    gsl_solver *s = solver;
    s->column = cit_column_system(column);
    gsl_odeiv2_driver_reset_hstart(s->driver, first_step);
    if (gsl_odeiv2_driver_apply(s->driver, &from, to, y) != GSL_SUCCESS)
        bench_die("GSL stopped at day %g", from);
    s->steps += (long)s->driver->e->count;
}

static void gsl_run(void *solver, cit_course *courses, int count, long *steps) {
    gsl_solver *s = solver;
    double y[CIT_COLUMN_SIZE_MAX];
    s->steps = 0;
    for (int i = 0; i < count; i++) run_course(s, gsl_advance, &courses[i], y);
    *steps += s->steps;
}

static void gsl_close(void *solver) {
    gsl_solver *s = solver;
    gsl_odeiv2_driver_free(s->driver);
    free(s);
}

const course_solver peer_gsl_rk8pd = {"GSL rk8pd", gsl_open, gsl_run, gsl_close};
