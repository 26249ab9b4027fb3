/* Maps of a scar's surface: what its depth is made of in each pixel, what is left of it later, how deep and
 * large it is. */
#include "scar_impl.h"
#include <stdlib.h>
#include <string.h>

enum { THREADS_MAX = 1024 };

/* ---- maps -------------------------------------------------------------------------------------- */

static size_t pixels(const cit_map *m) { return (size_t)m->nx * (size_t)m->ny; }

static cit_status check_shape(const cit_map *m, const char *name, cit_errors *errs) {
    if (m->nx < 1 || m->ny < 1)
        return cit_fail(errs, CIT_INVALID, name, "a map has 1 pixel or more a side, not %d x %d",
                        m->nx, m->ny);
    const double d[] = {m->dx, m->dy};
    for (int axis = 0; axis < 2; axis++)
        if (!(d[axis] > 0) || !isfinite(d[axis]) || !isnormal(d[axis] * d[axis]))
            return cit_fail(errs, CIT_INVALID, name,
                            "a pixel's size along %c is a length above 0, not %g", "xy"[axis],
                            d[axis]);
    return CIT_OK;
}

cit_status cit_map_new(int nx, int ny, double dx_mm, double dy_mm, cit_map *ret, cit_errors *errs) {
    cit_map m = {nx, ny, dx_mm, dy_mm, NULL};
    const cit_status st = check_shape(&m, "", errs);
    if (st != CIT_OK) return st;
    m.values = calloc(pixels(&m), sizeof *m.values);
    if (m.values == NULL)
        return cit_fail(errs, CIT_NOMEM, "", "no memory for a map of %d x %d pixels", nx, ny);
    *ret = m;
    return CIT_OK;
}

void cit_map_free(cit_map *m) {
    if (m == NULL) return;
    free(m->values);
    *m = (cit_map){0};
}

cit_status scar_check_map(const cit_map *m, const char *name, cit_errors *errs) {
    const cit_status st = check_shape(m, name, errs);
    if (st != CIT_OK) return st;
    if (m->values == NULL) return cit_fail(errs, CIT_INVALID, name, "a map without values");
    return CIT_OK;
}

/* Sizes of pixels may differ by rounding. */
static bool same_length(double a, double b) { return fabs(a - b) <= 1e-9 * fabs(b); }

cit_status scar_check_same(const cit_map *m, const char *name, int nx, int ny, double dx, double dy,
                           cit_errors *errs) {
    const cit_status st = scar_check_map(m, name, errs);
    if (st != CIT_OK) return st;
    if (m->nx == nx && m->ny == ny && same_length(m->dx, dx) && same_length(m->dy, dy))
        return CIT_OK;
    return cit_fail(errs, CIT_INVALID, name,
                    "%d x %d pixels of %g x %g mm, where %d x %d of %g x %g mm belong", m->nx,
                    m->ny, m->dx, m->dy, nx, ny, dx, dy);
}

cit_status scar_check_finite(const cit_map *m, const char *name, cit_errors *errs) {
    for (int j = 0; j < m->ny; j++)
        for (int i = 0; i < m->nx; i++) {
            const double v = m->values[(size_t)i + (size_t)j * (size_t)m->nx];
            if (!isfinite(v))
                return cit_fail(errs, CIT_INVALID, name, "pixel %d, %d is %g, not a number", i, j,
                                v);
        }
    return CIT_OK;
}

cit_status scar_check_lateral(cit_lateral lateral, int threads, cit_errors *errs) {
    if (lateral != CIT_LATERAL_ISOLATED && lateral != CIT_LATERAL_PERIODIC)
        return cit_fail(errs, CIT_INVALID, "lateral", "isolated or periodic, not %d", (int)lateral);
    if (threads < 0 || threads > THREADS_MAX)
        return cit_fail(errs, CIT_INVALID, "threads", "0 (all) to %d threads, not %d", THREADS_MAX,
                        threads);
    return CIT_OK;
}

/* ---- the parts of a depth ------------------------------------------------------------------------ */

struct cit_surface {
    cit_map depth, tether, deficit;
    double pull;
};

