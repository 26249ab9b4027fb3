/* The hard stops: yes is refused, no is not, and what nobody answered is never taken for a no. */
#include "input_help.h"
#include <cit/screening.h>

#define PLAN(who, setting)                                                                         \
    "schema: cit/protocol/1\nwho: " who "\nsettings:\n  - {" setting "}\n"                         \
    "visits: [{status: planned}]\n"
#define CLINIC PLAN("physician", "device: pen-12, length: 1.5 mm")

/* The questions that the case file answers; each key is the id with _ for -. */
static const char *const of_person[] = {"pregnant", "nursing", "isotretinoin", "keloid-tendency",
                                        "bleeding-disorder"};
static const char *const of_zone[] = {"inflamed-acne", "infection", "open-wound", "skin-cancer"};
enum { OF_PERSON = 5, OF_ZONE = 4 };

static void write_answers(FILE *out, const char *indent, const char *const *ids, int count,
                          const char *but, const char *answer) {
    for (int i = 0; i < count; i++) {
        const bool other = but != NULL && strcmp(ids[i], but) == 0;
        if (other && answer == NULL) continue;
        fputs(indent, out);
        for (const char *c = ids[i]; *c; c++) fputc(*c == '-' ? '_' : *c, out);
        fprintf(out, ": %s\n", other ? answer : "no");
    }
}

/* A person of one zone who answers every question with no, but for one; NULL: that one is left out. */
static cit_case *person_who(const char *site, const char *but, const char *answer) {
    char text[1000];
    FILE *out = fmemopen(text, sizeof text, "w");
    CHECK(out != NULL, "no memory");
    fputs("schema: cit/case/1\nhealth:\n  diabetes: unknown\n", out);
    write_answers(out, "  ", of_person, OF_PERSON, but, answer);
    fprintf(out, "zones:\n  - site: %s\n    side: left\n", site);
    write_answers(out, "    ", of_zone, OF_ZONE, but, answer);
    fclose(out);
    return case_of(text);
}

static void screen(const cit_case *person, const char *protocol, const cit_catalogue *catalogue,
                   cit_screening *ret) {
    cit_protocol *p = protocol_of(protocol);
    memset(ret, 0xa5, sizeof *ret); /* what was there must not shine through */
    cit_screen(person, p, catalogue, ret);
    cit_protocol_free(p);
}

static void check_counts(const cit_screening *s, int refused, int unknown, const char *what) {
    int yes = 0, open = 0;
    for (int i = 0; i < s->count; i++) {
        yes += s->findings[i].answer == CIT_YES;
        open += s->findings[i].answer == CIT_ANSWER_UNKNOWN;
    }
    CHECK(s->refused == refused && s->unknown == unknown, "%s: %d refused, %d open, not %d and %d",
          what, s->refused, s->unknown, refused, unknown);
    CHECK(yes == refused && open == unknown, "%s: findings of %d refused, %d open", what, yes,
          open);
}

/* The only finding that is not a no. */
static void check_finding(const cit_screening *s, const char *id, const char *where) {
    for (int i = 0; i < s->count; i++) {
        if (s->findings[i].answer == CIT_NO) continue;
        assert_string_equal(s->findings[i].stop->id, id);
        assert_string_equal(s->findings[i].where, where);
        return;
    }
    fail_msg("nothing was found, not even '%s'", id);
}

/* ---- the table ------------------------------------------------------------------------------- */

static void every_stop_says_what_to_ask_why_and_who_says_so(void **state) {
    const int count = cit_stop_count();
    (void)state;
    CHECK(count == OF_PERSON + OF_ZONE + 3, "%d stops", count);
    for (int i = 0; i < count; i++) {
        const cit_stop *s = cit_stop_at(i);
        const size_t length = strlen(s->question);
        CHECK(length > 0 && s->question[length - 1] == '?', "%s asks '%s'", s->id, s->question);
        CHECK(s->reason[0] != 0 && s->source[0] != 0, "%s: reason '%s', source '%s'", s->id,
              s->reason, s->source);
        for (int j = 0; j < i; j++)
            CHECK(strcmp(s->id, cit_stop_at(j)->id) != 0, "two stops '%s'", s->id);
    }
}

