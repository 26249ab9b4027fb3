/* A synthetic cheek, 40.96 mm square, whose roughness other programs have printed: a tilted sphere of 90 mm, 64 waves of 0.2
 * to 0.6 mm (20 um rms), noise (2 um) and 60 scars of known depth and volume. The same floats on every machine. */
#pragma once
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#define CHEEK_PI      3.14159265358979323846
#define CHEEK_SIDE_MM 40.96
enum { CHEEK_SCARS = 60, CHEEK_WAVES = 64 };

typedef struct cheek_scar {
    int type; /* ice-pick, boxcar, rolling */
    double x, y, r, d;
} cheek_scar;

/* SplitMix64 (Steele, Lea, Flood 2014). */
static inline double cheek_uniform(uint64_t *state) {
    uint64_t z = (*state += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return (double)((z ^ (z >> 31)) >> 11) * (1.0 / 9007199254740992.0);
}

static inline double cheek_depth(const cheek_scar *s, double distance) {
    const double t = distance / s->r, q = (1 - t) / 0.25;
    if (t >= 1) return 0;
    if (s->type == 0) return s->d * (1 - t) * (1 - t) * (1 + 2 * t);
    if (s->type == 1) return t < 0.75 ? s->d : s->d * q * q * (3 - 2 * q);
    return s->d * 0.5 * (1 + cos(CHEEK_PI * t));
}

static inline void cheek_scars(uint64_t *state, cheek_scar *scars) {
    for (int k = 0; k < CHEEK_SCARS; k++) {
        cheek_scar *s = &scars[k];
        *s = (cheek_scar){.type = k < 36   ? 0
                                  : k < 54 ? 1
                                           : 2,
                          .x = (k % 8 + 0.5) * 5.12,
                          .y = (k / 8 + 0.5) * 5.12};
        const double a = cheek_uniform(state), b = cheek_uniform(state), c = cheek_uniform(state),
                     d = cheek_uniform(state);
        static const double r0[] = {0.3, 0.75, 2.0}, r1[] = {0.6, 1.25, 0.4}, d0[] = {300, 100, 50},
                            d1[] = {300, 300, 100};
        s->r = r0[s->type] + r1[s->type] * a;
        s->d = d0[s->type] + d1[s->type] * b;
        const double room = 2.5 - s->r;
        if (room <= 0) continue;
        s->x += (c - 0.5) * room;
        s->y += (d - 0.5) * room;
    }
}

/* Waves of a row, by the recurrence of cosines: its rounding is part of the surface. */
static inline void cheek_waves(double (*wave)[3], int n, int row, float *ret) {
    const double p = CHEEK_SIDE_MM / n, y = (row + 0.5) * p,
                 amplitude = 20.0 * sqrt(2.0 / CHEEK_WAVES);
    for (int x = 0; x < n; x++) ret[x] = 0;
    for (int i = 0; i < CHEEK_WAVES; i++) {
        const double at = wave[i][0] * 0.5 * p + wave[i][1] * y + wave[i][2],
                     cd = cos(wave[i][0] * p), sd = sin(wave[i][0] * p);
        double c = cos(at), s = sin(at);
        for (int x = 0; x < n; x++) {
            ret[x] += (float)(amplitude * c);
            const double next = c * cd - s * sd;
            s = s * cd + c * sd;
            c = next;
        }
    }
}

static inline double cheek_form(double x, double y) {
    const double dx = x - CHEEK_SIDE_MM / 2, dy = y - CHEEK_SIDE_MM / 2;
    return 30 * x - 18 * y - 1000 * (dx * dx + dy * dy) / (2 * 90.0);
}

/* n x n heights in um. */
static inline void cheek_make(int n, float *z, cheek_scar scars[CHEEK_SCARS]) {
    const double p = CHEEK_SIDE_MM / n;
    uint64_t state = 20260101;
    double wave[CHEEK_WAVES][3];
    float *const row = malloc((size_t)n * sizeof *row);
    if (row == NULL) abort();
    cheek_scars(&state, scars);
    for (int i = 0; i < CHEEK_WAVES; i++) {
        const double l = 0.2 + 0.4 * cheek_uniform(&state),
                     t = 2 * CHEEK_PI * cheek_uniform(&state);
        wave[i][0] = 2 * CHEEK_PI / l * cos(t);
        wave[i][1] = 2 * CHEEK_PI / l * sin(t);
        wave[i][2] = 2 * CHEEK_PI * cheek_uniform(&state);
    }
    for (int j = 0; j < n; j++) {
        cheek_waves(wave, n, j, row);
        for (int i = 0; i < n; i++) {
            double h = cheek_form((i + 0.5) * p, (j + 0.5) * p) + (double)row[i];
            double g = cheek_uniform(&state);
            for (int k = 0; k < 3; k++) g += cheek_uniform(&state);
            h += 2.0 * (g - 2) * 1.7320508;
            z[(size_t)j * (size_t)n + (size_t)i] = (float)h;
        }
    }
    for (int k = 0; k < CHEEK_SCARS; k++) {
        const cheek_scar *s = &scars[k];
        for (int j = (int)fmax(0, (s->y - s->r) / p - 1); j < n && j <= (s->y + s->r) / p + 1; j++)
            for (int i = (int)fmax(0, (s->x - s->r) / p - 1); i < n && i <= (s->x + s->r) / p + 1;
                 i++) {
                const double dx = (i + 0.5) * p - s->x, dy = (j + 0.5) * p - s->y;
                z[(size_t)j * (size_t)n + (size_t)i] -=
                    (float)cheek_depth(s, sqrt(dx * dx + dy * dy));
            }
    }
    free(row);
}
