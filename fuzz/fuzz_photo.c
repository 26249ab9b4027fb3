/* Whatever the bytes: the readers of photos neither crash nor waver, nor take more than they may. */
#include <cit/scan.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static void check_fault(const cit_errors *errs, cit_status st) {
    must((st == CIT_OK) == (errs->count == 0), "a fault without a status, or the other way round");
    if (st == CIT_OK) return;
    must(errs->count == 1 && errs->lost == 0, "not one fault");
    must(errs->items[0].code == CIT_INVALID, "a fault that is not the input's");
    must(strncmp(errs->items[0].where, "f", 1) == 0, "a fault elsewhere");
    must(*errs->items[0].text != 0 && strpbrk(errs->items[0].text, "\r\n\t") == NULL, "no line");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const cit_scan_limits limits = {.memory_bytes = 1 << 22};
    cit_errors errs[2] = {0};
    cit_photo *photos[2] = {NULL, NULL};
    cit_status st[2];
    for (int i = 0; i < 2; i++) {
        st[i] = cit_photo_read("f", data, size, &limits, &photos[i], &errs[i]);
        check_fault(&errs[i], st[i]);
        must((st[i] == CIT_OK) == (photos[i] != NULL), "a status without a photo");
    }
    must(st[0] == st[1] && memcmp(&errs[0], &errs[1], sizeof errs[0]) == 0,
         "read twice, two faults");
    if (st[0] == CIT_OK) {
        const cit_photo *a = photos[0], *b = photos[1];
        must(a->width >= 1 && a->height >= 1 && (a->bits == 8 || a->bits == 16), "sides or bits");
        must(a->width == b->width && a->height == b->height &&
                 memcmp(a->rgb, b->rgb, 6 * (size_t)a->width * (size_t)a->height) == 0,
             "read twice, two photos");
    }
    cit_photo_free(photos[0]);
    cit_photo_free(photos[1]);
    return 0;
}
