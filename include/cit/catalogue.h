/* cit/catalogue.h -- what is known of devices, sites, studies and model parameters, what is told to
 * people: rules, care, red flags, claims, harms, and what a plan may choose among: adjuncts and their
 * combinations, aims, prices; each with its source.
 *
 *   1 devices   2 sites   3 studies   4 guidance   5 what a plan chooses among
 *   6 solutes, and how channels close; cameras   7 texts   8 the catalogue   9 parameters   10 posterior
 *
 * The files lie in data/: one device, one site, one study, one rule a file (the file's name is the id),
 * data/texts/, one file a language, and data/parameters/, which cit/parameters.h is made from. A
 * catalogue is read once, checked whole, and then only looked at; every pointer into it lives until
 * cit_catalogue_free. */
#pragma once
#include <cit/base.h>
#include <cit/parameters.h>

/* ---- 1 devices ----------------------------------------------------------------------------- */

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

/* ---- 2 sites --------------------------------------------------------------------------------- */

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

/* ---- 3 studies ------------------------------------------------------------------------------- */

/* What each key means and what makes a figure usable: docs/evidence.md. */

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
    CIT_DERMAL_COLLAGEN, /* of no type or layer that is named */
    CIT_COLLAGEN_I,
    CIT_COLLAGEN_III,
    CIT_COLLAGEN_VII,
    CIT_FRESH_COLLAGEN,
    CIT_SURFACE_RELIEF,
    CIT_PAIN_SCORE,   /* 0 to 10 */
    CIT_REDNESS_DAYS, /* after a visit */
    CIT_OTHER_MEASURE,
} cit_measure;
typedef enum cit_rater { CIT_BLINDED = 1, CIT_OPEN } cit_rater;

/* What `baseline`, `value`, `change` and the per cents are; of a range, `low` and `high` are the ends. */
typedef enum cit_statistic { CIT_MEAN = 1, CIT_MEDIAN, CIT_RANGE } cit_statistic;
typedef enum cit_change_unit { CIT_POINTS = 1, CIT_PERCENT } cit_change_unit;

/* Which way it went where no size is told: severity and complaints get better or worse, amounts of
 * tissue go up or down. CIT_NO_CHANGE: looked for, and not significant. */
typedef enum cit_direction {
    CIT_BETTER = 1,
    CIT_WORSE,
    CIT_UP,
    CIT_DOWN,
    CIT_NO_CHANGE,
} cit_direction;

/* What the ends of a class of responders count. */
typedef enum cit_response {
    CIT_IN_PERCENT = 1, /* improvement; of a tissue its rise: above `low`, up to `high` */
    CIT_IN_GRADES,      /* fall by `low` to `high` whole grades */
    CIT_TO_GRADE,       /* grade at the end, `low` to `high`; 0: no scar */
    CIT_IN_POINTS,      /* fall of the score: above `low`, up to `high` */
} cit_response;

typedef enum cit_bound { CIT_AT_LEAST = 1, CIT_AT_MOST } cit_bound;

/* People in one class of response. */
typedef struct cit_responder {
    const char *what, *note;
    int in;           /* cit_response; 0: nobody says what the words stand for */
    double low, high; /* equal: this value exactly */
    int count;
    double percent; /* of people */
    int bound;      /* cit_bound of `count` and `percent`; 0: exactly so many */
    cit_mark mark;
} cit_responder;

typedef struct cit_study_outcome {
    const char *scale, *note;
    int measure;        /* cit_measure */
    const char *versus; /* the arm it is compared with; NULL: with its own start */
    unsigned types;     /* of these scar types only (bit 0 rolling ..); 0: as they come */
    int start_grade;    /* of people who started at this grade only */
    int people;         /* where they are not all of the arm */
    double week, weeks_after_last;
    int statistic; /* cit_statistic */
    double baseline, baseline_sd, value, value_sd;
    double change, change_sd, change_low, change_high; /* negative: the score fell */
    int change_unit;                                   /* cit_change_unit */
    double percent_improvement;                        /* as printed by the source */
    double percent_derived;                            /* computed from its means */
    double low, high;                                  /* of a range; one end may be open */
    double effect_size;                                /* Cohen's d, as printed */
    int direction;                                     /* cit_direction */
    double p, p_below;                                 /* of that direction or change */
    cit_responder *responders;                         /* classes that do not overlap */
    int responder_count;
    int responders_of;
    int use; /* cit_answer; CIT_NO: not for a calibration, and why_not says why */
    const char *why_not;
    cit_mark mark;
} cit_study_outcome;

