/* The case file: its table, and what a table cannot check. */
#include <cit/case.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const cit_side_choices[] = {"left", "right", "midline", "both", NULL};
const char *const cit_case_scar_choices[] = {"rolling", "boxcar", "ice-pick", NULL};
const char *const cit_skin_type_choices[] = {"I", "II", "III", "IV", "V", "VI", NULL};
const char *const cit_who_choices[] = {"home", "aesthetician", "physician", NULL};
const char *const cit_endpoint_choices[] = {"redness", "pinpoint bleeding", "confluent bleeding",
                                            NULL};
static const char *const sex_choices[] = {"female", "male", NULL};
static const char *const rater_choices[] = {"blinded", "open", NULL};
static const char *const sun_choices[] = {"low", "moderate", "high", NULL};
const char *const cit_expectation_choices[] = {"some improvement", "clear improvement",
                                               "complete removal", NULL};
const char *const cit_cause_choices[] = {"acne", "chickenpox", "injury", "other", NULL};
const char *const cit_treatment_choices[] = {"needling",
                                             "radiofrequency needling",
                                             "laser",
                                             "peel",
                                             "subcision",
                                             "filler",
                                             "dermabrasion",
                                             "TCA CROSS",
                                             "punch",
                                             "botulinum toxin",
                                             "surgery",
                                             "other",
                                             NULL};
static const char *const result_choices[] = {"none", "some", "good", "worse", NULL};

#define TEXT(type, key, member, meaning)                                                           \
    { key, CIT_TEXT, offsetof(type, member), 0, 0, NULL, 0, 0, NULL, NULL, meaning }
#define NUMBER(type, key, member, flags, unit, lo, hi, meaning)                                    \
    { key, CIT_NUMBER, offsetof(type, member), 0, flags, unit, lo, hi, NULL, NULL, meaning }
#define INTEGER(type, key, member, lo, hi, meaning)                                                \
    { key, CIT_INTEGER, offsetof(type, member), 0, 0, "", lo, hi, NULL, NULL, meaning }
#define CHOICE(type, key, member, flags, choices, meaning)                                         \
    { key, CIT_CHOICE, offsetof(type, member), 0, flags, NULL, 0, 0, choices, NULL, meaning }
#define ANSWER(type, key, member, meaning) CHOICE(type, key, member, 0, cit_answer_choices, meaning)
#define TEXTS(type, key, member, count, meaning)                                                   \
    {                                                                                              \
        key, CIT_TEXTS, offsetof(type, member), offsetof(type, count), 0, NULL, 0, 0, NULL, NULL,  \
            meaning                                                                                \
    }

static const cit_field scar_fields[] = {
    CHOICE(cit_scar_group, "type", type, CIT_REQUIRED | CIT_MUST_KNOW, cit_case_scar_choices,
           "rolling, boxcar or ice-pick"),
    INTEGER(cit_scar_group, "count", count, 0, 500, "how many"),
    NUMBER(cit_scar_group, "width", width_mm, CIT_ABOVE_LO, "mm", 0, 30, "rim to rim"),
    NUMBER(cit_scar_group, "depth", depth_mm, CIT_ABOVE_LO, "mm", 0, 5, "rim plane to floor"),
    NUMBER(cit_scar_group, "tether", tether_mm, 0, "mm", 0, 5,
           "part of the depth that flattens on stretching"),
    NUMBER(cit_scar_group, "open", open_mm, 0, "mm", 0, 5,
           "part of the depth that is an open tract"),
    {0}};
static const cit_table scar_table = {"scars", NULL, sizeof(cit_scar_group), scar_fields,
                                     offsetof(cit_scar_group, mark)};

