/* The scheme of BioFVM in the data structures of two others, written for comparison: nothing here is
 * theirs. meson.build compiles this file for the processor at hand, so that the compiler may do its best. */
#include "diffusion.h"
#include <omp.h>
#include <stdlib.h>

/* A line: x_i = (x_i + r x_i-1) / pivot_i, and then x_i += c_i x_i+1, with numbers for each field. */
typedef struct line {
    double *pivot, *c;
} line;

static double r_of(int field) {
    return diffusion_d[field] * diffusion_dt_min / (diffusion_h_um * diffusion_h_um);
}

/* `copies` of every field's number, one after another. */
static line line_new(int n, int fields, int copies) {
    const size_t width = (size_t)fields * (size_t)copies;
    line l = {malloc((size_t)n * width * sizeof *l.pivot), malloc((size_t)n * width * sizeof *l.c)};
    for (int i = 0; l.pivot != NULL && l.c != NULL && i < n; i++)
        for (size_t s = 0; s < width; s++) {
            const int field = (int)(s % (size_t)fields);
            const double r = r_of(field), third = diffusion_decay[field] * diffusion_dt_min / 3;
            const double own = 1 + third + (i > 0 ? r : 0) + (i < n - 1 ? r : 0);
            const size_t at = (size_t)i * width + s;
            l.pivot[at] = i > 0 ? own - r * l.c[at - width] : own;
            l.c[at] = r / l.pivot[at];
        }
    return l;
}

static void line_free(line *l) {
    free(l->pivot);
    free(l->c);
}

/* ---- a vector a voxel -------------------------------------------------------------------------- */

typedef struct voxel {
    double *begin, *end, *room; /* as a C++ vector has them */
} voxel;

typedef struct pointers {
    diffusion_box box;
    int threads;
    voxel *voxels;
    line x, y, z;
    double r[DIFFUSION_FIELDS_MAX];
} pointers;

static void pointers_close(void *state) {
    pointers *p = state;
    const size_t n = (size_t)p->box.nx * (size_t)p->box.ny * (size_t)p->box.nz;
    for (size_t i = 0; p->voxels != NULL && i < n; i++) free(p->voxels[i].begin);
    free(p->voxels);
    line_free(&p->x);
    line_free(&p->y);
    line_free(&p->z);
    free(p);
}

static size_t place(const diffusion_box *b, int i, int j, int k) {
    return (size_t)i + (size_t)b->nx * ((size_t)j + (size_t)b->ny * (size_t)k);
}

static void *pointers_open(const diffusion_box *box, int threads) {
    pointers *p = calloc(1, sizeof *p);
    if (p == NULL) return NULL;
    *p = (pointers){.box = *box, .threads = threads};
    p->voxels = calloc((size_t)box->nx * (size_t)box->ny * (size_t)box->nz, sizeof *p->voxels);
    p->x = line_new(box->nx, box->fields, 1);
    p->y = line_new(box->ny, box->fields, 1);
    p->z = line_new(box->nz, box->fields, 1);
    for (int s = 0; s < box->fields; s++) p->r[s] = r_of(s);
    for (int k = 0; p->voxels != NULL && k < box->nz; k++)
        for (int j = 0; j < box->ny; j++)
            for (int i = 0; i < box->nx; i++) {
                voxel *v = &p->voxels[place(box, i, j, k)];
                v->begin = malloc((size_t)box->fields * sizeof *v->begin);
                if (v->begin == NULL) {
                    pointers_close(p);
                    return NULL;
                }
                v->end = v->room = v->begin + box->fields;
                for (double *u = v->begin; u < v->end; u++) *u = diffusion_start(box, i, j, k);
            }
    return p;
}

static void divide(voxel *v, const double *by) {
    for (double *u = v->begin; u < v->end; u++) *u /= *by++;
}

static void add_times(voxel *v, const double *factor, const voxel *other) {
    const double *w = other->begin;
    for (double *u = v->begin; u < v->end; u++) *u += *factor++ * *w++;
}

