/* Form, filters and roughness against closed forms, what other programs and instruments have printed, and what must not
 * change. */
#include "cheek_help.h"
#include "t.h"
#include <cit/relief.h>
#include <stdlib.h>

#define PI 3.14159265358979323846

/* ---- helpers ------------------------------------------------------------------------------------ */

typedef double surface_at(double x_mm, double y_mm);

static cit_heights *heights_new(int nx, int ny, double dx, double dy) {
    cit_heights *h = NULL;
    cit_errors errs = {0};
    CHECK(cit_heights_new(nx, ny, dx, dy, &h, &errs) == CIT_OK, "%s", errs.items[0].text);
    return h;
}

static size_t count_of(const cit_heights *h) { return (size_t)h->nx * (size_t)h->ny; }

static cit_heights *heights_of(int nx, int ny, double dx, double dy, surface_at *z) {
    cit_heights *h = heights_new(nx, ny, dx, dy);
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) h->um[j * nx + i] = (float)z((i + 0.5) * dx, (j + 0.5) * dy);
    h->missing = 0;
    return h;
}

static double uniform(const char *name, size_t i) {
    return cit_random(5, 0, cit_random_stream(name), (uint32_t)i);
}

/* Some samples here and there, a disc and a corner. */
static void make_holes(cit_heights *h) {
    h->missing = 0;
    for (int j = 0; j < h->ny; j++)
        for (int i = 0; i < h->nx; i++) {
            const size_t at = (size_t)j * (size_t)h->nx + (size_t)i;
            const double x = (i + 0.5) / h->nx, y = (j + 0.5) / h->ny;
            if (uniform("holes", at) < 0.1 || hypot(x - 0.6, y - 0.4) < 0.1 || x + y < 0.15)
                h->um[at] = NAN;
            h->missing += h->um[at] != h->um[at];
        }
}

static cit_form_result form_of(const cit_heights *h, cit_form_options o) {
    cit_form_result r = {0};
    cit_errors errs = {0};
    const cit_status st = cit_relief_form(h, &o, &r, &errs);
    CHECK(st == CIT_OK, "%s: %s", errs.items[0].where, errs.items[0].text);
    return r;
}

static cit_heights *filtered(const cit_heights *h, cit_filter_options o) {
    cit_heights *r = NULL;
    cit_errors errs = {0};
    CHECK(cit_relief_filter(h, &o, &r, &errs) == CIT_OK, "%s", errs.items[0].text);
    return r;
}

static cit_roughness roughness_of(const cit_heights *h, int families) {
    cit_roughness r;
    cit_errors errs = {0};
    CHECK(cit_relief_roughness(h, families, 2, &r, &errs) == CIT_OK, "%s", errs.items[0].text);
    return r;
}

static double value_of(const cit_roughness *r, const cit_roughness_row *row) {
    return *(const double *)(const void *)((const char *)r + row->offset);
}

static double worst_of(const cit_heights *h) {
    double worst = 0;
    for (size_t i = 0; i < count_of(h); i++)
        if (h->um[i] == h->um[i]) worst = fmax(worst, fabs((double)h->um[i]));
    return worst;
}

static cit_heights *cheek(int n, cheek_scar scars[CHEEK_SCARS]) {
    cit_heights *h = heights_new(n, n, CHEEK_SIDE_MM / n, CHEEK_SIDE_MM / n);
    cheek_make(n, h->um, scars);
    h->missing = 0;
    return h;
}

/* ---- form --------------------------------------------------------------------------------------- */

static double quintic(double x, double y) {
    return 40 + 30 * x - 18 * y + 6 * x * x - 2 * x * y + y * y * y + 0.3 * x * x * x * y * y -
           0.1 * pow(y, 5);
}

static void a_polynomial_of_its_degree_goes(void **state) {
    (void)state;
    for (int holes = 0; holes < 2; holes++)
        for (int degree = 5; degree <= 10; degree += 5) {
            cit_heights *h = heights_of(90, 71, 0.04, 0.03, quintic);
            if (holes) make_holes(h);
            h->zero_um = 12345;
            cit_form_result r = form_of(
                h, (cit_form_options){.form = CIT_FORM_POLYNOMIAL, .degree = degree, .threads = 2});
            CHECK(worst_of(r.relief) < 2e-5, "degree %d leaves %g um", degree, worst_of(r.relief));
            CHECK(r.relief->missing == h->missing, "%zu missing, not %zu", r.relief->missing,
                  h->missing);
            CHECK_CLOSE(r.relief->zero_um, 0, 0);
            CHECK_CLOSE(r.healthy_share, 1, 0);
            /* In the middle, where x and y are 0, it is its first coefficient. */
            CHECK_CLOSE(r.coefficients[0], 12345 + quintic(45 * 0.04, 35.5 * 0.03), 1e-4);
            cit_form_result_clear(&r);
            cit_heights_free(h);
        }
}

static double slope_x(double x, double y) {
    (void)y;
    return 1000 * x;
}

static void coefficients_are_of_powers(void **state) {
    (void)state;
    cit_heights *h = heights_of(64, 32, 0.01, 0.02, slope_x);
    cit_form_result r =
        form_of(h, (cit_form_options){.form = CIT_FORM_POLYNOMIAL, .degree = 3, .threads = 1});
    /* 1, y, y^2, y^3, x, ...: half a side, 0.32 mm, is 1. */
    CHECK_CLOSE(r.coefficients[0], 320, 1e-4);
    CHECK_CLOSE(r.coefficients[4], 320, 1e-4);
    for (int k = 1; k < 10; k++)
        if (k != 4) CHECK_CLOSE(r.coefficients[k], 0, 1e-4);
    cit_form_result_clear(&r);
    cit_heights_free(h);
}

