/* cit case new, cit case check. */
#include "cli.h"
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct arguments {
    const char *what, *file, *answers, *catalogue, *language;
    bool all;
    int day;
    output to;
} arguments;

enum { OPT_ANSWERS = OPT_OWN, OPT_ALL, OPT_DATE, OPT_CATALOGUE, OPT_LANGUAGE };

static const struct argp_option options[] = {
    {"answers", OPT_ANSWERS, "FILE", 0, "new: answers from a file instead of the terminal", 0},
    {"all", OPT_ALL, NULL, 0, "new: ask on in spite of a refusal", 0},
    {"force", OPT_FORCE, NULL, 0, "new: replace a file that exists", 0},
    {"date", OPT_DATE, "DATE", 0, "the day of the answers (today)", 0},
    {"language", OPT_LANGUAGE, "ID", 0, "language of the questions (en)", 0},
    {"catalogue", OPT_CATALOGUE, "FOLDER", 0, "another catalogue", 0},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state) {
    arguments *a = state->input;
    switch (key) {
    case OPT_ANSWERS:
        a->answers = arg;
        break;
    case OPT_ALL:
        a->all = true;
        break;
    case OPT_DATE:
        a->day = parse_date(arg, state);
        break;
    case OPT_LANGUAGE:
        a->language = arg;
        break;
    case OPT_CATALOGUE:
        a->catalogue = arg;
        break;
    case ARGP_KEY_ARG:
        if (a->what == NULL)
            a->what = arg;
        else if (a->file == NULL)
            a->file = arg;
        else
            argp_error(state, "'%s' is too much", arg);
        break;
    case ARGP_KEY_END:
        if (a->what == NULL || (strcmp(a->what, "new") != 0 && strcmp(a->what, "check") != 0))
            argp_error(state, "what? one of: new, check");
        else if (strcmp(a->what, "check") == 0 && a->file == NULL)
            argp_error(state, "a case file is needed");
        break;
    default:
        return parse_output(key, arg, &a->to);
    }
    return 0;
}

static const struct argp parser = {
    options,
    parse,
    "new [FILE]\ncheck FILE",
    "Makes a case file from about twenty questions, the most dangerous first, or checks one.\v"
    "`new` stops at the first refusal (exit status 2) and says what follows; what was answered is "
    "in "
    "the file all the same. Without FILE the case goes to standard output. `?` answers what nobody "
    "knows.",
    NULL,
    NULL,
    NULL};

/* ---- new --------------------------------------------------------------------------------------- */

/* What the questions are asked for: to know at once when they need not go on. */
typedef struct asking {
    const cit_interview *interview;
    const cit_catalogue *catalogue;
    const arguments *arguments;
    cit_screening *screening;
    cit_errors *errs;
} asking;

static bool refused(void *context) {
    asking *k = context;
    const cit_case *draft = cit_interview_draft(k->interview);
    cit_screening_free(k->screening);
    k->screening = NULL;
    if (cit_screen(draft, NULL, k->catalogue, k->arguments->day, &k->screening, k->errs) != CIT_OK)
        return true;
    return !k->arguments->all &&
           cit_screening_verdict(k->screening, -1, draft->done_by) == CIT_FORBIDDEN;
}

static const char *say(const cit_catalogue *c, const char *key, const char *name, const char *value,
                       char line[600]) {
    return cit_text_fill(line, 600, cit_text(c, key), name, value, NULL);
}

static const char *who_name(const cit_catalogue *c, int who) {
    static const char *const keys[] = {"who.unknown", "who.home", "who.aesthetician",
                                       "who.physician"};
    return cit_text(c, keys[who]);
}

static void say_reasons(const asking *k, int who) {
    const int speaker = who == 0 ? CIT_PHYSICIAN : who;
    const cit_rule *last = NULL;
    char line[600], date[16];
    for (int i = 0; i < k->screening->count; i++) {
        const cit_finding *f = &k->screening->findings[i];
        if (f->rule == last || cit_finding_verdict(f, speaker) != CIT_FORBIDDEN) continue;
        last = f->rule;
        fprintf(
            stderr, "- %s [%s; %s]\n",
            who == CIT_HOME
                ? cit_text_of(k->catalogue, "rule", f->rule->id, "patient", f->rule->patient)
                : cit_text_of(k->catalogue, "rule", f->rule->id, "clinician", f->rule->clinician),
            f->rule->id, f->rule->grounds.source);
        if (f->until != CIT_UNKNOWN_INT) {
            cit_date_format(f->until, date);
            fprintf(stderr, "  %s\n",
                    say(k->catalogue, "new_case.follows_date", "date", date, line));
        } else if (f->rule->until != NULL) {
            fprintf(stderr, "  %s\n",
                    say(k->catalogue, "new_case.follows_until", "until",
                        cit_text_of(k->catalogue, "rule", f->rule->id, "until", f->rule->until),
                        line));
        }
    }
}

static void say_others(const asking *k) {
    char users[200] = "", line[600];
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++) {
        if (cit_screening_verdict(k->screening, -1, who) == CIT_FORBIDDEN) continue;
        const size_t used = strlen(users);
        snprintf(users + used, sizeof users - used, "%s%s", used ? ", " : "",
                 who_name(k->catalogue, who));
    }
    fprintf(stderr, "%s\n",
            users[0] ? say(k->catalogue, "new_case.follows_others", "users", users, line)
                     : cit_text(k->catalogue, "new_case.follows_none"));
}

