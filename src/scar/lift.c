/* The lift of the surface above tissue that grows, for any field of growth.
 *
 * A voxel that grows by the share g lifts the surface of an elastic half-space by (1 + nu) / (3 pi) g times the
 * integral of z / r^3 over it. That integral has a closed form: with r^2 = x^2 + y^2 + z^2,
 *   F = z atan(x y / (z r)) - x asinh(y / sqrt(x^2 + z^2)) - y asinh(x / sqrt(y^2 + z^2))
 * has d3F / dx dy dz = z / r^3, so that it is F at the eight corners, with signs (the prism of gravimetry:
 * Nagy, Geophysics 1966; 31:362-371). Each corner serves eight voxels.
 *
 * In a periodic box the same is 2/3 (1 + nu) times the integral of exp(-q z) over the layer, q the wave number.
 * The mean, q = 0, is another: what grows everywhere cannot push sideways, and thickens by (1 + nu) / (3 (1 -
 * nu)). For nu = 1/2 both are 1. */
#include "scar_impl.h"
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

struct cit_lift {
    cit_grid grid;
    double top_mm;
    scar_waves waves;
    double *moved; /* growth below its own surface: nx x ny x nz; NULL until it is asked for */
};

static cit_status check_options(const cit_lift_options *o, cit_errors *errs) {
    if (!(o->poisson >= 0 && o->poisson <= 0.5))
        return cit_fail(errs, CIT_INVALID, "poisson", "Poisson's ratio is from 0 to 0.5, not %g",
                        o->poisson);
    if (!(o->chi_up > 0 && o->chi_up <= 1))
        return cit_fail(errs, CIT_INVALID, "chi_up",
                        "the share that goes up is above 0 and at most 1, not %g", o->chi_up);
    if (!(o->top_mm >= 0 && isfinite(o->top_mm)))
        return cit_fail(errs, CIT_INVALID, "top_mm",
                        "the grid begins at a depth of 0 mm or more, not %g", o->top_mm);
    return scar_check_lateral(o->lateral, o->threads, errs);
}

/* ---- kernels ----------------------------------------------------------------------------------- */

static double corner(double x, double y, double z) {
    const double r = sqrt(x * x + y * y + z * z);
    return z * atan2(x * y, z * r) - x * asinh(y / sqrt(x * x + z * z)) -
           y * asinh(x / sqrt(y * y + z * z));
}

/* F at the corners of depth z: (nx + 1) x (ny + 1), from half a voxel left of the middle on. */
static void corners(const cit_grid *g, double z, double *ret) {
    for (int j = 0; j <= g->ny; j++)
        for (int i = 0; i <= g->nx; i++) *ret++ = corner((i - 0.5) * g->dx, (j - 0.5) * g->dy, z);
}

static void isolated_kernels(cit_lift *l, double scale, double *upper, double *lower,
                             double *offsets) {
    const cit_grid *g = &l->grid;
    const size_t row = (size_t)g->nx + 1;
    corners(g, l->top_mm, upper);
    for (int k = 0; k < g->nz; k++) {
        corners(g, l->top_mm + (k + 1) * g->dz, lower);
        for (size_t j = 0; j < (size_t)g->ny; j++)
            for (size_t i = 0; i < (size_t)g->nx; i++) {
                double sum = 0;
                for (size_t c = 0; c < 4; c++) {
                    const size_t at = i + c % 2 + (j + c / 2) * row;
                    sum += (c == 0 || c == 3 ? 1 : -1) * (lower[at] - upper[at]);
                }
                offsets[i + j * (size_t)g->nx] = scale * sum;
            }
        scar_waves_kernel(&l->waves, k, offsets);
        double *const was = upper;
        upper = lower;
        lower = was;
    }
}

static void periodic_kernels(cit_lift *l, const cit_lift_options *o, double *transform) {
    const cit_grid *g = &l->grid;
    const double mean = (1 + o->poisson) / (3 * (1 - o->poisson)) * o->chi_up,
                 wave = 2.0 / 3 * (1 + o->poisson) * o->chi_up;
    for (int k = 0; k < g->nz; k++) {
        double *to = transform;
        for (int j = 0; j <= g->ny / 2; j++)
            for (int i = 0; i <= g->nx / 2; i++) {
                const double q =
                    hypot(scar_wave_number(i, g->nx, g->dx), scar_wave_number(j, g->ny, g->dy));
                *to++ = q > 0 ? wave * exp(-q * (l->top_mm + k * g->dz)) * -expm1(-q * g->dz) / q
                              : mean * g->dz;
            }
        scar_waves_spectrum(&l->waves, k, transform);
    }
}

