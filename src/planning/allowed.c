/* Candidates as screening sees them, and who may do or give what. */
#include "planning_impl.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool found_before(const cit_screening *alone, const cit_finding *f, int who) {
    for (int i = 0; i < alone->count; i++)
        if (alone->findings[i].rule == f->rule && alone->findings[i].zone == f->zone &&
            cit_finding_verdict(&alone->findings[i], who) >= cit_finding_verdict(f, who))
            return true;
    return false;
}

/* What a protocol adds to what must be asked of the person anyway: NULL, if nothing. */
static const cit_rule *objection(const cit_screening *alone, const cit_screening *with,
                                 const cit_case *person, int who) {
    for (int i = 0; i < with->count; i++) {
        const cit_finding *f = &with->findings[i];
        if (f->zone >= 0 && !zone_allowed(alone, person, f->zone, who)) continue;
        if (cit_finding_verdict(f, who) < CIT_ASK_FIRST || cit_finding_overridden(f, who)) continue;
        if (!found_before(alone, f, who)) return f->rule;
    }
    return NULL;
}

void turn_down(search *s, const cit_rule *rule, int who, int count, const char *format, ...) {
    char why[120];
    va_list list;
    va_start(list, format);
    vsnprintf(why, sizeof why, format, list);
    va_end(list);
    cit_search *r = s->result;
    for (int i = 0; i < r->turned_down_count; i++) {
        cit_turned_down *t = &r->turned_down[i];
        if (t->rule != rule || t->who != who || strcmp(t->why, why) != 0) continue;
        t->count += count;
        return;
    }
    if (r->turned_down_count == CIT_TURNED_DOWN_MAX) return;
    cit_turned_down *t = &r->turned_down[r->turned_down_count++];
    *t = (cit_turned_down){.rule = rule, .who = who, .count = count};
    snprintf(t->why, sizeof t->why, "%s", why);
}

cit_status parse_protocol(const char *text, const search *s, cit_protocol **ret, cit_errors *errs) {
    cit_status st = cit_protocol_parse("a candidate", text, strlen(text), ret, errs);
    if (st == CIT_OK) st = cit_check_together(s->person, *ret, s->catalogue, errs);
    return st;
}

manner manner_of(const search *s, bool cream) {
    return (manner){s->space, s->alone, s->person, s->catalogue, s->with->start, cream, NULL};
}

/* Writes, parses and screens a candidate; *ret_rule: what speaks against it. */
static cit_status screen_once(search *s, const cit_candidate *c, bool cream,
                              const cit_rule **ret_rule, cit_errors *errs) {
    cit_status st = CIT_OK;
    char *text = NULL;
    cit_protocol *protocol = NULL;
    cit_screening *screening = NULL;
    const manner how = manner_of(s, cream);
    CIT_TRY(write_protocol(c, &how, &text, errs));
    if (text != NULL) CIT_TRY(parse_protocol(text, s, &protocol, errs));
    CIT_TRY(cit_screen(s->person, protocol, s->catalogue, s->with->start, &screening, errs));
    *ret_rule = objection(s->alone, screening, s->person, c->who);
done:
    cit_screening_free(screening);
    cit_protocol_free(protocol);
    free(text);
    return st;
}

/* In a clinic with cream; without where the cream is what speaks against it. */
cit_status screen_candidate(search *s, const cit_candidate *c, bool *ret_cream,
                            const cit_rule **ret_rule, cit_errors *errs) {
    cit_status st = CIT_OK;
    *ret_rule = NULL;
    *ret_cream = c->who != CIT_HOME;
    if (*ret_cream) st = screen_once(s, c, true, ret_rule, errs);
    if (st != CIT_OK || (*ret_cream && *ret_rule == NULL)) return st;
    const cit_rule *bare = NULL;
    st = screen_once(s, c, false, &bare, errs);
    if (bare == NULL || !*ret_cream) {
        *ret_cream = false;
        *ret_rule = bare;
    }
    return st;
}

/* As screening lets it be done: with cream where that may be. */
static cit_status protocol_of(const cit_candidate *c, const cit_dated_course *dated,
                              const cit_space *space, const cit_case *person,
                              const cit_catalogue *catalogue, int start, char **ret,
                              cit_errors *errs) {
    static const cit_plan_options none;
    cit_plan_options with = none;
    cit_search result = {0};
    with.start = start;
    search s = {
        .person = person, .catalogue = catalogue, .space = space, .with = &with, .result = &result};
    bool cream = false;
    const cit_rule *rule = NULL;
    cit_status st = cit_screen(person, NULL, catalogue, start, &s.alone, errs);
    if (st == CIT_OK && c->visits > 0) st = screen_candidate(&s, c, &cream, &rule, errs);
    manner how = manner_of(&s, cream);
    how.dated = dated;
    if (st == CIT_OK) st = write_protocol(c, &how, ret, errs);
    cit_screening_free(s.alone);
    return st;
}

