/* A course: visits as events, and between them the integrator. */
#include <cit/healing.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Lasting myofibroblasts count as raised scar from this long after a visit; assumed. */
static const double raised_after_day = 60;

struct cit_engine {
    cit_ode *ode;
    cit_ode_options options;
    int layers;
};

cit_status cit_engine_new(const cit_ode_method *method, int layers, double rtol, cit_engine **ret,
                          cit_errors *errs) {
    cit_status st = CIT_OK;
    cit_column shape = {.layers = layers};
    cit_engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for the engine");
    const cit_ode_system system = cit_column_system(&shape);
    CIT_TRY(cit_ode_new(method, system.n, system.work_size, &engine->ode, errs));
    engine->options = (cit_ode_options){.rtol = rtol, .first_step = 0.05};
    engine->layers = layers;
    *ret = engine;
    engine = NULL;
done:
    cit_engine_free(engine);
    return st;
}

void cit_engine_free(cit_engine *engine) {
    if (engine == NULL) return;
    cit_ode_free(engine->ode);
    free(engine);
}

/* The next day at which something happens after `day`: a visit, raised scar beginning to count, the
 * end. */
static double next_event(const cit_course *c, int next_visit, double last_visit, double day,
                         double end) {
    double next = end;
    if (next_visit < c->visits) next = fmin(next, c->days[next_visit]);
    const double raised = last_visit + raised_after_day;
    return raised > day && raised < next ? raised : next;
}

static cit_status run_course(cit_engine *engine, const cit_course *c, cit_ode_stats *stats,
                             cit_errors *errs) {
    cit_column column = c->column;
    double y[CIT_COLUMN_SIZE_MAX];
    const int n = cit_column_size(&column);
    const double end = c->time_count > 0 ? c->times[c->time_count - 1] : 0;
    const cit_ode_system system = cit_column_system(&column);
    double day = 0, last_visit = -HUGE_VAL;
    int visit = 0, wanted = 0;

    cit_column_start(&column, y);
    while (wanted < c->time_count && c->times[wanted] <= 0)
        memcpy(c->values + (size_t)n * (size_t)wanted++, y, (size_t)n * sizeof *y);
    while (day < end) {
        for (; visit < c->visits && c->days[visit] <= day; visit++) {
            cit_column_visit(&column, &c->wounds[visit], c->c_cut, c->band_floor, y);
            last_visit = day;
        }
        if (day >= last_visit + raised_after_day) column.counts_raised = true;
        const double until = next_event(c, visit, last_visit, day, end);
        int count = 0;
        while (wanted + count < c->time_count && c->times[wanted + count] <= until) count++;
        const cit_status st = cit_ode_advance(engine->ode, &system, &engine->options, day, until, y,
                                              c->times + wanted, count,
                                              c->values + (size_t)n * (size_t)wanted, stats, errs);
        if (st != CIT_OK) return st;
        wanted += count;
        day = until;
    }
    return CIT_OK;
}

cit_status cit_engine_run(cit_engine *engine, cit_course *courses, int count, cit_ode_stats *stats,
                          cit_errors *errs) {
    for (int i = 0; i < count; i++) {
        if (courses[i].column.layers != engine->layers)
            return cit_fail(errs, CIT_INVALID, "", "a course of %d layers in an engine for %d",
                            courses[i].column.layers, engine->layers);
        const cit_status st = run_course(engine, &courses[i], stats, errs);
        if (st != CIT_OK) return st;
    }
    return CIT_OK;
}
