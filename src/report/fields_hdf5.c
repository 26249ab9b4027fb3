/* A course of fields in one HDF5 file. Chunks are shuffled and deflated here, several at a time, as HDF5's own
 * filters would, one after another; any reader undoes it with those. */
#include "report_impl.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef CIT_HDF5
#include <hdf5.h>
#include <omp.h>
#include <zlib.h>

enum { CHUNK_XY = 64, CHUNK_Z = 16, BATCH = 32 };

struct cit_series {
    char path[PATH_MAX];
    kept_file book;
    hid_t driver, file, days, fields[CIT_FRAME_FIELDS_MAX];
    cit_box box;
    int chunk[3]; /* z y x */
    int field_count, count, level, threads;
    char *names[CIT_FRAME_FIELDS_MAX];
    double *viable; /* a copy; NULL: all */
    bool single;
    double last_day;
    unsigned char *raw[BATCH], *packed[BATCH];
    size_t packed_size[BATCH];
};

/* ---- pieces ------------------------------------------------------------------------------------------------- */

static size_t chunk_numbers(const cit_series *s) {
    return (size_t)s->chunk[0] * (size_t)s->chunk[1] * (size_t)s->chunk[2];
}
static size_t number_bytes(const cit_series *s) { return s->single ? 4 : 8; }
static hid_t number_type(const cit_series *s) {
    return s->single ? H5T_IEEE_F32LE : H5T_IEEE_F64LE;
}

static bool put_three(hid_t where, const char *name, double x, double y, double z) {
    const double values[3] = {x, y, z};
    const hsize_t size = 3;
    const hid_t space = H5Screate_simple(1, &size, NULL);
    const hid_t a = H5Acreate2(where, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT);
    const bool done = a >= 0 && H5Awrite(a, H5T_NATIVE_DOUBLE, values) >= 0;
    if (a >= 0) H5Aclose(a);
    H5Sclose(space);
    return done;
}

/* A data set that is written once. A text may be longer than an attribute's 64 KiB. */
static bool put_set(hid_t file, const char *name, hid_t in_file, hid_t in_memory, int rank,
                    const hsize_t *size, const void *values, const char *unit,
                    const char *meaning) {
    const hid_t space = rank > 0 ? H5Screate_simple(rank, size, NULL) : H5Screate(H5S_SCALAR);
    const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(how, false);
    const hid_t set = H5Dcreate2(file, name, in_file, space, H5P_DEFAULT, how, H5P_DEFAULT);
    const bool done =
        set >= 0 && H5Dwrite(set, in_memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0 &&
        (unit == NULL || hdf5_words(set, "unit", unit)) && hdf5_words(set, "meaning", meaning);
    if (set >= 0) H5Dclose(set);
    H5Pclose(how);
    H5Sclose(space);
    return done;
}

static bool put_text_set(hid_t file, const char *name, const char *words, const char *meaning) {
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, strlen(words) + 1);
    H5Tset_cset(type, H5T_CSET_UTF8);
    const bool done = put_set(file, name, type, type, 0, NULL, words, NULL, meaning);
    H5Tclose(type);
    return done;
}

static bool put_axis(hid_t file, const char *name, int n, double corner, double spacing) {
    const hsize_t size = (hsize_t)n;
    double *at = malloc((size_t)n * sizeof *at);
    for (int i = 0; i < n && at != NULL; i++) at[i] = corner + (i + 0.5) * spacing;
    const bool done = at != NULL && put_set(file, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 1, &size,
                                            at, "mm", "middles of voxels");
    free(at);
    return done;
}

/* ---- making the file ---------------------------------------------------------------------------------------- */

static hid_t new_days(hid_t file) {
    const hsize_t none = 0, any = H5S_UNLIMITED, chunk = 256;
    const hid_t space = H5Screate_simple(1, &none, &any), how = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(how, false);
    H5Pset_chunk(how, 1, &chunk);
    const hid_t set = H5Dcreate2(file, "day", H5T_IEEE_F64LE, space, H5P_DEFAULT, how, H5P_DEFAULT);
    H5Pclose(how);
    H5Sclose(space);
    const bool done =
        set >= 0 && hdf5_words(set, "unit", "day") && hdf5_words(set, "meaning", "time of a frame");
    if (set >= 0 && !done) H5Dclose(set);
    return done ? set : -1;
}

