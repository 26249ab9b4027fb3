/* The field tables of device, site and study files: keys, units, ranges, meaning. */
#include "catalogue_impl.h"

const char *const cit_device_kind_choices[] = {"roller", "pen", "stamp", "radiofrequency", NULL};
const char *const cit_layout_choices[] = {"lattice", "ring", "grid", NULL};
const char *const cit_user_choices[] = {"home", "aesthetician", "physician", NULL};
const char *const cit_region_choices[] = {"face", "neck", "trunk", "limb", NULL};
const char *const cit_sex_choices[] = {"female", "male", NULL};
const char *const cit_rater_choices[] = {"blinded", "open", NULL};
const char *const cit_scar_type_choices[] = {"rolling", "boxcar", "ice-pick", "mixed", NULL};
const char *const cit_study_device_choices[] = {"roller", "pen",   "stamp", "radiofrequency",
                                                "laser",  "other", "none",  NULL};
const char *const cit_measure_choices[] = {"gb-quantitative",
                                           "gb-qualitative",
                                           "ecca",
                                           "scar-s",
                                           "papillary-collagen",
                                           "reticulin",
                                           "epidermal-thickness",
                                           "elastin",
                                           "pigment",
                                           "patient-rating",
                                           "collagen",
                                           "collagen-1",
                                           "collagen-3",
                                           "collagen-7",
                                           "new-collagen",
                                           "surface-relief",
                                           "pain",
                                           "redness-days",
                                           "other",
                                           NULL};
const char *const cit_statistic_choices[] = {"mean", "median", "range", NULL};
const char *const cit_direction_choices[] = {"better", "worse", "up", "down", "none", NULL};
const char *const cit_response_choices[] = {"percent", "grades", "to-grade", "points", NULL};
const char *const cit_event_kind_choices[] = {"pigment",   "redness",   "pain",   "tram-track",
                                              "granuloma", "infection", "herpes", "bleeding",
                                              "other",     NULL};
static const char *const change_unit_choices[] = {"points", "percent", NULL};
static const char *const bound_choices[] = {"at-least", "at-most", NULL};

static const cit_field source_fields[] = {
    {"fields", CIT_TEXTS, offsetof(cit_source, fields), offsetof(cit_source, field_count),
     CIT_REQUIRED, NULL, 0, 0, NULL, NULL, "the fields this source speaks for"},
    TEXT(cit_source, "source", source, CIT_REQUIRED | CIT_MUST_KNOW, "a citation, or assumed"),
    TEXT(cit_source, "note", note, 0, "what was read, or why assumed"),
    {0}};
const cit_table cit_source_table = {"source", NULL, sizeof(cit_source), source_fields,
                                    offsetof(cit_source, mark)};

