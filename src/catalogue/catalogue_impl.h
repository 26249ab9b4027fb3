/* Private to the catalogue room: the field tables of its kinds of file, and their checks. */
#pragma once
#include <cit/catalogue.h>

extern const cit_table cit_device_table, cit_site_table, cit_study_table;
extern const cit_table cit_rule_table, cit_care_table, cit_flag_table, cit_claim_table,
    cit_harm_table, cit_anaesthetic_table, cit_medicine_table, cit_step_table;

/* What a table cannot say about one entry of guidance. */
void check_rule(const cit_doc *doc, const cit_rule *rule, cit_errors *errs);
void check_care(const cit_doc *doc, const cit_care *care, cit_errors *errs);
void check_flag(const cit_doc *doc, const cit_flag *flag, cit_errors *errs);
void check_claim(const cit_doc *doc, const cit_claim *claim, cit_errors *errs);
void check_harm(const cit_doc *doc, const cit_harm *harm, cit_errors *errs);
void check_anaesthetic(const cit_doc *doc, const cit_anaesthetic *anaesthetic, cit_errors *errs);
void check_medicine(const cit_doc *doc, const cit_medicine *medicine, cit_errors *errs);
void check_step(const cit_doc *doc, const cit_step *step, cit_errors *errs);
/* Studies that claims and harms name must be in the catalogue. */
void check_studies_named(const cit_catalogue *catalogue, cit_errors *errs);

/* One file of data/texts/. */
typedef struct cit_language {
    const char *id; /* "en" */
    const cit_node *texts;
} cit_language;
cit_status read_language(cit_doc *doc, cit_language *ret, cit_errors *errs);

/* The posterior of a catalogue; *ret stays as it is where there is no such file. */
cit_status read_posterior(const char *path, cit_posterior **ret, uint64_t *hash, cit_errors *errs);
