/* The interview: every way to answer every question, what cannot be read, and the case that comes of it. */
#include "input_help.h"
#include <cit/interview.h>

static const char today_text[] = "2026-11-21";

static int today(void) {
    int day = 0;
    CHECK(cit_date_parse(today_text, &day), "no date");
    return day;
}

/* ---- asking ------------------------------------------------------------------------------------- */

typedef struct said {
    const char *id, *text;
} said;

/* Nothing that speaks against needling. */
static const said safe_case[] = {
    {"done_by", "physician"},
    {"zones", "cheek left, temple right"},
    {"skin_now", "none"},
    {"sex", "female"},
    {"expecting", "none"},
    {"isotretinoin", "never"},
    {"blood", "none"},
    {"illness", "none"},
    {"skin_before", "none"},
    {"allergies", "none"},
    {"medicines", "none"},
    {"earlier", "none"},
    {"age", "34"},
    {"skin_type", "II"},
    {"concern", "no"},
    {"expectation", "some improvement"},
    {"weight", "62"},
    {"cause", "acne"},
    {"grade", "3"},
    {"scars", "rolling 5, boxcar 3"},
};
static const said safe_home[] = {
    {"needled", "never"}, {"age", "34"},         {"zones", "cheek left"}, {"skin_now", "none"},
    {"health", "none"},   {"medicines", "none"}, {"earlier", "none"},     {"skin_type", "II"},
};
enum { CASE_QUESTIONS = 20, HOME_QUESTIONS = 8 };

static const char *text_in(const said *list, int count, const char *id) {
    for (int i = 0; i < count; i++)
        if (strcmp(list[i].id, id) == 0) return list[i].text;
    return NULL;
}

static const char *safe_answer(cit_interview_list list, const char *id) {
    const char *text = list == CIT_LIST_CASE ? text_in(safe_case, CASE_QUESTIONS, id)
                                             : text_in(safe_home, HOME_QUESTIONS, id);
    CHECK(text != NULL, "there is a question '%s' that this test does not know", id);
    return text;
}

static cit_interview *begin(cit_interview_list list, const cit_catalogue *catalogue) {
    cit_errors errs = {0};
    cit_interview *v = NULL;
    CHECK(cit_interview_new(list, catalogue, today(), &v, &errs) == CIT_OK && v != NULL, "%s",
          errs.items[0].text);
    return v;
}

static const cit_question *next_question(cit_interview *v) {
    int number = 0, of = 0;
    return cit_interview_next(v, &number, &of);
}

static void give(cit_interview *v, const char *id, const char *text) {
    char why[240] = "";
    const cit_question *q = next_question(v);
    CHECK(q != NULL && strcmp(q->id, id) == 0, "'%s' is asked, not '%s'",
          q != NULL ? q->id : "nothing", id);
    CHECK(cit_interview_answer(v, text, why), "%s, '%s': %s", id, text, why);
}

/* An interview that has come to this question by safe answers. */
static cit_interview *asked(cit_interview_list list, const cit_catalogue *catalogue,
                            const char *id) {
    cit_interview *v = begin(list, catalogue);
    for (const cit_question *q = next_question(v); q != NULL; q = next_question(v)) {
        if (strcmp(q->id, id) == 0) return v;
        give(v, q->id, safe_answer(list, q->id));
    }
    fail_msg("'%s' is not asked", id);
    return v;
}

static void finish(cit_interview *v, cit_interview_list list) {
    for (const cit_question *q = next_question(v); q != NULL; q = next_question(v))
        give(v, q->id, safe_answer(list, q->id));
}

/* All questions: these answers, and `rest` for the others; NULL: the safe ones. */
static cit_interview *interviewed(cit_interview_list list, const cit_catalogue *catalogue,
                                  const said *answers, int count, const char *rest) {
    cit_interview *v = begin(list, catalogue);
    for (const cit_question *q = next_question(v); q != NULL; q = next_question(v)) {
        const char *text = text_in(answers, count, q->id);
        if (text == NULL) text = rest != NULL ? rest : safe_answer(list, q->id);
        give(v, q->id, text);
    }
    return v;
}

static char *written(const cit_interview *v) {
    cit_errors errs = {0};
    char *text = NULL;
    CHECK(cit_interview_write(v, &text, &errs) == CIT_OK && text != NULL, "%s: %s",
          errs.items[0].where, errs.items[0].text);
    return text;
}

