/* A candidate in days and money. */
#include "planning_impl.h"
#include <math.h>
#include <string.h>

/* A visit that finds no free day so long after it is due is left to be arranged; assumed. */
enum { WAIT_DAYS = 28 };

static bool in_span(const cit_span *spans, int count, int first, int last) {
    for (int i = 0; i < count; i++) {
        const int to = spans[i].to != CIT_UNKNOWN_INT ? spans[i].to : spans[i].from;
        if (first <= to && last >= spans[i].from) return true;
    }
    return false;
}

static bool is_free(const cit_limits *l, int day, int red_days) {
    return !in_span(l->away, l->away_count, day, day) &&
           !in_span(l->presentable, l->presentable_count, day, day + red_days);
}

static int next_free(const cit_limits *l, int due, int red_days) {
    for (int day = due; day <= due + WAIT_DAYS; day++)
        if (is_free(l, day, red_days)) return day;
    return CIT_UNKNOWN_INT;
}

static void place_visits(const cit_case *person, double redness_day, int start,
                         cit_dated_course *c) {
    const int red = (int)ceil(redness_day);
    int due = first_ahead(person, start, c->candidate.interval_day);
    for (int i = 0; i < c->candidate.visits; i++) {
        const int day = next_free(&person->limits, due, red);
        if (day == CIT_UNKNOWN_INT) {
            c->unplaced = c->candidate.visits - i;
            return;
        }
        c->visits[c->visit_count++] = (cit_planned_visit){day, day != due};
        c->moved = c->moved || day != due;
        due = day + (int)ceil(c->candidate.interval_day);
    }
}

/* ---- money -------------------------------------------------------------------------------------- */

const cit_prices *cit_plan_prices(const cit_case *person, const cit_catalogue *catalogue,
                                  const cit_prices *given) {
    if (given != NULL) return given;
    return person->limits.place != NULL ? cit_catalogue_prices(catalogue, person->limits.place)
                                        : NULL;
}

/* NULL also where the price is of another kind of device. */
static const cit_price *price_of_visit(const cit_prices *p, const cit_candidate *c) {
    const cit_price *price = cit_price_named(p, c->who == CIT_PHYSICIAN      ? "visit-physician"
                                                : c->who == CIT_AESTHETICIAN ? "visit-aesthetician"
                                                                             : "home-device");
    const bool other =
        price != NULL && price->device_kind != 0 && price->device_kind != (int)c->device->kind;
    return other ? NULL : price;
}

static const cit_price *price_of_adjunct(const cit_prices *p, const cit_adjunct *a) {
    for (int i = 0; i < p->item_count; i++)
        if (p->items[i].adjunct != NULL && strcmp(p->items[i].adjunct, a->id) == 0)
            return &p->items[i];
    return NULL;
}

static void add_line(const cit_price *price, double times, cit_cost_line *lines, int *count) {
    if (price == NULL || *count == CIT_COST_LINES_MAX) return;
    lines[(*count)++] = (cit_cost_line){price, times, price->low * times, price->high * times};
}

/* What comes with any course, where the place has a price for it. */
static void add_usual_lines(const cit_prices *p, const cit_candidate *c, cit_cost_line *lines,
                            int *count) {
    const double month_day = 30.4;
    const double months = ceil(((c->visits - 1) * c->interval_day + month_day) / month_day);
    if (c->who == CIT_HOME) {
        add_line(cit_price_named(p, "home-cartridge"), c->visits, lines, count);
    } else {
        add_line(cit_price_named(p, "consultation"), 1, lines, count);
        add_line(cit_price_named(p, "cream"), c->visits, lines, count);
    }
    const cit_price *sunscreen = cit_price_named(p, "sunscreen");
    if (sunscreen != NULL)
        add_line(sunscreen, sunscreen->per == CIT_PER_MONTH ? months : 1, lines, count);
}

/* False: a price is not known, and neither is the sum. */
bool cost_lines(const cit_prices *prices, const cit_candidate *c, cit_cost_line *lines,
                int *ret_count) {
    *ret_count = 0;
    if (c->visits == 0) return true;
    if (prices == NULL) return false;
    const cit_price *visit = price_of_visit(prices, c),
                    *extra = c->adjunct != NULL ? price_of_adjunct(prices, c->adjunct) : NULL;
    const bool together = extra != NULL && extra->with_needling == CIT_YES;
    if (!together && visit != NULL)
        add_line(visit, visit->per == CIT_PER_VISIT ? c->visits : 1, lines, ret_count);
    if (extra != NULL)
        add_line(extra, extra->per == CIT_PER_VISIT ? c->visits : 1, lines, ret_count);
    add_usual_lines(prices, c, lines, ret_count);
    return (visit != NULL || together) && (c->adjunct == NULL || extra != NULL);
}

double cost_sum(const cit_cost_line *lines, int count, bool high) {
    double sum = 0;
    for (int i = 0; i < count; i++) sum += high ? lines[i].high : lines[i].low;
    return sum;
}

/* ---- when it can be seen ------------------------------------------------------------------------- */

cit_quantity cit_judge_quantity(int judge) {
    return judge == CIT_JUDGE_GRADE        ? CIT_Q_GRADE_CHANGE
           : judge == CIT_JUDGE_OWN_RATING ? CIT_Q_OTHER_PERCENT
           : judge == CIT_JUDGE_ECCA       ? CIT_Q_ECCA_PERCENT
           : judge == CIT_JUDGE_SCANNER    ? CIT_Q_DEPTH_ALL
                                           : CIT_Q_GB_PERCENT;
}

