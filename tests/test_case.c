/* The case file: every field may be unknown, what cannot be is refused at its place, and the three
 * bedside tests make a grade. */
#include "input_help.h"

/* ---- the examples ---------------------------------------------------------------------------- */

static cit_case *example(const char *name) {
    char file[80];
    cit_errors errs = {0};
    cit_case *c = NULL;
    snprintf(file, sizeof file, "examples/%s/case.yaml", name);
    const path p = source_path(file);
    const cit_status st = cit_case_load(p.text, &c, &errs);
    CHECK(st == CIT_OK && errs.count == 0, "%s: %s", errs.items[0].where, errs.items[0].text);
    return c;
}

static void the_cases_of_published_studies_leave_open_what_nobody_reports(void **state) {
    static const char *const names[] = {"alam-2014", "lotfi-2013", "malik-2024"};
    static const char *const arms[] = {"needling side", "dermaroller 1.5 mm",
                                       "microneedling alone"};
    (void)state;
    for (int i = 0; i < 3; i++) {
        cit_case *c = example(names[i]);
        assert_string_equal(c->study, names[i]);
        assert_string_equal(c->study_arm, arms[i]);
        CHECK(c->zone_count == 1 && strcmp(c->zones[0].site, "cheek") == 0, "%d zones",
              c->zone_count);
        CHECK(c->zones[0].scars == NULL && c->zones[0].scar_group_count == 0, "%s: %d groups",
              names[i], c->zones[0].scar_group_count);
        CHECK(!cit_known(c->age_day) && c->sex == 0 && c->skin_type == 0 &&
                  c->born == CIT_UNKNOWN_INT,
              "%s: age %g, sex %d, type %d", names[i], c->age_day, c->sex, c->skin_type);
        CHECK(c->health.pregnant == CIT_NO && c->health.diabetes == CIT_ANSWER_UNKNOWN,
              "%s: health %d %d", names[i], c->health.pregnant, c->health.diabetes);
        CHECK(c->assessment.rater == (i == 0 ? 1 : 0), "%s: rater %d", names[i],
              c->assessment.rater);
        const double gb = c->assessment.gb_quantitative;
        CHECK(i == 2 ? gb == 20.62 : !cit_known(gb), "%s: a score of %g", names[i], gb);
        cit_case_free(c);
    }
}

static void the_measured_case_is_read_whole(void **state) {
    cit_case *c = example("severe-scars");
    char born[16], laser[16], name[80];
    (void)state;
    cit_date_format(c->born, born);
    assert_string_equal(born, "1996-03-14");
    CHECK(c->sex == CIT_MALE && c->skin_type == 4, "sex %d, type %d", c->sex, c->skin_type);
    CHECK_CLOSE(c->weight_kg, 74, 0);
    CHECK(c->goal_count == 2 && strcmp(c->goals[1], "fewer pits on the cheeks") == 0, "%d goals",
          c->goal_count);
    CHECK(c->assessment.grade == 4 && cit_grade_from_tests(&c->assessment) == 4, "grade %d",
          c->assessment.grade);
    CHECK(c->zone_count == 3, "%d zones", c->zone_count);
    cit_zone_name(&c->zones[1], name);
    assert_string_equal(name, "cheek, right");
    const cit_scar_group *pits = &c->zones[1].scars[2];
    CHECK(c->zones[1].scar_group_count == 3 && pits->type == CIT_ICE_PICK && pits->count == 25,
          "%d groups, the third %d of type %d", c->zones[1].scar_group_count, pits->count,
          pits->type);
    CHECK_CLOSE(pits->width_mm, 1.2, 0);
    CHECK(!cit_known(pits->depth_mm) && !cit_known(pits->open_mm), "depth %g, open %g",
          pits->depth_mm, pits->open_mm);
    CHECK(c->zones[1].macular == 4 && c->zones[1].papular == CIT_UNKNOWN_INT,
          "marks %d, papules %d", c->zones[1].macular, c->zones[1].papular);
    CHECK(c->earlier_count == 1, "%d earlier treatments", c->earlier_count);
    cit_date_format(c->earlier[0].date, laser);
    assert_string_equal(laser, "2023-05-20");
    cit_case_free(c);
}

/* ---- unknown --------------------------------------------------------------------------------- */

static bool must_know(const cit_field *f) { return (f->flags & CIT_MUST_KNOW) != 0; }

/* Something that a field which must be known may say. */
static const char *some_value(const cit_field *f) {
    if (f->choices != NULL) return f->choices[0];
    return f->kind == CIT_DATE ? "2026-01-31" : "cheek";
}

/* Writes a map with every key of the table: what may be unknown is, and lists have one such entry. */
static void write_unknown_map(const cit_table *table, bool spell_out, FILE *out) {
    fputc('{', out);
    if (table->schema != NULL) fprintf(out, "schema: %s, ", table->schema);
    for (const cit_field *f = table->fields; f->key != NULL; f++) {
        const bool list = f->kind == CIT_LIST;
        fprintf(out, "%s%s: ", f == table->fields ? "" : ", ", f->key);
        if (f->table != NULL && (spell_out || strcmp(f->key, "zones") == 0)) {
            if (list) fputc('[', out);
            write_unknown_map(f->table, spell_out, out);
            if (list) fputc(']', out);
        } else {
            fputs(must_know(f) ? some_value(f) : "unknown", out);
        }
    }
    fputc('}', out);
}

