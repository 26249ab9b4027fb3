/* From depth over noise to dips: a watershed by falling depth with union-find, once on depth, which parts dips at
 * saddles, and once on the distance to the edge of what is half as deep, which parts flat floors at necks. */
#include "measure_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BAND = 128,  /* columns whose rows are scanned together */
    BASINS = 256 /* that there is room for at first */
};

/* All chosen on seeds set apart (docs/models/measure.md). A sample with this score belongs to a dip. */
static const double mask_score = 4.5;
/* Two basins are one where the shallower stands out by less than this share of itself, or times the noise. */
static const double merge_share = 0.3, merge_sd = 6;
/* Two dips touch from this saddle over the shallower peak. */
static const double touch_share = 0.15;
/* Two sides of a neck are parts where it is below this share of the narrower, and that by so much. */
static const double neck_share = 0.86, neck_least_mm = 0.08;
/* Necks are looked for at these shares of the peak; those and the peak over noise, or the edge is ragged. */
static const double neck_levels[] = {0.5, 0.35, 0.25, 0.17, 0.12}, neck_signal = 6, neck_peak = 22;
/* Peak over noise below which a core is taken from the wider filter. */
static const double core_signal = 8;

/* ---- nearest label ------------------------------------------------------------------------------- */

/* Distance in y to the nearest label of its column, and that row (-1: none), for columns of a band, downwards and then
 * upwards; a row of the band at a time. */
static void band_scan(const scar_map *m, const int *labels, int from, int to, float *far,
                      int *row) {
    const size_t nx = (size_t)m->nx;
    for (int j = 0; j < m->ny; j++)
        for (int i = from; i < to; i++) {
            const size_t k = (size_t)j * nx + (size_t)i;
            row[k] = labels[k] != 0 ? j : (j > 0 ? row[k - nx] : -1);
        }
    for (int j = m->ny - 1; j >= 0; j--)
        for (int i = from; i < to; i++) {
            const size_t k = (size_t)j * nx + (size_t)i;
            const int above = row[k], below = j + 1 < m->ny ? row[k + nx] : -1;
            if (below > j && (above < 0 || below - j < j - above)) row[k] = below;
            far[k] = row[k] < 0 ? HUGE_VALF : (float)(abs(row[k] - j) * m->dy);
        }
}

typedef struct envelope {
    int *from;     /* column of a parabola */
    double *start; /* where it becomes the lowest */
} envelope;

/* The lower envelope of the parabolas far^2 + (x - x_i)^2 along a row. */
static void row_scan(const scar_map *m, const int *labels, int j, const float *far, const int *row,
                     const envelope *e, nearest *ret) {
    const int nx = m->nx;
    const float *f = far + (size_t)j * nx;
    int count = 0;
    for (int i = 0; i < nx; i++) {
        if (f[i] == HUGE_VALF) continue;
        const double x = i * m->dx, height = (double)f[i] * (double)f[i] + x * x;
        double start = -HUGE_VAL;
        while (count > 0) {
            const double x0 = e->from[count - 1] * m->dx, f0 = (double)f[e->from[count - 1]];
            start = (height - f0 * f0 - x0 * x0) / (2 * (x - x0));
            if (start > e->start[count - 1]) break;
            count--;
            start = -HUGE_VAL;
        }
        e->from[count] = i;
        e->start[count++] = start;
    }
    for (int i = 0, k = 0; i < nx; i++) {
        const size_t at = (size_t)j * nx + i;
        ret->label[at] = 0;
        ret->mm[at] = HUGE_VALF;
        if (count == 0) continue;
        while (k + 1 < count && e->start[k + 1] <= i * m->dx) k++;
        const int from = e->from[k];
        ret->label[at] = labels[(size_t)row[(size_t)j * nx + from] * nx + from];
        const double across = (i - from) * m->dx, down = (double)f[from];
        ret->mm[at] = (float)sqrt(across * across + down * down);
    }
}

