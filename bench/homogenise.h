/* homogenise.h -- one course twice: in voxels that see every puncture, and in a column that sees their mean.
 *
 * The tissue (cit/patch.h) is a quarter of the cell of a square lattice, whose sides are planes of symmetry, or a
 * periodic box of punctures as cit_patch_make scatters them. Columns (cit/healing.h) are given the mean shares of
 * that very tissue, layer by layer: one column with a layer for each of the tissue's, so that nothing but
 * averaging sideways is different, and one with the three layers of a forecast. */
#pragma once
#include <cit/patch.h>
#include <cit/scar.h>

typedef struct study {
    cit_kinetics kinetics;
    cit_needling_params needling;
    double spacing_mm;        /* density^-1/2 */
    const cit_device *device; /* that scatters; NULL: a lattice */
    double box_mm;            /* of scattered punctures */
    uint64_t seed;
    double reach_mm; /* below the device's plane; scattered needles' mean */
    double halo_mm, hole_mm;
    int visits;
    double gap_day;
    bool moves; /* a lattice by half a cell, other visits back; scattered anew at each visit */
    double dermis_mm, set_point;
    int layers;           /* of the tissue; three layers are compared only where they divide it */
    double voxel_mm;      /* at most, sideways */
    const double *spread; /* `layers` factors of all D, which no column has; NULL: 1 */
    double tolerance;     /* of the tissue's steps; 0: as it comes */
    cit_precision precision; /* of the tissue */
} study;

/* The table's kinetics, one visit on a lattice 1 mm apart, reach 1 mm in 1.8 mm of dermis, voxels of 0.05 mm. */
study study_default(void);
/* The lattice's, or what the device's passes make of it. */
double study_density(const study *s);

/* All means over the tissue's depth, but for lift. */
typedef struct study_gain {
    double collagen;       /* new and mature, less the start; 60 days after the last visit */
    double lift;           /* of the middle of a scar 3 mm wide, mm; the same day */
    double tgf;            /* 6 days after the last visit */
    double myofibroblasts; /* 14 days after it */
    double set_point;      /* least of what is left of it in a layer; 60 days after */
} study_gain;

typedef struct study_result {
    study_gain tissue, column, three;
    study_gain
        even; /* the tissue with an even wound: a column that knows `spread`. Only where there is one */
    study_gain told; /* three layers and the wound of cit_wound_make. Only of scattered punctures */
    double in_the_box; /* punctures per mm2 at the first visit */
    double voxel_steps;
} study_result;

CIT_CHECKED cit_status study_run(const study *s, study_result *ret, cit_errors *errs);
/* By how much of the tissue's gain of collagen a column's is above it. */
double study_error(const study_gain *column, const study_gain *tissue);
