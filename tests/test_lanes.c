/* Many systems at once, a vector lane each: the integrator against closed forms and against the one for
 * a single system, the column's kernels against dense algebra, and courses in lanes against courses one
 * after the other. Every case runs with every instruction set this processor has. */
#include "../src/healing/healing_impl.h"
#include "column_help.h"
#include <stdlib.h>

enum { WIDTH_MAX = 8, STATE = CIT_LAYER_FIELDS * CIT_COLUMN_LAYERS + CIT_SINGLE_FIELDS };

static const cit_lanes_kernel *const column_kernels[CIT_INSTRUCTION_SETS] = {
    [CIT_PORTABLE] = &column_kernel_portable,
#ifdef CIT_X86
    [CIT_AVX2] = &column_kernel_avx2,
    [CIT_AVX512] = &column_kernel_avx512,
#endif
};

/* The sets that can be tried here, one after the other, from CIT_PORTABLE on. */
static int next_set(int set) {
    do set++;
    while (set < CIT_INSTRUCTION_SETS && !cit_instructions_here((cit_instructions)set));
    return set;
}
#define FOR_EACH_SET(set)                                                                          \
    for (int set = CIT_PORTABLE; set < CIT_INSTRUCTION_SETS; set = next_set(set))

static const char *name_of(int set) { return cit_instructions_name((cit_instructions)set); }
static int width_of(int set) { return column_kernels[set]->lanes; }

static void every_set_here_is_tried_and_every_other_refused(void **state) {
    static cit_errors errs;
    (void)state;
    CHECK(cit_instructions_here(CIT_PORTABLE), "not even the portable set is here");
    for (int set = 0; set < CIT_INSTRUCTION_SETS; set++) {
        cit_engine *engine = NULL;
        const int faults = errs.count;
        const bool here = cit_instructions_here((cit_instructions)set);
        const cit_status st = cit_engine_new_lanes((cit_instructions)set, 1e-4, &engine, &errs);
        if (here) {
            print_message("# %s: tried, %d lanes\n", name_of(set), width_of(set));
            CHECK(st == CIT_OK && engine != NULL, "%s: %s", name_of(set), errs.items[faults].text);
            CHECK(cit_instructions_best() >= (cit_instructions)set, "%s is here, the best is %s",
                  name_of(set), name_of((int)cit_instructions_best()));
        } else {
            print_message("# %s: SKIPPED in every case, this processor or build has none\n",
                          name_of(set));
            CHECK(st == CIT_INVALID && engine == NULL, "%s was not refused", name_of(set));
            CHECK(strstr(errs.items[faults].text, name_of(set)) != NULL, "not named: %s",
                  errs.items[faults].text);
        }
        cit_engine_free(engine);
    }
    CHECK(cit_instructions_here(cit_instructions_best()), "the best is not here");
    assert_string_equal(name_of(CIT_PORTABLE), "portable");
    assert_string_equal(name_of(CIT_AVX2), "avx2");
    assert_string_equal(name_of(CIT_AVX512), "avx512");
    cit_engine_free(NULL);
    cit_lanes_free(NULL);
}

/* ---- one system, by the same method --------------------------------------------------------------- */

/* RODAS5P (Steinebach, BIT Numerical Mathematics 63:27, 2023), written for one system and with the model's
 * own factorisation, with pivots: lanes take the same steps, and differ by rounding alone. */
enum { STAGES = 8, SCALAR_WORK = 2048 };
static const double gamma_inverse = 1 / 0.21193756319429014;
static const double stage_a[STAGES][STAGES] = {
    {0},
    {3.0},
    {2.849394379747939, 0.45842242204463923},
    {-6.954028509809101, 2.489845061869568, -10.358996098473584},
    {2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641},
    {-7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256,
     0.030198172008377946},
    {-7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256,
     0.030198172008377946, 1},
    {-7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256,
     0.030198172008377946, 1, 1}};
static const double stage_c[STAGES][STAGES] = {
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
static const double dense_rows[3][STAGES] = {
    {25.948786856663858, -2.5579724845846235, 10.433815404888879, -2.3679251022685204,
     0.524948541321073, 1.1241088310450404, 0.4272876194431874, -0.17202221070155493},
    {-9.91568850695171, -0.9689944594115154, 3.0438037242978453, -24.495224566215796,
     20.176138334709044, 15.98066361424651, -6.789040303419874, -6.710236069923372},
    {11.419903575922262, 2.8879645146136994, 72.92137995996029, 80.12511834622643,
     -52.072871366152654, -59.78993625266729, -0.15582684282751913, 4.883087185713722}};

typedef struct scalar_step {
    double k[STAGES][STATE], y_new[STATE], error; /* mean square over what is allowed */
} scalar_step;

static void scalar_make(const cit_ode_system *s, const double *y, double h, double rtol,
                        double atol, scalar_step *ret) {
    static double work[SCALAR_WORK];
    CHECK(s->n <= STATE && s->work_size <= SCALAR_WORK, "a system too large for the test");
    s->factor(s->model, y, gamma_inverse / h, work);
    for (int stage = 0; stage < STAGES; stage++) {
        double *k = ret->k[stage];
        for (int i = 0; i < s->n; i++) {
            ret->y_new[i] = y[i];
            for (int j = 0; j < stage; j++) ret->y_new[i] += stage_a[stage][j] * ret->k[j][i];
        }
        s->rhs(s->model, ret->y_new, k);
        for (int i = 0; i < s->n; i++)
            for (int j = 0; j < stage; j++) k[i] += stage_c[stage][j] / h * ret->k[j][i];
        s->solve(s->model, work, k);
    }
    ret->error = 0;
    for (int i = 0; i < s->n; i++) {
        const double error = ret->k[STAGES - 1][i];
        ret->y_new[i] += error;
        const double most = fmax(fabs(y[i]), fabs(ret->y_new[i]));
        const double allowed = atol * (s->slack != NULL ? s->slack[i] : 1) + rtol * most;
        ret->error += pow(error / allowed, 2) / s->n;
    }
}

static void scalar_dense(const cit_ode_system *s, const double *y, const scalar_step *step,
                         double theta, double *value) {
    for (int i = 0; i < s->n; i++) {
        double u[3] = {0};
        for (int d = 0; d < 3; d++)
            for (int j = 0; j < STAGES; j++) u[d] += dense_rows[d][j] * step->k[j][i];
        value[i] = (1 - theta) * y[i] +
                   theta * (step->y_new[i] + (1 - theta) * (u[0] + theta * (u[1] + theta * u[2])));
    }
}

/* From t to until, as cit_ode_advance. */
static cit_status scalar_advance(const cit_ode_system *s, const cit_ode_options *options, double t,
                                 double until, double *y, const double *times, int count,
                                 double *values, cit_ode_stats *stats) {
    const double rtol = options->rtol > 0 ? options->rtol : 1e-5;
    const double atol = options->atol > 0 ? options->atol : 1e-3 * rtol;
    double proposed = options->first_step > 0 ? options->first_step : 0.02;
    scalar_step step;
    while (t < until) {
        const double left = until - t;
        const bool last = proposed >= left * (1 - 1e-12);
        const double h = last ? left : fmin(proposed, left / 2);
        scalar_make(s, y, h, rtol, atol, &step);
        const double factor = 0.9 * pow(step.error, -3.0 / 32);
        proposed = !(step.error < 1e60) ? 0.2 * h : h * fmin(fmax(factor, 0.2), 10);
        const bool accepted = step.error <= 1;
        if (stats != NULL) {
            stats->steps += accepted;
            stats->rejected += !accepted;
            stats->rhs_calls += STAGES;
        }
        if (!accepted && h < 1e-10 && !last) return CIT_DIVERGED;
        if (!accepted) continue;
        const double t_new = last ? until : t + h;
        for (; count > 0 && *times <= t_new; times++, count--, values += s->n)
            scalar_dense(s, y, &step, fmin((*times - t) / h, 1), values);
        memcpy(y, step.y_new, sizeof *y * (size_t)s->n);
        t = t_new;
    }
    return CIT_OK;
}

/* ---- small systems ------------------------------------------------------------------------------ */

enum { SMALL = 4, COEFFICIENTS = 5, LONGEST_STEP = 4, SMALL_WORK = SMALL * SMALL + SMALL };

/* A right side and its Jacobian (row by row, given as zeros). Coefficient LONGEST_STEP, where it is not
 * 0, is the step beyond which the factors come out as NAN. */
typedef struct small {
    int n;
    void (*f)(const double *q, const double *y, double *dy);
    void (*j)(const double *q, const double *y, double *J);
} small;

static void gather(const double *from, int n, int lanes, int lane, double *to) {
    for (int i = 0; i < n; i++) to[i] = from[i * lanes + lane];
}

static void scatter(const double *from, int n, int lanes, int lane, double *to) {
    for (int i = 0; i < n; i++) to[i * lanes + lane] = from[i];
}

static void small_factor(const small *s, const double *q, const double *y, double c, double *work) {
    const int n = s->n;
    double J[SMALL * SMALL] = {0};
    s->j(q, y, J);
    for (int i = 0; i < n * n; i++) work[i] = (i % (n + 1) == 0 ? c : 0) - J[i];
    cit_dense_factor(work, work + n * n, n);
    if (q[LONGEST_STEP] > 0 && gamma_inverse / c > q[LONGEST_STEP])
        for (int i = 0; i < n * n; i++) work[i] = (double)NAN;
}

static void small_first(const small *s, int lanes, const double *q, const double *y,
                        const double *c, double *work, double *k) {
    for (int l = 0; l < lanes; l++) {
        double q1[COEFFICIENTS], y1[SMALL], k1[SMALL], w1[SMALL_WORK];
        gather(q, COEFFICIENTS, lanes, l, q1);
        gather(y, s->n, lanes, l, y1);
        small_factor(s, q1, y1, c[l], w1);
        s->f(q1, y1, k1);
        cit_dense_solve(w1, w1 + s->n * s->n, s->n, k1);
        scatter(w1, s->n * s->n + s->n, lanes, l, work);
        scatter(k1, s->n, lanes, l, k);
    }
}

static void small_later(const small *s, int lanes, const double *q, const double *y,
                        const double *work, double *k) {
    for (int l = 0; l < lanes; l++) {
        double q1[COEFFICIENTS], y1[SMALL], k1[SMALL], w1[SMALL_WORK], f[SMALL];
        gather(q, COEFFICIENTS, lanes, l, q1);
        gather(y, s->n, lanes, l, y1);
        gather(k, s->n, lanes, l, k1);
        gather(work, s->n * s->n + s->n, lanes, l, w1);
        s->f(q1, y1, f);
        for (int i = 0; i < s->n; i++) k1[i] += f[i];
        cit_dense_solve(w1, w1 + s->n * s->n, s->n, k1);
        scatter(k1, s->n, lanes, l, k);
    }
}

#define SMALL_KERNEL(name, lanes)                                                                  \
    static void name##_first_##lanes(const double *q, const double *y, const double *c,            \
                                     double *work, double *k) {                                    \
        small_first(&name, lanes, q, y, c, work, k);                                               \
    }                                                                                              \
    static void name##_later_##lanes(const double *q, const double *y, const double *work,         \
                                     double *k) {                                                  \
        small_later(&name, lanes, q, y, work, k);                                                  \
    }                                                                                              \
    static const cit_lanes_kernel name##_kernel_##lanes = {lanes, name##_first_##lanes,            \
                                                           name##_later_##lanes};
