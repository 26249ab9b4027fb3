/* Solutes of serums, ways in which channels close, cameras: field tables, and what these cannot check. */
#include "catalogue_impl.h"
#include <string.h>

static const cit_mark top = {0, 0};

#define RANGE(type, key, member, count, flags, unit, lo, hi, meaning)                              \
    {                                                                                              \
        key, CIT_NUMBERS, offsetof(type, member), offsetof(type, count), flags, unit, lo, hi,      \
            NULL, NULL, meaning ": low, middle, high"                                              \
    }

#define S(kind, key, member, ...) kind(cit_solute, key, member, __VA_ARGS__)
static const cit_field solute_fields[] = {
    ID(cit_solute),
    S(TEXT, "name", name, KNOWN, "what it is called"),
    S(TEXT, "adjunct", adjunct, 0, "the adjunct it is given as"),
    S(TEXTS, "rules", rules, rule_count, KNOWN, "rules about it on needled skin"),
    S(NUMBER, "molar_mass", molar_mass_Da, KNOWN, "Da", 10, 1e7, "molar mass"),
    S(NUMBER, "concentration", concentration, KNOWN, "mg/mL", 1e-6, 1000, "as sold"),
    S(NUMBER, "solubility", solubility, 0, "mg/mL", 1e-6, 2000, "most that is dissolved"),
    S(RANGE, "water_diffusion", water_diffusion, water_diffusion_count, KNOWN, "mm2/day", 1e-4,
      1000, "in what fills a channel"),
    S(RANGE, "dermis_diffusion", dermis_diffusion, dermis_diffusion_count, 0, "mm2/day", 1e-5, 1000,
      "free in dermis; left out: from the molar mass"),
    S(RANGE, "horny_permeability", horny_permeability, horny_permeability_count, KNOWN, "mm/day",
      1e-12, 100, "of the intact horny layer"),
    S(RANGE, "partition", partition, partition_count, KNOWN, "", 1e-6, 1000,
      "living skin over serum"),
    S(RANGE, "clearance", clearance, clearance_count, KNOWN, "/day", 1e-4, 1e4,
      "from dermis by blood and lymph"),
    S(NUMBER, "binding", binding, 0, "/day", 1e-3, 1e4, "in dermis"),
    S(NUMBER, "unbinding", unbinding, 0, "/day", 1e-3, 1e4, "in dermis"),
    S(LIST, "sources", sources, source_count, CIT_REQUIRED, &cit_source_table, "sources"),
    S(TEXT, "note", note, 0, "note"),
    {0}};
const cit_table cit_solute_table = {"solute", "cit/solute/1", sizeof(cit_solute), solute_fields,
                                    CIT_NO_MARK};

#define C(kind, key, member, ...) kind(cit_closure, key, member, __VA_ARGS__)
static const cit_field closure_fields[] = {
    ID(cit_closure),
    C(TEXT, "name", name, KNOWN, "what it is called"),
    C(CHOICE, "occluded", occluded, KNOWN, cit_answer_choices, "was the skin covered"),
    C(CHOICE, "usual", usual, KNOWN, cit_answer_choices, "the one to take where nobody chose"),
    C(TEXT, "measured_by", measured_by, KNOWN, "what tells that a channel is closed"),
    C(TEXT, "species", species, KNOWN, "whose skin"),
    C(RANGE, "half_life", half_life_day, half_life_count, KNOWN, "day", 1e-4, 100,
      "until half of the cross-section is closed"),
    C(LIST, "sources", sources, source_count, CIT_REQUIRED, &cit_source_table, "sources"),
    {0}};
const cit_table cit_closure_table = {"closure", "cit/closure/1", sizeof(cit_closure),
                                     closure_fields, CIT_NO_MARK};

