/* What a plan chooses among: adjuncts, combinations, aims, prices. What an entry must say, what is told where
 * it does not, what it may name, and that what data/ ships is wired to its studies. */
#include "cit/planning.h"
#include "folder_help.h"
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- a folder of one's own ------------------------------------------------------------------------ */

/* The studies that the entries below name. */
static const char *const studies[] = {"dermapen-2.5-vs-1.5", "ibrahim-za-2017", "kang-lu-2022",
                                      "malik-2024",          "nofal-2014",      "shen-2022"};
enum { STUDIES = sizeof studies / sizeof *studies };

static int link_study(const char *id) {
    char from[80], to[160];
    snprintf(from, sizeof from, "data/evidence/%s.yaml", id);
    snprintf(to, sizeof to, "%s/evidence/%s.yaml", folder, id);
    const path study = source_path(from);
    return symlink(study.text, to);
}

/* Every folder of data/, empty, but for these studies. */
static int make_folder(void **state) {
    const path data = source_path("data");
    int made = 0;
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/cit-planning-XXXXXX");
    if (mkdtemp(folder) == NULL) return -1;
    DIR *entries = opendir(data.text);
    if (entries == NULL) return -1;
    for (const struct dirent *e = readdir(entries); e != NULL && made == 0; e = readdir(entries)) {
        char to[400];
        if (e->d_name[0] == '.') continue;
        snprintf(to, sizeof to, "%s/%s", folder, e->d_name);
        made = mkdir(to, 0700);
    }
    closedir(entries);
    for (int i = 0; i < STUDIES && made == 0; i++) made = link_study(studies[i]);
    return made;
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
#define GUESSED "source: \"assumed: a guess\"\ngrade: assumed\nchecked: 2026-11-21\n"
#define SAYS    "patient: Do.\nclinician: See.\n"
#define CONTRAST                                                                                   \
    "contrasts:\n  - {study: malik-2024, arm: microneedling + insulin 40 units, versus: "          \
    "microneedling alone}\n"
#define POOLED                                                                                     \
    "pooled:\n  - {study: kang-lu-2022, finding: odds ratio of more than 50 % improvement}\n"
#define OUTCOME "outcomes:\n  - {study: nofal-2014, arm: PRP injection}\n"
#define SOURCES "sources:\n  - {fields: [sessions_from, sessions_to, interval], source: Doe 2020}\n"

/* Nothing names `spare`, so a fault of it brings no second one. */
#define SERUM  "adjuncts/serum.yaml"
#define SPARE  "adjuncts/spare.yaml"
#define ORDER  "combinations/one.yaml"
#define LATER  "combinations/two.yaml"
#define AIM    "aims/one.yaml"
#define OTHER  "aims/two.yaml"
#define PRICES "prices/here.yaml"

static const struct {
    const char *file, *text;
} good[] = {
    {"claims/one.yaml", "schema: cit/claim/1\nid: one\nclaim: works\nwho: sellers\nsays: partly\n"
                        "verdict: partly\npatient: Some.\n" GROUNDS},
    {"harms/one.yaml", "schema: cit/harm/1\nid: one\ntitle: one\nwatch: red\ncare: wait\n"
                       "note: nobody counted\ngrade: A\nchecked: 2026-11-21\n"},
    {"rules/one.yaml", "schema: cit/rule/1\nid: one\ntitle: one\nseverity: {home: refuse}\n"
                       "override: nobody\nwhen:\n  - {fact: pregnant, is: yes}\n" SAYS GROUNDS},
    {SERUM, "schema: cit/adjunct/1\nid: serum\nname: Serum\ngroup: topical\nroles: [partner]\n"
            "users: [physician]\neffect: untested\n" SAYS GROUNDS},
    {SPARE,
     "schema: cit/adjunct/1\nid: spare\nname: Spare\ngroup: injected\n"
     "roles: [with-needling, instead]\nusers: [aesthetician, physician]\n"
     "suits: [rolling, ice-pick]\neffect: adds\n" CONTRAST OUTCOME POOLED
     "downtime_from: unknown\nsessions_from: 3\nsessions_to: 4\ninterval: 4 weeks\n"
     "risks: [one, a slow heart]\nclaims: [one]\nregulatory: Off label.\n" SAYS SOURCES GROUNDS},
    {ORDER, "schema: cit/combination/1\nid: one\ntitle: one\nfirst: needling\nsecond: serum\n"
            "gap_from: 0 days\ngap_to: 6 days\ntested: no\nverdict: refuse\n" SAYS GROUNDS},
    {LATER, "schema: cit/combination/1\nid: two\ntitle: two\nfirst: needling\nsecond: serum\n"
            "gap_from: 7 days\ngap_to: 2 weeks\nwashout: 4 weeks\ntested: yes\nverdict: do\n"
            "studies: [malik-2024]\n" SAYS GROUNDS},
    {AIM, "schema: cit/aim/1\nid: one\nname: One\nwords: [hair, hair loss]\nverdict: partly\n"
          "forecast: no\nrules: [one]\nstudies: [malik-2024]\nclaims: [one]\n" SAYS
          "instead: Wait.\n" GROUNDS},
    {OTHER, "schema: cit/aim/1\nid: two\nname: Two\nwords: [pock mark]\nverdict: not shown\n"
            "forecast: depressed-scar\ncaution: A guess.\n" SAYS GROUNDS},
    {PRICES, "schema: cit/prices/1\nid: here\nplace: Here\ncurrency: EUR\nyear: 2026\n"
             "complete: no\nitems:\n"
             "  - {id: visit-physician, name: a visit, per: visit, low: 100, high: 200, "
             "typical: 150, users: [physician], device_kind: pen, source: Roe}\n"
             "  - {id: serum, name: serum, per: item, low: 5, high: 5, adjunct: serum, "
             "with_needling: no, source: \"assumed: a guess\"}\n" GROUNDS},
};
enum { GOOD = sizeof good / sizeof *good, TEXT_BYTES = 1500 };

static void write_good(void) {
    for (int i = 0; i < GOOD; i++) write_file(good[i].file, good[i].text);
}

static const char *good_text(const char *file) {
    for (int i = 0; i < GOOD; i++)
        if (strcmp(good[i].file, file) == 0) return good[i].text;
    fail_msg("there is no good '%s'", file);
    return NULL;
}

/* Writes the good text of a file with the first `find` replaced by `put`. */
static void write_changed(const char *file, const char *find, const char *put,
                          char text[TEXT_BYTES]) {
    const char *original = good_text(file), *found = strstr(original, find);
    CHECK(found != NULL, "%s has no '%s'", file, find);
    snprintf(text, TEXT_BYTES, "%.*s%s%s", (int)(found - original), original, put,
             found + strlen(find));
    write_file(file, text);
}

static void what_entries_say_is_read(void **state) {
    (void)state;
    write_good();
    cit_catalogue *c = loaded();
    const cit_adjunct *a = cit_catalogue_adjunct(c, "spare");
    CHECK(a->group == CIT_INJECTED && a->roles == (CIT_ROLE_WITH_NEEDLING | CIT_ROLE_INSTEAD) &&
              a->users == (CIT_USER_AESTHETICIAN | CIT_USER_PHYSICIAN) &&
              a->effect == CIT_EFFECT_ADDS,
          "group %d, roles %x, users %x, effect %d", a->group, a->roles, a->users, a->effect);
    CHECK(cit_adjunct_suits(a, 1) == CIT_YES && cit_adjunct_suits(a, 2) == CIT_NO &&
              cit_adjunct_suits(a, 3) == CIT_YES &&
              cit_adjunct_suits(c->adjuncts, 1) == CIT_ANSWER_UNKNOWN,
          "suits %x", a->suits);
    CHECK(a->contrast_count == 1 && a->contrasts[0].mark.line == 10 && a->outcome_count == 1 &&
              a->risk_count == 2 && a->claim_count == 1 && a->source_count == 1,
          "line %d", a->contrasts[0].mark.line);
    CHECK_CLOSE(cit_pooled_fact(c, a->pooled)->value, 2.97, 0);
    CHECK(!cit_known(a->downtime_from_day) && a->sessions_to == 4 && a->interval_day == 28,
          "interval %g", a->interval_day);
    const cit_combination *b = cit_catalogue_combination(c, "two");
    CHECK(b->gap_to_day == 14 && b->washout_day == 28 && b->tested == CIT_YES &&
              b->verdict == CIT_COMBINE_DO && !cit_known(c->combinations[0].washout_day),
          "gap to %g, washout %g", b->gap_to_day, b->washout_day);
    CHECK(c->aims[0].forecast == CIT_AIM_NO_FORECAST &&
              c->aims[1].forecast == CIT_AIM_DEPRESSED_SCAR && c->aims[1].caution != NULL,
          "forecasts %d and %d", c->aims[0].forecast, c->aims[1].forecast);
    const cit_prices *p = cit_catalogue_prices(c, "here");
    const cit_price *visit = cit_price_named(p, "visit-physician");
    CHECK(visit == p->items && visit->low == 100 && visit->high == 200 && visit->typical == 150 &&
              visit->per == CIT_PER_VISIT && visit->device_kind == CIT_PEN &&
              visit->users == CIT_USER_PHYSICIAN && p->complete == CIT_NO && p->year == 2026,
          "a visit costs %g to %g", visit->low, visit->high);
    CHECK(!cit_known(p->items[1].typical) && p->items[1].with_needling == CIT_NO &&
              cit_price_named(p, "punch") == NULL,
          "the serum");
    cit_catalogue_free(c);
}

/* `find` is replaced by `put`; the fault stands at the first `at` of the new text, or at the file's
 * name. */
static const struct {
    const char *file, *find, *put, *at, *says;
} breakages[] = {
    {SPARE, "group: injected", "group: magic", "magic", "'magic' is not one of: topical, injected"},
    {SPARE, "roles: [with-needling, instead]\n", "", "schema", "the key 'roles' is missing"},
    {SPARE, "[with-needling, instead]", "[]", NULL, "roles: it has none"},
    {SPARE, "[aesthetician, physician]", "[]", NULL, "users: nobody may give it"},
    {SPARE, "[rolling, ice-pick]", "[rolling, all]", NULL, "suits: 'all' stands alone"},
    {SPARE, CONTRAST OUTCOME POOLED, "", NULL,
     "effect 'adds' needs a contrast, or a pooled review"},
    {SPARE, "effect: adds\n" CONTRAST OUTCOME POOLED, "effect: nil\n" OUTCOME, NULL,
     "effect 'nil' needs a contrast"},
    {SPARE, "effect: adds\n" CONTRAST OUTCOME POOLED, "effect: worse\n" OUTCOME, NULL,
     "effect 'worse' needs a contrast"},
    {SPARE, "effect: adds", "effect: untested", "{study: malik",
     "a contrast has tested what is 'untested'"},
    {SPARE, "study: malik-2024, arm", "study: malik-2025, arm", "{study: malik",
     "study 'malik-2025' is not in the catalogue; did you mean 'malik-2024'?"},
    {SPARE, "arm: microneedling + insulin 40 units", "arm: microneedling + insulin",
     "{study: malik",
     "study 'malik-2024' has no arm 'microneedling + insulin'; did you mean 'micro"},
    {SPARE, "versus: microneedling alone", "versus: nothing", "{study: malik",
     "study 'malik-2024' has no arm 'nothing'"},
    {SPARE, "versus: microneedling alone", "versus: microneedling + insulin 40 units",
     "{study: malik", "the arm is compared with itself"},
    {SPARE,
     "{study: malik-2024, arm: microneedling + insulin 40 units, versus: microneedling alone}",
     "{study: ibrahim-za-2017, arm: alternating, versus: microneedling}", "{study: ibrahim",
     "the arms of 'ibrahim-za-2017' differ in more than that: interval"},
    {SPARE,
     "{study: malik-2024, arm: microneedling + insulin 40 units, versus: microneedling alone}",
     "{study: nofal-2014, arm: needling + PRP, versus: PRP injection}", "{study: nofal",
     "the arms of 'nofal-2014' differ in more than that: device"},
    {SPARE,
     "{study: malik-2024, arm: microneedling + insulin 40 units, versus: microneedling alone}",
     "{study: dermapen-2.5-vs-1.5, arm: 2.5 mm, versus: 1.5 mm}", "{study: dermapen",
     "the arms of 'dermapen-2.5-vs-1.5' differ in more than that: needle_length"},
    {SPARE, ", versus: microneedling alone", "", "{study: malik", "the key 'versus' is missing"},
    {SPARE, "arm: PRP injection", "arm: PRP injections", "{study: nofal",
     "study 'nofal-2014' has no arm 'PRP injections'; did you mean 'PRP injection'?"},
    {SPARE, "study: nofal-2014", "study: nofal-2041", "{study: nofal",
     "study 'nofal-2041' is not in the catalogue; did you mean 'nofal-2014'?"},
    {SPARE, "finding: odds", "finding: many odds", "{study: kang", "has no such fact: 'many odds"},
    {SPARE, "{study: kang-lu-2022, finding: odds ratio of more than 50 % improvement}",
     "{study: shen-2022, finding: mean difference to the comparators}", "{study: shen",
     "study 'shen-2022' has 2 facts 'mean difference to the comparators'; name a condition"},
    {SPARE, "sessions_to: 4\n", "", NULL, "sessions_from and sessions_to do not fit"},
    {SPARE, "sessions_to: 4", "sessions_to: 2", NULL, "sessions_from and sessions_to do not fit"},
    {SPARE, "sessions_to, interval]", "sessions_to]", NULL, "the number 'interval' has no source"},
    {SPARE, "interval: 4 weeks", "interval: 4", "4\nrisks", "interval: '4' has no unit"},
    {SPARE, "[one, a slow heart]", "[on, a slow heart]", NULL, "harm 'on' is not in the catalogue"},
    {SPARE, "claims: [one]", "claims: [won]", NULL, "claim 'won' is not in the catalogue; did you"},
    {SPARE, "source: \"Doe 2020, doi:1\"\n", "", "schema", "the key 'source' is missing"},
    {SPARE, "grade: A\n", "", "schema", "the key 'grade' is missing"},
    {SPARE, "\"Doe 2020, doi:1\"", "\"assumed: so\"", NULL, "the source is assumed, so the grade"},
    {SPARE, "patient: Do.\n", "", "schema", "the key 'patient' is missing"},
    {SPARE, "id: spare", "id: sparse", NULL, "the id 'sparse' is not the file's name"},
    {SPARE, "regulatory:", "regulations:", "regulations",
     "unknown key 'regulations' in adjunct; did you mean 'regulatory'?"},
    {ORDER, "second: serum", "second: serun", NULL,
     "adjunct 'serun' is not in the catalogue; did you mean 'serum'?"},
    {ORDER, "first: needling", "first: cream", NULL, "adjunct 'cream' is not in the catalogue"},
    {ORDER, "second: serum", "second: needling", NULL, "first and second are the same"},
    {ORDER, "gap_from: 0", "gap_from: 7", NULL, "gap_from is after gap_to"},
    {ORDER, "gap_from: 0 days", "gap_from: -1 days", "-1 days", "gap_from: -1 day is not from 0"},
    {ORDER, "gap_from: 0 days\n", "", "schema", "the key 'gap_from' is missing"},
    {ORDER, "gap_to: 6 days", "gap_to: unknown", "unknown", "gap_to: must be known"},
    {ORDER, "verdict: refuse", "verdict: ask", NULL, "an order that nobody tested is refused"},
    {ORDER, "tested: no\nverdict: refuse", "tested: unknown\nverdict: do", NULL,
     "'do' needs 'tested: yes'"},
    {ORDER, "tested: no\n", "", "schema", "the key 'tested' is missing"},
    {ORDER, "verdict: refuse", "verdict: never", "never", "'never' is not one of: do, ask, refuse"},
    {LATER, GROUNDS, GUESSED, NULL, "tested, and the source is assumed: who tested it?"},
    {LATER, "gap_from: 7 days", "gap_from: 6 days", NULL, "'one' says the same order at the same"},
    {LATER, "gap_from: 7 days\ngap_to: 2 weeks", "gap_from: 2 days\ngap_to: 3 days", NULL,
     "'one' says the same order at the same gap"},
    {LATER, "[malik-2024]", "[malik-2025]", NULL,
     "study 'malik-2025' is not in the catalogue; did"},
    {LATER, "checked: 2026-11-21\n", "", "schema", "the key 'checked' is missing"},
    {AIM, "words: [hair, hair loss]", "words: []", NULL, "words: without any nobody can mean it"},
    {AIM, "[hair, hair loss]", "[hair, Hair loss]", NULL,
     "words: 'Hair loss' is not in lower case"},
    {AIM, "[hair, hair loss]", "[hair, \"\"]", NULL, "words: one is empty, and would be any"},
    {AIM, "verdict: partly", "verdict: maybe", "maybe", "'maybe' is not one of: supported, partly"},
    {AIM, "forecast: no", "forecast: yes", "yes", "'yes' is not one of: no, depressed-scar"},
    {AIM, "forecast: no", "forecast: depressed-scar", NULL, "a forecast and its 'caution' go"},
    {OTHER, "caution: A guess.\n", "", NULL, "a forecast and its 'caution' go together"},
    {OTHER, "[pock mark]", "[pock mark, hair]", NULL, "words: 'hair' means 'one' already"},
    {AIM, "rules: [one]", "rules: [none]", NULL, "rule 'none' is not in the catalogue"},
    {AIM, "studies: [malik-2024]", "studies: [malik]", NULL, "study 'malik' is not in the catalog"},
    {AIM, "claims: [one]", "claims: [two]", NULL, "claim 'two' is not in the catalogue"},
    {AIM, GROUNDS, "", "schema", "the key 'source' is missing"},
    {PRICES, "currency: EUR", "currency: Euro", NULL, "currency: 'Euro' is no code of ISO 4217"},
    {PRICES, "currency: EUR", "currency: eur", NULL, "currency: 'eur' is no code of ISO 4217"},
    {PRICES, "currency: EUR", "currency: XXX", NULL, "currency: 'XXX' is no code of ISO 4217"},
    {PRICES, "currency: EUR", "currency: \"D A\"", NULL, "currency: 'D A' is no code of ISO 4217"},
    {PRICES, "currency: EUR", "currency: AED AFN", NULL, "currency: 'AED AFN' is no code of ISO"},
    {PRICES, "\"Doe 2020, doi:1\"", "\"assumed: so\"", NULL, "the source is assumed, so the grade"},
    {AIM, "\"Doe 2020, doi:1\"", "\"assumed: so\"", NULL, "the source is assumed, so the grade"},
    {ORDER, "\"Doe 2020, doi:1\"", "\"assumed: so\"", NULL, "the source is assumed, so the grade"},
    {PRICES, "low: 100", "low: -1", "-1,", "low: -1 is not from 0"},
    {PRICES, "low: 100, high: 200", "low: 300, high: 200", "{id: visit",
     "low 300 is above high 200"},
    {PRICES, "typical: 150", "typical: 99", "{id: visit", "typical 99 is not from 100 to 200"},
    {PRICES, "typical: 150", "typical: 201", "{id: visit", "typical 201 is not from 100 to 200"},
    {PRICES, "high: 200, ", "", "{id: visit", "price: the key 'high' is missing"},
    {PRICES, "high: 200", "high: unknown", "unknown", "high: must be known"},
    {PRICES, ", source: Roe", "", "{id: visit", "price: the key 'source' is missing"},
    {PRICES, "source: Roe", "source: \"\"", "{id: visit", "the source is empty; name one, or say"},
    {PRICES, "per: visit", "per: hour", "hour", "'hour' is not one of: visit, course, item, month"},
    {PRICES, "id: serum", "id: visit-physician", "{id: visit-physician, name: serum",
     "two prices of 'visit-physician'"},
    {PRICES, "adjunct: serum, ", "", "{id: serum", "'serum' is no usual item, so it must name its"},
    {PRICES, "id: visit-physician", "id: visit-physican", "{id: visit",
     "'visit-physican' is no usual item, so it must name its adjunct; did you mean 'visit-physic"},
    {PRICES, "adjunct: serum", "adjunct: serums", "{id: serum",
     "adjunct 'serums' is not in the catalogue; did you mean 'serum'?"},
    {PRICES, "[physician]", "[nurse]", "nurse", "'nurse' is not one of: home, aesthetician"},
    {PRICES, "device_kind: pen", "device_kind: pens", "pens", "'pens' is not one of: roller, pen"},
    {PRICES, "year: 2026", "year: 26", "26\n", "year: 26 is not from 1990"},
    {PRICES, "complete: no\n", "", "schema", "the key 'complete' is missing"},
    {PRICES, GROUNDS, "grade: C\nchecked: 2026-11-21\n", "schema", "the key 'source' is missing"},
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
        char text[TEXT_BYTES], where[192];
        write_changed(breakages[i].file, breakages[i].find, breakages[i].put, text);
        cit_errors errs = {0};
        cit_catalogue *c = NULL;
        const cit_status st = cit_catalogue_load(folder, &c, &errs);
        CHECK(st == CIT_INVALID && c == NULL, "%s: '%s' for '%s' is accepted", breakages[i].file,
              breakages[i].put, breakages[i].find);
        place_in(breakages[i].file, text, breakages[i].at, where);
        const bool whole = strcmp(breakages[i].find, GROUNDS) == 0 && *breakages[i].put == 0;
        const fault want = {where, breakages[i].says};
        if (whole) errs.count = 1; /* grade and date are missing as well */
        check_faults(&errs, &want, 1);
        write_file(breakages[i].file, good_text(breakages[i].file));
    }
}

