/* The trial file: its table, and what a table cannot check. */
#include "trial_impl.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const cit_trial_design_choices[] = {"parallel", "split-face", NULL};
const char *const cit_allocation_choices[] = {"simple", "blocks", NULL};
const char *const cit_stratum_choices[] = {"grade", "skin_type", "sex", NULL};
const char *const cit_trial_claim_choices[] = {"superiority", "non-inferiority", "equivalence",
                                               NULL};
const char *const cit_trial_test_choices[] = {"welch",       "mann-whitney",  "ancova",
                                              "shares",      "odds-ratio",    "paired",
                                              "signed-rank", "paired-shares", NULL};
const char *const cit_trial_test_words[] = {
    "Welch's t test",         "the Mann-Whitney test", "analysis of covariance",
    "the test of two shares", "the odds ratio",        "the paired t test",
    "the signed-rank test",   "McNemar's test",        NULL};
const char *const cit_trial_missing_choices[] = {"complete-cases", "no-change", NULL};
const char *const cit_trial_goal_choices[] = {"assurance", "power", NULL};
const char *const cit_trial_multiplicity_choices[] = {"bonferroni", "holm", "hochberg",
                                                      "fixed-sequence", NULL};
static const char *const quantity_choices[] = {
#define KEY(name, key, label, unit) key,
    CIT_QUANTITY_LIST(KEY)
#undef KEY
        NULL};

enum { KINDS_DEFAULT = 24, TRIALS_DEFAULT = 1000 };

#define NUMBER(type, key, member, flags, unit, lo, hi, meaning)                                    \
    { key, CIT_NUMBER, offsetof(type, member), 0, flags, unit, lo, hi, NULL, NULL, meaning }
#define INTEGER(type, key, member, flags, lo, hi, meaning)                                         \
    { key, CIT_INTEGER, offsetof(type, member), 0, flags, "", lo, hi, NULL, NULL, meaning }
#define CHOICE(type, key, member, flags, choices, meaning)                                         \
    { key, CIT_CHOICE, offsetof(type, member), 0, flags, NULL, 0, 0, choices, NULL, meaning }
#define TEXT(type, key, member, flags, meaning)                                                    \
    { key, CIT_TEXT, offsetof(type, member), 0, flags, NULL, 0, 0, NULL, NULL, meaning }
#define STRUCT(type, key, member, flags, table, meaning)                                           \
    { key, CIT_STRUCT, offsetof(type, member), 0, flags, NULL, 0, 0, NULL, table, meaning }
#define LIST(type, key, member, count, flags, table, meaning)                                      \
    {                                                                                              \
        key, CIT_LIST, offsetof(type, member), offsetof(type, count), flags, NULL, 0, 0, NULL,     \
            table, meaning                                                                         \
    }
#define WEIGHTS(type, key, member, count, meaning)                                                 \
    {                                                                                              \
        key, CIT_NUMBERS, offsetof(type, member), offsetof(type, count), 0, "", 0, 1e6, NULL,      \
            NULL, meaning                                                                          \
    }
#define KNOWN (CIT_REQUIRED | CIT_MUST_KNOW)

#define RANGE(name, unit, most)                                                                    \
    static const cit_field name##_fields[] = {                                                     \
        NUMBER(cit_trial_range, "from", lo, KNOWN, unit, 0, most, "the least"),                    \
        NUMBER(cit_trial_range, "to", hi, KNOWN, unit, 0, most, "the most"),                       \
        NUMBER(cit_trial_range, "mean", mean, 0, unit, 0, most, "mean; left out: evenly"),         \
        NUMBER(cit_trial_range, "sd", sd, CIT_ABOVE_LO, unit, 0, most,                             \
               "deviation about the mean"),                                                        \
        {0}};                                                                                      \
    static const cit_table name##_table = {#name, NULL, sizeof(cit_trial_range), name##_fields,    \
                                           CIT_NO_MARK}
RANGE(age, "day", 120 * 366);
RANGE(count, "", 500);

static const cit_field scar_fields[] = {
    CHOICE(cit_trial_scars, "type", type, KNOWN, cit_case_scar_choices,
           "rolling, boxcar or ice-pick"),
    STRUCT(cit_trial_scars, "count", count, CIT_REQUIRED, &count_table, "how many a person has"),
    NUMBER(cit_trial_scars, "width", width_mm, CIT_ABOVE_LO, "mm", 0, 30, "rim to rim"),
    NUMBER(cit_trial_scars, "depth", depth_mm, CIT_ABOVE_LO, "mm", 0, 5, "rim plane to floor"),
    {0}};
static const cit_table scar_table = {"scars", NULL, sizeof(cit_trial_scars), scar_fields,
                                     offsetof(cit_trial_scars, mark)};

static const cit_field answer_fields[] = {
    TEXT(cit_trial_answer, "question", question, KNOWN, "an answer of health, or of a zone"),
    NUMBER(cit_trial_answer, "share", share, KNOWN, "", 0, 1, "share of candidates who say yes"),
    {0}};
static const cit_table answer_table = {"answer", NULL, sizeof(cit_trial_answer), answer_fields,
                                       offsetof(cit_trial_answer, mark)};

