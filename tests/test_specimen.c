/* One scar of a case in voxels: nothing without visits, lift with them, the same bytes after a stop and on any number
 * of threads, and what cannot be. */
#include "t.h"
#include <cit/specimen.h>
#include <stdlib.h>

static cit_errors errs;
static cit_catalogue *catalogue;

static int open_catalogue(void **state) {
    char path[512];
    const char *root = getenv("CIT_SOURCE_ROOT");
    (void)state;
    if (root == NULL) return 1;
    snprintf(path, sizeof path, "%s/data", root);
    return cit_catalogue_load(path, &catalogue, &errs) == CIT_OK ? 0 : 1;
}

static int close_catalogue(void **state) {
    (void)state;
    cit_catalogue_free(catalogue);
    return 0;
}

#define PERSON(scars)                                                                              \
    "schema: cit/case/1\nage: 30 years\nsex: female\nzones:\n  - {site: cheek, side: left, "       \
    "scars: "                                                                                      \
    "[" scars "]}\n  - {site: forehead, scars: []}\n"
#define SMALL "{type: boxcar, count: 5, width: 0.6 mm, depth: 0.2 mm, tether: 0 mm}"
#define COURSE(visits)                                                                             \
    "schema: cit/protocol/1\nwho: physician\nsettings: [{device: skinpen-precision, length: 1.0 "  \
    "mm, passes: 4}]\nvisits:" visits "\n"
#define TWO "\n  - {status: planned}\n  - {status: planned, after: 6 days}"

typedef struct scene {
    cit_case *person;
    cit_protocol *protocol;
} scene;

static scene open_scene(const char *person, const char *course) {
    scene s = {NULL, NULL};
    errs = (cit_errors){0};
    cit_status st = cit_case_parse("case", person, strlen(person), &s.person, &errs);
    if (st == CIT_OK) st = cit_protocol_parse("p", course, strlen(course), &s.protocol, &errs);
    if (st == CIT_OK) st = cit_check_together(s.person, s.protocol, catalogue, &errs);
    CHECK(st == CIT_OK, "%s: %s", errs.items[0].where, errs.items[0].text);
    return s;
}

static void close_scene(scene *s) {
    cit_case_free(s->person);
    cit_protocol_free(s->protocol);
}

/* Few voxels: half a millimetre around a small scar. */
static cit_specimen_options options_of(const scene *s) {
    return (cit_specimen_options){.person = s->person,
                                  .protocol = s->protocol,
                                  .catalogue = catalogue,
                                  .posterior = catalogue->posterior,
                                  .voxel_mm = 0.04,
                                  .size_mm = 1.2,
                                  .seed = 3};
}

static cit_specimen *made(const cit_specimen_options *o) {
    cit_specimen *ret = NULL;
    errs = (cit_errors){0};
    CHECK(cit_specimen_new(o, &ret, &errs) == CIT_OK, "%s", errs.items[0].text);
    return ret;
}

static void go(cit_specimen *s, double day) {
    errs = (cit_errors){0};
    CHECK(cit_specimen_advance(s, day, NULL, &errs) == CIT_OK, "day %g: %s", day,
          errs.items[0].text);
}

static cit_specimen_state look(const cit_specimen *s) {
    cit_specimen_state state;
    errs = (cit_errors){0};
    CHECK(cit_specimen_look(s, &state, NULL, &errs) == CIT_OK, "%s", errs.items[0].text);
    return state;
}

static void without_visits_nothing_changes(void **state) {
    scene s = open_scene(PERSON(SMALL), "schema: cit/protocol/1\nwho: physician\nsettings: [{site: "
                                        "forehead, device: skinpen-precision, length: 1.0 mm, "
                                        "passes: 4}]\nvisits: [{status: planned}]\n");
    const cit_specimen_options o = options_of(&s);
    cit_specimen *x = made(&o);
    (void)state;
    const cit_specimen_state before = look(x);
    go(x, 100);
    const cit_specimen_state after = look(x);
    CHECK(cit_specimen_facts_of(x)->visits == 0, "visits");
    CHECK(after.collagen == 0 && after.new_collagen == 0 && after.elastin == 0 &&
              after.tether == 1 && after.depth_mm == before.depth_mm &&
              after.volume_mm3 == before.volume_mm3,
          "collagen %g, depth %.17g of %.17g", after.collagen, after.depth_mm, before.depth_mm);
    CHECK_CLOSE(before.depth_mm, 0.2, 0.002);
    /* a bowl with an exponent of 6: pi R^2 h 6 / 8 */
    CHECK_CLOSE(before.volume_mm3, 3.14159265 * 0.09 * 0.2 * 0.75, 0.06 * 0.0424);
    cit_specimen_free(x);
    close_scene(&s);
}

