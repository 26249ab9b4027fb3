/* The page for somebody at home: the answer first, then why, then what helps more. */
#include "report_impl.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { REASONS_MAX = 6 };

/* ---- what the rules for home say ------------------------------------------------------------------ */

/* What a rule of one number says: "0.25 mm", "28 days"; the page states no limit of its own. */
static const char *limit_of(const cit_advice *a, const char *rule) {
    const cit_rule *r = cit_catalogue_rule(a->catalogue, rule);
    if (r == NULL || r->when.all_count == 0) return "?";
    const cit_term *t = &r->when.all[0];
    return t->under ? t->under : t->above ? t->above : "?";
}

static int interval_day(const cit_advice *a) {
    double days = 0;
    char why[160];
    /* A catalogue that lost the rule must not shorten the wait. */
    if (!cit_quantity_parse(limit_of(a, "home-interval"), "day", &days, why)) days = CIT_YEAR_DAYS;
    return (int)ceil(days);
}

/* ---- already needled ------------------------------------------------------------------------- */

static const char *urgency_words(const cit_advice *a, int urgency) {
    static const char *const keys[] = {"home_page.urgency_home", "home_page.urgency_days",
                                       "home_page.urgency_same_day", "home_page.urgency_emergency"};
    return T(keys[urgency - 1]);
}

/* Signs of one urgency that may show from this day on; what is not urgent and comes much later is told
 * on its day. */
static void put_flags(cit_page *page, const cit_advice *a, int days, int urgency) {
    enum { SOON = 4 };
    bool any = false;
    for (int i = 0; i < a->catalogue->flag_count; i++) {
        const cit_flag *f = &a->catalogue->flags[i];
        const bool late = f->from_day > days + SOON && urgency < CIT_SAME_DAY;
        if (f->urgency != urgency || f->to_day < days || late) continue;
        if (!any) cit_page_paragraph(page, urgency_words(a, urgency));
        any = true;
        cit_page_bullet(page, urgency >= CIT_SAME_DAY ? "!" : "-",
                        cit_text_of(a->catalogue, "flag", f->id, "patient", f->patient));
    }
}

/* For somebody who has not needled: the names of the urgent signs alone. */
static void put_flags_ahead(cit_page *page, const cit_advice *a) {
    cit_page_heading(page, T("home_page.flags_ahead"));
    for (int urgency = CIT_EMERGENCY; urgency >= CIT_SAME_DAY; urgency--) {
        char line[LINE];
        size_t used = (size_t)snprintf(line, sizeof line, "%s", urgency_words(a, urgency));
        const char *separator = " ";
        for (int i = 0; i < a->catalogue->flag_count && used < sizeof line; i++) {
            const cit_flag *f = &a->catalogue->flags[i];
            if (f->urgency != urgency) continue;
            used += (size_t)snprintf(line + used, sizeof line - used, "%s%s", separator,
                                     cit_text_of(a->catalogue, "flag", f->id, "title", f->title));
            separator = "; ";
        }
        cit_page_bullet(page, "!", line);
    }
}

static void put_needled(cit_page *page, const cit_advice *a, cit_clearance v) {
    char line[LINE], days[16], date[16];
    if (a->needled == CIT_UNKNOWN_INT) return;
    snprintf(days, sizeof days, "%d", a->day - a->needled);
    cit_date_format(a->needled, date);
    cit_page_heading(page, cit_text_fill(line, sizeof line, T("home_page.needled"), "days", days,
                                         "date", date, NULL));
    cit_page_paragraph(page,
                       T(v == CIT_CLEARED ? "home_page.needled_look" : "home_page.needled_how"));
    for (int urgency = CIT_EMERGENCY; urgency >= CIT_HOME_CARE; urgency--)
        put_flags(page, a, a->day - a->needled, urgency);
}

/* ---- the answer and why ------------------------------------------------------------------------ */

static void put_answer(cit_page *page, const cit_advice *a, cit_clearance v) {
    static const cit_page_tone tones[] = {CIT_PAGE_GOOD, CIT_PAGE_ASK, CIT_PAGE_BAD};
    static const char *const keys[] = {"home_page.yes", "home_page.ask", "home_page.no"};
    cit_page_verdict(page, tones[v - 1], T(keys[v - 1]));
}

/* Reasons of one weight: what the rule says at home, and whether anybody may go on in spite of it (0:
 * either). */
typedef struct weight {
    int severity, override;
} weight;

static bool is_reason(const rule_findings *r, const weight *w) {
    return rule_holds(r, CIT_HOME) && r->rule->severity[CIT_HOME - 1] == w->severity &&
           (w->override == 0 || r->rule->override == w->override);
}

static int count_reasons(const cit_advice *a, const weight *w) {
    int n = 0;
    rule_findings r;
    for (int at = 0; next_rule(a->screening, at, &r); at = r.next) n += is_reason(&r, w);
    return n;
}

