/* A plan on paper: two sheets for the person, then the clinician's (plan_dossier.c). */
#include "report_impl.h"
#include <glib.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the sheets are made of. */
typedef struct document {
    const cit_plan_report *report;
    const cit_protocol *protocol; /* of the chosen course; NULL: it is to do nothing */
    double scale;                 /* of the person's sheet_pile */
} document;

static cit_advice advice_of(const cit_plan_report *a, int who) {
    return (cit_advice){.catalogue = a->catalogue,
                        .person = a->person,
                        .screening = a->screening,
                        .who = who,
                        .day = a->start,
                        .plain = true};
}

static const char *nothing_words(const cit_plan_report *a) {
    return T(plan_done(a) > 0 ? "plan_pdf.stopping" : "plan_pdf.doing_nothing");
}

/* "Wash with a mild soap.": titles of the catalogue as sentences. */
static void add_sentence(char line[LINE], const char *words) {
    char first[8];
    const size_t used = strlen(line), step = page_step(words);
    const gunichar c = g_unichar_toupper(g_utf8_get_char(words));
    first[g_unichar_to_utf8(c, first)] = 0;
    snprintf(line + used, LINE - used, "%s%s%s.", used ? " " : "", first, words + step);
    line[cit_text_whole(line, LINE - 1)] = 0;
}

/* ---- what was looked at ---------------------------------------------------------------------------- */

static void zones_text(const cit_plan_report *a, char line[LINE]) {
    line[0] = 0;
    for (int z = 0; z < a->person->zone_count; z++) {
        char name[80];
        const size_t used = strlen(line);
        cit_zone_name(&a->person->zones[z], name);
        if (used + sizeof name + 4 < LINE)
            snprintf(line + used, LINE - used, "%s%s", used ? "; " : "", name);
    }
}

static void put_looked_at(sheet_pile *s, const cit_plan_report *a) {
    char line[2 * LINE], zones[LINE], courses[16], draws[16], weeks[16];
    zones_text(a, zones);
    sheet_words(s, SHEET_HEADING, T("plan_pdf.looked_at"));
    if (a->search == NULL) {
        sheet_words(
            s, SHEET_WORDS,
            cit_text_fill(line, sizeof line, T("plan_pdf.looked_refused"), "zones", zones, NULL));
        return;
    }
    if (!plan_has_course(a)) {
        sheet_words(
            s, SHEET_WORDS,
            cit_text_fill(line, sizeof line, T("plan_pdf.looked_none"), "zones", zones, NULL));
        return;
    }
    snprintf(courses, sizeof courses, "%d", a->search->candidates);
    snprintf(draws, sizeof draws, "%d", a->search->draws);
    snprintf(weeks, sizeof weeks, "%.0f", a->search->horizon_day / 7);
    sheet_words(s, SHEET_WORDS,
                cit_text_fill(line, sizeof line, T("plan_pdf.looked"), "zones", zones, "courses",
                              courses, "draws", draws, "weeks", weeks, "nothing", nothing_words(a),
                              NULL));
}

/* What a forecast of acne scars means for scars of another cause, or another wish. */
static void put_aims(sheet_pile *s, const cit_plan_report *a) {
    const int acne = 1; /* the first of cit_cause_choices */
    const cit_aim *scars = cit_catalogue_aim(a->catalogue, "depressed-scars");
    const bool other = a->person->cause > acne && scars != NULL;
    if (other)
        sheet_words(s, SHEET_WORDS,
                    cit_text_of(a->catalogue, "aim", scars->id, "patient", scars->patient));
    for (int i = 0; i < a->person->goal_count; i++) {
        const cit_aim *aim = cit_aim_meant(a->catalogue, a->person->goals[i]);
        if (aim != NULL && !(other && aim == scars))
            sheet_words(s, SHEET_WORDS,
                        cit_text_of(a->catalogue, "aim", aim->id, "patient", aim->patient));
    }
}

/* ---- who ----------------------------------------------------------------------------------------- */

static const char *who_key(const cit_plan_report *a, int who, cit_clearance verdict) {
    const bool planned = a->search == NULL || (a->search->who_planned >> (who - 1) & 1) != 0;
    if (verdict == CIT_FORBIDDEN) return "plan_pdf.who_no";
    if (!plan_allows(a, who)) return "plan_pdf.who_left_out";
    if (!planned) return "plan_pdf.who_none";
    if (verdict == CIT_ASK_FIRST) return "plan_pdf.who_ask";
    return who == CIT_HOME ? "plan_pdf.who_yes_home" : "plan_pdf.who_yes";
}

