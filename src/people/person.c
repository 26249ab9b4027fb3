/* One draw: what is seen of a person's skin and scars once their columns have been followed. */
#include "people_impl.h"
#include <math.h>
#include <string.h>

static const struct {
    const char *key, *label, *unit;
} quantities[] = {
#define ROW(name, key, label, unit) {key, label, unit},
    CIT_QUANTITY_LIST(ROW)
#undef ROW
};

const char *cit_quantity_key(cit_quantity q) { return quantities[q].key; }
const char *cit_quantity_label(cit_quantity q) { return quantities[q].label; }
const char *cit_quantity_unit(cit_quantity q) { return quantities[q].unit; }

/* Gains beyond this day are not measured; they are let fade at a drawn rate. */
static const double measured_day = 26 * 7;

/* ---- healthy skin: redness, pain, pigment ---------------------------------------------------- */

static int time_index(const double *times, int n, double t) {
    int lo = 0, hi = n - 1;
    while (lo < hi) {
        const int middle = (lo + hi) / 2;
        if (times[middle] < t)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo;
}

static double single_at(const track *t, int time, int single) {
    return t->values[(size_t)COLUMN_SIZE * (size_t)time + CIT_LAYER_FIELDS * CIT_COLUMN_LAYERS +
                     (size_t)single];
}

static void watch_redness(const cit_crowd *p, const truth *world, const track *t, double *record) {
    const cit_crowd_layout l = cit_crowd_layout_of(p);
    const zone_course *z = t->zone;
    const double end = p->days[p->day_count - 1];
    for (int i = 0; i < z->visits; i++) {
        double days[RED_WATCH + 1], red[RED_WATCH + 1];
        const double next = i + 1 < z->visits ? z->days[i + 1] : end;
        int n = 0;
        days[n] = z->days[i];
        red[n++] = 0;
        for (int j = 0; j < RED_WATCH; j++) {
            const double at = z->days[i] + red_watch_after(j);
            if (at > next) break;
            days[n] = at;
            red[n++] = single_at(t, time_index(t->times, t->time_count, at), CIT_REDNESS);
        }
        double *visit = record + l.visits + CIT_V_SIZE * z->visit[i].index;
        visit[CIT_V_RED] = fmax(visit[CIT_V_RED], cit_red_days(&world->p.outcome, days, red, n));
    }
}

static void note_visits(const cit_crowd *p, const truth *world, const zone_course *z,
                        double *record) {
    const cit_crowd_layout l = cit_crowd_layout_of(p);
    for (int i = 0; i < z->visits; i++) {
        const zone_visit *v = &z->visit[i];
        const cit_reach reach = cit_reach_of(&world->p.needling, v->use.kind, v->use.length_mm);
        double *visit = record + l.visits + CIT_V_SIZE * v->index;
        const double pain = cit_pain(&world->p.outcome, v->use.length_mm, v->use.density, v->cream);
        visit[CIT_V_PAIN] = fmax(visit[CIT_V_PAIN], pain);
        if (visit[CIT_V_DENSITY] == 0) {
            visit[CIT_V_DENSITY] = 100 * v->use.density;
            visit[CIT_V_REACH] = reach.mean_mm;
        }
        if (!cit_column_is_homogenised(&world->p.healing, v->use.density))
            record[l.singles + CIT_S_NOT_HOMOGENISED] = 1;
    }
}

/* The share of a gain that is gone by a day: nobody has measured it, so it is drawn, from week 26 or the
 * last visit on, and never more than all of it. Negative: the gain goes on. */
static double faded(const cit_outcome_params *o, double day, double last_visit) {
    const double since = day - fmax(measured_day, last_visit);
    return since > 0 ? fmin(o->relapse * since / 365.2425, 1) : 0;
}

/* A set point below this share of its start counts as lasting loss; assumed. */
static const double lasting_loss = 0.99;

static void note_lasting_loss(const cit_crowd *p, const track *t, double *record) {
    const int K = t->column.layers;
    const int last =
        t->group == HEALTHY_SKIN ? t->time_count - 1 : t->zone->place[p->day_count - 1];
    const double *y = t->values + (size_t)COLUMN_SIZE * (size_t)last;
    for (int k = 0; k < K; k++)
        if (y[CIT_SET_POINT * K + k] < lasting_loss * t->column.set_point[k])
            record[cit_crowd_layout_of(p).singles + CIT_S_LASTING_LOSS] = 1;
}

/* Has any needle wounded the dermis of this column, by a thousandth of the reference wound (assumed)? Without, a
 * column that would never come to rest is not set going. */
static bool is_wounded(const track *t) {
    const double least = 1e-3;
    for (int v = 0; v < t->zone->visits; v++)
        for (int k = 0; k < t->wounds[v].layers; k++)
            if (t->wounds[v].debris[k] > least) return true;
    return false;
}

static void follow_skin(const cit_crowd *p, const truth *world, const track *t, double *record) {
    if (t->time_count > 0) watch_redness(p, world, t, record);
    double most = 0;
    int at = 0;
    for (int week = 0; week < p->day_count; week++) {
        for (; at < t->time_count && t->times[at] <= p->days[week]; at++)
            most = fmax(most, single_at(t, at, CIT_PIGMENT_LOAD));
        double *risk = &record[CIT_Q_PIGMENT_RISK * p->day_count + week];
        *risk = fmax(*risk, 100 * cit_pigment_risk(&world->p.outcome, most));
        const cit_scar_history h = cit_scar_history_at(&world->p.scar, t->zone->days, t->wounds,
                                                       t->zone->visits, p->days[week]);
        double *thick = &record[CIT_Q_EPIDERMIS * p->day_count + week];
        *thick = fmax(*thick, 100 * h.epidermis);
    }
}

/* ---- scars --------------------------------------------------------------------------------- */

/* Sums for means over scars, by week. */
typedef struct sums {
    double scars[CIT_SCAR_TYPES + 1]; /* by type; 0: all */
    double *reduction[CIT_SCAR_TYPES + 1];
    double *volume_now, *volume_start, *collagen, *elastin, *raised;
    double full_reduction; /* of depth, on the day on which a clinic's effect is there in full */
} sums;

/* A scar's depth at one of its track's times. */
static double depth_then(const truth *world, const track *t, int place, cit_scar_state *state) {
    const zone_course *z = t->zone;
    const cit_outcome_params *o = &world->p.outcome;
    const double day = t->times[place], last_visit = z->visits > 0 ? z->days[z->visits - 1] : 0;
    const double *y = t->values + (size_t)COLUMN_SIZE * (size_t)place;
    const cit_scar_history h =
        cit_scar_history_at(&world->p.scar, z->days, t->wounds, z->visits, day);
    cit_scar_at(&world->p.scar, &t->scar, &t->column, y, &h, t->fibrotic, o->visible_mm, state);
    const double gained = state->by_collagen_mm + state->by_tether_mm + state->by_epidermis_mm;
    return fmax(state->depth_mm + faded(o, day, last_visit) * fmax(gained, 0), 0);
}

static void follow_scar(const cit_crowd *p, const truth *world, const track *t, cit_looks *looks,
                        sums *sum, double *group_record) {
    const int K = t->column.layers;
    const cit_scar *scar = &t->scar;
    const zone_course *z = t->zone;
    const cit_outcome_params *o = &world->p.outcome;
    const int type = p->groups[t->group].type;
    if (z->full_place >= 0) {
        cit_scar_state s;
        sum->full_reduction +=
            t->count * (1 - depth_then(world, t, z->full_place, &s) / scar->depth_mm);
    }
    /* Volumes of bowls of one depth differ by radius and profile; pi falls out of the share. */
    const double start_volume =
        scar->depth_mm * scar->radius_mm * scar->radius_mm * scar->profile / (scar->profile + 2);
    double *depth = group_record + CIT_G_SIZE, *volume = depth + p->day_count,
           *width = volume + p->day_count;
    for (int week = 0; week < p->day_count; week++) {
        const double *y = t->values + (size_t)COLUMN_SIZE * (size_t)z->place[week];
        cit_scar_state s;
        const double now = depth_then(world, t, z->place[week], &s);
        const double ratio = now / scar->depth_mm;

        const cit_scar_bowl bowl = cit_scar_bowl_of(scar, now, o->visible_mm);
        depth[week] += now / p->with.sizes;
        volume[week] += bowl.volume_mm3 / p->with.sizes;
        width[week] += bowl.width_mm / p->with.sizes;
        looks[week] = (cit_looks){(cit_scar_type)type, t->count, now, t->width_mm};
        sum->reduction[type][week] += t->count * (1 - ratio);
        sum->reduction[0][week] += t->count * (1 - ratio);
        sum->volume_now[week] += t->count * start_volume * ratio;
        sum->volume_start[week] += t->count * start_volume;
        const double before = t->column.set_point[0];
        sum->collagen[week] +=
            t->count * ((y[CIT_NEW_COLLAGEN * K] + y[CIT_COLLAGEN * K]) / before - 1);
        sum->elastin[week] += t->count * (y[CIT_LAYER_FIELDS * K + CIT_ELASTIN_STATE] - 1);
        sum->raised[week] += t->count * y[CIT_LAYER_FIELDS * K + CIT_RAISED];
        if (week == p->summary) {
            group_record[CIT_G_BY_COLLAGEN] += s.by_collagen_mm / p->with.sizes;
            group_record[CIT_G_BY_TETHER] += s.by_tether_mm / p->with.sizes;
            group_record[CIT_G_BY_EPIDERMIS] += s.by_epidermis_mm / p->with.sizes;
            group_record[CIT_G_BY_HARM] += s.by_harm_mm / p->with.sizes;
        }
    }
    sum->scars[type] += t->count;
    sum->scars[0] += t->count;
    group_record[CIT_G_DEPTH] += scar->depth_mm / p->with.sizes;
    group_record[CIT_G_DEFICIT] += scar->deficit_mm / p->with.sizes;
    group_record[CIT_G_TETHER] += scar->tether_mm / p->with.sizes;
    group_record[CIT_G_OPEN] += scar->open_mm / p->with.sizes;
}

/* ---- scores -------------------------------------------------------------------------------- */

static double known_or_zero(int n) { return n == CIT_UNKNOWN_INT ? 0 : n; }

static void face_of(const cit_crowd *p, cit_face *face) {
    const cit_case *c = p->with.person;
    *face = (cit_face){0};
    for (int i = 0; i < c->zone_count; i++) {
        const cit_zone *z = &c->zones[i];
        const cit_site *site = cit_catalogue_site(p->with.catalogue, z->site);
        face->macular += known_or_zero(z->macular);
        face->papular += known_or_zero(z->papular);
        if (cit_known(z->raised_mm2)) face->raised_mm2 += z->raised_mm2;
        face->area_mm2 +=
            cit_known(z->area_mm2) ? z->area_mm2 : site->area_mm2 * (z->side == CIT_BOTH ? 2 : 1);
    }
}

static int grade_at_start(const cit_crowd *p, const truth *w) {
    const cit_assessment *a = &p->with.person->assessment;
    if (a->grade != CIT_UNKNOWN_INT) return a->grade;
    const int tests = cit_grade_from_tests(a);
    if (tests != CIT_UNKNOWN_INT) return tests;
    return 2 + (int)(3 * w->extra[CIT_FACTOR_GRADE]);
}

static double share_left(double now, double start) { return start > 0 ? now / start : 1; }

/* Mean fall of depth as a share. */
static double depth_at(const cit_crowd *p, const double *record, int week) {
    return 0.01 * record[CIT_Q_DEPTH_ALL * p->day_count + week];
}

/* A smaller response is too little to tell a course from; assumed. */
static const double least_response = 0.01;

/* Scores of scars that nobody followed are unknown. */
static void no_scores(const cit_crowd *p, double *record) {
    static const cit_quantity scores[] = {
        CIT_Q_GB_CHANGE, CIT_Q_GB_PERCENT,   CIT_Q_ECCA_CHANGE, CIT_Q_ECCA_PERCENT,
        CIT_Q_GRADE,     CIT_Q_GRADE_CHANGE, CIT_Q_SCAR_S,      CIT_Q_OTHER_PERCENT,
        CIT_Q_COLLAGEN,  CIT_Q_ELASTIN,      CIT_Q_RAISED,      CIT_Q_VOLUME_ALL,
    };
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++)
        for (int week = 0; week < p->day_count; week++)
            record[scores[i] * p->day_count + week] = CIT_UNKNOWN_NUMBER;
}

