/* Whatever the bytes: the reader of trials and that of their people neither crash nor waver. Read twice, the
 * same bytes give the same faults, and, where there are none, the same trial. */
#include <cit/trial.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static void check_faults(const cit_errors *errs, cit_status st) {
    must((st == CIT_OK) == (errs->count == 0), "a fault without a status, or the other way round");
    for (int i = 0; i < errs->count; i++) {
        const cit_error *e = &errs->items[i];
        must(e->code == CIT_INVALID, "a fault that is not the input's");
        must(strcmp(e->where, "f") == 0 || strncmp(e->where, "f:", 2) == 0, "a fault elsewhere");
        must(*e->text != 0 && strpbrk(e->text, "\r\n\t") == NULL, "a fault that is not one line");
    }
}

static bool same_faults(const cit_errors *a, const cit_errors *b) {
    if (a->count != b->count || a->lost != b->lost) return false;
    for (int i = 0; i < a->count; i++)
        if (strcmp(a->items[i].where, b->items[i].where) != 0 ||
            strcmp(a->items[i].text, b->items[i].text) != 0)
            return false;
    return true;
}

/* ---- trials -------------------------------------------------------------------------------- */

static bool has_key(const cit_node *node, const char *key) {
    for (const cit_node *n = node->first; n != NULL; n = n->next)
        if ((n->key != NULL && strcmp(n->key, key) == 0) || has_key(n, key)) return true;
    return false;
}

/* A trial that names a protocol would have any file of this machine opened. */
static bool names_files(const char *bytes, size_t size) {
    cit_doc *doc = NULL;
    if (cit_doc_parse("f", bytes, size, &doc, NULL) != CIT_OK) return false;
    const bool names = has_key(cit_doc_root(doc), "protocol");
    cit_doc_free(doc);
    return names;
}

static char *written(const cit_trial *t) {
    char *text = NULL;
    must(cit_table_write(&cit_trial_table, t, 0, CIT_WRITE_UNKNOWN, &text, NULL) == CIT_OK,
         "a trial that cannot be written");
    return text;
}

static void check_trial(const cit_trial *t) {
    must(t->arm_count >= 2 && t->arm_count <= CIT_TRIAL_ARMS_MAX, "too many arms");
    must(t->endpoint_count >= 1 && t->endpoint_count <= CIT_TRIAL_ENDPOINTS_MAX, "endpoints");
    must(t->conduct.people >= 4 && t->conduct.clinics >= 1 && t->conduct.block >= 1, "conduct");
    must(t->conduct.drop_out >= 0 && t->conduct.drop_out < 1, "drop-out");
    must(t->analysis.alpha > 0 && t->analysis.alpha / t->analysis.sides < 0.5, "alpha");
    for (int i = 0; i < cit_trial_comparisons(t); i++)
        must(cit_trial_endpoint_of(t, i)->test > 0 && cit_trial_arm_of(t, i)->protocol != NULL,
             "a comparison of nothing");
    for (int i = 0; i < t->endpoint_count; i++)
        must(cit_known(t->endpoints[i].effect) == cit_trial_states_effects(t),
             "an effect of some endpoints");
}

static void read_trial(const char *bytes, size_t size) {
    cit_errors errs[2] = {0};
    cit_trial *trials[2] = {NULL, NULL};
    cit_status st[2];
    for (int i = 0; i < 2; i++) {
        st[i] = cit_trial_parse("f", bytes, size, &trials[i], &errs[i]);
        check_faults(&errs[i], st[i]);
        must((st[i] == CIT_OK) == (trials[i] != NULL), "a status without a trial");
    }
    must(st[0] == st[1] && same_faults(&errs[0], &errs[1]), "read twice, two outcomes");
    if (st[0] == CIT_OK) {
        char *a = written(trials[0]), *b = written(trials[1]);
        must(strcmp(a, b) == 0, "read twice, two trials");
        check_trial(trials[0]);
        free(a);
        free(b);
    }
    cit_trial_free(trials[0]);
    cit_trial_free(trials[1]);
}

/* ---- people -------------------------------------------------------------------------------- */

static const char people_wanted[] =
    "schema: cit/trial/1\nname: t\ndesign: parallel\npopulation: {people: f}\narms:\n"
    "  - {name: a, untreated: yes}\n  - {name: b, untreated: yes}\n"
    "conduct: {people: 20, rater: {blinded: yes}}\nendpoints:\n"
    "  - {name: s, quantity: goodman_baron_improvement_percent, at: 8 weeks, test: welch}\n";

static void check_row(const cit_trial_kind *k) {
    must(!cit_known(k->age_day) || (k->age_day > 0 && k->age_day <= 121 * CIT_YEAR_DAYS), "age");
    must(k->sex >= 0 && k->sex <= 2 && k->skin_type >= 0 && k->skin_type <= 6, "sex or skin");
    must(k->grade == CIT_UNKNOWN_INT || (k->grade >= 2 && k->grade <= 4), "grade");
    for (int i = 0; i < CIT_SCAR_TYPES; i++)
        must(k->count[i] == CIT_UNKNOWN_INT || (k->count[i] >= 0 && k->count[i] <= 500), "scars");
}

/* The caller's bytes end with a 0 that is not of them. */
static void read_people(const char *bytes, size_t size) {
    cit_trial *t = NULL;
    cit_errors errs[2] = {0};
    must(cit_trial_parse("f", people_wanted, sizeof people_wanted - 1, &t, NULL) == CIT_OK, "own");
    for (int i = 0; i < 2; i++) {
        const cit_status st = cit_trial_take_people(t, "f", bytes, size, &errs[i]);
        check_faults(&errs[i], st);
        if (st != CIT_OK) continue;
        must(t->row_count >= 1 && t->row_count <= CIT_TRIAL_KINDS_MAX, "a number of people");
        for (int k = 0; k < t->row_count; k++) check_row(&t->rows[k]);
    }
    must(same_faults(&errs[0], &errs[1]), "read twice, two outcomes");
    cit_trial_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *bytes = malloc(size + 1);
    must(bytes != NULL, "no memory");
    memcpy(bytes, data, size);
    bytes[size] = 0;
    if (!names_files(bytes, size)) read_trial(bytes, size);
    read_people(bytes, size);
    free(bytes);
    return 0;
}
