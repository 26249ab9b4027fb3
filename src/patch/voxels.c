/* Passes over tissue: a stage of a step, and its end. Built for each instruction set with CIT_LANES the doubles of
 * a vector, and for each precision with CIT_REAL its type and CIT_REAL_SIZE its bytes.
 *
 * A stage makes, for the drivers I R G F M, from u (or from u + h k1, the second stage)
 *     k = (diffusion + reactions - 2 k1 of the second stage) / (1 + gamma h loss)
 * which diffusion's own factors then finish. In the place of F stands F + M, cells, from here to the end of the step:
 * where tissue is full that is 1 and nothing flows, while F alone would be smoothed against an M that is not, and
 * overfill its room. Diffusion is taken from differences across faces, so that what is even stays so to the bit. The rows of a task stand in the scratch for three planes, each filled once, with one
 * more before and after them and with a ghost at each end: the neighbour of the outermost voxel is itself
 * (closed), that of the other end (periodic), or twice the edge's value less itself. */
typedef CIT_REAL real;
enum { V = CIT_LANES * 8 / CIT_REAL_SIZE, GHOST = 16 };
typedef real lanes __attribute__((vector_size(8 * CIT_LANES)));
typedef real loose __attribute__((vector_size(8 * CIT_LANES), aligned(CIT_REAL_SIZE)));
#if CIT_REAL_SIZE == 8
typedef long long mask __attribute__((vector_size(8 * CIT_LANES)));
#else
typedef int mask __attribute__((vector_size(8 * CIT_LANES)));
#endif
#define LANES_MAX0(x) ((lanes)((mask)(x) & ((x) > 0)))
#define VOXEL_LANES
#include "patch_impl.h"
#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))

INLINE lanes load(const real *p) { return *(const lanes *)(const void *)p; }
INLINE lanes load_loose(const real *p) { return *(const loose *)(const void *)p; }
INLINE void store(real *p, lanes v) { *(lanes *)(void *)p = v; }
INLINE lanes all(double x) { return (real)x - (lanes){0}; }
INLINE lanes size_of(lanes a) { return (lanes)((mask)a & ~(mask)all(-0.0)); }
/* a < b ? a : b, and with >, which is what the processors' one instruction does, no number included. */
#if defined __x86_64__ && CIT_LANES == 2 && CIT_REAL_SIZE == 8
INLINE lanes smaller(lanes a, lanes b) { return (lanes)_mm_min_pd((__m128d)a, (__m128d)b); }
INLINE lanes larger(lanes a, lanes b) { return (lanes)_mm_max_pd((__m128d)a, (__m128d)b); }
#elif defined __AVX2__ && CIT_LANES == 4 && CIT_REAL_SIZE == 8
INLINE lanes smaller(lanes a, lanes b) { return (lanes)_mm256_min_pd((__m256d)a, (__m256d)b); }
INLINE lanes larger(lanes a, lanes b) { return (lanes)_mm256_max_pd((__m256d)a, (__m256d)b); }
#elif defined __AVX2__ && CIT_LANES == 4
INLINE lanes smaller(lanes a, lanes b) { return (lanes)_mm256_min_ps((__m256)a, (__m256)b); }
INLINE lanes larger(lanes a, lanes b) { return (lanes)_mm256_max_ps((__m256)a, (__m256)b); }
#else
INLINE lanes either(mask m, lanes a, lanes b) { return (lanes)((m & (mask)a) | (~m & (mask)b)); }
INLINE lanes smaller(lanes a, lanes b) { return either(a < b, a, b); }
INLINE lanes larger(lanes a, lanes b) { return either(a > b, a, b); }
#endif
INLINE const real *reals(const void *p) { return p; }

/* ---- rows with ghosts --------------------------------------------------------------------------- */

/* What is looked at from beside: the drivers, and the viable share. */
enum { SEEN = DRIVERS + 1, SEEN_V = DRIVERS };
enum { HERE, BEFORE, AFTER, ABOVE, BELOW, ROWS };
/* Kept of three planes: the rows of a task, and one more on both sides. */
enum { PLANES = 3, BLOCK = V > 4 ? 2 * V : 8, KEPT = BLOCK + 2 };
/* What comes from beside: of each field that diffuses, and of M as if it spread as F does. */
enum { FLOW_M = DIFFUSING, FLOWS };

