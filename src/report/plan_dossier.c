/* The clinician's sheets of a plan: reasons, settings, options in full, what else there is, harms, costs,
 * sources. */
#include "report_impl.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SOURCES_MAX = 160, ARMS = 4 * LINE };

/* Sources in the order in which they were first used. */
typedef struct sources {
    const char *items[SOURCES_MAX];
    int count;
} sources;

/* "[12]", or "assumed". */
static const char *use_source(const cit_plan_report *a, sources *list, const char *source,
                              char mark[24]) {
    int at = 0;
    if (source == NULL || strncmp(source, "assumed", 7) == 0) {
        snprintf(mark, 24, "%.23s", source != NULL ? T("plan_pdf.assumed") : "-");
        return mark;
    }
    while (at < list->count && strcmp(list->items[at], source) != 0) at++;
    if (at == SOURCES_MAX) return source; /* never: that many are not in a plan */
    if (at == list->count) list->items[list->count++] = source;
    snprintf(mark, 24, "[%d]", at + 1);
    return mark;
}

static cit_advice advice_of(const cit_plan_report *a) {
    return (cit_advice){
        .catalogue = a->catalogue, .person = a->person, .screening = a->screening, .day = a->start};
}

static bool has_scar(const cit_plan_report *a, int type, bool *ret_counted) {
    bool has = false;
    for (int z = 0; z < a->person->zone_count; z++) {
        const cit_zone *zone = &a->person->zones[z];
        for (int g = 0; zone->scars != NULL && g < zone->scar_group_count; g++) {
            *ret_counted = true;
            has = has || (zone->scars[g].type == type && zone->scars[g].count != 0);
        }
    }
    return has;
}

bool plan_suits(const cit_plan_report *a, const cit_adjunct *adjunct) {
    bool counted = false, suits = false;
    for (int type = CIT_ROLLING; type <= CIT_SCAR_TYPES; type++)
        suits =
            (has_scar(a, type, &counted) && cit_adjunct_suits(adjunct, type) == CIT_YES) || suits;
    return suits || !counted || adjunct->suits == 0;
}

/* ---- reasons ----------------------------------------------------------------------------------------- */

static void put_verdicts(sheet_pile *s, const cit_plan_report *a) {
    static const double shares[] = {1.6, 1, 1, 1};
    static const char *const keys[] = {"screen.cleared", "screen.ask_first", "screen.refused"};
    const cit_advice v = advice_of(a);
    const char *const headings[] = {T("screen.zone"), who_words(&v, CIT_HOME),
                                    who_words(&v, CIT_AESTHETICIAN), who_words(&v, CIT_PHYSICIAN)};
    sheet_table(s, 4, shares, headings);
    for (int z = 0; z < a->person->zone_count; z++) {
        char zone[80];
        const char *cells[4] = {zone};
        cit_zone_name(&a->person->zones[z], zone);
        for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++)
            cells[who] = T(keys[cit_screening_verdict(a->screening, z, who) - 1]);
        sheet_row(s, cells);
    }
}

static cit_clearance worst_of(const rule_findings *r) {
    cit_clearance worst = CIT_CLEARED;
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++)
        if (rule_holds(r, who) && rule_verdict(r, who) > worst) worst = rule_verdict(r, who);
    return worst;
}

static bool holds_for_any(const rule_findings *r) {
    return rule_holds(r, CIT_HOME) || rule_holds(r, CIT_AESTHETICIAN) ||
           rule_holds(r, CIT_PHYSICIAN);
}

/* "at home: refused; physician: ask first". */
static void verdicts_text(const cit_advice *v, const rule_findings *r, char line[LINE]) {
    static const char *const keys[] = {"screen.cleared", "screen.ask_first", "screen.refused"};
    line[0] = 0;
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++) {
        const size_t used = strlen(line);
        if (!rule_holds(r, who)) continue;
        snprintf(line + used, LINE - used, "%s%s: %s", used ? "; " : "", who_words(v, who),
                 cit_text(v->catalogue, keys[rule_verdict(r, who) - 1]));
    }
}

static void put_rule_row(sheet_pile *s, const cit_plan_report *a, const rule_findings *r,
                         sources *list) {
    const cit_advice v = advice_of(a);
    char users[LINE], words[2 * LINE], until[LINE] = "", date[16], mark[24];
    const char *text = cit_text_of(a->catalogue, "rule", r->rule->id, "until", r->rule->until);
    const int day = plan_until(r);
    if (worst_of(r) == CIT_CLEARED)
        snprintf(users, sizeof users, "%s", T("plan_pdf.caution"));
    else
        verdicts_text(&v, r, users);
    if (text != NULL && day != CIT_UNKNOWN_INT) {
        cit_date_format(day, date);
        cit_text_fill(until, sizeof until, T("screen.until_date"), "until", text, "date", date,
                      NULL);
    } else if (text != NULL) {
        cit_text_fill(until, sizeof until, T("screen.until"), "until", text, NULL);
    }
    cit_text_fill(words, sizeof words, T("plan_pdf.rule"), "title", rule_title(&v, r->rule), "text",
                  rule_clinician(&v, r->rule), "until", until, NULL);
    sheet_row(s, (const char *const[]){r->rule->id, users, words,
                                       use_source(a, list, r->rule->grounds.source, mark)});
}