static void check_unknown(const cit_table *table, const cit_field *f, const void *object) {
    const char *at = (const char *)object + f->offset;
    const void *pointer = NULL;
    switch (f->kind) {
    case CIT_NUMBER:
        CHECK(!cit_known(*(const double *)(const void *)at), "%s.%s is %g", table->name, f->key,
              *(const double *)(const void *)at);
        break;
    case CIT_INTEGER:
    case CIT_DATE:
        CHECK(*(const int *)(const void *)at == CIT_UNKNOWN_INT, "%s.%s is %d", table->name, f->key,
              *(const int *)(const void *)at);
        break;
    case CIT_CHOICE:
    case CIT_CHOICES:
        CHECK(*(const int *)(const void *)at == 0, "%s.%s is %d", table->name, f->key,
              *(const int *)(const void *)at);
        break;
    case CIT_STRUCT:
        for (const cit_field *g = f->table->fields; g->key != NULL; g++)
            check_unknown(f->table, g, at);
        break;
    case CIT_TEXT:
    case CIT_ID:
    case CIT_NUMBERS:
    case CIT_TEXTS:
    case CIT_LIST:
        memcpy(&pointer, at, sizeof pointer);
        CHECK(pointer == NULL, "%s.%s is there", table->name, f->key);
        break;
    }
}

static const cit_table *table_of(const cit_table *table, const char *key) {
    for (const cit_field *f = table->fields; f->key != NULL; f++)
        if (strcmp(f->key, key) == 0) return f->table;
    fail_msg("%s has no '%s'", table->name, key);
    return NULL;
}

/* Every field but the one named, and but those that must be known. */
static void check_all_unknown(const cit_table *table, const void *object, const char *but) {
    for (const cit_field *f = table->fields; f->key != NULL; f++)
        if (!must_know(f) && strcmp(f->key, but) != 0) check_unknown(table, f, object);
}

/* Where everything is spelt out, lists of maps have an entry each, in which nothing is known. */
static void check_spelt_out(const cit_table *table, const void *object) {
    for (const cit_field *f = table->fields; f->key != NULL; f++) {
        const char *at = (const char *)object + f->offset, *items = NULL;
        int count = 0;
        if (f->kind == CIT_STRUCT) {
            check_spelt_out(f->table, at);
            continue;
        }
        if (f->kind != CIT_LIST) {
            if (!must_know(f)) check_unknown(table, f, object);
            continue;
        }
        memcpy(&items, at, sizeof items);
        memcpy(&count, (const char *)object + f->count_offset, sizeof count);
        CHECK(count == 1, "%s.%s has %d entries", table->name, f->key, count);
        check_spelt_out(f->table, items);
    }
}

static cit_case *unknown_case(bool spell_out) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    CHECK(out != NULL, "no memory");
    write_unknown_map(&cit_case_table, spell_out, out);
    fclose(out);
    cit_case *c = case_of(text);
    free(text);
    return c;
}

static void every_field_may_be_unknown(void **state) {
    (void)state;
    cit_case *c = unknown_case(false);
    check_all_unknown(&cit_case_table, c, "zones");
    CHECK(c->zone_count == 1, "%d zones", c->zone_count);
    check_all_unknown(table_of(&cit_case_table, "zones"), &c->zones[0], "");
    cit_case_free(c);
    c = unknown_case(true);
    check_spelt_out(&cit_case_table, c);
    cit_case_free(c);
}

static void a_zone_is_enough(void **state) {
    cit_case *c = case_of("schema: cit/case/1\nzones:\n  - {site: cheek}\n");
    char name[80];
    (void)state;
    check_all_unknown(&cit_case_table, c, "zones");
    check_all_unknown(table_of(&cit_case_table, "zones"), &c->zones[0], "");
    assert_string_equal(c->zones[0].site, "cheek");
    cit_zone_name(&c->zones[0], name);
    assert_string_equal(name, "cheek");
    CHECK(c->zones[0].mark.line == 3 && c->zones[0].mark.column == 5, "marked at %d:%d",
          c->zones[0].mark.line, c->zones[0].mark.column);
    cit_case_free(c);
}

static void no_scars_is_not_the_same_as_scars_nobody_counted(void **state) {
    cit_case *none = case_of("schema: cit/case/1\nzones: [{site: cheek, scars: []}]\n");
    cit_case *uncounted = case_of("schema: cit/case/1\nzones: [{site: cheek, scars: unknown}]\n");
    (void)state;
    CHECK(none->zones[0].scars != NULL, "an empty list is taken for an uncounted one");
    CHECK(uncounted->zones[0].scars == NULL, "an uncounted list is taken for an empty one");
    CHECK(none->zones[0].scar_group_count == 0 && uncounted->zones[0].scar_group_count == 0,
          "%d and %d groups", none->zones[0].scar_group_count,
          uncounted->zones[0].scar_group_count);
    cit_case_free(none);
    cit_case_free(uncounted);
}

/* ---- what is refused ------------------------------------------------------------------------- */

#define HEAD       "schema: cit/case/1\n"
#define ZONE       HEAD "zones:\n  - site: cheek\n"
#define SCAR(text) ZONE "    scars:\n      - {" text "}\n"
#define TESTS(s, c, f)                                                                             \
    "assessment: {seen_at_50cm: " s ", coverable: " c ", flattens_on_stretching: " f ", grade: "

