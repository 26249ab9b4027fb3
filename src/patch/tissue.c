/* Tissue: what is asked is checked, memory laid out, scar and layers put into it. */
#include "patch_impl.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { SCRATCH_ALIGN = 64, SUBDIVISIONS = 8, START_STEPS = 4, START_STEPS_MAX = 64 };

const char *cit_tissue_field_name(int field) {
    static const char *const names[] = {"debris",      "inflammation",   "macrophages",  "tgf",
                                        "fibroblasts", "myofibroblasts", "new-collagen", "collagen",
                                        "set-point",   "elastin"};
    return field >= 0 && field < CIT_TISSUE_FIELDS ? names[field] : "";
}

/* ---- what is asked ------------------------------------------------------------------------------ */

static bool is_length(double x) { return x >= 0 && isfinite(x); }

static cit_status check_dip(const cit_tissue_options *o, cit_errors *errs) {
    const cit_dip *d = &o->dip;
    const double bottom = o->nz * o->dz_mm;
    if (d->radius_mm == 0) return CIT_OK;
    if (!isfinite(d->x_mm) || !isfinite(d->y_mm) || !is_length(d->radius_mm) ||
        !is_length(d->depth_mm) || !(d->profile > 0))
        return cit_fail(errs, CIT_INVALID, "dip", "a place, radius, depth or profile is no number");
    if (o->floor_mm != NULL)
        return cit_fail(errs, CIT_INVALID, "dip", "a dip or a floor of one's own, not both");
    if (d->depth_mm > bottom - o->dz_mm)
        return cit_fail(errs, CIT_INVALID, "dip",
                        "a dip of %g mm leaves less than a voxel of the %g mm of tissue",
                        d->depth_mm, bottom);
    return CIT_OK;
}

static cit_status check_arrays(const cit_tissue_options *o, cit_errors *errs) {
    const size_t columns = (size_t)o->nx * (size_t)o->ny, voxels = columns * (size_t)o->nz;
    for (size_t i = 0; i < columns && o->floor_mm != NULL; i++)
        if (!is_length(o->floor_mm[i]) || o->floor_mm[i] > (o->nz - 1) * o->dz_mm)
            return cit_fail(errs, CIT_INVALID, "floor_mm",
                            "%g mm at column %zu: from 0 to a voxel above the bottom",
                            o->floor_mm[i], i);
    for (size_t i = 0; i < voxels && o->set_points != NULL; i++)
        if (!(o->set_points[i] >= 0 && o->set_points[i] <= o->kinetics->C_max))
            return cit_fail(errs, CIT_INVALID, "set_points", "%g at voxel %zu: from 0 to C_max",
                            o->set_points[i], i);
    for (int k = 0; k < o->nz && o->spread != NULL; k++)
        if (!is_length(o->spread[k]))
            return cit_fail(errs, CIT_INVALID, "spread", "layer %d: a factor is 0 or more, not %g",
                            k, o->spread[k]);
    return CIT_OK;
}

static cit_status check_numbers(const cit_tissue_options *o, cit_errors *errs) {
    const double lengths[] = {o->top_mm,         o->tolerance,        o->fixed_step_day,
                              o->first_step_day, o->longest_step_day, o->memory_bytes};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        if (!is_length(lengths[i]))
            return cit_fail(errs, CIT_INVALID, "options",
                            "a length, tolerance, step or limit is 0 or more, not %g", lengths[i]);
    if (o->threads < 0 || o->threads > 1024)
        return cit_fail(errs, CIT_INVALID, "threads", "0 (all) to 1024, not %d", o->threads);
    if (o->start_steps < 0 || o->start_steps > START_STEPS_MAX)
        return cit_fail(errs, CIT_INVALID, "start_steps", "1 to %d, not %d", START_STEPS_MAX,
                        o->start_steps);
    if (!(o->needling->phi_ref > 0) || !(o->needling->c_cut >= 0 && o->needling->c_cut <= 1))
        return cit_fail(errs, CIT_INVALID, "needling", "phi_ref above 0, c_cut from 0 to 1");
    return CIT_OK;
}

static double set_point_of(const cit_tissue_options *o) {
    return o->set_point != 0 ? o->set_point : 1;
}

