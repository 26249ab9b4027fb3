/* The catalogue: what data/ says is whole and sourced, broken copies of it are blamed at their place,
 * and the parameter table is what its files say. */
#include "input_help.h"
#include <dirent.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- devices and sites ----------------------------------------------------------------------- */

static const cit_device *device_of(const cit_catalogue *c, const char *id) {
    const cit_device *d = cit_catalogue_device(c, id);
    CHECK(d != NULL, "there is no device '%s'", id);
    return d;
}

static void the_catalogue_loads_without_a_fault(void **state) {
    cit_catalogue *c = real_catalogue();
    int of_kind[CIT_RADIOFREQUENCY + 1] = {0};
    (void)state;
    for (int i = 0; i < c->device_count; i++) of_kind[c->devices[i].kind]++;
    CHECK(c->device_count >= 10, "%d devices", c->device_count);
    for (int kind = CIT_ROLLER; kind <= CIT_RADIOFREQUENCY; kind++)
        CHECK(of_kind[kind] > 0, "no %s", cit_choice_name(cit_device_kind_choices, kind));
    CHECK(c->site_count >= 14, "%d sites", c->site_count);
    CHECK(c->study_count >= 20, "%d studies", c->study_count);
    const int entries = c->device_count + c->site_count + c->study_count + c->rule_count +
                        c->care_count + c->flag_count + c->claim_count + c->harm_count +
                        c->anaesthetic_count + c->medicine_count + c->step_count +
                        c->adjunct_count + c->combination_count + c->aim_count + c->prices_count +
                        c->solute_count + c->closure_count + c->camera_count;
    CHECK(c->doc_count == entries + c->language_count, "%d files", c->doc_count);
    CHECK(strlen(c->digest) == 16 && strspn(c->digest, "0123456789abcdef") == 16, "digest '%s'",
          c->digest);
    cit_catalogue_free(c);
}

static void the_devices_of_trials_and_clinics_are_there(void **state) {
    static const struct {
        const char *id;
        int kind, needles;
        double longest_mm;
        unsigned users;
    } rows[] = {
        {"dermaroller-192", CIT_ROLLER, 192, 3, CIT_USER_PHYSICIAN | CIT_USER_AESTHETICIAN},
        {"skinpen-precision", CIT_PEN, 14, 2.5, CIT_USER_PHYSICIAN | CIT_USER_AESTHETICIAN},
        {"exceed", CIT_PEN, 6, 1.5, CIT_USER_PHYSICIAN},
        {"pen-12", CIT_PEN, 12, 2.5, CIT_USER_PHYSICIAN | CIT_USER_AESTHETICIAN},
        {"pen-36", CIT_PEN, 36, 2.5, CIT_USER_PHYSICIAN | CIT_USER_AESTHETICIAN},
        {"stamp-40", CIT_STAMP, 40, 1.5, CIT_USER_PHYSICIAN | CIT_USER_AESTHETICIAN},
        {"rf-49", CIT_RADIOFREQUENCY, 49, 3.5, CIT_USER_PHYSICIAN},
    };
    cit_catalogue *c = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cit_device *d = device_of(c, rows[i].id);
        CHECK(d->kind == rows[i].kind, "%s is of kind %d", d->id, d->kind);
        CHECK(d->needles == rows[i].needles, "%s has %d needles", d->id, d->needles);
        CHECK(d->users == rows[i].users, "%s is for users %u", d->id, d->users);
        CHECK_CLOSE(cit_device_longest_mm(d), rows[i].longest_mm, 0);
    }
    for (int i = 1; i <= 6; i++)
        CHECK(cit_device_has_length(device_of(c, "dermaroller-192"), 0.5 * i), "no %g mm", 0.5 * i);
    CHECK(!cit_device_has_length(device_of(c, "dermaroller-192"), 0.25), "a roller of 0.25 mm");
    cit_catalogue_free(c);
}

static void check_lengths(const cit_device *d) {
    for (int i = 1; i < d->length_count; i++)
        CHECK(d->lengths_mm[i - 1] < d->lengths_mm[i], "%s: %g mm before %g mm", d->id,
              d->lengths_mm[i - 1], d->lengths_mm[i]);
    const double shortest = d->length_count > 0 ? d->lengths_mm[0] : d->length_from_mm;
    const double longest = cit_device_longest_mm(d);
    CHECK(cit_device_has_length(d, shortest) && cit_device_has_length(d, longest),
          "%s does not have its own ends, %g and %g mm", d->id, shortest, longest);
    CHECK(!cit_device_has_length(d, shortest - 0.05) && !cit_device_has_length(d, longest + 0.05),
          "%s goes beyond its ends, %g and %g mm", d->id, shortest, longest);
    CHECK(!(d->depth_evaluated_mm > longest), "%s was evaluated at %g mm, its longest is %g mm",
          d->id, d->depth_evaluated_mm, longest);
}

static void every_device_can_be_built(void **state) {
    cit_catalogue *c = real_catalogue();
    (void)state;
    for (int i = 0; i < c->device_count; i++) {
        const cit_device *d = &c->devices[i];
        CHECK(d->name != NULL && *d->name && d->users != 0, "%s: name or users", d->id);
        check_lengths(d);
        if (d->kind == CIT_ROLLER)
            CHECK(d->layout == CIT_LATTICE && d->rows * d->per_row == d->needles,
                  "%s: %d rows of %d for %d needles", d->id, d->rows, d->per_row, d->needles);
        else
            CHECK(d->tip_width_mm > sqrt(d->needles) * d->needle_diameter_mm,
                  "%s: %d needles do not fit a tip of %g mm", d->id, d->needles, d->tip_width_mm);
        if (d->kind == CIT_PEN)
            CHECK(d->rate_from_Hz <= d->rate_to_Hz, "%s: %g to %g Hz", d->id, d->rate_from_Hz,
                  d->rate_to_Hz);
        CHECK((d->kind == CIT_PEN) == cit_known(d->rate_from_Hz), "%s: rate %g Hz", d->id,
              d->rate_from_Hz);
        if (d->kind == CIT_RADIOFREQUENCY)
            CHECK(d->users == CIT_USER_PHYSICIAN, "%s is for users %u", d->id, d->users);
    }
    cit_catalogue_free(c);
}

static void every_site_has_less_epidermis_than_dermis(void **state) {
    cit_catalogue *c = real_catalogue();
    (void)state;
    for (int i = 0; i < c->site_count; i++) {
        const cit_site *s = &c->sites[i];
        CHECK(s->epidermis_female_mm < s->dermis_female_mm, "%s, women: %g and %g mm", s->id,
              s->epidermis_female_mm, s->dermis_female_mm);
        CHECK(s->epidermis_male_mm < s->dermis_male_mm, "%s, men: %g and %g mm", s->id,
              s->epidermis_male_mm, s->dermis_male_mm);
        CHECK(s->inside_orbital_rim != CIT_ANSWER_UNKNOWN, "%s: inside the orbital rim?", s->id);
    }
    CHECK(cit_catalogue_site(c, "eyelid")->inside_orbital_rim == CIT_YES, "the eyelid is outside");
    CHECK(cit_catalogue_site(c, "cheek")->inside_orbital_rim == CIT_NO, "the cheek is inside");
    cit_catalogue_free(c);
}

/* ---- sources, by the files themselves -------------------------------------------------------- */

static const cit_node *child(const cit_node *map, const char *key) {
    for (const cit_node *n = map->first; n != NULL; n = n->next)
        if (strcmp(n->key, key) == 0) return n;
    return NULL;
}

static bool is_number(const cit_node *n) {
    if (n->kind == CIT_NODE_LIST && n->first != NULL) n = n->first;
    return n->kind == CIT_NODE_SCALAR && n->text[0] >= '0' && n->text[0] <= '9';
}

static bool has_source(const cit_node *root, const char *key) {
    for (const cit_node *s = child(root, "sources")->first; s != NULL; s = s->next)
        for (const cit_node *f = child(s, "fields")->first; f != NULL; f = f->next)
            if (strcmp(f->text, key) == 0) return true;
    return false;
}

/* A citation names a year or an address; anything less must say that it is assumed. */
static bool is_source(const char *text) {
    return strcmp(text, "assumed") == 0 ||
           (strlen(text) > 20 && strpbrk(text, "0123456789:") != NULL);
}

static void every_number_of_a_device_or_site_names_its_source(void **state) {
    static const char *const words[] = {"schema", "id", "name", "note"};
    cit_catalogue *c = real_catalogue();
    int numbers = 0;
    (void)state;
    for (int i = 0; i < c->device_count + c->site_count; i++) { /* studies are sources themselves */
        const cit_node *root = cit_doc_root(c->docs[i]);
        for (const cit_node *n = root->first; n != NULL; n = n->next) {
            bool word = false;
            for (int j = 0; j < 4; j++) word = word || strcmp(n->key, words[j]) == 0;
            if (word || !is_number(n)) continue;
            numbers++;
            CHECK(has_source(root, n->key), "%s:%d: '%s' has no source", cit_doc_name(c->docs[i]),
                  n->mark.line, n->key);
        }
        for (const cit_node *s = child(root, "sources")->first; s != NULL; s = s->next)
            CHECK(is_source(child(s, "source")->text), "%s:%d: '%s' is no source",
                  cit_doc_name(c->docs[i]), s->mark.line, child(s, "source")->text);
    }
    /* a device has 5 numbers at least, a site 6 */
    CHECK(numbers >= 5 * c->device_count + 6 * c->site_count, "only %d numbers seen", numbers);
    cit_catalogue_free(c);
}

/* ---- studies --------------------------------------------------------------------------------- */

static const cit_study *study_of(const cit_catalogue *c, const char *id) {
    const cit_study *s = cit_catalogue_study(c, id);
    CHECK(s != NULL, "there is no study '%s'", id);
    return s;
}

static const cit_study_arm *arm_of(const cit_study *s, const char *name) {
    for (int i = 0; i < s->arm_count; i++)
        if (strcmp(s->arms[i].name, name) == 0) return &s->arms[i];
    fail_msg("%s has no arm '%s'", s->id, name);
    return NULL;
}

static const cit_study_outcome *outcome_of(const cit_study_arm *arm, cit_measure measure,
                                           double week) {
    for (int i = 0; i < arm->outcome_count; i++)
        if (arm->outcomes[i].measure == (int)measure && arm->outcomes[i].week == week)
            return &arm->outcomes[i];
    fail_msg("%s: no %s at week %g", arm->name, cit_choice_name(cit_measure_choices, (int)measure),
             week);
    return NULL;
}

static void malik_2024_is_what_its_abstract_says(void **state) {
    cit_catalogue *c = real_catalogue();
    const cit_study_arm *arm = arm_of(study_of(c, "malik-2024"), "microneedling alone");
    const cit_study_outcome *o = outcome_of(arm, CIT_GB_QUANTITATIVE, 12);
    (void)state;
    CHECK(arm->device == CIT_PEN && arm->visits == 3 && arm->participants == 50,
          "device %d, %d visits, %d people", arm->device, arm->visits, arm->participants);
    CHECK_CLOSE(arm->interval_day, 28, 0);
    CHECK_CLOSE(arm->needle_length_mm, 2, 0);
    CHECK_CLOSE(o->baseline, 20.62, 0);
    CHECK_CLOSE(o->baseline_sd, 3.23, 0);
    CHECK_CLOSE(o->value, 10.54, 0);
    CHECK_CLOSE(o->value_sd, 2.27, 0);
    CHECK_CLOSE(o->change, o->value - o->baseline, 1e-12); /* rounding of the difference */
    CHECK_CLOSE(o->percent_derived, 48.9, 0);
    cit_catalogue_free(c);
}

