/* A file driver for HDF5 that keeps what was written. HDF5 changes a file in many places as it grows, and a disk that
 * fills in the midst of that leaves nothing readable. Here what lies behind the end of what was kept is written
 * at once, where nobody looks yet; changes before that end wait in memory. kept_keep, after a flush,
 * makes sure that the new part is on the disk and only then changes the old one, from its first byte (the
 * superblock, which says how long the file is) on. After the first failure the disk is left alone, HDF5 is told
 * that all is well, so that it can be closed, and the new part is cut off. */
#include "report_impl.h"
#ifdef CIT_HDF5
#include <errno.h>
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

/* What HDF5 holds; the kept_file outlives it. */
typedef struct driver {
    H5FD_t is;
    kept_file *book;
} driver;

static bool failed(kept_file *l, int why) {
    if (l->failure == 0) l->failure = why;
    return false;
}

static bool put_at(kept_file *l, const unsigned char *bytes, size_t size, uint64_t at) {
    while (size > 0) {
        const ssize_t n = pwrite(l->file, bytes, size, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return failed(l, n < 0 ? errno : EIO);
        bytes += n;
        size -= (size_t)n;
        at += (uint64_t)n;
    }
    return true;
}

/* What is not there reads as zeros. */
static bool get_at(kept_file *l, unsigned char *bytes, size_t size, uint64_t at) {
    while (size > 0) {
        const ssize_t n = pread(l->file, bytes, size, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failed(l, errno);
        if (n == 0) break;
        bytes += n;
        size -= (size_t)n;
        at += (uint64_t)n;
    }
    memset(bytes, 0, size);
    return true;
}

/* ---- changes that wait ------------------------------------------------------------------------------------ */

static bool note_change(kept_file *l, const void *bytes, size_t size, uint64_t at) {
    if (l->count == l->capacity) {
        const int capacity = 2 * l->capacity + 32;
        kept_change *grown = realloc(l->changes, (size_t)capacity * sizeof *grown);
        if (grown == NULL) return failed(l, ENOMEM);
        l->changes = grown;
        l->capacity = capacity;
    }
    kept_change *c = &l->changes[l->count];
    *c = (kept_change){at, size, malloc(size)};
    if (c->bytes == NULL) return failed(l, ENOMEM);
    memcpy(c->bytes, bytes, size);
    l->count++;
    return true;
}

static void drop_changes(kept_file *l) {
    for (int i = 0; i < l->count; i++) free(l->changes[i].bytes);
    l->count = 0;
}

static int in_order(const void *a, const void *b) {
    const kept_change *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* Changes from `from` on, up to `to`, as one piece: later ones over earlier ones. */
static bool make_piece(kept_file *l, uint64_t from, uint64_t to) {
    unsigned char *piece = malloc((size_t)(to - from));
    if (piece == NULL) return failed(l, ENOMEM);
    for (int i = 0; i < l->count; i++) {
        const kept_change *c = &l->changes[i];
        if (c->at >= from && c->at < to) memcpy(piece + (c->at - from), c->bytes, c->size);
    }
    const bool done = put_at(l, piece, (size_t)(to - from), from);
    free(piece);
    return done;
}

static bool make_changes(kept_file *l) {
    const int n = l->count;
    kept_change *sorted = malloc(((size_t)n + 1) * sizeof *sorted);
    if (sorted == NULL) return failed(l, ENOMEM);
    if (n > 0) memcpy(sorted, l->changes, (size_t)n * sizeof *sorted);
    if (n > 0) qsort(sorted, (size_t)n, sizeof *sorted, in_order);
    bool done = true;
    for (int i = 0; i < n && done;) {
        const uint64_t from = sorted[i].at;
        uint64_t to = from;
        for (; i < n && sorted[i].at <= to; i++)
            if (sorted[i].at + sorted[i].size > to) to = sorted[i].at + sorted[i].size;
        done = make_piece(l, from, to);
    }
    free(sorted);
    drop_changes(l);
    return done;
}

bool kept_keep(kept_file *l) {
    if (l->failure != 0) return false;
    /* Written to the end even where HDF5 left a gap. */
    if (l->end < l->eoa && ftruncate(l->file, (off_t)l->eoa) != 0) return failed(l, errno);
    if (fdatasync(l->file) != 0 && errno != EINVAL) return failed(l, errno);
    if (!make_changes(l)) return false;
    if (l->eoa < l->end && ftruncate(l->file, (off_t)l->eoa) != 0) return failed(l, errno);
    if (fdatasync(l->file) != 0 && errno != EINVAL) return failed(l, errno);
    l->kept = l->end = l->eoa;
    return true;
}

void kept_abandon(kept_file *l, int why) { failed(l, why); }

/* ---- what HDF5 calls -------------------------------------------------------------------------------------- */

static H5FD_t *open_driver(const char *name, unsigned flags, hid_t fapl, haddr_t most) {
    (void)name, (void)flags, (void)most;
    kept_file *const *book = H5Pget_driver_info(fapl);
    driver *d = book != NULL ? calloc(1, sizeof *d) : NULL;
    if (d == NULL) return NULL;
    d->book = *book;
    return &d->is;
}

static herr_t close_driver(H5FD_t *f) {
    driver *d = (driver *)f;
    kept_file *l = d->book;
    if (!kept_keep(l) && l->end > l->kept && ftruncate(l->file, (off_t)l->kept) == 0)
        l->end = l->kept; /* longer than it says would do no harm */
    free(d);
    return 0;
}

static int compare_drivers(const H5FD_t *a, const H5FD_t *b) { return a < b ? -1 : a > b; }

/* Metadata is gathered into blocks; numbers are not, as they come in large pieces. */
static herr_t query_driver(const H5FD_t *f, unsigned long *flags) {
    (void)f;
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA;
    return 0;
}

static haddr_t get_eoa(const H5FD_t *f, H5FD_mem_t type) {
    (void)type;
    return ((const driver *)f)->book->eoa;
}

static herr_t set_eoa(H5FD_t *f, H5FD_mem_t type, haddr_t to) {
    (void)type;
    ((driver *)f)->book->eoa = to;
    return 0;
}

static haddr_t get_eof(const H5FD_t *f, H5FD_mem_t type) {
    (void)type;
    return ((const driver *)f)->book->end;
}

static herr_t read_driver(H5FD_t *f, H5FD_mem_t type, hid_t dxpl, haddr_t at, size_t size,
                          void *bytes) {
    (void)type, (void)dxpl;
    kept_file *l = ((driver *)f)->book;
    if (!get_at(l, bytes, size, at)) return -1;
    for (int i = 0; i < l->count; i++) {
        const kept_change *c = &l->changes[i];
        const uint64_t from = c->at > at ? c->at : at;
        const uint64_t to = c->at + c->size < at + size ? c->at + c->size : at + size;
        if (from < to)
            memcpy((unsigned char *)bytes + (from - at), c->bytes + (from - c->at), to - from);
    }
    return 0;
}

static herr_t write_driver(H5FD_t *f, H5FD_mem_t type, hid_t dxpl, haddr_t at, size_t size,
                           const void *bytes) {
    (void)type, (void)dxpl;
    kept_file *l = ((driver *)f)->book;
    if (l->failure != 0) { /* only so that it can be closed */
        note_change(l, bytes, size, at);
        return 0;
    }
    const size_t old = at >= l->kept ? 0 : l->kept - at < size ? (size_t)(l->kept - at) : size;
    if (old > 0) note_change(l, bytes, old, at);
    if (old < size) put_at(l, (const unsigned char *)bytes + old, size - old, at + old);
    if (at + size > l->end) l->end = at + size;
    return 0;
}

static herr_t truncate_driver(H5FD_t *f, hid_t dxpl, hbool_t closing) {
    (void)f, (void)dxpl, (void)closing;
    return 0; /* kept_keep does it */
}

static const H5FD_class_t class = {
#if H5_VERSION_GE(1, 13, 0)
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)600,
#endif
    .name = "cit-kept",
    .maxaddr = (haddr_t)INT64_MAX,
    .fc_degree = H5F_CLOSE_STRONG,
    .fapl_size = sizeof(kept_file *),
    .open = open_driver,
    .close = close_driver,
    .cmp = compare_drivers,
    .query = query_driver,
    .get_eoa = get_eoa,
    .set_eoa = set_eoa,
    .get_eof = get_eof,
    .read = read_driver,
    .write = write_driver,
    .truncate = truncate_driver,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

int64_t kept_driver(void) { return H5FDregister(&class); }
#endif
