/* The protocol file: its course in time, which setting a visit uses on a zone, and what case, protocol
 * and catalogue say against each other. */
#include "input_help.h"

#define HEAD     "schema: cit/protocol/1\n"
#define SETTINGS "settings: [{device: pen-12, length: 1 mm}]\n"
#define VISITS   HEAD SETTINGS "visits:\n" /* the first visit is line 4 */

/* ---- the examples ---------------------------------------------------------------------------- */

static cit_protocol *example(const char *name) {
    char file[80];
    cit_errors errs = {0};
    cit_protocol *p = NULL;
    snprintf(file, sizeof file, "examples/%s/protocol.yaml", name);
    const path from = source_path(file);
    const cit_status st = cit_protocol_load(from.text, &p, &errs);
    CHECK(st == CIT_OK && errs.count == 0, "%s: %s", errs.items[0].where, errs.items[0].text);
    return p;
}

/* The days of the visits, missed ones in brackets: "0 28 (56) 84". */
static void check_schedule(const cit_protocol *p, double interval_day, const char *want) {
    cit_appointment all[CIT_APPOINTMENTS_MAX];
    char got[1024] = "";
    const int count = cit_protocol_schedule(p, interval_day, all);
    for (int i = 0; i < count; i++) {
        const bool missed = all[i].status == CIT_MISSED;
        const size_t used = strlen(got);
        snprintf(got + used, sizeof got - used, "%s%s%.10g%s", i ? " " : "", missed ? "(" : "",
                 all[i].day, missed ? ")" : "");
        CHECK(all[i].visit->status == all[i].status, "day %g: status %d of a visit of status %d",
              all[i].day, all[i].status, all[i].visit->status);
    }
    CHECK(strcmp(got, want) == 0, "the days are %s, not %s", got, want);
}

static void the_examples_take_place_when_they_say(void **state) {
    static const struct {
        const char *name, *days;
        int who;
    } rows[] = {
        {"alam-2014", "0 14 28", CIT_PHYSICIAN},
        {"lotfi-2013", "0 28 56 84 112", CIT_PHYSICIAN},
        {"malik-2024", "0 28 56", CIT_PHYSICIAN},
        {"severe-scars", "0 28 (56) 70 98 126 154", CIT_PHYSICIAN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cit_protocol *p = example(rows[i].name);
        check_schedule(p, 1000, rows[i].days);
        CHECK(p->who == rows[i].who, "%s by %d", rows[i].name, p->who);
        CHECK(!cit_protocol_interval_unknown(p), "%s: an interval is open", rows[i].name);
        cit_protocol_free(p);
    }
}

static void what_an_example_leaves_open_is_unknown(void **state) {
    cit_protocol *malik = example("malik-2024"), *alam = example("alam-2014");
    const cit_setting *s = &malik->settings[0];
    (void)state;
    CHECK(s->device == NULL && s->kind == CIT_PEN, "device '%s' of kind %d",
          s->device ? s->device : "", s->kind);
    CHECK_CLOSE(s->length_mm, 2, 0);
    CHECK(s->passes == CIT_UNKNOWN_INT && s->directions == CIT_UNKNOWN_INT, "%d passes, %d ways",
          s->passes, s->directions);
    CHECK(!cit_known(s->speed_mm_per_s) && !cit_known(s->rate_Hz) && !cit_known(s->density_per_cm2),
          "speed %g, rate %g, density %g", s->speed_mm_per_s, s->rate_Hz, s->density_per_cm2);
    CHECK(malik->cream == CIT_ANSWER_UNKNOWN, "cream %d", malik->cream);
    CHECK(!cit_known(alam->settings[0].length_mm), "a length of %g mm",
          alam->settings[0].length_mm);
    cit_protocol_free(malik);
    cit_protocol_free(alam);
}

/* ---- the course in time ---------------------------------------------------------------------- */

static const struct {
    const char *visits, *days; /* an unstated interval is 10 days */
    bool open;                 /* is an interval unstated? */
} courses[] = {
    {"  - {status: planned}\n", "0", false},
    {"  - {status: done, count: 4, every: 2 weeks}\n", "0 14 28 42", false},
    {"  - {status: done, count: 3, every: 36 hours}\n", "0 1.5 3", false},
    {"  - {status: done, count: 3}\n", "0 10 20", true},
    {"  - {status: done, count: 3, every: unknown}\n", "0 10 20", true},
    {"  - {status: done}\n  - {status: planned}\n", "0 10", true},
    {"  - {status: done}\n  - {status: planned, after: unknown}\n", "0 10", true},
    {"  - {status: done}\n  - {status: done, after: 3 days}\n  - {status: planned, after: 1 "
     "week}\n",
     "0 3 10", false},
    {"  - {status: done, count: 2, every: 5 days}\n  - {status: planned, after: 7 days, count: 2, "
     "every: 1 day}\n",
     "0 5 12 13", false},
    {"  - {status: done, count: 2, every: 5 days}\n  - {status: planned, count: 2}\n", "0 5 15 25",
     true},
    {"  - {status: done, date: 2025-12-31}\n  - {status: done, date: 2026-01-01}\n"
     "  - {status: planned, date: 2026-03-01}\n",
     "0 1 60", false},
    {"  - {status: done, date: 2024-02-28}\n  - {status: done, date: 2024-03-01}\n", "0 2", false},
    {"  - {status: done, date: 2026-01-01}\n  - {status: done, after: 9 days}\n"
     "  - {status: planned, date: 2026-01-31}\n  - {status: planned, after: 4 days}\n",
     "0 9 30 34", false},
    /* missed: at the start the course begins later, in the middle later days stay */
    {"  - {status: missed, date: 2026-01-01}\n  - {status: done, date: 2026-01-15}\n"
     "  - {status: done, date: 2026-01-29}\n",
     "0 14", false},
    {"  - {status: missed}\n  - {status: missed, after: 3 days}\n  - {status: done, after: 4 "
     "days}\n"
     "  - {status: planned, after: 6 days}\n",
     "0 6", false},
    {"  - {status: done}\n  - {status: missed, after: 3 days}\n  - {status: done, after: 4 days}\n",
     "0 (3) 7", false},
    {"  - {status: done}\n  - {status: missed}\n  - {status: planned}\n", "0 (10) 20", true},
    {"  - {status: missed}\n", "", false},
    {"  - {status: planned}\n  - {status: missed, after: 1 day}\n", "0 (1)", false},
    /* a date leaves less room than the interval nobody stated: they share it */
    {"  - {status: done, date: 2026-01-01}\n  - {status: done}\n"
     "  - {status: done, date: 2026-01-07}\n  - {status: done}\n",
     "0 3 6 16", true},
    {"  - {status: done, date: 2026-01-01, count: 3}\n  - {status: done, date: 2026-01-16}\n",
     "0 5 10 15", true},
    {"  - {status: done, date: 2026-01-01}\n  - {status: done}\n  - {status: done, after: 2 days}\n"
     "  - {status: done, date: 2026-01-07}\n",
     "0 2 4 6", true},
    {"  - {status: done, date: 2026-01-01}\n  - {status: done, count: 2, every: 2 days}\n"
     "  - {status: done, date: 2026-03-02}\n",
     "0 10 12 60", true},
};

static void visits_are_laid_out_in_time(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof courses / sizeof *courses; i++) {
        char text[600];
        snprintf(text, sizeof text, "%s%s", VISITS, courses[i].visits);
        cit_protocol *p = protocol_of(text);
        check_schedule(p, 10, courses[i].days);
        CHECK(cit_protocol_interval_unknown(p) == courses[i].open, "%s: %s", courses[i].visits,
              courses[i].open ? "the open interval is missed" : "an interval is called open");
        cit_protocol_free(p);
    }
}

