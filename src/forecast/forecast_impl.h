/* Private to the forecast room: the plan that all draws share, and one draw's record. */
#pragma once
#include <cit/forecast.h>

enum { NODES = 3 }; /* scars of different size that stand for a group, in equal numbers */

/* One group of scars: a line of the case, or a type where nobody counted. */
typedef struct group {
    int zone, type;
    const cit_scar_group *seen; /* NULL: nobody counted */
} group;

/* Things drawn that are not rows of the parameter table. */
typedef enum extra_factor {
    FACTOR_DERMIS, /* thickness of dermis between people */
    FACTOR_SEX,
    FACTOR_SKIN_TYPE,
    FACTOR_DEVICE, /* roller or pen */
    FACTOR_GRADE,  /* grade at the start */
    FACTOR_PLACE,  /* place within it */
    FACTOR_RATER,  /* blinded or open */
    FACTOR_CREAM,
    EXTRA_FACTORS
} extra_factor;

typedef struct plan {
    const cit_case *person;
    const cit_protocol *protocol;
    const cit_catalogue *catalogue;
    uint64_t seed;
    bool settings_known; /* the second ensemble: settings nobody stated stay at their value */
    group *groups;
    int group_count;
    int weeks, summary_week;
    int visit_count; /* not missed */
    const cit_parameter *table;
    int table_count;
    bool *used;            /* of each row: its draw can change the result */
    bool *unknown_setting; /* of each row: it stands for a setting nobody stated */
} plan;

/* What one draw leaves behind: plain doubles, so that summarising is one kind of loop. */
typedef struct layout {
    int quantities;           /* CIT_QUANTITIES x weeks */
    int groups, group_stride; /* per group: GROUP_SINGLES, then depth, volume, width by week */
    int visits;               /* VISIT_FIELDS each */
    int singles;              /* SINGLE_FIELDS */
    int factors;              /* table_count + EXTRA_FACTORS */
    int size;
} layout;
enum {
    G_COUNT,
    G_DEPTH,
    G_DEFICIT,
    G_TETHER,
    G_OPEN,
    G_BY_COLLAGEN,
    G_BY_TETHER,
    G_BY_EPIDERMIS,
    G_BY_HARM,
    GROUP_SINGLES
};
enum { V_DAY, V_PAIN, V_RED, V_DENSITY, V_REACH, VISIT_FIELDS };
enum {
    S_FIBROTIC,
    S_LASTING_LOSS,
    S_NOT_HOMOGENISED,
    S_START_GB,
    S_START_GRADE,
    S_GEOMETRY,
    S_DRIFT,
    S_OPEN,
    SINGLE_FIELDS
};
layout layout_of(const plan *p);

/* What one draw takes to be true of everything uncertain. */
typedef struct truth {
    cit_parameters p;
    double extra[EXTRA_FACTORS]; /* uniform numbers */
    int sex, skin_type;
    bool roller_if_unknown, open_rater, cream_if_unknown;
    double dermis_factor_z; /* standard normal */
} truth;
void truth_draw(const plan *p, int draw, truth *ret);

/* Does any setting leave both the device and its kind unknown? It is then a roller or a pen at even odds;
 * where settings are held at their value it is a roller. */
bool device_unknown(const plan *p);
/* The device in use in a world. */
cit_use use_in(const plan *p, const truth *w, const cit_setting *setting);

/* Memory of one thread. */
typedef struct workspace workspace;
cit_status workspace_new(const plan *p, workspace **ret, cit_errors *errs);
void workspace_free(workspace *w);
/* Simulates one draw into its record. */
cit_status person_simulate(const plan *p, workspace *w, int draw, double *record, cit_errors *errs);

/* From the records of all draws to bands, odds, drivers. */
cit_status summarise(const plan *p, const double *records, int draws, cit_forecast *f,
                     cit_errors *errs);
cit_status compare_with_study(const plan *p, cit_forecast *f, cit_errors *errs);
void note_limits(const plan *p, cit_forecast *f);
/* Width of the 90 % band of depth reduction at the summary week. */
cit_status band_width(const plan *p, const double *records, int draws, double *ret,
                      cit_errors *errs);
