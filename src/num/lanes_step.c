/* One RODAS5P step of as many systems as a vector has lanes, and its interpolant. Built once for each
 * instruction set, with CIT_LANES the lanes of a vector and CIT_LANES_NAME its name.
 *
 * RODAS5P: Rosenbrock, eight stages, order 5 with an embedded 4, stiffly accurate, dense output of order 4
 * (Steinebach, BIT Numerical Mathematics 63:27, 2023). Stage i solves
 *   (1/(gamma h) I - J) k_i = f(y + sum_j<i a_ij k_j) + sum_j<i c_ij k_j / h;
 * the arguments of the last two are those of the stage before and its k, the result is that of the last and
 * its k, and the last k is the error. */
#include "num_impl.h"
#include <math.h>

typedef cit_lanes_vector vector;
typedef long long mask __attribute__((vector_size(8 * CIT_LANES), aligned(8 * CIT_LANES)));

static inline __attribute__((always_inline)) vector magnitude(vector a) {
    return (vector)((mask)a & 0x7fffffffffffffffLL);
}

/* Bit patterns of doubles that are not negative are in the doubles' order. */
static inline __attribute__((always_inline)) vector larger(vector a, vector b) {
    const mask first = (mask)a > (mask)b;
    return (vector)(((mask)a & first) | ((mask)b & ~first));
}

/* t = y_new = t + k of the last stage. Squares of the errors, which are that k, relative to what is
 * allowed, summed in pairs with one division for two. */
static vector finish(const lanes_block *b, int n, const vector *restrict y, vector *restrict t,
                     const vector *restrict k) {
    const double *atol = b->atol;
    const vector zero = {0};
    vector sum = zero;
    int i = 0;
    for (; i + 1 < n; i += 2) {
        const vector y0 = t[i] += k[i], y1 = t[i + 1] += k[i + 1];
        const vector s0 = atol[i] + b->rtol * larger(magnitude(y[i]), magnitude(y0)),
                     s1 = atol[i + 1] + b->rtol * larger(magnitude(y[i + 1]), magnitude(y1));
        const vector p = k[i] * s1, q = k[i + 1] * s0, s = s0 * s1;
        sum += (p * p + q * q) / (s * s);
    }
    for (; i < n; i++) {
        const vector y0 = t[i] += k[i];
        const vector e = k[i] / (atol[i] + b->rtol * larger(magnitude(y[i]), magnitude(y0)));
        sum += e * e;
    }
    return sum;
}

enum { ARGUMENTS = 6 }; /* stages with a row of their own in a */

static const double gamma_inverse = 1 / 0.21193756319429014;
static const double a[ARGUMENTS][ARGUMENTS - 1] = {
    {0},
    {3.0},
    {2.849394379747939, 0.45842242204463923},
    {-6.954028509809101, 2.489845061869568, -10.358996098473584},
    {2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641},
    {-7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256,
     0.030198172008377946}};
static const double c[LANES_STAGES][LANES_STAGES - 1] = {
    {0},
    {-14.155112264123755},
    {-17.97296035885952, -2.859693295451294},
    {147.12150275711716, -1.41221402718213, 71.68940251302358},
    {165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306},
    {24.854864614690072, -3.0009227002832186, 47.4931110020768, 5.5814197821558125,
     -0.6610691825249471},
    {30.91273214028599, -3.1208243349937974, 77.79954646070892, 34.28646028294783,
     -19.097331116725623, -28.087943162872662},
    {37.80277123390563, -3.2571969029072276, 112.26918849496327, 66.9347231244047,
     -40.06618937091002, -54.66780262877968, -9.48861652309627}};
static const double dense[LANES_DENSE][LANES_STAGES] = {
    {25.948786856663858, -2.5579724845846235, 10.433815404888879, -2.3679251022685204,
     0.524948541321073, 1.1241088310450404, 0.4272876194431874, -0.17202221070155493},
    {-9.91568850695171, -0.9689944594115154, 3.0438037242978453, -24.495224566215796,
     20.176138334709044, 15.98066361424651, -6.789040303419874, -6.710236069923372},
    {11.419903575922262, 2.8879645146136994, 72.92137995996029, 80.12511834622643,
     -52.072871366152654, -59.78993625266729, -0.15582684282751913, 4.883087185713722}};

static inline vector *of_lanes(double *p) { return (vector *)(void *)p; }

/* The argument of a stage to y_new, and what its k begins with, r = 1/h. Inlined for each stage, so that the
 * loops over the stages before become straight code. */
static inline __attribute__((always_inline)) void prepare(const lanes_block *b, const int n,
                                                          const vector r, const int stage) {
    const vector *restrict y = of_lanes(b->y);
    vector *restrict t = of_lanes(b->y_new), *restrict k = of_lanes(b->k[stage]);
    const vector *before[LANES_STAGES];
    vector cr[LANES_STAGES];
    for (int j = 0; j < stage; j++) {
        before[j] = of_lanes(b->k[j]);
        cr[j] = c[stage][j] * r;
    }
    for (int i = 0; i < n; i++) {
        /* cppcheck-suppress uninitvar ; a stage has one before it */
        vector sum = cr[0] * before[0][i];
        for (int j = 1; j < stage; j++) sum += cr[j] * before[j][i];
        k[i] = sum;
        if (stage < ARGUMENTS) {
            sum = y[i];
            for (int j = 0; j < stage; j++) sum += a[stage][j] * before[j][i];
            t[i] = sum;
        } else {
            t[i] += before[stage - 1][i];
        }
    }
}

static inline __attribute__((always_inline)) vector root(vector x) {
    for (int i = 0; i < CIT_LANES; i++) x[i] = sqrt(x[i]);
    return x;
}

/* 0.9 over the fifth root of the error's size, nearly: its power 3/16 takes square roots alone. */
static vector growth(vector mean_square) {
    const vector power_1_8 = root(root(root(root(mean_square))));
    return 0.9 / (power_1_8 * root(power_1_8));
}

void CIT_LANES_NAMED(lanes_step_)(const lanes_block *b, int n) {
    const vector r = 1.0 / *of_lanes(b->h), shift = gamma_inverse * r;
    b->kernel->first(b->q, b->y, (const double *)(const void *)&shift, b->work, b->k[0]);
#define STAGE(i)                                                                                   \
    prepare(b, n, r, i);                                                                           \
    b->kernel->later(b->q, b->y_new, b->work, b->k[i])
    STAGE(1);
    STAGE(2);
    STAGE(3);
    STAGE(4);
    STAGE(5);
    STAGE(6);
    STAGE(7);
#undef STAGE
    const vector error =
        finish(b, n, of_lanes(b->y), of_lanes(b->y_new), of_lanes(b->k[LANES_STAGES - 1])) / n;
    *of_lanes(b->error) = error;
    *of_lanes(b->growth) = growth(error);
}

void CIT_LANES_NAMED(lanes_dense_)(const lanes_block *b, int n) {
    for (int i = 0; i < n; i++) {
        vector sum[LANES_DENSE] = {0};
        for (int j = 0; j < LANES_STAGES; j++) {
            const vector k = of_lanes(b->k[j])[i];
            for (int d = 0; d < LANES_DENSE; d++) sum[d] += dense[d][j] * k;
        }
        for (int d = 0; d < LANES_DENSE; d++) of_lanes(b->dense[d])[i] = sum[d];
    }
}
