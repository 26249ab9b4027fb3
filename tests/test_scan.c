/* Heights from bytes: values that others printed for real files, round trips, and one located fault for each thing that a
 * file may have wrong. Real files lie in CIT_DATA (else in ../shared/data beside the source tree); where they are not,
 * their cases say so and check nothing, and files made here stand for every format. */
#include "input_help.h"
#include <cit/scan.h>
#include <png.h>
#include <sys/stat.h>
#include <tiffio.h>
#include <unistd.h>
#include <zip.h>

/* ---- help --------------------------------------------------------------------------------------- */

typedef struct bytes {
    uint8_t *at;
    size_t size;
} bytes;

static bytes loaded(const char *file) {
    cit_errors errs = {0};
    bytes b = {0};
    const cit_status st = cit_file_load(file, (size_t)1 << 28, &b.at, &b.size, &errs);
    CHECK(st == CIT_OK, "%s: %s", errs.items[0].where, errs.items[0].text);
    return b;
}

static bytes copied(const void *from, size_t size) {
    bytes b = {malloc(size > 0 ? size : 1), size};
    memcpy(b.at, from, size);
    return b;
}

static bytes text_bytes(const char *text) { return copied(text, strlen(text)); }

/* Exactly as many bytes as there are, so that a sanitizer sees one more. */
static cit_heights *read_as(const char *name, bytes b, const cit_scan_scale *scale) {
    cit_errors errs = {0};
    cit_heights *h = NULL;
    const cit_status st = cit_heights_read(name, b.at, b.size, scale, NULL, &h, &errs);
    CHECK(st == CIT_OK && errs.count == 0, "%s: %s", errs.items[0].where, errs.items[0].text);
    return h;
}

/* Refused with one fault, there and so. */
static void refuse_with(const char *name, bytes b, const cit_scan_scale *scale,
                        const cit_scan_limits *limits, const char *where, const char *text) {
    cit_errors errs = {0};
    cit_heights *h = NULL;
    const cit_status st = cit_heights_read(name, b.at, b.size, scale, limits, &h, &errs);
    CHECK(st == CIT_INVALID && h == NULL, "accepted, but '%s' was to be told", text);
    check_faults(&errs, &(fault){where, text}, 1);
    free(b.at);
}

static void refuse(const char *name, bytes b, const char *where, const char *text) {
    refuse_with(name, b, NULL, NULL, where, text);
}

static double height(const cit_heights *h, int i, int j) {
    return h->zero_um + (double)h->um[i + j * h->nx];
}

static void check_map(cit_heights *h, int nx, int ny, double dx_mm, double dy_mm,
                      const double *um) {
    size_t missing = 0;
    CHECK(h->nx == nx && h->ny == ny, "%d x %d samples, not %d x %d", h->nx, h->ny, nx, ny);
    CHECK_CLOSE(h->dx_mm, dx_mm, 1e-7 * dx_mm);
    CHECK_CLOSE(h->dy_mm, dy_mm, 1e-7 * dy_mm);
    for (int k = 0; k < nx * ny; k++) {
        missing += isnan(um[k]);
        CHECK(isnan(um[k]) == isnan(h->um[k]), "sample %d is %g, not %g", k,
              height(h, k % nx, k / nx), um[k]);
        if (!isnan(um[k])) CHECK_CLOSE(height(h, k % nx, k / nx), um[k], 2e-7 * (fabs(um[k]) + 1));
    }
    CHECK(h->missing == missing, "%zu missing, not %zu", h->missing, missing);
    cit_heights_free(h);
}
#define CHECK_MAP(heights, nx, ny, dx_mm, dy_mm, ...)                                              \
    check_map(heights, nx, ny, dx_mm, dy_mm, (const double[]){__VA_ARGS__})
#define GONE ((double)NAN)

static void put(bytes *b, const void *more, size_t size) {
    b->at = realloc(b->at, b->size + size + 1);
    memcpy(b->at + b->size, more, size);
    b->size += size;
}

static void put_number(bytes *b, uint64_t number, int size) {
    for (int i = 0; i < size; i++) put(b, &(uint8_t){(uint8_t)(number >> (8 * i))}, 1);
}

static void put_float(bytes *b, float number) {
    uint32_t bits = 0;
    memcpy(&bits, &number, sizeof bits);
    put_number(b, bits, 4);
}

static void put_double(bytes *b, double number) {
    uint64_t bits = 0;
    memcpy(&bits, &number, sizeof bits);
    put_number(b, bits, 8);
}

static void patch(bytes *b, size_t at, uint64_t number, int size) {
    for (int i = 0; i < size; i++) b->at[at + (size_t)i] = (uint8_t)(number >> (8 * i));
}

/* ---- real files --------------------------------------------------------------------------------- */

static path data_path(const char *name) {
    const char *folder = getenv("CIT_DATA");
    path p = source_path("../shared/data");
    if (folder != NULL) snprintf(p.text, sizeof p.text, "%s", folder);
    const size_t length = strlen(p.text);
    snprintf(p.text + length, sizeof p.text - length, "/%s", name);
    return p;
}

static bool has_data(void) {
    const path p = data_path("heightmaps/ORIGIN.txt");
    if (access(p.text, R_OK) == 0) return true;
    print_message("# no real files: %s is not there; set CIT_DATA to the folder that holds them\n",
                  p.text);
    return false;
}

static cit_heights *real(const char *name, const cit_scan_scale *scale) {
    const path p = data_path(name);
    bytes b = loaded(p.text);
    cit_heights *h = read_as(name, b, scale);
    free(b.at);
    return h;
}

static void refuse_real(const char *name, const char *where, const char *text) {
    const path p = data_path(name);
    refuse(name, loaded(p.text), where, text);
}

/* About the mean, of what is measured. */
typedef struct summary {
    double mean, a, q, skew, kurtosis, range;
} summary;

static summary summarise(const cit_heights *h, int from, int to) {
    summary s = {0};
    double count = 0, low = 1e300, high = -1e300, third = 0, fourth = 0;
    for (int i = from; i < to; i++) {
        if (!isnan(h->um[i])) s.mean += (double)h->um[i];
        count += !isnan(h->um[i]);
    }
    s.mean /= count;
    for (int i = from; i < to; i++) {
        if (isnan(h->um[i])) continue;
        const double z = (double)h->um[i] - s.mean;
        s.a += fabs(z) / count;
        s.q += z * z / count;
        third += z * z * z / count;
        fourth += z * z * z * z / count;
        low = fmin(low, z);
        high = fmax(high, z);
    }
    s.skew = third / pow(s.q, 1.5);
    s.kurtosis = fourth / (s.q * s.q);
    s.q = sqrt(s.q);
    s.range = high - low;
    return s;
}

/* Values in m as reference_values.csv and ORIGIN.txt print them; 0: not told. */
typedef struct reference {
    const char *name;
    int nx, ny;
    double dx_mm, dy_mm;
    size_t missing;
    double a_m, q_m, skew, kurtosis, range_m;
} reference;

static void real_files_give_the_values_that_others_printed(void **state) {
    static const reference files[] = {
        {"heightmaps/al3d-1.gsf", 200, 296, 0.0876054 / 200, 0.129655992 / 296, 0, 6.39404375e-6,
         7.68826584e-6, -0.03311281, 2.249766, 3.49506736e-5},
        {"heightmaps/plu-1.gsf", 768, 576, 1.274880 / 768, 0.956160 / 576, 0, 2.45182794e-6,
         2.83439099e-6, 0, 0, 0},
        {"heightmaps/opd-1.gsf", 640, 480, 0.125909 / 640, 0.094432 / 480, 116, 6.593114e-9,
         8.356451e-9, 0, 0, 0},
        {"heightmaps/x3p-2.x3p", 650, 650, 0.082977 / 650, 0.204478 / 650, 0, 6.19546557e-8,
         7.72803327e-8, -0.3467886, 2.941934, 5.543362e-7},
        {"heightmaps/sdf-1.sdf", 7, 4, 1e-3, 1e-3, 0, 1.15801276e-8, 1.36028973e-8, 0, 0, 0},
        {"heightmaps/example_ps.tiff", 512, 512, 1e-3 / 512, 1e-3 / 512, 0, 3.07665834e-9,
         3.93333373e-9, 0.3868831, 3.841732, 0},
        {"heightmaps/matrix-4.txt", 75, 305, 0.369862e-3, 0.369862e-3, 0, 0, 1.1745891510991089e-7,
         0, 0, 0},
        {"x3p-land/sample-land.x3p", 918, 256, 2.58e-3, 2.58e-3, 25292, 29.843e-6, 34.334e-6,
         -0.41735, 1.91460, 131.972e-6},
        {"x3p-land/testing.x3p", 30, 20, 27.4999996, 27.4999996, 0, 0, 0, 0, 0, 0},
        {"x3p-land/pyramid.x3p", 5, 5, 1000, 1000, 0, 2.048, 2.2627417, 1.06066, 3.125, 8},
    };
    (void)state;
    if (!has_data()) return;
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        const reference *r = &files[f];
        cit_heights *h = real(r->name, NULL);
        const summary s = summarise(h, 0, h->nx * h->ny);
        const double near =
            strstr(r->name, "land") == NULL || r->nx == 5 ? 1e-6 : 3e-5; /* digits printed */
        CHECK(h->nx == r->nx && h->ny == r->ny, "%s: %d x %d", r->name, h->nx, h->ny);
        CHECK_CLOSE(h->dx_mm, r->dx_mm, 5e-6 * r->dx_mm);
        CHECK_CLOSE(h->dy_mm, r->dy_mm, 5e-6 * r->dy_mm);
        CHECK(h->missing == r->missing, "%s: %zu missing", r->name, h->missing);
        if (r->a_m != 0) CHECK_CLOSE(s.a, 1e6 * r->a_m, near * 1e6 * r->a_m);
        if (r->q_m != 0) CHECK_CLOSE(s.q, 1e6 * r->q_m, near * 1e6 * r->q_m);
        if (r->skew != 0) CHECK_CLOSE(s.skew, r->skew, 1e-5);
        if (r->kurtosis != 0) CHECK_CLOSE(s.kurtosis, r->kurtosis, near * r->kurtosis);
        if (r->range_m != 0) CHECK_CLOSE(s.range, 1e6 * r->range_m, near * 1e6 * r->range_m);
        cit_heights_free(h);
    }
}

/* 117 points of it stand two below the lowest, which is how its makers write what was not measured. Gwyddion takes them for
 * heights: so taken they give Gwyddion's values, and most of the skewness that it tells. */