static void alam_2014_has_an_untreated_side(void **state) {
    static const struct {
        const char *arm;
        double week, change, low, high;
    } rows[] = {
        {"untreated side", 13, -1.0, -3.4, 1.4},
        {"untreated side", 26, -0.4, -3.5, 2.3},
        {"needling side", 13, -2.4, -4.8, 0.01},
        {"needling side", 26, -3.4, -6.5, -0.2},
    };
    cit_catalogue *c = real_catalogue();
    const cit_study *s = study_of(c, "alam-2014");
    (void)state;
    CHECK(s->rater == CIT_BLINDED && s->participants == 20 && s->completed == 15,
          "rater %d, %d people, %d finished", s->rater, s->participants, s->completed);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cit_study_outcome *o =
            outcome_of(arm_of(s, rows[i].arm), CIT_GB_QUANTITATIVE, rows[i].week);
        CHECK_CLOSE(o->change, rows[i].change, 0);
        CHECK_CLOSE(o->change_low, rows[i].low, 0);
        CHECK_CLOSE(o->change_high, rows[i].high, 0);
        CHECK(o->change_unit == 1, "in unit %d", o->change_unit);
    }
    CHECK(arm_of(s, "untreated side")->visits == 0, "%d visits of the untreated side",
          arm_of(s, "untreated side")->visits);
    cit_catalogue_free(c);
}

static void lotfi_2013_has_the_histology(void **state) {
    cit_catalogue *c = real_catalogue();
    const cit_study_arm *arm = arm_of(study_of(c, "lotfi-2013"), "dermaroller 1.5 mm");
    const cit_study_outcome *collagen = outcome_of(arm, CIT_PAPILLARY_COLLAGEN, 24);
    (void)state;
    CHECK_CLOSE(collagen->change, 53.2, 0);
    CHECK(collagen->change_unit == 2, "in unit %d, not per cent", collagen->change_unit);
    CHECK_CLOSE(outcome_of(arm, CIT_EPIDERMAL_THICKNESS, 24)->change, 50, 0);
    CHECK(arm->device == CIT_ROLLER && arm->visits == 5, "device %d, %d visits", arm->device,
          arm->visits);
    cit_catalogue_free(c);
}

static void what_a_study_does_not_say_stays_unknown(void **state) {
    cit_catalogue *c = real_catalogue();
    const cit_study *malik = study_of(c, "malik-2024"), *alam = study_of(c, "alam-2014");
    const cit_study_arm *untreated = arm_of(alam, "untreated side");
    const cit_study_outcome *o = outcome_of(untreated, CIT_GB_QUANTITATIVE, 13);
    const cit_study_outcome *done = &malik->arms[0].outcomes[0];
    (void)state;
    CHECK(malik->rater == 0, "the rater of Malik became %d", malik->rater);
    CHECK(malik->completed == CIT_UNKNOWN_INT, "completed became %d", malik->completed);
    CHECK(malik->arms[0].passes == CIT_UNKNOWN_INT, "passes became %d", malik->arms[0].passes);
    CHECK(malik->age == NULL && alam->doi == NULL, "age or doi appeared");
    CHECK(done->responders == NULL && done->responders_of == CIT_UNKNOWN_INT, "responders: %d",
          done->responders_of);
    const double numbers[] = {alam->arms[0].needle_length_mm,
                              untreated->interval_day,
                              o->weeks_after_last,
                              o->baseline,
                              o->baseline_sd,
                              o->value,
                              o->value_sd,
                              o->change_sd,
                              o->percent_improvement,
                              o->percent_derived,
                              done->change_low,
                              done->change_high};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        CHECK(!cit_known(numbers[i]), "number %zu became %g", i, numbers[i]);
    cit_catalogue_free(c);
}

static void check_outcome(const char *id, const cit_study_outcome *o) {
    CHECK(!(o->change < o->change_low) && !(o->change > o->change_high),
          "%s: a change of %g is outside of %g to %g", id, o->change, o->change_low,
          o->change_high);
    const double deviations[] = {o->baseline_sd, o->value_sd, o->change_sd};
    for (int i = 0; i < 3; i++)
        CHECK(!(deviations[i] <= 0), "%s, '%s': a deviation of %g", id, o->scale, deviations[i]);
}

static void no_study_has_a_zero_where_nothing_is_known(void **state) {
    cit_catalogue *c = real_catalogue();
    int arms = 0;
    (void)state;
    for (int i = 0; i < c->study_count; i++)
        for (int j = 0; j < c->studies[i].arm_count; j++, arms++) {
            const cit_study_arm *a = &c->studies[i].arms[j];
            const char *id = c->studies[i].id;
            CHECK(!(a->needle_length_mm <= 0), "%s: a needle of %g mm", id, a->needle_length_mm);
            CHECK(!(a->interval_day <= 0), "%s: an interval of %g days", id, a->interval_day);
            CHECK(a->passes == CIT_UNKNOWN_INT || a->passes > 0, "%s: %d passes", id, a->passes);
            CHECK(a->participants == CIT_UNKNOWN_INT || a->participants > 0, "%s: %d people", id,
                  a->participants);
            for (int k = 0; k < a->outcome_count; k++) check_outcome(id, &a->outcomes[k]);
        }
    CHECK(arms >= 40, "only %d arms", arms);
    cit_catalogue_free(c);
}

/* ---- figures of studies ----------------------------------------------------------------------- */

static const cit_responder *class_of(const cit_study_outcome *o, const char *what) {
    for (int i = 0; i < o->responder_count; i++)
        if (strcmp(o->responders[i].what, what) == 0) return &o->responders[i];
    fail_msg("'%s' has no class '%s'", o->scale, what);
    return NULL;
}

static const cit_adverse *event_of(const cit_study *s, cit_event_kind kind) {
    for (int i = 0; i < s->adverse_count; i++)
        if (s->adverse[i].kind == (int)kind) return &s->adverse[i];
    fail_msg("%s has no event of kind '%s'", s->id,
             cit_choice_name(cit_event_kind_choices, (int)kind));
    return NULL;
}

static const cit_study_outcome *first_of(const cit_study_arm *arm, cit_measure measure) {
    for (int i = 0; i < arm->outcome_count; i++)
        if (arm->outcomes[i].measure == (int)measure) return &arm->outcomes[i];
    fail_msg("%s: no %s", arm->name, cit_choice_name(cit_measure_choices, (int)measure));
    return NULL;
}

/* Every choice has its name, in the order of its enum. */
static void choices_and_enums_are_the_same(void **state) {
    static const struct {
        const char *const *choices;
        int value;
        const char *name;
    } rows[] = {
        {cit_measure_choices, CIT_PATIENT_RATING, "patient-rating"},
        {cit_measure_choices, CIT_DERMAL_COLLAGEN, "collagen"},
        {cit_measure_choices, CIT_COLLAGEN_I, "collagen-1"},
        {cit_measure_choices, CIT_COLLAGEN_III, "collagen-3"},
        {cit_measure_choices, CIT_COLLAGEN_VII, "collagen-7"},
        {cit_measure_choices, CIT_FRESH_COLLAGEN, "new-collagen"},
        {cit_measure_choices, CIT_SURFACE_RELIEF, "surface-relief"},
        {cit_measure_choices, CIT_PAIN_SCORE, "pain"},
        {cit_measure_choices, CIT_REDNESS_DAYS, "redness-days"},
        {cit_measure_choices, CIT_OTHER_MEASURE, "other"},
        {cit_statistic_choices, CIT_MEAN, "mean"},
        {cit_statistic_choices, CIT_MEDIAN, "median"},
        {cit_statistic_choices, CIT_RANGE, "range"},
        {cit_direction_choices, CIT_BETTER, "better"},
        {cit_direction_choices, CIT_WORSE, "worse"},
        {cit_direction_choices, CIT_UP, "up"},
        {cit_direction_choices, CIT_DOWN, "down"},
        {cit_direction_choices, CIT_NO_CHANGE, "none"},
        {cit_response_choices, CIT_IN_PERCENT, "percent"},
        {cit_response_choices, CIT_IN_GRADES, "grades"},
        {cit_response_choices, CIT_TO_GRADE, "to-grade"},
        {cit_response_choices, CIT_IN_POINTS, "points"},
        {cit_event_kind_choices, CIT_EVENT_PIGMENT, "pigment"},
        {cit_event_kind_choices, CIT_EVENT_REDNESS, "redness"},
        {cit_event_kind_choices, CIT_EVENT_PAIN, "pain"},
        {cit_event_kind_choices, CIT_EVENT_TRAM_TRACK, "tram-track"},
        {cit_event_kind_choices, CIT_EVENT_GRANULOMA, "granuloma"},
        {cit_event_kind_choices, CIT_EVENT_INFECTION, "infection"},
        {cit_event_kind_choices, CIT_EVENT_HERPES, "herpes"},
        {cit_event_kind_choices, CIT_EVENT_BLEEDING, "bleeding"},
        {cit_event_kind_choices, CIT_EVENT_OTHER, "other"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(cit_choice_name(rows[i].choices, rows[i].value), rows[i].name);
}

/* Equal, or both unknown. */
static bool agree(double a, double b) { return cit_known(a) ? a == b : !cit_known(b); }

/* The pain scores of data/claims/painless.yaml, each with its settings; 0 stands for a number that the
 * source does not tell. */
static void pain_is_a_figure_with_its_settings(void **state) {
    static const struct {
        const char *study, *arm;
        double value, sd, length_mm, before_mm;
        int device, region, passes;
    } rows[] = {
        {"alam-2014", "needling side", 1.08, 0, 0, 0, CIT_ROLLER, CIT_FACE, 0},
        {"healio-2016", "2.5 mm, cream alone", 5.37, 0.99, 2.5, 0, CIT_PEN, CIT_FACE, 20},
        {"healio-2016", "2.5 mm, cream after pre-needling", 3.1, 1.09, 2.5, 0.5, CIT_PEN, CIT_FACE,
         20},
        {"luz-2017", "1.0 mm, cream alone", 5.22, 1.74, 1, 0, CIT_ROLLER, CIT_FACE, 0},
        {"luz-2017", "1.0 mm, cream after pre-rolling", 3.33, 1.49, 1, 0.5, CIT_ROLLER, CIT_FACE,
         0},
        {"medicina-2026", "1.25 mm, face", 3, 0.63, 1.25, 0, 0, CIT_FACE, 0},
        {"medicina-2026", "1.25 mm, neck", 5.38, 0.75, 1.25, 0, 0, CIT_NECK, 0},
    };
    cit_catalogue *c = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cit_study *s = study_of(c, rows[i].study);
        const cit_study_arm *a = arm_of(s, rows[i].arm);
        const cit_study_outcome *o = first_of(a, CIT_PAIN_SCORE);
        const double told[3][2] = {{o->value_sd, rows[i].sd},
                                   {a->needle_length_mm, rows[i].length_mm},
                                   {a->pre_needling_mm, rows[i].before_mm}};
        CHECK_CLOSE(o->value, rows[i].value, 0);
        CHECK(o->statistic == CIT_MEAN && cit_outcome_is_usable(s, a, o), "%s: no mean", s->id);
        for (int j = 0; j < 3; j++)
            CHECK(agree(told[j][0], told[j][1] > 0 ? told[j][1] : CIT_UNKNOWN_NUMBER),
                  "%s, %s: %g, not %g", s->id, a->name, told[j][0], told[j][1]);
        CHECK(a->passes == (rows[i].passes ? rows[i].passes : CIT_UNKNOWN_INT), "%s: %d passes",
              s->id, a->passes);
        CHECK(a->device == rows[i].device && a->region == rows[i].region && a->cream == CIT_YES &&
                  s->same_people == CIT_YES,
              "%s, %s: device %d, region %d, cream %d, same people %d", s->id, a->name, a->device,
              a->region, a->cream, s->same_people);
    }
    assert_string_equal(arm_of(study_of(c, "medicina-2026"), "1.25 mm, face")->agent,
                        "lidocaine 7 %, tetracaine 7 %, 45 min");
    cit_catalogue_free(c);
}

static void redness_is_a_range_of_days(void **state) {
    static const struct {
        const char *study, *arm;
        double low, high;
        cit_answer adjunct_acts;
    } rows[] = {
        {"minh-2019", "derma roller", 1, 2, CIT_NO},
        {"hongkong-2018", "dermaroller", 0.125, 0.25, CIT_NO}, /* 3 to 6 hours */
        {"bhargava-2019", "subcision + microneedling", 1, 2, CIT_YES},
    };
    cit_catalogue *c = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cit_study_arm *a = arm_of(study_of(c, rows[i].study), rows[i].arm);
        const cit_study_outcome *o = first_of(a, CIT_REDNESS_DAYS);
        CHECK(o->statistic == CIT_RANGE, "%s: statistic %d", rows[i].study, o->statistic);
        CHECK_CLOSE(o->low, rows[i].low, 0);
        CHECK_CLOSE(o->high, rows[i].high, 0);
        CHECK(a->adjunct_acts == (int)rows[i].adjunct_acts, "%s: adjunct %d", rows[i].study,
              a->adjunct_acts);
    }
    cit_catalogue_free(c);
}

