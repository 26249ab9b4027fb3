/* Surfaces from files: which scale, which part, as a map of heights. */
#include "cli.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file's name without its folder, which may tell of a person; what is no plain text in it is left out of pages. */
static void take_name(const char *path, char ret[SCAN_NAME_BYTES]) {
    const char *slash = strrchr(path, '/');
    snprintf(ret, SCAN_NAME_BYTES, "%s", slash != NULL ? slash + 1 : path);
    ret[cit_text_whole(ret, SCAN_NAME_BYTES - 1)] = 0;
    if (cit_text_is_plain(ret)) return;
    for (char *c = ret; *c != 0; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e) *c = '?';
}

/* A part of a map; positions of samples begin anew. */
static cit_status crop(const double zone[4], const char *path, cit_heights **map,
                       cit_errors *errs) {
    const cit_heights *z = *map;
    cit_heights *part = NULL;
    const int i0 = (int)fmin(ceil(fmax(zone[0], 0) / z->dx_mm - 1e-9), z->nx),
              j0 = (int)fmin(ceil(fmax(zone[1], 0) / z->dy_mm - 1e-9), z->ny),
              i1 = (int)fmax(fmin(floor((zone[0] + zone[2]) / z->dx_mm + 1e-9), z->nx), 0),
              j1 = (int)fmax(fmin(floor((zone[1] + zone[3]) / z->dy_mm + 1e-9), z->ny), 0);
    if (i1 <= i0 || j1 <= j0)
        return cit_fail(errs, CIT_INVALID, path,
                        "nothing of its %.4g x %.4g mm lies in --zone %g,%g,%g,%g (x, y of the "
                        "upper left, width, height)",
                        z->nx * z->dx_mm, z->ny * z->dy_mm, zone[0], zone[1], zone[2], zone[3]);
    cit_status st = cit_heights_new(i1 - i0, j1 - j0, z->dx_mm, z->dy_mm, &part, errs);
    if (st != CIT_OK) return st;
    part->zero_um = z->zero_um;
    part->missing = 0;
    memcpy(part->origin, z->origin, sizeof part->origin);
    for (int j = j0; j < j1; j++)
        for (int i = i0; i < i1; i++) {
            const float v = z->um[(size_t)j * (size_t)z->nx + (size_t)i];
            part->um[(size_t)(j - j0) * (size_t)part->nx + (size_t)(i - i0)] = v;
            part->missing += isnan(v) ? 1 : 0;
        }
    st = cit_heights_note(part, errs, "zone: %g, %g mm, %g x %g mm", zone[0], zone[1], zone[2],
                          zone[3]);
    cit_heights_free(*map);
    *map = part;
    return st;
}

/* Assumed: what a scar of 1 mm takes, and what shows none. A finer pitch would only draw the same points. */
static cit_status check_spacing(const char *path, double spacing_mm, cit_errors *errs) {
    const double good_mm = 0.2, most_mm = 0.5;
    if (spacing_mm > most_mm)
        return cit_fail(errs, CIT_INVALID, path,
                        "its points are %.2g mm apart, which shows the form of a face and no scar "
                        "on it: acne scars need %g mm or less",
                        spacing_mm, good_mm);
    if (spacing_mm > good_mm)
        fprintf(stderr,
                "cit: %s: its points are %.2g mm apart; acne scars need %g mm or less, so this "
                "hardly shows them\n",
                path, spacing_mm, good_mm);
    return CIT_OK;
}

static cit_status heights_of_shape(const surface_arguments *a, const scan_file *f,
                                   cit_heights **ret, cit_errors *errs) {
    cit_shape *shape = NULL;
    cit_relief_zone zone = {0};
    if (a->zone == NULL)
        return cit_fail(errs, CIT_INVALID, f->path,
                        "is a shape: say which part of it, with --zone X,Y,Z,SIDE");
    cit_status st = cit_shape_read(f->path, f->bytes, f->size, &f->scale, NULL, &shape, errs);
    if (st != CIT_OK) return st;
    const cit_relief_zone_options how = {.at_mm = {a->zone[0], a->zone[1], a->zone[2]},
                                         .side_mm = a->zone[3],
                                         .pitch_mm = f->scale.dx_mm,
                                         .outside = {a->outside[0], a->outside[1], a->outside[2]}};
    cit_errors of_zone = {0};
    st = cit_relief_from_shape(shape, &how, &zone, &of_zone);
    cit_shape_free(shape);
    scan_file_tell(f, &of_zone, errs);
    if (st != CIT_OK) return st;
    *ret = zone.heights;
    return check_spacing(f->path, zone.spacing_mm, errs);
}

/* The scale that is given, or lies beside the file. */
static cit_status find_scale(const surface_arguments *a, const char *path, cit_scan_scale *ret,
                             cit_errors *errs) {
    char beside[4200];
    *ret = a->scale;
    if (a->scale_path != NULL) return cit_scan_scale_read(a->scale_path, ret, errs);
    snprintf(beside, sizeof beside, "%s.scale.yaml", path);
    if (a->scale.height_um > 0 || access(beside, F_OK) != 0) return CIT_OK;
    return cit_scan_scale_read(beside, ret, errs);
}

/* A picture with a maker's own heights in it is no photo. */
static bool tells_heights(const char *path, const scan_file *in) {
    static cit_errors unheard;
    cit_heights *z = NULL;
    const bool tells =
        cit_heights_read(path, in->bytes, in->size, &in->scale, NULL, &z, &unheard) == CIT_OK;
    unheard = (cit_errors){0};
    cit_heights_free(z);
    return tells;
}

cit_status scan_file_load(const char *path, const surface_arguments *a, scan_file *ret,
                          cit_errors *errs) {
    const size_t most = (size_t)2 << 30;
    ret->path = path;
    take_name(path, ret->name);
    cit_status st = find_scale(a, path, &ret->scale, errs);
    if (st == CIT_OK) st = cit_file_load(path, most, &ret->bytes, &ret->size, errs);
    if (st != CIT_OK) return st;
    ret->kind = cit_scan_kind_of(cit_scan_recognise(path, ret->bytes, ret->size));
    const bool photo =
        ret->kind == CIT_SCAN_PHOTO && !(ret->scale.height_um > 0) && !tells_heights(path, ret);
    if (!photo && ret->kind != CIT_SCAN_SHAPE) ret->kind = CIT_SCAN_HEIGHTS; /* or unknown */
    return CIT_OK;
}

void scan_file_free(scan_file *f) {
    free(f->bytes);
    f->bytes = NULL;
}

void scan_file_tell(const scan_file *f, const cit_errors *of_surface, cit_errors *errs) {
    for (int i = 0; i < of_surface->count; i++) {
        const cit_error *e = &of_surface->items[i];
        const bool bad = e->code == CIT_INVALID || e->code == CIT_DIVERGED;
        cit_fail(errs, bad ? CIT_INVALID : e->code, bad ? f->path : e->where, "%s", e->text);
    }
}

cit_status scan_file_heights(const scan_file *f, const surface_arguments *a, cit_heights **ret,
                             cit_errors *errs) {
    if (f->kind == CIT_SCAN_SHAPE) return heights_of_shape(a, f, ret, errs);
    cit_heights *z = NULL;
    cit_status st = cit_heights_read(f->path, f->bytes, f->size, &f->scale, NULL, &z, errs);
    if (st == CIT_OK && a->zone != NULL) st = crop(a->zone, f->path, &z, errs);
    if (st != CIT_OK) {
        cit_heights_free(z);
        return st;
    }
    *ret = z;
    return CIT_OK;
}
