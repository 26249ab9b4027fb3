/* Private to the people room: what one draw holds to be true, and its columns. */
#pragma once
#include <cit/people.h>

/* What somebody takes to be true of everything uncertain. */
typedef struct truth {
    cit_parameters p;
    double extra[CIT_EXTRA_FACTORS]; /* uniform numbers; of the clinic a standard normal one */
    int sex, skin_type;
    bool roller_if_unknown, open_rater, cream_if_unknown;
    double dermis_factor_z; /* standard normal */
    double clinic;          /* what this clinic or study adds to scores, as a share */
} truth;
/* like: of somebody with the same shared numbers, or NULL. */
void truth_draw(const cit_crowd *p, const cit_someone *who, const truth *like, truth *ret);
/* The device in use in a world. */
cit_use use_in(const cit_crowd *p, const truth *w, const cit_setting *setting);

/* ---- following many people at once ------------------------------------------------------------ */

enum { SLOTS = CIT_CROWD_AT_ONCE, SIZES_MAX = 3 };
/* Redness is watched on this many days after each visit. */
enum { RED_WATCH = 12 };
enum { HEALTHY_SKIN = -1 };
enum { COLUMN_SIZE = CIT_LAYER_FIELDS * CIT_COLUMN_LAYERS + CIT_SINGLE_FIELDS };

/* One visit in one zone. */
typedef struct zone_visit {
    double day;
    cit_use use;
    bool cream;
    int index; /* among the visits that were not missed */
} zone_visit;

/* What is done in one zone, and the skin it is done to. */
typedef struct zone_course {
    int visits;
    zone_visit *visit;
    double *days;
    double dermis_mm, epidermis_mm;
    double *times; /* weeks and the days on which redness is watched */
    int time_count;
    double *scar_times; /* weeks, and the day on which a clinic's effect is there in full */
    int *place;         /* of each week among them */
    int scar_time_count, full_place;
} zone_course;

/* One column and its course: a zone's healthy skin, or a scar that stands for a third of its group. */
typedef struct track {
    zone_course *zone;
    int zone_index, group;  /* group: HEALTHY_SKIN for skin */
    double count, width_mm; /* scars it stands for */
    bool fibrotic;
    cit_scar scar;
    cit_column column;
    cit_wound *wounds;
    const double *times;
    int time_count;
    double *values; /* times x COLUMN_SIZE */
} track;

/* One draw being followed. */
typedef struct slot {
    cit_someone who;
    truth world;
    zone_course *zones;
    track *tracks;
    int track_count;
    cit_looks *looks; /* scars x weeks */
} slot;

struct cit_crowd_run {
    cit_engine *engine;
    slot slots[SLOTS];
    cit_course *courses;
    cit_looks *now;  /* scars, of one week */
    double *weights; /* sums for means over scars, by week */
    void *memory;
};

/* tracks.c: a draw's columns, and all columns of `count` slots from the first visit to the last week. `before`:
 * another slot of this crowd, of which numbers that both share are taken, or NULL. */
cit_status slot_make(const cit_crowd *p, const cit_someone *who, const slot *before, slot *s,
                     cit_errors *errs);
/* The same person, as a slot of another crowd of the same case has them, through this crowd's course. */
void slot_make_like(const cit_crowd *p, const slot *like, slot *s);
cit_status slots_run(cit_crowd_run *w, int count, cit_errors *errs);
/* The courses of a slot's tracks; returns how many, at most most_tracks. */
int slot_courses(const slot *s, cit_course *ret);
int most_tracks(const cit_crowd *p);
/* person.c: what is seen of a slot whose columns were followed. */
void slot_see(const cit_crowd *p, cit_crowd_run *w, slot *s, double *record);
double red_watch_after(int i); /* days after a visit */
double count_of(const cit_crowd_group *g, const cit_priors *prior);
