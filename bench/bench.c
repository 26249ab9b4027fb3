/* cit-bench [--million] [--only ROW] OUTPUT.csv: times the rows laid out below, prints them, writes them
 * down, and says which goals are reached.
 *
 * Each round times one piece of every work, in order; a work that stands in several rows is timed once a
 * round. A row's value is the median over rounds, its ratio the median of the rounds' ratios. */
#include "bench.h"
#include "accuracy.h"
#include "solvers.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- what is measured -------------------------------------------------------------------------- */

/* Who is packaged, at each limit of the error. Not here: GSL's rk1imp and rk2imp, whose low order takes
 * thousands of steps a course (at an error of 2e-2 and 8e-5 about ten courses a second), ARKODE's implicit methods
 * and what deSolve has beside LSODA. */
static const struct {
    const char *name;
    const course_solver *solver;
} packaged[] = {
    {"cvode_bdf", &cvode_bdf},
    {"cvode_bdf_jacobian", &cvode_bdf_jacobian},
    {"cvode_adams", &cvode_adams},
    {"arkode_erk", &arkode_erk},
    {"gsl_msbdf", &gsl_msbdf},
    {"gsl_msadams", &gsl_msadams},
    {"gsl_rk2", &gsl_rk2},
    {"gsl_rk4", &gsl_rk4},
    {"gsl_rkf45", &gsl_rkf45},
    {"gsl_rkck", &gsl_rkck},
    {"gsl_rk8pd", &gsl_rk8pd},
    {"gsl_rk4imp", &gsl_rk4imp},
    {"gsl_bsimp", &gsl_bsimp},
    {"desolve_lsoda", &desolve_raw},
    {"desolve_lsoda_net", &desolve_net},
};
static const struct {
    const char *row, *row_of_plain;
    double p99;
} limits[] = {{"courses_2e-5", "plain_2e-5", 2e-5}, {"courses_2e-3", "plain_2e-3", 2e-3}};

enum {
    PACKAGED = sizeof packaged / sizeof *packaged,
    LIMITS = sizeof limits / sizeof *limits,
    ROWS_MAX = 64
};

typedef struct bench_row {
    const char *name, *unit;
    bench_work ours;
    const char *peer; /* NULL: the row stands alone */
    bench_work others;
} bench_row;

static bench_row rows[ROWS_MAX];
static int row_count;

static bench_work work(const bench_kind *kind, const void *what, double limit) {
    return (bench_work){kind, what, limit};
}
static bench_work usual(const course_solver *by) { return work(&bench_courses, by, 2e-5); }
static bench_work diffusive(const course_solver *by) {
    return work(&bench_courses_diffusive, by, 2e-5);
}

static void add(const char *name, const char *unit, bench_work ours, const char *peer,
                bench_work others) {
    if (row_count == ROWS_MAX) bench_die("more than %d rows", ROWS_MAX);
    rows[row_count++] = (bench_row){name, unit, ours, peer, others};
}

static void against(int limit, const char *row, const char *peer, const course_solver *solver) {
    const double p99 = limits[limit].p99;
    add(row, "courses/s", work(&bench_courses, &ours_lanes, p99), peer,
        work(&bench_courses, solver, p99));
}

static void lay_out_rows(void) {
    static const int one = 1, two = 2;
    static const bool shared = true, apart = false;
    const bench_kind *people = &bench_population, *people_cpu = &bench_population_cpu,
                     *candidates = &bench_protocols;
    const bench_work nobody = {0};

    add("memory_triad", "GB/s", work(&machine_triad, NULL, 0), NULL, nobody);
    add("fma_rate", "GFlop/s", work(&machine_fma, NULL, 0), NULL, nobody);
    for (int i = 0; i < LIMITS; i++) {
        for (int j = 0; j < PACKAGED; j++)
            against(i, limits[i].row, packaged[j].name, packaged[j].solver);
        against(i, limits[i].row_of_plain, "cit_plain", &ours_plain);
    }
    /* Slowdown of the same solver with ten times the diffusivity. */
    add("diffusive", "courses/s", usual(&ours_lanes), "x10", diffusive(&ours_lanes));
    add("diffusive_rkck", "courses/s", usual(&gsl_rkck), "x10", diffusive(&gsl_rkck));
    add("diffusive_rk8pd", "courses/s", usual(&gsl_rk8pd), "x10", diffusive(&gsl_rk8pd));
    add("diffusive_cvode", "courses/s", usual(&cvode_bdf_jacobian), "x10",
        diffusive(&cvode_bdf_jacobian));
    add("avx2", "courses/s", usual(&ours_avx2), "portable", usual(&ours_portable));
    add("avx512", "courses/s", usual(&ours_avx512), "portable", usual(&ours_portable));
    add("second_thread", "people/s", work(people, &two, 2e-5), "one", work(people, &one, 2e-5));
    add("second_cpu", "people/s", work(people_cpu, &two, 2e-5), "one",
        work(people_cpu, &one, 2e-5));
    add("shared_visits", "protocols/s", work(candidates, &shared, 2e-5), "apart",
        work(candidates, &apart, 2e-5));
}