static cit_status check(const cit_tissue_options *o, cit_grid *grid, cit_errors *errs) {
    cit_status st = CIT_OK;
    cit_column column; /* its rules are those of the kinetics */
    CIT_TRY(cit_grid_make(o->nx, o->ny, o->nz, o->dx_mm, o->dy_mm, o->dz_mm, grid, errs));
    CIT_TRY(cit_column_make(o->kinetics, 0, 1, 1, set_point_of(o), 0, &column, errs));
    CIT_TRY(check_numbers(o, errs));
    CIT_TRY(check_dip(o, errs));
    CIT_TRY(check_arrays(o, errs));
done:
    return st;
}

/* ---- memory ------------------------------------------------------------------------------------- */

static bool has_void(const cit_tissue_options *o) {
    return o->floor_mm != NULL || (o->dip.radius_mm > 0 && o->dip.depth_mm > 0);
}

/* Fields of reals: what moves twice, stages twice, debris, priming, and what is viable. */
static int field_count(const cit_tissue_options *o) {
    return 3 * DRIVERS + FOLLOWERS + 2 + has_void(o);
}

/* Planes in which the solvers' coefficients are by voxel: to the second below what is open. */
static double planes_by_voxel(const cit_tissue_options *o) {
    double deepest = o->floor_mm != NULL ? 0 : o->dip.depth_mm;
    for (size_t i = 0; o->floor_mm != NULL && i < (size_t)o->nx * (size_t)o->ny; i++)
        deepest = o->floor_mm[i] > deepest ? o->floor_mm[i] : deepest;
    return fmin(ceil(deepest / o->dz_mm) + 2, o->nz + 1.0);
}

double cit_tissue_bytes(const cit_tissue_options *o) {
    cit_grid g;
    if (cit_grid_make(o->nx, o->ny, o->nz, o->dx_mm, o->dy_mm, o->dz_mm, &g, NULL) != CIT_OK)
        return HUGE_VAL;
    const double real = o->precision == CIT_SINGLE ? 4 : 8;
    const double rows = (double)g.ny * g.nz * ROW_SUMS * 8;
    const double by_voxel =
        has_void(o) ? 2 * 4 * real * ((double)g.row + 16) * (g.ny + 1.0) * planes_by_voxel(o) : 0;
    return real * (double)g.field * field_count(o) + by_voxel + rows;
}

static void *field_at(const cit_tissue *t, int place) {
    return (char *)t->memory + t->kernel->real_size * t->grid.field * (size_t)place;
}

static void lay_out(cit_tissue *t) {
    int place = 0;
    for (int f = 0; f < DRIVERS; f++) {
        t->u[f] = field_at(t, place++);
        t->k1[f] = field_at(t, place++);
        t->k2[f] = field_at(t, place++);
    }
    for (int f = 0; f < FOLLOWERS; f++) t->followers[f] = field_at(t, place++);
    t->debris = field_at(t, place++);
    t->priming = field_at(t, place++);
    if (has_void(&t->options)) t->viable = field_at(t, place);
}

static cit_status no_memory(cit_errors *errs) {
    return cit_fail(errs, CIT_NOMEM, "", "no memory for tissue");
}

static cit_status allocate(cit_tissue *t, cit_errors *errs) {
    const cit_tissue_options *o = &t->options;
    const size_t nz = (size_t)t->grid.nz, ny = (size_t)t->grid.ny;
    const double bytes = cit_tissue_bytes(o);
    if (o->memory_bytes > 0 && bytes > o->memory_bytes)
        return cit_fail(
            errs, CIT_NOMEM, "memory",
            "%d x %d x %d voxels need %.0f MiB, and %.0f are allowed; take larger voxels", o->nx,
            o->ny, o->nz, bytes * 0x1p-20, o->memory_bytes * 0x1p-20);
    const cit_status st = cit_fields_new(&t->grid, field_count(o), o->precision, &t->memory, errs);
    if (st != CIT_OK) return st;
    lay_out(t);
    t->tasks = (t->grid.ny + t->kernel->block - 1) / t->kernel->block;
    t->near = calloc(nz, sizeof *t->near);
    t->across = calloc(nz, sizeof *t->across);
    t->up = calloc(nz + 1, sizeof *t->up);
    t->row_sums = calloc(nz * ny * ROW_SUMS, sizeof *t->row_sums);
    t->extremes = calloc(nz, sizeof *t->extremes);
    t->left = calloc(nz * DIFFUSING, sizeof *t->left);
    t->scratch_bytes = (t->kernel->scratch(&t->grid) / SCRATCH_ALIGN + 2) * SCRATCH_ALIGN;
    t->scratch = aligned_alloc(SCRATCH_ALIGN, t->scratch_bytes * (size_t)t->threads);
    if (!t->near || !t->across || !t->up || !t->row_sums || !t->extremes || !t->left || !t->scratch)
        return no_memory(errs);
    return CIT_OK;
}

