/* How far a serum gets, on a page: the warning first, the numbers, what they stand on, the advice. */
#include "report_impl.h"
#include <math.h>
#include <string.h>

/* Beyond these an amount is nothing, and a multiple of almost nothing says no more than that. */
static const double least = 1e-6, most = 10000;

/* Two digits that say something, and no exponent where a person would write none. */
static const char *amount(double v, char text[24]) {
    if (!isfinite(v))
        snprintf(text, 24, "-");
    else if (v == 0)
        snprintf(text, 24, "0");
    else if (v < least)
        snprintf(text, 24, "< %.0e", least);
    else if (v < 1e-3)
        snprintf(text, 24, "%.0e", v);
    else if (v >= most)
        snprintf(text, 24, "> %.0f", most);
    else if (v < 9.95)
        snprintf(text, 24, "%.2g", v);
    else {
        const double step = pow(10, floor(log10(v)) - 1);
        snprintf(text, 24, "%.0f", round(v / step) * step);
    }
    return text;
}

static const char *band_words(const cit_serum_band *b, double factor, const char *unit,
                              char text[90]) {
    char median[24], low[24], high[24];
    if (!cit_known(b->median)) {
        snprintf(text, 90, "-");
        return text;
    }
    if (factor * b->low >= most || factor * b->high < least) {
        snprintf(text, 90, "%s%s", amount(factor * b->median, median), unit);
        return text;
    }
    snprintf(text, 90, "%s%s (%s to %s)", amount(factor * b->median, median), unit,
             amount(factor * b->low, low), amount(factor * b->high, high));
    return text;
}

static const char *time_words(double day, char text[40]) {
    const double hours = 24 * day;
    if (hours < 1 && hours > 0)
        snprintf(text, 40, "%.3g min", 60 * hours);
    else if (hours <= 72)
        snprintf(text, 40, "%.3g h", hours);
    else
        snprintf(text, 40, "%.3g days", day);
    return text;
}

static const char *dose_words(const cit_serum_question *q, char text[40]) {
    if (isinf(q->dose_mm))
        snprintf(text, 40, "more than is used up");
    else
        snprintf(text, 40, "%.3g uL/cm2", 100 * q->dose_mm);
    return text;
}

static double concentration_of(const cit_serum_question *q) {
    return cit_known(q->concentration) ? q->concentration : q->solute->concentration;
}

static void put_question(cit_page *page, const cit_serum_report *r) {
    const cit_serum_answer *a = r->answer;
    const cit_serum_question *q = &a->question;
    char line[700], dose[40], watch[40], merged[60] = "";
    const double apart = 100 * a->middle.channels.density;
    if (apart < 0.95 * a->channels_per_cm2)
        snprintf(merged, sizeof merged, " (as %.0f, since channels merge)", apart);
    snprintf(line, sizeof line,
             "%s, %g mm, %g passes: %.0f punctures per cm2%s, reaching %.2g mm. %s, skin type %s. "
             "Film: %s "
             "of %.3g mg/mL, %s; followed for %s from being put on.",
             q->device->name, q->length_mm, q->passes, a->channels_per_cm2, merged,
             a->middle.channels.reach.mean_mm, q->site->name,
             q->skin_type == 0 ? "not told" : cit_choice_name(cit_skin_type_choices, q->skin_type),
             dose_words(q, dose), concentration_of(q), q->occluded ? "covered" : "uncovered",
             time_words(q->watch_day, watch));
    cit_page_paragraph(page, line);
}