/* All faults of all files come at once, each at its place. */
static void all_faults_are_told_in_one_go(void **state) {
    char text[TEXT_BYTES], at_spare[192], at_aim[192], at_price[192];
    cit_errors errs = {0};
    cit_catalogue *c = NULL;
    (void)state;
    write_good();
    write_changed(SPARE, "sessions_to: 4", "sessions_to: 2", text);
    write_changed(AIM, "claims: [one]", "claims: [two]", text);
    write_changed(PRICES, "currency: EUR", "currency: EURO", text);
    CHECK(cit_catalogue_load(folder, &c, &errs) == CIT_INVALID, "accepted");
    place_in(SPARE, NULL, NULL, at_spare);
    place_in(AIM, NULL, NULL, at_aim);
    place_in(PRICES, NULL, NULL, at_price);
    const fault want[] = {{at_spare, "sessions_from and sessions_to do not fit"},
                          {at_price, "currency: 'EURO' is no code"},
                          {at_aim, "claim 'two' is not in the catalogue"}};
    check_faults(&errs, want, 3);
}

static void needling_is_no_adjunct(void **state) {
    char text[TEXT_BYTES];
    cit_errors errs = {0};
    cit_catalogue *c = NULL;
    (void)state;
    write_good();
    write_changed(SPARE, "id: spare", "id: needling", text);
    write_file(SPARE, good_text(SPARE));
    write_file("adjuncts/needling.yaml", text);
    CHECK(cit_catalogue_load(folder, &c, &errs) == CIT_INVALID, "accepted");
    CHECK(errs.count == 1 && strcmp(errs.items[0].text, "needling is no adjunct") == 0, "%s",
          errs.items[0].text);
}

