/* What people want of needling besides acne scars: field table, checks, and the aim that words mean. */
#include "catalogue_impl.h"
#include <string.h>

const char *const cit_aim_forecast_choices[] = {"no", "depressed-scar", NULL};

static const cit_mark top = {0, 0};

#define A(kind, key, member, ...) kind(cit_aim, key, member, __VA_ARGS__)
static const cit_field aim_fields[] = {
    ID(cit_aim),
    A(TEXT, "name", name, KNOWN, "what it is called"),
    A(TEXTS, "words", words, word_count, CIT_REQUIRED, "words that mean it, lower case"),
    A(CHOICE, "verdict", verdict, KNOWN, cit_claim_verdict_choices, "does needling serve it"),
    A(CHOICE, "forecast", forecast, KNOWN, cit_aim_forecast_choices, "may the model forecast it"),
    A(TEXT, "caution", caution, 0, "what must be said beside a forecast"),
    A(TEXTS, "rules", rules, rule_count, 0, "rules that matter most"),
    A(TEXTS, "studies", studies, study_count, 0, "studies of the catalogue"),
    A(TEXTS, "claims", claims, claim_count, 0, "claims of the catalogue"),
    A(TEXT, "patient", patient, KNOWN, "told to the person"),
    A(TEXT, "clinician", clinician, KNOWN, "told to a professional"),
    A(TEXT, "instead", instead, 0, "what else helps, with its source"),
    GROUNDS(cit_aim),
    {0}};
const cit_table cit_aim_table = {"aim", "cit/aim/1", sizeof(cit_aim), aim_fields, CIT_NO_MARK};

void check_aim(const cit_doc *doc, const cit_aim *a, cit_errors *errs) {
    if (a->word_count == 0) cit_doc_fail(doc, top, errs, "words: without any nobody can mean it");
    check_lower_case(doc, "words", a->words, a->word_count, errs);
    if ((a->forecast == CIT_AIM_DEPRESSED_SCAR) != (a->caution != NULL))
        cit_doc_fail(doc, top, errs, "a forecast and its 'caution' go together");
    check_grounds(doc, &a->grounds, errs);
}

static const cit_aim *aim_with_word(const cit_catalogue *c, const char *word, const cit_aim *end) {
    for (const cit_aim *a = c->aims; a < end; a++)
        for (int i = 0; i < a->word_count; i++)
            if (strcmp(a->words[i], word) == 0) return a;
    return NULL;
}

static void check_aim_named(const cit_catalogue *c, const cit_aim *a, cit_errors *errs) {
    for (int i = 0; i < a->word_count; i++) {
        const cit_aim *other = aim_with_word(c, a->words[i], a);
        if (other != NULL)
            cit_doc_fail(a->doc, top, errs, "words: '%.40s' means '%.40s' already", a->words[i],
                         other->id);
    }
    for (int i = 0; i < a->rule_count; i++)
        need_entry(c, a->doc, top, "rule", a->rules[i], cit_catalogue_rule(c, a->rules[i]),
                   cit_catalogue_near_rule, errs);
    for (int i = 0; i < a->study_count; i++) need_study(c, a->doc, top, a->studies[i], errs);
    for (int i = 0; i < a->claim_count; i++)
        need_entry(c, a->doc, top, "claim", a->claims[i], cit_catalogue_claim(c, a->claims[i]),
                   cit_catalogue_near_claim, errs);
}

void check_aims_named(const cit_catalogue *c, cit_errors *errs) {
    for (int i = 0; i < c->aim_count; i++) check_aim_named(c, &c->aims[i], errs);
}

/* ---- from words to an aim -------------------------------------------------------------------- */

/* Letters of other scripts are letters as well: all of UTF-8 above ASCII. */
static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static int lower(char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; }

static bool starts_with(const char *text, const char *word) {
    for (; *word != 0; text++, word++)
        if (lower(*text) != *word) return false;
    return !is_letter(*text);
}

static bool has_word(const char *text, const char *word) {
    for (const char *c = text; *c != 0; c++)
        if ((c == text || !is_letter(c[-1])) && starts_with(c, word)) return true;
    return false;
}

const cit_aim *cit_aim_meant(const cit_catalogue *catalogue, const char *goal) {
    const cit_aim *meant = NULL;
    size_t longest = 0;
    for (int i = 0; i < catalogue->aim_count; i++)
        for (int j = 0; j < catalogue->aims[i].word_count; j++) {
            const char *word = catalogue->aims[i].words[j];
            if (strlen(word) <= longest || !has_word(goal, word)) continue;
            longest = strlen(word);
            meant = &catalogue->aims[i];
        }
    return meant;
}
