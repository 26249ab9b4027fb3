/* Passes over tissue: a stage of a step, and its end. Built for each instruction set with CIT_LANES the doubles of
 * a vector, and for each precision with CIT_REAL its type and CIT_REAL_SIZE its bytes.
 *
 * A stage makes, for the drivers I R G F M, from u (or from u + h k1, the second stage)
 *     k = (diffusion + reactions - 2 k1 of the second stage) / (1 + gamma h loss)
 * which diffusion's own factors then finish. Diffusion is taken from differences across faces, so that what
 * is even stays so to the bit. Rows around the one at work stand in a ring of buffers with a ghost at each end:
 * the neighbour of the outermost voxel is itself (closed), that of the other end (periodic), or twice the edge's
 * value less itself. */
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

#define INLINE static inline __attribute__((always_inline))

INLINE lanes load(const real *p) { return *(const lanes *)(const void *)p; }
INLINE lanes load_loose(const real *p) { return *(const loose *)(const void *)p; }
INLINE void store(real *p, lanes v) { *(lanes *)(void *)p = v; }
INLINE lanes all(double x) { return (real)x - (lanes){0}; }
INLINE lanes either(mask m, lanes a, lanes b) { return (lanes)((m & (mask)a) | (~m & (mask)b)); }
INLINE lanes smaller(lanes a, lanes b) { return either(a < b, a, b); }
INLINE lanes larger(lanes a, lanes b) { return either(a > b, a, b); }
INLINE lanes size_of(lanes a) { return either(a < 0, -a, a); }
INLINE const real *reals(const void *p) { return p; }

/* ---- rows with ghosts --------------------------------------------------------------------------- */

/* What is looked at from beside: the drivers, and the viable share. */
enum { SEEN = DRIVERS + 1, SEEN_V = DRIVERS };
enum { HERE, BEFORE, AFTER, ABOVE, BELOW, ROWS };

static size_t padded(const cit_grid *g) { return g->row + (size_t)(2 * GHOST); }

static size_t scratch_bytes(const cit_grid *g) {
    return (SEEN * (ROWS + 1) + 1) * padded(g) * sizeof(real);
}