static const cit_field zone_fields[] = {
    {"site", CIT_ID, offsetof(cit_zone, site), 0, CIT_REQUIRED | CIT_MUST_KNOW, NULL, 0, 0, NULL,
     NULL, "a site of the catalogue: `cit catalogue sites`"},
    CHOICE(cit_zone, "side", side, 0, cit_side_choices, "left, right, midline or both"),
    NUMBER(cit_zone, "area", area_mm2, CIT_ABOVE_LO, "mm2", 0, 1e6, "area to be treated"),
    ANSWER(cit_zone, "inflamed_acne", inflamed_acne, "inflamed acne in the zone"),
    ANSWER(cit_zone, "infection", infection, "infection in the zone"),
    ANSWER(cit_zone, "open_wound", open_wound, "open wound in the zone"),
    ANSWER(cit_zone, "skin_cancer", skin_cancer, "skin cancer in the zone, known or suspected"),
    ANSWER(cit_zone, "cold_sore", cold_sore, "cold sore in or near the zone now"),
    ANSWER(cit_zone, "sunburn", sunburn, "sunburn in the zone"),
    ANSWER(cit_zone, "inflamed_skin", inflamed_skin,
           "eczema, psoriasis, rosacea or a rash in the zone now"),
    ANSWER(cit_zone, "keratosis", keratosis, "actinic keratosis or a changing mole in the zone"),
    ANSWER(cit_zone, "raised_lesion", raised_lesion, "wart or raised mole in the zone"),
    {"scars", CIT_LIST, offsetof(cit_zone, scars), offsetof(cit_zone, scar_group_count), 0, NULL, 0,
     0, NULL, &scar_table, "scars by type and size"},
    INTEGER(cit_zone, "macular", macular, 0, 500, "flat coloured marks"),
    INTEGER(cit_zone, "papular", papular, 0, 500, "papular scars"),
    NUMBER(cit_zone, "raised", raised_mm2, 0, "mm2", 0, 1e6, "area of raised scar"),
    {0}};
static const cit_table zone_table = {"zone", NULL, sizeof(cit_zone), zone_fields,
                                     offsetof(cit_zone, mark)};

#define H(key, meaning) ANSWER(cit_health, #key, key, meaning)
static const cit_field health_fields[] = {
    H(pregnant, "pregnant now"),
    H(nursing, "nursing now"),
    H(isotretinoin, "taking isotretinoin now"),
    H(keloid_tendency, "keloids or raised scars before"),
    H(bleeding_disorder, "bleeding disorder"),
    H(anticoagulant, "taking an anticoagulant"),
    H(immunosuppressed, "immune system weakened"),
    H(diabetes, "diabetes"),
    H(cold_sores, "cold sores before"),
    H(eczema, "eczema"),
    H(psoriasis, "psoriasis"),
    H(rosacea, "rosacea"),
    H(collagen_disease, "collagen disease"),
    H(radiotherapy, "radiotherapy of the area"),
    H(metal_allergy, "allergy to metal"),
    H(anaesthetic_allergy, "allergy to anaesthetics"),
    H(amide_allergy, "allergy to amides, such as lidocaine"),
    H(ester_allergy, "allergy to esters, such as benzocaine"),
    H(methaemoglobinaemia, "methaemoglobinaemia, ever"),
    H(steroids, "steroid tablets, high dose or long"),
    H(chemotherapy, "chemotherapy, now or recently"),
    H(heart_disease, "heart abnormality, valve or pacemaker"),
    H(sensitive_skin, "sensitive skin"),
    H(dark_marks, "dark marks after spots or cuts"),
    H(tan, "fresh tan, of sun, bed or spray, within 4 weeks"),
    H(dysmorphic_concern, "looks take more than an hour a day, or keep from going out"),
    H(isotretinoin_past, "isotretinoin, ever before now"),
    {"isotretinoin_stopped", CIT_DATE, offsetof(cit_health, isotretinoin_stopped), 0, 0, NULL, 0, 0,
     NULL, NULL, "last dose of isotretinoin"},
    {0}};
static const cit_table health_table = {"health", NULL, sizeof(cit_health), health_fields,
                                       CIT_NO_MARK};

