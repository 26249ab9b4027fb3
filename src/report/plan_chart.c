/* A plan's pictures: what options bring against what they ask, the shown one over time, and the zones on a
 * face. Shapes and letters tell what colours repeat. */
#include "report_impl.h"
#include <math.h>
#include <pango/pangocairo.h>
#include <stdio.h>
#include <string.h>

/* ---- words that the plan's papers share -------------------------------------------------------- */

int plan_shown(const cit_plan_report *a) {
    const cit_search *s = a->search;
    int best = 0;
    if (s == NULL) return 0;
    if (s->chosen > 0 && a->forecasts[s->chosen] != NULL) return s->chosen;
    for (int i = 1; i < s->option_count; i++)
        if (a->forecasts[i] != NULL &&
            (best == 0 || s->options[i].value.gain > s->options[best].value.gain))
            best = i;
    return best;
}

const char *plan_amount(const cit_plan_report *a, double value, char text[40]) {
    static const char *const keys[] = {"plan_pdf.percent", "plan_pdf.grades", "plan_pdf.mm"};
    const int judge = a->search->judge;
    const int kind = judge == CIT_JUDGE_GRADE ? 1 : judge == CIT_JUDGE_SCANNER ? 2 : 0;
    const double unit = kind == 0 ? 1 : kind == 1 ? 0.1 : 0.01;
    const double rounded = unit * round(value / unit);
    char number[24];
    snprintf(number, sizeof number, "%.*f", kind, rounded == 0 ? 0 : rounded);
    return cit_text_fill(text, 40, T(keys[kind]), "n", number, NULL);
}

const char *plan_letter(int option) {
    static const char *const letters[] = {"A", "B", "C", "D", "E", "F"};
    return letters[option];
}

static const char *kind_words(const cit_plan_report *a, int kind) {
    static const char *const keys[] = {"",
                                       "plan_pdf.kind_nothing",
                                       "plan_pdf.kind_least",
                                       "plan_pdf.kind_usual",
                                       "plan_pdf.kind_enough",
                                       "plan_pdf.kind_most",
                                       "plan_pdf.kind_home"};
    return T(kind == CIT_OPTION_NOTHING && plan_done(a) > 0 ? "plan_pdf.kind_stop" : keys[kind]);
}

const char *plan_option_name(const cit_plan_report *a, int option, char text[160]) {
    const cit_option *o = &a->search->options[option];
    snprintf(text, 160, "%.40s", kind_words(a, o->kind));
    for (int kind = CIT_OPTION_NOTHING; kind <= CIT_OPTION_HOME; kind++) {
        const size_t used = strlen(text);
        if (kind != o->kind && (o->also >> kind & 1) != 0)
            snprintf(text + used, 160 - used, ", %.40s", kind_words(a, kind));
    }
    return text;
}

const char *plan_money(const cit_plan_report *a, double low, double high, char text[80]) {
    char from[24], to[24];
    if (a->prices == NULL || !cit_known(low) || !cit_known(high)) {
        snprintf(text, 80, "%.79s", T("plan_pdf.no_price"));
        return text;
    }
    snprintf(from, sizeof from, "%.0f", low);
    snprintf(to, sizeof to, "%.0f", high);
    return cit_text_fill(text, 80, T(high > low ? "plan_pdf.money" : "plan_pdf.money_one"),
                         "currency", a->prices->currency, "from", from, "to", to, NULL);
}

/* ---- marks ------------------------------------------------------------------------------------- */

/* Okabe and Ito's colours, which most colour-blind people tell apart. */
static const colour option_colours[] = {{0.25, 0.25, 0.28}, {0.00, 0.45, 0.70}, {0.84, 0.37, 0.00},
                                        {0.00, 0.50, 0.38}, {0.65, 0.33, 0.52}, {0.55, 0.40, 0.00}};
static const colour grey = {0.36, 0.39, 0.43};

static void shape(cairo_t *c, double x, double y, double r, const double *points, int n) {
    cairo_new_path(c);
    for (int i = 0; i < n; i++) cairo_line_to(c, x + r * points[2 * i], y + r * points[2 * i + 1]);
    cairo_close_path(c);
    cairo_fill(c);
}

