/* The serum's solvers against closed forms (docs/models/serum.md), and what no serum may do. */
#include "t.h"
#include <cit/num.h>
#include <cit/serum.h>
#include <stdlib.h>

#define ENDLESS ((double)INFINITY)
static const double pi = 3.14159265358979323846;
static cit_errors errs;

/* Bare skin of one layer under a film that is never used up; what a case needs besides, it sets. */
static cit_serum slab(double depth_mm, double diffusion, double clearance, double partition) {
    return (cit_serum){.film = {.thickness_mm = ENDLESS, .concentration = 1, .solubility = ENDLESS},
                       .channels = {.closing_day = ENDLESS},
                       .skin = {.dermis_mm = depth_mm,
                                .dermis_diffusion = diffusion,
                                .partition = partition,
                                .clearance_per_day = clearance}};
}

static cit_serum_column *made(const cit_serum *s) {
    cit_serum_column *column = NULL;
    errs = (cit_errors){0};
    CHECK(cit_serum_new(s, &column, &errs) == CIT_OK, "%s: %s", errs.items[0].where,
          errs.items[0].text);
    return column;
}

static void until(cit_serum_column *column, double day) {
    CHECK(cit_serum_advance(column, day, &errs) == CIT_OK, "%s", errs.items[0].text);
}

static cit_serum_ledger after(const cit_serum *s, double day) {
    cit_serum_column *column = made(s);
    until(column, day);
    const cit_serum_ledger l = cit_serum_read(column);
    cit_serum_free(column);
    return l;
}

/* ---- closed forms -------------------------------------------------------------------------------- */

/* D = 0.72 mm2/h, k = 4 /h, L = 2 mm or less: J = K c0 sqrt(D k) tanh(L sqrt(k / D)). */
static double slab_flux(double depth_mm, int cells) {
    cit_serum s = slab(depth_mm, 0.72 * 24, 4 * 24, 1);
    s.cells = cells;
    cit_serum_column *column = made(&s);
    until(column, 1); /* 96 lives of the slowest part */
    const double before = cit_serum_read(column).applied;
    until(column, 1.125);
    const double flux = (cit_serum_read(column).applied - before) / 0.125 / 24;
    cit_serum_free(column);
    return flux;
}

static void case_1_a_slab_at_rest_lets_in_what_is_cleared(void **state) {
    (void)state;
    const double exact = sqrt(0.72 * 4) * tanh(1.2 * sqrt(4 / 0.72));
    const double got = slab_flux(1.2, 800);
    print_message("# case 1: %.7f mm/h, exact %.7f\n", got, exact);
    CHECK_CLOSE(got, exact, 1e-5);
    CHECK_CLOSE(slab_flux(0.3, 400), sqrt(0.72 * 4) * tanh(0.3 * sqrt(4 / 0.72)), 1e-5);
}

/* In hours and mm, as model.md gives it. */
static double danckwerts(double x, double t, double D, double k) {
    const double r = sqrt(k / D), a = x / (2 * sqrt(D * t)), b = sqrt(k * t);
    return 0.5 * (exp(-x * r) * erfc(a - b) + exp(x * r) * erfc(a + b));
}

static double danckwerts_error(int cells, int finer) {
    static const double depths[] = {0.1, 0.3, 0.6};
    cit_serum s = slab(4, 0.72 * 24, 4 * 24, 1);
    s.cells = cells;
    s.finer = finer;
    cit_serum_column *column = made(&s);
    until(column, 0.1 / 24);
    double worst = 0;
    for (int i = 0; i < 3; i++) {
        const double exact = danckwerts(depths[i], 0.1, 0.72, 4);
        worst = fmax(worst, fabs(cit_serum_at(column, depths[i]) - exact));
    }
    cit_serum_free(column);
    return worst;
}

static void case_2_it_sinks_into_deep_skin_as_danckwerts_says(void **state) {
    (void)state;
    CHECK_CLOSE(danckwerts(0.1, 0.1, 0.72, 4), 0.73766, 5e-6);
    CHECK_CLOSE(danckwerts(0.3, 0.1, 0.72, 4), 0.36021, 5e-6);
    CHECK_CLOSE(danckwerts(0.6, 0.1, 0.72, 4), 0.08720, 5e-6);
    const double coarse = danckwerts_error(250, 8), fine = danckwerts_error(1000, 32);
    print_message("# case 2: worst error %.2e with 250 cells, %.2e with 1000\n", coarse, fine);
    CHECK(fine < 1e-5, "off by %g", fine);
    CHECK(log2(coarse / fine) / 2 > 1.8, "order %.2f", log2(coarse / fine) / 2);
}

