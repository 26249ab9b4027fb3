/* cit-bench-tissue-accuracy [--rounds N]: seconds until the error of tissue's fields that act is 1e-3 of their
 * peaks, beside an unsplit scheme of first order: all of diffusion in one matrix, solved by conjugate gradients with
 * a diagonal preconditioner to 1e-6, reactions explicit but for losses. The same equations
 * (data/equations/column.eq), box and start; the reference is our scheme at 1024 steps, from which the other is
 * seen to differ in first order. Steps of both are even, as few as reach the error, found before the clock runs.
 *
 * One thread, by the processor's seconds. A figure is the median over rounds, in which the two take turns. Ours also
 * follows collagen and elastin meanwhile, the other does not. */
#include <cit/patch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NX = 24, NY = 24, NZ = 10, V = NX * NY * NZ, ROUNDS_MAX = 99, REFERENCE_STEPS = 1024 };
enum { I, R, G, F, M, ACTING, DIFFUSING = M };
static const double side_mm = 0.025, goal = 1e-3, solve_to = 1e-6, days = 1;
static const double pi = 3.14159265358979323846;

typedef double state[ACTING][V];
static cit_parameters parameters;
static double debris[V], near[NZ];
static state start, reference;
static bool channel;
static cit_errors errs;

static void must(cit_status status) {
    if (status == CIT_OK) return;
    fprintf(stderr, "cit-bench-tissue-accuracy: %s %s\n", errs.items[0].where, errs.items[0].text);
    exit(EXIT_FAILURE);
}

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- the start ---------------------------------------------------------------------------------- */

static double wave(int at, double size) {
    const double x = (at % NX + 0.5) / NX, y = (at / NX % NY + 0.5) / NY,
                 z = (at / (NX * NY) + 0.5) / NZ;
    return size * (1 + 0.3 * cos(pi * x) * cos(pi * y) + 0.2 * cos(2 * pi * z) * cos(pi * x));
}

static void prick(cit_tissue *t) {
    const cit_puncture p = {0.303, 0.296, 0.4, 0.15};
    const cit_punctures needles = {&p, 1, 0.1, 0.035, 0.3};
    must(cit_tissue_visit(t, &needles, &errs));
}

static void set_waves(cit_tissue *t) {
    static const double sizes[] = {
        [CIT_DEBRIS] = 0.1, [CIT_INFLAMMATION] = 0.1, [CIT_MACROPHAGES] = 0.1,
        [CIT_TGF] = 1,      [CIT_FIBROBLASTS] = 0.5,  [CIT_MYOFIBROBLASTS] = 0.1};
    static double x[V];
    for (int f = CIT_DEBRIS; f <= CIT_MYOFIBROBLASTS; f++) {
        for (int at = 0; at < V; at++) x[at] = wave(at, sizes[f]);
        must(cit_tissue_set(t, f, x, &errs));
    }
}

static cit_tissue *begun(int steps) {
    const cit_tissue_options o = {.kinetics = &parameters.healing,
                                  .needling = &parameters.needling,
                                  .nx = NX,
                                  .ny = NY,
                                  .nz = NZ,
                                  .dx_mm = side_mm,
                                  .dy_mm = side_mm,
                                  .dz_mm = side_mm,
                                  .fixed_step_day = days / steps,
                                  .instructions = cit_instructions_best(),
                                  .threads = 1};
    cit_tissue *t = NULL;
    must(cit_tissue_new(&o, &t, &errs));
    if (channel)
        prick(t);
    else
        set_waves(t);
    return t;
}

static void read_acting(const cit_tissue *t, state ret) {
    for (int f = 0; f < ACTING; f++) cit_tissue_read(t, CIT_INFLAMMATION + f, ret[f]);
}

static void read_start(void) {
    cit_tissue *t = begun(1);
    read_acting(t, start);
    cit_tissue_read(t, CIT_DEBRIS, debris);
    for (int k = 0; k < NZ; k++) {
        near[k] = 0;
        for (int i = 0; i < NX * NY; i++) near[k] += debris[k * NX * NY + i] / (NX * NY);
    }
    cit_tissue_free(t);
}

/* ---- the two schemes ---------------------------------------------------------------------------- */

