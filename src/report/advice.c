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

const char *doc_label(const cit_doc *doc) {
    const char *path = cit_doc_name(doc), *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

const char *case_label(const cit_case *person, char text[200]) {
    const char *name = person->name != NULL ? person->name : doc_label(person->doc);
    const char *end = person->name != NULL ? NULL : strrchr(name, '.');
    const size_t length = end != NULL && end > name ? (size_t)(end - name) : strlen(name);
    snprintf(text, 200, "%.*s", cit_text_whole(name, length < 199 ? (int)length : 199), name);
    return text;
}

void passes_text(const cit_advice *a, const cit_setting *s, char text[80]) {
    const int unstated = 4; /* directions of rolling and gliding, as the model has it */
    char passes[16], directions[16];
    if (s->passes == CIT_UNKNOWN_INT) {
        snprintf(text, 80, "%.79s", T("visit.not_set"));
        return;
    }
    const int ways = s->directions == CIT_UNKNOWN_INT ? unstated : s->directions;
    const int n = s->passes < ways ? s->passes : ways;
    snprintf(passes, sizeof passes, "%d", s->passes);
    snprintf(directions, sizeof directions, "%d", n);
    cit_text_fill(text, 80, T(n == 1 ? "visit.passes_one_way" : "visit.passes_in_all"), "passes",
                  passes, "directions", directions, NULL);
}

static const char *or_unknown(const cit_advice *a, double v, char text[24]) {
    if (!cit_known(v)) return T("visit.not_set");
    snprintf(text, 24, "%g", v);
    return text;
}

bool numbing_text(const cit_advice *a, const cit_protocol *p, const cit_visit *visit,
                  char line[LINE]) {
    const int cream = visit != NULL && visit->cream != CIT_ANSWER_UNKNOWN ? visit->cream : p->cream;
    const cit_numbing *n = &p->numbing;
    char grams[24], area[24], minutes[24];
    if (cream == CIT_NO) snprintf(line, LINE, "%s", T("visit.numbing_none"));
    if (cream != CIT_YES || n->product == NULL) return cream == CIT_NO;
    const cit_anaesthetic *what = cit_catalogue_anaesthetic(a->catalogue, n->product);
    cit_text_fill(line, LINE, T(n->occluded == CIT_YES ? "visit.numbing_covered" : "visit.numbing"),
                  "product", what != NULL ? what->name : n->product, "grams",
                  or_unknown(a, n->grams, grams), "area", or_unknown(a, n->area_mm2 / 100, area),
                  "minutes", or_unknown(a, n->minutes, minutes), NULL);
    return true;
}
