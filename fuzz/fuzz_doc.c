/* Whatever the bytes: the reader of documents and the tables of case and protocol neither crash nor
 * waver. Read twice, the same bytes give the same tree, the same structs and the same faults. */
#include <cit/case.h>
#include <cit/protocol.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

/* ---- faults -------------------------------------------------------------------------------- */

static bool is_one_line(const char *text) {
    for (const char *c = text; *c != 0; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f) return false;
    return true;
}

static void check_faults(const cit_errors *errs, cit_status st) {
    must((st == CIT_OK) == (errs->count == 0), "a fault without a status, or the other way round");
    must(errs->count == CIT_ERRORS_MAX || errs->lost == 0, "a fault was lost with room left");
    for (int i = 0; i < errs->count; i++) {
        const cit_error *e = &errs->items[i];
        must(e->code == CIT_INVALID, "a fault that is not the input's");
        must(strcmp(e->where, "f") == 0 || strncmp(e->where, "f:", 2) == 0, "a fault elsewhere");
        must(*e->text != 0 && is_one_line(e->text), "a fault that is not one line");
    }
}

static bool same_faults(const cit_errors *a, const cit_errors *b) {
    if (a->count != b->count || a->lost != b->lost) return false;
    for (int i = 0; i < a->count; i++)
        if (a->items[i].code != b->items[i].code ||
            strcmp(a->items[i].where, b->items[i].where) != 0 ||
            strcmp(a->items[i].text, b->items[i].text) != 0)
            return false;
    return true;
}

/* ---- trees --------------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b) {
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_mark(cit_mark a, cit_mark b) { return a.line == b.line && a.column == b.column; }

static bool same_tree(const cit_node *a, const cit_node *b) {
    if (a->kind != b->kind || a->count != b->count || !same_mark(a->mark, b->mark) ||
        !same_mark(a->key_mark, b->key_mark) || !same_text(a->text, b->text) ||
        !same_text(a->key, b->key))
        return false;
    const cit_node *m = a->first, *n = b->first;
    for (; m != NULL && n != NULL; m = m->next, n = n->next)
        if (!same_tree(m, n)) return false;
    return m == n;
}

static void check_tree(const cit_node *node, int lines, int depth) {
    int count = 0;
    must(depth <= CIT_DOC_MAX_DEPTH, "a tree that is too deep");
    must(node->mark.line >= 1 && node->mark.line <= lines && node->mark.column >= 1,
         "a node outside the file");
    must((node->text != NULL) == (node->kind == CIT_NODE_SCALAR), "text where none belongs");
    must(node->kind != CIT_NODE_SCALAR || node->first == NULL, "a scalar with children");
    for (const cit_node *n = node->first; n != NULL; n = n->next, count++) {
        must((n->key != NULL) == (node->kind == CIT_NODE_MAP), "a key where none belongs");
        for (const cit_node *m = node->first; m != n && n->key != NULL; m = m->next)
            must(strcmp(m->key, n->key) != 0, "a key twice");
        check_tree(n, lines, depth + (n->kind != CIT_NODE_SCALAR));
    }
    must(count == node->count, "a wrong count of children");
}

/* At most so many, as YAML counts them: a lone CR, the separators U+2028 and U+2029 and the file's end
 * each end a line too. */
static int count_lines(const uint8_t *data, size_t size) {
    int lines = 2;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n' || data[i] == '\r' || data[i] == 0xe2;
    return lines;
}

/* ---- structs ------------------------------------------------------------------------------- */

static const void *pointer_at(const char *object, size_t offset) {
    const void *p = NULL;
    memcpy(&p, object + offset, sizeof p);
    return p;
}

static int int_at(const char *object, size_t offset) {
    int i = 0;
    memcpy(&i, object + offset, sizeof i);
    return i;
}

static bool same_number(const char *a, const char *b) {
    double x = 0, y = 0;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x == y || (x != x && y != y);
}

static bool same_struct(const cit_table *table, const char *a, const char *b);

static bool same_items(const cit_field *f, const char *a, const char *b) {
    const int count = int_at(a, f->count_offset);
    const char *x = pointer_at(a, f->offset), *y = pointer_at(b, f->offset);
    if (count != int_at(b, f->count_offset) || (x == NULL) != (y == NULL)) return false;
    must(count >= 0 && (x != NULL || count == 0), "a list of nothing with a length");
    if (x == NULL || y == NULL) return true;
    for (size_t i = 0; i < (size_t)count; i++) {
        bool same = false;
        if (f->kind == CIT_NUMBERS)
            same = same_number(x + i * sizeof(double), y + i * sizeof(double));
        else if (f->kind == CIT_TEXTS)
            same = same_text(pointer_at(x, i * sizeof x), pointer_at(y, i * sizeof y));
        else
            same = same_struct(f->table, x + i * f->table->size, y + i * f->table->size);
        if (!same) return false;
    }
    return true;
}

