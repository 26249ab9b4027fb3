/* A crowd: what all of its people share before anything is drawn. */
#include "people_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Weeks followed after the last visit, and in all; assumed. */
enum { WEEKS_AFTER = 26, WEEKS_MAX = 260 };

static cit_status make_groups(cit_crowd *p, cit_errors *errs) {
    int count = 0;
    for (int i = 0; i < p->with.person->zone_count; i++) {
        const cit_zone *z = &p->with.person->zones[i];
        count += z->scars != NULL ? z->scar_group_count : CIT_SCAR_TYPES;
    }
    p->groups = calloc((size_t)count + 1, sizeof *p->groups);
    if (p->groups == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    for (int i = 0; i < p->with.person->zone_count; i++) {
        const cit_zone *z = &p->with.person->zones[i];
        const int n = z->scars != NULL ? z->scar_group_count : CIT_SCAR_TYPES;
        for (int j = 0; j < n; j++) {
            const cit_scar_group *seen = z->scars != NULL ? &z->scars[j] : NULL;
            if (seen != NULL && seen->count == 0) continue;
            p->groups[p->group_count++] =
                (cit_crowd_group){i, seen != NULL ? seen->type : j + 1, seen};
        }
    }
    if (p->group_count == 0)
        return cit_doc_fail(p->with.person->doc, p->with.person->zones[0].mark, errs,
                            "there are no scars in any zone, so there is nothing to forecast");
    return CIT_OK;
}

static cit_status take_days(cit_crowd *p, cit_errors *errs) {
    const int count = p->with.day_count;
    if (count < 1 || p->with.days[0] != 0)
        return cit_fail(errs, CIT_INVALID, "", "the days looked at must begin with day 0");
    for (int i = 1; i < count; i++)
        if (!(p->with.days[i] >= p->with.days[i - 1]) || isinf(p->with.days[i]))
            return cit_fail(errs, CIT_INVALID, "",
                            "the days looked at must ascend: day %g stands behind day %g",
                            p->with.days[i], p->with.days[i - 1]);
    p->days = malloc((size_t)count * sizeof *p->days);
    if (p->days == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    memcpy(p->days, p->with.days, (size_t)count * sizeof *p->days);
    p->with.days = NULL; /* the caller's may go */
    p->day_count = count;
    p->summary = count - 1;
    return CIT_OK;
}

/* The last week that anything is drawn to happen in, and 26 more. */
static cit_status lay_out_days(cit_crowd *p, cit_errors *errs) {
    cit_appointment all[CIT_APPOINTMENTS_MAX];
    double longest_interval = 0, last = 0;
    for (int i = 0; i < p->table_count; i++)
        if (strcmp(p->table[i].param.name, "interval_day") == 0)
            longest_interval = p->table[i].param.hi;
    const int count = cit_protocol_schedule(p->with.protocol, longest_interval, all);
    for (int i = 0; i < count; i++) {
        if (all[i].status == CIT_MISSED) continue;
        p->visit_count++;
        last = all[i].day;
    }
    const double last_week = ceil(last / 7);
    if (last_week > WEEKS_MAX - WEEKS_AFTER - 1)
        return cit_doc_fail(p->with.protocol->doc, p->with.protocol->visits[0].mark, errs,
                            "the course lasts %.0f weeks; at most %d are forecast", last_week,
                            WEEKS_MAX - WEEKS_AFTER - 1);
    if (p->with.days != NULL) return take_days(p, errs);
    p->day_count = (int)last_week + WEEKS_AFTER + 1;
    p->summary = (int)fmax(last_week + 8, 26); /* 8 weeks after the last visit: assumed */
    p->days = malloc((size_t)p->day_count * sizeof *p->days);
    if (p->days == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    for (int i = 0; i < p->day_count; i++) p->days[i] = 7.0 * i;
    return CIT_OK;
}

/* Which rows of the prior stand for something that this case or protocol leaves unknown. */
typedef struct unknowns {
    bool length, passes[4], glide, rate, interval;
    bool counts[4], width[4], depth[4];
} unknowns;

static void note_setting(const cit_crowd *p, const cit_setting *s, unknowns *u) {
    const cit_device *d = s->device ? cit_catalogue_device(p->with.catalogue, s->device) : NULL;
    const int kind = d ? d->kind : s->kind;
    const bool density = cit_known(s->density_per_cm2);
    if (!cit_known(s->length_mm)) u->length = true;
    for (int k = CIT_ROLLER; k <= CIT_STAMP; k++) {
        const bool may_be = kind == k || (kind == 0 && k != CIT_STAMP);
        if (!may_be || density) continue;
        if (s->passes == CIT_UNKNOWN_INT) u->passes[k] = true;
        if (k == CIT_PEN && !cit_known(s->speed_mm_per_s)) u->glide = true;
        const bool fixed_rate = d && cit_known(d->rate_from_Hz) && d->rate_from_Hz == d->rate_to_Hz;
        if (k == CIT_PEN && !cit_known(s->rate_Hz) && !fixed_rate) u->rate = true;
    }
}

static unknowns find_unknowns(const cit_crowd *p) {
    unknowns u = {0};
    const cit_setting *settings[CIT_SETTINGS_MAX];
    const int count = cit_protocol_settings(p->with.protocol, p->with.person, settings);
    for (int i = 0; i < count; i++) note_setting(p, settings[i], &u);
    u.interval = cit_protocol_interval_unknown(p->with.protocol);
    for (int i = 0; i < p->group_count; i++) {
        const cit_crowd_group *g = &p->groups[i];
        if (g->seen == NULL || g->seen->count == CIT_UNKNOWN_INT) u.counts[g->type] = true;
        if (g->seen == NULL || !cit_known(g->seen->width_mm)) u.width[g->type] = true;
        if (g->seen == NULL || !cit_known(g->seen->depth_mm)) u.depth[g->type] = true;
    }
    return u;
}

static bool any_of(const bool flags[4]) { return flags[1] || flags[2] || flags[3]; }

static void mark_used(cit_crowd *p) {
    const unknowns u = find_unknowns(p);
    const bool home = p->with.protocol->who == CIT_HOME;
    const struct {
        const char *name;
        bool used, setting;
    } prior[] = {
        {"needle_length_mm", u.length && !home, true},
        {"home_length_mm", u.length && home, true},
        {"roller_passes", u.passes[CIT_ROLLER], true},
        {"pen_passes", u.passes[CIT_PEN], true},
        {"stamp_passes", u.passes[CIT_STAMP], true},
        {"glide_mm_per_s", u.glide, true},
        {"rate_Hz", u.rate, true},
        {"interval_day", u.interval, true},
        {"cream_share", false, true},
        {"scar_count", any_of(u.counts), false},
        {"rolling_share", any_of(u.counts), false},
        {"boxcar_share", any_of(u.counts), false},
        {"ice_pick_share", any_of(u.counts), false},
        {"rolling_width_mm", u.width[CIT_ROLLING], false},
        {"boxcar_width_mm", u.width[CIT_BOXCAR], false},
        {"ice_pick_width_mm", u.width[CIT_ICE_PICK], false},
        {"rolling_depth_mm", u.depth[CIT_ROLLING], false},
        {"boxcar_depth_mm", u.depth[CIT_BOXCAR], false},
        {"ice_pick_depth_mm", u.depth[CIT_ICE_PICK], false},
        {"depth_scatter", any_of(u.width) || any_of(u.depth), false},
        {"deep_share", any_of(u.depth), false},
        {"deep_max_mm", any_of(u.depth), false},
        /* Of published figures only. */
        {"rating_sd", false, false},
        {"histology_sd", false, false},
        {"pain_sd", false, false},
        {"redness_sd", false, false},
        {"pigment_sd", false, false},
        {"adjunct_sd", false, false},
    };
    for (int i = 0; i < p->table_count; i++) {
        const cit_param *param = &p->table[i].param;
        p->used[i] = param->spread != CIT_FIXED;
        for (size_t j = 0; j < sizeof prior / sizeof *prior; j++) {
            if (strcmp(prior[j].name, param->name) != 0) continue;
            p->used[i] = p->used[i] && prior[j].used;
            p->unknown_setting[i] = prior[j].setting && prior[j].used;
        }
    }
}

/* ---- what is not modelled -------------------------------------------------------------------- */

/* The most punctures per mm2 that a protocol may state, reached by other means; assumed. */
static const double density_max = 500;

static bool has_kind(const cit_catalogue *c, int kind) {
    for (int i = 0; i < c->device_count; i++)
        if (c->devices[i].kind == kind) return true;
    return false;
}

/* A device that nobody named is one of the catalogue; where not even its kind is known, worlds take a roller
 * or a pen. */
static cit_status refuse_kind(const cit_crowd *p, const cit_setting *s, cit_errors *errs) {
    if (s->device != NULL) return CIT_OK;
    for (int kind = CIT_ROLLER; kind <= CIT_STAMP; kind++) {
        const bool may_be = s->kind == kind || (s->kind == 0 && kind != CIT_STAMP);
        if (may_be && !has_kind(p->with.catalogue, kind))
            return cit_doc_fail(p->with.protocol->doc, s->mark, errs,
                                "the catalogue has no %s that could stand for the unknown device",
                                cit_choice_name(cit_device_kind_choices, kind));
    }
    return CIT_OK;
}

static cit_status refuse_setting(const cit_crowd *p, const cit_parameters *usual,
                                 const cit_setting *s, cit_errors *errs) {
    const cit_device *d = s->device ? cit_catalogue_device(p->with.catalogue, s->device) : NULL;
    if ((d ? d->kind : s->kind) == CIT_RADIOFREQUENCY)
        return cit_doc_fail(
            p->with.protocol->doc, s->mark, errs,
            "radiofrequency needles cannot be simulated: the model has no heat, and "
            "heat is what they work by");
    const cit_use use = cit_use_of(usual, p->with.catalogue, p->with.protocol, s);
    if (use.density > density_max)
        return cit_doc_fail(p->with.protocol->doc, s->mark, errs,
                            "passes, speed and rate make %.0f punctures per cm2; at most %.0f are "
                            "simulated",
                            100 * use.density, 100 * density_max);
    return CIT_OK;
}

static cit_status refuse_unmodelled(const cit_crowd *p, cit_errors *errs) {
    const cit_setting *settings[CIT_SETTINGS_MAX];
    const int count = cit_protocol_settings(p->with.protocol, p->with.person, settings);
    cit_parameters usual;
    cit_parameters_default(&usual);
    for (int i = 0; i < count; i++) {
        cit_status st = refuse_kind(p, settings[i], errs);
        if (st == CIT_OK) st = refuse_setting(p, &usual, settings[i], errs);
        if (st != CIT_OK) return st;
    }
    return CIT_OK;
}

/* ---- making one ------------------------------------------------------------------------------- */

void cit_crowd_free(cit_crowd *p) {
    if (p == NULL) return;
    free(p->groups);
    free(p->days);
    free(p->laws);
    free(p->streams);
    free(p->used);
    free(p->unknown_setting);
    free(p);
}

static cit_status note_parameters(cit_crowd *p, cit_errors *errs) {
    p->table = cit_parameter_table(&p->table_count);
    const size_t rows = (size_t)p->table_count;
    p->laws = calloc(rows, sizeof *p->laws);
    p->streams = calloc(rows, sizeof *p->streams);
    p->used = calloc(rows, sizeof *p->used);
    p->unknown_setting = calloc(rows, sizeof *p->unknown_setting);
    if (!(p->laws && p->streams && p->used && p->unknown_setting))
        return cit_fail(errs, CIT_NOMEM, "", "no memory");
    for (size_t i = 0; i < rows; i++) {
        p->laws[i] = cit_param_law(&p->table[i].param);
        p->streams[i] = cit_random_stream(p->table[i].param.name);
    }
    return CIT_OK;
}

cit_status cit_crowd_make(const cit_crowd_options *options, cit_crowd **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    cit_crowd *p = calloc(1, sizeof *p);
    if (p == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    p->with = *options;
    if (p->with.sizes <= 0 || p->with.sizes > SIZES_MAX) p->with.sizes = SIZES_MAX;
    CIT_TRY(note_parameters(p, errs));
    CIT_TRY(make_groups(p, errs));
    mark_used(p);
    CIT_TRY(lay_out_days(p, errs));
    CIT_TRY(refuse_unmodelled(p, errs));
    *ret = p;
    p = NULL;
done:
    cit_crowd_free(p);
    return st;
}
