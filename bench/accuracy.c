/* Errors against a reference, and the ladder of tolerances. */
#include "accuracy.h"
#include "bench.h"
#include <math.h>
#include <stdlib.h>

static const double reference_rtol = 1e-11;
enum { PEOPLE = 256, RUNGS = 112, RUNGS_A_DECADE = 16 };

static double rung(int i) { return pow(10, -1 - (double)i / RUNGS_A_DECADE); }

/* ---- references -------------------------------------------------------------------------------- */

/* Cohorts with their true states; made when first asked for. Tolerances are chosen on the first. */
enum { CHOSEN_ON, HELD_OUT, HALVES };
static const char *const kind_names[] = {"", ", diffusivities x 10", ", weekly"};
static cohort references[COHORT_KINDS][HALVES];

static int count_above_loop_limit(const cohort *c) {
    int above = 0;
    for (int i = 0; i < c->size; i++) {
        const cit_column *column = &c->courses[i].column;
        above += cit_loop_gain(&column->kinetics) > cit_column_loop_limit(column);
    }
    return above;
}

static cohort make_reference(cohort_kind kind, int half) {
    const course_solver *truth = &cvode_bdf_jacobian;
    cohort c = cohort_new(kind, PEOPLE);
    cohort_draw(&c, (long)half * PEOPLE, PEOPLE);
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < PEOPLE; i++) {
        long steps = 0;
        void *state = truth->open(truth, reference_rtol);
        truth->run(state, &c.courses[i], 1, &steps);
        truth->close(state);
    }
    printf("reference%s, %s: %d people, %d of them above the loop limit\n", kind_names[kind],
           half == CHOSEN_ON ? "chosen on" : "held out", PEOPLE, count_above_loop_limit(&c));
    return c;
}

static const cohort *reference(cohort_kind kind, int half) {
    cohort *c = &references[kind][half];
    if (c->courses == NULL) *c = make_reference(kind, half);
    return c;
}

void accuracy_free(void) {
    for (int i = 0; i < COHORT_KINDS; i++)
        for (int j = 0; j < HALVES; j++)
            if (references[i][j].courses != NULL) cohort_free(&references[i][j]);
}

/* ---- errors ------------------------------------------------------------------------------------ */

typedef struct errors {
    double p99, max, steps; /* steps: a course, mean */
} errors;

static double largest_error(const double *got, const double *want, int count) {
    double worst = 0;
    for (int i = 0; i < count; i++)
        worst = fmax(worst, fabs(got[i] - want[i]) / (fabs(want[i]) + 1e-3));
    return worst;
}

static double course_error(cohort_kind kind, const cit_course *got, const cit_course *want) {
    double worst = 0, got_outcomes[OUTCOMES], want_outcomes[OUTCOMES];
    if (kind != COHORT_WEEKLY)
        return largest_error(got->values, want->values, want->time_count * STATES);
    for (int i = 0; i < want->time_count; i++) {
        cohort_outcomes(got, i, got_outcomes);
        cohort_outcomes(want, i, want_outcomes);
        worst = fmax(worst, largest_error(got_outcomes, want_outcomes, OUTCOMES));
    }
    return worst;
}

static errors measure(const course_solver *solver, double rtol, cohort_kind kind, int half) {
    double of_course[PEOPLE];
    long steps = 0;
    const cohort *want = reference(kind, half);
    cohort c = cohort_new(kind, PEOPLE);
    void *state = solver->open(solver, rtol);
    cohort_draw(&c, (long)half * PEOPLE, PEOPLE);
    solver->run(state, c.courses, PEOPLE, &steps);
    solver->close(state);
    for (int i = 0; i < PEOPLE; i++)
        of_course[i] = course_error(kind, &c.courses[i], &want->courses[i]);
    cohort_free(&c);
    cit_sort(of_course, PEOPLE);
    return (errors){cit_quantile_sorted(of_course, PEOPLE, 0.99), of_course[PEOPLE - 1],
                    (double)steps / PEOPLE};
}

/* Measured before: the same solver serves several limits. */
enum { MEMORY = 1024 };
static struct {
    const course_solver *solver;
    cohort_kind kind;
    int half, rung;
    errors errors;
} memory[MEMORY];
static int memories;

static errors measure_once(const course_solver *solver, int at, cohort_kind kind, int half) {
    if (solver->same_as != NULL) solver = solver->same_as;
    for (int i = 0; i < memories; i++)
        if (memory[i].solver == solver && memory[i].rung == at && memory[i].kind == kind &&
            memory[i].half == half)
            return memory[i].errors;
    const errors found = measure(solver, rung(at), kind, half);
    if (memories == MEMORY) bench_die("more than %d measurements of errors", MEMORY);
    memory[memories].solver = solver;
    memory[memories].kind = kind;
    memory[memories].half = half;
    memory[memories].rung = at;
    memory[memories++].errors = found;
    return found;
}

/* ---- tolerances -------------------------------------------------------------------------------- */

/* A rung within the limit whose looser neighbour is not (or the first), by halving: the loosest one if p99 falls
 * from rung to rung. It nearly does; where it does not, a looser one within the limit may be passed over. */
static int choose_rung(const course_solver *solver, cohort_kind kind, double limit) {
    int loose = -1, tight = RUNGS;
    while (tight - loose > 1) {
        const int middle = (loose + tight) / 2;
        if (measure_once(solver, middle, kind, CHOSEN_ON).p99 <= limit)
            tight = middle;
        else
            loose = middle;
    }
    const double p99 = measure_once(solver, tight, kind, CHOSEN_ON).p99;
    if (p99 > limit) bench_die("%s: p99 %.2g at tolerance %.2g", solver->name, p99, rung(tight));
    return tight;
}

bool accuracy_choose(const course_solver *solver, cohort_kind kind, double limit, accuracy *ret) {
    void *state = solver->open(solver, rung(0));
    if (state == NULL) return false;
    solver->close(state);
    const cohort_kind chosen_on = kind == COHORT_DIFFUSIVE ? COHORT_USUAL : kind;
    const int at = choose_rung(solver, chosen_on, limit);
    const errors here = measure_once(solver, at, kind, CHOSEN_ON),
                 others = measure_once(solver, at, kind, HELD_OUT);
    printf("%-22s p99 <= %.0e%s: tolerance %.2e, p99 %.2e, max %.2e; held out %.2e, %.2e; "
           "%.0f steps\n",
           solver->name, limit, kind_names[kind], rung(at), here.p99, here.max, others.p99,
           others.max, here.steps);
    *ret = (accuracy){rung(at), here.p99};
    return true;
}
