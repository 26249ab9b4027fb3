/* A plan as a calendar (RFC 5545), by libical.
 *
 * Events are whole days, so neither a change of the clock nor a zone moves them. What a passer-by can see of one
 * (its title, an alarm) says nothing of what it is for; that stands in its description alone. An event keeps its
 * id when the plan is made again, and replaces the one of before. */
#include "report_impl.h"
#include <libical/ical.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CARE_DAYS = 28, /* care after the last visit: reminders go no further; assumed */
    CARE_MAX = 200,
};

typedef struct calendar {
    const cit_plan_report *report;
    icalcomponent *all;
    int visits_done; /* before the course */
} calendar;

/* What an event is of: its words in titles, and the first part of its id. */
typedef struct event_kind {
    const char *id, *title;
    bool busy;
} event_kind;
static const event_kind a_visit = {"visit", "Appointment", true},
                        before_visit = {"before", "Reminder", false},
                        after_visit = {"after", "Reminder", false},
                        a_photo = {"photo", "Photo", false},
                        later_photo = {"later-photo", "Photo", false},
                        the_judging = {"judging", "Review", false};

/* A language file may have `calendar: {<part>: {<id>: ...}}`; the English words stand here. */
static const char *words(const calendar *c, const char *part, const char *id, const char *own) {
    return cit_text_of(c->report->catalogue, "calendar", part, id, own);
}

/* ---- ids ------------------------------------------------------------------------------------------- */

/* FNV-1a, 64 bits. */
static uint64_t hash_of(const char *bytes) {
    uint64_t h = 0xcbf29ce484222325u;
    for (const char *b = bytes; *b; b++) h = (h ^ (unsigned char)*b) * 0x100000001b3u;
    return h;
}

/* Of the person and the event's kind, number and, of care, its days: nothing that a search draws. A case without a name goes by its
 * file's name and by what does not change of the person, as such files are often called alike. */
static void make_id(const calendar *c, const event_kind *kind, int number, const char *part,
                    char id[40]) {
    const cit_case *p = c->report->person;
    char facts[400];
    if (p->name != NULL) {
        snprintf(facts, sizeof facts, "name|%.300s|%s|%d%s", p->name, kind->id, number, part);
    } else {
        const char *path = cit_doc_name(p->doc), *slash = strrchr(path, '/');
        snprintf(facts, sizeof facts, "file|%.200s|%d|%d|%d|%s|%d%s", slash ? slash + 1 : path,
                 p->born, p->sex, p->skin_type, kind->id, number, part);
    }
    snprintf(id, 40, "%016llx@cit", (unsigned long long)hash_of(facts));
}

/* ---- events ---------------------------------------------------------------------------------------- */

static struct icaltimetype date_of(int day) {
    char text[16];
    struct icaltimetype t = icaltime_null_date();
    cit_date_format(day, text);
    t.year = (int)strtol(text, NULL, 10);
    t.month = (int)strtol(text + 5, NULL, 10);
    t.day = (int)strtol(text + 8, NULL, 10);
    return t;
}

/* 00:00 UTC of the report's day: a clock would give other bytes each time. */
static struct icaltimetype stamp_of(int day) {
    struct icaltimetype t = date_of(day);
    t.is_date = t.hour = t.minute = t.second = 0;
    t.zone = icaltimezone_get_utc_timezone();
    return t;
}

/* An event's days and its ring, if any: a duration from its first midnight. */
typedef struct event {
    const event_kind *kind;
    int number, first, last;
    const char *part;             /* of the id; "" */
    const char *ring, *ring_says; /* NULL: none */
} event;

static icalcomponent *alarm_of(const event *of) {
    const struct icaltriggertype when = {icaltime_null_time(),
                                         icaldurationtype_from_string(of->ring)};
    icalcomponent *alarm = icalcomponent_new_valarm();
    icalcomponent_add_property(alarm, icalproperty_new_action(ICAL_ACTION_DISPLAY));
    icalcomponent_add_property(alarm, icalproperty_new_trigger(when));
    icalcomponent_add_property(alarm, icalproperty_new_description(of->ring_says));
    return alarm;
}

