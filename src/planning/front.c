/* Candidates with their values, and which of them no other beats. */
#include "planning_impl.h"
#include <math.h>
#include <stdlib.h>

/* Mean over the draws there are, and its standard error. */
typedef struct estimate {
    double mean, se;
} estimate;

static estimate estimate_of(double sum, double squares, int n) {
    const double mean = sum / n;
    return (estimate){mean, sqrt(fmax(squares / n - mean * mean, 0) / n)};
}

static double burden_in(const family *f, int visits, int which, int draw) {
    return (double)f->burdens[visits][(size_t)draw * D_BURDENS + (size_t)which];
}

static estimate burden(const entry *e, int which) {
    double sum = 0, squares = 0;
    for (int d = 0; d < e->draws; d++) {
        const double x = burden_in(e->family, e->candidate.visits, which, d);
        sum += x;
        squares += x * x;
    }
    return estimate_of(sum, squares, e->draws);
}

/* What is done already can leave a mark as well: that is not asked by what is ahead. */
static double beyond_nothing(const search *s, const entry *e, int which, int of_nothing) {
    double sum = 0;
    for (int d = 0; d < e->draws; d++)
        sum += burden_in(e->family, e->candidate.visits, which, d) -
               (double)nothing_in(s, d)[of_nothing];
    return fmax(sum / e->draws, 0);
}

static void value_entry(const search *s, entry *e) {
    const family *f = e->family;
    const int n = e->candidate.visits;
    double sum = 0, squares = 0, improvement = 0;
    for (int d = 0; d < e->draws; d++) {
        const double gain = gain_of(s, f, n, e->block, d);
        sum += gain;
        squares += gain * gain;
        improvement += improvement_of(s, f, n, e->block, d);
    }
    const estimate gain = estimate_of(sum, squares, e->draws);
    e->value = (cit_value){.gain = gain.mean,
                           .gain_sd = gain.se * sqrt(e->draws),
                           .improvement = improvement / e->draws,
                           .pain = burden(e, D_PAIN).mean,
                           .redness_visit_day = burden(e, D_RED).mean,
                           .redness_day = burden(e, D_RED_SUM).mean,
                           .pigment = beyond_nothing(s, e, D_PIGMENT, N_PIGMENT),
                           .harm = beyond_nothing(s, e, D_HARM, N_HARM),
                           .visits = n};
    cit_cost_line lines[CIT_COST_LINES_MAX];
    int count;
    const bool known = cost_lines(s->prices, &e->candidate, lines, &count);
    e->value.cost_low = known ? cost_sum(lines, count, false) : CIT_UNKNOWN_NUMBER;
    e->value.cost_high = known ? cost_sum(lines, count, true) : CIT_UNKNOWN_NUMBER;
}

/* Which limit of the person it passes, by so many standard errors; NULL: none. A budget lets nothing through whose
 * cost nobody knows. */
static const char *limit_passed(const search *s, const entry *e, double deviations) {
    const cit_limits *l = &s->person->limits;
    const estimate pain = burden(e, D_PAIN), red = burden(e, D_RED);
    if (pain.mean - deviations * pain.se > l->pain) return "your limit: pain of a visit";
    if (red.mean - deviations * red.se > l->redness_day) return "your limit: days of redness";
    if (!cit_known(l->budget) || e->value.cost_high <= l->budget) return NULL;
    return cit_known(e->value.cost_high) ? "your limit: budget"
                                         : "your limit: budget, and no price is known";
}

static entry entry_of(const search *s, const family *f, int who, int visits, int block) {
    entry e = {.candidate = f->like, .family = f, .block = block, .draws = f->evaluated[visits]};
    if (e.draws > s->drawn) e.draws = s->drawn;
    e.candidate.who = who;
    e.candidate.visits = visits;
    e.candidate.adjunct = block > 0 ? s->adjuncts[block - 1] : NULL;
    e.fragile = f->like.length_mm > s->robust_mm;
    value_entry(s, &e);
    return e;
}

typedef struct listing {
    entry *items;
    int count, room;
} listing;

