/* Rules, claims, harms, care and the rest of the guidance, as lists and one by one. */
#include "report_impl.h"
#include <stdio.h>
#include <string.h>

typedef struct kind {
    const char *name, *section; /* of its texts; NULL: among those of the entries */
    size_t items, count, size, id;
    void (*row)(cit_page *page, const cit_advice *a, const void *entry);
    void (*one)(cit_page *page, const cit_advice *a, const void *entry);
    int columns;
    const double *shares;
    const char *const *headings; /* keys of texts */
} kind;

static void row(cit_page *page, const char *a, const char *b, const char *c, const char *d) {
    const char *const cells[] = {a, b, c, d};
    cit_page_row(page, d != NULL ? 4 : 3, cells);
}

static void condition_text(const cit_term *terms, int count, const char *and, char line[LINE]) {
    for (int i = 0; i < count; i++) {
        const cit_term *t = &terms[i];
        size_t used = strlen(line);
        used += (size_t)snprintf(line + used, LINE - used, "%s%s%s", used ? and : "", t->fact,
                                 t->under   ? " under "
                                 : t->above ? " above "
                                            : " ");
        if (used >= LINE) return;
        if (t->is_count == 0)
            snprintf(line + used, LINE - used, "%s", t->under ? t->under : t->above);
        for (int j = 0; j < t->is_count && used < LINE; j++)
            used += (size_t)snprintf(line + used, LINE - used, "%s%s", j ? "/" : "", t->is[j]);
    }
}

static void put_pair(cit_page *page, const cit_advice *a, const char *key, const char *text) {
    char line[LINE];
    if (text != NULL && *text != 0)
        cit_page_paragraph(page, cit_text_fill(line, sizeof line, T(key), "text", text, NULL));
}

/* ---- rules ------------------------------------------------------------------------------------ */

static void rule_row(cit_page *page, const cit_advice *a, const void *entry) {
    const cit_rule *r = entry;
    char who[120] = "";
    for (int i = 0; i < CIT_USERS; i++) {
        static const char *const letters[] = {"H", "A", "P"};
        static const char *const marks[] = {"-", "c", "?", "u", "X"};
        const size_t used = strlen(who);
        snprintf(who + used, sizeof who - used, "%s%s%s", i ? " " : "", letters[i],
                 marks[r->severity[i]]);
    }
    row(page, r->id, rule_title(a, r), who,
        cit_choice_name(cit_evidence_grade_choices, r->grounds.grade));
}

static void rule_one(cit_page *page, const cit_advice *a, const void *entry) {
    const cit_rule *r = entry;
    char line[LINE] = "", severity[LINE] = "";
    for (int i = 0; i < CIT_USERS; i++) {
        if (r->severity[i] == CIT_NOT_BOUND) continue;
        const size_t used = strlen(severity);
        snprintf(severity + used, LINE - used, "%s%s: %s", used ? "; " : "", who_words(a, i + 1),
                 cit_choice_name(cit_severity_choices, r->severity[i]));
    }
    condition_text(r->when.all, r->when.all_count, " and ", line);
    if (r->when.any_count > 0) {
        char any[LINE] = "";
        condition_text(r->when.any, r->when.any_count, " or ", any);
        const size_t used = strlen(line);
        snprintf(line + used, LINE - used, "%s(%s)", used ? " and " : "", any);
    }
    cit_page_verdict(page, CIT_PAGE_ASK, severity);
    put_pair(page, a, "entries.when", line);
    put_pair(page, a, "entries.patient", rule_patient(a, r));
    put_pair(page, a, "entries.clinician", rule_clinician(a, r));
    put_pair(page, a, "entries.until", r->until);
    cit_page_paragraph(page, T(r->override == CIT_BY_PHYSICIAN ? "entries.override_physician"
                                                               : "entries.override_nobody"));
    page_grounds(page, a, &r->grounds);
}

/* ---- claims ------------------------------------------------------------------------------------ */

