/* Questions at a terminal or from a file of answers, and pages on their way out. */
#include "cli.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- pages ------------------------------------------------------------------------------------- */

enum { COLUMNS = 96, LINE_MAX_BYTES = 4000 };

cit_status print_page(const cit_page *page, cit_errors *errs) {
    char *bytes = NULL;
    cit_status st = cit_page_text(page, COLUMNS, colour_wanted(), &bytes, errs);
    if (st == CIT_OK) st = print_bytes(bytes, errs);
    free(bytes);
    return st;
}

cit_status may_write(const char *path, bool force, cit_errors *errs) {
    if (path != NULL && !force && access(path, F_OK) == 0)
        return cit_fail(errs, CIT_IO, path, "is there already; --force replaces it");
    return CIT_OK;
}

cit_status write_pdf(const cit_page *page, const char *path, bool one_page, int day, bool force,
                     const char *footer, cit_errors *errs) {
    char *bytes = NULL;
    size_t size = 0;
    int sheets = 0;
    const cit_page_paper paper = {.fit_one_page = one_page, .day = day, .footer = footer};
    cit_status st = may_write(path, force, errs);
    if (st == CIT_OK) st = cit_page_pdf(page, &paper, &bytes, &size, &sheets, errs);
    if (st == CIT_OK) st = cit_file_write(path, bytes, size, errs);
    free(bytes);
    return st;
}

/* ---- one line ------------------------------------------------------------------------------------ */

bool read_line(char *line, size_t size) {
    if (fgets(line, (int)size, stdin) == NULL) return false;
    const size_t length = strcspn(line, "\n");
    if (line[length] != '\n') { /* the rest is read, so that the line is seen to be too long */
        for (int c = getchar(); c != EOF && c != '\n';) c = getchar();
        if (length + 1 == size) return true;
    }
    size_t end = length;
    while (end > 0 && (line[end - 1] == ' ' || line[end - 1] == '\t' || line[end - 1] == '\r'))
        end--;
    line[end] = 0;
    return true;
}

/* ---- questions at a terminal ------------------------------------------------------------------------ */

static const char *text_of(const cit_catalogue *c, const cit_interview *v, const cit_question *q,
                           const char *part, char key[200]) {
    snprintf(key, 200, "%s.%s.%s", cit_interview_prefix(v), q->id, part);
    return cit_text_or_null(c, key);
}

static void show_question(const cit_catalogue *c, const cit_interview *v, const cit_question *q,
                          int number, int of) {
    char key[200], n[16], all[16], line[200];
    snprintf(n, sizeof n, "%d", number);
    snprintf(all, sizeof all, "%d", of);
    const char *ask = text_of(c, v, q, "ask", key);
    fprintf(stderr, "\n%s: %s\n",
            cit_text_fill(line, sizeof line, cit_text(c, "new_case.asks"), "number", n, "of", all,
                          NULL),
            ask ? ask : q->id);
    const bool listed = q->kind == CIT_Q_ONE || q->kind == CIT_Q_SOME;
    for (int i = 0; listed && i < q->option_count; i++) {
        const char *means = text_of(c, v, q, q->options[i], key);
        fprintf(stderr, "   %c  %s\n", 'a' + i, means ? means : q->options[i]);
    }
    const char *help = text_of(c, v, q, "help", key);
    if (help != NULL) fprintf(stderr, "   (%s)\n", help);
}

static cit_status ask_terminal(cit_interview *v, const cit_catalogue *c, stop_function *stop,
                               void *context, cit_errors *errs) {
    char line[LINE_MAX_BYTES], why[240];
    int number = 0, of = 0;
    for (const cit_question *q = cit_interview_next(v, &number, &of); q != NULL;
         q = cit_interview_next(v, &number, &of)) {
        show_question(c, v, q, number, of);
        for (;;) {
            fputs("> ", stderr);
            if (!read_line(line, sizeof line)) {
                fputc('\n', stderr);
                return cit_fail(errs, CIT_CANCELLED, "",
                                "the answers ended at question %d; "
                                "nothing was written",
                                number);
            }
            if (cit_interview_answer(v, line, why)) break;
            fprintf(stderr, "   %s\n", why);
        }
        if (stop != NULL && stop(context)) break;
    }
    return CIT_OK;
}

/* ---- questions from a file ----------------------------------------------------------------------------- */

