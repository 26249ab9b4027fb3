/* The whole course against CVODE's BDF method: the equations written a second time, another integrator
 * with a Jacobian by differences, at a tolerance a thousand times finer. */
#include "column_help.h"
#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>

enum { K = CIT_COLUMN_LAYERS, SINGLE = CIT_LAYER_FIELDS * K };

/* What flows over the border below layer k, of a field that diffuses. */
static double flow(const double *u, double diffusion, double dz, int k) {
    return k < 0 || k == K - 1 ? 0 : diffusion * (u[k] - u[k + 1]) / dz;
}

/* Cells enter a layer as far as it has room: D_F [(1 - M) grad F + F grad M], means at the border. */
static double cell_flow(const double *F, const double *M, double diffusion, double dz, int k) {
    if (k < 0 || k == K - 1) return 0;
    const double room = 1 - 0.5 * (M[k] + M[k + 1]), cells = 0.5 * (F[k] + F[k + 1]);
    return diffusion * (room * (F[k] - F[k + 1]) + cells * (M[k] - M[k + 1])) / dz;
}

/* Equations of docs/models/healing.md, layer by layer, from flows over borders. */
static int rhs(realtype t, N_Vector y_vector, N_Vector dy_vector, void *model) {
    const cit_column *c = model;
    const cit_kinetics *p = &c->kinetics;
    const double *y = N_VGetArrayPointer(y_vector), dz = dermis_mm / K;
    double *dy = N_VGetArrayPointer(dy_vector);
    const double *I = y + K, *R = y + 2 * K, *G = y + 3 * K, *F = y + 4 * K, *M = y + 5 * K;
    const double *one = y + SINGLE;
    const double h_f = sqrt(p->D_G * p->d_G);
    const double G_bottom = G[K - 1] / (1 + h_f * dz / (2 * p->D_G)); /* at the border to fat */
    double building = 0, breaking = 0, mean_M = 0;
    (void)t;
    for (int k = 0; k < K; k++) {
        const double D = y[k], N = y[6 * K + k], C = y[7 * K + k], S = y[8 * K + k];
        const double H = G[k] / (p->K_G + G[k]), P = I[k] * I[k] / (p->K_P + I[k]);
        const double turned = p->k_FM * H * F[k];
        const double G_out = k == K - 1 ? h_f * G_bottom : flow(G, p->D_G, dz, k);
        dy[k] = -p->k_D * D;
        dy[K + k] = p->s_I * c->priming[k] * p->D_s * D / (p->D_s + D) - p->d_I * I[k] +
                    (flow(I, p->D_I, dz, k - 1) - flow(I, p->D_I, dz, k)) / dz;
        dy[2 * K + k] = p->k_R * I[k] - p->d_R * R[k] +
                        (flow(R, p->D_R, dz, k - 1) - flow(R, p->D_R, dz, k)) / dz;
        dy[3 * K + k] = p->p_D * D + p->p_R * R[k] + p->p_M * M[k] - p->d_G * G[k] +
                        (flow(G, p->D_G, dz, k - 1) - G_out) / dz;
        dy[4 * K + k] = p->r_F * (1 + p->a_F * H) * F[k] * (1 - F[k] - M[k]) - turned +
                        (cell_flow(F, M, p->D_F, dz, k - 1) - cell_flow(F, M, p->D_F, dz, k)) / dz;
        dy[5 * K + k] = turned - p->d_M * M[k];
        dy[6 * K + k] = p->sigma * (H * F[k] + p->eta * M[k]) * (p->C_max - N - C) - p->k_mat * N -
                        p->e_N * P * N;
        dy[7 * K + k] = p->k_mat * N + p->b * (S - N - C) - p->e_C * P * C;
        dy[8 * K + k] = P > p->P_c ? -p->s_x * (P - p->P_c) * S : 0;
        building += (H * F[k] + M[k]) / K;
        breaking += P / K;
        mean_M += M[k] / K;
    }
    const double raised = c->counts_raised && mean_M > p->M_h ? p->s_h * (mean_M - p->M_h) : 0;
    dy[SINGLE + CIT_ELASTIN_STATE] = p->b_E * (1 - one[CIT_ELASTIN_STATE]) +
                                     p->s_E * building * (p->E_max - one[CIT_ELASTIN_STATE]) -
                                     p->e_E * breaking * one[CIT_ELASTIN_STATE];
    dy[SINGLE + CIT_TETHER] = p->k_RT * M[K - 1] * (1 - one[CIT_TETHER]);
    dy[SINGLE + CIT_REDNESS] = p->k_e * (I[0] - one[CIT_REDNESS]);
    dy[SINGLE + CIT_PIGMENT_LOAD] = pigment_rate * I[0] - one[CIT_PIGMENT_LOAD] / p->tau_m;
    dy[SINGLE + CIT_RAISED] = raised - one[CIT_RAISED] / p->tau_X;
    return 0;
}

typedef struct solver {
    void *cvode;
    N_Vector y;
    SUNMatrix matrix;
    SUNLinearSolver linear;
} solver;

