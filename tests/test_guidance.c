/* Rules, care, flags, claims, harms, anaesthetics, medicines, steps and texts: what an entry must say, what is
 * told where it does not, and how texts are looked up and filled in. */
#include "folder_help.h"
#include <cit/interview.h>
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- a folder of one's own ------------------------------------------------------------------------ */

/* Every folder of data/, empty, but for one study. */
static int make_folder(void **state) {
    const path data = source_path("data"), study = source_path("data/evidence/malik-2024.yaml");
    char to[400];
    int made = 0;
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/cit-guidance-XXXXXX");
    if (mkdtemp(folder) == NULL) return -1;
    DIR *entries = opendir(data.text);
    if (entries == NULL) return -1;
    for (const struct dirent *e = readdir(entries); e != NULL && made == 0; e = readdir(entries)) {
        if (e->d_name[0] == '.') continue;
        snprintf(to, sizeof to, "%s/%s", folder, e->d_name);
        made = mkdir(to, 0700);
    }
    closedir(entries);
    snprintf(to, sizeof to, "%s/evidence/malik-2024.yaml", folder);
    return made == 0 ? symlink(study.text, to) : made;
}

static cit_catalogue *loaded(void) {
    cit_errors errs = {0};
    cit_catalogue *c = NULL;
    CHECK(cit_catalogue_load(folder, &c, &errs) == CIT_OK, "%s: %s", errs.items[0].where,
          errs.items[0].text);
    return c;
}

/* ---- entries --------------------------------------------------------------------------------------- */

#define GROUNDS "source: \"Doe 2020, doi:1\"\ngrade: A\nchecked: 2026-11-21\n"
#define VIEWS   "views:\n  - {says: other, source: Roe 2021}\nchosen: because\n"

static const struct {
    const char *file, *text;
} good[] = {
    {"rules/one.yaml", "schema: cit/rule/1\nid: one\ntitle: one\n"
                       "severity: {home: refuse until, physician: caution}\noverride: nobody\n"
                       "when:\n  - {fact: pregnant, is: yes}\n"
                       "any:\n  - {fact: age, under: 18 years}\n"
                       "patient: No.\nclinician: Not.\nuntil: later\n" GROUNDS VIEWS},
    {"care/one.yaml", "schema: cit/care/1\nid: one\ntitle: one\nphase: before\n"
                      "for: [home, physician]\nfrom: -7 days\nto: -1 days\n"
                      "when:\n  - {fact: tan, is: no}\npatient: Do.\n" GROUNDS VIEWS},
    {"flags/one.yaml", "schema: cit/flag/1\nid: one\ntitle: one\nfrom: 0 days\nto: 2 weeks\n"
                       "urgency: same day\npatient: Go.\nclinician: See.\n" GROUNDS},
    {"claims/one.yaml", "schema: cit/claim/1\nid: one\nclaim: works\nwho: sellers\nsays: partly\n"
                        "verdict: partly\npatient: Some.\nstudies: [malik-2024]\n"
                        "answers: [pain, when]\n" GROUNDS},
    {"harms/one.yaml", "schema: cit/harm/1\nid: one\ntitle: one\nwatch: red\ncare: wait\n"
                       "counts:\n  - {study: malik-2024, citation: Malik, events: 3, people: 10}\n"
                       "reports:\n  - {citation: Roe, finding: one}\n"
                       "grade: A\nchecked: 2026-11-21\n"},
    {"anaesthetics/one.yaml", "schema: cit/anaesthetic/1\nid: one\nname: One\nagents: [lidocaine]\n"
                              "strength: 4\namide: yes\nester: no\nmethaemoglobin: no\n"
                              "over_the_counter: yes\nocclusion: no\n"
                              "limits:\n  - {age_from: 18 years, grams: 5, area: 9 cm2}\n" GROUNDS},
    {"medicines/one.yaml",
     "schema: cit/medicine/1\nid: one\nfact: anticoagulant\nnames: [warfarin]\n" GROUNDS},
    {"steps/one.yaml", "schema: cit/step/1\nid: one\ntitle: one\norder: 1\nminutes_from: 1\n"
                       "minutes_to: 2\nclinician: Do.\n" GROUNDS},
    {"texts/xx.yaml", "schema: cit/texts/1\nlanguage: xx\ntexts:\n  a: one\n  b: {c: two}\n"},
};
enum { GOOD = sizeof good / sizeof *good };

