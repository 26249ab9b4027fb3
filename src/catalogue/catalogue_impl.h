/* Private to the catalogue room: the field tables of its kinds of file, how their rows are written, and their
 * checks. */
#pragma once
#include <cit/catalogue.h>

extern const cit_table cit_device_table, cit_site_table, cit_study_table;
extern const cit_table cit_rule_table, cit_care_table, cit_flag_table, cit_claim_table,
    cit_harm_table, cit_anaesthetic_table, cit_medicine_table, cit_step_table;
extern const cit_table cit_adjunct_table, cit_combination_table, cit_aim_table, cit_prices_table;
extern const cit_table cit_solute_table, cit_closure_table, cit_camera_table;
/* Of what entries share: a source of some numbers, a view of the grounds. */
extern const cit_table cit_source_table, cit_view_table;

/* Rows of the field tables: one macro a kind of field. */
#define KNOWN (CIT_REQUIRED | CIT_MUST_KNOW)
#define ID(type)                                                                                   \
    { "id", CIT_ID, offsetof(type, id), 0, KNOWN, NULL, 0, 0, NULL, NULL, "the file's name" }
#define TEXT(type, key, member, flags, meaning)                                                    \
    { key, CIT_TEXT, offsetof(type, member), 0, flags, NULL, 0, 0, NULL, NULL, meaning }
#define TEXTS(type, key, member, count, flags, meaning)                                            \
    {                                                                                              \
        key, CIT_TEXTS, offsetof(type, member), offsetof(type, count), flags, NULL, 0, 0, NULL,    \
            NULL, meaning                                                                          \
    }
#define NUMBER(type, key, member, flags, unit, lo, hi, meaning)                                    \
    { key, CIT_NUMBER, offsetof(type, member), 0, flags, unit, lo, hi, NULL, NULL, meaning }
#define INTEGER(type, key, member, flags, lo, hi, meaning)                                         \
    { key, CIT_INTEGER, offsetof(type, member), 0, flags, "", lo, hi, NULL, NULL, meaning }
#define CHOICE(type, key, member, flags, choices, meaning)                                         \
    { key, CIT_CHOICE, offsetof(type, member), 0, flags, NULL, 0, 0, choices, NULL, meaning }
#define CHOICES(type, key, member, flags, choices, meaning)                                        \
    { key, CIT_CHOICES, offsetof(type, member), 0, flags, NULL, 0, 0, choices, NULL, meaning }
#define LIST(type, key, member, count, flags, table, meaning)                                      \
    {                                                                                              \
        key, CIT_LIST, offsetof(type, member), offsetof(type, count), flags, NULL, 0, 0, NULL,     \
            table, meaning                                                                         \
    }

/* What every entry rests on, as rows of its own map. */
#define GROUNDS_BUT_SOURCE(type)                                                                   \
    CHOICE(type, "grade", grounds.grade, KNOWN, cit_evidence_grade_choices,                        \
           "A paper or regulator, B label or registry, C clinic or lay page, or assumed"),         \
        {"checked", CIT_DATE, offsetof(type, grounds.checked),     0, KNOWN, NULL, 0, 0,           \
         NULL,      NULL,     "when the source was last looked at"},                               \
        LIST(type, "views", grounds.views, grounds.view_count, 0, &cit_view_table,                 \
             "what other sources say"),                                                            \
        TEXT(type, "chosen", grounds.chosen, 0, "why this view was chosen")
#define GROUNDS(type)                                                                              \
    TEXT(type, "source", grounds.source, KNOWN, "a citation, or assumed: why"),                    \
        GROUNDS_BUT_SOURCE(type)

/* What a table cannot say about one entry of guidance. */
void check_rule(const cit_doc *doc, const cit_rule *rule, cit_errors *errs);
void check_care(const cit_doc *doc, const cit_care *care, cit_errors *errs);
void check_flag(const cit_doc *doc, const cit_flag *flag, cit_errors *errs);
void check_claim(const cit_doc *doc, const cit_claim *claim, cit_errors *errs);
void check_harm(const cit_doc *doc, const cit_harm *harm, cit_errors *errs);
void check_anaesthetic(const cit_doc *doc, const cit_anaesthetic *anaesthetic, cit_errors *errs);
void check_medicine(const cit_doc *doc, const cit_medicine *medicine, cit_errors *errs);
void check_step(const cit_doc *doc, const cit_step *step, cit_errors *errs);
void check_adjunct(const cit_doc *doc, const cit_adjunct *adjunct, cit_errors *errs);
void check_combination(const cit_doc *doc, const cit_combination *combination, cit_errors *errs);
void check_aim(const cit_doc *doc, const cit_aim *aim, cit_errors *errs);
void check_prices(const cit_doc *doc, const cit_prices *list, cit_errors *errs);
void check_solute(const cit_doc *doc, const cit_solute *solute, cit_errors *errs);
void check_camera(const cit_doc *doc, const cit_camera *camera, cit_errors *errs);
void check_closure(const cit_doc *doc, const cit_closure *closure, cit_errors *errs);

/* What entries share. */
void check_grounds(const cit_doc *doc, const cit_grounds *grounds, cit_errors *errs);
/* Every known number is spoken for by a source, and every source speaks for a field that exists. */
void check_sources(const cit_doc *doc, const cit_table *table, const void *object,
                   const cit_source *sources, int count, cit_errors *errs);
/* Words that a person's text is searched for are lower case, and none is empty. */
void check_lower_case(const cit_doc *doc, const char *key, const char *const *words, int count,
                      cit_errors *errs);
/* ---- across files: what an entry names must be in the catalogue --------------------------------- */

void need_study(const cit_catalogue *catalogue, const cit_doc *doc, cit_mark mark, const char *id,
                cit_errors *errs);
typedef const char *near_function(const cit_catalogue *catalogue, const char *typed);
/* Any other kind of entry: `found` is what its look-up returned; where it is NULL, `near_to` is asked. */
void need_entry(const cit_catalogue *catalogue, const cit_doc *doc, cit_mark mark, const char *kind,
                const char *id, const void *found, near_function *near_to, cit_errors *errs);
/* The arm of a study, which is in the catalogue and has it; else NULL, and a fault. */
const cit_study_arm *need_arm(const cit_catalogue *catalogue, const cit_doc *doc, cit_mark mark,
                              const char *study, const char *arm, cit_errors *errs);
/* Studies that claims and harms name. */
void check_studies_named(const cit_catalogue *catalogue, cit_errors *errs);
/* What adjuncts, combinations, aims and prices name, and orders that two combinations both name. */
void check_adjuncts_named(const cit_catalogue *catalogue, cit_errors *errs);
void check_combinations_named(const cit_catalogue *catalogue, cit_errors *errs);
void check_aims_named(const cit_catalogue *catalogue, cit_errors *errs);
/* What solutes name, and one usual closure of either kind. */
void check_solutes_named(const cit_catalogue *catalogue, cit_errors *errs);
void check_prices_named(const cit_catalogue *c, const cit_prices *list, cit_errors *errs);

/* One file of data/texts/. */
typedef struct cit_language {
    const char *id; /* "en" */
    const cit_node *texts;
} cit_language;
cit_status read_language(cit_doc *doc, cit_language *ret, cit_errors *errs);

/* The posterior of a catalogue; *ret stays as it is where there is no such file. */
cit_status read_posterior(const char *path, cit_posterior **ret, uint64_t *hash, cit_errors *errs);
