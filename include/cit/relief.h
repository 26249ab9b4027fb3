/* cit/relief.h -- a surface prepared and described: zones of a shape as heights, form taken off, waves by length, and the
 * parameters of ISO 25178-2 and ISO 21920-2.
 *
 *   1 zones       the part of a shape that is looked at, as heights along its normal
 *   2 form        what the face is without its scars: taken off by a fit that leaves scars out
 *   3 scale       S and L filters: what is finer and what is coarser than wanted
 *   4 roughness   height, hybrid, functional, spatial and feature parameters; profiles
 *
 * Heights are those of cit/scan.h: um, upwards, NaN missing; sideways mm. Missing samples take part in nothing.
 * Every step adds a line to the history of what it gives. Methods: docs/models/relief.md. */
#pragma once
#include <cit/num.h>
#include <cit/scan.h>

/* ---- 1 zones ------------------------------------------------------------------------------------ */

/* Around a point of a shape: the square of `side_mm`, turned so that the mean normal within it is up: of a mesh
 * that of its area there, of a cloud that of the plane through its points there. Outside is where a mesh's corners go
 * round anticlockwise, or where a cloud's normals point, else away from the middle of its points; a mesh that faces its own
 * middle on the whole, as some scans do, and a cloud that does not tell, are refused until `outside` is said, as
 * scars would else be bumps. The sheet nearest to the point is
 * followed from sample to sample; what lies behind it, or turns away, is not looked at, and what nothing is near
 * to is missing.
 *
 * A height of a mesh is that of the triangle there. Of a cloud it is that of a plane fitted to the points near under Gaussian
 * weights whose standard deviation is 0.75 of the points' spacing: of a wave of 4 spacings half is left,
 * and 0.38 of the noise of single points; the top of a ball of radius R comes out 0.56 spacing^2 / R too low. */
typedef struct cit_relief_zone_options {
    double at_mm[3];   /* in the shape's own coordinates; at most half a side away from it */
    double side_mm;    /* up to 1 m; at most 4096 samples */
    double pitch_mm;   /* 0: half the spacing of points */
    double up[3];      /* what is on top, as far as the normal lets it; 0 0 0: the shape's y */
    double outside[3]; /* roughly; 0 0 0: as the shape tells */
} cit_relief_zone_options;
/* Seen from outside: x to the right along the rows, y down them. Sample (i, j) of height h lies at origin + (i + 1/2)
 * dx x + (j + 1/2) dy y + h normal, in the shape's own coordinates. */
typedef struct cit_relief_zone {
    cit_heights *heights;                       /* the caller's */
    double origin_mm[3], x[3], y[3], normal[3]; /* of sample (0, 0)'s corner; unit vectors */
    /* Of points: of a mesh the median edge, of a cloud the median pitch of a square grid with as many points near. No
     * relief finer than twice this was seen. */
    double spacing_mm;
} cit_relief_zone;
CIT_CHECKED cit_status cit_relief_from_shape(const cit_shape *shape,
                                             const cit_relief_zone_options *options,
                                             cit_relief_zone *ret, cit_errors *errs);

/* ---- 2 form ------------------------------------------------------------------------------------- */

typedef enum cit_form {
    CIT_FORM_NONE,
    CIT_FORM_MEAN,
    CIT_FORM_POLYNOMIAL, /* least squares, all terms to a degree, all samples: what other programs do */
    CIT_FORM_SKIN, /* scars left out: rounds of a polynomial, then of a masked Gaussian regression of order 2 */
} cit_form;

/* The regression needs a cut-off of at least 11 cells of 0.16 mm, or of the pitch if that is more (CIT_INVALID says so):
 * over fewer it would take all relief for form. */
typedef struct cit_form_options {
    cit_form form;
    int degree;       /* 0: 2, of a piece of cheek; 4 for a whole one; at most 10 */
    double cutoff_mm; /* of the regression; 0: 8 mm; below 0: polynomial alone, scars left out */
    double floor_um;  /* noise below which nothing counts as a scar; 0: 2.5 */
    const uint8_t *healthy; /* one a sample: use these (1) and no others, no rounds; NULL: found */
    int threads;
} cit_form_options;

typedef struct cit_form_result {
    cit_heights *relief; /* heights less form; missing where they were; the caller's */
    uint8_t *healthy;    /* 1: in the fit; the caller frees it */
    double coefficients
        [66]; /* of the polynomial in x and y from -1 to 1 over the map, x^i y^j with i the slower; um */
    int degree;
    double healthy_share, rms_um; /* of what is there; of relief on it */
} cit_form_result;
CIT_CHECKED cit_status cit_relief_form(const cit_heights *heights, const cit_form_options *options,
                                       cit_form_result *ret, cit_errors *errs);
CIT_API void cit_form_result_clear(cit_form_result *result);

/* ---- 3 scale ------------------------------------------------------------------------------------ */

/* The areal (of a profile: the line) Gaussian filter of ISO 16610-61 (-21). S takes off what is finer than its cut-off and
 * L what is coarser; 0: not. */
typedef struct cit_filter_options {
    double s_mm, l_mm;
    cit_smooth_way way;
    int threads;
} cit_filter_options;
CIT_CHECKED cit_status cit_relief_filter(const cit_heights *heights,
                                         const cit_filter_options *options, cit_heights **ret,
                                         cit_errors *errs);

/* ---- 4 roughness -------------------------------------------------------------------------------- */

