/* Private to the forecast room: from the records of a crowd to what is told of it. */
#pragma once
#include <cit/forecast.h>

/* From the records of all draws to bands, odds, drivers. */
cit_status summarise(const cit_crowd *p, const double *records, int draws, cit_forecast *f,
                     cit_errors *errs);
cit_status compare_with_study(const cit_crowd *p, cit_forecast *f, cit_errors *errs);
void note_limits(const cit_crowd *p, cit_forecast *f);
/* Width of the 90 % band of depth reduction at the summary week. */
cit_status band_width(const cit_crowd *p, const double *records, int draws, double *ret,
                      cit_errors *errs);
