/* One draw: a person's zones and scars through all visits, and what is seen of them. */
#include "forecast_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Redness is watched on these days after each visit. */
static const double red_watch_day[] = {0.25, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 14};
enum { RED_WATCH = sizeof red_watch_day / sizeof *red_watch_day };

/* Days by which untreated drift and open rating have come in full; assumed. */
static const double drift_day = 84;
/* Gains beyond this day are not measured; they are let fade at a drawn rate. */
static const double measured_day = 26 * 7;
/* The column's tolerance: its 99th percentile error is below 1e-4, far under the parameters' spread. */
static const double column_rtol = 1e-4;

/* One visit in one zone. */
typedef struct zone_visit {
    double day;
    cit_use use;
    bool cream;
    int index; /* among the visits that were not missed */
} zone_visit;

/* One scar that stands for a third of its group. */
typedef struct node {
    int group;
    double count;
    double width_mm;
} node;

struct workspace {
    cit_engine *engine;
    double *values; /* times x column size */
    double *times;  /* weeks, or weeks and the days redness is watched */
    int *week_at, *watch_at;
    zone_visit *visits;
    double *days;
    cit_wound *wounds;
    node *nodes;
    cit_looks *looks; /* nodes x weeks */
    cit_looks *now;   /* nodes, of one week */
    double *weights;  /* by type and week: sums for means over scars */
    int node_count;
};

layout layout_of(const plan *p) {
    layout l = {0};
    l.quantities = 0;
    l.groups = CIT_QUANTITIES * p->weeks;
    l.group_stride = GROUP_SINGLES + 3 * p->weeks;
    l.visits = l.groups + l.group_stride * p->group_count;
    l.singles = l.visits + VISIT_FIELDS * p->visit_count;
    l.factors = l.singles + SINGLE_FIELDS;
    l.size = l.factors + p->table_count + EXTRA_FACTORS;
    return l;
}

void workspace_free(workspace *w) {
    if (w == NULL) return;
    cit_engine_free(w->engine);
    free(w->values);
    free(w->times);
    free(w->week_at);
    free(w->watch_at);
    free(w->visits);
    free(w->days);
    free(w->wounds);
    free(w->nodes);
    free(w->looks);
    free(w->now);
    free(w->weights);
    free(w);
}

cit_status workspace_new(const plan *p, workspace **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    const size_t visits = (size_t)p->visit_count + 1;
    const size_t times = (size_t)p->weeks + RED_WATCH * visits + 1;
    const size_t nodes = (size_t)p->group_count * NODES + 1, weeks = (size_t)p->weeks;
    workspace *w = calloc(1, sizeof *w);
    if (w == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a draw");
    w->values = calloc(times * 32, sizeof(double));
    w->times = calloc(times, sizeof(double));
    w->week_at = calloc(weeks, sizeof(int));
    w->watch_at = calloc(RED_WATCH * visits, sizeof(int));
    w->visits = calloc(visits, sizeof *w->visits);
    w->days = calloc(visits, sizeof(double));
    w->wounds = calloc(visits, sizeof *w->wounds);
    w->nodes = calloc(nodes, sizeof *w->nodes);
    w->looks = calloc(nodes * weeks, sizeof *w->looks);
    w->now = calloc(nodes, sizeof *w->now);
    w->weights = calloc(weeks * 12, sizeof(double));
    if (!(w->values && w->times && w->week_at && w->watch_at && w->visits && w->days && w->wounds &&
          w->nodes && w->looks && w->now && w->weights)) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory for a draw");
        goto done;
    }
    CIT_TRY(cit_engine_new(&cit_ode_rodas, CIT_COLUMN_LAYERS, column_rtol, &w->engine, errs));
    *ret = w;
    w = NULL;
done:
    workspace_free(w);
    return st;
}

/* ---- the course in a zone ------------------------------------------------------------------- */

static bool takes_cream(const plan *p, const cit_visit *visit, const truth *w) {
    const int cream = visit->cream ? visit->cream : p->protocol->cream;
    return cream ? cream == CIT_YES : w->cream_if_unknown;
}