static void pointers_line(const pointers *p, const line *l, int n, voxel *first, size_t step) {
    const size_t fields = (size_t)p->box.fields;
    divide(first, l->pivot);
    for (int i = 1; i < n; i++) {
        voxel *v = first + (size_t)i * step;
        add_times(v, p->r, v - step);
        divide(v, l->pivot + (size_t)i * fields);
    }
    for (int i = n - 2; i >= 0; i--) {
        voxel *v = first + (size_t)i * step;
        add_times(v, l->c + (size_t)i * fields, v + step);
    }
}

static void pointers_step(pointers *p) {
    const diffusion_box *b = &p->box;
    const size_t row = (size_t)b->nx, plane = row * (size_t)b->ny;
#pragma omp parallel num_threads(p->threads)
    {
#pragma omp for schedule(static)
        for (int k = 0; k < b->nz; k++)
            for (int j = 0; j < b->ny; j++)
                pointers_line(p, &p->x, b->nx, &p->voxels[place(b, 0, j, k)], 1);
#pragma omp for schedule(static)
        for (int k = 0; k < b->nz; k++)
            for (int i = 0; i < b->nx; i++)
                pointers_line(p, &p->y, b->ny, &p->voxels[place(b, i, 0, k)], row);
#pragma omp for schedule(static)
        for (int j = 0; j < b->ny; j++)
            for (int i = 0; i < b->nx; i++)
                pointers_line(p, &p->z, b->nz, &p->voxels[place(b, i, j, 0)], plane);
    }
}

static void pointers_run(void *state, int steps) {
    for (int i = 0; i < steps; i++) pointers_step(state);
}

static double pointers_value(const void *state, int field, int i, int j, int k) {
    const pointers *p = state;
    return p->voxels[place(&p->box, i, j, k)].begin[field];
}

/* A piece of the heap has a head of 8 bytes and is a multiple of 16. */
static size_t pointers_bytes(const void *state) {
    const pointers *p = state;
    const size_t piece = (sizeof(double) * (size_t)p->box.fields + 8 + 15) / 16 * 16;
    return place(&p->box, 0, 0, p->box.nz) * (sizeof(voxel) + piece);
}

const diffusion_solver diffusion_pointers = {"pointers",     pointers_open,  pointers_run,
                                             pointers_value, pointers_bytes, pointers_close};

/* ---- one array, fields fastest ----------------------------------------------------------------- */

enum { TILE = 48 }; /* numbers of neighbours in x that are solved together in y and z */

typedef struct plain {
    diffusion_box box;
    int threads, copies; /* of the factors, for a tile that begins with any field */
    double *u, *r;
    line x, y, z;
} plain;

static void plain_close(void *state) {
    plain *p = state;
    free(p->u);
    free(p->r);
    line_free(&p->x);
    line_free(&p->y);
    line_free(&p->z);
    free(p);
}

static void *plain_open(const diffusion_box *box, int threads) {
    const size_t fields = (size_t)box->fields;
    plain *p = calloc(1, sizeof *p);
    if (p == NULL) return NULL;
    *p = (plain){.box = *box, .threads = threads, .copies = TILE / box->fields};
    p->u = aligned_alloc(64, place(box, 0, 0, box->nz) * fields * sizeof *p->u);
    p->r = malloc(TILE * sizeof *p->r);
    p->x = line_new(box->nx, box->fields, 1);
    p->y = line_new(box->ny, box->fields, p->copies);
    p->z = line_new(box->nz, box->fields, p->copies);
    if (p->u == NULL || p->r == NULL) {
        plain_close(p);
        return NULL;
    }
    for (int s = 0; s < TILE; s++) p->r[s] = r_of(s % box->fields);
    for (int k = 0; k < box->nz; k++)
        for (int j = 0; j < box->ny; j++)
            for (int i = 0; i < box->nx; i++)
                for (size_t s = 0; s < fields; s++)
                    p->u[place(box, i, j, k) * fields + s] = diffusion_start(box, i, j, k);
    for (int s = 0; s < box->fields * p->copies; s++) { /* from divisors to factors */
        for (int j = 0; j < box->ny; j++) {
            double *pivot = &p->y.pivot[j * box->fields * p->copies + s];
            *pivot = 1 / *pivot;
        }
        for (int k = 0; k < box->nz; k++) {
            double *pivot = &p->z.pivot[k * box->fields * p->copies + s];
            *pivot = 1 / *pivot;
        }
    }
    for (int i = 0; i < box->nx * box->fields; i++) p->x.pivot[i] = 1 / p->x.pivot[i];
    return p;
}

