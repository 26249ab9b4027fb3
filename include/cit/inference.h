/* cit/inference.h -- what published evidence makes of the model's parameters.
 *
 *   1 evidence    studies as figures to be met, and the crowds that must be followed to predict them
 *   2 likelihood  how well one set of shared numbers meets them, study by study
 *   3 sampling    from the prior to the posterior: sequential Monte Carlo
 *   4 learnt      parameter by parameter, what the evidence told and what it did not
 *   5 validation  predicted against reported, each study left out in its turn
 *
 * The model is hierarchical. All people share the typical values of the physiology, the reach and dose of
 * each kind of device, and how scales, raters and untreated drift read; a study differs from what the
 * model says by an effect of its own, and a figure by its sampling error. People differ as the people
 * room has it; settings that a study does not state vary among its people, so that their scatter between
 * arms counts as spread between studies. docs/models/inference.md gives the equations and says what is
 * assumed. */
#pragma once
#include <cit/people.h>
#include <cit/statistics.h>

/* ---- 1 evidence ----------------------------------------------------------------------------------- */

/* What is compared. Shares are of 1. */
typedef enum cit_figure_kind {
    CIT_FIGURE_SCORE = 1, /* mean improvement of a score, share of its start */
    CIT_FIGURE_CLASSES,   /* people by class of improvement of a score */
    CIT_FIGURE_TISSUE,    /* mean change of tissue, share of its start */
    CIT_FIGURE_PAIN,      /* mean pain of a visit, 0 to 10 */
    CIT_FIGURE_REDNESS,   /* days of redness after a visit, as a range told for people */
    CIT_FIGURE_PIGMENT,   /* people with dark marks, of so many */
    CIT_FIGURE_SIGN,      /* a direction, of a change or of a difference between arms */
    CIT_FIGURE_ORDER,     /* which type of scar answered more */
} cit_figure_kind;

/* What is asked of everybody in a crowd, on a day: one number a person. */
typedef enum cit_probe_what {
    CIT_PROBE_QUANTITATIVE = 1, /* improvement of Goodman-Baron's score, share */
    CIT_PROBE_GRADE,            /* of its grade, share of the start */
    CIT_PROBE_GRADES,           /* fall of the grade, grades */
    CIT_PROBE_ECCA,
    CIT_PROBE_OTHER,
    CIT_PROBE_COLLAGEN, /* change, share */
    CIT_PROBE_ELASTIN,
    CIT_PROBE_EPIDERMIS,
    CIT_PROBE_PAIN,
    CIT_PROBE_REDNESS, /* logarithm of days; an hour at least */
    CIT_PROBE_PIGMENT, /* chance of a dark mark */
    CIT_PROBE_ROLLING, /* fall of depth, share, by type */
    CIT_PROBE_BOXCAR,
    CIT_PROBE_ICE_PICK,
} cit_probe_what;

typedef struct cit_probe {
    int crowd, what, day; /* day: its place in the crowd's */
} cit_probe;

typedef struct cit_figure {
    int study, kind;
    int probe, other;                 /* other: compared with; -1: with nothing */
    int last;                         /* the same asked last by this study */
    const cit_study_arm *arm;         /* NULL: of the study as a whole */
    const cit_study_outcome *outcome; /* NULL: an event or an order by type */
    double day;                       /* from the first visit */
    bool day_told;                    /* else it is assumed */
    double seen, error;               /* of a mean, and its standard error */
    double low, high;                 /* of a range */
    int count, of;                    /* of people */
    int direction;                    /* cit_direction */
    bool significant;
    bool untreated;
    char label[96];
} cit_figure;

typedef struct cit_evidence cit_evidence;

typedef struct cit_evidence_options {
    int people; /* followed in each crowd; 0: 16 */
    uint64_t seed;
} cit_evidence_options;

/* Takes every usable figure of these studies that the model has a counterpart for: arms of rollers, pens and
 * stamps with nothing added that acts, and untreated ones. Needs the catalogue for as long as it lives. */
CIT_CHECKED cit_status cit_evidence_make(const cit_catalogue *catalogue,
                                         const cit_study *const *studies, int study_count,
                                         const cit_evidence_options *options, cit_evidence **ret,
                                         cit_errors *errs);
CIT_API void cit_evidence_free(cit_evidence *evidence); /* NULL is fine */
CIT_API int cit_evidence_figures(const cit_evidence *evidence, const cit_figure **ret);
CIT_API int cit_evidence_crowds(const cit_evidence *evidence);
CIT_API const cit_study *cit_evidence_study(const cit_evidence *evidence, int study);
CIT_API int cit_evidence_studies(const cit_evidence *evidence);
CIT_API bool cit_evidence_uses(const cit_evidence *evidence, int study); /* has it any figure? */