static const struct {
    const char *text, *where, *says;
} refusals[] = {
    {ZONE "wieght: 60 kg\n", "c:4:1", "unknown key 'wieght' in case; did you mean 'weight'?"},
    {ZONE "    aera: 3 cm2\n", "c:4:5", "unknown key 'aera' in zone; did you mean 'area'?"},
    {ZONE "health: {pregnent: no}\n", "c:4:10", "unknown key 'pregnent' in health; did you mean"},
    {SCAR("type: icepick, count: 3"), "c:5:16", "type: 'icepick' is not one of: rolling, boxcar"},
    {SCAR("type: unknown"), "c:5:16", "type: must be known"},
    {SCAR("count: 3"), "c:5:9", "scars: the key 'type' is missing (rolling, boxcar or ice-pick)"},
    {SCAR("type: boxcar, width: -2 mm"), "c:5:31", "width: -2 mm is not above 0 mm to 30 mm"},
    {SCAR("type: boxcar, depth: 0 mm"), "c:5:31", "depth: 0 mm is not above 0 mm to 5 mm"},
    {SCAR("type: boxcar, tether: -1 um"), "c:5:32", "tether: -0.001 mm is not from 0 mm to 5 mm"},
    {SCAR("type: boxcar, width: nan mm"), "c:5:31", "width: 'nan mm' is not a number"},
    {SCAR("type: boxcar, width: .nan"), "c:5:31", "width: '.nan' is not a number; write for ex"},
    {SCAR("type: boxcar, depth: inf mm"), "c:5:31", "depth: 'inf mm' is not a number"},
    {SCAR("type: boxcar, depth: 1e999 mm"), "c:5:31", "depth: '1e999 mm' is not a number"},
    {SCAR("type: boxcar, width: 2.8"), "c:5:31",
     "width: '2.8' has no unit; write for example '1.5"},
    {SCAR("type: boxcar, width: 2.8 kg"), "c:5:31", "width: '2.8 kg' has the wrong unit; write"},
    {SCAR("type: boxcar, width: 2.8 mm2"), "c:5:31", "width: '2.8 mm2' has the wrong unit; write"},
    {SCAR("type: boxcar, count: 2.5"), "c:5:31", "count: '2.5' is not a whole number"},
    {SCAR("type: boxcar, count: -1"), "c:5:31", "count: -1 is not from 0 to 500"},
    {SCAR("type: boxcar, count: 501"), "c:5:31", "count: 501 is not from 0 to 500"},
    {SCAR("type: rolling, depth: 0.4 mm, tether: 0.3 mm, open: 0.2 mm"), "c:5:9",
     "scars: tether and open make 0.5 mm, more than the depth of 0.4 mm"},
    {SCAR("type: rolling, depth: 0.4 mm, tether: 0.41 mm"), "c:5:9",
     "tether and open make 0.41 mm"},
    {SCAR("type: rolling, tether: 0.1 mm"), "c:5:9",
     "scars: parts of the depth are given, but not the depth"},
    {SCAR("type: ice-pick, depth: unknown, open: 1 mm"), "c:5:9", "but not the depth"},
    {HEAD, "c:1:1", "case: the key 'zones' is missing (zones of skin)"},
    {HEAD "zones: []\n", "c:1:1", "zones: at least one is needed"},
    {HEAD "zones: unknown\n", "c:1:1", "zones: at least one is needed"},
    {HEAD "zones: {site: cheek}\n", "c:2:8", "zones: a list is needed, each entry beginning with"},
    {HEAD "zones:\n  - {side: left}\n", "c:3:5", "zone: the key 'site' is missing"},
    {HEAD "zones:\n  - {site: Left cheek}\n", "c:3:12", "site: 'Left cheek' is not an id"},
    {ZONE "  - site: cheek\n", "c:4:5", "zone 'cheek' is here twice; give each its side"},
    {HEAD "zones:\n  - {site: cheek, side: left}\n  - {site: cheek, side: both}\n", "c:4:5",
     "zone 'cheek' is here twice; give each its side"},
    {HEAD "zones:\n  - {site: cheek, side: left}\n  - {site: cheek}\n", "c:4:5",
     "zone 'cheek' is here twice; give each its side"},
    {HEAD "zones:\n  - {site: nose, side: left}\n  - {site: chin}\n  - {side: left, site: nose}\n",
     "c:5:5", "zone 'nose' is here twice"},
    {ZONE "age: 30\n", "c:4:6", "age: '30' has no unit; write for example '4 weeks'"},
    {ZONE "age: -3 years\n", "c:4:6", "age: -1095.73 day is not above 0 day to 43920 day"},
    {ZONE "born: 14 March 1996\n", "c:4:7",
     "born: '14 March 1996' is not a date; write for example"},
    {ZONE "born: 1997-02-29\n", "c:4:7", "born: '1997-02-29' is not a date"},
    {ZONE "sex: both\n", "c:4:6", "sex: 'both' is not one of: female, male"},
    {ZONE "skin_type: VII\n", "c:4:12", "skin_type: 'VII' is not one of: I, II, III, IV, V, VI"},
    {ZONE "health: {pregnant: maybe}\n", "c:4:20", "pregnant: 'maybe' is not one of: no, yes"},
    {ZONE "born: 2000-05-02\nearlier:\n  - {what: laser, date: 2000-05-01}\n", "c:6:5",
     "earlier treatment: its date is before the date of birth"},
    {ZONE TESTS("yes", "no", "yes") "4}\n", "c:1:1",
     "assessment: grade 4 is given, but the three bedside tests say 3"},
    {ZONE TESTS("yes", "no", "no") "2}\n", "c:1:1",
     "grade 2 is given, but the three bedside tests"},
    {ZONE TESTS("no", "unknown", "no") "3}\n", "c:1:1", "three bedside tests say 2"},
    {ZONE TESTS("yes", "no", "no") "5}\n", "c:4:83", "grade: 5 is not from 0 to 4"},
    {HEAD "health: {keloid_tendency: no}\nzones:\n  - {site: cheek, raised: 1 mm2}\n", "c:4:5",
     "zone: it has raised scars, but health says keloid_tendency: no"},
    {ZONE "born: 2000-05-02\nanswered: 2000-05-01\n", "c:1:1",
     "answered: the date is before the date of birth"},
    {ZONE "born: 2000-05-02\nanswered: 2026-05-02\nage: 24 years\n", "c:1:1",
     "age: 24 years, but the date of birth says 26 when answered"},
    {ZONE "born: 2000-05-02\nanswered: 2026-05-01\nage: 27 years\n", "c:1:1",
     "age: 27 years, but the date of birth says 25 when answered"},
    {ZONE "born: 2008-11-22\nanswered: 2026-11-21\nage: 18 years\n", "c:1:1",
     "age: 18 years, but the date of birth says 17 when answered"}, /* a day makes a minor */
    {ZONE "born: 2008-11-22\nanswered: 2026-11-22\nage: 17 years\n", "c:1:1",
     "age: 17 years, but the date of birth says 18 when answered"},
    {ZONE "health: {isotretinoin_past: no, isotretinoin_stopped: 2026-01-01}\n", "c:1:1",
     "health: isotretinoin was stopped on a date, but isotretinoin_past says no"},
    {ZONE "visits: [{zones: []}]\n", "c:4:10", "visit: the key 'date' is missing (when)"},
    {ZONE "visits: [{date: unknown, zones: []}]\n", "c:4:17", "date: must be known"},
    {ZONE "visits: [{date: 2026-01-01}]\n", "c:4:10", "visit: the key 'zones' is missing"},
    {ZONE "visits: [{date: 2026-01-01, zones: [{side: left}]}]\n", "c:4:37",
     "zone of a visit: the key 'site' is missing"},
    {ZONE "visits: [{date: 2026-01-01, zones: [{site: cheek, pain: 11}]}]\n", "c:4:57",
     "pain: 11 is not from 0 to 10"},
    {ZONE "visits: [{date: 2026-01-01, zones: [{site: cheek, endpoint: blood}]}]\n", "c:4:61",
     "'blood' is not one of: redness, pinpoint bleeding, confluent bleeding"},
    {ZONE "overrides: [{rule: tan, by: A, reason: b}]\n", "c:4:13",
     "override: the key 'at' is missing"},
    {ZONE "overrides: [{rule: tan, by: unknown, reason: b, at: c}]\n", "c:4:29",
     "by: must be known"},
    {ZONE "overrides: [{rule: Tan, by: A, reason: b, at: c}]\n", "c:4:20", "is not an id"},
    {ZONE "expectation: none\n", "c:4:14", "'none' is not one of: some improvement, clear"},
    {ZONE "done_by: nurse\n", "c:4:10", "'nurse' is not one of: home, aesthetician, physician"},
    {ZONE "weight: 0 kg\n", "c:4:9", "weight: 0 kg is not above 0 kg to 400 kg"},
    {ZONE "medication: aspirin\n", "c:4:13", "medication: a list is needed, like [a, b]"},
    {"", "c", "is empty"},
    {"# a comment alone\n", "c", "is empty"},
    {"zones:\n  - {site: cheek}\n", "c:1:1",
     "the first line must be 'schema: cit/case/1'; this does"},
    {"schema: cit/protocol/1\nzones:\n  - {site: cheek}\n", "c:1:9",
     "schema: must be 'cit/case/1'"},
    {"just words\n", "c:1:1", "case: 'key: value' lines are needed here"},
    {"- a\n- b\n", "c:1:1", "case: 'key: value' lines are needed here"},
    {"\x7f"
     "ELF\x02\x01",
     "c:1:1", "byte 0x7f does not belong in a text file"},
    {HEAD "name: \xff\n", "c:2:7", "byte 0xff does not belong in a text file"},
};

