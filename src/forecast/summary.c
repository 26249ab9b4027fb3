/* From the records of all draws to bands, odds, drivers, and comparisons with what was published. */
#include "forecast_impl.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const cit_band *cit_forecast_band(const cit_forecast *f, cit_quantity quantity, int week) {
    return &f->bands[quantity * f->weeks + week];
}

/* ---- columns of the records ------------------------------------------------------------------ */

typedef struct table {
    const double *records;
    int draws, size;
    double *column, *scratch; /* draws; 4 draws */
} table;

static cit_status table_open(const cit_crowd *p, const double *records, int draws, table *t,
                             cit_errors *errs) {
    *t = (table){records, draws, cit_crowd_layout_of(p).size, NULL, NULL};
    t->column = malloc((size_t)draws * sizeof(double));
    t->scratch = malloc((size_t)draws * 6 * sizeof(double));
    if (t->column != NULL && t->scratch != NULL) return CIT_OK;
    free(t->column);
    free(t->scratch);
    cit_fail(errs, CIT_NOMEM, "", "no memory to summarise");
    return CIT_NOMEM;
}

static void table_close(table *t) {
    free(t->column);
    free(t->scratch);
}

static double at(const table *t, int draw, int place) {
    return t->records[(size_t)draw * (size_t)t->size + (size_t)place];
}

/* All known values of one place, in the order of draws; returns how many. */
static int column(const table *t, int place, double *ret) {
    int n = 0;
    for (int i = 0; i < t->draws; i++)
        if (cit_known(at(t, i, place))) ret[n++] = at(t, i, place);
    return n;
}

static cit_band band(table *t, int place) {
    const int n = column(t, place, t->column);
    cit_band b;
    b.mean = cit_mean(t->column, n);
    cit_sort(t->column, n);
    b.median = cit_quantile_sorted(t->column, n, 0.5);
    b.lo50 = cit_quantile_sorted(t->column, n, 0.25);
    b.hi50 = cit_quantile_sorted(t->column, n, 0.75);
    b.lo90 = cit_quantile_sorted(t->column, n, 0.05);
    b.hi90 = cit_quantile_sorted(t->column, n, 0.95);
    return b;
}

/* What is told of weeks that nobody measured is no surer than of the last that somebody did: relative to the
 * gain, each half of a band is as wide as then, and a quarter more a year later (assumed). */
static const double wider_a_year = 0.25;

static double wider(double own, double middle, double then, double then_middle, double factor) {
    const double half = factor * (then - then_middle);
    return half > 0 ? fmax(own, middle + half) : fmin(own, middle + half);
}

static void widen(cit_forecast *f, cit_quantity quantity) {
    const double most = 100; /* per cent; nothing improves by more */
    if (f->measured_until_week >= f->weeks) return;
    const cit_band then = *cit_forecast_band(f, quantity, f->measured_until_week);
    if (!cit_known(then.median)) return;
    for (int week = f->measured_until_week + 1; week < f->weeks; week++) {
        cit_band *b = &f->bands[quantity * f->weeks + week];
        const double years = 7 * (week - f->measured_until_week) / CIT_YEAR_DAYS;
        const double gain = then.median != 0 ? fabs(b->median / then.median) : 1;
        const double factor = (1 + wider_a_year * years) * fmax(gain, 1);
        b->lo50 = wider(b->lo50, b->median, then.lo50, then.median, factor);
        b->lo90 = wider(b->lo90, b->median, then.lo90, then.median, factor);
        b->hi50 = fmin(wider(b->hi50, b->median, then.hi50, then.median, factor), most);
        b->hi90 = fmin(wider(b->hi90, b->median, then.hi90, then.median, factor), most);
    }
}

static void widen_all(cit_forecast *f) {
    static const cit_quantity improvements[] = {
        CIT_Q_DEPTH_ALL,  CIT_Q_DEPTH_ROLLING, CIT_Q_DEPTH_BOXCAR, CIT_Q_DEPTH_ICE_PICK,
        CIT_Q_VOLUME_ALL, CIT_Q_GB_PERCENT,    CIT_Q_ECCA_PERCENT, CIT_Q_OTHER_PERCENT};
    for (size_t i = 0; i < sizeof improvements / sizeof *improvements; i++)
        widen(f, improvements[i]);
}