static void put_rules(sheet_pile *s, const cit_plan_report *a, sources *list) {
    static const double shares[] = {1.3, 1.4, 5, 0.8};
    const char *const headings[] = {T("plan_pdf.col_rule"), T("plan_pdf.col_says"),
                                    T("plan_pdf.col_reason"), T("plan_pdf.col_source")};
    bool any = false;
    rule_findings r;
    for (int worst = CIT_FORBIDDEN; worst >= CIT_CLEARED; worst--)
        for (int at = 0; next_rule(a->screening, at, &r); at = r.next) {
            if (!holds_for_any(&r) || (int)worst_of(&r) != worst) continue;
            if (!any) sheet_table(s, 4, shares, headings);
            any = true;
            put_rule_row(s, a, &r, list);
        }
    if (!any) sheet_words(s, SHEET_SMALL, T("plan_pdf.no_rule"));
}

static bool asks_fact(const rule_findings *r, const char *fact) {
    for (int i = 0; i < r->count; i++)
        for (int j = 0; j < r->first[i].missing_count; j++)
            if (strcmp(r->first[i].missing[j], fact) == 0) return true;
    return false;
}

/* Facts nobody stated, with the rules that wait for each. */
static int put_questions(sheet_pile *s, const cit_plan_report *a) {
    char rules[LINE], line[2 * LINE], key[120];
    int count = 0;
    rule_findings r;
    for (int i = 0; i < cit_fact_count(); i++) {
        const char *fact = cit_fact_name(i);
        rules[0] = 0;
        for (int at = 0; next_rule(a->screening, at, &r); at = r.next) {
            const size_t used = strlen(rules);
            if (!holds_for_any(&r) && asks_fact(&r, fact))
                snprintf(rules + used, LINE - used, "%s%s", used ? ", " : "", r.rule->id);
        }
        if (rules[0] == 0) continue;
        if (count++ == 0) sheet_words(s, SHEET_HEADING, T("plan_pdf.questions"));
        snprintf(key, sizeof key, "fact.%s.ask", fact);
        sheet_words(s, SHEET_SMALL,
                    cit_text_fill(line, sizeof line, T("screen.question"), "question", T(key),
                                  "rules", rules, NULL));
    }
    return count;
}

static int put_reasons(sheet_pile *s, const cit_plan_report *a, sources *list) {
    char line[LINE], judged[16], waiting[16];
    sheet_words(s, SHEET_HEADING, T("plan_pdf.reasons"));
    snprintf(judged, sizeof judged, "%d", a->screening->judged);
    snprintf(waiting, sizeof waiting, "%d", a->screening->waiting);
    sheet_words(s, SHEET_SMALL,
                cit_text_fill(line, sizeof line,
                              T(a->search != NULL ? "plan_pdf.judged" : "plan_pdf.judged_refused"),
                              "judged", judged, "waiting", waiting, NULL));
    put_verdicts(s, a);
    put_rules(s, a, list);
    return put_questions(s, a);
}

/* ---- settings ------------------------------------------------------------------------------------------- */

static const cit_visit *first_planned(const cit_protocol *p) {
    for (int i = 0; i < p->visit_count; i++)
        if (p->visits[i].status == CIT_PLANNED) return &p->visits[i];
    return NULL;
}

static void put_setting_row(sheet_pile *s, const cit_plan_report *a, const cit_protocol *p,
                            const cit_zone *z) {
    const cit_visit *visit = first_planned(p);
    const cit_setting *t = visit != NULL ? cit_visit_setting(p, visit, z) : NULL;
    const cit_device *d =
        t != NULL && t->device ? cit_catalogue_device(a->catalogue, t->device) : NULL;
    const cit_advice v = advice_of(a);
    char zone[80], length[40] = "-", passes[80], use[60] = "-";
    cit_zone_name(z, zone);
    if (t == NULL) {
        sheet_row(s, (const char *const[]){zone, T("plan_pdf.left_alone"), "-", "-", "-"});
        return;
    }
    if (cit_known(t->length_mm)) snprintf(length, sizeof length, "%g mm", t->length_mm);
    passes_text(&v, t, passes);
    if (cit_known(t->speed_mm_per_s) && cit_known(t->rate_Hz))
        snprintf(use, sizeof use, "%g mm/s, %g Hz", t->speed_mm_per_s, t->rate_Hz);
    sheet_row(s, (const char *const[]){zone, d != NULL ? d->name : "-", length, passes, use});
}