static double ours(int steps, state ret) {
    cit_tissue *t = begun(steps);
    const double from = seconds();
    must(cit_tissue_advance(t, days, NULL, &errs));
    const double took = seconds() - from;
    read_acting(t, ret);
    cit_tissue_free(t);
    return took;
}

static double spread_of(int f) {
    const cit_kinetics *q = &parameters.healing;
    const double D[DIFFUSING] = {q->D_I, q->D_R, q->D_G, q->D_F};
    return D[f] / (side_mm * side_mm);
}

/* Of G in the deepest layer, a day: into a half-space of fat with the same spread and loss, half a voxel away. */
static double loss_below(void) {
    const cit_kinetics *q = &parameters.healing;
    const double h_f = sqrt(q->D_G * q->d_G);
    return h_f / (1 + h_f * side_mm / (2 * q->D_G)) / side_mm;
}

/* y = (diagonal - a laplace) x, a closed box */
static void apply(double a, const double *diagonal, const double *x, double *y) {
    for (int k = 0; k < NZ; k++)
        for (int j = 0; j < NY; j++)
            for (int i = 0; i < NX; i++) {
                const int at = i + NX * (j + NY * k);
                const double here = x[at];
                double flow = 0;
                if (i > 0) flow += x[at - 1] - here;
                if (i < NX - 1) flow += x[at + 1] - here;
                if (j > 0) flow += x[at - NX] - here;
                if (j < NY - 1) flow += x[at + NX] - here;
                if (k > 0) flow += x[at - NX * NY] - here;
                if (k < NZ - 1) flow += x[at + NX * NY] - here;
                y[at] = diagonal[at] * here - a * flow;
            }
}

static int faces_of(int at) {
    const int i = at % NX, j = at / NX % NY, k = at / (NX * NY);
    return (i > 0) + (i < NX - 1) + (j > 0) + (j < NY - 1) + (k > 0) + (k < NZ - 1);
}

static double dot(const double *x, const double *y) {
    double sum = 0;
    for (int at = 0; at < V; at++) sum += x[at] * y[at];
    return sum;
}

/* Conjugate gradients from what x is. */
static void solve(double a, const double *diagonal, const double *right, double *x) {
    static double r[V], z[V], p[V], q[V], inverse[V];
    apply(a, diagonal, x, q);
    for (int at = 0; at < V; at++) {
        inverse[at] = 1 / (diagonal[at] + a * faces_of(at));
        r[at] = right[at] - q[at];
        p[at] = z[at] = inverse[at] * r[at];
    }
    double rz = dot(r, z);
    const double enough = solve_to * solve_to * dot(right, right);
    for (int i = 0; i < 500 && dot(r, r) > enough; i++) {
        apply(a, diagonal, p, q);
        const double alpha = rz / dot(p, q);
        for (int at = 0; at < V; at++) {
            x[at] += alpha * p[at];
            r[at] -= alpha * q[at];
            z[at] = inverse[at] * r[at];
        }
        const double next = dot(r, z), beta = next / rz;
        rz = next;
        for (int at = 0; at < V; at++) p[at] = z[at] + beta * p[at];
    }
}

/* What fibroblasts lose of their spread to the room that others take. */
static double room(const double *f, const double *m, int at) {
    static const int strides[] = {1, NX, NX * NY}, counts[] = {NX, NY, NZ};
    double sum = 0;
    for (int axis = 0; axis < 3; axis++) {
        const int stride = strides[axis], place = at / stride % counts[axis];
        if (place > 0) sum += f[at] * m[at - stride] - f[at - stride] * m[at];
        if (place < counts[axis] - 1) sum += f[at] * m[at + stride] - f[at + stride] * m[at];
    }
    return sum;
}

