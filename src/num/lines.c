/* Lines of voxels: tridiagonal systems in x, y and z, and differences across faces. Built for each
 * instruction set with CIT_LANES the doubles of a vector, and for each precision with CIT_REAL its type and
 * CIT_REAL_SIZE its bytes.
 *
 * The numbers of a vector are as many lines. In y and z these are neighbours in x, which lie side by side.
 * Lines in x are taken a square of a vector's width at a time, transposed in registers, and solved in a tile of
 * the scratch that stays in the nearest cache. Whatever a thread does, it does by whole planes, rows or
 * fields, so that threads change no bit. */
#include "num_impl.h"
#include <stdint.h>
#include <string.h>

typedef CIT_REAL real;
enum { V = CIT_LANES * 8 / CIT_REAL_SIZE, GROUPS = 2, ROWS = V * GROUPS, SQUARES = V > 8 ? 1 : 2 };
typedef real vector __attribute__((vector_size(8 * CIT_LANES)));
typedef real loose __attribute__((vector_size(8 * CIT_LANES), aligned(CIT_REAL_SIZE)));
_Static_assert(GRID_PAD % V == 0, "a row is whole vectors");

#define INLINE static inline __attribute__((always_inline))

INLINE vector load(const real *p) { return *(const vector *)(const void *)p; }
INLINE vector load_loose(const real *p) { return *(const loose *)(const void *)p; }
INLINE void store(real *p, vector v) { *(vector *)(void *)p = v; }
INLINE vector all(real x) { return x - (vector){0}; }
INLINE real *reals(void *p) { return p; }

/* ---- transposition ----------------------------------------------------------------------------- */

/* Exchanges the blocks of h x h off the diagonal, for all pairs of rows h apart. */
#define EXCHANGE(h, low, high)                                                                     \
    for (int i_ = 0; i_ < V; i_ += 2 * (h))                                                        \
        for (int j_ = i_; j_ < i_ + (h); j_++) {                                                   \
            const vector a_ = r[j_], b_ = r[j_ + (h)];                                             \
            r[j_] = __builtin_shufflevector(a_, b_, BRACED low);                                   \
            r[j_ + (h)] = __builtin_shufflevector(a_, b_, BRACED high);                            \
        }
#define BRACED(...) __VA_ARGS__

