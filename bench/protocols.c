/* Candidate protocols of one person: six monthly visits, each gentle or not. */
#include "accuracy.h"
#include "bench.h"
#include <stdlib.h>
#include <string.h>

enum { CANDIDATES = 1 << VISITS_MAX, CHECKED_PEOPLE = 4 };
static const double gentle = 0.5; /* share of the wound */

typedef struct candidates {
    bool share;
    accuracy accuracy;
    cit_engine *engine;
    cohort person;
    cit_course courses[CANDIDATES];
    double days[VISITS_MAX], times[VISITS_MAX + 1];
    cit_wound wounds[CANDIDATES][VISITS_MAX];
    double values[CANDIDATES][(VISITS_MAX + 1) * STATES];
} candidates;

static cit_wound gentler(const cit_wound *wound) {
    cit_wound w = *wound;
    for (int k = 0; k < w.layers; k++) {
        w.debris[k] *= gentle;
        w.hole[k] *= gentle;
    }
    w.band_cut *= gentle;
    return w;
}

static void lay_out(candidates *c, long person) {
    cohort_draw(&c->person, person, 1);
    const cit_course *like = &c->person.courses[0];
    const cit_wound usual = like->wounds[0], less = gentler(&usual);
    for (int i = 0; i < VISITS_MAX; i++) c->days[i] = c->times[i] = 28.0 * i;
    c->times[VISITS_MAX] = 365;
    for (int i = 0; i < CANDIDATES; i++) {
        for (int visit = 0; visit < VISITS_MAX; visit++)
            c->wounds[i][visit] = i >> (VISITS_MAX - 1 - visit) & 1 ? less : usual;
        c->courses[i] = (cit_course){.column = like->column,
                                     .visits = VISITS_MAX,
                                     .days = c->days,
                                     .wounds = c->wounds[i],
                                     .c_cut = like->c_cut,
                                     .band_floor = like->band_floor,
                                     .times = c->times,
                                     .time_count = VISITS_MAX + 1,
                                     .values = c->values[i]};
    }
}

static void run_person(candidates *c, long person, bool share) {
    cit_errors errs = {0};
    lay_out(c, person);
    if (share) cit_courses_share(c->courses, CANDIDATES);
    if (cit_engine_run(c->engine, c->courses, CANDIDATES, NULL, &errs) != CIT_OK)
        bench_die("%s", errs.items[0].text);
}

static void check_bytes(candidates *c) {
    double(*apart)[(VISITS_MAX + 1) * STATES] = malloc(sizeof c->values);
    if (apart == NULL) bench_die("no memory");
    for (int i = 0; i < CHECKED_PEOPLE; i++) {
        run_person(c, i, false);
        memcpy(apart, c->values, sizeof c->values);
        memset(c->values, 0, sizeof c->values);
        run_person(c, i, true);
        if (memcmp(apart, c->values, sizeof c->values) != 0)
            bench_die("shared visits change the result of person %d", i);
    }
    free(apart);
    printf("%d protocols of each of %d people: with shared visits the same bytes as apart\n",
           CANDIDATES, CHECKED_PEOPLE);
}

static void *candidates_open(const bench_work *work) {
    cit_errors errs = {0};
    candidates *c = calloc(1, sizeof *c);
    if (c == NULL) bench_die("no memory for protocols");
    c->share = *(const bool *)work->what;
    c->person = cohort_new(COHORT_USUAL, 1);
    if (!accuracy_choose(&ours_lanes, COHORT_USUAL, work->limit, &c->accuracy))
        bench_die("no lanes");
    if (cit_engine_new_lanes(cit_instructions_best(), c->accuracy.rtol, &c->engine, &errs) !=
        CIT_OK)
        bench_die("%s", errs.items[0].text);
    if (c->share) check_bytes(c);
    return c;
}

static double candidates_run(void *state, long first, long count) {
    candidates *c = state;
    for (long i = 0; i < count; i++) run_person(c, first + i, c->share);
    return (double)count * CANDIDATES;
}

static double candidates_p99(const void *state) {
    return ((const candidates *)state)->accuracy.p99;
}

static void candidates_close(void *state) {
    candidates *c = state;
    cit_engine_free(c->engine);
    cohort_free(&c->person);
    free(c);
}

const bench_kind bench_protocols = {candidates_open, candidates_run, candidates_close,
                                    candidates_p99, BENCH_THREAD};
