/* Rules, care, red flags, claims, harms, anaesthetics, medicines: field tables, and what these cannot
 * check. */
#include "catalogue_impl.h"
#include <stdio.h>
#include <string.h>

const char *const cit_severity_choices[] = {"caution", "ask first", "refuse until", "refuse", NULL};
const char *const cit_evidence_grade_choices[] = {"A", "B", "C", "assumed", NULL};
const char *const cit_phase_choices[] = {"before", "day", "after", "clean", "instead", NULL};
const char *const cit_urgency_choices[] = {"home care", "ask within days", "same day", "emergency",
                                           NULL};
const char *const cit_claim_verdict_choices[] = {
    "supported", "partly", "contested", "contradicted", "not shown", "not traced", NULL};
const char *const cit_usual_question_choices[] = {
    "pain",         "safety",  "visits",  "when",           "durability", "downtime",
    "side-effects", "combine", "cleared", "home-or-clinic", NULL};
static const char *const override_choices[] = {"physician", "nobody", NULL};

static const cit_field view_fields[] = {
    TEXT(cit_view, "says", says, KNOWN, "what this source says"),
    TEXT(cit_view, "source", source, KNOWN, "the source"),
    {0}};
const cit_table cit_view_table = {"view", NULL, sizeof(cit_view), view_fields, CIT_NO_MARK};

/* ---- conditions ------------------------------------------------------------------------------ */

static const cit_field term_fields[] = {
    TEXT(cit_term, "fact", fact, KNOWN, "what is looked at"),
    TEXTS(cit_term, "is", is, is_count, CIT_ONE_WILL_DO, "one of these"),
    TEXT(cit_term, "under", under, 0, "less than this"),
    TEXT(cit_term, "above", above, 0, "more than this"),
    {0}};
static const cit_table term_table = {"term", NULL, sizeof(cit_term), term_fields,
                                     offsetof(cit_term, mark)};
#define CONDITION(type)                                                                            \
    LIST(type, "when", when.all, when.all_count, 0, &term_table, "all of these hold"),             \
        LIST(type, "any", when.any, when.any_count, 0, &term_table, "and one of these")

static void check_terms(const cit_doc *doc, const cit_term *terms, int count, cit_errors *errs) {
    for (int i = 0; i < count; i++) {
        const cit_term *t = &terms[i];
        if ((t->is_count > 0) + (t->under != NULL) + (t->above != NULL) != 1)
            cit_doc_fail(doc, t->mark, errs, "term: one of 'is', 'under', 'above' is needed");
    }
}

static void check_condition(const cit_doc *doc, const cit_condition *c, cit_errors *errs) {
    check_terms(doc, c->all, c->all_count, errs);
    check_terms(doc, c->any, c->any_count, errs);
}

void check_grounds(const cit_doc *doc, const cit_grounds *g, cit_errors *errs) {
    const cit_mark top = {0, 0};
    const bool assumed = g->source != NULL && strncmp(g->source, "assumed", 7) == 0;
    if (g->source != NULL && *g->source == 0)
        cit_doc_fail(doc, top, errs, "the source is empty; name one, or say 'assumed: why'");
    if (assumed && g->grade != CIT_GRADE_ASSUMED)
        cit_doc_fail(doc, top, errs, "the source is assumed, so the grade must be too");
    if (g->view_count > 0 && g->chosen == NULL)
        cit_doc_fail(doc, top, errs, "views are kept, but not why one was chosen ('chosen')");
}

/* ---- rules ----------------------------------------------------------------------------------- */

static const cit_field severity_fields[] = {
    {"home", CIT_CHOICE, 0, 0, 0, NULL, 0, 0, cit_severity_choices, NULL, "at home"},
    {"aesthetician", CIT_CHOICE, sizeof(int), 0, 0, NULL, 0, 0, cit_severity_choices, NULL,
     "by an aesthetician"},
    {"physician", CIT_CHOICE, 2 * sizeof(int), 0, 0, NULL, 0, 0, cit_severity_choices, NULL,
     "by a physician"},
    {0}};
static const cit_table severity_table = {"severity", NULL, sizeof(int) * CIT_USERS, severity_fields,
                                         CIT_NO_MARK};

