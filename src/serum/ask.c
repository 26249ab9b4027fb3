/* A question to the column: one run at the middle values, many at drawn ones, put on at every hour asked for and
 * on skin that was not needled. A draw depends on seed and number alone, so threads change nothing, and all
 * hours of one draw meet the same person. */
#include "serum_impl.h"
#include <cit/num.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* Channels so close that they merge are counted as the area they open, at most this share of the skin: a quarter, the
 * most that a column takes, less what rounding may add to it. */
static const double most_open = 0.25 * (1 - 1e-12);
/* Skin of one site in one person is not thinner than this share of the mean. */
static const double thinnest = 0.4;

/* ---- a model from numbers ------------------------------------------------------------------------ */

static double parameter(const serum_draw *d, const char *group, const char *name) {
    return draw_parameter(d, serum_row(group, name));
}

static cit_needling_params needling_of(const serum_draw *d) {
    cit_parameters p;
    int count = 0;
    const cit_parameter *table = cit_parameter_table(&count);
    cit_parameters_default(&p);
    for (int i = 0; i < count; i++)
        if (strcmp(table[i].group, "needling") == 0)
            cit_parameter_set(&p, &table[i], draw_parameter(d, &table[i]));
    return p.needling;
}

/* Punctures per mm2. */
static double density_of(const cit_serum_question *q, const serum_draw *d) {
    if (cit_known(q->density_per_cm2)) return q->density_per_cm2 / 100;
    const double speed =
        cit_known(q->speed_mm_per_s) ? q->speed_mm_per_s : parameter(d, "prior", "glide_mm_per_s");
    double rate = q->rate_Hz;
    if (!cit_known(rate)) {
        rate = parameter(d, "prior", "rate_Hz");
        if (cit_known(q->device->rate_from_Hz)) rate = fmax(rate, q->device->rate_from_Hz);
        if (cit_known(q->device->rate_to_Hz)) rate = fmin(rate, q->device->rate_to_Hz);
    }
    return q->passes * cit_density_per_pass(q->device, speed, rate);
}

static double merged(double density, double radius_mm) {
    const double area = pi * radius_mm * radius_mm;
    return fmin(-expm1(-density * area), most_open) / area;
}

/* As deep as for a wound, and at least as deep as a needle gets that only opens the barrier. */
static cit_reach reach_of(const cit_serum_question *q, const serum_draw *d,
                          const cit_needling_params *needling) {
    cit_reach r = cit_reach_of(needling, (cit_device_kind)q->device->kind, q->length_mm);
    const double least = fmin(parameter(d, "serum", "least_reach_mm"), 0.5 * q->length_mm);
    r.mean_mm = fmax(r.mean_mm, least);
    r.scatter_mm = needling->reach_scatter * r.mean_mm;
    return r;
}

/* How long channels take in this skin, over the mean of people. */
static double slowness(const cit_serum_question *q, const serum_draw *d) {
    if (q->skin_type == 0) return 1;
    const double light = parameter(d, "serum", "closing_light"),
                 dark = parameter(d, "serum", "closing_dark");
    return light + (dark - light) * (q->skin_type - 1) / 5;
}

static double by_sex(int sex, double female, double male) {
    return sex == CIT_FEMALE ? female : sex == CIT_MALE ? male : 0.5 * (female + male);
}

static double dermis_mm(const cit_serum_question *q, const serum_draw *d) {
    const double mean = by_sex(q->sex, q->site->dermis_female_mm, q->site->dermis_male_mm);
    if (d->draw == CIT_UNKNOWN_INT) return mean;
    const double z = cit_normal_quantile(
        cit_random(d->seed, (uint32_t)d->draw, cit_random_stream("serum dermis"), 0));
    return mean * fmax(thinnest, 1 + q->site->spread * z);
}

/* In mm2/day: the solute's own, or from its molar mass. */
static double dermis_diffusion(const cit_serum_question *q, const serum_draw *d) {
    if (q->solute->dermis_diffusion != NULL)
        return draw_range(d, "dermis_diffusion", q->solute->dermis_diffusion);
    const double log_cm2_per_s =
        parameter(d, "serum", "dermis_intercept") -
        parameter(d, "serum", "dermis_slope") * log10(q->solute->molar_mass_Da);
    return pow(10, log_cm2_per_s) * 100 * 86400;
}

