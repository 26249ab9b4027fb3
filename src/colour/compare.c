/* May two photos be compared, and what has changed between them? */
#include "colour_impl.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* All assumed. Clipping, light, raw a* and ITA were proposed on ten pictures of three people (docs/models/colour.md);
 * nobody has validated them. */
static const double most_clipped = 0.03, most_dark = 0.05, most_light = 2, most_chart_light = 1.5,
                    most_chart_error = 6, least_sharpness = 0.6, most_white = 1.6, most_raw_a = 3,
                    most_raw_ita = 10, most_distance = 1.4, most_tilt = 35, most_turn = 20;

/* 97.5 % of the normal distribution, and of Student's t with the 4 degrees of freedom that five photos leave. */
static const double normal = 1.959963984540054, student_4 = 2.776445105197793;

/* Standard deviation of one photo's index, brightest 2 % as white, between five lights on one cheek: what
 * bench/colour.c prints for participant 5 of github.com/HIAlab/Acne_Multimodal_Nof1, as docs/models/colour.md has
 * it. */
static const cit_colour relative_sd = {
    .L = 2.54, .a = 2.27, .b = 3.57, .ITA = 6.34, .EI = 3.34, .MI = 2.48};

typedef struct side {
    const cit_photo *photo;
    const cit_photo_part *part;
    const cit_chart *chart;
    cit_photo_quality quality;
    cit_colour_result raw, result;
    double tilt, patch; /* degrees; pixels of a patch */
    double
        gain; /* natural logarithm, standard error of the light on the skin against that on the chart */
} side;

static void close_gate(cit_colour_change *c, int gate, const char *format, ...) CIT_PRINTF(3, 4);
static void close_gate(cit_colour_change *c, int gate, const char *format, ...) {
    va_list list;
    if (c->gates & 1U << gate) return;
    c->gates |= 1U << gate;
    va_start(list, format);
    vsnprintf(c->reason[gate], sizeof c->reason[gate], format, list);
    va_end(list);
}

/* ---- one photo ---------------------------------------------------------------------------------- */

/* Seen from afar a tilted square is shortened by the cosine of its tilt. */
static void find_pose(side *s) {
    const double d = 1e-4, across = CHART_COLUMNS - 1 + CHART_SIDE,
                 down = CHART_ROWS - 1 + CHART_SIDE;
    double corner[4][2], at[2], u[2], v[2];
    colour_plane plane;
    memcpy(corner, s->chart->corner, sizeof corner);
    if (!colour_plane_of(corner, &plane)) return;
    colour_plane_at(&plane, 0.5, 0.5, at);
    colour_plane_at(&plane, 0.5 + d / across, 0.5, u);
    colour_plane_at(&plane, 0.5, 0.5 + d / down, v);
    for (int c = 0; c < 2; c++) {
        u[c] = (u[c] - at[c]) / d;
        v[c] = (v[c] - at[c]) / d;
    }
    const double square = u[0] * u[0] + u[1] * u[1] + v[0] * v[0] + v[1] * v[1],
                 area = fabs(u[0] * v[1] - u[1] * v[0]),
                 root = sqrt(fmax(square * square - 4 * area * area, 0)),
                 longest = sqrt((square + root) / 2), shortest = area / longest;
    s->patch = longest;
    s->tilt = acos(fmin(shortest / longest, 1)) * 57.29577951308232;
}

/* The grey row tells how light changes over three patches; skin that lies further off may differ by more. */
static cit_status find_gain(side *s, cit_errors *errs) {
    cit_photo_part p;
    double middle[2] = {0, 0};
    const cit_status st = cit_photo_part_of(s->photo, s->part, &p, errs);
    if (st != CIT_OK) return st;
    for (int k = 0; k < 4; k++)
        for (int c = 0; c < 2; c++) middle[c] += s->chart->corner[k][c] / 4;
    const double off = hypot(p.x + 0.5 * p.width - middle[0], p.y + 0.5 * p.height - middle[1]);
    s->gain = log(s->chart->light_spread) * fmax(off / (3 * s->patch), 1);
    return CIT_OK;
}