static void put_who_line(sheet_pile *s, const cit_plan_report *a, int who) {
    const cit_advice v = advice_of(a, who);
    const cit_clearance verdict = cit_screening_verdict(a->screening, -1, who);
    const int earliest = cit_screening_earliest(a->screening, -1, who);
    char line[LINE], whole[LINE] = "", date[16];
    cit_text_fill(line, sizeof line, T(who_key(a, who, verdict)), "who", who_words(&v, who), NULL);
    if (earliest != CIT_UNKNOWN_INT) {
        const size_t used = strlen(line);
        cit_date_format(earliest, date);
        cit_text_fill(line + used, sizeof line - used, T("plan_pdf.not_before"), "date", date,
                      NULL);
    }
    add_sentence(whole, line);
    const bool none = !plan_allows(a, who) ||
                      (a->search != NULL && (a->search->who_planned >> (who - 1) & 1) == 0);
    sheet_bullet(s,
                 verdict == CIT_FORBIDDEN || none ? "x"
                 : verdict == CIT_CLEARED         ? "+"
                                                  : "?",
                 whole);
}

/* What must be asked before this kind of user may begin: rules that hold, then what nobody answered. */
static void put_ask_first(sheet_pile *s, const cit_plan_report *a, int who) {
    enum { MOST = 4 };
    const cit_advice v = advice_of(a, who);
    char line[LINE], number[16];
    int told = 0, more = 0;
    rule_findings r;
    for (int at = 0; next_rule(a->screening, at, &r); at = r.next) {
        if (rule_verdict(&r, who) != CIT_ASK_FIRST) continue;
        if (!rule_holds(&r, who) || told == MOST) {
            more++;
            continue;
        }
        if (told++ == 0) sheet_words(s, SHEET_WORDS, T("plan_pdf.ask_first"));
        sheet_bullet(s, "?",
                     cit_text_fill(line, sizeof line, T("home_page.reason"), "text",
                                   rule_patient(&v, r.rule), "rule", r.rule->id, NULL));
    }
    if (more == 0) return;
    snprintf(number, sizeof number, "%d", more);
    sheet_words(s, SHEET_WORDS,
                cit_text_fill(line, sizeof line,
                              T(more == 1 ? "plan_pdf.ask_one" : "plan_pdf.ask_more"), "number",
                              number, NULL));
}

static void put_who(sheet_pile *s, const cit_plan_report *a) {
    sheet_words(s, SHEET_HEADING, T("plan_pdf.who"));
    for (int who = CIT_PHYSICIAN; who >= CIT_HOME; who--) put_who_line(s, a, who);
    put_ask_first(s, a, plan_asked(a));
}

/* ---- options ---------------------------------------------------------------------------------------- */

/* "3 in 10", "7 in 100"; "less than 1 in 20". */
static const char *odds_words(const cit_plan_report *a, double odds, char text[60]) {
    char n[16];
    if (odds < 0.05 || odds > 0.95) {
        snprintf(text, 60, "%.59s", T(odds < 0.5 ? "plan_pdf.odds_few" : "plan_pdf.odds_most"));
        return text;
    }
    const bool tenths = odds >= 0.095 && odds <= 0.905;
    snprintf(n, sizeof n, "%.0f", (tenths ? 10 : 100) * odds);
    return cit_text_fill(text, 60, T(tenths ? "plan_pdf.odds" : "plan_pdf.odds_hundred"), "n", n,
                         NULL);
}

/* How large a change is, in words, by the least that matters. */
static const char *size_words(const cit_plan_report *a, const cit_option *o) {
    const double gain = o->median - a->search->untreated, least = a->search->smallest_change;
    if (o->candidate.visits == 0)
        return T(plan_done(a) > 0 ? "plan_pdf.size_stop" : "plan_pdf.size_nothing");
    if (!plan_beats_nothing(o)) return T("plan_pdf.size_unsure");
    return T(gain < 0.5 * least ? "plan_pdf.size_hardly"
             : gain < least     ? "plan_pdf.size_small"
             : gain < 2 * least ? "plan_pdf.size_seen"
                                : "plan_pdf.size_clear");
}

static void brings_text(const cit_plan_report *a, const cit_option *o, char line[LINE]) {
    char middle[40], lo90[40], hi90[40], better[60], worse[60], size[160];
    cit_text_fill(size, sizeof size, size_words(a, o), "nothing", nothing_words(a), NULL);
    cit_text_fill(line, LINE,
                  T(o->candidate.visits == 0 ? "plan_pdf.brings_nothing" : "plan_pdf.brings"),
                  "size", size, "middle", plan_amount(a, o->median, middle), "lo90",
                  plan_amount(a, o->lo90, lo90), "hi90", plan_amount(a, o->hi90, hi90), "nothing",
                  nothing_words(a), "better", odds_words(a, o->odds_better, better), "worse",
                  odds_words(a, o->odds_worse, worse), NULL);
}