#define SMALL_SYSTEM(name, size)                                                                   \
    static const small name = {size, name##_f, name##_j};                                          \
    SMALL_KERNEL(name, 2)                                                                          \
    SMALL_KERNEL(name, 4)                                                                          \
    SMALL_KERNEL(name, 8)                                                                          \
    static const cit_lanes_system name##_lanes = {                                                 \
        .n = (size),                                                                               \
        .coefficients = COEFFICIENTS,                                                              \
        .work_size = (size) * (size) + (size),                                                     \
        .kernels = {&name##_kernel_2, &name##_kernel_4, &name##_kernel_8}};

/* From (1, 0): (cos q t, -sin q t). */
static void oscillator_f(const double *q, const double *y, double *dy) {
    dy[0] = q[0] * y[1];
    dy[1] = -q[0] * y[0];
}
static void oscillator_j(const double *q, const double *y, double *J) {
    (void)y;
    J[1] = q[0];
    J[2] = -q[0];
}
SMALL_SYSTEM(oscillator, 2)

/* From a: a e^(q t) / (1 + a (e^(q t) - 1)). One unknown: an odd number of them. */
static void logistic_f(const double *q, const double *y, double *dy) {
    dy[0] = q[0] * y[0] * (1 - y[0]);
}
static void logistic_j(const double *q, const double *y, double *J) {
    J[0] = q[0] * (1 - 2 * y[0]);
}
SMALL_SYSTEM(logistic, 1)

/* Each feeds the next; from (1, 0, 0, 0) Bateman's solution. */
static void chain_f(const double *q, const double *y, double *dy) {
    for (int i = 0; i < 4; i++) dy[i] = (i > 0 ? q[i - 1] * y[i - 1] : 0) - q[i] * y[i];
}
static void chain_j(const double *q, const double *y, double *J) {
    (void)y;
    for (int i = 0; i < 4; i++) {
        J[i * 4 + i] = -q[i];
        if (i > 0) J[i * 4 + i - 1] = q[i - 1];
    }
}
SMALL_SYSTEM(chain, 4)

/* van der Pol, which turns fast and slow by itself. */
static void relaxation_f(const double *q, const double *y, double *dy) {
    dy[0] = y[1];
    dy[1] = q[0] * (1 - y[0] * y[0]) * y[1] - y[0];
}
static void relaxation_j(const double *q, const double *y, double *J) {
    J[1] = 1;
    J[2] = -2 * q[0] * y[0] * y[1] - 1;
    J[3] = q[0] * (1 - y[0] * y[0]);
}
SMALL_SYSTEM(relaxation, 2)

static void robertson_f(const double *q, const double *y, double *dy) {
    dy[0] = -q[0] * y[0] + q[1] * y[1] * y[2];
    dy[2] = q[2] * y[1] * y[1];
    dy[1] = -dy[0] - dy[2];
}
static void robertson_j(const double *q, const double *y, double *J) {
    J[0] = -q[0];
    J[1] = q[1] * y[2];
    J[2] = q[1] * y[1];
    J[7] = 2 * q[2] * y[1];
    for (int i = 0; i < 3; i++) J[3 + i] = -J[i] - J[6 + i];
}
SMALL_SYSTEM(robertson, 3)

static void growth_f(const double *q, const double *y, double *dy) { dy[0] = q[0] * y[0]; }
static void growth_j(const double *q, const double *y, double *J) {
    (void)y;
    J[0] = q[0];
}
SMALL_SYSTEM(growth, 1)

/* Blows up at time 1 from 1. */
static void square_f(const double *q, const double *y, double *dy) {
    (void)q;
    dy[0] = y[0] * y[0];
}
static void square_j(const double *q, const double *y, double *J) {
    (void)q;
    J[0] = 2 * y[0];
}
SMALL_SYSTEM(square, 1)

/* y1 is the time; beyond q0 there is no right side any more. */
static void wall_f(const double *q, const double *y, double *dy) {
    dy[0] = y[1] > q[0] ? (double)NAN : -q[1] * y[0];
    dy[1] = 1;
}
static void wall_j(const double *q, const double *y, double *J) {
    (void)y;
    J[0] = -q[1];
}
SMALL_SYSTEM(wall, 2)

static void still_f(const double *q, const double *y, double *dy) {
    (void)q;
    (void)y;
    for (int i = 0; i < 3; i++) dy[i] = 0;
}
static void still_j(const double *q, const double *y, double *J) {
    (void)y;
    for (int i = 0; i < 9; i++) J[i] = q[0] * (i - 4);
}
SMALL_SYSTEM(still, 3)

/* ---- work for lanes ----------------------------------------------------------------------------- */

/* One integration from t to end; it leaves its state and the time come to here. */
typedef struct job {
    double q[COEFFICIENTS], y[SMALL];
    double t, end;
    double stretch; /* > 0: in stretches of this length */
    const double *times;
    int count;
    double *values;
    cit_status status;
    int lane; /* that did it; -1: none */
} job;

typedef struct queue {
    const cit_lanes_system *system;
    job *jobs;
    int count, next;
    job *in[WIDTH_MAX];
} queue;

static bool is_over(const job *j) {
    return j->status != CIT_OK || j->end - j->t <= 1e-9 * j->stretch;
}

static bool next_job(void *user, cit_lane *lane) {
    queue *w = user;
    job *j = w->in[lane->index];
    if (j != NULL) {
        for (int i = 0; i < w->system->n; i++) j->y[i] = lane->y[i * lane->stride];
        j->t = lane->t;
        j->status = lane->status;
    }
    if (j == NULL || is_over(j)) {
        j = w->in[lane->index] = w->next < w->count ? &w->jobs[w->next++] : NULL;
        if (j == NULL) return false;
        j->lane = lane->index;
        for (int i = 0; i < w->system->n; i++) lane->y[i * lane->stride] = j->y[i];
        for (int i = 0; i < COEFFICIENTS; i++) lane->q[i * lane->stride] = j->q[i];
        lane->t = j->t;
        lane->times = j->times;
        lane->count = j->count;
        lane->values = j->values;
    }
    lane->until = j->stretch > 0 ? lane->t + j->stretch : j->end;
    return true;
}

static void run_jobs(int set, const cit_lanes_system *system, const cit_ode_options *options,
                     job *jobs, int count, cit_ode_stats *stats) {
    static cit_errors errs;
    cit_lanes *lanes = NULL;
    queue work = {.system = system, .jobs = jobs, .count = count};
    for (int i = 0; i < count; i++) jobs[i].lane = -1;
    CHECK(cit_lanes_new(system, (cit_instructions)set, options, &lanes, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    cit_lanes_run(lanes, next_job, &work, stats);
    cit_lanes_free(lanes);
    for (int i = 0; i < count; i++) CHECK(jobs[i].lane >= 0, "job %d was never done", i);
}

/* The same by the method for one system. */
typedef struct single {
    const small *s;
    const double *q;
} single;
static void single_rhs(const void *model, const double *y, double *dy) {
    const single *m = model;
    m->s->f(m->q, y, dy);
}
static void single_factor(const void *model, const double *y, double c, double *work) {
    const single *m = model;
    small_factor(m->s, m->q, y, c, work);
}
static void single_solve(const void *model, const double *work, double *x) {
    const int n = ((const single *)model)->s->n;
    cit_dense_solve(work, work + n * n, n, x);
}

static cit_status run_single(const small *s, const double *slack, const cit_ode_options *options,
                             const job *j, double *y, double *values, cit_ode_stats *stats) {
    const single model = {s, j->q};
    const cit_ode_system system = {s->n,         &model,     single_rhs, single_factor,
                                   single_solve, SMALL_WORK, slack};
    memcpy(y, j->y, sizeof j->y);
    return scalar_advance(&system, options, j->t, j->end, y, j->times, j->count, values, stats);
}

static double logistic_at(double a, double rate, double t) {
    return a * exp(rate * t) / (1 + a * expm1(rate * t));
}

static double chain_at(const double *q, int link, double t) {
    double sum = 0;
    for (int i = 0; i <= link; i++) {
        double product = exp(-q[i] * t);
        for (int j = 0; j <= link; j++)
            if (j != i) product /= q[j] - q[i];
        sum += product;
    }
    for (int i = 0; i < link; i++) sum *= q[i];
    return sum;
}

/* How far a state of the oscillator or of the logistic from 0.2 is from the solution. */
static double error_of(const small *s, const double *q, const double *y, double t) {
    if (s == &logistic) return fabs(y[0] - logistic_at(0.2, q[0], t));
    return hypot(y[0] - cos(q[0] * t), y[1] + sin(q[0] * t));
}

static job job_of(const small *s, double rate, double end) {
    return (job){.q = {rate}, .y = {s == &logistic ? 0.2 : 1}, .end = end};
}

/* ---- order -------------------------------------------------------------------------------------- */

/* Errors at time 2 of this many equal steps, one in a lane; each lane has its own rate. */
static void errors_of_steps(int set, const cit_lanes_system *system, const small *s, int steps,
                            double *errors) {
    const cit_ode_options any_error = {.rtol = 1e30, .first_step = 1};
    job jobs[WIDTH_MAX];
    cit_ode_stats stats = {0};
    const int width = width_of(set);
    for (int i = 0; i < width; i++) {
        jobs[i] = job_of(s, 1 + 0.25 * i, 2);
        jobs[i].stretch = 2.0 / steps;
    }
    run_jobs(set, system, &any_error, jobs, width, &stats);
    CHECK(stats.steps == (long)width * steps && stats.rejected == 0 &&
              stats.rhs_calls == STAGES * stats.steps,
          "%ld steps, %ld rejected, %ld calls", stats.steps, stats.rejected, stats.rhs_calls);
    for (int i = 0; i < width; i++) {
        CHECK(jobs[i].lane == i, "job %d in lane %d", i, jobs[i].lane);
        errors[i] = error_of(s, jobs[i].q, jobs[i].y, 2);
    }
}

static void the_method_has_its_order_in_every_lane(void **state) {
    (void)state;
    FOR_EACH_SET(set)
    for (int i = 0; i < 2; i++) {
        const cit_lanes_system *system = i ? &logistic_lanes : &oscillator_lanes;
        const small *s = i ? &logistic : &oscillator;
        double coarse[WIDTH_MAX], fine[WIDTH_MAX], lowest = 9, highest = 0;
        const int steps = i ? 40 : 16; /* the oscillator comes to rounding sooner */
        errors_of_steps(set, system, s, steps, coarse);
        errors_of_steps(set, system, s, 2 * steps, fine);
        for (int l = 0; l < width_of(set); l++) {
            const double order = log2(coarse[l] / fine[l]);
            /* Linear systems do better. */
            CHECK(order > 4.85 && order < 6.2, "%s, lane %d: order %.3f", name_of(set), l, order);
            lowest = fmin(lowest, order);
            highest = fmax(highest, order);
        }
        print_message("# %s, %s: order %.3f to %.3f\n", name_of(set), i ? "logistic" : "oscillator",
                      lowest, highest);
    }
}

/* The largest error of the interpolant inside one step of size h, in each lane. */
static void dense_errors(int set, const cit_lanes_system *system, const small *s, double h,
                         double *errors) {
    const cit_ode_options any_error = {.rtol = 1e30, .first_step = h};
    enum { TIMES = 9 };
    job jobs[WIDTH_MAX];
    double times[TIMES], values[WIDTH_MAX][TIMES * SMALL];
    for (int i = 0; i < TIMES; i++) times[i] = h * (i + 1) / 10;
    for (int i = 0; i < width_of(set); i++) {
        jobs[i] = job_of(s, 1 + 0.25 * i, h);
        jobs[i].times = times;
        jobs[i].count = TIMES;
        jobs[i].values = values[i];
    }
    run_jobs(set, system, &any_error, jobs, width_of(set), NULL);
    for (int i = 0; i < width_of(set); i++) {
        errors[i] = 0;
        for (int j = 0; j < TIMES; j++)
            errors[i] =
                fmax(errors[i], error_of(s, jobs[i].q, values[i] + (ptrdiff_t)j * s->n, times[j]));
    }
}

/* The error within a step goes with the fifth power of its size at least. */
static void the_interpolant_has_order_four_in_every_lane(void **state) {
    (void)state;
    FOR_EACH_SET(set)
    for (int i = 0; i < 2; i++) {
        const cit_lanes_system *system = i ? &logistic_lanes : &oscillator_lanes;
        const small *s = i ? &logistic : &oscillator;
        double coarse[WIDTH_MAX], fine[WIDTH_MAX];
        dense_errors(set, system, s, 0.08, coarse);
        dense_errors(set, system, s, 0.04, fine);
        for (int l = 0; l < width_of(set); l++) {
            const double power = log2(coarse[l] / fine[l]);
            CHECK(power > 4.8, "%s, lane %d: power %.3f", name_of(set), l, power);
        }
    }
}

/* ---- tolerance and neighbours -------------------------------------------------------------------- */

/* Lanes whose rates are up to 1000 times those of others, more jobs than lanes. */
static void every_lane_keeps_its_tolerance_beside_stiffer_ones(void **state) {
    enum { JOBS = 20 };
    (void)state;
    FOR_EACH_SET(set)
    for (int digits = 4; digits <= 8; digits += 2) {
        const double rtol = pow(10, -digits);
        const cit_ode_options options = {.rtol = rtol};
        job jobs[JOBS];
        double worst = 0;
        for (int i = 0; i < JOBS; i++) {
            const double scale = i % 3 == 1 ? 1000 : 1;
            jobs[i] = (job){.y = {1}, .end = 4};
            for (int j = 0; j < 4; j++) jobs[i].q[j] = scale * (0.3 + j * (0.4 + 0.05 * i));
        }
        run_jobs(set, &chain_lanes, &options, jobs, JOBS, NULL);
        for (int i = 0; i < JOBS; i++)
            for (int j = 0; j < 4; j++) {
                const double exact = chain_at(jobs[i].q, j, 4);
                const double times = fabs(jobs[i].y[j] - exact) / (rtol * (exact + 1e-3));
                CHECK(times < 10, "%s, job %d at %g: y[%d] is off by %g times that", name_of(set),
                      i, rtol, j, times);
                worst = fmax(worst, times);
            }
        print_message("# %s at %g: off by %.2f times that at most\n", name_of(set), rtol, worst);
        CHECK(worst > 1e-3, "%s: far more accurate than asked for", name_of(set));
    }
}

static job stiff_or_not(int i) {
    job j = {.y = {2, 0.1 * i}, .end = 30};
    j.q[0] = i % 4 == 3 ? 1000 : 0.5 + 0.3 * i;
    return j;
}

/* Each alone, all together in two orders, and each among neighbours that are a thousand times stiffer,
 * that fail, or that have come to their end. */
static void a_lane_does_not_know_its_neighbours(void **state) {
    enum { JOBS = 23 };
    const cit_ode_options options = {.rtol = 1e-5};
    (void)state;
    FOR_EACH_SET(set) {
        job alone[JOBS], together[JOBS], reversed[JOBS], among[3 * JOBS];
        cit_ode_stats stats_alone = {0}, stats_together = {0};
        bool tried[WIDTH_MAX] = {0};
        for (int i = 0; i < JOBS; i++) {
            alone[i] = together[i] = reversed[JOBS - 1 - i] = stiff_or_not(i);
            among[3 * i] = among[3 * i + 2] = stiff_or_not(i + 3 - i % 4); /* 1000 */
            among[3 * i + 1] = stiff_or_not(i);
            if (i % 2) among[3 * i].y[0] = (double)NAN;
            run_jobs(set, &relaxation_lanes, &options, &alone[i], 1, &stats_alone);
        }
        run_jobs(set, &relaxation_lanes, &options, together, JOBS, &stats_together);
        run_jobs(set, &relaxation_lanes, &options, reversed, JOBS, NULL);
        run_jobs(set, &relaxation_lanes, &options, among, 3 * JOBS, NULL);
        for (int i = 0; i < JOBS; i++) {
            const size_t size = 2 * sizeof(double);
            CHECK(memcmp(alone[i].y, together[i].y, size) == 0, "%s: job %d differs together",
                  name_of(set), i);
            CHECK(memcmp(alone[i].y, reversed[JOBS - 1 - i].y, size) == 0,
                  "%s: job %d differs in another order", name_of(set), i);
            CHECK(memcmp(alone[i].y, among[3 * i + 1].y, size) == 0,
                  "%s: job %d differs beside others", name_of(set), i);
            tried[together[i].lane] = true;
            if (i % 2)
                CHECK(among[3 * i].status == CIT_DIVERGED && among[3 * i].t == 0,
                      "%s: from NAN it came to time %g", name_of(set), among[3 * i].t);
        }
        CHECK(memcmp(&stats_alone, &stats_together, sizeof stats_alone) == 0,
              "%s: %ld steps alone, %ld together", name_of(set), stats_alone.steps,
              stats_together.steps);
        for (int i = 0; i < width_of(set); i++) CHECK(tried[i], "lane %d had no work", i);
    }
}

/* Robertson's problem with three sets of rates, van der Pol from mild to stiff: the same steps within a
 * hundredth, and the same results far below the tolerance. Robertson's y1 at time 40 has a reference. */
static void lanes_agree_with_the_method_for_one_system(void **state) {
    enum { JOBS = 12 };
    const cit_ode_options options = {.rtol = 1e-6};
    (void)state;
    FOR_EACH_SET(set) {
        job jobs[2][JOBS];
        double worst = 0, y[SMALL], values[2 * SMALL], times[2] = {7.5, 40};
        double outputs[JOBS][2 * SMALL];
        for (int i = 0; i < JOBS; i++) {
            const double twist = 1 + i % 3;
            jobs[0][i] = (job){.q = {0.04 * twist, 1e4, 3e7 / twist}, .y = {1}, .end = 40};
            jobs[1][i] = (job){.q = {pow(10, 0.25 * i)}, .y = {2}, .end = 40};
        }
        for (int p = 0; p < 2; p++) {
            const small *s = p ? &relaxation : &robertson;
            cit_ode_stats lanes = {0}, single_stats = {0};
            for (int i = 0; i < JOBS; i++) {
                jobs[p][i].times = times;
                jobs[p][i].count = 2;
                jobs[p][i].values = outputs[i];
            }
            job before[JOBS];
            memcpy(before, jobs[p], sizeof before);
            run_jobs(set, p ? &relaxation_lanes : &robertson_lanes, &options, jobs[p], JOBS,
                     &lanes);
            for (int i = 0; i < JOBS; i++) {
                CHECK(run_single(s, NULL, &options, &before[i], y, values, &single_stats) == CIT_OK,
                      "diverged");
                for (int j = 0; j < 2 * s->n; j++) {
                    const double off =
                        fabs(outputs[i][j] - values[j]) / (fabs(values[j]) + 1e-3) / options.rtol;
                    CHECK(off < 0.1, "%s, system %d, job %d: number %d off by %g tolerances",
                          name_of(set), p, i, j, off);
                    worst = fmax(worst, off);
                }
                CHECK(memcmp(jobs[p][i].y, outputs[i] + s->n, sizeof(double) * (size_t)s->n) == 0,
                      "%s: the output at the end is not the end", name_of(set));
            }
            CHECK(labs(lanes.steps - single_stats.steps) * 100 <= single_stats.steps,
                  "%s: %ld steps in lanes, %ld apart", name_of(set), lanes.steps,
                  single_stats.steps);
            CHECK(labs(lanes.rhs_calls - single_stats.rhs_calls) * 50 <= single_stats.rhs_calls,
                  "%s: %ld calls in lanes, %ld apart", name_of(set), lanes.rhs_calls,
                  single_stats.rhs_calls);
        }
        CHECK_CLOSE(jobs[0][0].y[0], 0.7158270687193941, 1e-5);
        print_message("# %s: off by %.1e tolerances at most\n", name_of(set), worst);
    }
}

static void slack_is_heard(void **state) {
    static const double slack[4] = {1e4, 1, 1e4, 1};
    const cit_ode_options options = {.rtol = 1e-7};
    (void)state;
    FOR_EACH_SET(set) {
        cit_lanes_system with = chain_lanes;
        job a = {.q = {1, 2, 3, 4}, .y = {1}, .end = 30}, b = a;
        double y[SMALL];
        cit_ode_stats plain = {0}, slack_stats = {0}, single_stats = {0};
        with.slack = slack;
        run_single(&chain, slack, &options, &a, y, NULL, &single_stats);
        run_jobs(set, &with, &options, &a, 1, &slack_stats);
        run_jobs(set, &chain_lanes, &options, &b, 1, &plain);
        CHECK(slack_stats.steps < plain.steps, "%s: %ld steps with slack, %ld without",
              name_of(set), slack_stats.steps, plain.steps);
        CHECK(labs(slack_stats.steps - single_stats.steps) <= 1, "%s: %ld steps, %ld apart",
              name_of(set), slack_stats.steps, single_stats.steps);
    }
}

/* ---- outputs and contracts ----------------------------------------------------------------------- */

static void outputs_cost_no_steps_and_change_no_bits(void **state) {
    static const double times[] = {1e-9, 0.5, 0.51, 0.52, 3, 19.5, 40};
    enum { COUNT = sizeof times / sizeof *times, JOBS = 11 };
    const cit_ode_options options = {.rtol = 1e-4, .first_step = 0.01};
    (void)state;
    FOR_EACH_SET(set) {
        job without[JOBS], with[JOBS];
        double values[JOBS][COUNT * SMALL];
        cit_ode_stats a = {0}, b = {0};
        for (int i = 0; i < JOBS; i++) {
            without[i] = with[i] = (job){.q = {0.04 + 0.01 * i, 1e4, 3e7}, .y = {1}, .end = 40};
            with[i].times = times;
            with[i].count = COUNT - (i % 3 == 1 ? COUNT : 0);
            with[i].values = values[i];
        }
        run_jobs(set, &robertson_lanes, &options, without, JOBS, &a);
        run_jobs(set, &robertson_lanes, &options, with, JOBS, &b);
        CHECK(memcmp(&a, &b, sizeof a) == 0, "%s: %ld steps became %ld", name_of(set), a.steps,
              b.steps);
        for (int i = 0; i < JOBS; i++) {
            CHECK(memcmp(without[i].y, with[i].y, 3 * sizeof(double)) == 0,
                  "%s: outputs changed job %d", name_of(set), i);
            if (with[i].count > 0)
                CHECK(memcmp(values[i] + (ptrdiff_t)(COUNT - 1) * 3, with[i].y,
                             3 * sizeof(double)) == 0,
                      "%s: the output at the end is not the end", name_of(set));
        }
    }
}

static void a_steady_state_keeps_its_bits_in_every_lane(void **state) {
    static const double start[3] = {0.1, -3e200, 1e-300};
    const cit_ode_options options = {0};
    (void)state;
    FOR_EACH_SET(set) {
        job jobs[WIDTH_MAX];
        for (int i = 0; i < width_of(set); i++) {
            jobs[i] = (job){.q = {0.1 + i}, .end = 700};
            memcpy(jobs[i].y, start, sizeof start);
        }
        run_jobs(set, &still_lanes, &options, jobs, width_of(set), NULL);
        for (int i = 0; i < width_of(set); i++)
            CHECK(memcmp(jobs[i].y, start, sizeof start) == 0, "%s, lane %d: %.17g %.17g %.17g",
                  name_of(set), i, jobs[i].y[0], jobs[i].y[1], jobs[i].y[2]);
    }
}

/* No work, less than there are lanes, and stretches of no length. */
static void any_amount_of_work_is_done_once(void **state) {
    const cit_ode_options options = {0};
    (void)state;
    FOR_EACH_SET(set)
    for (int count = 0; count < 20; count++) {
        job jobs[20];
        cit_ode_stats stats = {0};
        for (int i = 0; i < count; i++) jobs[i] = job_of(&logistic, 1, i % 3 == 2 ? 0 : 1);
        run_jobs(set, &logistic_lanes, &options, jobs, count, &stats);
        for (int i = 0; i < count; i++) {
            const double want = logistic_at(0.2, 1, jobs[i].end);
            CHECK_CLOSE(jobs[i].y[0], want, jobs[i].end > 0 ? 1e-4 : 0);
            CHECK(jobs[i].status == CIT_OK && jobs[i].t == jobs[i].end, "%s: job %d of %d at %g",
                  name_of(set), i, count, jobs[i].t);
        }
        CHECK((count == 0) == (stats.rhs_calls == 0), "%d jobs in %ld calls", count,
              stats.rhs_calls);
    }
}

static void zero_options_are_the_defaults(void **state) {
    const cit_ode_options zero = {0}, said = {1e-5, 1e-8, 0.02, 100000};
    (void)state;
    FOR_EACH_SET(set) {
        job a = job_of(&oscillator, 1, 10), b = a;
        cit_ode_stats stats_a = {0}, stats_b = {0};
        run_jobs(set, &oscillator_lanes, &zero, &a, 1, &stats_a);
        run_jobs(set, &oscillator_lanes, &said, &b, 1, &stats_b);
        CHECK(memcmp(a.y, b.y, sizeof a.y) == 0 && stats_a.steps == stats_b.steps,
              "%s: %ld and %ld steps", name_of(set), stats_a.steps, stats_b.steps);
    }
}

/* ---- guards ------------------------------------------------------------------------------------- */

/* c - q is exactly 0 in the first step of every second lane: 1 / (gamma h) = q. */
static void a_singular_pivot_is_tried_again_with_a_smaller_step(void **state) {
    const cit_ode_options options = {.rtol = 1e-6, .first_step = 0.25};
    const double rate = 4 * gamma_inverse;
    (void)state;
    FOR_EACH_SET(set) {
        job jobs[WIDTH_MAX], singular = {.q = {rate}, .y = {1}, .end = 0.5};
        cit_ode_stats stats = {0};
        for (int i = 0; i < width_of(set); i++)
            jobs[i] = (job){.q = {i % 2 ? 1 : rate}, .y = {1}, .end = 0.5};
        run_jobs(set, &growth_lanes, &options, jobs, width_of(set), NULL);
        run_jobs(set, &growth_lanes, &options, &singular, 1, &stats);
        CHECK(stats.rejected >= 1, "%s: nothing was tried again", name_of(set));
        for (int i = 0; i < width_of(set); i++) {
            const double want = exp(0.5 * jobs[i].q[0]);
            CHECK(jobs[i].status == CIT_OK, "%s, lane %d: diverged", name_of(set), i);
            CHECK_CLOSE(jobs[i].y[0], want, 1e-5 * want);
        }
    }
}

/* NAN from every step longer than 0.01: many small steps, and the right answer. */
static void factors_that_are_no_numbers_are_tried_again_with_a_smaller_step(void **state) {
    const cit_ode_options options = {.rtol = 1e-4, .first_step = 10};
    (void)state;
    FOR_EACH_SET(set) {
        job jobs[WIDTH_MAX], free_job = job_of(&oscillator, 1, 3);
        cit_ode_stats stats = {0}, free_stats = {0};
        for (int i = 0; i < width_of(set); i++) {
            jobs[i] = job_of(&oscillator, 1, 3);
            if (i % 2) jobs[i].q[LONGEST_STEP] = 0.01;
        }
        run_jobs(set, &oscillator_lanes, &options, jobs, width_of(set), &stats);
        run_jobs(set, &oscillator_lanes, &options, &free_job, 1, &free_stats);
        CHECK(stats.steps > width_of(set) / 2 * 300, "%s: %ld steps", name_of(set), stats.steps);
        for (int i = 0; i < width_of(set); i++) {
            CHECK(jobs[i].status == CIT_OK && jobs[i].t == 3, "%s, lane %d at %g", name_of(set), i,
                  jobs[i].t);
            CHECK(error_of(&oscillator, jobs[i].q, jobs[i].y, 3) < (i % 2 ? 1e-8 : 1e-3),
                  "%s, lane %d: off by %g", name_of(set), i,
                  error_of(&oscillator, jobs[i].q, jobs[i].y, 3));
            if (i % 2 == 0)
                CHECK(memcmp(jobs[i].y, free_job.y, sizeof free_job.y) == 0,
                      "%s, lane %d: changed by its neighbours", name_of(set), i);
        }
    }
}

/* Jobs with a wall on their way stop before it, in a state that was accepted; the others finish, with
 * the bits they have alone, though some begin after such a one in the same lane. */
static void a_lane_that_cannot_go_on_says_so_and_the_others_finish(void **state) {
    enum { JOBS = 30 };
    const cit_ode_options options = {.rtol = 1e-5};
    (void)state;
    FOR_EACH_SET(set) {
        job jobs[JOBS];
        for (int i = 0; i < JOBS; i++)
            jobs[i] = (job){.q = {i % 3 ? 1e9 : 2 + 0.1 * i, 0.5 + 0.1 * i}, .y = {1}, .end = 10};
        run_jobs(set, &wall_lanes, &options, jobs, JOBS, NULL);
        for (int i = 0; i < JOBS; i++) {
            const double limit = jobs[i].q[0], t = jobs[i].t;
            const double want = exp(-jobs[i].q[1] * t);
            CHECK_CLOSE(jobs[i].y[0], want, 1e-4);
            CHECK_CLOSE(jobs[i].y[1], t, 1e-12);
            if (i % 3) {
                job alone = {.q = {1e9, jobs[i].q[1]}, .y = {1}, .end = 10};
                run_jobs(set, &wall_lanes, &options, &alone, 1, NULL);
                CHECK(jobs[i].status == CIT_OK && t == 10, "%s: job %d ends at %g", name_of(set), i,
                      t);
                CHECK(memcmp(alone.y, jobs[i].y, sizeof alone.y) == 0, "%s: job %d changed",
                      name_of(set), i);
            } else {
                CHECK(jobs[i].status == CIT_DIVERGED && t <= limit && t > limit - 0.01,
                      "%s: job %d with a wall at %g ends at %g, status %d", name_of(set), i, limit,
                      t, jobs[i].status);
            }
        }
        job blown = {.y = {1}, .end = 2};
        double y[SMALL];
        const cit_status st = run_single(&square, NULL, &options, &blown, y, NULL, NULL);
        run_jobs(set, &square_lanes, &options, &blown, 1, NULL);
        CHECK(st == CIT_DIVERGED && blown.status == CIT_DIVERGED && isfinite(blown.y[0]) &&
                  blown.y[0] > 1e3,
              "%s: blown up to %g", name_of(set), blown.y[0]);
        CHECK_CLOSE(blown.t, 1, 1e-3);
    }
}

static void too_many_steps_end_one_lane(void **state) {
    enum { JOBS = 9 };
    const cit_ode_options few = {.rtol = 1e-6, .first_step = 0.01, .max_steps = 40};
    (void)state;
    FOR_EACH_SET(set) {
        job jobs[JOBS];
        for (int i = 0; i < JOBS; i++) jobs[i] = job_of(&oscillator, i % 2 ? 1 : 1000, 1);
        run_jobs(set, &oscillator_lanes, &few, jobs, JOBS, NULL);
        for (int i = 0; i < JOBS; i++) {
            CHECK(jobs[i].status == (i % 2 ? CIT_OK : CIT_DIVERGED), "%s: job %d has status %d",
                  name_of(set), i, jobs[i].status);
            CHECK(i % 2 ? jobs[i].t == 1 : jobs[i].t > 0 && jobs[i].t < 1, "%s: job %d ends at %g",
                  name_of(set), i, jobs[i].t);
            CHECK(error_of(&oscillator, jobs[i].q, jobs[i].y, jobs[i].t) < 1e-3,
                  "%s: job %d is off by %g", name_of(set), i,
                  error_of(&oscillator, jobs[i].q, jobs[i].y, jobs[i].t));
        }
    }
}

/* ---- the column's kernels ------------------------------------------------------------------------ */

/* A state anywhere within the bounds of the model, and a column in the middle of a course. */
static void random_state(const cit_column *c, int draw, double *y) {
    static const double highest[CIT_LAYER_FIELDS] = {5, 12, 15, 30, 1, 1, 0.5, 0.5, 1};
    static const double highest_single[CIT_SINGLE_FIELDS] = {1.2, 1, 10, 10, 3};
    const int K = c->layers;
    for (int f = 0; f < CIT_LAYER_FIELDS; f++)
        for (int k = 0; k < K; k++)
            y[f * K + k] = highest[f] * uniform("state", draw, f * K + k) * (f == 5 ? 0.5 : 1);
    for (int i = 0; i < CIT_SINGLE_FIELDS; i++)
        y[CIT_LAYER_FIELDS * K + i] = highest_single[i] * uniform("single", draw, i);
}

static cit_column random_column(int draw, int layers) {
    const cit_kinetics k = kinetics_of(draw);
    cit_column c = column_of(&k, layers, scar_set_point);
    for (int i = 0; i < layers; i++) {
        c.viable[i] = uniform("viable", draw, i);
        c.priming[i] = 1 + k.pi_I * uniform("priming", draw, i);
    }
    c.counts_raised = uniform("raised", draw, 0) < 0.5;
    return c;
}

/* Central differences of the right side, extrapolated: exact for cubics, so to some 1e-10 here. A kink
 * (of max0) near the state would spoil them: such entries of J jump, and are given as NAN. */
static void difference_column(const cit_column *c, const double *y, int j, double *ret) {
    const cit_ode_system s = cit_column_system(c);
    double at[CIT_COLUMN_SIZE_MAX], f[4][CIT_COLUMN_SIZE_MAX], h = 1e-3 * (1 + fabs(y[j]));
    static const double steps[4] = {1, -1, 2, -2};
    memcpy(at, y, sizeof *y * (size_t)s.n);
    for (int i = 0; i < 4; i++) {
        at[j] = y[j] + steps[i] * h;
        s.rhs(c, at, f[i]);
    }
    for (int i = 0; i < s.n; i++) {
        const double near_slope = (f[0][i] - f[1][i]) / (2 * h),
                     far_slope = (f[2][i] - f[3][i]) / (4 * h);
        ret[i] = near_slope + (near_slope - far_slope) / 3;
    }
}

static bool near_a_kink(const cit_column *c, const double *y) {
    const int K = c->layers;
    double myofibroblasts = 0;
    for (int k = 0; k < K; k++) {
        const double I = y[CIT_INFLAMMATION * K + k];
        if (fabs(I * I / (c->kinetics.K_P + I) - c->kinetics.P_c) < 0.1) return true;
        myofibroblasts += y[CIT_MYOFIBROBLASTS * K + k] / K;
    }
    return fabs(myofibroblasts - c->kinetics.M_h) < 0.02;
}

static void the_jacobian_is_that_of_the_right_side(void **state) {
    static const int layers[] = {1, 3, 7};
    static double J[CIT_COLUMN_SIZE_MAX * CIT_COLUMN_SIZE_MAX];
    (void)state;
    for (int l = 0; l < 3; l++) {
        double worst = 0;
        int states = 0, entries = 0;
        for (int draw = 0; draw < 60; draw++) {
            const cit_column c = random_column(draw, layers[l]);
            const int n = cit_column_size(&c);
            double y[CIT_COLUMN_SIZE_MAX], slopes[CIT_COLUMN_SIZE_MAX];
            random_state(&c, draw, y);
            if (near_a_kink(&c, y)) continue;
            states++;
            for (int i = 0; i < n * n; i++) J[i] = (double)NAN; /* all of it must be set */
            cit_column_jacobian(&c, y, J);
            for (int j = 0; j < n; j++) {
                difference_column(&c, y, j, slopes);
                for (int i = 0; i < n; i++) {
                    const double off = fabs(J[i * n + j] - slopes[i]) / (1 + fabs(slopes[i]));
                    CHECK(off < 2e-9, "%d layers, draw %d: J[%d][%d] is %.12g, not %.12g",
                          layers[l], draw, i, j, J[i * n + j], slopes[i]);
                    worst = fmax(worst, off);
                    entries += J[i * n + j] != 0;
                }
            }
        }
        print_message("# %d layers: %d states, %d entries each, off by %.1e at most\n", layers[l],
                      states, entries / states, worst);
        CHECK(states > 20, "only %d states away from kinks", states);
    }
}

/* (c I - J(at)) x. */
static void shifted_times(const cit_column *c, const double *at, double shift, const double *x,
                          double *product, double *terms) {
    static double J[STATE * STATE];
    cit_column_jacobian(c, at, J);
    for (int i = 0; i < STATE; i++) {
        product[i] = shift * x[i];
        terms[i] = fabs(shift * x[i]);
        for (int j = 0; j < STATE; j++) {
            product[i] -= J[i * STATE + j] * x[j];
            terms[i] += fabs(J[i * STATE + j] * x[j]);
        }
    }
}

/* What a kernel is given and gives, all lanes side by side, aligned as it wants them. */
typedef struct kernel_case {
    _Alignas(64) double y[STATE * WIDTH_MAX];
    _Alignas(64) double later_y[STATE * WIDTH_MAX];
    _Alignas(64) double c[WIDTH_MAX];
    _Alignas(64) double first[STATE * WIDTH_MAX];
    _Alignas(64) double later[STATE * WIDTH_MAX];
} kernel_case;

/* Draws first, first + 1 ... in the lanes from `rotation` on. */
static void run_kernel(int set, int first, int rotation, kernel_case *k) {
    static _Alignas(64) double q[1024 * WIDTH_MAX], work[1024 * WIDTH_MAX];
    const cit_lanes_kernel *kernel = column_kernels[set];
    const int width = width_of(set);
    CHECK(column_coefficient_count <= 1024 && column_work_count <= 1024, "larger than foreseen");
    for (int i = 0; i < width; i++) {
        const int lane = (i + rotation) % width;
        const cit_column column = random_column(first + i, CIT_COLUMN_LAYERS);
        double y[STATE];
        random_state(&column, first + i, y);
        scatter(y, STATE, width, lane, k->y);
        random_state(&column, first + i + 5000, y);
        scatter(y, STATE, width, lane, k->later_y);
        for (int j = 0; j < STATE; j++)
            k->later[j * width + lane] = uniform("stage", first + i, j) - 0.5;
        k->c[lane] = exp(between(log(0.5), log(1e5), "shift", first + i, 0));
        column_coefficients(&column, q + lane, width);
    }
    kernel->first(q, k->y, k->c, work, k->first);
    kernel->later(q, k->later_y, work, k->later);
}

/* The residual of (c I - J) k = f and of (c I - J) k = k0 + f(later), relative to its own terms. */
static double kernel_residual(const kernel_case *k, int width, int lane, int draw) {
    const cit_column c = random_column(draw, CIT_COLUMN_LAYERS);
    const cit_ode_system s = cit_column_system(&c);
    double y[STATE], later_y[STATE], x[STATE], f[STATE], product[STATE], terms[STATE], worst = 0;
    gather(k->y, STATE, width, lane, y);
    gather(k->later_y, STATE, width, lane, later_y);
    for (int later = 0; later < 2; later++) {
        gather(later ? k->later : k->first, STATE, width, lane, x);
        s.rhs(&c, later ? later_y : y, f);
        shifted_times(&c, y, k->c[lane], x, product, terms);
        for (int i = 0; i < STATE; i++) {
            const double wanted = f[i] + (later ? uniform("stage", draw, i) - 0.5 : 0);
            worst = fmax(worst, fabs(product[i] - wanted) / (terms[i] + fabs(wanted) + 1e-3));
        }
    }
    return worst;
}

static void the_kernels_solve_what_dense_algebra_does(void **state) {
    enum { DRAWS = 400 };
    (void)state;
    FOR_EACH_SET(set) {
        static kernel_case k;
        const int width = width_of(set);
        double worst = 0;
        for (int draw = 0; draw + width <= DRAWS; draw += width) {
            run_kernel(set, draw, 0, &k);
            for (int i = 0; i < width; i++) {
                const double residual = kernel_residual(&k, width, i, draw + i);
                CHECK(residual < 1e-11, "%s, draw %d, lane %d, c %g: residual %g", name_of(set),
                      draw + i, i, k.c[i], residual);
                worst = fmax(worst, residual);
            }
        }
        print_message("# %s: residual %.1e at most\n", name_of(set), worst);
    }
}

static void the_kernels_give_every_lane_the_same_bits(void **state) {
    (void)state;
    FOR_EACH_SET(set) {
        static kernel_case a, b;
        const int width = width_of(set);
        for (int draw = 0; draw < 10 * width; draw += width) {
            run_kernel(set, draw, 0, &a);
            for (int rotation = 1; rotation < width; rotation++) {
                run_kernel(set, draw, rotation, &b);
                for (int i = 0; i < width * STATE; i++) {
                    const int j = i / width, from = i % width, to = (from + rotation) % width;
                    CHECK(a.first[i] == b.first[j * width + to] &&
                              a.later[i] == b.later[j * width + to],
                          "%s, draw %d: number %d differs in lanes %d and %d", name_of(set),
                          draw + from, j, from, to);
                }
            }
        }
    }
}

/* ---- courses ------------------------------------------------------------------------------------- */

enum { PEOPLE = 512, VISITS = 13, TIMES = 20, PLAIN = -1, EXPLICIT = -2, SCALAR = -3 };

/* One person's course and room for its values; the course points in here. */
typedef struct patient {
    cit_course course;
    double days[VISITS], times[TIMES], values[TIMES * STATE];
    cit_wound wounds[VISITS];
} patient;

static void attach(patient *who) {
    who->course.days = who->days;
    who->course.wounds = who->wounds;
    who->course.times = who->times;
    who->course.values = who->values;
}

/* Values are first set to something that no course gives, and that differs from run to run. */
static void forget(cit_course *c) {
    static double mark = -1e6;
    mark -= 1;
    for (int i = 0; i < c->time_count * STATE; i++) c->values[i] = mark;
}

/* Along a course with the method for one system; what happens when is as in src/healing/course.c. */
static cit_status scalar_course(double rtol, cit_course *c, cit_ode_stats *stats) {
    const cit_ode_options options = {.rtol = rtol, .first_step = 0.6 * pow(rtol, 0.2)};
    const double end = c->time_count > 0 ? c->times[c->time_count - 1] : 0;
    cit_column column = c->column;
    double y[STATE], day = 0, raised = HUGE_VAL;
    int visit = 0, wanted = 0;
    cit_column_start(&column, y);
    for (; wanted < c->time_count && c->times[wanted] <= 0; wanted++)
        memcpy(c->values + (ptrdiff_t)wanted * STATE, y, sizeof y);
    while (day < end) {
        for (; visit < c->visits && c->days[visit] <= day; visit++) {
            cit_column_visit(&column, &c->wounds[visit], c->c_cut, c->band_floor, y);
            raised = day + 60;
        }
        if (raised <= day) {
            column.counts_raised = true;
            raised = HUGE_VAL;
        }
        const double until = fmin(fmin(end, raised), visit < c->visits ? c->days[visit] : HUGE_VAL);
        int count = 0;
        while (wanted + count < c->time_count && c->times[wanted + count] <= until) count++;
        const cit_ode_system system = cit_column_system(&column);
        const cit_status st = scalar_advance(&system, &options, day, until, y, c->times + wanted,
                                             count, c->values + (ptrdiff_t)wanted * STATE, stats);
        if (st != CIT_OK) return st;
        wanted += count;
        day = until;
    }
    return CIT_OK;
}

static cit_status try_courses(int set, double rtol, cit_course *courses, int count,
                              cit_ode_stats *stats) {
    static cit_errors errs;
    cit_engine *engine = NULL;
    for (int i = 0; i < count; i++) forget(&courses[i]);
    for (int i = 0; i < count && set == SCALAR; i++) {
        const cit_status st = scalar_course(rtol, &courses[i], stats);
        if (st != CIT_OK) return st;
    }
    if (set == SCALAR) return CIT_OK;
    memset(&errs, 0, sizeof errs);
    const cit_status made = set >= 0
                                ? cit_engine_new_lanes((cit_instructions)set, rtol, &engine, &errs)
                                : cit_engine_new(set == PLAIN ? &cit_ode_rodas : &cit_ode_dopri5,
                                                 CIT_COLUMN_LAYERS, rtol, &engine, &errs);
    CHECK(made == CIT_OK, "%s", errs.items[0].text);
    const cit_status st = cit_engine_run(engine, courses, count, stats, &errs);
    cit_engine_free(engine);
    CHECK((st == CIT_OK) == (errs.count == 0), "status %d with %d faults", st, errs.count);
    return st;
}

static void run_courses(int set, double rtol, cit_course *courses, int count,
                        cit_ode_stats *stats) {
    const cit_status st = try_courses(set, rtol, courses, count, stats);
    CHECK(st == CIT_OK, "%s: %s", set >= 0 ? name_of(set) : "plain", cit_status_text(st));
}

static size_t values_size(const cit_course *c) {
    return sizeof(double) * STATE * (size_t)c->time_count;
}

static bool same_values(const cit_course *a, const cit_course *b) {
    return memcmp(a->values, b->values, values_size(a)) == 0;
}

/* Largest |got - want| / (|want| + 1e-3) over a course's values, as in the benchmark. */
static double course_error(const cit_course *got, const cit_course *want) {
    double worst = 0;
    for (int i = 0; i < want->time_count * STATE; i++) {
        const double off = fabs(got->values[i] - want->values[i]) / (fabs(want->values[i]) + 1e-3);
        worst = off <= worst ? worst : off; /* NAN counts */
    }
    return worst;
}

/* ---- a cohort ------------------------------------------------------------------------------------ */

static cit_parameters drawn_parameters(int draw) {
    cit_parameters p = defaults();
    int count = 0;
    const cit_parameter *table = cit_parameter_table(&count);
    for (int i = 0; i < count; i++)
        cit_parameter_set(
            &p, &table[i],
            cit_param_quantile(&table[i].param, uniform(table[i].param.name, draw, 0)));
    return p;
}

static void drawn_wound(const cit_parameters *p, const cit_column *c, int draw, int visit,
                        cit_wound *ret) {
    const bool pen = uniform("device", draw, 0) < 0.5;
    const double diameter_mm = 0.25;
    cit_use use = {.kind = pen ? CIT_PEN : CIT_ROLLER,
                   .length_mm =
                       p->prior.needle_length_mm * between(0.7, 1.3, "length", draw, visit),
                   .passes = pen ? p->prior.pen_passes : p->prior.roller_passes,
                   .halo_mm = p->needling.halo_ratio * diameter_mm,
                   .hole_mm = p->needling.hole_mm};
    use.density = pen ? exp(between(log(2), log(20), "density", draw, visit)) : 0.153 * use.passes;
    memset(ret, 0, sizeof *ret);
    cit_wound_make(&p->needling, &use, 0, c->edges_mm, c->layers, c->edges_mm[c->layers], ret);
}

/* No visit, or 1 to 12 of them 2 to 60 days apart, evenly or not, some on the same day. */
static void drawn_visits(int draw, patient *who) {
    cit_course *c = &who->course;
    const bool even = uniform("even", draw, 0) < 0.5;
    c->visits = draw % 32 == 0 ? 0 : 1 + (int)between(0, 12, "visits", draw, 0);
    for (int i = 1; i < c->visits; i++) {
        double gap = between(2, 60, "gap", draw, even ? 0 : i);
        if (uniform("whole days", draw, 0) < 0.5) gap = floor(gap);
        if (draw % 8 == 5 && uniform("again", draw, i) < 0.3) gap = 0;
        who->days[i] = who->days[i - 1] + gap;
    }
}

/* Where the state is wanted, by draw: before each visit and at the end; between visits; some before the
 * start, too; at the end alone; not at all; only before the start; the same time more than once. */
static void drawn_times(int draw, patient *who) {
    cit_course *c = &who->course;
    const double last = c->visits > 0 ? who->days[c->visits - 1] : 0;
    const double end = last + between(1, 300, "end", draw, 0);
    const int kind = draw % 16;
    c->time_count = 0;
    if (kind == 7) return;
    if (kind == 3 || kind == 11)
        for (int i = 0; i < 3; i++) who->times[c->time_count++] = -7.5 + 3.75 * i;
    if (kind == 11) return;
    if (kind == 5) {
        who->times[c->time_count++] = last; /* the last visit is not had any more */
        return;
    }
    if (kind % 2 == 0)
        for (int i = 0; i < c->visits; i++) who->times[c->time_count++] = who->days[i];
    if (kind == 1 || kind == 3)
        for (int i = 0; i < 12; i++) who->times[c->time_count++] = end * (i + 0.37) / 13;
    for (int i = 0; i < 2 && kind == 9; i++) who->times[c->time_count++] = 0.5 * end;
    who->times[c->time_count++] = end;
}

static void draw_patient(int draw, patient *who) {
    static cit_errors errs;
    const cit_parameters p = drawn_parameters(draw);
    const double epidermis_mm = 0.08;
    memset(who, 0, sizeof *who);
    attach(who);
    who->course.c_cut = p.needling.c_cut;
    who->course.band_floor = 1 - p.scar.c_band;
    CHECK(cit_column_make(&p.healing, epidermis_mm, between(0.9, 1.6, "dermis", draw, 0),
                          CIT_COLUMN_LAYERS, p.scar.set_point, p.outcome.pigment_rate,
                          &who->course.column, &errs) == CIT_OK,
          "draw %d: %s", draw, errs.items[0].text);
    drawn_visits(draw, who);
    const bool same = uniform("same wound", draw, 0) < 0.6;
    for (int i = 0; i < who->course.visits; i++)
        drawn_wound(&p, &who->course.column, draw, same ? 0 : i, &who->wounds[i]);
    drawn_times(draw, who);
}

/* The cohort with its true states, made once: an explicit method of another order, without a Jacobian,
 * at 1e-11. */
static patient *cohort(void) {
    static patient *people;
    static cit_course courses[PEOPLE];
    if (people != NULL) return people;
    people = calloc(PEOPLE, sizeof *people);
    CHECK(people != NULL, "no memory");
    int counts[6] = {0};
    for (int i = 0; i < PEOPLE; i++) {
        draw_patient(i, &people[i]);
        const cit_course *c = &people[i].course;
        courses[i] = *c;
        counts[0] += c->visits == 0;
        counts[1] += c->time_count == 0;
        counts[2] += c->time_count > 0 && c->times[0] < 0;
        counts[3] += cit_loop_gain(&c->column.kinetics) > cit_column_loop_limit(&c->column);
        counts[4] += uniform("device", i, 0) >= 0.5;
        for (int j = 1; j < c->visits; j++)
            if (c->days[j] == c->days[j - 1]) {
                counts[5]++;
                break;
            }
    }
    run_courses(EXPLICIT, 1e-11, courses, PEOPLE, NULL);
    print_message("# %d courses: %d without visits, %d without times, %d with times before day 0, "
                  "%d above the loop limit, %d with a roller, %d with visits on the same day\n",
                  PEOPLE, counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]);
    for (int i = 0; i < 6; i++) CHECK(counts[i] >= 5, "only %d of kind %d", counts[i], i);
    return people;
}

/* A copy of the cohort, to be run. */
static patient *copy_of_cohort(cit_course *courses) {
    const patient *people = cohort();
    patient *copy = malloc(PEOPLE * sizeof *copy);
    CHECK(copy != NULL, "no memory");
    memcpy(copy, people, PEOPLE * sizeof *copy);
    for (int i = 0; i < PEOPLE; i++) {
        attach(&copy[i]);
        courses[i] = copy[i].course;
    }
    return copy;
}

static void the_truth_is_known_from_two_methods(void **state) {
    static cit_course rodas[PEOPLE];
    (void)state;
    patient *copy = copy_of_cohort(rodas);
    double worst = 0;
    for (int i = 1; i < PEOPLE; i += 60) {
        run_courses(PLAIN, 1e-11, &rodas[i], 1, NULL);
        worst = fmax(worst, course_error(&rodas[i], &cohort()[i].course));
    }
    print_message("# dopri5 and rodas, both at 1e-11, differ by %.1e at most\n", worst);
    CHECK(worst < 1e-7, "the truth is uncertain by %g", worst);
    free(copy);
}

typedef struct spread {
    double p99, max;
} spread;

static spread errors_of(const cit_course *got, const cit_course *want) {
    double errors[PEOPLE];
    for (int i = 0; i < PEOPLE; i++) {
        errors[i] = course_error(&got[i], &want[i]);
        CHECK(isfinite(errors[i]), "course %d is off by %g", i, errors[i]);
    }
    cit_sort(errors, PEOPLE);
    return (spread){cit_quantile_sorted(errors, PEOPLE, 0.99), errors[PEOPLE - 1]};
}

/* At the tolerance of forecasts and at a hundredth of it: beside the same method for one course the
 * lanes differ by rounding alone; beside the truth they are better than the plain engine. */
static void lanes_agree_with_one_course_alone_and_with_the_truth(void **state) {
    static const struct {
        double rtol, true_p99, true_max, scalar_p99, scalar_max;
    } limits[] = {{1e-4, 8e-4, 2e-3, 1e-11, 1e-10}, {1e-6, 8e-6, 2e-5, 1e-11, 1e-10}};
    static cit_course truth[PEOPLE], plain[PEOPLE], scalar[PEOPLE], lanes[PEOPLE];
    (void)state;
    for (int i = 0; i < PEOPLE; i++) truth[i] = cohort()[i].course;
    patient *plain_people = copy_of_cohort(plain), *scalar_people = copy_of_cohort(scalar),
            *lanes_people = copy_of_cohort(lanes);
    for (size_t l = 0; l < sizeof limits / sizeof *limits; l++) {
        const double rtol = limits[l].rtol;
        cit_ode_stats plain_stats = {0}, scalar_stats = {0};
        run_courses(PLAIN, rtol, plain, PEOPLE, &plain_stats);
        run_courses(SCALAR, rtol, scalar, PEOPLE, &scalar_stats);
        const spread own = errors_of(plain, truth);
        print_message("# plain at %g: off the truth by p99 %.2e, max %.2e; %ld steps\n", rtol,
                      own.p99, own.max, plain_stats.steps);
        FOR_EACH_SET(set) {
            cit_ode_stats stats = {0};
            run_courses(set, rtol, lanes, PEOPLE, &stats);
            const spread off = errors_of(lanes, truth), apart = errors_of(lanes, scalar);
            print_message("# %s at %g: off the truth by p99 %.2e, max %.2e; "
                          "off one alone by p99 %.2e, max %.2e; %ld steps, alone %ld\n",
                          name_of(set), rtol, off.p99, off.max, apart.p99, apart.max, stats.steps,
                          scalar_stats.steps);
            CHECK(off.p99 < own.p99 && off.max < own.max, "%s at %g: worse than plain",
                  name_of(set), rtol);
            CHECK(off.p99 <= limits[l].true_p99 && off.max <= limits[l].true_max,
                  "%s at %g: p99 %g, max %g", name_of(set), rtol, off.p99, off.max);
            CHECK(apart.p99 <= limits[l].scalar_p99 && apart.max <= limits[l].scalar_max,
                  "%s at %g: off one alone by p99 %g, max %g", name_of(set), rtol, apart.p99,
                  apart.max);
            CHECK(labs(stats.steps - scalar_stats.steps) * 200 <= scalar_stats.steps,
                  "%s at %g: %ld steps, alone %ld", name_of(set), rtol, stats.steps,
                  scalar_stats.steps);
            CHECK(stats.rhs_calls == STAGES * (stats.steps + stats.rejected),
                  "%ld calls, %ld steps", stats.rhs_calls, stats.steps);
        }
    }
    free(plain_people);
    free(scalar_people);
    free(lanes_people);
}

/* ---- a course does not know the others ----------------------------------------------------------- */

/* What lanes give at 1e-4 for each course run alone. */
static patient *alone_in_lanes(int set, cit_course *courses, cit_ode_stats *stats) {
    patient *people = copy_of_cohort(courses);
    for (int i = 0; i < PEOPLE; i++) run_courses(set, 1e-4, &courses[i], 1, stats);
    return people;
}

static int one_before(const void *a, const void *b) {
    const double *x = a, *y = b;
    return x[0] < y[0] ? -1 : x[0] > y[0];
}

/* The numbers from 0 to count - 1 in an order that belongs to `round`; round 0: as they are. */
static void shuffle(int round, int count, int *order) {
    double keys[PEOPLE][2];
    for (int i = 0; i < count; i++) {
        keys[i][0] = round > 0 ? uniform("shuffle", round, i) : i;
        keys[i][1] = i;
    }
    qsort(keys, (size_t)count, sizeof *keys, one_before);
    for (int i = 0; i < count; i++) order[i] = (int)keys[i][1];
}

/* In batches of many sizes and in several orders, each course has the bits it has alone; and as many
 * steps are taken. */
static void a_course_depends_neither_on_batch_nor_on_order(void **state) {
    static const int sizes[] = {PEOPLE, 1, 2, 3, 5, 8, 9, 17, 64};
    static cit_course alone[PEOPLE], batch[PEOPLE], other[PEOPLE];
    int order[PEOPLE];
    (void)state;
    patient *other_people = copy_of_cohort(other);
    FOR_EACH_SET(set) {
        cit_ode_stats stats_alone = {0};
        patient *people = alone_in_lanes(set, alone, &stats_alone);
        for (int s = 0; s < 9; s++) {
            cit_ode_stats stats = {0};
            shuffle(s, PEOPLE, order);
            for (int i = 0; i < PEOPLE; i++) batch[i] = other[order[i]];
            for (int from = 0; from < PEOPLE; from += sizes[s])
                run_courses(set, 1e-4, batch + from,
                            PEOPLE - from < sizes[s] ? PEOPLE - from : sizes[s], &stats);
            for (int i = 0; i < PEOPLE; i++)
                CHECK(same_values(&batch[i], &alone[order[i]]),
                      "%s: course %d differs in a batch of %d", name_of(set), order[i], sizes[s]);
            CHECK(memcmp(&stats, &stats_alone, sizeof stats) == 0, "%s: %ld steps, %ld alone",
                  name_of(set), stats.steps, stats_alone.steps);
        }
        free(people);
    }
    free(other_people);
}

/* The first courses of a run begin in lane 0, 1, 2 ...: what stands in front decides the lane. */
static void a_course_does_not_depend_on_its_lane(void **state) {
    static cit_course alone[PEOPLE], others[PEOPLE];
    (void)state;
    patient *others_people = copy_of_cohort(others);
    FOR_EACH_SET(set) {
        patient *people = alone_in_lanes(set, alone, NULL);
        for (int i = 1; i < 200; i += 13) {
            for (int lane = 0; lane < width_of(set); lane++) {
                cit_course batch[2 * WIDTH_MAX];
                for (int j = 0; j < 2 * width_of(set); j++) batch[j] = others[200 + 2 * j + i % 2];
                batch[lane] = others[i];
                run_courses(set, 1e-4, batch, 2 * width_of(set), NULL);
                CHECK(same_values(&batch[lane], &alone[i]), "%s: course %d differs in lane %d",
                      name_of(set), i, lane);
            }
        }
        free(people);
    }
    free(others_people);
}

/* A course of the same shape that is hard on its neighbours. */
typedef enum monster {
    STIFF,  /* layers exchange a hundred thousand times faster */
    HUGE,   /* debris of 1e30 */
    BEYOND, /* no lane can do it: products of its scales are larger than any number */
    NONE,   /* nobody can: debris that is no number */
    MONSTERS
} monster;

static void make_monster(monster kind, cit_course *c, cit_wound *wounds) {
    if (c->visits > VISITS) c->visits = VISITS;
    memcpy(wounds, c->wounds, sizeof *wounds * (size_t)c->visits);
    c->wounds = wounds;
    if (kind == STIFF) {
        c->column.exchange_I *= 1e5;
        c->column.exchange_R *= 1e5;
        c->column.exchange_G *= 1e5;
        c->column.exchange_F *= 1e5;
    }
    if (kind == BEYOND) c->column.kinetics.D_s = 1e300;
    for (int i = 0; i < c->visits; i++)
        for (int k = 0; k < CIT_COLUMN_LAYERS; k++) {
            if (kind == HUGE) wounds[i].debris[k] = 1e30;
            if (kind == NONE) wounds[i].debris[k] = (double)NAN;
        }
}

/* Every second course becomes a monster; the others keep their bits, though a run with a course that
 * nobody can do says so. What only lanes cannot do is done, as the plain engine does it. */
static void a_course_does_not_suffer_from_its_neighbours(void **state) {
    enum { COUNT = 48 };
    static cit_course alone[PEOPLE], spare[PEOPLE];
    static cit_wound wounds[COUNT][VISITS];
    (void)state;
    patient *spare_people = copy_of_cohort(spare);
    FOR_EACH_SET(set) {
        patient *people = alone_in_lanes(set, alone, NULL);
        for (int kind = 0; kind < MONSTERS; kind++) {
            cit_course batch[COUNT];
            int redone = 0;
            for (int i = 0; i < COUNT; i++) {
                batch[i] = spare[i];
                if (i % 2 == 0) make_monster((monster)kind, &batch[i], wounds[i]);
            }
            const cit_status st = try_courses(set, 1e-4, batch, COUNT, NULL);
            CHECK(st == (kind == NONE || kind == HUGE ? CIT_DIVERGED : CIT_OK), "%s, kind %d: %s",
                  name_of(set), kind, cit_status_text(st));
            for (int i = 1; i < COUNT; i += 2)
                CHECK(same_values(&batch[i], &alone[i]), "%s: course %d suffers from kind %d",
                      name_of(set), i, kind);
            for (int i = 0; i < COUNT && st == CIT_OK; i += 2) {
                static double values[TIMES * STATE];
                cit_course by_other = batch[i];
                by_other.values = values;
                run_courses(PLAIN, 1e-4, &by_other, 1, NULL);
                const bool same = same_values(&by_other, &batch[i]);
                redone += same && by_other.time_count > 0 && by_other.visits > 0;
                if (kind == BEYOND)
                    CHECK(same, "%s: course %d is not the plain one's", name_of(set), i);
                if (same) continue;
                run_courses(SCALAR, 1e-4, &by_other, 1, NULL);
                CHECK(course_error(&batch[i], &by_other) < 1e-9, "%s, kind %d: course %d is off",
                      name_of(set), kind, i);
            }
            print_message("# %s, kind %d: %s, %d done again\n", name_of(set), kind,
                          cit_status_text(st), redone);
        }
        free(people);
    }
    free(spare_people);
}

static void threads_give_the_same_bytes(void **state) {
    static cit_course one[PEOPLE], many[PEOPLE];
    enum { BATCH = 16, THREADS = 4 };
    (void)state;
    patient *one_people = copy_of_cohort(one), *many_people = copy_of_cohort(many);
    FOR_EACH_SET(set) {
        int faults = 0;
        run_courses(set, 1e-4, one, PEOPLE, NULL);
        for (int i = 0; i < PEOPLE; i++) forget(&many[i]);
#pragma omp parallel num_threads(THREADS) reduction(+ : faults)
        {
            cit_engine *engine = NULL;
            faults += cit_engine_new_lanes((cit_instructions)set, 1e-4, &engine, NULL) != CIT_OK;
#pragma omp for schedule(dynamic)
            for (int i = 0; i < PEOPLE; i += BATCH)
                faults +=
                    engine == NULL || cit_engine_run(engine, many + i, BATCH, NULL, NULL) != CIT_OK;
            cit_engine_free(engine);
        }
        CHECK(faults == 0, "%s: %d faults", name_of(set), faults);
        for (int i = 0; i < PEOPLE; i++)
            CHECK(same_values(&one[i], &many[i]), "%s: course %d differs in threads", name_of(set),
                  i);
    }
    free(one_people);
    free(many_people);
}

static void an_engine_can_be_used_again(void **state) {
    static cit_course first[PEOPLE], second[PEOPLE];
    static cit_errors errs;
    (void)state;
    patient *a = copy_of_cohort(first), *b = copy_of_cohort(second);
    FOR_EACH_SET(set) {
        cit_engine *engine = NULL;
        CHECK(cit_engine_new_lanes((cit_instructions)set, 1e-4, &engine, &errs) == CIT_OK, "%s",
              errs.items[0].text);
        CHECK(cit_engine_run(engine, first, 0, NULL, &errs) == CIT_OK, "no course: not ok");
        CHECK(cit_engine_run(engine, first, 100, NULL, &errs) == CIT_OK &&
                  cit_engine_run(engine, second + 50, 50, NULL, &errs) == CIT_OK,
              "%s", errs.items[0].text);
        cit_engine_free(engine);
        for (int i = 50; i < 100; i++)
            CHECK(same_values(&first[i], &second[i]), "%s: course %d differs", name_of(set), i);
        for (int i = 0; i < 100; i++)
            CHECK(memcmp(&first[i].column, &cohort()[i].course.column, sizeof(cit_column)) == 0,
                  "%s: the run changed the column of course %d", name_of(set), i);
    }
    free(a);
    free(b);
}

static void a_course_of_other_layers_is_refused(void **state) {
    static cit_errors errs;
    const cit_kinetics k = kinetics_of(0);
    (void)state;
    FOR_EACH_SET(set) {
        const plan p = {.column = column_of(&k, 4, scar_set_point)};
        const double day = 1;
        double y[CIT_COLUMN_SIZE_MAX] = {0};
        cit_course course = course_of(&p, &day, 1, y);
        cit_engine *engine = NULL;
        CHECK(cit_engine_new_lanes((cit_instructions)set, 0, &engine, &errs) == CIT_OK,
              "no engine");
        const cit_status st = cit_engine_run(engine, &course, 1, NULL, &errs);
        cit_engine_free(engine);
        CHECK(st == CIT_INVALID, "%s: 4 layers in lanes: %s", name_of(set), cit_status_text(st));
    }
}

/* ---- bounds -------------------------------------------------------------------------------------- */

/* Highest values of each field, by the maximum principle, one after the other: debris is known, as it
 * jumps and decays; I <= s_I (1 + pi_I) D / (1 + D/D_s) / d_I, R <= k_R I / d_R,
 * M <= k_FM / (k_FM + d_M), G <= (p_D D + p_R R + p_M M) / d_G. */
static void bounds_of(const cit_course *c, double bound[CIT_LAYER_FIELDS]) {
    const cit_kinetics *k = &c->column.kinetics;
    double D = 0;
    for (int i = 0; i < CIT_COLUMN_LAYERS; i++) {
        double debris = 0;
        for (int v = 0; v < c->visits; v++) {
            if (v > 0) debris *= exp(-k->k_D * (c->days[v] - c->days[v - 1]));
            debris += c->wounds[v].debris[i];
            D = fmax(D, debris);
        }
    }
    const double I = k->s_I * (1 + k->pi_I) * D / (1 + D / k->D_s) / k->d_I;
    const double R = k->k_R * I / k->d_R, M = k->k_FM / (k->k_FM + k->d_M);
    bound[CIT_DEBRIS] = D;
    bound[CIT_INFLAMMATION] = I;
    bound[CIT_MACROPHAGES] = R;
    bound[CIT_TGF] = (k->p_D * D + k->p_R * R + k->p_M * M) / k->d_G;
    bound[CIT_FIBROBLASTS] = 1;
    bound[CIT_MYOFIBROBLASTS] = M;
    bound[CIT_NEW_COLLAGEN] = bound[CIT_COLLAGEN] = k->C_max;
    bound[CIT_SET_POINT] = c->column.set_point[0];
}

/* As the plain engine is held in test_column.c: at 1e-6 what dies out stays within the absolute error of
 * a step, and two steps may err by their relative tolerance where there is a kink. */
static void every_lane_stays_within_the_models_bounds(void **state) {
    enum { COUNT = 128, DAYS = 240, K = CIT_COLUMN_LAYERS };
    static double values[COUNT][DAYS * STATE], times[DAYS];
    static cit_course courses[PEOPLE];
    const double below = 1e-9, over = 2e-6;
    (void)state;
    patient *people = copy_of_cohort(courses);
    for (int i = 0; i < DAYS; i++) times[i] = 1.5 * i + 0.5;
    for (int i = 0; i < COUNT; i++) {
        courses[i].times = times;
        courses[i].time_count = DAYS;
        courses[i].values = values[i];
    }
    FOR_EACH_SET(set) {
        double lowest = 0, highest = 0;
        run_courses(set, 1e-6, courses, COUNT, NULL);
        for (int i = 0; i < COUNT; i++) {
            const cit_kinetics *k = &courses[i].column.kinetics;
            double bound[CIT_LAYER_FIELDS];
            bounds_of(&courses[i], bound);
            for (int t = 0; t < DAYS; t++) {
                const double *y = values[i] + (ptrdiff_t)t * STATE;
                const double *single_fields = y + CIT_LAYER_FIELDS * K;
                for (int j = 0; j < STATE; j++) {
                    CHECK(y[j] >= -below, "%s, course %d, day %g: number %d is %g", name_of(set), i,
                          times[t], j, y[j]);
                    lowest = fmin(lowest, y[j]);
                }
                for (int j = 0; j < CIT_LAYER_FIELDS * K; j++) {
                    CHECK(y[j] <= bound[j / K] * (1 + over) + below,
                          "%s, course %d, day %g: field %d is %.17g, bound %.17g", name_of(set), i,
                          times[t], j / K, y[j], bound[j / K]);
                    if (bound[j / K] > 0) highest = fmax(highest, y[j] / bound[j / K] - 1);
                }
                for (int l = 0; l < K; l++) {
                    const double cells = y[CIT_FIBROBLASTS * K + l] + y[CIT_MYOFIBROBLASTS * K + l];
                    CHECK(cells <= 1 + below, "%s: F + M is 1 + %g", name_of(set), cells - 1);
                    CHECK(collagen(y, K, l, l + 1) <= k->C_max + below, "%s: N + C is C_max + %g",
                          name_of(set), collagen(y, K, l, l + 1) - k->C_max);
                }
                CHECK(single_fields[CIT_ELASTIN_STATE] <= k->E_max + below &&
                          single_fields[CIT_TETHER] <= 1 + below,
                      "%s: elastin %g, tether %g", name_of(set), single_fields[CIT_ELASTIN_STATE],
                      single_fields[CIT_TETHER]);
            }
        }
        print_message("# %s: lowest value %.2e, highest above its bound by %.2e\n", name_of(set),
                      lowest, highest);
    }
    free(people);
}

/* Without visits, with visits that do nothing, and in lanes whose neighbours heal. */
static void untreated_skin_keeps_its_bits_for_100_years_in_every_lane(void **state) {
    enum { COUNT = 120, OUTPUTS = 10 };
    static double values[COUNT][OUTPUTS * STATE];
    static cit_wound nothing[VISITS];
    static cit_course courses[PEOPLE];
    double times[OUTPUTS], start[STATE];
    (void)state;
    patient *people = copy_of_cohort(courses);
    for (int i = 0; i < OUTPUTS; i++) times[i] = 3652.5 * (i + 1);
    for (int i = 0; i < VISITS; i++) nothing[i].layers = CIT_COLUMN_LAYERS;
    for (int i = 0; i < COUNT; i++) {
        courses[i].times = times;
        courses[i].time_count = OUTPUTS;
        courses[i].values = values[i];
        if (i % 3 == 0) courses[i].visits = 0;
        if (i % 3 == 1) courses[i].wounds = nothing;
    }
    FOR_EACH_SET(set) {
        run_courses(set, 1e-5, courses, COUNT, NULL);
        for (int i = 0; i < COUNT; i++) {
            if (i % 3 == 2) continue;
            cit_column_start(&courses[i].column, start);
            for (int j = 0; j < OUTPUTS * STATE; j++)
                CHECK(values[i][j] == start[j % STATE],
                      "%s, course %d: number %d moved by %g in %g years", name_of(set), i,
                      j % STATE, values[i][j] - start[j % STATE], times[j / STATE] / 365.25);
        }
    }
    free(people);
}

/* ---- shared visits ------------------------------------------------------------------------------- */

static cit_wound shallow, deep;

/* Default person; a protocol of these visits, with shallow wounds, whose state is wanted at these times. */
static void make_protocol(patient *who, const double *days, int visits, const double *times,
                          int time_count) {
    const cit_kinetics k = kinetics_of(0);
    memset(who, 0, sizeof *who);
    attach(who);
    who->course.column = column_of(&k, CIT_COLUMN_LAYERS, scar_set_point);
    shallow = wound_of(&who->course.column, 0.6, 250);
    deep = wound_of(&who->course.column, 1.1, 400);
    who->course.c_cut = 0.3;
    who->course.band_floor = 0.4;
    who->course.visits = visits;
    who->course.time_count = time_count;
    memcpy(who->days, days, sizeof *days * (size_t)visits);
    memcpy(who->times, times, sizeof *times * (size_t)time_count);
    for (int i = 0; i < visits; i++) who->wounds[i] = shallow;
}

static void shared_visits_are_found(void **state) {
    static const double monthly[] = {0, 28, 56}, last_late[] = {0, 28, 60},
                        more[] = {0, 28, 56, 84};
    static const double end[] = {100}, on_third[] = {56}, before_third[] = {50};
    static const double early_too[] = {10, 100}, on_second_too[] = {28, 100};
    static const double before_too[] = {-1, 100}, after_too[] = {57, 100}, other_end[] = {120};
    static const struct {
        const char *what;
        const double *days;
        int visits;
        const double *times;
        int time_count, other_wound, expected;
    } rows[] = {
        {"the same", monthly, 3, end, 1, -1, 3},
        {"another last day", last_late, 3, end, 1, -1, 2},
        {"fewer visits", monthly, 2, end, 1, -1, 2},
        {"more visits", more, 4, end, 1, -1, 3},
        {"another first wound", monthly, 3, end, 1, 0, 0},
        {"another second wound", monthly, 3, end, 1, 1, 1},
        {"another last wound", monthly, 3, end, 1, 2, 2},
        {"no visits", monthly, 0, end, 1, -1, 0},
        {"no times", monthly, 3, end, 0, -1, 0},
        {"another end", monthly, 3, other_end, 1, -1, 3},
        {"an end before the third visit", monthly, 3, before_third, 1, -1, 2},
        {"an end on the third visit's day", monthly, 3, on_third, 1, -1, 2},
        {"one more time after the first visit", monthly, 3, early_too, 2, -1, 1},
        {"one more time on the second visit's day", monthly, 3, on_second_too, 2, -1, 1},
        {"one more time before the start", monthly, 3, before_too, 2, -1, 0},
        {"one more time after the third visit", monthly, 3, after_too, 2, -1, 3},
    };
    static patient a, b;
    cit_course courses[2];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int turned = 0; turned < 2; turned++) {
            make_protocol(&a, monthly, 3, end, 1);
            make_protocol(&b, rows[i].days, rows[i].visits, rows[i].times, rows[i].time_count);
            if (rows[i].other_wound >= 0) b.wounds[rows[i].other_wound] = deep;
            courses[turned] = a.course;
            courses[!turned] = b.course;
            for (int j = 0; j < 2; j++) {
                courses[j].shares_with = 77; /* whatever it was */
                courses[j].shared_visits = 5;
            }
            cit_courses_share(courses, 2);
            CHECK(courses[0].shared_visits == 0, "%s: the first shares %d visits", rows[i].what,
                  courses[0].shared_visits);
            CHECK(courses[1].shared_visits == rows[i].expected && courses[1].shares_with == 0,
                  "%s: shares %d visits with %d", rows[i].what, courses[1].shared_visits,
                  courses[1].shares_with);
        }
    for (int i = 0; i < 4; i++) {
        make_protocol(&a, monthly, 3, end, 1);
        make_protocol(&b, monthly, 3, end, 1);
        if (i == 0) b.course.c_cut = 0.31;
        if (i == 1) b.course.band_floor = 0.41;
        if (i == 2) b.course.column.kinetics.k_D *= 1 + 1e-15;
        if (i == 3) b.course.column.pigment_rate += 1e-9;
        courses[0] = a.course;
        courses[1] = b.course;
        cit_courses_share(courses, 2);
        CHECK(courses[1].shared_visits == 0, "difference %d was not seen", i);
    }
}

static void the_most_visits_are_shared(void **state) {
    static const double days[5][3] = {{0}, {0, 28, 56}, {0, 28, 70}, {0, 14, 28}, {0, 14, 30}};
    static const int visits[5] = {1, 3, 3, 3, 3}, with[5] = {0, 0, 1, 0, 3},
                     shared[5] = {0, 1, 2, 1, 2};
    static patient people[5];
    cit_course courses[5];
    const double end = 100;
    (void)state;
    for (int i = 0; i < 5; i++) {
        make_protocol(&people[i], days[i], visits[i], &end, 1);
        courses[i] = people[i].course;
    }
    cit_courses_share(courses, 5);
    for (int i = 0; i < 5; i++)
        CHECK(courses[i].shared_visits == shared[i] && courses[i].shares_with == with[i],
              "course %d shares %d visits with %d", i, courses[i].shared_visits,
              courses[i].shares_with);
    cit_courses_share(courses, 0);
}

/* Candidate protocols of one person: each begins like an earlier one and goes on in its own way, with its
 * own times. */
enum { CANDIDATES = 24 };
static void grow_tree(int tree, bool same_days, patient *all) {
    static patient person;
    const int style = tree % 4;
    cit_wound wounds[3];
    draw_patient(9000 + tree, &person);
    for (int i = 0; i < 3; i++) wounds[i] = wound_of(&person.course.column, 0.4 + 0.4 * i, 250);
    for (int i = 0; i < CANDIDATES; i++) {
        const int place = tree * CANDIDATES + i;
        const patient *parent = &all[i > 0 ? (int)between(0, i, "parent", place, 0) : 0];
        const bool twin = i > 0 && uniform("twin", place, 0) < 0.15;
        patient *who = &all[i];
        const int kept = i == 0 ? 0
                         : twin ? parent->course.visits
                                : (int)between(0, parent->course.visits + 1, "kept", place, 0);
        const int more = twin ? 0 : (int)between(kept == 0, 6, "more", place, 0);
        if (i > 0) {
            *who = *parent;
        } else {
            *who = person;
            who->course.time_count = 0;
        }
        attach(who);
        cit_course *c = &who->course;
        c->visits = kept + more < VISITS ? kept + more : VISITS;
        for (int v = kept; v < c->visits; v++) {
            const double gap = 7 * floor(between(1, 5, "gap", place, v));
            const bool again = same_days && uniform("again", place, v) < 0.4;
            who->days[v] = v == 0 ? 0 : who->days[v - 1] + (again ? 0 : gap);
            who->wounds[v] = wounds[(int)between(0, 3, "wound", place, v)];
        }
        if (twin || (style == 3 && c->time_count > 0 && uniform("as before", place, 0) < 0.5))
            continue;
        const double last = who->days[c->visits - 1];
        c->time_count = 0;
        for (int v = 0; v < c->visits && style == 0; v++)
            who->times[c->time_count++] = who->days[v];
        if (style == 0) who->times[c->time_count++] = last + 60;
        for (int t = 0; t < 12 && style == 1; t++)
            if (t < 3 || 20 * (t - 1) < between(30, 300, "until", place, 0))
                who->times[c->time_count++] = 20 * (t - 1);
        if (style == 2) who->times[c->time_count++] = 365;
        for (int t = 0; t < 5 && style == 3; t++)
            who->times[c->time_count++] = 50 * t + between(0, 50, "time", place, t);
    }
}

/* The most visits that two courses can share: said again in another way. */
static int can_share(const cit_course *a, const cit_course *b) {
    int n = 0;
    for (int v = 0; v < a->visits && v < b->visits; v++) {
        const double day = a->days[v];
        int a_count = 0, b_count = 0, differ = 0;
        while (a_count < a->time_count && a->times[a_count] <= day) a_count++;
        while (b_count < b->time_count && b->times[b_count] <= day) b_count++;
        for (int t = 0; t < a_count && t < b_count; t++) differ += a->times[t] != b->times[t];
        if (day != b->days[v] || memcmp(&a->wounds[v], &b->wounds[v], sizeof *a->wounds) != 0 ||
            a_count != b_count || differ > 0 || a_count == a->time_count ||
            b_count == b->time_count)
            break;
        n = v + 1;
    }
    return n;
}

/* Runs courses together, with what they share, and each apart; the same bytes. */
static void check_shared(int set, const char *what, cit_course *courses, int count,
                         cit_ode_stats *together, cit_ode_stats *apart) {
    static double values[PEOPLE][TIMES * STATE];
    CHECK(count <= PEOPLE, "too many");
    run_courses(set, 1e-4, courses, count, together);
    for (int i = 0; i < count; i++) {
        cit_course alone = courses[i];
        alone.values = values[i];
        alone.shares_with = alone.shared_visits = 0;
        run_courses(set, 1e-4, &alone, 1, apart);
        if (same_values(&alone, &courses[i])) continue;
        CHECK(false, "%s, %s: course %d, which shares %d visits with %d, is off by %g",
              name_of(set), what, i, courses[i].shared_visits, courses[i].shares_with,
              course_error(&courses[i], &alone));
    }
}

static void candidates_give_the_same_bytes_together_and_apart(void **state) {
    enum { TREES = 40, TOGETHER = 3 };
    static patient people[TOGETHER][CANDIDATES];
    (void)state;
    FOR_EACH_SET(set) {
        cit_ode_stats together = {0}, apart = {0};
        int sharing = 0, chains = 0;
        for (int tree = 0; tree + TOGETHER <= TREES; tree += TOGETHER) {
            cit_course courses[TOGETHER * CANDIDATES];
            for (int i = 0; i < TOGETHER; i++) {
                grow_tree(tree + i, false, people[i]);
                for (int j = 0; j < CANDIDATES; j++)
                    courses[j * TOGETHER + i] = people[i][j].course; /* in turns */
            }
            cit_courses_share(courses, TOGETHER * CANDIDATES);
            for (int i = 0; i < TOGETHER * CANDIDATES; i++) {
                int most = 0;
                for (int j = i % TOGETHER; j < i; j += TOGETHER) {
                    const int n = can_share(&courses[j], &courses[i]);
                    most = n > most ? n : most;
                }
                CHECK(courses[i].shared_visits == most,
                      "tree %d: course %d shares %d visits, not %d", tree, i,
                      courses[i].shared_visits, most);
                sharing += most > 0;
                chains += most > 0 && courses[courses[i].shares_with].shared_visits > 0;
            }
            check_shared(set, "a tree", courses, TOGETHER * CANDIDATES, &together, &apart);
        }
        print_message("# %s: %d courses share visits, %d of them with one that shares; %ld steps "
                      "together, %ld apart\n",
                      name_of(set), sharing, chains, together.steps, apart.steps);
        CHECK(sharing > 500 && chains > 200, "only %d sharing, %d in chains", sharing, chains);
        CHECK(together.steps < 0.75 * (double)apart.steps, "%s: %ld steps together, %ld apart",
              name_of(set), together.steps, apart.steps);
    }
}

/* The same, with visits on the same day: of such, a trunk has several at once. */
static void candidates_with_visits_on_the_same_day_give_the_same_bytes(void **state) {
    enum { TREES = 24 };
    static patient people[CANDIDATES];
    (void)state;
    FOR_EACH_SET(set) {
        cit_ode_stats together = {0}, apart = {0};
        for (int tree = 0; tree < TREES; tree++) {
            cit_course courses[CANDIDATES];
            grow_tree(tree, true, people);
            for (int i = 0; i < CANDIDATES; i++) courses[i] = people[i].course;
            cit_courses_share(courses, CANDIDATES);
            check_shared(set, "visits on the same day", courses, CANDIDATES, &together, &apart);
        }
        CHECK(together.steps < apart.steps, "%s: %ld steps together, %ld apart", name_of(set),
              together.steps, apart.steps);
    }
}

/* Courses that are wholly the same as an earlier one get its values, whatever is done in a lane, and cost
 * nothing; what is nearly the same is not. */
static void what_is_wholly_the_same_is_copied(void **state) {
    static const double days[] = {0, 28, 56}, late[] = {0, 28, 60}, end = 100, on_last = 56,
                        two[] = {56, 100}, other_two[] = {57, 100};
    static const struct {
        const char *what;
        const double *days;
        int visits;
        const double *times;
        int time_count, deep; /* deep: this wound */
        bool absurd;          /* too much for a lane */
        int same_as;          /* -1: no earlier one */
    } rows[] = {
        {"the first", days, 3, &end, 1, -1, false, -1},
        {"the same", days, 3, &end, 1, -1, false, 0},
        {"another last day", late, 3, &end, 1, -1, false, -1},
        {"the same as that", late, 3, &end, 1, -1, false, 2},
        {"another last wound", days, 3, &end, 1, 2, false, -1},
        {"more times", days, 3, two, 2, -1, false, -1},
        {"other times", days, 3, other_two, 2, -1, false, -1},
        {"the same as the first", days, 3, &end, 1, -1, false, 0},
        {"the same as those times", days, 3, other_two, 2, -1, false, 6},
        {"the same as that wound", days, 3, &end, 1, 2, false, 4},
        {"fewer visits", days, 2, &end, 1, -1, false, -1},
        {"no visits", days, 0, &end, 1, -1, false, -1},
        {"no visits either", days, 0, &end, 1, -1, false, 11},
        {"an end on the last visit's day", days, 3, &on_last, 1, -1, false, -1},
        {"the same end", days, 3, &on_last, 1, -1, false, 13},
        {"no times", days, 3, &end, 0, -1, false, -1},
        {"no times either", days, 3, &end, 0, -1, false, 15},
        {"too much for a lane", days, 3, &end, 1, -1, true, -1},
        {"too much as well", days, 3, &end, 1, -1, true, 17},
    };
    enum { COUNT = sizeof rows / sizeof *rows };
    static patient people[COUNT];
    static double alone_values[2 * STATE];
    cit_course courses[COUNT], once[COUNT];
    int kept = 0;
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        make_protocol(&people[i], rows[i].days, rows[i].visits, rows[i].times, rows[i].time_count);
        if (rows[i].deep >= 0) people[i].wounds[rows[i].deep] = deep;
        if (rows[i].absurd) people[i].course.column.kinetics.D_s = 1e300;
        courses[i] = people[i].course;
        courses[i].shares_all = i % 2 == 0; /* whatever it was */
    }
    cit_courses_share(courses, COUNT);
    for (int i = 0; i < COUNT; i++) {
        CHECK(courses[i].shares_all == (rows[i].same_as >= 0), "%s: %d", rows[i].what,
              courses[i].shares_all);
        if (rows[i].same_as < 0)
            once[kept++] = courses[i];
        else
            CHECK(courses[i].shares_with == rows[i].same_as, "%s: shares with %d", rows[i].what,
                  courses[i].shares_with);
    }
    cit_courses_share(once, kept);
    for (int set = PLAIN; set < CIT_INSTRUCTION_SETS; set = next_set(set)) {
        cit_ode_stats together = {0}, without = {0};
        run_courses(set, 1e-4, once, kept, &without);
        run_courses(set, 1e-4, courses, COUNT, &together);
        CHECK(together.steps == without.steps, "%d: %ld steps, not %ld", set, together.steps,
              without.steps);
        for (int i = 0; i < COUNT; i++) {
            cit_course alone = courses[i];
            alone.values = alone_values;
            alone.shared_visits = 0;
            alone.shares_all = false;
            run_courses(set, 1e-4, &alone, 1, NULL);
            CHECK(same_values(&alone, &courses[i]), "%d: %s is off by %g", set, rows[i].what,
                  course_error(&courses[i], &alone));
        }
    }
}

/* Eight plans that differ only after the fifth visit of six: what is shared is done once. */
static void what_is_shared_is_done_once(void **state) {
    enum { PLANS = 8, SIX = 6 };
    static patient people[PLANS];
    cit_course courses[PLANS];
    (void)state;
    for (int i = 0; i < PLANS; i++) {
        const double days[SIX] = {0, 28, 56, 84, 112, 140 + i}, end = 200;
        make_protocol(&people[i], days, SIX, &end, 1);
        courses[i] = people[i].course;
    }
    cit_courses_share(courses, PLANS);
    FOR_EACH_SET(set) {
        cit_ode_stats together = {0}, apart = {0}, first = {0}, rest = {0};
        check_shared(set, "plans", courses, PLANS, &together, &apart);
        /* what is left of each but the first: from the fifth visit on */
        cit_course one = courses[0];
        run_courses(set, 1e-4, &one, 1, &first);
        const double early_end = 112;
        one.times = &early_end;
        run_courses(set, 1e-4, &one, 1, &rest);
        const long expected = apart.steps - (PLANS - 1) * rest.steps;
        CHECK(together.steps == expected, "%s: %ld steps together, not %ld (%ld apart)",
              name_of(set), together.steps, expected, apart.steps);
    }
}

/* shares_with and shared_visits as a caller may set them: less than could be shared, chains that end in a
 * course which itself begins later, what lies behind, and what is not to be used. */
static void sharing_can_be_said_by_hand(void **state) {
    static const double days[] = {0, 20, 40, 60, 80}, end = 130;
    static const struct {
        int with, visits;
    } rows[] = {{0, 0}, {0, 2},  {1, 1}, {2, 2}, {3, 4}, {4, 3},  {4, 5}, {6, 5},
                {8, 3}, {99, 2}, {9, 1}, {3, 0}, {0, 5}, {12, 5}, {13, 4}};
    enum { COUNT = sizeof rows / sizeof *rows };
    static patient people[COUNT];
    cit_course courses[COUNT];
    (void)state;
    FOR_EACH_SET(set) {
        cit_ode_stats together = {0}, apart = {0};
        for (int i = 0; i < COUNT; i++) {
            make_protocol(&people[i], days, 5, &end, 1);
            courses[i] = people[i].course;
            courses[i].shares_with = rows[i].with;
            courses[i].shared_visits = rows[i].visits;
        }
        check_shared(set, "by hand", courses, COUNT, &together, &apart);
        CHECK(together.steps < apart.steps, "%s: nothing was shared", name_of(set));
        /* the plain engine takes no notice */
        run_courses(PLAIN, 1e-4, courses, COUNT, NULL);
        for (int i = 1; i < COUNT; i++)
            CHECK(same_values(&courses[0], &courses[i]), "plain: course %d differs", i);
    }
}

/* What a caller says of sharing and is not so is ignored: the course has its own bits, and nothing is written
 * beyond its values. */
static void a_wrong_word_on_sharing_is_ignored(void **state) {
    enum { MANY = TIMES, GUARDS = MANY * STATE };
    static const double days[] = {0, 28, 56}, end = 100, guard = -77;
    static const char *const wrong[] = {"fewer times", "other times",    "another column",
                                        "a wound",     "another day",    "fewer visits",
                                        "a c_cut",     "a twin's times", "a twin before it"};
    static patient trunk, branch;
    static double values[GUARDS + STATE], alone_values[MANY * STATE];
    double times[MANY];
    (void)state;
    for (int i = 0; i < MANY; i++) times[i] = 3.0 * i;
    times[MANY - 1] = end;
    FOR_EACH_SET(set)
    for (int all = 0; all < 2; all++)
        for (int i = 0; i < (int)(sizeof wrong / sizeof *wrong); i++) {
            make_protocol(&trunk, days, 3, times, MANY);
            make_protocol(&branch, days, 3, times, MANY);
            cit_course *c = &branch.course;
            if (i == 0) c->times = &end;
            if (i == 1) branch.times[4] += 0.5;
            if (i == 2) c->column.kinetics.d_I *= 1.5;
            if (i == 3) branch.wounds[0] = deep;
            if (i == 4) branch.days[1] = 21;
            if (i == 5) c->visits = 1;
            if (i == 6) c->c_cut = 0.2;
            if (i == 7) c->times = times + 1;
            if (i == 0 || i == 7) c->time_count = 1;
            if (i == 8) trunk.course.shares_all = true;
            c->values = values;
            for (int k = 0; k < GUARDS + STATE; k++) values[k] = guard;
            cit_course courses[2] = {trunk.course, *c}, alone = *c;
            courses[1].shared_visits = all ? 0 : 3;
            courses[1].shares_all = all;
            if (i == 8) courses[1].shares_with = all ? 1 : -1;
            alone.values = alone_values;
            run_courses(set, 1e-4, &alone, 1, NULL);
            run_courses(set, 1e-4, courses, 2, NULL);
            CHECK(same_values(&alone, &courses[1]), "%s, %s: off by %g", name_of(set), wrong[i],
                  course_error(&courses[1], &alone));
            for (int k = c->time_count * STATE; k < GUARDS + STATE; k++)
                CHECK(values[k] == guard, "%s, %s: number %d behind the values was overwritten",
                      name_of(set), wrong[i], k - c->time_count * STATE);
        }
}

/* Sharing that cannot be: the trunk is over, or has fewer visits, or comes from nowhere. Then a run must
 * say so, or do the course all the same; a course that is silently left undone is worse than either. */
static void no_course_is_silently_left_undone(void **state) {
    static const double days[] = {0, 28, 56}, double_day[] = {0, 28, 28}, end = 100, early = 40;
    (void)state;
    FOR_EACH_SET(set)
    for (int i = 0; i < 5; i++) {
        static patient people[3];
        static double want[STATE];
        cit_course courses[3];
        make_protocol(&people[0], days, 3, i == 0 || i == 4 ? &early : &end, 1);
        make_protocol(&people[1], days, 3, &end, 1);
        make_protocol(&people[2], days, 3, &end, 1);
        if (i == 1) people[0].course.visits = 2;
        if (i == 2) memcpy(people[0].days, double_day, sizeof double_day);
        for (int j = 0; j < 3; j++) courses[j] = people[j].course;
        courses[1].shared_visits = i == 2 ? 2 : 3;
        courses[2].shares_with = 1; /* which may itself have been left out */
        courses[2].shared_visits = 3;
        if (i == 3) { /* the branch in between is over when it begins */
            courses[1].shared_visits = 2;
            courses[1].times = &early;
            people[1].times[0] = 28;
            courses[1].times = people[1].times;
            courses[2].shared_visits = 2;
        }
        cit_course alone = courses[2];
        alone.values = want;
        alone.shared_visits = 0;
        run_courses(set, 1e-4, &alone, 1, NULL);
        if (try_courses(set, 1e-4, courses, 3, NULL) != CIT_OK) continue;
        CHECK(course_error(&courses[2], &alone) < 1e-2,
              "%s, case %d: course 2 was left undone, and nothing said", name_of(set), i);
        if (i != 3)
            CHECK(course_error(&courses[1], &alone) < 1e-2,
                  "%s, case %d: course 1 was left undone, and nothing said", name_of(set), i);
    }
}

/* ---- what lanes cannot do ------------------------------------------------------------------------ */

/* The saturation of debris so far away that its cube alone is no number any more. */
static void what_lanes_cannot_do_is_done_by_the_plain_engine(void **state) {
    enum { COUNT = 12 };
    static patient people[COUNT];
    static double values[COUNT][STATE];
    cit_course courses[COUNT];
    const double end = 150;
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        const double days[3] = {0, 28, 56 + (i >> 1)};
        make_protocol(&people[i], days, 3, &end, 1);
        if (i % 2 == 0) people[i].course.column.kinetics.D_s = 1e300;
        courses[i] = people[i].course;
    }
    cit_courses_share(courses, COUNT);
    for (int i = 2; i < COUNT; i++)
        CHECK(courses[i].shares_with == i % 2 && courses[i].shared_visits == 2,
              "course %d shares %d with %d", i, courses[i].shared_visits, courses[i].shares_with);
    FOR_EACH_SET(set) {
        run_courses(set, 1e-4, courses, COUNT, NULL);
        for (int i = 0; i < COUNT; i++) {
            cit_course alone = courses[i];
            alone.values = values[i];
            alone.shared_visits = 0;
            run_courses(i % 2 == 0 ? PLAIN : set, 1e-4, &alone, 1, NULL);
            CHECK(same_values(&alone, &courses[i]), "%s: course %d is off by %g", name_of(set), i,
                  course_error(&courses[i], &alone));
        }
    }
}