static void put_marker(cairo_t *c, double x, double y, int option) {
    static const double square[] = {-1, -1, 1, -1, 1, 1, -1, 1};
    static const double up[] = {0, -1.2, 1.2, 0.9, -1.2, 0.9};
    static const double down[] = {0, 1.2, 1.2, -0.9, -1.2, -0.9};
    static const double diamond[] = {0, -1.4, 1.4, 0, 0, 1.4, -1.4, 0};
    static const double cross[] = {-0.45, -1.3, 0.45, -1.3, 0.45, -0.45, 1.3,   -0.45,
                                   1.3,   0.45, 0.45, 0.45, 0.45, 1.3,   -0.45, 1.3,
                                   -0.45, 0.45, -1.3, 0.45, -1.3, -0.45, -0.45, -0.45};
    const double r = 5;
    set_colour(c, option_colours[option], 1);
    if (option == 0) {
        cairo_arc(c, x, y, r + 0.5, 0, 6.2832);
        cairo_fill(c);
    }
    if (option == 1) shape(c, x, y, r, square, 4);
    if (option == 2) shape(c, x, y, r, up, 3);
    if (option == 3) shape(c, x, y, r, diamond, 4);
    if (option == 4) shape(c, x, y, r, down, 3);
    if (option == 5) shape(c, x, y, r, cross, 12);
}

/* Words in lines from this height on; how high they are. */
static double put_words(cairo_t *c, double x, double y, double width, double size, bool bold,
                        const char *words) {
    PangoLayout *layout = pango_cairo_create_layout(c);
    PangoFontDescription *font = pango_font_description_from_string("DejaVu Sans");
    int wide = 0, high = 0;
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    if (bold) pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
    pango_layout_set_font_description(layout, font);
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
    pango_layout_set_text(layout, words, -1);
    pango_layout_get_pixel_size(layout, &wide, &high);
    cairo_move_to(c, x, y);
    pango_cairo_show_layout(c, layout);
    cairo_new_path(c);
    pango_font_description_free(font);
    g_object_unref(layout);
    return high;
}

/* What a physician signed stands on every drawing. */
static void put_overridden(cairo_t *c, const cit_plan_report *a) {
    char line[LINE];
    if (a->person->override_count == 0) return;
    const cit_override *o = &a->person->overrides[0];
    cit_text_fill(line, sizeof line, T("screen.overridden"), "rule", o->rule, "by", o->by, "at",
                  o->at, "reason", o->reason, NULL);
    line[cit_text_whole(line, 130)] = 0;
    set_colour(c, published_colour, 1);
    put_text(c, 24, 7, LEFT, 10, true, line);
}

/* ---- what options bring against what they ask -------------------------------------------------------- */

static double visits_of(const cit_option *o) { return o->candidate.visits; }
static double redness_of(const cit_option *o) { return o->value.redness_day; }
static double pain_of(const cit_option *o) { return o->value.pain; }
static double cost_of(const cit_option *o) {
    return o->candidate.visits == 0 ? 0 : 0.5 * (o->value.cost_low + o->value.cost_high);
}

typedef struct burden {
    const char *label;
    double (*of)(const cit_option *o);
} burden;

static bool cost_known(const cit_plan_report *a) {
    if (a->prices == NULL) return false;
    for (int i = 1; i < a->search->option_count; i++)
        if (cit_known(cost_of(&a->search->options[i]))) return true;
    return false;
}

static void put_grid(cairo_t *c, const axes *a, const char *x_label) {
    char label[32];
    const double y_step = round_step(a->y1 - a->y0, 6), x_step = round_step(a->x1 - a->x0, 4);
    for (double y = ceil(a->y0 / y_step) * y_step; y <= a->y1 + 1e-9; y += y_step) {
        const bool zero = fabs(y) < 1e-9;
        set_colour(c, pale, zero ? 1 : 0.5);
        put_line(c, a->x, axes_y(a, y), a->x + a->w, axes_y(a, y), zero ? 1.5 : 0.8);
        set_colour(c, ink, 1);
        snprintf(label, sizeof label, "%g", zero ? 0 : y);
        put_text(c, a->x - 6, axes_y(a, y), RIGHT, 11, false, label);
    }
    for (double x = 0; x <= a->x1 + 1e-9; x += x_step) {
        set_colour(c, ink, 1);
        put_line(c, axes_x(a, x), a->y + a->h, axes_x(a, x), a->y + a->h + 4, 1);
        snprintf(label, sizeof label, "%g", x);
        put_text(c, axes_x(a, x), a->y + a->h + 14, CENTRE, 11, false, label);
    }
    put_line(c, a->x, a->y + a->h, a->x + a->w, a->y + a->h, 1);
    put_text(c, a->x + 0.5 * a->w, a->y + a->h + 33, CENTRE, 12, false, x_label);
}

