/* cit/catalogue.h -- what is known of devices, sites, studies and model parameters, each number with
 * its source.
 *
 * The files lie in data/: one device, one site, one study a file (the file's name is the id), and
 * data/parameters/, which cit/parameters.h is made from. A catalogue is read once, checked whole, and
 * then only looked at; every pointer into it lives until cit_catalogue_free. */
#pragma once
#include <cit/base.h>
#include <cit/parameters.h>

/* ---- devices ------------------------------------------------------------------------------- */

typedef enum cit_device_kind {
    CIT_ROLLER = 1,
    CIT_PEN,
    CIT_STAMP,
    CIT_RADIOFREQUENCY,
} cit_device_kind;
typedef enum cit_layout { CIT_LATTICE = 1, CIT_RING, CIT_GRID } cit_layout;
/* Bits of cit_device.users. */
enum { CIT_USER_HOME = 1, CIT_USER_AESTHETICIAN = 2, CIT_USER_PHYSICIAN = 4 };

/* Which fields of an entry a source speaks for. */
typedef struct cit_source {
    const char **fields;
    int field_count;
    const char *source, *note; /* source: a citation, or "assumed" */
    cit_mark mark;
} cit_source;

typedef struct cit_device {
    const char *id, *name, *note;
    int kind;           /* cit_device_kind */
    unsigned users;     /* CIT_USER_* */
    double *lengths_mm; /* fixed lengths, or NULL where adjustable */
    int length_count;
    double length_from_mm, length_to_mm, length_step_mm; /* adjustable; NAN otherwise */
    int needles;
    double needle_diameter_mm;
    int layout;        /* cit_layout */
    int rows, per_row; /* lattice: across and around the drum; grid: its sides */
    double drum_diameter_mm, drum_width_mm;
    double tip_width_mm;
    double rate_from_Hz, rate_to_Hz; /* punctures a second of each needle, pens only */
    double depth_evaluated_mm;       /* largest depth evaluated for safety or effect */
    cit_source *sources;
    int source_count;
} cit_device;

/* May this device be set to (or bought with) this needle length? */
CIT_API bool cit_device_has_length(const cit_device *device, double length_mm);
/* The length the device has that lies nearest. */
CIT_API double cit_device_nearest_length(const cit_device *device, double length_mm);
CIT_API double cit_device_longest_mm(const cit_device *device);
/* "0.5, 1, 1.5 mm" or "0.25 to 2.5 mm in steps of 0.25 mm". */
CIT_API void cit_device_lengths_text(const cit_device *device, char text[160]);

/* ---- sites --------------------------------------------------------------------------------- */

typedef enum cit_region { CIT_FACE = 1, CIT_NECK, CIT_TRUNK, CIT_LIMB } cit_region;
typedef enum cit_sex { CIT_FEMALE = 1, CIT_MALE } cit_sex;

typedef struct cit_site {
    const char *id, *name, *note;
    int region;             /* cit_region */
    int inside_orbital_rim; /* cit_answer */
    double area_mm2;        /* of one side */
    double epidermis_female_mm, epidermis_male_mm;
    double dermis_female_mm, dermis_male_mm;
    double spread; /* coefficient of variation of dermis thickness between people */
    cit_source *sources;
    int source_count;
} cit_site;

/* ---- studies ------------------------------------------------------------------------------- */

typedef enum cit_measure {
    CIT_GB_QUANTITATIVE = 1,
    CIT_GB_QUALITATIVE,
    CIT_ECCA,
    CIT_SCAR_S,
    CIT_PAPILLARY_COLLAGEN,
    CIT_RETICULIN,
    CIT_EPIDERMAL_THICKNESS,
    CIT_ELASTIN,
    CIT_PIGMENT,
    CIT_PATIENT_RATING,
    CIT_OTHER_MEASURE,
} cit_measure;
typedef enum cit_rater { CIT_BLINDED = 1, CIT_OPEN } cit_rater;

typedef struct cit_responder {
    const char *what;
    int count;
    double percent;
} cit_responder;

