/* How wide, how deep, how much. A part's core is what is deeper than some quarter of it: so far from the relief that relief
 * hardly moves its edge. What lies outside the core is found from the mean profile about the middle, and volume is what
 * is below a plane through a ring beyond that. Two rounds, as core, plane and profile need one another. */
#include "measure_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 2, DEPTH_ROUNDS = 3 }; /* assumed */
/* From r25 to the foot: 1.88, 1.88 and 2.00 times r25 - half in the phantom's profiles, and 0.48, 0.09 and 0.50 times
 * r25, so that what is more is a shelf and no wall. */
static const double foot_share = 1.9, foot_most = 0.5;
/* A core's edge: at a quarter of the depth; higher up, to a tenth, where that is so clear of the noise that a shelf
 * beside a deep pit is not missed; lower, to a half, where it is not. Times the noise, chosen on seeds set apart. */
static const double core_clear = 6, core_noise = 3;
/* These are assumed: how much is summed beyond the foot; how far profiles go, in radii of an ellipse; what is sound, and
 * how far from the edge of the map; what share may be missing before a scar is said to be cut. */
static const double foot_more_mm = 0.1, profile_mm = 3.2, least_half_mm = 0.1, edge_mm = 0.25,
                    missing_most = 0.1;

/* ---- parts --------------------------------------------------------------------------------------- */

static double reach(const part *p, double dx, double dy) {
    return sqrt(fmax(0, p->xx * dx * dx + 2 * p->xy * dx * dy + p->yy * dy * dy));
}

double part_margin(const part *p) {
    const double wall = fmin(foot_share * fmax(0, p->r25 - p->half), foot_most * p->r25);
    return fmax(0, p->r25 + wall - p->core) + foot_more_mm;
}

/* Depth over the deepest, through the filter that suits the dip. */
static double core_at(const scar_map *m, const dip *d, size_t k) {
    return d->wide > 0 ? (double)m->wide[k] / d->wide : (double)m->fine[k] / d->peak;
}

/* Sums over samples of a part that are more than half as deep as its deepest. */
typedef struct moments {
    double w, x, y, xx, xy, yy;
} moments;

static double core_level(const scar_map *m, const dip *d) {
    const double noise = d->wide > 0 ? m->wide_sd / d->wide : m->fine_sd / d->peak;
    const double clear = fmax(0.1, fmin(core_clear * noise, 0.25));
    return fmin(fmax(core_noise * noise, clear), 0.5);
}

static void moments_take(const scar_map *m, const dips *d, moments *sum) {
    for (int j = 0; j < m->ny; j++)
        for (int i = 0; i < m->nx; i++) {
            const size_t k = (size_t)j * m->nx + i;
            const int a = d->label[k] - 1;
            if (a < 0 || !(core_at(m, &d->dip[a], k) > 0.5)) continue;
            const double x = (i + 0.5) * m->dx, y = (j + 0.5) * m->dy;
            moments *s = &sum[a];
            s->w += 1;
            s->x += x;
            s->y += y;
            s->xx += x * x;
            s->xy += x * y;
            s->yy += y * y;
        }
}

/* A first guess: a floor of the area of the upper half, on an ellipse of its moments. */
static part part_begin(const scar_map *m, const dip *d, const moments *s) {
    const double n = fmax(1, s->w), x = s->x / n, y = s->y / n;
    const double pixel = (m->dx * m->dx + m->dy * m->dy) / 24;
    const double xx = s->xx / n - x * x + pixel, xy = s->xy / n - x * y,
                 yy = s->yy / n - y * y + pixel, det = sqrt(fmax(1e-12, xx * yy - xy * xy));
    const double half = sqrt(n * m->dx * m->dy / PI);
    return (part){.x = x,
                  .y = y,
                  .xx = yy / det,
                  .xy = -xy / det,
                  .yy = xx / det,
                  .depth = 0.9 * (d->wide > 0 ? d->wide : d->peak),
                  .half = half,
                  .r25 = 1.3 * half,
                  .core = 1.3 * half,
                  .level = core_level(m, d),
                  .signal = d->signal,
                  .scar = d->scar};
}

