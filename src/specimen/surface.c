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

/* How deep the dip that is no tissue lies below each pixel. */
static cit_status floor_map(const cit_specimen *s, cit_map *ret, cit_errors *errs) {
    const cit_specimen_facts *f = &s->facts;
    cit_scar missing = f->scar;
    missing.depth_mm = s->missing_mm;
    const cit_status st = cit_map_new(f->nx, f->ny, f->voxel_mm, f->voxel_mm, ret, errs);
    return st == CIT_OK ? cit_surface_bowl(&missing, 0.5 * f->size_mm, 0.5 * f->size_mm, ret, errs)
                        : st;
}

/* Bands pull evenly at the floor of the scar; the plate on fat makes a dip of it. */
static cit_status dip_map(const cit_specimen *s, const cit_map *bowl, cit_map *ret,
                          cit_errors *errs) {
    const cit_scar_params *p = &s->p.scar;
    const cit_plate plate =
        cit_plate_of(p->E_dermis_kPa, s->dermis_mm, p->tension_N_per_m, p->fat_kPa_per_mm);
    cit_map force = {0};
    cit_tether *tether = NULL;
    cit_status st = CIT_OK;
    CIT_TRY(cit_map_new(bowl->nx, bowl->ny, bowl->dx, bowl->dy, &force, errs));
    CIT_TRY(cit_map_new(bowl->nx, bowl->ny, bowl->dx, bowl->dy, ret, errs));
    for (size_t i = 0; i < (size_t)bowl->nx * (size_t)bowl->ny; i++)
        force.values[i] = bowl->values[i] > 0 ? 1 : 0;
    CIT_TRY(cit_tether_new(&force, &plate, CIT_LATERAL_ISOLATED, s->with.threads, &tether, errs));
    CIT_TRY(cit_tether_run(tether, &force, ret, errs));
done:
    cit_tether_free(tether);
    cit_map_free(&force);
    return st;
}

static cit_status make_surface(cit_specimen *s, cit_errors *errs) {
    const cit_specimen_facts *f = &s->facts;
    const cit_scar *scar = &f->scar;
    cit_map bowl = {0}, dip = {0};
    cit_status st = CIT_OK;
    CIT_TRY(cit_map_new(f->nx, f->ny, f->voxel_mm, f->voxel_mm, &bowl, errs));
    CIT_TRY(cit_surface_bowl(scar, 0.5 * f->size_mm, 0.5 * f->size_mm, &bowl, errs));
    if (scar->tether_mm > 0) CIT_TRY(dip_map(s, &bowl, &dip, errs));
    CIT_TRY(cit_surface_new(&bowl, scar->tether_mm > 0 ? &dip : NULL,
                            scar->tether_mm / scar->depth_mm, scar->open_mm / scar->depth_mm,
                            &s->surface, errs));
done:
    cit_map_free(&bowl);
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
    CIT_TRY(floor_map(s, &s->floor, errs));
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

static double middle_of(const cit_map *m) {
    return m->values[(size_t)(m->ny / 2) * (size_t)m->nx + (size_t)(m->nx / 2)];
}

/* Mean depth of the skin just around the scar. */
static double rim_of(const cit_specimen *s, const cit_map *now) {
    const double middle = 0.5 * s->facts.size_mm, R = s->facts.scar.radius_mm,
                 ring = 3 * s->facts.voxel_mm; /* assumed */
    double sum = 0;
    int count = 0;
    for (int j = 0; j < now->ny; j++)
        for (int i = 0; i < now->nx; i++) {
            const double r = hypot((i + 0.5) * now->dx - middle, (j + 0.5) * now->dy - middle);
            if (r <= R || r > R + ring) continue;
            sum += now->values[(size_t)j * (size_t)now->nx + (size_t)i];
            count++;
        }
    return count > 0 ? sum / count : 0;
}

/* A scar is seen against its rim: depths become those below it; the volume is what lies deeper, within the outline. */
static void against_rim(const cit_specimen *s, cit_map *now, cit_specimen_state *ret) {
    const double middle = 0.5 * s->facts.size_mm, R = s->facts.scar.radius_mm, rim = rim_of(s, now);
    ret->volume_mm3 = 0;
    for (int j = 0; j < now->ny; j++)
        for (int i = 0; i < now->nx; i++) {
            const double r = hypot((i + 0.5) * now->dx - middle, (j + 0.5) * now->dy - middle);
            double *depth = &now->values[(size_t)j * (size_t)now->nx + (size_t)i];
            *depth -= rim;
            if (r <= R && *depth > 0) ret->volume_mm3 += *depth * now->dx * now->dy;
        }
    ret->depth_mm = fmax(middle_of(now), 0);
}

cit_status cit_specimen_look(const cit_specimen *s, cit_specimen_state *ret, double *depth,
                             cit_errors *errs) {
    const cit_specimen_facts *f = &s->facts;
    const size_t count = voxels(s);
    cit_map lift = {0}, now = {0};
    double *growth = NULL, *fields = malloc(3 * count * sizeof *fields);
    cit_status st = fields != NULL ? CIT_OK : cit_fail(errs, CIT_NOMEM, "", "no memory for fields");
    if (st != CIT_OK) return st;
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
    ret->by_collagen_mm = s->fibrotic ? 0 : fmin(middle_of(&lift), f->scar.deficit_mm);
    against_rim(s, &now, ret);
    if (depth != NULL) memcpy(depth, now.values, (size_t)f->nx * (size_t)f->ny * sizeof *depth);
done:
    free(growth);
    free(fields);
    cit_map_free(&lift);
    cit_map_free(&now);
    return st;
}
