/* Diffusion on a grid: coefficients of faces, factors of lines, and who of the threads does which plane. The
 * arithmetic of lines is in lines.c, the definition of it all in diffusion_plain.c. */
#include "num_impl.h"
#include <assert.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64, FACTOR_ARRAYS = 5, FACTOR_SLACK = 64, CHUNK_BYTES = 192 * 1024 };

struct cit_diffusion {
    grid_operator op;
    const grid_kernel *kernel;
    cit_precision precision;
    int threads;
    size_t scratch_bytes; /* of a thread */
    char *scratch;
    grid_factors factors; /* of the last solve; a < 0: there was none */
    double decay;         /* its c */
};

static const grid_kernel *const kernels[CIT_INSTRUCTION_SETS][2] = {
    [CIT_PORTABLE] = {&grid_kernel_double_portable, &grid_kernel_float_portable},
#ifdef CIT_X86
    [CIT_AVX2] = {&grid_kernel_double_avx2, &grid_kernel_float_avx2},
    [CIT_AVX512] = {&grid_kernel_double_avx512, &grid_kernel_float_avx512},
#endif
};

static size_t up_to(size_t n, size_t multiple) { return (n + multiple - 1) / multiple * multiple; }

static void *zeros(size_t count, size_t size) {
    const size_t bytes = up_to(count * size + 1, ALIGN);
    void *memory = aligned_alloc(ALIGN, bytes);
    if (memory != NULL) memset(memory, 0, bytes);
    return memory;
}

static int side(const cit_grid *g, int axis) {
    return axis == 0 ? g->nx : axis == 1 ? g->ny : g->nz;
}

static double spacing(const cit_grid *g, int axis) {
    return axis == 0 ? g->dx : axis == 1 ? g->dy : g->dz;
}

static void set_real(const grid_kernel *kernel, void *numbers, size_t at, double value) {
    if (kernel->real_size == sizeof(double))
        ((double *)numbers)[at] = value;
    else
        ((float *)numbers)[at] = (float)value;
}

/* ---- coefficients of faces --------------------------------------------------------------------- */

/* Of the face of the box next to a voxel of this D and v. */
static double outer_face(const cit_diffusion_options *o, int axis, bool far, double d, double v,
                         double h) {
    const cit_edge edge = axis == 0 ? o->edge_x : axis == 1 ? o->edge_y : CIT_EDGE_CLOSED;
    if (edge == CIT_EDGE_VALUE) return v * 2 * d / (h * h);
    /* Through half a voxel, and then D du/dz = -bottom u. */
    if (axis == 2 && far && d > 0) return v * o->bottom * 2 * d / (2 * d + o->bottom * h) / h;
    return 0;
}

/* Of face `at` of the line in which the other two places are those of voxel (i, j, k). */
static double face_of(const grid_operator *op, const cit_diffusion_options *o, int axis, int at,
                      int i, int j, int k) {
    const int n = side(&op->grid, axis);
    const double h = spacing(&op->grid, axis);
    int a[] = {i, j, k}, b[] = {i, j, k};
    const bool outer = at == 0 || at == n;
    a[axis] = at > 0 ? at - 1 : op->cyclic[axis] ? n - 1 : 0;
    b[axis] = at < n ? at : op->cyclic[axis] ? 0 : n - 1;
    const double d = grid_d(&op->grid, o, a[0], a[1], a[2]),
                 v = grid_v(&op->grid, o, a[0], a[1], a[2]);
    if (outer && !op->cyclic[axis]) return outer_face(o, axis, at == n, d, v, h);
    return grid_face(d, grid_d(&op->grid, o, b[0], b[1], b[2]), v,
                     grid_v(&op->grid, o, b[0], b[1], b[2])) /
           (h * h);
}

static bool note_faces(bool seen, const double *face, size_t count) {
    for (size_t i = 0; i < count && !seen; i++) seen = face[i] > 0;
    return seen;
}