/* A part's samples as the columns rho, nothing, depth below the rim. */
static bool part_collect(const scar_map *m, const sizes *s, int a, const plane *rim,
                         const int box[4], points *ret) {
    const part *p = &s->part[a];
    ret->count = 0;
    for (int j = box[2]; j < box[3]; j++)
        for (int i = box[0]; i < box[1]; i++) {
            const size_t k = (size_t)j * m->nx + i;
            if (s->near.label[k] != a + 1 || isnan(m->um[k])) continue;
            const double x = (i + 0.5) * m->dx - p->x, y = (j + 0.5) * m->dy - p->y;
            const double rho = reach(p, x, y);
            if (rho > profile_mm) continue;
            if (!points_add(ret, rho, 0, plane_at(rim, x + p->x, y + p->y) - (double)m->um[k]))
                return false;
        }
    return true;
}

double core_depth(const points *p, const plane *rim, double core_mm) {
    double n = 0, u1 = 0, u2 = 0, z0 = 0, z1 = 0;
    for (int k = 0; k < p->count; k++) {
        const double u = p->x[k] * p->x[k], z = p->z[k] - rim->at;
        if (u > core_mm * core_mm) continue;
        n += 1;
        u1 += u;
        u2 += u * u;
        z0 += z;
        z1 += z * u;
    }
    const double det = n * u2 - u1 * u1;
    if (n < 3) return (double)NAN;
    return n < 6 || !(det > 1e-9 * n * u2) ? z0 / n : (u2 * z0 - u1 * z1) / det;
}

/* Mean depth by distance, made to fall (pool adjacent violators): blocks with their weight, mean and mean distance. */
typedef struct profile {
    int count;
    double *weight, *depth, *rho;
} profile;

static bool profile_new(int bins, profile *ret) {
    ret->count = 0;
    ret->weight = calloc((size_t)3 * bins, sizeof *ret->weight);
    if (ret->weight == NULL) return false;
    ret->depth = ret->weight + bins;
    ret->rho = ret->depth + bins;
    return true;
}

static void profile_make(const points *p, double bin_mm, int bins, profile *ret) {
    memset(ret->weight, 0, (size_t)3 * bins * sizeof *ret->weight);
    for (int k = 0; k < p->count; k++) {
        const int b = (int)(p->x[k] / bin_mm);
        if (b >= bins) continue;
        ret->weight[b] += 1;
        ret->depth[b] += p->z[k];
        ret->rho[b] += p->x[k];
    }
    int count = 0;
    for (int b = 0; b < bins; b++) {
        if (ret->weight[b] == 0) continue;
        const double w = ret->weight[b];
        ret->depth[count] = ret->depth[b] / w;
        ret->rho[count] = ret->rho[b] / w;
        ret->weight[count++] = w;
        while (count > 1 && ret->depth[count - 1] > ret->depth[count - 2]) {
            const double a = ret->weight[count - 2], c = ret->weight[count - 1];
            ret->depth[count - 2] =
                (a * ret->depth[count - 2] + c * ret->depth[count - 1]) / (a + c);
            ret->rho[count - 2] = (a * ret->rho[count - 2] + c * ret->rho[count - 1]) / (a + c);
            ret->weight[count - 2] = a + c;
            count--;
        }
    }
    ret->count = count;
}

/* Where it falls to this depth. */
static double profile_at(const profile *p, double depth) {
    int k = 0;
    while (k < p->count && p->depth[k] >= depth) k++;
    if (k == 0) return p->count > 0 ? 0.5 * p->rho[0] : 0;
    if (k == p->count) return p->rho[k - 1];
    const double share = (p->depth[k - 1] - depth) / (p->depth[k - 1] - p->depth[k]);
    return p->rho[k - 1] + share * (p->rho[k] - p->rho[k - 1]);
}

