/* From the front to a handful of options, and what is said of each. */
#include "planning_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Odds by which a course is likelier than not to be better than nothing; of telling two apart. Assumed. */
static const double likely = 0.75, told_apart = 0.8;
/* A course with a larger chance of a dark mark, per cent, is shown and not put first; assumed. */
static const double marks_most = 20;

/* ---- burden --------------------------------------------------------------------------------------- */

/* The largest of each burden on the front, to measure others by. */
static cit_value largest(const entry *entries, int count) {
    cit_value most = {0};
    for (int i = 0; i < count; i++) {
        const cit_value *v = &entries[i].value;
        if (entries[i].beaten) continue;
        most.visits = most.visits > v->visits ? most.visits : v->visits;
        most.pain = fmax(most.pain, v->pain);
        most.redness_day = fmax(most.redness_day, v->redness_day);
        most.pigment = fmax(most.pigment, v->pigment);
        most.harm = fmax(most.harm, v->harm);
        if (cit_known(v->cost_high)) most.cost_high = fmax(most.cost_high, v->cost_high);
    }
    return most;
}

static double share(double x, double most) { return most > 0 && cit_known(x) ? x / most : 0; }

/* Each burden as a share of the largest there is, all weighing the same: an order for choosing examples from
 * the front, not a judgement of what a person minds most. */
static double burden_of(const cit_value *v, const cit_value *most) {
    return share(v->visits, most->visits) + share(v->pain, most->pain) +
           share(v->redness_day, most->redness_day) + share(v->pigment, most->pigment) +
           share(v->harm, most->harm) + share(v->cost_high, most->cost_high);
}

/* ---- odds ----------------------------------------------------------------------------------------- */

static double gain_in(const search *s, const entry *e, int d) {
    return gain_of(s, e->family, e->candidate.visits, e->block, d);
}

static double odds_of_gain(const search *s, const entry *e, double least) {
    int count = 0;
    for (int d = 0; d < s->drawn; d++) count += gain_in(s, e, d) > least;
    return (double)count / s->drawn;
}

static double odds_over(const search *s, const entry *a, const entry *b) {
    int count = 0;
    for (int d = 0; d < s->drawn; d++) count += gain_in(s, a, d) > gain_in(s, b, d);
    return (double)count / s->drawn;
}

/* ---- choosing ---------------------------------------------------------------------------------------- */

static const entry *best_gain(const entry *entries, int count, bool home, double marks) {
    const entry *best = NULL;
    for (int i = 0; i < count; i++) {
        const bool at_home = entries[i].candidate.who == CIT_HOME;
        if ((home ? !at_home : entries[i].beaten) || entries[i].value.pigment > marks) continue;
        if (best == NULL || entries[i].value.gain > best->value.gain) best = &entries[i];
    }
    return best;
}

/* Least burden of those that bring at least so much with such odds, and few dark marks. */
static const entry *least_burden(const search *s, const entry *entries, int count, double gain,
                                 double odds) {
    const cit_value most = largest(entries, count);
    const entry *best = NULL;
    for (int i = 0; i < count; i++) {
        const entry *e = &entries[i];
        if (e->beaten || e->value.gain < gain || e->value.pigment > marks_most ||
            odds_of_gain(s, e, 0) < odds)
            continue;
        if (best == NULL || burden_of(&e->value, &most) < burden_of(&best->value, &most)) best = e;
    }
    return best;
}

/* The best of the front that has a shorter needle. */
static const entry *best_shorter(const entry *entries, int count, const entry *than) {
    const entry *best = NULL;
    for (int i = 0; i < count; i++) {
        const entry *e = &entries[i];
        if (e->beaten || e->candidate.length_mm >= than->candidate.length_mm ||
            e->candidate.who == CIT_HOME)
            continue;
        if (best == NULL || e->value.gain > best->value.gain) best = e;
    }
    return best;
}

/* A longer needle wins only if it still does where harm is as bad and reach as poor as is believed. */
static cit_status most_robust(search *s, const entry *entries, int count, const entry **ret,
                              cit_errors *errs) {
    const entry *most = best_gain(entries, count, false, 100);
    *ret = most;
    if (most == NULL) return CIT_OK;
    while (most->candidate.length_mm > s->result->usual.length_mm) {
        const entry *shorter = best_shorter(entries, count, most);
        double difference;
        if (shorter == NULL) break;
        const cit_status st = worst_case(s, most->family, most->candidate.visits, shorter->family,
                                         shorter->candidate.visits, &difference, errs);
        if (st != CIT_OK) return st;
        if (difference > 0) break;
        s->result->longer_not_told_apart = true;
        if (s->result->longer_mm == 0) s->result->longer_mm = most->candidate.length_mm;
        s->result->shorter_mm = shorter->candidate.length_mm;
        most = shorter;
    }
    *ret = most;
    return CIT_OK;
}

