/* Redness and pigment of photos: the part of `cit measure` that looks at them. */
#include "cli.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct one_photo {
    cit_photo *photo;
    cit_chart chart;
    cit_colour_change change;
} one_photo;

typedef struct shelf {
    const photo_arguments *a;
    one_photo *photos;
    cit_colour_take *takes;
} shelf;

/* Pixels of the zone; where there is none, the middle of the photo. */
static cit_status part_of(const photo_arguments *a, const cit_photo *photo, cit_photo_part *ret,
                          cit_errors *errs) {
    const double *zone = a->zone;
    cit_photo_part part = {0};
    for (int i = 0; i < 4 && zone != NULL; i++)
        if (!(fabs(zone[i]) < 1e6) || zone[i] != floor(zone[i]))
            return cit_fail(errs, CIT_USAGE, "--zone", "of a photo four whole numbers of pixels");
    if (zone != NULL)
        part = (cit_photo_part){(int)zone[0], (int)zone[1], (int)zone[2], (int)zone[3]};
    return cit_photo_part_of(photo, &part, ret, errs);
}

static cit_status refuse_copy(const photo_file *first, const photo_file *f, cit_errors *errs) {
    if (f == first || f->size != first->size || memcmp(f->bytes, first->bytes, f->size) != 0)
        return CIT_OK;
    return cit_fail(errs, CIT_INVALID, f->name,
                    "holds the same bytes as %s: a copy, not another photo", first->name);
}

/* Says of which photo the last fault is. */
static void name_fault(const char *name, cit_errors *errs) {
    char where[sizeof errs->items->where];
    if (errs->count == 0) return;
    cit_error *e = &errs->items[errs->count - 1];
    if (strncmp(e->where, name, strlen(name)) == 0 || *e->where == '-') return;
    snprintf(where, sizeof where, "%.100s: %.60s", name, e->where);
    memcpy(e->where, where, sizeof where);
}

static cit_status take_photo(shelf *s, int i, cit_errors *errs) {
    const photo_file *f = &s->a->files[i];
    one_photo *one = &s->photos[i];
    cit_colour_take *t = &s->takes[i];
    cit_status st = CIT_OK;
    CIT_TRY(refuse_copy(s->a->files, f, errs));
    CIT_TRY(cit_photo_read(f->name, f->bytes, f->size, NULL, &one->photo, errs));
    if (one->photo->grey)
        CIT_TRY(
            cit_fail(errs, CIT_INVALID, f->name,
                     "is grey, and has no colour to measure; of a map of heights say the scale, "
                     "with --height and --pitch"));
    *t = (cit_colour_take){.name = f->name, .day = f->day, .photo = one->photo};
    CIT_TRY(part_of(s->a, t->photo, &t->part, errs));
    const cit_status found = cit_chart_find(t->photo, &one->chart, NULL);
    if (found != CIT_OK && found != CIT_NOTFOUND && found != CIT_INVALID)
        CIT_TRY(cit_fail(errs, found, f->name, "no memory to look for a chart"));
    t->chart = found == CIT_OK ? &one->chart : NULL;
    CIT_TRY(cit_photo_quality_of(t->photo, &t->part, &t->quality, errs));
    CIT_TRY(cit_colour_of(t->photo, &t->part, t->chart,
                          t->chart != NULL ? CIT_WHITE_CHART : CIT_WHITE_NONE, &t->result, errs));
    if (i == 0) goto done;
    const cit_colour_take *first = &s->takes[0];
    CIT_TRY(cit_colour_compare(first->photo, &first->part, first->chart, t->photo, &t->part,
                               t->chart, s->a->relative, &one->change, errs));
    t->change = &one->change;
done:
    if (st != CIT_OK) name_fault(f->name, errs);
    return st;
}

static cit_status show(const photo_arguments *a, const cit_colour_report *r, cit_errors *errs) {
    char *bytes = NULL;
    if (a->json) {
        cit_status st = cit_report_colour_json(r, &bytes, errs);
        if (st == CIT_OK) st = print_bytes(bytes, errs);
        if (st == CIT_OK) st = print_bytes("\n", errs);
        free(bytes);
        return st;
    }
    cit_page *page = cit_page_of_colour(r);
    const cit_status st = print_page(page, errs);
    cit_page_free(page);
    return st;
}

static cit_status measure_all(shelf *s, cit_errors *errs) {
    const photo_arguments *a = s->a;
    const cit_colour_report r = {"cit " CIT_VERSION, s->takes, a->count};
    cit_status st = CIT_OK;
    for (int i = 0; i < a->count; i++) CIT_TRY(take_photo(s, i, errs));
    if (a->folder != NULL) CIT_TRY(cit_report_colour_write(&r, a->day, a->folder, a->force, errs));
    CIT_TRY(show(a, &r, errs));
done:
    return st;
}

cit_status measure_photos(const photo_arguments *a, cit_errors *errs) {
    const size_t n = (size_t)a->count;
    shelf s = {a, calloc(n, sizeof *s.photos), calloc(n, sizeof *s.takes)};
    const cit_status st = s.photos != NULL && s.takes != NULL
                              ? measure_all(&s, errs)
                              : cit_fail(errs, CIT_NOMEM, "", "no memory");
    for (size_t i = 0; i < n && s.photos != NULL; i++) cit_photo_free(s.photos[i].photo);
    free(s.photos);
    free(s.takes);
    return st;
}