static solver solver_new(SUNContext context, cit_column *column) {
    const int n = cit_column_size(column);
    solver s = {.cvode = CVodeCreate(CV_BDF, context), .y = N_VNew_Serial(n, context)};
    s.matrix = SUNDenseMatrix(n, n, context);
    s.linear = SUNLinSol_Dense(s.y, s.matrix, context);
    cit_column_start(column, N_VGetArrayPointer(s.y));
    CHECK(CVodeInit(s.cvode, rhs, 0, s.y) == CV_SUCCESS, "CVodeInit");
    CHECK(CVodeSStolerances(s.cvode, 1e-11, 1e-14) == CV_SUCCESS, "tolerances");
    CHECK(CVodeSetLinearSolver(s.cvode, s.linear, s.matrix) == CV_SUCCESS, "linear solver");
    CVodeSetUserData(s.cvode, column);
    CVodeSetMaxNumSteps(s.cvode, 1000000);
    return s;
}

static void solver_free(solver *s) {
    CVodeFree(&s->cvode);
    SUNLinSolFree(s->linear);
    SUNMatDestroy(s->matrix);
    N_VDestroy(s->y);
}

/* Integrates a stretch without events and keeps the states wanted in it. */
static void stretch(solver *s, double from, double to, const double *times, int count,
                    double *values) {
    const size_t n = (size_t)N_VGetLength(s->y);
    double t = from;
    CHECK(CVodeReInit(s->cvode, from, s->y) == CV_SUCCESS, "CVodeReInit");
    CVodeSetStopTime(s->cvode, to);
    for (int i = 0; i < count; i++) {
        if (times[i] <= from || times[i] > to) continue;
        const int flag = CVode(s->cvode, times[i], s->y, &t, CV_NORMAL);
        CHECK(flag >= 0, "CVode stopped with %d at day %g", flag, t);
        memcpy(values + n * (size_t)i, N_VGetArrayPointer(s->y), n * sizeof *values);
    }
    const int flag = t < to ? CVode(s->cvode, to, s->y, &t, CV_NORMAL) : 0;
    CHECK(flag >= 0, "CVode stopped with %d at day %g", flag, t);
}

/* The events again, written without looking at the engine: visits, and raised scar counting from 60
 * days after a visit unless another one comes first. */
static void reference(SUNContext context, const plan *p, const double *times, int count,
                      double *values) {
    cit_column column = p->column;
    solver s = solver_new(context, &column);
    const double end = times[count - 1];
    for (int i = 0; i < p->visits; i++) {
        const double day = p->days[i], next = i + 1 < p->visits ? p->days[i + 1] : end;
        const double counts_from = fmin(day + 60, next);
        cit_column_visit(&column, &p->wounds[i], 0.3, 0.4, N_VGetArrayPointer(s.y));
        stretch(&s, day, counts_from, times, count, values);
        column.counts_raised = true;
        if (counts_from < next) stretch(&s, counts_from, next, times, count, values);
    }
    solver_free(&s);
}

/* Also how much scar was raised and how far the top set point fell: both ought to be met somewhere. */
static double worst_error(SUNContext context, const plan *p, double *ret_raised,
                          double *ret_abused) {
    enum { TIMES = 30 };
    static double got[TIMES * CIT_COLUMN_SIZE_MAX], want[TIMES * CIT_COLUMN_SIZE_MAX];
    double times[TIMES], worst = 0;
    for (int i = 0; i < TIMES; i++) times[i] = 400 * (i + 1.0) / TIMES;
    reference(context, p, times, TIMES, want);
    run_plan(&cit_ode_rodas, 1e-8, p, times, TIMES, got);
    const double *last = want + (TIMES - 1) * cit_column_size(&p->column);
    *ret_raised = last[SINGLE + CIT_RAISED];
    *ret_abused = scar_set_point - last[CIT_SET_POINT * K];
    for (int i = 0; i < TIMES * cit_column_size(&p->column); i++)
        worst = fmax(worst, fabs(got[i] - want[i]) / (fabs(want[i]) + 1e-3));
    return worst;
}

/* Monthly, fortnightly, weekly and rare visits; draw 19 is needled every other day until the set point
 * falls; draw 20 has myofibroblasts that stay, so that raised scar is met. */
static void drawn_plan(int draw, plan *p) {
    static const double gaps[] = {28, 14, 7, 75};
    const bool abused = draw == 19;
    cit_kinetics k = kinetics_of(draw);
    if (abused) k.P_c = 3;
    if (draw == 20) k.p_M *= 6;
    const cit_column c = column_of(&k, CIT_COLUMN_LAYERS, scar_set_point);
    const double reach = between(0.3, 1.2, "reach", draw, 0);
    const cit_wound wound = wound_of(&c, reach, draw % 5 == 4 ? 4000 : 250);
    plan_visits(p, &c, abused ? 12 : 4, abused ? 2 : gaps[draw % 4], &wound);
}

static void the_course_agrees_with_cvode(void **state) {
    (void)state;
    SUNContext context;
    double worst = 0, raised = 0, abused = 0;
    CHECK(SUNContext_Create(NULL, &context) == 0, "no context");
    for (int draw = 0; draw <= 20; draw++) {
        plan p;
        drawn_plan(draw, &p);
        double mm = 0, fall = 0;
        const double error = worst_error(context, &p, &mm, &fall);
        CHECK(error <= 1e-6, "draw %d: off by %g of |y| + 1e-3", draw, error);
        worst = fmax(worst, error);
        raised = fmax(raised, mm);
        abused = fmax(abused, fall);
    }
    SUNContext_Free(&context);
    print_message(
        "# largest difference %.1e of |y| + 1e-3; raised up to %.2f mm, set point down %.4f\n",
        worst, raised, abused);
    CHECK(raised > 0.01 && abused > 0, "raised %g mm, set point down %g: not met", raised, abused);
}

T_MAIN(CASE(the_course_agrees_with_cvode))