static hid_t new_field(cit_series *s, hid_t group, const cit_frame_field *f) {
    const cit_box *b = &s->box;
    const hsize_t size[4] = {0, (hsize_t)b->nz, (hsize_t)b->ny, (hsize_t)b->nx};
    const hsize_t most[4] = {H5S_UNLIMITED, size[1], size[2], size[3]};
    const hsize_t chunk[4] = {1, (hsize_t)s->chunk[0], (hsize_t)s->chunk[1], (hsize_t)s->chunk[2]};
    const hid_t space = H5Screate_simple(4, size, most), how = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(how, false);
    H5Pset_chunk(how, 4, chunk);
    if (s->level > 0) {
        H5Pset_shuffle(how);
        H5Pset_deflate(how, (unsigned)s->level);
    }
    const hid_t set =
        H5Dcreate2(group, f->name, number_type(s), space, H5P_DEFAULT, how, H5P_DEFAULT);
    H5Pclose(how);
    H5Sclose(space);
    const bool done =
        set >= 0 && hdf5_words(set, "unit", f->unit) && hdf5_words(set, "meaning", f->meaning);
    if (set >= 0 && !done) H5Dclose(set);
    return done ? set : -1;
}

static bool put_description(cit_series *s, const cit_frame *f) {
    const cit_box *b = &f->box;
    const hsize_t size[3] = {(hsize_t)b->nz, (hsize_t)b->ny, (hsize_t)b->nx};
    char seed[30];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)f->made.seed);
    return hdf5_words(s->file, "layout", "cit fields 1") &&
           hdf5_words(s->file, "program", f->made.program) && hdf5_words(s->file, "seed", seed) &&
           hdf5_words(s->file, "catalogue_digest", text_or_none(f->made.catalogue)) &&
           put_three(s->file, "spacing_mm", b->dx_mm, b->dy_mm, b->dz_mm) &&
           put_three(s->file, "origin_mm", b->x_mm, b->y_mm, b->z_mm) &&
           put_text_set(s->file, "settings", text_or_none(f->made.settings),
                        "all that was asked for") &&
           put_axis(s->file, "x_mm", b->nx, b->x_mm, b->dx_mm) &&
           put_axis(s->file, "y_mm", b->ny, b->y_mm, b->dy_mm) &&
           put_axis(s->file, "z_mm", b->nz, b->z_mm, b->dz_mm) &&
           (f->viable == NULL || put_set(s->file, "viable", number_type(s), H5T_NATIVE_DOUBLE, 3,
                                         size, f->viable, "1", "share of a voxel that lives"));
}

static bool put_sets(cit_series *s, const cit_frame *f) {
    const hid_t how = H5Pcreate(H5P_GROUP_CREATE);
    H5Pset_obj_track_times(how, false);
    const hid_t group = H5Gcreate2(s->file, "fields", H5P_DEFAULT, how, H5P_DEFAULT);
    H5Pclose(how);
    s->days = new_days(s->file);
    bool done = group >= 0 && s->days >= 0;
    for (int i = 0; i < f->count && done; i++) {
        s->fields[i] = new_field(s, group, &f->fields[i]);
        done = s->fields[i] >= 0;
    }
    if (group >= 0) H5Gclose(group);
    return done;
}

static bool flush(cit_series *s) {
    return H5Fflush(s->file, H5F_SCOPE_GLOBAL) >= 0 && kept_keep(&s->book);
}

static cit_status not_written(cit_series *s, cit_errors *errs) {
    kept_abandon(&s->book, s->book.failure != 0 ? s->book.failure : EIO);
    return cit_fail(errs, CIT_IO, s->path,
                    "could not be written: %s; the %d frames before are kept",
                    strerror(s->book.failure), s->count);
}

static int open_new(const char *path, bool force, cit_errors *errs) {
    struct stat info;
    const bool exists = lstat(path, &info) == 0;
    if (exists && (!force || !S_ISREG(info.st_mode))) {
        cit_fail(errs, CIT_IO, path, "%s",
                 S_ISDIR(info.st_mode)    ? "is a folder"
                 : !S_ISREG(info.st_mode) ? "is not a file that could be replaced"
                                          : "is there already; --force replaces it");
        return -1;
    }
    if (exists) unlink(path);
    const int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0) cit_fail(errs, CIT_IO, path, "could not be made: %s", strerror(errno));
    return file;
}

static int even_part(int n, int most) {
    const int parts = (n + most - 1) / most;
    return (n + parts - 1) / parts;
}

