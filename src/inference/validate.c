/* Predicted against reported: what the draws say of each figure, its study left out. */
#include "inference_impl.h"
#include <math.h>
#include <omp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Scale of the half-normal prior on the spread between studies, per cent; as wide as the spread that is
 * seen. Assumed. */
static const double tau_scale = 20;
/* Correlation of the errors of one study's score at two times; assumed. */
static const double time_correlation = 0.5;
enum { DRAWS_OF_BASELINE = 512, BLEND_STEPS = 100 };

bool cit_posterior_knows(const cit_posterior *posterior, const char *study) {
    const char *list = posterior->about == NULL ? NULL : strstr(posterior->about, "# studies:");
    if (list == NULL) return false;
    const size_t length = strcspn(list, "\n"), name = strlen(study);
    for (const char *at = list; (at = strstr(at, study)) != NULL && at < list + length; at++)
        if (at[-1] == ' ' && strchr(" \n", at[name]) != NULL) return true;
    return false;
}

/* ---- samples of a posterior ------------------------------------------------------------------------ */

static cit_status samples_new(const cit_evidence *e, int draws, cit_samples **ret,
                              cit_errors *errs) {
    cit_samples *s = calloc(1, sizeof *s);
    if (s != NULL) {
        s->draws = draws;
        s->rows = e->table_count;
        s->studies = e->study_count;
        s->values = cit_evidence_values(e);
        s->chance = CIT_UNKNOWN_NUMBER;
        s->numbers = malloc((size_t)draws * (size_t)s->rows * sizeof(double));
        s->likelihood = malloc(((size_t)draws * (size_t)s->studies + 1) * sizeof(double));
        s->predicted = malloc(((size_t)draws * (size_t)s->values + 1) * sizeof(double));
    }
    if (s == NULL || !s->numbers || !s->likelihood || !s->predicted) {
        cit_samples_free(s);
        return cit_fail(errs, CIT_NOMEM, "", "no memory for %d draws", draws);
    }
    *ret = s;
    return CIT_OK;
}

/* Rows that a posterior leaves open are at their middle: only spreads and drift are read from them. */
static void predict_draw(const cit_evidence *e, cit_evidence_run *run, cit_samples *s, int draw,
                         atomic_int *failed) {
    cit_errors none = {.count = CIT_ERRORS_MAX};
    const double *shared = s->numbers + (size_t)draw * (size_t)s->rows;
    double *values = s->predicted + (size_t)draw * (size_t)s->values;
    if (cit_evidence_predict(e, run, shared, values, &none) != CIT_OK) atomic_store(failed, 1);
    cit_evidence_likelihood(e, shared, values, s->likelihood + (size_t)draw * (size_t)s->studies);
}

cit_status cit_samples_of(const cit_evidence *e, const cit_posterior *posterior, int draws,
                          int threads, const cit_progress *progress, cit_samples **ret,
                          cit_errors *errs) {
    cit_samples *s = NULL;
    const int count = draws > 0 && draws < posterior->draws ? draws : posterior->draws;
    cit_status st = samples_new(e, count, &s, errs);
    if (s == NULL) return st;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < s->rows; j++)
            s->numbers[(size_t)i * (size_t)s->rows + (size_t)j] =
                cit_posterior_number(posterior, i, j);
    atomic_int next = 0, failed = 0, stopped = 0;
#pragma omp parallel num_threads(threads > 0 ? threads : omp_get_num_procs())
    {
        cit_evidence_run *run = NULL;
        cit_errors none = {.count = CIT_ERRORS_MAX};
        if (cit_evidence_run_new(e, &run, &none) != CIT_OK) atomic_store(&failed, 1);
        while (run != NULL && !atomic_load(&stopped)) {
            const int i = atomic_fetch_add(&next, 1);
            if (i >= count) break;
            predict_draw(e, run, s, i, &failed);
            if (omp_get_thread_num() == 0 &&
                !cit_progress_report(progress, (double)i / count, "predicting the evidence"))
                atomic_store(&stopped, 1);
        }
        cit_evidence_run_free(run);
    }
    if (atomic_load(&stopped))
        st = cit_fail(errs, CIT_CANCELLED, "", "stopped on request");
    else if (atomic_load(&failed))
        st = cit_fail(errs, CIT_DIVERGED, "", "the evidence cannot be predicted");
    if (st == CIT_OK)
        *ret = s;
    else
        cit_samples_free(s);
    return st;
}

