/* Needles in tissue: which share of each voxel they take, and what a visit does with it.
 *
 * At a depth z a cylinder about an axis that leans by `tilt` is cut by the plane in an ellipse; the voxel's square is
 * mapped to where that is the unit disc, and the area they share is exact: a sum over edges of triangles and
 * sectors from the disc's middle. Upright needles need this once, others at Gauss's nodes of each layer. */
#include "patch_impl.h"
#include <math.h>
#include <stdlib.h>

/* ---- area of the unit disc within a polygon ----------------------------------------------------- */

static double cross(const double a[2], const double b[2]) { return a[0] * b[1] - a[1] * b[0]; }
static double dot(const double a[2], const double b[2]) { return a[0] * b[0] + a[1] * b[1]; }

static double sector(const double a[2], const double b[2]) {
    return 0.5 * atan2(cross(a, b), dot(a, b));
}

/* Area between the middle and the edge from a to b, within the disc, with its sign. */
static double edge_area(const double a[2], const double b[2]) {
    const double d[] = {b[0] - a[0], b[1] - a[1]};
    const double dd = dot(d, d), ad = dot(a, d), rest = ad * ad - dd * (dot(a, a) - 1);
    if (dd == 0) return 0;
    if (rest <= 0) return sector(a, b);
    const double root = sqrt(rest);
    double in = (-ad - root) / dd, out = (-ad + root) / dd;
    if (in >= 1 || out <= 0) return sector(a, b);
    in = in < 0 ? 0 : in;
    out = out > 1 ? 1 : out;
    const double p[] = {a[0] + in * d[0], a[1] + in * d[1]},
                 q[] = {a[0] + out * d[0], a[1] + out * d[1]};
    return sector(a, p) + 0.5 * cross(p, q) + sector(q, b);
}

double patch_disc_polygon(double (*corners)[2], int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) sum += edge_area(corners[i], corners[(i + 1) % count]);
    return sum;
}

/* ---- one needle --------------------------------------------------------------------------------- */

typedef struct needle {
    double x, y, lean_x, lean_y; /* of the axis: place at z = 0 of the box, and its slope */
    double along[2];             /* unit vector of the heading */
    double radius, stretch;      /* of the ellipse: across, and its ratio along to across */
    double z0, z1;               /* in the box */
} needle;

