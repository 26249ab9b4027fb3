/* cit simulate CASE --patch: one scar of a case in voxels, with its fields and pictures over the course. */
#include "cli.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- what to write ------------------------------------------------------------------------------ */

/* Fields that can be written; the first are written where nobody chooses. lo and hi: ends of the colour scale, the
 * same in all pictures of a film, wide enough for the protocols of examples/ and chosen by eye. */
static const struct {
    int field;
    const char *name, *meaning;
    cit_scale scale;
} known_fields[] = {
    {CIT_COLLAGEN, "collagen", "mature collagen, 1: healthy", {0.4, 1.05}},
    {CIT_NEW_COLLAGEN, "new_collagen", "new collagen, in units of healthy collagen", {0, 0.15}},
    {CIT_INFLAMMATION, "inflammation", "inflammation", {0, 1}},
    {CIT_MYOFIBROBLASTS, "myofibroblasts", "myofibroblasts", {0, 0.6}},
    {CIT_DEBRIS, "debris", "debris of needles, 1: the mean of the reference wound", {0, 12}},
    {CIT_MACROPHAGES, "macrophages", "reparative macrophages", {0, 0.6}},
    {CIT_TGF, "tgf_beta", "active TGF-beta", {0, 0.6}},
    {CIT_FIBROBLASTS, "fibroblasts", "fibroblasts, 1: healthy", {0.4, 1.05}},
    {CIT_TISSUE_ELASTIN, "elastin", "elastin, relative to the start", {0.4, 1.05}},
    {CIT_SET_POINT, "set_point", "collagen that the tissue keeps up by itself", {0.4, 1.05}},
};
enum { FIELDS_KNOWN = sizeof known_fields / sizeof *known_fields, FIELDS_USUAL = 4, VTI_NAME = 32 };

typedef struct work {
    const patch_arguments *with;
    files f;
    cit_specimen *specimen;
    const cit_specimen_facts *facts;
    int chosen[FIELDS_KNOWN], chosen_count;
    double end_day, began_day, began_s, voxel_steps_before;
    double *values[FIELDS_KNOWN], *viable, *depth, *depth_before;
    cit_frame_field fields[FIELDS_KNOWN];
    cit_frame frame;
    char settings[1200];
    cit_series *series;
    cit_scale scales[FIELDS_KNOWN];
    cit_specimen_state *states;
    int state_count, frame_count, vti_count;
    const char **vti_names;
    double *vti_days;
    char (*vti_text)[VTI_NAME];
    cit_progress outer;
    bool unsettled, goes_on; /* with the course that is in the folder */
} work;

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static cit_status choose_fields(work *w, cit_errors *errs) {
    const char *list = w->with->fields;
    if (list == NULL) {
        for (int i = 0; i < FIELDS_USUAL; i++) w->chosen[w->chosen_count++] = i;
        return CIT_OK;
    }
    while (*list != 0) {
        const size_t length = strcspn(list, ",");
        int found = -1;
        for (int i = 0; i < FIELDS_KNOWN; i++)
            if (strlen(known_fields[i].name) == length &&
                strncmp(known_fields[i].name, list, length) == 0)
                found = i;
        if (found < 0 || w->chosen_count == FIELDS_KNOWN)
            return cit_fail(errs, CIT_INVALID, "--fields",
                            "there is no field '%.*s'; there are collagen, new_collagen, "
                            "inflammation, myofibroblasts, debris, macrophages, tgf_beta, "
                            "fibroblasts, elastin, set_point",
                            (int)length, list);
        w->chosen[w->chosen_count++] = found;
        list += length + (list[length] == ',');
    }
    return CIT_OK;
}

/* ---- the scar ------------------------------------------------------------------------------------- */

/* The first scars of that type, or the first at all. */
static cit_status find_scar(const cit_case *c, int type, int *ret_zone, int *ret_group,
                            cit_errors *errs) {
    for (int i = 0; i < c->zone_count; i++)
        for (int j = 0; j < c->zones[i].scar_group_count && c->zones[i].scars != NULL; j++) {
            const cit_scar_group *g = &c->zones[i].scars[j];
            if ((type != 0 && g->type != type) || g->count == 0) continue;
            *ret_zone = i;
            *ret_group = j;
            return CIT_OK;
        }
    return cit_fail(errs, CIT_INVALID, cit_doc_name(c->doc), "there are no %s scars",
                    type != 0 ? cit_choice_name(cit_case_scar_choices, type) : "depressed");
}

