/* Sums over trials, in any order. */
#include "trial_impl.h"
#include <cit/num.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t compared_at(void) { return sizeof(head_tally); }
static size_t seen_at(const cit_trial *t) {
    return compared_at() + (size_t)cit_trial_comparisons(t) * sizeof(compared_tally);
}
static size_t cells(const cit_trial *t) { return (size_t)t->arm_count * (size_t)t->endpoint_count; }
static size_t sketches_at(const cit_trial *t) { return seen_at(t) + cells(t) * sizeof(seen_tally); }

size_t tally_size(const cit_trial *t, bool sketches) {
    const size_t count = (size_t)cit_trial_comparisons(t) + cells(t);
    return sketches_at(t) + (sketches ? count * cit_sketch_size(TALLY_BINS) : 0);
}

static void *at(const tally *t, size_t offset) { return t->bytes + offset; }
head_tally *tally_head(const tally *t) { return at(t, 0); }
compared_tally *tally_compared(const tally *t, int i) {
    return at(t, compared_at() + (size_t)i * sizeof(compared_tally));
}
static size_t cell(const tally *t, int arm, int endpoint) {
    return (size_t)endpoint * (size_t)t->trial->arm_count + (size_t)arm;
}
seen_tally *tally_seen(const tally *t, int arm, int endpoint) {
    return at(t, seen_at(t->trial) + cell(t, arm, endpoint) * sizeof(seen_tally));
}
static cit_sketch *sketch(const tally *t, size_t i) {
    return t->sketches ? at(t, sketches_at(t->trial) + i * cit_sketch_size(TALLY_BINS)) : NULL;
}
cit_sketch *tally_compared_sketch(const tally *t, int i) { return sketch(t, (size_t)i); }
cit_sketch *tally_seen_sketch(const tally *t, int arm, int endpoint) {
    return sketch(t, (size_t)cit_trial_comparisons(t->trial) + cell(t, arm, endpoint));
}

/* Beyond this a value is only counted; a bin is a thousandth of it. */
static double reach_of(int quantity) {
    switch ((cit_quantity)(quantity - 1)) {
    case CIT_Q_ECCA_CHANGE:
        return 600;
    case CIT_Q_GB_CHANGE:
        return 100;
    case CIT_Q_GRADE:
    case CIT_Q_GRADE_CHANGE:
    case CIT_Q_SCAR_S:
        return 10;
    case CIT_Q_RAISED:
        return 5;
    default:
        return 250;
    }
}

static cit_status init_sketches(const tally *t, cit_errors *errs) {
    cit_status st = CIT_OK;
    for (int i = 0; i < cit_trial_comparisons(t->trial) && st == CIT_OK; i++) {
        const cit_trial_endpoint *e = cit_trial_endpoint_of(t->trial, i);
        const bool share = e->test == CIT_TRIAL_SHARES || e->test == CIT_TRIAL_PAIRED_SHARES;
        const double reach = e->test == CIT_TRIAL_ODDS_RATIO ? 12
                             : share                         ? 1
                                                             : reach_of(e->quantity);
        st = cit_sketch_init(tally_compared_sketch(t, i), -reach, reach, TALLY_BINS, errs);
    }
    for (int e = 0; e < t->trial->endpoint_count; e++) {
        const double reach = reach_of(t->trial->endpoints[e].quantity);
        for (int arm = 0; arm < t->trial->arm_count && st == CIT_OK; arm++)
            st = cit_sketch_init(tally_seen_sketch(t, arm, e), -reach, reach, TALLY_BINS, errs);
    }
    return st;
}

cit_status tally_init(const cit_trial *trial, bool sketches, char *bytes, tally *ret,
                      cit_errors *errs) {
    *ret = (tally){trial, sketches, tally_size(trial, sketches), bytes};
    memset(bytes, 0, ret->size);
    return sketches ? init_sketches(ret, errs) : CIT_OK;
}

static void merge_head(head_tally *a, const head_tally *b) {
    a->trials += b->trials;
    a->enrolled += b->enrolled;
    a->refused += b->refused;
    a->asked += b->asked;
    a->dropped += b->dropped;
    a->visits += b->visits;
    a->missed += b->missed;
    a->sparse += b->sparse;
    cit_moments_merge(&a->rho, &b->rho);
}

static void merge_compared(compared_tally *a, const compared_tally *b) {
    a->success += b->success;
    a->against += b->against;
    a->lost += b->lost;
    cit_moments_merge(&a->estimate, &b->estimate);
    cit_moments_merge(&a->lo, &b->lo);
    cit_moments_merge(&a->hi, &b->hi);
}

static void merge_seen(seen_tally *a, const seen_tally *b) {
    a->responders += b->responders;
    a->of += b->of;
    cit_moments_merge(&a->people, &b->people);
    cit_moments_merge(&a->mean, &b->mean);
    cit_moments_merge(&a->variance, &b->variance);
}