cit_status cit_surface_bowl(const cit_scar *s, double x_mm, double y_mm, cit_map *ret,
                            cit_errors *errs) {
    const cit_status st = scar_check_map(ret, "ret", errs);
    if (st != CIT_OK) return st;
    if (!(s->radius_mm > 0 && s->depth_mm >= 0 && s->profile > 0) || !isfinite(s->depth_mm) ||
        !isfinite(x_mm) || !isfinite(y_mm))
        return cit_fail(errs, CIT_INVALID, "scar",
                        "a scar of radius %g mm, depth %g mm and profile %g at %g, %g mm",
                        s->radius_mm, s->depth_mm, s->profile, x_mm, y_mm);
    for (int j = 0; j < ret->ny; j++)
        for (int i = 0; i < ret->nx; i++) {
            const double r = hypot((i + 0.5) * ret->dx - x_mm, (j + 0.5) * ret->dy - y_mm);
            ret->values[(size_t)i + (size_t)j * (size_t)ret->nx] =
                r < s->radius_mm ? s->depth_mm * (1 - pow(r / s->radius_mm, s->profile)) : 0;
        }
    return CIT_OK;
}

static double at(const cit_map *m, int i, int j) {
    return m->values[(size_t)i + (size_t)j * (size_t)m->nx];
}
static bool is_in(const cit_map *m, int i, int j) {
    return i >= 0 && i < m->nx && j >= 0 && j < m->ny && at(m, i, j) > 0;
}

/* The mean dip of pixels outside the scar that touch it. False: there is none. */
static bool rim_level(const cit_map *depth, const cit_map *dip, double *ret) {
    double sum = 0;
    long count = 0;
    for (int j = 0; j < depth->ny; j++)
        for (int i = 0; i < depth->nx; i++) {
            if (is_in(depth, i, j)) continue;
            if (!is_in(depth, i - 1, j) && !is_in(depth, i + 1, j) && !is_in(depth, i, j - 1) &&
                !is_in(depth, i, j + 1))
                continue;
            sum += at(dip, i, j);
            count++;
        }
    if (count > 0) *ret = sum / (double)count;
    return count > 0;
}

static cit_status split_tether(cit_surface *s, const cit_map *dip, size_t deepest, double share,
                               cit_errors *errs) {
    const size_t n = pixels(&s->depth);
    const double *const depth = s->depth.values;
    double *const tether = s->tether.values;
    double rim = 0;
    s->pull = 0;
    if (share == 0) return CIT_OK;
    if (dip == NULL)
        dip = &s->depth;
    else if (!rim_level(&s->depth, dip, &rim))
        return cit_fail(errs, CIT_INVALID, "depth", "the scar fills its map: it has no rim in it");
    const double most = dip->values[deepest] - rim;
    if (!(most > 0))
        return cit_fail(errs, CIT_INVALID, "dip",
                        "the plate is not pulled below its rim where the scar is deepest");
    s->pull = share * depth[deepest] / most;
    for (size_t i = 0; i < n; i++)
        tether[i] = depth[i] > 0 ? fmin(depth[i], fmax(0, s->pull * (dip->values[i] - rim))) : 0;
    return CIT_OK;
}