static bool set_shared_faces(grid_operator *op, const cit_diffusion_options *o,
                             const grid_kernel *kernel) {
    bool any = false;
    cit_diffusion_options all_lives = *o;
    all_lives.viable = NULL;
    op->x_pad = op->grid.row + GRID_PAD;
    for (int axis = 0; axis < GRID_AXES; axis++) {
        const size_t faces = (size_t)side(&op->grid, axis) + 1;
        op->sets[axis] = axis < 2 && o->layers != NULL ? op->grid.nz : 1;
        op->face[axis] = zeros(faces * (size_t)op->sets[axis], sizeof(double));
        if (op->face[axis] == NULL) return false;
        for (int set = 0; set < op->sets[axis]; set++)
            for (size_t i = 0; i < faces; i++)
                op->face[axis][faces * (size_t)set + i] =
                    face_of(op, &all_lives, axis, (int)i, 0, 0, set);
        any = note_faces(any, op->face[axis], faces * (size_t)op->sets[axis]);
    }
    op->zero = !any;
    op->x_faces = zeros(op->x_pad * (size_t)op->sets[0], kernel->real_size);
    if (op->x_faces == NULL) return false;
    const size_t faces = (size_t)op->grid.nx + 1;
    for (int set = 0; set < op->sets[0]; set++)
        for (size_t i = 0; i < faces; i++)
            set_real(kernel, op->x_faces, op->x_pad * (size_t)set + i,
                     op->face[0][faces * (size_t)set + i]);
    return true;
}

static void set_voxel(grid_operator *op, const cit_diffusion_options *o, const grid_kernel *kernel,
                      int i, int j, int k) {
    const cit_grid *g = &op->grid;
    const size_t at = (size_t)i + (size_t)j * op->v_row + (size_t)k * op->v_plane;
    const int place[] = {i, j, k}, n[] = {g->nx, g->ny, g->nz};
    for (int axis = 0; axis < GRID_AXES; axis++) {
        bool inside = true;
        for (int other = 0; other < GRID_AXES; other++)
            inside = inside && (other == axis || place[other] < n[other]);
        if (!inside) continue;
        const double face = face_of(op, o, axis, place[axis], i, j, k);
        set_real(kernel, op->v_face[axis], at, face);
        op->zero = op->zero && !(face > 0);
    }
    if (i == g->nx || j == g->ny || k == g->nz) return;
    const double v = grid_v(g, o, i, j, k);
    set_real(kernel, op->v, at, v > 0 ? v : 1);
}

/* Planes of coefficients by voxel: down to the second below the last with v < 1, so that the faces between that and
 * the next are there, and what looks at both faces of a plane finds both. */
static int planes_by_voxel(const grid_operator *op, const cit_diffusion_options *o) {
    const cit_grid *g = &op->grid;
    int planes = op->shared ? 0 : g->nz;
    for (int k = 0; k < g->nz; k++)
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx && planes <= k; i++)
                if (grid_v(g, o, i, j, k) != 1) planes = k + 1;
    return planes + 2 < g->nz + 1 ? planes + 2 : g->nz + 1;
}

static bool set_voxel_faces(grid_operator *op, const cit_diffusion_options *o,
                            const grid_kernel *kernel) {
    const cit_grid *g = &op->grid;
    op->v_row = up_to((size_t)g->nx + 1, GRID_PAD);
    op->v_plane = op->v_row * ((size_t)g->ny + 1);
    op->v_planes = planes_by_voxel(op, o);
    const size_t count = op->v_plane * (size_t)op->v_planes + 4 * GRID_PAD;
    op->zero = !op->shared || op->zero || op->v_planes > g->nz;
    op->v = zeros(count, kernel->real_size);
    for (int axis = 0; axis < GRID_AXES; axis++) {
        op->v_face[axis] = zeros(count, kernel->real_size);
        if (op->v_face[axis] == NULL) return false;
    }
    if (op->v == NULL) return false;
    for (size_t at = 0; at < count; at++) set_real(kernel, op->v, at, 1);
    for (int k = 0; k < op->v_planes; k++)
        for (int j = 0; j <= g->ny; j++)
            for (int i = 0; i <= g->nx; i++) set_voxel(op, o, kernel, i, j, k);
    return true;
}