cit_status nearest_find(const scar_map *m, const int *labels, nearest *ret, cit_errors *errs) {
    float *far = malloc(m->n * sizeof *far);
    int *row = calloc(m->n, sizeof *row);
    nearest made = {malloc(m->n * sizeof *made.label), malloc(m->n * sizeof *made.mm)};
    bool memory = far != NULL && row != NULL && made.label != NULL && made.mm != NULL;
    if (memory) {
#pragma omp parallel num_threads(m->threads)
        {
            const envelope e = {malloc((size_t)m->nx * sizeof *e.from),
                                malloc((size_t)m->nx * sizeof *e.start)};
            const bool here = e.from != NULL && e.start != NULL;
            if (!here) {
#pragma omp atomic write
                memory = false;
            }
#pragma omp for schedule(static)
            for (int i = 0; i < m->nx; i += BAND)
                band_scan(m, labels, i, i + BAND < m->nx ? i + BAND : m->nx, far, row);
#pragma omp for schedule(static)
            for (int j = 0; j < m->ny; j++)
                if (here) row_scan(m, labels, j, far, row, &e, &made);
            free(e.from);
            free(e.start);
        }
    }
    free(far);
    free(row);
    if (!memory) {
        nearest_clear(&made);
        return no_memory(errs, "distances");
    }
    *ret = made;
    return CIT_OK;
}

void nearest_clear(nearest *near) {
    free(near->label);
    free(near->mm);
    *near = (nearest){0};
}

/* ---- watershed ----------------------------------------------------------------------------------- */

/* Two basins that met, and how deep. */
typedef struct saddle {
    int a, b;
    double depth;
} saddle;
typedef struct basin {
    int parent;
    double peak;
    size_t at;
} basin;
typedef struct watershed {
    const float *depth;
    double merge_share, merge_least;
    int *label; /* 1 + the basin of a sample */
    basin *basin;
    saddle *saddle;
    int count, saddles, room, saddle_room;
    bool memory;
} watershed;

static void watershed_clear(watershed *w) {
    free(w->label);
    free(w->basin);
    free(w->saddle);
    *w = (watershed){0};
}

static int root(watershed *w, int a) {
    while (w->basin[a].parent != a) {
        w->basin[a].parent = w->basin[w->basin[a].parent].parent;
        a = w->basin[a].parent;
    }
    return a;
}

static void *grown(void *array, int count, int *room, size_t size, bool *memory) {
    if (count < *room) return array;
    const int more = *room < 64 ? 64 : *room * 2;
    void *wider = realloc(array, (size_t)more * size);
    if (wider == NULL) {
        *memory = false;
        return array;
    }
    *room = more;
    return wider;
}

static int basin_new(watershed *w, size_t at) {
    w->basin = grown(w->basin, w->count, &w->room, sizeof *w->basin, &w->memory);
    if (!w->memory) return -1;
    w->basin[w->count] = (basin){w->count, (double)w->depth[at], at};
    return w->count++;
}

static void saddle_add(watershed *w, int a, int b, double depth) {
    w->saddle = grown(w->saddle, w->saddles, &w->saddle_room, sizeof *w->saddle, &w->memory);
    if (w->memory) w->saddle[w->saddles++] = (saddle){a, b, depth};
}

/* The sample joins the deepest basin beside it; shallower ones that do not stand out from here become part of it. */
static void sample_join(watershed *w, size_t at, const int *beside, int count) {
    int deepest = beside[0];
    for (int k = 1; k < count; k++)
        if (w->basin[beside[k]].peak > w->basin[deepest].peak) deepest = beside[k];
    w->label[at] = deepest + 1;
    const double here = (double)w->depth[at];
    for (int k = 0; k < count; k++) {
        const int other = root(w, beside[k]);
        if (other == root(w, deepest)) continue;
        const double peak = w->basin[other].peak;
        if (peak - here < fmax(w->merge_share * peak, w->merge_least))
            w->basin[other].parent = root(w, deepest);
        else
            saddle_add(w, other, deepest, here);
    }
}

