/* Who runs in the benchmark of tissue. */
#include "bench.h"
#include "figures.h"
#include "tissue.h"
#include <cit/catalogue.h>
#include <cit/parameters.h>
#include <cit/patch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const double tissue_step_day = 0.05;
static const double voxel_mm = 0.05, channels_per_mm2 = 62 / 25.0, reach_mm = 1.5, halo_mm = 0.1,
                    hole_mm = 0.05;
enum { LAYERS_MAX = 4096, CHANNELS_MAX = 4096, FIELDS = 4 };

static void must(cit_status st, const cit_errors *errs) {
    if (st != CIT_OK) bench_die("%s", errs->items[0].text);
}

/* ---- tissue ------------------------------------------------------------------------------------- */

static cit_tissue *tissue_new(const tissue_box *b, double voxel, double fixed_step,
                              double *ret_bytes) {
    static double spread[LAYERS_MAX];
    cit_parameters table;
    cit_errors errs = {0};
    cit_tissue *t = NULL;
    cit_parameters_default(&table);
    for (int k = 0; k < b->nz; k++) spread[k] = k < b->nz / 10 ? 0.3 : 1;
    cit_tissue_options o = {
        .kinetics = &table.healing,
        .needling = &table.needling,
        .nx = b->nx,
        .ny = b->ny,
        .nz = b->nz,
        .dx_mm = voxel,
        .dy_mm = voxel,
        .dz_mm = voxel,
        .spread = b->layered ? spread : NULL,
        .edge_x = CIT_EDGE_PERIODIC,
        .edge_y = CIT_EDGE_PERIODIC,
        .fixed_step_day = fixed_step,
        .precision = b->single ? CIT_SINGLE : CIT_DOUBLE,
        .instructions = cit_instructions_best(),
        .threads = b->threads,
    };
    if (b->dip) {
        o.dip = (cit_dip){b->nx * voxel / 2, b->ny * voxel / 2, b->nx * voxel / 4,
                          0.15 * b->nz * voxel, 4};
        o.set_point = 0.7;
    }
    must(cit_tissue_new(&o, &t, &errs), &errs);
    *ret_bytes = cit_tissue_bytes(&o);
    return t;
}

static void visit(cit_tissue *t, double voxel) {
    static cit_puncture channels[CHANNELS_MAX];
    cit_errors errs = {0};
    const cit_grid *g = cit_tissue_grid(t);
    const double width = g->nx * voxel, height = g->ny * voxel;
    int count = (int)(channels_per_mm2 * width * height);
    if (count > CHANNELS_MAX) count = CHANNELS_MAX;
    for (int i = 0; i < count; i++)
        channels[i] = (cit_puncture){.x_mm = width * cit_random(1, (uint32_t)i, 3, 0),
                                     .y_mm = height * cit_random(1, (uint32_t)i, 3, 1),
                                     .depth_mm = reach_mm};
    const cit_punctures needles = {channels, count, halo_mm, hole_mm, 0};
    must(cit_tissue_visit(t, &needles, &errs), &errs);
}

static void advance(cit_tissue *t, double day) {
    cit_errors errs = {0};
    must(cit_tissue_advance(t, day, NULL, &errs), &errs);
}

typedef struct model {
    cit_tissue *tissue;
    double bytes;
} model;

static void *model_open(const tissue_box *b) {
    model *m = malloc(sizeof *m);
    if (m == NULL) bench_die("no memory");
    m->tissue = tissue_new(b, voxel_mm, tissue_step_day, &m->bytes);
    visit(m->tissue, voxel_mm);
    advance(m->tissue, tissue_step_day); /* by backward Euler */
    return m;
}

/* A step that had to be taken again would be no step of the workload. */
static void model_run(void *state, int steps) {
    const model *m = state;
    const long refused = cit_tissue_stats_of(m->tissue).rejected;
    advance(m->tissue, cit_tissue_day(m->tissue) + steps * tissue_step_day);
    if (cit_tissue_stats_of(m->tissue).rejected != refused) bench_die("a step was rejected");
}

static double model_bytes(const void *state) { return ((const model *)state)->bytes; }

static void model_close(void *state) {
    model *m = state;
    cit_tissue_free(m->tissue);
    free(m);
}

const tissue_contender tissue_model = {"model", model_open, model_run, model_bytes, model_close};

/* ---- diffusion alone ---------------------------------------------------------------------------- */

typedef struct alone {
    cit_grid grid;
    cit_diffusion *diffusion[FIELDS];
    double *memory, *u[FIELDS], *k1[FIELDS], *k2[FIELDS];
} alone;

