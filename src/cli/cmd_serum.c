/* cit serum: how much of a solute gets through needled skin, put on now or later. */
#include "cli.h"
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    const char *case_path, *protocol_path;
    const char *solute, *device, *site, *definition;
    double length_mm, passes, density_per_cm2, dose_mm, concentration, watch_day;
    double after_day[CIT_SERUM_HOURS_MAX];
    int after_count, skin_type, draws;
    bool occluded;
    computing with;
    output to;
} arguments;

enum {
    OPT_DRAWS = OPT_OWN,
    OPT_SOLUTE,
    OPT_DEVICE,
    OPT_LENGTH,
    OPT_PASSES,
    OPT_DENSITY,
    OPT_AFTER,
    OPT_DOSE,
    OPT_CONCENTRATION,
    OPT_OCCLUDED,
    OPT_DEFINITION,
    OPT_SITE,
    OPT_SKIN_TYPE,
    OPT_WATCH,
};

static const struct argp_option options[] = {
    {"solute", OPT_SOLUTE, "ID", 0, "what is put on (needed; see `cit catalogue solutes`)", 1},
    {"after", OPT_AFTER, "TIMES", 0, "how long after needling (0h,1h,6h,24h)", 1},
    {"dose", OPT_DOSE, "DOSE", 0, "how much (2 uL/cm2), or `endless`", 1},
    {"concentration", OPT_CONCENTRATION, "C", 0, "mg/mL or % (as it is sold)", 1},
    {"occluded", OPT_OCCLUDED, NULL, 0, "covered: nothing evaporates, channels close later", 1},
    {"watch", OPT_WATCH, "TIME", 0, "how long it is followed from being put on (24 h)", 1},
    {"device", OPT_DEVICE, "ID", 0, "what needles (needed without a protocol)", 2},
    {"length", OPT_LENGTH, "LENGTH", 0, "needle length (needed without a protocol)", 2},
    {"passes", OPT_PASSES, "N", 0, "passes (10)", 2},
    {"density", OPT_DENSITY, "DENSITY", 0, "punctures per area, instead of passes: 250 /cm2", 2},
    {"protocol", 'p', "FILE", 0, "device and settings of its first visit; goes with a case", 2},
    {"site", OPT_SITE, "ID", 0, "where (the case's first zone, or cheek)", 3},
    {"skin-type", OPT_SKIN_TYPE, "N", 0, "Fitzpatrick, 1 to 6 (the case's, or unknown)", 3},
    {"definition", OPT_DEFINITION, "ID", 0,
     "when a channel counts as closed (impedance; patch if occluded; see `cit catalogue closures`)",
     3},
    {"output", 'o', "FOLDER", 0, "write JSON, CSV and the page into a new folder", 4},
    {"force", OPT_FORCE, NULL, 0, "replace results in a folder that exists", 4},
    {"json", OPT_JSON, NULL, 0, "print one JSON document instead of the page", 4},
    {"draws", OPT_DRAWS, "N", 0, "draws over what is not known well (200)", 4},
    {0}};

/* "0h,1h,24h" */
static void parse_times(arguments *a, char *text, struct argp_state *state) {
    char *rest = text;
    a->after_count = 0;
    for (char *one = strsep(&rest, ","); one != NULL; one = strsep(&rest, ",")) {
        while (*one == ' ') one++;
        if (a->after_count == CIT_SERUM_HOURS_MAX)
            argp_error(state, "--after: at most %d times", CIT_SERUM_HOURS_MAX);
        a->after_day[a->after_count++] = quantity(one, "day", "after", state);
    }
}

static double parse_dose(const char *text, struct argp_state *state) {
    return strcmp(text, "endless") == 0 ? (double)INFINITY
                                        : quantity(text, "uL/cm2", "dose", state) / 100;
}

