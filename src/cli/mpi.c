/* Processes that work together: the one file that sees MPI. Built without it, there is one process. */
#include "cli.h"
#include <stdlib.h>
#ifdef CIT_MPI
#include <limits.h>
#include <mpi.h>

static bool gather(void *context, const void *mine, size_t size, void *all) {
    (void)context;
    return size <= INT_MAX && MPI_Allgather(mine, (int)size, MPI_BYTE, all, (int)size, MPI_BYTE,
                                            MPI_COMM_WORLD) == MPI_SUCCESS;
}

static void end(void) {
    int ended = 1;
    MPI_Finalized(&ended);
    if (!ended) MPI_Finalize();
}

/* Without a launcher, too, MPI is one process; it then is not started at all. */
static bool launched(void) {
    return getenv("OMPI_COMM_WORLD_SIZE") != NULL || getenv("PMI_SIZE") != NULL ||
           getenv("PMIX_RANK") != NULL;
}

const cit_ranks *ranks_begin(void) {
    static cit_ranks ranks = {0, 1, gather, NULL};
    if (!launched()) return NULL;
    /* Threads compute; only the first one speaks. */
    int given = 0;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &given) != MPI_SUCCESS) return NULL;
    atexit(end);
    MPI_Comm_rank(MPI_COMM_WORLD, &ranks.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks.count);
    return ranks.count > 1 ? &ranks : NULL;
}

bool ranks_built(void) { return true; }
#else
const cit_ranks *ranks_begin(void) { return NULL; }
bool ranks_built(void) { return false; }
#endif