/* A null is a figure: zero of so many is told apart from a count that nobody gives. */
static void pigment_is_a_count_of_people(void **state) {
    static const struct {
        const char *study;
        int count, of, of_low, of_high;
        bool usable;
    } rows[] = {
        {"dogra-2014", 5, CIT_UNKNOWN_INT, 30, 36, true},
        {"fabbrocini-2009", 0, 32, CIT_UNKNOWN_INT, CIT_UNKNOWN_INT, true},
        {"fabbrocini-2014", 0, 60, CIT_UNKNOWN_INT, CIT_UNKNOWN_INT, true},
        {"minh-2019", 0, 31, CIT_UNKNOWN_INT, CIT_UNKNOWN_INT, true},
        {"al-qarqaz-2018", 0, 39, CIT_UNKNOWN_INT, CIT_UNKNOWN_INT, true},
        {"lotfi-2013", 0, 30, CIT_UNKNOWN_INT, CIT_UNKNOWN_INT, true},
        {"idoj-laser-2024", 2, 30, CIT_UNKNOWN_INT, CIT_UNKNOWN_INT, true},
        {"chawla-2014", 1, 30, CIT_UNKNOWN_INT, CIT_UNKNOWN_INT, false},
        {"cachafeiro-2016", 0, CIT_UNKNOWN_INT, CIT_UNKNOWN_INT, 24, false},
        {"microplasma-vs-mfrf-60", 0, 60, CIT_UNKNOWN_INT, CIT_UNKNOWN_INT, false},
        {"jbsaps-65", CIT_UNKNOWN_INT, CIT_UNKNOWN_INT, CIT_UNKNOWN_INT, CIT_UNKNOWN_INT, false},
    };
    cit_catalogue *c = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cit_study *s = study_of(c, rows[i].study);
        const cit_adverse *a = event_of(s, CIT_EVENT_PIGMENT);
        CHECK(a->count == rows[i].count && a->of == rows[i].of && a->of_low == rows[i].of_low &&
                  a->of_high == rows[i].of_high,
              "%s: %d of %d (%d to %d)", s->id, a->count, a->of, a->of_low, a->of_high);
        CHECK(cit_adverse_is_usable(s, a) == rows[i].usable, "%s: usable %d", s->id,
              cit_adverse_is_usable(s, a));
    }
    const cit_study *dogra = study_of(c, "dogra-2014");
    CHECK(dogra->skin_type_low == 4 && dogra->skin_type_high == 5, "types %d to %d",
          dogra->skin_type_low, dogra->skin_type_high);
    CHECK(event_of(dogra, CIT_EVENT_TRAM_TRACK)->count == 2, "tram-track scars");
    assert_string_equal(event_of(dogra, CIT_EVENT_PIGMENT)->arm, dogra->arms[0].name);
    cit_catalogue_free(c);
}

static void classes_of_response_have_ends(void **state) {
    cit_catalogue *c = real_catalogue();
    const cit_study *garg = study_of(c, "garg-baveja-2014"),
                    *jamc = study_of(c, "jamc-insulin-12893");
    const cit_study_outcome *from_3 = &garg->arms[0].outcomes[1];
    (void)state;
    CHECK(from_3->start_grade == 3 && from_3->people == 22 && from_3->responders_of == 22,
          "from grade %d, %d people", from_3->start_grade, from_3->people);
    const cit_responder *clear = class_of(from_3, "to no scar");
    CHECK(clear->in == CIT_TO_GRADE && clear->low == 0 && clear->high == 0 && clear->count == 5,
          "to no scar: %g to %g, %d", clear->low, clear->high, clear->count);
    CHECK(garg->arms[0].adjunct_acts == CIT_YES && garg->grade_low == 2 && garg->grade_high == 4,
          "adjunct %d, grades %d to %d", garg->arms[0].adjunct_acts, garg->grade_low,
          garg->grade_high);

    const cit_study_outcome *bands = &arm_of(jamc, "microneedling alone")->outcomes[0];
    CHECK(bands->responder_count == 5, "%d classes", bands->responder_count);
    double end = -100;
    for (int i = 0; i < 5; i++) { /* no gap and no overlap */
        const cit_responder *r = &bands->responders[i];
        CHECK(r->in == CIT_IN_PERCENT && r->low == end && cit_responder_is_figure(r),
              "'%s' from %g", r->what, r->low);
        end = r->high;
    }
    CHECK_CLOSE(end, 100, 0);

    const cit_study *asif = study_of(c, "asif-2016"), *sohag = study_of(c, "sohag-2018");
    const cit_study_outcome *words = first_of(&asif->arms[0], CIT_GB_QUALITATIVE);
    CHECK(class_of(words, "good")->in == 0 && !cit_responder_is_figure(class_of(words, "good")) &&
              !cit_outcome_is_figure(words) && words->note != NULL,
          "'good' became a number");
    const cit_responder *any = class_of(first_of(&sohag->arms[0], CIT_ECCA), "any fall in ECCA");
    CHECK(any->in == CIT_IN_POINTS && any->low == 0 && any->count == 4, "any fall: above %g, %d",
          any->low, any->count);
    const cit_study *ishfaq = study_of(c, "ishfaq-2022");
    CHECK(class_of(&ishfaq->arms[0].outcomes[0], "improved")->bound == CIT_AT_LEAST, "no bound");
    CHECK(ishfaq->arms[0].visits_low == 6 && ishfaq->arms[0].visits_high == 7, "%d to %d visits",
          ishfaq->arms[0].visits_low, ishfaq->arms[0].visits_high);
    cit_catalogue_free(c);
}

static void a_direction_or_a_null_is_a_figure(void **state) {
    static const struct {
        const char *study, *arm;
        cit_measure measure;
        cit_direction direction;
    } rows[] = {
        {"el-domyati-2015", "microneedling", CIT_COLLAGEN_I, CIT_UP},
        {"el-domyati-2015", "microneedling", CIT_COLLAGEN_III, CIT_UP},
        {"el-domyati-2015", "microneedling", CIT_COLLAGEN_VII, CIT_UP},
        {"el-domyati-2015", "microneedling", CIT_FRESH_COLLAGEN, CIT_UP},
        {"el-domyati-2015", "microneedling", CIT_ELASTIN, CIT_DOWN},
        {"aust-2008", "percutaneous collagen induction", CIT_ELASTIN, CIT_UP},
        {"ejhm-dermapen-ga", "dermapen", CIT_GB_QUALITATIVE, CIT_NO_CHANGE},
        {"ejhm-dermapen-ga", "combined", CIT_GB_QUALITATIVE, CIT_BETTER},
        {"pakla-misiur-2021", "microneedling", CIT_GB_QUALITATIVE, CIT_NO_CHANGE},
    };
    cit_catalogue *c = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cit_study *s = study_of(c, rows[i].study);
        const cit_study_arm *a = arm_of(s, rows[i].arm);
        const cit_study_outcome *o = first_of(a, rows[i].measure);
        CHECK(o->direction == (int)rows[i].direction, "%s, %s: %s", s->id, o->scale,
              cit_choice_name(cit_direction_choices, o->direction));
        CHECK(cit_outcome_is_usable(s, a, o), "%s, %s is not usable", s->id, o->scale);
    }
    const cit_study *pooja = study_of(c, "pooja-2020");
    const cit_study_outcome *o = &arm_of(pooja, "microneedling")->outcomes[0];
    assert_string_equal(o->versus, "fractional CO2");
    CHECK_CLOSE(o->p, 0.106, 0);
    CHECK_CLOSE(
        first_of(arm_of(study_of(c, "el-domyati-2015"), "microneedling"), CIT_ELASTIN)->p_below,
        0.05, 0);
    CHECK_CLOSE(study_of(c, "al-chalabi-2020")->arms[0].outcomes[1].effect_size, 1.53, 0);
    cit_catalogue_free(c);
}

static const cit_by_type *type_of(const cit_study *s, const char *type) {
    for (int i = 0; i < s->by_type_count; i++)
        if (strcmp(cit_choice_name(cit_scar_type_choices, s->by_type[i].type), type) == 0)
            return &s->by_type[i];
    fail_msg("%s tells nothing of %s scars", s->id, type);
    return NULL;
}

static void scar_types_have_an_order(void **state) {
    static const struct {
        const char *study;
        int rolling, boxcar, ice_pick;
    } rows[] = {
        {"lotfi-2013", 1, 1, 2},      {"bhargava-2019", 1, 1, 2}, {"chakrawarty-vitc", 1, 1, 2},
        {"idoj-laser-2024", 1, 2, 3}, {"sohag-2018", 2, 1, 1},
    };
    cit_catalogue *c = real_catalogue();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cit_study *s = study_of(c, rows[i].study);
        const cit_by_type *r = type_of(s, "rolling"), *b = type_of(s, "boxcar"),
                          *p = type_of(s, "ice-pick");
        CHECK(r->order == rows[i].rolling && b->order == rows[i].boxcar &&
                  p->order == rows[i].ice_pick,
              "%s: rolling %d, boxcar %d, ice-pick %d", s->id, r->order, b->order, p->order);
        CHECK(cit_by_type_is_usable(s, r) && cit_study_arm_named(s, r->arm) != NULL, "%s", s->id);
    }
    CHECK_CLOSE(type_of(study_of(c, "idoj-laser-2024"), "rolling")->percent_improvement, 16.18, 0);
    CHECK(!cit_by_type_is_figure(type_of(study_of(c, "saadawi-2019"), "boxcar")),
          "a p alone became a figure");
    const cit_study_outcome *o = &study_of(c, "lotfi-2013")->arms[0].outcomes[0];
    CHECK(o->types == 3, "types %u, not rolling and boxcar", o->types);
    cit_catalogue_free(c);
}

