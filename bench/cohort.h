/* cohort.h -- the courses that every solver meets: draw a person, wound the column at 4, 5 or 6 monthly
 * visits, integrate to day 365, keep the state before every visit and at the end (or once a week). */
#pragma once
#include <cit/healing.h>

enum {
    VISITS_MAX = 6,
    WEEKS = 54, /* days 0, 7, ... 364 and 365 */
    STATES = CIT_LAYER_FIELDS * CIT_COLUMN_LAYERS + CIT_SINGLE_FIELDS
};

typedef enum cohort_kind {
    COHORT_USUAL,
    COHORT_DIFFUSIVE, /* the same people, D_I, D_R, D_G and D_F ten times as large */
    COHORT_WEEKLY,    /* the same people, their state once a week; no visit is left out */
    COHORT_KINDS
} cohort_kind;

typedef struct cohort {
    cohort_kind kind;
    int size; /* room */
    struct patient *patients;
    cit_course *courses;
    double *values;
} cohort;

/* What a population is asked for. */
typedef enum outcome { GAIN, ELASTIN, REDNESS, PIGMENT, OUTCOMES } outcome;

cohort cohort_new(cohort_kind kind, int size);
void cohort_free(cohort *c);
/* People are numbered: these are `first` to first + count - 1, in the same places every time. */
void cohort_draw(cohort *c, long first, int count);
/* Of a course's state number `time`. Gain: of collagen, mean over the layers. */
void cohort_outcomes(const cit_course *c, int time, double ret[OUTCOMES]);