static void what_a_sur_did_not_measure_is_no_pit(void **state) {
    (void)state;
    if (!has_data()) return;
    cit_heights *h = real("heightmaps/sur-2.sur", NULL);
    CHECK(h->nx == 563 && h->ny == 484 && h->missing == 117, "%d x %d, %zu missing", h->nx, h->ny,
          h->missing);
    CHECK_CLOSE(h->nx * h->dx_mm, 1.961492, 1e-6);
    CHECK_CLOSE(h->ny * h->dy_mm, 1.686256, 1e-6);
    const summary without = summarise(h, 0, h->nx * h->ny);
    CHECK_CLOSE(without.q, 0.0175178810, 1e-8);
    CHECK_CLOSE(without.skew, -14.66907, 1e-4);
    for (int i = 0; i < h->nx * h->ny; i++)
        if (isnan(h->um[i])) h->um[i] = (float)(8.9118 - h->zero_um);
    const summary with = summarise(h, 0, h->nx * h->ny);
    CHECK_CLOSE(with.a, 1.26147723e-2, 1e-8);
    CHECK_CLOSE(with.q, 3.1186688e-2, 3e-8);
    CHECK_CLOSE(with.skew, -29.90214, 3e-5);
    CHECK_CLOSE(with.kurtosis, 1164.709, 2e-3);
    cit_heights_free(h);
}

/* The instrument printed Ra, Rq and the skewness between its cursors into the file, and ASH. A straight line is removed,
 * as it says. */
static void a_stylus_profile_gives_what_its_instrument_printed(void **state) {
    (void)state;
    if (!has_data()) return;
    cit_heights *h = real("heightmaps/dektak-1.csv", NULL);
    CHECK(h->nx == 9600 && h->ny == 1 && h->missing == 0, "%d x %d", h->nx, h->ny);
    CHECK_CLOSE(h->dx_mm, 1.5 / 9600, 1e-9);
    /* places are printed to 0.1 um */
    const int from = (int)ceil(0.46795 / h->dx_mm), to = (int)floor(0.73305 / h->dx_mm) + 1;
    double up = 0, across = 0;
    const double middle = (from + to - 1) / 2.0, mean = summarise(h, from, to).mean;
    double low = 1e9, high = -1e9;
    for (int i = from; i < to; i++) {
        up += (i - middle) * ((double)h->um[i] - mean);
        across += (i - middle) * (i - middle);
        low = fmin(low, (double)h->um[i]);
        high = fmax(high, (double)h->um[i]);
    }
    CHECK_CLOSE(high - low, 2.89172, 2e-5);
    for (int i = from; i < to; i++) h->um[i] -= (float)(up / across * (i - middle));
    const summary s = summarise(h, from, to);
    CHECK_CLOSE(s.a, 0.00525, 5e-6);
    CHECK_CLOSE(s.q, 0.01143, 7e-6);
    CHECK_CLOSE(s.skew, 6.96, 6e-3);
    cit_heights_free(h);
}

static void texts_without_units_ask_for_them(void **state) {
    (void)state;
    if (!has_data()) return;
    refuse_real("heightmaps/csv-1.csv", "heightmaps/csv-1.csv", "does not tell the height of 1");
    refuse_real("heightmaps/xyz-1.txt", "heightmaps/xyz-1.txt",
                "does not tell the unit of column 1");
    refuse_real("heightmaps/opdx-3.txt", "heightmaps/opdx-3.txt",
                "does not tell the unit of column 1");
    cit_heights *h =
        real("heightmaps/opdx-3.txt", &(cit_scan_scale){.unit_mm = 1e3, .height_um = 1e6});
    CHECK(h->nx == 3001 && h->ny == 1, "%d x %d", h->nx, h->ny);
    CHECK_CLOSE(h->dx_mm, 16.655563e-6, 1e-12);
    CHECK_CLOSE(summarise(h, 0, 3001).q, 5.3075e-3, 5e-8);
    cit_heights_free(h);
    CHECK_MAP(real("heightmaps/csv-1.csv", &(cit_scan_scale){.height_um = 1}), 8, 1, 3.86190476e-5,
              3.86190476e-5, 2.10425, 2.08494, 2.06564, 2.04633, 2.04633, 2.02703, 1.98842,
              1.94981);
    CHECK_MAP(real("heightmaps/xyz-1.txt", &(cit_scan_scale){.unit_mm = 1, .height_um = 1}), 4, 4,
              1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1);
    for (int k = 2; k <= 3; k++) {
        const char *const names[] = {"heightmaps/csv-2.csv", "heightmaps/csv-3.csv"};
        const double z = -1.4274328574349;
        CHECK_MAP(real(names[k - 2], NULL), 8, 1, 8.3333333333e-5, 8.3333333333e-5, z, z, z, z, z,
                  z, z, z);
    }
}

static void real_files_that_are_not_read_say_why(void **state) {
    (void)state;
    if (!has_data()) return;
    refuse_real("heightmaps/al3d-1.al3d", "heightmaps/al3d-1.al3d",
                "an Alicona .al3d, which is not read");
    refuse_real("heightmaps/plu-1.plu", "heightmaps/plu-1.plu", "as X3P, or Gwyddion as GSF");
    refuse_real("heightmaps/opd-1.opd", "heightmaps/opd-1.opd", "a Wyko or Veeco .opd");
    /* Its main.xml was changed four months after its sum was taken. */
    refuse_real("x3p-land/csafe-logo.x3p", "x3p-land/csafe-logo.x3p:main.xml",
                "does not have the MD5 sum that md5checksum.hex tells");
}

/* ---- round trips -------------------------------------------------------------------------------- */

static cit_heights *bumpy(int nx, int ny, double zero_um) {
    cit_heights *h = NULL;
    CHECK(cit_heights_new(nx, ny, 0.0417, ny > 1 ? 0.03 : 0.0417, &h, NULL) == CIT_OK, "not made");
    h->zero_um = zero_um;
    h->missing = 0;
    for (int k = 0; k < nx * ny; k++) {
        h->um[k] = k % 7 == 3 ? NAN : (float)(20 * sin(0.7 * k) + 0.001 * k);
        h->missing += k % 7 == 3;
    }
    return h;
}

typedef cit_status writer(const cit_heights *, uint8_t **, size_t *, cit_errors *);

static bytes written(writer *write, const cit_heights *h) {
    cit_errors errs = {0};
    bytes b = {0};
    CHECK(write(h, &b.at, &b.size, &errs) == CIT_OK, "%s", errs.items[0].text);
    return b;
}

static void check_same(const cit_heights *a, const cit_heights *b, double digits) {
    CHECK(a->nx == b->nx && a->ny == b->ny && a->missing == b->missing, "%d x %d, %zu missing",
          b->nx, b->ny, b->missing);
    CHECK_CLOSE(b->dx_mm, a->dx_mm, 4e-16 * a->dx_mm);
    CHECK_CLOSE(b->dy_mm, a->dy_mm, 4e-16 * a->dy_mm);
    for (int k = 0; k < a->nx * a->ny; k++) {
        const double x = height(a, k % a->nx, k / a->nx), y = height(b, k % a->nx, k / a->nx);
        CHECK(isnan(x) ? isnan(y) : fabs(x - y) <= digits, "sample %d: %.17g, then %.17g", k, x, y);
    }
}

/* Floats of 24 bits: an absolute height to 2^-24 of it (GSF), one about the zero to 2^-24 of the range (X3P). */
static void what_is_written_reads_back(void **state) {
    static const struct {
        int nx, ny;
        double zero_um;
    } maps[] = {{40, 30, 0}, {9, 1, 0}, {1, 9, 0}, {33, 8, 12345.5}, {2, 2, -0.25}};
    (void)state;
    for (size_t m = 0; m < sizeof maps / sizeof *maps; m++) {
        cit_heights *h = bumpy(maps[m].nx, maps[m].ny, maps[m].zero_um);
        const bytes gsf = written(cit_heights_write_gsf, h),
                    x3p = written(cit_heights_write_x3p, h);
        cit_heights *from_gsf = read_as("a.gsf", gsf, NULL),
                    *from_x3p = read_as("a.x3p", x3p, NULL);
        check_same(h, from_gsf, (fabs(maps[m].zero_um) + 30) * 0x1p-23);
        check_same(h, from_x3p, 30 * 0x1p-23);
        cit_heights_free(h);
        cit_heights_free(from_gsf);
        cit_heights_free(from_x3p);
        free(gsf.at);
        free(x3p.at);
    }
}

/* No clock is in them. */
static void the_same_heights_are_written_as_the_same_bytes(void **state) {
    writer *const writers[] = {cit_heights_write_gsf, cit_heights_write_x3p};
    (void)state;
    for (int w = 0; w < 2; w++) {
        cit_heights *h = bumpy(20, 20, 3);
        const bytes a = written(writers[w], h), b = written(writers[w], h);
        CHECK(a.size == b.size && memcmp(a.at, b.at, a.size) == 0, "%zu and %zu bytes differ",
              a.size, b.size);
        cit_heights_free(h);
        free(a.at);
        free(b.at);
    }
}

static void a_copy_is_whole_and_apart(void **state) {
    cit_heights *h = bumpy(5, 4, 2), *copy = NULL;
    (void)state;
    CHECK(cit_heights_note(h, NULL, "cropped to %d", 5) == CIT_OK, "no note");
    CHECK(cit_heights_note(h, NULL, "levelled") == CIT_OK, "no note");
    CHECK(strcmp(h->history, "cropped to 5\nlevelled") == 0, "history '%s'", h->history);
    CHECK(cit_heights_copy(h, &copy, NULL) == CIT_OK, "no copy");
    check_same(h, copy, 0);
    CHECK(copy->history != h->history && strcmp(copy->history, h->history) == 0, "its history");
    copy->um[0] = 99;
    CHECK(h->um[0] != 99, "the copy shares its samples");
    cit_heights_free(copy);
    cit_heights_free(h);
    cit_heights_free(NULL);
}

