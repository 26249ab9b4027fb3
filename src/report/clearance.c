/* What screening found, as a page and as JSON. */
#include "report_impl.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool finding_unsettled(const cit_finding *f, int who) {
    if (who != 0)
        return cit_finding_counts(f, -1, who) && cit_finding_verdict(f, who) != CIT_CLEARED;
    for (int i = CIT_HOME; i <= CIT_PHYSICIAN; i++)
        if (finding_unsettled(f, i)) return true;
    return false;
}

static const char *verdict_words(const cit_advice *a, cit_clearance v) {
    static const char *const keys[] = {"screen.cleared", "screen.ask_first", "screen.refused"};
    return T(keys[v - 1]);
}

/* ---- the table ------------------------------------------------------------------------------- */

static void put_row(cit_page *page, const cit_advice *a, int zone, const char *name) {
    const char *cells[1 + CIT_USERS];
    cells[0] = name;
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++)
        cells[who] = verdict_words(a, cit_screening_verdict(a->screening, zone, who));
    cit_page_row(page, 1 + CIT_USERS, cells);
}

static void put_table(cit_page *page, const cit_advice *a) {
    static const double shares[] = {1.4, 1, 1, 1};
    const char *const headings[] = {T("screen.zone"), who_words(a, CIT_HOME),
                                    who_words(a, CIT_AESTHETICIAN), who_words(a, CIT_PHYSICIAN)};
    cit_page_table(page, 4, shares, headings);
    for (int z = 0; z < a->person->zone_count; z++) {
        char zone[80];
        cit_zone_name(&a->person->zones[z], zone);
        put_row(page, a, z, zone);
    }
    if (a->person->zone_count > 1) put_row(page, a, -1, T("screen.all_zones"));
}

/* ---- reasons --------------------------------------------------------------------------------- */

/* For whom a rule is at its worst: "at home, by an aesthetician". */
static void users_of(const cit_advice *a, const rule_findings *r, cit_clearance verdict, bool holds,
                     char line[LINE]) {
    line[0] = 0;
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++) {
        if (rule_verdict(r, who) != verdict || rule_holds(r, who) != holds) continue;
        const size_t used = strlen(line);
        snprintf(line + used, LINE - used, "%s%s", used ? ", " : "", who_words(a, who));
    }
}

static int until_of(const rule_findings *r) {
    int latest = CIT_UNKNOWN_INT;
    for (int i = 0; i < r->count; i++)
        if (r->first[i].until > latest) latest = r->first[i].until;
    return latest;
}

static void put_until(cit_page *page, const cit_advice *a, const rule_findings *r) {
    const char *until = cit_text_of(a->catalogue, "rule", r->rule->id, "until", r->rule->until);
    const int day = until_of(r);
    char line[LINE], date[16];
    if (until == NULL) return;
    if (day == CIT_UNKNOWN_INT) {
        cit_text_fill(line, sizeof line, T("screen.until"), "until", until, NULL);
    } else {
        cit_date_format(day, date);
        cit_text_fill(line, sizeof line, T("screen.until_date"), "until", until, "date", date,
                      NULL);
    }
    cit_page_note(page, line);
}

/* The source; where others say otherwise, that they do. */
static void put_source(cit_page *page, const cit_advice *a, const cit_grounds *g, const char *kind,
                       const char *id) {
    char line[LINE], number[16];
    put_grounds(a, g, line);
    if (g->view_count > 0) {
        const size_t used = strlen(line);
        snprintf(number, sizeof number, "%d", g->view_count);
        cit_text_fill(line + used, LINE - used, T("screen.views"), "number", number, "kind", kind,
                      "id", id, NULL);
    }
    cit_page_note(page, line);
}

static void put_reason(cit_page *page, const cit_advice *a, const rule_findings *r, int who,
                       cit_clearance verdict) {
    char line[LINE], users[LINE] = "", zones[LINE] = "";
    users_of(a, r, verdict, true, users);
    zones_of(a, r, who, verdict, zones);
    cit_text_fill(line, sizeof line, T(zones[0] ? "screen.reason_zone" : "screen.reason"), "title",
                  rule_title(a, r->rule), "zone", zones, "users", users, "text",
                  a->plain ? rule_patient(a, r->rule) : rule_clinician(a, r->rule), "rule",
                  r->rule->id, NULL);
    cit_page_bullet(page, "-", line);
    put_until(page, a, r);
    put_source(page, a, &r->rule->grounds, "rules", r->rule->id);
}

/* The kind of user for whom a rule says the most: who asks, or else the strictest. */
static int spokesman(const cit_advice *a, const rule_findings *r) {
    int worst = CIT_HOME;
    if (a->who != 0) return a->who;
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++)
        if (rule_verdict(r, who) > rule_verdict(r, worst)) worst = who;
    return worst;
}

