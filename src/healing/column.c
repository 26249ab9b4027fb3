/* The column: its equations (made from data/equations/column.eq) for any integrator, and visits. */
#include "column_equations.h"
#include "healing_impl.h"
#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

_Static_assert((int)CIT_LAYER_FIELDS == (int)COLUMN_FIELDS,
               "fields of the table and of the header");
_Static_assert((int)CIT_SINGLE_FIELDS == (int)COLUMN_SINGLES,
               "singles of the table and of the header");

int cit_column_size(const cit_column *c) {
    return CIT_LAYER_FIELDS * c->layers + CIT_SINGLE_FIELDS;
}

/* ---- right side ---------------------------------------------------------------------------- */

enum { F = COLUMN_FIELDS, S = COLUMN_SINGLES };

static inline void sum_to_means(double *sums, int layers) {
    for (int i = 0; i < COLUMN_MEANS; i++) sums[i] /= layers;
}

/* Takes the number of layers as an argument and is inlined, so that three layers, the case that matters,
 * compile to straight code. */
static inline __attribute__((always_inline)) void
rhs(const cit_column *restrict c, const int K, const double *restrict y, double *restrict dy) {
    double means[COLUMN_MEANS] = {0};
    for (int k = 0; k < K; k++) {
        double rates[F];
        column_layer_rates(c, y, K, k, rates, means);
        if (k > 0) column_beside_rates(c, y, K, k, k - 1, rates);
        if (k < K - 1) column_beside_rates(c, y, K, k, k + 1, rates);
        for (int i = 0; i < F; i++) dy[i * K + k] = rates[i];
    }
    sum_to_means(means, K);
    column_single_rates(c, y, K, means, dy + (ptrdiff_t)F * K);
}

CIT_WIDE static void rhs_three(const void *model, const double *y, double *dy) {
    rhs(model, 3, y, dy);
}

static void rhs_any(const void *model, const double *y, double *dy) {
    rhs(model, ((const cit_column *)model)->layers, y, dy);
}

/* ---- (c I - J)^-1 --------------------------------------------------------------------------- */

/* By layer the matrix is block tridiagonal; the singles come last, as no field depends on them. All of
 * it is negated Jacobian but for c on the diagonal. */
typedef struct layer_factors {
    double block[F * F]; /* its own, eliminated and factored */
    double pivots[F];
    double above[F * F]; /* by the fields of the layer above */
    double below[F * F]; /* block^-1 times the entries by the layer below */
    double singles[S * F];
} layer_factors;
typedef struct single_factors {
    double block[S * S], pivots[S];
} single_factors;

static int work_size(int layers) {
    return (int)((sizeof(single_factors) + sizeof(layer_factors) * (size_t)layers) /
                 sizeof(double));
}

static void negate(double *a, int n) {
    for (int i = 0; i < n; i++) a[i] = -a[i];
}

/* block -= above * (below of the layer above) */
static void eliminate(layer_factors *w, const layer_factors *upper) {
    for (int i = 0; i < F; i++)
        for (int k = 0; k < F; k++) {
            const double a = w->above[i * F + k];
            if (a == 0) continue;
            for (int j = 0; j < F; j++) w->block[i * F + j] -= a * upper->below[k * F + j];
        }
}

/* Its columns, one after the other. */
static void divide_by_block(layer_factors *w) {
    for (int j = 0; j < F; j++) {
        double x[F];
        for (int i = 0; i < F; i++) x[i] = w->below[i * F + j];
        cit_dense_solve(w->block, w->pivots, F, x);
        for (int i = 0; i < F; i++) w->below[i * F + j] = x[i];
    }
}

/* The Jacobian, by blocks. */
static void slopes(const cit_column *column, const double *y, single_factors *s, layer_factors *w) {
    const int K = column->layers;
    double means[COLUMN_MEANS] = {0}, unused[F];
    for (int k = 0; k < K; k++) column_layer_rates(column, y, K, k, unused, means);
    sum_to_means(means, K);
    for (int k = 0; k < K; k++) {
        column_layer_slopes(column, y, K, k, w[k].block);
        if (k > 0) column_beside_slopes(column, y, K, k, k - 1, w[k].block, w[k].above);
        if (k < K - 1) column_beside_slopes(column, y, K, k, k + 1, w[k].block, w[k].below);
        column_single_field_slopes(column, y, K, k, means, w[k].singles);
    }
    column_single_slopes(column, y, K, means, s->block);
}

static void factor(const void *model, const double *y, double c, double *work) {
    const cit_column *column = model;
    const int K = column->layers;
    single_factors *s = (single_factors *)(void *)work;
    layer_factors *w = (layer_factors *)(void *)(s + 1);
    memset(work, 0, sizeof *work * (size_t)work_size(K));
    slopes(column, y, s, w);
    for (int k = 0; k < K; k++) {
        negate(w[k].block, F * F);
        negate(w[k].above, F * F);
        negate(w[k].below, F * F);
        negate(w[k].singles, S * F);
        for (int i = 0; i < F; i++) w[k].block[i * F + i] += c;
        if (k > 0) eliminate(&w[k], &w[k - 1]);
        cit_dense_factor(w[k].block, w[k].pivots, F);
        if (k < K - 1) divide_by_block(&w[k]);
    }
    negate(s->block, S * S);
    for (int i = 0; i < S; i++) s->block[i * S + i] += c;
    cit_dense_factor(s->block, s->pivots, S);
}

