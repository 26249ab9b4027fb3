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

/* What nobody knows weighs as much as the most there is. */
static double share(double x, double most) {
    if (!(most > 0)) return 0;
    return cit_known(x) ? x / most : 1;
}

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

static double odds_better(const search *s, const entry *e) {
    int count = 0;
    for (int d = 0; d < s->drawn; d++) count += gain_in(s, e, d) > 0;
    return (double)count / s->drawn;
}

static double odds_of_gain(const search *s, const entry *e, double least) {
    int count = 0;
    for (int d = 0; d < s->drawn; d++) count += gain_in(s, e, d) >= least;
    return (double)count / s->drawn;
}

/* Whole grades are often equal: that speaks for neither. */
static double odds_over(const search *s, const entry *a, const entry *b) {
    double count = 0;
    for (int d = 0; d < s->drawn; d++) {
        const double x = gain_in(s, a, d), y = gain_in(s, b, d);
        count += x > y ? 1 : x == y ? 0.5 : 0;
    }
    return count / s->drawn;
}

/* ---- choosing ---------------------------------------------------------------------------------------- */

/* On the front, and not by a longer needle that does not win for sure. */
static bool is_sound(const entry *e) { return !e->beaten && !e->fragile; }

/* The most gain of those with at most such a chance of dark marks, and at least such odds of being better. */
static const entry *best_gain(const search *s, const entry *entries, int count, double marks,
                              double odds) {
    const entry *best = NULL;
    for (int i = 0; i < count; i++) {
        const entry *e = &entries[i];
        if (!is_sound(e) || e->value.pigment > marks || odds_better(s, e) < odds) continue;
        if (best == NULL || e->value.gain > best->value.gain) best = e;
    }
    return best;
}

static const entry *best_at_home(const entry *entries, int count) {
    const entry *best = NULL;
    for (int i = 0; i < count; i++)
        if (entries[i].candidate.who == CIT_HOME &&
            (best == NULL || entries[i].value.gain > best->value.gain))
            best = &entries[i];
    return best;
}

/* Least burden of those that bring at least so much with such odds, and few dark marks. */
static const entry *least_burden(const search *s, const entry *entries, int count, double gain,
                                 double odds) {
    const cit_value most = largest(entries, count);
    const entry *best = NULL;
    for (int i = 0; i < count; i++) {
        const entry *e = &entries[i];
        if (!is_sound(e) || e->value.gain < gain || e->value.pigment > marks_most ||
            odds_better(s, e) < odds)
            continue;
        if (best == NULL || burden_of(&e->value, &most) < burden_of(&best->value, &most)) best = e;
    }
    return best;
}

/* ---- longer needles ------------------------------------------------------------------------------- */

static double mean_gain(const search *s, const family *f, int visits) {
    const int draws = f->evaluated[visits] < s->drawn ? f->evaluated[visits] : s->drawn;
    double sum = 0;
    for (int d = 0; d < draws; d++) sum += gain_of(s, f, visits, 0, d);
    return draws > 0 ? sum / draws : -HUGE_VAL;
}

static bool is_of_clinic(const family *f) {
    return !f->failed && f->users != 0 && f->like.who != CIT_HOME;
}

static double longest_up_to(const search *s, double most) {
    double longest = 0;
    for (int i = 0; i < s->family_count; i++)
        if (is_of_clinic(&s->families[i]) && s->families[i].like.length_mm <= most)
            longest = fmax(longest, s->families[i].like.length_mm);
    return longest;
}

/* The course of a clinic that brings most with needles longer than `from` and up to `to`, whether or not another
 * beats it. NULL: none. */
static const family *best_of_lengths(const search *s, double from, double to, int *ret_visits) {
    const family *best = NULL;
    double most = -HUGE_VAL;
    for (int i = 0; i < s->family_count; i++) {
        const family *f = &s->families[i];
        if (!is_of_clinic(f) || f->like.length_mm <= from || f->like.length_mm > to) continue;
        for (int n = 1; n <= f->most_visits; n++) {
            const double gain = mean_gain(s, f, n);
            if (!(gain > most)) continue;
            most = gain;
            best = f;
            *ret_visits = n;
        }
    }
    return best;
}