static void option_text(const cit_plan_report *a, int i, char line[LINE]) {
    const cit_candidate *c = &a->search->options[i].candidate;
    const cit_advice v = advice_of(a, c->who);
    char length[16], name[160];
    snprintf(length, sizeof length, "%g", c->length_mm);
    if (c->visits == 0)
        cit_text_fill(line, LINE, T("plan_pdf.option_nothing"), "letter", plan_letter(i), "name",
                      plan_option_name(a, i, name), NULL);
    else
        cit_text_fill(line, LINE,
                      T(c->adjunct != NULL ? "plan_pdf.option_with" : "plan_pdf.option"), "letter",
                      plan_letter(i), "name", plan_option_name(a, i, name), "length", length,
                      "device", c->device->name, "who", who_words(&v, c->who), "with",
                      c->adjunct == NULL ? ""
                                         : cit_text_of(a->catalogue, "adjunct", c->adjunct->id,
                                                       "name", c->adjunct->name),
                      NULL);
}

static void put_option_row(sheet_pile *s, const cit_plan_report *a, int i) {
    const cit_option *o = &a->search->options[i];
    char name[LINE], brings[LINE], grade[60], seen[60], visits[16], red[16], pain[16], marks[60],
        cost[80];
    option_text(a, i, name);
    brings_text(a, o, brings);
    snprintf(visits, sizeof visits, "%d", o->candidate.visits);
    snprintf(red, sizeof red, "%.0f", o->value.redness_day);
    snprintf(pain, sizeof pain, "%.0f", o->value.pain);
    if (o->candidate.visits == 0)
        snprintf(cost, sizeof cost, "%.79s", T("plan_pdf.free"));
    else
        plan_money(a, o->value.cost_low, o->value.cost_high, cost);
    sheet_row(s, (const char *const[]){name, brings, odds_words(a, o->odds_one_grade, grade),
                                       odds_words(a, o->odds_seen_50cm, seen), visits, red, pain,
                                       i == 0 ? "-" : odds_words(a, 0.01 * o->value.pigment, marks),
                                       cost});
}

/* What the numbers leave out: lasting harm, what pain rests on, money where nobody said in which place. */
static void put_options_notes(sheet_pile *s, const cit_plan_report *a, const cit_protocol *p) {
    char line[2 * LINE], odds[60], costs[LINE];
    double harm = 0;
    const int shown = plan_shown(a);
    for (int i = 1; i < a->search->option_count; i++)
        harm = fmax(harm, 0.01 * a->search->options[i].value.harm);
    sheet_words(s, SHEET_WORDS,
                cit_text_fill(line, sizeof line, T("plan_pdf.lasting"), "odds",
                              odds_words(a, harm, odds), NULL));
    sheet_words(s, SHEET_WORDS,
                T(p != NULL && p->cream == CIT_NO && p->who != CIT_HOME ? "plan_pdf.pain_bare"
                                                                        : "plan_pdf.pain_cream"));
    if (a->prices == NULL && shown > 0 && plan_costs_elsewhere(a, shown, false, costs))
        sheet_words(s, SHEET_WORDS,
                    cit_text_fill(line, sizeof line, T("plan_pdf.cost_elsewhere"), "letter",
                                  plan_letter(shown), "costs", costs, NULL));
}

static bool any_minus(const cit_plan_report *a) {
    for (int i = 0; i < a->search->option_count; i++)
        if (a->search->options[i].lo90 < 0) return true;
    return false;
}

static void put_options(sheet_pile *s, const cit_plan_report *a, const cit_protocol *protocol) {
    static const double shares[] = {2.4, 3.2, 1.1, 1.1, 0.7, 0.8, 0.7, 1.1, 1.2};
    const char *const headings[] = {
        T("plan_pdf.col_option"), T("plan_pdf.col_brings"), T("plan_pdf.col_grade"),
        T("plan_pdf.col_seen"),   T("plan_pdf.col_visits"), T("plan_pdf.col_red"),
        T("plan_pdf.col_pain"),   T("plan_pdf.col_marks"),  T("plan_pdf.col_cost")};
    static const char *const judges[] = {"",
                                         "plan_pdf.measured_grade",
                                         "plan_pdf.measured_own_rating",
                                         "plan_pdf.measured_goodman_baron",
                                         "plan_pdf.measured_ecca",
                                         "plan_pdf.measured_scanner"};
    char line[LINE], least[40];
    sheet_words(s, SHEET_HEADING, T("plan_pdf.options"));
    sheet_words(s, SHEET_WORDS,
                cit_text_fill(line, sizeof line, T(judges[a->search->judge]), "least",
                              plan_amount(a, a->search->smallest_change, least), NULL));
    if (any_minus(a)) sheet_words(s, SHEET_WORDS, T("plan_pdf.minus"));
    sheet_table(s, 9, shares, headings);
    for (int i = 0; i < a->search->option_count; i++) put_option_row(s, a, i);
    put_options_notes(s, a, protocol);
    sheet_words(s, SHEET_NOTE, T("plan_pdf.studies_differ"));
}

/* ---- which one first ----------------------------------------------------------------------------------- */

/* Things that are not needling and suit one of the person's scars. */
static void others_text(const cit_plan_report *a, char line[LINE]) {
    line[0] = 0;
    for (int i = 0; i < a->catalogue->adjunct_count; i++) {
        const cit_adjunct *j = &a->catalogue->adjuncts[i];
        if (!(j->roles & CIT_ROLE_INSTEAD) || !plan_suits(a, j) || plan_uses_already(a, j))
            continue;
        const size_t used = strlen(line);
        snprintf(line + used, LINE - used, "%s%.100s", used ? "; " : "",
                 cit_text_of(a->catalogue, "adjunct", j->id, "name", j->name));
    }
}