static void a_profile_and_a_sample_have_a_form(void **state) {
    (void)state;
    cit_heights *row = heights_of(300, 1, 0.01, 0.01, quintic),
                *one = heights_of(1, 1, 1, 1, quintic);
    for (cit_form form = CIT_FORM_MEAN; form <= CIT_FORM_SKIN; form++) {
        const cit_form_options o = {.form = form, .degree = 5, .cutoff_mm = 1, .threads = 2};
        cit_form_result r = form_of(row, o), s = form_of(one, o);
        if (form != CIT_FORM_MEAN)
            CHECK(worst_of(r.relief) < 1e-3, "form %d leaves %g um", form, worst_of(r.relief));
        CHECK(worst_of(s.relief) < 1e-5, "form %d leaves %g um of one sample", form,
              worst_of(s.relief));
        cit_form_result_clear(&r);
        cit_form_result_clear(&s);
    }
    cit_heights_free(row);
    cit_heights_free(one);
}

static double bowl(double x, double y) {
    return 30 * x - 10 * y - 4 * x * x + 3 * x * y - 6 * y * y;
}

/* Order 2: a parabola is taken off whole, to its ends and next to holes. */
static void regression_follows_a_parabola_to_the_ends(void **state) {
    (void)state;
    for (int holes = 0; holes < 2; holes++) {
        cit_heights *h = heights_of(230, 171, 0.05, 0.08, bowl);
        if (holes) make_holes(h);
        uint8_t *all = malloc(count_of(h));
        memset(all, 1, count_of(h));
        cit_form_result r = form_of(
            h,
            (cit_form_options){
                .form = CIT_FORM_SKIN, .degree = 1, .cutoff_mm = 4, .healthy = all, .threads = 2});
        /* A cell's mean of the parabola is not its middle: 6 um/mm2 (0.16 mm)^2 / 12. Of a cell that a hole cuts the
         * middle lies elsewhere, on slopes of up to 70 um/mm. */
        CHECK(worst_of(r.relief) < (holes ? 0.5 : 0.03), "leaves %g um", worst_of(r.relief));
        free(all);
        cit_form_result_clear(&r);
        cit_heights_free(h);
    }
}

/* Root mean square of what a way takes for form where the form is known, um. */
static double form_error(const cit_heights *h, const cit_form_result *r) {
    double sum = 0;
    for (int j = 0; j < h->ny; j++)
        for (int i = 0; i < h->nx; i++) {
            const size_t at = (size_t)j * (size_t)h->nx + (size_t)i;
            const double off = (double)h->um[at] - (double)r->relief->um[at] -
                               cheek_form((i + 0.5) * h->dx_mm, (j + 0.5) * h->dy_mm);
            sum += off * off;
        }
    return sqrt(sum / (double)count_of(h));
}

static void scars_are_left_out_of_the_form_of_skin(void **state) {
    (void)state;
    cheek_scar scars[CHEEK_SCARS];
    cit_heights *h = cheek(512, scars);
    cit_form_result all = form_of(h, (cit_form_options){.form = CIT_FORM_POLYNOMIAL, .threads = 2}),
                    alone = form_of(
                        h,
                        (cit_form_options){.form = CIT_FORM_SKIN, .cutoff_mm = -1, .threads = 2}),
                    skin = form_of(h, (cit_form_options){.form = CIT_FORM_SKIN, .threads = 2});
    const double with = form_error(h, &all), without = form_error(h, &alone),
                 bent = form_error(h, &skin);
    print_message("# form is wrong by %.2f um rms with scars in it, %.3f without, %.3f by "
                  "regression; %.1f %% healthy\n",
                  with, without, bent, 100 * skin.healthy_share);
    CHECK(with > 15, "scars in the fit cost only %g um", with);
    CHECK(without < 0.5 && bent < 1.5, "scars left out, form is still wrong by %g and %g um",
          without, bent);
    int inside = 0;
    for (int k = 0; k < CHEEK_SCARS; k++) {
        const int i = (int)(scars[k].x / h->dx_mm), j = (int)(scars[k].y / h->dy_mm);
        inside += skin.healthy[j * h->nx + i] != 0;
    }
    CHECK(inside == 0, "%d of %d scars are in the fit", inside, CHEEK_SCARS);
    CHECK(skin.healthy_share > 0.6 && skin.healthy_share < 0.9, "%g of it is healthy",
          skin.healthy_share);
    CHECK_CLOSE(skin.rms_um, 20, 1);
    cit_form_result_clear(&all);
    cit_form_result_clear(&alone);
    cit_form_result_clear(&skin);
    cit_heights_free(h);
}

