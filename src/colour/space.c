/* sRGB (IEC 61966-2-1), CIE XYZ for D65, Lab (CIE 15), and what dermatology makes of them. */
#include "colour_impl.h"
#include <math.h>
#include <stdlib.h>

/* IEC 61966-2-1; each row over its sum, which is the white of D65. */
static const double xyz[3][3] = {{0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505},
                                 {0.2126, 0.7152, 0.0722},
                                 {0.0193 / 1.0890, 0.1192 / 1.0890, 0.9505 / 1.0890}};
/* Darker than any skin; keeps logarithms finite. Assumed. */
static const double least = 1e-4;

double colour_linear(double v) { return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4); }

cit_status colour_curve(const cit_photo *photo, float **ret, cit_errors *errs) {
    float *curve = malloc(COLOUR_LEVELS * sizeof *curve);
    if (curve == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a curve");
    for (int i = 0; i < COLOUR_LEVELS; i++) {
        const double v = i / (COLOUR_LEVELS - 1.0);
        curve[i] = (float)(photo->linear ? v : colour_linear(v));
    }
    *ret = curve;
    return CIT_OK;
}

double colour_brightness(const double rgb[3]) {
    return xyz[1][0] * rgb[0] + xyz[1][1] * rgb[1] + xyz[1][2] * rgb[2];
}

/* CIE 15: the cube root, straight near black. */
static double bend(double t, double *slope) {
    const double knee = 216.0 / 24389, k = 24389.0 / 27;
    const double root = cbrt(t);
    *slope = t > knee ? 1 / (3 * root * root) : k / 116;
    return t > knee ? root : (k * t + 16) / 116;
}

static double unbend(double f) {
    return f > 6.0 / 29 ? f * f * f : (116 * f - 16) / (24389.0 / 27);
}

void colour_lab_slope(const double rgb[3], double lab[3], double slope[3][3]) {
    double f[3], d[3];
    for (int i = 0; i < 3; i++)
        f[i] = bend(xyz[i][0] * rgb[0] + xyz[i][1] * rgb[1] + xyz[i][2] * rgb[2], &d[i]);
    lab[0] = 116 * f[1] - 16;
    lab[1] = 500 * (f[0] - f[1]);
    lab[2] = 200 * (f[1] - f[2]);
    for (int c = 0; c < 3; c++) {
        slope[0][c] = 116 * d[1] * xyz[1][c];
        slope[1][c] = 500 * (d[0] * xyz[0][c] - d[1] * xyz[1][c]);
        slope[2][c] = 200 * (d[1] * xyz[1][c] - d[2] * xyz[2][c]);
    }
}

void colour_lab(const double rgb[3], double lab[3]) {
    double slope[3][3];
    colour_lab_slope(rgb, lab, slope);
}

static double minor(int i, int j) {
    const int a = (i + 1) % 3, b = (i + 2) % 3, c = (j + 1) % 3, d = (j + 2) % 3;
    return xyz[a][c] * xyz[b][d] - xyz[a][d] * xyz[b][c];
}

void colour_from_lab(const double lab[3], double rgb[3]) {
    const double f = (lab[0] + 16) / 116;
    const double t[3] = {unbend(f + lab[1] / 500), unbend(f), unbend(f - lab[2] / 200)};
    const double det = xyz[0][0] * minor(0, 0) + xyz[0][1] * minor(0, 1) + xyz[0][2] * minor(0, 2);
    for (int c = 0; c < 3; c++)
        rgb[c] = (minor(0, c) * t[0] + minor(1, c) * t[1] + minor(2, c) * t[2]) / det;
}

cit_colour colour_indices(const double rgb[3]) {
    double lab[3];
    const double r = fmax(rgb[0], least), g = fmax(rgb[1], least);
    colour_lab(rgb, lab);
    return (cit_colour){.L = lab[0],
                        .a = lab[1],
                        .b = lab[2],
                        .ITA = atan2(lab[0] - 50, lab[2]) * 57.29577951308232,
                        .EI = 100 * (log10(r) - log10(g)),
                        .MI = -100 * log10(r)};
}