static cit_screening *screened(const cit_case *person, const cit_catalogue *catalogue) {
    cit_errors errs = {0};
    cit_screening *s = NULL;
    CHECK(cit_screen(person, NULL, catalogue, today(), &s, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    return s;
}

static cit_clearance verdict_of(const cit_interview *v, const cit_catalogue *catalogue, int who) {
    cit_screening *s = screened(cit_interview_draft(v), catalogue);
    const cit_clearance verdict = cit_screening_verdict(s, -1, who);
    cit_screening_free(s);
    return verdict;
}

/* ---- the lists ------------------------------------------------------------------------------------ */

static void check_list(cit_interview_list list, const cit_catalogue *catalogue, const said *safe,
                       int count, const char *prefix) {
    cit_interview *v = begin(list, catalogue);
    int number = 0, of = 0;
    assert_string_equal(cit_interview_prefix(v), prefix);
    for (int i = 0; i < count; i++) {
        const cit_question *q = cit_interview_next(v, &number, &of);
        const cit_question *listed = cit_interview_question(v, i);
        CHECK(q != NULL && listed != NULL, "%d questions", i);
        assert_string_equal(q->id, safe[i].id);
        assert_string_equal(listed->id, safe[i].id);
        CHECK(listed->kind == q->kind, "%s: two kinds", q->id);
        CHECK(number == i + 1 && of == count, "question %d of %d", number, of);
        CHECK((q->option_count > 0) == (q->options != NULL), "%s: %d options", q->id,
              q->option_count);
        give(v, safe[i].id, safe[i].text);
    }
    CHECK(cit_interview_next(v, &number, &of) == NULL, "there is one more");
    CHECK(cit_interview_question(v, count) == NULL, "one more is listed");
    cit_interview_free(v);
}

static void the_questions_come_in_order_of_danger(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    check_list(CIT_LIST_CASE, catalogue, safe_case, CASE_QUESTIONS, "case");
    check_list(CIT_LIST_HOME, catalogue, safe_home, HOME_QUESTIONS, "home");
    cit_interview_free(NULL);
    cit_catalogue_free(catalogue);
}

/* What a list of questions shows of a question is what is asked. */
static void a_listed_question_has_its_options(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (int list = CIT_LIST_CASE; list <= CIT_LIST_HOME; list++) {
        cit_interview *v = begin((cit_interview_list)list, catalogue);
        int i = 0;
        for (const cit_question *q = next_question(v); q != NULL; q = next_question(v), i++) {
            const cit_question *listed = cit_interview_question(v, i);
            CHECK(listed->option_count == q->option_count, "%s: %d options, %d listed", q->id,
                  q->option_count, listed->option_count);
            give(v, q->id, safe_answer((cit_interview_list)list, q->id));
        }
        cit_interview_free(v);
    }
    cit_catalogue_free(catalogue);
}

static void nothing_is_answered_behind_the_last_question(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    cit_interview *v = interviewed(CIT_LIST_HOME, catalogue, NULL, 0, NULL);
    char why[240] = "";
    (void)state;
    CHECK(!cit_interview_answer(v, "none", why), "one answer more is taken");
    cit_interview_free(v);
    cit_catalogue_free(catalogue);
}

static void a_man_is_not_asked_whether_he_is_pregnant(void **state) {
    static const said man[] = {{"sex", "male"}};
    static const said unsaid[] = {{"sex", "?"}, {"expecting", "?"}};
    cit_catalogue *catalogue = real_catalogue();
    cit_interview *v = asked(CIT_LIST_CASE, catalogue, "sex");
    (void)state;
    give(v, "sex", "male");
    give(v, "isotretinoin", "never");
    CHECK(cit_interview_draft(v)->health.pregnant == CIT_NO &&
              cit_interview_draft(v)->health.nursing == CIT_NO,
          "a man may be pregnant");
    cit_interview_free(v);
    v = interviewed(CIT_LIST_CASE, catalogue, man, 1, NULL);
    CHECK(verdict_of(v, catalogue, CIT_PHYSICIAN) == CIT_CLEARED, "a man is not cleared");
    cit_interview_free(v);
    v = interviewed(CIT_LIST_CASE, catalogue, unsaid, 2, NULL);
    CHECK(cit_interview_draft(v)->health.pregnant == CIT_ANSWER_UNKNOWN, "not asked");
    CHECK(verdict_of(v, catalogue, CIT_PHYSICIAN) == CIT_ASK_FIRST, "cleared unasked");
    cit_interview_free(v);
    cit_catalogue_free(catalogue);
}

/* ---- options ---------------------------------------------------------------------------------------- */

static const cit_table *table_of(const cit_table *table, const char *key) {
    for (const cit_field *f = table->fields; f->key != NULL; f++)
        if (strcmp(f->key, key) == 0) return f->table;
    fail_msg("%s has no '%s'", table->name, key);
    return NULL;
}

static bool find_answer(const cit_table *table, const void *object, const char *key, int *ret) {
    for (const cit_field *f = table->fields; f->key != NULL; f++)
        if (strcmp(f->key, key) == 0 && f->kind == CIT_CHOICE) {
            memcpy(ret, (const char *)object + f->offset, sizeof *ret);
            return true;
        }
    return false;
}

/* The answer to a question of health or of the zones, which all have the same. */
static int answer_to(const cit_case *c, const char *key) {
    int answer = -1, other = -1;
    if (find_answer(table_of(&cit_case_table, "health"), &c->health, key, &answer)) return answer;
    if (find_answer(&cit_case_table, c, key, &answer)) return answer;
    for (int i = 0; i < c->zone_count; i++) {
        CHECK(find_answer(table_of(&cit_case_table, "zones"), &c->zones[i], key, &other),
              "there is no field '%s'", key);
        CHECK(i == 0 || other == answer, "%s differs between zones", key);
        answer = other;
    }
    return answer;
}

/* What each option stands for: the first is answered yes, the rest is then open. */
static const struct {
    cit_interview_list list;
    const char *question, *option, *keys[4];
} meanings[] = {
    {CIT_LIST_CASE, "skin_now", "inflamed_acne", {"inflamed_acne"}},
    {CIT_LIST_CASE, "skin_now", "infection", {"infection"}},
    {CIT_LIST_CASE, "skin_now", "cold_sore", {"cold_sore"}},
    {CIT_LIST_CASE, "skin_now", "open_wound", {"open_wound"}},
    {CIT_LIST_CASE, "skin_now", "sunburn", {"sunburn"}},
    {CIT_LIST_CASE, "skin_now", "inflamed_skin", {"inflamed_skin"}},
    {CIT_LIST_CASE, "skin_now", "skin_cancer", {"skin_cancer"}},
    {CIT_LIST_CASE, "skin_now", "keratosis", {"keratosis"}},
    {CIT_LIST_CASE, "skin_now", "raised_lesion", {"raised_lesion"}},
    {CIT_LIST_CASE, "expecting", "pregnant", {"pregnant"}},
    {CIT_LIST_CASE, "expecting", "nursing", {"nursing"}},
    {CIT_LIST_CASE, "blood", "bleeding_disorder", {"bleeding_disorder"}},
    {CIT_LIST_CASE, "blood", "anticoagulant", {"anticoagulant"}},
    {CIT_LIST_CASE, "blood", "immunosuppressed", {"immunosuppressed"}},
    {CIT_LIST_CASE, "blood", "steroids", {"steroids"}},
    {CIT_LIST_CASE, "blood", "chemotherapy", {"chemotherapy"}},
    {CIT_LIST_CASE, "illness", "keloid_tendency", {"keloid_tendency"}},
    {CIT_LIST_CASE, "illness", "collagen_disease", {"collagen_disease"}},
    {CIT_LIST_CASE, "illness", "radiotherapy", {"radiotherapy"}},
    {CIT_LIST_CASE, "illness", "diabetes", {"diabetes"}},
    {CIT_LIST_CASE, "illness", "heart_disease", {"heart_disease"}},
    {CIT_LIST_CASE, "illness", "methaemoglobinaemia", {"methaemoglobinaemia"}},
    {CIT_LIST_CASE, "skin_before", "cold_sores", {"cold_sores"}},
    {CIT_LIST_CASE, "skin_before", "eczema", {"eczema"}},
    {CIT_LIST_CASE, "skin_before", "psoriasis", {"psoriasis"}},
    {CIT_LIST_CASE, "skin_before", "rosacea", {"rosacea"}},
    {CIT_LIST_CASE, "skin_before", "sensitive_skin", {"sensitive_skin"}},
    {CIT_LIST_CASE, "skin_before", "dark_marks", {"dark_marks"}},
    {CIT_LIST_CASE, "skin_before", "tan", {"tan"}},
    {CIT_LIST_CASE, "allergies", "metal_allergy", {"metal_allergy"}},
    {CIT_LIST_CASE, "allergies", "anaesthetic_allergy", {"anaesthetic_allergy"}},
    {CIT_LIST_CASE, "allergies", "amide_allergy", {"amide_allergy"}},
    {CIT_LIST_CASE, "allergies", "ester_allergy", {"ester_allergy"}},
    {CIT_LIST_HOME, "skin_now", "inflamed_acne", {"inflamed_acne"}},
    {CIT_LIST_HOME, "skin_now", "infection", {"infection", "cold_sore"}},
    {CIT_LIST_HOME, "skin_now", "open_wound", {"open_wound"}},
    {CIT_LIST_HOME, "skin_now", "sunburn", {"sunburn"}},
    {CIT_LIST_HOME, "skin_now", "tan", {"tan"}},
    {CIT_LIST_HOME, "skin_now", "inflamed_skin", {"inflamed_skin"}},
    {CIT_LIST_HOME, "skin_now", "growth", {"skin_cancer", "keratosis", "raised_lesion"}},
    {CIT_LIST_HOME, "health", "pregnant", {"pregnant", "nursing"}},
    {CIT_LIST_HOME, "health", "blood", {"bleeding_disorder", "anticoagulant"}},
    {CIT_LIST_HOME,
     "health",
     "defence",
     {"immunosuppressed", "steroids", "chemotherapy", "radiotherapy"}},
    {CIT_LIST_HOME, "health", "diabetes", {"diabetes"}},
    {CIT_LIST_HOME, "health", "heart_disease", {"heart_disease", "methaemoglobinaemia"}},
    {CIT_LIST_HOME, "health", "keloid_tendency", {"keloid_tendency", "collagen_disease"}},
    {CIT_LIST_HOME, "health", "skin_illness", {"eczema", "psoriasis", "rosacea"}},
    {CIT_LIST_HOME, "health", "cold_sores", {"cold_sores"}},
    {CIT_LIST_HOME,
     "health",
     "allergy",
     {"metal_allergy", "anaesthetic_allergy", "amide_allergy", "ester_allergy"}},
    {CIT_LIST_HOME, "health", "marks", {"dark_marks", "sensitive_skin"}},
    {CIT_LIST_HOME, "health", "concern", {"dysmorphic_concern"}},
    {CIT_LIST_HOME, "health", "complete", {"expectation"}},
};
enum { MEANINGS = sizeof meanings / sizeof *meanings };

/* "complete removal" is the third expectation; the first, "some improvement", is where others say no. */
static int yes_of(const char *key) { return strcmp(key, "expectation") == 0 ? 3 : CIT_YES; }

/* Of all options of the question, those in `chosen` are yes, and the others as `others` says. */
static void check_options(const cit_interview *v, cit_interview_list list, const char *question,
                          const char *chosen, cit_answer others) {
    const cit_case *c = cit_interview_draft(v);
    for (int i = 0; i < MEANINGS; i++) {
        if (meanings[i].list != list || strcmp(meanings[i].question, question) != 0) continue;
        const bool picked = strstr(chosen, meanings[i].option) != NULL;
        for (int k = 0; k < 4 && meanings[i].keys[k] != NULL; k++) {
            const char *key = meanings[i].keys[k];
            int want = others == CIT_NO ? CIT_NO : 0;
            if (picked) want = k == 0 ? yes_of(key) : 0;
            CHECK(answer_to(c, key) == want, "%s, '%s': %s is %d, not %d", question, chosen, key,
                  answer_to(c, key), want);
        }
    }
}

static void pick_one(const cit_catalogue *catalogue, int meaning, const char *spelt) {
    const cit_interview_list list = meanings[meaning].list;
    cit_interview *v = asked(list, catalogue, meanings[meaning].question);
    give(v, meanings[meaning].question, spelt);
    check_options(v, list, meanings[meaning].question, meanings[meaning].option, CIT_NO);
    cit_interview_free(v);
}

static int place_of(const cit_question *q, const char *option) {
    for (int i = 0; i < q->option_count; i++)
        if (strcmp(q->options[i], option) == 0) return i;
    fail_msg("%s has no option '%s'", q->id, option);
    return -1;
}

static void upper_case(const char *text, char ret[80]) {
    size_t i = 0;
    for (; text[i] != 0 && i < 79; i++)
        ret[i] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 32 : text[i]);
    ret[i] = 0;
}

/* By letter, number and name, in both cases, between blanks. */
static void each_option_may_be_picked_alone_in_every_spelling(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (int i = 0; i < MEANINGS; i++) {
        char spelt[80];
        cit_interview *v = asked(meanings[i].list, catalogue, meanings[i].question);
        const int place = place_of(next_question(v), meanings[i].option);
        cit_interview_free(v);
        snprintf(spelt, sizeof spelt, "%c", 'a' + place);
        pick_one(catalogue, i, spelt);
        snprintf(spelt, sizeof spelt, " %c ", 'A' + place);
        pick_one(catalogue, i, spelt);
        snprintf(spelt, sizeof spelt, "%d", place + 1);
        pick_one(catalogue, i, spelt);
        pick_one(catalogue, i, meanings[i].option);
        upper_case(meanings[i].option, spelt);
        pick_one(catalogue, i, spelt);
    }
    cit_catalogue_free(catalogue);
}

static void every_option_has_a_meaning_here(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    int options = 0;
    (void)state;
    for (int list = CIT_LIST_CASE; list <= CIT_LIST_HOME; list++) {
        cit_interview *v = begin((cit_interview_list)list, catalogue);
        for (const cit_question *q = next_question(v); q != NULL; q = next_question(v)) {
            if (q->kind == CIT_Q_SOME) options += q->option_count;
            give(v, q->id, safe_answer((cit_interview_list)list, q->id));
        }
        cit_interview_free(v);
    }
    CHECK(options == MEANINGS, "%d options, %d meanings", options, MEANINGS);
    cit_catalogue_free(catalogue);
}

static const struct {
    cit_interview_list list;
    const char *question, *text, *chosen;
    cit_answer others;
} mixtures[] = {
    {CIT_LIST_CASE, "blood", "none", "", CIT_NO},
    {CIT_LIST_CASE, "blood", "NONE", "", CIT_NO},
    {CIT_LIST_CASE, "blood", "no", "", CIT_NO},
    {CIT_LIST_CASE, "blood", "-", "", CIT_NO},
    {CIT_LIST_CASE, "blood", "0", "", CIT_NO},
    {CIT_LIST_CASE, "blood", "?", "", CIT_ANSWER_UNKNOWN},
    {CIT_LIST_CASE, "blood", "unknown", "", CIT_ANSWER_UNKNOWN},
    {CIT_LIST_CASE, "blood", "a ?", "bleeding_disorder", CIT_ANSWER_UNKNOWN},
    {CIT_LIST_CASE, "blood", "?, steroids", "steroids", CIT_ANSWER_UNKNOWN},
    {CIT_LIST_CASE, "blood", "none ?", "", CIT_ANSWER_UNKNOWN},
    {CIT_LIST_CASE, "blood", "a b", "bleeding_disorder anticoagulant", CIT_NO},
    {CIT_LIST_CASE, "blood", "a, b;e", "bleeding_disorder anticoagulant chemotherapy", CIT_NO},
    {CIT_LIST_CASE, "blood", "2\t4", "anticoagulant steroids", CIT_NO},
    {CIT_LIST_CASE, "blood", "a a A 1", "bleeding_disorder", CIT_NO},
    {CIT_LIST_CASE, "blood", "none, c", NULL, CIT_NO},
    {CIT_LIST_CASE, "blood", "Steroids and", NULL, CIT_NO},
    {CIT_LIST_CASE, "blood", "f", NULL, CIT_NO},
    {CIT_LIST_CASE, "blood", "6", NULL, CIT_NO},
    {CIT_LIST_CASE, "blood", "ab", NULL, CIT_NO},
    {CIT_LIST_HOME, "health", "a b c d e f g h i j k l",
     "pregnant blood defence diabetes heart_disease keloid_tendency skin_illness cold_sores "
     "allergy marks concern complete",
     CIT_NO},
    {CIT_LIST_HOME, "skin_now", "?", "", CIT_ANSWER_UNKNOWN},
    {CIT_LIST_HOME, "health", "complete, ?", "complete", CIT_ANSWER_UNKNOWN},
};

static void options_may_be_mixed(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof mixtures / sizeof *mixtures; i++) {
        char why[240] = "";
        cit_interview *v = asked(mixtures[i].list, catalogue, mixtures[i].question);
        const bool read = cit_interview_answer(v, mixtures[i].text, why);
        CHECK(read == (mixtures[i].chosen != NULL), "'%s': read %d: %s", mixtures[i].text, read,
              why);
        if (read)
            check_options(v, mixtures[i].list, mixtures[i].question, mixtures[i].chosen,
                          mixtures[i].others);
        cit_interview_free(v);
    }
    cit_catalogue_free(catalogue);
}

