/* cit simulate CASE --protocol P: forecast one course. */
#include "cli.h"
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    const char *case_path, *protocol_path;
    bool brief, prior;
    int draws, day;
    computing with;
    bool patch;
    const char *patch_option; /* one that only --patch has */
    patch_arguments of_patch;
    output to;
} arguments;

enum {
    OPT_BRIEF = OPT_OWN,
    OPT_DRAWS,
    OPT_DATE,
    OPT_PRIOR,
    OPT_PATCH,
    OPT_SCAR,
    OPT_SURFACE,
    OPT_NUMBER,
    OPT_VOXEL,
    OPT_VOXEL_Z,
    OPT_SIZE,
    OPT_DAYS,
    OPT_EVERY,
    OPT_FIELDS,
    OPT_VTK,
    OPT_PRECISION,
    OPT_STORE,
    OPT_CHECKPOINT,
    OPT_RESUME,
};

static const struct argp_option options[] = {
    {"protocol", 'p', "FILE", 0, "the course: visits, devices, settings (needed)", 0},
    {"output", 'o', "FOLDER", 0, "write JSON, CSV and charts (SVG, PNG) into a new folder", 0},
    {"force", OPT_FORCE, NULL, 0, "replace results in a folder that exists", 0},
    {"json", OPT_JSON, NULL, 0, "print one JSON document instead of the table", 0},
    {"brief", OPT_BRIEF, NULL, 0, "print a few lines instead of the table", 0},
    {"draws", OPT_DRAWS, "N", 0, "draws of the ensemble (512)", 0},
    {"prior", OPT_PRIOR, NULL, 0, "forecast from the prior, as if nothing had been fitted", 0},
    {"date", OPT_DATE, "DATE", 0, "screen for this day (the first planned visit, else today)", 0},
    {NULL, 0, NULL, 0, "One scar in voxels instead of a forecast:", 3},
    {"patch", OPT_PATCH, NULL, 0,
     "follow the tissue of one scar in three dimensions; with -o its fields (HDF5), a film, the "
     "surface before and after",
     3},
    {"scar", OPT_SCAR, "TYPE", 0, "rolling, boxcar or ice-pick (the first of the case)", 3},
    {"surface", OPT_SURFACE, "FILE", 0,
     "take the scar's shape from a map of heights (GSF, X3P, SUR, SDF)", 3},
    {"number", OPT_NUMBER, "N", 0,
     "which of its scars, as `cit measure` numbers them (the largest)", 3},
    {"voxel", OPT_VOXEL, "LENGTH", 0,
     "side of a voxel along the skin (50 um, less for thin needles)", 3},
    {"voxel-z", OPT_VOXEL_Z, "LENGTH", 0, "and across it (the same)", 3},
    {"size", OPT_SIZE, "LENGTH", 0, "side of the box along the skin (the scar and 1 mm around it)",
     3},
    {"days", OPT_DAYS, "TIME", 0, "how long (half a year after the last visit)", 3},
    {"every", OPT_EVERY, "TIME", 0, "time between two looks (7 days)", 3},
    {"fields", OPT_FIELDS, "LIST", 0,
     "fields to write, with commas (collagen,new_collagen,inflammation,myofibroblasts)", 3},
    {"vtk", OPT_VTK, NULL, 0, "VTK files as well, one a look", 3},
    {"precision", OPT_PRECISION, "P", 0, "double or single (double)", 3},
    {"store", OPT_STORE, "P", 0, "numbers in files: double or single (single)", 3},
    {"checkpoint-every", OPT_CHECKPOINT, "TIME", 0,
     "keep what is needed to go on; Ctrl-C keeps it, too", 3},
    {"resume", OPT_RESUME, "FILE", 0, "go on from a checkpoint of the same scar and options", 3},
    {0}};