/* What was wanted (for eight lanes); "packaged" are those above. Of all rows of a name whose peer begins so, the ratio worst for us. */
typedef struct goal {
    const char *what, *row, *peer;
    double wanted;
    bool at_most;
} goal;

static const goal goals[] = {
    {"p99 2e-5: over CVODE BDF", "courses_2e-5", "cvode_bdf", 100, false},
    {"p99 2e-5: over GSL msbdf", "courses_2e-5", "gsl_msbdf", 50, false},
    {"p99 2e-5: over the fastest packaged", "courses_2e-5", "", 7, false},
    {"p99 2e-3: over CVODE BDF", "courses_2e-3", "cvode_bdf", 150, false},
    {"p99 2e-3: over GSL msbdf", "courses_2e-3", "gsl_msbdf", 80, false},
    {"p99 2e-3: over the fastest packaged", "courses_2e-3", "", 18, false},
    {"slower with ten times the diffusivity", "diffusive", "", 1.3, true},
    {"two threads over one", "second_thread", "", 1.7, false},
};

/* A million people by themselves, on two threads: error, seconds, memory. */
static const struct { double limit, seconds, mb; } millions[] = {{5e-4, 30, 200}, {2e-5, 45, 200}};

enum {
    GOALS = sizeof goals / sizeof *goals,
    MILLIONS = sizeof millions / sizeof *millions,
    ROUNDS = 7,
    MILLION = 1000000,
    SHORT_OF_MILLION = 100000
};
static const double piece_seconds = 0.2;

/* A work as the rounds see it. */
typedef struct lane {
    bench_work work;
    void *state;      /* NULL: not here */
    long next, count; /* items: the first of the next piece, and a piece's */
    double rates[ROUNDS];
} lane;

