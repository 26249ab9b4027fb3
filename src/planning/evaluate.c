/* Candidates simulated together: the same draws of the same person, their shared visits once. */
#include "planning_impl.h"
#include <math.h>
#include <omp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static float *scores_at(const search *s, float *all, int draw) {
    return all + (size_t)draw * (size_t)s->blocks * D_SCORES;
}

static void put_scores(const cit_scores *from, float *to) {
    to[D_GB] = (float)from->gb_percent;
    to[D_ECCA] = (float)from->ecca_percent;
    to[D_OTHER] = (float)from->other_percent;
    to[D_GRADE_CHANGE] = (float)from->grade_change;
    to[D_GRADE] = (float)from->grade;
}

/* How much shallower all scars are together, mm a scar. */
static double depth_gained(const cit_crowd *p, const double *record) {
    const cit_crowd_layout l = cit_crowd_layout_of(p);
    double gained = 0, scars = 0;
    for (int g = 0; g < p->group_count; g++) {
        const double *group = record + l.groups + l.group_stride * g;
        const double *depth = group + CIT_G_SIZE;
        gained += group[CIT_G_COUNT] * (depth[0] - depth[p->summary]);
        scars += group[CIT_G_COUNT];
    }
    return scars > 0 ? gained / scars : 0;
}

/* Per cent: the chance of a dark mark, and whether there is lasting loss or a raised scar. */
static float marked(const cit_crowd *p, const double *record) {
    return (float)record[CIT_Q_PIGMENT_RISK * p->day_count + p->summary];
}

static float harmed(const cit_crowd *p, const double *record) {
    const cit_crowd_layout l = cit_crowd_layout_of(p);
    return record[l.singles + CIT_S_FIBROTIC] > 0 || record[l.singles + CIT_S_LASTING_LOSS] > 0
               ? 100
               : 0;
}

/* Pain and redness of the visits ahead; marks and harm of all of them. */
static void put_burdens(const search *s, const cit_crowd *p, const double *record, float *to) {
    const cit_crowd_layout l = cit_crowd_layout_of(p);
    double pain = 0, red = 0, sum = 0;
    for (int v = 0; v < p->visit_count; v++) {
        const double *visit = record + l.visits + CIT_V_SIZE * v;
        if (visit[CIT_V_DAY] < s->done_day) continue;
        pain = fmax(pain, visit[CIT_V_PAIN]);
        red = fmax(red, visit[CIT_V_RED]);
        sum += visit[CIT_V_RED];
    }
    to[D_DEPTH_MM] = (float)depth_gained(p, record);
    to[D_PAIN] = (float)pain;
    to[D_RED] = (float)red;
    to[D_RED_SUM] = (float)sum;
    to[D_PIGMENT] = marked(p, record);
    to[D_HARM] = harmed(p, record);
}

/* What a clinic adds by an adjunct in this draw: in proportion to the visits, up to as many as its studies had. */
static double added_in(const search *s, int adjunct, int visits, int draw) {
    const double z = cit_normal_quantile(
        cit_random(s->with->seed, (uint32_t)draw, cit_random_stream(s->adjuncts[adjunct]->id), 0));
    const cit_added *a = &s->added[adjunct];
    return (a->mean + a->sd * z) * fmin(visits / a->visits, 1);
}

static void keep(const search *s, family *f, int visits, int draw, const double *record) {
    const cit_crowd *p = f->crowds[visits];
    float *scores = scores_at(s, f->scores[visits], draw);
    for (int block = 0; block < s->blocks; block++) {
        const double added = block == 0 ? 0 : added_in(s, block - 1, visits, draw);
        const cit_scores got = cit_crowd_scores(p, record, added);
        put_scores(&got, scores + (size_t)block * D_SCORES);
    }
    put_burdens(s, p, record, f->burdens[visits] + (size_t)draw * D_BURDENS);
}

/* The crowds of a family that are still alive, followed from one draw to another on one thread. */
typedef struct family_run {
    const cit_crowd *crowds[CIT_PLAN_VISITS_MAX];
    double *records[CIT_PLAN_VISITS_MAX];
    int visits[CIT_PLAN_VISITS_MAX], count;
    cit_crowds_run *run;
    double *memory;
} family_run;

static void family_run_free(family_run *r) {
    cit_crowds_run_free(r->run);
    free(r->memory);
}