static double within(const axes *a, double y) { return axes_y(a, fmin(fmax(y, a->y0), a->y1)); }

/* At `x`, with a thin line down to where it belongs on the axis. */
static void put_option(cairo_t *c, const cit_plan_report *a, const axes *plot, double x,
                       double true_x, int option) {
    const cit_option *o = &a->search->options[option];
    const double top = within(plot, o->hi90), low = within(plot, o->lo90), foot = plot->y + plot->h;
    set_colour(c, option_colours[option], 0.6);
    put_line(c, x, low, true_x, foot, 0.7);
    set_colour(c, option_colours[option], 1);
    put_line(c, true_x, foot - 4, true_x, foot + 4, 1.6);
    put_line(c, x, top, x, low, 1.5);
    put_line(c, x - 4, top, x + 4, top, 1.5);
    put_line(c, x - 4, low, x + 4, low, 1.5);
    set_colour(c, option_colours[option], 0.45);
    put_line(c, x, within(plot, o->hi50), x, within(plot, o->lo50), 7);
    put_marker(c, x, within(plot, o->median), option);
    set_colour(c, ink, 1);
    put_text(c, x, top - 10, CENTRE, 12, option == a->search->chosen, plan_letter(option));
}

/* Where each option stands: those that ask alike side by side. */
static void stand_apart(const cit_plan_report *a, const axes *plot, const burden *b,
                        double x[CIT_OPTIONS_MAX]) {
    const double apart = 14;
    int order[CIT_OPTIONS_MAX], n = 0;
    for (int i = 0; i < a->search->option_count; i++) {
        const double value = b->of(&a->search->options[i]);
        x[i] = axes_x(plot, value);
        if (!cit_known(value)) continue;
        int k = n++;
        for (; k > 0 && x[order[k - 1]] > x[i]; k--) order[k] = order[k - 1];
        order[k] = i;
    }
    for (int i = 1; i < n; i++) x[order[i]] = fmax(x[order[i]], x[order[i - 1]] + apart);
    if (n > 0) x[order[n - 1]] = fmin(x[order[n - 1]], plot->x + plot->w - 6);
    for (int i = n - 2; i >= 0; i--) x[order[i]] = fmin(x[order[i]], x[order[i + 1]] - apart);
}

static void put_panel(cairo_t *c, const cit_plan_report *a, axes plot, const burden *b) {
    const cit_search *s = a->search;
    const double matters = s->untreated + s->smallest_change, dashes[] = {5, 3};
    double most = 0, x[CIT_OPTIONS_MAX];
    for (int i = 0; i < s->option_count; i++)
        if (cit_known(b->of(&s->options[i]))) most = fmax(most, b->of(&s->options[i]));
    plot.x0 = -0.08 * fmax(most, 1);
    plot.x1 = 1.2 * fmax(most, 1);
    put_grid(c, &plot, b->label);
    set_colour(c, grey, 1);
    cairo_set_dash(c, dashes, 2, 0);
    put_line(c, plot.x, within(&plot, matters), plot.x + plot.w, within(&plot, matters), 1.2);
    cairo_set_dash(c, NULL, 0, 0);
    stand_apart(a, &plot, b, x);
    for (int i = 0; i < s->option_count; i++)
        if (cit_known(b->of(&s->options[i])))
            put_option(c, a, &plot, x[i], axes_x(&plot, b->of(&s->options[i])), i);
}

static void y_range(const cit_search *s, double *lo, double *hi) {
    *lo = 0;
    *hi = s->untreated + s->smallest_change;
    for (int i = 0; i < s->option_count; i++) {
        *lo = fmin(*lo, s->options[i].lo90);
        *hi = fmax(*hi, s->options[i].hi90);
    }
    const double margin = 0.08 * (*hi - *lo) + 1e-9;
    *lo -= margin;
    *hi += margin;
}