void cit_column_jacobian(const cit_column *column, const double *y, double *J) {
    const int K = column->layers, n = cit_column_size(column);
    layer_factors w[CIT_LAYERS_MAX];
    single_factors s = {0};
    memset(w, 0, sizeof *w * (size_t)K); /* not all there is room for: solvers ask often */
    memset(J, 0, sizeof *J * (size_t)n * (size_t)n);
    slopes(column, y, &s, w);
    for (int k = 0; k < K; k++)
        for (int j = 0; j < F; j++) {
            for (int i = 0; i < F; i++) {
                double *row = J + (ptrdiff_t)(i * K + k) * n + (ptrdiff_t)j * K;
                row[k] = w[k].block[i * F + j];
                if (k > 0) row[k - 1] = w[k].above[i * F + j];
                if (k < K - 1) row[k + 1] = w[k].below[i * F + j];
            }
            for (int i = 0; i < S; i++)
                J[(ptrdiff_t)(F * K + i) * n + j * K + k] = w[k].singles[i * F + j];
        }
    for (int i = 0; i < S; i++)
        for (int j = 0; j < S; j++) J[(ptrdiff_t)(F * K + i) * n + F * K + j] = s.block[i * S + j];
}

/* x -= a u, a with `rows` rows of F. */
static void take_away(double *x, const double *a, int rows, const double *u) {
    for (int i = 0; i < rows; i++) {
        double sum = 0;
        for (int j = 0; j < F; j++) sum += a[i * F + j] * u[j];
        x[i] -= sum;
    }
}

static void solve(const void *model, const double *work, double *x) {
    const int K = ((const cit_column *)model)->layers;
    const single_factors *s = (const single_factors *)(const void *)work;
    const layer_factors *w = (const layer_factors *)(const void *)(s + 1);
    double u[CIT_LAYERS_MAX][F];
    double *singles = x + (ptrdiff_t)F * K;
    for (int k = 0; k < K; k++) {
        for (int i = 0; i < F; i++) u[k][i] = x[i * K + k];
        if (k > 0) take_away(u[k], w[k].above, F, u[k - 1]);
        cit_dense_solve(w[k].block, w[k].pivots, F, u[k]);
    }
    for (int k = K - 2; k >= 0; k--) take_away(u[k], w[k].below, F, u[k + 1]);
    for (int k = 0; k < K; k++) {
        take_away(singles, w[k].singles, S, u[k]);
        for (int i = 0; i < F; i++) x[i * K + k] = u[k][i];
    }
    cit_dense_solve(s->block, s->pivots, S, singles);
}

/* Debris only matters while it is there: the reference wound's own relative tolerance is enough. */
const double column_slack_three[CIT_LAYER_FIELDS * 3 + CIT_SINGLE_FIELDS] = {
    1000, 1000, 1000, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1,    1,    1,    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

cit_ode_system cit_column_system(const cit_column *c) {
    return (cit_ode_system){.n = cit_column_size(c),
                            .model = c,
                            .rhs = c->layers == 3 ? rhs_three : rhs_any,
                            .factor = factor,
                            .solve = solve,
                            .work_size = work_size(c->layers),
                            .slack = c->layers == 3 ? column_slack_three : NULL};
}

/* ---- making a column ------------------------------------------------------------------------ */

static cit_status check_kinetics(const cit_kinetics *k, double set_point, cit_errors *errs) {
    const double rates[] = {k->k_D, k->s_I, k->d_I, k->pi_I, k->k_R,   k->d_R, k->p_D,   k->p_R,
                            k->p_M, k->d_G, k->r_F, k->a_F,  k->k_FM,  k->d_M, k->sigma, k->eta,
                            k->b,   k->b_E, k->e_N, k->e_C,  k->s_E,   k->e_E, k->D_G,   k->D_I,
                            k->D_R, k->D_F, k->k_e, k->k_RT, k->k_mat, k->s_x, k->s_h};
    const double scales[] = {k->K_G, k->K_P, k->D_s, k->tau_m, k->tau_X, k->E_max};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        if (!(rates[i] >= 0 && rates[i] < 1e6))
            return cit_fail(errs, CIT_INVALID, "parameters", "a rate is negative or not a number");
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++)
        if (!(scales[i] > 0))
            return cit_fail(errs, CIT_INVALID, "parameters", "a scale is not > 0");
    if (k->k_mat < k->b)
        return cit_fail(errs, CIT_INVALID, "parameters", "k_mat must be at least b");
    if (!(set_point >= 0 && set_point <= k->C_max))
        return cit_fail(errs, CIT_INVALID, "parameters", "the set point must lie from 0 to C_max");
    return CIT_OK;
}

