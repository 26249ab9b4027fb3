/* A plan on one screen: options beside doing nothing, the course of the one to look at first, what speaks against
 * others. */
#include "report_impl.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WORDS = 600 };

const char *plan_kind_name(int kind) {
    static const char *const names[] = {"",       "do nothing", "least burden", "as in trials",
                                        "enough", "most",       "at home"};
    return names[kind >= CIT_OPTION_NOTHING && kind <= CIT_OPTION_HOME ? kind : 0];
}

const char *plan_judge_unit(int judge) {
    return judge == CIT_JUDGE_GRADE ? "grades" : judge == CIT_JUDGE_SCANNER ? "mm" : "%";
}

const char *plan_judge_words(int judge) {
    static const char *const words[] = {"",
                                        "a clinician's grade",
                                        "the person's own rating",
                                        "the Goodman-Baron score",
                                        "the ECCA score",
                                        "a scanner"};
    return words[judge >= CIT_JUDGE_GRADE && judge <= CIT_JUDGE_SCANNER ? judge : 0];
}

/* 12, 0.8: as many digits as the scale has, `more` of them; never a zero with a sign. */
static void judged_text(int judge, double value, int more, char text[24]) {
    const int digits = more + (judge == CIT_JUDGE_GRADE ? 1 : judge == CIT_JUDGE_SCANNER ? 2 : 0);
    const double unit = pow(10, -digits), rounded = unit * round(value / unit);
    snprintf(text, 24, "%.*f", digits, rounded == 0 ? 0 : rounded);
}

/* ---- who -------------------------------------------------------------------------------------------- */

/* "physician: ask first". */
static const char *who_may(const cit_plan_report *r, int who) {
    const cit_clearance v = cit_screening_verdict(r->screening, -1, who);
    if (v == CIT_FORBIDDEN) return "refused";
    if (!plan_allows(r, who))
        return v == CIT_CLEARED ? "not in your limits" : "ask first, not in your limits";
    if (r->search != NULL && (r->search->who_planned >> (who - 1) & 1) == 0)
        return "no course that is allowed";
    return v == CIT_CLEARED ? "cleared" : "ask first";
}

static void put_who(cit_page *page, const cit_plan_report *r) {
    char line[WORDS] = "";
    bool allowed = false, asked = false;
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++) {
        const cit_clearance v = cit_screening_verdict(r->screening, -1, who);
        const size_t used = strlen(line);
        allowed = allowed || (plan_allows(r, who) && v == CIT_CLEARED);
        asked = asked || (plan_allows(r, who) && v == CIT_ASK_FIRST);
        snprintf(line + used, sizeof line - used, "%s%s: %s", used > 0 ? "; " : "",
                 cit_choice_name(cit_who_choices, who), who_may(r, who));
    }
    cit_page_verdict(page, allowed ? CIT_PAGE_GOOD : asked ? CIT_PAGE_ASK : CIT_PAGE_BAD, line);
}

static void put_refusing_rule(cit_page *page, const cit_plan_report *r, const rule_findings *f) {
    char line[WORDS], until[16] = "";
    const int day = plan_until(f);
    (void)r;
    if (day != CIT_UNKNOWN_INT) cit_date_format(day, until);
    snprintf(line, sizeof line, "%s%s%s [%s]", f->rule->title, *until != 0 ? ", until " : "", until,
             f->rule->id);
    cit_page_bullet(page, "!", line);
}

static void put_none_allowed(cit_page *page, const cit_plan_report *r) {
    char others[LINE], line[2 * LINE];
    rule_findings f;
    plan_others_to_ask(r, others);
    cit_page_paragraph(page,
                       r->person->limits.settings == 0
                           ? "Nobody may needle this person now, so there is nothing to plan:"
                           : "Nobody whom you allow may needle now, so there is nothing to plan:");
    for (int at = 0; next_rule(r->screening, at, &f); at = f.next)
        if (plan_refused_by(r, &f)) put_refusing_rule(page, r, &f);
    if (others[0] != 0) {
        snprintf(line, sizeof line, "Your limits (settings) leave out who may be asked: %s.",
                 others);
        cit_page_paragraph(page, line);
    }
}