static void a_complete_list_has_every_usual_item(void **state) {
    char text[TEXT_BYTES];
    cit_errors errs = {0};
    cit_catalogue *c = NULL;
    (void)state;
    write_good();
    write_changed(PRICES, "complete: no", "complete: yes", text);
    CHECK(cit_catalogue_load(folder, &c, &errs) == CIT_INVALID, "accepted");
    CHECK(errs.count == 16, "%d items are missing", errs.count);
    for (int i = 0; i < errs.count; i++)
        CHECK(strstr(errs.items[i].text, "complete, but without '") != NULL &&
                  strstr(errs.items[i].text, "'visit-physician'") == NULL,
              "%s", errs.items[i].text);
}

static void what_may_be_left_out_is_not_missed(void **state) {
    static const struct {
        const char *file, *find, *put;
    } rows[] = {
        {SPARE, CONTRAST, ""},
        {SPARE, CONTRAST OUTCOME POOLED, CONTRAST},
        {SPARE, "effect: adds\n" CONTRAST OUTCOME POOLED, "effect: unclear\n"},
        {SPARE, "effect: adds\n" CONTRAST, "effect: untested\n"},
        {SPARE, "suits: [rolling, ice-pick]\n", ""},
        {SPARE, "[rolling, ice-pick]", "[all]"},
        {SPARE, "risks: [one, a slow heart]\nclaims: [one]\nregulatory: Off label.\n", ""},
        {SPARE, "sessions_from: 3\nsessions_to: 4\ninterval: 4 weeks\n", ""},
        {SPARE, "{study: kang-lu-2022, finding: odds ratio of more than 50 % improvement}",
         "{study: shen-2022, finding: mean difference to the comparators, condition: needling with "
         "radiofrequency}"},
        {ORDER, "tested: no", "tested: unknown"},
        {ORDER, "tested: no\nverdict: refuse", "tested: yes\nverdict: refuse"},
        {ORDER, "tested: no\nverdict: refuse", "tested: unknown\nverdict: ask"},
        {ORDER, GROUNDS, GUESSED},
        {LATER, "first: needling\nsecond: serum", "first: serum\nsecond: needling"},
        {LATER, "second: serum\ngap_from: 7 days", "second: spare\ngap_from: 0 days"},
        {LATER, "washout: 4 weeks\n", ""},
        {AIM, "rules: [one]\nstudies: [malik-2024]\nclaims: [one]\n", ""},
        {AIM, "instead: Wait.\n", ""},
        {PRICES, "typical: 150, ", ""},
        {PRICES, "low: 100, high: 200, typical: 150", "low: 0, high: 0"},
        {PRICES, "currency: EUR", "currency: ZWG"},
    };
    (void)state;
    write_good();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[TEXT_BYTES];
        write_changed(rows[i].file, rows[i].find, rows[i].put, text);
        cit_catalogue_free(loaded());
        write_file(rows[i].file, good_text(rows[i].file));
    }
}