static void what_form_cannot_be_taken_is_told(void **state) {
    (void)state;
    cit_heights *h = heights_new(20, 20, 1, 1);
    cit_form_result r = {0};
    for (cit_form form = CIT_FORM_MEAN; form <= CIT_FORM_SKIN; form++) {
        cit_errors errs = {0};
        const cit_form_options o = {.form = form};
        CHECK(cit_relief_form(h, &o, &r, &errs) == CIT_INVALID && errs.count == 1,
              "form %d of nothing", form);
        CHECK(r.relief == NULL, "something came of nothing");
    }
    const cit_form_options bad[] = {{.form = CIT_FORM_POLYNOMIAL, .degree = 11},
                                    {.form = CIT_FORM_POLYNOMIAL, .degree = -1},
                                    {.form = CIT_FORM_SKIN, .cutoff_mm = CIT_UNKNOWN_NUMBER},
                                    {.form = CIT_FORM_SKIN, .floor_um = -1},
                                    {.form = CIT_FORM_MEAN, .threads = -1}};
    h->um[7] = 3;
    const cit_form_options fine = {.form = CIT_FORM_SKIN}; /* samples of 1 mm, a cut-off of 8 */
    CHECK(cit_relief_form(h, &fine, &r, NULL) == CIT_INVALID, "a regression over one sample");
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        CHECK(cit_relief_form(h, &bad[k], &r, NULL) == CIT_INVALID, "options %zu are taken", k);
    cit_heights_free(h);
}

/* ---- scale -------------------------------------------------------------------------------------- */

static double wave_mm, turn;
static double wave(double x, double y) {
    return 10 * cos(2 * PI * (x * cos(turn) + y * sin(turn)) / wave_mm);
}

/* The amplitude in the middle of a map of uneven pitches, whichever way the wave runs. */
static double passed(cit_filter_options o) {
    cit_heights *h = heights_of(401, 301, 0.05, 0.0667, wave), *r = filtered(h, o);
    double most = 0;
    for (int j = 100; j < 200; j++)
        for (int i = 130; i < 270; i++) most = fmax(most, fabs((double)r->um[j * 401 + i]));
    cit_heights_free(h);
    cit_heights_free(r);
    return most / 10;
}

static void filters_let_half_of_a_wave_through_at_their_cutoff(void **state) {
    (void)state;
    for (turn = 0; turn < 1.6; turn += 0.5) {
        wave_mm = 2;
        CHECK_CLOSE(passed((cit_filter_options){.s_mm = 2, .threads = 2}), 0.5, 2e-3);
        CHECK_CLOSE(passed((cit_filter_options){.l_mm = 2, .threads = 2}), 0.5, 2e-3);
        CHECK_CLOSE(passed((cit_filter_options){.s_mm = 1, .l_mm = 4, .threads = 2}),
                    exp2(-0.25) * (1 - exp2(-4)), 3e-3);
    }
}

static void missing_samples_stay_so_and_steps_are_noted(void **state) {
    (void)state;
    cit_heights *h = heights_of(100, 80, 0.05, 0.05, bowl);
    make_holes(h);
    h->zero_um = 50;
    cit_heights *s = filtered(h, (cit_filter_options){.s_mm = 0.5, .threads = 2}),
                *l = filtered(h, (cit_filter_options){.s_mm = 0.5, .l_mm = 2, .threads = 2});
    for (size_t i = 0; i < count_of(h); i++)
        CHECK((h->um[i] == h->um[i]) == (l->um[i] == l->um[i]), "sample %zu changed its mind", i);
    CHECK(l->missing == h->missing && s->missing == h->missing, "%zu missing, not %zu", l->missing,
          h->missing);
    CHECK_CLOSE(s->zero_um, 50, 0);
    CHECK_CLOSE(l->zero_um, 0, 0);
    CHECK(h->history == NULL && strstr(l->history, "0.5 mm") != NULL &&
              strstr(l->history, "2 mm") != NULL,
          "history: %s", l->history);
    const cit_filter_options bad[] = {{.s_mm = -1},
                                      {.l_mm = CIT_UNKNOWN_NUMBER},
                                      {.s_mm = 2, .l_mm = 1},
                                      {.s_mm = 1, .threads = -3}};
    cit_heights *none = NULL;
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        CHECK(cit_relief_filter(h, &bad[k], &none, NULL) == CIT_INVALID && none == NULL,
              "options %zu are taken", k);
    cit_heights_free(h);
    cit_heights_free(s);
    cit_heights_free(l);
}

/* ---- roughness: closed forms -------------------------------------------------------------------- */

static double ripple(double x, double y) {
    (void)y;
    return 7 * cos(2 * PI * x / 0.5);
}

static void a_wave_has_the_heights_of_a_cosine(void **state) {
    (void)state;
    cit_heights *h = heights_of(2000, 10, 0.005, 0.02, ripple),
                *longer = heights_of(2001, 10, 0.005, 0.02, ripple);
    h->zero_um = -900;
    const cit_roughness r = roughness_of(h, CIT_ROUGHNESS_HEIGHT);
    CHECK_CLOSE(r.Sq, 7 / sqrt(2), 1e-6);
    CHECK_CLOSE(r.Sa, 14 / PI, 14 / PI * 2e-4);
    CHECK_CLOSE(r.Ssk, 0, 1e-6);
    CHECK_CLOSE(r.Sku, 1.5, 1e-6);
    CHECK_CLOSE(r.Sz, 14, 0.01);
    CHECK_CLOSE(r.Sp + r.Sv, r.Sz, 1e-9);
    /* Differences over d of a cosine with k: 2 sin(k d / 2) / d of its slope's amplitude. */
    const double k = 2 * PI / 0.5, slope = 1e-3 * 7 * 2 * sin(k * 0.005 / 2) / 0.005 / sqrt(2);
    CHECK_CLOSE(roughness_of(longer, CIT_ROUGHNESS_HYBRID).Sdq, slope,
                1e-5 * slope); /* whole waves of squares */
    cit_heights_free(longer);
    CHECK(!cit_known(r.Sdq) && !cit_known(r.Sk) && !cit_known(r.Sal) && !cit_known(r.Spd),
          "families that nobody asked for");
    cit_heights_free(h);
}