static void put_reasons(cit_page *page, const cit_advice *a, cit_clearance verdict,
                        const char *heading) {
    rule_findings r;
    bool any = false;
    for (int at = 0; next_rule(a->screening, at, &r); at = r.next) {
        const int who = spokesman(a, &r);
        if (!rule_holds(&r, who) || rule_verdict(&r, who) != verdict) continue;
        if (verdict == CIT_CLEARED && r.rule->severity[who - 1] != CIT_CAUTION) continue;
        if (!any) cit_page_heading(page, heading);
        any = true;
        put_reason(page, a, &r, who, verdict);
    }
}

/* ---- what is not known ------------------------------------------------------------------------- */

/* The worst that an answer to this fact could bring, and the rules that wait for it. */
static cit_clearance waits_for(const cit_advice *a, const char *fact, char rules[LINE]) {
    cit_clearance worst = CIT_CLEARED;
    rule_findings r;
    rules[0] = 0;
    for (int at = 0; next_rule(a->screening, at, &r); at = r.next) {
        const int who = spokesman(a, &r);
        bool waits = false;
        for (int i = 0; i < r.count; i++)
            for (int j = 0; j < r.first[i].missing_count; j++)
                waits = waits || (r.first[i].holds[who - 1] == CIT_ANSWER_UNKNOWN &&
                                  !cit_finding_overridden(&r.first[i], who) &&
                                  strcmp(r.first[i].missing[j], fact) == 0);
        if (!waits) continue;
        const int severity = r.rule->severity[who - 1];
        const cit_clearance could = severity >= CIT_REFUSE_UNTIL ? CIT_FORBIDDEN
                                    : severity == CIT_ASK        ? CIT_ASK_FIRST
                                                                 : CIT_CLEARED;
        if (could > worst) worst = could;
        const size_t used = strlen(rules);
        snprintf(rules + used, LINE - used, "%s%s", used ? ", " : "", r.rule->id);
    }
    return worst;
}

static void put_questions(cit_page *page, const cit_advice *a, cit_clearance worst,
                          const char *heading) {
    char rules[LINE], line[2 * LINE], key[120];
    bool any = false;
    for (int i = 0; i < cit_fact_count(); i++) {
        const char *fact = cit_fact_name(i);
        const cit_clearance could = waits_for(a, fact, rules);
        if (rules[0] == 0 || could != worst) continue;
        if (!any) cit_page_heading(page, heading);
        any = true;
        snprintf(key, sizeof key, "fact.%s.ask", fact);
        cit_page_bullet(page, "?",
                        cit_text_fill(line, sizeof line, T("screen.question"), "question", T(key),
                                      "rules", rules, NULL));
    }
}

/* ---- overrides, tests -------------------------------------------------------------------------- */

static void put_overrides(cit_page *page, const cit_advice *a) {
    char line[LINE];
    for (int i = 0; i < a->person->override_count; i++) {
        const cit_override *o = &a->person->overrides[i];
        const cit_rule *rule = cit_catalogue_rule(a->catalogue, o->rule);
        if (i == 0) cit_page_heading(page, T("screen.overrides"));
        cit_page_bullet(page, "!",
                        cit_text_fill(line, sizeof line, T("screen.overridden"), "rule", o->rule,
                                      "by", o->by, "at", o->at, "reason", o->reason, NULL));
        if (rule != NULL && rule->override == CIT_BY_NOBODY)
            cit_page_note(page, T("screen.override_void"));
    }
}

static void put_tests(cit_page *page, const cit_advice *a) {
    char line[LINE];
    bool any = false;
    for (int i = 0; i < a->catalogue->care_count; i++) {
        const cit_care *care = &a->catalogue->care[i];
        const bool test =
            strncmp(care->id, "test-spot", 9) == 0 || strcmp(care->id, "product-patch-test") == 0;
        if (!test || !care_applies(a, care, a->who)) continue;
        if (!any) cit_page_heading(page, T("screen.tests"));
        any = true;
        cit_page_bullet(
            page, "-",
            cit_text_fill(line, sizeof line, T("care.line"), "title",
                          cit_text_of(a->catalogue, "care", care->id, "title", care->title), "text",
                          cit_text_of(a->catalogue, "care", care->id, "patient", care->patient),
                          NULL));
        if (care->clinician != NULL && !a->plain)
            cit_page_note(
                page, cit_text_of(a->catalogue, "care", care->id, "clinician", care->clinician));
        put_source(page, a, &care->grounds, "care", care->id);
    }
}

/* ---- the page ---------------------------------------------------------------------------------- */

