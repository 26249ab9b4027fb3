/* The ten usual questions, answered from this person's forecast, the rules, the harms and the claims. */
#include "report_impl.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CLAIMS_SHOWN = 3 };

static void number(double v, char line[24]) {
    if (v > 0 && v < 0.1)
        snprintf(line, 24, "<0.1");
    else
        snprintf(line, 24, "%.2g", v);
}

static void say_band(cit_page *page, const cit_advice *a, const char *key, const cit_band *b,
                     const char *extra) {
    char line[LINE], median[24], low[24], high[24];
    if (b == NULL || !cit_known(b->median)) return;
    number(b->median, median);
    number(b->lo90, low);
    number(b->hi90, high);
    cit_page_paragraph(page, cit_text_fill(line, sizeof line, T(key), "median", median, "low", low,
                                           "high", high, "extra", extra, NULL));
}

/* ---- from this person's forecast ------------------------------------------------------------------ */

static void say_pain(cit_page *page, const cit_advice *a) {
    const cit_forecast *f = a->forecast;
    if (f == NULL || f->visit_count == 0) return;
    say_band(page, a, "answers.pain", &f->visits[0].pain, "");
}

static void say_safety(cit_page *page, const cit_advice *a) {
    static const char *const keys[] = {"answers.safety_cleared", "answers.safety_ask",
                                       "answers.safety_refused"};
    char line[LINE];
    const cit_clearance v = cit_screening_verdict(a->screening, -1, a->who);
    cit_page_paragraph(
        page, cit_text_fill(line, sizeof line, T(keys[v - 1]), "who", who_words(a, a->who), NULL));
}

static void say_visits(cit_page *page, const cit_advice *a) {
    const cit_forecast *f = a->forecast;
    char line[LINE], visits[24], one[24], two[24];
    if (f == NULL) return;
    snprintf(visits, sizeof visits, "%d", f->visit_count);
    number(100 * f->odds_one_grade, one);
    number(100 * f->odds_two_grades, two);
    cit_page_paragraph(page, cit_text_fill(line, sizeof line, T("answers.visits"), "visits", visits,
                                           "one", one, "two", two, NULL));
}

/* The first week in which the median has half of what the summary week has. */
static void say_when(cit_page *page, const cit_advice *a) {
    const cit_forecast *f = a->forecast;
    char line[LINE], half[24], full[24];
    if (f == NULL) return;
    const double whole = cit_forecast_band(f, CIT_Q_DEPTH_ALL, f->summary_week)->median;
    int week = 0;
    while (week < f->summary_week &&
           cit_forecast_band(f, CIT_Q_DEPTH_ALL, week)->median < whole / 2)
        week++;
    if (!(whole > 0)) return;
    snprintf(half, sizeof half, "%d", week);
    snprintf(full, sizeof full, "%d", f->summary_week);
    cit_page_paragraph(page, cit_text_fill(line, sizeof line, T("answers.when"), "half", half,
                                           "full", full, NULL));
}

static void say_durability(cit_page *page, const cit_advice *a) {
    const cit_forecast *f = a->forecast;
    char line[LINE], weeks[24];
    if (f == NULL) return;
    snprintf(weeks, sizeof weeks, "%d", f->measured_until_week);
    cit_page_paragraph(
        page, cit_text_fill(line, sizeof line, T("answers.durability"), "weeks", weeks, NULL));
}

static void say_downtime(cit_page *page, const cit_advice *a) {
    const cit_forecast *f = a->forecast;
    if (f == NULL || f->visit_count == 0) return;
    say_band(page, a, "answers.downtime", &f->visits[0].red_days, "");
}

/* The series in which a harm was seen most often; where none saw it, the one that excludes the most. */
static const cit_harm_count *telling_count(const cit_harm *h) {
    const cit_harm_count *best = NULL;
    for (int i = 0; i < h->count_count; i++) {
        const cit_harm_count *c = &h->counts[i];
        if (best == NULL) best = c;
        const double share = (double)c->events / c->people;
        const double best_share = (double)best->events / best->people;
        if (share > best_share || (c->events == 0 && best->events == 0 && c->people > best->people))
            best = c;
    }
    return best;
}

static void say_harm(cit_page *page, const cit_advice *a, const cit_harm *h) {
    char line[LINE], events[24], people[24], low[24], high[24], series[24];
    const cit_harm_count *c = telling_count(h);
    const char *title = cit_text_of(a->catalogue, "harm", h->id, "title", h->name);
    double lo = 0, hi = 0;
    if (c == NULL || !cit_exact_interval(c->events, c->people, 0.95, &lo, &hi)) {
        cit_page_bullet(
            page, "-",
            cit_text_fill(line, sizeof line, T("answers.harm_no_rate"), "harm", title, NULL));
        return;
    }
    snprintf(events, sizeof events, "%d", c->events);
    snprintf(people, sizeof people, "%d", c->people);
    snprintf(series, sizeof series, "%d", h->count_count);
    number(100 * lo, low);
    number(100 * hi, high);
    cit_page_bullet(page, "-",
                    cit_text_fill(line, sizeof line,
                                  T(c->events == 0 ? "answers.harm_none" : "answers.harm"), "harm",
                                  title, "events", events, "people", people, "low", low, "high",
                                  high, "series", series, "types",
                                  c->skin_types ? c->skin_types : T("answers.types_unknown"),
                                  "source", c->citation, NULL));
}