/* ---- one of several ---------------------------------------------------------------------------------- */

static const struct {
    const char *question, *text;
    int want; /* 0: unknown */
} choices[] = {
    {"done_by", "home", CIT_HOME},
    {"done_by", "b", CIT_AESTHETICIAN},
    {"done_by", "3", CIT_PHYSICIAN},
    {"done_by", "PHYSICIAN", CIT_PHYSICIAN},
    {"done_by", "?", 0},
    {"sex", "a", CIT_FEMALE},
    {"sex", "Male", CIT_MALE},
    {"sex", "unknown", 0},
    {"skin_type", "I", 1},
    {"skin_type", "iv", 4},
    {"skin_type", "4", 4},
    {"skin_type", "d", 4},
    {"skin_type", "VI", 6},
    {"skin_type", "6", 6},
    {"skin_type", "f", 6},
    {"skin_type", "v", 5},
    {"skin_type", "?", 0},
    {"concern", "no", CIT_NO},
    {"concern", "n", CIT_NO},
    {"concern", "a", CIT_NO},
    {"concern", "yes", CIT_YES},
    {"concern", "Y", CIT_YES},
    {"concern", "b", CIT_YES},
    {"concern", "2", CIT_YES},
    {"concern", "?", 0},
    {"expectation", "Complete removal", 3},
    {"expectation", "c", 3},
    {"expectation", "clear improvement", 2},
    {"expectation", "1", 1},
    {"expectation", "?", 0},
    {"cause", "chickenpox", 2},
    {"cause", "d", 4},
    {"cause", "?", 0},
};

static int choice_of(const cit_case *c, const char *question) {
    const struct {
        const char *question;
        int value;
    } fields[] = {{"done_by", c->done_by},         {"sex", c->sex},
                  {"skin_type", c->skin_type},     {"concern", c->health.dysmorphic_concern},
                  {"expectation", c->expectation}, {"cause", c->cause}};
    for (int i = 0; i < 6; i++)
        if (strcmp(fields[i].question, question) == 0) return fields[i].value;
    fail_msg("'%s'", question);
    return -1;
}

static void one_option_is_picked_by_letter_number_or_name(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        cit_interview *v = asked(CIT_LIST_CASE, catalogue, choices[i].question);
        give(v, choices[i].question, choices[i].text);
        const int got = choice_of(cit_interview_draft(v), choices[i].question);
        CHECK(got == choices[i].want, "%s, '%s': %d, not %d", choices[i].question, choices[i].text,
              got, choices[i].want);
        cit_interview_free(v);
    }
    cit_catalogue_free(catalogue);
}

/* ---- numbers ----------------------------------------------------------------------------------------- */

#define NOBODY CIT_UNKNOWN_NUMBER
static const struct {
    const char *question, *text;
    double want; /* NOBODY: unknown */
} numbers[] = {
    {"age", "34", 34 * CIT_YEAR_DAYS},
    {"age", " 34 years ", 34 * CIT_YEAR_DAYS},
    {"age", "17.5", 17.5 * CIT_YEAR_DAYS},
    {"age", "216 months", 18 * CIT_YEAR_DAYS},
    {"age", "119", 119 * CIT_YEAR_DAYS},
    {"age", "?", NOBODY},
    {"weight", "62", 62},
    {"weight", "62.5 kg", 62.5},
    {"weight", "62000 g", 62},
    {"weight", "400", 400},
    {"weight", "unknown", NOBODY},
    {"grade", "0", 0},
    {"grade", "4", 4},
    {"grade", "?", NOBODY},
};

static double number_of(const cit_case *c, const char *question) {
    if (strcmp(question, "age") == 0) return c->age_day;
    if (strcmp(question, "weight") == 0) return c->weight_kg;
    return c->assessment.grade == CIT_UNKNOWN_INT ? (double)NAN : c->assessment.grade;
}

static void a_number_needs_no_unit_but_may_have_one(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        cit_interview *v = asked(CIT_LIST_CASE, catalogue, numbers[i].question);
        give(v, numbers[i].question, numbers[i].text);
        const double got = number_of(cit_interview_draft(v), numbers[i].question);
        CHECK(cit_known(numbers[i].want) ? fabs(got - numbers[i].want) < 1e-9 : !cit_known(got),
              "%s, '%s': %.17g", numbers[i].question, numbers[i].text, got);
        cit_interview_free(v);
    }
    cit_catalogue_free(catalogue);
}

/* ---- places -------------------------------------------------------------------------------------------- */

static const struct {
    const char *text, *zones;
} places[] = {
    {"cheek", "cheek:unknown"},
    {"cheek left", "cheek:left"},
    {"left cheek", "cheek:left"},
    {"Left Cheek", "cheek:left"},
    {"cheeks", "cheek:both"},
    {"both cheeks", "cheek:both"},
    {"cheeks both", "cheek:both"},
    {"left cheeks", "cheek:left"},
    {"forehead midline", "forehead:midline"},
    {"lips", "lips:unknown"},
    {"upper back", "upper-back:unknown"},
    {"upper-back", "upper-back:unknown"},
    {"upper arm left", "upper-arm:left"},
    {"right upper arm", "upper-arm:right"},
    {"cheek left, cheek right", "cheek:left cheek:right"},
    {"cheek left; temple both,nose", "cheek:left temple:both nose:unknown"},
    {" , cheek left,, ", "cheek:left"},
    {"cheeks, temples, forehead", "cheek:both temple:both forehead:unknown"},
};

static void zones_text(const cit_case *c, char text[300]) {
    size_t used = 0;
    text[0] = 0;
    for (int i = 0; i < c->zone_count && used < 250; i++)
        used += (size_t)snprintf(text + used, 300 - used, "%s%s:%s", i ? " " : "", c->zones[i].site,
                                 cit_choice_name(cit_side_choices, c->zones[i].side));
}