static void write_good(void) {
    for (int i = 0; i < GOOD; i++) write_file(good[i].file, good[i].text);
}

static const char *good_text(const char *file) {
    for (int i = 0; i < GOOD; i++)
        if (strcmp(good[i].file, file) == 0) return good[i].text;
    fail_msg("there is no good '%s'", file);
    return NULL;
}

static void what_entries_say_is_read(void **state) {
    (void)state;
    write_good();
    cit_catalogue *c = loaded();
    CHECK(c->rule_count == 1 && c->care_count == 1 && c->flag_count == 1 && c->claim_count == 1 &&
              c->harm_count == 1 && c->anaesthetic_count == 1 && c->medicine_count == 1 &&
              c->step_count == 1 && c->language_count == 1,
          "not all kinds are there");
    const cit_rule *r = cit_catalogue_rule(c, "one");
    CHECK(r == c->rules && r->severity[0] == CIT_REFUSE_UNTIL && r->severity[1] == CIT_NOT_BOUND &&
              r->severity[2] == CIT_CAUTION && r->override == CIT_BY_NOBODY,
          "severity %d %d %d, override %d", r->severity[0], r->severity[1], r->severity[2],
          r->override);
    CHECK(r->when.all_count == 1 && r->when.all[0].is_count == 1 && r->when.any_count == 1 &&
              r->when.any[0].is_count == 0 && r->when.all[0].mark.line == 7,
          "%d and %d terms", r->when.all_count, r->when.any_count);
    assert_string_equal(r->when.all[0].is[0], "yes"); /* one value without a list */
    assert_string_equal(r->when.any[0].under, "18 years");
    CHECK(r->grounds.grade == CIT_GRADE_A && r->grounds.view_count == 1, "grade %d, %d views",
          r->grounds.grade, r->grounds.view_count);
    CHECK(c->care[0].phase == CIT_BEFORE && c->care[0].from_day == -7 && c->care[0].to_day == -1 &&
              c->care[0].users == (CIT_USER_HOME | CIT_USER_PHYSICIAN),
          "phase %d, users %u", c->care[0].phase, c->care[0].users);
    CHECK(c->flags[0].urgency == CIT_SAME_DAY && c->flags[0].to_day == 14, "urgency %d",
          c->flags[0].urgency);
    CHECK(c->claims[0].verdict == CIT_PARTLY && c->claims[0].answers == ((1u << 0) | (1u << 3)),
          "verdict %d, answers %x", c->claims[0].verdict, c->claims[0].answers);
    CHECK(c->harms[0].counts[0].events == 3 && c->harms[0].counts[0].people == 10, "counts");
    const cit_anaesthetic_limit *l = c->anaesthetics[0].limits;
    CHECK(l->grams == 5 && l->area_mm2 == 900 && !cit_known(l->minutes) &&
              !cit_known(l->weight_to_kg),
          "%g g, %g mm2, %g min", l->grams, l->area_mm2, l->minutes);
    cit_catalogue_free(c);
}

#define RULE  "rules/one.yaml"
#define CARE  "care/one.yaml"
#define FLAG  "flags/one.yaml"
#define CLAIM "claims/one.yaml"
#define HARM  "harms/one.yaml"
#define CREAM "anaesthetics/one.yaml"
#define DRUG  "medicines/one.yaml"
#define STEP  "steps/one.yaml"
#define TEXTS "texts/xx.yaml"
#define WHEN  "when:\n  - {fact: pregnant, is: yes}\n"
#define ANY   "any:\n  - {fact: age, under: 18 years}\n"
#define COUNT "counts:\n  - {study: malik-2024, citation: Malik, events: 3, people: 10}\n"

/* `find` is replaced by `put`; the fault stands at the first `at` of the new text, or at the file's
 * name. */
