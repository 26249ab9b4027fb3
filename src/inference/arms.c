/* From an arm of a study to a crowd: a case and a protocol that say what the study says, and no more. */
#include "inference_impl.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A figure without a time is taken to be of four weeks after the last visit, an interval nobody stated to be
 * four weeks where a day must be named; assumed. */
static const double usual_wait_day = 28, usual_interval_day = 28;

/* The median of arms that tell theirs. Scores of arms that do not are left out; of the rest, pain and redness
 * are of one visit, and dark marks, tissue and the order of types are taken as after so many. Assumed. */
enum { USUAL_VISITS = 4 };

/* Errors of the columns near 1e-3 are far below what studies tell apart. */
static const double column_rtol = 7e-4;

bool arm_is_untreated(const cit_study_arm *arm) {
    return strcmp(cit_study_device_choices[arm->device > 0 ? arm->device - 1 : 5], "none") == 0;
}

/* Needles that the model has, and nothing added that is meant to act. An unknown device of a needling study
 * is a roller or a pen. */
bool arm_is_modelled(const cit_study_arm *arm) {
    const bool needles = arm->device == 0 || arm->device <= CIT_STAMP;
    return needles && arm->adjunct_acts != CIT_YES;
}

int arm_visits(const cit_study_arm *arm) {
    if (arm->visits != CIT_UNKNOWN_INT && arm->visits > 0) return arm->visits;
    if (arm->visits_low != CIT_UNKNOWN_INT && arm->visits_low > 0) return arm->visits_low;
    return USUAL_VISITS;
}

bool arm_visits_told(const cit_study_arm *arm) {
    return (arm->visits != CIT_UNKNOWN_INT && arm->visits > 0) ||
           (arm->visits_low != CIT_UNKNOWN_INT && arm->visits_low > 0);
}

bool outcome_day_told(const cit_study_outcome *o) {
    return cit_known(o->week) || cit_known(o->weeks_after_last);
}

double arm_last_day(const cit_study_arm *arm) {
    const double interval = cit_known(arm->interval_day) ? arm->interval_day : usual_interval_day;
    return (arm_visits(arm) - 1) * interval;
}

double outcome_day(const cit_study_arm *arm, const cit_study_outcome *o) {
    if (cit_known(o->week)) return 7 * o->week;
    if (arm_is_untreated(arm)) return 7 * 26;
    const double wait = cit_known(o->weeks_after_last) ? 7 * o->weeks_after_last : usual_wait_day;
    return arm_last_day(arm) + wait;
}

/* ---- texts ------------------------------------------------------------------------------------ */

