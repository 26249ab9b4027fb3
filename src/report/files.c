/* Results on disk: made in memory, written beside their place, moved into it. */
#include "report_impl.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static cit_status io_fault(const char *path, const char *what, cit_errors *errs) {
    return cit_fail(errs, CIT_IO, path, "%s: %s", what, strerror(errno));
}

/* Where a link points to is replaced, not the link. */
static const char *behind_links(const char *path, char resolved[PATH_MAX]) {
    struct stat info;
    return lstat(path, &info) == 0 && S_ISLNK(info.st_mode) && realpath(path, resolved) != NULL
               ? resolved
               : path;
}

/* A name of its own that nobody else may read until it has the permissions it is to have. */
cit_status new_file_open(new_file *f, const char *given, cit_errors *errs) {
    char resolved[PATH_MAX];
    struct stat info;
    const char *path = behind_links(given, resolved);
    *f = (new_file){.given = given, .file = -1, .status = CIT_OK};
    if (snprintf(f->path, sizeof f->path, "%s", path) >= (int)sizeof f->path)
        return cit_fail(errs, CIT_IO, given, "the path is longer than %d bytes", PATH_MAX - 1);
    const bool exists = stat(path, &info) == 0;
    if (exists && !S_ISREG(info.st_mode))
        return cit_fail(errs, CIT_IO, given, "is not a file that could be replaced");
    const mode_t mask = umask(0);
    umask(mask);
    f->mode = exists ? info.st_mode & 07777 : 0666 & ~mask;
    snprintf(f->beside, sizeof f->beside, "%s.XXXXXX", path);
    f->file = mkostemp(f->beside, O_CLOEXEC);
    return f->file >= 0 ? CIT_OK : io_fault(path, "could not be written", errs);
}

void new_file_put(new_file *f, const void *from, size_t size, cit_errors *errs) {
    const char *bytes = from;
    while (size > 0 && f->status == CIT_OK) {
        const ssize_t n = write(f->file, bytes, size);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            f->status = io_fault(f->path, "could not be written", errs);
        } else {
            bytes += n;
            size -= (size_t)n;
        }
    }
}

/* Onto the disk, which may find only now that it is full. */
static void settle(new_file *f, cit_errors *errs) {
    if (fchmod(f->file, f->mode) != 0 && f->status == CIT_OK)
        f->status = io_fault(f->path, "could not keep its permissions", errs);
    if (fsync(f->file) != 0 && errno != EINVAL && f->status == CIT_OK)
        f->status = io_fault(f->path, "could not be written", errs);
}

cit_status new_file_close(new_file *f, cit_errors *errs) {
    settle(f, errs);
    if (close(f->file) != 0 && f->status == CIT_OK)
        f->status = io_fault(f->path, "could not be written", errs);
    if (f->status == CIT_OK && rename(f->beside, f->path) != 0)
        f->status = io_fault(f->path, "could not be put in place", errs);
    if (f->status != CIT_OK) unlink(f->beside);
    return f->status;
}

cit_status cit_file_write(const char *path, const void *bytes, size_t size, cit_errors *errs) {
    new_file f;
    const cit_status st = new_file_open(&f, path, errs);
    if (st != CIT_OK) return st;
    new_file_put(&f, bytes, size, errs);
    return new_file_close(&f, errs);
}

/* ---- reading ---------------------------------------------------------------------- */

cit_status cit_file_read(const char *path, char **ret, size_t *ret_size, cit_errors *errs) {
    char *bytes = malloc(CIT_DOC_MAX_BYTES + 1);
    FILE *in = bytes != NULL ? fopen(path, "re") : NULL;
    if (bytes == NULL) return cit_fail(errs, CIT_NOMEM, path, "no memory");
    if (in == NULL) {
        free(bytes);
        return cit_fail(errs, CIT_IO, path, "cannot be read: %s", strerror(errno));
    }
    const size_t size = fread(bytes, 1, CIT_DOC_MAX_BYTES + 1, in); /* one more than there may be */
    const bool bad = ferror(in) != 0;
    const int why = errno;
    fclose(in);
    if (bad || size > CIT_DOC_MAX_BYTES) {
        free(bytes);
        return bad ? cit_fail(errs, CIT_IO, path, "cannot be read: %s", strerror(why))
                   : cit_fail(errs, CIT_INVALID, path,
                              "is larger than %d bytes, the most that is read", CIT_DOC_MAX_BYTES);
    }
    bytes[size] = 0;
    *ret_size = size;
    *ret = bytes;
    return CIT_OK;
}

