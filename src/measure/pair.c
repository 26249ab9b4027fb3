/* A later surface against an earlier one: alignment from coarse to fine, the difference, and what changed within the
 * outlines of the first. */
#include "measure_impl.h"
#include <cit/statistics.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* mm: an outline is taken at least that much wider, so that its slopes are in it, and as far as beyond the rim that was
 * measured: the outline of a shallow scar ends where it sinks into the relief. Skin around is from a gap on, so wide. */
static const double margin_least_mm = 0.3, margin_most_mm = 0.9, beyond_rim_mm = 0.1,
                    ring_gap_mm = 0.05, ring_width_mm = 0.9; /* assumed */

/* ---- alignment ------------------------------------------------------------------------------------------------- */

typedef struct level {
    double sigma_mm, step_mm;
    int lateral, vertical; /* at most */
    bool healthy;          /* scars, which may have healed, left out */
    int rounds;
    double enough_mm;
} level;
/* A shift, a turn and an even stretch until what is fine lies on what is fine: a field that may bend earlier catches the
 * wrong wave of the relief where a map has few scars. */
static const level levels[] = {{0.4, 0.16, 1, 4, false, 12, 1e-3},
                               {0.2, 0.08, 1, 4, false, 8, 5e-4},
                               {0.1, 0.08, 1, 6, true, 8, 2e-4},
                               {0.05, 0.04, 4, 8, true, 6, 1e-4},
                               {0, 0, ALIGN_DEGREE_MAX, ALIGN_DEGREE_MAX, true, 6, 2e-5}};