static double share_above(const table *t, int place, double limit) {
    int above = 0;
    for (int i = 0; i < t->draws; i++) above += at(t, i, place) > limit;
    return (double)above / t->draws;
}

cit_status band_width(const cit_crowd *p, const double *records, int draws, double *ret,
                      cit_errors *errs) {
    table t;
    const cit_status st = table_open(p, records, draws, &t, errs);
    if (st != CIT_OK) return st;
    const cit_band b = band(&t, CIT_Q_DEPTH_ALL * p->day_count + p->summary);
    *ret = b.hi90 - b.lo90;
    table_close(&t);
    return CIT_OK;
}

/* ---- groups, visits, odds --------------------------------------------------------------------- */

static cit_status summarise_groups(const cit_crowd *p, table *t, cit_forecast *f,
                                   cit_errors *errs) {
    const cit_crowd_layout l = cit_crowd_layout_of(p);
    f->groups = calloc((size_t)p->group_count, sizeof *f->groups);
    if (f->groups == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    f->group_count = p->group_count;
    for (int g = 0; g < p->group_count; g++) {
        cit_group_forecast *r = &f->groups[g];
        const int start = l.groups + l.group_stride * g;
        r->zone = p->groups[g].zone;
        r->type = p->groups[g].type;
        cit_band *const singles[CIT_G_SIZE] = {
            &r->count,           &r->start_depth_mm,  &r->start_deficit_mm,
            &r->start_tether_mm, &r->start_open_mm,   &r->by_collagen_mm,
            &r->by_tether_mm,    &r->by_epidermis_mm, &r->by_harm_mm};
        for (int i = 0; i < CIT_G_SIZE; i++) *singles[i] = band(t, start + i);
        r->depth_mm = calloc((size_t)p->day_count * 3, sizeof(cit_band));
        if (r->depth_mm == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
        r->volume_mm3 = r->depth_mm + p->day_count;
        r->width_mm = r->volume_mm3 + p->day_count;
        for (int i = 0; i < 3 * p->day_count; i++) r->depth_mm[i] = band(t, start + CIT_G_SIZE + i);
    }
    return CIT_OK;
}

static cit_status summarise_visits(const cit_crowd *p, table *t, cit_forecast *f,
                                   cit_errors *errs) {
    const cit_crowd_layout l = cit_crowd_layout_of(p);
    cit_appointment all[CIT_APPOINTMENTS_MAX];
    cit_parameters usual;
    cit_parameters_default(&usual);
    const int count = cit_protocol_schedule(p->with.protocol, usual.prior.interval_day, all);
    f->visits = calloc((size_t)p->visit_count + 1, sizeof *f->visits);
    if (f->visits == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    for (int i = 0; i < count; i++) {
        if (all[i].status == CIT_MISSED) continue;
        cit_visit_forecast *v = &f->visits[f->visit_count];
        const int start = l.visits + CIT_V_SIZE * f->visit_count++;
        v->status = all[i].status;
        v->day = band(t, start + CIT_V_DAY);
        v->pain = band(t, start + CIT_V_PAIN);
        v->red_days = band(t, start + CIT_V_RED);
        v->density_per_cm2 = band(t, start + CIT_V_DENSITY);
        v->reach_mm = band(t, start + CIT_V_REACH);
    }
    return CIT_OK;
}

static void summarise_odds(const cit_crowd *p, table *t, cit_forecast *f) {
    const cit_crowd_layout l = cit_crowd_layout_of(p);
    const int change = CIT_Q_GRADE_CHANGE * p->day_count + p->summary;
    const int depth = CIT_Q_DEPTH_ALL * p->day_count + p->summary;
    int one = 0, two = 0, worse = 0;
    for (int i = 0; i < t->draws; i++) {
        one += at(t, i, change) <= -1;
        two += at(t, i, change) <= -2;
        worse += at(t, i, depth) < 0;
    }
    f->odds_one_grade = (double)one / t->draws;
    f->odds_two_grades = (double)two / t->draws;
    f->odds_worse = (double)worse / t->draws;
    f->fibrosis_share = share_above(t, l.singles + CIT_S_FIBROTIC, 0);
    f->lasting_loss_share = share_above(t, l.singles + CIT_S_LASTING_LOSS, 0);
    f->start_gb = band(t, l.singles + CIT_S_START_GB);
    f->start_grade = band(t, l.singles + CIT_S_START_GRADE);
    f->geometry_points = band(t, l.singles + CIT_S_GEOMETRY).mean;
    f->drift_points = band(t, l.singles + CIT_S_DRIFT).mean;
    f->open_points = band(t, l.singles + CIT_S_OPEN).mean;
    const double scale = f->drift_points + f->open_points, all = f->geometry_points + scale;
    f->scale_share = all > 0 ? scale / all : CIT_UNKNOWN_NUMBER;
    cit_parameters usual;
    cit_parameters_default(&usual);
    f->rerating_points = sqrt(2) * usual.outcome.rater_noise;
}

/* ---- what the band is made of ----------------------------------------------------------------- */

/* A rank correlation of independent numbers has a variance of 1 / (n - 1). Of a hundred factors without
 * effect one in thirty runs shows one beyond 3.6 deviations; below that it is not told from chance. */
static double told_share(double correlation, int n) {
    const double share = correlation * correlation;
    return share * (n - 1) > 13 ? share : 0;
}

static int by_value(const void *a, const void *b) {
    const double *x = a, *y = b;
    if (x[0] != y[0]) return x[0] > y[0] ? 1 : -1;
    return (x[2] > y[2]) - (x[2] < y[2]);
}

/* Median of the outcome over the lowest or highest fifth of a factor. */
static void fifths(const double *factor, const double *outcome, int n, double *scratch,
                   double *ret_low, double *ret_high) {
    for (int i = 0; i < n; i++) {
        scratch[3 * i] = factor[i];
        scratch[3 * i + 1] = outcome[i];
        scratch[3 * i + 2] = i;
    }
    qsort(scratch, (size_t)n, 3 * sizeof(double), by_value);
    const int fifth = n / 5 > 0 ? n / 5 : 1;
    double *values = scratch + 3 * n;
    for (int i = 0; i < fifth; i++) values[i] = scratch[3 * i + 1];
    cit_sort(values, fifth);
    *ret_low = cit_quantile_sorted(values, fifth, 0.5);
    for (int i = 0; i < fifth; i++) values[i] = scratch[3 * (n - 1 - i) + 1];
    cit_sort(values, fifth);
    *ret_high = cit_quantile_sorted(values, fifth, 0.5);
}

static const struct {
    cit_extra_factor factor;
    const char *name, *meaning, *source;
    bool assumed;
} extras[] = {
    {CIT_FACTOR_DERMIS, "dermis", "thickness of this person's dermis", "data/sites", false},
    {CIT_FACTOR_SEX, "sex", "sex, where the case leaves it unknown", "assumed: even odds", true},
    {CIT_FACTOR_DEVICE, "device", "roller or pen, where the protocol leaves it unknown",
     "assumed: even odds", true},
    {CIT_FACTOR_CLINIC, "clinic", "what this clinic does otherwise than the model says",
     "spread between studies", true},
};

static bool extra_used(const cit_crowd *p, cit_extra_factor factor) {
    if (factor == CIT_FACTOR_SEX) return p->with.person->sex == 0;
    return factor != CIT_FACTOR_DEVICE || cit_crowd_device_unknown(p);
}

static int by_share(const void *a, const void *b) {
    const cit_driver *x = a, *y = b;
    if (x->share != y->share) return x->share < y->share ? 1 : -1;
    return strcmp(x->name, y->name);
}

static void measure_driver(table *t, int place, const double *outcome, const double *score,
                           cit_driver *d) {
    const int n = column(t, place, t->column);
    d->score_share = told_share(cit_rank_correlation(t->column, score, n, t->scratch), n);
    d->share = told_share(cit_rank_correlation(t->column, outcome, n, t->scratch), n);
    fifths(t->column, outcome, n, t->scratch, &d->low, &d->high);
}

static cit_status summarise_drivers(const cit_crowd *p, table *t, cit_forecast *f,
                                    cit_errors *errs) {
    const cit_crowd_layout l = cit_crowd_layout_of(p);
    const int extra_count = sizeof extras / sizeof *extras;
    /* Depth reduction and, behind it, improvement of the score. */
    double *outcome = calloc(2 * (size_t)t->draws, sizeof *outcome);
    f->drivers = calloc((size_t)p->table_count + (size_t)extra_count, sizeof *f->drivers);
    if (outcome == NULL || f->drivers == NULL) {
        free(outcome);
        return cit_fail(errs, CIT_NOMEM, "", "no memory");
    }
    double *score = outcome + t->draws;
    column(t, CIT_Q_DEPTH_ALL * p->day_count + p->summary, outcome);
    column(t, CIT_Q_GB_PERCENT * p->day_count + p->summary, score);
    double told = 0, told_assumed = 0;
    for (int i = 0; i < p->table_count; i++) {
        const cit_param *param = &p->table[i].param;
        if (!p->used[i]) continue;
        cit_driver *d = &f->drivers[f->driver_count++];
        *d = (cit_driver){.name = param->name,
                          .meaning = param->meaning,
                          .source = param->source,
                          .assumed = cit_param_is_assumed(param),
                          .unknown_setting = p->unknown_setting[i],
                          .unknown_person =
                              strcmp(p->table[i].group, "prior") == 0 && !p->unknown_setting[i]};
        measure_driver(t, l.factors + i, outcome, score, d);
        f->parameter_count++;
        f->assumed_count += d->assumed;
    }
    for (int i = 0; i < extra_count; i++) {
        if (!extra_used(p, extras[i].factor)) continue;
        cit_driver *d = &f->drivers[f->driver_count++];
        *d = (cit_driver){.name = extras[i].name,
                          .meaning = extras[i].meaning,
                          .source = extras[i].source,
                          .assumed = extras[i].assumed,
                          .unknown_setting = extras[i].factor == CIT_FACTOR_DEVICE,
                          .unknown_person = extras[i].factor == CIT_FACTOR_DERMIS ||
                                            extras[i].factor == CIT_FACTOR_SEX};
        measure_driver(t, l.factors + p->table_count + (int)extras[i].factor, outcome, score, d);
    }
    for (int i = 0; i < f->driver_count; i++) {
        told += f->drivers[i].share;
        if (f->drivers[i].assumed) told_assumed += f->drivers[i].share;
    }
    f->assumed_share = told > 0 ? told_assumed / told : CIT_UNKNOWN_NUMBER;
    qsort(f->drivers, (size_t)f->driver_count, sizeof *f->drivers, by_share);
    free(outcome);
    return CIT_OK;
}

cit_status summarise(const cit_crowd *p, const double *records, int draws, cit_forecast *f,
                     cit_errors *errs) {
    table t;
    cit_status st = table_open(p, records, draws, &t, errs);
    if (st != CIT_OK) return st;
    f->weeks = p->day_count;
    f->summary_week = p->summary;
    f->measured_until_week = 26;
    f->bands = calloc((size_t)CIT_QUANTITIES * (size_t)p->day_count, sizeof *f->bands);
    if (f->bands == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory");
        goto done;
    }
    for (int i = 0; i < CIT_QUANTITIES * p->day_count; i++) f->bands[i] = band(&t, i);
    widen_all(f);
    CIT_TRY(summarise_groups(p, &t, f, errs));
    CIT_TRY(summarise_visits(p, &t, f, errs));
    summarise_odds(p, &t, f);
    CIT_TRY(summarise_drivers(p, &t, f, errs));
done:
    table_close(&t);
    return st;
}

/* ---- beside the evidence ---------------------------------------------------------------------- */

static const cit_study_arm *arm_of(const cit_crowd *p) {
    const cit_case *c = p->with.person;
    const cit_study *study = c->study ? cit_catalogue_study(p->with.catalogue, c->study) : NULL;
    if (study == NULL) return NULL;
    for (int i = 0; i < study->arm_count; i++)
        if (c->study_arm == NULL || strcmp(study->arms[i].name, c->study_arm) == 0)
            return &study->arms[i];
    return NULL;
}

/* The figure of ours that a published one speaks of, and its value in our units. */
static bool reported(const cit_study_outcome *o, cit_quantity *ret_quantity, double *ret) {
    const bool points = cit_known(o->change) && o->change_unit != 2;
    const double percent =
        cit_known(o->percent_improvement) ? o->percent_improvement : o->percent_derived;
    *ret = CIT_UNKNOWN_NUMBER;
    /* Differences between arms, and rows of some of the people or scars, are not what is forecast. */
    if (o->versus != NULL || o->types != 0 || o->start_grade != CIT_UNKNOWN_INT) return false;
    switch ((cit_measure)o->measure) {
    case CIT_GB_QUANTITATIVE:
        *ret_quantity = points ? CIT_Q_GB_CHANGE : CIT_Q_GB_PERCENT;
        *ret = points ? o->change : percent;
        break;
    case CIT_ECCA:
        *ret_quantity = points ? CIT_Q_ECCA_CHANGE : CIT_Q_ECCA_PERCENT;
        *ret = points ? o->change : percent;
        break;
    case CIT_GB_QUALITATIVE:
        *ret_quantity = CIT_Q_GRADE_CHANGE;
        *ret = o->value - o->baseline;
        break;
    case CIT_PAPILLARY_COLLAGEN:
        *ret_quantity = CIT_Q_COLLAGEN;
        *ret = o->change_unit == 2 ? o->change : CIT_UNKNOWN_NUMBER;
        break;
    case CIT_EPIDERMAL_THICKNESS:
        *ret_quantity = CIT_Q_EPIDERMIS;
        *ret = o->change_unit == 2 ? o->change : CIT_UNKNOWN_NUMBER;
        break;
    case CIT_ELASTIN:
        *ret_quantity = CIT_Q_ELASTIN;
        *ret = o->change_unit == 2 ? o->change : CIT_UNKNOWN_NUMBER;
        break;
    case CIT_SCAR_S:
    case CIT_RETICULIN:
    case CIT_PIGMENT:
    case CIT_PATIENT_RATING:
    case CIT_DERMAL_COLLAGEN:
    case CIT_COLLAGEN_I:
    case CIT_COLLAGEN_III:
    case CIT_COLLAGEN_VII:
    case CIT_FRESH_COLLAGEN:
    case CIT_SURFACE_RELIEF:
    case CIT_PAIN_SCORE:
    case CIT_REDNESS_DAYS:
    case CIT_OTHER_MEASURE:
        break;
    }
    return cit_known(*ret);
}

static cit_verdict verdict_of(double reported_value, const cit_band *b) {
    if (reported_value >= b->lo50 && reported_value <= b->hi50) return CIT_INSIDE_50;
    return reported_value >= b->lo90 && reported_value <= b->hi90 ? CIT_INSIDE_90 : CIT_OUTSIDE_90;
}

static double week_of(const cit_crowd *p, const cit_forecast *f, const cit_study_outcome *o) {
    if (cit_known(o->week)) return o->week;
    if (!cit_known(o->weeks_after_last) || p->visit_count == 0) return CIT_UNKNOWN_NUMBER;
    return f->visits[p->visit_count - 1].day.median / 7 + o->weeks_after_last;
}

cit_status compare_with_study(const cit_crowd *p, cit_forecast *f, cit_errors *errs) {
    const cit_study_arm *arm = arm_of(p);
    if (arm == NULL) return CIT_OK;
    f->comparisons = calloc((size_t)arm->outcome_count + 1, sizeof *f->comparisons);
    if (f->comparisons == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    for (int i = 0; i < arm->outcome_count; i++) {
        const cit_study_outcome *o = &arm->outcomes[i];
        cit_comparison c = {.arm = arm,
                            .outcome = o,
                            .reported_lo = CIT_UNKNOWN_NUMBER,
                            .reported_hi = CIT_UNKNOWN_NUMBER};
        if (!reported(o, &c.quantity, &c.reported)) continue;
        c.week = week_of(p, f, o);
        const int week = cit_known(c.week) ? (int)lround(c.week) : p->summary;
        if (week < 0 || week >= f->weeks) continue;
        if (!cit_known(c.week)) c.week = week;
        if (c.reported != o->change) { /* the interval is of the change */
        } else if (cit_known(o->change_low)) {
            c.reported_lo = o->change_low;
            c.reported_hi = o->change_high;
            c.interval_is_ci = true;
        } else if (cit_known(o->change_sd)) {
            c.reported_lo = o->change - o->change_sd;
            c.reported_hi = o->change + o->change_sd;
        }
        c.forecast = *cit_forecast_band(f, c.quantity, week);
        c.verdict = verdict_of(c.reported, &c.forecast);
        f->comparisons[f->comparison_count++] = c;
    }
    return CIT_OK;
}

/* ---- outside the evidence --------------------------------------------------------------------- */

static void note(cit_forecast *f, const char *text) {
    if (f->note_count < CIT_NOTES_MAX)
        snprintf(f->notes[f->note_count++], sizeof f->notes[0], "%s", text);
}

/* Read off data/evidence on 2026-11-21: the ranges that published arms of plain needling of acne scars span (data/evidence). */
static const double evidence_length_mm[2] = {1.5, 2.5};
static const double evidence_interval_day[2] = {7, 42};
static const int evidence_visits = 12;

void note_limits(const cit_crowd *p, cit_forecast *f) {
    bool length = false, stamp = false, interval = false;
    const cit_setting *settings[CIT_SETTINGS_MAX];
    const int count = cit_protocol_settings(p->with.protocol, p->with.person, settings);
    for (int i = 0; i < count; i++) {
        const cit_setting *s = settings[i];
        const cit_device *d = s->device ? cit_catalogue_device(p->with.catalogue, s->device) : NULL;
        length = length || (cit_known(s->length_mm) && (s->length_mm < evidence_length_mm[0] ||
                                                        s->length_mm > evidence_length_mm[1]));
        stamp = stamp || (d ? d->kind : s->kind) == CIT_STAMP;
    }
    for (int i = 1; i < f->visit_count; i++) {
        const double gap = f->visits[i].day.median - f->visits[i - 1].day.median;
        interval = interval || gap < evidence_interval_day[0] || gap > evidence_interval_day[1];
    }
    if (f->weeks - 1 > f->measured_until_week)
        note(f, "Beyond week 26 no study of acne scars has measured: the bands there are a guess "
                "that gains may fade.");
    if (length)
        note(f, "Published arms that state a needle length use 1.5 to 2.5 mm; this one lies "
                "outside.");
    if (stamp) note(f, "No study of acne scars used a stamp.");
    if (interval) note(f, "Published intervals run from 1 to 6 weeks; this one lies outside.");
    if (f->visit_count > evidence_visits) note(f, "No published course has more than 12 visits.");
    if (p->with.person->cause > 1)
        note(f, "The evidence is of acne scars; scars of another cause may answer differently.");
    if (p->with.protocol->who == CIT_HOME)
        note(f, "No study shows that home needling changes scars.");
    if (f->not_homogenised_share > 0) {
        char text[160];
        snprintf(text, sizeof text,
                 "Not homogenised in %.0f %% of the draws: there the punctures stand too far apart "
                 "for the column.",
                 100 * f->not_homogenised_share);
        note(f, text);
    }
}
