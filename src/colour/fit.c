/* The fit of a camera to a chart: linear sRGB = matrix * camera + offset, least squares on differences in Lab, by
 * Levenberg's and Marquardt's method from the linear least squares. */
#include "colour_impl.h"
#include <cit/num.h>
#include <math.h>
#include <string.h>

enum { N = 12, LEAST_PATCHES = 18, ROUNDS = 40 };

/* ColorChecker, averages of 2005, sRGB: color_data/ColorChecker_2005.csv of github.com/mathandy/
 * python-macduff-colorchecker-detector (c) 2018 Andrew Port, BSD. Row by row from dark skin to black; cyan lies outside
 * sRGB and is cut to it, and what is fitted is cut likewise. */
const uint8_t colour_reference[CIT_CHART_PATCHES][3] = {
    {116, 81, 67},   {199, 147, 129}, {91, 122, 156}, {90, 108, 64},   {130, 128, 176},
    {92, 190, 172},  {224, 124, 47},  {68, 91, 170},  {198, 82, 97},   {94, 58, 106},
    {159, 189, 63},  {230, 162, 39},  {35, 63, 147},  {67, 149, 74},   {180, 49, 57},
    {238, 198, 20},  {193, 84, 151},  {0, 136, 170},  {245, 245, 243}, {200, 202, 202},
    {161, 163, 163}, {121, 121, 122}, {82, 84, 86},   {49, 49, 51}};

typedef struct patches {
    double camera[CIT_CHART_PATCHES][4]; /* and 1 */
    double rgb[CIT_CHART_PATCHES][3], lab[CIT_CHART_PATCHES][3];
    bool used[CIT_CHART_PATCHES];
} patches;

/* p is three rows of four: matrix and offset. */
static void predict(const double p[N], const double camera[4], double rgb[3]) {
    for (int i = 0; i < 3; i++) {
        rgb[i] = 0;
        for (int j = 0; j < 4; j++) rgb[i] += p[4 * i + j] * camera[j];
    }
}

/* What lies outside the gamut is cut to it on both sides, and there has no slope. */
static void miss_of(const patches *q, int k, const double p[N], double miss[3],
                    double slope[3][3]) {
    double rgb[3];
    bool cut[3];
    predict(p, q->camera[k], rgb);
    for (int i = 0; i < 3; i++) {
        cut[i] = rgb[i] < 0;
        if (cut[i]) rgb[i] = 0;
    }
    colour_lab_slope(rgb, miss, slope);
    for (int l = 0; l < 3; l++) {
        miss[l] -= q->lab[k][l];
        for (int i = 0; i < 3; i++)
            if (cut[i]) slope[l][i] = 0;
    }
}

static double cost_of(const patches *q, int left_out, const double p[N]) {
    double sum = 0, miss[3], slope[3][3];
    for (int k = 0; k < CIT_CHART_PATCHES; k++) {
        if (k == left_out || !q->used[k]) continue;
        miss_of(q, k, p, miss, slope);
        for (int l = 0; l < 3; l++) sum += miss[l] * miss[l];
    }
    return sum;
}

static void normal_equations(const patches *q, int left_out, const double p[N], double a[N * N],
                             double b[N]) {
    double miss[3], slope[3][3], row[N];
    memset(a, 0, N * N * sizeof *a);
    memset(b, 0, N * sizeof *b);
    for (int k = 0; k < CIT_CHART_PATCHES; k++) {
        if (k == left_out || !q->used[k]) continue;
        miss_of(q, k, p, miss, slope);
        for (int l = 0; l < 3; l++) {
            for (int i = 0; i < N; i++) row[i] = slope[l][i / 4] * q->camera[k][i % 4];
            for (int i = 0; i < N; i++) {
                for (int j = 0; j < N; j++) a[i * N + j] += row[i] * row[j];
                b[i] -= row[i] * miss[l];
            }
        }
    }
}

