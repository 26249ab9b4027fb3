/* Convolution with a kernel a layer, summed over layers, in Fourier space.
 *
 * Isolated: zeros to twice the side, so that no offset meets another around the corner (Hockney and Eastwood,
 * Computer Simulation Using Particles, 1988, 6.5.4). Two layers go through one transform: with z = a + i b and
 * real, even kernels u and v, the real part of what (u - i v) z~ goes back to is u * a + v * b. */
#include "scar_impl.h"
#include <stdlib.h>
#include <string.h>

cit_status scar_waves_new(int nx, int ny, int layers, cit_lateral lateral, int threads,
                          scar_waves *ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    scar_waves w = {.nx = nx, .ny = ny, .layers = layers, .px = nx, .py = ny};
    if (lateral == CIT_LATERAL_ISOLATED) {
        w.px = cit_fft_length(2 * nx - 1);
        w.py = cit_fft_length(2 * ny - 1);
    }
    w.quarter_x = (size_t)w.px / 2 + 1;
    w.quarter = w.quarter_x * ((size_t)w.py / 2 + 1);
    const size_t plane = (size_t)w.px * (size_t)w.py;
    CIT_TRY(cit_fft_new(w.px, w.py, threads, &w.fft, errs));
    w.kernel = calloc(w.quarter * (size_t)layers, sizeof *w.kernel);
    w.re = calloc(plane, sizeof *w.re);
    w.im = calloc(plane, sizeof *w.im);
    w.sum_re = calloc(plane, sizeof *w.sum_re);
    w.sum_im = calloc(plane, sizeof *w.sum_im);
    if (w.kernel == NULL || w.re == NULL || w.im == NULL || w.sum_re == NULL || w.sum_im == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "",
                      "no memory for the lift of %d x %d x %d voxels, %.0f MiB", nx, ny, layers,
                      (double)(w.quarter * (size_t)layers + 4 * plane) * sizeof(double) * 0x1p-20);
        goto done;
    }
    *ret = w;
    w = (scar_waves){0};
done:
    scar_waves_free(&w);
    return st;
}

void scar_waves_free(scar_waves *w) {
    cit_fft_free(w->fft);
    free(w->kernel);
    free(w->re);
    free(w->im);
    free(w->sum_re);
    free(w->sum_im);
}

void scar_waves_spectrum(scar_waves *w, int layer, const double *transform) {
    const double scale = 1 / ((double)w->px * w->py);
    double *const k = w->kernel + w->quarter * (size_t)layer;
    for (size_t i = 0; i < w->quarter; i++) k[i] = scale * transform[i];
}

void scar_waves_kernel(scar_waves *w, int layer, const double *offsets) {
    const int px = w->px, py = w->py;
    const double scale = 1 / ((double)px * py);
    const size_t plane = (size_t)px * (size_t)py;
    memset(w->re, 0, plane * sizeof *w->re);
    memset(w->im, 0, plane * sizeof *w->im);
    for (int j = 0; j < w->ny; j++)
        for (int i = 0; i < w->nx; i++) {
            const double value = offsets[(size_t)j * (size_t)w->nx + (size_t)i];
            const size_t x[] = {(size_t)i, (size_t)((px - i) % px)};
            const size_t y[] = {(size_t)j * (size_t)px, (size_t)((py - j) % py) * (size_t)px};
            for (int c = 0; c < 4; c++) w->re[x[c % 2] + y[c / 2]] = value;
        }
    cit_fft_forward(w->fft, py, w->re, w->im);
    double *const k = w->kernel + w->quarter * (size_t)layer;
    for (size_t j = 0; j <= (size_t)py / 2; j++)
        for (size_t i = 0; i < w->quarter_x; i++)
            k[i + j * w->quarter_x] = scale * w->re[i + j * (size_t)px];
}

/* A layer's numbers in the first rows; whether any is not 0. */
static bool put(const scar_waves *w, const double *in, size_t row, double *out) {
    bool any = false;
    for (size_t j = 0; j < (size_t)w->ny; j++) {
        double *const to = out + j * (size_t)w->px;
        for (size_t i = 0; i < (size_t)w->nx; i++) {
            to[i] = in[i + j * row];
            any |= to[i] != 0;
        }
        memset(to + w->nx, 0, (size_t)(w->px - w->nx) * sizeof *to);
    }
    return any;
}

static void put_nothing(const scar_waves *w, double *out) {
    memset(out, 0, (size_t)w->px * (size_t)w->ny * sizeof *out);
}

/* sum += (u - i v) (re + i im); v NULL: 0. */
CIT_WIDE static void add_row(const double *u, const double *v, size_t n, const double *re,
                             const double *im, double *sum_re, double *sum_im) {
    for (size_t i = 0; i < n; i++) {
        sum_re[i] += u[i] * re[i] + v[i] * im[i];
        sum_im[i] += u[i] * im[i] - v[i] * re[i];
    }
}

static void add(scar_waves *w, int first, int second) {
    const size_t px = (size_t)w->px, py = (size_t)w->py, half = w->quarter_x;
    const double *const u = w->kernel + w->quarter * (size_t)first, *const v =
                                                                        w->kernel +
                                                                        w->quarter * (size_t)second;
    double mirrored[2][512]; /* the other half of a row's kernels, a piece at a time */
    for (size_t j = 0; j < py; j++) {
        const size_t from = (j <= py / 2 ? j : py - j) * half, to = j * px;
        add_row(u + from, v + from, half, w->re + to, w->im + to, w->sum_re + to, w->sum_im + to);
        for (size_t i = half; i < px; i += 512) {
            const size_t n = px - i < 512 ? px - i : 512;
            for (size_t c = 0; c < n; c++) {
                mirrored[0][c] = u[from + px - i - c];
                mirrored[1][c] = v[from + px - i - c];
            }
            add_row(mirrored[0], mirrored[1], n, w->re + to + i, w->im + to + i, w->sum_re + to + i,
                    w->sum_im + to + i);
        }
    }
}

void scar_waves_run(scar_waves *w, const double *in, size_t row, size_t plane, double *ret) {
    const size_t numbers = (size_t)w->px * (size_t)w->py;
    memset(w->sum_re, 0, numbers * sizeof *w->sum_re);
    memset(w->sum_im, 0, numbers * sizeof *w->sum_im);
    for (int k = 0; k < w->layers; k += 2) {
        const int second = k + 1 < w->layers ? k + 1 : k;
        bool any = put(w, in + (size_t)k * plane, row, w->re);
        if (second > k)
            any |= put(w, in + (size_t)second * plane, row, w->im);
        else
            put_nothing(w, w->im);
        if (!any) continue;
        /* The rows below are what the last transform left. */
        memset(w->re + (size_t)w->px * (size_t)w->ny, 0,
               (size_t)w->px * (size_t)(w->py - w->ny) * sizeof *w->re);
        memset(w->im + (size_t)w->px * (size_t)w->ny, 0,
               (size_t)w->px * (size_t)(w->py - w->ny) * sizeof *w->im);
        cit_fft_forward(w->fft, w->ny, w->re, w->im);
        add(w, k, second);
    }
    cit_fft_backward(w->fft, w->ny, w->sum_re, w->sum_im);
    for (size_t j = 0; j < (size_t)w->ny; j++)
        memcpy(ret + j * (size_t)w->nx, w->sum_re + j * (size_t)w->px, (size_t)w->nx * sizeof *ret);
}
