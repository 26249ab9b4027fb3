/* cit screen CASE: may this person be needled, where, by whom, and what must be asked first. */
#include "cli.h"
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct arguments {
    const char *case_path, *protocol_path, *catalogue, *language;
    const char *rule, *by, *reason;
    bool brief, plain;
    int day;
    output to;
} arguments;

enum {
    OPT_BRIEF = OPT_OWN,
    OPT_PATIENT,
    OPT_DATE,
    OPT_RULE,
    OPT_BY,
    OPT_REASON,
    OPT_CATALOGUE,
    OPT_LANGUAGE,
};

static const struct argp_option options[] = {
    {"protocol", 'p', "FILE", 0, "judge device, needles, creams and products too", 0},
    {"date", OPT_DATE, "DATE", 0, "for this day (the first planned visit, else today)", 0},
    {"patient", OPT_PATIENT, NULL, 0, "reasons in the words meant for the person", 0},
    {"json", OPT_JSON, NULL, 0, "print one JSON document instead of the page", 0},
    {"brief", OPT_BRIEF, NULL, 0, "print four lines instead of the page", 0},
    {"output", 'o', "FILE", 0, "write the page as PDF", 0},
    {"force", OPT_FORCE, NULL, 0, "replace a PDF that exists", 0},
    {"override", OPT_RULE, "RULE", 0, "go on in spite of this rule: written into the case file", 1},
    {"by", OPT_BY, "NAME", 0, "the physician who overrides", 1},
    {"reason", OPT_REASON, "TEXT", 0, "why", 1},
    {"language", OPT_LANGUAGE, "ID", 0, "language (en)", 2},
    {"catalogue", OPT_CATALOGUE, "FOLDER", 0, "another catalogue", 2},
    {0}};

static bool blank(const char *text) { return text == NULL || text[strspn(text, " \t")] == 0; }

static void check_arguments(const arguments *a, struct argp_state *state) {
    if (a->case_path == NULL) argp_error(state, "a case file is needed");
    if (a->rule == NULL && (a->by != NULL || a->reason != NULL))
        argp_error(state, "--by and --reason go with --override RULE");
    if (a->rule != NULL && (blank(a->by) || blank(a->reason)))
        argp_error(state, "--override needs --by NAME and --reason TEXT");
    if (a->to.json + a->brief + (a->to.path != NULL) > 1)
        argp_error(state, "one of --json, --brief, --output");
}

static error_t parse(int key, char *arg, struct argp_state *state) {
    arguments *a = state->input;
    switch (key) {
    case 'p':
        a->protocol_path = arg;
        break;
    case OPT_BRIEF:
        a->brief = true;
        break;
    case OPT_PATIENT:
        a->plain = true;
        break;
    case OPT_DATE:
        a->day = parse_date(arg, state);
        break;
    case OPT_RULE:
        a->rule = arg;
        break;
    case OPT_BY:
        a->by = arg;
        break;
    case OPT_REASON:
        a->reason = arg;
        break;
    case OPT_LANGUAGE:
        a->language = arg;
        break;
    case OPT_CATALOGUE:
        a->catalogue = arg;
        break;
    case ARGP_KEY_ARG:
        if (a->case_path != NULL) argp_error(state, "one case at a time: '%s' is too much", arg);
        a->case_path = arg;
        break;
    case ARGP_KEY_END:
        check_arguments(a, state);
        break;
    default:
        return parse_output(key, arg, &a->to);
    }
    return 0;
}

static const struct argp parser = {
    options,
    parse,
    "CASE",
    "May this person be needled: cleared, ask first or refused, for each zone and each kind of "
    "user, "
    "with every reason, its rule and its source. What is unknown is asked for, never assumed "
    "safe.\v"
    "Exit status: 0 cleared, 3 ask first, 2 refused; for who does it (the protocol's `who`, else "
    "the "
    "case's `done_by`; where neither says, what holds for everybody).",
    NULL,
    NULL,
    NULL};

/* ---- overriding -------------------------------------------------------------------------------- */

static const cit_finding *finding_of(const cit_screening *s, const char *rule) {
    for (int i = 0; i < s->count; i++)
        if (strcmp(s->findings[i].rule->id, rule) == 0 &&
            cit_finding_verdict(&s->findings[i], CIT_PHYSICIAN) != CIT_CLEARED)
            return &s->findings[i];
    return NULL;
}

