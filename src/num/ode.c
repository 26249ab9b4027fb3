/* One driver for step-by-step integrators, and three of them.
 *
 * A method makes one step of size h from y and says how large its error was, as the root mean square
 * of error / (atol + rtol max(|y|, |y_new|)); the driver accepts steps with a norm of at most 1 and
 * chooses the next h as 0.9 norm^(-1/order), between 0.2 and 5 times the last. Every method leaves
 * behind what its interpolant needs. */
#include <cit/num.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct cit_ode {
    const cit_ode_method *method;
    int n;
    double *stage[8]; /* stage vectors, n each */
    double *y_new, *work;
    double memory[];
};

struct cit_ode_method {
    const char *name;
    int order;     /* exponent of the step control; 0: fixed step */
    int stages;    /* stage vectors used */
    int rhs_calls; /* a step */
    bool implicit;
    double (*step)(cit_ode *ode, const cit_ode_system *s, const double *y, double h, double rtol,
                   double atol);
    void (*dense)(cit_ode *ode, const cit_ode_system *s, const double *y, double h, double theta,
                  double *value);
};

const char *cit_ode_method_name(const cit_ode_method *method) { return method->name; }

static inline double scaled_norm(const double *error, const double *y, const double *y_new,
                                 const double *slack, int n, double rtol, double atol) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
        const double a = fabs(y[i]), b = fabs(y_new[i]);
        const double e =
            error[i] / (atol * (slack != NULL ? slack[i] : 1) + rtol * (a > b ? a : b));
        sum += e * e;
    }
    return sqrt(sum / n);
}

/* ---- RODAS --------------------------------------------------------------------------------- */

static inline __attribute__((always_inline)) double rodas(cit_ode *ode, const cit_ode_system *s,
                                                          const double *restrict y, double h,
                                                          double rtol, double atol, const int n) {
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
    const double r = 1 / h;
    double *restrict k1 = ode->stage[0], *restrict k2 = ode->stage[1], *restrict k3 = ode->stage[2],
                     *restrict k4 = ode->stage[3], *restrict k5 = ode->stage[4],
                     *restrict k6 = ode->stage[5], *restrict t = ode->y_new;

    s->factor(s->model, y, 4 * r, ode->work);
    s->rhs(s->model, y, k1);
    s->solve(s->model, ode->work, k1);
    for (int i = 0; i < n; i++) t[i] = y[i] + a21 * k1[i];
    s->rhs(s->model, t, k2);
    for (int i = 0; i < n; i++) k2[i] += r * (c21 * k1[i]);
    s->solve(s->model, ode->work, k2);
    for (int i = 0; i < n; i++) t[i] = y[i] + a31 * k1[i] + a32 * k2[i];
    s->rhs(s->model, t, k3);
    for (int i = 0; i < n; i++) k3[i] += r * (c31 * k1[i] + c32 * k2[i]);
    s->solve(s->model, ode->work, k3);
    for (int i = 0; i < n; i++) t[i] = y[i] + a41 * k1[i] + a42 * k2[i] + a43 * k3[i];
    s->rhs(s->model, t, k4);
    for (int i = 0; i < n; i++) k4[i] += r * (c41 * k1[i] + c42 * k2[i] + c43 * k3[i]);
    s->solve(s->model, ode->work, k4);
    for (int i = 0; i < n; i++) t[i] = y[i] + a51 * k1[i] + a52 * k2[i] + a53 * k3[i] + a54 * k4[i];
    s->rhs(s->model, t, k5);
    for (int i = 0; i < n; i++)
        k5[i] += r * (c51 * k1[i] + c52 * k2[i] + c53 * k3[i] + c54 * k4[i]);
    s->solve(s->model, ode->work, k5);
    for (int i = 0; i < n; i++) t[i] += k5[i];
    s->rhs(s->model, t, k6);
    for (int i = 0; i < n; i++)
        k6[i] += r * (c61 * k1[i] + c62 * k2[i] + c63 * k3[i] + c64 * k4[i] + c65 * k5[i]);
    s->solve(s->model, ode->work, k6);
    for (int i = 0; i < n; i++) t[i] += k6[i];
    return scaled_norm(k6, y, t, s->slack, n, rtol, atol);
}

/* Loops of a size the compiler knows unroll; 32 is that of the system solved most often here. */
CIT_WIDE static double rodas_step(cit_ode *ode, const cit_ode_system *s, const double *y, double h,
                                  double rtol, double atol) {
    enum { COMMON = 32 };
    return s->n == COMMON ? rodas(ode, s, y, h, rtol, atol, COMMON)
                          : rodas(ode, s, y, h, rtol, atol, s->n);
}