static void put_options_key(cairo_t *c, const cit_plan_report *a, double y) {
    const cit_search *s = a->search;
    static const char *const keys[2][2] = {{"plan_pdf.key", "plan_pdf.key_nothing"},
                                           {"plan_pdf.key_first", "plan_pdf.key_nothing_first"}};
    char line[LINE], name[160], text[240];
    for (int i = 0; i < s->option_count; i++) {
        cit_candidate_text(&s->options[i].candidate, text);
        put_marker(c, 34, y + 8, i);
        set_colour(c, ink, 1);
        cit_text_fill(line, sizeof line, T(keys[i == s->chosen][i == 0]), "letter", plan_letter(i),
                      "name", plan_option_name(a, i, name), "course", i == 0 ? "" : text, NULL);
        y += 5 + put_words(c, 48, y, PLAN_CHART_W - 64, 11, i == s->chosen, line);
    }
    set_colour(c, grey, 1);
    put_words(c, 24, y + 4, PLAN_CHART_W - 40, 11, false, T("plan_pdf.studies_differ"));
}

/* "Goodman-Baron score, improvement, %"; never the name of a quantity that falls as it gets better. */
static const char *judge_words(const cit_plan_report *a) {
    static const char *const keys[] = {"",
                                       "plan_pdf.judge_grade",
                                       "plan_pdf.judge_own_rating",
                                       "plan_pdf.judge_goodman_baron",
                                       "plan_pdf.judge_ecca",
                                       "plan_pdf.judge_scanner"};
    return T(keys[a->search->judge]);
}

static void put_nobody(cairo_t *c, const cit_plan_report *a) {
    set_colour(c, ink, 1);
    put_text(c, 24, 30, LEFT, 17, true, T("plan_pdf.refused"));
}

void plan_draw_options(cairo_t *c, const void *report) {
    const cit_plan_report *a = report;
    if (a->search == NULL) {
        put_nobody(c, a);
        return;
    }
    char line[LINE], week[16], cost[120];
    const burden burdens[] = {{T("plan_pdf.axis_visits"), visits_of},
                              {T("plan_pdf.axis_redness"), redness_of},
                              {T("plan_pdf.axis_pain"), pain_of},
                              {cost, cost_of}};
    const int panels = cost_known(a) ? 4 : 3;
    const double gap = 40, w = (PLAN_CHART_W - 80 - gap * (panels - 1)) / panels;
    axes plot = {.x = 60, .y = 92, .w = w, .h = 300};
    if (panels == 4)
        cit_text_fill(cost, sizeof cost, T("plan_pdf.axis_cost"), "currency", a->prices->currency,
                      NULL);
    y_range(a->search, &plot.y0, &plot.y1);
    snprintf(week, sizeof week, "%.0f", a->search->horizon_day / 7);
    put_overridden(c, a);
    set_colour(c, ink, 1);
    put_words(c, 24, 16, PLAN_CHART_W - 40, 14, true,
              cit_text_fill(line, sizeof line, T("plan_pdf.chart_options"), "judge", judge_words(a),
                            "week", week, NULL));
    put_words(c, 24, 38, PLAN_CHART_W - 40, 11, false, T("plan_pdf.chart_options_key"));
    for (int i = 0; i < panels; i++, plot.x += w + gap) put_panel(c, a, plot, &burdens[i]);
    put_options_key(c, a, 446);
}

/* ---- over time ----------------------------------------------------------------------------------------- */

static void turn_over(week_series *s) {
    for (int i = 0; i < s->n; i++) {
        const double lo50 = s->lo50[i], lo90 = s->lo90[i];
        s->median[i] = -s->median[i];
        s->lo50[i] = -s->hi50[i];
        s->hi50[i] = -lo50;
        s->lo90[i] = -s->hi90[i];
        s->hi90[i] = -lo90;
    }
}

static void put_dashed(cairo_t *c, const axes *plot, double y, const double *dashes, colour k,
                       double key_x, const char *words) {
    const double key_y = 419;
    set_colour(c, k, 1);
    cairo_set_dash(c, dashes, 2, 0);
    put_line(c, plot->x, within(plot, y), plot->x + plot->w, within(plot, y), 1.4);
    put_line(c, key_x, key_y, key_x + 26, key_y, 1.4);
    cairo_set_dash(c, NULL, 0, 0);
    put_text(c, key_x + 32, key_y, LEFT, 11, false, words);
}