static void put_verdict(cit_page *page, const cit_advice *a) {
    static const cit_page_tone tones[] = {CIT_PAGE_GOOD, CIT_PAGE_ASK, CIT_PAGE_BAD};
    static const char *const keys[] = {"screen.verdict_cleared", "screen.verdict_ask",
                                       "screen.verdict_refused"};
    const cit_clearance v = cit_screening_verdict(a->screening, -1, a->who);
    const cit_clearance worst = cit_screening_worst(a->screening, -1, a->who);
    const int earliest =
        a->who != 0 ? cit_screening_earliest(a->screening, -1, a->who) : CIT_UNKNOWN_INT;
    char line[LINE], date[40];
    cit_page_verdict(
        page, tones[v - 1],
        cit_text_fill(line, sizeof line, T(keys[v - 1]), "who", who_words(a, a->who), NULL));
    if (v == CIT_ASK_FIRST)
        cit_page_note(page, T(worst == CIT_FORBIDDEN ? "screen.could_refuse" : "screen.only_ask"));
    if (earliest != CIT_UNKNOWN_INT) {
        date_or(a, earliest, date);
        cit_page_note(page,
                      cit_text_fill(line, sizeof line, T("screen.earliest"), "date", date, NULL));
    }
}

cit_page *cit_page_of_screening(const cit_advice *a) {
    char line[LINE], day[16], number[16];
    cit_date_format(a->screening->day, day);
    cit_text_fill(line, sizeof line, T("screen.subtitle"), "name",
                  a->person->name ? a->person->name : cit_doc_name(a->person->doc), "date", day,
                  NULL);
    cit_page *page = cit_page_new(T("screen.title"), line);
    put_verdict(page, a);
    put_table(page, a);
    if (a->screening->waiting > 0) {
        snprintf(number, sizeof number, "%d", a->screening->waiting);
        cit_page_note(
            page, cit_text_fill(line, sizeof line, T("screen.waiting"), "number", number, NULL));
    }
    put_overrides(page, a);
    put_reasons(page, a, CIT_FORBIDDEN, T("screen.reasons_refused"));
    put_reasons(page, a, CIT_ASK_FIRST, T("screen.reasons_ask"));
    put_questions(page, a, CIT_FORBIDDEN, T("screen.questions_refuse"));
    put_questions(page, a, CIT_ASK_FIRST, T("screen.questions_ask"));
    put_reasons(page, a, CIT_CLEARED, T("screen.reasons_caution"));
    put_questions(page, a, CIT_CLEARED, T("screen.questions_caution"));
    put_tests(page, a);
    cit_page_note(page, T("screen.foot"));
    return page;
}

/* ---- a few lines -------------------------------------------------------------------------------- */

static void brief_line(FILE *out, const cit_advice *a, int who) {
    const cit_clearance v = cit_screening_verdict(a->screening, -1, who);
    const int earliest = cit_screening_earliest(a->screening, -1, who);
    const char *separator = v == CIT_CLEARED ? T("screen.mind") : ": ";
    int unknown = 0;
    rule_findings r;
    fprintf(out, "  %-14s%s", who_words(a, who), verdict_words(a, v));
    for (int at = 0; next_rule(a->screening, at, &r); at = r.next) {
        const bool told = v == CIT_CLEARED
                              ? rule_holds(&r, who) && r.rule->severity[who - 1] == CIT_CAUTION
                              : rule_verdict(&r, who) == v;
        if (!told) continue;
        if (!rule_holds(&r, who)) {
            unknown++;
            continue;
        }
        fprintf(out, "%s%s", separator, rule_title(a, r.rule));
        separator = "; ";
    }
    if (unknown > 0) {
        char number[16], line[200];
        snprintf(number, sizeof number, "%d", unknown);
        fprintf(out, "%s%s", separator,
                cit_text_fill(line, sizeof line,
                              T(unknown == 1 ? "screen.not_known_one" : "screen.not_known"),
                              "number", number, NULL));
    }
    if (earliest != CIT_UNKNOWN_INT) {
        char date[16], line[200];
        cit_date_format(earliest, date);
        fprintf(out, "; %s",
                cit_text_fill(line, sizeof line, T("screen.not_before"), "date", date, NULL));
    }
    fputc('\n', out);
}

cit_status cit_report_screening_brief(const cit_advice *a, char **ret, cit_errors *errs) {
    memo m;
    char line[LINE];
    const cit_status st = text_open(&m, errs);
    if (st != CIT_OK) return st;
    fprintf(m.out, "%s\n", a->person->name ? a->person->name : cit_doc_name(a->person->doc));
    const bool decided = a->protocol != NULL && a->protocol->who != 0;
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++)
        if (!decided || who == a->protocol->who) brief_line(m.out, a, who);
    for (int i = 0; i < a->person->override_count; i++) {
        const cit_override *o = &a->person->overrides[i];
        fprintf(m.out, "  %s\n",
                cit_text_fill(line, sizeof line, T("screen.overridden"), "rule", o->rule, "by",
                              o->by, "at", o->at, "reason", o->reason, NULL));
    }
    return text_close(&m, ret, errs);
}

