/* Courses: visits as events, and between them an integrator; one course after the other, or many in
 * lanes. Both walk a course with the same `itinerary`. */
#include "healing_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Lasting myofibroblasts count as raised scar from this long after a visit; assumed. */
static const double raised_after_day = 60;

struct cit_engine {
    int layers;
    cit_ode_options options;
    cit_ode *ode;     /* runs courses one by one; with lanes, those that a lane could not */
    cit_lanes *lanes; /* NULL: there are none */
    cit_lanes_system system;
};

/* ---- walking along a course ----------------------------------------------------------------- */

/* Where a course has come to. */
typedef struct itinerary {
    cit_course *course;
    cit_column column;
    double day, until, last_visit;
    int visit, wanted; /* visits and times that are behind */
} itinerary;

static double end_of(const cit_course *c) {
    return c->time_count > 0 ? c->times[c->time_count - 1] : 0;
}

static void set_out(itinerary *it, cit_course *c, double *y) {
    *it = (itinerary){.course = c, .column = c->column, .last_visit = -HUGE_VAL};
    const size_t n = (size_t)cit_column_size(&it->column);
    cit_column_start(&it->column, y);
    while (it->wanted < c->time_count && c->times[it->wanted] <= 0)
        memcpy(c->values + n * (size_t)it->wanted++, y, n * sizeof *y);
}

/* The next day at which something happens: a visit, raised scar beginning to count, the end. */
static double next_event(const itinerary *it) {
    const cit_course *c = it->course;
    double next = end_of(c);
    if (it->visit < c->visits) next = fmin(next, c->days[it->visit]);
    const double raised = it->last_visit + raised_after_day;
    return raised > it->day && raised < next ? raised : next;
}

/* What happens on the day come to; afterwards `until` is the next. False: the course is over. */
static bool depart(itinerary *it, double *y) {
    const cit_course *c = it->course;
    if (!(it->day < end_of(c))) return false;
    for (; it->visit < c->visits && c->days[it->visit] <= it->day; it->visit++) {
        cit_column_visit(&it->column, &c->wounds[it->visit], c->c_cut, c->band_floor, y);
        it->last_visit = it->day;
    }
    if (it->day >= it->last_visit + raised_after_day) it->column.counts_raised = true;
    it->until = next_event(it);
    return true;
}

/* How many of the times lie on the way to `until`. */
static int times_ahead(const itinerary *it) {
    const cit_course *c = it->course;
    int count = 0;
    while (it->wanted + count < c->time_count && c->times[it->wanted + count] <= it->until) count++;
    return count;
}

static double *values_ahead(const itinerary *it) {
    return it->course->values + (size_t)cit_column_size(&it->column) * (size_t)it->wanted;
}

static void arrive(itinerary *it) {
    it->wanted += times_ahead(it);
    it->day = it->until;
}

/* ---- one after the other --------------------------------------------------------------------- */

static cit_status run_course(cit_engine *engine, cit_course *c, cit_ode_stats *stats,
                             cit_errors *errs) {
    itinerary it;
    double y[CIT_COLUMN_SIZE_MAX];
    set_out(&it, c, y);
    while (depart(&it, y)) {
        const cit_ode_system system = cit_column_system(&it.column);
        const cit_status st =
            cit_ode_advance(engine->ode, &system, &engine->options, it.day, it.until, y,
                            c->times + it.wanted, times_ahead(&it), values_ahead(&it), stats, errs);
        if (st != CIT_OK) return st;
        arrive(&it);
    }
    return CIT_OK;
}

/* ---- what courses share -------------------------------------------------------------------------- */

/* Of the bytes: where padding differs nothing is shared, and nothing wrong. */
static bool same_bytes(const void *a, const void *b, size_t size) {
    return memcmp(a, b, size) == 0;
}

static bool same_skin(const cit_course *a, const cit_course *b) {
    return same_bytes(&a->column, &b->column, sizeof a->column) && a->c_cut == b->c_cut &&
           a->band_floor == b->band_floor;
}

/* How many visits both begin with. */
static int visits_alike(const cit_course *a, const cit_course *b) {
    int n = 0;
    while (n < a->visits && n < b->visits && a->days[n] == b->days[n] &&
           same_bytes(&a->wounds[n], &b->wounds[n], sizeof *a->wounds))
        n++;
    return n;
}

