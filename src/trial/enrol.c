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

/* The questions of health that a candidate answers with yes. */
static uint32_t answers_of(const cit_trial *t, uint64_t seed, int number, int candidate) {
    const uint32_t stream = cit_random_stream("trial health");
    uint32_t yes = 0;
    for (int i = 0; i < t->population.health_count; i++)
        if (trial_uniform(seed, number, candidate, stream, (uint32_t)i) <
            t->population.health[i].share)
            yes |= (uint32_t)1 << i;
    return yes;
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

/* ---- strata ------------------------------------------------------------------------------------------ */

/* How many values a stratum has, unknown being one; and which of them a kind has. */
static int values_of(int stratum) {
    static const int values[CIT_STRATA] = {5, 7, 3};
    return values[stratum];
}
static int value_of(const cit_trial_kind *k, int stratum) {
    switch ((cit_stratum)stratum) {
    case CIT_BY_GRADE:
        return k->grade == CIT_UNKNOWN_INT ? 0 : k->grade;
    case CIT_BY_SKIN_TYPE:
        return k->skin_type;
    case CIT_BY_SEX:
        return k->sex;
    case CIT_STRATA:
        break;
    }
    return 0;
}

cit_status strata_known(const cit_trial *t, const kinds *k, cit_errors *errs) {
    for (int i = 0; i < CIT_STRATA; i++) {
        bool known = (t->conduct.strata >> i & 1) == 0;
        for (int n = 0; n < k->count && !known; n++) known = value_of(&k->items[n].is, i) > 0;
        if (!known)
            return cit_fail(errs, CIT_INVALID, cit_doc_name(t->doc),
                            "strata: of nobody in '%s' '%s' is known", t->population.people,
                            cit_stratum_choices[i]);
    }
    return CIT_OK;
}

/* Scars of a type, where an endpoint is of theirs alone; -1: of none. */
static int scars_of_endpoint(const cit_trial_endpoint *e) {
    switch ((cit_quantity)(e->quantity - 1)) {
    case CIT_Q_DEPTH_ROLLING:
        return 0;
    case CIT_Q_DEPTH_BOXCAR:
        return 1;
    case CIT_Q_DEPTH_ICE_PICK:
        return 2;
    default:
        return -1;
    }
}

cit_status endpoints_known(const cit_trial *t, const kinds *k, cit_errors *errs) {
    static const char *const names[CIT_SCAR_TYPES] = {"rolling", "boxcar", "ice-pick"};
    for (int i = 0; i < t->endpoint_count; i++) {
        const cit_trial_endpoint *e = &t->endpoints[i];
        const int type = scars_of_endpoint(e);
        bool some = type < 0;
        for (int n = 0; n < k->count && !some; n++) some = k->items[n].is.count[type] != 0;
        if (!some)
            return cit_doc_fail(t->doc, e->mark, errs,
                                "quantity: nobody in the population has %s scars, so that no trial "
                                "could be analysed",
                                names[type]);
    }
    return CIT_OK;
}

static int cells_of(const cit_trial *t) {
    int cells = t->conduct.clinics;
    for (int i = 0; i < CIT_STRATA; i++)
        if (t->conduct.strata >> i & 1) cells *= values_of(i);
    return cells;
}

/* Clinic and values together. */
static int cell_of(const cit_trial *t, const cit_trial_kind *k, int clinic) {
    int cell = 0;
    for (int i = 0; i < CIT_STRATA; i++)
        if (t->conduct.strata >> i & 1) cell = cell * values_of(i) + value_of(k, i);
    return cell * t->conduct.clinics + clinic;
}

/* ---- blocks -------------------------------------------------------------------------------------------- */

/* The place of this one among the random numbers of its block, ties impossible but for equal numbers, which
 * then stand in their order. */
static int place_in_block(uint64_t seed, int number, int cell, int first, int size, int place) {
    const uint32_t stream = cit_random_stream("trial block"), of = (uint32_t)cell;
    const double own = trial_uniform(seed, number, first + place, stream, of);
    int rank = 0;
    for (int i = 0; i < size; i++) {
        const double other = trial_uniform(seed, number, first + i, stream, of);
        rank += other < own || (other == own && i < place);
    }
    return rank;
}

/* Of the i-th who is enrolled, who is the `in_cell`-th of their clinic and stratum. */
static int allocate(const cit_trial *t, uint64_t seed, int number, int i, int cell, int in_cell) {
    const int shares = shares_of(t);
    if (t->design == CIT_SPLIT_FACE) return 0;
    if (t->conduct.allocation == CIT_SIMPLE_ALLOCATION) {
        const uint32_t stream = cit_random_stream("trial allocation");
        return arm_at(t, (int)(shares * trial_uniform(seed, number, i, stream, 0)));
    }
    const int size = shares * t->conduct.block, first = in_cell / size * size;
    const int rank = place_in_block(seed, number, cell, first, size, in_cell - first);
    return arm_at(t, rank % shares);
}

/* ---- enrolment ------------------------------------------------------------------------------------------ */

static cit_status too_few(const cit_trial *t, int screened, int enrolled, int people,
                          cit_errors *errs) {
    return cit_fail(errs, CIT_REFUSED, cit_doc_name(t->doc),
                    "refused: of %d virtual candidates screening leaves %d, and %d are needed; "
                    "`cit screen` tells the rules",
                    screened, enrolled, people);
}

static cit_status enrol_all(const bench *b, int number, int people, int *in_cell, subject *ret,
                            enrolment *count, cit_errors *errs) {
    const cit_trial *t = b->trial;
    const uint32_t of_kind = cit_random_stream("trial kind");
    int n = 0;
    for (int candidate = 0; n < people; candidate++) {
        cit_clearance v = CIT_CLEARED;
        if (candidate == CIT_TRIAL_NUMBERS - 1) return too_few(t, candidate, n, people, errs);
        const int kind =
            (int)(b->kinds.count * trial_uniform(b->seed, number, candidate, of_kind, 0));
        kind_case *k = &b->kinds.items[kind];
        const cit_status st =
            kind_verdict(t, b->catalogue, k, answers_of(t, b->seed, number, candidate), &v, errs);
        if (st != CIT_OK) return st;
        count->screened++;
        if (v == CIT_FORBIDDEN) {
            count->refused++;
            continue;
        }
        subject s = someone(t, b->seed, number, candidate, kind);
        s.asked = v == CIT_ASK_FIRST;
        s.clinic = n % t->conduct.clinics;
        const int cell = cell_of(t, &k->is, s.clinic);
        s.arm = allocate(t, b->seed, number, n, cell, in_cell[cell]++);
        s.refused_before = (int)count->refused;
        ret[n++] = s;
    }
    return CIT_OK;
}

cit_status enrol(const bench *b, int number, int people, subject *ret, enrolment *ret_count,
                 cit_errors *errs) {
    int *in_cell = calloc((size_t)cells_of(b->trial), sizeof *in_cell);
    *ret_count = (enrolment){0};
    if (in_cell == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for strata");
    const cit_status st = enrol_all(b, number, people, in_cell, ret, ret_count, errs);
    free(in_cell);
    return st;
}
