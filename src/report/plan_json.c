/* A plan as JSON: docs/plan.schema.json says what is where. */
#include "report_impl.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *whole_or_null(int v) { return v == CIT_UNKNOWN_INT ? json_null() : whole_json(v); }

static json_t *who_name(int who) {
    return who == 0 ? json_null() : text_json(cit_choice_name(cit_who_choices, who));
}

/* Names of the bits (cit_who - 1) that are set. */
static json_t *who_names(unsigned bits) {
    json_t *list = json_array();
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++)
        if (bits >> (who - 1) & 1) json_array_append_new(list, who_name(who));
    return list;
}

static json_t *texts(const char *const *all, int count) {
    json_t *list = json_array();
    for (int i = 0; i < count; i++) json_array_append_new(list, text_json(all[i]));
    return list;
}

/* ---- where it comes from ------------------------------------------------------------------------- */

static const cit_forecast *chosen_forecast(const cit_plan_report *r) {
    return r->search != NULL && r->forecasts != NULL ? r->forecasts[r->search->chosen] : NULL;
}

/* Any forecast says whether the posterior was used; with none there is nothing that rests on either. */
static json_t *parameters(const cit_plan_report *r) {
    for (int i = 0; r->search != NULL && r->forecasts != NULL && i < r->search->option_count; i++)
        if (r->forecasts[i] != NULL)
            return json_string(r->forecasts[i]->fitted ? "posterior" : "prior");
    return json_null();
}

/* The catalogue's posterior: the line of its file that says what made it. */
static json_t *posterior(const cit_catalogue *c) {
    static const char made_by[] = "made by: ";
    const char *about = c->posterior != NULL ? c->posterior->about : NULL;
    const char *line = about != NULL ? strstr(about, made_by) : NULL;
    if (line == NULL) return json_null();
    line += sizeof made_by - 1;
    return json_stringn(line, strcspn(line, "\n"));
}

static json_t *made_by(const cit_plan_report *r) {
    json_t *o = json_object();
    json_object_set_new(o, "program", text_json(r->program));
    json_object_set_new(o, "catalogue_digest", text_json(r->catalogue->digest));
    json_object_set_new(o, "posterior", posterior(r->catalogue));
    json_object_set_new(o, "parameters", parameters(r));
    json_object_set_new(o, "seed", whole_json((int64_t)r->seed));
    json_object_set_new(o, "draws", r->search != NULL ? whole_json(r->search->draws) : json_null());
    json_object_set_new(o, "case", text_json(doc_label(r->person->doc)));
    json_object_set_new(o, "case_name", text_json(r->person->name));
    json_object_set_new(o, "space", text_json(doc_label(r->space->doc)));
    json_object_set_new(o, "day", day_json(r->day));
    return o;
}

/* ---- screening ------------------------------------------------------------------------------------- */

static json_t *clearance(cit_clearance c) {
    return text_json(cit_choice_name(cit_clearance_choices, (int)c));
}

static json_t *verdicts(const cit_screening *s) {
    json_t *o = json_object();
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++)
        json_object_set_new(o, cit_choice_name(cit_who_choices, who),
                            clearance(cit_screening_verdict(s, -1, who)));
    return o;
}

/* What the finding asks for, per kind of user; null: it does not count there. */
static json_t *finding_verdicts(const cit_finding *f) {
    json_t *o = json_object();
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++)
        json_object_set_new(o, cit_choice_name(cit_who_choices, who),
                            cit_finding_counts(f, -1, who) ? clearance(cit_finding_verdict(f, who))
                                                           : json_null());
    return o;
}

static json_t *finding(const cit_plan_report *r, const cit_finding *f) {
    json_t *o = json_object();
    char zone[80] = "";
    if (f->zone >= 0) cit_zone_name(&r->person->zones[f->zone], zone);
    json_object_set_new(o, "rule", text_json(f->rule->id));
    json_object_set_new(o, "title", text_json(f->rule->title));
    json_object_set_new(o, "where", json_string(zone));
    json_object_set_new(o, "verdicts", finding_verdicts(f));
    json_object_set_new(o, "until", day_json(f->until));
    json_object_set_new(o, "not_known", texts(f->missing, f->missing_count));
    json_object_set_new(o, "overridden", json_boolean(f->override != NULL));
    return o;
}

