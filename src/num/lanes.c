/* Many systems at once: which lane does what. The arithmetic of a step is in lanes_step.c. */
#include "num_impl.h"
#include <stdlib.h>
#include <string.h>

struct cit_lanes {
    const cit_lanes_system *system;
    lanes_block block;
    lanes_step *step;
    lanes_dense *dense;
    cit_ode_options options;
    int width;
    bool dense_made; /* for the step just done */
    cit_lane lane[CIT_LANES_MAX];
    double step_size[CIT_LANES_MAX]; /* proposed for the next step */
    long tries[CIT_LANES_MAX];
    bool busy[CIT_LANES_MAX];
    double *memory;
};

/* ---- instruction sets -------------------------------------------------------------------------- */

static const struct {
    const char *name;
    lanes_step *step;
    lanes_dense *dense;
} sets[CIT_INSTRUCTION_SETS] = {
    [CIT_PORTABLE] = {"portable", lanes_step_portable, lanes_dense_portable},
#ifdef CIT_X86
    [CIT_AVX2] = {"avx2", lanes_step_avx2, lanes_dense_avx2},
    [CIT_AVX512] = {"avx512", lanes_step_avx512, lanes_dense_avx512},
#else
    [CIT_AVX2] = {"avx2", NULL, NULL},
    [CIT_AVX512] = {"avx512", NULL, NULL},
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
    const size_t vectors = n * (2 + LANES_STAGES + LANES_DENSE) + (size_t)system->coefficients +
                           (size_t)system->work_size + 3;
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
    lanes->dense = sets[set].dense;
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
    for (int i = 0; i < LANES_DENSE; i++) b->dense[i] = take(&free_memory, n * width);
    b->q = take(&free_memory, (size_t)system->coefficients * width);
    b->work = take(&free_memory, (size_t)system->work_size * width);
    b->h = take(&free_memory, width);
    b->error = take(&free_memory, width);
    b->growth = take(&free_memory, width);
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

/* The solution at a time within a lane's step; lanes_dense is asked once a step, if at all. */
static void interpolate(cit_lanes *lanes, int i, double theta, double *value) {
    const lanes_block *b = &lanes->block;
    const double *u = b->dense[0], *v = b->dense[1], *w = b->dense[2];
    if (!lanes->dense_made) lanes->dense(b, lanes->system->n);
    lanes->dense_made = true;
    for (int j = 0; j < lanes->system->n; j++) {
        const int at = j * lanes->width + i;
        const double end = b->y_new[at], rise = end - b->y[at];
        value[j] = end - (1 - theta) * (rise - theta * (u[at] + theta * (v[at] + theta * w[at])));
    }
}

static void copy_end(const cit_lanes *lanes, int i, double *value) {
    for (int j = 0; j < lanes->system->n; j++) value[j] = lanes->block.y_new[j * lanes->width + i];
}

/* The next step. Beyond ten times the last, an error would be rounding for the most part, and so the step. */
static double next_step(double h, double error, double growth) {
    if (!(error < 1e60)) return 0.2 * h; /* not a number, or beyond sense */
    return h * (growth < 0.2 ? 0.2 : growth > 10 ? 10 : growth);
}

/* The values wanted on the way, and the time come to. */
static void accept(cit_lanes *lanes, int i, double h, bool last) {
    cit_lane *lane = &lanes->lane[i];
    const double t_new = last ? lane->until : lane->t + h;
    while (lane->count > 0 && lane->times[0] <= t_new) {
        const double theta = (lane->times[0] - lane->t) / h;
        if (theta < 1)
            interpolate(lanes, i, theta, lane->values);
        else
            copy_end(lanes, i, lane->values);
        lane->times++;
        lane->count--;
        lane->values += lanes->system->n;
    }
    lane->t = t_new;
}

/* ---- all lanes ---------------------------------------------------------------------------------- */

/* Accepts a lane's step or not, and chooses the next one's size. */
static bool judge(cit_lanes *lanes, int i, bool last, cit_ode_stats *stats) {
    const double h = lanes->block.h[i];
    const double error = lanes->block.error[i];
    const double proposed = next_step(h, error, lanes->block.growth[i]);
    if (++lanes->tries[i] > lanes->options.max_steps) lanes->lane[i].status = CIT_DIVERGED;
    if (error <= 1) {
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

/* The step to make now. The last two of a stretch share what is left, as a short last one would bring
 * little. */
static double step_to_make(double proposed, double left) {
    if (proposed >= left * (1 - 1e-12)) return left;
    return proposed > 0.5 * left ? 0.5 * left : proposed;
}

/* A step of every lane; those that came to their end, or cannot go on, ask for more, and then those that
 * rest. False: nobody has work. */
static bool step_all(cit_lanes *lanes, cit_lanes_next *next, void *user, cit_ode_stats *stats) {
    const int width = lanes->width;
    lanes_block *b = &lanes->block;
    bool last[CIT_LANES_MAX] = {0}, accepted[CIT_LANES_MAX] = {0}, any = false, asked = false;

    for (int i = 0; i < width; i++) {
        const double left = lanes->lane[i].until - lanes->lane[i].t;
        b->h[i] = step_to_make(lanes->step_size[i], left);
        last[i] = b->h[i] == left;
    }
    lanes->step(b, lanes->system->n);
    lanes->dense_made = false;
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