static int basins_beside(watershed *w, int nx, int ny, size_t at, int beside[4]) {
    const int i = (int)(at % (size_t)nx), j = (int)(at / (size_t)nx);
    const size_t places[4] = {at - 1, at + 1, at - (size_t)nx, at + (size_t)nx};
    const bool inside[4] = {i > 0, i + 1 < nx, j > 0, j + 1 < ny};
    int count = 0;
    for (int k = 0; k < 4; k++)
        if (inside[k] && w->label[places[k]] != 0) {
            const int a = root(w, w->label[places[k]] - 1);
            bool known = false;
            for (int l = 0; l < count; l++) known = known || beside[l] == a;
            if (!known) beside[count++] = a;
        }
    return count;
}

/* Indices of samples with mask by falling depth in 2^16 levels, by place where they are alike. */
static size_t *by_depth(const float *depth, const uint8_t *mask, size_t n, size_t *ret_count) {
    enum { LEVELS = 1 << 16 };
    double low = HUGE_VAL, high = -HUGE_VAL;
    size_t count = 0, *start = calloc(LEVELS + 1, sizeof *start);
    for (size_t k = 0; k < n; k++)
        if (mask[k]) {
            low = fmin(low, (double)depth[k]);
            high = fmax(high, (double)depth[k]);
            count++;
        }
    size_t *order = malloc((count + 1) * sizeof *order);
    *ret_count = count;
    if (start == NULL || order == NULL) {
        free(start);
        free(order);
        return NULL;
    }
    const double scale = high > low ? (LEVELS - 1) / (high - low) : 0;
#define LEVEL(k) ((size_t)((high - (double)depth[k]) * scale))
    for (size_t k = 0; k < n; k++)
        if (mask[k]) start[LEVEL(k) + 1]++;
    for (int k = 0; k < LEVELS; k++) start[k + 1] += start[k];
    for (size_t k = 0; k < n; k++)
        if (mask[k]) order[start[LEVEL(k)]++] = k;
#undef LEVEL
    free(start);
    return order;
}

static cit_status watershed_run(const scar_map *m, const float *depth, const uint8_t *mask,
                                double share, double least, watershed *ret, cit_errors *errs) {
    size_t count = 0, *order = by_depth(depth, mask, m->n, &count);
    watershed w = {.depth = depth,
                   .merge_share = share,
                   .merge_least = least,
                   .label = calloc(m->n, sizeof *w.label),
                   .basin = calloc(BASINS, sizeof *w.basin),
                   .room = BASINS};
    w.memory = order != NULL && w.label != NULL && w.basin != NULL;
    for (size_t k = 0; w.memory && k < count; k++) {
        int beside[4];
        const int basins = basins_beside(&w, m->nx, m->ny, order[k], beside);
        if (basins > 0)
            sample_join(&w, order[k], beside, basins);
        else
            w.label[order[k]] = basin_new(&w, order[k]) + 1;
    }
    free(order);
    if (!w.memory) {
        watershed_clear(&w);
        return no_memory(errs, "a watershed");
    }
    for (size_t k = 0; k < m->n; k++)
        if (w.label[k] != 0) w.label[k] = root(&w, w.label[k] - 1) + 1;
    *ret = w;
    return CIT_OK;
}

/* ---- necks --------------------------------------------------------------------------------------- */

/* Basins that are cut in several at a neck: 1 + the part of a sample, and the basin a part belongs to (-1: none). A level
 * that happens to be a floor's cuts it to pieces, so what counts is how many parts a second level shows. */
typedef struct necks {
    int *label, *host, count;
} necks;

static void necks_clear(necks *n) {
    free(n->label);
    free(n->host);
    *n = (necks){0};
}