static int largest_of(const cit_scars *s) {
    int most = 0;
    for (int i = 1; i < s->count; i++)
        if (s->scar[i].volume_mm3 > s->scar[most].volume_mm3) most = i;
    return s->scar[most].number;
}

/* A scar as a map of heights shows it; nothing where no surface was given. */
static cit_status measured_scar(const patch_arguments *a, cit_map *ret, cit_errors *errs) {
    enum { MOST = 1 << 30 };
    const char *path = a->surface;
    uint8_t *bytes = NULL;
    size_t size = 0;
    cit_heights *heights = NULL;
    cit_scars *scars = NULL;
    cit_status st = CIT_OK;
    if (path == NULL) return CIT_OK;
    CIT_TRY(cit_file_load(path, MOST, &bytes, &size, errs));
    CIT_TRY(cit_heights_read(path, bytes, size, &(cit_scan_scale){0}, NULL, &heights, errs));
    const cit_scars_options how = {.threads = a->computing.threads};
    CIT_TRY(cit_scars_find(heights, &how, NULL, &scars, errs));
    if (scars->count == 0) CIT_TRY(cit_fail(errs, CIT_INVALID, path, "shows no depressed scar"));
    const int number = a->number > 0 ? a->number : largest_of(scars);
    CIT_TRY(cit_scar_depths(scars, number, &ret->nx, &ret->ny, &ret->values, errs));
    ret->dx = scars->dx_mm;
    ret->dy = scars->dy_mm;
    fprintf(stderr, "scar %d of %d on %s\n", number, scars->count, path);
done:
    cit_scars_free(scars);
    cit_heights_free(heights);
    free(bytes);
    return st;
}

