/* All draws, on all threads, and the forecast made of them. */
#include "forecast_impl.h"
#include <math.h>
#include <omp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Weeks followed after the last visit, and in all; assumed. */
enum { DRAWS_DEFAULT = 512, WEEKS_AFTER = 26, WEEKS_MAX = 260 };

/* ---- the plan ------------------------------------------------------------------------------ */

static cit_status make_groups(plan *p, cit_errors *errs) {
    int count = 0;
    for (int i = 0; i < p->person->zone_count; i++) {
        const cit_zone *z = &p->person->zones[i];
        count += z->scars != NULL ? z->scar_group_count : CIT_SCAR_TYPES;
    }
    p->groups = calloc((size_t)count + 1, sizeof *p->groups);
    if (p->groups == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    for (int i = 0; i < p->person->zone_count; i++) {
        const cit_zone *z = &p->person->zones[i];
        const int n = z->scars != NULL ? z->scar_group_count : CIT_SCAR_TYPES;
        for (int j = 0; j < n; j++) {
            const cit_scar_group *seen = z->scars != NULL ? &z->scars[j] : NULL;
            if (seen != NULL && seen->count == 0) continue;
            p->groups[p->group_count++] = (group){i, seen != NULL ? seen->type : j + 1, seen};
        }
    }
    if (p->group_count == 0)
        return cit_doc_fail(p->person->doc, p->person->zones[0].mark, errs,
                            "there are no scars in any zone, so there is nothing to forecast");
    return CIT_OK;
}

/* The last week that anything is drawn to happen in, and 26 more. */
static cit_status lay_out_weeks(plan *p, cit_errors *errs) {
    cit_appointment all[CIT_APPOINTMENTS_MAX];
    double longest_interval = 0, last = 0;
    for (int i = 0; i < p->table_count; i++)
        if (strcmp(p->table[i].param.name, "interval_day") == 0)
            longest_interval = p->table[i].param.hi;
    const int count = cit_protocol_schedule(p->protocol, longest_interval, all);
    for (int i = 0; i < count; i++) {
        if (all[i].status == CIT_MISSED) continue;
        p->visit_count++;
        last = all[i].day;
    }
    const double last_week = ceil(last / 7);
    if (last_week > WEEKS_MAX - WEEKS_AFTER - 1)
        return cit_doc_fail(p->protocol->doc, p->protocol->visits[0].mark, errs,
                            "the course lasts %.0f weeks; at most %d are forecast", last_week,
                            WEEKS_MAX - WEEKS_AFTER - 1);
    p->weeks = (int)last_week + WEEKS_AFTER + 1;
    p->summary_week = (int)fmax(last_week + 8, 26); /* 8 weeks after the last visit: assumed */
    return CIT_OK;
}

/* Which rows of the prior stand for something that this case or protocol leaves unknown. */
typedef struct unknowns {
    bool length, passes[4], glide, rate, interval;
    bool counts[4], width[4], depth[4];
} unknowns;

static void note_setting(const plan *p, const cit_setting *s, unknowns *u) {
    const cit_device *d = s->device ? cit_catalogue_device(p->catalogue, s->device) : NULL;
    const int kind = d ? d->kind : s->kind;
    const bool density = cit_known(s->density_per_cm2);
    if (!cit_known(s->length_mm)) u->length = true;
    for (int k = CIT_ROLLER; k <= CIT_STAMP; k++) {
        const bool may_be = kind == k || (kind == 0 && k != CIT_STAMP);
        if (!may_be || density) continue;
        if (s->passes == CIT_UNKNOWN_INT) u->passes[k] = true;
        if (k == CIT_PEN && !cit_known(s->speed_mm_per_s)) u->glide = true;
        const bool fixed_rate = d && cit_known(d->rate_from_Hz) && d->rate_from_Hz == d->rate_to_Hz;
        if (k == CIT_PEN && !cit_known(s->rate_Hz) && !fixed_rate) u->rate = true;
    }
}

static unknowns find_unknowns(const plan *p) {
    unknowns u = {0};
    const cit_setting *settings[CIT_SETTINGS_MAX];
    const int count = cit_protocol_settings(p->protocol, p->person, settings);
    for (int i = 0; i < count; i++) note_setting(p, settings[i], &u);
    u.interval = cit_protocol_interval_unknown(p->protocol);
    for (int i = 0; i < p->group_count; i++) {
        const group *g = &p->groups[i];
        if (g->seen == NULL || g->seen->count == CIT_UNKNOWN_INT) u.counts[g->type] = true;
        if (g->seen == NULL || !cit_known(g->seen->width_mm)) u.width[g->type] = true;
        if (g->seen == NULL || !cit_known(g->seen->depth_mm)) u.depth[g->type] = true;
    }
    return u;
}

static bool any_of(const bool flags[4]) { return flags[1] || flags[2] || flags[3]; }

static void mark_used(plan *p) {
    const unknowns u = find_unknowns(p);
    const bool home = p->protocol->who == CIT_HOME;
    const struct {
        const char *name;
        bool used, setting;
    } prior[] = {
        {"needle_length_mm", u.length && !home, true},
        {"home_length_mm", u.length && home, true},
        {"roller_passes", u.passes[CIT_ROLLER], true},
        {"pen_passes", u.passes[CIT_PEN], true},
        {"stamp_passes", u.passes[CIT_STAMP], true},
        {"glide_mm_per_s", u.glide, true},
        {"rate_Hz", u.rate, true},
        {"interval_day", u.interval, true},
        {"cream_share", false, true},
        {"scar_count", any_of(u.counts), false},
        {"rolling_share", any_of(u.counts), false},
        {"boxcar_share", any_of(u.counts), false},
        {"ice_pick_share", any_of(u.counts), false},
        {"rolling_width_mm", u.width[CIT_ROLLING], false},
        {"boxcar_width_mm", u.width[CIT_BOXCAR], false},
        {"ice_pick_width_mm", u.width[CIT_ICE_PICK], false},
        {"rolling_depth_mm", u.depth[CIT_ROLLING], false},
        {"boxcar_depth_mm", u.depth[CIT_BOXCAR], false},
        {"ice_pick_depth_mm", u.depth[CIT_ICE_PICK], false},
        {"depth_scatter", any_of(u.width) || any_of(u.depth), false},
        {"deep_share", any_of(u.depth), false},
        {"deep_max_mm", any_of(u.depth), false},
    };
    for (int i = 0; i < p->table_count; i++) {
        const cit_param *param = &p->table[i].param;
        p->used[i] = param->spread != CIT_FIXED;
        for (size_t j = 0; j < sizeof prior / sizeof *prior; j++) {
            if (strcmp(prior[j].name, param->name) != 0) continue;
            p->used[i] = p->used[i] && prior[j].used;
            p->unknown_setting[i] = prior[j].setting && prior[j].used;
        }
    }
}

static void plan_free(plan *p) {
    free(p->groups);
    free(p->used);
    free(p->unknown_setting);
}

static cit_status plan_make(const cit_case *person, const cit_protocol *protocol,
                            const cit_catalogue *catalogue, uint64_t seed, plan *p,
                            cit_errors *errs) {
    *p = (plan){.person = person, .protocol = protocol, .catalogue = catalogue, .seed = seed};
    p->table = cit_parameter_table(&p->table_count);
    p->used = calloc((size_t)p->table_count, sizeof *p->used);
    p->unknown_setting = calloc((size_t)p->table_count, sizeof *p->unknown_setting);
    if (p->used == NULL || p->unknown_setting == NULL)
        return cit_fail(errs, CIT_NOMEM, "", "no memory");
    const cit_status st = make_groups(p, errs);
    if (st != CIT_OK) return st;
    mark_used(p);
    return lay_out_weeks(p, errs);
}

/* ---- what is not modelled -------------------------------------------------------------------- */

/* The most punctures per mm2 that a protocol may state, reached by other means; assumed. */
static const double density_max = 500;

static cit_status refuse_setting(const plan *p, const cit_parameters *usual, const cit_setting *s,
                                 cit_errors *errs) {
    const cit_device *d = s->device ? cit_catalogue_device(p->catalogue, s->device) : NULL;
    if ((d ? d->kind : s->kind) == CIT_RADIOFREQUENCY)
        return cit_doc_fail(
            p->protocol->doc, s->mark, errs,
            "radiofrequency needles cannot be simulated: the model has no heat, and "
            "heat is what they work by");
    const cit_use use = cit_use_of(usual, p->catalogue, p->protocol, s);
    if (use.density > density_max)
        return cit_doc_fail(p->protocol->doc, s->mark, errs,
                            "passes, speed and rate make %.0f punctures per cm2; at most %.0f are "
                            "simulated",
                            100 * use.density, 100 * density_max);
    return CIT_OK;
}

static cit_status refuse_unmodelled(const plan *p, cit_errors *errs) {
    const cit_setting *settings[CIT_SETTINGS_MAX];
    const int count = cit_protocol_settings(p->protocol, p->person, settings);
    cit_parameters usual;
    cit_parameters_default(&usual);
    for (int i = 0; i < count; i++) {
        const cit_status st = refuse_setting(p, &usual, settings[i], errs);
        if (st != CIT_OK) return st;
    }
    return CIT_OK;
}

/* More than this share of draws below the limit, and the column has no answer; assumed. */
static const double not_homogenised_max = 0.2;

static cit_status refuse_sparse(const plan *p, const double *records, int draws, double *ret_share,
                                cit_errors *errs) {
    const layout l = layout_of(p);
    int sparse = 0;
    for (int i = 0; i < draws; i++)
        sparse += records[(size_t)i * (size_t)l.size + (size_t)(l.singles + S_NOT_HOMOGENISED)] > 0;
    *ret_share = (double)sparse / draws;
    if (*ret_share <= not_homogenised_max) return CIT_OK;
    return cit_doc_fail(p->protocol->doc, p->protocol->visits[0].mark, errs,
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

static cit_status run_draws(const plan *p, int draws, int threads, const share_of_work *work,
                            double *records, cit_errors *errs) {
    const layout l = layout_of(p);
    atomic_int next = 0, failed = draws;
    atomic_bool cancelled = false, no_memory = false;

#pragma omp parallel num_threads(threads)
    {
        workspace *w = NULL;
        cit_errors none = {.count = CIT_ERRORS_MAX}; /* full: faults are told again below */
        const bool first = omp_get_thread_num() == 0;
        if (workspace_new(p, &w, &none) != CIT_OK) atomic_store(&no_memory, true);
        while (w != NULL && !atomic_load(&cancelled)) {
            const int draw = atomic_fetch_add(&next, 1);
            if (draw >= draws) break;
            double *record = records + (size_t)draw * (size_t)l.size;
            if (person_simulate(p, w, draw, record, &none) != CIT_OK) {
                int lowest = atomic_load(&failed);
                while (draw < lowest && !atomic_compare_exchange_weak(&failed, &lowest, draw)) {
                }
            }
            const double share = work->from + (work->to - work->from) * draw / draws;
            if (first && !cit_progress_report(work->progress, share, work->what))
                atomic_store(&cancelled, true);
        }
        workspace_free(w);
    }
    if (atomic_load(&cancelled)) return cit_fail(errs, CIT_CANCELLED, "", "stopped on request");
    if (atomic_load(&no_memory)) return cit_fail(errs, CIT_NOMEM, "", "no memory for a draw");
    const int lowest = atomic_load(&failed);
    if (lowest == draws) return CIT_OK;
    /* The lowest draw that failed, once more and alone, for its message. */
    workspace *w = NULL;
    cit_status st = workspace_new(p, &w, errs);
    if (st == CIT_OK)
        st = person_simulate(p, w, lowest, records + (size_t)lowest * (size_t)l.size, errs);
    workspace_free(w);
    return st;
}

/* The width that the band of depth reduction would have were every setting known. */
static cit_status run_known(plan *p, int draws, int threads, const cit_progress *progress,
                            double *records, double *ret_width, cit_errors *errs) {
    const share_of_work work = {progress, 0.5, 1, "draws with the settings known"};
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
    plan p = {0};
    double *records = NULL;
    cit_forecast *f = calloc(1, sizeof *f);

    if (f == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a forecast");
    CIT_TRY(plan_make(person, protocol, catalogue, options->seed, &p, errs));
    CIT_TRY(refuse_unmodelled(&p, errs));
    for (int i = 0; i < p.table_count; i++) f->unknown_setting_count += p.unknown_setting[i];
    f->unknown_setting_count += device_unknown(&p);
    const bool twice = f->unknown_setting_count > 0;

    records = malloc((size_t)layout_of(&p).size * (size_t)draws * sizeof *records);
    if (records == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory for %d draws", draws);
        goto done;
    }
    f->draws = draws;
    f->seed = options->seed;
    const share_of_work work = {&options->progress, 0, twice ? 0.5 : 1, "draws"};
    CIT_TRY(run_draws(&p, draws, threads, &work, records, errs));
    CIT_TRY(refuse_sparse(&p, records, draws, &f->not_homogenised_share, errs));
    CIT_TRY(summarise(&p, records, draws, f, errs));
    CIT_TRY(band_width(&p, records, draws, &f->width_percent, errs));
    f->width_known_percent = f->width_percent;
    if (twice)
        CIT_TRY(run_known(&p, draws, threads, &options->progress, records, &f->width_known_percent,
                          errs));
    CIT_TRY(compare_with_study(&p, f, errs));
    note_limits(&p, f);
    *ret = f;
    f = NULL;
done:
    plan_free(&p);
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