static const cit_field rule_fields[] = {
    ID(cit_rule),
    TEXT(cit_rule, "title", title, KNOWN, "a few words for a table"),
    {"severity", CIT_STRUCT, offsetof(cit_rule, severity), 0, CIT_REQUIRED, NULL, 0, 0, NULL,
     &severity_table, "what it says to whom"},
    CHOICE(cit_rule, "override", override, KNOWN, override_choices, "who may go on in spite of it"),
    CONDITION(cit_rule),
    TEXT(cit_rule, "patient", patient, KNOWN, "told to the person"),
    TEXT(cit_rule, "clinician", clinician, KNOWN, "told to a professional"),
    TEXT(cit_rule, "until", until, 0, "what must have happened"),
    GROUNDS(cit_rule),
    {0}};
const cit_table cit_rule_table = {"rule", "cit/rule/1", sizeof(cit_rule), rule_fields, CIT_NO_MARK};

void check_rule(const cit_doc *doc, const cit_rule *rule, cit_errors *errs) {
    const cit_mark top = {0, 0};
    bool bound = false, waits = false;
    for (int i = 0; i < CIT_USERS; i++) {
        bound = bound || rule->severity[i] != CIT_NOT_BOUND;
        waits = waits || rule->severity[i] == CIT_REFUSE_UNTIL;
    }
    if (!bound) cit_doc_fail(doc, top, errs, "severity: the rule binds nobody");
    if (waits && rule->until == NULL)
        cit_doc_fail(doc, top, errs, "'refuse until' needs 'until': what must have happened");
    if (rule->when.all_count + rule->when.any_count == 0)
        cit_doc_fail(doc, top, errs, "the rule has no condition ('when' or 'any')");
    check_condition(doc, &rule->when, errs);
    check_grounds(doc, &rule->grounds, errs);
}

/* ---- care and red flags ------------------------------------------------------------------------ */

static const cit_field care_fields[] = {
    ID(cit_care),
    TEXT(cit_care, "title", title, KNOWN, "a few words"),
    CHOICE(cit_care, "phase", phase, KNOWN, cit_phase_choices, "when"),
    CHOICES(cit_care, "for", users, CIT_REQUIRED, cit_user_choices, "needled by whom"),
    NUMBER(cit_care, "from", from_day, 0, "day", -366, 3660, "first day, from the visit"),
    NUMBER(cit_care, "to", to_day, 0, "day", -366, 3660, "last day"),
    CONDITION(cit_care),
    TEXT(cit_care, "patient", patient, KNOWN, "told to the person"),
    TEXT(cit_care, "clinician", clinician, 0, "told to a professional"),
    GROUNDS(cit_care),
    {0}};
const cit_table cit_care_table = {"care", "cit/care/1", sizeof(cit_care), care_fields, CIT_NO_MARK};

static void check_days(const cit_doc *doc, double from_day, double to_day, cit_errors *errs) {
    if (!cit_known(from_day) || !cit_known(to_day))
        cit_doc_fail(doc, (cit_mark){0, 0}, errs, "'from' and 'to' are needed");
    else if (from_day > to_day)
        cit_doc_fail(doc, (cit_mark){0, 0}, errs, "'from' is after 'to'");
}

void check_care(const cit_doc *doc, const cit_care *care, cit_errors *errs) {
    const bool has_days = care->phase != CIT_CLEANING && care->phase != CIT_INSTEAD;
    if (has_days) check_days(doc, care->from_day, care->to_day, errs);
    if (has_days && care->phase == CIT_BEFORE && care->to_day > 0)
        cit_doc_fail(doc, (cit_mark){0, 0}, errs, "'before' ends on day 0 at the latest");
    if (has_days && care->phase != CIT_BEFORE && care->from_day < 0)
        cit_doc_fail(doc, (cit_mark){0, 0}, errs, "days before the visit are phase 'before'");
    check_condition(doc, &care->when, errs);
    check_grounds(doc, &care->grounds, errs);
}

