/* The space that is searched: its file, and what published trials usually do. */
#include "planning_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KNOWN (CIT_REQUIRED | CIT_MUST_KNOW)
#define TEXTS(type, key, member, count, flags, meaning)                                            \
    {                                                                                              \
        key, CIT_TEXTS, offsetof(type, member), offsetof(type, count), flags, NULL, 0, 0, NULL,    \
            NULL, meaning                                                                          \
    }
#define NUMBERS(key, member, count, unit, lo, hi, meaning)                                         \
    {                                                                                              \
        key, CIT_NUMBERS, offsetof(cit_space, member), offsetof(cit_space, count), KNOWN, unit,    \
            lo, hi, NULL, NULL, meaning                                                            \
    }
#define NUMBER(type, key, member, unit, lo, hi, meaning)                                           \
    { key, CIT_NUMBER, offsetof(type, member), 0, KNOWN, unit, lo, hi, NULL, NULL, meaning }
#define TEXT(type, key, member, flags, meaning)                                                    \
    { key, CIT_TEXT, offsetof(type, member), 0, flags, NULL, 0, 0, NULL, NULL, meaning }

static const cit_field device_list_fields[] = {
    TEXTS(cit_device_list, "home", home, home_count, KNOWN, "devices somebody has at home"),
    TEXTS(cit_device_list, "aesthetician", aesthetician, aesthetician_count, KNOWN, "at a salon"),
    TEXTS(cit_device_list, "physician", physician, physician_count, KNOWN, "in a practice"),
    {0}};
static const cit_table device_list_table = {"devices", NULL, sizeof(cit_device_list),
                                            device_list_fields, CIT_NO_MARK};

static const cit_field judge_fields[] = {
    {"judge", CIT_CHOICE, offsetof(cit_judging, judge), 0, KNOWN, NULL, 0, 0, cit_judge_choices,
     NULL, "what a result is judged with"},
    NUMBER(cit_judging, "change", change, "", 0, 100, "the least change that matters"),
    TEXT(cit_judging, "source", source, KNOWN, "a citation, or assumed: why"),
    {0}};
static const cit_table judge_table = {"judge", NULL, sizeof(cit_judging), judge_fields,
                                      offsetof(cit_judging, mark)};

static const cit_field noticed_fields[] = {
    NUMBER(cit_noticed, "pain", pain, "", 0, 10, "points of ten"),
    NUMBER(cit_noticed, "redness", redness_day, "day", 0, 60, "days in all"),
    NUMBER(cit_noticed, "pigment", pigment, "", 0, 100, "per cent chance of a dark mark"),
    NUMBER(cit_noticed, "harm", harm, "", 0, 100, "per cent chance of lasting harm"),
    NUMBER(cit_noticed, "cost", cost, "", 0, 100, "per cent of what the other costs"),
    {0}};
static const cit_table noticed_table = {"noticed", NULL, sizeof(cit_noticed), noticed_fields,
                                        CIT_NO_MARK};

static const cit_field source_fields[] = {
    TEXTS(cit_source, "fields", fields, field_count, KNOWN, "the fields it speaks for"),
    TEXT(cit_source, "source", source, KNOWN, "a citation, or 'assumed'"),
    TEXT(cit_source, "note", note, 0, "what was read there"),
    {0}};
static const cit_table source_table = {"source", NULL, sizeof(cit_source), source_fields,
                                       offsetof(cit_source, mark)};

