/* Drawing people and their courses. What is drawn here is drawn for every solver, within its time. */
#include "cohort.h"
#include "bench.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double interval_day = 28, end_day = 365;
static const uint64_t seed = 1;
enum { VISITS_MIN = 4 };

struct patient {
    double days[VISITS_MAX], times[WEEKS];
    cit_wound wounds[VISITS_MAX];
};

/* ---- memory ------------------------------------------------------------------------------------ */

static void choose_drawn(void);

static size_t times_of(cohort_kind kind) { return kind == COHORT_WEEKLY ? WEEKS : VISITS_MAX + 1; }

cohort cohort_new(cohort_kind kind, int size) {
    const size_t n = (size_t)size;
    cohort c = {.kind = kind,
                .size = size,
                .patients = calloc(n, sizeof *c.patients),
                .courses = calloc(n, sizeof *c.courses),
                .values = calloc(n * times_of(kind) * STATES, sizeof *c.values)};
    if (c.patients == NULL || c.courses == NULL || c.values == NULL)
        bench_die("no memory for %d patients", size);
    choose_drawn();
    return c;
}

void cohort_free(cohort *c) {
    free(c->patients);
    free(c->courses);
    free(c->values);
    *c = (cohort){0};
}

/* ---- a person ---------------------------------------------------------------------------------- */

/* Uniform between the bounds; these stand for what a case and a protocol would say. */
static double draw_between(uint32_t draw, const char *what, double low, double high) {
    return low + (high - low) * cit_random(seed, draw, cit_random_stream(what), 0);
}

/* Does a course depend on this parameter, and does it vary? */
static bool is_drawn(const cit_parameter *row) {
    static const char *const single[] = {"set_point",        "c_band",        "pigment_rate",
                                         "needle_length_mm", "roller_passes", "pen_passes"};
    if (row->param.spread == CIT_FIXED) return false;
    if (strcmp(row->group, "healing") == 0 || strcmp(row->group, "needling") == 0) return true;
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        if (strcmp(row->param.name, single[i]) == 0) return true;
    return false;
}

/* The rows that are drawn and their random streams; made once. */
enum { DRAWN_MAX = 128 };
static struct {
    cit_parameters usual;
    const cit_parameter *rows[DRAWN_MAX];
    uint32_t streams[DRAWN_MAX];
    cit_law laws[DRAWN_MAX];
    int count;
} drawn;

static void choose_drawn(void) {
    int count;
    const cit_parameter *table = cit_parameter_table(&count);
    if (drawn.count > 0) return;
    cit_parameters_default(&drawn.usual);
    for (int i = 0; i < count; i++) {
        if (!is_drawn(&table[i])) continue;
        if (drawn.count == DRAWN_MAX) bench_die("more than %d parameters to draw", DRAWN_MAX);
        drawn.streams[drawn.count] = cit_random_stream(table[i].param.name);
        drawn.laws[drawn.count] = cit_param_law(&table[i].param);
        drawn.rows[drawn.count++] = &table[i];
    }
}

static void draw_parameters(uint32_t draw, cit_parameters *p) {
    *p = drawn.usual;
    for (int i = 0; i < drawn.count; i++) {
        const double u = cit_random(seed, draw, drawn.streams[i], 0);
        cit_parameter_set(p, drawn.rows[i], cit_law_quantile(&drawn.laws[i], u));
    }
}

/* A roller or a pen in use. 0.153 punctures per mm2 and pass: 192 needles on a drum of 20 x 20 mm. */
static cit_use draw_use(uint32_t draw, const cit_parameters *p) {
    const bool pen = draw_between(draw, "device", 0, 1) < 0.5;
    const double diameter_mm = 0.25;
    cit_use use = {.kind = pen ? CIT_PEN : CIT_ROLLER,
                   .length_mm = p->prior.needle_length_mm,
                   .passes = pen ? p->prior.pen_passes : p->prior.roller_passes,
                   .halo_mm = p->needling.halo_ratio * diameter_mm,
                   .hole_mm = p->needling.hole_mm};
    use.density = pen ? exp(draw_between(draw, "density", log(2), log(20))) : 0.153 * use.passes;
    return use;
}

static void make_diffusive(cit_kinetics *k) {
    k->D_I *= 10;
    k->D_R *= 10;
    k->D_G *= 10;
    k->D_F *= 10;
}

/* ---- a course ---------------------------------------------------------------------------------- */

static void lay_out_times(cohort_kind kind, struct patient *who, cit_course *c) {
    for (int i = 0; i < c->visits; i++) who->days[i] = interval_day * i;
    c->time_count = kind == COHORT_WEEKLY ? WEEKS : c->visits + 1;
    for (int i = 0; i < c->time_count - 1; i++)
        who->times[i] = kind == COHORT_WEEKLY ? 7.0 * i : who->days[i];
    who->times[c->time_count - 1] = end_day;
}

/* Nobody is left out: who lies above the loop limit is in the cohort, too. */
static void draw_course(cohort_kind kind, uint32_t draw, struct patient *who, cit_course *ret) {
    cit_parameters p;
    draw_parameters(draw, &p);
    if (kind == COHORT_DIFFUSIVE) make_diffusive(&p.healing);
    const double epidermis_mm = 0.08, dermis_mm = draw_between(draw, "dermis", 0.9, 1.6);
    ret->visits = VISITS_MIN + (int)draw_between(draw, "visits", 0, VISITS_MAX - VISITS_MIN + 1);
    ret->days = who->days;
    ret->wounds = who->wounds;
    ret->c_cut = p.needling.c_cut;
    ret->band_floor = 1 - p.scar.c_band;
    ret->times = who->times;
    if (cit_column_make(&p.healing, epidermis_mm, dermis_mm, CIT_COLUMN_LAYERS, p.scar.set_point,
                        p.outcome.pigment_rate, &ret->column, NULL) != CIT_OK)
        bench_die("draw %u makes no column", draw);
    const cit_use use = draw_use(draw, &p);
    cit_wound_make(&p.needling, &use, 0, ret->column.edges_mm, CIT_COLUMN_LAYERS,
                   epidermis_mm + dermis_mm, &who->wounds[0]);
    for (int i = 1; i < ret->visits; i++) who->wounds[i] = who->wounds[0];
    lay_out_times(kind, who, ret);
}

void cohort_draw(cohort *c, long first, int count) {
    for (int i = 0; i < count; i++) {
        draw_course(c->kind, (uint32_t)(first + i), &c->patients[i], &c->courses[i]);
        c->courses[i].values = c->values + (size_t)i * times_of(c->kind) * STATES;
    }
}

void cohort_outcomes(const cit_course *c, int time, double ret[OUTCOMES]) {
    enum { K = CIT_COLUMN_LAYERS };
    const double *y = c->values + (size_t)time * STATES,
                 *singles = y + (size_t)K * CIT_LAYER_FIELDS;
    double collagen = 0;
    for (int k = 0; k < K; k++) collagen += y[CIT_NEW_COLLAGEN * K + k] + y[CIT_COLLAGEN * K + k];
    ret[GAIN] = collagen / K - c->column.set_point[0];
    ret[ELASTIN] = singles[CIT_ELASTIN_STATE];
    ret[REDNESS] = singles[CIT_REDNESS];
    ret[PIGMENT] = singles[CIT_PIGMENT_LOAD];
}