/* A film that is never used up, channels that end just under the horny layer, skin that takes all at once. */
static cit_serum into_a_sink(void) {
    cit_serum s = slab(1, 52, 1e12, 1);
    s.skin.horny_mm = 0.15;
    s.skin.horny_permeability = 0.02;
    s.skin.horny_partition = 1e-6; /* holds next to nothing: no lag */
    s.channels = (cit_serum_channels){.density = 2.5,
                                      .radius_mm = 0.035,
                                      .diffusion = 52,
                                      .closing_day = 1.4 / 24,
                                      .reach = {0.15 + 1e-8, 1e-9, 0.2}};
    return s;
}

static double sink_error(double faster, double hours) {
    cit_serum s = into_a_sink();
    s.channels.diffusion *= faster;
    s.skin.dermis_diffusion *= faster;
    s.skin.horny_permeability *= faster;
    s.finer = 8;
    const double T = hours / 24, tau = s.channels.closing_day;
    const double P0 = cit_serum_channel_permeability(&s.channels, s.skin.horny_mm);
    const double exact =
        s.skin.horny_permeability * (1 - s.channels.density * pi * 0.035 * 0.035) * T +
        P0 * tau * -expm1(-T / tau);
    const cit_serum_ledger l = after(&s, T);
    return cit_serum_delivered(&l) / exact - 1;
}

/* The closed form forgets that channels must be filled first: L^2 / (2 D tau) of what passes, 0.5 % here. The
 * faster the diffusion, the less. */
static void case_3_closing_channels_into_a_sink(void **state) {
    (void)state;
    const cit_serum s = into_a_sink();
    const double P0 = cit_serum_channel_permeability(&s.channels, s.skin.horny_mm);
    /* 6e-6 cm2/s, 250 per cm2, 35 um, 150 um: 1.0e-2 cm/h */
    CHECK_CLOSE(P0 * 51.84 / 52 / 240, 1.0e-2, 2e-4);
    static const double hours[] = {0.5, 2, 12, 24};
    for (int i = 0; i < 4; i++) {
        const double as_it_is = sink_error(1, hours[i]), faster = sink_error(1e4, hours[i]);
        print_message("# case 3: %g h: off by %.2e, with 10000 times the diffusion by %.2e\n",
                      hours[i], as_it_is, faster);
        CHECK(fabs(as_it_is) < 6e-3, "%g", as_it_is);
        CHECK(fabs(faster) < 1e-5, "%g", faster);
    }
}

/* n edges from a to b, each cell longer than the last by the same factor. */
static double *edges(double a, double b, int n, double whole_growth) {
    double *e = malloc((size_t)(n + 1) * sizeof *e);
    const double g = log(whole_growth);
    for (int i = 0; i <= n; i++)
        e[i] = a + (b - a) * (fabs(g) < 1e-12 ? (double)i / n : expm1(g * i / n) / expm1(g));
    return e;
}

typedef struct radial {
    double *r, *c, inflow;
    int n;
} radial;

/* A channel held at 1, skin around it to R, at rest; a millimetre of its length. */
static radial around(double r0, double R, int n, double D, double k) {
    static const double z[] = {0, 1}, one = 1;
    radial x = {.r = edges(r0, R, n, R / r0), .c = calloc((size_t)n, sizeof(double)), .n = n};
    const cit_serum_axial a = {.r_edges = x.r,
                               .z_edges = z,
                               .nr = n,
                               .nz = 1,
                               .diffusion = D,
                               .clearance_per_day = k,
                               .wall = &one};
    CHECK(cit_serum_axial_rest(&a, x.c, &x.inflow, &errs) == CIT_OK, "%s", errs.items[0].text);
    return x;
}

static void radial_free(radial *x) {
    free(x->r);
    free(x->c);
}

static double line_error(int n) {
    const double r0 = 0.035, D = 20.7, k = 17.28, lambda = sqrt(k / D);
    radial x = around(r0, 12 / lambda, n, D, k);
    double worst = 0;
    for (int i = 0; i < n; i++) {
        const double r = 0.5 * (x.r[i] + x.r[i + 1]);
        worst =
            fmax(worst, fabs(x.c[i] - cit_bessel_k(0, r * lambda) / cit_bessel_k(0, r0 * lambda)));
    }
    radial_free(&x);
    return worst;
}

