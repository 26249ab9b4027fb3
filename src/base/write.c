/* Writing an object back as YAML by its field table: the other way round from bind.c. */
#include <cit/base.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct writer {
    FILE *out;
    unsigned flags;
} writer;

static const void *at(const void *object, size_t offset) { return (const char *)object + offset; }

static const void *pointer_at(const void *object, size_t offset) {
    const void *p = NULL;
    memcpy(&p, at(object, offset), sizeof p);
    return p;
}

static int int_at(const void *object, size_t offset) {
    int i = 0;
    memcpy(&i, at(object, offset), sizeof i);
    return i;
}

static double double_at(const void *object, size_t offset) {
    double d = 0;
    memcpy(&d, at(object, offset), sizeof d);
    return d;
}

/* Quoted always, so that nothing in it means anything to YAML. */
static void put_text(const writer *w, const char *text) {
    fputc('"', w->out);
    for (const char *c = text; *c != 0; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(w->out, "\\%c", *c);
        else if (*c == '\n')
            fputs("\\n", w->out);
        else if (*c == '\t')
            fputs("\\t", w->out);
        else if (*c == '\r')
            fputs("\\r", w->out);
        else
            fputc(*c, w->out);
    }
    fputc('"', w->out);
}

/* The unit a person would choose: the largest in which the number is whole, else the base unit. */
static void put_number(const writer *w, double number, const char *unit) {
    static const struct {
        const char *base, *name;
        double factor;
    } nicer[] = {
        {"day", "years", CIT_YEAR_DAYS},
        {"day", "weeks", 7},
        {"day", "days", 1},
        {"mm2", "cm2", 100},
    };
    for (size_t i = 0; i < sizeof nicer / sizeof *nicer; i++) {
        const double n = number / nicer[i].factor;
        if (strcmp(nicer[i].base, unit) == 0 && fabs(n - round(n)) < 1e-9 * fabs(n)) {
            fprintf(w->out, "%.15g %s", round(n), nicer[i].name);
            return;
        }
    }
    fprintf(w->out, "%.15g%s%s", number, *unit ? " " : "", unit);
}

static bool is_known(const cit_field *f, const void *object) {
    switch (f->kind) {
    case CIT_NUMBER:
        return cit_known(double_at(object, f->offset));
    case CIT_INTEGER:
    case CIT_DATE:
        return int_at(object, f->offset) != CIT_UNKNOWN_INT;
    case CIT_CHOICE:
    case CIT_CHOICES:
        return int_at(object, f->offset) != 0;
    case CIT_TEXT:
    case CIT_ID:
    case CIT_TEXTS:
    case CIT_NUMBERS:
    case CIT_LIST:
        return pointer_at(object, f->offset) != NULL;
    case CIT_STRUCT:
        for (const cit_field *g = f->table->fields; g->key != NULL; g++)
            if (is_known(g, at(object, f->offset))) return true;
        return false;
    }
    return false;
}

static void put_flow(const writer *w, const cit_field *f, const void *object) {
    const int count = f->kind == CIT_CHOICES ? 31 : int_at(object, f->count_offset);
    const unsigned bits = (unsigned)int_at(object, f->offset);
    bool first = true;
    fputc('[', w->out);
    for (int i = 0; i < count; i++) {
        if (f->kind == CIT_CHOICES && !(bits & (1u << i))) continue;
        fputs(first ? "" : ", ", w->out);
        first = false;
        if (f->kind == CIT_CHOICES)
            fputs(f->choices[i], w->out);
        else if (f->kind == CIT_TEXTS)
            put_text(w, ((const char *const *)pointer_at(object, f->offset))[i]);
        else
            put_number(w, ((const double *)pointer_at(object, f->offset))[i], f->unit);
    }
    fputc(']', w->out);
}

