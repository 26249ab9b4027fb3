/* Colour profiles (ICC) by Little CMS: where a file names its colours by three primaries and three curves, as phones do with
 * Display P3, its numbers are brought to sRGB, relative to white (both are adapted to D50 in a profile):
 *   sRGB curve (inverse of sRGB's primaries * the file's primaries * the file's curves (number)).
 * What lies outside sRGB is cut to it. Profiles made of tables are not followed: they hold a maker's taste too. */
#include "shape_impl.h"
#include <cit/num.h>
#include <lcms2.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS = 65536, PROFILE_MAX = 1 << 20, GRID = 9 };
/* Half a step of 8 bits: nearer to sRGB than that, a profile is sRGB. Assumed. */
static const int same_level = 128;
/* How far the sum of the primaries may lie from white, and a curve's ends from 0 and 1. Assumed. */
static const double white_error = 0.02, end_error = 0.02;

cit_status cit_job_keep_profile(cit_job *job, const uint8_t *profile, size_t size) {
    void *kept = NULL;
    if (size > PROFILE_MAX)
        return cit_job_fail(job, "has a colour profile of %zu bytes; 1 MB are the most", size);
    const cit_status st = cit_job_take(job, size + 1, 1, &kept);
    if (st != CIT_OK) return st;
    memcpy(kept, profile, size);
    free(job->profile);
    job->profile = kept;
    job->profile_size = size;
    return CIT_OK;
}

/* ---- reading a profile ------------------------------------------------------------------------- */

typedef struct primaries {
    double xyz[9]; /* row by row; columns are red, green, blue */
    const cmsToneCurve *curve[3];
} primaries;

static const cmsTagSignature colorants[3] = {cmsSigRedColorantTag, cmsSigGreenColorantTag,
                                             cmsSigBlueColorantTag},
                             curves[3] = {cmsSigRedTRCTag, cmsSigGreenTRCTag, cmsSigBlueTRCTag};

/* False: it is not one of primaries and curves alone, or they make no white. What is in `ret` belongs to the profile. */
static bool primaries_of(cmsHPROFILE profile, primaries *ret) {
    const cmsCIEXYZ *white = cmsD50_XYZ();
    const double d50[3] = {white->X, white->Y, white->Z};
    if (cmsGetColorSpace(profile) != cmsSigRgbData || cmsGetPCS(profile) != cmsSigXYZData ||
        cmsIsTag(profile, cmsSigAToB0Tag) || cmsIsTag(profile, cmsSigAToB1Tag))
        return false;
    for (int c = 0; c < 3; c++) {
        const cmsCIEXYZ *of = cmsReadTag(profile, colorants[c]);
        ret->curve[c] = cmsReadTag(profile, curves[c]);
        if (of == NULL || ret->curve[c] == NULL) return false;
        ret->xyz[c] = of->X;
        ret->xyz[3 + c] = of->Y;
        ret->xyz[6 + c] = of->Z;
    }
    for (int i = 0; i < 3; i++) {
        const double *row = ret->xyz + 3 * i;
        if (!(fabs(row[0] + row[1] + row[2] - d50[i]) < white_error)) return false;
    }
    return true;
}

/* ---- conversion ---------------------------------------------------------------------------------- */

typedef struct conversion {
    double matrix[9];        /* linear of the file to linear sRGB */
    float linear[3][LEVELS]; /* of the file's levels */
    float coded[LEVELS + 1]; /* sRGB's levels of linear values, evenly from 0 to 1 */
} conversion;

static double srgb_coded(double v) {
    return 65535 * (v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055);
}

static bool find_curves(const primaries *from, conversion *to) {
    for (int c = 0; c < 3; c++) {
        float *v = to->linear[c];
        for (int i = 0; i < LEVELS; i++) {
            v[i] = cmsEvalToneCurveFloat(from->curve[c], (float)i / (LEVELS - 1));
            if (!isfinite(v[i]) || (i > 0 && v[i] < v[i - 1])) return false;
        }
        if (!(fabsf(v[0]) < (float)end_error && fabsf(v[LEVELS - 1] - 1) < (float)end_error))
            return false;
    }
    return true;
}

static void find_matrix(const primaries *from, const primaries *srgb, conversion *to) {
    double a[9], pivots[3];
    memcpy(a, srgb->xyz, sizeof a);
    cit_dense_factor(a, pivots, 3);
    for (int c = 0; c < 3; c++) {
        double column[3];
        for (int i = 0; i < 3; i++) column[i] = from->xyz[3 * i + c];
        cit_dense_solve(a, pivots, 3, column);
        for (int i = 0; i < 3; i++) to->matrix[3 * i + c] = column[i];
    }
}