static double concentration_of(const cit_serum_question *q) {
    return cit_known(q->concentration) ? q->concentration : q->solute->concentration;
}

static cit_serum model_of(const cit_serum_question *q, const serum_draw *d) {
    const cit_solute *s = q->solute;
    const cit_needling_params needling = needling_of(d);
    const double in_dermis = dermis_diffusion(q, d);
    const double half_life = draw_range(d, "half_life", q->closure->half_life_day);
    const double needle_mm =
        cit_known(q->device->needle_diameter_mm) ? q->device->needle_diameter_mm : 0.25;
    const double radius = fmin(needling.hole_mm, 0.5 * needle_mm);
    return (cit_serum){
        .film = {.thickness_mm = q->dose_mm,
                 .concentration = concentration_of(q),
                 .solubility = cit_known(s->solubility) ? s->solubility : (double)INFINITY,
                 .evaporation_mm_per_day = q->occluded || isinf(q->dose_mm)
                                               ? 0
                                               : parameter(d, "serum", "evaporation_mm_per_day"),
                 .residue = parameter(d, "serum", "residue")},
        .channels = {.density = merged(density_of(q, d), radius),
                     .radius_mm = radius,
                     .diffusion = draw_range(d, "water_diffusion", s->water_diffusion),
                     .closing_day = half_life / log(2) * slowness(q, d),
                     .reach = reach_of(q, d, &needling)},
        .skin = {.horny_mm = parameter(d, "serum", "horny_mm"),
                 .horny_permeability = draw_range(d, "horny_permeability", s->horny_permeability),
                 .horny_partition = parameter(d, "serum", "horny_partition"),
                 .epidermis_mm =
                     by_sex(q->sex, q->site->epidermis_female_mm, q->site->epidermis_male_mm),
                 .epidermis_diffusion = parameter(d, "serum", "epidermis_ratio") * in_dermis,
                 .dermis_mm = dermis_mm(q, d),
                 .dermis_diffusion = in_dermis,
                 .partition = draw_range(d, "partition", s->partition),
                 .clearance_per_day = draw_range(d, "clearance", s->clearance),
                 .binding_per_day = cit_known(s->binding) ? s->binding : 0,
                 .unbinding_per_day = cit_known(s->unbinding) ? s->unbinding : 0}};
}

/* ---- running ---------------------------------------------------------------------------------------- */

/* What one draw gives, ug/mm2; after_count + 1 of each, the last through intact skin. */
typedef struct outcome {
    double delivered[CIT_SERUM_HOURS_MAX + 1], dermis[CIT_SERUM_HOURS_MAX + 1];
    double missing;
} outcome;

static cit_status run_column(const cit_serum *model, double watch, cit_serum_ledger *course,
                             cit_serum_ledger *ret, cit_errors *errs) {
    cit_serum_column *column = NULL;
    cit_status st = cit_serum_new(model, &column, errs);
    if (st != CIT_OK) return st;
    for (int i = 0; i < CIT_SERUM_TIMES && course != NULL; i++) {
        CIT_TRY(cit_serum_advance(column, watch * i / (CIT_SERUM_TIMES - 1), errs));
        course[i] = cit_serum_read(column);
    }
    CIT_TRY(cit_serum_advance(column, watch, errs));
    *ret = cit_serum_read(column);
done:
    cit_serum_free(column);
    return st;
}

static cit_status run_draw(const cit_serum_question *q, const serum_draw *d, cit_serum_answer *a,
                           outcome *ret, cit_errors *errs) {
    cit_serum model = model_of(q, d);
    const double density = model.channels.density;
    for (int i = 0; i <= q->after_count; i++) {
        const bool intact = i == q->after_count;
        cit_serum_ledger end;
        model.channels.age_day = intact ? 0 : q->after_day[i];
        model.channels.density = intact ? 0 : density;
        const cit_status st = run_column(
            &model, q->watch_day, a != NULL && !intact ? a->moments[i].course : NULL, &end, errs);
        if (st != CIT_OK) return st;
        ret->delivered[i] = cit_serum_delivered(&end);
        ret->dermis[i] = cit_serum_into_dermis(&end);
        ret->missing = fmax(ret->missing, cit_serum_missing(&end));
    }
    return CIT_OK;
}

