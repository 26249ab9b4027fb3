/* Many people, on all threads. */
#include "people_impl.h"
#include <omp.h>
#include <stdatomic.h>
#include <stdlib.h>

/* People that failed, once more and one by one: for their message, or, if it was memory that failed and there
 * is some by now, for their records. */
static cit_status follow_again(const cit_crowd *p, const cit_someone *who, int count,
                               const bool *failed, double *records, cit_errors *errs) {
    const size_t size = (size_t)cit_crowd_layout_of(p).size;
    cit_crowd_run *run = NULL;
    cit_status st = CIT_OK;
    for (int i = 0; i < count && st == CIT_OK; i++) {
        if (!failed[i / SLOTS]) continue;
        if (run == NULL) st = cit_crowd_run_new(p, &run, errs);
        if (st == CIT_OK)
            st = cit_crowd_follow(p, run, &who[i], 1, records + (size_t)i * size, errs);
    }
    cit_crowd_run_free(run);
    return st;
}

cit_status cit_crowd_follow_all(const cit_crowd *p, const cit_someone *who, int count, int threads,
                                const cit_progress *progress, double *records, cit_errors *errs) {
    const size_t size = (size_t)cit_crowd_layout_of(p).size;
    atomic_int next = 0;
    atomic_bool cancelled = false, no_memory = false;
    bool *failed = calloc((size_t)count / SLOTS + 1, sizeof *failed); /* of each SLOTS people */
    if (failed == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for %d people", count);

#pragma omp parallel num_threads(threads > 0 ? threads : omp_get_num_procs())
    {
        cit_crowd_run *run = NULL;
        cit_errors none = {.count = CIT_ERRORS_MAX}; /* full: faults are told again below */
        const bool first = omp_get_thread_num() == 0;
        if (cit_crowd_run_new(p, &run, &none) != CIT_OK) atomic_store(&no_memory, true);
        while (run != NULL && !atomic_load(&cancelled)) {
            const int from = atomic_fetch_add(&next, SLOTS);
            if (from >= count) break;
            const int now = count - from < SLOTS ? count - from : SLOTS;
            failed[from / SLOTS] = cit_crowd_follow(p, run, who + from, now,
                                                    records + (size_t)from * size, &none) != CIT_OK;
            if (first && !cit_progress_report(progress, (double)from / count, "people"))
                atomic_store(&cancelled, true);
        }
        cit_crowd_run_free(run);
    }
    const cit_status st =
        atomic_load(&cancelled)   ? cit_fail(errs, CIT_CANCELLED, "", "stopped on request")
        : atomic_load(&no_memory) ? cit_fail(errs, CIT_NOMEM, "", "no memory for a person")
                                  : follow_again(p, who, count, failed, records, errs);
    free(failed);
    return st;
}
