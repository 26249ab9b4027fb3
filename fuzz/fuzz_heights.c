/* Whatever the bytes: the readers of heights neither crash nor waver, take little memory, and answer with a surface or with
 * one fault. What was read is written and read again. Bytes that begin as XML are read as the main.xml of an X3P, which
 * no fuzzer finds its way into through a packed archive. */
#include <cit/scan.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SAMPLES_MOST = 4096 }; /* to be written again */
static const cit_scan_limits limits = {.memory_bytes = 1 << 25};
static const cit_scan_scale scale = {.dx_mm = 0.04, .height_um = 1, .unit_mm = 1};

static void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static void check_fault(const cit_errors *errs) {
    const cit_error *e = &errs->items[0];
    must(errs->count == 1 && errs->lost == 0, "not one fault");
    must(e->code == CIT_INVALID, "a fault that is not the input's");
    must(strcmp(e->where, "f") == 0 || strncmp(e->where, "f:", 2) == 0, "a fault elsewhere");
    must(*e->text != 0 && strpbrk(e->text, "\r\n\t") == NULL, "a fault that is not one line");
}

static void check_heights(const cit_heights *h) {
    const size_t count = (size_t)h->nx * (size_t)h->ny;
    size_t missing = 0;
    must(h->nx >= 1 && h->ny >= 1, "a surface without samples");
    must(h->dx_mm > 0 && h->dy_mm > 0 && isfinite(h->dx_mm * h->dy_mm), "a pitch that is none");
    must(h->ny > 1 || h->dx_mm == h->dy_mm, "a profile with two pitches");
    must(isfinite(h->zero_um) && memchr(h->origin, 0, sizeof h->origin) != NULL, "zero or origin");
    for (size_t i = 0; i < count; i++) {
        missing += isnan(h->um[i]);
        must(!isinf(h->um[i]), "an infinite height");
    }
    must(missing == h->missing && missing < count, "a wrong count of the missing");
}

static bool same(const cit_heights *a, const cit_heights *b) {
    if (a->nx != b->nx || a->ny != b->ny || a->dx_mm != b->dx_mm || a->dy_mm != b->dy_mm ||
        a->zero_um != b->zero_um || a->missing != b->missing || strcmp(a->origin, b->origin) != 0)
        return false;
    return memcmp(a->um, b->um, (size_t)a->nx * (size_t)a->ny * sizeof *a->um) == 0;
}

static cit_heights *read_once(const uint8_t *data, size_t size, const cit_scan_scale *with,
                              cit_errors *errs) {
    cit_heights *h = NULL;
    const cit_status st = cit_heights_read("f", data, size, with, &limits, &h, errs);
    must((st == CIT_OK) == (h != NULL), "a status without heights, or the other way round");
    if (h != NULL) {
        must(errs->count == 0, "a fault beside heights");
        check_heights(h);
    } else {
        check_fault(errs);
    }
    return h;
}

/* Close to what was written: 7 digits of the highest. */
static void check_again(const cit_heights *h, const uint8_t *bytes, size_t size, double digits) {
    cit_errors errs = {0};
    cit_heights *again = NULL;
    const cit_status st = cit_heights_read("f", bytes, size, NULL, NULL, &again, &errs);
    must(st == CIT_OK, "what was written is refused");
    must(again->nx == h->nx && again->ny == h->ny && again->missing == h->missing, "another size");
    must(fabs(again->dx_mm - h->dx_mm) <= 1e-12 * h->dx_mm, "another pitch");
    for (size_t i = 0; i < (size_t)h->nx * (size_t)h->ny; i++) {
        const double a = h->zero_um + (double)h->um[i], b = again->zero_um + (double)again->um[i];
        must(isnan(a) ? isnan(b)
                      : fabs(a - b) <= digits * (fabs(a) + fabs((double)h->um[i]) +
                                                 fabs((double)again->um[i])) +
                                           1e-30,
             "another height");
    }
    cit_heights_free(again);
}

static void write_again(const cit_heights *h) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    if ((size_t)h->nx * (size_t)h->ny > SAMPLES_MOST) return;
    must(cit_heights_write_gsf(h, &bytes, &size, NULL) == CIT_OK, "no GSF");
    check_again(h, bytes, size, 2e-7);
    free(bytes);
    must(cit_heights_write_x3p(h, &bytes, &size, NULL) == CIT_OK, "no X3P");
    check_again(h, bytes, size, 1e-7);
    free(bytes);
}

static void read_twice(const uint8_t *data, size_t size, const cit_scan_scale *with) {
    cit_errors errs[2] = {0};
    cit_heights *a = read_once(data, size, with, &errs[0]);
    cit_heights *b = read_once(data, size, with, &errs[1]);
    must((a == NULL) == (b == NULL), "read twice, two outcomes");
    must(a == NULL || same(a, b), "read twice, two surfaces");
    must(strcmp(errs[0].items[0].text, errs[1].items[0].text) == 0, "read twice, two faults");
    if (a != NULL) write_again(a);
    cit_heights_free(a);
    cit_heights_free(b);
}

static void read_all(const uint8_t *data, size_t size) {
    read_twice(data, size, NULL);
    read_twice(data, size, &scale);
}

/* The bytes as main.xml beside 64 bytes of numbers and 8 of valid bits. */
static void read_as_xml(const uint8_t *data, size_t size) {
    static const struct {
        const char *name;
        size_t size;
    } parts[] = {{"main.xml", 0}, {"bindata/data.bin", 64}, {"bindata/valid.bin", 8}};
    uint8_t numbers[64], *bytes = NULL;
    zip_stat_t about;
    for (size_t i = 0; i < sizeof numbers; i++) numbers[i] = (uint8_t)(i % 8 < 6 ? i * 37 : 0x3f);
    zip_source_t *archive = zip_source_buffer_create(NULL, 0, 0, NULL);
    zip_t *zip = zip_open_from_source(archive, ZIP_TRUNCATE, NULL);
    must(zip != NULL, "no archive");
    zip_source_keep(archive);
    for (int i = 0; i < 3; i++) {
        const void *of = i == 0 ? (const void *)data : numbers;
        zip_source_t *part = zip_source_buffer(zip, of, i == 0 ? size : parts[i].size, 0);
        const zip_int64_t index = zip_file_add(zip, parts[i].name, part, 0);
        must(index >= 0, "no part");
        zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0);
    }
    must(zip_close(zip) == 0, "no archive that closes");
    must(zip_source_stat(archive, &about) == 0 && zip_source_open(archive) == 0, "no bytes");
    bytes = malloc(about.size);
    must(bytes != NULL && zip_source_read(archive, bytes, about.size) == (zip_int64_t)about.size,
         "no bytes");
    zip_source_close(archive);
    zip_source_free(archive);
    read_all(bytes, about.size);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 0 && data[0] == '<')
        read_as_xml(data, size);
    else
        read_all(data, size);
    return 0;
}