static void the_digest_follows_every_kind(void **state) {
    static const struct {
        const char *file, *find, *put;
    } rows[] = {{SERUM, "patient: Do.", "patient: Go."},
                {SPARE, "interval: 4", "interval: 5"},
                {ORDER, "gap_to: 6", "gap_to: 5"},
                {AIM, "hair loss", "baldness"},
                {PRICES, "high: 200", "high: 201"}};
    (void)state;
    write_good();
    cit_catalogue *first = loaded();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[TEXT_BYTES];
        write_changed(rows[i].file, rows[i].find, rows[i].put, text);
        cit_catalogue *c = loaded();
        CHECK(strcmp(c->digest, first->digest) != 0, "'%s' does not show", rows[i].put);
        cit_catalogue_free(c);
        write_file(rows[i].file, good_text(rows[i].file));
    }
    cit_catalogue_free(first);
}

/* ---- looking up ---------------------------------------------------------------------------------------- */

static void an_order_is_found_by_its_gap(void **state) {
    static const struct {
        const char *first, *second;
        double gap_day;
        const char *id; /* NULL: nothing is said */
    } rows[] = {{"needling", "serum", 0, "one"},   {"needling", "serum", 6, "one"},
                {"needling", "serum", 7, "two"},   {"needling", "serum", 14, "two"},
                {"needling", "serum", 14.5, NULL}, {"needling", "serum", 6.5, NULL},
                {"serum", "needling", 0, NULL},    {"needling", "spare", 0, NULL},
                {"needling", "needling", 28, NULL}};
    (void)state;
    write_good();
    cit_catalogue *c = loaded();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cit_combination *b =
            cit_combination_of(c, rows[i].first, rows[i].second, rows[i].gap_day);
        CHECK(rows[i].id == NULL ? b == NULL : b != NULL && strcmp(b->id, rows[i].id) == 0,
              "%s, then %s after %g days: '%s'", rows[i].first, rows[i].second, rows[i].gap_day,
              b ? b->id : "nothing");
    }
    cit_catalogue_free(c);
}