/* ---- lines with coefficients of their own ------------------------------------------------------ */

static void widen(grid_span *s, int at) {
    if (s->to == 0) *s = (grid_span){at, at + 1};
    if (at < s->from) s->from = at;
    if (at >= s->to) s->to = at + 1;
}

static void round_span(grid_span *s, int multiple, int end) {
    s->from = s->from / multiple * multiple;
    s->to = (int)up_to((size_t)s->to, (size_t)multiple);
    if (s->to > end) s->to = end;
}

/* Lines with a voxel of v < 1, and what lies between two of them: scars are few, and in one place. */
static bool find_own_lines(grid_operator *op, const cit_diffusion_options *o,
                           const grid_kernel *kernel) {
    const cit_grid *g = &op->grid;
    const int places[GRID_AXES] = {g->nz, g->nz, g->ny}, ends[] = {g->ny, (int)g->row, (int)g->row};
    for (int axis = 0; axis < GRID_AXES; axis++) {
        op->own[axis] = zeros((size_t)places[axis], sizeof *op->own[axis]);
        if (op->own[axis] == NULL) return false;
    }
    for (int k = 0; k < g->nz; k++)
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx; i++) {
                if (op->shared && grid_v(g, o, i, j, k) == 1) continue;
                widen(&op->own[0][k], j);
                widen(&op->own[1][k], i);
                widen(&op->own[2][j], i);
            }
    for (int axis = 0; axis < GRID_AXES; axis++)
        for (int at = 0; at < places[axis]; at++)
            round_span(&op->own[axis][at], axis == 0 ? kernel->rows : kernel->lanes, ends[axis]);
    return true;
}

/* ---- factors of lines -------------------------------------------------------------------------- */

static bool factors_new(const grid_operator *op, const grid_kernel *kernel, grid_factors *f) {
    *f = (grid_factors){.a = -1};
    if (!op->shared) return true;
    for (int axis = 0; axis < GRID_AXES; axis++) {
        f->pad[axis] = up_to((size_t)side(&op->grid, axis), GRID_PAD) + FACTOR_SLACK;
        const size_t sets = axis == 2 ? 2 : (size_t)op->sets[axis];
        f->of[axis] = zeros(FACTOR_ARRAYS * f->pad[axis] * sets, kernel->real_size);
        if (f->of[axis] == NULL) return false;
    }
    return true;
}

static void factors_free(grid_factors *f) {
    for (int axis = 0; axis < GRID_AXES; axis++) free(f->of[axis]);
}

/* Where a line's numbers go. */
typedef struct target {
    const grid_kernel *kernel;
    void *numbers;
    size_t first, pad;
} target;

enum { FACTOR_M, FACTOR_F, FACTOR_G, FACTOR_Z };

static void put(const target *t, int which, int i, double value) {
    set_real(t->kernel, t->numbers, t->first + (size_t)which * t->pad + (size_t)i, value);
}

/* One line's factors: pivots are `left`, which is free of differences, and the way on. In a periodic line
 * the closed one is factored, and z solves it for a right side of +1 and -1 at the ends: the coupling of
 * those is a times the matrix (1, -1)(1, -1)^T. Faces are `step` apart. */
static void factor_line(const target *t, const double *face, int step, int n, bool cyclic, double a,
                        double keep, double scale, double *z) {
    double left = keep + (cyclic ? 0 : a * face[0]), before = 0, way = 0;
    for (int i = 0; i < n; i++) {
        const double on = cyclic && i == n - 1 ? 0 : a * face[(i + 1) * step], pivot = left + on;
        put(t, FACTOR_M, i, scale / pivot);
        put(t, FACTOR_F, i, way / pivot);
        put(t, FACTOR_G, i, i < n - 1 ? on / pivot : 0);
        before = z[i] = ((i == 0) - (i == n - 1) + way * before) / pivot;
        z[n + i] = on / pivot;
        left = keep + on * (left / pivot);
        way = on;
    }
    if (!cyclic) return;
    for (int i = n - 2; i >= 0; i--) z[i] += z[n + i] * z[i + 1];
    const double coupling = a * face[0], share = coupling / (1 + coupling * (z[0] - z[n - 1]));
    for (int i = 0; i < n; i++) put(t, FACTOR_Z, i, share * z[i]);
}