/* The longest first: the others branch off it. */
static cit_status family_run_make(const family *f, family_run *r, cit_errors *errs) {
    size_t size = 0, at = 0;
    *r = (family_run){0};
    for (int n = f->most_visits; n >= 1; n--) {
        if (!f->alive[n]) continue;
        r->visits[r->count] = n;
        r->crowds[r->count++] = f->crowds[n];
        size += (size_t)cit_crowd_layout_of(f->crowds[n]).size;
    }
    r->memory = malloc((size + 1) * sizeof(double));
    if (r->memory == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for records");
    for (int i = 0; i < r->count; i++) {
        r->records[i] = r->memory + at;
        at += (size_t)cit_crowd_layout_of(r->crowds[i]).size;
    }
    return cit_crowds_run_new(r->crowds, r->count, &r->run, errs);
}

static cit_someone somebody(int draw) {
    return (cit_someone){.world = (uint32_t)draw,
                         .person = (uint32_t)draw,
                         .posterior_draw = draw,
                         .clinic = CIT_UNKNOWN_NUMBER};
}

static cit_status follow_family(const search *s, family *f, int from, int until, cit_errors *errs) {
    family_run r;
    cit_status st = family_run_make(f, &r, errs);
    for (int d = from; d < until && st == CIT_OK; d++) {
        const cit_someone who = somebody(d);
        st = cit_crowds_follow(r.run, &who, r.records, errs);
        for (int i = 0; i < r.count && st == CIT_OK; i++) keep(s, f, r.visits[i], d, r.records[i]);
    }
    for (int i = 0; i < r.count && st == CIT_OK; i++) f->evaluated[r.visits[i]] = until;
    family_run_free(&r);
    return st;
}

cit_status complete(const search *s, family *f, int visits, int until, cit_errors *errs) {
    cit_status st = CIT_OK;
    bool alive[CIT_PLAN_VISITS_MAX + 1];
    if (f->evaluated[visits] < until) {
        const size_t size = ((size_t)f->most_visits + 1) * sizeof *f->alive;
        memcpy(alive, f->alive, size);
        memset(f->alive, 0, size);
        f->alive[visits] = true;
        st = follow_family(s, f, f->evaluated[visits], until, errs);
        memcpy(f->alive, alive, size);
    }
    f->alive[visits] = f->alive[visits] || f->evaluated[visits] == s->drawn;
    return st;
}

cit_status complete_all(const search *s, family *f, cit_errors *errs) {
    cit_status st = CIT_OK;
    for (int n = 1; n <= f->most_visits && st == CIT_OK && !f->failed; n++)
        st = complete(s, f, n, s->drawn, errs);
    return st;
}

static bool any_alive(const family *f) {
    for (int n = 1; n <= f->most_visits; n++)
        if (f->alive[n]) return true;
    return false;
}

/* Punctures too far apart for a column, in more draws than a forecast allows: the course has no answer. */
cit_status drop_sparse(search *s, cit_errors *errs) {
    const double most = 0.2; /* as of a forecast */
    enum { LOOKED_AT = 32 };
    for (int i = 0; i < s->family_count; i++) {
        family *f = &s->families[i];
        const cit_crowd *p = f->crowds[1];
        const cit_crowd_layout l = cit_crowd_layout_of(p);
        cit_crowd_options options = p->with;
        options.follow = CIT_FOLLOW_VISITS;
        options.days = s->days;
        cit_crowd *visits = NULL;
        cit_crowd_run *run = NULL;
        double *record = malloc((size_t)l.size * sizeof *record);
        int sparse = 0;
        cit_status st =
            record != NULL ? CIT_OK : cit_fail(errs, CIT_NOMEM, "", "no memory for a record");
        if (st == CIT_OK) st = cit_crowd_make(&options, &visits, errs);
        if (st == CIT_OK) st = cit_crowd_run_new(visits, &run, errs);
        for (int d = 0; d < LOOKED_AT && st == CIT_OK && record != NULL; d++) {
            const cit_someone who = somebody(d);
            st = cit_crowd_follow(visits, run, &who, 1, record, errs);
            sparse += st == CIT_OK && record[l.singles + CIT_S_NOT_HOMOGENISED] > 0;
        }
        cit_crowd_run_free(run);
        cit_crowd_free(visits);
        free(record);
        if (st != CIT_OK) return st;
        if (sparse <= most * LOOKED_AT) continue;
        f->failed = true;
        for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++)
            if ((f->users & (1U << (who - 1))) != 0)
                turn_down(s, NULL, who, f->most_visits, "channels too far apart for the model");
        memset(f->alive, 0, ((size_t)f->most_visits + 1) * sizeof *f->alive);
    }
    return CIT_OK;
}