static void a_goal_means_the_aim_of_its_longest_word(void **state) {
    static const struct {
        const char *goal, *aim; /* NULL: none of them */
    } rows[] = {
        {"Hair loss", "hair-loss"},
        {"smoother skin, fewer WRINKLES", "wrinkles"},
        {"chickenpox scars", "depressed-scars"},
        {"fade dark spots", "pigment"}, /* not the spots of acne */
        {"clear my acne", "breakouts"},
        {"fewer acne scars", NULL}, /* what the program is for */
        {"acne", NULL},
        {"deep scars", NULL},
        {"spotlights", NULL},
        {"", NULL},
        {"keloids", "raised-scars"},
        {"stretch-marks", NULL},
        {"(stretch marks)", "stretch-marks"},
        {"glowing", NULL},
        {"afterglow", NULL},
        {"hair loss, wrinkles", "hair-loss"},
    };
    (void)state;
    cit_catalogue *c = real_catalogue();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cit_aim *a = cit_aim_meant(c, rows[i].goal);
        CHECK(rows[i].aim == NULL ? a == NULL : a != NULL && strcmp(a->id, rows[i].aim) == 0,
              "'%s' means %s", rows[i].goal, a ? a->id : "nothing");
    }
    for (int i = 0; i < c->aim_count; i++)
        for (int j = 0; j < c->aims[i].word_count; j++)
            CHECK(cit_aim_meant(c, c->aims[i].words[j]) == &c->aims[i], "'%s' alone means not %s",
                  c->aims[i].words[j], c->aims[i].id);
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