#define P(kind, key, member, ...) kind(cit_trial_population, key, member, __VA_ARGS__)
static const cit_field population_fields[] = {
    P(INTEGER, "kinds", kinds, 0, 1, CIT_TRIAL_KINDS_MAX, "kinds of people that stand for all"),
    P(STRUCT, "age", age_day, 0, &age_table, "age"),
    P(NUMBER, "female", female_share, 0, "", 0, 1, "share of women"),
    P(WEIGHTS, "skin_types", skin_types, skin_type_count, "weights of Fitzpatrick types I to VI"),
    P(WEIGHTS, "grades", grades, grade_count, "weights of Goodman-Baron grades 2, 3 and 4"),
    {"site", CIT_ID, offsetof(cit_trial_population, site), 0, 0, NULL, 0, 0, NULL, NULL,
     "a site of the catalogue (cheek)"},
    P(CHOICE, "side", side, 0, cit_side_choices, "side (both)"),
    P(LIST, "scars", scars, scar_count, 0, &scar_table, "scars; left out: drawn"),
    P(LIST, "health", health, health_count, 0, &answer_table, "answers that some give with yes"),
    P(TEXT, "people", people, 0, "a CSV of people instead"),
    {0}};
static const cit_table population_table = {"population", NULL, sizeof(cit_trial_population),
                                           population_fields, CIT_NO_MARK};

#define D(kind, key, member, ...) kind(cit_trial_adds, key, member, __VA_ARGS__)
static const cit_field adds_fields[] = {
    D(NUMBER, "percent", percent, KNOWN, "", -100, 100, "what it adds to the improvement, %"),
    D(NUMBER, "sd", sd, KNOWN, "", 0, 100, "deviation between trials, and of the mean"),
    D(NUMBER, "people_sd", people_sd, 0, "", 0, 100, "deviation between people"),
    D(TEXT, "source", source, KNOWN, "where the numbers are from, or assumed"),
    {0}};
static const cit_table adds_table = {"adds", NULL, sizeof(cit_trial_adds), adds_fields,
                                     CIT_NO_MARK};

#define A(kind, key, member, ...) kind(cit_trial_arm, key, member, __VA_ARGS__)
static const cit_field arm_fields[] = {
    A(TEXT, "name", name, KNOWN, "a label"),
    A(TEXT, "protocol", protocol_path, 0, "file of the course, from this file's folder"),
    A(CHOICE, "untreated", untreated, 0, cit_answer_choices, "nothing is done"),
    A(INTEGER, "share", share, 0, 1, 20, "share of the allocation (1)"),
    A(STRUCT, "adds", adds, 0, &adds_table, "what something given with needling adds"),
    {0}};
static const cit_table arm_table = {"arm", NULL, sizeof(cit_trial_arm), arm_fields,
                                    offsetof(cit_trial_arm, mark)};

#define R(kind, key, member, ...) kind(cit_trial_rater, key, member, __VA_ARGS__)
static const cit_field rater_fields[] = {
    R(CHOICE, "blinded", blinded, KNOWN, cit_answer_choices, "does not know of the treatment"),
    R(NUMBER, "noise", noise, 0, "", 0, 1000, "deviation of a rating, in the endpoint's unit"),
    R(NUMBER, "sides_correlation", sides_rho, 0, "", 0, 1, "of errors on two sides of a face (0)"),
    R(NUMBER, "sides_sd", sides_sd, 0, "", 0, 1000, "deviation between sides of a face (0)"),
    {0}};
static const cit_table rater_table = {"rater", NULL, sizeof(cit_trial_rater), rater_fields,
                                      CIT_NO_MARK};

static const cit_field leaving_fields[] = {
    NUMBER(cit_trial_leaving, "severity", severity, 0, "", -1, 1,
           "correlation of leaving with the score at the start (0)"),
    NUMBER(cit_trial_leaving, "improvement", improvement, 0, "", -1, 1,
           "correlation of leaving with the improvement so far (0)"),
    {0}};
static const cit_table leaving_table = {"drop_out_correlation", NULL, sizeof(cit_trial_leaving),
                                        leaving_fields, CIT_NO_MARK};

#define C(kind, key, member, ...) kind(cit_trial_conduct, key, member, __VA_ARGS__)
static const cit_field conduct_fields[] = {
    C(INTEGER, "people", people, KNOWN, 4, 20000, "enrolled, all arms together"),
    C(INTEGER, "clinics", clinics, 0, 1, 1000, "clinics that share them (1)"),
    C(CHOICE, "allocation", allocation, 0, cit_allocation_choices, "simple or blocks (blocks)"),
    C(INTEGER, "block", block, 0, 1, 50, "rounds of all shares in a block (2)"),
    {"strata", CIT_CHOICES, offsetof(cit_trial_conduct, strata), 0, 0, NULL, 0, 0,
     cit_stratum_choices, NULL, "blocks apart for each grade, skin_type, sex (none)"},
    C(NUMBER, "drop_out", drop_out, 0, "", 0, 0.95, "share who leave before the last endpoint (0)"),
    C(STRUCT, "drop_out_correlation", leaving, 0, &leaving_table, "who leaves (at random)"),
    C(NUMBER, "missed_visits", missed_visits, 0, "", 0, 0.95, "share of visits missed (0)"),
    {"start", CIT_DATE, offsetof(cit_trial_conduct, start), 0, 0, NULL, 0, 0, NULL, NULL,
     "day for which people are screened (2026-01-01)"},
    C(STRUCT, "rater", rater, CIT_REQUIRED, &rater_table, "who rates"),
    {0}};