static void visits_lift_a_scar(void **state) {
    scene s = open_scene(PERSON(SMALL), COURSE(TWO));
    const cit_specimen_options o = options_of(&s);
    cit_specimen *x = made(&o);
    const cit_specimen_facts *f = cit_specimen_facts_of(x);
    cit_puncture *needles = NULL;
    int count = 0, inside = 0;
    (void)state;
    CHECK(f->visits == 2 && f->first_day == 0 && f->last_day == 6 && !f->assumed_size, "%d visits",
          f->visits);
    CHECK(cit_specimen_needles(x, 0, &needles, &count, &errs) == CIT_OK, "needles");
    for (int i = 0; i < count; i++)
        inside += needles[i].x_mm >= 0 && needles[i].x_mm < f->size_mm && needles[i].y_mm >= 0 &&
                  needles[i].y_mm < f->size_mm;
    free(needles);
    const double expected = f->density * f->size_mm * f->size_mm;
    CHECK(fabs(inside - expected) < 5 * sqrt(expected), "%d needles, not some %g", inside,
          expected);
    const cit_specimen_state before = look(x);
    go(x, 30);
    const cit_specimen_state after = look(x);
    CHECK(after.collagen + after.new_collagen > 1 && after.depth_mm < before.depth_mm &&
              after.depth_mm > 0 && after.volume_mm3 < before.volume_mm3 && after.day == 30,
          "collagen %+g, new %g, depth %g of %g", after.collagen, after.new_collagen,
          after.depth_mm, before.depth_mm);
    CHECK(after.by_collagen_mm > 0 && after.by_collagen_mm <= f->scar.deficit_mm, "lift of %g",
          after.by_collagen_mm);
    cit_tissue_balance b[CIT_TISSUE_FIELDS];
    cit_specimen_balances(x, b);
    for (int i = 0; i < CIT_TISSUE_FIELDS; i++) {
        const double box = f->size_mm * f->size_mm * f->nz * f->voxel_z_mm,
                     gap = b[i].start + b[i].visits + b[i].reacted + b[i].crossed - b[i].now;
        CHECK(fabs(gap) <= 0.005 * box, "field %d: %g of %g mm3 is missing", i, gap, box);
    }
    cit_specimen_free(x);
    close_scene(&s);
}

static void *bytes_of(const cit_specimen *x, size_t *size) {
    void *ret = NULL;
    errs = (cit_errors){0};
    CHECK(cit_specimen_save(x, &ret, size, &errs) == CIT_OK, "%s", errs.items[0].text);
    return ret;
}