/* ---- scar --------------------------------------------------------------------------------------- */

static double dip_floor(const cit_dip *d, double x, double y) {
    const double r = hypot(x - d->x_mm, y - d->y_mm);
    return r < d->radius_mm ? d->depth_mm * (1 - pow(r / d->radius_mm, d->profile)) : 0;
}

/* Of a column of voxels, over a square of points: mean of `what` at each. */
typedef struct point {
    double floor;
    bool within;
} point;

static point point_of(const cit_tissue_options *o, int i, int j, int a, int b) {
    if (o->floor_mm != NULL)
        return (point){o->floor_mm[(size_t)j * (size_t)o->nx + (size_t)i], true};
    const double x = (i + (a + 0.5) / SUBDIVISIONS) * o->dx_mm;
    const double y = (j + (b + 0.5) / SUBDIVISIONS) * o->dy_mm;
    const bool within =
        o->dip.radius_mm == 0 || hypot(x - o->dip.x_mm, y - o->dip.y_mm) < o->dip.radius_mm;
    return (point){o->dip.radius_mm > 0 ? dip_floor(&o->dip, x, y) : 0, within};
}

static void scar_column(cit_tissue *t, int i, int j) {
    enum { POINTS = SUBDIVISIONS * SUBDIVISIONS };
    const cit_tissue_options *o = &t->options;
    point points[POINTS];
    double within = 0;
    for (int p = 0; p < POINTS; p++) {
        points[p] = point_of(o, i, j, p % SUBDIVISIONS, p / SUBDIVISIONS);
        within += points[p].within / (double)POINTS;
    }
    for (int k = 0; k < o->nz; k++) {
        const size_t at = patch_at(&t->grid, i, j, k);
        double v = 0;
        for (int p = 0; p < POINTS; p++) {
            const double below = (k + 1) - points[p].floor / o->dz_mm;
            v += (below > 1 ? 1 : below > 0 ? below : 0) / POINTS;
        }
        /* A sliver would be a stiff voxel of no weight. */
        v = v < 0.01 ? 0 : v > 1 - 1e-12 ? 1 : v;
        const size_t compact = (size_t)i + (size_t)o->nx * ((size_t)j + (size_t)o->ny * (size_t)k);
        const double share = within > 1 - 1e-12 ? 1 : within;
        const double set =
            o->set_points != NULL ? o->set_points[compact] : 1 + share * (set_point_of(o) - 1);
        const bool lives = v > 0;
        if (t->viable != NULL) patch_put(t, t->viable, at, v);
        patch_put(t, t->u[DRIVER_F], at, lives ? 1 : 0);
        patch_put(t, t->followers[VOXEL_C - FOLLOWER_0], at, lives ? set : 0);
        patch_put(t, t->followers[VOXEL_S - FOLLOWER_0], at, lives ? set : 0);
        patch_put(t, t->followers[VOXEL_E - FOLLOWER_0], at, 1);
        patch_put(t, t->priming, at, 1);
        t->living += v * t->volume;
    }
}

/* ---- diffusion ---------------------------------------------------------------------------------- */

static double harmonic(double a, double b) { return a > 0 && b > 0 ? 2 / (1 / a + 1 / b) : 0; }