/* Whatever interval is drawn, days only go up, also next to dates that leave hardly any room. */
static void days_go_up_for_every_interval(void **state) {
    cit_protocol *p = protocol_of(VISITS "  - {status: done, date: 2026-01-01}\n"
                                         "  - {status: done, count: 3}\n"
                                         "  - {status: missed}\n"
                                         "  - {status: done, date: 2026-01-06}\n"
                                         "  - {status: planned, count: 20}\n"
                                         "  - {status: planned, date: 2026-12-31}\n");
    (void)state;
    for (int tenths = 1; tenths <= 1000; tenths++) {
        cit_appointment all[CIT_APPOINTMENTS_MAX];
        const double interval = 0.1 * tenths;
        const int count = cit_protocol_schedule(p, interval, all);
        CHECK(count == 27, "%d visits", count);
        for (int i = 1; i < count; i++)
            CHECK(all[i].day > all[i - 1].day, "interval %g: day %g after day %g", interval,
                  all[i].day, all[i - 1].day);
        CHECK_CLOSE(all[5].day, 5, 0);
        CHECK_CLOSE(all[26].day, 364, 0);
    }
    cit_protocol_free(p);
}

static void two_hundred_visits_are_the_most(void **state) {
    cit_appointment all[CIT_APPOINTMENTS_MAX];
    const char many[] = VISITS "  - {status: planned, count: 100, every: 1 day}\n"
                               "  - {status: planned, count: 100, every: 1 day}\n";
    const char more[] = VISITS "  - {status: planned, count: 100, every: 1 day}\n"
                               "  - {status: planned, count: 100, every: 1 day}\n"
                               "  - {status: planned}\n";
    cit_protocol *p = protocol_of(many);
    cit_errors errs = {0};
    const fault want = {"p:4:5", "201 visits; at most 200 are simulated"};
    (void)state;
    const int count = cit_protocol_schedule(p, 1, all);
    CHECK(count == 200, "%d visits", count);
    CHECK_CLOSE(all[199].day, 199, 0);
    cit_protocol_free(p);
    p = NULL;
    CHECK(cit_protocol_parse("p", more, strlen(more), &p, &errs) == CIT_INVALID && p == NULL,
          "accepted");
    check_faults(&errs, &want, 1);
}

