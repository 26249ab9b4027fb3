/* Whatever the bytes: the readers of shapes neither crash nor waver, and a zone of what they read is a map or a fault. The
 * first byte says by which name the rest is read; what begins like a PLY or a GLB is known by that. */
#include <cit/relief.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static const cit_scan_limits limits = {.memory_bytes = 1 << 24};

static void check_fault(const cit_errors *errs, cit_status st, const char *where) {
    must((st == CIT_OK) == (errs->count == 0), "a fault without a status, or the other way round");
    if (st == CIT_OK) return;
    must(errs->count == 1 && errs->lost == 0, "not one fault");
    must(errs->items[0].code == CIT_INVALID, "a fault that is not the input's");
    must(strncmp(errs->items[0].where, where, strlen(where)) == 0, "a fault elsewhere");
    must(*errs->items[0].text != 0 && strpbrk(errs->items[0].text, "\r\n\t") == NULL, "no line");
}

static void check_shape(const cit_shape *s) {
    must(s->points > 0 && s->xyz != NULL, "a shape without points");
    must((s->triangles > 0) == (s->corners != NULL), "triangles without corners");
    for (size_t i = 0; i < 3 * s->points; i++) must(isfinite(s->xyz[i]), "a point without a place");
    for (size_t i = 0; i < s->points && s->normals != NULL; i++) {
        const float *n = s->normals + 3 * i;
        const double length =
            (double)n[0] * (double)n[0] + (double)n[1] * (double)n[1] + (double)n[2] * (double)n[2];
        must(length == 0 || fabs(length - 1) < 1e-5, "a normal that is not of length 1");
    }
    for (size_t i = 0; i < 3 * s->triangles; i++)
        must(s->corners[i] >= 0 && (size_t)s->corners[i] < s->points, "a corner that is no point");
}

/* Around the first point, as wide as the shape, its outside told or not. */
static void see_zone(const cit_shape *s, bool told) {
    cit_relief_zone_options o = {.side_mm = 1e-3, .outside = {0, 0, told}};
    cit_relief_zone z = {0};
    cit_errors errs = {0};
    for (size_t k = 0; k < 3; k++) {
        o.at_mm[k] = s->middle_mm[k] + (double)s->xyz[k];
        for (size_t i = 0; i < s->points; i++)
            o.side_mm = fmax(o.side_mm, fabs((double)s->xyz[3 * i + k]));
    }
    o.side_mm = fmin(o.side_mm, 1000);
    o.pitch_mm = o.side_mm / 40;
    const cit_status st = cit_relief_from_shape(s, &o, &z, &errs);
    check_fault(&errs, st, "zone");
    must((st == CIT_OK) == (z.heights != NULL), "a status without a map");
    if (st != CIT_OK) return;
    size_t missing = 0;
    const cit_heights *h = z.heights;
    for (size_t i = 0; i < (size_t)h->nx * (size_t)h->ny; i++) {
        must(!isinf(h->um[i]), "a height without end");
        missing += isnan(h->um[i]);
    }
    must(missing == h->missing && z.spacing_mm > 0, "a wrong count");
    cit_heights_free(z.heights);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {"f.obj", "f.stl", "f.gltf", "f"};
    const cit_scan_scale scale = {.unit_mm = 1};
    cit_errors errs[2] = {0};
    cit_shape *shapes[2] = {NULL, NULL};
    cit_status st[2];
    if (size == 0) return 0;
    for (int i = 0; i < 2; i++) {
        st[i] = cit_shape_read(names[data[0] % 4], data + 1, size - 1, &scale, &limits, &shapes[i],
                               &errs[i]);
        check_fault(&errs[i], st[i], "f");
        must((st[i] == CIT_OK) == (shapes[i] != NULL), "a status without a shape");
    }
    must(st[0] == st[1] && memcmp(&errs[0], &errs[1], sizeof errs[0]) == 0,
         "read twice, two faults");
    if (st[0] == CIT_OK) {
        const cit_shape *a = shapes[0], *b = shapes[1];
        must(a->points == b->points && a->triangles == b->triangles &&
                 memcmp(a->xyz, b->xyz, 3 * a->points * sizeof *a->xyz) == 0,
             "read twice, two shapes");
        check_shape(a);
        see_zone(a, (data[0] & 4) != 0);
    }
    cit_shape_free(shapes[0]);
    cit_shape_free(shapes[1]);
    return 0;
}