#define AS(kind, key, member, ...) kind(cit_assessment, key, member, __VA_ARGS__)
static const cit_field assessment_fields[] = {
    AS(INTEGER, "grade", grade, 0, 4, "Goodman-Baron grade a clinician gave"),
    AS(ANSWER, "seen_at_50cm", seen_at_50cm, "obvious at 50 cm"),
    AS(ANSWER, "coverable", coverable, "covered by make-up, beard shadow or hair"),
    AS(ANSWER, "flattens_on_stretching", flattens_on_stretching, "flattens on stretching"),
    AS(NUMBER, "goodman_baron_quantitative", gb_quantitative, 0, "", 0, 84, "Goodman-Baron score"),
    AS(NUMBER, "ecca", ecca, 0, "", 0, 540, "ECCA score"),
    AS(INTEGER, "scar_s", scar_s, 0, 5, "SCAR-S grade of the face"),
    AS(CHOICE, "rater", rater, 0, rater_choices, "does the rater know of the treatment"),
    {0}};
static const cit_table assessment_table = {"assessment", NULL, sizeof(cit_assessment),
                                           assessment_fields, CIT_NO_MARK};

static const cit_field earlier_fields[] = {
    CHOICE(cit_earlier, "what", what, CIT_REQUIRED, cit_treatment_choices, "treatment"),
    {"date", CIT_DATE, offsetof(cit_earlier, date), 0, 0, NULL, 0, 0, NULL, NULL, "when"},
    CHOICE(cit_earlier, "result", result, 0, result_choices, "what came of it"),
    {0}};
static const cit_table earlier_table = {"earlier treatment", NULL, sizeof(cit_earlier),
                                        earlier_fields, offsetof(cit_earlier, mark)};

#define DATE(type, key, member, flags, meaning)                                                    \
    { key, CIT_DATE, offsetof(type, member), 0, flags, NULL, 0, 0, NULL, NULL, meaning }
#define KNOWN                     (CIT_REQUIRED | CIT_MUST_KNOW)
#define Z(kind, key, member, ...) kind(cit_done_zone, key, member, __VA_ARGS__)
static const cit_field done_zone_fields[] = {
    {"site", CIT_ID, offsetof(cit_done_zone, site), 0, KNOWN, NULL, 0, 0, NULL, NULL, "site"},
    Z(CHOICE, "side", side, 0, cit_side_choices, "side"),
    {"device", CIT_ID, offsetof(cit_done_zone, device), 0, 0, NULL, 0, 0, NULL, NULL,
     "a device of the catalogue"},
    Z(TEXT, "serial", serial, "serial number of the device"),
    Z(TEXT, "lot", lot, "lot of the needles"),
    Z(DATE, "expiry", expiry, 0, "expiry of the needles"),
    Z(NUMBER, "length", length_mm, CIT_ABOVE_LO, "mm", 0, 6, "needle length set"),
    Z(NUMBER, "stepped_down_to", length_to_mm, CIT_ABOVE_LO, "mm", 0, 6, "shortest length used"),
    Z(INTEGER, "passes", passes, 0, 100, "passes"),
    Z(CHOICE, "endpoint", endpoint, 0, cit_endpoint_choices, "what was seen at the end"),
    Z(NUMBER, "pain", pain, 0, "", 0, 10, "pain, 0 to 10"),
    Z(TEXT, "skipped", skipped, "spots left out, and why"),
    {0}};
static const cit_table done_zone_table = {"zone of a visit", NULL, sizeof(cit_done_zone),
                                          done_zone_fields, CIT_NO_MARK};
#define V(kind, key, member, ...) kind(cit_done_visit, key, member, __VA_ARGS__)
static const cit_field done_visit_fields[] = {
    V(DATE, "date", date, KNOWN, "when"),
    V(CHOICE, "who", who, 0, cit_who_choices, "kind of user"),
    V(TEXT, "by", by, "initials of who did it"),
    V(ANSWER, "cream", cream, "numbing cream"),
    V(TEXT, "numbing", numbing, "product"),
    V(NUMBER, "numbing_grams", numbing_grams, 0, "", 0, 1000, "grams of it"),
    V(NUMBER, "numbing_minutes", numbing_minutes, 0, "", 0, 1440, "minutes on the skin"),
    V(TEXT, "products", products, "what else went on the skin, with its lot"),
    V(TEXT, "complications", complications, "what went wrong"),
    V(TEXT, "deviations", deviations, "what was not as planned"),
    {"zones", CIT_LIST, offsetof(cit_done_visit, zones), offsetof(cit_done_visit, zone_count),
     CIT_REQUIRED, NULL, 0, 0, NULL, &done_zone_table, "zones that were needled"},
    {0}};
