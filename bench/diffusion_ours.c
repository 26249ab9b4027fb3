/* The library's steps of backward Euler. */
#include "bench.h"
#include "diffusion.h"
#include <cit/num.h>
#include <stdlib.h>

typedef enum sort { CONSTANT, LAYERS, VOXELS } sort;

typedef struct ours {
    diffusion_box box;
    cit_grid grid;
    cit_precision precision;
    cit_lod_order order;
    cit_diffusion *diffusion[DIFFUSION_FIELDS_MAX];
    cit_lod *lod;
    void *memory, *fields[DIFFUSION_FIELDS_MAX];
} ours;

static size_t real_size(const ours *o) {
    return o->precision == CIT_SINGLE ? sizeof(float) : sizeof(double);
}

static size_t place(const ours *o, int i, int j, int k) {
    return (size_t)i + (size_t)j * o->grid.row + (size_t)k * o->grid.plane;
}

static void ours_close(void *state) {
    ours *o = state;
    for (int s = 0; s < DIFFUSION_FIELDS_MAX; s++) cit_diffusion_free(o->diffusion[s]);
    cit_lod_free(o->lod);
    free(o->memory);
    free(o);
}

/* The same D in every layer or voxel, so that the answer is the same. */
static cit_status field_new(ours *o, sort by, int s, int threads, double *numbers,
                            cit_errors *errs) {
    const size_t count = by == LAYERS ? (size_t)o->grid.nz : by == VOXELS ? o->grid.field : 0;
    const cit_diffusion_options options = {.d = diffusion_d[s],
                                           .layers = by == LAYERS ? numbers : NULL,
                                           .voxels = by == VOXELS ? numbers : NULL,
                                           .precision = o->precision,
                                           .instructions = cit_instructions_best(),
                                           .threads = threads};
    for (size_t i = 0; i < count; i++) numbers[i] = diffusion_d[s];
    return cit_diffusion_new(&o->grid, &options, &o->diffusion[s], errs);
}

static void start(ours *o, int s) {
    const diffusion_box *b = &o->box;
    for (int k = 0; k < b->nz; k++)
        for (int j = 0; j < b->ny; j++)
            for (int i = 0; i < b->nx; i++) {
                const double u = diffusion_start(b, i, j, k);
                if (o->precision == CIT_SINGLE)
                    ((float *)o->fields[s])[place(o, i, j, k)] = (float)u;
                else
                    ((double *)o->fields[s])[place(o, i, j, k)] = u;
            }
}

static ours *ours_new(const diffusion_box *b, int threads, cit_precision precision,
                      cit_lod_order order, sort by) {
    cit_errors errs = {0};
    cit_status st = CIT_OK;
    double *numbers = NULL;
    ours *o = calloc(1, sizeof *o);
    if (o == NULL) return NULL;
    *o = (ours){.box = *b, .precision = precision, .order = order};
    const double h = diffusion_h_um;
    CIT_TRY(cit_grid_make(b->nx, b->ny, b->nz, h, h, h, &o->grid, &errs));
    CIT_TRY(cit_fields_new(&o->grid, b->fields, precision, &o->memory, &errs));
    numbers = malloc(o->grid.field * sizeof *numbers);
    if (numbers == NULL) bench_die("no memory for coefficients");
    for (int s = 0; s < b->fields; s++) {
        o->fields[s] = (char *)o->memory + real_size(o) * o->grid.field * (size_t)s;
        start(o, s);
        CIT_TRY(field_new(o, by, s, threads, numbers, &errs));
    }
    CIT_TRY(
        cit_lod_new(o->diffusion, diffusion_decay, b->fields, diffusion_dt_min, &o->lod, &errs));
done:
    free(numbers);
    if (st != CIT_OK) bench_die("%s", errs.items[0].text);
    return o;
}

static void ours_run(void *state, int steps) {
    ours *o = state;
    cit_lod_run(o->lod, o->fields, steps, o->order);
}

static double ours_value(const void *state, int field, int i, int j, int k) {
    const ours *o = state;
    if (o->precision == CIT_SINGLE)
        return (double)((const float *)o->fields[field])[place(o, i, j, k)];
    return ((const double *)o->fields[field])[place(o, i, j, k)];
}

static size_t ours_bytes(const void *state) {
    const ours *o = state;
    return o->grid.field * (size_t)o->box.fields * real_size(o);
}

#define OURS(name, precision, order, by)                                                           \
    static void *open_##name(const diffusion_box *box, int threads) {                              \
        return ours_new(box, threads, precision, order, by);                                       \
    }                                                                                              \
    const diffusion_solver diffusion_##name = {#name,      open_##name, ours_run,                  \
                                               ours_value, ours_bytes,  ours_close};

OURS(xyz, CIT_DOUBLE, CIT_LOD_XYZ, CONSTANT)
OURS(alternating, CIT_DOUBLE, CIT_LOD_ALTERNATING, CONSTANT)
OURS(layers, CIT_DOUBLE, CIT_LOD_XYZ, LAYERS)
OURS(voxels, CIT_DOUBLE, CIT_LOD_XYZ, VOXELS)
OURS(xyz_single, CIT_SINGLE, CIT_LOD_XYZ, CONSTANT)
OURS(alternating_single, CIT_SINGLE, CIT_LOD_ALTERNATING, CONSTANT)