/* The words of the first rule about it and the names of the others come before any number. */
static void put_rules(cit_page *page, const cit_serum_report *r) {
    const cit_solute *s = r->answer->question.solute;
    char line[900];
    cit_page_verdict(page, CIT_PAGE_BAD,
                     "How much gets in says nothing about whether it should. These numbers endorse "
                     "no product.");
    for (int i = 0; i < s->rule_count; i++) {
        const cit_rule *rule = cit_catalogue_rule(r->catalogue, s->rules[i]);
        if (rule == NULL) continue;
        snprintf(line, sizeof line, "%s (rule %s: home %s, aesthetician %s, physician %s)",
                 i == 0 ? cit_text_of(r->catalogue, "rule", rule->id, "patient", rule->patient)
                        : cit_text_of(r->catalogue, "rule", rule->id, "title", rule->title),
                 rule->id, cit_choice_name(cit_severity_choices, rule->severity[0]),
                 cit_choice_name(cit_severity_choices, rule->severity[1]),
                 cit_choice_name(cit_severity_choices, rule->severity[2]));
        cit_page_bullet(page, "!", line);
    }
}

static void put_table(cit_page *page, const cit_serum_report *r) {
    static const double shares[] = {13, 8, 24, 24, 8, 21};
    static const char *const headings[] = {
        "put on", "open", "into skin, ug/cm2", "into dermis, ug/cm2", "dose", "times intact"};
    const cit_serum_answer *a = r->answer;
    char when[40], after[60], open[24], living[90], dermis[90], share[90], times[90];
    cit_page_table(page, 6, shares, headings);
    for (int i = 0; i < a->question.after_count; i++) {
        const cit_serum_moment *m = &a->moments[i];
        snprintf(after, sizeof after, "%s",
                 m->after_day > 0 ? time_words(m->after_day, when) : "at once");
        snprintf(open, sizeof open, m->open < 0.001 ? "< 0.1 %%" : "%.3g %%", 100 * m->open);
        const cit_serum_band share_median = {m->share.median, m->share.low, m->share.high};
        char percent[24];
        snprintf(share, sizeof share, "%s%s", amount(100 * share_median.median, percent),
                 cit_known(share_median.median) ? " %" : "");
        const char *const cells[] = {after,
                                     open,
                                     band_words(&m->delivered, 1, "", living),
                                     band_words(&m->dermis, 1, "", dermis),
                                     share,
                                     band_words(&m->times, 1, "", times)};
        cit_page_row(page, 6, cells);
    }
    const char *const cells[] = {
        "not needled", "-", band_words(&a->intact, 1, "", living), "", "", "1"};
    cit_page_row(page, 6, cells);
    char line[300];
    snprintf(line, sizeof line,
             "Open: channels. Skin: living epidermis and dermis, there or passed on. Medians of %d "
             "draws "
             "over the ranges below, and what nine tenths of them lie between; seed %llu.",
             a->question.draws, (unsigned long long)a->question.seed);
    cit_page_note(page, line);
}

/* Where it is at the end, at the middle values. */
static void put_whereabouts(cit_page *page, const cit_serum_report *r) {
    const cit_serum_answer *a = r->answer;
    const cit_serum_ledger *l = &a->moments[0].course[CIT_SERUM_TIMES - 1];
    char line[500], watch[40];
    if (!(l->applied > 0)) return;
    const double percent = 100 / l->applied;
    snprintf(
        line, sizeof line,
        "Of the first one, after %s, at the middle values: film %.3g %%, horny layer %.3g %%, "
        "channels %.2g %%, epidermis %.2g %%, dermis %.2g %%, taken by blood and lymph %.3g %%%s.",
        time_words(l->day, watch), percent * l->film, percent * l->horny, percent * l->channels,
        percent * l->epidermis, percent * (l->dermis + l->bound), percent * l->cleared,
        isinf(a->question.dose_mm) ? " of what left the film" : "");
    cit_page_paragraph(page, line);
}