static void claim_row(cit_page *page, const cit_advice *a, const void *entry) {
    const cit_claim *c = entry;
    row(page, c->id, cit_text_of(a->catalogue, "claim", c->id, "claim", c->claim),
        cit_choice_name(cit_claim_verdict_choices, c->verdict),
        cit_choice_name(cit_evidence_grade_choices, c->grounds.grade));
}

static void claim_one(cit_page *page, const cit_advice *a, const void *entry) {
    const cit_claim *c = entry;
    cit_page_verdict(page,
                     c->verdict == CIT_SUPPORTED      ? CIT_PAGE_GOOD
                     : c->verdict == CIT_CONTRADICTED ? CIT_PAGE_BAD
                                                      : CIT_PAGE_ASK,
                     cit_choice_name(cit_claim_verdict_choices, c->verdict));
    put_pair(page, a, "entries.claim", c->claim);
    put_pair(page, a, "entries.who_says", c->who);
    put_pair(page, a, "entries.says", c->says);
    put_pair(page, a, "entries.patient", c->patient);
    put_pair(page, a, "entries.row", c->row);
    for (int i = 0; i < c->study_count; i++)
        cit_page_note(page, cit_catalogue_study(a->catalogue, c->studies[i])->citation);
    page_grounds(page, a, &c->grounds);
}

/* ---- harms -------------------------------------------------------------------------------------- */

/* "0 of 31; up to 11 % not excluded", or "5 of 30: 17 % (5.6 to 35 %)". */
static void put_rate(const cit_advice *a, int events, int people, char line[LINE]) {
    double lo = 0, hi = 0;
    char n[16], of[16], share[24], low[24], high[24];
    if (!cit_exact_interval(events, people, 0.95, &lo, &hi)) lo = hi = CIT_UNKNOWN_NUMBER;
    snprintf(n, sizeof n, "%d", events);
    snprintf(of, sizeof of, "%d", people);
    snprintf(share, sizeof share, "%.2g", 100.0 * events / people);
    snprintf(low, sizeof low, "%.2g", 100 * lo);
    snprintf(high, sizeof high, "%.2g", 100 * hi);
    cit_text_fill(line, LINE, T(events == 0 ? "entries.none_seen" : "entries.seen"), "events", n,
                  "people", of, "share", share, "low", low, "high", high, NULL);
}

static void harm_row(cit_page *page, const cit_advice *a, const void *entry) {
    const cit_harm *h = entry;
    char counts[16], range[LINE] = "";
    double lowest = 1, highest = 0;
    for (int i = 0; i < h->count_count; i++) {
        const double share = (double)h->counts[i].events / h->counts[i].people;
        if (share < lowest) lowest = share;
        if (share > highest) highest = share;
    }
    snprintf(counts, sizeof counts, "%d", h->count_count);
    if (h->count_count == 0)
        snprintf(range, sizeof range, "%s", T("entries.no_rate"));
    else
        snprintf(range, sizeof range, "%.2g-%.2g %%", 100 * lowest, 100 * highest);
    row(page, h->id, cit_text_of(a->catalogue, "harm", h->id, "title", h->name), counts, range);
}

static void harm_one(cit_page *page, const cit_advice *a, const void *entry) {
    static const double shares[] = {2.2, 1.7, 0.8, 1.7};
    const cit_harm *h = entry;
    const char *const headings[] = {T("entries.citation"), T("entries.rate"), T("entries.types"),
                                    T("entries.condition")};
    char line[LINE];
    put_pair(page, a, "entries.watch", cit_text_of(a->catalogue, "harm", h->id, "watch", h->watch));
    put_pair(page, a, "entries.harm_care",
             cit_text_of(a->catalogue, "harm", h->id, "care", h->care));
    if (h->count_count > 0) cit_page_table(page, 4, shares, headings);
    for (int i = 0; i < h->count_count; i++) {
        const cit_harm_count *c = &h->counts[i];
        put_rate(a, c->events, c->people, line);
        row(page, c->citation, line, c->skin_types ? c->skin_types : "-",
            c->condition ? c->condition : "-");
    }
    if (h->count_count == 0) cit_page_paragraph(page, T("entries.no_denominator"));
    for (int i = 0; i < h->report_count; i++) {
        snprintf(line, sizeof line, "%.700s: %.700s", h->reports[i].citation,
                 h->reports[i].finding);
        cit_page_bullet(page, "-", line);
    }
    for (int i = 0; i < h->count_count; i++)
        if (h->counts[i].note != NULL) {
            snprintf(line, sizeof line, "%.300s: %.900s", h->counts[i].citation, h->counts[i].note);
            cit_page_note(page, line);
        }
    if (h->note != NULL) cit_page_note(page, h->note);
}