static cit_status prepare(cit_series *s, const cit_frame *f, cit_errors *errs) {
    const size_t n = box_voxels(&f->box);
    bool done = true;
    s->chunk[0] = even_part(f->box.nz, CHUNK_Z);
    s->chunk[1] = even_part(f->box.ny, CHUNK_XY);
    s->chunk[2] = even_part(f->box.nx, CHUNK_XY);
    const size_t raw = chunk_numbers(s) * number_bytes(s);
    for (int i = 0; i < f->count; i++) done &= (s->names[i] = strdup(f->fields[i].name)) != NULL;
    for (int i = 0; i < BATCH; i++) {
        done &= (s->raw[i] = malloc(2 * raw)) != NULL;
        done &= (s->packed[i] = malloc(compressBound(raw))) != NULL;
    }
    if (f->viable != NULL && (s->viable = malloc(n * sizeof *s->viable)) != NULL)
        memcpy(s->viable, f->viable, n * sizeof *s->viable);
    done &= f->viable == NULL || s->viable != NULL;
    return done ? CIT_OK : cit_fail(errs, CIT_NOMEM, s->path, "no memory for a course of frames");
}

static bool open_hdf5(cit_series *s, bool anew) {
    kept_file *book = &s->book;
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS), how = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_obj_track_times(how, false);
    s->driver = kept_driver();
    H5Pset_driver(access, s->driver, &book);
    H5Pset_cache(access, 0, 0, 0, 0);
    s->file = anew ? H5Fcreate(s->path, H5F_ACC_TRUNC, how, access)
                   : H5Fopen(s->path, H5F_ACC_RDWR, access);
    H5Pclose(how);
    H5Pclose(access);
    return s->file >= 0;
}

/* Closing keeps what is left. Returns errno of the first failure ever. */
static int free_series(cit_series *s) {
    for (int i = 0; i < s->field_count; i++)
        if (s->fields[i] >= 0) H5Dclose(s->fields[i]);
    if (s->days >= 0) H5Dclose(s->days);
    if (s->file >= 0) H5Fclose(s->file);
    if (s->driver >= 0) H5FDunregister(s->driver);
    if (s->book.file >= 0 && close(s->book.file) != 0 && s->book.failure == 0)
        s->book.failure = errno;
    for (int i = 0; i < s->book.count; i++) free(s->book.changes[i].bytes);
    for (int i = 0; i < CIT_FRAME_FIELDS_MAX; i++) free(s->names[i]);
    for (int i = 0; i < BATCH; i++) {
        free(s->raw[i]);
        free(s->packed[i]);
    }
    free(s->book.changes);
    free(s->viable);
    const int why = s->book.failure;
    free(s);
    return why;
}

/* A series that is no file yet. */
static cit_status make_series(const char *path, const cit_frame *like,
                              const cit_series_options *options, cit_series **ret,
                              cit_errors *errs) {
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* only the program prints */
    cit_status st = cit_frame_check(like, errs);
    cit_series *s = st == CIT_OK ? calloc(1, sizeof *s) : NULL;
    if (s == NULL) return st != CIT_OK ? st : cit_fail(errs, CIT_NOMEM, path, "no memory");
    s->driver = s->file = s->days = s->book.file = -1;
    for (int i = 0; i < CIT_FRAME_FIELDS_MAX; i++) s->fields[i] = -1;
    s->box = like->box;
    s->field_count = like->count;
    s->single = options->precision == CIT_SINGLE;
    s->level = options->deflate == 0 ? 1 : options->deflate;
    s->threads = options->threads > 0 ? options->threads : omp_get_max_threads();
    if (s->level > 9 || snprintf(s->path, sizeof s->path, "%s", path) >= (int)sizeof s->path)
        st = cit_fail(errs, CIT_INVALID, path, "the path is too long, or deflate above 9");
    if (st == CIT_OK) st = prepare(s, like, errs);
    if (st == CIT_OK)
        *ret = s;
    else
        free_series(s);
    return st;
}

cit_status cit_series_new(const char *path, const cit_frame *like,
                          const cit_series_options *options, cit_series **ret, cit_errors *errs) {
    cit_series *s = NULL;
    cit_status st = CIT_OK;
    CIT_TRY(make_series(path, like, options, &s, errs));
    s->book.file = open_new(path, options->force, errs);
    if (s->book.file < 0) {
        st = CIT_IO;
        goto done;
    }
    if (!open_hdf5(s, true) || !put_description(s, like) || !put_sets(s, like) || !flush(s)) {
        st = not_written(s, errs);
        unlink(path);
        goto done;
    }
    *ret = s;
    s = NULL;
done:
    if (s != NULL) free_series(s);
    return st;
}

