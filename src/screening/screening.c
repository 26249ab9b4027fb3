/* Rules on a case: findings, and the verdicts that follow from them. */
#include "screening_impl.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const cit_clearance_choices[] = {"cleared", "ask first", "refused", NULL};

/* ---- conditions ------------------------------------------------------------------------------ */

static cit_answer condition_holds(const cit_condition *c, const scene *at) {
    cit_answer all = CIT_YES, any = c->any_count == 0 ? CIT_YES : CIT_NO;
    for (int i = 0; i < c->all_count; i++) all = answer_and(all, term_holds(&c->all[i], at));
    for (int i = 0; i < c->any_count; i++) any = answer_or(any, term_holds(&c->any[i], at));
    return answer_and(all, any);
}

static cit_scope finest_of(const cit_term *terms, int count, cit_scope finest) {
    for (int i = 0; i < count; i++) {
        const fact *f = fact_find(terms[i].fact);
        if (f != NULL && f->scope > finest) finest = f->scope;
    }
    return finest;
}

static cit_scope scope_of(const cit_condition *c) {
    return finest_of(c->any, c->any_count, finest_of(c->all, c->all_count, CIT_OF_PERSON));
}

static bool looks_at_protocol(const cit_term *terms, int count) {
    for (int i = 0; i < count; i++) {
        const fact *f = fact_find(terms[i].fact);
        if (f != NULL && (f->scope == CIT_OF_PROTOCOL || f->scope == CIT_OF_SETTING)) return true;
    }
    return false;
}

static bool needs_protocol(const cit_condition *c) {
    return looks_at_protocol(c->all, c->all_count) || looks_at_protocol(c->any, c->any_count);
}

cit_answer cit_condition_holds(const cit_condition *condition, const cit_case *person,
                               const cit_catalogue *catalogue, int day) {
    const scene at = {.person = person, .catalogue = catalogue, .who = CIT_HOME, .day = day};
    return condition_holds(condition, &at);
}

/* ---- findings -------------------------------------------------------------------------------- */

static void note_missing(cit_finding *f, const cit_term *terms, int count, const scene *at) {
    for (int i = 0; i < count && f->missing_count < CIT_MISSING_MAX; i++)
        if (term_holds(&terms[i], at) == CIT_ANSWER_UNKNOWN)
            f->missing[f->missing_count++] = terms[i].fact;
}

/* All of a condition's terms must hold, so the first of them to end ends it. */
static int condition_ends(const cit_condition *c, const scene *at) {
    int until = CIT_UNKNOWN_INT;
    for (int i = 0; i < c->all_count; i++) {
        const int ends = term_ends(&c->all[i], at);
        if (ends != CIT_UNKNOWN_INT && (until == CIT_UNKNOWN_INT || ends < until)) until = ends;
    }
    return until;
}

/* A signature is for the zones and the time it was given for, and for no more than was known then. */
static bool signature_reaches(const cit_override *o, const scene *at, int zone, cit_answer holds) {
    char name[80];
    if (o->day != CIT_UNKNOWN_INT && (at->day < o->day || at->day > o->day + CIT_OVERRIDE_DAYS))
        return false;
    if (o->answered == CIT_NO && holds == CIT_YES) return false;
    if (zone < 0 || o->zone_count == 0) return true;
    cit_zone_name(&at->person->zones[zone], name);
    for (int i = 0; i < o->zone_count; i++)
        if (strcmp(o->zones[i], name) == 0) return true;
    return false;
}

static const cit_override *override_of(const cit_rule *rule, const scene *at, int zone,
                                       cit_answer holds) {
    for (int i = at->person->override_count - 1; i >= 0; i--) {
        const cit_override *o = &at->person->overrides[i];
        if (strcmp(o->rule, rule->id) == 0 && rule->override == CIT_BY_PHYSICIAN &&
            signature_reaches(o, at, zone, holds))
            return o;
    }
    return NULL;
}