static void put_scalar(const writer *w, const cit_field *f, const void *object) {
    char date[16];
    switch (f->kind) {
    case CIT_NUMBER:
        put_number(w, double_at(object, f->offset), f->unit ? f->unit : "");
        break;
    case CIT_INTEGER:
        fprintf(w->out, "%d", int_at(object, f->offset));
        break;
    case CIT_DATE:
        cit_date_format(int_at(object, f->offset), date);
        fputs(date, w->out);
        break;
    case CIT_CHOICE:
        fputs(cit_choice_name(f->choices, int_at(object, f->offset)), w->out);
        break;
    case CIT_TEXT:
        put_text(w, pointer_at(object, f->offset));
        break;
    case CIT_ID:
        fputs(pointer_at(object, f->offset), w->out);
        break;
    case CIT_CHOICES:
    case CIT_TEXTS:
    case CIT_NUMBERS:
        put_flow(w, f, object);
        break;
    case CIT_STRUCT:
    case CIT_LIST:
        break;
    }
}

static void put_comment(const writer *w, const cit_field *f) {
    if (!(w->flags & CIT_WRITE_MEANING)) return;
    fprintf(w->out, "  # %s", f->meaning);
    if (f->kind != CIT_CHOICE || f->choices == cit_answer_choices) return;
    for (int i = 0; f->choices[i] != NULL; i++)
        fprintf(w->out, "%s%s", i ? ", " : ": ", f->choices[i]);
}

static void put_map(const writer *w, const cit_table *table, const void *object, int indent,
                    bool in_list);

static void put_field(const writer *w, const cit_field *f, const void *object, int indent,
                      bool first_in_list) {
    const bool known = is_known(f, object);
    fprintf(w->out, "%*s%s%s:", first_in_list ? indent - 2 : indent, "", first_in_list ? "- " : "",
            f->key);
    if (f->kind == CIT_STRUCT && known) {
        put_comment(w, f);
        fputc('\n', w->out);
        put_map(w, f->table, at(object, f->offset), indent + 2, false);
        return;
    }
    if (f->kind == CIT_LIST && known && int_at(object, f->count_offset) > 0) {
        const char *items = pointer_at(object, f->offset);
        put_comment(w, f);
        fputc('\n', w->out);
        for (int i = 0; i < int_at(object, f->count_offset); i++)
            put_map(w, f->table, items + f->table->size * (size_t)i, indent + 4, true);
        return;
    }
    fputc(' ', w->out);
    if (!known)
        fputs("unknown", w->out);
    else if (f->kind == CIT_LIST)
        fputs("[]", w->out);
    else
        put_scalar(w, f, object);
    put_comment(w, f);
    fputc('\n', w->out);
}

/* What is known, what the reader would miss, and, where it is asked for, what is not known. */
static bool is_wanted(const writer *w, const cit_field *f, const void *object) {
    if (is_known(f, object)) return true;
    if (f->kind == CIT_STRUCT || (f->flags & CIT_MUST_KNOW)) return false;
    return (f->flags & CIT_REQUIRED) ||
           ((w->flags & CIT_WRITE_UNKNOWN) && !(f->flags & CIT_SELDOM));
}

static void put_map(const writer *w, const cit_table *table, const void *object, int indent,
                    bool in_list) {
    bool first = in_list;
    if (table->schema != NULL) fprintf(w->out, "%*sschema: %s\n", indent, "", table->schema);
    for (const cit_field *f = table->fields; f->key != NULL; f++) {
        if (!is_wanted(w, f, object)) continue;
        put_field(w, f, object, indent, first);
        first = false;
    }
}

cit_status cit_table_write(const cit_table *table, const void *object, int indent, unsigned flags,
                           char **ret, cit_errors *errs) {
    char *bytes = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&bytes, &size);
    if (out == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    const writer w = {out, flags};
    put_map(&w, table, object, indent, (flags & CIT_WRITE_ENTRY) != 0);
    const bool bad = ferror(out) != 0;
    if (fclose(out) != 0 || bad) {
        free(bytes);
        return cit_fail(errs, CIT_NOMEM, "", "no memory");
    }
    *ret = bytes;
    return CIT_OK;
}