static void put_refusal(cit_page *page, const cit_plan_report *r) {
    put_none_allowed(page, r);
    cit_page_paragraph(page, "`cit screen` says all of it, `cit home` what helps meanwhile.");
}

/* What must be asked first of whoever would do it: a line for each rule that is open. */
static void put_open_rules(cit_page *page, const cit_plan_report *r) {
    enum { TOLD = 4 };
    const int who = plan_asked(r);
    char line[WORDS];
    int told = 0, more = 0;
    rule_findings f;
    if (cit_screening_verdict(r->screening, -1, who) != CIT_ASK_FIRST) return;
    for (int at = 0; next_rule(r->screening, at, &f); at = f.next) {
        if (rule_verdict(&f, who) != CIT_ASK_FIRST || told++ >= TOLD) {
            more += told > TOLD && rule_verdict(&f, who) == CIT_ASK_FIRST;
            continue;
        }
        snprintf(line, sizeof line, "%s: %s [%s]", rule_holds(&f, who) ? "ask first" : "not known",
                 f.rule->title, f.rule->id);
        cit_page_bullet(page, "?", line);
    }
    if (more == 0) return;
    snprintf(line, sizeof line, "and %d more: `cit screen`", more);
    cit_page_bullet(page, "?", line);
}

/* ---- options --------------------------------------------------------------------------------------- */

/* All that an option is: "enough, most". */
static const char *option_name(const cit_plan_report *r, int i, char text[160]) {
    const cit_option *o = &r->search->options[i];
    const bool stop = o->kind == CIT_OPTION_NOTHING && plan_done(r) > 0;
    snprintf(text, 160, "%s", stop ? "stop now" : plan_kind_name(o->kind));
    for (int kind = CIT_OPTION_LEAST; kind <= CIT_OPTION_HOME; kind++) {
        const size_t used = strlen(text);
        if (kind != o->kind && (o->also >> kind & 1) != 0)
            snprintf(text + used, 160 - used, ", %s", plan_kind_name(kind));
    }
    return text;
}

static void cost_text(const cit_option *o, char text[40]) {
    if (o->candidate.visits == 0)
        snprintf(text, 40, "-");
    else if (!cit_known(o->value.cost_low) || !cit_known(o->value.cost_high))
        snprintf(text, 40, "?");
    else
        snprintf(text, 40, "%.0f-%.0f", o->value.cost_low, o->value.cost_high);
}

static void put_option(cit_page *page, const cit_plan_report *r, int i, int columns) {
    const cit_search *s = r->search;
    const cit_option *o = &s->options[i];
    char middle[24], lo[24], hi[24], band[80], better[16], grade[16], seen[16], visits[16], red[16],
        pain[16], marks[16], cost[40], letter[8], name[160];
    judged_text(s->judge, o->median, 0, middle);
    judged_text(s->judge, o->lo90, 0, lo);
    judged_text(s->judge, o->hi90, 0, hi);
    snprintf(letter, sizeof letter, "%c%s", 'A' + i, i == s->chosen ? "*" : "");
    snprintf(band, sizeof band, "%s (%s to %s)", middle, lo, hi);
    snprintf(better, sizeof better, i == 0 ? "-" : "%.0f %%", 100 * o->odds_better);
    snprintf(grade, sizeof grade, "%.0f %%", 100 * o->odds_one_grade);
    snprintf(seen, sizeof seen, "%.0f %%", 100 * o->odds_seen_50cm);
    snprintf(visits, sizeof visits, "%d", o->candidate.visits);
    snprintf(red, sizeof red, "%.0f", o->value.redness_day);
    snprintf(pain, sizeof pain, "%.0f", o->value.pain);
    snprintf(marks, sizeof marks, "%.0f %%", o->value.pigment);
    cost_text(o, cost);
    cit_page_row(page, columns,
                 (const char *const[]){letter, option_name(r, i, name), band, better, grade, seen,
                                       visits, red, pain, marks, cost});
}

