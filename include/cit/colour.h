/* cit/colour.h -- redness and pigment from photos, and when they cannot be compared.
 *
 * A camera's numbers are light times skin times camera. Only a chart of known colours beside the skin tells them
 * apart, and so without one a change of colour is refused. What is computed here is linearised, white-normalised
 * and, with a chart, corrected:
 *   Lab (CIE 1976, D65), ITA = atan((L* - 50) / b*), erythema index EI = 100 (log10 R - log10 G), melanin index
 *   MI = 100 log10(1 / R), of linear reflectances from 0 to 1.
 *
 *   1 chart     find a 24-patch chart, fit the camera to it, say how well
 *   2 indices   of a part of a photo, with spread over it; a map of redness
 *   3 gates     may these two photos be compared? if not, why
 *
 * Intended use: see docs/measure.md. Methods, sources and limits: docs/models/colour.md. */
#pragma once
#include <cit/scan.h>

/* ---- 1 chart ------------------------------------------------------------------------------------ */

enum { CIT_CHART_PATCHES = 24 };
/* A chart seen in a photo. Corners are those of the patches' field in pixels, dark skin first, clockwise. */
typedef struct cit_chart {
    double corner[4][2];
    double rgb[CIT_CHART_PATCHES][3]; /* linear, as the camera saw it, robust means */
    double matrix[3][3], offset[3];   /* camera to linear sRGB, least squares on Lab differences */
    double error_mean,
        error_worst; /* CIE 1976 delta E over patches, each left out of the fit that it judges */
    double white[3]; /* linear camera values of perfect white */
    double light_spread; /* brightest over darkest of what the grey row should have in common */
} cit_chart;
/* CIT_NOTFOUND: there is no chart that stands clear of chance. */
CIT_CHECKED cit_status cit_chart_find(const cit_photo *photo, cit_chart *ret, cit_errors *errs);
/* With its corners marked by a person. CIT_INVALID: they lie on a line, or outside; more than 6 patches are clipped. */
CIT_CHECKED cit_status cit_chart_at(const cit_photo *photo, double corner[4][2], cit_chart *ret,
                                    cit_errors *errs);
/* The middle of a patch, as far as it is looked at, clockwise in pixels. */
CIT_API void cit_chart_patch(const cit_chart *chart, int patch, double corner[4][2]);

/* ---- 2 indices ---------------------------------------------------------------------------------- */

#define CIT_COLOUR_LIST(X)                                                                         \
    X(L, "", "lightness L*")                                                                       \
    X(a, "", "green to red a*")                                                                    \
    X(b, "", "blue to yellow b*")                                                                  \
    X(ITA, "degree", "individual typology angle")                                                  \
    X(EI, "", "erythema index")                                                                    \
    X(MI, "", "melanin index")
typedef struct cit_colour {
#define CIT_COLOUR_FIELD(name, unit, meaning) double name;
    CIT_COLOUR_LIST(CIT_COLOUR_FIELD)
#undef CIT_COLOUR_FIELD
} cit_colour;

typedef enum cit_white {
    CIT_WHITE_CHART = 1, /* by a chart */
    CIT_WHITE_NONE,      /* as the camera wrote it */
    CIT_WHITE_HIGHLIGHT, /* the brightest 2 % of the photo stand for white: relative at best */
} cit_white;
typedef struct cit_photo_part {
    int x, y, width, height;
} cit_photo_part; /* pixels; all 0: the middle 60 % */
/* The part as it is, the middle where it is all 0. CIT_INVALID: outside the photo, or smaller than 16 pixels. */
CIT_CHECKED cit_status cit_photo_part_of(const cit_photo *photo, const cit_photo_part *part,
                                         cit_photo_part *ret, cit_errors *errs);

typedef struct cit_colour_result {
    cit_colour middle; /* of median linear values of the skin in the part */
    cit_colour spread; /* standard deviation over blocks of it */
    cit_colour error;  /* standard error from the chart's misfit; NaN without a chart */
    cit_white white;
    bool relative; /* no chart: not to be compared between photos */
} cit_colour_result;
CIT_CHECKED cit_status cit_colour_of(const cit_photo *photo, const cit_photo_part *part,
                                     const cit_chart *chart, cit_white white,
                                     cit_colour_result *ret, cit_errors *errs);

/* Redness over the part, each cell the mean of step x step pixels: NaN where most of them are clipped, black or chart. Within a
 * photo cells may be compared as far as its light is even in colour; between photos only with charts. */
typedef struct cit_redness {
    int width, height, step;
    double *EI;
} cit_redness;
CIT_API void cit_redness_free(cit_redness *redness); /* NULL is fine */
CIT_CHECKED cit_status cit_redness_of(const cit_photo *photo, const cit_photo_part *part,
                                      const cit_chart *chart, int longest, cit_redness **ret,
                                      cit_errors *errs);

/* ---- 3 gates ------------------------------------------------------------------------------------ */

/* What of a photo speaks for or against a comparison. */
typedef struct cit_photo_quality {
    double
        blur; /* share of fine detail, at a scale of its own skin: only to be compared within a pair */
    double clipped; /* share of pixels at the end of the scale */
    double dark;    /* share of pixels in the lowest 2 % */
    double light;   /* unevenness: 95th over 5th percentile of smooth brightness */
    double scale;   /* pixels of a skin's finest furrow pattern: distance; NaN: not seen */
} cit_photo_quality;
CIT_CHECKED cit_status cit_photo_quality_of(const cit_photo *photo, const cit_photo_part *part,
                                            cit_photo_quality *ret, cit_errors *errs);

#define CIT_GATES(X)                                                                               \
    X(CHART, "no colour chart")                                                                    \
    X(BLUR, "one is less sharp than the other")                                                    \
    X(EXPOSURE, "over- or underexposed")                                                           \
    X(LIGHT, "uneven light")                                                                       \
    X(BALANCE, "light or white balance differ")                                                    \
    X(DISTANCE, "taken from another distance")                                                     \
    X(POSE, "taken from another side")
enum {
#define CIT_GATE_ENUM(name, text) CIT_GATE_##name,
    CIT_GATES(CIT_GATE_ENUM)
#undef CIT_GATE_ENUM
        CIT_GATE_COUNT
};
typedef struct cit_colour_change {
    unsigned gates;                   /* bits: why not */
    char reason[CIT_GATE_COUNT][200]; /* in plain words with the figures and the limit */
    bool refused;
    cit_colour before, after, change, half_width; /* of 95 % */
    bool relative;
} cit_colour_change;
/* Refused are all pairs with a shut gate; `relative`: want of a chart then shuts none, and the change is shown as relative, its
 * interval that of one cheek under five lights. What is refused has neither change nor half width: NaN. */
CIT_CHECKED cit_status cit_colour_compare(const cit_photo *before,
                                          const cit_photo_part *before_part,
                                          const cit_chart *before_chart, const cit_photo *after,
                                          const cit_photo_part *after_part,
                                          const cit_chart *after_chart, bool relative,
                                          cit_colour_change *ret, cit_errors *errs);
