/* The paper for the day: steps with minutes, what is planned, and room to write what was done. */
#include "report_impl.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- minutes ----------------------------------------------------------------------------------- */

static double zone_area_mm2(const cit_advice *a, const cit_zone *z) {
    const cit_site *site = cit_catalogue_site(a->catalogue, z->site);
    if (cit_known(z->area_mm2)) return z->area_mm2;
    return site == NULL ? CIT_UNKNOWN_NUMBER : (z->side == CIT_BOTH ? 2 : 1) * site->area_mm2;
}

/* Minutes that needles take over an area: a track as wide as the head, at glide speed, each pass. NAN
 * where width, speed or passes are not known. A roller has no glide speed of its own; the setting's is
 * taken if it is stated. */
static double needling_minutes(const cit_advice *a, const cit_setting *s, double area_mm2) {
    const cit_device *d = s->device ? cit_catalogue_device(a->catalogue, s->device) : NULL;
    if (d == NULL || s->passes == CIT_UNKNOWN_INT) return CIT_UNKNOWN_NUMBER;
    const double width = cit_known(d->tip_width_mm) ? d->tip_width_mm : d->drum_width_mm;
    return area_mm2 * s->passes / (width * s->speed_mm_per_s) / 60;
}

static void number_or(double v, const char *format_unit, const char *otherwise, char text[40]) {
    if (cit_known(v))
        snprintf(text, 40, "%.2g%s", v, format_unit);
    else
        snprintf(text, 40, "%.39s", otherwise);
}

/* ---- blocks ------------------------------------------------------------------------------------- */

static void step_minutes(const cit_step *s, char minutes[40]) {
    if (!cit_known(s->minutes_from))
        minutes[0] = 0;
    else if (s->minutes_from < s->minutes_to)
        snprintf(minutes, 40, "%g-%g min", s->minutes_from, s->minutes_to);
    else
        snprintf(minutes, 40, "%g min", s->minutes_from);
}

static const cit_step *step_after(const cit_catalogue *c, int order) {
    const cit_step *next = NULL;
    for (int i = 0; i < c->step_count; i++)
        if (c->steps[i].order > order && (next == NULL || c->steps[i].order < next->order))
            next = &c->steps[i];
    return next;
}

/* Each step and what is looked for; where room is short, all their titles in one paragraph. */
static void put_steps(cit_page *page, const cit_advice *a) {
    static const char *const keys[2][2] = {{"visit.step", "visit.step_timed"},
                                           {"visit.step_brief", "visit.step_timed_brief"}};
    char line[LINE], all[LINE] = "", minutes[40], order[16], mark[24];
    cit_page_heading(page, T("visit.steps"));
    for (const cit_step *s = step_after(a->catalogue, 0); s != NULL;
         s = step_after(a->catalogue, s->order)) {
        step_minutes(s, minutes);
        snprintf(order, sizeof order, "%d", s->order);
        snprintf(mark, sizeof mark, "%s.", order);
        cit_text_fill(line, sizeof line, T(keys[a->brief][minutes[0] != 0]), "order", order,
                      "title", cit_text_of(a->catalogue, "step", s->id, "title", s->title),
                      "minutes", minutes, "text",
                      cit_text_of(a->catalogue, "step", s->id, "clinician", s->clinician), NULL);
        const size_t used = strlen(all);
        if (a->brief)
            snprintf(all + used, sizeof all - used, "%s%.120s", used ? "; " : "", line);
        else
            cit_page_bullet(page, mark, line);
    }
    if (a->brief) cit_page_paragraph(page, all);
}

static void put_plan_row(cit_page *page, const cit_advice *a, const cit_zone *z,
                         const cit_setting *s) {
    char zone[80], length[40], passes[80], area[40], minutes[40];
    const cit_device *d = s->device ? cit_catalogue_device(a->catalogue, s->device) : NULL;
    const double mm2 = zone_area_mm2(a, z);
    cit_zone_name(z, zone);
    number_or(s->length_mm, " mm", T("visit.not_set"), length);
    passes_text(a, s, passes);
    number_or(mm2 / 100, " cm2", "?", area);
    number_or(needling_minutes(a, s, mm2), " min", "?", minutes);
    const char *const cells[] = {
        zone, d != NULL ? d->name : T("visit.not_set"), length, passes, area, minutes};
    cit_page_row(page, 6, cells);
}

static void put_plan(cit_page *page, const cit_advice *a, const cit_visit *visit) {
    static const double shares[] = {1.4, 1.8, 0.9, 1.6, 0.9, 0.9};
    const char *const headings[] = {T("visit.zone"),   T("visit.device"),
                                    T("visit.length"), T("visit.passes_planned"),
                                    T("visit.area"),   T("visit.minutes")};
    char line[LINE], total[40];
    double minutes = 0;
    cit_page_heading(page, T("visit.plan"));
    cit_page_table(page, 6, shares, headings);
    for (int z = 0; z < a->person->zone_count; z++) {
        const cit_zone *zone = &a->person->zones[z];
        const cit_setting *s = cit_visit_setting(a->protocol, visit, zone);
        if (s == NULL) continue;
        put_plan_row(page, a, zone, s);
        minutes += needling_minutes(a, s, zone_area_mm2(a, zone));
    }
    number_or(minutes, "", "?", total);
    cit_page_note(page, cit_text_fill(line, sizeof line,
                                      T(cit_known(minutes) ? "visit.sanity" : "visit.no_sanity"),
                                      "minutes", total, NULL));
}

