/* What a plan's page, paper and calendar tell alike: who may be asked, what must be settled, what comes too late,
 * what it costs where nobody said in which place. */
#include "report_impl.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Odds by which two are told apart; as in planning/options.c. */
static const double told_apart = 0.8;

bool plan_beats_nothing(const cit_option *o) { return o->odds_better >= told_apart; }

int plan_done(const cit_plan_report *r) { return r->person->visit_count; }

const cit_option *plan_chosen(const cit_plan_report *r) {
    return r->search != NULL && r->search->chosen > 0 ? &r->search->options[r->search->chosen]
                                                      : NULL;
}

bool plan_has_course(const cit_plan_report *r) {
    for (int i = 0; r->search != NULL && i < r->search->option_count; i++)
        if (r->search->options[i].candidate.visits > 0) return true;
    return false;
}

bool plan_allows(const cit_plan_report *r, int who) {
    const unsigned wanted = r->person->limits.settings;
    return wanted == 0 || (wanted >> (who - 1) & 1) != 0;
}

/* ---- lists in words ------------------------------------------------------------------------------ */

/* Once each, "; " between. */
static void add_once(char line[LINE], const char *words) {
    const size_t used = strlen(line);
    if (words == NULL || words[0] == 0 || strstr(line, words) != NULL) return;
    snprintf(line + used, LINE - used, "%s%s", used > 0 ? "; " : "", words);
    line[cit_text_whole(line, LINE - 1)] = 0;
}

static cit_advice advice_of(const cit_plan_report *a) {
    return (cit_advice){
        .catalogue = a->catalogue, .person = a->person, .screening = a->screening, .day = a->start};
}

bool plan_refused_by(const cit_plan_report *a, const rule_findings *r) {
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++)
        if (plan_allows(a, who) && rule_verdict(r, who) == CIT_FORBIDDEN) return true;
    return false;
}

bool plan_none_allowed(const cit_plan_report *a) {
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++)
        if (plan_allows(a, who) && cit_screening_verdict(a->screening, -1, who) != CIT_FORBIDDEN)
            return false;
    return true;
}

/* The kind of user whom the fewest rules bind, of those whom the person allows. */
static int most_allowed(const cit_plan_report *a) {
    for (int who = CIT_PHYSICIAN; who > CIT_HOME; who--)
        if (plan_allows(a, who)) return who;
    return CIT_HOME;
}

int plan_asked(const cit_plan_report *a) {
    const cit_option *o = plan_chosen(a);
    return o != NULL ? o->candidate.who : most_allowed(a);
}

void plan_to_settle(const cit_plan_report *a, char line[LINE]) {
    const cit_advice v = advice_of(a);
    rule_findings r;
    line[0] = 0;
    for (int at = 0; next_rule(a->screening, at, &r); at = r.next)
        if (rule_holds(&r, CIT_PHYSICIAN) && rule_verdict(&r, CIT_PHYSICIAN) > CIT_CLEARED)
            add_once(line, rule_title(&v, r.rule));
}

void plan_others_to_ask(const cit_plan_report *a, char line[LINE]) {
    const cit_advice v = advice_of(a);
    char one[120];
    line[0] = 0;
    for (int who = CIT_PHYSICIAN; who >= CIT_HOME; who--) {
        const cit_clearance verdict = cit_screening_verdict(a->screening, -1, who);
        if (plan_allows(a, who) || verdict == CIT_FORBIDDEN) continue;
        add_once(line, cit_text_fill(
                           one, sizeof one,
                           T(verdict == CIT_CLEARED ? "plan_pdf.other_may" : "plan_pdf.other_ask"),
                           "who", who_words(&v, who), NULL));
    }
}

/* ---- limits that leave nothing ------------------------------------------------------------------- */

static void limits_of_case(const cit_plan_report *a, char line[LINE]) {
    const cit_limits *l = &a->person->limits;
    const struct {
        bool set;
        const char *key;
    } all[] = {{cit_known(l->budget), "plan_pdf.limit_budget"},
               {l->visits != CIT_UNKNOWN_INT, "plan_pdf.limit_visits"},
               {cit_known(l->pain), "plan_pdf.limit_pain"},
               {cit_known(l->redness_day), "plan_pdf.limit_redness"},
               {l->settings != 0, "plan_pdf.limit_settings"},
               {l->device_count > 0, "plan_pdf.limit_devices"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].set) add_once(line, T(all[i].key));
}

