/* The surface above a tissue: what has grown lifts it, cut bands let it go. */
#include "specimen_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t voxels(const cit_specimen *s) {
    const cit_specimen_facts *f = &s->facts;
    return (size_t)f->nx * (size_t)f->ny * (size_t)f->nz;
}

static bool is_fibrotic(const cit_specimen *s) {
    const cit_scar *scar = &s->facts.scar;
    cit_column column;
    cit_errors none = {0};
    return cit_column_make(&s->p.healing, scar->top_mm, scar->thickness_mm, CIT_COLUMN_LAYERS,
                           scar->set_point, 0, &column, &none) == CIT_OK &&
           cit_loop_gain(&s->p.healing) >= cit_column_loop_limit(&column);
}

/* ---- once ---------------------------------------------------------------------------------------------- */

/* Bands pull evenly at the floor of the scar; the plate on fat makes a dip of it. */
static cit_status dip_map(const cit_specimen *s, cit_map *ret, cit_errors *errs) {
    const cit_map *m = &s->depth;
    const cit_scar_params *p = &s->p.scar;
    const cit_plate plate =
        cit_plate_of(p->E_dermis_kPa, s->dermis_mm, p->tension_N_per_m, p->fat_kPa_per_mm);
    cit_map force = {0};
    cit_tether *tether = NULL;
    cit_status st = CIT_OK;
    CIT_TRY(cit_map_new(m->nx, m->ny, m->dx, m->dy, &force, errs));
    CIT_TRY(cit_map_new(m->nx, m->ny, m->dx, m->dy, ret, errs));
    for (size_t i = 0; i < (size_t)m->nx * (size_t)m->ny; i++)
        force.values[i] = s->part[i] == SCAR ? 1 : 0;
    CIT_TRY(cit_tether_new(&force, &plate, CIT_LATERAL_ISOLATED, s->with.threads, &tether, errs));
    CIT_TRY(cit_tether_run(tether, &force, ret, errs));
done:
    cit_tether_free(tether);
    cit_map_free(&force);
    return st;
}

static cit_status make_surface(cit_specimen *s, cit_errors *errs) {
    const cit_scar *scar = &s->facts.scar;
    cit_map dip = {0};
    cit_status st = CIT_OK;
    if (scar->tether_mm > 0) CIT_TRY(dip_map(s, &dip, errs));
    CIT_TRY(cit_surface_new(&s->depth, scar->tether_mm > 0 ? &dip : NULL,
                            scar->tether_mm / scar->depth_mm, scar->open_mm / scar->depth_mm,
                            &s->surface, errs));
done:
    cit_map_free(&dip);
    return st;
}

cit_status specimen_begin_surface(cit_specimen *s, cit_errors *errs) {
    const cit_specimen_facts *f = &s->facts;
    const size_t count = voxels(s);
    cit_status st = CIT_OK;
    cit_grid grid;
    CIT_TRY(
        cit_grid_make(f->nx, f->ny, f->nz, f->voxel_mm, f->voxel_mm, f->voxel_z_mm, &grid, errs));
    const cit_lift_options how = {.poisson = 0.5,
                                  .chi_up = s->p.scar.chi_up,
                                  .top_mm = f->scar.epidermis_mm,
                                  .lateral = CIT_LATERAL_ISOLATED,
                                  .threads = s->with.threads};
    s->start = malloc(count * sizeof *s->start);
    s->viable = malloc(count * sizeof *s->viable);
    if (s->start == NULL || s->viable == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory for a field");
        goto done;
    }
    cit_tissue_read(s->tissue, CIT_COLLAGEN, s->start);
    cit_tissue_viable(s->tissue, s->viable);
    CIT_TRY(specimen_floor(s, &s->floor, errs));
    CIT_TRY(make_surface(s, errs));
    CIT_TRY(cit_lift_new(&grid, &how, &s->lift, errs));
    s->grid = grid;
    s->fibrotic = is_fibrotic(s);
done:
    return st;
}

void specimen_end_surface(cit_specimen *s) {
    cit_surface_free(s->surface);
    cit_lift_free(s->lift);
    cit_map_free(&s->floor);
    free(s->start);
    free(s->viable);
}

/* ---- at a day -------------------------------------------------------------------------------------------- */