static void rodas_dense(cit_ode *ode, const cit_ode_system *s, const double *y, double h,
                        double theta, double *value) {
    static const double d2[5] = {10.12623508344586, -7.487995877610167, -34.80091861555747,
                                 -7.992771707568823, 1.025137723295662};
    static const double d3[5] = {-0.6762803392806898, 6.087714651680015, 16.43084320892478,
                                 24.76722511418386, -6.594389125716872};
    (void)h;
    for (int i = 0; i < s->n; i++) {
        double u = 0, v = 0;
        for (int j = 0; j < 5; j++) {
            u += d2[j] * ode->stage[j][i];
            v += d3[j] * ode->stage[j][i];
        }
        /* From y_new, so that what does not change keeps its bits, and the end is y_new itself. */
        value[i] = ode->y_new[i] - (1 - theta) * (ode->y_new[i] - y[i] - theta * (u + theta * v));
    }
}

const cit_ode_method cit_ode_rodas = {"rodas", 4, 6, 6, true, rodas_step, rodas_dense};

/* ---- explicit methods ---------------------------------------------------------------------- */

/* Cubic Hermite; stage 0 holds f(y), stage 1 f(y_new). */
static void hermite_dense(cit_ode *ode, const cit_ode_system *s, const double *y, double h,
                          double theta, double *value) {
    const double t = theta, a = 1 - t;
    for (int i = 0; i < s->n; i++) {
        const double rise = ode->y_new[i] - y[i];
        value[i] = ode->y_new[i] - a * (rise - t * (a * (h * ode->stage[0][i] - rise) -
                                                    t * (h * ode->stage[1][i] - rise)));
    }
}

static double dopri5_step(cit_ode *ode, const cit_ode_system *s, const double *y, double h,
                          double rtol, double atol) {
    const int n = s->n;
    double *k1 = ode->stage[0], *k7 = ode->stage[1], *k2 = ode->stage[2], *k3 = ode->stage[3],
           *k4 = ode->stage[4], *k5 = ode->stage[5], *k6 = ode->stage[6], *t = ode->y_new;
    s->rhs(s->model, y, k1);
    for (int i = 0; i < n; i++) t[i] = y[i] + h * (1.0 / 5 * k1[i]);
    s->rhs(s->model, t, k2);
    for (int i = 0; i < n; i++) t[i] = y[i] + h * (3.0 / 40 * k1[i] + 9.0 / 40 * k2[i]);
    s->rhs(s->model, t, k3);
    for (int i = 0; i < n; i++)
        t[i] = y[i] + h * (44.0 / 45 * k1[i] - 56.0 / 15 * k2[i] + 32.0 / 9 * k3[i]);
    s->rhs(s->model, t, k4);
    for (int i = 0; i < n; i++)
        t[i] = y[i] + h * (19372.0 / 6561 * k1[i] - 25360.0 / 2187 * k2[i] +
                           64448.0 / 6561 * k3[i] - 212.0 / 729 * k4[i]);
    s->rhs(s->model, t, k5);
    for (int i = 0; i < n; i++)
        t[i] = y[i] + h * (9017.0 / 3168 * k1[i] - 355.0 / 33 * k2[i] + 46732.0 / 5247 * k3[i] +
                           49.0 / 176 * k4[i] - 5103.0 / 18656 * k5[i]);
    s->rhs(s->model, t, k6);
    for (int i = 0; i < n; i++)
        t[i] = y[i] + h * (35.0 / 384 * k1[i] + 500.0 / 1113 * k3[i] + 125.0 / 192 * k4[i] -
                           2187.0 / 6784 * k5[i] + 11.0 / 84 * k6[i]);
    s->rhs(s->model, t, k7);
    for (int i = 0; i < n; i++)
        k2[i] = h * (71.0 / 57600 * k1[i] - 71.0 / 16695 * k3[i] + 71.0 / 1920 * k4[i] -
                     17253.0 / 339200 * k5[i] + 22.0 / 525 * k6[i] - 1.0 / 40 * k7[i]);
    return scaled_norm(k2, y, t, s->slack, n, rtol, atol);
}

const cit_ode_method cit_ode_dopri5 = {"dopri5", 5, 7, 7, false, dopri5_step, hermite_dense};

