/* New fits without a study, where weights cannot take it out of the samples. */
#include "inference_impl.h"
#include <math.h>
#include <stdlib.h>

/* Vehtari and others, J Mach Learn Res 2024; 25(72). */
static const double pareto_trusted = 0.7;

/* Progress of one part of the work. */
typedef struct part_of {
    const cit_progress *whole;
    double from, size;
} part_of;

static bool report_part(void *context, double share, const char *what) {
    const part_of *p = context;
    return cit_progress_report(p->whole, p->from + p->size * share, what);
}

static bool has_score(const cit_evidence *e, int study) {
    for (int i = 0; i < e->figure_count; i++)
        if (e->figures[i].study == study && e->figures[i].kind == CIT_FIGURE_SCORE) return true;
    return false;
}

/* How far weights that leave a study out may be trusted: Pareto's k. */
static cit_status pareto_of(const cit_samples *s, int study, double *memory, double *ret,
                            cit_errors *errs) {
    cit_psis psis;
    for (int i = 0; i < s->draws; i++)
        memory[i] = -s->likelihood[(size_t)i * (size_t)s->studies + (size_t)study];
    const cit_status st = cit_psis_weights(memory, s->draws, memory + s->draws, &psis, errs);
    *ret = psis.k;
    return st;
}

/* Marks the studies that need a new fit; returns how many. */
static cit_status find(const cit_evidence *e, const cit_posterior *posterior, const cit_samples *s,
                       bool scores_only, bool *wanted, int *ret, cit_errors *errs) {
    double *memory = malloc(2 * (size_t)s->draws * sizeof *memory);
    if (memory == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    cit_status st = CIT_OK;
    *ret = 0;
    for (int i = 0; i < e->study_count && st == CIT_OK; i++) {
        double k = 0;
        if (!cit_evidence_uses(e, i) || (scores_only && !has_score(e, i))) continue;
        if (posterior != NULL && !cit_posterior_knows(posterior, e->studies[i]->id)) continue;
        st = pareto_of(s, i, memory, &k, errs);
        wanted[i] = k > pareto_trusted;
        *ret += wanted[i];
    }
    free(memory);
    return st;
}

void cit_refits_free(cit_samples **refits, int studies) {
    for (int i = 0; refits != NULL && i < studies; i++) cit_samples_free(refits[i]);
    free(refits);
}

cit_status cit_refits_make(const cit_evidence *e, const cit_posterior *posterior,
                           const cit_samples *samples, bool scores_only,
                           const cit_sampling *sampling, cit_samples ***ret, cit_errors *errs) {
    const size_t n = (size_t)e->study_count + 1;
    int count = 0, done_so_far = 0;
    bool *wanted = calloc(n, sizeof *wanted);
    cit_samples **refits = calloc(n, sizeof(cit_samples *));
    cit_status st = CIT_OK;
    if (wanted == NULL || refits == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory");
        goto done;
    }
    CIT_TRY(find(e, posterior, samples, scores_only, wanted, &count, errs));
    for (int i = 0; i < e->study_count; i++) {
        if (!wanted[i]) continue;
        part_of part = {&sampling->progress, (double)done_so_far++ / count, 1.0 / count};
        cit_sampling with = *sampling;
        with.progress = (cit_progress){report_part, &part};
        CIT_TRY(cit_sample_without(e, posterior, samples, i, &with, &refits[i], errs));
    }
    *ret = refits;
    refits = NULL;
done:
    cit_refits_free(refits, e->study_count);
    free(wanted);
    return st;
}