#define D(kind, key, member, ...) kind(cit_device, key, member, __VA_ARGS__)
static const cit_field device_fields[] = {
    ID(cit_device),
    D(TEXT, "name", name, CIT_REQUIRED, "what it is called"),
    D(CHOICE, "kind", kind, CIT_REQUIRED | CIT_MUST_KNOW, cit_device_kind_choices, "kind"),
    {"users", CIT_CHOICES, offsetof(cit_device, users), 0, CIT_REQUIRED | CIT_MUST_KNOW, NULL, 0, 0,
     cit_user_choices, NULL, "who may use it"},
    {"lengths", CIT_NUMBERS, offsetof(cit_device, lengths_mm), offsetof(cit_device, length_count),
     0, "mm", 0.1, 6, NULL, NULL, "needle lengths it is sold with"},
    D(NUMBER, "length_from", length_from_mm, 0, "mm", 0.05, 6, "shortest setting"),
    D(NUMBER, "length_to", length_to_mm, 0, "mm", 0.1, 6, "longest setting"),
    D(NUMBER, "length_step", length_step_mm, 0, "mm", 0.01, 1, "step of the setting"),
    D(INTEGER, "needles", needles, CIT_REQUIRED, 1, 2000, "needles"),
    D(NUMBER, "needle_diameter", needle_diameter_mm, CIT_REQUIRED, "mm", 0.05, 1,
      "needle diameter"),
    D(CHOICE, "layout", layout, CIT_REQUIRED | CIT_MUST_KNOW, cit_layout_choices, "needle layout"),
    D(INTEGER, "rows", rows, 0, 1, 200, "rows of needles"),
    D(INTEGER, "per_row", per_row, 0, 1, 200, "needles in a row"),
    D(NUMBER, "drum_diameter", drum_diameter_mm, 0, "mm", 2, 100, "drum diameter"),
    D(NUMBER, "drum_width", drum_width_mm, 0, "mm", 2, 100, "drum width"),
    D(NUMBER, "tip_width", tip_width_mm, 0, "mm", 1, 50, "width of the tip"),
    D(NUMBER, "rate_from", rate_from_Hz, 0, "Hz", 1, 500, "slowest puncture rate"),
    D(NUMBER, "rate_to", rate_to_Hz, 0, "Hz", 1, 500, "fastest puncture rate"),
    D(NUMBER, "depth_evaluated", depth_evaluated_mm, CIT_REQUIRED, "mm", 0.05, 6,
      "largest depth evaluated for safety or effect"),
    LIST(cit_device, "sources", sources, source_count, CIT_REQUIRED, &cit_source_table, "sources"),
    D(TEXT, "note", note, 0, "one sentence"),
    {0}};
const cit_table cit_device_table = {"device", "cit/device/1", sizeof(cit_device), device_fields,
                                    CIT_NO_MARK};

#define S(kind, key, member, ...) kind(cit_site, key, member, __VA_ARGS__)
static const cit_field site_fields[] = {
    ID(cit_site),
    S(TEXT, "name", name, CIT_REQUIRED, "what it is called"),
    S(CHOICE, "region", region, KNOWN, cit_region_choices, "region of the body"),
    S(CHOICE, "inside_orbital_rim", inside_orbital_rim, KNOWN, cit_answer_choices,
      "inside the orbital rim"),
    S(NUMBER, "area", area_mm2, KNOWN, "mm2", 10, 1e6, "area of one side"),
    S(NUMBER, "epidermis_female", epidermis_female_mm, KNOWN, "mm", 0.02, 1, "epidermis, women"),
    S(NUMBER, "epidermis_male", epidermis_male_mm, KNOWN, "mm", 0.02, 1, "epidermis, men"),
    S(NUMBER, "dermis_female", dermis_female_mm, KNOWN, "mm", 0.2, 6, "dermis, women"),
    S(NUMBER, "dermis_male", dermis_male_mm, KNOWN, "mm", 0.2, 6, "dermis, men"),
    S(NUMBER, "spread", spread, KNOWN, "", 0.01, 1, "coefficient of variation of dermis"),
    LIST(cit_site, "sources", sources, source_count, CIT_REQUIRED, &cit_source_table, "sources"),
    S(TEXT, "note", note, 0, "one sentence"),
    {0}};
const cit_table cit_site_table = {"site", "cit/site/1", sizeof(cit_site), site_fields, CIT_NO_MARK};

/* Any entry of a study may say that it must not be calibrated on, and why. */
#define USE(type)                                                                                  \
    CHOICE(type, "use", use, 0, cit_answer_choices, "no: not for a calibration"),                  \
        TEXT(type, "why_not", why_not, 0, "why not, in one sentence")

#define R(kind, key, member, ...) kind(cit_responder, key, member, __VA_ARGS__)
#define ANY                       -1e6, 1e6
static const cit_field responder_fields[] = {
    R(TEXT, "what", what, CIT_REQUIRED, "the class as printed"),
    R(CHOICE, "in", in, 0, cit_response_choices, "what low and high count"),
    R(NUMBER, "low", low, 0, "", ANY, "lower end of the class"),
    R(NUMBER, "high", high, 0, "", ANY, "upper end of the class"),
    R(INTEGER, "count", count, 0, 0, 100000, "people"),
    R(NUMBER, "percent", percent, 0, "", 0, 100, "per cent of people"),
    R(CHOICE, "bound", bound, 0, bound_choices, "count and per cent are a bound"),
    R(TEXT, "note", note, 0, "note"),
    {0}};