/* ---- its days -------------------------------------------------------------------------------------------------- */

static cit_status read_days(const char *path, double **ret, int *ret_count, cit_errors *errs) {
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0)
        return cit_fail(errs, CIT_IO, path, "%s",
                        access(path, R_OK) != 0 ? strerror(errno)
                                                : "is cut short, damaged, or no HDF5 file");
    const hid_t days = H5Dopen2(file, "day", H5P_DEFAULT);
    const hid_t space = days >= 0 ? H5Dget_space(days) : -1;
    hsize_t n = 0;
    double *all = NULL;
    const bool done =
        space >= 0 && H5Sget_simple_extent_ndims(space) == 1 &&
        H5Sget_simple_extent_dims(space, &n, NULL) >= 0 && n < INT_MAX &&
        (all = malloc((size_t)(n + 1) * sizeof *all)) != NULL &&
        (n == 0 || H5Dread(days, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, all) >= 0);
    if (space >= 0) H5Sclose(space);
    if (days >= 0) H5Dclose(days);
    H5Fclose(file);
    if (!done) {
        free(all);
        return cit_fail(errs, CIT_IO, path, "is no course of fields");
    }
    *ret = all;
    *ret_count = (int)n;
    return CIT_OK;
}

/* ---- going on with one ---------------------------------------------------------------------------------------- */

/* A text of the file, as an attribute (set NULL) or as a data set; released with free(). NULL: there is none. */
static char *text_in(hid_t file, const char *attribute, const char *set) {
    const hid_t at = attribute != NULL ? H5Aopen(file, attribute, H5P_DEFAULT)
                                       : H5Dopen2(file, set, H5P_DEFAULT);
    if (at < 0) return NULL;
    const hid_t type = attribute != NULL ? H5Aget_type(at) : H5Dget_type(at);
    char *text = NULL;
    if (H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 &&
        (text = calloc(1, H5Tget_size(type) + 1)) != NULL) {
        const herr_t got = attribute != NULL
                               ? H5Aread(at, type, text)
                               : H5Dread(at, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text);
        if (got < 0) text[0] = 0;
    }
    H5Tclose(type);
    if (attribute != NULL)
        H5Aclose(at);
    else
        H5Dclose(at);
    return text;
}

static bool says(hid_t file, const char *attribute, const char *set, const char *words) {
    char *text = text_in(file, attribute, set);
    const bool same = text != NULL && strcmp(text, words) == 0;
    free(text);
    return same;
}

static bool three_are(hid_t file, const char *name, double x, double y, double z) {
    double values[3] = {0};
    const hid_t a = H5Aopen(file, name, H5P_DEFAULT);
    const hid_t space = a >= 0 ? H5Aget_space(a) : -1;
    const bool same = space >= 0 && H5Sget_simple_extent_npoints(space) == 3 &&
                      H5Aread(a, H5T_NATIVE_DOUBLE, values) >= 0 && values[0] == x &&
                      values[1] == y && values[2] == z;
    if (space >= 0) H5Sclose(space);
    if (a >= 0) H5Aclose(a);
    return same;
}

static bool described_so(cit_series *s, const cit_frame *f) {
    const cit_box *b = &f->box;
    char seed[30];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)f->made.seed);
    return says(s->file, "layout", NULL, "cit fields 1") &&
           says(s->file, "program", NULL, f->made.program) && says(s->file, "seed", NULL, seed) &&
           says(s->file, "catalogue_digest", NULL, text_or_none(f->made.catalogue)) &&
           says(s->file, NULL, "settings", text_or_none(f->made.settings)) &&
           three_are(s->file, "spacing_mm", b->dx_mm, b->dy_mm, b->dz_mm) &&
           three_are(s->file, "origin_mm", b->x_mm, b->y_mm, b->z_mm) &&
           (H5Lexists(s->file, "viable", H5P_DEFAULT) > 0) == (f->viable != NULL);
}

