/* Colours that stand for numbers. */
#include "report_impl.h"
#include <math.h>

enum { STOPS = 16 };

/* Every 17th of the 256 colours of viridis (S. van der Walt and N. Smith, 2015, CC0) and of cividis (J. R.
 * Nunez, C. R. Anderton and R. S. Renslow, PLoS ONE 2018; 13:e0199239), with straight lines between. */
static const unsigned char stops[][STOPS][3] = {
    [CIT_VIRIDIS] = {{0x44, 0x01, 0x54},
                     {0x48, 0x1A, 0x6C},
                     {0x47, 0x2F, 0x7D},
                     {0x41, 0x44, 0x87},
                     {0x39, 0x56, 0x8C},
                     {0x31, 0x68, 0x8E},
                     {0x2A, 0x78, 0x8E},
                     {0x23, 0x88, 0x8E},
                     {0x1F, 0x98, 0x8B},
                     {0x22, 0xA8, 0x84},
                     {0x35, 0xB7, 0x79},
                     {0x54, 0xC5, 0x68},
                     {0x7A, 0xD1, 0x51},
                     {0xA5, 0xDB, 0x36},
                     {0xD2, 0xE2, 0x1B},
                     {0xFD, 0xE7, 0x25}},
    [CIT_CIVIDIS] = {{0x00, 0x22, 0x4E},
                     {0x00, 0x2E, 0x6C},
                     {0x1E, 0x3A, 0x6F},
                     {0x35, 0x45, 0x6C},
                     {0x47, 0x51, 0x6C},
                     {0x57, 0x5D, 0x6D},
                     {0x66, 0x69, 0x70},
                     {0x75, 0x75, 0x75},
                     {0x84, 0x82, 0x79},
                     {0x94, 0x8E, 0x77},
                     {0xA5, 0x9C, 0x74},
                     {0xB7, 0xA9, 0x6E},
                     {0xC8, 0xB8, 0x66},
                     {0xDB, 0xC7, 0x5A},
                     {0xEE, 0xD6, 0x49},
                     {0xFE, 0xE8, 0x38}},
};

colour map_colour(cit_colours map, double share) {
    const double at = fmin(fmax(share, 0), 1) * (STOPS - 1);
    const int i = at < STOPS - 1 ? (int)at : STOPS - 2;
    const double t = at - i;
    const unsigned char *a = stops[map][i], *b = stops[map][i + 1];
    return (colour){((1 - t) * a[0] + t * b[0]) / 255, ((1 - t) * a[1] + t * b[1]) / 255,
                    ((1 - t) * a[2] + t * b[2]) / 255};
}

/* ---- CIELAB (CIE 15, D65) to sRGB (IEC 61966-2-1) ----------------------------------------------------------- */

static double cube_back(double t) {
    return t > 6.0 / 29 ? t * t * t : 108.0 / 841 * (t - 4.0 / 29);
}

static double encode(double v) {
    v = fmin(fmax(v, 0), 1);
    return v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055;
}

static colour from_lab(double l, double a, double b) {
    const double fy = (l + 16) / 116;
    const double x = 0.95047 * cube_back(fy + a / 500), y = cube_back(fy);
    const double z = 1.08883 * cube_back(fy - b / 200);
    return (colour){encode(3.2404542 * x - 1.5371385 * y - 0.4985314 * z),
                    encode(-0.9692660 * x + 1.8760108 * y + 0.0415560 * z),
                    encode(0.0556434 * x - 0.2040259 * y + 1.0572252 * z)};
}

/* A curve through three colours of Lab, walked at an even pace: skin, dusky rose, dark violet. */
colour depth_colour(double share) {
    static const double lab[3][3] = {{84, 11, 20}, {58, 24, 10}, {25, 22, -24}};
    double length[2] = {0, 0};
    for (int s = 0; s < 2; s++) {
        for (int i = 0; i < 3; i++)
            length[s] += (lab[s + 1][i] - lab[s][i]) * (lab[s + 1][i] - lab[s][i]);
        length[s] = sqrt(length[s]);
    }
    const double at = fmin(fmax(share, 0), 1) * (length[0] + length[1]);
    const int s = at > length[0];
    const double t = s ? (at - length[0]) / length[1] : at / length[0];
    double v[3];
    for (int i = 0; i < 3; i++) v[i] = (1 - t) * lab[s][i] + t * lab[s + 1][i];
    return from_lab(v[0], v[1], v[2]);
}