static const cit_field flag_fields[] = {
    ID(cit_flag),
    TEXT(cit_flag, "title", title, KNOWN, "a few words"),
    NUMBER(cit_flag, "from", from_day, CIT_REQUIRED, "day", 0, 3660, "first day"),
    NUMBER(cit_flag, "to", to_day, CIT_REQUIRED, "day", 0, 3660, "last day"),
    CHOICE(cit_flag, "urgency", urgency, KNOWN, cit_urgency_choices, "where to go"),
    TEXT(cit_flag, "patient", patient, KNOWN, "told to the person"),
    TEXT(cit_flag, "clinician", clinician, KNOWN, "told to a professional"),
    GROUNDS(cit_flag),
    {0}};
const cit_table cit_flag_table = {"flag", "cit/flag/1", sizeof(cit_flag), flag_fields, CIT_NO_MARK};

void check_flag(const cit_doc *doc, const cit_flag *flag, cit_errors *errs) {
    check_days(doc, flag->from_day, flag->to_day, errs);
    check_grounds(doc, &flag->grounds, errs);
}

/* ---- claims and harms -------------------------------------------------------------------------- */

static const cit_field claim_fields[] = {
    ID(cit_claim),
    TEXT(cit_claim, "claim", claim, KNOWN, "as it is said"),
    TEXT(cit_claim, "who", who, KNOWN, "who says it"),
    TEXT(cit_claim, "says", says, KNOWN, "what its source says"),
    CHOICE(cit_claim, "verdict", verdict, KNOWN, cit_claim_verdict_choices, "do they agree"),
    TEXT(cit_claim, "patient", patient, KNOWN, "told to a person who heard it"),
    TEXTS(cit_claim, "studies", studies, study_count, 0, "studies of the catalogue"),
    CHOICES(cit_claim, "answers", answers, 0, cit_usual_question_choices,
            "usual questions that it helps to answer"),
    CHOICE(cit_claim, "leads", leads, 0, cit_usual_question_choices,
           "the question that it answers first of all"),
    TEXT(cit_claim, "row", row, 0, "the statement of a lay source that it answers"),
    GROUNDS(cit_claim),
    {0}};
const cit_table cit_claim_table = {"claim", "cit/claim/1", sizeof(cit_claim), claim_fields,
                                   CIT_NO_MARK};

void check_claim(const cit_doc *doc, const cit_claim *claim, cit_errors *errs) {
    if (claim->leads != 0 && !(claim->answers & (1u << (claim->leads - 1))))
        cit_doc_fail(doc, (cit_mark){0, 0}, errs, "leads: the question is not among its answers");
    check_grounds(doc, &claim->grounds, errs);
}

#define C(kind, key, member, ...) kind(cit_harm_count, key, member, __VA_ARGS__)
static const cit_field count_fields[] = {
    C(TEXT, "study", study, 0, "a study of the catalogue"),
    C(TEXT, "citation", citation, KNOWN, "where it was counted"),
    C(INTEGER, "events", events, KNOWN, 0, 1000000, "people in whom it happened"),
    C(INTEGER, "people", people, KNOWN, 1, 1000000, "of how many"),
    C(TEXT, "skin_types", skin_types, 0, "Fitzpatrick types"),
    C(TEXT, "condition", condition, 0, "device, length, sessions"),
    C(TEXT, "note", note, 0, "note"),
    {0}};
static const cit_table count_table = {"count", NULL, sizeof(cit_harm_count), count_fields,
                                      CIT_NO_MARK};
static const cit_field report_fields[] = {
    TEXT(cit_harm_report, "citation", citation, KNOWN, "where it was reported"),
    TEXT(cit_harm_report, "finding", finding, KNOWN, "what was reported"),
    {0}};
static const cit_table report_table = {"report", NULL, sizeof(cit_harm_report), report_fields,
                                       CIT_NO_MARK};
static const cit_field harm_fields[] = {
    ID(cit_harm),
    TEXT(cit_harm, "title", name, KNOWN, "what it is called"),
    TEXT(cit_harm, "watch", watch, KNOWN, "what it looks like, for the person"),
    TEXT(cit_harm, "care", care, KNOWN, "what is done about it"),
    LIST(cit_harm, "counts", counts, count_count, 0, &count_table, "events over people"),
    LIST(cit_harm, "reports", reports, report_count, 0, &report_table,
         "reports without a denominator"),
    TEXT(cit_harm, "note", note, 0, "note"),
    GROUNDS_BUT_SOURCE(cit_harm),
    {0}};
