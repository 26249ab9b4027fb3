/* Private to the planning room. */
#pragma once
#include <cit/planning.h>
#include <cit/statistics.h>

/* What is kept of a draw of one course. */
enum {
    D_GB,
    D_ECCA,
    D_OTHER,
    D_GRADE_CHANGE,
    D_GRADE,
    D_SCORES, /* of them: one block without, one with each adjunct that adds */
};
enum {
    D_DEPTH_MM,
    D_PAIN,
    D_RED,
    D_RED_SUM,
    D_PIGMENT,
    D_HARM,
    D_BURDENS,
};
/* Of doing nothing, or nothing more: scores, and after them these. */
enum { N_DEPTH_MM = D_SCORES, N_PIGMENT, N_HARM, N_NOTHING };

/* Courses that differ by their number of visits alone; for all kinds of user who would do the same. */
typedef struct family {
    cit_candidate like; /* who: home, or whoever in a clinic is allowed most */
    unsigned users;     /* bits (cit_who - 1) that may do it, by screening */
    int most_visits;
    cit_protocol **protocols;
    cit_crowd **crowds;
    bool *alive;     /* by visits: still followed */
    float **scores;  /* by visits: draws x blocks x D_SCORES */
    float **burdens; /* by visits: draws x D_BURDENS */
    int *evaluated;  /* by visits: how many draws there are */
    bool failed;
    bool usual; /* as trials do it, as nearly as there is */
    bool kept;  /* an option although others beat it */
} family;

typedef struct search {
    const cit_case *person;
    const cit_catalogue *catalogue;
    const cit_space *space;
    const cit_plan_options *with;
    const cit_prices *prices;
    cit_search *result;
    cit_screening *alone; /* of the person, before any protocol */
    family *families;
    int family_count;
    const cit_adjunct *adjuncts[CIT_ADJUNCTS_MAX]; /* that add */
    cit_added added[CIT_ADJUNCTS_MAX];
    double washout_day[CIT_ADJUNCTS_MAX];     /* before needling again */
    unsigned adjunct_users[CIT_ADJUNCTS_MAX]; /* who may give it: bits (cit_who - 1) */
    int adjunct_count, blocks;                /* blocks: 1 + adjuncts */
    int draws, drawn;                         /* drawn so far */
    float *nothing;   /* draws x N_NOTHING: had nothing been done, or nothing more */
    double robust_mm; /* longer needles do not win where harm is high and reach low */
    double *column;   /* draws, to be sorted */
    double done_day;  /* from the first visit that is done to `start`; 0 */
    double days[2];
} search;

/* space.c */
const cit_judging *judging_of(const cit_space *space, int judge);

/* candidate.c */
/* How a protocol is written, apart from its candidate. */
typedef struct manner {
    const cit_space *space;
    const cit_screening *alone;
    const cit_case *person;
    const cit_catalogue *catalogue;
    int start;
    bool cream;
    const cit_dated_course *dated; /* NULL: visits ahead by even intervals */
} manner;
cit_status write_protocol(const cit_candidate *c, const manner *how, char **ret, cit_errors *errs);
bool has_scars(const cit_zone *z);
bool zone_allowed(const cit_screening *alone, const cit_case *person, int zone, int who);
/* The first day ahead: after those done by a whole interval. */
int first_ahead(const cit_case *person, int start, double interval_day);
/* Days from the first visit that is done to `start`; 0: none is. */
int days_since_first(const cit_case *person, int start);

/* allowed.c */
manner manner_of(const search *s, bool cream);
cit_status parse_protocol(const char *text, const search *s, cit_protocol **ret, cit_errors *errs);
/* In a clinic with cream; without where the cream is what speaks against it. *ret_rule: what does; NULL: nothing. */
cit_status screen_candidate(search *s, const cit_candidate *c, bool *ret_cream,
                            const cit_rule **ret_rule, cit_errors *errs);
/* Who may needle some zone of this person: bits (cit_who - 1). */
int who_may(const search *s);
cit_status find_adjuncts(search *s, cit_errors *errs);
/* Was the adjunct studied with needling as deep, and with visits as far apart? */
bool goes_with(const search *s, const family *f, int adjunct, int visits);
/* Does the person leave it open that they needle? */
bool is_wanted(const search *s, int who);
/* Counts a candidate that is not looked at, by what speaks against it; rule NULL: a limit, or the model. */
void turn_down(search *s, const cit_rule *rule, int who, int count, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Who may give an adjunct (block - 1), as screening sees it: bits (cit_who - 1). */
cit_status adjunct_allowed(search *s, int block, unsigned *ret_users, cit_errors *errs);

/* families.c */
const double *passes_of(const cit_space *space, int kind, int *ret_count);
cit_status make_families(search *s, cit_errors *errs);
void families_free(search *s);

/* evaluate.c */
int threads_of(const search *s);
/* Draws up to `until` of every course that is alive. */
cit_status evaluate(search *s, int until, double share_from, double share_to, cit_errors *errs);
/* Draws up to `until` that one course is still short of, as it had been let go; with all of them it is alive. */
cit_status complete(const search *s, family *f, int visits, int until, cit_errors *errs);
/* The same for all visits of one family. */
cit_status complete_all(const search *s, family *f, cit_errors *errs);
/* Gives up families whose punctures lie too far apart for a column. */
cit_status drop_sparse(search *s, cit_errors *errs);
cit_status evaluate_nothing(search *s, cit_errors *errs);
/* The improvement that the judge sees in a draw, from its scores. */
double judged(const search *s, const float *scores, double depth_mm);
double gain_of(const search *s, const family *f, int visits, int block, int draw);
double improvement_of(const search *s, const family *f, int visits, int block, int draw);
const float *nothing_in(const search *s, int draw);
const float *scores_of(const search *s, const family *f, int visits, int block, int draw);
/* How often `a` brings more than `b` where harm is at its upper and reach at its lower 90 % bound. */
cit_status worst_case(search *s, const family *a, int a_visits, const family *b, int b_visits,
                      double *ret_difference, cit_errors *errs);

/* course.c: what a candidate costs, line by line; false: a price is not known, and neither is the sum. */
bool cost_lines(const cit_prices *prices, const cit_candidate *candidate, cit_cost_line *lines,
                int *ret_count);
double cost_sum(const cit_cost_line *lines, int count, bool high);

/* front.c: candidates that are worth a look, and those that no other beats. */
typedef struct entry {
    cit_candidate candidate;
    const family *family;
    int block;
    cit_value value;
    int draws; /* that there are of it */
    bool beaten;
    bool fragile; /* longer than robust_mm */
} entry;
/* Of every course that is followed; those that pass a limit by so many standard errors are left out. */
cit_status list_entries(search *s, double deviations, entry **ret, int *ret_count,
                        cit_errors *errs);
/* Marks those that another one, which is not beaten itself, beats by more than `deviations` standard errors. */
cit_status find_beaten(const search *s, entry *entries, int count, double deviations,
                       cit_errors *errs);
/* Courses that had been let go for one that is on the front no longer: of each that nothing on it beats for sure, more
 * draws. */
cit_status revive(search *s, const entry *entries, int count, int *ret_revived, cit_errors *errs);
/* Courses none of whose candidates is left are not followed further. */
void drop_beaten(search *s, const entry *entries, int count);

/* options.c */
/* Sets robust_mm, once all courses have been looked at. */
cit_status find_robust_length(search *s, cit_errors *errs);
/* Tells what would be put first by what has been drawn so far. */
void show_first_look(const search *s, const entry *entries, int count);
cit_status choose_options(search *s, const entry *entries, int count, cit_errors *errs);