static const struct {
    const char *file, *find, *put, *at, *says;
} breakages[] = {
    {RULE, "severity: {home: refuse until, physician: caution}\n", "", "schema",
     "rule: the key 'severity' is missing (what it says to whom)"},
    {RULE, "{home: refuse until, physician: caution}", "{}", NULL, "the rule binds nobody"},
    {RULE, "{home: refuse until, physician: caution}", "unknown", NULL, "the rule binds nobody"},
    {RULE, "home: refuse until", "home: never", "never", "'never' is not one of: caution, ask fi"},
    {RULE, "home: refuse until", "nurse: refuse until", "nurse", "unknown key 'nurse' in severity"},
    {RULE, "until: later\n", "", NULL, "'refuse until' needs 'until': what must have happened"},
    {RULE, WHEN ANY, "", NULL, "the rule has no condition ('when' or 'any')"},
    {RULE, WHEN ANY, "when: []\n", NULL, "the rule has no condition"},
    {RULE, "is: yes}", "under: 3 days, above: 1 days}", "{fact: pre",
     "term: one of 'is', 'under', 'above' is needed"},
    {RULE, ", under: 18 years", "", "{fact: age", "term: one of 'is', 'under', 'above' is needed"},
    {RULE, "is: yes", "is: []", "{fact: pre", "one of 'is', 'under', 'above' is needed"},
    {RULE, "is: yes", "is: unknown", "{fact: pre", "one of 'is', 'under', 'above' is needed"},
    {RULE, "fact: pregnant, ", "", "{is: yes", "term: the key 'fact' is missing"},
    {RULE, "under: 18", "undr: 18", "undr", "unknown key 'undr' in term; did you mean 'under'?"},
    {RULE, "override: nobody", "override: anybody", "anybody", "not one of: physician, nobody"},
    {RULE, "override: nobody\n", "", "schema", "the key 'override' is missing"},
    {RULE, "patient: No.\n", "", "schema", "the key 'patient' is missing (told to the person)"},
    {RULE, "clinician: Not.", "clinician: unknown", "unknown", "clinician: must be known"},
    {RULE, "id: one", "id: two", NULL, "the id 'two' is not the file's name"},
    {RULE, "cit/rule/1", "cit/care/1", "cit/care/1", "schema: must be 'cit/rule/1'"},
    {RULE, "\"Doe 2020, doi:1\"", "\"\"", NULL, "the source is empty; name one, or say 'assumed"},
    {RULE, "source: \"Doe 2020, doi:1\"\n", "", "schema", "the key 'source' is missing"},
    {RULE, "\"Doe 2020, doi:1\"", "\"assumed: a guess\"", NULL,
     "the source is assumed, so the grade must be too"},
    {RULE, "grade: A", "grade: D", "D\n", "'D' is not one of: A, B, C, assumed"},
    {RULE, "checked: 2026-11-21", "checked: today", "today", "'today' is not a date"},
    {RULE, "chosen: because\n", "", NULL, "views are kept, but not why one was chosen ('chosen')"},
    {RULE, "says: other, ", "", "{source: Roe", "view: the key 'says' is missing"},
    {CARE, "phase: before", "phase: noon", "noon", "not one of: before, day, after, clean, inste"},
    {CARE, "from: -7 days\n", "", NULL, "'from' and 'to' are needed"},
    {CARE, "from: -7 days", "from: 0 days", NULL, "'from' is after 'to'"},
    {CARE, "to: -1 days", "to: 1 days", NULL, "'before' ends on day 0 at the latest"},
    {CARE, "phase: before", "phase: after", NULL, "days before the visit are phase 'before'"},
    {CARE, "for: [home, physician]", "for: [nurse]", "nurse", "'nurse' is not one of"},
    {CARE, "for: [home, physician]\n", "", "schema", "care: the key 'for' is missing"},
    {CARE, "is: no", "under: 3 days, is: no", "{fact: tan", "one of 'is', 'under', 'above'"},
    {CARE, "chosen: because\n", "", NULL, "views are kept, but not why one was chosen"},
    {FLAG, "from: 0 days", "from: 3 weeks", NULL, "'from' is after 'to'"},
    {FLAG, "from: 0 days", "from: -1 days", "-1 days", "from: -1 day is not from 0 day"},
    {FLAG, "to: 2 weeks", "to: unknown", NULL, "'from' and 'to' are needed"},
    {FLAG, "same day", "soon", "soon", "'soon' is not one of: home care, ask within days"},
    {CLAIM, "[malik-2024]", "[malik-2025]", NULL,
     "study 'malik-2025' is not in the catalogue; did you mean 'malik-2024'?"},
    {CLAIM, "[malik-2024]", "[malik-2024, xyzzyx]", NULL, "study 'xyzzyx' is not in the catalogue"},
    {CLAIM, "verdict: partly", "verdict: true", "true", "not one of: supported, partly, contested"},
    {CLAIM, "[pain, when]", "[pains]", "pains", "'pains' is not one of: pain, safety, visits"},
    {HARM, "study: malik-2024", "study: malik-2025", NULL,
     "study 'malik-2025' is not in the catalogue; did you mean 'malik-2024'?"},
    {HARM, "events: 3", "events: 11", NULL, "11 events in 10 people"},
    {HARM, "people: 10", "people: 0", "0}\n", "people: 0 is not from 1"},
    {HARM, "events: 3, ", "", "{study", "count: the key 'events' is missing"},
    {HARM, COUNT "reports:\n  - {citation: Roe, finding: one}\n", "", NULL,
     "neither counts nor reports, nor a note why"},
    {CREAM, "amide: yes", "amide: no", NULL, "neither an amide nor an ester"},
    {CREAM, "amide: yes", "amide: unknown", "unknown", "amide: must be known"},
    {CREAM, "strength: 4", "strength: 4 %", "4 %", "strength: '4 %' must be a plain number"},
    {CREAM, "strength: 4", "strength: 101", "101", "strength: 101 is not from 0 to 100"},
    {CREAM, "18 years", "18", "18,", "age_from: '18' has no unit"},
    {DRUG, "[warfarin]", "[warfarin, Coumadin]", NULL, "names: 'Coumadin' is not in lower case"},
    {DRUG, "names: [warfarin]\n", "", "schema", "medicine: the key 'names' is missing"},
    {STEP, "minutes_to: 2\n", "", NULL, "minutes_from and minutes_to do not fit"},
    {STEP, "minutes_to: 2", "minutes_to: 0", NULL, "minutes_from and minutes_to do not fit"},
    {STEP, "order: 1", "order: 0", "0\n", "order: 0 is not from 1 to 100"},
    {TEXTS, "a: one", "a: [one]", "[one]", "texts: a text is needed for 'a', not a list"},
    {TEXTS, "c: two", "c: [two]", "[two]", "texts: a text is needed for 'c', not a list"},
    {TEXTS, "c: two", "c: \"\"", "\"\"", "texts: 'c' is empty"},
    {TEXTS, "language: xx\n", "", "schema", "texts: the key 'language' is missing"},
    {TEXTS, "language: xx", "language: yy", NULL, "the id 'yy' is not the file's name"},
    {TEXTS, "texts:\n  a: one\n  b: {c: two}\n", "", "schema", "texts: the key 'texts' is missing"},
    {TEXTS, "texts:\n  a: one\n  b: {c: two}\n", "texts: one\n", "schema",
     "texts: the key 'texts' is missing"},
    {TEXTS, "cit/texts/1", "cit/texts/2", "schema", "the first line must be 'schema: cit/texts/1'"},
    {TEXTS, "a: one", "a: one\n  a: two", "a: two", "key 'a' is here twice"},
};

