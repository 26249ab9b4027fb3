/* Adjuncts and the orders in which two things are combined: field tables, and what these cannot check. */
#include "catalogue_impl.h"
#include <stdio.h>
#include <string.h>

const char *const cit_adjunct_group_choices[] = {
    "topical", "injected", "peel", "procedure", "energy", "filler", "numbing", "home-device", NULL};
const char *const cit_adjunct_role_choices[] = {"with-needling", "partner", "instead",
                                                "between-visits", NULL};
const char *const cit_adjunct_suits_choices[] = {"rolling", "boxcar", "ice-pick", "all", NULL};
const char *const cit_adjunct_effect_choices[] = {"adds",     "nil",   "unclear",
                                                  "untested", "worse", NULL};
const char *const cit_combine_choices[] = {"do", "ask", "refuse", NULL};

static const cit_mark top = {0, 0};

/* ---- adjuncts -------------------------------------------------------------------------------- */

#define A(kind, key, member, ...) kind(cit_contrast, key, member, __VA_ARGS__)
static const cit_field contrast_fields[] = {
    A(TEXT, "study", study, KNOWN, "a study of the catalogue"),
    A(TEXT, "arm", arm, KNOWN, "its arm with the adjunct"),
    A(TEXT, "versus", versus, KNOWN, "its arm without"),
    A(TEXT, "note", note, 0, "note"),
    {0}};
static const cit_table contrast_table = {"contrast", NULL, sizeof(cit_contrast), contrast_fields,
                                         offsetof(cit_contrast, mark)};

#define O(kind, key, member, ...) kind(cit_adjunct_outcome, key, member, __VA_ARGS__)
static const cit_field outcome_fields[] = {
    O(TEXT, "study", study, KNOWN, "a study of the catalogue"),
    O(TEXT, "arm", arm, KNOWN, "its arm with the adjunct"),
    O(TEXT, "note", note, 0, "note"),
    {0}};
static const cit_table outcome_table = {"outcome", NULL, sizeof(cit_adjunct_outcome),
                                        outcome_fields, offsetof(cit_adjunct_outcome, mark)};

#define P(kind, key, member, ...) kind(cit_pooled, key, member, __VA_ARGS__)
static const cit_field pooled_fields[] = {
    P(TEXT, "study", study, KNOWN, "a pooled review of the catalogue"),
    P(TEXT, "finding", finding, KNOWN, "the quantity of one of its facts"),
    P(TEXT, "condition", condition, 0, "the condition of that fact"),
    {0}};
static const cit_table pooled_table = {"pooled", NULL, sizeof(cit_pooled), pooled_fields,
                                       offsetof(cit_pooled, mark)};

#define J(kind, key, member, ...) kind(cit_adjunct, key, member, __VA_ARGS__)
static const cit_field adjunct_fields[] = {
    ID(cit_adjunct),
    J(TEXT, "name", name, KNOWN, "what it is called"),
    J(CHOICE, "group", group, KNOWN, cit_adjunct_group_choices, "what sort of thing it is"),
    J(CHOICES, "roles", roles, CIT_REQUIRED, cit_adjunct_role_choices,
      "beside needling or instead"),
    J(CHOICES, "users", users, CIT_REQUIRED, cit_user_choices, "who may give it"),
    J(CHOICES, "suits", suits, 0, cit_adjunct_suits_choices, "scar types it is for"),
    J(CHOICE, "effect", effect, KNOWN, cit_adjunct_effect_choices,
      "what the evidence says of it on top of needling"),
    J(LIST, "contrasts", contrasts, contrast_count, 0, &contrast_table,
      "arms that differ by it alone"),
    J(LIST, "outcomes", outcomes, outcome_count, 0, &outcome_table, "arms in which it was given"),
    J(LIST, "pooled", pooled, pooled_count, 0, &pooled_table, "facts of pooled reviews"),
    J(NUMBER, "downtime_from", downtime_from_day, 0, "day", 0, 365, "days not shown, at least"),
    J(NUMBER, "downtime_to", downtime_to_day, 0, "day", 0, 365, "days not shown, at most"),
    J(NUMBER, "pain_from", pain_from, 0, "", 0, 10, "pain, at least"),
    J(NUMBER, "pain_to", pain_to, 0, "", 0, 10, "pain, at most"),
    J(INTEGER, "sessions_from", sessions_from, 0, 1, 100, "sessions, at least"),
    J(INTEGER, "sessions_to", sessions_to, 0, 1, 100, "sessions, at most"),
    J(NUMBER, "interval", interval_day, 0, "day", 0, 400, "between sessions"),
    J(NUMBER, "adds_minutes", adds_minutes, 0, "", 0, 600, "minutes that a visit grows by"),
    J(TEXTS, "risks", risks, risk_count, 0, "serious ones: harms of the catalogue, or words"),
    J(TEXTS, "claims", claims, claim_count, 0, "claims of the catalogue that speak of it"),
    J(TEXT, "regulatory", regulatory, 0, "what a regulator says"),
    J(TEXT, "patient", patient, KNOWN, "told to the person"),
    J(TEXT, "clinician", clinician, KNOWN, "told to a professional"),
    J(LIST, "sources", sources, source_count, 0, &cit_source_table, "of the numbers"),
    GROUNDS(cit_adjunct),
    {0}};
