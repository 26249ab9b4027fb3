/* Care before and after a visit, by day. */
#include "report_impl.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* "day 1 to 7" or, where the visit has a date, "2026-12-02 to 2026-12-08". */
static void put_days(const cit_advice *a, const cit_care *c, char line[80]) {
    char from[16], to[16];
    if (a->day == CIT_UNKNOWN_INT) {
        snprintf(from, sizeof from, "%+.0f", c->from_day);
        snprintf(to, sizeof to, "%+.0f", c->to_day);
    } else {
        cit_date_format(a->day + (int)lround(c->from_day), from);
        cit_date_format(a->day + (int)lround(c->to_day), to);
    }
    const char *key = a->day == CIT_UNKNOWN_INT ? "care.days" : "care.dates";
    const char *key_one = a->day == CIT_UNKNOWN_INT ? "care.day" : "care.date";
    cit_text_fill(line, 80, T(strcmp(from, to) == 0 ? key_one : key), "from", from, "to", to, NULL);
}

/* Without its sources a line names the entry that has them. */
static const char *line_key(const cit_advice *a, bool dated) {
    static const char *const keys[2][2] = {{"care.line", "care.line_days"},
                                           {"care.short", "care.short_days"}};
    return keys[a->plain][dated];
}

/* Entries of a phase, the earliest first. */
static int in_order(const cit_advice *a, int phase, const cit_care *ret[200]) {
    int n = 0;
    for (int i = 0; i < a->catalogue->care_count && n < 200; i++) {
        const cit_care *c = &a->catalogue->care[i];
        if (c->phase != phase || !care_applies(a, c, a->who)) continue;
        int k = n++;
        for (; k > 0 && cit_known(c->from_day) && ret[k - 1]->from_day > c->from_day; k--)
            ret[k] = ret[k - 1];
        ret[k] = c;
    }
    return n;
}

static void put_phase(cit_page *page, const cit_advice *a, int phase, const char *heading) {
    const cit_care *entries[200];
    const int n = in_order(a, phase, entries);
    for (int i = 0; i < n; i++) {
        const cit_care *c = entries[i];
        char line[LINE], days[80] = "";
        if (i == 0) cit_page_heading(page, heading);
        if (cit_known(c->from_day)) put_days(a, c, days);
        cit_page_bullet(
            page, "-",
            cit_text_fill(line, sizeof line, T(line_key(a, days[0] != 0)), "days", days, "title",
                          cit_text_of(a->catalogue, "care", c->id, "title", c->title), "text",
                          cit_text_of(a->catalogue, "care", c->id, "patient", c->patient), "care",
                          c->id, NULL));
        if (!a->plain) page_grounds(page, a, &c->grounds);
    }
}

cit_page *cit_page_of_care(const cit_advice *a) {
    char line[LINE], date[40];
    date_or(a, a->day, date);
    cit_page *page =
        cit_page_new(T("care.title"), cit_text_fill(line, sizeof line, T("care.subtitle"), "who",
                                                    who_words(a, a->who), "date", date, NULL));
    if (a->screening != NULL && cit_screening_verdict(a->screening, -1, a->who) == CIT_FORBIDDEN)
        cit_page_verdict(page, CIT_PAGE_BAD,
                         cit_text_fill(line, sizeof line, T("screen.verdict_refused"), "who",
                                       who_words(a, a->who), NULL));
    put_phase(page, a, CIT_BEFORE, T("care.before"));
    put_phase(page, a, CIT_THE_DAY, T("care.the_day"));
    put_phase(page, a, CIT_AFTER, T("care.after"));
    if (a->who == CIT_HOME || a->who == 0) put_phase(page, a, CIT_CLEANING, T("care.clean"));
    cit_page_note(page, T(a->plain ? "care.foot_short" : "care.foot"));
    return page;
}