/* A scanner's options are in millimetres and its forecast is in per cent: no line of the one fits the other. */
static void put_references(cairo_t *c, const cit_plan_report *a, const axes *plot) {
    static const double short_dashes[] = {2, 3}, long_dashes[] = {7, 4};
    const cit_search *s = a->search;
    if (s->judge == CIT_JUDGE_SCANNER) return;
    put_dashed(c, plot, s->untreated + s->smallest_change, short_dashes, grey, 60,
               T("plan_pdf.line_matters"));
    put_dashed(c, plot, s->untreated, long_dashes, ink, 300,
               T(plan_done(a) > 0 ? "plan_pdf.line_stop" : "plan_pdf.line_nothing"));
}

static axes time_axes(const cit_plan_report *a, const cit_forecast *f, const week_series *s) {
    axes plot = {60, 104, PLAN_CHART_W - 90, 238, 0, f->weeks - 1, 0, 0};
    double lo = 0, hi = 0;
    for (int i = 0; i < s->n; i++) {
        lo = fmin(lo, s->lo90[i]);
        hi = fmax(hi, s->hi90[i]);
    }
    if (a->search->judge != CIT_JUDGE_SCANNER)
        hi = fmax(hi, a->search->untreated + a->search->smallest_change);
    const double margin = 0.08 * (hi - lo) + 1e-9;
    plot.y0 = lo - margin;
    plot.y1 = hi + margin;
    return plot;
}

void plan_draw_time(cairo_t *c, const void *report) {
    const cit_plan_report *a = report;
    const int shown = plan_shown(a);
    if (shown == 0) {
        if (a->search == NULL) put_nobody(c, a);
        return;
    }
    const cit_forecast *f = a->forecasts[shown];
    const cit_quantity q = cit_judge_quantity(a->search->judge);
    char line[LINE], name[160], course[240];
    week_series s;
    series_of(f, q, &s);
    if (q == CIT_Q_GRADE_CHANGE) turn_over(&s);
    const axes plot = time_axes(a, f, &s);
    cit_candidate_text(&a->search->options[shown].candidate, course);
    put_overridden(c, a);
    set_colour(c, ink, 1);
    put_text(c, 24, 26, LEFT, 15, true,
             cit_text_fill(
                 line, sizeof line,
                 T(shown == a->search->chosen ? "plan_pdf.chart_time" : "plan_pdf.chart_time_not"),
                 "letter", plan_letter(shown), "name", plan_option_name(a, shown, name), NULL));
    put_words(c, 24, 38, PLAN_CHART_W - 40, 11, false, course);
    axes_draw(c, &plot, q == CIT_Q_DEPTH_ALL ? T("plan_pdf.judge_depth") : judge_words(a),
              T("plan_pdf.axis_weeks"));
    put_band(c, &plot, &s, option_colours[1], 1.3);
    put_unmeasured(c, f, &plot);
    put_references(c, a, &plot);
    put_median(c, &plot, &s, option_colours[1]);
    put_visit_marks(c, f, &plot);
    put_key(c, 60, 400, option_colours[1], T("plan_pdf.chart_time_key"));
    set_colour(c, grey, 1);
    put_words(c, 60, 431, PLAN_CHART_W - 76, 11, false, T("plan_pdf.chart_time_foot"));
}

/* ---- the face ------------------------------------------------------------------------------------------- */

/* Places on a face of width and height 1, seen from the front; `x` of the person's left side, which is at the
 * right of the drawing. Midline places have x 0.5. */
typedef struct place {
    const char *site;
    double x, y, w, h; /* middle and half axes */
    bool paired;
} place;
static const place places[] = {
    {"forehead", 0.5, 0.17, 0.27, 0.085, false},     {"glabella", 0.5, 0.31, 0.055, 0.05, false},
    {"temple", 0.855, 0.30, 0.055, 0.085, true},     {"eyelid", 0.68, 0.395, 0.085, 0.028, true},
    {"infraorbital", 0.67, 0.465, 0.09, 0.03, true}, {"nose", 0.5, 0.48, 0.065, 0.115, false},
    {"cheek", 0.745, 0.60, 0.115, 0.095, true},      {"perioral", 0.5, 0.70, 0.16, 0.085, false},
    {"lips", 0.5, 0.71, 0.10, 0.035, false},         {"jaw", 0.745, 0.80, 0.085, 0.06, true},
    {"chin", 0.5, 0.865, 0.09, 0.055, false},        {"neck", 0.5, 1.08, 0.17, 0.055, false}};