/* Whether doing nothing (A), or the option before, may be as good. */
static void apart_words(const cit_plan_report *r, int i, char text[40]) {
    const cit_option *o = &r->search->options[i];
    text[0] = 0;
    if (!plan_beats_nothing(o))
        snprintf(text, 40, "; not told apart from A");
    else if (!o->told_apart)
        snprintf(text, 40, "; not told apart from %c", 'A' + i - 1);
}

static void put_options(cit_page *page, const cit_plan_report *r) {
    static const double shares[] = {2, 12, 15, 6, 5, 5, 6, 4, 4, 5, 10};
    char cost[24] = "cost";
    const cit_search *s = r->search;
    const int columns = r->prices != NULL ? 11 : 10;
    if (r->prices != NULL) snprintf(cost, sizeof cost, "cost, %s", r->prices->currency);
    const char *const headings[] = {
        "",    "option", "improves (90 %)", "better", "grade", "50 cm", "visits",
        "red", "pain",   "marks",           cost};
    cit_page_table(page, columns, shares, headings);
    for (int i = 0; i < s->option_count; i++) put_option(page, r, i, columns);
    if (s->option_count == 0)
        cit_page_row(page, columns,
                     (const char *const[]){"A*", plan_done(r) > 0 ? "stop now" : "do nothing", "-",
                                           "-", "-", "-", "0", "0", "0", "0 %", "-"});
    for (int i = 1; i < s->option_count; i++) {
        char text[240], apart[40], line[WORDS], letter[4] = {(char)('A' + i), 0};
        cit_candidate_text(&s->options[i].candidate, text);
        apart_words(r, i, apart);
        snprintf(line, sizeof line, "%s%s", text, apart);
        cit_page_bullet(page, letter, line);
    }
}

/* ---- which one first ---------------------------------------------------------------------------------- */

static void put_nothing_first(cit_page *page, const cit_plan_report *r) {
    char line[3 * LINE], why[2 * LINE];
    if (!plan_has_course(r)) {
        plan_no_course(r, false, why);
        snprintf(line, sizeof line, "%s Look at first: A, %s.", why,
                 plan_done(r) > 0 ? "to stop now" : "no needling");
    } else {
        snprintf(line, sizeof line,
                 "Look at first: A, %s. Of the courses that are allowed here the forecast cannot "
                 "tell one that is enough from %s; what else there is for such scars stands below.",
                 plan_done(r) > 0 ? "to stop now" : "no needling",
                 plan_done(r) > 0 ? "stopping" : "doing nothing");
    }
    cit_page_paragraph(page, line);
}

/* The rule compares means; the table has medians. */
static void put_chosen(cit_page *page, const cit_plan_report *r) {
    const cit_search *s = r->search;
    const char *unit = plan_judge_unit(s->judge);
    char line[WORDS], change[24], gain[24], most_gain[24], others[120];
    int most = s->chosen;
    for (int i = 1; i < s->option_count; i++)
        if (s->options[i].value.gain > s->options[most].value.gain) most = i;
    judged_text(s->judge, s->smallest_change, 0, change);
    judged_text(s->judge, s->options[s->chosen].value.gain, 1, gain);
    judged_text(s->judge, s->options[most].value.gain, 1, most_gain);
    if (s->marks_bind)
        snprintf(others, sizeof others, "with few dark marks none brings %s %s more", change, unit);
    else if (most == s->chosen)
        snprintf(others, sizeof others, "none brings more; %s %s is", change, unit);
    else
        snprintf(others, sizeof others, "%c, the most, %s %s: less than %s %s beyond it",
                 'A' + most, most_gain, unit, change, unit);
    snprintf(
        line, sizeof line,
        "Look at first: %c. On average (the table has medians) it brings %s %s over A and %s, the "
        "least that matters to %s%s.",
        'A' + s->chosen, gain, unit, others, plan_judge_words(s->judge),
        strncmp(s->change_source, "assumed", 7) == 0 ? " (assumed)" : "");
    cit_page_paragraph(page, line);
}