/* Grows by doubling; the array belongs to the screening. */
static cit_finding *new_finding(cit_screening *s, int *capacity) {
    if (s->count == *capacity) {
        const int wanted = *capacity == 0 ? 64 : 2 * *capacity;
        cit_finding *grown = realloc(s->findings, (size_t)wanted * sizeof *grown);
        if (grown == NULL) return NULL;
        s->findings = grown;
        *capacity = wanted;
    }
    cit_finding *f = &s->findings[s->count++];
    memset(f, 0, sizeof *f);
    return f;
}

static bool judge(cit_screening *s, int *capacity, const cit_rule *rule, const scene *where,
                  int zone) {
    scene at = *where;
    cit_answer holds[CIT_USERS];
    bool any = false;
    for (int i = 0; i < CIT_USERS; i++) {
        at.who = i + 1;
        holds[i] = rule->severity[i] == CIT_NOT_BOUND ? CIT_NO : condition_holds(&rule->when, &at);
        any = any || holds[i] != CIT_NO;
    }
    if (!any) return true;
    cit_finding *f = new_finding(s, capacity);
    if (f == NULL) return false;
    f->rule = rule;
    f->zone = zone;
    f->setting = at.setting;
    memcpy(f->holds, holds, sizeof holds);
    f->until = condition_ends(&rule->when, &at);
    f->override = override_of(rule, &at, zone, holds[CIT_PHYSICIAN - 1]);
    for (int i = 0; i < CIT_USERS; i++) {
        at.who = i + 1;
        if (holds[i] != CIT_ANSWER_UNKNOWN || f->missing_count > 0) continue;
        note_missing(f, rule->when.all, rule->when.all_count, &at);
        note_missing(f, rule->when.any, rule->when.any_count, &at);
    }
    return true;
}

/* The settings that some visit uses on this zone, each once. */
static int settings_on(const cit_protocol *p, const cit_zone *zone,
                       const cit_setting *ret[CIT_SETTINGS_MAX]) {
    int count = 0;
    for (int i = 0; i < p->visit_count; i++) {
        const cit_setting *s = cit_visit_setting(p, &p->visits[i], zone);
        int k = 0;
        while (k < count && ret[k] != s) k++;
        if (s != NULL && k == count && count < CIT_SETTINGS_MAX) ret[count++] = s;
    }
    return count;
}

static bool judge_zone(cit_screening *s, int *capacity, const cit_rule *rule, cit_scope scope,
                       scene *at, int zone) {
    at->zone = &at->person->zones[zone];
    at->setting = NULL;
    if (scope == CIT_OF_ZONE) return judge(s, capacity, rule, at, zone);
    const cit_setting *settings[CIT_SETTINGS_MAX];
    const int count = settings_on(at->protocol, at->zone, settings);
    for (int i = 0; i < count; i++) {
        at->setting = settings[i];
        if (!judge(s, capacity, rule, at, zone)) return false;
    }
    return true;
}

cit_status cit_screen(const cit_case *person, const cit_protocol *protocol,
                      const cit_catalogue *catalogue, int day, cit_screening **ret,
                      cit_errors *errs) {
    cit_screening *s = calloc(1, sizeof *s);
    int capacity = 0;
    bool enough = s != NULL;
    scene at = {.person = person, .protocol = protocol, .catalogue = catalogue, .day = day};
    for (int i = 0; i < catalogue->rule_count && enough; i++) {
        const cit_rule *rule = &catalogue->rules[i];
        const cit_scope scope = scope_of(&rule->when);
        if (protocol == NULL && needs_protocol(&rule->when)) {
            s->waiting++;
            continue;
        }
        s->judged++;
        at.zone = NULL;
        at.setting = NULL;
        if (scope < CIT_OF_ZONE) {
            enough = judge(s, &capacity, rule, &at, -1);
            continue;
        }
        for (int z = 0; z < person->zone_count && enough; z++)
            enough = judge_zone(s, &capacity, rule, scope, &at, z);
    }
    if (!enough) {
        cit_screening_free(s);
        return cit_fail(errs, CIT_NOMEM, "", "no memory");
    }
    s->day = day;
    s->zone_count = person->zone_count;
    s->has_protocol = protocol != NULL;
    *ret = s;
    return CIT_OK;
}