static const cit_table conduct_table = {"conduct", NULL, sizeof(cit_trial_conduct), conduct_fields,
                                        CIT_NO_MARK};

#define E(kind, key, member, ...) kind(cit_trial_endpoint, key, member, __VA_ARGS__)
static const cit_field endpoint_fields[] = {
    E(TEXT, "name", name, KNOWN, "a label"),
    E(CHOICE, "quantity", quantity, KNOWN, quantity_choices, "what is looked at"),
    E(NUMBER, "at", day, KNOWN | CIT_ABOVE_LO, "day", 0, 1800, "when, from the first visit"),
    E(NUMBER, "responder", responder, 0, "", -1000, 1000, "this or better makes a responder"),
    E(CHOICE, "test", test, KNOWN, cit_trial_test_choices, "how arms are compared"),
    E(CHOICE, "claim", claim, 0, cit_trial_claim_choices, "what is claimed (superiority)"),
    E(NUMBER, "margin", margin, CIT_ABOVE_LO, "", 0, 1000, "of non-inferiority or equivalence"),
    E(NUMBER, "effect", effect, 0, "", -1000, 1000, "stated as true for the power"),
    {0}};
static const cit_table endpoint_table = {"endpoint", NULL, sizeof(cit_trial_endpoint),
                                         endpoint_fields, offsetof(cit_trial_endpoint, mark)};

#define Y(kind, key, member, ...) kind(cit_trial_analysis, key, member, __VA_ARGS__)
static const cit_field analysis_fields[] = {
    Y(NUMBER, "alpha", alpha, CIT_ABOVE_LO, "", 0, 0.4, "error allowed (0.05)"),
    Y(INTEGER, "sides", sides, 0, 1, 2, "one- or two-sided (2)"),
    Y(CHOICE, "multiplicity", multiplicity, 0, cit_trial_multiplicity_choices,
      "several comparisons"),
    Y(CHOICE, "missing", missing, 0, cit_trial_missing_choices, "who was not seen"),
    {0}};
static const cit_table analysis_table = {"analysis", NULL, sizeof(cit_trial_analysis),
                                         analysis_fields, CIT_NO_MARK};

#define N(kind, key, member, ...) kind(cit_trial_repeats, key, member, __VA_ARGS__)
static const cit_field repeats_fields[] = {
    N(INTEGER, "trials", trials, 0, 20, CIT_TRIAL_NUMBERS - 1, "virtual trials (1000)"),
    N(NUMBER, "effect", effect, 0, "", -1000, 1000,
      "effect of the only endpoint, stated for the power"),
    N(NUMBER, "target", target, CIT_ABOVE_LO, "", 0, 0.999, "share of trials that must succeed"),
    N(CHOICE, "goal", goal, 0, cit_trial_goal_choices, "assurance or power (assurance)"),
    N(INTEGER, "most_people", most_people, 0, 8, 20000, "where the search ends (1024)"),
    N(CHOICE, "sensitivity", sensitivity, 0, cit_answer_choices, "a table of what if (no)"),
    {0}};
static const cit_table repeats_table = {"repeats", NULL, sizeof(cit_trial_repeats), repeats_fields,
                                        CIT_NO_MARK};

#define W(kind, key, member, ...) kind(cit_trial, key, member, __VA_ARGS__)
static const cit_field trial_fields[] = {
    W(TEXT, "name", name, KNOWN, "a label"),
    W(TEXT, "question", question, 0, "what is asked"),
    W(TEXT, "published", published, 0, "what was published of it, with its source"),
    W(CHOICE, "design", design, KNOWN, cit_trial_design_choices, "parallel or split-face"),
    W(INTEGER, "seed", file_seed, 0, 0, INT32_MAX, "seed of all draws (1)"),
    W(STRUCT, "population", population, 0, &population_table, "who comes"),
    W(LIST, "arms", arms, arm_count, CIT_REQUIRED, &arm_table, "what is compared"),
    W(STRUCT, "conduct", conduct, CIT_REQUIRED, &conduct_table, "how it is done"),
    W(LIST, "endpoints", endpoints, endpoint_count, CIT_REQUIRED, &endpoint_table, "what decides"),
    W(STRUCT, "analysis", analysis, 0, &analysis_table, "how it is analysed"),
    W(STRUCT, "repeats", repeats, 0, &repeats_table, "how it is simulated"),
    {0}};
const cit_table cit_trial_table = {"trial", "cit/trial/1", sizeof(cit_trial), trial_fields,
                                   CIT_NO_MARK};

/* ---- what is not said ------------------------------------------------------------------------------ */

