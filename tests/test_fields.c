/* Fields: files that hold what they were given, to the bit; the same bytes again; earlier frames whole whatever
 * happens to later ones. test_fields.py has VTK read them. */
#include "t.h"
/* t.h comes first */
#include "fields_help.h"
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef CIT_HDF5
#include <hdf5.h>
#endif

static cit_errors errs;
static char folder[] = "/tmp/cit-fields-XXXXXX";
static made_tissue tissue;

static int setup(void **state) {
    (void)state;
    tissue = made_new(12, 10, 6, 0.25);
    return mkdtemp(folder) ? 0 : 1;
}

static int remove_one(const char *name, const struct stat *info, int kind, struct FTW *place) {
    (void)info, (void)kind, (void)place;
    return remove(name);
}

static int teardown(void **state) {
    (void)state;
    made_free(&tissue);
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *in(const char *name) {
    static char paths[4][160];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, 160, "%s/%s", folder, name);
    return path;
}

static void fresh(void) { errs = (cit_errors){0}; }

static unsigned char *bytes_of(const char *path, size_t *ret_size) {
    FILE *f = fopen(path, "rb");
    CHECK(f != NULL, "%s cannot be read", path);
    fseek(f, 0, SEEK_END);
    *ret_size = (size_t)ftell(f);
    rewind(f);
    unsigned char *bytes = malloc(*ret_size + 1);
    CHECK(fread(bytes, 1, *ret_size, f) == *ret_size, "%s is short", path);
    bytes[*ret_size] = 0;
    fclose(f);
    return bytes;
}

static void check_same(const char *a, const char *b) {
    size_t size_a, size_b;
    unsigned char *x = bytes_of(a, &size_a), *y = bytes_of(b, &size_b);
    CHECK(size_a == size_b && memcmp(x, y, size_a) == 0, "%s and %s differ", a, b);
    free(x);
    free(y);
}

static void check_refused(const cit_frame *f, const char *where) {
    fresh();
    CHECK(cit_frame_check(f, &errs) == CIT_INVALID, "%s: accepted", where);
    CHECK(strcmp(errs.items[0].where, where) == 0, "blamed '%s', not '%s'", errs.items[0].where,
          where);
}

/* ---- what a frame may be --------------------------------------------------------------------------------------- */

static void bad_frames_are_refused_by_name(void **state) {
    (void)state;
    const cit_frame good = made_at(&tissue, 1);
    cit_frame f = good;
    fresh();
    CHECK(cit_frame_check(&good, &errs) == CIT_OK, "%s", errs.items[0].text);
    f.count = 0;
    check_refused(&f, "fields");
    f = good;
    f.box.nx = 0;
    check_refused(&f, "box");
    f = good;
    f.box.dz_mm = -1;
    check_refused(&f, "box");
    f = good;
    f.box.y_mm = (double)NAN;
    check_refused(&f, "box");
    f = good;
    f.box.nx = f.box.ny = f.box.nz = 2000000000;
    check_refused(&f, "box");
    f = good;
    f.day = (double)INFINITY;
    check_refused(&f, "day");
    f = good;
    f.made.program = NULL;
    check_refused(&f, "made");
    f = good;
    f.made.settings = "a\001b";
    check_refused(&f, "made");
    f = good;
}

static void odd_names_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {"",         "2nd",  "a b",    "a/b", "a\"b", "a<b",
                                      "\xc3\xa4", "../x", "viable", "a.b", "a\n",  NULL};
    static const char longest[] = "a12345678901234567890123456789012345678901234567890123456789x";
    cit_frame_field fields[2] = {tissue.fields[0], tissue.fields[1]};
    cit_frame f = made_at(&tissue, 1);
    f.fields = fields;
    f.count = 2;
    for (int i = 0; bad[i] != NULL; i++) {
        fields[1].name = bad[i];
        check_refused(&f, "fields");
    }
    fields[1].name = NULL;
    check_refused(&f, "fields");
    fields[1].name = longest;
    check_refused(&f, "fields");
    fields[1].name = fields[0].name;
    check_refused(&f, fields[0].name);
    fields[1] = tissue.fields[1];
    fields[1].unit = NULL;
    check_refused(&f, fields[1].name);
    fields[1] = tissue.fields[1];
    fields[1].meaning = "two\nlines";
    check_refused(&f, fields[1].name);
    fields[1] = tissue.fields[1];
    fields[1].values = NULL;
    check_refused(&f, fields[1].name);
}

