/* Needling against what is known without it: counts of needles over areas, fine quadrature, discs
 * and lenses, and the two descriptions of a wound (formula and list) against each other. */
#include "t.h"
#include <cit/needling.h>
#include <cit/num.h>
#include <stdlib.h>

static const double pi = 3.14159265358979323846;

/* Schwarz and Laaff 2011: 8 rows of 24 needles on a drum of 20 mm by 20 mm. */
static const cit_device roller = {.kind = CIT_ROLLER,
                                  .needles = 192,
                                  .rows = 8,
                                  .per_row = 24,
                                  .drum_diameter_mm = 20,
                                  .drum_width_mm = 20};
/* Twice the needles in half the rows: along its rows the needles stand four times as close as the
 * rows do to each other, so that its lines can only be those of the heading. */
static const cit_device row_roller = {.kind = CIT_ROLLER,
                                      .needles = 192,
                                      .rows = 4,
                                      .per_row = 48,
                                      .drum_diameter_mm = 20,
                                      .drum_width_mm = 20};
static const cit_device pen = {.kind = CIT_PEN, .needles = 12, .tip_width_mm = 8};
static const cit_device stamp = {
    .kind = CIT_STAMP, .needles = 40, .rows = 5, .per_row = 8, .tip_width_mm = 10};

static const cit_device_kind kinds[] = {CIT_ROLLER, CIT_PEN, CIT_STAMP, CIT_RADIOFREQUENCY};
enum { KINDS = sizeof kinds / sizeof *kinds };

static cit_needling_params params(void) {
    cit_parameters p;
    cit_parameters_default(&p);
    return p.needling;
}

static cit_use use_of(const cit_device *device, double length_mm, int passes, int directions) {
    cit_use use = {.kind = (cit_device_kind)device->kind,
                   .device = device,
                   .length_mm = length_mm,
                   .passes = passes,
                   .directions = directions,
                   .speed_mm_per_s = 20,
                   .rate_Hz = 100,
                   .halo_mm = device->kind == CIT_PEN ? 0.05 : 0.1,
                   .hole_mm = 0.035};
    use.density = passes * cit_density_per_pass(device, use.speed_mm_per_s, use.rate_Hz);
    return use;
}

/* A pen at any density, for what does not depend on how it came about. */
static cit_use dense(double length_mm, double per_cm2) {
    cit_use use = use_of(&pen, length_mm, 1, 1);
    use.density = per_cm2 / 100;
    return use;
}

static cit_patch make(const cit_use *use, double size_mm, uint64_t seed) {
    const cit_needling_params p = params();
    const cit_reach reach = cit_reach_of(&p, use->kind, use->length_mm);
    cit_errors errs = {0};
    cit_patch patch = {0};
    const cit_status st = cit_patch_make(use, &reach, size_mm, seed, &patch, &errs);
    CHECK(st == CIT_OK, "no patch: %s", errs.items[0].text);
    return patch;
}

static cit_patch_stats measure(const cit_patch *patch, double radius_mm) {
    cit_errors errs = {0};
    cit_patch_stats stats = {0};
    const cit_status st = cit_patch_measure(patch, radius_mm, &stats, &errs);
    CHECK(st == CIT_OK, "no measurement: %s", errs.items[0].text);
    return stats;
}

static cit_patch_stats made_and_measured(const cit_use *use, double size_mm, uint64_t seed) {
    cit_patch patch = make(use, size_mm, seed);
    const cit_patch_stats stats = measure(&patch, use->halo_mm);
    cit_patch_free(&patch);
    return stats;
}

/* Mean of n numbers and its standard error. */
typedef struct average {
    double mean, error;
} average;

static average average_of(const double *x, int n) {
    return (average){cit_mean(x, n), sqrt(cit_variance(x, n) / n)};
}

/* ---- densities ----------------------------------------------------------------------------- */

static void the_192_needle_roller_makes_15_punctures_per_cm2_and_pass(void **state) {
    const double per_cm2 = 100 * cit_density_per_pass(&roller, 0, 0);
    (void)state;
    CHECK_CLOSE(per_cm2, 192 / (4 * pi), 1e-12);
    CHECK_CLOSE(per_cm2, 15.3, 0.05);
    CHECK_CLOSE(15 * per_cm2, 229, 0.5);
}

static void the_pen_and_the_stamp_make_their_needles_over_their_area(void **state) {
    (void)state;
    /* 12 needles 100 times a second over 8 mm by 10 mm of skin */
    CHECK_CLOSE(100 * cit_density_per_pass(&pen, 10, 100), 1500, 1e-9);
    CHECK_CLOSE(100 * cit_density_per_pass(&pen, 20, 50), 375, 1e-9);
    CHECK_CLOSE(100 * cit_density_per_pass(&stamp, 0, 0), 40, 1e-12);
}

/* ---- reach --------------------------------------------------------------------------------- */

static void the_reach_law_has_its_published_values(void **state) {
    static const struct {
        cit_device_kind kind;
        double length, mean;
    } rows[] = {
        {CIT_ROLLER, 0.77, 0.165}, {CIT_ROLLER, 1.5, 0.7125}, {CIT_ROLLER, 3.0, 1.8375},
        {CIT_PEN, 0.6, 0.405},     {CIT_PEN, 1.5, 1.215},     {CIT_PEN, 2.5, 2.115},
        {CIT_STAMP, 0.6, 0.425},
    };
    const cit_needling_params p = params();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cit_reach r = cit_reach_of(&p, rows[i].kind, rows[i].length);
        CHECK(fabs(r.mean_mm - rows[i].mean) < 1e-12, "kind %d of %g mm reaches %.15g mm, not %g",
              rows[i].kind, rows[i].length, r.mean_mm, rows[i].mean);
        CHECK_CLOSE(r.scatter_mm, 0.15 * rows[i].mean, 1e-12);
        CHECK_CLOSE(r.length_mm, rows[i].length, 0);
    }
}

