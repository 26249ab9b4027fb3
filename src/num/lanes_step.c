/* One RODAS step of as many systems as a vector has lanes. Built once for each instruction set, with
 * CIT_LANES the lanes of a vector and CIT_LANES_NAME its name; coefficients as in ode.c. */
#include "num_impl.h"

typedef cit_lanes_vector vector;
typedef long long mask __attribute__((vector_size(8 * CIT_LANES), aligned(8 * CIT_LANES)));

#define JOIN_(a, b) a##b
#define JOIN(a, b)  JOIN_(a, b)

static inline __attribute__((always_inline)) vector magnitude(vector a) {
    return (vector)((mask)a & 0x7fffffffffffffffLL);
}

/* Bit patterns of doubles that are not negative are in the doubles' order. */
static inline __attribute__((always_inline)) vector larger(vector a, vector b) {
    const mask first = (mask)a > (mask)b;
    return (vector)(((mask)a & first) | ((mask)b & ~first));
}

/* Squares of the errors relative to what is allowed, summed in pairs with one division for two. */
static vector error_square(const lanes_block *b, int n, const vector *y, const vector *y_new,
                           const vector *error) {
    const double *atol = b->atol;
    const vector zero = {0};
    vector sum = zero;
    int i = 0;
    for (; i + 1 < n; i += 2) {
        const vector s = atol[i] + b->rtol * larger(magnitude(y[i]), magnitude(y_new[i]));
        const vector t =
            atol[i + 1] + b->rtol * larger(magnitude(y[i + 1]), magnitude(y_new[i + 1]));
        const vector p = error[i] * t, q = error[i + 1] * s, st = s * t;
        sum += (p * p + q * q) / (st * st);
    }
    for (; i < n; i++) {
        const vector e =
            error[i] / (atol[i] + b->rtol * larger(magnitude(y[i]), magnitude(y_new[i])));
        sum += e * e;
    }
    return sum;
}

void JOIN(lanes_step_, CIT_LANES_NAME)(const lanes_block *b, int n) {
    static const double a21 = 1.544, a31 = 0.9466785280815826, a32 = 0.2557011698983284,
                        a41 = 3.314825187068521, a42 = 2.896124015972201, a43 = 0.9986419139977817,
                        a51 = 1.221224509226641, a52 = 6.019134481288629, a53 = 12.53708332932087,
                        a54 = -0.6878860361058950;
    static const double c21 = -5.6688, c31 = -2.430093356833875, c32 = -0.2063599157091915,
                        c41 = -0.1073529058151375, c42 = -9.594562251023355,
                        c43 = -20.47028614809616, c51 = 7.496443313967647, c52 = -10.24680431464352,
                        c53 = -33.99990352819905, c54 = 11.70890893206160, c61 = 8.083246795921522,
                        c62 = -7.981132988064893, c63 = -31.52159432874371, c64 = 16.31930543123136,
                        c65 = -6.058818238834054;
    const vector *restrict y = (const vector *)(const void *)b->y;
    vector *restrict t = (vector *)(void *)b->y_new, *restrict k1 = (vector *)(void *)b->k[0],
                     *restrict k2 = (vector *)(void *)b->k[1],
                     *restrict k3 = (vector *)(void *)b->k[2],
                     *restrict k4 = (vector *)(void *)b->k[3],
                     *restrict k5 = (vector *)(void *)b->k[4],
                     *restrict k6 = (vector *)(void *)b->k[5];
    const vector r = 1.0 / *(const vector *)(const void *)b->h, c = 4.0 * r;
    const cit_lanes_kernel *kernel = b->kernel;

    kernel->first(b->q, b->y, (const double *)(const void *)&c, b->work, b->k[0]);
    {
        const vector r1 = r * c21;
        for (int i = 0; i < n; i++) {
            t[i] = y[i] + a21 * k1[i];
            k2[i] = r1 * k1[i];
        }
    }
    kernel->later(b->q, b->y_new, b->work, b->k[1]);
    {
        const vector r1 = r * c31, r2 = r * c32;
        for (int i = 0; i < n; i++) {
            t[i] = y[i] + a31 * k1[i] + a32 * k2[i];
            k3[i] = r1 * k1[i] + r2 * k2[i];
        }
    }
    kernel->later(b->q, b->y_new, b->work, b->k[2]);
    {
        const vector r1 = r * c41, r2 = r * c42, r3 = r * c43;
        for (int i = 0; i < n; i++) {
            t[i] = y[i] + a41 * k1[i] + a42 * k2[i] + a43 * k3[i];
            k4[i] = r1 * k1[i] + r2 * k2[i] + r3 * k3[i];
        }
    }
    kernel->later(b->q, b->y_new, b->work, b->k[3]);
    {
        const vector r1 = r * c51, r2 = r * c52, r3 = r * c53, r4 = r * c54;
        for (int i = 0; i < n; i++) {
            t[i] = y[i] + a51 * k1[i] + a52 * k2[i] + a53 * k3[i] + a54 * k4[i];
            k5[i] = r1 * k1[i] + r2 * k2[i] + r3 * k3[i] + r4 * k4[i];
        }
    }
    kernel->later(b->q, b->y_new, b->work, b->k[4]);
    {
        const vector r1 = r * c61, r2 = r * c62, r3 = r * c63, r4 = r * c64, r5 = r * c65;
        for (int i = 0; i < n; i++) {
            t[i] += k5[i];
            k6[i] = r1 * k1[i] + r2 * k2[i] + r3 * k3[i] + r4 * k4[i] + r5 * k5[i];
        }
    }
    kernel->later(b->q, b->y_new, b->work, b->k[5]);
    for (int i = 0; i < n; i++) t[i] += k6[i];
    *(vector *)(void *)b->error = error_square(b, n, y, t, k6);
}