static void entries_are_found_by_id_and_by_near_names(void **state) {
    cit_catalogue *c = real_catalogue();
    (void)state;
    CHECK_LOOKUP(adjunct, adjuncts, adjunct_count);
    CHECK_LOOKUP(combination, combinations, combination_count);
    CHECK_LOOKUP(aim, aims, aim_count);
    CHECK_LOOKUP(prices, prices, prices_count);
    assert_string_equal(cit_catalogue_near_adjunct(c, "subcison"), "subcision");
    assert_string_equal(cit_catalogue_near_combination(c, "filler-needling-erly"),
                        "filler-needling-early");
    assert_string_equal(cit_catalogue_near_aim(c, "wrinkels"), "wrinkles");
    assert_string_equal(cit_catalogue_near_prices(c, "germny"), "germany");
    CHECK(cit_catalogue_near_adjunct(c, "xyzzyxyzzy") == NULL, "something is near nonsense");
    cit_catalogue_free(c);
}

/* ---- somebody's own prices ----------------------------------------------------------------------------- */

static void own_prices_are_as_strictly_checked(void **state) {
    char at[160], where[192], text[TEXT_BYTES];
    cit_errors errs = {0};
    cit_prices_file *file = NULL;
    (void)state;
    write_good();
    cit_catalogue *c = loaded();
    snprintf(at, sizeof at, "%s/mine.txt", folder);
    write_file("mine.txt", good_text(PRICES)); /* its id is not the file's name */
    CHECK(cit_prices_read(at, c, &file, &errs) == CIT_OK, "%s", errs.items[0].text);
    assert_string_equal(cit_prices_of_file(file)->currency, "EUR");
    cit_prices_file_free(file);
    file = NULL;

    write_changed(PRICES, "adjunct: serum", "adjunct: cream", text);
    write_file("mine.txt", text);
    CHECK(cit_prices_read(at, c, &file, &errs) == CIT_INVALID && file == NULL, "accepted");
    place_in("mine.txt", text, "{id: serum", where);
    const fault unknown = {where, "adjunct 'cream' is not in the catalogue"};
    check_faults(&errs, &unknown, 1);
    CHECK(cit_prices_read(at, c, &file, NULL) == CIT_INVALID, "accepted if nobody listens");

    write_changed(PRICES, "low: 100, high: 200", "low: 300, high: 200", text);
    write_file("mine.txt", text);
    memset(&errs, 0, sizeof errs);
    CHECK(cit_prices_read(at, c, &file, &errs) == CIT_INVALID && file == NULL, "accepted");
    place_in("mine.txt", text, "{id: visit", where);
    const fault low = {where, "low 300 is above high 200"};
    check_faults(&errs, &low, 1);

    memset(&errs, 0, sizeof errs);
    snprintf(at, sizeof at, "%s/nowhere.yaml", folder);
    CHECK(cit_prices_read(at, c, &file, &errs) != CIT_OK && file == NULL && errs.count == 1,
          "a file that is not there was read");
    cit_prices_file_free(NULL);
    cit_catalogue_free(c);
}

/* ---- what is shipped ------------------------------------------------------------------------------------ */

static void the_adjuncts_that_clinics_offer_are_there(void **state) {
    static const struct {
        const char *id;
        int effect, contrasts, outcomes; /* at least so many */
    } rows[] = {{"filler", CIT_EFFECT_UNTESTED, 0, 0},
                {"glycolic-peel", CIT_EFFECT_ADDS, 3, 3},
                {"growth-factors", CIT_EFFECT_UNTESTED, 0, 0},
                {"home-device", CIT_EFFECT_UNTESTED, 0, 0},
                {"hyaluronic-acid", CIT_EFFECT_UNCLEAR, 1, 0},
                {"insulin", CIT_EFFECT_UNCLEAR, 2, 1},
                {"laser-ablative", CIT_EFFECT_UNTESTED, 0, 2},
                {"laser-non-ablative", CIT_EFFECT_UNTESTED, 0, 1},
                {"numbing-cream", CIT_EFFECT_UNTESTED, 0, 3},
                {"peptides", CIT_EFFECT_UNTESTED, 0, 0},
                {"prp-injected", CIT_EFFECT_ADDS, 5, 5},
                {"prp-topical", CIT_EFFECT_UNCLEAR, 3, 4},
                {"punch", CIT_EFFECT_UNTESTED, 0, 0},
                {"retinoid", CIT_EFFECT_UNTESTED, 0, 0},
                {"rf-needling", CIT_EFFECT_UNTESTED, 0, 4},
                {"subcision", CIT_EFFECT_UNTESTED, 0, 5},
                {"tca-cross", CIT_EFFECT_UNTESTED, 0, 3},
                {"tca-peel", CIT_EFFECT_UNCLEAR, 2, 2},
                {"tranexamic-acid", CIT_EFFECT_UNTESTED, 0, 0},
                {"vitamin-c", CIT_EFFECT_UNCLEAR, 1, 3}};
    cit_catalogue *c = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cit_adjunct *a = cit_catalogue_adjunct(c, rows[i].id);
        CHECK(a != NULL, "there is no adjunct '%s'", rows[i].id);
        CHECK(a->effect == rows[i].effect && a->contrast_count >= rows[i].contrasts &&
                  a->outcome_count >= rows[i].outcomes,
              "%s: effect %d, %d contrasts, %d outcomes", a->id, a->effect, a->contrast_count,
              a->outcome_count);
    }
    cit_catalogue_free(c);
}

