/* Private to the inference room. */
#pragma once
#include <cit/inference.h>

enum { PEOPLE_MAX = 64, DAYS_MAX = 16, NUMBERS_MAX = 512, BESIDE = 4 };

/* People treated alike: what an arm, or several arms alike, must be simulated for. */
typedef struct arm_crowd {
    char *case_text, *protocol_text;
    int rater;
    double days[DAYS_MAX]; /* ascending once all are known; 0 first */
    int day_count;
    cit_case *person;
    cit_protocol *protocol;
    cit_crowd *crowd;
} arm_crowd;

struct cit_evidence {
    const cit_catalogue *catalogue;
    const cit_study **studies;
    int study_count;
    cit_evidence_options with;
    arm_crowd *crowds;
    int crowd_count;
    cit_probe *probes;
    double *probe_days; /* as asked, before the crowds' days are sorted */
    int probe_count;
    cit_figure *figures;
    int figure_count;
    const cit_parameter *table;
    int table_count;
    cit_law *laws;
    int *study_rows; /* of the table: those of the group "study" */
    int study_row_count;
    int beside[BESIDE]; /* rows that the likelihood looks at beside these */
};

/* arms.c: the crowd that stands for an arm, made if it is new; -1: no model of it, or no memory (then
 * errs says so). start_grade 0: as they come. */
int arm_crowd_of(cit_evidence *e, const cit_study *study, const cit_study_arm *arm, int start_grade,
                 cit_errors *errs);
/* The day of an outcome from the first visit. */
double outcome_day(const cit_study_arm *arm, const cit_study_outcome *outcome);
double arm_last_day(const cit_study_arm *arm);
bool arm_is_untreated(const cit_study_arm *arm);
bool arm_is_modelled(const cit_study_arm *arm);
/* As told, or the least that is told; else four. */
int arm_visits(const cit_study_arm *arm);
bool arm_visits_told(const cit_study_arm *arm);
bool outcome_day_told(const cit_study_outcome *outcome);
/* Parses case and protocol of every crowd and makes it, its days in order. */
cit_status make_crowds(cit_evidence *e, cit_errors *errs);
void arm_crowd_free(arm_crowd *c);

/* figures.c */
cit_status collect_figures(cit_evidence *e, cit_errors *errs);
/* Takes away the beginning of a character that a cut text ends with. */
void end_at_a_character(char *text);

/* likelihood.c */
cit_status find_study_rows(cit_evidence *e, cit_errors *errs);
bool is_tissue(int what); /* cit_probe_what */
/* One figure (or the share of people in one class) as it comes out with this effect of the study and this
 * sampling error, both standard normal. */
double figure_draw(const cit_evidence *e, const double *shared, const double *values,
                   const cit_figure *f, const cit_responder *class, double own, double noise);
/* The chance that a comparison, with this effect of the study, comes out as the source says. */
double figure_odds(const cit_evidence *e, const double *shared, const double *values,
                   const cit_figure *f, double own);
/* The deviation of studies' effects under these numbers. */
double effect_sd(const cit_evidence *e, const double *shared);

/* emulator.c: what predicting would give, roughly and at once. */
typedef struct emulator {
    int dims, outputs;
    double *coefficients, *gram, *features; /* features: of some points at a time */
} emulator;
cit_status emulator_new(emulator *m, int dims, int outputs, cit_errors *errs);
void emulator_free(emulator *m);
void emulator_fit(emulator *m, const double *const *z, const double *const *values, int count,
                  int threads);
void emulator_values(const emulator *m, const double *z, double *values);
/* Values at one point from those at another; quick where few numbers differ. */
void emulator_shift(const emulator *m, const double *from, const double *to, double *values);