/* A lane in which something failed takes a branch that has another visit on the day it begins: it must
 * not be taken for failed as well. */
static void a_failure_is_not_handed_to_the_next_course_of_the_lane(void **state) {
    static const double trunk[] = {0, 28}, again[] = {0, 28, 28}, end = 100;
    static patient people[3];
    cit_course courses[3];
    (void)state;
    make_protocol(&people[0], trunk, 2, &end, 1);
    make_protocol(&people[1], trunk, 2, &end, 1);
    make_protocol(&people[2], again, 3, &end, 1);
    people[0].course.column.kinetics.D_s = 1e300;
    FOR_EACH_SET(set)
    for (int by_hand = 0; by_hand < 2; by_hand++) {
        cit_ode_stats together = {0}, apart = {0};
        for (int i = 0; i < 3; i++) courses[i] = people[i].course;
        cit_courses_share(courses, 3);
        CHECK(courses[2].shares_with == 1, "shares with %d", courses[2].shares_with);
        if (by_hand) courses[2].shared_visits = 2;
        check_shared(set, "after a failure", courses, 3, &together, &apart);
    }
}

/* A course whose lane fails only after others have branched off it: they did not fail, and have the
 * bits they have apart. Here debris feeds no TGF-beta, so that the plain engine stands any amount. */
