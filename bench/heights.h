/* heights.h -- one chain of work on a map of heights, and who does it. */
#pragma once
#include <stddef.h>

/* One row a stage: name, what it is. */
#define HEIGHTS_STAGES(X)                                                                          \
    X(IMPORT, "floats taken in")                                                                   \
    X(PLANE, "plane fitted and taken off")                                                         \
    X(FORM, "polynomial of degree 2 fitted and taken off")                                         \
    X(ROUGHNESS, "Sa Sq Ssk Sku Sz Sdr Sdq median, material ratio curve")                          \
    X(S, "Gaussian, 0.8 mm")                                                                       \
    X(L, "Gaussian, 8 mm, and what is left")                                                       \
    X(CORRELATION, "autocorrelation (ours: Sal, Str, Std)")                                        \
    X(MARK, "what lies 40 um below the median")                                                    \
    X(NUMBER, "its islands")                                                                       \
    X(VALUES, "their area, depth, volume to 0 and to the rim, radius")
typedef enum heights_stage {
#define HEIGHTS_ENUM(name, text) HEIGHTS_##name,
    HEIGHTS_STAGES(HEIGHTS_ENUM)
#undef HEIGHTS_ENUM
        HEIGHTS_STAGE_COUNT
} heights_stage;

/* What both must agree on, um. */
typedef struct heights_values {
    double Sa, Sq, Ssk, Sku, Sz, Sdr, Sdq;
    int islands;
    double volume_mm3; /* to 0, of islands of 0.1 mm2 or more */
} heights_values;

/* open: of n x n floats in um, 40.96 mm a side, which are its own from then on: it frees them once they are taken in. Stages
 * are run in order; close ends a chain and gives its values. */
typedef struct heights_solver {
    const char *name;
    void *(*open)(float *um, int n);
    void (*run)(void *state, heights_stage stage);
    heights_values (*close)(void *state);
} heights_solver;

extern const heights_solver heights_gwyddion, heights_ours;