/* As many as there is room for; returns how many were told. */
static int put_reasons(cit_page *page, const cit_advice *a, const weight *w, int room) {
    char line[LINE];
    int told = 0;
    rule_findings r;
    for (int at = 0; next_rule(a->screening, at, &r) && told < room; at = r.next) {
        if (!is_reason(&r, w)) continue;
        told++;
        cit_page_bullet(page, "-",
                        cit_text_fill(line, sizeof line, T("home_page.reason"), "text",
                                      rule_patient(a, r.rule), "rule", r.rule->id, NULL));
    }
    return told;
}

static void put_unknown(cit_page *page, const cit_advice *a) {
    char line[LINE];
    int number = 0;
    char text[16];
    rule_findings r;
    for (int at = 0; next_rule(a->screening, at, &r); at = r.next)
        number += !rule_holds(&r, CIT_HOME) && rule_verdict(&r, CIT_HOME) == CIT_ASK_FIRST;
    if (number == 0) return;
    snprintf(text, sizeof text, "%d", number);
    cit_page_bullet(page, "?",
                    cit_text_fill(line, sizeof line,
                                  T(number == 1 ? "home_page.unknown_one" : "home_page.unknown"),
                                  "number", text, NULL));
}

/* First what no doctor may set aside either, then what lasts, what passes, what a doctor may allow. */
static void put_why_not(cit_page *page, const cit_advice *a) {
    static const weight order[] = {{CIT_REFUSE, CIT_BY_NOBODY},
                                   {CIT_REFUSE_UNTIL, CIT_BY_NOBODY},
                                   {CIT_REFUSE_UNTIL, CIT_BY_PHYSICIAN},
                                   {CIT_REFUSE, CIT_BY_PHYSICIAN},
                                   {CIT_ASK, 0}};
    enum { WEIGHTS = sizeof order / sizeof *order };
    char line[LINE], number[16];
    /* The signs after needling need the room; and "one more" is as long as the one. */
    int room = a->brief ? 3 : a->needled == CIT_UNKNOWN_INT ? REASONS_MAX : REASONS_MAX - 2;
    int all = 0;
    for (int i = 0; i < WEIGHTS; i++) all += count_reasons(a, &order[i]);
    if (all == room + 1) room = all;
    const int left = all - room;
    for (int i = 0; i < WEIGHTS; i++) room -= put_reasons(page, a, &order[i], room);
    put_unknown(page, a);
    snprintf(number, sizeof number, "%d", left);
    if (left > 0)
        cit_page_bullet(
            page, "-",
            cit_text_fill(line, sizeof line, T("home_page.more_reasons"), "number", number, NULL));
}

static void put_why(cit_page *page, const cit_advice *a, cit_clearance v) {
    char line[LINE];
    cit_page_heading(page, T(v == CIT_CLEARED ? "home_page.why_yes" : "home_page.why"));
    if (v != CIT_CLEARED) {
        put_why_not(page, a);
        return;
    }
    cit_page_paragraph(page, cit_text_fill(line, sizeof line, T("home_page.no_proof"), "length",
                                           limit_of(a, "home-length"), NULL));
    put_reasons(page, a, &(weight){CIT_CAUTION, 0}, REASONS_MAX);
}

/* ---- dates ---------------------------------------------------------------------------------------- */

/* What must have happened before any refusal that passes, as a list; false where one does not pass. */
static bool until_words(const cit_advice *a, char line[LINE]) {
    rule_findings r;
    line[0] = 0;
    for (int at = 0; next_rule(a->screening, at, &r); at = r.next) {
        const size_t used = strlen(line);
        if (rule_verdict(&r, CIT_HOME) != CIT_FORBIDDEN) continue;
        if (r.rule->severity[CIT_HOME - 1] != CIT_REFUSE_UNTIL) return false;
        snprintf(line + used, LINE - used, "%s%s", used ? "; " : "",
                 cit_text_of(a->catalogue, "rule", r.rule->id, "until", r.rule->until));
    }
    return true;
}

/* Not before a reason to wait has passed, nor before an interval after the last needling. */
static void put_next(cit_page *page, const cit_advice *a, cit_clearance v) {
    char line[LINE], until[LINE], date[40];
    const bool needled = a->needled != CIT_UNKNOWN_INT;
    const int rested = needled ? a->needled + interval_day(a) : a->day;
    const int after = rested > a->day ? rested : a->day;
    const int earliest = cit_screening_earliest(a->screening, -1, CIT_HOME);
    const bool dated = earliest != CIT_UNKNOWN_INT;
    const char *key = "home_page.next_date";
    cit_date_format(v == CIT_CLEARED            ? a->day + interval_day(a)
                    : dated && earliest > after ? earliest
                                                : after,
                    date);
    if (v == CIT_FORBIDDEN)
        key = !until_words(a, until) ? "home_page.next_never"
              : dated                ? "home_page.next_ask_again"
              : after > a->day       ? "home_page.next_until"
                                     : "home_page.next_until_only";
    if (v == CIT_ASK_FIRST)
        key = after > a->day ? "home_page.next_after_asking" : "home_page.next_when_asked";
    cit_page_heading(page, T(v == CIT_CLEARED ? "home_page.next_time" : "home_page.next"));
    cit_page_paragraph(page, cit_text_fill(line, sizeof line, T(key), "date", date, "interval",
                                           limit_of(a, "home-interval"), "until", until, NULL));
}

