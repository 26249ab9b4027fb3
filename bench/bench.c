/* cit-bench OUTPUT.csv: times every row of the table below, prints them and writes them down.
 *
 * Each round times one piece of every work, in order, on one core; a work that stands in several rows
 * is timed once a round. A row's value is the median over rounds, its ratio the median of the
 * rounds' ratios. */
#include "bench.h"
#include <cit/num.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const bench_row rows[] = {
    {"memory_triad", "GB/s", &machine_triad, NULL, NULL},
    {"fma_rate", "GFlop/s", &machine_fma, NULL, NULL},
    {"column_courses", "courses/s", &column_ours, "cvode_bdf", &column_cvode_bdf},
    {"column_courses", "courses/s", &column_ours, "gsl_rk8pd", &column_gsl_rk8pd},
};

enum { ROWS = sizeof rows / sizeof *rows, ROUNDS = 7 };
static const double piece_seconds = 0.3;

/* A work as the rounds see it. */
typedef struct lane {
    const bench_work *work;
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

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Runs a piece; returns its CPU seconds and the work done. */
static double run_piece(lane *l, long count, double *ret_done) {
    const double start = cpu_seconds();
    *ret_done = l->work->run(l->work->state, l->next, count);
    l->next += count;
    return cpu_seconds() - start;
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

/* The place of this work among the lanes, which it joins if it is new. */
static int lane_of(const bench_work *work, lane *lanes, int *count) {
    for (int i = 0; i < *count; i++)
        if (lanes[i].work == work) return i;
    lanes[*count] = (lane){.work = work};
    return (*count)++;
}

static double median(const double rates[ROUNDS], double *ret_min, double *ret_max) {
    double sorted[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) sorted[i] = rates[i];
    cit_sort(sorted, ROUNDS);
    *ret_min = sorted[0];
    *ret_max = sorted[ROUNDS - 1];
    return cit_quantile_sorted(sorted, ROUNDS, 0.5);
}

static void report(const bench_row *row, const lane *ours, const lane *peer, FILE *csv) {
    double min, max, unused, ratios[ROUNDS];
    const double value = median(ours->rates, &min, &max);
    printf("%-16s %10.4g %-10s (%.4g to %.4g)", row->name, value, row->unit, min, max);
    fprintf(csv, "%s,%.6g,%s,", row->name, value, row->unit);
    if (peer == NULL) {
        fputs(",,", csv);
    } else {
        for (int i = 0; i < ROUNDS; i++) ratios[i] = ours->rates[i] / peer->rates[i];
        const double peer_value = median(peer->rates, &unused, &unused);
        const double ratio = median(ratios, &unused, &unused);
        printf("  %6.1f x %s, %.4g", ratio, row->peer, peer_value);
        fprintf(csv, "%s,%.6g,%.4g", row->peer, peer_value, ratio);
    }
    printf("\n");
    fprintf(csv, ",%.6g,%.6g,%d\n", min, max, ROUNDS);
}

int main(int argc, char **argv) {
    lane lanes[2 * ROWS];
    int count = 0, ours[ROWS], peers[ROWS];

    if (argc != 2) bench_die("usage: cit-bench OUTPUT.csv");
    FILE *csv = fopen(argv[1], "w");
    if (csv == NULL) bench_die("cannot write %s", argv[1]);
    setvbuf(stdout, NULL, _IOLBF, 0);

    for (int i = 0; i < ROWS; i++) {
        ours[i] = lane_of(rows[i].ours, lanes, &count);
        peers[i] = rows[i].peer == NULL ? -1 : lane_of(rows[i].peer_work, lanes, &count);
    }
    for (int i = 0; i < count; i++) {
        if (lanes[i].work->prepare != NULL) lanes[i].work->prepare(lanes[i].work->state);
        calibrate(&lanes[i]);
    }
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < count; i++) {
            double done;
            const double seconds = run_piece(&lanes[i], lanes[i].count, &done);
            lanes[i].rates[round] = done / seconds;
        }

    printf("\nmedian (min to max) of %d rounds of %g s on one core; ratio: median over rounds\n",
           ROUNDS, piece_seconds);
    fputs("name,value,unit,peer,peer_value,ratio,min,max,rounds\n", csv);
    for (int i = 0; i < ROWS; i++)
        report(&rows[i], &lanes[ours[i]], peers[i] < 0 ? NULL : &lanes[peers[i]], csv);
    for (int i = 0; i < count; i++)
        if (lanes[i].work->finish != NULL) lanes[i].work->finish(lanes[i].work->state);
    if (fclose(csv) != 0) bench_die("cannot write %s", argv[1]);
    return EXIT_SUCCESS;
}
