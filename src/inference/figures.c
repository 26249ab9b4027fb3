/* From the rows of study files to figures that a likelihood can take. */
#include "inference_impl.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a study gives points and no baseline: the scores of a face that is treated; assumed. */
static const double usual_quantitative = 20, usual_ecca = 90;
/* Deviation of a person's improvement where a study gives none, as a share; of a tissue's change; of pain;
 * correlation of a score with itself after treatment. All assumed. */
static const double usual_score_sd = 0.25, usual_tissue_sd = 0.3, usual_pain_sd = 1.5,
                    usual_correlation = 0.5;
enum { USUAL_PEOPLE = 20 };

/* ---- probes and figures in lists ----------------------------------------------------------------- */

enum { NO_MEMORY = -1, TOO_MANY_DAYS = -2 };

/* A probe of a crowd on a day; made if new. */
static int probe_of(cit_evidence *e, int crowd, int what, double day) {
    arm_crowd *c = &e->crowds[crowd];
    for (int i = 0; i < e->probe_count; i++)
        if (e->probes[i].crowd == crowd && e->probes[i].what == what && e->probe_days[i] == day)
            return i;
    int place = 0;
    while (place < c->day_count && c->days[place] != day) place++;
    if (place == DAYS_MAX) return TOO_MANY_DAYS;
    cit_probe *probes = realloc(e->probes, (size_t)(e->probe_count + 1) * sizeof *probes);
    if (probes != NULL) e->probes = probes;
    double *days = realloc(e->probe_days, (size_t)(e->probe_count + 1) * sizeof *days);
    if (days != NULL) e->probe_days = days;
    if (probes == NULL || days == NULL) return NO_MEMORY;
    if (place == c->day_count) c->days[c->day_count++] = day;
    e->probes[e->probe_count] = (cit_probe){crowd, what, 0};
    e->probe_days[e->probe_count] = day;
    return e->probe_count++;
}

static cit_status probe_fault(const cit_study *s, int fault, cit_errors *errs) {
    if (fault == TOO_MANY_DAYS)
        return cit_fail(errs, CIT_INVALID, s->id,
                        "an arm is looked at on more than %d different days", DAYS_MAX);
    return cit_fail(errs, CIT_NOMEM, "", "no memory for a figure");
}

static cit_figure *add_figure(cit_evidence *e, const cit_figure *f) {
    cit_figure *grown = realloc(e->figures, (size_t)(e->figure_count + 1) * sizeof *grown);
    if (grown == NULL) return NULL;
    e->figures = grown;
    grown[e->figure_count] = *f;
    return &grown[e->figure_count++];
}

/* ---- what a row measures -------------------------------------------------------------------------- */

static int probe_of_measure(const cit_study_outcome *o) {
    switch (o->measure) {
    case CIT_GB_QUANTITATIVE:
        return CIT_PROBE_QUANTITATIVE;
    case CIT_GB_QUALITATIVE:
        return CIT_PROBE_GRADE;
    case CIT_ECCA:
        return CIT_PROBE_ECCA;
    case CIT_PATIENT_RATING:
    case CIT_OTHER_MEASURE:
        return CIT_PROBE_OTHER;
    case CIT_PAPILLARY_COLLAGEN:
    case CIT_DERMAL_COLLAGEN:
    case CIT_COLLAGEN_I:
    case CIT_COLLAGEN_III:
        return CIT_PROBE_COLLAGEN;
    case CIT_ELASTIN:
        return CIT_PROBE_ELASTIN;
    case CIT_EPIDERMAL_THICKNESS:
        return CIT_PROBE_EPIDERMIS;
    case CIT_PAIN_SCORE:
        return CIT_PROBE_PAIN;
    case CIT_REDNESS_DAYS:
        return CIT_PROBE_REDNESS;
    default:
        return 0;
    }
}

bool is_tissue(int what) { return what >= CIT_PROBE_COLLAGEN && what <= CIT_PROBE_EPIDERMIS; }

