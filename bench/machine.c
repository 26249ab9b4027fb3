/* What the machine can do, in the same run as the rest: memory bandwidth and multiply-adds a second
 * of one core. meson.build compiles this file with -ffp-contract=fast, so that x * m + c is one
 * instruction where the processor has it. */
#include "bench.h"
#include <stdlib.h>

/* ---- memory: a[i] = b[i] + s c[i], as in McCalpin's STREAM ------------------------------------- */

enum { TRIAD_LENGTH = 1 << 24 }; /* three arrays of 128 MiB: beyond any cache */

typedef struct triad {
    double *a, *b, *c;
} triad;

static void triad_prepare(void *state) {
    triad *t = state;
    t->a = calloc(TRIAD_LENGTH, sizeof *t->a);
    t->b = calloc(TRIAD_LENGTH, sizeof *t->b);
    t->c = calloc(TRIAD_LENGTH, sizeof *t->c);
    if (t->a == NULL || t->b == NULL || t->c == NULL) bench_die("no memory for the triad");
    for (long i = 0; i < TRIAD_LENGTH; i++) { /* so that every page is there */
        t->a[i] = 0;
        t->b[i] = 1;
        t->c[i] = 2;
    }
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

static void triad_finish(void *state) {
    const triad *t = state;
    free(t->a);
    free(t->b);
    free(t->c);
}

static triad triad_state;
const bench_work machine_triad = {triad_prepare, triad_run, triad_finish, &triad_state};

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

static double fma_run(void *state, long first, long count) {
    double (*kernel)(void) = fma_plain;
    double flops = 0;
    (void)state;
    (void)first;
#ifdef __x86_64__
    if (__builtin_cpu_supports("fma")) kernel = fma_avx2;
    if (__builtin_cpu_supports("avx512f")) kernel = fma_avx512;
#endif
    for (long i = 0; i < count; i++) flops += kernel();
    return 1e-9 * flops;
}

const bench_work machine_fma = {NULL, fma_run, NULL, NULL};