static void put_settings(sheet_pile *s, const cit_plan_report *a, const cit_protocol *p) {
    static const double shares[] = {1.6, 2.4, 0.9, 2, 1.6};
    const char *const headings[] = {T("visit.zone"), T("visit.device"), T("visit.length"),
                                    T("visit.passes_planned"), T("plan_pdf.col_glide")};
    const cit_candidate *c = &a->search->options[a->search->chosen].candidate;
    const plan_map map = {a, p};
    const cit_advice v = advice_of(a);
    char line[LINE], course[240], depth[16], others[LINE] = "";
    cit_candidate_text(c, course);
    sheet_words(s, SHEET_HEADING, T("plan_pdf.settings"));
    sheet_words(s, SHEET_SMALL, course);
    sheet_table(s, 5, shares, headings);
    for (int z = 0; z < a->person->zone_count; z++) put_setting_row(s, a, p, &a->person->zones[z]);
    for (int z = 0; z < a->person->zone_count; z++) {
        char zone[80];
        const size_t used = strlen(others);
        if (plan_on_map(a->person->zones[z].site)) continue;
        cit_zone_name(&a->person->zones[z], zone);
        snprintf(others + used, LINE - used, "%s%s", used ? "; " : "", zone);
    }
    if (others[0] != 0)
        sheet_words(
            s, SHEET_SMALL,
            cit_text_fill(line, sizeof line, T("plan_pdf.not_on_map"), "zones", others, NULL));
    snprintf(depth, sizeof depth, "%g", c->device->depth_evaluated_mm);
    if (cit_known(c->device->depth_evaluated_mm))
        sheet_words(s, SHEET_SMALL,
                    cit_text_fill(line, sizeof line,
                                  T(c->length_mm > c->device->depth_evaluated_mm
                                        ? "plan_pdf.beyond_evaluated"
                                        : "plan_pdf.evaluated"),
                                  "depth", depth, NULL));
    if (numbing_text(&v, p, first_planned(p), line)) sheet_words(s, SHEET_SMALL, line);
    if (plan_outside(a, line)) sheet_words(s, SHEET_SMALL, line);
    sheet_picture(s, PLAN_MAP_W, PLAN_MAP_H, 0.9, plan_draw_map, &map);
}

/* ---- options in full --------------------------------------------------------------------------------- */

static const char *percent(double odds, char text[16]) {
    snprintf(text, 16, "%.0f %%", 100 * odds);
    return text;
}

static void put_brings_row(sheet_pile *s, const cit_plan_report *a, int i) {
    const cit_option *o = &a->search->options[i];
    char course[240], kinds[160], name[LINE], middle[40], lo50[40], hi50[40], lo90[40], hi90[40],
        gain[40], sd[40], band[LINE], gained[120] = "-", better[16], matters[16], one[16], two[16],
                                      seen[16], worse[16];
    cit_candidate_text(&o->candidate, course);
    snprintf(name, sizeof name, "%s%s  %s", plan_letter(i), i == a->search->chosen ? "*" : "",
             o->candidate.visits == 0 ? plan_option_name(a, i, kinds) : course);
    cit_text_fill(band, sizeof band, T("plan_pdf.bands"), "middle",
                  plan_amount(a, o->median, middle), "lo50", plan_amount(a, o->lo50, lo50), "hi50",
                  plan_amount(a, o->hi50, hi50), "lo90", plan_amount(a, o->lo90, lo90), "hi90",
                  plan_amount(a, o->hi90, hi90), NULL);
    if (i > 0)
        cit_text_fill(gained, sizeof gained, T("plan_pdf.gain_sd"), "gain",
                      plan_amount(a, o->value.gain, gain), "sd",
                      plan_amount(a, o->value.gain_sd, sd), NULL);
    sheet_row(
        s, (const char *const[]){name, band, gained, i > 0 ? percent(o->odds_better, better) : "-",
                                 i > 0 ? percent(o->odds_matters, matters) : "-",
                                 percent(o->odds_one_grade, one), percent(o->odds_two_grades, two),
                                 percent(o->odds_seen_50cm, seen), percent(o->odds_worse, worse)});
}

static void put_burden_row(sheet_pile *s, const cit_plan_report *a, int i) {
    const cit_value *v = &a->search->options[i].value;
    char visits[16], pain[16], red[16], longest[16], pigment[16], harm[16], cost[80];
    snprintf(visits, sizeof visits, "%d", a->search->options[i].candidate.visits);
    snprintf(pain, sizeof pain, "%.1f", v->pain);
    snprintf(red, sizeof red, "%.1f", v->redness_day);
    snprintf(longest, sizeof longest, "%.1f", v->redness_visit_day);
    snprintf(pigment, sizeof pigment, "%.1f %%", v->pigment);
    snprintf(harm, sizeof harm, "%.1f %%", v->harm);
    if (i == 0)
        snprintf(cost, sizeof cost, "-");
    else
        plan_money(a, v->cost_low, v->cost_high, cost);
    sheet_row(
        s, (const char *const[]){plan_letter(i), visits, pain, red, longest, pigment, harm, cost});
}