const cit_table cit_adjunct_table = {"adjunct", "cit/adjunct/1", sizeof(cit_adjunct),
                                     adjunct_fields, CIT_NO_MARK};

cit_answer cit_adjunct_suits(const cit_adjunct *adjunct, int scar_type) {
    if (adjunct->suits == 0) return CIT_ANSWER_UNKNOWN;
    return adjunct->suits & (CIT_SUITS_ALL | 1u << (scar_type - 1)) ? CIT_YES : CIT_NO;
}

static void check_ends(const cit_doc *doc, const char *what, double from, double to,
                       cit_errors *errs) {
    if (cit_known(from) != cit_known(to) || from > to)
        cit_doc_fail(doc, top, errs, "%s_from and %s_to do not fit", what, what);
}

static double number_of(int count) { return count == CIT_UNKNOWN_INT ? CIT_UNKNOWN_NUMBER : count; }

void check_adjunct(const cit_doc *doc, const cit_adjunct *a, cit_errors *errs) {
    const bool decided = a->effect == CIT_EFFECT_ADDS || a->effect == CIT_EFFECT_NIL ||
                         a->effect == CIT_EFFECT_WORSE;
    if (a->roles == 0) cit_doc_fail(doc, top, errs, "roles: it has none");
    if (a->users == 0) cit_doc_fail(doc, top, errs, "users: nobody may give it");
    if (a->suits & CIT_SUITS_ALL && a->suits != CIT_SUITS_ALL)
        cit_doc_fail(doc, top, errs, "suits: 'all' stands alone");
    if (decided && a->contrast_count + a->pooled_count == 0)
        cit_doc_fail(doc, top, errs, "effect '%s' needs a contrast, or a pooled review ('pooled')",
                     cit_choice_name(cit_adjunct_effect_choices, a->effect));
    if (a->effect == CIT_EFFECT_UNTESTED && a->contrast_count > 0)
        cit_doc_fail(doc, a->contrasts[0].mark, errs, "a contrast has tested what is 'untested'");
    check_ends(doc, "downtime", a->downtime_from_day, a->downtime_to_day, errs);
    check_ends(doc, "pain", a->pain_from, a->pain_to, errs);
    check_ends(doc, "sessions", number_of(a->sessions_from), number_of(a->sessions_to), errs);
    check_sources(doc, &cit_adjunct_table, a, a->sources, a->source_count, errs);
    check_grounds(doc, &a->grounds, errs);
}

static bool differ(double a, double b) { return cit_known(a) && cit_known(b) && a != b; }

/* What else two arms differ in; NULL: nothing that is told. */
static const char *other_difference(const cit_study_arm *a, const cit_study_arm *b) {
    if (a->device != b->device) return "device";
    if (differ(a->needle_length_mm, b->needle_length_mm)) return "needle_length";
    if (differ(number_of(a->visits), number_of(b->visits))) return "visits";
    if (differ(a->interval_day, b->interval_day)) return "interval";
    if (differ(number_of(a->passes), number_of(b->passes))) return "passes";
    return NULL;
}

