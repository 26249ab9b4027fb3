/* Private to the trial room: kinds of people, who takes part, what is seen of them, and sums over trials. */
#pragma once
#include <cit/trial.h>

/* ---- kinds of people (population.c) --------------------------------------------------------------- */

/* What screening says of people of a kind who answer these questions of health (bits) with yes. */
typedef struct judged {
    uint32_t yes;
    cit_clearance verdict;
    struct judged *next;
} judged;

/* A kind, its case, and what screening says of it, as far as it was asked. */
typedef struct kind_case {
    cit_trial_kind is;
    cit_case *person;
    judged *judged;
} kind_case;
typedef struct kinds {
    kind_case *items;
    int count;
} kinds;
/* Draws the population's kinds, or takes the file's people. */
cit_status kinds_make(const cit_trial *trial, const cit_catalogue *catalogue, uint64_t seed,
                      kinds *ret, cit_errors *errs);
void kinds_free(kinds *k);
/* Screens somebody of this kind who answers these questions with yes, for every arm; each is judged once,
 * whichever thread asks first. */
cit_status kind_verdict(const cit_trial *trial, const cit_catalogue *catalogue, kind_case *k,
                        uint32_t yes, cit_clearance *ret, cit_errors *errs);
/* Is there such a question among the answers of health of a case, or of a zone? */
bool question_is_known(const char *question, const char **ret_near);
/* Where u falls in a distribution. */
double range_quantile(const cit_trial_range *r, double u);

/* ---- who takes part (enrol.c) ----------------------------------------------------------------------- */

/* Somebody enrolled. */
typedef struct subject {
    int candidate, kind, clinic;
    int arm; /* of a split face: 0, both sides */
    bool asked;
    int refused_before; /* candidates before them whom screening refused */
    double drops_at;    /* 0 to 1: where in the course they would leave, were drop-out certain */
    uint64_t missed;    /* bit i: misses visit i; never the first */
} subject;

typedef struct enrolment {
    int64_t screened, refused;
} enrolment;

/* The first `people` of trial `number`. The first n of them are the trial of n people. CIT_REFUSED where
 * the candidates run out. */
struct bench;
cit_status enrol(const struct bench *b, int number, int people, subject *ret, enrolment *ret_count,
                 cit_errors *errs);
/* Is of somebody known what strata are made of? CIT_INVALID: of nobody. */
cit_status strata_known(const cit_trial *trial, const kinds *k, cit_errors *errs);
/* Has anybody the scars that an endpoint is of? CIT_INVALID: nobody. */
cit_status endpoints_known(const cit_trial *trial, const kinds *k, cit_errors *errs);
/* One standard normal number or uniform number of a trial, a candidate, a name and a place. */
double trial_uniform(uint64_t seed, int number, int candidate, uint32_t stream, uint32_t place);
double trial_normal(uint64_t seed, int number, int candidate, uint32_t stream, uint32_t place);

/* ---- what is seen of them (follow.c) --------------------------------------------------------------- */

/* What a pass over the trials holds to be true. */
typedef struct world_plan {
    bool fixed;       /* the world at its median; otherwise drawn for each trial */
    double drift;     /* multiple of untreated drift */
    bool other_rater; /* open where the file says blinded, and the other way round */
    bool stated;      /* arms are the first arm's, and so much better as endpoints state */
} world_plan;

/* One trial's people, as seen before drop-out and rating noise, which differ between runs. */
typedef struct flock {
    int people, sides;     /* sides: 2 of a split face */
    subject *who;          /* people */
    double *value, *noise; /* people x sides x endpoints: without noise, and the rater's error */
    double *start;         /* people x sides: Goodman-Baron score at the start */
    bool *sparse;          /* people: punctures stand too far apart for the column */
    /* people x endpoints: the first endpoint's quantity on that endpoint's day, more being better; mean of
     * the sides. With a reference, its normal score there, and that of the start. */
    double *so_far, *severity;
    int64_t refused; /* by screening */
} flock;

/* People as they come, each in a world of its own: against them somebody's severity and improvement are
 * ranked where leaving depends on these. Sorted. */
enum { REFERENCE_WORLDS = 2048 };
typedef struct reference {
    int count;                           /* 0: there is none */
    double *start, *so_far;              /* so_far: endpoints x count */
    double rho[CIT_TRIAL_ENDPOINTS_MAX]; /* of the normal scores of the two */
} reference;

