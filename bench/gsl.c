/* GSL. It is under the GPL: it is measured here and linked into nothing else. */
#include "bench.h"
#include "solvers.h"
#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <stdlib.h>
#include <string.h>

typedef struct gsl_state {
    gsl_odeiv2_system system;
    gsl_odeiv2_driver *driver;
    const cit_column *column;
    cit_ode_system column_system;
    long steps;
} gsl_state;

static int rhs(double t, const double *y, double *dy, void *user) {
    const gsl_state *s = user;
    (void)t;
    s->column_system.rhs(s->column_system.model, y, dy);
    return GSL_SUCCESS;
}

static int jacobian(double t, const double *y, double *dfdy, double *dfdt, void *user) {
    const gsl_state *s = user;
    (void)t;
    cit_column_jacobian(s->column, y, dfdy);
    memset(dfdt, 0, s->system.dimension * sizeof *dfdt);
    return GSL_SUCCESS;
}

static void *gsl_open(const course_solver *self, double rtol) {
    const gsl_odeiv2_step_type *type = *(const gsl_odeiv2_step_type *const *)self->variant;
    const cit_column shape = {.layers = CIT_COLUMN_LAYERS};
    const cit_ode_system system = cit_column_system(&shape);
    gsl_state *s = calloc(1, sizeof *s);
    if (s == NULL) bench_die("no memory for GSL");
    s->system = (gsl_odeiv2_system){rhs, jacobian, (size_t)system.n, s};
    s->driver = gsl_odeiv2_driver_alloc_scaled_new(
        &s->system, type, solver_first_step, solver_atol_share * rtol, rtol, 1, 0, system.slack);
    if (s->driver == NULL) bench_die("no memory for GSL");
    return s;
}

static void gsl_advance(void *state, const stretch *st, double *y) {
    gsl_state *s = state;
    double t = st->from;
    s->column = st->column;
    s->column_system = cit_column_system(st->column);
    if (st->begins) gsl_odeiv2_driver_reset_hstart(s->driver, solver_first_step);
    if (gsl_odeiv2_driver_apply(s->driver, &t, st->to, y) != GSL_SUCCESS)
        bench_die("GSL stopped at day %g", t);
    if (!(st->to < st->until)) s->steps += (long)s->driver->e->count;
}

static void gsl_run(void *state, cit_course *courses, int count, long *steps) {
    gsl_state *s = state;
    double y[CIT_COLUMN_SIZE_MAX];
    s->steps = 0;
    for (int i = 0; i < count; i++) walk_course(s, gsl_advance, &courses[i], y);
    *steps += s->steps;
}

static void gsl_close(void *state) {
    gsl_state *s = state;
    gsl_odeiv2_driver_free(s->driver);
    free(s);
}

const course_solver gsl_rk8pd = {"GSL rk8pd", gsl_open, gsl_run, gsl_close, &gsl_odeiv2_step_rk8pd,
                                 NULL};
const course_solver gsl_rkf45 = {"GSL rkf45", gsl_open, gsl_run, gsl_close, &gsl_odeiv2_step_rkf45,
                                 NULL};
const course_solver gsl_rkck = {"GSL rkck", gsl_open, gsl_run, gsl_close, &gsl_odeiv2_step_rkck,
                                NULL};
const course_solver gsl_rk2 = {"GSL rk2", gsl_open, gsl_run, gsl_close, &gsl_odeiv2_step_rk2, NULL};
const course_solver gsl_msbdf = {"GSL msbdf", gsl_open, gsl_run, gsl_close, &gsl_odeiv2_step_msbdf,
                                 NULL};
const course_solver gsl_msadams = {
    "GSL msadams", gsl_open, gsl_run, gsl_close, &gsl_odeiv2_step_msadams, NULL};
const course_solver gsl_rk4 = {"GSL rk4", gsl_open, gsl_run, gsl_close, &gsl_odeiv2_step_rk4, NULL};
const course_solver gsl_rk4imp = {
    "GSL rk4imp", gsl_open, gsl_run, gsl_close, &gsl_odeiv2_step_rk4imp, NULL};
const course_solver gsl_bsimp = {"GSL bsimp", gsl_open, gsl_run, gsl_close, &gsl_odeiv2_step_bsimp,
                                 NULL};