static void a_needle_shorter_than_its_offset_reaches_nothing(void **state) {
    const cit_needling_params p = params();
    const double offsets[KINDS] = {p.roller_delta, p.pen_delta, p.stamp_delta, p.pen_delta};
    (void)state;
    for (int i = 0; i < KINDS; i++) {
        const cit_reach r = cit_reach_of(&p, kinds[i], 0.99 * offsets[i]);
        CHECK_CLOSE(r.mean_mm, 0, 0);
        /* 0.02 mm is less than any epidermis, and 20 deviations of what scatter is left */
        CHECK_CLOSE(cit_reach_beyond(&r, 0.02), 0, 0);
    }
}

static void the_share_that_passes_a_depth_falls_from_one_to_nothing(void **state) {
    const cit_needling_params p = params();
    (void)state;
    for (int i = 0; i < KINDS; i++)
        for (double length = 0.2; length < 3.01; length += 0.4) {
            const cit_reach r = cit_reach_of(&p, kinds[i], length);
            double last = 1;
            CHECK_CLOSE(cit_reach_beyond(&r, -0.1), 1, 0);
            CHECK_CLOSE(cit_reach_beyond(&r, 0), 1, 0);
            CHECK_CLOSE(cit_reach_beyond(&r, length), 0, 0);
            CHECK_CLOSE(cit_reach_beyond(&r, length + 1), 0, 0);
            for (int j = 1; j <= 1000; j++) {
                const double z = length * j / 1000, share = cit_reach_beyond(&r, z);
                CHECK(share <= last && share >= 0,
                      "kind %d of %g mm: share %.17g after %.17g at %g", kinds[i], length, share,
                      last, z);
                last = share;
            }
            if (r.mean_mm > 0)
                CHECK(cit_reach_beyond(&r, r.mean_mm) > 0.3 &&
                          cit_reach_beyond(&r, r.mean_mm) < 0.7,
                      "share %g at the mean", cit_reach_beyond(&r, r.mean_mm));
        }
}

static double upper_tail(double x) { return 0.5 * erfc(x / sqrt(2)); }

/* The cut normal distribution written down once more. */
static void the_share_is_that_of_a_cut_normal_distribution(void **state) {
    const cit_reach r = {1.2, 0.3, 1.5};
    (void)state;
    for (double z = 0.05; z < r.length_mm; z += 0.05) {
        const double cut = upper_tail((1.5 - 1.2) / 0.3), all = upper_tail(-1.2 / 0.3) - cut;
        CHECK_CLOSE(cit_reach_beyond(&r, z), (upper_tail((z - 1.2) / 0.3) - cut) / all, 1e-14);
    }
}

/* The mean over [a, b] of the share that passes, by many small Gauss panels between the kinks. */
static double fine_mean(const cit_reach *r, double a, double b) {
    enum { PANELS = 400 };
    const double kinks[] = {a, fmin(fmax(0, a), b), fmin(fmax(r->length_mm, a), b), b};
    double sum = 0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < PANELS; j++) {
            const double step = (kinks[i + 1] - kinks[i]) / PANELS;
            double z[CIT_GAUSS_POINTS], w[CIT_GAUSS_POINTS];
            cit_gauss(kinks[i] + step * j, kinks[i] + step * (j + 1), z, w);
            for (int k = 0; k < CIT_GAUSS_POINTS; k++) sum += w[k] * cit_reach_beyond(r, z[k]);
        }
    return sum / (b - a);
}

static void the_mean_over_a_layer_is_the_integral(void **state) {
    const cit_needling_params p = params();
    (void)state;
    for (int i = 0; i < KINDS; i++)
        for (double length = 0.3; length < 3.01; length += 0.9) {
            const cit_reach r = cit_reach_of(&p, kinds[i], length);
            const double layers[][2] = {{0.07, 0.4},       {0, length},   {-0.3, 0.2},
                                        {length - 0.1, 4}, {-1, 4},       {0.5, 0.5001},
                                        {-0.8, -0.2},      {length, 3.5}, {length + 0.2, 3.8}};
            for (size_t j = 0; j < sizeof layers / sizeof *layers; j++) {
                const double a = layers[j][0], b = layers[j][1];
                const double got = cit_reach_layer(&r, a, b), want = fine_mean(&r, a, b);
                /* rounding of an integral over mm, divided by a layer of 1e-4 mm at the thinnest */
                const double allowed = 1e-14 * fmax(1, 1 / (b - a));
                CHECK(fabs(got - want) <= allowed,
                      "kind %d of %g mm over [%g, %g]: %.17g, not %.17g", kinds[i], length, a, b,
                      got, want);
            }
        }
}

static void layers_above_the_skin_and_below_the_needle_are_all_or_nothing(void **state) {
    const cit_reach r = {0.7, 0.1, 1.5};
    (void)state;
    CHECK_CLOSE(cit_reach_layer(&r, -2, -1), 1, 0);
    CHECK_CLOSE(cit_reach_layer(&r, 1.5, 2), 0, 0);
    CHECK_CLOSE(cit_reach_layer(&r, 1.7, 2), 0, 0);
}

/* ---- the gap over a dip -------------------------------------------------------------------- */

