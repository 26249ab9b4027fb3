/* Tissue in voxels against what can be known without it: exact solutions, the column, itself at smaller steps,
 * symmetries, sums that must hold; and what it refuses. Errors and orders are printed. */
#include "column_help.h"
#include <cit/patch.h>
#include <stdlib.h>

static const double pi = 3.14159265358979323846;
static cit_errors errs;

#define OK(call)                                                                                   \
    do {                                                                                           \
        errs = (cit_errors){0};                                                                    \
        CHECK((call) == CIT_OK, "%s: %s", errs.items[0].where, errs.items[0].text);                \
    } while (0)

/* ---- small pieces of tissue -------------------------------------------------------------------- */

static cit_parameters table;

static cit_tissue_options options_of(int nx, int ny, int nz, double d_mm) {
    table = defaults();
    return (cit_tissue_options){.kinetics = &table.healing,
                                .needling = &table.needling,
                                .nx = nx,
                                .ny = ny,
                                .nz = nz,
                                .dx_mm = d_mm,
                                .dy_mm = d_mm,
                                .dz_mm = d_mm,
                                .set_point = scar_set_point,
                                .instructions = cit_instructions_best(),
                                .threads = 1};
}

static cit_tissue *tissue_of(const cit_tissue_options *o) {
    cit_tissue *t = NULL;
    OK(cit_tissue_new(o, &t, &errs));
    return t;
}

static size_t voxels(const cit_tissue *t) {
    const cit_grid *g = cit_tissue_grid(t);
    return (size_t)g->nx * (size_t)g->ny * (size_t)g->nz;
}

static double *numbers(size_t n) {
    double *x = calloc(n, sizeof *x);
    CHECK(x != NULL, "no memory");
    return x;
}

static double *field_of(const cit_tissue *t, int field) {
    double *x = numbers(voxels(t));
    cit_tissue_read(t, field, x);
    return x;
}

/* Every field, one after another. */
static double *state_of(const cit_tissue *t) {
    const size_t n = voxels(t);
    double *x = numbers(n * CIT_TISSUE_FIELDS);
    for (int f = 0; f < CIT_TISSUE_FIELDS; f++) cit_tissue_read(t, f, x + n * (size_t)f);
    return x;
}

static double largest(const double *x, size_t n) {
    double most = 0;
    for (size_t i = 0; i < n; i++) most = fmax(most, fabs(x[i]));
    return most;
}

static double furthest(const double *a, const double *b, size_t n) {
    double most = 0;
    for (size_t i = 0; i < n; i++) most = fmax(most, fabs(a[i] - b[i]));
    return most;
}

static void advance(cit_tissue *t, double day) { OK(cit_tissue_advance(t, day, NULL, &errs)); }

static void prick(cit_tissue *t, const cit_puncture *p, int count, double tilt) {
    const cit_punctures needles = {p, count, 0.1, 0.035, tilt};
    OK(cit_tissue_visit(t, &needles, &errs));
}

/* Kinetics without reactions: all that is left is diffusion. */
static void still(cit_kinetics *k) {
    double *const rates[] = {&k->k_D,   &k->s_I, &k->d_I, &k->k_R,  &k->d_R, &k->p_D,   &k->p_R,
                             &k->p_M,   &k->d_G, &k->r_F, &k->k_FM, &k->d_M, &k->sigma, &k->b,
                             &k->k_mat, &k->b_E, &k->e_N, &k->e_C,  &k->s_E, &k->e_E,   &k->s_x};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) *rates[i] = 0;
}

static void set_field(cit_tissue *t, int field, double (*value)(double, double, double)) {
    const cit_grid *g = cit_tissue_grid(t);
    double *x = numbers(voxels(t));
    size_t at = 0;
    for (int k = 0; k < g->nz; k++)
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx; i++)
                x[at++] = value((i + 0.5) / g->nx, (j + 0.5) / g->ny, (k + 0.5) / g->nz);
    OK(cit_tissue_set(t, field, x, &errs));
    free(x);
}

/* ---- orders ------------------------------------------------------------------------------------ */

static double waves(double x, double y, double z) {
    return 1 + 0.3 * cos(pi * x) * cos(pi * y) + 0.2 * cos(2 * pi * z) * cos(pi * x);
}
static double few_waves(double x, double y, double z) { return 0.1 * waves(y, z, x); }
static double cells(double x, double y, double z) { return 0.6 + 0.1 * waves(z, x, y); }

typedef enum place { EVEN, LAYERED, DIPPED, PLACES } place;

/* From `start`, or waves, in steps of that size. */
static double *smooth_run(place where, bool reacts, const double *start, double step, double days) {
    static const double spread[] = {1, 1, 1, 0.2, 0.2, 0.2, 0.5, 0.5, 2, 2};
    cit_tissue_options o = options_of(12, 10, 10, 0.05);
    if (!reacts) still(&table.healing);
    if (where == LAYERED) o.spread = spread;
    if (where == DIPPED) o.dip = (cit_dip){0.3, 0.25, 0.2, 0.15, 2};
    o.fixed_step_day = step;
    cit_tissue *t = tissue_of(&o);
    for (int f = 0; f < CIT_TISSUE_FIELDS && start != NULL; f++)
        OK(cit_tissue_set(t, f, start + voxels(t) * (size_t)f, &errs));
    if (start == NULL) {
        set_field(t, CIT_INFLAMMATION, few_waves);
        set_field(t, CIT_MACROPHAGES, few_waves);
        set_field(t, CIT_TGF, waves);
        set_field(t, CIT_FIBROBLASTS, cells);
        set_field(t, CIT_MYOFIBROBLASTS, few_waves);
        set_field(t, CIT_DEBRIS, few_waves);
    }
    advance(t, days);
    double *x = state_of(t);
    cit_tissue_free(t);
    return x;
}