/* The first week from `from` to `to` in which the median is at least so much. */
static double day_of(const cit_forecast *f, cit_quantity quantity, double least, int from, int to) {
    const double sign = quantity == CIT_Q_GRADE_CHANGE ? -1 : 1;
    for (int week = from; week <= to; week++)
        if (sign * cit_forecast_band(f, quantity, week)->median >= least) return 7.0 * week;
    return CIT_UNKNOWN_NUMBER;
}

static double from_then(double day, int before) {
    return cit_known(day) ? fmax(day - before, 0) : day;
}

/* Weeks of a forecast count from the first visit, which may be done: `before` days before the start. What was
 * reached by then is not ahead. */
static cit_milestones milestones_of(const cit_forecast *f, const cit_search *s, int before) {
    cit_milestones m = {CIT_UNKNOWN_NUMBER, CIT_UNKNOWN_NUMBER, CIT_UNKNOWN_NUMBER};
    if (f == NULL) return m;
    const cit_quantity quantity = cit_judge_quantity(s->judge);
    const double sign = quantity == CIT_Q_GRADE_CHANGE ? -1 : 1;
    const int now = before / 7, end = (int)ceil((before + s->horizon_day) / 7),
              last = end < f->weeks ? end : f->weeks - 1;
    if (now > last) return m;
    const double had = before > 0 ? sign * cit_forecast_band(f, quantity, now)->median : 0;
    const double all = sign * cit_forecast_band(f, quantity, last)->median - had;
    /* A scanner's millimetres are not the per cent of its quantity: half of what there is stands for them. */
    const double drift = before > 0 ? 0 : fmax(s->untreated, 0);
    const double first = s->judge == CIT_JUDGE_SCANNER ? 0.5 * all : s->smallest_change + drift;
    if (all <= 0) return m;
    m.first_change_day = from_then(day_of(f, quantity, had + first, now, last), before);
    m.most_day = from_then(day_of(f, quantity, had + 0.8 * all, now, last), before);
    m.final_day = from_then(day_of(f, quantity, had + 0.95 * all, now, last), before);
    return m;
}

/* ---- all of it ------------------------------------------------------------------------------------ */

static void add_photo(cit_dated_course *c, int day) {
    int place = c->photo_count;
    while (place > 0 && c->photo_days[place - 1] > day) place--;
    if (place > 0 && c->photo_days[place - 1] == day) return;
    for (int i = c->photo_count++; i > place; i--) c->photo_days[i] = c->photo_days[i - 1];
    c->photo_days[place] = day;
}

/* The day itself, or the next on which the person is there. */
static int day_at_home(const cit_case *person, int day) {
    while (in_span(person->limits.away, person->limits.away_count, day, day)) day++;
    return day;
}

/* Before each visit, at the milestones after the last one, and when the result is judged. */
static void place_photos(const cit_case *person, cit_dated_course *c) {
    const double days[] = {c->milestones.most_day, c->milestones.final_day};
    if (c->visit_count == 0) return;
    const int last = c->visits[c->visit_count - 1].day;
    for (int i = 0; i < c->visit_count; i++) add_photo(c, c->visits[i].day);
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        if (!cit_known(days[i])) continue;
        const int day = day_at_home(person, c->first_day + (int)days[i]);
        if (day > last && day < c->judge_day) add_photo(c, day);
    }
    add_photo(c, c->judge_day);
}

/* At the horizon, and long enough after the last visit. */
static int judge_day_of(const cit_case *person, const cit_search *found,
                        const cit_dated_course *c) {
    const int horizon = c->first_day + (int)found->horizon_day,
              settled = c->visits[c->visit_count - 1].day + (int)found->judge_after_day;
    return day_at_home(person, horizon > settled ? horizon : settled);
}

cit_status cit_course_dates(const cit_candidate *candidate, const cit_case *person,
                            const cit_catalogue *catalogue, const cit_search *found,
                            const cit_forecast *forecast, const cit_prices *prices,
                            double redness_day, int start, cit_dated_course *ret,
                            cit_errors *errs) {
    if (candidate->visits > CIT_PLAN_VISITS_MAX)
        return cit_fail(errs, CIT_INVALID, "", "%d visits; at most %d are planned",
                        candidate->visits, CIT_PLAN_VISITS_MAX);
    *ret = (cit_dated_course){.candidate = *candidate,
                              .prices = cit_plan_prices(person, catalogue, prices),
                              .judge_day = CIT_UNKNOWN_INT};
    place_visits(person, redness_day, start, ret);
    ret->first_day = start;
    const cit_forecast *of = ret->visit_count > 0 ? forecast : NULL;
    ret->milestones = milestones_of(of, found, days_since_first(person, start));
    if (ret->visit_count > 0) ret->judge_day = judge_day_of(person, found, ret);
    place_photos(person, ret);
    const bool known = cost_lines(ret->prices, candidate, ret->costs, &ret->cost_count);
    ret->cost_low = known ? cost_sum(ret->costs, ret->cost_count, false) : CIT_UNKNOWN_NUMBER;
    ret->cost_high = known ? cost_sum(ret->costs, ret->cost_count, true) : CIT_UNKNOWN_NUMBER;
    return CIT_OK;
}