static void a_device_follows_wide_dips_and_bridges_narrow_ones(void **state) {
    const cit_needling_params p = params();
    const double depth = 0.5;
    double last = 0;
    (void)state;
    /* (2.405 l / R)^2 of the depth is left at R = 1 m, l = 1 mm; as much misses below a needle's 1
     * um */
    CHECK_CLOSE(cit_reach_gap(&p, 1000, depth), 0, 6e-6 * depth);
    CHECK_CLOSE(cit_reach_gap(&p, 0.001, depth), depth, 2e-7 * depth);
    for (double radius = 20; radius > 0.05; radius *= 0.8) {
        const double gap = cit_reach_gap(&p, radius, depth);
        CHECK(gap > last && gap < depth, "gap %g mm at radius %g after %g", gap, radius, last);
        CHECK_CLOSE(cit_reach_gap(&p, radius, 2 * depth), 2 * gap, 1e-15);
        last = gap;
    }
    /* half of it where the radius is 2.405 lengths */
    CHECK_CLOSE(cit_reach_gap(&p, 2.405 * p.conform_mm, depth), 0.5 * depth, 1e-15);
}

/* ---- coverage by formula ------------------------------------------------------------------- */

static void coverage_is_that_of_a_poisson_field_or_of_lattices(void **state) {
    const cit_use pens = dense(1.5, 1500), rolls = use_of(&roller, 1.5, 15, 4),
                  presses = use_of(&stamp, 1.5, 6, 1);
    const double disc = pi * 0.1 * 0.1;
    (void)state;
    CHECK_CLOSE(cit_coverage(&pens, 1, 0.1), 1 - exp(-15 * disc), 1e-15);
    CHECK_CLOSE(cit_coverage(&pens, 0.3, 0.1), 1 - exp(-4.5 * disc), 1e-15);
    const double a_pass = 192 / (400 * pi) * disc;
    CHECK_CLOSE(cit_coverage(&rolls, 1, 0.1), 1 - pow(1 - a_pass, 15), 1e-15);
    CHECK_CLOSE(cit_coverage(&rolls, 0.4, 0.1), 1 - pow(1 - 0.4 * a_pass, 15), 1e-15);
    CHECK_CLOSE(cit_coverage(&presses, 1, 0.1), 1 - pow(1 - 0.4 * disc, 6), 1e-15);
}

static void few_punctures_cover_their_discs_and_many_cover_everything(void **state) {
    const cit_device *const devices[] = {&roller, &pen, &stamp};
    (void)state;
    for (int i = 0; i < 3; i++) {
        cit_use use = use_of(devices[i], 1.5, 10, 4);
        use.density = 1e-4;
        const double discs = 1e-4 * pi * 0.01;
        /* what is covered twice is half the square of what is covered */
        CHECK_CLOSE(cit_coverage(&use, 1, 0.1), discs, 0.5 * discs * discs + 1e-18);
        CHECK_CLOSE(cit_coverage(&use, 0, 0.1), 0, 0);
        use.density = 1e4; /* 314 discs deep: exp(-314) is below rounding */
        CHECK_CLOSE(cit_coverage(&use, 1, 0.1), 1, 0);
    }
}

static void coverage_grows_with_density_radius_and_reach(void **state) {
    const cit_device *const devices[] = {&roller, &pen, &stamp};
    (void)state;
    for (int i = 0; i < 3; i++) {
        cit_use use = use_of(devices[i], 1.5, 10, 4);
        double last[3] = {0, 0, 0};
        for (int j = 1; j <= 60; j++) {
            use.density = 0.5 * j;
            const double by_density = cit_coverage(&use, 0.7, 0.08);
            use.density = 10;
            const double now[3] = {by_density, cit_coverage(&use, 0.7, 0.004 * j),
                                   cit_coverage(&use, j / 60.0, 0.08)};
            for (int k = 0; k < 3; k++) {
                CHECK(now[k] > last[k] && now[k] < 1, "device %d, way %d: %.17g after %.17g", i, k,
                      now[k], last[k]);
                last[k] = now[k];
            }
        }
    }
}

/* ---- the list ------------------------------------------------------------------------------ */

static void the_same_seed_makes_the_same_list_and_another_another(void **state) {
    const cit_device *const devices[] = {&roller, &pen, &stamp};
    (void)state;
    for (int i = 0; i < 3; i++) {
        const cit_use use = use_of(devices[i], 1.5, 4, 4);
        cit_patch a = make(&use, 10, 42), b = make(&use, 10, 42), c = make(&use, 10, 43);
        const size_t bytes = sizeof *a.punctures * (size_t)a.count;
        CHECK(a.count > 10, "device %d made %d punctures", i, a.count);
        CHECK(a.count == b.count && memcmp(a.punctures, b.punctures, bytes) == 0,
              "device %d: one seed makes two lists", i);
        CHECK(a.count != c.count || memcmp(a.punctures, c.punctures, bytes) != 0,
              "device %d: two seeds make one list", i);
        cit_patch_free(&a);
        cit_patch_free(&b);
        cit_patch_free(&c);
        CHECK(a.punctures == NULL && a.count == 0, "a freed patch holds %d punctures", a.count);
    }
}

/* A lattice counts far more evenly than chance; the spread over seeds says how evenly. */
static void a_list_is_as_dense_as_its_passes_together(void **state) {
    enum { SEEDS = 40 };
    static const struct {
        const cit_device *device;
        int passes, directions;
    } rows[] = {{&roller, 1, 1}, {&roller, 15, 4}, {&pen, 3, 2}, {&stamp, 6, 1}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cit_use use = use_of(rows[i].device, 1.5, rows[i].passes, rows[i].directions);
        const double size = 9.5;
        double x[SEEDS];
        for (int s = 0; s < SEEDS; s++) {
            cit_patch patch = make(&use, size, (uint64_t)s + 1);
            int inside = 0;
            for (int j = 0; j < patch.count; j++) {
                const cit_puncture *p = &patch.punctures[j];
                inside += p->x_mm >= 0 && p->y_mm >= 0 && p->x_mm < size && p->y_mm < size;
            }
            x[s] = inside / (size * size);
            cit_patch_free(&patch);
        }
        const average a = average_of(x, SEEDS);
        CHECK(fabs(a.mean - use.density) <= 4 * a.error,
              "row %zu: %g +- %g punctures per mm2, not %g", i, a.mean, a.error, use.density);
        CHECK(a.error < 0.02 * use.density, "row %zu: the count scatters by %g of %g", i, a.error,
              use.density);
    }
}