/* ---- what is refused ------------------------------------------------------------------------- */

static const struct {
    const char *text, *where, *says;
} refusals[] = {
    {VISITS "  - {status: planned}\n  - {status: done, after: 1 week}\n", "p:5:5",
     "visit: a done visit stands after a planned one"},
    {VISITS "  - {status: done, date: 2026-02-01}\n  - {status: done, date: 2026-01-31}\n", "p:5:5",
     "visit: its date is not after that of the visit before it"},
    {VISITS "  - {status: done, date: 2026-02-01}\n  - {status: done, date: 2026-02-01}\n", "p:5:5",
     "visit: its date is not after that of the visit before it"},
    {VISITS "  - {status: done, date: 2026-01-01}\n  - {status: done, after: 4 weeks}\n"
            "  - {status: done, date: 2026-01-29}\n",
     "p:6:5", "visit: its date is not after that of the visit before it"},
    {VISITS "  - {status: done, date: 2026-01-01, count: 3, every: 4 weeks}\n"
            "  - {status: done, date: 2026-02-26}\n",
     "p:5:5", "visit: its date is not after that of the visit before it"},
    {VISITS "  - {status: done, date: 2026-01-01}\n  - {status: done}\n"
            "  - {status: done, date: 2026-01-02}\n",
     "p:6:5", "visit: its date is not after that of the visit before it"},
    {VISITS "  - {status: done, date: 2026-01-01}\n"
            "  - {status: done, date: 2026-01-02, after: 1 day}\n",
     "p:5:5", "visit: either 'date' or 'after', not both"},
    {VISITS "  - {status: done, after: 1 day}\n", "p:4:5",
     "visit: the first one has nothing to be 'after'"},
    {VISITS "  - {status: done}\n  - {status: done, date: 2026-01-02}\n", "p:5:5",
     "visit: it has a date, so the first visit needs one too"},
    {VISITS "  - {status: done, every: 4 weeks}\n", "p:4:5", "'every' needs a 'count' above 1"},
    {VISITS "  - {status: done, count: 1, every: 4 weeks}\n", "p:4:5", "'every' needs a 'count'"},
    {VISITS "  - {status: done}\n  - {status: missed, after: 1 day, count: 2, every: 1 day}\n",
     "p:5:5", "visit: write missed visits one by one"},
    {HEAD "visits:\n  - {status: missed}\n  - {status: done}\n", "p:4:5",
     "visit: it has no settings, and the protocol has none for all visits"},
    {HEAD "settings: []\nvisits:\n  - {status: done, settings: []}\n", "p:4:5",
     "visit: it has no settings, and the protocol has none for all visits"},
    {HEAD SETTINGS, "p:1:1", "protocol: the key 'visits' is missing (visits in order)"},
    {HEAD SETTINGS "visits: []\n", "p:1:1", "visits: at least one is needed"},
    {HEAD SETTINGS "visits: unknown\n", "p:1:1", "visits: at least one is needed"},
    {VISITS "  - {date: 2026-01-01}\n", "p:4:5", "visit: the key 'status' is missing"},
    {VISITS "  - {status: unknown}\n", "p:4:14", "status: must be known"},
    {VISITS "  - {status: skipped}\n", "p:4:14", "'skipped' is not one of: planned, done, missed"},
    {VISITS "  - {status: done, count: 0}\n", "p:4:27", "count: 0 is not from 1 to 100"},
    {VISITS "  - {status: done, count: 2.5}\n", "p:4:27", "count: '2.5' is not a whole number"},
    {VISITS "  - {status: done, count: unknown}\n", "p:4:27", "count: must be known"},
    {VISITS "  - {status: done, count: 2, every: 0 days}\n", "p:4:37",
     "every: 0 day is not above 0"},
    {VISITS "  - {status: done, count: 2, every: 4}\n", "p:4:37", "every: '4' has no unit"},
    {VISITS "  - {status: done, creme: yes}\n", "p:4:20", "unknown key 'creme' in visit; did you"},
    {HEAD "settings: [{length: 1 mm}]\nvisits: [{status: done}]\n", "p:2:12",
     "setting: the key 'device' is missing"},
    {HEAD "settings: [{device: pen-12, length: 1}]\nvisits: [{status: done}]\n", "p:2:37",
     "length: '1' has no unit; write for example '1.5 mm'"},
    {HEAD "settings: [{device: pen-12, speed: 20 mm}]\nvisits: [{status: done}]\n", "p:2:36",
     "speed: '20 mm' has the wrong unit; write for example '20 mm/s'"},
    {HEAD "settings: [{device: pen-12, density: -1 /cm2}]\nvisits: [{status: done}]\n", "p:2:38",
     "density: -1 /cm2 is not above 0 /cm2 to 50000 /cm2"},
    {HEAD "settings: [{device: Pen 12}]\nvisits: [{status: done}]\n", "p:2:21", "is not an id"},
    {HEAD "who: nurse\n" SETTINGS "visits: [{status: done}]\n", "p:2:6",
     "who: 'nurse' is not one of: home, aesthetician, physician"},
    {HEAD "cream: no\nnumbing: {product: lidocaine-4}\n" SETTINGS "visits: [{status: done}]\n",
     "p:1:1", "numbing: a product is named, but 'cream' says no"},
    {HEAD "products: [nothing, peptides]\n" SETTINGS "visits: [{status: done}]\n", "p:1:1",
     "products: 'nothing' stands beside something"},
    {HEAD "products: [serum]\n" SETTINGS "visits: [{status: done}]\n", "p:2:12",
     "'serum' is not one of: nothing, hyaluronic acid, vitamin C"},
    {HEAD "products: nothing\n" SETTINGS "visits: [{status: done}]\n", "p:2:11",
     "products: a list is needed"},
    {HEAD "needles: old\n" SETTINGS "visits: [{status: done}]\n", "p:2:10",
     "'old' is not one of: new sterile, used before, bent or dull"},
    {HEAD "numbing: {grams: -1}\n" SETTINGS "visits: [{status: done}]\n", "p:2:18",
     "grams: -1 is not from 0 to 1000"},
    {HEAD "numbing: {grams: 5 g}\n" SETTINGS "visits: [{status: done}]\n", "p:2:18",
     "grams: '5 g' must be a plain number"},
    {HEAD "numbing: {minutes: 1441}\n" SETTINGS "visits: [{status: done}]\n", "p:2:20",
     "minutes: 1441 is not from 0 to 1440"},
    {HEAD "numbing: {area: 0 cm2}\n" SETTINGS "visits: [{status: done}]\n", "p:2:17",
     "area: 0 mm2 is not above 0 mm2"},
    {HEAD "numbing: {product: EMLA}\n" SETTINGS "visits: [{status: done}]\n", "p:2:20",
     "'EMLA' is not an id"},
    {"schema: cit/case/1\n" SETTINGS "visits: [{status: done}]\n", "p:1:9",
     "schema: must be 'cit/protocol/1'"},
    {"", "p", "is empty"},
};

