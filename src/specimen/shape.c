/* A scar's shape in its box: the bowl of a width and a depth, or a measured map. */
#include "specimen_impl.h"
#include <math.h>
#include <stdlib.h>

static size_t pixels(const cit_map *m) { return (size_t)m->nx * (size_t)m->ny; }

/* ---- a measured map --------------------------------------------------------------------------------- */

cit_status specimen_check_map(const cit_map *m, cit_errors *errs) {
    if (m->nx < 1 || m->ny < 1 || m->values == NULL || !(m->dx > 0) || !(m->dy > 0) ||
        !isfinite(m->dx) || !isfinite(m->dy))
        return cit_fail(errs, CIT_INVALID, "depth", "a map has pixels, and those a size");
    bool any = false;
    for (size_t i = 0; i < pixels(m); i++) {
        if (!(m->values[i] >= 0) || !isfinite(m->values[i]))
            return cit_fail(errs, CIT_INVALID, "depth",
                            "a depth is 0 mm or more in each pixel, not %g", m->values[i]);
        any = any || m->values[i] > 0;
    }
    return any ? CIT_OK : cit_fail(errs, CIT_INVALID, "depth", "nothing of the map is a scar");
}

/* mm from the map's corner, of all that is deeper than 0. */
typedef struct extent {
    double x0, x1, y0, y1;
} extent;

static extent extent_of(const cit_map *m) {
    extent e = {HUGE_VAL, 0, HUGE_VAL, 0};
    for (int j = 0; j < m->ny; j++)
        for (int i = 0; i < m->nx; i++) {
            if (!(m->values[(size_t)j * (size_t)m->nx + (size_t)i] > 0)) continue;
            e.x0 = fmin(e.x0, i * m->dx);
            e.x1 = fmax(e.x1, (i + 1) * m->dx);
            e.y0 = fmin(e.y0, j * m->dy);
            e.y1 = fmax(e.y1, (j + 1) * m->dy);
        }
    return e;
}

double specimen_side_of(const cit_map *m) {
    const extent e = extent_of(m);
    return fmax(e.x1 - e.x0, e.y1 - e.y0);
}

/* The disc of the same area, as deep as the deepest pixel; and the exponent of the bowl that has its volume: that of
 * h (1 - (r/R)^p) is p / (p + 2) of pi R^2 h. */
cit_scar_seen specimen_seen(const cit_map *m, double tether_mm, double open_mm) {
    size_t inside = 0;
    double deepest = 0, sum = 0;
    for (size_t i = 0; i < pixels(m); i++) {
        inside += m->values[i] > 0;
        deepest = fmax(deepest, m->values[i]);
        sum += m->values[i];
    }
    const double area = (double)inside * m->dx * m->dy, share = sum / ((double)inside * deepest);
    const double flat = 50; /* steeper walls than this are one; assumed */
    return (cit_scar_seen){2 * sqrt(area / 3.14159265358979323846), deepest, tether_mm, open_mm,
                           share < flat / (flat + 2) ? 2 * share / (1 - share) : flat};
}

static double at_pixel(const cit_map *m, int i, int j) {
    return i < 0 || j < 0 || i >= m->nx || j >= m->ny
               ? 0
               : m->values[(size_t)j * (size_t)m->nx + (size_t)i];
}

/* Between the middles of pixels; 0 beyond the map. */
static double between(const cit_map *m, double x, double y) {
    const double u = x / m->dx - 0.5, v = y / m->dy - 0.5;
    const int i = (int)floor(fmin(fmax(u, -2), m->nx)), j = (int)floor(fmin(fmax(v, -2), m->ny));
    const double s = fmin(fmax(u - i, 0), 1), t = fmin(fmax(v - j, 0), 1);
    return (1 - t) * ((1 - s) * at_pixel(m, i, j) + s * at_pixel(m, i + 1, j)) +
           t * ((1 - s) * at_pixel(m, i, j + 1) + s * at_pixel(m, i + 1, j + 1));
}

/* Means over voxels, the scar in the middle of the box; and how much of each voxel is scar. */
static void resample(const cit_map *from, cit_map *to, double *share) {
    enum { PARTS = 4 };
    const extent e = extent_of(from);
    const double x0 = 0.5 * (e.x0 + e.x1 - to->nx * to->dx),
                 y0 = 0.5 * (e.y0 + e.y1 - to->ny * to->dy);
    for (int j = 0; j < to->ny; j++)
        for (int i = 0; i < to->nx; i++) {
            double sum = 0;
            int inside = 0;
            for (int part = 0; part < PARTS * PARTS; part++) {
                const double u = (part % PARTS + 0.5) / PARTS, v = (part / PARTS + 0.5) / PARTS,
                             x = x0 + (i + u) * to->dx, y = y0 + (j + v) * to->dy;
                sum += between(from, x, y);
                inside += at_pixel(from, (int)floor(x / from->dx), (int)floor(y / from->dy)) > 0;
            }
            const size_t at = (size_t)j * (size_t)to->nx + (size_t)i;
            to->values[at] = sum / (PARTS * PARTS);
            share[at] = (double)inside / (PARTS * PARTS);
        }
}