typedef struct cit_study_arm {
    const char *name, *adjunct;
    int device; /* 1 roller .. : cit_study_device_choices */
    double needle_length_mm;
    double pre_needling_mm; /* short needles before the cream, to let it in */
    int visits;
    int visits_low, visits_high; /* where the source leaves a choice */
    double interval_day;
    int passes;
    double rate_Hz, density_per_cm2;
    int region;        /* cit_region; 0: not told, of acne scars nearly always the face */
    int cream;         /* cit_answer: numbing cream */
    int adjunct_acts;  /* cit_answer: is the adjunct meant to change scars by itself? */
    const char *agent; /* of the cream */
    int participants;
    cit_study_outcome *outcomes;
    int outcome_count;
    int use; /* as of an outcome */
    const char *why_not;
    cit_mark mark;
} cit_study_arm;

/* How scars of one type did, within this study. */
typedef struct cit_by_type {
    int type;
    const char *finding, *arm;
    double percent; /* of people (or scars) that responded */
    int count, of;
    double percent_improvement; /* mean, of this type */
    int order;                  /* 1 improved most; equal: not told apart */
    cit_mark mark;
} cit_by_type;

typedef enum cit_event_kind {
    CIT_EVENT_PIGMENT = 1,
    CIT_EVENT_REDNESS,
    CIT_EVENT_PAIN,
    CIT_EVENT_TRAM_TRACK,
    CIT_EVENT_GRANULOMA,
    CIT_EVENT_INFECTION,
    CIT_EVENT_HERPES,
    CIT_EVENT_BLEEDING,
    CIT_EVENT_OTHER,
} cit_event_kind;

typedef struct cit_adverse {
    const char *event, *finding, *arm; /* arm NULL: of the whole study */
    int kind;                          /* cit_event_kind */
    int count;
    double percent;
    int of;                     /* people looked at */
    int of_low, of_high;        /* where the source leaves open of how many */
    double days_low, days_high; /* how long it lasted; redness has an outcome of its own */
    int use;                    /* as of an outcome */
    const char *why_not;
    cit_mark mark;
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
    int same_people; /* cit_answer: are the arms sides or sites of the same people? */
    int skin_type_low, skin_type_high; /* Fitzpatrick, 1 to 6 */
    int grade_low, grade_high;         /* Goodman-Baron qualitative, at the start */
    cit_study_arm *arms;
    int arm_count;
    cit_by_type *by_type;
    int by_type_count;
    cit_adverse *adverse;
    int adverse_count;
    cit_fact *facts;
    int fact_count;
    int use; /* as of an outcome */
    const char *why_not;
} cit_study;

/* Has it a number, a range, a class of responders or a direction that a likelihood can take, whether or
 * not it may be used? */
CIT_API bool cit_responder_is_figure(const cit_responder *responder);
CIT_API bool cit_outcome_is_figure(const cit_study_outcome *outcome);
CIT_API bool cit_by_type_is_figure(const cit_by_type *row);
/* A count or share of a known number of people (of_low and of_high will do), or a duration. */
CIT_API bool cit_adverse_is_figure(const cit_adverse *event);
/* Is it a figure that neither itself, its arm, the arm it is compared with, nor its study keeps out of a
 * calibration? */
CIT_API bool cit_outcome_is_usable(const cit_study *study, const cit_study_arm *arm,
                                   const cit_study_outcome *outcome);
CIT_API bool cit_by_type_is_usable(const cit_study *study, const cit_by_type *row);
CIT_API bool cit_adverse_is_usable(const cit_study *study, const cit_adverse *event);
/* NULL if the study has no arm of this name. */
CIT_API const cit_study_arm *cit_study_arm_named(const cit_study *study, const char *name);

/* A study from a file of its own, in the format of data/evidence; its id need not be the file's name. */
typedef struct cit_study_file cit_study_file;
CIT_CHECKED cit_status cit_study_file_read(const char *path, cit_study_file **ret,
                                           cit_errors *errs);