static void euler_step(double h, double fade, state u) {
    static state right, diagonal;
    const cit_kinetics *q = &parameters.healing;
    const double below = loss_below();
    for (int at = 0; at < V; at++) {
        const int k = at / (NX * NY);
        const double D = fade * debris[at], H = u[G][at] / (q->K_G + u[G][at]);
        const double made[ACTING] = {[I] = q->s_I * D * q->D_s / (q->D_s + fade * near[k]),
                                     [R] = q->k_R * u[I][at],
                                     [G] = q->p_D * D + q->p_R * u[R][at] + q->p_M * u[M][at],
                                     [F] = q->r_F * (1 + q->a_F * H) * u[F][at] *
                                               (1 - u[F][at] - u[M][at]) +
                                           spread_of(F) * room(u[F], u[M], at),
                                     [M] = q->k_FM * H * u[F][at]};
        const double lost[ACTING] = {[I] = q->d_I,
                                     [R] = q->d_R,
                                     [G] = q->d_G + (k == NZ - 1 ? below : 0),
                                     [F] = q->k_FM * H,
                                     [M] = q->d_M};
        for (int f = 0; f < ACTING; f++) {
            right[f][at] = u[f][at] + h * made[f];
            diagonal[f][at] = 1 + h * lost[f];
        }
    }
    for (int f = 0; f < DIFFUSING; f++) solve(h * spread_of(f), diagonal[f], right[f], u[f]);
    for (int at = 0; at < V; at++) u[M][at] = right[M][at] / diagonal[M][at];
}

static double theirs(int steps, state ret) {
    memcpy(ret, start, sizeof start);
    const double h = days / steps, from = seconds();
    for (int i = 1; i <= steps; i++) euler_step(h, exp(-parameters.healing.k_D * h * i), ret);
    return seconds() - from;
}

/* ---- time to the error -------------------------------------------------------------------------- */

typedef double scheme(int steps, state ret);

static double error_of(state x) {
    double worst = 0;
    for (int f = 0; f < ACTING; f++) {
        double off = 0, size = 0;
        for (int at = 0; at < V; at++) {
            off = fmax(off, fabs(x[f][at] - reference[f][at]));
            size = fmax(size, fabs(reference[f][at]));
        }
        worst = fmax(worst, off / size);
    }
    return worst;
}

/* As few steps as reach the goal, but for a tenth; a first guess may be finer. */
static int steps_to_goal(scheme *run, int order, double *ret_error) {
    static state x;
    int steps = 4;
    for (;;) {
        run(steps, x);
        *ret_error = error_of(x);
        if (*ret_error <= goal) return steps;
        const double factor = pow(*ret_error / goal, 1.0 / order);
        steps = (int)ceil(steps * fmin(4, fmax(1.1, 0.95 * factor)));
    }
}

static int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *x, int n) {
    qsort(x, (size_t)n, sizeof *x, by_size);
    return n % 2 ? x[n / 2] : 0.5 * (x[n / 2 - 1] + x[n / 2]);
}

static void compare(const char *name, int rounds) {
    static state x;
    double error[2], a[ROUNDS_MAX], b[ROUNDS_MAX], ratio[ROUNDS_MAX];
    read_start();
    ours(REFERENCE_STEPS, reference);
    const int few = steps_to_goal(ours, 2, &error[0]), many = steps_to_goal(theirs, 1, &error[1]);
    for (int i = 0; i < rounds; i++) {
        a[i] = ours(few, x);
        b[i] = theirs(many, x);
        ratio[i] = b[i] / a[i];
    }
    const double least = (qsort(ratio, (size_t)rounds, sizeof *ratio, by_size), ratio[0]);
    printf("%-8s ours: %d steps, error %.2g, %.4f s; unsplit: %d steps, error %.2g, %.4f s; "
           "ratio %.1f (%.1f to %.1f)\n",
           name, few, error[0], median(a, rounds), many, error[1], median(b, rounds),
           median(ratio, rounds), least, ratio[rounds - 1]);
}

int main(int argc, char **argv) {
    int rounds = 5;
    if (argc == 3 && strcmp(argv[1], "--rounds") == 0) rounds = atoi(argv[2]);
    if ((argc != 1 && argc != 3) || rounds < 1 || rounds > ROUNDS_MAX) {
        fputs("usage: cit-bench-tissue-accuracy [--rounds 1..99]\n", stderr);
        return EXIT_FAILURE;
    }
    cit_parameters_default(&parameters);
    compare("smooth", rounds);
    fflush(stdout);
    channel = true;
    compare("channel", rounds);
    return EXIT_SUCCESS;
}
