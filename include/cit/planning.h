/* cit/planning.h -- which course of needling, if any, for this person.
 *
 *     case, limits ──> candidates ──> screened ──> simulated together ──> front ──> options
 *
 *   1 the space   2 candidates   3 what they bring and ask   4 the search   5 options   6 the plan
 *
 * A candidate is a device, a needle length (shorter where the skin is thinner), passes, a number of visits,
 * an interval, who needles, and what is given with it. Those that a rule refuses or that break a limit of the
 * person are never simulated. The rest are simulated in the same draws of the same person (common random
 * numbers), so that two candidates differ by what is done and by nothing else; those that begin alike share
 * their work (cit_crowds_follow).
 *
 * Nothing here says what is best. A candidate is on the front where no other brings more and asks as little in
 * every respect. Options are points of the front; a person and a clinician choose. What the posterior cannot
 * tell apart is said to be so. docs/models/planning.md has the rules and what is assumed of them. */
#pragma once
#include <cit/forecast.h>
#include <cit/screening.h>

/* ---- 1 the space --------------------------------------------------------------------------------- */

/* The least change that matters on what a result is judged with. */
typedef struct cit_judging {
    cit_mark mark;
    int judge;     /* cit_judge */
    double change; /* grades, or per cent of the start */
    const char *source;
} cit_judging;

/* Differences of burden that nobody would mind. */
typedef struct cit_noticed {
    double pain, redness_day, pigment, harm, cost; /* pigment, harm, cost: per cent */
} cit_noticed;

typedef struct cit_device_list {
    const char **home, **aesthetician, **physician; /* ids */
    int home_count, aesthetician_count, physician_count;
} cit_device_list;

/* What is searched: data/planning/space.yaml, each list with its source. */
typedef struct cit_space {
    cit_doc *doc;
    cit_device_list devices;
    double *lengths_mm, *roller_passes, *pen_passes, *stamp_passes, *intervals_day;
    int length_count, roller_pass_count, pen_pass_count, stamp_pass_count, interval_count;
    double glide_mm_per_s, rate_Hz;
    int visits;                       /* at most */
    double horizon_day;               /* from the first visit */
    double judge_after_day;           /* from the last visit to the horizon, at least */
    const char **harm;                /* parameters that make needling worse where they are high, */
    const char **reach, **reach_lost; /* that let needles reach deeper, less deep */
    int harm_count, reach_count, reach_lost_count;
    cit_judging *judges;
    int judge_count;
    cit_noticed noticed;
    cit_source *sources;
    int source_count;
} cit_space;
/* All faults in one go; devices and parameters must exist. */
CIT_CHECKED cit_status cit_space_read(const char *path, const cit_catalogue *catalogue,
                                      cit_space **ret, cit_errors *errs);
CIT_API void cit_space_free(cit_space *space); /* NULL is fine */

/* Medians of what arms of published trials of scars state; how many do. */
typedef struct cit_usual {
    double length_mm, interval_day, visits;
    int device_kind; /* cit_device_kind of most arms */
    int lengths, intervals, courses;
} cit_usual;
CIT_API cit_usual cit_usual_course(const cit_catalogue *catalogue);

/* What an adjunct adds to the improvement of scores, a share: a random-effects meta-analysis of what its
 * contrasts show, each within one study; one that found no difference and gives no means counts as none. `sd` is of a new clinic's effect. Nothing, with studies 0, where no
 * contrast gives a number: then it changes no forecast. */
typedef struct cit_added {
    double mean, sd;
    int studies;
    double visits;    /* the fewest of a contrast: with fewer the addition is taken in proportion */
    double length_mm; /* the shortest needle of a contrast: nothing is known of shorter ones */
} cit_added;
CIT_CHECKED cit_status cit_adjunct_adds(const cit_catalogue *catalogue, const cit_adjunct *adjunct,
                                        cit_added *ret, cit_errors *errs);

/* ---- 2 candidates -------------------------------------------------------------------------------- */

typedef struct cit_candidate {
    int who; /* cit_who */
    const cit_device *device;
    double length_mm; /* in the thickest skin that is treated */
    int passes;
    double interval_day;
    int visits;                 /* ahead; 0: nothing is done */
    const cit_adjunct *adjunct; /* NULL: nothing is given */
} cit_candidate;

/* The protocol file of a candidate, which `cit simulate` reads: visits of the case that are done, then those
 * ahead. Zones that are refused for whoever needles are left out. `start` is the first day ahead. The caller
 * frees it. */
