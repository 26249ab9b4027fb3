/* A photo made small, in linear light. */
#include "colour_impl.h"
#include <stdlib.h>

static void mean_of(const cit_photo *p, const float *curve, const colour_view *v, int x, int y,
                    float ret[3]) {
    double sum[3] = {0};
    for (int j = 0; j < v->step; j++)
        for (int i = 0; i < v->step; i++) {
            const uint16_t *at = colour_pixel(p, x * v->step + i, y * v->step + j);
            for (int c = 0; c < 3; c++) sum[c] += (double)curve[at[c]];
        }
    for (int c = 0; c < 3; c++) ret[c] = (float)(sum[c] / ((double)v->step * v->step));
}

cit_status colour_view_of(const cit_photo *photo, int longest, colour_view *ret, cit_errors *errs) {
    const int side = photo->width > photo->height ? photo->width : photo->height;
    colour_view v = {.step = side > longest ? (side + longest - 1) / longest : 1};
    float *curve = NULL;
    v.width = photo->width / v.step;
    v.height = photo->height / v.step;
    if (v.width < 1 || v.height < 1)
        return cit_fail(errs, CIT_INVALID, "", "a photo of %d x %d pixels is a line", photo->width,
                        photo->height);
    const cit_status st = colour_curve(photo, &curve, errs);
    if (st != CIT_OK) return st;
    v.rgb = malloc(3 * (size_t)v.width * (size_t)v.height * sizeof *v.rgb);
    for (int y = 0; y < v.height && v.rgb != NULL; y++)
        for (int x = 0; x < v.width; x++)
            mean_of(photo, curve, &v, x, y, v.rgb + 3 * ((size_t)y * (size_t)v.width + (size_t)x));
    free(curve);
    if (v.rgb == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a photo made small");
    *ret = v;
    return CIT_OK;
}
