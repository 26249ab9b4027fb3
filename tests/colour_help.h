/* Photos of skin with a chart beside it, drawn: the plane seen from anywhere, light, camera, blur and noise known. */
#pragma once
#include <cit/colour.h>
#include <cit/num.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* As in src/colour/fit.c, so that a slip there shows here. */
static const uint8_t drawn_patches[CIT_CHART_PATCHES][3] = {
    {116, 81, 67},   {199, 147, 129}, {91, 122, 156}, {90, 108, 64},   {130, 128, 176},
    {92, 190, 172},  {224, 124, 47},  {68, 91, 170},  {198, 82, 97},   {94, 58, 106},
    {159, 189, 63},  {230, 162, 39},  {35, 63, 147},  {67, 149, 74},   {180, 49, 57},
    {238, 198, 20},  {193, 84, 151},  {0, 136, 170},  {245, 245, 243}, {200, 202, 202},
    {161, 163, 163}, {121, 121, 122}, {82, 84, 86},   {49, 49, 51}};

typedef struct scene {
    int width, height;
    double corner[4][2]; /* of the patches' field; all 0: no chart */
    double skin[3];      /* linear */
    double light[3];     /* colour and strength */
    double gradient[2];  /* of light, from one side to the other */
    double mix;          /* of each channel with the other two */
    double pitch;        /* of the skin's pattern, pixels; 0: none */
    double strength;     /* of it; 0: 0.05 */
    double blur, noise;  /* pixels; levels of 255 */
    double turn;         /* of the pattern's phases: another piece of skin */
    uint32_t seed;
    int shift; /* of patches: a chart of the right colours in a wrong order */
} scene;

static inline scene plain_scene(void) {
    return (scene){.width = 480,
                   .height = 360,
                   .corner = {{30, 30}, {210, 30}, {210, 148.9}, {30, 148.9}},
                   .skin = {0.45, 0.25, 0.18},
                   .light = {0.8, 0.8, 0.8},
                   .pitch = 9,
                   .noise = 0.7,
                   .seed = 1};
}

static inline double drawn_linear(double level) {
    const double v = level / 255;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}
static inline double drawn_coded(double v) {
    return 255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055);
}
/* The same between 0 and 1 by a table: to a hundredth of a level. */
static inline double drawn_coded_fast(double v) {
    enum { STEPS = 16384 };
    static double table[STEPS + 2];
    if (table[STEPS] == 0)
        for (int i = 0; i <= STEPS + 1; i++) table[i] = drawn_coded((double)i / STEPS);
    const int i = (int)(v * STEPS);
    return table[i] + (v * STEPS - i) * (table[i + 1] - table[i]);
}
static inline double drawn_random(uint32_t seed, const char *name, uint32_t i) {
    return cit_random(seed, 0, cit_random_stream(name), i);
}

/* From pixels to the unit square of the chart. */
static inline void drawn_plane(const scene *s, double h[8]) {
    double a[64] = {0}, pivots[8];
    for (int k = 0; k < 4; k++) {
        const double x = s->corner[k][0], y = s->corner[k][1], u = k == 1 || k == 2, v = k >= 2;
        const double rows[2][8] = {{x, y, 1, 0, 0, 0, -x * u, -y * u},
                                   {0, 0, 0, x, y, 1, -x * v, -y * v}};
        memcpy(a + 16 * k, rows, sizeof rows);
        h[2 * k] = u;
        h[2 * k + 1] = v;
    }
    cit_dense_factor(a, pivots, 8);
    cit_dense_solve(a, pivots, 8, h);
}

/* Patches with an eighth of one between them, on black. False: beside the chart. */
static inline bool drawn_chart(const scene *s, const double h[8], double x, double y,
                               double rgb[3]) {
    const double w = h[6] * x + h[7] * y + 1, u = (h[0] * x + h[1] * y + h[2]) / w * 6.625,
                 v = (h[3] * x + h[4] * y + h[5]) / w * 4.375, rim = 0.25;
    if (!(u > -rim && v > -rim && u < 6.625 + rim && v < 4.375 + rim)) return false;
    const int i = (int)floor(u / 1.125), j = (int)floor(v / 1.125);
    const bool patch = u > 0 && v > 0 && i < 6 && j < 4 && u - 1.125 * i < 1 && v - 1.125 * j < 1;
    for (int c = 0; c < 3; c++)
        rgb[c] = patch ? drawn_linear(drawn_patches[(6 * j + i + s->shift * i) % 24][c]) : 0.01;
    return true;
}