static void what_is_kept_out_says_why(void **state) {
    cit_catalogue *c = real_catalogue();
    const cit_study *rf = study_of(c, "cho-2012"), *osman = study_of(c, "osman-2017"),
                    *pooja = study_of(c, "pooja-2020");
    const cit_study_arm *laser = arm_of(pooja, "fractional CO2"), *needles = &osman->arms[0];
    (void)state;
    CHECK(rf->use == CIT_NO && rf->why_not != NULL, "radiofrequency is used");
    CHECK(cit_outcome_is_figure(&rf->arms[0].outcomes[0]) &&
              !cit_outcome_is_usable(rf, &rf->arms[0], &rf->arms[0].outcomes[0]),
          "a study that is kept out is usable");
    CHECK(laser->use == CIT_NO, "a laser is used");
    CHECK(needles->use == 0 && needles->outcomes[0].use == CIT_NO &&
              !cit_outcome_is_usable(osman, needles, &needles->outcomes[0]) &&
              cit_outcome_is_figure(&needles->outcomes[1]),
          "the ambiguous figure of Osman is used");
    const cit_study *both = study_of(c, "cachafeiro-2016");
    const cit_study_arm *plain = arm_of(both, "microneedling");
    CHECK(cit_outcome_is_usable(both, plain, &plain->outcomes[0]), "its own fall is not usable");
    CHECK(plain->outcomes[2].versus != NULL && cit_outcome_is_figure(&plain->outcomes[2]) &&
              !cit_outcome_is_usable(both, plain, &plain->outcomes[2]),
          "a comparison with a laser is usable");
    cit_catalogue_free(c);
}

/* The walk through all studies: what the loader refuses, held here against the files by other means,
 * and what only people can keep. */
typedef struct census {
    int outcomes, numbers, classes, histology, pain, redness, directions, pigment, orders, kept_out;
} census;

static bool is_tissue(int measure) {
    switch ((cit_measure)measure) {
    case CIT_PAPILLARY_COLLAGEN:
    case CIT_RETICULIN:
    case CIT_EPIDERMAL_THICKNESS:
    case CIT_ELASTIN:
    case CIT_DERMAL_COLLAGEN:
    case CIT_COLLAGEN_I:
    case CIT_COLLAGEN_III:
    case CIT_COLLAGEN_VII:
    case CIT_FRESH_COLLAGEN:
        return true;
    case CIT_GB_QUANTITATIVE:
    case CIT_GB_QUALITATIVE:
    case CIT_ECCA:
    case CIT_SCAR_S:
    case CIT_PIGMENT:
    case CIT_PATIENT_RATING:
    case CIT_SURFACE_RELIEF:
    case CIT_PAIN_SCORE:
    case CIT_REDNESS_DAYS:
    case CIT_OTHER_MEASURE:
        return false;
    }
    return false;
}

static void walk_classes(const char *id, const cit_study_outcome *o, census *sum) {
    int count = 0;
    double percent = 0;
    for (int i = 0; i < o->responder_count; i++) {
        const cit_responder *r = &o->responders[i];
        sum->classes += cit_responder_is_figure(r);
        CHECK((r->count != CIT_UNKNOWN_INT) != cit_known(r->percent),
              "%s, '%s': a count or a per cent, one of them", id, r->what);
        if (r->count != CIT_UNKNOWN_INT) {
            CHECK(o->responders_of != CIT_UNKNOWN_INT && r->count <= o->responders_of,
                  "%s, '%s': %d of %d", id, r->what, r->count, o->responders_of);
            count += r->count;
        } else {
            percent += r->percent;
        }
        if (r->in == 0) continue;
        CHECK(r->low <= r->high, "%s, '%s': %g to %g", id, r->what, r->low, r->high);
        CHECK(r->in != CIT_IN_PERCENT || is_tissue(o->measure) ||
                  (r->low >= -100 && r->high <= 100),
              "%s, '%s': %g to %g %%", id, r->what, r->low, r->high);
        for (int j = 0; j < i; j++) { /* classes that touch share no person */
            const cit_responder *q = &o->responders[j];
            const bool whole = r->in == CIT_IN_GRADES || r->in == CIT_TO_GRADE;
            if (q->in == 0) continue;
            CHECK(q->in == r->in, "%s, '%s': two ways to count", id, r->what);
            CHECK(whole ? q->high < r->low || r->high < q->low
                        : q->high <= r->low || r->high <= q->low,
                  "%s: '%s' and '%s' overlap", id, q->what, r->what);
        }
    }
    CHECK(o->responders_of == CIT_UNKNOWN_INT || count <= o->responders_of, "%s, '%s': %d of %d",
          id, o->scale, count, o->responders_of);
    CHECK(percent <= 100.5, "%s, '%s': %g %%", id, o->scale, percent);
    CHECK(o->responder_count > 0 || o->responders_of == CIT_UNKNOWN_INT,
          "%s, '%s': of %d, but whom?", id, o->scale, o->responders_of);
}

static void walk_outcome(const cit_study *s, const cit_study_arm *a, const cit_study_outcome *o,
                         census *sum) {
    const bool usable = cit_outcome_is_usable(s, a, o);
    sum->outcomes++;
    sum->kept_out += cit_outcome_is_figure(o) && !usable;
    CHECK(cit_outcome_is_figure(o) || o->note != NULL || s->use == CIT_NO || a->use == CIT_NO ||
              o->use == CIT_NO,
          "%s, %s, '%s': no figure, and no note that says why", s->id, a->name, o->scale);
    if (cit_known(o->baseline) && cit_known(o->value)) {
        const double percent = 100 * (o->baseline - o->value) / o->baseline;
        CHECK(fabs(percent - o->percent_derived) < 0.15, "%s: %g %%, not %g %%", s->id, percent,
              o->percent_derived);
        CHECK(!(fabs(percent - o->percent_improvement) > 0.15), "%s: %g %%, %g %% printed", s->id,
              percent, o->percent_improvement);
        CHECK(o->change_unit != CIT_POINTS || fabs(o->value - o->baseline - o->change) < 0.02,
              "%s: a change of %g", s->id, o->change);
    }
    CHECK(cit_known(o->baseline) || !cit_known(o->percent_derived), "%s: derived from what?",
          s->id);
    CHECK(!(o->percent_improvement > 100) && !(o->percent_derived > 100), "%s: above 100 %%",
          s->id);
    CHECK(!(cit_known(o->p) && cit_known(o->p_below)), "%s, '%s': two p", s->id, o->scale);
    CHECK(o->start_grade == CIT_UNKNOWN_INT || o->measure == CIT_GB_QUALITATIVE,
          "%s, '%s': a start grade of another scale", s->id, o->scale);
    CHECK(!(o->measure == CIT_PAIN_SCORE && o->value > 10), "%s: pain %g of 10", s->id, o->value);
    CHECK(o->direction == 0 ||
              is_tissue(o->measure) == (o->direction == CIT_UP || o->direction == CIT_DOWN) ||
              o->direction == CIT_NO_CHANGE,
          "%s, '%s': %s", s->id, o->scale, cit_choice_name(cit_direction_choices, o->direction));
    walk_classes(s->id, o, usable ? sum : &(census){0});
    if (!usable) return;
    sum->numbers +=
        cit_known(o->value) || cit_known(o->change) || cit_known(o->percent_improvement);
    sum->histology += is_tissue(o->measure);
    sum->pain += o->measure == CIT_PAIN_SCORE && cit_known(o->value);
    sum->redness += o->measure == CIT_REDNESS_DAYS && o->statistic == CIT_RANGE;
    sum->directions += o->direction != 0;
}

/* Later rows of one scale are of later times. */
static void walk_times(const cit_study *s, const cit_study_arm *a) {
    for (int i = 0; i < a->outcome_count; i++) {
        const cit_study_outcome *o = &a->outcomes[i];
        CHECK(!(o->weeks_after_last > o->week), "%s: %g weeks, %g after the last", s->id, o->week,
              o->weeks_after_last);
        for (int j = 0; j < i; j++) {
            const cit_study_outcome *q = &a->outcomes[j];
            if (strcmp(q->scale, o->scale) != 0 || (q->versus == NULL) != (o->versus == NULL))
                continue;
            CHECK(!(q->week >= o->week), "%s, '%s': week %g after week %g", s->id, o->scale,
                  o->week, q->week);
            CHECK(!(q->weeks_after_last >= o->weeks_after_last), "%s, '%s': week %g after week %g",
                  s->id, o->scale, o->weeks_after_last, q->weeks_after_last);
        }
    }
}

/* By name, since the enum of what a study used has none: laser, other, none. */
static bool is_no_needle(int device) {
    const char *name = cit_choice_name(cit_study_device_choices, device);
    return strcmp(name, "laser") == 0 || strcmp(name, "other") == 0 || strcmp(name, "none") == 0;
}

static void walk_arm(const cit_study *s, const cit_study_arm *a, census *sum) {
    CHECK(a->adjunct != NULL, "%s, %s: no adjunct, not even 'none'", s->id, a->name);
    CHECK(strcmp(a->adjunct, "none") != 0 || a->adjunct_acts == CIT_NO, "%s, %s: no adjunct acts",
          s->id, a->name);
    CHECK(!is_no_needle(a->device) || a->use == CIT_NO || s->use == CIT_NO || a->visits == 0,
          "%s, %s: no needles, and not kept out", s->id, a->name);
    CHECK(a->participants == CIT_UNKNOWN_INT || s->participants == CIT_UNKNOWN_INT ||
              a->participants <= s->participants,
          "%s, %s: %d people of %d", s->id, a->name, a->participants, s->participants);
    CHECK(s->same_people != CIT_YES || s->arm_count > 1, "%s: same people as whom?", s->id);
    for (int i = 0; i < a->outcome_count; i++) walk_outcome(s, a, &a->outcomes[i], sum);
    walk_times(s, a);
}

static void walk_event(const cit_study *s, const cit_adverse *a, census *sum) {
    CHECK(a->kind != 0, "%s, '%s': no kind", s->id, a->event);
    CHECK(a->arm == NULL || arm_of(s, a->arm) != NULL, "%s", s->id);
    CHECK(a->of == CIT_UNKNOWN_INT || a->count <= a->of, "%s, '%s': %d of %d", s->id, a->event,
          a->count, a->of);
    CHECK(cit_adverse_is_figure(a) || a->finding != NULL || a->use == CIT_NO || s->use == CIT_NO ||
              cit_known(a->percent),
          "%s, '%s': neither a figure nor a finding", s->id, a->event);
    CHECK(a->kind != CIT_EVENT_REDNESS || !(cit_known(a->days_low) || cit_known(a->days_high)),
          "%s: days of redness are an outcome", s->id);
    sum->pigment += a->kind == CIT_EVENT_PIGMENT && cit_adverse_is_usable(s, a);
}

static bool has_usable_figure(const cit_study *s) {
    for (int i = 0; i < s->arm_count; i++)
        for (int j = 0; j < s->arms[i].outcome_count; j++)
            if (cit_outcome_is_usable(s, &s->arms[i], &s->arms[i].outcomes[j])) return true;
    for (int i = 0; i < s->adverse_count; i++)
        if (cit_adverse_is_usable(s, &s->adverse[i])) return true;
    return false;
}