CIT_API const cit_study *cit_study_of_file(const cit_study_file *file);
CIT_API void cit_study_file_free(cit_study_file *file); /* NULL is fine */

/* ---- 4 guidance ------------------------------------------------------------------------------ */

/* What an entry rests on. `views` keeps what other sources say where they collide, `chosen` why this one
 * was taken. */
typedef enum cit_grade { CIT_GRADE_A = 1, CIT_GRADE_B, CIT_GRADE_C, CIT_GRADE_ASSUMED } cit_grade;
typedef struct cit_view {
    const char *says, *source;
} cit_view;
typedef struct cit_grounds {
    const char *source, *chosen;
    int grade;   /* cit_grade */
    int checked; /* date on which the source was last held against the entry */
    cit_view *views;
    int view_count;
} cit_grounds;

/* One term of a condition: a fact is one of `is`, or lies under or above a quantity. Which facts there
 * are, and what they may be, is the screening room's to say. */
typedef struct cit_term {
    cit_mark mark;
    const char *fact;
    const char **is;
    int is_count;
    const char *under, *above; /* "28 days", "0.25 mm" */
} cit_term;

/* All of `all`, and one of `any` if there are any. */
typedef struct cit_condition {
    cit_term *all, *any;
    int all_count, any_count;
} cit_condition;

/* Who needles; in the order of cit_user_choices. */
enum { CIT_USERS = 3 };

/* What a rule says where its condition holds, worse ones later. */
typedef enum cit_severity {
    CIT_NOT_BOUND,
    CIT_CAUTION,
    CIT_ASK,
    CIT_REFUSE_UNTIL,
    CIT_REFUSE,
} cit_severity;

/* May a physician go on in spite of the rule, by name and with a reason? */
typedef enum cit_overridden_by { CIT_BY_PHYSICIAN = 1, CIT_BY_NOBODY } cit_overridden_by;

typedef struct cit_rule {
    const cit_doc *doc;
    const char *id, *title, *patient, *clinician;
    const char *until; /* "until ..." what must have happened; NULL: nothing can */
    int severity[CIT_USERS];
    int override; /* cit_overridden_by */
    cit_condition when;
    cit_grounds grounds;
} cit_rule;

typedef enum cit_phase {
    CIT_BEFORE = 1,
    CIT_THE_DAY,
    CIT_AFTER,
    CIT_CLEANING,
    CIT_INSTEAD,
} cit_phase;

/* An instruction of care; days count from the visit. */
typedef struct cit_care {
    const cit_doc *doc;
    const char *id, *title, *patient, *clinician;
    int phase;               /* cit_phase */
    unsigned users;          /* CIT_USER_* */
    double from_day, to_day; /* NAN where the phase has no days */
    cit_condition when;      /* empty: for everybody */
    cit_grounds grounds;
} cit_care;

typedef enum cit_urgency {
    CIT_HOME_CARE = 1,
    CIT_WITHIN_DAYS,
    CIT_SAME_DAY,
    CIT_EMERGENCY,
} cit_urgency;

/* A sign after needling, and where to go with it. */
typedef struct cit_flag {
    const char *id, *title, *patient, *clinician;
    double from_day, to_day;
    int urgency; /* cit_urgency */
    cit_grounds grounds;
} cit_flag;

typedef enum cit_claim_verdict {
    CIT_SUPPORTED = 1,
    CIT_PARTLY,
    CIT_CONTESTED,
    CIT_CONTRADICTED,
    CIT_NOT_SHOWN,
    CIT_NOT_TRACED,
} cit_claim_verdict;

/* The ten usual questions, in the order they are answered; bits of cit_claim.answers. */
enum { CIT_QUESTIONS = 10 };

/* What is commonly said, what the source it rests on says, and whether they agree. */
typedef struct cit_claim {
    const cit_doc *doc;
    const char *id, *claim, *who, *says, *patient, *row;
    int verdict; /* cit_claim_verdict */
    const char **studies;
    int study_count;
    unsigned answers;
    int leads; /* the one of these questions (from 1) that it answers first of all; 0: none */
    cit_grounds grounds;
} cit_claim;

/* Events over people in one study. */
typedef struct cit_harm_count {
    const char *study, *citation, *skin_types, *condition, *note;
    int events, people;
} cit_harm_count;