static void headings_are_spread_evenly_over_half_a_turn(void **state) {
    const cit_use use = use_of(&roller, 1.5, 4, 4);
    cit_patch patch = make(&use, 20, 1);
    int counts[4] = {0};
    (void)state;
    for (int i = 0; i < patch.count; i++) {
        const double place = patch.punctures[i].heading / (pi / 4);
        const int k = (int)lround(place);
        CHECK(k >= 0 && k < 4 && fabs(place - k) < 1e-12, "heading %g", patch.punctures[i].heading);
        counts[k]++;
    }
    for (int k = 0; k < 4; k++)
        CHECK(abs(4 * counts[k] - patch.count) < 0.3 * patch.count, "%d of %d in direction %d",
              counts[k], patch.count, k);
    cit_patch_free(&patch);
}

/* The binomial error of a share p of n needles is sqrt(p (1 - p) / n); four of them are allowed. */
static void depths_follow_the_reach(void **state) {
    static const struct {
        const cit_device *device;
        double length;
    } rows[] = {{&roller, 1.5}, {&pen, 0.25}, {&stamp, 1.0}, {&roller, 0.5}};
    const cit_needling_params p = params();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cit_use use = use_of(rows[i].device, rows[i].length, 15, 4);
        const cit_reach reach = cit_reach_of(&p, use.kind, use.length_mm);
        cit_patch patch = make(&use, 15, 7);
        const int n = patch.count;
        double sum = 0;
        for (int j = 0; j < n; j++) {
            const double z = patch.punctures[j].depth_mm;
            CHECK(z >= 0 && z <= rows[i].length, "row %zu: a depth of %g mm", i, z);
            sum += z;
        }
        const double mean = reach.length_mm * fine_mean(&reach, 0, reach.length_mm);
        CHECK(fabs(sum / n - mean) <= 4 * reach.scatter_mm / sqrt(n),
              "row %zu: mean depth %g mm of %d needles, not %g", i, sum / n, n, mean);
        for (double u = -2; u <= 2; u += 0.5) {
            const double z = fmax(reach.mean_mm + u * reach.scatter_mm, 0);
            const double want = cit_reach_beyond(&reach, z);
            int beyond = 0;
            for (int j = 0; j < n; j++) beyond += patch.punctures[j].depth_mm > z;
            CHECK(fabs((double)beyond / n - want) <= 4 * sqrt(want * (1 - want) / n),
                  "row %zu: %d of %d needles pass %g mm, not a share of %g", i, beyond, n, z, want);
        }
        cit_patch_free(&patch);
    }
}

static void a_list_beyond_all_measure_is_refused(void **state) {
    const cit_needling_params p = params();
    const cit_use use = dense(1.5, 100000);
    const cit_reach reach = cit_reach_of(&p, CIT_PEN, 1.5);
    cit_errors errs = {0};
    cit_patch patch = {.size_mm = -1, .count = -7};
    (void)state;
    const cit_status st = cit_patch_make(&use, &reach, 80, 1, &patch, &errs);
    CHECK(st == CIT_NOMEM && errs.count == 1, "status %d, %d faults", st, errs.count);
    CHECK(patch.count == -7 && patch.punctures == NULL, "the result was touched");
}

/* ---- coverage of a list -------------------------------------------------------------------- */

/* Rows stand a twelfth of a radius apart, so a disc is 24 of them. The chord is exact along each;
 * across them its slope is infinite at both ends, which costs about 24^-1.5 = 0.9 % of a disc. */
static const double row_error = 0.009;

static void one_disc_covers_its_area(void **state) {
    cit_puncture one = {.x_mm = 1.837, .y_mm = 2.113};
    const cit_patch patch = {.size_mm = 4, .punctures = &one, .count = 1};
    const double radius = 0.5, disc = pi * radius * radius / 16;
    (void)state;
    CHECK_CLOSE(measure(&patch, radius).coverage, disc, row_error * disc);
    CHECK_CLOSE(measure(&patch, radius).overlap, 0, 1e-14);
    CHECK_CLOSE(measure(&patch, radius).density, 1 / 16.0, 1e-16);

    one.x_mm = 0; /* half of it on the patch */
    CHECK_CLOSE(measure(&patch, radius).coverage, disc / 2, row_error * disc / 2);
    one.y_mm = 4; /* a quarter */
    CHECK_CLOSE(measure(&patch, radius).coverage, disc / 4, row_error * disc / 4);
    one.y_mm = 4.6; /* all of it outside */
    CHECK_CLOSE(measure(&patch, radius).coverage, 0, 0);
    CHECK_CLOSE(measure(&patch, radius).density, 0, 0);
}

