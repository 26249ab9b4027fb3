/* Patient-courses a second: draw a person, wound the column at 4, 5 or 6 monthly visits, integrate to
 * day 365, keep the state before every visit and at the end.
 *
 * Solvers are compared at equal error: of each course the largest |y - ref| / (|ref| + 1e-3) over
 * states and times against CVODE at 1e-11, of a cohort its 99th percentile (p99). Every solver runs
 * at the loosest tolerance of a ladder whose p99 is within the limit. A tolerance chosen so looks
 * better on the patients it was chosen on than on others: p99 of as many others is printed, too. */
#include "courses.h"
#include "bench.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double p99_limit = 1e-4, reference_rtol = 1e-11;
static const double interval_day = 28, end_day = 365;
static const uint64_t seed = 1;
enum { COHORT = 256, BATCH = 32, VISITS_MIN = 4, VISITS_MAX = 6, RUNGS = 48, RUNGS_A_DECADE = 8 };

/* ---- the cohort -------------------------------------------------------------------------------- */

/* Room for one course. */
typedef struct patient {
    double days[VISITS_MAX], times[VISITS_MAX + 1];
    cit_wound wounds[VISITS_MAX];
    double values[(VISITS_MAX + 1) * CIT_COLUMN_SIZE_MAX];
} patient;

typedef struct cohort {
    patient *patients;
    cit_course *courses;
} cohort;

static cohort cohort_new(int count) {
    cohort c = {calloc((size_t)count, sizeof *c.patients),
                calloc((size_t)count, sizeof *c.courses)};
    if (c.patients == NULL || c.courses == NULL) bench_die("no memory for %d patients", count);
    return c;
}

static void cohort_free(cohort *c) {
    free(c->patients);
    free(c->courses);
}

/* Uniform between the bounds; these stand for what a case and a protocol would say. */
static double draw_between(uint32_t draw, const char *what, double low, double high) {
    return low + (high - low) * cit_random(seed, draw, cit_random_stream(what), 0);
}

/* Does a course depend on this parameter? */
static bool is_drawn(const cit_parameter *row) {
    static const char *const single[] = {"set_point",        "c_band",        "pigment_rate",
                                         "needle_length_mm", "roller_passes", "pen_passes"};
    if (strcmp(row->group, "healing") == 0 || strcmp(row->group, "needling") == 0) return true;
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        if (strcmp(row->param.name, single[i]) == 0) return true;
    return false;
}

/* The rows that are drawn and their random streams; made once. */
enum { DRAWN_MAX = 128 };
static struct {
    const cit_parameter *rows[DRAWN_MAX];
    uint32_t streams[DRAWN_MAX];
    int count;
} drawn;

static void choose_drawn(void) {
    int count;
    const cit_parameter *table = cit_parameter_table(&count);
    drawn.count = 0;
    for (int i = 0; i < count; i++) {
        if (!is_drawn(&table[i])) continue;
        if (drawn.count == DRAWN_MAX) bench_die("more than %d parameters to draw", DRAWN_MAX);
        drawn.streams[drawn.count] = cit_random_stream(table[i].param.name);
        drawn.rows[drawn.count++] = &table[i];
    }
}

static void draw_parameters(uint32_t draw, cit_parameters *p) {
    for (int i = 0; i < drawn.count; i++) {
        const double u = cit_random(seed, draw, drawn.streams[i], 0);
        cit_parameter_set(p, drawn.rows[i], cit_param_quantile(&drawn.rows[i]->param, u));
    }
}

/* A roller or a pen in use. 0.153 punctures per mm2 and pass: 192 needles on a drum of 20 x 20 mm. */
static cit_use draw_use(uint32_t draw, const cit_parameters *p) {
    const bool pen = draw_between(draw, "device", 0, 1) < 0.5;
    const double diameter_mm = 0.25;
    cit_use use = {.kind = pen ? CIT_PEN : CIT_ROLLER,
                   .length_mm = p->prior.needle_length_mm,
                   .passes = pen ? p->prior.pen_passes : p->prior.roller_passes,
                   .halo_mm = p->needling.halo_ratio * diameter_mm,
                   .hole_mm = p->needling.hole_mm};
    use.density = pen ? exp(draw_between(draw, "density", log(2), log(20))) : 0.153 * use.passes;
    return use;
}