enum { PLACES = sizeof places / sizeof *places };

static const place *place_of(const char *site) {
    for (int i = 0; i < PLACES; i++)
        if (strcmp(places[i].site, site) == 0) return &places[i];
    return NULL;
}

bool plan_on_map(const char *site) { return place_of(site) != NULL; }

typedef struct frame {
    double x, y, w, h;
} frame;

static void put_ellipse(cairo_t *c, double x, double y, double w, double h) {
    cairo_save(c);
    cairo_translate(c, x, y);
    cairo_scale(c, w, h);
    cairo_new_path(c);
    cairo_arc(c, 0, 0, 1, 0, 6.2832);
    cairo_restore(c);
}

static void put_face(cairo_t *c, const frame *f) {
    set_colour(c, ink, 1);
    cairo_set_line_width(c, 1.2);
    for (int side = -1; side <= 1; side += 2) { /* neck, ears, eyes */
        const double x = f->x + f->w * (0.5 + 0.2 * side);
        put_line(c, x, f->y + 0.93 * f->h, x, f->y + 1.14 * f->h, 1.2);
        put_ellipse(c, f->x + f->w * (0.5 + 0.455 * side), f->y + 0.46 * f->h, 0.035 * f->w,
                    0.07 * f->h);
        cairo_stroke(c);
    }
    put_ellipse(c, f->x + 0.5 * f->w, f->y + 0.5 * f->h, 0.44 * f->w, 0.47 * f->h);
    cairo_set_source_rgb(c, 1, 1, 1);
    cairo_fill_preserve(c);
    set_colour(c, ink, 1);
    cairo_stroke(c);
    set_colour(c, pale, 1);
    for (int side = -1; side <= 1; side += 2) {
        put_ellipse(c, f->x + f->w * (0.5 + 0.18 * side), f->y + 0.42 * f->h, 0.07 * f->w,
                    0.018 * f->h);
        cairo_stroke(c);
    }
    put_ellipse(c, f->x + 0.5 * f->w, f->y + 0.71 * f->h, 0.09 * f->w, 0.018 * f->h);
    cairo_stroke(c);
    put_line(c, f->x + 0.5 * f->w, f->y + 0.42 * f->h, f->x + 0.5 * f->w, f->y + 0.56 * f->h, 1);
}

typedef struct label {
    char text[120];
    double x, y, at; /* of the place; of the words */
    bool right;
} label;
enum { LABELS_MAX = 64 };

static const cit_setting *setting_of(const plan_map *m, const cit_zone *z) {
    for (int i = 0; m->protocol != NULL && i < m->protocol->visit_count; i++)
        if (m->protocol->visits[i].status == CIT_PLANNED)
            return cit_visit_setting(m->protocol, &m->protocol->visits[i], z);
    return NULL;
}

/* Shaded where it is needled, hatched where it is left alone. */
static void shade(cairo_t *c, double x, double y, double w, double h, bool needled) {
    put_ellipse(c, x, y, w, h);
    set_colour(c, option_colours[needled ? 2 : 0], needled ? 0.38 : 0.08);
    cairo_fill_preserve(c);
    set_colour(c, option_colours[needled ? 2 : 0], 1);
    cairo_set_line_width(c, 1);
    cairo_stroke(c);
    if (needled) return;
    cairo_save(c);
    put_ellipse(c, x, y, w, h);
    cairo_clip(c);
    set_colour(c, ink, 0.5);
    for (double at = x - w - h; at < x + w; at += 6) put_line(c, at, y + h, at + 2 * h, y - h, 0.7);
    cairo_restore(c);
}