static void two_discs_share_a_lens(void **state) {
    const double r = 0.4;
    (void)state;
    for (double angle = 0; angle < 3; angle += 0.5)
        for (double d = 0; d < 1; d += 0.11) {
            cit_puncture two[2] = {{.x_mm = 2.03, .y_mm = 1.91},
                                   {.x_mm = 2.03 + d * cos(angle), .y_mm = 1.91 + d * sin(angle)}};
            const cit_patch patch = {.size_mm = 4, .punctures = two, .count = 2};
            const cit_patch_stats s = measure(&patch, r);
            const double disc = pi * r * r;
            const double lens =
                d < 2 * r ? 2 * r * r * acos(d / (2 * r)) - d / 2 * sqrt(4 * r * r - d * d) : 0;
            CHECK(fabs(16 * s.coverage - (2 * disc - lens)) <= row_error * 2 * disc,
                  "%g mm apart at %g: %g mm2 covered, not %g", d, angle, 16 * s.coverage,
                  2 * disc - lens);
            CHECK(fabs(s.overlap - lens / (2 * disc)) <= row_error,
                  "%g mm apart at %g: overlap %g, not %g", d, angle, s.overlap, lens / (2 * disc));
        }
}

static void one_disc_over_all_covers_all(void **state) {
    cit_puncture one = {.x_mm = 0.5, .y_mm = 0.5};
    const cit_patch patch = {.size_mm = 1, .punctures = &one, .count = 1};
    (void)state;
    CHECK_CLOSE(measure(&patch, 0.8).coverage, 1, 1e-14);
}

/* Passes lie at offsets drawn evenly over a cell of their lattice, and discs of one pass never
 * touch: the formula is then the exact mean, and only chance (four standard errors) may stand
 * between. */
static void lattices_cover_on_average_what_the_formula_says(void **state) {
    enum { SEEDS = 150 };
    static const struct {
        const cit_device *device;
        int passes, directions;
        double halo;
    } rows[] = {{&roller, 1, 1, 0.1},  {&roller, 4, 4, 0.25}, {&roller, 15, 4, 0.1},
                {&roller, 15, 1, 0.4}, {&stamp, 6, 1, 0.1},   {&stamp, 3, 1, 0.6}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cit_use use = use_of(rows[i].device, 1.5, rows[i].passes, rows[i].directions);
        double x[SEEDS];
        use.halo_mm = rows[i].halo;
        for (int s = 0; s < SEEDS; s++) x[s] = made_and_measured(&use, 6, (uint64_t)s + 1).coverage;
        const average a = average_of(x, SEEDS);
        const double want = cit_coverage(&use, 1, use.halo_mm);
        CHECK(fabs(a.mean - want) <= 4 * a.error, "row %zu: %g +- %g covered, not %g", i, a.mean,
              a.error, want);
        CHECK(a.error < 0.03 * want, "row %zu: the coverage scatters by %g of %g", i, a.error,
              want);
    }
}

/* A pen's needles run in lines along the track, each strike a step of speed / rate ahead. While
 * that step is at least two halos, no needle strikes its own halo, and a list covers a little more
 * than a Poisson field: 0.5 to 3 % seen, up to 4 % allowed. The mean over seeds is known to about 1
 * %, which is what is allowed below. One tip's width of skin is one period of the tracks. */
static void a_pen_covers_nearly_what_a_poisson_field_does(void **state) {
    enum { SEEDS = 16 };
    static const struct {
        int passes, directions;
        double speed;
    } rows[] = {{2, 1, 10}, {2, 2, 20}, {5, 2, 20}, {4, 1, 50}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cit_use use = use_of(&pen, 1.5, rows[i].passes, rows[i].directions);
        double x[SEEDS];
        use.speed_mm_per_s = rows[i].speed;
        use.density = rows[i].passes * cit_density_per_pass(&pen, rows[i].speed, use.rate_Hz);
        for (int s = 0; s < SEEDS; s++)
            x[s] = made_and_measured(&use, pen.tip_width_mm, (uint64_t)s + 1).coverage;
        const average a = average_of(x, SEEDS);
        const double want = cit_coverage(&use, 1, use.halo_mm);
        CHECK(a.mean >= 0.99 * want && a.mean <= 1.04 * want,
              "row %zu: %g +- %g covered where a Poisson field covers %g", i, a.mean, a.error,
              want);
        CHECK(a.error < 0.012 * want, "row %zu: the mean is known to %g of %g", i, a.error, want);
    }
}

/* Where the step is shorter, strikes run together into lines two halos wide: no pass can cover more
 * than the needles' lines side by side, though a Poisson field as dense would. */
static void strikes_closer_than_a_halo_add_nothing_along_their_line(void **state) {
    cit_use use = use_of(&pen, 1.5, 1, 1);
    (void)state;
    use.speed_mm_per_s = 2; /* a strike every 0.02 mm */
    use.density = cit_density_per_pass(&pen, 2, use.rate_Hz);
    const double lines = pen.needles * 2 * use.halo_mm / pen.tip_width_mm;
    for (uint64_t s = 1; s <= 2; s++) {
        const double coverage = made_and_measured(&use, pen.tip_width_mm, s).coverage;
        CHECK(coverage <= lines * (1 + 1e-9) && coverage > 0.6 * lines,
              "seed %d: %g covered by lines of %g", (int)s, coverage, lines);
    }
    CHECK(cit_coverage(&use, 1, use.halo_mm) > 2.5 * lines, "a Poisson field covers %g",
          cit_coverage(&use, 1, use.halo_mm));
}

/* ---- streaks ------------------------------------------------------------------------------- */

static double angle_between(double a, double b) {
    const double d = fabs(fmod(a - b, pi));
    return fmin(d, pi - d);
}

