/* When may a column stand for punctured skin? A resolved cell around one puncture of a square pattern,
 * uniform in depth, against a column of one layer with the same mean wound.
 *
 * The cell is periodic and symmetric, so a quarter of it is enough: finite volumes, the equations of
 * docs/models/healing.md written a second time, inflammation, macrophages, TGF-beta and fibroblasts
 * diffusing in the plane; CVODE's BDF with a banded Jacobian by differences. Debris decays by itself
 * and is known in closed form. The set point is held, so that lasting loss, which is local, is not part
 * of the comparison. The table and what it does not cover: docs/models/homogenisation.md. */
#include "column_help.h"
#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <sunlinsol/sunlinsol_band.h>
#include <sunmatrix/sunmatrix_band.h>

enum { I, R, G, F, M, N, C, FIELDS };
enum { SIDE_MAX = 16, CELLS_MAX = SIDE_MAX * SIDE_MAX };

static const double pi = 3.14159265358979323846, halo_mm = 0.1, hole_mm = 0.035, c_cut = 0.3;

typedef struct cell {
    cit_kinetics kinetics;
    double spacing;           /* between punctures, mm */
    bool even;                /* the wound is spread over the cell */
    bool saturates_at_points; /* the signal of debris; else with the mean, as in a column */
    int side;                 /* finite volumes along a side of the quarter */
    double width[SIDE_MAX];
    double debris[CELLS_MAX], priming[CELLS_MAX], mean_debris; /* just after the last visit */
    double last_visit;
} cell;

/* ---- space ---------------------------------------------------------------------------------- */

/* Widths grow by a constant factor away from the puncture where equal ones would be coarser there than
 * a third of the halo; equal where punctures move. */
static void cell_grid(cell *c, int side, bool equal) {
    const double half = 0.5 * c->spacing, finest = 0.24 / side;
    double lo = 1, hi = 4, factor = 1, width = half / side;
    if (!equal && width > finest) {
        for (int i = 0; i < 60; i++) {
            factor = 0.5 * (lo + hi);
            if (finest * (pow(factor, side) - 1) / (factor - 1) < half)
                lo = factor;
            else
                hi = factor;
        }
        width = finest;
    }
    c->side = side;
    for (int i = 0; i < side; i++) c->width[i] = width * pow(factor, i);
}

static double cell_area(const cell *c, int at) {
    return c->width[at % c->side] * c->width[at / c->side];
}

static double cell_mean(const cell *c, const double *values, int stride) {
    double sum = 0;
    for (int i = 0; i < c->side * c->side; i++) sum += values[stride * i] * cell_area(c, i);
    return sum / (0.25 * c->spacing * c->spacing);
}

/* Share of each volume within a disc about a corner of the quarter, from many points in it, scaled so
 * that the disc's area is exact. */
static void disc_share(const cell *c, double radius, bool far_corner, double *share) {
    enum { POINTS = 40 };
    const int n = c->side;
    const double half = 0.5 * c->spacing, mean = pi * radius * radius / (c->spacing * c->spacing);
    double left[SIDE_MAX + 1] = {0};
    for (int i = 0; i < n; i++) left[i + 1] = left[i] + c->width[i];
    for (int at = 0; at < n * n; at++) {
        int inside = 0;
        for (int p = 0; p < POINTS * POINTS; p++) {
            double x = left[at % n] + (p % POINTS + 0.5) / POINTS * c->width[at % n];
            double y = left[at / n] + (p / POINTS + 0.5) / POINTS * c->width[at / n];
            if (far_corner) {
                x = half - x;
                y = half - y;
            }
            inside += x * x + y * y < radius * radius;
        }
        share[at] = (double)inside / (POINTS * POINTS);
    }
    const double scale = mean / cell_mean(c, share, 1);
    for (int at = 0; at < n * n; at++) share[at] = c->even ? mean : scale * share[at];
}

/* ---- right side ----------------------------------------------------------------------------- */

