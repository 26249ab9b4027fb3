/* The facts that rules look at: numbing cream and its label, intervals, medicines, settings; conditions in
 * three values; rules that say what cannot be; courses that have begun. */
#include "folder_help.h"
#include "scenario_help.h"
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- age ------------------------------------------------------------------------------------------------ */

/* Years that somebody states are at least so many and less than one more; time goes on from the day on which
 * they were stated. The answers of `under 18` and of `18 to 21`. */
static const struct {
    const char *born;
    cit_answer minor, under_22;
} ages[] = {
    {"2008-11-21", CIT_NO, CIT_YES},
    {"2008-11-22", CIT_YES, CIT_YES}, /* above 17 and a day */
    {"2010-01-01", CIT_YES, CIT_NO},
    {"2004-11-21", CIT_NO, CIT_NO},
    {"2004-11-22", CIT_NO, CIT_YES},
    {"unknown", CIT_ANSWER_UNKNOWN, CIT_ANSWER_UNKNOWN},
    {"unknown\nage: 16 years", CIT_YES, CIT_NO},
    {"unknown\nage: 17 years", CIT_YES, CIT_ANSWER_UNKNOWN},
    {"unknown\nage: 18 years", CIT_NO, CIT_YES},
    {"unknown\nage: 21 years", CIT_NO, CIT_YES},
    {"unknown\nage: 22 years", CIT_NO, CIT_NO},
    {"unknown\nage: 23 years", CIT_NO, CIT_NO},
    {"unknown\nage: 17 years\nanswered: 2026-11-21", CIT_YES, CIT_ANSWER_UNKNOWN},
    {"unknown\nage: 17 years\nanswered: 2026-11-20", CIT_ANSWER_UNKNOWN, CIT_YES}, /* or 18 today */
    {"unknown\nage: 17 years\nanswered: 2025-11-22", CIT_ANSWER_UNKNOWN, CIT_YES},
    {"unknown\nage: 17 years\nanswered: 2025-11-20", CIT_NO, CIT_YES},
    {"unknown\nage: 21 years\nanswered: 2026-05-21", CIT_NO, CIT_ANSWER_UNKNOWN},
    {"unknown\nage: 21 years\nanswered: 2025-11-20", CIT_NO, CIT_NO},
    {"unknown\nage: 17.9 years\nanswered: 2026-11-21", CIT_YES, CIT_YES},
    {"unknown\nage: 17 years\nanswered: 2027-01-01", CIT_YES, CIT_ANSWER_UNKNOWN}, /* later */
    {"2008-11-22\nage: 30 years", CIT_YES, CIT_YES}, /* the date of birth stands */
};

static void a_stated_age_lasts_a_year(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof ages / sizeof *ages; i++) {
        char changes[120];
        scenario s = in_clinic();
        snprintf(changes, sizeof changes, "case.born: %s", ages[i].born);
        change(&s, changes);
        judged j = judge(&s, catalogue);
        const cit_answer minor = answer_of(j.screening, "minor", CIT_PHYSICIAN);
        const cit_answer under_22 = answer_of(j.screening, "under-22", CIT_PHYSICIAN);
        CHECK(minor == ages[i].minor && under_22 == ages[i].under_22,
              "born %s: under 18 %d, not %d; 18 to 21 %d, not %d", ages[i].born, minor,
              ages[i].minor, under_22, ages[i].under_22);
        forget(&j);
    }
    cit_catalogue_free(catalogue);
}

/* Every whole age that anybody states is that age and no other, whatever the rounding of years in days. */
static void no_rounding_makes_a_minor(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (int years = 1; years < 120; years++) {
        char changes[80];
        scenario s = in_clinic();
        snprintf(changes, sizeof changes, "case.born: unknown\nage: %d years", years);
        change(&s, changes);
        judged j = judge(&s, catalogue);
        const cit_answer minor = answer_of(j.screening, "minor", CIT_PHYSICIAN);
        CHECK(minor == (years < 18 ? CIT_YES : CIT_NO), "%d years: under 18 %d", years, minor);
        const cit_answer under_22 = answer_of(j.screening, "under-22", CIT_PHYSICIAN);
        CHECK(years == 17 || under_22 == (years >= 18 && years < 22 ? CIT_YES : CIT_NO),
              "%d years: under 22 %d", years, under_22);
        forget(&j);
    }
    cit_catalogue_free(catalogue);
}

/* ---- numbing cream ----------------------------------------------------------------------------------- */

/* An invented label by age and weight: what it allows, and where it says nothing. */
#define NONE CIT_UNKNOWN_NUMBER
static cit_anaesthetic_limit label[] = {
    {0, 12 * CIT_YEAR_DAYS, NONE, 20, 10, 10000, 60, NULL},
    {0, 12 * CIT_YEAR_DAYS, 20, NONE, 20, 20000, 90, NULL},
    {12 * CIT_YEAR_DAYS, 18 * CIT_YEAR_DAYS, NONE, NONE, NONE, NONE, NONE, "says nothing"},
    {18 * CIT_YEAR_DAYS, NONE, NONE, NONE, 60, 60000, 120, NULL},
    {NONE, NONE, NONE, NONE, 1, 1, 1, "never reached"},
};
static cit_anaesthetic_limit by_grams[] = {{NONE, NONE, NONE, NONE, 5, NONE, 30, NULL}};
static cit_anaesthetic_limit by_area[] = {{NONE, NONE, NONE, NONE, NONE, 10000, 30, NULL}};
static cit_anaesthetic_limit timeless[] = {{NONE, NONE, NONE, NONE, 5, 10000, NONE, NULL}};
#define LABELLED(name, rows)                                                                       \
    {                                                                                              \
        .id = name, .strength_percent = 4, .amide = CIT_YES, .ester = CIT_NO,                      \
        .methaemoglobin = CIT_NO, .limits = rows, .limit_count = sizeof rows / sizeof *rows        \
    }
