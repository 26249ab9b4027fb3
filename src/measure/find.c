/* Scars found: form off; depth over noise; dips; form off again with all that was found left out, so that a shallow
 * scar's toe does not draw the form down; dips and their sizes; what healthy skin would give. */
#include "measure_impl.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

static const double scales_mm[] = {0.08, 0.15, 0.25, 0.4, 0.65}, fine_mm = 0.1, wide_mm = 0.4;
enum { SCALES = sizeof scales_mm / sizeof *scales_mm, NOISE_SAMPLES = 1 << 15, THREADS_MAX = 1024 };
_Static_assert((int)SCALES <= (int)SCALES_MOST, "scales of a map");
static const double side_least_mm = 3, pitch_most_mm = 0.25;
/* Noise is never taken to be less, as form is not that well known. */
static const double floor_um = 2.5;
static const double least_weight = 0.45; /* of a filter on samples that are there */
/* A form is fitted from so much of the margin outwards: a wider hole is bridged less well, a narrower holds the toe. */
static const double keep_share = 0.8;
static const double interval = 1.959964;
/* Intervals of volumes are so much wider, as an outline follows what it encloses; those of depths hold that a cone is no
 * paraboloid (docs/models/measure.md). */
static const double outline_doubt = 1.25, core_bias = 0.01;

/* ---- depth over noise ---------------------------------------------------------------------------- */

