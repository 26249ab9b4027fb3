/* A chart whose corners are known: what its patches look like, and the camera that made them look so. */
#include "colour_impl.h"
#include <cit/num.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ACROSS = 32, SAMPLES = ACROSS * ACROSS, GREYS = 4, LEAST_AREA = 200 /* pixels */ };

/* Mean of the middle 60 %: gloss, dust and a finger's edge do not count. */
static double robust_mean(double *values, int n) {
    cit_sort(values, n);
    const int cut = n / 5;
    return cit_sum(values + cut, n - 2 * cut) / (n - 2 * cut);
}

/* Middle of patch i of `count` on the unit side. */
static double middle_of(int i, int count) {
    return (i + 0.5 * CHART_SIDE) / (count - 1 + CHART_SIDE);
}

/* A point of the inner half of patch k, s and t from 0 to 1. */
static void patch_point(const colour_plane *plane, int k, double s, double t, double xy[2]) {
    const double u = middle_of(k % CHART_COLUMNS, CHART_COLUMNS),
                 v = middle_of(k / CHART_COLUMNS, CHART_ROWS),
                 du = 0.5 * CHART_SIDE / (CHART_COLUMNS - 1 + CHART_SIDE),
                 dv = 0.5 * CHART_SIDE / (CHART_ROWS - 1 + CHART_SIDE);
    colour_plane_at(plane, u + du * (s - 0.5), v + dv * (t - 0.5), xy);
}

void cit_chart_patch(const cit_chart *chart, int patch, double corner[4][2]) {
    static const double square[4][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
    double field[4][2];
    colour_plane plane = {{0}};
    memcpy(field, chart->corner, sizeof field);
    if (!colour_plane_of(field, &plane)) memset(&plane, 0, sizeof plane);
    for (int k = 0; k < 4; k++) patch_point(&plane, patch, square[k][0], square[k][1], corner[k]);
}

static cit_status see_patch(const cit_photo *photo, const float *curve, const colour_plane *plane,
                            int k, double rgb[3], cit_errors *errs) {
    double values[3][SAMPLES];
    for (int s = 0; s < SAMPLES; s++) {
        const int across = s % ACROSS, down = s / ACROSS;
        double xy[2];
        patch_point(plane, k, (across + 0.5) / ACROSS, (down + 0.5) / ACROSS, xy);
        if (!(xy[0] >= 0 && xy[1] >= 0 && xy[0] < photo->width && xy[1] < photo->height))
            return cit_fail(errs, CIT_INVALID, "chart", "part of it lies outside the photo");
        const uint16_t *at = colour_pixel(photo, (int)xy[0], (int)xy[1]);
        for (int c = 0; c < 3; c++) values[c][s] = (double)curve[at[c]];
    }
    for (int c = 0; c < 3; c++) rgb[c] = robust_mean(values[c], SAMPLES);
    return CIT_OK;
}

static void judge(const colour_fit *fit, cit_chart *ret) {
    int used = 0;
    for (int k = 0; k < CIT_CHART_PATCHES; k++) {
        const double *m = fit->miss[k], e = sqrt(m[0] * m[0] + m[1] * m[1] + m[2] * m[2]);
        if (!fit->used[k]) continue;
        ret->error_mean += e;
        ret->error_worst = fmax(ret->error_worst, e);
        used++;
    }
    ret->error_mean /= used;
}

/* What the camera would write for perfect white: matrix * white + offset = 1. */
static void find_white(cit_chart *ret) {
    double a[9], pivots[3];
    for (int i = 0; i < 3; i++) {
        memcpy(a + 3 * i, ret->matrix[i], sizeof ret->matrix[i]);
        ret->white[i] = 1 - ret->offset[i];
    }
    cit_dense_factor(a, pivots, 3);
    cit_dense_solve(a, pivots, 3, ret->white);
}

/* Of the four brightest greys: in the two darkest stray light is larger than what unevenness does. */
static double light_spread(const colour_fit *fit, const cit_chart *chart) {
    double low = HUGE_VAL, high = 0;
    for (int k = CHART_GREY; k < CHART_GREY + GREYS; k++) {
        double rgb[3], reference[3];
        if (!fit->used[k]) continue;
        colour_corrected(chart->matrix, chart->offset, chart->rgb[k], rgb);
        for (int c = 0; c < 3; c++) reference[c] = colour_linear(colour_reference[k][c] / 255.0);
        const double ratio = colour_brightness(rgb) / colour_brightness(reference);
        low = fmin(low, ratio);
        high = fmax(high, ratio);
    }
    return high > 0 && low > 0 ? high / low : 1;
}

/* Do they turn the same way at each corner, and stand pixels apart? */
static bool convex(double corner[4][2]) {
    int turns = 0;
    for (int k = 0; k < 4; k++) {
        const double *a = corner[k], *b = corner[(k + 1) % 4], *c = corner[(k + 2) % 4];
        const double area = (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0]);
        if (!(fabs(area) > LEAST_AREA)) return false;
        turns += area > 0 ? 1 : -1;
    }
    return turns == 4 || turns == -4;
}

cit_status cit_chart_at(const cit_photo *photo, double corner[4][2], cit_chart *ret,
                        cit_errors *errs) {
    cit_status st = CIT_OK;
    float *curve = NULL;
    cit_chart chart = {0};
    colour_plane plane;
    colour_fit fit;
    memcpy(chart.corner, corner, sizeof chart.corner);
    if (!convex(corner) || !colour_plane_of(corner, &plane))
        return cit_fail(errs, CIT_INVALID, "chart",
                        "its corners, dark skin first and clockwise, are not those of a rectangle "
                        "that a camera sees");
    CIT_TRY(colour_curve(photo, &curve, errs));
    for (int k = 0; k < CIT_CHART_PATCHES; k++)
        CIT_TRY(see_patch(photo, curve, &plane, k, chart.rgb[k], errs));
    CIT_TRY(colour_fit_make(chart.rgb, NULL, true, &fit, errs));
    memcpy(chart.matrix, fit.matrix, sizeof fit.matrix);
    memcpy(chart.offset, fit.offset, sizeof fit.offset);
    judge(&fit, &chart);
    find_white(&chart);
    chart.light_spread = light_spread(&fit, &chart);
    *ret = chart;
done:
    free(curve);
    return st;
}