static cit_anaesthetic creams[] = {
    LABELLED("labelled", label),
    LABELLED("by-grams", by_grams),
    LABELLED("by-area", by_area),
    LABELLED("timeless", timeless),
    {.id = "unlabelled",
     .strength_percent = 4,
     .amide = CIT_YES,
     .ester = CIT_NO,
     .methaemoglobin = CIT_NO},
};
enum { CREAMS = sizeof creams / sizeof *creams };

#define ADULT(rest)   "labelled", rest, "1990-06-15", "62 kg"
#define CHILD(rest)   "labelled", rest, "2016-11-21", /* ten today */
#define WITHIN_LIMITS "grams: 60, area: 600 cm2, minutes: 120"

static const struct {
    const char *product, *rest, *born, *weight;
    cit_answer over;
} ceilings[] = {
    {ADULT(WITHIN_LIMITS), CIT_NO},
    {ADULT("grams: 60.01, area: 600 cm2, minutes: 120"), CIT_YES},
    {ADULT("grams: 60, area: 600.1 cm2, minutes: 120"), CIT_YES},
    {ADULT("grams: 60, area: 600 cm2, minutes: 120.5"), CIT_YES},
    {ADULT("grams: 0, area: 1 mm2, minutes: 0"), CIT_NO},
    /* one that is over is enough; one that is not known is open */
    {ADULT("grams: 61"), CIT_YES},
    {ADULT("grams: 61, minutes: unknown"), CIT_YES},
    {ADULT("area: 600 cm2, minutes: 120"), CIT_ANSWER_UNKNOWN},
    {ADULT("grams: 60, area: 600 cm2"), CIT_ANSWER_UNKNOWN},
    {ADULT("grams: 60, minutes: 120"), CIT_ANSWER_UNKNOWN}, /* 40 cm2 of zone at the least */
    /* a label that gives grams or an area, but not both; one without minutes */
    {"by-grams", "grams: 5, minutes: 30", "1990-06-15", "62 kg", CIT_NO},
    {"by-grams", "grams: 5.1, area: 1 cm2, minutes: 30", "1990-06-15", "62 kg", CIT_YES},
    {"by-grams", "area: 1 cm2, minutes: 30", "1990-06-15", "62 kg", CIT_ANSWER_UNKNOWN},
    {"by-area", "area: 100 cm2, minutes: 30", "1990-06-15", "62 kg", CIT_NO},
    {"by-area", "grams: 0, area: 101 cm2, minutes: 30", "1990-06-15", "62 kg", CIT_YES},
    {"by-area", "grams: 5, minutes: 30", "1990-06-15", "62 kg", CIT_ANSWER_UNKNOWN},
    {"timeless", "grams: 5, area: 1 cm2, minutes: 1", "1990-06-15", "62 kg", CIT_ANSWER_UNKNOWN},
    {"timeless", "grams: 5.1, area: 1 cm2, minutes: 1", "1990-06-15", "62 kg", CIT_YES},
    /* by weight */
    {"labelled", WITHIN_LIMITS, "1990-06-15", "unknown", CIT_ANSWER_UNKNOWN},
    {"labelled", "grams: 999, area: 600 cm2, minutes: 120", "1990-06-15", "unknown",
     CIT_ANSWER_UNKNOWN},
    {CHILD("grams: 10, area: 100 cm2, minutes: 60") "19.9 kg", CIT_NO},
    {CHILD("grams: 10.1, area: 100 cm2, minutes: 60") "19.9 kg", CIT_YES},
    {CHILD("grams: 10.1, area: 100 cm2, minutes: 60") "20 kg", CIT_NO},
    {CHILD("grams: 20.1, area: 100 cm2, minutes: 60") "20 kg", CIT_YES},
    {CHILD("grams: 20, area: 200 cm2, minutes: 91") "50 kg", CIT_YES},
    /* by age: 12 tomorrow, 12 today, 18 tomorrow, 18 today */
    {"labelled", "grams: 21, area: 1 cm2, minutes: 1", "2014-11-22", "50 kg", CIT_YES},
    {"labelled", "grams: 21, area: 1 cm2, minutes: 1", "2014-11-21", "50 kg", CIT_ANSWER_UNKNOWN},
    {"labelled", "grams: 21, area: 1 cm2, minutes: 1", "2008-11-22", "50 kg", CIT_ANSWER_UNKNOWN},
    {"labelled", "grams: 21, area: 1 cm2, minutes: 1", "2008-11-21", "50 kg", CIT_NO},
    {"labelled", WITHIN_LIMITS, "unknown", "62 kg", CIT_ANSWER_UNKNOWN},
    {"labelled", WITHIN_LIMITS, "unknown\nage: 18 years", "62 kg", CIT_NO},
    {"labelled", WITHIN_LIMITS, "unknown\nage: 17 years", "62 kg", CIT_ANSWER_UNKNOWN},
    {"labelled", "grams: 21, area: 1 cm2, minutes: 1", "unknown\nage: 11 years", "62 kg", CIT_YES},
    /* a label without limits, a cream that nobody knows */
    {"unlabelled", "grams: 0.1, area: 1 cm2, minutes: 1", "1990-06-15", "62 kg",
     CIT_ANSWER_UNKNOWN},
    {"strange", "grams: 0.1, area: 1 cm2, minutes: 1", "1990-06-15", "62 kg", CIT_ANSWER_UNKNOWN},
};

static void cream_is_held_to_its_label(void **state) {
    cit_catalogue *catalogue = real_catalogue(), own = *catalogue;
    (void)state;
    own.anaesthetics = creams;
    own.anaesthetic_count = CREAMS;
    for (size_t i = 0; i < sizeof ceilings / sizeof *ceilings; i++) {
        char changes[300];
        scenario s = in_clinic();
        snprintf(changes, sizeof changes,
                 "case.born: %s; case.weight: %s; protocol.cream: yes\nnumbing: {product: %s, %s}",
                 ceilings[i].born, ceilings[i].weight, ceilings[i].product, ceilings[i].rest);
        change(&s, changes);
        judged j = judge(&s, &own);
        const cit_answer over = answer_of(j.screening, "numbing-over-ceiling", CIT_PHYSICIAN);
        CHECK(over == ceilings[i].over, "'%s': %d, not %d", changes, over, ceilings[i].over);
        forget(&j);
    }
    cit_catalogue_free(catalogue);
}

