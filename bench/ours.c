/* The product's own engines as solvers. */
#include "bench.h"
#include "solvers.h"

static void *lanes_open(const course_solver *self, double rtol) {
    const cit_instructions set =
        self->variant != NULL ? *(const cit_instructions *)self->variant : cit_instructions_best();
    cit_errors errs = {0};
    cit_engine *engine = NULL;
    if (!cit_instructions_here(set)) {
        printf("%s: this processor or build has no such instructions\n", self->name);
        return NULL;
    }
    if (cit_engine_new_lanes(set, rtol, &engine, &errs) != CIT_OK)
        bench_die("%s", errs.items[0].text);
    return engine;
}

static void *plain_open(const course_solver *self, double rtol) {
    cit_errors errs = {0};
    cit_engine *engine = NULL;
    (void)self;
    if (cit_engine_new(&cit_ode_rodas, CIT_COLUMN_LAYERS, rtol, &engine, &errs) != CIT_OK)
        bench_die("%s", errs.items[0].text);
    return engine;
}

static void ours_run(void *state, cit_course *courses, int count, long *steps) {
    cit_errors errs = {0};
    cit_ode_stats stats = {0};
    if (cit_engine_run(state, courses, count, &stats, &errs) != CIT_OK)
        bench_die("%s", errs.items[0].text);
    *steps += stats.steps;
}

static void ours_close(void *state) { cit_engine_free(state); }

static const cit_instructions portable = CIT_PORTABLE, avx2 = CIT_AVX2, avx512 = CIT_AVX512;
const course_solver ours_lanes = {"cit, lanes", lanes_open, ours_run, ours_close, NULL, NULL};
const course_solver ours_portable = {"cit, portable", lanes_open, ours_run,
                                     ours_close,      &portable,  NULL};
const course_solver ours_avx2 = {"cit, avx2", lanes_open, ours_run, ours_close, &avx2, NULL};
const course_solver ours_avx512 = {"cit, avx512", lanes_open, ours_run, ours_close, &avx512, NULL};
const course_solver ours_plain = {"cit, plain", plain_open, ours_run, ours_close, NULL, NULL};