static int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static cit_serum_band band_of(double *values, int n) {
    qsort(values, (size_t)n, sizeof *values, by_size);
    double at[3];
    static const double p[3] = {0.5, 0.05, 0.95};
    for (int i = 0; i < 3; i++) {
        const double place = p[i] * (n - 1);
        const int below = (int)place;
        const int above = below + 1 < n ? below + 1 : below;
        at[i] = values[below] + (place - below) * (values[above] - values[below]);
    }
    return (cit_serum_band){at[0], at[1], at[2]};
}

static double over(double part, double whole) {
    return whole > 0 ? part / whole : CIT_UNKNOWN_NUMBER;
}

static void sum_moment(cit_serum_answer *a, int i, const outcome *all, double *scratch) {
    static const double of_cm2 = 100;
    const cit_serum_question *q = &a->question;
    cit_serum_moment *m = &a->moments[i];
    const int n = q->draws;
    for (int j = 0; j < n; j++) scratch[j] = of_cm2 * all[j].delivered[i];
    m->delivered = band_of(scratch, n);
    for (int j = 0; j < n; j++) scratch[j] = of_cm2 * all[j].dermis[i];
    m->dermis = band_of(scratch, n);
    for (int j = 0; j < n; j++)
        scratch[j] = over(all[j].delivered[i], all[j].delivered[q->after_count]);
    m->times = band_of(scratch, n);
    for (int j = 0; j < n; j++) scratch[j] = over(all[j].delivered[i], all[j].delivered[0]);
    m->of_now = band_of(scratch, n);
    m->share = (cit_serum_band){over(m->delivered.median, a->applied_ug_per_cm2),
                                over(m->delivered.low, a->applied_ug_per_cm2),
                                over(m->delivered.high, a->applied_ug_per_cm2)};
    m->after_day = q->after_day[i];
    m->open = exp(-q->after_day[i] / a->tau_day);
}

static void sum_up(cit_serum_answer *a, const outcome *all, double *scratch) {
    const cit_serum_question *q = &a->question;
    for (int i = 0; i < q->after_count; i++) sum_moment(a, i, all, scratch);
    for (int j = 0; j < q->draws; j++) {
        scratch[j] = 100 * all[j].delivered[q->after_count];
        a->missing = fmax(a->missing, all[j].missing);
    }
    a->intact = band_of(scratch, q->draws);
}

/* ---- the question ------------------------------------------------------------------------------------- */

