/* Makes cit/parameters.h from data/parameters/ *.yaml: one struct a file, one row a parameter.
 *
 * usage: gen-parameters OUTPUT INPUT...
 *
 * The same rows are expanded by the catalogue into the table that is drawn from and listed, so a
 * parameter's field, default, range, spread and source cannot drift apart. */
#include <cit/base.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct row {
    const char *name, *meaning, *unit, *source, *note;
    double value, low, high, width;
    int spread, level;
    cit_mark mark;
} row;

typedef struct group {
    const char *group, *struct_name;
    int apart; /* cit_answer: has a table of its own, outside of cit_parameters */
    row *rows;
    int row_count;
} group;

#define ROW(key, kind, member, flags, choices, meaning)                                            \
    { key, kind, offsetof(row, member), 0, flags, "", -1e12, 1e12, choices, NULL, meaning }
static const cit_field row_fields[] = {
    ROW("name", CIT_TEXT, name, CIT_REQUIRED, NULL, "symbol"),
    ROW("meaning", CIT_TEXT, meaning, CIT_REQUIRED, NULL, "one line"),
    ROW("unit", CIT_TEXT, unit, CIT_REQUIRED, NULL, "unit of value, low and high"),
    ROW("value", CIT_NUMBER, value, CIT_REQUIRED | CIT_MUST_KNOW, NULL, "default or median"),
    ROW("low", CIT_NUMBER, low, CIT_REQUIRED | CIT_MUST_KNOW, NULL, "lowest"),
    ROW("high", CIT_NUMBER, high, CIT_REQUIRED | CIT_MUST_KNOW, NULL, "highest"),
    ROW("spread", CIT_CHOICE, spread, CIT_REQUIRED, cit_spread_choices, "distribution"),
    ROW("width", CIT_NUMBER, width, 0, NULL, "deviation"),
    ROW("level", CIT_CHOICE, level, CIT_REQUIRED, cit_level_choices, "shared or person"),
    ROW("source", CIT_TEXT, source, CIT_REQUIRED, NULL, "citation, or assumed"),
    ROW("note", CIT_TEXT, note, 0, NULL, "why"),
    {0}};
static const cit_table row_table = {"parameter", NULL, sizeof(row), row_fields,
                                    offsetof(row, mark)};
static const cit_field group_fields[] = {
    {"group", CIT_ID, offsetof(group, group), 0, CIT_REQUIRED, NULL, 0, 0, NULL, NULL, "group"},
    {"struct", CIT_TEXT, offsetof(group, struct_name), 0, CIT_REQUIRED, NULL, 0, 0, NULL, NULL,
     "C struct"},
    {"apart", CIT_CHOICE, offsetof(group, apart), 0, 0, NULL, 0, 0, cit_answer_choices, NULL,
     "drawn by none of a person's course"},
    {"parameters", CIT_LIST, offsetof(group, rows), offsetof(group, row_count), CIT_REQUIRED, NULL,
     0, 0, NULL, &row_table, "the rows"},
    {0}};
static const cit_table group_table = {"parameters", "cit/parameters/1", sizeof(group), group_fields,
                                      CIT_NO_MARK};

static void check_row(const cit_doc *doc, const row *r, cit_errors *errs) {
    const bool wants_width = r->spread == CIT_NORMAL || r->spread == CIT_LOGNORMAL;
    if (!(r->low <= r->value && r->value <= r->high))
        cit_doc_fail(doc, r->mark, errs, "%s: value %g is not from %g to %g", r->name, r->value,
                     r->low, r->high);
    if (wants_width != cit_known(r->width))
        cit_doc_fail(doc, r->mark, errs, "%s: a width goes with normal and lognormal, only",
                     r->name);
    if ((r->spread == CIT_LOGNORMAL || r->spread == CIT_LOG_UNIFORM) && r->low <= 0)
        cit_doc_fail(doc, r->mark, errs, "%s: low must be above 0", r->name);
}

static void put_text(FILE *out, const char *text) {
    fputc('"', out);
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\') fputc('\\', out);
        fputc(*c, out);
    }
    fputc('"', out);
}

static void put_group(FILE *out, const group *g) {
    fprintf(out, "#define %s_ROWS(X) \\\n", g->struct_name);
    for (int i = 0; i < g->row_count; i++) {
        const row *r = &g->rows[i];
        fprintf(out, "    X(%s, ", r->name);
        put_text(out, r->unit);
        fprintf(out, ", %.17g, %.17g, %.17g, %d, %.17g, %d, ", r->value, r->low, r->high, r->spread,
                cit_known(r->width) ? r->width : 0, r->level);
        put_text(out, r->source);
        fputs(", ", out);
        put_text(out, r->meaning);
        fprintf(out, ")%s\n", i + 1 < g->row_count ? " \\" : "");
    }
    fprintf(out, "\ntypedef struct %s {\n", g->struct_name);
    for (int i = 0; i < g->row_count; i++)
        fprintf(out, "    double %s; /* %s; %s */\n", g->rows[i].name, g->rows[i].meaning,
                g->rows[i].unit);
    fprintf(out, "} %s;\n\n", g->struct_name);
}

int main(int argc, char **argv) {
    static cit_errors errs;
    static group groups[16];
    static cit_doc *docs[16];
    const int count = argc - 2;
    if (count < 1 || count > 16) return 64;
    for (int i = 0; i < count; i++) {
        if (cit_doc_read(argv[i + 2], &docs[i], &errs) != CIT_OK) break;
        if (cit_bind(docs[i], cit_doc_root(docs[i]), &group_table, &groups[i], &errs) != CIT_OK)
            break;
        for (int j = 0; j < groups[i].row_count; j++) check_row(docs[i], &groups[i].rows[j], &errs);
    }
    for (int i = 0; i < errs.count; i++)
        fprintf(stderr, "%s: %s\n", errs.items[i].where, errs.items[i].text);
    if (errs.count > 0) return cit_status_exit(errs.items[0].code);

    FILE *out = fopen(argv[1], "w");
    if (out == NULL) return 74;
    fputs("/* cit/parameters.h -- the model's parameters. Made by tools/gen-parameters from\n"
          " * data/parameters; change them there. Rows: name, unit, value, low, high, spread, "
          "width,\n"
          " * level, source, meaning. */\n#pragma once\n\n",
          out);
    for (int i = 0; i < count; i++) put_group(out, &groups[i]);
    fputs("typedef struct cit_parameters {\n", out);
    for (int i = 0; i < count; i++)
        if (groups[i].apart != CIT_YES)
            fprintf(out, "    %s %s;\n", groups[i].struct_name, groups[i].group);
    fputs("} cit_parameters;\n", out);
    for (int i = 0; i < count; i++) cit_doc_free(docs[i]);
    return fclose(out) == 0 ? 0 : 74;
}