typedef struct cit_harm_report {
    const char *citation, *finding;
} cit_harm_report;

typedef struct cit_harm {
    const cit_doc *doc;
    const char *id, *name, *watch, *care, *note;
    cit_harm_count *counts;
    int count_count;
    cit_harm_report *reports; /* those without a denominator */
    int report_count;
    cit_grounds grounds; /* no source of its own: each count has one */
} cit_harm;

/* What a label allows at an age and weight; NAN: the label does not say. */
typedef struct cit_anaesthetic_limit {
    double age_from_day, age_to_day, weight_from_kg, weight_to_kg;
    double grams, area_mm2, minutes;
    const char *note;
} cit_anaesthetic_limit;

typedef struct cit_anaesthetic {
    const char *id, *name, *note;
    const char **agents;
    int agent_count;
    double strength_percent;
    int amide, ester, methaemoglobin, over_the_counter, occlusion; /* cit_answer */
    cit_anaesthetic_limit *limits;                                 /* the first that fits counts */
    int limit_count;
    cit_grounds grounds;
} cit_anaesthetic;

/* A step of a visit, in order; NAN minutes: they follow from the area, or nobody says. */
typedef struct cit_step {
    const char *id, *title, *clinician;
    int order;
    double minutes_from, minutes_to;
    cit_grounds grounds;
} cit_step;

/* Names of medicines, any part of which answers a fact. */
typedef struct cit_medicine {
    const char *id, *fact; /* fact "none": known, and no rule asks about it */
    const char **names;
    int name_count;
    cit_grounds grounds;
} cit_medicine;

/* ---- 5 what a plan chooses among --------------------------------------------------------------- */

/* What each key means, and what is refused: docs/adjuncts.md. */

typedef enum cit_adjunct_group {
    CIT_TOPICAL = 1,
    CIT_INJECTED,
    CIT_PEEL,
    CIT_PROCEDURE,
    CIT_ENERGY,
    CIT_FILLER,
    CIT_NUMBING,
    CIT_HOME_DEVICE,
} cit_adjunct_group;
/* Bits of cit_adjunct.roles. */
enum {
    CIT_ROLE_WITH_NEEDLING = 1, /* in the same visit */
    CIT_ROLE_PARTNER = 2,       /* in a visit of its own of the same course */
    CIT_ROLE_INSTEAD = 4,
    CIT_ROLE_BETWEEN_VISITS = 8, /* at home */
};
/* Bits of cit_adjunct.suits: those of a scar type from 1 (rolling), and this one. */
enum { CIT_SUITS_ALL = 8 };

/* What the evidence says of it on top of needling, or as its partner. */
typedef enum cit_adjunct_effect {
    CIT_EFFECT_ADDS = 1,
    CIT_EFFECT_NIL,
    CIT_EFFECT_UNCLEAR,
    CIT_EFFECT_UNTESTED,
    CIT_EFFECT_WORSE,
} cit_adjunct_effect;

/* Two arms of one study that differ by the adjunct alone: `arm` has it, `versus` does not. */
typedef struct cit_contrast {
    const char *study, *arm, *versus, *note;
    cit_mark mark;
} cit_contrast;

/* An arm in which it was given; the arm's device says whether needling was as well. */
typedef struct cit_adjunct_outcome {
    const char *study, *arm, *note;
    cit_mark mark;
} cit_adjunct_outcome;

/* A fact of a pooled review: `finding` is its `quantity`, `condition` (or NULL) its `condition`. */
typedef struct cit_pooled {
    const char *study, *finding, *condition;
    cit_mark mark;
} cit_pooled;

/* Something given with, before, after, between or instead of needling. */
typedef struct cit_adjunct {
    const cit_doc *doc;
    const char *id, *name, *regulatory, *patient, *clinician;
    int group;      /* cit_adjunct_group */
    unsigned roles; /* CIT_ROLE_* */
    unsigned users; /* CIT_USER_*: who may give it */
    unsigned suits; /* of scar types; 0: nobody says */
    int effect;     /* cit_adjunct_effect */
    cit_contrast *contrasts;
    int contrast_count;
    cit_adjunct_outcome *outcomes;
    int outcome_count;
    cit_pooled *pooled;
    int pooled_count;
    double downtime_from_day, downtime_to_day;
    double pain_from, pain_to; /* 0 to 10 */
    int sessions_from, sessions_to;
    double interval_day;
    double adds_minutes; /* to a visit */
    const char **risks;  /* serious ones: an id of a harm, or words */
    int risk_count;
    const char **claims; /* that speak of it */
    int claim_count;
    cit_source *sources; /* of the numbers */
    int source_count;
    cit_grounds grounds;
} cit_adjunct;