static void put_choice(cit_page *page, const cit_plan_report *r) {
    const double marks_told = 10; /* per cent; assumed */
    const cit_search *s = r->search;
    char line[WORDS];
    if (s->chosen == 0) {
        put_nothing_first(page, r);
        return;
    }
    put_chosen(page, r);
    const cit_value *chosen = &s->options[s->chosen].value;
    if (chosen->pigment >= marks_told) {
        snprintf(line, sizeof line,
                 "Dark marks: %.0f %% of the draws of %c have one. First a test spot, sun "
                 "protection and "
                 "longer intervals; fewer visits or a shorter needle ask for less of it.",
                 chosen->pigment, 'A' + s->chosen);
        cit_page_note(page, line);
    }
    if (s->judge_sees) return;
    snprintf(line, sizeof line,
             "%s cannot see this: the whole forecast course is less than its smallest change. It "
             "cannot say when to stop either; photos and a grade are booked instead.",
             plan_judge_words(s->judge));
    line[0] = (char)(line[0] - ('a' <= line[0] && line[0] <= 'z' ? 'a' - 'A' : 0));
    cit_page_note(page, line);
}

/* ---- the course --------------------------------------------------------------------------------------- */

static void add_week(char line[LINE], const char *what, double day) {
    const size_t used = strlen(line);
    if (day <= 0)
        snprintf(line + used, LINE - used, "; %s there already", what);
    else if (cit_known(day))
        snprintf(line + used, LINE - used, "; %s about week %.0f", what, day / 7);
}

static void add_visits(char line[LINE], const cit_plan_report *r) {
    const cit_dated_course *c = r->course;
    const int done = plan_done(r);
    char date[16];
    size_t used = 0;
    if (done == 0)
        used = (size_t)snprintf(line, LINE, "Visits:");
    else
        used =
            (size_t)snprintf(line, LINE, "Visits %d to %d:", done + 1, done + c->candidate.visits);
    for (int i = 0; i < c->visit_count; i++) {
        cit_date_format(c->visits[i].day, date);
        used += (size_t)snprintf(line + used, LINE - used, "%s %s%s", i > 0 ? "," : "", date,
                                 c->visits[i].moved ? " (moved)" : "");
    }
}

static void put_course(cit_page *page, const cit_plan_report *r) {
    const cit_dated_course *c = r->course;
    char line[LINE] = "", date[16];
    if (c == NULL) return;
    add_visits(line, r);
    if (c->visit_count > 0 && c->judge_day != CIT_UNKNOWN_INT) {
        const size_t used = strlen(line);
        cit_date_format(c->judge_day, date);
        snprintf(line + used, sizeof line - used, "; judged on %s", date);
        add_week(line, "first change", c->milestones.first_change_day);
        add_week(line, "most of it", c->milestones.most_day);
        add_week(line, "the rest", c->milestones.final_day);
    }
    if (c->unplaced > 0) {
        const size_t used = strlen(line);
        snprintf(line + used, sizeof line - used,
                 "%s %d find%s no free day within four weeks of when due: give other days (limits: "
                 "away, "
                 "presentable) or another start",
                 c->visit_count > 0 ? ";" : "", c->unplaced, c->unplaced == 1 ? "s" : "");
    }
    const size_t used = strlen(line);
    snprintf(line + used, sizeof line - used, ".");
    cit_page_bullet(page, "-", line);
}

static void put_warnings(cit_page *page, const cit_plan_report *r) {
    char line[LINE];
    if (plan_late_text(r, line)) cit_page_bullet(page, "!", line);
    if (r->course != NULL && plan_outside(r, line)) cit_page_bullet(page, "!", line);
}