struct bench {
    const cit_trial *trial;
    const cit_catalogue *catalogue;
    const cit_posterior *posterior;
    kinds kinds;
    uint64_t seed;
    int stride;     /* between the posterior's draws that trials take one after the other */
    double *median; /* of the posterior, a row of the parameter table each */
    double days[1 + CIT_TRIAL_ENDPOINTS_MAX]; /* 0 and those of endpoints */
    int day_count;
    int day_of[CIT_TRIAL_ENDPOINTS_MAX];
    int rows, rating_sd, drift_share; /* of the parameter table */
    reference reference;
};
typedef struct bench bench;
cit_status bench_make(const cit_trial *trial, const cit_catalogue *catalogue, uint64_t seed,
                      const cit_posterior *posterior, bench *ret, cit_errors *errs);
void bench_free(bench *b);

/* Follows the people of `count` trials from number `first`, each flock with memory of its own. */
cit_status flocks_follow(const bench *b, const world_plan *plan, int first, int count, int people,
                         flock *ret, cit_errors *errs);
void flock_free(flock *f);
int sides_of(const cit_trial *trial);
/* The arm of a subject's side. */
int arm_of(const cit_trial *trial, const subject *s, int side);
/* Where a value stands in a flock. */
size_t value_at(const cit_trial *trial, const flock *f, int person, int side, int endpoint);
/* The first endpoint that is of the same quantity on the same day: both are read off one rating. */
int rating_of(const cit_trial *trial, int endpoint);
/* People in one round of the allocation's shares; where the search of a size ends, in whole rounds. */
int round_of(const cit_trial *trial);
int most_to_enrol(const cit_trial *trial);

/* ---- sums over trials (tally.c) -------------------------------------------------------------------- */

/* What is done with the people of a pass: how many of them take part, who leaves, how they are rated. */
typedef struct run_plan {
    cit_trial_run_kind kind;
    int people;
    double drop_out, noise; /* noise: multiple of the rater's */
    cit_trial_leaving leaving;
} run_plan;

typedef struct head_tally {
    int64_t trials, enrolled, refused, asked, dropped, visits, missed, sparse;
    cit_moments rho;
} head_tally;
typedef struct compared_tally {
    int64_t success, against, lost;
    cit_moments estimate, lo, hi;
} compared_tally;
typedef struct seen_tally {
    int64_t responders, of;
    cit_moments people, mean, variance;
} seen_tally;

enum { TALLY_BINS = 2000 }; /* of a distribution */

/* The sums of one run in one piece of memory without pointers: whole numbers and extremes alone, so that
 * trials may be added in any order and anywhere. */
typedef struct tally {
    const cit_trial *trial;
    bool sketches; /* distributions too */
    size_t size;
    char *bytes;
} tally;
size_t tally_size(const cit_trial *trial, bool sketches);
/* Lays a tally over memory of its size; empties it. */
cit_status tally_init(const cit_trial *trial, bool sketches, char *bytes, tally *ret,
                      cit_errors *errs);
cit_status tally_merge(tally *into, const tally *from, cit_errors *errs);
head_tally *tally_head(const tally *t);
compared_tally *tally_compared(const tally *t, int i);
seen_tally *tally_seen(const tally *t, int arm, int endpoint);
cit_sketch *tally_compared_sketch(const tally *t, int i); /* NULL: none */
cit_sketch *tally_seen_sketch(const tally *t, int arm, int endpoint);
cit_status tally_summary(const tally *t, const run_plan *run, cit_trial_summary *ret,
                         cit_errors *errs);

/* ---- one trial, analysed (analysis.c) ----------------------------------------------------------------- */

/* Adds a trial to the sums. */
cit_status analyse(const bench *b, const flock *f, const run_plan *run, tally *into,
                   cit_errors *errs);
/* Is somebody seen at an endpoint? At the last one: did they stay? */
bool is_seen(const bench *b, const flock *f, const run_plan *run, int person, int endpoint);
bool stayed(const bench *b, const flock *f, const run_plan *run, int person);
/* The rating of somebody's side; NAN: not seen. */
double rated(const bench *b, const flock *f, const run_plan *run, int person, int side,
             int endpoint);