static size_t padded(const cit_grid *g) { return g->row + (size_t)(2 * GHOST); }

static size_t kept_numbers(const cit_grid *g) {
    return (size_t)(PLANES * KEPT * SEEN + FLOWS) * padded(g);
}

static size_t scratch_bytes(const cit_grid *g) {
    return kept_numbers(g) * sizeof(real) + PLANES * sizeof(bool[KEPT]);
}

typedef struct kept {
    real *rows, *flows; /* flows: of the row at work */
    size_t wide;
    bool (*whole)[KEPT]; /* of a plane's rows: v is 1 all along */
} kept;

/* Row j0 + j - 1 of a plane. */
INLINE real *kept_row(const kept *w, int k, int j, int seen) {
    return w->rows + (size_t)(((k % PLANES) * KEPT + j) * SEEN + seen) * w->wide + GHOST;
}

/* A row and those around it, field by field. */
typedef struct ring {
    const real *row[ROWS][SEEN];
} ring;

INLINE double edge_value(int driver) { return driver == DRIVER_F ? 1 : 0; }

INLINE void set_ghosts(const patch_pass *p, int seen, real *row) {
    const int n = p->grid->nx;
    row[-1] = p->edge_x == CIT_EDGE_PERIODIC ? row[n - 1] : row[0];
    row[n] = p->edge_x == CIT_EDGE_PERIODIC ? row[0] : row[n - 1];
    if (p->edge_x != CIT_EDGE_VALUE || seen == SEEN_V) return;
    const real twice = (real)(2 * edge_value(seen));
    row[-1] = twice - row[-1];
    row[n] = twice - row[n];
}

/* Of a stage that is solved; F is what M leaves of the cells. */
INLINE lanes change_at(void *const k[DRIVERS], int driver, size_t at) {
    const lanes x = load(reals(k[driver]) + at);
    return driver == DRIVER_F ? x - load(reals(k[DRIVER_M]) + at) : x;
}

INLINE void fill_field(const patch_pass *p, bool second, int driver, bool mirrored, size_t at,
                       real *to) {
    const real *u = reals(p->u[driver]) + at;
    const lanes h = all(p->h), twice = all(2 * edge_value(driver));
    for (size_t i = 0; i < p->grid->row; i += V) {
        lanes x = load(u + i);
        if (second) x = x + h * change_at(p->k1, driver, at + i);
        if (mirrored) x = twice - x;
        store(to + i, x);
    }
    set_ghosts(p, driver, to);
}

INLINE bool is_whole(const real *v, int n) {
    bool whole = true;
    for (int i = 0; i < n; i++) whole = whole && v[i] == 1;
    return whole;
}

/* Where the row at `place` of a task's rows lies, the first and the last of which may be beyond the plane. */
INLINE size_t row_at(const patch_pass *p, int j0, int place, int k, bool *ret_outside) {
    const cit_grid *g = p->grid;
    const int j = j0 + place - 1, nearest = j < 0 ? 0 : j >= g->ny ? g->ny - 1 : j;
    const bool cyclic = p->edge_y == CIT_EDGE_PERIODIC;
    *ret_outside = j != nearest;
    return (size_t)(cyclic ? (j + g->ny) % g->ny : nearest) * g->row + (size_t)k * g->plane;
}

/* Rows j0 - 1 to j1 of plane k as the stage sees them. */
INLINE void fill(const patch_pass *p, bool second, int j0, int j1, int k, kept *w) {
    const cit_grid *g = p->grid;
    const int places = j1 - j0 + 2;
    bool outside;
    for (int f = 0; f < DRIVERS; f++)
        for (int place = 0; place < places; place++) {
            const size_t at = row_at(p, j0, place, k, &outside);
            fill_field(p, second, f, outside && p->edge_y == CIT_EDGE_VALUE, at,
                       kept_row(w, k, place, f));
        }
    for (int place = 0; place < places && p->viable != NULL; place++) {
        const size_t at = row_at(p, j0, place, k, &outside);
        real *v = kept_row(w, k, place, SEEN_V);
        memcpy(v, reals(p->viable) + at, g->row * sizeof(real));
        set_ghosts(p, SEEN_V, v);
        w->whole[k % PLANES][place] = is_whole(v, g->nx);
    }
}