INLINE void transpose(vector r[V]) {
#if CIT_LANES * 8 == 16 * CIT_REAL_SIZE
    EXCHANGE(8, (0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
             (8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
    EXCHANGE(4, (0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27),
             (4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31))
    EXCHANGE(2, (0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29),
             (2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31))
    EXCHANGE(1, (0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30),
             (1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31))
#elif CIT_LANES * 8 == 8 * CIT_REAL_SIZE
    EXCHANGE(4, (0, 1, 2, 3, 8, 9, 10, 11), (4, 5, 6, 7, 12, 13, 14, 15))
    EXCHANGE(2, (0, 1, 8, 9, 4, 5, 12, 13), (2, 3, 10, 11, 6, 7, 14, 15))
    EXCHANGE(1, (0, 8, 2, 10, 4, 12, 6, 14), (1, 9, 3, 11, 5, 13, 7, 15))
#elif CIT_LANES * 8 == 4 * CIT_REAL_SIZE
    EXCHANGE(2, (0, 1, 4, 5), (2, 3, 6, 7))
    EXCHANGE(1, (0, 4, 2, 6), (1, 5, 3, 7))
#else
    EXCHANGE(1, (0, 2), (1, 3))
#endif
}

/* ---- lines that share their factors ------------------------------------------------------------ */

typedef struct line {
    int n;
    const real *m, *f, *g, *z, *none; /* as in grid_factors; and zeros */
} line;

INLINE line line_of(const grid_factors *f, int axis, int set, int n) {
    const size_t pad = f->pad[axis];
    const real *m = reals(f->of[axis]) + 5 * pad * (size_t)set;
    return (line){n, m, m + pad, m + 2 * pad, m + 3 * pad, m + 4 * pad};
}

/* The rows of a group, which lie one below the other; read from one place and written to another. */
typedef struct group {
    const real *from;
    real *to;
    const real *before; /* the row of `to` before the first, if it has one */
    size_t row;
    int first;
} group;

INLINE void load_square(const group *g, int part, int i, vector square[V]) {
    for (int k = 0; k < V; k++) square[k] = load(g->from + (size_t)(part * V + k) * g->row + i);
    transpose(square);
}

INLINE real *tile_at(real *tile, int i, int part) {
    return tile + ((size_t)i * GROUPS + (size_t)part) * V;
}

INLINE void eliminate_square(const line *x, const group *g, int i, int count, vector q[GROUPS],
                             real *tile) {
    for (int part = 0; part < GROUPS; part++) {
        vector square[V];
        load_square(g, part, i, square);
        for (int k = 0; k < count; k++) {
            q[part] = x->f[i + k] * q[part] + x->m[i + k] * square[k];
            store(tile_at(tile, i + k, part), q[part]);
        }
    }
}

/* Elimination from the rows into the tile. */
INLINE void eliminate_rows(const line *x, const group *g, real *tile) {
    const int whole = x->n / V * V;
    vector q[GROUPS] = {0};
    for (int i = 0; i < whole; i += V) eliminate_square(x, g, i, V, q, tile);
    if (whole < x->n) eliminate_square(x, g, whole, x->n - whole, q, tile);
}

INLINE void eliminate_tile(const line *x, real *tile) {
    vector q[GROUPS] = {0};
    for (int i = 0; i < x->n; i++)
        for (int part = 0; part < GROUPS; part++) {
            real *p = tile_at(tile, i, part);
            q[part] = x->f[i] * q[part] + x->m[i] * load(p);
            store(p, q[part]);
        }
}

INLINE void substitute_tile(const line *x, real *tile) {
    vector q[GROUPS] = {0};
    for (int i = x->n - 1; i >= 0; i--)
        for (int part = 0; part < GROUPS; part++) {
            real *p = tile_at(tile, i, part);
            q[part] = x->g[i] * q[part] + load(p);
            store(p, q[part]);
        }
}

INLINE void close_tile(const line *x, real *tile) {
    for (int part = 0; part < GROUPS; part++) {
        const vector t = load(tile_at(tile, 0, part)) - load(tile_at(tile, x->n - 1, part));
        for (int i = 0; i < x->n; i++) {
            real *p = tile_at(tile, i, part);
            store(p, load(p) - t * x->z[i]);
        }
    }
}

/* Neighbouring squares of a part back into its rows, which follow one another; where y is given, the lines in y
 * are eliminated on the way. Several squares at once, as each is a chain of what waits for the row before. */
INLINE void store_squares(const line *y, const group *g, int part, int i, int squares,
                          vector square[SQUARES][V], vector carry[SQUARES]) {
    for (int w = 0; w < squares; w++) transpose(square[w]);
    for (int k = 0; k < V; k++) {
        const int j = part * V + k;
        for (int w = 0; w < squares; w++) {
            vector x = square[w][k];
            if (y != NULL) x = carry[w] = y->f[g->first + j] * carry[w] + y->m[g->first + j] * x;
            store(g->to + (size_t)j * g->row + i + w * V, x);
        }
    }
}

/* Substitution of columns i to i + count of the tile, into rows. */
INLINE void substitute_block(const real *back, const line *y, const group *g, int i, int count,
                             vector q[GROUPS], real *tile) {
    const int squares = (count + V - 1) / V;
    vector carry[SQUARES] = {0};
    for (int w = 0; w < squares && y != NULL && g->first > 0; w++)
        carry[w] = load(g->before + i + w * V);
    for (int part = 0; part < GROUPS; part++) {
        vector square[SQUARES][V] = {0};
        for (int w = squares - 1; w >= 0; w--)
            for (int k = V - 1; k >= 0; k--) {
                const int at = w * V + k;
                if (at < count)
                    q[part] = back[i + at] * q[part] + load(tile_at(tile, i + at, part));
                square[w][k] = at < count ? q[part] : (vector){0};
            }
        store_squares(y, g, part, i, squares, square, carry);
    }
}

/* Substitution from the tile into the rows; the padding becomes 0. */
INLINE void substitute_rows(const line *x, const real *back, const line *y, const group *g,
                            real *tile) {
    const int block = SQUARES * V, whole = x->n / block * block;
    vector q[GROUPS] = {0};
    if (whole < x->n) substitute_block(back, y, g, whole, x->n - whole, q, tile);
    for (int i = whole - block; i >= 0; i -= block) substitute_block(back, y, g, i, block, q, tile);
}

/* Solves the rows of a group, once or twice. Periodic lines are finished in the tile, and then go through a
 * substitution without effect. */
INLINE void solve_rows(const line *x, bool cyclic, int times, const line *y, const group *g,
                       real *tile) {
    eliminate_rows(x, g, tile);
    for (int i = 1; i < times; i++) {
        substitute_tile(x, tile);
        if (cyclic) close_tile(x, tile);
        eliminate_tile(x, tile);
    }
    if (cyclic) {
        substitute_tile(x, tile);
        close_tile(x, tile);
    }
    substitute_rows(x, cyclic ? x->none : x->g, y, g, tile);
}

/* One row of an elimination and of a substitution. Each is one function, and not inlined, so that the compiler
 * fuses the same products and sums for whoever calls it. */
static __attribute__((noinline)) void eliminate_row(real m, const real *from, real f,
                                                    const real *before, real *to, size_t width) {
    for (size_t i = 0; i < width; i += V) {
        const vector known = f * load(before + i);
        store(to + i, known + m * load(from + i));
    }
}

static __attribute__((noinline)) void substitute_row(const real *from, real g, const real *below,
                                                     real *to, size_t width) {
    for (size_t i = 0; i < width; i += V) store(to + i, g * load(below + i) + load(from + i));
}

/* Elimination down n rows of `width` columns, from one place to another or within one. */
INLINE void eliminate_columns(const line *l, const real *from, ptrdiff_t from_stride, real *to,
                              ptrdiff_t to_stride, size_t width) {
    eliminate_row(l->m[0], from, 0, from, to, width);
    for (int k = 1; k < l->n; k++) {
        from += from_stride;
        to += to_stride;
        eliminate_row(l->m[k], from, l->f[k], to - to_stride, to, width);
    }
}

/* Substitution up the rows; both places are those of the first. */
INLINE void substitute_columns(const line *l, const real *from, ptrdiff_t from_stride, real *to,
                               ptrdiff_t to_stride, size_t width) {
    from += from_stride * (l->n - 1);
    to += to_stride * (l->n - 1);
    if (from != to) memcpy(to, from, width * sizeof *to);
    for (int k = l->n - 2; k >= 0; k--) {
        from -= from_stride;
        to -= to_stride;
        substitute_row(from, l->g[k], to + to_stride, to, width);
    }
}

INLINE void close_columns(const line *l, real *x, size_t stride, size_t width, real *t) {
    const real *last = x + stride * (size_t)(l->n - 1);
    for (size_t i = 0; i < width; i += V) store(t + i, load(x + i) - load(last + i));
    for (int k = 0; k < l->n; k++) {
        real *row = x + stride * (size_t)k;
        for (size_t i = 0; i < width; i += V) store(row + i, load(row + i) - load(t + i) * l->z[k]);
    }
}

/* ---- lines with coefficients of their own ------------------------------------------------------ */

/* (v keep + a (w_i + w_i+1)) x_i - a w_i x_i-1 - a w_i+1 x_i+1 = v d_i, with w the faces; a periodic line is
 * solved as a closed one, with z from a right side of +1 and -1 at its ends. `open` is what is left of
 * the pivot without the way on, over the pivot. */
typedef struct walk {
    vector p, z, open, face;
} walk;
typedef struct pivot {
    vector p, z, on;
} pivot;

INLINE pivot walk_on(real keep, bool cyclic, walk *w, vector v, vector d, vector end, vector next) {
    const vector left = keep * v + w->face * w->open;
    const vector inverse = (real)1 / (left + next);
    w->p = (v * d + w->face * w->p) * inverse;
    if (cyclic) w->z = (end + w->face * w->z) * inverse;
    w->open = left * inverse;
    w->face = next;
    return (pivot){w->p, w->z, next * inverse};
}

/* By how much z a periodic line is off, over the difference of its ends. */
INLINE vector closing(vector coupling, vector z_first, vector z_last) {
    return coupling / ((real)1 + coupling * (z_first - z_last));
}

enum { STRIPS = 4 };

/* V such lines in x, from this row on. Their tile has p, later x, and what comes back of the next, for each place;
 * then z. STRIPS of these are walked together, as each step of one waits for the division of the one before. */
typedef struct strip {
    int n, rows; /* fewer than V at the end: the last stands for those that are not there */
    real *u;
    const real *v, *face;
    size_t u_row, v_row;
    real *tile, *z;
    vector coupling;
    walk at;
} strip;

INLINE real *strip_at(const strip *s, int i, int which) {
    return s->tile + ((size_t)i * 2 + (size_t)which) * V;
}
INLINE real *strip_z(const strip *s, int i) { return s->z + (size_t)i * V; }

/* Rows lie too far apart for the processor to guess the next: those that the next strips will read are called for. */
INLINE void square_of(const real *first, size_t stride, int rows, int i, vector square[V]) {
    for (int k = 0; k < V; k++) {
        const real *row = first + stride * (size_t)(k < rows ? k : rows - 1) + i;
        square[k] = load_loose(row);
        __builtin_prefetch((const void *)((uintptr_t)row + stride * STRIPS * V * sizeof *row));
    }
    transpose(square);
}

INLINE strip strip_of(const grid_operator *op, const grid_factors *f, real *u, int j, int to, int k,
                      bool cyclic, real *tile) {
    const size_t at = (size_t)j * op->v_row + (size_t)k * op->v_plane, row = op->grid.row;
    strip s = {.n = op->grid.nx,
               .rows = to - j < V ? to - j : V,
               .u = u + (size_t)j * row + (size_t)k * op->grid.plane,
               .v = reals(op->v) + at,
               .face = reals(op->v_face[0]) + at,
               .u_row = row,
               .v_row = op->v_row,
               .tile = tile,
               .z = tile + 2 * V * row,
               .at = {.open = all(1)}};
    vector faces[V];
    square_of(s.face, s.v_row, s.rows, 0, faces);
    if (cyclic)
        s.coupling = (real)f->a * faces[0];
    else
        s.at.face = (real)f->a * faces[0];
    return s;
}

INLINE void walk_square(const grid_factors *f, strip *s, int i, int count, bool cyclic) {
    vector d[V], v[V], next[V];
    square_of(s->u, s->u_row, s->rows, i, d);
    square_of(s->v, s->v_row, s->rows, i, v);
    square_of(s->face, s->v_row, s->rows, i + 1, next);
    for (int k = 0; k < count; k++) {
        const bool first = i + k == 0, last = i + k == s->n - 1;
        const real end = (real)(first - last), a = last && cyclic ? 0 : (real)f->a;
        const pivot got = walk_on((real)f->keep, cyclic, &s->at, v[k], (real)f->scale * d[k],
                                  all(end), a * next[k]);
        store(strip_at(s, i + k, 0), got.p);
        store(strip_at(s, i + k, 1), got.on);
        if (cyclic) store(strip_z(s, i + k), got.z);
    }
}

/* x_i = p_i + on_i x_i+1 in the tile, for p and for z; begins with 0 after the last. */
INLINE void walk_back(strip *s, int i, bool cyclic) {
    const vector on = load(strip_at(s, i, 1));
    s->at.p = on * s->at.p + load(strip_at(s, i, 0));
    store(strip_at(s, i, 0), s->at.p);
    if (!cyclic) return;
    s->at.z = on * s->at.z + load(strip_z(s, i));
    store(strip_z(s, i), s->at.z);
}

INLINE void close_strip(const strip *s) {
    const int last = s->n - 1;
    const vector off = closing(s->coupling, load(strip_z(s, 0)), load(strip_z(s, last)));
    const vector t = (load(strip_at(s, 0, 0)) - load(strip_at(s, last, 0))) * off;
    for (int i = 0; i < s->n; i++) {
        real *x = strip_at(s, i, 0);
        store(x, load(x) - t * load(strip_z(s, i)));
    }
}

/* The tile's x back to the rows; the padding becomes 0. */
INLINE void store_strip(const strip *s) {
    for (int i = 0; i < s->n; i += V) {
        vector square[V];
        for (int k = 0; k < V; k++)
            square[k] = i + k < s->n ? load(strip_at(s, i + k, 0)) : (vector){0};
        transpose(square);
        for (int k = 0; k < s->rows; k++) store(s->u + (size_t)k * s->u_row + i, square[k]);
    }
}

/* Up to STRIPS of them from row j of a plane on, to before row `to`. */
INLINE void solve_strips(const grid_operator *op, const grid_factors *f, real *u, int j, int to,
                         int k, bool cyclic, real *tile) {
    const int n = op->grid.nx, left = (to - j + V - 1) / V, count = left < STRIPS ? left : STRIPS,
              whole = n / V * V;
    strip s[STRIPS];
    for (int i = 0; i < count; i++)
        s[i] =
            strip_of(op, f, u, j + i * V, to, k, cyclic, tile + (size_t)i * 3 * V * op->grid.row);
    for (int at = 0; at < whole; at += V)
        for (int i = 0; i < count; i++) walk_square(f, &s[i], at, V, cyclic);
    for (int i = 0; i < count && whole < n; i++) walk_square(f, &s[i], whole, n - whole, cyclic);
    for (int i = 0; i < count; i++) s[i].at.p = s[i].at.z = (vector){0};
    for (int at = n - 1; at >= 0; at--)
        for (int i = 0; i < count; i++) walk_back(&s[i], at, cyclic);
    for (int i = 0; i < count; i++) {
        if (cyclic) close_strip(&s[i]);
        store_strip(&s[i]);
    }
}

/* Columns down an axis, `width` wide: those of voxel (i, j, k) and on. Beyond the first `given` places v is 1 and
 * faces are `further`. Rows of the scratch: p, z and on of every place, then what a walk keeps. */
typedef struct columns {
    int n, axis, given;
    const double *further;
    size_t stride, v_stride, width;
    real *u;
    const real *v, *face;
} columns;

enum { WALK_ROWS = 4 }; /* what is open, ones, and two rows of faces in turn */

/* A row of faces. */
INLINE const real *faces_of(const columns *c, int place, real *faces) {
    if (place < c->given) return c->face + c->v_stride * (size_t)place;
    real *row = faces + c->width * (size_t)(place % 2);
    for (size_t i = 0; i < c->width; i += V) store(row + i, all((real)c->further[place]));
    return row;
}

INLINE void walk_columns(const grid_factors *f, const columns *c, bool cyclic, real *scratch) {
    const size_t w = c->width;
    real *open = scratch + 3 * w * (size_t)c->n, *ones = open + w, *faces = ones + w;
    for (size_t i = 0; i < 2 * w; i += V) store(open + i, all(1));
    const real *face = faces_of(c, 0, faces);
    for (int k = 0; k < c->n; k++) {
        const real *d = c->u + c->stride * (size_t)k,
                   *v = k < c->given ? c->v + c->v_stride * (size_t)k : ones,
                   *next = faces_of(c, k + 1, faces);
        real *p = scratch + 3 * w * (size_t)k, *z = p + w, *on = z + w;
        const bool first = k == 0, last = k == c->n - 1;
        const vector end = all((real)(first - last));
        const real a = (real)f->a, a_before = first && cyclic ? 0 : a,
                   a_next = last && cyclic ? 0 : a;
        for (size_t i = 0; i < w; i += V) {
            walk at = {.open = load(open + i), .face = a_before * load(face + i)};
            if (!first) at.p = load(p - 3 * w + i);
            if (!first && cyclic) at.z = load(z - 3 * w + i);
            const pivot got = walk_on((real)f->keep, cyclic, &at, load(v + i), load(d + i), end,
                                      a_next * load(next + i));
            store(p + i, got.p);
            if (cyclic) store(z + i, got.z);
            store(on + i, got.on);
            store(open + i, at.open);
        }
        face = next;
    }
}

static void walk_columns_back(const columns *c, bool cyclic, real *scratch) {
    const size_t w = c->width;
    for (int k = c->n - 1; k >= 0; k--) {
        real *p = scratch + 3 * w * (size_t)k, *z = p + w, *on = z + w;
        real *u = c->u + c->stride * (size_t)k, *below = k < c->n - 1 ? u + c->stride : p;
        const bool last = k == c->n - 1;
        for (size_t i = 0; i < w; i += V) {
            vector x = load(p + i);
            if (!last) x = load(on + i) * load(below + i) + x;
            store(u + i, x);
            if (!last && cyclic) store(z + i, load(on + i) * load(z + 3 * w + i) + load(z + i));
        }
    }
}

static void close_columns_walk(const grid_factors *f, const columns *c, const real *scratch,
                               real *t) {
    const size_t w = c->width;
    const real *z_last = scratch + 3 * w * (size_t)(c->n - 1) + w;
    const real *last = c->u + c->stride * (size_t)(c->n - 1);
    for (size_t i = 0; i < w; i += V) {
        const vector off =
            closing((real)f->a * load(c->face + i), load(scratch + w + i), load(z_last + i));
        store(t + i, (load(c->u + i) - load(last + i)) * off);
    }
    for (int k = 0; k < c->n; k++) {
        real *u = c->u + c->stride * (size_t)k;
        const real *z = scratch + 3 * w * (size_t)k + w;
        for (size_t i = 0; i < w; i += V) store(u + i, load(u + i) - load(t + i) * load(z + i));
    }
}

/* The columns of a plane, or of a row, that have coefficients of their own. */
static void own_columns(const grid_operator *op, const grid_factors *f, real *u, int axis, int j,
                        int k, real *scratch) {
    const cit_grid *g = &op->grid;
    const grid_span own = op->own[axis][axis == 1 ? k : j];
    const size_t at = (size_t)j * g->row + (size_t)k * g->plane,
                 v_at = (size_t)j * op->v_row + (size_t)k * op->v_plane;
    for (size_t i = (size_t)own.from; i < (size_t)own.to; i += op->own_chunk) {
        const size_t left = (size_t)own.to - i;
        const columns c = {.n = axis == 1 ? g->ny : g->nz,
                           .axis = axis,
                           .given = axis == 1 ? g->ny + 1 : op->v_planes,
                           .further = op->face[2],
                           .stride = axis == 1 ? g->row : g->plane,
                           .v_stride = axis == 1 ? op->v_row : op->v_plane,
                           .width = left < op->own_chunk ? left : op->own_chunk,
                           .u = u + at + i,
                           .v = reals(op->v) + v_at + i,
                           .face = reals(op->v_face[axis]) + v_at + i};
        if (op->cyclic[axis])
            walk_columns(f, &c, true, scratch);
        else
            walk_columns(f, &c, false, scratch);
        walk_columns_back(&c, op->cyclic[axis], scratch);
        if (op->cyclic[axis])
            close_columns_walk(f, &c, scratch, scratch + 3 * c.width * (size_t)c.n);
    }
}

/* ---- planes and rows --------------------------------------------------------------------------- */

/* A thread's scratch: rows of a group, a plane (for sweeps alone), and the largest of what the rest needs. */
typedef struct parts {
    real *group, *plane, *rest;
} parts;

INLINE parts parts_of(const grid_operator *op, void *scratch) {
    real *plane = reals(scratch) + op->grid.row * ROWS;
    return (parts){scratch, plane, plane + (op->by_voxel ? 0 : op->grid.row * (size_t)op->grid.ny)};
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static size_t scratch_bytes(const grid_operator *op) {
    const cit_grid *g = &op->grid;
    const size_t deepest = larger((size_t)g->ny, (size_t)g->nz), tile = g->row * ROWS,
                 apply = 4 * (g->row + 2 * GRID_PAD);
    const size_t in_rows = op->by_voxel ? 3 * g->row * V * STRIPS : 0;
    const size_t in_columns = larger(op->by_voxel ? op->own_chunk * (3 * deepest + WALK_ROWS) : 0,
                                     op->chunk * deepest + 2 * g->row);
    const size_t plane = op->by_voxel ? 0 : g->row * (size_t)g->ny;
    const size_t rest = larger(larger(in_rows, tile), larger(in_columns, apply));
    return (g->row * ROWS + plane + rest) * sizeof(real);
}

INLINE line x_of(const grid_operator *op, const grid_factors *f, int k) {
    return line_of(f, 0, op->sets[0] > 1 ? k : 0, op->grid.nx);
}
INLINE line y_of(const grid_operator *op, const grid_factors *f, int k) {
    return line_of(f, 1, op->sets[1] > 1 ? k : 0, op->grid.ny);
}

/* A substitution in z that goes before: x = g x + own, in the plane that the lines in x are read from. */
typedef struct substitution {
    real *x;
    const real *own;
    real g;
} substitution;

INLINE void substitute_z(const substitution *z, size_t at, size_t count) {
    if (z != NULL) substitute_row(z->own + at, z->g, z->x + at, z->x + at, count);
}

/* The lines in x of rows j to `end` of a plane, from one place to another, `times` times, with those in y
 * eliminated where `y` is given. Rows that make no whole group are solved in the scratch. */
INLINE void shared_rows(const grid_operator *op, const line *x, const substitution *z,
                        const real *from, real *to, int j, int end, int times, const line *y,
                        const parts *s) {
    const size_t row = op->grid.row;
    for (; j + ROWS <= end; j += ROWS) {
        const size_t at = (size_t)j * row;
        const group g = {from + at, to + at, j > 0 ? to + at - row : NULL, row, j};
        substitute_z(z, at, ROWS * row);
        solve_rows(x, op->cyclic[0], times, y, &g, s->rest);
    }
    if (j >= end) return;
    const size_t at = (size_t)j * row, count = (size_t)(end - j) * row;
    const group g = {s->group, s->group, j > 0 ? to + at - row : NULL, row, j};
    substitute_z(z, at, count);
    memcpy(s->group, from + at, count * sizeof *to);
    solve_rows(x, op->cyclic[0], times, y, &g, s->rest);
    memcpy(to + at, s->group, count * sizeof *to);
}

/* Columns of shared lines in y, once they are eliminated. */
INLINE void finish_y(const grid_operator *op, const line *y, real *first, size_t width,
                     const parts *s) {
    const size_t row = op->grid.row;
    substitute_columns(y, first, (ptrdiff_t)row, first, (ptrdiff_t)row, width);
    if (op->cyclic[1]) close_columns(y, first, row, width, s->rest);
}

INLINE void shared_columns(const grid_operator *op, const line *y, real *plane, size_t from,
                           size_t to, const parts *s) {
    const ptrdiff_t row = (ptrdiff_t)op->grid.row;
    if (from >= to) return;
    eliminate_columns(y, plane + from, row, plane + from, row, to - from);
    finish_y(op, y, plane + from, to - from, s);
}

/* Rows j to `to` of a plane. */
static void own_rows(const grid_operator *op, const grid_factors *f, real *u, int k, int j, int to,
                     const parts *s) {
    for (; j < to; j += STRIPS * V)
        if (op->cyclic[0])
            solve_strips(op, f, u, j, to, k, true, s->rest);
        else
            solve_strips(op, f, u, j, to, k, false, s->rest);
}

/* Whether some lines of a plane have coefficients of their own. */
INLINE bool is_mixed(const grid_operator *op, int k) {
    return op->by_voxel && op->own[0][k].from < op->own[0][k].to;
}

INLINE int within(int at, int from, int to) { return at < from ? from : at > to ? to : at; }

/* Lines of a mixed plane, rows `from` to `to`: those that share their factors, and those that do not. */
static void mixed_rows(const grid_operator *op, const grid_factors *f, real *u, int k, int from,
                       int to, const parts *s) {
    const grid_span own = op->own[0][k];
    const int own_from = within(own.from, from, to), own_to = within(own.to, from, to);
    real *plane = u + op->grid.plane * (size_t)k;
    own_rows(op, f, u, k, own_from, own_to, s);
    if (!op->shared) return;
    const line x = x_of(op, f, k);
    shared_rows(op, &x, NULL, plane, plane, from, own_from, 1, NULL, s);
    shared_rows(op, &x, NULL, plane, plane, own_to, to, 1, NULL, s);
}

static void mixed_x(const grid_operator *op, const grid_factors *f, real *u, int k,
                    const parts *s) {
    mixed_rows(op, f, u, k, 0, op->grid.ny, s);
}

static void mixed_y(const grid_operator *op, const grid_factors *f, real *u, int k,
                    const parts *s) {
    const grid_span own = op->own[1][k];
    real *plane = u + op->grid.plane * (size_t)k;
    own_columns(op, f, u, 1, 0, k, s->rest);
    if (!op->shared) return;
    const line y = y_of(op, f, k);
    shared_columns(op, &y, plane, 0, (size_t)own.from, s);
    shared_columns(op, &y, plane, (size_t)own.to, op->grid.row, s);
}

static void plane_xy(const grid_operator *op, const grid_factors *f, void *u, int k,
                     void *scratch) {
    const parts s = parts_of(op, scratch);
    if (is_mixed(op, k)) {
        mixed_x(op, f, u, k, &s);
        mixed_y(op, f, u, k, &s);
        return;
    }
    real *plane = reals(u) + op->grid.plane * (size_t)k;
    const line x = x_of(op, f, k), y = y_of(op, f, k);
    shared_rows(op, &x, NULL, plane, plane, 0, op->grid.ny, 1, &y, &s);
    finish_y(op, &y, plane, op->grid.row, &s);
}

static void plane_yx(const grid_operator *op, const grid_factors *f, void *u, int k,
                     void *scratch) {
    const parts s = parts_of(op, scratch);
    if (is_mixed(op, k)) {
        mixed_y(op, f, u, k, &s);
        mixed_x(op, f, u, k, &s);
        return;
    }
    real *plane = reals(u) + op->grid.plane * (size_t)k;
    const line x = x_of(op, f, k), y = y_of(op, f, k);
    shared_columns(op, &y, plane, 0, op->grid.row, &s);
    shared_rows(op, &x, NULL, plane, plane, 0, op->grid.ny, 1, NULL, &s);
}

static void rows_x(const grid_operator *op, const grid_factors *f, void *u, int k, int from, int to,
                   void *scratch) {
    const parts s = parts_of(op, scratch);
    if (is_mixed(op, k)) {
        mixed_rows(op, f, u, k, from, to, &s);
        return;
    }
    real *plane = reals(u) + op->grid.plane * (size_t)k;
    const line x = x_of(op, f, k);
    shared_rows(op, &x, NULL, plane, plane, from, to, 1, NULL, &s);
}

static void plane_y(const grid_operator *op, const grid_factors *f, void *u, int k, void *scratch) {
    const parts s = parts_of(op, scratch);
    if (is_mixed(op, k)) {
        mixed_y(op, f, u, k, &s);
        return;
    }
    const line y = y_of(op, f, k);
    shared_columns(op, &y, reals(u) + op->grid.plane * (size_t)k, 0, op->grid.row, &s);
}

static void plane_yxxy(const grid_operator *op, const grid_factors *f, void *u, int k,
                       void *scratch) {
    const parts s = parts_of(op, scratch);
    if (is_mixed(op, k)) {
        plane_yx(op, f, u, k, scratch);
        plane_xy(op, f, u, k, scratch);
        return;
    }
    real *plane = reals(u) + op->grid.plane * (size_t)k;
    const line x = x_of(op, f, k), y = y_of(op, f, k);
    shared_columns(op, &y, plane, 0, op->grid.row, &s);
    shared_rows(op, &x, NULL, plane, plane, 0, op->grid.ny, 2, &y, &s);
    finish_y(op, &y, plane, op->grid.row, &s);
}

/* The factors in z from the top, or from the bottom. */
INLINE line z_of(const grid_operator *op, const grid_factors *f, bool upwards) {
    return line_of(f, 2, upwards ? 1 : 0, op->grid.nz);
}

/* Columns `from` to `to` of the lines in z through row j, which are read once and written once. */
INLINE void shared_z(const grid_operator *op, const grid_factors *f, real *u, int j, size_t from,
                     size_t to, int times, bool upwards, const parts *s) {
    const cit_grid *g = &op->grid;
    const line z = z_of(op, f, upwards);
    const ptrdiff_t plane = upwards ? -(ptrdiff_t)g->plane : (ptrdiff_t)g->plane;
    real *first = u + (size_t)j * g->row + (upwards ? g->plane * (size_t)(g->nz - 1) : 0);
    for (size_t i = from; i < to; i += op->chunk) {
        const size_t width = to - i < op->chunk ? to - i : op->chunk;
        const ptrdiff_t row = (ptrdiff_t)width;
        eliminate_columns(&z, first + i, plane, s->rest, row, width);
        if (times > 1) {
            substitute_columns(&z, s->rest, row, s->rest, row, width);
            eliminate_columns(&z, s->rest, row, s->rest, row, width);
        }
        substitute_columns(&z, s->rest, row, first + i, plane, width);
    }
}

INLINE void solve_z(const grid_operator *op, const grid_factors *f, void *u, int j, int times,
                    bool upwards, void *scratch) {
    const parts s = parts_of(op, scratch);
    const grid_span own = op->by_voxel ? op->own[2][j] : (grid_span){0};
    for (int i = 0; i < times && own.from < own.to; i++) own_columns(op, f, u, 2, j, 0, s.rest);
    if (!op->shared) return;
    shared_z(op, f, u, j, 0, (size_t)own.from, times, upwards, &s);
    shared_z(op, f, u, j, (size_t)own.to, op->grid.row, times, upwards, &s);
}

static void row_z(const grid_operator *op, const grid_factors *f, void *u, int j, void *scratch) {
    solve_z(op, f, u, j, 1, false, scratch);
}

static void row_z_upwards(const grid_operator *op, const grid_factors *f, void *u, int j,
                          void *scratch) {
    solve_z(op, f, u, j, 1, true, scratch);
}

static void row_zz(const grid_operator *op, const grid_factors *f, void *u, int j, void *scratch) {
    solve_z(op, f, u, j, 2, false, scratch);
}

/* ---- sweeps ------------------------------------------------------------------------------------ */

/* The plane before is `before`, NULL for a sweep's first. */
INLINE void finish_y_and_eliminate_z(const grid_operator *op, const line *y, const line *z,
                                     int place, const real *before, real *plane, const parts *s) {
    const size_t row = op->grid.row;
    const real f = before != NULL ? z->f[place] : 0, m = z->m[place];
    if (op->cyclic[1]) finish_y(op, y, plane, row, s);
    real *solved = s->rest, *below = solved + row;
    for (int j = op->grid.ny - 1; j >= 0; j--) {
        real *own = plane + (size_t)j * row;
        const real *x = own;
        if (!op->cyclic[1] && j < op->grid.ny - 1) {
            substitute_row(own, y->g[j], below, solved, row);
            x = solved;
        }
        if (!op->cyclic[1] && j == op->grid.ny - 1) {
            memcpy(solved, own, row * sizeof *own);
            x = solved;
        }
        eliminate_row(m, x, f, before != NULL ? before + (size_t)j * row : x, own, row);
        real *kept = below;
        below = solved;
        solved = kept;
    }
}

/* One pass through all planes: the substitution in z of the step before, which was eliminated the other way, and
 * this step's lines in x and y and elimination in z. The first of a run has no substitution, the one after the
 * last step nothing else. */
static void sweep(const grid_operator *op, const grid_factors *f, void *u, int step, int steps,
                  void *scratch) {
    const parts s = parts_of(op, scratch);
    const cit_grid *g = &op->grid;
    const bool upwards = step % 2 == 1;
    const line z = z_of(op, f, upwards), last = z_of(op, f, !upwards);
    const size_t size = g->row * (size_t)g->ny;
    const real *before = NULL;
    for (int place = 0; place < g->nz; place++) {
        const int k = upwards ? g->nz - 1 - place : place;
        real *plane = reals(u) + g->plane * (size_t)k;
        const bool first = place == 0;
        const substitution back = {s.plane, plane, first ? 0 : last.g[g->nz - 1 - place]};
        const substitution *z_back = step > 0 && !first ? &back : NULL;
        if (step > 0 && first) memcpy(s.plane, plane, size * sizeof *plane);
        if (step == steps) {
            substitute_z(z_back, 0, size);
            memcpy(plane, s.plane, size * sizeof *plane);
            continue;
        }
        const line x = x_of(op, f, k), y = y_of(op, f, k);
        shared_rows(op, &x, z_back, step > 0 ? s.plane : plane, plane, 0, g->ny, 1, &y, &s);
        finish_y_and_eliminate_z(op, &y, &z, place, before, plane, &s);
        before = plane;
    }
}

static void plane_scale(const grid_operator *op, double s, void *u, int k) {
    real *x = reals(u) + op->grid.plane * (size_t)k;
    const size_t n = op->grid.row * (size_t)op->grid.ny;
    for (size_t i = 0; i < n; i += V) store(x + i, (real)s * load(x + i));
}

/* ---- differences across faces ------------------------------------------------------------------ */

/* What a row sees: itself with a number more at both ends, and its four neighbours. */
typedef struct view {
    real *here; /* 16 numbers into the scratch, so that it is aligned, too */
    const real *y0, *y1, *z0, *z1;
} view;

/* The row beyond an edge: where it is closed, the row itself. */
INLINE const real *beyond(cit_edge edge, const real *own, const real *other_side,
                          const real *value) {
    return edge == CIT_EDGE_CLOSED ? own : edge == CIT_EDGE_PERIODIC ? other_side : value;
}

INLINE view view_of(const grid_operator *op, const real *u, int j, int k, real *here,
                    const real *value, const real *zero) {
    const cit_grid *g = &op->grid;
    const size_t n = (size_t)g->nx;
    const real *own = u + (size_t)j * g->row + (size_t)k * g->plane,
               *top = own - (size_t)j * g->row, *bottom = top + (size_t)(g->ny - 1) * g->row,
               edge = (real)op->edge_value;
    memcpy(here, own, g->row * sizeof *here);
    const bool cyclic = op->edge[0] == CIT_EDGE_PERIODIC, closed = op->edge[0] == CIT_EDGE_CLOSED;
    here[-1] = closed ? own[0] : cyclic ? own[n - 1] : edge;
    here[n] = closed ? own[n - 1] : cyclic ? own[0] : edge;
    return (view){here, j > 0 ? own - g->row : beyond(op->edge[1], own, bottom, value),
                  j < g->ny - 1 ? own + g->row : beyond(op->edge[1], own, top, value),
                  k > 0 ? own - g->plane : own, k < g->nz - 1 ? own + g->plane : zero};
}

INLINE void apply_shared(const grid_operator *op, const view *w, int j, int k, double s,
                         real *out) {
    const int x_set = op->sets[0] > 1 ? k : 0, y_set = op->sets[1] > 1 ? k : 0;
    const real *x = reals(op->x_faces) + op->x_pad * (size_t)x_set;
    const double *y = op->face[1] + (size_t)y_set * ((size_t)op->grid.ny + 1) + j,
                 *z = op->face[2] + k;
    const real y0 = (real)y[0], y1 = (real)y[1], z0 = (real)z[0], z1 = (real)z[1], factor = (real)s;
    for (size_t i = 0; i < op->grid.row; i += V) {
        const vector u = load(w->here + i);
        const vector dx = load_loose(x + i + 1) * (load_loose(w->here + i + 1) - u) -
                          load(x + i) * (u - load_loose(w->here + i - 1));
        const vector dy = y1 * (load(w->y1 + i) - u) - y0 * (u - load(w->y0 + i));
        const vector dz = z1 * (load(w->z1 + i) - u) - z0 * (u - load(w->z0 + i));
        store(out + i, load(out + i) + factor * (dx + dy + dz));
    }
}

INLINE void apply_voxels(const grid_operator *op, const view *w, int j, int k, double s,
                         real *out) {
    const size_t at = (size_t)j * op->v_row + (size_t)k * op->v_plane;
    const real *x = reals(op->v_face[0]) + at, *y = reals(op->v_face[1]) + at,
               *z = reals(op->v_face[2]) + at, *v = reals(op->v) + at, factor = (real)s;
    for (size_t i = 0; i < op->grid.row; i += V) {
        const vector u = load(w->here + i);
        const vector dx = load_loose(x + i + 1) * (load_loose(w->here + i + 1) - u) -
                          load(x + i) * (u - load_loose(w->here + i - 1));
        const vector dy =
            load(y + op->v_row + i) * (load(w->y1 + i) - u) - load(y + i) * (u - load(w->y0 + i));
        const vector dz =
            load(z + op->v_plane + i) * (load(w->z1 + i) - u) - load(z + i) * (u - load(w->z0 + i));
        store(out + i, load(out + i) + factor * (dx + dy + dz) / load(v + i));
    }
}

static void plane_apply(const grid_operator *op, double s, const void *u, void *out, int k,
                        void *scratch) {
    const cit_grid *g = &op->grid;
    const size_t wide = g->row + 2 * GRID_PAD;
    real *here = reals(scratch) + GRID_PAD, *value = here + wide, *zero = value + wide;
    memset(zero, 0, g->row * sizeof *zero);
    for (size_t i = 0; i < g->row; i++) value[i] = (real)op->edge_value;
    for (int j = 0; j < g->ny; j++) {
        const view w = view_of(op, u, j, k, here, value, zero);
        real *row = reals(out) + (size_t)j * g->row + (size_t)k * g->plane;
        if (op->by_voxel && k < op->v_planes - 1)
            apply_voxels(op, &w, j, k, s, row);
        else
            apply_shared(op, &w, j, k, s, row);
    }
}

#define KERNEL_JOIN_(a, b, c) a##_##b##_##c
#define KERNEL_JOIN(a, b, c)  KERNEL_JOIN_(a, b, c)
const grid_kernel KERNEL_JOIN(grid_kernel, CIT_REAL, CIT_LANES_NAME) = {
    .real_size = sizeof(real),
    .lanes = V,
    .rows = ROWS,
    .x = rows_x,
    .y = plane_y,
    .xy = plane_xy,
    .yx = plane_yx,
    .yxxy = plane_yxxy,
    .z = row_z,
    .z_upwards = row_z_upwards,
    .sweep = sweep,
    .zz = row_zz,
    .apply = plane_apply,
    .scale = plane_scale,
    .scratch = scratch_bytes,
};