static void what_cannot_be_is_refused_once_at_its_place(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const char *text = refusals[i].text;
        cit_errors errs = {0};
        cit_case *c = NULL;
        const cit_status st = cit_case_parse("c", text, strlen(text), &c, &errs);
        CHECK(st == CIT_INVALID && c == NULL, "status %d for\n%s", st, text);
        const fault want = {refusals[i].where, refusals[i].says};
        check_faults(&errs, &want, 1);
        CHECK(cit_case_parse("c", text, strlen(text), &c, NULL) == CIT_INVALID,
              "accepted where nobody listens:\n%s", text);
    }
}

static void what_lies_at_the_edge_is_accepted(void **state) {
    static const char *const texts[] = {
        SCAR("type: rolling, depth: 0.3 mm, tether: 0.1 mm, open: 0.2 mm"), /* 0.1 + 0.2 > 0.3 */
        SCAR("type: rolling, depth: 5 mm, width: 30 mm, count: 500"),
        SCAR("type: rolling, depth: unknown, tether: 0 mm, open: unknown"),
        SCAR("type: rolling, count: 0"),
        ZONE "    side: left\n  - {site: cheek, side: right}\n  - {site: chin}\n",
        ZONE "born: 2000-05-02\nearlier:\n  - {what: laser, date: 2000-05-02}\n",
        ZONE "earlier:\n  - {what: peel, date: 1950-01-01}\n",
        ZONE TESTS("yes", "no", "yes") "3}\n",
        ZONE TESTS("yes", "unknown", "yes") "4}\n", /* the tests do not decide */
        ZONE TESTS("no", "yes", "yes") "1}\n",      /* colour alone; the tests are of contour */
        ZONE "age: 120 years\n",
        HEAD "health: {keloid_tendency: no}\nzones:\n  - {site: cheek, raised: 0 mm2}\n",
        HEAD "health: {keloid_tendency: yes}\nzones:\n  - {site: cheek, raised: 1 mm2}\n",
        HEAD "zones:\n  - {site: cheek, raised: 1 mm2}\n",
        ZONE "born: 2000-05-02\nanswered: 2026-05-02\nage: 26 years\n",
        ZONE "born: 2000-05-02\nanswered: 2026-05-01\nage: 25 years\n", /* until tomorrow */
        ZONE "born: 2000-05-02\nanswered: 2026-05-01\nage: 25.9 years\n",
        ZONE "born: 2000-05-02\nage: 12 years\n", /* nobody says when */
        ZONE "health: {isotretinoin_past: yes, isotretinoin_stopped: 2026-01-01}\n",
        ZONE "health: {isotretinoin_stopped: 2026-01-01}\n",
        ZONE "visits: [{date: 2026-01-01, zones: []}]\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) cit_case_free(case_of(texts[i]));
}

static void a_megabyte_of_braces_and_a_nul_are_refused(void **state) {
    enum { MANY = CIT_DOC_MAX_BYTES };
    static char bytes[MANY];
    static const char with_nul[] = "schema: \0";
    cit_errors braces = {0}, nul = {0};
    cit_case *c = NULL;
    const fault no_key = {"c:1:2", "a key must be plain text"};
    const fault bad_byte = {"c:1:9", "byte 0x00 does not belong in a text file"};
    (void)state;
    memset(bytes, '{', MANY);
    CHECK(cit_case_parse("c", bytes, MANY, &c, &braces) == CIT_INVALID && c == NULL, "accepted");
    check_faults(&braces, &no_key, 1);
    CHECK(cit_case_parse("c", with_nul, 9, &c, &nul) == CIT_INVALID && c == NULL, "accepted");
    check_faults(&nul, &bad_byte, 1);
}

static void a_folder_or_a_missing_file_is_no_case(void **state) {
    static const char *const names[] = {"examples", "examples/none.yaml"};
    static const char *const says[] = {"is a directory; a file is needed", "cannot be read: "};
    (void)state;
    for (int i = 0; i < 2; i++) {
        const path p = source_path(names[i]);
        const fault want = {p.text, says[i]};
        cit_errors errs = {0};
        cit_case *c = NULL;
        CHECK(cit_case_load(p.text, &c, &errs) == CIT_NOTFOUND && c == NULL, "%s loads", p.text);
        check_faults(&errs, &want, 1);
    }
}

static void all_faults_of_fields_come_in_one_go(void **state) {
    const char text[] = "schema: cit/case/1\n"
                        "sex: f\n"
                        "weight: 60\n"
                        "healht: {}\n"
                        "zones:\n"
                        "  - site: cheek\n"
                        "    side: centre\n"
                        "    scars:\n"
                        "      - {type: rolling, count: 2.5}\n"
                        "      - {type: pit, width: 3 mm, dept: 1 mm}\n"
                        "  - {area: 3 mm}\n";
    static const fault want[] = {
        {"c:2:6", "sex: 'f' is not one of"},
        {"c:3:9", "weight: '60' has no unit; write for example '62 kg'"},
        {"c:4:1", "unknown key 'healht' in case; did you mean 'health'?"},
        {"c:7:11", "side: 'centre' is not one of: left, right, midline, both"},
        {"c:9:32", "count: '2.5' is not a whole number"},
        {"c:10:16", "type: 'pit' is not one of"},
        {"c:10:34", "unknown key 'dept' in scars; did you mean 'depth'?"},
        {"c:11:12", "area: '3 mm' has the wrong unit; write for example '35 cm2'"},
        {"c:11:5", "zone: the key 'site' is missing"},
    };
    cit_errors errs = {0};
    cit_case *c = NULL;
    (void)state;
    CHECK(cit_case_parse("c", text, strlen(text), &c, &errs) == CIT_INVALID, "accepted");
    check_faults(&errs, want, sizeof want / sizeof *want);
}

static void all_faults_between_fields_come_in_one_go(void **state) {
    const char text[] = "schema: cit/case/1\n"
                        "born: 2001-01-01\n"
                        "assessment:\n"
                        "  grade: 2\n"
                        "  seen_at_50cm: yes\n"
                        "  coverable: no\n"
                        "  flattens_on_stretching: no\n"
                        "zones:\n"
                        "  - {site: chin}\n"
                        "  - site: nose\n"
                        "    scars:\n"
                        "      - {type: rolling, depth: 0.2 mm, tether: 0.3 mm}\n"
                        "      - {type: boxcar, open: 0.1 mm}\n"
                        "  - {site: chin, macular: 3}\n"
                        "earlier:\n"
                        "  - {what: laser, date: 2020-01-01}\n"
                        "  - {what: peel, date: 2000-12-31}\n";
    static const fault want[] = {
        {"c:14:5", "zone 'chin' is here twice"},
        {"c:12:9", "tether and open make 0.3 mm, more than the depth of 0.2 mm"},
        {"c:13:9", "parts of the depth are given, but not the depth"},
        {"c:17:5", "its date is before the date of birth"},
        {"c:1:1", "grade 2 is given, but the three bedside tests say 4"},
    };
    cit_errors errs = {0};
    cit_case *c = NULL;
    (void)state;
    CHECK(cit_case_parse("c", text, strlen(text), &c, &errs) == CIT_INVALID, "accepted");
    check_faults(&errs, want, sizeof want / sizeof *want);
}

/* ---- adding to a file ------------------------------------------------------------------------ */

#define ENTRY     "  - date: 2026-11-21\n    who: physician\n    zones:\n      - site: cheek\n"
#define SIGNATURE "  - rule: tan\n    by: \"Dr A\"\n    reason: \"seen\"\n    at: \"2026-11-21\"\n"
#define MARGIN    "- date: 2026-11-21\n  who: physician\n  zones:\n    - site: cheek\n"

/* The text with `entry` put in at the mark ^; NULL: refused, since it says `says`. */
static const struct {
    const char *text, *key, *entry, *says;
} additions[] = {
    /* at the end: a new list, then a list that is there */
    {ZONE "^", "visits", "visits:\n" ENTRY, NULL},
    {ZONE "^", "overrides", "overrides:\n" SIGNATURE, NULL},
    {ZONE "visits:\n  - {date: 2026-01-01, zones: []}\n^", "visits", ENTRY, NULL},
    {ZONE "visits:\n  - date: 2026-01-01\n    zones: []\n  - date: 2026-02-01\n    zones:\n"
          "      - {site: cheek}\n^",
     "visits", ENTRY, NULL},
    {ZONE "visits:\n  - {date: 2026-01-01, zones: []}\n# the end\n\n^", "visits", ENTRY, NULL},
    {ZONE "visits:\n  - {date: 2026-01-01, zones: []}\n^", "overrides", "overrides:\n" SIGNATURE,
     NULL},
    /* in the middle: what stands in front of the next key stays with it */
    {HEAD "visits:\n  - {date: 2026-01-01, zones: []}\n^zones:\n  - site: cheek\n", "visits", ENTRY,
     NULL},
    {HEAD "visits:\n  - {date: 2026-01-01, zones: []}\n^\n# the skin\n\n# of the face\nzones:\n"
          "  - site: cheek # here\n",
     "visits", ENTRY, NULL},
    {HEAD "overrides:\n  - {rule: tan, by: A, reason: b, at: c} # his\n^# skin\nzones:\n"
          "  - site: cheek\nvisits:\n  - {date: 2026-01-01, zones: []}\n",
     "overrides", SIGNATURE, NULL},
    {"# first\n\nschema: cit/case/1\nvisits: # done\n\n  # one\n  - date: 2026-01-01\n"
     "    zones: []\n^# of the name\nname: \"a\"\nzones: [{site: "
     "cheek}]\n",
     "visits", ENTRY, NULL},
    /* a list at the margin, or further in */
    {ZONE "visits:\n- {date: 2026-01-01, zones: []}\n^", "visits", MARGIN, NULL},
    {HEAD "visits:\n- date: 2026-01-01\n  zones: []\n^name: a\nzones:\n- site: cheek\n", "visits",
     MARGIN, NULL},
    {ZONE "visits:\n      - {date: 2026-01-01, zones: []}\n^", "visits",
     "      - date: 2026-11-21\n        who: physician\n        zones:\n          - site: cheek\n",
     NULL},
    /* no line end at the end; line ends of another kind; a mark of order in front */
    {HEAD "zones:\n  - site: cheek^", "visits", "\nvisits:\n" ENTRY, NULL},
    {ZONE "visits:\n  - {date: 2026-01-01, zones: []}^", "visits", "\n" ENTRY, NULL},
    {ZONE "visits:\n  - {date: 2026-01-01, zones: []} # one^", "visits", "\n" ENTRY, NULL},
    {"schema: cit/case/1\r\nvisits:\r\n  - {date: 2026-01-01, zones: []}\r\n^\r\n# skin\r\nzones:"
     "\r\n  - site: cheek\r\n",
     "visits", ENTRY, NULL},
    {"\xef\xbb\xbfschema: cit/case/1\nvisits:\n  - {date: 2026-01-01, zones: []}\n^zones:\n"
     "  - site: caf\n",
     "visits", ENTRY, NULL},
    /* texts of an entry that look like something else stay in it */
    {HEAD "visits:\n  - date: 2026-01-01\n    zones: []\n    deviations: |\n      none\n"
          "      # but one\n^zones:\n  - site: cheek\n",
     "visits", ENTRY, NULL},
    {HEAD "visits:\n  - date: 2026-01-01\n    zones: []\n    deviations: |+\n      none\n\n\n^"
          "zones:\n  - site: cheek\n",
     "visits", ENTRY, NULL},
    {HEAD "visits:\n  - date: 2026-01-01\n    zones: []\n    deviations: \"one\n\n      # two\"\n^"
          "zones:\n  - site: cheek\n",
     "visits", ENTRY, NULL},
    /* lists that are not written in lines */
    {ZONE "visits: []\n", "visits", ENTRY, "visits: write the list in lines, each entry beginning"},
    {ZONE "visits: unknown\n", "visits", ENTRY, "visits: write the list in lines"},
    {ZONE "visits: [{date: 2026-01-01, zones: []}]\n", "visits", ENTRY, "visits: write the list"},
    {ZONE "visits:\n  [{date: 2026-01-01, zones: []}]\n", "visits", ENTRY, ""},
    {ZONE "overrides: []\n", "overrides", SIGNATURE, "overrides: write the list in lines"},
    /* files that are not */
    {"{\"schema\": \"cit/case/1\", \"zones\": [{\"site\": \"cheek\"}]}\n", "visits", ENTRY,
     "nothing can be added to a file written as JSON; write it in lines"},
    {"\n {\"schema\": \"cit/case/1\", \"zones\": [{\"site\": \"cheek\"}]}\n", "visits", ENTRY, ""},
    {"# json\n{\"schema\": \"cit/case/1\", \"zones\": [{\"site\": \"cheek\"}],\n\"visits\":\n"
     "[{\"date\": \"2026-01-01\", \"zones\": []}]}\n",
     "visits", ENTRY, ""},
    {ZONE "visits:\n  - {date: 2026-01-01, zones: []}\n...\n", "visits", ENTRY, ""},
    /* entries that are none */
    {ZONE, "visits", "  - date: 2026-13-01\n    zones: []\n", "date: '2026-13-01' is not a date"},
    {ZONE, "visits", "  - date: 2026-11-21\n", "visit: the key 'zones' is missing"},
    {ZONE, "visits", "  - date: 2026-11-21\n    zones: []\n  - date: 2026-11-22\n    zones: []\n",
     "the entry did not come back when the new text was read"},
    {ZONE, "visits", "no entry\n", ""},
    {ZONE, "visits", "", ""},
};

/* Everything that was there, byte by byte, in front of and behind what was put in at the mark. */
static void check_addition(const char *marked, const char *key, const char *entry) {
    char text[1000], want[2000];
    const char *mark = strchr(marked, '^');
    const int before = (int)(mark - marked);
    const char *given = strstr(entry, "rule:") != NULL ? SIGNATURE : ENTRY;
    cit_errors errs = {0};
    char *got = NULL;
    snprintf(text, sizeof text, "%.*s%s", before, marked, mark + 1);
    snprintf(want, sizeof want, "%.*s%s%s", before, marked, entry, mark + 1);
    cit_case *c = case_of(text);
    const cit_status st = cit_case_append(c, text, strlen(text), key, given, &got, &errs);
    CHECK(st == CIT_OK && got != NULL, "%s: %s\n%s", errs.items[0].where, errs.items[0].text, text);
    CHECK(strcmp(got, want) == 0, "became\n%s\nnot\n%s", got, want);
    cit_case *again = case_of(got);
    CHECK(again->visit_count + again->override_count == c->visit_count + c->override_count + 1,
          "%d visits, %d overrides", again->visit_count, again->override_count);
    for (int i = 0; i < c->visit_count; i++)
        CHECK(again->visits[i].date == c->visits[i].date &&
                  (c->visits[i].deviations == NULL ||
                   strcmp(again->visits[i].deviations, c->visits[i].deviations) == 0),
              "visit %d was changed:\n%s", i, got);
    cit_case_free(again);
    cit_case_free(c);
    free(got);
}

static void an_entry_is_added_and_every_byte_stays(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof additions / sizeof *additions; i++)
        if (additions[i].says == NULL)
            check_addition(additions[i].text, additions[i].key, additions[i].entry);
}