cit_status tally_merge(tally *into, const tally *from, cit_errors *errs) {
    const cit_trial *t = into->trial;
    cit_status st = CIT_OK;
    merge_head(tally_head(into), tally_head(from));
    for (int i = 0; i < cit_trial_comparisons(t); i++) {
        merge_compared(tally_compared(into, i), tally_compared(from, i));
        if (into->sketches && st == CIT_OK)
            st = cit_sketch_merge(tally_compared_sketch(into, i), tally_compared_sketch(from, i),
                                  errs);
    }
    for (int e = 0; e < t->endpoint_count; e++)
        for (int arm = 0; arm < t->arm_count; arm++) {
            merge_seen(tally_seen(into, arm, e), tally_seen(from, arm, e));
            if (into->sketches && st == CIT_OK)
                st = cit_sketch_merge(tally_seen_sketch(into, arm, e),
                                      tally_seen_sketch(from, arm, e), errs);
        }
    return st;
}

/* ---- summaries ------------------------------------------------------------------------------------- */

static cit_trial_share share_of(int64_t events, int64_t of) {
    cit_trial_share s = {events, of, CIT_UNKNOWN_NUMBER, CIT_UNKNOWN_NUMBER, CIT_UNKNOWN_NUMBER};
    if (of > 0) s.share = (double)events / (double)of;
    (void)!cit_exact_interval((int)events, (int)of, 0.95, &s.lo, &s.hi);
    return s;
}

static double quantile(const cit_sketch *s, double p) {
    return s != NULL ? cit_sketch_quantile(s, p, NULL) : CIT_UNKNOWN_NUMBER;
}

static double deviation(const cit_moments *m) { return sqrt(cit_moments_variance(m)); }

static void sum_up_compared(const tally *t, int i, cit_trial_found *ret) {
    const compared_tally *c = tally_compared(t, i);
    const cit_sketch *s = tally_compared_sketch(t, i);
    const int64_t trials = tally_head(t)->trials;
    *ret = (cit_trial_found){.success = share_of(c->success, trials),
                             .against = share_of(c->against, trials),
                             .not_analysed = c->lost,
                             .mean = cit_moments_mean(&c->estimate),
                             .sd = deviation(&c->estimate),
                             .lo90 = quantile(s, 0.05),
                             .median = quantile(s, 0.5),
                             .hi90 = quantile(s, 0.95),
                             .mean_lo = cit_moments_mean(&c->lo),
                             .mean_hi = cit_moments_mean(&c->hi)};
}

static void sum_up_seen(const tally *t, int arm, int endpoint, cit_trial_seen *ret) {
    const seen_tally *c = tally_seen(t, arm, endpoint);
    const cit_sketch *s = tally_seen_sketch(t, arm, endpoint);
    const bool responders = cit_known(t->trial->endpoints[endpoint].responder);
    *ret = (cit_trial_seen){.analysed = cit_moments_mean(&c->people),
                            .mean = cit_moments_mean(&c->mean),
                            .sd_of_means = deviation(&c->mean),
                            .sd = sqrt(cit_moments_mean(&c->variance)),
                            .lo90 = quantile(s, 0.05),
                            .median = quantile(s, 0.5),
                            .hi90 = quantile(s, 0.95),
                            .responders = responders && c->of > 0
                                              ? (double)c->responders / (double)c->of
                                              : CIT_UNKNOWN_NUMBER};
}

cit_status tally_summary(const tally *t, const run_plan *run, cit_trial_summary *ret,
                         cit_errors *errs) {
    const head_tally *h = tally_head(t);
    const int comparisons = cit_trial_comparisons(t->trial);
    *ret = (cit_trial_summary){.kind = run->kind,
                               .people = run->people,
                               .trials = h->trials,
                               .sides_rho = cit_moments_mean(&h->rho),
                               .enrolled = h->enrolled,
                               .refused = h->refused,
                               .to_be_asked = h->asked,
                               .dropped_out = h->dropped,
                               .visits = h->visits,
                               .missed_visits = h->missed,
                               .sparse = h->sparse};
    ret->found = calloc((size_t)comparisons, sizeof *ret->found);
    ret->seen = calloc(cells(t->trial), sizeof *ret->seen);
    if (ret->found == NULL || ret->seen == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    for (int i = 0; i < comparisons; i++) sum_up_compared(t, i, &ret->found[i]);
    for (int e = 0; e < t->trial->endpoint_count; e++)
        for (int arm = 0; arm < t->trial->arm_count; arm++)
            sum_up_seen(t, arm, e, &ret->seen[e * t->trial->arm_count + arm]);
    return CIT_OK;
}