static int put_zone(cairo_t *c, const plan_map *m, const frame *f, const cit_zone *z, label *labels,
                    int n) {
    const cit_plan_report *a = m->report;
    const place *p = place_of(z->site);
    const cit_setting *s = setting_of(m, z);
    char name[80], length[24] = "";
    if (p == NULL || n == LABELS_MAX) return n;
    cit_zone_name(z, name);
    if (s != NULL && cit_known(s->length_mm)) snprintf(length, sizeof length, "%g", s->length_mm);
    for (int side = CIT_LEFT; side <= CIT_RIGHT; side++) {
        const bool whole = !p->paired && z->side != CIT_LEFT && z->side != CIT_RIGHT;
        const bool other = z->side == (side == CIT_LEFT ? CIT_RIGHT : CIT_LEFT);
        if (other || (whole && side == CIT_RIGHT)) continue;
        /* What lies on the person's left stands at the right of the drawing. */
        const double right = whole ? 0.5 : p->paired ? p->x : 0.5 + 0.5 * p->w;
        const double x = side == CIT_LEFT ? right : 1 - right;
        const double w = p->paired || whole ? p->w : 0.5 * p->w;
        shade(c, f->x + f->w * x, f->y + f->h * p->y, f->w * w, f->h * p->h, length[0] != 0);
    }
    label *l = &labels[n];
    cit_text_fill(l->text, sizeof l->text, T(length[0] ? "plan_pdf.map_zone" : "plan_pdf.map_left"),
                  "zone", name, "length", length, NULL);
    l->right = z->side == CIT_LEFT || (z->side != CIT_RIGHT && n % 2 == 1);
    l->x = f->x + f->w * (p->paired ? (l->right ? p->x + 0.6 * p->w : 1 - p->x - 0.6 * p->w)
                                    : 0.5 + (l->right ? 0.6 : -0.6) * p->w);
    l->y = l->at = f->y + f->h * p->y;
    return n + 1;
}

/* Words of one side, from top to bottom, none upon another. */
static void put_labels(cairo_t *c, const frame *f, label *labels, int n, bool right) {
    label *sorted[LABELS_MAX];
    const double apart = 17;
    int count = 0;
    for (int i = 0; i < n; i++) {
        if (labels[i].right != right) continue;
        int k = count++;
        for (; k > 0 && sorted[k - 1]->y > labels[i].y; k--) sorted[k] = sorted[k - 1];
        sorted[k] = &labels[i];
    }
    for (int i = 1; i < count; i++) sorted[i]->at = fmax(sorted[i]->at, sorted[i - 1]->at + apart);
    const double over = count > 0 ? sorted[count - 1]->at - (PLAN_MAP_H - 12) : 0;
    for (int i = 0; i < count; i++) {
        label *l = sorted[i];
        if (over > 0) l->at -= over;
        const double x = right ? f->x + f->w + 34 : f->x - 34;
        set_colour(c, grey, 1);
        put_line(c, l->x, l->y, right ? x - 4 : x + 4, l->at, 0.7);
        set_colour(c, ink, 1);
        put_text(c, x, l->at, right ? LEFT : RIGHT, 11, false, l->text);
    }
}

void plan_draw_map(cairo_t *c, const void *map) {
    const plan_map *m = map;
    const cit_plan_report *a = m->report;
    const frame f = {0.5 * PLAN_MAP_W - 105, 8, 210, 282};
    label labels[LABELS_MAX];
    int n = 0;
    put_face(c, &f);
    for (int z = 0; z < a->person->zone_count; z++)
        n = put_zone(c, m, &f, &a->person->zones[z], labels, n);
    put_labels(c, &f, labels, n, false);
    put_labels(c, &f, labels, n, true);
    set_colour(c, grey, 1);
    put_text(c, 4, PLAN_MAP_H - 8, LEFT, 10, false, T("plan_pdf.map_right_side"));
    put_text(c, PLAN_MAP_W - 4, PLAN_MAP_H - 8, RIGHT, 10, false, T("plan_pdf.map_left_side"));
}

/* ---- as files ------------------------------------------------------------------------------------------- */

cit_status cit_report_plan_chart(const cit_plan_report *report, bool over_time, bool png,
                                 unsigned char **ret, size_t *ret_size, cit_errors *errs) {
    const drawing of_options = {"options", PLAN_CHART_W, PLAN_OPTIONS_H, plan_draw_options, report};
    const drawing of_time = {"course", PLAN_CHART_W, PLAN_TIME_H, plan_draw_time, report};
    return drawing_render(over_time ? &of_time : &of_options, png, ret, ret_size, errs);
}
