/* What healthy skin alone gives: outlines laid where nothing is, measured as scars are. Volume and depth of those are
 * errors of relief, noise and form together; how they grow with size is a law fitted by maximum likelihood. Under a scar
 * the form is not known but bridged: what that adds is seen by leaving some outlines out of the form as scars are, and
 * measuring them again. */
#include "measure_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 6000, BLOCK = 256, WANTED = 300, LEAST = 12, FEW = 3, FIT_ROUNDS = 30 };
static const double radii_mm[2] = {0.25, 2.6}; /* of discs, even in the logarithm */
static const double cores_mm[2] = {0.06, 0.9};
static const double healthy_least = 0.97; /* of a disc */
static const double ring_least = 0.5;
static const double offset_mm = 0.15;
static const double hole_mm[2] = {0.6, 2.4}; /* radii of outlines that are left out of the form */
static const double hole_apart_mm = 1.0, hole_share = 0.95; /* as find.c's healthy_take() */
static const double edge_mm[2] = {0.05, 0.4}; /* of such a one from the edge of the map */
/* Errors at an edge of the map over those elsewhere, at least: outlines as large as the largest scars find no room there, so
 * it is what those were off on seeds set apart. */
static const double edge_least = 2;
static const double core_of_region = 0.35; /* of a bowl */

typedef struct null_disc {
    double x, y, radius, core;
} null_disc;

typedef struct null_found {
    double radius, square;
} null_found;

static null_disc disc_draw(const scar_map *m, int k, bool cores) {
    static const uint32_t stream = 0x6e756c6c; /* any one will do */
    const double *range = cores ? cores_mm : radii_mm;
    const double size =
        range[0] * pow(range[1] / range[0], cit_random(cores, (uint32_t)k, stream, 2));
    return (null_disc){cit_random(cores, (uint32_t)k, stream, 0) * m->nx * m->dx,
                       cit_random(cores, (uint32_t)k, stream, 1) * m->ny * m->dy,
                       cores ? 2.2 * size + 0.1 : size, size};
}

/* Every second one stands at an edge of the map. */
static null_disc hole_draw(const scar_map *m, int k) {
    static const uint32_t stream = 0x686f6c65;
    const double wide = m->nx * m->dx, high = m->ny * m->dy;
    const double u = cit_random(2, (uint32_t)k, stream, 2),
                 v = cit_random(2, (uint32_t)k, stream, 3);
    const double radius = hole_mm[1] + (hole_mm[0] - hole_mm[1]) * u * (1 - 0.5 * k / TRIES);
    null_disc d = {cit_random(2, (uint32_t)k, stream, 0) * wide,
                   cit_random(2, (uint32_t)k, stream, 1) * high, radius, core_of_region * radius};
    const double in = radius + edge_mm[0] + (edge_mm[1] - edge_mm[0]) * v;
    if (k % 2 == 0) return d;
    switch (k / 2 % 4) {
    case 0:
        d.x = in;
        break;
    case 1:
        d.x = wide - in;
        break;
    case 2:
        d.y = in;
        break;
    default:
        d.y = high - in;
    }
    return d;
}

static bool is_healthy(const scar_map *m, double x, double y) {
    const int i = (int)(x / m->dx), j = (int)(y / m->dy);
    return x >= 0 && y >= 0 && i < m->nx && j < m->ny && m->healthy[(size_t)j * m->nx + i];
}

/* A few places of the disc, before all of it is looked at. */
static bool may_be_healthy(const scar_map *m, const null_disc *d) {
    for (int k = 0; k < 9; k++) {
        const int across = k % 3 - 1, down = k / 3 - 1;
        if (!is_healthy(m, d->x + across * 0.7 * d->radius, d->y + down * 0.7 * d->radius))
            return false;
    }
    return true;
}

