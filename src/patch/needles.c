/* Needles in tissue: which share of each voxel they take, and what a visit does with it.
 *
 * At a depth z a cylinder about an axis that leans by `tilt` is cut by the plane in an ellipse; the voxel's square is
 * mapped to where that is the unit disc, and the area they share is exact: a sum over edges of triangles and
 * sectors from the disc's middle. Upright needles need this once, others at Gauss's nodes of each layer. Where
 * needles meet within a voxel, what they have in common is counted at points and taken off the sum. */
#include "patch_impl.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

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

static int folded(int i, int n, cit_edge edge) {
    if (edge == CIT_EDGE_PERIODIC) return (i % n + n) % n;
    return i >= 0 && i < n ? i : -1;
}

/* A needle's part of a layer: depths at which it is cut, and the share of the layer that each stands for. */
typedef struct part {
    double nodes[CIT_GAUSS_POINTS], weights[CIT_GAUSS_POINTS];
    int count;
    int i0, i1, j0, j1; /* voxels it may touch, perhaps beyond the box */
} part;

static part part_of(const cit_grid *g, const needle *n, int k) {
    const double top = fmax(n->z0, k * g->dz), bottom = fmin(n->z1, (k + 1) * g->dz);
    part p = {.count = 0};
    if (!(bottom > top)) return p;
    const bool upright = n->lean_x == 0 && n->lean_y == 0;
    p.count = upright ? 1 : CIT_GAUSS_POINTS;
    cit_gauss(top, bottom, p.nodes, p.weights);
    if (upright) p.weights[0] = bottom - top;
    for (int i = 0; i < p.count; i++) p.weights[i] /= g->dz;
    const double reach = n->radius * n->stretch;
    p.i0 = (int)floor((n->x + fmin(n->lean_x * top, n->lean_x * bottom) - reach) / g->dx);
    p.i1 = (int)floor((n->x + fmax(n->lean_x * top, n->lean_x * bottom) + reach) / g->dx);
    p.j0 = (int)floor((n->y + fmin(n->lean_y * top, n->lean_y * bottom) - reach) / g->dy);
    p.j1 = (int)floor((n->y + fmax(n->lean_y * top, n->lean_y * bottom) + reach) / g->dy);
    return p;
}

static double part_share(const cit_grid *g, const needle *n, const part *p, int i, int j) {
    double share = 0;
    for (int at = 0; at < p->count; at++)
        share += p->weights[at] * square_share(g, n, n->x + n->lean_x * p->nodes[at],
                                               n->y + n->lean_y * p->nodes[at], i, j);
    return share < 1 ? share : 1;
}

/* ---- needles that meet -------------------------------------------------------------------------- */

/* Where one needle is in a voxel its share is exact. Where more are, what they have in common is counted at
 * points, one bit each. */
enum { POINTS = 8, WORDS = POINTS * POINTS * POINTS / 64 };

typedef struct square {
    double shares;          /* their sum */
    int needles;            /* so many are in it */
    int counted;            /* their points */
    uint64_t points[WORDS]; /* in any of them */
} square;

static bool holds(const needle *n, double x, double y, double z) {
    const double d[] = {x - n->x - n->lean_x * z, y - n->y - n->lean_y * z};
    const double a = dot(d, n->along) / n->stretch, b = cross(n->along, d);
    return z >= n->z0 && z < n->z1 && a * a + b * b < n->radius * n->radius;
}

/* Points of a layer of them are not all at one depth, as a needle's end is even; the same from all sides. */
static double depth_of_point(int a, int b, int c) {
    const int half = POINTS / 2, from_a = a < half ? a : POINTS - 1 - a,
              from_b = b < half ? b : POINTS - 1 - b;
    return (c + (from_a + from_b + 0.5) / (POINTS - 1)) / POINTS;
}

static void count_points(const cit_grid *g, const needle *n, int i, int j, int k, square *s) {
    for (int p = 0; p < POINTS * POINTS * POINTS; p++) {
        const int a = p % POINTS, b = p / POINTS % POINTS, c = p / (POINTS * POINTS);
        const double x = (i + (a + 0.5) / POINTS) * g->dx, y = (j + (b + 0.5) / POINTS) * g->dy,
                     z = (k + depth_of_point(a, b, c)) * g->dz;
        if (!holds(n, x, y, z)) continue;
        s->counted++;
        s->points[p / 64] |= UINT64_C(1) << p % 64;
    }
}

static double share_of(const square *s) {
    int any = 0;
    for (int w = 0; w < WORDS; w++) any += __builtin_popcountll(s->points[w]);
    const double common = (double)(s->counted - any) / (POINTS * POINTS * POINTS);
    const double share = s->shares - common;
    return share < 0 ? 0 : share < 1 ? share : 1;
}