/* Nobody is left out: who lies above the loop limit is in the cohort, too. */
static void draw_course(uint32_t draw, patient *who, cit_course *ret) {
    cit_parameters p = {0};
    draw_parameters(draw, &p);
    const double epidermis_mm = 0.08, dermis_mm = draw_between(draw, "dermis", 0.9, 1.6);
    *ret = (cit_course){
        .visits = VISITS_MIN + (int)draw_between(draw, "visits", 0, VISITS_MAX - VISITS_MIN + 1),
        .days = who->days,
        .wounds = who->wounds,
        .c_cut = p.needling.c_cut,
        .band_floor = 1 - p.scar.c_band,
        .times = who->times,
        .values = who->values,
    };
    ret->time_count = ret->visits + 1;
    if (cit_column_make(&p.healing, epidermis_mm, dermis_mm, CIT_COLUMN_LAYERS, p.scar.set_point,
                        p.outcome.pigment_rate, &ret->column, NULL) != CIT_OK)
        bench_die("draw %u makes no column", draw);
    const cit_use use = draw_use(draw, &p);
    cit_wound_make(&p.needling, &use, 0, ret->column.edges_mm, CIT_COLUMN_LAYERS,
                   epidermis_mm + dermis_mm, &who->wounds[0]);
    for (int i = 0; i < ret->visits; i++) {
        who->days[i] = who->times[i] = interval_day * i;
        if (i > 0) who->wounds[i] = who->wounds[0];
    }
    who->times[ret->visits] = end_day;
}

static void cohort_draw(cohort *c, long first, int count) {
    for (int i = 0; i < count; i++)
        draw_course((uint32_t)(first + i), &c->patients[i], &c->courses[i]);
}

/* ---- our solver -------------------------------------------------------------------------------- */

static void *ours_open(double rtol) {
    cit_errors errs = {0};
    cit_engine *engine = NULL;
    if (cit_engine_new(&cit_ode_rodas, CIT_COLUMN_LAYERS, rtol, &engine, &errs) != CIT_OK)
        bench_die("%s", errs.items[0].text);
    return engine;
}

static void ours_run(void *solver, cit_course *courses, int count, long *steps) {
    cit_errors errs = {0};
    cit_ode_stats stats = {0};
    if (cit_engine_run(solver, courses, count, &stats, &errs) != CIT_OK)
        bench_die("%s", errs.items[0].text);
    *steps += stats.steps;
}

static void ours_close(void *solver) { cit_engine_free(solver); }

const course_solver ours_rodas = {"cit RODAS", ours_open, ours_run, ours_close};

/* ---- error and tolerance ----------------------------------------------------------------------- */

/* Cohorts with their true states; made once, read by all. Tolerances are chosen on the first. */
enum { CHOSEN_ON, HELD_OUT, COHORTS };
static cohort references[COHORTS];

static cohort make_reference(int which) {
    long steps = 0;
    int above = 0;
    cohort c = cohort_new(COHORT);
    cohort_draw(&c, which * COHORT, COHORT);
    void *solver = peer_cvode_bdf.open(reference_rtol);
    peer_cvode_bdf.run(solver, c.courses, COHORT, &steps);
    peer_cvode_bdf.close(solver);
    for (int i = 0; i < COHORT; i++) {
        const cit_column *column = &c.courses[i].column;
        above += cit_loop_gain(&column->kinetics) > cit_column_loop_limit(column);
    }
    printf("%s: %d patients, %d of them above the loop limit\n",
           which == CHOSEN_ON ? "chosen on" : "held out", COHORT, above);
    return c;
}

