/* Candidates with their values, and which of them no other beats. */
#include "planning_impl.h"
#include <math.h>
#include <stdlib.h>

static double mean_burden(const search *s, const family *f, int visits, int which) {
    double sum = 0;
    for (int d = 0; d < s->drawn; d++)
        sum += (double)f->burdens[visits][(size_t)d * D_BURDENS + (size_t)which];
    return sum / s->drawn;
}

static void value_entry(const search *s, entry *e) {
    const family *f = e->family;
    const int n = e->candidate.visits;
    double sum = 0, squares = 0, improvement = 0;
    for (int d = 0; d < s->drawn; d++) {
        const double gain = gain_of(s, f, n, e->block, d);
        sum += gain;
        squares += gain * gain;
        improvement += improvement_of(s, f, n, e->block, d);
    }
    e->value = (cit_value){
        .gain = sum / s->drawn,
        .gain_sd = sqrt(fmax(squares / s->drawn - sum / s->drawn * (sum / s->drawn), 0)),
        .improvement = improvement / s->drawn,
        .pain = mean_burden(s, f, n, D_PAIN),
        .redness_visit_day = mean_burden(s, f, n, D_RED),
        .redness_day = mean_burden(s, f, n, D_RED_SUM),
        .pigment = mean_burden(s, f, n, D_PIGMENT),
        .harm = mean_burden(s, f, n, D_HARM),
        .visits = n};
    cit_cost_line lines[CIT_COST_LINES_MAX];
    int count;
    const bool known = cost_lines(s->prices, &e->candidate, lines, &count);
    e->value.cost_low = known ? cost_sum(lines, count, false) : CIT_UNKNOWN_NUMBER;
    e->value.cost_high = known ? cost_sum(lines, count, true) : CIT_UNKNOWN_NUMBER;
}

/* What the person said must not be passed. Costs that nobody knows pass no budget. */
static bool within_limits(const search *s, const cit_value *v) {
    const cit_limits *l = &s->person->limits;
    return !(v->pain > l->pain) && !(v->redness_visit_day > l->redness_day) &&
           !(cit_known(l->budget) && !(v->cost_high <= l->budget));
}

static cit_status add_entry(const search *s, const family *f, int who, int visits, int block,
                            entry **list, int *count, int *room, cit_errors *errs) {
    if (*count == *room) {
        const int more = *room * 2 + 64;
        entry *grown = realloc(*list, (size_t)more * sizeof *grown);
        if (grown == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for candidates");
        *list = grown;
        *room = more;
    }
    entry e = {.candidate = f->like, .family = f, .block = block};
    e.candidate.who = who;
    e.candidate.visits = visits;
    e.candidate.adjunct = block > 0 ? s->adjuncts[block - 1] : NULL;
    value_entry(s, &e);
    if (within_limits(s, &e.value)) (*list)[(*count)++] = e;
    return CIT_OK;
}

cit_status list_entries(search *s, entry **ret, int *ret_count, cit_errors *errs) {
    entry *list = NULL;
    int count = 0, room = 0;
    cit_status st = CIT_OK;
    for (int i = 0; i < s->family_count && st == CIT_OK; i++) {
        const family *f = &s->families[i];
        for (int block = 0; block < s->blocks && st == CIT_OK; block++)
            for (int who = CIT_PHYSICIAN; who >= CIT_HOME && st == CIT_OK; who--) {
                const unsigned users =
                    block == 0 ? f->users : f->users & s->adjunct_users[block - 1];
                if ((users & (1U << (who - 1))) == 0) continue;
                for (int n = 1; n <= f->most_visits && st == CIT_OK; n++)
                    if (f->alive[n])
                        st = add_entry(s, f, who, n, block, &list, &count, &room, errs);
            }
    }
    if (st != CIT_OK) {
        free(list);
        return st;
    }
    *ret = list;
    *ret_count = count;
    return CIT_OK;
}

/* As little as the other in every respect, but for what nobody would mind. A cost that is unknown is not
 * smaller than one that is known. */
static bool asks_no_more(const search *s, const entry *a, const entry *b) {
    const cit_noticed *n = &s->space->noticed;
    const cit_value *x = &a->value, *y = &b->value;
    const bool cost = cit_known(x->cost_high)
                          ? !cit_known(y->cost_high) || x->cost_high <= y->cost_high + n->cost
                          : !cit_known(y->cost_high);
    return x->visits <= y->visits && x->pain <= y->pain + n->pain &&
           x->redness_day <= y->redness_day + n->redness_day &&
           x->pigment <= y->pigment + n->pigment && x->harm <= y->harm + n->harm && cost;
}

static bool brings_more(const search *s, const entry *a, const entry *b, double deviations) {
    double sum = 0, squares = 0;
    for (int d = 0; d < s->drawn; d++) {
        const double difference = gain_of(s, a->family, a->candidate.visits, a->block, d) -
                                  gain_of(s, b->family, b->candidate.visits, b->block, d);
        sum += difference;
        squares += difference * difference;
    }
    const double n = s->drawn, mean = sum / n;
    const double se = sqrt(fmax(squares / n - mean * mean, 0) / n);
    if (deviations > 0) return mean > deviations * se && mean > 0;
    return mean > 0 || (mean == 0 && a < b);
}

void find_beaten(const search *s, entry *entries, int count, double deviations) {
    for (int i = 0; i < count; i++) {
        entries[i].beaten = false;
        for (int j = 0; j < count && !entries[i].beaten; j++) {
            if (j == i || entries[j].value.gain < entries[i].value.gain) continue;
            entries[i].beaten = asks_no_more(s, &entries[j], &entries[i]) &&
                                brings_more(s, &entries[j], &entries[i], deviations);
        }
    }
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