static void *alone_open(const tissue_box *b) {
    cit_errors errs = {0};
    cit_parameters table;
    void *memory = NULL;
    alone *a = calloc(1, sizeof *a);
    if (a == NULL) bench_die("no memory");
    if (b->single || b->dip || b->layered) bench_die("diffusion alone is plain");
    cit_parameters_default(&table);
    const cit_kinetics *q = &table.healing;
    const double D[FIELDS] = {q->D_I, q->D_R, q->D_G, q->D_F};
    must(cit_grid_make(b->nx, b->ny, b->nz, voxel_mm, voxel_mm, voxel_mm, &a->grid, &errs), &errs);
    must(cit_fields_new(&a->grid, 3 * FIELDS, CIT_DOUBLE, &memory, &errs), &errs);
    a->memory = memory;
    for (int f = 0; f < FIELDS; f++) {
        const cit_diffusion_options o = {.d = D[f],
                                         .edge_x = CIT_EDGE_PERIODIC,
                                         .edge_y = CIT_EDGE_PERIODIC,
                                         .instructions = cit_instructions_best(),
                                         .threads = b->threads};
        must(cit_diffusion_new(&a->grid, &o, &a->diffusion[f], &errs), &errs);
        a->u[f] = a->memory + a->grid.field * (size_t)(3 * f);
        a->k1[f] = a->u[f] + a->grid.field;
        a->k2[f] = a->k1[f] + a->grid.field;
        for (size_t i = 0; i < a->grid.field; i++) a->u[f][i] = i % 7 == 0;
    }
    return a;
}

/* ROS2 for u' = A u, in as few passes as the calls allow: w = u + h k1 goes where u was and k2 begins with
 * -2 k1; u + 3/2 h k1 + 1/2 h k2 is w + 1/2 h (k1 + k2). */
static void ros2(alone *a, int f) {
    const double h = tissue_step_day, gamma = 1 - sqrt(0.5);
    double *restrict u = a->u[f], *restrict k1 = a->k1[f], *restrict k2 = a->k2[f];
    const size_t n = a->grid.field;
    memset(k1, 0, n * sizeof *k1);
    cit_diffusion_apply(a->diffusion[f], 1, u, k1);
    cit_diffusion_solve(a->diffusion[f], gamma * h, 0, k1);
    for (size_t i = 0; i < n; i++) {
        u[i] += h * k1[i];
        k2[i] = -2 * k1[i];
    }
    cit_diffusion_apply(a->diffusion[f], 1, u, k2);
    cit_diffusion_solve(a->diffusion[f], gamma * h, 0, k2);
    for (size_t i = 0; i < n; i++) u[i] += 0.5 * h * (k1[i] + k2[i]);
}

static void diffusion_run(void *state, int steps) {
    for (int step = 0; step < steps; step++)
        for (int f = 0; f < FIELDS; f++) ros2(state, f);
}

static void solves_run(void *state, int steps) {
    const alone *a = state;
    for (int step = 0; step < 2 * steps; step++)
        for (int f = 0; f < FIELDS; f++)
            cit_diffusion_solve(a->diffusion[f], 0.3 * tissue_step_day, 0, a->u[f]);
}

static double alone_bytes(const void *state) {
    return (double)((const alone *)state)->grid.field * 3 * FIELDS * sizeof(double);
}

static void alone_close(void *state) {
    alone *a = state;
    for (int f = 0; f < FIELDS; f++) cit_diffusion_free(a->diffusion[f]);
    free(a->memory);
    free(a);
}

const tissue_contender tissue_diffusion = {"diffusion alone", alone_open, diffusion_run,
                                           alone_bytes, alone_close};
const tissue_contender tissue_solves = {"its eight solutions", alone_open, solves_run, alone_bytes,
                                        alone_close};

/* ---- courses ------------------------------------------------------------------------------------ */

static double processor_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

tissue_course tissue_course_run(double voxel_um, bool dip, bool single, int threads) {
    enum { VISITS = 4, APART = 28, YEAR = 365 };
    const double voxel = voxel_um * 1e-3, wall = seconds_now(2), processor = processor_seconds();
    const int n = (int)lround(5 / voxel);
    const tissue_box box = {n, n, (int)lround(2 / voxel), threads, false, dip, single};
    double bytes;
    cit_tissue *t = tissue_new(&box, voxel, 0, &bytes);
    for (int i = 0; i < VISITS; i++) {
        visit(t, voxel);
        advance(t, i < VISITS - 1 ? APART * (i + 1) : YEAR);
    }
    const cit_tissue_stats stats = cit_tissue_stats_of(t);
    cit_tissue_free(t);
    return (tissue_course){.wall_s = seconds_now(2) - wall,
                           .processor_s = processor_seconds() - processor,
                           .voxel_steps = stats.voxel_steps,
                           .steps = stats.steps,
                           .euler_steps = stats.euler_steps,
                           .rejected = stats.rejected};
}