CIT_CHECKED cit_status cit_candidate_protocol(const cit_candidate *candidate,
                                              const cit_space *space, const cit_case *person,
                                              const cit_catalogue *catalogue, int start, char **ret,
                                              cit_errors *errs);
/* "SkinPen, 1.5 mm, 4 passes, 4 visits every 28 days, by a physician". */
CIT_API void cit_candidate_text(const cit_candidate *candidate, char text[240]);

/* ---- 3 what they bring and ask --------------------------------------------------------------------- */

/* Means over the draws at the horizon. Gains are over doing nothing (or nothing more), on the scale of the
 * judge: grades, per cent of the start, or a scanner's mm. */
typedef struct cit_value {
    double gain, gain_sd;
    double improvement;                    /* with what would happen anyway */
    double pain;                           /* the worst visit */
    double redness_day, redness_visit_day; /* all visits together; the longest of one */
    double pigment, harm;                  /* per cent: a dark mark; lasting loss or raised scar */
    double cost_low, cost_high;            /* NAN: no price */
    int visits;
} cit_value;

/* ---- 4 the search ---------------------------------------------------------------------------------- */

/* What a rough look would put first, before the search is done: most candidates are still in it. */
typedef struct cit_first_look {
    void (*show)(void *context, const cit_candidate *candidate, int draws);
    void *context;
} cit_first_look;

typedef struct cit_plan_options {
    int start; /* the first day that may have a visit */
    int draws; /* 0: 512 */
    uint64_t seed;
    int threads; /* 0: all */
    bool prior;
    bool exhaustive;          /* every candidate in every draw */
    const cit_prices *prices; /* NULL: those of the case's place; none: no costs */
    cit_progress progress;
    cit_first_look first_look; /* show may be NULL; not called where the search has one look */
} cit_plan_options;

/* Why candidates were not looked at. */
typedef struct cit_turned_down {
    const cit_rule *rule; /* NULL: a limit, or what the model cannot follow */
    char why[120];
    int who, count;
} cit_turned_down;
enum { CIT_TURNED_DOWN_MAX = 40 };

/* One point of the front, or a candidate that is an option all the same. */
typedef struct cit_point {
    cit_candidate candidate;
    cit_value value;
} cit_point;

typedef enum cit_option_kind {
    CIT_OPTION_NOTHING = 1,
    CIT_OPTION_LEAST,  /* the least burden that is likelier than not to show */
    CIT_OPTION_USUAL,  /* what trials do */
    CIT_OPTION_ENOUGH, /* more would not be noticed */
    CIT_OPTION_MOST,
    CIT_OPTION_HOME,
} cit_option_kind;

typedef struct cit_option {
    int kind;      /* cit_option_kind */
    unsigned also; /* bits (1 << kind) of what else it is */
    cit_candidate candidate;
    cit_value value;
    double lo50, hi50, lo90, hi90, median; /* of the improvement */
    double odds_better, odds_matters, odds_one_grade, odds_two_grades, odds_seen_50cm, odds_worse;
    double odds_over_last; /* that it brings more than the option before it, in the same draws */
    bool told_apart;       /* from the option before it */
} cit_option;
enum { CIT_OPTIONS_MAX = 5 };

/* What each further visit of the chosen course adds. */
typedef struct cit_step_gain {
    double gain, adds, left; /* left: all that further visits could still add */
} cit_step_gain;
enum { CIT_PLAN_VISITS_MAX = 12 };

/* An adjunct of which somebody measured what it adds on top of needling. */
typedef struct cit_adjunct_found {
    const cit_adjunct *adjunct;
    cit_added added;
    bool told_apart; /* it adds something at its lower 90 % bound as well: it is searched */
} cit_adjunct_found;
enum { CIT_ADJUNCTS_MAX = 4 };

typedef struct cit_search {
    int candidates, simulated, courses; /* courses: distinct ones that were followed */
    int who_allowed;                    /* bits (cit_who - 1): as far as the person goes */
    int who_planned;                    /* and some course is let through */
    cit_turned_down turned_down[CIT_TURNED_DOWN_MAX];
    int turned_down_count;
    cit_adjunct_found adjuncts[CIT_ADJUNCTS_MAX];
    int adjunct_count;
    cit_point *front;
    int front_count;
    cit_option options[CIT_OPTIONS_MAX];
    int option_count;
    int chosen;             /* of the options */
    int judge;              /* cit_judge */
    double smallest_change; /* on its scale */
    const char *change_source;
    bool judge_sees; /* the whole forecast course is more than the smallest change */
    cit_step_gain steps[CIT_PLAN_VISITS_MAX + 1]; /* by visits; 0: none */
    int step_count;
    cit_usual usual;
    bool marks_bind; /* what brings more has too large a chance of a dark mark to be put first */
    bool longer_not_told_apart; /* the longest needle did not win with harm high and reach low */
    double longer_mm, shorter_mm;
    double horizon_day;     /* from the first day ahead */
    double judge_after_day; /* from the last visit, at least */
    double done_day;        /* from the first visit that is done to the start; 0: none is */
    bool begun;             /* visits are done: doing nothing means stopping now */
    int draws;
    double untreated; /* improvement of doing nothing, median */
} cit_search;