static void need_references(void) {
    if (references[0].patients != NULL) return;
    choose_drawn();
    printf("courses of %d to %d visits to day %g\n", VISITS_MIN, VISITS_MAX, end_day);
    for (int i = 0; i < COHORTS; i++) references[i] = make_reference(i);
}

static void free_references(void) {
    for (int i = 0; i < COHORTS; i++) {
        cohort_free(&references[i]);
        references[i] = (cohort){0};
    }
}

static double course_error(const cit_course *got, const cit_course *want) {
    const int values = want->time_count * cit_column_size(&want->column);
    double worst = 0;
    for (int i = 0; i < values; i++) {
        const double error = fabs(got->values[i] - want->values[i]);
        worst = fmax(worst, error / (fabs(want->values[i]) + 1e-3));
    }
    return worst;
}

typedef struct accuracy {
    double p99, max, steps; /* steps: a course, mean */
} accuracy;

static accuracy measure(const course_solver *solver, double rtol, int which) {
    double errors[COHORT];
    long steps = 0;
    cohort c = cohort_new(COHORT);
    void *open = solver->open(rtol);
    cohort_draw(&c, which * COHORT, COHORT);
    solver->run(open, c.courses, COHORT, &steps);
    solver->close(open);
    for (int i = 0; i < COHORT; i++)
        errors[i] = course_error(&c.courses[i], &references[which].courses[i]);
    cohort_free(&c);
    cit_sort(errors, COHORT);
    return (accuracy){cit_quantile_sorted(errors, COHORT, 0.99), errors[COHORT - 1],
                      (double)steps / COHORT};
}

static double rung(int i) { return pow(10, -2 - (double)i / RUNGS_A_DECADE); }

/* The loosest tolerance of the ladder within the limit, by halving. */
static double choose_tolerance(const course_solver *solver) {
    int loose = -1, tight = RUNGS;
    accuracy best = measure(solver, rung(tight), CHOSEN_ON);
    if (best.p99 > p99_limit)
        bench_die("%s: p99 %.2g at tolerance %.2g", solver->name, best.p99, rung(tight));
    while (tight - loose > 1) {
        const int middle = (loose + tight) / 2;
        const accuracy now = measure(solver, rung(middle), CHOSEN_ON);
        if (now.p99 <= p99_limit) {
            tight = middle;
            best = now;
        } else {
            loose = middle;
        }
    }
    const accuracy others = measure(solver, rung(tight), HELD_OUT);
    printf("%-18s tolerance %.2e: p99 %.2e, max %.2e; held out p99 %.2e, max %.2e; "
           "%.0f steps a course\n",
           solver->name, rung(tight), best.p99, best.max, others.p99, others.max, best.steps);
    return rung(tight);
}

/* ---- the works --------------------------------------------------------------------------------- */

typedef struct side {
    const course_solver *solver;
    void *open;
    cohort batch;
} side;

static void side_prepare(void *state) {
    side *s = state;
    need_references();
    s->open = s->solver->open(choose_tolerance(s->solver));
    s->batch = cohort_new(BATCH);
}

static double side_run(void *state, long first, long count) {
    side *s = state;
    long steps = 0;
    for (long done = 0; done < count; done += BATCH) {
        const int now = count - done < BATCH ? (int)(count - done) : BATCH;
        cohort_draw(&s->batch, first + done, now);
        s->solver->run(s->open, s->batch.courses, now, &steps);
    }
    return (double)count;
}

static void side_finish(void *state) {
    side *s = state;
    s->solver->close(s->open);
    cohort_free(&s->batch);
    free_references();
}

static side ours_side = {.solver = &ours_rodas}, cvode_side = {.solver = &peer_cvode_bdf},
            gsl_side = {.solver = &peer_gsl_rk8pd};
const bench_work column_ours = {side_prepare, side_run, side_finish, &ours_side};
const bench_work column_cvode_bdf = {side_prepare, side_run, side_finish, &cvode_side};
const bench_work column_gsl_rk8pd = {side_prepare, side_run, side_finish, &gsl_side};