static void places_are_read_with_their_side_at_either_end(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char got[300];
        cit_interview *v = asked(CIT_LIST_CASE, catalogue, "zones");
        give(v, "zones", places[i].text);
        zones_text(cit_interview_draft(v), got);
        CHECK(strcmp(got, places[i].zones) == 0, "'%s' is %s, not %s", places[i].text, got,
              places[i].zones);
        cit_interview_free(v);
    }
    cit_catalogue_free(catalogue);
}

static void every_site_is_read_by_its_id(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (int i = 0; i < catalogue->site_count; i++) {
        char text[100];
        cit_interview *v = asked(CIT_LIST_HOME, catalogue, "zones");
        snprintf(text, sizeof text, "right %s", catalogue->sites[i].id);
        give(v, "zones", text);
        const cit_zone *zone = &cit_interview_draft(v)->zones[0];
        CHECK(strcmp(zone->site, catalogue->sites[i].id) == 0 && zone->side == CIT_RIGHT, "'%s'",
              text);
        cit_interview_free(v);
    }
    cit_catalogue_free(catalogue);
}

/* ---- treatments, dates ------------------------------------------------------------------------------------ */

static const struct {
    const char *text, *earlier; /* what and how many days ago; NULL: not asked */
} treatments[] = {
    {"none", ""},
    {"never", ""},
    {"?", NULL},
    {"laser 2026-11-01", "laser:20"},
    {"Laser: 2026-11-21", "laser:0"},
    {"laser today", "laser:0"},
    {"laser yesterday", "laser:1"},
    {"laser 3 weeks ago", "laser:21"},
    {"laser 3 weeks", "laser:21"},
    {"laser 3 weeks AGO", "laser:21"},
    {"laser 1 day ago", "laser:1"},
    {"laser 36 hours ago", "laser:1"},
    {"laser 6 months ago", "laser:182"},
    {"laser 1 year ago", "laser:365"},
    {"laser 0 days ago", "laser:0"},
    {"laser", "laser:?"},
    {"laser ?", "laser:?"},
    {"laser unknown", "laser:?"},
    {"needling 2026-10-01, peel 2 weeks ago", "needling:51 peel:14"},
    {"radiofrequency needling 2026-10-01", "radiofrequency needling:51"},
    {"rf 2 weeks ago", "radiofrequency needling:14"},
    {"microneedling 2 weeks ago", "needling:14"},
    {"dermaroller 2 weeks ago", "needling:14"},
    {"dermabrasion 2 weeks ago", "dermabrasion:14"},
    {"botox 2 weeks ago; toxin 1 day ago", "botulinum toxin:14 botulinum toxin:1"},
    {"Botulinum Toxin 2 weeks ago", "botulinum toxin:14"},
    {"tca cross 2 weeks ago, cross 1 week ago", "TCA CROSS:14 TCA CROSS:7"},
    {"filler 2 weeks ago, subcision ?, punch 1 year ago, surgery, other 2 years ago",
     "filler:14 subcision:? punch:365 surgery:? other:730"},
    {"laser 2 weeks ago, laser 2026-11-20", "laser:14 laser:1"},
};

static void earlier_text(const cit_case *c, char text[400]) {
    size_t used = 0;
    text[0] = 0;
    for (int i = 0; i < c->earlier_count && used < 350; i++) {
        const cit_earlier *e = &c->earlier[i];
        used += (size_t)snprintf(text + used, 400 - used, "%s%s:", i ? " " : "",
                                 cit_choice_name(cit_treatment_choices, e->what));
        if (e->date == CIT_UNKNOWN_INT)
            used += (size_t)snprintf(text + used, 400 - used, "?");
        else
            used += (size_t)snprintf(text + used, 400 - used, "%d", today() - e->date);
    }
}

static void treatments_are_read_with_their_dates(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof treatments / sizeof *treatments; i++) {
        char got[400];
        cit_interview *v = asked(CIT_LIST_CASE, catalogue, "earlier");
        give(v, "earlier", treatments[i].text);
        const cit_case *c = cit_interview_draft(v);
        CHECK((c->earlier == NULL) == (treatments[i].earlier == NULL), "'%s': asked %d",
              treatments[i].text, c->earlier != NULL);
        earlier_text(c, got);
        const char *want = treatments[i].earlier != NULL ? treatments[i].earlier : "";
        CHECK(strcmp(got, want) == 0, "'%s' is '%s', not '%s'", treatments[i].text, got, want);
        cit_interview_free(v);
    }
    cit_catalogue_free(catalogue);
}

static const struct {
    const char *text;
    int now, past, days_ago; /* -1: no date */
} courses[] = {
    {"never", CIT_NO, CIT_NO, -1},
    {"none", CIT_NO, CIT_NO, -1},
    {"no", CIT_NO, CIT_NO, -1},
    {"now", CIT_YES, 0, -1},
    {"yes", CIT_YES, 0, -1},
    {"Now", CIT_YES, 0, -1},
    {"?", 0, 0, -1},
    {"2026-11-01", CIT_NO, CIT_YES, 20},
    {"2024-02-29", CIT_NO, CIT_YES, 996},
    {"3 months ago", CIT_NO, CIT_YES, 91},
    {"6 months", CIT_NO, CIT_YES, 182},
    {"yesterday", CIT_NO, CIT_YES, 1},
    {"today", CIT_NO, CIT_YES, 0},
};

static void isotretinoin_was_never_is_now_or_was_stopped(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof courses / sizeof *courses; i++) {
        cit_interview *v = asked(CIT_LIST_CASE, catalogue, "isotretinoin");
        give(v, "isotretinoin", courses[i].text);
        const cit_health *h = &cit_interview_draft(v)->health;
        const int stopped =
            courses[i].days_ago < 0 ? CIT_UNKNOWN_INT : today() - courses[i].days_ago;
        CHECK(h->isotretinoin == courses[i].now && h->isotretinoin_past == courses[i].past &&
                  h->isotretinoin_stopped == stopped,
              "'%s': now %d, past %d, stopped %d", courses[i].text, h->isotretinoin,
              h->isotretinoin_past, h->isotretinoin_stopped);
        cit_interview_free(v);
    }
    cit_catalogue_free(catalogue);
}

static void who_has_needled_themselves_says_when(void **state) {
    static const struct {
        const char *text;
        int days_ago; /* -1: never */
    } rows[] = {{"never", -1},     {"no", -1},         {"today", 0},        {"yesterday", 1},
                {"3 days ago", 3}, {"2026-11-01", 20}, {"2 months ago", 60}};
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cit_interview *v = begin(CIT_LIST_HOME, catalogue);
        give(v, "needled", rows[i].text);
        const int want = rows[i].days_ago < 0 ? CIT_UNKNOWN_INT : today() - rows[i].days_ago;
        CHECK(cit_interview_needled_day(v) == want, "'%s': day %d", rows[i].text,
              cit_interview_needled_day(v));
        finish(v, CIT_LIST_HOME);
        const cit_case *c = cit_interview_draft(v);
        CHECK(c->earlier_count == (rows[i].days_ago >= 0) && c->earlier != NULL,
              "'%s': %d treatments", rows[i].text, c->earlier_count);
        CHECK(c->earlier_count == 0 ||
                  (c->earlier[0].what == CIT_HAD_NEEDLING && c->earlier[0].date == want),
              "'%s' is not among the treatments", rows[i].text);
        const cit_clearance verdict = verdict_of(v, catalogue, CIT_HOME);
        CHECK(verdict ==
                  (rows[i].days_ago >= 0 && rows[i].days_ago < 28 ? CIT_FORBIDDEN : CIT_CLEARED),
              "'%s': %d", rows[i].text, verdict);
        cit_interview_free(v);
    }
    cit_catalogue_free(catalogue);
}

/* The first answer is a fact from then on, whatever is said of other treatments. */
static void what_was_needled_at_home_is_known_at_once(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    cit_interview *v = begin(CIT_LIST_HOME, catalogue);
    (void)state;
    give(v, "needled", "3 days ago");
    const cit_case *c = cit_interview_draft(v);
    CHECK(c->earlier_count == 0 || c->earlier != NULL, "%d treatments in a list that is not there",
          c->earlier_count);
    CHECK(verdict_of(v, catalogue, CIT_HOME) == CIT_FORBIDDEN, "not refused at once");
    char *text = written(v);
    cit_case *again = case_of(text);
    CHECK(again->earlier_count >= 1 && again->earlier[0].what == CIT_HAD_NEEDLING &&
              again->earlier[0].date == today() - 3,
          "it is not written");
    cit_case_free(again);
    free(text);
    cit_interview_free(v);
    cit_catalogue_free(catalogue);
}

/* Not to know of lasers and fillers is the same for those who needled themselves long ago and those who
 * never did. */
static void unknown_treatments_stay_unknown_after_needling_at_home(void **state) {
    static const said answers[][2] = {{{"needled", "never"}, {"earlier", "?"}},
                                      {{"needled", "2 years ago"}, {"earlier", "?"}}};
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (int i = 0; i < 2; i++) {
        cit_interview *v = interviewed(CIT_LIST_HOME, catalogue, answers[i], 2, NULL);
        CHECK(verdict_of(v, catalogue, CIT_HOME) == CIT_ASK_FIRST, "needled %s, the rest '?': %d",
              answers[i][0].text, verdict_of(v, catalogue, CIT_HOME));
        cit_interview_free(v);
    }
    cit_catalogue_free(catalogue);
}