static void if_unknown(double *number, double value) {
    if (!cit_known(*number)) *number = value;
}
static void if_unknown_int(int *number, int value) {
    if (*number == CIT_UNKNOWN_INT || *number == 0) *number = value;
}

int rating_of(const cit_trial *t, int endpoint) {
    const cit_trial_endpoint *e = &t->endpoints[endpoint];
    int i = 0;
    while (t->endpoints[i].quantity != e->quantity || t->endpoints[i].day != e->day) i++;
    return i;
}

int round_of(const cit_trial *t) {
    int shares = 0;
    for (int i = 0; i < t->arm_count; i++) shares += t->arms[i].share;
    return t->design == CIT_SPLIT_FACE || shares < 1 ? 1 : shares;
}

int most_to_enrol(const cit_trial *t) { return t->repeats.most_people / round_of(t) * round_of(t); }

static void fill_in(cit_trial *t) {
    int day = 0;
    if (!cit_date_parse("2026-01-01", &day)) day = 0;
    if_unknown_int(&t->population.kinds, KINDS_DEFAULT);
    if (t->population.site == NULL) t->population.site = "cheek";
    if_unknown_int(&t->population.side, CIT_BOTH);
    if_unknown_int(&t->conduct.clinics, 1);
    if_unknown_int(&t->conduct.allocation, CIT_BLOCKS);
    if_unknown_int(&t->conduct.block, 2);
    if (t->conduct.start == CIT_UNKNOWN_INT) t->conduct.start = day;
    if_unknown(&t->conduct.drop_out, 0);
    if_unknown(&t->conduct.missed_visits, 0);
    if_unknown(&t->conduct.leaving.severity, 0);
    if_unknown(&t->conduct.leaving.improvement, 0);
    if_unknown(&t->conduct.rater.sides_rho, 0);
    if_unknown(&t->conduct.rater.sides_sd, 0);
    if_unknown(&t->analysis.alpha, 0.05);
    if_unknown_int(&t->analysis.sides, 2);
    if_unknown_int(&t->analysis.missing, CIT_COMPLETE_CASES);
    if_unknown_int(&t->repeats.trials, TRIALS_DEFAULT);
    if_unknown_int(&t->repeats.goal, CIT_GOAL_ASSURANCE);
    if_unknown_int(&t->repeats.most_people, 1024);
    t->seed = t->file_seed == CIT_UNKNOWN_INT ? 1 : (uint64_t)t->file_seed;
    for (int i = 0; i < t->arm_count; i++) {
        if_unknown_int(&t->arms[i].share, 1);
        if (cit_known(t->arms[i].adds.percent)) if_unknown(&t->arms[i].adds.people_sd, 0);
    }
    for (int i = 0; i < t->endpoint_count; i++) {
        if_unknown_int(&t->endpoints[i].claim, CIT_CLAIM_SUPERIOR);
        if (!cit_known(t->endpoints[i].effect))
            t->endpoints[i].effect = t->endpoints[rating_of(t, i)].effect;
    }
    if (t->endpoint_count == 1) if_unknown(&t->endpoints[0].effect, t->repeats.effect);
}

/* ---- checks ------------------------------------------------------------------------------------- */

bool cit_trial_more_is_better(int quantity) {
    switch ((cit_quantity)(quantity - 1)) {
    case CIT_Q_GB_CHANGE:
    case CIT_Q_ECCA_CHANGE:
    case CIT_Q_GRADE:
    case CIT_Q_GRADE_CHANGE:
    case CIT_Q_SCAR_S:
    case CIT_Q_PIGMENT_RISK:
    case CIT_Q_RAISED:
        return false;
    default:
        return true;
    }
}

bool cit_trial_states_effects(const cit_trial *t) { return cit_known(t->endpoints[0].effect); }

bool cit_trial_leaves_at_random(const cit_trial *t) {
    return t->conduct.leaving.severity == 0 && t->conduct.leaving.improvement == 0;
}

static const cit_node *child(const cit_node *map, const char *key) {
    const cit_node *n = map != NULL && map->kind == CIT_NODE_MAP ? map->first : NULL;
    while (n != NULL && strcmp(n->key, key) != 0) n = n->next;
    return n;
}

/* Where `part: {key: ...}` stands; else where the part does; else the top. */
static cit_mark place_of(const cit_trial *t, const char *part, const char *key) {
    const cit_node *root = cit_doc_root(t->doc), *outer = child(root, part);
    const cit_node *inner = key != NULL ? child(outer, key) : NULL;
    return inner != NULL ? inner->mark : outer != NULL ? outer->mark : root->mark;
}

static void check_range(const cit_trial *t, const cit_trial_range *r, cit_mark mark,
                        const char *what, cit_errors *errs) {
    if (!cit_known(r->lo)) return;
    if (r->hi < r->lo) cit_doc_fail(t->doc, mark, errs, "%s: 'to' is below 'from'", what);
    if (cit_known(r->mean) != cit_known(r->sd))
        cit_doc_fail(t->doc, mark, errs, "%s: 'mean' and 'sd' belong together", what);
    else if (cit_known(r->mean) && (r->mean < r->lo || r->mean > r->hi))
        cit_doc_fail(t->doc, mark, errs, "%s: the mean is not between 'from' and 'to'", what);
}

