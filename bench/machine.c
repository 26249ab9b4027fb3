/* What the machine can do, in the same run as the rest: memory bandwidth and multiply-adds a second
 * of one core. meson.build compiles this file with -ffp-contract=fast, so that x * m + c is one
 * instruction where the processor has it. */
#include "bench.h"
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* ---- memory: a[i] = b[i] + s c[i], as in McCalpin's STREAM ------------------------------------- */

enum { TRIAD_LENGTH = 1 << 24 }; /* three arrays of 128 MiB: beyond any cache */

typedef struct triad {
    double *a, *b, *c;
} triad;

static void *triad_open(const bench_work *work) {
    triad *t = calloc(1, sizeof *t);
    (void)work;
    if (t == NULL) bench_die("no memory for the triad");
    t->a = calloc(TRIAD_LENGTH, sizeof *t->a);
    t->b = calloc(TRIAD_LENGTH, sizeof *t->b);
    t->c = calloc(TRIAD_LENGTH, sizeof *t->c);
    if (t->a == NULL || t->b == NULL || t->c == NULL) bench_die("no memory for the triad");
    for (long i = 0; i < TRIAD_LENGTH; i++) { /* so that every page is there */
        t->a[i] = 0;
        t->b[i] = 1;
        t->c[i] = 2;
    }
    return t;
}

static double triad_run(void *state, long first, long count) {
    const triad *t = state;
    double *restrict a = t->a;
    const double *restrict b = t->b, *restrict c = t->c;
    for (long pass = 0; pass < count; pass++) {
        const double s = (double)(first + pass);
        for (long i = 0; i < TRIAD_LENGTH; i++) a[i] = b[i] + s * c[i];
        __asm__ volatile("" ::"r"(a) : "memory"); /* no pass may be skipped */
    }
    return 1e-9 * 3 * sizeof(double) * TRIAD_LENGTH * (double)count; /* as STREAM counts */
}

static void triad_close(void *state) {
    triad *t = state;
    free(t->a);
    free(t->b);
    free(t->c);
    free(t);
}

const bench_kind machine_triad = {triad_open, triad_run, triad_close, NULL, BENCH_THREAD};

/* ---- multiply-adds ----------------------------------------------------------------------------- */

/* Ten chains that do not wait for each other cover latency times pipes of today's cores, and fit their
 * registers with the two constants. */
enum { CHAINS = 10, LINKS = 1000000 };

/* The chains begin at different values, none at the fixed point, or a compiler would see through. */
#define FMA_KERNEL(name, target, lanes)                                                            \
    typedef double name##_vector __attribute__((vector_size(8 * (lanes))));                        \
    target static double name(void) {                                                              \
        const name##_vector zero = {0}, m = zero + 0.999999, q = zero + 1e-3;                      \
        name##_vector x0 = zero, x1 = zero + 1, x2 = zero + 2, x3 = zero + 3, x4 = zero + 4,       \
                      x5 = zero + 5, x6 = zero + 6, x7 = zero + 7, x8 = zero + 8, x9 = zero + 9;   \
        for (long i = 0; i < LINKS; i++) {                                                         \
            x0 = x0 * m + q, x1 = x1 * m + q, x2 = x2 * m + q, x3 = x3 * m + q, x4 = x4 * m + q;   \
            x5 = x5 * m + q, x6 = x6 * m + q, x7 = x7 * m + q, x8 = x8 * m + q, x9 = x9 * m + q;   \
        }                                                                                          \
        volatile name##_vector kept = x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9;             \
        (void)kept; /* or the chains would be dropped */                                           \
        return 2.0 * (lanes)*CHAINS * LINKS;                                                       \
    }

FMA_KERNEL(fma_plain, , 2)
#ifdef __x86_64__
FMA_KERNEL(fma_avx2, __attribute__((target("avx2,fma"))), 4)
FMA_KERNEL(fma_avx512, __attribute__((target("avx512f"))), 8)
#endif

typedef double fma_kernel(void);

static fma_kernel *fma_best(void) {
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f")) return fma_avx512;
    if (__builtin_cpu_supports("fma")) return fma_avx2;
#endif
    return fma_plain;
}

static void *fma_open(const bench_work *work) {
    fma_kernel **kernel = malloc(sizeof *kernel);
    (void)work;
    if (kernel == NULL) bench_die("no memory");
    *kernel = fma_best();
    return kernel;
}

static double fma_run(void *state, long first, long count) {
    fma_kernel *kernel = *(fma_kernel **)state;
    double flops = 0;
    (void)first;
    for (long i = 0; i < count; i++) flops += kernel();
    return 1e-9 * flops;
}

const bench_kind machine_fma = {fma_open, fma_run, free, NULL, BENCH_THREAD};

/* ---- the others -------------------------------------------------------------------------------- */

static struct { double at, all, ours; } watched;

static double seconds_by(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* What all cores have worked: user, nice and system of the first line of /proc/stat, in ticks. */
static double all_seconds(void) {
    double user = 0, nice = 0, system = 0;
    FILE *file = fopen("/proc/stat", "r");
    if (file == NULL) return 0;
    if (fscanf(file, "cpu %lf %lf %lf", &user, &nice, &system) != 3) user = nice = system = 0;
    fclose(file);
    return (user + nice + system) / (double)sysconf(_SC_CLK_TCK);
}

void machine_watch(double elsewhere) {
    watched.at = seconds_by(CLOCK_MONOTONIC);
    watched.all = all_seconds();
    watched.ours = seconds_by(CLOCK_PROCESS_CPUTIME_ID) + elsewhere;
}

double machine_watched(double elsewhere) {
    const double ours = seconds_by(CLOCK_PROCESS_CPUTIME_ID) + elsewhere - watched.ours,
                 others = all_seconds() - watched.all - ours;
    return others > 0 ? others / (seconds_by(CLOCK_MONOTONIC) - watched.at) : 0;
}