/* Waves do not know of layers and walls: a tenth of a day lets them fit, then orders are those of smooth problems. */
static void time_is_second_order(void **unused) {
    (void)unused;
    static const char *const names[] = {"even", "layered", "with a dip"};
    const size_t n = 12 * 10 * 10;
    for (int where = EVEN; where < PLACES; where++)
        for (int reacts = 0; reacts < 2; reacts++) {
            double *start = smooth_run(where, reacts, NULL, 1.0 / 1024, 0.1);
            double *a = smooth_run(where, reacts, start, 1.0 / 64, 1),
                   *b = smooth_run(where, reacts, start, 1.0 / 128, 1),
                   *c = smooth_run(where, reacts, start, 1.0 / 256, 1);
            double least = 9;
            for (size_t f = 1; f < CIT_TISSUE_FIELDS; f++) {
                const double coarse = furthest(a + n * f, b + n * f, n),
                             fine = furthest(b + n * f, c + n * f, n);
                if (getenv("SHOW"))
                    print_message("   %zu %.2g %.2g %.2f\n", f, coarse, fine, log2(coarse / fine));
                if (fine > 1e-11) least = fmin(least, log2(coarse / fine));
            }
            print_message("  order in time, %s, %s reactions: %.3f\n", names[where],
                          reacts ? "with" : "without", least);
            CHECK(least >= 1.9, "order %.2f (%s, reactions %d)", least, names[where], reacts);
            free(start);
            free(a);
            free(b);
            free(c);
        }
}

/* G = g(z) exp(-k_D t), g = 2 + cos(pi z / L), in layers with D(z) = D_G (1 + cos(pi z / L) / 2): debris feeds just
 * what that needs. */
static double manufactured_error(int nz, double length) {
    cit_tissue_options o = options_of(4, 3, nz, length / nz);
    cit_kinetics *k = &table.healing;
    still(k);
    k->k_D = 0.5;
    k->p_D = 1;
    k->D_G = 0.05;
    double *spread = numbers((size_t)nz), *debris = numbers((size_t)nz * 12),
           *g = numbers((size_t)nz * 12);
    const double q = pi / length;
    for (int l = 0; l < nz; l++) {
        const double z = (l + 0.5) * length / nz, c = cos(q * z), s = sin(q * z);
        spread[l] = 1 + 0.5 * c;
        /* (D g')' = -D_G q^2 ((1 + c/2) c - s^2 / 2) */
        const double flow = -k->D_G * q * q * ((1 + 0.5 * c) * c - 0.5 * s * s);
        for (int i = 0; i < 12; i++) {
            g[l * 12 + i] = 2 + c;
            debris[l * 12 + i] = -k->k_D * (2 + c) - flow;
        }
    }
    o.spread = spread;
    o.fixed_step_day = 0.005;
    cit_tissue *t = tissue_of(&o);
    OK(cit_tissue_set(t, CIT_DEBRIS, debris, &errs));
    OK(cit_tissue_set(t, CIT_TGF, g, &errs));
    advance(t, 0.5);
    double *got = field_of(t, CIT_TGF), worst = 0;
    for (int i = 0; i < nz * 12; i++) worst = fmax(worst, fabs(got[i] - g[i] * exp(-0.25)));
    cit_tissue_free(t);
    free(got);
    free(spread);
    free(debris);
    free(g);
    return worst;
}

static void layered_space_is_second_order(void **unused) {
    (void)unused;
    const double coarse = manufactured_error(16, 0.5), fine = manufactured_error(32, 0.5),
                 order = log2(coarse / fine);
    print_message("  order in space, layered and manufactured: %.3f (error %.2g at 32)\n", order,
                  fine);
    CHECK(order >= 1.9, "order %.2f", order);
}

/* A Gaussian keeps its form: variance grows by 2 D t in each direction. */
static double green_error(int n) {
    const double length = 1.6, D = 0.05, day = 0.2, s2 = 0.01;
    cit_tissue_options o = options_of(n, n, 1, length / n);
    still(&table.healing);
    table.healing.D_G = D;
    o.fixed_step_day = 0.2 / 64;
    cit_tissue *t = tissue_of(&o);
    double *x = numbers((size_t)n * (size_t)n), *want = numbers((size_t)n * (size_t)n);
    for (int i = 0; i < n * n; i++) {
        const double a = ((i % n + 0.5) / n - 0.5) * length, b = ((i / n + 0.5) / n - 0.5) * length;
        x[i] = exp(-(a * a + b * b) / (2 * s2));
        want[i] = s2 / (s2 + 2 * D * day) * exp(-(a * a + b * b) / (2 * (s2 + 2 * D * day)));
    }
    OK(cit_tissue_set(t, CIT_TGF, x, &errs));
    advance(t, day);
    cit_tissue_read(t, CIT_TGF, x);
    const double worst = furthest(x, want, (size_t)n * (size_t)n);
    cit_tissue_free(t);
    free(x);
    free(want);
    return worst;
}

static void greens_function(void **unused) {
    (void)unused;
    const double coarse = green_error(32), fine = green_error(64);
    print_message("  Green's function: error %.2g and %.2g, order %.2f\n", coarse, fine,
                  log2(coarse / fine));
    CHECK(log2(coarse / fine) >= 1.9, "order %.2f", log2(coarse / fine));
    CHECK(fine < 2e-3, "error %.2g", fine);
}

/* ---- a fresh channel --------------------------------------------------------------------------- */

enum { CHANNEL_N = 24, CHANNEL_Z = 10, CHANNEL = CHANNEL_N * CHANNEL_N * CHANNEL_Z };

static double *channel(double step, int start_steps, cit_precision precision) {
    cit_tissue_options o = options_of(CHANNEL_N, CHANNEL_N, CHANNEL_Z, 0.025);
    const cit_puncture p = {0.303, 0.296, 0.4, 0.15};
    o.fixed_step_day = step;
    o.start_steps = start_steps;
    o.precision = precision;
    cit_tissue *t = tissue_of(&o);
    prick(t, &p, 1, 0.3);
    advance(t, 2);
    double *x = state_of(t);
    cit_tissue_free(t);
    return x;
}

