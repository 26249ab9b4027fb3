/* From what a draw holds to be true to columns that can be followed: healthy skin of each zone, and scars of
 * three sizes for each group. */
#include "people_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double red_watch_day[RED_WATCH] = {0.25, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 14};

/* The column's tolerance: its 99th percentile error is below 1e-4, far under the parameters' spread. */
static const double column_rtol = 7e-5;

cit_crowd_layout cit_crowd_layout_of(const cit_crowd *p) {
    cit_crowd_layout l = {0};
    l.quantities = 0;
    l.groups = CIT_QUANTITIES * p->day_count;
    l.group_stride = CIT_G_SIZE + 3 * p->day_count;
    l.visits = l.groups + l.group_stride * p->group_count;
    l.singles = l.visits + CIT_V_SIZE * p->visit_count;
    l.factors = l.singles + CIT_S_SIZE;
    l.size = l.factors + p->table_count + CIT_EXTRA_FACTORS;
    return l;
}

/* ---- memory ---------------------------------------------------------------------------------- */

int most_tracks(const cit_crowd *p) {
    return p->with.person->zone_count + p->with.sizes * p->group_count;
}
static int skin_times_max(const cit_crowd *p) {
    return p->day_count + RED_WATCH * (p->visit_count + 1);
}

void cit_crowd_run_free(cit_crowd_run *w) {
    if (w == NULL) return;
    cit_engine_free(w->engine);
    free(w->memory);
    free(w->courses);
    free(w);
}

/* All arrays of a cit_crowd_run lie in one piece of memory. */
typedef struct arena {
    char *at;
    size_t size;
} arena;

static void *take(arena *a, size_t count, size_t size) {
    void *taken = a->at == NULL ? NULL : a->at + a->size;
    a->size += (count * size + 15) / 16 * 16;
    return taken;
}

/* Lays the arrays out; with no memory yet, it only counts. */
static void lay_out(const cit_crowd *p, cit_crowd_run *w, arena *a) {
    const size_t zones = (size_t)p->with.person->zone_count, visits = (size_t)p->visit_count + 1;
    const size_t tracks = (size_t)most_tracks(p), weeks = (size_t)p->day_count;
    const size_t scars = (size_t)(p->with.sizes * p->group_count) + 1;
    w->now = take(a, scars, sizeof *w->now);
    w->weights = take(a, weeks * 12, sizeof(double));
    for (int s = 0; s < SLOTS; s++) {
        slot *one = &w->slots[s];
        one->zones = take(a, zones, sizeof *one->zones);
        one->tracks = take(a, tracks, sizeof *one->tracks);
        one->looks = take(a, scars * weeks, sizeof *one->looks);
        zone_course *zone = a->at == NULL ? NULL : one->zones;
        for (size_t i = 0; i < zones; i++) {
            zone_visit *visit = take(a, visits, sizeof *visit);
            double *days = take(a, visits, sizeof(double));
            double *times = take(a, (size_t)skin_times_max(p), sizeof(double));
            double *scar_times = take(a, weeks + 1, sizeof(double));
            int *place = take(a, weeks, sizeof(int));
            if (zone != NULL)
                zone[i] = (zone_course){.visit = visit,
                                        .days = days,
                                        .times = times,
                                        .scar_times = scar_times,
                                        .place = place};
        }
        track *t = a->at == NULL ? NULL : one->tracks;
        for (size_t i = 0; i < tracks; i++) {
            cit_wound *wounds = take(a, visits, sizeof *wounds);
            const size_t times = i < zones ? (size_t)skin_times_max(p) : weeks + 1;
            double *values = take(a, times * COLUMN_SIZE, sizeof(double));
            if (t != NULL) {
                t[i].wounds = wounds;
                t[i].values = values;
            }
        }
    }
}

