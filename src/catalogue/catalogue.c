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

/* Every known number is spoken for by a source, and every source speaks for a field that exists. */
static void check_sources(const cit_doc *doc, const cit_table *table, const void *object,
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

static void check_study(const cit_doc *doc, const cit_study *s, cit_errors *errs) {
    for (int i = 0; i < s->arm_count; i++)
        for (int j = 0; j < s->arms[i].outcome_count; j++) {
            const cit_study_outcome *o = &s->arms[i].outcomes[j];
            if (cit_known(o->baseline) && cit_known(o->value) && cit_known(o->percent_derived) &&
                fabs(100 * (o->baseline - o->value) / o->baseline - o->percent_derived) > 0.06)
                cit_doc_fail(doc, (cit_mark){0, 0}, errs,
                             "arm '%.40s': percent_derived %g does not follow from %g to %g",
                             s->arms[i].name, o->percent_derived, o->baseline, o->value);
        }
}

/* ---- reading ------------------------------------------------------------------------------- */

static int is_yaml(const struct dirent *entry) {
    const size_t length = strlen(entry->d_name);
    return length > 5 && strcmp(entry->d_name + length - 5, ".yaml") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

typedef void check_function(const cit_doc *doc, const void *object, cit_errors *errs);
static void check_any_device(const cit_doc *doc, const void *d, cit_errors *errs) {
    check_name(doc, ((const cit_device *)d)->id, errs);
    check_device(doc, d, errs);
}
static void check_any_site(const cit_doc *doc, const void *s, cit_errors *errs) {
    check_name(doc, ((const cit_site *)s)->id, errs);
    check_site(doc, s, errs);
}
static void check_any_study(const cit_doc *doc, const void *s, cit_errors *errs) {
    check_name(doc, ((const cit_study *)s)->id, errs);
    check_study(doc, s, errs);
}

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

static uint64_t digest_parameters(uint64_t hash) {
    int count = 0;
    const cit_parameter *table = cit_parameter_table(&count);
    for (int i = 0; i < count; i++) {
        const cit_param *p = &table[i].param;
        const double numbers[5] = {p->value, p->lo, p->hi, p->width, (double)p->spread};
        unsigned char bytes[sizeof numbers];
        memcpy(bytes, numbers, sizeof bytes);
        for (size_t j = 0; j < sizeof bytes; j++) hash = (hash ^ bytes[j]) * 1099511628211u;
    }
    return hash;
}

static cit_status keep_doc(cit_catalogue *catalogue, cit_doc *doc, cit_errors *errs) {
    const size_t count = (size_t)catalogue->doc_count + 1;
    cit_doc **docs = realloc(catalogue->docs, count * sizeof(cit_doc *));
    if (docs == NULL) return cit_fail(errs, CIT_NOMEM, cit_doc_name(doc), "no memory");
    catalogue->docs = docs;
    docs[catalogue->doc_count++] = doc;
    return CIT_OK;
}

/* Reads every file of one folder into an array of `table` objects. Goes on after a bad file, so that
 * all faults are told at once. */
static cit_status read_folder(cit_catalogue *catalogue, const char *root, const char *name,
                              const cit_table *table, check_function *check, void **ret_items,
                              int *ret_count, uint64_t *hash, cit_errors *errs) {
    char folder[1024], path[1400];
    struct dirent **entries = NULL;
    char *items = NULL;
    int count = 0, bound = 0;
    cit_status st = CIT_OK;

    *ret_items = NULL;
    *ret_count = 0;
    snprintf(folder, sizeof folder, "%s/%s", root, name);
    count = scandir(folder, &entries, is_yaml, by_name);
    if (count < 0)
        return cit_fail(errs, CIT_NOTFOUND, folder, "the catalogue cannot be read: %s",
                        strerror(errno));
    items = calloc((size_t)count + 1, table->size);
    if (items == NULL) st = cit_fail(errs, CIT_NOMEM, folder, "no memory");
    for (int i = 0; i < count && items != NULL; i++) {
        cit_doc *doc = NULL;
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (cit_doc_read(path, &doc, errs) != CIT_OK) continue;
        void *item = items + table->size * (size_t)bound;
        if (cit_bind(doc, cit_doc_root(doc), table, item, errs) == CIT_OK) {
            check(doc, item, errs);
            bound++;
        }
        *hash = digest_node(*hash, cit_doc_root(doc));
        if (keep_doc(catalogue, doc, errs) != CIT_OK) cit_doc_free(doc);
    }
    for (int i = 0; i < count; i++) free(entries[i]);
    free(entries);
    *ret_items = items;
    *ret_count = bound;
    return st;
}

cit_status cit_catalogue_load(const char *folder, cit_catalogue **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    cit_errors unheard = {0};
    if (errs == NULL) errs = &unheard;
    uint64_t hash = 14695981039346656037u;
    const int faults_before = errs->count + errs->lost;
    void *items = NULL;
    cit_catalogue *c = calloc(1, sizeof *c);
    if (c == NULL) return cit_fail(errs, CIT_NOMEM, folder, "no memory");

    CIT_TRY(read_folder(c, folder, "devices", &cit_device_table, check_any_device, &items,
                        &c->device_count, &hash, errs));
    c->devices = items;
    CIT_TRY(read_folder(c, folder, "sites", &cit_site_table, check_any_site, &items, &c->site_count,
                        &hash, errs));
    c->sites = items;
    CIT_TRY(read_folder(c, folder, "evidence", &cit_study_table, check_any_study, &items,
                        &c->study_count, &hash, errs));
    c->studies = items;
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
    free(c->devices);
    free(c->sites);
    free(c->studies);
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