/* `z` is scratch for two lines. */
static void factor(const grid_operator *op, const grid_kernel *kernel, double a, double keep,
                   double scale, double *z, grid_factors *f) {
    f->a = a;
    f->keep = keep;
    f->scale = scale;
    if (!op->shared) return;
    for (int axis = 0; axis < GRID_AXES; axis++) {
        const int n = side(&op->grid, axis);
        const size_t set_size = FACTOR_ARRAYS * f->pad[axis];
        for (int set = 0; set < op->sets[axis]; set++) {
            const target t = {kernel, f->of[axis], set_size * (size_t)set, f->pad[axis]};
            factor_line(&t, op->face[axis] + (size_t)set * ((size_t)n + 1), 1, n, op->cyclic[axis],
                        a, keep, axis == 0 ? scale : 1, z);
        }
        const target upwards = {kernel, f->of[axis], set_size, f->pad[axis]};
        if (axis == 2) factor_line(&upwards, op->face[2] + n, -1, n, false, a, keep, 1, z);
    }
}

/* ---- the operator ------------------------------------------------------------------------------ */

/* Columns that are solved together stay within the nearer caches with what they need. */
static size_t chunk_of(const cit_grid *g, const grid_kernel *kernel, bool own) {
    const size_t deepest = (size_t)(g->ny > g->nz && own ? g->ny : g->nz);
    size_t width = CHUNK_BYTES / (1 + kernel->real_size * deepest * (own ? 3 : 1));
    width = width / GRID_PAD * GRID_PAD;
    if (width < GRID_PAD) width = GRID_PAD;
    return width < g->row ? width : g->row;
}

static cit_status no_memory(cit_errors *errs) {
    return cit_fail(errs, CIT_NOMEM, "", "no memory for a grid's coefficients");
}

static size_t line_scratch(const cit_grid *g) {
    const int longest = g->nx > g->ny ? g->nx : g->ny;
    return 2 * (size_t)(longest > g->nz ? longest : g->nz);
}

static cit_status fill(cit_diffusion *d, const cit_diffusion_options *o, cit_errors *errs) {
    grid_operator *op = &d->op;
    bool there = !op->shared || set_shared_faces(op, o, d->kernel);
    if (op->by_voxel)
        there = there && set_voxel_faces(op, o, d->kernel) && find_own_lines(op, o, d->kernel);
    if (!there || !factors_new(op, d->kernel, &d->factors)) return no_memory(errs);
    op->chunk = chunk_of(&op->grid, d->kernel, false);
    op->own_chunk = chunk_of(&op->grid, d->kernel, true);
    const size_t for_factors = line_scratch(&op->grid) * sizeof(double);
    d->scratch_bytes = d->kernel->scratch(op);
    if (d->scratch_bytes < for_factors) d->scratch_bytes = for_factors;
    d->scratch_bytes = up_to(d->scratch_bytes, ALIGN) + ALIGN;
    d->scratch = zeros(d->scratch_bytes, (size_t)d->threads);
    return d->scratch == NULL ? no_memory(errs) : CIT_OK;
}

cit_status cit_diffusion_new(const cit_grid *grid, const cit_diffusion_options *options,
                             cit_diffusion **ret, cit_errors *errs) {
    const cit_status checked = grid_check(grid, options, errs);
    if (checked != CIT_OK) return checked;
    const grid_kernel *kernel = kernels[options->instructions][options->precision];
    if (kernel == NULL || !cit_instructions_here(options->instructions))
        return cit_fail(errs, CIT_INVALID, "instructions",
                        "this processor or build has no %s instructions",
                        cit_instructions_name(options->instructions));
    cit_diffusion *d = calloc(1, sizeof *d);
    if (d == NULL) return no_memory(errs);
    d->kernel = kernel;
    d->precision = options->precision;
    d->threads = options->threads > 0 ? options->threads : omp_get_max_threads();
    d->op = (grid_operator){
        .grid = *grid,
        .by_voxel = options->voxels != NULL || options->viable != NULL,
        .shared = options->voxels == NULL,
        .cyclic = {options->edge_x == CIT_EDGE_PERIODIC, options->edge_y == CIT_EDGE_PERIODIC},
        .edge = {options->edge_x, options->edge_y},
        .edge_value = options->edge_value};
    const cit_status st = fill(d, options, errs);
    if (st == CIT_OK)
        *ret = d;
    else
        cit_diffusion_free(d);
    return st;
}