static double memory_there(void) {
    const long pages = sysconf(_SC_AVPHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? 0.9 * (double)pages * (double)size : 0;
}

static cit_status make_specimen(work *w, cit_errors *errs) {
    const patch_arguments *a = w->with;
    cit_specimen_options o = {.person = w->f.person,
                              .protocol = w->f.protocol,
                              .catalogue = w->f.catalogue,
                              .posterior = a->prior ? NULL : w->f.catalogue->posterior,
                              .voxel_mm = a->voxel_mm,
                              .voxel_z_mm = a->voxel_z_mm,
                              .size_mm = a->size_mm,
                              .memory_bytes = memory_there(),
                              .seed = a->computing.seed,
                              .precision = a->single ? CIT_SINGLE : CIT_DOUBLE,
                              .threads = a->computing.threads};
    cit_map measured = {0};
    cit_status st = find_scar(w->f.person, a->scar, &o.zone, &o.group, errs);
    if (st == CIT_OK) st = measured_scar(a, &measured, errs);
    o.depth = measured.values != NULL ? &measured : NULL;
    if (st == CIT_OK) st = cit_specimen_new(&o, &w->specimen, errs);
    cit_map_free(&measured);
    if (st != CIT_OK) return st;
    w->facts = cit_specimen_facts_of(w->specimen);
    w->end_day = cit_known(a->days) ? a->days : w->facts->last_day + 182;
    const cit_specimen_facts *f = w->facts;
    fprintf(stderr, "%d x %d x %d voxels of %.0f x %.0f x %.0f um, %.0f MB of memory, to day %g\n",
            f->nx, f->ny, f->nz, 1000 * f->voxel_mm, 1000 * f->voxel_mm, 1000 * f->voxel_z_mm,
            f->bytes / 1e6, w->end_day);
    return CIT_OK;
}

/* ---- frames ------------------------------------------------------------------------------------------ */

enum {
    LOOKS_MAX = 9000, /* a film numbers its pictures by four digits */
    MINUTES_A_DAY = 1440
};

static cit_status make_room(work *w, cit_errors *errs) {
    const cit_specimen_facts *f = w->facts;
    const size_t area = (size_t)f->nx * (size_t)f->ny, count = area * (size_t)f->nz;
    bool there = true;
    if (w->with->every_day < 1.0 / MINUTES_A_DAY)
        return cit_fail(errs, CIT_INVALID, "--every", "%g days are less than a minute",
                        w->with->every_day);
    if (w->end_day / w->with->every_day > LOOKS_MAX)
        return cit_fail(errs, CIT_INVALID, "--every", "%.3g looks; at most %d are kept",
                        w->end_day / w->with->every_day, LOOKS_MAX);
    for (int i = 0; i < w->chosen_count; i++)
        there = (w->values[i] = malloc(count * sizeof(double))) != NULL && there;
    w->viable = malloc(count * sizeof *w->viable);
    w->depth = malloc(area * sizeof *w->depth);
    w->depth_before = malloc(area * sizeof *w->depth_before);
    const size_t looks = (size_t)(w->end_day / w->with->every_day) + 3 + 2 * (size_t)f->visits;
    w->states = calloc(looks, sizeof *w->states);
    w->vti_names = calloc(looks, sizeof *w->vti_names);
    w->vti_days = calloc(looks, sizeof *w->vti_days);
    w->vti_text = calloc(looks, sizeof *w->vti_text);
    if (!(there && w->viable && w->depth && w->depth_before && w->states && w->vti_names &&
          w->vti_days && w->vti_text))
        return cit_fail(errs, CIT_NOMEM, "", "no memory for fields");
    cit_tissue_viable(cit_specimen_tissue(w->specimen), w->viable);
    for (int i = 0; i < w->chosen_count; i++) {
        w->fields[i] = (cit_frame_field){known_fields[w->chosen[i]].name, "1",
                                         known_fields[w->chosen[i]].meaning, w->values[i]};
        w->scales[i] = known_fields[w->chosen[i]].scale;
    }
    snprintf(
        w->settings, sizeof w->settings,
        "scar: %s, %g mm wide, %g mm deep%s\nvoxels: %d x %d x %d of %g x %g x %g mm\n"
        "precision: %s\nparameters: %s\nvisits: %d, the first with needles of %g mm",
        cit_choice_name(cit_case_scar_choices, f->type), 2 * f->scar.radius_mm, f->scar.depth_mm,
        f->measured       ? " (as a surface shows it)"
        : f->assumed_size ? " (typical size, not measured)"
                          : "",
        f->nx, f->ny, f->nz, f->voxel_mm, f->voxel_mm, f->voxel_z_mm,
        w->with->single ? "single" : "double",
        w->with->prior ? "typical values" : "medians of the posterior", f->visits, f->length_mm);
    const double side = 0.5 * f->size_mm;
    w->frame = (cit_frame){
        .box = {f->nx, f->ny, f->nz, f->voxel_mm, f->voxel_mm, f->voxel_z_mm, -side, -side, 0},
        .fields = w->fields,
        .count = w->chosen_count,
        .viable = w->viable,
        .made = {"cit " CIT_VERSION, w->f.catalogue->digest, w->settings, w->with->computing.seed}};
    return CIT_OK;
}

static void path_in(const work *w, const char *name, char path[4200]) {
    snprintf(path, 4200, "%s/%s", w->with->folder, name);
}

static cit_precision stored(const work *w) {
    return w->with->store_double ? CIT_DOUBLE : CIT_SINGLE;
}

static cit_status begin_folder(work *w, cit_errors *errs) {
    char path[4200];
    const cit_series_options how = {
        .precision = stored(w), .force = w->with->force, .threads = w->with->computing.threads};
    if (mkdir(w->with->folder, 0777) != 0 && errno != EEXIST)
        return cit_fail(errs, CIT_IO, w->with->folder, "cannot be made: %s", strerror(errno));
    path_in(w, "course.h5", path);
    if (w->goes_on) {
        const double day = cit_specimen_day(w->specimen);
        const cit_status st = cit_series_resume(path, &w->frame, &how, day, &w->series, errs);
        w->frame_count = st == CIT_OK ? cit_series_count(w->series) : 0;
        path_in(w, "film", path);
        if (st == CIT_OK) cit_film_cut(path, w->frame_count);
        return st;
    }
    cit_status st = cit_series_new(path, &w->frame, &how, &w->series, errs);
    path_in(w, "film", path);
    return st == CIT_OK ? cit_film_begin(path, 8, w->with->force, errs) : st;
}

static cit_status write_picture(work *w, cit_errors *errs) {
    char title[160], path[4200];
    unsigned char *png = NULL;
    size_t size = 0;
    const cit_specimen_facts *f = w->facts;
    snprintf(title, sizeof title, "%s scar, %.1f mm wide, %.2f mm deep",
             cit_choice_name(cit_case_scar_choices, f->type), 2 * f->scar.radius_mm,
             f->scar.depth_mm);
    const cit_slices how = {.title = title,
                            .scales = w->scales,
                            .y_mm = CIT_UNKNOWN_NUMBER,
                            .epidermis_mm = f->scar.epidermis_mm};
    cit_status st = cit_frame_slices(&w->frame, &how, &png, &size, errs);
    path_in(w, "film", path);
    if (st == CIT_OK) st = cit_film_add(path, w->frame_count, png, size, errs);
    free(png);
    return st;
}

static cit_status write_vti(work *w, cit_errors *errs) {
    char path[4200], *name = w->vti_text[w->vti_count];
    if (!w->with->vtk) return CIT_OK;
    /* Looks are a minute apart or more. */
    const bool whole = fabs(w->frame.day - round(w->frame.day)) < 1e-5;
    snprintf(name, VTI_NAME, whole ? "day-%04.0f.vti" : "day-%09.4f.vti", w->frame.day);
    path_in(w, name, path);
    const cit_status st = cit_frame_vti(&w->frame, stored(w), path, errs);
    w->vti_names[w->vti_count] = name;
    w->vti_days[w->vti_count++] = w->frame.day;
    return st;
}

static cit_status add_frame(work *w, cit_errors *errs) {
    cit_status st = CIT_OK;
    if (w->with->folder == NULL) return CIT_OK;
    /* A course that goes on has the frame of its checkpoint, if there was to be one. */
    if (w->goes_on && w->state_count == 1) return CIT_OK;
    for (int i = 0; i < w->chosen_count; i++)
        cit_tissue_read(cit_specimen_tissue(w->specimen), known_fields[w->chosen[i]].field,
                        w->values[i]);
    w->frame.day = cit_specimen_day(w->specimen);
    st = cit_series_add(w->series, &w->frame, errs);
    if (st == CIT_OK) st = write_picture(w, errs);
    if (st == CIT_OK) st = write_vti(w, errs);
    w->frame_count++;
    return st;
}

static cit_status take_note(work *w, cit_errors *errs) {
    cit_specimen_state *state = &w->states[w->state_count];
    const cit_status st = cit_specimen_look(w->specimen, state, w->depth, errs);
    if (st != CIT_OK) return st;
    if (w->state_count == 0)
        memcpy(w->depth_before, w->depth,
               (size_t)w->facts->nx * (size_t)w->facts->ny * sizeof *w->depth);
    w->state_count++;
    return add_frame(w, errs);
}

/* ---- checkpoints --------------------------------------------------------------------------------------- */

static cit_status write_checkpoint(const work *w, cit_errors *errs) {
    char path[4200];
    void *bytes = NULL;
    size_t size = 0;
    cit_status st = cit_specimen_save(w->specimen, &bytes, &size, errs);
    if (st != CIT_OK) return st;
    path_in(w, "checkpoint.cit", path);
    st = cit_file_write(path, bytes, size, errs);
    free(bytes);
    return st;
}

/* A checkpoint has a few values a voxel more than the tissue. */
static cit_status take_up(work *w, cit_errors *errs) {
    const char *path = w->with->resume;
    uint8_t *bytes = NULL;
    size_t size = 0;
    cit_errors faults = {0};
    if (path == NULL) return CIT_OK;
    cit_status st = cit_file_load(path, (size_t)(2 * w->facts->bytes + 1e6), &bytes, &size, errs);
    if (st != CIT_OK) return st;
    st = cit_specimen_restore(w->specimen, bytes, size, &faults);
    free(bytes);
    return st == CIT_OK ? CIT_OK : cit_fail(errs, st, path, "%s", faults.items[0].text);
}

/* ---- the run --------------------------------------------------------------------------------------------- */

static bool show(void *context, double share, const char *what) {
    work *w = context;
    char line[100];
    (void)share;
    (void)what;
    const double day = cit_specimen_day(w->specimen), gone = seconds() - w->began_s,
                 done = day - w->began_day, all = w->end_day - w->began_day,
                 rate = gone > 0
                            ? (cit_tissue_stats_of(cit_specimen_tissue(w->specimen)).voxel_steps -
                               w->voxel_steps_before) /
                                  gone
                            : 0,
                 left = done > 0 ? gone * (all - done) / done : 0;
    snprintf(line, sizeof line, "day %.1f, %.1f Mvoxel/s, %.0f s left", day, 1e-6 * rate, left);
    return cit_progress_report(&w->outer, all > 0 ? done / all : 1, line);
}

/* The next day to look at: a round one, one or three days after a visit, the end. */
static double next_look(const work *w, double day) {
    static const double after[] = {1, 3};
    const double every = w->with->every_day;
    double next = fmin(every * (floor(day / every + 1e-9) + 1), w->end_day);
    for (int i = 0; i < w->facts->visits; i++)
        for (int j = 0; j < 2; j++) {
            const double then = cit_specimen_visit_day(w->specimen, i) + after[j];
            if (then > day + 1e-9) next = fmin(next, then);
        }
    return next;
}

static cit_status follow(work *w, cit_errors *errs) {
    cit_status st = CIT_OK;
    double kept = cit_specimen_day(w->specimen);
    const cit_progress progress = {show, w};
    w->outer = begin_work();
    w->began_day = kept;
    w->began_s = seconds();
    w->voxel_steps_before = cit_tissue_stats_of(cit_specimen_tissue(w->specimen)).voxel_steps;
    st = take_note(w, errs);
    while (st == CIT_OK && cit_specimen_day(w->specimen) < w->end_day) {
        const double day = cit_specimen_day(w->specimen);
        st = cit_specimen_advance(w->specimen, next_look(w, day), &progress, errs);
        if (st == CIT_OK) st = take_note(w, errs);
        if (st != CIT_OK || w->with->folder == NULL || !cit_known(w->with->checkpoint_day) ||
            cit_specimen_day(w->specimen) - kept < w->with->checkpoint_day)
            continue;
        st = write_checkpoint(w, errs);
        kept = cit_specimen_day(w->specimen);
    }
    end_work();
    if (st != CIT_CANCELLED || w->with->folder == NULL) return st;
    const cit_status saved = write_checkpoint(w, errs);
    if (saved == CIT_OK)
        fprintf(stderr, "stopped on day %.1f; go on with --resume %s/checkpoint.cit -o %s\n",
                cit_specimen_day(w->specimen), w->with->folder, w->with->folder);
    return st;
}

/* ---- what is left of it ----------------------------------------------------------------------------------- */

static int visits_made(const work *w) {
    int made = 0;
    while (made < w->facts->visits &&
           cit_specimen_visit_day(w->specimen, made) < cit_specimen_day(w->specimen))
        made++;
    return made;
}

static cit_status write_relief(const work *w, cit_errors *errs) {
    const cit_specimen_facts *f = w->facts;
    const size_t area = (size_t)f->nx * (size_t)f->ny;
    char path[4200], after[40], title[120];
    unsigned char *png = NULL;
    size_t size = 0;
    double *heights = malloc(2 * area * sizeof *heights);
    if (heights == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a surface");
    for (size_t i = 0; i < area; i++) {
        heights[i] = -w->depth_before[i];
        heights[area + i] = -w->depth[i];
    }
    snprintf(after, sizeof after, "day %.0f", cit_specimen_day(w->specimen));
    const int made = visits_made(w);
    snprintf(title, sizeof title, "%s scar, and what %d visit%s of it",
             cit_choice_name(cit_case_scar_choices, f->type), made,
             made == 1 ? " leaves" : "s leave");
    if (title[0] >= 'a' && title[0] <= 'z') title[0] = (char)(title[0] - 'a' + 'A');
    const cit_relief pair[2] = {{f->nx, f->ny, f->voxel_mm, f->voxel_mm, heights, "before"},
                                {f->nx, f->ny, f->voxel_mm, f->voxel_mm, heights + area, after}};
    const cit_relief_picture how = {.title = title, .made = w->frame.made};
    cit_status st = cit_reliefs_png(pair, 2, &how, &png, &size, errs);
    path_in(w, "surface.png", path);
    if (st == CIT_OK) st = cit_file_write(path, png, size, errs);
    free(png);
    free(heights);
    return st;
}

static cit_status write_table(const work *w, cit_errors *errs) {
    char path[4200], *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a table");
    fputs("day,collagen_change_percent,new_collagen_percent,elastin_change_percent,bands_left,"
          "lift_by_collagen_mm,lift_by_bands_mm,depth_mm,volume_mm3\n",
          out);
    for (int i = 0; i < w->state_count; i++) {
        const cit_specimen_state *s = &w->states[i];
        fprintf(out, "%.6g,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g\n", s->day, s->collagen,
                s->new_collagen, s->elastin, s->tether, s->by_collagen_mm, s->by_tether_mm,
                s->depth_mm, s->volume_mm3);
    }
    path_in(w, "course.csv", path);
    cit_status st = fclose(out) == 0 ? CIT_OK : cit_fail(errs, CIT_NOMEM, "", "no memory");
    if (st == CIT_OK) st = cit_file_write(path, text, size, errs);
    free(text);
    return st;
}

static cit_status end_folder(work *w, cit_errors *errs) {
    char path[4200];
    cit_status st = cit_series_close(w->series, errs);
    w->series = NULL;
    path_in(w, "course.pvd", path);
    if (st == CIT_OK && w->with->vtk)
        st = cit_frames_pvd(w->vti_names, w->vti_days, w->vti_count, path, errs);
    if (st == CIT_OK) st = write_relief(w, errs);
    if (st == CIT_OK) st = write_table(w, errs);
    return st;
}

static cit_status print_result(work *w, cit_errors *errs) {
    const cit_patch_report report = {.specimen = w->specimen,
                                     .states = w->states,
                                     .count = w->state_count,
                                     .unsettled = w->unsettled,
                                     .seconds = seconds() - w->began_s};
    cit_page *page = cit_page_of_patch(&report);
    const cit_status st = print_page(page, errs);
    cit_page_free(page);
    return st;
}

static void work_free(work *w) {
    cit_errors none = {0};
    (void)!cit_series_close(w->series, &none);
    for (int i = 0; i < w->chosen_count; i++) free(w->values[i]);
    free(w->viable);
    free(w->depth);
    free(w->depth_before);
    free(w->states);
    free(w->vti_names);
    free(w->vti_days);
    free(w->vti_text);
    cit_specimen_free(w->specimen);
    close_files(&w->f);
}

/* A checkpoint goes on with the course beside it; with --force it is begun anew. */
static bool has_course(const patch_arguments *a) {
    char path[4200];
    if (a->resume == NULL || a->folder == NULL || a->force) return false;
    snprintf(path, sizeof path, "%s/course.h5", a->folder);
    return access(path, F_OK) == 0;
}

cit_status simulate_patch(const patch_arguments *a, cit_errors *errs) {
    static work w;
    cit_status st = CIT_OK;
    w.with = a;
    CIT_TRY(choose_fields(&w, errs));
    w.goes_on = has_course(a);
    if (a->folder != NULL) CIT_TRY(cit_folder_may_write(a->folder, a->force || w.goes_on, errs));
    CIT_TRY(open_files(a->computing.catalogue, NULL, a->case_path, a->protocol_path, &w.f, errs));
    CIT_TRY(cit_may_forecast(w.f.person, w.f.protocol, errs));
    CIT_TRY(cit_screen(w.f.person, w.f.protocol, w.f.catalogue,
                       screening_day(a->day, w.f.protocol, w.f.person), &w.f.screening, errs));
    CIT_TRY(refuse_forbidden(w.f.screening, w.f.person, cit_who_of(w.f.person, w.f.protocol),
                             w.f.catalogue, errs));
    const int who = cit_who_of(w.f.person, w.f.protocol);
    w.unsettled = who != 0 && cit_screening_verdict(w.f.screening, -1, who) != CIT_CLEARED;
    CIT_TRY(make_specimen(&w, errs));
    CIT_TRY(take_up(&w, errs));
    CIT_TRY(make_room(&w, errs));
    if (a->folder != NULL) CIT_TRY(begin_folder(&w, errs));
    CIT_TRY(follow(&w, errs));
    if (a->folder != NULL) CIT_TRY(end_folder(&w, errs));
    if (a->folder != NULL && cit_known(a->checkpoint_day)) CIT_TRY(write_checkpoint(&w, errs));
    CIT_TRY(print_result(&w, errs));
done:
    work_free(&w);
    return st;
}
