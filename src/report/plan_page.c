/* A plan on one screen: options beside doing nothing, the course of the one to look at first, what speaks against
 * others. */
#include "report_impl.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WORDS = 600 };

const char *plan_kind_name(int kind) {
    static const char *const names[] = {
        "",       "do nothing",       "least burden", "as trials do it",
        "enough", "most improvement", "at home"};
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

/* 12, 0.8: as many digits as the scale has. */
static void judged_text(int judge, double value, char text[24]) {
    snprintf(text, 24,
             judge == CIT_JUDGE_GRADE     ? "%.1f"
             : judge == CIT_JUDGE_SCANNER ? "%.2f"
                                          : "%.0f",
             value);
}

void plan_cost_text(const cit_prices *prices, double low, double high, char text[60]) {
    if (!cit_known(low) || !cit_known(high))
        snprintf(text, 60, "no price");
    else if (low == high)
        snprintf(text, 60, "%.0f", low);
    else
        snprintf(text, 60, "%.0f to %.0f%s%s", low, high, prices != NULL ? " " : "",
                 prices != NULL ? prices->currency : "");
}

/* ---- who -------------------------------------------------------------------------------------------- */

static void put_who(cit_page *page, const cit_plan_report *r) {
    char line[WORDS] = "";
    bool allowed = false, asked = false;
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++) {
        const cit_clearance v = cit_screening_verdict(r->screening, -1, who);
        const size_t used = strlen(line);
        allowed = allowed || v == CIT_CLEARED;
        asked = asked || v == CIT_ASK_FIRST;
        const bool none = r->search != NULL && v != CIT_FORBIDDEN &&
                          (r->search->who_planned >> (who - 1) & 1) == 0;
        snprintf(line + used, sizeof line - used, "%s%s: %s", used > 0 ? "; " : "",
                 cit_choice_name(cit_who_choices, who),
                 none                 ? "no course that is allowed"
                 : v == CIT_CLEARED   ? "cleared"
                 : v == CIT_ASK_FIRST ? "ask first"
                                      : "refused");
    }
    cit_page_verdict(page, allowed ? CIT_PAGE_GOOD : asked ? CIT_PAGE_ASK : CIT_PAGE_BAD, line);
}

static void put_refusal(cit_page *page, const cit_plan_report *r) {
    char line[WORDS], until[16];
    cit_page_paragraph(page, "Nobody may needle this person now, so there is nothing to plan:");
    for (int i = 0; i < r->screening->count; i++) {
        const cit_finding *f = &r->screening->findings[i];
        if (cit_finding_verdict(f, CIT_PHYSICIAN) != CIT_FORBIDDEN ||
            cit_finding_overridden(f, CIT_PHYSICIAN))
            continue;
        *until = 0;
        if (f->until != CIT_UNKNOWN_INT) cit_date_format(f->until, until);
        snprintf(line, sizeof line, "%s%s%s [%s]", f->rule->title, *until != 0 ? ", until " : "",
                 until, f->rule->id);
        cit_page_bullet(page, "!", line);
    }
    cit_page_paragraph(page, "`cit screen` says all of it, `cit home` what helps meanwhile.");
}

/* ---- options --------------------------------------------------------------------------------------- */