static bool same_field(const cit_field *f, const char *a, const char *b) {
    switch (f->kind) {
    case CIT_NUMBER:
        return same_number(a + f->offset, b + f->offset);
    case CIT_INTEGER:
    case CIT_DATE:
    case CIT_CHOICE:
    case CIT_CHOICES:
        return int_at(a, f->offset) == int_at(b, f->offset);
    case CIT_TEXT:
    case CIT_ID:
        return same_text(pointer_at(a, f->offset), pointer_at(b, f->offset));
    case CIT_STRUCT:
        return same_struct(f->table, a + f->offset, b + f->offset);
    case CIT_NUMBERS:
    case CIT_TEXTS:
    case CIT_LIST:
        return same_items(f, a, b);
    }
    return false;
}

static bool same_struct(const cit_table *table, const char *a, const char *b) {
    for (const cit_field *f = table->fields; f->key != NULL; f++)
        if (!same_field(f, a, b)) return false;
    return true;
}

/* Binds both documents; returns whether they fit the table. */
static bool bind_twice(const cit_table *table, cit_doc *const docs[2]) {
    cit_errors errs[2] = {0};
    cit_status st[2];
    char *objects[2];
    for (int i = 0; i < 2; i++) {
        objects[i] = calloc(1, table->size);
        must(objects[i] != NULL, "no memory");
        st[i] = cit_bind(docs[i], cit_doc_root(docs[i]), table, objects[i], &errs[i]);
        check_faults(&errs[i], st[i]);
    }
    must(st[0] == st[1] && same_faults(&errs[0], &errs[1]), "bound twice, two outcomes");
    must(same_struct(table, objects[0], objects[1]), "bound twice, two structs");
    free(objects[0]);
    free(objects[1]);
    return st[0] == CIT_OK;
}

/* ---- whole files --------------------------------------------------------------------------- */

/* What the tables refuse, the readers of files refuse; what those accept can be laid out in time. */
static void read_case(const char *bytes, size_t size, bool fits) {
    cit_errors errs = {0};
    cit_case *person = NULL;
    const cit_status st = cit_case_parse("f", bytes, size, &person, &errs);
    check_faults(&errs, st);
    must(fits || st != CIT_OK, "a case that does not fit its table");
    must((st == CIT_OK) == (person != NULL), "a status without a case, or the other way round");
    cit_case_free(person);
}

static void read_protocol(const char *bytes, size_t size, bool fits) {
    cit_errors errs = {0};
    cit_protocol *plan = NULL;
    const cit_status st = cit_protocol_parse("f", bytes, size, &plan, &errs);
    check_faults(&errs, st);
    must(fits || st != CIT_OK, "a protocol that does not fit its table");
    must((st == CIT_OK) == (plan != NULL), "a status without a protocol, or the other way round");
    if (plan != NULL) {
        cit_appointment appointments[CIT_APPOINTMENTS_MAX];
        const int count = cit_protocol_schedule(plan, 28, appointments);
        must(count >= 0 && count <= CIT_APPOINTMENTS_MAX, "too many appointments");
        for (int i = 0; i < count; i++)
            must(appointments[i].day >= (i > 0 ? appointments[i - 1].day : 0), "a day in the past");
    }
    cit_protocol_free(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *bytes = (const char *)data;
    cit_errors errs[2] = {0};
    cit_doc *docs[2] = {NULL, NULL};
    cit_status st[2];
    bool fits_case = false, fits_protocol = false;

    for (int i = 0; i < 2; i++) {
        st[i] = cit_doc_parse("f", bytes, size, &docs[i], &errs[i]);
        check_faults(&errs[i], st[i]);
        must((st[i] == CIT_OK) == (docs[i] != NULL), "a status without a document");
    }
    must(st[0] == st[1] && same_faults(&errs[0], &errs[1]), "parsed twice, two outcomes");
    if (st[0] == CIT_OK) {
        check_tree(cit_doc_root(docs[0]), count_lines(data, size),
                   cit_doc_root(docs[0])->kind != CIT_NODE_SCALAR);
        must(same_tree(cit_doc_root(docs[0]), cit_doc_root(docs[1])), "parsed twice, two trees");
        fits_case = bind_twice(&cit_case_table, docs);
        fits_protocol = bind_twice(&cit_protocol_table, docs);
    }
    cit_doc_free(docs[0]);
    cit_doc_free(docs[1]);
    read_case(bytes, size, fits_case);
    read_protocol(bytes, size, fits_protocol);
    return 0;
}