/* ---- draws of one figure ---------------------------------------------------------------------------- */

typedef struct validator {
    const cit_evidence *e;
    const cit_posterior *posterior;
    const cit_samples *samples; /* of the posterior */
    cit_samples *const *refits; /* NULL: none */
    const cit_samples *s;       /* those in use, with their weights */
    uint64_t seed;
    double *weight, *ratio, *draw; /* one a draw */
    double pareto;                 /* of the weights */
    cit_validation *v;
} validator;

static double normal(const validator *v, int draw, const char *what, int place) {
    return cit_normal_quantile(
        cit_random(v->seed, (uint32_t)draw, cit_random_stream(what), (uint32_t)place));
}

/* One figure as it would come out in a study like this one: the study's effect, then sampling. */
static void draw_figure(const validator *v, const cit_figure *f, const cit_responder *class) {
    const int place = (int)(f - v->e->figures);
    for (int d = 0; d < v->s->draws; d++) {
        const double *shared = v->s->numbers + (size_t)d * (size_t)v->s->rows;
        const double *values = v->s->predicted + (size_t)d * (size_t)v->s->values;
        const double own = normal(v, d, "study", f->study), noise = normal(v, d, "figure", place);
        v->draw[d] = figure_draw(v->e, shared, values, f, class, own, noise);
    }
}

/* Weights that take a study out of the posterior; all the same where it never was in it, or was left out by
 * a new fit. */
static cit_status leave_out(validator *v, int study, cit_errors *errs) {
    const bool anew = v->refits != NULL && v->refits[study] != NULL;
    v->s = anew ? v->refits[study] : v->samples;
    const int n = v->s->draws;
    const bool known = !anew && (v->posterior == NULL ||
                                 cit_posterior_knows(v->posterior, v->e->studies[study]->id));
    v->pareto = CIT_UNKNOWN_NUMBER;
    for (int i = 0; i < n; i++) {
        v->weight[i] = 1.0 / n;
        v->ratio[i] = -v->s->likelihood[(size_t)i * (size_t)v->s->studies + (size_t)study];
    }
    if (!known) return CIT_OK;
    cit_psis psis;
    const cit_status st = cit_psis_weights(v->ratio, n, v->weight, &psis, errs);
    v->pareto = psis.k;
    return st;
}

typedef struct weighted {
    double value, weight;
} weighted;

static int by_value(const void *a, const void *b) {
    const double x = ((const weighted *)a)->value, y = ((const weighted *)b)->value;
    return (x > y) - (x < y);
}

static double weighted_quantile(const weighted *sorted, int n, double p) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
        sum += sorted[i].weight;
        if (sum >= p) return sorted[i].value;
    }
    return sorted[n - 1].value;
}