/* A line of `width` numbers a place. The factors of a place lie `stride` apart. */
static inline void plain_line(double *restrict u, size_t step, int n, size_t width, const line *l,
                              size_t stride, const double *restrict r) {
    const double *restrict c = l->c, *restrict inverse = l->pivot;
    for (int i = 1; i < n; i++)
        for (size_t s = 0; s < width; s++)
            u[(size_t)i * step + s] +=
                c[(size_t)(i - 1) * stride + s] * u[(size_t)(i - 1) * step + s];
    for (size_t s = 0; s < width; s++)
        u[(size_t)(n - 1) * step + s] *= inverse[(size_t)(n - 1) * stride + s];
    for (int i = n - 2; i >= 0; i--)
        for (size_t s = 0; s < width; s++)
            u[(size_t)i * step + s] =
                (u[(size_t)i * step + s] + r[s] * u[(size_t)(i + 1) * step + s]) *
                inverse[(size_t)i * stride + s];
}

static void plain_tiles(const plain *p, double *u, size_t step, int n, const line *l) {
    const size_t stride = (size_t)p->box.fields * (size_t)p->copies,
                 row = (size_t)p->box.nx * (size_t)p->box.fields;
    size_t at = 0;
    for (; at + TILE <= row && stride == TILE; at += TILE)
        plain_line(u + at, step, n, TILE, l, TILE, p->r);
    for (; at < row; at += stride)
        plain_line(u + at, step, n, row - at < stride ? row - at : stride, l, stride, p->r);
}

static void plain_x(const plain *p, double *u) {
    const size_t fields = (size_t)p->box.fields;
    if (fields == 8)
        plain_line(u, 8, p->box.nx, 8, &p->x, 8, p->r);
    else if (fields == 4)
        plain_line(u, 4, p->box.nx, 4, &p->x, 4, p->r);
    else
        plain_line(u, fields, p->box.nx, fields, &p->x, fields, p->r);
}

static void plain_step(plain *p) {
    const diffusion_box *b = &p->box;
    const size_t row = (size_t)b->nx * (size_t)b->fields, plane = row * (size_t)b->ny;
#pragma omp parallel num_threads(p->threads)
    {
#pragma omp for schedule(static)
        for (int jk = 0; jk < b->ny * b->nz; jk++) plain_x(p, p->u + row * (size_t)jk);
#pragma omp for schedule(static)
        for (int k = 0; k < b->nz; k++) plain_tiles(p, p->u + plane * (size_t)k, row, b->ny, &p->y);
#pragma omp for schedule(static)
        for (int j = 0; j < b->ny; j++) plain_tiles(p, p->u + row * (size_t)j, plane, b->nz, &p->z);
    }
}

static void plain_run(void *state, int steps) {
    for (int i = 0; i < steps; i++) plain_step(state);
}

static double plain_value(const void *state, int field, int i, int j, int k) {
    const plain *p = state;
    return p->u[place(&p->box, i, j, k) * (size_t)p->box.fields + (size_t)field];
}

static size_t plain_bytes(const void *state) {
    const plain *p = state;
    return place(&p->box, 0, 0, p->box.nz) * (size_t)p->box.fields * sizeof(double);
}

const diffusion_solver diffusion_plain = {"plain",     plain_open,  plain_run,
                                          plain_value, plain_bytes, plain_close};