const cit_table cit_done_visit_table = {"visit", NULL, sizeof(cit_done_visit), done_visit_fields,
                                        offsetof(cit_done_visit, mark)};
#define O(key, member, meaning)                                                                    \
    { key, CIT_TEXT, offsetof(cit_override, member), 0, KNOWN, NULL, 0, 0, NULL, NULL, meaning }
static const cit_field override_fields[] = {
    {"rule", CIT_ID, offsetof(cit_override, rule), 0, KNOWN, NULL, 0, 0, NULL, NULL, "the rule"},
    O("by", by, "the physician"),
    O("reason", reason, "the reason"),
    O("at", at, "when"),
    {"day", CIT_DATE, offsetof(cit_override, day), 0, 0, NULL, 0, 0, NULL, NULL,
     "the day that was judged"},
    {"answered", CIT_CHOICE, offsetof(cit_override, answered), 0, 0, NULL, 0, 0, cit_answer_choices,
     NULL, "was the condition known to hold"},
    {"zones", CIT_TEXTS, offsetof(cit_override, zones), offsetof(cit_override, zone_count), 0, NULL,
     0, 0, NULL, NULL, "the zones it is for; left out: all"},
    {0}};
const cit_table cit_override_table = {"override", NULL, sizeof(cit_override), override_fields,
                                      offsetof(cit_override, mark)};

static const cit_field span_fields[] = {DATE(cit_span, "from", from, KNOWN, "first day"),
                                        DATE(cit_span, "to", to, 0, "last day; left out: the same"),
                                        {0}};
static const cit_table span_table = {"span of days", NULL, sizeof(cit_span), span_fields,
                                     offsetof(cit_span, mark)};
const char *const cit_judge_choices[] = {"grade", "own rating", "goodman-baron",
                                         "ecca",  "scanner",    NULL};

#define L(kind, key, member, ...) kind(cit_limits, key, member, __VA_ARGS__)
static const cit_field limits_fields[] = {
    L(NUMBER, "budget", budget, 0, "", 0, 1e7, "money at most, in the currency of `place`"),
    {"place", CIT_ID, offsetof(cit_limits, place), 0, 0, NULL, 0, 0, NULL, NULL,
     "where: `cit catalogue prices`"},
    L(INTEGER, "visits", visits, 0, 12, "visits at most"),
    L(NUMBER, "pain", pain, 0, "", 0, 10, "pain of a visit at most, 0 to 10"),
    L(NUMBER, "redness", redness_day, 0, "day", 0, 60, "days of redness after a visit at most"),
    L(NUMBER, "horizon", horizon_day, 0, "day", 84, 728,
      "by when a result is wanted, from the first visit"),
    L(DATE, "start", start, 0, "no visit before"),
    {"settings", CIT_CHOICES, offsetof(cit_limits, settings), 0, 0, NULL, 0, 0, cit_who_choices,
     NULL, "who may needle: home, aesthetician, physician"},
    L(TEXTS, "devices", devices, device_count, "devices there are: `cit catalogue devices`"),
    L(TEXTS, "not_wanted", refused, refused_count, "adjuncts that are not wanted"),
    L(CHOICE, "judged_by", judged_by, 0, cit_judge_choices, "what the result is judged with"),
    L(NUMBER, "smallest_change", smallest_change_mm, CIT_ABOVE_LO, "mm", 0, 2,
      "change of depth that the scanner can tell"),
    {"away", CIT_LIST, offsetof(cit_limits, away), offsetof(cit_limits, away_count), 0, NULL, 0, 0,
     NULL, &span_table, "days without visits"},
    {"presentable", CIT_LIST, offsetof(cit_limits, presentable),
     offsetof(cit_limits, presentable_count), 0, NULL, 0, 0, NULL, &span_table,
     "days on which nothing should be seen of a visit"},
    {0}};
