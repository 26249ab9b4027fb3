/* bench.h -- timing our code against others' in one interleaved run.
 *
 * A new benchmark: write a bench_work for our side and one for each peer (courses.c is an example),
 * declare them at the end of this file, add the rows to the table in bench.c, and the source files to
 * meson.build. Figures of a shared machine move by a factor of two; ratios of pieces timed within
 * the same second do not, so a row's figure is its ratio. */
#pragma once

/* Work that can be cut into pieces. Items are numbered, and a piece does `count` of them beginning at
 * `first`: pieces of one work differ, but every work meets the same items. */
typedef struct bench_work {
    void (*prepare)(void *state); /* once, not timed; says on stdout what it chose. NULL: nothing */
    double (*run)(void *state, long first, long count); /* the work done, in the row's unit x s */
    void (*finish)(void *state);                        /* NULL: nothing */
    void *state;
} bench_work;

typedef struct bench_row {
    const char *name, *unit;
    const bench_work *ours;
    const char *peer; /* NULL: the row stands alone */
    const bench_work *peer_work;
} bench_row;

/* Ends the program: a benchmark that cannot run has no figure. */
_Noreturn void bench_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* machine.c */
extern const bench_work machine_triad; /* GB/s */
extern const bench_work machine_fma;   /* GFlop/s */

/* courses.c: courses of the healing column */
extern const bench_work column_ours, column_cvode_bdf, column_gsl_rk8pd;