/* Once to add up shares, and once for the points of what two needles share. */
static void lay_part(const cit_tissue *t, const needle *n, int k, bool again, square *plane) {
    const cit_grid *g = &t->grid;
    const part p = part_of(g, n, k);
    for (int j = p.j0; j <= p.j1 && p.count > 0; j++)
        for (int i = p.i0; i <= p.i1; i++) {
            const int fi = folded(i, g->nx, t->options.edge_x),
                      fj = folded(j, g->ny, t->options.edge_y);
            if (fi < 0 || fj < 0) continue;
            square *s = &plane[(size_t)fj * (size_t)g->nx + (size_t)fi];
            if (again && s->needles < 2) continue;
            const double share = part_share(g, n, &p, i, j);
            if (!(share > 0)) continue;
            if (again) {
                count_points(g, n, i, j, k, s);
            } else {
                s->shares += share;
                s->needles++;
            }
        }
}

static needle needle_of(const cit_tissue *t, const cit_punctures *ns, int at, double radius) {
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

/* The share of each voxel of a layer that needles of this radius take. */
static void lay_needles(const cit_tissue *t, const cit_punctures *ns, double radius, int k,
                        square *plane, double *shares) {
    const size_t n = (size_t)t->grid.nx * (size_t)t->grid.ny;
    memset(plane, 0, n * sizeof *plane);
    for (int pass = 0; pass < 2 && radius > 0; pass++)
        for (int at = 0; at < ns->count; at++) {
            const needle one = needle_of(t, ns, at, radius);
            if (one.z1 > k * t->grid.dz && !misses(t, &one)) lay_part(t, &one, k, pass == 1, plane);
        }
    for (size_t i = 0; i < n; i++) shares[i] = share_of(&plane[i]);
}

/* ---- what is asked ------------------------------------------------------------------------------ */

static cit_status check(const cit_tissue *t, const cit_punctures *ns, cit_errors *errs) {
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

/* ---- layers, one a thread ----------------------------------------------------------------------- */

/* What is done with the shares of a layer. */
typedef void use_shares(void *context, int k, const double *halo, const double *hole);

static void use_layer(const cit_tissue *t, const cit_punctures *ns, int k, square *plane,
                      double *shares, use_shares *use, void *context) {
    double *halo = shares, *hole = shares + (size_t)t->grid.nx * (size_t)t->grid.ny;
    lay_needles(t, ns, ns->halo_mm, k, plane, halo);
    lay_needles(t, ns, ns->hole_mm, k, plane, hole);
    use(context, k, halo, hole);
}

static cit_status use_layers(const cit_tissue *t, const cit_punctures *ns, use_shares *use,
                             void *context, cit_errors *errs) {
    const size_t n = (size_t)t->grid.nx * (size_t)t->grid.ny, threads = (size_t)t->threads;
    square *planes = malloc(threads * n * sizeof *planes);
    double *shares = malloc(threads * 2 * n * sizeof *shares);
    const bool enough = planes != NULL && shares != NULL;
#pragma omp parallel for schedule(dynamic) num_threads(t->threads) if (enough)
    for (int k = 0; k < t->grid.nz; k++) {
        const size_t own = (size_t)omp_get_thread_num();
        if (enough) use_layer(t, ns, k, planes + own * n, shares + own * 2 * n, use, context);
    }
    free(planes);
    free(shares);
    return enough ? CIT_OK : cit_fail(errs, CIT_NOMEM, "", "no memory for needles");
}

typedef struct shares_out {
    size_t plane;
    double *halo, *hole;
} shares_out;

static void give_shares(void *context, int k, const double *halo, const double *hole) {
    const shares_out *to = context;
    const size_t bytes = to->plane * sizeof *halo;
    if (to->halo != NULL) memcpy(to->halo + (size_t)k * to->plane, halo, bytes);
    if (to->hole != NULL) memcpy(to->hole + (size_t)k * to->plane, hole, bytes);
}

cit_status cit_tissue_needle_shares(const cit_tissue *t, const cit_punctures *ns, double *halo,
                                    double *hole, cit_errors *errs) {
    shares_out to = {(size_t)t->grid.nx * (size_t)t->grid.ny, halo, hole};
    const cit_status st = check(t, ns, errs);
    return st != CIT_OK ? st : use_layers(t, ns, give_shares, &to, errs);
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
    note_visits(t, -1);
    prime(t);
}

static void end_visit(cit_tissue *t) {
    t->fade = 1;
    patch_near(t);
    note_visits(t, 1);
    t->starts = true;
}

static void wound_layer(void *context, int k, const double *halo, const double *hole) {
    cit_tissue *t = context;
    const cit_grid *g = &t->grid;
    for (int j = 0; j < g->ny; j++)
        for (int i = 0; i < g->nx; i++)
            wound(t, patch_at(g, i, j, k), *halo++ / t->needling.phi_ref, *hole++);
}

cit_status cit_tissue_visit(cit_tissue *t, const cit_punctures *ns, cit_errors *errs) {
    const cit_status checked = check(t, ns, errs);
    if (checked != CIT_OK || ns->count <= 0) return checked;
    begin_visit(t);
    const cit_status st = use_layers(t, ns, wound_layer, t, errs);
    end_visit(t);
    return st;
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
