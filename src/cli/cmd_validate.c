/* cit validate [EVIDENCE...]: predicted against reported. */
#include "cli.h"
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILES_MAX = 200, REFIT_CHAINS = 128, REFIT_STEPS = 8 };

typedef struct arguments {
    const char *files[FILES_MAX];
    int file_count;
    const char *posterior;
    bool refit;
    int draws, people;
    computing with;
    output to;
} arguments;

enum { OPT_REFIT = OPT_OWN, OPT_DRAWS, OPT_PEOPLE, OPT_POSTERIOR };

static const struct argp_option options[] = {
    {"output", 'o', "FOLDER", 0, "write validation.md, validation.json and the forest there", 0},
    {"force", OPT_FORCE, NULL, 0, "replace them if they are there", 0},
    {"json", OPT_JSON, NULL, 0, "print one JSON document instead of the table", 0},
    {"refit", OPT_REFIT, NULL, 0,
     "fit anew without each study that weights cannot leave out (a quarter of an hour)", 0},
    {"draws", OPT_DRAWS, "N", 0, "draws of the posterior (all)", 0},
    {"people", OPT_PEOPLE, "N", 0, "people followed for each arm (16)", 0},
    {"posterior", OPT_POSTERIOR, "FILE", 0, "another posterior than the catalogue's", 0},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state) {
    arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        take_computing(state, &a->with);
        break;
    case OPT_REFIT:
        a->refit = true;
        break;
    case OPT_DRAWS:
        a->draws = (int)whole_number(arg, 20, 100000, "draws", state);
        break;
    case OPT_PEOPLE:
        a->people = (int)whole_number(arg, 2, 64, "people", state);
        break;
    case OPT_POSTERIOR:
        a->posterior = arg;
        break;
    case ARGP_KEY_ARG:
        if (a->file_count == FILES_MAX) argp_error(state, "at most %d files", FILES_MAX);
        a->files[a->file_count++] = arg;
        break;
    default:
        return parse_output(key, arg, &a->to);
    }
    return 0;
}

static const struct argp parser = {
    options,
    parse,
    "[EVIDENCE...]",
    "Holds what the model predicts against what studies reported, figure by figure, each study "
    "left out in "
    "its turn, and against two baselines that know no mechanism.\v"
    "EVIDENCE are files in the format of data/evidence (docs/evidence.md), also of studies that "
    "the model "
    "has never seen; without any, the catalogue's own. The other studies of the catalogue stay the "
    "baselines' evidence.",
    computing_children,
    NULL,
    NULL};

/* ---- the command --------------------------------------------------------------------------------- */

static cit_status write_file(const arguments *a, const char *name, const void *bytes, size_t size,
                             cit_errors *errs) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", a->to.path, name);
    const cit_status st = may_write(path, a->to.force, errs);
    return st == CIT_OK ? cit_file_write(path, bytes, size, errs) : st;
}

/* Nothing is computed or written where anything would have to be kept. */
static cit_status may_write_all(const arguments *a, cit_errors *errs) {
    static const char *const names[] = {"validation.md", "validation.json", "validation.svg",
                                        "validation.png"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", a->to.path, names[i]);
        const cit_status st = may_write(path, a->to.force, errs);
        if (st != CIT_OK) return st;
    }
    return CIT_OK;
}

static cit_status write_results(const arguments *a, const cit_validation_report *r,
                                cit_errors *errs) {
    cit_status st = CIT_OK;
    char *page = NULL, *json = NULL;
    unsigned char *picture = NULL;
    size_t size = 0;
    if (mkdir(a->to.path, 0777) != 0 && errno != EEXIST)
        return cit_fail(errs, CIT_IO, a->to.path, "cannot be made: %s", strerror(errno));
    CIT_TRY(may_write_all(a, errs));
    CIT_TRY(cit_report_validation(r, &page, errs));
    CIT_TRY(write_file(a, "validation.md", page, strlen(page), errs));
    CIT_TRY(cit_report_validation_json(r, &json, errs));
    CIT_TRY(write_file(a, "validation.json", json, strlen(json), errs));
    for (int png = 0; png < 2 && r->validation->between_count > 0; png++) {
        CIT_TRY(cit_report_forest(r, png, &picture, &size, errs));
        CIT_TRY(write_file(a, png ? "validation.png" : "validation.svg", picture, size, errs));
        free(picture);
        picture = NULL;
    }
done:
    free(page);
    free(json);
    free(picture);
    return st;
}