cit_status cit_crowd_run_new(const cit_crowd *p, cit_crowd_run **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    arena a = {0};
    cit_crowd_run *w = calloc(1, sizeof *w);
    if (w == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a draw");
    lay_out(p, w, &a);
    w->memory = calloc(1, a.size);
    w->courses = calloc((size_t)SLOTS * (size_t)most_tracks(p), sizeof *w->courses);
    if (w->memory == NULL || w->courses == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory for a draw");
        goto done;
    }
    a = (arena){.at = w->memory};
    lay_out(p, w, &a);
    const double rtol = p->with.rtol > 0 ? p->with.rtol : column_rtol;
    CIT_TRY(cit_engine_new_lanes(cit_instructions_best(), rtol, &w->engine, errs));
    *ret = w;
    w = NULL;
done:
    cit_crowd_run_free(w);
    return st;
}

/* ---- the course in a zone --------------------------------------------------------------------- */

static bool takes_cream(const cit_crowd *p, const cit_visit *visit, const truth *w) {
    const int cream = visit->cream ? visit->cream : p->with.protocol->cream;
    return cream ? cream == CIT_YES : w->cream_if_unknown;
}

static double dermis_of(const cit_crowd *p, const truth *w, int zone, double *ret_epidermis) {
    const cit_site *site = cit_catalogue_site(p->with.catalogue, p->with.person->zones[zone].site);
    const bool female = w->sex == CIT_FEMALE;
    *ret_epidermis = female ? site->epidermis_female_mm : site->epidermis_male_mm;
    const double dermis = female ? site->dermis_female_mm : site->dermis_male_mm;
    /* Kept within three deviations (assumed), as everything drawn is kept in a range. */
    const double z = fmin(fmax(w->dermis_factor_z, -3), 3);
    return dermis * exp(site->spread * z);
}

/* Merges the weeks with the days after each visit on which redness is watched. */
static void lay_out_times(const cit_crowd *p, zone_course *z) {
    int n = 0;
    for (int i = 0; i < p->day_count; i++) z->times[n++] = p->days[i];
    const double end = z->times[n - 1];
    for (int i = 0; i < z->visits; i++) {
        const double next = i + 1 < z->visits ? z->days[i + 1] : end;
        for (int j = 0; j < RED_WATCH; j++)
            z->times[n++] = fmin(z->days[i] + red_watch_day[j], next);
    }
    cit_sort(z->times, n);
    z->time_count = n;
}

/* Studies look some eight weeks after the last visit; their effect is what is seen then (assumed). */
static const double full_after_day = 56;

/* Merges the weeks with the day on which a clinic's effect is there in full, where it has any. */
static void lay_out_scar_times(const cit_crowd *p, const truth *world, zone_course *z) {
    const double last = z->visits > 0 ? z->days[z->visits - 1] : 0, full = last + full_after_day;
    int n = 0;
    z->full_place = -1;
    for (int i = 0; i < p->day_count; i++) {
        if (z->full_place < 0 && world->clinic != 0 && full <= p->days[i]) {
            z->full_place = n;
            z->scar_times[n++] = full;
        }
        z->place[i] = n;
        z->scar_times[n++] = p->days[i];
    }
    if (z->full_place < 0 && world->clinic != 0) {
        z->full_place = n;
        z->scar_times[n++] = full;
    }
    z->scar_time_count = n;
}

static void make_zone(const cit_crowd *p, const truth *world, int zone, zone_course *z) {
    cit_appointment all[CIT_APPOINTMENTS_MAX];
    const int count = cit_protocol_schedule(p->with.protocol, world->p.prior.interval_day, all);
    int index = 0;
    z->visits = 0;
    for (int i = 0; i < count; i++) {
        if (all[i].status == CIT_MISSED) continue;
        const cit_setting *s =
            cit_visit_setting(p->with.protocol, all[i].visit, &p->with.person->zones[zone]);
        if (s != NULL) {
            z->days[z->visits] = all[i].day;
            z->visit[z->visits++] = (zone_visit){all[i].day, use_in(p, world, s),
                                                 takes_cream(p, all[i].visit, world), index};
        }
        index++;
    }
    z->dermis_mm = dermis_of(p, world, zone, &z->epidermis_mm);
    lay_out_times(p, z);
    lay_out_scar_times(p, world, z);
}

double red_watch_after(int i) { return red_watch_day[i]; }

/* ---- columns ----------------------------------------------------------------------------------- */

/* Everything that cit_wound_make looks at. */
static bool same_use(const cit_use *a, const cit_use *b) {
    return a->kind == b->kind && a->length_mm == b->length_mm && a->density == b->density &&
           a->passes == b->passes && a->halo_mm == b->halo_mm && a->hole_mm == b->hole_mm;
}

static void make_wounds(const truth *world, const zone_course *z, double gap_mm, track *t) {
    const int K = t->column.layers;
    const cit_scar_params *scar = &world->p.scar;
    for (int i = 0; i < z->visits; i++) {
        cit_wound *wound = &t->wounds[i];
        if (i > 0 && same_use(&z->visit[i].use, &z->visit[i - 1].use)) {
            *wound = t->wounds[i - 1]; /* most courses repeat one setting */
            continue;
        }
        cit_wound_make(&world->p.needling, &z->visit[i].use, gap_mm, t->column.edges_mm, K,
                       t->column.edges_mm[K], wound);
        wound->debris[K - 1] +=
            scar->bruise_debris * scar->bruise_visit * wound->overshoot * wound->crowding;
    }
}

static cit_status make_skin(const cit_crowd *p, const truth *world, zone_course *z, int zone,
                            track *t, cit_errors *errs) {
    t->zone = z;
    t->zone_index = zone;
    t->group = HEALTHY_SKIN;
    t->times = z->times;
    t->time_count = p->with.follow == CIT_FOLLOW_ALL ? z->time_count : 0;
    const cit_status st =
        cit_column_make(&world->p.healing, z->epidermis_mm, z->dermis_mm, CIT_COLUMN_LAYERS, 1,
                        cit_pigment_rate(&world->p.outcome, world->skin_type), &t->column, errs);
    if (st == CIT_OK) make_wounds(world, z, 0, t);
    return st;
}

static double prior_width(const cit_priors *prior, int type) {
    return type == CIT_ROLLING  ? prior->rolling_width_mm
           : type == CIT_BOXCAR ? prior->boxcar_width_mm
                                : prior->ice_pick_width_mm;
}

static double prior_depth(const cit_priors *prior, int type) {
    return type == CIT_ROLLING  ? prior->rolling_depth_mm
           : type == CIT_BOXCAR ? prior->boxcar_depth_mm
                                : prior->ice_pick_depth_mm;
}

/* Exponent of the cross-section: a bowl, a flat floor, a cone (assumed). */
double cit_scar_profile(int type) { return type == CIT_ROLLING ? 2 : type == CIT_BOXCAR ? 6 : 1; }

cit_scar_seen cit_scar_typical(const cit_parameters *p, int type) {
    return (cit_scar_seen){prior_width(&p->prior, type), prior_depth(&p->prior, type),
                           CIT_UNKNOWN_NUMBER, CIT_UNKNOWN_NUMBER, cit_scar_profile(type)};
}

double count_of(const cit_crowd_group *g, const cit_priors *prior) {
    if (g->seen != NULL && g->seen->count != CIT_UNKNOWN_INT) return g->seen->count;
    const double shares = prior->rolling_share + prior->boxcar_share + prior->ice_pick_share;
    const double share = g->type == CIT_ROLLING  ? prior->rolling_share
                         : g->type == CIT_BOXCAR ? prior->boxcar_share
                                                 : prior->ice_pick_share;
    return fmax(1, round(prior->scar_count * share / shares));
}

/* Width and depth of one of the scars that stand for a group. Where they were not measured they
 * scatter about the prior's typical scar: lognormal, with a tail of deep ones. */
static cit_scar_seen see_scar(const cit_crowd *p, const truth *w, const cit_crowd_group *g,
                              int group_index, int node_index, uint32_t person, double skin_mm) {
    const cit_priors *prior = &w->p.prior;
    const uint32_t place = (uint32_t)(group_index * SIZES_MAX + node_index);
    const double u =
        (node_index + cit_random(p->with.seed, person, cit_random_stream("scar depth"), place)) /
        p->with.sizes;
    const double v = cit_random(p->with.seed, person, cit_random_stream("scar width"), place);
    cit_scar_seen s = {CIT_UNKNOWN_NUMBER, CIT_UNKNOWN_NUMBER, CIT_UNKNOWN_NUMBER,
                       CIT_UNKNOWN_NUMBER, cit_scar_profile(g->type)};
    if (g->seen != NULL)
        s = (cit_scar_seen){g->seen->width_mm, g->seen->depth_mm, g->seen->tether_mm,
                            g->seen->open_mm, cit_scar_profile(g->type)};
    if (!cit_known(s.width_mm))
        s.width_mm =
            prior_width(prior, g->type) * exp(prior->depth_scatter * cit_normal_quantile(v));
    if (!cit_known(s.depth_mm)) {
        const double typical = prior_depth(prior, g->type), body = 1 - prior->deep_share;
        if (u < body) {
            s.depth_mm = typical * exp(prior->depth_scatter * cit_normal_quantile(u / body));
        } else {
            const double share = (u - body) / prior->deep_share;
            /* The tail begins where the ultrasound series' body ends. */
            s.depth_mm = 0.5 + share * fmax(0, prior->deep_max_mm - 0.5);
        }
        s.depth_mm = fmin(s.depth_mm, 0.9 * skin_mm);
    }
    return s;
}

static cit_status make_scar(const cit_crowd *p, const slot *s, int which, int node, zone_course *z,
                            track *t, cit_errors *errs) {
    const truth *world = &s->world;
    const cit_scar_seen seen = see_scar(p, world, &p->groups[which], which, node, s->who.person,
                                        z->dermis_mm + z->epidermis_mm);
    t->zone = z;
    t->zone_index = p->groups[which].zone;
    t->group = which;
    t->count = count_of(&p->groups[which], &world->p.prior) / p->with.sizes;
    t->width_mm = seen.width_mm;
    t->times = z->scar_times;
    t->time_count = p->with.follow == CIT_FOLLOW_VISITS ? 0 : z->scar_time_count;
    cit_scar_make(&world->p.scar, &world->p.needling, &seen, z->epidermis_mm, z->dermis_mm,
                  &t->scar);
    const cit_status st = cit_column_make(
        &world->p.healing, t->scar.top_mm, t->scar.thickness_mm, CIT_COLUMN_LAYERS,
        t->scar.set_point, cit_pigment_rate(&world->p.outcome, world->skin_type), &t->column, errs);
    if (st != CIT_OK) return st;
    make_wounds(world, z, t->scar.gap_mm, t);
    t->fibrotic = cit_loop_gain(&world->p.healing) >= cit_column_loop_limit(&t->column);
    return CIT_OK;
}

/* Everything of a track that its zone's course has no part in. */
static void take_tissue(const track *from, track *t) {
    t->zone_index = from->zone_index;
    t->group = from->group;
    t->count = from->count;
    t->width_mm = from->width_mm;
    t->fibrotic = from->fibrotic;
    t->scar = from->scar;
    t->column = from->column;
}

void slot_make_like(const cit_crowd *p, const slot *like, slot *s) {
    s->who = like->who;
    s->world = like->world;
    s->track_count = like->track_count;
    for (int zone = 0; zone < p->with.person->zone_count; zone++)
        make_zone(p, &s->world, zone, &s->zones[zone]);
    for (int i = 0; i < s->track_count; i++) {
        track *t = &s->tracks[i];
        take_tissue(&like->tracks[i], t);
        const bool skin = t->group == HEALTHY_SKIN;
        t->zone = &s->zones[t->zone_index];
        t->times = skin ? t->zone->times : t->zone->scar_times;
        t->time_count = skin ? (p->with.follow == CIT_FOLLOW_ALL ? t->zone->time_count : 0)
                             : (p->with.follow == CIT_FOLLOW_VISITS ? 0 : t->zone->scar_time_count);
        make_wounds(&s->world, t->zone, skin ? 0 : t->scar.gap_mm, t);
    }
}

/* The first tracks are the zones' skin, so that each has room for its times. */
cit_status slot_make(const cit_crowd *p, const cit_someone *who, const slot *before, slot *s,
                     cit_errors *errs) {
    cit_status st = CIT_OK;
    const bool alike = before != NULL && who->shared != NULL && before->who.shared == who->shared;
    s->who = *who;
    truth_draw(p, who, alike ? &before->world : NULL, &s->world);
    s->track_count = 0;
    for (int zone = 0; zone < p->with.person->zone_count && st == CIT_OK; zone++) {
        make_zone(p, &s->world, zone, &s->zones[zone]);
        st = make_skin(p, &s->world, &s->zones[zone], zone, &s->tracks[s->track_count++], errs);
    }
    const int groups = p->with.follow == CIT_FOLLOW_VISITS ? 0 : p->group_count;
    for (int which = 0; which < groups; which++)
        for (int node = 0; node < p->with.sizes && st == CIT_OK; node++)
            st = make_scar(p, s, which, node, &s->zones[p->groups[which].zone],
                           &s->tracks[s->track_count++], errs);
    return st;
}

static cit_course course_of(const slot *s, const track *t) {
    return (cit_course){.column = t->column,
                        .visits = t->zone->visits,
                        .days = t->zone->days,
                        .wounds = t->wounds,
                        .c_cut = s->world.p.needling.c_cut,
                        .band_floor = 1 - s->world.p.scar.c_band,
                        .times = t->times,
                        .time_count = t->time_count,
                        .values = t->values};
}

int slot_courses(const slot *s, cit_course *ret) {
    for (int j = 0; j < s->track_count; j++) ret[j] = course_of(s, &s->tracks[j]);
    return s->track_count;
}

cit_status slots_run(cit_crowd_run *w, int count, cit_errors *errs) {
    int courses = 0;
    for (int i = 0; i < count; i++) courses += slot_courses(&w->slots[i], w->courses + courses);
    return cit_engine_run(w->engine, w->courses, courses, NULL, errs);
}