static void put_apart(sheet_pile *s, const cit_plan_report *a) {
    char line[LINE], odds[16];
    for (int i = 1; i < a->search->option_count; i++) {
        const cit_option *o = &a->search->options[i];
        sheet_bullet(s, "-",
                     cit_text_fill(line, sizeof line,
                                   T(o->told_apart ? "plan_pdf.apart" : "plan_pdf.not_apart"), "a",
                                   plan_letter(i), "b", plan_letter(i - 1), "odds",
                                   percent(o->odds_over_last, odds), NULL));
        if (i > 1 && !plan_beats_nothing(o))
            sheet_bullet(s, "-",
                         cit_text_fill(line, sizeof line, T("plan_pdf.not_apart"), "a",
                                       plan_letter(i), "b", plan_letter(0), "odds",
                                       percent(o->odds_better, odds), NULL));
    }
}

static void put_options(sheet_pile *s, const cit_plan_report *a) {
    static const double brings[] = {2.6, 2.5, 1.2, 1, 1, 0.9, 0.9, 0.9, 0.9};
    static const double burdens[] = {0.6, 0.8, 1, 1.2, 1.2, 1.2, 1.2, 2};
    const char *const brings_headings[] = {
        T("plan_pdf.col_option"), T("plan_pdf.col_improvement"), T("plan_pdf.col_gain"),
        T("plan_pdf.col_better"), T("plan_pdf.col_matters"),     T("plan_pdf.col_one"),
        T("plan_pdf.col_two"),    T("plan_pdf.col_seen_short"),  T("plan_pdf.col_worse")};
    const char *const burden_headings[] = {"",
                                           T("plan_pdf.col_visits"),
                                           T("plan_pdf.col_pain"),
                                           T("plan_pdf.col_red"),
                                           T("plan_pdf.col_longest"),
                                           T("plan_pdf.col_pigment"),
                                           T("plan_pdf.col_harm"),
                                           T("plan_pdf.col_cost")};
    sheet_words(s, SHEET_HEADING, T("plan_pdf.options_full"));
    sheet_words(s, SHEET_SMALL, T("plan_pdf.options_how"));
    if (plan_done(a) > 0) sheet_words(s, SHEET_SMALL, T("plan_pdf.options_begun"));
    sheet_table(s, 9, brings, brings_headings);
    for (int i = 0; i < a->search->option_count; i++) put_brings_row(s, a, i);
    sheet_table(s, 8, burdens, burden_headings);
    for (int i = 0; i < a->search->option_count; i++) put_burden_row(s, a, i);
    put_apart(s, a);
    sheet_words(s, SHEET_NOTE, T("plan_pdf.studies_differ"));
}

static void put_steps(sheet_pile *s, const cit_plan_report *a) {
    static const double shares[] = {1, 2, 2, 2};
    const char *const headings[] = {T("plan_pdf.col_visits"), T("plan_pdf.col_gain"),
                                    T("plan_pdf.col_adds"), T("plan_pdf.col_left")};
    const cit_search *r = a->search;
    char line[LINE], least[40], visits_enough[16];
    if (r->step_count < 2) return;
    sheet_words(s, SHEET_HEADING, T("plan_pdf.steps"));
    sheet_table(s, 4, shares, headings);
    for (int n = 0; n < r->step_count; n++) {
        char visits[16], gain[40], adds[40], left[40];
        snprintf(visits, sizeof visits, "%d", n);
        sheet_row(s, (const char *const[]){visits, plan_amount(a, r->steps[n].gain, gain),
                                           n > 0 ? plan_amount(a, r->steps[n].adds, adds) : "-",
                                           plan_amount(a, r->steps[n].left, left)});
    }
    sheet_words(s, SHEET_SMALL,
                cit_text_fill(line, sizeof line, T("plan_pdf.least"), "least",
                              plan_amount(a, r->smallest_change, least), "source",
                              r->change_source ? r->change_source : "-", NULL));
    if (!r->judge_sees) sheet_words(s, SHEET_SMALL, T("plan_pdf.judge_blind"));
    int enough = 0;
    while (enough + 1 < r->step_count && r->steps[enough].left >= r->smallest_change) enough++;
    snprintf(visits_enough, sizeof visits_enough, "%d", enough);
    const bool agrees = r->chosen == 0 || r->options[r->chosen].candidate.visits == enough;
    if (r->judge_sees && enough > 0 && agrees && !r->marks_bind)
        sheet_words(s, SHEET_SMALL,
                    cit_text_fill(line, sizeof line,
                                  T(enough == 1 ? "plan_pdf.stop_one" : "plan_pdf.stop"), "visits",
                                  visits_enough, NULL));
}

/* ---- what else there is --------------------------------------------------------------------------------- */

/* "0.33", or a range; empty where nobody tells. */
static void put_number_range(char text[60], double from, double to, const char *unit) {
    text[0] = 0;
    if (!cit_known(from)) return;
    if (cit_known(to) && from < to)
        snprintf(text, 60, "%g to %g%s", from, to, unit);
    else
        snprintf(text, 60, "%g%s", from, unit);
}

