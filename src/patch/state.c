/* What a tissue holds: fields, totals, balances, and all of it as bytes. */
#include "patch_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- fields ------------------------------------------------------------------------------------- */

static double fade_of(const cit_tissue *t, int field) { return field < DRIVER_0 ? t->fade : 1; }

void cit_tissue_read(const cit_tissue *t, int field, double *out) {
    const cit_grid *g = &t->grid;
    const void *values = patch_field(t, field);
    const double fade = fade_of(t, field);
    for (int k = 0; k < g->nz; k++)
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx; i++) {
                const size_t at = patch_at(g, i, j, k);
                *out++ = patch_viable(t, at) > 0 ? fade * patch_get(t, values, at) : 0;
            }
}

void cit_tissue_viable(const cit_tissue *t, double *out) {
    const cit_grid *g = &t->grid;
    for (int k = 0; k < g->nz; k++)
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx; i++) *out++ = patch_viable(t, patch_at(g, i, j, k));
}

/* ---- totals ------------------------------------------------------------------------------------- */

static double plane_total(const cit_tissue *t, const void *values, int k, double *ret_living) {
    const cit_grid *g = &t->grid;
    double sum = 0, living = 0;
    for (int j = 0; j < g->ny; j++)
        for (int i = 0; i < g->nx; i++) {
            const size_t at = patch_at(g, i, j, k);
            const double v = patch_viable(t, at);
            sum += v * patch_get(t, values, at);
            living += v;
        }
    *ret_living = living;
    return sum;
}

double patch_total(const cit_tissue *t, int field) {
    const void *values = patch_field(t, field);
    double sum = 0, living;
    for (int k = 0; k < t->grid.nz; k++) sum += plane_total(t, values, k, &living);
    return sum * t->volume * fade_of(t, field);
}

void patch_near(cit_tissue *t) {
    for (int k = 0; k < t->grid.nz; k++) {
        double living;
        const double sum = plane_total(t, t->debris, k, &living);
        t->near[k] = living > 0 ? sum / living : 0;
    }
}

cit_status cit_tissue_set(cit_tissue *t, int field, const double *values, cit_errors *errs) {
    const cit_grid *g = &t->grid;
    const size_t n = (size_t)g->nx * (size_t)g->ny * (size_t)g->nz;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return cit_fail(errs, CIT_INVALID, cit_tissue_field_name(field),
                            "voxel %zu is no number", i);
    void *const to = patch_field(t, field);
    t->account[field].visits -= patch_total(t, field);
    if (field < DRIVER_0) t->fade = 1;
    for (int k = 0; k < g->nz; k++)
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx; i++, values++) {
                const size_t at = patch_at(g, i, j, k);
                if (patch_viable(t, at) > 0) patch_put(t, to, at, *values);
            }
    t->account[field].visits += patch_total(t, field);
    if (field < DRIVER_0) patch_near(t);
    return CIT_OK;
}

void cit_tissue_balances(const cit_tissue *t, cit_tissue_balance ret[CIT_TISSUE_FIELDS]) {
    for (int f = 0; f < VOXEL_FIELDS; f++) {
        const patch_account *a = &t->account[f];
        const double now = patch_total(t, f);
        ret[f] = (cit_tissue_balance){a->start, a->visits, a->reacted, a->crossed, now};
        if (f < DRIVER_0 || f >= FOLLOWER_0) ret[f].reacted = now - a->start - a->visits;
    }
}

/* ---- checkpoints -------------------------------------------------------------------------------- */

enum { CHECKPOINT_VERSION = 3 };
static const char magic[8] = {'c', 'i', 't', 't', 'i', 's', 's', 'u'};

typedef struct header {
    char magic[8];
    uint32_t version, real_size;          /* a machine of other byte order reads another version */
    uint64_t fingerprint, size, checksum; /* checksum: of all that follows the header */
    double day, step, fade, euler_left, euler_part;
    uint64_t starts;
    cit_tissue_stats stats;
    patch_account account[VOXEL_FIELDS];
} header;

enum { STORED = MOVING + 2 }; /* what moves, debris, priming */

static void *stored(const cit_tissue *t, int i) {
    if (i < VOXEL_FIELDS) return patch_field(t, i);
    return t->priming;
}
_Static_assert((int)STORED == (int)VOXEL_FIELDS + 1, "fields of a checkpoint");