/* By how much the last delay lowers it, the care text, and where the harm is. */
static void put_advice(cit_page *page, const cit_serum_report *r) {
    const cit_serum_answer *a = r->answer;
    const cit_care *care = cit_catalogue_care(r->catalogue, "nothing-unlabelled-day");
    const int last = a->question.after_count - 1;
    const cit_serum_moment *m = &a->moments[last];
    char line[900], when[40], band[90];
    cit_page_heading(page, "Why wait");
    if (last > 0 && cit_known(m->of_now.median)) {
        char first[40];
        const double from = a->moments[0].after_day;
        snprintf(
            line, sizeof line,
            "Put on %s after needling, %s of that gets in which %s%s. Waiting costs a cosmetic "
            "nothing that it was made for; channels take in what nobody has tested in dermis.",
            time_words(m->after_day, when), band_words(&m->of_now, 100, " %", band),
            from > 0 ? "would after " : "would at once", from > 0 ? time_words(from, first) : "");
        cit_page_paragraph(page, line);
    }
    if (care != NULL) {
        snprintf(line, sizeof line, "%s (care %s)",
                 cit_text_of(r->catalogue, "care", care->id, "patient", care->patient), care->id);
        cit_page_bullet(page, "-", line);
    }
}

static void put_closure(cit_page *page, const cit_serum_report *r) {
    const cit_serum_answer *a = r->answer;
    const cit_closure *c = a->question.closure;
    char line[900], low[40], middle[40], high[40], one[120];
    snprintf(
        line, sizeof line,
        "Closed as told by %s (%s; definition %s): half of the cross-section in %s (%s to %s)%s. "
        "%s. Others say: ",
        c->measured_by, c->species, c->id, time_words(c->half_life_day[CIT_MIDDLE], middle),
        time_words(c->half_life_day[CIT_LOW], low), time_words(c->half_life_day[CIT_HIGH], high),
        a->question.skin_type > 0 ? ", then by skin type" : "", a->numbers[0].source);
    const char *separator = "";
    for (int i = 0; i < r->catalogue->closure_count; i++) {
        const cit_closure *other = &r->catalogue->closures[i];
        if (other == c) continue;
        snprintf(one, sizeof one, "%s%s %s", separator, other->id,
                 time_words(other->half_life_day[CIT_MIDDLE], middle));
        const size_t used = strlen(line);
        snprintf(line + used, sizeof line - used, "%s", one);
        separator = ", ";
    }
    cit_page_paragraph(page, line);
}

static void put_assumed(cit_page *page, const cit_serum_report *r) {
    const cit_serum_answer *a = r->answer;
    char line[3000] = "";
    int assumed = 0;
    for (int i = 0; i < a->number_count; i++) {
        const cit_serum_number *n = &a->numbers[i];
        if (!n->assumed) continue;
        const size_t used = strlen(line);
        snprintf(line + used, sizeof line - used, "%s%s %.3g", assumed++ ? "; " : "", n->name,
                 n->value);
        const size_t so_far = strlen(line);
        if (n->low < n->high)
            snprintf(line + so_far, sizeof line - so_far, " (%.2g to %.2g)", n->low, n->high);
        const size_t end = strlen(line);
        if (strcmp(n->unit, "1") != 0) snprintf(line + end, sizeof line - end, " %s", n->unit);
    }
    char whole[3200];
    snprintf(whole, sizeof whole, "Assumed, %d of %d numbers: %s.", assumed, a->number_count, line);
    cit_page_note(page, whole);
    snprintf(whole, sizeof whole,
             "Missing from the ledger: %.0e of the dose. Model, sources and limits: "
             "docs/models/serum.md; every number with its source: --json.",
             a->missing);
    cit_page_note(page, whole);
}

cit_page *cit_page_of_serum(const cit_serum_report *r) {
    char title[200];
    snprintf(title, sizeof title, "How far it gets: %.*s on needled skin",
             cit_text_whole(r->answer->question.solute->name, 120),
             r->answer->question.solute->name);
    cit_page *page = cit_page_new(title, NULL);
    if (page == NULL) return NULL;
    put_question(page, r);
    put_rules(page, r);
    put_table(page, r);
    put_whereabouts(page, r);
    put_advice(page, r);
    cit_page_heading(page, "What this stands on");
    put_closure(page, r);
    put_assumed(page, r);
    return page;
}