static void what_cannot_be_added_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof additions / sizeof *additions; i++) {
        const char *text = additions[i].text;
        cit_errors errs = {0};
        char *got = NULL;
        if (additions[i].says == NULL) continue;
        cit_case *c = case_of(text);
        const cit_status st = cit_case_append(c, text, strlen(text), additions[i].key,
                                              additions[i].entry, &got, &errs);
        CHECK(st != CIT_OK && got == NULL, "'%s' is added to\n%s\nwhich becomes\n%s",
              additions[i].entry, text, got ? got : "");
        CHECK(errs.count > 0 && strstr(errs.items[0].text, additions[i].says) != NULL, "'%s': %s",
              additions[i].entry, errs.items[0].text);
        cit_case_free(c);
    }
}

/* Visit after visit: each file is the one before with the entry behind it. */
static void ten_visits_are_added_one_by_one(void **state) {
    char *text = strdup(ZONE "name: \"a\" # here\n");
    (void)state;
    for (int i = 0; i < 10; i++) {
        cit_errors errs = {0};
        char entry[100], *more = NULL;
        cit_case *c = case_of(text);
        CHECK(c->visit_count == i, "%d visits", c->visit_count);
        snprintf(entry, sizeof entry, "  - date: 2026-01-%02d\n    zones:\n      - site: cheek\n",
                 i + 1);
        CHECK(cit_case_append(c, text, strlen(text), "visits", entry, &more, &errs) == CIT_OK, "%s",
              errs.items[0].text);
        CHECK(strncmp(more, text, strlen(text)) == 0, "what was there is changed");
        cit_case_free(c);
        free(text);
        text = more;
    }
    cit_case *c = case_of(text);
    CHECK(c->visit_count == 10 && c->visits[9].date == c->visits[0].date + 9, "%d visits",
          c->visit_count);
    cit_case_free(c);
    free(text);
}

