/* The column: right side, Jacobian and visits.
 *
 *   D' = -k_D D
 *   I' = s_I Q D / (1 + D/D_s) - d_I I + exchange
 *   R' = k_R I - d_R R + exchange
 *   G' = p_D D + p_R R + p_M M - d_G G + exchange, lost into fat at the bottom
 *   F' = r_F (1 + a_F H) F (1 - F - M) - k_FM H F + exchange that fills volume
 *   M' = k_FM H F - d_M M
 *   N' = sigma v (H F + eta M)(C_max - N - C) - k_mat N - e_N P N
 *   C' = k_mat N + b (S - N - C) - e_C P C
 *   S' = -s_x max(0, P - P_c) S
 *   H = G/(K_G + G),  P = I^2/(K_P + I),  Q = 1 + pi_I R0/(1 + R0), R0 the macrophages before the visit
 *
 * The fibroblast flux from layer j to k is D_F [F_j (1 - M_k) - F_k (1 - M_j)] / dz^2: nobody moves
 * into a full layer, so F + M <= 1 stays true.
 *
 * The Jacobian couples downwards only: D -> I -> R -> (G, F, M) -> (N, C, S) -> the single values; I
 * and R are tridiagonal, (G, F, M) is block tridiagonal with 3 x 3 blocks. The solver uses that. The
 * functions take the number of layers as an argument and are inlined, so that three layers, the case
 * that matters, compile to straight code. */
#include <cit/healing.h>
#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

static const double pi = 3.14159265358979323846;

int cit_column_size(const cit_column *c) {
    return CIT_LAYER_FIELDS * c->layers + CIT_SINGLE_FIELDS;
}

/* ---- right side ---------------------------------------------------------------------------- */

/* What layer k of u gains from its neighbours. */
INLINE double exchanged(const double *u, int K, int k, double rate) {
    double e = 0;
    if (k > 0) e += u[k - 1] - u[k];
    if (k < K - 1) e += u[k + 1] - u[k];
    return rate * e;
}

INLINE double fibroblast_flux(const double *F, const double *M, int j, int k) {
    return F[j] * (1 - M[k]) - F[k] * (1 - M[j]);
}

INLINE void rhs(const cit_column *restrict c, const int K, const double *restrict y,
                double *restrict dy) {
    const cit_kinetics *p = &c->kinetics;
    const double *D = y, *I = y + K, *R = y + 2 * K, *G = y + 3 * K, *F = y + 4 * K, *M = y + 5 * K,
                 *N = y + 6 * K, *C = y + 7 * K, *S = y + 8 * K, *single = y + 9 * K;
    double *dsingle = dy + 9 * K;
    double active = 0, collagenase = 0, myofibroblasts = 0;
    for (int k = 0; k < K; k++) {
        const double H = G[k] / (p->K_G + G[k]), P = I[k] * I[k] / (p->K_P + I[k]);
        const double free_volume = 1 - F[k] - M[k];
        const double making =
            c->viable[k] * p->sigma * (H * F[k] + p->eta * M[k]) * (p->C_max - N[k] - C[k]);
        double flux = 0;
        if (k > 0) flux += fibroblast_flux(F, M, k - 1, k);
        if (k < K - 1) flux += fibroblast_flux(F, M, k + 1, k);

        dy[k] = -p->k_D * D[k];
        dy[K + k] = p->s_I * c->priming[k] * p->D_s * D[k] / (p->D_s + D[k]) - p->d_I * I[k] +
                    exchanged(I, K, k, c->exchange_I);
        dy[2 * K + k] = p->k_R * I[k] - p->d_R * R[k] + exchanged(R, K, k, c->exchange_R);
        dy[3 * K + k] = p->p_D * D[k] + p->p_R * R[k] + p->p_M * M[k] - p->d_G * G[k] +
                        exchanged(G, K, k, c->exchange_G) - (k == K - 1 ? c->loss_G * G[k] : 0);
        dy[4 * K + k] = p->r_F * (1 + p->a_F * H) * F[k] * free_volume - p->k_FM * H * F[k] +
                        c->exchange_F * flux;
        dy[5 * K + k] = p->k_FM * H * F[k] - p->d_M * M[k];
        dy[6 * K + k] = making - (p->k_mat + p->e_N * P) * N[k];
        dy[7 * K + k] = p->k_mat * N[k] + p->b * (S[k] - N[k] - C[k]) - p->e_C * P * C[k];
        dy[8 * K + k] = P > p->P_c ? -p->s_x * (P - p->P_c) * S[k] : 0;
        active += H * F[k] + M[k];
        collagenase += P;
        myofibroblasts += M[k];
    }
    const double E = single[CIT_ELASTIN_STATE];
    const double share = 1.0 / K;
    dsingle[CIT_ELASTIN_STATE] = p->b_E * (1 - E) + p->s_E * share * active * (p->E_max - E) -
                                 p->e_E * share * collagenase * E;
    dsingle[CIT_TETHER] = p->k_RT * M[K - 1] * (1 - single[CIT_TETHER]);
    dsingle[CIT_REDNESS] = p->k_e * (I[0] - single[CIT_REDNESS]);
    dsingle[CIT_PIGMENT_LOAD] =
        c->pigment_rate * I[0] - c->pigment_fading * single[CIT_PIGMENT_LOAD];
    const double lasting = c->counts_raised ? share * myofibroblasts - p->M_h : 0;
    dsingle[CIT_RAISED] =
        (lasting > 0 ? p->s_h * lasting : 0) - c->raised_fading * single[CIT_RAISED];
}

