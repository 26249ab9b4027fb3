/* All the bytes of a file. */
#include <cit/base.h>
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

cit_status cit_file_load(const char *path, size_t most, uint8_t **ret, size_t *ret_size,
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