static const cit_field space_fields[] = {
    {"devices", CIT_STRUCT, offsetof(cit_space, devices), 0, KNOWN, NULL, 0, 0, NULL,
     &device_list_table, "devices by who needles"},
    NUMBERS("lengths", lengths_mm, length_count, "mm", 0.05, 6, "needle lengths"),
    NUMBERS("roller_passes", roller_passes, roller_pass_count, "", 1, 40, "of a roller"),
    NUMBERS("pen_passes", pen_passes, pen_pass_count, "", 1, 40, "of a pen"),
    NUMBERS("stamp_passes", stamp_passes, stamp_pass_count, "", 1, 40, "of a stamp"),
    NUMBER(cit_space, "glide", glide_mm_per_s, "mm/s", 1, 200, "how fast a pen glides"),
    NUMBER(cit_space, "rate", rate_Hz, "Hz", 1, 400, "punctures a second of a pen's needle"),
    NUMBERS("intervals", intervals_day, interval_count, "day", 7, 365, "between visits"),
    {"visits", CIT_INTEGER, offsetof(cit_space, visits), 0, KNOWN, "", 1, CIT_PLAN_VISITS_MAX, NULL,
     NULL, "visits at most"},
    NUMBER(cit_space, "horizon", horizon_day, "day", 84, 728, "when the result is judged"),
    NUMBER(cit_space, "judge_after", judge_after_day, "day", 0, 365,
           "least time from the last visit to then"),
    TEXTS(cit_space, "harm", harm, harm_count, KNOWN, "parameters of harm"),
    TEXTS(cit_space, "reach", reach, reach_count, KNOWN, "parameters of how deep needles come"),
    TEXTS(cit_space, "reach_lost", reach_lost, reach_lost_count, KNOWN,
          "parameters of how much of their length is lost"),
    {"judges", CIT_LIST, offsetof(cit_space, judges), offsetof(cit_space, judge_count), KNOWN, NULL,
     0, 0, NULL, &judge_table, "what results are judged with"},
    {"noticed", CIT_STRUCT, offsetof(cit_space, noticed), 0, KNOWN, NULL, 0, 0, NULL,
     &noticed_table, "differences of burden below which nobody minds"},
    {"sources", CIT_LIST, offsetof(cit_space, sources), offsetof(cit_space, source_count), KNOWN,
     NULL, 0, 0, NULL, &source_table, "sources"},
    {0}};
static const cit_table space_table = {"space", "cit/space/1", sizeof(cit_space), space_fields,
                                      CIT_NO_MARK};

/* ---- what a table cannot check --------------------------------------------------------------- */

static const cit_mark top = {0, 0};

static void check_devices(const cit_space *s, const cit_catalogue *catalogue,
                          const char *const *ids, int count, unsigned user, cit_errors *errs) {
    for (int i = 0; i < count; i++) {
        const cit_device *d = cit_catalogue_device(catalogue, ids[i]);
        const char *near = cit_catalogue_near_device(catalogue, ids[i]);
        if (d == NULL)
            cit_doc_fail(s->doc, top, errs, "devices: '%.40s' is not in the catalogue%s%s", ids[i],
                         near != NULL ? "; did you mean " : "", near != NULL ? near : "");
        else if ((d->users & user) == 0)
            cit_doc_fail(s->doc, top, errs, "devices: '%.40s' is not for this kind of user",
                         ids[i]);
    }
}

static bool is_parameter(const char *name) {
    int count;
    const cit_parameter *table = cit_parameter_table(&count);
    for (int i = 0; i < count; i++)
        if (strcmp(table[i].param.name, name) == 0) return true;
    return false;
}

static void check_parameters(const cit_space *s, const char *key, const char *const *names,
                             int count, cit_errors *errs) {
    for (int i = 0; i < count; i++)
        if (!is_parameter(names[i]))
            cit_doc_fail(s->doc, top, errs, "%s: there is no parameter '%.40s'", key, names[i]);
}

static void check_ascending(const cit_space *s, const char *key, const double *values, int count,
                            cit_errors *errs) {
    if (count == 0) cit_doc_fail(s->doc, top, errs, "%s: at least one is needed", key);
    for (int i = 1; i < count; i++)
        if (values[i] <= values[i - 1])
            cit_doc_fail(s->doc, top, errs, "%s: they must ascend", key);
}

static bool has_source(const cit_space *s, const char *key) {
    for (int i = 0; i < s->source_count; i++)
        for (int j = 0; j < s->sources[i].field_count; j++)
            if (strcmp(s->sources[i].fields[j], key) == 0) return true;
    return false;
}

static void check_sources(const cit_space *s, cit_errors *errs) {
    for (const cit_field *f = space_fields; f->key != NULL; f++)
        if (f->table != &judge_table && f->table != &source_table && !has_source(s, f->key))
            cit_doc_fail(s->doc, top, errs, "'%s' has no source; name one, or say 'assumed'",
                         f->key);
}

