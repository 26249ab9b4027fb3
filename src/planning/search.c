/* The search: rough looks at all candidates, then closer ones at those that are not beaten. */
#include "planning_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWS_DEFAULT = 512 };
/* Draws after which what is beaten by so many standard errors is let go. */
static const int stages[] = {16, 64, 192};
static const double let_go = 4;

void cit_search_free(cit_search *r) {
    if (r == NULL) return;
    free(r->front);
    free(r);
}

void cit_option_take_bands(cit_search *r, int option, const cit_forecast *f) {
    cit_option *o = &r->options[option];
    const int week = (int)lround((r->done_day + r->horizon_day) / 7);
    if (r->judge == CIT_JUDGE_GRADE || r->judge == CIT_JUDGE_SCANNER ||
        o->candidate.adjunct != NULL || week >= f->weeks)
        return;
    const cit_band *b = cit_forecast_band(f, cit_judge_quantity(r->judge), week);
    o->median = b->median;
    o->lo50 = b->lo50;
    o->hi50 = b->hi50;
    o->lo90 = b->lo90;
    o->hi90 = b->hi90;
}

static void set_judge(search *s) {
    cit_search *r = s->result;
    const cit_limits *l = &s->person->limits;
    r->judge = l->judged_by != 0 ? l->judged_by : CIT_JUDGE_GOODMAN_BARON;
    const cit_judging *j = judging_of(s->space, r->judge);
    r->smallest_change = j != NULL ? j->change : l->smallest_change_mm;
    r->change_source = j != NULL ? j->source : "the case";
}

static void set_days(search *s) {
    const cit_case *c = s->person;
    s->done_day = days_since_first(c, s->with->start);
    s->result->done_day = s->done_day;
    s->result->begun = c->visit_count > 0;
    s->result->judge_after_day = s->space->judge_after_day;
    s->result->horizon_day = s->space->horizon_day;
    if (cit_known(c->limits.horizon_day))
        s->result->horizon_day = fmax(c->limits.horizon_day - s->done_day, 0);
    s->days[0] = 0;
    s->days[1] = s->done_day + s->result->horizon_day;
}

/* How far a course is from what trials do. No arm states a density and one its passes: the middle of those that are
 * searched stands for them. */
static double far_from_usual(const search *s, const cit_candidate *c) {
    const cit_usual *u = &s->result->usual;
    int count;
    const double *passes = passes_of(s->space, c->device->kind, &count);
    return fabs(log(c->length_mm / u->length_mm)) + fabs(log(c->interval_day / u->interval_day)) +
           0.01 * fabs(log(c->passes / passes[count / 2])) +
           0.01 * (c->device->kind != u->device_kind);
}

/* The course of a clinic that is nearest to what trials do; at home the one that does most. */
static void find_kept(search *s) {
    family *best = NULL, *home = NULL;
    double least = log(1.5), most = 0; /* further away it is not as trials do it; assumed */
    for (int i = 0; i < s->family_count; i++) {
        family *f = &s->families[i];
        if (f->failed || f->users == 0) continue;
        const double away = far_from_usual(s, &f->like);
        const double done = f->like.length_mm * f->like.passes / f->like.interval_day;
        if (f->like.who == CIT_HOME && done > most) {
            most = done;
            home = f;
        }
        if (f->like.who == CIT_HOME || !(away < least)) continue;
        least = away;
        best = f;
    }
    if (best != NULL) best->usual = best->kept = true;
    if (home != NULL) home->kept = true;
}

static cit_status check_person(const search *s, cit_errors *errs) {
    const cit_case *c = s->person;
    const cit_prices *own =
        c->limits.place != NULL ? cit_catalogue_prices(s->catalogue, c->limits.place) : NULL;
    bool any = false;
    for (int i = 0; i < c->zone_count; i++) any = any || has_scars(&c->zones[i]);
    if (!any)
        return cit_fail(errs, CIT_INVALID, cit_doc_name(c->doc),
                        "no zone has depressed scars: there is nothing to plan for");
    if (cit_known(c->limits.budget) && own != NULL && s->prices != NULL &&
        strcmp(own->currency, s->prices->currency) != 0)
        return cit_fail(errs, CIT_INVALID, cit_doc_name(c->doc),
                        "limits: the budget is in %s (%s), the prices are in %s", own->currency,
                        own->id, s->prices->currency);
    return CIT_OK;
}

static cit_status prepare(search *s, cit_errors *errs) {
    cit_status st = check_person(s, errs);
    if (st == CIT_OK)
        st = cit_screen(s->person, NULL, s->catalogue, s->with->start, &s->alone, errs);
    if (st != CIT_OK) return st;
    s->result->who_allowed = who_may(s);
    set_judge(s);
    set_days(s);
    s->result->usual = cit_usual_course(s->catalogue);
    s->nothing = calloc((size_t)s->draws * N_NOTHING, sizeof *s->nothing);
    s->column = malloc((size_t)s->draws * sizeof *s->column);
    if (s->nothing == NULL || s->column == NULL)
        return cit_fail(errs, CIT_NOMEM, "", "no memory for the draws");
    s->robust_mm = HUGE_VAL;
    st = make_families(s, errs);
    if (st == CIT_OK) st = drop_sparse(s, errs);
    if (st == CIT_OK) find_kept(s);
    for (int block = 1; block < s->blocks && st == CIT_OK; block++)
        st = adjunct_allowed(s, block, &s->adjunct_users[block - 1], errs);
    return st;
}