static void check_weights(const cit_trial *t, const double *weight, int count, int want,
                          const char *what, cit_errors *errs) {
    if (weight != NULL && (count != want || !(cit_effective_size(weight, count) > 0)))
        cit_doc_fail(t->doc, place_of(t, "population", what), errs,
                     "%s: %d weights are needed, one at least above 0", what, want);
}

static void check_answer(const cit_trial *t, int i, cit_errors *errs) {
    const cit_trial_answer *a = &t->population.health[i];
    const char *near = NULL;
    if (!question_is_known(a->question, &near))
        cit_doc_fail(t->doc, a->mark, errs, "'%.40s' is no answer of a case%s%s%s", a->question,
                     near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    for (int j = 0; j < i; j++)
        if (strcmp(t->population.health[j].question, a->question) == 0)
            cit_doc_fail(t->doc, a->mark, errs, "health: '%.40s' stands twice", a->question);
}

static void check_population(const cit_trial *t, cit_errors *errs) {
    const cit_trial_population *p = &t->population;
    check_range(t, &p->age_day, place_of(t, "population", "age"), "age", errs);
    check_weights(t, p->skin_types, p->skin_type_count, 6, "skin_types", errs);
    check_weights(t, p->grades, p->grade_count, 3, "grades", errs);
    for (int i = 0; i < p->scar_count; i++) {
        check_range(t, &p->scars[i].count, p->scars[i].mark, "count", errs);
        for (int j = 0; j < i; j++)
            if (p->scars[j].type == p->scars[i].type)
                cit_doc_fail(t->doc, p->scars[i].mark, errs, "scars: a type stands here twice");
    }
    if (p->health_count > CIT_TRIAL_ANSWERS_MAX)
        cit_doc_fail(t->doc, place_of(t, "population", "health"), errs,
                     "health: %d answers; %d at most", p->health_count, CIT_TRIAL_ANSWERS_MAX);
    for (int i = 0; i < p->health_count; i++) check_answer(t, i, errs);
    if (p->people != NULL && (cit_known(p->age_day.lo) || cit_known(p->female_share) ||
                              p->skin_types || p->grades || p->scars))
        cit_doc_fail(t->doc, place_of(t, "population", "people"), errs,
                     "population: either 'people' or age, female, skin_types, grades and scars");
}

/* A name is part of a line: of a heading, a cell, a paragraph. */
static void check_name(const cit_trial *t, const char *name, cit_mark mark, const char *what,
                       cit_errors *errs) {
    if (name != NULL && (!cit_text_is_plain(name) || strpbrk(name, "\t\n\r") != NULL))
        cit_doc_fail(t->doc, mark, errs,
                     "%s: control characters (a new line, a tab) are no part of a name", what);
}

static void check_arms(const cit_trial *t, cit_errors *errs) {
    if (t->arm_count < 2 || t->arm_count > CIT_TRIAL_ARMS_MAX)
        cit_doc_fail(t->doc, place_of(t, "arms", NULL), errs, "arms: %d; 2 to %d are needed",
                     t->arm_count, CIT_TRIAL_ARMS_MAX);
    if (t->design == CIT_SPLIT_FACE && t->arm_count > 2)
        cit_doc_fail(t->doc, place_of(t, "arms", NULL), errs, "arms: a face has two sides");
    for (int i = 0; i < t->arm_count; i++) {
        const cit_trial_arm *a = &t->arms[i];
        check_name(t, a->name, a->mark, "arm", errs);
        if ((a->protocol_path != NULL) == (a->untreated == CIT_YES))
            cit_doc_fail(t->doc, a->mark, errs, "arm: either 'protocol' or 'untreated: yes'");
        if (a->untreated == CIT_YES && cit_known(a->adds.percent))
            cit_doc_fail(t->doc, a->mark, errs,
                         "adds: nothing is given to an untreated arm that could add anything");
        if (t->design == CIT_SPLIT_FACE && a->share != 1)
            cit_doc_fail(t->doc, a->mark, errs, "arm: sides of a face have no 'share'");
        for (int j = 0; j < i; j++)
            if (a->name && t->arms[j].name && strcmp(a->name, t->arms[j].name) == 0)
                cit_doc_fail(t->doc, a->mark, errs, "arm: the name '%.40s' stands twice", a->name);
    }
}

/* Does the population say what a stratum is made of? Whom a file lists is known only when it is read. */
static bool is_said(const cit_trial_population *p, int stratum) {
    switch ((cit_stratum)stratum) {
    case CIT_BY_GRADE:
        return p->grades != NULL;
    case CIT_BY_SKIN_TYPE:
        return p->skin_types != NULL;
    case CIT_BY_SEX:
        return cit_known(p->female_share);
    case CIT_STRATA:
        break;
    }
    return false;
}

static void check_strata(const cit_trial *t, cit_errors *errs) {
    static const char *const where_said[] = {"grades", "skin_types", "female"};
    const cit_trial_conduct *c = &t->conduct;
    const cit_mark mark = place_of(t, "conduct", "strata");
    if (c->strata == 0) return;
    if (t->design == CIT_SPLIT_FACE)
        cit_doc_fail(t->doc, mark, errs,
                     "strata: on split faces everybody gets both; nobody is allocated");
    else if (c->allocation == CIT_SIMPLE_ALLOCATION)
        cit_doc_fail(t->doc, mark, errs, "strata: they need 'allocation: blocks'");
    for (int i = 0; i < CIT_STRATA; i++)
        if (c->strata >> i & 1 && t->population.people == NULL && !is_said(&t->population, i))
            cit_doc_fail(t->doc, mark, errs, "strata: '%s' needs '%s' in population",
                         cit_stratum_choices[i], where_said[i]);
}

static bool is_a_grade(int quantity) {
    return quantity == 1 + CIT_Q_GRADE || quantity == 1 + CIT_Q_SCAR_S;
}

static void check_leaving(const cit_trial *t, cit_errors *errs) {
    const cit_trial_leaving *l = &t->conduct.leaving;
    const cit_mark mark = place_of(t, "conduct", "drop_out_correlation");
    if (l->severity * l->severity + l->improvement * l->improvement > 1)
        cit_doc_fail(t->doc, mark, errs,
                     "drop_out_correlation: the sum of squares, %.3g, is above 1",
                     l->severity * l->severity + l->improvement * l->improvement);
    if (!cit_trial_leaves_at_random(t) && t->conduct.drop_out == 0)
        cit_doc_fail(t->doc, mark, errs, "drop_out_correlation: needs 'drop_out' above 0");
    if (l->improvement != 0 && t->endpoint_count > 0 && is_a_grade(t->endpoints[0].quantity))
        cit_doc_fail(t->doc, mark, errs,
                     "improvement: the first endpoint is a grade by itself, no improvement");
}

/* Is one number for both in one unit? Points of two scores are two. */
static bool same_unit(const cit_trial_endpoint *a, const cit_trial_endpoint *b) {
    const cit_quantity p = (cit_quantity)(a->quantity - 1), q = (cit_quantity)(b->quantity - 1);
    const char *unit = cit_quantity_unit(p), *other = cit_quantity_unit(q);
    if (p == q) return true;
    if (strcmp(unit, "points") == 0) return false;
    return strncmp(unit, "grade", 5) == 0 ? strncmp(other, "grade", 5) == 0
                                          : strcmp(unit, other) == 0;
}

/* `noise` and `sides_sd` are in the endpoint's unit: they need that there is one. */
static void check_rater(const cit_trial *t, cit_errors *errs) {
    const cit_trial_rater *r = &t->conduct.rater;
    const bool noise = cit_known(r->noise) && r->noise > 0;
    if (!noise && !(r->sides_sd > 0)) return;
    for (int i = 1; i < t->endpoint_count; i++) {
        const cit_trial_endpoint *first = &t->endpoints[0], *e = &t->endpoints[i];
        if (first->quantity == 0 || e->quantity == 0 || same_unit(first, e)) continue;
        cit_doc_fail(t->doc, place_of(t, "conduct", "rater"), errs,
                     "%s: one number cannot be of '%.40s' (%s) and of '%.40s' (%s)",
                     noise ? "noise" : "sides_sd", first->name,
                     cit_quantity_label((cit_quantity)(first->quantity - 1)), e->name,
                     cit_quantity_label((cit_quantity)(e->quantity - 1)));
        return;
    }
}

static void check_conduct(const cit_trial *t, cit_errors *errs) {
    check_strata(t, errs);
    check_leaving(t, errs);
    check_rater(t, errs);
    if (t->conduct.allocation == CIT_SIMPLE_ALLOCATION &&
        child(child(cit_doc_root(t->doc), "conduct"), "block") != NULL)
        cit_doc_fail(t->doc, place_of(t, "conduct", "block"), errs,
                     "block: simple allocation has none");
}

/* What an arm adds is added to these alone. */
static bool takes_percent(const cit_trial_endpoint *e) {
    switch ((cit_quantity)(e->quantity - 1)) {
    case CIT_Q_DEPTH_ROLLING:
    case CIT_Q_DEPTH_BOXCAR:
    case CIT_Q_DEPTH_ICE_PICK:
    case CIT_Q_DEPTH_ALL:
    case CIT_Q_VOLUME_ALL:
    case CIT_Q_GB_PERCENT:
    case CIT_Q_ECCA_PERCENT:
    case CIT_Q_OTHER_PERCENT:
        return true;
    default:
        return false;
    }
}

static bool is_of_shares(const cit_trial_endpoint *e) {
    return e->test == CIT_TRIAL_SHARES || e->test == CIT_TRIAL_ODDS_RATIO ||
           e->test == CIT_TRIAL_PAIRED_SHARES;
}

static void check_margin(const cit_trial *t, const cit_trial_endpoint *e, cit_errors *errs) {
    if ((e->claim != CIT_CLAIM_SUPERIOR) != cit_known(e->margin))
        cit_doc_fail(t->doc, e->mark, errs,
                     "margin: needed for non-inferiority and equivalence, and for nothing else");
    else if (e->claim != CIT_CLAIM_SUPERIOR && e->test == CIT_TRIAL_ODDS_RATIO && e->margin <= 1)
        cit_doc_fail(
            t->doc, e->mark, errs,
            "margin: %g is no ratio of odds above 1; 1.5 allows odds to be 1.5 times worse",
            e->margin);
    else if (is_of_shares(e) && e->test != CIT_TRIAL_ODDS_RATIO && e->margin >= 1)
        cit_doc_fail(t->doc, e->mark, errs,
                     "margin: %g is no share below 1; ten percentage points are 0.1", e->margin);
}

static void check_endpoint(const cit_trial *t, const cit_trial_endpoint *e, cit_errors *errs) {
    const bool of_shares = is_of_shares(e), of_pairs = e->test >= CIT_TRIAL_PAIRED;
    if (e->test == 0 || e->quantity == 0) return;
    const char *test = cit_choice_name(cit_trial_test_choices, e->test);
    if (of_pairs != (t->design == CIT_SPLIT_FACE))
        cit_doc_fail(t->doc, e->mark, errs, "test: %s is not one of a %s trial; these are: %s",
                     test, cit_choice_name(cit_trial_design_choices, t->design),
                     of_pairs ? "welch, mann-whitney, ancova, shares, odds-ratio"
                              : "paired, signed-rank, paired-shares");
    if (of_shares != cit_known(e->responder))
        cit_doc_fail(t->doc, e->mark, errs, "test: %s %s", test,
                     of_shares ? "needs 'responder'" : "is not one of responders");
    check_margin(t, e, errs);
    if (of_shares && e->claim != CIT_CLAIM_SUPERIOR && t->analysis.multiplicity != 0)
        cit_doc_fail(t->doc, e->mark, errs,
                     "claim: margins of shares are judged by intervals, which no multiplicity "
                     "procedure adjusts");
    if (t->analysis.missing == CIT_AS_NO_CHANGE && is_a_grade(e->quantity))
        cit_doc_fail(t->doc, e->mark, errs, "missing: 'no-change' is none of a grade by itself");
    for (int i = 0; i < t->arm_count; i++)
        if (cit_known(t->arms[i].adds.percent) && !takes_percent(e)) {
            cit_doc_fail(t->doc, e->mark, errs,
                         "endpoint: what an arm adds is told in %% of improvement, and this "
                         "quantity is not");
            break;
        }
}

/* Effects are stated of all endpoints or of none; one rating has one effect. */
static void check_effects(const cit_trial *t, cit_errors *errs) {
    int stated = -1;
    if (cit_known(t->repeats.effect) && t->endpoint_count > 1)
        cit_doc_fail(t->doc, place_of(t, "repeats", "effect"), errs,
                     "effect: there are %d endpoints; state it beside each of them",
                     t->endpoint_count);
    else if (cit_known(t->repeats.effect) && t->endpoint_count == 1 &&
             t->endpoints[0].effect != t->repeats.effect)
        cit_doc_fail(t->doc, place_of(t, "repeats", "effect"), errs,
                     "effect: %g here, %g beside the endpoint", t->repeats.effect,
                     t->endpoints[0].effect);
    for (int i = 0; i < t->endpoint_count; i++)
        if (cit_known(t->endpoints[i].effect) && stated < 0) stated = i;
    for (int i = 0; i < t->endpoint_count && stated >= 0; i++) {
        const cit_trial_endpoint *e = &t->endpoints[i], *same = &t->endpoints[rating_of(t, i)];
        if (!cit_known(e->effect))
            cit_doc_fail(
                t->doc, e->mark, errs,
                "endpoint: needs 'effect', since '%.40s' has one; 0 where none is expected",
                t->endpoints[stated].name);
        else if (cit_known(same->effect) && e->effect != same->effect)
            cit_doc_fail(t->doc, e->mark, errs,
                         "effect: %g, and %g of '%.40s', which is the same rating", e->effect,
                         same->effect, same->name);
    }
}

static void check_endpoints(const cit_trial *t, cit_errors *errs) {
    if (t->endpoint_count < 1 || t->endpoint_count > CIT_TRIAL_ENDPOINTS_MAX)
        cit_doc_fail(t->doc, place_of(t, "endpoints", NULL), errs,
                     "endpoints: %d; 1 to %d are needed", t->endpoint_count,
                     CIT_TRIAL_ENDPOINTS_MAX);
    for (int i = 0; i < t->endpoint_count; i++) {
        const char *name = t->endpoints[i].name;
        check_name(t, name, t->endpoints[i].mark, "endpoint", errs);
        check_endpoint(t, &t->endpoints[i], errs);
        for (int j = 0; j < i; j++)
            if (strcmp(name, t->endpoints[j].name) == 0)
                cit_doc_fail(t->doc, t->endpoints[i].mark, errs,
                             "endpoint: the name '%.40s' stands twice", name);
    }
    check_effects(t, errs);
    if (cit_known(t->repeats.target) && t->repeats.most_people < t->conduct.people)
        cit_doc_fail(t->doc, place_of(t, "repeats", "most_people"), errs,
                     "most_people: %d is below the %d people of the trial", t->repeats.most_people,
                     t->conduct.people);
    else if (cit_known(t->repeats.target) && most_to_enrol(t) < 1)
        cit_doc_fail(t->doc, place_of(t, "repeats", "most_people"), errs,
                     "most_people: %d is below one round of the allocation, %d people",
                     t->repeats.most_people, round_of(t));
}

/* ---- loading ------------------------------------------------------------------------------------- */

/* A path as seen from the trial's folder. */
static bool beside(const cit_trial *t, const char *name, char path[4096]) {
    const char *own = cit_doc_name(t->doc), *slash = strrchr(own, '/');
    const int folder = name[0] == '/' || slash == NULL ? 0 : (int)(slash - own) + 1;
    const int n = snprintf(path, 4096, "%.*s%s", folder, own, name);
    return n > 0 && n < 4096;
}

bool cit_trial_people_path(const cit_trial *t, char path[4096]) {
    return t->population.people != NULL && beside(t, t->population.people, path);
}

static cit_status load_protocol(const cit_trial *t, cit_trial_arm *a, cit_errors *errs) {
    static const char nothing[] = "schema: cit/protocol/1\nname: untreated\nvisits:\n"
                                  "  - {status: missed}\n";
    char path[4096];
    if (a->protocol_path == NULL)
        return cit_protocol_parse("untreated", nothing, sizeof nothing - 1, &a->protocol, errs);
    if (!beside(t, a->protocol_path, path))
        return cit_doc_fail(t->doc, a->mark, errs, "protocol: the path is too long");
    return cit_protocol_load(path, &a->protocol, errs);
}

/* Visits that may be missed are bits of a number. */
enum { VISITS_MAX = 60 };

static void check_protocols(const cit_trial *t, cit_errors *errs) {
    for (int i = 0; i < t->arm_count; i++) {
        cit_appointment all[CIT_APPOINTMENTS_MAX];
        const cit_protocol *p = t->arms[i].protocol;
        if (p == NULL) continue;
        if (cit_protocol_schedule(p, 28, all) > VISITS_MAX)
            cit_doc_fail(t->doc, t->arms[i].mark, errs, "arm: more than %d visits", VISITS_MAX);
    }
}

static cit_status bind_trial(cit_doc *doc, cit_trial **ret, cit_errors *errs) {
    cit_errors unheard = {0};
    if (errs == NULL) errs = &unheard;
    const int before = errs->count + errs->lost;
    cit_trial *t = calloc(1, sizeof *t);
    if (t == NULL) {
        cit_doc_free(doc);
        return cit_fail(errs, CIT_NOMEM, "", "no memory");
    }
    t->doc = doc;
    (void)!cit_bind(doc, cit_doc_root(doc), &cit_trial_table, t, errs);
    const bool bound = errs->count + errs->lost == before;
    if (bound) {
        fill_in(t);
        check_name(t, t->name, place_of(t, "name", NULL), "name", errs);
        check_population(t, errs);
        check_arms(t, errs);
        check_conduct(t, errs);
        check_endpoints(t, errs);
    }
    for (int i = 0; i < t->arm_count; i++)
        if (t->arms[i].protocol_path != NULL || t->arms[i].untreated == CIT_YES)
            (void)!load_protocol(t, &t->arms[i], errs);
    check_protocols(t, errs);
    if (errs->count + errs->lost > before) {
        const cit_status st = errs->items[before < CIT_ERRORS_MAX ? before : 0].code;
        cit_trial_free(t);
        return st;
    }
    *ret = t;
    return CIT_OK;
}

cit_status cit_trial_load(const char *path, cit_trial **ret, cit_errors *errs) {
    cit_doc *doc = NULL;
    const cit_status st = cit_doc_read(path, &doc, errs);
    return st != CIT_OK ? st : bind_trial(doc, ret, errs);
}

cit_status cit_trial_parse(const char *name, const char *bytes, size_t size, cit_trial **ret,
                           cit_errors *errs) {
    cit_doc *doc = NULL;
    const cit_status st = cit_doc_parse(name, bytes, size, &doc, errs);
    return st != CIT_OK ? st : bind_trial(doc, ret, errs);
}

void cit_trial_free(cit_trial *t) {
    if (t == NULL) return;
    for (int i = 0; i < t->arm_count; i++) cit_protocol_free(t->arms[i].protocol);
    free(t->rows);
    cit_doc_free(t->doc);
    free(t);
}

/* Arms that are compared with the first. */
static int others_of(const cit_trial *t) { return t->arm_count > 1 ? t->arm_count - 1 : 1; }

int cit_trial_comparisons(const cit_trial *t) { return t->endpoint_count * others_of(t); }

const cit_trial_endpoint *cit_trial_endpoint_of(const cit_trial *t, int comparison) {
    return &t->endpoints[comparison / others_of(t)];
}

const cit_trial_arm *cit_trial_arm_of(const cit_trial *t, int comparison) {
    return &t->arms[1 + comparison % others_of(t)];
}