static cit_status add_entry(listing *list, const entry *e, cit_errors *errs) {
    if (list->count == list->room) {
        const int more = list->room * 2 + 64;
        entry *grown = realloc(list->items, (size_t)more * sizeof *grown);
        if (grown == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for candidates");
        list->items = grown;
        list->room = more;
    }
    list->items[list->count++] = *e;
    return CIT_OK;
}

/* Every candidate of a family that is followed, or, `gone`, that is so no longer. */
static cit_status list_family(search *s, const family *f, bool gone, double deviations,
                              listing *list, cit_errors *errs) {
    for (int block = 0; block < s->blocks; block++)
        for (int who = CIT_PHYSICIAN; who >= CIT_HOME; who--) {
            const unsigned users = block == 0 ? f->users : f->users & s->adjunct_users[block - 1];
            if ((users & (1U << (who - 1))) == 0) continue;
            for (int n = 1; n <= f->most_visits; n++) {
                if (f->alive[n] == gone || f->evaluated[n] == 0) continue;
                if (block > 0 && !goes_with(s, f, block - 1, n)) continue;
                const entry e = entry_of(s, f, who, n, block);
                const char *limit = limit_passed(s, &e, deviations);
                if (limit != NULL) {
                    if (!gone && (deviations == 0 || !f->kept))
                        turn_down(s, NULL, who, 1, "%s", limit);
                    continue;
                }
                const cit_status st = add_entry(list, &e, errs);
                if (st != CIT_OK) return st;
            }
        }
    return CIT_OK;
}

static cit_status list_all(search *s, bool gone, double deviations, listing *ret,
                           cit_errors *errs) {
    cit_status st = CIT_OK;
    *ret = (listing){0};
    for (int i = 0; i < s->family_count && st == CIT_OK; i++)
        if (!s->families[i].failed)
            st = list_family(s, &s->families[i], gone, deviations, ret, errs);
    if (st != CIT_OK) free(ret->items);
    return st;
}

cit_status list_entries(search *s, double deviations, entry **ret, int *ret_count,
                        cit_errors *errs) {
    listing list;
    const cit_status st = list_all(s, false, deviations, &list, errs);
    if (st != CIT_OK) return st;
    *ret = list.items;
    *ret_count = list.count;
    return CIT_OK;
}

/* ---- beating ------------------------------------------------------------------------------------- */

static int shared_draws(const entry *a, const entry *b) {
    return a->draws < b->draws ? a->draws : b->draws;
}

/* Is a burden of `a` at most that of `b` and so much more, by so many standard errors? */
static bool at_most(const entry *a, const entry *b, int which, double more, double deviations) {
    const int n = shared_draws(a, b);
    double sum = 0, squares = 0;
    for (int d = 0; d < n; d++) {
        const double x = burden_in(a->family, a->candidate.visits, which, d) -
                         burden_in(b->family, b->candidate.visits, which, d);
        sum += x;
        squares += x * x;
    }
    const estimate e = estimate_of(sum, squares, n);
    return e.mean + deviations * e.se <= more;
}

/* A cost that is unknown is not smaller than one that is known. */
static bool costs_no_more(const cit_noticed *n, const cit_value *a, const cit_value *b) {
    if (!cit_known(b->cost_high)) return true;
    return cit_known(a->cost_high) && a->cost_high <= b->cost_high * (1 + n->cost / 100);
}

/* As little as the other in every respect, but for what nobody would mind. */
static bool asks_no_more(const search *s, const entry *a, const entry *b, double deviations) {
    const cit_noticed *n = &s->space->noticed;
    return a->candidate.visits <= b->candidate.visits && costs_no_more(n, &a->value, &b->value) &&
           at_most(a, b, D_PAIN, n->pain, deviations) &&
           at_most(a, b, D_RED_SUM, n->redness_day, deviations) &&
           at_most(a, b, D_PIGMENT, n->pigment, deviations) &&
           at_most(a, b, D_HARM, n->harm, deviations);
}

/* `a` NULL: doing nothing. */
static estimate gains_over(const search *s, const entry *a, const entry *b) {
    const int n = a != NULL ? shared_draws(a, b) : b->draws;
    double sum = 0, squares = 0;
    for (int d = 0; d < n; d++) {
        const double difference =
            (a != NULL ? gain_of(s, a->family, a->candidate.visits, a->block, d) : 0) -
            gain_of(s, b->family, b->candidate.visits, b->block, d);
        sum += difference;
        squares += difference * difference;
    }
    return estimate_of(sum, squares, n);
}

static bool brings_more(const search *s, const entry *a, const entry *b, double deviations) {
    const estimate e = gains_over(s, a, b);
    if (deviations > 0) return e.mean > deviations * e.se && e.mean > 0;
    return e.mean > 0 || (e.mean == 0 && (a == NULL || a < b));
}

/* Burdens by their means: what is let go wrongly by them is found again (revive). */
static bool beats(const search *s, const entry *a, const entry *b, double deviations) {
    return asks_no_more(s, a, b, 0) && brings_more(s, a, b, deviations);
}

/* By falling gain, and in their order where it is equal. */
static int by_gain(const void *a, const void *b) {
    const entry *const *x = a, *const *y = b;
    const double gx = (*x)->value.gain, gy = (*y)->value.gain;
    return gx != gy ? (gx < gy) - (gx > gy) : (*x > *y) - (*x < *y);
}

/* What beats brings more, so that by falling gain each need only be held against those before it. Those that are
 * beaten, or whose lead is fragile, beat nobody: else small differences that nobody minds add up in a chain. */
cit_status find_beaten(const search *s, entry *entries, int count, double deviations,
                       cit_errors *errs) {
    entry **order = malloc(((size_t)count + 1) * sizeof(entry *));
    if (order == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for candidates");
    for (int i = 0; i < count; i++) order[i] = &entries[i];
    qsort(order, (size_t)count, sizeof *order, by_gain);
    for (int i = 0; i < count; i++) {
        order[i]->beaten = brings_more(s, NULL, order[i], deviations);
        for (int j = 0; j < i && !order[i]->beaten; j++)
            order[i]->beaten =
                !order[j]->beaten && !order[j]->fragile && beats(s, order[j], order[i], deviations);
    }
    free(order);
    return CIT_OK;
}

void drop_beaten(search *s, const entry *entries, int count) {
    for (int i = 0; i < s->family_count; i++) {
        family *f = &s->families[i];
        if (f->kept) continue;
        for (int n = 1; n <= f->most_visits; n++) {
            bool wanted = false;
            for (int j = 0; j < count && !wanted; j++)
                if (entries[j].family == f && entries[j].candidate.visits == n)
                    wanted = !entries[j].beaten;
            f->alive[n] = f->alive[n] && wanted;
        }
    }
}

/* ---- what was let go for nothing ------------------------------------------------------------------ */

/* Rather one too many than one missing: by how many standard errors it must bring less, and ask no more. */
static const double surely_less = 2, surely_no_more = 0.5;

static bool is_beaten(const search *s, const entry *entries, int count, const entry *e) {
    if (brings_more(s, NULL, e, surely_less)) return true;
    for (int i = 0; i < count; i++)
        if (!entries[i].beaten && !entries[i].fragile &&
            asks_no_more(s, &entries[i], e, surely_no_more) &&
            brings_more(s, &entries[i], e, surely_less))
            return true;
    return false;
}

/* How far each course of a family is to be followed; 0: no further. */
typedef struct wanted {
    int until[CIT_PLAN_VISITS_MAX + 1];
} wanted;

static int want_more(const search *s, const entry *front, int count, const listing *gone,
                     wanted *families) {
    enum { MORE = 4 };
    int any = 0;
    for (int i = 0; i < gone->count; i++) {
        const entry *e = &gone->items[i];
        int *until = &families[e->family - s->families].until[e->candidate.visits];
        if (*until > 0 || is_beaten(s, front, count, e)) continue;
        *until = MORE * e->draws < s->drawn ? MORE * e->draws : s->drawn;
        any++;
    }
    return any;
}

static cit_status follow_wanted(search *s, const wanted *families, cit_errors *errs) {
    cit_status st = CIT_OK;
#pragma omp parallel for schedule(dynamic) num_threads(threads_of(s))
    for (int i = 0; i < s->family_count; i++) {
        cit_errors faults = {0};
        cit_status own = CIT_OK;
        for (int n = 1; n <= s->families[i].most_visits && own == CIT_OK; n++)
            if (families[i].until[n] > 0)
                own = complete(s, &s->families[i], n, families[i].until[n], &faults);
        if (own == CIT_OK) continue;
#pragma omp critical
        {
            st = own;
            *errs = faults;
        }
    }
    return st;
}

cit_status revive(search *s, const entry *front, int count, int *ret_revived, cit_errors *errs) {
    listing gone;
    cit_status st = list_all(s, true, surely_less, &gone, errs);
    if (st != CIT_OK) return st;
    wanted *families = calloc((size_t)s->family_count + 1, sizeof *families);
    if (families == NULL) {
        free(gone.items);
        return cit_fail(errs, CIT_NOMEM, "", "no memory for candidates");
    }
    *ret_revived = want_more(s, front, count, &gone, families);
    if (*ret_revived > 0) st = follow_wanted(s, families, errs);
    free(families);
    free(gone.items);
    return st;
}