/* ---- care, flags, anaesthetics, medicines ---------------------------------------------------------- */

static void days_text(double from, double to, char text[40]) {
    if (cit_known(from))
        snprintf(text, 40, "%+.0f .. %+.0f", from, to);
    else
        snprintf(text, 40, "-");
}

static void care_row(cit_page *page, const cit_advice *a, const void *entry) {
    const cit_care *c = entry;
    char days[40];
    days_text(c->from_day, c->to_day, days);
    row(page, c->id, cit_text_of(a->catalogue, "care", c->id, "title", c->title), days,
        cit_choice_name(cit_evidence_grade_choices, c->grounds.grade));
}

static void care_one(cit_page *page, const cit_advice *a, const void *entry) {
    const cit_care *c = entry;
    char days[40];
    days_text(c->from_day, c->to_day, days);
    put_pair(page, a, "entries.days", days);
    put_pair(page, a, "entries.patient",
             cit_text_of(a->catalogue, "care", c->id, "patient", c->patient));
    put_pair(page, a, "entries.clinician", c->clinician);
    page_grounds(page, a, &c->grounds);
}

static void flag_row(cit_page *page, const cit_advice *a, const void *entry) {
    const cit_flag *f = entry;
    char days[40];
    days_text(f->from_day, f->to_day, days);
    row(page, f->id, cit_text_of(a->catalogue, "flag", f->id, "title", f->title), days,
        cit_choice_name(cit_urgency_choices, f->urgency));
}

static void flag_one(cit_page *page, const cit_advice *a, const void *entry) {
    const cit_flag *f = entry;
    char days[40];
    days_text(f->from_day, f->to_day, days);
    cit_page_verdict(page, f->urgency >= CIT_SAME_DAY ? CIT_PAGE_BAD : CIT_PAGE_ASK,
                     cit_choice_name(cit_urgency_choices, f->urgency));
    put_pair(page, a, "entries.days", days);
    put_pair(page, a, "entries.patient", f->patient);
    put_pair(page, a, "entries.clinician", f->clinician);
    page_grounds(page, a, &f->grounds);
}

static void anaesthetic_row(cit_page *page, const cit_advice *a, const void *entry) {
    (void)a;
    const cit_anaesthetic *n = entry;
    char strength[24];
    snprintf(strength, sizeof strength, "%g %%", n->strength_percent);
    row(page, n->id, n->name, strength,
        cit_choice_name(cit_evidence_grade_choices, n->grounds.grade));
}

static void put_limit(cit_page *page, const cit_advice *a, const cit_anaesthetic_limit *l) {
    char line[LINE] = "", piece[120], number[24];
    const struct {
        double value;
        const char *key;
    } parts[] = {{l->age_from_day / CIT_YEAR_DAYS, "entries.age_from"},
                 {l->age_to_day / CIT_YEAR_DAYS, "entries.age_to"},
                 {l->weight_from_kg, "entries.weight_from"},
                 {l->weight_to_kg, "entries.weight_to"},
                 {l->grams, "entries.grams"},
                 {l->area_mm2 / 100, "entries.area"},
                 {l->minutes, "entries.time"}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!cit_known(parts[i].value)) continue;
        const size_t used = strlen(line);
        snprintf(number, sizeof number, "%.4g", parts[i].value);
        snprintf(line + used, LINE - used, "%s%s", used ? ", " : "",
                 cit_text_fill(piece, sizeof piece, T(parts[i].key), "number", number, NULL));
    }
    if (l->note != NULL) {
        const size_t used = strlen(line);
        snprintf(line + used, LINE - used, "%s%.900s", used ? ": " : "", l->note);
    }
    cit_page_bullet(page, "-", line);
}

