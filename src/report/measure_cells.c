/* What is said of a scar, and of what became of it, in the cells of a table. */
#include "report_impl.h"
#include <math.h>
#include <string.h>

int measure_class_of(const cit_measured_scar *s) {
    int most = 0;
    for (int i = 1; i < CIT_CLASS_COUNT; i++)
        if (s->probability[i] > s->probability[most]) most = i;
    return most;
}

const char *measure_verdict(const cit_change *c) {
    static const char *const words[] = {"", "better", "worse", "no change seen"};
    if (!isfinite(c->change_mm3)) return "not covered";
    return c->verdict >= 1 && c->verdict <= 3 ? words[c->verdict] : "";
}

void measure_short(double v, char ret[24]) {
    if (!isfinite(v)) {
        snprintf(ret, 24, "none");
        return;
    }
    const int magnitude = v != 0 ? (int)floor(log10(fabs(v))) : 0,
              digits = magnitude < 1 ? 1 - magnitude : 0;
    const double step = pow(10, magnitude - 1);
    snprintf(ret, 24, "%.*f", digits < 8 ? digits : 8, magnitude > 1 ? round(v / step) * step : v);
}

/* "1.315 ±0.016": the longer half of a 95 % interval, "?" where nobody can say. */
static void put_value(double middle, double low, double high, int digits, bool sign, char ret[]) {
    const double half = fmax(high - middle, middle - low);
    const bool zero = fabs(middle) < 0.5 * pow(10, -digits); /* as printed: it has no sign */
    char value[30];
    snprintf(value, sizeof value, sign && !zero ? "%+.*f" : "%.*f", digits, zero ? 0 : middle);
    if (!isfinite(middle))
        snprintf(ret, MEASURE_CELL, "-");
    else if (!isfinite(half))
        snprintf(ret, MEASURE_CELL, "%s ±?", value);
    else
        snprintf(ret, MEASURE_CELL, "%s ±%.*f", value, digits, half);
}

static void put_um(double middle, double low, double high, bool sign, char ret[]) {
    const bool exact = fmax(high - middle, middle - low) < 0.95;
    put_value(middle, low, high, exact ? 1 : 0, sign, ret);
}

static void put_number(const measure_row *r, char ret[]) {
    snprintf(ret, MEASURE_CELL, "%d", r->scar->number);
}

static void put_class(const measure_row *r, char ret[]) {
    const cit_measured_scar *s = r->scar;
    char parts[20] = "";
    const int kind = measure_class_of(s);
    if (s->compound) snprintf(parts, sizeof parts, ", %d parts", s->parts);
    snprintf(ret, MEASURE_CELL, "%s %.0f %%%s%s", cit_scar_class_name(kind),
             100 * s->probability[kind], parts, s->cut ? ", cut off" : "");
}

static void put_place(const measure_row *r, char ret[]) {
    snprintf(ret, MEASURE_CELL, "%.1f, %.1f", r->scar->x_mm, r->scar->y_mm);
}

static void put_rim(const measure_row *r, char ret[]) {
    snprintf(ret, MEASURE_CELL, "%.2f", r->scar->rim_mm);
}

static void put_outlined(const measure_row *r, char ret[]) {
    snprintf(ret, MEASURE_CELL, "%.2f", r->scar->area_mm2);
}

static void put_depth(const measure_row *r, char ret[]) {
    const cit_measured_scar *s = r->scar;
    put_um(s->depth_um, s->depth_low_um, s->depth_high_um, false, ret);
}

static void put_volume(const measure_row *r, char ret[]) {
    const cit_measured_scar *s = r->scar;
    put_value(s->volume_mm3, s->volume_low_mm3, s->volume_high_mm3, 3, false, ret);
}

static void put_before(const measure_row *r, char ret[]) {
    snprintf(ret, MEASURE_CELL, "%.3f", r->since->before_mm3);
}

static void put_change(const measure_row *r, char ret[]) {
    put_value(r->since->change_mm3, r->since->low_mm3, r->since->high_mm3, 4, true, ret);
}

static void put_detectable(const measure_row *r, char ret[]) {
    snprintf(ret, MEASURE_CELL, isfinite(r->since->detectable_mm3) ? "%.4f" : "-",
             r->since->detectable_mm3);
}

static void put_shallower(const measure_row *r, char ret[]) {
    const cit_change *c = r->since;
    put_um(c->depth_change_um, c->depth_low_um, c->depth_high_um, true, ret);
}

static void put_verdict(const measure_row *r, char ret[]) {
    snprintf(ret, MEASURE_CELL, "%s", measure_verdict(r->since));
}

static void put_filled(const measure_row *r, char ret[]) {
    char change[MEASURE_CELL];
    put_change(r, change);
    const bool known = isfinite(r->since->change_mm3);
    snprintf(ret, MEASURE_CELL, "%.30s%s%s", known ? change : "", known ? " " : "",
             measure_verdict(r->since));
}

const measure_column measure_found[MEASURE_FOUND] = {
    {"no.", 0.45, put_number},       {"likely class", 2.3, put_class}, {"x, y mm", 1.15, put_place},
    {"rim mm", 0.8, put_rim},        {"area mm2", 0.9, put_outlined},  {"depth um", 1.1, put_depth},
    {"volume mm3", 1.45, put_volume}};

const measure_column measure_changed[MEASURE_CHANGED] = {{"no.", 0.45, put_number},
                                                         {"before mm3", 1, put_before},
                                                         {"filled mm3", 1.5, put_change},
                                                         {"could be seen", 1.2, put_detectable},
                                                         {"shallower um", 1.3, put_shallower},
                                                         {"verdict", 1.4, put_verdict}};

const measure_column measure_on_paper[MEASURE_ON_PAPER] = {
    {"no.", 0.06, put_number},        {"likely class", 0.26, put_class},
    {"rim mm", 0.1, put_rim},         {"depth um", 0.13, put_depth},
    {"volume mm3", 0.17, put_volume}, {"filled since, mm3", 0.28, put_filled}};

void measure_cells(const measure_column *columns, int count, const measure_row *row,
                   char cells[][MEASURE_CELL], const char *ret[]) {
    for (int c = 0; c < count; c++) {
        columns[c].put(row, cells[c]);
        ret[c] = cells[c];
    }
}
