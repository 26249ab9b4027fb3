/* SUNDIALS: CVODE's BDF with a dense Jacobian and its Adams method with fixed-point iteration, and ARKODE's
 * explicit Runge-Kutta methods. ARKODE's diagonally implicit ones were not measured. */
#include "bench.h"
#include "cohort.h"
#include "solvers.h"
#include <arkode/arkode_erkstep.h>
#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <stdlib.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>

/* What they share: `memory` is the integrator's own. */
typedef struct sun_state {
    const struct family *family;
    SUNContext context;
    void *memory;
    N_Vector y, atol;
    SUNMatrix matrix;
    SUNLinearSolver linear;
    SUNNonlinearSolver iteration;
    const cit_column *column;
    cit_ode_system system;
    long steps;
} sun_state;

/* What one integrator calls the things that all of them do. */
typedef struct family {
    const char *name;
    void *(*make)(sun_state *s);
    int (*tolerances)(void *memory, realtype rtol, N_Vector atol);
    int (*begin)(sun_state *s, realtype t);
    int (*set_user)(void *memory, void *user);
    int (*set_max_steps)(void *memory, long steps);
    int (*set_linear)(void *memory, SUNLinearSolver linear, SUNMatrix matrix); /* NULL: none */
    int (*set_jacobian)(void *memory, int (*jacobian)(realtype, N_Vector, N_Vector, SUNMatrix,
                                                      void *, N_Vector, N_Vector, N_Vector));
    int (*set_stop)(void *memory, realtype t);
    int (*go)(void *memory, realtype to, N_Vector y, realtype *reached, int task);
    int (*steps)(void *memory, long *steps);
    void (*free)(void **memory);
} family;

typedef struct variant {
    const family *family;
    bool jacobian; /* the column's; otherwise by difference quotients, where one is needed */
} variant;

static void check(const sun_state *s, int flag, const char *what) {
    if (flag < 0) bench_die("%s failed: %s, %d", s->family->name, what, flag);
}

static int rhs(realtype t, N_Vector y, N_Vector dy, void *user) {
    const sun_state *s = user;
    (void)t;
    s->system.rhs(s->system.model, N_VGetArrayPointer(y), N_VGetArrayPointer(dy));
    return 0;
}

static int jacobian(realtype t, N_Vector y, N_Vector dy, SUNMatrix J, void *user, N_Vector a,
                    N_Vector b, N_Vector c) {
    const sun_state *s = user;
    const int n = s->system.n;
    double rows[STATES][STATES];
    (void)t, (void)dy, (void)a, (void)b, (void)c;
    cit_column_jacobian(s->column, N_VGetArrayPointer(y), rows[0]);
    for (int j = 0; j < n; j++) {
        double *column = SUNDenseMatrix_Column(J, j);
        for (int i = 0; i < n; i++) column[i] = rows[i][j];
    }
    return 0;
}

/* ---- the integrators --------------------------------------------------------------------------- */

static void *make_bdf(sun_state *s) {
    void *memory = CVodeCreate(CV_BDF, s->context);
    if (memory != NULL) check(s, CVodeInit(memory, rhs, 0, s->y), "init");
    return memory;
}

/* With fixed-point iteration, as its manual has it for what is not stiff. */
static void *make_adams(sun_state *s) {
    void *memory = CVodeCreate(CV_ADAMS, s->context);
    if (memory == NULL) return NULL;
    check(s, CVodeInit(memory, rhs, 0, s->y), "init");
    s->iteration = SUNNonlinSol_FixedPoint(s->y, 0, s->context);
    check(s, CVodeSetNonlinearSolver(memory, s->iteration), "iteration");
    return memory;
}

/* Of its orders 2 to 8 the one that is fastest here at both limits. */
static void *make_erk(sun_state *s) {
    void *memory = ERKStepCreate(rhs, 0, s->y, s->context);
    if (memory != NULL) check(s, ERKStepSetOrder(memory, 5), "order");
    return memory;
}

static int begin_bdf(sun_state *s, realtype t) { return CVodeReInit(s->memory, t, s->y); }
static int begin_erk(sun_state *s, realtype t) { return ERKStepReInit(s->memory, rhs, t, s->y); }

static const family bdf = {.name = "CVODE BDF",
                           .make = make_bdf,
                           .tolerances = CVodeSVtolerances,
                           .begin = begin_bdf,
                           .set_user = CVodeSetUserData,
                           .set_max_steps = CVodeSetMaxNumSteps,
                           .set_linear = CVodeSetLinearSolver,
                           .set_jacobian = CVodeSetJacFn,
                           .set_stop = CVodeSetStopTime,
                           .go = CVode,
                           .steps = CVodeGetNumSteps,
                           .free = CVodeFree};