static void react(const cell *c, double t, int at, const double *y, double *dy) {
    const cit_kinetics *p = &c->kinetics;
    const double decayed = exp(-p->k_D * (t - c->last_visit)), D = c->debris[at] * decayed;
    const double crowd = c->saturates_at_points ? D : c->mean_debris * decayed;
    const double H = y[G] / (y[G] + p->K_G), P = y[I] * y[I] / (y[I] + p->K_P);
    const double turned = p->k_FM * H * y[F];
    dy[I] = p->s_I * c->priming[at] * D * p->D_s / (p->D_s + crowd) - p->d_I * y[I];
    dy[R] = p->k_R * y[I] - p->d_R * y[R];
    dy[G] = p->p_D * D + p->p_R * y[R] + p->p_M * y[M] - p->d_G * y[G];
    dy[F] = p->r_F * (1 + p->a_F * H) * y[F] * (1 - y[F] - y[M]) - turned;
    dy[M] = turned - p->d_M * y[M];
    dy[N] = p->sigma * (H * y[F] + p->eta * y[M]) * (p->C_max - y[N] - y[C]) -
            (p->k_mat + p->e_N * P) * y[N];
    dy[C] = p->k_mat * y[N] + p->b * (scar_set_point - y[N] - y[C]) - p->e_C * P * y[C];
}

/* What flows from one volume into the one beside it, over both widths. */
static void exchange(const cell *c, int a, int b, double width_a, double width_b, const double *y,
                     double *dy) {
    const cit_kinetics *p = &c->kinetics;
    const double *u = y + FIELDS * a, *v = y + FIELDS * b, per = 2 / (width_a + width_b);
    const double flow[] = {p->D_I * (u[I] - v[I]), p->D_R * (u[R] - v[R]), p->D_G * (u[G] - v[G]),
                           p->D_F * (u[F] * (1 - v[M]) - v[F] * (1 - u[M]))};
    for (int f = I; f <= F; f++) {
        dy[FIELDS * a + f] -= per * flow[f] / width_a;
        dy[FIELDS * b + f] += per * flow[f] / width_b;
    }
}

static int rhs(realtype t, N_Vector y_vector, N_Vector dy_vector, void *model) {
    const cell *c = model;
    const int n = c->side;
    const double *y = N_VGetArrayPointer(y_vector);
    double *dy = N_VGetArrayPointer(dy_vector);
    for (int at = 0; at < n * n; at++) react(c, t, at, y + FIELDS * at, dy + FIELDS * at);
    for (int i = 0; i + 1 < n; i++)
        for (int j = 0; j < n; j++) {
            exchange(c, j * n + i, j * n + i + 1, c->width[i], c->width[i + 1], y, dy);
            exchange(c, i * n + j, (i + 1) * n + j, c->width[i], c->width[i + 1], y, dy);
        }
    return 0;
}

/* ---- a course ------------------------------------------------------------------------------- */

/* Visits `gap` apart and the gain 60 days after the last; every other one between the punctures of the
 * one before it if they move. */
typedef struct schedule {
    int visits;
    double gap;
    bool moves;
} schedule;

static void puncture(cell *c, double day, bool far_corner, double *y) {
    double halo[CELLS_MAX], hole[CELLS_MAX];
    const double decayed = exp(-c->kinetics.k_D * (day - c->last_visit));
    disc_share(c, halo_mm, far_corner, halo);
    disc_share(c, hole_mm, far_corner, hole);
    for (int at = 0; at < c->side * c->side; at++) {
        double *u = y + FIELDS * at;
        c->debris[at] = c->debris[at] * decayed + halo[at] / defaults().needling.phi_ref;
        c->priming[at] = 1 + c->kinetics.pi_I * u[R] / (1 + u[R]);
        u[F] *= 1 - 0.5 * hole[at];
        u[M] *= 1 - 0.5 * hole[at];
        u[N] *= 1 - c_cut * hole[at];
        u[C] *= 1 - 0.2 * c_cut * hole[at];
    }
    c->mean_debris = cell_mean(c, c->debris, 1);
    c->last_visit = day;
}

