/* One person through several courses, and their scores where something was added or nothing was done. */
#include "people_impl.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

struct cit_crowds_run {
    const cit_crowd **crowds;
    cit_crowd_run **runs; /* the first slot of each is used */
    int count;
    cit_course *courses;
};

void cit_crowds_run_free(cit_crowds_run *r) {
    if (r == NULL) return;
    for (int i = 0; r->runs != NULL && i < r->count; i++) cit_crowd_run_free(r->runs[i]);
    free(r->crowds);
    free(r->runs);
    free(r->courses);
    free(r);
}

cit_status cit_crowds_run_new(const cit_crowd *const *crowds, int count, cit_crowds_run **ret,
                              cit_errors *errs) {
    cit_status st = CIT_OK;
    size_t tracks = 1;
    cit_crowds_run *r = calloc(1, sizeof *r);
    if (r == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for courses");
    for (int i = 0; i < count; i++) /* who has no scars lends none */
        assert(crowds[0]->with.follow != CIT_FOLLOW_VISITS ||
               crowds[i]->with.follow == CIT_FOLLOW_VISITS);
    for (int i = 0; i < count; i++) tracks += (size_t)most_tracks(crowds[i]);
    r->crowds = malloc(((size_t)count + 1) * sizeof(const cit_crowd *));
    r->runs = calloc((size_t)count + 1, sizeof(cit_crowd_run *));
    r->courses = calloc(tracks, sizeof *r->courses);
    if (!(r->crowds && r->runs && r->courses)) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory for %d courses", count);
        goto done;
    }
    for (; r->count < count; r->count++) {
        r->crowds[r->count] = crowds[r->count];
        CIT_TRY(cit_crowd_run_new(crowds[r->count], &r->runs[r->count], errs));
    }
    *ret = r;
    r = NULL;
done:
    cit_crowds_run_free(r);
    return st;
}

cit_status cit_crowds_follow(cit_crowds_run *r, const cit_someone *who, double *const *records,
                             cit_errors *errs) {
    cit_status st = CIT_OK;
    int courses = 0;
    for (int i = 0; i < r->count && st == CIT_OK; i++) {
        slot *s = &r->runs[i]->slots[0];
        if (i == 0)
            st = slot_make(r->crowds[0], who, NULL, s, errs);
        else
            slot_make_like(r->crowds[i], &r->runs[0]->slots[0], s);
        if (st == CIT_OK) courses += slot_courses(s, r->courses + courses);
    }
    if (st != CIT_OK || r->count == 0) return st;
    cit_courses_share(r->courses, courses);
    st = cit_engine_run(r->runs[0]->engine, r->courses, courses, NULL, errs);
    if (st != CIT_OK) return st;
    for (int i = 0; i < r->count; i++)
        slot_see(r->crowds[i], r->runs[i], &r->runs[i]->slots[0], records[i]);
    return CIT_OK;
}

/* ---- scores of something else --------------------------------------------------------------------- */

static double at_summary(const cit_crowd *p, const double *record, cit_quantity quantity) {
    return record[(int)quantity * p->day_count + p->summary];
}

static double factor(const cit_crowd *p, const double *record, cit_extra_factor which) {
    return record[cit_crowd_layout_of(p).factors + p->table_count + (int)which];
}

static cit_parameters parameters_of(const cit_crowd *p, const double *record) {
    const cit_crowd_layout l = cit_crowd_layout_of(p);
    cit_parameters ret;
    cit_parameters_default(&ret);
    for (int i = 0; i < p->table_count; i++)
        cit_parameter_set(&ret, &p->table[i], record[l.factors + i]);
    return ret;
}

static bool any_colour(const cit_crowd *p) {
    for (int i = 0; i < p->with.person->zone_count; i++) {
        const int macular = p->with.person->zones[i].macular;
        if (macular != CIT_UNKNOWN_INT && macular > 0) return true;
    }
    return false;
}

/* The grade of skin whose scars show so much less, `beside` of it for other reasons than the tissue. */
static double grade_of(const cit_crowd *p, const double *record, const cit_outcome_params *o,
                       double visible, double beside) {
    const int start = (int)record[cit_crowd_layout_of(p).singles + CIT_S_START_GRADE];
    const double left = visible * fmax(0, 1 - beside);
    if (p->with.mean_grades) return cit_grade_later_mean(o, start, left, any_colour(p));
    return cit_grade_later(o, start, factor(p, record, CIT_FACTOR_PLACE), left, any_colour(p));
}

cit_scores cit_crowd_scores(const cit_crowd *p, const double *record, double added) {
    const int singles = cit_crowd_layout_of(p).singles;
    const double *single = record + singles;
    cit_scores s = {.gb_percent = at_summary(p, record, CIT_Q_GB_PERCENT),
                    .ecca_percent = at_summary(p, record, CIT_Q_ECCA_PERCENT),
                    .other_percent = at_summary(p, record, CIT_Q_OTHER_PERCENT),
                    .grade = at_summary(p, record, CIT_Q_GRADE),
                    .grade_change = at_summary(p, record, CIT_Q_GRADE_CHANGE)};
    if (added == 0) return s;
    const cit_parameters parameters = parameters_of(p, record);
    const double start = single[CIT_S_START_GB];
    const double beside =
        start > 0 ? (single[CIT_S_DRIFT] + single[CIT_S_OPEN] + single[CIT_S_CLINIC]) / start : 0;
    s.gb_percent = fmin(s.gb_percent + 100 * added, 100);
    s.ecca_percent = fmin(s.ecca_percent + 100 * added, 100);
    s.other_percent = fmin(s.other_percent + 100 * added, 100);
    s.grade = grade_of(p, record, &parameters.outcome, single[CIT_S_VISIBLE], beside + added);
    s.grade_change = s.grade - single[CIT_S_START_GRADE];
    return s;
}

cit_scores cit_crowd_untreated(const cit_crowd *p, const double *record) {
    const cit_parameters parameters = parameters_of(p, record);
    const cit_outcome_params *o = &parameters.outcome;
    const double drift = o->drift_share * fmin(1, p->days[p->summary] / o->drift_rise);
    const double percent = 100 * fmin(drift, 1);
    const double grade = grade_of(p, record, o, 1, drift);
    return (cit_scores){percent, percent, percent, grade,
                        grade - record[cit_crowd_layout_of(p).singles + CIT_S_START_GRADE]};
}
