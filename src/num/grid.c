/* Grids, their fields, and what may be asked of diffusion on them. */
#include "num_impl.h"
#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 1 << 21, FIELD_ALIGN = 64, THREADS_MAX = 1024 };

static size_t up_to(size_t n, size_t multiple) { return (n + multiple - 1) / multiple * multiple; }

static cit_status check_sides(int nx, int ny, int nz, cit_errors *errs) {
    const int n[] = {nx, ny, nz};
    for (int axis = 0; axis < GRID_AXES; axis++)
        if (n[axis] < 1)
            return cit_fail(errs, CIT_INVALID, "", "a grid has 1 voxel or more along %c, not %d",
                            "xyz"[axis], n[axis]);
    return CIT_OK;
}

static cit_status check_spacing(double dx, double dy, double dz, cit_errors *errs) {
    const double d[] = {dx, dy, dz};
    for (int axis = 0; axis < GRID_AXES; axis++)
        if (!(d[axis] > 0) || !isfinite(d[axis]) || !isnormal(d[axis] * d[axis]))
            return cit_fail(errs, CIT_INVALID, "",
                            "a voxel's size along %c is a length above 0, not %g", "xyz"[axis],
                            d[axis]);
    return CIT_OK;
}

/* Planes that begin at the same place of a page would share few places of a cache: they are moved apart. */
static size_t plane_stride(size_t row, size_t ny, size_t nz) {
    const size_t page = 4096 / sizeof(double), apart = 80;
    const size_t plane = row * ny;
    return nz > 1 && plane % page < apart && plane > page / 2 ? plane + apart : plane;
}

/* Fields are read side by side, many at once: an odd number of pads apart, no two of 32 begin at the same place of
 * a page. */
static size_t field_stride(size_t numbers) {
    return (up_to(numbers, GRID_PAD) / GRID_PAD | 1) * GRID_PAD;
}

cit_status cit_grid_make(int nx, int ny, int nz, double dx, double dy, double dz, cit_grid *ret,
                         cit_errors *errs) {
    cit_status st = CIT_OK;
    CIT_TRY(check_sides(nx, ny, nz, errs));
    CIT_TRY(check_spacing(dx, dy, dz, errs));
    const size_t row = up_to((size_t)nx, GRID_PAD);
    const double numbers = (double)row * ny * (double)nz;
    if (!(numbers * sizeof(double) < 0x1p46))
        return cit_fail(errs, CIT_INVALID, "",
                        "a field of %d x %d x %d voxels is %.3g TiB, more than memory can address; "
                        "take fewer or larger voxels",
                        nx, ny, nz, numbers * sizeof(double) * 0x1p-40);
    const size_t plane = plane_stride(row, (size_t)ny, (size_t)nz);
    *ret = (cit_grid){nx, ny, nz, dx, dy, dz, row, plane, field_stride(plane * (size_t)nz)};
done:
    return st;
}

cit_status cit_fields_new(const cit_grid *grid, int count, cit_precision precision, void **ret,
                          cit_errors *errs) {
    const size_t real = precision == CIT_SINGLE ? sizeof(float) : sizeof(double);
    if (count < 1) return cit_fail(errs, CIT_INVALID, "", "1 field or more, not %d", count);
    const double wanted = (double)grid->field * count * (double)real;
    if (!(wanted < 0x1p46))
        return cit_fail(errs, CIT_INVALID, "",
                        "%d fields of %zu numbers are %.3g TiB, more than memory can address",
                        count, grid->field, wanted * 0x1p-40);
    size_t bytes = grid->field * (size_t)count * real;
    const size_t align = bytes < HUGE_PAGE ? FIELD_ALIGN : HUGE_PAGE;
    bytes = up_to(bytes, align);
    void *fields = aligned_alloc(align, bytes);
    if (fields == NULL)
        return cit_fail(errs, CIT_NOMEM, "", "no memory for %d fields, %.0f MiB", count,
                        (double)bytes * 0x1p-20);
#ifdef MADV_HUGEPAGE
    if (align == HUGE_PAGE)
        madvise(fields, bytes, MADV_HUGEPAGE); /* a wish; it need not come true */
#endif
    memset(fields, 0, bytes);
    *ret = fields;
    return CIT_OK;
}

/* ---- options ----------------------------------------------------------------------------------- */

static bool is_rate(double d) { return d >= 0 && isfinite(d); }

static cit_status check_numbers(const cit_diffusion_options *o, cit_errors *errs) {
    if (o->layers == NULL && o->voxels == NULL && !is_rate(o->d))
        return cit_fail(errs, CIT_INVALID, "d", "a diffusivity is 0 or more, not %g", o->d);
    if (!is_rate(o->bottom))
        return cit_fail(errs, CIT_INVALID, "bottom", "the bottom's h is 0 or more, not %g",
                        o->bottom);
    if (!isfinite(o->edge_value))
        return cit_fail(errs, CIT_INVALID, "edge_value", "a value at an edge is a number, not %g",
                        o->edge_value);
    if (o->threads < 0 || o->threads > THREADS_MAX)
        return cit_fail(errs, CIT_INVALID, "threads", "0 (all) to %d threads, not %d", THREADS_MAX,
                        o->threads);
    if (o->layers != NULL && o->voxels != NULL)
        return cit_fail(errs, CIT_INVALID, "layers", "D is given by layers or by voxels, not both");
    return CIT_OK;
}

/* Strides that no cit_grid_make gave would be read beyond. */
static cit_status check_strides(const cit_grid *g, cit_errors *errs) {
    if (g->row % GRID_PAD == 0 && g->row >= (size_t)g->nx && g->plane % GRID_PAD == 0 &&
        g->plane / g->row >= (size_t)g->ny && g->field / g->plane >= (size_t)g->nz)
        return CIT_OK;
    return cit_fail(errs, CIT_INVALID, "grid", "a grid's strides are those of cit_grid_make");
}

static cit_status check_layers(const cit_grid *g, const double *layers, cit_errors *errs) {
    for (int k = 0; k < g->nz && layers != NULL; k++) {
        if (is_rate(layers[k])) continue;
        return cit_fail(errs, CIT_INVALID, "layers", "layer %d: a diffusivity is 0 or more, not %g",
                        k, layers[k]);
    }
    return CIT_OK;
}

static cit_status check_voxel(const cit_grid *g, const cit_diffusion_options *o, int i, int j,
                              int k, cit_errors *errs) {
    const double d = grid_d(g, o, i, j, k), v = grid_v(g, o, i, j, k);
    if (!is_rate(d))
        return cit_fail(errs, CIT_INVALID, "voxels",
                        "voxel %d, %d, %d: a diffusivity is 0 or more, not %g", i, j, k, d);
    if (!(v >= 0 && v <= 1))
        return cit_fail(errs, CIT_INVALID, "viable",
                        "voxel %d, %d, %d: a viable share is from 0 to 1, not %g", i, j, k, v);
    return CIT_OK;
}

cit_status grid_check(const cit_grid *g, const cit_diffusion_options *o, cit_errors *errs) {
    cit_status st = CIT_OK;
    CIT_TRY(check_sides(g->nx, g->ny, g->nz, errs));
    CIT_TRY(check_spacing(g->dx, g->dy, g->dz, errs));
    CIT_TRY(check_strides(g, errs));
    CIT_TRY(check_numbers(o, errs));
    CIT_TRY(check_layers(g, o->layers, errs));
    if (o->voxels == NULL && o->viable == NULL) return CIT_OK;
    for (int k = 0; k < g->nz; k++)
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx; i++) CIT_TRY(check_voxel(g, o, i, j, k, errs));
done:
    return st;
}