/* ---- (c I - J)^-1 --------------------------------------------------------------------------- */

/* One layer's share of a tridiagonal solver: elimination, or a row of the inverse of three layers. */
typedef struct chain_work {
    double pivot, upper;
    double row[3];
} chain_work;

/* What `factor` leaves for `solve`, a layer. */
typedef struct layer_work {
    double D;                              /* 1 / pivot */
    double I_D;                            /* dI'/dD */
    double inverse[9];                     /* of the eliminated 3 x 3 block of (G, F, M) */
    double beside_G, beside_FF, beside_FM; /* entries of the blocks beside it, negated Jacobian */
    double N_G, N_F, N_M, N_I;             /* dN'/d... */
    double nc[4];                          /* inverse of the (N, C) block */
    double C_I;
    double S, S_I;
    double E_G, E_F, E_M, E_I;
} layer_work;

typedef struct single_work {
    double E, T, Y, W, X; /* 1 / pivot */
    double T_M, X_M;
} single_work;

/* The work block: the single values', both chains', then the layers'. All of it is doubles. */
static int work_size(int layers) {
    const size_t a_layer = 2 * sizeof(chain_work) + sizeof(layer_work);
    return (int)((sizeof(single_work) + a_layer * (size_t)layers) / sizeof(double));
}

INLINE void invert3(const double a[9], double inv[9]) {
    const double c0 = a[4] * a[8] - a[5] * a[7], c1 = a[5] * a[6] - a[3] * a[8],
                 c2 = a[3] * a[7] - a[4] * a[6];
    const double r = 1 / (a[0] * c0 + a[1] * c1 + a[2] * c2);
    inv[0] = r * c0;
    inv[1] = r * (a[2] * a[7] - a[1] * a[8]);
    inv[2] = r * (a[1] * a[5] - a[2] * a[4]);
    inv[3] = r * c1;
    inv[4] = r * (a[0] * a[8] - a[2] * a[6]);
    inv[5] = r * (a[2] * a[3] - a[0] * a[5]);
    inv[6] = r * c2;
    inv[7] = r * (a[1] * a[6] - a[0] * a[7]);
    inv[8] = r * (a[0] * a[4] - a[1] * a[3]);
}

/* a -= L(this) inverse(above) U(above); the blocks beside the diagonal have three entries each. */
INLINE void eliminate(double a[9], const layer_work *here, const layer_work *above) {
    const double *v = above->inverse;
    double vu[9]; /* inverse * U; U = [[g, 0, 0], [0, f, m], [0, 0, 0]] */
    for (int i = 0; i < 3; i++) {
        vu[3 * i] = v[3 * i] * above->beside_G;
        vu[3 * i + 1] = v[3 * i + 1] * above->beside_FF;
        vu[3 * i + 2] = v[3 * i + 1] * above->beside_FM;
    }
    for (int j = 0; j < 3; j++) {
        a[j] -= here->beside_G * vu[j];
        a[3 + j] -= here->beside_FF * vu[3 + j] + here->beside_FM * vu[6 + j];
    }
}

