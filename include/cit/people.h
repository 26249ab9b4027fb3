/* cit/people.h -- one person after another through a course: what is simulated before it is summed up.
 *
 * A crowd is a case, a protocol and what is to be looked at when; everybody in it is that person as far as
 * the case says, treated as far as the protocol says, and differs in all that they leave open. Somebody is
 * followed in a world: the world decides what all people share (the physiology's typical values, settings
 * nobody stated, the clinic), the person what is their own. Each has healthy skin in every zone, and scars
 * of up to three sizes for each group; their columns are integrated together in vector lanes. What is seen
 * of them is put into a record of plain numbers, whose places cit_crowd_layout gives.
 *
 * A parameter is drawn as a standard normal number that its distribution turns into a value: of a
 * parameter of the person, the number is sqrt(1 - s) of the world's and sqrt(s) of the person's own, s
 * the parameter person_share. The world's are given by a posterior where there is one. Everything else
 * comes from cit_random, keyed by seed, world or person, and name: two crowds with one seed are the same
 * people, whatever is done to them. */
#pragma once
#include <cit/outcome.h>
#include <cit/protocol.h>
#include <cit/scar.h>

/* What is looked at, by time. */
#define CIT_QUANTITY_LIST(X)                                                                       \
    X(DEPTH_ROLLING, "rolling_depth_reduction_percent", "rolling scars, depth", "%")               \
    X(DEPTH_BOXCAR, "boxcar_depth_reduction_percent", "boxcar scars, depth", "%")                  \
    X(DEPTH_ICE_PICK, "ice_pick_depth_reduction_percent", "ice-pick scars, depth", "%")            \
    X(DEPTH_ALL, "depth_reduction_percent", "all scars, depth", "%")                               \
    X(VOLUME_ALL, "volume_reduction_percent", "all scars, volume", "%")                            \
    X(GB_CHANGE, "goodman_baron_change_points", "Goodman-Baron score, change", "points")           \
    X(GB_PERCENT, "goodman_baron_improvement_percent", "Goodman-Baron score, improvement", "%")    \
    X(ECCA_CHANGE, "ecca_change_points", "ECCA score, change", "points")                           \
    X(ECCA_PERCENT, "ecca_improvement_percent", "ECCA score, improvement", "%")                    \
    X(GRADE, "goodman_baron_grade", "Goodman-Baron grade", "grade")                                \
    X(GRADE_CHANGE, "goodman_baron_grade_change", "Goodman-Baron grade, change", "grades")         \
    X(SCAR_S, "scar_s_grade", "SCAR-S", "grade")                                                   \
    X(COLLAGEN, "papillary_collagen_change_percent", "collagen below scars, upper third", "%")     \
    X(ELASTIN, "elastin_change_percent", "elastin below scars", "%")                               \
    X(EPIDERMIS, "epidermis_change_percent", "epidermis, thickness", "%")                          \
    X(PIGMENT_RISK, "pigment_risk_percent", "chance of a dark mark", "%")                          \
    X(RAISED, "raised_scar_mm", "raised scar", "mm")                                               \
    X(OTHER_PERCENT, "rated_improvement_percent", "improvement as rated by eye", "%")

typedef enum cit_quantity {
#define CIT_QUANTITY_ENUM(name, key, label, unit) CIT_Q_##name,
    CIT_QUANTITY_LIST(CIT_QUANTITY_ENUM)
#undef CIT_QUANTITY_ENUM
        CIT_QUANTITIES
} cit_quantity;

CIT_API const char *cit_quantity_key(cit_quantity quantity);
CIT_API const char *cit_quantity_label(cit_quantity quantity);
CIT_API const char *cit_quantity_unit(cit_quantity quantity);

/* ---- a crowd ------------------------------------------------------------------------------------ */

/* What is integrated: pain, reach and density of visits need no column. */
typedef enum cit_follow { CIT_FOLLOW_ALL, CIT_FOLLOW_SCARS, CIT_FOLLOW_VISITS } cit_follow;