static void case_4_a_long_channel_alone_is_a_line_source(void **state) {
    (void)state;
    const double coarse = line_error(200), fine = line_error(800);
    print_message("# case 4: worst error %.2e with 200 rings, %.2e with 800\n", coarse, fine);
    CHECK(fine < 2e-5, "off by %g", fine);
    CHECK(log2(coarse / fine) / 2 > 1.9, "order %.2f", log2(coarse / fine) / 2);
}

/* Channels through all of a skin, held at 1 (what fills them diffuses at once, through a lid that is all
 * theirs): what is cleared at rest, per depth. */
static double array_source(double density, double D, double k) {
    cit_serum s = slab(1, D, k, 1);
    s.skin.horny_mm = 0.001; /* keeps the film from the skin itself */
    s.skin.horny_partition = 1e-3;
    s.skin.horny_permeability = 0;
    s.channels = (cit_serum_channels){.density = density,
                                      .radius_mm = 0.035,
                                      .diffusion = 1e6,
                                      .closing_day = ENDLESS,
                                      .reach = {10, 1e-3, 12}};
    s.cells = 200;
    cit_serum_column *column = made(&s);
    until(column, 20 / k);
    const double before = cit_serum_read(column).cleared;
    until(column, 21 / k);
    const double flux = (cit_serum_read(column).cleared - before) * k;
    cit_serum_free(column);
    return flux;
}

static void case_5_an_array_of_channels_is_a_source_in_depth(void **state) {
    (void)state;
    const double r0 = 0.035, D = 0.0432, k = 17.28; /* HA's size: 1 / lambda = 0.05 mm */
    const double lambda = sqrt(k / D), x = lambda * r0;
    for (double s = 2; s < 9; s *= 2) { /* spacing in units of 1 / lambda */
        const double area = s * s / (lambda * lambda), density = 1 / area;
        const double exact = density * 2 * pi * D * x * cit_bessel_k(1, x) / cit_bessel_k(0, x);
        if (density * pi * r0 * r0 > 0.25) continue;
        radial near = around(r0, sqrt(area / pi), 800, D, k);
        const double column = array_source(density, D, k);
        print_message("# case 5: s %g / lambda: line sources %.5f, one cell %.5f, column %.5f\n", s,
                      exact, density * near.inflow, column);
        /* the column against the cell it stands for, and both against the law of those far apart */
        CHECK(fabs(column / (density * near.inflow) - 1) < 1e-3, "%g", column);
        if (s >= 8) CHECK(fabs(column / exact - 1) < 1e-3, "%g, not %g", column, exact);
        radial_free(&near);
    }
}

/* A disc held at 1 in the plane that bounds skin on one side: 4 D r0. */
static double disc(int n) {
    const double r0 = 0.035, far = 40 * r0;
    double *inner = edges(0, r0, n, 0.02), *outer = edges(r0, far, 2 * n, 3000);
    double *r = malloc((size_t)(3 * n + 1) * sizeof *r), *z = edges(0, far, 2 * n, 3000);
    double *lid = malloc((size_t)(3 * n) * sizeof *lid),
           *c = calloc((size_t)(6 * n * n), sizeof *c);
    double inflow = 0;
    for (int i = 0; i <= n; i++) r[i] = inner[i];
    for (int i = 1; i <= 2 * n; i++) r[n + i] = outer[i];
    for (int i = 0; i < 3 * n; i++) lid[i] = i < n ? 1 : CIT_UNKNOWN_NUMBER;
    const cit_serum_axial a = {.r_edges = r,
                               .z_edges = z,
                               .nr = 3 * n,
                               .nz = 2 * n,
                               .diffusion = 20,
                               .lid = lid,
                               .open = true};
    CHECK(cit_serum_axial_rest(&a, c, &inflow, &errs) == CIT_OK, "%s", errs.items[0].text);
    free(inner);
    free(outer);
    free(r);
    free(z);
    free(lid);
    free(c);
    return inflow / (4 * 20 * r0);
}

static void case_6_a_disc_lets_in_what_weber_says(void **state) {
    (void)state;
    const double coarse = disc(20), fine = disc(40);
    print_message("# case 6: %.6f of 4 D r0 c0, then %.6f\n", coarse, fine);
    CHECK_CLOSE(fine, 1, 2e-3);
    CHECK(fabs(fine - 1) < fabs(coarse - 1), "finer is worse");
}

