/* figures.h -- medians over rounds, seconds, and what memory gives meanwhile. */
#pragma once
#include <stddef.h>

enum { ROUNDS_MAX = 100 };

typedef struct figure {
    double value, min, max; /* median, least, most */
} figure;
figure figure_of(const double *values, int count);
/* Of a[i] / b[i]. */
figure figure_of_ratios(const double *a, const double *b, int count);

/* One thread is timed by the processor's seconds, in which it does not wait for other programs; more by the wall
 * clock, so that what they wait for each other counts. */
double seconds_now(int threads);

/* Memory that is read, scaled and written in place; counted as both. */
typedef struct sweep {
    double *numbers;
    size_t count;
    int threads;
} sweep;
sweep sweep_new(size_t count, int threads);
double sweep_rate(const sweep *s, double seconds); /* GB/s, over at least so many seconds */
void sweep_free(sweep *s);