typedef struct cit_crowd_options {
    const cit_case *person;
    const cit_protocol *protocol;
    const cit_catalogue
        *catalogue; /* all three have passed cit_check_together and outlive the crowd */
    uint64_t seed;
    const cit_posterior *posterior; /* NULL: the prior; kept: it outlives the crowd */
    const double
        *days; /* ascending, 0 first; copied. NULL: every week to 26 after the last visit */
    int day_count;
    int sizes;        /* scars of different size that stand for a group, 1 to 3; 0: 3 */
    int rater;        /* cit_rater; 0: as case and study say */
    double rtol;      /* of the columns; 0: 7e-5, errors below 1e-4 in 99 of 100 */
    int follow;       /* cit_follow; what is not followed stays 0 or unknown */
    bool mean_grades; /* grades are means over places within the grade, not one person's */
} cit_crowd_options;

/* Scars of one kind in one zone. */
typedef struct cit_crowd_group {
    int zone, type;             /* type: cit_scar_type */
    const cit_scar_group *seen; /* NULL: nobody counted */
} cit_crowd_group;

/* Things drawn that are not rows of the parameter table. */
typedef enum cit_extra_factor {
    CIT_FACTOR_DERMIS, /* thickness of dermis between people */
    CIT_FACTOR_SEX,
    CIT_FACTOR_SKIN_TYPE,
    CIT_FACTOR_DEVICE, /* roller or pen */
    CIT_FACTOR_GRADE,  /* grade at the start */
    CIT_FACTOR_PLACE,  /* place within it */
    CIT_FACTOR_RATER,  /* blinded or open */
    CIT_FACTOR_CREAM,
    CIT_FACTOR_CLINIC, /* what this clinic or study does otherwise */
    CIT_EXTRA_FACTORS
} cit_extra_factor;

typedef struct cit_crowd {
    cit_crowd_options with; /* as given, but for `days`, which is NULL: they are below */
    bool settings_known; /* settings nobody stated stay at their value; may be set between runs */
    cit_crowd_group *groups;
    int group_count;
    double *days;
    int day_count, summary; /* the place of the day that single figures are of */
    int visit_count;        /* not missed */
    const cit_parameter *table;
    cit_law *laws;
    uint32_t *streams;
    int table_count;
    bool *used;            /* of each row: its draw can change the result */
    bool *unknown_setting; /* of each row: it stands for a setting nobody stated */
} cit_crowd;

/* Refuses radiofrequency devices, which are not modelled, devices nobody named of a kind that the catalogue has
 * none of, densities no needle makes, courses that do not end half a year before five years are over, days
 * that do not ascend, and cases without scars. */
CIT_CHECKED cit_status cit_crowd_make(const cit_crowd_options *options, cit_crowd **ret,
                                      cit_errors *errs);
CIT_API void cit_crowd_free(cit_crowd *crowd); /* NULL is fine */
/* Does any setting leave both the device and its kind unknown? It is then a roller or a pen at even odds;
 * where settings are held at their value it is a roller. */
CIT_API bool cit_crowd_device_unknown(const cit_crowd *crowd);

/* ---- records ------------------------------------------------------------------------------------ */

typedef struct cit_crowd_layout {
    int quantities;           /* CIT_QUANTITIES x days */
    int groups, group_stride; /* per group: CIT_G_SIZE singles, then depth, volume, width by day */
    int visits;               /* CIT_V_SIZE each */
    int singles;              /* CIT_S_SIZE */
    int factors;              /* table_count + CIT_EXTRA_FACTORS */
    int size;
} cit_crowd_layout;
enum {
    CIT_G_COUNT,
    CIT_G_DEPTH,
    CIT_G_DEFICIT,
    CIT_G_TETHER,
    CIT_G_OPEN,
    CIT_G_BY_COLLAGEN,
    CIT_G_BY_TETHER,
    CIT_G_BY_EPIDERMIS,
    CIT_G_BY_HARM,
    CIT_G_SIZE
};
enum { CIT_V_DAY, CIT_V_PAIN, CIT_V_RED, CIT_V_DENSITY, CIT_V_REACH, CIT_V_SIZE };
enum {
    CIT_S_FIBROTIC,
    CIT_S_LASTING_LOSS,
    CIT_S_NOT_HOMOGENISED,
    CIT_S_START_GB,
    CIT_S_START_GRADE,
    CIT_S_GEOMETRY, /* of the fall of the Goodman-Baron score: by what the tissue did, */
    CIT_S_DRIFT,    /* untreated drift, */
    CIT_S_OPEN,     /* a rater who knows, */
    CIT_S_CLINIC,   /* and the clinic */
    CIT_S_VISIBLE,  /* what the tissue leaves of visibility */
    CIT_S_SIZE
};
CIT_API cit_crowd_layout cit_crowd_layout_of(const cit_crowd *crowd);