static const family adams = {.name = "CVODE Adams",
                             .make = make_adams,
                             .tolerances = CVodeSVtolerances,
                             .begin = begin_bdf,
                             .set_user = CVodeSetUserData,
                             .set_max_steps = CVodeSetMaxNumSteps,
                             .set_stop = CVodeSetStopTime,
                             .go = CVode,
                             .steps = CVodeGetNumSteps,
                             .free = CVodeFree};
static const family erk = {.name = "ARKODE ERK",
                           .make = make_erk,
                           .tolerances = ERKStepSVtolerances,
                           .begin = begin_erk,
                           .set_user = ERKStepSetUserData,
                           .set_max_steps = ERKStepSetMaxNumSteps,
                           .set_stop = ERKStepSetStopTime,
                           .go = ERKStepEvolve,
                           .steps = ERKStepGetNumSteps,
                           .free = ERKStepFree};

/* ---- as solvers -------------------------------------------------------------------------------- */

static void set_linear_solver(sun_state *s, bool own_jacobian) {
    s->matrix = SUNDenseMatrix(s->system.n, s->system.n, s->context);
    s->linear = SUNLinSol_Dense(s->y, s->matrix, s->context);
    check(s, s->family->set_linear(s->memory, s->linear, s->matrix), "linear solver");
    if (own_jacobian) check(s, s->family->set_jacobian(s->memory, jacobian), "Jacobian");
}

static void *sun_open(const course_solver *self, double rtol) {
    const variant *v = self->variant;
    const cit_column shape = {.layers = CIT_COLUMN_LAYERS};
    sun_state *s = calloc(1, sizeof *s);
    if (s == NULL || SUNContext_Create(NULL, &s->context) != 0) bench_die("no memory for SUNDIALS");
    s->family = v->family;
    s->system = cit_column_system(&shape);
    s->y = N_VNew_Serial(s->system.n, s->context);
    s->atol = N_VNew_Serial(s->system.n, s->context);
    for (int i = 0; i < s->system.n; i++)
        N_VGetArrayPointer(s->atol)[i] = solver_atol_share * rtol * s->system.slack[i];
    s->memory = v->family->make(s);
    if (s->memory == NULL) bench_die("no memory for %s", v->family->name);
    check(s, v->family->tolerances(s->memory, rtol, s->atol), "tolerances");
    check(s, v->family->set_user(s->memory, s), "user data");
    check(s, v->family->set_max_steps(s->memory, 1000000), "steps");
    if (v->family->set_linear != NULL) set_linear_solver(s, v->jacobian);
    return s;
}

static void sun_advance(void *state, const stretch *st, double *y) {
    sun_state *s = state;
    realtype reached;
    long steps;
    s->column = st->column;
    s->system = cit_column_system(st->column);
    if (st->begins) {
        check(s, s->family->begin(s, st->from), "begin");
        check(s, s->family->set_stop(s->memory, st->until), "stop");
    }
    check(s, s->family->go(s->memory, st->to, s->y, &reached, CV_NORMAL), "integration");
    if (!(st->to < st->until)) {
        check(s, s->family->steps(s->memory, &steps), "steps");
        s->steps += steps;
    }
    (void)y; /* is the vector's own array */
}

static void sun_run(void *state, cit_course *courses, int count, long *steps) {
    sun_state *s = state;
    s->steps = 0;
    for (int i = 0; i < count; i++)
        walk_course(s, sun_advance, &courses[i], N_VGetArrayPointer(s->y));
    *steps += s->steps;
}

static void sun_close(void *state) {
    sun_state *s = state;
    s->family->free(&s->memory);
    if (s->iteration != NULL) SUNNonlinSolFree(s->iteration);
    if (s->linear != NULL) SUNLinSolFree(s->linear);
    if (s->matrix != NULL) SUNMatDestroy(s->matrix);
    N_VDestroy(s->y);
    N_VDestroy(s->atol);
    SUNContext_Free(&s->context);
    free(s);
}

static const variant bdf_differences = {&bdf, false}, bdf_jacobian = {&bdf, true},
                     adams_only = {&adams, false}, erk_only = {&erk, false};
const course_solver cvode_bdf = {"CVODE BDF, differences", sun_open, sun_run, sun_close,
                                 &bdf_differences,         NULL};
const course_solver cvode_bdf_jacobian = {"CVODE BDF, Jacobian", sun_open, sun_run, sun_close,
                                          &bdf_jacobian,         NULL};
const course_solver cvode_adams = {"CVODE Adams", sun_open, sun_run, sun_close, &adams_only, NULL};
const course_solver arkode_erk = {"ARKODE ERK", sun_open, sun_run, sun_close, &erk_only, NULL};