/* Of this precision, chunks and compression, and with as many frames as there are days. */
static bool field_is(const cit_series *s, hid_t set, hsize_t frames) {
    const hid_t space = H5Dget_space(set), type = H5Dget_type(set), how = H5Dget_create_plist(set);
    hsize_t size[4] = {0}, chunk[4] = {0};
    bool same = H5Sget_simple_extent_ndims(space) == 4 &&
                H5Sget_simple_extent_dims(space, size, NULL) == 4 &&
                H5Tequal(type, number_type(s)) > 0 && H5Pget_layout(how) == H5D_CHUNKED &&
                H5Pget_chunk(how, 4, chunk) == 4 && size[0] >= frames && chunk[0] == 1 &&
                (H5Pget_nfilters(how) > 0) == (s->level > 0);
    const int box[3] = {s->box.nz, s->box.ny, s->box.nx};
    for (int i = 0; i < 3; i++)
        same = same && size[i + 1] == (hsize_t)box[i] && chunk[i + 1] == (hsize_t)s->chunk[i];
    H5Pclose(how);
    H5Tclose(type);
    H5Sclose(space);
    return same;
}

static bool open_sets(cit_series *s, const cit_frame *f, hsize_t frames) {
    H5G_info_t info = {0};
    const hid_t group = H5Gopen2(s->file, "fields", H5P_DEFAULT);
    bool done = group >= 0 && H5Gget_info(group, &info) >= 0 && info.nlinks == (hsize_t)f->count;
    for (int i = 0; i < f->count && done; i++) {
        s->fields[i] = H5Dopen2(group, f->fields[i].name, H5P_DEFAULT);
        done = s->fields[i] >= 0 && field_is(s, s->fields[i], frames);
    }
    if (group >= 0) H5Gclose(group);
    return done;
}

/* Frames up to `day` stay; later ones, and what of a frame has no day, go. */
static bool cut_after(cit_series *s, double day, const double *days, int count) {
    while (count > 0 && days[count - 1] > day) count--;
    s->count = count;
    s->last_day = count > 0 ? days[count - 1] : 0;
    const hsize_t left[4] = {(hsize_t)count, (hsize_t)s->box.nz, (hsize_t)s->box.ny,
                             (hsize_t)s->box.nx};
    bool done = H5Dset_extent(s->days, left) >= 0;
    for (int i = 0; i < s->field_count && done; i++) done = H5Dset_extent(s->fields[i], left) >= 0;
    return done && flush(s);
}

static cit_status open_kept(cit_series *s, cit_errors *errs) {
    struct stat info;
    s->book.file = open(s->path, O_RDWR | O_CLOEXEC);
    if (s->book.file < 0 || fstat(s->book.file, &info) != 0)
        return cit_fail(errs, CIT_IO, s->path, "cannot be opened: %s", strerror(errno));
    s->book.kept = s->book.end = s->book.eoa = (uint64_t)info.st_size;
    return open_hdf5(s, false)
               ? CIT_OK
               : cit_fail(errs, CIT_IO, s->path, "is cut short, damaged, or no HDF5 file");
}

cit_status cit_series_resume(const char *path, const cit_frame *like,
                             const cit_series_options *options, double day, cit_series **ret,
                             cit_errors *errs) {
    cit_series *s = NULL;
    double *days = NULL;
    int count = 0;
    cit_status st = CIT_OK;
    CIT_TRY(make_series(path, like, options, &s, errs));
    CIT_TRY(read_days(path, &days, &count, errs));
    CIT_TRY(open_kept(s, errs));
    s->days = H5Dopen2(s->file, "day", H5P_DEFAULT);
    if (s->days < 0 || !described_so(s, like) || !open_sets(s, like, (hsize_t)count)) {
        st =
            cit_fail(errs, CIT_INVALID, path, "is a course of other fields, or was made otherwise");
        goto done;
    }
    if (!cut_after(s, day, days, count)) {
        st = not_written(s, errs);
        goto done;
    }
    *ret = s;
    s = NULL;
done:
    free(days);
    if (s != NULL) free_series(s);
    return st;
}

/* ---- a frame ------------------------------------------------------------------------------------------------- */

