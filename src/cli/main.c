/* cit: the command line. */
#include "cli.h"
#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const command commands[] = {
    {"case", "make a case file from questions (new), or check one", run_case},
    {"screen", "may this person be needled, where, by whom, what to ask first", run_screen},
    {"home", "for somebody at home: eight questions, one honest page", run_home},
    {"plan", "search courses of needling for a person, beside doing nothing", run_plan},
    {"simulate", "forecast a course of needling for a person", run_simulate},
    {"calibrate", "fit the model's parameters to the published evidence", run_calibrate},
    {"validate", "hold what is predicted against what studies reported", run_validate},
    {"trial", "repeat a trial with virtual people: power, assurance, size", run_trial},
    {"serum", "how much of a solute gets through needled skin, now or later", run_serum},
    {"measure", "scars, roughness, colour of scans and photos, and their change", run_measure},
    {"answers", "the ten usual questions, answered for a person", run_answers},
    {"visit", "the sheet for a visit, the record of it, the care around it", run_visit},
    {"catalogue", "list and check devices, rules, claims, harms, evidence, parameters",
     run_catalogue},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

int print_errors(const cit_errors *errs) {
    for (int i = 0; i < errs->count; i++) {
        const cit_error *e = &errs->items[i];
        fprintf(stderr, "%s%s%s\n", e->where, e->where[0] ? ": " : "cit: ", e->text);
    }
    if (errs->lost > 0) fprintf(stderr, "cit: and %d more faults\n", errs->lost);
    return cit_status_exit(cit_errors_status(errs));
}

cit_status print_bytes(const char *bytes, cit_errors *errs) {
    const size_t size = strlen(bytes);
    if (fwrite(bytes, 1, size, stdout) == size && fflush(stdout) == 0) return CIT_OK;
    return cit_fail(errs, CIT_IO, "standard output", "could not be written: %s", strerror(errno));
}

cit_status find_catalogue(const char *given, char path[4096], cit_errors *errs) {
    const char *from_environment = getenv("CIT_CATALOGUE");
    static const char *const beside[] = {"../share/cit", "../data", "data"};
    char program[3900];
    if (given != NULL || from_environment != NULL) {
        snprintf(path, 4096, "%s", given != NULL ? given : from_environment);
        return CIT_OK;
    }
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length > 0) {
        program[length] = 0;
        *strrchr(program, '/') = 0;
        for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
            char probe[4096];
            snprintf(path, 4096, "%s/%s", program, beside[i]);
            snprintf(probe, sizeof probe, "%s/%s/devices", program, beside[i]);
            if (access(probe, R_OK) == 0) return CIT_OK;
        }
    }
    return cit_fail(errs, CIT_NOTFOUND, "catalogue",
                    "is neither beside the program nor named; use --catalogue FOLDER");
}

cit_status open_catalogue(const char *given, const char *language, char path[4096],
                          cit_catalogue **ret, cit_errors *errs) {
    cit_catalogue *c = NULL;
    cit_status st = CIT_OK;
    CIT_TRY(find_catalogue(given, path, errs));
    CIT_TRY(cit_catalogue_load(path, &c, errs));
    CIT_TRY(cit_rules_check(c, errs));
    if (language != NULL) CIT_TRY(cit_catalogue_speak(c, language, errs));
    *ret = c;
    c = NULL;
done:
    cit_catalogue_free(c);
    return st;
}

int today(void) {
    const time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    char text[40];
    int day = 0;
    snprintf(text, sizeof text, "%04d-%02d-%02d", local.tm_year + 1900, local.tm_mon + 1,
             local.tm_mday);
    return cit_date_parse(text, &day) ? day : 0;
}

int parse_date(const char *text, struct argp_state *state) {
    int day = 0;
    if (!cit_date_parse(text, &day))
        argp_error(state, "'%s' is not a date; write for example '2026-01-31'", text);
    return day;
}

/* The date of the first planned visit after `after`, where dates and intervals give it. */
static int first_planned(const cit_protocol *p, int after) {
    static cit_appointment visits[CIT_APPOINTMENTS_MAX];
    const int n = cit_protocol_schedule(p, (double)INFINITY, visits);
    int first = 0;
    while (first < p->visit_count && p->visits[first].status == CIT_MISSED) first++;
    if (first == p->visit_count || p->visits[first].date == CIT_UNKNOWN_INT) return CIT_UNKNOWN_INT;
    for (int i = 0; i < n; i++) {
        if (visits[i].status != CIT_PLANNED || !isfinite(visits[i].day)) continue;
        const int day = p->visits[first].date + (int)lround(visits[i].day);
        if (day > after) return day;
    }
    return CIT_UNKNOWN_INT;
}

int screening_day(int given, const cit_protocol *protocol, const cit_case *person) {
    int last = CIT_UNKNOWN_INT;
    if (given != CIT_UNKNOWN_INT) return given;
    for (int i = 0; i < person->visit_count; i++)
        if (person->visits[i].date > last) last = person->visits[i].date;
    const int planned = protocol != NULL ? first_planned(protocol, last) : CIT_UNKNOWN_INT;
    return planned != CIT_UNKNOWN_INT ? planned : today();
}

bool colour_wanted(void) {
    const char *no_colour = getenv("NO_COLOR");
    return (no_colour == NULL || *no_colour == 0) && isatty(STDOUT_FILENO);
}

static void print_help(FILE *out) {
    fprintf(out,
            "usage: cit COMMAND [OPTION...] ...\n\n"
            "Forecasts and plans collagen induction therapy (microneedling) of acne scars.\n"
            "It supports a decision that a qualified person makes; it gives no medical advice.\n"
            "\n");
    for (int i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-11s %s\n", commands[i].name, commands[i].help);
    fprintf(out,
            "\n`cit COMMAND --help` tells more. `cit --version` prints the version.\n\n"
            "Exit status: 0 done, 2 refused by a safety rule, 3 something must be asked first,\n"
            "64 wrong command line, 65 bad input, 66 no such file, 70 internal fault,\n"
            "71 out of memory, 74 input or output failed, 130 stopped.\n");
}

int main(int argc, char **argv) {
    if (argc < 2) {
        print_help(stderr);
        return 64;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("cit %s\n", CIT_VERSION);
        return 0;
    }
    const char *names[COMMANDS + 1] = {NULL};
    for (int i = 0; i < COMMANDS; i++) {
        names[i] = commands[i].name;
        if (strcmp(argv[1], commands[i].name) == 0) return commands[i].run(argc - 1, argv + 1);
    }
    const char *near = cit_nearest(argv[1], names);
    fprintf(stderr, "cit: there is no command '%s'%s%s%s; see `cit --help`\n", argv[1],
            near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    return 64;
}