/* What numbs, as the protocol has it; nothing where it does not say. */
static void put_numbing(cit_page *page, const cit_advice *a, const cit_visit *visit) {
    char line[LINE];
    if (numbing_text(a, a->protocol, visit, line)) cit_page_note(page, line);
}

/* A form's line: labels by keys, NULL-terminated. */
static void put_fields(cit_page *page, const cit_advice *a, const char *const *keys) {
    const char *labels[CIT_PAGE_CELLS_MAX];
    int n = 0;
    for (; n < CIT_PAGE_CELLS_MAX && keys[n] != NULL; n++) labels[n] = T(keys[n]);
    cit_page_fields(page, n, labels, NULL);
}

enum { ZONES_WITH_FIELDS = 3 };

static int zones_of_visit(const cit_advice *a, const cit_visit *visit) {
    int n = 0;
    for (int z = 0; z < a->person->zone_count; z++)
        n += cit_visit_setting(a->protocol, visit, &a->person->zones[z]) != NULL;
    return n;
}

static void put_zone_fields(cit_page *page, const cit_advice *a, const cit_visit *visit) {
    static const char *const keys[] = {"visit.set_length", "visit.stepped", "visit.passes",
                                       "visit.pain",       "visit.skipped", NULL};
    const char *const endpoints[] = {T("visit.redness"), T("visit.pinpoint"), T("visit.confluent")};
    for (int z = 0; z < a->person->zone_count; z++) {
        char name[80], line[LINE];
        if (cit_visit_setting(a->protocol, visit, &a->person->zones[z]) == NULL) continue;
        cit_zone_name(&a->person->zones[z], name);
        cit_page_boxes(page,
                       cit_text_fill(line, sizeof line, T("visit.endpoint"), "zone", name, NULL), 3,
                       endpoints);
        put_fields(page, a, keys);
    }
}

/* Many zones: a line each, to be written on. */
static void put_zone_table(cit_page *page, const cit_advice *a, const cit_visit *visit) {
    static const double shares[] = {1.6, 1, 1, 1.2, 1.3, 0.9, 1.6};
    const char *const headings[] = {T("visit.zone"),   T("visit.set_length"),    T("visit.stepped"),
                                    T("visit.passes"), T("visit.endpoint_code"), T("visit.pain"),
                                    T("visit.skipped")};
    const char *const blank = "........";
    cit_page_table(page, 7, shares, headings);
    for (int z = 0; z < a->person->zone_count; z++) {
        char name[80];
        if (cit_visit_setting(a->protocol, visit, &a->person->zones[z]) == NULL) continue;
        cit_zone_name(&a->person->zones[z], name);
        const char *const cells[] = {name, blank, blank, blank, blank, blank, blank};
        cit_page_row(page, 7, cells);
    }
}

static void put_done(cit_page *page, const cit_advice *a, const cit_visit *visit) {
    static const char *const day[] = {"visit.date", "visit.operator", "visit.start", "visit.end",
                                      NULL};
    static const char *const tools[] = {"visit.serial", "visit.lot", "visit.expiry", NULL};
    static const char *const cream[] = {"visit.cream", "visit.strength", "visit.grams",
                                        "visit.on",    "visit.off",      NULL};
    static const char *const rest[] = {"visit.products", "visit.complications", NULL};
    cit_page_heading(page, T("visit.done"));
    put_fields(page, a, day);
    put_fields(page, a, tools);
    put_fields(page, a, cream);
    if (zones_of_visit(a, visit) <= ZONES_WITH_FIELDS)
        put_zone_fields(page, a, visit);
    else
        put_zone_table(page, a, visit);
    put_fields(page, a, rest);
}

static void put_head(cit_page *page, const cit_advice *a) {
    static const cit_page_tone tones[] = {CIT_PAGE_GOOD, CIT_PAGE_ASK, CIT_PAGE_BAD};
    static const char *const keys[] = {"visit.cleared", "visit.ask", "visit.refused"};
    const cit_clearance v = cit_screening_verdict(a->screening, -1, a->who);
    char line[LINE], number[16];
    int open = 0;
    rule_findings r;
    for (int at = 0; next_rule(a->screening, at, &r); at = r.next)
        open += finding_is_open(&r, a->who);
    snprintf(number, sizeof number, "%d", open);
    cit_page_verdict(
        page, tones[v - 1],
        cit_text_fill(line, sizeof line,
                      T(v == CIT_ASK_FIRST && open == 1 ? "visit.ask_one" : keys[v - 1]), "who",
                      who_words(a, a->who), "number", number, NULL));
    page_overrides(page, a);
}

cit_page *cit_page_of_visit(const cit_advice *a, const cit_visit *visit, int number) {
    char line[LINE], name[200], n[16], date[40];
    snprintf(n, sizeof n, "%d", number);
    date_or(a, a->day, date);
    cit_text_fill(line, sizeof line, T("visit.subtitle"), "name", case_label(a->person, name),
                  "number", n, "date", date, NULL);
    cit_page *page = cit_page_new(T("visit.title"), line);
    put_head(page, a);
    put_plan(page, a, visit);
    put_numbing(page, a, visit);
    put_steps(page, a);
    put_done(page, a, visit);
    cit_page_note(page, T("visit.foot"));
    return page;
}
