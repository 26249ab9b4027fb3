/* bench.h -- timing our code against others' in one interleaved run.
 *
 * A new benchmark: write a bench_kind (courses.c is an example), declare it at the end of this file, add
 * its rows in bench.c, and the source file to meson.build. Figures of a shared machine move by a
 * factor of two; ratios of pieces timed within the same seconds do not, so a row's figure is its ratio. */
#pragma once
#include <stdbool.h>
#include <stdio.h>

/* What sets works of one kind apart: a solver or a size, and the error allowed. */
typedef struct bench_work {
    const struct bench_kind *kind; /* NULL: no work */
    const void *what;
    double limit;
} bench_work;

/* What a piece's seconds are: of the processor on the one thread that works; of the processor on all
 * threads together; by the clock on the wall, where neighbours' work counts. */
typedef enum bench_clock { BENCH_THREAD, BENCH_ALL_THREADS, BENCH_WALL } bench_clock;

/* Work that can be cut into pieces. Items are numbered, and a piece does `count` of them beginning at
 * `first`. An item of a number is the same for every work, and all begin with number 0; but a piece is made to
 * take some time, so that a faster work meets more of them and gets further. */
typedef struct bench_kind {
    /* Once, not timed; says on stdout what it chose. NULL: not here. */
    void *(*open)(const bench_work *work);
    double (*run)(void *state, long first, long count); /* the work done, in the row's unit x s */
    void (*close)(void *state);
    double (*p99)(const void *state); /* of the error that it makes; NULL: it makes none */
    bench_clock clock;
} bench_kind;

/* Ends the program: a benchmark that cannot run has no figure. */
_Noreturn void bench_die(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Called by work that is done in another process: the processor's seconds there, those that the work is
 * charged and all. */
void bench_took_elsewhere(double counted, double in_all);

/* machine.c: what the machine can do */
extern const bench_kind machine_triad; /* GB/s */
extern const bench_kind machine_fma;   /* GFlop/s */
/* How many cores all other programs kept busy between the two calls; elsewhere: what our own helpers have
 * taken so far. */
void machine_watch(double elsewhere);
double machine_watched(double elsewhere);
/* courses.c: courses a second; what: a course_solver, whose p99 is within the limit */
extern const bench_kind bench_courses, bench_courses_diffusive;
/* population.c: people a second with quantiles on line; what: const int, threads. By the wall clock; and by
 * the processor's seconds, shared out evenly among the threads: the same where no thread waits for a core or for
 * the others' last batches */
extern const bench_kind bench_population, bench_population_cpu;
/* protocols.c: candidate protocols of one person a second; what: const bool, with shared visits */
extern const bench_kind bench_protocols;

/* A population in one go, without the rounds, in parts that show how even the machine was. */
enum { POPULATION_PARTS = 5 };
typedef struct population_figures {
    double seconds;                     /* wall */
    double least_seconds, most_seconds; /* had all been like the fastest, the slowest part */
    double thread_seconds;              /* of the processor, by threads: wall time if none waits */
    double peak_mb, p99;                /* memory: the most this process had meanwhile */
} population_figures;
population_figures population_run(double limit, int threads, long count);
