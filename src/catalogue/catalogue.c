/* Reading the catalogue's files, checking what a field table cannot say, looking things up. */
#include "catalogue_impl.h"
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- devices ------------------------------------------------------------------------------- */

static const double length_tolerance_mm = 1e-6;

bool cit_device_has_length(const cit_device *device, double length_mm) {
    return fabs(cit_device_nearest_length(device, length_mm) - length_mm) < length_tolerance_mm;
}

double cit_device_nearest_length(const cit_device *device, double length_mm) {
    if (device->length_count > 0) {
        double best = device->lengths_mm[0];
        for (int i = 1; i < device->length_count; i++)
            if (fabs(device->lengths_mm[i] - length_mm) < fabs(best - length_mm))
                best = device->lengths_mm[i];
        return best;
    }
    const double steps = round((length_mm - device->length_from_mm) / device->length_step_mm);
    const double length = device->length_from_mm + steps * device->length_step_mm;
    return fmin(fmax(length, device->length_from_mm), device->length_to_mm);
}

double cit_device_longest_mm(const cit_device *device) {
    if (device->length_count == 0) return device->length_to_mm;
    double longest = 0;
    for (int i = 0; i < device->length_count; i++) longest = fmax(longest, device->lengths_mm[i]);
    return longest;
}

void cit_device_lengths_text(const cit_device *device, char text[160]) {
    if (device->length_count == 0) {
        snprintf(text, 160, "%g to %g mm in steps of %g mm", device->length_from_mm,
                 device->length_to_mm, device->length_step_mm);
        return;
    }
    size_t used = 0;
    for (int i = 0; i < device->length_count; i++) {
        if (used > 140) { /* the next may not fit */
            snprintf(text + used, 160 - used, ", ... mm");
            return;
        }
        used +=
            (size_t)snprintf(text + used, 160 - used, "%s%g", i ? ", " : "", device->lengths_mm[i]);
    }
    snprintf(text + used, 160 - used, " mm");
}

/* ---- checks that a field table cannot make -------------------------------------------------- */

static void check_name(const cit_doc *doc, const char *id, cit_errors *errs) {
    const char *slash = strrchr(cit_doc_name(doc), '/');
    const char *file = slash ? slash + 1 : cit_doc_name(doc);
    const size_t length = strlen(id);
    if (strncmp(file, id, length) != 0 || strcmp(file + length, ".yaml") != 0)
        cit_doc_fail(doc, (cit_mark){0, 0}, errs, "the id '%s' is not the file's name", id);
}

static bool source_names(const cit_source *sources, int count, const char *key) {
    for (int i = 0; i < count; i++)
        for (int j = 0; j < sources[i].field_count; j++)
            if (strcmp(sources[i].fields[j], key) == 0) return true;
    return false;
}

static bool number_is_known(const cit_field *f, const void *object) {
    const char *at = (const char *)object + f->offset;
    switch (f->kind) {
    case CIT_NUMBER:
        return cit_known(*(const double *)(const void *)at);
    case CIT_INTEGER:
        return *(const int *)(const void *)at != CIT_UNKNOWN_INT;
    case CIT_NUMBERS:
        return *(const int *)(const void *)((const char *)object + f->count_offset) > 0;
    case CIT_TEXT:
    case CIT_ID:
    case CIT_CHOICE:
    case CIT_CHOICES:
    case CIT_DATE:
    case CIT_TEXTS:
    case CIT_STRUCT:
    case CIT_LIST:
        return false;
    }
    return false;
}

