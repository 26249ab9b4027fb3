/* What a frame of fields may be. */
#include "report_impl.h"
#include <ctype.h>
#include <float.h>
#include <string.h>

enum { NAME_MAX_BYTES = 60, WORDS_MAX_BYTES = 400 };

static cit_status check_side(const char *axis, int n, double spacing, double corner,
                             cit_errors *errs) {
    if (n < 1) return cit_fail(errs, CIT_INVALID, "box", "n%s is %d voxels", axis, n);
    if (!(spacing > 0 && spacing < 1e6))
        return cit_fail(errs, CIT_INVALID, "box", "d%s_mm is %g, not a length", axis, spacing);
    if (!isfinite(corner))
        return cit_fail(errs, CIT_INVALID, "box", "%s_mm is %g, not a place", axis, corner);
    return CIT_OK;
}

static cit_status check_box(const cit_box *b, cit_errors *errs) {
    cit_status st = CIT_OK;
    CIT_TRY(check_side("x", b->nx, b->dx_mm, b->x_mm, errs));
    CIT_TRY(check_side("y", b->ny, b->dy_mm, b->y_mm, errs));
    CIT_TRY(check_side("z", b->nz, b->dz_mm, b->z_mm, errs));
    if ((double)b->nx * b->ny * b->nz > 1e12)
        st = cit_fail(errs, CIT_INVALID, "box", "%d x %d x %d voxels are too many", b->nx, b->ny,
                      b->nz);
done:
    return st;
}

/* Names are paths in HDF5, attributes in XML and variables in whatever reads them: what none of them has to
 * escape. */
static bool is_name(const char *name) {
    if (!isalpha((unsigned char)name[0])) return false;
    size_t n = 0;
    while (isalnum((unsigned char)name[n]) || name[n] == '_') n++;
    return n <= NAME_MAX_BYTES && name[n] == 0;
}

static cit_status check_words(const char *where, const char *what, const char *words, bool lines,
                              cit_errors *errs) {
    if (words == NULL) return cit_fail(errs, CIT_INVALID, where, "has no %s", what);
    if (!cit_text_is_plain(words) || (!lines && strpbrk(words, "\n\r\t") != NULL))
        return cit_fail(errs, CIT_INVALID, where,
                        "its %s is not UTF-8 text, or has control characters", what);
    if (!lines && strlen(words) > WORDS_MAX_BYTES)
        return cit_fail(errs, CIT_INVALID, where, "its %s is longer than %d bytes", what,
                        WORDS_MAX_BYTES);
    return CIT_OK;
}

static cit_status check_field(const cit_frame *f, int which, cit_errors *errs) {
    const cit_frame_field *field = &f->fields[which];
    cit_status st = CIT_OK;
    const char *name = field->name;
    if (name == NULL || !is_name(name) || strcmp(name, "viable") == 0)
        return cit_fail(errs, CIT_INVALID, "fields",
                        "the name of field %d must be a letter, then letters, digits and _, %d at "
                        "most, and not \"viable\"",
                        which + 1, NAME_MAX_BYTES);
    for (int i = 0; i < which; i++)
        if (strcmp(f->fields[i].name, name) == 0)
            return cit_fail(errs, CIT_INVALID, name, "is there twice");
    CIT_TRY(check_words(name, "unit", field->unit, false, errs));
    CIT_TRY(check_words(name, "meaning", field->meaning, false, errs));
    if (field->values == NULL) return cit_fail(errs, CIT_INVALID, name, "has no values");
    const size_t n = box_voxels(&f->box);
    for (size_t i = 0; i < n; i++)
        if (isinf(field->values[i]))
            return cit_fail(errs, CIT_INVALID, name, "is infinite in voxel %zu", i);
done:
    return st;
}

static cit_status check_viable(const cit_frame *f, cit_errors *errs) {
    const size_t n = f->viable != NULL ? box_voxels(&f->box) : 0;
    for (size_t i = 0; i < n; i++)
        if (!(f->viable[i] >= 0 && f->viable[i] <= 1))
            return cit_fail(errs, CIT_INVALID, "viable", "is %g in voxel %zu, not a share",
                            f->viable[i], i);
    return CIT_OK;
}

cit_status cit_frame_check(const cit_frame *f, cit_errors *errs) {
    cit_status st = CIT_OK;
    CIT_TRY(check_box(&f->box, errs));
    if (!isfinite(f->day)) return cit_fail(errs, CIT_INVALID, "day", "is %g", f->day);
    if (f->count < 1 || f->count > CIT_FRAME_FIELDS_MAX)
        return cit_fail(errs, CIT_INVALID, "fields", "there are %d; 1 to %d can be written",
                        f->count, CIT_FRAME_FIELDS_MAX);
    CIT_TRY(check_words("made", "program", f->made.program, false, errs));
    CIT_TRY(check_words("made", "catalogue", text_or_none(f->made.catalogue), false, errs));
    CIT_TRY(check_words("made", "settings", text_or_none(f->made.settings), true, errs));
    for (int i = 0; i < f->count; i++) CIT_TRY(check_field(f, i, errs));
    CIT_TRY(check_viable(f, errs));
done:
    return st;
}

cit_status frame_fits_single(const cit_frame *f, cit_errors *errs) {
    const size_t n = box_voxels(&f->box);
    for (int i = 0; i < f->count; i++)
        for (size_t k = 0; k < n; k++)
            if (fabs(f->fields[i].values[k]) > (double)FLT_MAX)
                return cit_fail(errs, CIT_INVALID, f->fields[i].name,
                                "is %g in voxel %zu, too much for single precision",
                                f->fields[i].values[k], k);
    return CIT_OK;
}

cit_status cit_frame_scales(const cit_frame *f, cit_scale *scales, cit_errors *errs) {
    const cit_status st = cit_frame_check(f, errs);
    const size_t n = st == CIT_OK ? box_voxels(&f->box) : 0;
    for (int i = 0; i < f->count && n > 0; i++)
        for (size_t k = 0; k < n; k++) {
            if (f->viable != NULL && !(f->viable[k] > 0)) continue;
            /* fmin and fmax pass over NAN, in the scale and in the field */
            scales[i].lo = fmin(scales[i].lo, f->fields[i].values[k]);
            scales[i].hi = fmax(scales[i].hi, f->fields[i].values[k]);
        }
    return st;
}

void made_by_line(const cit_made_by *m, char line[200]) {
    const char *digest = text_or_none(m->catalogue);
    snprintf(line, 200, "%.80s%s%.8s, seed %llu", m->program, digest[0] ? ", catalogue " : "",
             digest, (unsigned long long)m->seed);
}