static void check_space(const cit_space *s, const cit_catalogue *catalogue, cit_errors *errs) {
    check_devices(s, catalogue, s->devices.home, s->devices.home_count, CIT_USER_HOME, errs);
    check_devices(s, catalogue, s->devices.aesthetician, s->devices.aesthetician_count,
                  CIT_USER_AESTHETICIAN, errs);
    check_devices(s, catalogue, s->devices.physician, s->devices.physician_count,
                  CIT_USER_PHYSICIAN, errs);
    check_ascending(s, "lengths", s->lengths_mm, s->length_count, errs);
    check_ascending(s, "intervals", s->intervals_day, s->interval_count, errs);
    check_ascending(s, "roller_passes", s->roller_passes, s->roller_pass_count, errs);
    check_ascending(s, "pen_passes", s->pen_passes, s->pen_pass_count, errs);
    check_ascending(s, "stamp_passes", s->stamp_passes, s->stamp_pass_count, errs);
    check_parameters(s, "harm", s->harm, s->harm_count, errs);
    check_parameters(s, "reach", s->reach, s->reach_count, errs);
    check_parameters(s, "reach_lost", s->reach_lost, s->reach_lost_count, errs);
    for (int judge = CIT_JUDGE_GRADE; judge < CIT_JUDGE_SCANNER; judge++)
        if (judging_of(s, judge) == NULL)
            cit_doc_fail(s->doc, top, errs, "judges: '%s' is missing",
                         cit_choice_name(cit_judge_choices, judge));
    if (s->judge_after_day >= s->horizon_day)
        cit_doc_fail(s->doc, top, errs, "judge_after: it must be shorter than the horizon");
    check_sources(s, errs);
}

const cit_judging *judging_of(const cit_space *s, int judge) {
    for (int i = 0; i < s->judge_count; i++)
        if (s->judges[i].judge == judge) return &s->judges[i];
    return NULL;
}

cit_status cit_space_read(const char *path, const cit_catalogue *catalogue, cit_space **ret,
                          cit_errors *errs) {
    cit_doc *doc = NULL;
    const int faults_before = errs->count + errs->lost;
    cit_status st = cit_doc_read(path, &doc, errs);
    if (st != CIT_OK) return st;
    cit_space *s = calloc(1, sizeof *s);
    if (s == NULL) {
        cit_doc_free(doc);
        return cit_fail(errs, CIT_NOMEM, "", "no memory");
    }
    s->doc = doc;
    st = cit_bind(doc, cit_doc_root(doc), &space_table, s, errs);
    if (st == CIT_OK) check_space(s, catalogue, errs);
    if (errs->count + errs->lost > faults_before) {
        cit_space_free(s);
        return CIT_INVALID;
    }
    *ret = s;
    return CIT_OK;
}

void cit_space_free(cit_space *s) {
    if (s == NULL) return;
    cit_doc_free(s->doc);
    free(s);
}

/* ---- what trials do ------------------------------------------------------------------------------ */

enum { ARMS_MAX = 400 };

static double median_of(double *values, int n) {
    if (n == 0) return CIT_UNKNOWN_NUMBER;
    cit_sort(values, n);
    return cit_quantile_sorted(values, n, 0.5);
}

cit_usual cit_usual_course(const cit_catalogue *catalogue) {
    double lengths[ARMS_MAX], intervals[ARMS_MAX], visits[ARMS_MAX];
    int kinds[CIT_STAMP + 1] = {0};
    cit_usual u = {0};
    for (int i = 0; i < catalogue->study_count; i++)
        for (int j = 0; j < catalogue->studies[i].arm_count; j++) {
            const cit_study_arm *a = &catalogue->studies[i].arms[j];
            const bool needles = a->device >= 0 && a->device <= CIT_STAMP;
            if (!needles || a->use == CIT_NO || catalogue->studies[i].use == CIT_NO) continue;
            kinds[a->device]++;
            if (cit_known(a->needle_length_mm) && u.lengths < ARMS_MAX)
                lengths[u.lengths++] = a->needle_length_mm;
            if (cit_known(a->interval_day) && u.intervals < ARMS_MAX)
                intervals[u.intervals++] = a->interval_day;
            if (a->visits != CIT_UNKNOWN_INT && a->visits > 0 && u.courses < ARMS_MAX)
                visits[u.courses++] = a->visits;
        }
    u.length_mm = median_of(lengths, u.lengths);
    u.interval_day = median_of(intervals, u.intervals);
    u.visits = median_of(visits, u.courses);
    for (int kind = CIT_ROLLER; kind <= CIT_STAMP; kind++)
        if (kinds[kind] > kinds[u.device_kind]) u.device_kind = kind;
    return u;
}

/* ---- what adjuncts add ---------------------------------------------------------------------------- */

/* Deviation of people's improvement where a study gives none, as a share; assumed, as in inference. */
static const double usual_sd = 0.25;
/* Needle length, mm, of studies that do not tell theirs; assumed, the least of those that do. */
static const double usual_length = 1.0;

static double variance_of_mean(const cit_study *s, const cit_study_arm *a) {
    const int n = a->participants != CIT_UNKNOWN_INT ? a->participants
                  : s->completed != CIT_UNKNOWN_INT  ? s->completed
                                                     : 20;
    return usual_sd * usual_sd / fmax(n, 4);
}

