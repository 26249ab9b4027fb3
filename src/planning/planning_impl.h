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
    D_DEPTH_MM = 0,
    D_PAIN,
    D_RED,
    D_RED_SUM,
    D_PIGMENT,
    D_HARM,
    D_BURDENS,
};
enum { ADJUNCTS_MAX = 4 };

/* Courses that differ by their number of visits alone; for all kinds of user who would do the same. */
typedef struct family {
    cit_candidate like; /* who: home, or whoever in a clinic is allowed most */
    unsigned users;     /* bits (cit_who - 1) that may do it, by screening */
    int most_visits;
    char **protocol_text; /* by visits from `least` */
    cit_protocol **protocols;
    cit_crowd **crowds;
    bool *alive;     /* by visits */
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
    const cit_adjunct *adjuncts[ADJUNCTS_MAX]; /* that add */
    cit_added added[ADJUNCTS_MAX];
    unsigned adjunct_users[ADJUNCTS_MAX]; /* who may give it: bits (cit_who - 1) */
    int adjunct_count, blocks;            /* blocks: 1 + adjuncts */
    int draws, drawn;                     /* drawn so far */
    float *nothing;  /* draws x (D_SCORES and depth): had nothing been done, or nothing more */
    double *column;  /* draws, to be sorted */
    double done_day; /* from the first visit that is done to `start`; 0 */
    double days[2];
} search;

/* space.c */
const cit_judging *judging_of(const cit_space *space, int judge);

/* candidate.c */
/* Does the person leave it open that they needle? */
bool is_wanted(const search *s, int who);
cit_status make_families(search *s, cit_errors *errs);
void families_free(search *s);
/* Who may give an adjunct (block - 1) with this family, as screening sees it: bits (cit_who - 1). */
cit_status adjunct_allowed(search *s, const family *f, int block, unsigned *ret_users,
                           cit_errors *errs);

/* evaluate.c: draws up to `until` of every course that is alive. */
cit_status evaluate(search *s, int until, double share_from, double share_to, cit_errors *errs);
/* The same for all visits of one family. */
cit_status complete(const search *s, family *f, cit_errors *errs);
/* The improvement that the judge sees in a draw, from its scores. */
double judged(const search *s, const float *scores, double depth_mm);
double gain_of(const search *s, const family *f, int visits, int block, int draw);
double improvement_of(const search *s, const family *f, int visits, int block, int draw);
const float *scores_of(const search *s, const family *f, int visits, int block, int draw);
/* How often `a` brings more than `b` where harm is at its upper and reach at its lower 90 % bound. */
cit_status worst_case(search *s, const family *a, int a_visits, const family *b, int b_visits,
                      double *ret_difference, cit_errors *errs);

/* course.c: what a candidate costs, line by line; false: a price is not known, and neither is the sum. */
bool cost_lines(const cit_prices *prices, const cit_candidate *candidate, cit_cost_line *lines,
                int *ret_count);
/* Days from the first visit that is done to `start`; 0: none is. */
int days_since_first(const cit_case *person, int start);
double cost_sum(const cit_cost_line *lines, int count, bool high);

/* front.c: candidates that are worth a look, and those that no other beats. */
typedef struct entry {
    cit_candidate candidate;
    const family *family;
    int block;
    cit_value value;
    bool beaten;
} entry;
cit_status list_entries(search *s, entry **ret, int *ret_count, cit_errors *errs);
/* Marks those that another one beats by more than `deviations` standard errors. */
void find_beaten(const search *s, entry *entries, int count, double deviations);
/* Courses none of whose candidates is left are not followed further. */
void drop_beaten(search *s, const entry *entries, int count);

/* options.c */
/* Tells what would be put first by what has been drawn so far. */
void show_first_look(const search *s, const entry *entries, int count);
cit_status choose_options(search *s, const entry *entries, int count, cit_errors *errs);