void check_sources(const cit_doc *doc, const cit_table *table, const void *object,
                   const cit_source *sources, int count, cit_errors *errs) {
    for (const cit_field *f = table->fields; f->key != NULL; f++)
        if (number_is_known(f, object) && !source_names(sources, count, f->key))
            cit_doc_fail(doc, (cit_mark){0, 0}, errs,
                         "the number '%s' has no source; name one, or say 'assumed'", f->key);
    for (int i = 0; i < count; i++) {
        if (*sources[i].source == 0)
            cit_doc_fail(doc, sources[i].mark, errs,
                         "the source is empty; name one, or say "
                         "'assumed'");
        for (int j = 0; j < sources[i].field_count; j++) {
            const cit_field *f = table->fields;
            while (f->key != NULL && strcmp(f->key, sources[i].fields[j]) != 0) f++;
            if (f->key == NULL)
                cit_doc_fail(doc, sources[i].mark, errs, "a source for '%.40s', which is no field",
                             sources[i].fields[j]);
        }
    }
}

static void check_device(const cit_doc *doc, const cit_device *d, cit_errors *errs) {
    const cit_mark top = {0, 0};
    const int ends =
        cit_known(d->length_from_mm) + cit_known(d->length_to_mm) + cit_known(d->length_step_mm);
    const bool range = ends == 3;
    if (d->length_count > 0 ? ends > 0 : !range)
        cit_doc_fail(doc, top, errs,
                     "either 'lengths' or all of length_from, length_to, length_step");
    if (range && d->length_from_mm > d->length_to_mm)
        cit_doc_fail(doc, top, errs, "length_from is longer than length_to");
    if (d->rate_from_Hz > d->rate_to_Hz)
        cit_doc_fail(doc, top, errs, "rate_from is faster than rate_to");
    if (d->layout == CIT_LATTICE && !(cit_known(d->drum_diameter_mm) &&
                                      cit_known(d->drum_width_mm) && d->rows > 0 && d->per_row > 0))
        cit_doc_fail(doc, top, errs, "a lattice needs rows, per_row, drum_diameter, drum_width");
    if (d->layout != CIT_LATTICE && !cit_known(d->tip_width_mm))
        cit_doc_fail(doc, top, errs, "a tip needs its tip_width");
    if (d->rows > 0 && d->per_row > 0 && d->needles > 0 && d->rows * d->per_row != d->needles)
        cit_doc_fail(doc, top, errs, "%d rows of %d are not %d needles", d->rows, d->per_row,
                     d->needles);
    if (d->kind == CIT_RADIOFREQUENCY && d->users != CIT_USER_PHYSICIAN)
        cit_doc_fail(doc, top, errs, "radiofrequency needles are for physicians only");
    check_sources(doc, &cit_device_table, d, d->sources, d->source_count, errs);
}

static void check_site(const cit_doc *doc, const cit_site *s, cit_errors *errs) {
    if (s->epidermis_female_mm > s->dermis_female_mm || s->epidermis_male_mm > s->dermis_male_mm)
        cit_doc_fail(doc, (cit_mark){0, 0}, errs, "epidermis is thicker than dermis");
    check_sources(doc, &cit_site_table, s, s->sources, s->source_count, errs);
}

/* ---- studies ------------------------------------------------------------------------------- */

const cit_study_arm *cit_study_arm_named(const cit_study *study, const char *name) {
    for (int i = 0; i < study->arm_count; i++)
        if (strcmp(study->arms[i].name, name) == 0) return &study->arms[i];
    return NULL;
}

bool cit_responder_is_figure(const cit_responder *r) {
    return r->in != 0 && (r->count != CIT_UNKNOWN_INT || cit_known(r->percent));
}

bool cit_outcome_is_figure(const cit_study_outcome *o) {
    if (cit_known(o->value) || cit_known(o->change) || cit_known(o->percent_improvement) ||
        cit_known(o->percent_derived) || cit_known(o->low) || cit_known(o->high) ||
        cit_known(o->effect_size) || o->direction != 0)
        return true;
    for (int i = 0; i < o->responder_count; i++)
        if (cit_responder_is_figure(&o->responders[i])) return true;
    return false;
}

bool cit_by_type_is_figure(const cit_by_type *b) {
    return cit_known(b->percent) || b->count != CIT_UNKNOWN_INT ||
           cit_known(b->percent_improvement) || b->order != CIT_UNKNOWN_INT;
}