/* What the person would be like had nothing been done, or nothing more. */
cit_status evaluate_nothing(search *s, cit_errors *errs) {
    cit_status st = CIT_OK;
    char *text = NULL;
    cit_protocol *protocol = NULL;
    cit_crowd *crowd = NULL;
    cit_crowd_run *run = NULL;
    double *record = NULL;
    const family *any = &s->families[0];
    const cit_candidate none = {.who = any->like.who, .device = any->like.device};
    const bool done = s->person->visit_count > 0;
    cit_crowd_options options = any->crowds[1]->with;
    if (done) {
        CIT_TRY(cit_candidate_protocol(&none, s->space, s->person, s->catalogue, s->with->start,
                                       &text, errs));
        CIT_TRY(cit_protocol_parse("what is done", text, strlen(text), &protocol, errs));
        options.protocol = protocol;
    }
    options.days = s->days;
    options.day_count = 2;
    CIT_TRY(cit_crowd_make(&options, &crowd, errs));
    CIT_TRY(cit_crowd_run_new(crowd, &run, errs));
    record = malloc((size_t)cit_crowd_layout_of(crowd).size * sizeof *record);
    if (record == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory for a record");
        goto done;
    }
    for (int d = 0; d < s->draws; d++) {
        const cit_someone who = somebody(d);
        CIT_TRY(cit_crowd_follow(crowd, run, &who, 1, record, errs));
        const cit_scores got =
            done ? cit_crowd_scores(crowd, record, 0) : cit_crowd_untreated(crowd, record);
        float *to = s->nothing + (size_t)d * N_NOTHING;
        put_scores(&got, to);
        to[N_DEPTH_MM] = done ? (float)depth_gained(crowd, record) : 0;
        to[N_PIGMENT] = done ? marked(crowd, record) : 0;
        to[N_HARM] = done ? harmed(crowd, record) : 0;
    }
done:
    free(record);
    free(text);
    cit_crowd_run_free(run);
    cit_crowd_free(crowd);
    cit_protocol_free(protocol);
    return st;
}

int threads_of(const search *s) {
    return s->with->threads > 0 ? s->with->threads : omp_get_num_procs();
}

cit_status evaluate(search *s, int until, double share_from, double share_to, cit_errors *errs) {
    cit_status st = CIT_OK;
    const int from = s->drawn;
    atomic_int next = 0, failed = s->family_count;
    atomic_bool cancelled = false;
#pragma omp parallel num_threads(threads_of(s))
    {
        cit_errors none = {.count = CIT_ERRORS_MAX};
        for (;;) {
            const int i = atomic_fetch_add(&next, 1);
            if (i >= s->family_count || atomic_load(&cancelled)) break;
            if (!any_alive(&s->families[i])) continue;
            if (follow_family(s, &s->families[i], from, until, &none) != CIT_OK) {
                int lowest = atomic_load(&failed);
                while (i < lowest && !atomic_compare_exchange_weak(&failed, &lowest, i)) {
                }
            }
            const double share = share_from + (share_to - share_from) * (i + 1) / s->family_count;
            if (omp_get_thread_num() == 0 &&
                !cit_progress_report(&s->with->progress, share, "courses"))
                atomic_store(&cancelled, true);
        }
    }
    if (atomic_load(&cancelled)) return cit_fail(errs, CIT_CANCELLED, "", "stopped on request");
    /* Once more for its message. */
    const int lowest = atomic_load(&failed);
    if (lowest < s->family_count) {
        st = follow_family(s, &s->families[lowest], from, until, errs);
        if (st == CIT_OK) st = cit_fail(errs, CIT_NOMEM, "", "no memory for a candidate");
    }
    s->drawn = until;
    return st;
}

/* ---- reading draws --------------------------------------------------------------------------------- */

double judged(const search *s, const float *scores, double depth_mm) {
    switch ((cit_judge)s->result->judge) {
    case CIT_JUDGE_GRADE:
        return -(double)scores[D_GRADE_CHANGE];
    case CIT_JUDGE_OWN_RATING:
        return (double)scores[D_OTHER];
    case CIT_JUDGE_ECCA:
        return (double)scores[D_ECCA];
    case CIT_JUDGE_SCANNER:
        return depth_mm;
    default:
        return (double)scores[D_GB];
    }
}

const float *nothing_in(const search *s, int draw) { return s->nothing + (size_t)draw * N_NOTHING; }