/* Punctures at random, and `on_line` more on a line through the middle. */
static cit_patch scattered(double size, int count, uint32_t draw, int on_line, double angle) {
    cit_patch patch = {.size_mm = size, .count = count + on_line};
    patch.punctures = calloc((size_t)patch.count, sizeof *patch.punctures);
    CHECK(patch.punctures != NULL, "no memory");
    for (int i = 0; i < patch.count; i++) {
        const double u = cit_random(1, draw, 1, (uint32_t)i),
                     v = cit_random(1, draw, 2, (uint32_t)i), along = size * (u - 0.5);
        patch.punctures[i] = i < count ? (cit_puncture){.x_mm = size * u, .y_mm = size * v}
                                       : (cit_puncture){.x_mm = size / 2 + along * cos(angle),
                                                        .y_mm = size / 2 + along * sin(angle)};
    }
    return patch;
}

enum { STREAK_SEEDS = 12 };

static double mean_score(const cit_device *device, int passes, int directions) {
    const cit_use use = use_of(device, 1.5, passes, directions);
    double sum = 0;
    for (int s = 1; s <= STREAK_SEEDS; s++)
        sum += made_and_measured(&use, 20, (uint64_t)s).streak_score;
    return sum / STREAK_SEEDS;
}

static double mean_score_of_chance(double density) {
    double sum = 0;
    for (uint32_t s = 1; s <= STREAK_SEEDS; s++) {
        cit_patch patch = scattered(20, (int)(400 * density), s, 0, 0);
        sum += measure(&patch, 0.1).streak_score;
        cit_patch_free(&patch);
    }
    return sum / STREAK_SEEDS;
}

/* The largest of some 180 x 40 dependent, skewed scores: 4 to 5 deviations by chance alone. */
static void a_random_list_has_the_streaks_of_chance(void **state) {
    const double few = mean_score_of_chance(0.61), many = mean_score_of_chance(10);
    (void)state;
    CHECK(few > 3.5 && few < 5.5, "score %g at 0.61 per mm2", few);
    CHECK(many > 3 && many < 4.5, "score %g at 10 per mm2", many);
}

/* Twelve passes of needle rows pile up along the heading, and less so with the heading turned. */
static void rolling_one_way_leaves_more_streaks_than_rolling_four_ways(void **state) {
    const double chance = mean_score_of_chance(12 * 0.1528);
    const double one = mean_score(&row_roller, 12, 1), four = mean_score(&row_roller, 12, 4),
                 twelve = mean_score(&row_roller, 12, 12);
    (void)state;
    CHECK(one > 1.3 * four, "one direction scores %g, four %g", one, four);
    CHECK(four > twelve && twelve > chance, "four directions score %g, twelve %g, chance %g", four,
          twelve, chance);
    /* the 192-needle roller's lattice is nearly as dense along two other lines: less of a
     * difference */
    const double drum_one = mean_score(&roller, 12, 1), drum_four = mean_score(&roller, 12, 4);
    CHECK(drum_one > 1.2 * drum_four, "the roller scores %g in one direction, %g in four", drum_one,
          drum_four);
}

static void streaks_of_one_heading_lie_along_it(void **state) {
    const cit_use rows = use_of(&row_roller, 1.5, 12, 1), drum = use_of(&roller, 1.5, 12, 1);
    /* lines of the 192-needle lattice: along the rows, and over to the next row either way */
    const double over = atan(2.5 / (pi * 20 / 24 / 2));
    (void)state;
    for (uint64_t s = 1; s <= STREAK_SEEDS; s++) {
        const double a = made_and_measured(&rows, 20, s).streak_angle,
                     b = made_and_measured(&drum, 20, s).streak_angle;
        CHECK(angle_between(a, 0) < 1.5 * pi / 180, "seed %d: a streak at %g degrees", (int)s,
              a * 180 / pi);
        CHECK(fmin(angle_between(b, 0), fmin(angle_between(b, over), angle_between(b, -over))) <
                  2.5 * pi / 180,
              "seed %d: a streak at %g degrees", (int)s, b * 180 / pi);
    }
}

static void a_line_of_punctures_is_found_with_its_angle_and_excess(void **state) {
    enum { ON_LINE = 120 };
    (void)state;
    for (int degrees = 0; degrees < 180; degrees += 17) {
        cit_patch patch = scattered(20, 800, 3, ON_LINE, degrees * pi / 180);
        const cit_patch_stats s = measure(&patch, 0.1);
        /* 2.3 per mm2 over 20 mm by 0.25 mm: 11.5 expected; the line brings 120 of its own, which
         * may fall on two bins */
        const double expected = s.density * 20 * 0.25;
        CHECK(angle_between(s.streak_angle, degrees * pi / 180) < 1.01 * pi / 180,
              "a line at %d degrees was seen at %g", degrees, s.streak_angle * 180 / pi);
        CHECK(s.streak_ratio > 0.5 * ON_LINE / expected &&
                  s.streak_ratio < (ON_LINE + 4 * expected) / expected,
              "a line at %d degrees is %g times as dense as expected", degrees, s.streak_ratio);
        CHECK_CLOSE(s.streak_score, (s.streak_ratio - 1) * sqrt(expected),
                    0.01 * s.streak_score); /* the chord is 20 mm to within 1 % near the middle */
        cit_patch_free(&patch);
    }
}

static void an_empty_patch_has_no_coverage_and_no_streaks(void **state) {
    const cit_patch patch = {.size_mm = 10};
    const cit_patch_stats s = measure(&patch, 0.1);
    (void)state;
    CHECK(s.density == 0 && s.coverage == 0 && s.overlap == 0 && s.streak_score == 0 &&
              s.streak_ratio == 0,
          "density %g, coverage %g, overlap %g, streak %g x %g", s.density, s.coverage, s.overlap,
          s.streak_score, s.streak_ratio);
}

/* ---- the homogenised wound ----------------------------------------------------------------- */

enum { LAYERS = 3 };
static const double edges[LAYERS + 1] = {0.07, 0.47, 0.87, 1.27};

