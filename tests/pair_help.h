/* Scars of a phantom as if they had been found: true outlines, to look at pairs alone. */
#pragma once
#include <cit/measure.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static inline cit_scars *true_scars(const cit_phantom *p) {
    const cit_heights *z = p->heights;
    cit_scars *s = calloc(1, sizeof *s);
    s->nx = z->nx;
    s->ny = z->ny;
    s->dx_mm = z->dx_mm;
    s->dy_mm = z->dy_mm;
    s->count = p->count;
    s->outline = calloc((size_t)z->nx * (size_t)z->ny, sizeof *s->outline);
    s->scar = calloc((size_t)p->count + 1, sizeof *s->scar);
    for (int k = 0; k < p->count; k++) {
        const cit_phantom_scar *t = &p->scar[k];
        s->scar[k] = (cit_measured_scar){.number = k + 1,
                                         .parts = 1,
                                         .x_mm = t->x_mm,
                                         .y_mm = t->y_mm,
                                         .rim_mm = 2 * t->radius_mm,
                                         .area_mm2 = t->area_mm2,
                                         .depth_um = t->depth_um,
                                         .volume_mm3 = t->volume_mm3};
        s->volume_mm3 += t->volume_mm3;
        for (int j = 0; j < z->ny; j++)
            for (int i = 0; i < z->nx; i++)
                if (hypot((i + 0.5) * z->dx_mm - t->x_mm, (j + 0.5) * z->dy_mm - t->y_mm) <
                    0.9 * t->radius_mm)
                    s->outline[(size_t)j * (size_t)z->nx + (size_t)i] = k + 1;
    }
    return s;
}