INLINE ring ring_of(const kept *w, int k, int nz, int j) {
    const int above = k > 0 ? k - 1 : 0, below = k < nz - 1 ? k + 1 : k;
    ring r = {0};
    for (int f = 0; f < SEEN; f++) {
        r.row[HERE][f] = kept_row(w, k, j, f);
        r.row[BEFORE][f] = kept_row(w, k, j - 1, f);
        r.row[AFTER][f] = kept_row(w, k, j + 1, f);
        r.row[ABOVE][f] = kept_row(w, above, j, f);
        r.row[BELOW][f] = kept_row(w, below, j, f);
    }
    return r;
}

/* Whether nothing around the row is open. */
INLINE bool all_whole(const kept *w, int k, int nz, int j) {
    const bool *here = w->whole[k % PLANES];
    const int above = k > 0 ? k - 1 : 0, below = k < nz - 1 ? k + 1 : k;
    return here[j] && here[j - 1] && here[j + 1] && w->whole[above % PLANES][j] &&
           w->whole[below % PLANES][j];
}

/* ---- one vector of voxels ----------------------------------------------------------------------- */

typedef struct faces {
    lanes of[6], inverse_v;
} faces;

/* Of a plane: weights of the six faces where all is viable, D over distance squared but for the field's own D. */
INLINE faces plane_faces(const patch_pass *p, int k) {
    const cit_grid *g = p->grid;
    const lanes x = all(p->across[k] / (g->dx * g->dx)), y = all(p->across[k] / (g->dy * g->dy)),
                above = all(p->up[k] / (g->dz * g->dz)),
                below = all(p->up[k + 1] / (g->dz * g->dz));
    return (faces){{x, x, y, y, above, below}, all(1)};
}

INLINE faces faces_at(const faces *whole, const ring *r, bool all_viable, size_t i) {
    faces f = *whole;
    if (all_viable) return f;
    const lanes v = load(r->row[HERE][SEEN_V] + i);
    f.inverse_v = (lanes)((mask)(1 / v) & (v > 0));
    f.of[0] *= smaller(v, load_loose(r->row[HERE][SEEN_V] + i - 1));
    f.of[1] *= smaller(v, load_loose(r->row[HERE][SEEN_V] + i + 1));
    for (int side = BEFORE; side < ROWS; side++)
        f.of[side + 1] *= smaller(v, load(r->row[side][SEEN_V] + i));
    return f;
}

INLINE void beside(const ring *r, int seen, size_t i, lanes value[6]) {
    value[0] = load_loose(r->row[HERE][seen] + i - 1);
    value[1] = load_loose(r->row[HERE][seen] + i + 1);
    for (int side = BEFORE; side < ROWS; side++) value[side + 1] = load(r->row[side][seen] + i);
}

/* What comes from beside, row by row: one field after another, so that what it needs stays in registers. Nothing
 * comes into padding. */
INLINE void flow(const faces *whole, const ring *r, bool all_viable, double D, int d, int n,
                 real *to) {
    faces spread = *whole;
    for (int s = 0; s < 6; s++) spread.of[s] *= all(D);
    for (int i = 0; i < n; i += V) {
        const faces f = faces_at(&spread, r, all_viable, (size_t)i);
        const lanes here = load(r->row[HERE][d] + i);
        lanes there[6], sum = {0};
        beside(r, d, (size_t)i, there);
        for (int s = 0; s < 6; s++) sum += f.of[s] * (there[s] - here);
        store(to + i, all_viable ? sum : sum * f.inverse_v);
    }
    for (int i = n; i % V != 0; i++) to[i] = 0;
}

/* F moves into room: from j to i goes F_j (1 - M_i) - F_i (1 - M_j), which is what F does for itself and this. */
INLINE lanes room_at(const ring *r, const real *const flows[FLOWS], size_t i) {
    return load(r->row[HERE][DRIVER_F] + i) * load(flows[FLOW_M] + i) -
           load(r->row[HERE][DRIVER_M] + i) * load(flows[DRIVER_F] + i);
}

/* Whether sides are held as healthy tissue. */
INLINE bool is_held(const patch_pass *p) {
    return p->edge_x == CIT_EDGE_VALUE || p->edge_y == CIT_EDGE_VALUE;
}

typedef struct setting {
    voxel_kinetics q;
    double D[DIFFUSING];
    lanes fade, near, gamma_h, h;
    lanes leak; /* of TGF-beta through the bottom, in the deepest layer */
} setting;