static cit_status smoothed(const cit_heights *z, double sigma_mm, int threads, float **ret,
                           cit_errors *errs) {
    const cit_smooth_options how = {.sigma_x = sigma_mm / z->dx_mm,
                                    .sigma_y = sigma_mm / z->dy_mm,
                                    .least = 0.5,
                                    .threads = threads};
    *ret = malloc((size_t)z->nx * (size_t)z->ny * sizeof **ret);
    if (*ret == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory to align surfaces");
    return cit_smooth(z->nx, z->ny, z->um, *ret, &how, errs);
}

/* Skin deforms over some millimetres (assumed); a polynomial follows a wave from pi terms on, not from two (Trefethen,
 * Approximation Theory and Approximation Practice, SIAM 2013). */
static int degree_for(const cit_heights *z, int most) {
    const double side = fmax(z->nx * z->dx_mm, z->ny * z->dy_mm), wave_mm = 10;
    const int degree = (int)round(PI * side / wave_mm);
    return degree < 1 ? 1 : degree > most ? most : degree;
}

static cit_status run_level(const align_input *in, const level *l, const uint8_t *healthy,
                            align_pose *pose, align_doubt **ret_doubt, cit_errors *errs) {
    const double pitch = fmin(in->a->dx_mm, in->a->dy_mm);
    const bool smooth = l->sigma_mm > 0.5 * pitch;
    float *a = NULL, *b = NULL;
    cit_status st = CIT_OK;
    if (smooth) CIT_TRY(smoothed(in->a, l->sigma_mm, in->threads, &a, errs));
    if (smooth) CIT_TRY(smoothed(in->b, l->sigma_mm, in->threads, &b, errs));
    const int step = (int)round(l->step_mm / pitch);
    const align_level_options o = {.um_a = smooth ? a : in->a->um,
                                   .um_b = smooth ? b : in->b->um,
                                   .use = l->healthy ? healthy : NULL,
                                   .lateral = degree_for(in->a, l->lateral),
                                   .vertical = degree_for(in->a, l->vertical),
                                   .step = step > 1 ? step : 1,
                                   .rounds = l->rounds,
                                   .enough_mm = l->enough_mm,
                                   .ret_doubt = ret_doubt};
    CIT_TRY(align_level(in, &o, pose, errs));
done:
    free(a);
    free(b);
    return st;
}

/* ---- gaps ------------------------------------------------------------------------------------------------------- */

/* Of the four samples about a gap of one, `by` apart: the cubic through them. */
static float across(const float *at, ptrdiff_t by) {
    return (4 * (at[-by] + at[by]) - at[-2 * by] - at[2 * by]) / 6;
}

/* A lone missing sample, which would take sixteen of the difference with it, is filled along its row, its column or
 * both; larger gaps stay. */
static cit_status without_lone_gaps(const cit_heights *z, cit_heights **ret, cit_errors *errs) {
    const cit_status st = cit_heights_copy(z, ret, errs);
    if (st != CIT_OK) return st;
    for (int j = 0; j < z->ny; j++)
        for (int i = 0; i < z->nx; i++) {
            const size_t k = (size_t)j * (size_t)z->nx + (size_t)i;
            if (!isnan(z->um[k])) continue;
            const float none = (float)CIT_UNKNOWN_NUMBER,
                        row = i > 1 && i < z->nx - 2 ? across(z->um + k, 1) : none,
                        column = j > 1 && j < z->ny - 2 ? across(z->um + k, z->nx) : none;
            (*ret)->um[k] = isnan(row) ? column : isnan(column) ? row : 0.5F * (row + column);
        }
    return CIT_OK;
}

/* ---- one outline on the difference ----------------------------------------------------------------------------- */

typedef struct ground {
    const cit_scars *s;
    const float *um;   /* the difference */
    const int *number; /* nearest outline */
    const float *away;
    const double *margin_mm; /* of each outline */
} ground;

static bool in_margin(const ground *g, size_t at) {
    const int number = g->number[at];
    return number > 0 && (double)g->away[at] <= g->margin_mm[number - 1];
}

static double radius_of(double area_mm2) { return sqrt(area_mm2 / PI); }

static void find_margins(const cit_scars *s, double *ret) {
    for (size_t at = 0; at < (size_t)s->nx * (size_t)s->ny; at++)
        if (s->outline[at] > 0) ret[s->outline[at] - 1] += s->dx_mm * s->dy_mm;
    for (int i = 0; i < s->count; i++) {
        const double margin = 0.5 * s->scar[i].rim_mm + beyond_rim_mm - radius_of(ret[i]);
        ret[i] = margin > margin_least_mm ? fmin(margin, margin_most_mm) : margin_least_mm;
    }
}

/* Samples of an outline with its margin and of the ring around, in a box from (i0, j0). */
typedef struct stencil {
    int i0, j0, nx, ny, step; /* of ring samples that are fitted */
    unsigned char *part;      /* 0, IN, RING */
    long in, ring;
    double x, y;       /* the scar's middle, samples from the box's corner */
    double radius;     /* of its area, mm */
    double whole_ring; /* samples of a ring that no edge and no other scar cuts */
} stencil;
enum { IN = 1, RING };

/* Of all outlines in one walk over the map; `stencils` in the order of their numbers, from 1. */
static void stencil_boxes(const ground *g, stencil *stencils) {
    for (int j = 0; j < g->s->ny; j++)
        for (int i = 0; i < g->s->nx; i++) {
            const size_t at = (size_t)j * (size_t)g->s->nx + (size_t)i;
            const int number = g->number[at];
            if (number < 1 ||
                (double)g->away[at] > g->margin_mm[number - 1] + ring_gap_mm + ring_width_mm)
                continue;
            stencil *t = &stencils[number - 1];
            if (t->nx == 0) *t = (stencil){.i0 = i, .j0 = j, .nx = 1};
            const int right = t->i0 + t->nx;
            t->i0 = i < t->i0 ? i : t->i0;
            t->nx = (i >= right ? i + 1 : right) - t->i0;
            t->ny = j + 1 - t->j0;
        }
}

static cit_status stencil_fill(const ground *g, int which, stencil *t, cit_errors *errs) {
    const cit_measured_scar *scar = &g->s->scar[which];
    if (t->nx <= 0) return CIT_OK;
    t->part = calloc((size_t)t->nx * (size_t)t->ny, 1);
    if (t->part == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for outlines");
    for (int j = 0; j < t->ny; j++)
        for (int i = 0; i < t->nx; i++) {
            const size_t at = (size_t)(t->j0 + j) * (size_t)g->s->nx + (size_t)(t->i0 + i);
            if (g->number[at] != scar->number) continue;
            const double away = (double)g->away[at] - g->margin_mm[which];
            const int where = away <= 0                                                   ? IN
                              : away > ring_gap_mm && away <= ring_gap_mm + ring_width_mm ? RING
                                                                                          : 0;
            t->part[(size_t)j * (size_t)t->nx + (size_t)i] = (unsigned char)where;
            t->in += where == IN;
            t->ring += where == RING;
        }
    t->x = scar->x_mm / g->s->dx_mm - 0.5 - t->i0;
    t->y = scar->y_mm / g->s->dy_mm - 0.5 - t->j0;
    t->radius = radius_of((double)t->in * g->s->dx_mm * g->s->dy_mm);
    const double inner = t->radius + ring_gap_mm, outer = inner + ring_width_mm;
    t->step = (int)fmax(1, round(RING_STEP_MM / g->s->dx_mm));
    t->whole_ring = PI * (outer * outer - inner * inner) / (g->s->dx_mm * g->s->dy_mm);
    return CIT_OK;
}

typedef struct reading {
    double volume_mm3, core_um;
    double around_um; /* mean deviation of the skin around from its plane */
    bool there;
} reading;

/* Is this sample, moved by (u, v), one to read? For the scar itself where it is; for an empty place only skin. */
static bool usable(const ground *g, bool empty, int i, int j, size_t *at) {
    if (i < 0 || j < 0 || i >= g->s->nx || j >= g->s->ny) return false;
    *at = (size_t)j * (size_t)g->s->nx + (size_t)i;
    return !isnan(g->um[*at]) && !(empty && in_margin(g, *at));
}

/* Of the skin around, in samples from the stencil's middle; false: too little of a ring is left. */
static bool fit_ring(const ground *g, const stencil *t, bool empty, int u, int v, points *p,
                     plane *ret) {
    long used = 0;
    p->count = 0;
    for (int j = 0; j < t->ny; j++)
        for (int i = 0; i < t->nx; i++) {
            size_t at;
            if (t->part[(size_t)j * (size_t)t->nx + (size_t)i] != RING ||
                !usable(g, empty, t->i0 + i + u, t->j0 + j + v, &at))
                continue;
            used++;
            if (i % t->step == 0 && j % t->step == 0 &&
                !points_add(p, i - t->x, j - t->y, (double)g->um[at]))
                return false;
        }
    return (double)used >= 0.6 * t->whole_ring && plane_fit(p, ret);
}

/* What the difference says within the stencil moved by (u, v), against the skin around it. */
static double deviation_around(const points *ring, const plane *p) {
    double sum = 0;
    for (int i = 0; i < ring->count; i++)
        sum += fabs(ring->z[i] - plane_at(p, ring->x[i], ring->y[i]));
    return sum / ring->count;
}

static bool is_core(const ground *g, const stencil *t, int i, int j) {
    const double x = (i - t->x) * g->s->dx_mm, y = (j - t->y) * g->s->dy_mm;
    return x * x + y * y <= 0.25 * t->radius * t->radius;
}

/* Is all but a little of the inside there? Most places that are tried are not. */
static bool is_whole(const ground *g, const stencil *t, bool empty, int u, int v) {
    long missing = 0;
    for (int j = 0; j < t->ny; j++)
        for (int i = 0; i < t->nx; i++) {
            size_t at;
            if (t->part[(size_t)j * (size_t)t->nx + (size_t)i] == IN &&
                !usable(g, empty, t->i0 + i + u, t->j0 + j + v, &at) &&
                (double)++missing > 0.03 * (double)t->in)
                return false;
        }
    return t->in > 0;
}

static reading read_at(const ground *g, const stencil *t, bool empty, int u, int v) {
    reading r = {0};
    points ring = {0};
    plane p;
    long in = 0, core = 0;
    double sum = 0, core_sum = 0;
    const double dx = g->s->dx_mm, dy = g->s->dy_mm;
    const bool fits = is_whole(g, t, empty, u, v) && fit_ring(g, t, empty, u, v, &ring, &p);
    if (fits) r.around_um = deviation_around(&ring, &p);
    points_clear(&ring);
    if (!fits) return r;
    for (int j = 0; j < t->ny; j++)
        for (int i = 0; i < t->nx; i++) {
            size_t at;
            if (t->part[(size_t)j * (size_t)t->nx + (size_t)i] != IN ||
                !usable(g, empty, t->i0 + i + u, t->j0 + j + v, &at))
                continue;
            const double z = (double)g->um[at] - plane_at(&p, i - t->x, j - t->y);
            sum += z;
            in++;
            if (!is_core(g, t, i, j)) continue;
            core_sum += z;
            core++;
        }
    r.volume_mm3 = 1e-3 * dx * dy * sum * (double)t->in / (double)in;
    r.core_um = core > 0 ? core_sum / (double)core : sum / (double)in;
    r.there = true;
    return r;
}

/* ---- what sideways errors of the alignment do to a reading ------------------------------------------------------- */

static int part_at(const ground *g, const stencil *t, int i, int j) {
    size_t at;
    const int which = t->part[(size_t)j * (size_t)t->nx + (size_t)i];
    const bool left_out = which == RING && (i % t->step != 0 || j % t->step != 0);
    return !left_out && usable(g, false, t->i0 + i, t->j0 + j, &at) ? which : 0;
}

/* How many are inside (or in its core). A reading's weights: 1 there, and of the ring what takes the plane through it off; by ordinary least
 * squares, for a deviation. */
static long weigh(const ground *g, const stencil *t, bool core, align_window *w) {
    double normal[9] = {0}, pivots[3], plane_of[3] = {0};
    long inside = 0;
    for (int j = 0; j < t->ny; j++)
        for (int i = 0; i < t->nx; i++) {
            const int which = part_at(g, t, i, j);
            const double term[3] = {1, i - t->x, j - t->y};
            const bool in = which == IN && (!core || is_core(g, t, i, j));
            w->weight[(size_t)j * (size_t)t->nx + (size_t)i] = in;
            inside += in;
            for (int k = 0; k < 3; k++) {
                if (in) plane_of[k] += term[k];
                for (int l = 0; l < 3 && which == RING; l++) normal[3 * k + l] += term[k] * term[l];
            }
        }
    cit_dense_factor(normal, pivots, 3);
    cit_dense_solve(normal, pivots, 3, plane_of);
    for (int j = 0; j < t->ny; j++)
        for (int i = 0; i < t->nx; i++)
            if (part_at(g, t, i, j) == RING)
                w->weight[(size_t)j * (size_t)t->nx + (size_t)i] -=
                    plane_of[0] + plane_of[1] * (i - t->x) + plane_of[2] * (j - t->y);
    return inside;
}

typedef struct lying {
    align_input in;
    align_pose pose;
    align_doubt *doubt;
} lying;

/* Deviations, and the pull on the volume. */
typedef struct sideways {
    double volume_mm3, core_um, *pull;
} sideways;

static bool find_sideways(const ground *g, const lying *l, const stencil *t, sideways *ret) {
    const int size = align_doubt_size(l->doubt);
    const double sample_mm3 = 1e-3 * g->s->dx_mm * g->s->dy_mm;
    align_window w = {t->i0, t->j0, t->nx, t->ny,
                      malloc(sizeof(double) * ((size_t)t->nx * (size_t)t->ny + 1))};
    ret->pull = malloc(sizeof(double) * (size_t)size);
    const bool memory = w.weight != NULL && ret->pull != NULL;
    if (memory) {
        const long core = weigh(g, t, true, &w);
        align_pull(&l->in, &l->pose, l->doubt, &w, ret->pull);
        ret->core_um = align_sideways_sd(l->doubt, ret->pull) / (double)(core > 0 ? core : 1);
        weigh(g, t, false, &w);
        align_pull(&l->in, &l->pose, l->doubt, &w, ret->pull);
        for (int k = 0; k < size; k++) ret->pull[k] *= sample_mm3;
        ret->volume_mm3 = align_sideways_sd(l->doubt, ret->pull);
    }
    free(w.weight);
    return memory;
}

static cit_status find_all_sideways(const ground *g, const lying *l, const stencil *stencils,
                                    sideways *ret, cit_errors *errs) {
    bool memory = true;
#pragma omp parallel for schedule(dynamic, 1) num_threads(l->in.threads) reduction(&& : memory)
    for (int i = 0; i < g->s->count; i++)
        memory = memory && find_sideways(g, l, &stencils[i], &ret[i]);
    return memory ? CIT_OK : cit_fail(errs, CIT_NOMEM, "", "no memory for changes");
}

/* ---- how far empty places read from nothing ---------------------------------------------------------------------- */

enum { NULLS_EACH = 16, NULLS_LEAST = 64, TRIES_A_NULL = 25 }; /* assumed */

/* Of one scar's stencil at places that are skin. */
typedef struct empties {
    int count;
    double log_radius, volume[NULLS_LEAST], core[NULLS_LEAST];
} empties;

/* How many a scar has, so that few scars have enough of them. */
static int nulls_each(int scars) {
    const int each = NULLS_LEAST / (scars > 0 ? scars : 1);
    return each > NULLS_EACH ? each : NULLS_EACH;
}

static void read_empties(const ground *g, const stencil *t, int which, empties *e) {
    const int most = nulls_each(g->s->count);
    const uint32_t stream = cit_random_stream("empty outlines");
    e->log_radius = log(t->radius + 0.15);
    for (int k = 0; k < TRIES_A_NULL * most && e->count < most && t->in > 0; k++) {
        const double x = cit_random(1, (uint32_t)which, stream, (uint32_t)(2 * k)),
                     y = cit_random(1, (uint32_t)which, stream, (uint32_t)(2 * k + 1));
        const reading r = read_at(g, t, true, (int)(x * (g->s->nx - t->nx + 1)) - t->i0,
                                  (int)(y * (g->s->ny - t->ny + 1)) - t->j0);
        if (!r.there) continue;
        e->volume[e->count] = r.volume_mm3;
        e->core[e->count++] = r.core_um;
    }
}

typedef struct nulls {
    int count;
    double *log_radius, *volume, *core;
} nulls;

static void nulls_free(nulls *n) {
    free(n->log_radius);
    free(n->volume);
    free(n->core);
}

static cit_status read_nulls(const ground *g, const stencil *stencils, int threads, empties *each,
                             nulls *n, cit_errors *errs) {
    const int count = g->s->count;
    const size_t most = (size_t)count * (size_t)nulls_each(count) + 1;
    n->log_radius = malloc(most * sizeof *n->log_radius);
    n->volume = malloc(most * sizeof *n->volume);
    n->core = malloc(most * sizeof *n->core);
    if (n->log_radius == NULL || n->volume == NULL || n->core == NULL)
        return cit_fail(errs, CIT_NOMEM, "", "no memory for changes");
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (int i = 0; i < count; i++) read_empties(g, &stencils[i], i, &each[i]);
    for (int i = 0; i < count; i++)
        for (int k = 0; k < each[i].count; k++) {
            n->log_radius[n->count] = each[i].log_radius;
            n->volume[n->count] = each[i].volume[k];
            n->core[n->count++] = each[i].core[k];
        }
    return CIT_OK;
}

/* log deviation = at + by log(radius + 0.15 mm) */
typedef struct law {
    double at, by;
} law;

static law law_of(const nulls *n, const double *values) {
    double s0 = 0, s1 = 0, s2 = 0, t0 = 0, t1 = 0, square = 0;
    for (int i = 0; i < n->count; i++) {
        const double x = n->log_radius[i], y = log(fmax(fabs(values[i]), 1e-12));
        s0 += 1;
        s1 += x;
        s2 += x * x;
        t0 += y;
        t1 += x * y;
    }
    const double det = s0 * s2 - s1 * s1;
    law l = {0};
    l.by = s0 > 0 && det > 1e-9 * s0 * s0 ? (s0 * t1 - s1 * t0) / det : 0;
    l.at = s0 > 0 ? (t0 - l.by * s1) / s0 : 0;
    for (int i = 0; i < n->count; i++) {
        const double fit = exp(l.at + l.by * n->log_radius[i]);
        square += values[i] * values[i] / (fit * fit);
    }
    if (s0 > 0) l.at += 0.5 * log(square / s0);
    return l;
}

/* The law, and how this scar's own empty places differ from it: a ring that the map's edge cuts says less. Eight of
 * the law's count beside its own (assumed), and so the error over this deviation is of Student's law with as many
 * degrees of freedom as both have. */
enum { OF_LAW = 8 };
static double deviation_of(const law *l, double log_radius, int own, const double *values) {
    const double fit = exp(l->at + l->by * log_radius), before = OF_LAW;
    double square = before;
    for (int i = 0; i < own; i++) square += values[i] * values[i] / (fit * fit);
    return fit * sqrt(square / (before + own));
}

/* ---- changes ---------------------------------------------------------------------------------------------------------- */

static void judge(cit_change *c) {
    c->verdict = c->low_mm3 > 0    ? CIT_CHANGE_BETTER
                 : c->high_mm3 < 0 ? CIT_CHANGE_WORSE
                                   : CIT_CHANGE_UNSEEN;
}

typedef struct accuracy {
    law volume, core;
    double gain, repeat;
} accuracy;

static void fill_change(const cit_measured_scar *scar, const stencil *t, const empties *e,
                        const sideways *moved, const reading *r, const accuracy *acc, cit_change *c,
                        double *variance) {
    const double z = cit_t_quantile(0.975, OF_LAW + e->count);
    const double area = PI * t->radius * t->radius,
                 null = deviation_of(&acc->volume, e->log_radius, e->count, e->volume),
                 repeat = acc->repeat * area, gain = acc->gain * r->volume_mm3;
    *variance = null * null + repeat * repeat;
    const double unseen = hypot(sqrt(*variance), moved->volume_mm3),
                 deviation = hypot(unseen, gain),
                 core = hypot(hypot(deviation_of(&acc->core, e->log_radius, e->count, e->core),
                                    moved->core_um),
                              acc->gain * r->core_um);
    *c = (cit_change){.number = scar->number,
                      .before_mm3 = scar->volume_mm3,
                      .change_mm3 = r->volume_mm3,
                      .low_mm3 = r->volume_mm3 - z * deviation,
                      .high_mm3 = r->volume_mm3 + z * deviation,
                      .detectable_mm3 = z * unseen,
                      .depth_change_um = r->core_um,
                      .depth_low_um = r->core_um - z * core,
                      .depth_high_um = r->core_um + z * core};
    judge(c);
}

/* Of a scar that the later surface does not show whole, or with too little skin around it. */
static cit_change no_change(int number, double before_mm3) {
    const double none = CIT_UNKNOWN_NUMBER;
    return (cit_change){number, before_mm3, none, none, none,
                        none,   none,       none, none, CIT_CHANGE_UNSEEN};
}

/* Together they have many degrees of freedom: the normal law. */
static cit_change all_changes(double before_mm3, double change_mm3, double variance, double gain) {
    const double z = cit_normal_quantile(0.975), none = CIT_UNKNOWN_NUMBER,
                 half = z * hypot(sqrt(variance), gain * change_mm3);
    cit_change all = {.before_mm3 = before_mm3,
                      .change_mm3 = change_mm3,
                      .low_mm3 = change_mm3 - half,
                      .high_mm3 = change_mm3 + half,
                      .detectable_mm3 = z * sqrt(variance),
                      .depth_change_um = none,
                      .depth_low_um = none,
                      .depth_high_um = none};
    judge(&all);
    return all;
}

/* Where the surfaces do not lie on each other as they do elsewhere, relief is taken for change. The mean deviation of a
 * normal law is 0.8 of its standard deviation; twice as much is too much (assumed). */
static bool lies_well(const reading *r, const cit_pair *p) {
    return r->around_um <= 2 * 0.8 * p->residual_um;
}

static cit_status find_changes(const ground *g, const cit_pair_options *o, const lying *l,
                               cit_pair *p, cit_errors *errs) {
    const int count = g->s->count;
    cit_status st = CIT_OK;
    stencil *stencils = calloc((size_t)count + 1, sizeof *stencils);
    empties *each = calloc((size_t)count + 1, sizeof *each);
    sideways *moved = calloc((size_t)count + 1, sizeof *moved);
    double *pull = calloc((size_t)align_doubt_size(l->doubt), sizeof *pull);
    nulls n = {0};
    double variance = 0, before = 0, change = 0, own;
    int told = 0;
    p->change = calloc((size_t)count + 1, sizeof *p->change);
    p->count = count;
    if (stencils == NULL || each == NULL || moved == NULL || pull == NULL || p->change == NULL)
        CIT_TRY(cit_fail(errs, CIT_NOMEM, "", "no memory for changes"));
    stencil_boxes(g, stencils);
    for (int i = 0; i < count; i++) CIT_TRY(stencil_fill(g, i, &stencils[i], errs));
    CIT_TRY(read_nulls(g, stencils, l->in.threads, each, &n, errs));
    if (count > 0 && n.count < 20)
        CIT_TRY(
            cit_fail(errs, CIT_INVALID, "",
                     "too little healthy skin to say how exact a change is: of %d outlines laid on "
                     "skin without scars, 20 or more must fit, and %d did; give maps that show "
                     "more skin around the scars",
                     TRIES_A_NULL * nulls_each(count) * count, n.count));
    const accuracy acc = {law_of(&n, n.volume), law_of(&n, n.core),
                          o->gain_error > 0 ? o->gain_error : 0.01 /* assumed */, o->repeat_sd_mm3};
    CIT_TRY(find_all_sideways(g, l, stencils, moved, errs));
    for (int i = 0; i < count; i++) {
        const cit_measured_scar *scar = &g->s->scar[i];
        const reading r = read_at(g, &stencils[i], false, 0, 0);
        p->change[i] = no_change(scar->number, scar->volume_mm3);
        if (!r.there || !lies_well(&r, p)) continue;
        fill_change(scar, &stencils[i], &each[i], &moved[i], &r, &acc, &p->change[i], &own);
        told++;
        before += scar->volume_mm3;
        change += r.volume_mm3;
        variance += own;
        for (int k = 0; k < align_doubt_size(l->doubt); k++) pull[k] += moved[i].pull[k];
    }
    if (count > 0 && told == 0)
        CIT_TRY(cit_fail(errs, CIT_INVALID, "",
                         "the later surface shows no scar whole with the skin around it"));
    const double together = align_sideways_sd(l->doubt, pull);
    p->zone = all_changes(before, change, variance + together * together, acc.gain);
done:
    for (int i = 0; stencils != NULL && i < count; i++) free(stencils[i].part);
    for (int i = 0; moved != NULL && i < count; i++) free(moved[i].pull);
    free(stencils);
    free(each);
    free(moved);
    free(pull);
    nulls_free(&n);
    return st;
}

/* ---- the pair ------------------------------------------------------------------------------------------------------------ */

static cit_status check(const cit_heights *a, const cit_scars *s, const cit_heights *b,
                        cit_errors *errs) {
    if (s->nx != a->nx || s->ny != a->ny)
        return cit_fail(errs, CIT_INVALID, "scars", "are of a map of %d x %d samples, not %d x %d",
                        s->nx, s->ny, a->nx, a->ny);
    if (a->nx < 32 || a->ny < 32 || b->nx < 32 || b->ny < 32)
        return cit_fail(errs, CIT_INVALID, "",
                        "a surface to be compared has 32 x 32 samples or more");
    const double finer = fmin(fmin(a->dx_mm, b->dx_mm), fmin(a->dy_mm, b->dy_mm)),
                 coarser = fmax(fmax(a->dx_mm, b->dx_mm), fmax(a->dy_mm, b->dy_mm));
    if (coarser > 4 * finer)
        return cit_fail(errs, CIT_INVALID, "", "samples are %g to %g um apart: at most four times",
                        1000 * finer, 1000 * coarser);
    return CIT_OK;
}

struct cit_placement {
    align_pose pose;
    double before_mm[2], after_mm[2]; /* sides */
};

static cit_status keep_placement(const align_input *in, const align_pose *pose, cit_pair *p,
                                 cit_errors *errs) {
    p->placement = malloc(sizeof *p->placement);
    if (p->placement == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a pair");
    *p->placement = (cit_placement){*pose,
                                    {in->a->nx * in->a->dx_mm, in->a->ny * in->a->dy_mm},
                                    {in->b->nx * in->b->dx_mm, in->b->ny * in->b->dy_mm}};
    return CIT_OK;
}

void cit_pair_place(const cit_pair *pair, double x_mm, double y_mm, double ret[2]) {
    const cit_placement *p = pair->placement;
    align_where(p->before_mm, &p->pose, x_mm, y_mm, ret);
    for (int k = 0; k < 2; k++) ret[k] += 0.5 * p->after_mm[k];
}

static void tell_pose(const align_input *in, const align_pose *pose, cit_pair *p) {
    const double w = in->a->nx * in->a->dx_mm, h = in->a->ny * in->a->dy_mm;
    const double side[2] = {w, h};
    double o[2], x[2], y[2];
    align_where(side, pose, 0.5 * w, 0.5 * h, o);
    align_where(side, pose, 0.5 * w + 0.25 * w, 0.5 * h, x);
    align_where(side, pose, 0.5 * w, 0.5 * h + 0.25 * h, y);
    const double m[4] = {(x[0] - o[0]) / (0.25 * w), (y[0] - o[0]) / (0.25 * h),
                         (x[1] - o[1]) / (0.25 * w), (y[1] - o[1]) / (0.25 * h)};
    memcpy(p->shift_mm, o, sizeof o);
    p->turn_rad = atan2(m[2] - m[1], m[0] + m[3]);
    const double c = cos(p->turn_rad), d = sin(p->turn_rad);
    /* what is left of the matrix when it is turned back */
    p->stretch[0] = c * m[0] + d * m[2];
    p->stretch[1] = c * m[1] + d * m[3];
    p->stretch[2] = -d * m[0] + c * m[2];
    p->stretch[3] = -d * m[1] + c * m[3];
    p->lateral_error_um = 1000 * hypot(pose->error[0], pose->error[1]);
    p->vertical_error_um = pose->error[2];
    p->residual_um = pose->sigma_um;
    p->rounds = pose->rounds;
}

/* Another face, or a wrong place of the search. */
static cit_status same_skin(const align_input *in, double fine_mm, cit_pair *p, cit_errors *errs) {
    const double least = 0.8; /* assumed: phantoms read 0.99 and more, others of one layout 0.6 */
    const cit_status st = align_match(in, p->difference->um, fine_mm, &p->match, errs);
    if (st != CIT_OK || p->match >= least) return st;
    return cit_fail(errs, CIT_DIVERGED, "",
                    "the surfaces do not show the same skin, or lie too far apart: their relief "
                    "from %g mm on, form off, correlates by %.2f, not %g or more",
                    fine_mm, p->match, least);
}

static cit_status take_difference(const align_input *in, const align_pose *pose, cit_pair *p,
                                  cit_errors *errs) {
    const cit_heights *a = in->a;
    cit_status st = cit_heights_new(a->nx, a->ny, a->dx_mm, a->dy_mm, &p->difference, errs);
    if (st != CIT_OK) return st;
    align_difference(in, pose, p->difference->um);
    size_t missing = 0, there = 0;
    const size_t count = (size_t)a->nx * (size_t)a->ny;
    for (size_t i = 0; i < count; i++) {
        missing += isnan(p->difference->um[i]) ? 1 : 0;
        there += isnan(a->um[i]) ? 0 : 1;
    }
    p->difference->missing = missing;
    p->difference->zero_um = 0;
    p->overlap = (double)(count - missing) / (double)(there > 0 ? there : 1);
    return cit_heights_note(p->difference, errs, "later less earlier, form off in the alignment");
}

cit_status cit_pair_make(const cit_heights *before, const cit_scars *scars,
                         const cit_heights *after, const cit_pair_options *options,
                         const cit_progress *progress, cit_pair **ret, cit_errors *errs) {
    lying l = {.in.threads = options->threads > 0 ? options->threads : omp_get_max_threads()};
    cit_heights *a = NULL, *b = NULL;
    const size_t count = (size_t)before->nx * (size_t)before->ny;
    const int last = (int)(sizeof levels / sizeof *levels);
    cit_status st = check(before, scars, after, errs);
    if (st != CIT_OK) return st;
    const scar_map like = {.nx = before->nx,
                           .ny = before->ny,
                           .threads = l.in.threads,
                           .n = count,
                           .dx = before->dx_mm,
                           .dy = before->dy_mm};
    nearest near = {0};
    uint8_t *healthy = malloc(count);
    double *margins = calloc((size_t)scars->count + 1, sizeof *margins);
    cit_pair *p = calloc(1, sizeof *p);
    if (healthy == NULL || margins == NULL || p == NULL)
        CIT_TRY(cit_fail(errs, CIT_NOMEM, "", "no memory to compare surfaces"));
    CIT_TRY(without_lone_gaps(before, &a, errs));
    CIT_TRY(without_lone_gaps(after, &b, errs));
    l.in.a = a;
    l.in.b = b;
    CIT_TRY(nearest_find(&like, scars->outline, &near, errs));
    find_margins(scars, margins);
    ground g = {scars, NULL, near.label, near.mm, margins};
    for (size_t i = 0; i < count; i++) healthy[i] = !in_margin(&g, i);
    CIT_TRY(align_search(&l.in, options->search ? 180 : 3, &l.pose, errs));
    for (int i = 0; i < last; i++) {
        if (!cit_progress_report(progress, (double)i / (last + 1), "alignment"))
            CIT_TRY(cit_fail(errs, CIT_CANCELLED, "", "stopped"));
        if (levels[i].sigma_mm <= 1.5 * l.pose.fine_mm) /* else there is nothing but noise */
            CIT_TRY(run_level(&l.in, &levels[i], healthy, &l.pose, i == last - 1 ? &l.doubt : NULL,
                              errs));
    }
    tell_pose(&l.in, &l.pose, p);
    CIT_TRY(keep_placement(&l.in, &l.pose, p, errs));
    CIT_TRY(take_difference(&l.in, &l.pose, p, errs));
    CIT_TRY(same_skin(&l.in, l.pose.fine_mm, p, errs));
    g.um = p->difference->um;
    CIT_TRY(find_changes(&g, options, &l, p, errs));
    *ret = p;
    p = NULL;
done:
    cit_heights_free(a);
    cit_heights_free(b);
    cit_pair_free(p);
    nearest_clear(&near);
    align_doubt_free(l.doubt);
    free(healthy);
    free(margins);
    return st;
}

void cit_pair_free(cit_pair *p) {
    if (p == NULL) return;
    cit_heights_free(p->difference);
    free(p->placement);
    free(p->change);
    free(p);
}