static json_t *screening(const cit_plan_report *r) {
    json_t *o = json_object(), *all = json_array();
    for (int i = 0; i < r->screening->count; i++)
        json_array_append_new(all, finding(r, &r->screening->findings[i]));
    json_object_set_new(o, "day", day_json(r->screening->day));
    json_object_set_new(o, "verdicts", verdicts(r->screening));
    json_object_set_new(o, "findings", all);
    json_object_set_new(o, "overrides", overrides_json(r->person));
    return o;
}

/* Rules that keep out the one whom the fewest of them bind, of those whom the limits leave. */
static json_t *refused_by(const cit_plan_report *r) {
    json_t *list = json_array();
    const cit_rule *last = NULL;
    const unsigned wanted = r->person->limits.settings;
    int who = CIT_PHYSICIAN;
    while (wanted != 0 && who > CIT_HOME && (wanted >> (who - 1) & 1) == 0) who--;
    for (int i = 0; r->search == NULL && i < r->screening->count; i++) {
        const cit_finding *f = &r->screening->findings[i];
        if (f->rule == last || cit_finding_overridden(f, who) ||
            cit_finding_verdict(f, who) != CIT_FORBIDDEN)
            continue;
        last = f->rule;
        json_array_append_new(list, text_json(f->rule->id));
    }
    return list;
}

/* ---- limits ---------------------------------------------------------------------------------------- */

