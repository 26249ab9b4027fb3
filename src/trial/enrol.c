/* Who takes part: candidates one after the other, screened, enrolled, allocated. The first n of a trial are
 * the trial of n people, so that trials of different size share their people. */
#include "trial_impl.h"
#include <math.h>
#include <stdlib.h>

/* A trial's candidates have numbers of their own among those of cit_random. */
double trial_uniform(uint64_t seed, int number, int candidate, uint32_t stream, uint32_t place) {
    const uint32_t draw = (uint32_t)number * CIT_TRIAL_NUMBERS + (uint32_t)candidate;
    return cit_random(seed, draw, stream, place);
}

double trial_normal(uint64_t seed, int number, int candidate, uint32_t stream, uint32_t place) {
    return cit_normal_quantile(trial_uniform(seed, number, candidate, stream, place));
}

/* ---- candidates ------------------------------------------------------------------------------------ */

static cit_clearance verdict_of(const cit_trial *t, const kind_case *k, uint64_t seed, int number,
                                int candidate) {
    const uint32_t stream = cit_random_stream("trial health");
    cit_clearance worst = k->verdict[0];
    for (int i = 0; i < t->population.health_count; i++)
        if (trial_uniform(seed, number, candidate, stream, (uint32_t)i) <
                t->population.health[i].share &&
            k->verdict[1 + i] > worst)
            worst = k->verdict[1 + i];
    return worst;
}

static subject someone(const cit_trial *t, uint64_t seed, int number, int candidate, int kind) {
    const uint32_t missed = cit_random_stream("trial missed visit");
    subject s = {.candidate = candidate, .kind = kind};
    s.drops_at = trial_uniform(seed, number, candidate, cit_random_stream("trial drop-out"), 0);
    for (uint32_t i = 1; i < 60 && t->conduct.missed_visits > 0; i++)
        if (trial_uniform(seed, number, candidate, missed, i) < t->conduct.missed_visits)
            s.missed |= (uint64_t)1 << i;
    return s;
}

/* ---- allocation -------------------------------------------------------------------------------------- */

static int shares_of(const cit_trial *t) {
    int sum = 0;
    for (int i = 0; i < t->arm_count; i++) sum += t->arms[i].share;
    return sum > 0 ? sum : 1;
}

/* The arm that has place `at` of the allocation's shares. */
static int arm_at(const cit_trial *t, int at) {
    int arm = 0;
    while (at >= t->arms[arm].share) at -= t->arms[arm++].share;
    return arm;
}

/* The place of this one among the random numbers of its block, ties impossible but for equal numbers, which
 * then stand in their order. */
static int place_in_block(uint64_t seed, int number, int clinic, int first, int size, int place) {
    const uint32_t stream = cit_random_stream("trial block"), of = (uint32_t)clinic;
    const double own = trial_uniform(seed, number, first + place, stream, of);
    int rank = 0;
    for (int i = 0; i < size; i++) {
        const double other = trial_uniform(seed, number, first + i, stream, of);
        rank += other < own || (other == own && i < place);
    }
    return rank;
}

/* Of the i-th who is enrolled. Blocks are of their own in each clinic. */
static int allocate(const cit_trial *t, uint64_t seed, int number, int i) {
    const int shares = shares_of(t), clinics = t->conduct.clinics;
    if (t->design == CIT_SPLIT_FACE) return 0;
    if (t->conduct.allocation == CIT_SIMPLE_ALLOCATION) {
        const uint32_t stream = cit_random_stream("trial allocation");
        return arm_at(t, (int)(shares * trial_uniform(seed, number, i, stream, 0)));
    }
    const int block = t->conduct.block > 0 ? t->conduct.block : 1;
    const int size = shares * block, in_clinic = i / clinics;
    const int first = in_clinic / size * size;
    const int rank = place_in_block(seed, number, i % clinics, first, size, in_clinic - first);
    return arm_at(t, rank % shares);
}

cit_status enrol(const cit_trial *t, const kinds *k, uint64_t seed, int number, int people,
                 subject *ret, enrolment *ret_count, cit_errors *errs) {
    const uint32_t of_kind = cit_random_stream("trial kind");
    int n = 0;
    *ret_count = (enrolment){0};
    for (int candidate = 0; n < people; candidate++) {
        if (candidate == CIT_TRIAL_NUMBERS - 1)
            return cit_fail(errs, CIT_REFUSED, cit_doc_name(t->doc),
                            "refused: of %d virtual candidates screening leaves %d, and %d are "
                            "needed; `cit screen` tells the rules",
                            candidate, n, people);
        const int kind = (int)(k->count * trial_uniform(seed, number, candidate, of_kind, 0));
        const cit_clearance v = verdict_of(t, &k->items[kind], seed, number, candidate);
        ret_count->screened++;
        if (v == CIT_FORBIDDEN) {
            ret_count->refused++;
            continue;
        }
        subject s = someone(t, seed, number, candidate, kind);
        s.asked = v == CIT_ASK_FIRST;
        s.clinic = n % t->conduct.clinics;
        s.arm = allocate(t, seed, number, n);
        s.refused_before = (int)ret_count->refused;
        ret[n++] = s;
    }
    return CIT_OK;
}
