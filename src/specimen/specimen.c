/* A scar of a case as a tissue, the visits of its course, and what is carried from one to the next. */
#include "specimen_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- parameters ----------------------------------------------------------------------------------- */

static cit_status median_parameters(const cit_posterior *post, cit_parameters *ret,
                                    cit_errors *errs) {
    int rows;
    const cit_parameter *table = cit_parameter_table(&rows);
    cit_parameters_default(ret);
    if (post == NULL) return CIT_OK;
    double *column = malloc(((size_t)post->draws + 1) * sizeof *column);
    if (column == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for draws");
    for (int row = 0; row < rows; row++) {
        if (table[row].param.spread == CIT_FIXED || !cit_known(cit_posterior_number(post, 0, row)))
            continue;
        for (int d = 0; d < post->draws; d++) column[d] = cit_posterior_number(post, d, row);
        cit_sort(column, post->draws);
        const double z = cit_quantile_sorted(column, post->draws, 0.5);
        const cit_law law = cit_param_law(&table[row].param);
        cit_parameter_set(ret, &table[row], cit_law_quantile(&law, cit_normal_cdf(z)));
    }
    free(column);
    return CIT_OK;
}

/* ---- the scar --------------------------------------------------------------------------------------- */

static cit_status find_scar(const cit_specimen_options *o, const cit_zone **ret_zone,
                            const cit_scar_group **ret, cit_errors *errs) {
    const cit_case *c = o->person;
    if (o->zone < 0 || o->zone >= c->zone_count || c->zones[o->zone].scars == NULL ||
        o->group < 0 || o->group >= c->zones[o->zone].scar_group_count)
        return cit_fail(errs, CIT_INVALID, cit_doc_name(c->doc), "there are no such scars");
    *ret_zone = &c->zones[o->zone];
    *ret = &(*ret_zone)->scars[o->group];
    return CIT_OK;
}

static void make_scar(cit_specimen *s, const cit_zone *zone, const cit_scar_group *g) {
    const cit_case *c = s->with.person;
    const cit_site *site = cit_catalogue_site(s->with.catalogue, zone->site);
    const double dermis = c->sex == CIT_MALE ? site->dermis_male_mm
                          : c->sex == CIT_FEMALE
                              ? site->dermis_female_mm
                              : 0.5 * (site->dermis_female_mm + site->dermis_male_mm),
                 epidermis = c->sex == CIT_MALE ? site->epidermis_male_mm
                             : c->sex == CIT_FEMALE
                                 ? site->epidermis_female_mm
                                 : 0.5 * (site->epidermis_female_mm + site->epidermis_male_mm);
    const cit_scar_seen typical = cit_scar_typical(&s->p, g->type);
    const cit_scar_seen told = {cit_known(g->width_mm) ? g->width_mm : typical.width_mm,
                                cit_known(g->depth_mm) ? g->depth_mm : typical.depth_mm,
                                g->tether_mm, g->open_mm, typical.profile};
    const cit_map *measured = s->with.depth;
    const cit_scar_seen seen =
        measured != NULL ? specimen_seen(measured, g->tether_mm, g->open_mm) : told;
    s->facts.measured = measured != NULL;
    s->facts.assumed_size =
        measured == NULL && (!cit_known(g->width_mm) || !cit_known(g->depth_mm));
    cit_scar_make(&s->p.scar, &s->p.needling, &seen, epidermis, dermis, &s->facts.scar);
    s->facts.type = g->type;
    s->dermis_mm = dermis;
}

/* ---- visits ------------------------------------------------------------------------------------------ */

static cit_status find_visits(cit_specimen *s, const cit_zone *zone, cit_errors *errs) {
    cit_appointment all[CIT_APPOINTMENTS_MAX];
    const int count = cit_protocol_schedule(s->with.protocol, s->p.prior.interval_day, all);
    s->visits = calloc((size_t)count + 1, sizeof *s->visits);
    if (s->visits == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for visits");
    for (int i = 0; i < count; i++) {
        const cit_setting *setting = all[i].status == CIT_MISSED
                                         ? NULL
                                         : cit_visit_setting(s->with.protocol, all[i].visit, zone);
        if (setting == NULL) continue;
        const cit_use use = cit_use_of(&s->p, s->with.catalogue, s->with.protocol, setting);
        if (use.kind == CIT_RADIOFREQUENCY)
            return cit_fail(errs, CIT_INVALID, "", "radiofrequency needles are not modelled");
        s->visits[s->facts.visits++] = (specimen_visit){all[i].day, use};
    }
    if (s->facts.visits == 0) return CIT_OK;
    const specimen_visit *first = &s->visits[0];
    const cit_reach reach = cit_reach_of(&s->p.needling, first->use.kind, first->use.length_mm);
    s->facts.first_day = first->day;
    s->facts.last_day = s->visits[s->facts.visits - 1].day;
    s->facts.density = first->use.density;
    s->facts.length_mm = first->use.length_mm;
    s->facts.reach_mm = reach.mean_mm;
    return CIT_OK;
}

/* Skin follows the device into the dip: its floor lies no deeper below the device than the gap. A needle that is
 * shorter than what the skin lags behind does not reach it. */
static void follow_dip(const cit_specimen *s, cit_puncture *p) {
    const double follows = s->missing_mm - s->facts.scar.gap_mm;
    p->depth_mm = fmax(0, p->depth_mm + follows * specimen_shape_at(s, p->x_mm, p->y_mm));
}

cit_status cit_specimen_needles(const cit_specimen *s, int visit, cit_puncture **ret,
                                int *ret_count, cit_errors *errs) {
    if (visit < 0 || visit >= s->facts.visits)
        return cit_fail(errs, CIT_INVALID, "", "there is no such visit");
    const cit_use *use = &s->visits[visit].use;
    const cit_reach reach = cit_reach_of(&s->p.needling, use->kind, use->length_mm);
    cit_patch patch;
    const uint64_t seed = s->with.seed * 1000003U + (uint64_t)visit;
    const cit_status st = cit_patch_make(use, &reach, s->facts.size_mm, seed, &patch, errs);
    if (st != CIT_OK) return st;
    for (int i = 0; i < patch.count; i++) follow_dip(s, &patch.punctures[i]);
    *ret = patch.punctures;
    *ret_count = patch.count;
    return CIT_OK;
}

/* ---- bands ------------------------------------------------------------------------------------------- */

/* As of a column with one layer from the floor of the scar to fat. */
static void cut_bands(cit_specimen *s, const cit_use *use) {
    const cit_scar *scar = &s->facts.scar;
    const double edges[2] = {scar->top_mm, scar->top_mm + scar->thickness_mm};
    const double floor = 1 - s->p.scar.c_band;
    cit_wound wound;
    cit_wound_make(&s->p.needling, use, scar->gap_mm, edges, 1, edges[1], &wound);
    if (s->tether > floor) s->tether = floor + (s->tether - floor) * (1 - wound.band_cut);
}

double disc_mean(const cit_specimen *s, const double *field, const double *viable, int first) {
    const cit_specimen_facts *f = &s->facts;
    double sum = 0, weight = 0;
    for (int k = first; k < f->nz; k++)
        for (int j = 0; j < f->ny; j++)
            for (int i = 0; i < f->nx; i++) {
                const size_t pixel = (size_t)j * (size_t)f->nx + (size_t)i,
                             at = (size_t)k * (size_t)f->ny * (size_t)f->nx + pixel;
                if (s->part[pixel] != SCAR) continue;
                sum += viable[at] * field[at];
                weight += viable[at];
            }
    return weight > 0 ? sum / weight : 0;
}

/* Bands come back where myofibroblasts are, in the deepest third; their level is taken as even over the days. */
static cit_status grow_bands(cit_specimen *s, cit_errors *errs) {
    const double days = cit_specimen_day(s) - s->banded_day;
    s->banded_day = cit_specimen_day(s);
    if (s->tether >= 1 || s->p.healing.k_RT <= 0) return CIT_OK;
    const cit_specimen_facts *f = &s->facts;
    const size_t count = (size_t)f->nx * (size_t)f->ny * (size_t)f->nz;
    double *field = malloc(count * sizeof *field), *viable = malloc(count * sizeof *viable);
    if (field == NULL || viable == NULL) {
        free(field);
        free(viable);
        return cit_fail(errs, CIT_NOMEM, "", "no memory for a field");
    }
    cit_tissue_read(s->tissue, CIT_MYOFIBROBLASTS, field);
    cit_tissue_viable(s->tissue, viable);
    const double M = disc_mean(s, field, viable, f->nz - (f->nz + 2) / 3);
    s->tether = 1 - (1 - s->tether) * exp(-s->p.healing.k_RT * M * days);
    free(field);
    free(viable);
    return CIT_OK;
}

/* ---- making one -------------------------------------------------------------------------------------- */

static cit_status make_tissue(cit_specimen *s, cit_errors *errs) {
    const cit_specimen_facts *f = &s->facts;
    const double middle = 0.5 * f->size_mm;
    cit_map floor = {0};
    double *set_points = NULL;
    cit_status st = CIT_OK;
    cit_tissue_options o = {.kinetics = &s->p.healing,
                            .needling = &s->p.needling,
                            .nx = f->nx,
                            .ny = f->ny,
                            .nz = f->nz,
                            .dx_mm = f->voxel_mm,
                            .dy_mm = f->voxel_mm,
                            .dz_mm = f->voxel_z_mm,
                            .top_mm = f->scar.epidermis_mm,
                            .memory_bytes = s->with.memory_bytes,
                            .precision = s->with.precision,
                            .threads = s->with.threads};
    if (f->measured) {
        CIT_TRY(specimen_floor(s, &floor, errs));
        set_points = specimen_set_points(s);
        if (set_points == NULL) CIT_TRY(cit_fail(errs, CIT_NOMEM, "", "no memory for a field"));
        o.floor_mm = floor.values;
        o.set_points = set_points;
    } else {
        o.dip = (cit_dip){middle, middle, f->scar.radius_mm, s->missing_mm, f->scar.profile};
        o.set_point = f->scar.set_point;
    }
    s->facts.bytes = cit_tissue_bytes(&o);
    CIT_TRY(cit_tissue_new(&o, &s->tissue, errs));
done:
    cit_map_free(&floor);
    free(set_points);
    return st;
}

static double thinnest_halo(const cit_specimen *s) {
    double halo = HUGE_VAL;
    for (int i = 0; i < s->facts.visits; i++) halo = fmin(halo, s->visits[i].use.halo_mm);
    return halo;
}

enum { SIDE_MAX = 1 << 20 }; /* voxels; no memory holds so wide a box */

static cit_status lay_out_box(cit_specimen *s, cit_errors *errs) {
    cit_specimen_facts *f = &s->facts;
    const double halo = thinnest_halo(s);
    /* 0.05 mm, and a halo of two voxels and more across; assumed */
    f->voxel_mm = s->with.voxel_mm > 0 ? s->with.voxel_mm : fmin(0.05, 0.9 * halo);
    if (f->voxel_mm > halo)
        return cit_fail(errs, CIT_INVALID, "",
                        "voxels of %g um cannot resolve channels whose halo is %.0f um; take at "
                        "most that, or %.0f um",
                        1000 * f->voxel_mm, 1000 * halo, 500 * halo);
    const double dz = s->with.voxel_z_mm > 0 ? s->with.voxel_z_mm : f->voxel_mm;
    const double around = 1; /* mm of healthy skin beside a scar; assumed */
    const double wide = f->measured ? specimen_side_of(s->with.depth) : 2 * f->scar.radius_mm;
    const double size = s->with.size_mm > 0 ? s->with.size_mm : wide + 2 * around;
    if (size < wide + 4 * f->voxel_mm)
        return cit_fail(errs, CIT_INVALID, "",
                        "a box of %g mm has no rim around a scar of %g mm; take %g mm or more",
                        size, wide, wide + 1);
    if (!(size / f->voxel_mm < SIDE_MAX && s->dermis_mm / dz < SIDE_MAX))
        return cit_fail(errs, CIT_NOMEM, "",
                        "a box of %g mm is %.2g voxels wide; take larger voxels", size,
                        fmax(size / f->voxel_mm, s->dermis_mm / dz));
    f->nx = f->ny = (int)ceil(size / f->voxel_mm - 1e-9);
    f->size_mm = f->nx * f->voxel_mm;
    f->nz = (int)fmax(1, round(s->dermis_mm / dz));
    f->voxel_z_mm = s->dermis_mm / f->nz;
    return CIT_OK;
}

cit_status cit_specimen_new(const cit_specimen_options *options, cit_specimen **ret,
                            cit_errors *errs) {
    const cit_zone *zone = NULL;
    const cit_scar_group *group = NULL;
    cit_status st = find_scar(options, &zone, &group, errs);
    if (st != CIT_OK) return st;
    cit_specimen *s = calloc(1, sizeof *s);
    if (s == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a specimen");
    s->with = *options;
    s->tether = 1;
    if (options->depth != NULL) CIT_TRY(specimen_check_map(options->depth, errs));
    CIT_TRY(median_parameters(options->posterior, &s->p, errs));
    make_scar(s, zone, group);
    s->missing_mm = s->facts.scar.depth_mm - s->facts.scar.tether_mm;
    CIT_TRY(find_visits(s, zone, errs));
    CIT_TRY(lay_out_box(s, errs));
    CIT_TRY(specimen_lay_shape(s, errs));
    CIT_TRY(make_tissue(s, errs));
    CIT_TRY(specimen_begin_surface(s, errs));
    s->with.depth = NULL;
    *ret = s;
    s = NULL;
done:
    cit_specimen_free(s);
    return st;
}

void cit_specimen_free(cit_specimen *s) {
    if (s == NULL) return;
    specimen_end_surface(s);
    cit_map_free(&s->depth);
    free(s->part);
    free(s->share);
    cit_tissue_free(s->tissue);
    free(s->visits);
    free(s);
}

const cit_specimen_facts *cit_specimen_facts_of(const cit_specimen *s) { return &s->facts; }
const cit_tissue *cit_specimen_tissue(const cit_specimen *s) { return s->tissue; }
void cit_specimen_balances(cit_specimen *s, cit_tissue_balance ret[CIT_TISSUE_FIELDS]) {
    cit_tissue_balances(s->tissue, ret);
}
double cit_specimen_day(const cit_specimen *s) { return cit_tissue_day(s->tissue); }

double cit_specimen_visit_day(const cit_specimen *s, int visit) { return s->visits[visit].day; }

/* ---- time ---------------------------------------------------------------------------------------------- */

static cit_status visit(cit_specimen *s, int which, cit_errors *errs) {
    const cit_use *use = &s->visits[which].use;
    cit_puncture *punctures = NULL;
    int count = 0;
    cit_status st = cit_specimen_needles(s, which, &punctures, &count, errs);
    if (st != CIT_OK) return st;
    const cit_punctures needles = {punctures, count, use->halo_mm, use->hole_mm, 0};
    st = cit_tissue_visit(s->tissue, &needles, errs);
    free(punctures);
    if (st == CIT_OK) cut_bands(s, use);
    return st;
}

cit_status cit_specimen_visit_now(cit_specimen *s, int *ret_visits, cit_errors *errs) {
    cit_status st = CIT_OK;
    int made = 0;
    while (st == CIT_OK && s->visited < s->facts.visits &&
           s->visits[s->visited].day <= cit_specimen_day(s)) {
        st = visit(s, s->visited, errs);
        if (st == CIT_OK) {
            s->visited++;
            made++;
        }
    }
    if (ret_visits != NULL) *ret_visits = made;
    return st;
}

cit_status cit_specimen_advance(cit_specimen *s, double until, const cit_progress *progress,
                                cit_errors *errs) {
    while (cit_specimen_day(s) < until) {
        cit_status st = cit_specimen_visit_now(s, NULL, errs);
        if (st != CIT_OK) return st;
        const double next = s->visited < s->facts.visits ? s->visits[s->visited].day : until;
        st = cit_tissue_advance(s->tissue, fmin(next, until), progress, errs);
        if (st != CIT_OK) return st;
        st = grow_bands(s, errs);
        if (st != CIT_OK) return st;
    }
    return CIT_OK;
}

/* ---- on paper ------------------------------------------------------------------------------------------ */

/* Before the tissue's own bytes. */
typedef struct carried {
    char magic[8];
    double tether, banded_day;
    int64_t visited;
    uint64_t made; /* of what */
    uint64_t sum;  /* of all above */
} carried;
static const char magic[8] = "citscar2";

/* FNV-1a. */
static uint64_t mix(uint64_t hash, const void *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(1099511628211);
    return hash;
}
static const uint64_t nothing = UINT64_C(14695981039346656037);

/* Of the scar, its course and its seed; what the tissue is made of it knows by itself. */
static uint64_t made_of(const cit_specimen *s) {
    const cit_specimen_facts *f = &s->facts;
    uint64_t hash = mix(nothing, &s->with.seed, sizeof s->with.seed);
    hash = mix(hash, &f->scar, sizeof f->scar);
    hash = mix(hash, &s->p.scar, sizeof s->p.scar);
    hash = mix(hash, &s->p.needling, sizeof s->p.needling);
    for (int i = 0; i < f->visits; i++) {
        const cit_use *u = &s->visits[i].use;
        const double numbers[] = {s->visits[i].day, u->kind,    u->length_mm, u->passes,
                                  u->directions,    u->density, u->halo_mm,   u->hole_mm};
        hash = mix(hash, numbers, sizeof numbers);
        hash = mix(hash, u->device->id, strlen(u->device->id) + 1);
    }
    return hash;
}

static uint64_t sum_of(const carried *c) { return mix(nothing, c, offsetof(carried, sum)); }

cit_status cit_specimen_save(const cit_specimen *s, void **ret, size_t *ret_size,
                             cit_errors *errs) {
    void *tissue = NULL;
    size_t size = 0;
    const cit_status st = cit_tissue_save(s->tissue, &tissue, &size, errs);
    if (st != CIT_OK) return st;
    carried head = {.tether = s->tether,
                    .banded_day = s->banded_day,
                    .visited = s->visited,
                    .made = made_of(s)};
    memcpy(head.magic, magic, sizeof magic);
    head.sum = sum_of(&head);
    char *bytes = malloc(sizeof head + size);
    if (bytes == NULL) {
        free(tissue);
        return cit_fail(errs, CIT_NOMEM, "", "no memory for a checkpoint");
    }
    memcpy(bytes, &head, sizeof head);
    memcpy(bytes + sizeof head, tissue, size);
    free(tissue);
    *ret = bytes;
    *ret_size = sizeof head + size;
    return CIT_OK;
}

cit_status cit_specimen_restore(cit_specimen *s, const void *bytes, size_t size, cit_errors *errs) {
    carried head;
    if (size < sizeof head || memcmp(bytes, magic, sizeof magic) != 0)
        return cit_fail(errs, CIT_INVALID, "", "this is no checkpoint of a scar in voxels");
    memcpy(&head, bytes, sizeof head);
    if (head.sum != sum_of(&head))
        return cit_fail(errs, CIT_INVALID, "", "the checkpoint is damaged");
    if (head.made != made_of(s))
        return cit_fail(errs, CIT_INVALID, "", "the checkpoint is of another scar, course or seed");
    const cit_status st =
        cit_tissue_restore(s->tissue, (const char *)bytes + sizeof head, size - sizeof head, errs);
    if (st != CIT_OK) return st;
    s->tether = head.tether;
    s->banded_day = head.banded_day;
    s->visited = (int)head.visited;
    return CIT_OK;
}