static void check_contrast(const cit_catalogue *c, const cit_adjunct *a, const cit_contrast *t,
                           cit_errors *errs) {
    need_study(c, a->doc, t->mark, t->study, errs);
    const cit_study_arm *arm = need_arm(c, a->doc, t->mark, t->study, t->arm, errs);
    const cit_study_arm *versus = need_arm(c, a->doc, t->mark, t->study, t->versus, errs);
    if (arm == NULL || versus == NULL) return;
    const char *what = other_difference(arm, versus);
    if (arm == versus) cit_doc_fail(a->doc, t->mark, errs, "the arm is compared with itself");
    if (what != NULL)
        cit_doc_fail(a->doc, t->mark, errs, "the arms of '%.60s' differ in more than that: %s",
                     t->study, what);
}

/* How many facts of the study it names; the first of them in *ret. */
static int facts_named(const cit_study *s, const cit_pooled *p, const cit_fact **ret) {
    int count = 0;
    for (int i = 0; i < s->fact_count; i++) {
        const cit_fact *f = &s->facts[i];
        if (strcmp(f->quantity, p->finding) != 0) continue;
        if (p->condition != NULL &&
            (f->condition == NULL || strcmp(f->condition, p->condition) != 0))
            continue;
        if (count++ == 0) *ret = f;
    }
    return count;
}

const cit_fact *cit_pooled_fact(const cit_catalogue *catalogue, const cit_pooled *pooled) {
    const cit_study *s = cit_catalogue_study(catalogue, pooled->study);
    const cit_fact *fact = NULL;
    if (s != NULL) facts_named(s, pooled, &fact);
    return fact;
}

static void check_pooled(const cit_catalogue *c, const cit_adjunct *a, const cit_pooled *p,
                         cit_errors *errs) {
    const cit_fact *fact = NULL;
    need_study(c, a->doc, p->mark, p->study, errs);
    const cit_study *s = cit_catalogue_study(c, p->study);
    if (s == NULL) return;
    const int count = facts_named(s, p, &fact);
    if (count == 0)
        cit_doc_fail(a->doc, p->mark, errs, "study '%.60s' has no such fact: '%.100s'", p->study,
                     p->finding);
    if (count > 1)
        cit_doc_fail(a->doc, p->mark, errs, "study '%.60s' has %d facts '%.100s'; name a condition",
                     p->study, count, p->finding);
}

/* A risk of one word is a harm; so a slip in its id is found. */
static void check_risk(const cit_catalogue *c, const cit_adjunct *a, const char *risk,
                       cit_errors *errs) {
    if (strchr(risk, ' ') == NULL)
        need_entry(c, a->doc, top, "harm", risk, cit_catalogue_harm(c, risk),
                   cit_catalogue_near_harm, errs);
}

static void check_adjunct_named(const cit_catalogue *c, const cit_adjunct *a, cit_errors *errs) {
    for (int i = 0; i < a->contrast_count; i++) check_contrast(c, a, &a->contrasts[i], errs);
    for (int i = 0; i < a->outcome_count; i++) {
        const cit_adjunct_outcome *o = &a->outcomes[i];
        need_study(c, a->doc, o->mark, o->study, errs);
        need_arm(c, a->doc, o->mark, o->study, o->arm, errs);
    }
    for (int i = 0; i < a->pooled_count; i++) check_pooled(c, a, &a->pooled[i], errs);
    for (int i = 0; i < a->risk_count; i++) check_risk(c, a, a->risks[i], errs);
    for (int i = 0; i < a->claim_count; i++)
        need_entry(c, a->doc, top, "claim", a->claims[i], cit_catalogue_claim(c, a->claims[i]),
                   cit_catalogue_near_claim, errs);
}

void check_adjuncts_named(const cit_catalogue *c, cit_errors *errs) {
    for (int i = 0; i < c->adjunct_count; i++) {
        if (strcmp(c->adjuncts[i].id, CIT_NEEDLING) == 0)
            cit_doc_fail(c->adjuncts[i].doc, top, errs, "needling is no adjunct");
        check_adjunct_named(c, &c->adjuncts[i], errs);
    }
}

/* ---- combinations ---------------------------------------------------------------------------- */