static void every_stop_is_looked_at(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    cit_case *person = person_who("cheek", NULL, NULL);
    cit_screening s;
    (void)state;
    screen(person, CLINIC, catalogue, &s);
    CHECK(s.count == cit_stop_count(), "%d findings of %d stops", s.count, cit_stop_count());
    for (int i = 0; i < s.count; i++)
        CHECK(s.findings[i].stop == cit_stop_at(i), "finding %d is of %s", i,
              s.findings[i].stop->id);
    check_counts(&s, 0, 0, "every answer no");
    cit_case_free(person);
    cit_catalogue_free(catalogue);
}

/* ---- what the case answers ------------------------------------------------------------------- */

static void check_question(const cit_catalogue *catalogue, const char *id, const char *where) {
    static const char *const answers[] = {"no", "yes", "unknown", NULL};
    for (int i = 0; i < 4; i++) {
        cit_screening s;
        cit_case *person = person_who("cheek", id, answers[i]);
        screen(person, CLINIC, catalogue, &s);
        check_counts(&s, i == 1, i >= 2, id);
        if (i > 0) check_finding(&s, id, where);
        cit_case_free(person);
    }
}

static void yes_is_refused_and_no_answer_is_asked_for(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (int i = 0; i < OF_PERSON; i++) check_question(catalogue, of_person[i], "");
    for (int i = 0; i < OF_ZONE; i++) check_question(catalogue, of_zone[i], "cheek, left");
    cit_catalogue_free(catalogue);
}

static void what_nobody_answered_is_open_at_every_zone(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    cit_case *person = case_of("schema: cit/case/1\nzones:\n  - {site: cheek, infection: yes}\n"
                               "  - {site: chin}\n  - {site: eyelid, side: right}\n");
    cit_screening s;
    (void)state;
    screen(person, CLINIC, catalogue, &s);
    check_counts(&s, 2, OF_PERSON + 3 * OF_ZONE - 1, "three zones"); /* infection; the eyelid */
    CHECK(s.count == OF_PERSON + 3 * (OF_ZONE + 1) + 2, "%d findings", s.count);
    cit_case_free(person);
    cit_catalogue_free(catalogue);
}

static void the_eyelid_is_refused_and_a_strange_site_is_asked_for(void **state) {
    static const struct {
        const char *site, *where;
        int refused, open;
    } rows[] = {{"eyelid", "eyelid, left", 1, 0}, {"nowhere", "nowhere, left", 0, 1}};
    cit_catalogue *catalogue = real_catalogue();
    cit_screening s;
    (void)state;
    for (int i = 0; i < 2; i++) {
        cit_case *person = person_who(rows[i].site, NULL, NULL);
        screen(person, CLINIC, catalogue, &s);
        check_counts(&s, rows[i].refused, rows[i].open, rows[i].site);
        check_finding(&s, "orbital-rim", rows[i].where);
        cit_case_free(person);
    }
    cit_catalogue_free(catalogue);
}

/* Every site the catalogue has is let through or refused by what its file says. */
static void no_site_but_those_inside_the_orbital_rim_is_refused(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    cit_screening s;
    int refused = 0;
    (void)state;
    for (int i = 0; i < catalogue->site_count; i++) {
        const cit_site *site = &catalogue->sites[i];
        cit_case *person = person_who(site->id, NULL, NULL);
        screen(person, CLINIC, catalogue, &s);
        check_counts(&s, site->inside_orbital_rim == CIT_YES, 0, site->id);
        refused += s.refused;
        cit_case_free(person);
    }
    CHECK(refused >= 1 && refused < catalogue->site_count, "%d of %d sites", refused,
          catalogue->site_count);
    cit_catalogue_free(catalogue);
}

/* ---- what the protocol answers --------------------------------------------------------------- */