/* Is it for scars of this type (1 rolling ..)? */
CIT_API cit_answer cit_adjunct_suits(const cit_adjunct *adjunct, int scar_type);

typedef enum cit_combine { CIT_COMBINE_DO = 1, CIT_COMBINE_ASK, CIT_COMBINE_REFUSE } cit_combine;

#define CIT_NEEDLING "needling" /* what `first` and `second` say besides an adjunct's id */

/* Two things in one order. An order that no entry names was looked up by nobody: refuse it. */
typedef struct cit_combination {
    const cit_doc *doc;
    const char *id, *title, *first, *second, *patient, *clinician;
    double gap_from_day, gap_to_day; /* from first to second, both ends counted; 0: the same day */
    double washout_day;              /* after the second, before needling again; NAN: nobody says */
    int tested;                      /* cit_answer: has anybody tested this order? */
    int verdict;                     /* cit_combine */
    const char **studies;
    int study_count;
    cit_grounds grounds;
} cit_combination;

typedef enum cit_aim_forecast { CIT_AIM_NO_FORECAST = 1, CIT_AIM_DEPRESSED_SCAR } cit_aim_forecast;

/* What people want of needling besides acne scars. */
typedef struct cit_aim {
    const cit_doc *doc;
    const char *id, *name, *patient, *clinician, *instead;
    const char **words; /* of a person's goals that mean it, lower case */
    int word_count;
    int verdict;         /* cit_claim_verdict: does needling serve it? */
    int forecast;        /* cit_aim_forecast */
    const char *caution; /* what must be said beside a forecast; NULL: there is none */
    const char **rules;  /* those that matter most */
    int rule_count;
    const char **studies;
    int study_count;
    const char **claims;
    int claim_count;
    cit_grounds grounds;
} cit_aim;

typedef enum cit_per { CIT_PER_VISIT = 1, CIT_PER_COURSE, CIT_PER_ITEM, CIT_PER_MONTH } cit_per;

typedef struct cit_price {
    const char *id, *name, *adjunct, *source, *note;
    int per;                   /* cit_per */
    double low, high, typical; /* in the place's currency; typical may be NAN */
    unsigned users;            /* CIT_USER_*: who charges it; 0: it is bought */
    int device_kind;           /* cit_device_kind; 0: of none */
    int with_needling;         /* cit_answer: is the needling of that visit in it? */
    cit_mark mark;
} cit_price;

/* What things cost in one place. */
typedef struct cit_prices {
    const cit_doc *doc;
    const char *id, *place, *currency; /* ISO 4217 */
    int year;                          /* in which the prices were read */
    int complete;                      /* cit_answer: has it every usual item? */
    cit_price *items;
    int item_count;
    cit_grounds grounds;
} cit_prices;

/* NULL if the place has no price of this id. */
CIT_API const cit_price *cit_price_named(const cit_prices *prices, const char *id);

/* ---- 6 solutes, and how channels close ------------------------------------------------------------- */

/* A number that nobody knows well: three numbers in a file, low, middle, high. It is drawn with the middle as
 * its median and nine tenths of the draws between the ends, as far as these are even on a log scale, and none
 * outside of them. */
enum { CIT_LOW, CIT_MIDDLE, CIT_HIGH, CIT_RANGE_NUMBERS };