/* What one outcome says, shortest number first. */
static bool outcome_text(const cit_plan_report *a, const cit_study_outcome *o, char text[200]) {
    static const char *const directions[] = {"",
                                             "plan_pdf.went_better",
                                             "plan_pdf.went_worse",
                                             "plan_pdf.went_up",
                                             "plan_pdf.went_down",
                                             "plan_pdf.went_nowhere"};
    char number[60];
    const double percent_better =
        cit_known(o->percent_improvement) ? o->percent_improvement : o->percent_derived;
    if (cit_known(percent_better)) {
        snprintf(number, sizeof number, "%.3g", percent_better);
        cit_text_fill(text, 200, T("plan_pdf.better_by"), "scale", o->scale, "n", number, NULL);
    } else if (cit_known(o->change)) {
        snprintf(number, sizeof number, "%+.3g%s", o->change,
                 o->change_unit == CIT_PERCENT ? " %" : "");
        cit_text_fill(text, 200, T("plan_pdf.changed_by"), "scale", o->scale, "n", number, NULL);
    } else if (cit_known(o->baseline) && cit_known(o->value)) {
        snprintf(number, sizeof number, "%g to %g", o->baseline, o->value);
        cit_text_fill(text, 200, T("plan_pdf.changed_by"), "scale", o->scale, "n", number, NULL);
    } else if (o->responder_count > 0 && cit_known(o->responders[0].percent)) {
        snprintf(number, sizeof number, "%.3g", o->responders[0].percent);
        cit_text_fill(text, 200, T("plan_pdf.responded"), "scale", o->scale, "n", number, "what",
                      o->responders[0].what ? o->responders[0].what : "-", NULL);
    } else if (o->direction != 0) {
        cit_text_fill(text, 200, T(directions[o->direction]), "scale", o->scale, "versus",
                      o->versus ? o->versus : T("plan_pdf.its_start"), NULL);
    } else {
        return false;
    }
    return true;
}

static void put_arm(const cit_plan_report *a, const cit_adjunct_outcome *given, char line[ARMS]) {
    const cit_study *study = cit_catalogue_study(a->catalogue, given->study);
    const cit_study_arm *arm = study != NULL ? cit_study_arm_named(study, given->arm) : NULL;
    char people[24] = "?", one[LINE], figures[440] = "", text[200];
    if (arm == NULL) return;
    if (arm->participants != CIT_UNKNOWN_INT)
        snprintf(people, sizeof people, "%d", arm->participants);
    for (int i = 0, told = 0; i < arm->outcome_count && told < 2; i++) {
        const size_t length = strlen(figures);
        if (!outcome_text(a, &arm->outcomes[i], text)) continue;
        snprintf(figures + length, sizeof figures - length, "%s%s", told ? "; " : "", text);
        told++;
    }
    if (figures[0] == 0) return;
    const size_t used = strlen(line);
    cit_text_fill(one, sizeof one, T("plan_pdf.arm"), "study", given->study, "people", people,
                  "arm", given->arm, "figures", figures, NULL);
    if (used + strlen(one) + 2 < ARMS)
        snprintf(line + used, ARMS - used, "%s%s", used ? " " : "", one);
}

static void join(char line[LINE], const char *words) {
    const size_t used = strlen(line);
    if (words == NULL || words[0] == 0) return;
    snprintf(line + used, LINE - used, "%s%s", used ? "; " : "", words);
    line[cit_text_whole(line, LINE - 1)] = 0;
}

static void asks_text(const cit_plan_report *a, const cit_adjunct *j, char line[LINE]) {
    char text[60], one[120];
    line[0] = 0;
    put_number_range(text, j->downtime_from_day, j->downtime_to_day, "");
    if (text[0])
        join(line, cit_text_fill(one, sizeof one, T("plan_pdf.downtime"), "n", text, NULL));
    put_number_range(text, j->pain_from, j->pain_to, "");
    if (text[0]) join(line, cit_text_fill(one, sizeof one, T("plan_pdf.pain"), "n", text, NULL));
    if (j->sessions_from != CIT_UNKNOWN_INT) {
        put_number_range(text, j->sessions_from,
                         j->sessions_to == CIT_UNKNOWN_INT ? j->sessions_from : j->sessions_to, "");
        join(line, cit_text_fill(one, sizeof one, T("plan_pdf.sessions"), "n", text, NULL));
    }
    if (line[0] == 0) snprintf(line, LINE, "%s", T("plan_pdf.not_told"));
}

static void risks_text(const cit_plan_report *a, const cit_adjunct *j, char line[LINE]) {
    char risks[LINE] = "";
    for (int i = 0; i < j->risk_count; i++) {
        const cit_harm *h = cit_catalogue_harm(a->catalogue, j->risks[i]);
        join(risks, h != NULL ? h->name : j->risks[i]);
    }
    cit_text_fill(line, LINE, T("plan_pdf.risks"), "risks", risks[0] ? risks : "-", "regulatory",
                  j->regulatory ? j->regulatory : T("plan_pdf.not_told"), NULL);
}