static void infinity_and_bad_shares_are_refused(void **state) {
    (void)state;
    cit_frame f = made_at(&tissue, 1);
    const double kept = tissue.values[1][3], share = tissue.viable[5];
    tissue.values[1][3] = (double)INFINITY;
    check_refused(&f, tissue.fields[1].name);
    tissue.values[1][3] = kept;
    tissue.viable[5] = 1.01;
    check_refused(&f, "viable");
    tissue.viable[5] = share;
}

/* ---- VTK --------------------------------------------------------------------------------------------------------- */

static void vti_holds_the_numbers_to_the_bit(void **state) {
    (void)state;
    cit_frame f = made_at(&tissue, 2.5);
    const size_t n = 12 * 10 * 6;
    size_t size;
    fresh();
    CHECK(cit_frame_vti(&f, CIT_DOUBLE, in("a.vti"), &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK(cit_frame_vti(&f, CIT_DOUBLE, in("b.vti"), &errs) == CIT_OK, "%s", errs.items[0].text);
    check_same(in("a.vti"), in("b.vti"));
    unsigned char *bytes = bytes_of(in("a.vti"), &size);
    const char *mark = "encoding=\"raw\">\n_";
    unsigned char *at = memmem(bytes, size, mark, strlen(mark));
    CHECK(at != NULL, "no appended numbers");
    at += strlen(mark);
    CHECK((size_t)(bytes + size - at) ==
              5 * (8 + 8 * n) + 8 + n + strlen("\n  </AppendedData>\n</VTKFile>\n"),
          "%zu bytes behind the mark", (size_t)(bytes + size - at));
    for (int q = 0; q < MADE_FIELDS; q++, at += 8 + 8 * n)
        for (size_t i = 0; i < n; i++) {
            double v;
            memcpy(&v, at + 8 + 8 * i, 8);
            const bool lives = tissue.viable[i] > 0;
            CHECK(lives ? memcmp(&v, &tissue.values[q][i], 8) == 0 : isnan(v),
                  "field %d, voxel %zu: %g", q, i, v);
        }
    CHECK(memmem(bytes, size, "<a & ", 5) == NULL, "settings stand in XML as they are");
    free(bytes);
}

static void single_precision_must_hold_the_numbers(void **state) {
    (void)state;
    cit_frame f = made_at(&tissue, 1);
    const double kept = tissue.values[0][7];
    tissue.values[0][7] = 1e39;
    fresh();
    CHECK(cit_frame_vti(&f, CIT_SINGLE, in("big.vti"), &errs) == CIT_INVALID, "accepted");
    CHECK(access(in("big.vti"), F_OK) != 0, "a file was made");
    CHECK(cit_frame_vti(&f, CIT_DOUBLE, in("big.vti"), &errs) == CIT_OK, "refused as doubles");
    tissue.values[0][7] = kept;
}

static void names_of_a_collection_are_escaped(void **state) {
    (void)state;
    static const char *const names[] = {"a&b<c>\"d\".vti", "two.vti"};
    static const double days[] = {0, 1.5};
    size_t size;
    fresh();
    CHECK(cit_frames_pvd(names, days, 2, in("c.pvd"), &errs) == CIT_OK, "%s", errs.items[0].text);
    char *text = (char *)bytes_of(in("c.pvd"), &size);
    CHECK(strstr(text, "file=\"a&amp;b&lt;c&gt;&quot;d&quot;.vti\"") != NULL, "%s", text);
    CHECK(strstr(text, "timestep=\"1.5\"") != NULL, "%s", text);
    free(text);
}

/* ---- disks that fill, things in the way -------------------------------------------------------------------------- */

/* Files of this process may have so many bytes from here on. */
static void limit_files(rlim_t bytes) {
    const struct rlimit limit = {bytes, RLIM_INFINITY};
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0, "no limit could be set");
}

static void a_vti_that_does_not_fit_leaves_the_old_one(void **state) {
    (void)state;
    cit_frame f = made_at(&tissue, 1);
    size_t size;
    fresh();
    CHECK(cit_frame_vti(&f, CIT_SINGLE, in("old.vti"), &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK(cit_frame_vti(&f, CIT_SINGLE, in("copy.vti"), &errs) == CIT_OK, "%s", errs.items[0].text);
    signal(SIGXFSZ, SIG_IGN);
    limit_files(9000);
    const cit_status st = cit_frame_vti(&f, CIT_DOUBLE, in("old.vti"), &errs);
    limit_files(RLIM_INFINITY);
    CHECK(st == CIT_IO, "status %d", st);
    check_same(in("old.vti"), in("copy.vti"));
    mkdir(in("way"), 0777);
    CHECK(cit_frame_vti(&f, CIT_DOUBLE, in("way"), &errs) == CIT_IO, "a folder was replaced");
    CHECK(cit_frame_vti(&f, CIT_DOUBLE, "/dev/full", &errs) == CIT_IO, "a device was replaced");
    CHECK(cit_frame_vti(&f, CIT_DOUBLE, in("none/x.vti"), &errs) == CIT_IO, "no folder, no fault");
    free(bytes_of(in("old.vti"), &size));
}

#ifdef CIT_HDF5
static cit_series *started(const char *path, cit_precision precision, int deflate, int threads) {
    const cit_frame f = made_at(&tissue, 0);
    const cit_series_options how = {precision, deflate, true, threads};
    cit_series *s = NULL;
    fresh();
    CHECK(cit_series_new(path, &f, &how, &s, &errs) == CIT_OK, "%s: %s", errs.items[0].where,
          errs.items[0].text);
    return s;
}

static void add(cit_series *s, double day) {
    const cit_frame f = made_at(&tissue, day);
    CHECK(cit_series_add(s, &f, &errs) == CIT_OK, "%s", errs.items[0].text);
}

static void check_count(const char *path, int want) {
    int count = -1;
    double last = 0;
    fresh();
    CHECK(cit_series_look(path, &count, &last, &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK(count == want, "%d frames, not %d", count, want);
}

/* The first frames, read by HDF5 itself. */
static void check_numbers(const char *path, const double *days, int count, bool single) {
    const size_t n = 12 * 10 * 6;
    double *all = malloc((size_t)count * n * sizeof *all);
    const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    CHECK(file >= 0, "%s cannot be opened", path);
    for (int q = 0; q < MADE_FIELDS; q++) {
        char name[80], unit[10] = "";
        hsize_t size[4] = {0};
        snprintf(name, sizeof name, "fields/%s", tissue.fields[q].name);
        const hid_t set = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(set);
        H5Sget_simple_extent_dims(space, size, NULL);
        CHECK(size[0] == (hsize_t)count && size[1] == 6 && size[2] == 10 && size[3] == 12,
              "%s is %d x %d x %d x %d", name, (int)size[0], (int)size[1], (int)size[2],
              (int)size[3]);
        CHECK(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, all) >= 0,
              "%s cannot be read", name);
        const hid_t a = H5Aopen(set, "unit", H5P_DEFAULT), type = H5Aget_type(a);
        H5Aread(a, type, unit);
        CHECK(strcmp(unit, "1") == 0, "unit '%s'", unit);
        H5Tclose(type);
        H5Aclose(a);
        H5Sclose(space);
        H5Dclose(set);
        for (int t = 0; t < count; t++) {
            made_at(&tissue, days[t]);
            for (size_t i = 0; i < n; i++) {
                const double v = tissue.values[q][i], want = single ? (double)(float)v : v;
                CHECK(memcmp(&all[(size_t)t * n + i], &want, 8) == 0, "%s, day %g, voxel %zu: %g",
                      name, days[t], i, all[(size_t)t * n + i]);
            }
        }
    }
    H5Fclose(file);
    free(all);
}

static const double days[] = {0, 1, 2.5, 30};

static void a_series_holds_the_numbers_to_the_bit(void **state) {
    (void)state;
    static const struct {
        cit_precision precision;
        int deflate;
    } kinds[] = {{CIT_DOUBLE, -1}, {CIT_DOUBLE, 1}, {CIT_SINGLE, 6}};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        for (int threads = 1; threads <= 3; threads += 2) {
            cit_series *s = started(in(threads == 1 ? "a.h5" : "b.h5"), kinds[k].precision,
                                    kinds[k].deflate, threads);
            for (int t = 0; t < 4; t++) add(s, days[t]);
            CHECK(cit_series_count(s) == 4, "%d frames", cit_series_count(s));
            CHECK(cit_series_close(s, &errs) == CIT_OK, "%s", errs.items[0].text);
        }
        check_same(in("a.h5"), in("b.h5"));
        check_count(in("a.h5"), 4);
        check_numbers(in("a.h5"), days, 4, kinds[k].precision == CIT_SINGLE);
    }
}

static void other_frames_are_refused_and_the_series_goes_on(void **state) {
    (void)state;
    cit_series *s = started(in("like.h5"), CIT_DOUBLE, 1, 1);
    add(s, 1);
    cit_frame f = made_at(&tissue, 2), g = f;
    cit_frame_field fields[MADE_FIELDS];
    memcpy(fields, tissue.fields, sizeof fields);
    g.box.dx_mm *= 2;
    CHECK(cit_series_add(s, &g, &errs) == CIT_INVALID, "another spacing");
    g = f;
    g.count--;
    CHECK(cit_series_add(s, &g, &errs) == CIT_INVALID, "fewer fields");
    g = f;
    g.fields = fields;
    fields[0].name = "other";
    CHECK(cit_series_add(s, &g, &errs) == CIT_INVALID, "another name");
    g = f;
    g.viable = NULL;
    CHECK(cit_series_add(s, &g, &errs) == CIT_INVALID, "all lives");
    g = f;
    g.day = 1;
    CHECK(cit_series_add(s, &g, &errs) == CIT_INVALID, "the same day again");
    add(s, 2.5);
    CHECK(cit_series_close(s, &errs) == CIT_OK, "%s", errs.items[0].text);
    check_numbers(in("like.h5"), days + 1, 2, false);
}

/* At whatever byte the disk is full. */
static void a_full_disk_keeps_earlier_frames(void **state) {
    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    cit_series *s = started(in("whole.h5"), CIT_DOUBLE, 1, 1);
    struct stat info;
    off_t sizes[5];
    for (int t = 0; t < 4; t++) {
        stat(in("whole.h5"), &info);
        sizes[t] = info.st_size;
        add(s, days[t]);
    }
    CHECK(cit_series_close(s, &errs) == CIT_OK, "%s", errs.items[0].text);
    stat(in("whole.h5"), &info);
    sizes[4] = info.st_size;
    for (off_t most = sizes[1]; most < sizes[4]; most += 1 + (sizes[4] - sizes[1]) / 23) {
        s = started(in("full.h5"), CIT_DOUBLE, 1, 2);
        limit_files((rlim_t)most);
        cit_status st = CIT_OK;
        int kept = 0;
        for (int t = 0; t < 4 && st == CIT_OK; t++) {
            const cit_frame f = made_at(&tissue, days[t]);
            st = cit_series_add(s, &f, &errs);
            kept += st == CIT_OK;
        }
        const cit_frame f = made_at(&tissue, 99);
        if (st != CIT_OK) CHECK(cit_series_add(s, &f, &errs) == CIT_IO, "it goes on behind a gap");
        const cit_status closed = cit_series_close(s, &errs);
        limit_files(RLIM_INFINITY);
        CHECK(kept == 4 ? closed == CIT_OK : st == CIT_IO, "at %ld bytes: %d, %d", (long)most, st,
              closed);
        check_count(in("full.h5"), kept);
        check_numbers(in("full.h5"), days, kept, false);
    }
}

static void a_full_file_system_keeps_earlier_frames(void **state) {
    (void)state;
    mkdir(in("small"), 0777);
    if (geteuid() != 0 || mount("none", in("small"), "tmpfs", 0, "size=96k") != 0) skip();
    cit_series *s = started(in("small/x.h5"), CIT_DOUBLE, -1, 1);
    cit_status st = CIT_OK;
    for (int t = 0; t < 40 && st == CIT_OK; t++) {
        const cit_frame f = made_at(&tissue, t);
        st = cit_series_add(s, &f, &errs);
    }
    const int kept = cit_series_count(s);
    const cit_status closed = cit_series_close(s, &errs);
    int count = -1;
    double last = 0;
    const cit_status looked = cit_series_look(in("small/x.h5"), &count, &last, &errs);
    umount(in("small"));
    CHECK(st == CIT_IO && closed == CIT_OK, "%d, %d", st, closed);
    CHECK(looked == CIT_OK && kept > 0 && count == kept, "%d of %d frames", count, kept);
}

/* A program that is killed in the midst of a frame. */
static void a_killed_program_leaves_earlier_frames(void **state) {
    (void)state;
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_DFL);
        cit_series *s = started(in("killed.h5"), CIT_DOUBLE, 1, 1);
        add(s, days[0]);
        add(s, days[1]);
        struct stat info;
        stat(in("killed.h5"), &info);
        limit_files((rlim_t)info.st_size + 3000);
        add(s, days[2]); /* the signal comes here */
        _exit(0);
    }
    int how = 0;
    waitpid(child, &how, 0);
    CHECK(WIFSIGNALED(how), "it was not killed");
    check_count(in("killed.h5"), 2);
    check_numbers(in("killed.h5"), days, 2, false);
}

static void what_is_no_series_is_said(void **state) {
    (void)state;
    int count = -1;
    double last;
    size_t size;
    cit_series *s = started(in("cut.h5"), CIT_DOUBLE, 1, 1);
    const cit_frame f = made_at(&tissue, 0);
    add(s, 0);
    CHECK(cit_series_close(s, &errs) == CIT_OK, "%s", errs.items[0].text);
    free(bytes_of(in("cut.h5"), &size));
    CHECK(truncate(in("cut.h5"), (off_t)size - 100) == 0, "not cut");
    CHECK(cit_series_look(in("cut.h5"), &count, &last, &errs) == CIT_IO, "cut short, and read");
    CHECK(cit_series_look(in("none.h5"), &count, &last, &errs) == CIT_IO, "not there, and read");
    CHECK(cit_series_look("/dev/null", &count, &last, &errs) == CIT_IO, "empty, and read");
    CHECK(count == -1, "touched the result");
    const cit_series_options kind = {CIT_DOUBLE, 0, false, 1}, force = {CIT_DOUBLE, 0, true, 1};
    s = NULL;
    CHECK(cit_series_new(in("cut.h5"), &f, &kind, &s, &errs) == CIT_IO, "replaced unasked");
    mkdir(in("dir.h5"), 0777);
    CHECK(cit_series_new(in("dir.h5"), &f, &force, &s, &errs) == CIT_IO, "a folder was replaced");
    CHECK(cit_series_new("/dev/full", &f, &force, &s, &errs) == CIT_IO, "a device was replaced");
    CHECK(s == NULL, "touched the result");
    limit_files(2000);
    CHECK(cit_series_new(in("tiny.h5"), &f, &force, &s, &errs) == CIT_IO, "no room, no fault");
    limit_files(RLIM_INFINITY);
    CHECK(access(in("tiny.h5"), F_OK) != 0, "a useless file was left");
}
#endif

/* ---- pictures ----------------------------------------------------------------------------------------------------- */

static int png_number(const unsigned char *png, int at) {
    return png[at] << 24 | png[at + 1] << 16 | png[at + 2] << 8 | png[at + 3];
}

static void check_slices(const cit_frame *f, const cit_slices *how, const char *what) {
    unsigned char *png[2] = {NULL, NULL};
    size_t size[2];
    fresh();
    for (int i = 0; i < 2; i++)
        CHECK(cit_frame_slices(f, how, &png[i], &size[i], &errs) == CIT_OK, "%s: %s", what,
              errs.items[0].text);
    CHECK(size[0] == size[1] && memcmp(png[0], png[1], size[0]) == 0, "%s: other bytes", what);
    CHECK(memcmp(png[0], "\x89PNG", 4) == 0 && png_number(png[0], 16) == 1600, "%s: %d wide", what,
          png_number(png[0], 16));
    CHECK(png_number(png[0], 20) < 6000, "%s: %d tall", what, png_number(png[0], 20));
    free(png[0]);
    free(png[1]);
}

static void slices_of_all_shapes_are_drawn(void **state) {
    (void)state;
    static const int shapes[][3] = {{12, 10, 6}, {1, 10, 6}, {12, 1, 6}, {12, 10, 1},
                                    {1, 1, 6},   {1, 1, 1},  {40, 1, 1}, {1, 40, 1}};
    const cit_slices how = {.title = "shapes",
                            .depths_mm = {0.1, 99},
                            .depth_count = 2,
                            .epidermis_mm = 0.1,
                            .needles = tissue.needles,
                            .needle_count = MADE_NEEDLES};
    const cit_slices plain = {.voxels = true, .y_mm = (double)NAN, .colours = CIT_CIVIDIS};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char what[40];
        made_tissue m = made_new(shapes[i][0], shapes[i][1], shapes[i][2], 0.25);
        cit_frame f = made_at(&m, 3);
        snprintf(what, sizeof what, "%d x %d x %d", shapes[i][0], shapes[i][1], shapes[i][2]);
        f.count = 1;
        check_slices(&f, &how, what);
        check_slices(&f, &plain, what);
        made_free(&m);
    }
}