/* ---- a folder of results ---------------------------------------------------------------------- */

enum { FILES_MAX = 12 };

typedef struct products {
    cit_product items[FILES_MAX];
    int count;
} products;

static void add(products *p, const char *name, void *bytes, size_t size) {
    cit_product *new = &p->items[p->count++];
    *new = (cit_product){.bytes = bytes, .size = size};
    snprintf(new->name, sizeof new->name, "%s", name);
}

static cit_status add_figure(products *p, const figure *f, const cit_report *r, const void *extra,
                             const char *svg, const char *png, cit_errors *errs) {
    for (int is_png = 0; is_png < 2; is_png++) {
        unsigned char *bytes = NULL;
        size_t size = 0;
        const cit_status st = figure_render(f, r, extra, is_png, &bytes, &size, errs);
        if (st != CIT_OK) return st;
        add(p, is_png ? png : svg, bytes, size);
    }
    return CIT_OK;
}

static cit_status make_products(const cit_report *r, products *p, cit_errors *errs) {
    cit_status st = CIT_OK;
    char *bytes = NULL;
    puncture_picture picture = {0};
    CIT_TRY(cit_report_json(r, &bytes, errs));
    add(p, "forecast.json", bytes, strlen(bytes));
    CIT_TRY(cit_report_csv(r, &bytes, errs));
    add(p, "forecast.csv", bytes, strlen(bytes));
    CIT_TRY(add_figure(p, &figure_forecast, r, NULL, "forecast.svg", "forecast.png", errs));
    CIT_TRY(add_figure(p, &figure_drivers, r, NULL, "drivers.svg", "drivers.png", errs));
    if (r->forecast->comparison_count > 0)
        CIT_TRY(add_figure(p, &figure_evidence, r, NULL, "evidence.svg", "evidence.png", errs));
    CIT_TRY(punctures_of(r, &picture, errs));
    if (picture.patch.count > 0)
        CIT_TRY(
            add_figure(p, &figure_punctures, r, &picture, "punctures.svg", "punctures.png", errs));
done:
    cit_patch_free(&picture.patch);
    return st;
}

/* All stand beside their places before the first is moved: what was there is replaced as a whole, or not. */
static cit_status write_products(const cit_product *items, int count, const char *folder,
                                 cit_errors *errs) {
    char path[1100];
    int opened = 0;
    cit_status st = CIT_OK;
    new_file *files = calloc((size_t)count + 1, sizeof *files);
    if (files == NULL) return cit_fail(errs, CIT_NOMEM, folder, "no memory for results");
    for (int i = 0; i < count && st == CIT_OK; i++) {
        new_file *f = &files[i];
        snprintf(path, sizeof path, "%.1000s/%s", folder, items[i].name);
        CIT_TRY(new_file_open(f, path, errs));
        opened++;
        new_file_put(f, items[i].bytes, items[i].size, errs);
        settle(f, errs);
        st = f->status;
    }
done:
    for (int i = 0; i < opened; i++) {
        if (st != CIT_OK) files[i].status = st;
        st = new_file_close(&files[i], errs);
    }
    free(files);
    return st;
}

static void remove_products(const cit_product *items, int count, const char *folder) {
    char path[1100];
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%.1000s/%s", folder, items[i].name);
        unlink(path);
    }
    rmdir(folder);
}

/* Is this the name, in which a '#' stands for a number? */
static bool is_named(const char *name, const char *pattern) {
    const size_t before = strcspn(pattern, "#");
    if (pattern[before] == 0) return strcmp(name, pattern) == 0;
    if (strncmp(name, pattern, before) != 0) return false;
    const size_t digits = strspn(name + before, "0123456789");
    return digits > 0 && strcmp(name + before + digits, pattern + before + 1) == 0;
}

static bool is_stale(const char *name, const cit_product *items, int count,
                     const char *const *sometimes) {
    for (int i = 0; i < count; i++)
        if (strcmp(items[i].name, name) == 0) return false;
    for (int i = 0; sometimes[i] != NULL; i++)
        if (is_named(name, sometimes[i])) return true;
    return false;
}

/* What an earlier run left in the folder and this one did not make would stand beside other numbers. */
static void remove_stale(const cit_product *items, int count, const char *const *sometimes,
                         const char *folder) {
    DIR *all = opendir(folder);
    if (all == NULL) return;
    for (const struct dirent *e = readdir(all); e != NULL; e = readdir(all))
        if (is_stale(e->d_name, items, count, sometimes)) unlinkat(dirfd(all), e->d_name, 0);
    closedir(all);
}

