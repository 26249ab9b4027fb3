/* cit/case.h -- a person: age, skin, health, zones of skin and the scars in them.
 *
 * A case file is written by hand (docs/case-and-protocol.md shows one); every field may be `unknown`.
 * The structs hold what the file says and nothing that was guessed: what is unknown is drawn later, by
 * the forecast, from a stated prior. Texts and arrays live as long as the case. */
#pragma once
#include <cit/base.h>

typedef enum cit_scar_type { CIT_ROLLING = 1, CIT_BOXCAR, CIT_ICE_PICK } cit_scar_type;
enum { CIT_SCAR_TYPES = 3 };
typedef enum cit_side { CIT_LEFT = 1, CIT_RIGHT, CIT_MIDLINE, CIT_BOTH } cit_side;
typedef enum cit_who { CIT_HOME = 1, CIT_AESTHETICIAN, CIT_PHYSICIAN } cit_who;

/* Scars of one type and, where measured, one size, in a zone. */
typedef struct cit_scar_group {
    cit_mark mark;
    int type; /* cit_scar_type */
    int count;
    double width_mm, depth_mm; /* rim to rim; rim plane to floor */
    double tether_mm;          /* part of depth that flattens when the skin is stretched */
    double open_mm;            /* part of depth that is an open tract */
} cit_scar_group;

typedef struct cit_zone {
    cit_mark mark;
    const char *site; /* id of a catalogue site */
    int side;         /* cit_side */
    double area_mm2;
    int inflamed_acne, infection, open_wound, skin_cancer; /* cit_answer */
    int cold_sore, sunburn, inflamed_skin, keratosis, raised_lesion;
    cit_scar_group *scars; /* NULL: nobody counted; an empty list: none */
    int scar_group_count;
    int macular, papular; /* marks of colour only; raised papules */
    double raised_mm2;    /* area of hypertrophic or keloidal scar */
} cit_zone;

typedef struct cit_health {
    int pregnant, nursing, isotretinoin, keloid_tendency, bleeding_disorder; /* cit_answer */
    int anticoagulant, immunosuppressed, diabetes, cold_sores, eczema, psoriasis, rosacea;
    int collagen_disease, radiotherapy, metal_allergy, anaesthetic_allergy;
    int steroids, chemotherapy, heart_disease, methaemoglobinaemia, amide_allergy, ester_allergy;
    int sensitive_skin, dark_marks, tan, dysmorphic_concern;
    int isotretinoin_past;    /* ever, before now */
    int isotretinoin_stopped; /* date of the last dose */
} cit_health;

/* What a clinician saw at the start. The grade is Goodman and Baron's, 1 to 4 (0: no scars). */
typedef struct cit_assessment {
    int grade;
    int seen_at_50cm, coverable, flattens_on_stretching; /* cit_answer: the three bedside tests */
    double gb_quantitative, ecca;
    int scar_s;
    int rater; /* 1 blinded, 2 open: does the rater of the result know of the treatment */
} cit_assessment;

typedef enum cit_treatment {
    CIT_HAD_NEEDLING = 1,
    CIT_HAD_RADIOFREQUENCY,
    CIT_HAD_LASER,
    CIT_HAD_PEEL,
    CIT_HAD_SUBCISION,
    CIT_HAD_FILLER,
    CIT_HAD_DERMABRASION,
    CIT_HAD_TCA_CROSS,
    CIT_HAD_PUNCH,
    CIT_HAD_TOXIN,
    CIT_HAD_SURGERY,
    CIT_HAD_OTHER,
} cit_treatment;

typedef struct cit_earlier {
    cit_mark mark;
    int what, result; /* cit_treatment */
    int date;
} cit_earlier;

/* What was done to one zone at a visit. */
typedef struct cit_done_zone {
    const char *site, *device, *serial, *lot, *skipped;
    int side;                       /* cit_side */
    int expiry;                     /* date */
    double length_mm, length_to_mm; /* set; stepped down to */
    int passes;
    int endpoint; /* 1 redness, 2 pinpoint bleeding, 3 bleeding that runs together */
    double pain;  /* 0 to 10 */
} cit_done_zone;

/* A visit as it was done: added, never changed. */
typedef struct cit_done_visit {
    cit_mark mark;
    int date;
    int who; /* cit_who */
    const char *by, *numbing, *products, *complications, *deviations;
    double numbing_grams, numbing_minutes;
    int cream; /* cit_answer */
    cit_done_zone *zones;
    int zone_count;
} cit_done_visit;

