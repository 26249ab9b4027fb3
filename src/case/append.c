/* Adding to a case file without touching what is in it. */
#include <cit/case.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where an entry of a list goes: the byte offset, and the list's head if it must be written first. */
typedef struct place {
    size_t offset;
    bool head;
} place;

static size_t offset_of_line(const char *bytes, size_t size, int line) {
    size_t at = 0;
    for (int i = 1; i < line && at < size; at++)
        if (bytes[at] == '\n') i++;
    return at;
}

static bool is_blank(const char *c) {
    while (*c == ' ' || *c == '\t' || *c == '\r') c++;
    return *c == '\n';
}

/* Comments at the margin in front of the next key belong to it, with the blank lines among and before
 * them. What is indented belongs to the list, and where there is no comment so do blank lines, which a
 * text may end with. */
static int line_after_list(const char *bytes, size_t size, int next_key_line) {
    int first = next_key_line, blank = next_key_line;
    for (int line = next_key_line - 1; line > 0; line--) {
        const char *c = bytes + offset_of_line(bytes, size, line);
        if (*c != '#' && !is_blank(c)) break;
        blank = line;
        if (*c == '#') first = line;
    }
    return first < next_key_line ? blank : first;
}

static cit_status find_place(const cit_case *person, const char *bytes, size_t size,
                             const char *key, place *ret, cit_errors *errs) {
    const cit_node *root = cit_doc_root(person->doc);
    *ret = (place){size, true};
    if (size > 0 && *bytes == '{')
        return cit_doc_fail(person->doc, root->mark, errs,
                            "nothing can be added to a file written as JSON; write it in lines");
    for (const cit_node *n = root->first; n != NULL; n = n->next) {
        if (strcmp(n->key, key) != 0) continue;
        const bool in_lines =
            n->kind == CIT_NODE_LIST && n->count > 0 && n->mark.line > n->key_mark.line;
        if (!in_lines)
            return cit_doc_fail(person->doc, n->key_mark, errs,
                                "%s: write the list in lines, each entry beginning with '- '; or "
                                "take the key out",
                                key);
        ret->head = false;
        if (n->next != NULL)
            ret->offset =
                offset_of_line(bytes, size, line_after_list(bytes, size, n->next->key_mark.line));
    }
    return CIT_OK;
}

/* A list that begins at the margin needs its new entry at the margin too. */
static int indent_of_list(const cit_case *person, const char *key) {
    for (const cit_node *n = cit_doc_root(person->doc)->first; n != NULL; n = n->next)
        if (strcmp(n->key, key) == 0) return n->mark.column - 1;
    return 2;
}

/* `entry` is written for an indent of two; moved to `indent`. */
static void put_entry(FILE *out, const char *entry, int indent) {
    for (const char *line = entry; *line != 0;) {
        const size_t length = strcspn(line, "\n");
        const int spaces = (int)strspn(line, " ");
        fprintf(out, "%*s%.*s\n", spaces - 2 + indent, "", (int)length - spaces, line + spaces);
        line += length + (line[length] == '\n');
    }
}

cit_status cit_case_append(const cit_case *person, const char *bytes, size_t size, const char *key,
                           const char *entry, char **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    place where = {0};
    char *text = NULL;
    size_t length = 0;
    cit_case *again = NULL;
    FILE *out = NULL;

    CIT_TRY(find_place(person, bytes, size, key, &where, errs));
    out = open_memstream(&text, &length);
    if (out == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory");
        goto done;
    }
    fwrite(bytes, 1, where.offset, out);
    if (where.offset > 0 && bytes[where.offset - 1] != '\n') fputc('\n', out);
    if (where.head) fprintf(out, "%s:\n", key);
    put_entry(out, entry, where.head ? 2 : indent_of_list(person, key));
    fwrite(bytes + where.offset, 1, size - where.offset, out);
    const int closed = fclose(out);
    out = NULL;
    if (closed != 0) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory");
        goto done;
    }
    CIT_TRY(cit_case_parse(cit_doc_name(person->doc), text, length, &again, errs));
    if (again->visit_count + again->override_count !=
        person->visit_count + person->override_count + 1) {
        st = cit_fail(errs, CIT_INTERNAL, cit_doc_name(person->doc),
                      "the entry did not come back when the new text was read");
        goto done;
    }
    *ret = text;
    text = NULL;
done:
    if (out != NULL) fclose(out);
    free(text);
    cit_case_free(again);
    return st;
}