INLINE lanes total(lanes sum) {
    lanes x = sum;
    for (int width = V / 2; width >= 1; width /= 2)
        for (int i = 0; i < width; i++) x[i] += x[i + width];
    return x;
}

INLINE void stage_vector(const patch_pass *p, const ring *r, const real *const flows[FLOWS],
                         const setting *s, patch_stage stage, bool all_viable, size_t row, size_t i,
                         lanes made_sums[DRIVERS]) {
    lanes y[VOXEL_FIELDS] = {0}, rate[DRIVERS], loss[DRIVERS], sum[DIFFUSING];
    const size_t at = row + i;
    y[VOXEL_D] = s->fade * load(reals(p->debris) + at);
    for (int f = 0; f < DRIVERS; f++) y[DRIVER_0 + f] = load(r->row[HERE][f] + i);
    const lanes v = all_viable ? all(1) : load(r->row[HERE][SEEN_V] + i);
    const voxel_place place = {.priming = load(reals(p->priming) + at),
                               .near_D = p->at_points ? y[VOXEL_D] : s->near,
                               .viable = v};
    voxel_drive(&s->q, &place, y, rate, loss);
    for (int d = 0; d < DIFFUSING; d++) sum[d] = load(flows[d] + i);
    const lanes room = room_at(r, flows, i);
    sum[DRIVER_F] += room;
    sum[DRIVER_G] -= s->leak * y[VOXEL_G];
    lanes out[DRIVERS], made[DRIVERS];
    if (stage == STAGE_EULER) {
        for (int f = 0; f < DRIVERS; f++) {
            const lanes u = y[DRIVER_0 + f];
            out[f] = (u + s->h * (rate[f] + loss[f] * u)) / (1 + s->h * loss[f]);
        }
        /* M gains what F has lost, and no more: then both keep to their room. */
        lanes less[VOXEL_FIELDS], again[DRIVERS], unused[DRIVERS];
        for (int f = 0; f < VOXEL_FIELDS; f++) less[f] = y[f];
        less[VOXEL_F] = out[DRIVER_F];
        voxel_drive(&s->q, &place, less, again, unused);
        out[DRIVER_M] = (y[VOXEL_M] + s->h * (again[DRIVER_M] + loss[DRIVER_M] * y[VOXEL_M])) /
                        (1 + s->h * loss[DRIVER_M]);
        rate[DRIVER_M] = again[DRIVER_M];
        for (int f = 0; f < DRIVERS; f++) made[f] = rate[f] - loss[f] * (out[f] - y[DRIVER_0 + f]);
        out[DRIVER_F] += s->h * (room - load(flows[FLOW_M] + i));
        if (is_held(p)) out[DRIVER_F] -= 1;
    } else {
        for (int f = 0; f < DRIVERS; f++) {
            lanes x = rate[f];
            if (f < DIFFUSING) x += sum[f];
            if (stage == STAGE_SECOND) x -= 2 * change_at(p->k1, f, at);
            out[f] = x * (1 / (1 + s->gamma_h * loss[f])); /* most losses are the same everywhere */
            made[f] = rate[f] - s->gamma_h * loss[f] * out[f];
        }
    }
    out[DRIVER_F] += out[DRIVER_M];
    for (int f = 0; f < DRIVERS; f++) {
        real *to = stage == STAGE_SECOND ? p->k2[f] : p->k1[f];
        store(to + at, out[f]);
        made_sums[f] += v * made[f];
    }
}

/* What comes to a row's living tissue from beside, but for what a solve brings: all of it where sides are held; where
 * none is, what voxels give each other is nothing in sum, and only the leak below is left. Euler leaves all but room
 * to its solve. */
INLINE void sum_moved(const patch_pass *p, const ring *r, const real *const flows[FLOWS],
                      const setting *s, patch_stage stage, bool all_viable,
                      double moved[DIFFUSING]) {
    const bool held = is_held(p), euler = stage == STAGE_EULER;
    lanes sums[DIFFUSING] = {0};
    for (size_t i = 0; i < (size_t)p->grid->nx; i += V) {
        const lanes v = all_viable ? all(1) : load(r->row[HERE][SEEN_V] + i);
        for (int d = 0; d < DIFFUSING && held && !euler; d++) sums[d] += v * load(flows[d] + i);
        if (held) sums[DRIVER_F] += v * room_at(r, flows, i);
        if (held && euler) sums[DRIVER_F] -= v * load(flows[FLOW_M] + i);
        if (!euler) sums[DRIVER_G] -= v * (s->leak * load(r->row[HERE][DRIVER_G] + i));
    }
    for (int d = 0; d < DIFFUSING; d++) moved[d] = (double)total(sums[d])[0];
}