static int compare(const void *a, const void *b) {
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

typedef struct level {
    double median, sd;
} level;

/* Of every so many healthy samples: their median and 1.4826 times the median distance from it. */
static bool level_find(const scar_map *m, const float *um, level *ret) {
    float *v = malloc(NOISE_SAMPLES * sizeof *v);
    if (v == NULL) return false;
    size_t healthy = 0, count = 0;
    for (size_t k = 0; k < m->n; k++) healthy += m->healthy[k] && !isnan(um[k]);
    const size_t every = healthy / NOISE_SAMPLES + 1;
    for (size_t k = 0, seen = 0; k < m->n; k++)
        if (m->healthy[k] && !isnan(um[k]) && seen++ % every == 0) v[count++] = um[k];
    *ret = (level){0, 0};
    if (count > 0) {
        qsort(v, count, sizeof *v, compare);
        const float middle = v[count / 2];
        for (size_t k = 0; k < count; k++) v[k] = fabsf(v[k] - middle);
        qsort(v, count, sizeof *v, compare);
        *ret = (level){(double)middle, 1.4826 * (double)v[count / 2]};
    }
    free(v);
    return true;
}

/* Share of a Gaussian's weight that lies inside a line of n, by place. */
static void inside_share(int n, double sigma, float *ret) {
    for (int i = 0; i < n; i++)
        ret[i] = (float)(cit_normal_cdf((i + 0.5) / sigma) - cit_normal_cdf((i + 0.5 - n) / sigma));
}

static void score_raise(scar_map *m, const float *um, level of, const float *across,
                        const float *down) {
#pragma omp parallel for schedule(static) num_threads(m->threads)
    for (int j = 0; j < m->ny; j++)
        for (int i = 0; i < m->nx; i++) {
            const size_t k = (size_t)j * m->nx + i;
            const float score = (float)((of.median - (double)um[k]) / of.sd) * across[i] * down[j];
            if (score > m->score[k]) m->score[k] = score;
        }
}

/* Sets score. */
static cit_status scores_take(scar_map *m, float *scratch, cit_errors *errs) {
    cit_status st = CIT_OK;
    float *share = malloc((size_t)(m->nx + m->ny) * sizeof *share);
    if (share == NULL) return no_memory(errs, "scores");
    for (size_t k = 0; k < m->n; k++) m->score[k] = 0;
    for (int s = 0; s < SCALES; s++) {
        level of;
        const cit_smooth_options smooth = {.sigma_x = scales_mm[s] / m->dx,
                                           .sigma_y = scales_mm[s] / m->dy,
                                           .least = least_weight,
                                           .threads = m->threads};
        CIT_TRY(cit_smooth(m->nx, m->ny, m->um, scratch, &smooth, errs));
        if (!level_find(m, scratch, &of)) {
            st = no_memory(errs, "scores");
            goto done;
        }
        of.sd = fmax(of.sd, floor_um);
        m->scale_sd[s] = of.sd;
        inside_share(m->nx, smooth.sigma_x, share);
        inside_share(m->ny, smooth.sigma_y, share + m->nx);
        score_raise(m, scratch, of, share, share + m->nx);
    }
done:
    free(share);
    return st;
}

/* Depth after a filter, and its noise. */
static cit_status depth_take(const scar_map *m, double mm, float *ret, double *ret_sd,
                             cit_errors *errs) {
    level of;
    const cit_smooth_options smooth = {
        .sigma_x = mm / m->dx, .sigma_y = mm / m->dy, .threads = m->threads};
    const cit_status st = cit_smooth(m->nx, m->ny, m->um, ret, &smooth, errs);
    if (st != CIT_OK) return st;
    if (!level_find(m, ret, &of)) return no_memory(errs, "scores");
    for (size_t k = 0; k < m->n; k++) ret[k] = -ret[k];
    *ret_sd = of.sd;
    return CIT_OK;
}

/* ---- noise of the instrument --------------------------------------------------------------------- */

/* From sixth differences along rows, which relief that samples resolve hardly has: 1.4826 times their median size over the
 * root of the sum of squared weights. What relief is left in them is taken for noise. */
static bool noise_find(const scar_map *m, double *ret) {
    static const double weight[7] = {1, -6, 15, -20, 15, -6, 1};
    const double norm = sqrt(924);
    float *v = malloc(NOISE_SAMPLES * sizeof *v);
    if (v == NULL) return false;
    size_t count = 0;
    const size_t every = m->n / NOISE_SAMPLES + 1;
    for (size_t k = 0; k + 6 < m->n; k += every) {
        double sum = 0;
        if ((int)(k % (size_t)m->nx) + 6 >= m->nx) continue;
        for (int i = 0; i < 7; i++) sum += weight[i] * (double)m->um[k + (size_t)i];
        if (!isnan(sum)) v[count++] = (float)fabs(sum / norm);
    }
    qsort(v, count, sizeof *v, compare);
    *ret = count > 0 ? 1.4826 * (double)v[count / 2] : (double)NAN;
    free(v);
    return true;
}

/* ---- form ---------------------------------------------------------------------------------------- */

/* 1 where a sample is there, outside of a scar. */
static void healthy_take(const scar_map *m, const sizes *s, uint8_t *ret) {
    for (size_t k = 0; k < m->n; k++) {
        const int a = s->near.label[k] - 1;
        ret[k] = !isnan(m->um[k]) &&
                 (a < 0 || (double)s->near.mm[k] > part_margin(&s->part[a]) * keep_share);
    }
}

typedef struct work {
    scar_map map;
    cit_form_result form;
    uint8_t *healthy;
    float *scratch;
    dips dips;
    sizes sizes;
    null_laws null;
} work;

static void work_clear(work *w) {
    cit_form_result_clear(&w->form);
    free(w->map.fine);
    free(w->map.wide);
    free(w->map.score);
    free(w->healthy);
    free(w->scratch);
    dips_clear(&w->dips);
    sizes_clear(&w->sizes);
}

static cit_status form_take(const cit_heights *heights, const cit_scars_options *o,
                            const uint8_t *healthy, int threads, cit_form_result *ret,
                            cit_errors *errs) {
    const cit_form_options options = {.form = CIT_FORM_SKIN,
                                      .degree = o->form_degree,
                                      .cutoff_mm = o->form_cutoff_mm,
                                      .healthy = healthy,
                                      .threads = threads};
    return cit_relief_form(heights, &options, ret, errs);
}

static cit_status form_off(work *w, const cit_heights *heights, const cit_scars_options *o,
                           const uint8_t *healthy, cit_errors *errs) {
    cit_form_result form = {0};
    const cit_status st = form_take(heights, o, healthy, w->map.threads, &form, errs);
    if (st != CIT_OK) return st;
    cit_form_result_clear(&w->form);
    w->form = form;
    w->map.um = form.relief->um;
    w->map.healthy = form.healthy;
    return CIT_OK;
}

/* What a form adds that is bridged under a scar. */
static cit_status holes_take(work *w, const cit_heights *heights, const cit_scars_options *o,
                             cit_errors *errs) {
    cit_status st = CIT_OK;
    null_hole holes[NULL_HOLES];
    cit_form_result form = {0};
    uint8_t *left = malloc(w->map.n);
    if (left == NULL) return no_memory(errs, "outlines");
    const int count = null_holes(&w->map, holes, left);
    CIT_TRY(form_take(heights, o, left, w->map.threads, &form, errs));
    scar_map bridged = w->map;
    bridged.um = form.relief->um;
    null_holes_fit(&bridged, holes, count, &w->null);
done:
    cit_form_result_clear(&form);
    free(left);
    return st;
}

static cit_status look(work *w, cit_errors *errs) {
    cit_status st = CIT_OK;
    CIT_TRY(scores_take(&w->map, w->scratch, errs));
    CIT_TRY(depth_take(&w->map, fine_mm, w->map.fine, &w->map.fine_sd, errs));
    CIT_TRY(depth_take(&w->map, wide_mm, w->map.wide, &w->map.wide_sd, errs));
    dips_clear(&w->dips);
    CIT_TRY(dips_find(&w->map, &w->dips, errs));
    sizes_clear(&w->sizes);
    CIT_TRY(sizes_take(&w->map, &w->dips, &w->sizes, errs));
    healthy_take(&w->map, &w->sizes, w->healthy);
done:
    return st;
}

/* ---- what is told -------------------------------------------------------------------------------- */

/* How much of the ring the edge of the map may cut: 0 to 1. */
static double at_edge(const scar_map *m, const part *p, double region_mm) {
    const double in = fmin(fmin(p->x, m->nx * m->dx - p->x), fmin(p->y, m->ny * m->dy - p->y));
    const double ring = RING_FROM_MM + RING_WIDTH_MM;
    return fmax(0, fmin(1, 1.5 * (1 - (in - region_mm) / ring)));
}

static void scar_tell(const work *w, int k, cit_measured_scar *to) {
    const sized_scar *s = &w->sizes.scar[k];
    const part *p = &w->sizes.part[s->deepest];
    const null_laws *n = &w->null;
    const double region = sqrt(s->region_mm2 / PI), core = CORE_SHARE * p->half;
    const double edge = at_edge(&w->map, p, region);
    const double off = interval * outline_doubt * (1 + edge * (n->edge_volume - 1)) *
                       hypot(null_sd(&n->volume, region), null_sd(&n->hole_volume, region));
    const double deep =
        interval * hypot(core_bias * p->depth,
                         (1 + edge * (n->edge_depth - 1)) *
                             hypot(null_sd(&n->depth, core), null_sd(&n->hole_depth, region)));
    *to = (cit_measured_scar){.compound = s->parts > 1,
                              .parts = s->parts,
                              .cut = s->cut,
                              .x_mm = p->x,
                              .y_mm = p->y,
                              .rim_mm = 2 * p->r10,
                              .depth_um = p->depth,
                              .volume_mm3 = s->volume,
                              .depth_low_um = p->depth - deep,
                              .depth_high_um = p->depth + deep,
                              .volume_low_mm3 = s->volume - off,
                              .volume_high_mm3 = s->volume + off,
                              .slope = p->slope,
                              .flatness = p->r25 > 0 ? p->r75 / p->r25 : 0,
                              .signal = p->signal};
    for (int a = 0; a < w->dips.count; a++) {
        double probability[CIT_CLASS_COUNT];
        if (w->sizes.part[a].scar != k || !w->sizes.part[a].sound) continue;
        class_probabilities(&w->sizes.part[a], probability);
        for (int c = 0; c < CIT_CLASS_COUNT; c++) to->probability[c] += probability[c] / s->parts;
    }
}

/* Number by place: bands of rows from the top, in each from left to right. */
typedef struct place {
    int band, scar;
    double x;
} place;
static int place_compare(const void *a, const void *b) {
    const place *p = a, *q = b;
    if (p->band != q->band) return p->band < q->band ? -1 : 1;
    if (p->x != q->x) return p->x < q->x ? -1 : 1;
    return (p->scar > q->scar) - (p->scar < q->scar);
}

static void outline_draw(const work *w, const int *number, cit_scars *to) {
    const scar_map *m = &w->map;
    for (size_t k = 0; k < m->n; k++) {
        const int a = w->sizes.near.label[k] - 1;
        to->outline[k] = 0;
        if (a < 0 || number[w->sizes.part[a].scar] == 0) continue;
        const part *p = &w->sizes.part[a];
        const double margin = fmin(fmax(0, p->r10 - p->core), part_margin(p));
        if ((double)w->sizes.near.mm[k] <= margin) to->outline[k] = number[p->scar];
    }
    for (size_t k = 0; k < m->n; k++)
        if (to->outline[k] != 0) to->scar[to->outline[k] - 1].area_mm2 += m->dx * m->dy;
}

static void totals_tell(const work *w, cit_scars *to) {
    double variance = 0, area = 0;
    for (int k = 0; k < to->count; k++) {
        const cit_measured_scar *s = &to->scar[k];
        const double half = 0.5 * (s->volume_high_mm3 - s->volume_low_mm3);
        to->count_parts += s->parts;
        to->volume_mm3 += s->volume_mm3;
        area += s->area_mm2;
        variance += half * half;
        for (int c = 0; c < CIT_CLASS_COUNT; c++) to->counts[c] += s->parts * s->probability[c];
    }
    to->volume_low_mm3 = to->volume_mm3 - sqrt(variance);
    to->volume_high_mm3 = to->volume_mm3 + sqrt(variance);
    to->area_share = area / ((double)(w->map.n - w->form.relief->missing) * w->map.dx * w->map.dy);
    to->relief_um = w->form.rms_um;
}

/* The depth at which a cosine bowl 1.5 mm wide is just enough over noise at some scale; `left` of it is what a Gaussian leaves in
 * the middle. */
static double least_depth(const scar_map *m) {
    const double radius = 0.75;
    double least = HUGE_VAL;
    for (int s = 0; s < SCALES; s++) {
        double left = 0, nodes[CIT_GAUSS_POINTS], weights[CIT_GAUSS_POINTS];
        cit_gauss(0, radius, nodes, weights);
        for (int k = 0; k < CIT_GAUSS_POINTS; k++) {
            const double u = nodes[k] / scales_mm[s];
            left += weights[k] * 0.5 * (1 + cos(PI * nodes[k] / radius)) * u * exp(-u * u / 2) /
                    scales_mm[s];
        }
        least = fmin(least, DIP_LEAST_SIGNAL * m->scale_sd[s] / left);
    }
    return fmax(least, LEAST_DEPTH_UM);
}

static cit_status scars_tell(work *w, cit_scars *to, cit_errors *errs) {
    place *order = malloc(((size_t)w->dips.scars + 1) * sizeof *order);
    int *number = calloc((size_t)w->dips.scars + 1, sizeof *number);
    to->scar = calloc((size_t)w->dips.scars + 1, sizeof *to->scar);
    to->outline = calloc(w->map.n, sizeof *to->outline);
    if (order == NULL || number == NULL || to->scar == NULL || to->outline == NULL) {
        free(order);
        free(number);
        return no_memory(errs, "scars");
    }
    for (int k = 0; k < w->dips.scars; k++) {
        const sized_scar *s = &w->sizes.scar[k];
        if (s->parts == 0 || !(s->volume > 0)) continue;
        const part *p = &w->sizes.part[s->deepest];
        order[to->count++] = (place){(int)(p->y / 5), k, p->x};
    }
    qsort(order, (size_t)to->count, sizeof *order, place_compare);
    for (int k = 0; k < to->count; k++) {
        scar_tell(w, order[k].scar, &to->scar[k]);
        to->scar[k].number = number[order[k].scar] = k + 1;
    }
    outline_draw(w, number, to);
    totals_tell(w, to);
    scars_suggest(to);
    to->least_depth_um = least_depth(&w->map);
    to->least_area_mm2 = DIP_LEAST_MM2;
    free(order);
    free(number);
    return CIT_OK;
}

cit_status cit_scars_may_find(const cit_heights *h, cit_errors *errs) {
    if (h->ny < 2 || h->nx < 2)
        return cit_fail(
            errs, CIT_INVALID, "",
            "a surface of %d x %d samples is a profile, and scars are looked for on a map", h->nx,
            h->ny);
    if (h->nx * h->dx_mm < side_least_mm || h->ny * h->dy_mm < side_least_mm)
        return cit_fail(errs, CIT_INVALID, "",
                        "a map of %.3g x %.3g mm is less than the %g mm that healthy skin about a "
                        "scar takes",
                        h->nx * h->dx_mm, h->ny * h->dy_mm, side_least_mm);
    if (!(fmax(h->dx_mm, h->dy_mm) <= pitch_most_mm))
        return cit_fail(errs, CIT_INVALID, "", "a pitch of %g mm shows no scar: at most %g mm",
                        fmax(h->dx_mm, h->dy_mm), pitch_most_mm);
    if (h->missing == (size_t)h->nx * (size_t)h->ny)
        return cit_fail(errs, CIT_INVALID, "", "all samples are missing");
    return CIT_OK;
}

static cit_status work_begin(const cit_heights *h, const cit_scars_options *o, work *w,
                             cit_errors *errs) {
    scar_map *m = &w->map;
    const cit_status st = cit_scars_may_find(h, errs);
    if (st != CIT_OK) return st;
    if (o->threads < 0 || o->threads > THREADS_MAX)
        return cit_fail(errs, CIT_INVALID, "threads", "0 (all) to %d threads, not %d", THREADS_MAX,
                        o->threads);
    m->nx = h->nx;
    m->ny = h->ny;
    m->dx = h->dx_mm;
    m->dy = h->dy_mm;
    m->n = (size_t)h->nx * (size_t)h->ny;
    m->threads = o->threads > 0 ? o->threads : omp_get_max_threads();
    m->fine = malloc(m->n * sizeof *m->fine);
    m->wide = malloc(m->n * sizeof *m->wide);
    m->score = malloc(m->n * sizeof *m->score);
    w->scratch = malloc(m->n * sizeof *w->scratch);
    w->healthy = malloc(m->n);
    if (m->fine == NULL || m->wide == NULL || m->score == NULL || w->scratch == NULL ||
        w->healthy == NULL)
        return cit_fail(errs, CIT_NOMEM, "", "no memory for %d x %d samples", h->nx, h->ny);
    return CIT_OK;
}

cit_status cit_scars_find(const cit_heights *heights, const cit_scars_options *options,
                          const cit_progress *progress, cit_scars **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    work w = {0};
    cit_scars *made = calloc(1, sizeof *made);
    const cit_scars_options none = {0}, *o = options != NULL ? options : &none;
    if (made == NULL) return no_memory(errs, "scars");
    CIT_TRY(work_begin(heights, o, &w, errs));
    CIT_TRY(form_off(&w, heights, o, NULL, errs));
    w.map.first_look = true;
    CIT_TRY(look(&w, errs));
    w.map.first_look = false;
    CIT_TRY(form_off(&w, heights, o, w.healthy, errs));
    if (!cit_progress_report(progress, 0.5, "scars")) {
        st = CIT_CANCELLED;
        goto done;
    }
    CIT_TRY(look(&w, errs));
    w.map.healthy = w.healthy;
    CIT_TRY(null_sample(&w.map, &w.null, errs));
    CIT_TRY(holes_take(&w, heights, o, errs));
    if (!noise_find(&w.map, &made->noise_um)) {
        st = no_memory(errs, "noise");
        goto done;
    }
    if (o->noise_um > 0) made->noise_um = o->noise_um;
    CIT_TRY(scars_tell(&w, made, errs));
    CIT_TRY(cit_heights_note(w.form.relief, errs, "scars: %d found, in %g parts", made->count,
                             made->count_parts));
    made->nx = heights->nx;
    made->ny = heights->ny;
    made->dx_mm = heights->dx_mm;
    made->dy_mm = heights->dy_mm;
    made->relief = w.form.relief;
    w.form.relief = NULL;
    *ret = made;
    made = NULL;
done:
    cit_scars_free(made);
    work_clear(&w);
    return st;
}

void cit_scars_free(cit_scars *scars) {
    if (scars == NULL) return;
    cit_heights_free(scars->relief);
    free(scars->outline);
    free(scars->scar);
    free(scars);
}
