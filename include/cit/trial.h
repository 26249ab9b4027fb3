/* cit/trial.h -- virtual trials: what a trial of this size and design would probably find, if the model holds.
 *
 *   1 the file     population, arms, conduct, endpoints, analysis (docs/trial.md shows one)
 *   2 running it   many trials of the same plan, each with people of its own, in a world of its own
 *   3 its people   the people of one of these trials, one by one
 *
 * A trial is repeated many times. Each time candidates come one after the other, are screened, enrolled,
 * allocated, followed (cit/people.h), rated and analysed, as the file says. Two things are told apart:
 *
 *   power       the world is held at its median, or the effect at a stated value: the share of trials that
 *               succeed if that effect is the true one;
 *   assurance   every trial has a world drawn from the posterior (or the prior): the share of trials that
 *               succeed, whatever the truth is.
 *
 * Whoever is drawn is keyed by seed, trial and number: results depend neither on threads, nor on
 * processes, nor on interruptions. A virtual arm is no evidence: it says what follows from the model. */
#pragma once
#include <cit/people.h>
#include <cit/screening.h>
#include <cit/statistics.h>

/* ---- 1 the file ---------------------------------------------------------------------------------- */

typedef enum cit_trial_design { CIT_PARALLEL = 1, CIT_SPLIT_FACE } cit_trial_design;
typedef enum cit_allocation { CIT_SIMPLE_ALLOCATION = 1, CIT_BLOCKS } cit_allocation;
/* What a stratum is made of, besides the clinic: its own blocks for each value. */
typedef enum cit_stratum { CIT_BY_GRADE, CIT_BY_SKIN_TYPE, CIT_BY_SEX, CIT_STRATA } cit_stratum;
typedef enum cit_trial_claim {
    CIT_CLAIM_SUPERIOR = 1,
    CIT_CLAIM_NONINFERIOR,
    CIT_CLAIM_EQUIVALENT
} cit_trial_claim;
typedef enum cit_trial_test {
    CIT_TRIAL_WELCH = 1,
    CIT_TRIAL_MANN_WHITNEY,
    CIT_TRIAL_ANCOVA, /* covariate: the Goodman-Baron score at the start */
    CIT_TRIAL_SHARES,
    CIT_TRIAL_ODDS_RATIO, /* estimates are logarithms */
    CIT_TRIAL_PAIRED,     /* this one and those below: of the two sides of a face */
    CIT_TRIAL_SIGNED_RANK,
    CIT_TRIAL_PAIRED_SHARES,
} cit_trial_test;
typedef enum cit_trial_missing { CIT_COMPLETE_CASES = 1, CIT_AS_NO_CHANGE } cit_trial_missing;
typedef enum cit_trial_goal { CIT_GOAL_ASSURANCE = 1, CIT_GOAL_POWER } cit_trial_goal;

extern CIT_API const char *const cit_trial_design_choices[];
extern CIT_API const char *const cit_allocation_choices[];
extern CIT_API const char *const cit_stratum_choices[];
extern CIT_API const char *const cit_trial_claim_choices[];
extern CIT_API const char *const cit_trial_test_choices[];
extern CIT_API const char *const cit_trial_test_words[]; /* the same for people */
extern CIT_API const char *const cit_trial_missing_choices[];
extern CIT_API const char *const cit_trial_goal_choices[];
extern CIT_API const char *const cit_trial_multiplicity_choices[]; /* cit_multiplicity */

/* A number that differs between people: from lo to hi evenly, or normal about a mean within them. */
typedef struct cit_trial_range {
    double lo, hi, mean, sd; /* mean and sd unknown: evenly */
} cit_trial_range;

typedef struct cit_trial_scars {
    cit_mark mark;
    int type; /* cit_scar_type */
    cit_trial_range count;
    double width_mm, depth_mm;
} cit_trial_scars;

/* A share of people answers a question of health with yes ("isotretinoin"). */
typedef struct cit_trial_answer {
    cit_mark mark;
    const char *question;
    double share;
} cit_trial_answer;

/* A kind of person: one case that stands for all who fall to it. People of one kind still differ in
 * everything that a case leaves open, which is most. */
