/* cit/needling.h -- from a device in use to punctures in skin, and to the wound they make.
 *
 * Two descriptions of one thing. The homogenised wound (`cit_wound_make`) says per layer of dermis
 * which share of tissue lies within the halo of a needle and which share was opened; the forecast
 * stands on it. The puncture list (`cit_patch_make`) says where every needle went on a patch of skin;
 * pictures, overlap and streaks come from it, and the tests hold the two against each other.
 *
 * Equations and sources: docs/models/needling.md. Lengths mm, densities per mm2 unless named. */
#pragma once
#include <cit/catalogue.h>

/* ---- reach --------------------------------------------------------------------------------- */

/* Depth that needles reach below the plane the device rests on: normal with this mean and scatter,
 * cut to [0, needle length]. */
typedef struct cit_reach {
    double mean_mm, scatter_mm, length_mm;
} cit_reach;

CIT_API cit_reach cit_reach_of(const cit_needling_params *params, cit_device_kind kind,
                               double length_mm);
/* Share of needles that pass depth z. */
CIT_API double cit_reach_beyond(const cit_reach *reach, double z_mm);
/* Its mean over depths a to b. */
CIT_API double cit_reach_layer(const cit_reach *reach, double a_mm, double b_mm);
/* How far a device's plane stays above the floor of a dip of this radius and depth: skin follows the
 * device into wide dips and not into narrow ones. */
CIT_API double cit_reach_gap(const cit_needling_params *params, double radius_mm, double depth_mm);

/* ---- a device in use ------------------------------------------------------------------------ */

/* Everything known: what a setting states, or what was drawn for it. */
typedef struct cit_use {
    cit_device_kind kind;
    const cit_device *device;
    double length_mm;
    double passes;
    int directions;
    double speed_mm_per_s, rate_Hz; /* pens */
    double density;                 /* punctures per mm2, all passes together */
    double halo_mm, hole_mm;        /* radii of disturbed and of opened tissue around a needle */
} cit_use;

/* Punctures per mm2 of one pass: needles over the drum's surface (roller); needles times rate over
 * glide speed and width (pen); needles over the tip (stamp). */
CIT_API double cit_density_per_pass(const cit_device *device, double speed_mm_per_s,
                                    double rate_Hz);
/* Share of an area within `radius` of a puncture, where a share `reached` of the needles gets: passes
 * of a lattice with random offsets, 1 - (1 - density pi r^2 / passes)^passes, or a Poisson field,
 * 1 - exp(-density pi r^2). */
CIT_API double cit_coverage(const cit_use *use, double reached, double radius_mm);

/* ---- the homogenised wound ------------------------------------------------------------------ */

enum { CIT_LAYERS_MAX = 48 };

typedef struct cit_wound {
    int layers;
    double debris[CIT_LAYERS_MAX]; /* added to debris, in units of the reference wound */
    double hole[CIT_LAYERS_MAX];   /* share of tissue opened */
    double band_cut;               /* share of the bands within reach that is cut */
    double overshoot;              /* mean of min(1, depth beyond the dermis / 0.5 mm) */
    double crowding; /* 1 - exp(-density a_T): how densely bands and vessels are met */
    double surface;  /* share of needles that pass the epidermis */
} cit_wound;

/* The wound in layers with these `edges` (layers + 1 of them, below the scar's floor), where the
 * device's plane lies `gap` above the floor and dermis ends at `border`. */
CIT_API void cit_wound_make(const cit_needling_params *params, const cit_use *use, double gap_mm,
                            const double *edges_mm, int layers, double border_mm, cit_wound *ret);

/* ---- punctures on a patch ------------------------------------------------------------------- */

typedef struct cit_puncture {
    double x_mm, y_mm, heading; /* heading: of the pass, radians */
    double depth_mm;            /* reach */
} cit_puncture;

/* A square patch from 0 to size; the list also holds punctures up to a margin outside of it. */
typedef struct cit_patch {
    double size_mm;
    cit_puncture *punctures;
    int count;
} cit_patch;

/* Lays down every pass: a roller's lattice at a random offset, a pen's strikes along parallel tracks,
 * a stamp's prints side by side. The same seed gives the same patch. */
CIT_CHECKED cit_status cit_patch_make(const cit_use *use, const cit_reach *reach, double size_mm,
                                      uint64_t seed, cit_patch *ret, cit_errors *errs);
CIT_API void cit_patch_free(cit_patch *patch);

typedef struct cit_patch_stats {
    double density;      /* punctures per mm2 in the patch */
    double coverage;     /* share of the patch within the halo of a puncture */
    double overlap;      /* share of all halo area that falls on another halo */
    double streak_ratio; /* the densest straight line: punctures over what is expected */
    double streak_score; /* the same in deviations of a random pattern */
    double streak_angle; /* its direction, radians */
} cit_patch_stats;

/* Coverage is exact along each of many rows; lines 0.25 mm wide are tried in 180 directions across the
 * inscribed circle. */
CIT_CHECKED cit_status cit_patch_measure(const cit_patch *patch, double radius_mm,
                                         cit_patch_stats *ret, cit_errors *errs);
