/* The scores as published, as tables. */
#include <cit/outcome.h>

static const int gb_weight[CIT_GB_ROWS] = {
    [CIT_GB_MACULAR] = 1,
    [CIT_GB_MILD_DISH] = 1,
    [CIT_GB_MODERATE_DISH] = 2,
    [CIT_GB_PUNCHED_SHALLOW] = 2,
    [CIT_GB_SHALLOW_BROAD] = 2,
    [CIT_GB_PUNCHED_DEEP_NORMAL] = 3,
    [CIT_GB_PUNCHED_DEEP_ABNORMAL] = 3,
    [CIT_GB_LINEAR] = 3,
    [CIT_GB_DEEP_BROAD] = 3,
    [CIT_GB_PAPULAR] = 2,
};

static int gb_band(int count) { return count <= 0 ? 0 : count <= 10 ? 1 : count <= 20 ? 2 : 3; }

int cit_gb_score(const int counts[CIT_GB_ROWS], double raised_mm2) {
    int score = 0;
    for (int row = 0; row < CIT_GB_ROWS; row++) score += gb_weight[row] * gb_band(counts[row]);
    if (raised_mm2 > 0) score += raised_mm2 < 500 ? 6 : raised_mm2 <= 2000 ? 12 : 18;
    return score;
}

int cit_gb_grade(bool any_contour, bool any_colour, bool seen_at_50cm, bool coverable,
                 bool flattens_on_stretching) {
    if (!any_contour) return any_colour ? 1 : 0;
    if (!seen_at_50cm || coverable) return 2;
    return flattens_on_stretching ? 3 : 4;
}

static const int ecca_weight[CIT_ECCA_ROWS] = {15, 20, 25, 30, 40, 50};

static int ecca_band(int count) { return count <= 0 ? 0 : count < 5 ? 1 : count <= 20 ? 2 : 3; }

int cit_ecca_score(const int counts[CIT_ECCA_ROWS]) {
    int score = 0;
    for (int row = 0; row < CIT_ECCA_ROWS; row++)
        score += ecca_weight[row] * ecca_band(counts[row]);
    return score;
}

int cit_scar_s_grade(bool any, bool seen_at_250cm, double area_share, bool prominent) {
    /* "All of it" is taken as nine tenths; assumed. */
    if (!any) return 0;
    if (!seen_at_250cm) return 1;
    if (area_share < 0.5) return 2;
    if (area_share < 0.9) return 3;
    return prominent ? 5 : 4;
}