/* What speaks against needling may speak against other things. */
static void put_settle(sheet_pile *s, const cit_plan_report *a) {
    char line[2 * LINE], facts[LINE];
    plan_to_settle(a, facts);
    if (facts[0] != 0)
        sheet_words(s, SHEET_WORDS,
                    cit_text_fill(line, sizeof line, T("plan_pdf.settle"), "facts", facts, NULL));
}

static void put_choice(sheet_pile *s, const cit_plan_report *a) {
    const cit_search *r = a->search;
    char line[2 * LINE], others[LINE], odds[60], least[40];
    sheet_words(s, SHEET_HEADING, T("plan_pdf.choice"));
    if (r->chosen == 0) {
        sheet_panel(s, CIT_PAGE_ASK,
                    T(plan_done(a) > 0 ? "plan_pdf.choice_stop" : "plan_pdf.choice_nothing"));
        if (plan_has_course(a))
            sheet_words(s, SHEET_WORDS,
                        cit_text_fill(line, sizeof line, T("plan_pdf.not_sure"), "nothing",
                                      nothing_words(a), NULL));
        others_text(a, others);
        sheet_words(
            s, SHEET_WORDS,
            cit_text_fill(line, sizeof line, T("plan_pdf.else_exists"), "others", others, NULL));
        put_settle(s, a);
    } else {
        const cit_option *o = &r->options[r->chosen];
        sheet_words(
            s, SHEET_WORDS,
            cit_text_fill(line, sizeof line,
                          T(r->marks_bind                        ? "plan_pdf.choice_marks"
                            : !r->judge_sees                     ? "plan_pdf.choice_unseen"
                            : o->value.gain < r->smallest_change ? "plan_pdf.choice_small"
                                                                 : "plan_pdf.choice_enough"),
                          "letter", plan_letter(r->chosen), "nothing", nothing_words(a), "odds",
                          odds_words(a, o->odds_better, odds), "least",
                          plan_amount(a, r->smallest_change, least), NULL));
    }
    sheet_words(s, SHEET_WORDS, T("plan_pdf.decides"));
}

/* ---- dates --------------------------------------------------------------------------------------------- */

static void put_milestone(sheet_pile *s, const cit_plan_report *a, const char *key, double day) {
    char line[LINE], week[16], date[16], when[120];
    snprintf(when, sizeof when, "%.119s", T("plan_pdf.not_in_time"));
    if (day <= 0) {
        snprintf(when, sizeof when, "%.119s", T("plan_pdf.there_already"));
    } else if (cit_known(day)) {
        snprintf(week, sizeof week, "%.0f", day / 7);
        cit_date_format(a->course->first_day + (int)day, date);
        cit_text_fill(when, sizeof when, T("plan_pdf.when"), "week", week, "date", date, NULL);
    }
    sheet_bullet(s, "-", cit_text_fill(line, sizeof line, T(key), "when", when, NULL));
}

/* Days of visits, numbered behind those that are done. */
static bool dates_text(const cit_plan_report *a, char dates[LINE]) {
    const cit_dated_course *c = a->course;
    bool moved = false;
    dates[0] = 0;
    for (int i = 0; i < c->visit_count; i++) {
        char date[16];
        const size_t used = strlen(dates);
        cit_date_format(c->visits[i].day, date);
        moved = moved || c->visits[i].moved;
        snprintf(dates + used, LINE - used, "%s%d. %s%s", used ? "   " : "", plan_done(a) + i + 1,
                 date, c->visits[i].moved ? "*" : "");
    }
    return moved;
}

static void put_photos(sheet_pile *s, const cit_plan_report *a) {
    const cit_dated_course *c = a->course;
    char line[2 * LINE], days[LINE] = "", date[16];
    for (int i = c->visit_count; i < c->photo_count; i++) {
        const size_t used = strlen(days);
        cit_date_format(c->photo_days[i], date);
        snprintf(days + used, LINE - used, "%s%s", used ? ", " : "", date);
    }
    if (days[0] != 0)
        sheet_bullet(s, "-",
                     cit_text_fill(line, sizeof line, T("plan_pdf.photos"), "days", days, NULL));
}

/* What is seen when, from the first visit on. */
static void put_results(sheet_pile *s, const cit_plan_report *a) {
    const cit_dated_course *c = a->course;
    char line[LINE], judged[16];
    put_milestone(s, a, "plan_pdf.first_change", c->milestones.first_change_day);
    put_milestone(s, a, "plan_pdf.most", c->milestones.most_day);
    put_milestone(s, a, "plan_pdf.final", c->milestones.final_day);
    put_photos(s, a);
    if (c->judge_day == CIT_UNKNOWN_INT) return;
    cit_date_format(c->judge_day, judged);
    sheet_bullet(s, "-",
                 cit_text_fill(line, sizeof line, T("plan_pdf.judged_on"), "date", judged, NULL));
}

