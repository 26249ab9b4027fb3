/* cit/measure.h -- scars on a surface, one by one, and what became of them.
 *
 *   1 scars     found, outlined, numbered; size, depth, volume, class probabilities
 *   2 pairs     a later surface laid over an earlier one; change inside the outlines of the first, with its error
 *   3 series    visits in a row
 *   4 can see   could this camera see that change?
 *   5 phantom   surfaces with scars of known size, to check all of this and any camera
 *
 * Surfaces are those of cit/scan.h, form and all. Change is taken from the difference map, form removed once and inside the
 * alignment; two separately outlined volumes are never subtracted. Every number has a 95 % interval, and a change that the
 * measurement could not have seen is said to be that.
 *
 * Intended use: measures for people who know skin; no diagnosis, and nothing that enters a plan before a person has
 * accepted it. Methods, goals and what falls short: docs/models/measure.md. */
#pragma once
#include <cit/catalogue.h>
#include <cit/relief.h>

/* ---- 1 scars ------------------------------------------------------------------------------------ */

typedef enum cit_scar_class {
    CIT_CLASS_ICE_PICK,
    CIT_CLASS_BOXCAR,
    CIT_CLASS_ROLLING,
    CIT_CLASS_MIXED,
    CIT_CLASS_COUNT
} cit_scar_class;
CIT_API const char *cit_scar_class_name(int scar_class);
/* What the class probabilities are made of, for the program that fits them. */
enum { CIT_CLASS_FEATURES = 7 };
CIT_API void cit_scar_class_features(double flatness, double depth_um, double rim_mm,
                                     double ret[CIT_CLASS_FEATURES]);

typedef struct cit_measured_scar {
    int number; /* 1 is the first by place: bands of 5 mm from the top, in each from left to right */
    bool
        compound; /* several that touch; counted as `parts`, volume and area of all, the rest of the deepest */
    bool cut; /* reaches the map's edge, or a tenth of it is missing: its size is what is seen */
    int parts;
    double x_mm, y_mm; /* deepest part's middle */
    double rim_mm;     /* diameter at a tenth of the depth */
    double area_mm2, depth_um, volume_mm3;
    /* 95 %; infinite where there is too little healthy skin to say */
    double depth_low_um, depth_high_um, volume_low_mm3, volume_high_mm3;
    double slope;    /* mean of the wall, um per um */
    double flatness; /* radius at 75 % over radius at 25 % of depth: near 1 is a box */
    double probability[CIT_CLASS_COUNT]; /* of a compound: the mean of its parts */
    double signal;                       /* peak over noise */
} cit_measured_scar;

typedef struct cit_scars_options {
    double form_cutoff_mm; /* of cit_relief_form; 0: 8 mm */
    int form_degree;
    double noise_um; /* of the instrument; 0: estimated */
    int threads;     /* 0: all; the same bits for any number */
} cit_scars_options;

typedef struct cit_scars {
    int nx, ny;
    double dx_mm, dy_mm;
    cit_heights *relief; /* form off */
    int *outline;        /* number of the scar that a sample belongs to; 0: none */
    cit_measured_scar *scar;
    int count;
    double count_parts;
    double area_share, volume_mm3, volume_low_mm3, volume_high_mm3;
    double noise_um, relief_um; /* of samples; rms of healthy skin */
    double least_depth_um,
        least_area_mm2; /* what could have been found here: of a bowl 1.5 mm wide; of any dip */
    double counts[CIT_CLASS_COUNT]; /* expected counts: sums of probabilities */
    double
        ecca_suggested[CIT_CLASS_COUNT]; /* points of V, U and M shapes; the mixed are shared out */
    double
        goodman_baron_suggested; /* points of dips alone; both scales are a person's to confirm */
} cit_scars;
/* CIT_INVALID, and why, of a surface on which no scar can be looked for: a profile, a map of less than 3 mm a side, a pitch
 * above 0.25 mm, all missing. */
CIT_CHECKED cit_status cit_scars_may_find(const cit_heights *heights, cit_errors *errs);
/* CIT_INVALID: such a surface. A scar whose middle is within 0.25 mm of the edge of the map is left out. */
CIT_CHECKED cit_status cit_scars_find(const cit_heights *heights, const cit_scars_options *options,
                                      const cit_progress *progress, cit_scars **ret,
                                      cit_errors *errs);
CIT_API void cit_scars_free(cit_scars *scars);
/* One scar by itself: nx x ny depths in mm below the plane of the skin around, at the map's pitches, 0 outside of its
 * outline, which has half a millimetre around; smoothed over 0.1 mm. The caller frees it. CIT_INVALID: no such
 * scar. */
CIT_CHECKED cit_status cit_scar_depths(const cit_scars *scars, int number, int *ret_nx, int *ret_ny,
                                       double **ret_mm, cit_errors *errs);

/* ---- 2 pairs ------------------------------------------------------------------------------------ */

typedef enum cit_change_verdict {
    CIT_CHANGE_BETTER = 1,
    CIT_CHANGE_WORSE,
    CIT_CHANGE_UNSEEN
} cit_change_verdict; /* UNSEEN: no change that this measurement could see */

typedef struct cit_pair_options {
    double repeat_sd_mm3; /* from repeats, if there were: of a scar of 1 mm2; 0: none */
    double gain_error;    /* relative, of the height scale that both have; 0: 0.01, assumed */
    bool search;          /* begin with a coarse search: far apart */
    int threads;
} cit_pair_options;

/* Of a scar that after does not show whole, with most of the skin around it, every number but the first two is
 * CIT_UNKNOWN_NUMBER. */