static const cit_table limits_table = {"limits", NULL, sizeof(cit_limits), limits_fields,
                                       CIT_NO_MARK};

#define C(kind, key, member, ...) kind(cit_case, key, member, __VA_ARGS__)
static const cit_field case_fields[] = {
    C(TEXT, "name", name, "a label; never a person's name"),
    {"study", CIT_ID, offsetof(cit_case, study), 0, CIT_SELDOM, NULL, 0, 0, NULL, NULL,
     "the published study this case stands for"},
    {"study_arm", CIT_TEXT, offsetof(cit_case, study_arm), 0, CIT_SELDOM, NULL, 0, 0, NULL, NULL,
     "and its arm"},
    C(NUMBER, "age", age_day, CIT_ABOVE_LO, "day", 0, 120 * 366, "age"),
    {"born", CIT_DATE, offsetof(cit_case, born), 0, 0, NULL, 0, 0, NULL, NULL, "date of birth"},
    C(DATE, "answered", answered, 0, "date of the answers"),
    C(DATE, "assessed", assessed, 0, "date on which the scars were seen and measured"),
    C(CHOICE, "done_by", done_by, 0, cit_who_choices, "who would needle"),
    C(CHOICE, "sex", sex, 0, sex_choices, "sex"),
    C(CHOICE, "skin_type", skin_type, 0, cit_skin_type_choices, "Fitzpatrick type"),
    C(NUMBER, "weight", weight_kg, CIT_ABOVE_LO, "kg", 0, 400, "body weight"),
    C(CHOICE, "sun", sun, 0, sun_choices, "exposure to sun"),
    C(CHOICE, "expectation", expectation, 0, cit_expectation_choices, "what is expected"),
    C(CHOICE, "cause", cause, 0, cit_cause_choices, "cause of the scars"),
    C(TEXTS, "medication", medication, medication_count, "medicines"),
    C(TEXTS, "sensitivities", sensitivities, sensitivity_count, "allergies and sensitivities"),
    C(TEXTS, "goals", goals, goal_count, "what the person wants"),
    {"health", CIT_STRUCT, offsetof(cit_case, health), 0, 0, NULL, 0, 0, NULL, &health_table,
     "answers to the questions of health"},
    {"assessment", CIT_STRUCT, offsetof(cit_case, assessment), 0, 0, NULL, 0, 0, NULL,
     &assessment_table, "what a clinician saw at the start"},
    {"limits", CIT_STRUCT, offsetof(cit_case, limits), 0, CIT_SELDOM, NULL, 0, 0, NULL,
     &limits_table, "what a plan must keep to"},
    {"zones", CIT_LIST, offsetof(cit_case, zones), offsetof(cit_case, zone_count), CIT_REQUIRED,
     NULL, 0, 0, NULL, &zone_table, "zones of skin"},
    {"earlier", CIT_LIST, offsetof(cit_case, earlier), offsetof(cit_case, earlier_count), 0, NULL,
     0, 0, NULL, &earlier_table, "earlier treatments"},
    {"visits", CIT_LIST, offsetof(cit_case, visits), offsetof(cit_case, visit_count), CIT_SELDOM,
     NULL, 0, 0, NULL, &cit_done_visit_table, "visits as they were done"},
    {"overrides", CIT_LIST, offsetof(cit_case, overrides), offsetof(cit_case, override_count),
     CIT_SELDOM, NULL, 0, 0, NULL, &cit_override_table,
     "rules that a physician went on in spite of"},
    {0}};
const cit_table cit_case_table = {"case", "cit/case/1", sizeof(cit_case), case_fields, CIT_NO_MARK};

enum { ZONES_MAX = 200 };

/* ---- what a table cannot check -------------------------------------------------------------- */

static double or_zero(double x) { return cit_known(x) ? x : 0; }