/* A chunk's numbers in the file's form, zeros beyond the box. */
static void gather(const cit_series *s, const double *values, const int at[3], unsigned char *raw) {
    const cit_box *b = &s->box;
    const size_t bytes = number_bytes(s);
    memset(raw, 0, chunk_numbers(s) * bytes);
    for (int k = 0; k < s->chunk[0] && at[0] + k < b->nz; k++)
        for (int j = 0; j < s->chunk[1] && at[1] + j < b->ny; j++) {
            const int left = b->nx - at[2], n = left < s->chunk[2] ? left : s->chunk[2];
            const double *from = values + box_at(b, at[2], at[1] + j, at[0] + k);
            unsigned char *to = raw + (size_t)(k * s->chunk[1] + j) * (size_t)s->chunk[2] * bytes;
            if (!s->single) {
                memcpy(to, from, (size_t)n * bytes);
                continue;
            }
            for (int i = 0; i < n; i++) {
                const float small = (float)from[i];
                memcpy(to + 4 * (size_t)i, &small, 4);
            }
        }
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    for (size_t i = 0; i < chunk_numbers(s); i++)
        for (size_t k = 0; k < bytes / 2; k++) {
            unsigned char *x = raw + i * bytes, t = x[k];
            x[k] = x[bytes - 1 - k];
            x[bytes - 1 - k] = t;
        }
#endif
}

/* All first bytes, all second ones, and so on, as HDF5's shuffle filter lays them. */
static void shuffle(const unsigned char *from, unsigned char *to, size_t numbers, size_t bytes) {
    for (size_t k = 0; k < bytes; k++)
        for (size_t i = 0; i < numbers; i++) to[k * numbers + i] = from[i * bytes + k];
}

typedef struct chunk_job {
    int field, at[3];
} chunk_job;

static bool pack(cit_series *s, const cit_frame *f, const chunk_job *job, int place) {
    const size_t numbers = chunk_numbers(s), size = numbers * number_bytes(s);
    unsigned char *raw = s->raw[place];
    gather(s, f->fields[job->field].values, job->at, raw);
    s->packed_size[place] = size;
    if (s->level < 0) return true;
    shuffle(raw, raw + size, numbers, number_bytes(s));
    uLongf packed = compressBound(size);
    const bool done = compress2(s->packed[place], &packed, raw + size, size, s->level) == Z_OK;
    s->packed_size[place] = packed;
    return done;
}

static bool put_batch(cit_series *s, const cit_frame *f, const chunk_job *jobs, int n) {
    bool done = true;
#pragma omp parallel for schedule(dynamic) num_threads(s->threads) reduction(&& : done)
    for (int i = 0; i < n; i++) done = pack(s, f, &jobs[i], i) && done;
    for (int i = 0; i < n && done; i++) {
        const hsize_t at[4] = {(hsize_t)s->count, (hsize_t)jobs[i].at[0], (hsize_t)jobs[i].at[1],
                               (hsize_t)jobs[i].at[2]};
        done = H5Dwrite_chunk(s->fields[jobs[i].field], H5P_DEFAULT, 0, at, s->packed_size[i],
                              s->level < 0 ? s->raw[i] : s->packed[i]) >= 0 &&
               s->book.failure == 0;
    }
    return done;
}

static bool put_chunks(cit_series *s, const cit_frame *f) {
    chunk_job jobs[BATCH];
    bool done = true;
    int n = 0;
    for (int field = 0; field < f->count; field++)
        for (int z = 0; z < s->box.nz; z += s->chunk[0])
            for (int y = 0; y < s->box.ny; y += s->chunk[1])
                for (int x = 0; x < s->box.nx; x += s->chunk[2]) {
                    jobs[n++] = (chunk_job){field, {z, y, x}};
                    if (n < BATCH) continue;
                    done = done && put_batch(s, f, jobs, n);
                    n = 0;
                }
    return done && put_batch(s, f, jobs, n);
}

static bool put_day(cit_series *s, double day) {
    const hsize_t size = (hsize_t)s->count + 1, from = (hsize_t)s->count, one = 1;
    if (H5Dset_extent(s->days, &size) < 0) return false;
    const hid_t space = H5Dget_space(s->days), here = H5Screate_simple(1, &one, NULL);
    const bool done = H5Sselect_hyperslab(space, H5S_SELECT_SET, &from, NULL, &one, NULL) >= 0 &&
                      H5Dwrite(s->days, H5T_NATIVE_DOUBLE, here, space, H5P_DEFAULT, &day) >= 0;
    H5Sclose(here);
    H5Sclose(space);
    return done;
}