static void put_steps(cit_page *page, const cit_plan_report *r) {
    const cit_search *s = r->search;
    char line[WORDS];
    if (s->step_count < 2 || s->chosen == 0) return;
    size_t used = (size_t)snprintf(line, sizeof line, "Visit by visit it adds");
    for (int n = 1; n < s->step_count && used < sizeof line - 40; n++) {
        char adds[24];
        judged_text(s->judge, s->steps[n].adds, 1, adds);
        used += (size_t)snprintf(line + used, sizeof line - used, "%s %s", n > 1 ? "," : "", adds);
    }
    snprintf(line + used, sizeof line - used, " %s on average.", plan_judge_unit(s->judge));
    cit_page_bullet(page, "-", line);
}

static void put_cost(cit_page *page, const cit_plan_report *r) {
    const int shown = plan_shown(r);
    char elsewhere[LINE], line[LINE + 80];
    double low, high;
    if (shown == 0) return;
    if (r->prices != NULL && plan_cost_in(r, shown, r->prices, &low, &high))
        snprintf(line, sizeof line, "Cost of %c: %s %.0f to %.0f (%s, prices of %d).", 'A' + shown,
                 r->prices->currency, low, high, r->prices->place, r->prices->year);
    else if (r->prices == NULL && plan_costs_elsewhere(r, shown, true, elsewhere))
        snprintf(line, sizeof line, "Cost of %c by place (limits: place): %s.", 'A' + shown,
                 elsewhere);
    else
        snprintf(line, sizeof line, "Cost of %c: not known.", 'A' + shown);
    cit_page_bullet(page, "-", line);
}

/* ---- what speaks against others ------------------------------------------------------------------------ */

static void put_turned_down(cit_page *page, const cit_plan_report *r) {
    enum { TOLD = 2 };
    const cit_search *s = r->search;
    char line[WORDS] = "Not looked at:";
    for (int i = 0; i < s->turned_down_count && i < TOLD; i++) {
        const cit_turned_down *t = &s->turned_down[i];
        const size_t used = strlen(line);
        snprintf(line + used, sizeof line - used, "%s %s%s%s%s", i > 0 ? ";" : "", t->why,
                 t->rule != NULL ? " [" : "", t->rule != NULL ? t->rule->id : "",
                 t->rule != NULL ? "]" : "");
    }
    const size_t used = strlen(line);
    snprintf(line + used, sizeof line - used, ".");
    line[cit_text_whole(line, WORDS - 1)] = 0;
    if (s->turned_down_count > 0 && plan_has_course(r)) cit_page_bullet(page, "-", line);
    if (s->longer_not_told_apart) {
        snprintf(line, sizeof line,
                 "%g mm is not told apart from %g mm: where harm is as bad and reach as poor as is "
                 "believed it brings no more.",
                 s->longer_mm, s->shorter_mm);
        cit_page_bullet(page, "-", line);
    }
}

static unsigned types_of(const cit_case *c) {
    unsigned types = 0;
    for (int i = 0; i < c->zone_count; i++)
        for (int j = 0; j < c->zones[i].scar_group_count; j++)
            if (c->zones[i].scars[j].count != 0) types |= 1U << c->zones[i].scars[j].type;
    return types;
}