static bool part_size(const scar_map *m, part *p, const points *own) {
    const double bin = fmax(fmin(m->dx, m->dy), 0.01);
    const int bins = (int)(profile_mm / bin) + 1;
    const plane none = {0};
    profile mean;
    if (!profile_new(bins, &mean)) return false;
    profile_make(own, bin, bins, &mean);
    for (int round = 0; round < DEPTH_ROUNDS; round++) {
        const double depth =
            core_depth(own, &none, fmax(CORE_SHARE * p->half, 1.5 * fmax(m->dx, m->dy)));
        if (!(depth > 0)) break;
        p->depth = depth;
        p->half = profile_at(&mean, 0.5 * depth);
    }
    p->r75 = profile_at(&mean, 0.75 * p->depth);
    p->r25 = profile_at(&mean, 0.25 * p->depth);
    p->r10 = profile_at(&mean, 0.1 * p->depth);
    p->core = profile_at(&mean, p->level * p->depth);
    p->slope = 0.5e-3 * p->depth / fmax(p->r25 - p->r75, 0.25 * bin);
    free(mean.weight);
    return true;
}

/* ---- pieces -------------------------------------------------------------------------------------- */

/* Of each part the labelled sample that is nearest to its middle; n: it has none. */
static void middles_find(const scar_map *m, const sizes *s, const int *label, int parts,
                         size_t *ret, double *far) {
    for (int a = 0; a < parts; a++) {
        ret[a] = m->n;
        far[a] = HUGE_VAL;
    }
    for (int j = 0; j < m->ny; j++)
        for (int i = 0; i < m->nx; i++) {
            const size_t k = (size_t)j * m->nx + i;
            if (label[k] == 0) continue;
            const int a = s->near.label[k] - 1;
            const double x = (i + 0.5) * m->dx - s->part[a].x, y = (j + 0.5) * m->dy - s->part[a].y;
            if (x * x + y * y >= far[a]) continue;
            far[a] = x * x + y * y;
            ret[a] = k;
        }
}

/* Makes the labels of the piece that a sample lies in negative. */
static void piece_flood(const scar_map *m, size_t from, size_t *stack, int *label) {
    const size_t nx = (size_t)m->nx, ny = (size_t)m->ny;
    const int of = label[from];
    size_t count = 0;
    if (of < 0) return;
    stack[count++] = from;
    label[from] = -of;
    while (count > 0) {
        const size_t k = stack[--count], i = k % nx, j = k / nx;
        const size_t beside[4] = {k - 1, k + 1, k - nx, k + nx};
        const bool inside[4] = {i > 0, i + 1 < nx, j > 0, j + 1 < ny};
        for (int b = 0; b < 4; b++) {
            if (!inside[b] || label[beside[b]] != of) continue;
            label[beside[b]] = -of;
            stack[count++] = beside[b];
        }
    }
}

cit_status specks_drop(const scar_map *m, const sizes *s, int parts, bool sound, int *label,
                       cit_errors *errs) {
    size_t *middle_of = malloc(((size_t)parts + 1) * sizeof *middle_of),
           *stack = malloc(m->n * sizeof *stack);
    double *far = malloc(((size_t)parts + 1) * sizeof *far);
    const bool memory = middle_of != NULL && stack != NULL && far != NULL;
    if (memory) {
        middles_find(m, s, label, parts, middle_of, far);
        for (int a = 0; a < parts; a++)
            if (middle_of[a] < m->n && (s->part[a].sound || !sound))
                piece_flood(m, middle_of[a], stack, label);
        for (size_t k = 0; k < m->n; k++) label[k] = label[k] < 0 ? -label[k] : 0;
    }
    free(middle_of);
    free(stack);
    free(far);
    return memory ? CIT_OK : no_memory(errs, "sizes");
}

/* ---- scars --------------------------------------------------------------------------------------- */

static void cores_mark(const scar_map *m, const dips *d, const sizes *s, int *core) {
    for (int j = 0; j < m->ny; j++)
        for (int i = 0; i < m->nx; i++) {
            const size_t k = (size_t)j * m->nx + i;
            const int a = d->label[k] - 1;
            core[k] = 0;
            if (a < 0) continue;
            const plane *rim = &s->scar[s->part[a].scar].rim;
            const dip *of = &d->dip[a];
            const bool wide = of->wide > 0;
            const double depth = (double)(wide ? m->wide[k] : m->fine[k]) +
                                 plane_at(rim, (i + 0.5) * m->dx, (j + 0.5) * m->dy);
            if (depth > s->part[a].level * fmin(wide ? of->wide : of->peak, s->part[a].depth))
                core[k] = a + 1;
        }
}