static void anaesthetic_one(cit_page *page, const cit_advice *a, const void *entry) {
    const cit_anaesthetic *n = entry;
    char line[LINE] = "";
    for (int i = 0; i < n->agent_count; i++) {
        const size_t used = strlen(line);
        snprintf(line + used, LINE - used, "%s%s", used ? ", " : "", n->agents[i]);
    }
    put_pair(page, a, "entries.agents", line);
    if (n->limit_count == 0) cit_page_paragraph(page, T("entries.no_limits"));
    for (int i = 0; i < n->limit_count; i++) put_limit(page, a, &n->limits[i]);
    if (n->note != NULL) cit_page_paragraph(page, n->note);
    page_grounds(page, a, &n->grounds);
}

static void medicine_row(cit_page *page, const cit_advice *a, const void *entry) {
    (void)a;
    const cit_medicine *m = entry;
    char number[16];
    snprintf(number, sizeof number, "%d", m->name_count);
    row(page, m->id, m->fact, number,
        cit_choice_name(cit_evidence_grade_choices, m->grounds.grade));
}

static void medicine_one(cit_page *page, const cit_advice *a, const void *entry) {
    const cit_medicine *m = entry;
    char line[LINE] = "";
    put_pair(page, a, "entries.fact", m->fact);
    for (int i = 0; i < m->name_count; i++) {
        const size_t used = strlen(line);
        if (used + 80 > LINE) {
            cit_page_paragraph(page, line);
            line[0] = 0;
        }
        snprintf(line + strlen(line), LINE - strlen(line), "%s%.60s", line[0] ? ", " : "",
                 m->names[i]);
    }
    cit_page_paragraph(page, line);
    page_grounds(page, a, &m->grounds);
}

/* ---- steps of a visit ---------------------------------------------------------------------------------- */

static void minutes_text(const cit_step *s, char text[40]) {
    if (!cit_known(s->minutes_from))
        snprintf(text, 40, "-");
    else if (s->minutes_from < s->minutes_to)
        snprintf(text, 40, "%g to %g", s->minutes_from, s->minutes_to);
    else
        snprintf(text, 40, "%g", s->minutes_from);
}

static void step_row(cit_page *page, const cit_advice *a, const void *entry) {
    const cit_step *s = entry;
    char minutes[40];
    minutes_text(s, minutes);
    row(page, s->id, cit_text_of(a->catalogue, "step", s->id, "title", s->title), minutes,
        cit_choice_name(cit_evidence_grade_choices, s->grounds.grade));
}

static void step_one(cit_page *page, const cit_advice *a, const void *entry) {
    const cit_step *s = entry;
    char minutes[40];
    minutes_text(s, minutes);
    put_pair(page, a, "entries.minutes_are", minutes);
    put_pair(page, a, "entries.clinician",
             cit_text_of(a->catalogue, "step", s->id, "clinician", s->clinician));
    page_grounds(page, a, &s->grounds);
}

/* ---- adjuncts and combinations -------------------------------------------------------------------------- */

/* Names of the bits that are set, with commas. */
static const char *bits_text(const char *const *choices, unsigned bits, char line[LINE]) {
    line[0] = 0;
    for (int i = 0; choices[i] != NULL; i++) {
        const size_t used = strlen(line);
        if (bits & (1u << i))
            snprintf(line + used, LINE - used, "%s%s", used ? ", " : "", choices[i]);
    }
    return line;
}

static const char *list_text(const char *const *texts, int count, char line[LINE]) {
    line[0] = 0;
    for (int i = 0; i < count; i++) {
        const size_t used = strlen(line);
        snprintf(line + used, LINE - used, "%s%.300s", used ? "; " : "", texts[i]);
    }
    return line;
}

