/* What is seen of people: whoever is alike in case and course is followed together, many trials at a time,
 * since columns are integrated several at once. Nobody's numbers depend on who is followed beside them. */
#include "trial_impl.h"
#include <cit/num.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TOGETHER = 16 * CIT_CROWD_AT_ONCE }; /* records held at a time */

int sides_of(const cit_trial *t) { return t->design == CIT_SPLIT_FACE ? 2 : 1; }

int arm_of(const cit_trial *t, const subject *s, int side) {
    return t->design == CIT_SPLIT_FACE ? side : s->arm;
}

size_t value_at(const cit_trial *t, const flock *f, int person, int side, int endpoint) {
    const size_t of_person = (size_t)person * (size_t)f->sides + (size_t)side;
    return of_person * (size_t)t->endpoint_count + (size_t)endpoint;
}

/* ---- what is the same for all trials --------------------------------------------------------------- */

static int row_named(const cit_parameter *table, int rows, const char *name) {
    for (int i = 0; i < rows; i++)
        if (strcmp(table[i].param.name, name) == 0) return i;
    return -1;
}

/* Of every row of the posterior, the middle of its draws; 0 is the middle of the prior. */
static cit_status find_median(bench *b, cit_errors *errs) {
    const cit_posterior *post = b->posterior;
    if (post == NULL || post->draws < 1) return CIT_OK;
    double *column = malloc((size_t)post->draws * sizeof *column);
    if (column == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for the posterior");
    for (int row = 0; row < b->rows; row++) {
        for (int i = 0; i < post->draws; i++) column[i] = cit_posterior_number(post, i, row);
        if (!cit_known(column[0])) continue;
        cit_sort(column, post->draws);
        b->median[row] = cit_quantile_sorted(column, post->draws, 0.5);
    }
    free(column);
    return CIT_OK;
}

static int common_divisor(int a, int b) { return b == 0 ? a : common_divisor(b, a % b); }

/* The golden section of the draws, prime to their number: no two near in time are near in place. */
static int stride_of(const cit_posterior *post) {
    const int draws = post != NULL && post->draws > 0 ? post->draws : 1;
    int stride = (int)(0.6180339887498949 * draws) + 1;
    while (common_divisor(draws, stride) != 1) stride++;
    return stride;
}

static void lay_out_days(bench *b) {
    b->days[b->day_count++] = 0;
    for (int i = 0; i < b->trial->endpoint_count; i++) {
        bool there = false;
        for (int j = 0; j < b->day_count; j++)
            there = there || b->days[j] == b->trial->endpoints[i].day;
        if (!there) b->days[b->day_count++] = b->trial->endpoints[i].day;
    }
    cit_sort(b->days, b->day_count);
    for (int i = 0; i < b->trial->endpoint_count; i++)
        for (int j = 0; j < b->day_count; j++)
            if (b->days[j] == b->trial->endpoints[i].day) b->day_of[i] = j;
}

/* ---- a course with visits missed --------------------------------------------------------------------- */

/* Each visit by itself, those of the pattern missed; texts and settings stay the protocol's. */
static cit_status miss_visits(const cit_protocol *p, uint64_t missed, cit_protocol *ret,
                              cit_errors *errs) {
    int count = 0, n = 0;
    for (int i = 0; i < p->visit_count; i++) count += p->visits[i].count;
    cit_visit *visits = calloc((size_t)count + 1, sizeof *visits);
    if (visits == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for visits");
    for (int i = 0; i < p->visit_count; i++)
        for (int j = 0; j < p->visits[i].count; j++, n++) {
            visits[n] = p->visits[i];
            visits[n].count = 1;
            visits[n].every_day = CIT_UNKNOWN_NUMBER;
            if (j > 0) {
                visits[n].date = CIT_UNKNOWN_INT;
                visits[n].after_day = p->visits[i].every_day;
            }
            if (missed >> n & 1) visits[n].status = CIT_MISSED;
        }
    *ret = *p;
    ret->visits = visits;
    ret->visit_count = count;
    return CIT_OK;
}

static int visits_of(const cit_protocol *p) {
    cit_appointment all[CIT_APPOINTMENTS_MAX];
    return cit_protocol_schedule(p, 28, all);
}

/* ---- people to be followed ----------------------------------------------------------------------------- */

/* One side of one person in one of the trials. */
typedef struct job {
    int kind, arm; /* arm: the one whose course is followed */
    uint64_t missed;
    int trial, person, side;
} job;

static int by_course(const void *a, const void *b) {
    const job *x = a, *y = b;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    if (x->arm != y->arm) return x->arm < y->arm ? -1 : 1;
    if (x->missed != y->missed) return x->missed < y->missed ? -1 : 1;
    if (x->trial != y->trial) return x->trial < y->trial ? -1 : 1;
    if (x->person != y->person) return x->person < y->person ? -1 : 1;
    return x->side - y->side;
}

static bool same_course(const job *a, const job *b) {
    return a->kind == b->kind && a->arm == b->arm && a->missed == b->missed;
}

static uint64_t missed_of(const cit_trial *t, const subject *s, int arm) {
    const int visits = visits_of(t->arms[arm].protocol);
    return visits < 2 ? 0 : s->missed & (((uint64_t)1 << visits) - 1);
}

static job job_of(const cit_trial *t, const world_plan *plan, const flock *f, int trial, int person,
                  int side) {
    const subject *s = &f->who[person];
    const int arm = plan->stated ? 0 : arm_of(t, s, side);
    return (job){s->kind, arm, missed_of(t, s, arm), trial, person, side};
}

/* ---- seeing them ------------------------------------------------------------------------------------- */

typedef struct session {
    const bench *b;
    const world_plan *plan;
    flock *flocks;
    int first; /* number of the first trial */
    cit_errors *errs;
} session;

/* Draws that stand beside each other may be of one chain: trials take them far apart, each once before any
 * comes again. */
static int draw_of(const bench *b, int number) {
    const int draws = b->posterior != NULL ? b->posterior->draws : 1;
    return (int)((int64_t)number * b->stride % draws);
}

static cit_someone someone(const session *s, const job *j) {
    const bench *b = s->b;
    const subject *who = &s->flocks[j->trial].who[j->person];
    const int number = s->first + j->trial;
    const uint32_t clinic = cit_random_stream("trial clinic");
    return (cit_someone){.world = (uint32_t)number,
                         .person = (uint32_t)number * CIT_TRIAL_NUMBERS + (uint32_t)who->candidate,
                         .posterior_draw = draw_of(b, number),
                         .shared = s->plan->fixed ? b->median : NULL,
                         .clinic = trial_normal(b->seed, number, who->clinic, clinic, 0)};
}

/* What a rating scatters by; a grade and what is measured have no error but a stated one. */
static double noise_sd(const cit_trial *t, const cit_trial_endpoint *e, double rating_sd,
                       double start_gb) {
    if (cit_known(t->conduct.rater.noise)) return t->conduct.rater.noise;
    switch ((cit_quantity)(e->quantity - 1)) {
    case CIT_Q_GB_PERCENT:
    case CIT_Q_ECCA_PERCENT:
    case CIT_Q_OTHER_PERCENT:
        return 100 * rating_sd;
    case CIT_Q_GB_CHANGE:
        return rating_sd * start_gb;
    default:
        return 0;
    }
}

bool cit_trial_has_rating_error(const cit_trial *t, const cit_trial_endpoint *e) {
    return noise_sd(t, e, 1, 1) > 0;
}

static double added(const session *s, int arm, int number, int candidate) {
    const cit_trial_adds *a = &s->b->trial->arms[arm].adds;
    const uint32_t of_trial = cit_random_stream("trial adds"),
                   of_person = cit_random_stream("trial adds, person");
    if (s->plan->stated || !cit_known(a->percent)) return 0;
    const double between =
        s->plan->fixed ? 0 : trial_normal(s->b->seed, number, 0, of_trial, (uint32_t)arm);
    return a->percent + a->sd * between +
           a->people_sd * trial_normal(s->b->seed, number, candidate, of_person, (uint32_t)arm);
}

static double sign_of(const cit_trial_endpoint *e) {
    return cit_trial_more_is_better(e->quantity) ? 1 : -1;
}

/* An endpoint's quantity on a day: the model's, and what arm and statement add. */
static double true_value(const session *s, const job *j, const cit_trial_endpoint *e, int day,
                         const double *record) {
    const bench *b = s->b;
    const subject *who = &s->flocks[j->trial].who[j->person];
    const int arm = arm_of(b->trial, who, j->side);
    const double stated = s->plan->stated && arm > 0 ? sign_of(e) * e->effect : 0;
    return record[(e->quantity - 1) * b->day_count + day] +
           added(s, arm, s->first + j->trial, who->candidate) + stated;
}

/* A rater's error with standard deviation 1; endpoints read off one rating share it. */
static double error_of(const session *s, const job *j, int endpoint) {
    const bench *b = s->b;
    const cit_trial *t = b->trial;
    const int candidate = s->flocks[j->trial].who[j->person].candidate;
    const int number = s->first + j->trial, rating = rating_of(t, endpoint);
    const uint32_t common = cit_random_stream("trial rating"),
                   own = cit_random_stream("trial rating of a side");
    const double rho = t->design == CIT_SPLIT_FACE ? t->conduct.rater.sides_rho : 0;
    return sqrt(rho) * trial_normal(b->seed, number, candidate, common, (uint32_t)rating) +
           sqrt(1 - rho) *
               trial_normal(b->seed, number, candidate, own, (uint32_t)(2 * rating + j->side));
}

/* What makes this side answer better or worse than the other, at all endpoints alike. */
static double side_of(const session *s, const job *j) {
    const bench *b = s->b;
    const cit_trial *t = b->trial;
    const int candidate = s->flocks[j->trial].who[j->person].candidate;
    if (t->design != CIT_SPLIT_FACE) return 0;
    return t->conduct.rater.sides_sd * trial_normal(b->seed, s->first + j->trial, candidate,
                                                    cit_random_stream("trial side"),
                                                    (uint32_t)j->side);
}

static void see(const session *s, const job *j, const cit_crowd_layout *l, const double *record) {
    const bench *b = s->b;
    const cit_trial *t = b->trial;
    const cit_trial_endpoint *first = &t->endpoints[0];
    flock *f = &s->flocks[j->trial];
    const double start = record[l->singles + CIT_S_START_GB], of_side = side_of(s, j);
    f->start[j->person * f->sides + j->side] = start;
    f->sparse[j->person] |= record[l->singles + CIT_S_NOT_HOMOGENISED] > 0;
    for (int i = 0; i < t->endpoint_count; i++) {
        const cit_trial_endpoint *e = &t->endpoints[i];
        const size_t at = value_at(t, f, j->person, j->side, i);
        f->value[at] = true_value(s, j, e, b->day_of[i], record) + sign_of(e) * of_side;
        f->noise[at] = noise_sd(t, e, record[l->factors + b->rating_sd], start) * error_of(s, j, i);
        f->so_far[j->person * t->endpoint_count + i] +=
            (sign_of(first) * true_value(s, j, first, b->day_of[i], record) + of_side) / f->sides;
    }
}

static cit_status follow_some(const session *s, const cit_crowd *crowd, cit_crowd_run *run,
                              const job *jobs, int count, double *records) {
    const cit_crowd_layout l = cit_crowd_layout_of(crowd);
    for (int from = 0; from < count; from += TOGETHER) {
        cit_someone who[TOGETHER];
        const int now = count - from < TOGETHER ? count - from : TOGETHER;
        for (int i = 0; i < now; i++) who[i] = someone(s, &jobs[from + i]);
        const cit_status st = cit_crowd_follow(crowd, run, who, now, records, s->errs);
        if (st != CIT_OK) return st;
        for (int i = 0; i < now; i++)
            see(s, &jobs[from + i], &l, records + (size_t)i * (size_t)l.size);
    }
    return CIT_OK;
}

/* A multiple of untreated drift: its whole distribution, bounds too. */
static void scale_drift(const bench *b, double factor, cit_crowd *crowd) {
    cit_law *law = &crowd->laws[b->drift_share];
    law->value *= factor;
    law->middle *= factor;
    law->scale *= factor;
    law->lo *= factor;
    law->hi *= factor;
}

/* Who rates knows of needling where it was done; nobody takes an untreated face for a treated one. */
static int rater_of(const session *s, int arm) {
    const cit_trial *t = s->b->trial;
    const bool open = (t->conduct.rater.blinded == CIT_NO) != s->plan->other_rater;
    return open && t->arms[arm].untreated != CIT_YES ? CIT_OPEN : CIT_BLINDED;
}

/* All who have the same case and the same course. */
static cit_status follow_course(const session *s, const job *jobs, int count) {
    const bench *b = s->b;
    cit_status st = CIT_OK;
    cit_protocol protocol = {0};
    cit_crowd *crowd = NULL;
    cit_crowd_run *run = NULL;
    double *records = NULL;
    CIT_TRY(miss_visits(b->trial->arms[jobs->arm].protocol, jobs->missed, &protocol, s->errs));
    const cit_crowd_options options = {.person = b->kinds.items[jobs->kind].person,
                                       .protocol = &protocol,
                                       .catalogue = b->catalogue,
                                       .seed = b->seed,
                                       .posterior = b->posterior,
                                       .days = b->days,
                                       .day_count = b->day_count,
                                       .sizes = 1,
                                       .rater = rater_of(s, jobs->arm)};
    CIT_TRY(cit_crowd_make(&options, &crowd, s->errs));
    crowd->settings_known = s->plan->fixed;
    scale_drift(b, s->plan->drift, crowd);
    CIT_TRY(cit_crowd_run_new(crowd, &run, s->errs));
    const int held = count < TOGETHER ? count : TOGETHER;
    records = malloc((size_t)cit_crowd_layout_of(crowd).size * (size_t)held * sizeof *records);
    if (records == NULL) {
        st = cit_fail(s->errs, CIT_NOMEM, "", "no memory for %d people", held);
        goto done;
    }
    CIT_TRY(follow_some(s, crowd, run, jobs, count, records));
done:
    free(records);
    cit_crowd_run_free(run);
    cit_crowd_free(crowd);
    free(protocol.visits);
    return st;
}

/* ---- places among people as they come ------------------------------------------------------------- */

/* The normal score of a value among sorted ones. */
static double score_among(const double *sorted, int count, double value) {
    int below = 0, upto = 0;
    for (int step = 1 << 16; step > 0; step /= 2) {
        if (below + step <= count && sorted[below + step - 1] < value) below += step;
        if (upto + step <= count && sorted[upto + step - 1] <= value) upto += step;
    }
    return cit_normal_quantile((0.5 * (below + upto) + 0.5) / (count + 1.0));
}

static double start_of(const flock *f, int person) {
    double sum = 0;
    for (int side = 0; side < f->sides; side++) sum += f->start[person * f->sides + side];
    return sum / f->sides;
}

/* What was seen becomes its place among people as they come. */
static void score_flock(const bench *b, flock *f) {
    const reference *r = &b->reference;
    const int endpoints = b->trial->endpoint_count;
    for (int i = 0; i < f->people && r->count > 0; i++) {
        f->severity[i] = score_among(r->start, r->count, start_of(f, i));
        for (int e = 0; e < endpoints; e++) {
            double *so_far = &f->so_far[i * endpoints + e];
            *so_far = score_among(r->so_far + (size_t)e * (size_t)r->count, r->count, *so_far);
        }
    }
}

/* ---- flocks --------------------------------------------------------------------------------------------- */

void flock_free(flock *f) {
    free(f->who);
    free(f->value);
    free(f->noise);
    free(f->start);
    free(f->sparse);
    free(f->so_far);
    free(f->severity);
    *f = (flock){0};
}

static cit_status flock_make(const bench *b, int number, int people, flock *f, cit_errors *errs) {
    enrolment count;
    const size_t sides = (size_t)sides_of(b->trial);
    const size_t values = (size_t)people * sides * (size_t)b->trial->endpoint_count;
    *f = (flock){.people = people, .sides = (int)sides};
    f->who = calloc((size_t)people, sizeof *f->who);
    f->value = calloc(values, sizeof *f->value);
    f->noise = calloc(values, sizeof *f->noise);
    f->start = calloc((size_t)people * sides, sizeof *f->start);
    f->sparse = calloc((size_t)people, sizeof *f->sparse);
    f->so_far = calloc((size_t)people * (size_t)b->trial->endpoint_count, sizeof *f->so_far);
    f->severity = calloc((size_t)people, sizeof *f->severity);
    if (!(f->who && f->value && f->noise && f->start && f->sparse && f->so_far && f->severity))
        return cit_fail(errs, CIT_NOMEM, "", "no memory for %d people", people);
    const cit_status st = enrol(b, number, people, f->who, &count, errs);
    f->refused = count.refused;
    return st;
}

static cit_status follow_jobs(const session *s, job *jobs, int count) {
    qsort(jobs, (size_t)count, sizeof *jobs, by_course);
    for (int from = 0, to = 0; from < count; from = to) {
        while (to < count && same_course(&jobs[from], &jobs[to])) to++;
        const cit_status st = follow_course(s, jobs + from, to - from);
        if (st != CIT_OK) return st;
    }
    return CIT_OK;
}

cit_status flocks_follow(const bench *b, const world_plan *plan, int first, int count, int people,
                         flock *ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    int n = 0;
    const size_t most = (size_t)count * (size_t)people * (size_t)sides_of(b->trial);
    job *jobs = malloc(most * sizeof *jobs);
    memset(ret, 0, (size_t)count * sizeof *ret);
    if (jobs == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for %zu people", most);
    const session s = {b, plan, ret, first, errs};
    for (int i = 0; i < count; i++) {
        CIT_TRY(flock_make(b, first + i, people, &ret[i], errs));
        for (int k = 0; k < people; k++)
            for (int side = 0; side < ret[i].sides; side++)
                jobs[n++] = job_of(b->trial, plan, &ret[i], i, k, side);
    }
    CIT_TRY(follow_jobs(&s, jobs, n));
    for (int i = 0; i < count; i++) score_flock(b, &ret[i]);
done:
    free(jobs);
    if (st != CIT_OK)
        for (int i = 0; i < count; i++) flock_free(&ret[i]);
    return st;
}

/* ---- a reference: people as they come, each in a world of its own ------------------------------------------ */

static bool needs_reference(const cit_trial *t) {
    const bool what_if = t->repeats.sensitivity == CIT_YES && t->conduct.drop_out > 0;
    return what_if || !cit_trial_leaves_at_random(t);
}

static void lay_out_reference(const bench *b, const flock *flocks, reference *r) {
    const int endpoints = b->trial->endpoint_count;
    for (int i = 0; i < r->count; i++) {
        r->start[i] = start_of(&flocks[i], 0);
        for (int e = 0; e < endpoints; e++)
            r->so_far[(size_t)e * (size_t)r->count + (size_t)i] = flocks[i].so_far[e];
    }
    cit_sort(r->start, r->count);
    for (int e = 0; e < endpoints; e++)
        cit_sort(r->so_far + (size_t)e * (size_t)r->count, r->count);
}

/* Normal scores have mean 0 and deviation 1. */
static void correlate_reference(const bench *b, const flock *flocks, reference *r) {
    for (int i = 0; i < r->count; i++)
        for (int e = 0; e < b->trial->endpoint_count; e++)
            r->rho[e] += *flocks[i].severity * flocks[i].so_far[e] / r->count;
}

/* The first one enrolled in each world: what differs between worlds is what so many people tell least of. */
static cit_status make_reference(bench *b, cit_errors *errs) {
    static const world_plan usual = {.drift = 1};
    enum { N = REFERENCE_WORLDS };
    const size_t endpoints = (size_t)b->trial->endpoint_count;
    cit_status st = CIT_NOMEM;
    reference r = {.count = N,
                   .start = malloc(N * sizeof *r.start),
                   .so_far = malloc(N * endpoints * sizeof *r.so_far)};
    flock *flocks = calloc(N, sizeof *flocks);
    if (r.start != NULL && r.so_far != NULL && flocks != NULL)
        st = flocks_follow(b, &usual, 0, N, 1, flocks, errs);
    else
        st = cit_fail(errs, st, "", "no memory for a reference");
    if (st == CIT_OK && flocks != NULL && r.start != NULL && r.so_far != NULL) {
        lay_out_reference(b, flocks, &r);
        b->reference = r;
        for (int i = 0; i < N; i++) score_flock(b, &flocks[i]);
        correlate_reference(b, flocks, &b->reference);
    } else {
        free(r.start);
        free(r.so_far);
    }
    for (int i = 0; i < N && flocks != NULL; i++) flock_free(&flocks[i]);
    free(flocks);
    return st;
}

/* ---- a bench ---------------------------------------------------------------------------------------- */

cit_status bench_make(const cit_trial *t, const cit_catalogue *catalogue, uint64_t seed,
                      const cit_posterior *posterior, bench *ret, cit_errors *errs) {
    bench b = {.trial = t, .catalogue = catalogue, .posterior = posterior, .seed = seed};
    const cit_parameter *table = cit_parameter_table(&b.rows);
    b.rating_sd = row_named(table, b.rows, "rating_sd");
    b.drift_share = row_named(table, b.rows, "drift_share");
    b.median = calloc((size_t)b.rows, sizeof *b.median);
    cit_status st = kinds_make(t, catalogue, seed, &b.kinds, errs);
    if (st == CIT_OK) st = strata_known(t, &b.kinds, errs);
    if (st == CIT_OK) st = endpoints_known(t, &b.kinds, errs);
    if (b.median == NULL && st == CIT_OK) st = cit_fail(errs, CIT_NOMEM, "", "no memory");
    if (st == CIT_OK && (b.rating_sd < 0 || b.drift_share < 0))
        st = cit_fail(errs, CIT_INTERNAL, "parameters", "rating_sd or drift_share is missing");
    if (st == CIT_OK) st = find_median(&b, errs);
    if (st != CIT_OK) {
        bench_free(&b);
        return st;
    }
    b.stride = stride_of(posterior);
    lay_out_days(&b);
    if (needs_reference(t)) st = make_reference(&b, errs);
    if (st != CIT_OK) {
        bench_free(&b);
        return st;
    }
    *ret = b;
    return CIT_OK;
}

void bench_free(bench *b) {
    kinds_free(&b->kinds);
    free(b->median);
    free(b->reference.start);
    free(b->reference.so_far);
    *b = (bench){0};
}
