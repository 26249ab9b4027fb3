/* Courses a second. */
#include "accuracy.h"
#include "bench.h"
#include <stdlib.h>

enum { BATCH = 256 };

typedef struct side {
    const course_solver *solver;
    void *open;
    cohort batch;
    accuracy accuracy;
} side;

static void *side_open(const bench_work *work, cohort_kind kind) {
    side *s = calloc(1, sizeof *s);
    if (s == NULL) bench_die("no memory");
    s->solver = work->what;
    if (!accuracy_choose(s->solver, kind, work->limit, &s->accuracy)) {
        free(s);
        return NULL;
    }
    s->open = s->solver->open(s->solver, s->accuracy.rtol);
    s->batch = cohort_new(kind, BATCH);
    return s;
}

static void *open_usual(const bench_work *work) { return side_open(work, COHORT_USUAL); }
static void *open_diffusive(const bench_work *work) { return side_open(work, COHORT_DIFFUSIVE); }

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

static double side_p99(const void *state) { return ((const side *)state)->accuracy.p99; }

static void side_close(void *state) {
    side *s = state;
    s->solver->close(s->open);
    cohort_free(&s->batch);
    free(s);
}

const bench_kind bench_courses = {open_usual, side_run, side_close, side_p99, BENCH_THREAD};
const bench_kind bench_courses_diffusive = {open_diffusive, side_run, side_close, side_p99,
                                            BENCH_THREAD};
