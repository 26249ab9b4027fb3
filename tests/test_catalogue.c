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
                        c->anaesthetic_count + c->medicine_count + c->step_count;
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
        {"needling side", 13, -2.4, -4.8, 0.0},
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

/* ---- broken copies --------------------------------------------------------------------------- */

static const char *const copied[] = {"devices/dermaroller-192.yaml",
                                     "devices/rf-49.yaml",
                                     "devices/skinpen-precision.yaml",
                                     "devices/stamp-40.yaml",
                                     "evidence/alam-2014.yaml",
                                     "evidence/malik-2024.yaml",
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
    bytes[size] = 0;
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
    {MALIK, "percent_derived: 48.9", "percent_derived: 49.0", NULL,
     "arm 'microneedling alone': percent_derived 49 does not follow from 20.62 to 10.54"},
    {MALIK, "value: 9.78", "value: 9.88", NULL, "arm 'microneedling + insulin 40 units': percent"},
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
    place_of(MALIK, changed, NULL, where[5]);
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
    CHECK(c->device_count == 4 && c->site_count == 1 && c->study_count == 2, "%d, %d and %d",
          c->device_count, c->site_count, c->study_count);
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
    static const char *const groups[] = {"healing", "needling", "scar", "outcome", "prior"};
    int count = 0, seen = 0;
    const cit_parameter *table = cit_parameter_table(&count);
    (void)state;
    for (int i = 0; i < 5; i++) {
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
       CASE(no_study_has_a_zero_where_nothing_is_known),
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