/* How many times both begin with. */
static int times_alike(const cit_course *a, const cit_course *b) {
    int n = 0;
    while (n < a->time_count && n < b->time_count && a->times[n] == b->times[n]) n++;
    return n;
}

static bool is_same(const cit_course *a, const cit_course *b) {
    return a->visits == b->visits && a->time_count == b->time_count && same_skin(a, b) &&
           visits_alike(a, b) == a->visits && times_alike(a, b) == a->time_count;
}

/* The day on which so many visits are behind, even if days do not ascend. */
static double day_after(const cit_course *c, int visits) {
    double day = 0;
    for (int i = 0; i < visits; i++) day = fmax(day, c->days[i]);
    return day;
}

/* Visits of one day belong together: does the course go on after so many on the same day? */
static bool cuts_a_day(const cit_course *c, int visits) {
    return visits > 0 && visits < c->visits && c->days[visits] == c->days[visits - 1];
}

/* Can b begin where a has had so many visits, alike in both? It is there, neither is over, and both want the
 * state at the same times up to that day, so that b's values have room for those of a. */
static bool can_branch(const cit_course *a, const cit_course *b, int visits) {
    const int same = times_alike(a, b);
    const double apart = fmin(same < a->time_count ? a->times[same] : HUGE_VAL,
                              same < b->time_count ? b->times[same] : HUGE_VAL);
    const double day = day_after(a, visits);
    return !cuts_a_day(a, visits) && day < apart && day < end_of(a) && day < end_of(b);
}

void cit_courses_share(cit_course *courses, int count) {
    for (int i = 0; i < count; i++) {
        cit_course *c = &courses[i];
        c->shares_with = c->shared_visits = 0;
        c->shares_all = false;
        for (int j = 0; j < i && !c->shares_all; j++) {
            if (!same_skin(&courses[j], c)) continue;
            int n = visits_alike(&courses[j], c);
            c->shares_all = n == c->visits && is_same(&courses[j], c);
            while (n > c->shared_visits && (!can_branch(&courses[j], c, n) || cuts_a_day(c, n)))
                n--;
            if (n <= c->shared_visits && !c->shares_all) continue;
            c->shares_with = j;
            c->shared_visits = n;
        }
    }
}

/* The course whose values course i gets, as it is wholly the same; i itself: it must be run. */
static int twin_of(const cit_course *courses, int i) {
    while (courses[i].shares_all && courses[i].shares_with >= 0 && courses[i].shares_with < i &&
           is_same(&courses[courses[i].shares_with], &courses[i]))
        i = courses[i].shares_with;
    return i;
}

static void copy_values(const cit_course *from, cit_course *to) {
    const size_t n = (size_t)cit_column_size(&from->column) * (size_t)from->time_count;
    if (n > 0) memcpy(to->values, from->values, n * sizeof *from->values);
}

/* ---- in lanes -------------------------------------------------------------------------------- */

enum { LANE_STATES = CIT_LAYER_FIELDS * CIT_COLUMN_LAYERS + CIT_SINGLE_FIELDS };

/* A course on its way: where it is and, between two stretches, its state. */
typedef struct journey {
    int place; /* of the course; -1: none */
    itinerary at;
    double y[LANE_STATES];
} journey;

/* One run of many courses, known by their places. A course with a trunk shares that one's visits up to
 * some number, and begins where the trunk has had them: what is before is the trunk's, to the bit. */
typedef struct rota {
    cit_course *courses;
    int *ready; /* a queue of courses that can begin */
    int ready_from, ready_to;
    int *twin;                               /* of each course: twin_of */
    int *trunk, *first_branch, *next_branch; /* of each course; -1: none */
    journey *branches; /* where each branch begins, once its trunk was there */
    bool *failed;      /* or never begun, as nothing branched off where it said */
    journey lane[CIT_LANES_MAX];
} rota;

static void rota_free(rota *r) {
    free(r->ready);
    free(r->twin);
    free(r->trunk);
    free(r->first_branch);
    free(r->next_branch);
    free(r->branches);
    free(r->failed);
}

/* The course that really has the visits which course i says it shares: not one that gets its values from
 * another, or itself begins after them. -1: none, or i cannot share them. Those before i are known. */
