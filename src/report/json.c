/* The forecast as JSON: docs/forecast.schema.json says what is where; every key carries its unit. */
#include "report_impl.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

json_t *number_json(double v) { return isfinite(v) ? json_real(v) : json_null(); }
json_t *whole_json(int64_t v) { return json_integer((json_int_t)v); }
json_t *text_json(const char *text) { return text != NULL ? json_string(text) : json_null(); }

json_t *day_json(int day) {
    char text[16];
    if (day == CIT_UNKNOWN_INT) return json_null();
    cit_date_format(day, text);
    return json_string(text);
}

static json_t *band(const cit_band *b) {
    json_t *o = json_object();
    json_object_set_new(o, "mean", number_json(b->mean));
    json_object_set_new(o, "median", number_json(b->median));
    json_object_set_new(o, "lo50", number_json(b->lo50));
    json_object_set_new(o, "hi50", number_json(b->hi50));
    json_object_set_new(o, "lo90", number_json(b->lo90));
    json_object_set_new(o, "hi90", number_json(b->hi90));
    return o;
}

static json_t *bands(const cit_band *b, int count) {
    json_t *o = json_object();
    const struct {
        const char *name;
        size_t offset;
    } of[] = {{"median", offsetof(cit_band, median)}, {"lo50", offsetof(cit_band, lo50)},
              {"hi50", offsetof(cit_band, hi50)},     {"lo90", offsetof(cit_band, lo90)},
              {"hi90", offsetof(cit_band, hi90)},     {"mean", offsetof(cit_band, mean)}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        json_t *a = json_array();
        for (int j = 0; j < count; j++)
            json_array_append_new(
                a,
                number_json(*(const double *)(const void *)((const char *)&b[j] + of[i].offset)));
        json_object_set_new(o, of[i].name, a);
    }
    return o;
}

static json_t *made_by(const cit_report *r) {
    json_t *o = json_object();
    json_object_set_new(o, "program", json_string(r->program));
    json_object_set_new(o, "catalogue_digest", json_string(r->catalogue->digest));
    json_object_set_new(o, "seed", json_integer((json_int_t)r->forecast->seed));
    json_object_set_new(o, "draws", json_integer(r->forecast->draws));
    json_object_set_new(o, "case", json_string(cit_doc_name(r->person->doc)));
    json_object_set_new(o, "protocol", json_string(cit_doc_name(r->protocol->doc)));
    json_object_set_new(o, "case_name", text_json(r->person->name));
    json_object_set_new(o, "protocol_name", text_json(r->protocol->name));
    json_object_set_new(o, "parameters_fitted", json_boolean(r->forecast->fitted));
    return o;
}

json_t *overrides_json(const cit_case *person) {
    json_t *all = json_array();
    for (int i = 0; i < person->override_count; i++) {
        const cit_override *o = &person->overrides[i];
        json_t *one = json_object();
        json_object_set_new(one, "rule", json_string(o->rule));
        json_object_set_new(one, "by", json_string(o->by));
        json_object_set_new(one, "reason", json_string(o->reason));
        json_object_set_new(one, "at", json_string(o->at));
        json_array_append_new(all, one);
    }
    return all;
}

static json_t *screening(const cit_report *r) {
    json_t *o = json_object(), *open = json_array();
    char day[16];
    for (int i = 0; i < r->screening->count; i++) {
        const cit_finding *f = &r->screening->findings[i];
        if (!finding_unsettled(f, cit_who_of(r->person, r->protocol))) continue;
        char zone[80] = "";
        if (f->zone >= 0) cit_zone_name(&r->person->zones[f->zone], zone);
        json_t *q = json_object(), *facts = json_array();
        for (int j = 0; j < f->missing_count; j++)
            json_array_append_new(facts, json_string(f->missing[j]));
        json_object_set_new(q, "rule", json_string(f->rule->id));
        json_object_set_new(q, "title", json_string(f->rule->title));
        json_object_set_new(q, "where", json_string(zone));
        json_object_set_new(q, "not_known", facts);
        json_array_append_new(open, q);
    }
    cit_date_format(r->screening->day, day);
    json_object_set_new(
        o, "status",
        json_string(cit_choice_name(
            cit_clearance_choices,
            (int)cit_screening_verdict(r->screening, -1, cit_who_of(r->person, r->protocol)))));
    json_object_set_new(
        o, "who",
        json_string(cit_choice_name(cit_who_choices, cit_who_of(r->person, r->protocol))));
    json_object_set_new(o, "day", json_string(day));
    json_object_set_new(o, "published_arm", json_boolean(r->person->study != NULL));
    json_object_set_new(o, "unsettled", open);
    json_object_set_new(o, "overrides", overrides_json(r->person));
    return o;
}