void cit_diffusion_free(cit_diffusion *d) {
    if (d == NULL) return;
    for (int axis = 0; axis < GRID_AXES; axis++) {
        free(d->op.face[axis]);
        free(d->op.v_face[axis]);
        free(d->op.own[axis]);
    }
    free(d->op.x_faces);
    free(d->op.v);
    factors_free(&d->factors);
    free(d->scratch);
    free(d);
}

static void *own_scratch(const cit_diffusion *d) {
    return d->scratch + d->scratch_bytes * (size_t)omp_get_thread_num();
}

void cit_diffusion_apply(const cit_diffusion *d, double s, const void *u, void *out) {
    const int nz = d->op.grid.nz;
    if (d->op.zero || s == 0) return;
#pragma omp parallel for schedule(static) num_threads(d->threads)
    for (int k = 0; k < nz; k++) d->kernel->apply(&d->op, s, u, out, k, own_scratch(d));
}

static void scale_all(const cit_diffusion *d, double s, void *x) {
    const int nz = d->op.grid.nz;
    if (s == 1) return;
#pragma omp parallel for schedule(static) num_threads(d->threads)
    for (int k = 0; k < nz; k++) d->kernel->scale(&d->op, s, x, k);
}

void cit_diffusion_solve(cit_diffusion *d, double a, double c, void *x) {
    const cit_grid *g = &d->op.grid;
    assert(a >= 0 && isfinite(a) && c > -1 && isfinite(c));
    if (d->op.zero || a == 0) {
        scale_all(d, 1 / (1 + c), x);
        return;
    }
    if (d->factors.a != a || d->decay != c)
        factor(&d->op, d->kernel, a, 1, 1 / (1 + c), (double *)(void *)d->scratch, &d->factors);
    d->decay = c;
#pragma omp parallel num_threads(d->threads)
    {
#pragma omp for schedule(dynamic)
        for (int k = 0; k < g->nz; k++) d->kernel->xy(&d->op, &d->factors, x, k, own_scratch(d));
#pragma omp for schedule(dynamic, 4)
        for (int j = 0; j < g->ny; j++) d->kernel->z(&d->op, &d->factors, x, j, own_scratch(d));
    }
}

/* ---- direction by direction -------------------------------------------------------------------- */

struct cit_lines {
    const cit_diffusion *diffusion;
    grid_factors factors;
    double *scratch; /* of factors */
};

cit_status cit_lines_new(const cit_diffusion *d, cit_lines **ret, cit_errors *errs) {
    cit_lines *l = calloc(1, sizeof *l);
    if (l == NULL) return no_memory(errs);
    l->diffusion = d;
    l->scratch = zeros(line_scratch(&d->op.grid), sizeof *l->scratch);
    if (l->scratch == NULL || !factors_new(&d->op, d->kernel, &l->factors)) {
        cit_lines_free(l);
        return no_memory(errs);
    }
    *ret = l;
    return CIT_OK;
}

void cit_lines_free(cit_lines *l) {
    if (l == NULL) return;
    factors_free(&l->factors);
    free(l->scratch);
    free(l);
}

void cit_lines_set(cit_lines *l, double a) {
    assert(a >= 0 && isfinite(a));
    const cit_diffusion *d = l->diffusion;
    if (l->factors.a != a) factor(&d->op, d->kernel, a, 1, 1, l->scratch, &l->factors);
}

static bool moves(const cit_lines *l) { return !l->diffusion->op.zero && l->factors.a > 0; }

