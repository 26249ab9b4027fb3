/* What the tests of the column share: kinetics as drawn for a forecast, one column of a cheek's scar,
 * the wound of a pen, and a course through the engine. */
#pragma once
#include "t.h"
#include <cit/healing.h>

enum { SEED = 20261121, VISITS_MAX = 64 };

/* A number in (0, 1) that belongs to this name, draw and place. */
static inline double uniform(const char *name, int draw, int place) {
    return cit_random(SEED, (uint32_t)draw, cit_random_stream(name), (uint32_t)place);
}

static inline double between(double lo, double hi, const char *name, int draw, int place) {
    return lo + (hi - lo) * uniform(name, draw, place);
}

static inline cit_parameters defaults(void) {
    cit_parameters p;
    cit_parameters_default(&p);
    return p;
}

/* Draw 0: the values of the table. Any other: every rate of healing at a drawn probability. */
static inline cit_kinetics kinetics_of(int draw) {
    cit_parameters p = defaults();
    int count = 0;
    const cit_parameter *table = cit_parameter_table(&count);
    for (int i = 0; draw > 0 && i < count; i++)
        if (strcmp(table[i].group, "healing") == 0)
            cit_parameter_set(
                &p, &table[i],
                cit_param_quantile(&table[i].param, uniform(table[i].param.name, draw, 0)));
    return p.healing;
}

static const double top_mm = 0.07, dermis_mm = 1.1, scar_set_point = 0.62, pigment_rate = 0.05;

static inline cit_column column_of(const cit_kinetics *kinetics, int layers, double set_point) {
    static cit_errors errs;
    cit_column column;
    CHECK(cit_column_make(kinetics, top_mm, dermis_mm, layers, set_point, pigment_rate, &column,
                          &errs) == CIT_OK,
          "%s", errs.items[0].text);
    return column;
}

/* A pen at this mean reach (mm) and density (per cm2). */
static inline cit_wound wound_of(const cit_column *column, double reach_mm, double per_cm2) {
    const cit_needling_params p = defaults().needling;
    const cit_use use = {.kind = CIT_PEN,
                         .length_mm = reach_mm / p.pen_eta + p.pen_delta,
                         .passes = 1,
                         .density = per_cm2 / 100,
                         .halo_mm = 0.1,
                         .hole_mm = 0.035};
    cit_wound wound = {0};
    cit_wound_make(&p, &use, 0, column->edges_mm, column->layers, column->edges_mm[column->layers],
                   &wound);
    return wound;
}

/* A course with its visits in it; copied freely, so the pointers are set when it runs. */
typedef struct plan {
    cit_column column;
    int visits;
    double days[VISITS_MAX];
    cit_wound wounds[VISITS_MAX];
} plan;

static inline void plan_visits(plan *p, const cit_column *column, int visits, double gap_day,
                               const cit_wound *wound) {
    p->column = *column;
    p->visits = visits;
    for (int i = 0; i < visits; i++) {
        p->days[i] = i * gap_day;
        p->wounds[i] = *wound;
    }
}

static inline cit_course course_of(const plan *p, const double *times, int time_count,
                                   double *values) {
    return (cit_course){.column = p->column,
                        .visits = p->visits,
                        .days = p->days,
                        .wounds = p->wounds,
                        .c_cut = 0.3,
                        .band_floor = 0.4,
                        .times = times,
                        .time_count = time_count,
                        .values = values};
}

static inline void run_plan(const cit_ode_method *method, double rtol, const plan *p,
                            const double *times, int time_count, double *values) {
    static cit_errors errs;
    cit_engine *engine = NULL;
    cit_course course = course_of(p, times, time_count, values);
    CHECK(cit_engine_new(method, p->column.layers, rtol, &engine, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    CHECK(cit_engine_run(engine, &course, 1, NULL, &errs) == CIT_OK, "%s", errs.items[0].text);
    cit_engine_free(engine);
}

/* Mean over layers from .. to - 1 of new and mature collagen. */
static inline double collagen(const double *y, int layers, int from, int to) {
    double sum = 0;
    for (int k = from; k < to; k++)
        sum += y[CIT_NEW_COLLAGEN * layers + k] + y[CIT_COLLAGEN * layers + k];
    return sum / (to - from);
}

/* What a course gains in collagen by `day`. */
static inline double gain_at(const plan *p, double day) {
    double y[CIT_COLUMN_SIZE_MAX];
    const int K = p->column.layers;
    run_plan(&cit_ode_rodas, 1e-6, p, &day, 1, y);
    return collagen(y, K, 0, K) - p->column.set_point[0];
}