/* Where nobody states the area under the cream, it is no less than that of the zones, as far as theirs is
 * stated; it may be more. */
static void the_area_is_at_least_that_of_the_zones(void **state) {
    static const struct {
        const char *changes, *stated;
        cit_answer over;
    } rows_of_area[] = {
        {"zone.area: 600 cm2", "", CIT_ANSWER_UNKNOWN},
        {"zone.area: 600.1 cm2", "", CIT_YES},
        {"zone.area: 1 cm2", "", CIT_ANSWER_UNKNOWN},
        {"zone.area: unknown", "", CIT_ANSWER_UNKNOWN},
        {"zone.area: 599 cm2; zones.more: {site: chin, area: 1 cm2}", "", CIT_ANSWER_UNKNOWN},
        {"zone.area: 599 cm2; zones.more: {site: chin, area: 1.1 cm2}", "", CIT_YES},
        {"zone.area: 601 cm2; zones.more: {site: strange}", "", CIT_YES},
        {"zone.area: unknown; zones.more: {site: chin, area: 601 cm2}", "", CIT_YES},
        {"zone.area: unknown; zone.side: both; zone.site: chest", "", CIT_ANSWER_UNKNOWN},
        /* what is stated stands before the zones */
        {"zone.area: 700 cm2", ", area: 600 cm2", CIT_NO},
        {"zone.area: unknown", ", area: 600 cm2", CIT_NO},
        {"zone.area: 1 cm2", ", area: 600.1 cm2", CIT_YES},
    };
    cit_catalogue *catalogue = real_catalogue(), own = *catalogue;
    (void)state;
    own.anaesthetics = creams;
    own.anaesthetic_count = CREAMS;
    for (size_t i = 0; i < sizeof rows_of_area / sizeof *rows_of_area; i++) {
        scenario s = in_clinic();
        char cream[120];
        snprintf(cream, sizeof cream,
                 "protocol.cream: yes\nnumbing: {product: labelled, grams: 1, minutes: 1%s}",
                 rows_of_area[i].stated);
        change(&s, cream);
        change(&s, rows_of_area[i].changes);
        judged j = judge(&s, &own);
        const cit_answer over = answer_of(j.screening, "numbing-over-ceiling", CIT_PHYSICIAN);
        CHECK(over == rows_of_area[i].over, "'%s': %d, not %d", rows_of_area[i].changes, over,
              rows_of_area[i].over);
        forget(&j);
    }
    cit_catalogue_free(catalogue);
}

/* EMLA by its published table: 7 to 12 years and over 20 kg, 20 g; a lighter child has the row of its
 * weight; the birthday itself belongs to the older. */
static void the_labels_of_the_catalogue_are_read_by_age_and_weight(void **state) {
    static const struct {
        const char *born, *weight, *grams;
        cit_answer over;
    } children[] = {
        {"2017-11-21", "30 kg", "20", CIT_NO},    {"2017-11-21", "30 kg", "20.1", CIT_YES},
        {"2017-11-21", "15 kg", "10", CIT_NO},    {"2017-11-21", "15 kg", "10.1", CIT_YES},
        {"2020-11-21", "12 kg", "10", CIT_NO},    {"2020-11-21", "12 kg", "10.1", CIT_YES},
        {"2019-11-22", "30 kg", "10.1", CIT_YES}, {"2019-11-21", "30 kg", "10.1", CIT_NO},
        {"2020-11-21", "9 kg", "2", CIT_NO},      {"2020-11-21", "9 kg", "2.1", CIT_YES},
        {"1990-01-01", "70 kg", "60", CIT_NO},    {"1990-01-01", "70 kg", "60.1", CIT_YES},
    };
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof children / sizeof *children; i++) {
        char changes[300];
        scenario s = in_clinic();
        snprintf(changes, sizeof changes,
                 "case.born: %s; case.earlier: []; case.weight: %s; protocol.cream: yes\nnumbing: "
                 "{product: lidocaine-prilocaine, grams: %s, area: 1 cm2, minutes: 60}",
                 children[i].born, children[i].weight, children[i].grams);
        change(&s, changes);
        judged j = judge(&s, catalogue);
        const cit_answer over = answer_of(j.screening, "numbing-over-ceiling", CIT_PHYSICIAN);
        CHECK(over == children[i].over, "'%s': %d, not %d", changes, over, children[i].over);
        forget(&j);
    }
    cit_catalogue_free(catalogue);
}

#define SPREAD(visits) "protocol.visits: [" visits "]"

/* Cream on one visit of several is cream; what a missed visit had is none. */
static void cream_counts_where_any_visit_has_it(void **state) {
    static const struct {
        const char *changes;
        cit_answer numbed;
    } courses[] = {
        {SPREAD("{status: planned}"), CIT_NO},
        {SPREAD("{status: planned}, {status: planned, after: 4 weeks, cream: yes}"), CIT_YES},
        {SPREAD("{status: planned}, {status: missed, after: 4 weeks, cream: yes}"), CIT_NO},
        {"protocol.cream: yes; " SPREAD("{status: planned, cream: no}"), CIT_NO},
        {"protocol.cream: unknown; " SPREAD("{status: planned, cream: no}"), CIT_NO},
        {"protocol.cream: unknown; " SPREAD("{status: planned}, {status: planned, after: 4 weeks, "
                                            "cream: no}"),
         CIT_ANSWER_UNKNOWN},
        {"protocol.cream: unknown; " SPREAD("{status: planned}, {status: planned, after: 4 weeks, "
                                            "cream: yes}"),
         CIT_YES},
        {"protocol.cream: unknown\nnumbing: {product: lidocaine-4}", CIT_YES},
        {"protocol.cream: unknown\nnumbing: {grams: 3}", CIT_ANSWER_UNKNOWN},
    };
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof courses / sizeof *courses; i++) {
        scenario s = at_home();
        change(&s, courses[i].changes);
        judged j = judge(&s, catalogue);
        const cit_answer numbed = answer_of(j.screening, "home-numbing", CIT_HOME);
        CHECK(numbed == courses[i].numbed, "'%s': %d, not %d", courses[i].changes, numbed,
              courses[i].numbed);
        forget(&j);
    }
    cit_catalogue_free(catalogue);
}