bool cit_adverse_is_figure(const cit_adverse *a) {
    const bool of =
        a->of != CIT_UNKNOWN_INT || (a->of_low != CIT_UNKNOWN_INT && a->of_high != CIT_UNKNOWN_INT);
    return (of && (a->count != CIT_UNKNOWN_INT || cit_known(a->percent))) ||
           cit_known(a->days_low) || cit_known(a->days_high);
}

/* `name` may be NULL: then only the study counts. */
static bool arm_is_kept_out(const cit_study *study, const char *name) {
    const cit_study_arm *arm = name ? cit_study_arm_named(study, name) : NULL;
    return study->use == CIT_NO || (arm != NULL && arm->use == CIT_NO);
}

bool cit_outcome_is_usable(const cit_study *study, const cit_study_arm *arm,
                           const cit_study_outcome *outcome) {
    return arm->use != CIT_NO && !arm_is_kept_out(study, outcome->versus) &&
           outcome->use != CIT_NO && cit_outcome_is_figure(outcome);
}

bool cit_by_type_is_usable(const cit_study *study, const cit_by_type *row) {
    return !arm_is_kept_out(study, row->arm) && cit_by_type_is_figure(row);
}

bool cit_adverse_is_usable(const cit_study *study, const cit_adverse *event) {
    return !arm_is_kept_out(study, event->arm) && event->use != CIT_NO &&
           cit_adverse_is_figure(event);
}

/* What a check of a study needs to blame a place. */
typedef struct study_check {
    const cit_doc *doc;
    const cit_study *study;
    cit_errors *errs;
} study_check;

#define FAULT(mark, ...) cit_doc_fail(c->doc, mark, c->errs, __VA_ARGS__)
#define KNOWN_INT(i)     ((i) != CIT_UNKNOWN_INT)

/* CIT_UNKNOWN_INT lies below every count: an unknown end is never above a known one. */
static bool reversed(int low, int high) { return KNOWN_INT(high) && low > high; }

static void check_use(const study_check *c, cit_mark mark, int use, const char *why_not) {
    if (use == CIT_NO && (why_not == NULL || *why_not == 0))
        FAULT(mark, "'use: no' needs its why_not");
    if (use != CIT_NO && why_not != NULL) FAULT(mark, "a why_not without 'use: no'");
}

static void check_arm_named(const study_check *c, cit_mark mark, const char *name) {
    if (name == NULL || cit_study_arm_named(c->study, name) != NULL) return;
    const char *names[64];
    int n = 0;
    for (; n < c->study->arm_count && n < 63; n++) names[n] = c->study->arms[n].name;
    names[n] = NULL;
    const char *near = cit_nearest(name, names);
    FAULT(mark, "the study has no arm '%.60s'%s%.60s%s", name, near ? "; did you mean '" : "",
          near ? near : "", near ? "'?" : "");
}

static void check_responder(const study_check *c, const cit_responder *r, int of) {
    const int ends = cit_known(r->low) + cit_known(r->high);
    const bool whole = r->low == floor(r->low) && r->high == floor(r->high);
    if (r->in == 0 ? ends > 0 : ends < 2) FAULT(r->mark, "'in', 'low' and 'high' go together");
    if (r->low > r->high) FAULT(r->mark, "low %g is above high %g", r->low, r->high);
    if (r->in == CIT_IN_GRADES && ends == 2 && !(whole && r->low >= -4 && r->high <= 4))
        FAULT(r->mark, "grades fall by whole numbers from -4 to 4");
    if (r->in == CIT_TO_GRADE && ends == 2 && !(whole && r->low >= 0 && r->high <= 4))
        FAULT(r->mark, "grades are whole numbers from 0 to 4");
    if (reversed(r->count, of)) FAULT(r->mark, "%d people of %d", r->count, of);
    if (r->bound != 0 && !cit_known(r->percent) && !KNOWN_INT(r->count))
        FAULT(r->mark, "a bound of nothing");
}

