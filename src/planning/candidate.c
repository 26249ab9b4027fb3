/* Candidates in words and as protocols. */
#include "planning_impl.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- words ------------------------------------------------------------------------------------- */

static const char *by_whom(int who) {
    return who == CIT_HOME           ? "at home"
           : who == CIT_AESTHETICIAN ? "by an aesthetician"
                                     : "by a physician";
}

void cit_candidate_text(const cit_candidate *c, char text[240]) {
    if (c->visits == 0) {
        snprintf(text, 240, "nothing");
        return;
    }
    char every[40] = "";
    if (c->visits > 1) snprintf(every, sizeof every, " every %g days", c->interval_day);
    snprintf(text, 240, "%.60s, %g mm, %d pass%s, %d visit%s%s, %s%s%.60s", c->device->name,
             c->length_mm, c->passes, c->passes == 1 ? "" : "es", c->visits,
             c->visits == 1 ? "" : "s", every, by_whom(c->who), c->adjunct != NULL ? ", with " : "",
             c->adjunct != NULL ? c->adjunct->name : "");
}

/* What a protocol calls an adjunct; NULL: nothing that is put on or in the skin. */
static const char *product_of(const cit_adjunct *a) {
    static const struct {
        const char *id, *product;
    } products[] = {
        {"prp-topical", "PRP topical"}, {"prp-injected", "PRP injected"},
        {"vitamin-c", "vitamin C"},     {"hyaluronic-acid", "hyaluronic acid"},
        {"peptides", "peptides"},       {"growth-factors", "growth factors"},
        {"retinoid", "retinoid"},       {"tranexamic-acid", "tranexamic acid"},
        {"insulin", "insulin"},         {"glycolic-peel", "acid"},
        {"tca-peel", "acid"},           {"tca-cross", "acid"},
    };
    for (size_t i = 0; a != NULL && i < sizeof products / sizeof *products; i++)
        if (strcmp(products[i].id, a->id) == 0) return products[i].product;
    return a == NULL ? NULL : "other";
}

/* ---- days --------------------------------------------------------------------------------------- */

int first_ahead(const cit_case *person, int start, double interval_day) {
    int last = start;
    for (int i = 0; i < person->visit_count; i++) {
        const int day = person->visits[i].date;
        if (i == 0 || day > last) last = day;
    }
    const int due = last + (int)ceil(interval_day);
    return person->visit_count > 0 && due > start ? due : start;
}

int days_since_first(const cit_case *person, int start) {
    int first = start;
    for (int i = 0; i < person->visit_count; i++)
        if (person->visits[i].date < first) first = person->visits[i].date;
    return start - first;
}

/* ---- zones -------------------------------------------------------------------------------------- */

static double dermis_of(const cit_case *person, const cit_catalogue *catalogue, int zone) {
    const cit_site *site = cit_catalogue_site(catalogue, person->zones[zone].site);
    return person->sex == CIT_MALE     ? site->dermis_male_mm
           : person->sex == CIT_FEMALE ? site->dermis_female_mm
                                       : 0.5 * (site->dermis_female_mm + site->dermis_male_mm);
}

bool has_scars(const cit_zone *z) {
    if (z->scars == NULL) return true; /* nobody counted */
    for (int i = 0; i < z->scar_group_count; i++)
        if (z->scars[i].count != 0) return true;
    return false;
}

/* May this zone be needled by them, as far as the person goes? */
bool zone_allowed(const cit_screening *alone, const cit_case *person, int zone, int who) {
    return has_scars(&person->zones[zone]) &&
           cit_screening_verdict(alone, zone, who) != CIT_FORBIDDEN;
}

/* The device's longest length that is not longer than `most`; its shortest where all are. */
static double length_up_to(const cit_device *d, double most) {
    double best = CIT_UNKNOWN_NUMBER;
    const double slack = 1e-9;
    for (int i = 0; i < d->length_count; i++)
        if (d->lengths_mm[i] <= most + slack && !(d->lengths_mm[i] < best)) best = d->lengths_mm[i];
    if (d->length_count > 0) return cit_known(best) ? best : d->lengths_mm[0];
    const double steps = floor((most - d->length_from_mm) / d->length_step_mm + slack);
    return d->length_from_mm + fmax(steps, 0) * d->length_step_mm;
}

/* ---- the protocol --------------------------------------------------------------------------------- */

static void put_date(FILE *out, int day) {
    char text[16];
    cit_date_format(day, text);
    fprintf(out, "%s", text);
}

static void put_zone(FILE *out, const cit_zone *z) {
    fprintf(out, "site: %s", z->site);
    if (z->side != 0) fprintf(out, ", side: %s", cit_choice_name(cit_side_choices, z->side));
}

static double rate_of(const cit_space *space, const cit_device *d) {
    double rate = space->rate_Hz;
    if (cit_known(d->rate_from_Hz)) rate = fmax(rate, d->rate_from_Hz);
    if (cit_known(d->rate_to_Hz)) rate = fmin(rate, d->rate_to_Hz);
    return rate;
}