/* "from - to", one number where they are the same; nothing where they are not known. */
static void put_range(cit_page *page, const cit_advice *a, const char *key, double from,
                      double to) {
    char text[60];
    if (!cit_known(from)) return;
    if (from < to)
        snprintf(text, sizeof text, "%g - %g", from, to);
    else
        snprintf(text, sizeof text, "%g", from);
    put_pair(page, a, key, text);
}

static double count_or_nan(int count) {
    return count == CIT_UNKNOWN_INT ? CIT_UNKNOWN_NUMBER : count;
}

static void put_sources(cit_page *page, const cit_advice *a, const cit_source *sources, int count) {
    char line[LINE], fields[LINE];
    for (int i = 0; i < count; i++) {
        const cit_source *s = &sources[i];
        list_text(s->fields, s->field_count, fields);
        cit_page_note(page,
                      cit_text_fill(line, sizeof line,
                                    T(s->note ? "adjunct.noted_source" : "adjunct.source"),
                                    "fields", fields, "source", s->source, "note", s->note, NULL));
    }
}

static void adjunct_row(cit_page *page, const cit_advice *a, const void *entry) {
    const cit_adjunct *j = entry;
    row(page, j->id, cit_text_of(a->catalogue, "adjunct", j->id, "name", j->name),
        cit_choice_name(cit_adjunct_effect_choices, j->effect),
        cit_choice_name(cit_evidence_grade_choices, j->grounds.grade));
}

static void put_contrasts(cit_page *page, const cit_advice *a, const cit_adjunct *j) {
    static const double shares[] = {1.3, 1.8, 1.8, 1.7};
    const char *const headings[] = {T("adjunct.study"), T("adjunct.with"), T("adjunct.without"),
                                    T("adjunct.note")};
    if (j->contrast_count > 0) cit_page_table(page, 4, shares, headings);
    for (int i = 0; i < j->contrast_count; i++) {
        const cit_contrast *t = &j->contrasts[i];
        row(page, t->study, t->arm, t->versus, t->note ? t->note : "-");
    }
}

static void put_outcomes(cit_page *page, const cit_advice *a, const cit_adjunct *j) {
    static const double shares[] = {1.3, 2.4, 2.4};
    const char *const headings[] = {T("adjunct.study"), T("adjunct.given_in"), T("adjunct.note")};
    if (j->outcome_count > 0) cit_page_table(page, 3, shares, headings);
    for (int i = 0; i < j->outcome_count; i++) {
        const cit_adjunct_outcome *o = &j->outcomes[i];
        row(page, o->study, o->arm, o->note ? o->note : "-", NULL);
    }
}

static void put_pooled(cit_page *page, const cit_advice *a, const cit_pooled *p) {
    const cit_fact *f = cit_pooled_fact(a->catalogue, p);
    char line[LINE], size[120] = "-";
    if (cit_known(f->value) && cit_known(f->low))
        snprintf(size, sizeof size, "%g (%g - %g)", f->value, f->low, f->high);
    else if (cit_known(f->value))
        snprintf(size, sizeof size, "%g", f->value);
    else if (f->finding != NULL)
        snprintf(size, sizeof size, "%.110s", f->finding);
    cit_page_bullet(page, "-",
                    cit_text_fill(line, sizeof line, T("adjunct.pooled"), "study", p->study,
                                  "quantity", f->quantity, "condition",
                                  f->condition ? f->condition : "-", "size", size, NULL));
}

static void put_figures(cit_page *page, const cit_advice *a, const cit_adjunct *j) {
    put_range(page, a, "adjunct.downtime", j->downtime_from_day, j->downtime_to_day);
    put_range(page, a, "adjunct.pain", j->pain_from, j->pain_to);
    put_range(page, a, "adjunct.sessions", count_or_nan(j->sessions_from),
              count_or_nan(j->sessions_to));
    put_range(page, a, "adjunct.interval", j->interval_day, j->interval_day);
    put_range(page, a, "adjunct.minutes", j->adds_minutes, j->adds_minutes);
}

