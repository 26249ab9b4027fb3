/* Evidence: made, asked what the model predicts, and weighed. */
#include "inference_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PEOPLE_DEFAULT = 16 };

bool cit_is_fitted(const cit_parameter *row) {
    return row->param.spread != CIT_FIXED && strcmp(row->group, "prior") != 0;
}

void cit_evidence_free(cit_evidence *e) {
    if (e == NULL) return;
    for (int i = 0; i < e->crowd_count; i++) arm_crowd_free(&e->crowds[i]);
    free(e->crowds);
    free(e->studies);
    free(e->probes);
    free(e->probe_days);
    free(e->figures);
    free(e->laws);
    free(e->study_rows);
    free(e);
}

static void place_probes(cit_evidence *e) {
    for (int i = 0; i < e->probe_count; i++) {
        const arm_crowd *c = &e->crowds[e->probes[i].crowd];
        while (c->days[e->probes[i].day] != e->probe_days[i]) e->probes[i].day++;
    }
}

cit_status cit_evidence_make(const cit_catalogue *catalogue, const cit_study *const *studies,
                             int study_count, const cit_evidence_options *options,
                             cit_evidence **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    cit_evidence *e = calloc(1, sizeof *e);
    if (e == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for the evidence");
    e->catalogue = catalogue;
    e->with = *options;
    if (e->with.people <= 0) e->with.people = PEOPLE_DEFAULT;
    if (e->with.people > PEOPLE_MAX) e->with.people = PEOPLE_MAX;
    e->table = cit_parameter_table(&e->table_count);
    e->study_count = study_count;
    e->studies = malloc(((size_t)study_count + 1) * sizeof(const cit_study *));
    e->laws = malloc((size_t)e->table_count * sizeof *e->laws);
    if (e->studies == NULL || e->laws == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory for the evidence");
        goto done;
    }
    for (int i = 0; i < study_count; i++) e->studies[i] = studies[i];
    for (int i = 0; i < e->table_count; i++) e->laws[i] = cit_param_law(&e->table[i].param);
    CIT_TRY(find_study_rows(e, errs));
    CIT_TRY(collect_figures(e, errs));
    CIT_TRY(make_crowds(e, errs));
    place_probes(e);
    *ret = e;
    e = NULL;
done:
    cit_evidence_free(e);
    return st;
}

int cit_evidence_figures(const cit_evidence *e, const cit_figure **ret) {
    *ret = e->figures;
    return e->figure_count;
}
int cit_evidence_crowds(const cit_evidence *e) { return e->crowd_count; }
int cit_evidence_studies(const cit_evidence *e) { return e->study_count; }
int cit_evidence_values(const cit_evidence *e) { return e->probe_count * e->with.people; }
bool cit_evidence_uses(const cit_evidence *e, int study) {
    for (int i = 0; i < e->figure_count; i++)
        if (e->figures[i].study == study) return true;
    return false;
}
const cit_study *cit_evidence_study(const cit_evidence *e, int i) { return e->studies[i]; }

/* ---- predicting --------------------------------------------------------------------------------- */

struct cit_evidence_run {
    cit_crowd_run **runs;
    int count;
    double *records;
};

void cit_evidence_run_free(cit_evidence_run *run) {
    if (run == NULL) return;
    for (int i = 0; i < run->count; i++) cit_crowd_run_free(run->runs[i]);
    free(run->runs);
    free(run->records);
    free(run);
}

cit_status cit_evidence_run_new(const cit_evidence *e, cit_evidence_run **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    size_t largest = 1;
    cit_evidence_run *run = calloc(1, sizeof *run);
    if (run == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    for (int i = 0; i < e->crowd_count; i++) {
        const size_t size = (size_t)cit_crowd_layout_of(e->crowds[i].crowd).size;
        if (size > largest) largest = size;
    }
    run->runs = calloc((size_t)e->crowd_count + 1, sizeof(cit_crowd_run *));
    run->records = malloc(largest * (size_t)e->with.people * sizeof *run->records);
    if (run->runs == NULL || run->records == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory");
        goto done;
    }
    for (; run->count < e->crowd_count; run->count++)
        CIT_TRY(cit_crowd_run_new(e->crowds[run->count].crowd, &run->runs[run->count], errs));
    *ret = run;
    run = NULL;
done:
    cit_evidence_run_free(run);
    return st;
}

static double probed(const cit_crowd *crowd, const cit_crowd_layout *l, const double *record,
                     const cit_probe *p) {
#define AT(quantity) record[CIT_Q_##quantity * crowd->day_count + p->day]
    const double grade = record[l->singles + CIT_S_START_GRADE];
    switch ((cit_probe_what)p->what) {
    case CIT_PROBE_QUANTITATIVE:
        return 0.01 * AT(GB_PERCENT);
    case CIT_PROBE_GRADE:
        return grade > 0 ? -AT(GRADE_CHANGE) / grade : 0;
    case CIT_PROBE_GRADES:
        return -AT(GRADE_CHANGE);
    case CIT_PROBE_ECCA:
        return 0.01 * AT(ECCA_PERCENT);
    case CIT_PROBE_OTHER:
        return 0.01 * AT(OTHER_PERCENT);
    case CIT_PROBE_COLLAGEN:
        return 0.01 * AT(COLLAGEN);
    case CIT_PROBE_ELASTIN:
        return 0.01 * AT(ELASTIN);
    case CIT_PROBE_EPIDERMIS:
        return 0.01 * AT(EPIDERMIS);
    case CIT_PROBE_PAIN:
        return record[l->visits + CIT_V_PAIN];
    case CIT_PROBE_REDNESS:
        return log(fmax(record[l->visits + CIT_V_RED], 1.0 / 24));
    case CIT_PROBE_PIGMENT:
        return 0.01 * AT(PIGMENT_RISK);
    case CIT_PROBE_ROLLING:
        return 0.01 * AT(DEPTH_ROLLING);
    case CIT_PROBE_BOXCAR:
        return 0.01 * AT(DEPTH_BOXCAR);
    case CIT_PROBE_ICE_PICK:
        return 0.01 * AT(DEPTH_ICE_PICK);
    }
#undef AT
    return CIT_UNKNOWN_NUMBER;
}

cit_status cit_evidence_predict(const cit_evidence *e, cit_evidence_run *run, const double *shared,
                                double *values, cit_errors *errs) {
    cit_someone who[PEOPLE_MAX];
    const int people = e->with.people;
    for (int i = 0; i < people; i++)
        who[i] = (cit_someone){
            .world = (uint32_t)i, .person = (uint32_t)i, .shared = shared, .clinic = 0};
    for (int c = 0; c < e->crowd_count; c++) {
        const cit_crowd *crowd = e->crowds[c].crowd;
        const cit_crowd_layout l = cit_crowd_layout_of(crowd);
        const cit_status st =
            cit_crowd_follow(crowd, run->runs[c], who, people, run->records, errs);
        if (st != CIT_OK) return st;
        for (int p = 0; p < e->probe_count; p++) {
            if (e->probes[p].crowd != c) continue;
            for (int i = 0; i < people; i++)
                values[(size_t)p * (size_t)people + (size_t)i] =
                    probed(crowd, &l, run->records + (size_t)l.size * (size_t)i, &e->probes[p]);
        }
    }
    return CIT_OK;
}