static cit_status make_kernels(cit_lift *l, const cit_lift_options *o, cit_errors *errs) {
    const size_t corners_of = ((size_t)l->grid.nx + 1) * ((size_t)l->grid.ny + 1);
    double *const memory = malloc(3 * corners_of * sizeof *memory);
    if (memory == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for the kernels of lift");
    if (o->lateral == CIT_LATERAL_PERIODIC)
        periodic_kernels(l, o, memory);
    else
        isolated_kernels(l, o->chi_up * (1 + o->poisson) / (3 * pi), memory, memory + corners_of,
                         memory + 2 * corners_of);
    free(memory);
    return CIT_OK;
}

/* ---- the map ----------------------------------------------------------------------------------- */

cit_status cit_lift_new(const cit_grid *grid, const cit_lift_options *options, cit_lift **ret,
                        cit_errors *errs) {
    cit_status st = CIT_OK;
    cit_grid checked;
    cit_lift *l = NULL;
    CIT_TRY(
        cit_grid_make(grid->nx, grid->ny, grid->nz, grid->dx, grid->dy, grid->dz, &checked, errs));
    if (checked.row != grid->row || checked.plane != grid->plane)
        return cit_fail(errs, CIT_INVALID, "grid", "a grid's strides are those of cit_grid_make");
    CIT_TRY(check_options(options, errs));
    l = calloc(1, sizeof *l);
    if (l == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for lift");
    l->grid = checked;
    l->top_mm = options->top_mm;
    CIT_TRY(scar_waves_new(grid->nx, grid->ny, grid->nz, options->lateral, options->threads,
                           &l->waves, errs));
    CIT_TRY(make_kernels(l, options, errs));
    *ret = l;
    l = NULL;
done:
    cit_lift_free(l);
    return st;
}

void cit_lift_free(cit_lift *l) {
    if (l == NULL) return;
    scar_waves_free(&l->waves);
    free(l->moved);
    free(l);
}

static cit_status check_growth(const cit_grid *g, const double *growth, cit_errors *errs) {
    for (int k = 0; k < g->nz; k++)
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx; i++) {
                const double v = growth[(size_t)i + (size_t)j * g->row + (size_t)k * g->plane];
                if (!isfinite(v))
                    return cit_fail(errs, CIT_INVALID, "growth",
                                    "voxel %d, %d, %d: growth is a number, not %g", i, j, k, v);
            }
    return CIT_OK;
}

/* Growth of a column by depth below its own surface, each voxel shared out among the layers it comes to lie in.
 * What lies above the surface, as a part of the voxel that the surface cuts, counts as just below it; what
 * comes to lie below the last layer does not occur, as all moves up. */
static void move_column(const cit_lift *l, const double *growth, double up_mm, double *to) {
    const cit_grid *g = &l->grid;
    const size_t area = (size_t)g->nx * (size_t)g->ny;
    const double up = up_mm / g->dz, whole = floor(up), part = up - whole;
    for (int k = 0; k < g->nz; k++) {
        const double v = growth[(size_t)k * g->plane];
        if (v == 0) continue;
        const double at = fmax(k - whole, 0), above = fmax(k - whole - 1, 0);
        to[(size_t)at * area] += (1 - part) * v;
        to[(size_t)above * area] += part * v;
    }
}

static cit_status move(cit_lift *l, const double *growth, const cit_map *surface,
                       cit_errors *errs) {
    const cit_grid *g = &l->grid;
    const size_t area = (size_t)g->nx * (size_t)g->ny, numbers = area * (size_t)g->nz;
    if (l->moved == NULL) l->moved = malloc(numbers * sizeof *l->moved);
    if (l->moved == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for growth by depth");
    memset(l->moved, 0, numbers * sizeof *l->moved);
    for (int j = 0; j < g->ny; j++)
        for (int i = 0; i < g->nx; i++) {
            const size_t at = (size_t)i + (size_t)j * (size_t)g->nx;
            const double up = surface->values[at];
            if (!(up >= 0 && up <= l->top_mm + g->nz * g->dz))
                return cit_fail(
                    errs, CIT_INVALID, "surface",
                    "pixel %d, %d: the surface lies from 0 to %g mm deep, where the grid "
                    "ends, not at %g mm",
                    i, j, l->top_mm + g->nz * g->dz, up);
            move_column(l, growth + (size_t)i + (size_t)j * g->row, up, l->moved + at);
        }
    return CIT_OK;
}

cit_status cit_lift_run(cit_lift *l, const double *growth, const cit_map *surface, cit_map *ret,
                        cit_errors *errs) {
    cit_status st = CIT_OK;
    const cit_grid *g = &l->grid;
    CIT_TRY(scar_check_same(ret, "ret", g->nx, g->ny, g->dx, g->dy, errs));
    CIT_TRY(check_growth(g, growth, errs));
    if (surface == NULL) {
        scar_waves_run(&l->waves, growth, g->row, g->plane, ret->values);
        return CIT_OK;
    }
    CIT_TRY(scar_check_same(surface, "surface", g->nx, g->ny, g->dx, g->dy, errs));
    CIT_TRY(move(l, growth, surface, errs));
    scar_waves_run(&l->waves, l->moved, (size_t)g->nx, (size_t)g->nx * (size_t)g->ny, ret->values);
done:
    return st;
}
