/* cit-bench-heights [--rounds N] [--side N] OUTPUT.csv: maps of heights, beside libgwyddion on the same synthetic cheek
 * (tests/cheek_help.h), both on two threads: form, roughness, Gaussians, autocorrelation, islands.
 *
 * A round runs the chain of one, then of the other; a figure is the median over rounds, a ratio the median of the rounds'
 * ratios. Wall clock, and beside it the processor's seconds of all threads, which other programs disturb less. Memory is
 * the largest resident size of a process that runs one chain once, its floats and all. */
#include "heights.h"
#include "../tests/cheek_help.h"
#include "bench.h"
#include <omp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SOLVERS = 2, PEER = 0, OURS = 1, ROUNDS_MAX = 101, THREADS = 2, CLOCKS = 2, SUMS = 4 };
static const heights_solver *const solvers[SOLVERS] = {&heights_gwyddion, &heights_ours};
static const char *const names[] = {
#define NAME(name, text) text,
    HEIGHTS_STAGES(NAME)
#undef NAME
};
/* Stages that are told together. */
static const struct {
    const char *name;
    heights_stage first, last;
} sums[SUMS] = {{"all of it", HEIGHTS_IMPORT, HEIGHTS_VALUES},
                {"without islands", HEIGHTS_IMPORT, HEIGHTS_CORRELATION},
                {"level, form and roughness", HEIGHTS_PLANE, HEIGHTS_ROUGHNESS},
                {"the two Gaussians", HEIGHTS_S, HEIGHTS_L}};