static int people_of(const cit_study *s, const cit_study_arm *arm, const cit_study_outcome *o) {
    const int of_row[] = {o->people, o->responders_of, arm->participants},
              of_study[] = {s->completed, s->participants};
    for (size_t i = 0; i < sizeof of_row / sizeof *of_row; i++)
        if (of_row[i] != CIT_UNKNOWN_INT && of_row[i] > 0) return of_row[i];
    /* Arms of different people share the study's in equal parts. */
    const int arms = s->same_people == CIT_YES || s->arm_count < 1 ? 1 : s->arm_count;
    for (size_t i = 0; i < sizeof of_study / sizeof *of_study; i++)
        if (of_study[i] != CIT_UNKNOWN_INT && of_study[i] >= arms) return of_study[i] / arms;
    return USUAL_PEOPLE;
}

static double usual_start(int what) {
    return what == CIT_PROBE_ECCA ? usual_ecca : what == CIT_PROBE_GRADE ? 3 : usual_quantitative;
}

/* The deviation of people's change, in the units of the scale; NAN: nothing was told of it. */
static double sd_of_change(const cit_study_outcome *o) {
    if (cit_known(o->change_sd)) return o->change_sd;
    if (cit_known(o->baseline_sd) && cit_known(o->value_sd)) {
        const double a = o->baseline_sd, b = o->value_sd;
        return sqrt(fmax(a * a + b * b - 2 * usual_correlation * a * b, 0));
    }
    return CIT_UNKNOWN_NUMBER;
}

/* Mean improvement (of tissue: rise) as a share of the start, and its standard error. */
static bool mean_seen(const cit_study_outcome *o, int what, int people, double *ret,
                      double *ret_error) {
    const double sign = is_tissue(what) ? -1 : 1;
    const double start =
        cit_known(o->baseline) && o->baseline > 0 ? o->baseline : usual_start(what);
    double spread = sd_of_change(o) / start, fall;
    if (cit_known(o->baseline) && cit_known(o->value) && o->baseline > 0) {
        fall = (o->baseline - o->value) / o->baseline;
    } else if (cit_known(o->change)) {
        const bool percent = o->change_unit == CIT_PERCENT;
        fall = percent ? -o->change / 100 : -o->change / start;
        if (percent) spread = cit_known(o->change_sd) ? o->change_sd / 100 : CIT_UNKNOWN_NUMBER;
        if (cit_known(o->change_low) && cit_known(o->change_high))
            spread = (o->change_high - o->change_low) / (2 * 1.96) / (percent ? 100 : start) *
                     sqrt(people);
    } else if (cit_known(o->percent_improvement)) {
        fall = o->percent_improvement / 100;
    } else {
        return false;
    }
    if (!cit_known(spread) || spread <= 0)
        spread = is_tissue(what) ? usual_tissue_sd : usual_score_sd;
    *ret = sign * fall;
    *ret_error = spread / sqrt(people);
    return true;
}

/* ---- rows ----------------------------------------------------------------------------------------- */

static bool has_classes(const cit_study_outcome *o) {
    for (int i = 0; i < o->responder_count; i++)
        if (cit_responder_is_figure(&o->responders[i])) return true;
    return false;
}

void end_at_a_character(char *text) { text[cit_text_whole(text, (int)strlen(text))] = '\0'; }

static void name_figure(cit_figure *f, const cit_study *s, const char *what) {
    snprintf(f->label, sizeof f->label, "%s: %.60s", s->id, what);
    end_at_a_character(f->label);
}

/* Sets kind, probe and what was seen of a row; false: the model has no counterpart. */
static bool fill_figure(const cit_study *s, const cit_study_arm *arm, const cit_study_outcome *o,
                        cit_figure *f, int *ret_what) {
    const int people = people_of(s, arm, o), what = probe_of_measure(o);
    *ret_what = what;
    f->of = people;
    if (what == 0 || o->types != 0) return false;
    if (what == CIT_PROBE_PAIN) {
        /* The model has no needling before the cream. */
        if (cit_known(arm->pre_needling_mm)) return false;
        f->kind = CIT_FIGURE_PAIN;
        f->seen = o->value;
        f->error = (cit_known(o->value_sd) ? o->value_sd : usual_pain_sd) / sqrt(people);
        return cit_known(o->value);
    }
    if (what == CIT_PROBE_REDNESS) {
        f->kind = CIT_FIGURE_REDNESS;
        f->low = cit_known(o->low) ? o->low : cit_known(o->value) ? o->value : CIT_UNKNOWN_NUMBER;
        f->high = cit_known(o->high)    ? o->high
                  : cit_known(o->value) ? o->value
                                        : CIT_UNKNOWN_NUMBER;
        return cit_known(f->low) || cit_known(f->high);
    }
    const bool compares = o->versus != NULL;
    if (!compares && mean_seen(o, what, people, &f->seen, &f->error)) {
        f->kind = is_tissue(what) ? CIT_FIGURE_TISSUE : CIT_FIGURE_SCORE;
        return true;
    }
    if (!compares && !is_tissue(what) && has_classes(o)) {
        f->kind = CIT_FIGURE_CLASSES;
        if (what == CIT_PROBE_GRADE) *ret_what = CIT_PROBE_GRADES;
        return true;
    }
    if (o->direction != 0) {
        f->kind = CIT_FIGURE_SIGN;
        f->direction = o->direction;
        f->significant =
            (cit_known(o->p) && o->p < 0.05) || (cit_known(o->p_below) && o->p_below <= 0.05);
        return true;
    }
    return false;
}