/* Something dissolved in a serum. Pointers are to CIT_RANGE_NUMBERS numbers; NULL: not given. */
typedef struct cit_solute {
    const cit_doc *doc;
    const char *id, *name, *note;
    const char *adjunct; /* the catalogue's own entry on giving it; NULL: none */
    const char **rules;  /* what is said of putting it on channels */
    int rule_count;
    double molar_mass_Da;
    double concentration;    /* as sold, mg/mL */
    double solubility;       /* mg/mL; NAN: never reached */
    double *water_diffusion; /* in what fills a channel, mm2/day */
    int water_diffusion_count;
    double *dermis_diffusion; /* mm2/day; NULL: from the molar mass */
    int dermis_diffusion_count;
    double *horny_permeability; /* of intact horny layer, from serum, mm/day */
    int horny_permeability_count;
    double *partition; /* living skin over serum */
    int partition_count;
    double *clearance; /* from dermis, by blood and lymph, /day */
    int clearance_count;
    double binding, unbinding; /* in dermis, /day; NAN: does not bind */
    cit_source *sources;
    int source_count;
} cit_solute;

/* One way of saying when a channel is closed, and how long that takes. Different ways give different times for
 * the same channels: a result names the one it stands on. */
typedef struct cit_closure {
    const cit_doc *doc;
    const char *id, *name, *measured_by, *species;
    int occluded; /* cit_answer */
    int usual;    /* cit_answer: the one taken for skin that is (not) occluded where nobody chose */
    double *half_life_day;
    int half_life_count;
    cit_source *sources;
    int source_count;
} cit_closure;

/* What a camera or profilometer is known to do on skin. Numbers of whole faces hold expression and pose as well. */
typedef struct cit_camera {
    const char *id, *name;
    double pitch_mm;   /* of samples */
    double noise_um;   /* of one sample */
    double repeat_um;  /* deviation of heights between two takes, alike over about a millimetre */
    double gain_error; /* of its height scale, relative; NAN: 0.01, assumed */
    cit_source *sources;
    int source_count;
} cit_camera;

/* ---- 7 texts ------------------------------------------------------------------------------- */

/* What the program says to people lies in data/texts/, one file a language, and is asked for by a
 * dotted key ("home.title"). English is complete: a key it lacks comes back as the key itself, and a
 * test finds it. */
typedef struct cit_catalogue cit_catalogue;
CIT_API const char *cit_text(const cit_catalogue *catalogue, const char *key);
/* NULL where no language has the key. */
CIT_API const char *cit_text_or_null(const cit_catalogue *catalogue, const char *key);
/* The text of an entry of the catalogue in the chosen language: the language file's
 * `<kind>.<id>.<part>` if it has one, else `own`, which the entry's file gives. */
CIT_API const char *cit_text_of(const cit_catalogue *catalogue, const char *kind, const char *id,
                                const char *part, const char *own);
/* Writes a text whose {names} are replaced by values: `pairs` of name and value, ended by NULL. A name
 * that is not among them stays as it is; what does not fit is cut at a character. Returns `ret`. */
CIT_API char *cit_text_fill_from(char *ret, size_t size, const char *text,
                                 const char *const *pairs);
#define cit_text_fill(ret, size, text, ...)                                                        \
    cit_text_fill_from(ret, size, text, (const char *const[]){__VA_ARGS__})
/* Chooses a language ("en"); CIT_NOTFOUND if there is no such file. */
CIT_CHECKED cit_status cit_catalogue_speak(cit_catalogue *catalogue, const char *language,
                                           cit_errors *errs);

/* ---- 8 the catalogue ----------------------------------------------------------------------- */

typedef struct cit_posterior cit_posterior;

/* Every kind of entry is sorted by id. */
struct cit_catalogue {
    cit_device *devices;
    int device_count;
    cit_site *sites;
    int site_count;
    cit_study *studies;
    int study_count;
    cit_rule *rules;
    int rule_count;
    cit_care *care;
    int care_count;
    cit_flag *flags;
    int flag_count;
    cit_claim *claims;
    int claim_count;
    cit_harm *harms;
    int harm_count;
    cit_anaesthetic *anaesthetics;
    int anaesthetic_count;
    cit_medicine *medicines;
    int medicine_count;
    cit_step *steps;
    int step_count;
    cit_adjunct *adjuncts;
    int adjunct_count;
    cit_combination *combinations;
    int combination_count;
    cit_aim *aims;
    int aim_count;
    cit_prices *prices;
    int prices_count;
    cit_solute *solutes;
    int solute_count;
    cit_closure *closures;
    int closure_count;
    cit_camera *cameras;
    int camera_count;
    struct cit_language *languages; /* private */
    int language_count, language;   /* the one that is spoken */
    cit_posterior *posterior;       /* NULL: none was made */
    char digest
        [20]; /* of every text and parameter in it, to name the catalogue a result came from */
    cit_doc **docs; /* own every text above */
    int doc_count;
};