static double rk4_step(cit_ode *ode, const cit_ode_system *s, const double *y, double h,
                       double rtol, double atol) {
    const int n = s->n;
    double *k1 = ode->stage[0], *k2 = ode->stage[1], *k3 = ode->stage[2], *k4 = ode->stage[3],
           *t = ode->y_new;
    (void)rtol;
    (void)atol;
    s->rhs(s->model, y, k1);
    for (int i = 0; i < n; i++) t[i] = y[i] + 0.5 * h * k1[i];
    s->rhs(s->model, t, k2);
    for (int i = 0; i < n; i++) t[i] = y[i] + 0.5 * h * k2[i];
    s->rhs(s->model, t, k3);
    for (int i = 0; i < n; i++) t[i] = y[i] + h * k3[i];
    s->rhs(s->model, t, k4);
    for (int i = 0; i < n; i++) t[i] = y[i] + h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
    s->rhs(s->model, t, k2); /* for the interpolant */
    double sum = 0;
    for (int i = 0; i < n; i++) sum += 0 * t[i];
    return sum; /* 0, or NAN where a value is no longer finite */
}

const cit_ode_method cit_ode_rk4 = {"rk4", 0, 4, 5, false, rk4_step, hermite_dense};

/* ---- driver -------------------------------------------------------------------------------- */

cit_status cit_ode_new(const cit_ode_method *method, int n, int work_size, cit_ode **ret,
                       cit_errors *errs) {
    const int work = method->implicit ? work_size : 0;
    const size_t doubles = (size_t)n * (size_t)(method->stages + 1) + (size_t)work;
    cit_ode *ode = calloc(1, sizeof *ode + doubles * sizeof(double));
    if (ode == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for the integrator");
    ode->method = method;
    ode->n = n;
    for (int i = 0; i < method->stages; i++) ode->stage[i] = ode->memory + (size_t)n * (size_t)i;
    ode->y_new = ode->memory + (size_t)n * (size_t)method->stages;
    ode->work = ode->y_new + n;
    *ret = ode;
    return CIT_OK;
}

void cit_ode_free(cit_ode *ode) { free(ode); }

static double next_step(const cit_ode_method *method, double h, double norm) {
    if (method->order == 0) return h;
    if (!(norm < 1e30)) return 0.2 * h; /* not a number, or beyond sense */
    const double error = norm > 1e-8 ? norm : 1e-8;
    const double factor =
        0.9 / (method->order == 4 ? sqrt(sqrt(error)) : pow(error, 1.0 / method->order));
    return h * fmin(fmax(factor, 0.2), 5.0);
}

cit_status cit_ode_advance(cit_ode *ode, const cit_ode_system *system,
                           const cit_ode_options *options, double t0, double t1, double *y,
                           const double *times, int count, double *values, cit_ode_stats *stats,
                           cit_errors *errs) {
    const cit_ode_method *method = ode->method;
    const int n = system->n;
    const double rtol = options->rtol > 0 ? options->rtol : 1e-5;
    const double atol = options->atol > 0 ? options->atol : 1e-3 * rtol;
    const long max_steps = options->max_steps > 0 ? options->max_steps : 100000;
    double h = options->first_step > 0 ? options->first_step : 0.02;
    double t = t0;
    int done = 0;
    long tries = 0;

    while (t < t1) {
        const bool last = h >= (t1 - t) * (1 - 1e-12);
        const double step = last ? t1 - t : h;
        const double norm = method->step(ode, system, y, step, rtol, atol);
        tries++;
        if (stats != NULL) stats->rhs_calls += method->rhs_calls;
        const bool cannot_shrink = method->order == 0 || (step < 1e-10 && !last);
        if (tries > max_steps || (cannot_shrink && !(norm <= 1)))
            return cit_fail(errs, CIT_DIVERGED, "", "the integrator '%s' stopped at day %g",
                            method->name, t);
        if (!(norm <= 1)) {
            h = next_step(method, step, norm);
            if (stats != NULL) stats->rejected++;
            continue;
        }
        if (stats != NULL) stats->steps++;
        const double t_new = last ? t1 : t + step;
        for (; done < count && times[done] <= t_new; done++)
            method->dense(ode, system, y, step, fmin((times[done] - t) / step, 1.0),
                          values + (size_t)done * (size_t)n);
        memcpy(y, ode->y_new, (size_t)n * sizeof *y);
        t = t_new;
        /* A step cut short by the end says little about the next: keep the longer one. */
        const double proposed = next_step(method, step, norm);
        h = last ? fmax(h, proposed) : proposed;
    }
    return CIT_OK;
}
