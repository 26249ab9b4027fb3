/* What benchmarks that time rounds share. */
#include "figures.h"
#include "bench.h"
#include <cit/num.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

figure figure_of(const double *values, int count) {
    double sorted[ROUNDS_MAX];
    memcpy(sorted, values, (size_t)count * sizeof *sorted);
    cit_sort(sorted, count);
    return (figure){cit_quantile_sorted(sorted, count, 0.5), sorted[0], sorted[count - 1]};
}

figure figure_of_ratios(const double *a, const double *b, int count) {
    double ratios[ROUNDS_MAX];
    for (int i = 0; i < count; i++) ratios[i] = a[i] / b[i];
    return figure_of(ratios, count);
}

double seconds_now(int threads) {
    struct timespec t;
    clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

sweep sweep_new(size_t count, int threads) {
    sweep s = {malloc(count * sizeof *s.numbers), count, threads};
    if (s.numbers == NULL) bench_die("no memory");
    for (size_t i = 0; i < s.count; i++) s.numbers[i] = 1;
    return s;
}

double sweep_rate(const sweep *s, double at_least) {
    double *numbers = s->numbers;
    const size_t count = s->count;
    int passes = 0;
    const double start = seconds_now(s->threads);
    double seconds;
    do {
#pragma omp parallel for schedule(static) num_threads(s->threads)
        for (size_t i = 0; i < count; i++) numbers[i] *= 1.0000001;
        passes++;
        seconds = seconds_now(s->threads) - start;
    } while (seconds < at_least);
    return 1e-9 * 2 * sizeof(double) * (double)count * passes / seconds;
}

void sweep_free(sweep *s) { free(s->numbers); }