static const cit_node *child(const cit_node *map, const char *key) {
    for (const cit_node *n = map->first; n != NULL; n = n->next)
        if (strcmp(n->key, key) == 0) return n;
    return NULL;
}

static cit_status check_keys(const cit_doc *doc, const cit_interview *v, cit_errors *errs) {
    const cit_node *root = cit_doc_root(doc);
    const char *ids[64] = {NULL};
    int n = 0;
    for (const cit_question *q = NULL; n < 62 && (q = cit_interview_question(v, n)) != NULL; n++)
        ids[n] = q->id;
    if (root->kind != CIT_NODE_MAP)
        return cit_doc_fail(doc, root->mark, errs, "answers: 'question: answer' lines are needed");
    const cit_node *schema = child(root, "schema");
    if (schema == NULL || schema->kind != CIT_NODE_SCALAR ||
        strcmp(schema->text, "cit/answers/1") != 0)
        cit_doc_fail(doc, root->mark, errs, "the first line must be 'schema: cit/answers/1'");
    for (const cit_node *k = root->first; k != NULL; k = k->next) {
        bool known = strcmp(k->key, "schema") == 0;
        for (int i = 0; i < n; i++) known = known || strcmp(ids[i], k->key) == 0;
        if (known) continue;
        const char *near = cit_nearest(k->key, ids);
        cit_doc_fail(doc, k->key_mark, errs, "there is no question '%.60s'%s%s%s", k->key,
                     near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    return cit_errors_status(errs);
}

/* A list is read as its parts between commas. Anything else, and what is too long, is refused whole: a
 * part that got lost could be the one that matters. */
static bool answer_text(const cit_node *node, char text[LINE_MAX_BYTES], const char **why) {
    size_t used = 0;
    text[0] = 0;
    *why = "one answer or a list of answers is needed";
    if (node->kind == CIT_NODE_MAP) return false;
    if (node->kind == CIT_NODE_SCALAR)
        used = (size_t)snprintf(text, LINE_MAX_BYTES, "%s", node->text);
    for (const cit_node *n = node->first; n != NULL && used < LINE_MAX_BYTES; n = n->next) {
        if (n->kind != CIT_NODE_SCALAR || *n->text == 0) return false;
        used +=
            (size_t)snprintf(text + used, LINE_MAX_BYTES - used, "%s%s", used ? ", " : "", n->text);
    }
    if (node->kind == CIT_NODE_LIST && node->count == 0)
        used = (size_t)snprintf(text, LINE_MAX_BYTES, "none");
    *why = "this is longer than an answer can be; write it shorter";
    return used < LINE_MAX_BYTES;
}

/* What the file does not answer nobody knows; all unreadable answers are told in one go. */
static cit_status ask_file(cit_interview *v, const char *path, stop_function *stop, void *context,
                           cit_errors *errs) {
    cit_doc *doc = NULL;
    cit_status st = cit_doc_read(path, &doc, errs);
    int number = 0, of = 0;
    if (st != CIT_OK) return st;
    CIT_TRY(check_keys(doc, v, errs));
    for (const cit_question *q = cit_interview_next(v, &number, &of); q != NULL;
         q = cit_interview_next(v, &number, &of)) {
        char text[LINE_MAX_BYTES] = "?", why[240] = "";
        const char *unreadable = "";
        const cit_node *node = child(cit_doc_root(doc), q->id);
        const bool whole = node == NULL || answer_text(node, text, &unreadable);
        if (!whole || !cit_interview_answer(v, text, why)) {
            st = cit_doc_fail(doc, node ? node->mark : cit_doc_root(doc)->mark, errs, "%s: %s",
                              q->id, whole ? why : unreadable);
            if (!cit_interview_answer(v, "?", why) && !cit_interview_answer(v, "never", why) &&
                !cit_interview_answer(v, "cheek", why))
                break;
        }
        if (st == CIT_OK && stop != NULL && stop(context)) break;
    }
done:
    cit_doc_free(doc);
    return st;
}

cit_status ask_all(cit_interview *interview, const cit_catalogue *catalogue, const char *path,
                   stop_function *stop, void *context, cit_errors *errs) {
    return path != NULL ? ask_file(interview, path, stop, context, errs)
                        : ask_terminal(interview, catalogue, stop, context, errs);
}