cit_status cit_surface_new(const cit_map *depth, const cit_map *dip, double tether_share,
                           double open_share, cit_surface **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    cit_surface *s = NULL;
    size_t deepest = 0;
    CIT_TRY(scar_check_map(depth, "depth", errs));
    CIT_TRY(scar_check_finite(depth, "depth", errs));
    if (dip != NULL) {
        CIT_TRY(scar_check_same(dip, "dip", depth->nx, depth->ny, depth->dx, depth->dy, errs));
        CIT_TRY(scar_check_finite(dip, "dip", errs));
    }
    if (!(tether_share >= 0 && open_share >= 0 && tether_share + open_share <= 1 + 1e-12))
        return cit_fail(
            errs, CIT_INVALID, "shares",
            "tether and open are shares of the depth, together at most 1, not %g and %g",
            tether_share, open_share);
    for (size_t i = 1; i < pixels(depth); i++)
        if (depth->values[i] > depth->values[deepest]) deepest = i;
    if (!(depth->values[deepest] > 0))
        return cit_fail(errs, CIT_INVALID, "depth", "nothing on this map is below the rim");
    s = calloc(1, sizeof *s);
    if (s == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a scar's surface");
    CIT_TRY(cit_map_new(depth->nx, depth->ny, depth->dx, depth->dy, &s->depth, errs));
    CIT_TRY(cit_map_new(depth->nx, depth->ny, depth->dx, depth->dy, &s->tether, errs));
    CIT_TRY(cit_map_new(depth->nx, depth->ny, depth->dx, depth->dy, &s->deficit, errs));
    memcpy(s->depth.values, depth->values, pixels(depth) * sizeof *depth->values);
    CIT_TRY(split_tether(s, dip, deepest, tether_share, errs));
    /* The rest of the depth is open and fillable in the same proportion everywhere. */
    const double rest = 1 - tether_share;
    const double fillable = rest > 1e-12 ? fmax(0, 1 - open_share / rest) : 0;
    for (size_t i = 0; i < pixels(depth); i++)
        s->deficit.values[i] = fmax(0, s->depth.values[i] - s->tether.values[i]) * fillable;
    *ret = s;
    s = NULL;
done:
    cit_surface_free(s);
    return st;
}

void cit_surface_free(cit_surface *s) {
    if (s == NULL) return;
    cit_map_free(&s->depth);
    cit_map_free(&s->tether);
    cit_map_free(&s->deficit);
    free(s);
}

const cit_map *cit_surface_tether(const cit_surface *s) { return &s->tether; }
const cit_map *cit_surface_deficit(const cit_surface *s) { return &s->deficit; }
double cit_surface_pull(const cit_surface *s) { return s->pull; }

/* ---- later --------------------------------------------------------------------------------------- */

cit_status cit_surface_at(const cit_surface *s, const cit_surface_change *change, cit_map *ret,
                          cit_errors *errs) {
    cit_status st = CIT_OK;
    const cit_map *d = &s->depth;
    CIT_TRY(scar_check_same(ret, "ret", d->nx, d->ny, d->dx, d->dy, errs));
    if (change->lift != NULL) {
        CIT_TRY(scar_check_same(change->lift, "lift", d->nx, d->ny, d->dx, d->dy, errs));
        CIT_TRY(scar_check_finite(change->lift, "lift", errs));
    }
    if (!(change->tether_left >= 0 && change->tether_left <= 1))
        return cit_fail(errs, CIT_INVALID, "tether_left",
                        "the share of bands that hold is from 0 to 1, not %g", change->tether_left);
    if (!isfinite(change->raised_mm))
        return cit_fail(errs, CIT_INVALID, "raised_mm", "a height is a number, not %g",
                        change->raised_mm);
    for (size_t i = 0; i < pixels(d); i++) {
        const double depth = d->values[i], most = change->fibrotic ? 0 : s->deficit.values[i],
                     lift = change->lift == NULL ? 0 : fmin(change->lift->values[i], most);
        ret->values[i] =
            depth > 0 ? fmax(0, depth - lift - s->tether.values[i] * (1 - change->tether_left) -
                                    change->raised_mm)
                      : depth - lift;
    }
done:
    return st;
}

cit_status cit_surface_measure(const cit_map *m, double visible_mm, cit_surface_size *ret,
                               cit_errors *errs) {
    cit_status st = CIT_OK;
    CIT_TRY(scar_check_map(m, "depth", errs));
    CIT_TRY(scar_check_finite(m, "depth", errs));
    if (!(visible_mm >= 0))
        return cit_fail(errs, CIT_INVALID, "visible_mm",
                        "a depth that is seen is 0 or more, not %g", visible_mm);
    cit_surface_size size = {0};
    double below = 0, compensation = 0;
    size_t seen = 0;
    for (size_t i = 0; i < pixels(m); i++) {
        const double d = m->values[i];
        size.depth_mm = fmax(size.depth_mm, d);
        size.height_mm = fmax(size.height_mm, -d);
        seen += d > visible_mm;
        if (!(d > 0)) continue;
        const double sum = below + d; /* Neumaier's, as in cit_sum */
        compensation += below >= d ? (below - sum) + d : (d - sum) + below;
        below = sum;
    }
    size.volume_mm3 = (below + compensation) * m->dx * m->dy;
    size.seen_mm2 = (double)seen * m->dx * m->dy;
    size.width_mm = 2 * sqrt(size.seen_mm2 / 3.14159265358979323846);
    *ret = size;
done:
    return st;
}