static void every_study_is_consistent(void **state) {
    cit_catalogue *c = real_catalogue();
    census sum = {0};
    (void)state;
    for (int i = 0; i < c->study_count; i++) {
        const cit_study *s = &c->studies[i];
        CHECK(s->use == CIT_NO || has_usable_figure(s), "%s: nothing to use, and no why_not",
              s->id);
        CHECK(s->use != CIT_NO || strlen(s->why_not) > 2, "%s: why not?", s->id);
        for (int j = 0; j < s->arm_count; j++) walk_arm(s, &s->arms[j], &sum);
        for (int j = 0; j < s->adverse_count; j++) walk_event(s, &s->adverse[j], &sum);
        for (int j = 0; j < s->by_type_count; j++)
            sum.orders += s->by_type[j].order == 1 && cit_by_type_is_usable(s, &s->by_type[j]) &&
                          (j == 0 || s->by_type[j - 1].order != 1);
    }
    print_message("# %d outcomes: %d numbers, %d classes, %d directions; of these %d histology, %d "
                  "pain, %d redness; %d pigment counts, %d orders of types; %d kept out\n",
                  sum.outcomes, sum.numbers, sum.classes, sum.directions, sum.histology, sum.pain,
                  sum.redness, sum.pigment, sum.orders, sum.kept_out);
    CHECK(sum.numbers >= 39 && sum.classes >= 41 && sum.directions >= 45 && sum.histology >= 19 &&
              sum.pain >= 7 && sum.redness >= 3 && sum.pigment >= 7 && sum.orders >= 5,
          "figures were lost");
    cit_catalogue_free(c);
}

/* ---- broken copies --------------------------------------------------------------------------- */

static const char *const copied[] = {"devices/dermaroller-192.yaml",
                                     "devices/rf-49.yaml",
                                     "devices/skinpen-precision.yaml",
                                     "devices/stamp-40.yaml",
                                     "evidence/alam-2014.yaml",
                                     "evidence/bhargava-2019.yaml",
                                     "evidence/dogra-2014.yaml",
                                     "evidence/garg-baveja-2014.yaml",
                                     "evidence/malik-2024.yaml",
                                     "evidence/osman-2017.yaml",
                                     "sites/cheek.yaml"};
enum { COPIED = sizeof copied / sizeof *copied, FILE_BYTES = 16384, CHANGED_BYTES = 32768 };

static char folder[64];

static void read_original(const char *name, char bytes[FILE_BYTES]) {
    char in_data[80];
    snprintf(in_data, sizeof in_data, "data/%s", name);
    const path from = source_path(in_data);
    FILE *f = fopen(from.text, "rb");
    CHECK(f != NULL, "%s cannot be read", from.text);
    const size_t size = fread(bytes, 1, FILE_BYTES, f);
    fclose(f);
    CHECK(size < FILE_BYTES, "%s is larger than this test allows", from.text);
    bytes[size < FILE_BYTES ? size : FILE_BYTES - 1] = 0;
}

static void write_copy(const char *name, const char *bytes) {
    char to[160];
    snprintf(to, sizeof to, "%s/%s", folder, name);
    FILE *f = fopen(to, "wb");
    CHECK(f != NULL, "%s cannot be written", to);
    const int put = fputs(bytes, f);
    CHECK(fclose(f) == 0 && put >= 0, "%s cannot be written", to);
}

/* Copies a file with the first `find` replaced by `put`. */
static void write_changed(const char *name, const char *find, const char *put,
                          char changed[CHANGED_BYTES]) {
    char original[FILE_BYTES];
    read_original(name, original);
    const char *at = strstr(original, find);
    CHECK(at != NULL, "%s has no '%s'", name, find);
    snprintf(changed, CHANGED_BYTES, "%.*s%s%s", (int)(at - original), original, put,
             at + strlen(find));
    write_copy(name, changed);
}

static void write_all(void) {
    char bytes[FILE_BYTES];
    for (int i = 0; i < COPIED; i++) {
        read_original(copied[i], bytes);
        write_copy(copied[i], bytes);
    }
}

/* Every folder of data/; those that nothing is copied into stay empty. */
static int make_copy(void **state) {
    const path data = source_path("data");
    int made = 0;
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/cit-catalogue-XXXXXX");
    if (mkdtemp(folder) == NULL) return -1;
    DIR *entries = opendir(data.text);
    if (entries == NULL) return -1;
    for (const struct dirent *e = readdir(entries); e != NULL && made == 0; e = readdir(entries)) {
        char part[400];
        if (e->d_name[0] == '.') continue;
        snprintf(part, sizeof part, "%s/%s", folder, e->d_name);
        made = mkdir(part, 0700);
    }
    closedir(entries);
    if (made == 0) write_all();
    return made;
}

static int remove_one(const char *name, const struct stat *info, int kind, struct FTW *place) {
    (void)info, (void)kind, (void)place;
    return remove(name);
}