void plan_no_course(const cit_plan_report *a, bool brief, char line[2 * LINE]) {
    static const char prefix[] = "your limit: ";
    char limits[LINE] = "", rules[LINE] = "";
    for (int i = 0; i < a->search->turned_down_count; i++) {
        const cit_turned_down *t = &a->search->turned_down[i];
        const bool marked = strncmp(t->why, prefix, sizeof prefix - 1) == 0;
        if (t->rule != NULL)
            add_once(rules, t->why);
        else
            add_once(limits, t->why + (marked ? sizeof prefix - 1 : 0));
    }
    if (limits[0] == 0) limits_of_case(a, limits);
    const bool by_limit = limits[0] != 0;
    cit_text_fill(line, 2 * LINE,
                  T(by_limit && rules[0] != 0 && !brief ? "plan_pdf.no_course_both"
                    : by_limit                          ? "plan_pdf.no_course_limits"
                    : rules[0] != 0                     ? "plan_pdf.no_course_rules"
                                                        : "plan_pdf.no_course"),
                  "limits", limits, "rules", rules, NULL);
}

/* ---- what else there is --------------------------------------------------------------------------- */

static bool takes(const cit_case *person, const char *word, size_t size) {
    char name[80];
    if (size < 5 || size >= sizeof name) return false;
    snprintf(name, sizeof name, "%.*s", (int)size, word);
    for (int i = 0; i < person->medication_count; i++)
        if (strcasestr(person->medication[i], name) != NULL) return true;
    return false;
}

/* A name lists its medicines in brackets: "retinoid cream (tretinoin, adapalene)". */
bool plan_uses_already(const cit_plan_report *a, const cit_adjunct *j) {
    const char *at = strchr(j->name, '(');
    if (at == NULL) return false;
    for (at++; *at != 0 && *at != ')';) {
        at += strspn(at, " ,;");
        const size_t size = strcspn(at, ",;)");
        if (takes(a->person, at, size)) return true;
        at += size;
    }
    return false;
}

/* An advice of what to do instead goes by the name of what it is about. */
bool plan_advises(const cit_plan_report *a, const cit_care *care) {
    static const char prefix[] = "instead-";
    if (strncmp(care->id, prefix, sizeof prefix - 1) != 0) return true;
    const cit_adjunct *j = cit_catalogue_adjunct(a->catalogue, care->id + sizeof prefix - 1);
    return j == NULL || !plan_uses_already(a, j);
}

/* ---- time for what comes before ------------------------------------------------------------------- */

/* A spot that was tested need not be tested again. */
static bool is_test_spot(const cit_care *care) { return strncmp(care->id, "test-spot", 9) == 0; }

static int last_done(const cit_case *person) {
    int last = CIT_UNKNOWN_INT;
    for (int i = 0; i < person->visit_count; i++)
        if (person->visits[i].date != CIT_UNKNOWN_INT && person->visits[i].date > last)
            last = person->visits[i].date;
    return last;
}

static double days_between(const cit_catalogue *catalogue) {
    const double usual = 28;
    const cit_care *next = cit_catalogue_care(catalogue, "next-visit-after");
    return next != NULL && cit_known(next->from_day) ? next->from_day : usual;
}

double plan_days_between(const cit_plan_report *r) { return days_between(r->catalogue); }

/* What this person is asked to do before a visit; after a visit what takes as long as the time between two has
 * gone on since then. */
static bool is_preparation(const cit_advice *a, const cit_care *care, int who) {
    if (care->phase != CIT_BEFORE || !cit_known(care->from_day) || !care_applies(a, care, who))
        return false;
    return a->person->visit_count == 0 ||
           (!is_test_spot(care) && -care->from_day < days_between(a->catalogue));
}

static int lead_days(const cit_advice *a, int who) {
    double most = 0;
    for (int i = 0; i < a->catalogue->care_count; i++)
        if (is_preparation(a, &a->catalogue->care[i], who))
            most = fmax(most, -a->catalogue->care[i].from_day);
    return (int)ceil(most);
}