void cit_screening_free(cit_screening *s) {
    if (s == NULL) return;
    free(s->findings);
    free(s);
}

/* ---- verdicts --------------------------------------------------------------------------------- */

static cit_clearance verdict_of(cit_severity severity, cit_answer holds) {
    if (holds == CIT_NO || severity <= CIT_CAUTION) return CIT_CLEARED;
    return holds == CIT_YES && severity >= CIT_REFUSE_UNTIL ? CIT_FORBIDDEN : CIT_ASK_FIRST;
}

/* What is only not known is not settled by a signature, unless asking first is all the rule wants. */
bool cit_finding_overridden(const cit_finding *f, int who) {
    if (f->override == NULL || who != CIT_PHYSICIAN) return false;
    return f->holds[who - 1] == CIT_YES || f->rule->severity[who - 1] == CIT_ASK;
}

cit_clearance cit_finding_verdict(const cit_finding *f, int who) {
    if (cit_finding_overridden(f, who)) return CIT_CLEARED;
    return verdict_of((cit_severity)f->rule->severity[who - 1], f->holds[who - 1]);
}

bool cit_finding_counts(const cit_finding *f, int zone, int who) {
    const bool here = zone < 0 || f->zone < 0 || f->zone == zone;
    return here && f->holds[who - 1] != CIT_NO;
}

static cit_clearance worse(cit_clearance a, cit_clearance b) { return a > b ? a : b; }

static cit_clearance verdict_for(const cit_screening *s, int zone, int who, bool worst) {
    cit_clearance verdict = CIT_CLEARED;
    for (int i = 0; i < s->count; i++) {
        const cit_finding *f = &s->findings[i];
        if (!cit_finding_counts(f, zone, who) || cit_finding_overridden(f, who)) continue;
        const cit_answer holds = worst ? CIT_YES : f->holds[who - 1];
        verdict = worse(verdict, verdict_of((cit_severity)f->rule->severity[who - 1], holds));
    }
    return verdict;
}

/* Nobody said who: what all kinds of user share, else it must be asked. */
static cit_clearance shared_verdict(const cit_screening *s, int zone, bool worst) {
    cit_clearance shared = verdict_for(s, zone, CIT_HOME, worst), most = shared;
    for (int who = CIT_AESTHETICIAN; who <= CIT_PHYSICIAN; who++) {
        const cit_clearance v = verdict_for(s, zone, who, worst);
        if (v != shared) shared = CIT_ASK_FIRST;
        most = worse(most, v);
    }
    return worst ? most : shared;
}

cit_clearance cit_screening_verdict(const cit_screening *s, int zone, int who) {
    return who == 0 ? shared_verdict(s, zone, false) : verdict_for(s, zone, who, false);
}

cit_clearance cit_screening_worst(const cit_screening *s, int zone, int who) {
    return who == 0 ? shared_verdict(s, zone, true) : verdict_for(s, zone, who, true);
}

int cit_screening_earliest(const cit_screening *s, int zone, int who) {
    int latest = CIT_UNKNOWN_INT;
    for (int i = 0; i < s->count; i++) {
        const cit_finding *f = &s->findings[i];
        if (!cit_finding_counts(f, zone, who) || cit_finding_verdict(f, who) != CIT_FORBIDDEN)
            continue;
        if (f->rule->severity[who - 1] == CIT_REFUSE || f->until == CIT_UNKNOWN_INT)
            return CIT_UNKNOWN_INT;
        if (latest == CIT_UNKNOWN_INT || f->until > latest) latest = f->until;
    }
    return latest;
}

/* ---- checking the rules ------------------------------------------------------------------------ */