/* As many visits as trials have, of the course whose length and interval are theirs. */
static const entry *nearest_usual(const search *s, const entry *entries, int count) {
    const entry *best = NULL;
    double least = HUGE_VAL;
    for (int i = 0; i < count; i++) {
        const cit_candidate *c = &entries[i].candidate;
        const double away = fabs(log(c->visits / s->result->usual.visits));
        if (!entries[i].family->usual || c->adjunct != NULL || !(away < least)) continue;
        least = away;
        best = &entries[i];
    }
    return best;
}

/* ---- an option ----------------------------------------------------------------------------------------- */

static void quantiles(const search *s, const entry *e, cit_option *o) {
    double *x = s->column;
    for (int d = 0; d < s->drawn; d++)
        x[d] = e != NULL ? improvement_of(s, e->family, e->candidate.visits, e->block, d)
                         : improvement_of(s, NULL, 0, 0, d);
    cit_sort(x, s->drawn);
    o->median = cit_quantile_sorted(x, s->drawn, 0.5);
    o->lo50 = cit_quantile_sorted(x, s->drawn, 0.25);
    o->hi50 = cit_quantile_sorted(x, s->drawn, 0.75);
    o->lo90 = cit_quantile_sorted(x, s->drawn, 0.05);
    o->hi90 = cit_quantile_sorted(x, s->drawn, 0.95);
}

/* Grades 3 and 4 are obvious at 50 cm (Goodman and Baron 2006). */
static void grade_odds(const search *s, const entry *e, cit_option *o) {
    int one = 0, two = 0, seen = 0, worse = 0;
    for (int d = 0; d < s->drawn; d++) {
        const float *x = e != NULL ? scores_of(s, e->family, e->candidate.visits, e->block, d)
                                   : scores_of(s, NULL, 0, 0, d);
        one += x[D_GRADE_CHANGE] <= -1;
        two += x[D_GRADE_CHANGE] <= -2;
        seen += x[D_GRADE] >= 3;
        worse += x[D_GB] < 0;
    }
    o->odds_one_grade = (double)one / s->drawn;
    o->odds_two_grades = (double)two / s->drawn;
    o->odds_seen_50cm = (double)seen / s->drawn;
    o->odds_worse = (double)worse / s->drawn;
}

static bool same_candidate(const cit_candidate *a, const cit_candidate *b) {
    return a->who == b->who && a->device == b->device && a->length_mm == b->length_mm &&
           a->passes == b->passes && a->interval_day == b->interval_day && a->visits == b->visits &&
           a->adjunct == b->adjunct;
}

static bool is_listed(const search *s, const entry *e) {
    for (int i = 0; i < s->result->option_count; i++)
        if (same_candidate(&s->result->options[i].candidate, &e->candidate)) return true;
    return false;
}

static void add_option(search *s, int kind, const entry *e) {
    cit_search *r = s->result;
    if (r->option_count == CIT_OPTIONS_MAX || (e != NULL && is_listed(s, e))) return;
    cit_option *o = &r->options[r->option_count++];
    *o = (cit_option){.kind = kind, .odds_over_last = CIT_UNKNOWN_NUMBER, .told_apart = true};
    quantiles(s, e, o);
    grade_odds(s, e, o);
    if (e == NULL) return;
    o->candidate = e->candidate;
    o->value = e->value;
    o->odds_better = odds_of_gain(s, e, 0);
    o->odds_matters = odds_of_gain(s, e, r->smallest_change);
}

static const entry *entry_of(const entry *entries, int count, const cit_candidate *c) {
    for (int i = 0; i < count; i++)
        if (same_candidate(&entries[i].candidate, c)) return &entries[i];
    return NULL;
}

static int by_gain(const void *a, const void *b) {
    const double x = ((const cit_option *)a)->value.gain, y = ((const cit_option *)b)->value.gain;
    return (x > y) - (x < y);
}

