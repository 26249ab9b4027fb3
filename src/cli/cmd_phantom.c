/* Surfaces of known scars, and what a camera could see: the parts of `cit measure` that take no file. */
#include "cli.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- could it be seen? ------------------------------------------------------------------------------------ */

cit_status tell_sight(const sight_arguments *a, cit_errors *errs) {
    cit_status st = CIT_OK;
    files f = {0};
    cit_forecast *forecast = NULL;
    const cit_forecast_options how = {.seed = a->with->seed, .threads = a->with->threads};
    CIT_TRY(open_files(a->with->catalogue, NULL, a->case_path, a->protocol_path, &f, errs));
    const cit_camera *camera = cit_catalogue_camera(f.catalogue, a->camera);
    if (camera == NULL)
        CIT_TRY(
            no_entry("camera", a->camera, cit_catalogue_near_camera(f.catalogue, a->camera), errs));
    CIT_TRY(cit_may_forecast(f.person, f.protocol, errs));
    CIT_TRY(run_forecast(f.person, f.protocol, f.catalogue, &how, &forecast, errs));
    cit_page *page = cit_page_of_can_see(forecast, f.person, camera);
    st = print_page(page, errs);
    cit_page_free(page);
done:
    cit_forecast_free(forecast);
    close_files(&f);
    return st;
}

/* ---- phantoms ------------------------------------------------------------------------------------------------ */

static cit_status phantom_of(const phantom_arguments *a, cit_phantom_options *ret,
                             cit_errors *errs) {
    static const char *const kinds[] = {"narrow", "broad", "hard", NULL};
    int kind = -1;
    for (int i = 0; kinds[i] != NULL; i++)
        if (strcmp(a->kind, kinds[i]) == 0) kind = i;
    if (kind < 0)
        return cit_fail(errs, CIT_USAGE, "--phantom", "'%s' is none of narrow, broad, hard",
                        a->kind);
    *ret = (cit_phantom_options){.seed = a->with->seed,
                                 .broad_relief = kind > 0,
                                 .hard_form = kind == 2,
                                 .hard_scars = kind == 2,
                                 .touching = kind == 2 ? 6 : 0,
                                 .missing = kind == 2 ? 0.01 : 0};
    return CIT_OK;
}

/* Share of depth that a course is likely to take off scars of each class: medians of the forecast. */
static void likely_shares(const cit_forecast *f, double ret[CIT_CLASS_COUNT]) {
    static const cit_quantity depth_of[CIT_CLASS_COUNT] = {
        [CIT_CLASS_ICE_PICK] = CIT_Q_DEPTH_ICE_PICK,
        [CIT_CLASS_BOXCAR] = CIT_Q_DEPTH_BOXCAR,
        [CIT_CLASS_ROLLING] = CIT_Q_DEPTH_ROLLING,
        [CIT_CLASS_MIXED] = CIT_Q_DEPTH_ALL};
    const double all = cit_forecast_band(f, CIT_Q_DEPTH_ALL, f->summary_week)->median;
    for (int i = 0; i < CIT_CLASS_COUNT; i++) {
        const double one = cit_forecast_band(f, depth_of[i], f->summary_week)->median;
        ret[i] = (isfinite(one) ? one : all) / 100;
    }
}

/* The same skin moved, turned and taken anew, its scars as a course is likely to leave them. */
static cit_status heal(const cit_phantom_options *how, const cit_phantom *before,
                       const cit_forecast *f, cit_phantom **ret, cit_errors *errs) {
    double share[CIT_CLASS_COUNT], *healed = calloc((size_t)before->count + 1, sizeof *healed);
    if (healed == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a phantom");
    likely_shares(f, share);
    for (int i = 0; i < before->count; i++) healed[i] = share[before->scar[i].scar_class];
    const cit_phantom_visit visit = {
        .noise_seed = how->seed + 1, .shift_mm = {0.31, -0.22}, .turn_rad = 0.01, .healed = healed};
    cit_status st = cit_phantom_later(how, &visit, ret, errs);
    if (st == CIT_OK)
        st = cit_heights_note((*ret)->heights, errs,
                              "simulated: %.3g %% of depth off ice-pick, %.3g %% boxcar, %.3g %% "
                              "rolling scars",
                              100 * share[CIT_CLASS_ICE_PICK], 100 * share[CIT_CLASS_BOXCAR],
                              100 * share[CIT_CLASS_ROLLING]);
    free(healed);
    return st;
}

static cit_status make_later(const phantom_arguments *a, const cit_phantom_options *how,
                             const cit_phantom *before, cit_phantom **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    files f = {0};
    cit_forecast *forecast = NULL;
    const cit_forecast_options of = {.seed = a->with->seed, .threads = a->with->threads};
    CIT_TRY(open_files(a->with->catalogue, NULL, a->case_path, a->protocol_path, &f, errs));
    CIT_TRY(cit_may_forecast(f.person, f.protocol, errs));
    CIT_TRY(run_forecast(f.person, f.protocol, f.catalogue, &of, &forecast, errs));
    CIT_TRY(heal(how, before, forecast, ret, errs));
done:
    cit_forecast_free(forecast);
    close_files(&f);
    return st;
}

static void tell_phantom(const phantom_arguments *a, const cit_phantom *first,
                         const cit_phantom *later) {
    printf("%d scars, %.4f mm3: %s/phantom.x3p, truth.csv, step-card.pdf\n", first->count,
           first->volume_mm3, a->to->path);
    if (later != NULL)
        printf("later, %.4f mm3: later.x3p, truth-later.csv; %s\n", later->volume_mm3,
               later->heights->history);
}

cit_status write_phantom(const phantom_arguments *a, cit_errors *errs) {
    cit_status st = CIT_OK;
    cit_phantom_options how = {0};
    cit_phantom *first = NULL, *later = NULL;
    CIT_TRY(phantom_of(a, &how, errs));
    CIT_TRY(cit_folder_may_write(a->to->path, a->to->force, errs));
    CIT_TRY(cit_phantom_make(&how, &first, errs));
    if (a->case_path != NULL) CIT_TRY(make_later(a, &how, first, &later, errs));
    CIT_TRY(cit_report_phantom_write(first, later, "cit " CIT_VERSION, a->to->path, a->to->force,
                                     errs));
    tell_phantom(a, first, later);
done:
    cit_phantom_free(first);
    cit_phantom_free(later);
    return st;
}