static void what_cannot_be_is_refused_once_at_its_place(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const char *text = refusals[i].text;
        cit_errors errs = {0};
        cit_protocol *p = NULL;
        const cit_status st = cit_protocol_parse("p", text, strlen(text), &p, &errs);
        CHECK(st == CIT_INVALID && p == NULL, "status %d for\n%s", st, text);
        const fault want = {refusals[i].where, refusals[i].says};
        check_faults(&errs, &want, 1);
        CHECK(cit_protocol_parse("p", text, strlen(text), &p, NULL) == CIT_INVALID,
              "accepted where nobody listens:\n%s", text);
    }
}

static void all_faults_between_visits_come_in_one_go(void **state) {
    const char text[] = VISITS "  - {status: planned, after: 1 day, every: 1 day}\n"
                               "  - {status: done, date: 2026-01-01, after: 1 day}\n"
                               "  - {status: missed, count: 2}\n";
    static const fault want[] = {
        {"p:5:5", "a done visit stands after a planned one"},
        {"p:4:5", "the first one has nothing to be 'after'"},
        {"p:4:5", "'every' needs a 'count' above 1"},
        {"p:5:5", "either 'date' or 'after', not both"},
        {"p:6:5", "write missed visits one by one"},
        {"p:5:5", "it has a date, so the first visit needs one too"},
    };
    cit_errors errs = {0};
    cit_protocol *p = NULL;
    (void)state;
    CHECK(cit_protocol_parse("p", text, strlen(text), &p, &errs) == CIT_INVALID, "accepted");
    check_faults(&errs, want, sizeof want / sizeof *want);
}

/* ---- settings -------------------------------------------------------------------------------- */

/* The device that a visit uses on a zone; "" where it leaves the zone alone. */
static const char *device_on(const cit_protocol *p, int visit, const char *site, int side) {
    const cit_zone zone = {.site = site, .side = side};
    const cit_setting *s = cit_visit_setting(p, &p->visits[visit], &zone);
    return s != NULL ? s->device : "";
}