static void untreated(cell *c, double *y) {
    memset(c->debris, 0, sizeof c->debris);
    c->last_visit = 0;
    for (int at = 0; at < c->side * c->side; at++) {
        memset(y + FIELDS * at, 0, sizeof *y * FIELDS);
        y[FIELDS * at + F] = 1;
        y[FIELDS * at + C] = scar_set_point;
    }
}

static void integrate_visits(cell *c, const schedule *s, void *cvode, N_Vector y) {
    for (int i = 0; i < s->visits; i++) {
        const double day = s->gap * i, stop = i + 1 < s->visits ? day + s->gap : day + 60;
        double t = day;
        puncture(c, day, s->moves && i % 2 == 1, N_VGetArrayPointer(y));
        CHECK(CVodeReInit(cvode, day, y) == CV_SUCCESS, "CVodeReInit");
        CVodeSetStopTime(cvode, stop);
        const int flag = CVode(cvode, stop, y, &t, CV_NORMAL);
        CHECK(flag >= 0, "CVode stopped with %d at day %g", flag, t);
    }
}

static double gain_of_cell(cell *c, const schedule *s, double rtol) {
    /* Beside its own field a volume's fibroblasts feel the next field of the neighbour: + 1. */
    const int n = FIELDS * c->side * c->side, band = FIELDS * c->side + 1;
    SUNContext context;
    CHECK(SUNContext_Create(NULL, &context) == 0, "no context");
    N_Vector y = N_VNew_Serial(n, context);
    SUNMatrix matrix = SUNBandMatrix(n, band, band, context);
    SUNLinearSolver linear = SUNLinSol_Band(y, matrix, context);
    void *cvode = CVodeCreate(CV_BDF, context);
    untreated(c, N_VGetArrayPointer(y));
    CHECK(CVodeInit(cvode, rhs, 0, y) == CV_SUCCESS, "CVodeInit");
    CHECK(CVodeSStolerances(cvode, rtol, 1e-3 * rtol) == CV_SUCCESS, "tolerances");
    CHECK(CVodeSetLinearSolver(cvode, linear, matrix) == CV_SUCCESS, "linear solver");
    CVodeSetUserData(cvode, c);
    CVodeSetMaxNumSteps(cvode, 100000);
    integrate_visits(c, s, cvode, y);
    const double *values = N_VGetArrayPointer(y);
    const double gain =
        cell_mean(c, values + N, FIELDS) + cell_mean(c, values + C, FIELDS) - scar_set_point;
    CVodeFree(&cvode);
    SUNLinSolFree(linear);
    SUNMatDestroy(matrix);
    N_VDestroy(y);
    SUNContext_Free(&context);
    return gain;
}

static double gain_of_column(const cell *c, const schedule *s) {
    const double cell_mm2 = c->spacing * c->spacing;
    cit_kinetics k = c->kinetics;
    k.s_x = 0;
    cit_column column = column_of(&k, 1, scar_set_point);
    column.loss_G = 0;
    const cit_wound wound = {
        .layers = 1,
        .debris = {pi * halo_mm * halo_mm / cell_mm2 / defaults().needling.phi_ref},
        .hole = {pi * hole_mm * hole_mm / cell_mm2}};
    plan p;
    plan_visits(&p, &column, s->visits, s->gap, &wound);
    return gain_at(&p, s->gap * (s->visits - 1) + 60);
}

/* ---- the comparison ------------------------------------------------------------------------- */

/* 8 x 8 volumes in the quarter and CVODE at 1e-4: both checked below to be enough for 0.5 % here. */
enum { SIDE = 8 };
static const double cell_rtol = 1e-4;
static const schedule once = {.visits = 1}, monthly = {.visits = 4, .gap = 28},
                      weekly = {.visits = 4, .gap = 7};

/* By how much of the cell's gain the column's is above it. */
static double error_of(cell *c, const schedule *s) {
    return gain_of_column(c, s) / gain_of_cell(c, s, cell_rtol) - 1;
}