static void a_fresh_channel_is_followed(void **unused) {
    (void)unused;
    static const double steps[] = {0.1, 0.05, 0.025}, allowed[] = {0.006, 0.003, 0.0008};
    double *want = channel(0.1 / 24, 64, CIT_DOUBLE);
    for (int s = 0; s < 3; s++) {
        double *got = channel(steps[s], 0, CIT_DOUBLE), worst = 0;
        for (size_t f = 1; f < CIT_TISSUE_FIELDS; f++) {
            const double *a = want + CHANNEL * f;
            const double off = furthest(a, got + CHANNEL * f, CHANNEL) / largest(a, CHANNEL);
            worst = fmax(worst, off);
            CHECK(off <= allowed[s], "%s is off by %.2g of its peak at %g d",
                  cit_tissue_field_name((int)f), off, steps[s]);
        }
        double least = 0;
        for (size_t i = 0; i < CHANNEL * CIT_TISSUE_FIELDS; i++) least = fmin(least, got[i]);
        print_message("  channel at %g d: error %.2g of the peak, least value %.2g\n", steps[s],
                      worst, least);
        CHECK(least >= 0, "a value of %g at %g d", least, steps[s]);
        free(got);
    }
    free(want);
}

static void single_precision_is_close(void **unused) {
    (void)unused;
    double *want = channel(0.05, 4, CIT_DOUBLE), *got = channel(0.05, 4, CIT_SINGLE), worst = 0;
    for (size_t f = 0; f < CIT_TISSUE_FIELDS; f++) {
        const double *a = want + CHANNEL * f;
        worst = fmax(worst, furthest(a, got + CHANNEL * f, CHANNEL) / largest(a, CHANNEL));
    }
    print_message("  single precision: off by %.2g of the peak\n", worst);
    CHECK(worst < 1e-4, "off by %.2g", worst);
    free(want);
    free(got);
}

static void steps_of_its_own_are_as_good(void **unused) {
    (void)unused;
    cit_tissue_options o = options_of(16, 16, 10, 0.03);
    const cit_puncture p = {0.22, 0.25, 0, 0.2};
    double *mean[2];
    for (int run = 0; run < 2; run++) {
        if (run == 1) {
            o.fixed_step_day = 0.02;
            o.start_steps = 16;
        }
        cit_tissue *t = tissue_of(&o);
        prick(t, &p, 1, 0);
        advance(t, 40);
        mean[run] = state_of(t);
        const cit_tissue_stats s = cit_tissue_stats_of(t);
        print_message("  40 days: %ld steps (%.3g to %.3g d), %ld rejected, %ld by bounds\n",
                      s.steps, s.shortest_day, s.longest_day, s.rejected, s.out_of_bounds);
        cit_tissue_free(t);
    }
    const size_t n = 16 * 16 * 10;
    const int seen[] = {CIT_TGF,          CIT_FIBROBLASTS, CIT_MYOFIBROBLASTS,
                        CIT_NEW_COLLAGEN, CIT_COLLAGEN,    CIT_TISSUE_ELASTIN};
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) {
        const double *want = mean[1] + n * (size_t)seen[i], *got = mean[0] + n * (size_t)seen[i];
        const double off = furthest(want, got, n) / largest(want, n);
        print_message("  %s: off by %.2g\n", cit_tissue_field_name(seen[i]), off);
        CHECK(off < 0.005, "%s is off by %.2g", cit_tissue_field_name(seen[i]), off);
    }
    free(mean[0]);
    free(mean[1]);
}

/* ---- what must hold ---------------------------------------------------------------------------- */

static double sums_at(double x, double y, double z) {
    return 0.4 + 0.3 * sin(9 * x + 7 * y - 5 * z);
}

static void what_moves_is_kept(void **unused) {
    (void)unused;
    static const double spread[] = {1, 1, 0.1, 0.1, 3, 3, 0, 1};
    cit_tissue_options o = options_of(20, 17, 8, 0.04);
    still(&table.healing);
    o.dip = (cit_dip){0.4, 0.35, 0.25, 0.2, 2};
    o.spread = spread;
    o.edge_x = CIT_EDGE_PERIODIC;
    cit_tissue *t = tissue_of(&o);
    cit_tissue_balance before[CIT_TISSUE_FIELDS], after[CIT_TISSUE_FIELDS];
    for (int f = CIT_INFLAMMATION; f <= CIT_FIBROBLASTS; f++) set_field(t, f, sums_at);
    set_field(t, CIT_MYOFIBROBLASTS, few_waves);
    cit_tissue_balances(t, before);
    advance(t, 5);
    cit_tissue_balances(t, after);
    double worst = 0;
    for (int f = 0; f < CIT_TISSUE_FIELDS; f++)
        if (before[f].now > 0) worst = fmax(worst, fabs(after[f].now / before[f].now - 1));
    print_message("  totals of what diffuses: off by %.2g after %ld steps\n", worst,
                  cit_tissue_stats_of(t).steps);
    CHECK(worst < 1e-12, "off by %.2g", worst);
    cit_tissue_free(t);
}

/* A step's account follows its very stages: nothing is off but rounding where sides are closed. What the factored
 * matrix adds at a side that is held is in no flux. */
static void the_balance_closes(void **unused) {
    (void)unused;
    static const struct {
        const char *name;
        cit_edge edge_y;
        bool dipped;
        cit_precision precision;
        double fixed_step_day, allowed;
    } runs[] = {{"closed", CIT_EDGE_CLOSED, false, CIT_DOUBLE, 0, 1e-13},
                {"a dip, layers", CIT_EDGE_CLOSED, true, CIT_DOUBLE, 0, 1e-13},
                {"periodic, single precision", CIT_EDGE_PERIODIC, false, CIT_SINGLE, 0, 1e-5},
                {"healthy sides", CIT_EDGE_VALUE, false, CIT_DOUBLE, 0.05, 1e-6},
                {"healthy sides, a dip", CIT_EDGE_VALUE, true, CIT_DOUBLE, 0, 5e-5}};
    static const double spread[] = {1, 1, 1, 0.2, 0.2, 0.2, 0.5, 0.5, 2, 2};
    const cit_puncture p = {0.2, 0.2, 0, 0.2};
    for (size_t r = 0; r < sizeof runs / sizeof *runs; r++) {
        cit_tissue_options o = options_of(14, 14, 10, 0.03);
        o.edge_y = runs[r].edge_y;
        o.precision = runs[r].precision;
        o.fixed_step_day = runs[r].fixed_step_day;
        if (runs[r].dipped) {
            o.dip = (cit_dip){0.2, 0.2, 0.12, 0.1, 2};
            o.spread = spread;
        }
        cit_tissue *t = tissue_of(&o);
        cit_tissue_balance b[CIT_TISSUE_FIELDS];
        double worst = 0;
        prick(t, &p, 1, 0);
        advance(t, 10);
        cit_tissue_balances(t, b);
        for (int f = CIT_DEBRIS; f <= CIT_MYOFIBROBLASTS; f++) {
            const double turned =
                b[f].start + fabs(b[f].reacted) + fabs(b[f].crossed) + fabs(b[f].visits);
            const double off = b[f].start + b[f].visits + b[f].reacted + b[f].crossed - b[f].now;
            worst = fmax(worst, fabs(off) / turned);
            CHECK(fabs(off) < runs[r].allowed * turned, "%s, %s: off by %g of %g", runs[r].name,
                  cit_tissue_field_name(f), off, turned);
            CHECK((b[f].crossed < -1e-3 * turned) ==
                      (f == CIT_TGF || (runs[r].edge_y == CIT_EDGE_VALUE &&
                                        (f == CIT_INFLAMMATION || f == CIT_MACROPHAGES))),
                  "%s: %s crossed %g", runs[r].name, cit_tissue_field_name(f), b[f].crossed);
        }
        print_message("  balance, %s: off by %.2g of what was there and turned over\n",
                      runs[r].name, worst);
        cit_tissue_free(t);
    }
}