static void a_case_that_is_written_is_read_as_the_same(void **state) {
    static const char *const names[] = {"alam-2014", "severe-scars"};
    (void)state;
    for (int i = 0; i < 4; i++) {
        cit_errors errs = {0};
        cit_case *c = example(names[i % 2]);
        char *once = NULL, *twice = NULL;
        const unsigned flags = i < 2 ? CIT_WRITE_UNKNOWN | CIT_WRITE_MEANING : 0;
        CHECK(cit_table_write(&cit_case_table, c, 0, flags, &once, &errs) == CIT_OK, "%s",
              errs.items[0].text);
        cit_case *again = case_of(once);
        CHECK(cit_table_write(&cit_case_table, again, 0, flags, &twice, &errs) == CIT_OK, "%s",
              errs.items[0].text);
        CHECK(strcmp(once, twice) == 0, "%s becomes\n%s\nthen\n%s", names[i % 2], once, twice);
        CHECK(again->zone_count == c->zone_count && again->goal_count == c->goal_count &&
                  again->born == c->born && again->earlier_count == c->earlier_count,
              "%s is another", names[i % 2]);
        cit_case_free(again);
        cit_case_free(c);
        free(once);
        free(twice);
    }
}

/* ---- the grade ------------------------------------------------------------------------------- */