static cell cell_of(const cit_kinetics *kinetics, double spacing) {
    cell c = {.kinetics = *kinetics, .spacing = spacing};
    cell_grid(&c, SIDE, false);
    return c;
}

static cit_kinetics kinetics_with(double D_I, double D_R, double D_G) {
    cit_kinetics k = kinetics_of(0);
    k.D_I = D_I;
    k.D_R = D_R;
    k.D_G = D_G;
    return k;
}

static void an_even_wound_makes_the_cell_the_column(void **state) {
    (void)state;
    for (int draw = 0; draw < 4; draw++) {
        const cit_kinetics k = kinetics_of(draw);
        cell c = {.kinetics = k, .spacing = 0.5, .even = true};
        cell_grid(&c, 2, true);
        for (int i = 0; i < 2; i++) {
            const schedule *s = i ? &weekly : &once;
            const double got = gain_of_cell(&c, s, 1e-7), want = gain_of_column(&c, s);
            CHECK_CLOSE(got, want, 1e-5 * want);
        }
    }
}

/* On the worst row of the table. */
static void a_finer_cell_and_tolerance_say_the_same(void **state) {
    (void)state;
    const cit_kinetics k = kinetics_with(0.03, 0.003, 0.03);
    cell coarse = cell_of(&k, 2.6), fine = coarse;
    cell_grid(&fine, 2 * SIDE, false);
    const double gain = gain_of_cell(&coarse, &once, cell_rtol);
    const double finer = gain_of_cell(&fine, &once, cell_rtol);
    const double stricter = gain_of_cell(&coarse, &once, 0.01 * cell_rtol);
    print_message("# gain %.5f, with half the widths %.5f, with rtol / 100 %.5f\n", gain, finer,
                  stricter);
    CHECK_CLOSE(gain, finer, 5e-3 * finer);
    CHECK_CLOSE(gain, stricter, 5e-4 * stricter);
}

static void above_the_limits_the_column_gains_what_the_cell_does(void **state) {
    (void)state;
    static const double spacings[] = {0.45, 0.63, 1.0, 1.5, 2.6}, D_I[] = {0.03, 0.29},
                        D_R[] = {0.003, 0.03}, D_G[] = {0.03, 0.29};
    double worst_above = 0, worst_below = 0;
    int above = 0;
    print_message(
        "# |    s |  D_I |   D_R |  D_G | Lambda_I | Lambda_R | Lambda_G | one visit | four "
        "visits |\n");
    for (int i = 0; i < 40; i++) {
        const double s = spacings[i / 8], density = 1 / (s * s);
        const cit_kinetics k = kinetics_with(D_I[i / 4 % 2], D_R[i / 2 % 2], D_G[i % 2]);
        const cit_lambda lambda = cit_column_lambda(&k, density);
        cell c = cell_of(&k, s);
        const double one = error_of(&c, &once), four = error_of(&c, &monthly);
        const double worse = fmax(fabs(one), fabs(four));
        print_message(
            "# | %.2f | %.2f | %.3f | %.2f | %8.2f | %8.2f | %8.2f | %+7.2f %% | %+8.2f %% |\n", s,
            k.D_I, k.D_R, k.D_G, lambda.inflammation, lambda.macrophages,
            4 * pi * pi * density * k.D_G / k.d_G, 100 * one, 100 * four);
        if (!cit_column_is_homogenised(&k, density)) {
            worst_below = fmax(worst_below, worse);
            continue;
        }
        above++;
        worst_above = fmax(worst_above, worse);
        CHECK(worse <= 0.05, "s %g, Lambda_I %g, Lambda_R %g: off by %g", s, lambda.inflammation,
              lambda.macrophages, worse);
    }
    print_message("# %d rows above the limits, off by at most %.1f %%; below them %.1f %%\n", above,
                  100 * worst_above, 100 * worst_below);
    CHECK(above >= 10 && worst_below > 0.05, "%d rows above, %g below: the limits separate nothing",
          above, worst_below);
}

