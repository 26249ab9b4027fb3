/* An answer on a serum as JSON (docs/serum.schema.json) and CSV, and the folder of both. */
#include "report_impl.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char no_endorsement[] =
    "How much gets in says nothing about whether it should. These numbers endorse no product.";

static json_t *band(const cit_serum_band *b) {
    return json_pack("{s:o, s:o, s:o}", "median", number_json(b->median), "lo90",
                     number_json(b->low), "hi90", number_json(b->high));
}

static json_t *made_by(const cit_serum_report *r) {
    const cit_serum_question *q = &r->answer->question;
    return json_pack("{s:s, s:s, s:I, s:i}", "program", r->program, "catalogue_digest",
                     r->catalogue->digest, "seed", (json_int_t)q->seed, "draws", q->draws);
}

static json_t *question(const cit_serum_report *r) {
    const cit_serum_answer *a = r->answer;
    const cit_serum_question *q = &a->question;
    return json_pack(
        "{s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:b, s:o}", "solute", q->solute->id,
        "definition", q->closure->id, "device", q->device->id, "needle_length_mm",
        number_json(q->length_mm), "passes", number_json(q->passes), "punctures_per_cm2",
        number_json(a->channels_per_cm2), "site", q->site->id, "skin_type",
        q->skin_type > 0 ? json_integer(q->skin_type) : json_null(), "concentration_mg_per_mL",
        number_json(a->middle.film.concentration), "dose_uL_per_cm2", number_json(100 * q->dose_mm),
        "occluded", q->occluded, "watch_h", number_json(24 * q->watch_day));
}

static json_t *ledger(const cit_serum_ledger *l) {
    static const double of_cm2 = 100;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "hour",
                     number_json(24 * l->day), "applied", number_json(of_cm2 * l->applied), "film",
                     number_json(of_cm2 * l->film), "horny_layer", number_json(of_cm2 * l->horny),
                     "channels", number_json(of_cm2 * l->channels), "epidermis",
                     number_json(of_cm2 * l->epidermis), "dermis", number_json(of_cm2 * l->dermis),
                     "bound", number_json(of_cm2 * l->bound), "cleared",
                     number_json(of_cm2 * l->cleared), "evaporated", number_json(of_cm2 * l->lost));
}

static json_t *moments(const cit_serum_answer *a) {
    json_t *list = json_array();
    for (int i = 0; i < a->question.after_count; i++) {
        const cit_serum_moment *m = &a->moments[i];
        json_t *course = json_array();
        for (int j = 0; j < CIT_SERUM_TIMES; j++)
            json_array_append_new(course, ledger(&m->course[j]));
        json_array_append_new(
            list, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "after_h",
                            number_json(24 * m->after_day), "channels_open", number_json(m->open),
                            "delivered_ug_per_cm2", band(&m->delivered), "dermis_ug_per_cm2",
                            band(&m->dermis), "share_of_dose", band(&m->share), "times_intact_skin",
                            band(&m->times), "times_the_first", band(&m->of_now),
                            "course_ug_per_cm2", course));
    }
    return list;
}

static json_t *numbers(const cit_serum_answer *a) {
    json_t *list = json_array();
    for (int i = 0; i < a->number_count; i++) {
        const cit_serum_number *n = &a->numbers[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:b}", "of",
                                              n->of, "name", n->name, "unit", n->unit, "low",
                                              number_json(n->low), "value", number_json(n->value),
                                              "high", number_json(n->high), "source", n->source,
                                              "assumed", n->assumed));
    }
    return list;
}

static json_t *rules(const cit_serum_report *r) {
    json_t *list = json_array();
    const cit_solute *s = r->answer->question.solute;
    for (int i = 0; i < s->rule_count; i++) {
        const cit_rule *rule = cit_catalogue_rule(r->catalogue, s->rules[i]);
        if (rule == NULL) continue;
        json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "rule", rule->id, "home",
                      cit_choice_name(cit_severity_choices, rule->severity[0]), "aesthetician",
                      cit_choice_name(cit_severity_choices, rule->severity[1]), "physician",
                      cit_choice_name(cit_severity_choices, rule->severity[2]), "text",
                      rule->clinician, "source", rule->grounds.source));
    }
    return list;
}