static cit_wound wound_of(const cit_use *use, double gap_mm) {
    const cit_needling_params p = params();
    cit_wound w = {0};
    cit_wound_make(&p, use, gap_mm, edges, LAYERS, edges[LAYERS], &w);
    return w;
}

static void debris_falls_with_depth_and_with_the_gap(void **state) {
    const cit_device *const devices[] = {&roller, &pen, &stamp};
    (void)state;
    for (int i = 0; i < 3; i++) {
        const cit_use use = use_of(devices[i], 1.5, 6, 4);
        cit_wound last = wound_of(&use, 0);
        CHECK(last.layers == LAYERS, "%d layers", last.layers);
        CHECK(last.debris[0] > last.debris[1] && last.debris[1] > last.debris[2],
              "device %d: debris %g, %g, %g", i, last.debris[0], last.debris[1], last.debris[2]);
        CHECK(last.hole[0] < last.debris[0] * params().phi_ref, "hole %g in a halo of %g",
              last.hole[0], last.debris[0] * params().phi_ref);
        for (double gap = 0.2; gap < 1.7; gap += 0.2) {
            const cit_wound w = wound_of(&use, gap);
            for (int k = 0; k < LAYERS; k++)
                CHECK(w.debris[k] <= last.debris[k] && w.hole[k] <= last.hole[k],
                      "device %d, gap %g, layer %d: debris %g after %g", i, gap, k, w.debris[k],
                      last.debris[k]);
            CHECK(w.surface <= last.surface && w.band_cut <= last.band_cut, "surface %g, bands %g",
                  w.surface, w.band_cut);
            last = w;
        }
        CHECK(last.debris[0] == 0 && last.surface == 0, "device %d: debris %g beyond 1.5 mm", i,
              last.debris[0]);
    }
}

static void what_needles_do_not_reach_is_not_wounded(void **state) {
    const cit_use use = use_of(&roller, 0.5, 15, 4); /* shorter than its offset of 0.55 mm */
    const cit_wound w = wound_of(&use, 0);
    (void)state;
    for (int k = 0; k < LAYERS; k++)
        CHECK(w.debris[k] == 0 && w.hole[k] == 0, "layer %d: debris %g, hole %g", k, w.debris[k],
              w.hole[k]);
    CHECK(w.surface == 0 && w.overshoot == 0, "surface %g, overshoot %g", w.surface, w.overshoot);
    /* bands are anchored 1.27 mm deep, give or take 0.25 mm: five deviations */
    CHECK(w.band_cut < 1e-6, "band cut %g", w.band_cut);
}

/* Debris in a layer is the mean of coverage over its depth, on 8 Gauss points. The share of needles
 * that passes a depth falls over a few hundredths of a mm where they are short, which 8 points over
 * 0.4 mm catch to a thousandth of what needles that all get there do (seen: at most 0.00035). */
static void debris_is_coverage_averaged_over_the_layer(void **state) {
    enum { PANELS = 200 };
    const cit_device *const devices[] = {&roller, &pen, &stamp};
    const cit_needling_params p = params();
    (void)state;
    for (int i = 0; i < 3; i++)
        for (double length = 0.25; length < 3.01; length += 0.25) {
            const cit_use use = use_of(devices[i], length, 8, 4);
            const cit_reach reach = cit_reach_of(&p, use.kind, length);
            const cit_wound w = wound_of(&use, 0.1);
            const double most = cit_coverage(&use, 1, use.halo_mm) / p.phi_ref;
            for (int k = 0; k < LAYERS; k++) {
                const double a = edges[k] + 0.1, step = (edges[k + 1] - edges[k]) / PANELS;
                double sum = 0;
                for (int j = 0; j < PANELS; j++)
                    sum += cit_coverage(&use, cit_reach_beyond(&reach, a + step * (j + 0.5)),
                                        use.halo_mm);
                CHECK(fabs(w.debris[k] - sum / PANELS / p.phi_ref) <= 0.001 * most,
                      "device %d of %g mm, layer %d: debris %g, not %g", i, length, k, w.debris[k],
                      sum / PANELS / p.phi_ref);
            }
        }
}

static void the_reference_wound_makes_debris_of_one(void **state) {
    /* one pass so sparse that nothing overlaps: 250 per cm2 would make 1 without overlap */
    cit_use use = dense(3, 0.25);
    use.halo_mm = 0.1;
    (void)state;
    CHECK_CLOSE(1000 * wound_of(&use, 0).debris[0], 1, 1e-4);
}

/* 1 - exp(-x) against x: 1.35 times less at 2000 per cm2 with a halo of 0.1 mm, 2.73 at 8000. */
static void debris_is_a_union_of_halos_not_their_sum(void **state) {
    cit_use use = dense(3, 2000);
    const double area = pi * 0.01, phi_ref = params().phi_ref;
    (void)state;
    use.halo_mm = 0.1;
    CHECK_CLOSE(wound_of(&use, 0).debris[0], (1 - exp(-20 * area)) / phi_ref, 1e-4);
    CHECK_CLOSE(20 * area / phi_ref / wound_of(&use, 0).debris[0], 1.35, 0.01);
    use.density = 80;
    CHECK_CLOSE(80 * area / phi_ref / wound_of(&use, 0).debris[0], 2.73, 0.01);
    CHECK(wound_of(&use, 0).debris[0] < 1 / phi_ref, "more than everything is disturbed");
}

/* Of a normal scatter a share of 1.35e-3 lies beyond three deviations. Bands are anchored at depths
 * that scatter by 0.25 mm themselves, so they ask for more. */