const float *scores_of(const search *s, const family *f, int visits, int block, int draw) {
    if (visits == 0) return nothing_in(s, draw);
    return f->scores[visits] + ((size_t)draw * (size_t)s->blocks + (size_t)block) * D_SCORES;
}

double improvement_of(const search *s, const family *f, int visits, int block, int draw) {
    const double depth = visits == 0
                             ? (double)nothing_in(s, draw)[N_DEPTH_MM]
                             : (double)f->burdens[visits][(size_t)draw * D_BURDENS + D_DEPTH_MM];
    return judged(s, scores_of(s, f, visits, block, draw), depth);
}

double gain_of(const search *s, const family *f, int visits, int block, int draw) {
    const float *none = nothing_in(s, draw);
    return improvement_of(s, f, visits, block, draw) - judged(s, none, (double)none[N_DEPTH_MM]);
}

/* ---- the worst that is believed ------------------------------------------------------------------------ */

static bool named(const char *const *names, int count, const char *name) {
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

/* A parameter of harm at its upper 90 % bound, one of reach at its lower; CIT_UNKNOWN_NUMBER: neither. */
static double worst_number(const cit_space *space, const cit_crowd *p, int row, double *column) {
    const double bound = 1.6448536269514722;
    const char *name = p->table[row].param.name;
    const cit_posterior *post = p->with.posterior;
    const bool high = named(space->harm, space->harm_count, name) ||
                      named(space->reach_lost, space->reach_lost_count, name);
    if (!high && !named(space->reach, space->reach_count, name)) return CIT_UNKNOWN_NUMBER;
    if (post == NULL || !cit_known(cit_posterior_number(post, 0, row)))
        return high ? bound : -bound;
    for (int d = 0; d < post->draws; d++) column[d] = cit_posterior_number(post, d, row);
    cit_sort(column, post->draws);
    return cit_quantile_sorted(column, post->draws, high ? 0.95 : 0.05);
}

/* Standard normal numbers of a draw, but for those that are held at their worst. */
static void worst_draw(const cit_crowd *p, const double *worst, int draw, double *shared) {
    const cit_posterior *post = p->with.posterior;
    for (int i = 0; i < p->table_count; i++)
        shared[i] = cit_known(worst[i]) ? worst[i]
                    : post != NULL      ? cit_posterior_number(post, draw, i)
                                        : CIT_UNKNOWN_NUMBER;
}

cit_status worst_case(search *s, const family *a, int a_visits, const family *b, int b_visits,
                      double *ret_difference, cit_errors *errs) {
    enum { LOOKED_AT = 64 };
    cit_status st = CIT_OK;
    const cit_crowd *crowds[2] = {a->crowds[a_visits], b->crowds[b_visits]};
    cit_crowds_run *run = NULL;
    const cit_posterior *post = crowds[0]->with.posterior;
    const size_t rows = (size_t)crowds[0]->table_count;
    double *records[2] = {NULL, NULL}, sum = 0;
    for (int i = 0; i < 2; i++)
        records[i] = malloc((size_t)cit_crowd_layout_of(crowds[i]).size * sizeof(double));
    double *shared = malloc(rows * sizeof *shared), *worst = calloc(rows, sizeof *worst),
           *column = malloc(((size_t)(post != NULL ? post->draws : 0) + 1) * sizeof *column);
    if (!(records[0] && records[1] && shared && worst && column)) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory for records");
        goto done;
    }
    for (size_t i = 0; i < rows; i++) worst[i] = worst_number(s->space, crowds[0], (int)i, column);
    CIT_TRY(cit_crowds_run_new(crowds, 2, &run, errs));
    for (int d = 0; d < LOOKED_AT && d < s->draws; d++) {
        cit_someone who = somebody(d);
        worst_draw(crowds[0], worst, d, shared);
        who.shared = shared;
        CIT_TRY(cit_crowds_follow(run, &who, records, errs));
        float scores[2][D_SCORES];
        for (int i = 0; i < 2; i++) {
            const cit_scores got = cit_crowd_scores(crowds[i], records[i], 0);
            put_scores(&got, scores[i]);
        }
        sum += judged(s, scores[0], depth_gained(crowds[0], records[0])) -
               judged(s, scores[1], depth_gained(crowds[1], records[1]));
    }
    *ret_difference = sum / (LOOKED_AT < s->draws ? LOOKED_AT : s->draws);
done:
    cit_crowds_run_free(run);
    free(records[0]);
    free(records[1]);
    free(shared);
    free(worst);
    free(column);
    return st;
}