/* What reaches a part's middle through no healthy skin stays: a dip of the relief on a far rim is no piece of a scar. */
static cit_status cores_find(const scar_map *m, const dips *d, sizes *s, int *core,
                             cit_errors *errs) {
    cit_status st = CIT_OK;
    bool dropped = false;
    int *label = malloc(m->n * sizeof *label);
    if (label == NULL) return no_memory(errs, "sizes");
    cores_mark(m, d, s, core);
    nearest_clear(&s->near);
    CIT_TRY(nearest_find(m, core, &s->near, errs));
    for (size_t k = 0; k < m->n; k++) {
        const int a = s->near.label[k] - 1;
        const bool in = a >= 0 && (double)s->near.mm[k] <= part_margin(&s->part[a]);
        label[k] = in ? 1 + s->part[a].scar : 0;
    }
    CIT_TRY(specks_drop(m, s, d->count, false, label, errs));
    for (size_t k = 0; k < m->n; k++) {
        const bool speck = core[k] != 0 && label[k] == 0;
        if (speck) core[k] = 0;
        dropped = dropped || speck;
    }
    if (dropped) {
        nearest_clear(&s->near);
        CIT_TRY(nearest_find(m, core, &s->near, errs));
    }
done:
    free(label);
    return st;
}

/* Boxes of samples: from and to in x, from and to in y. */
static void boxes_find(const scar_map *m, const sizes *s, const int *core, int scars,
                       int (*box)[4]) {
    for (int k = 0; k < scars; k++) memcpy(box[k], (int[4]){m->nx, 0, m->ny, 0}, sizeof box[k]);
    for (int j = 0; j < m->ny; j++)
        for (int i = 0; i < m->nx; i++) {
            const int a = core[(size_t)j * m->nx + i] - 1;
            if (a < 0) continue;
            int *b = box[s->part[a].scar];
            if (i < b[0]) b[0] = i;
            if (i + 1 > b[1]) b[1] = i + 1;
            if (j < b[2]) b[2] = j;
            if (j + 1 > b[3]) b[3] = j + 1;
        }
}

static void box_widen(const scar_map *m, double mm, int box[4]) {
    const int i = (int)(mm / m->dx) + 1, j = (int)(mm / m->dy) + 1;
    box[0] = box[0] > i ? box[0] - i : 0;
    box[1] = box[1] + i < m->nx ? box[1] + i : m->nx;
    box[2] = box[2] > j ? box[2] - j : 0;
    box[3] = box[3] + j < m->ny ? box[3] + j : m->ny;
}

/* The plane that healthy skin around it is in; that of the form where there is too little. */
static bool rim_fit(const scar_map *m, const sizes *s, int scar, const int box[4], points *ring,
                    plane *ret) {
    const double cx = 0.5 * (box[0] + box[1]) * m->dx, cy = 0.5 * (box[2] + box[3]) * m->dy;
    ring->count = 0;
    for (int j = box[2]; j < box[3]; j++)
        for (int i = box[0]; i < box[1]; i++) {
            const size_t k = (size_t)j * m->nx + i;
            const int a = s->near.label[k] - 1;
            if (a < 0 || s->part[a].scar != scar || isnan(m->um[k]) || !ring_takes(m, i, j))
                continue;
            const double from = part_margin(&s->part[a]) + RING_FROM_MM;
            if ((double)s->near.mm[k] < from || (double)s->near.mm[k] > from + RING_WIDTH_MM)
                continue;
            if (!points_add(ring, (i + 0.5) * m->dx - cx, (j + 0.5) * m->dy - cy, (double)m->um[k]))
                return false;
        }
    plane fit;
    *ret = (plane){0};
    if (plane_fit(ring, &fit)) *ret = (plane){fit.at - fit.x * cx - fit.y * cy, fit.x, fit.y};
    return true;
}