static void a_zone_gets_the_setting_that_names_it_best(void **state) {
    /* each stands behind a wider one, then each before it */
    static const char *const orders[] = {"[{device: all}, {side: left, device: left},"
                                         " {site: cheek, device: cheek},"
                                         " {site: cheek, side: left, device: cheek-left}]",
                                         "[{site: cheek, side: left, device: cheek-left},"
                                         " {site: cheek, device: cheek},"
                                         " {side: left, device: left}, {device: all}]"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        char text[400];
        snprintf(text, sizeof text, HEAD "settings: %s\nvisits: [{status: done}]\n", orders[i]);
        cit_protocol *p = protocol_of(text);
        assert_string_equal(device_on(p, 0, "cheek", CIT_LEFT), "cheek-left");
        assert_string_equal(device_on(p, 0, "cheek", CIT_RIGHT), "cheek");
        assert_string_equal(device_on(p, 0, "cheek", CIT_BOTH), "cheek");
        assert_string_equal(device_on(p, 0, "chin", CIT_LEFT), "left");
        assert_string_equal(device_on(p, 0, "chin", CIT_MIDLINE), "all");
        cit_protocol_free(p);
    }
}

static void a_zone_that_no_setting_names_is_left_alone(void **state) {
    cit_protocol *p = protocol_of(HEAD "settings:\n"
                                       "  - {site: cheek, side: left, device: one}\n"
                                       "  - {site: cheek, side: left, device: two}\n"
                                       "  - {site: nose, side: both, device: three}\n"
                                       "visits: [{status: done}]\n");
    (void)state;
    assert_string_equal(device_on(p, 0, "cheek", CIT_LEFT), "one"); /* of equals the first */
    assert_string_equal(device_on(p, 0, "cheek", CIT_RIGHT), "");
    assert_string_equal(device_on(p, 0, "cheek", 0), "one"); /* its side is not known */
    assert_string_equal(device_on(p, 0, "nose", CIT_RIGHT), "three");
    assert_string_equal(device_on(p, 0, "nose", CIT_BOTH), "three");
    assert_string_equal(device_on(p, 0, "chin", 0), "");
    cit_protocol_free(p);
}

static void a_visit_with_settings_of_its_own_uses_no_others(void **state) {
    cit_protocol *p = protocol_of(HEAD "settings: [{device: for-all}]\n"
                                       "visits:\n"
                                       "  - {status: done}\n"
                                       "  - {status: done, settings: [{site: chin, device: own}]}\n"
                                       "  - {status: missed, settings: [{device: own}]}\n"
                                       "  - {status: planned, settings: []}\n");
    (void)state;
    assert_string_equal(device_on(p, 0, "chin", 0), "for-all");
    assert_string_equal(device_on(p, 1, "chin", 0), "own");
    assert_string_equal(device_on(p, 1, "cheek", 0), "");
    assert_string_equal(device_on(p, 2, "chin", 0), "");
    assert_string_equal(device_on(p, 3, "chin", 0), "for-all");
    cit_protocol_free(p);
}

/* ---- across the files ------------------------------------------------------------------------ */

#define CASE_HEAD "schema: cit/case/1\n"
#define PLAN      HEAD "settings: [{device: dermaroller-192}]\nvisits: [{status: planned}]\n"
#define PERSON    CASE_HEAD "zones: [{site: cheek}]\n"

/* The study's person with these scars on a cheek, whose sex is line 2. */
#define SCARRED(sex, depth)                                                                        \
    CASE_HEAD "sex: " sex "\nzones:\n  - site: cheek\n    scars: [{type: ice-pick, depth: " depth  \
              "}]\n"

static void check_pair(const cit_catalogue *catalogue, const char *person, const char *protocol,
                       const fault *want, int count) {
    cit_errors errs = {0};
    cit_case *c = case_of(person);
    cit_protocol *p = protocol_of(protocol);
    const cit_status st = cit_check_together(c, p, catalogue, &errs);
    check_faults(&errs, want, count);
    CHECK(st == (count > 0 ? CIT_INVALID : CIT_OK), "status %d with %d faults", st, count);
    CHECK(cit_check_together(c, p, catalogue, NULL) == st, "another answer where nobody listens");
    cit_case_free(c);
    cit_protocol_free(p);
}

