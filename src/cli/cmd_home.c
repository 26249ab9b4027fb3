/* cit home: eight questions, one honest page. */
#include "cli.h"
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct arguments {
    const char *answers, *catalogue, *language;
    int day;
    output to;
} arguments;

enum { OPT_ANSWERS = OPT_OWN, OPT_DATE, OPT_CATALOGUE, OPT_LANGUAGE };

static const struct argp_option options[] = {
    {"answers", OPT_ANSWERS, "FILE", 0, "answers from a file instead of the terminal", 0},
    {"output", 'o', "FILE", 0, "write the page as PDF", 0},
    {"force", OPT_FORCE, NULL, 0, "replace a PDF that exists", 0},
    {"date", OPT_DATE, "DATE", 0, "the day of the answers (today)", 0},
    {"language", OPT_LANGUAGE, "ID", 0, "language (en)", 0},
    {"catalogue", OPT_CATALOGUE, "FOLDER", 0, "another catalogue", 0},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state) {
    arguments *a = state->input;
    switch (key) {
    case OPT_ANSWERS:
        a->answers = arg;
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
        argp_error(state, "no file is needed: '%s' is too much", arg);
        break;
    default:
        return parse_output(key, arg, &a->to);
    }
    return 0;
}

static const struct argp parser = {
    options,
    parse,
    NULL,
    "For somebody at home: is it safe for me? Eight questions, then one page: what to look for if "
    "you "
    "have already needled, the answer and why, what is safer and works.\v"
    "Nothing is kept. Exit status: 0 a yes within the one limit, 3 ask a doctor first, 2 no.",
    NULL,
    NULL,
    NULL};

/* One sheet: what does not fit on it is told more briefly. */
static cit_status write_sheet(const arguments *a, cit_advice *advice, const cit_page *page,
                              cit_errors *errs) {
    const char *footer = cit_text(advice->catalogue, "home_page.title");
    cit_errors full = {0};
    if (write_pdf(page, a->to.path, true, a->day, a->to.force, footer, &full) == CIT_OK)
        return CIT_OK;
    advice->brief = true;
    cit_page *brief = cit_page_of_home(advice);
    const cit_status st = write_pdf(brief, a->to.path, true, a->day, a->to.force, footer, errs);
    cit_page_free(brief);
    return st;
}

static cit_status home(const arguments *a, int *ret_exit, cit_errors *errs) {
    cit_status st = CIT_OK;
    char folder[4096];
    cit_catalogue *catalogue = NULL;
    cit_interview *interview = NULL;
    cit_screening *s = NULL;
    cit_page *page = NULL;

    CIT_TRY(open_catalogue(a->catalogue, a->language, folder, &catalogue, errs));
    CIT_TRY(may_write(a->to.path, a->to.force, errs));
    CIT_TRY(cit_interview_new(CIT_LIST_HOME, catalogue, a->day, &interview, errs));
    CIT_TRY(ask_all(interview, catalogue, a->answers, NULL, NULL, errs));
    const cit_case *person = cit_interview_draft(interview);
    CIT_TRY(cit_screen(person, NULL, catalogue, a->day, &s, errs));
    cit_advice advice = {.catalogue = catalogue,
                         .person = person,
                         .screening = s,
                         .who = CIT_HOME,
                         .day = a->day,
                         .plain = true,
                         .needled = cit_interview_needled_day(interview)};
    page = cit_page_of_home(&advice);
    if (a->answers == NULL) CIT_TRY(print_bytes("\n", errs));
    CIT_TRY(print_page(page, errs));
    if (a->to.path != NULL) CIT_TRY(write_sheet(a, &advice, page, errs));
    *ret_exit = exit_of_clearance(cit_screening_verdict(s, -1, CIT_HOME));
done:
    cit_page_free(page);
    cit_screening_free(s);
    cit_interview_free(interview);
    cit_catalogue_free(catalogue);
    return st;
}

int run_home(int argc, char **argv) {
    static cit_errors errs;
    arguments a = {.day = today()};
    char name[] = "cit home";
    int status = 0;
    argv[0] = name;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    return home(&a, &status, &errs) == CIT_OK ? status : print_errors(&errs);
}