static cit_status look(side *s, bool chart, cit_errors *errs) {
    cit_status st = CIT_OK;
    CIT_TRY(cit_photo_quality_of(s->photo, s->part, &s->quality, errs));
    CIT_TRY(cit_colour_of(s->photo, s->part, s->chart, CIT_WHITE_NONE, &s->raw, errs));
    CIT_TRY(cit_colour_of(s->photo, s->part, s->chart,
                          chart ? CIT_WHITE_CHART : CIT_WHITE_HIGHLIGHT, &s->result, errs));
    if (!chart) goto done;
    find_pose(s);
    CIT_TRY(find_gain(s, errs));
done:
    return st;
}

/* Detail of both at the same kind of scale: where one shows no pattern, that of the part. */
static cit_status look_at_detail(side s[2], cit_errors *errs) {
    const bool own = cit_known(s[0].quality.scale) && cit_known(s[1].quality.scale);
    for (int i = 0; i < 2 && !own; i++) {
        const cit_status st = colour_quality(s[i].photo, s[i].part, false, &s[i].quality, errs);
        if (st != CIT_OK) return st;
    }
    return CIT_OK;
}

/* ---- gates ---------------------------------------------------------------------------------------- */

static const char *const which[2] = {"the earlier", "the later"};

static void judge_charts(const side s[2], cit_colour_change *c) {
    for (int i = 0; i < 2; i++) {
        if (s[i].chart == NULL)
            close_gate(c, CIT_GATE_CHART,
                       "%s photo has no colour chart: light, skin and camera cannot be told apart",
                       which[i]);
        else if (s[i].chart->error_mean > most_chart_error)
            close_gate(c, CIT_GATE_CHART,
                       "the chart of %s photo is missed by %.1f delta E (at most %g)", which[i],
                       s[i].chart->error_mean, most_chart_error);
    }
}

static void judge_one(const side *s, const char *name, cit_colour_change *c) {
    const cit_photo_quality *q = &s->quality;
    if (q->clipped > most_clipped || q->dark > most_dark)
        close_gate(
            c, CIT_GATE_EXPOSURE,
            "%s photo: %.1f %% of the skin is as bright as the photo can be (at most %g), %.1f %% "
            "black (at most %g)",
            name, 100 * q->clipped, 100 * most_clipped, 100 * q->dark, 100 * most_dark);
    if (q->light > most_light)
        close_gate(c, CIT_GATE_LIGHT,
                   "%s photo: one side of the skin is %.2f times as bright (at most %g)", name,
                   q->light, most_light);
    else if (s->chart != NULL && s->chart->light_spread > most_chart_light)
        close_gate(c, CIT_GATE_LIGHT,
                   "%s photo: the greys of the chart are lit %.2f times as bright on one side (at "
                   "most %g)",
                   name, s->chart->light_spread, most_chart_light);
}

static double factor(double a, double b) { return fmax(a, b) / fmin(a, b); }

static void judge_blur(const side s[2], cit_colour_change *c) {
    const double a = s[0].quality.blur, b = s[1].quality.blur;
    if (!(fmin(a, b) >= least_sharpness * fmax(a, b)))
        close_gate(c, CIT_GATE_BLUR,
                   "%s photo shows %.0f %% of the fine detail of the other (at least %.0f)",
                   which[b < a], 100 * fmin(a, b) / fmax(a, b), 100 * least_sharpness);
}

/* With charts the colour of the light is known, and only so much of it can be made good. */
static void judge_balance(const side s[2], bool charts, cit_colour_change *c) {
    if (charts) {
        double most = 1;
        for (int k = 0; k < 3; k += 2)
            most = fmax(most, factor(s[0].chart->white[k] / s[0].chart->white[1],
                                     s[1].chart->white[k] / s[1].chart->white[1]));
        if (!(most <= most_white))
            close_gate(c, CIT_GATE_BALANCE, "the colours of the light are %.2f apart (at most %g)",
                       most, most_white);
        return;
    }
    const double a = fabs(s[1].raw.middle.a - s[0].raw.middle.a),
                 ita = fabs(s[1].raw.middle.ITA - s[0].raw.middle.ITA);
    if (a > most_raw_a || ita > most_raw_ita)
        close_gate(
            c, CIT_GATE_BALANCE,
            "as the cameras wrote them a* is %.1f apart (at most %g) and ITA %.1f degrees (at "
            "most %g), and without a chart that may be light",
            a, most_raw_a, ita, most_raw_ita);
}