static const struct {
    const char *person, *protocol;
    fault want;
} pairs[] = {
    {CASE_HEAD "zones:\n  - {site: cheak}\n",
     PLAN,
     {"c:3:5", "site 'cheak' is not in the catalogue; did you mean 'cheek'?; see `cit catalogue "
               "sites`"}},
    {CASE_HEAD "zones: [{site: xyzzyx}]\n",
     PLAN,
     {"c:2:9", "site 'xyzzyx' is not in the catalogue; see `cit catalogue sites`"}},
    {PERSON "study: malik-2025\n",
     PLAN,
     {"c:1:1", "study 'malik-2025' is not in the catalogue; did you mean 'malik-2024'?"}},
    {PERSON "study: xyzzyx\n", PLAN, {"c:1:1", "study 'xyzzyx' is not in the catalogue"}},
    {PERSON "study: malik-2024\nstudy_arm: microneedling alon\n",
     PLAN,
     {"c:1:1", "'microneedling alon' is no arm of malik-2024; its first is 'microneedling alone'"}},
    {PERSON "study: alam-2014\nstudy_arm: untreated sides\n",
     PLAN,
     {"c:1:1", "its first is 'needling side'; did you mean 'untreated side'?"}},
    {PERSON "study_arm: needling side\n",
     PLAN,
     {"c:1:1", "study_arm: there is no study it could be an arm of"}},
    {PERSON,
     HEAD "settings:\n  - {device: dermaroler-192}\nvisits: [{status: planned}]\n",
     {"p:3:5", "device 'dermaroler-192' is not in the catalogue; did you mean 'dermaroller-192'?; "
               "see `cit catalogue devices`"}},
    {PERSON,
     HEAD "visits:\n  - status: planned\n    settings: [{device: xyzzyxyzzy}]\n",
     {"p:4:16", "device 'xyzzyxyzzy' is not in the catalogue; see `cit catalogue devices`"}},
    {PERSON,
     HEAD "settings:\n  - {device: pen-12}\n  - {site: noze, device: pen-12}\n"
          "visits: [{status: planned}]\n",
     {"p:4:5", "site 'noze' is not in the catalogue; did you mean 'nose'?; see `cit catalogue"}},
    {PERSON,
     HEAD
     "settings:\n  - {device: dermaroller-192, length: 0.75 mm}\nvisits: [{status: planned}]\n",
     {"p:3:5",
      "'dermaroller-192' has no needle length of 0.75 mm; it has 0.5, 1, 1.5, 2, 2.5, 3 mm"}},
    {PERSON,
     HEAD "settings: [{device: pen-12, length: 2.6 mm}]\nvisits: [{status: planned}]\n",
     {"p:2:12", "no needle length of 2.6 mm; it has 0.25 to 2.5 mm in steps of 0.25 mm"}},
    {PERSON,
     HEAD "settings: [{device: stamp-40, kind: pen}]\nvisits: [{status: planned}]\n",
     {"p:2:12", "'stamp-40' is a stamp, not a pen"}},
    {CASE_HEAD "born: 2026-01-02\nzones: [{site: cheek}]\n",
     VISITS "  - {status: missed, date: 2026-01-01}\n  - {status: done, date: 2026-01-02}\n",
     {"p:4:5", "visit: its date is before the person's date of birth"}},
    {PERSON,
     HEAD "settings: [{site: chin, device: pen-12}]\nvisits:\n  - {status: missed}\n"
          "  - {status: done}\n",
     {"p:5:5", "visit: its settings are for none of the case's zones"}},
    {CASE_HEAD "zones: [{site: cheek, side: left}]\n",
     HEAD "settings: [{site: cheek, side: right, device: pen-12}]\nvisits: [{status: done}]\n",
     {"p:3:10", "visit: its settings are for none of the case's zones"}},
    {PERSON,
     HEAD "numbing: {product: lidocain-4}\nsettings: [{device: pen-12}]\n"
          "visits: [{status: planned}]\n",
     {"p:1:1",
      "numbing: product 'lidocain-4' is not in the catalogue; did you mean 'lidocaine-4'?; "
      "see `cit catalogue anaesthetics`"}},
    /* 0.90 mm (1 + 2 x 0.21) + 0.069 mm = 1.347 mm in a woman; 1.21 mm make 1.7872 mm in a man */
    {SCARRED("female", "1.35 mm"),
     PLAN,
     {"c:5:13", "scars: a depth of 1.35 mm is more than the skin of the cheek has (1.3 mm, two"}},
    {SCARRED("male", "1.79 mm"), PLAN, {"c:5:13", "a depth of 1.79 mm is more than the skin"}},
    {SCARRED("unknown", "1.79 mm"), PLAN, {"c:5:13", "a depth of 1.79 mm is more than the skin"}},
};

static void what_two_files_say_against_each_other_is_refused(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        check_pair(catalogue, pairs[i].person, pairs[i].protocol, &pairs[i].want, 1);
    cit_catalogue_free(catalogue);
}

static void what_goes_together_is_accepted(void **state) {
    static const char *const people[] = {SCARRED("female", "1.34 mm"),
                                         SCARRED("male", "1.78 mm"),
                                         SCARRED("unknown", "1.78 mm"),
                                         SCARRED("female", "unknown"),
                                         PERSON "study: alam-2014\nstudy_arm: untreated side\n",
                                         PERSON "study: alam-2014\n"};
    static const char *const plans[] = {
        HEAD "settings: [{device: unknown, length: 0.77 mm}]\nvisits: [{status: planned}]\n",
        HEAD "settings: [{device: pen-12, kind: pen, length: 1.75 mm}]\nvisits: [{status: done}]\n",
        HEAD
        "settings: [{site: chin, device: pen-12}, {device: pen-12}]\nvisits: [{status: done}]\n",
        HEAD "settings: [{site: chin, device: pen-12}]\nvisits: [{status: missed}]\n"};
    static const char *const examples[] = {"alam-2014", "lotfi-2013", "malik-2024", "severe-scars"};
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof people / sizeof *people; i++)
        check_pair(catalogue, people[i], PLAN, NULL, 0);
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
        check_pair(catalogue, PERSON, plans[i], NULL, 0);
    for (int i = 0; i < 4; i++) {
        char file[80];
        cit_errors errs = {0};
        cit_case *c = NULL;
        snprintf(file, sizeof file, "examples/%s/case.yaml", examples[i]);
        const path from = source_path(file);
        cit_protocol *p = example(examples[i]);
        CHECK(cit_case_load(from.text, &c, &errs) == CIT_OK, "%s", errs.items[0].text);
        CHECK(cit_check_together(c, p, catalogue, &errs) == CIT_OK, "%s: %s", errs.items[0].where,
              errs.items[0].text);
        cit_case_free(c);
        cit_protocol_free(p);
    }
    cit_catalogue_free(catalogue);
}

