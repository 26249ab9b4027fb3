/* What tests of readers share: bytes put together, bytes cut short, real files where they are. */
#pragma once
#include "t.h"
#include <cit/scan.h>
#include <stdlib.h>

typedef struct bytes {
    uint8_t at[1 << 16];
    size_t size;
} bytes;

static inline void put(bytes *b, const void *from, size_t size) {
    const bool fits = size <= sizeof b->at - b->size;
    CHECK(fits, "the test's own bytes are too many");
    if (fits) memcpy(b->at + b->size, from, size);
    b->size += size;
}

static inline void put_text(bytes *b, const char *text) { put(b, text, strlen(text)); }

/* A number of up to 8 bytes, either end first. */
static inline void put_ends(bytes *b, const void *number, size_t size, bool big) {
    uint8_t turned[8];
    const uint16_t one = 1;
    const bool host_big = *(const uint8_t *)&one == 0;
    for (size_t i = 0; i < size; i++)
        turned[i] = ((const uint8_t *)number)[big != host_big ? size - 1 - i : i];
    put(b, turned, size);
}

static inline void put_float(bytes *b, double number, bool big) {
    const float f = (float)number;
    put_ends(b, &f, sizeof f, big);
}

static inline void put_u32(bytes *b, uint32_t number) { put_ends(b, &number, 4, false); }

/* A fault of the file that was given, in one line. */
static inline void check_fault(const cit_errors *errs, cit_status st, const char *name) {
    CHECK(st == CIT_INVALID && errs->count == 1, "%s: status %d with %d faults", name, (int)st,
          errs->count);
    const cit_error *e = &errs->items[0];
    CHECK(strncmp(e->where, name, strlen(name)) == 0, "%s: a fault at '%s'", name, e->where);
    CHECK(strlen(e->text) > 5 && strchr(e->text, '\n') == NULL, "%s: '%s'", name, e->text);
}

/* The folder of real files, or NULL after saying so. */
static inline const char *real_data(void) {
    static char folder[1000];
    const char *given = getenv("CIT_DATA"), *root = getenv("CIT_SOURCE_ROOT");
    if (given != NULL)
        snprintf(folder, sizeof folder, "%s", given);
    else
        snprintf(folder, sizeof folder, "%s/../shared/data", root != NULL ? root : ".");
    char origin[1100];
    snprintf(origin, sizeof origin, "%s/face-fran/ORIGIN.txt", folder);
    FILE *f = fopen(origin, "rb");
    if (f != NULL) {
        fclose(f);
        return folder;
    }
    print_message("no real files at %s (CIT_DATA): those were not read\n", folder);
    return NULL;
}

static inline uint8_t *load(const char *folder, const char *name, size_t *ret_size) {
    char path[1200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    CHECK(f != NULL && fseek(f, 0, SEEK_END) == 0, "%s cannot be read", path);
    const long size = ftell(f);
    rewind(f);
    uint8_t *all = malloc((size_t)size);
    CHECK(all != NULL && fread(all, 1, (size_t)size, f) == (size_t)size, "%s cannot be read", path);
    fclose(f);
    *ret_size = (size_t)size;
    return all;
}
