/* cit simulate CASE --protocol P: forecast one course. */
#include "cli.h"
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    const char *case_path, *protocol_path, *folder;
    bool json, brief, force, prior;
    int draws, day;
    computing with;
} arguments;

enum { OPT_JSON = 256, OPT_BRIEF, OPT_FORCE, OPT_DRAWS, OPT_DATE, OPT_PRIOR };

static const struct argp_option options[] = {
    {"protocol", 'p', "FILE", 0, "the course: visits, devices, settings (needed)", 0},
    {"output", 'o', "FOLDER", 0, "write JSON, CSV and charts (SVG, PNG) into a new folder", 0},
    {"force", OPT_FORCE, NULL, 0, "replace results in a folder that exists", 0},
    {"json", OPT_JSON, NULL, 0, "print one JSON document instead of the table", 0},
    {"brief", OPT_BRIEF, NULL, 0, "print a few lines instead of the table", 0},
    {"draws", OPT_DRAWS, "N", 0, "draws of the ensemble (512)", 0},
    {"prior", OPT_PRIOR, NULL, 0, "forecast from the prior, as if nothing had been fitted", 0},
    {"date", OPT_DATE, "DATE", 0, "screen for this day (the first planned visit, else today)", 0},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state) {
    arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        take_computing(state, &a->with);
        break;
    case 'p':
        a->protocol_path = arg;
        break;
    case 'o':
        a->folder = arg;
        break;
    case OPT_FORCE:
        a->force = true;
        break;
    case OPT_JSON:
        a->json = true;
        break;
    case OPT_BRIEF:
        a->brief = true;
        break;
    case OPT_DRAWS:
        a->draws = (int)whole_number(arg, 20, 100000, "draws", state);
        break;
    case OPT_PRIOR:
        a->prior = true;
        break;
    case OPT_DATE:
        a->day = parse_date(arg, state);
        break;
    case ARGP_KEY_ARG:
        if (a->case_path != NULL) argp_error(state, "one case at a time: '%s' is too much", arg);
        a->case_path = arg;
        break;
    case ARGP_KEY_END:
        if (a->case_path == NULL) argp_error(state, "a case file is needed");
        if (a->protocol_path == NULL) argp_error(state, "a protocol is needed: --protocol FILE");
        if (a->json && a->brief) argp_error(state, "either --json or --brief");
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp parser = {
    options,
    parse,
    "CASE --protocol FILE",
    "Forecasts what a course of needling does to a person's scars: "
    "medians with 50 and 90 % bands, what "
    "they rest on, and where the evidence ends.\v"
    "Stands on screening: what a rule forbids for who does it is refused "
    "(exit status 2), with the rule and its source; what is not "
    "answered is said on the result. `cit screen` tells all of it.",
    computing_children,
    NULL,
    NULL};

/* ---- the command --------------------------------------------------------------------------- */

static cit_status print_result(const arguments *a, const cit_report *report, cit_errors *errs) {
    char *bytes = NULL;
    cit_status st = a->json    ? cit_report_json(report, &bytes, errs)
                    : a->brief ? cit_report_brief(report, &bytes, errs)
                               : cit_report_table(report, colour_wanted(), &bytes, errs);
    if (st == CIT_OK) st = print_bytes(bytes, errs);
    if (st == CIT_OK && a->json) st = print_bytes("\n", errs);
    free(bytes);
    return st;
}

static cit_status simulate(const arguments *a, cit_errors *errs) {
    cit_status st = CIT_OK;
    char folder[4096];
    cit_catalogue *catalogue = NULL;
    cit_case *person = NULL;
    cit_protocol *protocol = NULL;
    cit_forecast *forecast = NULL;
    cit_screening *screening = NULL;

    CIT_TRY(open_catalogue(a->with.catalogue, NULL, folder, &catalogue, errs));
    /* Both files are read before stopping, so that the faults of both are told. */
    const cit_status of_case = cit_case_load(a->case_path, &person, errs);
    const cit_status of_protocol = cit_protocol_load(a->protocol_path, &protocol, errs);
    CIT_TRY(of_case);
    CIT_TRY(of_protocol);
    CIT_TRY(cit_check_together(person, protocol, catalogue, errs));
    CIT_TRY(cit_may_forecast(person, protocol, errs));
    CIT_TRY(cit_screen(person, protocol, catalogue, screening_day(a->day, protocol, person),
                       &screening, errs));
    const int who = cit_who_of(person, protocol);
    CIT_TRY(refuse_forbidden(screening, person, who, catalogue, errs));

    const cit_forecast_options how = {
        .draws = a->draws, .seed = a->with.seed, .threads = a->with.threads, .prior = a->prior};
    CIT_TRY(run_forecast(person, protocol, catalogue, &how, &forecast, errs));
    const cit_report report = {"cit " CIT_VERSION, person,    protocol,
                               catalogue,          screening, forecast};
    if (a->folder != NULL) CIT_TRY(cit_report_write(&report, a->folder, a->force, errs));
    CIT_TRY(print_result(a, &report, errs));
done:
    cit_forecast_free(forecast);
    cit_protocol_free(protocol);
    cit_case_free(person);
    cit_catalogue_free(catalogue);
    cit_screening_free(screening);
    return st;
}

int run_simulate(int argc, char **argv) {
    static cit_errors errs;
    arguments a = {.with.seed = 1, .day = CIT_UNKNOWN_INT};
    char name[] = "cit simulate";
    argv[0] = name;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    return simulate(&a, &errs) == CIT_OK ? 0 : print_errors(&errs);
}