/* A longer needle than trials' wins only if it still does where harm is as bad and reach as poor as is believed. */
cit_status find_robust_length(search *s, cit_errors *errs) {
    cit_search *r = s->result;
    s->robust_mm = HUGE_VAL;
    for (;;) {
        int visits = 0, shorter_visits = 0;
        double difference;
        const double longest = longest_up_to(s, s->robust_mm), below = nextafter(longest, 0);
        const family *f = best_of_lengths(s, below, longest, &visits),
                     *shorter = best_of_lengths(s, 0, below, &shorter_visits);
        if (longest <= r->usual.length_mm || f == NULL || shorter == NULL) return CIT_OK;
        const cit_status st = worst_case(s, f, visits, shorter, shorter_visits, &difference, errs);
        if (st != CIT_OK || difference > 0) return st;
        r->longer_not_told_apart = true;
        if (r->longer_mm == 0) r->longer_mm = longest;
        r->shorter_mm = shorter->like.length_mm;
        s->robust_mm = below;
    }
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

static cit_option *listed(const search *s, const entry *e) {
    for (int i = 0; i < s->result->option_count; i++)
        if (same_candidate(&s->result->options[i].candidate, &e->candidate))
            return &s->result->options[i];
    return NULL;
}

static void add_option(search *s, int kind, const entry *e) {
    cit_search *r = s->result;
    cit_option *same = e != NULL ? listed(s, e) : NULL;
    if (same != NULL) same->also |= 1U << kind;
    if (same != NULL || r->option_count == CIT_OPTIONS_MAX) return;
    cit_option *o = &r->options[r->option_count++];
    *o = (cit_option){.kind = kind, .odds_over_last = CIT_UNKNOWN_NUMBER, .told_apart = true};
    quantiles(s, e, o);
    grade_odds(s, e, o);
    if (e == NULL) return;
    o->candidate = e->candidate;
    o->value = e->value;
    o->odds_better = odds_better(s, e);
    o->odds_matters = odds_of_gain(s, e, r->smallest_change);
}

static const entry *entry_with(const entry *entries, int count, const cit_candidate *c) {
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
        const entry *e = entry_with(entries, count, &o->candidate),
                    *before = entry_with(entries, count, &r->options[i - 1].candidate);
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
static void choose(search *s, const entry *enough, const entry *mild) {
    cit_search *r = s->result;
    r->judge_sees = mild != NULL && mild->value.gain >= r->smallest_change;
    r->chosen = 0;
    if (enough == NULL || odds_better(s, enough) < told_apart) return;
    r->chosen = option_of_kind(r, enough);
}

/* As much as the most that has few dark marks, but for what would not be noticed; told apart from nothing, where any
 * is. NULL: no such. */
static const entry *find_enough(const search *s, const entry *entries, int count,
                                const entry *mild) {
    const double change = s->result->smallest_change;
    if (mild == NULL) return NULL;
    /* A judge that cannot see the whole course cannot say when to stop. */
    const double least = mild->value.gain < change ? mild->value.gain : mild->value.gain - change;
    const entry *told = least_burden(s, entries, count, least, told_apart);
    if (told == NULL) told = best_gain(s, entries, count, marks_most, told_apart);
    return told != NULL ? told : least_burden(s, entries, count, least, 0);
}

void show_first_look(const search *s, const entry *entries, int count) {
    const cit_first_look *look = &s->with->first_look;
    const cit_candidate nothing = {.visits = 0};
    if (look->show == NULL) return;
    const entry *mild = best_gain(s, entries, count, marks_most, 0),
                *enough = find_enough(s, entries, count, mild);
    if (enough != NULL && odds_better(s, enough) >= told_apart)
        look->show(look->context, &enough->candidate, s->drawn);
    else
        look->show(look->context, &nothing, s->drawn);
}

cit_status choose_options(search *s, const entry *entries, int count, cit_errors *errs) {
    cit_search *r = s->result;
    add_option(s, CIT_OPTION_NOTHING, NULL);
    r->untreated = r->options[0].median;
    const entry *most = best_gain(s, entries, count, 100, 0),
                *mild = best_gain(s, entries, count, marks_most, 0),
                *enough = find_enough(s, entries, count, mild);
    r->marks_bind = mild != most;
    if (enough != NULL) add_option(s, CIT_OPTION_ENOUGH, enough);
    if (most != NULL) add_option(s, CIT_OPTION_MOST, most);
    const entry *others[] = {least_burden(s, entries, count, 0, likely),
                             best_at_home(entries, count), nearest_usual(s, entries, count)};
    static const int kinds[] = {CIT_OPTION_LEAST, CIT_OPTION_HOME, CIT_OPTION_USUAL};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (others[i] != NULL) add_option(s, kinds[i], others[i]);
    line_up(s, entries, count);
    choose(s, enough, mild);
    const entry *chosen = enough != NULL ? enough : most;
    if (chosen == NULL) return CIT_OK;
    const cit_status st =
        complete_all(s, &s->families[(size_t)(chosen->family - s->families)], errs);
    if (st == CIT_OK) step_gains(s, chosen);
    return st;
}