static void put_alternative(sheet_pile *s, const cit_plan_report *a, const cit_adjunct *j,
                            sources *list) {
    char arms[ARMS] = "", evidence[ARMS + LINE], asks[LINE], risks[LINE], name[LINE], mark[24];
    for (int i = 0; i < j->outcome_count; i++) put_arm(a, &j->outcomes[i], arms);
    cit_text_fill(evidence, sizeof evidence, T("plan_pdf.evidence"), "clinician",
                  j->clinician ? j->clinician : "", "arms", arms[0] ? arms : T("plan_pdf.no_arm"),
                  NULL);
    cit_text_fill(name, sizeof name,
                  T(!(j->roles & CIT_ROLE_PARTNER)   ? "plan_pdf.alternative_instead"
                    : !(j->roles & CIT_ROLE_INSTEAD) ? "plan_pdf.alternative_partner"
                                                     : "plan_pdf.alternative_both"),
                  "name", cit_text_of(a->catalogue, "adjunct", j->id, "name", j->name), NULL);
    asks_text(a, j, asks);
    risks_text(a, j, risks);
    sheet_row(s, (const char *const[]){name, evidence, asks, risks,
                                       use_source(a, list, j->grounds.source, mark)});
}

static void put_alternatives(sheet_pile *s, const cit_plan_report *a, sources *list) {
    static const double shares[] = {1.3, 4, 1, 2, 0.8};
    const char *const headings[] = {T("plan_pdf.col_what_else"), T("plan_pdf.col_studies"),
                                    T("plan_pdf.col_asks"), T("plan_pdf.col_risks"),
                                    T("plan_pdf.col_source")};
    char line[2 * LINE], facts[LINE];
    sheet_words(s, SHEET_HEADING, T("plan_pdf.alternatives"));
    sheet_words(s, SHEET_SMALL, T("plan_pdf.alternatives_how"));
    plan_to_settle(a, facts);
    if (facts[0] != 0)
        sheet_words(
            s, SHEET_SMALL,
            cit_text_fill(line, sizeof line, T("plan_pdf.settle_clinician"), "facts", facts, NULL));
    sheet_table(s, 5, shares, headings);
    for (int i = 0; i < a->catalogue->adjunct_count; i++) {
        const cit_adjunct *j = &a->catalogue->adjuncts[i];
        if (!(j->roles & (CIT_ROLE_INSTEAD | CIT_ROLE_PARTNER)) || !plan_suits(a, j)) continue;
        if (plan_uses_already(a, j)) continue;
        put_alternative(s, a, j, list);
    }
    sheet_words(s, SHEET_NOTE, T("plan_pdf.studies_differ"));
}

/* ---- what was turned down, what the band is made of --------------------------------------------------- */

static void put_turned_down(sheet_pile *s, const cit_plan_report *a) {
    static const double shares[] = {1.6, 1.2, 3.6, 0.9};
    const char *const headings[] = {T("plan_pdf.col_rule"), T("plan_pdf.col_who"),
                                    T("plan_pdf.col_why"), T("plan_pdf.col_count")};
    const cit_advice v = advice_of(a);
    const cit_search *r = a->search;
    sheet_words(s, SHEET_HEADING, T("plan_pdf.turned_down"));
    if (r->turned_down_count == 0) {
        sheet_words(s, SHEET_SMALL, T("plan_pdf.none_turned_down"));
        return;
    }
    sheet_table(s, 4, shares, headings);
    for (int i = 0; i < r->turned_down_count; i++) {
        const cit_turned_down *t = &r->turned_down[i];
        char count[16];
        snprintf(count, sizeof count, "%d", t->count);
        sheet_row(s, (const char *const[]){t->rule != NULL ? t->rule->id : T("plan_pdf.a_limit"),
                                           who_words(&v, t->who), t->why, count});
    }
}

static void put_drivers(sheet_pile *s, const cit_plan_report *a, sources *list) {
    enum { SHOWN = 8 };
    static const double shares[] = {1.5, 4, 0.8, 1.3, 1};
    const char *const headings[] = {T("plan_pdf.col_driver"), T("plan_pdf.col_meaning"),
                                    T("plan_pdf.col_share"), T("plan_pdf.col_low_high"),
                                    T("plan_pdf.col_source")};
    const int shown = plan_shown(a);
    char line[LINE], assumed[16];
    if (shown == 0) return;
    const cit_forecast *f = a->forecasts[shown];
    sheet_words(s, SHEET_HEADING, T("plan_pdf.drivers"));
    snprintf(assumed, sizeof assumed, "%.0f", 100 * f->assumed_share);
    sheet_words(s, SHEET_SMALL,
                cit_text_fill(line, sizeof line, T("plan_pdf.drivers_how"), "letter",
                              plan_letter(shown), "assumed", assumed, NULL));
    sheet_table(s, 5, shares, headings);
    for (int i = 0; i < f->driver_count && i < SHOWN && f->drivers[i].share > 0; i++) {
        const cit_driver *d = &f->drivers[i];
        char share[16], range[40], mark[24];
        snprintf(range, sizeof range, "%.0f - %.0f %%", d->low, d->high);
        sheet_row(s, (const char *const[]){d->name, d->meaning ? d->meaning : "-",
                                           percent(d->share, share), range,
                                           d->assumed ? T("plan_pdf.assumed")
                                                      : use_source(a, list, d->source, mark)});
    }
    for (int i = 0; i < f->note_count; i++) sheet_bullet(s, "!", f->notes[i]);
}