/* An end of the standard is the day after. */
static void add_event(const calendar *c, const event *of, const char *description) {
    char id[40];
    const event_kind *kind = of->kind;
    icalcomponent *e = icalcomponent_new_vevent();
    const icalproperty_transp transp = kind->busy ? ICAL_TRANSP_OPAQUE : ICAL_TRANSP_TRANSPARENT;
    make_id(c, kind, of->number, of->part, id);
    icalcomponent_add_property(e, icalproperty_new_uid(id));
    icalcomponent_add_property(e, icalproperty_new_dtstamp(stamp_of(c->report->day)));
    icalcomponent_add_property(e, icalproperty_new_sequence(0));
    icalcomponent_add_property(e, icalproperty_new_dtstart(date_of(of->first)));
    icalcomponent_add_property(e, icalproperty_new_dtend(date_of(of->last + 1)));
    icalcomponent_add_property(e,
                               icalproperty_new_summary(words(c, "title", kind->id, kind->title)));
    icalcomponent_add_property(e, icalproperty_new_description(description));
    icalcomponent_add_property(e, icalproperty_new_class(ICAL_CLASS_PRIVATE));
    icalcomponent_add_property(e, icalproperty_new_transp(transp));
    /* Nobody has booked it. */
    if (kind->busy) icalcomponent_add_property(e, icalproperty_new_status(ICAL_STATUS_TENTATIVE));
    if (of->ring != NULL) icalcomponent_add_component(e, alarm_of(of));
    icalcomponent_add_component(c->all, e);
}

/* Closes the text and puts the event in. */
static cit_status put_event(const calendar *c, const event *of, memo *text, cit_errors *errs) {
    char *description = NULL;
    const cit_status st = text_close(text, &description, errs);
    if (st != CIT_OK) return st;
    const size_t size = strlen(description);
    if (size > 0 && description[size - 1] == '\n') description[size - 1] = 0;
    add_event(c, of, description);
    free(description);
    return CIT_OK;
}

/* ---- care ------------------------------------------------------------------------------------------ */

/* An instruction, and the days on which it holds. */
typedef struct care_line {
    const cit_care *care;
    int first, last;
} care_line;

typedef struct care_lines {
    care_line lines[CARE_MAX];
    int count;
} care_lines;

static int day_of_visit(const calendar *c, int visit) {
    return c->report->course->visits[visit].day;
}

/* The day of the visit before it; CIT_UNKNOWN_INT: it is the first ever. */
static int day_before(const calendar *c, int visit) {
    const cit_case *p = c->report->person;
    if (visit > 0) return day_of_visit(c, visit - 1);
    int last = CIT_UNKNOWN_INT;
    for (int i = 0; i < p->visit_count; i++)
        if (p->visits[i].date > last) last = p->visits[i].date;
    return last;
}

/* A spot that was tested need not be tested again. */
static bool is_test_spot(const cit_care *care) { return strncmp(care->id, "test-spot", 9) == 0; }

static void add_line(care_lines *all, const cit_care *care, int first, int last) {
    int k = all->count++;
    for (; k > 0 && all->lines[k - 1].first > first; k--) all->lines[k] = all->lines[k - 1];
    all->lines[k] = (care_line){care, first, last};
}

/* Care of a phase that this person is told at this visit, the earliest first. Care before a visit does not reach
 * back to the visit before it, and care after one ends where the next begins. */
static void find_care(const calendar *c, int visit, int phase, care_lines *ret) {
    const cit_plan_report *r = c->report;
    const int day = day_of_visit(c, visit), before = day_before(c, visit);
    const int next = visit + 1 < r->course->visit_count ? day_of_visit(c, visit + 1) : INT32_MAX;
    const cit_advice a = {.catalogue = r->catalogue, .person = r->person, .day = day};
    ret->count = 0;
    for (int i = 0; i < r->catalogue->care_count && ret->count < CARE_MAX; i++) {
        const cit_care *care = &r->catalogue->care[i];
        if (care->phase != phase || !cit_known(care->from_day) ||
            !care_applies(&a, care, r->course->candidate.who) ||
            (before != CIT_UNKNOWN_INT && is_test_spot(care)) ||
            strcmp(care->id, "next-visit-after") == 0) /* the next appointment says it */
            continue;
        int first = day + (int)lround(care->from_day), last = day + (int)lround(care->to_day);
        if (before != CIT_UNKNOWN_INT && first <= before) first = before + 1;
        if (last >= next) last = next - 1;
        if (first <= last) add_line(ret, care, first, last);
    }
}