static void score_face(const cit_crowd *p, const slot *s, int scars, cit_looks *looks,
                       double full_depth, double *record) {
    const truth *world = &s->world;
    const cit_crowd_layout l = cit_crowd_layout_of(p);
    const cit_outcome_params *o = &world->p.outcome;
    const cit_study_params *study = &world->p.study;
    const cit_assessment *a = &p->with.person->assessment;
    const int grade = grade_at_start(p, world);
    cit_panel_scores start = {0};
    for (int week = 0; week < p->day_count; week++) {
        cit_face face;
        cit_panel_scores now;
        for (int i = 0; i < scars; i++) looks[i] = s->looks[i * p->day_count + week];
        face_of(p, &face);
        face.scars = looks;
        face.scar_count = scars;
        cit_panel_rate(o, &face, &now);
        if (week == 0) start = now;

        const double ramp = fmin(1, p->days[week] / o->drift_rise);
        const double drift = o->drift_share * ramp;
        const double open = world->open_rater ? o->open_share * ramp : 0;
        const double gb_start = cit_known(a->gb_quantitative) ? a->gb_quantitative : start.gb;
        const double ecca_start = cit_known(a->ecca) ? a->ecca : start.ecca;
        /* What a clinic does otherwise shows as the response does. */
        const double response = full_depth > least_response
                                    ? fmin(fmax(depth_at(p, record, week) / full_depth, 0), 1)
                                    : ramp;
        const double clinic = world->clinic * response;
        const double beside = drift + open + clinic;
        const double geometry = study->scale_quantitative * (1 - share_left(now.gb, start.gb));
        const double gb_fall = fmin(geometry + beside, 1);
        const double ecca_fall =
            fmin(study->scale_ecca * (1 - share_left(now.ecca, start.ecca)) + beside, 1);
        const double depth = depth_at(p, record, week);
        const double visible = share_left(now.visibility, start.visibility) * fmax(0, 1 - beside);
        const double later = p->with.mean_grades
                                 ? cit_grade_later_mean(o, grade, visible, face.macular > 0)
                                 : cit_grade_later(o, grade, world->extra[CIT_FACTOR_PLACE],
                                                   visible, face.macular > 0);
#define PUT(quantity, value) record[CIT_Q_##quantity * p->day_count + week] = (value)
        PUT(GB_CHANGE, -gb_fall * gb_start);
        PUT(GB_PERCENT, 100 * gb_fall);
        PUT(ECCA_CHANGE, -ecca_fall * ecca_start);
        PUT(ECCA_PERCENT, 100 * ecca_fall);
        PUT(OTHER_PERCENT, 100 * fmin(study->scale_other * depth + beside, 1));
        PUT(GRADE, later);
        PUT(GRADE_CHANGE, later - grade);
        PUT(SCAR_S, a->scar_s == CIT_UNKNOWN_INT
                        ? now.scar_s
                        : fmin(fmax(a->scar_s + now.scar_s - start.scar_s, 0), 5));
#undef PUT
        if (week == p->summary) {
            record[l.singles + CIT_S_GEOMETRY] = geometry * gb_start;
            record[l.singles + CIT_S_VISIBLE] = share_left(now.visibility, start.visibility);
            record[l.singles + CIT_S_DRIFT] = drift * gb_start;
            record[l.singles + CIT_S_OPEN] = open * gb_start;
            record[l.singles + CIT_S_CLINIC] = clinic * gb_start;
            record[l.singles + CIT_S_START_GB] = gb_start;
            record[l.singles + CIT_S_START_GRADE] = grade;
        }
    }
}