/* A row of people who began at one grade has a crowd of its own. */
static cit_status add_outcome(cit_evidence *e, int study, const cit_study_arm *arm,
                              const cit_study_outcome *o, cit_errors *errs) {
    const cit_study *s = e->studies[study];
    cit_figure f = {
        .study = study, .probe = -1, .other = -1, .arm = arm, .outcome = o, .untreated = false};
    int what = 0;
    if (!cit_outcome_is_usable(s, arm, o) || !fill_figure(s, arm, o, &f, &what)) return CIT_OK;
    const bool of_visit = what == CIT_PROBE_PAIN || what == CIT_PROBE_REDNESS;
    f.day = of_visit ? arm_last_day(arm) + 28 : outcome_day(arm, o);
    f.day_told = !of_visit && outcome_day_told(o);
    if (!(f.day > 0)) return CIT_OK;
    const bool of_course = !of_visit && !is_tissue(what) && o->versus == NULL;
    if (of_course && !arm_is_untreated(arm) && !arm_visits_told(arm)) return CIT_OK;
    name_figure(&f, s, o->scale);
    if (arm_is_untreated(arm)) {
        if (f.kind != CIT_FIGURE_SCORE) return CIT_OK;
        f.untreated = true;
        return add_figure(e, &f) != NULL ? CIT_OK : cit_fail(errs, CIT_NOMEM, "", "no memory");
    }
    const int grade = o->start_grade != CIT_UNKNOWN_INT ? o->start_grade : 0;
    const int crowd = arm_crowd_of(e, s, arm, grade, errs);
    if (crowd < 0) return errs->count > 0 ? errs->items[0].code : CIT_OK;
    f.probe = probe_of(e, crowd, what, f.day);
    if (f.probe < 0) return probe_fault(s, f.probe, errs);
    if (o->versus != NULL) {
        const cit_study_arm *other = cit_study_arm_named(s, o->versus);
        const int crowd2 = other == NULL ? -1 : arm_crowd_of(e, s, other, grade, errs);
        if (crowd2 < 0) return errs->count > 0 ? errs->items[0].code : CIT_OK;
        f.other = probe_of(e, crowd2, what, outcome_day(other, o));
        if (f.other < 0) return probe_fault(s, f.other, errs);
    }
    return add_figure(e, &f) != NULL ? CIT_OK : cit_fail(errs, CIT_NOMEM, "", "no memory");
}

/* The arm an event or a finding is of; of the whole study, its only arm that is treated. */
static const cit_study_arm *arm_meant(const cit_study *s, const char *name) {
    if (name != NULL) return cit_study_arm_named(s, name);
    const cit_study_arm *only = NULL;
    for (int i = 0; i < s->arm_count; i++) {
        if (arm_is_untreated(&s->arms[i])) continue;
        if (only != NULL) return NULL;
        only = &s->arms[i];
    }
    return only;
}