static bool adjunct_names_arm(const cit_adjunct *a, const char *study, const char *arm) {
    for (int i = 0; i < a->contrast_count; i++)
        if (strcmp(a->contrasts[i].study, study) == 0 && strcmp(a->contrasts[i].arm, arm) == 0)
            return true;
    for (int i = 0; i < a->outcome_count; i++)
        if (strcmp(a->outcomes[i].study, study) == 0 && strcmp(a->outcomes[i].arm, arm) == 0)
            return true;
    return false;
}

/* An arm with something that is meant to act on scars belongs to the adjunct it shows; those of the pooled
 * review are in its facts, and one trial has the people of another and per cents of two meanings. */
static void every_arm_with_something_added_is_wired(void **state) {
    cit_catalogue *c = real_catalogue();
    (void)state;
    for (int i = 0; i < c->study_count; i++)
        for (int j = 0; j < c->studies[i].arm_count; j++) {
            const cit_study_arm *arm = &c->studies[i].arms[j];
            bool wired = false;
            if (arm->adjunct_acts != CIT_YES || strcmp(c->studies[i].id, "kang-lu-2022") == 0 ||
                strcmp(c->studies[i].id, "zagazig-dermapen-glycolic") == 0)
                continue;
            for (int k = 0; k < c->adjunct_count; k++)
                wired = wired || adjunct_names_arm(&c->adjuncts[k], c->studies[i].id, arm->name);
            CHECK(wired, "no adjunct names arm '%s' of %s (%s)", arm->name, c->studies[i].id,
                  arm->adjunct);
        }
    cit_catalogue_free(c);
}

/* Heat is answered from trials alone, by physicians alone, with the regulator's warning. */
static void radiofrequency_comes_with_its_warning(void **state) {
    cit_catalogue *c = real_catalogue();
    const cit_adjunct *a = cit_catalogue_adjunct(c, "rf-needling");
    (void)state;
    CHECK(a->users == CIT_USER_PHYSICIAN && !(a->roles & CIT_ROLE_WITH_NEEDLING) &&
              strstr(a->regulatory, "15 October 2025") != NULL && a->pooled_count == 1,
          "users %x, roles %x: %s", a->users, a->roles, a->regulatory);
    const cit_fact *f = cit_pooled_fact(c, a->pooled);
    CHECK(!cit_known(f->value) && strcmp(f->finding, "not significant") == 0,
          "the fact is that of plain needles, %g", f->value);
    cit_catalogue_free(c);
}

/* What may be done in a plan was tested; what only physicians may give is given by nobody at home. */
static void shipped_orders_are_safe(void **state) {
    static const struct {
        const char *first, *second;
        double gap_day;
        int verdict; /* 0: nothing is said */
    } rows[] = {{"needling", "prp-topical", 0, CIT_COMBINE_ASK},
                {"needling", "prp-injected", 0, CIT_COMBINE_DO},
                {"needling", "prp-injected", 15, CIT_COMBINE_ASK},
                {"prp-injected", "needling", 13, 0},
                {"needling", "vitamin-c", 0, CIT_COMBINE_REFUSE},
                {"needling", "vitamin-c", 7, CIT_COMBINE_ASK},
                {"needling", "retinoid", 6, CIT_COMBINE_REFUSE},
                {"needling", "retinoid", 10, CIT_COMBINE_ASK},
                {"retinoid", "needling", 6, CIT_COMBINE_REFUSE},
                {"retinoid", "needling", 10, CIT_COMBINE_ASK},
                {"subcision", "needling", 0, CIT_COMBINE_DO},
                {"subcision", "needling", 7, 0},
                {"subcision", "needling", 14, CIT_COMBINE_ASK},
                {"subcision", "needling", 28, CIT_COMBINE_DO},
                {"needling", "subcision", 0, CIT_COMBINE_REFUSE},
                {"needling", "subcision", 14, CIT_COMBINE_ASK},
                {"needling", "subcision", 28, CIT_COMBINE_DO},
                {"subcision", "tca-cross", 21, CIT_COMBINE_ASK},
                {"tca-cross", "needling", 7, CIT_COMBINE_REFUSE},
                {"tca-cross", "needling", 14, CIT_COMBINE_DO},
                {"needling", "tca-cross", 28, CIT_COMBINE_DO},
                {"needling", "tca-cross", 29, CIT_COMBINE_ASK},
                {"needling", "tca-peel", 13, CIT_COMBINE_REFUSE},
                {"needling", "tca-peel", 15, CIT_COMBINE_ASK},
                {"tca-peel", "needling", 15, CIT_COMBINE_ASK},
                {"needling", "glycolic-peel", 0, CIT_COMBINE_REFUSE},
                {"needling", "glycolic-peel", 14, CIT_COMBINE_ASK},
                {"needling", "glycolic-peel", 21, CIT_COMBINE_ASK},
                {"glycolic-peel", "needling", 22, CIT_COMBINE_ASK},
                {"laser-ablative", "needling", 30, CIT_COMBINE_REFUSE},
                {"laser-ablative", "needling", 42, CIT_COMBINE_ASK},
                {"laser-ablative", "needling", 120, CIT_COMBINE_ASK},
                {"needling", "laser-ablative", 27, CIT_COMBINE_REFUSE},
                {"laser-non-ablative", "needling", 120, CIT_COMBINE_ASK},
                {"filler", "needling", 90, CIT_COMBINE_REFUSE},
                {"filler", "needling", 200, CIT_COMBINE_ASK},
                {"needling", "filler", 0, CIT_COMBINE_REFUSE},
                {"needling", "filler", 28, CIT_COMBINE_ASK},
                {"needling", "filler", 91, CIT_COMBINE_ASK},
                {"punch", "needling", 28, CIT_COMBINE_REFUSE},
                {"punch", "needling", 180, CIT_COMBINE_ASK},
                {"punch", "needling", 400, CIT_COMBINE_ASK},
                {"rf-needling", "needling", 27, CIT_COMBINE_REFUSE},
                {"rf-needling", "needling", 28, CIT_COMBINE_ASK},
                {"needling", "home-device", 7, CIT_COMBINE_REFUSE}};
    cit_catalogue *c = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cit_combination *b =
            cit_combination_of(c, rows[i].first, rows[i].second, rows[i].gap_day);
        CHECK((b != NULL ? b->verdict : 0) == rows[i].verdict, "%s, then %s after %g days: %s",
              rows[i].first, rows[i].second, rows[i].gap_day,
              b ? cit_choice_name(cit_combine_choices, b->verdict) : "nothing");
    }
    for (int i = 0; i < c->combination_count; i++) {
        const cit_combination *b = &c->combinations[i];
        CHECK(b->verdict != CIT_COMBINE_DO || b->study_count > 0, "%s: done, and no study", b->id);
        /* Who has had the first once is not refused for ever. */
        CHECK(b->verdict != CIT_COMBINE_REFUSE ||
                  cit_combination_of(c, b->first, b->second, b->gap_to_day + 1) != NULL,
              "%s: nothing is said of what comes after it", b->id);
    }
    cit_catalogue_free(c);
}