static double ramp(double x, double y) { return 300 * x + 400 * y; }

static void a_slope_has_the_area_of_its_triangles(void **state) {
    (void)state;
    cit_heights *h = heights_of(77, 50, 0.01, 0.013, ramp);
    make_holes(h);
    const cit_roughness r = roughness_of(h, CIT_ROUGHNESS_HYBRID);
    CHECK_CLOSE(r.Sdq, 0.5, 2e-6);
    CHECK_CLOSE(r.Sdr, 100 * (sqrt(1.25) - 1), 2e-4);
    cit_heights_free(h);
}

static double tilt(double x, double y) { return 100 * (x + y * 1e-3); }

/* All heights from 0 to 100 um are as frequent: the material ratio curve is a straight line. */
static void an_even_distribution_is_all_core(void **state) {
    (void)state;
    cit_heights *h = heights_of(1000, 1000, 0.001, 0.001, tilt);
    const cit_roughness r = roughness_of(h, CIT_ROUGHNESS_FUNCTION);
    CHECK_CLOSE(r.Sk, 100, 0.2);
    CHECK_CLOSE(r.Smr1, 0, 0.1);
    CHECK_CLOSE(r.Smr2, 100, 0.1);
    CHECK_CLOSE(r.Smc, 40, 0.1);
    CHECK_CLOSE(r.Sxp, 47.5, 0.1);
    CHECK_CLOSE(r.Vmp, 100 * 0.1 * 0.1 / 2, 0.01);
    CHECK_CLOSE(r.Vmc, 100 * (0.8 * 0.8 - 0.1 * 0.1) / 2, 0.1);
    CHECK_CLOSE(r.Vvc, 100 * (0.9 * 0.9 - 0.2 * 0.2) / 2, 0.1);
    CHECK_CLOSE(r.Vvv, 100 * 0.2 * 0.2 / 2, 0.01);
    cit_heights_free(h);
}

/* Noise smoothed to sigma_x, sigma_y samples has the correlation exp(-(x / sigma_x)^2 / 4 - (y / sigma_y)^2 / 4). */
static cit_heights *smooth_noise(int n, double sigma_x, double sigma_y) {
    cit_heights *h = heights_new(n, n, 0.02, 0.02);
    for (size_t i = 0; i < count_of(h); i++) h->um[i] = (float)(1000 * (uniform("noise", i) - 0.5));
    const cit_smooth_options o = {.sigma_x = sigma_x, .sigma_y = sigma_y, .threads = 2};
    CHECK(cit_smooth(n, n, h->um, h->um, &o, NULL) == CIT_OK, "refused");
    h->missing = 0;
    return h;
}

static void correlation_lengths_are_those_of_the_surface(void **state) {
    (void)state;
    cit_heights *h = smooth_noise(700, 4, 12);
    const cit_roughness whole = roughness_of(h, CIT_ROUGHNESS_SPATIAL);
    make_holes(h);
    const cit_roughness holes = roughness_of(h, CIT_ROUGHNESS_SPATIAL);
    const double sal = 2 * sqrt(log(5)) * 4 * 0.02;
    CHECK_CLOSE(whole.Sal, sal, 0.05 * sal);
    CHECK_CLOSE(whole.Str, 1.0 / 3, 0.04);
    CHECK_CLOSE(whole.Std, 90, 6);
    CHECK_CLOSE(holes.Sal, whole.Sal, 0.02 * sal);
    CHECK_CLOSE(holes.Str, whole.Str, 0.03);
    cit_heights_free(h);
}

/* The nearest lag whose mean product is at most a fifth, found by brute force. */
static double nearest_fallen(const cit_heights *h) {
    const int nx = h->nx, ny = h->ny;
    double mean = 0, square = 0, near = HUGE_VAL, n = 0;
    for (size_t i = 0; i < count_of(h); i++)
        if (h->um[i] == h->um[i]) {
            mean += (double)h->um[i];
            n += 1;
        }
    mean /= n;
    for (size_t i = 0; i < count_of(h); i++)
        if (h->um[i] == h->um[i])
            square += ((double)h->um[i] - mean) * ((double)h->um[i] - mean) / n;
    for (int b = 0; b < ny / 2; b++)
        for (int a = -nx / 2; a < nx / 2; a++) {
            double sum = 0, pairs = 0;
            for (int j = 0; j + b < ny; j++)
                for (int i = a < 0 ? -a : 0; i < nx && i + a < nx; i++) {
                    const double p = (double)h->um[j * nx + i] - mean,
                                 q = (double)h->um[(j + b) * nx + i + a] - mean;
                    if (p * q != p * q) continue;
                    sum += p * q;
                    pairs += 1;
                }
            if (pairs > 0 && sum / pairs <= 0.2 * square)
                near = fmin(near, hypot(a * h->dx_mm, b * h->dy_mm));
        }
    return near;
}

static void sal_is_next_to_the_nearest_lag_that_has_fallen(void **state) {
    (void)state;
    for (int k = 0; k < 4; k++) {
        cit_heights *h = smooth_noise(40 + 7 * k, 1.5 + k, 2.5);
        h->dy_mm = 0.03;
        if (k % 2) make_holes(h);
        const double near = nearest_fallen(h), sal = roughness_of(h, CIT_ROUGHNESS_SPATIAL).Sal;
        CHECK(sal <= near + 1e-6 && sal > near - 0.03, "Sal %g mm, the nearest %g mm", sal, near);
        cit_heights_free(h);
    }
}