typedef struct cit_trial_kind {
    double age_day;
    int sex, skin_type;        /* 0: unknown */
    int grade;                 /* CIT_UNKNOWN_INT: unknown */
    int count[CIT_SCAR_TYPES]; /* scars by type; CIT_UNKNOWN_INT: drawn for each person */
} cit_trial_kind;

typedef struct cit_trial_population {
    int kinds; /* how many are drawn */
    cit_trial_range age_day;
    double female_share;
    double *skin_types, *grades; /* weights of I to VI; of grades 2 to 4 */
    int skin_type_count, grade_count;
    const char *site;
    int side; /* cit_side */
    cit_trial_scars *scars;
    int scar_count;
    cit_trial_answer *health;
    int health_count;
    const char *people; /* a CSV instead of all of the above but site, side and health */
} cit_trial_population;

/* What something given with needling adds to the percentage of improvement; the model has no mechanism
 * for it, so that it is a number with a source. */
typedef struct cit_trial_adds {
    double percent,
        sd; /* mean; deviation between trials, which holds what is not known of the mean too */
    double people_sd; /* deviation between people */
    const char *source;
} cit_trial_adds;

typedef struct cit_trial_arm {
    cit_mark mark;
    const char *name, *protocol_path;
    int untreated; /* cit_answer */
    int share;     /* of allocation: whole numbers, 1 where nobody says */
    cit_trial_adds adds;
    cit_protocol *protocol; /* of an untreated arm, one whose only visit is missed */
} cit_trial_arm;

typedef struct cit_trial_rater {
    int blinded; /* cit_answer: does the rater not know of the treatment? */
    double
        noise; /* deviation of a rating, in the endpoint's unit; unknown: the parameter rating_sd */
    double sides_rho; /* correlation of the errors on two sides of one face */
    double sides_sd; /* what makes the sides of a face answer differently, in the endpoint's unit */
} cit_trial_rater;

/* Who leaves: correlations of the tendency to leave with the severity at the start (more is worse) and with
 * the improvement so far of the first endpoint's quantity, without the rater's error. Both are taken as
 * normal scores (Heckman, Econometrica 1979; 47:153-161), so that the share who leave stays what it is.
 * 0 and 0: at random. The sum of their squares is 1 at most. */
typedef struct cit_trial_leaving {
    double severity, improvement;
} cit_trial_leaving;

typedef struct cit_trial_conduct {
    int people, clinics;
    int allocation;  /* cit_allocation */
    int block;       /* rounds of all shares in a block */
    unsigned strata; /* bits: cit_stratum; blocks are of each stratum, as they are of each clinic */
    double drop_out, missed_visits;
    cit_trial_leaving leaving;
    int start; /* date; screening is for this day */
    cit_trial_rater rater;
} cit_trial_conduct;

typedef struct cit_trial_endpoint {
    cit_mark mark;
    const char *name;
    int quantity; /* 1 + cit_quantity */
    double day;
    double responder; /* a responder has improved by so much or more; unknown: the number itself */
    int test, claim;
    double margin; /* of shares a share, of an odds ratio a ratio */
    double
        effect; /* stated as true for power, above 0 better; all endpoints have one, or none has */
} cit_trial_endpoint;

typedef struct cit_trial_analysis {
    double alpha;
    int sides;
    int multiplicity; /* cit_multiplicity; 0: each by itself */
    int missing;      /* cit_trial_missing */
} cit_trial_analysis;

typedef struct cit_trial_repeats {
    int trials;      /* 0 or unknown: 1000 */
    double effect;   /* stated for power, of the first endpoint */
    double target;   /* of the sample-size search; unknown: none */
    int goal;        /* cit_trial_goal */
    int most_people; /* where the search ends */
    int sensitivity; /* cit_answer */
} cit_trial_repeats;

typedef struct cit_trial {
    const char *name, *question, *published;
    int design;
    uint64_t seed;
    int file_seed;
    cit_trial_population population;
    cit_trial_arm *arms; /* the first is the one that others are compared with */
    int arm_count;
    cit_trial_conduct conduct;
    cit_trial_endpoint *endpoints; /* the first is the primary one */
    int endpoint_count;
    cit_trial_analysis analysis;
    cit_trial_repeats repeats;
    cit_trial_kind *rows; /* of the file of people */
    int row_count;
    cit_doc *doc;
} cit_trial;