/* ---- names, scars ---------------------------------------------------------------------------------------- */

static void medicines_are_read_by_name(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    cit_interview *v = asked(CIT_LIST_CASE, catalogue, "medicines");
    (void)state;
    give(v, "medicines", " Ibuprofen 400 mg, Yasmin;zinc , ,");
    const cit_case *c = cit_interview_draft(v);
    CHECK(c->medication_count == 3, "%d medicines", c->medication_count);
    assert_string_equal(c->medication[0], "Ibuprofen 400 mg");
    assert_string_equal(c->medication[1], "Yasmin");
    assert_string_equal(c->medication[2], "zinc");
    cit_interview_free(v);
    v = asked(CIT_LIST_CASE, catalogue, "medicines");
    give(v, "medicines", "none");
    c = cit_interview_draft(v);
    CHECK(c->medication != NULL && c->medication_count == 0, "none is %d", c->medication_count);
    cit_interview_free(v);
    v = asked(CIT_LIST_CASE, catalogue, "medicines");
    give(v, "medicines", "?");
    CHECK(cit_interview_draft(v)->medication == NULL, "nobody knows, but there is a list");
    cit_interview_free(v);
    cit_catalogue_free(catalogue);
}

/* At home isotretinoin is asked by the list of medicines alone. */
static void isotretinoin_at_home_is_among_the_medicines(void **state) {
    static const struct {
        const char *text;
        int now, past;
        cit_clearance verdict;
    } rows[] = {{"none", CIT_NO, CIT_NO, CIT_CLEARED},
                {"ibuprofen", CIT_NO, CIT_NO, CIT_CLEARED},
                {"ibuprofen, Roaccutane", CIT_YES, 0, CIT_FORBIDDEN},
                {"?", 0, 0, CIT_ASK_FIRST},
                {"zzyzx", CIT_NO, CIT_NO, CIT_ASK_FIRST}};
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const said answer = {"medicines", rows[i].text};
        cit_interview *v = interviewed(CIT_LIST_HOME, catalogue, &answer, 1, NULL);
        const cit_health *h = &cit_interview_draft(v)->health;
        CHECK(h->isotretinoin == rows[i].now && h->isotretinoin_past == rows[i].past,
              "'%s': now %d, past %d", rows[i].text, h->isotretinoin, h->isotretinoin_past);
        CHECK(verdict_of(v, catalogue, CIT_HOME) == rows[i].verdict, "'%s': %d", rows[i].text,
              verdict_of(v, catalogue, CIT_HOME));
        cit_interview_free(v);
    }
    cit_catalogue_free(catalogue);
}

static void scars_are_those_of_the_first_place(void **state) {
    static const struct {
        const char *text;
        int groups, types[3], counts[3]; /* groups -1: not counted */
    } rows[] = {
        {"rolling 5, boxcar 3", 2, {CIT_ROLLING, CIT_BOXCAR}, {5, 3}},
        {"Ice-pick 12", 1, {CIT_ICE_PICK}, {12}},
        {"ice-pick ?, rolling: 0; boxcar",
         3,
         {CIT_ICE_PICK, CIT_ROLLING, CIT_BOXCAR},
         {CIT_UNKNOWN_INT, 0, CIT_UNKNOWN_INT}},
        {"boxcar 500", 1, {CIT_BOXCAR}, {500}},
        {"none", 0, {0}, {0}},
        {"?", -1, {0}, {0}},
    };
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cit_interview *v = asked(CIT_LIST_CASE, catalogue, "scars");
        give(v, "scars", rows[i].text);
        const cit_zone *z = cit_interview_draft(v)->zones;
        CHECK((z[0].scars == NULL) == (rows[i].groups < 0), "'%s': counted %d", rows[i].text,
              z[0].scars != NULL);
        CHECK(z[0].scar_group_count == (rows[i].groups < 0 ? 0 : rows[i].groups), "'%s': %d groups",
              rows[i].text, z[0].scar_group_count);
        for (int k = 0; k < z[0].scar_group_count; k++)
            CHECK(z[0].scars[k].type == rows[i].types[k] &&
                      z[0].scars[k].count == rows[i].counts[k],
                  "'%s': group %d is %d of %d", rows[i].text, k, z[0].scars[k].count,
                  z[0].scars[k].type);
        CHECK(z[1].scars == NULL, "the second place was counted");
        cit_interview_free(v);
    }
    cit_catalogue_free(catalogue);
}

/* ---- what cannot be read ------------------------------------------------------------------------------------ */

static const struct {
    cit_interview_list list;
    const char *question, *text, *says;
} bad_answers[] = {
    {CIT_LIST_CASE, "done_by", "", "an answer is needed; ? if nobody knows"},
    {CIT_LIST_CASE, "done_by", "   \t", "an answer is needed"},
    {CIT_LIST_CASE, "done_by", "nurse", "'nurse' is none of: a home, b aesthetician, c physician"},
    {CIT_LIST_CASE, "done_by", "d", "'d' is none of: a home"},
    {CIT_LIST_CASE, "done_by", "4", "'4' is none of"},
    {CIT_LIST_CASE, "done_by", "0", "'0' is none of"},
    {CIT_LIST_CASE, "zones", "?", "at least one place is needed, for example: cheek left"},
    {CIT_LIST_CASE, "zones", "none", "at least one place is needed"},
    {CIT_LIST_CASE, "zones", ",", "at least one place is needed"},
    {CIT_LIST_CASE, "zones", "cheak", "'cheak' is no place we know; did you mean 'cheek'?"},
    {CIT_LIST_CASE, "zones", "xyzzyx", "'xyzzyx' is no place we know; for example: cheek left"},
    {CIT_LIST_CASE, "zones", "cheek middle", "'cheek middle' is no place we know"},
    {CIT_LIST_CASE, "zones", "left", "'left' is no place we know"},
    {CIT_LIST_CASE, "zones", "cheek, cheek", "'cheek' is there twice; give each its side"},
    {CIT_LIST_CASE, "zones", "cheek left, left cheek", "'cheek' is there twice"},
    {CIT_LIST_CASE, "zones", "cheeks, cheek right", "'cheek' is there twice"},
    {CIT_LIST_CASE, "zones", "cheek left, cheek", "'cheek' is there twice"},
    {CIT_LIST_CASE, "zones", "nose, cheek left, noze", "'noze' is no place we know; did you mean"},
    {CIT_LIST_CASE, "skin_now", "z", "'z' is none of: a inflamed_acne, b infection"},
    {CIT_LIST_CASE, "skin_now", "a, spots", "'spots' is none of"},
    {CIT_LIST_CASE, "sex", "x", "'x' is none of: a female, b male; or ?"},
    {CIT_LIST_CASE, "isotretinoin", "2027-01-01", "2027-01-01 lies ahead; when was it?"},
    {CIT_LIST_CASE, "isotretinoin", "2026-11-22", "2026-11-22 lies ahead"},
    {CIT_LIST_CASE, "isotretinoin", "long ago", "'long ago' is not a time; write a date such as"},
    {CIT_LIST_CASE, "isotretinoin", "2026-02-30", "'2026-02-30' is not a time"},
    {CIT_LIST_CASE, "isotretinoin", "3", "'3' is not a time"},
    {CIT_LIST_CASE, "isotretinoin", "-3 weeks", "'-3 weeks' is not a time"},
    {CIT_LIST_CASE, "isotretinoin", "200 years ago", "'200 years ago' is not a time"},
    {CIT_LIST_CASE, "isotretinoin", "3 mm", "'3 mm' is not a time"},
    {CIT_LIST_CASE, "earlier", "sauna", "'sauna' begins with none of: a needling"},
    {CIT_LIST_CASE, "earlier", "laser 2026-12-01", "2026-12-01 lies ahead"},
    {CIT_LIST_CASE, "earlier", "laser long ago", "'long ago' is not a time"},
    {CIT_LIST_CASE, "earlier", "laser 2026-01-01, 3 weeks ago", "'3 weeks ago' begins with none"},
    {CIT_LIST_CASE, "earlier", "lasers 3 weeks ago", "is not a time"},
    {CIT_LIST_CASE, "age", "old", "'old' is not a number"},
    {CIT_LIST_CASE, "age", "-3", "'-3' is out of range"},
    {CIT_LIST_CASE, "age", "0", "'0' is out of range"},
    {CIT_LIST_CASE, "age", "130", "'130' is out of range"},
    {CIT_LIST_CASE, "age", "34 kg", "has the wrong unit"},
    {CIT_LIST_CASE, "age", "3.4.5", "wrong unit"},
    {CIT_LIST_CASE, "age", "nan", "not a number"},
    {CIT_LIST_CASE, "age", "thirty", "'thirty' is not a number; write for example"},
    {CIT_LIST_CASE, "skin_type", "VII", "'VII' is none of: a I, b II, c III, d IV, e V, f VI"},
    {CIT_LIST_CASE, "concern", "maybe", "'maybe' is none of: a no, b yes"},
    {CIT_LIST_CASE, "expectation", "miracles", "'miracles' is none of: a some improvement"},
    {CIT_LIST_CASE, "weight", "401", "'401' is out of range"},
    {CIT_LIST_CASE, "weight", "0 kg", "'0 kg' is out of range"},
    {CIT_LIST_CASE, "weight", "62 mm", "wrong unit"},
    {CIT_LIST_CASE, "cause", "dog", "'dog' is none of: a acne, b chickenpox"},
    {CIT_LIST_CASE, "grade", "5", "'5' is not a whole number from 0 to 4"},
    {CIT_LIST_CASE, "grade", "2.5", "'2.5' is not a whole number from 0 to 4"},
    {CIT_LIST_CASE, "grade", "-1", "'-1' is not a whole number from 0 to 4"},
    {CIT_LIST_CASE, "grade", "3 mm", "plain number"},
    {CIT_LIST_CASE, "scars", "pits 3", "'pits 3' cannot be read; for example: rolling 5"},
    {CIT_LIST_CASE, "scars", "rolling -1", "cannot be read"},
    {CIT_LIST_CASE, "scars", "rolling 2.5", "cannot be read"},
    {CIT_LIST_CASE, "scars", "rolling 501", "cannot be read"},
    {CIT_LIST_CASE, "scars", "rolling many", "cannot be read"},
    {CIT_LIST_CASE, "scars", "rolling 5, rolling 3", "'rolling' is there twice"},
    {CIT_LIST_HOME, "needled", "yes", "when was it? Write never, today, a date, or 3 days ago"},
    {CIT_LIST_HOME, "needled", "?", "when was it?"},
    {CIT_LIST_HOME, "needled", "unknown", "when was it?"},
    {CIT_LIST_HOME, "needled", "2027-01-01", "lies ahead"},
    {CIT_LIST_HOME, "needled", "often", "'often' is not a time"},
    {CIT_LIST_HOME, "health", "m", "'m' is none of: a pregnant"},
    {CIT_LIST_HOME, "skin_now", "h", "'h' is none of: a inflamed_acne"},
};