static void needles_that_end_in_dermis_overshoot_nothing(void **state) {
    const cit_needling_params p = params();
    (void)state;
    for (int i = 0; i < KINDS; i++)
        for (double length = 0.2; length < 2.01; length += 0.1) {
            const cit_reach reach = cit_reach_of(&p, kinds[i], length);
            cit_use use = dense(length, 4000);
            use.kind = kinds[i];
            use.passes = 10;
            const cit_wound w = wound_of(&use, 0);
            const double border = edges[LAYERS];
            if (reach.mean_mm + 3 * reach.scatter_mm < border)
                CHECK(w.overshoot < 1.35e-3, "kind %d of %g mm: overshoot %g", kinds[i], length,
                      w.overshoot);
            if (reach.mean_mm + 3 * 0.25 < border)
                CHECK(w.band_cut < 1.35e-3, "kind %d of %g mm: band cut %g", kinds[i], length,
                      w.band_cut);
        }
}

static void longer_needles_cut_more_bands_and_overshoot_more(void **state) {
    cit_wound last = {0};
    (void)state;
    for (double length = 0.5; length < 4.01; length += 0.1) {
        const cit_use use = dense(length, 1000);
        const cit_wound w = wound_of(&use, 0);
        CHECK(w.band_cut > last.band_cut || w.band_cut == w.crowding,
              "at %g mm %.17g of the bands are cut, after %.17g", length, w.band_cut,
              last.band_cut);
        CHECK(w.overshoot >= last.overshoot && w.overshoot <= 1, "overshoot %g after %g at %g mm",
              w.overshoot, last.overshoot, length);
        last = w;
    }
    CHECK_CLOSE(last.crowding, 1 - exp(-10 * 0.1), 1e-15);
    CHECK_CLOSE(last.band_cut, last.crowding,
                1e-9); /* 3.5 mm deep, nine deviations past the border */
    CHECK_CLOSE(last.surface, 1, 1e-9);
    /* 3.465 mm deep with a scatter of 0.52: three and more deviations past border + 0.5 mm */
    CHECK_CLOSE(last.overshoot, 1, 1e-3);
}

/* The mean of min(1, depth beyond the dermis / 0.5 mm), over the needles themselves. */
static void overshoot_and_surface_are_those_of_the_list(void **state) {
    (void)state;
    for (double length = 1.4; length < 2.3; length += 0.4) {
        const cit_use use = use_of(&pen, length, 4, 4);
        const cit_wound w = wound_of(&use, 0.1);
        cit_patch patch = make(&use, 15, 11);
        double *over = calloc((size_t)patch.count, sizeof *over);
        int passed = 0;
        CHECK(over != NULL, "no memory");
        for (int i = 0; i < patch.count; i++) {
            const double z = patch.punctures[i].depth_mm;
            over[i] = fmin(1, fmax(0, z - (edges[LAYERS] + 0.1)) / 0.5);
            passed += z > edges[0] + 0.1;
        }
        const average a = average_of(over, patch.count);
        CHECK(fabs(a.mean - w.overshoot) <= 4 * a.error, "%g mm: overshoot %g, needles %g +- %g",
              length, w.overshoot, a.mean, a.error);
        CHECK_CLOSE((double)passed / patch.count, w.surface, 1e-3);
        free(over);
        cit_patch_free(&patch);
    }
}

T_MAIN(CASE(the_192_needle_roller_makes_15_punctures_per_cm2_and_pass),
       CASE(the_pen_and_the_stamp_make_their_needles_over_their_area),
       CASE(the_reach_law_has_its_published_values),
       CASE(a_needle_shorter_than_its_offset_reaches_nothing),
       CASE(the_share_that_passes_a_depth_falls_from_one_to_nothing),
       CASE(the_share_is_that_of_a_cut_normal_distribution),
       CASE(the_mean_over_a_layer_is_the_integral),
       CASE(layers_above_the_skin_and_below_the_needle_are_all_or_nothing),
       CASE(a_device_follows_wide_dips_and_bridges_narrow_ones),
       CASE(coverage_is_that_of_a_poisson_field_or_of_lattices),
       CASE(few_punctures_cover_their_discs_and_many_cover_everything),
       CASE(coverage_grows_with_density_radius_and_reach),
       CASE(the_same_seed_makes_the_same_list_and_another_another),
       CASE(a_list_is_as_dense_as_its_passes_together),
       CASE(headings_are_spread_evenly_over_half_a_turn), CASE(depths_follow_the_reach),
       CASE(a_list_beyond_all_measure_is_refused), CASE(one_disc_covers_its_area),
       CASE(two_discs_share_a_lens), CASE(one_disc_over_all_covers_all),
       CASE(lattices_cover_on_average_what_the_formula_says),
       CASE(a_pen_covers_nearly_what_a_poisson_field_does),
       CASE(strikes_closer_than_a_halo_add_nothing_along_their_line),
       CASE(a_random_list_has_the_streaks_of_chance),
       CASE(rolling_one_way_leaves_more_streaks_than_rolling_four_ways),
       CASE(streaks_of_one_heading_lie_along_it),
       CASE(a_line_of_punctures_is_found_with_its_angle_and_excess),
       CASE(an_empty_patch_has_no_coverage_and_no_streaks),
       CASE(debris_falls_with_depth_and_with_the_gap),
       CASE(what_needles_do_not_reach_is_not_wounded),
       CASE(debris_is_coverage_averaged_over_the_layer),
       CASE(the_reference_wound_makes_debris_of_one),
       CASE(debris_is_a_union_of_halos_not_their_sum),
       CASE(needles_that_end_in_dermis_overshoot_nothing),
       CASE(longer_needles_cut_more_bands_and_overshoot_more),
       CASE(overshoot_and_surface_are_those_of_the_list))
