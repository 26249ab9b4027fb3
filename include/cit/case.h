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
    cit_scar_group *scars; /* NULL: nobody counted; an empty list: none */
    int scar_group_count;
    int macular, papular; /* marks of colour only; raised papules */
    double raised_mm2;    /* area of hypertrophic or keloidal scar */
} cit_zone;

typedef struct cit_health {
    int pregnant, nursing, isotretinoin, keloid_tendency, bleeding_disorder; /* cit_answer */
    int anticoagulant, immunosuppressed, diabetes, cold_sores, eczema, psoriasis, rosacea;
    int collagen_disease, radiotherapy, metal_allergy, anaesthetic_allergy;
} cit_health;

/* What a clinician saw at the start. The grade is Goodman and Baron's, 1 to 4 (0: no scars). */
typedef struct cit_assessment {
    int grade;
    int seen_at_50cm, coverable, flattens_on_stretching; /* cit_answer: the three bedside tests */
    double gb_quantitative, ecca;
    int scar_s;
    int rater; /* 1 blinded, 2 open: does the rater of the result know of the treatment */
} cit_assessment;

typedef struct cit_earlier {
    cit_mark mark;
    int what, result;
    int date;
} cit_earlier;

typedef struct cit_case {
    const char *name;              /* a label; never a person's name */
    const char *study, *study_arm; /* where the case stands for an arm of a published study */
    double age_day;
    int born;
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
    cit_zone *zones;
    int zone_count;
    cit_earlier *earlier;
    int earlier_count;
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

extern CIT_API const char *const cit_side_choices[], *const cit_case_scar_choices[],
                                                         *const cit_skin_type_choices[];
/* The file's table, for the documentation. */
extern CIT_API const cit_table cit_case_table;