static json_t *care(const cit_serum_report *r) {
    const cit_care *c = cit_catalogue_care(r->catalogue, "nothing-unlabelled-day");
    if (c == NULL) return json_null();
    return json_pack("{s:s, s:s, s:s}", "care", c->id, "text", c->patient, "source",
                     c->grounds.source);
}

cit_status cit_report_serum_json(const cit_serum_report *r, char **ret, cit_errors *errs) {
    const cit_serum_answer *a = r->answer;
    json_t *o = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "schema",
                          "cit/serum/1", "no_endorsement", no_endorsement, "made_by", made_by(r),
                          "question", question(r), "rules", rules(r), "advice", care(r),
                          "applied_ug_per_cm2", number_json(a->applied_ug_per_cm2),
                          "closing_time_constant_h", number_json(24 * a->tau_day),
                          "intact_ug_per_cm2", band(&a->intact), "moments", moments(a), "numbers",
                          numbers(a), "missing_share", number_json(a->missing));
    char *bytes = o != NULL ? json_dumps(o, JSON_INDENT(1) | JSON_REAL_PRECISION(15)) : NULL;
    json_decref(o);
    if (bytes == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for JSON");
    *ret = bytes;
    return CIT_OK;
}

cit_status cit_report_serum_csv(const cit_serum_report *r, char **ret, cit_errors *errs) {
    const cit_serum_answer *a = r->answer;
    memo t;
    cit_status st = text_open(&t, errs);
    if (st != CIT_OK) return st;
    fprintf(t.out,
            "# %s\n# %s, catalogue %s, %s, definition %s; middle values; ug/cm2\n"
            "after_h,hour,applied,film,horny_layer,channels,epidermis,dermis,bound,cleared,"
            "evaporated\n",
            no_endorsement, r->program, r->catalogue->digest, a->question.solute->id,
            a->question.closure->id);
    for (int i = 0; i < a->question.after_count; i++)
        for (int j = 0; j < CIT_SERUM_TIMES; j++) {
            const cit_serum_ledger *l = &a->moments[i].course[j];
            const double amounts[] = {l->applied, l->film,  l->horny,   l->channels, l->epidermis,
                                      l->dermis,  l->bound, l->cleared, l->lost};
            fprintf(t.out, "%.6g,%.6g", 24 * a->moments[i].after_day, 24 * l->day);
            for (size_t k = 0; k < sizeof amounts / sizeof *amounts; k++)
                fprintf(t.out, ",%.8g", 100 * amounts[k]);
            fputc('\n', t.out);
        }
    return text_close(&t, ret, errs);
}

/* The folder's third file: the page as the terminal shows it. */
static cit_status page_text(const cit_serum_report *r, char **ret, cit_errors *errs) {
    cit_page *page = cit_page_of_serum(r);
    const cit_status st = cit_page_text(page, 0, false, ret, errs);
    cit_page_free(page);
    return st;
}

cit_status cit_report_serum_write(const cit_serum_report *r, const char *folder, bool force,
                                  cit_errors *errs) {
    static const char *const sometimes[] = {NULL};
    static const struct {
        const char *name;
        cit_status (*make)(const cit_serum_report *, char **, cit_errors *);
    } made[] = {{"serum.json", cit_report_serum_json},
                {"serum.csv", cit_report_serum_csv},
                {"serum.txt", page_text}};
    enum { FILES = sizeof made / sizeof *made };
    cit_status st = CIT_OK;
    cit_product files[FILES] = {0};
    CIT_TRY(cit_folder_may_write(folder, force, errs));
    for (int i = 0; i < FILES; i++) {
        char *bytes = NULL;
        CIT_TRY(made[i].make(r, &bytes, errs));
        snprintf(files[i].name, sizeof files[i].name, "%s", made[i].name);
        files[i].bytes = bytes;
        files[i].size = strlen(bytes);
    }
    CIT_TRY(cit_folder_write(files, FILES, sometimes, folder, force, errs));
done:
    for (int i = 0; i < FILES; i++) free(files[i].bytes);
    return st;
}