/* ---- 2 likelihood --------------------------------------------------------------------------------- */

/* Rows of the parameter table that are fitted; those left out are drawn for everybody anew. */
CIT_API bool cit_is_fitted(const cit_parameter *row);

/* Memory for one thread. */
typedef struct cit_evidence_run cit_evidence_run;
CIT_CHECKED cit_status cit_evidence_run_new(const cit_evidence *evidence, cit_evidence_run **ret,
                                            cit_errors *errs);
CIT_API void cit_evidence_run_free(cit_evidence_run *run); /* NULL is fine */

/* What a probe says of each person under these shared numbers (one a row of the parameter table; NAN where
 * not fitted): values, probes x people. */
CIT_API int cit_evidence_values(const cit_evidence *evidence); /* probes x people */
CIT_CHECKED cit_status cit_evidence_predict(const cit_evidence *evidence, cit_evidence_run *run,
                                            const double *shared, double *values, cit_errors *errs);
/* Log likelihood of each study given the values, its own effect integrated out. `shared` gives spreads and
 * drift. */
CIT_API void cit_evidence_likelihood(const cit_evidence *evidence, const double *shared,
                                     const double *values, double *by_study);

/* ---- 3 sampling ----------------------------------------------------------------------------------- */

typedef struct cit_sampling {
    int chains; /* 0: 256 */
    int steps;  /* of each, its start among them; all are kept; 0: 8, at least 2 */
    int moves;  /* walks a step in two more passes at the last temperature; 0: no such passes */
    uint64_t seed;
    int threads; /* 0: all */
    cit_progress progress;
} cit_sampling;

/* Where the sampling has been: one line a temperature. */
typedef struct cit_temperature {
    double beta, effective,
        accepted; /* effective: draws before resampling; NAN: none, it settles */
    int paces;    /* of a walk among emulated likelihoods */
} cit_temperature;
enum { CIT_TEMPERATURES_MAX = 200 };

typedef struct cit_samples {
    int draws, rows, studies, values;
    double *numbers;    /* draws x rows; NAN where not fitted */
    double *likelihood; /* draws x studies, logarithms */
    double *predicted;  /* draws x values */
    double log_evidence;
    double chance; /* numbers that mean nothing contract by less than this; NAN: not known */
    cit_temperature temperatures[CIT_TEMPERATURES_MAX];
    int temperature_count;
    long predictions; /* how often all crowds were followed */
} cit_samples;

/* Sequential Monte Carlo from prior to posterior (Del Moral, Doucet and Jasra, J R Stat Soc B 2006;
 * 68:411-436): the likelihood is let in by temperatures chosen so that the effective number of particles
 * stays at half. At each, chains start from resampled particles, and all their states are the particles
 * of the next (waste-free: Dau and Chopin, J R Stat Soc B 2022;84:114-148). A step is a walk among
 * likelihoods of an emulator, values being sums of slopes and bends fitted to what was predicted last; its
 * end is then predicted, and accepted or not so that the posterior is met exactly, however rough the
 * emulator (Christen and Fox, J Comput Graph Stat 2005;14:795-810). The same seed gives the same bytes on
 * any number of threads. */
CIT_CHECKED cit_status cit_sample(const cit_evidence *evidence, const cit_sampling *sampling,
                                  cit_samples **ret, cit_errors *errs);
/* The posterior without one study, from samples of the posterior with it: its likelihood is let out by
 * temperatures in the same way. log_evidence is then the others' less that of all. Studies that `posterior`
 * (NULL: made of all of them) does not know have no say in it. */
CIT_CHECKED cit_status cit_sample_without(const cit_evidence *evidence,
                                          const cit_posterior *posterior, const cit_samples *from,
                                          int study, const cit_sampling *sampling,
                                          cit_samples **ret, cit_errors *errs);
CIT_API void cit_samples_free(cit_samples *samples); /* NULL is fine */

/* ---- 4 learnt ------------------------------------------------------------------------------------- */

/* A fitted parameter before and after, in its own unit. */
typedef struct cit_learnt {
    const cit_parameter *row;
    double prior, prior_lo90, prior_hi90;
    double median, lo90, hi90;
    double shift;       /* of the middle, in deviations of the prior */
    double contraction; /* 1 - variance / prior variance, of the standard normal number */
} cit_learnt;

/* Below this a parameter is said not to be informed: of so many draws, chance alone makes as much. */
CIT_API double cit_learnt_limit(const cit_samples *samples);
/* By contraction, largest first; the caller frees *ret. */
CIT_CHECKED cit_status cit_learnt_of(const cit_samples *samples, cit_learnt **ret, int *ret_count,
                                     cit_errors *errs);