static json_t *spans(const cit_span *all, int count) {
    json_t *list = json_array();
    for (int i = 0; i < count; i++) {
        json_t *o = json_object();
        json_object_set_new(o, "from", day_json(all[i].from));
        json_object_set_new(o, "to",
                            day_json(all[i].to != CIT_UNKNOWN_INT ? all[i].to : all[i].from));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *judge_name(int judge) {
    return judge == 0 ? json_null() : text_json(cit_choice_name(cit_judge_choices, judge));
}

static json_t *limits(const cit_limits *l) {
    json_t *o = json_object();
    json_object_set_new(o, "budget", number_json(l->budget));
    json_object_set_new(o, "place", text_json(l->place));
    json_object_set_new(o, "visits", whole_or_null(l->visits));
    json_object_set_new(o, "pain_0_to_10", number_json(l->pain));
    json_object_set_new(o, "redness_days", number_json(l->redness_day));
    json_object_set_new(o, "horizon_days", number_json(l->horizon_day));
    json_object_set_new(o, "start", day_json(l->start));
    json_object_set_new(o, "settings", who_names(l->settings));
    json_object_set_new(o, "devices", texts(l->devices, l->device_count));
    json_object_set_new(o, "not_wanted", texts(l->refused, l->refused_count));
    json_object_set_new(o, "judged_by", judge_name(l->judged_by));
    json_object_set_new(o, "smallest_change_mm", number_json(l->smallest_change_mm));
    json_object_set_new(o, "away", spans(l->away, l->away_count));
    json_object_set_new(o, "presentable", spans(l->presentable, l->presentable_count));
    return o;
}

/* ---- what was searched ------------------------------------------------------------------------------- */

static json_t *judge(const cit_search *s) {
    json_t *o = json_object();
    json_object_set_new(o, "by", judge_name(s->judge));
    json_object_set_new(o, "unit", text_json(plan_judge_unit(s->judge)));
    json_object_set_new(o, "smallest_change", number_json(s->smallest_change));
    json_object_set_new(o, "source", text_json(s->change_source));
    json_object_set_new(o, "sees_the_most", json_boolean(s->judge_sees));
    json_object_set_new(o, "dark_marks_bind", json_boolean(s->marks_bind));
    json_object_set_new(o, "untreated_median", number_json(s->untreated));
    return o;
}

static json_t *searched(const cit_search *s) {
    json_t *o = json_object();
    json_object_set_new(o, "candidates", whole_json(s->candidates));
    json_object_set_new(o, "simulated", whole_json(s->simulated));
    json_object_set_new(o, "courses", whole_json(s->courses));
    json_object_set_new(o, "who_allowed", who_names((unsigned)s->who_allowed));
    return o;
}

static json_t *candidate(const cit_candidate *c) {
    if (c->visits == 0) return json_null();
    json_t *o = json_object();
    char words[240];
    cit_candidate_text(c, words);
    json_object_set_new(o, "words", json_string(words));
    json_object_set_new(o, "who", who_name(c->who));
    json_object_set_new(o, "device", text_json(c->device->id));
    json_object_set_new(o, "needle_length_mm", number_json(c->length_mm));
    json_object_set_new(o, "passes", whole_json(c->passes));
    json_object_set_new(o, "visits", whole_json(c->visits));
    json_object_set_new(o, "interval_days", number_json(c->interval_day));
    json_object_set_new(o, "adjunct", text_json(c->adjunct != NULL ? c->adjunct->id : NULL));
    return o;
}

static json_t *value(const cit_value *v) {
    json_t *o = json_object();
    json_object_set_new(o, "gain", number_json(v->gain));
    json_object_set_new(o, "gain_sd", number_json(v->gain_sd));
    json_object_set_new(o, "improvement", number_json(v->improvement));
    json_object_set_new(o, "pain_0_to_10", number_json(v->pain));
    json_object_set_new(o, "redness_days", number_json(v->redness_day));
    json_object_set_new(o, "redness_days_of_a_visit", number_json(v->redness_visit_day));
    json_object_set_new(o, "dark_mark_percent", number_json(v->pigment));
    json_object_set_new(o, "lasting_harm_percent", number_json(v->harm));
    json_object_set_new(o, "cost_low", number_json(v->cost_low));
    json_object_set_new(o, "cost_high", number_json(v->cost_high));
    json_object_set_new(o, "visits", whole_json(v->visits));
    return o;
}

static json_t *improvement(const cit_option *p) {
    json_t *o = json_object();
    json_object_set_new(o, "median", number_json(p->median));
    json_object_set_new(o, "lo50", number_json(p->lo50));
    json_object_set_new(o, "hi50", number_json(p->hi50));
    json_object_set_new(o, "lo90", number_json(p->lo90));
    json_object_set_new(o, "hi90", number_json(p->hi90));
    return o;
}

static json_t *odds(const cit_option *p) {
    const bool nothing = p->kind == CIT_OPTION_NOTHING;
    json_t *o = json_object();
    json_object_set_new(o, "better_than_nothing",
                        nothing ? json_null() : number_json(p->odds_better));
    json_object_set_new(o, "more_than_smallest_change",
                        nothing ? json_null() : number_json(p->odds_matters));
    json_object_set_new(o, "one_grade_better", number_json(p->odds_one_grade));
    json_object_set_new(o, "two_grades_better", number_json(p->odds_two_grades));
    json_object_set_new(o, "seen_at_50cm", number_json(p->odds_seen_50cm));
    json_object_set_new(o, "worse_than_at_start", number_json(p->odds_worse));
    json_object_set_new(o, "more_than_the_option_before", number_json(p->odds_over_last));
    return o;
}

static const char *const kinds[] = {"", "nothing", "least", "usual", "enough", "most", "home"};

/* What else an option is. */
static json_t *also(const cit_option *p) {
    json_t *list = json_array();
    for (int kind = CIT_OPTION_NOTHING; kind <= CIT_OPTION_HOME; kind++)
        if (kind != p->kind && (p->also >> kind & 1) != 0)
            json_array_append_new(list, text_json(kinds[kind]));
    return list;
}

static json_t *options(const cit_search *s) {
    json_t *list = json_array();
    for (int i = 0; i < s->option_count; i++) {
        const cit_option *p = &s->options[i];
        json_t *o = json_object();
        json_object_set_new(o, "kind", text_json(kinds[p->kind]));
        json_object_set_new(o, "also", also(p));
        json_object_set_new(o, "chosen", json_boolean(i == s->chosen));
        json_object_set_new(o, "candidate", candidate(&p->candidate));
        json_object_set_new(o, "value", value(&p->value));
        json_object_set_new(o, "improvement", improvement(p));
        json_object_set_new(o, "odds", odds(p));
        json_object_set_new(o, "told_apart_from_the_option_before",
                            i == 0 ? json_null() : json_boolean(p->told_apart));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *front(const cit_search *s) {
    json_t *list = json_array();
    for (int i = 0; i < s->front_count; i++) {
        json_t *o = json_object();
        json_object_set_new(o, "candidate", candidate(&s->front[i].candidate));
        json_object_set_new(o, "value", value(&s->front[i].value));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *steps(const cit_search *s) {
    json_t *list = json_array();
    for (int i = 0; i < s->step_count; i++) {
        json_t *o = json_object();
        json_object_set_new(o, "visits", whole_json(i));
        json_object_set_new(o, "gain", number_json(s->steps[i].gain));
        json_object_set_new(o, "adds", number_json(s->steps[i].adds));
        json_object_set_new(o, "left", number_json(s->steps[i].left));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *turned_down(const cit_search *s) {
    json_t *list = json_array();
    for (int i = 0; i < s->turned_down_count; i++) {
        const cit_turned_down *t = &s->turned_down[i];
        json_t *o = json_object();
        json_object_set_new(o, "rule", text_json(t->rule != NULL ? t->rule->id : NULL));
        json_object_set_new(
            o, "why", json_stringn(t->why, (size_t)cit_text_whole(t->why, (int)strlen(t->why))));
        json_object_set_new(o, "who", who_name(t->who));
        json_object_set_new(o, "count", whole_json(t->count));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *usual_course(const cit_usual *u) {
    json_t *o = json_object();
    json_object_set_new(o, "needle_length_mm", number_json(u->length_mm));
    json_object_set_new(o, "interval_days", number_json(u->interval_day));
    json_object_set_new(o, "visits", number_json(u->visits));
    json_object_set_new(o, "arms_with_length", whole_json(u->lengths));
    json_object_set_new(o, "arms_with_interval", whole_json(u->intervals));
    json_object_set_new(o, "arms_with_visits", whole_json(u->courses));
    return o;
}

static json_t *longer_needle(const cit_search *s) {
    json_t *o = json_object();
    const bool held_back = s->longer_not_told_apart;
    json_object_set_new(o, "held_back", json_boolean(held_back));
    json_object_set_new(o, "longer_mm", held_back ? number_json(s->longer_mm) : json_null());
    json_object_set_new(o, "shorter_mm", held_back ? number_json(s->shorter_mm) : json_null());
    return o;
}

/* ---- the course ------------------------------------------------------------------------------------ */

static json_t *visits(const cit_dated_course *c) {
    json_t *list = json_array();
    for (int i = 0; i < c->visit_count; i++) {
        json_t *o = json_object();
        json_object_set_new(o, "date", day_json(c->visits[i].day));
        json_object_set_new(o, "moved", json_boolean(c->visits[i].moved));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *photo_days(const cit_dated_course *c) {
    json_t *list = json_array();
    for (int i = 0; i < c->photo_count; i++)
        json_array_append_new(list, day_json(c->photo_days[i]));
    return list;
}

static json_t *costs(const cit_dated_course *c) {
    json_t *list = json_array();
    for (int i = 0; i < c->cost_count; i++) {
        const cit_cost_line *line = &c->costs[i];
        json_t *o = json_object();
        json_object_set_new(o, "price", text_json(line->price->id));
        json_object_set_new(o, "name", text_json(line->price->name));
        json_object_set_new(o, "times", number_json(line->times));
        json_object_set_new(o, "low", number_json(line->low));
        json_object_set_new(o, "high", number_json(line->high));
        json_object_set_new(o, "source", text_json(line->price->source));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *milestones(const cit_milestones *m) {
    json_t *o = json_object();
    json_object_set_new(o, "first_change_day", number_json(m->first_change_day));
    json_object_set_new(o, "most_day", number_json(m->most_day));
    json_object_set_new(o, "final_day", number_json(m->final_day));
    return o;
}

static json_t *course(const cit_plan_report *r) {
    const cit_dated_course *c = r->course;
    if (c == NULL) return json_null();
    json_t *o = json_object();
    json_object_set_new(o, "visits", visits(c));
    json_object_set_new(o, "visits_unplaced", whole_json(c->unplaced));
    json_object_set_new(o, "photo_days", photo_days(c));
    json_object_set_new(o, "judge_day", day_json(c->judge_day));
    json_object_set_new(o, "milestones", milestones(&c->milestones));
    json_object_set_new(o, "prices", text_json(c->prices != NULL ? c->prices->id : NULL));
    json_object_set_new(o, "currency", text_json(c->prices != NULL ? c->prices->currency : NULL));
    json_object_set_new(o, "costs", costs(c));
    json_object_set_new(o, "cost_low", number_json(c->cost_low));
    json_object_set_new(o, "cost_high", number_json(c->cost_high));
    return o;
}

/* ---- the forecast ------------------------------------------------------------------------------------ */

static json_t *week(const cit_band *b, int number_of) {
    json_t *o = json_object();
    json_object_set_new(o, "week", whole_json(number_of));
    json_object_set_new(o, "median", number_json(b->median));
    json_object_set_new(o, "lo50", number_json(b->lo50));
    json_object_set_new(o, "hi50", number_json(b->hi50));
    json_object_set_new(o, "lo90", number_json(b->lo90));
    json_object_set_new(o, "hi90", number_json(b->hi90));
    return o;
}

static json_t *forecast(const cit_plan_report *r) {
    const cit_forecast *f = chosen_forecast(r);
    if (f == NULL) return json_null();
    const cit_quantity q = cit_judge_quantity(r->search->judge);
    json_t *o = json_object(), *weeks = json_array(), *notes = json_array();
    for (int i = 0; i < f->weeks; i++)
        json_array_append_new(weeks, week(cit_forecast_band(f, q, i), i));
    for (int i = 0; i < f->note_count; i++) json_array_append_new(notes, text_json(f->notes[i]));
    json_object_set_new(o, "quantity", text_json(cit_quantity_key(q)));
    json_object_set_new(o, "unit", text_json(cit_quantity_unit(q)));
    json_object_set_new(o, "less_is_better", json_boolean(q == CIT_Q_GRADE_CHANGE));
    json_object_set_new(o, "measured_until_week", whole_json(f->measured_until_week));
    json_object_set_new(o, "weeks", weeks);
    json_object_set_new(o, "notes", notes);
    return o;
}

/* ---- all of it --------------------------------------------------------------------------------------- */

/* Members that say what the search found: null where nobody may needle. */
static void put_search(const cit_plan_report *r, json_t *o) {
    const cit_search *s = r->search;
    json_object_set_new(o, "judge", s != NULL ? judge(s) : json_null());
    json_object_set_new(o, "horizon_days", s != NULL ? number_json(s->horizon_day) : json_null());
    json_object_set_new(o, "search", s != NULL ? searched(s) : json_null());
    json_object_set_new(o, "options", s != NULL ? options(s) : json_null());
    json_object_set_new(o, "front", s != NULL ? front(s) : json_null());
    json_object_set_new(o, "steps", s != NULL ? steps(s) : json_null());
    json_object_set_new(o, "turned_down", s != NULL ? turned_down(s) : json_null());
    json_object_set_new(o, "usual_course", s != NULL ? usual_course(&s->usual) : json_null());
    json_object_set_new(o, "longer_needle", s != NULL ? longer_needle(s) : json_null());
    json_object_set_new(o, "course", s != NULL ? course(r) : json_null());
    json_object_set_new(o, "forecast", s != NULL ? forecast(r) : json_null());
}

cit_status cit_report_plan_json(const cit_plan_report *r, char **ret, cit_errors *errs) {
    json_t *o = json_object();
    json_object_set_new(o, "schema", json_string("cit/plan/1"));
    json_object_set_new(o, "made_by", made_by(r));
    json_object_set_new(o, "start", day_json(r->start));
    json_object_set_new(o, "refused", json_boolean(r->search == NULL));
    json_object_set_new(o, "refused_by", refused_by(r));
    json_object_set_new(o, "screening", screening(r));
    json_object_set_new(o, "limits", limits(&r->person->limits));
    put_search(r, o);
    /* Fifteen digits, as in a forecast. A missing member would mean no memory. */
    char *bytes =
        json_object_size(o) == 18 ? json_dumps(o, JSON_INDENT(1) | JSON_REAL_PRECISION(15)) : NULL;
    json_decref(o);
    if (bytes == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for JSON");
    *ret = bytes;
    return CIT_OK;
}