static int visits_of_zone(const plan *p, const truth *world, int zone, workspace *w) {
    cit_appointment all[CIT_APPOINTMENTS_MAX];
    const int count = cit_protocol_schedule(p->protocol, world->p.prior.interval_day, all);
    int n = 0, index = 0;
    for (int i = 0; i < count; i++) {
        if (all[i].status == CIT_MISSED) continue;
        const cit_setting *s =
            cit_visit_setting(p->protocol, all[i].visit, &p->person->zones[zone]);
        if (s != NULL)
            w->visits[n++] = (zone_visit){all[i].day, use_in(p, world, s),
                                          takes_cream(p, all[i].visit, world), index};
        index++;
    }
    for (int i = 0; i < n; i++) w->days[i] = w->visits[i].day;
    return n;
}

static double dermis_of(const plan *p, const truth *w, int zone, double *ret_epidermis) {
    const cit_site *site = cit_catalogue_site(p->catalogue, p->person->zones[zone].site);
    const bool female = w->sex == CIT_FEMALE;
    *ret_epidermis = female ? site->epidermis_female_mm : site->epidermis_male_mm;
    const double dermis = female ? site->dermis_female_mm : site->dermis_male_mm;
    /* Kept within three deviations (assumed), as everything drawn is kept in a range. */
    const double z = fmin(fmax(w->dermis_factor_z, -3), 3);
    return dermis * exp(site->spread * z);
}

static void make_wounds(const truth *world, workspace *w, int visits, const cit_column *column,
                        double gap_mm) {
    const int K = column->layers;
    const cit_scar_params *scar = &world->p.scar;
    for (int i = 0; i < visits; i++) {
        cit_wound *wound = &w->wounds[i];
        cit_wound_make(&world->p.needling, &w->visits[i].use, gap_mm, column->edges_mm, K,
                       column->edges_mm[K], wound);
        wound->debris[K - 1] +=
            scar->bruise_debris * scar->bruise_visit * wound->overshoot * wound->crowding;
    }
}

static cit_status run_column(const truth *world, workspace *w, const cit_column *column, int visits,
                             int times, cit_errors *errs) {
    cit_course course = {.column = *column,
                         .visits = visits,
                         .days = w->days,
                         .wounds = w->wounds,
                         .c_cut = world->p.needling.c_cut,
                         .band_floor = 1 - world->p.scar.c_band,
                         .times = w->times,
                         .time_count = times,
                         .values = w->values};
    return cit_engine_run(w->engine, &course, 1, NULL, errs);
}

/* ---- healthy skin: redness, pain, pigment ---------------------------------------------------- */

/* Merges the weeks with the days after each visit on which redness is watched. */
static int skin_times(const plan *p, workspace *w, int visits) {
    int n = 0;
    for (int i = 0; i < p->weeks; i++) w->times[n++] = 7.0 * i;
    const double end = w->times[n - 1];
    for (int i = 0; i < visits; i++) {
        const double next = i + 1 < visits ? w->days[i + 1] : end;
        for (int j = 0; j < RED_WATCH; j++)
            w->times[n++] = fmin(w->days[i] + red_watch_day[j], next);
    }
    cit_sort(w->times, n);
    return n;
}

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

static void watch_redness(const plan *p, const truth *world, workspace *w, int visits, int times,
                          int size, double *record) {
    const layout l = layout_of(p);
    const double end = 7.0 * (p->weeks - 1);
    for (int i = 0; i < visits; i++) {
        double t[RED_WATCH + 1], red[RED_WATCH + 1];
        const double next = i + 1 < visits ? w->days[i + 1] : end;
        int n = 0;
        t[n] = w->days[i];
        red[n++] = 0;
        for (int j = 0; j < RED_WATCH; j++) {
            const double at = w->days[i] + red_watch_day[j];
            if (at > next) break;
            const int index = time_index(w->times, times, at);
            t[n] = at;
            red[n++] = w->values[size * index + CIT_LAYER_FIELDS * CIT_COLUMN_LAYERS + CIT_REDNESS];
        }
        double *visit = record + l.visits + VISIT_FIELDS * w->visits[i].index;
        visit[V_RED] = fmax(visit[V_RED], cit_red_days(&world->p.outcome, t, red, n));
    }
}