/* ---- in the box --------------------------------------------------------------------------------------- */

static bool is_scar(const cit_specimen *s, int i, int j) {
    const cit_map *m = &s->depth;
    return i >= 0 && j >= 0 && i < m->nx && j < m->ny &&
           s->share[(size_t)j * (size_t)m->nx + (size_t)i] >= 0.5;
}

/* Is something of the scar within `reach` pixels of the middle of this one? */
static bool near_scar(const cit_specimen *s, int i, int j, int reach) {
    for (int v = -reach; v <= reach; v++)
        for (int u = -reach; u <= reach; u++)
            if (u * u + v * v <= reach * reach && is_scar(s, i + u, j + v)) return true;
    return false;
}

static void mark(cit_specimen *s) {
    enum { RIM = 3 }; /* pixels; assumed */
    const cit_map *m = &s->depth;
    for (int j = 0; j < m->ny; j++)
        for (int i = 0; i < m->nx; i++)
            s->part[(size_t)j * (size_t)m->nx + (size_t)i] = at_pixel(m, i, j) > 0     ? SCAR
                                                             : near_scar(s, i, j, RIM) ? SCAR_RIM
                                                                                       : SCAR_FAR;
}

/* Where the scar is looked at: of a flat floor the pixel nearest to the middle of what is missing. */
static void find_deepest(cit_specimen *s) {
    const cit_map *m = &s->depth;
    double deepest = 0, sum = 0, x = 0, y = 0, nearest = HUGE_VAL;
    for (size_t i = 0; i < pixels(m); i++) {
        deepest = fmax(deepest, m->values[i]);
        sum += m->values[i];
        x += m->values[i] * (double)(i % (size_t)m->nx);
        y += m->values[i] * (double)(i / (size_t)m->nx);
    }
    for (size_t i = 0; i < pixels(m); i++) {
        const double far =
            hypot((double)(i % (size_t)m->nx) - x / sum, (double)(i / (size_t)m->nx) - y / sum);
        if (m->values[i] < 0.99 * deepest || far >= nearest) continue;
        nearest = far;
        s->deepest = i;
    }
}

cit_status specimen_lay_shape(cit_specimen *s, cit_errors *errs) {
    const cit_specimen_facts *f = &s->facts;
    const double middle = 0.5 * f->size_mm;
    cit_status st = cit_map_new(f->nx, f->ny, f->voxel_mm, f->voxel_mm, &s->depth, errs);
    if (st != CIT_OK) return st;
    s->part = malloc(pixels(&s->depth));
    s->share = malloc(pixels(&s->depth) * sizeof *s->share);
    if (s->part == NULL || s->share == NULL)
        return cit_fail(errs, CIT_NOMEM, "", "no memory for a map");
    if (s->with.depth != NULL)
        resample(s->with.depth, &s->depth, s->share);
    else
        st = cit_surface_bowl(&f->scar, middle, middle, &s->depth, errs);
    if (st != CIT_OK) return st;
    for (size_t i = 0; i < pixels(&s->depth) && s->with.depth == NULL; i++)
        s->share[i] = s->depth.values[i] > 0;
    mark(s);
    find_deepest(s);
    return CIT_OK;
}

double specimen_shape_at(const cit_specimen *s, double x, double y) {
    return between(&s->depth, x, y) / s->facts.scar.depth_mm;
}

/* What is open below each pixel: the shape without the part that bands pull down. */
cit_status specimen_floor(const cit_specimen *s, cit_map *ret, cit_errors *errs) {
    const cit_map *m = &s->depth;
    const cit_status st = cit_map_new(m->nx, m->ny, m->dx, m->dy, ret, errs);
    if (st != CIT_OK) return st;
    for (size_t i = 0; i < pixels(m); i++)
        ret->values[i] = m->values[i] * (s->missing_mm / s->facts.scar.depth_mm);
    return CIT_OK;
}

/* Of collagen: that of the scar below it, 1 around. The caller frees it. */
double *specimen_set_points(const cit_specimen *s) {
    const size_t plane = pixels(&s->depth);
    double *ret = malloc(plane * (size_t)s->facts.nz * sizeof *ret);
    for (size_t i = 0; ret != NULL && i < plane * (size_t)s->facts.nz; i++)
        ret[i] = 1 + s->share[i % plane] * (s->facts.scar.set_point - 1);
    return ret;
}