/* Into a new folder beside the wanted one, which then takes its name. */
static cit_status write_new(const cit_product *items, int count, const char *folder,
                            cit_errors *errs) {
    char beside[1024];
    snprintf(beside, sizeof beside, "%.1000s.XXXXXX", folder);
    if (mkdtemp(beside) == NULL) return io_fault(folder, "could not be made", errs);
    cit_errors at_beside = {0}; /* a name that is gone when it is read */
    cit_status st = write_products(items, count, beside, &at_beside);
    if (st != CIT_OK) cit_fail(errs, st, folder, "%s", at_beside.items[0].text);
    if (st == CIT_OK && chmod(beside, 0777 & ~(mode_t)022) != 0)
        st = io_fault(folder, "could not be made", errs);
    if (st == CIT_OK && rename(beside, folder) != 0)
        st = io_fault(folder, "could not be put in place", errs);
    if (st != CIT_OK) remove_products(items, count, beside);
    return st;
}

/* Without the slashes behind it. */
static cit_status clean_path(const char *folder, char clean[1001], cit_errors *errs) {
    size_t length = strlen(folder);
    if (length == 0) return cit_fail(errs, CIT_IO, "", "a folder needs a name");
    if (length > 1000)
        return cit_fail(errs, CIT_IO, folder, "the path is longer than %d bytes", 1000);
    snprintf(clean, 1001, "%s", folder);
    while (length > 1 && clean[length - 1] == '/') clean[--length] = 0;
    return CIT_OK;
}

/* The folder that a new one would be made in. */
static cit_status may_make(const char *clean, cit_errors *errs) {
    char parent[1001];
    struct stat info;
    snprintf(parent, sizeof parent, "%s", clean);
    char *slash = strrchr(parent, '/');
    if (slash == NULL)
        snprintf(parent, sizeof parent, ".");
    else
        slash[slash == parent] = 0;
    if (stat(parent, &info) != 0) return io_fault(parent, "has no room for results", errs);
    if (!S_ISDIR(info.st_mode))
        return cit_fail(errs, CIT_IO, clean, "'%s' is not a folder", parent);
    return access(parent, W_OK | X_OK) == 0 ? CIT_OK
                                            : io_fault(parent, "has no room for results", errs);
}

cit_status cit_folder_may_write(const char *folder, bool force, cit_errors *errs) {
    struct stat info;
    char clean[1001];
    const cit_status st = clean_path(folder, clean, errs);
    if (st != CIT_OK) return st;
    if (stat(clean, &info) != 0) return may_make(clean, errs);
    if (!force)
        return cit_fail(errs, CIT_IO, clean, "is there already; --force replaces what is in it");
    return S_ISDIR(info.st_mode) ? CIT_OK : cit_fail(errs, CIT_IO, clean, "is not a folder");
}

cit_status cit_folder_write(const cit_product *items, int count, const char *const *sometimes,
                            const char *folder, bool force, cit_errors *errs) {
    struct stat info;
    char clean[1001];
    cit_status st = cit_folder_may_write(folder, force, errs);
    if (st == CIT_OK) st = clean_path(folder, clean, errs);
    if (st != CIT_OK) return st;
    if (stat(clean, &info) != 0) return write_new(items, count, clean, errs);
    st = write_products(items, count, clean, errs);
    if (st == CIT_OK) remove_stale(items, count, sometimes, clean);
    return st;
}

cit_status cit_report_write(const cit_report *report, const char *folder, bool force,
                            cit_errors *errs) {
    static const char *const sometimes[] = {"evidence.svg", "evidence.png", "punctures.svg",
                                            "punctures.png", NULL};
    cit_status st = CIT_OK;
    products p = {0};
    CIT_TRY(cit_folder_may_write(folder, force, errs));
    CIT_TRY(make_products(report, &p, errs));
    CIT_TRY(cit_folder_write(p.items, p.count, sometimes, folder, force, errs));
done:
    for (int i = 0; i < p.count; i++) free(p.items[i].bytes);
    return st;
}

/* ---- shelves ----------------------------------------------------------------------------------- */

void shelf_put(shelf *s, void *bytes, size_t size, const char *name) {
    cit_product *p = &s->files[s->count++];
    snprintf(p->name, sizeof p->name, "%s", name);
    p->bytes = bytes;
    p->size = size;
}

void shelf_free(shelf *s) {
    for (int i = 0; i < s->count; i++) free(s->files[i].bytes);
    free(s->files);
}