/* ---- a draw -------------------------------------------------------------------------------- */

static void put_means(const cit_crowd *p, const sums *sum, double *record) {
    static const cit_quantity by_type[CIT_SCAR_TYPES + 1] = {
        CIT_Q_DEPTH_ALL, CIT_Q_DEPTH_ROLLING, CIT_Q_DEPTH_BOXCAR, CIT_Q_DEPTH_ICE_PICK};
    for (int week = 0; week < p->day_count; week++) {
        for (int type = 0; type <= CIT_SCAR_TYPES; type++)
            record[by_type[type] * p->day_count + week] =
                sum->scars[type] > 0 ? 100 * sum->reduction[type][week] / sum->scars[type]
                                     : CIT_UNKNOWN_NUMBER;
        const double all = fmax(sum->scars[0], 1e-300);
        record[CIT_Q_VOLUME_ALL * p->day_count + week] =
            100 * (1 - share_left(sum->volume_now[week], sum->volume_start[week]));
        record[CIT_Q_COLLAGEN * p->day_count + week] = 100 * sum->collagen[week] / all;
        record[CIT_Q_ELASTIN * p->day_count + week] = 100 * sum->elastin[week] / all;
        record[CIT_Q_RAISED * p->day_count + week] = sum->raised[week] / all;
    }
}