static void check_parts(const cit_case *c, cit_errors *errs) {
    for (int i = 0; i < c->zone_count; i++)
        for (int j = 0; j < c->zones[i].scar_group_count; j++) {
            const cit_scar_group *s = &c->zones[i].scars[j];
            const double parts = or_zero(s->tether_mm) + or_zero(s->open_mm);
            if (cit_known(s->depth_mm) && parts > s->depth_mm * (1 + 1e-12))
                cit_doc_fail(c->doc, s->mark, errs,
                             "scars: tether and open make %g mm, more than the depth of %g mm",
                             parts, s->depth_mm);
            if (!cit_known(s->depth_mm) && parts > 0)
                cit_doc_fail(c->doc, s->mark, errs,
                             "scars: parts of the depth are given, but not the depth");
        }
}

/* An unknown side may be either, and `both` is both. */
static bool sides_overlap(int a, int b) {
    return a == b || a == 0 || b == 0 || a == CIT_BOTH || b == CIT_BOTH;
}

static void check_zones(const cit_case *c, cit_errors *errs) {
    if (c->zone_count == 0)
        cit_doc_fail(c->doc, cit_doc_root(c->doc)->mark, errs, "zones: at least one is needed");
    if (c->zone_count > ZONES_MAX) {
        cit_doc_fail(c->doc, cit_doc_root(c->doc)->mark, errs, "zones: %d; at most %d are read",
                     c->zone_count, ZONES_MAX);
        return;
    }
    for (int i = 0; i < c->zone_count; i++)
        for (int j = 0; j < i; j++)
            if (strcmp(c->zones[i].site, c->zones[j].site) == 0 &&
                sides_overlap(c->zones[i].side, c->zones[j].side))
                cit_doc_fail(c->doc, c->zones[i].mark, errs,
                             "zone '%.40s' is here twice; give each its side", c->zones[i].site);
}

static void check_dates(const cit_case *c, cit_errors *errs) {
    if (c->born == CIT_UNKNOWN_INT) return;
    for (int i = 0; i < c->earlier_count; i++)
        if (c->earlier[i].date != CIT_UNKNOWN_INT && c->earlier[i].date < c->born)
            cit_doc_fail(c->doc, c->earlier[i].mark, errs,
                         "earlier treatment: its date is before the date of birth");
}

/* The one contradiction that a case can hold within itself about a hard stop. */
static void check_raised(const cit_case *c, cit_errors *errs) {
    for (int i = 0; i < c->zone_count; i++)
        if (c->zones[i].raised_mm2 > 0 && c->health.keloid_tendency == CIT_NO)
            cit_doc_fail(c->doc, c->zones[i].mark, errs,
                         "zone: it has raised scars, but health says keloid_tendency: no");
}

static void check_age(const cit_case *c, cit_errors *errs) {
    if (c->born == CIT_UNKNOWN_INT || c->answered == CIT_UNKNOWN_INT) return;
    const double years = cit_years_between(c->born, c->answered);
    if (years < 0)
        cit_doc_fail(c->doc, cit_doc_root(c->doc)->mark, errs,
                     "answered: the date is before the date of birth");
    else if (cit_known(c->age_day) && floor(c->age_day / CIT_YEAR_DAYS + 1e-9) != floor(years))
        cit_doc_fail(c->doc, cit_doc_root(c->doc)->mark, errs,
                     "age: %.3g years, but the date of birth says %.3g when answered",
                     c->age_day / CIT_YEAR_DAYS, floor(years));
}

static void check_isotretinoin(const cit_case *c, cit_errors *errs) {
    if (c->health.isotretinoin_past == CIT_NO && c->health.isotretinoin_stopped != CIT_UNKNOWN_INT)
        cit_doc_fail(c->doc, cit_doc_root(c->doc)->mark, errs,
                     "health: isotretinoin was stopped on a date, but isotretinoin_past says no");
}

static void check_spans(const cit_case *c, const cit_span *spans, int count, cit_errors *errs) {
    for (int i = 0; i < count; i++)
        if (spans[i].to != CIT_UNKNOWN_INT && spans[i].to < spans[i].from)
            cit_doc_fail(c->doc, spans[i].mark, errs, "limits: the last day is before the first");
}

