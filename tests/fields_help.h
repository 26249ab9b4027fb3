/* Made-up tissue for tests of fields: a round scar, needles that close over days, collagen that comes. The shapes are
 * chosen to be seen, not computed. */
#pragma once
#include <cit/report.h>
#include <stdlib.h>

enum { MADE_FIELDS = 4, MADE_NEEDLES = 60 };

typedef struct made_tissue {
    cit_box box;
    double *values[MADE_FIELDS], *viable, *floor_mm;
    cit_puncture needles[MADE_NEEDLES];
    cit_frame_field fields[MADE_FIELDS];
} made_tissue;

static inline double made_floor(double x, double y, double lx, double ly) {
    /* a rolling scar beside an ice-pick one */
    const double a = hypot((x - 0.43 * lx) / (0.30 * lx), (y - 0.5 * ly) / (0.27 * ly));
    const double b = hypot((x - 0.80 * lx) / (0.09 * lx), (y - 0.62 * ly) / (0.09 * ly));
    const double wide = a < 1 ? 0.42 * pow(1 - a * a, 1.5) : 0;
    const double deep = b < 1 ? 0.62 * pow(1 - b * b, 1.5) : 0;
    return fmax(wide, deep);
}

static inline void made_needles(made_tissue *m, double lx, double ly) {
    uint32_t state = 12345;
    for (int i = 0; i < MADE_NEEDLES; i++) {
        double at[2];
        for (int k = 0; k < 2; k++) {
            state = state * 1664525u + 1013904223u;
            at[k] = (state >> 8) / 16777216.0;
        }
        m->needles[i] = (cit_puncture){at[0] * lx, at[1] * ly, 0, 1.1 + 0.3 * at[0]};
    }
}

static inline made_tissue made_new(int nx, int ny, int nz, double h_mm) {
    static const char *const names[] = {"debris", "fibroblasts", "new_collagen", "collagen"};
    static const char *const meanings[] = {"cell debris of the wound", "cells that build",
                                           "collagen of the repair, not yet mature",
                                           "collagen, new and mature"};
    made_tissue m = {.box = {nx, ny, nz, h_mm, h_mm, h_mm, 0, 0, 0}};
    const size_t n = (size_t)nx * (size_t)ny * (size_t)nz;
    m.viable = malloc(n * sizeof *m.viable);
    m.floor_mm = malloc((size_t)nx * (size_t)ny * sizeof *m.floor_mm);
    made_needles(&m, nx * h_mm, ny * h_mm);
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) {
            const double dip = made_floor((i + 0.5) * h_mm, (j + 0.5) * h_mm, nx * h_mm, ny * h_mm);
            m.floor_mm[j * nx + i] = dip;
            for (int k = 0; k < nz; k++)
                m.viable[((size_t)k * (size_t)ny + (size_t)j) * (size_t)nx + (size_t)i] =
                    nz > 1 ? fmin(fmax((k + 1) - dip / h_mm, 0), 1) : 1;
        }
    for (int f = 0; f < MADE_FIELDS; f++) {
        m.values[f] = malloc(n * sizeof *m.values[f]);
        m.fields[f] = (cit_frame_field){names[f], "1", meanings[f], m.values[f]};
    }
    return m;
}

static inline void made_free(made_tissue *m) {
    for (int f = 0; f < MADE_FIELDS; f++) free(m->values[f]);
    free(m->viable);
    free(m->floor_mm);
}

/* Fields at a day: channels fade with 3 days, cells come and go, collagen stays. */
static inline cit_frame made_at(made_tissue *m, double day) {
    const cit_box *b = &m->box;
    const double fade = exp(-day / 3), cells = day / 10 * exp(1 - day / 10);
    const double young = day / 40 * exp(1 - day / 40), grown = 1 - exp(-day / 60);
    size_t at = 0;
    for (int k = 0; k < b->nz; k++)
        for (int j = 0; j < b->ny; j++)
            for (int i = 0; i < b->nx; i++, at++) {
                const double x = (i + 0.5) * b->dx_mm, y = (j + 0.5) * b->dy_mm;
                const double z = (k + 0.5) * b->dz_mm, v = m->viable[at];
                double near = 0, around = 0;
                for (int p = 0; p < MADE_NEEDLES; p++) {
                    const cit_puncture *q = &m->needles[p];
                    const double d = hypot(x - q->x_mm, y - q->y_mm);
                    const double under = z > q->depth_mm ? z - q->depth_mm : 0;
                    const double far = d * d + under * under;
                    near = fmax(near, exp(-far / 0.008));
                    around += exp(-far / (0.05 + 0.004 * day));
                }
                around = fmin(around, 1.5);
                const double scarred =
                    0.35 * exp(-pow(hypot(x - 0.43 * b->nx * b->dx_mm, y - 0.5 * b->ny * b->dy_mm) /
                                        (0.3 * b->nx * b->dx_mm),
                                    4));
                m->values[0][at] = v > 0 ? near * fade : 0;
                m->values[1][at] = v > 0 ? 1 + 2 * around * cells : 0;
                m->values[2][at] = v > 0 ? 0.35 * around * young : 0;
                m->values[3][at] = v > 0 ? 1 - scarred * (1 - 0.6 * grown * fmin(around, 1)) +
                                               0.05 * around * grown
                                         : 0;
            }
    return (cit_frame){.box = m->box,
                       .day = day,
                       .fields = m->fields,
                       .count = MADE_FIELDS,
                       .viable = m->viable,
                       .made = {"cit test", "0123456789abcdef",
                                "spacing: 50 um\nnote: <a & \"b\">, \xc2\xb5m", 7}};
}
