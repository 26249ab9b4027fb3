/* Many people, on all threads. */
#include "people_impl.h"
#include <omp.h>
#include <stdatomic.h>

cit_status cit_crowd_follow_all(const cit_crowd *p, const cit_someone *who, int count, int threads,
                                const cit_progress *progress, double *records, cit_errors *errs) {
    const size_t size = (size_t)cit_crowd_layout_of(p).size;
    atomic_int next = 0, failed = count;
    atomic_bool cancelled = false, no_memory = false;

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
            if (cit_crowd_follow(p, run, who + from, now, records + (size_t)from * size, &none) !=
                CIT_OK) {
                int lowest = atomic_load(&failed);
                while (from < lowest && !atomic_compare_exchange_weak(&failed, &lowest, from)) {
                }
            }
            if (first && !cit_progress_report(progress, (double)from / count, "people"))
                atomic_store(&cancelled, true);
        }
        cit_crowd_run_free(run);
    }
    if (atomic_load(&cancelled)) return cit_fail(errs, CIT_CANCELLED, "", "stopped on request");
    if (atomic_load(&no_memory)) return cit_fail(errs, CIT_NOMEM, "", "no memory for a person");
    const int lowest = atomic_load(&failed);
    if (lowest == count) return CIT_OK;
    /* The first that failed, once more and alone, for their message. */
    cit_crowd_run *run = NULL;
    cit_status st = cit_crowd_run_new(p, &run, errs);
    for (int i = lowest; i < count && i < lowest + SLOTS && st == CIT_OK; i++)
        st = cit_crowd_follow(p, run, &who[i], 1, records + (size_t)i * size, errs);
    cit_crowd_run_free(run);
    return st;
}