/* Skin as it may be, under a drop of serum. */
static cit_serum usual(void) {
    return (cit_serum){.film = {.thickness_mm = 0.02,
                                .concentration = 100,
                                .solubility = 330,
                                .evaporation_mm_per_day = 2.4,
                                .residue = 0.2,
                                .loss_per_day = 0.3},
                       .channels = {.density = 2.5,
                                    .radius_mm = 0.035,
                                    .diffusion = 52,
                                    .closing_day = 1.44 / 24,
                                    .reach = {0.9, 0.14, 1.5}},
                       .skin = {.horny_mm = 0.015,
                                .horny_permeability = 2e-5 * 240,
                                .horny_partition = 1,
                                .epidermis_mm = 0.069,
                                .epidermis_diffusion = 6,
                                .dermis_mm = 0.9,
                                .dermis_diffusion = 20.7,
                                .partition = 0.7,
                                .clearance_per_day = 17.3,
                                .binding_per_day = 5,
                                .unbinding_per_day = 10}};
}

static void case_7_nothing_is_lost_from_the_ledger(void **state) {
    (void)state;
    cit_serum s = usual();
    double worst = 0;
    for (int way = 0; way < 3; way++) {
        if (way == 1) s.film.thickness_mm = ENDLESS;
        if (way == 2)
            s.film = (cit_serum_film){.thickness_mm = 0.1,
                                      .concentration = 300,
                                      .solubility = 301,
                                      .evaporation_mm_per_day = 20,
                                      .loss_per_day = 0.1};
        cit_serum_column *column = made(&s);
        for (int hour = 1; hour <= 72; hour++) {
            until(column, hour / 24.0);
            const cit_serum_ledger l = cit_serum_read(column);
            worst = fmax(worst, cit_serum_missing(&l));
        }
        cit_serum_free(column);
    }
    print_message("# case 7: at most %.1e of what was put on is missing\n", worst);
    CHECK(worst < 1e-10, "%g is missing", worst);
}

/* ---- how exact ---------------------------------------------------------------------------------------- */

/* Smooth in time: nothing dries, nothing is undissolved. */
static double delivered_with(int cells, int finer) {
    cit_serum s = usual();
    s.film.evaporation_mm_per_day = 0;
    s.film.solubility = ENDLESS;
    s.cells = cells;
    s.finer = finer;
    const cit_serum_ledger l = after(&s, 0.25);
    return cit_serum_into_dermis(&l);
}

static void it_is_of_second_order_in_depth_and_in_time(void **state) {
    (void)state;
    const double c1 = delivered_with(128, 4), c2 = delivered_with(256, 4),
                 c3 = delivered_with(512, 4);
    const double t1 = delivered_with(48, 2), t2 = delivered_with(48, 4), t3 = delivered_with(48, 8);
    const double in_depth = log2(fabs(c2 - c1) / fabs(c3 - c2)),
                 in_time = log2(fabs(t2 - t1) / fabs(t3 - t2));
    const double usual_error = delivered_with(0, 0) / delivered_with(400, 16) - 1;
    print_message("# order %.2f in depth, %.2f in time; as it is used off by %.1e\n", in_depth,
                  in_time, usual_error);
    CHECK(in_depth > 1.8, "order %.2f in depth", in_depth);
    CHECK(in_time > 1.8, "order %.2f in time", in_time);
    CHECK(fabs(usual_error) < 5e-3, "off by %g", usual_error);
}

/* What fills the skin around channels that are held at 1, resolved in radius: the column's exchange is exact at
 * rest; on the way there it lags, the more the larger the molecule. */
static void the_exchange_lags_behind_a_resolved_cell_at_first(void **state) {
    (void)state;
    static const struct {
        const char *name;
        double diffusion, clearance, hours, allowed;
    } solutes[] = {{"vitamin C", 20.7, 17.3, 1, 0.02},
                   {"HA 10 kDa", 1.73, 0.86, 1, 0.12},
                   {"HA 1 MDa", 0.0432, 0.86, 6, 0.65}};
    for (size_t i = 0; i < sizeof solutes / sizeof *solutes; i++) {
        static const double z[] = {0, 1}, one = 1;
        enum { RINGS = 300 };
        const double density = 2.5, r0 = 0.035, R = 1 / sqrt(pi * density);
        const double days = solutes[i].hours / 24;
        double *r = edges(r0, R, RINGS, R / r0), c[RINGS] = {0}, taken = 0;
        const cit_serum_axial a = {.r_edges = r,
                                   .z_edges = z,
                                   .nr = RINGS,
                                   .nz = 1,
                                   .diffusion = solutes[i].diffusion,
                                   .clearance_per_day = solutes[i].clearance,
                                   .wall = &one};
        CHECK(cit_serum_axial_follow(&a, days, 400, c, &taken, &errs) == CIT_OK, "%s",
              errs.items[0].text);
        /* one cell that exchanges: m' = G (1 - m / ring) - k m */
        const double ring = 1 / density - pi * r0 * r0, k = solutes[i].clearance;
        const double G = cit_serum_exchange(r0, 1 / density, solutes[i].diffusion, k);
        const double rate = G / ring + k, rest = G / rate;
        const double by_mean = G * days - G / ring * rest * (days - -expm1(-rate * days) / rate);
        print_message("# %s, %g h: the mean takes up %.4f of what the resolved cell does\n",
                      solutes[i].name, solutes[i].hours, by_mean / taken);
        CHECK(by_mean <= taken * (1 + 1e-4), "%g of %g", by_mean, taken);
        CHECK(by_mean >= taken * (1 - solutes[i].allowed), "%g of %g", by_mean, taken);
        free(r);
    }
}

