/* Gaussian smoothing against its definition, closed forms, and what must not change. */
#include "t.h"
#include <cit/num.h>
#include <math.h>
#include <stdlib.h>

#define PI 3.14159265358979323846

/* ---- helpers ------------------------------------------------------------------------------------ */

typedef struct map {
    int nx, ny;
    float *z;
} map;

static map map_new(int nx, int ny) {
    map m = {nx, ny, malloc((size_t)nx * (size_t)ny * sizeof(float))};
    CHECK(m.z != NULL, "no memory");
    return m;
}

static size_t count_of(const map *m) { return (size_t)m->nx * (size_t)m->ny; }

static double uniform(const char *name, size_t i) {
    return cit_random(11, 0, cit_random_stream(name), (uint32_t)i);
}

/* Curved, wavy, noisy, with a pit: ends and slopes of every kind. */
static map rough(int nx, int ny) {
    map m = map_new(nx, ny);
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) {
            const double x = (i + 0.5) / nx, y = (j + 0.5) / ny;
            const double pit = hypot(x - 0.3, y - 0.6) < 0.05 ? -300 : 0;
            const size_t at = (size_t)j * (size_t)nx + (size_t)i;
            m.z[at] = (float)(400 * x * x - 250 * y + 30 * sin(40 * x + 15 * y) + pit +
                              20 * (uniform("rough", at) - 0.5));
        }
    return m;
}

static double spread(const map *m) {
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (size_t i = 0; i < count_of(m); i++) {
        if (m->z[i] != m->z[i]) continue;
        low = fmin(low, (double)m->z[i]);
        high = fmax(high, (double)m->z[i]);
    }
    return high - low;
}

/* A third of the samples, a disc and a corner. */
static void make_holes(map *m) {
    for (int j = 0; j < m->ny; j++)
        for (int i = 0; i < m->nx; i++) {
            const size_t at = (size_t)j * (size_t)m->nx + (size_t)i;
            const double x = (i + 0.5) / m->nx, y = (j + 0.5) / m->ny;
            if (uniform("holes", at) < 1.0 / 3 || hypot(x - 0.6, y - 0.4) < 0.12 || x + y < 0.2)
                m->z[at] = NAN;
        }
}

static map smoothed(const map *in, cit_smooth_options o) {
    map out = map_new(in->nx, in->ny);
    cit_errors errs = {0};
    const cit_status st = cit_smooth(in->nx, in->ny, in->z, out.z, &o, &errs);
    CHECK(st == CIT_OK, "%s: %s", errs.items[0].where, errs.items[0].text);
    return out;
}

/* The largest difference; infinite where only one of them is missing. */
static double apart(const map *a, const map *b) {
    double worst = 0;
    for (size_t i = 0; i < count_of(a); i++) {
        if (a->z[i] != a->z[i] && b->z[i] != b->z[i]) continue;
        const double off = fabs((double)a->z[i] - (double)b->z[i]);
        if (!(off <= worst)) worst = off == off ? off : HUGE_VAL;
    }
    return worst;
}

/* The definition, sample by sample. */
static double defined(const map *m, double sigma_x, double sigma_y, int i, int j) {
    double sum = 0, weight = 0;
    for (int b = 0; b < m->ny; b++)
        for (int a = 0; a < m->nx; a++) {
            const double z = (double)m->z[(size_t)b * (size_t)m->nx + (size_t)a];
            const double dx = a - i, dy = b - j;
            if (z != z || fabs(dx) > ceil(6 * sigma_x) || fabs(dy) > ceil(6 * sigma_y)) continue;
            const double w =
                exp(-0.5 * (dx * dx / (sigma_x * sigma_x) + dy * dy / (sigma_y * sigma_y)));
            sum += w * z;
            weight += w;
        }
    return sum / weight;
}

/* ---- cases -------------------------------------------------------------------------------------- */

static void direct_is_the_definition(void **state) {
    (void)state;
    map m = rough(37, 29);
    make_holes(&m);
    const cit_smooth_options o = {
        .sigma_x = 2.5, .sigma_y = 4, .way = CIT_SMOOTH_DIRECT, .threads = 2};
    map out = smoothed(&m, o);
    int seen = 0;
    for (int j = 0; j < m.ny; j++)
        for (int i = 0; i < m.nx; i++) {
            const double got = (double)out.z[j * m.nx + i];
            if (got != got) continue;
            CHECK_CLOSE(got, defined(&m, 2.5, 4, i, j), 3e-5);
            seen++;
        }
    CHECK(seen > m.nx * m.ny * 9 / 10, "%d of %d given", seen, m.nx * m.ny);
    free(m.z);
    free(out.z);
}

/* Each quick way within 2e-4 of the largest less the least, ends and all. */
static void near_the_definition(const map *m, cit_smooth_options o, double allowed) {
    cit_smooth_options exact = o;
    exact.way = CIT_SMOOTH_DIRECT;
    map want = smoothed(m, exact), got = smoothed(m, o);
    const double off = apart(&want, &got) / spread(m);
    CHECK(off <= allowed, "way %d, sigma %g %g: off by %.3g of the spread", o.way, o.sigma_x,
          o.sigma_y, off);
    free(want.z);
    free(got.z);
}