static void branches_do_not_fail_with_a_trunk_that_fails_later(void **state) {
    static const double days[] = {0, 28, 56, 84}, end = 150;
    static patient people[3];
    static double values[STATE];
    cit_course courses[3];
    (void)state;
    for (int i = 0; i < 3; i++) {
        make_protocol(&people[i], days, i == 0 ? 4 : 3, &end, 1);
        people[i].course.column.kinetics.p_D = 0;
    }
    for (int k = 0; k < CIT_COLUMN_LAYERS; k++) people[0].wounds[3].debris[k] = 1e110;
    FOR_EACH_SET(set) {
        cit_ode_stats together = {0}, apart = {0};
        for (int i = 0; i < 3; i++) courses[i] = people[i].course;
        cit_courses_share(courses, 3);
        CHECK(courses[1].shared_visits == 3 && courses[2].shared_visits == 3, "shares %d visits",
              courses[1].shared_visits);
        for (int i = 0; i < 2; i++) {
            cit_course plain = courses[i];
            plain.values = values;
            plain.shared_visits = courses[i].shared_visits = 0;
            run_courses(PLAIN, 1e-4, &plain, 1, NULL);
            run_courses(set, 1e-4, &courses[i], 1, NULL);
            CHECK(same_values(&plain, &courses[i]) == (i == 0), "%s: the case is void at %d",
                  name_of(set), i);
        }
        cit_courses_share(courses, 3);
        check_shared(set, "a trunk that fails later", courses, 3, &together, &apart);
    }
}