/* What each voxel has grown by, at the grid's strides. */
static cit_status growth_of(const cit_specimen *s, const double *C, const double *N, double **ret,
                            cit_errors *errs) {
    const cit_specimen_facts *f = &s->facts;
    void *field = NULL;
    const cit_status st = cit_fields_new(&s->grid, 1, CIT_DOUBLE, &field, errs);
    if (st != CIT_OK) return st;
    double *growth = field;
    size_t at = 0;
    for (int k = 0; k < f->nz; k++)
        for (int j = 0; j < f->ny; j++)
            for (int i = 0; i < f->nx; i++, at++)
                growth[(size_t)k * s->grid.plane + (size_t)j * s->grid.row + (size_t)i] =
                    s->viable[at] * s->p.scar.beta *
                    (C[at] - s->start[at] + s->p.scar.zeta * N[at]);
    *ret = growth;
    return CIT_OK;
}

/* In per cent of the start. */
static double change(double now, double start) { return start > 0 ? 100 * (now / start - 1) : 0; }

static void sum_up(const cit_specimen *s, const double *C, const double *N, const double *E,
                   cit_specimen_state *ret) {
    ret->day = cit_specimen_day(s);
    ret->tether = s->tether;
    ret->collagen = change(disc_mean(s, C, s->viable, 0), disc_mean(s, s->start, s->viable, 0));
    ret->new_collagen = 100 * disc_mean(s, N, s->viable, 0);
    ret->elastin = change(disc_mean(s, E, s->viable, 0), 1);
    ret->by_tether_mm = s->facts.scar.tether_mm * (1 - s->tether);
}

static double middle_of(const cit_specimen *s, const cit_map *m) { return m->values[s->deepest]; }

/* Mean depth of the skin just around the scar. */
static double rim_of(const cit_specimen *s, const cit_map *now) {
    double sum = 0;
    int count = 0;
    for (size_t i = 0; i < (size_t)now->nx * (size_t)now->ny; i++) {
        if (s->part[i] != SCAR_RIM) continue;
        sum += now->values[i];
        count++;
    }
    return count > 0 ? sum / count : 0;
}

/* A scar is seen against its rim: depths become those below it; the volume is what lies deeper, within the outline. */
static void against_rim(const cit_specimen *s, cit_map *now, cit_specimen_state *ret) {
    const double rim = rim_of(s, now);
    ret->volume_mm3 = 0;
    for (size_t i = 0; i < (size_t)now->nx * (size_t)now->ny; i++) {
        now->values[i] -= rim;
        if (s->part[i] == SCAR && now->values[i] > 0)
            ret->volume_mm3 += now->values[i] * now->dx * now->dy;
    }
    ret->depth_mm = fmax(middle_of(s, now), 0);
}

cit_status cit_specimen_look(const cit_specimen *s, cit_specimen_state *ret, double *depth,
                             cit_errors *errs) {
    const cit_specimen_facts *f = &s->facts;
    const size_t count = voxels(s);
    cit_map lift = {0}, now = {0};
    double *growth = NULL, *fields = malloc(3 * count * sizeof *fields);
    cit_status st = CIT_OK;
    if (fields == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for fields");
    double *C = fields, *N = fields + count, *E = fields + 2 * count;
    cit_tissue_read(s->tissue, CIT_COLLAGEN, C);
    cit_tissue_read(s->tissue, CIT_NEW_COLLAGEN, N);
    cit_tissue_read(s->tissue, CIT_TISSUE_ELASTIN, E);
    CIT_TRY(growth_of(s, C, N, &growth, errs));
    CIT_TRY(cit_map_new(f->nx, f->ny, f->voxel_mm, f->voxel_mm, &lift, errs));
    CIT_TRY(cit_map_new(f->nx, f->ny, f->voxel_mm, f->voxel_mm, &now, errs));
    CIT_TRY(cit_lift_run(s->lift, growth, &s->floor, &lift, errs));
    const cit_surface_change by = {
        .lift = &lift, .tether_left = s->tether, .fibrotic = s->fibrotic};
    CIT_TRY(cit_surface_at(s->surface, &by, &now, errs));
    sum_up(s, C, N, E, ret);
    ret->by_collagen_mm = s->fibrotic ? 0 : fmin(middle_of(s, &lift), f->scar.deficit_mm);
    against_rim(s, &now, ret);
    if (depth != NULL) memcpy(depth, now.values, (size_t)f->nx * (size_t)f->ny * sizeof *depth);
done:
    free(growth);
    free(fields);
    cit_map_free(&lift);
    cit_map_free(&now);
    return st;
}