static void say_side_effects(cit_page *page, const cit_advice *a) {
    const cit_forecast *f = a->forecast;
    if (f != NULL)
        say_band(page, a, "answers.dark_marks",
                 cit_forecast_band(f, CIT_Q_PIGMENT_RISK, f->summary_week), "");
    for (int i = 0; i < a->catalogue->harm_count; i++) say_harm(page, a, &a->catalogue->harms[i]);
}

static void say_combine(cit_page *page, const cit_advice *a) {
    cit_page_paragraph(page, T("answers.combine"));
}

/* Grade 0 or 1 at the summary week would be clear; the band says how far that is. */
static void say_cleared(cit_page *page, const cit_advice *a) {
    const cit_forecast *f = a->forecast;
    if (f == NULL) return;
    say_band(page, a, "answers.depth_left", cit_forecast_band(f, CIT_Q_DEPTH_ALL, f->summary_week),
             "");
    say_band(page, a, "answers.grade_left", cit_forecast_band(f, CIT_Q_GRADE, f->summary_week), "");
}

static void say_home_or_clinic(cit_page *page, const cit_advice *a) {
    static const char *const keys[] = {"answers.home_cleared", "answers.home_ask",
                                       "answers.home_refused"};
    cit_page_paragraph(page, T(keys[cit_screening_verdict(a->screening, -1, CIT_HOME) - 1]));
}

static void (*const say[CIT_QUESTIONS])(cit_page *, const cit_advice *) = {
    say_pain,     say_safety,       say_visits,  say_when,    say_durability,
    say_downtime, say_side_effects, say_combine, say_cleared, say_home_or_clinic};

/* ---- from the claims -------------------------------------------------------------------------------- */

static int bits(unsigned set) {
    int n = 0;
    for (; set != 0; set &= set - 1) n++;
    return n;
}

static void put_claim(cit_page *page, const cit_advice *a, const cit_claim *c) {
    char line[LINE], claim[400];
    snprintf(claim, sizeof claim, "%s",
             cit_text_of(a->catalogue, "claim", c->id, "claim", c->claim));
    const size_t length = strlen(claim);
    if (length > 0 && claim[length - 1] == '.') claim[length - 1] = 0;
    cit_page_bullet(page, "-",
                    cit_text_fill(line, sizeof line, T("answers.claim"), "claim", claim, "verdict",
                                  cit_choice_name(cit_claim_verdict_choices, c->verdict), "text",
                                  cit_text_of(a->catalogue, "claim", c->id, "patient", c->patient),
                                  "source", c->grounds.source, "grade",
                                  cit_choice_name(cit_evidence_grade_choices, c->grounds.grade),
                                  NULL));
}

/* The claims that lead a question, then those about it and little else, the better graded first. */
static void put_claims(cit_page *page, const cit_advice *a, int question) {
    int shown = 0;
    for (int i = 0; i < a->catalogue->claim_count; i++)
        if (a->catalogue->claims[i].leads == question + 1) {
            put_claim(page, a, &a->catalogue->claims[i]);
            shown++;
        }
    for (int about = 1; about <= CIT_QUESTIONS; about++)
        for (int grade = CIT_GRADE_A; grade <= CIT_GRADE_ASSUMED; grade++)
            for (int i = 0; i < a->catalogue->claim_count && shown < CLAIMS_SHOWN; i++) {
                const cit_claim *c = &a->catalogue->claims[i];
                if (!(c->answers & (1u << question)) || bits(c->answers) != about ||
                    c->grounds.grade != grade || c->leads == question + 1)
                    continue;
                put_claim(page, a, c);
                shown++;
            }
}

cit_page *cit_page_of_answers(const cit_advice *a) {
    char key[60];
    cit_page *page = cit_page_new(T("answers.title"), a->forecast   ? T("answers.subtitle")
                                                      : a->protocol ? T("answers.refused_forecast")
                                                                    : T("answers.no_forecast"));
    page_overrides(page, a);
    for (int i = 0; i < CIT_QUESTIONS; i++) {
        snprintf(key, sizeof key, "answers.ask_%s", cit_usual_question_choices[i]);
        cit_page_heading(page, T(key));
        say[i](page, a);
        put_claims(page, a, i);
    }
    cit_page_note(page, T("answers.foot"));
    return page;
}