/* All but that a visit is for none of the zones, which follows from a site that does not exist. */
static void all_faults_of_both_files_come_in_one_go(void **state) {
    const char person[] = "schema: cit/case/1\n"
                          "born: 2026-06-01\n"
                          "study: alam-2041\n"
                          "sex: female\n"
                          "zones:\n"
                          "  - {site: chek}\n"
                          "  - site: eyelid\n"
                          "    scars:\n"
                          "      - {type: boxcar, depth: 0.4 mm}\n"
                          "      - {type: boxcar, depth: 2 mm}\n";
    const char plan[] = "schema: cit/protocol/1\n"
                        "settings:\n"
                        "  - {site: eyelit, device: pen-12}\n"
                        "  - {device: pen-13}\n"
                        "visits:\n"
                        "  - {status: done, date: 2026-05-01}\n"
                        "  - status: done\n"
                        "    date: 2026-06-01\n"
                        "    settings:\n"
                        "      - {site: eyelid, device: exceed, length: 1.55 mm, kind: roller}\n";
    static const fault want[] = {
        {"c:6:5", "site 'chek' is not in the catalogue; did you mean 'cheek'?"},
        {"c:10:9", "a depth of 2 mm is more than the skin of the eyelid has (0.86 mm"},
        {"c:1:1", "study 'alam-2041' is not in the catalogue; did you mean 'alam-2014'?"},
        {"p:3:5", "site 'eyelit' is not in the catalogue; did you mean 'eyelid'?"},
        {"p:4:5", "device 'pen-13' is not in the catalogue; did you mean 'pen-12'?"},
        {"p:10:9", "'exceed' is a pen, not a roller"},
        {"p:10:9",
         "'exceed' has no needle length of 1.55 mm; it has 0.1 to 1.5 mm in steps of 0.1"},
        {"p:6:5", "its date is before the person's date of birth"},
    };
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    check_pair(catalogue, person, plan, want, sizeof want / sizeof *want);
    cit_catalogue_free(catalogue);
}

/* ---- a case and the catalogue alone ----------------------------------------------------------- */

#define TAKES(health, medicines)                                                                   \
    CASE_HEAD "health: {" health "}\nmedication: [" medicines "]\nzones: [{site: cheek}]\n"

static const struct {
    const char *person;
    fault want; /* text NULL: none */
} alone[] = {
    {PERSON, {NULL, NULL}},
    {CASE_HEAD "zones:\n  - {site: cheak}\n", {"c:3:5", "site 'cheak' is not in the catalogue"}},
    {PERSON "study: malik-2025\n", {"c:1:1", "study 'malik-2025' is not in the catalogue"}},
    {SCARRED("female", "1.35 mm"), {"c:5:13", "a depth of 1.35 mm is more than the skin"}},
    {PERSON "overrides:\n  - {rule: tan, by: A, reason: b, at: c}\n", {NULL, NULL}},
    {PERSON "overrides:\n  - {rule: tam, by: A, reason: b, at: c}\n",
     {"c:4:5",
      "rule 'tam' is not in the catalogue; did you mean 'tan'?; see `cit catalogue rules`"}},
    {PERSON "overrides:\n  - {rule: xyzzyx, by: A, reason: b, at: c}\n",
     {"c:4:5", "rule 'xyzzyx' is not in the catalogue; see"}},
    {TAKES("anticoagulant: no", "ibuprofen, zzyzx"), {NULL, NULL}},
    {TAKES("anticoagulant: yes", "Warfarin"), {NULL, NULL}},
    {TAKES("anticoagulant: unknown", "Warfarin"), {NULL, NULL}},
    {TAKES("anticoagulant: no", "ibuprofen, Warfarin 5 mg"),
     {"c:1:1",
      "medication: it names a medicine that answers 'anticoagulant' with yes, but health"}},
    {TAKES("isotretinoin: no", "Roaccutane"), {"c:1:1", "answers 'isotretinoin' with yes"}},
    {TAKES("steroids: no", "prednisone"), {"c:1:1", "answers 'steroids' with yes"}},
    {TAKES("immunosuppressed: no", "Humira"), {"c:1:1", "answers 'immunosuppressed' with yes"}},
    {TAKES("chemotherapy: no", "cisplatin"), {"c:1:1", "answers 'chemotherapy' with yes"}},
};