/* The i-th layer when (G, F, M) is eliminated from both ends towards the middle one, K / 2, which comes
 * last: two short chains of dependent steps instead of a long one. */
INLINE int from_the_ends(const int K, int i) {
    const int mid = K / 2;
    if (i < mid) return i;
    return i < K - 1 ? K - 1 - (i - mid) : mid;
}

/* The inverse of the symmetric 3 x 3 tridiagonal matrix with these diagonals. */
INLINE void invert_chain(const double diagonal[3], double rate, double inverse[9]) {
    const double a[9] = {diagonal[0], -rate, 0, -rate, diagonal[1], -rate, 0, -rate, diagonal[2]};
    invert3(a, inverse);
}

/* The tridiagonal matrices of inflammation and macrophages, which do not depend on the state. With three
 * layers the inverse itself is kept: a shorter chain of dependent steps than elimination. */
INLINE void factor_chains(const cit_column *col, const int K, const double c, chain_work *I,
                          chain_work *R) {
    double I_diag[CIT_LAYERS_MAX], R_diag[CIT_LAYERS_MAX];
    for (int k = 0; k < K; k++) {
        const int beside = (k > 0) + (k < K - 1);
        I_diag[k] = c + col->kinetics.d_I + beside * col->exchange_I;
        R_diag[k] = c + col->kinetics.d_R + beside * col->exchange_R;
    }
    if (K == 3) {
        double I_inverse[9], R_inverse[9];
        invert_chain(I_diag, col->exchange_I, I_inverse);
        invert_chain(R_diag, col->exchange_R, R_inverse);
        for (int k = 0; k < 3; k++) {
            memcpy(I[k].row, I_inverse + 3 * k, sizeof I[k].row);
            memcpy(R[k].row, R_inverse + 3 * k, sizeof R[k].row);
        }
        return;
    }
    for (int k = 0; k < K; k++) {
        const double I_above = k > 0 ? col->exchange_I * I[k - 1].upper : 0;
        const double R_above = k > 0 ? col->exchange_R * R[k - 1].upper : 0;
        I[k].pivot = 1 / (I_diag[k] - I_above);
        I[k].upper = col->exchange_I * I[k].pivot;
        R[k].pivot = 1 / (R_diag[k] - R_above);
        R[k].upper = col->exchange_R * R[k].pivot;
    }
}

