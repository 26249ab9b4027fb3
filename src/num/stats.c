/* Order statistics, moments and ranks. */
#include <cit/num.h>
#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void cit_sort(double *values, int n) { qsort(values, (size_t)n, sizeof *values, ascending); }

double cit_quantile_sorted(const double *sorted, int n, double p) {
    if (n <= 0) return CIT_UNKNOWN_NUMBER;
    const double place = p * (n - 1);
    const int below = (int)floor(place);
    if (below >= n - 1) return sorted[n - 1];
    if (below < 0) return sorted[0];
    return sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]);
}

double cit_sum(const double *values, int n) {
    double sum = 0, lost = 0;
    for (int i = 0; i < n; i++) {
        const double t = sum + values[i];
        lost += fabs(sum) >= fabs(values[i]) ? (sum - t) + values[i] : (values[i] - t) + sum;
        sum = t;
    }
    return sum + lost;
}

double cit_mean(const double *values, int n) {
    return n > 0 ? cit_sum(values, n) / n : CIT_UNKNOWN_NUMBER;
}

double cit_variance(const double *values, int n) {
    if (n < 2) return 0;
    const double mean = cit_mean(values, n);
    double sum = 0;
    for (int i = 0; i < n; i++) sum += (values[i] - mean) * (values[i] - mean);
    return sum / (n - 1);
}

/* Pairs of (value, place), sorted by value and then by place, so that the order is unique. */
static int pair_ascending(const void *a, const void *b) {
    const double *x = a, *y = b;
    if (x[0] != y[0]) return x[0] > y[0] ? 1 : -1;
    return (x[1] > y[1]) - (x[1] < y[1]);
}

static void ranks(const double *x, int n, double *rank, double *pairs) {
    for (int i = 0; i < n; i++) {
        pairs[2 * i] = x[i];
        pairs[2 * i + 1] = i;
    }
    qsort(pairs, (size_t)n, 2 * sizeof *pairs, pair_ascending);
    for (int i = 0; i < n;) {
        int j = i;
        while (j < n && pairs[2 * j] == pairs[2 * i]) j++;
        for (int k = i; k < j; k++) rank[(int)pairs[2 * k + 1]] = 0.5 * (i + j - 1);
        i = j;
    }
}

double cit_rank_correlation(const double *x, const double *y, int n, double *scratch) {
    double *rank_x = scratch, *rank_y = scratch + n, *pairs = scratch + 2 * n;
    ranks(x, n, rank_x, pairs);
    ranks(y, n, rank_y, pairs);
    const double middle = 0.5 * (n - 1);
    double xx = 0, yy = 0, xy = 0;
    for (int i = 0; i < n; i++) {
        const double a = rank_x[i] - middle, b = rank_y[i] - middle;
        xx += a * a;
        yy += b * b;
        xy += a * b;
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}