/* Share of the square at (i, j) that the ellipse about (cx, cy) takes. */
static double square_share(const cit_grid *g, const needle *n, double cx, double cy, int i, int j) {
    static const double at[4][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
    double corners[4][2];
    for (int c = 0; c < 4; c++) {
        const double d[] = {(i + at[c][0]) * g->dx - cx, (j + at[c][1]) * g->dy - cy};
        corners[c][0] = dot(d, n->along) / (n->radius * n->stretch);
        corners[c][1] = cross(n->along, d) / n->radius;
    }
    const double unit = n->radius * n->radius * n->stretch / (g->dx * g->dy);
    return patch_disc_polygon(corners, 4) * unit;
}

/* What a needle has of each voxel goes to whoever lays it. */
typedef void lay(void *context, size_t at, double share);

static int folded(int i, int n, cit_edge edge) {
    if (edge == CIT_EDGE_PERIODIC) return (i % n + n) % n;
    return i >= 0 && i < n ? i : -1;
}

typedef struct layer {
    int k;
    double nodes[CIT_GAUSS_POINTS], weights[CIT_GAUSS_POINTS]; /* share of the layer */
    int count;
} layer;

static layer layer_of(const cit_grid *g, const needle *n, int k) {
    const double top = fmax(n->z0, k * g->dz), bottom = fmin(n->z1, (k + 1) * g->dz);
    layer l = {.k = k};
    if (!(bottom > top)) return l;
    const bool upright = n->lean_x == 0 && n->lean_y == 0;
    l.count = upright ? 1 : CIT_GAUSS_POINTS;
    cit_gauss(top, bottom, l.nodes, l.weights);
    if (upright) l.weights[0] = bottom - top;
    for (int p = 0; p < l.count; p++) l.weights[p] /= g->dz;
    return l;
}

static void lay_layer(const cit_tissue *t, const needle *n, const layer *l, lay *to, void *context) {
    const cit_grid *g = &t->grid;
    const double reach = n->radius * n->stretch, first = l->nodes[0], last = l->nodes[l->count - 1];
    const double x0 = n->x + fmin(n->lean_x * first, n->lean_x * last) - reach,
                 x1 = n->x + fmax(n->lean_x * first, n->lean_x * last) + reach,
                 y0 = n->y + fmin(n->lean_y * first, n->lean_y * last) - reach,
                 y1 = n->y + fmax(n->lean_y * first, n->lean_y * last) + reach;
    for (int j = (int)floor(y0 / g->dy); j * g->dy < y1; j++)
        for (int i = (int)floor(x0 / g->dx); i * g->dx < x1; i++) {
            const int fi = folded(i, g->nx, t->options.edge_x),
                      fj = folded(j, g->ny, t->options.edge_y);
            if (fi < 0 || fj < 0) continue;
            double share = 0;
            for (int p = 0; p < l->count; p++)
                share += l->weights[p] * square_share(g, n, n->x + n->lean_x * l->nodes[p],
                                                      n->y + n->lean_y * l->nodes[p], i, j);
            if (share > 0) to(context, patch_at(g, fi, fj, l->k), share < 1 ? share : 1);
        }
}

static needle needle_of(const cit_tissue *t, const cit_needles *ns, int at, double radius) {
    const cit_puncture *p = &ns->punctures[at];
    const double lean = tan(ns->tilt), c = cos(p->heading), s = sin(p->heading);
    const double top = t->options.top_mm;
    return (needle){.x = p->x_mm + lean * c * top,
                    .y = p->y_mm + lean * s * top,
                    .lean_x = lean * c,
                    .lean_y = lean * s,
                    .along = {c, s},
                    .radius = radius,
                    .stretch = 1 / cos(ns->tilt),
                    .z0 = 0,
                    .z1 = p->depth_mm - top};
}

/* Beyond a periodic box's size a needle would be counted twice: its place is taken into the box first. */
static bool misses(const cit_tissue *t, const needle *n) {
    const cit_grid *g = &t->grid;
    const double reach = n->radius * n->stretch, z1 = fmin(n->z1, g->nz * g->dz);
    const double across_x = fmax(0, fabs(n->lean_x) * z1) + reach,
                 across_y = fmax(0, fabs(n->lean_y) * z1) + reach;
    const bool x = n->x < -across_x || n->x > g->nx * g->dx + across_x,
               y = n->y < -across_y || n->y > g->ny * g->dy + across_y;
    return (x && t->options.edge_x != CIT_EDGE_PERIODIC) ||
           (y && t->options.edge_y != CIT_EDGE_PERIODIC);
}

static void lay_needles(const cit_tissue *t, const cit_needles *ns, double radius, lay *to,
                        void *context) {
    for (int at = 0; at < ns->count && radius > 0; at++) {
        const needle n = needle_of(t, ns, at, radius);
        if (misses(t, &n)) continue;
        for (int k = 0; k < t->grid.nz && k * t->grid.dz < n.z1; k++) {
            const layer l = layer_of(&t->grid, &n, k);
            if (l.count > 0) lay_layer(t, &n, &l, to, context);
        }
    }
}

/* ---- what is asked ------------------------------------------------------------------------------ */

static cit_status check(const cit_tissue *t, const cit_needles *ns, cit_errors *errs) {
    const cit_grid *g = &t->grid;
    if (!(ns->halo_mm > 0) || !isfinite(ns->halo_mm) || !(ns->hole_mm >= 0) ||
        !(ns->hole_mm <= ns->halo_mm))
        return cit_fail(errs, CIT_INVALID, "needles", "a halo of %g mm about a hole of %g",
                        ns->halo_mm, ns->hole_mm);
    if (g->dx > ns->halo_mm || g->dy > ns->halo_mm)
        return cit_fail(errs, CIT_INVALID, "grid",
                        "voxels of %g x %g mm cannot resolve a channel with a halo of %g mm", g->dx,
                        g->dy, ns->halo_mm);
    if (!(fabs(ns->tilt) <= 1))
        return cit_fail(errs, CIT_INVALID, "tilt", "from -1 to 1, not %g", ns->tilt);
    for (int i = 0; i < ns->count; i++) {
        const cit_puncture *p = &ns->punctures[i];
        if (!isfinite(p->x_mm) || !isfinite(p->y_mm) || !isfinite(p->heading) ||
            !(p->depth_mm >= 0) || !isfinite(p->depth_mm) || fabs(p->x_mm) > 1e4 ||
            fabs(p->y_mm) > 1e4)
            return cit_fail(errs, CIT_INVALID, "punctures", "number %d is nowhere", i);
    }
    return CIT_OK;
}

/* ---- shares as numbers -------------------------------------------------------------------------- */

typedef struct shares {
    const cit_tissue *tissue;
    void *untaken; /* of each voxel, what no needle has taken */
} shares;

static void take(void *context, size_t at, double share) {
    const shares *s = context;
    patch_put(s->tissue, s->untaken, at, patch_get(s->tissue, s->untaken, at) * (1 - share));
}

static void set_all(const cit_tissue *t, void *field, double value) {
    for (size_t at = 0; at < t->grid.field; at++) patch_put(t, field, at, value);
}

cit_status cit_tissue_needle_shares(const cit_tissue *t, const cit_needles *ns, double *halo,
                                    double *hole, cit_errors *errs) {
    const cit_grid *g = &t->grid;
    double *const out[] = {halo, hole};
    const double radius[] = {ns->halo_mm, ns->hole_mm};
    const cit_status st = check(t, ns, errs);
    if (st != CIT_OK) return st;
    for (int which = 0; which < 2; which++) {
        shares s = {t, t->k1[0]};
        size_t to = 0;
        if (out[which] == NULL) continue;
        set_all(t, s.untaken, 1);
        lay_needles(t, ns, radius[which], take, &s);
        for (int k = 0; k < g->nz; k++)
            for (int j = 0; j < g->ny; j++)
                for (int i = 0; i < g->nx; i++)
                    out[which][to++] = 1 - patch_get(t, s.untaken, patch_at(g, i, j, k));
    }
    return CIT_OK;
}

/* ---- a visit ------------------------------------------------------------------------------------ */

static void multiply(const cit_tissue *t, int field, size_t at, double factor) {
    void *const values = patch_field(t, field);
    patch_put(t, values, at, patch_get(t, values, at) * factor);
}

/* Half of the cells in a channel are lost, and mature collagen parts five times as easily as new
 * collagen is cut: as in a column. */
static void wound(cit_tissue *t, size_t at, double debris, double hole) {
    const double c_cut = t->needling.c_cut;
    if (!(patch_viable(t, at) > 0)) return;
    patch_put(t, t->debris, at, patch_get(t, t->debris, at) * t->fade + debris);
    multiply(t, VOXEL_F, at, 1 - 0.5 * hole);
    multiply(t, VOXEL_M, at, 1 - 0.5 * hole);
    multiply(t, VOXEL_N, at, 1 - c_cut * hole);
    multiply(t, VOXEL_C, at, 1 - 0.2 * c_cut * hole);
}

static void prime(cit_tissue *t) {
    const void *R = t->u[VOXEL_R - DRIVER_0];
    for (size_t at = 0; at < t->grid.field; at++) {
        const double r = patch_get(t, R, at);
        patch_put(t, t->priming, at, 1 + t->kinetics.pi_I * r / (1 + r));
    }
}

static void note_visits(cit_tissue *t, double sign) {
    for (int f = 0; f < VOXEL_FIELDS; f++) t->account[f].visits += sign * patch_total(t, f);
}

static void begin_visit(cit_tissue *t) {
    patch_settle(t);
    note_visits(t, -1);
    prime(t);
}

static void end_visit(cit_tissue *t) {
    t->fade = 1;
    patch_near(t);
    note_visits(t, 1);
    t->starts = true;
}

cit_status cit_tissue_visit(cit_tissue *t, const cit_needles *ns, cit_errors *errs) {
    const cit_grid *g = &t->grid;
    const cit_status st = check(t, ns, errs);
    if (st != CIT_OK || ns->count <= 0) return st;
    begin_visit(t);
    shares halo = {t, t->k1[0]}, hole = {t, t->k1[1]};
    set_all(t, halo.untaken, 1);
    set_all(t, hole.untaken, 1);
    lay_needles(t, ns, ns->halo_mm, take, &halo);
    lay_needles(t, ns, ns->hole_mm, take, &hole);
    for (int k = 0; k < g->nz; k++)
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx; i++) {
                const size_t at = patch_at(g, i, j, k);
                wound(t, at, (1 - patch_get(t, halo.untaken, at)) / t->needling.phi_ref,
                      1 - patch_get(t, hole.untaken, at));
            }
    end_visit(t);
    return CIT_OK;
}

cit_status cit_tissue_visit_even(cit_tissue *t, const cit_wound *w, cit_errors *errs) {
    const cit_grid *g = &t->grid;
    if (w->layers != g->nz)
        return cit_fail(errs, CIT_INVALID, "wound", "%d layers, and the tissue has %d", w->layers,
                        g->nz);
    begin_visit(t);
    for (int k = 0; k < g->nz; k++)
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx; i++)
                wound(t, patch_at(g, i, j, k), w->debris[k], w->hole[k]);
    end_visit(t);
    return CIT_OK;
}
