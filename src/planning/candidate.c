/* Candidates: what may be done to this person by whom, as protocols that screening has seen. */
#include "planning_impl.h"
#include <math.h>
#include <stdarg.h>
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

/* ---- zones -------------------------------------------------------------------------------------- */

static double dermis_of(const cit_case *person, const cit_catalogue *catalogue, int zone) {
    const cit_site *site = cit_catalogue_site(catalogue, person->zones[zone].site);
    return person->sex == CIT_MALE     ? site->dermis_male_mm
           : person->sex == CIT_FEMALE ? site->dermis_female_mm
                                       : 0.5 * (site->dermis_female_mm + site->dermis_male_mm);
}

static bool has_scars(const cit_zone *z) {
    if (z->scars == NULL) return true; /* nobody counted */
    for (int i = 0; i < z->scar_group_count; i++)
        if (z->scars[i].count != 0) return true;
    return false;
}

/* May this zone be needled by them, as far as the person goes? */
static bool zone_allowed(const cit_screening *alone, const cit_case *person, int zone, int who) {
    return has_scars(&person->zones[zone]) &&
           cit_screening_verdict(alone, zone, who) != CIT_FORBIDDEN;
}

static bool any_zone(const cit_screening *alone, const cit_case *person, int who) {
    for (int i = 0; i < person->zone_count; i++)
        if (zone_allowed(alone, person, i, who)) return true;
    return false;
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

static cit_status write_protocol(const cit_candidate *c, const cit_space *space,
                                 const cit_screening *alone, const cit_case *person,
                                 const cit_catalogue *catalogue, int start, bool cream, char **ret,
                                 cit_errors *errs) {
    char name[240], *bytes = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&bytes, &size);
    if (out == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    cit_candidate_text(c, name);
    fprintf(out, "schema: cit/protocol/1\nname: \"%s\"\nwho: %s\n", name,
            cit_choice_name(cit_who_choices, c->who));
    if (cream)
        put_cream(out, person, catalogue);
    else
        fputs("cream: no\n", out);
    const char *product = product_of(c->adjunct);
    fprintf(out, "products: [%s]\n", product != NULL ? product : "nothing");
    fputs("needles: new sterile\nneedles_shared: no\n", out);
    if (c->visits > 0) put_settings(out, c, space, alone, person, catalogue);
    fputs("visits:\n", out);
    put_done_visits(out, person);
    if (c->visits > 0) {
        fputs("  - {status: planned, date: ", out);
        put_date(out, start);
        fputs("}\n", out);
    }
    if (c->visits == 2) fprintf(out, "  - {status: planned, after: %g days}\n", c->interval_day);
    if (c->visits > 2)
        fprintf(out, "  - {status: planned, after: %g days, count: %d, every: %g days}\n",
                c->interval_day, c->visits - 1, c->interval_day);
    if (fclose(out) != 0) {
        free(bytes);
        return cit_fail(errs, CIT_NOMEM, "", "no memory");
    }
    *ret = bytes;
    return CIT_OK;
}

/* ---- screening ------------------------------------------------------------------------------------- */

static bool found_before(const cit_screening *alone, const cit_finding *f, int who) {
    for (int i = 0; i < alone->count; i++)
        if (alone->findings[i].rule == f->rule && alone->findings[i].zone == f->zone &&
            cit_finding_verdict(&alone->findings[i], who) >= cit_finding_verdict(f, who))
            return true;
    return false;
}

/* What a protocol adds to what must be asked of the person anyway: NULL, if nothing. */
static const cit_rule *objection(const cit_screening *alone, const cit_screening *with,
                                 const cit_case *person, int who) {
    for (int i = 0; i < with->count; i++) {
        const cit_finding *f = &with->findings[i];
        if (f->zone >= 0 && !zone_allowed(alone, person, f->zone, who)) continue;
        if (cit_finding_verdict(f, who) < CIT_ASK_FIRST || cit_finding_overridden(f, who)) continue;
        if (!found_before(alone, f, who)) return f->rule;
    }
    return NULL;
}

static void turn_down(search *s, const cit_rule *rule, int who, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void turn_down(search *s, const cit_rule *rule, int who, const char *format, ...) {
    char why[120];
    va_list list;
    va_start(list, format);
    vsnprintf(why, sizeof why, format, list);
    va_end(list);
    cit_search *r = s->result;
    for (int i = 0; i < r->turned_down_count; i++) {
        cit_turned_down *t = &r->turned_down[i];
        if (t->rule != rule || t->who != who || strcmp(t->why, why) != 0) continue;
        t->count++;
        return;
    }
    if (r->turned_down_count == CIT_TURNED_DOWN_MAX) return;
    cit_turned_down *t = &r->turned_down[r->turned_down_count++];
    *t = (cit_turned_down){.rule = rule, .who = who, .count = 1};
    snprintf(t->why, sizeof t->why, "%s", why);
}

static cit_status parse_protocol(const char *text, const search *s, cit_protocol **ret,
                                 cit_errors *errs) {
    cit_status st = cit_protocol_parse("a candidate", text, strlen(text), ret, errs);
    if (st == CIT_OK) st = cit_check_together(s->person, *ret, s->catalogue, errs);
    return st;
}

/* Writes, parses and screens a candidate; *ret_rule: what speaks against it. */
static cit_status screen_once(search *s, const cit_candidate *c, bool cream,
                              const cit_rule **ret_rule, cit_errors *errs) {
    cit_status st = CIT_OK;
    char *text = NULL;
    cit_protocol *protocol = NULL;
    cit_screening *screening = NULL;
    CIT_TRY(write_protocol(c, s->space, s->alone, s->person, s->catalogue, s->with->start, cream,
                           &text, errs));
    if (text != NULL) CIT_TRY(parse_protocol(text, s, &protocol, errs));
    CIT_TRY(cit_screen(s->person, protocol, s->catalogue, s->with->start, &screening, errs));
    *ret_rule = objection(s->alone, screening, s->person, c->who);
done:
    cit_screening_free(screening);
    cit_protocol_free(protocol);
    free(text);
    return st;
}

/* In a clinic with cream; without where the cream is what speaks against it. */
static cit_status screen_candidate(search *s, const cit_candidate *c, bool *ret_cream,
                                   const cit_rule **ret_rule, cit_errors *errs) {
    cit_status st = CIT_OK;
    *ret_rule = NULL;
    *ret_cream = c->who != CIT_HOME;
    if (*ret_cream) st = screen_once(s, c, true, ret_rule, errs);
    if (st != CIT_OK || (*ret_cream && *ret_rule == NULL)) return st;
    const cit_rule *bare = NULL;
    st = screen_once(s, c, false, &bare, errs);
    if (bare == NULL || !*ret_cream) {
        *ret_cream = false;
        *ret_rule = bare;
    }
    return st;
}

cit_status cit_candidate_protocol(const cit_candidate *c, const cit_space *space,
                                  const cit_case *person, const cit_catalogue *catalogue, int start,
                                  char **ret, cit_errors *errs) {
    static const cit_plan_options none;
    cit_plan_options with = none;
    cit_search result = {0};
    with.start = start;
    search s = {
        .person = person, .catalogue = catalogue, .space = space, .with = &with, .result = &result};
    bool cream = false;
    const cit_rule *rule = NULL;
    cit_status st = cit_screen(person, NULL, catalogue, start, &s.alone, errs);
    if (st == CIT_OK && c->visits > 0) st = screen_candidate(&s, c, &cream, &rule, errs);
    if (st == CIT_OK)
        st = write_protocol(c, space, s.alone, person, catalogue, start, cream, ret, errs);
    cit_screening_free(s.alone);
    return st;
}

/* ---- families ------------------------------------------------------------------------------------- */

static void family_clear(family *f) {
    for (int i = 0; i <= f->most_visits; i++) {
        if (f->crowds != NULL) cit_crowd_free(f->crowds[i]);
        if (f->protocols != NULL) cit_protocol_free(f->protocols[i]);
        if (f->scores != NULL) free(f->scores[i]);
        if (f->burdens != NULL) free(f->burdens[i]);
    }
    free(f->crowds);
    free(f->protocols);
    free(f->scores);
    free(f->burdens);
    free(f->evaluated);
    free(f->alive);
}

void families_free(search *s) {
    for (int i = 0; i < s->family_count; i++) family_clear(&s->families[i]);
    free(s->families);
    s->families = NULL;
    s->family_count = 0;
}

static cit_status family_room(family *f, cit_errors *errs) {
    const size_t n = (size_t)f->most_visits + 1;
    f->crowds = calloc(n, sizeof(cit_crowd *));
    f->protocols = calloc(n, sizeof(cit_protocol *));
    f->scores = calloc(n, sizeof(float *));
    f->burdens = calloc(n, sizeof(float *));
    f->evaluated = calloc(n, sizeof *f->evaluated);
    f->alive = calloc(n, sizeof *f->alive);
    if (f->evaluated && f->crowds && f->protocols && f->scores && f->burdens && f->alive)
        return CIT_OK;
    return cit_fail(errs, CIT_NOMEM, "", "no memory for candidates");
}

/* Protocols and crowds of 1 to the most visits. A course the model refuses ends the family there. */
static cit_status family_make(search *s, family *f, bool cream, cit_errors *errs) {
    cit_status st = family_room(f, errs);
    for (int n = 1; n <= f->most_visits && st == CIT_OK; n++) {
        char *text = NULL;
        cit_candidate c = f->like;
        c.visits = n;
        st = write_protocol(&c, s->space, s->alone, s->person, s->catalogue, s->with->start, cream,
                            &text, errs);
        if (st == CIT_OK && text != NULL) st = parse_protocol(text, s, &f->protocols[n], errs);
        free(text);
        const cit_crowd_options options = {.person = s->person,
                                           .protocol = f->protocols[n],
                                           .catalogue = s->catalogue,
                                           .seed = s->with->seed,
                                           .posterior =
                                               s->with->prior ? NULL : s->catalogue->posterior,
                                           .days = s->days,
                                           .day_count = 2,
                                           .sizes = 1,
                                           .rtol = 7e-4};
        if (st == CIT_OK) st = cit_crowd_make(&options, &f->crowds[n], errs);
        const size_t draws = (size_t)s->draws;
        if (st != CIT_OK) break;
        f->scores[n] = malloc(draws * (size_t)s->blocks * D_SCORES * sizeof(float));
        f->burdens[n] = malloc(draws * D_BURDENS * sizeof(float));
        f->alive[n] = true;
        if (f->scores[n] == NULL || f->burdens[n] == NULL)
            st = cit_fail(errs, CIT_NOMEM, "", "no memory for %d draws", s->draws);
    }
    return st;
}

/* As many visits as the limits and the horizon leave room for. */
static int visits_possible(const search *s, double interval_day) {
    const cit_limits *l = &s->person->limits;
    const double room = s->result->horizon_day - s->space->judge_after_day;
    int most = 1 + (int)floor(room / interval_day + 1e-9);
    if (most > s->space->visits) most = s->space->visits;
    if (l->visits != CIT_UNKNOWN_INT && most > l->visits) most = l->visits;
    return most;
}

static bool same_zones(const search *s, int a, int b) {
    for (int i = 0; i < s->person->zone_count; i++)
        if (zone_allowed(s->alone, s->person, i, a) != zone_allowed(s->alone, s->person, i, b))
            return false;
    return true;
}

/* One family for all kinds of user, or, where they may not treat the same zones or not numb them alike, one each. */
static cit_status add_family(search *s, const cit_candidate *like, const int *who, int kinds,
                             cit_errors *errs) {
    int apart[CIT_USERS], apart_count = 0;
    family f = {.like = *like, .most_visits = visits_possible(s, like->interval_day)};
    bool cream = false;
    if (f.most_visits < 1) return CIT_OK;
    for (int i = 0; i < kinds; i++) {
        const cit_rule *rule = NULL;
        bool with_cream = false;
        cit_candidate c = *like;
        c.who = who[i];
        c.visits = f.most_visits < 2 ? f.most_visits : 2;
        if ((s->result->who_allowed & (1 << (c.who - 1))) == 0) continue;
        if ((c.device->users & (1U << (c.who - 1))) == 0) continue;
        s->result->candidates += f.most_visits;
        const cit_status st = screen_candidate(s, &c, &with_cream, &rule, errs);
        if (st != CIT_OK) return st;
        if (rule != NULL) {
            turn_down(s, rule, c.who, "%.110s", rule->title);
            continue;
        }
        if (f.users == 0) {
            f.like.who = c.who;
            cream = with_cream;
        } else if (with_cream != cream || !same_zones(s, f.like.who, c.who)) {
            s->result->candidates -= f.most_visits; /* counted again on its own */
            apart[apart_count++] = c.who;
            continue;
        }
        f.users |= 1U << (c.who - 1);
    }
    if (f.users == 0) return CIT_OK;
    s->result->who_planned |= (int)f.users;
    family *grown = realloc(s->families, (size_t)(s->family_count + 1) * sizeof *grown);
    if (grown == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for candidates");
    s->families = grown;
    grown[s->family_count] = f;
    cit_status st = family_make(s, &grown[s->family_count++], cream, errs);
    for (int i = 0; i < apart_count && st == CIT_OK; i++)
        st = add_family(s, like, &apart[i], 1, errs);
    return st;
}

static const double *passes_of(const cit_space *space, int kind, int *ret_count) {
    *ret_count = kind == CIT_ROLLER ? space->roller_pass_count
                 : kind == CIT_PEN  ? space->pen_pass_count
                                    : space->stamp_pass_count;
    return kind == CIT_ROLLER ? space->roller_passes
           : kind == CIT_PEN  ? space->pen_passes
                              : space->stamp_passes;
}

static cit_status add_device(search *s, const cit_device *d, bool home, cit_errors *errs) {
    static const int clinic[] = {CIT_PHYSICIAN, CIT_AESTHETICIAN}, at_home[] = {CIT_HOME};
    int pass_count;
    const double *passes = passes_of(s->space, d->kind, &pass_count);
    const int before = s->family_count;
    if (d->kind == CIT_RADIOFREQUENCY) return CIT_OK; /* an alternative, not a candidate */
    for (int i = 0; i < before; i++)
        if (s->families[i].like.device == d && (s->families[i].like.who == CIT_HOME) == home)
            return CIT_OK;
    for (int i = 0; i < s->space->length_count; i++) {
        if (!cit_device_has_length(d, s->space->lengths_mm[i])) continue;
        for (int j = 0; j < pass_count; j++)
            for (int k = 0; k < s->space->interval_count; k++) {
                const cit_candidate like = {.device = d,
                                            .length_mm = s->space->lengths_mm[i],
                                            .passes = (int)passes[j],
                                            .interval_day = s->space->intervals_day[k]};
                const cit_status st = home ? add_family(s, &like, at_home, 1, errs)
                                           : add_family(s, &like, clinic, 2, errs);
                if (st != CIT_OK) return st;
            }
    }
    return CIT_OK;
}

static cit_status add_devices(search *s, const char *const *ids, int count, int who,
                              cit_errors *errs) {
    cit_status st = CIT_OK;
    if ((s->result->who_allowed & (1 << (who - 1))) == 0) return CIT_OK;
    for (int i = 0; i < count && st == CIT_OK; i++) {
        const cit_device *d = cit_catalogue_device(s->catalogue, ids[i]);
        if (d != NULL && (d->users & (1U << (who - 1))) != 0)
            st = add_device(s, d, who == CIT_HOME, errs);
    }
    return st;
}

bool is_wanted(const search *s, int who) {
    const unsigned wanted = s->person->limits.settings;
    return wanted == 0 || (wanted & (1U << (who - 1))) != 0;
}

static int who_may(const search *s) {
    int bits = 0;
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++) {
        if (is_wanted(s, who) && any_zone(s->alone, s->person, who)) bits |= 1 << (who - 1);
    }
    return bits;
}

/* Those of which somebody measured what they add on top, who has not been refused. */
static cit_status find_adjuncts(search *s, cit_errors *errs) {
    const cit_limits *l = &s->person->limits;
    for (int i = 0; i < s->catalogue->adjunct_count && s->adjunct_count < ADJUNCTS_MAX; i++) {
        const cit_adjunct *a = &s->catalogue->adjuncts[i];
        bool refused = a->effect != CIT_EFFECT_ADDS || (a->roles & CIT_ROLE_WITH_NEEDLING) == 0;
        for (int j = 0; j < l->refused_count; j++)
            refused = refused || strcmp(l->refused[j], a->id) == 0;
        const cit_combination *c = cit_combination_of(s->catalogue, CIT_NEEDLING, a->id, 0);
        if (refused || c == NULL || c->verdict == CIT_COMBINE_REFUSE) continue;
        cit_added added;
        const cit_status st = cit_adjunct_adds(s->catalogue, a, &added, errs);
        if (st != CIT_OK) return st;
        if (added.studies == 0) continue;
        s->adjuncts[s->adjunct_count] = a;
        s->added[s->adjunct_count++] = added;
    }
    s->blocks = 1 + s->adjunct_count;
    return CIT_OK;
}

/* Is anybody allowed to give it with needling, as screening sees it? One candidate stands for all. */
cit_status adjunct_allowed(search *s, const family *f, int block, unsigned *ret_users,
                           cit_errors *errs) {
    *ret_users = 0;
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN; who++) {
        const unsigned bit = 1U << (who - 1);
        const cit_rule *rule = NULL;
        bool cream;
        if ((f->users & bit) == 0 || (s->adjuncts[block - 1]->users & bit) == 0) continue;
        cit_candidate c = f->like;
        c.who = who;
        c.visits = 1;
        c.adjunct = s->adjuncts[block - 1];
        const cit_status st = screen_candidate(s, &c, &cream, &rule, errs);
        if (st != CIT_OK) return st;
        if (rule == NULL)
            *ret_users |= bit;
        else
            turn_down(s, rule, who, "%.50s: %.60s", c.adjunct->name, rule->title);
    }
    return CIT_OK;
}

cit_status make_families(search *s, cit_errors *errs) {
    const cit_limits *l = &s->person->limits;
    const cit_device_list *d = &s->space->devices;
    cit_status st = find_adjuncts(s, errs);
    s->result->who_allowed = who_may(s);
    for (int who = CIT_HOME; who <= CIT_PHYSICIAN && st == CIT_OK; who++) {
        const char *const *ids = who == CIT_HOME           ? d->home
                                 : who == CIT_AESTHETICIAN ? d->aesthetician
                                                           : d->physician;
        const int count = who == CIT_HOME           ? d->home_count
                          : who == CIT_AESTHETICIAN ? d->aesthetician_count
                                                    : d->physician_count;
        st = l->device_count > 0 ? add_devices(s, l->devices, l->device_count, who, errs)
                                 : add_devices(s, ids, count, who, errs);
    }
    s->result->courses = 0;
    for (int i = 0; i < s->family_count; i++) s->result->courses += s->families[i].most_visits;
    return st;
}
