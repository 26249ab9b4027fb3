/* cit/outcome.h -- what raters, patients and scales make of skin.
 *
 * First the scores as their papers define them, exact and in whole points. Then a panel of virtual
 * raters who disagree over depth and number: its mean turns a face of scars into an expected score that
 * moves smoothly when scars lift. Last what a patient feels: redness, pain, pigment.
 * Macular marks are counted and never lifted. Rules and sources: docs/models/outcome.md. */
#pragma once
#include <cit/case.h>
#include <cit/catalogue.h>

/* ---- Goodman and Baron, quantitative: 0 to 84 ------------------------------------------------ */

typedef enum cit_gb_row {
    CIT_GB_MACULAR,               /* x1 */
    CIT_GB_MILD_DISH,             /* x1 */
    CIT_GB_MODERATE_DISH,         /* x2 */
    CIT_GB_PUNCHED_SHALLOW,       /* x2: small, under 5 mm */
    CIT_GB_SHALLOW_BROAD,         /* x2 */
    CIT_GB_PUNCHED_DEEP_NORMAL,   /* x3: small, normal base */
    CIT_GB_PUNCHED_DEEP_ABNORMAL, /* x3: small, abnormal base */
    CIT_GB_LINEAR,                /* x3: linear or troughed */
    CIT_GB_DEEP_BROAD,            /* x3 */
    CIT_GB_PAPULAR,               /* x2 */
    CIT_GB_ROWS
} cit_gb_row;

/* Counts band as 1-10, 11-20, above 20; raised scars by area: under 5, 5-20, above 20 cm2. */
CIT_API int cit_gb_score(const int counts[CIT_GB_ROWS], double raised_mm2);

/* ---- Goodman and Baron, qualitative: 0 to 4 -------------------------------------------------- */

/* The worst that applies: 0 none, 1 colour only, 2 not obvious at 50 cm or covered, 3 obvious but
 * flattens on stretching, 4 does not flatten. */
CIT_API int cit_gb_grade(bool any_contour, bool any_colour, bool seen_at_50cm, bool coverable,
                         bool flattens_on_stretching);

/* ---- ECCA: 0 to 540 -------------------------------------------------------------------------- */

typedef enum cit_ecca_row {
    CIT_ECCA_V,            /* ice-pick, 15 */
    CIT_ECCA_U,            /* boxcar, 20 */
    CIT_ECCA_M,            /* rolling, 25 */
    CIT_ECCA_ELASTOLYSIS,  /* 30 */
    CIT_ECCA_RAISED_YOUNG, /* hypertrophic under 2 years, 40 */
    CIT_ECCA_RAISED_OLD,   /* keloid or hypertrophic over 2 years, 50 */
    CIT_ECCA_ROWS
} cit_ecca_row;

/* Counts band as under 5, 5 to 20, above 20. */
CIT_API int cit_ecca_score(const int counts[CIT_ECCA_ROWS]);

/* ---- SCAR-S: 0 to 5 a region ----------------------------------------------------------------- */

/* 0 clear; 1 almost clear, hardly visible at 2.5 m; 2 less than half of the area; 3 more than half;
 * 4 all of it; 5 all of it with prominent scars. */
CIT_API int cit_scar_s_grade(bool any, bool seen_at_250cm, double area_share, bool prominent);

/* ---- a panel of raters ----------------------------------------------------------------------- */

/* Scars that look alike. */
typedef struct cit_looks {
    cit_scar_type type;
    double count;
    double depth_mm, width_mm; /* now; the rim's width */
} cit_looks;

typedef struct cit_face {
    const cit_looks *scars;
    int scar_count;
    double macular, papular, raised_mm2;
    double area_mm2; /* of the zones together */
} cit_face;

typedef struct cit_panel_scores {
    double gb, ecca, scar_s; /* means over the panel */
    double visibility;       /* sum of count x width x depth beyond what is visible, mm2 */
} cit_panel_scores;

enum { CIT_PANEL_RATERS = 16 };
/* Sixteen raters at the middles of equal shares of the disagreement over depth and over counts. */
CIT_API void cit_panel_rate(const cit_outcome_params *params, const cit_face *face,
                            cit_panel_scores *ret);

/* The qualitative grade later, from the grade at the start, a place within that grade (0 to 1: how far
 * from its upper end), and what is left of visibility. `colour`: macular marks are there. */
CIT_API int cit_grade_later(const cit_outcome_params *params, int grade_at_start, double place,
                            double visibility_left, bool colour);
/* The mean over all places within the grade. */
CIT_API double cit_grade_later_mean(const cit_outcome_params *params, int grade_at_start,
                                    double visibility_left, bool colour);

/* ---- what a patient feels --------------------------------------------------------------------- */

/* Pain of a visit, 0 to 10. */
CIT_API double cit_pain(const cit_outcome_params *params, double length_mm, double density_per_mm2,
                        bool cream);
/* Rate at which inflammation lays down pigment in this skin type (1 to 6), per day. */
CIT_API double cit_pigment_rate(const cit_outcome_params *params, int skin_type);
/* Chance of a visible dark mark at this load. */
CIT_API double cit_pigment_risk(const cit_outcome_params *params, double load);
/* Days from the first of `times` until redness stays below what can be seen; the last time where it
 * never does. Linear between the times. */
CIT_API double cit_red_days(const cit_outcome_params *params, const double *times,
                            const double *redness, int count);