static int trunk_of(const rota *r, int i) {
    const cit_course *c = &r->courses[i];
    const int shared = c->shared_visits;
    if (shared <= 0 || c->shares_with < 0 || c->shares_with >= i) return -1;
    int trunk = r->twin[c->shares_with];
    while (r->trunk[trunk] >= 0 && r->courses[trunk].shared_visits > shared)
        trunk = r->trunk[trunk];
    const cit_course *t = &r->courses[trunk];
    const bool can = same_skin(t, c) && visits_alike(t, c) >= shared && can_branch(t, c, shared);
    return can ? trunk : -1;
}

static cit_status rota_make(cit_course *courses, int count, rota *r, cit_errors *errs) {
    const size_t n = (size_t)count;
    bool any = false;
    *r = (rota){.courses = courses};
    for (int i = 0; i < CIT_LANES_MAX; i++) r->lane[i].place = -1;
    for (int i = 0; i < count; i++) any = any || courses[i].shared_visits > 0;
    r->ready = malloc(n * sizeof *r->ready);
    r->twin = malloc(n * sizeof *r->twin);
    r->trunk = malloc(n * sizeof *r->trunk);
    r->first_branch = malloc(n * sizeof *r->first_branch);
    r->next_branch = malloc(n * sizeof *r->next_branch);
    r->failed = calloc(n, sizeof *r->failed);
    r->branches = any ? malloc(n * sizeof *r->branches) : NULL;
    if (!(r->ready && r->twin && r->trunk && r->first_branch && r->next_branch && r->failed) ||
        (any && r->branches == NULL))
        return cit_fail(errs, CIT_NOMEM, "", "no memory for %d courses", count);
    for (int i = 0; i < count; i++) {
        r->twin[i] = twin_of(courses, i);
        r->trunk[i] = r->twin[i] == i ? trunk_of(r, i) : -1;
        r->failed[i] = r->trunk[i] >= 0;
        r->first_branch[i] = -1;
        if (r->twin[i] == i && r->trunk[i] < 0) r->ready[r->ready_to++] = i;
    }
    for (int i = count - 1; i >= 0; i--) {
        if (r->trunk[i] < 0) continue;
        r->next_branch[i] = r->first_branch[r->trunk[i]];
        r->first_branch[r->trunk[i]] = i;
    }
    return CIT_OK;
}

/* A course that has just had its visits lets those branch off that share exactly so many. */
static void let_branch(rota *r, const journey *j) {
    for (int i = r->first_branch[j->place]; i >= 0; i = r->next_branch[i]) {
        cit_course *c = &r->courses[i];
        if (c->shared_visits != j->at.visit) continue;
        r->failed[i] = false;
        r->branches[i] = *j;
        r->branches[i].place = i;
        r->branches[i].at.course = c;
        memcpy(c->values, j->at.course->values,
               (size_t)j->at.wanted * LANE_STATES * sizeof *c->values);
        r->ready[r->ready_to++] = i;
    }
}

/* Goes on to the next stretch of a course; false: it is over. */
static bool go_on(rota *r, journey *j) {
    const int visits = j->at.visit;
    if (!depart(&j->at, j->y)) return false;
    if (j->at.visit != visits) let_branch(r, j);
    return true;
}

/* The next course that can begin, from its start or where it branches off; false: there is none. */
static bool begin_another(rota *r, journey *j) {
    while (r->ready_from < r->ready_to) {
        const int place = r->ready[r->ready_from++];
        if (r->trunk[place] >= 0) {
            *j = r->branches[place];
            j->at.until = next_event(&j->at);
            let_branch(r, j);
            return true;
        }
        j->place = place;
        set_out(&j->at, &r->courses[place], j->y);
        if (go_on(r, j)) return true;
    }
    j->place = -1;
    return false;
}

static void load(const journey *j, cit_lane *lane) {
    for (int i = 0; i < LANE_STATES; i++) lane->y[i * lane->stride] = j->y[i];
    column_coefficients(&j->at.column, lane->q, lane->stride);
    lane->t = j->at.day;
    lane->until = j->at.until;
    lane->times = j->at.course->times + j->at.wanted;
    lane->count = times_ahead(&j->at);
    lane->values = values_ahead(&j->at);
    lane->status = CIT_OK;
}