/* False: the profile cannot be followed. */
static bool find_conversion(cmsHPROFILE profile, cmsHPROFILE srgb, conversion *ret) {
    primaries from, to;
    if (!primaries_of(profile, &from) || !primaries_of(srgb, &to) || !find_curves(&from, ret))
        return false;
    find_matrix(&from, &to, ret);
    for (int i = 0; i <= LEVELS; i++) ret->coded[i] = (float)srgb_coded((double)i / LEVELS);
    return true;
}

/* What stood at the end of its scale stays there: its true value was not known before either. */
static void convert(const conversion *c, const uint16_t from[3], uint16_t to[3]) {
    const double v[3] = {(double)c->linear[0][from[0]], (double)c->linear[1][from[1]],
                         (double)c->linear[2][from[2]]};
    for (int i = 0; i < 3; i++) {
        const double *m = c->matrix + 3 * i,
                     at = LEVELS * fmin(fmax(m[0] * v[0] + m[1] * v[1] + m[2] * v[2], 0), 1);
        const int k = at < LEVELS ? (int)at : LEVELS - 1;
        const double level =
            (double)c->coded[k] + (at - k) * ((double)c->coded[k + 1] - (double)c->coded[k]);
        to[i] = from[i] == LEVELS - 1 ? from[i] : (uint16_t)lround(level);
    }
}

static bool changes_nothing(const conversion *c) {
    for (int n = 0; n < GRID * GRID * GRID; n++) {
        const int steps[3] = {n % GRID, n / GRID % GRID, n / GRID / GRID};
        uint16_t from[3], to[3];
        for (int i = 0; i < 3; i++) from[i] = (uint16_t)(steps[i] * (LEVELS - 1) / (GRID - 1));
        convert(c, from, to);
        for (int i = 0; i < 3; i++)
            if (abs(to[i] - from[i]) > same_level) return false;
    }
    return true;
}

/* ---- a photo --------------------------------------------------------------------------------------- */

/* Profiles of version 2 have their name in ASCII, those of version 4 in UTF-16. */
static bool calls_itself_srgb(const cit_job *job) {
    static const char narrow[] = "sRGB", wide[] = "\0s\0R\0G\0B";
    return memmem(job->profile, job->profile_size, narrow, 4) != NULL ||
           memmem(job->profile, job->profile_size, wide, 8) != NULL;
}

static void convert_all(const conversion *c, cit_photo *photo) {
    const size_t count = (size_t)photo->width * (size_t)photo->height;
    for (size_t i = 0; i < count; i++) {
        uint16_t *at = photo->rgb + 3 * i, to[3];
        convert(c, at, to);
        memcpy(at, to, sizeof to);
    }
    photo->converted = true;
}

static cit_status follow(cit_job *job, cmsHPROFILE profile, cmsHPROFILE srgb, cit_photo *photo) {
    void *made = NULL;
    const cit_status st = cit_job_take(job, 1, sizeof(conversion), &made);
    if (st != CIT_OK) return st;
    if (!find_conversion(profile, srgb, made))
        photo->unreferred = !calls_itself_srgb(job);
    else if (!changes_nothing(made))
        convert_all(made, photo);
    free(made);
    return CIT_OK;
}

cit_status cit_profile_apply(cit_job *job, cit_photo *photo) {
    if (job->profile == NULL) return CIT_OK;
    cmsContext context = cmsCreateContext(NULL, NULL);
    cmsHPROFILE profile = NULL, srgb = NULL;
    cit_status st = CIT_OK;
    if (context != NULL) {
        profile =
            cmsOpenProfileFromMemTHR(context, job->profile, (cmsUInt32Number)job->profile_size);
        srgb = cmsCreate_sRGBProfileTHR(context);
    }
    if (srgb == NULL)
        st = cit_fail(job->errs, CIT_NOMEM, job->name, "out of memory");
    else if (profile == NULL)
        st = cit_job_fail(job, "has a colour profile that cannot be read; save it as sRGB");
    else
        st = follow(job, profile, srgb, photo);
    if (profile != NULL) cmsCloseProfile(profile);
    if (srgb != NULL) cmsCloseProfile(srgb);
    if (context != NULL) cmsDeleteContext(context);
    return st;
}