static void put_options(cit_page *page, const cit_plan_report *r) {
    static const double shares[] = {0.5, 2.4, 2.8, 1.1, 1.1, 1.1, 1, 0.8, 0.8, 1, 1.8};
    static const char *const headings[] = {
        "",    "option", "improves (90 %)", "better", "a grade", "50 cm", "visits",
        "red", "pain",   "marks",           "cost"};
    const cit_search *s = r->search;
    const int columns = r->prices != NULL ? 11 : 10;
    cit_page_table(page, columns, shares, headings);
    for (int i = 0; i < s->option_count; i++) {
        const cit_option *o = &s->options[i];
        char middle[24], lo[24], hi[24], band[80], better[16], grade[16], seen[16], visits[16],
            red[16], pain[16], marks[16], cost[60], letter[8];
        judged_text(s->judge, o->median, middle);
        judged_text(s->judge, o->lo90, lo);
        judged_text(s->judge, o->hi90, hi);
        snprintf(letter, sizeof letter, "%c%s", 'A' + i, i == s->chosen ? "*" : "");
        snprintf(band, sizeof band, "%s (%s to %s)", middle, lo, hi);
        snprintf(better, sizeof better, i == 0 ? "-" : "%.0f %%", 100 * o->odds_better);
        snprintf(grade, sizeof grade, "%.0f %%", 100 * o->odds_one_grade);
        snprintf(seen, sizeof seen, "%.0f %%", 100 * o->odds_seen_50cm);
        snprintf(visits, sizeof visits, "%d", o->candidate.visits);
        snprintf(red, sizeof red, "%.0f", o->value.redness_day);
        snprintf(pain, sizeof pain, "%.0f", o->value.pain);
        snprintf(marks, sizeof marks, "%.0f %%", o->value.pigment);
        plan_cost_text(r->prices, o->value.cost_low, o->value.cost_high, cost);
        cit_page_row(page, columns,
                     (const char *const[]){letter, plan_kind_name(o->kind), band, better, grade,
                                           seen, visits, red, pain, marks, cost});
    }
    for (int i = 1; i < s->option_count; i++) {
        char text[240], line[WORDS], letter[4] = {(char)('A' + i), 0};
        cit_candidate_text(&s->options[i].candidate, text);
        snprintf(line, sizeof line, "%s%s", text,
                 s->options[i].told_apart ? ""
                 : i == 1                 ? "; not told apart from doing nothing"
                                          : "; not told apart from the one before");
        cit_page_bullet(page, letter, line);
    }
}

static void put_choice(cit_page *page, const cit_plan_report *r) {
    const cit_search *s = r->search;
    char line[WORDS], change[24];
    judged_text(s->judge, s->smallest_change, change);
    if (s->chosen == 0)
        snprintf(line, sizeof line,
                 "Look at first: A, no needling. Of the courses that are allowed here the forecast "
                 "cannot tell one that is enough from doing nothing; see what else there is for "
                 "such scars, below.");
    else
        snprintf(line, sizeof line,
                 "Look at first: %c. On %s, what others%s bring beyond it is less than %s %s, the "
                 "least that matters there (%s).",
                 'A' + s->chosen, plan_judge_words(s->judge),
                 s->marks_bind ? " with few dark marks" : "", change, plan_judge_unit(s->judge),
                 s->change_source);
    cit_page_paragraph(page, line);
    const double marks_told = 10; /* per cent; assumed */
    const cit_value *chosen = &s->options[s->chosen].value;
    if (chosen->pigment >= marks_told) {
        snprintf(line, sizeof line,
                 "Dark marks: %.0f %% of the draws of %c have one. A test spot, sun protection and "
                 "longer "
                 "intervals come first in such skin; fewer visits or a shorter needle ask for less "
                 "of it.",
                 chosen->pigment, 'A' + s->chosen);
        cit_page_note(page, line);
    }
    if (s->chosen > 0 && !s->judge_sees) {
        snprintf(line, sizeof line,
                 "%s cannot see this: the whole forecast course is less than its smallest change. "
                 "It cannot say when to stop either; photos and a grade are booked instead.",
                 plan_judge_words(s->judge));
        line[0] = (char)(line[0] - ('a' <= line[0] && line[0] <= 'z' ? 'a' - 'A' : 0));
        cit_page_note(page, line);
    }
}

static void put_steps(cit_page *page, const cit_plan_report *r) {
    const cit_search *s = r->search;
    char line[WORDS];
    if (s->step_count < 2 || s->chosen == 0) return;
    size_t used = (size_t)snprintf(line, sizeof line, "Visit by visit it adds");
    for (int n = 1; n < s->step_count && used < sizeof line - 40; n++) {
        char adds[24];
        snprintf(adds, sizeof adds,
                 s->judge == CIT_JUDGE_GRADE || s->judge == CIT_JUDGE_SCANNER ? "%.2f" : "%.1f",
                 s->steps[n].adds);
        used += (size_t)snprintf(line + used, sizeof line - used, "%s %s", n > 1 ? "," : "", adds);
    }
    snprintf(line + used, sizeof line - used, " %s.", plan_judge_unit(s->judge));
    cit_page_paragraph(page, line);
}

/* ---- the course --------------------------------------------------------------------------------------- */

static void add_week(char *line, size_t size, const char *what, double day) {
    if (!cit_known(day)) return;
    const size_t used = strlen(line);
    snprintf(line + used, size - used, " %s about week %.0f;", what, day / 7);
}