/* A scale so large or small that it turns its term off or on for good. Such a column may be refused;
 * where it is not, lanes say what the plain engine says. */
static void far_scales_are_refused_or_done_right(void **state) {
    static const double scales[] = {1e-300, 1e-160, 1e-110, 1e-75, 1e75,
                                    1e110,  1e153,  1e160,  1e200, 1e300};
    static const char *const names[] = {"D_s", "K_G", "K_P"};
    static const double days[] = {0, 28, 56}, end = 150;
    static cit_errors errs;
    static patient who;
    static double values[STATE];
    (void)state;
    FOR_EACH_SET(set) {
        int wrong = 0, refused = 0;
        char first[100] = "";
        for (int i = 0; i < 3; i++)
            for (size_t j = 0; j < sizeof scales / sizeof *scales; j++) {
                cit_kinetics k = kinetics_of(0);
                cit_column column;
                *(i == 0 ? &k.D_s : i == 1 ? &k.K_G : &k.K_P) = scales[j];
                make_protocol(&who, days, 3, &end, 1);
                if (cit_column_make(&k, 0.08, 1.1, CIT_COLUMN_LAYERS, scar_set_point, 0.1, &column,
                                    &errs) != CIT_OK) {
                    refused++;
                    continue;
                }
                who.course.column = column;
                cit_course plain = who.course;
                plain.values = values;
                const cit_status want = try_courses(PLAIN, 1e-5, &plain, 1, NULL),
                                 got = try_courses(set, 1e-5, &who.course, 1, NULL);
                double off = 0;
                if (want == CIT_OK && !same_values(&who.course, &plain)) {
                    run_courses(SCALAR, 1e-5, &plain, 1, NULL);
                    off = course_error(&who.course, &plain);
                }
                if (got == want && off < 1e-6) continue;
                if (wrong++ == 0)
                    snprintf(first, sizeof first, "%s %g: %s, off by %g", names[i], scales[j],
                             cit_status_text(got), off);
            }
        print_message("# %s: %d refused, %d wrong\n", name_of(set), refused, wrong);
        CHECK(wrong == 0, "%s: %d columns come out wrong; %s", name_of(set), wrong, first);
    }
}