/* ---- what no serum may do --------------------------------------------------------------------------------- */

static double between(int draw, int place, double lo, double hi) {
    return lo * pow(hi / lo, cit_random(7, (uint32_t)draw, cit_random_stream("serum test"),
                                        (uint32_t)place));
}

/* Anything that may be, far beyond what is likely. */
static cit_serum drawn(int i) {
    cit_serum s = usual();
    s.film.thickness_mm = i % 5 == 0 ? ENDLESS : between(i, 0, 1e-3, 1);
    s.film.concentration = between(i, 1, 1e-3, 500);
    s.film.solubility = i % 3 == 0 ? ENDLESS : between(i, 2, 1, 1000);
    s.film.evaporation_mm_per_day = between(i, 3, 0.01, 100);
    s.film.residue = between(i, 4, 1e-3, 1);
    s.film.loss_per_day = i % 2 == 0 ? 0 : between(i, 5, 0.01, 10);
    s.channels.density = i % 7 == 0 ? 0 : between(i, 6, 0.1, 30);
    s.channels.diffusion = between(i, 7, 0.01, 100);
    s.channels.closing_day = between(i, 8, 1e-3, 10);
    s.channels.age_day = i % 4 == 0 ? 0 : between(i, 9, 1e-3, 2);
    s.channels.reach.mean_mm = between(i, 10, 0.02, 1.5);
    s.channels.reach.scatter_mm = between(i, 11, 1e-3, 0.3);
    s.skin.horny_permeability = between(i, 12, 1e-8, 1);
    s.skin.epidermis_diffusion = between(i, 13, 1e-3, 30);
    s.skin.dermis_diffusion = between(i, 14, 1e-3, 60);
    s.skin.partition = between(i, 15, 1e-3, 3);
    s.skin.clearance_per_day = between(i, 16, 1e-2, 100);
    s.skin.dermis_mm = between(i, 17, 0.3, 3);
    s.cells = 16;
    return s;
}

static void nothing_falls_below_zero_and_nothing_is_lost_whatever_the_numbers(void **state) {
    (void)state;
    double worst = 0;
    for (int i = 0; i < 300; i++) {
        const cit_serum s = drawn(i);
        cit_serum_column *column = made(&s);
        double before = 0;
        for (int step = 1; step <= 8; step++) {
            until(column, 0.001 * pow(3, step - 1));
            const cit_serum_ledger l = cit_serum_read(column);
            CHECK(l.film >= 0 && l.horny >= 0 && l.channels >= 0 && l.epidermis >= 0 &&
                      l.dermis >= 0 && l.bound >= 0 && l.cleared >= 0 && l.lost >= 0,
                  "draw %d, day %g: film %g horny %g channels %g epidermis %g dermis %g", i, l.day,
                  l.film, l.horny, l.channels, l.epidermis, l.dermis);
            for (double z = 0; z < s.skin.epidermis_mm + s.skin.dermis_mm; z += 0.05)
                CHECK(cit_serum_at(column, z) >= 0, "draw %d at %g mm: %g", i, z,
                      cit_serum_at(column, z));
            CHECK(l.cleared >= before, "draw %d: %g cleared, then %g", i, before, l.cleared);
            before = l.cleared;
            worst = fmax(worst, cit_serum_missing(&l));
        }
        cit_serum_free(column);
    }
    print_message("# 300 sets of numbers: at most %.1e missing\n", worst);
    CHECK(worst < 1e-10, "%g is missing", worst);
}

/* Counted is what has left the film: channels and horny layer hold some of it. From a film that loses its
 * solute, skin gives back the more the wider it is open, so none does here. */
static double gone_in(const cit_serum *s) {
    const cit_serum_ledger l = after(s, 1);
    return l.applied - l.film;
}