static void check_responders(const study_check *c, const cit_study_outcome *o) {
    const double rounding = 0.5; /* of shares printed to the next whole per cent */
    const int of = o->responders_of;
    double percent = 0;
    int count = 0;
    bool each_fits = true; /* otherwise the sum is no further fault */
    for (int i = 0; i < o->responder_count; i++) {
        const cit_responder *r = &o->responders[i];
        check_responder(c, r, of);
        each_fits = each_fits && !reversed(r->count, of);
        if (KNOWN_INT(r->count)) count += r->count;
        if (cit_known(r->percent)) percent += r->percent;
    }
    if (each_fits && reversed(count, of))
        FAULT(o->mark, "the classes hold %d people of %d", count, of);
    if (percent > 100 + rounding) FAULT(o->mark, "the classes hold %g %% of people", percent);
}

/* Days and pain are not below nothing; grades are counted in grades. */
static void check_scale(const study_check *c, const cit_study_outcome *o) {
    const double numbers[] = {o->value, o->low, o->high};
    const bool felt = o->measure == CIT_REDNESS_DAYS || o->measure == CIT_PAIN_SCORE;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers && felt; i++)
        if (numbers[i] < 0) FAULT(o->mark, "%g is below nothing", numbers[i]);
    for (int i = 0; i < o->responder_count; i++) {
        const cit_responder *r = &o->responders[i];
        const bool graded = r->in == CIT_IN_GRADES || r->in == CIT_TO_GRADE;
        if (r->in != 0 && !graded && o->measure == CIT_GB_QUALITATIVE)
            FAULT(r->mark, "a grade's classes are 'in: grades' or 'in: to-grade'");
    }
}

static void check_outcome(const study_check *c, const cit_study_arm *a,
                          const cit_study_outcome *o) {
    check_scale(c, o);
    if (cit_known(o->baseline) && cit_known(o->value) && cit_known(o->percent_derived) &&
        fabs(100 * (o->baseline - o->value) / o->baseline - o->percent_derived) > 0.06)
        FAULT(o->mark, "arm '%.40s': percent_derived %g does not follow from %g to %g", a->name,
              o->percent_derived, o->baseline, o->value);
    if (o->statistic == 0 && (cit_known(o->value) || cit_known(o->change) ||
                              cit_known(o->percent_improvement) || cit_known(o->low)))
        FAULT(o->mark, "a number without its statistic");
    if ((o->statistic == CIT_RANGE) != (cit_known(o->low) || cit_known(o->high)))
        FAULT(o->mark, "'low' and 'high' go with 'statistic: range', and it with them");
    if (o->low > o->high) FAULT(o->mark, "low %g is above high %g", o->low, o->high);
    if (o->change_low > o->change_high)
        FAULT(o->mark, "change_low %g is above change_high %g", o->change_low, o->change_high);
    if (cit_known(o->change) && o->change_unit == 0) FAULT(o->mark, "a change without its unit");
    if (KNOWN_INT(o->people) && KNOWN_INT(a->participants) && o->people > a->participants)
        FAULT(o->mark, "%d people of %d", o->people, a->participants);
    check_arm_named(c, o->mark, o->versus);
    if (o->versus != NULL && strcmp(o->versus, a->name) == 0)
        FAULT(o->mark, "the arm is compared with itself");
    check_use(c, o->mark, o->use, o->why_not);
    check_responders(c, o);
}

/* Five years, and half a year of them to see what came of it: what a crowd is followed for. */
enum { COURSE_DAYS_MAX = 1631 };

static void check_arm(const study_check *c, const cit_study_arm *a) {
    if (reversed(a->visits_low, a->visits_high))
        FAULT(a->mark, "visits_low %d is above visits_high %d", a->visits_low, a->visits_high);
    const double course_day = (a->visits - 1.0) * a->interval_day;
    if (KNOWN_INT(a->visits) && course_day > COURSE_DAYS_MAX)
        FAULT(a->mark, "a course of %.0f days; at most %d are followed", course_day,
              COURSE_DAYS_MAX);
    if (a->agent != NULL && a->cream != CIT_YES) FAULT(a->mark, "the agent of no cream");
    check_use(c, a->mark, a->use, a->why_not);
    for (const cit_study_arm *b = c->study->arms; b < a; b++)
        if (strcmp(a->name, b->name) == 0) FAULT(a->mark, "two arms '%.60s'", a->name);
    for (int i = 0; i < a->outcome_count; i++) check_outcome(c, a, &a->outcomes[i]);
}