static void adjunct_one(cit_page *page, const cit_advice *a, const void *entry) {
    const cit_adjunct *j = entry;
    char line[LINE];
    cit_page_verdict(page,
                     j->effect == CIT_EFFECT_ADDS    ? CIT_PAGE_GOOD
                     : j->effect == CIT_EFFECT_WORSE ? CIT_PAGE_BAD
                                                     : CIT_PAGE_ASK,
                     cit_choice_name(cit_adjunct_effect_choices, j->effect));
    put_pair(page, a, "adjunct.name", j->name);
    put_pair(page, a, "adjunct.roles", bits_text(cit_adjunct_role_choices, j->roles, line));
    put_pair(page, a, "adjunct.users", bits_text(cit_user_choices, j->users, line));
    put_pair(page, a, "adjunct.suits", bits_text(cit_adjunct_suits_choices, j->suits, line));
    put_pair(page, a, "entries.patient",
             cit_text_of(a->catalogue, "adjunct", j->id, "patient", j->patient));
    put_pair(page, a, "entries.clinician", j->clinician);
    put_pair(page, a, "adjunct.regulatory", j->regulatory);
    put_pair(page, a, "adjunct.risks", list_text(j->risks, j->risk_count, line));
    put_pair(page, a, "adjunct.claims", list_text(j->claims, j->claim_count, line));
    put_figures(page, a, j);
    put_contrasts(page, a, j);
    put_outcomes(page, a, j);
    for (int i = 0; i < j->pooled_count; i++) put_pooled(page, a, &j->pooled[i]);
    put_sources(page, a, j->sources, j->source_count);
    page_grounds(page, a, &j->grounds);
}

static void gap_text(const cit_combination *c, char text[40]) {
    if (c->gap_from_day < c->gap_to_day)
        snprintf(text, 40, "%g - %g", c->gap_from_day, c->gap_to_day);
    else
        snprintf(text, 40, "%g", c->gap_from_day);
}

static void combination_row(cit_page *page, const cit_advice *a, const void *entry) {
    const cit_combination *c = entry;
    char gap[40];
    gap_text(c, gap);
    row(page, c->id, cit_text_of(a->catalogue, "combination", c->id, "title", c->title),
        cit_choice_name(cit_combine_choices, c->verdict), gap);
}

static void put_studies(cit_page *page, const cit_advice *a, const char *const *ids, int count) {
    for (int i = 0; i < count; i++)
        cit_page_note(page, cit_catalogue_study(a->catalogue, ids[i])->citation);
}

static void combination_one(cit_page *page, const cit_advice *a, const void *entry) {
    const cit_combination *c = entry;
    char line[LINE], gap[40];
    gap_text(c, gap);
    cit_page_verdict(page,
                     c->verdict == CIT_COMBINE_DO       ? CIT_PAGE_GOOD
                     : c->verdict == CIT_COMBINE_REFUSE ? CIT_PAGE_BAD
                                                        : CIT_PAGE_ASK,
                     cit_choice_name(cit_combine_choices, c->verdict));
    put_pair(page, a, "combination.title", c->title);
    cit_page_paragraph(page, cit_text_fill(line, sizeof line, T("combination.order"), "first",
                                           c->first, "second", c->second, "gap", gap, NULL));
    put_range(page, a, "combination.washout", c->washout_day, c->washout_day);
    put_pair(page, a, "combination.tested", cit_choice_name(cit_answer_choices, c->tested));
    put_pair(page, a, "entries.patient",
             cit_text_of(a->catalogue, "combination", c->id, "patient", c->patient));
    put_pair(page, a, "entries.clinician", c->clinician);
    put_studies(page, a, c->studies, c->study_count);
    page_grounds(page, a, &c->grounds);
}

/* ---- aims and prices ------------------------------------------------------------------------------------ */

static void aim_row(cit_page *page, const cit_advice *a, const void *entry) {
    const cit_aim *m = entry;
    row(page, m->id, cit_text_of(a->catalogue, "aim", m->id, "name", m->name),
        cit_choice_name(cit_claim_verdict_choices, m->verdict),
        cit_choice_name(cit_evidence_grade_choices, m->grounds.grade));
}