const cit_table cit_harm_table = {"harm", "cit/harm/1", sizeof(cit_harm), harm_fields, CIT_NO_MARK};

void check_harm(const cit_doc *doc, const cit_harm *harm, cit_errors *errs) {
    for (int i = 0; i < harm->count_count; i++)
        if (harm->counts[i].events > harm->counts[i].people)
            cit_doc_fail(doc, (cit_mark){0, 0}, errs, "%d events in %d people",
                         harm->counts[i].events, harm->counts[i].people);
    if (harm->count_count + harm->report_count == 0 && harm->note == NULL)
        cit_doc_fail(doc, (cit_mark){0, 0}, errs, "neither counts nor reports, nor a note why");
    check_grounds(doc, &harm->grounds, errs);
}

/* ---- anaesthetics and medicines ------------------------------------------------------------------ */

#define L(kind, key, member, ...) kind(cit_anaesthetic_limit, key, member, __VA_ARGS__)
static const cit_field limit_fields[] = {
    L(NUMBER, "age_from", age_from_day, 0, "day", 0, 44000, "from this age"),
    L(NUMBER, "age_to", age_to_day, 0, "day", 0, 44000, "under this age"),
    L(NUMBER, "weight_from", weight_from_kg, 0, "kg", 0, 400, "from this weight"),
    L(NUMBER, "weight_to", weight_to_kg, 0, "kg", 0, 400, "under this weight"),
    L(NUMBER, "grams", grams, 0, "", 0, 1000, "most grams"),
    L(NUMBER, "area", area_mm2, 0, "mm2", 0, 1e6, "largest area"),
    L(NUMBER, "minutes", minutes, 0, "", 0, 1440, "longest time"),
    L(TEXT, "note", note, 0, "note"),
    {0}};
static const cit_table limit_table = {"limit", NULL, sizeof(cit_anaesthetic_limit), limit_fields,
                                      CIT_NO_MARK};
#define N(kind, key, member, ...) kind(cit_anaesthetic, key, member, __VA_ARGS__)
static const cit_field anaesthetic_fields[] = {
    ID(cit_anaesthetic),
    N(TEXT, "name", name, KNOWN, "what it is called"),
    TEXTS(cit_anaesthetic, "agents", agents, agent_count, CIT_REQUIRED, "agents"),
    N(NUMBER, "strength", strength_percent, KNOWN, "", 0, 100, "per cent, all agents"),
    N(CHOICE, "amide", amide, KNOWN, cit_answer_choices, "holds an amide"),
    N(CHOICE, "ester", ester, KNOWN, cit_answer_choices, "holds an ester"),
    N(CHOICE, "methaemoglobin", methaemoglobin, KNOWN, cit_answer_choices,
      "can cause methaemoglobinaemia"),
    N(CHOICE, "over_the_counter", over_the_counter, KNOWN, cit_answer_choices,
      "sold without prescription"),
    N(CHOICE, "occlusion", occlusion, CIT_REQUIRED, cit_answer_choices,
      "does the label have it covered"),
    LIST(cit_anaesthetic, "limits", limits, limit_count, 0, &limit_table, "limits of the label"),
    N(TEXT, "note", note, 0, "note"),
    GROUNDS(cit_anaesthetic),
    {0}};
const cit_table cit_anaesthetic_table = {"anaesthetic", "cit/anaesthetic/1",
                                         sizeof(cit_anaesthetic), anaesthetic_fields, CIT_NO_MARK};

void check_anaesthetic(const cit_doc *doc, const cit_anaesthetic *a, cit_errors *errs) {
    if (a->amide != CIT_YES && a->ester != CIT_YES)
        cit_doc_fail(doc, (cit_mark){0, 0}, errs, "neither an amide nor an ester");
    check_grounds(doc, &a->grounds, errs);
}

static const cit_field medicine_fields[] = {
    ID(cit_medicine),
    TEXT(cit_medicine, "fact", fact, KNOWN, "the fact that such a medicine answers, or none"),
    TEXTS(cit_medicine, "names", names, name_count, CIT_REQUIRED, "parts of names, lower case"),
    GROUNDS(cit_medicine),
    {0}};