static cit_status keep_front(search *s, const entry *entries, int count, cit_errors *errs) {
    cit_search *r = s->result;
    r->front = calloc((size_t)count + 1, sizeof *r->front);
    if (r->front == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for the front");
    for (int i = 0; i < count; i++)
        if (!entries[i].beaten)
            r->front[r->front_count++] = (cit_point){entries[i].candidate, entries[i].value};
    return CIT_OK;
}

static cit_status look(search *s, entry **ret, int *ret_count, double deviations,
                       cit_errors *errs) {
    free(*ret);
    *ret = NULL;
    const cit_status st = list_entries(s, deviations, ret, ret_count, errs);
    return st == CIT_OK ? find_beaten(s, *ret, *ret_count, deviations, errs) : st;
}

/* The front, and again while something that was let go turns out to be on it. */
static cit_status last_look(search *s, entry **ret, int *ret_count, cit_errors *errs) {
    enum { ROUNDS = 12 };
    cit_status st = find_robust_length(s, errs);
    int revived = 1;
    for (int round = 0; round < ROUNDS && revived > 0 && st == CIT_OK; round++) {
        st = look(s, ret, ret_count, 0, errs);
        if (st == CIT_OK) st = revive(s, *ret, *ret_count, &revived, errs);
    }
    return st == CIT_OK && revived > 0 ? look(s, ret, ret_count, 0, errs) : st;
}

static cit_status run(search *s, cit_errors *errs) {
    entry *entries = NULL;
    int count = 0;
    double done = 0;
    cit_status st = evaluate_nothing(s, errs);
    if (st != CIT_OK) return st;
    for (size_t i = 0; i < sizeof stages / sizeof *stages && !s->with->exhaustive; i++) {
        if (stages[i] >= s->draws) break;
        CIT_TRY(evaluate(s, stages[i], done, done + 0.25, errs));
        done += 0.25;
        CIT_TRY(look(s, &entries, &count, let_go, errs));
        if (i == 0) show_first_look(s, entries, count);
        drop_beaten(s, entries, count);
    }
    CIT_TRY(evaluate(s, s->draws, done, 1, errs));
    CIT_TRY(last_look(s, &entries, &count, errs));
    s->result->simulated = count;
    CIT_TRY(keep_front(s, entries, count, errs));
    CIT_TRY(choose_options(s, entries, count, errs));
done:
    free(entries);
    return st;
}

/* Somebody whom rules allow, and the person would let do it. */
static bool anybody_is_left(const search *s) {
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++)
        if ((s->result->who_allowed & (1 << (who - 1))) != 0 && is_wanted(s, who)) return true;
    return false;
}

static cit_status refuse(const search *s, cit_errors *errs) {
    for (int i = 0; i < s->alone->count; i++) {
        const cit_finding *f = &s->alone->findings[i];
        bool forbids = false;
        for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++)
            forbids =
                forbids || (is_wanted(s, who) && cit_finding_verdict(f, who) == CIT_FORBIDDEN &&
                            !cit_finding_overridden(f, who));
        if (forbids) (void)!cit_fail(errs, CIT_REFUSED, "", "%s [%s]", f->rule->title, f->rule->id);
    }
    return cit_fail(errs, CIT_REFUSED, "", "%s",
                    s->result->who_allowed != 0
                        ? "nobody whom the limits allow may needle this person now"
                        : "nobody may needle this person now");
}

cit_status cit_plan_search(const cit_case *person, const cit_catalogue *catalogue,
                           const cit_space *space, const cit_plan_options *options,
                           cit_search **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    search s = {.person = person,
                .catalogue = catalogue,
                .space = space,
                .with = options,
                .prices = cit_plan_prices(person, catalogue, options->prices),
                .draws = options->draws > 0 ? options->draws : DRAWS_DEFAULT,
                .result = calloc(1, sizeof *s.result)};
    if (s.result == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a plan");
    s.result->draws = s.draws;
    CIT_TRY(prepare(&s, errs));
    if (!anybody_is_left(&s)) {
        st = refuse(&s, errs);
        goto done;
    }
    if (s.family_count > 0) { /* as always where somebody may needle */
        CIT_TRY(cit_may_forecast(person, s.families[0].protocols[1], errs));
        CIT_TRY(run(&s, errs));
    }
    *ret = s.result;
    s.result = NULL;
done:
    families_free(&s);
    cit_screening_free(s.alone);
    free(s.nothing);
    free(s.column);
    cit_search_free(s.result);
    return st;
}