/* Largest values that theory allows (model.md 7.4) for weekly visits. */
static void bounds_hold_under_abuse(void **unused) {
    (void)unused;
    cit_tissue_options o = options_of(16, 16, 8, 0.05);
    o.edge_x = o.edge_y = CIT_EDGE_PERIODIC;
    const cit_kinetics *k = &table.healing;
    const double dose = 1 / table.needling.phi_ref, D = dose / (1 - exp(-7 * k->k_D));
    const double I = k->s_I * (1 + k->pi_I) * D / k->d_I, R = k->k_R * I / k->d_R;
    const double M = fmin(1, k->k_FM / k->d_M), G = (k->p_D * D + k->p_R * R + k->p_M * M) / k->d_G;
    const double most[CIT_TISSUE_FIELDS] = {D, I, R, G, 1, M, k->C_max, k->C_max, 1, k->E_max};
    cit_tissue *t = tissue_of(&o);
    const size_t n = voxels(t);
    for (int week = 0; week < 52; week++) {
        cit_puncture p[40];
        for (int i = 0; i < 40; i++)
            p[i] = (cit_puncture){0.8 * uniform("x", week, i), 0.8 * uniform("y", week, i), 0,
                                  0.4 * uniform("z", week, i)};
        prick(t, p, 40, 0);
        for (double hour = 0; hour < 7; hour += 0.5 + hour) {
            advance(t, 7 * week + fmin(7, hour + 0.25));
            double *x = state_of(t);
            for (size_t i = 0; i < n; i++) {
                for (size_t f = 0; f < CIT_TISSUE_FIELDS; f++)
                    CHECK(x[n * f + i] >= -1e-12 * (1 + most[f]) &&
                              x[n * f + i] <= most[f] * (1 + 1e-9),
                          "%s is %g on day %g, at most %g", cit_tissue_field_name((int)f),
                          x[n * f + i], cit_tissue_day(t), most[f]);
                CHECK(x[n * CIT_FIBROBLASTS + i] + x[n * CIT_MYOFIBROBLASTS + i] <= 1 + 1e-9,
                      "F + M");
                CHECK(x[n * CIT_NEW_COLLAGEN + i] + x[n * CIT_COLLAGEN + i] <= k->C_max + 1e-12,
                      "N + C");
            }
            free(x);
        }
    }
    const cit_tissue_stats s = cit_tissue_stats_of(t);
    print_message(
        "  a year of weekly visits: %ld steps, %ld of Euler, %ld rejected, %ld by bounds\n",
        s.steps, s.euler_steps, s.rejected, s.out_of_bounds);
    cit_tissue_free(t);
}

static void symmetry_is_kept(void **unused) {
    (void)unused;
    enum { N = 14, Z = 8 };
    double *x[3];
    for (int run = 0; run < 3; run++) {
        cit_tissue_options o = options_of(N, N, Z, 0.03);
        cit_puncture p[] = {{0.11, 0.17, 0.4, 0.2}, {0.3, 0.25, 2.0, 0.15}};
        o.fixed_step_day = 0.05;
        for (int i = 0; i < 2; i++) {
            if (run == 1) {
                p[i].x_mm = N * 0.03 - p[i].x_mm;
                p[i].heading = pi - p[i].heading;
            }
            if (run == 2) {
                const double y = p[i].y_mm;
                p[i].y_mm = p[i].x_mm;
                p[i].x_mm = N * 0.03 - y;
                p[i].heading += 0.5 * pi;
            }
        }
        cit_tissue *t = tissue_of(&o);
        prick(t, p, 2, 0.25);
        advance(t, 3);
        x[run] = state_of(t);
        cit_tissue_free(t);
    }
    double mirrored = 0, turned = 0;
    for (int f = 0; f < CIT_TISSUE_FIELDS * Z; f++)
        for (int j = 0; j < N; j++)
            for (int i = 0; i < N; i++) {
                const int plane = f * N * N;
                const double here = x[0][plane + j * N + i];
                mirrored = fmax(mirrored, fabs(here - x[1][plane + j * N + N - 1 - i]));
                turned = fmax(turned, fabs(here - x[2][plane + i * N + N - 1 - j]));
            }
    print_message("  mirrored: off by %.2g; turned by a right angle: %.2g\n", mirrored, turned);
    CHECK(mirrored < 1e-11 && turned < 1e-11, "off by %g, %g", mirrored, turned);
    for (int run = 0; run < 3; run++) free(x[run]);
}

static void untreated_stays_to_the_bit(void **unused) {
    (void)unused;
    static const double spread[] = {1, 0.3, 2, 1, 1};
    for (int precision = CIT_DOUBLE; precision <= CIT_SINGLE; precision++) {
        cit_tissue_options o = options_of(7, 6, 5, 0.06);
        o.precision = precision;
        o.spread = spread;
        o.edge_x = CIT_EDGE_VALUE;
        o.dip = (cit_dip){0.2, 0.2, 0.15, 0.1, 2};
        cit_tissue *t = tissue_of(&o);
        double *before = state_of(t);
        const cit_punctures none = {NULL, 0, 0.1, 0.035, 0};
        OK(cit_tissue_visit(t, &none, &errs));
        advance(t, 100 * CIT_YEAR_DAYS);
        double *after = state_of(t);
        const size_t bytes = voxels(t) * CIT_TISSUE_FIELDS * sizeof *before;
        CHECK(memcmp(before, after, bytes) == 0, "moved by %g",
              furthest(before, after, bytes / sizeof *before));
        free(before);
        free(after);
        cit_tissue_free(t);
    }
}