static cit_status print_result(const arguments *a, const cit_validation_report *r,
                               cit_errors *errs) {
    char *bytes = NULL;
    cit_status st = a->to.json ? cit_report_validation_json(r, &bytes, errs)
                               : cit_report_validation_table(r, &bytes, errs);
    if (st == CIT_OK) st = print_bytes(bytes, errs);
    if (st == CIT_OK && a->to.json) st = print_bytes("\n", errs);
    free(bytes);
    return st;
}

/* Files of studies, all of whose faults are told before stopping. */
typedef struct extra_studies {
    cit_study_file *files[FILES_MAX];
    int count;
} extra_studies;

static cit_status read_files(const arguments *a, extra_studies *extra, cit_errors *errs) {
    for (int i = 0; i < a->file_count; i++)
        if (cit_study_file_read(a->files[i], &extra->files[extra->count], errs) == CIT_OK)
            extra->count++;
    return cit_errors_status(errs);
}

/* Files stand before the catalogue's studies of the same name. */
static int gather(const cit_catalogue *catalogue, const extra_studies *extra,
                  const cit_study **studies) {
    int count = 0;
    for (int i = 0; i < extra->count; i++) studies[count++] = cit_study_of_file(extra->files[i]);
    for (int i = 0; i < catalogue->study_count; i++) {
        bool there = false;
        for (int j = 0; j < extra->count; j++)
            there = there || strcmp(studies[j]->id, catalogue->studies[i].id) == 0;
        if (!there) studies[count++] = &catalogue->studies[i];
    }
    return count;
}

static cit_status validate(const arguments *a, cit_errors *errs) {
    cit_status st = CIT_OK;
    char folder[4096];
    cit_catalogue *catalogue = NULL;
    cit_posterior *read = NULL;
    cit_evidence *evidence = NULL;
    cit_samples *samples = NULL, **refits = NULL;
    cit_validation *validation = NULL;
    const cit_study **studies = NULL;
    extra_studies extra = {0};

    if (a->to.path != NULL) CIT_TRY(may_write_all(a, errs));
    CIT_TRY(open_catalogue(a->with.catalogue, NULL, folder, &catalogue, errs));
    CIT_TRY(read_files(a, &extra, errs));
    if (a->posterior != NULL) CIT_TRY(cit_posterior_read(a->posterior, &read, errs));
    const cit_posterior *posterior = read != NULL ? read : catalogue->posterior;
    if (posterior == NULL) {
        st = cit_fail(errs, CIT_NOTFOUND, folder,
                      "there is no posterior/needling.csv; `cit calibrate` makes it");
        goto done;
    }
    studies =
        malloc((size_t)(catalogue->study_count + extra.count + 1) * sizeof(const cit_study *));
    if (studies == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory");
        goto done;
    }
    const int count = gather(catalogue, &extra, studies);
    const cit_evidence_options with = {.people = a->people, .seed = a->with.seed};
    CIT_TRY(cit_evidence_make(catalogue, studies, count, &with, &evidence, errs));
    const cit_progress progress = begin_work();
    st = cit_samples_of(evidence, posterior, a->draws, a->with.threads, &progress, &samples, errs);
    end_work();
    if (st != CIT_OK) goto done;
    if (a->refit) {
        const cit_sampling refitting = {.chains = REFIT_CHAINS,
                                        .steps = REFIT_STEPS,
                                        .seed = a->with.seed,
                                        .threads = a->with.threads,
                                        .progress = begin_work()};
        st = cit_refits_make(evidence, posterior, samples, false, &refitting, &refits, errs);
        end_work();
        if (st != CIT_OK) goto done;
    }
    CIT_TRY(cit_validate(evidence, posterior, samples, refits, a->with.seed, &validation, errs));
    const cit_validation_report r = {"cit " CIT_VERSION, evidence, validation, posterior,
                                     samples->draws};
    CIT_TRY(print_result(a, &r, errs));
    if (a->to.path != NULL) CIT_TRY(write_results(a, &r, errs));
done:
    cit_validation_free(validation);
    cit_refits_free(refits, evidence != NULL ? cit_evidence_studies(evidence) : 0);
    cit_samples_free(samples);
    cit_evidence_free(evidence);
    for (int i = 0; i < extra.count; i++) cit_study_file_free(extra.files[i]);
    free(studies);
    cit_posterior_free(read);
    cit_catalogue_free(catalogue);
    return st;
}

int run_validate(int argc, char **argv) {
    static cit_errors errs;
    arguments a = {.with.seed = 1, .people = 16};
    char name[] = "cit validate";
    argv[0] = name;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    return validate(&a, &errs) == CIT_OK ? 0 : print_errors(&errs);
}
