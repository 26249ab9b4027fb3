/* cit catalogue: what is known, with its sources. */
#include "cli.h"
#include <argp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    const char *what, *id, *catalogue;
} arguments;

enum { OPT_CATALOGUE = 256 };
#define KINDS                                                                                      \
    "check, devices, sites, evidence, parameters, rules, care, flags, claims, harms, "             \
    "anaesthetics, medicines, steps, adjuncts, combinations, aims, prices, solutes, closures, "    \
    "cameras"

static const struct argp_option options[] = {
    {"catalogue", OPT_CATALOGUE, "FOLDER", 0, "another catalogue", 0}, {0}};

static error_t parse(int key, char *arg, struct argp_state *state) {
    arguments *a = state->input;
    switch (key) {
    case OPT_CATALOGUE:
        a->catalogue = arg;
        break;
    case ARGP_KEY_ARG:
        if (a->what == NULL)
            a->what = arg;
        else if (a->id == NULL)
            a->id = arg;
        else
            argp_error(state, "'%s' is too much", arg);
        break;
    case ARGP_KEY_END:
        if (a->what == NULL) argp_error(state, "what? one of: " KINDS);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp parser = {
    options,
    parse,
    "check\ndevices [ID]\nsites [ID]\nevidence [ID]\nparameters [NAME]\n"
    "rules|care|flags|claims|harms|anaesthetics|medicines|steps [ID]\n"
    "adjuncts|combinations|aims|prices|solutes|closures|cameras [ID]",
    "Lists what the catalogue holds, or shows one entry with the source of every number.\v"
    "`check` reads every file and reports each number without a source, each unknown key, each "
    "contradiction.",
    NULL,
    NULL,
    NULL};

/* ---- sources ------------------------------------------------------------------------------- */

static void put_sources(FILE *out, const cit_source *sources, int count) {
    fputs("  sources:\n", out);
    for (int i = 0; i < count; i++) {
        fputs("    ", out);
        for (int j = 0; j < sources[i].field_count; j++)
            fprintf(out, "%s%s", j ? ", " : "", sources[i].fields[j]);
        fprintf(out, ": %s\n", sources[i].source);
        if (sources[i].note) fprintf(out, "      %s\n", sources[i].note);
    }
}

static int assumed_fields(const cit_source *sources, int count) {
    int n = 0;
    for (int i = 0; i < count; i++)
        if (strncmp(sources[i].source, "assumed", 7) == 0) n += sources[i].field_count;
    return n;
}

static void number_or_dash(double v, char text[24]) {
    if (cit_known(v))
        snprintf(text, 24, "%g", v);
    else
        snprintf(text, 24, "-");
}

/* ---- devices ------------------------------------------------------------------------------- */

static void users_text(unsigned users, char text[48]) {
    size_t used = 0;
    text[0] = 0;
    for (int i = 0; cit_user_choices[i] != NULL; i++)
        if (users & (1u << i) && used < 40)
            used += (size_t)snprintf(text + used, 48 - used, "%s%s", used ? ", " : "",
                                     cit_user_choices[i]);
}

static void put_device_row(FILE *out, const void *item) {
    const cit_device *d = item;
    char lengths[160], users[48], evaluated[24];
    cit_device_lengths_text(d, lengths);
    users_text(d->users, users);
    number_or_dash(d->depth_evaluated_mm, evaluated);
    fprintf(out, "%-18s %-15s %7d  %-38.38s %9s  %-24s %7d\n", d->id,
            cit_choice_name(cit_device_kind_choices, d->kind),
            d->needles == CIT_UNKNOWN_INT ? 0 : d->needles, lengths, evaluated, users,
            assumed_fields(d->sources, d->source_count));
}

static void put_number(FILE *out, const char *label, double v, const char *unit) {
    if (cit_known(v)) fprintf(out, "  %-24s %g %s\n", label, v, unit);
}

static void put_device(FILE *out, const void *item) {
    const cit_device *d = item;
    char lengths[160], users[48];
    cit_device_lengths_text(d, lengths);
    users_text(d->users, users);
    fprintf(out, "%s: %s\n  %-24s %s\n  %-24s %s\n  %-24s %s\n", d->id, d->name, "kind",
            cit_choice_name(cit_device_kind_choices, d->kind), "users", users, "needle lengths",
            lengths);
    if (d->needles != CIT_UNKNOWN_INT) fprintf(out, "  %-24s %d\n", "needles", d->needles);
    put_number(out, "needle diameter", d->needle_diameter_mm, "mm");
    fprintf(out, "  %-24s %s", "layout", cit_choice_name(cit_layout_choices, d->layout));
    if (d->rows > 0 && d->per_row > 0) fprintf(out, ", %d rows of %d", d->rows, d->per_row);
    fputc('\n', out);
    put_number(out, "drum diameter", d->drum_diameter_mm, "mm");
    put_number(out, "drum width", d->drum_width_mm, "mm");
    put_number(out, "tip width", d->tip_width_mm, "mm");
    put_number(out, "rate from", d->rate_from_Hz, "Hz");
    put_number(out, "rate to", d->rate_to_Hz, "Hz");
    if (cit_known(d->depth_evaluated_mm))
        put_number(out, "largest evaluated depth", d->depth_evaluated_mm, "mm");
    else
        fprintf(out, "  %-24s unknown\n", "largest evaluated depth");
    if (d->kind == CIT_RADIOFREQUENCY)
        fputs("  facts only: the model has no heat, so it cannot be simulated\n", out);
    if (d->note) fprintf(out, "  %s\n", d->note);
    put_sources(out, d->sources, d->source_count);
}

/* ---- sites --------------------------------------------------------------------------------- */

static void put_site(FILE *out, const void *item) {
    const cit_site *s = item;
    fprintf(out, "%s: %s (%s)\n", s->id, s->name, cit_choice_name(cit_region_choices, s->region));
    put_number(out, "area of one side", s->area_mm2 / 100, "cm2");
    put_number(out, "epidermis, women", s->epidermis_female_mm, "mm");
    put_number(out, "epidermis, men", s->epidermis_male_mm, "mm");
    put_number(out, "dermis, women", s->dermis_female_mm, "mm");
    put_number(out, "dermis, men", s->dermis_male_mm, "mm");
    put_number(out, "coefficient of variation", s->spread, "");
    if (s->inside_orbital_rim == CIT_YES) fputs("  inside the orbital rim: refused\n", out);
    if (s->note) fprintf(out, "  %s\n", s->note);
    put_sources(out, s->sources, s->source_count);
}

static void put_site_row(FILE *out, const void *item) {
    const cit_site *s = item;
    fprintf(out, "%-15s %-7s %9.3g %10.3g mm %10.3g mm %9.3g mm %9.3g mm %7d%s\n", s->id,
            cit_choice_name(cit_region_choices, s->region), s->area_mm2 / 100,
            s->epidermis_female_mm, s->epidermis_male_mm, s->dermis_female_mm, s->dermis_male_mm,
            assumed_fields(s->sources, s->source_count),
            s->inside_orbital_rim == CIT_YES ? "  never needled" : "");
}

/* ---- evidence ------------------------------------------------------------------------------ */

static void put_classes(FILE *out, const cit_study_outcome *o) {
    for (int i = 0; i < o->responder_count; i++) {
        const cit_responder *r = &o->responders[i];
        const char *bound = r->bound == CIT_AT_LEAST  ? "at least "
                            : r->bound == CIT_AT_MOST ? "at most "
                                                      : "";
        if (r->count != CIT_UNKNOWN_INT)
            fprintf(out, " %s: %s%d", r->what, bound, r->count);
        else
            fprintf(out, " %s: %s%g %%", r->what, bound, r->percent);
        fputs(i + 1 < o->responder_count ? "," : "", out);
    }
    if (o->responders_of != CIT_UNKNOWN_INT) fprintf(out, " of %d", o->responders_of);
}

static void put_size(FILE *out, const cit_study_outcome *o) {
    if (cit_known(o->baseline) && cit_known(o->value))
        fprintf(out, " %g to %g", o->baseline, o->value);
    else if (cit_known(o->value))
        fprintf(out, " %g", o->value);
    if (cit_known(o->value_sd) && !cit_known(o->baseline)) fprintf(out, " (sd %g)", o->value_sd);
    if (cit_known(o->change))
        fprintf(out, " change %g%s", o->change, o->change_unit == CIT_PERCENT ? " %" : "");
    if (cit_known(o->change_sd)) fprintf(out, " (sd %g)", o->change_sd);
    if (cit_known(o->change_low)) fprintf(out, " (CI %g to %g)", o->change_low, o->change_high);
    if (cit_known(o->percent_improvement)) fprintf(out, " %g %% better", o->percent_improvement);
    if (cit_known(o->percent_derived)) fprintf(out, " (%g %% derived)", o->percent_derived);
    if (cit_known(o->low) && cit_known(o->high))
        fprintf(out, " %g to %g", o->low, o->high);
    else if (cit_known(o->low))
        fprintf(out, " %g or more", o->low);
    else if (cit_known(o->high))
        fprintf(out, " %g or less", o->high);
    if (cit_known(o->effect_size)) fprintf(out, " effect size %g", o->effect_size);
}

static void put_outcome(FILE *out, const cit_study_outcome *o) {
    fprintf(out, "      %s", o->scale);
    if (o->versus) fprintf(out, ", against %s", o->versus);
    if (o->start_grade != CIT_UNKNOWN_INT && o->start_grade > 0)
        fprintf(out, ", of those at grade %d", o->start_grade);
    if (cit_known(o->week)) fprintf(out, ", week %g", o->week);
    if (cit_known(o->weeks_after_last))
        fprintf(out, ", %g weeks after the last", o->weeks_after_last);
    fputs(":", out);
    put_size(out, o);
    if (o->direction != 0)
        fprintf(out, " %s", cit_choice_name(cit_direction_choices, o->direction));
    if (cit_known(o->p)) fprintf(out, ", p %g", o->p);
    if (cit_known(o->p_below)) fprintf(out, ", p below %g", o->p_below);
    put_classes(out, o);
    fputc('\n', out);
    if (o->why_not) fprintf(out, "        not used: %s\n", o->why_not);
    if (o->note) fprintf(out, "        %s\n", o->note);
}

static void put_arm(FILE *out, const cit_study_arm *a) {
    fprintf(out, "  %s: %s", a->name, cit_choice_name(cit_study_device_choices, a->device));
    if (cit_known(a->needle_length_mm))
        fprintf(out, ", %g mm", a->needle_length_mm);
    else
        fputs(", length unknown", out);
    if (a->visits != CIT_UNKNOWN_INT)
        fprintf(out, ", %d visits", a->visits);
    else
        fputs(", visits unknown", out);
    if (cit_known(a->interval_day)) fprintf(out, " every %g weeks", a->interval_day / 7);
    fprintf(out, ", adjunct: %s\n", a->adjunct);
    if (a->why_not) fprintf(out, "      not used: %s\n", a->why_not);
    for (int i = 0; i < a->outcome_count; i++) put_outcome(out, &a->outcomes[i]);
}

static void put_fact(FILE *out, const cit_fact *f) {
    fprintf(out, "  %s", f->quantity);
    if (f->condition) fprintf(out, " (%s)", f->condition);
    fputs(":", out);
    if (cit_known(f->value)) fprintf(out, " %g", f->value);
    if (cit_known(f->sd)) fprintf(out, " sd %g", f->sd);
    if (cit_known(f->low) || cit_known(f->high)) fprintf(out, " from %g to %g", f->low, f->high);
    if (f->unit && (cit_known(f->value) || cit_known(f->low))) fprintf(out, " %s", f->unit);
    if (f->finding) fprintf(out, " %s", f->finding);
    fputc('\n', out);
}

static void put_study(FILE *out, const void *item) {
    const cit_study *s = item;
    fprintf(out, "%s\n  %s\n  %s; %s; rater %s; read: %s\n", s->id, s->citation, s->url, s->design,
            cit_choice_name(cit_rater_choices, s->rater), s->read);
    for (int i = 0; i < s->arm_count; i++) put_arm(out, &s->arms[i]);
    for (int i = 0; i < s->by_type_count; i++)
        fprintf(out, "  by type, %s: %s\n",
                cit_choice_name(cit_scar_type_choices, s->by_type[i].type), s->by_type[i].finding);
    for (int i = 0; i < s->adverse_count; i++) {
        const cit_adverse *a = &s->adverse[i];
        fprintf(out, "  adverse, %s:", a->event);
        if (a->count != CIT_UNKNOWN_INT) fprintf(out, " %d", a->count);
        if (cit_known(a->percent)) fprintf(out, " %g %%", a->percent);
        if (a->of != CIT_UNKNOWN_INT) fprintf(out, " of %d", a->of);
        if (a->of == CIT_UNKNOWN_INT && a->of_low != CIT_UNKNOWN_INT)
            fprintf(out, " of %d to %d", a->of_low, a->of_high);
        if (cit_known(a->days_low) && cit_known(a->days_high))
            fprintf(out, " %g to %g days", a->days_low, a->days_high);
        if (a->finding) fprintf(out, " %s", a->finding);
        fputc('\n', out);
    }
    if (s->adverse_events_of) fprintf(out, "  adverse events of: %s\n", s->adverse_events_of);
    for (int i = 0; i < s->fact_count; i++) put_fact(out, &s->facts[i]);
    fprintf(out, "  usable: %s\n", s->usable);
    if (s->why_not) fprintf(out, "  not used in a calibration: %s\n", s->why_not);
    if (s->note) fprintf(out, "  %s\n", s->note);
}

static void put_study_row(FILE *out, const void *item) {
    const cit_study *s = item;
    char people[24];
    number_or_dash(s->participants == CIT_UNKNOWN_INT ? CIT_UNKNOWN_NUMBER : s->participants,
                   people);
    fprintf(out, "%-27s %6s %4d %-9s %s\n", s->id, people, s->arm_count,
            cit_choice_name(cit_rater_choices, s->rater), s->usable);
}

/* ---- solutes, closures, cameras --------------------------------------------------------- */

static void put_range(FILE *out, const char *label, const double *range, double factor,
                      const char *unit) {
    if (range == NULL) return;
    fprintf(out, "  %-24s %.3g (%.3g to %.3g) %s\n", label, factor * range[CIT_MIDDLE],
            factor * range[CIT_LOW], factor * range[CIT_HIGH], unit);
}

static void put_solute(FILE *out, const void *item) {
    const cit_solute *s = item;
    static const double cm2_per_s = 1 / (100 * 86400.0);
    fprintf(out, "%s: %s\n", s->id, s->name);
    put_number(out, "molar mass", s->molar_mass_Da, "Da");
    put_number(out, "concentration as sold", s->concentration, "mg/mL");
    put_number(out, "solubility", s->solubility, "mg/mL");
    put_range(out, "diffusion in channels", s->water_diffusion, cm2_per_s, "cm2/s");
    if (s->dermis_diffusion == NULL)
        fprintf(out, "  %-24s from the molar mass\n", "diffusion in dermis");
    put_range(out, "diffusion in dermis", s->dermis_diffusion, cm2_per_s, "cm2/s");
    put_range(out, "horny permeability", s->horny_permeability, 1 / 240.0, "cm/h");
    put_range(out, "skin over serum", s->partition, 1, "");
    put_range(out, "clearance from dermis", s->clearance, 1 / 24.0, "/h");
    put_number(out, "binding", s->binding / 24, "/h");
    put_number(out, "unbinding", s->unbinding / 24, "/h");
    for (int i = 0; i < s->rule_count; i++) fprintf(out, "  %-24s %s\n", "rule", s->rules[i]);
    if (s->note) fprintf(out, "  %s\n", s->note);
    put_sources(out, s->sources, s->source_count);
}

static void put_closure(FILE *out, const void *item) {
    const cit_closure *k = item;
    fprintf(out, "%s: %s\n  %-24s %s\n  %-24s %s\n  %-24s %s%s\n", k->id, k->name, "measured by",
            k->measured_by, "species", k->species, "skin",
            k->occluded == CIT_YES ? "covered" : "uncovered",
            k->usual == CIT_YES ? "; the usual one" : "");
    put_range(out, "half-life", k->half_life_day, 24, "h");
    put_sources(out, k->sources, k->source_count);
}

static void put_camera(FILE *out, const void *item) {
    const cit_camera *k = item;
    fprintf(out, "%s: %s\n", k->id, k->name);
    put_number(out, "pitch", 1000 * k->pitch_mm, "um");
    put_number(out, "noise of a sample", k->noise_um, "um");
    put_number(out, "between two takes", k->repeat_um, "um");
    put_number(out, "error of the scale", k->gain_error, "");
    put_sources(out, k->sources, k->source_count);
}

static void put_solute_row(FILE *out, const void *item) {
    const cit_solute *s = item;
    fprintf(out, "%-24s %10g %14g %8d  %s\n", s->id, s->molar_mass_Da, s->concentration,
            assumed_fields(s->sources, s->source_count), s->name);
}

static void put_closure_row(FILE *out, const void *item) {
    const cit_closure *k = item;
    fprintf(out, "%-16s %-9s %-6s %12.3g  %-28s %s\n", k->id,
            k->occluded == CIT_YES ? "covered" : "uncovered", k->usual == CIT_YES ? "yes" : "",
            24 * k->half_life_day[CIT_MIDDLE], k->measured_by, k->species);
}

static void put_camera_row(FILE *out, const void *item) {
    const cit_camera *k = item;
    fprintf(out, "%-14s %10g %10g %10g %8d  %s\n", k->id, 1000 * k->pitch_mm, k->noise_um,
            k->repeat_um, assumed_fields(k->sources, k->source_count), k->name);
}

/* ---- shelves ------------------------------------------------------------------------------- */

/* One row a kind of entry that has numbers: where a catalogue keeps them, how one is shown whole and in a table. */
typedef struct shelf {
    const char *what, *noun, *head, *foot;
    size_t items, count, size, id;
    const char *(*near)(const cit_catalogue *catalogue, const char *typed);
    void (*put)(FILE *out, const void *item);
    void (*put_row)(FILE *out, const void *item);
} shelf;

#define SHELF(what, noun, items, head, foot)                                                       \
    {                                                                                              \
        what, #noun, head, foot, offsetof(cit_catalogue, items),                                   \
            offsetof(cit_catalogue, noun##_count), sizeof(cit_##noun), offsetof(cit_##noun, id),   \
            cit_catalogue_near_##noun, put_##noun, put_##noun##_row,                               \
    }
static const shelf shelves[] = {
    SHELF("devices", device, devices,
          "device             kind            needles  needle lengths                         "
          "evaluated  users                    assumed\n",
          "\nevaluated: largest depth evaluated for safety or effect, mm; assumed: numbers without "
          "a source\n"),
    SHELF("sites", site, sites,
          "site            region   area,cm2   epidermis w   epidermis m     dermis w     dermis m "
          "assumed\n",
          "\nw: women, m: men; assumed: numbers without a source\n"),
    SHELF("evidence", study, studies, "study                       people arms rater     usable\n",
          ""),
    SHELF("solutes", solute, solutes,
          "solute                           Da as sold, mg/mL  assumed  name\n", ""),
    SHELF("closures", closure, closures,
          "closure          skin      usual  half-life, h  measured by                  species\n",
          ""),
    SHELF("cameras", camera, cameras,
          "camera          pitch, um  noise, um repeat, um  assumed  name\n", ""),
};

static const void *item_of(const shelf *s, const cit_catalogue *c, int i) {
    const char *items;
    memcpy(&items, (const char *)c + s->items, sizeof items);
    return items + (size_t)i * s->size;
}

static const char *id_of(const shelf *s, const void *item) {
    const char *id;
    memcpy(&id, (const char *)item + s->id, sizeof id);
    return id;
}

static cit_status list_shelf(const shelf *s, const cit_catalogue *c, const char *id, FILE *out,
                             cit_errors *errs) {
    int count;
    memcpy(&count, (const char *)c + s->count, sizeof count);
    if (id == NULL) fputs(s->head, out);
    for (int i = 0; i < count; i++) {
        const void *item = item_of(s, c, i);
        if (id == NULL) {
            s->put_row(out, item);
        } else if (strcmp(id_of(s, item), id) == 0) {
            s->put(out, item);
            return CIT_OK;
        }
    }
    if (id == NULL) {
        fputs(s->foot, out);
        return CIT_OK;
    }
    const char *near = s->near(c, id);
    return cit_fail(errs, CIT_NOTFOUND, id, "there is no such %s%s%s%s", s->noun,
                    near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* ---- parameters ---------------------------------------------------------------------------- */

static void put_parameter(FILE *out, const cit_parameter *p) {
    const cit_param *q = &p->param;
    fprintf(out, "%s.%s: %s\n  value %g %s, from %g to %g; %s", p->group, q->name, q->meaning,
            q->value, q->unit, q->lo, q->hi, cit_choice_name(cit_spread_choices, q->spread));
    if (q->width > 0) fprintf(out, " %g", q->width);
    fprintf(out, "; %s\n  source: %s\n", cit_choice_name(cit_level_choices, q->level), q->source);
}

static void put_parameter_row(FILE *out, const cit_parameter *p) {
    const cit_param *q = &p->param;
    char drawn[40];
    if (q->width > 0)
        snprintf(drawn, sizeof drawn, "%s %g", cit_choice_name(cit_spread_choices, q->spread),
                 q->width);
    else
        snprintf(drawn, sizeof drawn, "%s", cit_choice_name(cit_spread_choices, q->spread));
    fprintf(out, "%-9s %-20s %10.4g %-9s %9.3g %9.3g  %-18s %-7s %-62.62s %s\n", p->group, q->name,
            q->value, q->unit, q->lo, q->hi, drawn, cit_choice_name(cit_level_choices, q->level),
            q->meaning, q->source);
}

static cit_status list_parameters(const char *name, FILE *out, cit_errors *errs) {
    enum { TABLES = 2 };
    int counts[TABLES], count = 0, assumed = 0;
    const cit_parameter *const tables[TABLES] = {cit_parameter_table(&counts[0]),
                                                 cit_serum_parameter_table(&counts[1])};
    for (int t = 0; t < TABLES && name != NULL; t++)
        for (int i = 0; i < counts[t]; i++) {
            if (strcmp(tables[t][i].param.name, name) != 0) continue;
            put_parameter(out, &tables[t][i]);
            return CIT_OK;
        }
    if (name != NULL) return cit_fail(errs, CIT_NOTFOUND, name, "there is no such parameter");
    fprintf(out, "%-9s %-20s %10s %-9s %9s %9s  %-18s %-7s %-62s %s\n", "group", "parameter",
            "value", "unit", "low", "high", "drawn", "level", "meaning", "source");
    for (int t = 0; t < TABLES; t++)
        for (int i = 0; i < counts[t]; i++) {
            put_parameter_row(out, &tables[t][i]);
            assumed += cit_param_is_assumed(&tables[t][i].param);
            count++;
        }
    fprintf(out, "\n%d parameters, %d of them assumed\n", count, assumed);
    return CIT_OK;
}

/* ---- check --------------------------------------------------------------------------------- */

static int assumed_rules(const cit_catalogue *c) {
    int n = 0;
    for (int i = 0; i < c->rule_count; i++) n += c->rules[i].grounds.grade == CIT_GRADE_ASSUMED;
    return n;
}

static cit_status check(const cit_catalogue *c, FILE *out) {
    int count = 0, apart = 0, assumed = 0, arms = 0, with_length = 0, with_passes = 0;
    const cit_parameter *table = cit_parameter_table(&count);
    const cit_parameter *serum = cit_serum_parameter_table(&apart);
    for (int i = 0; i < count; i++) assumed += cit_param_is_assumed(&table[i].param);
    for (int i = 0; i < apart; i++) assumed += cit_param_is_assumed(&serum[i].param);
    for (int i = 0; i < c->study_count; i++)
        for (int j = 0; j < c->studies[i].arm_count; j++) {
            const cit_study_arm *a = &c->studies[i].arms[j];
            arms++;
            with_length += cit_known(a->needle_length_mm);
            with_passes += a->passes != CIT_UNKNOWN_INT;
        }
    fprintf(
        out,
        "%d devices, %d sites, %d studies and fact records: every number has a source or says "
        "assumed\n%d study arms: %d state a needle length, %d state passes\n"
        "%d model parameters, %d of them assumed\n"
        "%d rules, %d of them assumed; %d claims, %d harms, %d instructions of care, %d red flags\n"
        "%d adjuncts, %d combinations, %d aims, prices of %d places\n"
        "%d solutes, %d ways of saying when a channel is closed, %d cameras\n"
        "catalogue %s\n",
        c->device_count, c->site_count, c->study_count, arms, with_length, with_passes,
        count + apart, assumed, c->rule_count, assumed_rules(c), c->claim_count, c->harm_count,
        c->care_count, c->flag_count, c->adjunct_count, c->combination_count, c->aim_count,
        c->prices_count, c->solute_count, c->closure_count, c->camera_count, c->digest);
    return CIT_OK;
}

/* ---- guidance ------------------------------------------------------------------------------ */

static cit_status list_guidance(const arguments *a, const cit_catalogue *c, FILE *out,
                                cit_errors *errs) {
    char *bytes = NULL;
    cit_page *page = cit_page_of_entries(c, a->what, a->id);
    if (page == NULL && a->id != NULL) {
        cit_page *kind = cit_page_of_entries(c, a->what, NULL);
        const bool known = kind != NULL;
        cit_page_free(kind);
        if (known)
            return cit_fail(errs, CIT_NOTFOUND, a->id,
                            "there is no such entry; see `cit catalogue "
                            "%.20s`",
                            a->what);
    }
    if (page == NULL)
        return cit_fail(errs, CIT_USAGE, "catalogue", "'%.40s' is none of: " KINDS, a->what);
    const cit_status st = cit_page_text(page, 110, colour_wanted(), &bytes, errs);
    cit_page_free(page);
    if (st == CIT_OK) fputs(bytes, out);
    free(bytes);
    return st;
}

static cit_status list(const arguments *a, const cit_catalogue *c, FILE *out, cit_errors *errs) {
    if (strcmp(a->what, "check") == 0) return check(c, out);
    for (size_t i = 0; i < sizeof shelves / sizeof *shelves; i++)
        if (strcmp(a->what, shelves[i].what) == 0)
            return list_shelf(&shelves[i], c, a->id, out, errs);
    if (strcmp(a->what, "parameters") == 0) return list_parameters(a->id, out, errs);
    return list_guidance(a, c, out, errs);
}

int run_catalogue(int argc, char **argv) {
    static cit_errors errs;
    arguments a = {0};
    char name[] = "cit catalogue", folder[4096], *bytes = NULL;
    size_t size = 0;
    cit_catalogue *catalogue = NULL;
    cit_status st = CIT_OK;

    argv[0] = name;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    FILE *out = open_memstream(&bytes, &size);
    if (out == NULL) {
        cit_fail(&errs, CIT_NOMEM, "", "no memory");
        return print_errors(&errs);
    }
    CIT_TRY(open_catalogue(a.catalogue, NULL, folder, &catalogue, &errs));
    CIT_TRY(list(&a, catalogue, out, &errs));
done:
    if (fclose(out) != 0 && st == CIT_OK) st = cit_fail(&errs, CIT_NOMEM, "", "no memory");
    if (st == CIT_OK) st = print_bytes(bytes, &errs);
    free(bytes);
    cit_catalogue_free(catalogue);
    return st == CIT_OK ? 0 : print_errors(&errs);
}