static void a_far_needle_leaves_a_scar_alone(void **unused) {
    (void)unused;
    cit_tissue_options o = options_of(40, 6, 4, 0.05);
    table.healing.D_I = table.healing.D_R = table.healing.D_G = table.healing.D_F = 1e-5;
    cit_tissue *t = tissue_of(&o);
    const cit_puncture p = {0.2, 0.15, 0, 0.2};
    double *before = field_of(t, CIT_COLLAGEN);
    prick(t, &p, 1, 0);
    advance(t, 30);
    double *after = field_of(t, CIT_COLLAGEN);
    for (size_t i = 0; i < voxels(t); i++)
        if (i % 40 > 20) CHECK_CLOSE(after[i], before[i], 1e-12);
    free(before);
    free(after);
    cit_tissue_free(t);
}

/* ---- edges of what can be asked ---------------------------------------------------------------- */

/* Where nothing spreads every voxel is a column of one layer of its own. */
static void without_diffusion_voxels_are_alone(void **unused) {
    (void)unused;
    enum { N = 12 };
    cit_tissue_options o = options_of(N, N, 1, 0.04);
    cit_kinetics *k = &table.healing;
    k->D_G = k->D_I = k->D_R = k->D_F = 0;
    o.saturates_at_points = true;
    o.fixed_step_day = 0.01;
    o.start_steps = 16;
    cit_tissue *t = tissue_of(&o);
    const cit_puncture p = {0.23, 0.21, 0, 0.5};
    const cit_punctures needles = {&p, 1, 0.1, 0.035, 0};
    double halo[N * N], hole[N * N];
    OK(cit_tissue_needle_shares(t, &needles, halo, hole, &errs));
    OK(cit_tissue_visit(t, &needles, &errs));
    advance(t, 6);
    double *x = state_of(t), worst = 0;
    for (int at = 0; at < N * N; at += 7) {
        cit_column column;
        OK(cit_column_make(k, 0, 0.04, 1, scar_set_point, 0, &column, &errs));
        cit_wound wound = {
            .layers = 1, .debris = {halo[at] / table.needling.phi_ref}, .hole = {hole[at]}};
        const double day = 0, end = 6;
        double y[CIT_COLUMN_SIZE_MAX];
        cit_engine *engine = NULL;
        cit_course course = {.column = column,
                             .visits = 1,
                             .days = &day,
                             .wounds = &wound,
                             .c_cut = table.needling.c_cut,
                             .band_floor = 1,
                             .times = &end,
                             .time_count = 1,
                             .values = y};
        OK(cit_engine_new(&cit_ode_rodas, 1, 1e-9, &engine, &errs));
        OK(cit_engine_run(engine, &course, 1, NULL, &errs));
        cit_engine_free(engine);
        for (int f = CIT_INFLAMMATION; f <= CIT_SET_POINT; f++)
            worst = fmax(worst, fabs(x[(size_t)f * N * N + (size_t)at] - y[f]));
        worst = fmax(worst, fabs(x[(size_t)CIT_TISSUE_ELASTIN * N * N + (size_t)at] -
                                 y[CIT_LAYER_FIELDS + CIT_ELASTIN_STATE]));
    }
    print_message("  without diffusion: off a column of one layer by %.2g\n", worst);
    CHECK(worst < 3e-4, "off by %g", worst);
    free(x);
    cit_tissue_free(t);
}

/* Extruded tissue is the same in each direction that has one voxel or many. */
static void thin_grids_agree_with_thick_ones(void **unused) {
    (void)unused;
    static const int sides[][3] = {{1, 1, 1}, {9, 1, 1}, {1, 9, 1},
                                   {1, 1, 9}, {9, 1, 8}, {1, 9, 8}};
    for (size_t s = 0; s < sizeof sides / sizeof *sides; s++) {
        const int *n = sides[s];
        double *x[2];
        for (int run = 0; run < 2; run++) {
            const int wide = run == 1 ? 4 : 1;
            cit_tissue_options o =
                options_of(n[0] > 1 ? n[0] : wide, n[1] > 1 ? n[1] : wide, n[2], 0.05);
            o.fixed_step_day = 0.1;
            cit_tissue *t = tissue_of(&o);
            const cit_grid *g = cit_tissue_grid(t);
            double *debris = numbers(voxels(t));
            for (int k = 0, at = 0; k < g->nz; k++)
                for (int j = 0; j < g->ny; j++)
                    for (int i = 0; i < g->nx; i++, at++)
                        debris[at] = 1 + (n[0] > 1 ? 0.1 * i : 0) + (n[1] > 1 ? 0.2 * j : 0) + k;
            OK(cit_tissue_set(t, CIT_DEBRIS, debris, &errs));
            advance(t, 3);
            double *all = state_of(t);
            x[run] = numbers((size_t)n[0] * (size_t)n[1] * (size_t)n[2] * CIT_TISSUE_FIELDS);
            size_t to = 0;
            for (int f = 0; f < CIT_TISSUE_FIELDS * g->nz; f++)
                for (int j = 0; j < n[1]; j++)
                    for (int i = 0; i < n[0]; i++) x[run][to++] = all[(f * g->ny + j) * g->nx + i];
            free(all);
            free(debris);
            cit_tissue_free(t);
        }
        const size_t count = (size_t)n[0] * (size_t)n[1] * (size_t)n[2] * CIT_TISSUE_FIELDS;
        const double off = furthest(x[0], x[1], count);
        CHECK(off < 1e-12, "%d x %d x %d: off by %g", n[0], n[1], n[2], off);
        free(x[0]);
        free(x[1]);
    }
}

/* ---- the column -------------------------------------------------------------------------------- */