static void place_in(const char *file, const char *text, const char *at, char where[192]) {
    int line = 1, column = 1;
    if (at == NULL) {
        snprintf(where, 192, "%s/%s", folder, file);
        return;
    }
    const char *end = strstr(text, at);
    CHECK(end != NULL, "there is no '%s' in\n%s", at, text);
    for (const char *c = text; c < end; c++) {
        line += *c == '\n';
        column = *c == '\n' ? 1 : column + 1;
    }
    snprintf(where, 192, "%s/%s:%d:%d", folder, file, line, column);
}

static void a_broken_entry_is_blamed_at_its_place(void **state) {
    (void)state;
    write_good();
    for (size_t i = 0; i < sizeof breakages / sizeof *breakages; i++) {
        char text[1500], where[192];
        const char *original = good_text(breakages[i].file);
        const char *found = strstr(original, breakages[i].find);
        CHECK(found != NULL, "%s has no '%s'", breakages[i].file, breakages[i].find);
        snprintf(text, sizeof text, "%.*s%s%s", (int)(found - original), original, breakages[i].put,
                 found + strlen(breakages[i].find));
        write_file(breakages[i].file, text);
        cit_errors errs = {0};
        cit_catalogue *c = NULL;
        const cit_status st = cit_catalogue_load(folder, &c, &errs);
        CHECK(st == CIT_INVALID && c == NULL, "%s: '%s' for '%s' is accepted", breakages[i].file,
              breakages[i].put, breakages[i].find);
        place_in(breakages[i].file, text, breakages[i].at, where);
        const fault want = {where, breakages[i].says};
        check_faults(&errs, &want, 1);
        write_file(breakages[i].file, original);
    }
}