typedef struct ring {
    real *row[ROWS][SEEN];
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

/* Row j of plane k as the stage sees it. j may be one beyond the plane, k one beyond the box. */
INLINE void fill(const patch_pass *p, bool second, bool all_viable, int j, int k,
                 real *const to[]) {
    const cit_grid *g = p->grid;
    const bool outside = j < 0 || j >= g->ny;
    if (p->edge_y == CIT_EDGE_PERIODIC) j = (j + g->ny) % g->ny;
    j = j < 0 ? 0 : j >= g->ny ? g->ny - 1 : j;
    k = k < 0 ? 0 : k >= g->nz ? g->nz - 1 : k;
    const size_t at = (size_t)j * g->row + (size_t)k * g->plane;
    const lanes h = all(p->h);
    for (int f = 0; f < DRIVERS; f++) {
        const real *u = reals(p->u[f]) + at, *k1 = reals(p->k1[f]) + at;
        const lanes twice = all(2 * edge_value(f));
        const bool mirrored = outside && p->edge_y == CIT_EDGE_VALUE;
        for (size_t i = 0; i < g->row; i += V) {
            lanes x = load(u + i);
            if (second) x = x + h * load(k1 + i);
            if (mirrored) x = twice - x;
            store(to[f] + i, x);
        }
        set_ghosts(p, f, to[f]);
    }
    if (all_viable) return;
    memcpy(to[SEEN_V], reals(p->viable) + at, g->row * sizeof(real));
    set_ghosts(p, SEEN_V, to[SEEN_V]);
}

/* ---- one vector of voxels ----------------------------------------------------------------------- */

typedef struct faces {
    lanes of[6];
    lanes inverse_v, v;
} faces;

/* Weights of the six faces: D over distance squared, but for the field's own D. */
INLINE faces faces_at(const patch_pass *p, const ring *r, bool all_viable, int k, size_t i) {
    const cit_grid *g = p->grid;
    const lanes x = all(p->across[k] / (g->dx * g->dx)), y = all(p->across[k] / (g->dy * g->dy)),
                above = all(p->up[k] / (g->dz * g->dz)),
                below = all(p->up[k + 1] / (g->dz * g->dz));
    faces f = {{x, x, y, y, above, below}, all(1), all(1)};
    if (all_viable) return f;
    f.v = load(r->row[HERE][SEEN_V] + i);
    f.inverse_v = (lanes)((mask)(1 / f.v) & (f.v > 0));
    f.of[0] *= smaller(f.v, load_loose(r->row[HERE][SEEN_V] + i - 1));
    f.of[1] *= smaller(f.v, load_loose(r->row[HERE][SEEN_V] + i + 1));
    for (int side = BEFORE; side < ROWS; side++)
        f.of[side + 1] *= smaller(f.v, load(r->row[side][SEEN_V] + i));
    return f;
}

INLINE void beside(const ring *r, int seen, size_t i, lanes value[6]) {
    value[0] = load_loose(r->row[HERE][seen] + i - 1);
    value[1] = load_loose(r->row[HERE][seen] + i + 1);
    for (int side = BEFORE; side < ROWS; side++) value[side + 1] = load(r->row[side][seen] + i);
}

/* What comes from beside: of each field that diffuses, and of F what M's room changes in it. */
INLINE void flow(const ring *r, const faces *f, size_t i, lanes sum[DIFFUSING], lanes *ret_room) {
    lanes there[6] = {{0}}, M[6], room = {0}; /* of F, at the end */
    for (int d = 0; d < DIFFUSING; d++) {
        const lanes here = load(r->row[HERE][d] + i);
        beside(r, d, i, there);
        sum[d] = (lanes){0};
        for (int s = 0; s < 6; s++) sum[d] += f->of[s] * (there[s] - here);
    }
    const lanes F = load(r->row[HERE][DRIVER_F] + i), own = load(r->row[HERE][DRIVER_M] + i);
    beside(r, DRIVER_M, i, M);
    for (int s = 0; s < 6; s++) room += f->of[s] * (F * M[s] - there[s] * own);
    *ret_room = room;
}

typedef struct setting {
    voxel_kinetics q;
    lanes D[DIFFUSING], fade, near, gamma_h, h;
    mask living; /* of the last vector of a row: voxels, not padding */
    int last;
} setting;

INLINE lanes total(lanes sum) {
    lanes x = sum;
    for (int width = V / 2; width >= 1; width /= 2)
        for (int i = 0; i < width; i++) x[i] += x[i + width];
    return x;
}

INLINE void stage_vector(const patch_pass *p, const ring *r, const setting *s, patch_stage stage,
                         bool all_viable, int k, size_t row, size_t i, lanes sums[ROW_SUMS]) {
    lanes y[VOXEL_FIELDS] = {0}, rate[DRIVERS], loss[DRIVERS], sum[DIFFUSING], room;
    const size_t at = row + i;
    y[VOXEL_D] = s->fade * load(reals(p->debris) + at);
    for (int f = 0; f < DRIVERS; f++) y[DRIVER_0 + f] = load(r->row[HERE][f] + i);
    const faces face = faces_at(p, r, all_viable, k, i);
    const voxel_place place = {.priming = load(reals(p->priming) + at),
                               .near_D = p->at_points ? y[VOXEL_D] : s->near,
                               .viable = face.v};
    voxel_drive(&s->q, &place, y, rate, loss);
    flow(r, &face, i, sum, &room);
    for (int d = 0; d < DIFFUSING; d++) sum[d] *= s->D[d] * face.inverse_v;
    room *= s->D[DRIVER_F] * face.inverse_v;
    if (k == p->grid->nz - 1) sum[DRIVER_G] -= all(p->loss_G) * y[VOXEL_G];
    const mask living = (int)i == s->last ? s->living : (mask)((mask){0} - 1);
    lanes out[DRIVERS], made[DRIVERS], moved[DIFFUSING];
    if (stage == STAGE_EULER) {
        for (int f = 0; f < DRIVERS; f++) {
            const lanes move = f == DRIVER_F ? room : (lanes){0}, u = y[DRIVER_0 + f];
            out[f] = (u + s->h * (rate[f] + loss[f] * u + move)) / (1 + s->h * loss[f]);
        }
        /* M gains what F has lost, and no more: then both keep to their room. */
        lanes less[VOXEL_FIELDS], again[DRIVERS], unused[DRIVERS];
        for (int f = 0; f < VOXEL_FIELDS; f++) less[f] = y[f];
        less[VOXEL_F] = (y[VOXEL_F] + s->h * (rate[DRIVER_F] + loss[DRIVER_F] * y[VOXEL_F])) /
                        (1 + s->h * loss[DRIVER_F]);
        voxel_drive(&s->q, &place, less, again, unused);
        out[DRIVER_M] = (y[VOXEL_M] + s->h * (again[DRIVER_M] + loss[DRIVER_M] * y[VOXEL_M])) /
                        (1 + s->h * loss[DRIVER_M]);
        rate[DRIVER_M] = again[DRIVER_M];
        for (int f = 0; f < DRIVERS; f++) made[f] = rate[f] - loss[f] * (out[f] - y[DRIVER_0 + f]);
        for (int d = 0; d < DIFFUSING; d++) moved[d] = d == DRIVER_F ? room : (lanes){0};
        if (p->edge_x == CIT_EDGE_VALUE || p->edge_y == CIT_EDGE_VALUE) out[DRIVER_F] -= 1;
    } else {
        for (int f = 0; f < DRIVERS; f++) {
            lanes x = rate[f];
            if (f == DRIVER_F) sum[f] += room;
            if (f < DIFFUSING) moved[f] = sum[f];
            if (f < DIFFUSING) x += sum[f];
            if (stage == STAGE_SECOND) x -= 2 * load(reals(p->k1[f]) + at);
            out[f] = x * (1 / (1 + s->gamma_h * loss[f])); /* most losses are the same everywhere */
            made[f] = rate[f] - s->gamma_h * loss[f] * out[f];
        }
    }
    for (int f = 0; f < DRIVERS; f++) {
        real *to = stage == STAGE_SECOND ? p->k2[f] : p->k1[f];
        store(to + at, (lanes)((mask)out[f] & living));
    }
    for (int f = 0; f < DRIVERS; f++) sums[f] += (lanes)((mask)(face.v * made[f]) & living);
    for (int d = 0; d < DIFFUSING; d++)
        sums[DRIVERS + d] += (lanes)((mask)(face.v * moved[d]) & living);
}

/* ---- a stage ------------------------------------------------------------------------------------ */

INLINE setting setting_of(const patch_pass *p, bool then) {
    setting s = {.fade = all(then ? p->fade_then : p->fade),
                 .gamma_h = all(ROS2_GAMMA * p->h),
                 .h = all(p->h),
                 .last = (p->grid->nx - 1) / V * V};
    const cit_kinetics *kinetics = p->kinetics;
    const double D[] = {kinetics->D_I, kinetics->D_R, kinetics->D_G, kinetics->D_F};
    voxel_kinetics_make(kinetics, &s.q);
    for (int d = 0; d < DIFFUSING; d++) s.D[d] = all(D[d]);
    for (int i = 0; i < V; i++) s.living[i] = s.last + i < p->grid->nx ? -1 : 0;
    return s;
}

INLINE void rotate(ring *r) {
    for (int f = 0; f < SEEN; f++) {
        real *free_row = r->row[BEFORE][f];
        r->row[BEFORE][f] = r->row[HERE][f];
        r->row[HERE][f] = r->row[AFTER][f];
        r->row[AFTER][f] = free_row;
    }
}

INLINE void stage_rows(const patch_pass *p, int j0, int j1, patch_stage stage, bool all_viable,
                       real *scratch) {
    const cit_grid *g = p->grid;
    const bool second = stage == STAGE_SECOND;
    setting s = setting_of(p, second);
    ring r;
    for (int row = 0; row < ROWS; row++)
        for (int f = 0; f < SEEN; f++)
            r.row[row][f] = scratch + (size_t)(row * SEEN + f) * padded(g) + GHOST;
    for (int k = 0; k < g->nz; k++) {
        s.near = all(p->near[k] * (second ? p->fade_then : p->fade));
        fill(p, second, all_viable, j0 - 1, k, r.row[HERE]);
        fill(p, second, all_viable, j0, k, r.row[AFTER]);
        for (int j = j0; j < j1; j++) {
            const size_t row = (size_t)j * g->row + (size_t)k * g->plane;
            lanes sums[ROW_SUMS] = {0};
            rotate(&r);
            fill(p, second, all_viable, j + 1, k, r.row[AFTER]);
            fill(p, second, all_viable, j, k - 1, r.row[ABOVE]);
            fill(p, second, all_viable, j, k + 1, r.row[BELOW]);
            for (int i = 0; i < g->nx; i += V)
                stage_vector(p, &r, &s, stage, all_viable, k, row, (size_t)i, sums);
            double *out = p->row_sums + ((size_t)k * (size_t)g->ny + (size_t)j) * ROW_SUMS;
            for (int f = 0; f < ROW_SUMS; f++) out[f] = (double)total(sums[f])[0];
        }
    }
}

static void stage(const patch_pass *p, int j0, int j1, void *scratch) {
    const bool viable = p->viable == NULL;
    if (p->stage == STAGE_FIRST && viable) stage_rows(p, j0, j1, STAGE_FIRST, true, scratch);
    if (p->stage == STAGE_FIRST && !viable) stage_rows(p, j0, j1, STAGE_FIRST, false, scratch);
    if (p->stage == STAGE_SECOND && viable) stage_rows(p, j0, j1, STAGE_SECOND, true, scratch);
    if (p->stage == STAGE_SECOND && !viable) stage_rows(p, j0, j1, STAGE_SECOND, false, scratch);
    if (p->stage == STAGE_EULER && viable) stage_rows(p, j0, j1, STAGE_EULER, true, scratch);
    if (p->stage == STAGE_EULER && !viable) stage_rows(p, j0, j1, STAGE_EULER, false, scratch);
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
    const bool valued = p->edge_x == CIT_EDGE_VALUE || p->edge_y == CIT_EDGE_VALUE;
    for (int f = 0; f < DRIVERS; f++) {
        const lanes u = load(reals(p->u[f]) + at), k1 = load(reals(p->k1[f]) + at);
        lanes x = k1;
        if (euler && f == DRIVER_F && valued) x += 1;
        if (!euler) {
            const lanes k2 = load(reals(p->k2[f]) + at), half = (real)0.5 * s->h;
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

INLINE void finish_rows(const patch_pass *p, int j0, int j1, bool euler, bool all_viable,
                        patch_extremes *ret) {
    const cit_grid *g = p->grid;
    const setting s = setting_of(p, false);
    seen_extremes e = {.cells = all(-1e30), .collagen = all(-1e30)};
    for (int f = 0; f < MOVING; f++) {
        e.largest[f] = all(-1e30);
        e.least[f] = all(1e30);
    }
    for (int k = 0; k < g->nz; k++)
        for (int j = j0; j < j1; j++) {
            const size_t row = (size_t)j * g->row + (size_t)k * g->plane;
            for (int i = 0; i < g->nx; i += V)
                finish_vector(p, &s, euler, all_viable, row + (size_t)i, &e);
        }
    give(&e, ret);
}

static void finish(const patch_pass *p, int j0, int j1, patch_extremes *ret) {
    const bool euler = p->stage == STAGE_EULER, viable = p->viable == NULL;
    if (euler && viable) finish_rows(p, j0, j1, true, true, ret);
    if (euler && !viable) finish_rows(p, j0, j1, true, false, ret);
    if (!euler && viable) finish_rows(p, j0, j1, false, true, ret);
    if (!euler && !viable) finish_rows(p, j0, j1, false, false, ret);
}

#define NAMED_(real, name) patch_kernel_##real##_##name
#define NAMED(real, name)  NAMED_(real, name)
const patch_kernel NAMED(CIT_REAL, CIT_LANES_NAME) = {sizeof(real), stage, finish, scratch_bytes};