/* ---- the interval -------------------------------------------------------------------------------------- */

#define ON(date) "{status: done, date: " date "}"

/* The answers of `under 28 days` and `under 14 days`. */
static const struct {
    const char *visits;
    cit_answer under_28, under_14;
} intervals[] = {
    {"{status: planned}", CIT_NO, CIT_NO},
    {"{status: planned, count: 3, every: 28 days}", CIT_NO, CIT_NO},
    {"{status: planned, count: 3, every: 2 weeks}", CIT_YES, CIT_NO},
    {"{status: planned, count: 3, every: 1 week}", CIT_YES, CIT_YES},
    {"{status: planned, count: 3}", CIT_ANSWER_UNKNOWN, CIT_ANSWER_UNKNOWN},
    {"{status: planned}, {status: planned}", CIT_ANSWER_UNKNOWN, CIT_ANSWER_UNKNOWN},
    /* the shortest counts */
    {"{status: planned}, {status: planned, after: 5 weeks}, {status: planned, after: 20 days}",
     CIT_YES, CIT_NO},
    {"{status: planned}, {status: planned, after: 20 days}, {status: planned}", CIT_YES,
     CIT_ANSWER_UNKNOWN},
    {"{status: planned}, {status: planned, after: 5 days}, {status: planned}", CIT_YES, CIT_YES},
    {"{status: planned, count: 2, every: 9 weeks}, {status: planned, after: 27 days}", CIT_YES,
     CIT_NO},
    {ON("2026-01-01") ", " ON("2026-01-29"), CIT_NO, CIT_NO},
    {ON("2026-01-01") ", " ON("2026-01-28"), CIT_YES, CIT_NO},
    {ON("2024-02-15") ", " ON("2024-03-14"), CIT_NO, CIT_NO}, /* 28 days in a leap year */
    {ON("2025-02-15") ", " ON("2025-03-14"), CIT_YES, CIT_NO},
    /* what a date behind an unstated interval leaves is all the room there is */
    {ON("2026-01-01") ", {status: done}, " ON("2026-02-25"), CIT_YES, CIT_ANSWER_UNKNOWN},
    {ON("2026-01-01") ", {status: done}, " ON("2026-02-26"), CIT_ANSWER_UNKNOWN,
     CIT_ANSWER_UNKNOWN},
    {ON("2026-01-01") ", {status: done}, " ON("2026-01-27"), CIT_YES, CIT_YES},
    /* missed visits are no visits */
    {"{status: done}, {status: missed, after: 2 weeks}, {status: planned, after: 2 weeks}", CIT_NO,
     CIT_NO},
    {"{status: done}, {status: missed, after: 6 days}, {status: planned, after: 7 days}", CIT_YES,
     CIT_YES},
    {ON("2026-01-01") ", {status: missed, date: 2026-01-15}, " ON("2026-01-29"), CIT_NO, CIT_NO},
    {"{status: missed, date: 2026-01-01}, " ON("2026-01-02") ", " ON("2026-01-30"), CIT_NO, CIT_NO},
};

static void the_interval_is_the_shortest_between_visits(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++) {
        char text[500];
        snprintf(text, sizeof text,
                 "schema: cit/protocol/1\nsettings: [{device: skinpen-precision}]\nvisits: [%s]\n",
                 intervals[i].visits);
        cit_case *person = case_of("schema: cit/case/1\nzones: [{site: cheek}]\n");
        cit_protocol *protocol = protocol_of(text);
        cit_screening *s = screened(person, protocol, catalogue, 20000);
        const cit_answer home = answer_of(s, "home-interval", CIT_HOME);
        const cit_answer clinic = answer_of(s, "clinic-interval-short", CIT_PHYSICIAN);
        CHECK(home == intervals[i].under_28 && clinic == intervals[i].under_14,
              "%s: under 28 days %d, under 14 days %d", intervals[i].visits, home, clinic);
        cit_screening_free(s);
        cit_protocol_free(protocol);
        cit_case_free(person);
    }
    cit_catalogue_free(catalogue);
}

/* ---- medicines ------------------------------------------------------------------------------------------ */

static const struct {
    const char *list, *rule; /* the rule that asks or refuses; NULL: none does */
} medicine_lists[] = {
    {"[Roaccutane]", "isotretinoin-now"},
    {"[Isotretinoin 20 mg daily]", "isotretinoin-now"},
    {"[CLARAVIS]", "isotretinoin-now"},
    {"[Eliquis 5 mg]", "anticoagulant"},
    {"[Plavix]", "anticoagulant"},
    {"[Nu-Seals 75]", "anticoagulant"},
    {"[methotrexate]", "immunosuppressed"},
    {"[Dupixent pen]", "immunosuppressed"},
    {"[Medrol]", "steroid-tablets"},
    {"[Xeloda]", "chemotherapy"},
    {"[zzyzx]", "unlisted-medicine"},
    {"[ibuprofen, zzyzx]", "unlisted-medicine"},
    {"[\"?\"]", "unlisted-medicine"},
    {"[]", NULL},
    {"[ibuprofen]", NULL},
    {"[Yasmin, L-thyroxin 50, Cetirizine]", NULL},
    {"[birth control pill]", NULL},
    {"[doxycycline, Differin gel]", NULL},
};