/* A physician's word that stands above a rule. */
typedef struct cit_override {
    cit_mark mark;
    const char *rule, *by, *reason;
    const char *at;     /* "2026-11-21 10:05 UTC" */
    int day;            /* the day that was judged; it counts from then for CIT_OVERRIDE_DAYS */
    int answered;       /* cit_answer: was the condition known to hold when it was signed? */
    const char **zones; /* "cheek, left"; NULL: all of the case */
    int zone_count;
} cit_override;
enum { CIT_OVERRIDE_DAYS = 180 }; /* assumed: half a year, about the length of a course */

/* Days from one to another, both counted. */
typedef struct cit_span {
    cit_mark mark;
    int from, to; /* to unknown: the one day */
} cit_span;

/* What the result will be judged with. */
typedef enum cit_judge {
    CIT_JUDGE_GRADE = 1, /* a clinician's Goodman-Baron grade */
    CIT_JUDGE_OWN_RATING,
    CIT_JUDGE_GOODMAN_BARON, /* the quantitative score */
    CIT_JUDGE_ECCA,
    CIT_JUDGE_SCANNER,
} cit_judge;

/* What a plan must keep to; all of it may be unknown, and then there is no limit. */
typedef struct cit_limits {
    double budget;        /* in the currency of `place` */
    const char *place;    /* id of the catalogue's prices */
    int visits;           /* at most */
    double pain;          /* of a visit, 0 to 10 */
    double redness_day;   /* after a visit */
    double horizon_day;   /* by when the result is wanted, from the first visit */
    int start;            /* no visit before */
    unsigned settings;    /* bits (cit_who - 1) of who may needle; 0: whoever may */
    const char **devices; /* ids of those there are; NULL: any */
    int device_count;
    const char **refused; /* ids of adjuncts that are not wanted */
    int refused_count;
    int judged_by;             /* cit_judge */
    double smallest_change_mm; /* of depth, that the scanner can tell */
    cit_span *away;            /* no visit */
    int away_count;
    cit_span *presentable; /* no redness */
    int presentable_count;
} cit_limits;

typedef struct cit_case {
    const char *name;              /* a label; never a person's name */
    const char *study, *study_arm; /* where the case stands for an arm of a published study */
    double age_day;
    int born;
    int answered;  /* date of the answers below */
    int assessed;  /* date on which the scars were seen and measured */
    int done_by;   /* cit_who: who would needle */
    int sex;       /* 1 female, 2 male */
    int skin_type; /* Fitzpatrick, 1 to 6 */
    double weight_kg;
    int sun, expectation, cause;
    const char **medication;
    int medication_count;
    const char **sensitivities;
    int sensitivity_count;
    const char **goals;
    int goal_count;
    cit_health health;
    cit_assessment assessment;
    cit_limits limits;
    cit_zone *zones;
    int zone_count;
    cit_earlier *earlier; /* NULL: nobody asked; an empty list: none */
    int earlier_count;
    cit_done_visit *visits;
    int visit_count;
    cit_override *overrides;
    int override_count;
    cit_doc *doc;
} cit_case;

/* Reads and checks a case file; all its faults in one go, and once each field is right by itself,
 * what fields say against each other. */
CIT_CHECKED cit_status cit_case_load(const char *path, cit_case **ret, cit_errors *errs);
/* The same from bytes; `name` stands where the file's name would. */
CIT_CHECKED cit_status cit_case_parse(const char *name, const char *bytes, size_t size,
                                      cit_case **ret, cit_errors *errs);
CIT_API void cit_case_free(cit_case *person); /* NULL is fine */

/* The grade that the three bedside tests give (Goodman and Baron 2006): 2, 3 or 4; CIT_UNKNOWN_INT
 * where the tests do not decide. */
CIT_API int cit_grade_from_tests(const cit_assessment *assessment);

/* "cheek, left". */
CIT_API void cit_zone_name(const cit_zone *zone, char text[80]);

/* Adds an entry to the list `key` ("visits", "overrides") at the top of a case file's text, and leaves
 * every byte that is there as it is. `entry` is the entry's YAML, its lines indented by four, the first
 * by "  - ". The list must be written in lines or be absent; JSON is refused. The new text is read as a
 * case before it is handed over. */
CIT_CHECKED cit_status cit_case_append(const cit_case *person, const char *bytes, size_t size,
                                       const char *key, const char *entry, char **ret,
                                       cit_errors *errs);

extern CIT_API const char *const cit_side_choices[],
    *const cit_case_scar_choices[], *const cit_skin_type_choices[],
                                        *const cit_who_choices[],
                                            *const cit_treatment_choices[],
                                                *const cit_expectation_choices[],
                                                    *const cit_cause_choices[],
                                                        *const cit_judge_choices[],
                                                            *const cit_endpoint_choices[];
/* The tables of the file, of a visit and of an override in it. */
extern CIT_API const cit_table cit_case_table, cit_done_visit_table, cit_override_table;
