/* The colour of skin in photos, for the terminal; and the words that files and paper share with it. */
#include "report_impl.h"
#include <math.h>
#include <string.h>

#define ROW(name, unit, meaning) {#name, unit, meaning},
const colour_index colour_rows[COLOUR_INDICES] = {CIT_COLOUR_LIST(ROW)};
#define GATE(name, text) {#name, text},
const colour_gate colour_gates[CIT_GATE_COUNT] = {CIT_GATES(GATE)};

const char *const colour_intended_use =
    "Intended use: the colour of skin, and its change, for people who know skin. This is no "
    "diagnosis, and nothing of it enters a plan before a person has accepted it.";

const char *const colour_formulas =
    "Erythema index 100 (log10 R - log10 G), melanin index 100 log10 (1 / R), ITA = atan ((L* - "
    "50) / b*). Methods and limits: docs/models/colour.md.";

const char *const colour_relative_words =
    "Relative only, the brightest 2 % of each photo taken for white: light and camera are in it. "
    "The interval is what five lights made of one cheek, and no more than that.";

double colour_number(const cit_colour *c, int index) {
    double v[COLOUR_INDICES];
    memcpy(v, c, sizeof v);
    return v[index];
}

/* ---- words ---------------------------------------------------------------------------------------------- */

void colour_cell_value(const cit_colour_take *take, int index, char ret[60]) {
    const double v = colour_number(&take->result.middle, index),
                 half = 1.96 * colour_number(&take->result.error, index);
    if (cit_known(half))
        snprintf(ret, 60, "%.1f ± %.1f", v, half);
    else
        snprintf(ret, 60, "%.1f", v);
}

void colour_cell_change(const cit_colour_change *change, int index, char ret[60]) {
    const double d = colour_number(&change->change, index),
                 h = colour_number(&change->half_width, index);
    snprintf(ret, 60, "%+.1f (%+.1f to %+.1f)", d, d - h, d + h);
}

const char *colour_seen(const cit_colour_change *change, int index) {
    const double d = colour_number(&change->change, index);
    return fabs(d) <= colour_number(&change->half_width, index) ? "no change seen"
           : d > 0                                              ? "higher"
                                                                : "lower";
}

void colour_take_name(const cit_colour_take *take, char ret[120]) {
    char day[20] = "", name[SHORT_NAME];
    if (take->day != CIT_UNKNOWN_INT) cit_date_format(take->day, day);
    short_name(take->name, 48, name);
    snprintf(ret, 120, "%s%s%s", name, day[0] ? ", " : "", day);
}

/* "EI +4.9 (+4.2 to +5.7), higher" */
static void put_index(const cit_colour_change *change, int index, char ret[100]) {
    char cell[60];
    colour_cell_change(change, index, cell);
    snprintf(ret, 100, "%s %s, %s", colour_rows[index].name, cell, colour_seen(change, index));
}

const char *colour_verdict(const cit_colour_change *change, char ret[400]) {
    char redness[100], pigment[100];
    put_index(change, COLOUR_EI, redness);
    put_index(change, COLOUR_MI, pigment);
    if (change->refused)
        snprintf(ret, 400, "Change of colour: refused%s",
                 change->gates == 1U << CIT_GATE_CHART
                     ? ", for want of a chart. --relative shows what differs all the same."
                     : ".");
    else if (change->relative)
        snprintf(ret, 400, "%s %s; %s.", colour_relative_words, redness, pigment);
    else
        snprintf(ret, 400, "By the charts in both photos: %s; %s.", redness, pigment);
    return ret;
}

cit_page_tone colour_tone(const cit_colour_change *change) {
    return change->refused ? CIT_PAGE_BAD : change->relative ? CIT_PAGE_ASK : CIT_PAGE_GOOD;
}

bool colour_gate_line(const cit_colour_change *change, int gate, char ret[400]) {
    if (!(change->gates >> gate & 1)) return false;
    snprintf(ret, 400, "%s: %s", colour_gates[gate].text, change->reason[gate]);
    return true;
}

/* ---- page --------------------------------------------------------------------------------------------- */