static void medicines_answer_for_what_they_are(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof medicine_lists / sizeof *medicine_lists; i++) {
        scenario s = in_clinic();
        char changes[200];
        snprintf(changes, sizeof changes, "case.medication: %s", medicine_lists[i].list);
        change(&s, changes);
        judged j = judge(&s, catalogue);
        const char *stands = what_stands(j.screening, CIT_PHYSICIAN);
        if (medicine_lists[i].rule == NULL)
            CHECK(*stands == 0, "%s:%s", medicine_lists[i].list, stands);
        else
            CHECK(strcmp(stands + (*stands == ' '), medicine_lists[i].rule) == 0,
                  "%s:%s, not %s alone", medicine_lists[i].list, stands, medicine_lists[i].rule);
        forget(&j);
    }
    cit_catalogue_free(catalogue);
}

/* Every name of every list does what the list says, and none answers another fact as well; a harmless
 * word in it ("tablet") is no matter. */
static void every_name_of_a_medicine_is_found(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    int names = 0;
    (void)state;
    for (int i = 0; i < catalogue->medicine_count; i++)
        for (int k = 0; k < catalogue->medicines[i].name_count; k++, names++) {
            const cit_medicine *m = &catalogue->medicines[i];
            const cit_case person = {.medication = &m->names[k], .medication_count = 1};
            CHECK(!cit_takes_unlisted(&person, catalogue), "'%s' is unlisted", m->names[k]);
            CHECK(cit_takes(&person, catalogue, m->fact), "'%s' is no %s", m->names[k], m->fact);
            for (int l = 0; l < catalogue->medicine_count; l++)
                CHECK(strcmp(catalogue->medicines[l].fact, m->fact) == 0 ||
                          strcmp(catalogue->medicines[l].fact, "none") == 0 ||
                          !cit_takes(&person, catalogue, catalogue->medicines[l].fact),
                      "'%s' is %s and %s", m->names[k], m->fact, catalogue->medicines[l].fact);
        }
    CHECK(names > 300, "only %d names", names);
    cit_catalogue_free(catalogue);
}

/* ---- settings and visits -------------------------------------------------------------------------------- */

/* A rule on settings looks at each that some visit uses on a zone, once, and at no other. */
static void every_setting_in_use_is_looked_at_once(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    cit_case *person = case_of("schema: cit/case/1\nzones:\n  - {site: cheek}\n  - {site: chin}\n");
    cit_protocol *protocol =
        protocol_of("schema: cit/protocol/1\nsettings:\n"
                    "  - {device: skinpen-precision, length: 2 mm}\n"
                    "  - {site: chin, device: skinpen-precision, length: 1 mm}\n"
                    "  - {site: nose, device: skinpen-precision, length: 2.5 mm}\n"
                    "visits:\n"
                    "  - {status: done, count: 2, every: 28 days}\n"
                    "  - {status: planned, after: 28 days, settings: [{site: chin, device: "
                    "skinpen-precision, length: 2.25 mm}]}\n"
                    "  - {status: missed, after: 28 days, settings: [{device: skinpen-precision, "
                    "length: 2.5 mm}]}\n");
    cit_screening *s = screened(person, protocol, catalogue, 20000);
    double lengths[2] = {0, 0};
    int found[2] = {0, 0};
    (void)state;
    for (int i = 0; i < s->count; i++) {
        const cit_finding *f = &s->findings[i];
        if (strcmp(f->rule->id, "deep-beyond-label") != 0) continue;
        CHECK(f->setting != NULL && f->zone >= 0 && f->holds[1] == CIT_YES, "it holds nowhere");
        lengths[f->zone] = f->setting->length_mm;
        found[f->zone]++;
    }
    CHECK(found[0] == 1 && found[1] == 1, "%d on the cheek, %d on the chin", found[0], found[1]);
    CHECK_CLOSE(lengths[0], 2, 0);
    CHECK_CLOSE(lengths[1], 2.25, 0);
    cit_screening_free(s);
    cit_protocol_free(protocol);
    cit_case_free(person);
    cit_catalogue_free(catalogue);
}

/* 200 visits, each with a setting of its own: the needle of the last is too long. */
static void a_refusal_is_found_behind_hundreds_of_harmless_settings(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    cit_case *person = case_of("schema: cit/case/1\nzones: [{site: cheek}]\n");
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
    cit_protocol *protocol = protocol_of(text);
    cit_screening *s = screened(person, protocol, catalogue, 20000);
    CHECK(answer_of(s, "home-length", CIT_HOME) == CIT_YES,
          "the last of 200 visits is passed over");
    CHECK(cit_screening_verdict(s, 0, CIT_HOME) == CIT_FORBIDDEN, "not refused");
    cit_screening_free(s);
    cit_protocol_free(protocol);
    cit_case_free(person);
    free(text);
    cit_catalogue_free(catalogue);
}

/* ---- conditions, facts ------------------------------------------------------------------------------------ */

static const char *yes_word[] = {"yes"}, *no_word[] = {"no"};

static cit_term term_on(const char *fact, bool yes) {
    return (cit_term){.fact = fact, .is = yes ? yes_word : no_word, .is_count = 1};
}