static const cit_table responder_table = {"responder", NULL, sizeof(cit_responder),
                                          responder_fields, offsetof(cit_responder, mark)};

#define O(kind, key, member, ...) kind(cit_study_outcome, key, member, __VA_ARGS__)
static const cit_field outcome_fields[] = {
    O(TEXT, "scale", scale, CIT_REQUIRED, "the scale as printed"),
    O(CHOICE, "measure", measure, KNOWN, cit_measure_choices, "which of ours it is"),
    O(TEXT, "versus", versus, 0, "the arm it is compared with"),
    {"types", CIT_CHOICES, offsetof(cit_study_outcome, types), 0, 0, NULL, 0, 0,
     cit_scar_type_choices, NULL, "of these scar types only"},
    O(INTEGER, "start_grade", start_grade, 0, 1, 4, "of people who started at this grade only"),
    O(INTEGER, "people", people, 0, 1, 100000, "people, where not all of the arm"),
    O(NUMBER, "week", week, 0, "", 0, 1000, "weeks from the first visit"),
    O(NUMBER, "weeks_after_last", weeks_after_last, 0, "", 0, 1000, "weeks from the last visit"),
    O(CHOICE, "statistic", statistic, 0, cit_statistic_choices, "mean, median or range"),
    O(NUMBER, "baseline", baseline, 0, "", ANY, "at the start"),
    O(NUMBER, "baseline_sd", baseline_sd, 0, "", ANY, "its deviation"),
    O(NUMBER, "value", value, 0, "", ANY, "at this time"),
    O(NUMBER, "value_sd", value_sd, 0, "", ANY, "its deviation"),
    O(NUMBER, "change", change, 0, "", ANY, "change; negative: the score fell"),
    O(NUMBER, "change_sd", change_sd, 0, "", ANY, "its deviation"),
    O(NUMBER, "change_low", change_low, 0, "", ANY, "its 95 % interval"),
    O(NUMBER, "change_high", change_high, 0, "", ANY, "its 95 % interval"),
    O(CHOICE, "change_unit", change_unit, 0, change_unit_choices, "points or percent"),
    O(NUMBER, "percent_improvement", percent_improvement, 0, "", ANY, "as printed"),
    O(NUMBER, "percent_derived", percent_derived, 0, "", ANY, "from the printed means"),
    O(NUMBER, "low", low, 0, "", ANY, "lower end of a range"),
    O(NUMBER, "high", high, 0, "", ANY, "upper end of a range"),
    O(NUMBER, "effect_size", effect_size, 0, "", -100, 100, "Cohen's d as printed"),
    O(CHOICE, "direction", direction, 0, cit_direction_choices, "which way it went"),
    O(NUMBER, "p", p, 0, "", 0, 1, "p as printed"),
    O(NUMBER, "p_below", p_below, 0, "", 0, 1, "p printed as less than this"),
    LIST(cit_study_outcome, "responders", responders, responder_count, 0, &responder_table,
         "people by class of response"),
    O(INTEGER, "responders_of", responders_of, 0, 0, 100000, "of how many"),
    USE(cit_study_outcome),
    O(TEXT, "note", note, 0, "note"),
    {0}};
static const cit_table outcome_table = {"outcome", NULL, sizeof(cit_study_outcome), outcome_fields,
                                        offsetof(cit_study_outcome, mark)};

