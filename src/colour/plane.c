/* A plane seen by a camera. */
#include "colour_impl.h"
#include <cit/num.h>
#include <math.h>

enum { N = 8 };

/* Adds the equation row . h = y to the normal equations. */
static void add_row(double a[N * N], double b[N], const double row[N], double y) {
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) a[i * N + j] += row[i] * row[j];
        b[i] += row[i] * y;
    }
}

bool colour_plane_fit(int count, double (*uv)[2], double (*xy)[2], colour_plane *ret) {
    double a[N * N] = {0}, b[N] = {0}, pivots[N], size = 1;
    for (int i = 0; i < count; i++) size = fmax(size, fmax(fabs(xy[i][0]), fabs(xy[i][1])));
    for (int i = 0; i < count; i++) {
        const double u = uv[i][0], v = uv[i][1], x = xy[i][0] / size, y = xy[i][1] / size;
        const double first[N] = {u, v, 1, 0, 0, 0, -u * x, -v * x},
                     second[N] = {0, 0, 0, u, v, 1, -u * y, -v * y};
        add_row(a, b, first, x);
        add_row(a, b, second, y);
    }
    cit_dense_factor(a, pivots, N);
    cit_dense_solve(a, pivots, N, b);
    bool there = true;
    for (int i = 0; i < N; i++) {
        ret->h[i] = i < 6 ? size * b[i] : b[i];
        there = there && fabs(b[i]) < 1e9;
    }
    return there;
}

void colour_plane_at(const colour_plane *p, double u, double v, double xy[2]) {
    const double *h = p->h, w = h[6] * u + h[7] * v + 1;
    xy[0] = (h[0] * u + h[1] * v + h[2]) / w;
    xy[1] = (h[3] * u + h[4] * v + h[5]) / w;
}

bool colour_plane_of(double corner[4][2], colour_plane *ret) {
    double unit[4][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
    return colour_plane_fit(4, unit, corner, ret);
}

bool colour_inside(const double corner[4][2], double larger, double x, double y) {
    double middle[2] = {0, 0};
    int left = 0, right = 0;
    for (int i = 0; i < 4; i++)
        for (int c = 0; c < 2; c++) middle[c] += corner[i][c] / 4;
    x = middle[0] + (x - middle[0]) / larger;
    y = middle[1] + (y - middle[1]) / larger;
    for (int i = 0; i < 4; i++) {
        const double *a = corner[i], *b = corner[(i + 1) % 4];
        if ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) < 0)
            left++;
        else
            right++;
    }
    return left == 0 || right == 0;
}