/* Reads and checks every file under `folder`; all faults of all files in one go. */
CIT_CHECKED cit_status cit_catalogue_load(const char *folder, cit_catalogue **ret,
                                          cit_errors *errs);
CIT_API void cit_catalogue_free(cit_catalogue *catalogue); /* NULL is fine */

/* NULL if there is none of this id. */
CIT_API const cit_device *cit_catalogue_device(const cit_catalogue *catalogue, const char *id);
CIT_API const cit_site *cit_catalogue_site(const cit_catalogue *catalogue, const char *id);
CIT_API const cit_study *cit_catalogue_study(const cit_catalogue *catalogue, const char *id);
CIT_API const cit_rule *cit_catalogue_rule(const cit_catalogue *catalogue, const char *id);
CIT_API const cit_care *cit_catalogue_care(const cit_catalogue *catalogue, const char *id);
CIT_API const cit_claim *cit_catalogue_claim(const cit_catalogue *catalogue, const char *id);
CIT_API const cit_harm *cit_catalogue_harm(const cit_catalogue *catalogue, const char *id);
CIT_API const cit_anaesthetic *cit_catalogue_anaesthetic(const cit_catalogue *catalogue,
                                                         const char *id);
CIT_API const cit_adjunct *cit_catalogue_adjunct(const cit_catalogue *catalogue, const char *id);
CIT_API const cit_combination *cit_catalogue_combination(const cit_catalogue *catalogue,
                                                         const char *id);
CIT_API const cit_aim *cit_catalogue_aim(const cit_catalogue *catalogue, const char *id);
CIT_API const cit_prices *cit_catalogue_prices(const cit_catalogue *catalogue, const char *id);
CIT_API const cit_solute *cit_catalogue_solute(const cit_catalogue *catalogue, const char *id);
CIT_API const cit_closure *cit_catalogue_closure(const cit_catalogue *catalogue, const char *id);
CIT_API const cit_camera *cit_catalogue_camera(const cit_catalogue *catalogue, const char *id);
/* The usual one; NULL where the catalogue has no closures at all. */
CIT_API const cit_closure *cit_usual_closure(const cit_catalogue *catalogue, bool occluded);
/* The id nearest to what was typed, or NULL; for "did you mean". */
CIT_API const char *cit_catalogue_near_solute(const cit_catalogue *catalogue, const char *typed);
CIT_API const char *cit_catalogue_near_closure(const cit_catalogue *catalogue, const char *typed);
CIT_API const char *cit_catalogue_near_camera(const cit_catalogue *catalogue, const char *typed);
CIT_API const char *cit_catalogue_near_device(const cit_catalogue *catalogue, const char *typed);
CIT_API const char *cit_catalogue_near_site(const cit_catalogue *catalogue, const char *typed);
CIT_API const char *cit_catalogue_near_study(const cit_catalogue *catalogue, const char *typed);
CIT_API const char *cit_catalogue_near_rule(const cit_catalogue *catalogue, const char *typed);
CIT_API const char *cit_catalogue_near_care(const cit_catalogue *catalogue, const char *typed);
CIT_API const char *cit_catalogue_near_claim(const cit_catalogue *catalogue, const char *typed);
CIT_API const char *cit_catalogue_near_harm(const cit_catalogue *catalogue, const char *typed);
CIT_API const char *cit_catalogue_near_anaesthetic(const cit_catalogue *catalogue,
                                                   const char *typed);
CIT_API const char *cit_catalogue_near_adjunct(const cit_catalogue *catalogue, const char *typed);
CIT_API const char *cit_catalogue_near_combination(const cit_catalogue *catalogue,
                                                   const char *typed);
CIT_API const char *cit_catalogue_near_aim(const cit_catalogue *catalogue, const char *typed);
CIT_API const char *cit_catalogue_near_prices(const cit_catalogue *catalogue, const char *typed);

/* The fact it names; of a catalogue that loaded there is one. */
CIT_API const cit_fact *cit_pooled_fact(const cit_catalogue *catalogue, const cit_pooled *pooled);
/* What is said of this order at this gap; NULL: nothing is, so refuse it. */
CIT_API const cit_combination *cit_combination_of(const cit_catalogue *catalogue, const char *first,
                                                  const char *second, double gap_day);
