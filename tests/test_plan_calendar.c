/* A plan as a calendar, read back by libical: days, ids that stay, what a passer-by sees, what is past. Plans are made
 * by hand here; tests/test_plan_files.py reads those of `cit plan` with another reader. */
#include "input_help.h"
#include <cit/report.h>
#include <libical/ical.h>

#define PERSON                                                                                     \
    "schema: cit/case/1\nname: %s\nsex: female\nskin_type: IV\n"                                   \
    "zones: [{site: cheek, side: left}]\n"

static cit_catalogue *catalogue;

static int open_catalogue(void **state) {
    (void)state;
    catalogue = real_catalogue();
    return 0;
}

static int close_catalogue(void **state) {
    (void)state;
    cit_catalogue_free(catalogue);
    return 0;
}

static int day_of(const char *date) {
    int day = 0;
    CHECK(cit_date_parse(date, &day), "%s is no date", date);
    return day;
}

/* A plan of visits every so many days from `start`, seen on `today`. */
typedef struct made {
    cit_case *person;
    cit_screening *screening;
    cit_search search;
    cit_dated_course course;
    cit_plan_report report;
} made;

static void make(made *m, const char *name, int visits, double interval_day, const char *start,
                 const char *today) {
    char text[400];
    cit_errors errs = {0};
    snprintf(text, sizeof text, PERSON, name);
    *m = (made){.person = case_of(text)};
    const int first = day_of(start);
    CHECK(cit_screen(m->person, NULL, catalogue, first, &m->screening, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    const cit_candidate what = {.who = CIT_PHYSICIAN,
                                .device = cit_catalogue_device(catalogue, "skinpen-precision"),
                                .length_mm = 1.5,
                                .passes = 4,
                                .interval_day = interval_day,
                                .visits = visits};
    m->search =
        (cit_search){.horizon_day = 280, .judge = CIT_JUDGE_GOODMAN_BARON, .option_count = 2};
    m->search.options[1].candidate = what;
    m->search.chosen = 1;
    CHECK(cit_course_dates(&what, m->person, catalogue, &m->search, NULL, NULL, 2.5, first,
                           &m->course, &errs) == CIT_OK,
          "%s", errs.items[0].text);
    m->report = (cit_plan_report){.program = "cit test",
                                  .person = m->person,
                                  .catalogue = catalogue,
                                  .screening = m->screening,
                                  .search = &m->search,
                                  .course = &m->course,
                                  .day = day_of(today),
                                  .start = first};
}

static void unmake(made *m) {
    cit_screening_free(m->screening);
    cit_case_free(m->person);
}

/* Its calendar, parsed; the caller frees it. */
static icalcomponent *read_back(const made *m) {
    cit_errors errs = {0};
    char *text = NULL;
    CHECK(cit_report_plan_calendar(&m->report, &text, &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK(text != NULL, "no calendar");
    CHECK(cit_text_is_plain(text), "not plain text");
    icalcomponent *all = icalparser_parse_string(text);
    free(text);
    CHECK(all != NULL, "libical cannot read it");
    CHECK(icalcomponent_count_errors(all) == 0, "%d errors", icalcomponent_count_errors(all));
    /* As a file, which needs no organizer; one that is sent about would (RFC 5546). */
    icalproperty *method = icalcomponent_get_first_property(all, ICAL_METHOD_PROPERTY);
    CHECK(icalproperty_get_method(method) == ICAL_METHOD_PUBLISH, "another method");
    icalcomponent_remove_property(all, method);
    icalproperty_free(method);
    CHECK(icalrestriction_check(all) == 1, "%s", icalcomponent_as_ical_string(all));
    return all;
}

/* The nth event of this title, in the order of the file; NULL: there is none. */
static icalcomponent *event_of(icalcomponent *all, const char *title, int n) {
    icalcomponent *e = icalcomponent_get_first_component(all, ICAL_VEVENT_COMPONENT);
    for (; e != NULL; e = icalcomponent_get_next_component(all, ICAL_VEVENT_COMPONENT))
        if (strcmp(icalcomponent_get_summary(e), title) == 0 && n-- == 0) return e;
    return NULL;
}

/* The first whose description has these words. */
static icalcomponent *event_with(icalcomponent *all, const char *words) {
    icalcomponent *e = icalcomponent_get_first_component(all, ICAL_VEVENT_COMPONENT);
    for (; e != NULL; e = icalcomponent_get_next_component(all, ICAL_VEVENT_COMPONENT))
        if (strstr(icalcomponent_get_description(e), words) != NULL) return e;
    CHECK(false, "no event has '%s'", words);
    return NULL;
}

static int rings(icalcomponent *event) {
    return icalcomponent_count_components(event, ICAL_VALARM_COMPONENT);
}

static void check_days(icalcomponent *event, const char *first, const char *behind) {
    const struct icaltimetype from = icalcomponent_get_dtstart(event),
                              to = icalcomponent_get_dtend(event);
    char got[40];
    CHECK(from.is_date && to.is_date, "an event has hours");
    snprintf(got, sizeof got, "%04d-%02d-%02d %04d-%02d-%02d", from.year, from.month, from.day,
             to.year, to.month, to.day);
    CHECK(strncmp(got, first, 10) == 0 && strcmp(got + 11, behind) == 0, "%s, not %s %s", got,
          first, behind);
}

static void visits_are_whole_days_over_a_leap_day(void **state) {
    (void)state;
    made m;
    make(&m, "leap", 3, 9, "2028-02-20", "2026-11-21");
    icalcomponent *all = read_back(&m);
    check_days(event_of(all, "Appointment", 0), "2028-02-20", "2028-02-21");
    check_days(event_of(all, "Appointment", 1), "2028-02-29", "2028-03-01");
    check_days(event_of(all, "Appointment", 2), "2028-03-09", "2028-03-10");
    CHECK(event_of(all, "Appointment", 3) == NULL, "a visit too many");
    icalcomponent_free(all);
    unmake(&m);
}

static void visits_are_whole_days_over_a_change_of_the_clock(void **state) {
    (void)state;
    made m;
    make(&m, "summer", 3, 8, "2027-03-20", "2026-11-21");
    icalcomponent *all = read_back(&m);
    check_days(event_of(all, "Appointment", 1), "2027-03-28", "2027-03-29");
    check_days(event_of(all, "Appointment", 2), "2027-04-05", "2027-04-06");
    check_days(event_of(all, "Review", 0), "2027-12-25", "2027-12-26");
    icalcomponent_free(all);
    unmake(&m);
}

/* Each step has its own days: a test spot six weeks before the first visit, sun from four weeks on. What is before
 * the next visit does not reach over the visit between, and what is after one ends before the next. */
static void care_keeps_between_visits(void **state) {
    (void)state;
    made m;
    make(&m, "care", 2, 28, "2027-06-01", "2026-11-21");
    icalcomponent *all = read_back(&m);
    check_days(event_of(all, "Reminder", 0), "2027-04-20", "2027-05-05");
    check_days(event_with(all, "no strong sun"), "2027-05-04", "2027-06-01");
    check_days(event_with(all, "keep out of the sun for 72 hours"), "2027-06-01", "2027-06-05");
    check_days(event_with(all, "2027-06-02 to 2027-06-28: no strong sun"), "2027-06-02",
               "2027-06-29");
    check_days(event_with(all, "2027-06-02 to 2027-06-28: sunscreen from day 1"), "2027-06-02",
               "2027-06-29");
    check_days(event_with(all, "2027-06-30 to 2027-07-27: sunscreen from day 1"), "2027-06-30",
               "2027-07-28");
    CHECK(strstr(icalcomponent_get_description(event_of(all, "Reminder", 0)), "patch") != NULL,
          "no test spot before the first visit");
    int spots = 0;
    for (int i = 0; event_of(all, "Reminder", i) != NULL; i++)
        spots += strstr(icalcomponent_get_description(event_of(all, "Reminder", i)),
                        "dark mark stays") != NULL;
    CHECK(spots == 1, "%d test spots", spots);
    icalcomponent_free(all);
    unmake(&m);
}

/* A step that begins on a day of its own rings on it; one that begins with the visit does not. */
static void what_is_to_be_begun_rings(void **state) {
    (void)state;
    made m;
    make(&m, "ring", 1, 28, "2027-06-01", "2026-11-21");
    icalcomponent *all = read_back(&m);
    CHECK(rings(event_with(all, "no strong sun")) == 1, "nothing says when to begin");
    CHECK(rings(event_with(all, "sunscreen from day 1")) == 1, "nothing says when to begin");
    CHECK(rings(event_with(all, "keep out of the sun for 72 hours")) == 0, "it rings at the visit");
    icalcomponent_free(all);
    unmake(&m);
}

/* A patient's sentence may lean on its title: "Put a dab on your inner arm" of what? */
static void care_is_told_with_its_title(void **state) {
    (void)state;
    made m;
    make(&m, "titles", 1, 28, "2027-06-01", "2026-11-21");
    icalcomponent *all = read_back(&m);
    CHECK(event_with(all, "try any new product on your arm first. Put a dab") != NULL, "no title");
    CHECK(event_with(all, "- clean bare skin, no make-up. Start with") != NULL, "no title");
    icalcomponent_free(all);
    unmake(&m);
}

static void what_is_past_is_said_to_be(void **state) {
    (void)state;
    made m;
    make(&m, "late", 1, 28, "2027-06-01", "2027-05-20");
    icalcomponent *all = read_back(&m);
    check_days(event_of(all, "Reminder", 0), "2027-05-20", "2027-06-01");
    CHECK(strstr(icalcomponent_get_description(event_of(all, "Reminder", 0)), "are past") != NULL,
          "nobody says that the test spot is too late");
    CHECK(strstr(icalcomponent_get_description(event_of(all, "Appointment", 0)),
                 "No time is left for this: test spot") != NULL,
          "%s", icalcomponent_get_description(event_of(all, "Appointment", 0)));
    icalcomponent_free(all);
    m.report.day = day_of("2027-06-01");
    all = read_back(&m);
    CHECK(strstr(icalcomponent_get_description(event_of(all, "Appointment", 0)), "are past") !=
              NULL,
          "care before a visit today is told nowhere");
    check_days(event_of(all, "Reminder", 0), "2027-06-01", "2027-06-09");
    icalcomponent_free(all);
    unmake(&m);
}

/* Where nobody says a day, the longest care before a visit fits; after a visit, four weeks are kept. */
static void the_first_day_leaves_time_for_care(void **state) {
    (void)state;
    made m;
    make(&m, "lead", 1, 28, "2027-06-01", "2026-11-21");
    const int today = day_of("2027-01-01");
    const int first = cit_plan_first_day(m.person, catalogue, today);
    CHECK(first == today + 42, "%d days", first - today); /* a test spot in skin type IV */
    cit_done_visit done = {.date = day_of("2026-12-31")};
    cit_case since = *m.person;
    since.visits = &done;
    since.visit_count = 1;
    const int next = cit_plan_first_day(&since, catalogue, today);
    CHECK(next == done.date + 28, "%d days after the last", next - done.date);
    const int later = cit_plan_first_day(&since, catalogue, today + 100);
    CHECK(later - today - 100 <= 14 && later > today + 100, "%d days", later - today - 100);
    unmake(&m);
}

/* After a visit is done, what was the second is the first ahead. */
static void ids_stay_when_a_visit_is_done(void **state) {
    (void)state;
    made before, after;
    make(&before, "ids", 3, 28, "2027-06-01", "2026-11-21");
    make(&after, "ids", 2, 28, "2027-06-29", "2027-06-02");
    cit_done_visit done = {.date = day_of("2027-06-01")};
    cit_case since = *after.person;
    since.visits = &done;
    since.visit_count = 1;
    after.report.person = &since;
    icalcomponent *a = read_back(&before), *b = read_back(&after);
    for (int i = 0; i < 2; i++) {
        const char *old = icalcomponent_get_uid(event_of(a, "Appointment", i + 1)),
                   *new = icalcomponent_get_uid(event_of(b, "Appointment", i));
        CHECK(strcmp(old, new) == 0, "visit %d was %s and is %s", i + 2, old, new);
    }
    CHECK(strstr(icalcomponent_get_description(event_of(b, "Appointment", 0)), "Visit 2 of 3") !=
              NULL,
          "%s", icalcomponent_get_description(event_of(b, "Appointment", 0)));
    icalcomponent_free(a);
    icalcomponent_free(b);
    unmake(&before);
    unmake(&after);
}

static void another_name_has_other_ids(void **state) {
    (void)state;
    made one, two;
    make(&one, "one", 1, 28, "2027-06-01", "2026-11-21");
    make(&two, "two", 1, 28, "2027-06-01", "2026-11-21");
    icalcomponent *a = read_back(&one), *b = read_back(&two);
    CHECK(strcmp(icalcomponent_get_uid(event_of(a, "Appointment", 0)),
                 icalcomponent_get_uid(event_of(b, "Appointment", 0))) != 0,
          "two people share an event");
    icalcomponent_free(a);
    icalcomponent_free(b);
    unmake(&one);
    unmake(&two);
}

static void no_visit_is_no_calendar(void **state) {
    (void)state;
    made m;
    cit_errors errs = {0};
    char untouched[] = "", *text = untouched;
    make(&m, "none", 1, 28, "2027-06-01", "2026-11-21");
    m.report.course = NULL;
    CHECK(cit_report_plan_calendar(&m.report, &text, &errs) == CIT_OK && text == NULL,
          "a calendar of nothing");
    m.report.search = NULL;
    text = untouched;
    CHECK(cit_report_plan_calendar(&m.report, &text, &errs) == CIT_OK && text == NULL,
          "a calendar for somebody refused");
    unmake(&m);
}

/* Lines are folded between characters, and signs that mean something to a calendar come back as they were. */
static void words_come_back_as_they_were(void **state) {
    (void)state;
    made m;
    make(&m, "words", 1, 28, "2027-06-01", "2026-11-21");
    cit_device odd = *m.course.candidate.device;
    odd.name = "Nadelgerät; «größer», 5\\6 – überall längere Wörter für Zeilen";
    m.course.candidate.device = &odd;
    icalcomponent *all = read_back(&m);
    CHECK(strstr(icalcomponent_get_description(event_of(all, "Appointment", 0)),
                 "Nadelgerät; «größer», 5\\6 – überall") != NULL,
          "%s", icalcomponent_get_description(event_of(all, "Appointment", 0)));
    icalcomponent_free(all);
    unmake(&m);
}

int main(void) {
    const struct CMUnitTest cases[] = {CASE(visits_are_whole_days_over_a_leap_day),
                                       CASE(visits_are_whole_days_over_a_change_of_the_clock),
                                       CASE(care_keeps_between_visits),
                                       CASE(what_is_to_be_begun_rings),
                                       CASE(care_is_told_with_its_title),
                                       CASE(what_is_past_is_said_to_be),
                                       CASE(the_first_day_leaves_time_for_care),
                                       CASE(ids_stay_when_a_visit_is_done),
                                       CASE(another_name_has_other_ids),
                                       CASE(no_visit_is_no_calendar),
                                       CASE(words_come_back_as_they_were)};
    return cmocka_run_group_tests(cases, open_catalogue, close_catalogue);
}