static bool put_frame(cit_series *s, const cit_frame *f) {
    const hsize_t size[4] = {(hsize_t)s->count + 1, (hsize_t)s->box.nz, (hsize_t)s->box.ny,
                             (hsize_t)s->box.nx};
    for (int i = 0; i < f->count; i++)
        if (H5Dset_extent(s->fields[i], size) < 0) return false;
    return put_chunks(s, f) && put_day(s, f->day) && flush(s);
}

static bool same_box(const cit_box *a, const cit_box *b) {
    return a->nx == b->nx && a->ny == b->ny && a->nz == b->nz && a->dx_mm == b->dx_mm &&
           a->dy_mm == b->dy_mm && a->dz_mm == b->dz_mm && a->x_mm == b->x_mm &&
           a->y_mm == b->y_mm && a->z_mm == b->z_mm;
}

static cit_status check_like(const cit_series *s, const cit_frame *f, cit_errors *errs) {
    const size_t n = box_voxels(&s->box);
    if (!same_box(&s->box, &f->box))
        return cit_fail(errs, CIT_INVALID, "box", "is another than that of the course");
    if (f->count != s->field_count)
        return cit_fail(errs, CIT_INVALID, "fields", "there are %d, not the %d of the course",
                        f->count, s->field_count);
    for (int i = 0; i < f->count; i++)
        if (strcmp(f->fields[i].name, s->names[i]) != 0)
            return cit_fail(errs, CIT_INVALID, f->fields[i].name, "stands where %s was",
                            s->names[i]);
    if ((f->viable == NULL) != (s->viable == NULL) ||
        (f->viable != NULL && memcmp(f->viable, s->viable, n * sizeof *s->viable) != 0))
        return cit_fail(errs, CIT_INVALID, "viable", "what lives is another part than before");
    if (s->count > 0 && !(f->day > s->last_day))
        return cit_fail(errs, CIT_INVALID, "day", "%g is not after %g", f->day, s->last_day);
    return CIT_OK;
}

cit_status cit_series_add(cit_series *s, const cit_frame *f, cit_errors *errs) {
    cit_status st = CIT_OK;
    if (s->book.failure != 0)
        return cit_fail(errs, CIT_IO, s->path, "takes no more frames: %s",
                        strerror(s->book.failure));
    CIT_TRY(cit_frame_check(f, errs));
    CIT_TRY(check_like(s, f, errs));
    if (s->single) CIT_TRY(frame_fits_single(f, errs));
    if (!put_frame(s, f)) return not_written(s, errs);
    s->count++;
    s->last_day = f->day;
done:
    return st;
}

int cit_series_count(const cit_series *s) { return s->count; }

cit_status cit_series_close(cit_series *s, cit_errors *errs) {
    if (s == NULL) return CIT_OK;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", s->path);
    const bool told = s->book.failure != 0;
    const int why = free_series(s);
    return why == 0 || told
               ? CIT_OK
               : cit_fail(errs, CIT_IO, path, "could not be closed: %s", strerror(why));
}

cit_status cit_series_look(const char *path, int *ret_count, double *ret_last_day,
                           cit_errors *errs) {
    double *days = NULL;
    const cit_status st = read_days(path, &days, ret_count, errs);
    if (st == CIT_OK) *ret_last_day = *ret_count > 0 ? days[*ret_count - 1] : (double)NAN;
    free(days);
    return st;
}
#else
static cit_status without(cit_errors *errs) {
    return cit_fail(errs, CIT_INVALID, "HDF5", "this program was built without it; write VTK");
}
cit_status cit_series_new(const char *path, const cit_frame *like,
                          const cit_series_options *options, cit_series **ret, cit_errors *errs) {
    (void)path, (void)like, (void)options, (void)ret;
    return without(errs);
}
cit_status cit_series_resume(const char *path, const cit_frame *like,
                             const cit_series_options *options, double day, cit_series **ret,
                             cit_errors *errs) {
    (void)path, (void)like, (void)options, (void)day, (void)ret;
    return without(errs);
}
cit_status cit_series_add(cit_series *s, const cit_frame *f, cit_errors *errs) {
    (void)s, (void)f;
    return without(errs);
}
int cit_series_count(const cit_series *s) {
    (void)s;
    return 0;
}
cit_status cit_series_close(cit_series *s, cit_errors *errs) {
    (void)s, (void)errs;
    return CIT_OK;
}
cit_status cit_series_look(const char *path, int *ret_count, double *ret_last_day,
                           cit_errors *errs) {
    (void)path, (void)ret_count, (void)ret_last_day;
    return without(errs);
}
#endif