/* Options by what they bring, each held against the one before it. */
static void line_up(search *s, const entry *entries, int count) {
    cit_search *r = s->result;
    qsort(r->options + 1, (size_t)(r->option_count - 1), sizeof *r->options, by_gain);
    for (int i = 1; i < r->option_count; i++) {
        cit_option *o = &r->options[i];
        const entry *e = entry_of(entries, count, &o->candidate),
                    *before = entry_of(entries, count, &r->options[i - 1].candidate);
        o->odds_over_last = i == 1 ? o->odds_better : odds_over(s, e, before);
        o->told_apart = o->odds_over_last >= told_apart;
    }
}

/* What each visit of a family adds, and what is left to gain. */
static void step_gains(search *s, const entry *e) {
    cit_search *r = s->result;
    const family *f = e->family;
    const int last = f->most_visits;
    r->step_count = last + 1;
    for (int n = 1; n <= last; n++) {
        double sum = 0;
        for (int d = 0; d < s->drawn; d++) sum += gain_of(s, f, n, e->block, d);
        r->steps[n].gain = sum / s->drawn;
        r->steps[n].adds = r->steps[n].gain - r->steps[n - 1].gain;
    }
    for (int n = 0; n <= last; n++) {
        double most = r->steps[n].gain;
        for (int m = n; m <= last; m++) most = fmax(most, r->steps[m].gain);
        r->steps[n].left = most - r->steps[n].gain;
    }
}

static int option_of_kind(const cit_search *r, const entry *e) {
    for (int i = 0; i < r->option_count; i++)
        if (r->options[i].candidate.visits > 0 &&
            same_candidate(&r->options[i].candidate, &e->candidate))
            return i;
    return 0;
}

/* Which option to look at first: enough, if it is told apart from doing nothing. */
static void choose(search *s, const entry *enough, const entry *most) {
    cit_search *r = s->result;
    r->judge_sees = most != NULL && most->value.gain >= r->smallest_change;
    r->chosen = 0;
    if (enough == NULL || most == NULL) return;
    if (odds_of_gain(s, enough, 0) < told_apart) return;
    r->chosen = option_of_kind(r, enough);
}

/* As much as the most that has few dark marks, but for what would not be noticed. NULL: no such. */
static const entry *find_enough(const search *s, const entry *entries, int count, const entry *most,
                                const entry **ret_mild) {
    const entry *mild =
        most->value.pigment <= marks_most ? most : best_gain(entries, count, false, marks_most);
    *ret_mild = mild;
    if (mild == NULL) return NULL;
    /* A judge that cannot see the whole course cannot say when to stop. */
    if (mild->value.gain < s->result->smallest_change) return mild;
    return least_burden(s, entries, count, mild->value.gain - s->result->smallest_change, 0);
}

void show_first_look(const search *s, const entry *entries, int count) {
    const cit_first_look *look = &s->with->first_look;
    const cit_candidate nothing = {.visits = 0};
    const entry *mild = NULL, *most = best_gain(entries, count, false, 100);
    const entry *enough = most != NULL ? find_enough(s, entries, count, most, &mild) : NULL;
    if (look->show == NULL) return;
    if (enough != NULL && odds_of_gain(s, enough, 0) >= told_apart)
        look->show(look->context, &enough->candidate, s->drawn);
    else
        look->show(look->context, &nothing, s->drawn);
}

cit_status choose_options(search *s, const entry *entries, int count, cit_errors *errs) {
    cit_search *r = s->result;
    const entry *most = NULL;
    const cit_status st = most_robust(s, entries, count, &most, errs);
    if (st != CIT_OK) return st;
    add_option(s, CIT_OPTION_NOTHING, NULL);
    r->untreated = r->options[0].median;
    if (most == NULL) return CIT_OK;
    const entry *least = least_burden(s, entries, count, 0, likely);
    const entry *usual = nearest_usual(s, entries, count);
    const entry *home = best_gain(entries, count, true, 100);
    const entry *mild = NULL, *enough = find_enough(s, entries, count, most, &mild);
    r->marks_bind = mild != most;
    if (enough != NULL) add_option(s, CIT_OPTION_ENOUGH, enough);
    add_option(s, CIT_OPTION_MOST, most);
    if (least != NULL) add_option(s, CIT_OPTION_LEAST, least);
    if (usual != NULL) add_option(s, CIT_OPTION_USUAL, usual);
    if (home != NULL) add_option(s, CIT_OPTION_HOME, home);
    line_up(s, entries, count);
    choose(s, enough, most);
    const entry *chosen = enough != NULL ? enough : most;
    const cit_status done = complete(s, &s->families[(size_t)(chosen->family - s->families)], errs);
    if (done == CIT_OK) step_gains(s, chosen);
    return done;
}