static cit_status may_override(const arguments *a, const cit_catalogue *c, const cit_screening *s,
                               cit_errors *errs) {
    const cit_rule *rule = cit_catalogue_rule(c, a->rule);
    if (rule == NULL) {
        const char *near = cit_catalogue_near_rule(c, a->rule);
        return cit_fail(errs, CIT_NOTFOUND, a->rule, "there is no such rule%s%s%s",
                        near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    if (rule->override == CIT_BY_NOBODY)
        return cit_fail(errs, CIT_REFUSED, a->rule, "nobody may go on in spite of this rule");
    const cit_finding *f = finding_of(s, a->rule);
    if (f == NULL)
        return cit_fail(errs, CIT_INVALID, a->rule,
                        "this rule does not keep a physician from going on here; there is nothing "
                        "to override");
    if (f->holds[CIT_PHYSICIAN - 1] != CIT_YES && rule->severity[CIT_PHYSICIAN - 1] != CIT_ASK)
        return cit_fail(errs, CIT_INVALID, a->rule,
                        "what this rule asks is not known; it must be answered, not overridden");
    return CIT_OK;
}

static void now(char text[40]) {
    const time_t seconds = time(NULL);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    strftime(text, 40, "%Y-%m-%d %H:%M UTC", &utc);
}

enum { ZONES_MAX = 200 };

/* Adds the override to the case file and reads it again: for this day, these zones, what is known. */
static cit_status write_override(const arguments *a, const cit_screening *s, cit_case **person,
                                 cit_errors *errs) {
    char at[40], *entry = NULL, *bytes = NULL, *added = NULL;
    size_t size = 0;
    cit_case *again = NULL;
    cit_status st = CIT_OK;
    now(at);
    static char names[ZONES_MAX][80];
    const char *zones[ZONES_MAX];
    cit_override o = {.rule = a->rule,
                      .by = a->by,
                      .reason = a->reason,
                      .at = at,
                      .day = s->day,
                      .answered = CIT_YES,
                      .zones = zones};
    for (int i = 0; i < s->count; i++) {
        const cit_finding *f = &s->findings[i];
        if (strcmp(f->rule->id, a->rule) != 0) continue;
        if (f->holds[CIT_PHYSICIAN - 1] != CIT_YES) o.answered = CIT_NO;
        if (f->zone < 0 || f->holds[CIT_PHYSICIAN - 1] == CIT_NO || o.zone_count == ZONES_MAX)
            continue;
        cit_zone_name(&(*person)->zones[f->zone], names[o.zone_count]);
        zones[o.zone_count] = names[o.zone_count];
        o.zone_count++;
    }
    if (o.zone_count == 0) o.zones = NULL;
    CIT_TRY(cit_table_write(&cit_override_table, &o, 4, CIT_WRITE_ENTRY, &entry, errs));
    CIT_TRY(cit_file_read(a->case_path, &bytes, &size, errs));
    CIT_TRY(cit_case_append(*person, bytes, size, "overrides", entry, &added, errs));
    CIT_TRY(cit_file_write(a->case_path, added, strlen(added), errs));
    CIT_TRY(cit_case_load(a->case_path, &again, errs));
    cit_case_free(*person);
    *person = again;
done:
    free(entry);
    free(bytes);
    free(added);
    return st;
}

/* ---- the command --------------------------------------------------------------------------------- */

static cit_status put_result(const arguments *a, const cit_advice *advice, cit_errors *errs) {
    char *bytes = NULL;
    cit_status st = CIT_OK;
    if (a->to.json || a->brief) {
        st = a->to.json ? cit_report_screening_json(advice, &bytes, errs)
                        : cit_report_screening_brief(advice, &bytes, errs);
        if (st == CIT_OK) st = print_bytes(bytes, errs);
        if (st == CIT_OK && a->to.json) st = print_bytes("\n", errs);
        free(bytes);
        return st;
    }
    cit_page *page = cit_page_of_screening(advice);
    st = print_page(page, errs);
    if (st == CIT_OK && a->to.path != NULL)
        st = write_pdf(page, a->to.path, false, advice->day, a->to.force,
                       cit_text(advice->catalogue, "screen.title"), errs);
    cit_page_free(page);
    return st;
}

static cit_status screen(const arguments *a, int *ret_exit, cit_errors *errs) {
    cit_status st = CIT_OK;
    files f = {0};

    CIT_TRY(may_write(a->to.path, a->to.force, errs));
    CIT_TRY(open_files(a->catalogue, a->language, a->case_path, a->protocol_path, &f, errs));
    const int day = screening_day(a->day, f.protocol, f.person);
    CIT_TRY(cit_screen(f.person, f.protocol, f.catalogue, day, &f.screening, errs));
    if (a->rule != NULL) {
        CIT_TRY(may_override(a, f.catalogue, f.screening, errs));
        CIT_TRY(write_override(a, f.screening, &f.person, errs));
        cit_screening_free(f.screening);
        f.screening = NULL;
        CIT_TRY(cit_screen(f.person, f.protocol, f.catalogue, day, &f.screening, errs));
    }
    const int who = cit_who_of(f.person, f.protocol);
    const cit_advice advice = {.catalogue = f.catalogue,
                               .person = f.person,
                               .protocol = f.protocol,
                               .screening = f.screening,
                               .who = who,
                               .day = day,
                               .plain = a->plain};
    CIT_TRY(put_result(a, &advice, errs));
    *ret_exit = exit_of_clearance(cit_screening_verdict(f.screening, -1, who));
done:
    close_files(&f);
    return st;
}

int run_screen(int argc, char **argv) {
    static cit_errors errs;
    arguments a = {.day = CIT_UNKNOWN_INT};
    char name[] = "cit screen";
    int status = 0;
    argv[0] = name;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    return screen(&a, &status, &errs) == CIT_OK ? status : print_errors(&errs);
}