static void check_by_type(const study_check *c, const cit_by_type *b) {
    if (reversed(b->count, b->of)) FAULT(b->mark, "%d of %d", b->count, b->of);
    check_arm_named(c, b->mark, b->arm);
}

static void check_adverse(const study_check *c, const cit_adverse *a) {
    if (reversed(a->count, a->of) || reversed(a->count, a->of_low))
        FAULT(a->mark, "%d people of %d", a->count, KNOWN_INT(a->of) ? a->of : a->of_low);
    if (KNOWN_INT(a->of) && (KNOWN_INT(a->of_low) || KNOWN_INT(a->of_high)))
        FAULT(a->mark, "either 'of', or 'of_low' and 'of_high'");
    if (reversed(a->of_low, a->of_high))
        FAULT(a->mark, "of_low %d is above of_high %d", a->of_low, a->of_high);
    if (a->days_low > a->days_high)
        FAULT(a->mark, "days_low %g is above days_high %g", a->days_low, a->days_high);
    check_arm_named(c, a->mark, a->arm);
    check_use(c, a->mark, a->use, a->why_not);
}

static void check_study(const cit_doc *doc, const cit_study *s, cit_errors *errs) {
    const study_check check = {doc, s, errs}, *c = &check;
    const cit_mark top = {0, 0};
    if (reversed(s->skin_type_low, s->skin_type_high))
        FAULT(top, "skin_type_low %d is above skin_type_high %d", s->skin_type_low,
              s->skin_type_high);
    if (reversed(s->grade_low, s->grade_high))
        FAULT(top, "grade_low %d is above grade_high %d", s->grade_low, s->grade_high);
    if (reversed(s->completed, s->participants))
        FAULT(top, "%d people finished of %d", s->completed, s->participants);
    check_use(c, top, s->use, s->why_not);
    for (int i = 0; i < s->arm_count; i++) check_arm(c, &s->arms[i]);
    for (int i = 0; i < s->by_type_count; i++) check_by_type(c, &s->by_type[i]);
    for (int i = 0; i < s->adverse_count; i++) check_adverse(c, &s->adverse[i]);
}

/* ---- reading ------------------------------------------------------------------------------- */

static int is_yaml(const struct dirent *entry) {
    const size_t length = strlen(entry->d_name);
    return length > 5 && strcmp(entry->d_name + length - 5, ".yaml") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* One kind of file: its folder, its table, where its entries go in the catalogue, and where an entry
 * keeps its document (NO_DOC: nowhere). */
typedef struct folder {
    const char *name;
    const cit_table *table;
    size_t items, count, doc;
    void (*check)(const cit_doc *doc, const void *object, cit_errors *errs);
} folder;
#define NO_DOC ((size_t)-1)

#define DEFINE_CHECK(type)                                                                         \
    static void check_any_##type(const cit_doc *doc, const void *object, cit_errors *errs) {       \
        const cit_##type *entry = object;                                                          \
        check_name(doc, entry->id, errs);                                                          \
        check_##type(doc, entry, errs);                                                            \
    }
DEFINE_CHECK(device)
DEFINE_CHECK(site)
DEFINE_CHECK(study)
DEFINE_CHECK(rule)
DEFINE_CHECK(care)
DEFINE_CHECK(flag)
DEFINE_CHECK(claim)
DEFINE_CHECK(harm)
DEFINE_CHECK(anaesthetic)
DEFINE_CHECK(medicine)
DEFINE_CHECK(step)
DEFINE_CHECK(adjunct)
DEFINE_CHECK(combination)
DEFINE_CHECK(aim)
DEFINE_CHECK(prices)
DEFINE_CHECK(solute)
DEFINE_CHECK(closure)
DEFINE_CHECK(camera)