static void slices_bear_nan_and_even_fields(void **state) {
    (void)state;
    made_tissue m = made_new(12, 10, 6, 0.25);
    cit_frame f = made_at(&m, 3);
    const cit_slices how = {.title = "none"};
    for (int i = 0; i < 12 * 10 * 6; i++) {
        m.values[0][i] = i % 3 ? m.values[0][i] : (double)NAN;
        m.values[1][i] = (double)NAN;
        m.values[2][i] = 5;
        m.values[3][i] = 0;
    }
    check_slices(&f, &how, "NaN");
    for (int i = 0; i < 12 * 10 * 6; i++) m.viable[i] = 0;
    check_slices(&f, &how, "nothing lives");
    cit_scale scales[MADE_FIELDS] = {{0, 1}, {0, 1}, {2, 1}, {0, 1}};
    const cit_slices bad = {.scales = scales}, deep = {.depth_count = 4};
    unsigned char *png = NULL;
    size_t size;
    CHECK(cit_frame_slices(&f, &bad, &png, &size, &errs) == CIT_INVALID, "a scale upside down");
    CHECK(cit_frame_slices(&f, &deep, &png, &size, &errs) == CIT_INVALID, "too many depths");
    CHECK(png == NULL, "touched the result");
    made_free(&m);
}

