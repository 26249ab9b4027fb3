/* Binding a document to a struct by its field table. */
#include "base_impl.h"
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static int edit_distance(const char *a, const char *b) {
    enum { LONGEST = 40 };
    int row[LONGEST + 1];
    const int length_a = (int)strlen(a), length_b = (int)strlen(b);
    if (length_a > LONGEST || length_b > LONGEST) return INT_MAX;
    for (int j = 0; j <= length_b; j++) row[j] = j;
    for (int i = 1; i <= length_a; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= length_b; j++) {
            const int above = row[j];
            int best = diagonal + (a[i - 1] != b[j - 1]);
            if (above + 1 < best) best = above + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[length_b];
}

/* Walks names `stride` bytes apart, so that it serves arrays of names and columns of tables. */
static const char *nearest(const char *typed, const char *const *names, size_t stride) {
    const char *best = NULL;
    int best_distance = 1 + (int)strlen(typed) / 3;
    const char *at = (const char *)names;
    for (;; at += stride) {
        const char *name = *(const char *const *)(const void *)at;
        if (name == NULL) return best;
        const int distance = edit_distance(typed, name);
        if (distance <= best_distance && (best == NULL || distance < best_distance)) {
            best = name;
            best_distance = distance;
        }
    }
}

const char *cit_nearest(const char *typed, const char *const *names) {
    return nearest(typed, names, sizeof *names);
}

const char *cit_choice_name(const char *const *choices, int value) {
    return value <= 0 ? "unknown" : choices[value - 1];
}

/* ---- writing into the object --------------------------------------------------------------- */

static void *at(void *object, size_t offset) { return (char *)object + offset; }
static void put_double(void *object, size_t offset, double v) { *(double *)at(object, offset) = v; }
static void put_int(void *object, size_t offset, int v) { *(int *)at(object, offset) = v; }
/* Through memcpy, since the member is a pointer to a type that this file does not know. */
static void put_pointer(void *object, size_t offset, const void *p) {
    memcpy(at(object, offset), &p, sizeof p);
}

void cit_table_clear(const cit_table *table, void *object) {
    for (const cit_field *f = table->fields; f->key != NULL; f++) {
        switch (f->kind) {
        case CIT_NUMBER:
            put_double(object, f->offset, CIT_UNKNOWN_NUMBER);
            break;
        case CIT_INTEGER:
        case CIT_DATE:
            put_int(object, f->offset, CIT_UNKNOWN_INT);
            break;
        case CIT_CHOICE:
        case CIT_CHOICES:
            put_int(object, f->offset, 0);
            break;
        case CIT_TEXT:
        case CIT_ID:
            put_pointer(object, f->offset, NULL);
            break;
        case CIT_STRUCT:
            cit_table_clear(f->table, at(object, f->offset));
            break;
        case CIT_NUMBERS:
        case CIT_TEXTS:
        case CIT_LIST:
            put_pointer(object, f->offset, NULL);
            put_int(object, f->count_offset, 0);
            break;
        }
    }
}

/* ---- reading the nodes --------------------------------------------------------------------- */

typedef struct binder {
    cit_doc *doc;
    cit_errors *errs;
    cit_status st; /* the first fault */
} binder;

static void note(binder *b, cit_status st) {
    if (b->st == CIT_OK) b->st = st;
}

static void list_choices(const char *const *choices, char *text, size_t size) {
    size_t used = 0;
    text[0] = 0;
    for (int i = 0; choices[i] != NULL && used < size; i++) {
        const int n = snprintf(text + used, size - used, "%s%s", i ? ", " : "", choices[i]);
        if (n > 0) used += (size_t)n;
    }
}

static bool is_unknown(const cit_node *node) {
    return node->kind == CIT_NODE_SCALAR && strcmp(node->text, "unknown") == 0;
}

static bool need_scalar(binder *b, const cit_field *f, const cit_node *node) {
    if (node->kind == CIT_NODE_SCALAR) return true;
    note(b, cit_doc_fail(b->doc, node->mark, b->errs, "%s: one value is needed, not a %s", f->key,
                         node->kind == CIT_NODE_LIST ? "list" : "map"));
    return false;
}

static bool need_list(binder *b, const cit_field *f, const cit_node *node) {
    if (node->kind == CIT_NODE_LIST) return true;
    note(b, cit_doc_fail(b->doc, node->mark, b->errs, "%s: a list is needed%s", f->key,
                         f->table ? ", each entry beginning with '- '" : ", like [a, b]"));
    return false;
}

static bool read_number(binder *b, const cit_field *f, const cit_node *node, double *ret) {
    char why[160];
    double number = 0;
    if (!need_scalar(b, f, node)) return false;
    if (!cit_quantity_parse(node->text, f->unit ? f->unit : "", &number, why)) {
        note(b, cit_doc_fail(b->doc, node->mark, b->errs, "%s: %s", f->key, why));
        return false;
    }
    const bool too_low = (f->flags & CIT_ABOVE_LO) ? number <= f->lo : number < f->lo;
    if (too_low || number > f->hi) {
        const char *unit = f->unit ? f->unit : "";
        const char *space = *unit ? " " : "";
        note(b, cit_doc_fail(b->doc, node->mark, b->errs, "%s: %g%s%s is not %s%g%s%s to %g%s%s",
                             f->key, number, space, unit,
                             (f->flags & CIT_ABOVE_LO) ? "above " : "from ", f->lo, space, unit,
                             f->hi, space, unit));
        return false;
    }
    *ret = number;
    return true;
}

static int find_choice(binder *b, const cit_field *f, const cit_node *node) {
    if (!need_scalar(b, f, node)) return -1;
    for (int i = 0; f->choices[i] != NULL; i++)
        if (strcmp(f->choices[i], node->text) == 0) return i;
    char all[240];
    list_choices(f->choices, all, sizeof all);
    note(b, cit_doc_fail(b->doc, node->mark, b->errs, "%s: '%.40s' is not one of: %s", f->key,
                         node->text, all));
    return -1;
}

static bool is_id(const char *text) {
    if (!(*text >= 'a' && *text <= 'z') && !(*text >= '0' && *text <= '9')) return false;
    for (const char *c = text; *c; c++)
        if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9') && *c != '-' && *c != '.')
            return false;
    return strlen(text) < 64;
}

static void bind_map(binder *b, const cit_node *map, const cit_table *table, void *object);

static void bind_structs(binder *b, const cit_field *f, const cit_node *node, void *object) {
    if (!need_list(b, f, node)) return;
    char *items = cit_doc_alloc(b->doc, f->table->size * (size_t)(node->count + 1));
    if (items == NULL) {
        note(b, cit_fail(b->errs, CIT_NOMEM, cit_doc_name(b->doc), "no memory"));
        return;
    }
    int i = 0;
    for (const cit_node *n = node->first; n != NULL; n = n->next, i++)
        bind_map(b, n, f->table, items + f->table->size * (size_t)i);
    put_pointer(object, f->offset, items);
    put_int(object, f->count_offset, node->count);
}

static void bind_numbers(binder *b, const cit_field *f, const cit_node *node, void *object) {
    if (!need_list(b, f, node)) return;
    double *items = cit_doc_alloc(b->doc, sizeof *items * (size_t)(node->count + 1));
    if (items == NULL) {
        note(b, cit_fail(b->errs, CIT_NOMEM, cit_doc_name(b->doc), "no memory"));
        return;
    }
    int i = 0;
    for (const cit_node *n = node->first; n != NULL; n = n->next)
        if (read_number(b, f, n, &items[i])) i++;
    put_pointer(object, f->offset, items);
    put_int(object, f->count_offset, i);
}

static void bind_texts(binder *b, const cit_field *f, const cit_node *node, void *object) {
    const bool one = (f->flags & CIT_ONE_WILL_DO) && node->kind == CIT_NODE_SCALAR;
    if (!one && !need_list(b, f, node)) return;
    const char **items = cit_doc_alloc(b->doc, sizeof *items * (size_t)(node->count + 1));
    if (items == NULL) {
        note(b, cit_fail(b->errs, CIT_NOMEM, cit_doc_name(b->doc), "no memory"));
        return;
    }
    int i = 0;
    if (one) items[i++] = node->text;
    for (const cit_node *n = node->first; n != NULL; n = n->next)
        if (need_scalar(b, f, n)) items[i++] = n->text;
    put_pointer(object, f->offset, items);
    put_int(object, f->count_offset, i);
}

static void bind_integer(binder *b, const cit_field *f, const cit_node *node, void *object) {
    double number = 0;
    if (!read_number(b, f, node, &number)) return;
    if (number != floor(number)) {
        note(b, cit_doc_fail(b->doc, node->mark, b->errs, "%s: '%.40s' is not a whole number",
                             f->key, node->text));
        return;
    }
    put_int(object, f->offset, (int)number);
}

static void bind_choices(binder *b, const cit_field *f, const cit_node *node, void *object) {
    unsigned bits = 0;
    if (!need_list(b, f, node)) return;
    for (const cit_node *n = node->first; n != NULL; n = n->next) {
        const int i = find_choice(b, f, n);
        if (i >= 0) bits |= 1u << i;
    }
    put_int(object, f->offset, (int)bits);
}

static void bind_value(binder *b, const cit_field *f, const cit_node *node, void *object) {
    double number = 0;
    int i = 0;
    if (is_unknown(node)) {
        if (f->flags & CIT_MUST_KNOW)
            note(b, cit_doc_fail(b->doc, node->mark, b->errs, "%s: must be known", f->key));
        return;
    }
    switch (f->kind) {
    case CIT_NUMBER:
        if (read_number(b, f, node, &number)) put_double(object, f->offset, number);
        break;
    case CIT_INTEGER:
        bind_integer(b, f, node, object);
        break;
    case CIT_CHOICE:
        i = find_choice(b, f, node);
        if (i >= 0) put_int(object, f->offset, i + 1);
        break;
    case CIT_CHOICES:
        bind_choices(b, f, node, object);
        break;
    case CIT_DATE:
        if (!need_scalar(b, f, node)) break;
        if (cit_date_parse(node->text, &i))
            put_int(object, f->offset, i);
        else
            note(b, cit_doc_fail(b->doc, node->mark, b->errs,
                                 "%s: '%.40s' is not a date; write for example '2026-01-31'",
                                 f->key, node->text));
        break;
    case CIT_TEXT:
        if (need_scalar(b, f, node)) put_pointer(object, f->offset, node->text);
        break;
    case CIT_ID:
        if (!need_scalar(b, f, node)) break;
        if (is_id(node->text))
            put_pointer(object, f->offset, node->text);
        else
            note(b, cit_doc_fail(b->doc, node->mark, b->errs,
                                 "%s: '%.40s' is not an id (lower case, digits, hyphens, dots)",
                                 f->key, node->text));
        break;
    case CIT_STRUCT:
        bind_map(b, node, f->table, at(object, f->offset));
        break;
    case CIT_LIST:
        bind_structs(b, f, node, object);
        break;
    case CIT_NUMBERS:
        bind_numbers(b, f, node, object);
        break;
    case CIT_TEXTS:
        bind_texts(b, f, node, object);
        break;
    }
}

static const cit_node *child(const cit_node *map, const char *key) {
    for (const cit_node *n = map->first; n != NULL; n = n->next)
        if (strcmp(n->key, key) == 0) return n;
    return NULL;
}

static const cit_field *find_field(const cit_table *table, const char *key) {
    for (const cit_field *f = table->fields; f->key != NULL; f++)
        if (strcmp(f->key, key) == 0) return f;
    return NULL;
}

static bool is_other_kind(const cit_node *schema, const cit_table *table) {
    const char *version = strrchr(table->schema, '/');
    const size_t kind = version != NULL ? (size_t)(version - table->schema) + 1 : 0;
    return schema->kind == CIT_NODE_SCALAR && strncmp(schema->text, "cit/", strlen("cit/")) == 0 &&
           strncmp(schema->text, table->schema, kind) != 0;
}

/* False where the file is of another kind: then nothing in it is worth a word. */
static bool check_schema(binder *b, const cit_node *map, const cit_table *table) {
    const cit_node *schema = child(map, "schema");
    if (schema != NULL && is_other_kind(schema, table)) {
        note(b, cit_doc_fail(b->doc, schema->mark, b->errs,
                             "schema: must be '%s', a %s; this is another kind of file, '%.40s'",
                             table->schema, table->name, schema->text));
        return false;
    }
    if (schema == NULL)
        note(b, cit_doc_fail(b->doc, map->mark, b->errs,
                             "the first line must be 'schema: %s'; this does not look like a %s "
                             "file",
                             table->schema, table->name));
    else if (schema->kind != CIT_NODE_SCALAR || strcmp(schema->text, table->schema) != 0)
        note(b, cit_doc_fail(b->doc, schema->mark, b->errs, "schema: must be '%s'", table->schema));
    return true;
}

static void bind_map(binder *b, const cit_node *map, const cit_table *table, void *object) {
    cit_table_clear(table, object);
    if (map->kind != CIT_NODE_MAP) {
        note(b, cit_doc_fail(b->doc, map->mark, b->errs, "%s: 'key: value' lines are needed here",
                             table->name));
        return;
    }
    if (table->mark_offset != CIT_NO_MARK) *(cit_mark *)at(object, table->mark_offset) = map->mark;
    if (table->schema != NULL && !check_schema(b, map, table)) return;
    for (const cit_node *n = map->first; n != NULL; n = n->next) {
        const cit_field *f = find_field(table, n->key);
        if (f != NULL) {
            bind_value(b, f, n, object);
        } else if (table->schema == NULL || strcmp(n->key, "schema") != 0) {
            const char *near = nearest(n->key, &table->fields->key, sizeof *table->fields);
            note(b, cit_doc_fail(b->doc, n->key_mark, b->errs, "unknown key '%.60s' in %s%s%s%s",
                                 n->key, table->name, near ? "; did you mean '" : "",
                                 near ? near : "", near ? "'?" : ""));
        }
    }
    for (const cit_field *f = table->fields; f->key != NULL; f++)
        if ((f->flags & CIT_REQUIRED) && child(map, f->key) == NULL)
            note(b, cit_doc_fail(b->doc, map->mark, b->errs, "%s: the key '%s' is missing (%s)",
                                 table->name, f->key, f->meaning));
}

cit_status cit_bind(cit_doc *doc, const cit_node *map, const cit_table *table, void *object,
                    cit_errors *errs) {
    binder b = {.doc = doc, .errs = errs};
    bind_map(&b, map, table, object);
    return b.st;
}