static const cit_field camera_fields[] = {
    ID(cit_camera),
    TEXT(cit_camera, "name", name, KNOWN, "what it is called"),
    NUMBER(cit_camera, "pitch", pitch_mm, KNOWN, "mm", 1e-5, 10, "distance of samples"),
    NUMBER(cit_camera, "noise", noise_um, KNOWN, "um", 0, 1e4, "of one sample"),
    NUMBER(cit_camera, "repeat", repeat_um, KNOWN, "um", 0, 1e4,
           "deviation of heights between two takes, alike over about a millimetre"),
    NUMBER(cit_camera, "gain_error", gain_error, 0, "", 0, 0.5, "of its height scale, relative"),
    LIST(cit_camera, "sources", sources, source_count, CIT_REQUIRED, &cit_source_table, "sources"),
    {0}};
const cit_table cit_camera_table = {"camera", "cit/camera/1", sizeof(cit_camera), camera_fields,
                                    CIT_NO_MARK};

/* ---- checks --------------------------------------------------------------------------------------- */

/* Every list of numbers of these tables is low, middle, high. */
static void check_ranges(const cit_doc *doc, const cit_table *table, const void *object,
                         cit_errors *errs) {
    for (const cit_field *f = table->fields; f->key != NULL; f++) {
        if (f->kind != CIT_NUMBERS) continue;
        const double *v = NULL;
        memcpy(&v, (const char *)object + f->offset, sizeof v);
        const int count = *(const int *)(const void *)((const char *)object + f->count_offset);
        if (v == NULL) continue;
        if (count != CIT_RANGE_NUMBERS)
            cit_doc_fail(doc, top, errs, "'%s' needs three numbers: low, middle, high", f->key);
        else if (!(v[CIT_LOW] < v[CIT_MIDDLE] && v[CIT_MIDDLE] < v[CIT_HIGH]))
            cit_doc_fail(doc, top, errs, "'%s' must rise: low, middle, high", f->key);
    }
}

void check_solute(const cit_doc *doc, const cit_solute *s, cit_errors *errs) {
    check_ranges(doc, &cit_solute_table, s, errs);
    if (cit_known(s->binding) != cit_known(s->unbinding))
        cit_doc_fail(doc, top, errs, "'binding' and 'unbinding' go together");
    if (s->concentration > s->solubility)
        cit_doc_fail(doc, top, errs, "more is sold than dissolves: %g of %g mg/mL",
                     s->concentration, s->solubility);
    check_sources(doc, &cit_solute_table, s, s->sources, s->source_count, errs);
}

void check_closure(const cit_doc *doc, const cit_closure *c, cit_errors *errs) {
    check_ranges(doc, &cit_closure_table, c, errs);
    check_sources(doc, &cit_closure_table, c, c->sources, c->source_count, errs);
}

void check_camera(const cit_doc *doc, const cit_camera *c, cit_errors *errs) {
    check_sources(doc, &cit_camera_table, c, c->sources, c->source_count, errs);
}

const cit_closure *cit_usual_closure(const cit_catalogue *c, bool occluded) {
    for (int i = 0; i < c->closure_count; i++) {
        const cit_closure *one = &c->closures[i];
        if (one->usual == CIT_YES && (one->occluded == CIT_YES) == occluded) return one;
    }
    return NULL;
}

void check_solutes_named(const cit_catalogue *c, cit_errors *errs) {
    for (int i = 0; i < c->solute_count; i++) {
        const cit_solute *s = &c->solutes[i];
        for (int j = 0; j < s->rule_count; j++)
            need_entry(c, s->doc, top, "rule", s->rules[j], cit_catalogue_rule(c, s->rules[j]),
                       cit_catalogue_near_rule, errs);
        if (s->adjunct != NULL)
            need_entry(c, s->doc, top, "adjunct", s->adjunct, cit_catalogue_adjunct(c, s->adjunct),
                       cit_catalogue_near_adjunct, errs);
    }
    for (int occluded = 0; occluded < 2; occluded++) {
        int usual = 0;
        for (int i = 0; i < c->closure_count; i++)
            usual += c->closures[i].usual == CIT_YES &&
                     (c->closures[i].occluded == CIT_YES) == (occluded == 1);
        if (c->closure_count > 0 && usual != 1)
            cit_fail(errs, CIT_INVALID, "closures", "%d are usual for skin that is %s; one must be",
                     usual, occluded ? "occluded" : "not occluded");
    }
}
