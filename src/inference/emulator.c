/* A quick stand-in for predicting: every value as a sum of a term, its slope and its bend in each number,
 * fitted by least squares to what has been predicted. */
#include "inference_impl.h"
#include <cit/num.h>
#include <stdlib.h>
#include <string.h>

/* Keeps slopes near nothing where few points tell of them; in points. */
static const double ridge = 2;

enum { FEATURES_MAX = 1 + 2 * NUMBERS_MAX };
enum { TILE = 32 }; /* points looked at together */

/* One row of coefficients a feature: 1, each number, each number's square. */
static int features_of(const emulator *m) { return 1 + 2 * m->dims; }

cit_status emulator_new(emulator *m, int dims, int outputs, cit_errors *errs) {
    *m = (emulator){.dims = dims, .outputs = outputs};
    const size_t features = (size_t)features_of(m);
    m->coefficients = calloc(features * (size_t)outputs + 1, sizeof(double));
    m->gram = calloc(features * features, sizeof(double));
    m->features = calloc(TILE * features, sizeof(double));
    if (m->coefficients && m->gram && m->features) return CIT_OK;
    return cit_fail(errs, CIT_NOMEM, "", "no memory for %d values", outputs);
}

void emulator_free(emulator *m) {
    free(m->coefficients);
    free(m->gram);
    free(m->features);
}

static double feature(const emulator *m, const double *z, int f) {
    if (f == 0) return 1;
    const double x = z[(f - 1) % m->dims];
    return f <= m->dims ? x : x * x - 1;
}

/* row += factor x other */
CIT_WIDE static void add(double *row, double factor, const double *other, int n) {
    for (int i = 0; i < n; i++) row[i] += factor * other[i];
}

/* Right sides become solutions, one output after the other. */
static void solve(emulator *m, int threads) {
    const int n = features_of(m), outputs = m->outputs;
    double pivots[FEATURES_MAX];
    cit_dense_factor(m->gram, pivots, n);
#pragma omp parallel for num_threads(threads)
    for (int i = 0; i < outputs; i++) {
        double x[FEATURES_MAX], *column = m->coefficients + i;
        for (int f = 0; f < n; f++) x[f] = column[(ptrdiff_t)f * outputs];
        cit_dense_solve(m->gram, pivots, n, x);
        for (int f = 0; f < n; f++) column[(ptrdiff_t)f * outputs] = x[f];
    }
}

/* Adds what some points tell of feature f: to its right sides, and to the gram up to itself. `features` holds the
 * points' features, a row a point. */
static void learn(emulator *m, int f, const double *features, const double *const *values,
                  int count) {
    const int n = features_of(m);
    for (int p = 0; p < count; p++) {
        const double *row = features + (ptrdiff_t)p * n;
        add(m->coefficients + (ptrdiff_t)f * m->outputs, row[f], values[p], m->outputs);
        add(m->gram + (ptrdiff_t)f * n, row[f], row, f + 1);
    }
}

/* Each thread sums features of its own, all points in order: the same bytes on any number of threads. */
void emulator_fit(emulator *m, const double *const *z, const double *const *values, int count,
                  int threads) {
    const int n = features_of(m);
    double *const features = m->features;
    memset(m->coefficients, 0, (size_t)n * (size_t)m->outputs * sizeof(double));
    memset(m->gram, 0, (size_t)n * (size_t)n * sizeof(double));
    for (int from = 0; from < count; from += TILE) {
        const int now = count - from < TILE ? count - from : TILE;
        for (int p = 0; p < now; p++)
            for (int f = 0; f < n; f++) features[p * n + f] = feature(m, z[from + p], f);
#pragma omp parallel for schedule(dynamic, 8) num_threads(threads)
        for (int f = 0; f < n; f++) learn(m, f, features, values + from, now);
    }
    for (int f = 0; f < n; f++) {
        for (int k = 0; k < f; k++) m->gram[k * n + f] = m->gram[f * n + k];
        m->gram[f * n + f] += f == 0 ? 1e-9 : ridge;
    }
    solve(m, threads);
}

void emulator_values(const emulator *m, const double *z, double *values) {
    const int n = features_of(m), outputs = m->outputs;
    memset(values, 0, (size_t)outputs * sizeof *values);
    for (int f = 0; f < n; f++)
        add(values, feature(m, z, f), m->coefficients + (ptrdiff_t)f * outputs, outputs);
}

void emulator_shift(const emulator *m, const double *from, const double *to, double *values) {
    const int dims = m->dims, outputs = m->outputs;
    for (int j = 0; j < dims; j++) {
        if (from[j] == to[j]) continue;
        const double slope = to[j] - from[j], bend = to[j] * to[j] - from[j] * from[j];
        const double *a = m->coefficients + (ptrdiff_t)(1 + j) * outputs,
                     *b = a + (ptrdiff_t)dims * outputs;
        for (int i = 0; i < outputs; i++) values[i] += slope * a[i] + bend * b[i];
    }
}
