/* One scar by itself: how far each sample lies below the skin around it. */
#include "measure_impl.h"
#include <math.h>
#include <stdlib.h>

static const double smooth_mm = 0.1,
                    around_mm = 0.5; /* deviation; skin that counts as around; assumed */

typedef struct window {
    int i0, j0, i1, j1; /* the last are beyond it */
} window;

static window window_of(const cit_scars *s, int number, double margin_mm) {
    window w = {s->nx, s->ny, -1, -1};
    for (int j = 0; j < s->ny; j++)
        for (int i = 0; i < s->nx; i++) {
            if (s->outline[(size_t)j * (size_t)s->nx + (size_t)i] != number) continue;
            w.i0 = i < w.i0 ? i : w.i0;
            w.j0 = j < w.j0 ? j : w.j0;
            w.i1 = i + 1 > w.i1 ? i + 1 : w.i1;
            w.j1 = j + 1 > w.j1 ? j + 1 : w.j1;
        }
    const int x = (int)ceil(margin_mm / s->dx_mm), y = (int)ceil(margin_mm / s->dy_mm);
    w.i0 = w.i0 > x ? w.i0 - x : 0;
    w.j0 = w.j0 > y ? w.j0 - y : 0;
    w.i1 = w.i1 + x < s->nx ? w.i1 + x : s->nx;
    w.j1 = w.j1 + y < s->ny ? w.j1 + y : s->ny;
    return w;
}

/* Of the skin in the window that no scar lies in. */
static bool rim_of(const cit_scars *s, const float *um, const window *w, plane *ret) {
    points p = {0};
    bool room = true;
    for (int j = w->j0; j < w->j1 && room; j++)
        for (int i = w->i0; i < w->i1 && room; i++) {
            const size_t at = (size_t)j * (size_t)s->nx + (size_t)i;
            if (s->outline[at] == 0 && !isnan(um[at])) room = points_add(&p, i, j, (double)um[at]);
        }
    const bool fits = room && plane_fit(&p, ret);
    points_clear(&p);
    return fits;
}

cit_status cit_scar_depths(const cit_scars *s, int number, int *ret_nx, int *ret_ny,
                           double **ret_mm, cit_errors *errs) {
    if (number < 1 || number > s->count || s->relief == NULL)
        return cit_fail(errs, CIT_INVALID, "scar", "there is no scar %d; there are %d", number,
                        s->count);
    const size_t count = (size_t)s->nx * (size_t)s->ny;
    const window w = window_of(s, number, around_mm);
    const int nx = w.i1 - w.i0, ny = w.j1 - w.j0;
    const cit_smooth_options how = {
        .sigma_x = smooth_mm / s->dx_mm, .sigma_y = smooth_mm / s->dy_mm, .least = 0.3};
    cit_status st = CIT_OK;
    plane rim;
    float *um = malloc(count * sizeof *um);
    double *depths = nx > 0 && ny > 0 ? calloc((size_t)nx * (size_t)ny, sizeof *depths) : NULL;
    if (um == NULL || depths == NULL)
        CIT_TRY(cit_fail(errs, CIT_NOMEM, "", "no memory for a scar"));
    CIT_TRY(cit_smooth(s->nx, s->ny, s->relief->um, um, &how, errs));
    if (!rim_of(s, um, &w, &rim))
        CIT_TRY(
            cit_fail(errs, CIT_INVALID, "scar", "there is no healthy skin around scar %d", number));
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) {
            const size_t at = (size_t)(w.j0 + j) * (size_t)s->nx + (size_t)(w.i0 + i);
            const double below = plane_at(&rim, w.i0 + i, w.j0 + j) - (double)um[at];
            if (s->outline[at] == number && below > 0)
                depths[(size_t)j * (size_t)nx + (size_t)i] = 1e-3 * below;
        }
    *ret_nx = nx;
    *ret_ny = ny;
    *ret_mm = depths;
    depths = NULL;
done:
    free(um);
    free(depths);
    return st;
}