static void reliefs_are_drawn_or_refused(void **state) {
    (void)state;
    static double height[30 * 20], flat[1];
    for (int i = 0; i < 30 * 20; i++) height[i] = -0.3 * exp(-0.02 * pow(i % 30 - 15, 2));
    const cit_relief pair[] = {{30, 20, 0.1, 0.1, height, "before"}, {1, 1, 2, 2, flat, NULL}};
    const cit_relief_picture how = {.title = "pair", .made = {.program = "cit test"}};
    unsigned char *png[2] = {NULL, NULL};
    size_t size[2];
    fresh();
    for (int i = 0; i < 2; i++)
        CHECK(cit_reliefs_png(pair, 2, &how, &png[i], &size[i], &errs) == CIT_OK, "%s",
              errs.items[0].text);
    CHECK(size[0] == size[1] && memcmp(png[0], png[1], size[0]) == 0, "other bytes");
    CHECK(png_number(png[0], 16) == 2160, "%d wide", png_number(png[0], 16));
    free(png[0]);
    free(png[1]);
    png[0] = NULL;
    height[17] = (double)NAN;
    CHECK(cit_reliefs_png(pair, 1, &how, &png[0], size, &errs) == CIT_INVALID, "NaN was drawn");
    CHECK(cit_reliefs_png(pair, 0, &how, &png[0], size, &errs) == CIT_INVALID, "none was drawn");
    CHECK(png[0] == NULL, "touched the result");
}