/* Searches. CIT_REFUSED where screening leaves nobody who may needle; CIT_INVALID where there are no scars, or a
 * budget and prices are not in one currency; CIT_UNSETTLED never: what must be asked is the screening's to say.
 * Where the person's limits leave no course, doing nothing is the only option and `turned_down` says why. The case, catalogue and space must outlive the result. */
CIT_CHECKED cit_status cit_plan_search(const cit_case *person, const cit_catalogue *catalogue,
                                       const cit_space *space, const cit_plan_options *options,
                                       cit_search **ret, cit_errors *errs);
CIT_API void cit_search_free(cit_search *search); /* NULL is fine */
/* The bands of an option from a forecast of it, which widens them where nothing was measured any more: so that a
 * table and a chart say the same. Nothing is changed where the judge has no per cent, or an adjunct adds to them. */
CIT_API void cit_option_take_bands(cit_search *search, int option, const cit_forecast *forecast);

/* ---- 6 the course -------------------------------------------------------------------------------- */

/* A visit ahead; `moved`: to a later day than the interval asks for, as days were not free. */
typedef struct cit_planned_visit {
    int day;
    bool moved;
} cit_planned_visit;

/* One line of what a course costs. */
typedef struct cit_cost_line {
    const cit_price *price;
    double times, low, high;
} cit_cost_line;
enum { CIT_COST_LINES_MAX = 16 };

/* When something can be seen, days from the start of what is ahead; NAN: not within the horizon. Medians, beyond
 * what is there by then. */
typedef struct cit_milestones {
    double first_change_day; /* the median passes the smallest change that matters */
    double most_day;         /* four fifths of what there is at the horizon */
    double final_day;        /* nineteen twentieths */
} cit_milestones;

typedef struct cit_dated_course {
    cit_candidate candidate;
    cit_planned_visit visits[CIT_PLAN_VISITS_MAX];
    int visit_count;
    bool moved;   /* some day is: the intervals are not those of the candidate */
    int unplaced; /* visits for which no day was free within four weeks of when they were due */
    int photo_days[CIT_PLAN_VISITS_MAX + 3],
        photo_count; /* before each visit, and at the milestones */
    int first_day;   /* from which the milestones count */
    int judge_day;   /* when the result is judged; CIT_UNKNOWN_INT: no visit was placed */
    cit_cost_line costs[CIT_COST_LINES_MAX];
    int cost_count;
    double cost_low, cost_high; /* NAN: some price is unknown */
    const cit_prices *prices;   /* NULL: none */
    cit_milestones milestones;
} cit_dated_course;

/* What a judge looks at in a forecast; a scanner's millimetres stand for per cent of depth. */
CIT_API cit_quantity cit_judge_quantity(int judge);

/* Lays a candidate out in days: none of them among those the person is away; after each, so many days of redness
 * (rounded up) that none is one on which nothing should be seen. Where the interval does not fit, a visit is
 * later, never earlier. `forecast` is of this candidate; NULL: no milestones. */
CIT_CHECKED cit_status cit_course_dates(const cit_candidate *candidate, const cit_case *person,
                                        const cit_catalogue *catalogue, const cit_search *search,
                                        const cit_forecast *forecast, const cit_prices *prices,
                                        double redness_day, int start, cit_dated_course *ret,
                                        cit_errors *errs);
/* The protocol file of a course on its days, as of cit_candidate_protocol. */
CIT_CHECKED cit_status cit_course_protocol(const cit_dated_course *course, const cit_space *space,
                                           const cit_case *person, const cit_catalogue *catalogue,
                                           int start, char **ret, cit_errors *errs);
/* The prices that a plan uses: those given, else those of the case's place; NULL: none. */
CIT_API const cit_prices *cit_plan_prices(const cit_case *person, const cit_catalogue *catalogue,
                                          const cit_prices *given);