/* An empty name is part of every medicine: with it no medicine would be unlisted. */
static void an_empty_name_of_a_medicine_is_refused(void **state) {
    cit_catalogue *c = NULL;
    (void)state;
    write_file(DRUG, "schema: cit/medicine/1\nid: one\nfact: none\nnames: [zinc, \"\"]\n" GROUNDS);
    CHECK(cit_catalogue_load(folder, &c, NULL) == CIT_INVALID && c == NULL, "accepted");
}

/* Care that is given all the time has no days; a harm without counts says why; cream by a second class. */
static void what_may_be_left_out_is_not_missed(void **state) {
    static const struct {
        const char *file, *find, *put;
    } rows[] = {
        {CARE, "phase: before\nfor: [home, physician]\nfrom: -7 days\nto: -1 days\n",
         "phase: clean\nfor: [home]\n"},
        {CARE, "phase: before\nfor: [home, physician]\nfrom: -7 days\nto: -1 days\n",
         "phase: instead\nfor: [home]\n"},
        {CARE, "when:\n  - {fact: tan, is: no}\n", ""},
        {CARE, "to: -1 days", "to: 0 days"},
        {RULE, ANY, ""},
        {RULE, WHEN, ""},
        {RULE, VIEWS, ""},
        {RULE, "\"Doe 2020, doi:1\"\ngrade: A", "\"assumed: a guess\"\ngrade: assumed"},
        {RULE, "home: refuse until, physician: caution", "aesthetician: ask first"},
        {HARM, COUNT "reports:\n  - {citation: Roe, finding: one}\n", "note: nobody counted\n"},
        {HARM, "events: 3", "events: 0"},
        {HARM, "study: malik-2024, ", ""},
        {CREAM, "amide: yes\nester: no", "amide: no\nester: yes"},
        {CREAM, "limits:\n  - {age_from: 18 years, grams: 5, area: 9 cm2}\n", ""},
        {CLAIM, "studies: [malik-2024]\n", ""},
        {STEP, "minutes_from: 1\nminutes_to: 2\n", ""},
        {TEXTS, "b: {c: two}", "b: {c: {d: two}}"},
    };
    (void)state;
    write_good();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[1500];
        const char *original = good_text(rows[i].file), *found = strstr(original, rows[i].find);
        CHECK(found != NULL, "%s has no '%s'", rows[i].file, rows[i].find);
        snprintf(text, sizeof text, "%.*s%s%s", (int)(found - original), original, rows[i].put,
                 found + strlen(rows[i].find));
        write_file(rows[i].file, text);
        cit_catalogue_free(loaded());
        write_file(rows[i].file, original);
    }
}

static void the_digest_follows_rules_and_texts(void **state) {
    static const struct {
        const char *file, *find, *put;
    } rows[] = {{RULE, "patient: No.", "patient: Yes."},
                {RULE, "18 years", "17 years"},
                {CREAM, "grams: 5", "grams: 6"},
                {DRUG, "warfarin", "aspirin"},
                {TEXTS, "a: one", "a: two"}};
    (void)state;
    write_good();
    cit_catalogue *first = loaded();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[1500];
        const char *original = good_text(rows[i].file), *found = strstr(original, rows[i].find);
        snprintf(text, sizeof text, "%.*s%s%s", (int)(found - original), original, rows[i].put,
                 found + strlen(rows[i].find));
        write_file(rows[i].file, text);
        cit_catalogue *c = loaded();
        CHECK(strcmp(c->digest, first->digest) != 0, "'%s' does not show", rows[i].put);
        cit_catalogue_free(c);
        write_file(rows[i].file, original);
    }
    cit_catalogue_free(first);
}

/* ---- the catalogue -------------------------------------------------------------------------------------- */