enum {
    CIT_TRIAL_ARMS_MAX = 8,
    CIT_TRIAL_ENDPOINTS_MAX = 8,
    CIT_TRIAL_KINDS_MAX = 1000,
    CIT_TRIAL_ANSWERS_MAX = 32,     /* of health */
    CIT_TRIAL_PEOPLE_MAX = 5000000, /* told one by one: 1 GB */
    CIT_TRIAL_NUMBERS = 65536,      /* trials, and candidates of one trial, are fewer */
};
extern CIT_API const cit_table cit_trial_table;

/* Reads a trial and its protocols, whose paths are from the trial's folder; all faults in one go. A file of
 * people is named, not read: see cit_trial_take_people. */
CIT_CHECKED cit_status cit_trial_load(const char *path, cit_trial **ret, cit_errors *errs);
CIT_CHECKED cit_status cit_trial_parse(const char *name, const char *bytes, size_t size,
                                       cit_trial **ret, cit_errors *errs);
CIT_API void cit_trial_free(cit_trial *trial); /* NULL is fine */
/* Where the file of people lies; false where there is none. */
CIT_API bool cit_trial_people_path(const cit_trial *trial, char path[4096]);
/* The people of a CSV: a heading with age (years), sex, skin_type, grade, rolling, boxcar, ice_pick, any of
 * them, and a line for each person. */
CIT_CHECKED cit_status cit_trial_take_people(cit_trial *trial, const char *name, const char *bytes,
                                             size_t size, cit_errors *errs);

/* The comparisons: every endpoint of every arm but the first with the first; and what one of them is of. */
CIT_API int cit_trial_comparisons(const cit_trial *trial);
CIT_API const cit_trial_endpoint *cit_trial_endpoint_of(const cit_trial *trial, int comparison);
CIT_API const cit_trial_arm *cit_trial_arm_of(const cit_trial *trial, int comparison);
/* Is more of it better? Differences are told so that above 0 is better. */
CIT_API bool cit_trial_more_is_better(int quantity);
/* Does a rater's error scatter what is seen of it? */
CIT_API bool cit_trial_has_rating_error(const cit_trial *trial, const cit_trial_endpoint *endpoint);
/* Are effects stated? */
CIT_API bool cit_trial_states_effects(const cit_trial *trial);
/* Does leaving depend on anything? */
CIT_API bool cit_trial_leaves_at_random(const cit_trial *trial);
/* What the sensitivity table takes leaving to correlate at with the improvement so far, where the file has
 * it at random: who gains little leaves. Assumed. */
#define CIT_TRIAL_INFORMATIVE (-0.5)

/* ---- 2 running it --------------------------------------------------------------------------------- */

/* Processes that share the work; all of them run the same trial and get the same result. */
enum { CIT_RANKS_MAX = 4096 };
typedef struct cit_ranks {
    int rank, count; /* CIT_RANKS_MAX at most */
    /* Puts `size` bytes of every rank into `all`, in the order of ranks. */
    bool (*gather)(void *context, const void *mine, size_t size, void *all);
    void *context;
} cit_ranks;

typedef struct cit_trial_options {
    uint64_t seed;
    int threads;                    /* 0: all */
    int trials, people;             /* 0: as the file says */
    const cit_posterior *posterior; /* NULL: the prior */
    cit_progress progress;
    int64_t *followed;      /* where to say how many people were followed so far; NULL: nowhere */
    const cit_ranks *ranks; /* NULL: this process alone */
    /* Where it stands, now and then, and when it is stopped; bytes for `resume`. Rank 0 only. NULL: not
     * asked for. */
    cit_status (*save)(void *context, const void *bytes, size_t size, cit_errors *errs);
    void *save_context;
    const void *resume; /* NULL: from the beginning */
    size_t resume_size;
    const char *program; /* name and version, part of the key: another one may give other bytes */
} cit_trial_options;

/* So many of so many, and the 95 % interval of Clopper and Pearson: what the number of trials leaves open. */
typedef struct cit_trial_share {
    int64_t events, of;
    double share, lo, hi;
} cit_trial_share;

