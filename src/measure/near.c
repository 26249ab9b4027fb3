/* The nearest outline of each sample: P. Danielsson's sequential distances (Computer Graphics and Image Processing 1980;
 * 14:227-248). */
#include "measure_impl.h"
#include <math.h>
#include <stdlib.h>

typedef struct foot {
    short x, y; /* samples from here to the nearest one of an outline */
} foot;

typedef struct field {
    const cit_scars *s;
    int *number;
    float *away; /* mm2 */
    foot *feet;
} field;

/* What a neighbour is nearest to may be what this one is nearest to. */
static void offer(const field *f, int i, int j, int u, int v) {
    const cit_scars *s = f->s;
    if (i + u < 0 || j + v < 0 || i + u >= s->nx || j + v >= s->ny) return;
    const size_t at = (size_t)j * (size_t)s->nx + (size_t)i,
                 from = (size_t)(j + v) * (size_t)s->nx + (size_t)(i + u);
    if (f->number[from] == 0) return;
    const foot way = {(short)(f->feet[from].x + u), (short)(f->feet[from].y + v)};
    const double x = way.x * s->dx_mm, y = way.y * s->dy_mm;
    const float far = (float)(x * x + y * y);
    if (far >= f->away[at]) return;
    f->away[at] = far;
    f->number[at] = f->number[from];
    f->feet[at] = way;
}

static void sweep(const field *f, int j, int v) {
    const int nx = f->s->nx;
    for (int i = 0; i < nx; i++)
        for (int u = -1; u <= 1; u++) offer(f, i, j, u, v);
    for (int i = 1; i < nx; i++) offer(f, i, j, -1, 0);
    for (int i = nx - 2; i >= 0; i--) offer(f, i, j, 1, 0);
}

cit_status near_outlines(const cit_scars *s, int *number, float *away, cit_errors *errs) {
    const size_t count = (size_t)s->nx * (size_t)s->ny;
    const field f = {s, number, away, calloc(count, sizeof(foot))};
    if (f.feet == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for outlines");
    for (size_t i = 0; i < count; i++) {
        number[i] = s->outline[i];
        away[i] = s->outline[i] > 0 ? 0 : HUGE_VALF;
    }
    for (int j = 0; j < s->ny; j++) sweep(&f, j, -1);
    for (int j = s->ny - 1; j >= 0; j--) sweep(&f, j, 1);
    for (size_t i = 0; i < count; i++) away[i] = sqrtf(away[i]);
    free(f.feet);
    return CIT_OK;
}