/* ---- a stage ------------------------------------------------------------------------------------ */

INLINE setting setting_of(const patch_pass *p, bool then) {
    setting s = {.fade = all(then ? p->fade_then : p->fade),
                 .gamma_h = all(ROS2_GAMMA * p->h),
                 .h = all(p->h)};
    const cit_kinetics *kinetics = p->kinetics;
    const double D[] = {kinetics->D_I, kinetics->D_R, kinetics->D_G, kinetics->D_F};
    voxel_kinetics_make(kinetics, &s.q);
    for (int d = 0; d < DIFFUSING; d++) s.D[d] = D[d];
    return s;
}

/* Row j0 + j - 1 of a plane; its sums to `out`. */
INLINE void stage_row(const patch_pass *p, const kept *w, const setting *s, const faces *whole,
                      patch_stage stage, bool all_viable, int k, int j, size_t row, double *out) {
    const ring r = ring_of(w, k, p->grid->nz, j);
    const int n = p->grid->nx;
    lanes made[DRIVERS] = {0};
    const real *flows[FLOWS];
    for (int f = 0; f < FLOWS; f++) {
        real *to = w->flows + (size_t)f * w->wide;
        flow(whole, &r, all_viable, s->D[f < DIFFUSING ? f : DRIVER_F], f, n, to);
        flows[f] = to;
    }
    /* Ghosts have been seen; from here on padding is nothing. */
    for (int f = 0; f < DRIVERS; f++)
        for (int i = n; i % V != 0; i++) kept_row(w, k, j, f)[i] = 0;
    for (int i = 0; i < n; i += V)
        stage_vector(p, &r, flows, s, stage, all_viable, row, (size_t)i, made);
    memset(out, 0, ROW_SUMS * sizeof *out);
    for (int f = 0; f < DRIVERS; f++) out[f] = (double)total(made[f])[0];
    if (is_held(p) || k == p->grid->nz - 1)
        sum_moved(p, &r, flows, s, stage, all_viable, out + DRIVERS);
}

/* Planes come in order, so that each row is made ready once. */
INLINE void stage_rows(const patch_pass *p, int j0, int j1, int k, patch_stage stage,
                       real *scratch) {
    const cit_grid *g = p->grid;
    const bool second = stage == STAGE_SECOND;
    setting s = setting_of(p, second);
    kept w = {.rows = scratch,
              .wide = padded(g),
              .flows = scratch + PLANES * KEPT * SEEN * padded(g),
              .whole = (void *)(scratch + kept_numbers(g))};
    if (k == 0) fill(p, second, j0, j1, 0, &w);
    if (k < g->nz - 1) fill(p, second, j0, j1, k + 1, &w);
    const faces whole = plane_faces(p, k);
    s.near = all(p->near[k] * (second ? p->fade_then : p->fade));
    s.leak = all(k == g->nz - 1 ? p->loss_G : 0);
    for (int j = j0; j < j1; j++) {
        const size_t row = (size_t)j * g->row + (size_t)k * g->plane;
        double *out = p->row_sums + ((size_t)k * (size_t)g->ny + (size_t)j) * ROW_SUMS;
        const int place = j - j0 + 1;
        if (p->viable == NULL || all_whole(&w, k, g->nz, place))
            stage_row(p, &w, &s, &whole, stage, true, k, place, row, out);
        else
            stage_row(p, &w, &s, &whole, stage, false, k, place, row, out);
    }
}

static void stage(const patch_pass *p, int j0, int j1, int k, void *scratch) {
    if (p->stage == STAGE_FIRST) stage_rows(p, j0, j1, k, STAGE_FIRST, scratch);
    if (p->stage == STAGE_SECOND) stage_rows(p, j0, j1, k, STAGE_SECOND, scratch);
    if (p->stage == STAGE_EULER) stage_rows(p, j0, j1, k, STAGE_EULER, scratch);
}

/* ---- the end of a step -------------------------------------------------------------------------- */

typedef struct seen_extremes {
    lanes change[DRIVERS], largest[MOVING], least[MOVING], cells, collagen, most, sum;
} seen_extremes;

