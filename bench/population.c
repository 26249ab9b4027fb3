/* A population: draw people, run each to day 365 with its state once a week, and keep of a few outcomes only
 * what their quantiles by week need, in memory that does not grow with the people. */
#include "accuracy.h"
#include "bench.h"
#include <cit/statistics.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 128, BINS = 1024, SUMMARY_WEEK = 52 };

/* Ranges that nearly all people are within; a sketch counts the others, too. */
static const struct {
    const char *name;
    double lo, hi;
} outcomes[OUTCOMES] = {
    [GAIN] = {"collagen gain", -0.5, 1.5},
    [ELASTIN] = {"elastin", 0, 4},
    [REDNESS] = {"redness", 0, 4},
    [PIGMENT] = {"pigment load", 0, 4},
};

/* What a thread needs for itself. */
typedef struct worker {
    cit_engine *engine;
    cohort batch;
    char *sketches;
} worker;

typedef struct people {
    int threads;
    accuracy accuracy;
    worker *workers;
} people;

/* ---- a thread ---------------------------------------------------------------------------------- */

static cit_sketch *sketch_of(const worker *w, int week, int which) {
    const size_t place = (size_t)(week * OUTCOMES + which);
    return (cit_sketch *)(void *)(w->sketches + place * cit_sketch_size(BINS));
}

static void worker_open(worker *w, double rtol) {
    cit_errors errs = {0};
    w->batch = cohort_new(COHORT_WEEKLY, BATCH);
    w->sketches = malloc((size_t)WEEKS * OUTCOMES * cit_sketch_size(BINS));
    if (w->sketches == NULL) bench_die("no memory for the sketches");
    if (cit_engine_new_lanes(cit_instructions_best(), rtol, &w->engine, &errs) != CIT_OK)
        bench_die("%s", errs.items[0].text);
    for (int i = 0; i < WEEKS; i++)
        for (int j = 0; j < OUTCOMES; j++)
            if (cit_sketch_init(sketch_of(w, i, j), outcomes[j].lo, outcomes[j].hi, BINS, &errs) !=
                CIT_OK)
                bench_die("%s", errs.items[0].text);
}

static void worker_close(worker *w) {
    cit_engine_free(w->engine);
    cohort_free(&w->batch);
    free(w->sketches);
}

/* Week by week, so that its sketches stay in the cache. */
static void add_outcomes(worker *w, int count) {
    for (int week = 0; week < WEEKS; week++)
        for (int i = 0; i < count; i++) {
            double of_person[OUTCOMES];
            cohort_outcomes(&w->batch.courses[i], week, of_person);
            for (int j = 0; j < OUTCOMES; j++) cit_sketch_add(sketch_of(w, week, j), of_person[j]);
        }
}

static void run_batch(worker *w, long first, int count) {
    cit_errors errs = {0};
    cohort_draw(&w->batch, first, count);
    if (cit_engine_run(w->engine, w->batch.courses, count, NULL, &errs) != CIT_OK)
        bench_die("%s", errs.items[0].text);
    add_outcomes(w, count);
}

/* ---- as work ----------------------------------------------------------------------------------- */

static void *people_open(const bench_work *work) {
    people *p = calloc(1, sizeof *p);
    if (p == NULL) bench_die("no memory");
    p->threads = *(const int *)work->what;
    p->workers = calloc((size_t)p->threads, sizeof *p->workers);
    if (p->workers == NULL) bench_die("no memory");
    if (!accuracy_choose(&ours_lanes, COHORT_WEEKLY, work->limit, &p->accuracy))
        bench_die("no lanes");
    for (int i = 0; i < p->threads; i++) worker_open(&p->workers[i], p->accuracy.rtol);
    return p;
}