void cit_lines_x(const cit_lines *l, void *u, int k, int from, int to) {
    const cit_diffusion *d = l->diffusion;
    if (moves(l)) d->kernel->x(&d->op, &l->factors, u, k, from, to, own_scratch(d));
}

void cit_lines_y(const cit_lines *l, void *u, int k) {
    const cit_diffusion *d = l->diffusion;
    if (moves(l)) d->kernel->y(&d->op, &l->factors, u, k, own_scratch(d));
}

void cit_lines_z(const cit_lines *l, void *u, int j) {
    const cit_diffusion *d = l->diffusion;
    if (moves(l)) d->kernel->z(&d->op, &l->factors, u, j, own_scratch(d));
}

/* ---- steps of backward Euler ------------------------------------------------------------------- */

typedef struct lod_field {
    const cit_diffusion *diffusion;
    grid_factors factors;
    double fade; /* of a step, where nothing diffuses */
} lod_field;

struct cit_lod {
    int count;
    lod_field *fields;
};

static bool is_same(const cit_grid *a, const cit_grid *b) {
    return a->nx == b->nx && a->ny == b->ny && a->nz == b->nz && a->dx == b->dx && a->dy == b->dy &&
           a->dz == b->dz && a->plane == b->plane;
}

static cit_status check_lod(cit_diffusion *const *diffusion, const double *decay, int count,
                            double h, cit_errors *errs) {
    if (count < 1) return cit_fail(errs, CIT_INVALID, "count", "1 field or more, not %d", count);
    if (!(h >= 0) || !isfinite(h))
        return cit_fail(errs, CIT_INVALID, "h", "a step is 0 or more, not %g", h);
    for (int i = 0; i < count; i++) {
        const cit_diffusion *d = diffusion[i], *first = diffusion[0];
        const bool valued = d->op.edge[0] == CIT_EDGE_VALUE || d->op.edge[1] == CIT_EDGE_VALUE;
        if (!(decay[i] >= 0) || !isfinite(decay[i]))
            return cit_fail(errs, CIT_INVALID, "decay", "field %d: a decay is 0 or more, not %g", i,
                            decay[i]);
        if (!is_same(&d->op.grid, &first->op.grid) || d->kernel != first->kernel ||
            d->threads != first->threads)
            return cit_fail(
                errs, CIT_INVALID, "diffusion",
                "field %d: all have one grid, precision, instruction set and number of threads", i);
        if (valued && d->op.edge_value != 0)
            return cit_fail(
                errs, CIT_INVALID, "edge_value",
                "field %d: the edge's value is 0 here, not %g; for others solve for the "
                "increment",
                i, d->op.edge_value);
    }
    return CIT_OK;
}

cit_status cit_lod_new(cit_diffusion *const *diffusion, const double *decay, int count, double h,
                       cit_lod **ret, cit_errors *errs) {
    const cit_status checked = check_lod(diffusion, decay, count, h, errs);
    if (checked != CIT_OK) return checked;
    cit_lod *lod = calloc(1, sizeof *lod);
    if (lod != NULL) lod->fields = calloc((size_t)count, sizeof *lod->fields);
    bool done = lod != NULL && lod->fields != NULL;
    for (int i = 0; done && i < count; i++) {
        const cit_diffusion *d = diffusion[i];
        lod_field *f = &lod->fields[i];
        const double keep = 1 + decay[i] * h / 3;
        f->diffusion = d;
        f->fade = 1 / (keep * keep * keep);
        lod->count = i + 1;
        done = factors_new(&d->op, d->kernel, &f->factors);
        if (done) factor(&d->op, d->kernel, h, keep, 1, (double *)(void *)d->scratch, &f->factors);
    }
    if (!done) {
        cit_lod_free(lod);
        return no_memory(errs);
    }
    *ret = lod;
    return CIT_OK;
}

void cit_lod_free(cit_lod *lod) {
    if (lod == NULL) return;
    for (int i = 0; i < lod->count; i++) factors_free(&lod->fields[i].factors);
    free(lod->fields);
    free(lod);
}

