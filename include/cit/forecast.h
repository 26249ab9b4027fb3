/* cit/forecast.h -- the distribution of what a course will do to a person's scars.
 *
 * An ensemble: every draw takes a value for each uncertain parameter, each unknown setting and each
 * unknown of the person, follows the scars through all visits, and lets a panel rate them. What comes
 * out are medians with bands, never a lone number, and what they rest on: which unknowns make the band,
 * how much of it stands on assumed numbers, what the scale adds, and where the evidence ends.
 *
 * Draws are keyed by seed, draw and name (cit_random): two protocols under one seed meet the same
 * people, and the result is the same to the bit for any number of threads. */
#pragma once
#include <cit/people.h>

typedef struct cit_forecast_options {
    int draws;     /* 0: 512 */
    uint64_t seed; /* as given; 0 is a seed like any other */
    int threads;   /* 0: as many as there are processors */
    bool prior;    /* forecast from the prior although the catalogue has a posterior */
    cit_progress progress;
} cit_forecast_options;

/* The mean, the median and the central 50 and 90 % of the draws. */
typedef struct cit_band {
    double mean, median, lo50, hi50, lo90, hi90;
} cit_band;

/* The scars of one type (and size) in one zone, over time. Bands by week. */
typedef struct cit_group_forecast {
    int zone;
    int type;       /* cit_scar_type */
    cit_band count; /* scars of this group */
    cit_band start_depth_mm, start_deficit_mm, start_tether_mm, start_open_mm;
    cit_band by_collagen_mm, by_tether_mm, by_epidermis_mm, by_harm_mm; /* at the summary week */
    cit_band *depth_mm, *volume_mm3, *width_mm;                         /* one scar; by week */
} cit_group_forecast;

/* One visit that was not missed. */
typedef struct cit_visit_forecast {
    int status; /* cit_visit_status */
    cit_band day;
    cit_band pain, red_days;
    cit_band density_per_cm2, reach_mm; /* of the first zone treated */
} cit_visit_forecast;

/* One thing that the band is made of. */
typedef struct cit_driver {
    const char *name, *meaning, *source;
    bool assumed;
    bool unknown_setting; /* a setting the protocol leaves unknown */
    bool unknown_person;  /* something of the person or the scars the case leaves unknown */
    double share;         /* of the variance of depth reduction at the summary week: rank
                           * correlation squared; 0 where it is not told from chance */
    double score_share;   /* the same of the Goodman-Baron improvement */
    double low, high;     /* median reduction, %, in the lowest and the highest fifth of draws */
} cit_driver;

/* A published figure beside the forecast of the same thing. */
typedef enum cit_verdict { CIT_INSIDE_50 = 1, CIT_INSIDE_90, CIT_OUTSIDE_90 } cit_verdict;
typedef struct cit_comparison {
    const cit_study_arm *arm;
    const cit_study_outcome *outcome;
    cit_quantity quantity;
    double week;
    double reported, reported_lo, reported_hi; /* lo, hi: its 95 % interval or one deviation; NAN */
    bool interval_is_ci;
    cit_band forecast;
    cit_verdict verdict;
} cit_comparison;

enum { CIT_NOTES_MAX = 16 };

typedef struct cit_forecast {
    bool fitted; /* from the catalogue's posterior */
    int draws;
    uint64_t seed;
    int weeks;               /* weeks 0 to weeks - 1 */
    int summary_week;        /* the one that single figures are of */
    int measured_until_week; /* beyond it nothing is measured: bands are widened and marked */
    cit_band *bands;         /* CIT_QUANTITIES x weeks */
    cit_group_forecast *groups;
    int group_count;
    cit_visit_forecast *visits;
    int visit_count;
    double odds_one_grade, odds_two_grades, odds_worse;
    double fibrosis_share, lasting_loss_share; /* of draws */
    double not_homogenised_share;
    cit_band start_gb, start_grade;
    double geometry_points, drift_points,
        open_points;        /* mean fall of the Goodman-Baron score at the
                                                        * summary week, by cause */
    double scale_share;     /* of that fall: drift and open rating together */
    double rerating_points; /* deviation of a change between two ratings by one rater */
    cit_driver *drivers;    /* by share, largest first */
    int driver_count;
    int parameter_count, assumed_count;        /* parameters that were drawn */
    double assumed_share;                      /* of the variance told from chance */
    double width_percent, width_known_percent; /* 90 % band of depth reduction at the summary week,
                                                * and what it would be were the settings known */
    int unknown_setting_count;
    cit_comparison *comparisons;
    int comparison_count;
    char notes[CIT_NOTES_MAX][200]; /* where this lies outside the evidence, one sentence each */
    int note_count;
} cit_forecast;

CIT_API const cit_band *cit_forecast_band(const cit_forecast *forecast, cit_quantity quantity,
                                          int week);

/* Forecasts a course. Refuses radiofrequency devices, which are not modelled, and courses whose
 * punctures stand too far apart for a column (cit_column_is_homogenised). The case, protocol and
 * catalogue must have passed cit_check_together and outlive the forecast. */
CIT_CHECKED cit_status cit_forecast_run(const cit_case *person, const cit_protocol *protocol,
                                        const cit_catalogue *catalogue,
                                        const cit_forecast_options *options, cit_forecast **ret,
                                        cit_errors *errs);
CIT_API void cit_forecast_free(cit_forecast *forecast); /* NULL is fine */