/* How far a sample that is deeper than this share of its basin is from one that is not. */
static cit_status width_at(const scar_map *m, const watershed *w, double share, uint8_t *inside,
                           float *width, cit_errors *errs) {
    cit_status st = CIT_OK;
    nearest near = {0};
    int *outside = calloc(m->n, sizeof *outside);
    if (outside == NULL) return no_memory(errs, "necks");
    for (size_t k = 0; k < m->n; k++) {
        const int b = w->label[k] - 1;
        const double level = b >= 0 ? share * w->basin[b].peak : 0;
        inside[k] = b >= 0 && (double)m->fine[k] > level && level > neck_signal * m->fine_sd &&
                    w->basin[b].peak > neck_peak * m->fine_sd;
        outside[k] = !inside[k];
    }
    CIT_TRY(nearest_find(m, outside, &near, errs));
    memcpy(width, near.mm, m->n * sizeof *width);
done:
    nearest_clear(&near);
    free(outside);
    return st;
}

/* The labels of the levels that showed the most parts of each basin, and the next most. */
typedef struct contest {
    int *most, *next;        /* one a basin */
    int *most_label, *label; /* one a sample */
    int *children;
    int parts;
} contest;

static bool contest_new(size_t samples, int basins, contest *ret) {
    *ret = (contest){calloc((size_t)basins + 1, sizeof(int)),
                     calloc((size_t)basins + 1, sizeof(int)),
                     calloc(samples, sizeof(int)),
                     calloc(samples, sizeof(int)),
                     calloc((size_t)basins + 1, sizeof(int)),
                     0};
    return ret->most != NULL && ret->next != NULL && ret->most_label != NULL &&
           ret->label != NULL && ret->children != NULL;
}
static void contest_clear(contest *c) {
    free(c->most);
    free(c->next);
    free(c->most_label);
    free(c->label);
    free(c->children);
}

static void contest_add(const scar_map *m, const watershed *w, const watershed *cut, contest *c) {
    memset(c->children, 0, (size_t)w->count * sizeof *c->children);
    for (int b = 0; b < cut->count; b++)
        if (cut->basin[b].parent == b) c->children[w->label[cut->basin[b].at] - 1]++;
    for (size_t k = 0; k < m->n; k++) {
        const int b = w->label[k] - 1;
        if (b < 0 || c->children[b] <= c->next[b]) continue;
        const int label = cut->label[k] != 0 ? c->parts + cut->label[k] : 0;
        if (c->children[b] > c->most[b]) {
            c->label[k] = c->most_label[k];
            c->most_label[k] = label;
        } else {
            c->label[k] = label;
        }
    }
    for (int b = 0; b < w->count; b++) {
        if (c->children[b] > c->most[b]) {
            c->next[b] = c->most[b];
            c->most[b] = c->children[b];
        } else if (c->children[b] > c->next[b]) {
            c->next[b] = c->children[b];
        }
    }
    c->parts += cut->count;
}

static cit_status necks_take(const scar_map *m, const watershed *w, contest *c, necks *ret,
                             cit_errors *errs) {
    ret->host = malloc(((size_t)c->parts + 1) * sizeof *ret->host);
    if (ret->host == NULL) return no_memory(errs, "necks");
    ret->count = c->parts;
    for (int k = 0; k < c->parts; k++) ret->host[k] = -1;
    for (size_t k = 0; k < m->n; k++) {
        const int b = w->label[k] - 1;
        if (b >= 0 && c->next[b] < 2) c->label[k] = 0;
        if (c->label[k] != 0) ret->host[c->label[k] - 1] = b;
    }
    ret->label = c->label;
    c->label = NULL;
    return CIT_OK;
}

