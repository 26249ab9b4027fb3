/* Private to the scar room: maps of fields by kernels, one a layer (waves.c). */
#pragma once
#include <cit/scar.h>

/* out(x, y) = sum over layers k, x', y' of kernel_k(x - x', y - y') in_k(x', y'). Kernels are even in x and in
 * y, so that their transforms are real, and a quarter of each is kept. */
typedef struct scar_waves {
    int nx, ny, layers;
    int px, py; /* of the transform: nx x ny if periodic, else room for all offsets */
    size_t quarter_x, quarter; /* numbers a row, and a layer, of the kept quarter */
    cit_fft *fft;
    double *kernel;  /* transforms over px py: `layers` quarters */
    double *re, *im; /* px x py */
    double *sum_re, *sum_im;
} scar_waves;

cit_status scar_waves_new(int nx, int ny, int layers, cit_lateral lateral, int threads,
                          scar_waves *ret, cit_errors *errs);
void scar_waves_free(scar_waves *waves); /* all zero is fine */
/* Isolated: the kernel of a layer from its values at offsets from (0, 0) to (nx - 1, ny - 1), nx numbers a row.
 * */
void scar_waves_kernel(scar_waves *waves, int layer, const double *offsets);
/* Periodic: from its transform at wave (i, j), quarter_x numbers a row. */
void scar_waves_spectrum(scar_waves *waves, int layer, const double *transform);
/* The layers' numbers, each at the strides given. */
void scar_waves_run(scar_waves *waves, const double *in, size_t row, size_t plane, double *ret);

/* Wave number i of n a length `spacing` apart. */
static inline double scar_wave_number(int i, int n, double spacing) {
    return 2 * 3.14159265358979323846 * i / (n * spacing);
}

/* That a map is there, of this size, and all numbers; `name` says which. */
cit_status scar_check_map(const cit_map *map, const char *name, cit_errors *errs);
cit_status scar_check_same(const cit_map *map, const char *name, int nx, int ny, double dx,
                           double dy, cit_errors *errs);
cit_status scar_check_finite(const cit_map *map, const char *name, cit_errors *errs);
cit_status scar_check_lateral(cit_lateral lateral, int threads, cit_errors *errs);