/* Kleene: all of `all` and one of `any`, for every pair of answers. */
static void a_condition_is_kleenes(void **state) {
    static const cit_answer both[3][3] = {{CIT_ANSWER_UNKNOWN, CIT_NO, CIT_ANSWER_UNKNOWN},
                                          {CIT_NO, CIT_NO, CIT_NO},
                                          {CIT_ANSWER_UNKNOWN, CIT_NO, CIT_YES}};
    static const cit_answer one[3][3] = {{CIT_ANSWER_UNKNOWN, CIT_ANSWER_UNKNOWN, CIT_YES},
                                         {CIT_ANSWER_UNKNOWN, CIT_NO, CIT_YES},
                                         {CIT_YES, CIT_YES, CIT_YES}};
    cit_catalogue *catalogue = real_catalogue();
    cit_term terms[2] = {term_on("eczema", true), term_on("tan", true)};
    cit_case *person = case_of("schema: cit/case/1\nzones: [{site: cheek}]\n");
    (void)state;
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
            const cit_condition all = {.all = terms, .all_count = 2};
            const cit_condition any = {.any = terms, .any_count = 2};
            const cit_condition mixed = {&terms[0], &terms[1], 1, 1};
            person->health.eczema = a;
            person->health.tan = b;
            CHECK(cit_condition_holds(&all, person, catalogue, 0) == both[a][b], "all %d %d", a, b);
            CHECK(cit_condition_holds(&any, person, catalogue, 0) == one[a][b], "any %d %d", a, b);
            CHECK(cit_condition_holds(&mixed, person, catalogue, 0) == both[a][b], "mixed %d %d", a,
                  b);
        }
    const cit_condition empty = {0};
    CHECK(cit_condition_holds(&empty, person, catalogue, 0) == CIT_YES, "an empty condition");
    terms[0] = term_on("eczema", false);
    person->health.eczema = CIT_NO;
    const cit_condition not = {.all = terms, .all_count = 1};
    CHECK(cit_condition_holds(&not, person, catalogue, 0) == CIT_YES, "is: no");
    cit_case_free(person);
    cit_catalogue_free(catalogue);
}

/* Care that is for some people only is for those it names. */
static void care_is_for_those_its_condition_names(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    scenario s = in_clinic();
    int some = 0;
    (void)state;
    judged safe = judge(&s, catalogue);
    change(&s, "health.cold_sores: yes; health.tan: yes; health.dark_marks: yes; "
               "health.anticoagulant: yes; case.earlier: []; case.skin_type: IV");
    judged j = judge(&s, catalogue);
    for (int i = 0; i < catalogue->care_count; i++) {
        const cit_care *care = &catalogue->care[i];
        const bool everybody = care->when.all_count + care->when.any_count == 0;
        CHECK(!everybody || cit_condition_holds(&care->when, safe.person, catalogue, 0) == CIT_YES,
              "%s is not for everybody", care->id);
        some += cit_condition_holds(&care->when, j.person, catalogue, day_of(&s)) !=
                cit_condition_holds(&care->when, safe.person, catalogue, day_of(&s));
    }
    CHECK(some >= 3, "only %d pieces of care differ", some);
    forget(&safe);
    forget(&j);
    cit_catalogue_free(catalogue);
}

static void every_fact_has_one_name_and_a_rule_that_looks_at_it(void **state) {
    /* what numbing creams and doses need, and what care alone asks */
    static const char *const elsewhere[] = {"weight"};
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    CHECK(cit_fact_count() > 70, "%d facts", cit_fact_count());
    for (int i = 0; i < cit_fact_count(); i++) {
        bool used = strcmp(cit_fact_name(i), elsewhere[0]) == 0;
        for (int k = 0; k < i; k++)
            CHECK(strcmp(cit_fact_name(i), cit_fact_name(k)) != 0, "two facts '%s'",
                  cit_fact_name(i));
        for (int k = 0; k < catalogue->rule_count; k++)
            used = used || looks_at(&catalogue->rules[k].when, cit_fact_name(i));
        CHECK(used, "no rule looks at '%s'", cit_fact_name(i));
        CHECK(cit_fact_scope(i) >= CIT_OF_PERSON && cit_fact_scope(i) <= CIT_OF_SETTING,
              "'%s' has scope %d", cit_fact_name(i), cit_fact_scope(i));
    }
    cit_catalogue_free(catalogue);
}

/* ---- rules that say what cannot be --------------------------------------------------------------------------- */

/* The catalogue, its rules, care and medicines left out, which a test writes, and what names rules. */
static bool is_linked(const char *name) {
    static const char *const own[] = {"rules", "care", "medicines", "aims", "solutes"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(name, own[i]) == 0) return false;
    return name[0] != '.';
}

static int make_folder(void **state) {
    const path data = source_path("data");
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/cit-screening-XXXXXX");
    if (mkdtemp(folder) == NULL) return -1;
    DIR *entries = opendir(data.text);
    if (entries == NULL) return -1;
    int made = 0;
    for (const struct dirent *e = readdir(entries); e != NULL && made == 0; e = readdir(entries)) {
        char from[900], to[400];
        snprintf(from, sizeof from, "%s/%s", data.text, e->d_name);
        snprintf(to, sizeof to, "%s/%s", folder, e->d_name);
        if (e->d_name[0] == '.') continue;
        made = is_linked(e->d_name) ? symlink(from, to) : mkdir(to, 0700);
    }
    closedir(entries);
    return made;
}

#define RULE_HEAD                                                                                  \
    "schema: cit/rule/1\nid: one\ntitle: one\nseverity: {home: refuse}\noverride: nobody\n"        \
    "patient: No.\nclinician: No.\nsource: \"assumed: a test\"\ngrade: assumed\nchecked: "         \
    "2026-11-21\n"
#define CARE_HEAD                                                                                  \
    "schema: cit/care/1\nid: one\ntitle: one\nphase: clean\nfor: [home]\npatient: Do.\n"           \
    "source: \"assumed: a test\"\ngrade: assumed\nchecked: 2026-11-21\n"
#define MEDICINE(fact)                                                                             \
    "schema: cit/medicine/1\nid: one\nfact: " fact "\nnames: [x]\nsource: \"assumed: a test\"\n"   \
    "grade: assumed\nchecked: 2026-11-21\n"