/* Goodman and Baron 2006, for scars of contour, where every answer is known. */
static int grade_when_known(int seen, int coverable, int flattens) {
    if (seen == CIT_NO || coverable == CIT_YES) return 2;
    return flattens == CIT_YES ? 3 : 4;
}

/* The one grade that every way to fill in the unknown answers gives; unknown where they differ. */
static int grade_by_all_ways(const int answers[3]) {
    int grade = 0;
    for (int ways = 0; ways < 8; ways++) {
        int a[3];
        for (int i = 0; i < 3; i++)
            a[i] = answers[i] ? answers[i] : ways >> i & 1 ? CIT_YES : CIT_NO;
        const int one = grade_when_known(a[0], a[1], a[2]);
        if (grade != 0 && one != grade) return CIT_UNKNOWN_INT;
        grade = one;
    }
    return grade;
}

static void the_bedside_tests_decide_where_every_way_agrees(void **state) {
    int decided = 0;
    (void)state;
    for (int i = 0; i < 27; i++) {
        const int answers[3] = {i % 3, i / 3 % 3, i / 9};
        const cit_assessment a = {.seen_at_50cm = answers[0],
                                  .coverable = answers[1],
                                  .flattens_on_stretching = answers[2]};
        const int want = grade_by_all_ways(answers), got = cit_grade_from_tests(&a);
        CHECK(got == want, "seen %d, coverable %d, flattens %d: grade %d, not %d", answers[0],
              answers[1], answers[2], got, want);
        decided += want != CIT_UNKNOWN_INT;
    }
    CHECK(decided == 17, "%d of 27 decided", decided); /* 9 + 6 of grade 2, one 3, one 4 */
}