static void put_factors(const cit_crowd *p, const truth *w, double *record) {
    const cit_crowd_layout l = cit_crowd_layout_of(p);
    for (int i = 0; i < p->table_count; i++)
        record[l.factors + i] = cit_parameter_get(&w->p, &p->table[i]);
    for (int i = 0; i < CIT_EXTRA_FACTORS; i++)
        record[l.factors + p->table_count + i] = w->extra[i];
}

static void put_days(const cit_crowd *p, const truth *w, double *record) {
    const cit_crowd_layout l = cit_crowd_layout_of(p);
    cit_appointment all[CIT_APPOINTMENTS_MAX];
    const int count = cit_protocol_schedule(p->with.protocol, w->p.prior.interval_day, all);
    int index = 0;
    for (int i = 0; i < count; i++)
        if (all[i].status != CIT_MISSED)
            record[l.visits + CIT_V_SIZE * index++ + CIT_V_DAY] = all[i].day;
}

void slot_see(const cit_crowd *p, cit_crowd_run *w, slot *s, double *record) {
    const cit_crowd_layout l = cit_crowd_layout_of(p);
    sums sum = {{0}, {0}, 0, 0, 0, 0, 0, 0};
    int scars = 0;
    memset(record, 0, sizeof *record * (size_t)l.size);
    memset(w->weights, 0, sizeof *w->weights * (size_t)p->day_count * 12);
    double *row = w->weights;
    for (int i = 0; i <= CIT_SCAR_TYPES; i++, row += p->day_count) sum.reduction[i] = row;
    double **const rest[] = {&sum.volume_now, &sum.volume_start, &sum.collagen, &sum.elastin,
                             &sum.raised};
    for (int i = 0; i < 5; i++, row += p->day_count) *rest[i] = row;

    put_factors(p, &s->world, record);
    put_days(p, &s->world, record);
    for (int i = 0; i < p->group_count; i++)
        record[l.groups + l.group_stride * i + CIT_G_COUNT] =
            count_of(&p->groups[i], &s->world.p.prior);
    for (int i = 0; i < s->track_count; i++) {
        const track *t = &s->tracks[i];
        if (t->time_count > 0) note_lasting_loss(p, t, record);
        if (t->group == HEALTHY_SKIN) {
            note_visits(p, &s->world, t->zone, record);
            follow_skin(p, &s->world, t, record);
            continue;
        }
        if (t->time_count == 0) continue;
        if (t->fibrotic && is_wounded(t)) record[l.singles + CIT_S_FIBROTIC] = 1;
        follow_scar(p, &s->world, t, s->looks + (ptrdiff_t)scars++ * p->day_count, &sum,
                    record + l.groups + l.group_stride * t->group);
    }
    put_means(p, &sum, record);
    if (scars > 0)
        score_face(p, s, scars, w->now, sum.full_reduction / sum.scars[0], record);
    else
        no_scores(p, record);
}

cit_status cit_crowd_follow(const cit_crowd *p, cit_crowd_run *w, const cit_someone *who, int count,
                            double *records, cit_errors *errs) {
    const size_t size = (size_t)cit_crowd_layout_of(p).size;
    for (int first = 0; first < count; first += SLOTS) {
        const int now = count - first < SLOTS ? count - first : SLOTS;
        cit_status st = CIT_OK;
        for (int i = 0; i < now && st == CIT_OK; i++)
            st = slot_make(p, &who[first + i], i > 0 ? &w->slots[i - 1] : NULL, &w->slots[i], errs);
        if (st == CIT_OK) st = slots_run(w, now, errs);
        if (st != CIT_OK) return st;
        for (int i = 0; i < now; i++)
            slot_see(p, w, &w->slots[i], records + size * (size_t)(first + i));
    }
    return CIT_OK;
}