static cit_status quantiles(const validator *v, const double p[], double *const ret[], int count,
                            cit_errors *errs) {
    const int n = v->s->draws;
    weighted *sorted = malloc((size_t)n * sizeof *sorted);
    if (sorted == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    for (int i = 0; i < n; i++) sorted[i] = (weighted){v->draw[i], v->weight[i]};
    qsort(sorted, (size_t)n, sizeof *sorted, by_value);
    for (int i = 0; i < count; i++) *ret[i] = weighted_quantile(sorted, n, p[i]);
    free(sorted);
    return CIT_OK;
}

/* ---- every figure ------------------------------------------------------------------------------------ */

static cit_compared *add_compared(validator *v) {
    cit_validation *r = v->v;
    cit_compared *grown =
        realloc(r->compared, (size_t)(r->compared_count + 1) * sizeof *r->compared);
    if (grown == NULL) return NULL;
    r->compared = grown;
    grown[r->compared_count] = (cit_compared){0};
    return &grown[r->compared_count++];
}

static cit_status compare(validator *v, const cit_figure *f, const cit_responder *class,
                          double seen, double scale, cit_errors *errs) {
    static const double p[] = {0.5, 0.25, 0.75, 0.05, 0.95};
    cit_compared *c = add_compared(v);
    if (c == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    draw_figure(v, f, class);
    for (int i = 0; i < v->s->draws; i++) v->draw[i] *= scale;
    c->figure = f;
    c->class = class;
    c->scale = scale;
    c->seen = seen * scale;
    c->pareto = v->pareto;
    snprintf(c->label, sizeof c->label, class ? "%.90s: %.30s" : "%.90s%.0s", f->label,
             class ? class->what : "");
    end_at_a_character(c->label);
    double *const ret[] = {&c->median, &c->lo50, &c->hi50, &c->lo90, &c->hi90};
    cit_status st = quantiles(v, p, ret, 5, errs);
    if (st == CIT_OK)
        st = cit_crps_ensemble(v->draw, v->weight, v->s->draws, c->seen, false, &c->crps, errs);
    if (c->pareto > 0.7) v->v->distrusted++;
    return st;
}

static cit_status compare_figure(validator *v, const cit_figure *f, cit_errors *errs) {
    switch ((cit_figure_kind)f->kind) {
    case CIT_FIGURE_SCORE:
    case CIT_FIGURE_TISSUE:
        return compare(v, f, NULL, f->seen, 100, errs);
    case CIT_FIGURE_PAIN:
        return compare(v, f, NULL, f->seen, 1, errs);
    case CIT_FIGURE_PIGMENT:
        return compare(v, f, NULL, (double)f->count / f->of, 100, errs);
    case CIT_FIGURE_REDNESS: {
        const double low = cit_known(f->low) ? f->low : f->high,
                     high = cit_known(f->high) ? f->high : f->low;
        return compare(v, f, NULL, sqrt(low * high), 1, errs);
    }
    case CIT_FIGURE_CLASSES:
        for (int i = 0; i < f->outcome->responder_count; i++) {
            const cit_responder *r = &f->outcome->responders[i];
            if (!cit_responder_is_figure(r) || r->bound != 0) continue;
            const double share =
                r->count != CIT_UNKNOWN_INT ? (double)r->count / f->of : r->percent / 100;
            const cit_status st = compare(v, f, r, share, 100, errs);
            if (st != CIT_OK) return st;
        }
        return CIT_OK;
    default:
        return CIT_OK;
    }
}

/* ---- between studies ------------------------------------------------------------------------------ */

/* The figure a study is represented by: the last of its first treated score. */
static const cit_figure *figure_of_study(const cit_evidence *e, int study) {
    const cit_figure *first = NULL, *best = NULL;
    for (int i = 0; i < e->figure_count; i++) {
        const cit_figure *f = &e->figures[i];
        if (f->study != study || f->kind != CIT_FIGURE_SCORE || f->untreated) continue;
        if (first == NULL) first = f;
        const bool same =
            f->arm == first->arm && strcmp(f->outcome->scale, first->outcome->scale) == 0;
        if (same && (best == NULL || f->day >= best->day)) best = f;
    }
    return best;
}

/* The other studies' mean, or line on visits, as draws of what this study would report. */
static cit_status baseline(const cit_study_result *others, int n, bool regress, double regressor,
                           double variance, double *draws, cit_errors *errs) {
    static cit_meta fit;
    double mean[CIT_META_NODES], sd[CIT_META_NODES];
    bool varies = false; /* no line goes through one number of visits */
    for (int i = 1; i < n; i++) varies = varies || others[i].regressor != others[0].regressor;
    const cit_meta_prior prior = {.tau_scale = tau_scale, .regress = regress && varies};
    const cit_status st = cit_meta_fit(others, n, &prior, &fit, errs);
    if (st != CIT_OK) return st;
    cit_meta_predict(&fit, regressor, variance, mean, sd);
    const cit_mixture mixture = {CIT_META_NODES, fit.weight, mean, sd};
    for (int i = 0; i < DRAWS_OF_BASELINE; i++)
        draws[i] = cit_mixture_quantile(&mixture, (i + 0.5) / DRAWS_OF_BASELINE);
    return CIT_OK;
}

/* Equally likely draws of the mechanism without the study: weighted quantiles. */
static cit_status mechanism(validator *v, const cit_figure *f, double *draws, cit_errors *errs) {
    static double p[DRAWS_OF_BASELINE];
    static double *ret[DRAWS_OF_BASELINE];
    for (int i = 0; i < DRAWS_OF_BASELINE; i++) {
        p[i] = (i + 0.5) / DRAWS_OF_BASELINE;
        ret[i] = &draws[i];
    }
    cit_status st = leave_out(v, f->study, errs);
    if (st != CIT_OK) return st;
    draw_figure(v, f, NULL);
    for (int i = 0; i < v->s->draws; i++) v->draw[i] *= 100;
    return quantiles(v, p, ret, DRAWS_OF_BASELINE, errs);
}

static double best_weight(const cit_blend *blends, int n, int without) {
    double best = 1, least = HUGE_VAL;
    for (int k = 0; k <= BLEND_STEPS; k++) {
        const double w = (double)k / BLEND_STEPS; /* of the mechanism, which is `a` */
        double sum = 0;
        for (int i = 0; i < n; i++)
            if (i != without) sum += cit_crps_blend_at(&blends[i], 1 - w);
        if (sum < least) {
            least = sum;
            best = w;
        }
    }
    return best;
}

static double blended_quantile(const double *a, const double *b, double w, double p) {
    weighted both[2 * DRAWS_OF_BASELINE];
    for (int i = 0; i < DRAWS_OF_BASELINE; i++) {
        both[2 * i] = (weighted){a[i], w / DRAWS_OF_BASELINE};
        both[2 * i + 1] = (weighted){b[i], (1 - w) / DRAWS_OF_BASELINE};
    }
    qsort(both, 2 * DRAWS_OF_BASELINE, sizeof *both, by_value);
    return weighted_quantile(both, 2 * DRAWS_OF_BASELINE, p);
}

/* The mechanism again, its studies' effects scattered about an offset: equally likely draws. */
static cit_status shifted_mechanism(validator *v, const cit_figure *f, double offset, double sd,
                                    double *draws, cit_errors *errs) {
    static double p[DRAWS_OF_BASELINE];
    static double *ret[DRAWS_OF_BASELINE];
    for (int i = 0; i < DRAWS_OF_BASELINE; i++) {
        p[i] = (i + 0.5) / DRAWS_OF_BASELINE;
        ret[i] = &draws[i];
    }
    const int place = (int)(f - v->e->figures);
    const cit_status st = leave_out(v, f->study, errs);
    if (st != CIT_OK) return st;
    for (int d = 0; d < v->s->draws; d++) {
        const double *shared = v->s->numbers + (size_t)d * (size_t)v->s->rows;
        const double *values = v->s->predicted + (size_t)d * (size_t)v->s->values;
        const double effect = 0.01 * (offset + sd * normal(v, d, "study", f->study));
        v->draw[d] =
            100 * figure_draw(v->e, shared, values, f, NULL, effect / effect_sd(v->e, shared),
                              normal(v, d, "figure", place));
    }
    return quantiles(v, p, ret, DRAWS_OF_BASELINE, errs);
}

/* Memory of the comparison between studies: draws of each. */
typedef struct contest {
    cit_study_result *all, *others;
    double *mechanism, *shifted, *baseline;
    cit_blend *blends;
} contest;

static cit_status score_study(validator *v, contest *c, int i, cit_errors *errs) {
    cit_between *b = &v->v->between[i];
    const int n = v->v->between_count;
    double *m = c->mechanism + (size_t)i * DRAWS_OF_BASELINE, *a = c->baseline;
    int others = 0;
    for (int j = 0; j < n; j++)
        if (j != i) c->others[others++] = c->all[j];
    cit_status st = CIT_OK;
    CIT_TRY(mechanism(v, b->figure, m, errs));
    b->pareto = v->pareto;
    b->median = cit_quantile_sorted(m, DRAWS_OF_BASELINE, 0.5);
    b->lo50 = cit_quantile_sorted(m, DRAWS_OF_BASELINE, 0.25);
    b->hi50 = cit_quantile_sorted(m, DRAWS_OF_BASELINE, 0.75);
    b->lo90 = cit_quantile_sorted(m, DRAWS_OF_BASELINE, 0.05);
    b->hi90 = cit_quantile_sorted(m, DRAWS_OF_BASELINE, 0.95);
    CIT_TRY(cit_crps_ensemble(m, NULL, DRAWS_OF_BASELINE, b->seen, false, &b->crps, errs));
    CIT_TRY(baseline(c->others, others, false, 0, c->all[i].variance, a, errs));
    CIT_TRY(cit_crps_ensemble(a, NULL, DRAWS_OF_BASELINE, b->seen, false, &b->crps_mean, errs));
    CIT_TRY(baseline(c->others, others, true, c->all[i].regressor, c->all[i].variance, a, errs));
    CIT_TRY(cit_crps_ensemble(a, NULL, DRAWS_OF_BASELINE, b->seen, false, &b->crps_visits, errs));
done:
    return st;
}

static cit_status difference(const cit_validation *v, size_t a, size_t b, cit_test_result *ret,
                             cit_errors *errs) {
    double x[512], y[512];
    const int n = v->between_count < 512 ? v->between_count : 512;
    for (int i = 0; i < n; i++) {
        x[i] = *(const double *)(const void *)((const char *)&v->between[i] + a);
        y[i] = *(const double *)(const void *)((const char *)&v->between[i] + b);
    }
    return cit_score_difference(x, y, n, 0.95, ret, errs);
}

static cit_status coverage(const cit_validation *v, size_t lo, size_t hi, double nominal,
                           cit_test_result *ret, cit_errors *errs) {
    double low[512], high[512], seen[512];
    const int n = v->between_count < 512 ? v->between_count : 512;
    for (int i = 0; i < n; i++) {
        low[i] = *(const double *)(const void *)((const char *)&v->between[i] + lo);
        high[i] = *(const double *)(const void *)((const char *)&v->between[i] + hi);
        seen[i] = v->between[i].seen;
    }
    return cit_test_coverage(low, high, seen, n, nominal, 0.95, ret, errs);
}

/* What studies report beyond the mechanism without them, all but one: the random-effects mean, and how a new
 * study scatters about it. */
static cit_status left_over(const cit_validation *v, const contest *c, int without,
                            double *ret_offset, double *ret_sd, cit_errors *errs) {
    static cit_meta fit;
    double mean[CIT_META_NODES], sd[CIT_META_NODES];
    const cit_meta_prior prior = {.tau_scale = tau_scale};
    int n = 0;
    for (int i = 0; i < v->between_count; i++)
        if (i != without)
            c->others[n++] = (cit_study_result){v->between[i].seen - v->between[i].median,
                                                c->all[i].variance, 0};
    const cit_status st = cit_meta_fit(c->others, n, &prior, &fit, errs);
    if (st != CIT_OK) return st;
    cit_meta_predict(&fit, 0, 0, mean, sd);
    const cit_mixture mixture = {CIT_META_NODES, fit.weight, mean, sd};
    *ret_offset = cit_mixture_mean(&mixture);
    *ret_sd = cit_mixture_sd(&mixture);
    return CIT_OK;
}

/* The two that forecasts blend: the mechanism, and the mechanism shifted by what the others report. */
static cit_status pair_study(validator *v, contest *c, int i, cit_errors *errs) {
    const cit_between *b = &v->v->between[i];
    const double *m = c->mechanism + (size_t)i * DRAWS_OF_BASELINE;
    double *shifted = c->shifted + (size_t)i * DRAWS_OF_BASELINE, offset, sd;
    cit_status st = left_over(v->v, c, i, &offset, &sd, errs);
    if (st == CIT_OK) st = shifted_mechanism(v, b->figure, offset, sd, shifted, errs);
    if (st != CIT_OK) return st;
    return cit_crps_blend(m, DRAWS_OF_BASELINE, shifted, DRAWS_OF_BASELINE, b->seen, false,
                          &c->blends[i], errs);
}

static cit_status sum_up(cit_validation *v, const contest *c, cit_errors *errs) {
    const int n = v->between_count;
    cit_status st = CIT_OK;
    v->blend_weight = best_weight(c->blends, n, -1);
    for (int i = 0; i < n; i++) {
        cit_between *b = &v->between[i];
        const double *m = c->mechanism + (size_t)i * DRAWS_OF_BASELINE,
                     *a = c->shifted + (size_t)i * DRAWS_OF_BASELINE;
        b->weight = best_weight(c->blends, n, i);
        b->crps_blend = cit_crps_blend_at(&c->blends[i], 1 - b->weight);
        b->blend_median = blended_quantile(m, a, b->weight, 0.5);
        b->blend_lo90 = blended_quantile(m, a, b->weight, 0.05);
        b->blend_hi90 = blended_quantile(m, a, b->weight, 0.95);
        v->crps += b->crps / n;
        v->crps_mean += b->crps_mean / n;
        v->crps_visits += b->crps_visits / n;
        v->crps_blend += b->crps_blend / n;
    }
    CIT_TRY(left_over(v, c, -1, &v->offset, &v->offset_sd, errs));
#define AT(member) offsetof(cit_between, member)
    CIT_TRY(difference(v, AT(crps), AT(crps_mean), &v->to_mean, errs));
    CIT_TRY(difference(v, AT(crps), AT(crps_visits), &v->to_visits, errs));
    CIT_TRY(difference(v, AT(crps_blend), AT(crps_mean), &v->blend_to_mean, errs));
    CIT_TRY(difference(v, AT(crps_blend), AT(crps_visits), &v->blend_to_visits, errs));
    CIT_TRY(coverage(v, AT(lo50), AT(hi50), 0.5, &v->inside50, errs));
    CIT_TRY(coverage(v, AT(lo90), AT(hi90), 0.9, &v->inside90, errs));
    CIT_TRY(coverage(v, AT(blend_lo90), AT(blend_hi90), 0.9, &v->blend_inside90, errs));
#undef AT
done:
    return st;
}

/* Device by device, where there are two studies at least. */
static cit_status by_device(cit_validation *v, contest *c, cit_errors *errs) {
    for (int device = 0; device < CIT_DEVICES_COMPARED; device++) {
        int n = 0;
        for (int i = 0; i < v->between_count; i++)
            if (v->between[i].figure->arm->device == device) c->others[n++] = c->all[i];
        if (n < 2) continue;
        cit_of_device *d = &v->devices[v->device_count++];
        *d = (cit_of_device){.device = device, .studies = n};
        const cit_status st = cit_meta_dersimonian_laird(c->others, n, 0.95, &d->spread, errs);
        if (st != CIT_OK) return st;
    }
    return CIT_OK;
}

/* Baselines need three other studies for a line. */
enum { STUDIES_NEEDED = 4 };

static cit_status between_studies(validator *v, cit_errors *errs) {
    const cit_evidence *e = v->e;
    cit_validation *r = v->v;
    const size_t n = (size_t)e->study_count + 1;
    cit_status st = CIT_OK;
    contest c = {.all = calloc(n, sizeof *c.all),
                 .others = calloc(n, sizeof *c.others),
                 .mechanism = malloc(n * DRAWS_OF_BASELINE * sizeof(double)),
                 .shifted = malloc(n * DRAWS_OF_BASELINE * sizeof(double)),
                 .baseline = malloc(DRAWS_OF_BASELINE * sizeof(double)),
                 .blends = calloc(n, sizeof *c.blends)};
    r->between = calloc(n, sizeof *r->between);
    if (!(c.all && c.others && c.mechanism && c.shifted && c.baseline && c.blends && r->between)) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory");
        goto done;
    }
    for (int s = 0; s < e->study_count; s++) {
        const cit_figure *f = figure_of_study(e, s);
        if (f == NULL) continue;
        const double error = 100 * f->error;
        c.all[r->between_count] =
            (cit_study_result){100 * f->seen, error * error, log(arm_visits(f->arm))};
        r->between[r->between_count++] = (cit_between){
            .study = s, .figure = f, .visits = arm_visits(f->arm), .seen = 100 * f->seen};
    }
    if (r->between_count < STUDIES_NEEDED) {
        r->between_count = 0;
        goto done;
    }
    for (int i = 0; i < r->between_count; i++) CIT_TRY(score_study(v, &c, i, errs));
    for (int i = 0; i < r->between_count; i++) CIT_TRY(pair_study(v, &c, i, errs));
    CIT_TRY(sum_up(r, &c, errs));
    CIT_TRY(by_device(r, &c, errs));
done:
    free(c.all);
    free(c.others);
    free(c.mechanism);
    free(c.shifted);
    free(c.baseline);
    free(c.blends);
    return st;
}

/* ---- within studies ---------------------------------------------------------------------------------- */

static double mean_at(const validator *v, int draw, int probe) {
    const int people = v->e->with.people;
    return cit_mean(v->s->predicted + (size_t)draw * (size_t)v->s->values +
                        (size_t)probe * (size_t)people,
                    people);
}

static cit_status add_within(validator *v, const cit_within *w, cit_errors *errs) {
    static const double p[] = {0.5, 0.05, 0.95};
    cit_validation *r = v->v;
    cit_within *grown = realloc(r->within, (size_t)(r->within_count + 1) * sizeof *grown);
    if (grown == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    r->within = grown;
    grown[r->within_count] = *w;
    cit_within *now = &grown[r->within_count++];
    end_at_a_character(now->label);
    double *const ret[] = {&now->median, &now->lo90, &now->hi90};
    return quantiles(v, p, ret, 3, errs);
}

/* How much of what is there at the last time was there before: `f` before, `last` the last. */
static cit_status add_time(validator *v, const cit_figure *f, const cit_figure *last,
                           cit_errors *errs) {
    const int place = (int)(f - v->e->figures);
    cit_within w = {
        .against = "all of it at once", .seen = 100 * f->seen / last->seen, .baseline = 100};
    snprintf(w.label, sizeof w.label, "%.90s: share of day %.0f's gain on day %.0f, %%", f->label,
             last->day, f->day);
    for (int d = 0; d < v->s->draws; d++) {
        const double share = mean_at(v, d, f->probe) / mean_at(v, d, last->probe);
        const double before = f->error, after = share * last->error;
        const double error =
            sqrt(before * before + after * after - 2 * time_correlation * before * after) /
            last->seen;
        v->draw[d] = 100 * (share + error * normal(v, d, "figure", place));
    }
    return add_within(v, &w, errs);
}

static cit_status add_tissue(validator *v, const cit_figure *f, cit_errors *errs) {
    cit_within w = {.against = "no change", .seen = 100 * f->seen, .baseline = 0};
    snprintf(w.label, sizeof w.label, "%.120s, change %%", f->label);
    draw_figure(v, f, NULL);
    for (int d = 0; d < v->s->draws; d++) v->draw[d] *= 100;
    return add_within(v, &w, errs);
}

/* Which of two is more, or that nothing changes: 100 where the source says so. */
static cit_status add_order(validator *v, const cit_figure *f, cit_errors *errs) {
    cit_within w = {.against = "even odds", .seen = 100, .baseline = 50};
    snprintf(w.label, sizeof w.label, "%.90s%s, odds %%", f->label,
             f->direction == CIT_NO_CHANGE ? ", no significant change" : "");
    double odds = 0;
    for (int d = 0; d < v->s->draws; d++)
        odds += v->weight[d] * figure_odds(v->e, v->s->numbers + (size_t)d * (size_t)v->s->rows,
                                           v->s->predicted + (size_t)d * (size_t)v->s->values, f,
                                           normal(v, d, "study", f->study));
    for (int d = 0; d < v->s->draws; d++) v->draw[d] = 100 * odds;
    return add_within(v, &w, errs);
}

static cit_status within_study(validator *v, int study, cit_errors *errs) {
    const cit_evidence *e = v->e;
    cit_status st = CIT_OK;
    for (int i = 0; i < e->figure_count && st == CIT_OK; i++) {
        const cit_figure *f = &e->figures[i], *last = f;
        if (f->study != study || f->untreated) continue;
        for (int j = 0; j < e->figure_count && f->kind == CIT_FIGURE_SCORE; j++) {
            const cit_figure *g = &e->figures[j];
            if (g->study == study && g->kind == f->kind && g->arm == f->arm &&
                strcmp(g->outcome->scale, f->outcome->scale) == 0 && g->day > last->day)
                last = g;
        }
        if (last != f && last->seen > 0) st = add_time(v, f, last, errs);
        if (f->kind == CIT_FIGURE_TISSUE) st = add_tissue(v, f, errs);
        if (f->kind == CIT_FIGURE_ORDER || f->kind == CIT_FIGURE_SIGN) st = add_order(v, f, errs);
    }
    return st;
}

/* ---- all of it ---------------------------------------------------------------------------------------- */

/* Room for the draws of all samples. */
static size_t most_draws(const cit_samples *s, cit_samples *const *refits, int studies) {
    int most = s->draws;
    for (int i = 0; refits != NULL && i < studies; i++)
        if (refits[i] != NULL && refits[i]->draws > most) most = refits[i]->draws;
    return (size_t)most + 1;
}

cit_status cit_validate(const cit_evidence *e, const cit_posterior *posterior, const cit_samples *s,
                        cit_samples *const *refits, uint64_t seed, cit_validation **ret,
                        cit_errors *errs) {
    cit_status st = CIT_OK;
    const size_t n = most_draws(s, refits, e->study_count);
    validator v = {.e = e,
                   .posterior = posterior,
                   .samples = s,
                   .refits = refits,
                   .seed = seed,
                   .weight = malloc(n * sizeof(double)),
                   .ratio = malloc(n * sizeof(double)),
                   .draw = malloc(n * sizeof(double)),
                   .v = calloc(1, sizeof *v.v)};
    if (!(v.weight && v.ratio && v.draw && v.v)) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory");
        goto done;
    }
    for (int study = 0; study < e->study_count; study++) {
        if (!cit_evidence_uses(e, study)) continue;
        v.v->fitted_anew += refits != NULL && refits[study] != NULL;
        CIT_TRY(leave_out(&v, study, errs));
        for (int i = 0; i < e->figure_count; i++)
            if (e->figures[i].study == study) CIT_TRY(compare_figure(&v, &e->figures[i], errs));
        CIT_TRY(within_study(&v, study, errs));
    }
    CIT_TRY(between_studies(&v, errs));
    *ret = v.v;
    v.v = NULL;
done:
    cit_validation_free(v.v);
    free(v.weight);
    free(v.ratio);
    free(v.draw);
    return st;
}

void cit_validation_free(cit_validation *v) {
    if (v == NULL) return;
    free(v->compared);
    free(v->between);
    free(v->within);
    free(v);
}