static void put_missed(sheet_pile *s, const cit_plan_report *a) {
    const cit_candidate *c = &a->course->candidate;
    char line[LINE], days[16], least[16];
    snprintf(days, sizeof days, "%g", c->interval_day);
    snprintf(least, sizeof least, "%g", fmin(plan_days_between(a), c->interval_day));
    sheet_words(s, SHEET_HEADING, T("plan_pdf.missed_heading"));
    sheet_words(s, SHEET_WORDS,
                cit_text_fill(line, sizeof line,
                              T(c->visits > 1 ? "plan_pdf.missed" : "plan_pdf.missed_one"), "days",
                              days, "least", least, NULL));
}

static void put_dates(sheet_pile *s, const cit_plan_report *a) {
    const double whole = 170; /* points; the dates stand on one sheet */
    const cit_dated_course *c = a->course;
    char line[LINE], dates[LINE], number[16];
    const bool moved = dates_text(a, dates);
    sheet_room(s, whole);
    sheet_words(s, SHEET_HEADING, T("plan_pdf.dates"));
    if (c->visit_count > 0) sheet_words(s, SHEET_WORDS, dates);
    if (moved) sheet_words(s, SHEET_WORDS, T("plan_pdf.moved"));
    snprintf(number, sizeof number, "%d", c->unplaced);
    if (c->unplaced > 0)
        sheet_words(
            s, SHEET_WORDS,
            cit_text_fill(line, sizeof line, T("plan_pdf.unplaced"), "number", number, NULL));
    if (plan_late_text(a, line)) sheet_words(s, SHEET_WORDS, line);
    if (c->visit_count > 0) put_results(s, a);
    put_missed(s, a);
}

/* ---- care ----------------------------------------------------------------------------------------------- */

/* Entries of a phase by their first day, then by their last. */
static int care_in_order(const cit_plan_report *a, int phase, const cit_care *ret[200]) {
    const cit_option *o = plan_chosen(a);
    const cit_advice v = advice_of(a, o != NULL ? o->candidate.who : CIT_HOME);
    int n = 0;
    for (int i = 0; i < a->catalogue->care_count && n < 200; i++) {
        const cit_care *c = &a->catalogue->care[i];
        if (c->phase != phase || !care_applies(&v, c, v.who)) continue;
        /* A course of shorter intervals says its own. */
        if (strcmp(c->id, "next-visit-after") == 0) continue;
        int k = n++;
        for (; k > 0 && (ret[k - 1]->from_day > c->from_day ||
                         (ret[k - 1]->from_day == c->from_day && ret[k - 1]->to_day > c->to_day));
             k--)
            ret[k] = ret[k - 1];
        ret[k] = c;
    }
    return n;
}

static void when_text(const cit_plan_report *a, const cit_care *c, char text[80]) {
    char from[16], to[16];
    snprintf(from, sizeof from, "%.0f", fabs(c->from_day));
    snprintf(to, sizeof to, "%.0f", fabs(c->to_day));
    const char *key = c->phase == CIT_THE_DAY    ? "plan_pdf.care_day"
                      : c->phase == CIT_BEFORE   ? "plan_pdf.care_before"
                      : c->from_day == c->to_day ? "plan_pdf.care_on"
                                                 : "plan_pdf.care_after";
    cit_text_fill(text, 80, T(key), "from", from, "to", to, NULL);
}

static void put_care_phase(sheet_pile *s, const cit_plan_report *a, int phase) {
    const cit_care *entries[200];
    const int n = care_in_order(a, phase, entries);
    for (int i = 0; i < n;) {
        char when[80], what[LINE] = "";
        const cit_care *first = entries[i];
        if (!cit_known(first->from_day)) {
            i++;
            continue;
        }
        when_text(a, first, when);
        for (; i < n && entries[i]->from_day == first->from_day &&
               (phase != CIT_AFTER || entries[i]->to_day == first->to_day);
             i++)
            add_sentence(what, cit_text_of(a->catalogue, "care", entries[i]->id, "title",
                                           entries[i]->title));
        sheet_row(s, (const char *const[]){when, what});
    }
}

static void put_care(sheet_pile *s, const cit_plan_report *a, const cit_protocol *p) {
    static const double shares[] = {1.1, 5};
    const char *const headings[] = {T("plan_pdf.col_when"), T("plan_pdf.col_what")};
    const cit_advice v = advice_of(a, a->course->candidate.who);
    char line[LINE];
    sheet_words(s, SHEET_HEADING, T("plan_pdf.care"));
    if (p != NULL && numbing_text(&v, p, NULL, line)) sheet_words(s, SHEET_WORDS, line);
    sheet_table(s, 2, shares, headings);
    put_care_phase(s, a, CIT_BEFORE);
    put_care_phase(s, a, CIT_THE_DAY);
    put_care_phase(s, a, CIT_AFTER);
    sheet_words(s, SHEET_NOTE, T("plan_pdf.care_more"));
}