static void a_case_is_held_against_the_catalogue(void **state) {
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++) {
        cit_errors errs = {0};
        cit_case *c = case_of(alone[i].person);
        const cit_status st = cit_check_case(c, catalogue, &errs);
        const bool fails = alone[i].want.text != NULL;
        check_faults(&errs, &alone[i].want, fails);
        CHECK(st == (fails ? CIT_INVALID : CIT_OK), "status %d for\n%s", st, alone[i].person);
        CHECK(cit_check_case(c, catalogue, NULL) == st, "another answer where nobody listens");
        check_pair(catalogue, alone[i].person, PLAN, &alone[i].want, fails);
        cit_case_free(c);
    }
    cit_catalogue_free(catalogue);
}

/* Any part of what is written may be the name, in any case; a list that nobody wrote has none. */
static void a_medicine_is_found_by_any_of_its_names(void **state) {
    static const struct {
        const char *list;
        bool blood, skin, unlisted;
    } rows[] = {
        {"[]", false, false, false},
        {"unknown", false, false, false},
        {"[Warfarin]", true, false, false},
        {"[\"5 mg WARFARIN, evenings\"]", true, false, false},
        {"[paracetamol and warfarin]", true, false, false},
        {"[zzyzx]", false, false, true},
        {"[ibuprofen, zzyzx]", false, false, true},
        {"[zzyzx, Roaccutane]", false, true, true},
        {"[\"\"]", false, false, true},
    };
    cit_catalogue *catalogue = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[200];
        snprintf(text, sizeof text, PERSON "medication: %s\n", rows[i].list);
        cit_case *c = case_of(text);
        CHECK(cit_takes(c, catalogue, "anticoagulant") == rows[i].blood &&
                  cit_takes(c, catalogue, "isotretinoin") == rows[i].skin &&
                  cit_takes_unlisted(c, catalogue) == rows[i].unlisted,
              "%s: %d %d %d", rows[i].list, cit_takes(c, catalogue, "anticoagulant"),
              cit_takes(c, catalogue, "isotretinoin"), cit_takes_unlisted(c, catalogue));
        cit_case_free(c);
    }
    cit_catalogue_free(catalogue);
}

static void what_goes_on_the_skin_is_read(void **state) {
    cit_protocol *p =
        protocol_of(HEAD "products: [vitamin C, other]\nproduct_labelled: no\n"
                         "needles: used before\nneedles_shared: yes\ncream: yes\n"
                         "numbing: {product: lidocaine-4, grams: 5, area: 3 cm2, "
                         "minutes: 30, occluded: no}\n" SETTINGS "visits: [{status: planned}]\n");
    (void)state;
    CHECK(p->products == ((1u << 2) | (1u << 11)), "products %x", p->products);
    CHECK(p->product_labelled == CIT_NO && p->needles == CIT_USED_BEFORE &&
              p->needles_shared == CIT_YES && p->cream == CIT_YES,
          "%d %d %d %d", p->product_labelled, p->needles, p->needles_shared, p->cream);
    assert_string_equal(p->numbing.product, "lidocaine-4");
    CHECK_CLOSE(p->numbing.grams, 5, 0);
    CHECK_CLOSE(p->numbing.area_mm2, 300, 0);
    CHECK_CLOSE(p->numbing.minutes, 30, 0);
    CHECK(p->numbing.occluded == CIT_NO, "occluded %d", p->numbing.occluded);
    cit_protocol_free(p);
    p = protocol_of(VISITS "  - {status: planned}\n");
    CHECK(p->products == 0 && p->needles == 0 && p->numbing.product == NULL &&
              !cit_known(p->numbing.grams),
          "something is known of nothing");
    cit_protocol_free(p);
}

T_MAIN(CASE(the_examples_take_place_when_they_say), CASE(what_an_example_leaves_open_is_unknown),
       CASE(visits_are_laid_out_in_time), CASE(days_go_up_for_every_interval),
       CASE(two_hundred_visits_are_the_most), CASE(what_cannot_be_is_refused_once_at_its_place),
       CASE(all_faults_between_visits_come_in_one_go),
       CASE(a_zone_gets_the_setting_that_names_it_best),
       CASE(a_zone_that_no_setting_names_is_left_alone),
       CASE(a_visit_with_settings_of_its_own_uses_no_others),
       CASE(what_two_files_say_against_each_other_is_refused), CASE(what_goes_together_is_accepted),
       CASE(all_faults_of_both_files_come_in_one_go), CASE(a_case_is_held_against_the_catalogue),
       CASE(a_medicine_is_found_by_any_of_its_names), CASE(what_goes_on_the_skin_is_read))