#define FOLDER(name, type, items, doc)                                                             \
    {                                                                                              \
        name, &cit_##type##_table, offsetof(cit_catalogue, items),                                 \
            offsetof(cit_catalogue, type##_count), doc, check_any_##type                           \
    }
static const folder folders[] = {
    FOLDER("devices", device, devices, NO_DOC),
    FOLDER("sites", site, sites, NO_DOC),
    FOLDER("evidence", study, studies, NO_DOC),
    FOLDER("rules", rule, rules, offsetof(cit_rule, doc)),
    FOLDER("care", care, care, offsetof(cit_care, doc)),
    FOLDER("flags", flag, flags, NO_DOC),
    FOLDER("claims", claim, claims, offsetof(cit_claim, doc)),
    FOLDER("harms", harm, harms, offsetof(cit_harm, doc)),
    FOLDER("anaesthetics", anaesthetic, anaesthetics, NO_DOC),
    FOLDER("medicines", medicine, medicines, NO_DOC),
    FOLDER("steps", step, steps, NO_DOC),
    FOLDER("adjuncts", adjunct, adjuncts, offsetof(cit_adjunct, doc)),
    FOLDER("combinations", combination, combinations, offsetof(cit_combination, doc)),
    FOLDER("aims", aim, aims, offsetof(cit_aim, doc)),
    FOLDER("prices", prices, prices, offsetof(cit_prices, doc)),
    FOLDER("solutes", solute, solutes, offsetof(cit_solute, doc)),
    FOLDER("closures", closure, closures, offsetof(cit_closure, doc)),
    FOLDER("cameras", camera, cameras, NO_DOC),
};

/* FNV-1a over what was bound rather than over bytes on disk: comments do not change a catalogue. */
static uint64_t digest_node(uint64_t hash, const cit_node *node) {
    const char *const texts[] = {node->key ? node->key : "", node->text ? node->text : ""};
    for (int i = 0; i < 2; i++)
        for (const char *c = texts[i];; c++) {
            hash = (hash ^ (unsigned char)*c) * 1099511628211u;
            if (*c == 0) break;
        }
    for (const cit_node *n = node->first; n != NULL; n = n->next) hash = digest_node(hash, n);
    return hash;
}

static uint64_t digest_table(uint64_t hash, const cit_parameter *table, int count) {
    for (int i = 0; i < count; i++) {
        const cit_param *p = &table[i].param;
        const double numbers[5] = {p->value, p->lo, p->hi, p->width, (double)p->spread};
        unsigned char bytes[sizeof numbers];
        memcpy(bytes, numbers, sizeof bytes);
        for (size_t j = 0; j < sizeof bytes; j++) hash = (hash ^ bytes[j]) * 1099511628211u;
    }
    return hash;
}

static uint64_t digest_parameters(uint64_t hash) {
    int count = 0, apart = 0;
    const cit_parameter *table = cit_parameter_table(&count);
    const cit_parameter *serum = cit_serum_parameter_table(&apart);
    return digest_table(digest_table(hash, table, count), serum, apart);
}

static cit_status keep_doc(cit_catalogue *catalogue, cit_doc *doc, cit_errors *errs) {
    const size_t count = (size_t)catalogue->doc_count + 1;
    cit_doc **docs = realloc(catalogue->docs, count * sizeof(cit_doc *));
    if (docs == NULL) return cit_fail(errs, CIT_NOMEM, cit_doc_name(doc), "no memory");
    catalogue->docs = docs;
    docs[catalogue->doc_count++] = doc;
    return CIT_OK;
}

/* The names of a folder's files, sorted; the caller frees them. */
static cit_status list_files(const char *path, struct dirent ***ret, int *ret_count,
                             cit_errors *errs) {
    *ret_count = scandir(path, ret, is_yaml, by_name);
    if (*ret_count >= 0) return CIT_OK;
    *ret_count = 0;
    *ret = NULL;
    return cit_fail(errs, CIT_NOTFOUND, path, "the catalogue cannot be read: %s", strerror(errno));
}

static void free_files(struct dirent **entries, int count) {
    for (int i = 0; i < count; i++) free(entries[i]);
    free(entries);
}

static void keep_pointer(void *object, size_t offset, const void *pointer) {
    memcpy((char *)object + offset, &pointer, sizeof pointer);
}

/* Reads every file of one folder into an array of its table's objects. Goes on after a bad file, so
 * that all faults are told at once. */
static cit_status read_folder(cit_catalogue *catalogue, const char *root, const folder *f,
                              uint64_t *hash, cit_errors *errs) {
    char at[1024], path[1400];
    struct dirent **entries = NULL;
    int count = 0, *bound = (int *)(void *)((char *)catalogue + f->count);
    snprintf(at, sizeof at, "%s/%s", root, f->name);
    cit_status st = list_files(at, &entries, &count, errs);
    if (st != CIT_OK) return st;
    char *items = calloc((size_t)count + 1, f->table->size);
    if (items == NULL) st = cit_fail(errs, CIT_NOMEM, at, "no memory");
    keep_pointer(catalogue, f->items, items);
    for (int i = 0; i < count && items != NULL; i++) {
        cit_doc *doc = NULL;
        snprintf(path, sizeof path, "%s/%s", at, entries[i]->d_name);
        if (cit_doc_read(path, &doc, errs) != CIT_OK) continue;
        void *item = items + f->table->size * (size_t)*bound;
        if (cit_bind(doc, cit_doc_root(doc), f->table, item, errs) == CIT_OK) {
            if (f->doc != NO_DOC) keep_pointer(item, f->doc, doc);
            f->check(doc, item, errs);
            ++*bound;
        }
        *hash = digest_node(*hash, cit_doc_root(doc));
        if (keep_doc(catalogue, doc, errs) != CIT_OK) cit_doc_free(doc);
    }
    free_files(entries, count);
    return st;
}

static cit_status read_languages(cit_catalogue *c, const char *root, uint64_t *hash,
                                 cit_errors *errs) {
    char at[1024], path[1400];
    struct dirent **entries = NULL;
    int count = 0;
    snprintf(at, sizeof at, "%s/texts", root);
    cit_status st = list_files(at, &entries, &count, errs);
    if (st != CIT_OK) return st;
    c->languages = calloc((size_t)count + 1, sizeof *c->languages);
    if (c->languages == NULL) st = cit_fail(errs, CIT_NOMEM, at, "no memory");
    for (int i = 0; i < count && c->languages != NULL; i++) {
        cit_doc *doc = NULL;
        snprintf(path, sizeof path, "%s/%s", at, entries[i]->d_name);
        if (cit_doc_read(path, &doc, errs) != CIT_OK) continue;
        cit_language *language = &c->languages[c->language_count];
        if (read_language(doc, language, errs) == CIT_OK) {
            check_name(doc, language->id, errs);
            if (strcmp(language->id, "en") == 0) c->language = c->language_count;
            c->language_count++;
        }
        *hash = digest_node(*hash, cit_doc_root(doc));
        if (keep_doc(c, doc, errs) != CIT_OK) cit_doc_free(doc);
    }
    free_files(entries, count);
    return st;
}

/* ---- a study by itself -------------------------------------------------------------------------- */

struct cit_study_file {
    cit_doc *doc;
    cit_study study;
};

cit_status cit_study_file_read(const char *path, cit_study_file **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    const int before = errs->count + errs->lost;
    cit_study_file *file = calloc(1, sizeof *file);
    if (file == NULL) return cit_fail(errs, CIT_NOMEM, path, "no memory");
    CIT_TRY(cit_doc_read(path, &file->doc, errs));
    CIT_TRY(cit_bind(file->doc, cit_doc_root(file->doc), &cit_study_table, &file->study, errs));
    check_study(file->doc, &file->study, errs);
    if (errs->count + errs->lost > before) {
        st = CIT_INVALID;
        goto done;
    }
    *ret = file;
    file = NULL;
done:
    cit_study_file_free(file);
    return st;
}

const cit_study *cit_study_of_file(const cit_study_file *file) { return &file->study; }

void cit_study_file_free(cit_study_file *file) {
    if (file == NULL) return;
    cit_doc_free(file->doc);
    free(file);
}

cit_status cit_catalogue_load(const char *root, cit_catalogue **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    cit_errors unheard = {0};
    if (errs == NULL) errs = &unheard;
    uint64_t hash = 14695981039346656037u;
    const int faults_before = errs->count + errs->lost;
    cit_catalogue *c = calloc(1, sizeof *c);
    if (c == NULL) return cit_fail(errs, CIT_NOMEM, root, "no memory");

    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        CIT_TRY(read_folder(c, root, &folders[i], &hash, errs));
    CIT_TRY(read_languages(c, root, &hash, errs));
    char posterior[4096];
    snprintf(posterior, sizeof posterior, "%s/posterior/needling.csv", root);
    CIT_TRY(read_posterior(posterior, &c->posterior, &hash, errs));
    check_studies_named(c, errs);
    check_adjuncts_named(c, errs);
    check_combinations_named(c, errs);
    check_aims_named(c, errs);
    check_solutes_named(c, errs);
    for (int i = 0; i < c->prices_count; i++) check_prices_named(c, &c->prices[i], errs);
    if (errs->count + errs->lost > faults_before) {
        st = CIT_INVALID;
        goto done;
    }
    hash = digest_parameters(hash);
    snprintf(c->digest, sizeof c->digest, "%016llx", (unsigned long long)hash);
    *ret = c;
    c = NULL;
done:
    cit_catalogue_free(c);
    return st;
}

void cit_catalogue_free(cit_catalogue *c) {
    if (c == NULL) return;
    for (int i = 0; i < c->doc_count; i++) cit_doc_free(c->docs[i]);
    free(c->docs);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        void *items = NULL;
        memcpy(&items, (char *)c + folders[i].items, sizeof items);
        free(items);
    }
    free(c->languages);
    cit_posterior_free(c->posterior);
    free(c);
}