/* ---- what to watch for ---------------------------------------------------------------------------------- */

static bool flag_applies(const cit_plan_report *a, const cit_flag *f) {
    const cit_option *o = plan_chosen(a);
    const bool heat = strncmp(f->id, "heat-", 5) == 0;
    return !heat || (o != NULL && o->candidate.device->kind == CIT_RADIOFREQUENCY);
}

static void put_flags(sheet_pile *s, const cit_plan_report *a) {
    static const char *const keys[] = {"home_page.urgency_home", "home_page.urgency_days",
                                       "home_page.urgency_same_day", "home_page.urgency_emergency"};
    sheet_words(s, SHEET_HEADING, T("plan_pdf.watch"));
    for (int urgency = CIT_EMERGENCY; urgency >= CIT_HOME_CARE; urgency--) {
        char line[LINE];
        size_t used = (size_t)snprintf(line, sizeof line, "%s", T(keys[urgency - 1]));
        const char *separator = " ";
        for (int i = 0; i < a->catalogue->flag_count && used < sizeof line; i++) {
            const cit_flag *f = &a->catalogue->flags[i];
            if (f->urgency != urgency || !flag_applies(a, f)) continue;
            used += (size_t)snprintf(line + used, sizeof line - used, "%s%s", separator,
                                     cit_text_of(a->catalogue, "flag", f->id, "title", f->title));
            separator = "; ";
        }
        line[cit_text_whole(line, LINE - 1)] = 0;
        sheet_bullet(s, urgency >= CIT_SAME_DAY ? "!" : "-", line);
    }
}

/* ---- what nobody knows --------------------------------------------------------------------------------- */

static void put_claim(sheet_pile *s, const cit_plan_report *a, const char *id) {
    const cit_claim *c = cit_catalogue_claim(a->catalogue, id);
    if (c != NULL)
        sheet_bullet(s, "-", cit_text_of(a->catalogue, "claim", c->id, "patient", c->patient));
}

static void put_unknown(sheet_pile *s, const cit_plan_report *a) {
    sheet_words(s, SHEET_HEADING, T("plan_pdf.unknown"));
    sheet_bullet(s, "-", T(plan_has_course(a) ? "plan_pdf.unknown_you" : "plan_pdf.unknown_heal"));
    sheet_bullet(s, "-", T("plan_pdf.unknown_studies"));
    put_claim(s, a, "lasts-a-year");
    put_claim(s, a, "gone-for-good");
}

/* ---- refused ---------------------------------------------------------------------------------------------- */

int plan_until(const rule_findings *r) {
    int latest = CIT_UNKNOWN_INT;
    for (int i = 0; i < r->count; i++)
        if (r->first[i].until > latest) latest = r->first[i].until;
    return latest;
}

static void put_refusing_rule(sheet_pile *s, const cit_plan_report *a, const rule_findings *r) {
    const cit_advice v = advice_of(a, CIT_PHYSICIAN);
    const char *until = cit_text_of(a->catalogue, "rule", r->rule->id, "until", r->rule->until);
    const int day = plan_until(r);
    char line[LINE], date[16];
    sheet_bullet(s, "x",
                 cit_text_fill(line, sizeof line, T("home_page.reason"), "text",
                               rule_patient(&v, r->rule), "rule", r->rule->id, NULL));
    if (until == NULL || day == CIT_UNKNOWN_INT) {
        if (until != NULL)
            sheet_words(s, SHEET_NOTE,
                        cit_text_fill(line, sizeof line, T("screen.until"), "until", until, NULL));
        return;
    }
    cit_date_format(day, date);
    sheet_words(s, SHEET_NOTE,
                cit_text_fill(line, sizeof line, T("screen.until_date"), "until", until, "date",
                              date, NULL));
}

/* Which rules keep out everybody whom the person allows, and who else may be asked. */
static void put_none_allowed(sheet_pile *s, const cit_plan_report *a) {
    char line[2 * LINE], others[LINE];
    rule_findings r;
    sheet_words(s, SHEET_WORDS, T("plan_pdf.refused_allowed"));
    for (int at = 0; next_rule(a->screening, at, &r); at = r.next)
        if (plan_refused_by(a, &r)) put_refusing_rule(s, a, &r);
    plan_others_to_ask(a, others);
    if (others[0] != 0)
        sheet_words(
            s, SHEET_WORDS,
            cit_text_fill(line, sizeof line, T("plan_pdf.refused_others"), "others", others, NULL));
}

/* Nothing that is allowed and possible: to do nothing is what there is. */
static void put_no_options(sheet_pile *s, const cit_plan_report *a) {
    char line[2 * LINE], why[2 * LINE];
    plan_no_course(a, true, why);
    sheet_words(s, SHEET_HEADING, T("plan_pdf.options"));
    sheet_words(s, SHEET_WORDS, why);
    if (plan_none_allowed(a)) put_none_allowed(s, a);
    sheet_words(s, SHEET_WORDS,
                cit_text_fill(line, sizeof line, T("plan_pdf.only_nothing"), "name",
                              T(plan_done(a) > 0 ? "plan_pdf.kind_stop" : "plan_pdf.kind_nothing"),
                              NULL));
}