/* Points of the disc and of the ring about it, relative to the middle; false: not healthy enough, or no memory. */
static bool disc_collect(const scar_map *m, const null_disc *d, points *disc, points *ring) {
    const double inner = d->radius + RING_FROM_MM, outer = inner + RING_WIDTH_MM;
    const int i0 = (int)floor((d->x - outer) / m->dx), i1 = (int)ceil((d->x + outer) / m->dx),
              j0 = (int)floor((d->y - outer) / m->dy), j1 = (int)ceil((d->y + outer) / m->dy);
    long in_disc = 0, in_ring = 0;
    disc->count = ring->count = 0;
    for (int j = j0; j <= j1; j++)
        for (int i = i0; i <= i1; i++) {
            const double x = (i + 0.5) * m->dx - d->x, y = (j + 0.5) * m->dy - d->y,
                         r2 = x * x + y * y;
            const bool of_disc = r2 <= d->radius * d->radius;
            if (!of_disc && (r2 < inner * inner || r2 > outer * outer || !ring_takes(m, i, j)))
                continue;
            *(of_disc ? &in_disc : &in_ring) += 1;
            if (i < 0 || j < 0 || i >= m->nx || j >= m->ny) continue;
            const size_t k = (size_t)j * m->nx + i;
            if (m->healthy[k] && !points_add(of_disc ? disc : ring, x, y, (double)m->um[k]))
                return false;
        }
    return (double)disc->count >= healthy_least * (double)in_disc &&
           (double)ring->count >= ring_least * (double)in_ring;
}

static double disc_volume(const null_disc *d, const points *disc, const plane *rim) {
    double sum = 0;
    for (int k = 0; k < disc->count; k++) sum += plane_at(rim, disc->x[k], disc->y[k]) - disc->z[k];
    return disc->count > 0 ? sum / disc->count * PI * d->radius * d->radius * 1e-3 : 0;
}

static double disc_depth(const null_disc *d, points *disc, const plane *rim) {
    const plane none = {0};
    for (int k = 0; k < disc->count; k++) {
        disc->z[k] = plane_at(rim, disc->x[k], disc->y[k]) - disc->z[k];
        disc->x[k] = hypot(disc->x[k], disc->y[k]);
    }
    return core_depth(disc, &none, d->core);
}

static null_found null_take(const scar_map *m, int k, bool cores, points *disc, points *ring) {
    const null_disc d = disc_draw(m, k, cores);
    plane rim;
    if (!may_be_healthy(m, &d) || !disc_collect(m, &d, disc, ring) || !plane_fit(ring, &rim))
        return (null_found){0};
    const double v = cores ? disc_depth(&d, disc, &rim) : disc_volume(&d, disc, &rim);
    return isfinite(v) ? (null_found){cores ? d.core : d.radius, v * v} : (null_found){0};
}

/* Squares of what outlines gave, in order of the draws whatever thread made them; how many draws it took. */
static int nulls_take(const scar_map *m, bool cores, null_found *found) {
    int tried = 0, good = 0;
    while (tried < TRIES && good < WANTED) {
        const int from = tried;
        tried = tried + BLOCK < TRIES ? tried + BLOCK : TRIES;
#pragma omp parallel num_threads(m->threads)
        {
            points disc = {0}, ring = {0};
#pragma omp for schedule(dynamic, 8)
            for (int k = from; k < tried; k++) found[k] = null_take(m, k, cores, &disc, &ring);
            points_clear(&disc);
            points_clear(&ring);
        }
        for (int k = from; k < tried; k++) good += found[k].radius > 0;
    }
    return tried;
}

/* log variance = a + b log(r + offset): gamma regression with a logarithmic link, whose steps all have the same weight. Of
 * fewer than LEAST the power is the usual one; fewer than FEW say nothing, and the law is infinite. */
static null_law law_fit(const null_found *found, int count, double usual_power) {
    double a = 0, b = 2 * usual_power, top = 0, mean = 0;
    int n = 0;
    for (int k = 0; k < count; k++)
        if (found[k].radius > 0) {
            mean += log(found[k].radius + offset_mm);
            top += found[k].square;
            n++;
        }
    if (n < FEW) return (null_law){HUGE_VAL, 0, n};
    if (!(top > 0)) return (null_law){-HUGE_VAL, 0, n};
    mean /= n;
    a = log(top / n);
    for (int round = 0; round < FIT_ROUNDS; round++) {
        double s0 = 0, s1 = 0, x2 = 0;
        for (int k = 0; k < count; k++) {
            if (!(found[k].radius > 0)) continue;
            const double x = log(found[k].radius + offset_mm) - mean,
                         off = found[k].square / exp(a + b * x) - 1;
            s0 += off;
            s1 += off * x;
            x2 += x * x;
        }
        a += fmax(-2, fmin(2, s0 / n));
        if (n >= LEAST) b += fmax(-0.5, fmin(0.5, s1 / x2));
    }
    return (null_law){0.5 * (a - b * mean), 0.5 * b, n};
}

cit_status null_sample(const scar_map *m, null_laws *ret, cit_errors *errs) {
    null_found *found = malloc(TRIES * sizeof *found);
    if (found == NULL) return no_memory(errs, "outlines");
    ret->volume = law_fit(found, nulls_take(m, false, found), 1.5);
    ret->depth = law_fit(found, nulls_take(m, true, found), -1);
    free(found);
    return CIT_OK;
}