static char *printed(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *printed(const char *format, ...) {
    va_list list;
    char *text = NULL;
    va_start(list, format);
    if (vasprintf(&text, format, list) < 0) text = NULL;
    va_end(list);
    return text;
}

static const char *number_or_unknown(char text[40], double value, const char *unit) {
    if (cit_known(value))
        snprintf(text, 40, "%.9g%s", value, unit);
    else
        snprintf(text, 40, "unknown");
    return text;
}

static const char *site_of(int region) {
    static const char *const sites[] = {"cheek", "cheek", "neck", "upper-back", "forearm"};
    return sites[region >= 0 && region <= 4 ? region : 0];
}

/* The middle of the skin types told; of two in the middle the lighter. */
static int skin_type_of(const cit_study *study) {
    const int low = study->skin_type_low, high = study->skin_type_high;
    const bool known = low != CIT_UNKNOWN_INT && high != CIT_UNKNOWN_INT && low > 0 && high > 0;
    return known ? (low + high) / 2 : 0;
}

static char *case_text(const cit_study *study, const cit_study_arm *arm, int start_grade) {
    static const char *const types[] = {"unknown", "I", "II", "III", "IV", "V", "VI"};
    char grade[20];
    snprintf(grade, sizeof grade, "%d", start_grade);
    return printed("schema: cit/case/1\nname: an arm of a study\nage: unknown\nsex: unknown\n"
                   "skin_type: %s\ncause: acne\nassessment:\n  grade: %s\n"
                   "zones:\n  - {site: %s, side: both, scars: unknown}\n",
                   types[skin_type_of(study)], start_grade > 0 ? grade : "unknown",
                   site_of(arm->region));
}

static char *protocol_text(const cit_study_arm *arm) {
    char length[40], passes[40], rate[40], density[40], interval[40];
    const char *kind = arm->device > 0 ? cit_study_device_choices[arm->device - 1] : "unknown";
    const char *cream = arm->cream == CIT_YES ? "yes" : arm->cream == CIT_NO ? "no" : "unknown";
    number_or_unknown(length, arm->needle_length_mm, " mm");
    number_or_unknown(rate, arm->rate_Hz, " Hz");
    number_or_unknown(density, arm->density_per_cm2, " /cm2");
    number_or_unknown(interval, arm->interval_day, " days");
    snprintf(passes, sizeof passes, "%d", arm->passes);
    char every[60] = ""; /* a single visit has no interval */
    if (arm_visits(arm) > 1) snprintf(every, sizeof every, ", every: %s", interval);
    return printed("schema: cit/protocol/1\nname: an arm of a study\nwho: physician\ncream: %s\n"
                   "settings:\n  - device: unknown\n    kind: %s\n    length: %s\n    passes: %s\n"
                   "    rate: %s\n    density: %s\n"
                   "visits:\n  - {status: planned, count: %d%s}\n",
                   cream, kind, length, arm->passes == CIT_UNKNOWN_INT ? "unknown" : passes, rate,
                   density, arm_visits(arm), every);
}

/* ---- crowds ----------------------------------------------------------------------------------- */

void arm_crowd_free(arm_crowd *c) {
    free(c->case_text);
    free(c->protocol_text);
    cit_crowd_free(c->crowd);
    cit_case_free(c->person);
    cit_protocol_free(c->protocol);
}

int arm_crowd_of(cit_evidence *e, const cit_study *study, const cit_study_arm *arm, int start_grade,
                 cit_errors *errs) {
    if (!arm_is_modelled(arm)) return -1;
    arm_crowd c = {.case_text = case_text(study, arm, start_grade),
                   .protocol_text = protocol_text(arm),
                   .rater = study->rater,
                   .day_count = 1};
    arm_crowd *grown = NULL;
    if (c.case_text != NULL && c.protocol_text != NULL) {
        for (int i = 0; i < e->crowd_count; i++) {
            const arm_crowd *old = &e->crowds[i];
            if (old->rater != c.rater || strcmp(old->case_text, c.case_text) != 0 ||
                strcmp(old->protocol_text, c.protocol_text) != 0)
                continue;
            arm_crowd_free(&c);
            return i;
        }
        grown = realloc(e->crowds, (size_t)(e->crowd_count + 1) * sizeof *grown);
    }
    if (grown == NULL) {
        arm_crowd_free(&c);
        (void)!cit_fail(errs, CIT_NOMEM, "", "no memory for an arm");
        return -1;
    }
    e->crowds = grown;
    e->crowds[e->crowd_count] = c;
    return e->crowd_count++;
}

/* The most that any probe of this crowd asks for. */
static cit_follow asked_of(const cit_evidence *e, int crowd) {
    cit_follow most = CIT_FOLLOW_VISITS;
    for (int i = 0; i < e->probe_count; i++) {
        const cit_probe *p = &e->probes[i];
        if (p->crowd != crowd || p->what == CIT_PROBE_PAIN) continue;
        if (p->what == CIT_PROBE_REDNESS || p->what == CIT_PROBE_PIGMENT) return CIT_FOLLOW_ALL;
        most = CIT_FOLLOW_SCARS;
    }
    return most;
}

cit_status make_crowds(cit_evidence *e, cit_errors *errs) {
    for (int i = 0; i < e->crowd_count; i++) {
        arm_crowd *c = &e->crowds[i];
        cit_sort(c->days, c->day_count);
        cit_status st =
            cit_case_parse("an arm's case", c->case_text, strlen(c->case_text), &c->person, errs);
        if (st == CIT_OK)
            st = cit_protocol_parse("an arm's protocol", c->protocol_text, strlen(c->protocol_text),
                                    &c->protocol, errs);
        if (st == CIT_OK) st = cit_check_together(c->person, c->protocol, e->catalogue, errs);
        if (st != CIT_OK) return st;
        const cit_crowd_options options = {.person = c->person,
                                           .protocol = c->protocol,
                                           .catalogue = e->catalogue,
                                           .seed = e->with.seed,
                                           .days = c->days,
                                           .day_count = c->day_count,
                                           .sizes = 1,
                                           .rater = c->rater,
                                           .rtol = column_rtol,
                                           .follow = asked_of(e, i),
                                           .mean_grades = true};
        st = cit_crowd_make(&options, &c->crowd, errs);
        if (st != CIT_OK) return st;
    }
    return CIT_OK;
}
