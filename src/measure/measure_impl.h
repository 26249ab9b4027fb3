/* Private to the measure room. */
#pragma once
#include <cit/measure.h>

/* ---- alignment (align.c, search.c) -------------------------------------------------------------------------- */

enum {
    ALIGN_DEGREE_MAX = 12,
    ALIGN_TERMS_MAX = (ALIGN_DEGREE_MAX + 1) * (ALIGN_DEGREE_MAX + 2) / 2
};

/* Where a sample of the first surface lies on the second: both from the middles of their maps, mm, plus u; and what is
 * added to the second's heights, um. Chebyshev terms T_a(x) T_b(y), a + b up to a degree, a the slower, over the first
 * map from -1 to 1. */
typedef struct align_pose {
    int lateral, vertical; /* degrees */
    double x[ALIGN_TERMS_MAX], y[ALIGN_TERMS_MAX], z[ALIGN_TERMS_MAX];
    double sigma_um; /* of residuals, robust */
    double error[3]; /* deviation of the constants of x, y (mm) and z (um) */
    int rounds;
} align_pose;

typedef struct align_input {
    const cit_heights *a, *b;
    int threads;
} align_input;

typedef struct align_level_options {
    const float *um_a, *um_b; /* heights of this level */
    const uint8_t *use;       /* of a's samples; NULL: all */
    int lateral, vertical, step, rounds;
    double enough_mm; /* smaller moves end it */
} align_level_options;

/* CIT_DIVERGED: they do not overlap. */
cit_status align_level(const align_input *in, const align_level_options *o, align_pose *pose,
                       cit_errors *errs);
/* Second less first at the first's samples; missing where either is. */
void align_difference(const align_input *in, const align_pose *pose, float *ret);
/* A place of the first, from its corner, on the second, from its middle; mm. */
void align_where(const align_input *in, const align_pose *pose, double x_mm, double y_mm,
                 double ret[2]);
/* A shift and a turn to begin with, by correlation of what both show between 0.3 and 2 mm; `degrees` either way. */
cit_status align_search(const align_input *in, double degrees, align_pose *ret, cit_errors *errs);

/* ---- outlines (near.c) ---------------------------------------------------------------------------------------- */

/* For each sample the number of the nearest outline, and how far it is, mm; 0 and infinity where there is none. */
cit_status near_outlines(const cit_scars *scars, int *number, float *away, cit_errors *errs);