/* Does any rule that keeps everybody away last for good? */
static bool lasts(const cit_plan_report *a) {
    rule_findings r;
    for (int at = 0; next_rule(a->screening, at, &r); at = r.next)
        if (rule_verdict(&r, plan_asked(a)) == CIT_FORBIDDEN && r.rule->until == NULL) return true;
    return false;
}

/* Every rule that keeps somebody from needling, the clinician's first. */
static void put_refused(sheet_pile *s, const cit_plan_report *a) {
    const int earliest = cit_screening_earliest(a->screening, -1, plan_asked(a));
    char line[2 * LINE], others[LINE], date[16];
    rule_findings r;
    const bool limited = a->person->limits.settings != 0;
    sheet_panel(s, CIT_PAGE_BAD, T(limited ? "plan_pdf.refused_allowed" : "plan_pdf.refused"));
    plan_others_to_ask(a, others);
    if (others[0] != 0)
        sheet_words(
            s, SHEET_WORDS,
            cit_text_fill(line, sizeof line, T("plan_pdf.refused_others"), "others", others, NULL));
    sheet_words(s, SHEET_HEADING, T("plan_pdf.refused_why"));
    for (int at = 0; next_rule(a->screening, at, &r); at = r.next)
        if (rule_verdict(&r, CIT_PHYSICIAN) == CIT_FORBIDDEN) put_refusing_rule(s, a, &r);
    for (int at = 0; next_rule(a->screening, at, &r); at = r.next)
        if (rule_verdict(&r, CIT_PHYSICIAN) != CIT_FORBIDDEN &&
            (plan_refused_by(a, &r) || rule_verdict(&r, CIT_AESTHETICIAN) == CIT_FORBIDDEN))
            put_refusing_rule(s, a, &r);
    sheet_words(s, SHEET_HEADING, T("plan_pdf.refused_until"));
    if (lasts(a)) {
        sheet_words(s, SHEET_WORDS, T("plan_pdf.refused_lasting"));
        return;
    }
    if (earliest != CIT_UNKNOWN_INT) cit_date_format(earliest, date);
    sheet_words(
        s, SHEET_WORDS,
        earliest == CIT_UNKNOWN_INT
            ? T("plan_pdf.refused_undated")
            : cit_text_fill(line, sizeof line, T("plan_pdf.refused_dated"), "date", date, NULL));
}

static void put_instead(sheet_pile *s, const cit_plan_report *a) {
    const cit_advice v = advice_of(a, CIT_HOME);
    char line[LINE];
    bool any = false;
    for (int i = 0; i < a->catalogue->care_count; i++) {
        const cit_care *c = &a->catalogue->care[i];
        if (c->phase != CIT_INSTEAD || !care_applies(&v, c, v.who) || !plan_advises(a, c)) continue;
        if (!any) {
            sheet_words(s, SHEET_HEADING, T("plan_pdf.instead"));
            put_settle(s, a);
        }
        any = true;
        sheet_bullet(s, "-",
                     cit_text_fill(line, sizeof line, T("home_page.care"), "text",
                                   cit_text_of(a->catalogue, "care", c->id, "patient", c->patient),
                                   "care", c->id, NULL));
    }
}

/* ---- the person's sheets -------------------------------------------------------------------------------- */

static void put_overrides(sheet_pile *s, const cit_plan_report *a) {
    char line[LINE];
    for (int i = 0; i < a->person->override_count; i++) {
        const cit_override *o = &a->person->overrides[i];
        sheet_words(s, SHEET_NOTE,
                    cit_text_fill(line, sizeof line, T("screen.overridden"), "rule", o->rule, "by",
                                  o->by, "at", o->at, "reason", o->reason, NULL));
    }
}

static void put_head(sheet_pile *s, const cit_plan_report *a) {
    char line[LINE], name[200], day[16], start[16];
    cit_date_format(a->day, day);
    cit_date_format(a->start, start);
    sheet_words(s, SHEET_TITLE, T("plan_pdf.title"));
    sheet_words(s, SHEET_SUBTITLE,
                cit_text_fill(line, sizeof line, T("plan_pdf.subtitle"), "name",
                              case_label(a->person, name), "date", day, "start", start, NULL));
    put_overrides(s, a);
}