static double stripes(double x, double y) {
    return 5 * cos(2 * PI * (x * cos(turn) + y * sin(turn)) / 0.3);
}

static void stripes_have_a_direction_and_no_aspect(void **state) {
    (void)state;
    for (turn = -1.2; turn < 1.5; turn += 0.45) {
        cit_heights *h = heights_of(500, 400, 0.01, 0.013, stripes);
        const cit_roughness r = roughness_of(h, CIT_ROUGHNESS_SPATIAL);
        const double along = turn * 180 / PI + 90, off = r.Std - along;
        CHECK(fabs(off - 180 * round(off / 180)) < 0.5, "stripes along %g degrees, Std %g", along,
              r.Std);
        CHECK_CLOSE(r.Sal, 0.3 * acos(0.2) / (2 * PI), 0.004);
        CHECK(!cit_known(r.Str), "Str %g of what never falls along its crests", r.Str);
        cit_heights_free(h);
    }
}

static double small_um;
static double crate(double x, double y) {
    return 20 * cos(2 * PI * x) * cos(2 * PI * y) +
           small_um * cos(2 * PI * 9.3 * x + 1) * cos(2 * PI * 8.7 * y);
}

/* Hills and dales alternate, half a wave apart; saddles are at 0. */
static void an_egg_crate_is_counted(void **state) {
    (void)state;
    for (small_um = 0; small_um < 1.2;
         small_um += 0.8) { /* ripple of less than 5 % of Sz is pruned */
        cit_heights *h = heights_of(500, 500, 0.02, 0.02, crate);
        const cit_roughness r = roughness_of(h, CIT_ROUGHNESS_FEATURE);
        /* 10 x 10 mm: 200 hills amid, a few more cut by the ends. */
        CHECK(r.Spd >= 2 && r.Spd <= 2.35, "%g peaks a mm2", r.Spd);
        CHECK(r.Svd >= 2 && r.Svd <= 2.35, "%g pits a mm2", r.Svd);
        CHECK_CLOSE(r.S10z, 40 + 2 * small_um, 0.3 + small_um);
        CHECK_CLOSE(r.Sda, 0.5, 0.01);
        cit_heights_free(h);
        if (small_um > 0) continue;
        CHECK_CLOSE(r.Sdv, 1e-3 * 20 * 4 / (4 * PI * PI), 4e-5);
        CHECK_CLOSE(r.Spc, 1e-3 * 20 * 4 * PI * PI, 0.01);
    }
}

/* ---- roughness: what must not change ------------------------------------------------------------- */

static cit_heights *turned(const cit_heights *h) {
    cit_heights *t = heights_new(h->ny, h->nx, h->dy_mm, h->dx_mm);
    for (int j = 0; j < h->ny; j++)
        for (int i = 0; i < h->nx; i++) t->um[i * h->ny + j] = h->um[j * h->nx + i];
    t->missing = h->missing;
    return t;
}

static void alike_when_turned(const cit_heights *h) {
    cit_heights *t = turned(h);
    const cit_roughness a = roughness_of(h, CIT_ROUGHNESS_ALL),
                        b = roughness_of(t, CIT_ROUGHNESS_ALL);
    for (const cit_roughness_row *row = cit_roughness_rows; row->name != NULL; row++) {
        const double x = value_of(&a, row), y = value_of(&b, row);
        if (strcmp(row->name, "Std") == 0)
            CHECK(fabs(sin((90 - x - y) * PI / 180)) < 0.01, "Std is %g, turned %g", x, y);
        else
            CHECK(fabs(x - y) <= 1e-6 * fabs(x) || (!cit_known(x) && !cit_known(y)),
                  "%s is %.9g, turned %.9g", row->name, x, y);
        CHECK(cit_known(x) || (h->missing > 0 && row->family == CIT_ROUGHNESS_FEATURE), "no %s",
              row->name);
    }
    cit_heights_free(t);
}

/* With holes all over no dale is closed. */
static void a_turn_by_a_right_angle_changes_nothing_but_direction(void **state) {
    (void)state;
    cit_heights *h = smooth_noise(300, 3, 5);
    h->dy_mm = 0.025;
    alike_when_turned(h);
    make_holes(h);
    alike_when_turned(h);
    cit_heights_free(h);
}

static void height_and_pitch_scale_as_they_must(void **state) {
    (void)state;
    cit_heights *h = smooth_noise(200, 4, 4), *o = NULL;
    CHECK(cit_heights_copy(h, &o, NULL) == CIT_OK, "no copy");
    for (size_t i = 0; i < count_of(o); i++) o->um[i] = 2 * o->um[i] + 64;
    o->dx_mm *= 4;
    o->dy_mm *= 4;
    o->zero_um = 1e4;
    const cit_roughness a = roughness_of(h, CIT_ROUGHNESS_ALL),
                        b = roughness_of(o, CIT_ROUGHNESS_ALL);
    CHECK_CLOSE(b.Sa, 2 * a.Sa, 1e-5 * a.Sa);
    CHECK_CLOSE(b.Sku, a.Sku, 1e-5);
    CHECK_CLOSE(b.Sdq, a.Sdq / 2, 1e-5 * a.Sdq);
    CHECK_CLOSE(b.Svk, 2 * a.Svk, 1e-3 * a.Svk);
    CHECK_CLOSE(b.Sal, 4 * a.Sal, 1e-5 * a.Sal);
    CHECK_CLOSE(b.Spd, a.Spd / 16, 1e-9);
    CHECK_CLOSE(b.Sda, 16 * a.Sda, 1e-9);
    cit_heights_free(h);
    cit_heights_free(o);
}

