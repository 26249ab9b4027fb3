/* All draws, on all threads, and the forecast made of them. */
#include "forecast_impl.h"
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWS_DEFAULT = 512 };

/* More than this share of draws below the limit, and the column has no answer; assumed. */
static const double not_homogenised_max = 0.2;

static cit_status refuse_sparse(const cit_crowd *p, const double *records, int draws,
                                double *ret_share, cit_errors *errs) {
    const cit_crowd_layout l = cit_crowd_layout_of(p);
    int sparse = 0;
    for (int i = 0; i < draws; i++)
        sparse +=
            records[(size_t)i * (size_t)l.size + (size_t)(l.singles + CIT_S_NOT_HOMOGENISED)] > 0;
    *ret_share = (double)sparse / draws;
    if (*ret_share <= not_homogenised_max) return CIT_OK;
    return cit_doc_fail(p->with.protocol->doc, p->with.protocol->visits[0].mark, errs,
                        "not homogenised: in %.0f %% of the draws the punctures stand too far "
                        "apart for the column (Lambda_I must reach %g, Lambda_R %g and Lambda_G "
                        "%g); more passes or a higher density are needed for a forecast",
                        100 * *ret_share, CIT_LAMBDA_MIN_INFLAMMATION, CIT_LAMBDA_MIN_MACROPHAGES,
                        CIT_LAMBDA_MIN_TGF);
}

/* ---- running the draws ------------------------------------------------------------------------ */

typedef struct share_of_work {
    const cit_progress *progress;
    double from, to;
    const char *what;
} share_of_work;

static bool report_share(void *user, double share, const char *what) {
    const share_of_work *work = user;
    (void)what;
    return cit_progress_report(work->progress, work->from + (work->to - work->from) * share,
                               work->what);
}

/* Every draw is somebody in a world of their own. */
static cit_status run_draws(const cit_crowd *p, int draws, int threads, share_of_work *work,
                            double *records, cit_errors *errs) {
    const cit_progress progress = {report_share, work};
    cit_someone *who = malloc((size_t)draws * sizeof *who);
    if (who == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for %d draws", draws);
    for (int i = 0; i < draws; i++)
        who[i] = (cit_someone){.world = (uint32_t)i,
                               .person = (uint32_t)i,
                               .posterior_draw = i,
                               .clinic = CIT_UNKNOWN_NUMBER};
    const cit_status st = cit_crowd_follow_all(p, who, draws, threads, &progress, records, errs);
    free(who);
    return st;
}

/* The width that the band of depth reduction would have were every setting known. */
static cit_status run_known(cit_crowd *p, int draws, int threads, const cit_progress *progress,
                            double *records, double *ret_width, cit_errors *errs) {
    share_of_work work = {progress, 0.5, 1, "draws with the settings known"};
    p->settings_known = true;
    cit_status st = run_draws(p, draws, threads, &work, records, errs);
    if (st == CIT_OK) st = band_width(p, records, draws, ret_width, errs);
    p->settings_known = false;
    return st;
}

cit_status cit_forecast_run(const cit_case *person, const cit_protocol *protocol,
                            const cit_catalogue *catalogue, const cit_forecast_options *options,
                            cit_forecast **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    const int draws = options->draws > 0 ? options->draws : DRAWS_DEFAULT;
    const int threads = options->threads > 0 ? options->threads : omp_get_num_procs();
    cit_crowd *p = NULL;
    double *records = NULL;
    cit_forecast *f = calloc(1, sizeof *f);

    if (f == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a forecast");
    const cit_crowd_options crowd = {.person = person,
                                     .protocol = protocol,
                                     .catalogue = catalogue,
                                     .seed = options->seed,
                                     .posterior = options->prior ? NULL : catalogue->posterior};
    CIT_TRY(cit_crowd_make(&crowd, &p, errs));
    for (int i = 0; i < p->table_count; i++) f->unknown_setting_count += p->unknown_setting[i];
    f->unknown_setting_count += cit_crowd_device_unknown(p);
    const bool twice = f->unknown_setting_count > 0;

    records = malloc((size_t)cit_crowd_layout_of(p).size * (size_t)draws * sizeof *records);
    if (records == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory for %d draws", draws);
        goto done;
    }
    f->draws = draws;
    f->seed = options->seed;
    f->fitted = crowd.posterior != NULL;
    share_of_work work = {&options->progress, 0, twice ? 0.5 : 1, "draws"};
    CIT_TRY(run_draws(p, draws, threads, &work, records, errs));
    CIT_TRY(refuse_sparse(p, records, draws, &f->not_homogenised_share, errs));
    CIT_TRY(summarise(p, records, draws, f, errs));
    CIT_TRY(band_width(p, records, draws, &f->width_percent, errs));
    f->width_known_percent = f->width_percent;
    if (twice)
        CIT_TRY(run_known(p, draws, threads, &options->progress, records, &f->width_known_percent,
                          errs));
    CIT_TRY(compare_with_study(p, f, errs));
    note_limits(p, f);
    *ret = f;
    f = NULL;
done:
    cit_crowd_free(p);
    free(records);
    cit_forecast_free(f);
    return st;
}

void cit_forecast_free(cit_forecast *f) {
    if (f == NULL) return;
    for (int i = 0; i < f->group_count; i++) free(f->groups[i].depth_mm);
    free(f->groups);
    free(f->bands);
    free(f->visits);
    free(f->drivers);
    free(f->comparisons);
    free(f);
}