cit_status cit_candidate_protocol(const cit_candidate *c, const cit_space *space,
                                  const cit_case *person, const cit_catalogue *catalogue, int start,
                                  char **ret, cit_errors *errs) {
    return protocol_of(c, NULL, space, person, catalogue, start, ret, errs);
}

cit_status cit_course_protocol(const cit_dated_course *course, const cit_space *space,
                               const cit_case *person, const cit_catalogue *catalogue, int start,
                               char **ret, cit_errors *errs) {
    return protocol_of(&course->candidate, course, space, person, catalogue, start, ret, errs);
}

/* ---- who ------------------------------------------------------------------------------------------ */

static bool any_zone(const cit_screening *alone, const cit_case *person, int who) {
    for (int i = 0; i < person->zone_count; i++)
        if (zone_allowed(alone, person, i, who)) return true;
    return false;
}

bool is_wanted(const search *s, int who) {
    const unsigned wanted = s->person->limits.settings;
    return wanted == 0 || (wanted & (1U << (who - 1))) != 0;
}

int who_may(const search *s) {
    int bits = 0;
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++)
        if (any_zone(s->alone, s->person, who)) bits |= 1 << (who - 1);
    return bits;
}

/* ---- adjuncts ------------------------------------------------------------------------------------ */

static bool is_refused(const cit_limits *l, const cit_adjunct *a) {
    for (int i = 0; i < l->refused_count; i++)
        if (strcmp(l->refused[i], a->id) == 0) return true;
    return false;
}

/* Those of which somebody measured what they add on top, who has not been refused. Only one that adds something
 * at its lower 90 % bound as well is searched: blood drawn, an injection, money on top are sure, the rest is not. */
cit_status find_adjuncts(search *s, cit_errors *errs) {
    const double bound = 1.6448536269514722;
    cit_search *r = s->result;
    for (int i = 0; i < s->catalogue->adjunct_count && r->adjunct_count < CIT_ADJUNCTS_MAX; i++) {
        const cit_adjunct *a = &s->catalogue->adjuncts[i];
        const cit_combination *c = cit_combination_of(s->catalogue, CIT_NEEDLING, a->id, 0);
        cit_added added;
        if (a->effect != CIT_EFFECT_ADDS || (a->roles & CIT_ROLE_WITH_NEEDLING) == 0 ||
            is_refused(&s->person->limits, a) || c == NULL || c->verdict == CIT_COMBINE_REFUSE)
            continue;
        const cit_status st = cit_adjunct_adds(s->catalogue, a, &added, errs);
        if (st != CIT_OK) return st;
        if (added.studies == 0) continue;
        const bool told_apart = added.mean - bound * added.sd > 0;
        r->adjuncts[r->adjunct_count++] = (cit_adjunct_found){a, added, told_apart};
        if (!told_apart) continue;
        s->washout_day[s->adjunct_count] = cit_known(c->washout_day) ? c->washout_day : 0;
        s->adjuncts[s->adjunct_count] = a;
        s->added[s->adjunct_count++] = added;
    }
    s->blocks = 1 + s->adjunct_count;
    return CIT_OK;
}

/* A course of theirs that an adjunct can go with: as deep and as far apart as its studies were. */
static const family *stands_for(const search *s, int adjunct, int who) {
    for (int i = 0; i < s->family_count; i++) {
        const family *f = &s->families[i];
        if ((f->users & (1U << (who - 1))) != 0 && goes_with(s, f, adjunct, 2)) return f;
    }
    return NULL;
}

bool goes_with(const search *s, const family *f, int adjunct, int visits) {
    return f->like.length_mm >= s->added[adjunct].length_mm &&
           (visits < 2 || f->like.interval_day >= s->washout_day[adjunct]);
}

cit_status adjunct_allowed(search *s, int block, unsigned *ret_users, cit_errors *errs) {
    *ret_users = 0;
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++) {
        const unsigned bit = 1U << (who - 1);
        const family *f = stands_for(s, block - 1, who);
        const cit_rule *rule = NULL;
        bool cream;
        if (f == NULL || (s->adjuncts[block - 1]->users & bit) == 0) continue;
        cit_candidate c = f->like;
        c.who = who;
        c.visits = 1;
        c.adjunct = s->adjuncts[block - 1];
        const cit_status st = screen_candidate(s, &c, &cream, &rule, errs);
        if (st != CIT_OK) return st;
        if (rule == NULL)
            *ret_users |= bit;
        else
            turn_down(s, rule, who, 1, "%.50s: %.60s", c.adjunct->name, rule->title);
    }
    return CIT_OK;
}