/* Draws that differ from each other: resampling makes copies, moves make them differ again. */
CIT_API int cit_samples_distinct(const cit_samples *samples);

/* ---- 5 validation --------------------------------------------------------------------------------- */

/* The posterior's draws, and what they predict for this evidence, which may be studies that it has never
 * seen. At most `draws` of them (0: all). */
CIT_CHECKED cit_status cit_samples_of(const cit_evidence *evidence, const cit_posterior *posterior,
                                      int draws, int threads, const cit_progress *progress,
                                      cit_samples **ret, cit_errors *errs);
/* Did this study inform the posterior? By its name among the studies that the posterior's file lists. */
CIT_API bool cit_posterior_knows(const cit_posterior *posterior, const char *study);

/* Weights that take a study out of the samples again rest on few draws where the study told much: Pareto's
 * k above 0.7. For such studies, cit_sample_without: a list with an entry for each study of the evidence,
 * NULL where weights do. `posterior` as for cit_validate; `scores_only`: of studies with mean scores. */
CIT_CHECKED cit_status cit_refits_make(const cit_evidence *evidence, const cit_posterior *posterior,
                                       const cit_samples *samples, bool scores_only,
                                       const cit_sampling *sampling, cit_samples ***ret,
                                       cit_errors *errs);
CIT_API void cit_refits_free(cit_samples **refits, int studies); /* NULL is fine */

/* A figure (or one class of it) beside what is predicted without its study: by a new fit, where there is one;
 * else the draws are weighted by one over the study's likelihood, the weights smoothed (cit_psis_weights).
 * A study that did not inform the posterior needs neither. */
typedef struct cit_compared {
    const cit_figure *figure;
    const cit_responder *class; /* NULL: the figure itself */
    char label[128];
    double
        scale; /* what a share is multiplied by for reading: 100 for per cent, 1 for points and days */
    double seen, median, lo50, hi50, lo90, hi90;
    double crps;
    double pareto; /* above 0.7 the weights cannot be trusted; NAN: no weights */
} cit_compared;

/* The mean improvement of one score a study, against two baselines that know no mechanism: the random-effects
 * mean of the other studies, and a regression on the logarithm of visits. In per cent. */
typedef struct cit_between {
    int study;
    const cit_figure *figure;
    double visits, seen;
    double median, lo50, hi50, lo90, hi90; /* the mechanism */
    double blend_median, blend_lo90,
        blend_hi90; /* of it and itself, shifted by what the others report beyond it */
    double crps, crps_mean, crps_visits, crps_blend;
    double weight; /* of the mechanism in the blend, chosen on the other studies */
    double pareto; /* as in cit_compared */
} cit_between;

/* Something within one study: shares of a gain and comparisons of arms, where its own effect cancels, and
 * changes of tissue and directions, where it does not. */
typedef struct cit_within {
    char label[160];
    const char *against; /* what the flat baseline says */
    double seen, median, lo90, hi90, baseline;
} cit_within;

/* What studies of one kind of device reported, and how far they lie apart. */
typedef struct cit_of_device {
    int device, studies;      /* device: as in cit_study_arm, 0 where nobody says */
    cit_heterogeneity spread; /* per cent */
} cit_of_device;
enum { CIT_DEVICES_COMPARED = 4 };

typedef struct cit_validation {
    cit_of_device devices[CIT_DEVICES_COMPARED];
    int device_count;
    cit_compared *compared;
    int compared_count;
    cit_between *between;
    int between_count;
    cit_within *within;
    int within_count;
    /* Over studies: mean scores, and the difference of the mechanism and of the blend to each baseline. */
    double crps, crps_mean, crps_visits, crps_blend;
    cit_test_result to_mean, to_visits, blend_to_mean, blend_to_visits;
    cit_test_result inside50, inside90,
        blend_inside90;       /* of `between`, against the nominal share */
    double blend_weight;      /* chosen on all of them */
    double offset, offset_sd; /* what studies report beyond the mechanism, per cent; its spread */
    int distrusted;           /* compared figures whose weights are not trusted */
    int fitted_anew;          /* studies */
} cit_validation;

/* `posterior` says which studies informed the samples; NULL: all of the evidence. `refits`: NULL, or a list
 * of cit_refits_make. */
CIT_CHECKED cit_status cit_validate(const cit_evidence *evidence, const cit_posterior *posterior,
                                    const cit_samples *samples, cit_samples *const *refits,
                                    uint64_t seed, cit_validation **ret, cit_errors *errs);
CIT_API void cit_validation_free(cit_validation *validation); /* NULL is fine */