/* ---- care and rules for those cleared --------------------------------------------------------------- */

static void put_care(cit_page *page, const cit_advice *a, int phase, const char *heading) {
    char line[LINE];
    bool any = false;
    for (int i = 0; i < a->catalogue->care_count; i++) {
        const cit_care *c = &a->catalogue->care[i];
        if (c->phase != phase || !care_applies(a, c, CIT_HOME)) continue;
        if (!any) cit_page_heading(page, heading);
        any = true;
        cit_page_bullet(
            page, "-",
            cit_text_fill(line, sizeof line, T("home_page.care"), "text",
                          cit_text_of(a->catalogue, "care", c->id, "patient", c->patient), "care",
                          c->id, NULL));
    }
}

/* Titles alone, where the sheet has more urgent things to say. */
static void put_care_titles(cit_page *page, const cit_advice *a, int phase, const char *heading) {
    char line[LINE] = "";
    for (int i = 0; i < a->catalogue->care_count; i++) {
        const cit_care *c = &a->catalogue->care[i];
        const size_t used = strlen(line);
        if (c->phase != phase || !care_applies(a, c, CIT_HOME)) continue;
        snprintf(line + used, sizeof line - used, "%s%s [%s]", used ? "; " : "",
                 cit_text_of(a->catalogue, "care", c->id, "title", c->title), c->id);
    }
    if (line[0] == 0) return;
    if (heading != NULL) cit_page_heading(page, heading);
    cit_page_paragraph(page, line);
}

static void put_limits(cit_page *page, const cit_advice *a) {
    char key[40], line[LINE], days[16];
    const cit_care *acids = cit_catalogue_care(a->catalogue, "acids-restart");
    snprintf(days, sizeof days, "?");
    if (acids != NULL) snprintf(days, sizeof days, "%.0f", acids->to_day);
    cit_page_heading(page, T("home_page.limits"));
    for (int i = 1; i <= 8; i++) {
        snprintf(key, sizeof key, "home_page.limit_%d", i);
        const char *text = cit_text_or_null(a->catalogue, key);
        if (text == NULL) break;
        cit_page_bullet(page, "-",
                        cit_text_fill(line, sizeof line, text, "length", limit_of(a, "home-length"),
                                      "interval", limit_of(a, "home-interval"), "days", days,
                                      NULL));
    }
}

static void put_booking(cit_page *page, const cit_advice *a) {
    char key[40];
    cit_page_heading(page, T("home_page.booking"));
    for (int i = 1; i <= 8; i++) {
        snprintf(key, sizeof key, "home_page.booking_%d", i);
        const char *text = cit_text_or_null(a->catalogue, key);
        if (text == NULL) break;
        cit_page_bullet(page, "[ ]", text);
    }
}

cit_page *cit_page_of_home(const cit_advice *a) {
    const cit_clearance v = cit_screening_verdict(a->screening, -1, CIT_HOME);
    char line[LINE], date[16];
    cit_date_format(a->day, date);
    cit_page *page =
        cit_page_new(T("home_page.title"),
                     cit_text_fill(line, sizeof line, T("home_page.subtitle"), "date", date, NULL));
    put_needled(page, a, v);
    put_answer(page, a, v);
    put_why(page, a, v);
    put_next(page, a, v);
    if (v == CIT_CLEARED) put_limits(page, a);
    if (v == CIT_CLEARED) {
        if (!a->brief || a->needled == CIT_UNKNOWN_INT) {
            put_care_titles(page, a, CIT_THE_DAY, T("home_page.after_care"));
            put_care_titles(page, a, CIT_AFTER, NULL);
        }
    }
    if (v == CIT_CLEARED) put_care(page, a, CIT_CLEANING, T("home_page.clean"));
    if (a->needled == CIT_UNKNOWN_INT && !a->brief)
        put_care(page, a, CIT_INSTEAD, T("home_page.instead"));
    else
        put_care_titles(page, a, CIT_INSTEAD, T("home_page.instead"));
    put_booking(page, a);
    if (a->needled == CIT_UNKNOWN_INT) put_flags_ahead(page, a);
    cit_page_note(page, T("home_page.foot"));
    return page;
}