/* ---- JSON --------------------------------------------------------------------------------------- */

static json_t *verdicts(const cit_advice *a, int zone) {
    json_t *o = json_object();
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++)
        json_object_set_new(
            o, cit_who_choices[who - 1],
            json_string(cit_choice_name(cit_clearance_choices,
                                        (int)cit_screening_verdict(a->screening, zone, who))));
    return o;
}

static json_t *finding_json(const cit_advice *a, const cit_finding *f) {
    json_t *o = json_object(), *severity = json_object(), *missing = json_array();
    char zone[80] = "";
    static const char *const answers[] = {"unknown", "no", "yes"};
    if (f->zone >= 0) cit_zone_name(&a->person->zones[f->zone], zone);
    for (int i = 0; i < CIT_USERS; i++) {
        json_t *one = json_object();
        if (f->rule->severity[i] == CIT_NOT_BOUND) {
            json_decref(one);
            continue;
        }
        json_object_set_new(
            one, "severity",
            json_string(cit_choice_name(cit_severity_choices, f->rule->severity[i])));
        json_object_set_new(one, "holds", json_string(answers[f->holds[i]]));
        json_object_set_new(one, "overridden", json_boolean(cit_finding_overridden(f, i + 1)));
        json_object_set_new(severity, cit_who_choices[i], one);
    }
    for (int i = 0; i < f->missing_count; i++)
        json_array_append_new(missing, json_string(f->missing[i]));
    json_object_set_new(o, "rule", json_string(f->rule->id));
    json_object_set_new(o, "title", json_string(rule_title(a, f->rule)));
    json_object_set_new(o, "zone", f->zone >= 0 ? json_string(zone) : json_null());
    json_object_set_new(o, "device",
                        f->setting && f->setting->device ? json_string(f->setting->device)
                                                         : json_null());
    json_object_set_new(o, "users", severity);
    json_object_set_new(o, "not_known", missing);
    json_object_set_new(o, "until", day_json(f->until));
    json_object_set_new(o, "clinician", json_string(rule_clinician(a, f->rule)));
    json_object_set_new(o, "patient", json_string(rule_patient(a, f->rule)));
    json_object_set_new(o, "source", json_string(f->rule->grounds.source));
    json_object_set_new(
        o, "grade",
        json_string(cit_choice_name(cit_evidence_grade_choices, f->rule->grounds.grade)));
    return o;
}

static json_t *zones_json(const cit_advice *a) {
    json_t *zones = json_array();
    for (int z = 0; z < a->person->zone_count; z++) {
        char name[80];
        json_t *o = json_object();
        cit_zone_name(&a->person->zones[z], name);
        json_object_set_new(o, "zone", json_string(name));
        json_object_set_new(o, "verdict", verdicts(a, z));
        json_array_append_new(zones, o);
    }
    return zones;
}

cit_status cit_report_screening_json(const cit_advice *a, char **ret, cit_errors *errs) {
    json_t *o = json_object(), *findings = json_array();
    for (int i = 0; i < a->screening->count; i++)
        json_array_append_new(findings, finding_json(a, &a->screening->findings[i]));
    json_object_set_new(o, "schema", json_string("cit/screening/1"));
    json_object_set_new(o, "case", json_string(cit_doc_name(a->person->doc)));
    json_object_set_new(o, "protocol",
                        a->protocol ? json_string(cit_doc_name(a->protocol->doc)) : json_null());
    json_object_set_new(o, "catalogue", json_string(a->catalogue->digest));
    json_object_set_new(o, "day", day_json(a->screening->day));
    json_object_set_new(o, "who", json_string(cit_choice_name(cit_who_choices, a->who)));
    json_object_set_new(
        o, "verdict",
        json_string(cit_choice_name(cit_clearance_choices,
                                    (int)cit_screening_verdict(a->screening, -1, a->who))));
    json_object_set_new(
        o, "worst",
        json_string(cit_choice_name(cit_clearance_choices,
                                    (int)cit_screening_worst(a->screening, -1, a->who))));
    json_object_set_new(o, "all_zones", verdicts(a, -1));
    json_object_set_new(o, "zones", zones_json(a));
    json_object_set_new(o, "rules_judged", json_integer(a->screening->judged));
    json_object_set_new(o, "rules_waiting_for_a_protocol", json_integer(a->screening->waiting));
    json_object_set_new(o, "findings", findings);
    json_object_set_new(o, "overrides", overrides_json(a->person));
    *ret = json_dumps(o, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    json_decref(o);
    return *ret != NULL ? CIT_OK : cit_fail(errs, CIT_NOMEM, "", "no memory for the report");
}