static void check_limits(const cit_case *c, cit_errors *errs) {
    const cit_limits *l = &c->limits;
    check_spans(c, l->away, l->away_count, errs);
    check_spans(c, l->presentable, l->presentable_count, errs);
    if (cit_known(l->budget) && l->place == NULL)
        cit_doc_fail(c->doc, cit_doc_root(c->doc)->mark, errs,
                     "limits: a budget needs a place, whose currency it is in");
    if (cit_known(l->smallest_change_mm) && l->judged_by != CIT_JUDGE_SCANNER)
        cit_doc_fail(c->doc, cit_doc_root(c->doc)->mark, errs,
                     "limits: smallest_change is of a scanner; say judged_by: scanner");
    if (l->judged_by == CIT_JUDGE_SCANNER && !cit_known(l->smallest_change_mm))
        cit_doc_fail(c->doc, cit_doc_root(c->doc)->mark, errs,
                     "limits: a scanner's smallest_change must be known, from scans of the same "
                     "skin taken twice");
}

static void check_grade(const cit_case *c, cit_errors *errs) {
    const int tests = cit_grade_from_tests(&c->assessment);
    const int grade = c->assessment.grade;
    if (tests == CIT_UNKNOWN_INT || grade == CIT_UNKNOWN_INT) return;
    /* The tests tell 2 from 3 and 4; that there is no contour at all (0, 1) is not theirs to say. */
    if (tests != grade && (grade >= 2 || tests >= 3))
        cit_doc_fail(c->doc, cit_doc_root(c->doc)->mark, errs,
                     "assessment: grade %d is given, but the three bedside tests say %d", grade,
                     tests);
}

int cit_grade_from_tests(const cit_assessment *a) {
    if (a->seen_at_50cm == CIT_NO || a->coverable == CIT_YES) return 2;
    if (a->seen_at_50cm != CIT_YES || a->coverable != CIT_NO) return CIT_UNKNOWN_INT;
    if (a->flattens_on_stretching == CIT_YES) return 3;
    return a->flattens_on_stretching == CIT_NO ? 4 : CIT_UNKNOWN_INT;
}

void cit_zone_name(const cit_zone *zone, char text[80]) {
    if (zone->side == 0)
        snprintf(text, 80, "%.60s", zone->site);
    else
        snprintf(text, 80, "%.60s, %s", zone->site, cit_choice_name(cit_side_choices, zone->side));
}

/* ---- loading ------------------------------------------------------------------------------- */

static cit_status bind_case(cit_doc *doc, cit_case **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    cit_errors unheard = {0};
    if (errs == NULL) errs = &unheard;
    const int faults_before = errs->count + errs->lost;
    cit_case *c = calloc(1, sizeof *c);
    if (c == NULL) {
        cit_doc_free(doc);
        return cit_fail(errs, CIT_NOMEM, "", "no memory");
    }
    c->doc = doc;
    CIT_TRY(cit_bind(doc, cit_doc_root(doc), &cit_case_table, c, errs));
    check_zones(c, errs);
    check_parts(c, errs);
    check_dates(c, errs);
    check_grade(c, errs);
    check_raised(c, errs);
    check_age(c, errs);
    check_isotretinoin(c, errs);
    check_limits(c, errs);
    if (errs->count + errs->lost > faults_before) {
        st = CIT_INVALID;
        goto done;
    }
    *ret = c;
    c = NULL;
done:
    cit_case_free(c);
    return st;
}

cit_status cit_case_load(const char *path, cit_case **ret, cit_errors *errs) {
    cit_doc *doc = NULL;
    const cit_status st = cit_doc_read(path, &doc, errs);
    return st != CIT_OK ? st : bind_case(doc, ret, errs);
}

cit_status cit_case_parse(const char *name, const char *bytes, size_t size, cit_case **ret,
                          cit_errors *errs) {
    cit_doc *doc = NULL;
    const cit_status st = cit_doc_parse(name, bytes, size, &doc, errs);
    return st != CIT_OK ? st : bind_case(doc, ret, errs);
}

void cit_case_free(cit_case *c) {
    if (c == NULL) return;
    cit_doc_free(c->doc);
    free(c);
}
