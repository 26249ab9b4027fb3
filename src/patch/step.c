/* Steps in time: stages, solves, what a step may leave behind, and how large the next one is. */
#include "patch_impl.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* assumed: a step below this share of the first after a visit (5e-6 d) that still leaves its bounds is the last: with
 * it a week would take a million. */
static const double smallest_share = 1e-4;

/* ---- passes ------------------------------------------------------------------------------------- */

static patch_pass pass_of(const cit_tissue *t, patch_stage stage, double h) {
    patch_pass p = {.grid = &t->grid,
                    .kinetics = &t->kinetics,
                    .edge_x = t->options.edge_x,
                    .edge_y = t->options.edge_y,
                    .debris = t->debris,
                    .priming = t->priming,
                    .viable = t->viable,
                    .at_points = t->options.saturates_at_points,
                    .near = t->near,
                    .fade = t->fade,
                    .fade_then = t->fade * exp(-t->fading * h),
                    .across = t->across,
                    .up = t->up,
                    .loss_G = t->loss_G,
                    .stage = stage,
                    .h = h,
                    .row_sums = t->row_sums};
    for (int f = 0; f < DRIVERS; f++) {
        p.u[f] = t->u[f];
        p.k1[f] = t->k1[f];
        p.k2[f] = t->k2[f];
    }
    for (int f = 0; f < FOLLOWERS; f++) p.followers[f] = t->followers[f];
    return p;
}

static double above(double a, double b) { return a > b ? a : b; }

static void join(patch_extremes *a, const patch_extremes *b) {
    for (int f = 0; f < DRIVERS; f++) a->change[f] = above(a->change[f], b->change[f]);
    for (int f = 0; f < MOVING; f++) {
        a->largest[f] = above(a->largest[f], b->largest[f]);
        a->least[f] = -above(-a->least[f], -b->least[f]);
    }
    a->cells = above(a->cells, b->cells);
    a->collagen = above(a->collagen, b->collagen);
    a->most = above(a->most, b->most);
    a->sum += b->sum;
}

/* ---- accounts ----------------------------------------------------------------------------------- */

/* What a step gains is the sum of its stages, each for `days`; for both schemes it is exact:
 *   ROS2    u' - u = h (3/2 k1 + 1/2 k2) and k2 = f2 - 2 k1 + ..., so that both stages count for h / 2
 *   Euler   u' - u is that of its stage */
static void take_rows(cit_tissue *t, double days) {
    const size_t ny = (size_t)t->grid.ny;
    for (int f = 0; f < ROW_SUMS; f++) {
        double sum = 0;
        for (int k = 0; k < t->grid.nz; k++) {
            double plane = 0;
            for (size_t j = 0; j < ny; j++)
                plane += t->row_sums[((size_t)k * ny + j) * ROW_SUMS + (size_t)f];
            sum += plane;
        }
        t->gained[f] += days * t->volume * sum;
    }
}

static double weighted(const cit_tissue *t, const void *x, int i, int j, int k) {
    const size_t at = patch_at(&t->grid, i, j, k);
    return patch_viable(t, at) * patch_get(t, x, at);
}

/* What a field of differences to healthy tissue loses a day from a plane over the sides that are held so, and into fat
 * below. */
static double leaves(const cit_tissue *t, int d, const void *x, int k) {
    const cit_grid *g = &t->grid;
    const bool valued_x = t->options.edge_x == CIT_EDGE_VALUE,
               valued_y = t->options.edge_y == CIT_EDGE_VALUE,
               leaks = d == DRIVER_G && k == g->nz - 1;
    double across_x = 0, across_y = 0, bottom = 0;
    for (int j = 0; j < g->ny && valued_x; j++)
        across_x += weighted(t, x, 0, j, k) + weighted(t, x, g->nx - 1, j, k);
    for (int i = 0; i < g->nx && valued_y; i++)
        across_y += weighted(t, x, i, 0, k) + weighted(t, x, i, g->ny - 1, k);
    for (int j = 0; j < g->ny && leaks; j++)
        for (int i = 0; i < g->nx; i++) bottom += weighted(t, x, i, j, k);
    const double D = 2 * t->D[d] * t->across[k];
    return D / (g->dx * g->dx) * across_x + D / (g->dy * g->dy) * across_y + t->loss_G * bottom;
}

static void take_edges(cit_tissue *t, double days) {
    for (int d = 0; d < DIFFUSING; d++) {
        double left = 0;
        for (int k = 0; k < t->grid.nz; k++) left += t->left[k * DIFFUSING + d];
        t->gained[DRIVERS + d] -= days * t->volume * left;
    }
}

static void account(cit_tissue *t) {
    for (int f = 0; f < DRIVERS; f++) t->account[DRIVER_0 + f].reacted += t->gained[f];
    for (int d = 0; d < DIFFUSING; d++) t->account[DRIVER_0 + d].crossed += t->gained[DRIVERS + d];
}

/* ---- one step ----------------------------------------------------------------------------------- */

/* A stage goes twice through memory. First blocks of rows, from plane to plane: what the stage makes is solved in x at
 * once and, as soon as the block is there in all planes, in z. Then planes: lines in y, and where the step ends
 * there, its end. */