static void judge_view(const side s[2], bool charts, cit_colour_change *c) {
    const double distance =
        charts ? factor(s[0].patch, s[1].patch) : factor(s[0].quality.scale, s[1].quality.scale);
    if (distance > most_distance)
        close_gate(c, CIT_GATE_DISTANCE, "%s is %.2f times as large in one (at most %g)",
                   charts ? "the chart" : "the skin's pattern", distance, most_distance);
    if (!charts) return;
    const double tilt = fmax(s[0].tilt, s[1].tilt), turn = fabs(s[0].tilt - s[1].tilt);
    if (tilt > most_tilt || turn > most_turn)
        close_gate(c, CIT_GATE_POSE,
                   "the charts are tilted by %.0f and %.0f degrees (at most %g, and %g apart)",
                   s[0].tilt, s[1].tilt, most_tilt, most_turn);
}

/* ---- change --------------------------------------------------------------------------------------- */

/* What that much more light would do to the indices. */
static cit_colour brighter(const cit_colour *of, double gain) {
    const double lab[3] = {of->L, of->a, of->b};
    double rgb[3];
    colour_from_lab(lab, rgb);
    for (int c = 0; c < 3; c++) rgb[c] *= exp(gain);
    return colour_indices(rgb);
}

static double square(double x) { return x * x; }

/* Of one photo: misfit of the chart, light, and skin that was framed otherwise. */
static void add_variance(side *s, double variance[COLOUR_COUNT]) {
    enum { BLOCKS = 64 }; /* of the spread */
    cit_colour lit = brighter(&s->result.middle, s->gain);
    for (int i = 0; i < COLOUR_COUNT; i++)
        variance[i] += square(colour_numbers(&s->result.error)[i]) +
                       square(colour_numbers(&s->result.spread)[i]) / BLOCKS +
                       square(colour_numbers(&lit)[i] - colour_numbers(&s->result.middle)[i]);
}

static void find_change(side s[2], bool charts, cit_colour_change *c) {
    double variance[COLOUR_COUNT] = {0};
    cit_colour sd = relative_sd;
    c->before = s[0].result.middle;
    c->after = s[1].result.middle;
    if (charts)
        for (int k = 0; k < 2; k++) add_variance(&s[k], variance);
    for (int i = 0; i < COLOUR_COUNT; i++) {
        if (!charts) variance[i] = 2 * square(colour_numbers(&sd)[i]);
        const double change = colour_numbers(&c->after)[i] - colour_numbers(&c->before)[i];
        colour_numbers(&c->change)[i] = c->refused ? CIT_UNKNOWN_NUMBER : change;
        colour_numbers(&c->half_width)[i] =
            c->refused ? CIT_UNKNOWN_NUMBER : (charts ? normal : student_4) * sqrt(variance[i]);
    }
}

cit_status cit_colour_compare(const cit_photo *before, const cit_photo_part *before_part,
                              const cit_chart *before_chart, const cit_photo *after,
                              const cit_photo_part *after_part, const cit_chart *after_chart,
                              bool relative, cit_colour_change *ret, cit_errors *errs) {
    side s[2] = {{.photo = before, .part = before_part, .chart = before_chart},
                 {.photo = after, .part = after_part, .chart = after_chart}};
    cit_colour_change c = {0};
    judge_charts(s, &c);
    const bool charts = before_chart != NULL && after_chart != NULL && c.gates == 0;
    for (int i = 0; i < 2; i++) {
        const cit_status st = look(&s[i], charts, errs);
        if (st != CIT_OK) return st;
        judge_one(&s[i], which[i], &c);
    }
    const cit_status st = look_at_detail(s, errs);
    if (st != CIT_OK) return st;
    judge_blur(s, &c);
    judge_balance(s, charts, &c);
    judge_view(s, charts, &c);
    c.relative = !charts;
    c.refused = (c.gates & ~(relative ? 1U << CIT_GATE_CHART : 0U)) != 0;
    find_change(s, charts, &c);
    *ret = c;
    return CIT_OK;
}