static cit_status add_event(cit_evidence *e, int study, const cit_adverse *event,
                            cit_errors *errs) {
    const cit_study *s = e->studies[study];
    const cit_study_arm *arm = arm_meant(s, event->arm);
    if (event->kind != CIT_EVENT_PIGMENT || !cit_adverse_is_usable(s, event) || arm == NULL ||
        !arm_is_modelled(arm))
        return CIT_OK;
    cit_figure f = {.study = study,
                    .kind = CIT_FIGURE_PIGMENT,
                    .other = -1,
                    .arm = arm,
                    .day = arm_last_day(arm) + 84};
    int of = event->of;
    if (of == CIT_UNKNOWN_INT && event->of_low != CIT_UNKNOWN_INT)
        of = (event->of_low + event->of_high) / 2;
    if (of == CIT_UNKNOWN_INT || of <= 0) return CIT_OK;
    f.of = of;
    f.count = event->count != CIT_UNKNOWN_INT ? event->count
              : cit_known(event->percent)     ? (int)lround(event->percent * of / 100)
                                              : -1;
    if (f.count < 0) return CIT_OK;
    name_figure(&f, s, event->event);
    const int crowd = arm_crowd_of(e, s, arm, 0, errs);
    if (crowd < 0) return errs->count > 0 ? errs->items[0].code : CIT_OK;
    f.probe = probe_of(e, crowd, CIT_PROBE_PIGMENT, f.day);
    if (f.probe < 0) return probe_fault(s, f.probe, errs);
    return add_figure(e, &f) != NULL ? CIT_OK : cit_fail(errs, CIT_NOMEM, "", "no memory");
}

/* Of two types of one arm: the one that answered more, and the other. */
static cit_status add_orders(cit_evidence *e, int study, cit_errors *errs) {
    const cit_study *s = e->studies[study];
    for (int i = 0; i < s->by_type_count; i++)
        for (int j = 0; j < s->by_type_count; j++) {
            const cit_by_type *more = &s->by_type[i], *less = &s->by_type[j];
            if (!cit_by_type_is_usable(s, more) || !cit_by_type_is_usable(s, less)) continue;
            if (more->order == CIT_UNKNOWN_INT || less->order == CIT_UNKNOWN_INT ||
                more->order <= 0 || more->order >= less->order || more->type > CIT_ICE_PICK ||
                less->type > CIT_ICE_PICK)
                continue;
            const cit_study_arm *arm = arm_meant(s, more->arm);
            if (arm == NULL || arm != arm_meant(s, less->arm)) continue;
            const int crowd = arm_crowd_of(e, s, arm, 0, errs);
            if (crowd < 0) {
                if (errs->count > 0) return errs->items[0].code;
                continue;
            }
            cit_figure f = {.study = study,
                            .kind = CIT_FIGURE_ORDER,
                            .arm = arm,
                            .day = arm_last_day(arm) + 28};
            f.probe = probe_of(e, crowd, CIT_PROBE_ROLLING + more->type - 1, f.day);
            f.other = probe_of(e, crowd, CIT_PROBE_ROLLING + less->type - 1, f.day);
            snprintf(f.label, sizeof f.label, "%.50s: %s more than %s", s->id,
                     cit_scar_type_choices[more->type - 1], cit_scar_type_choices[less->type - 1]);
            if (f.probe < 0) return probe_fault(s, f.probe, errs);
            if (f.other < 0) return probe_fault(s, f.other, errs);
            if (add_figure(e, &f) == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
        }
    return CIT_OK;
}

/* The same asked of the same crowd by the same study, last of all. */
static void find_last(cit_evidence *e) {
    for (int i = 0; i < e->figure_count; i++) {
        cit_figure *f = &e->figures[i];
        f->last = f->probe;
        for (int j = 0; j < e->figure_count && f->probe >= 0; j++) {
            const cit_figure *g = &e->figures[j];
            if (g->study == f->study && g->probe >= 0 &&
                e->probes[g->probe].crowd == e->probes[f->probe].crowd &&
                e->probes[g->probe].what == e->probes[f->probe].what &&
                e->probe_days[g->probe] > e->probe_days[f->last])
                f->last = g->probe;
        }
    }
}

cit_status collect_figures(cit_evidence *e, cit_errors *errs) {
    for (int i = 0; i < e->study_count; i++) {
        const cit_study *s = e->studies[i];
        for (int a = 0; a < s->arm_count; a++)
            for (int o = 0; o < s->arms[a].outcome_count; o++) {
                const cit_status st = add_outcome(e, i, &s->arms[a], &s->arms[a].outcomes[o], errs);
                if (st != CIT_OK) return st;
            }
        for (int a = 0; a < s->adverse_count; a++) {
            const cit_status st = add_event(e, i, &s->adverse[a], errs);
            if (st != CIT_OK) return st;
        }
        const cit_status st = add_orders(e, i, errs);
        if (st != CIT_OK) return st;
    }
    find_last(e);
    return CIT_OK;
}