/* ---- following people ---------------------------------------------------------------------------- */

typedef struct cit_someone {
    uint32_t world, person; /* with the seed they name all that is drawn */
    int posterior_draw;     /* of the crowd's posterior; taken modulo its draws */
    const double *shared; /* the world's standard normal numbers, one a parameter; stands before the
                             * posterior; NULL: posterior or drawn. NAN in it: drawn */
    double clinic;        /* standard normal; NAN: drawn */
} cit_someone;

enum { CIT_CROWD_AT_ONCE = 4 }; /* more than so many are taken in turns */

/* Memory for one thread. */
typedef struct cit_crowd_run cit_crowd_run;
CIT_CHECKED cit_status cit_crowd_run_new(const cit_crowd *crowd, cit_crowd_run **ret,
                                         cit_errors *errs);
CIT_API void cit_crowd_run_free(cit_crowd_run *run); /* NULL is fine */
/* Follows people into their records, one after the other. The same somebody gives the same bytes, whoever
 * else is followed. */
CIT_CHECKED cit_status cit_crowd_follow(const cit_crowd *crowd, cit_crowd_run *run,
                                        const cit_someone *who, int count, double *records,
                                        cit_errors *errs);

/* The same on so many threads (0: all); stops where `progress`, if given, says so. */
CIT_CHECKED cit_status cit_crowd_follow_all(const cit_crowd *crowd, const cit_someone *who,
                                            int count, int threads, const cit_progress *progress,
                                            double *records, cit_errors *errs);

/* ---- several courses ------------------------------------------------------------------------------ */

/* Memory of one thread for several crowds of the same case that differ by their protocols. */
typedef struct cit_crowds_run cit_crowds_run;
CIT_CHECKED cit_status cit_crowds_run_new(const cit_crowd *const *crowds, int count,
                                          cit_crowds_run **ret, cit_errors *errs);
CIT_API void cit_crowds_run_free(cit_crowds_run *run); /* NULL is fine */
/* Follows somebody through every crowd's course; courses that begin alike share their work
 * (cit_courses_share). records[i] is of crowd i, and is what cit_crowd_follow gives, to the bit. */
CIT_CHECKED cit_status cit_crowds_follow(cit_crowds_run *run, const cit_someone *who,
                                         double *const *records, cit_errors *errs);

/* Scores at the summary day, `added` more of them gone (a share) than the record says: by something given
 * with needling that the tissue's model does not have. */
typedef struct cit_scores {
    double gb_percent, ecca_percent, other_percent;
    double grade, grade_change;
} cit_scores;
CIT_API cit_scores cit_crowd_scores(const cit_crowd *crowd, const double *record, double added);
/* The same person's, had nothing been done: drift alone. */
CIT_API cit_scores cit_crowd_untreated(const cit_crowd *crowd, const double *record);

/* The exponent of the cross-section of scars of a type: 2 a bowl (rolling), 6 a flat floor (boxcar), 1 a cone. */
CIT_API double cit_scar_profile(int type);
/* Width and depth of a scar that nobody measured: the typical one of its type. */
CIT_API cit_scar_seen cit_scar_typical(const cit_parameters *parameters, int type);

/* The device in use that a setting means at the parameters' values (all of them, or the default ones):
 * for pictures of punctures. */
CIT_API cit_use cit_use_of(const cit_parameters *parameters, const cit_catalogue *catalogue,
                           const cit_protocol *protocol, const cit_setting *setting);