static void aim_one(cit_page *page, const cit_advice *a, const void *entry) {
    const cit_aim *m = entry;
    char line[LINE];
    cit_page_verdict(page, m->verdict == CIT_SUPPORTED ? CIT_PAGE_GOOD : CIT_PAGE_ASK,
                     cit_choice_name(cit_claim_verdict_choices, m->verdict));
    put_pair(page, a, "aim.name", m->name);
    put_pair(page, a, "aim.words", list_text(m->words, m->word_count, line));
    cit_page_paragraph(
        page, T(m->forecast == CIT_AIM_DEPRESSED_SCAR ? "aim.forecast" : "aim.no_forecast"));
    put_pair(page, a, "aim.caution", m->caution);
    put_pair(page, a, "entries.patient",
             cit_text_of(a->catalogue, "aim", m->id, "patient", m->patient));
    put_pair(page, a, "entries.clinician", m->clinician);
    put_pair(page, a, "aim.instead", m->instead);
    put_pair(page, a, "aim.rules", list_text(m->rules, m->rule_count, line));
    put_pair(page, a, "aim.claims", list_text(m->claims, m->claim_count, line));
    put_studies(page, a, m->studies, m->study_count);
    page_grounds(page, a, &m->grounds);
}

static void prices_row(cit_page *page, const cit_advice *a, const void *entry) {
    const cit_prices *p = entry;
    char count[16];
    (void)a;
    snprintf(count, sizeof count, "%d", p->item_count);
    row(page, p->id, p->place, p->currency, count);
}

static void put_price(cit_page *page, const cit_price *p) {
    char range[60], name[LINE];
    if (p->low < p->high)
        snprintf(range, sizeof range, "%g - %g", p->low, p->high);
    else
        snprintf(range, sizeof range, "%g", p->low);
    snprintf(name, sizeof name, "%.300s%s%.300s%s", p->name, p->note ? " (" : "",
             p->note ? p->note : "", p->note ? ")" : "");
    row(page, p->id, name, range, cit_choice_name(cit_per_choices, p->per));
}

static void prices_one(cit_page *page, const cit_advice *a, const void *entry) {
    static const double shares[] = {1.3, 3, 1.2, 0.8};
    const cit_prices *p = entry;
    const char *const headings[] = {T("prices.item"), T("entries.title"), T("prices.range"),
                                    T("prices.per")};
    char line[LINE], year[16];
    snprintf(year, sizeof year, "%d", p->year);
    cit_page_paragraph(page, cit_text_fill(line, sizeof line, T("prices.about"), "place", p->place,
                                           "currency", p->currency, "year", year, NULL));
    cit_page_paragraph(page, T(p->complete == CIT_YES ? "prices.complete" : "prices.incomplete"));
    cit_page_table(page, 4, shares, headings);
    for (int i = 0; i < p->item_count; i++) put_price(page, &p->items[i]);
    for (int i = 0; i < p->item_count; i++)
        cit_page_note(page, cit_text_fill(line, sizeof line, T("prices.source"), "item",
                                          p->items[i].id, "source", p->items[i].source, NULL));
    page_grounds(page, a, &p->grounds);
}

/* ---- the kinds --------------------------------------------------------------------------------------- */

static const double wide[] = {2.7, 3.4, 1.2, 0.9};
static const double equal[] = {1.9, 3, 1.1, 1.3};
static const char *const rule_heads[] = {"entries.id", "entries.title", "entries.who",
                                         "entries.grade"};
static const char *const claim_heads[] = {"entries.id", "entries.claimed", "entries.verdict",
                                          "entries.grade"};
static const char *const harm_heads[] = {"entries.id", "entries.title", "entries.series",
                                         "entries.range"};
static const char *const care_heads[] = {"entries.id", "entries.title", "entries.day",
                                         "entries.grade"};
static const char *const flag_heads[] = {"entries.id", "entries.title", "entries.day",
                                         "entries.go"};
static const char *const cream_heads[] = {"entries.id", "entries.title", "entries.strength",
                                          "entries.grade"};