static void put_settings(FILE *out, const cit_candidate *c, const cit_space *space,
                         const cit_screening *alone, const cit_case *person,
                         const cit_catalogue *catalogue) {
    double thickest = 0;
    for (int i = 0; i < person->zone_count; i++)
        if (zone_allowed(alone, person, i, c->who))
            thickest = fmax(thickest, dermis_of(person, catalogue, i));
    fputs("settings:\n", out);
    for (int i = 0; i < person->zone_count; i++) {
        if (!zone_allowed(alone, person, i, c->who)) continue;
        /* A tenth thinner is no reason for the next shorter needle. */
        const double share = fmin(1.1 * dermis_of(person, catalogue, i) / thickest, 1);
        fputs("  - {", out);
        put_zone(out, &person->zones[i]);
        fprintf(out, ", device: %s, length: %g mm, passes: %d", c->device->id,
                length_up_to(c->device, c->length_mm * share), c->passes);
        if (c->device->kind == CIT_PEN)
            fprintf(out, ", speed: %g mm/s, rate: %g Hz", space->glide_mm_per_s,
                    rate_of(space, c->device));
        fputs("}\n", out);
    }
}

static const char *number_text(char text[40], double value, const char *unit) {
    if (cit_known(value))
        snprintf(text, 40, "%g%s", value, unit);
    else
        snprintf(text, 40, "unknown");
    return text;
}

static void put_done_visits(FILE *out, const cit_case *person) {
    for (int i = 0; i < person->visit_count; i++) {
        const cit_done_visit *v = &person->visits[i];
        fputs("  - status: done\n    date: ", out);
        put_date(out, v->date);
        fprintf(out, "\n    cream: %s\n    settings:\n",
                cit_choice_name(cit_answer_choices, v->cream));
        for (int j = 0; j < v->zone_count; j++) {
            const cit_done_zone *z = &v->zones[j];
            char length[40];
            fprintf(out, "      - {site: %s", z->site);
            if (z->side != 0)
                fprintf(out, ", side: %s", cit_choice_name(cit_side_choices, z->side));
            fprintf(out, ", device: %s, length: %s", z->device != NULL ? z->device : "unknown",
                    number_text(length, z->length_mm, " mm"));
            if (z->passes != CIT_UNKNOWN_INT)
                fprintf(out, ", passes: %d}\n", z->passes);
            else
                fputs(", passes: unknown}\n", out);
        }
    }
}

/* A cream of lidocaine as strong as anybody may buy, within every label's limits: a gram for 10 cm2. */
static void put_cream(FILE *out, const cit_case *person, const cit_catalogue *catalogue) {
    double area = 0;
    for (int i = 0; i < person->zone_count; i++) {
        const cit_zone *z = &person->zones[i];
        const cit_site *site = cit_catalogue_site(catalogue, z->site);
        area +=
            cit_known(z->area_mm2) ? z->area_mm2 : site->area_mm2 * (z->side == CIT_BOTH ? 2 : 1);
    }
    fprintf(out,
            "cream: yes\nnumbing: {product: lidocaine-4, grams: %.0f, area: %.0f cm2, minutes: 30, "
            "occluded: no}\n",
            fmax(1, area / 1000), area / 100);
}

static void put_visits_ahead(FILE *out, const cit_candidate *c, const cit_case *person, int start,
                             const cit_dated_course *dated) {
    for (int i = 0; dated != NULL && i < dated->visit_count; i++) {
        fputs("  - {status: planned, date: ", out);
        put_date(out, dated->visits[i].day);
        fputs("}\n", out);
    }
    if (dated != NULL || c->visits == 0) return;
    fputs("  - {status: planned, date: ", out);
    put_date(out, first_ahead(person, start, c->interval_day));
    fputs("}\n", out);
    if (c->visits == 2) fprintf(out, "  - {status: planned, after: %g days}\n", c->interval_day);
    if (c->visits > 2)
        fprintf(out, "  - {status: planned, after: %g days, count: %d, every: %g days}\n",
                c->interval_day, c->visits - 1, c->interval_day);
}

cit_status write_protocol(const cit_candidate *c, const manner *how, char **ret, cit_errors *errs) {
    char name[240], *bytes = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&bytes, &size);
    if (out == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    cit_candidate_text(c, name);
    fprintf(out, "schema: cit/protocol/1\nname: \"%s\"\nwho: %s\n", name,
            cit_choice_name(cit_who_choices, c->who));
    if (how->cream)
        put_cream(out, how->person, how->catalogue);
    else
        fputs("cream: no\n", out);
    const char *product = product_of(c->adjunct);
    fprintf(out, "products: [%s]\n", product != NULL ? product : "nothing");
    fputs("needles: new sterile\nneedles_shared: no\n", out);
    if (c->visits > 0) put_settings(out, c, how->space, how->alone, how->person, how->catalogue);
    fputs("visits:\n", out);
    put_done_visits(out, how->person);
    put_visits_ahead(out, c, how->person, how->start, how->dated);
    if (fclose(out) != 0) {
        free(bytes);
        return cit_fail(errs, CIT_NOMEM, "", "no memory");
    }
    *ret = bytes;
    return CIT_OK;
}
