/* One course in voxels and in columns. */
#include "homogenise.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double top_mm = 0.07; /* epidermis, assumed */
static const double scar_radius_mm = 1.5, follow_up_day = 60, tgf_day = 6, cells_day = 14;
static const double column_rtol = 1e-6;

enum { VISITS_MAX = 8 };

study study_default(void) {
    cit_parameters p;
    cit_parameters_default(&p);
    return (study){.kinetics = p.healing,
                   .needling = p.needling,
                   .spacing_mm = 1,
                   .reach_mm = 1,
                   .halo_mm = 0.1,
                   .hole_mm = 0.035,
                   .visits = 1,
                   .gap_day = 28,
                   .dermis_mm = 1.8,
                   .set_point = 0.62,
                   .layers = 18,
                   .voxel_mm = 0.05};
}

double study_error(const study_gain *column, const study_gain *tissue) {
    return column->collagen / tissue->collagen - 1;
}

/* ---- where needles go --------------------------------------------------------------------------- */

static cit_use use_of(const study *s) {
    const cit_device *d = s->device;
    const double density = 1 / (s->spacing_mm * s->spacing_mm);
    const double eta[] = {[CIT_ROLLER] = s->needling.roller_eta, [CIT_PEN] = s->needling.pen_eta},
                 delta[] = {
                     [CIT_ROLLER] = s->needling.roller_delta, [CIT_PEN] = s->needling.pen_delta};
    cit_use use = {.kind = (cit_device_kind)d->kind,
                   .device = d,
                   .length_mm = s->reach_mm / eta[d->kind] + delta[d->kind],
                   .passes = 4,
                   .directions = 4,
                   .density = density,
                   .halo_mm = s->halo_mm,
                   .hole_mm = s->hole_mm};
    if (d->kind == CIT_ROLLER) {
        const double of_pass = cit_density_per_pass(d, 0, 0);
        use.passes = fmax(1, round(density / of_pass));
        use.density = use.passes * of_pass;
    }
    return use;
}

double study_density(const study *s) {
    return s->device != NULL ? use_of(s).density : 1 / (s->spacing_mm * s->spacing_mm);
}

typedef struct needles {
    cit_puncture *list;
    int count;
} needles;

/* The margin of the list is what the box's own other side lays there. */
static cit_status scatter(const study *s, int visit, needles *ret, cit_errors *errs) {
    const cit_use use = use_of(s);
    const cit_reach reach = cit_reach_of(&s->needling, use.kind, use.length_mm);
    const uint64_t seed = s->seed + (s->moves ? 1000 * (uint64_t)visit : 0);
    cit_patch patch;
    const cit_status st = cit_patch_make(&use, &reach, s->box_mm, seed, &patch, errs);
    if (st != CIT_OK) return st;
    int n = 0;
    for (int i = 0; i < patch.count; i++) {
        const cit_puncture p = patch.punctures[i];
        if (p.x_mm >= 0 && p.x_mm < s->box_mm && p.y_mm >= 0 && p.y_mm < s->box_mm)
            patch.punctures[n++] = p;
    }
    *ret = (needles){patch.punctures, n};
    return CIT_OK;
}