static void for_the_person(sheet_pile *s, const void *of) {
    const document *d = of;
    const cit_plan_report *a = d->report;
    sheet_scale(s, d->scale);
    put_head(s, a);
    put_looked_at(s, a);
    put_aims(s, a);
    if (a->search == NULL) put_refused(s, a);
    if (a->search != NULL) {
        put_who(s, a);
        if (plan_has_course(a))
            put_options(s, a, d->protocol);
        else
            put_no_options(s, a);
        put_choice(s, a);
    }
    if (a->course != NULL) {
        put_dates(s, a);
        put_care(s, a, d->protocol);
    } else {
        put_instead(s, a);
    }
    if (a->course != NULL) put_flags(s, a);
    put_unknown(s, a);
    sheet_words(s, SHEET_NOTE, T("plan_pdf.patient_foot"));
}

static void all_of_it(sheet_pile *s, const void *of) {
    const document *d = of;
    for_the_person(s, of);
    sheet_break(s);
    sheet_scale(s, 1);
    plan_dossier(s, d->report, d->protocol);
}

/* ---- the document ------------------------------------------------------------------------------------- */

static uint64_t hashed(uint64_t hash, const char *text) {
    for (const char *at = text; *at != 0; at++) hash = (hash ^ (unsigned char)*at) * 0x100000001b3U;
    return (hash ^ 0xff) * 0x100000001b3U; /* where one text ends */
}

/* Names the inputs: FNV-1a of program, catalogue, posterior, files, seed, draws, start and choice. */
static void document_id(const cit_plan_report *a, char id[24]) {
    char numbers[160], name[200], course[240] = "refused";
    const cit_option *o = plan_chosen(a);
    const cit_posterior *p = a->catalogue->posterior;
    const int shown = plan_shown(a);
    const bool prior = shown > 0 && !a->forecasts[shown]->fitted;
    if (a->search != NULL) snprintf(course, sizeof course, "nothing");
    if (o != NULL) cit_candidate_text(&o->candidate, course);
    snprintf(numbers, sizeof numbers, "%" PRIu64 " %" PRIu64 " %d %d %d", a->inputs, a->seed,
             a->start, a->search != NULL ? a->search->draws : 0, prior);
    uint64_t hash = 0xcbf29ce484222325U;
    hash = hashed(hash, a->program);
    hash = hashed(hash, a->catalogue->digest);
    hash = hashed(hash, p != NULL && p->about != NULL ? p->about : "");
    hash = hashed(hash, a->prices != NULL ? a->prices->id : "");
    hash = hashed(hash, case_label(a->person, name));
    hash = hashed(hash, numbers);
    hash = hashed(hash, course);
    snprintf(id, 24, "%016" PRIx64, hash);
}

/* The posterior file's own line on how it was made. */
static void posterior_line(const cit_plan_report *a, char line[200]) {
    const char *const mark = "made by: ";
    const int shown = plan_shown(a);
    const cit_posterior *p = a->catalogue->posterior;
    const bool fitted = shown == 0 || a->forecasts[shown]->fitted;
    const char *at = p != NULL && p->about != NULL && fitted ? strstr(p->about, mark) : NULL;
    snprintf(line, 200, "%s", T(p != NULL && fitted ? "plan_pdf.fitted" : "plan_pdf.prior"));
    if (at == NULL) return;
    at += strlen(mark);
    const int end = (int)strcspn(at, "\n");
    snprintf(line, 200, "%.*s", cit_text_whole(at, end < 199 ? end : 199), at);
}

static void footer_text(const cit_plan_report *a, char line[LINE]) {
    char id[24], posterior[200];
    document_id(a, id);
    posterior_line(a, posterior);
    cit_text_fill(line, LINE, T("plan_pdf.footer"), "id", id, "program", a->program, "catalogue",
                  a->catalogue->digest, "posterior", posterior, NULL);
}

/* Two sheets are what a person reads; smaller type before a third. */
static double scale_that_fits(const sheet_facts *facts, document *d) {
    for (d->scale = 1; d->scale > 0.82; d->scale -= 0.04)
        if (sheets_count(facts, for_the_person, d) <= 2) return d->scale;
    return d->scale;
}

cit_status cit_report_plan_pdf(const cit_plan_report *a, unsigned char **ret, size_t *ret_size,
                               cit_errors *errs) {
    cit_status st = CIT_OK;
    char footer[LINE], *text = NULL;
    cit_protocol *protocol = NULL;
    const cit_option *o = plan_chosen(a);
    const sheet_facts facts = {T("plan_pdf.title"), footer, T("plan_pdf.number"), a->day};
    footer_text(a, footer);
    if (o != NULL) {
        CIT_TRY(a->course != NULL && a->course->visit_count > 0
                    ? cit_course_protocol(a->course, a->space, a->person, a->catalogue, a->start,
                                          &text, errs)
                    : cit_candidate_protocol(&o->candidate, a->space, a->person, a->catalogue,
                                             a->start, &text, errs));
        CIT_TRY(cit_protocol_parse("the plan", text, strlen(text), &protocol, errs));
    }
    document d = {.report = a, .protocol = protocol};
    d.scale = scale_that_fits(&facts, &d);
    CIT_TRY(sheets_pdf(&facts, all_of_it, &d, ret, ret_size, errs));
done:
    cit_protocol_free(protocol);
    free(text);
    return st;
}