static int remove_copy(void **state) {
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Where `at` stands first in the text, as faults name it; the file alone where `at` is NULL. */
static void place_of(const char *name, const char *text, const char *at, char where[192]) {
    int line = 1, column = 1;
    if (at == NULL) {
        snprintf(where, 192, "%s/%s", folder, name);
        return;
    }
    const char *end = strstr(text, at);
    CHECK(end != NULL, "%s has no '%s' any more", name, at);
    for (const char *c = text; c < end; c++) {
        line += *c == '\n';
        column = *c == '\n' ? 1 : column + 1;
    }
    snprintf(where, 192, "%s/%s:%d:%d", folder, name, line, column);
}

#define ROLLER "devices/dermaroller-192.yaml"
#define PEN    "devices/skinpen-precision.yaml"
#define STAMP  "devices/stamp-40.yaml"
#define RF     "devices/rf-49.yaml"
#define CHEEK  "sites/cheek.yaml"
#define MALIK  "evidence/malik-2024.yaml"
#define ALAM   "evidence/alam-2014.yaml"
#define BHARG  "evidence/bhargava-2019.yaml"
#define DOGRA  "evidence/dogra-2014.yaml"
#define GARG   "evidence/garg-baveja-2014.yaml"
#define OSMAN  "evidence/osman-2017.yaml"

static const struct {
    const char *file, *find, *put, *at, *text;
} breakages[] = {
    {ROLLER, "fields: [lengths]", "fields: [needles]", NULL, "the number 'lengths' has no source"},
    {ROLLER, "per_row, drum_d", "drum_d", NULL, "the number 'per_row' has no source"},
    {ROLLER, "fields: [lengths]", "fields: [lengths, gauge]", "fields: [lengths",
     "a source for 'gauge', which is no field"},
    {CHEEK, "fields: [area]", "fields: []", NULL, "the number 'area' has no source; name one, or"},
    {PEN, "source: assumed", "source: \"\"", "fields: [needle_diameter]", "the source is empty"},
    {PEN, "    source: assumed\n", "", "fields: [needle_diameter]",
     "source: the key 'source' is missing"},
    {PEN, "source: assumed", "source: unknown", "unknown\n    note: \"not read; the comp",
     "source: must be known"},
    {STAMP, "id: stamp-40", "id: stamp-41", NULL, "the id 'stamp-41' is not the file's name"},
    {STAMP, "id: stamp-40", "id: stamp-4", NULL, "the id 'stamp-4' is not the file's name"},
    {CHEEK, "id: cheek", "id: cheek.yaml", NULL, "the id 'cheek.yaml' is not the file's name"},
    {MALIK, "id: malik-2024", "id: malik-2023", NULL, "the id 'malik-2023' is not the file's name"},
    {ROLLER, "rows: 8", "rows: 9", NULL, "9 rows of 24 are not 192 needles"},
    {STAMP, "needles: 40", "needles: 41", NULL, "5 rows of 8 are not 41 needles"},
    {ROLLER, "drum_width: 20 mm\n", "", NULL, "a lattice needs rows, per_row, drum_diameter"},
    {STAMP, "tip_width: 10 mm\n", "", NULL, "a tip needs its tip_width"},
    {PEN, "length_step: 0.25 mm\n", "", NULL, "either 'lengths' or all of length_from, length_to"},
    {STAMP, "lengths: [0.5 mm, 1.0 mm, 1.5 mm]\n", "", NULL, "either 'lengths' or all of"},
    {STAMP, "lengths: [0.5 mm, 1.0 mm, 1.5 mm]\n", "lengths: []\n", NULL, "either 'lengths' or"},
    {PEN, "length_from: 0.25", "length_from: 2.75", NULL, "length_from is longer than length_to"},
    {PEN, "rate_from: 116.7", "rate_from: 120", NULL, "rate_from is faster than rate_to"},
    {RF, "users: [physician]", "users: [physician, home]", NULL,
     "radiofrequency needles are for physicians only"},
    {RF, "users: [physician]", "users: [aesthetician]", NULL, "for physicians only"},
    {CHEEK, "epidermis_female: 0.069", "epidermis_female: 0.91", NULL,
     "epidermis is thicker than dermis"},
    {CHEEK, "0.069 mm\ndermis_female: 0.90 mm\ndermis_male: 1.21",
     "0.31 mm\ndermis_female: 0.90 mm\ndermis_male: 0.3", NULL, "epidermis is thicker than dermis"},
    {CHEEK, "spread: 0.21", "spread: unknown", "unknown\nsources", "spread: must be known"},
    {CHEEK, "area: 40 cm2", "area: 40", "40\nepi", "area: '40' has no unit"},
    {MALIK, "percent_derived: 48.9", "percent_derived: 49.0", "scale: \"Goodman",
     "arm 'microneedling alone': percent_derived 49 does not follow from 20.62 to 10.54"},
    {MALIK, "change_unit: points\n        percent_derived: 52.2",
     "change_unit: points\n        percent_derived: 52.4",
     "scale: \"Goodman-Baron quantitative\"\n"
     "        measure: gb-quantitative\n        week: 12\n        weeks_after_last: 4\n"
     "        statistic: mean\n        baseline: 20.44",
     "arm 'microneedling + insulin 40 units': percent"},
    /* studies: what is new in a figure is refused where it is wrong */
    {DOGRA, "kind: pigment", "kind: pigmentation", "pigmentation,",
     "kind: 'pigmentation' is not one of: pigment, redness, pain, tram-track"},
    {DOGRA, "count: 5, of_low", "count: 31, of_low", "{event: \"PIH\"", "31 people of 30"},
    {DOGRA, "of_low: 30, of_high: 36", "of: 4", "{event: \"PIH\"", "5 people of 4"},
    {DOGRA, "of_low: 30", "of_low: 37", "{event: \"PIH\"", "of_low 37 is above of_high 36"},
    {DOGRA, "of_low: 30", "of: 30", "{event: \"PIH\"", "either 'of', or 'of_low' and 'of_high'"},
    {DOGRA, "count: 5, of_low: 30", "count: 5, of_low: 0", "0, of_high", "of_low: 0 is not from 1"},
    {DOGRA, "arm: \"dermaroller, topical", "arm: \"dermaroler, topical", "{event: \"PIH\"",
     "the study has no arm 'dermaroler, topical anaesthesia'; did you mean 'dermaroller, topical"},
    {DOGRA, "skin_type_high: 5", "skin_type_high: 3", NULL,
     "skin_type_low 4 is above skin_type_high 3"},
    {DOGRA, "skin_type_high: 5", "skin_type_high: 7", "7\n",
     "skin_type_high: 7 is not from 1 to 6"},
    {DOGRA, "completed: 30", "completed: 37", NULL, "37 people finished of 36"},
    {DOGRA, "cream: yes", "cream: maybe", "maybe", "cream: 'maybe' is not one of: no, yes"},
    {DOGRA, "cream: yes", "agent: lidocaine", "name: \"derma", "the agent of no cream"},
    {DOGRA, "visits: 5", "visits: 5\n    visits_low: 6\n    visits_high: 5", "name: \"derma",
     "visits_low 6 is above visits_high 5"},
    {DOGRA, "        statistic: mean\n", "", "scale: \"acne scar",
     "a number without its statistic"},
    {DOGRA, "statistic: mean", "statistic: mode", "mode\n",
     "statistic: 'mode' is not one of: mean"},
    {DOGRA, "site: face", "site: cheek", "cheek", "site: 'cheek' is not one of: face, neck, trunk"},
    {BHARG, "percent: 95.6", "percent: 101", "101}", "percent: 101 is not from 0 to 100"},
    {BHARG, "percent: 24.4", "percent: 60", "scale: \"patient perceived",
     "the classes hold 133.3 % of people"},
    {BHARG, "in: grades, low: 1", "in: grade, low: 1", "grade, low",
     "in: 'grade' is not one of: percent, grades, to-grade, points"},
    {BHARG, "in: grades, low: 1, high: 4", "in: grades, low: 4, high: 1", "{what: \"improved",
     "low 4 is above high 1"},
    {BHARG, "in: grades, low: 1, high: 4", "in: grades, low: 1", "{what: \"improved",
     "'in', 'low' and 'high' go together"},
    {BHARG, "in: grades, low: 1, high: 4", "low: 1, high: 4", "{what: \"improved",
     "'in', 'low' and 'high' go together"},
    {BHARG, "in: grades, low: 1, high: 4", "in: grades, low: 0.5, high: 4", "{what: \"improved",
     "grades fall by whole numbers from -4 to 4"},
    {BHARG, "in: grades, low: 1, high: 4", "in: grades, low: 1, high: 5", "{what: \"improved",
     "grades fall by whole numbers from -4 to 4"},
    {BHARG, "high: 4, percent: 95.6", "high: 4, bound: at-least", "{what: \"improved",
     "a bound of nothing"},
    {BHARG, "type: rolling, order: 1", "type: rolling, order: 0", "0, arm",
     "order: 0 is not from 1 to 4"},
    {BHARG, "type: rolling, order: 1", "type: rolling, count: 3, of: 2", "{type: rolling",
     "3 of 2"},
    {BHARG, "order: 1, arm: \"subcision", "order: 1, arm: \"incision", "{type: rolling",
     "the study has no arm 'incision + microneedling'; did you mean 'subcision + microneedling'?"},
    {BHARG, "low: 1\n        high: 2", "low: 3\n        high: 2", "scale: \"redness",
     "low 3 is above high 2"},
    {BHARG, "statistic: range", "statistic: mean", "scale: \"redness",
     "'low' and 'high' go with 'statistic: range'"},
    {BHARG, "low: 1\n        high: 2", "low: -1\n        high: 2", "scale: \"redness",
     "-1 is below nothing"},
    {DOGRA, "interval: 4 weeks", "interval: 410 days", "410", "interval: 410 day is not"},
    {DOGRA, "visits: 5", "visits: 60", "name: \"derma", "a course of 1652 days; at most 1631"},
    {BHARG, "interval: 4 weeks", "interval: 0 weeks", "0 weeks", "interval: 0 day is not above 0"},
    {GARG, "to grade 2\", in: to-grade, low: 2", "to grade 2\", in: percent, low: 2",
     "{what: \"to grade 2", "a grade's classes are 'in: grades' or 'in: to-grade'"},
    {BHARG, "days_low: 1", "days_low: 3", "{event: \"oedema", "days_low 3 is above days_high 2"},
    {GARG, "to grade 2\", in: to-grade, low: 2, high: 2, count: 10",
     "to grade 2\", in: to-grade, low: 2, high: 2, count: 17", "{what: \"to grade 2",
     "17 people of 16"},
    {GARG, "count: 6}", "count: 7}", "scale: \"Goodman", "the classes hold 17 people of 16"},
    {GARG, "in: to-grade, low: 2, high: 2", "in: to-grade, low: 2, high: 5", "{what: \"to grade 2",
     "grades are whole numbers from 0 to 4"},
    {GARG, "start_grade: 4", "start_grade: 5", "5\n", "start_grade: 5 is not from 1 to 4"},
    {GARG, "people: 16", "people: 50", "scale: \"Goodman", "50 people of 49"},
    {OSMAN,
     "why_not: \"its one figure of needling is ambiguous, and the rest compares it with a "
     "laser\"\n",
     "", NULL, "'use: no' needs its why_not"},
    {OSMAN, "use: no", "use: yes", "scale: \"scar response", "a why_not without 'use: no'"},
    {OSMAN, "    why_not: \"laser, not needles\"\n", "", "name: \"fractional",
     "'use: no' needs its why_not"},
    {OSMAN, "use: no\n    why_not", "why_not", "name: \"fractional", "a why_not without 'use: no'"},
    {OSMAN, "versus: \"fractional Er:YAG\"", "versus: \"fractional Er YAG\"",
     "scale: \"scar response (as printed)\"\n        measure: other\n        versus",
     "the study has no arm 'fractional Er YAG'; did you mean 'fractional Er:YAG'?"},
    {OSMAN, "versus: \"fractional Er:YAG\"", "versus: \"microneedling\"",
     "scale: \"scar response (as printed)\"\n        measure: other\n        versus",
     "the arm is compared with itself"},
    {OSMAN, "p_below: 0.001", "p_below: 1.1", "1.1\n", "p_below: 1.1 is not from 0 to 1"},
    {OSMAN, "direction: worse", "direction: bad", "bad\n",
     "direction: 'bad' is not one of: better"},
    {ALAM, "change_low: -4.8", "change_low: 4.8", "scale: \"Goodman",
     "change_low 4.8 is above change_high 0.01"},
    {ALAM, "        change_unit: points\n", "", "scale: \"Goodman", "a change without its unit"},
    {MALIK, "gb-quantitative", "gb", "gb\n", "measure: 'gb' is not one of: gb-quantitative"},
    {MALIK, "visits: 3", "visits: three", "three", "visits: 'three' is not a number"},
    {ROLLER, "drum_width", "drum_with", "drum_with",
     "unknown key 'drum_with' in device; did you mean 'drum_width'?"},
    {CHEEK, "note: \"One", "nota: \"One",
     "nota:", "unknown key 'nota' in site; did you mean 'note'"},
    {ROLLER, "needle_diameter: 0.25", "needle_diameter: 7", "7 mm",
     "needle_diameter: 7 mm is not from 0.05 mm to 1 mm"},
    {CHEEK, "cit/site/1", "cit/device/1", "cit/device/1", "schema: must be 'cit/site/1'"},
    {ROLLER, "kind: roller", "kind: roller: x", ": x", "not readable as YAML: "},
    {ROLLER, "rows: 8", "rows: 8\nrows: 8", "rows: 8\nper", "key 'rows' is here twice"},
    {ROLLER, "Medical", "\x01", "\x01", "byte 0x01 does not belong in a text file"},
};

static void a_broken_entry_is_blamed_at_its_place(void **state) {
    char changed[CHANGED_BYTES], original[FILE_BYTES], where[192];
    (void)state;
    for (size_t i = 0; i < sizeof breakages / sizeof *breakages; i++) {
        cit_errors errs = {0};
        cit_catalogue *c = NULL;
        write_changed(breakages[i].file, breakages[i].find, breakages[i].put, changed);
        const cit_status st = cit_catalogue_load(folder, &c, &errs);
        CHECK(st == CIT_INVALID && c == NULL, "'%s' is accepted", breakages[i].put);
        place_of(breakages[i].file, changed, breakages[i].at, where);
        const fault want = {where, breakages[i].text};
        check_faults(&errs, &want, 1);
        CHECK(cit_catalogue_load(folder, &c, NULL) == CIT_INVALID, "accepted if nobody listens");
        read_original(breakages[i].file, original);
        write_copy(breakages[i].file, original);
    }
}

/* Each number that a second kind of length brings must have a source as well. */
static void lengths_are_a_list_or_a_range(void **state) {
    static const char *const lines[] = {
        "lengths: [1 mm]\n", "length_from: 0.5 mm\nlength_to: 1 mm\nlength_step: 0.1 mm\n",
        "length_to: 1 mm\n"};
    static const char *const files[] = {PEN, ROLLER, STAMP};
    char put[200], changed[CHANGED_BYTES], where[192];
    (void)state;
    for (int i = 0; i < 3; i++) {
        cit_errors errs = {0};
        cit_catalogue *c = NULL;
        snprintf(put, sizeof put,
                 "%ssources:\n  - fields: [lengths, length_from, length_to, length_step]\n"
                 "    source: assumed\n",
                 lines[i]);
        write_changed(files[i], "sources:\n", put, changed);
        CHECK(cit_catalogue_load(folder, &c, &errs) == CIT_INVALID, "'%s' is accepted", lines[i]);
        place_of(files[i], changed, NULL, where);
        const fault want = {where,
                            "either 'lengths' or all of length_from, length_to, length_step"};
        check_faults(&errs, &want, 1);
        write_all();
    }
}

static void all_faults_of_all_files_come_in_one_go(void **state) {
    char changed[CHANGED_BYTES], where[7][192];
    cit_errors errs = {0};
    cit_catalogue *c = NULL;
    (void)state;
    write_changed(ROLLER, "rows: 8\nper_row: 24\ndrum_diameter: 20 mm",
                  "rows: 9\nper_row: 24\ndrum_diameter: unknown", changed);
    place_of(ROLLER, changed, NULL, where[0]);
    write_changed(RF, "kind: radiofrequency", "kind: radiofrequency: x", changed);
    place_of(RF, changed, ": x", where[1]);
    write_changed(PEN, "needles: 14\nneedle_diameter: 0.25 mm",
                  "needles: 14.5\nneedle_diameter: 0.25 cm", changed);
    place_of(PEN, changed, "14.5", where[2]);
    place_of(PEN, changed, "0.25 cm", where[3]);
    write_changed(CHEEK, "cheek\nname: Cheek", "chin\nname: Cheek", changed);
    place_of(CHEEK, changed, NULL, where[4]);
    write_changed(MALIK, "baseline: 20.62", "baseline: 21.62", changed);
    place_of(MALIK, changed, "scale: \"Goodman", where[5]);
    write_changed("evidence/alam-2014.yaml", "rater: blinded", "rater: blind", changed);
    place_of("evidence/alam-2014.yaml", changed, "blind\n", where[6]);
    const fault want[] = {
        {where[0], "a lattice needs rows, per_row, drum_diameter, drum_width"},
        {where[0], "9 rows of 24 are not 192 needles"},
        {where[1], "not readable as YAML"},
        {where[2], "needles: '14.5' is not a whole number"},
        {where[3], "needle_diameter: 2.5 mm is not from 0.05 mm to 1 mm"},
        {where[4], "the id 'chin' is not the file's name"},
        {where[6], "rater: 'blind' is not one of: blinded, open"},
        {where[5], "percent_derived 48.9 does not follow from 21.62 to 10.54"},
    };
    CHECK(cit_catalogue_load(folder, &c, &errs) == CIT_INVALID && c == NULL, "accepted");
    check_faults(&errs, want, sizeof want / sizeof *want);
}

static void a_folder_that_is_not_there_is_named(void **state) {
    char where[192];
    cit_errors errs = {0};
    cit_catalogue *c = NULL;
    (void)state;
    snprintf(where, sizeof where, "%s/none/devices", folder);
    const fault want = {where, "the catalogue cannot be read: "};
    char none[80];
    snprintf(none, sizeof none, "%s/none", folder);
    CHECK(cit_catalogue_load(none, &c, &errs) == CIT_NOTFOUND && c == NULL, "found");
    check_faults(&errs, &want, 1);
}

static cit_catalogue *copy_loaded(void) {
    cit_errors errs = {0};
    cit_catalogue *c = NULL;
    CHECK(cit_catalogue_load(folder, &c, &errs) == CIT_OK, "%s: %s", errs.items[0].where,
          errs.items[0].text);
    return c;
}

static void what_is_no_yaml_is_passed_over(void **state) {
    (void)state;
    write_copy("devices/README.md", "not: [yaml\n");
    write_copy("devices/pen.yaml.orig", "not: [yaml\n");
    write_copy("sites/.yaml", "not: [yaml\n");
    cit_catalogue *c = copy_loaded();
    CHECK(c->device_count == 4 && c->site_count == 1 && c->study_count == 6, "%d, %d and %d",
          c->device_count, c->site_count, c->study_count);
    cit_catalogue_free(c);
}

/* A file as it was before these keys were there. */
static void an_old_file_is_still_read(void **state) {
    static const char old[] = "schema: cit/evidence/1\nid: malik-2024\ncitation: \"x\"\n"
                              "url: \"x\"\nread: \"x\"\ndesign: \"x\"\nrater: unknown\n"
                              "arms:\n  - name: \"a\"\n    device: pen\n"
                              "    needle_length: unknown\n    visits: 3\n    interval: 4 weeks\n"
                              "    passes: unknown\n    adjunct: \"none\"\n    participants: 10\n"
                              "    outcomes:\n      - scale: \"x\"\n        measure: other\n"
                              "        statistic: mean\n        responders:\n"
                              "          - {what: \"good\", count: 4}\n        responders_of: 10\n"
                              "by_scar_type:\n  - {type: rolling, finding: \"better\"}\n"
                              "adverse_events:\n  - {event: \"PIH\", count: 5}\nusable: \"x\"\n";
    (void)state;
    write_copy("evidence/malik-2024.yaml", old);
    cit_catalogue *c = copy_loaded();
    const cit_study *s = study_of(c, "malik-2024");
    const cit_study_outcome *o = &s->arms[0].outcomes[0];
    CHECK(s->use == 0 && s->same_people == 0 && s->skin_type_low == CIT_UNKNOWN_INT &&
              s->grade_high == CIT_UNKNOWN_INT && s->why_not == NULL,
          "the study says what it does not");
    CHECK(s->arms[0].cream == 0 && s->arms[0].adjunct_acts == 0 && s->arms[0].region == 0 &&
              s->arms[0].visits_low == CIT_UNKNOWN_INT && !cit_known(s->arms[0].rate_Hz) &&
              !cit_known(s->arms[0].density_per_cm2) && !cit_known(s->arms[0].pre_needling_mm),
          "the arm says what it does not");
    CHECK(o->types == 0 && o->start_grade == CIT_UNKNOWN_INT && o->people == CIT_UNKNOWN_INT &&
              o->direction == 0 && !cit_known(o->p) && !cit_known(o->p_below) &&
              !cit_known(o->low) && !cit_known(o->effect_size) && o->versus == NULL,
          "the outcome says what it does not");
    CHECK(!cit_outcome_is_figure(o) && !cit_adverse_is_figure(&s->adverse[0]) &&
              !cit_by_type_is_figure(&s->by_type[0]),
          "words became figures");
    cit_catalogue_free(c);
}

static void the_example_in_the_manual_is_read(void **state) {
    static char manual[CHANGED_BYTES];
    const path page = source_path("docs/evidence.md");
    (void)state;
    FILE *f = fopen(page.text, "rb");
    CHECK(f != NULL, "%s cannot be read", page.text);
    const size_t size = fread(manual, 1, sizeof manual - 1, f);
    fclose(f);
    CHECK(size > 0 && size < sizeof manual - 1, "%s is larger than this test allows", page.text);
    manual[size] = 0;
    char *from = strstr(manual, "```yaml\n"), *to = from ? strstr(from + 8, "```") : NULL;
    CHECK(to != NULL, "%s has no example", page.text);
    *to = 0;
    write_copy("evidence/example-2026.yaml", from + 8);
    cit_catalogue *c = copy_loaded();
    const cit_study *s = study_of(c, "example-2026");
    for (int i = 0; i < s->arm_count; i++)
        for (int j = 0; j < s->arms[i].outcome_count; j++)
            CHECK(cit_outcome_is_usable(s, &s->arms[i], &s->arms[i].outcomes[j]),
                  "'%s' is not usable", s->arms[i].outcomes[j].scale);
    CHECK(cit_by_type_is_usable(s, &s->by_type[1]) && cit_adverse_is_usable(s, &s->adverse[0]),
          "by type or event");
    cit_catalogue_free(c);
}

static void settings_are_read_in_their_units(void **state) {
    char changed[CHANGED_BYTES];
    (void)state;
    write_changed(MALIK, "passes: unknown",
                  "passes: 4\n    rate: 90 Hz\n    density: 250 /cm2\n"
                  "    cream: no\n    visits_low: 2\n    visits_high: 3",
                  changed);
    cit_catalogue *c = copy_loaded();
    const cit_study_arm *a = &study_of(c, "malik-2024")->arms[0];
    CHECK_CLOSE(a->rate_Hz, 90, 0);
    CHECK_CLOSE(a->density_per_cm2, 250, 1e-9);
    CHECK(a->passes == 4 && a->region == CIT_FACE && a->cream == CIT_NO && a->visits_low == 2 &&
              a->visits_high == 3,
          "%d passes, region %d, cream %d, %d to %d visits", a->passes, a->region, a->cream,
          a->visits_low, a->visits_high);
    cit_catalogue_free(c);
}

static void digest_of_copy(char digest[20]) {
    cit_catalogue *c = copy_loaded();
    memcpy(digest, c->digest, 20);
    cit_catalogue_free(c);
}

static void the_digest_follows_what_is_said_and_not_how(void **state) {
    static const struct {
        const char *file, *find, *put;
        bool same;
    } rows[] = {
        {CHEEK, "region: face", "region: face # a comment\n\n# another", true},
        {CHEEK, "area: 40 cm2", "area: '40 cm2'", true},
        {CHEEK, "area: 40 cm2", "area: 41 cm2", false},
        {MALIK, "baseline: 20.62", "baseline: 20.61", false},
        {PEN, "source: assumed", "source: supposed", false},
        {ROLLER, ", 3.0 mm]", "]", false},
        {STAMP, "rows: 5\nper_row: 8", "rows: 8\nper_row: 5", false},
    };
    char changed[CHANGED_BYTES], first[20], again[20];
    (void)state;
    digest_of_copy(first);
    digest_of_copy(again);
    CHECK(strcmp(first, again) == 0, "first %s, then %s", first, again);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        write_changed(rows[i].file, rows[i].find, rows[i].put, changed);
        digest_of_copy(again);
        CHECK((strcmp(first, again) == 0) == rows[i].same, "'%s' makes %s of %s", rows[i].put,
              again, first);
        write_all();
    }
}