static const struct {
    const char *protocol;
    int refused, open;
    const char *id, *where; /* of the one that is not a no */
} uses[] = {
    /* radiofrequency */
    {PLAN("home", "device: rf-49, length: 0.5 mm"), 1, 0, "radiofrequency-home", "rf-49"},
    {PLAN("home", "device: unknown, kind: radiofrequency, length: 0.5 mm"), 1, 0,
     "radiofrequency-home", ""},
    {PLAN("home", "device: unknown, length: 0.5 mm"), 0, 1, "radiofrequency-home", ""},
    {PLAN("home", "device: strange, length: 0.5 mm"), 0, 1, "radiofrequency-home", "strange"},
    {PLAN("unknown", "device: rf-49, length: 0.5 mm"), 0, 1, "radiofrequency-home", "rf-49"},
    {PLAN("physician", "device: rf-49, length: 3.5 mm"), 0, 0, NULL, NULL},
    {PLAN("aesthetician", "device: unknown, kind: radiofrequency"), 0, 0, NULL, NULL},
    /* lengths; 0.5 mm is the limit */
    {PLAN("home", "device: home-pen, length: 0.5 mm"), 0, 0, NULL, NULL},
    {PLAN("home", "device: home-pen, length: 500 um"), 0, 0, NULL, NULL},
    {PLAN("home", "device: home-pen, length: 0.05 cm"), 0, 0, NULL, NULL},
    {PLAN("home", "device: home-pen, length: 0.51 mm"), 1, 0, "length-home", "home-pen"},
    {PLAN("home", "device: home-pen, length: 501 um"), 1, 0, "length-home", "home-pen"},
    {PLAN("home", "device: home-pen, length: 0.75 mm"), 1, 0, "length-home", "home-pen"},
    {PLAN("home", "device: home-pen, length: 2.5 mm"), 1, 0, "length-home", "home-pen"},
    {PLAN("home", "device: home-pen, length: unknown"), 0, 1, "length-home", "home-pen"},
    {PLAN("home", "device: home-pen"), 0, 1, "length-home", "home-pen"},
    {PLAN("unknown", "device: home-pen, length: 0.75 mm"), 0, 1, "length-home", "home-pen"},
    {PLAN("unknown", "device: home-pen, length: 0.5 mm"), 0, 0, NULL, NULL},
    {PLAN("physician", "device: home-pen, length: 2.5 mm"), 0, 0, NULL, NULL},
    {PLAN("aesthetician", "device: home-pen, length: unknown"), 0, 0, NULL, NULL},
    /* a device that has no longer needles needs no length */
    {PLAN("home", "device: home-roller-short"), 0, 0, NULL, NULL},
    {PLAN("home", "device: home-roller-050, length: unknown"), 0, 0, NULL, NULL},
    {PLAN("home", "device: home-roller-100"), 0, 1, "length-home", "home-roller-100"},
    {PLAN("home", "device: unknown, kind: roller"), 0, 1, "length-home", ""},
};

static void home_use_is_held_to_short_needles_without_heat(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    cit_case *person = person_who("cheek", NULL, NULL);
    (void)state;
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        cit_screening s;
        screen(person, uses[i].protocol, catalogue, &s);
        check_counts(&s, uses[i].refused, uses[i].open, uses[i].protocol);
        if (uses[i].id != NULL) check_finding(&s, uses[i].id, uses[i].where);
    }
    cit_case_free(person);
    cit_catalogue_free(catalogue);
}

static void nothing_is_known_of_an_unknown_device_in_unknown_hands(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    cit_case *person = person_who("cheek", NULL, NULL);
    cit_screening s;
    (void)state;
    screen(person, PLAN("unknown", "device: unknown"), catalogue, &s);
    check_counts(&s, 0, 2, "all unknown");
    screen(person, PLAN("home", "device: rf-49, length: 2 mm"), catalogue, &s);
    check_counts(&s, 2, 0, "heat and length");
    cit_case_free(person);
    cit_catalogue_free(catalogue);
}

static void settings_of_single_visits_are_looked_at(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    cit_case *person = person_who("cheek", NULL, NULL);
    cit_screening s;
    (void)state;
    screen(person,
           "schema: cit/protocol/1\nwho: home\nsettings: [{device: home-roller-short}]\nvisits:\n"
           "  - {status: done}\n"
           "  - {status: planned, settings: [{device: home-pen, length: 1 mm}]}\n",
           catalogue, &s);
    check_counts(&s, 1, 0, "the second visit");
    check_finding(&s, "length-home", "home-pen");
    cit_case_free(person);
    cit_catalogue_free(catalogue);
}

/* ---- more places than findings ---------------------------------------------------------------- */

/* 200 visits, each with a setting of its own: the needle of the last is too long, and the first question
 * is open. Neither is left out for the harmless places between them. */
