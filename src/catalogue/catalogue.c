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
    check_studies_named(c, errs);
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
