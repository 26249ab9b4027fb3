/* Height and hybrid parameters of ISO 25178-2, and the table of all of them.
 *
 * Hybrid parameters are those of triangles: each square of four samples is cut along one diagonal and along the other,
 * and both count half, so that no direction is preferred. Sdr is their area beyond the flat one, Sdq their root mean
 * square gradient. */
#include "relief_impl.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>

const cit_roughness_row cit_roughness_rows[] = {
#define ROW(name, unit, family, meaning)                                                           \
    {#name, unit, meaning, CIT_ROUGHNESS_##family, offsetof(cit_roughness, name)},
    CIT_ROUGHNESS_LIST(ROW)
#undef ROW
        {NULL, NULL, NULL, 0, 0}};

/* ---- heights ------------------------------------------------------------------------------------ */

enum { PARTS = 6 };
typedef struct part { /* of a block of rows */
    double count, sum, low, high;
    double power[PARTS]; /* sums of |d|, d^2, d^3, d^4 about the mean */
} part;

/* Rows of samples as double, 0 where missing; how many are there. */
CIT_WIDE static void load(int n, const float *um, double mean, double *d, double *there) {
    for (int i = 0; i < n; i++) {
        const bool is = um[i] == um[i];
        there[i] = is ? 1 : 0;
        d[i] = is ? (double)um[i] - mean : 0;
    }
}

CIT_WIDE static void extremes(int n, const float *um, float *low, float *high) {
    float l = *low, h = *high;
    for (int i = 0; i < n; i++) {
        l = um[i] < l ? um[i] : l;
        h = um[i] > h ? um[i] : h;
    }
    *low = l;
    *high = h;
}

CIT_WIDE static void powers(int n, const double *d, double *a, double *b) {
    for (int i = 0; i < n; i++) {
        a[i] = fabs(d[i]);
        b[i] = d[i] * d[i];
    }
}

static void first_row(int n, const float *um, double *scratch, size_t pad, part *p) {
    float low = HUGE_VALF, high = -HUGE_VALF;
    load(n, um, 0, scratch, scratch + pad);
    extremes(n, um, &low, &high);
    p->count += relief_sum(n, scratch + pad);
    p->sum += relief_sum(n, scratch);
    p->low = fmin(p->low, (double)low);
    p->high = fmax(p->high, (double)high);
}

static void second_row(int n, const float *um, double mean, double *scratch, size_t pad, part *p) {
    double *const d = scratch, *const a = scratch + pad, *const b = scratch + 2 * pad;
    load(n, um, mean, d, a);
    powers(n, d, a, b);
    p->power[0] += relief_sum(n, a);
    p->power[1] += relief_sum(n, b);
    p->power[2] += relief_dot(n, b, d);
    p->power[3] += relief_dot(n, b, b);
}

static part pass(const cit_heights *h, int threads, const double *mean, double *scratch) {
    const size_t pad = relief_pad(h->nx);
    part parts[RELIEF_BLOCKS], all = {.low = HUGE_VAL, .high = -HUGE_VAL};
    for (int b = 0; b < RELIEF_BLOCKS; b++) parts[b] = all;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (int b = 0; b < RELIEF_BLOCKS; b++) {
        const relief_rows rows = relief_block(h->ny, b);
        double *const mine = scratch + 3 * pad * (size_t)omp_get_thread_num();
        for (int j = rows.first; j < rows.end; j++) {
            const float *const um = h->um + (size_t)j * (size_t)h->nx;
            if (mean == NULL)
                first_row(h->nx, um, mine, pad, &parts[b]);
            else
                second_row(h->nx, um, *mean, mine, pad, &parts[b]);
        }
    }
    for (int b = 0; b < RELIEF_BLOCKS; b++) {
        all.count += parts[b].count;
        all.sum += parts[b].sum;
        all.low = fmin(all.low, parts[b].low);
        all.high = fmax(all.high, parts[b].high);
        for (int k = 0; k < PARTS; k++) all.power[k] += parts[b].power[k];
    }
    return all;
}

static cit_status heights_of(relief_surface *s, cit_roughness *ret, cit_errors *errs) {
    const size_t pad = relief_pad(s->heights->nx);
    double *const scratch = malloc(3 * pad * (size_t)s->threads * sizeof *scratch);
    if (scratch == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for roughness");
    const part first = pass(s->heights, s->threads, NULL, scratch);
    const double mean = first.count > 0 ? first.sum / first.count : 0;
    const part p = pass(s->heights, s->threads, &mean, scratch);
    free(scratch);
    if (!(first.count > 0))
        return cit_fail(errs, CIT_INVALID, "", "all samples are missing: there is no roughness");
    const double n = first.count, sq = sqrt(p.power[1] / n);
    s->m = (relief_moments){(size_t)n, mean, sq, first.low, first.high};
    ret->Sa = p.power[0] / n;
    ret->Sq = sq;
    if (sq > 0) {
        ret->Ssk = p.power[2] / n / (sq * sq * sq);
        ret->Sku = p.power[3] / n / (sq * sq * sq * sq);
    }
    ret->Sp = first.high - mean;
    ret->Sv = mean - first.low;
    ret->Sz = first.high - first.low;
    return CIT_OK;
}

/* ---- triangles ---------------------------------------------------------------------------------- */

/* Of the squares between two rows: area over the flat one less 1, squared gradient, and whether all corners are there.
 * Pitches are given as their reciprocals, in um. */
CIT_WIDE static void squares(int n, const float *up, const float *down, double per_x, double per_y,
                             double *area, double *slope, double *there) {
    for (int i = 0; i < n; i++) {
        const double a = (double)up[i], b = (double)up[i + 1], c = (double)down[i],
                     d = (double)down[i + 1];
        const double x1 = (b - a) * per_x, x2 = (d - c) * per_x, y1 = (c - a) * per_y,
                     y2 = (d - b) * per_y;
        const double p = x1 * x1, q = x2 * x2, r = y1 * y1, t = y2 * y2;
        const double sum =
            (sqrt(1 + p + r) + sqrt(1 + q + t)) + (sqrt(1 + p + t) + sqrt(1 + q + r));
        const double both = 0.5 * ((p + q) + (r + t));
        const bool is = both == both;
        area[i] = is ? 0.25 * sum - 1 : 0;
        slope[i] = is ? both : 0;
        there[i] = is ? 1 : 0;
    }
}

static cit_status triangles(const relief_surface *s, cit_roughness *ret, cit_errors *errs) {
    const cit_heights *const h = s->heights;
    const size_t pad = relief_pad(h->nx), nx = (size_t)h->nx;
    double *const scratch = malloc(3 * pad * (size_t)s->threads * sizeof *scratch);
    if (scratch == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for roughness");
    double sums[RELIEF_BLOCKS][3] = {{0}}, all[3] = {0};
#pragma omp parallel for schedule(dynamic, 1) num_threads(s->threads)
    for (int b = 0; b < RELIEF_BLOCKS; b++) {
        const relief_rows rows = relief_block(h->ny - 1, b);
        double *const area = scratch + 3 * pad * (size_t)omp_get_thread_num(),
                      *const slope = area + pad, *const there = slope + pad;
        for (int j = rows.first; j < rows.end; j++) {
            const float *const up = h->um + (size_t)j * nx;
            squares(h->nx - 1, up, up + nx, 1e-3 / h->dx_mm, 1e-3 / h->dy_mm, area, slope, there);
            sums[b][0] += relief_sum(h->nx - 1, area);
            sums[b][1] += relief_sum(h->nx - 1, slope);
            sums[b][2] += relief_sum(h->nx - 1, there);
        }
    }
    free(scratch);
    for (int b = 0; b < RELIEF_BLOCKS; b++)
        for (int k = 0; k < 3; k++) all[k] += sums[b][k];
    if (!(all[2] > 0)) return CIT_OK; /* no square is whole: NAN says so */
    ret->Sdr = 100 * all[0] / all[2];
    ret->Sdq = sqrt(all[1] / all[2]);
    return CIT_OK;
}

/* ---- all of it ---------------------------------------------------------------------------------- */

static double *value_of(cit_roughness *r, const cit_roughness_row *row) {
    return (double *)(void *)((char *)r + row->offset);
}

cit_status cit_relief_roughness(const cit_heights *heights, int families, int threads,
                                cit_roughness *ret, cit_errors *errs) {
    cit_roughness made;
    for (const cit_roughness_row *row = cit_roughness_rows; row->name != NULL; row++)
        *value_of(&made, row) = CIT_UNKNOWN_NUMBER;
    cit_status st = relief_check_threads(threads, errs);
    if (st != CIT_OK) return st;
    if (families <= 0 || families > CIT_ROUGHNESS_ALL)
        return cit_fail(errs, CIT_INVALID, "families", "bits of %d, not %d", CIT_ROUGHNESS_ALL,
                        families);
    if (heights->nx < 2 || heights->ny < 2)
        return cit_fail(errs, CIT_INVALID, "",
                        "a profile of %d x %d samples has no areal roughness", heights->nx,
                        heights->ny);
    relief_surface s = {.heights = heights, .threads = relief_threads(threads)};
    CIT_TRY(heights_of(&s, &made, errs));
    if (families & CIT_ROUGHNESS_HYBRID) CIT_TRY(triangles(&s, &made, errs));
    if (families & CIT_ROUGHNESS_FUNCTION) CIT_TRY(relief_functional(&s, &made, errs));
    if (families & CIT_ROUGHNESS_SPATIAL) CIT_TRY(relief_spatial(&s, &made, errs));
    if (families & CIT_ROUGHNESS_FEATURE) CIT_TRY(relief_feature(&s, &made, errs));
    for (const cit_roughness_row *row = cit_roughness_rows; row->name != NULL; row++)
        if (!(families & row->family)) *value_of(&made, row) = CIT_UNKNOWN_NUMBER;
    *ret = made;
done:
    return st;
}