static void put_alternatives(cit_page *page, const cit_plan_report *r) {
    const unsigned types = types_of(r->person);
    char line[WORDS], settle[LINE], all[WORDS + LINE + 120];
    size_t used = 0;
    for (int i = 0; i < r->catalogue->adjunct_count; i++) {
        const cit_adjunct *a = &r->catalogue->adjuncts[i];
        bool suits = false;
        if ((a->roles & (CIT_ROLE_INSTEAD | CIT_ROLE_PARTNER)) == 0 || plan_uses_already(r, a))
            continue;
        for (int type = CIT_ROLLING; type <= CIT_ICE_PICK; type++)
            suits = suits || ((types >> type & 1) != 0 && cit_adjunct_suits(a, type) == CIT_YES);
        if (!suits || used > sizeof line - 90) continue;
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%.60s", used > 0 ? ", " : "",
                                 a->id);
    }
    if (used == 0) return;
    plan_to_settle(r, settle);
    snprintf(all, sizeof all, "Beside or instead (`cit catalogue adjuncts`): %s.%s%s%s", line,
             settle[0] != 0 ? " First settle what holds for these too: " : "", settle,
             settle[0] != 0 ? "." : "");
    cit_page_bullet(page, "-", all);
}

/* What is wanted beside acne scars: what needling does for it, and what is said beside a forecast. */
static void put_aim(cit_page *page, const cit_plan_report *r, const cit_aim *aim) {
    char line[1200];
    const char *words = cit_text_of(r->catalogue, "aim", aim->id, "clinician", aim->clinician);
    if (aim->caution != NULL)
        words = cit_text_of(r->catalogue, "aim", aim->id, "caution", aim->caution);
    snprintf(line, sizeof line, "%s: %s", aim->name, words);
    cit_page_note(page, line);
}

static void put_aims(cit_page *page, const cit_plan_report *r) {
    const cit_case *c = r->person;
    const bool not_acne = c->cause > 1; /* the first of cit_cause_choices is acne */
    const cit_aim *scars = cit_catalogue_aim(r->catalogue, "depressed-scars");
    if (not_acne && scars != NULL) put_aim(page, r, scars);
    for (int i = 0; i < c->goal_count; i++) {
        const cit_aim *aim = cit_aim_meant(r->catalogue, c->goals[i]);
        if (aim != NULL && !(not_acne && aim == scars)) put_aim(page, r, aim);
    }
}

static void put_legend(cit_page *page, const cit_plan_report *r) {
    const cit_search *s = r->search;
    char line[WORDS];
    snprintf(
        line, sizeof line,
        "%d candidates, %d on the front; %d draws of the %s. Improves: %s, %s, week %.0f. "
        "Better: odds of more than %s. Grade: of one or more. 50 cm: that scars are obvious there. "
        "Red: days in all. Pain: with cream in clinics. Marks: odds of a dark one.",
        s->candidates, s->front_count, s->draws,
        r->catalogue->posterior != NULL ? "posterior" : "prior", plan_judge_words(s->judge),
        plan_judge_unit(s->judge), s->horizon_day / 7,
        plan_done(r) > 0 ? "stopping now" : "doing nothing");
    cit_page_paragraph(page, line);
}

/* A label is cut between characters. */
static void put_subtitle(const cit_plan_report *r, char subtitle[200]) {
    enum { MOST = 100 };
    char date[16];
    const char *name = r->person->name != NULL ? r->person->name : "a person";
    const size_t length = strlen(name);
    cit_date_format(r->start, date);
    snprintf(subtitle, 200, "%.*s, from %s on",
             cit_text_whole(name, length < MOST ? (int)length : MOST), name, date);
}

cit_page *cit_page_of_plan(const cit_plan_report *r) {
    char subtitle[200];
    put_subtitle(r, subtitle);
    cit_page *page = cit_page_new("Plan", subtitle);
    put_who(page, r);
    if (r->search == NULL) {
        put_refusal(page, r);
        return page;
    }
    put_open_rules(page, r);
    if (plan_has_course(r)) put_legend(page, r);
    put_options(page, r);
    if (plan_none_allowed(r)) put_none_allowed(page, r);
    put_aims(page, r);
    put_choice(page, r);
    put_course(page, r);
    put_warnings(page, r);
    put_steps(page, r);
    put_cost(page, r);
    put_turned_down(page, r);
    put_alternatives(page, r);
    cit_page_note(page, "A model's forecast, no promise: studies differ more than devices. A "
                        "qualified person decides.");
    return page;
}