static void an_even_wound_is_a_column(void **unused) {
    (void)unused;
    enum { K = 12, VISITS = 3 };
    static const double days[VISITS] = {0, 14, 28}, end = 60;
    cit_tissue_options o = options_of(3, 2, K, dermis_mm / K);
    o.dx_mm = o.dy_mm = 0.05;
    o.fixed_step_day = 0.02;
    o.start_steps = 16;
    const cit_column column = column_of(&table.healing, K, scar_set_point);
    cit_wound wounds[VISITS];
    for (int i = 0; i < VISITS; i++) wounds[i] = wound_of(&column, 0.5, 250);
    double y[CIT_COLUMN_SIZE_MAX];
    cit_engine *engine = NULL;
    cit_course course = {.column = column,
                         .visits = VISITS,
                         .days = days,
                         .wounds = wounds,
                         .c_cut = table.needling.c_cut,
                         .band_floor = 1,
                         .times = &end,
                         .time_count = 1,
                         .values = y};
    OK(cit_engine_new(&cit_ode_rodas, K, 1e-9, &engine, &errs));
    OK(cit_engine_run(engine, &course, 1, NULL, &errs));
    cit_engine_free(engine);
    cit_tissue *t = tissue_of(&o);
    for (int i = 0; i < VISITS; i++) {
        advance(t, days[i]);
        OK(cit_tissue_visit_even(t, &wounds[i], &errs));
    }
    advance(t, end);
    double *x = state_of(t);
    for (int f = CIT_TGF; f <= CIT_SET_POINT; f++) {
        double off = 0, size = 0;
        for (int k = 0; k < K; k++) {
            size = fmax(size, fabs(y[f * K + k]));
            for (int i = 0; i < 6; i++)
                off = fmax(off, fabs(x[(f * K + k) * 6 + i] - y[f * K + k]));
        }
        print_message("  column, %s: off by %.2g of %.3g\n", cit_tissue_field_name(f), off, size);
        CHECK(off <= 5e-4 * size, "%s: off by %g of %g", cit_tissue_field_name(f), off, size);
    }
    free(x);
    cit_tissue_free(t);
}

/* ---- needles ----------------------------------------------------------------------------------- */

static double volume_of(const cit_tissue *t, const cit_puncture *p, int count, double radius,
                        double tilt) {
    const cit_punctures needles = {p, count, radius, radius, tilt};
    const cit_grid *g = cit_tissue_grid(t);
    double *halo = numbers(voxels(t)), sum = 0;
    OK(cit_tissue_needle_shares(t, &needles, halo, NULL, &errs));
    for (size_t i = 0; i < voxels(t); i++) sum += halo[i];
    free(halo);
    return sum * g->dx * g->dy * g->dz;
}

static void needles_keep_their_volume(void **unused) {
    (void)unused;
    cit_tissue_options o = options_of(40, 44, 20, 0.025);
    o.dy_mm = 0.02;
    o.top_mm = 0.07;
    cit_tissue *closed = tissue_of(&o);
    o.edge_x = o.edge_y = CIT_EDGE_PERIODIC;
    cit_tissue *periodic = tissue_of(&o);
    double worst = 0;
    for (int i = 0; i < 24; i++) {
        const double tilt = i % 3 == 0 ? 0 : 0.5 * uniform("tilt", 0, i), r = i % 2 ? 0.1 : 0.031;
        const double depth = 0.1 + 0.3 * uniform("z", 0, i);
        const cit_puncture inner = {0.45 + 0.1 * uniform("x", 0, i),
                                    0.45 + 0.05 * uniform("y", 0, i), 6.3 * uniform("h", 0, i),
                                    depth};
        cit_puncture edge = inner;
        edge.x_mm = 1.0 + 0.05 * uniform("x", 1, i);
        edge.y_mm = -0.02;
        const double want = pi * r * r * (depth - 0.07) / cos(tilt);
        worst = fmax(worst, fabs(volume_of(closed, &inner, 1, r, tilt) / want - 1));
        worst = fmax(worst, fabs(volume_of(periodic, &edge, 1, r, tilt) / want - 1));
    }
    print_message("  volume of needles: off by %.2g\n", worst);
    CHECK(worst < 1e-12, "off by %g", worst);
    const cit_puncture half = {0, 0.3, 0, 0.27}, deep = {0.5, 0.4, 0, 3};
    CHECK_CLOSE(volume_of(closed, &half, 1, 0.1, 0), 0.5 * pi * 0.01 * 0.2, 1e-15);
    CHECK_CLOSE(volume_of(closed, &deep, 1, 0.1, 0), pi * 0.01 * 0.5, 1e-14);
    cit_tissue_free(closed);
    cit_tissue_free(periodic);
}

/* Two needles that overlap, against many points in each voxel. */
static void shares_are_those_of_points(void **unused) {
    (void)unused;
    enum { N = 16, Z = 6, P = 24 };
    cit_tissue_options o = options_of(N, N, Z, 0.03);
    cit_tissue *t = tissue_of(&o);
    const cit_puncture p[] = {{0.2, 0.22, 0.5, 0.15}, {0.29, 0.25, 2.5, 0.11}};
    double got[N * N * Z], one = 0, both = 0;
    for (int count = 1; count <= 2; count++) {
        const cit_punctures needles = {p, count, 0.1, 0.1, 0.35};
        OK(cit_tissue_needle_shares(t, &needles, got, NULL, &errs));
        double off = 0;
        for (int at = 0; at < N * N * Z; at++) {
            int inside = 0;
            for (int s = 0; s < P * P * P; s++) {
                const double x = (at % N + (s % P + 0.5) / P) * 0.03,
                             y = (at / N % N + (s / P % P + 0.5) / P) * 0.03,
                             z = (at / (N * N) + (s / (P * P) + 0.5) / P) * 0.03;
                bool in = false;
                for (int n = 0; n < count; n++) {
                    const double a = x - p[n].x_mm - tan(0.35) * cos(p[n].heading) * z,
                                 b = y - p[n].y_mm - tan(0.35) * sin(p[n].heading) * z;
                    const double along =
                                     (a * cos(p[n].heading) + b * sin(p[n].heading)) * cos(0.35),
                                 across = b * cos(p[n].heading) - a * sin(p[n].heading);
                    in = in || (along * along + across * across < 0.01 && z < p[n].depth_mm);
                }
                inside += in;
            }
            off = fmax(off, fabs((double)inside / (P * P * P) - got[at]));
        }
        *(count == 1 ? &one : &both) = off;
    }
    print_message("  shares: one needle off points by %.2g, two that overlap by %.2g\n", one, both);
    CHECK(one < 0.005, "one: %g", one);
    CHECK(both < 0.02, "two: %g", both);
    cit_tissue_free(t);
}

