/* What the pages of advice share: words, sources, and findings gathered by rule. */
#include "report_impl.h"
#include <stdio.h>
#include <string.h>

const char *rule_title(const cit_advice *a, const cit_rule *r) {
    return cit_text_of(a->catalogue, "rule", r->id, "title", r->title);
}

const char *rule_patient(const cit_advice *a, const cit_rule *r) {
    return cit_text_of(a->catalogue, "rule", r->id, "patient", r->patient);
}

const char *rule_clinician(const cit_advice *a, const cit_rule *r) {
    return cit_text_of(a->catalogue, "rule", r->id, "clinician", r->clinician);
}

const char *who_words(const cit_advice *a, int who) {
    static const char *const keys[] = {"who.unknown", "who.home", "who.aesthetician",
                                       "who.physician"};
    return T(keys[who]);
}

void put_grounds(const cit_advice *a, const cit_grounds *g, char line[LINE]) {
    char checked[16];
    cit_date_format(g->checked, checked);
    cit_text_fill(line, LINE, T("grounds.source"), "source", g->source ? g->source : "", "grade",
                  cit_choice_name(cit_evidence_grade_choices, g->grade), "checked", checked, NULL);
}

void page_grounds(cit_page *page, const cit_advice *a, const cit_grounds *g) {
    char line[LINE];
    if (g->source != NULL) {
        put_grounds(a, g, line);
        cit_page_note(page, line);
    }
    for (int i = 0; i < g->view_count; i++)
        cit_page_note(page, cit_text_fill(line, sizeof line, T("grounds.view"), "says",
                                          g->views[i].says, "source", g->views[i].source, NULL));
    if (g->chosen != NULL)
        cit_page_note(
            page, cit_text_fill(line, sizeof line, T("grounds.chosen"), "chosen", g->chosen, NULL));
}

void page_overrides(cit_page *page, const cit_advice *a) {
    char line[LINE];
    for (int i = 0; i < a->person->override_count; i++) {
        const cit_override *o = &a->person->overrides[i];
        cit_page_note(page,
                      cit_text_fill(line, sizeof line, T("screen.overridden"), "rule", o->rule,
                                    "by", o->by, "at", o->at, "reason", o->reason, NULL));
    }
}

bool next_rule(const cit_screening *s, int at, rule_findings *ret) {
    if (at >= s->count) return false;
    *ret = (rule_findings){s->findings[at].rule, &s->findings[at], 0, at};
    while (ret->next < s->count && s->findings[ret->next].rule == ret->rule) ret->next++;
    ret->count = ret->next - at;
    return true;
}

cit_clearance rule_verdict(const rule_findings *r, int who) {
    cit_clearance worst = CIT_CLEARED;
    for (int i = 0; i < r->count; i++) {
        const cit_clearance v = cit_finding_verdict(&r->first[i], who);
        if (v > worst) worst = v;
    }
    return worst;
}

bool finding_is_open(const rule_findings *r, int who) {
    if (who != 0) return rule_verdict(r, who) != CIT_CLEARED;
    for (int i = CIT_HOME; i <= CIT_PHYSICIAN; i++)
        if (rule_verdict(r, i) != CIT_CLEARED) return true;
    return false;
}

bool rule_holds(const rule_findings *r, int who) {
    for (int i = 0; i < r->count; i++)
        if (r->first[i].holds[who - 1] == CIT_YES) return true;
    return false;
}

void zones_of(const cit_advice *a, const rule_findings *r, int who, cit_clearance verdict,
              char line[LINE]) {
    int last = -1;
    line[0] = 0;
    for (int i = 0; i < r->count; i++) {
        const cit_finding *f = &r->first[i];
        char zone[80];
        if (f->zone < 0 || f->zone == last || cit_finding_verdict(f, who) != verdict) continue;
        last = f->zone;
        cit_zone_name(&a->person->zones[f->zone], zone);
        const size_t used = strlen(line);
        if (used + 90 < LINE) snprintf(line + used, LINE - used, "%s%s", used ? "; " : "", zone);
    }
}

void date_or(const cit_advice *a, int day, char text[40]) {
    if (day == CIT_UNKNOWN_INT)
        snprintf(text, 40, "%.39s", T("grounds.unknown_date"));
    else
        cit_date_format(day, text);
}

bool care_applies(const cit_advice *a, const cit_care *care, int who) {
    if (who != 0 && !(care->users & (1u << (who - 1)))) return false;
    if (a->person == NULL) return true;
    return cit_condition_holds(&care->when, a->person, a->catalogue, a->day) != CIT_NO;
}