typedef struct cit_change {
    int number;
    double before_mm3, change_mm3, low_mm3, high_mm3; /* change > 0: fuller, shallower; 95 % */
    double detectable_mm3;                            /* smallest change that would be seen */
    double depth_change_um, depth_low_um, depth_high_um;
    cit_change_verdict verdict;
} cit_change;

typedef struct cit_placement cit_placement;

typedef struct cit_pair {
    double shift_mm[2], turn_rad,
        stretch[4]; /* from before to after, about the middle of the map */
    double lateral_error_um,
        vertical_error_um; /* standard errors of the alignment, from residuals */
    double overlap;        /* share of before that after covers */
    double residual_um;    /* robust, on healthy skin */
    double match; /* correlation of both, form off, from 0.3 mm on, or less where relief is fine */
    cit_heights
        *difference;    /* after less before on before's samples, form off, missing where either is,
        but for lone samples, which are filled from their neighbours */
    cit_change *change; /* one a scar of before */
    int count;
    cit_change zone; /* all of them together */
    int rounds;
    cit_placement *placement; /* for cit_pair_place */
} cit_pair;
/* CIT_DIVERGED: they do not fit; says how far it came. CIT_INVALID: pitches more than 4 times apart; too little skin, or
 * no scar, is shown by both. */
CIT_CHECKED cit_status cit_pair_make(const cit_heights *before, const cit_scars *scars,
                                     const cit_heights *after, const cit_pair_options *options,
                                     const cit_progress *progress, cit_pair **ret,
                                     cit_errors *errs);
CIT_API void cit_pair_free(cit_pair *pair);
/* Where a place of before lies on after; both from the corners of their maps. */
CIT_API void cit_pair_place(const cit_pair *pair, double x_mm, double y_mm, double ret[2]);

/* ---- 3 series ----------------------------------------------------------------------------------- */

/* Visits against the first one. Each after is a pair of its own with the first: errors do not add up over visits. */
typedef struct cit_series_point {
    int day;        /* since the first; CIT_UNKNOWN_INT: not told */
    cit_pair *pair; /* of the first: NULL */
} cit_series_point;

/* ---- 4 can see ---------------------------------------------------------------------------------- */

/* Smallest change of volume, and of mean depth over the scar, that two takes of this camera show with 95 % confidence
 * in four of five cases, for a scar of this radius. Noise of samples averages out over its area; what differs
 * between takes is alike over a millimetre (assumed), and so does not within a smaller scar; the skin around, against
 * which it is seen, errs as much as the scar. Infinite where the scar is less than 4 samples across: it is not seen at
 * all. */
CIT_API double cit_camera_detectable_mm3(const cit_camera *camera, double radius_mm);
CIT_API double cit_camera_detectable_um(const cit_camera *camera, double radius_mm);

/* ---- 5 phantom ---------------------------------------------------------------------------------- */

/* Skin-like: form, relief of many waves, noise of the instrument, scars of known profile. Same seed, same bytes. Zero: the
 * default. A scar stands in a place of its own, 5.12 mm wide; no two touch but those that are to. CIT_INVALID names the
 * option: sides beyond 120 mm, more rows or pairs than there is room for. */
typedef struct cit_phantom_options {
    uint64_t seed;
    int n;                      /* samples a side; 0: 1024 */
    double side_mm;             /* 0: 40.96 */
    bool broad_relief;          /* waves of 0.15 to 2.5 mm; else 0.2 to 0.6 */
    double relief_um, noise_um; /* rms; 0: 20 and 2; below 0: none */
    bool hard_form;  /* ellipsoid, cubic and a 20 mm wave; else a sphere of 90 mm and a tilt */
    bool hard_scars; /* shallower, of wider ranges */
    int touching;    /* pairs that overlap */
    int mixed;       /* scars with a profile between two classes */
    double missing;  /* share of samples, to 0.5 */
    int rows;        /* scars stand on rows x rows places; 0: as many as have room; below 0: none */
} cit_phantom_options;

typedef struct cit_phantom_scar {
    cit_scar_class scar_class;
    double x_mm, y_mm, radius_mm, depth_um, volume_mm3, area_mm2;
    int touches; /* number of the scar that it overlaps; -1: none */
} cit_phantom_scar;

typedef struct cit_phantom {
    cit_heights *heights;
    cit_phantom_scar *scar;
    int count;
    double volume_mm3; /* of all of them together, where they overlap counted once */
} cit_phantom;
CIT_CHECKED cit_status cit_phantom_make(const cit_phantom_options *options, cit_phantom **ret,
                                        cit_errors *errs);
CIT_API void cit_phantom_free(cit_phantom *phantom);

/* The same skin at a later visit: another take (noise, missing samples and deformation of its own seed), moved and turned
 * about the middle of the map, stretched slowly, healed. Scars are told where this visit sees them, with the radii and
 * volumes of the unstretched skin. */
typedef struct cit_phantom_visit {
    uint64_t noise_seed;
    double shift_mm[2], turn_rad, tilt_um_per_mm[2];
    double slow_um, slow_mm; /* slow deformation: amplitude, wave length; 0: 20 mm */
    double stretch_um;       /* slow lateral stretch, amplitude */
    double new_relief_um;    /* rms of relief that is new, of the waves that the old has */
    const double *healed;    /* share of each scar's depth that is gone; NULL: none */
} cit_phantom_visit;
CIT_CHECKED cit_status cit_phantom_later(const cit_phantom_options *options,
                                         const cit_phantom_visit *visit, cit_phantom **ret,
                                         cit_errors *errs);