static void tiles_are_as_rough_as_one(void **state) {
    (void)state;
    cit_heights *h = smooth_noise(120, 3, 3), *t = heights_new(360, 240, 0.02, 0.02);
    for (int j = 0; j < 240; j++)
        for (int i = 0; i < 360; i++) t->um[j * 360 + i] = h->um[j % 120 * 120 + i % 120];
    t->missing = 0;
    const int families = CIT_ROUGHNESS_HEIGHT | CIT_ROUGHNESS_FUNCTION;
    const cit_roughness a = roughness_of(h, families), b = roughness_of(t, families);
    for (const cit_roughness_row *row = cit_roughness_rows; row->name != NULL; row++) {
        const double x = value_of(&a, row), y = value_of(&b, row);
        if (row->family & families)
            CHECK(fabs(x - y) <= 1e-9 * fabs(x) + 1e-9, "%s is %.12g, of tiles %.12g", row->name, x,
                  y);
    }
    cit_heights_free(h);
    cit_heights_free(t);
}

static void threads_do_not_change_a_bit(void **state) {
    (void)state;
    cheek_scar scars[CHEEK_SCARS];
    cit_heights *h = cheek(300, scars);
    make_holes(h);
    cit_roughness r[2];
    cit_form_result f[2];
    cit_heights *s[2] = {NULL, NULL};
    memset(r, 0, sizeof r);
    for (int k = 0; k < 2; k++) {
        const int threads = k == 0 ? 1 : 3;
        f[k] = form_of(h, (cit_form_options){.form = CIT_FORM_SKIN, .threads = threads});
        s[k] =
            filtered(f[k].relief, (cit_filter_options){.s_mm = 0.8, .l_mm = 8, .threads = threads});
        CHECK(cit_relief_roughness(s[k], CIT_ROUGHNESS_ALL, threads, &r[k], NULL) == CIT_OK,
              "refused");
    }
    const size_t bytes = count_of(h) * sizeof *h->um;
    CHECK(memcmp(f[0].relief->um, f[1].relief->um, bytes) == 0, "form differs");
    CHECK(memcmp(f[0].healthy, f[1].healthy, count_of(h)) == 0, "what is healthy differs");
    CHECK(memcmp(s[0]->um, s[1]->um, bytes) == 0, "filters differ");
    CHECK(memcmp(&r[0], &r[1], sizeof *r) == 0, "roughness differs");
    for (int k = 0; k < 2; k++) {
        cit_form_result_clear(&f[k]);
        cit_heights_free(s[k]);
    }
    cit_heights_free(h);
}

static void what_has_no_roughness_is_told(void **state) {
    (void)state;
    cit_heights *none = heights_new(30, 30, 1, 1), *row = heights_of(30, 1, 1, 1, ramp);
    cit_roughness r;
    CHECK(cit_relief_roughness(none, CIT_ROUGHNESS_ALL, 1, &r, NULL) == CIT_INVALID,
          "nothing is rough");
    CHECK(cit_relief_roughness(row, CIT_ROUGHNESS_ALL, 1, &r, NULL) == CIT_INVALID,
          "a profile is a surface");
    for (size_t i = 0; i < count_of(none); i++) none->um[i] = 5;
    CHECK(cit_relief_roughness(none, 0, 1, &r, NULL) == CIT_INVALID, "no family is one");
    CHECK(cit_relief_roughness(none, CIT_ROUGHNESS_ALL, 1, &r, NULL) == CIT_OK,
          "a flat surface is refused");
    CHECK_CLOSE(r.Sq, 0, 0);
    CHECK_CLOSE(r.Sdr, 0, 0);
    CHECK(!cit_known(r.Ssk) && !cit_known(r.Sk) && !cit_known(r.Sal) && !cit_known(r.Spd),
          "a flat surface has more than heights");
    for (size_t i = 1; i < count_of(none); i++) none->um[i] = NAN; /* one sample is left */
    CHECK(cit_relief_roughness(none, CIT_ROUGHNESS_ALL, 1, &r, NULL) == CIT_OK && !cit_known(r.Sdr),
          "one sample has an area");
    cit_heights_free(none);
    cit_heights_free(row);
}

/* ---- what others have printed -------------------------------------------------------------------- */