/* One step that lowers the cost, or none. */
static bool improve(const patches *q, int left_out, double p[N], double *cost, double *damping) {
    double a[N * N], b[N], damped[N * N], pivots[N], step[N], next[N];
    normal_equations(q, left_out, p, a, b);
    for (; *damping < 1e8; *damping *= 10) {
        memcpy(damped, a, sizeof a);
        memcpy(step, b, sizeof b);
        for (int i = 0; i < N; i++)
            damped[i * N + i] = a[i * N + i] * (1 + *damping) + 1e-9 * (1 + a[i * N + i]);
        cit_dense_factor(damped, pivots, N);
        cit_dense_solve(damped, pivots, N, step);
        for (int i = 0; i < N; i++) next[i] = p[i] + step[i];
        const double tried = cost_of(q, left_out, next);
        if (!(tried < *cost)) continue;
        const bool more = tried < *cost * (1 - 1e-9);
        memcpy(p, next, sizeof next);
        *cost = tried;
        *damping = fmax(*damping / 10, 1e-9);
        return more;
    }
    return false;
}

static void settle(const patches *q, int left_out, int rounds, double p[N]) {
    double cost = cost_of(q, left_out, p), damping = 1e-3;
    for (int i = 0; i < rounds; i++)
        if (!improve(q, left_out, p, &cost, &damping)) return;
}

/* Linear least squares, dark colours counted about as much as they are in Lab. */
static void begin(const patches *q, double p[N]) {
    double a[16] = {0}, pivots[4], b[3][4] = {{0}};
    for (int k = 0; k < CIT_CHART_PATCHES; k++) {
        if (!q->used[k]) continue;
        const double weight = 1 / (0.05 + colour_brightness(q->rgb[k]));
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) a[4 * i + j] += weight * q->camera[k][i] * q->camera[k][j];
            for (int c = 0; c < 3; c++) b[c][i] += weight * q->camera[k][i] * q->rgb[k][c];
        }
    }
    for (int i = 0; i < 4; i++) a[5 * i] += 1e-9;
    cit_dense_factor(a, pivots, 4);
    for (int c = 0; c < 3; c++) {
        cit_dense_solve(a, pivots, 4, b[c]);
        memcpy(p + 4 * c, b[c], sizeof b[c]);
    }
}

static int take(double rgb[CIT_CHART_PATCHES][3], const int *order, patches *q) {
    int used = 0;
    for (int k = 0; k < CIT_CHART_PATCHES; k++) {
        const uint8_t *reference = colour_reference[order != NULL ? order[k] : k];
        double most = 0;
        for (int c = 0; c < 3; c++) {
            q->camera[k][c] = rgb[k][c];
            most = fmax(most, rgb[k][c]);
            q->rgb[k][c] = colour_linear(reference[c] / 255.0);
        }
        q->camera[k][3] = 1;
        colour_lab(q->rgb[k], q->lab[k]);
        q->used[k] = most < 0.99; /* assumed: nearer to the end of the scale it is clipped */
        used += q->used[k];
    }
    return used;
}

static double length(const double v[3]) { return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]); }

static void judge_all(const patches *q, const double p[N], colour_fit *ret) {
    double slope[3][3];
    for (int k = 0; k < CIT_CHART_PATCHES; k++) {
        double without[N];
        memcpy(without, p, sizeof without);
        settle(q, k, ROUNDS / 4, without);
        miss_of(q, k, without, ret->miss[k], slope);
    }
}

cit_status colour_fit_make(double rgb[CIT_CHART_PATCHES][3], const int *order, bool judge,
                           colour_fit *ret, cit_errors *errs) {
    patches q;
    double p[N], slope[3][3];
    const int used = take(rgb, order, &q);
    if (used < LEAST_PATCHES)
        return cit_fail(errs, CIT_INVALID, "chart",
                        "%d of its 24 patches are as bright as the photo can be; take it darker",
                        CIT_CHART_PATCHES - used);
    begin(&q, p);
    settle(&q, -1, judge ? ROUNDS : 4, p);
    memset(ret, 0, sizeof *ret);
    for (int k = 0; k < CIT_CHART_PATCHES; k++) {
        ret->used[k] = q.used[k];
        if (!q.used[k]) continue;
        miss_of(&q, k, p, ret->miss[k], slope);
        ret->mean += length(ret->miss[k]) / used;
    }
    if (judge) judge_all(&q, p, ret);
    for (int i = 0; i < 3; i++) {
        memcpy(ret->matrix[i], p + 4 * i, sizeof ret->matrix[i]);
        ret->offset[i] = p[4 * i + 3];
    }
    return CIT_OK;
}

void colour_corrected(const double matrix[3][3], const double offset[3], const double rgb[3],
                      double ret[3]) {
    for (int i = 0; i < 3; i++) {
        ret[i] = offset[i];
        for (int j = 0; j < 3; j++) ret[i] += matrix[i][j] * rgb[j];
    }
}