static cit_status necks_find(const scar_map *m, const watershed *w, necks *ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    uint8_t *inside = malloc(m->n);
    float *width = malloc(m->n * sizeof *width);
    contest c = {0};
    watershed cut = {0};
    if (!contest_new(m->n, w->count, &c) || inside == NULL || width == NULL) {
        st = no_memory(errs, "necks");
        goto done;
    }
    for (size_t k = 0; k < sizeof neck_levels / sizeof *neck_levels && !m->first_look; k++) {
        CIT_TRY(width_at(m, w, neck_levels[k], inside, width, errs));
        CIT_TRY(watershed_run(m, width, inside, 1 - neck_share, neck_least_mm, &cut, errs));
        contest_add(m, w, &cut, &c);
        watershed_clear(&cut);
    }
    CIT_TRY(necks_take(m, w, &c, ret, errs));
done:
    watershed_clear(&cut);
    contest_clear(&c);
    free(inside);
    free(width);
    return st;
}

/* ---- dips ---------------------------------------------------------------------------------------- */

/* Of each basin: its samples, the most of score, and the dip it became, 1 + number (0: too faint); the dip of a part. */
typedef struct census {
    size_t *samples;
    float *signal;
    int *dip, *part_dip;
    bool *cut;
} census;

static bool census_new(int basins, int parts, census *ret) {
    *ret = (census){calloc((size_t)basins + 1, sizeof *ret->samples),
                    calloc((size_t)basins + 1, sizeof *ret->signal),
                    calloc((size_t)basins + 1, sizeof *ret->dip),
                    calloc((size_t)parts + 1, sizeof *ret->part_dip),
                    calloc((size_t)basins + 1, sizeof *ret->cut)};
    return ret->samples != NULL && ret->signal != NULL && ret->dip != NULL &&
           ret->part_dip != NULL && ret->cut != NULL;
}
static void census_clear(census *c) {
    free(c->samples);
    free(c->signal);
    free(c->dip);
    free(c->part_dip);
    free(c->cut);
}

static void census_take(const scar_map *m, const watershed *w, census *c) {
    for (size_t k = 0; k < m->n; k++) {
        const int b = w->label[k] - 1;
        if (b < 0) continue;
        c->samples[b]++;
        c->signal[b] = fmaxf(c->signal[b], m->score[k]);
    }
}

/* Basins that are signal become dips; of one with necks the first part keeps the basin's. */
static cit_status dips_name(const scar_map *m, const watershed *w, const necks *n, const census *c,
                            dips *d, cit_errors *errs) {
    d->dip = calloc((size_t)w->count + (size_t)n->count + 1, sizeof *d->dip);
    d->label = calloc(m->n, sizeof *d->label);
    if (d->dip == NULL || d->label == NULL) return no_memory(errs, "dips");
    for (int b = 0; b < w->count; b++) {
        const double mm2 = (double)c->samples[b] * m->dx * m->dy;
        if (!((double)c->signal[b] > DIP_LEAST_SIGNAL && mm2 > DIP_LEAST_MM2)) continue;
        d->dip[d->count].signal = (double)c->signal[b];
        c->dip[b] = ++d->count;
    }
    for (int k = 0; k < n->count; k++) {
        const int host = n->host[k];
        if (host < 0 || c->dip[host] == 0) continue;
        if (!c->cut[host]) {
            c->cut[host] = true;
            c->part_dip[k] = c->dip[host];
            continue;
        }
        d->dip[d->count].signal = (double)c->signal[host];
        c->part_dip[k] = ++d->count;
    }
    return CIT_OK;
}

/* Samples of a basin with necks go to the nearest of its parts. */
static cit_status dips_label(const scar_map *m, const watershed *w, const necks *n, const census *c,
                             dips *d, cit_errors *errs) {
    cit_status st = CIT_OK;
    nearest near = {0};
    for (size_t k = 0; k < m->n; k++)
        d->label[k] = n->label[k] != 0 ? c->part_dip[n->label[k] - 1] : 0;
    CIT_TRY(nearest_find(m, d->label, &near, errs));
    for (size_t k = 0; k < m->n; k++) {
        const int b = w->label[k] - 1;
        if (b < 0 || !c->cut[b])
            d->label[k] = b < 0 ? 0 : c->dip[b];
        else if (d->label[k] == 0)
            d->label[k] = near.label[k];
    }
done:
    nearest_clear(&near);
    return st;
}

