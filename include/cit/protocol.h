/* cit/protocol.h -- what is done to the skin: visits, and per zone the device and how it is used.
 *
 * A protocol file lists visits as done, planned or missed, with dates or intervals; `settings` at the
 * top serve every visit that has none of its own. Every setting may be `unknown`. This room also
 * checks a case, a protocol and the catalogue against each other, being the lowest that sees all
 * three. */
#pragma once
#include <cit/case.h>
#include <cit/catalogue.h>

typedef enum cit_visit_status { CIT_PLANNED = 1, CIT_DONE, CIT_MISSED } cit_visit_status;
/* Bits of cit_protocol.products: what goes on or in the skin that day. */
enum { CIT_PRODUCT_NOTHING = 1 };
typedef enum cit_needles { CIT_NEW_STERILE = 1, CIT_USED_BEFORE, CIT_BENT_OR_DULL } cit_needles;

/* Numbing cream, where there is any. */
typedef struct cit_numbing {
    const char *product; /* id of a catalogue anaesthetic */
    double grams, area_mm2, minutes;
    int occluded; /* cit_answer */
} cit_numbing;

/* How one device is used on one site (or on all that no other setting names). */
typedef struct cit_setting {
    cit_mark mark;
    const char *site; /* NULL: every zone */
    int side;         /* cit_side; 0: every side */
    const char *device;
    int kind; /* cit_device_kind; for a device that is unknown */
    double length_mm;
    int passes;
    int directions;         /* directions of rolling or gliding, spread evenly */
    double speed_mm_per_s;  /* glide, pens */
    double rate_Hz;         /* punctures a second of each needle, pens */
    double density_per_cm2; /* punctures; where given it stands before passes, speed and rate */
} cit_setting;

typedef struct cit_visit {
    cit_mark mark;
    int status; /* cit_visit_status */
    int date;
    double after_day; /* from the visit before it */
    int count;        /* this many visits alike ... */
    double every_day; /* ... this far apart */
    int cream;        /* cit_answer: numbing cream */
    cit_setting *settings;
    int setting_count;
} cit_visit;

typedef struct cit_protocol {
    const char *name;
    int who; /* cit_who */
    int cream;
    cit_numbing numbing;
    unsigned products;    /* 0: unknown */
    int product_labelled; /* cit_answer: for use on needled skin, all of them */
    int needles;          /* cit_needles */
    int needles_shared;   /* cit_answer */
    cit_setting *settings;
    int setting_count;
    cit_visit *visits;
    int visit_count;
    cit_doc *doc;
} cit_protocol;

CIT_CHECKED cit_status cit_protocol_load(const char *path, cit_protocol **ret, cit_errors *errs);
CIT_CHECKED cit_status cit_protocol_parse(const char *name, const char *bytes, size_t size,
                                          cit_protocol **ret, cit_errors *errs);
CIT_API void cit_protocol_free(cit_protocol *protocol); /* NULL is fine */

/* One visit of the course in time. */
typedef struct cit_appointment {
    double day; /* from the first visit that is not missed */
    int status;
    const cit_visit *visit;
} cit_appointment;

enum { CIT_APPOINTMENTS_MAX = 200 };

/* Lays the visits out in time, missed ones at the start left out; an interval nobody stated is
 * `interval_day`, or less where the date of a later visit leaves less room. Returns how many; later
 * missed ones are among them. */
CIT_API int cit_protocol_schedule(const cit_protocol *protocol, double interval_day,
                                  cit_appointment ret[CIT_APPOINTMENTS_MAX]);
/* Is any interval unstated? */
CIT_API bool cit_protocol_interval_unknown(const cit_protocol *protocol);

/* The setting that a visit uses on a zone: one for its site and side before one for its site, one for
 * its side, one for all; of equals the first. NULL: the zone is left alone. */
CIT_API const cit_setting *cit_visit_setting(const cit_protocol *protocol, const cit_visit *visit,
                                             const cit_zone *zone);

enum { CIT_SETTINGS_MAX = 1000 };
/* The different settings in use on the case's zones, in order of visits and zones; returns how many. */
CIT_API int cit_protocol_settings(const cit_protocol *protocol, const cit_case *person,
                                  const cit_setting *ret[CIT_SETTINGS_MAX]);

/* Who needles: by the protocol (which may be NULL), else by the case; 0: neither says. */
CIT_API int cit_who_of(const cit_case *person, const cit_protocol *protocol);

/* What a case and the catalogue say against each other: unknown sites, studies, devices, rules; scars
 * deeper than their skin; medicines that a `no` contradicts. */
CIT_CHECKED cit_status cit_check_case(const cit_case *person, const cit_catalogue *catalogue,
                                      cit_errors *errs);
/* The same with a protocol. Unknown sites, devices and studies, lengths a device lacks, dates before birth, scars deeper than
 * their skin: all faults in one go. */
CIT_CHECKED cit_status cit_check_together(const cit_case *person, const cit_protocol *protocol,
                                          const cit_catalogue *catalogue, cit_errors *errs);

/* Does a medicine of the case answer this fact with yes ("isotretinoin")? And is any of its medicines
 * known to no list? */
CIT_API bool cit_takes(const cit_case *person, const cit_catalogue *catalogue, const char *fact);
CIT_API bool cit_takes_unlisted(const cit_case *person, const cit_catalogue *catalogue);

extern CIT_API const char *const cit_visit_status_choices[], *const cit_product_choices[],
                                                                 *const cit_needles_choices[];
extern CIT_API const cit_table cit_protocol_table;