/* Every rate at the lowest or highest value its row allows, or anywhere between, and wounds of up to
 * five times the deepest. */
static void extreme_people(int draw, patient *who, double *worst_debris) {
    int count = 0;
    static cit_errors errs;
    cit_parameters p = defaults();
    const cit_parameter *table = cit_parameter_table(&count);
    for (int i = 0; i < count; i++) {
        if (strcmp(table[i].group, "healing") != 0) continue;
        const cit_param *row = &table[i].param;
        const double u = uniform(row->name, draw, 1);
        const double value = u < 0.4   ? row->lo
                             : u < 0.8 ? row->hi
                                       : between(row->lo, row->hi, row->name, draw, 2);
        cit_parameter_set(&p, &table[i], value);
    }
    const double end = 140;
    const double gap = between(2, 30, "gap", draw, 0);
    const double days[3] = {0, gap, 2 * gap};
    make_protocol(who, days, 3, &end, 1);
    CHECK(cit_column_make(&p.healing, 0.08, between(0.3, 3, "dermis", draw, 0), CIT_COLUMN_LAYERS,
                          uniform("set point", draw, 0), 0.3 * uniform("pigment", draw, 0),
                          &who->course.column, &errs) == CIT_OK,
          "%s", errs.items[0].text);
    for (int v = 0; v < 3; v++)
        for (int k = 0; k < CIT_COLUMN_LAYERS; k++) {
            who->wounds[v].debris[k] = 15 * uniform("debris", draw, 3 * v + k);
            who->wounds[v].hole[k] = uniform("hole", draw, 3 * v + k);
            *worst_debris = fmax(*worst_debris, who->wounds[v].debris[k]);
        }
}