INLINE void see(seen_extremes *e, int moving, lanes x) {
    e->largest[moving] = larger(x, e->largest[moving]);
    e->least[moving] = smaller(x, e->least[moving]);
    e->sum += x;
}

/* New values of the drivers go where k1 was, those of the followers where the first of k2 were. */
INLINE void finish_vector(const patch_pass *p, const setting *s, bool euler, bool all_viable,
                          size_t at, seen_extremes *e) {
    lanes y[VOXEL_FIELDS] = {0}, then[VOXEL_FIELDS] = {0}, change[FOLLOWERS], most[FOLLOWERS];
    const bool held = is_held(p);
    for (int f = 0; f < DRIVERS; f++) {
        const lanes u = load(reals(p->u[f]) + at), k1 = change_at(p->k1, f, at);
        lanes x = k1;
        if (euler && f == DRIVER_F && held) x += 1;
        if (!euler) {
            const lanes k2 = change_at(p->k2, f, at), half = (real)0.5 * s->h;
            const lanes off = half * (k1 + k2);
            x = u + (s->h * k1 + off);
            e->change[f] = larger(size_of(off), e->change[f]);
        }
        y[DRIVER_0 + f] = u;
        then[DRIVER_0 + f] = x;
        see(e, f, x);
        store((real *)p->k1[f] + at, x);
    }
    for (int f = 0; f < FOLLOWERS; f++) y[FOLLOWER_0 + f] = load(reals(p->followers[f]) + at);
    const voxel_place place = {.viable = all_viable ? all(1) : load(reals(p->viable) + at)};
    voxel_follow(&s->q, &place, y, then, 2 / s->h, change, most);
    for (int f = 0; f < FOLLOWERS; f++) {
        const lanes x = y[FOLLOWER_0 + f] + change[f];
        see(e, DRIVERS + f, x);
        e->most = larger(most[f], e->most);
        then[FOLLOWER_0 + f] = x;
        store((real *)p->k2[f] + at, x);
    }
    e->cells = larger(then[VOXEL_F] + then[VOXEL_M], e->cells);
    e->collagen = larger(then[VOXEL_N] + then[VOXEL_C], e->collagen);
}

INLINE double highest(lanes x) {
    double most = (double)x[0];
    for (int i = 1; i < V; i++) most = (double)x[i] > most ? (double)x[i] : most;
    return most;
}

static void give(const seen_extremes *e, patch_extremes *ret) {
    for (int f = 0; f < DRIVERS; f++) ret->change[f] = highest(e->change[f]);
    for (int f = 0; f < MOVING; f++) {
        ret->largest[f] = highest(e->largest[f]);
        ret->least[f] = -highest(-e->least[f]);
    }
    ret->cells = highest(e->cells);
    ret->collagen = highest(e->collagen);
    ret->most = highest(e->most);
    ret->sum = (double)total(e->sum)[0];
}

INLINE void finish_plane(const patch_pass *p, int k, bool euler, bool all_viable,
                         patch_extremes *ret) {
    const cit_grid *g = p->grid;
    const setting s = setting_of(p, false);
    seen_extremes e = {.cells = all(-1e30), .collagen = all(-1e30)};
    for (int f = 0; f < MOVING; f++) {
        e.largest[f] = all(-1e30);
        e.least[f] = all(1e30);
    }
    for (int j = 0; j < g->ny; j++) {
        const size_t row = (size_t)j * g->row + (size_t)k * g->plane;
        for (int i = 0; i < g->nx; i += V)
            finish_vector(p, &s, euler, all_viable, row + (size_t)i, &e);
    }
    give(&e, ret);
}

static void finish(const patch_pass *p, int k, patch_extremes *ret) {
    const bool euler = p->stage == STAGE_EULER, viable = p->viable == NULL;
    if (euler && viable) finish_plane(p, k, true, true, ret);
    if (euler && !viable) finish_plane(p, k, true, false, ret);
    if (!euler && viable) finish_plane(p, k, false, true, ret);
    if (!euler && !viable) finish_plane(p, k, false, false, ret);
}

#define NAMED_(real, name) patch_kernel_##real##_##name
#define NAMED(real, name)  NAMED_(real, name)
const patch_kernel NAMED(CIT_REAL, CIT_LANES_NAME) = {sizeof(real), BLOCK, stage, finish,
                                                      scratch_bytes};