/* ---- lengths, ids ----------------------------------------------------------------------------- */

static void fixed_lengths_are_found_and_told(void **state) {
    double lengths[] = {0.5, 1.5, 1.0};
    const cit_device d = {.lengths_mm = lengths, .length_count = 3};
    char text[160];
    (void)state;
    CHECK(cit_device_has_length(&d, 1.0) && cit_device_has_length(&d, 1.5), "1 or 1.5 mm missing");
    CHECK(!cit_device_has_length(&d, 1.2) && !cit_device_has_length(&d, (double)NAN),
          "1.2 mm or NaN");
    CHECK_CLOSE(cit_device_nearest_length(&d, 1.2), 1.0, 0);
    CHECK_CLOSE(cit_device_nearest_length(&d, 1.3), 1.5, 0);
    CHECK_CLOSE(cit_device_nearest_length(&d, 0.1), 0.5, 0);
    CHECK_CLOSE(cit_device_nearest_length(&d, 9), 1.5, 0);
    CHECK_CLOSE(cit_device_longest_mm(&d), 1.5, 0);
    cit_device_lengths_text(&d, text);
    assert_string_equal(text, "0.5, 1.5, 1 mm");
}

static void a_range_of_lengths_goes_in_steps(void **state) {
    const cit_device d = {.length_from_mm = 0.1, .length_to_mm = 1.5, .length_step_mm = 0.1};
    char text[160], typed[16], why[160];
    (void)state;
    for (int tenths = 1; tenths <= 15; tenths++) { /* also where 0.1 + k x 0.1 is not the decimal */
        double length = 0;
        snprintf(typed, sizeof typed, "%d.%d mm", tenths / 10, tenths % 10);
        CHECK(cit_quantity_parse(typed, "mm", &length, why), "%s", why);
        CHECK(cit_device_has_length(&d, length), "'%s' is missing", typed);
    }
    CHECK(!cit_device_has_length(&d, 0.25) && !cit_device_has_length(&d, 0), "0.25 or 0 mm");
    CHECK(!cit_device_has_length(&d, 1.6) && !cit_device_has_length(&d, (double)NAN),
          "1.6 mm or NaN");
    CHECK_CLOSE(cit_device_nearest_length(&d, 0), 0.1, 0);
    CHECK_CLOSE(cit_device_nearest_length(&d, 7), 1.5, 0);
    CHECK_CLOSE(cit_device_nearest_length(&d, 0.74), 0.7, 1e-12); /* rounding of 0.1 + 6 x 0.1 */
    CHECK_CLOSE(cit_device_longest_mm(&d), 1.5, 0);
    cit_device_lengths_text(&d, text);
    assert_string_equal(text, "0.1 to 1.5 mm in steps of 0.1 mm");
}

static void a_long_list_of_lengths_says_that_it_goes_on(void **state) {
    double lengths[60];
    const cit_device d = {.lengths_mm = lengths, .length_count = 60};
    char text[160];
    (void)state;
    for (int i = 0; i < 60; i++) lengths[i] = 0.100001 + 0.05 * i;
    memset(text, 'x', sizeof text);
    cit_device_lengths_text(&d, text);
    CHECK(memchr(text, 0, sizeof text) != NULL, "the text does not end");
    const size_t length = strlen(text);
    CHECK(length > 100 && strcmp(text + length - 8, ", ... mm") == 0, "ends '%s'", text);
}