enum { DRAWN_WAVES = 10 };
typedef struct drawn_waves {
    double kx[DRAWN_WAVES], ky[DRAWN_WAVES], phase[DRAWN_WAVES];
} drawn_waves;
static inline drawn_waves drawn_pattern(const scene *s) {
    drawn_waves w = {0};
    for (uint32_t i = 0; i < DRAWN_WAVES; i++) {
        const double turn = 6.283185307179586 * drawn_random(7, "way", i),
                     pitch = s->pitch * (0.85 + 0.3 * drawn_random(7, "pitch", i));
        w.kx[i] = 6.283185307179586 / pitch * cos(turn);
        w.ky[i] = 6.283185307179586 / pitch * sin(turn);
        w.phase[i] = 6.283185307179586 * drawn_random(7, "phase", i) + s->turn * (i + 1);
    }
    return w;
}
static inline double drawn_relief(const scene *s, const drawn_waves *w, double x, double y) {
    double sum = 0;
    if (!(s->pitch > 0)) return 1;
    for (int i = 0; i < DRAWN_WAVES; i++) {
        const double c = cos(w->kx[i] * x + w->ky[i] * y + w->phase[i]);
        sum += c + 0.3 * (2 * c * c - 1); /* finer detail too: cos 2 t */
    }
    return 1 + (s->strength > 0 ? s->strength : 0.05) * sum / sqrt(DRAWN_WAVES / 2.0) +
           0.03 * (cos(1.1 * x / s->pitch + s->turn) + cos(1.3 * y / s->pitch)); /* mottled */
}

static inline void drawn_blur(double *v, int n, int gap, double sigma) {
    double *old = malloc((size_t)n * sizeof *old), weight[64], all = 0;
    const int reach = (int)ceil(3 * sigma);
    for (int k = -reach; k <= reach; k++)
        all += weight[k + reach] = exp(-0.5 * k * k / (sigma * sigma));
    for (int i = 0; i < n; i++) old[i] = v[(size_t)i * (size_t)gap];
    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int k = -reach; k <= reach; k++)
            sum += weight[k + reach] * old[i + k < 0 ? 0 : i + k >= n ? n - 1 : i + k];
        v[(size_t)i * (size_t)gap] = sum / all;
    }
    free(old);
}

static inline void drawn_pixel(const scene *s, const double h[8], const drawn_waves *w, double x,
                               double y, double camera[3]) {
    double rgb[3];
    const double lit =
        1 + s->gradient[0] * (x / s->width - 0.5) + s->gradient[1] * (y / s->height - 0.5);
    if (s->corner[2][0] == 0 || !drawn_chart(s, h, x, y, rgb))
        for (int c = 0; c < 3; c++) rgb[c] = s->skin[c] * drawn_relief(s, w, x, y);
    for (int c = 0; c < 3; c++) {
        const double others = rgb[(c + 1) % 3] + rgb[(c + 2) % 3];
        camera[c] = lit * s->light[c] * ((1 - s->mix) * rgb[c] + 0.5 * s->mix * others);
    }
}

/* About normal, of variance 1: four bytes of a hash (Wellons' lowbias32), each with a variance of 5461. */
static inline double drawn_noise(uint32_t seed, uint32_t place) {
    uint32_t h = place ^ (seed * 0x9e3779b9U);
    h = (h ^ (h >> 16)) * 0x7feb352dU;
    h = (h ^ (h >> 15)) * 0x846ca68bU;
    h ^= h >> 16;
    const double sum = (h & 255) + (h >> 8 & 255) + (h >> 16 & 255) + (h >> 24);
    return (sum - 510) / sqrt(4 * 5461.25);
}

static inline uint16_t drawn_level(const scene *s, double v, size_t place) {
    const double level =
        drawn_coded_fast(fmin(fmax(v, 0), 1)) + s->noise * drawn_noise(s->seed, (uint32_t)place);
    return (uint16_t)(257 * lround(fmin(fmax(level, 0), 255)));
}

static inline cit_photo draw(const scene *s) {
    const size_t n = (size_t)s->width * (size_t)s->height;
    double *camera = malloc(3 * n * sizeof *camera), h[8];
    cit_photo p = {.width = s->width, .height = s->height, .bits = 8};
    const drawn_waves w = drawn_pattern(s);
    p.rgb = malloc(3 * n * sizeof *p.rgb);
    if (s->corner[2][0] != 0) drawn_plane(s, h);
    for (int y = 0; y < s->height; y++)
        for (int x = 0; x < s->width; x++)
            drawn_pixel(s, h, &w, x + 0.5, y + 0.5, camera + 3 * (y * s->width + x));
    for (int c = 0; c < 3 && s->blur > 0; c++) {
        for (int y = 0; y < s->height; y++)
            drawn_blur(camera + 3 * y * s->width + c, s->width, 3, s->blur);
        for (int x = 0; x < s->width; x++)
            drawn_blur(camera + 3 * x + c, s->height, 3 * s->width, s->blur);
    }
    for (size_t i = 0; i < 3 * n; i++) p.rgb[i] = drawn_level(s, camera[i], i);
    free(camera);
    return p;
}
