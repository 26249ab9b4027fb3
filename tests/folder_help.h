/* What tests of catalogues share: a folder of their own, written file by file and removed whole. */
#pragma once
#include "input_help.h"
#include <ftw.h>

static char folder[64];

static inline int remove_one(const char *name, const struct stat *info, int kind,
                             struct FTW *place) {
    (void)info, (void)kind, (void)place;
    return remove(name);
}

static inline int remove_folder(void **state) {
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void write_file(const char *name, const char *text) {
    char to[160];
    snprintf(to, sizeof to, "%s/%s", folder, name);
    FILE *f = fopen(to, "wb");
    CHECK(f != NULL, "%s cannot be written", to);
    const int put = fputs(text, f);
    CHECK(fclose(f) == 0 && put >= 0, "%s cannot be written", to);
}