static void put_course(cit_page *page, const cit_plan_report *r) {
    const cit_dated_course *c = r->course;
    char line[WORDS] = "", date[16];
    if (c == NULL) return;
    size_t used = (size_t)snprintf(line, sizeof line, "Visits:");
    for (int i = 0; i < c->visit_count; i++) {
        cit_date_format(c->visits[i].day, date);
        used += (size_t)snprintf(line + used, sizeof line - used, "%s %s%s", i > 0 ? "," : "", date,
                                 c->visits[i].moved ? " (moved)" : "");
    }
    if (c->unplaced > 0)
        used += (size_t)snprintf(line + used, sizeof line - used,
                                 "; %d find no free day within four weeks", c->unplaced);
    if (c->judge_day != CIT_UNKNOWN_INT) {
        cit_date_format(c->judge_day, date);
        snprintf(line + used, sizeof line - used, "; judged on %s.", date);
    }
    cit_page_paragraph(page, line);
    *line = 0;
    add_week(line, sizeof line, "First change", c->milestones.first_change_day);
    add_week(line, sizeof line, "most of it", c->milestones.most_day);
    add_week(line, sizeof line, "the rest", c->milestones.final_day);
    if (*line != 0) {
        line[strlen(line) - 1] = '.';
        cit_page_paragraph(page, line + 1);
    }
}

/* ---- what speaks against others ------------------------------------------------------------------------ */

static void put_turned_down(cit_page *page, const cit_plan_report *r) {
    enum { TOLD = 3 };
    const cit_search *s = r->search;
    char line[WORDS];
    for (int i = 0; i < s->turned_down_count && i < TOLD; i++) {
        const cit_turned_down *t = &s->turned_down[i];
        snprintf(line, sizeof line, "Not looked at (%s): %s%s%s%s",
                 cit_choice_name(cit_who_choices, t->who), t->why, t->rule != NULL ? " [" : "",
                 t->rule != NULL ? t->rule->id : "", t->rule != NULL ? "]" : "");
        cit_page_bullet(page, "-", line);
    }
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
    char line[WORDS];
    size_t used = 0;
    for (int i = 0; i < r->catalogue->adjunct_count; i++) {
        const cit_adjunct *a = &r->catalogue->adjuncts[i];
        bool suits = false;
        if ((a->roles & (CIT_ROLE_INSTEAD | CIT_ROLE_PARTNER)) == 0) continue;
        for (int type = CIT_ROLLING; type <= CIT_ICE_PICK; type++)
            suits = suits || ((types >> type & 1) != 0 && cit_adjunct_suits(a, type) == CIT_YES);
        if (!suits || used > sizeof line - 90) continue;
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%.60s", used > 0 ? "; " : "",
                                 a->name);
    }
    if (used == 0) return;
    char all[WORDS + 80];
    snprintf(all, sizeof all,
             "Beside or instead: %s. `cit catalogue adjuncts ID` says what was seen.", line);
    cit_page_paragraph(page, all);
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

cit_page *cit_page_of_plan(const cit_plan_report *r) {
    char subtitle[200], date[16], line[WORDS];
    cit_date_format(r->start, date);
    snprintf(subtitle, sizeof subtitle, "%.100s, from %s on",
             r->person->name != NULL ? r->person->name : "a person", date);
    cit_page *page = cit_page_new("Plan", subtitle);
    put_who(page, r);
    if (r->search == NULL) {
        put_refusal(page, r);
        return page;
    }
    const cit_search *s = r->search;
    snprintf(
        line, sizeof line,
        "%d candidates, of which %d are worth a closer look; %d draws of the %s. Improves: %s, %s, "
        "in week %.0f. Better: odds of more than nothing does. A grade: of one grade or more. "
        "50 cm: odds that scars are still obvious there. Red: days in all. Marks: chance of a dark "
        "mark.",
        s->candidates, s->front_count, s->draws,
        r->catalogue->posterior != NULL ? "posterior" : "prior", plan_judge_words(s->judge),
        s->judge == CIT_JUDGE_GRADE     ? "grades"
        : s->judge == CIT_JUDGE_SCANNER ? "mm"
                                        : "per cent",
        s->horizon_day / 7);
    cit_page_paragraph(page, line);
    put_options(page, r);
    put_aims(page, r);
    put_choice(page, r);
    put_steps(page, r);
    put_course(page, r);
    put_turned_down(page, r);
    put_alternatives(page, r);
    cit_page_note(page, "A forecast of a model, not a promise: studies differ by more than devices "
                        "do. It supports a decision that a qualified person makes.");
    return page;
}