void bench_die(const char *format, ...) {
    va_list list;
    va_start(list, format);
    fputs("cit-bench-heights: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    exit(EXIT_FAILURE);
}

typedef double times[SOLVERS][CLOCKS][HEIGHTS_STAGE_COUNT][ROUNDS_MAX];

static float *cheek(int n) {
    cheek_scar scars[CHEEK_SCARS];
    float *const um = malloc((size_t)n * (size_t)n * sizeof *um);
    if (um == NULL) bench_die("no memory");
    cheek_make(n, um, scars);
    return um;
}

/* Largest resident size of a process of its own, MiB. */
static double memory_of(const heights_solver *solver, int n) {
    struct rusage used;
    int status;
    const pid_t child = fork();
    if (child < 0) bench_die("no process");
    if (child == 0) {
        omp_set_num_threads(THREADS);
        void *const state = solver->open(cheek(n), n);
        for (heights_stage s = 0; s < HEIGHTS_STAGE_COUNT; s++) solver->run(state, s);
        solver->close(state);
        _exit(EXIT_SUCCESS);
    }
    if (wait4(child, &status, 0, &used) != child || status != 0)
        bench_die("%s failed", solver->name);
    return (double)used.ru_maxrss / 1024;
}

static double now(int clock) {
    struct timespec t;
    clock_gettime(clock == 0 ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static heights_values once(int solver, const float *um, int n, int round, times t) {
    const size_t bytes = (size_t)n * (size_t)n * sizeof *um;
    float *const own = malloc(bytes);
    if (own == NULL) bench_die("no memory");
    memcpy(own, um, bytes);
    void *const state = solvers[solver]->open(own, n);
    for (heights_stage s = 0; s < HEIGHTS_STAGE_COUNT; s++) {
        const double wall = now(0), processor = now(1);
        solvers[solver]->run(state, s);
        t[solver][0][s][round] = now(0) - wall;
        t[solver][1][s][round] = now(1) - processor;
    }
    return solvers[solver]->close(state);
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
static double median(double *values, int n) {
    qsort(values, (size_t)n, sizeof *values, ascending);
    return values[n / 2];
}

static double span(times t, int solver, int clock, heights_stage first, heights_stage last,
                   int round) {
    double sum = 0;
    for (heights_stage s = first; s <= last; s++) sum += t[solver][clock][s][round];
    return sum;
}

static void tell(FILE *csv, const char *name, times t, heights_stage first, heights_stage last,
                 int rounds) {
    double middle[SOLVERS][CLOCKS], ratio[CLOCKS], of[ROUNDS_MAX];
    for (int c = 0; c < CLOCKS; c++) {
        for (int s = 0; s < SOLVERS; s++) {
            for (int r = 0; r < rounds; r++) of[r] = span(t, s, c, first, last, r);
            middle[s][c] = median(of, rounds);
        }
        for (int r = 0; r < rounds; r++)
            of[r] = span(t, PEER, c, first, last, r) / span(t, OURS, c, first, last, r);
        ratio[c] = median(of, rounds);
    }
    printf("%-60s %9.4f %9.4f %7.2f %9.4f %9.4f %7.2f\n", name, middle[PEER][0], middle[OURS][0],
           ratio[0], middle[PEER][1], middle[OURS][1], ratio[1]);
    fprintf(csv, "\"%s\",%.6f,%.6f,%.4f,%.6f,%.6f,%.4f\n", name, middle[PEER][0], middle[OURS][0],
            ratio[0], middle[PEER][1], middle[OURS][1], ratio[1]);
}

static void compare(FILE *csv, int n, int rounds) {
    static times t;
    heights_values v[SOLVERS];
    const double peer_mib = memory_of(solvers[PEER], n), our_mib = memory_of(solvers[OURS], n);
    float *const um = cheek(n);
    omp_set_num_threads(THREADS);
    for (int r = 0; r < rounds; r++)
        for (int s = 0; s < SOLVERS; s++) v[s] = once(s, um, n, r, t);
    printf("\n%d x %d, %d rounds, %d threads\n%-60s %9s %9s %7s %9s %9s %7s\n", n, n, rounds,
           THREADS, "", "gwyddion", "cit", "ratio", "gwyddion", "cit", "ratio");
    printf("%-60s %9s %9s %7s %9s %9s %7s\n", "", "s", "s", "", "cpu s", "cpu s", "");
    fprintf(csv, "# %d x %d\nstage,gwyddion s,cit s,ratio,gwyddion cpu s,cit cpu s,cpu ratio\n", n,
            n);
    for (heights_stage s = 0; s < HEIGHTS_STAGE_COUNT; s++) tell(csv, names[s], t, s, s, rounds);
    for (int k = 0; k < SUMS; k++) tell(csv, sums[k].name, t, sums[k].first, sums[k].last, rounds);
    printf("%-60s %9.1f %9.1f %7.2f\n", "largest resident size, MiB", peer_mib, our_mib,
           peer_mib / our_mib);
    fprintf(csv, "\"largest resident size, MiB\",%.2f,%.2f,%.4f,,,\n", peer_mib, our_mib,
            peer_mib / our_mib);
    for (int s = 0; s < SOLVERS; s++)
        printf("%-12s Sa %.9g Sq %.9g Ssk %.9g Sku %.9g Sz %.9g Sdr %.6g Sdq %.6g, %d islands, "
               "%.4f mm3\n",
               solvers[s]->name, v[s].Sa, v[s].Sq, v[s].Ssk, v[s].Sku, v[s].Sz, v[s].Sdr, v[s].Sdq,
               v[s].islands, v[s].volume_mm3);
    free(um);
}

int main(int count, char **words) {
    int rounds = 5, side = 0, at = 1;
    /* Threads that spin while they wait would count as work. */
    if (getenv("OMP_WAIT_POLICY") == NULL) {
        setenv("OMP_WAIT_POLICY", "passive", 1);
        execv("/proc/self/exe", words);
    }
    for (; at + 1 < count && strncmp(words[at], "--", 2) == 0; at += 2) {
        if (strcmp(words[at], "--rounds") == 0)
            rounds = atoi(words[at + 1]);
        else if (strcmp(words[at], "--side") == 0)
            side = atoi(words[at + 1]);
        else
            bench_die("no option %s", words[at]);
    }
    if (at + 1 != count || rounds < 1 || rounds > ROUNDS_MAX || side < 0)
        bench_die("usage: cit-bench-heights [--rounds 1 to %d] [--side N] OUTPUT.csv", ROUNDS_MAX);
    FILE *const csv = fopen(words[at], "w");
    if (csv == NULL) bench_die("cannot write %s", words[at]);
    if (side > 0) {
        compare(csv, side, rounds);
    } else {
        compare(csv, 2048, rounds);
        compare(csv, 4096, rounds);
    }
    return fclose(csv) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