static void quick_ways_are_near_the_definition(void **state) {
    (void)state;
    static const double sigma[][2] = {{0.7, 1.3}, {3, 3},  {9.37, 9.37}, {20, 5},
                                      {40, 40},   {0, 12}, {33, 0}};
    map m = rough(301, 257);
    for (size_t k = 0; k < sizeof sigma / sizeof *sigma; k++) {
        cit_smooth_options o = {.sigma_x = sigma[k][0], .sigma_y = sigma[k][1], .threads = 2};
        o.way = CIT_SMOOTH_AUTO;
        near_the_definition(&m, o, 2e-5);
        o.way = CIT_SMOOTH_RECURSIVE;
        near_the_definition(&m, o, 1e-5);
        o.way = CIT_SMOOTH_MULTIRATE;
        near_the_definition(&m, o, 2e-5);
    }
    free(m.z);
}

static void so_they_are_with_missing_samples(void **state) {
    (void)state;
    static const double sigma[][2] = {{3, 3}, {9.37, 9.37}, {20, 5}, {40, 40}};
    map m = rough(301, 257);
    make_holes(&m);
    for (size_t k = 0; k < sizeof sigma / sizeof *sigma; k++) {
        cit_smooth_options o = {
            .sigma_x = sigma[k][0], .sigma_y = sigma[k][1], .least = 0.05, .threads = 2};
        o.way = CIT_SMOOTH_RECURSIVE;
        near_the_definition(&m, o, 2e-4);
        o.way = CIT_SMOOTH_MULTIRATE;
        near_the_definition(&m, o, 2e-4);
    }
    free(m.z);
}

/* The amplitude that is left of a wave, in the middle of a long line. */
static double transmission(double length, cit_smooth_options o) {
    map m = map_new(4096, 1);
    for (int i = 0; i < m.nx; i++) m.z[i] = (float)cos(2 * PI * (i - 2048) / length);
    map out = smoothed(&m, o);
    const double left = (double)out.z[2048];
    free(m.z);
    free(out.z);
    return left;
}

static void half_of_a_wave_at_the_cutoff_passes(void **state) {
    (void)state;
    for (cit_smooth_way way = CIT_SMOOTH_DIRECT; way <= CIT_SMOOTH_MULTIRATE; way++)
        for (double cutoff = 40; cutoff < 500; cutoff *= 3) {
            const cit_smooth_options o = {
                .sigma_x = CIT_SMOOTH_SIGMA * cutoff, .way = way, .threads = 1};
            CHECK_CLOSE(transmission(cutoff, o), 0.5, 2e-5);
            CHECK_CLOSE(transmission(2 * cutoff, o), exp(-log(2) / 4), 2e-5);
            CHECK_CLOSE(transmission(cutoff / 2, o), exp(-log(2) * 4), 2e-5);
        }
}

static void a_step_becomes_the_normal_distribution(void **state) {
    (void)state;
    for (cit_smooth_way way = CIT_SMOOTH_DIRECT; way <= CIT_SMOOTH_MULTIRATE; way++) {
        const double sigma = 30;
        map m = map_new(1000, 3);
        for (size_t i = 0; i < count_of(&m); i++) m.z[i] = i % 1000 >= 500 ? 1 : 0;
        map out = smoothed(&m, (cit_smooth_options){.sigma_x = sigma, .way = way, .threads = 1});
        for (int i = 250; i < 750; i++)
            CHECK_CLOSE((double)out.z[1000 + i], cit_normal_cdf((i - 499.5) / sigma), 6e-5);
        free(m.z);
        free(out.z);
    }
}

static void what_is_level_stays_so_to_its_ends(void **state) {
    (void)state;
    for (cit_smooth_way way = CIT_SMOOTH_DIRECT; way <= CIT_SMOOTH_MULTIRATE; way++)
        for (int holes = 0; holes < 2; holes++) {
            map m = map_new(83, 61);
            for (size_t i = 0; i < count_of(&m); i++) m.z[i] = 7.25F;
            if (holes) make_holes(&m);
            map out = smoothed(
                &m, (cit_smooth_options){.sigma_x = 18, .sigma_y = 3, .way = way, .threads = 2});
            for (size_t i = 0; i < count_of(&m); i++) CHECK_CLOSE((double)out.z[i], 7.25, 5e-5);
            free(m.z);
            free(out.z);
        }
}

static void a_line_and_a_sample_are_maps(void **state) {
    (void)state;
    for (cit_smooth_way way = CIT_SMOOTH_AUTO; way <= CIT_SMOOTH_MULTIRATE; way++) {
        map row = rough(200, 1), column = {1, 200, row.z}, one = {1, 1, row.z};
        map a = smoothed(&row, (cit_smooth_options){.sigma_x = 17, .way = way, .threads = 2});
        map b = smoothed(&column, (cit_smooth_options){.sigma_y = 17, .way = way, .threads = 2});
        map c = smoothed(
            &one, (cit_smooth_options){
                      .sigma_x = 1e5, .sigma_y = 1e5, .least = 1e-12, .way = way, .threads = 2});
        CHECK_CLOSE(apart(&a, &b), 0, 1e-4);
        CHECK_CLOSE((double)c.z[0], (double)row.z[0], 1e-4);
        free(row.z);
        free(a.z);
        free(b.z);
        free(c.z);
    }
}

