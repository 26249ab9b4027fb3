/* What commands that stand on a protocol share: refusing, and a forecast with its progress. */
#include "cli.h"
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

cit_status open_files(const char *catalogue, const char *language, const char *case_path,
                      const char *protocol_path, files *f, cit_errors *errs) {
    char folder[4096];
    const cit_status st = open_catalogue(catalogue, language, folder, &f->catalogue, errs);
    if (st != CIT_OK) return st;
    const cit_status of_case = case_path ? cit_case_load(case_path, &f->person, errs) : CIT_OK;
    const cit_status of_protocol =
        protocol_path ? cit_protocol_load(protocol_path, &f->protocol, errs) : CIT_OK;
    if (of_case != CIT_OK) return of_case;
    if (of_protocol != CIT_OK) return of_protocol;
    if (f->person == NULL) return CIT_OK;
    return f->protocol ? cit_check_together(f->person, f->protocol, f->catalogue, errs)
                       : cit_check_case(f->person, f->catalogue, errs);
}

void close_files(files *f) {
    cit_screening_free(f->screening);
    cit_protocol_free(f->protocol);
    cit_case_free(f->person);
    cit_catalogue_free(f->catalogue);
}

int exit_of_clearance(cit_clearance verdict) {
    return verdict == CIT_CLEARED     ? 0
           : verdict == CIT_ASK_FIRST ? cit_status_exit(CIT_UNSETTLED)
                                      : cit_status_exit(CIT_REFUSED);
}

/* As much of a text as fits, to the end of a word. */
static const char *shortened(const char *words, size_t most, char ret[300]) {
    size_t length = strlen(words);
    if (length > most) {
        length = most;
        while (length > 0 && words[length] != ' ') length--;
    }
    while (length > 0 && strchr(" ;,(", words[length - 1]) != NULL) length--;
    snprintf(ret, 300, "%.*s%s", (int)length, words, length < strlen(words) ? " ..." : "");
    return ret;
}

cit_status refuse_forbidden(const cit_screening *s, const cit_case *person, int who,
                            const cit_catalogue *catalogue, cit_errors *errs) {
    if (cit_screening_verdict(s, -1, who) != CIT_FORBIDDEN) return CIT_OK;
    for (int i = 0; i < s->count; i++) {
        const cit_finding *f = &s->findings[i];
        if (cit_finding_verdict(f, who == 0 ? CIT_PHYSICIAN : who) != CIT_FORBIDDEN) continue;
        char zone[80] = "";
        if (f->zone >= 0) cit_zone_name(&person->zones[f->zone], zone);
        const char *words =
            cit_text_of(catalogue, "rule", f->rule->id, "clinician", f->rule->clinician);
        char why[300], source[300];
        cit_fail(errs, CIT_REFUSED, cit_doc_name(person->doc), "refused, %s%s%s: %s (%s)",
                 f->rule->id, zone[0] ? ", " : "", zone, shortened(words, 190, why),
                 shortened(f->rule->grounds.source, 100, source));
    }
    return cit_errors_status(errs);
}

static volatile sig_atomic_t interrupted;

static void interrupt(int number) {
    (void)number;
    interrupted = 1;
}

static bool show_progress(void *context, double share, const char *what) {
    const bool *terminal = context;
    if (*terminal) fprintf(stderr, "\r%3.0f %% %-40s", 100 * share, what);
    return !interrupted;
}

cit_progress begin_work(void) {
    static bool terminal;
    terminal = isatty(STDERR_FILENO);
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    return (cit_progress){show_progress, &terminal};
}

void end_work(void) {
    if (isatty(STDERR_FILENO)) fprintf(stderr, "\r%-50s\r", "");
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
}

cit_status run_forecast(const cit_case *person, const cit_protocol *protocol,
                        const cit_catalogue *catalogue, const cit_forecast_options *options,
                        cit_forecast **ret, cit_errors *errs) {
    cit_forecast_options how = *options;
    how.progress = begin_work();
    const cit_status st = cit_forecast_run(person, protocol, catalogue, &how, ret, errs);
    end_work();
    return st;
}

cit_status no_entry(const char *kind, const char *id, const char *near, cit_errors *errs) {
    return cit_fail(errs, CIT_NOTFOUND, id, "there is no such %s%s%s%s; see `cit catalogue %ss`",
                    kind, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "", kind);
}

uint64_t whole_number(const char *text, uint64_t lo, uint64_t hi, const char *name,
                      struct argp_state *state) {
    char *end = NULL;
    errno = 0;
    const unsigned long long v = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != 0 || errno != 0 || v < lo || v > hi)
        argp_error(state, "--%s: '%s' is not a whole number from %llu to %llu", name, text,
                   (unsigned long long)lo, (unsigned long long)hi);
    return v;
}

double quantity(const char *text, const char *unit, const char *name, struct argp_state *state) {
    double value = 0;
    char why[160];
    if (!cit_quantity_parse(text, unit, &value, why)) argp_error(state, "--%s: %s", name, why);
    return value;
}

double positive_quantity(const char *text, const char *unit, const char *name,
                         struct argp_state *state) {
    const double value = quantity(text, unit, name, state);
    if (!(value > 0)) argp_error(state, "--%s: '%s' is not above 0", name, text);
    return value;
}

int choice_of(const char *text, const char *const *choices, const char *name,
              struct argp_state *state) {
    char all[300] = "";
    for (int i = 0; choices[i] != NULL; i++) {
        if (strcmp(choices[i], text) == 0) return i + 1;
        const size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s", i > 0 ? ", " : "", choices[i]);
    }
    argp_error(state, "--%s: '%s' is none of %s", name, text, all);
    return 0;
}

int parse_output(int key, char *arg, output *to) {
    switch (key) {
    case 'o':
        to->path = arg;
        return 0;
    case OPT_FORCE:
        to->force = true;
        return 0;
    case OPT_JSON:
        to->json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- options of commands that compute ------------------------------------------------------------- */

enum { OPT_SEED = 256, OPT_THREADS, OPT_CATALOGUE };

static const struct argp_option computing_options[] = {
    {"seed", OPT_SEED, "N", 0, "seed of all that is drawn (1, or as a trial's file says)", 0},
    {"threads", OPT_THREADS, "N", 0, "threads (all); the result does not depend on it", 0},
    {"catalogue", OPT_CATALOGUE, "FOLDER", 0, "another catalogue", 0},
    {0}};

static error_t parse_computing(int key, char *arg, struct argp_state *state) {
    computing *with = state->input;
    switch (key) {
    case OPT_SEED:
        with->seed = whole_number(arg, 0, INT64_MAX, "seed", state);
        with->has_seed = true;
        break;
    case OPT_THREADS:
        with->threads = (int)whole_number(arg, 1, 1024, "threads", state);
        break;
    case OPT_CATALOGUE:
        with->catalogue = arg;
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp computing_parser = {
    computing_options, parse_computing, NULL, NULL, NULL, NULL, NULL};
const struct argp_child computing_children[] = {{&computing_parser, 0, NULL, 0}, {0}};

void take_computing(struct argp_state *state, computing *with) { state->child_inputs[0] = with; }