cit_status cit_column_make(const cit_kinetics *kinetics, double top_mm, double thickness_mm,
                           int layers, double set_point, double pigment_rate, cit_column *ret,
                           cit_errors *errs) {
    const cit_status st = check_kinetics(kinetics, set_point, errs);
    if (st != CIT_OK) return st;
    if (layers < 1 || layers > CIT_LAYERS_MAX || !(thickness_mm > 0))
        return cit_fail(errs, CIT_INVALID, "column", "%d layers in %g mm cannot be", layers,
                        thickness_mm);
    memset(ret, 0, sizeof *ret);
    const double dz = thickness_mm / layers, per = 1 / (dz * dz);
    ret->kinetics = *kinetics;
    ret->layers = layers;
    for (int k = 0; k <= layers; k++) ret->edges_mm[k] = top_mm + dz * k;
    for (int k = 0; k < layers; k++) {
        ret->set_point[k] = set_point;
        ret->viable[k] = 1;
        ret->priming[k] = 1;
    }
    ret->pigment_rate = pigment_rate;
    ret->pigment_fading = 1 / kinetics->tau_m;
    ret->raised_fading = 1 / kinetics->tau_X;
    ret->exchange_I = kinetics->D_I * per;
    ret->exchange_R = kinetics->D_R * per;
    ret->exchange_G = kinetics->D_G * per;
    ret->exchange_F = kinetics->D_F * per;
    /* Fat below is a half-space with the same diffusion and loss: flux h_f G at the border. */
    const double h_f = sqrt(kinetics->D_G * kinetics->d_G);
    ret->loss_G = kinetics->D_G > 0 ? h_f / (1 + h_f * dz / (2 * kinetics->D_G)) / dz : 0;
    return CIT_OK;
}

void cit_column_start(const cit_column *c, double *y) {
    const int K = c->layers;
    memset(y, 0, sizeof *y * (size_t)cit_column_size(c));
    for (int k = 0; k < K; k++) {
        y[CIT_FIBROBLASTS * K + k] = 1;
        y[CIT_COLLAGEN * K + k] = c->set_point[k];
        y[CIT_SET_POINT * K + k] = c->set_point[k];
    }
    y[CIT_LAYER_FIELDS * K + CIT_ELASTIN_STATE] = 1;
    y[CIT_LAYER_FIELDS * K + CIT_TETHER] = 1;
}

void cit_column_visit(cit_column *c, const cit_wound *wound, double c_cut, double band_floor,
                      double *y) {
    const int K = c->layers;
    for (int k = 0; k < K; k++) {
        const double R = y[CIT_MACROPHAGES * K + k], hole = wound->hole[k];
        c->priming[k] = 1 + c->kinetics.pi_I * R / (1 + R);
        y[CIT_DEBRIS * K + k] += wound->debris[k];
        /* Half of the cells in a channel are lost, and mature collagen parts five times as easily as new
         * collagen is cut; assumed. */
        y[CIT_FIBROBLASTS * K + k] *= 1 - 0.5 * hole;
        y[CIT_MYOFIBROBLASTS * K + k] *= 1 - 0.5 * hole;
        y[CIT_NEW_COLLAGEN * K + k] *= 1 - c_cut * hole;
        y[CIT_COLLAGEN * K + k] *= 1 - 0.2 * c_cut * hole;
    }
    double *tether = &y[CIT_LAYER_FIELDS * K + CIT_TETHER];
    if (*tether > band_floor) *tether = band_floor + (*tether - band_floor) * (1 - wound->band_cut);
    c->counts_raised = false;
}

/* ---- thresholds ---------------------------------------------------------------------------- */

double cit_loop_gain(const cit_kinetics *k) {
    return k->p_M * k->k_FM / (k->K_G * k->d_G * k->d_M);
}

double cit_column_loop_limit(const cit_column *c) {
    double diagonal[CIT_LAYERS_MAX], off[CIT_LAYERS_MAX];
    for (int k = 0; k < c->layers; k++) {
        const int beside = (k > 0) + (k < c->layers - 1);
        diagonal[k] = beside * c->exchange_G + (k == c->layers - 1 ? c->loss_G : 0);
        off[k] = -c->exchange_G;
    }
    return 1 + cit_tridiagonal_smallest(diagonal, off, c->layers) / c->kinetics.d_G;
}

cit_lambda cit_column_lambda(const cit_kinetics *k, double density) {
    const double q2 = 4 * pi * pi * density; /* (2 pi / spacing)^2 */
    return (cit_lambda){k->D_I * q2 / k->d_I, k->D_R * q2 / k->d_R, k->D_G * q2 / k->d_G};
}

bool cit_column_is_homogenised(const cit_kinetics *k, double density) {
    const cit_lambda lambda = cit_column_lambda(k, density);
    return lambda.inflammation >= CIT_LAMBDA_MIN_INFLAMMATION &&
           lambda.macrophages >= CIT_LAMBDA_MIN_MACROPHAGES && lambda.tgf >= CIT_LAMBDA_MIN_TGF;
}