static void no_sigma_changes_nothing(void **state) {
    (void)state;
    for (cit_smooth_way way = CIT_SMOOTH_AUTO; way <= CIT_SMOOTH_MULTIRATE; way++) {
        map m = rough(50, 40);
        make_holes(&m);
        map out = smoothed(&m, (cit_smooth_options){.way = way, .threads = 2});
        CHECK_CLOSE(apart(&m, &out), 0, 0);
        free(m.z);
        free(out.z);
    }
}

/* Of a half plane that is there, the weight seen from d samples into the other half is that of a normal tail. */
static void far_from_all_that_is_there_nothing_is_given(void **state) {
    (void)state;
    for (cit_smooth_way way = CIT_SMOOTH_DIRECT; way <= CIT_SMOOTH_MULTIRATE; way++) {
        map m = map_new(400, 20);
        for (size_t i = 0; i < count_of(&m); i++) m.z[i] = i % 400 < 200 ? 1 : NAN;
        map out = smoothed(
            &m, (cit_smooth_options){.sigma_x = 20, .least = 0.1, .way = way, .threads = 2});
        const int reach = (int)(20 * cit_normal_quantile(0.9));
        for (int i = 0; i < 400; i++) {
            const bool given = out.z[4000 + i] == out.z[4000 + i];
            if (abs(i - (199 + reach)) > 2)
                CHECK(given == (i < 199 + reach), "way %d: sample %d is %sgiven", way, i,
                      given ? "" : "not ");
        }
        free(m.z);
        free(out.z);
    }
}

static void neither_threads_nor_place_change_a_bit(void **state) {
    (void)state;
    for (cit_smooth_way way = CIT_SMOOTH_DIRECT; way <= CIT_SMOOTH_MULTIRATE; way++)
        for (int holes = 0; holes < 2; holes++) {
            map m = rough(203, 151);
            if (holes) make_holes(&m);
            cit_smooth_options o = {.sigma_x = 19, .sigma_y = 4, .way = way, .threads = 1};
            map one = smoothed(&m, o);
            o.threads = 3;
            map three = smoothed(&m, o);
            CHECK(memcmp(one.z, three.z, count_of(&m) * sizeof *m.z) == 0, "way %d differs", way);
            cit_errors errs = {0};
            CHECK(cit_smooth(m.nx, m.ny, m.z, m.z, &o, &errs) == CIT_OK, "%s", errs.items[0].text);
            CHECK(memcmp(one.z, m.z, count_of(&m) * sizeof *m.z) == 0, "way %d differs in place",
                  way);
            free(m.z);
            free(one.z);
            free(three.z);
        }
}

static void what_makes_no_sense_is_refused(void **state) {
    (void)state;
    float z[4] = {1, 2, 3, INFINITY};
    const cit_smooth_options fine = {.sigma_x = 1, .sigma_y = 1},
                             bad[] = {{.sigma_x = -1},  {.sigma_y = CIT_UNKNOWN_NUMBER},
                                      {.sigma_x = 2e5}, {.sigma_x = HUGE_VAL},
                                      {.least = -0.5},  {.least = CIT_UNKNOWN_NUMBER},
                                      {.least = 2},     {.threads = -1},
                                      {.threads = 5000}};
    CHECK(cit_smooth(2, 2, z, z, &fine, NULL) == CIT_INVALID, "an infinite sample is taken");
    CHECK(cit_smooth(0, 2, z, z, &fine, NULL) == CIT_INVALID, "no columns are taken");
    CHECK(cit_smooth(2, 0, z, z, &fine, NULL) == CIT_INVALID, "no rows are taken");
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        cit_errors errs = {0};
        CHECK(cit_smooth(1, 3, z, z, &bad[k], &errs) == CIT_INVALID && errs.count == 1,
              "options %zu are taken", k);
    }
    z[3] = NAN;
    CHECK(cit_smooth(2, 2, z, z, &fine, NULL) == CIT_OK, "a missing sample is refused");
}

T_MAIN(CASE(direct_is_the_definition), CASE(quick_ways_are_near_the_definition),
       CASE(so_they_are_with_missing_samples), CASE(half_of_a_wave_at_the_cutoff_passes),
       CASE(a_step_becomes_the_normal_distribution), CASE(what_is_level_stays_so_to_its_ends),
       CASE(a_line_and_a_sample_are_maps), CASE(no_sigma_changes_nothing),
       CASE(far_from_all_that_is_there_nothing_is_given),
       CASE(neither_threads_nor_place_change_a_bit), CASE(what_makes_no_sense_is_refused))