/* Limits of the person that kept courses away. */
static void put_limits(sheet_pile *s, const cit_plan_report *a) {
    char line[LINE], count[16];
    for (int i = 0; i < a->search->turned_down_count; i++) {
        const cit_turned_down *t = &a->search->turned_down[i];
        if (t->rule != NULL) continue;
        snprintf(count, sizeof count, "%d", t->count);
        sheet_bullet(s, "-",
                     cit_text_fill(line, sizeof line, T("plan_pdf.limit_binds"), "why", t->why,
                                   "count", count, NULL));
    }
}

static void put_changes(sheet_pile *s, const cit_plan_report *a, int questions) {
    const cit_search *r = a->search;
    char line[LINE], longer[16], shorter[16], number[16];
    bool any = false;
    sheet_words(s, SHEET_HEADING, T("plan_pdf.changes"));
    if (r->longer_not_told_apart) {
        snprintf(longer, sizeof longer, "%g", r->longer_mm);
        snprintf(shorter, sizeof shorter, "%g", r->shorter_mm);
        sheet_bullet(s, "-",
                     cit_text_fill(line, sizeof line, T("plan_pdf.longer"), "longer", longer,
                                   "shorter", shorter, NULL));
    }
    for (int i = 1; i < r->option_count; i++) any = any || !r->options[i].told_apart;
    if (any) sheet_bullet(s, "-", T("plan_pdf.change_apart"));
    put_limits(s, a);
    snprintf(number, sizeof number, "%d", questions);
    if (questions > 0)
        sheet_bullet(s, "-",
                     cit_text_fill(line, sizeof line,
                                   T(questions == 1 ? "plan_pdf.change_question"
                                                    : "plan_pdf.change_questions"),
                                   "number", number, NULL));
    if (plan_has_course(a))
        sheet_bullet(s, "-", T(r->judge_sees ? "plan_pdf.change_judge" : "plan_pdf.judge_blind"));
}

/* ---- harms, consent, money, afterwards ------------------------------------------------------------------- */

static void put_harms(sheet_pile *s, const cit_plan_report *a, sources *list) {
    static const double shares[] = {1.8, 0.9, 0.9, 4.2, 0.8};
    const char *const headings[] = {T("plan_pdf.col_harm_name"), T("plan_pdf.col_events"),
                                    T("plan_pdf.col_skin"), T("plan_pdf.col_condition"),
                                    T("plan_pdf.col_source")};
    sheet_words(s, SHEET_HEADING, T("plan_pdf.harms"));
    sheet_words(s, SHEET_SMALL, T("plan_pdf.harms_how"));
    sheet_table(s, 5, shares, headings);
    for (int i = 0; i < a->catalogue->harm_count; i++) {
        const cit_harm *h = &a->catalogue->harms[i];
        for (int k = 0; k < h->count_count; k++) {
            const cit_harm_count *c = &h->counts[k];
            char events[40], mark[24];
            snprintf(events, sizeof events, "%d / %d", c->events, c->people);
            sheet_row(s, (const char *const[]){h->name, events, c->skin_types ? c->skin_types : "-",
                                               c->condition ? c->condition : "-",
                                               use_source(a, list, c->citation, mark)});
        }
        for (int k = 0; k < h->report_count; k++) {
            const cit_harm_report *r = &h->reports[k];
            char mark[24];
            sheet_row(s, (const char *const[]){h->name, T("plan_pdf.no_count"), "-", r->finding,
                                               use_source(a, list, r->citation, mark)});
        }
    }
}

static void put_consent(sheet_pile *s, const cit_plan_report *a) {
    char key[40];
    sheet_words(s, SHEET_HEADING, T("plan_pdf.consent"));
    for (int i = 1; i <= 12; i++) {
        snprintf(key, sizeof key, "plan_pdf.consent_%d", i);
        const char *text = cit_text_or_null(a->catalogue, key);
        if (text == NULL) break;
        sheet_bullet(s, "[ ]", text);
    }
}