/* The last score of an arm that is a mean improvement: its share. */
static bool mean_improvement(const cit_study_arm *a, const char *scale, double *ret,
                             const char **ret_scale) {
    bool found = false;
    double last = -HUGE_VAL;
    for (int i = 0; i < a->outcome_count; i++) {
        const cit_study_outcome *o = &a->outcomes[i];
        const bool score = o->measure >= CIT_GB_QUANTITATIVE && o->measure <= CIT_ECCA;
        const double week = cit_known(o->week) ? o->week : 0;
        if (!score || o->use == CIT_NO || o->versus != NULL || week < last) continue;
        if (scale != NULL && strcmp(scale, o->scale) != 0) continue;
        double share;
        if (cit_known(o->baseline) && cit_known(o->value) && o->baseline > 0)
            share = (o->baseline - o->value) / o->baseline;
        else if (cit_known(o->percent_improvement))
            share = o->percent_improvement / 100;
        else
            continue;
        *ret = share;
        *ret_scale = o->scale;
        last = week;
        found = true;
    }
    return found;
}

/* Does the study say that it found no difference, without giving means? Left out, only those that found one
 * would speak. */
static bool found_none(const cit_study_arm *with, const cit_study_arm *without) {
    for (int i = 0; i < with->outcome_count; i++) {
        const cit_study_outcome *o = &with->outcomes[i];
        if (o->use != CIT_NO && o->versus != NULL && strcmp(o->versus, without->name) == 0 &&
            o->direction == CIT_NO_CHANGE)
            return true;
    }
    return false;
}

static bool difference_of(const cit_catalogue *c, const cit_contrast *contrast,
                          cit_study_result *ret) {
    const cit_study *s = cit_catalogue_study(c, contrast->study);
    const cit_study_arm *with = cit_study_arm_named(s, contrast->arm),
                        *without = cit_study_arm_named(s, contrast->versus);
    double a = 0, b = 0;
    const char *scale = NULL, *same = NULL;
    if (s->use == CIT_NO || with->use == CIT_NO || without->use == CIT_NO) return false;
    if (!mean_improvement(with, NULL, &a, &scale) || !mean_improvement(without, scale, &b, &same)) {
        if (!found_none(with, without)) return false;
        a = b = 0;
    }
    *ret = (cit_study_result){a - b, variance_of_mean(s, with) + variance_of_mean(s, without), 0};
    return true;
}

/* What was done in the studies that gave a number: nothing is known of less. */
static void note_conditions(const cit_study_arm *with, cit_added *a) {
    if (with->visits != CIT_UNKNOWN_INT && with->visits > 0)
        a->visits = fmin(a->visits, with->visits);
    if (cit_known(with->needle_length_mm))
        a->length_mm = fmin(a->length_mm, with->needle_length_mm);
}

cit_status cit_adjunct_adds(const cit_catalogue *catalogue, const cit_adjunct *adjunct,
                            cit_added *ret, cit_errors *errs) {
    static _Thread_local cit_meta fit;
    enum { CONTRASTS_MAX = 40 };
    cit_study_result results[CONTRASTS_MAX];
    double mean[CIT_META_NODES], sd[CIT_META_NODES];
    int n = 0;
    cit_parameters usual;
    cit_parameters_default(&usual);
    cit_added a = {.visits = HUGE_VAL, .length_mm = HUGE_VAL};
    for (int i = 0; i < adjunct->contrast_count && n < CONTRASTS_MAX; i++) {
        const cit_contrast *c = &adjunct->contrasts[i];
        if (!difference_of(catalogue, c, &results[n])) continue;
        note_conditions(cit_study_arm_named(cit_catalogue_study(catalogue, c->study), c->arm), &a);
        n++;
    }
    *ret = (cit_added){.studies = n,
                       .visits = a.visits < HUGE_VAL ? a.visits : 1,
                       .length_mm = a.length_mm < HUGE_VAL ? a.length_mm : usual_length};
    if (n == 0) return CIT_OK;
    /* About nothing added, as far as such things differ: a single study does not settle it. */
    const cit_meta_prior prior = {.tau_scale = usual.study.adjunct_sd,
                                  .mean_sd = 2 * usual.study.adjunct_sd};
    const cit_status st = cit_meta_fit(results, n, &prior, &fit, errs);
    if (st != CIT_OK) return st;
    cit_meta_predict(&fit, 0, 0, mean, sd);
    const cit_mixture mixture = {CIT_META_NODES, fit.weight, mean, sd};
    ret->mean = cit_mixture_mean(&mixture);
    ret->sd = cit_mixture_sd(&mixture);
    return CIT_OK;
}
