/* The serum's solvers against closed forms (docs/models/serum.md), and what no serum may do. */
#include "t.h"
#include <cit/num.h>
#include <cit/serum.h>
#include <stdlib.h>

static const double pi = 3.14159265358979323846;
static cit_errors errs;

/* Bare skin of one layer under a film that is never used up; what a case needs besides, it sets. */
static cit_serum slab(double depth_mm, double diffusion, double clearance, double partition) {
    return (cit_serum){
        .film = {.thickness_mm = INFINITY, .concentration = 1, .solubility = INFINITY},
        .channels = {.closing_day = INFINITY},
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
    print_message("case 1: %.7f mm/h, exact %.7f\n", got, exact);
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
    print_message("case 2: worst error %.2e with 250 cells, %.2e with 1000\n", coarse, fine);
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
        print_message("case 3: %g h: off by %.2e, with 10000 times the diffusion by %.2e\n",
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
    print_message("case 4: worst error %.2e with 200 rings, %.2e with 800\n", coarse, fine);
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
                                      .closing_day = INFINITY,
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
        print_message("case 5: s %g / lambda: line sources %.5f, one cell %.5f, column %.5f\n", s,
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
    for (int i = 0; i < 3 * n; i++) lid[i] = i < n ? 1 : NAN;
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
    print_message("case 6: %.6f of 4 D r0 c0, then %.6f\n", coarse, fine);
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
        if (way == 1) s.film.thickness_mm = INFINITY;
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
    print_message("case 7: at most %.1e of what was put on is missing\n", worst);
    CHECK(worst < 1e-10, "%g is missing", worst);
}

T_MAIN(CASE(case_1_a_slab_at_rest_lets_in_what_is_cleared),
       CASE(case_2_it_sinks_into_deep_skin_as_danckwerts_says),
       CASE(case_3_closing_channels_into_a_sink),
       CASE(case_4_a_long_channel_alone_is_a_line_source),
       CASE(case_5_an_array_of_channels_is_a_source_in_depth),
       CASE(case_6_a_disc_lets_in_what_weber_says), CASE(case_7_nothing_is_lost_from_the_ledger))