/* ---- bytes ------------------------------------------------------------------------------------- */

static cit_tissue *course_tissue(int threads, cit_precision precision) {
    cit_tissue_options o = options_of(20, 37, 9, 0.03);
    o.threads = threads;
    o.precision = precision;
    o.dip = (cit_dip){0.3, 0.5, 0.15, 0.06, 2};
    return tissue_of(&o);
}

static void course(cit_tissue *t, double from, double until) {
    const cit_puncture p[] = {{0.1, 0.3, 0, 0.2}, {0.4, 0.8, 1, 0.25}};
    if (from == 0) {
        prick(t, p, 2, 0.1);
        advance(t, 3);
    }
    if (from <= 3 && until > 3) {
        prick(t, p, 1, 0);
        advance(t, until);
    }
}

static void threads_change_no_byte(void **unused) {
    (void)unused;
    static const int threads[] = {1, 2, 3, 8};
    for (int precision = CIT_DOUBLE; precision <= CIT_SINGLE; precision++) {
        void *first = NULL;
        size_t size = 0;
        for (size_t i = 0; i < 4; i++) {
            cit_tissue *t = course_tissue(threads[i], precision);
            void *bytes = NULL;
            course(t, 0, 4);
            OK(cit_tissue_save(t, &bytes, &size, &errs));
            if (i == 0)
                first = bytes;
            else {
                CHECK(memcmp(first, bytes, size) == 0, "%d threads give other bytes", threads[i]);
                free(bytes);
            }
            cit_tissue_free(t);
        }
        free(first);
    }
}

static void a_restart_gives_the_same_bytes(void **unused) {
    (void)unused;
    cit_tissue *t = course_tissue(1, CIT_DOUBLE), *other = course_tissue(2, CIT_DOUBLE);
    void *middle = NULL, *want = NULL, *got = NULL;
    size_t size = 0, got_size = 0;
    course(t, 0, 3);
    OK(cit_tissue_save(t, &middle, &size, &errs));
    course(t, 3, 6);
    OK(cit_tissue_save(t, &want, &size, &errs));
    OK(cit_tissue_restore(other, middle, size, &errs));
    course(other, 3, 6);
    OK(cit_tissue_save(other, &got, &got_size, &errs));
    CHECK(size == got_size && memcmp(want, got, size) == 0, "a restart goes another way");
    /* Damage, another version, another tissue. */
    unsigned char *bytes = middle;
    for (int i = 0; i < 64; i++) {
        const size_t at = (size_t)(uniform("damage", 0, i) * (double)size);
        bytes[at] ^= (unsigned char)(1 << i % 8);
        CHECK(cit_tissue_restore(other, middle, size, NULL) == CIT_INVALID, "byte %zu", at);
        bytes[at] ^= (unsigned char)(1 << i % 8);
    }
    CHECK(cit_tissue_restore(other, middle, size - 8, NULL) == CIT_INVALID, "cut short");
    CHECK(cit_tissue_restore(other, middle, 10, NULL) == CIT_INVALID, "cut off");
    bytes[8] = 2;
    errs = (cit_errors){0};
    CHECK(cit_tissue_restore(other, middle, size, &errs) == CIT_INVALID &&
              strstr(errs.items[0].text, "version 2") != NULL,
          "%s", errs.items[0].text);
    bytes[8] = 3;
    cit_tissue *single = course_tissue(1, CIT_SINGLE);
    CHECK(cit_tissue_restore(single, middle, size, NULL) == CIT_INVALID, "another tissue");
    free(got);
    OK(cit_tissue_save(other, &got, &got_size, &errs));
    CHECK(memcmp(want, got, size) == 0, "a refusal changed something");
    free(middle);
    free(want);
    free(got);
    cit_tissue_free(t);
    cit_tissue_free(other);
    cit_tissue_free(single);
}

typedef struct patience {
    int asked, most;
} patience;

static bool has_patience(void *context, double share, const char *what) {
    patience *p = context;
    (void)what;
    CHECK(share >= 0 && share <= 1, "share %g", share);
    return ++p->asked < p->most;
}

/* At any step, those of backward Euler that start it too: what is kept goes on to the same bytes. */
static void work_can_be_stopped(void **unused) {
    (void)unused;
    static const struct {
        int asked;
        long euler_steps;
    } stops[] = {{1, 0}, {2, 1}, {4, 3}, {5, 4}, {9, 4}};
    cit_tissue_options o = options_of(12, 12, 6, 0.04);
    const cit_puncture p = {0.2, 0.2, 0, 0.2};
    cit_tissue *straight = tissue_of(&o);
    void *want = NULL, *got = NULL, *kept = NULL;
    size_t size = 0, again = 0;
    prick(straight, &p, 1, 0);
    advance(straight, 5);
    OK(cit_tissue_save(straight, &want, &size, &errs));
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        patience left = {0, stops[i].asked};
        const cit_progress progress = {has_patience, &left};
        cit_tissue *t = tissue_of(&o), *other = tissue_of(&o);
        prick(t, &p, 1, 0);
        CHECK(cit_tissue_advance(t, 5, &progress, &errs) == CIT_CANCELLED, "went on");
        CHECK(cit_tissue_stats_of(t).euler_steps == stops[i].euler_steps, "asked %d times: %ld",
              stops[i].asked, cit_tissue_stats_of(t).euler_steps);
        OK(cit_tissue_save(t, &kept, &size, &errs));
        OK(cit_tissue_restore(other, kept, size, &errs));
        advance(other, 5);
        OK(cit_tissue_save(other, &got, &again, &errs));
        CHECK(size == again && memcmp(want, got, size) == 0, "a stop leaves a trace");
        free(kept);
        free(got);
        cit_tissue_free(t);
        cit_tissue_free(other);
    }
    free(want);
    cit_tissue_free(straight);
}