void bench_die(const char *format, ...) {
    va_list list;
    va_start(list, format);
    fputs("cit-bench: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    exit(EXIT_FAILURE);
}

/* ---- pieces ------------------------------------------------------------------------------------ */

static double elsewhere_seconds, elsewhere_in_all;

void bench_took_elsewhere(double counted, double in_all) {
    elsewhere_seconds += counted;
    elsewhere_in_all += in_all;
}

static double seconds_by(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Runs a piece; returns its seconds and the work done. */
static double run_piece(lane *l, long count, double *ret_done) {
    static const clockid_t clocks[] = {[BENCH_THREAD] = CLOCK_THREAD_CPUTIME_ID,
                                       [BENCH_ALL_THREADS] = CLOCK_PROCESS_CPUTIME_ID,
                                       [BENCH_WALL] = CLOCK_MONOTONIC};
    const clockid_t clock = clocks[l->work.kind->clock];
    elsewhere_seconds = 0;
    const double start = seconds_by(clock);
    *ret_done = l->work.kind->run(l->state, l->next, count);
    l->next += count;
    return seconds_by(clock) - start + elsewhere_seconds;
}

/* Finds how many items a piece needs. */
static void calibrate(lane *l) {
    double done, seconds = 0;
    long count = 1;
    while ((seconds = run_piece(l, count, &done)) < 0.2 * piece_seconds) count *= 2;
    l->count = (long)((double)count * piece_seconds / seconds);
    if (l->count < 1) l->count = 1;
    l->next = 0;
}

/* ---- lanes ------------------------------------------------------------------------------------- */

static bool is_same(const bench_work *a, const bench_work *b) {
    return a->kind == b->kind && a->what == b->what && a->limit == b->limit;
}

/* The place of this work among the lanes, which it joins if it is new; -1: there is none. */
static int lane_of(const bench_work *work, lane *lanes, int *count) {
    if (work->kind == NULL) return -1;
    for (int i = 0; i < *count; i++)
        if (is_same(&lanes[i].work, work)) return i;
    lanes[*count] = (lane){.work = *work};
    return (*count)++;
}

static void open_all(lane *lanes, int count) {
    for (int i = 0; i < count; i++) {
        lanes[i].state = lanes[i].work.kind->open(&lanes[i].work);
        if (lanes[i].state != NULL) calibrate(&lanes[i]);
    }
}

static void run_rounds(lane *lanes, int count) {
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < count; i++) {
            double done;
            if (lanes[i].state == NULL) continue;
            const double seconds = run_piece(&lanes[i], lanes[i].count, &done);
            lanes[i].rates[round] = done / seconds;
        }
}

static void close_all(lane *lanes, int count) {
    for (int i = 0; i < count; i++)
        if (lanes[i].state != NULL) lanes[i].work.kind->close(lanes[i].state);
}

/* ---- rows -------------------------------------------------------------------------------------- */

/* Median, least and most of the rounds; p99: 0 where there is no error. */
typedef struct figure {
    double value, min, max, p99;
} figure;

static figure figure_of(const double values[ROUNDS], const lane *l) {
    double sorted[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) sorted[i] = values[i];
    cit_sort(sorted, ROUNDS);
    return (figure){cit_quantile_sorted(sorted, ROUNDS, 0.5), sorted[0], sorted[ROUNDS - 1],
                    l != NULL && l->work.kind->p99 != NULL ? l->work.kind->p99(l->state) : 0};
}

/* What the rounds gave to a row. */
typedef struct result {
    bool here;
    figure ours, peer, ratio; /* the latter two 0 without a peer */
} result;

static result result_of(const lane *ours, const lane *peer) {
    double ratios[ROUNDS];
    result r = {.here = ours->state != NULL && (peer == NULL || peer->state != NULL)};
    if (!r.here) return r;
    r.ours = figure_of(ours->rates, ours);
    if (peer == NULL) return r;
    for (int i = 0; i < ROUNDS; i++) ratios[i] = ours->rates[i] / peer->rates[i];
    r.peer = figure_of(peer->rates, peer);
    r.ratio = figure_of(ratios, NULL);
    return r;
}

static void print_row(const bench_row *row, const result *r) {
    const figure *o = &r->ours, *p = &r->peer, *q = &r->ratio;
    printf("%-15s ", row->name);
    if (!r->here) {
        printf("not here: %s\n", row->peer != NULL ? row->peer : row->name);
        return;
    }
    printf("%9.4g %-11s (%.4g to %.4g)", o->value, row->unit, o->min, o->max);
    if (o->p99 > 0) printf(", p99 %.1e", o->p99);
    if (row->peer != NULL)
        printf("; %.4g (%.4g to %.4g) x %s, %.4g", q->value, q->min, q->max, row->peer, p->value);
    if (p->p99 > 0) printf(", p99 %.1e", p->p99);
    printf("\n");
}

static void write_row(const bench_row *row, const result *r, FILE *csv) {
    const figure *o = &r->ours, *p = &r->peer, *q = &r->ratio;
    if (!r->here) return;
    fprintf(csv, "%s,%.6g,%s,", row->name, o->value, row->unit);
    if (row->peer != NULL)
        fprintf(csv, "%s,%.6g,%.4g", row->peer, p->value, q->value);
    else
        fputs(",,", csv);
    fprintf(csv, ",%.6g,%.6g,%d,%.3g,%.3g,%.4g,%.4g\n", o->min, o->max, ROUNDS, o->p99, p->p99,
            q->min, q->max);
}

/* ---- goals ------------------------------------------------------------------------------------- */

static void print_goal(const char *what, double got, const char *unit, double wanted,
                       bool at_most) {
    const bool reached = at_most ? got <= wanted : got >= wanted;
    printf("%-42s %8.3g %-2s  goal %s %g: %s\n", what, got, unit, at_most ? "<=" : ">=", wanted,
           reached ? "reached" : "NOT reached");
}

static void judge(const goal *g, const result *results) {
    int worst = -1;
    for (int i = 0; i < row_count; i++) {
        if (strcmp(rows[i].name, g->row) != 0 || !results[i].here) continue;
        if (strncmp(rows[i].peer, g->peer, strlen(g->peer)) != 0) continue;
        const double ratio = results[i].ratio.value;
        if (worst < 0 ||
            (g->at_most ? ratio > results[worst].ratio.value : ratio < results[worst].ratio.value))
            worst = i;
    }
    char what[80];
    if (worst < 0) return;
    snprintf(what, sizeof what, "%s (%s)", g->what, rows[worst].peer);
    print_goal(what, results[worst].ratio.value, "x", g->wanted, g->at_most);
}

/* ---- a million --------------------------------------------------------------------------------- */

static population_figures run_million(double limit, long count, FILE *csv) {
    machine_watch(elsewhere_in_all);
    population_figures f = population_run(limit, 2, count);
    const double busy = machine_watched(elsewhere_in_all), scale = (double)MILLION / (double)count;
    f.seconds *= scale;
    f.least_seconds *= scale;
    f.most_seconds *= scale;
    f.thread_seconds *= scale;
    printf("a million people, p99 %.1e: %.1f s (%.1f to %.1f by fifths), %.1f s of the processor a "
           "thread, peak memory %.0f MB%s; other programs kept %.1f cores busy\n",
           f.p99, f.seconds, f.least_seconds, f.most_seconds, f.thread_seconds, f.peak_mb,
           count < MILLION ? "; times scaled from 100,000" : "", busy);
    fprintf(csv, "million_%.0e,%.6g,s,,,,%.6g,%.6g,%d,%.3g,,,\n", limit, f.seconds, f.least_seconds,
            f.most_seconds, POPULATION_PARTS, f.p99);
    fprintf(csv, "million_thread_%.0e,%.6g,s,,,,,,1,%.3g,,,\n", limit, f.thread_seconds, f.p99);
    fprintf(csv, "million_memory_%.0e,%.6g,MB,,,,,,1,%.3g,,,\n", limit, f.peak_mb, f.p99);
    return f;
}

static void judge_million(int i, const population_figures *f) {
    char what[80];
    snprintf(what, sizeof what, "p99 %.0e: a million people", millions[i].limit);
    print_goal(what, f->seconds, "s", millions[i].seconds, true);
    print_goal("    their peak memory", f->peak_mb, "MB", millions[i].mb, true);
}

/* ---- all --------------------------------------------------------------------------------------- */

typedef struct options {
    bool million;
    const char *only; /* rows whose names begin so */
    const char *path;
} options;

static options read_options(int argc, char **argv) {
    options o = {.only = ""};
    int i = 1;
    for (; i < argc - 1; i++) {
        if (strcmp(argv[i], "--million") == 0)
            o.million = true;
        else if (strcmp(argv[i], "--only") == 0 && i < argc - 2)
            o.only = argv[++i];
        else
            break;
    }
    if (i != argc - 1) bench_die("usage: cit-bench [--million] [--only ROW] OUTPUT.csv");
    o.path = argv[i];
    return o;
}

static bool is_wanted(const options *o, const char *name) {
    return strncmp(name, o->only, strlen(o->only)) == 0;
}

/* All wanted rows in rounds; returns how many cores others kept busy meanwhile. */
static double run_rows(const options *o, result results[ROWS_MAX]) {
    lane lanes[2 * ROWS_MAX];
    int count = 0, ours[ROWS_MAX], peers[ROWS_MAX];
    for (int i = 0; i < row_count; i++) {
        const bool wanted = is_wanted(o, rows[i].name);
        ours[i] = wanted ? lane_of(&rows[i].ours, lanes, &count) : -1;
        peers[i] = wanted ? lane_of(&rows[i].others, lanes, &count) : -1;
    }
    open_all(lanes, count);
    machine_watch(elsewhere_in_all);
    run_rounds(lanes, count);
    const double busy = machine_watched(elsewhere_in_all);
    for (int i = 0; i < row_count; i++)
        results[i] = ours[i] < 0
                         ? (result){0}
                         : result_of(&lanes[ours[i]], peers[i] < 0 ? NULL : &lanes[peers[i]]);
    close_all(lanes, count);
    return busy;
}

static void report_rows(const options *o, const result results[ROWS_MAX], double busy, FILE *csv) {
    printf(
        "\nmedian (least to most) of %d rounds of %g s; ratio: median over rounds; other programs "
        "kept %.1f cores busy\n",
        ROUNDS, piece_seconds, busy);
    fputs("name,value,unit,peer,peer_value,ratio,min,max,rounds,p99,peer_p99,ratio_min,ratio_max\n",
          csv);
    for (int i = 0; i < row_count; i++) {
        if (!is_wanted(o, rows[i].name)) continue;
        print_row(&rows[i], &results[i]);
        write_row(&rows[i], &results[i], csv);
    }
}

int main(int argc, char **argv) {
    const options o = read_options(argc, argv);
    result results[ROWS_MAX];
    population_figures people[MILLIONS];
    const bool with_million = is_wanted(&o, "million");

    FILE *csv = fopen(o.path, "w");
    if (csv == NULL) bench_die("cannot write %s", o.path);
    setvbuf(stdout, NULL, _IOLBF, 0);

    printf("best instructions here: %s\n", cit_instructions_name(cit_instructions_best()));
    lay_out_rows();
    const double busy = run_rows(&o, results);
    report_rows(&o, results, busy, csv);
    if (with_million) printf("\non two threads, by the wall clock\n");
    for (int i = 0; i < MILLIONS && with_million; i++)
        people[i] = run_million(millions[i].limit, o.million ? MILLION : SHORT_OF_MILLION, csv);
    printf("\n");
    for (int i = 0; i < GOALS; i++) judge(&goals[i], results);
    for (int i = 0; i < MILLIONS && with_million; i++) judge_million(i, &people[i]);
    accuracy_free();
    if (fclose(csv) != 0) bench_die("cannot write %s", o.path);
    return EXIT_SUCCESS;
}