/* The worst of three draws of kinetics with Lambda_I and Lambda_R at their limits. */
static double worst_at_the_limits(double spacing, double least_lambda_G) {
    const double q2 = 4 * pi * pi / (spacing * spacing);
    double worst = 0;
    for (int draw = 1; draw < 4; draw++) {
        cit_kinetics k = kinetics_of(draw);
        k.D_I = CIT_LAMBDA_MIN_INFLAMMATION * k.d_I / q2;
        k.D_R = CIT_LAMBDA_MIN_MACROPHAGES * k.d_R / q2;
        k.D_G = fmax(0.03, least_lambda_G * k.d_G / q2); /* bound to matrix: the worst case */
        cell c = cell_of(&k, spacing);
        const double one = error_of(&c, &once), four = error_of(&c, &weekly);
        worst = fmax(worst, fmax(fabs(one), fabs(four)));
    }
    return worst;
}

static void at_the_limits_drawn_kinetics_agree_too(void **state) {
    (void)state;
    static const double spacings[] = {0.63, 1.0, 1.5, 2.6};
    for (int i = 0; i < 4; i++) {
        const double worst = worst_at_the_limits(spacings[i], CIT_LAMBDA_MIN_TGF);
        print_message("# at the limits, s %.2f: off by at most %.2f %%\n", spacings[i],
                      100 * worst);
        CHECK(worst <= 0.05, "s %g: off by %g", spacings[i], worst);
    }
}

/* Why Lambda_G has a limit: with the other two at theirs, and it far below its own, 5 % fails. */
static void without_the_limit_on_lambda_g_five_per_cent_fails(void **state) {
    (void)state;
    const double worst = worst_at_the_limits(2.6, 0);
    print_message("# s 2.60 and D_G 0.03: off by at most %.2f %%\n", 100 * worst);
    CHECK(worst > 0.05 && worst < 0.08, "off by %g", worst);
}

/* A thousandth is allowed for what the two grids differ by. */
static void punctures_that_move_are_no_worse(void **state) {
    (void)state;
    static const schedule moving = {.visits = 4, .gap = 28, .moves = true};
    for (int i = 0; i < 2; i++) {
        const cit_kinetics k = kinetics_with(0.03, 0.003, i ? 0.03 : 0.29);
        cell same = cell_of(&k, i ? 1.0 : 0.63), moved = same;
        cell_grid(&moved, SIDE, true);
        const double stays = error_of(&same, &monthly), moves = error_of(&moved, &moving);
        print_message("# s %.2f, D_G %.2f: same place %+.2f %%, moved by half a cell %+.2f %%\n",
                      same.spacing, k.D_G, 100 * stays, 100 * moves);
        CHECK(fabs(moves) <= fabs(stays) + 1e-3, "moving is off by %g, staying by %g", moves,
              stays);
    }
}

/* The column's signal saturates with the debris of the neighbourhood. Were it to saturate point by
 * point, inside each halo, no even spread would bring the two together: this holds the figures of
 * docs/models/homogenisation.md. Finer cells come to +33 % and +16 %. */
static void a_signal_that_saturates_at_points_is_another_model(void **state) {
    (void)state;
    const cit_kinetics k = kinetics_with(0.29, 0.03, 0.29);
    cell c = cell_of(&k, 0.63);
    c.saturates_at_points = true;
    const double one = error_of(&c, &once), four = error_of(&c, &monthly);
    print_message("# saturating at points: one visit %+.1f %%, four %+.1f %%\n", 100 * one,
                  100 * four);
    CHECK_CLOSE(one, 0.33, 0.04);
    CHECK_CLOSE(four, 0.16, 0.03);
}

T_MAIN(CASE(an_even_wound_makes_the_cell_the_column), CASE(a_finer_cell_and_tolerance_say_the_same),
       CASE(above_the_limits_the_column_gains_what_the_cell_does),
       CASE(at_the_limits_drawn_kinetics_agree_too),
       CASE(without_the_limit_on_lambda_g_five_per_cent_fails),
       CASE(punctures_that_move_are_no_worse),
       CASE(a_signal_that_saturates_at_points_is_another_model))