static void what_no_step_can_keep_is_said(void **unused) {
    (void)unused;
    cit_tissue_options o = options_of(4, 4, 4, 0.05);
    cit_tissue *t = tissue_of(&o);
    const size_t n = voxels(t);
    double *crowd = numbers(n);
    for (size_t i = 0; i < n; i++) crowd[i] = 0.1;
    OK(cit_tissue_set(t, CIT_MYOFIBROBLASTS, crowd, &errs));
    double *before = state_of(t);
    errs = (cit_errors){0};
    CHECK(cit_tissue_advance(t, 1, NULL, &errs) == CIT_DIVERGED, "went on");
    CHECK(strstr(errs.items[0].text, "from day 0 no step") != NULL, "%s", errs.items[0].text);
    double *after = state_of(t);
    CHECK(memcmp(before, after, n * CIT_TISSUE_FIELDS * sizeof *after) == 0, "moved");
    CHECK(cit_tissue_stats_of(t).rejected < 20, "tried %ld times", cit_tissue_stats_of(t).rejected);
    free(crowd);
    free(before);
    free(after);
    cit_tissue_free(t);
}

/* ---- what is refused --------------------------------------------------------------------------- */

static void refused(const cit_tissue_options *o, cit_status status, const char *where) {
    cit_tissue *t = NULL;
    errs = (cit_errors){0};
    CHECK(cit_tissue_new(o, &t, &errs) == status && t == NULL, "accepted (%s)", where);
    CHECK(strcmp(errs.items[0].where, where) == 0, "blamed '%s', not '%s'", errs.items[0].where,
          where);
}

static void nonsense_is_refused(void **unused) {
    (void)unused;
    const cit_tissue_options good = options_of(6, 6, 6, 0.05);
    cit_tissue_options o = good;
    o.nx = 0;
    refused(&o, CIT_INVALID, "");
    o = good;
    o.dz_mm = (double)NAN;
    refused(&o, CIT_INVALID, "");
    o = good;
    o.dip = (cit_dip){0.1, 0.1, 0.1, 0.4, 2};
    refused(&o, CIT_INVALID, "dip");
    o.dip = (cit_dip){0.1, (double)NAN, 0.1, 0.1, 2};
    refused(&o, CIT_INVALID, "dip");
    o = good;
    o.memory_bytes = 1000;
    refused(&o, CIT_NOMEM, "memory");
    o.nx = o.ny = o.nz = 2000;
    o.memory_bytes = 24e9;
    refused(&o, CIT_NOMEM, "memory");
    o = good;
    o.set_point = 2;
    refused(&o, CIT_INVALID, "parameters");
    o = good;
    o.tolerance = (double)NAN;
    refused(&o, CIT_INVALID, "options");
    o = good;
    o.threads = -1;
    refused(&o, CIT_INVALID, "threads");
    double floors[36] = {0};
    o = good;
    o.floor_mm = floors;
    floors[7] = 0.3;
    refused(&o, CIT_INVALID, "floor_mm");
    cit_kinetics bad = *good.kinetics;
    bad.D_G = (double)NAN;
    o = good;
    o.kinetics = &bad;
    refused(&o, CIT_INVALID, "parameters");
    o = good;
    o.dx_mm = 0.12;
    cit_tissue *t = tissue_of(&o);
    const cit_puncture p = {0.2, 0.2, 0, 0.2}, nowhere = {(double)NAN, 0, 0, 0.1};
    cit_punctures needles = {&p, 1, 0.1, 0.035, 0};
    errs = (cit_errors){0};
    CHECK(cit_tissue_visit(t, &needles, &errs) == CIT_INVALID &&
              strcmp(errs.items[0].where, "grid") == 0,
          "a grid that cannot resolve a channel");
    needles = (cit_punctures){&nowhere, 1, 0.2, 0.035, 0};
    CHECK(cit_tissue_visit(t, &needles, NULL) == CIT_INVALID, "a puncture nowhere");
    CHECK(cit_tissue_advance(t, (double)NAN, NULL, NULL) == CIT_INVALID, "no day");
    CHECK(cit_tissue_advance(t, -1, NULL, NULL) == CIT_INVALID, "yesterday");
    double none[216] = {(double)NAN};
    CHECK(cit_tissue_set(t, CIT_TGF, none, NULL) == CIT_INVALID, "no number");
    CHECK(cit_tissue_day(t) == 0, "moved");
    cit_tissue_free(t);
    cit_tissue_free(NULL);
}

static void memory_is_known_beforehand(void **unused) {
    (void)unused;
    cit_tissue_options o = options_of(200, 200, 80, 0.025);
    const double voxel = 200.0 * 200 * 80, fields = CIT_TISSUE_FIELDS;
    const double even = cit_tissue_bytes(&o) / voxel;
    o.dip = (cit_dip){2.5, 2.5, 1, 0.3, 2};
    const double dipped = cit_tissue_bytes(&o) / voxel;
    o.precision = CIT_SINGLE;
    const double single = cit_tissue_bytes(&o) / voxel;
    print_message("  bytes a voxel: %.0f, with a dip %.0f, in single precision %.0f; a field %.1f, "
                  "%.1f, %.1f\n",
                  even, dipped, single, even / fields, dipped / fields, single / fields);
    CHECK(dipped / fields <= 26.5 && single / fields <= 14, "%.1f and %.1f bytes a field",
          dipped / fields, single / fields);
}

T_MAIN(CASE(time_is_second_order), CASE(layered_space_is_second_order), CASE(greens_function),
       CASE(a_fresh_channel_is_followed), CASE(single_precision_is_close),
       CASE(steps_of_its_own_are_as_good), CASE(what_moves_is_kept), CASE(the_balance_closes),
       CASE(bounds_hold_under_abuse), CASE(symmetry_is_kept), CASE(untreated_stays_to_the_bit),
       CASE(a_far_needle_leaves_a_scar_alone), CASE(without_diffusion_voxels_are_alone),
       CASE(thin_grids_agree_with_thick_ones), CASE(an_even_wound_is_a_column),
       CASE(needles_keep_their_volume), CASE(shares_are_those_of_points),
       CASE(threads_change_no_byte), CASE(a_restart_gives_the_same_bytes),
       CASE(work_can_be_stopped), CASE(what_no_step_can_keep_is_said), CASE(nonsense_is_refused),
       CASE(memory_is_known_beforehand))