static bool has_allowed_order(const cit_catalogue *c, const char *adjunct) {
    for (int i = 0; i < c->combination_count; i++) {
        const cit_combination *b = &c->combinations[i];
        if (b->verdict != CIT_COMBINE_REFUSE &&
            (strcmp(b->first, adjunct) == 0 || strcmp(b->second, adjunct) == 0))
            return true;
    }
    return false;
}

static void a_partner_has_an_order(void **state) {
    cit_catalogue *c = real_catalogue();
    (void)state;
    for (int i = 0; i < c->adjunct_count; i++)
        CHECK(!(c->adjuncts[i].roles & CIT_ROLE_PARTNER) || has_allowed_order(c, c->adjuncts[i].id),
              "%s: a partner in no order", c->adjuncts[i].id);
    cit_catalogue_free(c);
}

/* The one study of plasma with means put it on and injected it: its people are counted once. */
static void plasma_has_one_number(void **state) {
    cit_catalogue *c = real_catalogue();
    cit_errors errs = {0};
    cit_added put_on, injected;
    (void)state;
    CHECK(cit_adjunct_adds(c, cit_catalogue_adjunct(c, "prp-topical"), &put_on, &errs) == CIT_OK &&
              cit_adjunct_adds(c, cit_catalogue_adjunct(c, "prp-injected"), &injected, &errs) ==
                  CIT_OK,
          "%s", errs.items[0].text);
    CHECK(put_on.studies == 0 && injected.studies == 1, "%d and %d studies", put_on.studies,
          injected.studies);
    cit_catalogue_free(c);
}

static void only_sunken_scars_are_forecast(void **state) {
    cit_catalogue *c = real_catalogue();
    (void)state;
    CHECK(c->aim_count == 11, "%d aims", c->aim_count);
    for (int i = 0; i < c->aim_count; i++) {
        const bool sunken = strcmp(c->aims[i].id, "depressed-scars") == 0;
        CHECK((c->aims[i].forecast == CIT_AIM_DEPRESSED_SCAR) == sunken, "%s", c->aims[i].id);
        CHECK(!sunken || strstr(c->aims[i].caution, "acne") != NULL, "%s", c->aims[i].caution);
    }
    cit_catalogue_free(c);
}

static void shipped_prices_have_a_page_behind_them(void **state) {
    cit_catalogue *c = real_catalogue();
    (void)state;
    CHECK(c->prices_count >= 4, "%d places", c->prices_count);
    for (int i = 0; i < c->prices_count; i++)
        for (int j = 0; j < c->prices[i].item_count; j++) {
            const cit_price *p = &c->prices[i].items[j];
            CHECK(strstr(p->source, "http") != NULL && p->low < p->high && p->users != 0,
                  "%s, %s: %g to %g, %s", c->prices[i].id, p->id, p->low, p->high, p->source);
        }
    cit_catalogue_free(c);
}

#define FOLDER_CASE(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)
T_MAIN(FOLDER_CASE(what_entries_say_is_read), FOLDER_CASE(a_broken_entry_is_blamed_at_its_place),
       FOLDER_CASE(all_faults_are_told_in_one_go), FOLDER_CASE(needling_is_no_adjunct),
       FOLDER_CASE(a_complete_list_has_every_usual_item),
       FOLDER_CASE(what_may_be_left_out_is_not_missed), FOLDER_CASE(the_digest_follows_every_kind),
       FOLDER_CASE(an_order_is_found_by_its_gap), CASE(a_goal_means_the_aim_of_its_longest_word),
       CASE(entries_are_found_by_id_and_by_near_names),
       FOLDER_CASE(own_prices_are_as_strictly_checked),
       CASE(the_adjuncts_that_clinics_offer_are_there),
       CASE(every_arm_with_something_added_is_wired), CASE(radiofrequency_comes_with_its_warning),
       CASE(shipped_orders_are_safe), CASE(a_partner_has_an_order), CASE(plasma_has_one_number),
       CASE(only_sunken_scars_are_forecast), CASE(shipped_prices_have_a_page_behind_them))