static void later_never_delivers_more_and_more_channels_never_less(void **state) {
    (void)state;
    for (int i = 1; i < 40; i++) {
        cit_serum s = drawn(i);
        double before = ENDLESS;
        s.film.loss_per_day = 0;
        /* A channel leads better than the horny layer that it takes the place of. */
        s.channels.diffusion = between(i, 7, 5, 100);
        for (int hour = 0; hour <= 32; hour = hour == 0 ? 1 : 2 * hour) {
            s.channels.age_day = hour / 24.0;
            const double got = gone_in(&s);
            CHECK(got <= before * (1 + 1e-5) + 1e-12, "draw %d: %.12g after %d h, %.12g before", i,
                  got, hour, before);
            before = got;
        }
        s.channels.age_day = 0;
        before = 0;
        /* Beyond some hundreds a cm2 channels take so much of the skin's room that a small dose finds less to
         * go into. */
        for (double density = 0; density <= 3; density = density < 0.1 ? 0.1 : 3 * density) {
            s.channels.density = density;
            const double got = gone_in(&s);
            CHECK(got >= before * (1 - 1e-3), "draw %d: %.9g with %g channels, %.9g with fewer", i,
                  got, density, before);
            before = got;
        }
    }
}

static void limits_are_met(void **state) {
    (void)state;
    cit_serum s = usual();
    s.film.loss_per_day = 0;
    s.channels.age_day = 100; /* all closed: as if never needled */
    cit_serum_ledger l = after(&s, 1);
    s.channels.density = 0;
    cit_serum_ledger m = after(&s, 1);
    CHECK_CLOSE(cit_serum_delivered(&l) / cit_serum_delivered(&m), 1, 0.02);
    s.skin.horny_permeability = 0;
    l = after(&s, 1);
    CHECK(cit_serum_delivered(&l) == 0, "%g through what lets nothing through",
          cit_serum_delivered(&l));
    CHECK_CLOSE(l.film, l.applied, 1e-12);
    s = usual();
    s.film.concentration = 0;
    l = after(&s, 1);
    CHECK(cit_serum_delivered(&l) == 0, "%g of nothing", cit_serum_delivered(&l));
    /* twice the concentration, twice everything, while all of it is dissolved */
    s = usual();
    s.film.solubility = ENDLESS;
    l = after(&s, 0.3);
    s.film.concentration *= 2;
    m = after(&s, 0.3);
    CHECK_CLOSE(cit_serum_delivered(&m) / cit_serum_delivered(&l), 2, 1e-9);
    /* without clearance, binding or loss it ends evenly spread: u the same everywhere */
    s = usual();
    s.film = (cit_serum_film){.thickness_mm = 0.1, .concentration = 10, .solubility = ENDLESS};
    s.channels.closing_day = ENDLESS;
    s.skin.clearance_per_day = s.skin.binding_per_day = 0;
    l = after(&s, 200);
    CHECK_CLOSE(l.film / 0.1, l.epidermis / (0.7 * 0.069), 0.02 * l.film / 0.1);
}

/* ---- bad input -------------------------------------------------------------------------------------------- */

