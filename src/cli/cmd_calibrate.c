/* cit calibrate -o FOLDER: fits the parameters to the evidence of the catalogue. */
#include "cli.h"
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct arguments {
    int chains, steps, moves, people;
    computing with;
    output to;
} arguments;

enum { OPT_CHAINS = OPT_OWN, OPT_STEPS, OPT_MOVES, OPT_PEOPLE };

static const struct argp_option options[] = {
    {"output", 'o', "FOLDER", 0,
     "write needling.csv (the posterior) and calibration.md there (needed)", 0},
    {"force", OPT_FORCE, NULL, 0, "replace them if they are there", 0},
    {"chains", OPT_CHAINS, "N", 0, "chains of every temperature (256)", 0},
    {"steps", OPT_STEPS, "N", 0, "steps of every chain, all kept (8)", 0},
    {"moves", OPT_MOVES, "N", 0,
     "walks between two steps in two more passes at the end; 0: no such passes (2)", 0},
    {"people", OPT_PEOPLE, "N", 0, "people followed for each arm (16)", 0},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state) {
    arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        take_computing(state, &a->with);
        break;
    case OPT_CHAINS:
        a->chains = (int)whole_number(arg, 8, 100000, "chains", state);
        break;
    case OPT_STEPS:
        a->steps = (int)whole_number(arg, 2, 1000, "steps", state);
        break;
    case OPT_MOVES:
        a->moves = (int)whole_number(arg, 0, 1000, "moves", state);
        break;
    case OPT_PEOPLE:
        a->people = (int)whole_number(arg, 2, 64, "people", state);
        break;
    case ARGP_KEY_ARG:
        argp_error(state, "the evidence is the catalogue's: '%s' is too much", arg);
        break;
    case ARGP_KEY_END:
        if (a->to.path == NULL) argp_error(state, "a folder is needed: --output FOLDER");
        break;
    default:
        return parse_output(key, arg, &a->to);
    }
    return 0;
}

static const struct argp parser = {options,
                                   parse,
                                   "--output FOLDER",
                                   "Fits the model's parameters to every usable figure of "
                                   "data/evidence: sequential Monte Carlo from the "
                                   "prior (data/parameters) to the posterior, which all forecasts "
                                   "use once it lies in the catalogue as "
                                   "posterior/needling.csv.\v"
                                   "Takes about half an hour on two cores. calibration.md says "
                                   "what was learnt of each parameter, and "
                                   "what the evidence does not inform.",
                                   computing_children,
                                   NULL,
                                   NULL};

static cit_status write_results(const arguments *a, const cit_calibration *c, cit_errors *errs) {
    char path[4096], *posterior = NULL, *page = NULL;
    cit_status st = CIT_OK;
    CIT_TRY(cit_report_posterior(c, &posterior, errs));
    CIT_TRY(cit_report_calibration(c, &page, errs));
    if (mkdir(a->to.path, 0777) != 0 && errno != EEXIST) {
        st = cit_fail(errs, CIT_IO, a->to.path, "cannot be made: %s", strerror(errno));
        goto done;
    }
    snprintf(path, sizeof path, "%s/calibration.md", a->to.path);
    CIT_TRY(cit_file_write(path, page, strlen(page), errs));
    snprintf(path, sizeof path, "%s/needling.csv", a->to.path);
    CIT_TRY(cit_file_write(path, posterior, strlen(posterior), errs));
done:
    free(posterior);
    free(page);
    return st;
}

/* What lies there is kept unless told otherwise; asked before half an hour's work. */
static cit_status may_write_results(const arguments *a, cit_errors *errs) {
    char path[4096];
    snprintf(path, sizeof path, "%s/needling.csv", a->to.path);
    cit_status st = may_write(path, a->to.force, errs);
    snprintf(path, sizeof path, "%s/calibration.md", a->to.path);
    if (st == CIT_OK) st = may_write(path, a->to.force, errs);
    return st;
}

static cit_status calibrate(const arguments *a, cit_errors *errs) {
    cit_status st = CIT_OK;
    char folder[4096];
    cit_catalogue *catalogue = NULL;
    cit_evidence *evidence = NULL;
    cit_samples *samples = NULL, **refits = NULL;
    cit_validation *validation = NULL;
    const cit_study **studies = NULL;

    CIT_TRY(may_write_results(a, errs));
    CIT_TRY(open_catalogue(a->with.catalogue, NULL, folder, &catalogue, errs));
    studies = malloc(((size_t)catalogue->study_count + 1) * sizeof(const cit_study *));
    if (studies == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory");
        goto done;
    }
    for (int i = 0; i < catalogue->study_count; i++) studies[i] = &catalogue->studies[i];
    const cit_evidence_options with = {.people = a->people, .seed = a->with.seed};
    CIT_TRY(cit_evidence_make(catalogue, studies, catalogue->study_count, &with, &evidence, errs));
    const cit_sampling sampling = {.chains = a->chains,
                                   .steps = a->steps,
                                   .moves = a->moves,
                                   .seed = a->with.seed,
                                   .threads = a->with.threads,
                                   .progress = begin_work()};
    st = cit_sample(evidence, &sampling, &samples, errs);
    end_work();
    if (st != CIT_OK) goto done;
    /* For the blend; half the chains do, from draws that have settled. */
    cit_sampling refitting = sampling;
    refitting.chains = (a->chains + 1) / 2;
    refitting.moves = 0;
    refitting.progress = begin_work();
    st = cit_refits_make(evidence, NULL, samples, true, &refitting, &refits, errs);
    end_work();
    if (st != CIT_OK) goto done;
    CIT_TRY(cit_validate(evidence, NULL, samples, refits, a->with.seed, &validation, errs));
    const cit_calibration c = {"cit " CIT_VERSION, evidence, samples,  validation, a->with.seed,
                               a->chains,          a->steps, a->moves, a->people};
    CIT_TRY(write_results(a, &c, errs));
done:
    cit_validation_free(validation);
    cit_refits_free(refits, evidence != NULL ? cit_evidence_studies(evidence) : 0);
    cit_samples_free(samples);
    cit_evidence_free(evidence);
    free(studies);
    cit_catalogue_free(catalogue);
    return st;
}

int run_calibrate(int argc, char **argv) {
    static cit_errors errs;
    arguments a = {.with.seed = 1, .chains = 256, .steps = 8, .moves = 2, .people = 16};
    char name[] = "cit calibrate";
    argv[0] = name;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    return calibrate(&a, &errs) == CIT_OK ? 0 : print_errors(&errs);
}
