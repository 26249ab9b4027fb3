/* Numbers that grow, and their quantiles; for benchmarks. */
#pragma once
#include <cit/base.h>
#include <cit/num.h>
#include <stdlib.h>

typedef struct list {
    double *v;
    int count, room;
} list;

static inline void list_add(list *l, double x) {
    if (l->count == l->room) {
        l->room = l->room ? 2 * l->room : 256;
        l->v = realloc(l->v, (size_t)l->room * sizeof *l->v);
        if (l->v == NULL) abort();
    }
    l->v[l->count++] = x;
}

/* Unknown of none. */
static inline double list_quantile(list *l, double p) {
    if (l->count == 0) return CIT_UNKNOWN_NUMBER;
    cit_sort(l->v, l->count);
    return cit_quantile_sorted(l->v, l->count, p);
}