int cit_plan_first_day(const cit_case *person, const cit_catalogue *catalogue, int today) {
    const cit_advice a = {.catalogue = catalogue, .person = person, .day = today};
    const unsigned wanted = person->limits.settings;
    int lead = 0;
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++) {
        const int days = lead_days(&a, who);
        if ((wanted == 0 || (wanted >> (who - 1) & 1) != 0) && days > lead) lead = days;
    }
    const int last = last_done(person), ready = today + lead;
    const int rested = last != CIT_UNKNOWN_INT ? last + (int)days_between(catalogue) : ready;
    return ready > rested ? ready : rested;
}

int plan_late(const cit_plan_report *r, plan_late_care ret[PLAN_LATE_MAX]) {
    const cit_advice a = advice_of(r);
    int n = 0;
    if (r->course == NULL || r->course->visit_count == 0) return 0;
    for (int i = 0; i < r->catalogue->care_count && n < PLAN_LATE_MAX; i++) {
        const cit_care *care = &r->catalogue->care[i];
        if (!is_preparation(&a, care, r->course->candidate.who)) continue;
        const int last = r->course->visits[0].day + (int)lround(care->to_day);
        if (last < r->day) ret[n++] = (plan_late_care){care, last};
    }
    return n;
}

int plan_ready_day(const cit_plan_report *r) {
    const cit_advice a = advice_of(r);
    return r->day + lead_days(&a, r->course->candidate.who);
}

bool plan_late_text(const cit_plan_report *a, char line[LINE]) {
    plan_late_care late[PLAN_LATE_MAX];
    char titles[LINE] = "", one[LINE], date[16];
    const int n = plan_late(a, late);
    for (int i = 0; i < n; i++) {
        cit_date_format(late[i].last, date);
        add_once(titles, cit_text_fill(one, sizeof one, T("plan_pdf.late_one"), "title",
                                       cit_text_of(a->catalogue, "care", late[i].care->id, "title",
                                                   late[i].care->title),
                                       "date", date, NULL));
    }
    if (n == 0) return false;
    cit_date_format(plan_ready_day(a), date);
    cit_text_fill(line, LINE, T("plan_pdf.late"), "titles", titles, "date", date, NULL);
    return true;
}

/* ---- beyond what was published --------------------------------------------------------------------- */

bool plan_outside(const cit_plan_report *r, char line[LINE]) {
    static const char mark[] = "Published ";
    const int shown = plan_shown(r);
    line[0] = 0;
    for (int i = 0; shown > 0 && i < r->forecasts[shown]->note_count; i++) {
        const char *note = r->forecasts[shown]->notes[i];
        const size_t used = strlen(line);
        if (strncmp(note, mark, sizeof mark - 1) == 0)
            snprintf(line + used, LINE - used, "%s%s", used > 0 ? " " : "", note);
    }
    return line[0] != 0;
}

/* ---- money ------------------------------------------------------------------------------------------- */

bool plan_cost_in(const cit_plan_report *r, int option, const cit_prices *prices, double *low,
                  double *high) {
    const cit_option *o = &r->search->options[option];
    cit_dated_course c;
    cit_errors errs = {0};
    if (cit_course_dates(&o->candidate, r->person, r->catalogue, r->search, NULL, prices, 0,
                         r->start, &c, &errs) != CIT_OK)
        return false;
    *low = c.cost_low;
    *high = c.cost_high;
    return cit_known(c.cost_low) && cit_known(c.cost_high);
}

bool plan_costs_elsewhere(const cit_plan_report *a, int option, bool ids, char line[LINE]) {
    line[0] = 0;
    for (int i = 0; i < a->catalogue->prices_count; i++) {
        const cit_prices *p = &a->catalogue->prices[i];
        char one[120], from[24], to[24];
        double low, high;
        if (!plan_cost_in(a, option, p, &low, &high)) continue;
        snprintf(from, sizeof from, "%.0f", low);
        snprintf(to, sizeof to, "%.0f", high);
        add_once(line,
                 cit_text_fill(one, sizeof one,
                               T(high > low ? "plan_pdf.money_place" : "plan_pdf.money_one_place"),
                               "currency", p->currency, "from", from, "to", to, "place",
                               ids ? p->id : p->place, NULL));
    }
    return line[0] != 0;
}