const cit_table cit_medicine_table = {"medicine", "cit/medicine/1", sizeof(cit_medicine),
                                      medicine_fields, CIT_NO_MARK};

void check_lower_case(const cit_doc *doc, const char *key, const char *const *words, int count,
                      cit_errors *errs) {
    for (int i = 0; i < count; i++) {
        if (*words[i] == 0)
            cit_doc_fail(doc, (cit_mark){0, 0}, errs, "%s: one is empty, and would be any", key);
        for (const char *c = words[i]; *c != 0; c++)
            if (*c >= 'A' && *c <= 'Z') {
                cit_doc_fail(doc, (cit_mark){0, 0}, errs, "%s: '%.40s' is not in lower case", key,
                             words[i]);
                break;
            }
    }
}

void check_medicine(const cit_doc *doc, const cit_medicine *m, cit_errors *errs) {
    check_lower_case(doc, "names", m->names, m->name_count, errs);
    check_grounds(doc, &m->grounds, errs);
}

/* ---- steps of a visit ------------------------------------------------------------------------------- */

static const cit_field step_fields[] = {
    ID(cit_step),
    TEXT(cit_step, "title", title, KNOWN, "a few words"),
    INTEGER(cit_step, "order", order, KNOWN, 1, 100, "place among the steps"),
    NUMBER(cit_step, "minutes_from", minutes_from, 0, "", 0, 600, "minutes, at least"),
    NUMBER(cit_step, "minutes_to", minutes_to, 0, "", 0, 600, "minutes, at most"),
    TEXT(cit_step, "clinician", clinician, KNOWN, "what is done, and what is looked for"),
    GROUNDS(cit_step),
    {0}};
const cit_table cit_step_table = {"step", "cit/step/1", sizeof(cit_step), step_fields, CIT_NO_MARK};

void check_step(const cit_doc *doc, const cit_step *s, cit_errors *errs) {
    if (cit_known(s->minutes_from) != cit_known(s->minutes_to) || s->minutes_from > s->minutes_to)
        cit_doc_fail(doc, (cit_mark){0, 0}, errs, "minutes_from and minutes_to do not fit");
    check_grounds(doc, &s->grounds, errs);
}

/* ---- across files -------------------------------------------------------------------------------- */

void need_entry(const cit_catalogue *c, const cit_doc *doc, cit_mark mark, const char *kind,
                const char *id, const void *found, near_function *near_to, cit_errors *errs) {
    if (id == NULL || found != NULL) return;
    const char *near = near_to(c, id);
    cit_doc_fail(doc, mark, errs, "%s '%.60s' is not in the catalogue%s%s%s", kind, id,
                 near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

void need_study(const cit_catalogue *c, const cit_doc *doc, cit_mark mark, const char *id,
                cit_errors *errs) {
    if (id == NULL) return;
    need_entry(c, doc, mark, "study", id, cit_catalogue_study(c, id), cit_catalogue_near_study,
               errs);
}

const cit_study_arm *need_arm(const cit_catalogue *c, const cit_doc *doc, cit_mark mark,
                              const char *study, const char *arm, cit_errors *errs) {
    const cit_study *s = cit_catalogue_study(c, study);
    const cit_study_arm *found = s != NULL ? cit_study_arm_named(s, arm) : NULL;
    if (s == NULL || found != NULL)
        return found; /* of a study that is not there, one fault will do */
    const char *names[64];
    int n = 0;
    for (; n < s->arm_count && n < 63; n++) names[n] = s->arms[n].name;
    names[n] = NULL;
    const char *near = cit_nearest(arm, names);
    cit_doc_fail(doc, mark, errs, "study '%.60s' has no arm '%.60s'%s%.60s%s", study, arm,
                 near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    return NULL;
}

void check_studies_named(const cit_catalogue *c, cit_errors *errs) {
    const cit_mark top = {0, 0};
    for (int i = 0; i < c->claim_count; i++)
        for (int j = 0; j < c->claims[i].study_count; j++)
            need_study(c, c->claims[i].doc, top, c->claims[i].studies[j], errs);
    for (int i = 0; i < c->harm_count; i++)
        for (int j = 0; j < c->harms[i].count_count; j++)
            need_study(c, c->harms[i].doc, top, c->harms[i].counts[j].study, errs);
}