static json_t *series(const cit_forecast *f) {
    json_t *o = json_object();
    for (int q = 0; q < CIT_QUANTITIES; q++)
        json_object_set_new(o, cit_quantity_key((cit_quantity)q),
                            bands(cit_forecast_band(f, (cit_quantity)q, 0), f->weeks));
    return o;
}

static json_t *groups(const cit_report *r) {
    json_t *list = json_array();
    for (int i = 0; i < r->forecast->group_count; i++) {
        const cit_group_forecast *g = &r->forecast->groups[i];
        const cit_zone *zone = &r->person->zones[g->zone];
        json_t *o = json_object();
        json_object_set_new(o, "site", json_string(zone->site));
        json_object_set_new(o, "side", json_string(cit_choice_name(cit_side_choices, zone->side)));
        json_object_set_new(o, "type",
                            json_string(cit_choice_name(cit_case_scar_choices, g->type)));
        json_object_set_new(o, "count", band(&g->count));
        json_object_set_new(o, "start_depth_mm", band(&g->start_depth_mm));
        json_object_set_new(o, "start_deficit_mm", band(&g->start_deficit_mm));
        json_object_set_new(o, "start_tether_mm", band(&g->start_tether_mm));
        json_object_set_new(o, "start_open_mm", band(&g->start_open_mm));
        json_object_set_new(o, "summary_lift_by_collagen_mm", band(&g->by_collagen_mm));
        json_object_set_new(o, "summary_lift_by_bands_cut_mm", band(&g->by_tether_mm));
        json_object_set_new(o, "summary_lift_by_epidermis_mm", band(&g->by_epidermis_mm));
        json_object_set_new(o, "summary_depth_by_harm_mm", band(&g->by_harm_mm));
        json_object_set_new(o, "depth_mm", bands(g->depth_mm, r->forecast->weeks));
        json_object_set_new(o, "volume_mm3", bands(g->volume_mm3, r->forecast->weeks));
        json_object_set_new(o, "visible_width_mm", bands(g->width_mm, r->forecast->weeks));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *visits(const cit_forecast *f) {
    json_t *list = json_array();
    for (int i = 0; i < f->visit_count; i++) {
        const cit_visit_forecast *v = &f->visits[i];
        json_t *o = json_object();
        json_object_set_new(o, "status",
                            json_string(cit_choice_name(cit_visit_status_choices, v->status)));
        json_object_set_new(o, "day", band(&v->day));
        json_object_set_new(o, "pain_0_to_10", band(&v->pain));
        json_object_set_new(o, "redness_days", band(&v->red_days));
        json_object_set_new(o, "punctures_per_cm2", band(&v->density_per_cm2));
        json_object_set_new(o, "reach_mm", band(&v->reach_mm));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *summary(const cit_forecast *f) {
    json_t *o = json_object();
    const struct {
        const char *key;
        double value;
    } rows[] = {
        {"odds_one_grade", f->odds_one_grade},
        {"odds_two_grades", f->odds_two_grades},
        {"odds_deeper_than_before", f->odds_worse},
        {"fibrosis_share", f->fibrosis_share},
        {"lasting_loss_share", f->lasting_loss_share},
        {"not_homogenised_share", f->not_homogenised_share},
        {"score_fall_by_geometry_points", f->geometry_points},
        {"score_fall_by_drift_points", f->drift_points},
        {"score_fall_by_open_rating_points", f->open_points},
        {"scale_share_of_score_fall", f->scale_share},
        {"rerating_deviation_points", f->rerating_points},
        {"assumed_share_of_variance", f->assumed_share},
        {"band90_width_percent", f->width_percent},
        {"band90_width_if_settings_known_percent", f->width_known_percent},
    };
    json_object_set_new(o, "week", json_integer(f->summary_week));
    json_object_set_new(o, "start_goodman_baron_points", band(&f->start_gb));
    json_object_set_new(o, "start_goodman_baron_grade", band(&f->start_grade));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        json_object_set_new(o, rows[i].key, number_json(rows[i].value));
    json_object_set_new(o, "uncertain_numbers", json_integer(f->parameter_count));
    json_object_set_new(o, "assumed_numbers", json_integer(f->assumed_count));
    json_object_set_new(o, "settings_unknown", json_integer(f->unknown_setting_count));
    return o;
}

static json_t *drivers(const cit_forecast *f) {
    json_t *list = json_array();
    for (int i = 0; i < f->driver_count; i++) {
        const cit_driver *d = &f->drivers[i];
        json_t *o = json_object();
        json_object_set_new(o, "name", json_string(d->name));
        json_object_set_new(o, "meaning", json_string(d->meaning));
        json_object_set_new(o, "source", json_string(d->source));
        json_object_set_new(o, "assumed", json_boolean(d->assumed));
        json_object_set_new(o, "unknown_setting", json_boolean(d->unknown_setting));
        json_object_set_new(o, "unknown_of_person", json_boolean(d->unknown_person));
        json_object_set_new(o, "share_of_variance", number_json(d->share));
        json_object_set_new(o, "share_of_score_variance", number_json(d->score_share));
        json_object_set_new(o, "median_at_lowest_fifth_percent", number_json(d->low));
        json_object_set_new(o, "median_at_highest_fifth_percent", number_json(d->high));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *evidence(const cit_report *r) {
    static const char *const verdicts[] = {"", "inside 50 % band", "inside 90 % band",
                                           "outside 90 % band"};
    json_t *list = json_array();
    for (int i = 0; i < r->forecast->comparison_count; i++) {
        const cit_comparison *c = &r->forecast->comparisons[i];
        json_t *o = json_object();
        json_object_set_new(o, "study", json_string(r->person->study));
        json_object_set_new(o, "arm", json_string(c->arm->name));
        json_object_set_new(o, "scale", json_string(c->outcome->scale));
        json_object_set_new(o, "quantity", json_string(cit_quantity_key(c->quantity)));
        json_object_set_new(o, "week", number_json(c->week));
        json_object_set_new(o, "reported", number_json(c->reported));
        json_object_set_new(o, "reported_low", number_json(c->reported_lo));
        json_object_set_new(o, "reported_high", number_json(c->reported_hi));
        json_object_set_new(o, "reported_interval",
                            !cit_known(c->reported_lo)
                                ? json_null()
                                : json_string(c->interval_is_ci ? "95 % confidence interval"
                                                                : "one standard deviation"));
        json_object_set_new(o, "forecast", band(&c->forecast));
        json_object_set_new(o, "verdict", json_string(verdicts[c->verdict]));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *punctures(const puncture_picture *p) {
    if (p->patch.count == 0) return json_null();
    json_t *o = json_object();
    const struct {
        const char *key;
        double value;
    } rows[] = {
        {"needle_length_mm", p->use.length_mm},
        {"passes", p->use.passes},
        {"directions", p->use.directions},
        {"patch_mm", p->patch.size_mm},
        {"punctures_per_cm2", 100 * p->stats.density},
        {"halo_radius_mm", p->use.halo_mm},
        {"halo_coverage_share", p->stats.coverage},
        {"halo_overlap_share", p->stats.overlap},
        {"densest_line_ratio", p->stats.streak_ratio},
        {"densest_line_deviations", p->stats.streak_score},
    };
    json_object_set_new(o, "device", json_string(p->use.device->id));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        json_object_set_new(o, rows[i].key, number_json(rows[i].value));
    return o;
}

static json_t *notes(const cit_forecast *f) {
    json_t *list = json_array();
    for (int i = 0; i < f->note_count; i++) json_array_append_new(list, json_string(f->notes[i]));
    return list;
}

cit_status cit_report_json(const cit_report *r, char **ret, cit_errors *errs) {
    puncture_picture picture = {0};
    const cit_status st = punctures_of(r, &picture, errs);
    if (st != CIT_OK) return st;
    json_t *o = json_object();
    json_object_set_new(o, "schema", json_string("cit/forecast/1"));
    json_object_set_new(o, "made_by", made_by(r));
    json_object_set_new(o, "screening", screening(r));
    json_object_set_new(o, "weeks", json_integer(r->forecast->weeks));
    json_object_set_new(o, "measured_until_week", json_integer(r->forecast->measured_until_week));
    json_object_set_new(o, "summary", summary(r->forecast));
    json_object_set_new(o, "evidence", evidence(r));
    json_object_set_new(o, "visits", visits(r->forecast));
    json_object_set_new(o, "punctures", punctures(&picture));
    json_object_set_new(o, "drivers", drivers(r->forecast));
    json_object_set_new(o, "series_by_week", series(r->forecast));
    json_object_set_new(o, "scar_groups", groups(r));
    json_object_set_new(o, "notes", notes(r->forecast));
    /* Fifteen digits: what prints as 0.1 reads as 0.1. A missing member would mean no memory. */
    char *text_of =
        json_object_size(o) == 13 ? json_dumps(o, JSON_INDENT(1) | JSON_REAL_PRECISION(15)) : NULL;
    json_decref(o);
    cit_patch_free(&picture.patch);
    if (text_of == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for JSON");
    *ret = text_of;
    return CIT_OK;
}