/* "- 2026-12-01 to 2026-12-07: no strong sun. Keep out of it." */
static void put_line_of_care(const calendar *c, FILE *out, const care_line *l, bool dated) {
    const cit_catalogue *catalogue = c->report->catalogue;
    char first[16], last[16];
    cit_date_format(l->first, first);
    cit_date_format(l->last, last);
    fputs("- ", out);
    if (dated && l->first != l->last)
        fprintf(out, "%s %s %s: ", first, words(c, "care", "to", "to"), last);
    else if (dated)
        fprintf(out, "%s: ", first);
    fprintf(out, "%s. %s", cit_text_of(catalogue, "care", l->care->id, "title", l->care->title),
            cit_text_of(catalogue, "care", l->care->id, "patient", l->care->patient));
    if (dated && l->last < c->report->day)
        fprintf(out, " %s",
                words(c, "care", "past", "(These days are past: ask whether to move the visit.)"));
    fputc('\n', out);
}

static void put_care(const calendar *c, FILE *out, const care_lines *all, bool dated) {
    for (int i = 0; i < all->count; i++) put_line_of_care(c, out, &all->lines[i], dated);
}

static void put_heading(FILE *out, const char *heading) { fprintf(out, "\n%s\n", heading); }

/* Is anything to be done before a visit still ahead? */
static bool any_ahead(const calendar *c, const care_lines *all) {
    for (int i = 0; i < all->count; i++)
        if (all->lines[i].last >= c->report->day) return true;
    return false;
}

/* Days of care that are past stand with what begins first of those that are not. */
static void put_past(const calendar *c, FILE *out, const care_lines *all) {
    for (int i = 0; i < all->count; i++)
        if (all->lines[i].last < c->report->day) put_line_of_care(c, out, &all->lines[i], true);
}

/* What is asked for over the same days is one event. */
static bool same_days(const care_line *a, const care_line *b) {
    return a->care->from_day == b->care->from_day && a->care->to_day == b->care->to_day &&
           a->first == b->first && a->last == b->last;
}

static bool told_before(const care_lines *all, int at) {
    for (int i = 0; i < at; i++)
        if (same_days(&all->lines[i], &all->lines[at])) return true;
    return false;
}

/* Rings at nine on its first day, if that is not the visit's: there is something to begin. */
static cit_status put_step(const calendar *c, const event_kind *kind, int visit,
                           const care_lines *all, int at, bool first_ahead, cit_errors *errs) {
    memo text;
    char part[40];
    const care_line *l = &all->lines[at];
    const int today = c->report->day;
    const cit_status st = text_open(&text, errs);
    if (st != CIT_OK) return st;
    fprintf(text.out, "%s\n",
            kind == &before_visit ? words(c, "before", "intro", "Before the next visit:")
                                  : words(c, "after", "intro", "After the visit:"));
    if (first_ahead) put_past(c, text.out, all);
    for (int i = at; i < all->count; i++)
        if (same_days(l, &all->lines[i])) put_line_of_care(c, text.out, &all->lines[i], true);
    snprintf(part, sizeof part, "|%.0f|%.0f", l->care->from_day, l->care->to_day);
    const bool rings = l->first >= today && l->first != day_of_visit(c, visit);
    const event e = {.kind = kind,
                     .number = c->visits_done + visit + 1,
                     .first = l->first > today ? l->first : today,
                     .last = l->last,
                     .part = part,
                     .ring = rings ? "PT9H" : NULL,
                     .ring_says = words(c, "alarm", "step", "Reminder")};
    return put_event(c, &e, &text, errs);
}

static cit_status put_before(const calendar *c, int visit, cit_errors *errs) {
    care_lines all;
    cit_status st = CIT_OK;
    bool first = true;
    find_care(c, visit, CIT_BEFORE, &all);
    for (int i = 0; i < all.count && st == CIT_OK; i++) {
        if (all.lines[i].last < c->report->day || told_before(&all, i)) continue;
        st = put_step(c, &before_visit, visit, &all, i, first, errs);
        first = false;
    }
    return st;
}

static cit_status put_after(const calendar *c, int visit, cit_errors *errs) {
    care_lines all;
    cit_status st = CIT_OK;
    const int end = day_of_visit(c, visit) + CARE_DAYS;
    find_care(c, visit, CIT_AFTER, &all);
    for (int i = 0; i < all.count; i++)
        if (all.lines[i].last > end) all.lines[i].last = end;
    for (int i = 0; i < all.count && st == CIT_OK; i++)
        if (all.lines[i].first <= end && !told_before(&all, i))
            st = put_step(c, &after_visit, visit, &all, i, false, errs);
    return st;
}