/* A needle in a corner of the quarter cell, or in the one across. */
static cit_status place(const study *s, int visit, needles *ret, cit_errors *errs) {
    const double at = s->moves && visit % 2 == 1 ? 0.5 * s->spacing_mm : 0;
    ret->list = malloc(sizeof *ret->list);
    if (ret->list == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a needle");
    ret->list[0] = (cit_puncture){at, at, 0, s->reach_mm};
    ret->count = 1;
    return CIT_OK;
}

static cit_status needles_of(const study *s, int visit, needles *ret, cit_errors *errs) {
    return (s->device != NULL ? scatter : place)(s, visit, ret, errs);
}

/* ---- what is looked at --------------------------------------------------------------------------- */

typedef struct looks {
    double tgf[CIT_LAYERS_MAX], myofibroblasts[CIT_LAYERS_MAX]; /* each at its day */
    double new_collagen[CIT_LAYERS_MAX], collagen[CIT_LAYERS_MAX], set_point[CIT_LAYERS_MAX];
} looks;

/* Days after the last visit on which a field's means by layer are kept, and where. */
typedef struct look {
    double day;
    int field;
    size_t at;
} look;
static const look looked_at[] = {
    {tgf_day, CIT_TGF, offsetof(looks, tgf)},
    {cells_day, CIT_MYOFIBROBLASTS, offsetof(looks, myofibroblasts)},
    {follow_up_day, CIT_NEW_COLLAGEN, offsetof(looks, new_collagen)},
    {follow_up_day, CIT_COLLAGEN, offsetof(looks, collagen)},
    {follow_up_day, CIT_SET_POINT, offsetof(looks, set_point)},
};
enum { LOOKED_AT = sizeof looked_at / sizeof *looked_at };

static double *look_values(looks *l, int i) {
    return (double *)(void *)((char *)l + looked_at[i].at);
}

static double mean_of(const double *x, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += x[i];
    return sum / n;
}

static study_gain gain_of(const study *s, const looks *l, int layers) {
    cit_parameters p;
    cit_parameters_default(&p);
    const double thick = s->dermis_mm / layers;
    study_gain g = {.collagen = mean_of(l->new_collagen, layers) + mean_of(l->collagen, layers) -
                                s->set_point,
                    .tgf = mean_of(l->tgf, layers),
                    .myofibroblasts = mean_of(l->myofibroblasts, layers),
                    .set_point = 1};
    for (int k = 0; k < layers; k++) {
        const double grown = l->collagen[k] - s->set_point + p.scar.zeta * l->new_collagen[k];
        const double from = top_mm + thick * k;
        g.lift +=
            p.scar.chi_up * p.scar.beta * grown * cit_lift_disc(scar_radius_mm, from, from + thick);
        g.set_point = fmin(g.set_point, l->set_point[k] / s->set_point);
    }
    return g;
}

/* ---- voxels -------------------------------------------------------------------------------------- */

typedef struct resolved {
    const study *s;
    cit_tissue *tissue;
    double *field; /* nx x ny x nz */
    int area, layers;
    cit_wound wounds[VISITS_MAX]; /* the means of what needles did, by layer */
} resolved;

static void means_by_layer(const resolved *r, const double *field, double *ret) {
    for (int k = 0; k < r->layers; k++)
        ret[k] = mean_of(field + (size_t)r->area * (size_t)k, r->area);
}

/* Lays a visit's needles, and keeps what a column is told of them. */
static cit_status prick(resolved *r, int visit, int *ret_count, cit_errors *errs) {
    cit_wound *wound = &r->wounds[visit];
    needles n = {0};
    cit_status st = needles_of(r->s, visit, &n, errs);
    if (st != CIT_OK) return st;
    const cit_punctures p = {n.list, n.count, r->s->halo_mm, r->s->hole_mm, 0};
    CIT_TRY(cit_tissue_needle_shares(r->tissue, &p, r->field, NULL, errs));
    means_by_layer(r, r->field, wound->debris);
    CIT_TRY(cit_tissue_needle_shares(r->tissue, &p, NULL, r->field, errs));
    means_by_layer(r, r->field, wound->hole);
    wound->layers = r->layers;
    for (int k = 0; k < r->layers; k++) wound->debris[k] /= r->s->needling.phi_ref;
    CIT_TRY(cit_tissue_visit(r->tissue, &p, errs));
    *ret_count = n.count;
done:
    free(n.list);
    return st;
}

static cit_status watch(resolved *r, double last_visit, looks *ret, cit_errors *errs) {
    for (int i = 0; i < LOOKED_AT; i++) {
        const cit_status st =
            cit_tissue_advance(r->tissue, last_visit + looked_at[i].day, NULL, errs);
        if (st != CIT_OK) return st;
        cit_tissue_read(r->tissue, looked_at[i].field, r->field);
        means_by_layer(r, r->field, look_values(ret, i));
    }
    return CIT_OK;
}

/* `even`: with the wounds already kept, spread out. */
static cit_status follow_tissue(resolved *r, bool even, looks *ret, int *ret_count,
                                cit_errors *errs) {
    const study *s = r->s;
    cit_status st = CIT_OK;
    int count = 0;
    for (int v = 0; v < s->visits && st == CIT_OK; v++) {
        st = cit_tissue_advance(r->tissue, s->gap_day * v, NULL, errs);
        if (st == CIT_OK)
            st = even ? cit_tissue_visit_even(r->tissue, &r->wounds[v], errs)
                      : prick(r, v, &count, errs);
        if (v == 0) *ret_count = count;
    }
    return st == CIT_OK ? watch(r, s->gap_day * (s->visits - 1), ret, errs) : st;
}

static cit_status open_tissue(resolved *r, double side_mm, int n, cit_errors *errs) {
    const study *s = r->s;
    const cit_edge edge = s->device != NULL ? CIT_EDGE_PERIODIC : CIT_EDGE_CLOSED;
    const cit_tissue_options options = {.kinetics = &s->kinetics,
                                        .needling = &s->needling,
                                        .nx = n,
                                        .ny = n,
                                        .nz = s->layers,
                                        .dx_mm = side_mm / n,
                                        .dy_mm = side_mm / n,
                                        .dz_mm = s->dermis_mm / s->layers,
                                        .top_mm = top_mm,
                                        .set_point = s->set_point,
                                        .spread = s->spread,
                                        .edge_x = edge,
                                        .edge_y = edge,
                                        .tolerance = s->tolerance,
                                        .precision = s->precision,
                                        .instructions = cit_instructions_best(),
                                        .threads = 1};
    r->area = n * n;
    r->layers = s->layers;
    r->field = malloc(sizeof *r->field * (size_t)n * (size_t)n * (size_t)s->layers);
    if (r->field == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a field");
    return cit_tissue_new(&options, &r->tissue, errs);
}

static void close_tissue(resolved *r) {
    cit_tissue_free(r->tissue);
    free(r->field);
    r->tissue = NULL;
    r->field = NULL;
}

/* ---- columns ------------------------------------------------------------------------------------- */

static cit_status follow_column(const study *s, const cit_wound *wounds, study_gain *ret,
                                cit_errors *errs) {
    const int K = wounds[0].layers;
    double days[VISITS_MAX], times[LOOKED_AT], values[LOOKED_AT * CIT_COLUMN_SIZE_MAX];
    cit_engine *engine = NULL;
    cit_column column;
    looks l = {0};
    cit_status st = CIT_OK;
    CIT_TRY(cit_column_make(&s->kinetics, top_mm, s->dermis_mm, K, s->set_point, 0, &column, errs));
    for (int v = 0; v < s->visits; v++) days[v] = s->gap_day * v;
    for (int i = 0; i < LOOKED_AT; i++) times[i] = days[s->visits - 1] + looked_at[i].day;
    cit_course course = {.column = column,
                         .visits = s->visits,
                         .days = days,
                         .wounds = wounds,
                         .c_cut = s->needling.c_cut,
                         .band_floor = 1,
                         .times = times,
                         .time_count = LOOKED_AT,
                         .values = values};
    CIT_TRY(cit_engine_new(&cit_ode_rodas, K, column_rtol, &engine, errs));
    CIT_TRY(cit_engine_run(engine, &course, 1, NULL, errs));
    for (int i = 0; i < LOOKED_AT; i++)
        memcpy(look_values(&l, i),
               values + (ptrdiff_t)i * cit_column_size(&column) + looked_at[i].field * K,
               sizeof(double) * (size_t)K);
    *ret = gain_of(s, &l, K);
done:
    cit_engine_free(engine);
    return st;
}

/* The same wound in three layers. */
static cit_wound thirds_of(const cit_wound *w) {
    const int each = w->layers / CIT_COLUMN_LAYERS;
    cit_wound r = {.layers = CIT_COLUMN_LAYERS};
    for (int k = 0; k < CIT_COLUMN_LAYERS; k++) {
        r.debris[k] = mean_of(w->debris + (ptrdiff_t)each * k, each);
        r.hole[k] = mean_of(w->hole + (ptrdiff_t)each * k, each);
    }
    return r;
}

static cit_status follow_columns(const study *s, const cit_wound *wounds, study_result *ret,
                                 cit_errors *errs) {
    cit_wound thirds[VISITS_MAX], told[VISITS_MAX];
    cit_status st = follow_column(s, wounds, &ret->column, errs);
    if (st != CIT_OK || s->layers % CIT_COLUMN_LAYERS != 0) return st;
    for (int v = 0; v < s->visits; v++) thirds[v] = thirds_of(&wounds[v]);
    st = follow_column(s, thirds, &ret->three, errs);
    if (st != CIT_OK || s->device == NULL) return st;
    const cit_use use = use_of(s);
    double edges[CIT_COLUMN_LAYERS + 1];
    for (int k = 0; k <= CIT_COLUMN_LAYERS; k++)
        edges[k] = top_mm + s->dermis_mm * k / CIT_COLUMN_LAYERS;
    for (int v = 0; v < s->visits; v++)
        cit_wound_make(&s->needling, &use, 0, edges, CIT_COLUMN_LAYERS, edges[CIT_COLUMN_LAYERS],
                       &told[v]);
    return follow_column(s, told, &ret->told, errs);
}

/* ---- both ---------------------------------------------------------------------------------------- */

cit_status study_run(const study *s, study_result *ret, cit_errors *errs) {
    const double side = s->device != NULL ? s->box_mm : 0.5 * s->spacing_mm;
    const double cell = s->device != NULL ? side * side : 4 * side * side;
    resolved r = {.s = s};
    looks l = {0};
    int count = 0;
    cit_status st = CIT_OK;
    memset(ret, 0, sizeof *ret);
    CIT_TRY(open_tissue(&r, side, (int)ceil(side / s->voxel_mm - 1e-9), errs));
    CIT_TRY(follow_tissue(&r, false, &l, &count, errs));
    ret->tissue = gain_of(s, &l, s->layers);
    ret->in_the_box = count / cell;
    ret->voxel_steps = cit_tissue_stats_of(r.tissue).voxel_steps;
    CIT_TRY(follow_columns(s, r.wounds, ret, errs));
    if (s->spread == NULL) goto done;
    close_tissue(&r);
    CIT_TRY(open_tissue(&r, side, 2, errs));
    CIT_TRY(follow_tissue(&r, true, &l, &count, errs));
    ret->even = gain_of(s, &l, s->layers);
done:
    close_tissue(&r);
    return st;
}
