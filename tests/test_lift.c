/* Maps of lift and dip against closed forms and plain sums; a scar's surface against cit_scar's numbers. */
#include "t.h"
#include <cit/num.h>
#include <cit/scar.h>
#include <stdlib.h>

static const double pi = 3.14159265358979323846;

/* ---- transforms -------------------------------------------------------------------------------- */

static double noise(uint64_t i) { /* -1 to 1, from splitmix64 */
    uint64_t z = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (double)(int64_t)(z ^ z >> 31) * 0x1p-63;
}

static cit_fft *fft_of(int nx, int ny, int threads) {
    cit_errors errs = {0};
    cit_fft *f = NULL;
    CHECK(cit_fft_new(nx, ny, threads, &f, &errs) == CIT_OK, "%s", errs.items[0].text);
    return f;
}

static void a_transform_is_its_sum(void **state) {
    static const int sizes[][2] = {{1, 1},  {2, 1},   {1, 3},   {4, 5},   {6, 8},  {7, 9},
                                   {13, 4}, {16, 30}, {25, 27}, {49, 11}, {31, 64}};
    (void)state;
    for (size_t c = 0; c < sizeof sizes / sizeof *sizes; c++) {
        const int nx = sizes[c][0], ny = sizes[c][1], n = nx * ny;
        double *const v = calloc((size_t)n * 4, sizeof *v), *const re = v + 2 * n,
                      *const im = v + 3 * n;
        assert_non_null(v);
        for (int i = 0; i < n; i++) {
            re[i] = v[2 * i] = noise((uint64_t)i);
            im[i] = v[2 * i + 1] = noise((uint64_t)i + 1000000);
        }
        cit_fft *f = fft_of(nx, ny, 2);
        cit_fft_forward(f, ny, re, im);
        double worst = 0;
        for (int b = 0; b < ny; b++)
            for (int a = 0; a < nx; a++) {
                double x = 0, y = 0;
                for (int j = 0; j < ny; j++)
                    for (int i = 0; i < nx; i++) {
                        const double angle =
                            -2 * pi * ((double)(a * i % nx) / nx + (double)(b * j % ny) / ny);
                        const double *p = v + 2 * (i + j * nx);
                        x += p[0] * cos(angle) - p[1] * sin(angle);
                        y += p[0] * sin(angle) + p[1] * cos(angle);
                    }
                worst = fmax(worst, hypot(x - re[a + b * nx], y - im[a + b * nx]));
            }
        CHECK(worst < 4e-15 * n, "%d x %d: off by %.3g", nx, ny, worst);
        cit_fft_backward(f, ny, re, im);
        worst = 0;
        for (int i = 0; i < n; i++)
            worst = fmax(worst, hypot(re[i] / n - v[2 * i], im[i] / n - v[2 * i + 1]));
        CHECK(worst < 3e-15, "%d x %d: there and back is off by %.3g", nx, ny, worst);
        cit_fft_free(f);
        free(v);
    }
}

static void a_long_transform_keeps_its_digits(void **state) {
    static const int sizes[][2] = {{4096, 8}, {3, 1009}, {2187, 16}, {625, 343}, {15000, 3}};
    (void)state;
    for (size_t c = 0; c < sizeof sizes / sizeof *sizes; c++) {
        const int nx = sizes[c][0], ny = sizes[c][1], n = nx * ny, ox = nx / 3, oy = ny / 5;
        double *const re = calloc((size_t)n * 2, sizeof *re), *const im = re + n;
        assert_non_null(re);
        re[ox + oy * nx] = 1; /* one point: a wave */
        cit_fft *f = fft_of(nx, ny, 0);
        cit_fft_forward(f, oy + 1, re, im);
        double worst = 0;
        for (int b = 0; b < ny; b++)
            for (int a = 0; a < nx; a++) {
                const double angle =
                    -2 * pi * ((double)((long)a * ox % nx) / nx + (double)((long)b * oy % ny) / ny);
                worst =
                    fmax(worst, hypot(re[a + b * nx] - cos(angle), im[a + b * nx] - sin(angle)));
            }
        CHECK(worst < 3e-15, "%d x %d: off by %.3g", nx, ny, worst);
        cit_fft_free(f);
        free(re);
    }
}

static void quick_lengths_have_no_large_factor(void **state) {
    (void)state;
    assert_int_equal(cit_fft_length(1), 1);
    assert_int_equal(cit_fft_length(7), 8);
    assert_int_equal(cit_fft_length(11), 12);
    assert_int_equal(cit_fft_length(399), 400);
    assert_int_equal(cit_fft_length(1025), 1080);
    cit_errors errs = {0};
    cit_fft *f = NULL;
    assert_int_equal(cit_fft_new(0, 4, 1, &f, &errs), CIT_INVALID);
    assert_int_equal(cit_fft_new(4, 4, -1, &f, &errs), CIT_INVALID);
    assert_null(f);
}

/* ---- lift -------------------------------------------------------------------------------------- */

typedef struct tissue {
    cit_grid grid;
    double *growth;
    cit_map lift;
} tissue;

static tissue tissue_new(int nx, int ny, int nz, double dx, double dy, double dz) {
    cit_errors errs = {0};
    tissue t = {0};
    void *field = NULL;
    CHECK(cit_grid_make(nx, ny, nz, dx, dy, dz, &t.grid, &errs) == CIT_OK, "grid");
    CHECK(cit_fields_new(&t.grid, 1, CIT_DOUBLE, &field, &errs) == CIT_OK, "field");
    CHECK(cit_map_new(nx, ny, dx, dy, &t.lift, &errs) == CIT_OK, "map");
    t.growth = field;
    return t;
}
static void tissue_free(tissue *t) {
    free(t->growth);
    cit_map_free(&t->lift);
}
static double *voxel(tissue *t, int i, int j, int k) {
    return t->growth + (size_t)i + (size_t)j * t->grid.row + (size_t)k * t->grid.plane;
}
static double at(const cit_map *m, int i, int j) { return m->values[i + j * m->nx]; }