/* One comparison over all trials. Of an odds ratio everything is a logarithm. */
typedef struct cit_trial_found {
    cit_trial_share success,
        against; /* against: significant in the wrong direction, before adjustment */
    int64_t not_analysed;
    double mean, sd;           /* of the estimates */
    double lo90, median, hi90; /* of the estimates */
    double mean_lo, mean_hi;   /* of the ends of their intervals */
} cit_trial_found;

/* One endpoint in one arm, over all trials. */
typedef struct cit_trial_seen {
    double analysed;           /* people a trial */
    double mean, sd_of_means;  /* of the trials' means */
    double sd;                 /* between the people of a trial */
    double lo90, median, hi90; /* of all people */
    double responders;         /* share; NAN where none are defined */
} cit_trial_seen;

typedef enum cit_trial_run_kind {
    CIT_RUN_ASSURANCE,
    CIT_RUN_POWER,
    CIT_RUN_DRIFT_NONE,
    CIT_RUN_DRIFT_TWICE,
    CIT_RUN_RATER_OTHER,
    CIT_RUN_DROP_NONE,
    CIT_RUN_DROP_TWICE,
    CIT_RUN_DROP_RANDOM,      /* where the file says what leaving depends on */
    CIT_RUN_DROP_INFORMATIVE, /* where it does not */
    CIT_RUN_NOISE_HALF,
    CIT_RUN_NOISE_TWICE,
    CIT_RUN_SIZE, /* of the search; any number of them */
} cit_trial_run_kind;
CIT_API const char *cit_trial_run_name(cit_trial_run_kind kind);

typedef struct cit_trial_summary {
    cit_trial_run_kind kind;
    int people; /* enrolled in each trial */
    int64_t trials;
    cit_trial_found *found; /* comparisons */
    cit_trial_seen *seen;   /* arms x endpoints */
    double sides_rho; /* split face: mean correlation of the sides, first endpoint; else NAN */
    int64_t enrolled, refused,
        to_be_asked; /* people; refused by screening; enrolled with a question open */
    int64_t dropped_out;
    int64_t visits, missed_visits; /* after the first, which nobody misses */
    int64_t sparse; /* people whose punctures stand too far apart for the column to be trusted */
} cit_trial_summary;

typedef struct cit_trial_result {
    uint64_t seed;
    int trials;
    bool has_posterior;
    char key
        [40]; /* of program, trial, catalogue, posterior, seed, numbers and instruction set: equal
                   * keys, equal bytes */
    cit_trial_summary *runs;
    int run_count;
    int sample_size; /* least number of people that reaches the target; 0: none did, or nobody asked */
    bool searched;
    int64_t followed; /* people followed through a course, in all runs */
} cit_trial_result;

CIT_API const cit_trial_summary *cit_trial_run_of(const cit_trial_result *result,
                                                  cit_trial_run_kind kind);

/* Runs the trial. CIT_CANCELLED where progress asked to stop: what was saved last continues to the same
 * bytes. Refuses (CIT_REFUSED) a trial for which screening leaves nobody. */
CIT_CHECKED cit_status cit_trial_run(const cit_trial *trial, const cit_catalogue *catalogue,
                                     const cit_trial_options *options, cit_trial_result **ret,
                                     cit_errors *errs);
CIT_API void cit_trial_result_free(cit_trial_result *result); /* NULL is fine */

/* ---- 3 its people ---------------------------------------------------------------------------------- */

/* Somebody of one trial, under one arm: of a split face there are two of them. */
typedef struct cit_trial_person {
    int trial, candidate, arm, clinic;
    cit_trial_kind kind;
    int visits_missed;
    bool dropped_out;                      /* before the last endpoint */
    double start_gb;                       /* Goodman-Baron score at the start */
    double value[CIT_TRIAL_ENDPOINTS_MAX]; /* as rated; NAN: not seen */
} cit_trial_person;

/* The people of the first `trials` of the assurance runs, in order; the caller frees them. No more than
 * CIT_TRIAL_PEOPLE_MAX, of a split face two a person. CIT_CANCELLED where progress, which is asked before
 * each trial, said so. */
CIT_CHECKED cit_status cit_trial_people(const cit_trial *trial, const cit_catalogue *catalogue,
                                        const cit_trial_options *options, int trials,
                                        cit_trial_person **ret, int *ret_count, cit_errors *errs);