/* What a pass does to a plane of each field, or to a row. */
typedef enum pass { PASS_XY, PASS_YX, PASS_YXXY, PASS_Z, PASS_Z_UPWARDS, PASS_ZZ } pass;

static void do_pass(const cit_lod *lod, void *const *fields, pass p, int task, int places) {
    const lod_field *f = &lod->fields[task / places];
    const grid_kernel *kernel = f->diffusion->kernel;
    grid_solve *const solve[] = {
        [PASS_XY] = kernel->xy, [PASS_YX] = kernel->yx, [PASS_YXXY] = kernel->yxxy,
        [PASS_Z] = kernel->z,   [PASS_ZZ] = kernel->zz, [PASS_Z_UPWARDS] = kernel->z_upwards};
    if (f->diffusion->op.zero) return;
    solve[p](&f->diffusion->op, &f->factors, fields[task / places], task % places,
             own_scratch(f->diffusion));
}

/* Where nothing diffuses a step is a factor. */
static void fade(const cit_lod *lod, void *const *fields, int steps) {
    for (int i = 0; i < lod->count; i++)
        for (int step = 0; step < steps && lod->fields[i].diffusion->op.zero; step++)
            scale_all(lod->fields[i].diffusion, lod->fields[i].fade, fields[i]);
}

/* x y z: planes, then rows, whose lines in z are eliminated from the top and from the bottom in turn, as sweeps
 * do. Alternating: xy zz yxxy zz ... and the last step's end. */
static pass pass_of(int i, int passes, cit_lod_order order, int steps) {
    if (order == CIT_LOD_XYZ) return i % 2 == 0 ? PASS_XY : i % 4 == 1 ? PASS_Z : PASS_Z_UPWARDS;
    if (i == 0) return PASS_XY;
    if (i < passes - 1) return i % 2 == 1 ? PASS_ZZ : PASS_YXXY;
    return steps % 2 == 1 ? PASS_Z : PASS_YX;
}

/* Pass by pass, planes and rows shared out among the threads. */
static void run_passes(const cit_lod *lod, void *const *fields, int steps, cit_lod_order order) {
    const cit_diffusion *first = lod->fields[0].diffusion;
    const cit_grid *g = &first->op.grid;
    const int passes = steps == 0 ? 0 : order == CIT_LOD_XYZ ? 2 * steps : steps + 1;
#pragma omp parallel num_threads(first->threads)
    for (int i = 0; i < passes; i++) {
        const pass p = pass_of(i, passes, order, steps);
        const int places = p == PASS_XY || p == PASS_YX || p == PASS_YXXY ? g->nz : g->ny;
#pragma omp for schedule(static)
        for (int task = 0; task < lod->count * places; task++)
            do_pass(lod, fields, p, task, places);
    }
}

/* Field by field, which reads and writes each number once a step, and the same to the bit: where the fields
 * can be shared out evenly among the threads. */
static bool may_sweep(const cit_lod *lod, cit_lod_order order) {
    const int threads = lod->fields[0].diffusion->threads;
    bool may = order == CIT_LOD_XYZ && (lod->count % threads == 0 || lod->count >= 4 * threads);
    for (int i = 0; i < lod->count; i++) may = may && !lod->fields[i].diffusion->op.by_voxel;
    return may;
}

static void run_sweeps(const cit_lod *lod, void *const *fields, int steps) {
#pragma omp parallel for schedule(static) num_threads(lod->fields[0].diffusion->threads)
    for (int i = 0; i < lod->count; i++) {
        const lod_field *f = &lod->fields[i];
        const cit_diffusion *d = f->diffusion;
        for (int step = 0; step <= steps && steps > 0 && !d->op.zero; step++)
            d->kernel->sweep(&d->op, &f->factors, fields[i], step, steps, own_scratch(d));
    }
}

void cit_lod_run(cit_lod *lod, void *const *fields, int steps, cit_lod_order order) {
    fade(lod, fields, steps);
    if (may_sweep(lod, order))
        run_sweeps(lod, fields, steps);
    else
        run_passes(lod, fields, steps, order);
}