static const struct {
    const char *term, *says; /* the term stands at line 12; NULL: it is right */
} terms[] = {
    {"{fact: pregnant, is: yes}", NULL},
    {"{fact: age, under: 18 years}", NULL},
    {"{fact: numbing_strength, above: 4}", NULL},
    {"{fact: site, is: [cheek, lips]}", NULL},
    {"{fact: product, is: vitamin C}", NULL},
    {"{fact: pregnent, is: yes}", "there is no fact 'pregnent'; did you mean 'pregnant'?"},
    {"{fact: since_lazer, under: 3 days}", "no fact 'since_lazer'; did you mean 'since_laser'?"},
    {"{fact: xyzzy, is: yes}", "there is no fact 'xyzzy'"},
    {"{fact: pregnant, under: 3 days}", "fact 'pregnant' is no number: 'is' is needed"},
    {"{fact: skin_type, above: 3}", "fact 'skin_type' is no number: 'is' is needed"},
    {"{fact: product, under: 1}", "fact 'product' is no number: 'is' is needed"},
    {"{fact: age, is: 18 years}", "fact 'age' is a number: 'under' or 'above' is needed"},
    {"{fact: length, is: [1 mm]}", "fact 'length' is a number: 'under' or 'above' is needed"},
    {"{fact: age, under: 18}", "fact 'age': '18' has no unit"},
    {"{fact: length, above: 3 days}", "fact 'length': '3 days' has the wrong unit; write for ex"},
    {"{fact: since_laser, under: 3 mm}", "fact 'since_laser': '3 mm' has the wrong unit"},
    {"{fact: numbing_strength, above: 4 %}", "fact 'numbing_strength': '4 %' must be a plain"},
    {"{fact: weight, under: a lot}", "fact 'weight': 'a lot' is not a number"},
    {"{fact: skin_type, is: [IV, VII]}", "fact 'skin_type' cannot be 'VII'; did you mean 'II'?"},
    {"{fact: pregnant, is: maybe}", "fact 'pregnant' cannot be 'maybe'"},
    {"{fact: site, is: cheak}", "fact 'site' cannot be 'cheak'; did you mean 'cheek'?"},
    {"{fact: product, is: [retinoids]}", "cannot be 'retinoids'; did you mean 'retinoid'?"},
    {"{fact: expectation, is: removal}", "fact 'expectation' cannot be 'removal'"},
};

static void check_file(const char *name, const char *text, const char *where, const char *says) {
    cit_errors errs = {0};
    cit_catalogue *c = NULL;
    char at[192];
    write_file(name, text);
    CHECK(cit_catalogue_load(folder, &c, &errs) == CIT_OK, "%s: %s", errs.items[0].where,
          errs.items[0].text);
    const cit_status st = cit_rules_check(c, &errs);
    snprintf(at, sizeof at, "%s/%s%s", folder, name, where);
    const fault want = {at, says};
    check_faults(&errs, &want, says != NULL);
    CHECK(st == (says != NULL ? CIT_INVALID : CIT_OK), "status %d for\n%s", st, text);
    CHECK(cit_rules_check(c, NULL) == st, "another answer where nobody listens");
    cit_catalogue_free(c);
}

static void a_term_that_cannot_be_is_blamed_at_its_place(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        char text[800];
        snprintf(text, sizeof text, RULE_HEAD "when:\n  - %s\n", terms[i].term);
        check_file("rules/one.yaml", text, ":12:5", terms[i].says);
        snprintf(text, sizeof text, RULE_HEAD "any:\n  - %s\n", terms[i].term);
        check_file("rules/one.yaml", text, ":12:5", terms[i].says);
    }
}

static void care_looks_at_the_person_alone(void **state) {
    (void)state;
    check_file("care/one.yaml", CARE_HEAD "when:\n  - {fact: cold_sores, is: yes}\n", ":11:5",
               NULL);
    check_file("care/one.yaml", CARE_HEAD "when:\n  - {fact: cold_sore, is: yes}\n", ":11:5",
               "fact 'cold_sore' is not one of the person");
    check_file("care/one.yaml", CARE_HEAD "any:\n  - {fact: length, above: 1 mm}\n", ":11:5",
               "fact 'length' is not one of the person");
    check_file("care/one.yaml", CARE_HEAD "any:\n  - {fact: numbing, is: yes}\n", ":11:5",
               "fact 'numbing' is not one of the person");
}

