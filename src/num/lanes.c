/* Many systems at once: which lane does what. The arithmetic of a step is in lanes_step.c. */
#include "num_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct cit_lanes {
    const cit_lanes_system *system;
    lanes_block block;
    lanes_step *step;
    cit_ode_options options;
    int width;
    cit_lane lane[LANES_MAX];
    double step_size[LANES_MAX]; /* proposed for the next step */
    long tries[LANES_MAX];
    bool busy[LANES_MAX];
    double *memory;
};

/* ---- instruction sets -------------------------------------------------------------------------- */

static const struct {
    const char *name;
    lanes_step *step;
} sets[CIT_INSTRUCTION_SETS] = {
    [CIT_PORTABLE] = {"portable", lanes_step_portable},
#ifdef CIT_X86
    [CIT_AVX2] = {"avx2", lanes_step_avx2},
    [CIT_AVX512] = {"avx512", lanes_step_avx512},
#else
    [CIT_AVX2] = {"avx2", NULL},
    [CIT_AVX512] = {"avx512", NULL},
#endif
};

const char *cit_instructions_name(cit_instructions set) { return sets[set].name; }

bool cit_instructions_here(cit_instructions set) {
    if (sets[set].step == NULL) return false;
#ifdef CIT_X86
    if (set == CIT_AVX2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (set == CIT_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("fma");
#endif
    return true;
}

cit_instructions cit_instructions_best(void) {
    for (int set = CIT_INSTRUCTION_SETS - 1; set > CIT_PORTABLE; set--)
        if (cit_instructions_here((cit_instructions)set)) return (cit_instructions)set;
    return CIT_PORTABLE;
}

/* ---- memory ------------------------------------------------------------------------------------ */

static double *take(double **from, size_t count) {
    double *taken = *from;
    *from += count;
    return taken;
}

cit_status cit_lanes_new(const cit_lanes_system *system, cit_instructions set,
                         const cit_ode_options *options, cit_lanes **ret, cit_errors *errs) {
    if (system->kernels[set] == NULL || !cit_instructions_here(set))
        return cit_fail(errs, CIT_INVALID, "", "this processor or build has no %s instructions",
                        sets[set].name);
    const cit_lanes_kernel *kernel = system->kernels[set];
    const size_t width = (size_t)kernel->lanes, n = (size_t)system->n;
    const size_t vectors =
        n * (2 + LANES_STAGES) + (size_t)system->coefficients + (size_t)system->work_size + 2;
    const size_t atol_size = (n + 7) / 8 * 8;
    const size_t bytes = (vectors * width + atol_size + 64) * sizeof(double) / 64 * 64;
    cit_lanes *lanes = calloc(1, sizeof *lanes);
    if (lanes == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for the integrator");
    lanes->memory = aligned_alloc(64, bytes);
    if (lanes->memory == NULL) {
        free(lanes);
        return cit_fail(errs, CIT_NOMEM, "", "no memory for the integrator");
    }
    memset(lanes->memory, 0, bytes);
    lanes->system = system;
    lanes->step = sets[set].step;
    lanes->width = kernel->lanes;
    lanes->options = (cit_ode_options){
        .rtol = options->rtol > 0 ? options->rtol : 1e-5,
        .first_step = options->first_step > 0 ? options->first_step : 0.02,
        .max_steps = options->max_steps > 0 ? options->max_steps : 100000,
    };
    const double rtol = lanes->options.rtol, atol = options->atol > 0 ? options->atol : 1e-3 * rtol;

    double *free_memory = lanes->memory;
    lanes_block *b = &lanes->block;
    b->kernel = kernel;
    b->rtol = rtol;
    b->y = take(&free_memory, n * width);
    b->y_new = take(&free_memory, n * width);
    for (int i = 0; i < LANES_STAGES; i++) b->k[i] = take(&free_memory, n * width);
    b->q = take(&free_memory, (size_t)system->coefficients * width);
    b->work = take(&free_memory, (size_t)system->work_size * width);
    b->h = take(&free_memory, width);
    b->error = take(&free_memory, width);
    double *allowed = take(&free_memory, atol_size);
    for (size_t i = 0; i < n; i++)
        allowed[i] = atol * (system->slack != NULL ? system->slack[i] : 1);
    b->atol = allowed;
    *ret = lanes;
    return CIT_OK;
}

void cit_lanes_free(cit_lanes *lanes) {
    if (lanes == NULL) return;
    free(lanes->memory);
    free(lanes);
}

/* ---- one lane ---------------------------------------------------------------------------------- */

/* Asks for work until there is a stretch of time to cover; false: none is left. */
static bool refill(cit_lanes *lanes, int i, cit_lanes_next *next, void *user) {
    cit_lane *lane = &lanes->lane[i];
    lane->y = lanes->block.y + i;
    lane->q = lanes->block.q + i;
    do {
        if (!next(user, lane)) return false;
    } while (!(lane->t < lane->until));
    lanes->step_size[i] = lanes->options.first_step;
    lanes->tries[i] = 0;
    lane->status = CIT_OK;
    return true;
}

/* A lane without work does that of one that has some, so that its numbers are ordinary. */
static void rest(cit_lanes *lanes) {
    const size_t width = (size_t)lanes->width;
    const lanes_block *b = &lanes->block;
    size_t busy = 0;
    while (!lanes->busy[busy]) busy++;
    for (size_t i = 0; i < width; i++) {
        if (lanes->busy[i]) continue;
        for (size_t j = 0; j < (size_t)lanes->system->n; j++)
            b->y[j * width + i] = b->y[j * width + busy];
        for (size_t j = 0; j < (size_t)lanes->system->coefficients; j++)
            b->q[j * width + i] = b->q[j * width + busy];
        lanes->lane[i].t = lanes->lane[busy].t;
        lanes->lane[i].until = lanes->lane[busy].until;
        lanes->step_size[i] = lanes->step_size[busy];
    }
}

/* The interpolant of RODAS, of order 3, at the times that a lane's step has passed. */
static void interpolate(const cit_lanes *lanes, int i, double h, double t_new) {
    static const double d2[5] = {10.12623508344586, -7.487995877610167, -34.80091861555747,
                                 -7.992771707568823, 1.025137723295662};
    static const double d3[5] = {-0.6762803392806898, 6.087714651680015, 16.43084320892478,
                                 24.76722511418386, -6.594389125716872};
    const lanes_block *b = &lanes->block;
    const int n = lanes->system->n, width = lanes->width;
    const cit_lane *lane = &lanes->lane[i];
    int here = 0;
    while (here < lane->count && lane->times[here] <= t_new) here++;
    for (int j = 0; j < n; j++) {
        const int at = j * width + i;
        const double k1 = b->k[0][at], k2 = b->k[1][at], k3 = b->k[2][at], k4 = b->k[3][at],
                     k5 = b->k[4][at];
        const double u = d2[0] * k1 + d2[1] * k2 + d2[2] * k3 + d2[3] * k4 + d2[4] * k5;
        const double v = d3[0] * k1 + d3[1] * k2 + d3[2] * k3 + d3[3] * k4 + d3[4] * k5;
        const double end = b->y_new[at], rise = end - b->y[at];
        for (int w = 0; w < here; w++) {
            const double theta = fmin((lane->times[w] - lane->t) / h, 1.0);
            lane->values[(size_t)w * (size_t)n + (size_t)j] =
                end - (1 - theta) * (rise - theta * (u + theta * v));
        }
    }
}

static double next_step(double h, double norm) {
    if (!(norm < 1e30)) return 0.2 * h; /* not a number, or beyond sense */
    const double factor = 0.9 / sqrt(sqrt(fmax(norm, 1e-8)));
    return h * fmin(fmax(factor, 0.2), 5.0);
}

/* The values wanted on the way, and the time come to. */
static void accept(cit_lanes *lanes, int i, double h, bool last) {
    cit_lane *lane = &lanes->lane[i];
    const double t_new = last ? lane->until : lane->t + h;
    if (lane->count > 0 && lane->times[0] <= t_new) {
        interpolate(lanes, i, h, t_new);
        while (lane->count > 0 && lane->times[0] <= t_new) {
            lane->times++;
            lane->count--;
            lane->values += lanes->system->n;
        }
    }
    lane->t = t_new;
}

/* ---- all lanes ---------------------------------------------------------------------------------- */

/* Accepts a lane's step or not, and chooses the next one's size. */
static bool judge(cit_lanes *lanes, int i, bool last, cit_ode_stats *stats) {
    const double h = lanes->block.h[i];
    const double norm = sqrt(lanes->block.error[i] / lanes->system->n);
    const double proposed = next_step(h, norm);
    if (++lanes->tries[i] > lanes->options.max_steps) lanes->lane[i].status = CIT_DIVERGED;
    if (norm <= 1) {
        stats->steps++;
        accept(lanes, i, h, last);
        lanes->step_size[i] = proposed;
        return true;
    }
    stats->rejected++;
    lanes->step_size[i] = proposed;
    if (h < 1e-10 && !last) lanes->lane[i].status = CIT_DIVERGED;
    return false;
}

/* y_new becomes y in the lanes that accepted it; where all did, by exchanging the two. */
static void keep(cit_lanes *lanes, const bool *accepted) {
    lanes_block *b = &lanes->block;
    const size_t n = (size_t)lanes->system->n, width = (size_t)lanes->width;
    bool all = true;
    for (size_t i = 0; i < width; i++) all = all && accepted[i];
    if (all) {
        double *y = b->y;
        b->y = b->y_new;
        b->y_new = y;
        return;
    }
    for (size_t i = 0; i < width; i++)
        for (size_t j = 0; j < n && accepted[i]; j++) b->y[j * width + i] = b->y_new[j * width + i];
}

/* A step of every lane; those that came to their end, or cannot go on, ask for more, and then those that
 * rest. False: nobody has work. */
static bool step_all(cit_lanes *lanes, cit_lanes_next *next, void *user, cit_ode_stats *stats) {
    const int width = lanes->width;
    lanes_block *b = &lanes->block;
    bool last[LANES_MAX], accepted[LANES_MAX], any = false, asked = false;

    for (int i = 0; i < width; i++) {
        const double left = lanes->lane[i].until - lanes->lane[i].t;
        last[i] = lanes->step_size[i] >= left * (1 - 1e-12);
        b->h[i] = last[i] ? left : lanes->step_size[i];
    }
    lanes->step(b, lanes->system->n);
    for (int i = 0; i < width; i++)
        accepted[i] = !lanes->busy[i] || judge(lanes, i, last[i], stats);
    keep(lanes, accepted);
    for (int i = 0; i < width; i++) {
        const cit_lane *lane = &lanes->lane[i];
        if (!lanes->busy[i] || (lane->t < lane->until && lane->status == CIT_OK)) continue;
        lanes->busy[i] = refill(lanes, i, next, user);
        asked = true;
    }
    for (int i = 0; i < width; i++) {
        if (!lanes->busy[i] && asked) lanes->busy[i] = refill(lanes, i, next, user);
        any = any || lanes->busy[i];
    }
    return any;
}

void cit_lanes_run(cit_lanes *lanes, cit_lanes_next *next, void *user, cit_ode_stats *stats) {
    cit_ode_stats count = {0};
    bool any = false;
    for (int i = 0; i < lanes->width; i++) {
        lanes->lane[i] = (cit_lane){.index = i, .stride = lanes->width};
        lanes->busy[i] = refill(lanes, i, next, user);
        any = any || lanes->busy[i];
    }
    while (any) {
        rest(lanes);
        any = step_all(lanes, next, user, &count);
    }
    if (stats != NULL) {
        stats->steps += count.steps;
        stats->rejected += count.rejected;
        stats->rhs_calls += LANES_STAGES * (count.steps + count.rejected);
    }
}