/* ---- visits ---------------------------------------------------------------------------------------- */

static void put_visit_words(const calendar *c, int visit, FILE *out) {
    const cit_plan_report *r = c->report;
    const cit_dated_course *course = r->course;
    char line[LINE], what[240], number[16], of[16];
    cit_candidate_text(&course->candidate, what);
    snprintf(number, sizeof number, "%d", c->visits_done + visit + 1);
    snprintf(of, sizeof of, "%d", c->visits_done + course->candidate.visits);
    fprintf(out, "%s\n",
            cit_text_fill(line, sizeof line,
                          words(c, "visit", "what", "Visit {number} of {of} of the plan: {what}."),
                          "number", number, "of", of, "what", what, NULL));
    fprintf(out, "%s\n",
            words(c, "visit", "suggested",
                  "This day is a suggestion, and nothing is booked. Screen again before the visit: "
                  "what was true when the plan was made may have changed."));
    if (cit_screening_verdict(r->screening, -1, course->candidate.who) != CIT_CLEARED)
        fprintf(out, "%s\n",
                words(c, "visit", "ask",
                      "Some questions are open, and must be settled with a physician first: the "
                      "plan and `cit screen` list them."));
    if (course->visits[visit].moved)
        fprintf(out, "%s\n",
                words(c, "visit", "moved",
                      "It is later than it was due, as earlier days were not free."));
    if (course->unplaced > 0 && visit == course->visit_count - 1) {
        snprintf(number, sizeof number, "%d", course->unplaced);
        fprintf(out, "%s\n",
                cit_text_fill(line, sizeof line,
                              words(c, "visit", "unplaced",
                                    "Visits behind this one that found no free day: {number}."),
                              "number", number, NULL));
    }
}

static cit_status put_visit(const calendar *c, int visit, cit_errors *errs) {
    memo text;
    care_lines before, day;
    char late[LINE];
    const cit_status st = text_open(&text, errs);
    if (st != CIT_OK) return st;
    put_visit_words(c, visit, text.out);
    find_care(c, visit, CIT_BEFORE, &before);
    find_care(c, visit, CIT_THE_DAY, &day);
    if (visit == 0 && plan_late_text(c->report, late)) fprintf(text.out, "%s\n", late);
    if (before.count > 0 && !any_ahead(c, &before)) {
        put_heading(text.out, words(c, "before", "intro", "Before the next visit:"));
        put_care(c, text.out, &before, true);
    }
    if (day.count > 0) {
        put_heading(text.out, words(c, "day", "intro", "On the day:"));
        put_care(c, text.out, &day, false);
    }
    const int on = day_of_visit(c, visit);
    const event e = {.kind = &a_visit,
                     .number = c->visits_done + visit + 1,
                     .first = on,
                     .last = on,
                     .part = "",
                     .ring = "-PT12H", /* noon of the day before */
                     .ring_says = words(c, "alarm", "visit", "Appointment tomorrow")};
    return put_event(c, &e, &text, errs);
}

/* ---- photos and judging ---------------------------------------------------------------------------- */

/* How photos are taken: the catalogue's instruction. */
static void put_recipe(const calendar *c, FILE *out) {
    const cit_care *care = cit_catalogue_care(c->report->catalogue, "photo-before");
    if (care == NULL) return;
    fprintf(out, "%s\n",
            cit_text_of(c->report->catalogue, "care", care->id, "patient", care->patient));
}

static const char *photo_words(const calendar *c, int day) {
    const cit_dated_course *course = c->report->course;
    const int since = day - course->first_day;
    if (day == course->judge_day)
        return words(c, "photo", "judging", "Photos for the day on which the result is judged.");
    if (since == (int)course->milestones.most_day)
        return words(c, "photo", "most",
                     "Photos after the course: by now, most of the change that is forecast should "
                     "be there.");
    return words(c, "photo", "final",
                 "Photos after the course: little more change is forecast from now on.");
}

/* The first photos are of visits, in their order. */
static cit_status put_photo(const calendar *c, int i, cit_errors *errs) {
    memo text;
    const cit_dated_course *course = c->report->course;
    const int day = course->photo_days[i];
    const bool of_visit = i < course->visit_count;
    const cit_status st = text_open(&text, errs);
    if (st != CIT_OK) return st;
    fprintf(text.out, "%s\n",
            of_visit ? words(c, "photo", "visit", "Photos before today's visit.")
                     : photo_words(c, day));
    put_recipe(c, text.out);
    const event e = {.kind = of_visit ? &a_photo : &later_photo,
                     .number = of_visit ? c->visits_done + i + 1 : i - course->visit_count + 1,
                     .first = day,
                     .last = day,
                     .part = ""};
    return put_event(c, &e, &text, errs);
}

