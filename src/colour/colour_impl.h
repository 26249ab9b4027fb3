/* Private to the colour room: colour spaces, a photo made small, the plane of a chart, the fit of a camera. */
#pragma once
#include <cit/colour.h>

/* ---- spaces (space.c) ---------------------------------------------------------------------------- */

enum { COLOUR_LEVELS = 65536 };
/* Level to linear, COLOUR_LEVELS numbers that the caller frees. */
cit_status colour_curve(const cit_photo *photo, float **ret, cit_errors *errs);
static inline const uint16_t *colour_pixel(const cit_photo *p, int x, int y) {
    return p->rgb + 3 * ((size_t)y * (size_t)p->width + (size_t)x);
}
double colour_linear(double v);                /* of an sRGB value from 0 to 1 */
double colour_brightness(const double rgb[3]); /* Y of linear sRGB */
void colour_lab(const double rgb[3], double lab[3]);
/* The same with d lab / d rgb. */
void colour_lab_slope(const double rgb[3], double lab[3], double slope[3][3]);
void colour_from_lab(const double lab[3], double rgb[3]);
cit_colour colour_indices(const double rgb[3]);
/* A cit_colour as numbers, in the order of CIT_COLOUR_LIST. */
#define COLOUR_ONE(name, unit, meaning) +1
enum { COLOUR_COUNT = 0 CIT_COLOUR_LIST(COLOUR_ONE) };
_Static_assert(sizeof(cit_colour) == COLOUR_COUNT * sizeof(double), "a colour is numbers");
static inline double *colour_numbers(cit_colour *c) { return (double *)(void *)c; }

/* ---- a photo made small (view.c) ------------------------------------------------------------------ */

/* Means of step x step pixels, linear. */
typedef struct colour_view {
    int width, height, step;
    float *rgb;
} colour_view;
cit_status colour_view_of(const cit_photo *photo, int longest, colour_view *ret, cit_errors *errs);

/* ---- planes (plane.c) ------------------------------------------------------------------------------ */

/* (x, y) = (h0 u + h1 v + h2, h3 u + h4 v + h5) / (h6 u + h7 v + 1). */
typedef struct colour_plane {
    double h[8];
} colour_plane;
/* Least squares through points; false: they lie on a line. */
bool colour_plane_fit(int count, double (*uv)[2], double (*xy)[2], colour_plane *ret);
void colour_plane_at(const colour_plane *p, double u, double v, double xy[2]);
/* From the unit square to these corners. */
bool colour_plane_of(double corner[4][2], colour_plane *ret);
/* Is it in the quadrilateral, made larger about its middle by this factor? */
bool colour_inside(const double corner[4][2], double larger, double x, double y);

/* ---- charts ------------------------------------------------------------------------------------------ */

enum { CHART_COLUMNS = 6, CHART_ROWS = 4, CHART_GREY = 18 };
/* Side of a patch over pitch. Assumed: an eighth of a patch lies between two; only the inner half of a patch is
 * looked at, so that other gaps do no harm. */
#define CHART_SIDE (1 / 1.125)
extern const uint8_t colour_reference[CIT_CHART_PATCHES][3];

typedef struct colour_fit {
    double matrix[3][3], offset[3];
    double miss[CIT_CHART_PATCHES][3]; /* Lab; each patch left out of the fit that judges it */
    bool used[CIT_CHART_PATCHES];      /* false: clipped */
    double mean;                       /* delta E of the patches that the fit has seen */
} colour_fit;
/* CIT_INVALID: too many patches are clipped. `order`, NULL or patch numbers, says which reference belongs to which patch.
 * `judge`: leave one out too. */
cit_status colour_fit_make(double rgb[CIT_CHART_PATCHES][3], const int *order, bool judge,
                           colour_fit *ret, cit_errors *errs);
/* Linear sRGB of a colour as the camera saw it. */
void colour_corrected(const double matrix[3][3], const double offset[3], const double rgb[3],
                      double ret[3]);

/* ---- parts (part.c) ---------------------------------------------------------------------------------- */

/* At the end of the scale: its true value is not known. */
static inline bool colour_clipped(const uint16_t rgb[3]) {
    return rgb[0] >= 65021 || rgb[1] >= 65021 || rgb[2] >= 65021; /* 253 of 255; assumed */
}
/* In the lowest 2 % of the scale. */
static inline bool colour_dark(const uint16_t rgb[3]) {
    return rgb[0] <= 1310 && rgb[1] <= 1310 && rgb[2] <= 1310;
}
/* own_scale: blur is told at the scale of the skin's pattern, where that is seen; else at that of the part. */
cit_status colour_quality(const cit_photo *photo, const cit_photo_part *part, bool own_scale,
                          cit_photo_quality *ret, cit_errors *errs);