/* 2048 x 2048 after a polynomial of degree 2: Gwyddion 2.62 and surfalize f037904 (project notes, 2026-11). */
static void the_cheek_has_the_values_that_others_print(void **state) {
    (void)state;
    cheek_scar scars[CHEEK_SCARS];
    cit_heights *h = cheek(2048, scars);
    cit_form_result f = form_of(h, (cit_form_options){.form = CIT_FORM_POLYNOMIAL, .threads = 2});
    const cit_roughness r =
        roughness_of(f.relief, CIT_ROUGHNESS_HEIGHT | CIT_ROUGHNESS_HYBRID |
                                   CIT_ROUGHNESS_FUNCTION | CIT_ROUGHNESS_SPATIAL);
    const struct {
        const char *name;
        double got, want, within;
    } rows[] = {
        {"Sa", r.Sa, 34.1796199, 1e-6},  {"Sq", r.Sq, 63.9885262, 1e-6},
        {"Sp", r.Sp, 112.358555, 1e-6},  {"Sv", r.Sv, 563.641156, 1e-6},
        {"Sz", r.Sz, 675.999711, 1e-6},  {"Ssk", r.Ssk, -3.68590711, 1e-6},
        {"Sku", r.Sku, 18.820548, 1e-6}, {"Sdq", r.Sdq, 0.453348, 1e-3},
        {"Sk", r.Sk, 63.271, 1e-3},      {"Spk", r.Spk, 19.915, 1e-3},
        {"Svk", r.Svk, 188.158, 1e-3},   {"Smr1", r.Smr1, 8.616, 1e-3},
        {"Smr2", r.Smr2, 86.044, 1e-3},  {"Sxp", r.Sxp, 44.481, 1e-3},
        {"Vmp", r.Vmp, 1.0277, 1e-3},    {"Vmc", r.Vmc, 23.5427, 1e-3},
        {"Vvc", r.Vvc, 29.1572, 1e-3},   {"Vvv", r.Vvv, 14.5895, 1e-3},
        {"Sal", r.Sal, 1.31807, 1e-3},   {"Str", r.Str, 0.924, 1e-3},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        CHECK(fabs(rows[k].got / rows[k].want - 1) <= rows[k].within, "%s is %.9g, printed %.9g",
              rows[k].name, rows[k].got, rows[k].want);
    /* Triangles of two cuts lie between those of Gwyddion, by way of the middle, and the product formula. */
    CHECK(r.Sdr > 8.697 && r.Sdr < 9.279, "Sdr %g", r.Sdr);
    cit_form_result_clear(&f);
    cit_heights_free(h);
}

/* A file of real heights, or NULL and a word that it is not here. */
static uint8_t *data_file(const char *name, size_t *ret_size) {
    const char *folder = getenv("CIT_DATA"), *root = getenv("CIT_SOURCE_ROOT");
    char path[700];
    uint8_t *bytes = NULL;
    snprintf(path, sizeof path, "%s%s/heightmaps/%s",
             folder != NULL ? folder
             : root != NULL ? root
                            : ".",
             folder != NULL ? "" : "/../shared/data", name);
    if (cit_file_load(path, 1 << 27, &bytes, ret_size, NULL) == CIT_OK) return bytes;
    print_message("# %s is not here (set CIT_DATA): nothing is held against it\n", path);
    return NULL;
}

static cit_heights *data_heights(const char *name) {
    size_t size;
    uint8_t *bytes = data_file(name, &size);
    cit_heights *h = NULL;
    cit_errors errs = {0};
    if (bytes == NULL) return NULL;
    const cit_scan_scale scale = {0};
    CHECK(cit_heights_read(name, bytes, size, &scale, NULL, &h, &errs) == CIT_OK, "%s: %s",
          errs.items[0].where, errs.items[0].text);
    free(bytes);
    return h;
}

typedef struct row {
    char file[40], authority[90], processing[60], parameter[40], value[40], unit[10];
} row;

/* What a value's digits leave open, but at least 1e-6 of it; of a number without unit that may be about 0, 1e-6. */
static double open_in(const char *digits, bool plain) {
    const char *point = strchr(digits, '.'), *e = strpbrk(digits, "eE");
    const int places =
        point == NULL ? 0 : (int)((e != NULL ? e : digits + strlen(digits)) - point - 1);
    const double last = 0.5 * pow(10, -places) * pow(10, e != NULL ? atof(e + 1) : 0);
    return fmax(1e-6 * (plain ? fmax(1, fabs(atof(digits))) : fabs(atof(digits))), last);
}

static int prepared_as(const char *processing) {
    if (strcmp(processing, "mean removed only") == 0) return 0;
    if (strcmp(processing, "least-squares plane") == 0) return 1;
    return strncmp(processing, "full quadratic", 14) == 0 ? 2 : -1;
}

/* 1: held against it; 0: not one of ours. */
static int hold(const row *of) {
    char name[60];
    const int degree = prepared_as(of->processing);
    const cit_roughness_row *p = cit_roughness_rows;
    while (p->name != NULL && strcmp(p->name, of->parameter) != 0) p++;
    if (degree < 0 || p->name == NULL || p->family != CIT_ROUGHNESS_HEIGHT ||
        strstr(of->authority, "filled") != NULL)
        return 0;
    snprintf(name, sizeof name, "%s%s", of->file, strchr(of->file, '.') == NULL ? ".gsf" : "");
    cit_heights *h = data_heights(name);
    /* Gwyddion takes what is missing for heights. */
    if (h != NULL && h->missing > 0 && strncmp(of->authority, "Gwyddion", 8) == 0) {
        cit_heights_free(h);
        h = NULL;
    }
    if (h == NULL) return 0;
    cit_form_result f =
        form_of(h, (cit_form_options){.form = degree == 0 ? CIT_FORM_MEAN : CIT_FORM_POLYNOMIAL,
                                      .degree = degree,
                                      .threads = 2});
    const cit_roughness r = roughness_of(f.relief, CIT_ROUGHNESS_HEIGHT);
    const double scale = strcmp(of->unit, "m") == 0 ? 1e-6 : 1, got = scale * value_of(&r, p),
                 want = atof(of->value);
    CHECK(fabs(got - want) <= open_in(of->value, p->unit[0] == 0),
          "%s, %s: %s is %.9g, printed %s (%.2g)", name, of->processing, of->parameter, got,
          of->value, got / want - 1);
    cit_form_result_clear(&f);
    cit_heights_free(h);
    return 1;
}

static void real_surfaces_have_the_values_that_others_print(void **state) {
    (void)state;
    size_t size;
    uint8_t *bytes = data_file("reference_values.csv", &size);
    if (bytes == NULL) return;
    int held = 0;
    char *text = malloc(size + 1), *at = text;
    memcpy(text, bytes, size);
    text[size] = 0;
    for (char *line; (line = strsep(&at, "\n")) != NULL;) {
        row of;
        if (sscanf(line, "%39[^,],%89[^,],%59[^,],%39[^,],%39[^,],%9s", of.file, of.authority,
                   of.processing, of.parameter, of.value, of.unit) == 6)
            held += hold(&of);
    }
    print_message("# %d printed values held\n", held);
    CHECK(held >= 30, "only %d values are held", held);
    free(text);
    free(bytes);
}

/* ---- profiles ------------------------------------------------------------------------------------ */

static void a_profile_is_told_by_sections(void **state) {
    (void)state;
    cit_heights *h = heights_new(500, 2, 0.01, 0.01);
    for (int i = 0; i < 500;
         i++) { /* in section s heights of -s - 1 and 2 s + 2, twice as often below as above */
        const int s = i / 100;
        h->um[i] = 1;
        h->um[500 + i] = (float)(i % 3 == 0 ? 2 * s + 2 : -s - 1);
    }
    h->missing = 0;
    cit_profile_roughness r;
    cit_errors errs = {0};
    CHECK(cit_relief_profile(h, 1, 0, 0, false, &r, &errs) == CIT_OK, "%s", errs.items[0].text);
    double mean = 0;
    for (int i = 0; i < 500; i++) mean += (double)h->um[500 + i] / 500;
    CHECK_CLOSE(r.Rt, 15, 1e-6);
    CHECK_CLOSE(r.Rp, 6 - mean, 1e-6);
    CHECK_CLOSE(r.Rv, 3 + mean, 1e-6);
    CHECK_CLOSE(r.Rz, 9, 1e-6);
    CHECK(cit_relief_profile(h, 0, 1, 2, true, &r, &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK_CLOSE(r.Rq, 0, 1e-9);
    CHECK(!cit_known(r.Rsk), "a flat profile is skewed");
    CHECK(cit_relief_profile(h, 2, 0, 0, false, &r, NULL) == CIT_INVALID, "a third row");
    CHECK(cit_relief_profile(h, 0, 3, 1, false, &r, NULL) == CIT_INVALID, "backwards");
    CHECK(cit_relief_profile(h, 0, 8, 9, false, &r, NULL) == CIT_INVALID, "beyond its end");
    CHECK(cit_relief_profile(h, 0, CIT_UNKNOWN_NUMBER, 1, false, &r, NULL) == CIT_INVALID,
          "from nowhere");
    cit_heights_free(h);
    cit_heights *slope = heights_of(90, 1, 0.01, 0.01, tilt);
    CHECK(cit_relief_profile(slope, 0, 0, 0, false, &r, &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK_CLOSE(r.Rdq, 0.1, 1e-6);
    CHECK(cit_relief_profile(slope, 0, 0, 0, true, &r, &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK_CLOSE(r.Rt, 0, 1e-4);
    cit_heights_free(slope);
}

/* The instrument printed Ra 0.00525, Rq 0.01143 and Rsk 6.96 of 468 to 733 um. Another program's Rdq of the file is of
 * positions as they are printed there, rounded to 0.1 um of 0.156, and no reference. */
static void the_stylus_profile_has_what_its_instrument_printed(void **state) {
    (void)state;
    cit_heights *h = data_heights("dektak-1.csv");
    if (h == NULL) return;
    cit_profile_roughness r, whole;
    cit_errors errs = {0};
    CHECK(cit_relief_profile(h, 0, 0.468, 0.733, true, &r, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    CHECK(cit_relief_profile(h, 0, 0, 0, false, &whole, &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK_CLOSE(r.Ra, 0.00525, 5e-6);
    CHECK_CLOSE(r.Rq, 0.01143, 1e-5);
    CHECK_CLOSE(r.Rsk, 6.96, 0.01);
    CHECK_CLOSE(whole.Rq, 4.763596, 1e-3);
    cit_heights_free(h);
}

T_MAIN(CASE(a_polynomial_of_its_degree_goes), CASE(coefficients_are_of_powers),
       CASE(a_profile_and_a_sample_have_a_form), CASE(regression_follows_a_parabola_to_the_ends),
       CASE(scars_are_left_out_of_the_form_of_skin), CASE(what_form_cannot_be_taken_is_told),
       CASE(filters_let_half_of_a_wave_through_at_their_cutoff),
       CASE(missing_samples_stay_so_and_steps_are_noted), CASE(a_wave_has_the_heights_of_a_cosine),
       CASE(a_slope_has_the_area_of_its_triangles), CASE(an_even_distribution_is_all_core),
       CASE(correlation_lengths_are_those_of_the_surface),
       CASE(sal_is_next_to_the_nearest_lag_that_has_fallen),
       CASE(stripes_have_a_direction_and_no_aspect), CASE(an_egg_crate_is_counted),
       CASE(a_turn_by_a_right_angle_changes_nothing_but_direction),
       CASE(height_and_pitch_scale_as_they_must), CASE(tiles_are_as_rough_as_one),
       CASE(threads_do_not_change_a_bit), CASE(what_has_no_roughness_is_told),
       CASE(the_cheek_has_the_values_that_others_print),
       CASE(real_surfaces_have_the_values_that_others_print), CASE(a_profile_is_told_by_sections),
       CASE(the_stylus_profile_has_what_its_instrument_printed))