/* It says why in a sentence, the question stands, and nothing of it is left. */
static void a_bad_answer_leaves_the_question_standing(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof bad_answers / sizeof *bad_answers; i++) {
        const cit_interview_list list = bad_answers[i].list;
        const char *question = bad_answers[i].question;
        char why[240];
        cit_interview *v = asked(list, catalogue, question), *clean = begin(list, catalogue);
        char *before = written(v);
        memset(why, 'x', sizeof why);
        CHECK(!cit_interview_answer(v, bad_answers[i].text, why), "%s: '%s' is taken", question,
              bad_answers[i].text);
        CHECK(memchr(why, 0, sizeof why) != NULL, "%s: why '%s' is bad is not told", question,
              bad_answers[i].text);
        CHECK(strstr(why, bad_answers[i].says) != NULL, "%s, '%s': %s", question,
              bad_answers[i].text, why);
        char *behind = written(v);
        CHECK(strcmp(behind, before) == 0, "%s: '%s' changes the draft", question,
              bad_answers[i].text);
        finish(v, list); /* from that question on */
        finish(clean, list);
        char *after = written(v), *without = written(clean);
        CHECK(strcmp(after, without) == 0, "%s: '%s' is not forgotten", question,
              bad_answers[i].text);
        free(before);
        free(behind);
        free(after);
        free(without);
        cit_interview_free(v);
        cit_interview_free(clean);
    }
    cit_catalogue_free(catalogue);
}

/* What was said of needling at home, and that the rest is open, outlives a bad answer too. */
static void a_bad_answer_does_not_settle_what_was_open(void **state) {
    static const char *const bad[] = {"laser 2026-01-01, sauna", "peel 2026-12-01",
                                      "laser 2 years ago, peel 1 year ago, 3 weeks ago"};
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (int i = 0; i < 3; i++) {
        char why[240];
        cit_interview *v = begin(CIT_LIST_HOME, catalogue);
        give(v, "needled", "2 years ago");
        for (const cit_question *q = next_question(v); strcmp(q->id, "earlier") != 0;
             q = next_question(v))
            give(v, q->id, safe_answer(CIT_LIST_HOME, q->id));
        char *before = written(v);
        CHECK(!cit_interview_answer(v, bad[i], why), "'%s' is taken", bad[i]);
        char *after = written(v);
        CHECK(strcmp(before, after) == 0, "'%s' changes the draft", bad[i]);
        free(before);
        free(after);
        cit_interview_free(v);
    }
    cit_catalogue_free(catalogue);
}

/* Twenty-five of what at most twenty-four are read of. */
static void too_many_are_told_so(void **state) {
    static const struct {
        const char *question, *one, *says;
    } rows[] = {{"medicines", "zinc,", "at most 24 names are read here"},
                {"earlier", "laser,", "at most 24 treatments are read here"}};
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (int i = 0; i < 2; i++)
        for (int count = 24; count <= 25; count++) {
            char text[400] = "", why[240] = "";
            for (int k = 0; k < count; k++) strcat(text, rows[i].one);
            cit_interview *v = asked(CIT_LIST_CASE, catalogue, rows[i].question);
            CHECK(cit_interview_answer(v, text, why) == (count == 24), "%d: %s", count, why);
            CHECK(count == 24 || strstr(why, rows[i].says) != NULL, "%s", why);
            cit_interview_free(v);
        }
    cit_catalogue_free(catalogue);
}

/* Said at the end of a long answer, it is heard or the answer is refused; it is never dropped. */
static void the_end_of_a_long_answer_is_not_dropped(void **state) {
    static const struct {
        cit_interview_list list;
        const char *question, *filler, *end;
        int fillers;
    } rows[] = {
        {CIT_LIST_HOME, "health", "none ", "pregnant", 60},
        {CIT_LIST_HOME, "health", "none ", "pregnant", 300},
        {CIT_LIST_CASE, "expecting", "none ", "pregnant", 60},
        {CIT_LIST_CASE, "medicines", "paracetamol in the morning, ", "warfarin", 20},
        {CIT_LIST_CASE, "medicines", "paracetamol 500 mg in the morning before meals, ", "warfarin",
         20},
        {CIT_LIST_CASE, "medicines", "paracetamol and ", "warfarin", 5},
        {CIT_LIST_CASE, "medicines", "paracetamol and ", "warfarin", 15},
        {CIT_LIST_CASE, "earlier", "other 2020-01-01 , ", "laser today", 20},
        {CIT_LIST_CASE, "earlier", "other            2020-01-01          ,           ",
         "laser today", 20},
    };
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[2000] = "", why[240] = "";
        for (int k = 0; k < rows[i].fillers; k++) strcat(text, rows[i].filler);
        strcat(text, rows[i].end);
        cit_interview *v = asked(rows[i].list, catalogue, rows[i].question);
        if (cit_interview_answer(v, text, why)) {
            finish(v, rows[i].list);
            CHECK(verdict_of(v, catalogue, CIT_PHYSICIAN) != CIT_CLEARED ||
                      verdict_of(v, catalogue, CIT_HOME) == CIT_FORBIDDEN,
                  "%s: '%s' behind %zu characters is dropped", rows[i].question, rows[i].end,
                  strlen(text) - strlen(rows[i].end));
        } else {
            CHECK(why[0] != 0, "refused without a word");
        }
        cit_interview_free(v);
    }
    cit_catalogue_free(catalogue);
}

/* Whatever is typed, the case can be written; or it is refused when typed. */
static void what_is_typed_can_be_written(void **state) {
    static const char *const texts[] = {
        "\"quoted\" \\ back: slash # hash",
        "caf\xc3\xa9 na\xc3\xafve",
        "0123456789012345678901234567890123456789012345678901234567\xc3\xa9",
        "zinc\tand iron",
        "zinc\x01",
        "zinc\x7f",
        "zinc\xff",
        "zinc\xc3",
        "zinc\xc2\x85next",
        "zinc\xe2\x80\xa8next",
        "unknown",
        "{zinc: [iron]}",
        "- zinc",
        "no",
        "zinc\rnext",
    };
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char why[240] = "";
        cit_errors errs = {0};
        char *text = NULL;
        cit_interview *v = asked(CIT_LIST_CASE, catalogue, "medicines");
        if (cit_interview_answer(v, texts[i], why)) {
            CHECK(cit_interview_write(v, &text, &errs) == CIT_OK, "text %zu cannot be written: %s",
                  i, errs.items[0].text);
            cit_case *again = case_of(text);
            const cit_case *c = cit_interview_draft(v);
            CHECK(again->medication_count == c->medication_count, "text %zu: %d of %d", i,
                  again->medication_count, c->medication_count);
            for (int k = 0; k < c->medication_count; k++)
                assert_string_equal(again->medication[k], c->medication[k]);
            cit_case_free(again);
            free(text);
        }
        cit_interview_free(v);
    }
    cit_catalogue_free(catalogue);
}

/* ---- whole interviews ------------------------------------------------------------------------------------------ */

