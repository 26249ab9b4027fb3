/* Feature parameters of ISO 25178-2: hills and dales by watershed, the small ones given to their neighbours (G. W. Wolf,
 * Geo-Processing 1984), a hill being small where its peak is less than 5 % of Sz above its highest saddle.
 *
 * Samples come in order of height, the highest first: one without a neighbour among those that came begins a hill, one
 * with some joins the highest of theirs, and where two hills meet is the saddle of the lower one. Dales are the hills of the
 * surface upside down. Neighbours are eight. */
#include "relief_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double pruned = 0.05; /* of Sz: ISO 25178-3, default */
enum { BEST = 5, RADIX = 1 << 11, DIGITS = 3 };

typedef struct hill {
    int part_of;           /* itself: not pruned */
    int land;              /* what has run together so far, hills kept apart within it */
    int peak;              /* sample */
    double height, saddle; /* NAN: none */
    bool open;             /* touches the end of the map, or something missing */
    double area, volume;   /* samples; um times samples above the saddle */
} hill;

typedef struct hills {
    const relief_surface *s;
    double sign; /* 1: hills, -1: dales */
    int *of;     /* each sample's hill; -1: missing */
    int *order;  /* samples from the highest */
    size_t count, room;
    hill *all;
} hills;

static void hills_free(hills *h) {
    free(h->of);
    free(h->order);
    free(h->all);
}

static double height(const hills *h, int at) { return h->sign * (double)h->s->heights->um[at]; }

/* Keys that rise as heights fall. */
static uint32_t key(const hills *h, int at) {
    const float um = (float)-h->sign * h->s->heights->um[at];
    uint32_t bits;
    memcpy(&bits, &um, sizeof bits);
    return bits & 0x80000000U ? ~bits : bits | 0x80000000U;
}

/* By three digits of eleven bits, the least first; of equal heights the first sample first. */
static bool sort(hills *h) {
    const size_t n = h->s->m.there;
    int *from = h->order, *to = malloc(n * sizeof *to), at = 0;
    if (to == NULL) return false;
    for (size_t i = 0; i < relief_count(h->s->heights); i++)
        if (h->s->heights->um[i] == h->s->heights->um[i]) from[at++] = (int)i;
    for (int d = 0; d < DIGITS; d++) {
        size_t first[RADIX + 1] = {0};
        for (size_t i = 0; i < n; i++) first[(key(h, from[i]) >> (11 * d)) % RADIX + 1]++;
        for (int k = 0; k < RADIX; k++) first[k + 1] += first[k];
        for (size_t i = 0; i < n; i++) to[first[(key(h, from[i]) >> (11 * d)) % RADIX]++] = from[i];
        int *const was = from;
        from = to;
        to = was;
    }
    h->order = from;
    free(to);
    return true;
}

static int root(hills *h, int i) {
    while (h->all[i].part_of != i) i = h->all[i].part_of = h->all[h->all[i].part_of].part_of;
    return i;
}
static int land_of(hills *h, int i) {
    while (h->all[i].land != i) i = h->all[i].land = h->all[h->all[i].land].land;
    return i;
}

static bool begin(hills *h, int at) {
    if (h->count == h->room) {
        const size_t room = h->room > 0 ? 2 * h->room : 1024;
        hill *const all = realloc(h->all, room * sizeof *all);
        if (all == NULL) return false;
        h->all = all;
        h->room = room;
    }
    h->of[at] = (int)h->count;
    h->all[h->count] = (hill){.part_of = (int)h->count,
                              .land = (int)h->count,
                              .peak = at,
                              .height = height(h, at),
                              .saddle = CIT_UNKNOWN_NUMBER};
    h->count++;
    return true;
}

/* Hills a and b meet at a sample. A land is known by its highest hill; one that is small has no other in its land. */
static void meet(hills *h, int a, int b, int at, double small) {
    int high = land_of(h, a), low = land_of(h, b), next = a;
    if (high == low) return;
    const double lower = h->all[high].height - h->all[low].height;
    if (lower < 0 || (lower == 0 && high > low)) { /* of equal ones the first stays */
        const int was = high;
        high = low;
        low = was;
        next = b;
    }
    const double saddle = height(h, at);
    h->all[low].land = high;
    if (h->all[low].height - saddle < small) {
        h->all[low].part_of = root(h, next);
        return;
    }
    if (!cit_known(h->all[low].saddle)) h->all[low].saddle = saddle;
    if (!cit_known(h->all[high].saddle)) h->all[high].saddle = saddle;
}

/* The eight neighbours of a sample; -1: beyond the end. */
static void neighbours(const cit_heights *m, int at, int ret[8]) {
    const int x = at % m->nx, y = at / m->nx;
    for (int k = 0; k < 8; k++) {
        static const int dx[] = {-1, 0, 1, -1, 1, -1, 0, 1}, dy[] = {-1, -1, -1, 0, 0, 1, 1, 1};
        const bool in = x + dx[k] >= 0 && x + dx[k] < m->nx && y + dy[k] >= 0 && y + dy[k] < m->ny;
        ret[k] = in ? at + dx[k] + dy[k] * m->nx : -1;
    }
}