static void note_visits(const plan *p, const truth *world, workspace *w, int visits,
                        double *record) {
    const layout l = layout_of(p);
    for (int i = 0; i < visits; i++) {
        const zone_visit *v = &w->visits[i];
        const cit_reach reach = cit_reach_of(&world->p.needling, v->use.kind, v->use.length_mm);
        double *visit = record + l.visits + VISIT_FIELDS * v->index;
        const double pain = cit_pain(&world->p.outcome, v->use.length_mm, v->use.density, v->cream);
        visit[V_PAIN] = fmax(visit[V_PAIN], pain);
        if (visit[V_DENSITY] == 0) {
            visit[V_DENSITY] = 100 * v->use.density;
            visit[V_REACH] = reach.mean_mm;
        }
        if (!cit_column_is_homogenised(&world->p.healing, v->use.density))
            record[l.singles + S_NOT_HOMOGENISED] = 1;
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

static void note_lasting_loss(const plan *p, const cit_column *column, const double *y,
                              double *record) {
    const int K = column->layers;
    for (int k = 0; k < K; k++)
        if (y[CIT_SET_POINT * K + k] < lasting_loss * column->set_point[k])
            record[layout_of(p).singles + S_LASTING_LOSS] = 1;
}

static cit_status simulate_skin(const plan *p, const truth *world, workspace *w, int zone,
                                int visits, double *record, cit_errors *errs) {
    double epidermis = 0;
    const double dermis = dermis_of(p, world, zone, &epidermis);
    cit_column column;
    cit_status st =
        cit_column_make(&world->p.healing, epidermis, dermis, CIT_COLUMN_LAYERS, 1,
                        cit_pigment_rate(&world->p.outcome, world->skin_type), &column, errs);
    if (st != CIT_OK) return st;
    const int size = cit_column_size(&column);
    const int times = skin_times(p, w, visits);
    make_wounds(world, w, visits, &column, 0);
    st = run_column(world, w, &column, visits, times, errs);
    if (st != CIT_OK) return st;
    watch_redness(p, world, w, visits, times, size, record);

    double most = 0;
    int at = 0;
    for (int week = 0; week < p->weeks; week++) {
        for (; at < times && w->times[at] <= 7.0 * week; at++)
            most = fmax(
                most,
                w->values[size * at + CIT_LAYER_FIELDS * CIT_COLUMN_LAYERS + CIT_PIGMENT_LOAD]);
        double *risk = &record[CIT_Q_PIGMENT_RISK * p->weeks + week];
        *risk = fmax(*risk, 100 * cit_pigment_risk(&world->p.outcome, most));
        const cit_scar_history h =
            cit_scar_history_at(&world->p.scar, w->days, w->wounds, visits, 7.0 * week);
        double *thick = &record[CIT_Q_EPIDERMIS * p->weeks + week];
        *thick = fmax(*thick, 100 * h.epidermis);
    }
    note_lasting_loss(p, &column, w->values + size * (times - 1), record);
    return CIT_OK;
}

/* ---- scars --------------------------------------------------------------------------------- */

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
static double profile_of(int type) { return type == CIT_ROLLING ? 2 : type == CIT_BOXCAR ? 6 : 1; }

static double count_of(const group *g, const cit_priors *prior) {
    if (g->seen != NULL && g->seen->count != CIT_UNKNOWN_INT) return g->seen->count;
    const double shares = prior->rolling_share + prior->boxcar_share + prior->ice_pick_share;
    const double share = g->type == CIT_ROLLING  ? prior->rolling_share
                         : g->type == CIT_BOXCAR ? prior->boxcar_share
                                                 : prior->ice_pick_share;
    return fmax(1, round(prior->scar_count * share / shares));
}

/* Width and depth of one of the scars that stand for a group. Where they were not measured they
 * scatter about the prior's typical scar: lognormal, with a tail of deep ones. */
static cit_scar_seen see_scar(const plan *p, const truth *w, const group *g, int group_index,
                              int node_index, int draw, double skin_mm) {
    const cit_priors *prior = &w->p.prior;
    const uint32_t place = (uint32_t)(group_index * NODES + node_index);
    const double u =
        (node_index + cit_random(p->seed, (uint32_t)draw, cit_random_stream("scar depth"), place)) /
        NODES;
    const double v = cit_random(p->seed, (uint32_t)draw, cit_random_stream("scar width"), place);
    cit_scar_seen s = {CIT_UNKNOWN_NUMBER, CIT_UNKNOWN_NUMBER, CIT_UNKNOWN_NUMBER,
                       CIT_UNKNOWN_NUMBER, profile_of(g->type)};
    if (g->seen != NULL)
        s = (cit_scar_seen){g->seen->width_mm, g->seen->depth_mm, g->seen->tether_mm,
                            g->seen->open_mm, profile_of(g->type)};
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

/* Sums for means over scars, by week. */
typedef struct sums {
    double scars[CIT_SCAR_TYPES + 1]; /* by type; 0: all */
    double *reduction[CIT_SCAR_TYPES + 1];
    double *volume_now, *volume_start, *collagen, *elastin, *raised;
} sums;

static void follow_scar(const plan *p, const truth *world, workspace *w, const cit_scar *scar,
                        const cit_column *column, const node *nd, int node_index, int visits,
                        bool fibrotic, sums *sum, double *group_record) {
    const int size = cit_column_size(column), K = column->layers;
    const cit_outcome_params *o = &world->p.outcome;
    const int type = p->groups[nd->group].type;
    const double last_visit = visits > 0 ? w->days[visits - 1] : 0;
    /* Volumes of bowls of one depth differ by radius and profile; pi falls out of the share. */
    const double start_volume =
        scar->depth_mm * scar->radius_mm * scar->radius_mm * scar->profile / (scar->profile + 2);
    double *depth = group_record + GROUP_SINGLES, *volume = depth + p->weeks,
           *width = volume + p->weeks;
    for (int week = 0; week < p->weeks; week++) {
        const double day = 7.0 * week;
        const double *y = w->values + size * week;
        const cit_scar_history h =
            cit_scar_history_at(&world->p.scar, w->days, w->wounds, visits, day);
        cit_scar_state s;
        cit_scar_at(&world->p.scar, scar, column, y, &h, fibrotic, o->visible_mm, &s);
        const double gained = s.by_collagen_mm + s.by_tether_mm + s.by_epidermis_mm;
        const double now = fmax(s.depth_mm + faded(o, day, last_visit) * fmax(gained, 0), 0);
        const double ratio = now / scar->depth_mm;

        const cit_scar_bowl bowl = cit_scar_bowl_of(scar, now, o->visible_mm);
        depth[week] += now / NODES;
        volume[week] += bowl.volume_mm3 / NODES;
        width[week] += bowl.width_mm / NODES;
        w->looks[node_index * p->weeks + week] =
            (cit_looks){(cit_scar_type)type, nd->count, now, nd->width_mm};
        sum->reduction[type][week] += nd->count * (1 - ratio);
        sum->reduction[0][week] += nd->count * (1 - ratio);
        sum->volume_now[week] += nd->count * start_volume * ratio;
        sum->volume_start[week] += nd->count * start_volume;
        const double before = column->set_point[0];
        sum->collagen[week] +=
            nd->count * ((y[CIT_NEW_COLLAGEN * K] + y[CIT_COLLAGEN * K]) / before - 1);
        sum->elastin[week] += nd->count * (y[CIT_LAYER_FIELDS * K + CIT_ELASTIN_STATE] - 1);
        sum->raised[week] += nd->count * y[CIT_LAYER_FIELDS * K + CIT_RAISED];
        if (week == p->summary_week) {
            group_record[G_BY_COLLAGEN] += s.by_collagen_mm / NODES;
            group_record[G_BY_TETHER] += s.by_tether_mm / NODES;
            group_record[G_BY_EPIDERMIS] += s.by_epidermis_mm / NODES;
            group_record[G_BY_HARM] += s.by_harm_mm / NODES;
        }
    }
    sum->scars[type] += nd->count;
    sum->scars[0] += nd->count;
    group_record[G_DEPTH] += scar->depth_mm / NODES;
    group_record[G_DEFICIT] += scar->deficit_mm / NODES;
    group_record[G_TETHER] += scar->tether_mm / NODES;
    group_record[G_OPEN] += scar->open_mm / NODES;
}

static cit_status simulate_group(const plan *p, const truth *world, workspace *w, int index,
                                 int draw, int visits, sums *sum, double *record,
                                 cit_errors *errs) {
    const layout l = layout_of(p);
    const group *g = &p->groups[index];
    double *group_record = record + l.groups + l.group_stride * index;
    double epidermis = 0;
    const double dermis = dermis_of(p, world, g->zone, &epidermis);
    const double count = count_of(g, &world->p.prior);
    group_record[G_COUNT] = count;
    for (int i = 0; i < p->weeks; i++) w->times[i] = 7.0 * i;
    for (int j = 0; j < NODES; j++) {
        const cit_scar_seen seen = see_scar(p, world, g, index, j, draw, dermis + epidermis);
        cit_scar scar;
        cit_column column;
        cit_scar_make(&world->p.scar, &world->p.needling, &seen, epidermis, dermis, &scar);
        cit_status st = cit_column_make(
            &world->p.healing, scar.top_mm, scar.thickness_mm, CIT_COLUMN_LAYERS, scar.set_point,
            cit_pigment_rate(&world->p.outcome, world->skin_type), &column, errs);
        if (st != CIT_OK) return st;
        make_wounds(world, w, visits, &column, scar.gap_mm);
        st = run_column(world, w, &column, visits, p->weeks, errs);
        if (st != CIT_OK) return st;
        note_lasting_loss(p, &column, w->values + cit_column_size(&column) * (p->weeks - 1),
                          record);
        const bool fibrotic = cit_loop_gain(&world->p.healing) >= cit_column_loop_limit(&column);
        if (fibrotic) record[l.singles + S_FIBROTIC] = 1;
        const node nd = {index, count / NODES, seen.width_mm};
        w->nodes[w->node_count] = nd;
        follow_scar(p, world, w, &scar, &column, &nd, w->node_count, visits, fibrotic, sum,
                    group_record);
        w->node_count++;
    }
    return CIT_OK;
}

/* ---- scores -------------------------------------------------------------------------------- */

static double known_or_zero(int n) { return n == CIT_UNKNOWN_INT ? 0 : n; }

static void face_of(const plan *p, cit_face *face) {
    const cit_case *c = p->person;
    *face = (cit_face){0};
    for (int i = 0; i < c->zone_count; i++) {
        const cit_zone *z = &c->zones[i];
        const cit_site *site = cit_catalogue_site(p->catalogue, z->site);
        face->macular += known_or_zero(z->macular);
        face->papular += known_or_zero(z->papular);
        if (cit_known(z->raised_mm2)) face->raised_mm2 += z->raised_mm2;
        face->area_mm2 +=
            cit_known(z->area_mm2) ? z->area_mm2 : site->area_mm2 * (z->side == CIT_BOTH ? 2 : 1);
    }
}

static int grade_at_start(const plan *p, const truth *w) {
    const cit_assessment *a = &p->person->assessment;
    if (a->grade != CIT_UNKNOWN_INT) return a->grade;
    const int tests = cit_grade_from_tests(a);
    if (tests != CIT_UNKNOWN_INT) return tests;
    return 2 + (int)(3 * w->extra[FACTOR_GRADE]);
}

static double share_left(double now, double start) { return start > 0 ? now / start : 1; }

static void score_face(const plan *p, const truth *world, workspace *w, double *record) {
    const layout l = layout_of(p);
    const cit_outcome_params *o = &world->p.outcome;
    const cit_assessment *a = &p->person->assessment;
    const int grade = grade_at_start(p, world);
    cit_panel_scores start = {0};
    for (int week = 0; week < p->weeks; week++) {
        cit_face face;
        cit_panel_scores now;
        for (int i = 0; i < w->node_count; i++) w->now[i] = w->looks[i * p->weeks + week];
        face_of(p, &face);
        face.scars = w->now;
        face.scar_count = w->node_count;
        cit_panel_rate(o, &face, &now);
        if (week == 0) start = now;

        const double ramp = fmin(1, 7.0 * week / drift_day);
        const double drift = o->drift_share * ramp;
        const double open = world->open_rater ? o->open_share * ramp : 0;
        const double gb_start = cit_known(a->gb_quantitative) ? a->gb_quantitative : start.gb;
        const double ecca_start = cit_known(a->ecca) ? a->ecca : start.ecca;
        const double geometry = 1 - share_left(now.gb, start.gb);
        const double gb_fall = fmin(geometry + drift + open, 1);
        const double ecca_fall = fmin(1 - share_left(now.ecca, start.ecca) + drift + open, 1);
        const double visible =
            share_left(now.visibility, start.visibility) * fmax(0, 1 - drift - open);
        const int later =
            cit_grade_later(o, grade, world->extra[FACTOR_PLACE], visible, face.macular > 0);
#define PUT(quantity, value) record[CIT_Q_##quantity * p->weeks + week] = (value)
        PUT(GB_CHANGE, -gb_fall * gb_start);
        PUT(GB_PERCENT, 100 * gb_fall);
        PUT(ECCA_CHANGE, -ecca_fall * ecca_start);
        PUT(ECCA_PERCENT, 100 * ecca_fall);
        PUT(GRADE, later);
        PUT(GRADE_CHANGE, later - grade);
        PUT(SCAR_S, a->scar_s == CIT_UNKNOWN_INT
                        ? now.scar_s
                        : fmin(fmax(a->scar_s + now.scar_s - start.scar_s, 0), 5));
#undef PUT
        if (week == p->summary_week) {
            record[l.singles + S_GEOMETRY] = geometry * gb_start;
            record[l.singles + S_DRIFT] = drift * gb_start;
            record[l.singles + S_OPEN] = open * gb_start;
            record[l.singles + S_START_GB] = gb_start;
            record[l.singles + S_START_GRADE] = grade;
        }
    }
}

/* ---- a draw -------------------------------------------------------------------------------- */

static void put_means(const plan *p, const sums *sum, double *record) {
    static const cit_quantity by_type[CIT_SCAR_TYPES + 1] = {
        CIT_Q_DEPTH_ALL, CIT_Q_DEPTH_ROLLING, CIT_Q_DEPTH_BOXCAR, CIT_Q_DEPTH_ICE_PICK};
    for (int week = 0; week < p->weeks; week++) {
        for (int type = 0; type <= CIT_SCAR_TYPES; type++)
            record[by_type[type] * p->weeks + week] =
                sum->scars[type] > 0 ? 100 * sum->reduction[type][week] / sum->scars[type]
                                     : CIT_UNKNOWN_NUMBER;
        const double all = fmax(sum->scars[0], 1e-300);
        record[CIT_Q_VOLUME_ALL * p->weeks + week] =
            100 * (1 - share_left(sum->volume_now[week], sum->volume_start[week]));
        record[CIT_Q_COLLAGEN * p->weeks + week] = 100 * sum->collagen[week] / all;
        record[CIT_Q_ELASTIN * p->weeks + week] = 100 * sum->elastin[week] / all;
        record[CIT_Q_RAISED * p->weeks + week] = sum->raised[week] / all;
    }
}

static void put_factors(const plan *p, const truth *w, double *record) {
    const layout l = layout_of(p);
    for (int i = 0; i < p->table_count; i++)
        record[l.factors + i] = cit_parameter_get(&w->p, &p->table[i]);
    for (int i = 0; i < EXTRA_FACTORS; i++) record[l.factors + p->table_count + i] = w->extra[i];
}

static void put_days(const plan *p, const truth *w, double *record) {
    const layout l = layout_of(p);
    cit_appointment all[CIT_APPOINTMENTS_MAX];
    const int count = cit_protocol_schedule(p->protocol, w->p.prior.interval_day, all);
    int index = 0;
    for (int i = 0; i < count; i++)
        if (all[i].status != CIT_MISSED)
            record[l.visits + VISIT_FIELDS * index++ + V_DAY] = all[i].day;
}

cit_status person_simulate(const plan *p, workspace *w, int draw, double *record,
                           cit_errors *errs) {
    const layout l = layout_of(p);
    truth world;
    sums sum = {{0}, {0}, 0, 0, 0, 0, 0};
    memset(record, 0, sizeof *record * (size_t)l.size);
    memset(w->weights, 0, sizeof *w->weights * (size_t)p->weeks * 12);
    double *slot = w->weights;
    for (int i = 0; i <= CIT_SCAR_TYPES; i++, slot += p->weeks) sum.reduction[i] = slot;
    double **const rest[] = {&sum.volume_now, &sum.volume_start, &sum.collagen, &sum.elastin,
                             &sum.raised};
    for (int i = 0; i < 5; i++, slot += p->weeks) *rest[i] = slot;
    w->node_count = 0;

    truth_draw(p, draw, &world);
    put_factors(p, &world, record);
    put_days(p, &world, record);
    for (int zone = 0; zone < p->person->zone_count; zone++) {
        const int visits = visits_of_zone(p, &world, zone, w);
        note_visits(p, &world, w, visits, record);
        cit_status st = simulate_skin(p, &world, w, zone, visits, record, errs);
        for (int g = 0; g < p->group_count && st == CIT_OK; g++)
            if (p->groups[g].zone == zone)
                st = simulate_group(p, &world, w, g, draw, visits, &sum, record, errs);
        if (st != CIT_OK) return st;
    }
    put_means(p, &sum, record);
    score_face(p, &world, w, record);
    return CIT_OK;
}