static const char *const medicine_heads[] = {"entries.id", "entries.answers", "entries.names",
                                             "entries.grade"};

static const char *const step_heads[] = {"entries.id", "entries.title", "entries.minutes",
                                         "entries.grade"};
static const char *const adjunct_heads[] = {"entries.id", "entries.title", "adjunct.effect",
                                            "entries.grade"};
static const char *const combination_heads[] = {"entries.id", "entries.title",
                                                "combination.verdict", "combination.gap"};
static const char *const aim_heads[] = {"entries.id", "entries.title", "entries.verdict",
                                        "entries.grade"};
static const char *const prices_heads[] = {"entries.id", "prices.place", "prices.currency",
                                           "prices.count"};

#define KIND_IN(section, name, type, plural, heads, shares)                                        \
    {                                                                                              \
        name, section, offsetof(cit_catalogue, plural), offsetof(cit_catalogue, type##_count),     \
            sizeof(cit_##type), offsetof(cit_##type, id), type##_row, type##_one, 4, shares, heads \
    }
#define KIND(name, type, plural, heads, shares) KIND_IN(NULL, name, type, plural, heads, shares)
static const kind kinds[] = {
    KIND("rules", rule, rules, rule_heads, wide),
    KIND("claims", claim, claims, claim_heads, wide),
    KIND("harms", harm, harms, harm_heads, equal),
    KIND("care", care, care, care_heads, wide),
    KIND("flags", flag, flags, flag_heads, equal),
    KIND("anaesthetics", anaesthetic, anaesthetics, cream_heads, equal),
    KIND("medicines", medicine, medicines, medicine_heads, equal),
    KIND("steps", step, steps, step_heads, equal),
    KIND_IN("adjunct", "adjuncts", adjunct, adjuncts, adjunct_heads, wide),
    KIND_IN("combination", "combinations", combination, combinations, combination_heads, wide),
    KIND_IN("aim", "aims", aim, aims, aim_heads, wide),
    KIND_IN("prices", "prices", prices, prices, prices_heads, equal),
};

static const char *id_of(const kind *k, const char *items, int i) {
    const char *id = NULL;
    memcpy(&id, items + k->size * (size_t)i + k->id, sizeof id);
    return id;
}

cit_page *cit_page_of_entries(const cit_catalogue *catalogue, const char *name, const char *id) {
    const cit_advice advice = {.catalogue = catalogue, .day = CIT_UNKNOWN_INT}, *a = &advice;
    const kind *k = NULL;
    char *items = NULL, key[80];
    int count = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0) k = &kinds[i];
    if (k == NULL) return NULL;
    const char *section = k->section != NULL ? k->section : name;
    memcpy(&items, (const char *)catalogue + k->items, sizeof items);
    memcpy(&count, (const char *)catalogue + k->count, sizeof count);
    if (id != NULL) {
        for (int i = 0; i < count; i++) {
            if (strcmp(id_of(k, items, i), id) != 0) continue;
            snprintf(key, sizeof key, k->section ? "%s.one" : "entries.one_%s", section);
            cit_page *page = cit_page_new(id, T(key));
            k->one(page, a, items + k->size * (size_t)i);
            return page;
        }
        return NULL;
    }
    char number[16], line[LINE];
    const char *headings[4];
    snprintf(number, sizeof number, "%d", count);
    snprintf(key, sizeof key, k->section ? "%s.all" : "entries.all_%s", section);
    cit_page *page =
        cit_page_new(cit_text_fill(line, sizeof line, T(key), "number", number, NULL), NULL);
    for (int i = 0; i < k->columns; i++) headings[i] = T(k->headings[i]);
    cit_page_table(page, k->columns, k->shares, headings);
    for (int i = 0; i < count; i++) k->row(page, a, items + k->size * (size_t)i);
    snprintf(key, sizeof key, k->section ? "%s.foot" : "entries.foot_%s", section);
    if (cit_text_or_null(catalogue, key) != NULL) cit_page_note(page, T(key));
    return page;
}