static const char *judge_words(const calendar *c) {
    switch ((cit_judge)c->report->search->judge) {
    case CIT_JUDGE_GRADE:
        return words(c, "judge", "grade",
                     "the grade that a clinician gives, unaware of the one before");
    case CIT_JUDGE_OWN_RATING:
        return words(c, "judge", "own", "your own rating, with the photos from before at hand");
    case CIT_JUDGE_ECCA:
        return words(c, "judge", "ecca", "the ECCA score");
    case CIT_JUDGE_SCANNER:
        return words(c, "judge", "scanner", "a scan of the same skin");
    case CIT_JUDGE_GOODMAN_BARON:
        break;
    }
    return words(c, "judge", "goodman-baron", "the Goodman and Baron score");
}

static cit_status put_judging(const calendar *c, cit_errors *errs) {
    memo text;
    char line[LINE];
    const int day = c->report->course->judge_day;
    if (day == CIT_UNKNOWN_INT) return CIT_OK;
    const cit_status st = text_open(&text, errs);
    if (st != CIT_OK) return st;
    fprintf(text.out, "%s\n",
            cit_text_fill(line, sizeof line,
                          words(c, "judging", "what",
                                "The result of the plan is judged today, by {judge}. Compare it "
                                "with what was written down before the first visit."),
                          "judge", judge_words(c), NULL));
    const event e = {.kind = &the_judging, .number = 1, .first = day, .last = day, .part = ""};
    return put_event(c, &e, &text, errs);
}

/* ---- all of it ------------------------------------------------------------------------------------- */

static cit_status put_all(const calendar *c, cit_errors *errs) {
    const cit_dated_course *course = c->report->course;
    cit_status st = CIT_OK;
    for (int i = 0; i < course->visit_count && st == CIT_OK; i++) {
        st = put_before(c, i, errs);
        if (st == CIT_OK) st = put_visit(c, i, errs);
        if (st == CIT_OK) st = put_after(c, i, errs);
    }
    for (int i = 0; i < course->photo_count && st == CIT_OK; i++) st = put_photo(c, i, errs);
    return st == CIT_OK ? put_judging(c, errs) : st;
}

static void put_header(const calendar *c) {
    char maker[80];
    snprintf(maker, sizeof maker, "-//cit//%.40s//EN", c->report->program);
    icalcomponent_add_property(c->all, icalproperty_new_prodid(maker));
    icalcomponent_add_property(c->all, icalproperty_new_version("2.0"));
    icalcomponent_add_property(c->all, icalproperty_new_calscale("GREGORIAN"));
    icalcomponent_add_property(c->all, icalproperty_new_method(ICAL_METHOD_PUBLISH));
}

/* libical's own memory is given back in its own way. */
static cit_status write_out(const calendar *c, char **ret, cit_errors *errs) {
    char *bytes = icalcomponent_as_ical_string_r(c->all);
    char *copy = bytes != NULL && icalerrno == ICAL_NO_ERROR ? strdup(bytes) : NULL;
    icalmemory_free_buffer(bytes);
    if (copy == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a calendar");
    *ret = copy;
    return CIT_OK;
}

cit_status cit_report_plan_calendar(const cit_plan_report *r, char **ret, cit_errors *errs) {
    if (r->search == NULL || r->course == NULL || r->course->visit_count == 0) {
        *ret = NULL;
        return CIT_OK;
    }
    /* A fault of libical is one of ours to tell, not a reason to stop the program. The zones are read at the first
     * call for one; where their list is missing there still is UTC. */
    const int fatal = icalerror_get_errors_are_fatal();
    icalerror_set_errors_are_fatal(false);
    (void)icaltimezone_get_utc_timezone();
    icalerror_clear_errno();
    const calendar c = {
        .report = r, .all = icalcomponent_new_vcalendar(), .visits_done = r->person->visit_count};
    cit_status st = CIT_OK;
    if (c.all == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory for a calendar");
    } else {
        put_header(&c);
        st = put_all(&c, errs);
        if (st == CIT_OK) st = write_out(&c, ret, errs);
        icalcomponent_free(c.all);
    }
    icalerror_set_errors_are_fatal(fatal);
    return st;
}