/* Options that only --patch has. */
static error_t parse_patch(int key, char *arg, struct argp_state *state) {
    static const char *const precisions[] = {"double", "single", NULL};
    arguments *a = state->input;
    patch_arguments *p = &a->of_patch;
    switch (key) {
    case OPT_PATCH:
        a->patch = true;
        return 0;
    case OPT_SCAR:
        p->scar = choice_of(arg, cit_case_scar_choices, "scar", state);
        break;
    case OPT_SURFACE:
        p->surface = arg;
        break;
    case OPT_NUMBER:
        p->number = (int)whole_number(arg, 1, 100000, "number", state);
        break;
    case OPT_VOXEL:
        p->voxel_mm = positive_quantity(arg, "mm", "voxel", state);
        break;
    case OPT_VOXEL_Z:
        p->voxel_z_mm = positive_quantity(arg, "mm", "voxel-z", state);
        break;
    case OPT_SIZE:
        p->size_mm = positive_quantity(arg, "mm", "size", state);
        break;
    case OPT_DAYS:
        p->days = positive_quantity(arg, "day", "days", state);
        break;
    case OPT_EVERY:
        p->every_day = positive_quantity(arg, "day", "every", state);
        break;
    case OPT_FIELDS:
        p->fields = arg;
        break;
    case OPT_VTK:
        p->vtk = true;
        break;
    case OPT_PRECISION:
        p->single = choice_of(arg, precisions, "precision", state) == 2;
        break;
    case OPT_STORE:
        p->store_double = choice_of(arg, precisions, "store", state) == 1;
        break;
    case OPT_CHECKPOINT:
        p->checkpoint_day = positive_quantity(arg, "day", "checkpoint-every", state);
        break;
    case OPT_RESUME:
        p->resume = arg;
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    a->patch_option = "--scar, --voxel, --days and the like";
    return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state) {
    arguments *a = state->input;
    if (parse_patch(key, arg, state) == 0) return 0;
    switch (key) {
    case ARGP_KEY_INIT:
        take_computing(state, &a->with);
        break;
    case 'p':
        a->protocol_path = arg;
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
        if (a->to.json && a->brief) argp_error(state, "either --json or --brief");
        if (!a->patch && a->patch_option != NULL)
            argp_error(state, "%s need --patch", a->patch_option);
        if (a->of_patch.number > 0 && a->of_patch.surface == NULL)
            argp_error(state, "--number is of a scar on a --surface");
        if (a->patch && (a->to.json || a->brief || a->draws > 0))
            argp_error(state, "--patch has no --json, --brief or --draws");
        break;
    default:
        return parse_output(key, arg, &a->to);
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
    cit_status st = a->to.json ? cit_report_json(report, &bytes, errs)
                    : a->brief ? cit_report_brief(report, &bytes, errs)
                               : cit_report_table(report, colour_wanted(), &bytes, errs);
    if (st == CIT_OK) st = print_bytes(bytes, errs);
    if (st == CIT_OK && a->to.json) st = print_bytes("\n", errs);
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
    if (a->to.path != NULL) CIT_TRY(cit_report_write(&report, a->to.path, a->to.force, errs));
    CIT_TRY(print_result(a, &report, errs));
done:
    cit_forecast_free(forecast);
    cit_protocol_free(protocol);
    cit_case_free(person);
    cit_catalogue_free(catalogue);
    cit_screening_free(screening);
    return st;
}

static cit_status simulate_scar(const arguments *a, cit_errors *errs) {
    patch_arguments p = a->of_patch;
    p.case_path = a->case_path;
    p.protocol_path = a->protocol_path;
    p.folder = a->to.path;
    p.force = a->to.force;
    p.prior = a->prior;
    p.day = a->day;
    p.computing = a->with;
    return simulate_patch(&p, errs);
}

int run_simulate(int argc, char **argv) {
    static cit_errors errs;
    arguments a = {.with.seed = 1,
                   .day = CIT_UNKNOWN_INT,
                   .of_patch = {.days = CIT_UNKNOWN_NUMBER,
                                .every_day = 7,
                                .checkpoint_day = CIT_UNKNOWN_NUMBER}};
    char name[] = "cit simulate";
    argv[0] = name;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    const cit_status st = a.patch ? simulate_scar(&a, &errs) : simulate(&a, &errs);
    return st == CIT_OK ? 0 : print_errors(&errs);
}