static void a_medicine_answers_a_fact_of_yes_or_no(void **state) {
    static const struct {
        const char *text, *says;
    } medicine_files[] = {
        {MEDICINE("isotretinoin"), NULL},
        {MEDICINE("none"), NULL},
        {MEDICINE("isotretinoine"), "there is no fact 'isotretinoine'"},
        {MEDICINE("age"), "there is no fact 'age'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof medicine_files / sizeof *medicine_files; i++) {
        cit_errors errs = {0};
        cit_catalogue *c = NULL;
        write_file("medicines/one.yaml", medicine_files[i].text);
        CHECK(cit_catalogue_load(folder, &c, &errs) == CIT_OK, "%s", errs.items[0].text);
        const cit_status st = cit_rules_check(c, &errs);
        const fault want = {"one", medicine_files[i].says};
        check_faults(&errs, &want, medicine_files[i].says != NULL);
        CHECK(st == (medicine_files[i].says != NULL ? CIT_INVALID : CIT_OK), "status %d", st);
        cit_catalogue_free(c);
    }
}

static void all_faults_of_all_rules_come_in_one_go(void **state) {
    cit_errors errs = {0};
    cit_catalogue *c = NULL;
    char where[3][192];
    (void)state;
    write_file("rules/one.yaml", RULE_HEAD "when:\n  - {fact: age, is: 18}\n"
                                           "  - {fact: tan, is: yes}\n"
                                           "any:\n  - {fact: tann, is: yes}\n");
    write_file("care/one.yaml", CARE_HEAD "when:\n  - {fact: sunburn, is: yes}\n");
    write_file("medicines/one.yaml", MEDICINE("site"));
    CHECK(cit_catalogue_load(folder, &c, &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK(cit_rules_check(c, &errs) == CIT_INVALID, "accepted");
    snprintf(where[0], sizeof where[0], "%s/rules/one.yaml:12:5", folder);
    snprintf(where[1], sizeof where[1], "%s/rules/one.yaml:15:5", folder);
    snprintf(where[2], sizeof where[2], "%s/care/one.yaml:11:5", folder);
    const fault want[] = {{where[0], "fact 'age' is a number: 'under' or 'above' is needed"},
                          {where[1], "there is no fact 'tann'; did you mean 'tan'?"},
                          {where[2], "fact 'sunburn' is not one of the person"},
                          {"one", "there is no fact 'site'"}};
    check_faults(&errs, want, 4);
    cit_catalogue_free(c);
}

static void the_rules_of_the_catalogue_are_right(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    cit_errors errs = {0};
    (void)state;
    CHECK(cit_rules_check(catalogue, &errs) == CIT_OK && errs.count == 0, "%s: %s",
          errs.items[0].where, errs.items[0].text);
    cit_catalogue_free(catalogue);
}

/* ---- courses that have begun -------------------------------------------------------------------------------- */

#define CASE_WITH(lines) "schema: cit/case/1\nzones: [{site: cheek}]\n" lines
#define PLAN(visits)                                                                               \
    "schema: cit/protocol/1\nsettings: [{device: pen-12, length: 1 mm}]\nvisits: [" visits "]\n"
#define PLANNED    PLAN("{status: planned}")
#define ONE_DONE   PLAN(ON("2026-05-01") ", {status: planned, after: 4 weeks}")
#define TWO_DONE   PLAN(ON("2026-05-01") ", {status: done, after: 4 weeks}, {status: planned}")
#define ONE_VISIT  "visits: [{date: 2026-05-01, zones: []}]\n"
#define TWO_VISITS "visits: [{date: 2026-05-29, zones: []}, {date: 2026-05-01, zones: []}]\n"

static const struct {
    const char *person, *protocol, *says; /* NULL: it may */
} courses_begun[] = {
    {CASE_WITH(""), PLANNED, NULL},
    {CASE_WITH("assessed: 2026-09-01\n"), PLANNED, NULL},
    {CASE_WITH("visits: []\n"), PLANNED, NULL},
    {CASE_WITH(ONE_VISIT), ONE_DONE,
     "began on 2026-05-01, and the scars were measured nobody says"},
    {CASE_WITH("assessed: 2026-05-02\n" ONE_VISIT), ONE_DONE,
     "began on 2026-05-01, and the scars "
     "were measured after that"},
    {CASE_WITH("assessed: 2026-04-30\n" ONE_VISIT), ONE_DONE, NULL},
    {CASE_WITH("assessed: 2026-05-01\n" ONE_VISIT), ONE_DONE, NULL}, /* that morning */
    {CASE_WITH("assessed: 2026-04-30\n" ONE_VISIT), PLANNED, "the visit of 2026-05-01 was done"},
    {CASE_WITH("assessed: 2026-04-30\n" ONE_VISIT), PLAN("{status: planned, date: 2026-05-01}"),
     "the visit of 2026-05-01 was done, but the protocol does not have it as done"},
    {CASE_WITH("assessed: 2026-04-30\n" ONE_VISIT),
     PLAN("{status: missed, date: 2026-05-01}, "
          "{status: planned, date: 2026-05-09}"),
     "the visit of 2026-05-01 was done"},
    {CASE_WITH("assessed: 2026-04-30\n" ONE_VISIT), PLAN(ON("2026-05-02")), "of 2026-05-01"},
    {CASE_WITH("assessed: 2026-04-30\n" TWO_VISITS), TWO_DONE, NULL},
    {CASE_WITH("assessed: 2026-04-30\n" TWO_VISITS), ONE_DONE, "the visit of 2026-05-29 was done"},
    {CASE_WITH("assessed: 2026-05-15\n" TWO_VISITS), TWO_DONE, "began on 2026-05-01"},
    {CASE_WITH("assessed: 2026-04-30\n" TWO_VISITS),
     PLAN("{status: missed, date: 2026-04-01}, " ON("2026-05-01") ", " ON("2026-05-29")), NULL},
    {CASE_WITH("assessed: 2026-04-30\n" TWO_VISITS),
     PLAN("{status: done, date: 2026-05-01, count: 2, every: 28 days}"), NULL},
};

static void a_forecast_starts_from_skin_that_was_not_yet_needled(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof courses_begun / sizeof *courses_begun; i++) {
        cit_errors errs = {0};
        cit_case *person = case_of(courses_begun[i].person);
        cit_protocol *protocol = protocol_of(courses_begun[i].protocol);
        const cit_status st = cit_may_forecast(person, protocol, &errs);
        const fault want = {"c", courses_begun[i].says};
        CHECK(st == (courses_begun[i].says == NULL ? CIT_OK : CIT_REFUSED), "%zu: status %d: %s", i,
              st, errs.items[0].text);
        check_faults(&errs, &want, courses_begun[i].says != NULL);
        cit_case_free(person);
        cit_protocol_free(protocol);
    }
}

#define FOLDER_CASE(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

T_MAIN(CASE(a_stated_age_lasts_a_year), CASE(no_rounding_makes_a_minor),
       CASE(cream_is_held_to_its_label), CASE(the_area_is_at_least_that_of_the_zones),
       CASE(the_labels_of_the_catalogue_are_read_by_age_and_weight),
       CASE(cream_counts_where_any_visit_has_it), CASE(the_interval_is_the_shortest_between_visits),
       CASE(medicines_answer_for_what_they_are), CASE(every_name_of_a_medicine_is_found),
       CASE(every_setting_in_use_is_looked_at_once),
       CASE(a_refusal_is_found_behind_hundreds_of_harmless_settings), CASE(a_condition_is_kleenes),
       CASE(care_is_for_those_its_condition_names),
       CASE(every_fact_has_one_name_and_a_rule_that_looks_at_it),
       FOLDER_CASE(a_term_that_cannot_be_is_blamed_at_its_place),
       FOLDER_CASE(care_looks_at_the_person_alone),
       FOLDER_CASE(a_medicine_answers_a_fact_of_yes_or_no),
       FOLDER_CASE(all_faults_of_all_rules_come_in_one_go),
       CASE(the_rules_of_the_catalogue_are_right),
       CASE(a_forecast_starts_from_skin_that_was_not_yet_needled))