/* The same rules at the same places with the same answers and dates. */
static void check_same_screening(const cit_case *a, const cit_case *b,
                                 const cit_catalogue *catalogue) {
    cit_screening *one = screened(a, catalogue), *other = screened(b, catalogue);
    CHECK(one->count == other->count, "%d findings, and %d when read again", one->count,
          other->count);
    for (int i = 0; i < one->count; i++) {
        const cit_finding *f = &one->findings[i], *g = &other->findings[i];
        CHECK(f->rule == g->rule && f->zone == g->zone && f->until == g->until, "%s: %s %d, %d",
              f->rule->id, g->rule->id, f->until, g->until);
        CHECK(memcmp(f->holds, g->holds, sizeof f->holds) == 0, "%s holds otherwise", f->rule->id);
    }
    cit_screening_free(one);
    cit_screening_free(other);
}

static void check_round_trip(const cit_interview *v, const cit_catalogue *catalogue) {
    char *text = written(v);
    cit_case *again = case_of(text);
    check_same_screening(cit_interview_draft(v), again, catalogue);
    CHECK(again->answered == today() && again->assessed == today(), "the answers have no date");
    cit_case_free(again);
    free(text);
}

static void all_safe_answers_clear_a_physician(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    cit_interview *v = interviewed(CIT_LIST_CASE, catalogue, NULL, 0, NULL);
    (void)state;
    CHECK(verdict_of(v, catalogue, CIT_PHYSICIAN) == CIT_CLEARED, "physician %d",
          verdict_of(v, catalogue, CIT_PHYSICIAN));
    CHECK(verdict_of(v, catalogue, CIT_AESTHETICIAN) == CIT_CLEARED, "aesthetician %d",
          verdict_of(v, catalogue, CIT_AESTHETICIAN));
    check_round_trip(v, catalogue);
    cit_interview_free(v);
    cit_catalogue_free(catalogue);
}

static void all_safe_answers_clear_somebody_at_home(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    cit_interview *v = interviewed(CIT_LIST_HOME, catalogue, NULL, 0, NULL);
    (void)state;
    CHECK(verdict_of(v, catalogue, CIT_HOME) == CIT_CLEARED, "home %d",
          verdict_of(v, catalogue, CIT_HOME));
    CHECK(cit_interview_draft(v)->done_by == CIT_HOME, "done by %d",
          cit_interview_draft(v)->done_by);
    check_round_trip(v, catalogue);
    cit_interview_free(v);
    cit_catalogue_free(catalogue);
}

static void four_answers_make_a_case_that_clears_nobody(void **state) {
    static const said four[] = {
        {"zones", "cheek left"}, {"age", "34"}, {"skin_type", "II"}, {"grade", "3"}};
    cit_catalogue *catalogue = real_catalogue();
    cit_interview *v = interviewed(CIT_LIST_CASE, catalogue, four, 4, "?");
    (void)state;
    for (int who = 0; who <= CIT_PHYSICIAN; who++)
        CHECK(verdict_of(v, catalogue, who) == CIT_ASK_FIRST, "user %d: %d", who,
              verdict_of(v, catalogue, who));
    char *text = written(v);
    cit_case *again = case_of(text);
    CHECK_CLOSE(again->age_day, 34 * CIT_YEAR_DAYS, 1e-9);
    CHECK(again->skin_type == 2 && again->assessment.grade == 3 && again->zone_count == 1 &&
              again->sex == 0 && again->earlier == NULL && again->medication == NULL,
          "four answers became others:\n%s", text);
    check_same_screening(cit_interview_draft(v), again, catalogue);
    cit_case_free(again);
    free(text);
    cit_interview_free(v);
    cit_catalogue_free(catalogue);
}

/* `?` to one question, all else safe: asked. What is not here is not asked for a physician's safety (skin
 * type, cause, weight, grade, scars), or cannot be answered so. */
static void one_question_that_nobody_can_answer_is_asked_first(void **state) {
    static const struct {
        cit_interview_list list;
        const char *id;
    } rows[] = {
        {CIT_LIST_CASE, "skin_now"},  {CIT_LIST_CASE, "expecting"}, {CIT_LIST_CASE, "isotretinoin"},
        {CIT_LIST_CASE, "blood"},     {CIT_LIST_CASE, "illness"},   {CIT_LIST_CASE, "skin_before"},
        {CIT_LIST_CASE, "allergies"}, {CIT_LIST_CASE, "medicines"}, {CIT_LIST_CASE, "earlier"},
        {CIT_LIST_CASE, "age"},       {CIT_LIST_CASE, "concern"},   {CIT_LIST_CASE, "expectation"},
        {CIT_LIST_HOME, "age"},       {CIT_LIST_HOME, "skin_now"},  {CIT_LIST_HOME, "health"},
        {CIT_LIST_HOME, "medicines"}, {CIT_LIST_HOME, "earlier"},   {CIT_LIST_HOME, "skin_type"}};
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const said answer = {rows[i].id, "?"};
        cit_interview *v = interviewed(rows[i].list, catalogue, &answer, 1, NULL);
        const int who = rows[i].list == CIT_LIST_CASE ? CIT_PHYSICIAN : CIT_HOME;
        CHECK(verdict_of(v, catalogue, who) == CIT_ASK_FIRST, "%s?: %d", rows[i].id,
              verdict_of(v, catalogue, who));
        check_round_trip(v, catalogue);
        cit_interview_free(v);
    }
    cit_catalogue_free(catalogue);
}

/* ---- danger ---------------------------------------------------------------------------------------------------- */

static const struct {
    const char *id, *text;
    cit_clearance verdict;
} dangers_at_home[] = {
    {"needled", "today", CIT_FORBIDDEN},
    {"needled", "27 days ago", CIT_FORBIDDEN},
    {"age", "17", CIT_FORBIDDEN},
    {"age", "21", CIT_FORBIDDEN},
    {"age", "?", CIT_ASK_FIRST},
    {"zones", "eyelid left", CIT_FORBIDDEN},
    {"zones", "lips", CIT_FORBIDDEN},
    {"zones", "perioral", CIT_FORBIDDEN},
    {"zones", "infraorbital left", CIT_FORBIDDEN},
    {"zones", "neck", CIT_FORBIDDEN},
    {"zones", "chest", CIT_FORBIDDEN},
    {"zones", "hand-back left", CIT_FORBIDDEN},
    {"zones", "cheek left, upper arm left", CIT_FORBIDDEN},
    {"medicines", "Roaccutane", CIT_FORBIDDEN},
    {"medicines", "warfarin", CIT_FORBIDDEN},
    {"medicines", "Humira", CIT_FORBIDDEN},
    {"medicines", "prednisone", CIT_FORBIDDEN},
    {"medicines", "capecitabine", CIT_FORBIDDEN},
    {"medicines", "zzyzx", CIT_ASK_FIRST},
    {"medicines", "?", CIT_ASK_FIRST},
    {"earlier", "laser 80 days ago", CIT_FORBIDDEN},
    {"earlier", "peel 3 weeks ago", CIT_FORBIDDEN},
    {"earlier", "filler 5 months ago", CIT_FORBIDDEN},
    {"earlier", "botox 1 week ago", CIT_FORBIDDEN},
    {"earlier", "surgery 300 days ago", CIT_FORBIDDEN},
    {"earlier", "dermabrasion 2 months ago", CIT_FORBIDDEN},
    {"earlier", "subcision yesterday", CIT_FORBIDDEN},
    {"earlier", "rf 1 week ago", CIT_FORBIDDEN},
    {"earlier", "needling 2 weeks ago", CIT_FORBIDDEN},
    {"earlier", "laser", CIT_ASK_FIRST},
    {"earlier", "?", CIT_ASK_FIRST},
    {"skin_type", "IV", CIT_FORBIDDEN},
    {"skin_type", "VI", CIT_FORBIDDEN},
    {"skin_type", "?", CIT_ASK_FIRST},
    {"skin_now", "?", CIT_ASK_FIRST},
    {"health", "?", CIT_ASK_FIRST},
    {"health", "complete", CIT_ASK_FIRST},
};

static void one_dangerous_answer_at_home_is_enough(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof dangers_at_home / sizeof *dangers_at_home; i++) {
        const said answer = {dangers_at_home[i].id, dangers_at_home[i].text};
        cit_interview *v = interviewed(CIT_LIST_HOME, catalogue, &answer, 1, NULL);
        const cit_clearance verdict = verdict_of(v, catalogue, CIT_HOME);
        CHECK(verdict == dangers_at_home[i].verdict, "%s, '%s': %d", answer.id, answer.text,
              verdict);
        check_round_trip(v, catalogue);
        cit_interview_free(v);
    }
    cit_catalogue_free(catalogue);
}

/* Every option of every list of options: at home it is refused or asked; in a consultation none of them
 * clears an aesthetician but allergies to numbing creams and what only matters with a cream. */
static void every_option_counts(void **state) {
    static const char *const creams[] = {"anaesthetic_allergy", "amide_allergy", "ester_allergy",
                                         "methaemoglobinaemia"};
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (int i = 0; i < MEANINGS; i++) {
        const bool home = meanings[i].list == CIT_LIST_HOME;
        const said answer = {meanings[i].question, meanings[i].option};
        cit_interview *v = interviewed(meanings[i].list, catalogue, &answer, 1, NULL);
        bool of_cream = false;
        for (int k = 0; k < 4; k++)
            of_cream = of_cream || (!home && strcmp(creams[k], meanings[i].option) == 0);
        const cit_clearance verdict = verdict_of(v, catalogue, home ? CIT_HOME : CIT_AESTHETICIAN);
        CHECK((verdict == CIT_CLEARED) == of_cream, "%s, %s: %d", answer.id, answer.text, verdict);
        check_round_trip(v, catalogue);
        cit_interview_free(v);
    }
    cit_catalogue_free(catalogue);
}

