/* desolve.h -- a course as bench/desolve.c hands it to R and bench/desolve_model.c reads it there. */
#pragma once
#include "cohort.h"

typedef struct flat_course {
    cit_column column;
    double c_cut, band_floor, end_day;
    int visits;
    double days[VISITS_MAX];
    cit_wound wounds[VISITS_MAX];
} flat_course;