static void scar_volume(const scar_map *m, const sizes *s, int scar, const int box[4],
                        sized_scar *ret) {
    double sum = 0, samples = 0, missing = 0;
    bool cut = false;
    for (int j = box[2]; j < box[3]; j++)
        for (int i = box[0]; i < box[1]; i++) {
            const size_t k = (size_t)j * m->nx + i;
            const int a = s->near.label[k] - 1;
            if (a < 0 || s->part[a].scar != scar ||
                !((double)s->near.mm[k] <= part_margin(&s->part[a])))
                continue;
            const double z = isnan(m->um[k]) ? -(double)m->fine[k] : (double)m->um[k];
            missing += isnan(m->um[k]) != 0;
            if (isnan(z)) continue;
            sum += plane_at(&ret->rim, (i + 0.5) * m->dx, (j + 0.5) * m->dy) - z;
            samples += 1;
            cut = cut || i == 0 || j == 0 || i + 1 == m->nx || j + 1 == m->ny;
        }
    ret->volume = sum * m->dx * m->dy * 1e-3;
    ret->region_mm2 = samples * m->dx * m->dy;
    ret->cut = cut || missing > missing_most * samples;
}

static bool is_sound(const scar_map *m, const part *p) {
    const double wide = m->nx * m->dx - edge_mm, high = m->ny * m->dy - edge_mm;
    return p->depth > LEAST_DEPTH_UM && p->half > least_half_mm && p->x > edge_mm &&
           p->y > edge_mm && p->x < wide && p->y < high;
}

static bool scar_size(const scar_map *m, sizes *s, int scar, int parts, const int core_box[4]) {
    points list = {0};
    int box[4];
    double margin = 0;
    for (int a = 0; a < parts; a++)
        if (s->part[a].scar == scar) margin = fmax(margin, part_margin(&s->part[a]));
    memcpy(box, core_box, sizeof box);
    sized_scar *to = &s->scar[scar];
    to->deepest = -1;
    to->parts = 0;
    if (box[1] <= box[0]) return true; /* nothing is left of it */
    box_widen(m, margin + RING_FROM_MM + RING_WIDTH_MM, box);
    bool fine = rim_fit(m, s, scar, box, &list, &to->rim);
    for (int a = 0; fine && a < parts; a++) {
        part *p = &s->part[a];
        if (p->scar != scar) continue;
        fine = part_collect(m, s, a, &to->rim, box, &list) && part_size(m, p, &list);
        p->sound = list.count > 0 && is_sound(m, p);
        if (!p->sound) continue;
        to->parts++;
        if (to->deepest < 0 || p->depth > s->part[to->deepest].depth) to->deepest = a;
    }
    scar_volume(m, s, scar, box, to);
    points_clear(&list);
    return fine;
}

cit_status sizes_take(const scar_map *m, const dips *d, sizes *ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    sizes s = {.part = calloc((size_t)d->count + 1, sizeof *s.part),
               .scar = calloc((size_t)d->scars + 1, sizeof *s.scar)};
    moments *sum = calloc((size_t)d->count + 1, sizeof *sum);
    int *core = calloc(m->n, sizeof *core);
    int(*box)[4] = calloc((size_t)d->scars + 1, sizeof *box);
    bool memory = s.part != NULL && s.scar != NULL && sum != NULL && core != NULL && box != NULL;
    if (!memory) {
        st = no_memory(errs, "sizes");
        goto done;
    }
    moments_take(m, d, sum);
    for (int a = 0; a < d->count; a++) s.part[a] = part_begin(m, &d->dip[a], &sum[a]);
    for (int round = 0; round < ROUNDS; round++) {
        CIT_TRY(cores_find(m, d, &s, core, errs));
        boxes_find(m, &s, core, d->scars, box);
#pragma omp parallel for schedule(dynamic) num_threads(m->threads)
        for (int k = 0; k < d->scars; k++)
            if (!scar_size(m, &s, k, d->count, box[k])) {
#pragma omp atomic write
                memory = false;
            }
        if (!memory) {
            st = no_memory(errs, "sizes");
            goto done;
        }
    }
    *ret = s;
    s = (sizes){0};
done:
    sizes_clear(&s);
    free(sum);
    free(core);
    free(box);
    return st;
}

void sizes_clear(sizes *s) {
    free(s->part);
    free(s->scar);
    nearest_clear(&s->near);
    *s = (sizes){0};
}