static bool next_stretch(void *user, cit_lane *lane) {
    rota *r = user;
    journey *j = &r->lane[lane->index];
    bool going = false;
    if (j->place >= 0 && lane->status == CIT_OK) {
        for (int i = 0; i < LANE_STATES; i++) j->y[i] = lane->y[i * lane->stride];
        arrive(&j->at);
        going = go_on(r, j);
    } else if (j->place >= 0) {
        r->failed[j->place] = true;
    }
    if (!going && !begin_another(r, j)) return false;
    load(j, lane);
    return true;
}

static cit_status run_in_lanes(cit_engine *engine, cit_course *courses, int count,
                               cit_ode_stats *stats, cit_errors *errs) {
    rota r;
    cit_status st = CIT_OK;
    CIT_TRY(rota_make(courses, count, &r, errs));
    cit_lanes_run(engine->lanes, next_stretch, &r, stats);
    /* A lane has no pivoting: what it could not do, and what never branched off that, is done again by the
     * plain integrator. */
    for (int i = 0; i < count; i++)
        if (r.failed[i]) CIT_TRY(run_course(engine, &courses[i], stats, errs));
    for (int i = 0; i < count; i++)
        if (r.twin[i] != i) copy_values(&courses[r.twin[i]], &courses[i]);
done:
    rota_free(&r);
    return st;
}

/* ---- engines --------------------------------------------------------------------------------- */

cit_status cit_engine_new(const cit_ode_method *method, int layers, double rtol, cit_engine **ret,
                          cit_errors *errs) {
    cit_status st = CIT_OK;
    cit_column shape = {.layers = layers};
    cit_engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for the engine");
    const cit_ode_system system = cit_column_system(&shape);
    CIT_TRY(cit_ode_new(method, system.n, system.work_size, &engine->ode, errs));
    engine->options = (cit_ode_options){.rtol = rtol, .first_step = 0.05};
    engine->layers = layers;
    *ret = engine;
    engine = NULL;
done:
    cit_engine_free(engine);
    return st;
}

/* After a visit a longer first step than this is rejected now and then. */
static double first_step_in_lanes(double rtol) { return 0.6 * pow(rtol > 0 ? rtol : 1e-5, 0.2); }

cit_status cit_engine_new_lanes(cit_instructions set, double rtol, cit_engine **ret,
                                cit_errors *errs) {
    cit_engine *engine = NULL;
    cit_status st = cit_engine_new(&cit_ode_rodas, CIT_COLUMN_LAYERS, rtol, &engine, errs);
    if (engine == NULL) return st;
    engine->system = (cit_lanes_system){.n = LANE_STATES,
                                        .coefficients = column_coefficient_count,
                                        .work_size = column_work_count,
                                        .slack = column_slack_three,
                                        .kernels = {
                                            [CIT_PORTABLE] = &column_kernel_portable,
#ifdef CIT_X86
                                            [CIT_AVX2] = &column_kernel_avx2,
                                            [CIT_AVX512] = &column_kernel_avx512,
#endif
                                        }};
    const cit_ode_options options = {.rtol = rtol, .first_step = first_step_in_lanes(rtol)};
    CIT_TRY(cit_lanes_new(&engine->system, set, &options, &engine->lanes, errs));
    *ret = engine;
    engine = NULL;
done:
    cit_engine_free(engine);
    return st;
}

void cit_engine_free(cit_engine *engine) {
    if (engine == NULL) return;
    cit_lanes_free(engine->lanes);
    cit_ode_free(engine->ode);
    free(engine);
}

cit_status cit_engine_run(cit_engine *engine, cit_course *courses, int count, cit_ode_stats *stats,
                          cit_errors *errs) {
    for (int i = 0; i < count; i++)
        if (courses[i].column.layers != engine->layers)
            return cit_fail(errs, CIT_INVALID, "", "a course of %d layers in an engine for %d",
                            courses[i].column.layers, engine->layers);
    if (engine->lanes != NULL) return run_in_lanes(engine, courses, count, stats, errs);
    for (int i = 0; i < count; i++) {
        const int twin = twin_of(courses, i);
        const cit_status st = twin == i ? run_course(engine, &courses[i], stats, errs) : CIT_OK;
        if (st != CIT_OK) return st;
        if (twin != i) copy_values(&courses[twin], &courses[i]);
    }
    return CIT_OK;
}