static void entries_are_found_by_id_and_by_near_names(void **state) {
    cit_catalogue *c = real_catalogue();
    (void)state;
    for (int i = 0; i < c->device_count; i++)
        CHECK(cit_catalogue_device(c, c->devices[i].id) == &c->devices[i], "%s", c->devices[i].id);
    for (int i = 0; i < c->site_count; i++)
        CHECK(cit_catalogue_site(c, c->sites[i].id) == &c->sites[i], "%s", c->sites[i].id);
    for (int i = 0; i < c->study_count; i++)
        CHECK(cit_catalogue_study(c, c->studies[i].id) == &c->studies[i], "%s", c->studies[i].id);
    CHECK(cit_catalogue_device(c, "cheek") == NULL && cit_catalogue_site(c, "") == NULL &&
              cit_catalogue_study(c, "malik") == NULL,
          "something was found that is not there");
    assert_string_equal(cit_catalogue_near_device(c, "skinpen-precison"), "skinpen-precision");
    assert_string_equal(cit_catalogue_near_device(c, "pen_36"), "pen-36");
    assert_string_equal(cit_catalogue_near_site(c, "cheeks"), "cheek");
    assert_string_equal(cit_catalogue_near_study(c, "malik2024"), "malik-2024");
    CHECK(cit_catalogue_near_device(c, "zzzzzzzzzz") == NULL, "'zzzzzzzzzz' is near '%s'",
          cit_catalogue_near_device(c, "zzzzzzzzzz"));
    cit_catalogue_free(c);
}

/* ---- parameters ------------------------------------------------------------------------------- */

static void every_parameter_lies_in_its_range(void **state) {
    int count = 0;
    const cit_parameter *table = cit_parameter_table(&count);
    (void)state;
    CHECK(count > 80, "%d parameters", count);
    for (int i = 0; i < count; i++) {
        const cit_param *p = &table[i].param;
        const bool wide = p->spread == CIT_NORMAL || p->spread == CIT_LOGNORMAL;
        const bool of_logarithm = p->spread == CIT_LOGNORMAL || p->spread == CIT_LOG_UNIFORM;
        CHECK(p->lo <= p->value && p->value <= p->hi, "%s: %g is not from %g to %g", p->name,
              p->value, p->lo, p->hi);
        CHECK(wide ? p->width > 0 : p->width == 0, "%s: a width of %g", p->name, p->width);
        CHECK(p->spread == CIT_FIXED || p->lo < p->hi, "%s: drawn from %g to %g", p->name, p->lo,
              p->hi);
        CHECK(!of_logarithm || p->lo > 0, "%s: the logarithm of %g", p->name, p->lo);
        CHECK(p->level == CIT_SHARED || p->level == CIT_PERSON, "%s: level %d", p->name, p->level);
        CHECK(p->unit[0] != 0 && p->source[0] != 0 && p->meaning[0] != 0, "%s: a text is empty",
              p->name);
        for (int j = 0; j < i; j++)
            CHECK(strcmp(p->name, table[j].param.name) != 0 ||
                      strcmp(table[i].group, table[j].group) != 0,
                  "two parameters %s.%s", table[i].group, p->name);
    }
}

/* One number of the struct for each row, and one row for each number. */
static void rows_and_struct_are_the_same(void **state) {
    int count = 0;
    const cit_parameter *table = cit_parameter_table(&count);
    cit_parameters p;
    (void)state;
    CHECK((size_t)count * sizeof(double) == sizeof p, "%d rows for %zu numbers", count,
          sizeof p / sizeof(double));
    memset(&p, 0xff, sizeof p); /* every number is NaN */
    cit_parameters_default(&p);
    for (int i = 0; i < count; i++)
        CHECK_CLOSE(cit_parameter_get(&p, &table[i]), table[i].param.value, 0);
    for (int i = 0; i < count; i++) cit_parameter_set(&p, &table[i], i + 0.5);
    for (int i = 0; i < count; i++) CHECK_CLOSE(cit_parameter_get(&p, &table[i]), i + 0.5, 0);
    cit_parameters_default(&p);
    CHECK_CLOSE(p.healing.k_D, 1, 0);
    CHECK_CLOSE(p.needling.hole_mm, 0.035, 0);
    CHECK_CLOSE(p.scar.set_point, 0.62, 0);
    CHECK_CLOSE(p.outcome.visible_mm, 0.1, 0);
    CHECK_CLOSE(p.prior.interval_day, 28, 0);
}

static double number_of(const cit_node *row, const char *key) {
    const cit_node *n = child(row, key);
    char why[160] = "";
    double number = 0;
    CHECK(n != NULL && cit_quantity_parse(n->text, "", &number, why), "line %d, '%s': %s",
          row->mark.line, key, why);
    return number;
}

static void check_row(const cit_parameter *p, const char *group, const cit_node *row) {
    assert_string_equal(p->group, group);
    assert_string_equal(p->param.name, child(row, "name")->text);
    assert_string_equal(p->param.unit, child(row, "unit")->text);
    assert_string_equal(p->param.source, child(row, "source")->text);
    assert_string_equal(p->param.meaning, child(row, "meaning")->text);
    assert_string_equal(cit_choice_name(cit_spread_choices, (int)p->param.spread),
                        child(row, "spread")->text);
    assert_string_equal(cit_choice_name(cit_level_choices, (int)p->param.level),
                        child(row, "level")->text);
    CHECK_CLOSE(p->param.value, number_of(row, "value"), 0);
    CHECK_CLOSE(p->param.lo, number_of(row, "low"), 0);
    CHECK_CLOSE(p->param.hi, number_of(row, "high"), 0);
    CHECK_CLOSE(p->param.width, child(row, "width") ? number_of(row, "width") : 0, 0);
}

static void the_parameter_table_is_what_its_files_say(void **state) {
    static const char *const groups[] = {"healing", "needling", "scar",
                                         "outcome", "prior",    "study"};
    int count = 0, seen = 0;
    const cit_parameter *table = cit_parameter_table(&count);
    (void)state;
    for (int i = 0; i < 6; i++) {
        char name[64];
        cit_errors errs = {0};
        cit_doc *doc = NULL;
        snprintf(name, sizeof name, "data/parameters/%s.yaml", groups[i]);
        const path file = source_path(name);
        CHECK(cit_doc_read(file.text, &doc, &errs) == CIT_OK, "%s", errs.items[0].text);
        const cit_node *row = child(cit_doc_root(doc), "parameters")->first;
        for (; row != NULL; row = row->next, seen++) {
            CHECK(seen < count, "%s has more rows than the table", name);
            check_row(&table[seen], groups[i], row);
        }
        cit_doc_free(doc);
    }
    CHECK(seen == count, "%d rows in the files, %d in the table", seen, count);
}

static double normal_cdf(double x) { return 0.5 * erfc(-x / sqrt(2)); }

/* Half of what the cut to [low, high] leaves lies below the quantile at one half, here by another
 * formula (the error function of libm); and the cut moves the median by less than a quarter of a width
 * away from `value`, which is what a reader of the file takes it for. */
static void the_median_of_a_drawn_parameter_is_near_its_value(void **state) {
    int count = 0, seen = 0;
    const cit_parameter *table = cit_parameter_table(&count);
    (void)state;
    for (int i = 0; i < count; i++) {
        const cit_param *p = &table[i].param;
        const bool logs = p->spread == CIT_LOGNORMAL;
        if (!logs && p->spread != CIT_NORMAL) continue;
        const double median = cit_param_quantile(p, 0.5);
        const double at[] = {p->lo, median, p->hi};
        double z[3];
        for (int j = 0; j < 3; j++)
            z[j] = ((logs ? log(at[j]) : at[j]) - (logs ? log(p->value) : p->value)) / p->width;
        const double below = normal_cdf(z[1]) - normal_cdf(z[0]);
        const double above = normal_cdf(z[2]) - normal_cdf(z[1]);
        CHECK(fabs(below - above) < 1e-12, "%s: %.17g below, %.17g above", p->name, below, above);
        CHECK(fabs(z[1]) < 0.25, "%s: the median %g lies %g widths from %g", p->name, median, z[1],
              p->value);
        seen++;
    }
    CHECK(seen > 40, "only %d parameters", seen);
}

static void what_is_not_drawn_stays_at_its_value(void **state) {
    int count = 0;
    const cit_parameter *table = cit_parameter_table(&count);
    (void)state;
    for (int i = 0; i < count; i++) {
        const cit_param *p = &table[i].param;
        for (int j = 1; j < 10; j++) {
            const double x = cit_param_quantile(p, 0.1 * j);
            CHECK(x >= p->lo && x <= p->hi, "%s: %g at %g", p->name, x, 0.1 * j);
            if (p->spread == CIT_FIXED) CHECK_CLOSE(x, p->value, 0);
        }
    }
}

static const cit_param *parameter_of(const char *group, const char *name) {
    int count = 0;
    const cit_parameter *table = cit_parameter_table(&count);
    for (int i = 0; i < count; i++)
        if (strcmp(table[i].group, group) == 0 && strcmp(table[i].param.name, name) == 0)
            return &table[i].param;
    fail_msg("there is no parameter %s.%s", group, name);
    return NULL;
}

/* Mature collagen must never come faster back to its set point than new collagen matures. */
static void maturation_outruns_the_return_to_the_set_point(void **state) {
    const cit_param *k_mat = parameter_of("healing", "k_mat"), *b = parameter_of("healing", "b");
    (void)state;
    CHECK(k_mat->lo >= b->hi, "k_mat from %g, b to %g /day", k_mat->lo, b->hi);
}

#define COPY_CASE(function) cmocka_unit_test_setup_teardown(function, make_copy, remove_copy)

T_MAIN(CASE(the_catalogue_loads_without_a_fault), CASE(the_devices_of_trials_and_clinics_are_there),
       CASE(every_device_can_be_built), CASE(every_site_has_less_epidermis_than_dermis),
       CASE(every_number_of_a_device_or_site_names_its_source),
       CASE(malik_2024_is_what_its_abstract_says), CASE(alam_2014_has_an_untreated_side),
       CASE(lotfi_2013_has_the_histology), CASE(what_a_study_does_not_say_stays_unknown),
       CASE(no_study_has_a_zero_where_nothing_is_known), CASE(choices_and_enums_are_the_same),
       CASE(pain_is_a_figure_with_its_settings), CASE(redness_is_a_range_of_days),
       CASE(pigment_is_a_count_of_people), CASE(classes_of_response_have_ends),
       CASE(a_direction_or_a_null_is_a_figure), CASE(scar_types_have_an_order),
       CASE(what_is_kept_out_says_why), CASE(every_study_is_consistent),
       COPY_CASE(an_old_file_is_still_read), COPY_CASE(settings_are_read_in_their_units),
       COPY_CASE(the_example_in_the_manual_is_read),
       COPY_CASE(a_broken_entry_is_blamed_at_its_place), COPY_CASE(lengths_are_a_list_or_a_range),
       COPY_CASE(all_faults_of_all_files_come_in_one_go),
       COPY_CASE(a_folder_that_is_not_there_is_named), COPY_CASE(what_is_no_yaml_is_passed_over),
       COPY_CASE(the_digest_follows_what_is_said_and_not_how),
       CASE(fixed_lengths_are_found_and_told), CASE(a_range_of_lengths_goes_in_steps),
       CASE(a_long_list_of_lengths_says_that_it_goes_on),
       CASE(entries_are_found_by_id_and_by_near_names), CASE(every_parameter_lies_in_its_range),
       CASE(rows_and_struct_are_the_same), CASE(the_parameter_table_is_what_its_files_say),
       CASE(the_median_of_a_drawn_parameter_is_near_its_value),
       CASE(what_is_not_drawn_stays_at_its_value),
       CASE(maturation_outruns_the_return_to_the_set_point))