/* FNV-1a over words: damage to a bit changes it. */
static uint64_t checksum(const header *h, const void *bytes, size_t size) {
    uint64_t hash = UINT64_C(14695981039346656037), word;
    header clean = *h;
    clean.checksum = 0;
    const unsigned char *const parts[] = {(const unsigned char *)&clean, bytes};
    const size_t sizes[] = {sizeof clean, size};
    for (int p = 0; p < 2; p++)
        for (size_t i = 0; i + sizeof word <= sizes[p]; i += sizeof word) {
            memcpy(&word, parts[p] + i, sizeof word);
            hash = (hash ^ word) * UINT64_C(1099511628211);
            hash ^= hash >> 29;
        }
    return hash;
}

static size_t field_bytes(const cit_tissue *t) { return t->grid.field * t->kernel->real_size; }

static size_t checkpoint_size(const cit_tissue *t) {
    return sizeof(header) + (size_t)t->grid.nz * sizeof(double) + STORED * field_bytes(t);
}

cit_status cit_tissue_save(const cit_tissue *t, void **ret, size_t *ret_size, cit_errors *errs) {
    const size_t size = checkpoint_size(t);
    char *bytes = calloc(1, size);
    if (bytes == NULL)
        return cit_fail(errs, CIT_NOMEM, "", "no memory for a checkpoint of %.0f MiB",
                        (double)size * 0x1p-20);
    header h;
    memset(&h, 0, sizeof h);
    memcpy(h.magic, magic, sizeof magic);
    h.version = CHECKPOINT_VERSION;
    h.real_size = (uint32_t)t->kernel->real_size;
    h.fingerprint = t->fingerprint;
    h.size = size;
    h.day = t->day;
    h.step = t->step;
    h.fade = t->fade;
    h.starts = t->starts;
    h.euler_left = t->euler_left;
    h.euler_part = t->euler_part;
    h.stats = t->stats;
    memcpy(h.account, t->account, sizeof h.account);
    char *to = bytes + sizeof h;
    memcpy(to, t->near, (size_t)t->grid.nz * sizeof(double));
    to += (size_t)t->grid.nz * sizeof(double);
    for (int i = 0; i < STORED; i++, to += field_bytes(t)) memcpy(to, stored(t, i), field_bytes(t));
    h.checksum = checksum(&h, bytes + sizeof h, size - sizeof h);
    memcpy(bytes, &h, sizeof h);
    *ret = bytes;
    *ret_size = size;
    return CIT_OK;
}

static cit_status refuse(cit_errors *errs, const char *why) {
    return cit_fail(errs, CIT_INVALID, "checkpoint", "%s", why);
}

static cit_status check(const cit_tissue *t, const header *h, const char *bytes, size_t size,
                        cit_errors *errs) {
    if (memcmp(h->magic, magic, sizeof magic) != 0) return refuse(errs, "this is none of tissue");
    if (h->version != CHECKPOINT_VERSION)
        return cit_fail(errs, CIT_INVALID, "checkpoint", "version %u, and this program reads %d",
                        h->version, CHECKPOINT_VERSION);
    if (h->size != size) return refuse(errs, "it is cut short or continued");
    if (h->checksum != checksum(h, bytes + sizeof *h, size - sizeof *h))
        return refuse(errs, "it is damaged");
    if (h->fingerprint != t->fingerprint || size != checkpoint_size(t))
        return refuse(errs, "it is of a tissue that was made otherwise");
    return CIT_OK;
}

cit_status cit_tissue_restore(cit_tissue *t, const void *bytes, size_t size, cit_errors *errs) {
    const char *from = bytes;
    header h;
    if (size < sizeof h) return refuse(errs, "it is too short for one");
    memcpy(&h, from, sizeof h);
    const cit_status st = check(t, &h, from, size, errs);
    if (st != CIT_OK) return st;
    t->day = h.day;
    t->step = h.step;
    t->fade = h.fade;
    t->starts = h.starts != 0;
    t->euler_left = h.euler_left;
    t->euler_part = h.euler_part;
    t->stats = h.stats;
    memcpy(t->account, h.account, sizeof h.account);
    from += sizeof h;
    memcpy(t->near, from, (size_t)t->grid.nz * sizeof(double));
    from += (size_t)t->grid.nz * sizeof(double);
    for (int i = 0; i < STORED; i++, from += field_bytes(t))
        memcpy(stored(t, i), from, field_bytes(t));
    return CIT_OK;
}