static void surfaces_that_cannot_be_are_refused(void **state) {
    static const struct {
        int nx, ny;
        double dx_mm;
        const char *text;
    } bad[] = {{0, 5, 1, "0 x 5 samples"},
               {5, -1, 1, "5 x -1 samples"},
               {50000, 50000, 1, "2^31"},
               {5, 5, 0, "pitches of 0"},
               {5, 5, -1, "pitches of -1"},
               {5, 5, (double)NAN, "pitches of"},
               {5, 5, (double)INFINITY, "pitches of inf"}};
    (void)state;
    for (size_t b = 0; b < sizeof bad / sizeof *bad; b++) {
        cit_errors errs = {0};
        cit_heights *h = NULL;
        CHECK(cit_heights_new(bad[b].nx, bad[b].ny, bad[b].dx_mm, 1, &h, &errs) == CIT_INVALID &&
                  h == NULL,
              "made, though %s", bad[b].text);
        check_faults(&errs, &(fault){"", bad[b].text}, 1);
    }
}

/* ---- GSF ---------------------------------------------------------------------------------------- */

static const char gsf_units[] = "XReal = 0.003\nYReal = 0.002\nXYUnits = m\nZUnits = m\n";

static bytes gsf(const char *sides, const char *rest, const float *numbers, size_t count) {
    bytes b = {0};
    put(&b, "Gwyddion Simple Field 1.0\n", 26);
    put(&b, sides, strlen(sides));
    put(&b, rest, strlen(rest));
    do put(&b, "", 1);
    while (b.size % 4 != 0);
    for (size_t i = 0; i < count; i++) put_float(&b, numbers[i]);
    return b;
}

static void gsf_says_what_it_is(void **state) {
    static const float z[] = {1e-6f, 2e-6f, -3e-6f, NAN, 5e-6f, 0};
    bytes b = gsf("XRes=3\nYRes = 2\n", gsf_units, z, 6);
    (void)state;
    CHECK_MAP(read_as("a", b, NULL), 3, 2, 1, 1, 1, 2, -3, GONE, 5, 0);
    free(b.at);
    b = gsf("XRes=3\nYRes = 2\n", "XYUnits=mm\nXReal=3\nYReal=4\nZUnits=\xc2\xb5m\nTitle = a = b\n",
            z, 6);
    CHECK_MAP(read_as("a", b, NULL), 3, 2, 1, 2, 1e-6, 2e-6, -3e-6, GONE, 5e-6, 0);
    CHECK_MAP(read_as("a", b, &(cit_scan_scale){.missing = 0, .has_missing = true}), 3, 2, 1, 2,
              1e-6, 2e-6, -3e-6, GONE, 5e-6, GONE);
    free(b.at);
}

static void a_wrong_gsf_is_located(void **state) {
    static const float z[] = {1, 2, 3, 4, 5, 6}, wild[] = {1, INFINITY, 3, 4},
                       gone[] = {NAN, NAN, NAN, NAN};
    static const char sides[] = "XRes=3\nYRes=2\n", two[] = "XRes=2\nYRes=2\n";
    (void)state;
    refuse("a", gsf(sides, gsf_units, z, 5), "a:byte 112",
           "its 3 x 2 samples of 4 bytes would end at 116");
    refuse("a", gsf("XRes=23170\nYRes=23170\n", gsf_units, z, 0), "a:byte 100",
           "would end at 2147395700");
    refuse("a", gsf("XRes=9999999999\nYRes=2\n", gsf_units, z, 6), "a:byte 26",
           "tells XRes as 1e+10");
    refuse("a", gsf("XRes=0\nYRes=0\n", gsf_units, z, 6), "a:byte 26", "tells XRes as 0");
    refuse("a", gsf("XRes=3\n", gsf_units, z, 6), "a", "does not tell YRes");
    refuse("a", gsf("XRes=3\nYRes=x\n", gsf_units, z, 6), "a:byte 33", "tells YRes as 'x'");
    refuse("a", gsf("XRes=3\nYRes=2\nXRes=3\n", gsf_units, z, 6), "a:byte 40", "tells XRes twice");
    refuse("a", gsf("XRes=3\nYRes=2\nhello\n", gsf_units, z, 6), "a:byte 40",
           "without `name = value`");
    refuse("a", gsf("XRes=1\nYRes=1\n", gsf_units, z, 6), "a:byte 96", "behind the last of 1 x 1");
    refuse("a", gsf(two, gsf_units, wild, 4), "a:byte 96", "is infinite");
    refuse("a", gsf(two, gsf_units, gone, 4), "a", "all are missing");
    refuse("a", gsf(sides, "XReal=1\nYReal=1\nXYUnits=V\n", z, 6), "a:byte 56",
           "tells XYUnits as 'V'");
    refuse("a", gsf(sides, "XReal=-1\nYReal=1\nXYUnits=m\nZUnits=m\n", z, 6), "a:byte 40",
           "tells XReal as -1");
    refuse("a", gsf(sides, "XReal=1e9\nYReal=1\nXYUnits=m\nZUnits=m\n", z, 6), "a",
           "pitches of 3.33333e+11");
    refuse("a", gsf(sides, "", z, 6), "a", "does not tell the pitch; a scale must");
    refuse_with("a", gsf(sides, gsf_units, z, 6), &(cit_scan_scale){.dx_mm = 2}, NULL, "a",
                "tells the pitch as 1 mm, the scale as 2");
    refuse_with("a", gsf(sides, gsf_units, z, 6), NULL, &(cit_scan_limits){.memory_bytes = 23}, "a",
                "its heights would take 24 bytes; 23 may be taken");
    refuse("a", text_bytes("Gwyddion Simple Field 1.0\nXRes=3"), "a:byte 32",
           "ends within its header");
    refuse("a", text_bytes("Gwyddion Simple Field 2.0\n"), "a:byte 0",
           "does not begin with the line");
}

/* ---- SUR ---------------------------------------------------------------------------------------- */

/* 16 or 32 bits; the points of the first row rise by 1 from -2. */
static bytes sur(int nx, int ny, int bits, int special, const char *unit) {
    bytes b = {calloc(1, 513), 512};
    memcpy(b.at, "DIGITAL SURF", 12);
    patch(&b, 14, 1, 2);
    patch(&b, 18, ny > 1 ? 2 : 1, 2);
    patch(&b, 86, (uint64_t)special, 2);
    patch(&b, 98, (uint64_t)bits, 2);
    patch(&b, 100, 0, 4);
    patch(&b, 104, 99, 4);
    patch(&b, 108, (uint64_t)nx, 4);
    patch(&b, 112, (uint64_t)ny, 4);
    patch(&b, 116, (uint64_t)nx * (uint64_t)ny, 4);
    const uint32_t steps[] = {0x3f800000, 0x40000000, 0x3f000000}; /* 1, 2, 0.5 */
    for (int i = 0; i < 3; i++) {
        patch(&b, 120 + 4 * (size_t)i, steps[i], 4);
        memset(b.at + 180 + 16 * i, ' ', 16);
        memcpy(b.at + 180 + 16 * i, unit, strlen(unit));
    }
    patch(&b, 334, 5, 2);
    put(&b, "hello", 5);
    for (int k = 0; k < nx * ny && k < 64; k++) put_number(&b, (uint64_t)(k - 2), bits / 8);
    return b;
}

static void sur_of_16_and_32_bits(void **state) {
    bytes b = sur(3, 2, 16, 0, "mm");
    (void)state;
    CHECK_MAP(read_as("a", b, NULL), 3, 2, 1, 2, -1000, -500, 0, 500, 1000, 1500);
    free(b.at);
    b = sur(3, 2, 32, 1, "\xb5m");
    CHECK_MAP(read_as("a", b, NULL), 3, 2, 1e-3, 2e-3, GONE, GONE, 0, 0.5, 1, 1.5);
    free(b.at);
    b = sur(4, 1, 32, 0, "mm");
    CHECK_MAP(read_as("a", b, NULL), 4, 1, 1, 1, -1000, -500, 0, 500);
    free(b.at);
    b = sur(2, 2, 16, 0, "nm");
    patch(&b, 312, 24, 2);
    patch(&b, 314, 12, 2);
    patch(&b, 316, 2024, 2);
    patch(&b, 288, 1, 2);
    cit_heights *h = read_as("a", b, NULL);
    CHECK(strcmp(h->origin, "Digital Surf SUR, 2024-12-24, said to be an imprint") == 0, "'%s'",
          h->origin);
    cit_heights_free(h);
    free(b.at);
}