#define C(kind, key, member, ...) kind(cit_combination, key, member, __VA_ARGS__)
static const cit_field combination_fields[] = {
    ID(cit_combination),
    C(TEXT, "title", title, KNOWN, "a few words"),
    C(TEXT, "first", first, KNOWN, "needling or an adjunct"),
    C(TEXT, "second", second, KNOWN, "needling or an adjunct"),
    C(NUMBER, "gap_from", gap_from_day, KNOWN, "day", 0, 3660, "days from first to second"),
    C(NUMBER, "gap_to", gap_to_day, KNOWN, "day", 0, 3660, "and up to so many"),
    C(NUMBER, "washout", washout_day, 0, "day", 0, 3660, "days before needling again"),
    C(CHOICE, "tested", tested, CIT_REQUIRED, cit_answer_choices, "has anybody tested this order"),
    C(CHOICE, "verdict", verdict, KNOWN, cit_combine_choices, "may it be planned"),
    C(TEXTS, "studies", studies, study_count, 0, "studies of the catalogue"),
    C(TEXT, "patient", patient, KNOWN, "told to the person"),
    C(TEXT, "clinician", clinician, KNOWN, "told to a professional"),
    GROUNDS(cit_combination),
    {0}};
const cit_table cit_combination_table = {"combination", "cit/combination/1",
                                         sizeof(cit_combination), combination_fields, CIT_NO_MARK};

void check_combination(const cit_doc *doc, const cit_combination *c, cit_errors *errs) {
    if (c->gap_from_day > c->gap_to_day) cit_doc_fail(doc, top, errs, "gap_from is after gap_to");
    if (strcmp(c->first, c->second) == 0)
        cit_doc_fail(doc, top, errs, "first and second are the same");
    if (c->tested == CIT_NO && c->verdict != CIT_COMBINE_REFUSE)
        cit_doc_fail(doc, top, errs, "an order that nobody tested is refused");
    if (c->tested == CIT_ANSWER_UNKNOWN && c->verdict == CIT_COMBINE_DO)
        cit_doc_fail(doc, top, errs, "'do' needs 'tested: yes'");
    if (c->tested == CIT_YES && c->grounds.grade == CIT_GRADE_ASSUMED)
        cit_doc_fail(doc, top, errs, "tested, and the source is assumed: who tested it?");
    check_grounds(doc, &c->grounds, errs);
}

static bool same_order(const cit_combination *a, const cit_combination *b) {
    return strcmp(a->first, b->first) == 0 && strcmp(a->second, b->second) == 0;
}

static bool gaps_overlap(const cit_combination *a, const cit_combination *b) {
    return a->gap_from_day <= b->gap_to_day && b->gap_from_day <= a->gap_to_day;
}

static void need_part(const cit_catalogue *c, const cit_doc *doc, const char *part,
                      cit_errors *errs) {
    if (strcmp(part, CIT_NEEDLING) != 0)
        need_entry(c, doc, top, "adjunct", part, cit_catalogue_adjunct(c, part),
                   cit_catalogue_near_adjunct, errs);
}

void check_combinations_named(const cit_catalogue *c, cit_errors *errs) {
    for (int i = 0; i < c->combination_count; i++) {
        const cit_combination *b = &c->combinations[i];
        need_part(c, b->doc, b->first, errs);
        need_part(c, b->doc, b->second, errs);
        for (int j = 0; j < b->study_count; j++) need_study(c, b->doc, top, b->studies[j], errs);
        for (const cit_combination *a = c->combinations; a < b; a++)
            if (same_order(a, b) && gaps_overlap(a, b))
                cit_doc_fail(b->doc, top, errs, "'%.60s' says the same order at the same gap",
                             a->id);
    }
}

const cit_combination *cit_combination_of(const cit_catalogue *catalogue, const char *first,
                                          const char *second, double gap_day) {
    const cit_combination asked = {
        .first = first, .second = second, .gap_from_day = gap_day, .gap_to_day = gap_day};
    for (int i = 0; i < catalogue->combination_count; i++)
        if (same_order(&catalogue->combinations[i], &asked) &&
            gaps_overlap(&catalogue->combinations[i], &asked))
            return &catalogue->combinations[i];
    return NULL;
}