static error_t parse_result(int key, char *arg, struct argp_state *state) {
    arguments *a = state->input;
    switch (key) {
    case OPT_DRAWS:
        a->draws = (int)whole_number(arg, 20, 100000, "draws", state);
        break;
    case ARGP_KEY_ARG:
        if (a->case_path != NULL) argp_error(state, "one case at a time: '%s' is too much", arg);
        a->case_path = arg;
        break;
    case ARGP_KEY_END:
        if (a->solute == NULL) argp_error(state, "what is put on? --solute ID");
        if ((a->case_path == NULL) != (a->protocol_path == NULL) && a->device == NULL)
            argp_error(state, "a case and a protocol go together; or name a --device");
        if (a->protocol_path != NULL && (a->device != NULL || cit_known(a->length_mm)))
            argp_error(state, "either a protocol, or --device and --length");
        if (a->protocol_path == NULL && (a->device == NULL || !cit_known(a->length_mm)))
            argp_error(state, "needled with what? --device ID --length LENGTH, or a case with "
                              "--protocol FILE");
        break;
    default:
        return parse_output(key, arg, &a->to);
    }
    return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state) {
    arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        take_computing(state, &a->with);
        break;
    case OPT_SOLUTE:
        a->solute = arg;
        break;
    case OPT_AFTER:
        parse_times(a, arg, state);
        break;
    case OPT_DOSE:
        a->dose_mm = parse_dose(arg, state);
        break;
    case OPT_CONCENTRATION:
        a->concentration = quantity(arg, "mg/mL", "concentration", state);
        break;
    case OPT_OCCLUDED:
        a->occluded = true;
        break;
    case OPT_WATCH:
        a->watch_day = quantity(arg, "day", "watch", state);
        break;
    case OPT_DEVICE:
        a->device = arg;
        break;
    case OPT_LENGTH:
        a->length_mm = quantity(arg, "mm", "length", state);
        break;
    case OPT_PASSES:
        a->passes = (double)whole_number(arg, 1, 100, "passes", state);
        break;
    case OPT_DENSITY:
        a->density_per_cm2 = quantity(arg, "/cm2", "density", state);
        break;
    case 'p':
        a->protocol_path = arg;
        break;
    case OPT_SITE:
        a->site = arg;
        break;
    case OPT_SKIN_TYPE:
        a->skin_type = (int)whole_number(arg, 1, 6, "skin-type", state);
        break;
    case OPT_DEFINITION:
        a->definition = arg;
        break;
    default:
        return parse_result(key, arg, state);
    }
    return 0;
}

static const struct argp parser = {
    options,
    parse,
    "--device ID --length LENGTH --solute ID\nCASE --protocol FILE --solute ID",
    "How much of a solute gets into living skin, put on needled skin at once or later: per cm2 and "
    "as a multiple of intact skin, with a 90 % band, and what that rests on.\v"
    "A number is no endorsement: products that are not labelled for needled skin are refused or "
    "asked about whatever gets in (rule product-unlabelled), and the advice is nothing unlabelled "
    "for a day.",
    computing_children,
    NULL,
    NULL};

/* ---- the command ----------------------------------------------------------------------------- */

/* Device and settings of the first visit, on the case's first zone. */
static cit_status take_protocol(const arguments *a, const files *f, cit_serum_question *q,
                                const char **ret_device, cit_errors *errs) {
    const cit_protocol *p = f->protocol;
    const cit_zone *zone = f->person->zone_count > 0 ? &f->person->zones[0] : NULL;
    const cit_setting *s = NULL;
    if (p->visit_count > 0 && zone != NULL) s = cit_visit_setting(p, &p->visits[0], zone);
    if (s == NULL || s->device == NULL || !cit_known(s->length_mm))
        return cit_fail(errs, CIT_INVALID, a->protocol_path,
                        "its first visit names no device and needle length for the first zone");
    *ret_device = s->device;
    q->length_mm = s->length_mm;
    if (s->passes != CIT_UNKNOWN_INT) q->passes = s->passes;
    q->speed_mm_per_s = s->speed_mm_per_s;
    q->rate_Hz = s->rate_Hz;
    if (!cit_known(q->density_per_cm2)) q->density_per_cm2 = s->density_per_cm2;
    return CIT_OK;
}

static cit_status take_person(const arguments *a, const files *f, cit_serum_question *q,
                              cit_errors *errs) {
    const cit_catalogue *c = f->catalogue;
    const char *device = a->device, *site = a->site != NULL ? a->site : "cheek";
    if (f->person != NULL) {
        if (a->site == NULL && f->person->zone_count > 0) site = f->person->zones[0].site;
        q->sex = f->person->sex;
        if (q->skin_type == 0 && f->person->skin_type > 0) q->skin_type = f->person->skin_type;
    }
    if (f->protocol != NULL) {
        const cit_status st = take_protocol(a, f, q, &device, errs);
        if (st != CIT_OK) return st;
    }
    q->device = cit_catalogue_device(c, device);
    if (q->device == NULL)
        return no_entry("device", device, cit_catalogue_near_device(c, device), errs);
    q->site = cit_catalogue_site(c, site);
    if (q->site == NULL) return no_entry("site", site, cit_catalogue_near_site(c, site), errs);
    return CIT_OK;
}