static bool flood(hills *h, double small) {
    const cit_heights *const m = h->s->heights;
    for (size_t i = 0; i < relief_count(m); i++) h->of[i] = -1;
    for (size_t i = 0; i < h->s->m.there; i++) {
        const int at = h->order[i];
        int near[8], best = -1;
        neighbours(m, at, near);
        for (int k = 0; k < 8; k++)
            if (near[k] >= 0 && h->of[near[k]] >= 0 &&
                (best < 0 || height(h, near[k]) > height(h, best)))
                best = near[k];
        if (best < 0 && !begin(h, at)) return false;
        if (best < 0) continue;
        h->of[at] = root(h, h->of[best]);
        for (int k = 0; k < 8; k++)
            if (near[k] >= 0 && h->of[near[k]] >= 0 && h->of[near[k]] != h->of[at])
                meet(h, h->of[at], root(h, h->of[near[k]]), at, small);
    }
    return true;
}

/* At the end of the map, or next to something missing. */
static bool at_end(const hills *h, int at) {
    const cit_heights *const m = h->s->heights;
    const int x = at % m->nx, y = at / m->nx;
    if (x == 0 || y == 0 || x == m->nx - 1 || y == m->ny - 1) return true;
    if (h->s->m.there == relief_count(m)) return false;
    int near[8];
    neighbours(m, at, near);
    for (int k = 0; k < 8; k++)
        if (h->of[near[k]] < 0) return true;
    return false;
}

static void measure(hills *h) {
    for (size_t i = 0; i < relief_count(h->s->heights); i++) {
        if (h->of[i] < 0) continue;
        hill *const a = &h->all[root(h, h->of[i])];
        const double above = height(h, (int)i) - a->saddle;
        a->area += 1;
        if (above > 0) a->volume += above;
        a->open = a->open || at_end(h, (int)i);
    }
}

static bool hills_make(const relief_surface *s, double sign, hills *h) {
    *h = (hills){.s = s, .sign = sign};
    h->of = malloc(relief_count(s->heights) * sizeof *h->of);
    h->order = malloc(s->m.there * sizeof *h->order);
    if (h->of == NULL || h->order == NULL || !sort(h) ||
        !flood(h, pruned * (s->m.high_um - s->m.low_um)))
        return false;
    measure(h);
    return true;
}

/* ---- what is told of them ------------------------------------------------------------------------ */

static double density(hills *h) {
    const cit_heights *const m = h->s->heights;
    double count = 0;
    for (size_t i = 0; i < h->count; i++) count += h->all[i].part_of == (int)i;
    return count / ((double)h->s->m.there * m->dx_mm * m->dy_mm);
}

/* Mean height of the five highest peaks from the mean, or of as many as there are. */
static double best(const hills *h) {
    double top[BEST], sum = 0;
    int n = 0;
    for (size_t i = 0; i < h->count; i++) {
        if (h->all[i].part_of != (int)i) continue;
        double z = h->all[i].height;
        for (int k = 0; k < n; k++)
            if (z > top[k]) {
                const double was = top[k];
                top[k] = z;
                z = was;
            }
        if (n < BEST) top[n++] = z;
    }
    for (int k = 0; k < n; k++) sum += top[k];
    return sum / n - h->sign * h->s->m.mean_um;
}

/* -(z_xx + z_yy) / 2 by second differences, of peaks with four neighbours, per mm. */
static double curvature(const hills *h) {
    const cit_heights *const m = h->s->heights;
    double sum = 0;
    int count = 0;
    for (size_t i = 0; i < h->count; i++) {
        const int at = h->all[i].peak, x = at % m->nx, y = at / m->nx;
        if (h->all[i].part_of != (int)i || x == 0 || y == 0 || x == m->nx - 1 || y == m->ny - 1)
            continue;
        const double z = 2 * (double)m->um[at];
        const double xx =
            ((double)m->um[at - 1] + (double)m->um[at + 1] - z) / (m->dx_mm * m->dx_mm);
        const double yy =
            ((double)m->um[at - m->nx] + (double)m->um[at + m->nx] - z) / (m->dy_mm * m->dy_mm);
        if (!isfinite(xx + yy)) continue;
        sum -= 1e-3 * 0.5 * (xx + yy);
        count++;
    }
    return count > 0 ? sum / count : CIT_UNKNOWN_NUMBER;
}

static void closed(const hills *h, double *ret_area_mm2, double *ret_volume_mm3) {
    const double sample = h->s->heights->dx_mm * h->s->heights->dy_mm;
    double area = 0, volume = 0;
    int count = 0;
    for (size_t i = 0; i < h->count; i++) {
        const hill *const a = &h->all[i];
        if (a->part_of != (int)i || a->open || !cit_known(a->saddle)) continue;
        area += a->area * sample;
        volume += 1e-3 * a->volume * sample;
        count++;
    }
    if (count == 0) return;
    *ret_area_mm2 = area / count;
    *ret_volume_mm3 = volume / count;
}

cit_status relief_feature(const relief_surface *s, cit_roughness *ret, cit_errors *errs) {
    if (!(s->m.high_um > s->m.low_um)) return CIT_OK; /* flat: NAN */
    hills h[2] = {{0}};
    bool fine[2] = {false};
#pragma omp parallel for schedule(static, 1) num_threads(s->threads)
    for (int k = 0; k < 2; k++) fine[k] = hills_make(s, k == 0 ? 1 : -1, &h[k]);
    if (fine[0] && fine[1]) {
        ret->Spd = density(&h[0]);
        ret->Spc = curvature(&h[0]);
        ret->Svd = density(&h[1]);
        ret->S10z = best(&h[0]) + best(&h[1]);
        closed(&h[1], &ret->Sda, &ret->Sdv);
    }
    hills_free(&h[0]);
    hills_free(&h[1]);
    return fine[0] && fine[1] ? CIT_OK
                              : cit_fail(errs, CIT_NOMEM, "", "no memory for hills and dales");
}
