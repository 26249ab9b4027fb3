/* The chain by libgwyddion. It is under the GPL: linked into this benchmark, never into the product. */
#include "bench.h"
#include "heights.h"
#include <libgwyddion/gwyddion.h>
#include <libgwyddion/gwythreads.h>
#include <libprocess/gwyprocess.h>
#include <stdlib.h>

enum { QUANTITIES = 5 };
static const double side_m = 40.96e-3, sigma_per_cutoff = 0.187390625129278;

typedef struct chain {
    float *um;
    int n, islands;
    GwyDataField *field, *smooth, *mask;
    int *numbers;
    double **quantities;
    heights_values values;
} chain;

static void *chain_open(float *um, int n) {
    static int begun;
    if (!begun) {
        gwy_process_type_init();
        gwy_threads_set_enabled(TRUE);
        begun = 1;
    }
    chain *c = calloc(1, sizeof *c);
    if (c == NULL) bench_die("no memory");
    c->um = um;
    c->n = n;
    return c;
}

static void import(chain *c) {
    c->field = gwy_data_field_new(c->n, c->n, side_m, side_m, FALSE);
    double *const d = gwy_data_field_get_data(c->field);
    for (size_t i = 0; i < (size_t)c->n * (size_t)c->n; i++) d[i] = (double)c->um[i] * 1e-6;
    free(c->um);
}

static void plane(chain *c) {
    double a, bx, by;
    gwy_data_field_fit_plane(c->field, &a, &bx, &by);
    gwy_data_field_plane_level(c->field, a, bx, by);
}

static void form(chain *c) {
    double *const terms = gwy_data_field_fit_poly_max(c->field, 2, NULL);
    gwy_data_field_subtract_poly_max(c->field, 2, terms);
    g_free(terms);
    gwy_data_field_data_changed(c->field);
}

static void roughness(chain *c) {
    double mean, low, high;
    heights_values *const v = &c->values;
    gwy_data_field_get_stats(c->field, &mean, &v->Sa, &v->Sq, &v->Ssk, &v->Sku);
    gwy_data_field_get_min_max(c->field, &low, &high);
    v->Sdr = 100 * (gwy_data_field_get_surface_area(c->field) / (side_m * side_m) - 1);
    v->Sdq = gwy_data_field_get_surface_slope(c->field);
    gwy_data_field_get_median(c->field);
    GwyDataLine *const curve = gwy_data_line_new(1, 1, FALSE);
    gwy_data_field_cdh(c->field, curve, 4096);
    g_object_unref(curve);
    v->Sa *= 1e6;
    v->Sq *= 1e6;
    v->Sku += 3;
    v->Sz = 1e6 * (high - low);
}

static double sigma(const chain *c, double cutoff_m) {
    return sigma_per_cutoff * cutoff_m * c->n / side_m;
}

static void l_filter(chain *c) {
    GwyDataField *const w = gwy_data_field_duplicate(c->field);
    gwy_data_field_filter_gaussian(w, sigma(c, 8e-3));
    gwy_data_field_subtract_fields(w, c->field, w);
    g_object_unref(w);
}

static void correlation(chain *c) {
    GwyDataField *const a = gwy_data_field_new(1, 1, 1, 1, FALSE);
    gwy_data_field_2dacf(c->field, a);
    g_object_unref(a);
}

static void mark(chain *c) {
    double low, high;
    c->mask = gwy_data_field_new_alike(c->smooth, TRUE);
    gwy_data_field_get_min_max(c->smooth, &low, &high);
    const double level = gwy_data_field_get_median(c->smooth) - 40e-6;
    gwy_data_field_grains_mark_height(c->smooth, c->mask, 100 * (level - low) / (high - low), TRUE);
}

static void values(chain *c) {
    GwyGrainQuantity q[QUANTITIES] = {GWY_GRAIN_VALUE_PROJECTED_AREA, GWY_GRAIN_VALUE_MINIMUM,
                                      GWY_GRAIN_VALUE_VOLUME_0, GWY_GRAIN_VALUE_VOLUME_LAPLACE,
                                      GWY_GRAIN_VALUE_EQUIV_DISC_RADIUS};
    c->quantities =
        gwy_data_field_grains_get_quantities(c->field, NULL, q, QUANTITIES, c->islands, c->numbers);
}

static void chain_run(void *state, heights_stage stage) {
    chain *const c = state;
    switch (stage) {
    case HEIGHTS_IMPORT:
        import(c);
        break;
    case HEIGHTS_PLANE:
        plane(c);
        break;
    case HEIGHTS_FORM:
        form(c);
        break;
    case HEIGHTS_ROUGHNESS:
        roughness(c);
        break;
    case HEIGHTS_S:
        c->smooth = gwy_data_field_duplicate(c->field);
        gwy_data_field_filter_gaussian(c->smooth, sigma(c, 0.8e-3));
        break;
    case HEIGHTS_L:
        l_filter(c);
        break;
    case HEIGHTS_CORRELATION:
        correlation(c);
        break;
    case HEIGHTS_MARK:
        mark(c);
        break;
    case HEIGHTS_NUMBER:
        c->numbers = g_new0(int, (size_t)c->n *(size_t)c->n);
        c->islands = gwy_data_field_number_grains(c->mask, c->numbers);
        break;
    case HEIGHTS_VALUES:
        values(c);
        break;
    case HEIGHTS_STAGE_COUNT:
        break;
    }
}

static heights_values chain_close(void *state) {
    chain *const c = state;
    c->values.islands = 0;
    for (int i = 1; i <= c->islands; i++)
        if (c->quantities[0][i] >= 0.1e-6) {
            c->values.islands++;
            c->values.volume_mm3 += 1e9 * c->quantities[2][i];
        }
    const heights_values v = c->values;
    for (int i = 0; i < QUANTITIES; i++) g_free(c->quantities[i]);
    g_free(c->quantities);
    g_free(c->numbers);
    g_object_unref(c->mask);
    g_object_unref(c->smooth);
    g_object_unref(c->field);
    free(c);
    return v;
}

const heights_solver heights_gwyddion = {"libgwyddion", chain_open, chain_run, chain_close};