static double people_run(void *state, long first, long count) {
    const people *p = state;
    const long batches = (count + BATCH - 1) / BATCH;
#pragma omp parallel for num_threads(p->threads) schedule(dynamic)
    for (long i = 0; i < batches; i++) {
        const long left = count - i * BATCH;
        run_batch(&p->workers[omp_get_thread_num()], first + i * BATCH,
                  left < BATCH ? (int)left : BATCH);
    }
    return (double)count;
}

static double people_p99(const void *state) { return ((const people *)state)->accuracy.p99; }

static void people_close(void *state) {
    people *p = state;
    for (int i = 0; i < p->threads; i++) worker_close(&p->workers[i]);
    free(p->workers);
    free(p);
}

static double people_run_by_thread(void *state, long first, long count) {
    return ((const people *)state)->threads * people_run(state, first, count);
}

const bench_kind bench_population = {people_open, people_run, people_close, people_p99, BENCH_WALL};
const bench_kind bench_population_cpu = {people_open, people_run_by_thread, people_close,
                                         people_p99, BENCH_ALL_THREADS};

/* ---- a run by itself --------------------------------------------------------------------------- */

/* Counts add up to the same whichever thread had whom. */
static void merge(people *p) {
    cit_errors errs = {0};
    for (int i = 1; i < p->threads; i++)
        for (int week = 0; week < WEEKS; week++)
            for (int j = 0; j < OUTCOMES; j++)
                if (cit_sketch_merge(sketch_of(&p->workers[0], week, j),
                                     sketch_of(&p->workers[i], week, j), &errs) != CIT_OK)
                    bench_die("%s", errs.items[0].text);
}

static void print_quantiles(const people *p) {
    printf("  week %d, 5 %%, 50 %%, 95 %% of %lld:", SUMMARY_WEEK,
           (long long)cit_sketch_count(sketch_of(&p->workers[0], SUMMARY_WEEK, 0)));
    for (int j = 0; j < OUTCOMES; j++) {
        const cit_sketch *s = sketch_of(&p->workers[0], SUMMARY_WEEK, j);
        printf("%s %s %.3f %.3f %.3f", j > 0 ? "," : "", outcomes[j].name,
               cit_sketch_quantile(s, 0.05, NULL), cit_sketch_quantile(s, 0.5, NULL),
               cit_sketch_quantile(s, 0.95, NULL));
    }
    printf("\n");
}

/* The most memory this process has had since it forgot what it had before; MB. */
static double peak_memory(bool forget) {
    char line[256];
    double kb = 0;
    FILE *file = forget ? fopen("/proc/self/clear_refs", "w") : fopen("/proc/self/status", "r");
    if (file == NULL) return CIT_UNKNOWN_NUMBER;
    if (forget) {
        fputs("5", file);
    } else {
        while (fgets(line, sizeof line, file) != NULL)
            if (strncmp(line, "VmHWM:", 6) == 0) kb = strtod(line + 6, NULL);
    }
    fclose(file);
    return kb / 1000;
}

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

population_figures population_run(double limit, int threads, long count) {
    population_figures ret = {.least_seconds = HUGE_VAL};
    const bench_work work = {&bench_population, &threads, limit};
    people *p = people_open(&work);
    ret.p99 = p->accuracy.p99;
    peak_memory(true);
    const double cpu = cpu_seconds();
    for (int i = 0; i < POPULATION_PARTS; i++) {
        const double start = omp_get_wtime();
        people_run(p, count / POPULATION_PARTS * i, count / POPULATION_PARTS);
        if (i == POPULATION_PARTS - 1) merge(p);
        const double seconds = omp_get_wtime() - start;
        ret.seconds += seconds;
        ret.least_seconds = fmin(ret.least_seconds, POPULATION_PARTS * seconds);
        ret.most_seconds = fmax(ret.most_seconds, POPULATION_PARTS * seconds);
    }
    ret.thread_seconds = (cpu_seconds() - cpu) / threads;
    ret.peak_mb = peak_memory(false);
    print_quantiles(p);
    people_close(p);
    return ret;
}