static const cit_lift_options isolated = {0.5, 1, 0, CIT_LATERAL_ISOLATED, 0},
                              periodic = {0.5, 1, 0, CIT_LATERAL_PERIODIC, 0};

static void lift_on(tissue *t, const cit_lift_options *o, const cit_map *surface) {
    cit_errors errs = {0};
    cit_lift *lift = NULL;
    CHECK(cit_lift_new(&t->grid, o, &lift, &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK(cit_lift_run(lift, t->growth, surface, &t->lift, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    cit_lift_free(lift);
}

/* The share of a pixel that lies in a disc about (0, 0), from 32 x 32 points. */
static double in_disc(double x, double y, double dx, double dy, double radius) {
    const double r = hypot(x, y), half = 0.5 * hypot(dx, dy);
    if (r + half < radius) return 1;
    if (r - half > radius) return 0;
    int in = 0;
    for (int b = 0; b < 32; b++)
        for (int a = 0; a < 32; a++)
            in += hypot(x + ((a + 0.5) / 32 - 0.5) * dx, y + ((b + 0.5) / 32 - 0.5) * dy) < radius;
    return in / 1024.0;
}

/* A disc of growth 1 from layer `from` to layer `to`, about the middle of the grid. */
static void put_disc(tissue *t, double radius, int from, int to) {
    const cit_grid *g = &t->grid;
    for (int k = from; k < to; k++)
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx; i++)
                *voxel(t, i, j, k) = in_disc((i + 0.5 - 0.5 * g->nx) * g->dx,
                                             (j + 0.5 - 0.5 * g->ny) * g->dy, g->dx, g->dy, radius);
}

/* Lift in the middle of a disc 0.1 to 1.5 mm deep, n pixels to 3 mm, against the formula. */
static double disc_error(double radius, int n) {
    tissue t = tissue_new(n, n, 14, 6.0 / n, 6.0 / n, 0.1);
    cit_lift_options o = isolated;
    o.top_mm = 0.1;
    put_disc(&t, radius, 0, 14);
    lift_on(&t, &o, NULL);
    const double got = at(&t.lift, n / 2, n / 2); /* n is odd: the middle of a pixel */
    tissue_free(&t);
    return fabs(got - cit_lift_disc(radius, 0.1, 1.5));
}

/* Pixels of the mean growth blur the disc by dx^2 / 24 times the Laplacian as they are made and once more as
 * they are filled. What that takes from the middle is dx^2 / 12 times the kernel's slope along the rim. */
static void a_disc_lifts_by_its_formula(void **state) {
    static const double radii[] = {0.5, 1.25, 2.5};
    (void)state;
    for (size_t i = 0; i < sizeof radii / sizeof *radii; i++) {
        const double R = radii[i],
                     slope = R * R * (pow(R * R + 0.1 * 0.1, -1.5) - pow(R * R + 1.5 * 1.5, -1.5));
        double error[4];
        for (int c = 0; c < 4; c++) error[c] = disc_error(R, (30 << c) + 1);
        print_message("# disc of %.2f mm: off by %.2e, %.2e, %.2e, %.2e mm with pixels of 194, 98, "
                      "50, 25 um\n",
                      R, error[0], error[1], error[2], error[3]);
        for (int c = 1; c < 4; c++) {
            const double pixel = 6.0 / ((30 << c) + 1), want = pixel * pixel / 12 * slope;
            CHECK(error[c] < 1.5 * want, "radius %g, pixels of %.3f mm: off by %.3g, not %.3g", R,
                  pixel, error[c], want);
        }
        CHECK(log2(error[1] / error[3]) / 2 > 1.8, "radius %g: order %.2f", R,
              log2(error[1] / error[3]) / 2);
    }
}

/* z / (2 pi r^3) over a voxel by Gauss's rule on n^3 parts. */
static double voxel_sum(double x, double y, const cit_grid *g, double top, int n) {
    double sum = 0;
    for (int c = 0; c < n * n * n; c++) {
        double px[CIT_GAUSS_POINTS], py[CIT_GAUSS_POINTS], pz[CIT_GAUSS_POINTS],
            w[CIT_GAUSS_POINTS], v[CIT_GAUSS_POINTS], u[CIT_GAUSS_POINTS];
        const double left = x + (c % n - 0.5 * n) * g->dx / n,
                     back = y + (c / n % n - 0.5 * n) * g->dy / n, up = top + c / n / n * g->dz / n;
        cit_gauss(left, left + g->dx / n, px, w);
        cit_gauss(back, back + g->dy / n, py, v);
        cit_gauss(up, up + g->dz / n, pz, u);
        for (int i = 0; i < CIT_GAUSS_POINTS; i++)
            for (int j = 0; j < CIT_GAUSS_POINTS; j++)
                for (int k = 0; k < CIT_GAUSS_POINTS; k++) {
                    const double r2 = px[i] * px[i] + py[j] * py[j] + pz[k] * pz[k];
                    sum += w[i] * v[j] * u[k] * pz[k] / (2 * pi * r2 * sqrt(r2));
                }
    }
    return sum;
}

static void an_isolated_map_is_the_sum_over_its_voxels(void **state) {
    static const int sizes[][3] = {{9, 7, 5}, {1, 6, 4}, {5, 1, 3}, {6, 5, 1}, {1, 1, 1}};
    (void)state;
    for (size_t c = 0; c < sizeof sizes / sizeof *sizes; c++) {
        tissue t = tissue_new(sizes[c][0], sizes[c][1], sizes[c][2], 0.11, 0.08, 0.13);
        const cit_grid *g = &t.grid;
        cit_lift_options o = {0.35, 0.8, 0.09, CIT_LATERAL_ISOLATED, 0};
        uint64_t count = 0;
        for (int k = 0; k < g->nz; k++)
            for (int j = 0; j < g->ny; j++)
                for (int i = 0; i < g->nx; i++) *voxel(&t, i, j, k) = noise(count++);
        lift_on(&t, &o, NULL);
        double kernel[9 * 7 * 5];
        for (int k = 0; k < g->nz; k++)
            for (int j = 0; j < g->ny; j++)
                for (int i = 0; i < g->nx; i++)
                    kernel[(k * g->ny + j) * g->nx + i] =
                        voxel_sum(i * g->dx, j * g->dy, g, 0.09 + k * g->dz, i + j > 2 ? 1 : 3);
        for (int y = 0; y < g->ny; y++)
            for (int x = 0; x < g->nx; x++) {
                double sum = 0;
                for (int k = 0; k < g->nz; k++)
                    for (int j = 0; j < g->ny; j++)
                        for (int i = 0; i < g->nx; i++)
                            sum += *voxel(&t, i, j, k) *
                                   kernel[(k * g->ny + abs(j - y)) * g->nx + abs(i - x)];
                CHECK_CLOSE(at(&t.lift, x, y), 0.8 * 2.0 / 3 * 1.35 * sum, 2e-9);
            }
        tissue_free(&t);
    }
}

/* Growth of a disc that spans the grid's every voxel: with top_mm 0 the uppermost kernel has its singular
 * corner. */
static void growth_at_the_very_surface_comes_out(void **state) {
    (void)state;
    tissue t = tissue_new(41, 41, 1, 0.1, 0.1, 1e-4);
    *voxel(&t, 20, 20, 0) = 1;
    lift_on(&t, &isolated, NULL);
    /* all of it where it is, but for what the sides of the voxel let out */
    CHECK_CLOSE(at(&t.lift, 20, 20) / 1e-4, 1, 1e-3);
    CHECK(at(&t.lift, 21, 20) / 1e-4 < 1e-3 && at(&t.lift, 21, 20) > 0, "beside it %g",
          at(&t.lift, 21, 20) / 1e-4);
    tissue_free(&t);
}

static void a_wave_fades_with_its_depth(void **state) {
    (void)state;
    for (int waves = 1; waves < 12; waves += 2)
        for (double poisson = 0.25; poisson <= 0.5; poisson += 0.125)
            for (int odd = 0; odd < 2; odd++) {
                tissue t = tissue_new(32 + odd, 3, 9, 0.1, 0.2, 0.05);
                const double q = 2 * pi * waves / (t.grid.nx * 0.1);
                cit_lift_options o = periodic;
                o.poisson = poisson;
                o.top_mm = 0.07;
                for (int i = 0; i < t.grid.nx; i++)
                    for (int j = 0; j < 3; j++)
                        *voxel(&t, i, j, 6) = cos(q * (i + 0.5) * 0.1) - 0.3 * sin(q * i * 0.1);
                lift_on(&t, &o, NULL);
                const double z = 0.07 + 6 * 0.05;
                for (int i = 0; i < t.grid.nx; i++)
                    CHECK_CLOSE(at(&t.lift, i, 1),
                                *voxel(&t, i, 1, 6) * 2.0 / 3 * (1 + poisson) *
                                    (exp(-q * z) - exp(-q * (z + 0.05))) / q,
                                1e-16);
                /* a thin layer is cit_lift_transform */
                CHECK_CLOSE(at(&t.lift, 3, 1) / *voxel(&t, 3, 1, 6) / 0.05,
                            cit_lift_transform(q, z + 0.025, poisson),
                            q * q * 0.05 * 0.05 / 20 * cit_lift_transform(q, z, poisson) + 1e-14);
                tissue_free(&t);
            }
}

/* Wide layers: all that grows comes out at nu = 1/2, in a periodic box to rounding, under a wide disc by the
 * formula's limit. */
static void what_grows_wide_comes_out(void **state) {
    (void)state;
    tissue t = tissue_new(24, 20, 8, 0.1, 0.12, 0.06);
    uint64_t count = 0;
    double grown = 0, lifted = 0;
    for (int k = 0; k < 8; k++)
        for (int j = 0; j < 20; j++)
            for (int i = 0; i < 24; i++) grown += *voxel(&t, i, j, k) = 0.1 * (1 + noise(count++));
    lift_on(&t, &periodic, NULL);
    for (int i = 0; i < 24 * 20; i++) lifted += t.lift.values[i];
    CHECK_CLOSE(lifted, grown * 0.06, 1e-12 * lifted);

    for (int k = 0; k < 8; k++)
        for (int j = 0; j < 20; j++)
            for (int i = 0; i < 24; i++) *voxel(&t, i, j, k) = 0.1;
    lift_on(&t, &periodic, NULL);
    for (int i = 0; i < 24 * 20; i++) CHECK_CLOSE(t.lift.values[i], 0.1 * 8 * 0.06, 1e-16);
    /* what cannot give way to the side: (1 + nu) / (3 (1 - nu)) of it */
    cit_lift_options o = periodic;
    o.poisson = 0.3;
    lift_on(&t, &o, NULL);
    for (int i = 0; i < 24 * 20; i++)
        CHECK_CLOSE(t.lift.values[i], 0.1 * 8 * 0.06 * 1.3 / 2.1, 1e-16);
    tissue_free(&t);

    /* 400 mm of skin, isolated: short of its thickening by the mean depth over the half-width, 2 sqrt 2 / pi of
     * it */
    tissue wide = tissue_new(41, 41, 7, 10, 10, 0.2);
    for (int k = 0; k < 7; k++)
        for (int j = 0; j < 41; j++)
            for (int i = 0; i < 41; i++) *voxel(&wide, i, j, k) = 1;
    o = isolated;
    o.top_mm = 0.1;
    lift_on(&wide, &o, NULL);
    CHECK_CLOSE(at(&wide.lift, 20, 20), 1.4 * (1 - 0.8 / 205 * 2 * sqrt(2) / pi), 1e-5);
    tissue_free(&wide);
}

static void a_map_turns_with_its_tissue(void **state) {
    (void)state;
    tissue t = tissue_new(13, 13, 4, 0.1, 0.1, 0.1), turned = tissue_new(13, 13, 4, 0.1, 0.1, 0.1);
    for (int lateral = 0; lateral < 2; lateral++)
        for (int turn = 0; turn < 4; turn++) {
            uint64_t count = 0;
            for (int k = 0; k < 4; k++)
                for (int j = 0; j < 13; j++)
                    for (int i = 0; i < 13; i++) {
                        const double v = *voxel(&t, i, j, k) = noise(count++);
                        const int to[4][2] = {{12 - i, j}, {i, 12 - j}, {j, i}, {12 - j, i}};
                        *voxel(&turned, to[turn][0], to[turn][1], k) = v;
                    }
            lift_on(&t, lateral ? &periodic : &isolated, NULL);
            lift_on(&turned, lateral ? &periodic : &isolated, NULL);
            for (int j = 0; j < 13; j++)
                for (int i = 0; i < 13; i++) {
                    const int to[4][2] = {{12 - i, j}, {i, 12 - j}, {j, i}, {12 - j, i}};
                    CHECK_CLOSE(at(&turned.lift, to[turn][0], to[turn][1]), at(&t.lift, i, j),
                                2e-15);
                }
        }
    tissue_free(&t);
    tissue_free(&turned);
}

static void lifts_add_up(void **state) {
    (void)state;
    tissue t[3];
    for (int c = 0; c < 3; c++) t[c] = tissue_new(12, 9, 5, 0.1, 0.07, 0.1);
    for (int k = 0; k < 5; k++)
        for (int j = 0; j < 9; j++)
            for (int i = 0; i < 12; i++) {
                const uint64_t n = (uint64_t)((k * 9 + j) * 12 + i);
                *voxel(&t[0], i, j, k) = noise(n);
                *voxel(&t[1], i, j, k) = noise(n + 7777);
                *voxel(&t[2], i, j, k) = 2 * noise(n) - 0.7 * noise(n + 7777);
            }
    for (int c = 0; c < 3; c++) lift_on(&t[c], &isolated, NULL);
    for (int i = 0; i < 12 * 9; i++)
        CHECK_CLOSE(t[2].lift.values[i], 2 * t[0].lift.values[i] - 0.7 * t[1].lift.values[i],
                    1e-14);
    for (int c = 0; c < 3; c++) tissue_free(&t[c]);
}

/* A smooth hill of growth, 1 mm wide, in boxes of 6, 12 and 24 mm: the images' lift falls off with the cube of
 * the box, as r^-3. The two kernels differ by the hill's shape within pixels, too: second order in the pixel.
 * */
static double periodic_minus_isolated(double box, double pixel, double top) {
    const int n = (int)(box / pixel + 0.5);
    tissue t = tissue_new(n, n, 2, pixel, pixel, 0.25), u = tissue_new(n, n, 2, pixel, pixel, 0.25);
    for (int k = 0; k < 2; k++)
        for (int j = 0; j < n; j++)
            for (int i = 0; i < n; i++) {
                const double x = (i + 0.5) * pixel - box / 2, y = (j + 0.5) * pixel - box / 2;
                *voxel(&t, i, j, k) = *voxel(&u, i, j, k) = exp(-(x * x + y * y) / 0.5);
            }
    cit_lift_options o = isolated, p = periodic;
    o.top_mm = p.top_mm = top;
    lift_on(&t, &o, NULL);
    lift_on(&u, &p, NULL);
    const double d = at(&u.lift, n / 2, n / 2) - at(&t.lift, n / 2, n / 2);
    tissue_free(&t);
    tissue_free(&u);
    return d;
}

static void a_large_periodic_box_is_isolated(void **state) {
    (void)state;
    double d[3];
    for (int i = 0; i < 3; i++) d[i] = periodic_minus_isolated(6 << i, 0.125, 1);
    print_message("# periodic less isolated: %.2e, %.2e, %.2e mm in boxes of 6, 12, 24 mm\n", d[0],
                  d[1], d[2]);
    /* images, z V / (2 pi L^3) times the sum of 1 / |(i, j)|^3, which is 9.03362 */
    const double volume = 0.5 * pi * 0.5, z = 1.25;
    const double pixels = d[2] - z * volume * 9.03362 / (2 * pi * 24 * 24 * 24);
    for (int i = 0; i < 3; i++) {
        const double box = 6 << i, images = z * volume * 9.03362 / (2 * pi * box * box * box);
        CHECK_CLOSE(d[i] - pixels, images, 4 * images / (box * box / 4));
    }
    CHECK(fabs(pixels) < 1e-3, "pixels of 125 um make %.3g mm", pixels);
    const double coarse = periodic_minus_isolated(24, 0.25, 1) - d[2] + pixels;
    CHECK(log2(coarse / pixels) > 1.7, "pixels: %.3g and %.3g mm", coarse, pixels);
}

/* A column moved up to its own surface is a column that was there. */
static void growth_counts_from_the_surface_above_it(void **state) {
    (void)state;
    cit_errors errs = {0};
    tissue deep = tissue_new(11, 9, 12, 0.1, 0.1, 0.1),
           shallow = tissue_new(11, 9, 12, 0.1, 0.1, 0.1);
    cit_map surface = {0};
    CHECK(cit_map_new(11, 9, 0.1, 0.1, &surface, &errs) == CIT_OK, "map");
    for (int j = 0; j < 9; j++)
        for (int i = 0; i < 11; i++) {
            const int up = (i + 2 * j) % 5;
            surface.values[i + 11 * j] = 0.1 * up;
            for (int k = 0; k < 6; k++) {
                const double v = noise((uint64_t)(i + 11 * j + 99 * k));
                *voxel(&shallow, i, j, k) = v;
                *voxel(&deep, i, j, k + up) = v;
            }
        }
    lift_on(&deep, &isolated, &surface);
    lift_on(&shallow, &isolated, NULL);
    for (int i = 0; i < 99; i++) CHECK_CLOSE(deep.lift.values[i], shallow.lift.values[i], 1e-14);
    /* between two layers: half and half; above the surface: just below it; all of it in a wide periodic box */
    double grown = 0, lifted = 0;
    for (int j = 0; j < 9; j++)
        for (int i = 0; i < 11; i++) {
            surface.values[i + 11 * j] = 0.05 + 0.013 * i * j;
            for (int k = 0; k < 12; k++) grown += 0.1 * *voxel(&deep, i, j, k);
        }
    lift_on(&deep, &periodic, &surface);
    for (int i = 0; i < 99; i++) lifted += deep.lift.values[i];
    CHECK_CLOSE(lifted, grown, 1e-13);
    tissue_free(&deep);
    tissue_free(&shallow);
    cit_map_free(&surface);
}

static void any_number_of_threads_gives_the_same_bytes(void **state) {
    (void)state;
    cit_errors errs = {0};
    tissue t = tissue_new(45, 37, 9, 0.1, 0.1, 0.1);
    double *const first = malloc(45 * 37 * 2 * sizeof *first);
    cit_map dip = {0};
    assert_non_null(first);
    CHECK(cit_map_new(45, 37, 0.1, 0.1, &dip, &errs) == CIT_OK, "map");
    for (int k = 0; k < 9; k++)
        for (int j = 0; j < 37; j++)
            for (int i = 0; i < 45; i++)
                *voxel(&t, i, j, k) = noise((uint64_t)((k * 37 + j) * 45 + i));
    for (int lateral = 0; lateral < 2; lateral++)
        for (int threads = 1; threads < 9; threads = threads < 3 ? threads + 1 : threads + 5) {
            cit_lift_options o = {0.45, 0.8, 0.1, (cit_lateral)lateral, threads};
            cit_tether *tether = NULL;
            const cit_plate plate = cit_plate_of(80, 1.3, 10, 0.5);
            lift_on(&t, &o, NULL);
            CHECK(cit_tether_new(&dip, &plate, (cit_lateral)lateral, threads, &tether, &errs) ==
                          CIT_OK &&
                      cit_tether_run(tether, &t.lift, &dip, &errs) == CIT_OK,
                  "tether");
            cit_tether_free(tether);
            if (threads == 1) {
                memcpy(first, t.lift.values, 45 * 37 * sizeof *first);
                memcpy(first + 45 * 37, dip.values, 45 * 37 * sizeof *first);
            } else {
                assert_memory_equal(first, t.lift.values, 45 * 37 * sizeof *first);
                assert_memory_equal(first + 45 * 37, dip.values, 45 * 37 * sizeof *first);
            }
        }
    free(first);
    cit_map_free(&dip);
    tissue_free(&t);
}

/* ---- tethers ----------------------------------------------------------------------------------- */

static cit_map map_of(int nx, int ny, double d) {
    cit_errors errs = {0};
    cit_map m = {0};
    CHECK(cit_map_new(nx, ny, d, d, &m, &errs) == CIT_OK, "%s", errs.items[0].text);
    return m;
}

static void dip_on(const cit_map *force, const cit_plate *plate, cit_lateral lateral,
                   cit_map *ret) {
    cit_errors errs = {0};
    cit_tether *t = NULL;
    CHECK(cit_tether_new(force, plate, lateral, 0, &t, &errs) == CIT_OK &&
              cit_tether_run(t, force, ret, &errs) == CIT_OK,
          "%s", errs.items[0].text);
    cit_tether_free(t);
}

static void a_point_force_dips_as_the_formula(void **state) {
    static const double tensions[] = {0, 3, 6.2449, 6.245, 6.2451, 10, 30};
    (void)state;
    cit_map force = map_of(61, 61, 0.1), dip = map_of(61, 61, 0.1);
    force.values[30 + 61 * 30] = 6;
    for (size_t c = 0; c < sizeof tensions / sizeof *tensions; c++) {
        const cit_plate plate = cit_plate_of(80, 1.3, tensions[c], 0.5);
        const double root = sqrt(plate.bending * plate.foundation);
        dip_on(&force, &plate, CIT_LATERAL_ISOLATED, &dip);
        if (tensions[c] == 0) CHECK_CLOSE(at(&dip, 30, 30), 6 / (8 * root), 1e-14);
        for (int i = 0; i <= 30; i++) /* cit_plate_shape leaves out 3.9e-5 of the sum */
            CHECK_CLOSE(at(&dip, 30 + i, 30), 6 / (8 * root) * cit_plate_shape(&plate, 0.1 * i),
                        6 / (8 * root) * 4e-5);
        CHECK_CLOSE(at(&dip, 12, 40), 6 / (8 * root) * cit_plate_shape(&plate, hypot(1.8, 1)),
                    6 / (8 * root) * 4e-5);
    }
    cit_map_free(&force);
    cit_map_free(&dip);
}

/* Between K0 of real and of complex arguments, and where the roots meet. */
static void a_dip_is_smooth_in_the_tension(void **state) {
    (void)state;
    const cit_plate at_two = cit_plate_of(80, 1.3, 0, 0.5);
    const double two = 2 * sqrt(at_two.bending * at_two.foundation);
    cit_map force = map_of(21, 21, 0.3), dip[3];
    force.values[10 + 21 * 10] = 1;
    for (double step = 1e-2; step > 1e-9; step /= 10) {
        for (int c = 0; c < 3; c++) {
            const cit_plate plate = cit_plate_of(80, 1.3, two * (1 + (c - 1) * step), 0.5);
            dip[c] = map_of(21, 21, 0.3);
            dip_on(&force, &plate, CIT_LATERAL_ISOLATED, &dip[c]);
        }
        for (int i = 0; i < 21 * 21; i++)
            CHECK_CLOSE(dip[0].values[i] + dip[2].values[i], 2 * dip[1].values[i],
                        0.02 * step * step + 1e-11);
        for (int c = 0; c < 3; c++) cit_map_free(&dip[c]);
    }
    cit_map_free(&force);
}

static void a_periodic_plate_misses_its_short_waves(void **state) {
    (void)state;
    const cit_plate plate = cit_plate_of(80, 1.3, 0, 0.5);
    const double root = sqrt(plate.bending * plate.foundation),
                 length = pow(plate.bending / plate.foundation, 0.25);
    double last = 1;
    for (int n = 75; n < 700; n *= 2) { /* 75 mm: exp(-75 / (sqrt 2 l)) is 6e-10 */
        cit_map force = map_of(n, n, 75.0 / n), dip = map_of(n, n, 75.0 / n);
        force.values[n / 2 + n * (n / 2)] = 1;
        dip_on(&force, &plate, CIT_LATERAL_PERIODIC, &dip);
        const double short_of = 1 - at(&dip, n / 2, n / 2) * 8 * root, x = 75.0 / n / (pi * length);
        CHECK(short_of > 0 && short_of < 2 / pi * x * x, "%d pixels: short by %.3g, x^2 is %.3g", n,
              short_of, x * x);
        CHECK(n == 75 || log2(last / short_of) > 1.95, "%d pixels: order %.3f", n,
              log2(last / short_of));
        last = short_of;
        double total = 0;
        for (int i = 0; i < n * n; i++) total += dip.values[i];
        /* the foundation bears the whole force */
        CHECK_CLOSE(total * (75.0 / n) * (75.0 / n) * plate.foundation, 1, 1e-12);
        cit_map_free(&force);
        cit_map_free(&dip);
    }
}

/* ---- surfaces ---------------------------------------------------------------------------------- */

static cit_scar bowl(double radius, double depth, double profile) {
    return (cit_scar){.radius_mm = radius, .depth_mm = depth, .profile = profile};
}

static cit_surface_size size_of(const cit_map *m, double visible) {
    cit_errors errs = {0};
    cit_surface_size size = {0};
    CHECK(cit_surface_measure(m, visible, &size, &errs) == CIT_OK, "%s", errs.items[0].text);
    return size;
}

static void a_mapped_bowl_has_the_size_of_the_bowl(void **state) {
    static const double profiles[] = {1, 2, 6};
    (void)state;
    for (size_t c = 0; c < 3; c++)
        for (double visible = 0.05; visible < 0.3; visible *= 2) {
            const cit_scar s = bowl(1.7, 0.4, profiles[c]);
            const cit_scar_bowl want = cit_scar_bowl_of(&s, 0.4, visible);
            cit_errors errs = {0};
            cit_map m = map_of(201, 201, 0.02);
            CHECK(cit_surface_bowl(&s, 2.01, 2.01, &m, &errs) == CIT_OK, "bowl");
            const cit_surface_size got = size_of(&m, visible);
            CHECK_CLOSE(got.depth_mm, 0.4, 1e-15);
            CHECK_CLOSE(got.volume_mm3, want.volume_mm3, 1e-3 * want.volume_mm3);
            CHECK_CLOSE(got.width_mm, want.width_mm, 5e-3 * want.width_mm);
            CHECK_CLOSE(got.height_mm, 0, 0);
            cit_map_free(&m);
        }
}

static double largest(const cit_map *m) {
    double most = 0;
    for (int i = 0; i < m->nx * m->ny; i++) most = fmax(most, m->values[i]);
    return most;
}

static void parts_of_a_surface_are_those_asked_for(void **state) {
    (void)state;
    cit_errors errs = {0};
    const cit_scar s = bowl(2.5, 0.4, 6);
    const cit_plate plate = cit_plate_of(80, 1.1, 10, 0.5);
    cit_map depth = map_of(81, 81, 0.1), force = map_of(81, 81, 0.1), dip = map_of(81, 81, 0.1),
            after = map_of(81, 81, 0.1);
    CHECK(cit_surface_bowl(&s, 4.05, 4.05, &depth, &errs) == CIT_OK, "bowl");
    for (int i = 0; i < 81 * 81; i++) force.values[i] = depth.values[i] > 0;
    dip_on(&force, &plate, CIT_LATERAL_ISOLATED, &dip);
    cit_surface *surface = NULL;
    CHECK(cit_surface_new(&depth, &dip, 0.5, 0.2, &surface, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    const cit_map *tether = cit_surface_tether(surface), *deficit = cit_surface_deficit(surface);
    CHECK_CLOSE(at(tether, 40, 40), 0.2, 1e-15);
    CHECK_CLOSE(at(deficit, 40, 40), 0.12, 1e-15);
    CHECK_CLOSE(largest(tether), 0.2, 1e-12);
    /* forces of that size do make that dip below the rim */
    for (int i = 0; i < 81 * 81; i++) force.values[i] *= cit_surface_pull(surface);
    dip_on(&force, &plate, CIT_LATERAL_ISOLATED, &dip);
    CHECK_CLOSE(at(&dip, 40, 40) - at(&dip, 40, 14), 0.2, 0.02); /* (40, 14) is on the rim */

    /* nothing done: nothing changed. All cut, all filled: the open part stays. */
    cit_surface_change change = {NULL, 1, 0, false};
    CHECK(cit_surface_at(surface, &change, &after, &errs) == CIT_OK, "at");
    assert_memory_equal(after.values, depth.values, 81 * 81 * sizeof(double));
    for (int i = 0; i < 81 * 81; i++) force.values[i] = 5;
    change = (cit_surface_change){&force, 0, 0, false};
    CHECK(cit_surface_at(surface, &change, &after, &errs) == CIT_OK, "at");
    CHECK_CLOSE(at(&after, 40, 40), 0.08, 1e-15);
    for (int i = 0; i < 81 * 81; i++) /* 0.2 of the 0.5 that is not tether */
        CHECK_CLOSE(after.values[i], 0.4 * (depth.values[i] - tether->values[i]), 1e-15);
    /* fibrosis is never lift; harm deepens */
    change = (cit_surface_change){&force, 1, -0.03, true};
    CHECK(cit_surface_at(surface, &change, &after, &errs) == CIT_OK, "at");
    CHECK_CLOSE(at(&after, 40, 40), 0.43, 1e-15);
    CHECK_CLOSE(at(&after, 0, 0), 0, 0);
    cit_surface_free(surface);
    cit_map_free(&depth);
    cit_map_free(&force);
    cit_map_free(&dip);
    cit_map_free(&after);
}

/* The column's disc and the map: growth 0.1 in living dermis under a scar, from 0.1 to 1.5 mm below its floor.
 * */
static void the_middle_of_the_map_is_the_columns_lift(void **state) {
    static const struct {
        const char *name;
        double radius, share;
    } scars[] = {{"ice-pick", 0.5, 0.23}, {"boxcar", 1.25, 0.50}, {"rolling", 2.5, 0.70}};
    (void)state;
    for (size_t c = 0; c < 3; c++) {
        const double radius = scars[c].radius, pixel = radius / 12.5;
        const int n = 51;
        tissue t = tissue_new(n, n, 40, pixel, pixel, 0.05); /* 2 mm below the plane */
        cit_errors errs = {0};
        cit_map floor_of = map_of(n, n, pixel);
        /* a scar 0.4 mm deep with a flat floor: growth lies 0.5 to 1.9 mm below the plane */
        put_disc(&t, radius, 10, 38);
        for (int k = 10; k < 38; k++)
            for (int j = 0; j < n; j++)
                for (int i = 0; i < n; i++) *voxel(&t, i, j, k) *= 0.1;
        for (int j = 0; j < n; j++)
            for (int i = 0; i < n; i++)
                floor_of.values[i + n * j] = *voxel(&t, i, j, 10) > 0 ? 0.4 : 0;
        lift_on(&t, &isolated, &floor_of);
        const double column = 0.1 * cit_lift_disc(radius, 0.1, 1.5), middle = at(&t.lift, 25, 25);
        double mean = 0, area = 0, beyond = 0;
        for (int j = 0; j < n; j++)
            for (int i = 0; i < n; i++) {
                const double in = 10 * *voxel(&t, i, j, 10);
                mean += in * at(&t.lift, i, j);
                area += in;
                beyond += (1 - in) * at(&t.lift, i, j);
            }
        mean /= area;
        const double rim = at(&t.lift, 25 + 12, 25);
        lift_on(&t, &isolated, NULL);
        print_message("# %s, %.2f mm: share of the thickening in the middle %.4f (column %.4f), "
                      "mean over the "
                      "scar %.4f, at 0.96 R %.4f; as seen from the plane 0.4 mm higher %.4f\n",
                      scars[c].name, radius, middle / 0.14, column / 0.14, mean / 0.14, rim / 0.14,
                      at(&t.lift, 25, 25) / 0.14);
        CHECK_CLOSE(middle, column, 2e-3 * column);
        CHECK_CLOSE(middle / 0.14, scars[c].share, 0.006);
        CHECK(mean < middle && rim < mean, "%s: %g in the middle, %g mean, %g at the rim",
              scars[c].name, middle, mean, rim);
        CHECK(beyond > 0, "nothing around is lifted");
        tissue_free(&t);
        cit_map_free(&floor_of);
        (void)errs;
    }
}

/* ---- bad input --------------------------------------------------------------------------------- */

static void refused(cit_status st, const cit_errors *errs, const char *where) {
    CHECK(st == CIT_INVALID, "%s: accepted", where);
    CHECK(strcmp(errs->items[0].where, where) == 0, "blamed '%s' (%s), not '%s'",
          errs->items[0].where, errs->items[0].text, where);
}

static void bad_input_is_named(void **state) {
    const double nan = (double)NAN;
    (void)state;
    tissue t = tissue_new(4, 4, 4, 0.1, 0.1, 0.1);
    cit_lift *lift = NULL;
    static const struct {
        cit_lift_options o;
        const char *where;
    } bad[] = {{{0.6, 1, 0, CIT_LATERAL_ISOLATED, 0}, "poisson"},
               {{(double)NAN, 1, 0, CIT_LATERAL_ISOLATED, 0}, "poisson"},
               {{0.5, 0, 0, CIT_LATERAL_ISOLATED, 0}, "chi_up"},
               {{0.5, 1, -0.1, CIT_LATERAL_ISOLATED, 0}, "top_mm"},
               {{0.5, 1, (double)INFINITY, CIT_LATERAL_ISOLATED, 0}, "top_mm"},
               {{0.5, 1, 0, (cit_lateral)7, 0}, "lateral"},
               {{0.5, 1, 0, CIT_LATERAL_ISOLATED, -1}, "threads"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cit_errors errs = {0};
        refused(cit_lift_new(&t.grid, &bad[i].o, &lift, &errs), &errs, bad[i].where);
    }
    cit_errors errs = {0};
    cit_grid g = t.grid;
    g.dz = 0;
    refused(cit_lift_new(&g, &isolated, &lift, &errs), &errs, "");
    g = t.grid;
    g.row = 4;
    errs = (cit_errors){0};
    refused(cit_lift_new(&g, &isolated, &lift, &errs), &errs, "grid");
    assert_null(lift);

    errs = (cit_errors){0};
    CHECK(cit_lift_new(&t.grid, &isolated, &lift, &errs) == CIT_OK, "%s", errs.items[0].text);
    cit_map small = map_of(3, 4, 0.1), fine = map_of(4, 4, 0.05), same = map_of(4, 4, 0.1);
    refused(cit_lift_run(lift, t.growth, NULL, &small, &errs), &errs, "ret");
    errs = (cit_errors){0};
    refused(cit_lift_run(lift, t.growth, NULL, &fine, &errs), &errs, "ret");
    errs = (cit_errors){0};
    refused(cit_lift_run(lift, t.growth, &small, &same, &errs), &errs, "surface");
    errs = (cit_errors){0};
    same.values[3] = 0.5;
    refused(cit_lift_run(lift, t.growth, &same, &t.lift, &errs), &errs, "surface");
    errs = (cit_errors){0};
    same.values[3] = nan;
    refused(cit_lift_run(lift, t.growth, &same, &t.lift, &errs), &errs, "surface");
    errs = (cit_errors){0};
    *voxel(&t, 1, 2, 3) = nan;
    t.lift.values[0] = 17;
    refused(cit_lift_run(lift, t.growth, NULL, &t.lift, &errs), &errs, "growth");
    CHECK_CLOSE(t.lift.values[0], 17, 0); /* untouched */

    cit_map none = {0}, flat = map_of(4, 4, 0.1);
    const cit_map spaceless = {4, 4, 0, 0.1, same.values};
    cit_tether *tether = NULL;
    const cit_plate plate = cit_plate_of(80, 1.3, 10, 0.5), slack = {20, nan, 0.5},
                    bottomless = {20, 10, 0};
    errs = (cit_errors){0};
    refused(cit_map_new(4, 4, 0, 1, &none, &errs), &errs, "");
    errs = (cit_errors){0};
    refused(cit_tether_new(&spaceless, &plate, CIT_LATERAL_ISOLATED, 0, &tether, &errs), &errs,
            "like");
    errs = (cit_errors){0};
    refused(cit_tether_new(&none, &plate, CIT_LATERAL_ISOLATED, 0, &tether, &errs), &errs, "like");
    errs = (cit_errors){0};
    refused(cit_tether_new(&same, &slack, CIT_LATERAL_ISOLATED, 0, &tether, &errs), &errs,
            "plate.tension");
    errs = (cit_errors){0};
    refused(cit_tether_new(&same, &bottomless, CIT_LATERAL_ISOLATED, 0, &tether, &errs), &errs,
            "plate.foundation");
    errs = (cit_errors){0};
    CHECK(cit_tether_new(&same, &plate, CIT_LATERAL_ISOLATED, 0, &tether, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    refused(cit_tether_run(tether, &same, &flat, &errs), &errs, "force_mN"); /* a NAN */
    errs = (cit_errors){0};
    refused(cit_tether_run(tether, &flat, &small, &errs), &errs, "ret");

    cit_surface *surface = NULL;
    errs = (cit_errors){0};
    refused(cit_surface_new(&flat, NULL, 0.5, 0.2, &surface, &errs), &errs, "depth");
    flat.values[5] = 0.3;
    errs = (cit_errors){0};
    refused(cit_surface_new(&flat, NULL, 0.5, 0.6, &surface, &errs), &errs, "shares");
    errs = (cit_errors){0};
    refused(cit_surface_new(&flat, NULL, nan, 0.6, &surface, &errs), &errs, "shares");
    errs = (cit_errors){0};
    refused(cit_surface_new(&flat, &same, 0.5, 0.2, &surface, &errs), &errs, "dip");
    errs = (cit_errors){0};
    refused(cit_surface_new(&flat, &small, 0.5, 0.2, &surface, &errs), &errs, "dip");
    same.values[3] = 0;
    errs = (cit_errors){0};
    refused(cit_surface_new(&flat, &same, 0.5, 0.2, &surface, &errs), &errs, "dip"); /* none */
    errs = (cit_errors){0};
    CHECK(cit_surface_new(&flat, NULL, 0.5, 0.2, &surface, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    cit_surface_change change = {NULL, 1.5, 0, false};
    refused(cit_surface_at(surface, &change, &same, &errs), &errs, "tether_left");
    change = (cit_surface_change){&small, 1, 0, false};
    errs = (cit_errors){0};
    refused(cit_surface_at(surface, &change, &same, &errs), &errs, "lift");
    for (int i = 0; i < 16; i++) flat.values[i] = 0.3;
    cit_surface_free(surface);
    surface = NULL;
    errs = (cit_errors){0};
    refused(cit_surface_new(&flat, &same, 0.5, 0.2, &surface, &errs), &errs, "depth"); /* no rim */
    cit_surface_size size = {0};
    errs = (cit_errors){0};
    refused(cit_surface_measure(&flat, nan, &size, &errs), &errs, "visible_mm");

    cit_map_free(&small);
    cit_map_free(&fine);
    cit_map_free(&same);
    cit_map_free(&flat);
    cit_map_free(NULL);
    cit_lift_free(lift);
    cit_tether_free(tether);
    cit_lift_free(NULL);
    cit_tether_free(NULL);
    cit_surface_free(NULL);
    cit_fft_free(NULL);
    tissue_free(&t);
}

T_MAIN(CASE(a_transform_is_its_sum), CASE(a_long_transform_keeps_its_digits),
       CASE(quick_lengths_have_no_large_factor), CASE(a_disc_lifts_by_its_formula),
       CASE(an_isolated_map_is_the_sum_over_its_voxels), CASE(growth_at_the_very_surface_comes_out),
       CASE(a_wave_fades_with_its_depth), CASE(what_grows_wide_comes_out),
       CASE(a_map_turns_with_its_tissue), CASE(lifts_add_up),
       CASE(a_large_periodic_box_is_isolated), CASE(growth_counts_from_the_surface_above_it),
       CASE(any_number_of_threads_gives_the_same_bytes), CASE(a_point_force_dips_as_the_formula),
       CASE(a_dip_is_smooth_in_the_tension), CASE(a_periodic_plate_misses_its_short_waves),
       CASE(a_mapped_bowl_has_the_size_of_the_bowl), CASE(parts_of_a_surface_are_those_asked_for),
       CASE(the_middle_of_the_map_is_the_columns_lift), CASE(bad_input_is_named))