static void say_stop(const asking *k) {
    const int who = cit_interview_draft(k->interview)->done_by;
    char line[600];
    fprintf(stderr, "\n%s\n",
            say(k->catalogue, "new_case.stop", "who", who_name(k->catalogue, who), line));
    say_reasons(k, who);
    say_others(k);
    if (who == CIT_HOME) fprintf(stderr, "%s\n", cit_text(k->catalogue, "new_case.follows_home"));
    if (who != CIT_HOME && who != 0)
        fprintf(stderr, "%s\n", cit_text(k->catalogue, "new_case.follows_go_on"));
}

static void say_end(const asking *k) {
    static const char *const keys[] = {"new_case.done_cleared", "new_case.done_ask",
                                       "new_case.done_refused"};
    const int who = cit_interview_draft(k->interview)->done_by;
    const cit_clearance v = cit_screening_verdict(k->screening, -1, who);
    char line[600];
    fprintf(stderr, "%s\n",
            cit_text_fill(line, sizeof line, cit_text(k->catalogue, keys[v - 1]), "who",
                          who_name(k->catalogue, who), "file",
                          k->arguments->file ? k->arguments->file : "CASE", NULL));
}

static cit_status put_case(const asking *k, cit_errors *errs) {
    char *bytes = NULL, line[600];
    const char *file = k->arguments->file;
    cit_status st = cit_interview_write(k->interview, &bytes, errs);
    if (st == CIT_OK)
        st = file == NULL ? print_bytes(bytes, errs)
                          : cit_file_write(file, bytes, strlen(bytes), errs);
    if (st == CIT_OK && file != NULL)
        fprintf(stderr, "\n%s\n", say(k->catalogue, "new_case.written", "file", file, line));
    free(bytes);
    return st;
}

static cit_status new_case(const arguments *a, const cit_catalogue *catalogue, cit_errors *errs) {
    cit_interview *interview = NULL;
    asking k = {NULL, catalogue, a, NULL, errs};
    cit_status st = CIT_OK;
    if (a->file != NULL && !a->to.force && access(a->file, F_OK) == 0)
        return cit_fail(errs, CIT_IO, a->file, "is there already; --force replaces it");
    CIT_TRY(cit_interview_new(CIT_LIST_CASE, catalogue, a->day, &interview, errs));
    k.interview = interview;
    CIT_TRY(ask_all(interview, catalogue, a->answers, refused, &k, errs));
    CIT_TRY(cit_errors_status(errs));
    const bool stopped = refused(&k);
    CIT_TRY(cit_errors_status(errs));
    if (stopped) say_stop(&k);
    CIT_TRY(put_case(&k, errs));
    if (stopped)
        st = CIT_REFUSED;
    else
        say_end(&k);
done:
    cit_screening_free(k.screening);
    cit_interview_free(interview);
    return st;
}

/* ---- check -------------------------------------------------------------------------------------- */

static cit_status check_case(const arguments *a, const cit_catalogue *catalogue, cit_errors *errs) {
    cit_case *person = NULL;
    cit_screening *s = NULL;
    char zones[16], open[16], line[600];
    int unsettled = 0;
    cit_status st = CIT_OK;
    CIT_TRY(cit_case_load(a->file, &person, errs));
    CIT_TRY(cit_check_case(person, catalogue, errs));
    CIT_TRY(cit_screen(person, NULL, catalogue, a->day, &s, errs));
    const int who = person->done_by == 0 ? CIT_PHYSICIAN : person->done_by;
    const cit_rule *last = NULL;
    for (int i = 0; i < s->count; i++) {
        if (s->findings[i].rule == last || cit_finding_verdict(&s->findings[i], who) == CIT_CLEARED)
            continue;
        last = s->findings[i].rule;
        unsettled++;
    }
    snprintf(zones, sizeof zones, "%d", person->zone_count);
    snprintf(open, sizeof open, "%d", unsettled);
    cit_text_fill(line, sizeof line, cit_text(catalogue, "new_case.sound"), "file", a->file,
                  "zones", zones, "open", open, "who", who_name(catalogue, who), NULL);
    st = print_bytes(line, errs);
    if (st == CIT_OK) st = print_bytes("\n", errs);
done:
    cit_screening_free(s);
    cit_case_free(person);
    return st;
}

int run_case(int argc, char **argv) {
    static cit_errors errs;
    arguments a = {.day = today()};
    char name[] = "cit case", folder[4096];
    cit_catalogue *catalogue = NULL;
    cit_status st = CIT_OK;
    argv[0] = name;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    CIT_TRY(open_catalogue(a.catalogue, a.language, folder, &catalogue, &errs));
    st = strcmp(a.what, "new") == 0 ? new_case(&a, catalogue, &errs)
                                    : check_case(&a, catalogue, &errs);
done:
    cit_catalogue_free(catalogue);
    return st == CIT_OK ? 0 : st == CIT_REFUSED ? cit_status_exit(st) : print_errors(&errs);
}