static void what_cannot_be_is_named(void **state) {
    (void)state;
    static const struct {
        size_t offset;
        double value;
        const char *where;
    } bad[] = {
#define BAD(member, value) {offsetof(cit_serum, member), value, #member}
        BAD(film.thickness_mm, -1),
        BAD(film.thickness_mm, CIT_UNKNOWN_NUMBER),
        BAD(film.thickness_mm, 0),
        BAD(film.thickness_mm, 1e9),
        BAD(film.concentration, -1e-9),
        BAD(film.concentration, ENDLESS),
        BAD(film.solubility, 0),
        BAD(film.residue, 1.1),
        BAD(film.evaporation_mm_per_day, CIT_UNKNOWN_NUMBER),
        BAD(film.loss_per_day, -1),
        BAD(channels.density, -1),
        BAD(channels.density, 1e9),
        BAD(channels.density, 100), /* no skin between them */
        BAD(channels.radius_mm, CIT_UNKNOWN_NUMBER),
        BAD(channels.diffusion, ENDLESS),
        BAD(channels.closing_day, 0),
        BAD(channels.age_day, -1),
        BAD(channels.reach.mean_mm, CIT_UNKNOWN_NUMBER),
        BAD(skin.horny_mm, -0.1),
        BAD(skin.horny_permeability, CIT_UNKNOWN_NUMBER),
        BAD(skin.horny_partition, 0),
        BAD(skin.epidermis_mm, 50),
        BAD(skin.dermis_mm, CIT_UNKNOWN_NUMBER),
        BAD(skin.partition, 0),
        BAD(skin.clearance_per_day, -1),
        BAD(skin.binding_per_day, CIT_UNKNOWN_NUMBER),
        BAD(skin.unbinding_per_day, 1e30),
#undef BAD
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cit_serum s = usual();
        cit_serum_column *column = NULL;
        *(double *)(void *)((char *)&s + bad[i].offset) = bad[i].value;
        errs = (cit_errors){0};
        CHECK(cit_serum_new(&s, &column, &errs) == CIT_INVALID, "%s = %g was taken", bad[i].where,
              bad[i].value);
        CHECK(strcmp(errs.items[0].where, bad[i].where) == 0, "%s = %g: blamed '%s'", bad[i].where,
              bad[i].value, errs.items[0].where);
        CHECK(column == NULL, "touched the result");
    }
    cit_serum s = usual();
    s.skin.epidermis_mm = s.skin.dermis_mm = 0;
    cit_serum_column *column = NULL;
    errs = (cit_errors){0};
    CHECK(cit_serum_new(&s, &column, &errs) == CIT_INVALID, "no skin at all was taken");
    s = usual();
    column = made(&s);
    until(column, 0.1);
    errs = (cit_errors){0};
    CHECK(cit_serum_advance(column, 0.05, &errs) == CIT_INVALID, "went back in time");
    CHECK(cit_serum_advance(column, CIT_UNKNOWN_NUMBER, &errs) == CIT_INVALID, "went to no time");
    CHECK_CLOSE(cit_serum_read(column).day, 0.1, 0);
    cit_serum_free(column);
    cit_serum_free(NULL);
}

static void around_an_axis_too(void **state) {
    (void)state;
    static const double r[] = {0, 1, 2}, z[] = {0, 1}, falling[] = {1, 0.5, 2}, one = 1;
    double c[2], in = 0;
    cit_serum_axial good = {
        .r_edges = r, .z_edges = z, .nr = 2, .nz = 1, .diffusion = 1, .clearance_per_day = 1};
    errs = (cit_errors){0};
    CHECK(cit_serum_axial_rest(&good, c, &in, &errs) == CIT_OK, "%s", errs.items[0].text);
    cit_serum_axial bad = good;
    bad.r_edges = falling;
    CHECK(cit_serum_axial_rest(&bad, c, &in, &errs) == CIT_INVALID, "edges that fall");
    bad = good;
    bad.diffusion = CIT_UNKNOWN_NUMBER;
    CHECK(cit_serum_axial_rest(&bad, c, &in, &errs) == CIT_INVALID, "no diffusivity");
    bad = good;
    bad.nr = 1 << 30;
    CHECK(cit_serum_axial_rest(&bad, c, &in, &errs) == CIT_INVALID, "too many cells");
    bad = good;
    bad.clearance_per_day = 0;
    CHECK(cit_serum_axial_rest(&bad, c, &in, &errs) == CIT_INVALID, "nothing holds it");
    bad.wall = &one; /* a wall on the axis has no area */
    CHECK(cit_serum_axial_rest(&bad, c, &in, &errs) == CIT_INVALID, "nothing holds it");
    CHECK(cit_serum_axial_follow(&good, CIT_UNKNOWN_NUMBER, 3, c, &in, &errs) == CIT_INVALID,
          "no days");
}

/* ---- questions ----------------------------------------------------------------------------------------------- */

static const double hours[] = {0, 1.0 / 24, 0.25, 1};

static cit_serum_question asked(const cit_catalogue *c) {
    return (cit_serum_question){.solute = cit_catalogue_solute(c, "vitamin-c"),
                                .closure = cit_usual_closure(c, false),
                                .device = cit_catalogue_device(c, "dermaroller-192"),
                                .length_mm = 1.5,
                                .passes = 10,
                                .speed_mm_per_s = CIT_UNKNOWN_NUMBER,
                                .rate_Hz = CIT_UNKNOWN_NUMBER,
                                .density_per_cm2 = CIT_UNKNOWN_NUMBER,
                                .site = cit_catalogue_site(c, "cheek"),
                                .concentration = CIT_UNKNOWN_NUMBER,
                                .dose_mm = 0.02,
                                .after_day = hours,
                                .after_count = 4,
                                .watch_day = 0.5,
                                .draws = 24,
                                .threads = 1,
                                .seed = 3};
}

static cit_catalogue *catalogue(void) {
    char path[1000];
    cit_catalogue *c = NULL;
    snprintf(path, sizeof path, "%s/data", getenv("CIT_SOURCE_ROOT"));
    errs = (cit_errors){0};
    CHECK(cit_catalogue_load(path, &c, &errs) == CIT_OK, "%s: %s", errs.items[0].where,
          errs.items[0].text);
    return c;
}