static void put_photo(cit_page *page, const cit_colour_take *t) {
    const cit_photo_quality *q = &t->quality;
    char pattern[80] = "no pattern of the skin is seen";
    if (cit_known(q->scale))
        snprintf(pattern, sizeof pattern, "the skin's pattern is %.0f pixels wide", q->scale);
    page_say(
        page,
        "%s: %d x %d pixels; looked at: %d x %d at %d, %d. %.2g %% clipped, %.2g %% black, one "
        "side "
        "%.2f times as bright, %s.",
        t->name, t->photo->width, t->photo->height, t->part.width, t->part.height, t->part.x,
        t->part.y, 100 * q->clipped, 100 * q->dark, q->light, pattern);
    if (t->chart != NULL)
        page_say(
            page,
            "A chart was found: its patches are missed by %.1f delta E (worst %.1f), each left out "
            "of the fit that it judges; light on its greys differs by %.0f %%.",
            t->chart->error_mean, t->chart->error_worst, 100 * (t->chart->light_spread - 1));
    else
        page_say(page,
                 "No colour chart: what follows is as the camera wrote it, and not to be compared "
                 "with any other photo.");
    if (t->photo->unreferred)
        page_say(page, "The file names a colour space other than sRGB, which was not converted.");
    if (t->photo->converted)
        page_say(page, "Its colours were brought to sRGB by the profile in the file.");
}

static void put_indices(cit_page *page, const cit_colour_take *t) {
    enum { COLUMNS = 4 };
    static const char *const heads[COLUMNS] = {"index", "value (± 95 % by its chart)",
                                               "spread over the skin", "what it is"};
    static const double shares[COLUMNS] = {0.7, 2, 1.5, 2};
    cit_page_table(page, COLUMNS, shares, heads);
    for (int i = 0; i < COLOUR_INDICES; i++) {
        char value[60], spread[40];
        colour_cell_value(t, i, value);
        snprintf(spread, sizeof spread, "%.1f", colour_number(&t->result.spread, i));
        const char *cells[COLUMNS] = {colour_rows[i].name, value, spread, colour_rows[i].meaning};
        cit_page_row(page, COLUMNS, cells);
    }
}

static void put_verdict(cit_page *page, const cit_colour_change *c) {
    char line[400];
    colour_verdict(c, line);
    cit_page_verdict(page, colour_tone(c), line);
    for (int g = 0; g < CIT_GATE_COUNT; g++)
        if (colour_gate_line(c, g, line)) cit_page_bullet(page, "-", line);
}

static void put_change(cit_page *page, const cit_colour_take *t) {
    enum { COLUMNS = 5 };
    static const char *const heads[COLUMNS] = {"index", "before", "after", "change (95 %)",
                                               "could it be seen?"};
    static const double shares[COLUMNS] = {0.7, 0.9, 0.9, 2.2, 1.6};
    const cit_colour_change *c = t->change;
    char line[300];
    colour_take_name(t, line);
    cit_page_heading(page, line);
    put_photo(page, t);
    put_verdict(page, c);
    if (c->refused) return;
    cit_page_table(page, COLUMNS, shares, heads);
    for (int i = 0; i < COLOUR_INDICES; i++) {
        char before[40], after[40], change[60];
        snprintf(before, sizeof before, "%.1f", colour_number(&c->before, i));
        snprintf(after, sizeof after, "%.1f", colour_number(&c->after, i));
        colour_cell_change(c, i, change);
        const char *cells[COLUMNS] = {colour_rows[i].name, before, after, change,
                                      colour_seen(c, i)};
        cit_page_row(page, COLUMNS, cells);
    }
    if (c->relative)
        cit_page_note(page, "Without charts nobody can tell whether both were taken from the same "
                            "side.");
}

cit_page *cit_page_of_colour(const cit_colour_report *r) {
    cit_page *page = cit_page_new("Colour of skin as measured", NULL);
    put_photo(page, &r->takes[0]);
    put_indices(page, &r->takes[0]);
    for (int i = 1; i < r->count; i++) put_change(page, &r->takes[i]);
    cit_page_note(page, colour_formulas);
    cit_page_note(page, colour_intended_use);
    return page;
}