/* The draft may be screened and written after each answer; it clears nobody before the end. */
static void a_draft_is_screened_as_it_grows(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (int list = CIT_LIST_CASE; list <= CIT_LIST_HOME; list++) {
        const int who = list == CIT_LIST_CASE ? CIT_PHYSICIAN : CIT_HOME;
        cit_interview *v = begin((cit_interview_list)list, catalogue);
        for (const cit_question *q = next_question(v); q != NULL; q = next_question(v)) {
            const cit_clearance verdict = verdict_of(v, catalogue, who);
            const bool harmless = strcmp(q->id, "weight") == 0 || strcmp(q->id, "cause") == 0 ||
                                  strcmp(q->id, "grade") == 0 || strcmp(q->id, "scars") == 0;
            CHECK(verdict == (harmless ? CIT_CLEARED : CIT_ASK_FIRST), "before %s: %d", q->id,
                  verdict);
            char *text = written(v);
            cit_case_free(case_of(text));
            free(text);
            give(v, q->id, safe_answer((cit_interview_list)list, q->id));
        }
        cit_interview_free(v);
    }
    cit_catalogue_free(catalogue);
}

/* ---- what is written -------------------------------------------------------------------------------------------- */

/* A medicine that contradicts an earlier `none` settles it: the file is one that the program takes. */
static void what_is_written_does_not_contradict_itself(void **state) {
    static const said pairs[][2] = {
        {{"blood", "none"}, {"medicines", "warfarin"}},
        {{"blood", "none"}, {"medicines", "Humira, prednisone, capecitabine"}},
        {{"isotretinoin", "never"}, {"medicines", "Roaccutane"}},
        {{"isotretinoin", "3 months ago"}, {"medicines", "Roaccutane"}},
        {{"isotretinoin", "now"}, {"medicines", "none"}},
    };
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (int list = CIT_LIST_CASE; list <= CIT_LIST_HOME; list++)
        for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
            cit_errors errs = {0};
            cit_interview *v = interviewed((cit_interview_list)list, catalogue, pairs[i], 2, NULL);
            char *text = written(v);
            cit_case *again = case_of(text);
            CHECK(cit_check_case(again, catalogue, &errs) == CIT_OK, "%s, %s: %s", pairs[i][0].text,
                  pairs[i][1].text, errs.items[0].text);
            cit_case_free(again);
            free(text);
            cit_interview_free(v);
        }
    cit_catalogue_free(catalogue);
}

static void a_written_case_explains_each_line(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    cit_interview *v = interviewed(CIT_LIST_CASE, catalogue, NULL, 0, NULL);
    char *text = written(v);
    (void)state;
    CHECK(strncmp(text, "schema: cit/case/1\n", 19) == 0, "begins %.30s", text);
    for (const char *line = text; *line != 0; line += strcspn(line, "\n") + 1) {
        const size_t length = strcspn(line, "\n");
        CHECK(line[length] == '\n', "the last line does not end");
        CHECK(line == text || memmem(line, length, "  # ", 4) != NULL, "'%.*s' says not what it is",
              (int)length, line);
    }
    free(text);
    cit_interview_free(v);
    cit_catalogue_free(catalogue);
}

/* The first visit of a case that was made by questions can be added to it. */
static void a_visit_can_be_added_to_a_written_case(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    cit_interview *v = interviewed(CIT_LIST_CASE, catalogue, NULL, 0, NULL);
    cit_errors errs = {0};
    char *text = written(v), *more = NULL;
    cit_case *c = case_of(text);
    (void)state;
    CHECK(cit_case_append(c, text, strlen(text), "visits",
                          "  - date: 2026-11-21\n    zones:\n      - site: cheek\n", &more,
                          &errs) == CIT_OK,
          "%s", errs.items[0].text);
    free(more);
    cit_case_free(c);
    free(text);
    cit_interview_free(v);
    cit_catalogue_free(catalogue);
}

/* ---- made-up interviews -------------------------------------------------------------------------------------------- */

static double throw(uint32_t person, uint32_t *place) {
    return cit_random(20261121, person, 11, (*place)++);
}

static const char *one_of(uint32_t person, uint32_t *place, const char *const *texts) {
    int count = 0;
    while (texts[count] != NULL) count++;
    return texts[(int)(throw(person, place) * count)];
}

/* Some of the options, or none, or nobody knows. */
static void some_options(uint32_t person, uint32_t *place, const cit_question *q, char text[300]) {
    size_t used = 0;
    text[0] = 0;
    for (int i = 0; i < q->option_count; i++)
        if (throw(person, place) < 0.2)
            used += (size_t)snprintf(text + used, 300 - used, "%s ", q->options[i]);
    if (throw(person, place) < 0.2) used += (size_t)snprintf(text + used, 300 - used, "?");
    if (used == 0) snprintf(text, 300, "none");
}

static void make_up(uint32_t person, uint32_t *place, const cit_question *q, char text[300]) {
    static const char *const when[] = {"never", "now", "?", "2026-10-01", "8 months ago", NULL};
    static const char *const needled[] = {"never", "today", "5 weeks ago", "2024-02-29", NULL};
    static const char *const spots[] = {"cheek left", "cheeks, chin", "nose, lips", "neck", NULL};
    static const char *const treated[] = {"none", "?", "laser, peel 2 weeks ago",
                                          "needling 2026-11-01", NULL};
    static const char *const names[] = {"none", "?", "ibuprofen", "zzyzx, Yasmin", NULL};
    static const char *const scars[] = {"none", "?", "rolling 5", "ice-pick ?, boxcar 9", NULL};
    static const char *const figures[] = {"?", "3", "1", "2", NULL};
    const bool home = strcmp(q->id, "needled") == 0;
    const char *const *from = NULL;
    switch (q->kind) {
    case CIT_Q_ONE:
        snprintf(text, 300, "%s",
                 throw(person, place) < 0.2
                     ? "?"
                     : q->options[(int)(throw(person, place) * q->option_count)]);
        return;
    case CIT_Q_SOME:
        some_options(person, place, q, text);
        return;
    case CIT_Q_NUMBER:
        from = figures;
        break;
    case CIT_Q_PLACES:
        from = spots;
        break;
    case CIT_Q_TREATED:
        from = treated;
        break;
    case CIT_Q_WHEN:
        from = home ? needled : when;
        break;
    case CIT_Q_NAMES:
        from = names;
        break;
    case CIT_Q_SCARS:
        from = scars;
        break;
    }
    snprintf(text, 300, "%s", one_of(person, place, from));
}

/* Whatever the answers, what is written is screened as what was said. */
static void what_is_written_is_screened_as_what_was_said(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (uint32_t i = 0; i < 600; i++) {
        uint32_t place = 0;
        cit_interview *v = begin(i % 3 == 0 ? CIT_LIST_HOME : CIT_LIST_CASE, catalogue);
        for (const cit_question *q = next_question(v); q != NULL; q = next_question(v)) {
            char text[300];
            make_up(i, &place, q, text);
            give(v, q->id, text);
        }
        check_round_trip(v, catalogue);
        cit_interview_free(v);
    }
    cit_catalogue_free(catalogue);
}

T_MAIN(CASE(the_questions_come_in_order_of_danger), CASE(a_listed_question_has_its_options),
       CASE(nothing_is_answered_behind_the_last_question),
       CASE(a_man_is_not_asked_whether_he_is_pregnant),
       CASE(each_option_may_be_picked_alone_in_every_spelling),
       CASE(every_option_has_a_meaning_here), CASE(options_may_be_mixed),
       CASE(one_option_is_picked_by_letter_number_or_name),
       CASE(a_number_needs_no_unit_but_may_have_one),
       CASE(places_are_read_with_their_side_at_either_end), CASE(every_site_is_read_by_its_id),
       CASE(treatments_are_read_with_their_dates),
       CASE(isotretinoin_was_never_is_now_or_was_stopped),
       CASE(who_has_needled_themselves_says_when), CASE(what_was_needled_at_home_is_known_at_once),
       CASE(unknown_treatments_stay_unknown_after_needling_at_home),
       CASE(medicines_are_read_by_name), CASE(isotretinoin_at_home_is_among_the_medicines),
       CASE(scars_are_those_of_the_first_place), CASE(a_bad_answer_leaves_the_question_standing),
       CASE(a_bad_answer_does_not_settle_what_was_open), CASE(too_many_are_told_so),
       CASE(the_end_of_a_long_answer_is_not_dropped), CASE(what_is_typed_can_be_written),
       CASE(all_safe_answers_clear_a_physician), CASE(all_safe_answers_clear_somebody_at_home),
       CASE(four_answers_make_a_case_that_clears_nobody),
       CASE(one_question_that_nobody_can_answer_is_asked_first),
       CASE(one_dangerous_answer_at_home_is_enough), CASE(every_option_counts),
       CASE(a_draft_is_screened_as_it_grows), CASE(what_is_written_does_not_contradict_itself),
       CASE(a_written_case_explains_each_line), CASE(a_visit_can_be_added_to_a_written_case),
       CASE(what_is_written_is_screened_as_what_was_said))