static void a_film_is_numbered_and_names_its_commands(void **state) {
    (void)state;
    static const unsigned char png[] = "not looked at";
    size_t size;
    fresh();
    CHECK(cit_film_begin(in("film"), 6, false, &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK(cit_film_add(in("film"), 0, png, sizeof png, &errs) == CIT_OK, "0");
    CHECK(cit_film_add(in("film"), 9999, png, sizeof png, &errs) == CIT_OK, "9999");
    CHECK(cit_film_add(in("film"), 10000, png, sizeof png, &errs) == CIT_INVALID, "10000");
    CHECK(access(in("film/9999.png"), F_OK) == 0, "no 9999.png");
    CHECK(cit_film_begin(in("film"), 6, false, &errs) == CIT_IO, "replaced unasked");
    CHECK(cit_film_begin(in("film"), 0, true, &errs) == CIT_INVALID, "0 a second");
    CHECK(cit_film_begin(in("film"), 6, true, &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK(access(in("film/9999.png"), F_OK) != 0, "9999.png of another film is there");
    mkdir(in("film/0001.png"), 0777);
    CHECK(cit_film_add(in("film"), 1, png, sizeof png, &errs) == CIT_IO, "a folder was replaced");
    char *text = (char *)bytes_of(in("film/README"), &size);
    CHECK(strstr(text, "ffmpeg -framerate 6 -i %04d.png") != NULL, "%s", text);
    CHECK(strstr(text, "img2webp") != NULL && strstr(text, "apngasm") != NULL, "%s", text);
    free(text);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(bad_frames_are_refused_by_name),
        CASE(odd_names_are_refused),
        CASE(infinity_and_bad_shares_are_refused),
        CASE(vti_holds_the_numbers_to_the_bit),
        CASE(single_precision_must_hold_the_numbers),
        CASE(names_of_a_collection_are_escaped),
        CASE(a_vti_that_does_not_fit_leaves_the_old_one),
#ifdef CIT_HDF5
        CASE(a_series_holds_the_numbers_to_the_bit),
        CASE(other_frames_are_refused_and_the_series_goes_on),
        CASE(a_full_disk_keeps_earlier_frames),
        CASE(a_full_file_system_keeps_earlier_frames),
        CASE(a_killed_program_leaves_earlier_frames),
        CASE(what_is_no_series_is_said),
#endif
        CASE(slices_of_all_shapes_are_drawn),
        CASE(slices_bear_nan_and_even_fields),
        CASE(reliefs_are_drawn_or_refused),
        CASE(a_film_is_numbered_and_names_its_commands),
    };
    return cmocka_run_group_tests(cases, setup, teardown);
}