static void extreme_people_are_never_too_much_for_a_lane(void **state) {
    enum { COUNT = 480 };
    static patient people[COUNT];
    static double plain_values[COUNT][STATE], scalar_values[COUNT][STATE];
    static cit_course courses[COUNT], plain[COUNT], scalar[COUNT];
    double debris = 0;
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        extreme_people(i, &people[i], &debris);
        courses[i] = plain[i] = scalar[i] = people[i].course;
        plain[i].values = plain_values[i];
        scalar[i].values = scalar_values[i];
    }
    run_courses(PLAIN, 1e-5, plain, COUNT, NULL);
    run_courses(SCALAR, 1e-5, scalar, COUNT, NULL);
    FOR_EACH_SET(set) {
        int redone = 0;
        double worst = 0;
        run_courses(set, 1e-5, courses, COUNT, NULL);
        for (int i = 0; i < COUNT; i++) {
            const double off = course_error(&courses[i], &scalar[i]);
            CHECK(off < 1e-7, "%s, draw %d: off one alone by %g", name_of(set), i, off);
            worst = fmax(worst, off);
            redone += same_values(&courses[i], &plain[i]);
        }
        print_message("# %s: debris to %.1f; %d of %d done again, off one alone by %.1e at most\n",
                      name_of(set), debris, redone, COUNT, worst);
        CHECK(redone == 0, "%s: %d of %d were done again", name_of(set), redone, COUNT);
    }
}

