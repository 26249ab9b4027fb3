/* The column as a compiled model of R's deSolve: built by `R CMD SHLIB` and linked with libcit, whose right
 * side it hands on. The parameters of a model are numbers to R; here they are the bytes of a flat_course. */
#include "desolve.h"
#include <R.h>
#include <Rinternals.h>
#include <string.h>

enum { PARAMETERS = (sizeof(flat_course) + sizeof(double) - 1) / sizeof(double) };

/* ---- what the integrator calls ------------------------------------------------------------------ */

static double parameters[PARAMETERS];
static cit_ode_system column_system;

void begin(void (*get)(int *count, double *values));
void begin(void (*get)(int *count, double *values)) {
    int count = PARAMETERS;
    get(&count, parameters);
    column_system = cit_column_system(&((const flat_course *)(const void *)parameters)->column);
}

void rates(int *n, double *t, double *y, double *dy, double *out, int *ip);
void rates(int *n, double *t, double *y, double *dy, double *out, int *ip) {
    (void)n, (void)t, (void)out, (void)ip;
    column_system.rhs(column_system.model, y, dy);
}

/* Column by column; n rows apart at least. */
void slopes(int *n, double *t, double *y, int *above, int *below, double *J, int *rows, double *out,
            int *ip);
void slopes(int *n, double *t, double *y, int *above, int *below, double *J, int *rows, double *out,
            int *ip) {
    double by_rows[STATES][STATES];
    (void)n, (void)t, (void)above, (void)below, (void)out, (void)ip;
    cit_column_jacobian(&((const flat_course *)(const void *)parameters)->column, y, by_rows[0]);
    for (int j = 0; j < STATES; j++)
        for (int i = 0; i < STATES; i++) J[(size_t)j * (size_t)*rows + (size_t)i] = by_rows[i][j];
}

/* A model without work, for what the calls themselves take. */
void nothing(int *n, double *t, double *y, double *dy, double *out, int *ip);
void nothing(int *n, double *t, double *y, double *dy, double *out, int *ip) {
    (void)t, (void)y, (void)out, (void)ip;
    memset(dy, 0, sizeof *dy * (size_t)*n);
}

void no_slopes(int *n, double *t, double *y, int *above, int *below, double *J, int *rows,
               double *out, int *ip);
void no_slopes(int *n, double *t, double *y, int *above, int *below, double *J, int *rows,
               double *out, int *ip) {
    (void)t, (void)y, (void)above, (void)below, (void)out, (void)ip;
    memset(J, 0, sizeof *J * (size_t)*rows * (size_t)*n);
}

/* ---- what the script calls ----------------------------------------------------------------------- */

/* The bytes of a course as numbers; where the column begins; its visits' days and the end. */
SEXP course(SEXP bytes);
SEXP course(SEXP bytes) {
    static const char *names[] = {"parms", "start", "days", "end", ""};
    const flat_course *c = (const flat_course *)(const void *)RAW(bytes);
    SEXP ret = PROTECT(mkNamed(VECSXP, names)), x;
    SET_VECTOR_ELT(ret, 0, x = allocVector(REALSXP, PARAMETERS));
    memset(REAL(x), 0, PARAMETERS * sizeof(double));
    memcpy(REAL(x), c, sizeof *c);
    SET_VECTOR_ELT(ret, 1, x = allocVector(REALSXP, STATES));
    cit_column_start(&c->column, REAL(x));
    SET_VECTOR_ELT(ret, 2, x = allocVector(REALSXP, c->visits));
    memcpy(REAL(x), c->days, (size_t)c->visits * sizeof(double));
    SET_VECTOR_ELT(ret, 3, ScalarReal(c->end_day));
    UNPROTECT(1);
    return ret;
}

/* The errors that the column allows, in units of the absolute one. */
SEXP slack(void);
SEXP slack(void) {
    const cit_column shape = {.layers = CIT_COLUMN_LAYERS};
    SEXP ret = allocVector(REALSXP, STATES);
    memcpy(REAL(ret), cit_column_system(&shape).slack, STATES * sizeof(double));
    return ret;
}

/* By .C, which hands on copies: a visit, and the day raised scar begins to count. */
void visit(double *parms, double *y, int *which);
void visit(double *parms, double *y, int *which) {
    flat_course *c = (flat_course *)(void *)parms;
    cit_column_visit(&c->column, &c->wounds[*which - 1], c->c_cut, c->band_floor, y);
}

void count_raised(double *parms);
void count_raised(double *parms) { ((flat_course *)(void *)parms)->column.counts_raised = true; }
