/* A virtual trial as JSON: docs/trial.schema.json says what is where. */
#include "report_impl.h"
#include <jansson.h>
#include <math.h>

static json_t *share(const cit_trial_share *s) {
    json_t *o = json_object();
    json_object_set_new(o, "trials", whole_json(s->of));
    json_object_set_new(o, "events", whole_json(s->events));
    json_object_set_new(o, "share", number_json(s->share));
    json_object_set_new(o, "lo95", number_json(s->lo));
    json_object_set_new(o, "hi95", number_json(s->hi));
    return o;
}

static json_t *made_by(const cit_trial_report *r) {
    json_t *o = json_object();
    json_object_set_new(o, "program", text_json(r->program));
    json_object_set_new(o, "catalogue_digest", text_json(r->catalogue->digest));
    json_object_set_new(o, "trial", text_json(cit_doc_name(r->trial->doc)));
    json_object_set_new(o, "seed", whole_json((int64_t)r->result->seed));
    json_object_set_new(o, "trials", whole_json(r->result->trials));
    json_object_set_new(o, "key", text_json(r->result->key));
    json_object_set_new(o, "parameters",
                        text_json(r->result->has_posterior ? "posterior" : "prior"));
    return o;
}

static json_t *arms(const cit_trial *t) {
    json_t *list = json_array();
    for (int i = 0; i < t->arm_count; i++) {
        const cit_trial_arm *a = &t->arms[i];
        json_t *o = json_object();
        json_object_set_new(o, "name", text_json(a->name));
        json_object_set_new(o, "protocol", text_json(a->protocol_path));
        json_object_set_new(o, "untreated", json_boolean(a->untreated == CIT_YES));
        json_object_set_new(o, "share", whole_json(a->share));
        json_object_set_new(o, "adds_percentage_points", number_json(a->adds.percent));
        json_object_set_new(o, "adds_sd_between_trials", number_json(a->adds.sd));
        json_object_set_new(o, "adds_sd_between_people", number_json(a->adds.people_sd));
        json_object_set_new(o, "adds_source", text_json(a->adds.source));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *endpoints(const cit_trial *t) {
    json_t *list = json_array();
    for (int i = 0; i < t->endpoint_count; i++) {
        const cit_trial_endpoint *e = &t->endpoints[i];
        const cit_quantity q = (cit_quantity)(e->quantity - 1);
        json_t *o = json_object();
        json_object_set_new(o, "name", text_json(e->name));
        json_object_set_new(o, "quantity", text_json(cit_quantity_key(q)));
        json_object_set_new(o, "unit", text_json(cit_quantity_unit(q)));
        json_object_set_new(o, "day", number_json(e->day));
        json_object_set_new(o, "responder", number_json(e->responder));
        json_object_set_new(o, "test", text_json(cit_choice_name(cit_trial_test_choices, e->test)));
        json_object_set_new(o, "claim",
                            text_json(cit_choice_name(cit_trial_claim_choices, e->claim)));
        json_object_set_new(o, "margin", number_json(e->margin));
        json_object_set_new(o, "stated_effect", number_json(e->effect));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *strata(const cit_trial *t) {
    json_t *list = json_array();
    for (int i = 0; i < CIT_STRATA; i++)
        if (t->conduct.strata >> i & 1)
            json_array_append_new(list, text_json(cit_stratum_choices[i]));
    return list;
}

static json_t *conduct(const cit_trial *t) {
    const cit_trial_conduct *c = &t->conduct;
    const bool parallel = t->design == CIT_PARALLEL;
    json_t *o = json_object();
    json_object_set_new(o, "clinics", whole_json(c->clinics));
    json_object_set_new(o, "allocation",
                        parallel ? text_json(cit_choice_name(cit_allocation_choices, c->allocation))
                                 : json_null());
    json_object_set_new(
        o, "block", parallel && c->allocation == CIT_BLOCKS ? whole_json(c->block) : json_null());
    json_object_set_new(o, "strata", strata(t));
    json_object_set_new(o, "drop_out", number_json(c->drop_out));
    json_object_set_new(o, "drop_out_correlation_severity", number_json(c->leaving.severity));
    json_object_set_new(o, "drop_out_correlation_improvement", number_json(c->leaving.improvement));
    json_object_set_new(o, "missed_visits", number_json(c->missed_visits));
    json_object_set_new(o, "rater_blinded", json_boolean(c->rater.blinded == CIT_YES));
    json_object_set_new(o, "rater_noise", number_json(c->rater.noise));
    json_object_set_new(o, "sides_correlation",
                        parallel ? json_null() : number_json(c->rater.sides_rho));
    json_object_set_new(o, "sides_sd", parallel ? json_null() : number_json(c->rater.sides_sd));
    return o;
}

static json_t *analysis(const cit_trial *t) {
    const cit_trial_analysis *a = &t->analysis;
    json_t *o = json_object(), *margins = json_array();
    for (int i = 0; i < t->endpoint_count; i++)
        json_array_append_new(margins, number_json(t->endpoints[i].margin));
    json_object_set_new(o, "alpha", number_json(a->alpha));
    json_object_set_new(o, "sides", whole_json(a->sides));
    json_object_set_new(o, "interval_level", number_json(1 - 2 * a->alpha / a->sides));
    json_object_set_new(
        o, "multiplicity",
        a->multiplicity == 0
            ? json_null()
            : text_json(cit_choice_name(cit_trial_multiplicity_choices, a->multiplicity)));
    json_object_set_new(o, "missing",
                        text_json(cit_choice_name(cit_trial_missing_choices, a->missing)));
    json_object_set_new(o, "margins", margins);
    return o;
}

static json_t *found(const cit_trial *t, const cit_trial_summary *s) {
    json_t *list = json_array();
    for (int i = 0; i < cit_trial_comparisons(t); i++) {
        const cit_trial_endpoint *e = cit_trial_endpoint_of(t, i);
        const cit_trial_found *f = &s->found[i];
        json_t *o = json_object();
        json_object_set_new(o, "endpoint", text_json(e->name));
        json_object_set_new(o, "arm", text_json(cit_trial_arm_of(t, i)->name));
        json_object_set_new(o, "against_arm", text_json(t->arms[0].name));
        json_object_set_new(o, "unit", text_json(trial_difference_unit(e)));
        json_object_set_new(o, "success", share(&f->success));
        json_object_set_new(o, "significantly_worse", share(&f->against));
        json_object_set_new(o, "not_analysed", whole_json(f->not_analysed));
        json_object_set_new(o, "difference_mean", number_json(trial_difference(e, f->mean)));
        json_object_set_new(o, "difference_median", number_json(trial_difference(e, f->median)));
        json_object_set_new(o, "difference_lo90", number_json(trial_difference(e, f->lo90)));
        json_object_set_new(o, "difference_hi90", number_json(trial_difference(e, f->hi90)));
        json_object_set_new(o, "difference_sd_of_trials",
                            number_json(trial_is_share(e) ? 100 * f->sd : f->sd));
        json_object_set_new(o, "mean_interval_lo", number_json(trial_difference(e, f->mean_lo)));
        json_object_set_new(o, "mean_interval_hi", number_json(trial_difference(e, f->mean_hi)));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *seen(const cit_trial *t, const cit_trial_summary *s) {
    json_t *list = json_array();
    for (int e = 0; e < t->endpoint_count; e++)
        for (int a = 0; a < t->arm_count; a++) {
            const cit_trial_seen *c = &s->seen[e * t->arm_count + a];
            json_t *o = json_object();
            json_object_set_new(o, "endpoint", text_json(t->endpoints[e].name));
            json_object_set_new(o, "arm", text_json(t->arms[a].name));
            json_object_set_new(o, "people_analysed", number_json(c->analysed));
            json_object_set_new(o, "mean", number_json(c->mean));
            json_object_set_new(o, "sd_of_trial_means", number_json(c->sd_of_means));
            json_object_set_new(o, "sd_between_people", number_json(c->sd));
            json_object_set_new(o, "people_lo90", number_json(c->lo90));
            json_object_set_new(o, "people_median", number_json(c->median));
            json_object_set_new(o, "people_hi90", number_json(c->hi90));
            json_object_set_new(o, "responder_share", number_json(c->responders));
            json_array_append_new(list, o);
        }
    return list;
}

static json_t *run(const cit_trial *t, const cit_trial_summary *s) {
    json_t *o = json_object();
    json_object_set_new(o, "what", text_json(cit_trial_run_name(s->kind)));
    json_object_set_new(o, "people", whole_json(s->people));
    json_object_set_new(o, "trials", whole_json(s->trials));
    json_object_set_new(o, "comparisons", found(t, s));
    json_object_set_new(o, "arms", seen(t, s));
    json_object_set_new(o, "sides_correlation", number_json(s->sides_rho));
    json_object_set_new(o, "people_enrolled", whole_json(s->enrolled));
    json_object_set_new(o, "people_refused_by_screening", whole_json(s->refused));
    json_object_set_new(o, "people_with_open_questions", whole_json(s->to_be_asked));
    json_object_set_new(o, "people_dropped_out", whole_json(s->dropped_out));
    json_object_set_new(o, "visits", whole_json(s->visits));
    json_object_set_new(o, "visits_missed", whole_json(s->missed_visits));
    json_object_set_new(o, "people_punctures_too_sparse", whole_json(s->sparse));
    return o;
}

static json_t *size(const cit_trial_report *r) {
    const cit_trial_repeats *w = &r->trial->repeats;
    if (!r->result->searched) return json_null();
    json_t *o = json_object();
    json_object_set_new(o, "goal", text_json(cit_choice_name(cit_trial_goal_choices, w->goal)));
    json_object_set_new(o, "target", number_json(w->target));
    json_object_set_new(o, "most_people", whole_json(w->most_people));
    json_object_set_new(
        o, "people", r->result->sample_size > 0 ? whole_json(r->result->sample_size) : json_null());
    const cit_trial_summary *s = trial_size_found(r);
    json_object_set_new(o, "success", s != NULL ? share(&s->found[0].success) : json_null());
    json_object_set_new(o, "endpoint", text_json(r->trial->endpoints[0].name));
    json_object_set_new(o, "arm", text_json(r->trial->arms[1].name));
    json_object_set_new(o, "against_arm", text_json(r->trial->arms[0].name));
    return o;
}

cit_status cit_report_trial_json(const cit_trial_report *r, char **ret, cit_errors *errs) {
    json_t *o = json_object(), *runs = json_array();
    for (int i = 0; i < r->result->run_count; i++)
        json_array_append_new(runs, run(r->trial, &r->result->runs[i]));
    json_object_set_new(o, "schema", json_string("cit/trial-result/1"));
    json_object_set_new(o, "no_evidence", json_string(trial_is_no_evidence));
    json_object_set_new(o, "made_by", made_by(r));
    json_object_set_new(o, "name", text_json(r->trial->name));
    json_object_set_new(o, "question", text_json(r->trial->question));
    json_object_set_new(o, "published", text_json(r->trial->published));
    json_object_set_new(o, "design",
                        text_json(cit_choice_name(cit_trial_design_choices, r->trial->design)));
    json_object_set_new(o, "arms", arms(r->trial));
    json_object_set_new(o, "endpoints", endpoints(r->trial));
    json_object_set_new(o, "conduct", conduct(r->trial));
    json_object_set_new(o, "analysis", analysis(r->trial));
    json_object_set_new(o, "sample_size", size(r));
    json_object_set_new(o, "people_followed", whole_json(r->result->followed));
    json_object_set_new(o, "runs", runs);
    /* Fifteen digits, as in a forecast. A missing member would mean no memory. */
    char *bytes =
        json_object_size(o) == 14 ? json_dumps(o, JSON_INDENT(1) | JSON_REAL_PRECISION(15)) : NULL;
    json_decref(o);
    if (bytes == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for JSON");
    *ret = bytes;
    return CIT_OK;
}