/* ---- under a scar -------------------------------------------------------------------------------- */

static bool is_apart(const null_hole *holes, int count, const null_disc *d) {
    for (int k = 0; k < count; k++)
        if (hypot(holes[k].x - d->x, holes[k].y - d->y) <
            holes[k].radius + d->radius + hole_apart_mm)
            return false;
    return true;
}

static bool hole_size(const scar_map *m, const null_disc *d, points *disc, points *ring,
                      double *ret_volume, double *ret_depth) {
    plane rim;
    if (!disc_collect(m, d, disc, ring) || !plane_fit(ring, &rim)) return false;
    *ret_volume = disc_volume(d, disc, &rim);
    *ret_depth = disc_depth(d, disc, &rim);
    return true;
}

static void hole_leave(const scar_map *m, const null_hole *h, uint8_t *healthy) {
    const double out = hole_share * h->radius;
    const int i0 = (int)fmax(0, (h->x - out) / m->dx), j0 = (int)fmax(0, (h->y - out) / m->dy);
    for (int j = j0; j < m->ny && j * m->dy < h->y + out; j++)
        for (int i = i0; i < m->nx && i * m->dx < h->x + out; i++) {
            const double x = (i + 0.5) * m->dx - h->x, y = (j + 0.5) * m->dy - h->y;
            if (x * x + y * y < out * out) healthy[(size_t)j * m->nx + i] = 0;
        }
}

int null_holes(const scar_map *m, null_hole holes[NULL_HOLES], uint8_t *healthy) {
    points disc = {0}, ring = {0};
    int count = 0;
    for (int k = 0; k < TRIES && count < NULL_HOLES; k++) {
        const null_disc d = hole_draw(m, k);
        double volume, depth;
        if (!may_be_healthy(m, &d) || !is_apart(holes, count, &d) ||
            !hole_size(m, &d, &disc, &ring, &volume, &depth))
            continue;
        holes[count++] = (null_hole){d.x, d.y, d.radius, volume, depth, k % 2 != 0};
    }
    points_clear(&disc);
    points_clear(&ring);
    memcpy(healthy, m->healthy, m->n);
    for (int k = 0; k < count; k++) hole_leave(m, &holes[k], healthy);
    return count;
}

/* Mean square of what outlines at the edge gave over what the laws say; at least 1. */
static double edge_excess(double sum, int count) {
    const double excess = count >= FEW ? sqrt(sum / count) : 1;
    return isfinite(excess) ? fmax(edge_least, excess) : edge_least;
}

void null_holes_fit(const scar_map *m, const null_hole *holes, int count, null_laws *ret) {
    null_found volume[NULL_HOLES] = {{0}}, depth[NULL_HOLES] = {{0}};
    double at[NULL_HOLES][2], excess[2] = {0};
    bool sized[NULL_HOLES];
    points disc = {0}, ring = {0};
    int edges = 0;
    for (int k = 0; k < count; k++) {
        const null_hole *h = &holes[k];
        const null_disc d = {h->x, h->y, h->radius, core_of_region * h->radius};
        sized[k] = hole_size(m, &d, &disc, &ring, &at[k][0], &at[k][1]);
        if (!sized[k] || h->edge) continue;
        volume[k] = (null_found){h->radius, pow(at[k][0] - h->volume, 2)};
        depth[k] = (null_found){h->radius, pow(at[k][1] - h->depth, 2)};
    }
    points_clear(&disc);
    points_clear(&ring);
    ret->hole_volume = law_fit(volume, count, 3.5);
    ret->hole_depth = law_fit(depth, count, 1.5);
    for (int k = 0; k < count; k++) {
        if (!sized[k] || !holes[k].edge) continue;
        const double r = holes[k].radius;
        excess[0] +=
            pow(at[k][0] / hypot(null_sd(&ret->volume, r), null_sd(&ret->hole_volume, r)), 2);
        excess[1] += pow(at[k][1] / hypot(null_sd(&ret->depth, core_of_region * r),
                                          null_sd(&ret->hole_depth, r)),
                         2);
        edges++;
    }
    ret->edge_volume = edge_excess(excess[0], edges);
    ret->edge_depth = edge_excess(excess[1], edges);
}

double null_sd(const null_law *law, double radius_mm) {
    return exp(law->log_at + law->power * log(radius_mm + offset_mm));
}