/* The aim that a person's own words mean: the one with the longest of its words in them, as whole words
 * in either case; NULL if there is none. */
CIT_API const cit_aim *cit_aim_meant(const cit_catalogue *catalogue, const char *goal);

/* Prices from a file of their own, in the format of data/prices and as strictly checked; the id need not be
 * the file's name. */
typedef struct cit_prices_file cit_prices_file;
CIT_CHECKED cit_status cit_prices_read(const char *path, const cit_catalogue *catalogue,
                                       cit_prices_file **ret, cit_errors *errs);
CIT_API const cit_prices *cit_prices_of_file(const cit_prices_file *file);
CIT_API void cit_prices_file_free(cit_prices_file *file); /* NULL is fine */

#define CIT_CHOICES_OF(name) extern CIT_API const char *const cit_##name##_choices[]
CIT_CHOICES_OF(device_kind);
CIT_CHOICES_OF(layout);
CIT_CHOICES_OF(user);
CIT_CHOICES_OF(region);
CIT_CHOICES_OF(sex);
CIT_CHOICES_OF(measure);
CIT_CHOICES_OF(rater);
CIT_CHOICES_OF(study_device);
CIT_CHOICES_OF(scar_type);
CIT_CHOICES_OF(statistic);
CIT_CHOICES_OF(direction);
CIT_CHOICES_OF(response);
CIT_CHOICES_OF(event_kind);
CIT_CHOICES_OF(severity);
CIT_CHOICES_OF(evidence_grade);
CIT_CHOICES_OF(phase);
CIT_CHOICES_OF(urgency);
CIT_CHOICES_OF(claim_verdict);
CIT_CHOICES_OF(usual_question);
CIT_CHOICES_OF(adjunct_group);
CIT_CHOICES_OF(adjunct_role);
CIT_CHOICES_OF(adjunct_suits);
CIT_CHOICES_OF(adjunct_effect);
CIT_CHOICES_OF(combine);
CIT_CHOICES_OF(aim_forecast);
CIT_CHOICES_OF(per);

/* ---- 9 parameters ---------------------------------------------------------------------------- */

/* Every model parameter; offsets are into cit_parameters. `group` is the struct's member. */
typedef struct cit_parameter {
    const char *group;
    cit_param param;
} cit_parameter;
CIT_API const cit_parameter *cit_parameter_table(int *ret_count);
/* Those of the serum (docs/models/serum.md): no person's course draws them. Offsets are into cit_serum_params. */
CIT_API const cit_parameter *cit_serum_parameter_table(int *ret_count);
/* All parameters at their values. */
CIT_API void cit_parameters_default(cit_parameters *ret);
/* Member access by row. */
CIT_API double cit_parameter_get(const cit_parameters *parameters, const cit_parameter *row);
CIT_API void cit_parameter_set(cit_parameters *parameters, const cit_parameter *row, double value);

/* ---- 10 posterior --------------------------------------------------------------------------------- */

/* What published evidence makes of the parameters: draws that are equally likely, each a standard normal
 * number for every parameter (its distribution turns it into the value that all people share). Made by
 * `cit calibrate`; the catalogue's is data/posterior/needling.csv. */
struct cit_posterior {
    int draws, rows; /* rows: of the parameter table */
    double *numbers; /* draws x rows; NAN: this parameter was not fitted */
    char *about;     /* the file's own lines on where it comes from; NULL: none */
    /* What studies with raters who know report beyond the model, as a share of the score: with chance
     * 1 - weight a study's effect is normal about `offset` with this deviation, else about 0 with the
     * parameter between_sd. weight 1 where the file does not say. */
    double blend_weight, blend_offset, blend_sd;
    double chance; /* numbers that mean nothing contract by less; NAN: the file does not say */
};
/* The number of a row in a draw, taken modulo the draws. */
CIT_API double cit_posterior_number(const cit_posterior *posterior, int draw, int row);
CIT_CHECKED cit_status cit_posterior_read(const char *path, cit_posterior **ret, cit_errors *errs);
CIT_API void cit_posterior_free(cit_posterior *posterior); /* NULL is fine */