static void rows_task(cit_tissue *t, const patch_pass *p, void *const x[], int task) {
    const int from = task * t->kernel->block, end = from + t->kernel->block,
              to = end < t->grid.ny ? end : t->grid.ny;
    char *scratch = t->scratch + t->scratch_bytes * (size_t)omp_get_thread_num();
    for (int k = 0; k < t->grid.nz; k++) {
        t->kernel->stage(p, from, to, k, scratch);
        for (int d = 0; d < DIFFUSING; d++)
            if (t->lines[d] != NULL) cit_lines_x(t->lines[d], x[d], k, from, to);
    }
    for (int d = 0; d < DIFFUSING; d++)
        for (int j = from; j < to && t->lines[d] != NULL; j++) cit_lines_z(t->lines[d], x[d], j);
}

static void plane_task(cit_tissue *t, const patch_pass *p, void *const x[], bool ends, int k) {
    for (int d = 0; d < DIFFUSING; d++) {
        if (t->lines[d] != NULL) cit_lines_y(t->lines[d], x[d], k);
        t->left[k * DIFFUSING + d] = leaves(t, d, x[d], k);
    }
    if (ends) t->kernel->finish(p, k, &t->extremes[k]);
}

static void run_stage(cit_tissue *t, patch_stage stage, double h, double a) {
    const patch_pass p = pass_of(t, stage, h);
    void *const *x = stage == STAGE_SECOND ? t->k2 : t->k1;
    const int nz = t->grid.nz;
    for (int d = 0; d < DIFFUSING; d++)
        if (t->lines[d] != NULL) cit_lines_set(t->lines[d], a * t->diffusion_D[d]);
#pragma omp parallel num_threads(t->threads)
    {
#pragma omp for schedule(dynamic)
        for (int task = 0; task < t->tasks; task++) rows_task(t, &p, x, task);
#pragma omp for schedule(dynamic)
        for (int k = 0; k < nz; k++) plane_task(t, &p, x, stage != STAGE_FIRST, k);
    }
}

static patch_extremes extremes(const cit_tissue *t) {
    patch_extremes all = t->extremes[0];
    for (int k = 1; k < t->grid.nz; k++) join(&all, &t->extremes[k]);
    return all;
}

static void ros2_stage(cit_tissue *t, patch_stage stage, double h) {
    run_stage(t, stage, h, ROS2_GAMMA * h);
    take_rows(t, 0.5 * h);
    take_edges(t, 0.5 * h * ROS2_GAMMA * h);
}

static patch_extremes try_ros2(cit_tissue *t, double h) {
    memset(t->gained, 0, sizeof t->gained);
    ros2_stage(t, STAGE_FIRST, h);
    ros2_stage(t, STAGE_SECOND, h);
    return extremes(t);
}

static patch_extremes try_euler(cit_tissue *t, double h) {
    memset(t->gained, 0, sizeof t->gained);
    run_stage(t, STAGE_EULER, h, h);
    take_rows(t, h);
    take_edges(t, h);
    return extremes(t);
}

static void swap(void **a, void **b) {
    void *const x = *a;
    *a = *b;
    *b = x;
}

static void accept(cit_tissue *t, double h) {
    for (int f = 0; f < DRIVERS; f++) swap(&t->u[f], &t->k1[f]);
    for (int f = 0; f < FOLLOWERS; f++) swap(&t->followers[f], &t->k2[f]);
    account(t);
    t->fade *= exp(-t->fading * h);
    t->day += h;
    t->stats.voxel_steps += (double)t->grid.nx * t->grid.ny * t->grid.nz;
}

/* What rounding may leave beyond a bound. Cells fill their room to 1 exactly, and there the truncation of a step can
 * show before they have turned: that is allowed 1e-9. */
static double slack(const cit_tissue *t) {
    return t->options.precision == CIT_SINGLE ? 1e-5 : 1e-12;
}
static double room_slack(const cit_tissue *t) {
    return t->options.precision == CIT_SINGLE ? 1e-5 : 1e-9;
}

static bool within_bounds(const cit_tissue *t, const patch_extremes *e, double h) {
    const double eps = slack(t);
    bool within = e->sum - e->sum == 0 && e->most <= 2 / h && e->cells <= 1 + room_slack(t) &&
                  e->collagen <= t->kinetics.C_max + eps;
    for (int f = 0; f < MOVING; f++) within = within && e->least[f] >= -eps * (1 + e->largest[f]);
    return within;
}

/* Largest difference to the first-order result over what is allowed. */
static double error_of(const cit_tissue *t, const patch_extremes *e) {
    double most = 0;
    for (int f = 0; f < DRIVERS; f++) {
        const double size = t->options.tolerance * above(e->largest[f], 0.01);
        most = above(most, e->change[f] / size);
    }
    return most;
}

static bool is_smallest(const cit_tissue *t, double h) {
    const double fixed = t->options.fixed_step_day;
    return h <= smallest_share * (fixed > 0 ? fixed : t->options.first_step_day);
}

