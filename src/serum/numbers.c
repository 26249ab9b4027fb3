/* The numbers an answer stands on: drawn, and listed with their sources. */
#include "serum_impl.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Nine tenths of a normal distribution lie within this many deviations. */
static const double nine_tenths = 1.6448536269514722;

static double uniform(const serum_draw *d, const char *group, const char *name) {
    char stream[96];
    snprintf(stream, sizeof stream, "serum %s %s", group, name);
    return cit_random(d->seed, (uint32_t)d->draw, cit_random_stream(stream), 0);
}

double draw_range(const serum_draw *d, const char *name, const double *range) {
    const cit_param as = {.name = name,
                          .value = range[CIT_MIDDLE],
                          .lo = range[CIT_LOW],
                          .hi = range[CIT_HIGH],
                          .spread = CIT_LOGNORMAL,
                          .width = log(range[CIT_HIGH] / range[CIT_LOW]) / (2 * nine_tenths)};
    if (d->draw == CIT_UNKNOWN_INT) return as.value;
    return cit_param_quantile(&as, uniform(d, "range", name));
}

double draw_parameter(const serum_draw *d, const cit_parameter *row) {
    if (d->draw == CIT_UNKNOWN_INT) return row->param.value;
    return cit_param_quantile(&row->param, uniform(d, row->group, row->param.name));
}

const cit_parameter *serum_row(const char *group, const char *name) {
    int count = 0;
    const cit_parameter *table = strcmp(group, "serum") == 0 ? cit_serum_parameter_table(&count)
                                                             : cit_parameter_table(&count);
    for (int i = 0; i < count; i++)
        if (strcmp(table[i].group, group) == 0 && strcmp(table[i].param.name, name) == 0)
            return &table[i];
    assert(!"a parameter of data/parameters");
    return NULL;
}

/* ---- listing ------------------------------------------------------------------------------------- */

static void put(cit_serum_answer *a, cit_serum_number number) {
    assert(a->number_count < CIT_SERUM_NUMBERS_MAX);
    number.assumed = number.assumed || strncmp(number.source, "assumed", 7) == 0;
    a->numbers[a->number_count++] = number;
}

static const char *source_of(const cit_source *sources, int count, const char *field) {
    for (int i = 0; i < count; i++)
        for (int j = 0; j < sources[i].field_count; j++)
            if (strcmp(sources[i].fields[j], field) == 0) return sources[i].source;
    return "";
}

static void put_range(cit_serum_answer *a, const char *name, const char *unit,
                      const double *range) {
    const cit_solute *s = a->question.solute;
    if (range == NULL) return;
    put(a, (cit_serum_number){.of = "solute",
                              .name = name,
                              .unit = unit,
                              .low = range[CIT_LOW],
                              .value = range[CIT_MIDDLE],
                              .high = range[CIT_HIGH],
                              .source = source_of(s->sources, s->source_count, name)});
}

static void put_one(cit_serum_answer *a, const char *name, const char *unit, double value) {
    const cit_solute *s = a->question.solute;
    if (!cit_known(value)) return;
    put(a, (cit_serum_number){.of = "solute",
                              .name = name,
                              .unit = unit,
                              .low = value,
                              .value = value,
                              .high = value,
                              .source = source_of(s->sources, s->source_count, name)});
}

static void put_row(cit_serum_answer *a, const cit_parameter *row) {
    const cit_param *p = &row->param;
    put(a, (cit_serum_number){.of = row->group,
                              .name = p->name,
                              .unit = p->unit,
                              .low = p->spread == CIT_FIXED ? p->value : p->lo,
                              .value = p->value,
                              .high = p->spread == CIT_FIXED ? p->value : p->hi,
                              .source = p->source,
                              .assumed = cit_param_is_assumed(p)});
}

static void put_needling(cit_serum_answer *a) {
    static const char *const of_kind[][2] = {
        {"roller_eta", "roller_delta"}, {"pen_eta", "pen_delta"}, {"stamp_eta", "stamp_delta"}};
    const cit_device *d = a->question.device;
    const int kind = d->kind <= CIT_STAMP ? d->kind - 1 : CIT_PEN - 1;
    for (int i = 0; i < 2; i++) put_row(a, serum_row("needling", of_kind[kind][i]));
    put_row(a, serum_row("needling", "reach_scatter"));
    put_row(a, serum_row("needling", "hole_mm"));
    if (d->kind != CIT_PEN || cit_known(a->question.density_per_cm2)) return;
    if (!cit_known(a->question.speed_mm_per_s)) put_row(a, serum_row("prior", "glide_mm_per_s"));
    if (!cit_known(a->question.rate_Hz)) put_row(a, serum_row("prior", "rate_Hz"));
}

void list_numbers(cit_serum_answer *a) {
    const cit_solute *s = a->question.solute;
    const cit_closure *c = a->question.closure;
    put(a, (cit_serum_number){.of = "closure",
                              .name = "half_life",
                              .unit = "day",
                              .low = c->half_life_day[CIT_LOW],
                              .value = c->half_life_day[CIT_MIDDLE],
                              .high = c->half_life_day[CIT_HIGH],
                              .source = source_of(c->sources, c->source_count, "half_life")});
    put_one(a, "molar_mass", "Da", s->molar_mass_Da);
    if (!cit_known(a->question.concentration))
        put_one(a, "concentration", "mg/mL", s->concentration);
    put_one(a, "solubility", "mg/mL", s->solubility);
    put_range(a, "water_diffusion", "mm2/day", s->water_diffusion);
    put_range(a, "dermis_diffusion", "mm2/day", s->dermis_diffusion);
    put_range(a, "horny_permeability", "mm/day", s->horny_permeability);
    put_range(a, "partition", "1", s->partition);
    put_range(a, "clearance", "/day", s->clearance);
    put_one(a, "binding", "/day", s->binding);
    put_one(a, "unbinding", "/day", s->unbinding);
    int count = 0;
    const cit_parameter *table = cit_serum_parameter_table(&count);
    for (int i = 0; i < count; i++) {
        const char *name = table[i].param.name;
        if (s->dermis_diffusion != NULL && strncmp(name, "dermis_", 7) == 0) continue;
        if (a->question.skin_type == 0 && strncmp(name, "closing_", 8) == 0) continue;
        if (a->question.occluded && strcmp(name, "evaporation_mm_per_day") == 0) continue;
        put_row(a, &table[i]);
    }
    put_needling(a);
}
