/* cit answers CASE [--protocol P]: the ten usual questions. */
#include "cli.h"
#include <argp.h>
#include <stdio.h>

typedef struct arguments {
    const char *case_path, *protocol_path, *catalogue, *language;
    int day;
    output to;
} arguments;

enum { OPT_DATE = OPT_OWN, OPT_CATALOGUE, OPT_LANGUAGE };

static const struct argp_option options[] = {
    {"protocol", 'p', "FILE", 0, "forecast this course, and answer from it", 0},
    {"output", 'o', "FILE", 0, "write the page as PDF", 0},
    {"force", OPT_FORCE, NULL, 0, "replace a PDF that exists", 0},
    {"date", OPT_DATE, "DATE", 0, "for this day (the first planned visit, else today)", 0},
    {"language", OPT_LANGUAGE, "ID", 0, "language (en)", 0},
    {"catalogue", OPT_CATALOGUE, "FOLDER", 0, "another catalogue", 0},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state) {
    arguments *a = state->input;
    switch (key) {
    case 'p':
        a->protocol_path = arg;
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
        if (a->case_path != NULL) argp_error(state, "one case at a time: '%s' is too much", arg);
        a->case_path = arg;
        break;
    case ARGP_KEY_END:
        if (a->case_path == NULL) argp_error(state, "a case file is needed");
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
    "Does it hurt, is it safe for my skin, how many visits, when do I see it, does it last, "
    "downtime, "
    "side effects, combine with what, will scars go, home or clinic: answered from this person's "
    "forecast, the rules, and what studies say of common claims.\v"
    "No forecast is made for somebody whom a rule refuses; the questions are answered all the "
    "same.",
    NULL,
    NULL,
    NULL};

static cit_status answers(const arguments *a, cit_errors *errs) {
    cit_status st = CIT_OK;
    files f = {0};
    cit_forecast *forecast = NULL;
    cit_page *page = NULL;
    const cit_forecast_options how = {.seed = 1};

    CIT_TRY(may_write(a->to.path, a->to.force, errs));
    CIT_TRY(open_files(a->catalogue, a->language, a->case_path, a->protocol_path, &f, errs));
    const int day = screening_day(a->day, f.protocol, f.person);
    const int who = cit_who_of(f.person, f.protocol);
    CIT_TRY(cit_screen(f.person, f.protocol, f.catalogue, day, &f.screening, errs));
    if (f.protocol != NULL && cit_screening_verdict(f.screening, -1, who) != CIT_FORBIDDEN) {
        CIT_TRY(cit_may_forecast(f.person, f.protocol, errs));
        CIT_TRY(run_forecast(f.person, f.protocol, f.catalogue, &how, &forecast, errs));
    }
    const cit_advice advice = {.catalogue = f.catalogue,
                               .person = f.person,
                               .protocol = f.protocol,
                               .screening = f.screening,
                               .forecast = forecast,
                               .who = who,
                               .day = day,
                               .plain = true};
    page = cit_page_of_answers(&advice);
    CIT_TRY(print_page(page, errs));
    if (a->to.path != NULL)
        st = write_pdf(page, a->to.path, false, day, a->to.force,
                       cit_text(f.catalogue, "answers.title"), errs);
done:
    cit_page_free(page);
    cit_forecast_free(forecast);
    close_files(&f);
    return st;
}

int run_answers(int argc, char **argv) {
    static cit_errors errs;
    arguments a = {.day = CIT_UNKNOWN_INT};
    char name[] = "cit answers";
    argv[0] = name;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    return answers(&a, &errs) == CIT_OK ? 0 : print_errors(&errs);
}