/* One row a parameter: name, unit, family, what it is. Values are doubles of cit_roughness in this order. */
#define CIT_ROUGHNESS_LIST(X)                                                                      \
    X(Sa, "um", HEIGHT, "mean distance from the mean")                                             \
    X(Sq, "um", HEIGHT, "root mean square")                                                        \
    X(Ssk, "", HEIGHT, "skewness")                                                                 \
    X(Sku, "", HEIGHT, "kurtosis, 3 for a normal surface")                                         \
    X(Sp, "um", HEIGHT, "highest peak")                                                            \
    X(Sv, "um", HEIGHT, "deepest pit")                                                             \
    X(Sz, "um", HEIGHT, "Sp + Sv")                                                                 \
    X(Sdq, "", HYBRID, "root mean square gradient")                                                \
    X(Sdr, "%", HYBRID, "area beyond the flat one")                                                \
    X(Sk, "um", FUNCTION, "core height")                                                           \
    X(Spk, "um", FUNCTION, "reduced peak height")                                                  \
    X(Svk, "um", FUNCTION, "reduced pit depth")                                                    \
    X(Smr1, "%", FUNCTION, "material ratio of peaks")                                              \
    X(Smr2, "%", FUNCTION, "material ratio above pits")                                            \
    X(Smc, "um", FUNCTION, "height that 10 % of the surface lies above")                           \
    X(Sxp, "um", FUNCTION, "extreme peak height, from 2.5 % to 50 %")                              \
    X(Vmp, "um3/um2", FUNCTION, "peak material volume, above 10 %")                                \
    X(Vmc, "um3/um2", FUNCTION, "core material volume, 10 to 80 %")                                \
    X(Vvc, "um3/um2", FUNCTION, "core void volume, 10 to 80 %")                                    \
    X(Vvv, "um3/um2", FUNCTION, "pit void volume, below 80 %")                                     \
    X(Sal, "mm", SPATIAL, "shortest distance to an autocorrelation of 0.2")                        \
    X(Str, "", SPATIAL, "that over the longest: 1 is alike in all directions")                     \
    X(Std, "degree", SPATIAL, "direction along the texture, from x towards y (down the rows)")     \
    X(Spd, "/mm2", FEATURE, "density of peaks, after pruning at 5 % of Sz")                        \
    X(Spc, "/mm", FEATURE, "mean curvature of peaks")                                              \
    X(Svd, "/mm2", FEATURE, "density of pits, after pruning at 5 % of Sz")                         \
    X(S10z, "um", FEATURE, "mean of the five highest peaks and five deepest pits")                 \
    X(Sda, "mm2", FEATURE, "mean area of dales (closed)")                                          \
    X(Sdv, "mm3", FEATURE, "mean volume of dales (closed)")

enum {
    CIT_ROUGHNESS_HEIGHT = 1,
    CIT_ROUGHNESS_HYBRID = 2,
    CIT_ROUGHNESS_FUNCTION = 4,
    CIT_ROUGHNESS_SPATIAL = 8,
    CIT_ROUGHNESS_FEATURE = 16,
    CIT_ROUGHNESS_ALL = 31
};

/* NaN: not asked for, or the surface does not say (Sal and Str where the correlation does not fall to 0.2 within half a side,
 * Sda where no dale is closed). How each is worked out, and where other programs differ: docs/models/relief.md. */
typedef struct cit_roughness {
#define CIT_ROUGHNESS_FIELD(name, unit, family, meaning) double name;
    CIT_ROUGHNESS_LIST(CIT_ROUGHNESS_FIELD)
#undef CIT_ROUGHNESS_FIELD
} cit_roughness;
typedef struct cit_roughness_row {
    const char *name, *unit, *meaning;
    int family;
    size_t offset;
} cit_roughness_row;
extern CIT_API const cit_roughness_row cit_roughness_rows[]; /* ends with a name of NULL */

/* Of heights whose mean is taken off first. `families` are bits. CIT_INVALID: nothing is there, or it is a profile. */
CIT_CHECKED cit_status cit_relief_roughness(const cit_heights *heights, int families, int threads,
                                            cit_roughness *ret, cit_errors *errs);

/* The same of a profile. */
#define CIT_PROFILE_LIST(X)                                                                        \
    X(Ra, "um", "mean distance from the mean")                                                     \
    X(Rq, "um", "root mean square")                                                                \
    X(Rz, "um", "Rp + Rv")                                                                         \
    X(Rp, "um", "highest peak, mean of five sections of equal length")                             \
    X(Rv, "um", "deepest pit, mean of the same")                                                   \
    X(Rt, "um", "highest peak to deepest pit of all")                                              \
    X(Rsk, "", "skewness")                                                                         \
    X(Rku, "", "kurtosis, 3 for a normal profile")                                                 \
    X(Rdq, "", "root mean square slope")

typedef struct cit_profile_roughness {
#define CIT_PROFILE_FIELD(name, unit, meaning) double name;
    CIT_PROFILE_LIST(CIT_PROFILE_FIELD)
#undef CIT_PROFILE_FIELD
} cit_profile_roughness;
typedef struct cit_profile_row {
    const char *name, *unit, *meaning;
    size_t offset;
} cit_profile_row;
extern CIT_API const cit_profile_row cit_profile_rows[]; /* ends with a name of NULL */

/* Of row j of the heights, from one place to another (mm; 0 0: all of it), a straight line of least squares taken off if
 * asked. */
CIT_CHECKED cit_status cit_relief_profile(const cit_heights *heights, int row, double from_mm,
                                          double to_mm, bool line_off, cit_profile_roughness *ret,
                                          cit_errors *errs);