#define A(kind, key, member, ...) kind(cit_study_arm, key, member, __VA_ARGS__)
static const cit_field arm_fields[] = {
    A(TEXT, "name", name, KNOWN, "name of the arm"),
    A(CHOICE, "device", device, CIT_REQUIRED, cit_study_device_choices, "kind of device"),
    A(NUMBER, "needle_length", needle_length_mm, CIT_REQUIRED, "mm", 0.1, 6, "needle length"),
    A(NUMBER, "pre_needling", pre_needling_mm, 0, "mm", 0.1, 6, "needles used before the cream"),
    A(INTEGER, "visits", visits, CIT_REQUIRED, 0, 100, "visits"),
    A(INTEGER, "visits_low", visits_low, 0, 0, 100, "fewest visits the source allows"),
    A(INTEGER, "visits_high", visits_high, 0, 0, 100, "most visits the source allows"),
    A(NUMBER, "interval", interval_day, CIT_REQUIRED | CIT_ABOVE_LO, "day", 0, 400,
      "between visits"),
    A(INTEGER, "passes", passes, CIT_REQUIRED, 0, 100, "passes"),
    A(NUMBER, "rate", rate_Hz, 0, "Hz", 1, 500, "punctures a second of each needle"),
    A(NUMBER, "density", density_per_cm2, 0, "/cm2", 1, 1e5, "punctures per area and visit"),
    A(CHOICE, "site", region, 0, cit_region_choices, "region of the body"),
    A(CHOICE, "cream", cream, 0, cit_answer_choices, "numbing cream"),
    A(TEXT, "agent", agent, 0, "what was in the cream"),
    A(TEXT, "adjunct", adjunct, CIT_REQUIRED, "what else was done"),
    A(CHOICE, "adjunct_acts", adjunct_acts, 0, cit_answer_choices,
      "is that meant to change scars by itself"),
    A(INTEGER, "participants", participants, CIT_REQUIRED, 0, 100000, "people in the arm"),
    USE(cit_study_arm),
    LIST(cit_study_arm, "outcomes", outcomes, outcome_count, 0, &outcome_table, "outcomes"),
    {0}};
static const cit_table arm_table = {"arm", NULL, sizeof(cit_study_arm), arm_fields,
                                    offsetof(cit_study_arm, mark)};

#define B(kind, key, member, ...) kind(cit_by_type, key, member, __VA_ARGS__)
static const cit_field by_type_fields[] = {
    B(CHOICE, "type", type, CIT_REQUIRED, cit_scar_type_choices, "scar type"),
    B(TEXT, "finding", finding, CIT_REQUIRED, "what was found"),
    B(TEXT, "arm", arm, 0, "in this arm"),
    B(NUMBER, "percent", percent, 0, "", 0, 100, "per cent that responded"),
    B(INTEGER, "count", count, 0, 0, 100000, "people or scars that responded"),
    B(INTEGER, "of", of, 0, 1, 100000, "of how many"),
    B(NUMBER, "percent_improvement", percent_improvement, 0, "", -1000, 100, "mean, as printed"),
    B(INTEGER, "order", order, 0, 1, 4, "1 improved most; equal: not told apart"),
    {0}};
static const cit_table by_type_table = {"by_scar_type", NULL, sizeof(cit_by_type), by_type_fields,
                                        offsetof(cit_by_type, mark)};

#define E(kind, key, member, ...) kind(cit_adverse, key, member, __VA_ARGS__)
static const cit_field adverse_fields[] = {
    E(TEXT, "event", event, CIT_REQUIRED, "the event"),
    E(CHOICE, "kind", kind, 0, cit_event_kind_choices, "which of ours it is"),
    E(TEXT, "arm", arm, 0, "in this arm; left out: in the whole study"),
    E(TEXT, "finding", finding, 0, "in words"),
    E(INTEGER, "count", count, 0, 0, 100000, "people"),
    E(NUMBER, "percent", percent, 0, "", 0, 100, "per cent of people"),
    E(INTEGER, "of", of, 0, 1, 100000, "of how many people"),
    E(INTEGER, "of_low", of_low, 0, 1, 100000, "of how many at least"),
    E(INTEGER, "of_high", of_high, 0, 1, 100000, "of how many at most"),
    E(NUMBER, "days_low", days_low, 0, "", 0, 10000, "days it lasted, at least"),
    E(NUMBER, "days_high", days_high, 0, "", 0, 10000, "days it lasted, at most"),
    USE(cit_adverse),
    {0}};