static void set_spread(cit_tissue *t) {
    const int nz = t->grid.nz;
    const double *spread = t->options.spread;
    for (int k = 0; k < nz; k++) t->across[k] = spread != NULL ? spread[k] : 1;
    for (int k = 1; k < nz; k++) t->up[k] = harmonic(t->across[k - 1], t->across[k]);
    /* Fat below is a half-space with the same diffusion and loss: flux h_f G at the border. */
    const cit_kinetics *q = &t->kinetics;
    const double h_f = sqrt(q->D_G * q->d_G), D = q->D_G * t->across[nz - 1], dz = t->grid.dz;
    t->loss_G = D > 0 ? h_f / (1 + h_f * dz / (2 * D)) / dz : 0;
}

/* Where something is given by voxel, operators are large, and fields share them. */
static cit_status make_diffusion(cit_tissue *t, int d, double *viable, cit_errors *errs) {
    const cit_tissue_options *o = &t->options;
    const bool shared = viable != NULL, leaks = d == DRIVER_G;
    const double D = t->D[d], unit = shared ? 1 : D;
    double *layers = malloc((size_t)t->grid.nz * sizeof *layers);
    if (layers == NULL) return no_memory(errs);
    for (int k = 0; k < t->grid.nz; k++) layers[k] = unit * t->across[k];
    const cit_diffusion_options options = {.d = unit,
                                           .layers = o->spread != NULL ? layers : NULL,
                                           .viable = viable,
                                           .edge_x = o->edge_x,
                                           .edge_y = o->edge_y,
                                           .bottom =
                                               leaks ? sqrt(D * t->kinetics.d_G) * unit / D : 0,
                                           .precision = o->precision,
                                           .instructions = o->instructions,
                                           .threads = t->threads};
    const cit_status st = cit_diffusion_new(&t->grid, &options, &t->diffusion[d], errs);
    t->diffusion_D[d] = D / unit;
    free(layers);
    return st;
}

static cit_status make_all_diffusion(cit_tissue *t, cit_errors *errs) {
    cit_status st = CIT_OK;
    double *viable = NULL;
    int first = -1;
    if (t->viable != NULL) {
        void *memory = NULL;
        CIT_TRY(cit_fields_new(&t->grid, 1, CIT_DOUBLE, &memory, errs));
        viable = memory;
        for (size_t at = 0; at < t->grid.field; at++) viable[at] = patch_viable(t, at);
    }
    for (int d = 0; d < DIFFUSING; d++) {
        if (t->D[d] == 0) continue;
        if (viable != NULL && d != DRIVER_G && first >= 0) {
            t->diffusion[d] = t->diffusion[first];
            t->diffusion_D[d] = t->D[d];
        } else {
            CIT_TRY(make_diffusion(t, d, viable, errs));
            if (d != DRIVER_G) first = d;
        }
        CIT_TRY(cit_lines_new(t->diffusion[d], &t->lines[d], errs));
    }
done:
    free(viable);
    return st;
}

/* ---- the whole ---------------------------------------------------------------------------------- */

static const patch_kernel *const kernels[CIT_INSTRUCTION_SETS][2] = {
    [CIT_PORTABLE] = {&patch_kernel_double_portable, &patch_kernel_float_portable},
#ifdef CIT_X86
    [CIT_AVX2] = {&patch_kernel_double_avx2, &patch_kernel_float_avx2},
    [CIT_AVX512] = {&patch_kernel_double_avx512, &patch_kernel_float_avx512},
#endif
};

/* FNV-1a, number by number. */
static uint64_t mix(uint64_t hash, double number) {
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    hash = (hash ^ bits) * UINT64_C(1099511628211);
    return hash ^ hash >> 29;
}

static uint64_t mix_all(uint64_t hash, const double *numbers, size_t count) {
    for (size_t i = 0; i < count; i++) hash = mix(hash, numbers[i]);
    return hash;
}

static uint64_t mix_field(const cit_tissue *t, uint64_t hash, const void *field) {
    const cit_grid *g = &t->grid;
    for (int k = 0; k < g->nz; k++)
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx; i++)
                hash = mix(hash, patch_get(t, field, patch_at(g, i, j, k)));
    return hash;
}

