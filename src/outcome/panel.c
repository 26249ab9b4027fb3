/* From scars with depth and width to the counts a rater would write down. */
#include <cit/outcome.h>
#include <math.h>

static const double pi = 3.14159265358979323846;

/* "Small" in Goodman and Baron's punched-out rows. */
static const double small_mm = 5;

/* Share of visibility left below which a rater calls the contour gone; assumed. */
static const double contour_gone = 0.1;

/* One rater's depths and eye for numbers. */
typedef struct rater {
    double visible, moderate, deep, counts;
} rater;

static cit_gb_row gb_row(const rater *r, const cit_looks *s) {
    const bool deep = s->depth_mm >= r->deep;
    if (s->type == CIT_ROLLING) {
        if (s->depth_mm < r->moderate) return CIT_GB_MILD_DISH;
        return deep ? CIT_GB_DEEP_BROAD : CIT_GB_MODERATE_DISH;
    }
    if (s->width_mm >= small_mm) return deep ? CIT_GB_DEEP_BROAD : CIT_GB_SHALLOW_BROAD;
    if (!deep) return CIT_GB_PUNCHED_SHALLOW;
    /* A pit's base cannot be seen and is taken as abnormal; a boxcar's floor as normal (assumed). */
    return s->type == CIT_ICE_PICK ? CIT_GB_PUNCHED_DEEP_ABNORMAL : CIT_GB_PUNCHED_DEEP_NORMAL;
}

static cit_ecca_row ecca_row(const cit_looks *s) {
    switch (s->type) {
    case CIT_ICE_PICK:
        return CIT_ECCA_V;
    case CIT_BOXCAR:
        return CIT_ECCA_U;
    case CIT_ROLLING:
        break;
    }
    return CIT_ECCA_M;
}

/* What this rater counts where there are n: nobody overlooks the only one. */
static int counted(const rater *r, double n) {
    const int seen = (int)lround(fmin(n * r->counts, 1e6));
    return seen == 0 && n >= 0.5 ? 1 : seen;
}

static void rate(const rater *r, const cit_outcome_params *params, const cit_face *face,
                 cit_panel_scores *ret) {
    double gb[CIT_GB_ROWS] = {0}, ecca[CIT_ECCA_ROWS] = {0};
    double affected = 0, deepest = 0;
    int gb_counts[CIT_GB_ROWS], ecca_counts[CIT_ECCA_ROWS];

    gb[CIT_GB_MACULAR] = face->macular;
    gb[CIT_GB_PAPULAR] = face->papular;
    for (int i = 0; i < face->scar_count; i++) {
        const cit_looks *s = &face->scars[i];
        if (s->depth_mm < r->visible) continue;
        gb[gb_row(r, s)] += s->count;
        ecca[ecca_row(s)] += s->count;
        const double reach = 0.5 * s->width_mm + params->notice_mm;
        affected += s->count * pi * reach * reach;
        deepest = fmax(deepest, s->depth_mm);
    }
    for (int i = 0; i < CIT_GB_ROWS; i++) gb_counts[i] = counted(r, gb[i]);
    for (int i = 0; i < CIT_ECCA_ROWS; i++) ecca_counts[i] = counted(r, ecca[i]);
    ecca_counts[CIT_ECCA_RAISED_OLD] = face->raised_mm2 > 0; /* an area, not a count */
    ret->gb += cit_gb_score(gb_counts, face->raised_mm2);
    ret->ecca += cit_ecca_score(ecca_counts);
    ret->scar_s += cit_scar_s_grade(deepest > 0, deepest >= r->moderate,
                                    -expm1(-affected / face->area_mm2), deepest >= r->deep);
}

void cit_panel_rate(const cit_outcome_params *p, const cit_face *face, cit_panel_scores *ret) {
    cit_panel_scores sum = {0};
    for (int j = 0; j < CIT_PANEL_RATERS; j++) {
        /* Depth runs through the quantiles in order, counts through them in a fixed shuffle. */
        const double depth = cit_normal_quantile((j + 0.5) / CIT_PANEL_RATERS);
        const double count =
            cit_normal_quantile((j * 7 % CIT_PANEL_RATERS + 0.5) / CIT_PANEL_RATERS);
        const double factor = exp(p->rater_threshold_sd * depth);
        const rater r = {p->visible_mm * factor, p->moderate_mm * factor, p->deep_mm * factor,
                         exp(p->rater_count_sd * count)};
        rate(&r, p, face, &sum);
    }
    ret->gb = sum.gb / CIT_PANEL_RATERS;
    ret->ecca = sum.ecca / CIT_PANEL_RATERS;
    ret->scar_s = sum.scar_s / CIT_PANEL_RATERS;
    ret->visibility = 0;
    for (int i = 0; i < face->scar_count; i++) {
        const cit_looks *s = &face->scars[i];
        ret->visibility += s->count * s->width_mm * fmax(0, s->depth_mm - p->visible_mm);
    }
}

/* How far down a face has come, counted in grades from the upper end of its own. */
static double steps_down(const cit_outcome_params *p, double visibility_left) {
    return visibility_left > 0 ? log(visibility_left) / log(p->grade_ratio) : 10;
}

/* Flat skin: the contour gone altogether, or called so. */
static int flat_grade(double visibility_left, bool colour) {
    return visibility_left <= contour_gone && !colour ? 0 : 1;
}

int cit_grade_later(const cit_outcome_params *p, int grade_at_start, double place,
                    double visibility_left, bool colour) {
    if (grade_at_start < 2) return grade_at_start;
    const double reached = grade_at_start - place - steps_down(p, visibility_left);
    if (reached > 1) return (int)fmin(ceil(reached), 4);
    /* The grades below 2 mean no contour at all, not one step less of it; raters call skin flat before that. */
    if (visibility_left > contour_gone && reached > 1 - p->flat_steps) return 2;
    return flat_grade(visibility_left, colour);
}

/* What [a, b] has above a limit. */
static double above(double limit, double a, double b) { return fmax(b - fmax(a, limit), 0); }

double cit_grade_later_mean(const cit_outcome_params *p, int grade_at_start, double visibility_left,
                            bool colour) {
    if (grade_at_start < 2) return grade_at_start;
    const double b = grade_at_start - steps_down(p, visibility_left), a = b - 1;
    const double flat_from = visibility_left > contour_gone ? 1 - p->flat_steps : 1;
    const int flat = flat_grade(visibility_left, colour);
    return flat + (2 - flat) * above(flat_from, a, b) + above(2, a, b) + above(3, a, b);
}
