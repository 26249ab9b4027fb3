/* What the tests of files share: the source tree, texts that must be right, and faults held against
 * what they must say. */
#pragma once
#include "t.h"
#include <cit/protocol.h>
#include <stdlib.h>

typedef struct path {
    char text[600];
} path;

/* A file or folder of the source tree, by its name from the root. */
static inline path source_path(const char *name) {
    const char *root = getenv("CIT_SOURCE_ROOT");
    path p;
    CHECK(root != NULL, "CIT_SOURCE_ROOT is not set: it must name the root of the source tree");
    const int length = snprintf(p.text, sizeof p.text, "%s/%s", root, name);
    CHECK(length > 0 && (size_t)length < sizeof p.text, "CIT_SOURCE_ROOT is too long: %s", root);
    return p;
}

/* All of data/; the caller frees, as with the next two. */
static inline cit_catalogue *real_catalogue(void) {
    const path folder = source_path("data");
    cit_errors errs = {0};
    cit_catalogue *catalogue = NULL;
    const cit_status st = cit_catalogue_load(folder.text, &catalogue, &errs);
    CHECK(st == CIT_OK && errs.count == 0, "status %d, %d faults, the first: %s: %s", st,
          errs.count + errs.lost, errs.items[0].where, errs.items[0].text);
    return catalogue;
}

static inline cit_case *case_of(const char *text) {
    cit_errors errs = {0};
    cit_case *person = NULL;
    const cit_status st = cit_case_parse("c", text, strlen(text), &person, &errs);
    CHECK(st == CIT_OK && errs.count == 0, "refused: %s: %s\n%s", errs.items[0].where,
          errs.items[0].text, text);
    return person;
}

static inline cit_protocol *protocol_of(const char *text) {
    cit_errors errs = {0};
    cit_protocol *protocol = NULL;
    const cit_status st = cit_protocol_parse("p", text, strlen(text), &protocol, &errs);
    CHECK(st == CIT_OK && errs.count == 0, "refused: %s: %s\n%s", errs.items[0].where,
          errs.items[0].text, text);
    return protocol;
}

typedef struct fault {
    const char *where, *text; /* where exactly; part of what it says */
} fault;

/* These faults, in this order, and no others. */
static inline void check_faults(const cit_errors *errs, const fault *want, int count) {
    for (int i = 0; i < count; i++) {
        CHECK(i < errs->count, "only %d faults; '%s' is missing", errs->count, want[i].text);
        CHECK(strcmp(errs->items[i].where, want[i].where) == 0, "'%s' is blamed on %s, not on %s",
              errs->items[i].text, errs->items[i].where, want[i].where);
        CHECK(strstr(errs->items[i].text, want[i].text) != NULL, "%s: '%s' does not say '%s'",
              want[i].where, errs->items[i].text, want[i].text);
    }
    CHECK(errs->count + errs->lost == count, "%d faults, not %d; one more is %s: %s",
          errs->count + errs->lost, count, errs->items[count].where, errs->items[count].text);
}