/* Stopped after the second visit, and never stopped; on one thread and on three. */
static void a_stop_or_threads_change_no_byte(void **state) {
    scene s = open_scene(PERSON(SMALL), COURSE(TWO));
    cit_specimen_options o = options_of(&s);
    size_t size, again, more;
    (void)state;
    o.threads = 1;
    cit_specimen *one = made(&o);
    go(one, 8);
    void *middle = bytes_of(one, &size);
    go(one, 12);
    void *end = bytes_of(one, &again);
    o.threads = 3;
    cit_specimen *other = made(&o);
    CHECK(cit_specimen_restore(other, middle, size, &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK(cit_specimen_day(other) == 8, "day %g", cit_specimen_day(other));
    go(other, 12);
    void *resumed = bytes_of(other, &more);
    CHECK(again == more && memcmp(end, resumed, again) == 0, "a stop changes bytes");
    /* Damage is refused, and leaves what was there. */
    unsigned char *hurt = middle;
    hurt[size / 2] ^= 1;
    errs = (cit_errors){0};
    CHECK(cit_specimen_restore(other, middle, size, &errs) == CIT_INVALID, "damage is taken");
    CHECK(cit_specimen_restore(other, middle, 20, &errs) == CIT_INVALID, "20 bytes are taken");
    CHECK(cit_specimen_restore(other, "citscar0", 8, &errs) == CIT_INVALID, "any 8 bytes are");
    free(resumed);
    resumed = bytes_of(other, &more);
    CHECK(again == more && memcmp(end, resumed, again) == 0, "a refusal changes what was there");
    o.seed = 4;
    cit_specimen *elsewhere = made(&o);
    CHECK(cit_specimen_restore(elsewhere, end, again, &errs) == CIT_INVALID,
          "another seed's is taken");
    cit_specimen_free(elsewhere);
    cit_specimen_free(one);
    cit_specimen_free(other);
    free(middle);
    free(end);
    free(resumed);
    close_scene(&s);
}

/* ---- measured shapes ------------------------------------------------------------------------------- */

/* Depths on pixels of its own: of the bowl, or of two of them that run into one another. */
static cit_map map_of(double radius, double depth, double profile, double apart) {
    cit_map m = {0};
    errs = (cit_errors){0};
    CHECK(cit_map_new(90, 70, 0.013, 0.017, &m, &errs) == CIT_OK, "%s", errs.items[0].text);
    for (int j = 0; j < m.ny; j++)
        for (int i = 0; i < m.nx; i++)
            for (int side = -1; side <= 1; side += 2) {
                const double r =
                    hypot((i + 0.5) * m.dx - 0.585 + 0.5 * side * apart, (j + 0.5) * m.dy - 0.595) /
                    radius;
                double *to = &m.values[(size_t)j * (size_t)m.nx + (size_t)i];
                if (r < 1) *to = fmax(*to, depth * (1 - pow(r, profile)));
            }
    return m;
}

static void a_measured_bowl_is_the_bowl_told(void **state) {
    scene s = open_scene(PERSON(SMALL), COURSE(TWO));
    cit_specimen_options o = options_of(&s);
    cit_map m = map_of(0.3, 0.2, 6, 0);
    (void)state;
    cit_specimen *told = made(&o);
    o.depth = &m;
    cit_specimen *measured = made(&o);
    cit_map_free(&m); /* borrowed for the call only */
    const cit_specimen_facts *f = cit_specimen_facts_of(told), *g = cit_specimen_facts_of(measured);
    CHECK(g->measured && !f->measured && g->nx == f->nx && g->nz == f->nz, "%d, %d voxels", g->nx,
          f->nx);
    CHECK_CLOSE(g->scar.radius_mm, 0.3, 0.003);
    CHECK_CLOSE(g->scar.depth_mm, 0.2, 0.0001);
    CHECK_CLOSE(g->scar.profile, 6, 0.3);
    const cit_specimen_state a = look(told), b = look(measured);
    CHECK_CLOSE(b.volume_mm3, a.volume_mm3, 0.02 * a.volume_mm3);
    go(told, 8);
    go(measured, 8);
    const cit_specimen_state c = look(told), d = look(measured);
    CHECK_CLOSE(d.by_collagen_mm, c.by_collagen_mm, 0.03 * fabs(c.by_collagen_mm));
    CHECK_CLOSE(d.depth_mm, c.depth_mm, 0.002 * a.depth_mm);
    CHECK_CLOSE(d.volume_mm3, c.volume_mm3, 0.005 * a.volume_mm3);
    cit_specimen_free(told);
    cit_specimen_free(measured);
    close_scene(&s);
}

static void a_long_scar_keeps_its_shape(void **state) {
    scene s = open_scene(PERSON(SMALL), COURSE(TWO));
    cit_specimen_options o = options_of(&s);
    cit_map m = map_of(0.16, 0.2, 3, 0.2);
    (void)state;
    o.depth = &m;
    o.size_mm = 0; /* a millimetre around its longer side, 0.52 mm */
    cit_specimen *x = made(&o);
    CHECK_CLOSE(cit_specimen_facts_of(x)->size_mm, 2.52, 0.05);
    cit_specimen_free(x);
    o.size_mm = 1;
    x = made(&o);
    const cit_specimen_facts *f = cit_specimen_facts_of(x);
    double *depth = malloc((size_t)f->nx * (size_t)f->ny * sizeof *depth), long_side = 0,
           short_side = 0;
    cit_specimen_state before;
    CHECK(cit_specimen_look(x, &before, depth, &errs) == CIT_OK, "%s", errs.items[0].text);
    for (int i = 0; i < f->nx; i++) {
        long_side += depth[(size_t)(f->ny / 2) * (size_t)f->nx + (size_t)i] > 0;
        short_side += depth[(size_t)i * (size_t)f->nx + (size_t)(f->nx / 2)] > 0;
    }
    CHECK(long_side > 1.5 * short_side && short_side > 0, "%g by %g voxels", long_side, short_side);
    CHECK_CLOSE(before.depth_mm, 0.2, 0.01);
    go(x, 8);
    const cit_specimen_state after = look(x);
    CHECK(after.depth_mm < before.depth_mm && after.volume_mm3 < before.volume_mm3, "depth %g, %g",
          before.depth_mm, after.depth_mm);
    free(depth);
    cit_map_free(&m);
    cit_specimen_free(x);
    close_scene(&s);
}

static void maps_that_are_no_scar_are_refused(void **state) {
    scene s = open_scene(PERSON(SMALL), COURSE(TWO));
    cit_specimen_options o = options_of(&s);
    const double values[][4] = {
        {0, 0, 0, 0}, {0, -0.1, 0, 0}, {0, 0.1, NAN, 0}, {0, INFINITY, 0, 0}};
    static const char *const says[] = {"nothing", "0 mm or more", "0 mm or more", "0 mm or more"};
    (void)state;
    for (int i = 0; i < 4; i++) {
        double copy[4];
        memcpy(copy, values[i], sizeof copy);
        const cit_map m = {2, 2, 0.1, 0.1, copy};
        cit_specimen *x = NULL;
        o.depth = &m;
        errs = (cit_errors){0};
        CHECK(cit_specimen_new(&o, &x, &errs) == CIT_INVALID && x == NULL, "case %d is taken", i);
        CHECK(strstr(errs.items[0].text, says[i]) != NULL, "case %d: %s", i, errs.items[0].text);
    }
    double deep[] = {0, 40, 40, 0};
    const cit_map m = {2, 2, 0.1, 0.1, deep};
    cit_specimen *x = NULL;
    o.depth = &m;
    errs = (cit_errors){0};
    CHECK(cit_specimen_new(&o, &x, &errs) != CIT_OK && x == NULL, "a scar of 40 mm is taken");
    close_scene(&s);
}

static void what_cannot_be_is_refused(void **state) {
    scene s = open_scene(PERSON(SMALL), COURSE(TWO));
    const cit_specimen_options good = options_of(&s);
    cit_specimen *x = NULL;
    (void)state;
    cit_specimen_options wrong[4] = {good, good, good, good};
    static const struct {
        cit_status status;
        const char *says;
    } cases[4] = {{CIT_INVALID, "no such scars"},
                  {CIT_INVALID, "cannot resolve channels"},
                  {CIT_NOMEM, "are allowed"},
                  {CIT_INVALID, "rim"}};
    wrong[0].group = 7;
    wrong[1].voxel_mm = 0.2;
    wrong[2].memory_bytes = 1e5;
    wrong[3].size_mm = 0.4;
    for (int i = 0; i < 4; i++) {
        errs = (cit_errors){0};
        const cit_status st = cit_specimen_new(&wrong[i], &x, &errs);
        CHECK(st == cases[i].status && x == NULL, "case %d: %d: %s", i, (int)st,
              errs.items[0].text);
        CHECK(strstr(errs.items[0].text, cases[i].says) != NULL, "case %d: %s", i,
              errs.items[0].text);
    }
    close_scene(&s);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(without_visits_nothing_changes),   CASE(visits_lift_a_scar),
        CASE(a_stop_or_threads_change_no_byte), CASE(a_measured_bowl_is_the_bowl_told),
        CASE(a_long_scar_keeps_its_shape),      CASE(maps_that_are_no_scar_are_refused),
        CASE(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(cases, open_catalogue, close_catalogue);
}