static void the_table_of_known_answers_is_that_of_the_paper(void **state) {
    static const struct {
        int seen, coverable, flattens, grade;
    } rows[] = {{CIT_NO, CIT_NO, CIT_NO, 2},   {CIT_NO, CIT_YES, CIT_YES, 2},
                {CIT_YES, CIT_YES, CIT_NO, 2}, {CIT_YES, CIT_YES, CIT_YES, 2},
                {CIT_YES, CIT_NO, CIT_YES, 3}, {CIT_YES, CIT_NO, CIT_NO, 4}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cit_assessment a = {.seen_at_50cm = rows[i].seen,
                                  .coverable = rows[i].coverable,
                                  .flattens_on_stretching = rows[i].flattens};
        CHECK(cit_grade_from_tests(&a) == rows[i].grade, "row %zu: grade %d, not %d", i,
              cit_grade_from_tests(&a), rows[i].grade);
    }
}

T_MAIN(CASE(the_cases_of_published_studies_leave_open_what_nobody_reports),
       CASE(the_measured_case_is_read_whole), CASE(every_field_may_be_unknown),
       CASE(a_zone_is_enough), CASE(no_scars_is_not_the_same_as_scars_nobody_counted),
       CASE(what_cannot_be_is_refused_once_at_its_place), CASE(what_lies_at_the_edge_is_accepted),
       CASE(a_megabyte_of_braces_and_a_nul_are_refused),
       CASE(a_folder_or_a_missing_file_is_no_case), CASE(all_faults_of_fields_come_in_one_go),
       CASE(all_faults_between_fields_come_in_one_go), CASE(an_entry_is_added_and_every_byte_stays),
       CASE(what_cannot_be_added_is_refused), CASE(ten_visits_are_added_one_by_one),
       CASE(a_case_that_is_written_is_read_as_the_same),
       CASE(the_bedside_tests_decide_where_every_way_agrees),
       CASE(the_table_of_known_answers_is_that_of_the_paper))