INLINE void factor(const cit_column *col, const int K, const double *y, const double c,
                   double *work) {
    const cit_kinetics *p = &col->kinetics;
    const double *D = y, *I = y + K, *G = y + 3 * K, *F = y + 4 * K, *M = y + 5 * K, *N = y + 6 * K,
                 *C = y + 7 * K, *S = y + 8 * K, *single = y + 9 * K;
    single_work *s = (single_work *)(void *)work;
    chain_work *I_chain = (chain_work *)(void *)(s + 1), *R_chain = I_chain + K;
    layer_work *w = (layer_work *)(void *)(R_chain + K);
    const double E = single[CIT_ELASTIN_STATE], share = 1.0 / K;
    double active = 0, collagenase = 0, myofibroblasts = 0;

    factor_chains(col, K, c, I_chain, R_chain);
    for (int i = 0; i < K; i++) {
        const int k = from_the_ends(K, i), mid = K / 2;
        const bool above = k > 0 && k <= mid, below = k < K - 1 && k >= mid;
        layer_work *l = &w[k];
        const int beside = (k > 0) + (k < K - 1);
        const double g = 1 / (p->K_G + G[k]), H = G[k] * g, dH = p->K_G * g * g;
        const double q = 1 / (p->K_P + I[k]), P = I[k] * I[k] * q,
                     dP = I[k] * (I[k] + 2 * p->K_P) * q * q;
        const double sat = p->D_s / (p->D_s + D[k]);
        const double grow = p->r_F * (1 + p->a_F * H), free_volume = 1 - F[k] - M[k];
        const double v = col->viable[k] * p->sigma, room = p->C_max - N[k] - C[k],
                     making = v * (H * F[k] + p->eta * M[k]);
        double F_beside = 0, room_beside = 0;
        if (k > 0) {
            F_beside += F[k - 1];
            room_beside += 1 - M[k - 1];
        }
        if (k < K - 1) {
            F_beside += F[k + 1];
            room_beside += 1 - M[k + 1];
        }

        l->D = 1 / (c + p->k_D);
        l->I_D = p->s_I * col->priming[k] * sat * sat;

        l->beside_G = -col->exchange_G;
        l->beside_FF = -col->exchange_F * (1 - M[k]);
        l->beside_FM = -col->exchange_F * F[k];
        double a[9] = {
            c + p->d_G + beside * col->exchange_G + (k == K - 1 ? col->loss_G : 0),
            0,
            -p->p_M,
            (p->k_FM - p->r_F * p->a_F * free_volume) * dH * F[k],
            c - grow * (free_volume - F[k]) + p->k_FM * H + col->exchange_F * room_beside,
            grow * F[k] + col->exchange_F * F_beside,
            -p->k_FM * dH * F[k],
            -p->k_FM * H,
            c + p->d_M,
        };
        if (above) eliminate(a, l, &w[k - 1]);
        if (below) eliminate(a, l, &w[k + 1]);
        invert3(a, l->inverse);

        l->N_G = v * dH * F[k] * room;
        l->N_F = v * H * room;
        l->N_M = v * p->eta * room;
        l->N_I = -p->e_N * dP * N[k];
        l->C_I = -p->e_C * dP * C[k];
        const double nn = c + making + p->k_mat + p->e_N * P, nc = making, cn = p->b - p->k_mat,
                     cc = c + p->b + p->e_C * P, r = 1 / (nn * cc - nc * cn);
        l->nc[0] = r * cc;
        l->nc[1] = -r * nc;
        l->nc[2] = -r * cn;
        l->nc[3] = r * nn;

        const bool abused = P > p->P_c;
        l->S = 1 / (c + (abused ? p->s_x * (P - p->P_c) : 0));
        l->S_I = abused ? -p->s_x * dP * S[k] : 0;

        const double elastin_room = p->s_E * share * (p->E_max - E);
        l->E_G = elastin_room * dH * F[k];
        l->E_F = elastin_room * H;
        l->E_M = elastin_room;
        l->E_I = -p->e_E * share * dP * E;
        active += H * F[k] + M[k];
        collagenase += P;
        myofibroblasts += M[k];
    }
    s->E = 1 / (c + p->b_E + share * (p->s_E * active + p->e_E * collagenase));
    s->T = 1 / (c + p->k_RT * M[K - 1]);
    s->T_M = p->k_RT * (1 - single[CIT_TETHER]);
    s->Y = 1 / (c + p->k_e);
    s->W = 1 / (c + col->pigment_fading);
    s->X = 1 / (c + col->raised_fading);
    s->X_M = col->counts_raised && share * myofibroblasts > p->M_h ? p->s_h * share : 0;
}

INLINE void solve_chain(const int K, double *u, double rate, const chain_work *w) {
    if (K == 3) {
        const double a = u[0], b = u[1], c = u[2];
        for (int k = 0; k < 3; k++) u[k] = w[k].row[0] * a + w[k].row[1] * b + w[k].row[2] * c;
        return;
    }
    for (int k = 0; k < K; k++) u[k] = (u[k] + (k > 0 ? rate * u[k - 1] : 0)) * w[k].pivot;
    for (int k = K - 2; k >= 0; k--) u[k] += w[k].upper * u[k + 1];
}