static cit_status give_up(const cit_tissue *t, cit_errors *errs) {
    return cit_fail(errs, CIT_DIVERGED, "",
                    "from day %g no step stays within its bounds, however small", t->day);
}

/* The next `h` are for backward Euler, in so many parts as a visit's start has where bounds allow it. */
static void begin_euler(cit_tissue *t, double h) {
    t->euler_left = h;
    t->euler_part = h / t->options.start_steps;
}

static cit_status euler_step(cit_tissue *t, double left, cit_errors *errs) {
    const double rest = t->euler_left < left ? t->euler_left : left,
                 h = t->euler_part < rest * (1 - 1e-9) ? t->euler_part : rest;
    const patch_extremes e = try_euler(t, h);
    if (within_bounds(t, &e, h)) {
        accept(t, h);
        t->stats.euler_steps++;
        t->euler_left -= h;
        if (t->euler_left < 1e-6 * h) t->euler_left = 0; /* rounding */
        return CIT_OK;
    }
    t->stats.rejected++;
    t->stats.out_of_bounds++;
    t->euler_part = 0.5 * h;
    return is_smallest(t, h) ? give_up(t, errs) : CIT_OK;
}

/* ---- the size of steps -------------------------------------------------------------------------- */

/* Fibroblasts' growth is not in the matrix: beyond 2 over its rate a step would not be stable. */
static double longest(const cit_tissue *t) {
    const cit_kinetics *q = &t->kinetics;
    const double growth = q->r_F * (1 + q->a_F), asked = t->options.longest_step_day;
    const double stable = growth > 0 ? 1.8 / growth : HUGE_VAL;
    return asked > 0 && asked < stable ? asked : stable;
}

static double next_size(const cit_tissue *t, double h, double error, double most) {
    double factor = error > 0 ? 0.9 / sqrt(error) : 2;
    factor = factor > 2 ? 2 : factor < 0.2 ? 0.2 : factor;
    double next = h * factor;
    if (most > 0 && next > 1.8 / most) next = 1.8 / most;
    return next < longest(t) ? next : longest(t);
}

/* What of the days left is taken now: even parts of them where the step is fixed. */
static double size_now(const cit_tissue *t, double left) {
    const double fixed = t->options.fixed_step_day, h = fixed > 0 ? fixed : t->step;
    if (fixed > 0) return left / ceil(left / fixed * (1 - 1e-9));
    if (h >= left) return left;
    return 2 * h > left ? 0.5 * left : h;
}

static cit_status ros2_step(cit_tissue *t, double left, cit_errors *errs) {
    const bool fixed = t->options.fixed_step_day > 0;
    double h = size_now(t, left);
    for (int failures = 0;;) {
        const patch_extremes e = try_ros2(t, h);
        const bool within = within_bounds(t, &e, h);
        const double error = error_of(t, &e);
        if (within && (fixed || error <= 1)) {
            const double next = next_size(t, h, error, e.most);
            accept(t, h);
            if (h >= t->step || next < t->step) t->step = next;
            t->stats.steps++;
            if (t->stats.steps == 1 || h < t->stats.shortest_day) t->stats.shortest_day = h;
            if (h > t->stats.longest_day) t->stats.longest_day = h;
            return CIT_OK;
        }
        t->stats.rejected++;
        if (!within) {
            t->stats.out_of_bounds++;
            if (++failures == 2 || fixed) {
                t->step = h;
                begin_euler(t, h);
                return is_smallest(t, h) ? give_up(t, errs) : CIT_OK;
            }
        }
        h = within ? next_size(t, h, error, e.most) : 0.5 * h;
        t->step = h;
    }
}

/* Half of the first step: what Euler's steps leave of error falls with their size, and half is enough for them to
 * smooth a wound's edges. */
static void start_step(cit_tissue *t, double left) {
    const double fixed = t->options.fixed_step_day;
    double h = fixed > 0 ? size_now(t, left) : t->options.first_step_day;
    if (h > left) h = left;
    if (h > longest(t)) h = longest(t);
    t->step = h;
    t->starts = false;
    begin_euler(t, 0.5 * h);
}

/* One step, or what decides that the next is of backward Euler. */
static cit_status go_on(cit_tissue *t, double left, cit_errors *errs) {
    if (t->starts) start_step(t, left);
    if (t->euler_left > 0) return euler_step(t, left, errs);
    return ros2_step(t, left, errs);
}

cit_status cit_tissue_advance(cit_tissue *t, double until, const cit_progress *progress,
                              cit_errors *errs) {
    const double from = t->day;
    if (!isfinite(until) || until < from)
        return cit_fail(errs, CIT_INVALID, "until_day", "a day from %g on, not %g", from, until);
    if (t->step == 0) t->step = t->options.first_step_day;
    while (t->day < until) {
        const double left = until - t->day;
        if (!cit_progress_report(progress, (t->day - from) / (until - from), "tissue"))
            return cit_fail(errs, CIT_CANCELLED, "", "stopped on day %g", t->day);
        const cit_status st = go_on(t, left, errs);
        if (st != CIT_OK) return st;
        if (until - t->day < 1e-9 * (1 + fabs(until))) t->day = until;
    }
    return CIT_OK;
}