static cit_status check(const cit_serum_question *q, cit_errors *errs) {
    char lengths[160];
    if (q->device->kind == CIT_RADIOFREQUENCY)
        return cit_fail(errs, CIT_INVALID, "device",
                        "'%s' heats; the model has no channels for heat", q->device->id);
    if (!cit_device_has_length(q->device, q->length_mm)) {
        cit_device_lengths_text(q->device, lengths);
        return cit_fail(errs, CIT_INVALID, "length", "'%s' has no needles of %g mm; it has %s",
                        q->device->id, q->length_mm, lengths);
    }
    if (!(q->passes >= 1 && q->passes <= 100))
        return cit_fail(errs, CIT_INVALID, "passes", "%g is not from 1 to 100", q->passes);
    if (cit_known(q->density_per_cm2) && !(q->density_per_cm2 >= 1 && q->density_per_cm2 <= 1e5))
        return cit_fail(errs, CIT_INVALID, "density", "%g per cm2 is not from 1 to 100000",
                        q->density_per_cm2);
    if (cit_known(q->concentration) && !(q->concentration > 0 && q->concentration <= 1000))
        return cit_fail(errs, CIT_INVALID, "concentration",
                        "%g mg/mL is not above 0 and up to 1000", q->concentration);
    if (!isinf(q->dose_mm) && !(q->dose_mm >= 1e-3 && q->dose_mm <= 10))
        return cit_fail(errs, CIT_INVALID, "dose", "%g uL/cm2 is not from 0.1 to 1000",
                        100 * q->dose_mm);
    if (q->after_count < 1 || q->after_count > CIT_SERUM_HOURS_MAX)
        return cit_fail(errs, CIT_INVALID, "after", "from 1 to %d times", CIT_SERUM_HOURS_MAX);
    for (int i = 0; i < q->after_count; i++)
        if (!(q->after_day[i] >= (i > 0 ? q->after_day[i - 1] : 0) && q->after_day[i] <= 30))
            return cit_fail(errs, CIT_INVALID, "after",
                            "times must rise, from 0 to 30 days after needling");
    if (!(q->watch_day >= 1.0 / 1440 && q->watch_day <= 30))
        return cit_fail(errs, CIT_INVALID, "watch", "%g days are not from a minute to 30 days",
                        q->watch_day);
    if (q->draws < 20 || q->draws > 100000)
        return cit_fail(errs, CIT_INVALID, "draws", "%d is not from 20 to 100000", q->draws);
    if ((q->closure->occluded == CIT_YES) != q->occluded)
        return cit_fail(errs, CIT_INVALID, "definition",
                        "'%s' was measured on skin that is %s, and this is not", q->closure->id,
                        q->occluded ? "uncovered" : "covered");
    return CIT_OK;
}

static cit_status run_all(const cit_serum_question *q, outcome *all, cit_errors *errs) {
    cit_status worst = CIT_OK;
    bool stop = false;
    int done = 0;
#pragma omp parallel for schedule(dynamic, 1)                                                      \
    num_threads(q->threads > 0 ? q->threads : omp_get_num_procs())
    for (int i = 0; i < q->draws; i++) {
        bool leave;
#pragma omp atomic read
        leave = stop;
        if (leave) continue;
        cit_errors own = {0};
        const serum_draw d = {q->seed, i};
        const cit_status st = run_draw(q, &d, NULL, &all[i], &own);
        int so_far;
#pragma omp atomic capture
        so_far = ++done;
        bool on = true;
        if (omp_get_thread_num() == 0)
            on = cit_progress_report(&q->progress, (double)so_far / q->draws, "following draws");
        if (st != CIT_OK || !on) {
#pragma omp critical
            {
                if (worst == CIT_OK) {
                    worst = st != CIT_OK
                                ? cit_fail(errs, st, own.items[0].where, "%s", own.items[0].text)
                                : cit_fail(errs, CIT_CANCELLED, "", "stopped");
                }
            }
#pragma omp atomic write
            stop = true;
        }
    }
    return worst;
}

cit_status cit_serum_ask(const cit_serum_question *q, cit_serum_answer *ret, cit_errors *errs) {
    cit_status st = check(q, errs);
    if (st != CIT_OK) return st;
    const serum_draw middle = {q->seed, CIT_UNKNOWN_INT};
    outcome central = {0};
    cit_serum_answer *a = calloc(1, sizeof *a);
    outcome *all = calloc((size_t)q->draws, sizeof *all);
    double *scratch = calloc((size_t)q->draws, sizeof *scratch);
    if (a == NULL || all == NULL || scratch == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory");
        goto done;
    }
    a->question = *q;
    a->middle = model_of(q, &middle);
    a->tau_day = a->middle.channels.closing_day;
    a->channels_per_cm2 = 100 * density_of(q, &middle);
    a->applied_ug_per_cm2 =
        isinf(q->dose_mm) ? CIT_UNKNOWN_NUMBER : 100 * q->dose_mm * concentration_of(q);
    list_numbers(a);
    CIT_TRY(run_draw(q, &middle, a, &central, errs));
    CIT_TRY(run_all(q, all, errs));
    a->missing = central.missing;
    sum_up(a, all, scratch);
    *ret = *a;
done:
    free(a);
    free(all);
    free(scratch);
    return st;
}