typedef struct cit_study_outcome {
    const char *scale, *note;
    int measure; /* cit_measure */
    double week, weeks_after_last;
    int statistic; /* 1 mean, 2 median */
    double baseline, baseline_sd, value, value_sd;
    double change, change_sd, change_low, change_high; /* negative: the score fell */
    int change_unit;                                   /* 1 points, 2 percent */
    double percent_improvement;                        /* as printed by the source */
    double percent_derived;                            /* computed from its means */
    cit_responder *responders;
    int responder_count;
    int responders_of;
} cit_study_outcome;

typedef struct cit_study_arm {
    const char *name, *adjunct;
    int device; /* 1 roller .. : cit_study_device_choices */
    double needle_length_mm;
    int visits;
    double interval_day;
    int passes;
    int participants;
    cit_study_outcome *outcomes;
    int outcome_count;
} cit_study_arm;

typedef struct cit_by_type {
    int type;
    const char *finding;
} cit_by_type;

typedef struct cit_adverse {
    const char *event, *finding;
    int count;
    double percent;
} cit_adverse;

typedef struct cit_fact {
    const char *quantity, *unit, *condition, *finding;
    double value, sd, low, high;
} cit_fact;

typedef struct cit_study {
    const char *id, *citation, *doi, *url, *read, *design, *age, *skin_types, *scars;
    const char *usable, *note, *adverse_events_of;
    int rater; /* cit_rater */
    int participants, completed;
    cit_study_arm *arms;
    int arm_count;
    cit_by_type *by_type;
    int by_type_count;
    cit_adverse *adverse;
    int adverse_count;
    cit_fact *facts;
    int fact_count;
} cit_study;

/* ---- the catalogue ------------------------------------------------------------------------- */

typedef struct cit_catalogue {
    cit_device *devices; /* by id */
    int device_count;
    cit_site *sites;
    int site_count;
    cit_study *studies;
    int study_count;
    char digest
        [20]; /* of every text and parameter in it, to name the catalogue a result came from */
    cit_doc **docs; /* own every text above */
    int doc_count;
} cit_catalogue;

/* Reads and checks every file under `folder`; all faults of all files in one go. */
CIT_CHECKED cit_status cit_catalogue_load(const char *folder, cit_catalogue **ret,
                                          cit_errors *errs);
CIT_API void cit_catalogue_free(cit_catalogue *catalogue); /* NULL is fine */

/* NULL if there is none of this id. */
CIT_API const cit_device *cit_catalogue_device(const cit_catalogue *catalogue, const char *id);
CIT_API const cit_site *cit_catalogue_site(const cit_catalogue *catalogue, const char *id);
CIT_API const cit_study *cit_catalogue_study(const cit_catalogue *catalogue, const char *id);
/* The id nearest to what was typed, or NULL; for "did you mean". */
CIT_API const char *cit_catalogue_near_device(const cit_catalogue *catalogue, const char *typed);
CIT_API const char *cit_catalogue_near_site(const cit_catalogue *catalogue, const char *typed);
CIT_API const char *cit_catalogue_near_study(const cit_catalogue *catalogue, const char *typed);

extern CIT_API const char *const cit_device_kind_choices[],
    *const cit_layout_choices[], *const cit_user_choices[],
                                     *const cit_region_choices[],
                                         *const cit_sex_choices[],
                                             *const cit_measure_choices[],
                                                 *const cit_rater_choices[],
                                                     *const cit_study_device_choices[],
                                                         *const cit_scar_type_choices[];

/* ---- parameters ---------------------------------------------------------------------------- */

/* Every model parameter; offsets are into cit_parameters. `group` is the struct's member. */
typedef struct cit_parameter {
    const char *group;
    cit_param param;
} cit_parameter;
CIT_API const cit_parameter *cit_parameter_table(int *ret_count);
/* All parameters at their values. */
CIT_API void cit_parameters_default(cit_parameters *ret);
/* Member access by row. */
CIT_API double cit_parameter_get(const cit_parameters *parameters, const cit_parameter *row);
CIT_API void cit_parameter_set(cit_parameters *parameters, const cit_parameter *row, double value);