static const cit_table adverse_table = {"adverse event", NULL, sizeof(cit_adverse), adverse_fields,
                                        offsetof(cit_adverse, mark)};

#define F(kind, key, member, ...) kind(cit_fact, key, member, __VA_ARGS__)
static const cit_field fact_fields[] = {
    TEXT(cit_fact, "quantity", quantity, CIT_REQUIRED, "what was measured"),
    TEXT(cit_fact, "unit", unit, 0, "its unit"),
    TEXT(cit_fact, "condition", condition, 0, "under which condition"),
    TEXT(cit_fact, "finding", finding, 0, "in words"),
    F(NUMBER, "value", value, 0, "", ANY, "the number"),
    F(NUMBER, "sd", sd, 0, "", ANY, "its deviation"),
    F(NUMBER, "low", low, 0, "", ANY, "lowest"),
    F(NUMBER, "high", high, 0, "", ANY, "highest"),
    {0}};
static const cit_table fact_table = {"fact", NULL, sizeof(cit_fact), fact_fields, CIT_NO_MARK};

#define T(kind, key, member, ...) kind(cit_study, key, member, __VA_ARGS__)
static const cit_field study_fields[] = {
    ID(cit_study),
    T(TEXT, "citation", citation, CIT_REQUIRED, "citation"),
    T(TEXT, "doi", doi, 0, "doi"),
    T(TEXT, "url", url, CIT_REQUIRED, "where it was read"),
    T(TEXT, "read", read, CIT_REQUIRED, "how much of it was read"),
    T(TEXT, "design", design, CIT_REQUIRED, "design"),
    T(CHOICE, "rater", rater, CIT_REQUIRED, cit_rater_choices, "did the rater know"),
    T(INTEGER, "participants", participants, 0, 0, 1000000, "people"),
    T(INTEGER, "completed", completed, 0, 0, 1000000, "people who finished"),
    T(TEXT, "age", age, 0, "age"),
    T(TEXT, "skin_types", skin_types, 0, "Fitzpatrick types"),
    T(INTEGER, "skin_type_low", skin_type_low, 0, 1, 6, "the lightest of them"),
    T(INTEGER, "skin_type_high", skin_type_high, 0, 1, 6, "the darkest of them"),
    T(TEXT, "scars", scars, 0, "which scars"),
    T(INTEGER, "grade_low", grade_low, 0, 1, 4, "lowest Goodman-Baron grade at the start"),
    T(INTEGER, "grade_high", grade_high, 0, 1, 4, "highest Goodman-Baron grade at the start"),
    T(CHOICE, "same_people", same_people, 0, cit_answer_choices,
      "are the arms sides or sites of the same people"),
    LIST(cit_study, "arms", arms, arm_count, 0, &arm_table, "arms"),
    LIST(cit_study, "by_scar_type", by_type, by_type_count, 0, &by_type_table, "by scar type"),
    LIST(cit_study, "adverse_events", adverse, adverse_count, 0, &adverse_table, "adverse events"),
    T(TEXT, "adverse_events_of", adverse_events_of, 0, "of whom"),
    LIST(cit_study, "facts", facts, fact_count, 0, &fact_table, "facts"),
    T(TEXT, "usable", usable, CIT_REQUIRED, "what it can be used for"),
    USE(cit_study),
    T(TEXT, "note", note, 0, "note"),
    {0}};
const cit_table cit_study_table = {"study", "cit/evidence/1", sizeof(cit_study), study_fields,
                                   CIT_NO_MARK};