static void a_wrong_sur_is_located(void **state) {
    static const struct {
        size_t at;
        uint64_t number;
        int size;
        const char *where, *text;
    } wrong[] = {
        {12, 257, 2, "a:byte 12", "format 257"},
        {14, 3, 2, "a:byte 14", "3 objects"},
        {18, 5, 2, "a:byte 18", "a series of surfaces (5)"},
        {18, 999, 2, "a:byte 18", "of a kind that is not known"},
        {86, 7, 2, "a:byte 86", "special points of kind 7"},
        {98, 64, 2, "a:byte 98", "64 bits a point"},
        {108, 4, 4, "a:byte 116", "says 6 points, and 4 x 2"},
        {108, 0x80000001, 4, "a:byte 116", "says 6 points"},
        {120, 0, 4, "a:byte 120", "a step of 0"},
        {120, 0x7fc00000, 4, "a:byte 120", "a step of nan"},
        {128, 0xbf800000, 4, "a:byte 128", "a step of -1"},
        {180, 0x41, 1, "a:byte 180", "the unit 'Am'"},
        {334, 4000, 2, "a:byte 529", "would end at 4524"},
        {334, 0, 2, "a:byte 524", "behind the last of 3 x 2"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        bytes b = sur(3, 2, 16, 0, "mm");
        patch(&b, wrong[i].at, wrong[i].number, wrong[i].size);
        refuse("a", b, wrong[i].where, wrong[i].text);
    }
    bytes b = sur(3, 2, 16, 1, "mm");
    patch(&b, 100, 500, 4);
    refuse("a", b, "a:byte 100", "a lowest point of 500 and a highest of 99");
    b = sur(3, 2, 16, 0, "mm");
    memcpy(b.at, "DSCOMPRESSED", 12);
    refuse("a", b, "a:byte 0", "is compressed; save it uncompressed, or as X3P");
    b = sur(40000, 40000, 32, 0, "mm");
    refuse("a", b, "a:byte 773", "would end at 6400000517");
    refuse("a", text_bytes("DIGITAL SURF"), "a:byte 12", "ends within the header");
}

/* ---- SDF ---------------------------------------------------------------------------------------- */

static const char sdf_head[] =
    "ManufacID = own\nCreateDate = 241220241200\nModDate = 0\nNumPoints = 3\n"
    "NumProfiles = 2\nXscale = 1e-6\nYscale = 2e-6\nZscale = 1.0E-6\n"
    "Zresolution = 0\nCompression = 0\nDataType = 7\nCheckType = 0\n";

static bytes sdf_text(const char *version, const char *more, const char *heights) {
    bytes b = {0};
    put(&b, version, strlen(version));
    put(&b, sdf_head, sizeof sdf_head - 1);
    put(&b, more, strlen(more));
    put(&b, heights, strlen(heights));
    return b;
}

static bytes sdf_binary(int type, int nx, int ny) {
    bytes b = {0};
    put(&b, "bISO-1.0own       241220241200241220241200", 42);
    put_number(&b, (uint64_t)nx, 2);
    put_number(&b, (uint64_t)ny, 2);
    put_double(&b, 1e-6);
    put_double(&b, 2e-6);
    put_double(&b, 1e-6);
    put_double(&b, 0);
    put_number(&b, 0, 1);
    put_number(&b, (uint64_t)type, 1);
    put_number(&b, 0, 1);
    return b;
}

static void sdf_as_text_and_as_bytes(void **state) {
    bytes b = sdf_text("aBCR-1.0\n", "; a remark\nOther = 5\n",
                       "*\n1 2.5 -3\r\n BAD 5 6\n*\n<Op> x </Op>\n*");
    (void)state;
    cit_heights *h = read_as("a", b, NULL);
    CHECK(strcmp(h->origin, "SDF, own, 2024-12-24") == 0, "'%s'", h->origin);
    CHECK_MAP(h, 3, 2, 1e-3, 2e-3, 1, 2.5, -3, GONE, 5, 6);
    free(b.at);
    b = sdf_text("aNPL-V1.0\n", "", "*\n1 2 3 4 5 6");
    CHECK_MAP(read_as("a", b, NULL), 3, 2, 1e-3, 2e-3, 1, 2, 3, 4, 5, 6);
    free(b.at);
    for (int type = 0; type < 8; type++) {
        static const int sizes[] = {1, 2, 4, 4, 1, 2, 4, 8};
        b = sdf_binary(type, 3, 1);
        for (int k = 1; k <= 3; k++) {
            if (type == 3) put_float(&b, k == 3 ? NAN : (float)k);
            if (type == 7) put_double(&b, k == 3 ? (double)NAN : k);
            if (type == 3 || type == 7) continue;
            const uint64_t outermost = type < 4 ? UINT64_MAX : (uint64_t)1 << (8 * sizes[type] - 1);
            put_number(&b, k == 3 ? outermost : (uint64_t)k, sizes[type]);
        }
        put(&b, "*trailer", 8);
        const double third = type == 0   ? 255
                             : type == 4 ? -128
                                         : GONE; /* a byte has none to spare */
        CHECK_MAP(read_as("a", b, NULL), 3, 1, 1e-3, 1e-3, 1, 2, third);
        free(b.at);
    }
}

static void a_wrong_sdf_is_located(void **state) {
    (void)state;
    refuse("a", sdf_text("aBCR-1.0\n", "", "*\n1 2 3 4 5"), "a:15", "cannot hold them");
    refuse("a", sdf_text("aBCR-1.0\n", "", "*\n1 2 3\n4 5   \n"), "a:17",
           "where the 6th of 6 is due");
    refuse("a", sdf_text("aBCR-1.0\n", "", "*\n1 2 3\n4 5x 6\n"), "a:16",
           "where the 5th of 6 is due");
    refuse("a", sdf_text("aBCR-1.0\n", "", "*\n1 2 3\n4 5 6 7\n*"), "a:16",
           "more than the 6 heights");
    refuse("a", sdf_text("aBCR-1.0\n", "", "*\n1 2 3\n4 5 1e999\n*"), "a:16",
           "where the 6th of 6 is due");
    refuse("a", sdf_text("aBCR-1.0\n", "", "1 2 3\n4 5 6\n"), "a:14", "is no `name = value`");
    refuse("a", sdf_text("aBCR-1.0\n", "", ""), "a:14", "ends before the heights begin");
    refuse("a", sdf_text("aBCR-1.0\n", "NumPoints = 3\n", "*\n1 2 3 4 5 6"), "a:14",
           "tells NumPoints twice");
    refuse("a", text_bytes("aBCR-1.0\nNumPoints = 0x3\n*\n"), "a:2", "tells NumPoints as '0x3'");
    refuse("a", text_bytes("aBCR-1.0\nNumPoints = 3\n*\n1 2 3"), "a", "does not tell NumProfiles");
    refuse("a", sdf_binary(7, 40000, 40000), "a:byte 81", "would end at 12800000081");
    refuse("a", sdf_binary(7, 60000, 60000), "a", "beyond the 2^31");
    refuse("a", sdf_binary(7, 0, 0), "a", "0 points and 0 profiles");
    refuse("a", sdf_binary(9, 1, 1), "a", "data type 9");
    bytes b = sdf_binary(7, 1, 1);
    patch(&b, 78, 1, 1);
    refuse("a", b, "a", "is compressed (1)");
    b = sdf_binary(7, 1, 1);
    patch(&b, 80, 1, 1);
    refuse("a", b, "a", "a check sum of kind 1");
    b = sdf_binary(7, 2, 1);
    put_double(&b, 1);
    put_double(&b, (double)INFINITY);
    refuse("a", b, "a:byte 89", "is infinite");
    b = sdf_binary(7, 2, 1);
    put_double(&b, 1);
    put_double(&b, 1e38);
    refuse("a", b, "a:byte 89", "beyond any surface");
    refuse("a", copied("bBCR-1.0", 8), "a:byte 8", "ends within the header of 81");
}

/* ---- X3P ---------------------------------------------------------------------------------------- */

typedef struct entry {
    const char *name;
    bytes bytes;
} entry;

static bytes zipped(const entry *entries, int count, int method) {
    zip_source_t *archive = zip_source_buffer_create(NULL, 0, 0, NULL);
    zip_t *zip = zip_open_from_source(archive, ZIP_TRUNCATE, NULL);
    zip_stat_t about;
    zip_source_keep(archive);
    for (int i = 0; i < count; i++) {
        zip_source_t *s = zip_source_buffer(zip, entries[i].bytes.at, entries[i].bytes.size, 0);
        const zip_int64_t index = zip_file_add(zip, entries[i].name, s, ZIP_FL_ENC_UTF_8);
        CHECK(index >= 0, "'%s' cannot be added", entries[i].name);
        zip_set_file_compression(zip, (zip_uint64_t)index, method, 9);
    }
    CHECK(zip_close(zip) == 0 && zip_source_stat(archive, &about) == 0, "no archive");
    bytes b = {malloc(about.size), about.size};
    CHECK(zip_source_open(archive) == 0 &&
              zip_source_read(archive, b.at, about.size) == (zip_int64_t)about.size,
          "no bytes");
    zip_source_close(archive);
    zip_source_free(archive);
    for (int i = 0; i < count; i++) free(entries[i].bytes.at);
    return b;
}

/* A main.xml of 3 x 2 points with a kind of numbers, and what is said of the data. */
static bytes xml(const char *feature, const char *sizes, const char *z, const char *data) {
    char text[3000];
    snprintf(text, sizeof text,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<p:ISO5436_2 xmlns:p=\"x\">\n<Record1>"
             "<FeatureType>%s</FeatureType><Axes>\n"
             "<CX><AxisType>I</AxisType><Increment>1e-3</Increment></CX>\n"
             "<CY><AxisType>I</AxisType><Increment>2e-3</Increment></CY>\n"
             "<CZ><AxisType>A</AxisType>%s</CZ></Axes></Record1>\n"
             "<Record3><MatrixDimension>%s</MatrixDimension>\n%s</Record3></p:ISO5436_2>\n",
             feature, z, sizes, data);
    return text_bytes(text);
}

static const char sizes_3_2[] = "<SizeX>3</SizeX><SizeY>2</SizeY><SizeZ>1</SizeZ>";
static const char link_data[] =
    "<DataLink><PointDataLink>bindata/data.bin</PointDataLink></DataLink>";

static bytes doubles(int count) {
    bytes b = {0};
    for (int k = 0; k < count; k++) put_double(&b, k == 2 ? (double)NAN : 1e-6 * k);
    return b;
}

static bytes x3p_of(const char *sizes, const char *z, const char *data, bytes numbers) {
    const entry entries[] = {{"main.xml", xml("SUR", sizes, z, data)},
                             {"bindata/data.bin", numbers}};
    return zipped(entries, 2, ZIP_CM_DEFLATE);
}

static const char type_d[] = "<DataType>D</DataType>";

static void x3p_of_every_type(void **state) {
    static const struct {
        const char *z;
        int size;
    } types[] = {
        {"<DataType>I</DataType><Increment>5e-7</Increment><Offset>1e-6</Offset>", 2},
        {"<DataType>L</DataType><Increment>5e-7</Increment><Offset>1e-6</Offset>", 4},
    };
    (void)state;
    for (int t = 0; t < 2; t++) {
        bytes numbers = {0};
        for (int k = -2; k < 4; k++) put_number(&numbers, (uint64_t)k, types[t].size);
        bytes b = x3p_of(sizes_3_2, types[t].z, link_data, numbers);
        CHECK_MAP(read_as("a", b, NULL), 3, 2, 1, 2, 0, 0.5, 1, 1.5, 2, 2.5);
        free(b.at);
    }
    bytes b = x3p_of(sizes_3_2, type_d, link_data, doubles(6));
    CHECK_MAP(read_as("a", b, NULL), 3, 2, 1, 2, 0, 1, GONE, 3, 4, 5);
    free(b.at);
    bytes floats = {0};
    for (int k = 0; k < 6; k++) put_float(&floats, (float)k * 1e-6f);
    b = x3p_of(sizes_3_2, "<DataType>F</DataType><Increment/>", link_data, floats);
    CHECK_MAP(read_as("a", b, NULL), 3, 2, 1, 2, 0, 1, 2, 3, 4, 5);
    free(b.at);
    b = x3p_of(sizes_3_2, type_d,
               "<DataList><Datum>1e-6</Datum><Datum/><Datum>0;1;2e-6</Datum><Datum> 3e-6\n</Datum>"
               "<Datum>-1E-6</Datum><Datum>0</Datum></DataList>",
               (bytes){0});
    CHECK_MAP(read_as("a", b, NULL), 3, 2, 1, 2, 1, GONE, 2, 3, -1, 0);
    free(b.at);
    static const char *const names[] = {"./bindata/data.bin", "/bindata/data.bin",
                                        "bindata\\data.bin"};
    for (int n = 0; n < 3; n++) {
        char link[200];
        snprintf(link, sizeof link, "<DataLink><PointDataLink> %s\n</PointDataLink></DataLink>",
                 names[n]);
        b = x3p_of(sizes_3_2, type_d, link, doubles(6));
        CHECK_MAP(read_as("a", b, NULL), 3, 2, 1, 2, 0, 1, GONE, 3, 4, 5);
        free(b.at);
    }
    const entry profile[] = {
        {"main.xml",
         xml("PRF", "<SizeX>6</SizeX><SizeY>1</SizeY><SizeZ>1</SizeZ>", type_d, link_data)},
        {"bindata/data.bin", doubles(6)}};
    b = zipped(profile, 2, ZIP_CM_STORE);
    CHECK_MAP(read_as("a", b, NULL), 6, 1, 1, 1, 0, 1, GONE, 3, 4, 5);
    free(b.at);
}

/* Bit 0 of byte 0 is the first point. */
static void x3p_bits_say_what_is_valid(void **state) {
    const char both[] =
        "<DataLink><PointDataLink>data.bin</PointDataLink><ValidPointsLink>valid.bin"
        "</ValidPointsLink></DataLink>";
    const entry entries[] = {{"in/a/main.xml", xml("SUR", sizes_3_2, type_d, both)},
                             {"in/a/data.bin", doubles(6)},
                             {"in/a/valid.bin", copied("\x2d", 1)},
                             {"__MACOSX/in/a/main.xml", text_bytes("junk")},
                             {"in/.DS_Store", text_bytes("junk")}};
    bytes b = zipped(entries, 5, ZIP_CM_DEFLATE);
    (void)state;
    CHECK_MAP(read_as("a", b, NULL), 3, 2, 1, 2, 0, GONE, GONE, 3, GONE, 5);
    free(b.at);
}

static void x3p_sums_are_checked(void **state) {
    static const char linked[] = "<DataLink><PointDataLink>bindata/data.bin</PointDataLink>"
                                 "<MD5ChecksumPointData>%s</MD5ChecksumPointData></DataLink>";
    /* of 4 bytes abcd (RFC 1321 has the sum of abc and of a..z; this one is of md5sum) */
    static const char right[] = "E2FC714C4727EE9395F324CD2E7F331F";
    char data[300];
    (void)state;
    for (int wrong = 0; wrong < 2; wrong++) {
        snprintf(data, sizeof data, linked, right);
        if (wrong) strstr(data, "E2FC")[0] = 'F';
        const char z[] = "<DataType>I</DataType><Increment>1e-9</Increment>";
        bytes b =
            x3p_of("<SizeX>2</SizeX><SizeY>1</SizeY><SizeZ>1</SizeZ>", z, data, text_bytes("abcd"));
        if (wrong) {
            refuse("a", b, "a:bindata/data.bin", "does not have the MD5 sum that main.xml tells");
            continue;
        }
        CHECK_MAP(read_as("a", b, NULL), 2, 1, 1, 1, 0x6261 * 1e-3, 0x6463 * 1e-3);
        free(b.at);
    }
    const entry entries[] = {
        {"main.xml", xml("SUR", sizes_3_2, type_d, link_data)},
        {"bindata/data.bin", doubles(6)},
        {"md5checksum.hex", text_bytes("00000000000000000000000000000000 *main.xml")}};
    refuse("a", zipped(entries, 3, ZIP_CM_DEFLATE), "a:main.xml",
           "the MD5 sum that md5checksum.hex tells");
}

static void a_wrong_x3p_is_located(void **state) {
    static const struct {
        const char *sizes, *z, *data;
        int count;
        const char *where, *text;
    } wrong[] = {
        {sizes_3_2, type_d, link_data, 5, "a:bindata/data.bin", "has 40 bytes; main.xml tells 48"},
        {sizes_3_2, type_d, link_data, 7, "a:bindata/data.bin", "claims 56 bytes; 48 are the most"},
        {"<SizeX>30000</SizeX><SizeY>30000</SizeY><SizeZ>1</SizeZ>", type_d, link_data, 6,
         "a:bindata/data.bin", "has 48 bytes; main.xml tells 7200000000"},
        {"<SizeX>0</SizeX><SizeY>0</SizeY><SizeZ>1</SizeZ>", type_d, link_data, 6, "a:main.xml:7",
         "tells 0 x 0 points"},
        {"<SizeX>99999</SizeX><SizeY>99999</SizeY><SizeZ>1</SizeZ>", type_d, link_data, 6,
         "a:main.xml:7", "tells 99999 x 99999 points"},
        {"<SizeX>3</SizeX><SizeY>2</SizeY><SizeZ>2</SizeZ>", type_d, link_data, 6, "a:main.xml:7",
         "tells 2 layers"},
        {"<SizeX>3</SizeX><SizeY>2</SizeY>", type_d, link_data, 6, "a:main.xml",
         "does not tell Record3/MatrixDimension/SizeZ"},
        {"<SizeX>three</SizeX><SizeY>2</SizeY><SizeZ>1</SizeZ>", type_d, link_data, 6,
         "a:main.xml:7", "'three', which is no number"},
        {sizes_3_2, "<DataType>Q</DataType>", link_data, 6, "a:main.xml:6",
         "as 'Q'; I, L, F and D"},
        {sizes_3_2, "<DataType>D</DataType><DataType>D</DataType>", link_data, 6, "a:main.xml:6",
         "tells Record1/Axes/CZ/DataType twice"},
        {sizes_3_2, "<DataType>D</DataType><Increment>0</Increment>", link_data, 6, "a:main.xml:6",
         "a step of heights of 0"},
        {sizes_3_2, "<DataType>D</DataType><Increment>1e20</Increment>", link_data, 6,
         "a:bindata/data.bin:byte 8", "beyond any surface"},
        {sizes_3_2, type_d, "<DataLink><PointDataLink>../../etc/passwd</PointDataLink></DataLink>",
         6, "a:../../etc/passwd", "is not in the archive"},
        {sizes_3_2, type_d, "<DataLink><PointDataLink/></DataLink>", 6, "a:main.xml:8",
         "names the part ''"},
        {sizes_3_2, type_d, "<DataList><Datum>1</Datum></DataList>", 6, "a:main.xml:7",
         "tells 6 points, and lists 1"},
        {sizes_3_2, type_d, "<DataList><Datum>one</Datum></DataList>", 6, "a:main.xml:8",
         "the Datum 'one'"},
        {sizes_3_2, type_d, "<ListDimension>6</ListDimension>", 6, "a:main.xml:8",
         "a list of points"},
        {sizes_3_2, type_d, "<open>", 6, "a:main.xml:8", "is no well-formed XML"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        refuse("a", x3p_of(wrong[i].sizes, wrong[i].z, wrong[i].data, doubles(wrong[i].count)),
               wrong[i].where, wrong[i].text);
    const entry other[] = {{"readme", text_bytes("x")}};
    refuse("a", zipped(other, 1, ZIP_CM_STORE), "a", "a ZIP archive without main.xml");
    const entry two[] = {{"a/main.xml", text_bytes("x")}, {"b/main.xml", text_bytes("x")}};
    refuse("a", zipped(two, 2, ZIP_CM_STORE), "a", "two main.xml");
    refuse("a", copied("PK\3\4rubbish", 11), "a", "is no whole ZIP archive");
}

static bytes main_only(const char *text) {
    const entry entries[] = {{"main.xml", text_bytes(text)}};
    return zipped(entries, 1, ZIP_CM_DEFLATE);
}

/* Entities that grow, that read files or the network, and letters that hide them. */
static void entities_are_not_touched(void **state) {
    static const char type[] = "has a document type or entities, which an X3P does not have";
    (void)state;
    refuse(
        "a",
        main_only(
            "<?xml version=\"1.0\"?>\n<!DOCTYPE r [<!ENTITY a \"ha\"><!ENTITY b "
            "\"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>\n<r>&c;</r>"),
        "a:main.xml:1", type);
    refuse("a", main_only("<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r>&x;</r>"),
           "a:main.xml:1", type);
    refuse("a", main_only("<r>&undefined;</r>"), "a:main.xml:1", "is no well-formed XML");
    refuse("a", main_only("<?xml version=\"1.0\" encoding=\"UTF-7\"?>+ADwAIQ-DOCTYPE r><r/>"),
           "a:main.xml:1", "in an encoding that is not read");
    bytes wide = {0};
    const char text[] = "<!DOCTYPE r>";
    put(&wide, "\xff\xfe", 2);
    for (size_t i = 0; i < sizeof text - 1; i++) put_number(&wide, (uint8_t)text[i], 2);
    const entry entries[] = {{"main.xml", wide}};
    refuse("a", zipped(entries, 1, ZIP_CM_STORE), "a:main.xml:1", "is not in UTF-8");
}

/* 80 MB of nothing pack to some 80 kB: that is told before it is unpacked. */
static void a_zip_bomb_is_not_unpacked(void **state) {
    const size_t size = 80000000;
    (void)state;
    entry entries[] = {
        {"main.xml",
         xml("SUR", "<SizeX>10000</SizeX><SizeY>1000</SizeY><SizeZ>1</SizeZ>", type_d, link_data)},
        {"bindata/data.bin", {calloc(1, size), size}}};
    refuse("a", zipped(entries, 2, ZIP_CM_DEFLATE), "a", "bindata/data.bin claims to unpack from");
    entry in_xml[] = {{"main.xml", {calloc(1, size), size}}};
    refuse("a", zipped(in_xml, 1, ZIP_CM_DEFLATE), "a:main.xml",
           "claims 80000000 bytes; 67108864 are the most here");
    entry small[] = {{"main.xml", xml("SUR", sizes_3_2, type_d, link_data)},
                     {"bindata/data.bin", doubles(6)}};
    refuse_with("a", zipped(small, 2, ZIP_CM_DEFLATE), NULL,
                &(cit_scan_limits){.memory_bytes = 100}, "a", "main.xml would take");
}

/* Many attributes and many names take the library the square of their number. */
static void xml_of_many_names_is_not_read(void **state) {
    static const struct {
        const char *first, *each, *last, *where, *text;
    } many[] = {
        {"<r", " a%d=''", "/>", "a:main.xml", "has more than 10000 attributes"},
        {"<r>", "<a%d/>", "</r>", "a:main.xml:1", "more than 10000 elements that are no Datum"},
        {"<r>", "<?a%d ?>", "</r>", "a:main.xml:1", "more than 10000 elements that are no Datum"},
    };
    (void)state;
    for (size_t m = 0; m < sizeof many / sizeof *many; m++) {
        bytes text = {0};
        put(&text, many[m].first, strlen(many[m].first));
        for (int i = 0; i < 20000; i++) {
            char name[32];
            const char *digits = strstr(many[m].each, "%d");
            put(&text, many[m].each, (size_t)(digits - many[m].each));
            put(&text, name, (size_t)snprintf(name, sizeof name, "%d", i));
            put(&text, digits + 2, strlen(digits + 2));
        }
        put(&text, many[m].last, strlen(many[m].last));
        const entry entries[] = {{"main.xml", text}};
        refuse("a", zipped(entries, 1, ZIP_CM_DEFLATE), many[m].where, many[m].text);
    }
}

/* ---- text --------------------------------------------------------------------------------------- */

static cit_heights *from_text(const char *text, const cit_scan_scale *scale) {
    bytes b = text_bytes(text);
    cit_heights *h = read_as("a.txt", b, scale);
    free(b.at);
    return h;
}

static const cit_scan_scale by_scale = {.dx_mm = 0.5, .dy_mm = 0.25, .height_um = 2};

static void text_as_a_matrix(void **state) {
    (void)state;
    CHECK_MAP(from_text("1 2 3 4\n5 NaN 7 8\n", &by_scale), 4, 2, 0.5, 0.25, 2, 4, 6, 8, 10, GONE,
              14, 16);
    CHECK_MAP(from_text("1\t2\t\t4\t\r\n5\t6\t7\t8\t\r\n", &by_scale), 4, 2, 0.5, 0.25, 2, 4, GONE,
              8, 10, 12, 14, 16);
    CHECK_MAP(from_text("# no names\r1, 2, 3, 4\r5, 6, 7, 8", &by_scale), 4, 2, 0.5, 0.25, 2, 4, 6,
              8, 10, 12, 14, 16);
    CHECK_MAP(from_text("1,5;2;3;4\n\n5;6;-7,25;8,0e1\n", &by_scale), 4, 2, 0.5, 0.25, 3, 4, 6, 8,
              10, 12, -14.5, 160);
    CHECK_MAP(
        from_text("h=2 w=3\npixel size=3.7e-007 m\ndata unit=rad\nheight conversion factor (-> "
                  "m)=2e-008\n1 2 3 \n4 5 6 \n",
                  NULL),
        3, 2, 3.7e-4, 3.7e-4, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12);
    CHECK_MAP(from_text("# Channel: Topography\n# Width: 4 \xc2\xb5m\n# Height: 10.0 \xc2\xb5m\n# "
                        "Value units: nm\n"
                        "1\t2\t3\t4\n5\t6\t7\t8\n",
                        NULL),
              4, 2, 1e-3, 5e-3, 1e-3, 2e-3, 3e-3, 4e-3, 5e-3, 6e-3, 7e-3, 8e-3);
    CHECK_MAP(from_text("1 2 3 -9999\n5 6 7 8\n",
                        &(cit_scan_scale){
                            .dx_mm = 1, .height_um = 1, .missing = -9999, .has_missing = true}),
              4, 2, 1, 1, 1, 2, 3, GONE, 5, 6, 7, 8);
}

static void text_as_a_profile(void **state) {
    static const char wide[] = "\xff\xfex\0 \0i\0n\0 \0\xb5\0m\0;\0z\0/\0n\0m\0\n\0"
                               "0\0;\0"
                               "5\0\n\0"
                               "2\0;\0"
                               "7\0\n\0";
    static const char big[] = "\xfe\xff\0"
                              "1\0 \0"
                              "2\0\n\0"
                              "2\0 \0"
                              "3\0\n";
    (void)state;
    CHECK_MAP(from_text("x in \xb5m,z [nm]\n0,1\n2.5,2\n5,4\n", NULL), 3, 1, 2.5e-3, 2.5e-3, 1e-3,
              2e-3, 4e-3);
    CHECK_MAP(
        from_text("Lateral um,Raw "
                  "Micrometer,\r\r\n0.0,-0.1,,\r\r\n0.2,0.2,,\r\r\n0.3,0.4,,\r\r\n0.5,0.3,,\r\r\n",
                  NULL),
        4, 1, 1.6e-4, 1.6e-4, -0.1, 0.2, 0.4, 0.3);
    CHECK_MAP(from_text("index;x [mm];z [\xce\xbcm]\n0;0,5;1\n1;1,0;2\n2;1,5;3\n", NULL), 3, 1, 0.5,
              0.5, 1, 2, 3);
    CHECK_MAP(from_text("\xef\xbb\xbfx/mm;z/um\n0;1\n1;---\n2;3\n", NULL), 3, 1, 1, 1, 1, GONE, 3);
    CHECK_MAP(from_text("x[mm]  z[um]\n0 1\n1 2\n2 5\n", NULL), 3, 1, 1, 1, 1, 2, 5);
    CHECK_MAP(from_text("z (um)\n1\n2\n5\n", &(cit_scan_scale){.dx_mm = 0.1}), 3, 1, 0.1, 0.1, 1, 2,
              5);
    bytes b = copied(wide, sizeof wide - 1);
    CHECK_MAP(read_as("a", b, NULL), 2, 1, 2e-3, 2e-3, 5e-3, 7e-3);
    free(b.at);
    b = copied(big, sizeof big - 1);
    CHECK_MAP(read_as("a", b, &(cit_scan_scale){.unit_mm = 1, .height_um = 1}), 2, 1, 1, 1, 2, 3);
    free(b.at);
}

static void text_as_a_list(void **state) {
    static const cit_scan_scale ones = {.unit_mm = 1, .height_um = 1};
    (void)state;
    CHECK_MAP(from_text("0 0 1\n0 2 4\n1 0 2\n1 2 5\n2 0 3\n2 2 6", &ones), 3, 2, 1, 2, 1, 2, 3, 4,
              5, 6);
    CHECK_MAP(from_text("x/mm,y/mm,z/um\n1,0,2\n0,0,1\n0,1,3\n", NULL), 2, 2, 1, 1, 1, 2, 3, GONE);
    CHECK_MAP(from_text("0 5 1\n1 5 2\n2 5 4\n", &ones), 3, 1, 1, 1, 1, 2, 4);
}

static void a_wrong_text_is_located(void **state) {
    static const struct {
        const char *bytes, *where, *text;
    } wrong[] = {
        {"no numbers\n", "a.txt", "has no table of numbers"},
        {"1 2 3 4\n1 2 3 4\n1 2 x 4\n1 2 3 4\n", "a.txt:3",
         "'1 2 x 4' is no row of 4 numbers as the 2 before"},
        {"a\n\n1 2 3 4\n1 2 3 4\n1 2 3\n", "a.txt:5", "'1 2 3' is no row of 4"},
        {"1 2 3 4\n1 2 3 4\nthe end\n", "a.txt:3", "'the end' is no row"},
        {"1,2\n3,4\n", "a.txt:1", "two numbers or one with a decimal comma"},
        {"1 2 3 inf\n1 2 3 4\n2 3 4 5\n", "a.txt", "does not tell the pitch"},
        {"1 2 3 4\n1 2 3 inf\n2 3 4 5\n", "a.txt:2", "'1 2 3 inf' is no row"},
        {"x[mm], z[um], more\n0 1\n1 2\n2 5\n", "a.txt", "does not tell the unit of column 1"},
        {"Lateral um\n0 1\n1 2\n2 5\n", "a.txt", "does not tell the unit of column 1"},
        {"x/mm y/mm\n0 1\n2 1\n4 1\n8 1\n10 1\n12 2\n", "a.txt:4", "even steps of"},
        {"5 1\n4 1\n3 1\n", "a.txt:1", "does not rise as places do"},
        {"x/mm;y/mm;z\n0;0;1\n1;1;1\n2;2;1\n3;3;1\n4;4;1\n", "a.txt",
         "5 heights at 5 x and 5 y: no grid"},
        {"x/mm;y/mm;z/um\n0;0;1\n0;1;1\n1;0;1\n1;0;2\n", "a.txt:5",
         "a second height at x = 1, y = 0"},
        {"x/mm;y/mm;z/um\n0;0;1\n1;0;1\n5;0;1\n6;0;2\n", "a.txt", "does not lie on an even grid"},
        {"x/mm;y/mm;z/um\n0;0;1\n;0;1\n5;0;1\n6;0;2\n", "a.txt:3", "has no place in column 1"},
        {"x/mm;z/um\n0;1\n1;1e38\n2;1\n", "a.txt:3",
         "1e+38 is a height of 1e+38 um, beyond any surface"},
        {"h=3 w=4\npixel size=1 mm\ndata unit=um\n1 2 3 4\n1 2 3 4\n", "a.txt",
         "tells 3 rows of 4, and has 2"},
        {"y/x;0;1;2;3\n;0;0.1;0.2;0.3\n0;5;6;5;6\n1;5;7;5;6\n2;5;6;8;6\n", "a.txt:2",
         "places in its first row and column"},
        {"pitch: 1 mm\n1 2 3 4\n1 2 3 4\n", "a.txt", "does not tell the height of 1"},
        {"1 2 3 4\n1 2 3 \1\n", "a.txt", "its letter 15 is a control character (1)"},
        {"\xff\xfe"
         "1",
         "a.txt:byte 2", "ends within a letter of UTF-16"},
        {"", "a.txt", "is empty"},
        {"\n\n\n", "a.txt", "has no table"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        refuse("a.txt", text_bytes(wrong[i].bytes), wrong[i].where, wrong[i].text);
    refuse("a.txt", copied("1 2\0 3", 6), "a.txt", "its letter 4 is a control character (0)");
    refuse_with("a.txt", text_bytes("x/mm;z/um\n0;1\n1;2\n"), &(cit_scan_scale){.unit_mm = 2}, NULL,
                "a.txt", "tells places in units of 1 mm, the scale of 2");
    refuse_with("a.txt", text_bytes("1 2 3 4\n"), &(cit_scan_scale){.dx_mm = (double)NAN}, NULL,
                "a.txt", "to be read with a scale of nan");
}

/* ---- pictures ----------------------------------------------------------------------------------- */

typedef struct png_file {
    bytes *to;
} png_file;
static void png_put(png_structp png, png_bytep from, size_t size) {
    put(((png_file *)png_get_io_ptr(png))->to, from, size);
}
static void png_flush_none(png_structp png) { (void)png; }

static bytes png(int nx, int ny, int bits, int colour, int interlaced) {
    bytes b = {0};
    png_file to = {&b};
    uint8_t row[64];
    png_structp p = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(p);
    png_set_write_fn(p, &to, png_put, png_flush_none);
    png_set_IHDR(p, info, (png_uint_32)nx, (png_uint_32)ny, bits, colour,
                 interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
    png_write_info(p, info);
    const int passes = png_set_interlace_handling(p);
    for (int pass = 0; pass < passes; pass++)
        for (int j = 0; j < ny; j++) {
            for (int i = 0; i < (int)sizeof row; i++)
                row[i] = (uint8_t)(bits == 16 ? (i % 2 ? i / 2 + j * nx : 1) : i + j * nx);
            png_write_row(p, row);
        }
    png_write_end(p, info);
    png_destroy_write_struct(&p, &info);
    return b;
}

static void png_levels_are_as_high_as_the_scale_says(void **state) {
    (void)state;
    for (int interlaced = 0; interlaced < 2; interlaced++) {
        bytes b = png(3, 2, 8, PNG_COLOR_TYPE_GRAY, interlaced);
        CHECK_MAP(read_as("a", b, &by_scale), 3, 2, 0.5, 0.25, 0, 2, 4, 6, 8, 10);
        cit_scan_scale none = by_scale;
        none.has_missing = true;
        CHECK_MAP(read_as("a", b, &none), 3, 2, 0.5, 0.25, GONE, 2, 4, 6, 8, 10);
        free(b.at);
        b = png(3, 2, 16, PNG_COLOR_TYPE_GRAY, interlaced);
        CHECK_MAP(read_as("a", b, &by_scale), 3, 2, 0.5, 0.25, 512, 514, 516, 518, 520, 522);
        free(b.at);
    }
    refuse("a", png(3, 2, 8, PNG_COLOR_TYPE_GRAY, 0), "a",
           "does not tell the pitch; a scale must (`pitch: 40 um`)");
    refuse_with("a", png(3, 2, 8, PNG_COLOR_TYPE_GRAY, 0), &(cit_scan_scale){.dx_mm = 1}, NULL, "a",
                "does not tell the height of 1");
    refuse_with("a", png(3, 2, 8, PNG_COLOR_TYPE_RGB, 0), &by_scale, NULL, "a",
                "in colours or with transparency");
    refuse_with("a", png(8, 2, 1, PNG_COLOR_TYPE_GRAY, 0), &by_scale, NULL, "a", "a PNG of 1 bits");
    bytes b = png(3, 2, 8, PNG_COLOR_TYPE_GRAY, 0);
    b.at[45] ^= 1;
    refuse_with("a", b, &by_scale, NULL, "a:byte 57", "is where the PNG stops to be one: IDAT");
    b = png(3, 2, 8, PNG_COLOR_TYPE_GRAY, 0);
    refuse_with("a", b, &by_scale, &(cit_scan_limits){.memory_bytes = 5}, "a",
                "its picture would take 6 bytes");
}

/* ---- TIFF --------------------------------------------------------------------------------------- */

typedef struct tiff_kind {
    int bits, kind, compression, tile;
    const char *mode;
} tiff_kind;

static path temporary(const char *end) {
    path p;
    snprintf(p.text, sizeof p.text, "/tmp/cit-scan-%ld%s", (long)getpid(), end);
    return p;
}

/* Numbers 1 to 6 and on, of 3 x 2 or more. */
static bytes tiff(const tiff_kind *k, uint32_t nx, uint32_t ny, int pages, int photometric) {
    const path file = temporary(".tif");
    TIFF *t = TIFFOpen(file.text, k->mode);
    CHECK(t != NULL, "%s cannot be written", file.text);
    for (int page = 0; page < pages; page++) {
        bytes numbers = {0};
        const uint32_t wide = k->tile ? 16 : nx, high = k->tile ? 16 : ny;
        for (uint32_t j = 0; j < high; j++)
            for (uint32_t i = 0; i < wide; i++) {
                const double z = i < nx && j < ny ? i + j * nx + 1 : 0;
                if (k->bits == 64)
                    put(&numbers, &z, 8);
                else if (k->kind == SAMPLEFORMAT_IEEEFP)
                    put(&numbers, &(float){(float)z}, 4);
                else
                    put_number(&numbers, (uint64_t)z, k->bits / 8);
            }
        TIFFSetField(t, TIFFTAG_IMAGEWIDTH, nx);
        TIFFSetField(t, TIFFTAG_IMAGELENGTH, ny);
        TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, k->bits);
        TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, 1);
        TIFFSetField(t, TIFFTAG_SAMPLEFORMAT, k->kind);
        TIFFSetField(t, TIFFTAG_PHOTOMETRIC, photometric);
        TIFFSetField(t, TIFFTAG_COMPRESSION, k->compression);
        if (k->tile) {
            TIFFSetField(t, TIFFTAG_TILEWIDTH, 16);
            TIFFSetField(t, TIFFTAG_TILELENGTH, 16);
            TIFFWriteEncodedTile(t, 0, numbers.at, (tmsize_t)numbers.size);
        } else {
            TIFFSetField(t, TIFFTAG_ROWSPERSTRIP, 1);
            for (uint32_t j = 0; j < ny; j++)
                TIFFWriteEncodedStrip(t, j, numbers.at + j * numbers.size / ny,
                                      (tmsize_t)(numbers.size / ny));
        }
        TIFFWriteDirectory(t);
        free(numbers.at);
    }
    TIFFClose(t);
    const bytes b = loaded(file.text);
    unlink(file.text);
    return b;
}

static void tiff_of_whole_numbers_and_floats(void **state) {
    static const tiff_kind kinds[] = {
        {8, SAMPLEFORMAT_UINT, COMPRESSION_NONE, 0, "wl"},
        {8, SAMPLEFORMAT_INT, COMPRESSION_PACKBITS, 0, "wb"},
        {16, SAMPLEFORMAT_UINT, COMPRESSION_LZW, 0, "wl"},
        {16, SAMPLEFORMAT_INT, COMPRESSION_NONE, 0, "wl"},
        {32, SAMPLEFORMAT_UINT, COMPRESSION_NONE, 1, "wl"},
        {32, SAMPLEFORMAT_INT, COMPRESSION_ADOBE_DEFLATE, 0, "wl"},
        {32, SAMPLEFORMAT_IEEEFP, COMPRESSION_ADOBE_DEFLATE, 1, "wb"},
        {32, SAMPLEFORMAT_IEEEFP, COMPRESSION_NONE, 0, "wl8"},
        {64, SAMPLEFORMAT_IEEEFP, COMPRESSION_NONE, 0, "wl"},
    };
    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        bytes b = tiff(&kinds[k], 3, 2, 1, PHOTOMETRIC_MINISBLACK);
        CHECK_MAP(read_as("a", b, &by_scale), 3, 2, 0.5, 0.25, 2, 4, 6, 8, 10, 12);
        free(b.at);
    }
    refuse("a", tiff(&kinds[0], 3, 2, 1, PHOTOMETRIC_MINISBLACK), "a", "does not tell the pitch");
    refuse_with("a", tiff(&kinds[0], 3, 2, 2, PHOTOMETRIC_MINISBLACK), &by_scale, NULL, "a",
                "holds several pictures");
    refuse_with("a", tiff(&kinds[0], 3, 2, 1, PHOTOMETRIC_MINISWHITE), &by_scale, NULL, "a",
                "black and white exchanged");
    refuse_with("a", copied("II*\0\xff\xff\xff\x7f", 8), &by_scale, NULL, "a",
                "is no TIFF that can be read");
    bytes b = tiff(&kinds[0], 3, 2, 1, PHOTOMETRIC_MINISBLACK);
    uint8_t *packing = memmem(b.at, b.size, "\3\1\3\0\1\0\0\0\1\0", 10); /* 259, a number, one: 1 */
    CHECK(packing != NULL, "no tag of the compression");
    packing[8] = COMPRESSION_JPEG;
    refuse_with("a", b, &by_scale, NULL, "a", "is a TIFF packed by method 7");
    b = tiff(&kinds[2], 3, 2, 1, PHOTOMETRIC_MINISBLACK);
    b.at[9] ^= 0x55;
    b.at[10] ^= 0x55;
    refuse_with("a", b, &by_scale, NULL, "a", "is no TIFF that can be read");
}

/* ---- hostile ------------------------------------------------------------------------------------ */

/* Shorter by a byte, again and again: a surface (where a trailer or a comment was cut) or one located fault. Then each
 * byte in turn with its bits exchanged. What is read must hold together. */
static void survive(const char *name, bytes whole, const cit_scan_scale *scale, size_t step) {
    for (size_t i = 0; i < 2 * whole.size; i += step) {
        cit_errors errs = {0};
        cit_heights *h = NULL;
        bytes b = copied(whole.at, i < whole.size ? i : whole.size);
        if (i >= whole.size) b.at[i - whole.size] ^= 0xff;
        const cit_status st = cit_heights_read(name, b.at, b.size, scale, NULL, &h, &errs);
        CHECK((st == CIT_OK) == (h != NULL) && (st == CIT_OK) == (errs.count == 0) &&
                  errs.count <= 1,
              "%s, %zu: status %d, %d faults", name, i, st, errs.count);
        CHECK(h == NULL || h->missing < (size_t)h->nx * (size_t)h->ny, "%s, %zu: nothing there",
              name, i);
        cit_heights_free(h);
        free(b.at);
    }
    free(whole.at);
}

static void every_cut_and_every_turned_byte_is_survived(void **state) {
    static const float z[] = {1e-6f, 2e-6f, 3e-6f, 4e-6f, 5e-6f, 0};
    static const tiff_kind deflated = {16, SAMPLEFORMAT_UINT, COMPRESSION_ADOBE_DEFLATE, 0, "wl"};
    cit_heights *h = bumpy(6, 5, 0);
    (void)state;
    survive("a", gsf("XRes=3\nYRes=2\n", gsf_units, z, 6), NULL, 1);
    survive("a", sur(3, 2, 16, 1, "mm"), NULL, 1);
    survive("a", sdf_text("aBCR-1.0\n", "", "*\n1 2 3\n4 5 6\n*\n"), NULL, 1);
    survive("a", sdf_binary(0, 1, 1), NULL, 1);
    survive("a", written(cit_heights_write_x3p, h), NULL, 3);
    survive("a.csv", text_bytes("x [mm];y [mm];z [um]\n0;0;1\n1;0;2\n0;1;3\n1;1;4\n"), NULL, 1);
    survive("a", png(3, 2, 16, PNG_COLOR_TYPE_GRAY, 1), &by_scale, 1);
    survive("a", tiff(&deflated, 3, 2, 1, PHOTOMETRIC_MINISBLACK), &by_scale, 1);
    cit_heights_free(h);
}

/* As a machine with the other end first would have written the whole numbers of a header. */
static void swapped_bytes_contradict_themselves(void **state) {
    bytes b = sur(3, 2, 16, 0, "mm");
    (void)state;
    for (size_t i = 98; i < 120; i += 2) {
        const uint8_t first = b.at[i];
        b.at[i] = b.at[i + 1];
        b.at[i + 1] = first;
    }
    refuse("a", b, "a:byte 98", "says 4096 bits a point");
    b = sdf_binary(7, 3 << 8, 2 << 8);
    for (int k = 0; k < 6; k++) put_double(&b, k);
    refuse("a", b, "a:byte 129", "its 768 x 512 samples of 8 bytes would end at 3145809");
    b = png(3, 2, 8, PNG_COLOR_TYPE_GRAY, 0);
    patch(&b, 16, 3, 4);
    refuse_with("a", b, &by_scale, NULL, "a:byte 33", "IHDR: CRC error");
    b = x3p_of(sizes_3_2, type_d, link_data, doubles(6));
    memcpy(b.at, "KP\4\3", 4);
    refuse("a.x3p", b, "a.x3p", "is in no format that is known");
}

static void rubbish_is_refused_by_every_name(void **state) {
    static const char *const names[] = {"a",     "a.gsf", "a.x3p", "a.sur", "a.sdf", "a.txt",
                                        "a.csv", "a.tif", "a.png", "a.jpg", "a.stl", "a.obj",
                                        "a.ply", "a.glb", "a.plu", ".txt"};
    uint8_t rubbish[997];
    (void)state;
    for (size_t i = 0; i < sizeof rubbish; i++)
        rubbish[i] = (uint8_t)((i * 7919 + i * i * 31) >> 3);
    rubbish[0] = 0;
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        cit_errors errs = {0};
        cit_heights *h = NULL;
        const cit_status st =
            cit_heights_read(names[n], rubbish, sizeof rubbish, &by_scale, NULL, &h, &errs);
        CHECK(st == CIT_INVALID && h == NULL && errs.count == 1, "%s: %d faults", names[n],
              errs.count);
    }
}

/* ---- files and formats -------------------------------------------------------------------------- */

static void files_are_loaded_or_say_why_not(void **state) {
    const path file = temporary(".bin"), none = temporary(".none");
    FILE *f = fopen(file.text, "wb");
    (void)state;
    for (int i = 0; i < 100000; i++) fputc(i % 251, f);
    fclose(f);
    bytes b = loaded(file.text);
    CHECK(b.size == 100000 && b.at[99999] == 99999 % 251, "%zu bytes", b.size);
    free(b.at);
    static const struct {
        cit_status st;
        size_t most;
        const char *text;
    } bad[] = {{CIT_NOTFOUND, 9, "cannot be read"},
               {CIT_IO, 9, "is a directory"},
               {CIT_INVALID, 99999, "longer than 99999"}};
    const char *const paths[] = {none.text, "/tmp", file.text};
    for (int i = 0; i < 3; i++) {
        cit_errors errs = {0};
        const cit_status st = cit_file_load(paths[i], bad[i].most, &b.at, &b.size, &errs);
        CHECK(st == bad[i].st, "%s: status %d", paths[i], st);
        check_faults(&errs, &(fault){paths[i], bad[i].text}, 1);
    }
    CHECK(cit_file_load("/dev/zero", 1000, &b.at, &b.size, NULL) == CIT_INVALID,
          "all of /dev/zero");
    CHECK(cit_file_load("/dev/null", 1000, &b.at, &b.size, NULL) == CIT_OK && b.size == 0,
          "something in /dev/null");
    free(b.at);
    unlink(file.text);
}

static void a_scale_lies_beside_a_picture(void **state) {
    static const struct {
        const char *text, *fault;
    } scales[] = {
        {"schema: cit/scale/1\npitch: 40 um\npitch y: 0.05 mm\nheight: 0.1 um\nmissing: 0\n", NULL},
        {"schema: cit/scale/1\npitch y: 1 mm\n", "`pitch y` without `pitch`"},
        {"schema: cit/scale/1\npitch: 0 mm\n", "pitch"},
        {"schema: cit/scale/1\npitch: 40\n", "has no unit"},
        {"schema: cit/scale/1\npich: 40 um\n", "pich"}};
    const path file = temporary(".yaml");
    (void)state;
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        cit_errors errs = {0};
        cit_scan_scale s = {.dx_mm = -1};
        FILE *f = fopen(file.text, "wb");
        fputs(scales[i].text, f);
        fclose(f);
        const cit_status st = cit_scan_scale_read(file.text, &s, &errs);
        unlink(file.text);
        if (scales[i].fault != NULL) {
            CHECK(st != CIT_OK && errs.count == 1 &&
                      strstr(errs.items[0].text, scales[i].fault) != NULL,
                  "'%s': %s", scales[i].text, errs.items[0].text);
            CHECK(s.dx_mm == -1, "a refused scale was given: %g", s.dx_mm);
            continue;
        }
        CHECK(st == CIT_OK, "%s: %s", errs.items[0].where, errs.items[0].text);
        CHECK_CLOSE(s.dx_mm, 0.04, 1e-15);
        CHECK_CLOSE(s.dy_mm, 0.05, 1e-15);
        CHECK_CLOSE(s.height_um, 0.1, 1e-15);
        CHECK(s.has_missing && s.missing == 0 && s.unit_mm == 0, "missing %g, unit %g", s.missing,
              s.unit_mm);
    }
}

static void formats_are_known_by_their_bytes_first(void **state) {
    static const struct {
        const char *name, *bytes;
        cit_scan_format format;
    } known[] = {
        {"a.png", "Gwyddion Simple Field 1.0\n", CIT_SCAN_GSF},
        {"a", "PK\3\4....", CIT_SCAN_X3P},
        {"a.csv", "DIGITAL SURF", CIT_SCAN_SUR},
        {"a", "aISO-1.0\n", CIT_SCAN_SDF},
        {"a", "bBCR-1.0", CIT_SCAN_SDF},
        {"a", "aNPL-V1.0\nManuFacID = x", CIT_SCAN_SDF},
        {"a.txt", "\x89PNG\r\n\x1a\n", CIT_SCAN_PNG},
        {"a.txt", "\xff\xd8\xff", CIT_SCAN_JPEG},
        {"a.txt", "ply\nformat", CIT_SCAN_PLY},
        {"a.stl", "glTF", CIT_SCAN_GLTF},
        {"a.gltf", "{ }", CIT_SCAN_GLTF},
        {"A.OBJ", "v 1 2 3", CIT_SCAN_OBJ},
        {"a.stl", "\1\2\3", CIT_SCAN_STL},
        {"a", "solid x\n facet normal", CIT_SCAN_STL},
        {"a.XYZ", "1 2 3", CIT_SCAN_TEXT},
        {"a", "1 2 3", CIT_SCAN_TEXT},
        {"a.d/b", "1 2 3", CIT_SCAN_TEXT},
        {"a.png", "1 2 3", CIT_SCAN_UNKNOWN},
        {"a.gsf", "1 2 3", CIT_SCAN_UNKNOWN},
        {"a.plu", "\1\2\3", CIT_SCAN_UNKNOWN},
        {"a", "\1\2\3", CIT_SCAN_UNKNOWN},
        {"a", "", CIT_SCAN_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const cit_scan_format got = cit_scan_recognise(
            known[i].name, (const uint8_t *)known[i].bytes, strlen(known[i].bytes));
        CHECK(got == known[i].format, "%s with '%.12s' is %s, not %s", known[i].name,
              known[i].bytes, cit_scan_format_text(got), cit_scan_format_text(known[i].format));
    }
    CHECK(cit_scan_recognise("a", (const uint8_t *)"II*\0", 4) == CIT_SCAN_TIFF, "no TIFF");
    CHECK(cit_scan_recognise("a", (const uint8_t *)"MM\0+", 4) == CIT_SCAN_TIFF, "no BigTIFF");
    CHECK(cit_scan_kind_of(CIT_SCAN_X3P) == CIT_SCAN_HEIGHTS &&
              cit_scan_kind_of(CIT_SCAN_PLY) == CIT_SCAN_SHAPE &&
              cit_scan_kind_of(CIT_SCAN_PNG) == CIT_SCAN_PHOTO,
          "kinds");
}

T_MAIN(CASE(real_files_give_the_values_that_others_printed),
       CASE(what_a_sur_did_not_measure_is_no_pit),
       CASE(a_stylus_profile_gives_what_its_instrument_printed),
       CASE(texts_without_units_ask_for_them), CASE(real_files_that_are_not_read_say_why),
       CASE(what_is_written_reads_back), CASE(the_same_heights_are_written_as_the_same_bytes),
       CASE(a_copy_is_whole_and_apart), CASE(surfaces_that_cannot_be_are_refused),
       CASE(gsf_says_what_it_is), CASE(a_wrong_gsf_is_located), CASE(sur_of_16_and_32_bits),
       CASE(a_wrong_sur_is_located), CASE(sdf_as_text_and_as_bytes), CASE(a_wrong_sdf_is_located),
       CASE(x3p_of_every_type), CASE(x3p_bits_say_what_is_valid), CASE(x3p_sums_are_checked),
       CASE(a_wrong_x3p_is_located), CASE(entities_are_not_touched),
       CASE(a_zip_bomb_is_not_unpacked), CASE(xml_of_many_names_is_not_read),
       CASE(text_as_a_matrix), CASE(text_as_a_profile), CASE(text_as_a_list),
       CASE(a_wrong_text_is_located), CASE(png_levels_are_as_high_as_the_scale_says),
       CASE(tiff_of_whole_numbers_and_floats), CASE(every_cut_and_every_turned_byte_is_survived),
       CASE(swapped_bytes_contradict_themselves), CASE(rubbish_is_refused_by_every_name),
       CASE(files_are_loaded_or_say_why_not), CASE(a_scale_lies_beside_a_picture),
       CASE(formats_are_known_by_their_bytes_first))