static void an_answer_depends_on_the_seed_and_not_on_threads(void **state) {
    (void)state;
    static cit_serum_answer one, three, other;
    cit_catalogue *c = catalogue();
    cit_serum_question q = asked(c);
    CHECK(cit_serum_ask(&q, &one, &errs) == CIT_OK, "%s", errs.items[0].text);
    q.threads = 3;
    CHECK(cit_serum_ask(&q, &three, &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK(memcmp(one.moments, three.moments, sizeof one.moments) == 0 &&
              memcmp(&one.intact, &three.intact, sizeof one.intact) == 0,
          "threads change it");
    q.seed = 4;
    CHECK(cit_serum_ask(&q, &other, &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK(other.intact.median != one.intact.median, "seeds do not change it");
    CHECK(one.missing < 1e-10, "%g is missing", one.missing);
    for (int i = 0; i < 4; i++) {
        const cit_serum_moment *m = &one.moments[i];
        CHECK(m->delivered.low <= m->delivered.median && m->delivered.median <= m->delivered.high,
              "the band is no band");
        CHECK(i == 0 || m->delivered.median <= one.moments[i - 1].delivered.median,
              "later delivers more");
        CHECK(m->dermis.median <= m->delivered.median, "more in a part than in all");
    }
    int assumed = 0;
    for (int i = 0; i < one.number_count; i++) {
        CHECK(*one.numbers[i].source != 0, "%s has no source", one.numbers[i].name);
        assumed += one.numbers[i].assumed;
    }
    CHECK(assumed > 0, "nothing is said to be assumed");
    cit_catalogue_free(c);
}

static void a_question_that_cannot_be_asked_is_refused(void **state) {
    (void)state;
    static cit_serum_answer a;
    cit_catalogue *c = catalogue();
    static const double falling[] = {1, 0};
    const struct {
        const char *where;
        cit_serum_question q;
    } bad[] = {{"length", asked(c)},        {"passes", asked(c)}, {"density", asked(c)},
               {"concentration", asked(c)}, {"dose", asked(c)},   {"after", asked(c)},
               {"watch", asked(c)},         {"draws", asked(c)},  {"definition", asked(c)},
               {"device", asked(c)}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cit_serum_question q = bad[i].q;
        switch (i) {
        case 0:
            q.length_mm = 1.37;
            break;
        case 1:
            q.passes = 0;
            break;
        case 2:
            q.density_per_cm2 = -3;
            break;
        case 3:
            q.concentration = 5000;
            break;
        case 4:
            q.dose_mm = CIT_UNKNOWN_NUMBER;
            break;
        case 5:
            q.after_day = falling;
            q.after_count = 2;
            break;
        case 6:
            q.watch_day = -1;
            break;
        case 7:
            q.draws = 3;
            break;
        case 8:
            q.occluded = true;
            break;
        case 9:
            q.device = cit_catalogue_device(c, "rf-49");
            break;
        }
        errs = (cit_errors){0};
        CHECK(cit_serum_ask(&q, &a, &errs) == CIT_INVALID, "a bad %s was taken", bad[i].where);
        CHECK(strcmp(errs.items[0].where, bad[i].where) == 0, "blamed '%s', not '%s'",
              errs.items[0].where, bad[i].where);
    }
    cit_catalogue_free(c);
}

T_MAIN(CASE(case_1_a_slab_at_rest_lets_in_what_is_cleared),
       CASE(case_2_it_sinks_into_deep_skin_as_danckwerts_says),
       CASE(case_3_closing_channels_into_a_sink),
       CASE(case_4_a_long_channel_alone_is_a_line_source),
       CASE(case_5_an_array_of_channels_is_a_source_in_depth),
       CASE(case_6_a_disc_lets_in_what_weber_says), CASE(case_7_nothing_is_lost_from_the_ledger),
       CASE(it_is_of_second_order_in_depth_and_in_time),
       CASE(the_exchange_lags_behind_a_resolved_cell_at_first),
       CASE(nothing_falls_below_zero_and_nothing_is_lost_whatever_the_numbers),
       CASE(later_never_delivers_more_and_more_channels_never_less), CASE(limits_are_met),
       CASE(what_cannot_be_is_named), CASE(around_an_axis_too),
       CASE(an_answer_depends_on_the_seed_and_not_on_threads),
       CASE(a_question_that_cannot_be_asked_is_refused))