static int group_root(const int *group, int a) {
    while (group[a] != a) a = group[a];
    return a;
}

/* Dips that touch become one scar: parts of one basin, and basins whose saddle is deep. */
static cit_status dips_gather(const watershed *w, const necks *n, const census *c, dips *d,
                              cit_errors *errs) {
    int *group = malloc(((size_t)d->count + 1) * sizeof *group);
    if (group == NULL) return no_memory(errs, "dips");
    for (int k = 0; k < d->count; k++) group[k] = k;
    for (int k = 0; k < n->count; k++)
        if (c->part_dip[k] != 0)
            group[group_root(group, c->part_dip[k] - 1)] =
                group_root(group, c->dip[n->host[k]] - 1);
    for (int k = 0; k < w->saddles; k++) {
        const saddle *s = &w->saddle[k];
        int a = s->a, b = s->b;
        while (w->basin[a].parent != a) a = w->basin[a].parent;
        while (w->basin[b].parent != b) b = w->basin[b].parent;
        if (a == b || c->dip[a] == 0 || c->dip[b] == 0) continue;
        if (s->depth < touch_share * fmin(w->basin[a].peak, w->basin[b].peak)) continue;
        group[group_root(group, c->dip[a] - 1)] = group_root(group, c->dip[b] - 1);
    }
    for (int k = 0; k < d->count; k++) d->dip[k].scar = -1;
    for (int k = 0; k < d->count; k++) {
        const int top = group_root(group, k);
        if (d->dip[top].scar < 0) d->dip[top].scar = d->scars++;
        d->dip[k].scar = d->dip[top].scar;
    }
    free(group);
    return CIT_OK;
}

static void dips_peaks(const scar_map *m, dips *d) {
    for (size_t k = 0; k < m->n; k++) {
        if (d->label[k] == 0) continue;
        dip *p = &d->dip[d->label[k] - 1];
        p->peak = fmax(p->peak, (double)m->fine[k]);
        p->wide = fmax(p->wide, (double)m->wide[k]);
    }
    for (int k = 0; k < d->count; k++)
        if (d->dip[k].peak > core_signal * m->fine_sd) d->dip[k].wide = 0;
}

cit_status dips_find(const scar_map *m, dips *ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    watershed w = {0};
    necks n = {0};
    census c = {0};
    dips d = {0};
    uint8_t *mask = malloc(m->n);
    if (mask == NULL) {
        st = no_memory(errs, "dips");
        goto done;
    }
    for (size_t k = 0; k < m->n; k++)
        mask[k] = (double)m->score[k] > mask_score && !isnan(m->fine[k]);
    CIT_TRY(watershed_run(m, m->fine, mask, merge_share, merge_sd * m->fine_sd, &w, errs));
    CIT_TRY(necks_find(m, &w, &n, errs));
    if (!census_new(w.count, n.count, &c)) {
        st = no_memory(errs, "dips");
        goto done;
    }
    census_take(m, &w, &c);
    CIT_TRY(dips_name(m, &w, &n, &c, &d, errs));
    CIT_TRY(dips_label(m, &w, &n, &c, &d, errs));
    CIT_TRY(dips_gather(&w, &n, &c, &d, errs));
    dips_peaks(m, &d);
    *ret = d;
    d = (dips){0};
done:
    dips_clear(&d);
    census_clear(&c);
    watershed_clear(&w);
    necks_clear(&n);
    free(mask);
    return st;
}

void dips_clear(dips *d) {
    free(d->label);
    free(d->dip);
    *d = (dips){0};
}
