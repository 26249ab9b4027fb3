/* Files: all their bytes, and the scale beside a picture. */
#include "scan_impl.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FIRST_ROOM = 1 << 16 };

static cit_status open_file(const char *path, size_t most, FILE **ret, size_t *ret_room,
                            cit_errors *errs) {
    struct stat info;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return cit_fail(errs, errno == ENOENT ? CIT_NOTFOUND : CIT_IO, path, "cannot be read: %s",
                        strerror(errno));
    *ret = file;
    if (fstat(fileno(file), &info) != 0)
        return cit_fail(errs, CIT_IO, path, "cannot be read: %s", strerror(errno));
    if (S_ISDIR(info.st_mode))
        return cit_fail(errs, CIT_IO, path, "is a directory; a file is needed");
    if (S_ISREG(info.st_mode) && (uintmax_t)info.st_size <= most)
        *ret_room = (size_t)info.st_size + 1; /* one more, to see its end */
    return CIT_OK;
}

static cit_status grow(const char *path, uint8_t **bytes, size_t *room, cit_errors *errs) {
    uint8_t *more = realloc(*bytes, *room);
    if (more == NULL) return cit_fail(errs, CIT_NOMEM, path, "no memory for %zu bytes", *room);
    *bytes = more;
    return CIT_OK;
}

cit_status cit_scan_load(const char *path, size_t most, uint8_t **ret, size_t *ret_size,
                         cit_errors *errs) {
    cit_status st = CIT_OK;
    FILE *file = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0, room = FIRST_ROOM;

    if (most > SIZE_MAX / 4) most = SIZE_MAX / 4;
    CIT_TRY(open_file(path, most, &file, &room, errs));
    for (;;) {
        if (room > most + 1) room = most + 1;
        CIT_TRY(grow(path, &bytes, &room, errs));
        size += fread(bytes + size, 1, room - size, file);
        if (size < room || size > most) break;
        room *= 2;
    }
    if (ferror(file)) {
        st = cit_fail(errs, CIT_IO, path, "reading stopped: %s", strerror(errno));
        goto done;
    }
    if (size > most) {
        st = cit_fail(errs, CIT_INVALID, path, "is longer than %zu bytes, the most that is read",
                      most);
        goto done;
    }
    *ret = bytes;
    *ret_size = size;
    bytes = NULL;
done:
    free(bytes);
    if (file != NULL) fclose(file);
    return st;
}

/* ---- the scale ---------------------------------------------------------------------------------- */

typedef struct scale_file {
    double pitch_mm, pitch_y_mm, height_mm, unit_mm, missing;
} scale_file;

#define LENGTH(key, member, hi, meaning)                                                           \
    {                                                                                              \
        key, CIT_NUMBER, offsetof(scale_file, member), 0, CIT_ABOVE_LO, "mm", 0, hi, NULL, NULL,   \
            meaning                                                                                \
    }
/* The ends of the ranges are assumed: far beyond any instrument for skin. */
static const cit_field scale_fields[] = {
    LENGTH("pitch", pitch_mm, 1e6, "from one pixel or sample to the next"),
    LENGTH("pitch y", pitch_y_mm, 1e6, "from one row to the next, where it is another"),
    LENGTH("height", height_mm, 1e6, "of one grey level, or of 1 in a text"),
    LENGTH("unit", unit_mm, 1e6, "of 1 in a shape, or in the columns x and y of a text"),
    {"missing", CIT_NUMBER, offsetof(scale_file, missing), 0, 0, "", -1e300, 1e300, NULL, NULL,
     "the number that stands for a missing height"},
    {0}};
static const cit_table scale_table = {"scale", "cit/scale/1", sizeof(scale_file), scale_fields,
                                      CIT_NO_MARK};

static double or_zero(double number) { return cit_known(number) ? number : 0; }

cit_status cit_scan_scale_read(const char *path, cit_scan_scale *ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    cit_doc *doc = NULL;
    scale_file s;

    CIT_TRY(cit_doc_read(path, &doc, errs));
    CIT_TRY(cit_bind(doc, cit_doc_root(doc), &scale_table, &s, errs));
    if (cit_known(s.pitch_y_mm) && !cit_known(s.pitch_mm)) {
        st = cit_fail(errs, CIT_INVALID, path, "has `pitch y` without `pitch`");
        goto done;
    }
    *ret = (cit_scan_scale){.dx_mm = or_zero(s.pitch_mm),
                            .dy_mm = or_zero(s.pitch_y_mm),
                            .height_um = 1e3 * or_zero(s.height_mm),
                            .unit_mm = or_zero(s.unit_mm),
                            .missing = or_zero(s.missing),
                            .has_missing = cit_known(s.missing)};
done:
    cit_doc_free(doc);
    return st;
}