static cit_status take_serum(const arguments *a, const cit_catalogue *c, cit_serum_question *q,
                             cit_errors *errs) {
    q->solute = cit_catalogue_solute(c, a->solute);
    if (q->solute == NULL)
        return no_entry("solute", a->solute, cit_catalogue_near_solute(c, a->solute), errs);
    q->closure = a->definition != NULL ? cit_catalogue_closure(c, a->definition)
                                       : cit_usual_closure(c, a->occluded);
    if (q->closure == NULL && a->definition == NULL)
        return cit_fail(errs, CIT_NOTFOUND, "closures", "the catalogue has none");
    if (q->closure == NULL)
        return no_entry("closure", a->definition, cit_catalogue_near_closure(c, a->definition),
                        errs);
    return CIT_OK;
}

static cit_status print_answer(const arguments *a, const cit_serum_report *report,
                               cit_errors *errs) {
    if (!a->to.json) {
        cit_page *page = cit_page_of_serum(report);
        const cit_status st = print_page(page, errs);
        cit_page_free(page);
        return st;
    }
    char *bytes = NULL;
    cit_status st = cit_report_serum_json(report, &bytes, errs);
    if (st == CIT_OK) st = print_bytes(bytes, errs);
    if (st == CIT_OK) st = print_bytes("\n", errs);
    free(bytes);
    return st;
}

static cit_status serum(const arguments *a, cit_errors *errs) {
    cit_status st = CIT_OK;
    files f = {0};
    cit_serum_answer *answer = calloc(1, sizeof *answer);
    cit_serum_question q = {.length_mm = a->length_mm,
                            .passes = a->passes,
                            .speed_mm_per_s = CIT_UNKNOWN_NUMBER,
                            .rate_Hz = CIT_UNKNOWN_NUMBER,
                            .density_per_cm2 = a->density_per_cm2,
                            .skin_type = a->skin_type,
                            .concentration = a->concentration,
                            .dose_mm = a->dose_mm,
                            .occluded = a->occluded,
                            .after_day = a->after_day,
                            .after_count = a->after_count,
                            .watch_day = a->watch_day,
                            .draws = a->draws,
                            .threads = a->with.threads,
                            .seed = a->with.seed};
    if (answer == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory");
        goto done;
    }
    CIT_TRY(open_files(a->with.catalogue, NULL, a->case_path, a->protocol_path, &f, errs));
    CIT_TRY(take_serum(a, f.catalogue, &q, errs));
    CIT_TRY(take_person(a, &f, &q, errs));
    if (a->to.path != NULL) CIT_TRY(cit_folder_may_write(a->to.path, a->to.force, errs));
    q.progress = begin_work();
    st = cit_serum_ask(&q, answer, errs);
    end_work();
    if (st != CIT_OK) goto done;
    const cit_serum_report report = {"cit " CIT_VERSION, f.catalogue, answer};
    if (a->to.path != NULL) CIT_TRY(cit_report_serum_write(&report, a->to.path, a->to.force, errs));
    CIT_TRY(print_answer(a, &report, errs));
done:
    close_files(&f);
    free(answer);
    return st;
}

int run_serum(int argc, char **argv) {
    static cit_errors errs;
    arguments a = {.with.seed = 1,
                   .length_mm = CIT_UNKNOWN_NUMBER,
                   .passes = 10,
                   .density_per_cm2 = CIT_UNKNOWN_NUMBER,
                   .dose_mm = 0.02,
                   .concentration = CIT_UNKNOWN_NUMBER,
                   .watch_day = 1,
                   .after_day = {0, 1.0 / 24, 6.0 / 24, 1},
                   .after_count = 4,
                   .draws = 200};
    char name[] = "cit serum";
    argv[0] = name;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    return serum(&a, &errs) == CIT_OK ? 0 : print_errors(&errs);
}