static void check_terms(const cit_doc *doc, const cit_term *terms, int count, bool person_only,
                        const cit_catalogue *catalogue, cit_errors *errs) {
    char why[160];
    for (int i = 0; i < count; i++) {
        const fact *f = fact_find(terms[i].fact);
        if (!term_check(&terms[i], catalogue, why))
            cit_doc_fail(doc, terms[i].mark, errs, "%s", why);
        else if (person_only && f->scope != CIT_OF_PERSON)
            cit_doc_fail(doc, terms[i].mark, errs, "fact '%s' is not one of the person", f->name);
    }
}

static void check_medicine_facts(const cit_catalogue *c, cit_errors *errs) {
    for (int i = 0; i < c->medicine_count; i++) {
        const cit_medicine *m = &c->medicines[i];
        const fact *f = fact_find(m->fact);
        if (strcmp(m->fact, "none") != 0 && (f == NULL || f->kind != FACT_ANSWER))
            cit_fail(errs, CIT_INVALID, m->id, "there is no fact '%.40s'", m->fact);
    }
}

cit_status cit_rules_check(const cit_catalogue *c, cit_errors *errs) {
    cit_errors unheard = {0};
    if (errs == NULL) errs = &unheard;
    const int before = errs->count + errs->lost;
    for (int i = 0; i < c->rule_count; i++) {
        const cit_rule *r = &c->rules[i];
        check_terms(r->doc, r->when.all, r->when.all_count, false, c, errs);
        check_terms(r->doc, r->when.any, r->when.any_count, false, c, errs);
    }
    for (int i = 0; i < c->care_count; i++) {
        const cit_care *k = &c->care[i];
        check_terms(k->doc, k->when.all, k->when.all_count, true, c, errs);
        check_terms(k->doc, k->when.any, k->when.any_count, true, c, errs);
    }
    check_medicine_facts(c, errs);
    return errs->count + errs->lost > before ? CIT_INVALID : CIT_OK;
}

/* ---- courses that have begun --------------------------------------------------------------------- */

static bool protocol_has_done(const cit_protocol *p, int date) {
    cit_appointment visits[CIT_APPOINTMENTS_MAX];
    /* Behind an interval that nobody stated no visit has a date. */
    const int n = cit_protocol_schedule(p, (double)INFINITY, visits);
    int first = 0;
    while (first < p->visit_count && p->visits[first].status == CIT_MISSED) first++;
    if (first == p->visit_count || p->visits[first].date == CIT_UNKNOWN_INT) return false;
    for (int i = 0; i < n; i++)
        if (visits[i].status == CIT_DONE && isfinite(visits[i].day) &&
            p->visits[first].date + (int)lround(visits[i].day) == date)
            return true;
    return false;
}

cit_status cit_may_forecast(const cit_case *c, const cit_protocol *protocol, cit_errors *errs) {
    char date[16];
    if (c->visit_count == 0) return CIT_OK;
    int first = c->visits[0].date;
    for (int i = 1; i < c->visit_count; i++)
        if (c->visits[i].date < first) first = c->visits[i].date;
    cit_date_format(first, date);
    if (c->assessed == CIT_UNKNOWN_INT || c->assessed > first)
        return cit_fail(
            errs, CIT_REFUSED, cit_doc_name(c->doc),
            "refused: the course began on %s, and the scars were measured %s; skin that is half "
            "way through healing is not an untreated scar, and following one is not built yet",
            date,
            c->assessed == CIT_UNKNOWN_INT ? "nobody says when ('assessed' is unknown)"
                                           : "after that");
    for (int i = 0; i < c->visit_count; i++)
        if (!protocol_has_done(protocol, c->visits[i].date)) {
            cit_date_format(c->visits[i].date, date);
            return cit_fail(errs, CIT_REFUSED, cit_doc_name(c->doc),
                            "refused: the visit of %s was done, but the protocol does not have it "
                            "as done; a forecast without it would start from the wrong skin",
                            date);
        }
    return CIT_OK;
}