INLINE void solve(const cit_column *col, const int K, const double *work, double *x) {
    const cit_kinetics *p = &col->kinetics;
    const single_work *s = (const single_work *)(const void *)work;
    const chain_work *I_chain = (const chain_work *)(const void *)(s + 1), *R_chain = I_chain + K;
    const layer_work *w = (const layer_work *)(const void *)(R_chain + K);
    double *D = x, *I = x + K, *R = x + 2 * K, *G = x + 3 * K, *F = x + 4 * K, *M = x + 5 * K,
           *N = x + 6 * K, *C = x + 7 * K, *S = x + 8 * K, *single = x + 9 * K;

    for (int k = 0; k < K; k++) {
        D[k] *= w[k].D;
        I[k] += w[k].I_D * D[k];
    }
    solve_chain(K, I, col->exchange_I, I_chain);
    for (int k = 0; k < K; k++) R[k] += p->k_R * I[k];
    solve_chain(K, R, col->exchange_R, R_chain);

    const int mid = K / 2;
    for (int i = 0; i < K; i++) {
        const int k = from_the_ends(K, i);
        const bool above = k > 0 && k <= mid, below = k < K - 1 && k >= mid;
        const double *v = w[k].inverse;
        double g = G[k] + p->p_D * D[k] + p->p_R * R[k], f = F[k];
        const double m = M[k];
        if (above) {
            g -= w[k].beside_G * G[k - 1];
            f -= w[k].beside_FF * F[k - 1] + w[k].beside_FM * M[k - 1];
        }
        if (below) {
            g -= w[k].beside_G * G[k + 1];
            f -= w[k].beside_FF * F[k + 1] + w[k].beside_FM * M[k + 1];
        }
        G[k] = v[0] * g + v[1] * f + v[2] * m;
        F[k] = v[3] * g + v[4] * f + v[5] * m;
        M[k] = v[6] * g + v[7] * f + v[8] * m;
    }
    for (int i = K - 2; i >= 0; i--) {
        const int k = from_the_ends(K, i), j = k < mid ? k + 1 : k - 1; /* j: nearer the middle */
        const double *v = w[k].inverse;
        const double g = w[k].beside_G * G[j], f = w[k].beside_FF * F[j] + w[k].beside_FM * M[j];
        G[k] -= v[0] * g + v[1] * f;
        F[k] -= v[3] * g + v[4] * f;
        M[k] -= v[6] * g + v[7] * f;
    }

    double elastin = single[CIT_ELASTIN_STATE], raised = single[CIT_RAISED];
    for (int k = 0; k < K; k++) {
        const layer_work *l = &w[k];
        S[k] = (S[k] + l->S_I * I[k]) * l->S;
        const double n = N[k] + l->N_G * G[k] + l->N_F * F[k] + l->N_M * M[k] + l->N_I * I[k];
        const double m = C[k] + l->C_I * I[k] + p->b * S[k];
        N[k] = l->nc[0] * n + l->nc[1] * m;
        C[k] = l->nc[2] * n + l->nc[3] * m;
        elastin += l->E_G * G[k] + l->E_F * F[k] + l->E_M * M[k] + l->E_I * I[k];
        raised += s->X_M * M[k];
    }
    single[CIT_ELASTIN_STATE] = elastin * s->E;
    single[CIT_TETHER] = (single[CIT_TETHER] + s->T_M * M[K - 1]) * s->T;
    single[CIT_REDNESS] = (single[CIT_REDNESS] + p->k_e * I[0]) * s->Y;
    single[CIT_PIGMENT_LOAD] = (single[CIT_PIGMENT_LOAD] + col->pigment_rate * I[0]) * s->W;
    single[CIT_RAISED] = raised * s->X;
}

CIT_WIDE static void rhs_3(const void *m, const double *y, double *dy) { rhs(m, 3, y, dy); }
CIT_WIDE static void factor_3(const void *m, const double *y, double c, double *w) {
    factor(m, 3, y, c, w);
}
CIT_WIDE static void solve_3(const void *m, const double *w, double *x) { solve(m, 3, w, x); }

static void rhs_any(const void *m, const double *y, double *dy) {
    rhs(m, ((const cit_column *)m)->layers, y, dy);
}
static void factor_any(const void *m, const double *y, double c, double *w) {
    factor(m, ((const cit_column *)m)->layers, y, c, w);
}
static void solve_any(const void *m, const double *w, double *x) {
    solve(m, ((const cit_column *)m)->layers, w, x);
}

/* Debris only matters while it is there: the reference wound's own relative tolerance is enough. */
static const double slack_three[CIT_LAYER_FIELDS * 3 + CIT_SINGLE_FIELDS] = {
    1000, 1000, 1000, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1,    1,    1,    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

cit_ode_system cit_column_system(const cit_column *c) {
    const bool three = c->layers == 3;
    return (cit_ode_system){.n = cit_column_size(c),
                            .model = c,
                            .rhs = three ? rhs_3 : rhs_any,
                            .factor = three ? factor_3 : factor_any,
                            .solve = three ? solve_3 : solve_any,
                            .work_size = work_size(c->layers),
                            .slack = three ? slack_three : NULL};
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