static void every_kind_of_guidance_is_there(void **state) {
    cit_catalogue *c = real_catalogue();
    const struct {
        const char *kind;
        int count, least;
    } rows[] = {{"rules", c->rule_count, 90},        {"care", c->care_count, 40},
                {"flags", c->flag_count, 15},        {"claims", c->claim_count, 80},
                {"harms", c->harm_count, 10},        {"anaesthetics", c->anaesthetic_count, 5},
                {"medicines", c->medicine_count, 8}, {"steps", c->step_count, 5},
                {"languages", c->language_count, 1}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK(rows[i].count >= rows[i].least, "%d %s", rows[i].count, rows[i].kind);
    cit_catalogue_free(c);
}

#define CHECK_LOOKUP(kind, list, count)                                                            \
    do {                                                                                           \
        for (int i = 0; i < c->count; i++)                                                         \
            CHECK(cit_catalogue_##kind(c, c->list[i].id) == &c->list[i] &&                         \
                      (i == 0 || strcmp(c->list[i - 1].id, c->list[i].id) < 0),                    \
                  "%s '%s'", #kind, c->list[i].id);                                                \
        CHECK(cit_catalogue_##kind(c, "xyzzyx") == NULL, "there is a %s 'xyzzyx'", #kind);         \
    } while (0)

static void guidance_is_found_by_id_and_by_near_names(void **state) {
    cit_catalogue *c = real_catalogue();
    (void)state;
    CHECK_LOOKUP(rule, rules, rule_count);
    CHECK_LOOKUP(care, care, care_count);
    CHECK_LOOKUP(claim, claims, claim_count);
    CHECK_LOOKUP(harm, harms, harm_count);
    CHECK_LOOKUP(anaesthetic, anaesthetics, anaesthetic_count);
    assert_string_equal(cit_catalogue_near_rule(c, "pregnent"), "pregnant");
    assert_string_equal(cit_catalogue_near_anaesthetic(c, "lidocaine4"), "lidocaine-4");
    CHECK(cit_catalogue_near_claim(c, "xyzzyxyzzy") == NULL, "something is near nonsense");
    cit_catalogue_free(c);
}

/* ---- texts ------------------------------------------------------------------------------------------------ */

static void write_languages(void) {
    write_file("texts/en.yaml", "schema: cit/texts/1\nlanguage: en\ntexts:\n"
                                "  page: {title: Title, foot: Foot}\n  word: word\n"
                                "  rule: {one: {title: rule one}}\n");
    write_file("texts/de.yaml", "schema: cit/texts/1\nlanguage: de\ntexts:\n"
                                "  page: {title: Titel}\n  rule: {one: {patient: Nein.}}\n");
}

static void a_text_is_looked_up_by_its_dotted_key(void **state) {
    (void)state;
    write_languages();
    cit_catalogue *c = loaded();
    assert_string_equal(cit_text(c, "word"), "word");
    assert_string_equal(cit_text(c, "page.title"), "Title");
    /* what is not there comes back as the key */
    static const char *const keys[] = {"page",        "page.",        ".",          "",
                                       "page.titles", "page.titl",    "pag.title",  "word.title",
                                       "nothing",     "page.title.x", "page..title"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        assert_string_equal(cit_text(c, keys[i]), keys[i]);
        CHECK(cit_text_or_null(c, keys[i]) == NULL, "there is a text '%s'", keys[i]);
    }
    cit_catalogue_free(c);
}

static void a_language_falls_back_to_english(void **state) {
    cit_errors errs = {0};
    (void)state;
    write_languages();
    cit_catalogue *c = loaded();
    assert_string_equal(cit_text(c, "page.title"), "Title"); /* English unless told */
    CHECK(cit_catalogue_speak(c, "de", &errs) == CIT_OK, "%s", errs.items[0].text);
    assert_string_equal(cit_text(c, "page.title"), "Titel");
    assert_string_equal(cit_text(c, "page.foot"), "Foot");
    assert_string_equal(cit_text(c, "word"), "word");
    assert_string_equal(cit_text(c, "nothing"), "nothing");
    assert_string_equal(cit_text_of(c, "rule", "one", "patient", "No."), "Nein.");
    assert_string_equal(cit_text_of(c, "rule", "one", "title", "one"), "rule one");
    assert_string_equal(cit_text_of(c, "rule", "one", "clinician", "Not."), "Not.");
    assert_string_equal(cit_text_of(c, "rule", "two", "patient", "No."), "No.");
    CHECK(cit_text_of(c, "rule", "two", "patient", NULL) == NULL, "a text from nowhere");
    const fault want = {"fr", "there is no such language; there is de, en"};
    CHECK(cit_catalogue_speak(c, "fr", &errs) == CIT_NOTFOUND, "French is spoken");
    check_faults(&errs, &want, 1);
    assert_string_equal(cit_text(c, "page.title"), "Titel"); /* still */
    CHECK(cit_catalogue_speak(c, "en", NULL) == CIT_OK, "no English");
    assert_string_equal(cit_text_of(c, "rule", "one", "patient", "No."), "No.");
    cit_catalogue_free(c);
}

static void without_any_language_a_key_is_its_text(void **state) {
    cit_errors errs = {0};
    (void)state;
    cit_catalogue *c = loaded();
    CHECK(c->language_count == 0, "%d languages", c->language_count);
    assert_string_equal(cit_text(c, "page.title"), "page.title");
    CHECK(cit_catalogue_speak(c, "en", &errs) == CIT_NOTFOUND, "English is spoken");
    cit_catalogue_free(c);
}

/* ---- filling in ------------------------------------------------------------------------------------------- */

static void names_in_braces_are_filled_in(void **state) {
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"", ""},
        {"plain", "plain"},
        {"{a}", "one"},
        {"{a}{b}", "onetwo"},
        {"a {a} b {b} a {a}", "a one b two a one"},
        {"{c} and {a}", "{c} and one"},
        {"{}", "{}"},
        {"{a", "{a"},
        {"x {a", "x {a"},
        {"{", "{"},
        {"}", "}"},
        {"a}", "a}"},
        {"{ a}", "{ a}"},
        {"{{a}}", "{one}"},
        {"{c{a}", "{cone"},
        {"{nested}", "{a}"}, /* what is filled in is not filled in again */
        {"{empty}|", "|"},
        {"{aa}", "{aa}"},
        {"caf\xc3\xa9 {a}", "caf\xc3\xa9 one"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char ret[100];
        memset(ret, 'x', sizeof ret);
        const char *got = cit_text_fill(ret, sizeof ret, rows[i].text, "a", "one", "b", "two",
                                        "nested", "{a}", "empty", "", NULL);
        CHECK(got == ret && strcmp(ret, rows[i].want) == 0, "'%s' is '%s', not '%s'", rows[i].text,
              ret, rows[i].want);
    }
}

/* A brace that nothing closes is the last thing looked at: what lies behind the text is not the text. */
static void nothing_behind_the_text_is_read(void **state) {
    static const char text[] = "x {a\0 behind {b}";
    char ret[100];
    (void)state;
    assert_string_equal(cit_text_fill(ret, sizeof ret, text, "a", "one", "b", "two", NULL), "x {a");
}

/* Is it UTF-8 to the end? (2 to 4 bytes, no more checks than that) */
static bool is_whole(const char *text) {
    for (const unsigned char *c = (const unsigned char *)text; *c != 0;) {
        const int length = *c < 0x80 ? 1 : *c >= 0xf0 ? 4 : *c >= 0xe0 ? 3 : *c >= 0xc2 ? 2 : 0;
        if (length == 0) return false;
        for (int i = 1; i < length; i++)
            if ((c[i] & 0xc0) != 0x80) return false;
        c += length;
    }
    return true;
}

/* For every size: the longest beginning that ends with a whole character. */
static void what_does_not_fit_is_cut_at_a_character(void **state) {
    static const char text[] = "a{v}\xc3\xa9z\xe2\x82\xac\xe2\x82\xac\xf0\x9f\x98\x80{v}!";
    static const char whole[] = "a\xc3\xbc\xf0\x9f\x98\x80\xc3\xa9z\xe2\x82\xac\xe2\x82\xac"
                                "\xf0\x9f\x98\x80\xc3\xbc\xf0\x9f\x98\x80!";
    (void)state;
    for (size_t size = 1; size <= sizeof whole + 1; size++) {
        char ret[64];
        memset(ret, 'x', sizeof ret);
        cit_text_fill(ret, size, text, "v", "\xc3\xbc\xf0\x9f\x98\x80", NULL);
        const size_t length = strlen(ret);
        CHECK(length < size, "%zu bytes in %zu", length, size);
        CHECK(strncmp(ret, whole, length) == 0 && is_whole(ret), "of %zu bytes: '%s'", size, ret);
        const size_t room = size - 1 < sizeof whole - 1 ? size - 1 : sizeof whole - 1;
        CHECK(length + 4 > room, "of %zu bytes only %zu are used", size, length);
        char longer[64];
        snprintf(longer, sizeof longer, "%.*s", (int)room, whole);
        CHECK(length == room || !is_whole(longer), "of %zu bytes: '%s', not '%s'", size, ret,
              longer);
        for (size_t i = size; i < sizeof ret; i++)
            CHECK(ret[i] == 'x', "byte %zu behind %zu was written", i, size);
    }
}

/* ---- English is complete ------------------------------------------------------------------------------------ */

static bool has_text(const cit_catalogue *c, const char *first, const char *second,
                     const char *third, char key[200]) {
    snprintf(key, 200, "%s.%s.%s", first, second, third);
    const char *text = cit_text_or_null(c, key);
    return text != NULL && *text != 0;
}

static void every_fact_is_asked_in_english(void **state) {
    cit_catalogue *c = real_catalogue();
    int missing = 0;
    (void)state;
    for (int i = 0; i < cit_fact_count(); i++) {
        char key[200];
        if (has_text(c, "fact", cit_fact_name(i), "ask", key)) continue;
        print_message("# there is no text %s\n", key);
        missing++;
    }
    CHECK(missing == 0, "%d texts are missing", missing);
    cit_catalogue_free(c);
}

static int missing_of_question(const cit_catalogue *c, const char *prefix, const cit_question *q) {
    char key[200];
    int missing = 0;
    if (!has_text(c, prefix, q->id, "ask", key)) {
        print_message("# there is no text %s\n", key);
        missing++;
    }
    for (int i = 0; q->kind == CIT_Q_SOME && i < q->option_count; i++)
        if (!has_text(c, prefix, q->id, q->options[i], key)) {
            print_message("# there is no text %s\n", key);
            missing++;
        }
    return missing;
}

static void every_question_is_asked_in_english(void **state) {
    cit_catalogue *c = real_catalogue();
    int missing = 0, questions = 0;
    (void)state;
    for (int list = CIT_LIST_CASE; list <= CIT_LIST_HOME; list++) {
        cit_interview *v = NULL;
        cit_errors errs = {0};
        char why[240];
        int number = 0, of = 0;
        CHECK(cit_interview_new((cit_interview_list)list, c, 20000, &v, &errs) == CIT_OK, "%s",
              errs.items[0].text);
        for (const cit_question *q = cit_interview_next(v, &number, &of); q != NULL;
             q = cit_interview_next(v, &number, &of), questions++) {
            const bool when = strcmp(q->id, "needled") == 0;
            missing += missing_of_question(c, cit_interview_prefix(v), q);
            CHECK(cit_interview_answer(v,
                                       q->kind == CIT_Q_PLACES ? "cheek"
                                       : when                  ? "never"
                                                               : "?",
                                       why),
                  "%s: %s", q->id, why);
        }
        cit_interview_free(v);
    }
    CHECK(questions == 28, "%d questions", questions);
    CHECK(missing == 0, "%d texts are missing", missing);
    cit_catalogue_free(c);
}

/* A fact is asked by what it is called in each of the lists of choices that a file may name. */
static void every_site_has_a_name_in_english(void **state) {
    cit_catalogue *c = real_catalogue();
    (void)state;
    for (int i = 0; i < c->site_count; i++) {
        char key[200];
        snprintf(key, sizeof key, "places.%s", c->sites[i].id);
        CHECK(cit_text_or_null(c, key) != NULL, "there is no text %s", key);
        for (int k = 0; k < i; k++) {
            char other[200];
            snprintf(other, sizeof other, "places.%s", c->sites[k].id);
            CHECK(strcmp(cit_text(c, key), cit_text(c, other)) != 0, "'%s' is two places",
                  cit_text(c, key));
        }
    }
    cit_catalogue_free(c);
}

#define FOLDER_CASE(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

T_MAIN(FOLDER_CASE(what_entries_say_is_read), FOLDER_CASE(a_broken_entry_is_blamed_at_its_place),
       FOLDER_CASE(an_empty_name_of_a_medicine_is_refused),
       FOLDER_CASE(what_may_be_left_out_is_not_missed),
       FOLDER_CASE(the_digest_follows_rules_and_texts), CASE(every_kind_of_guidance_is_there),
       CASE(guidance_is_found_by_id_and_by_near_names),
       FOLDER_CASE(a_text_is_looked_up_by_its_dotted_key),
       FOLDER_CASE(a_language_falls_back_to_english),
       FOLDER_CASE(without_any_language_a_key_is_its_text), CASE(names_in_braces_are_filled_in),
       CASE(nothing_behind_the_text_is_read), CASE(what_does_not_fit_is_cut_at_a_character),
       CASE(every_fact_is_asked_in_english), CASE(every_question_is_asked_in_english),
       CASE(every_site_has_a_name_in_english))
