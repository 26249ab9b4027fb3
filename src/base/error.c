/* Status codes, the list of faults, progress. */
#include "base_impl.h"
#include <stdio.h>
#include <string.h>

static const struct {
    const char *text;
    int exit_status;
} statuses[] = {
#define ROW(name, text, exit_status) [CIT_##name] = {text, exit_status},
    CIT_STATUS_LIST(ROW)
#undef ROW
};

const char *const cit_answer_choices[] = {"no", "yes", NULL};

const char *cit_status_text(cit_status status) { return statuses[status].text; }

int cit_status_exit(cit_status status) { return statuses[status].exit_status; }

/* One line of UTF-8, whatever the bytes quoted from a file or cut in the middle. */
static void keep_one_line(char *text) {
    const char *end = text + strlen(text);
    for (char *c = text; *c != 0;) {
        const int length = cit_utf8_length(c, (size_t)(end - c));
        if (length == 0) *c = (unsigned char)*c < 0x80 ? ' ' : '?';
        if (*c == '\t' || *c == '\n' || *c == '\r') *c = ' ';
        c += length > 0 ? length : 1;
    }
}

static cit_status fail_v(cit_errors *errs, cit_status code, const char *where, const char *format,
                         va_list args) CIT_PRINTF(4, 0);

static cit_status fail_v(cit_errors *errs, cit_status code, const char *where, const char *format,
                         va_list args) {
    if (errs == NULL) return code;
    if (errs->count == CIT_ERRORS_MAX) {
        errs->lost++;
        return code;
    }
    cit_error *error = &errs->items[errs->count++];
    error->code = code;
    snprintf(error->where, sizeof error->where, "%s", where ? where : "");
    vsnprintf(error->text, sizeof error->text, format, args);
    keep_one_line(error->where);
    keep_one_line(error->text);
    return code;
}

cit_status cit_fail(cit_errors *errs, cit_status code, const char *where, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fail_v(errs, code, where, format, args);
    va_end(args);
    return code;
}

cit_status cit_doc_fail(const cit_doc *doc, cit_mark mark, cit_errors *errs, const char *format,
                        ...) {
    char where[192];
    va_list args;
    if (mark.line > 0)
        snprintf(where, sizeof where, "%.150s:%d:%d", cit_doc_name(doc), mark.line, mark.column);
    else
        snprintf(where, sizeof where, "%.190s", cit_doc_name(doc));
    va_start(args, format);
    fail_v(errs, CIT_INVALID, where, format, args);
    va_end(args);
    return CIT_INVALID;
}

cit_status cit_errors_status(const cit_errors *errs) {
    return errs->count > 0 ? errs->items[0].code : CIT_OK;
}

bool cit_progress_report(const cit_progress *progress, double share, const char *what) {
    if (progress == NULL || progress->report == NULL) return true;
    return progress->report(progress->context, share, what);
}