/* Rates and scales over twelve decades, all that cit_column_make takes: lanes and plain come to the same
 * end, or neither comes to one. */
static void absurd_people_come_to_the_same_end(void **state) {
    enum { COUNT = 300 };
    static double plain_values[STATE];
    static patient who;
    static cit_errors errs;
    int count = 0;
    const cit_parameter *table = cit_parameter_table(&count);
    (void)state;
    FOR_EACH_SET(set) {
        int made = 0, stopped = 0, redone = 0;
        double worst = 0;
        for (int draw = 0; draw < COUNT; draw++) {
            double unused = 0;
            extreme_people(draw, &who, &unused);
            cit_parameters p = defaults();
            for (int i = 0; i < count; i++) {
                if (strcmp(table[i].group, "healing") != 0 || uniform("spare", draw, i) < 0.7)
                    continue;
                cit_parameter_set(&p, &table[i],
                                  pow(10, between(-6, 6, table[i].param.name, draw, 3)));
            }
            cit_column column;
            if (p.healing.C_max < 0.5 || cit_column_make(&p.healing, 0.08, 1.1, CIT_COLUMN_LAYERS,
                                                         0.5, 0.1, &column, &errs) != CIT_OK)
                continue;
            made++;
            who.course.column = column;
            cit_course plain = who.course;
            plain.values = plain_values;
            const cit_status want = try_courses(PLAIN, 1e-5, &plain, 1, NULL),
                             got = try_courses(set, 1e-5, &who.course, 1, NULL);
            CHECK(got == want, "%s, draw %d: %s in lanes, %s plain", name_of(set), draw,
                  cit_status_text(got), cit_status_text(want));
            stopped += want != CIT_OK;
            if (want != CIT_OK) continue;
            redone += same_values(&plain, &who.course);
            const double off = course_error(&who.course, &plain);
            worst = fmax(worst, off);
            CHECK(off < 1, "%s, draw %d: off by %g", name_of(set), draw, off);
        }
        print_message("# %s: %d made, %d stopped, %d done again, off by %.1e at most\n",
                      name_of(set), made, stopped, redone, worst);
        CHECK(made > 100, "only %d of %d can be made", made, COUNT);
    }
}

T_MAIN(
    CASE(every_set_here_is_tried_and_every_other_refused),
    CASE(the_method_has_its_order_in_every_lane),
    CASE(the_interpolant_has_order_four_in_every_lane),
    CASE(every_lane_keeps_its_tolerance_beside_stiffer_ones),
    CASE(a_lane_does_not_know_its_neighbours), CASE(lanes_agree_with_the_method_for_one_system),
    CASE(slack_is_heard), CASE(outputs_cost_no_steps_and_change_no_bits),
    CASE(a_steady_state_keeps_its_bits_in_every_lane), CASE(any_amount_of_work_is_done_once),
    CASE(zero_options_are_the_defaults), CASE(a_singular_pivot_is_tried_again_with_a_smaller_step),
    CASE(factors_that_are_no_numbers_are_tried_again_with_a_smaller_step),
    CASE(a_lane_that_cannot_go_on_says_so_and_the_others_finish), CASE(too_many_steps_end_one_lane),
    CASE(the_jacobian_is_that_of_the_right_side), CASE(the_kernels_solve_what_dense_algebra_does),
    CASE(the_kernels_give_every_lane_the_same_bits), CASE(the_truth_is_known_from_two_methods),
    CASE(lanes_agree_with_one_course_alone_and_with_the_truth),
    CASE(a_course_depends_neither_on_batch_nor_on_order),
    CASE(a_course_does_not_depend_on_its_lane), CASE(a_course_does_not_suffer_from_its_neighbours),
    CASE(threads_give_the_same_bytes), CASE(an_engine_can_be_used_again),
    CASE(a_course_of_other_layers_is_refused), CASE(every_lane_stays_within_the_models_bounds),
    CASE(untreated_skin_keeps_its_bits_for_100_years_in_every_lane), CASE(shared_visits_are_found),
    CASE(the_most_visits_are_shared), CASE(candidates_give_the_same_bytes_together_and_apart),
    CASE(candidates_with_visits_on_the_same_day_give_the_same_bytes),
    CASE(what_is_wholly_the_same_is_copied), CASE(what_is_shared_is_done_once),
    CASE(sharing_can_be_said_by_hand), CASE(a_wrong_word_on_sharing_is_ignored),
    CASE(no_course_is_silently_left_undone), CASE(what_lanes_cannot_do_is_done_by_the_plain_engine),
    CASE(a_failure_is_not_handed_to_the_next_course_of_the_lane),
    CASE(branches_do_not_fail_with_a_trunk_that_fails_later),
    CASE(far_scales_are_refused_or_done_right), CASE(extreme_people_are_never_too_much_for_a_lane),
    CASE(absurd_people_come_to_the_same_end))