static void put_costs(sheet_pile *s, const cit_plan_report *a, sources *list) {
    static const double shares[] = {3, 0.7, 2, 0.8};
    const char *const headings[] = {T("plan_pdf.col_item"), T("plan_pdf.col_times"),
                                    T("plan_pdf.col_money"), T("plan_pdf.col_source")};
    const cit_dated_course *c = a->course;
    char line[2 * LINE], costs[LINE], year[16], sum[80];
    if (c == NULL) return;
    sheet_words(s, SHEET_HEADING, T("plan_pdf.costs"));
    if (c->prices == NULL && plan_costs_elsewhere(a, a->search->chosen, false, costs)) {
        sheet_words(s, SHEET_SMALL,
                    cit_text_fill(line, sizeof line, T("plan_pdf.cost_elsewhere"), "letter",
                                  plan_letter(a->search->chosen), "costs", costs, NULL));
        return;
    }
    if (c->prices == NULL || c->cost_count == 0) {
        sheet_words(s, SHEET_SMALL, T("plan_pdf.no_prices"));
        return;
    }
    sheet_table(s, 4, shares, headings);
    for (int i = 0; i < c->cost_count; i++) {
        const cit_cost_line *l = &c->costs[i];
        char times[16], money[80], mark[24];
        snprintf(times, sizeof times, "%g", l->times);
        sheet_row(s, (const char *const[]){l->price->name, times,
                                           plan_money(a, l->low, l->high, money),
                                           use_source(a, list, l->price->source, mark)});
    }
    snprintf(year, sizeof year, "%d", c->prices->year);
    sheet_words(s, SHEET_SMALL,
                cit_text_fill(line, sizeof line, T("plan_pdf.cost_sum"), "sum",
                              plan_money(a, c->cost_low, c->cost_high, sum), "place",
                              c->prices->place, "currency", c->prices->currency, "year", year,
                              NULL));
}

static void put_afterwards(sheet_pile *s, const cit_plan_report *a, sources *list) {
    static const char *const ids[] = {"lasts-a-year", "gone-for-good", "top-up-sessions"};
    char line[LINE], mark[24];
    sheet_words(s, SHEET_HEADING, T("plan_pdf.maintenance"));
    sheet_words(s, SHEET_SMALL, T("plan_pdf.maintenance_how"));
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        const cit_claim *c = cit_catalogue_claim(a->catalogue, ids[i]);
        if (c == NULL) continue;
        sheet_bullet(s, "-",
                     cit_text_fill(line, sizeof line, T("plan_pdf.claim"), "claim", c->claim,
                                   "verdict",
                                   cit_choice_name(cit_claim_verdict_choices, c->verdict), "says",
                                   c->says ? c->says : "", "id", c->id, "source",
                                   use_source(a, list, c->grounds.source, mark), NULL));
    }
}

static void put_sources(sheet_pile *s, const cit_plan_report *a, const sources *list) {
    char mark[16];
    sheet_words(s, SHEET_HEADING, T("plan_pdf.sources"));
    for (int i = 0; i < list->count; i++) {
        char line[LINE];
        snprintf(mark, sizeof mark, "[%d] ", i + 1);
        snprintf(line, sizeof line, "%s%s", mark, list->items[i]);
        line[cit_text_whole(line, LINE - 1)] = 0;
        sheet_words(s, SHEET_NOTE, line);
    }
}

/* ---- all of it -------------------------------------------------------------------------------------------- */

static void put_basis(sheet_pile *s, const cit_plan_report *a) {
    const cit_search *r = a->search;
    char line[LINE], draws[16], seed[24], weeks[16], candidates[16], simulated[16];
    sheet_words(s, SHEET_TITLE, T("plan_pdf.clinician"));
    sheet_words(s, SHEET_SMALL, T("plan_pdf.clinician_how"));
    if (r == NULL) return;
    snprintf(draws, sizeof draws, "%d", r->draws);
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)a->seed);
    snprintf(weeks, sizeof weeks, "%.0f", r->horizon_day / 7);
    snprintf(candidates, sizeof candidates, "%d", r->candidates);
    snprintf(simulated, sizeof simulated, "%d", r->simulated);
    sheet_words(s, SHEET_SMALL,
                cit_text_fill(line, sizeof line, T("plan_pdf.basis"), "candidates", candidates,
                              "simulated", simulated, "draws", draws, "seed", seed, "weeks", weeks,
                              NULL));
}

void plan_dossier(sheet_pile *s, const cit_plan_report *a, const cit_protocol *protocol) {
    sources list = {.count = 0};
    put_basis(s, a);
    const int questions = put_reasons(s, a, &list);
    if (protocol != NULL) put_settings(s, a, protocol);
    if (plan_has_course(a)) {
        put_options(s, a);
        sheet_picture(s, PLAN_CHART_W, PLAN_OPTIONS_H, 1, plan_draw_options, a);
        put_steps(s, a);
        if (plan_shown(a) > 0) sheet_picture(s, PLAN_CHART_W, PLAN_TIME_H, 1, plan_draw_time, a);
    }
    put_alternatives(s, a, &list);
    if (a->search != NULL) {
        put_turned_down(s, a);
        put_drivers(s, a, &list);
        put_changes(s, a, questions);
    }
    put_harms(s, a, &list);
    if (plan_has_course(a)) put_consent(s, a);
    put_costs(s, a, &list);
    put_afterwards(s, a, &list);
    put_sources(s, a, &list);
}