static void a_refusal_is_found_behind_hundreds_of_harmless_places(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    cit_case *person = person_who("cheek", "pregnant", "unknown");
    cit_screening s;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    (void)state;
    CHECK(out != NULL, "no memory");
    fputs("schema: cit/protocol/1\nwho: home\nvisits:\n", out);
    for (int i = 1; i <= CIT_APPOINTMENTS_MAX; i++)
        fprintf(out, "  - {status: planned, settings: [{device: home-pen, length: %s}]}\n",
                i < CIT_APPOINTMENTS_MAX ? "0.25 mm" : "2 mm");
    fclose(out);
    screen(person, text, catalogue, &s);
    CHECK(s.count == CIT_FINDINGS_MAX, "%d findings: this no longer goes beyond them", s.count);
    check_counts(&s, 1, 1, "the last of 200 visits");
    free(text);
    cit_case_free(person);
    cit_catalogue_free(catalogue);
}

/* With every finding an open question, a refusal still takes the place of one. */
static void a_refusal_is_found_behind_hundreds_of_open_questions(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    cit_case *person = NULL;
    cit_screening s;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    (void)state;
    CHECK(out != NULL, "no memory");
    fputs("schema: cit/case/1\nzones:\n", out);
    for (int i = 0; i < 120; i++) fprintf(out, "  - {site: strange-%d}\n", i);
    fputs("  - {site: eyelid}\n", out);
    fclose(out);
    person = case_of(text);
    screen(person, CLINIC, catalogue, &s);
    CHECK(s.refused == 1 && s.unknown == OF_PERSON + 121 * OF_ZONE + 120, "%d refused, %d open",
          s.refused, s.unknown);
    CHECK(s.count == CIT_FINDINGS_MAX, "%d findings", s.count);
    int yes = 0, no = 0;
    for (int i = 0; i < s.count; i++) {
        yes += s.findings[i].answer == CIT_YES;
        no += s.findings[i].answer == CIT_NO;
    }
    CHECK(yes == 1 && no == 0, "%d refusals and %d harmless ones among the findings", yes, no);
    free(text);
    cit_case_free(person);
    cit_catalogue_free(catalogue);
}

/* ---- the examples ----------------------------------------------------------------------------- */

static void the_examples_are_screened_and_none_is_refused(void **state) {
    static const struct {
        const char *name;
        int places; /* 5 of the person, 5 a zone, 2 a setting */
    } rows[] = {{"alam-2014", 12}, {"lotfi-2013", 12}, {"malik-2024", 12}, {"severe-scars", 24}};
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (int i = 0; i < 4; i++) {
        char file[80];
        cit_errors errs = {0};
        cit_case *person = NULL;
        cit_protocol *protocol = NULL;
        cit_screening s;
        snprintf(file, sizeof file, "examples/%s/case.yaml", rows[i].name);
        const path of_case = source_path(file);
        CHECK(cit_case_load(of_case.text, &person, &errs) == CIT_OK, "%s", errs.items[0].text);
        snprintf(file, sizeof file, "examples/%s/protocol.yaml", rows[i].name);
        const path of_protocol = source_path(file);
        CHECK(cit_protocol_load(of_protocol.text, &protocol, &errs) == CIT_OK, "%s",
              errs.items[0].text);
        cit_screen(person, protocol, catalogue, &s);
        check_counts(&s, 0, 0, rows[i].name);
        CHECK(s.count == rows[i].places, "%s: %d places", rows[i].name, s.count);
        cit_case_free(person);
        cit_protocol_free(protocol);
    }
    cit_catalogue_free(catalogue);
}

T_MAIN(CASE(every_stop_says_what_to_ask_why_and_who_says_so), CASE(every_stop_is_looked_at),
       CASE(yes_is_refused_and_no_answer_is_asked_for),
       CASE(what_nobody_answered_is_open_at_every_zone),
       CASE(the_eyelid_is_refused_and_a_strange_site_is_asked_for),
       CASE(no_site_but_those_inside_the_orbital_rim_is_refused),
       CASE(home_use_is_held_to_short_needles_without_heat),
       CASE(nothing_is_known_of_an_unknown_device_in_unknown_hands),
       CASE(settings_of_single_visits_are_looked_at),
       CASE(a_refusal_is_found_behind_hundreds_of_harmless_places),
       CASE(a_refusal_is_found_behind_hundreds_of_open_questions),
       CASE(the_examples_are_screened_and_none_is_refused))