static uint64_t fingerprint(const cit_tissue *t) {
    const cit_tissue_options *o = &t->options;
    const double numbers[] = {o->nx,
                              o->ny,
                              o->nz,
                              o->dx_mm,
                              o->dy_mm,
                              o->dz_mm,
                              o->top_mm,
                              o->edge_x,
                              o->edge_y,
                              o->saturates_at_points,
                              o->tolerance,
                              o->fixed_step_day,
                              o->first_step_day,
                              o->longest_step_day,
                              o->start_steps,
                              o->precision,
                              o->instructions,
                              o->needling->phi_ref,
                              o->needling->c_cut,
                              has_void(o)};
    uint64_t hash = UINT64_C(14695981039346656037);
    hash = mix_all(hash, numbers, sizeof numbers / sizeof *numbers);
    hash = mix_all(hash, (const double *)&t->kinetics, sizeof t->kinetics / sizeof(double));
    hash = mix_all(hash, t->across, (size_t)t->grid.nz);
    hash = mix_field(t, hash, t->followers[VOXEL_S - FOLLOWER_0]);
    return t->viable != NULL ? mix_field(t, hash, t->viable) : hash;
}

static cit_status fill_in(cit_tissue *t, cit_errors *errs) {
    cit_status st = CIT_OK;
    const cit_kinetics *q = &t->kinetics;
    CIT_TRY(allocate(t, errs));
    for (int j = 0; j < t->grid.ny; j++)
        for (int i = 0; i < t->grid.nx; i++) scar_column(t, i, j);
    const double D[] = {q->D_I, q->D_R, q->D_G, q->D_F};
    for (int d = 0; d < DIFFUSING; d++) t->D[d] = D[d];
    double fading[VOXEL_CLOSED];
    voxel_fading(q, fading);
    t->fading = fading[0];
    t->fade = 1;
    set_spread(t);
    CIT_TRY(make_all_diffusion(t, errs));
    t->fingerprint = fingerprint(t);
    for (int f = 0; f < VOXEL_FIELDS; f++) t->account[f].start = patch_total(t, f);
done:
    return st;
}

/* What later calls need of the options; what was borrowed is forgotten. */
static void forget(cit_tissue_options *o) {
    o->kinetics = NULL;
    o->floor_mm = o->set_points = o->spread = NULL;
}

cit_status cit_tissue_new(const cit_tissue_options *o, cit_tissue **ret, cit_errors *errs) {
    cit_grid grid;
    const cit_status checked = check(o, &grid, errs);
    if (checked != CIT_OK) return checked;
    const patch_kernel *kernel = kernels[o->instructions][o->precision];
    if (kernel == NULL || !cit_instructions_here(o->instructions))
        return cit_fail(errs, CIT_INVALID, "instructions", "this processor or build has no %s",
                        cit_instructions_name(o->instructions));
    cit_tissue *t = calloc(1, sizeof *t);
    if (t == NULL) return no_memory(errs);
    t->grid = grid;
    t->options = *o;
    if (o->tolerance == 0) t->options.tolerance = 0.01;
    if (o->first_step_day == 0) t->options.first_step_day = 0.05;
    if (o->start_steps == 0) t->options.start_steps = START_STEPS;
    t->kinetics = *o->kinetics;
    t->needling = *o->needling;
    t->options.kinetics = &t->kinetics;
    t->options.needling = &t->needling;
    t->kernel = kernel;
    t->threads = o->threads > 0 ? o->threads : omp_get_max_threads();
    t->volume = grid.dx * grid.dy * grid.dz;
    const cit_status st = fill_in(t, errs);
    forget(&t->options);
    if (st == CIT_OK)
        *ret = t;
    else
        cit_tissue_free(t);
    return st;
}

void cit_tissue_free(cit_tissue *t) {
    if (t == NULL) return;
    for (int d = 0; d < DIFFUSING; d++) {
        bool mine = true;
        cit_lines_free(t->lines[d]);
        for (int other = 0; other < d; other++)
            mine = mine && t->diffusion[other] != t->diffusion[d];
        if (mine) cit_diffusion_free(t->diffusion[d]);
    }
    free(t->memory);
    free(t->near);
    free(t->across);
    free(t->up);
    free(t->row_sums);
    free(t->extremes);
    free(t->left);
    free(t->scratch);
    free(t);
}

const cit_grid *cit_tissue_grid(const cit_tissue *t) { return &t->grid; }
double cit_tissue_day(const cit_tissue *t) { return t->day; }
cit_tissue_stats cit_tissue_stats_of(const cit_tissue *t) { return t->stats; }
