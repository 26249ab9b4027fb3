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
    s->result->horizon_day =
        cit_known(c->limits.horizon_day) ? c->limits.horizon_day : s->space->horizon_day;
    s->days[0] = 0;
    s->days[1] = s->done_day + s->result->horizon_day;
}

/* The course of a clinic that is nearest to what trials do; at home the one that does most. */
static void find_kept(search *s) {
    const cit_usual *u = &s->result->usual;
    family *best = NULL, *home = NULL;
    double least = HUGE_VAL, most = 0;
    for (int i = 0; i < s->family_count; i++) {
        family *f = &s->families[i];
        const double away = fabs(log(f->like.length_mm / u->length_mm)) +
                            fabs(log(f->like.interval_day / u->interval_day));
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

static cit_status prepare(search *s, cit_errors *errs) {
    cit_status st = cit_screen(s->person, NULL, s->catalogue, s->with->start, &s->alone, errs);
    if (st != CIT_OK) return st;
    set_judge(s);
    set_days(s);
    s->result->usual = cit_usual_course(s->catalogue);
    s->nothing = calloc((size_t)s->draws * (D_SCORES + 1), sizeof *s->nothing);
    s->column = malloc((size_t)s->draws * sizeof *s->column);
    if (s->nothing == NULL || s->column == NULL)
        return cit_fail(errs, CIT_NOMEM, "", "no memory for the draws");
    st = make_families(s, errs);
    if (st == CIT_OK) find_kept(s);
    for (int block = 1; block < s->blocks && st == CIT_OK && s->family_count > 0; block++)
        st = adjunct_allowed(s, &s->families[0], block, &s->adjunct_users[block - 1], errs);
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
    const cit_status st = list_entries(s, ret, ret_count, errs);
    if (st == CIT_OK) find_beaten(s, *ret, *ret_count, deviations);
    return st;
}

static cit_status run(search *s, cit_errors *errs) {
    cit_status st = CIT_OK;
    entry *entries = NULL;
    int count = 0;
    double done = 0;
    for (size_t i = 0; i < sizeof stages / sizeof *stages && !s->with->exhaustive; i++) {
        if (stages[i] >= s->draws) break;
        CIT_TRY(evaluate(s, stages[i], done, done + 0.25, errs));
        done += 0.25;
        CIT_TRY(look(s, &entries, &count, let_go, errs));
        if (i == 0) show_first_look(s, entries, count);
        drop_beaten(s, entries, count);
    }
    CIT_TRY(evaluate(s, s->draws, done, 1, errs));
    CIT_TRY(look(s, &entries, &count, 0, errs));
    s->result->simulated = count;
    CIT_TRY(keep_front(s, entries, count, errs));
    CIT_TRY(choose_options(s, entries, count, errs));
done:
    free(entries);
    return st;
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
    return cit_fail(errs, CIT_REFUSED, "", "nobody may needle this person now");
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
    if (s.result->who_allowed == 0) {
        st = refuse(&s, errs);
        goto done;
    }
    if (s.family_count > 0) {
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