/* ---- looking up ---------------------------------------------------------------------------- */

#define DEFINE_LOOKUP(type, plural)                                                                \
    const cit_##type *cit_catalogue_##type(const cit_catalogue *catalogue, const char *id) {       \
        for (int i = 0; i < catalogue->type##_count; i++)                                          \
            if (strcmp(catalogue->plural[i].id, id) == 0) return &catalogue->plural[i];            \
        return NULL;                                                                               \
    }                                                                                              \
    const char *cit_catalogue_near_##type(const cit_catalogue *catalogue, const char *typed) {     \
        const char *ids[512];                                                                      \
        int n = 0;                                                                                 \
        for (; n < catalogue->type##_count && n < 511; n++) ids[n] = catalogue->plural[n].id;      \
        ids[n] = NULL;                                                                             \
        return cit_nearest(typed, ids);                                                            \
    }
DEFINE_LOOKUP(device, devices)
DEFINE_LOOKUP(site, sites)
DEFINE_LOOKUP(study, studies)
DEFINE_LOOKUP(rule, rules)
DEFINE_LOOKUP(care, care)
DEFINE_LOOKUP(claim, claims)
DEFINE_LOOKUP(harm, harms)
DEFINE_LOOKUP(anaesthetic, anaesthetics)
DEFINE_LOOKUP(adjunct, adjuncts)
DEFINE_LOOKUP(combination, combinations)
DEFINE_LOOKUP(aim, aims)
DEFINE_LOOKUP(prices, prices)
DEFINE_LOOKUP(solute, solutes)
DEFINE_LOOKUP(closure, closures)
DEFINE_LOOKUP(camera, cameras)
