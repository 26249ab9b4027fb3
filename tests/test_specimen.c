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
#define SMALL  "{type: boxcar, count: 5, width: 0.6 mm, depth: 0.2 mm, tether: 0 mm}"
#define WALLED "{type: boxcar, count: 5, width: 0.6 mm, depth: 0.2 mm}"
#define COURSE(visits)                                                                             \
    "schema: cit/protocol/1\nwho: physician\nsettings: [{device: skinpen-precision, length: 1.0 "  \
    "mm, passes: 4}]\nvisits:" visits "\n"
#define TWO    "\n  - {status: planned}\n  - {status: planned, after: 6 days}"
#define ONE    "\n  - {status: planned}"
#define FLAT   "{type: boxcar, count: 5, width: 1 mm, depth: 0.0001 mm, tether: 0 mm}"
#define BANDED "{type: boxcar, count: 5, width: 1 mm, depth: 0.3 mm, tether: 0.1 mm}"

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

static bool asked_often(void *context, double share, const char *what) {
    (void)share;
    (void)what;
    return ++*(int *)context < 200;
}

/* Far below the needles voxels stay full, F + M = 1, while fibroblasts turn: a step that overfills them, by however
 * little, has no way on. */
static void dense_needles_that_end_within_dermis_are_followed(void **state) {
    static const char *const densities[] = {"875", "1750"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        char course[240];
        snprintf(course, sizeof course,
                 "schema: cit/protocol/1\nwho: physician\nsettings: [{device: skinpen-precision, "
                 "length: 1.0 mm, density: %s /cm2}]\nvisits:" ONE "\n",
                 densities[i]);
        scene s = open_scene(PERSON(WALLED), course);
        cit_specimen_options o = options_of(&s);
        int asked = 0;
        const cit_progress progress = {asked_often, &asked};
        o.size_mm = 1.6;
        o.seed = 1;
        cit_specimen *x = made(&o);
        errs = (cit_errors){0};
        CHECK(cit_specimen_advance(x, 0.5, &progress, &errs) == CIT_OK, "%s a cm2: %s",
              densities[i], errs.items[0].text);
        const cit_tissue_stats did = cit_tissue_stats_of(cit_specimen_tissue(x));
        print_message("  %s needles a cm2 of 1 mm, half a day: %ld steps, %ld of Euler, %ld left "
                      "their bounds\n",
                      densities[i], did.steps, did.euler_steps, did.out_of_bounds);
        cit_specimen_free(x);
        close_scene(&s);
    }
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
        CHECK(fabs(gap) <= 1e-12 * box, "field %d: %g of %g mm3 is missing", i, gap, box);
    }
    cit_specimen_free(x);
    close_scene(&s);
}

/* ---- needles, bands, surface: each against its own law ---------------------------------------------- */

static cit_parameters typical(void) {
    cit_parameters p;
    cit_parameters_default(&p);
    return p;
}

static cit_puncture *needles_of(const cit_specimen *x, int *ret_count) {
    cit_puncture *needles = NULL;
    errs = (cit_errors){0};
    CHECK(cit_specimen_needles(x, 0, &needles, ret_count, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    for (int i = 0; i < *ret_count; i++)
        CHECK(needles[i].depth_mm >= 0, "a needle of %g mm", needles[i].depth_mm);
    return needles;
}

static double from_middle(const cit_specimen *x, const cit_puncture *p) {
    const double middle = 0.5 * cit_specimen_facts_of(x)->size_mm;
    return hypot(p->x_mm - middle, p->y_mm - middle);
}

/* The same needles as on skin that is all but level: around the scar as deep, at its flat floor deeper by the dip
 * that is no tissue less the gap, so that they lose the gap below the floor. */
static void needles_follow_a_dip(void **state) {
    scene dipped = open_scene(PERSON(BANDED), COURSE(ONE)),
          level = open_scene(PERSON(FLAT), COURSE(ONE));
    cit_specimen_options o = options_of(&dipped), p = options_of(&level);
    const cit_parameters values = typical();
    const double follows = 0.3 - 0.1 - cit_reach_gap(&values.needling, 0.5, 0.3);
    int count = 0, same = 0, inside = 0, outside = 0;
    (void)state;
    o.posterior = p.posterior = NULL;
    o.size_mm = p.size_mm = 1.6;
    cit_specimen *x = made(&o), *y = made(&p);
    cit_puncture *a = needles_of(x, &count), *b = needles_of(y, &same);
    CHECK(count == same && fabs(follows) > 0.05, "%d and %d needles, %g", count, same, follows);
    for (int i = 0; i < count; i++) {
        const double r = from_middle(x, &a[i]), deeper = a[i].depth_mm - b[i].depth_mm;
        if (r < 0.2) CHECK_CLOSE(deeper, follows, 0.01 * fabs(follows));
        if (r < 0.45) CHECK_CLOSE(deeper, follows * (1 - pow(r / 0.5, 6)), 0.03 * fabs(follows));
        if (r > 0.55) CHECK_CLOSE(deeper, 0, 1e-3);
        inside += r < 0.2;
        outside += r > 0.55;
    }
    CHECK(inside > 0 && outside > 0, "%d and %d needles", inside, outside);
    free(a);
    free(b);
    cit_specimen_free(x);
    cit_specimen_free(y);
    close_scene(&dipped);
    close_scene(&level);
}

/* Needles that are shorter than what skin lags behind the device stay above the floor: they are none there. */
static void short_needles_do_not_reach_a_floor(void **state) {
    scene s = open_scene(
        PERSON("{type: ice-pick, count: 5, width: 0.6 mm, depth: 0.6 mm, tether: 0.2 mm}"),
        "schema: cit/protocol/1\nwho: physician\nsettings: [{device: skinpen-precision, length: "
        "0.25 mm, passes: 8}]\nvisits:" ONE "\n");
    const cit_specimen_options o = options_of(&s);
    int count, inside = 0;
    cit_specimen *x = made(&o);
    cit_puncture *needles = needles_of(x, &count);
    (void)state;
    for (int i = 0; i < count; i++) {
        if (from_middle(x, &needles[i]) > 0.1) continue;
        CHECK(needles[i].depth_mm == 0, "%g mm", needles[i].depth_mm);
        inside++;
    }
    CHECK(inside > 0, "none of %d needles", count);
    go(x, 0.001);
    free(needles);
    cit_specimen_free(x);
    close_scene(&s);
}

/* Needles come down to their reach below the plane of the device, and that is an epidermis above the box. */
static void wounds_end_where_needles_do(void **state) {
    scene s = open_scene(PERSON(SMALL),
                         "schema: cit/protocol/1\nwho: physician\nsettings: [{device: "
                         "skinpen-precision, length: 0.5 mm, passes: 4}]\nvisits:" ONE "\n");
    const cit_specimen_options o = options_of(&s);
    cit_specimen *x = made(&o);
    const cit_specimen_facts *f = cit_specimen_facts_of(x);
    const size_t plane = (size_t)f->nx * (size_t)f->ny, count = plane * (size_t)f->nz;
    double *debris = malloc(count * sizeof *debris), deepest = 0;
    cit_puncture *needles;
    int n = 0, last = -1;
    (void)state;
    needles = needles_of(x, &n);
    for (int i = 0; i < n; i++)
        if (needles[i].x_mm > 0 && needles[i].x_mm < f->size_mm && needles[i].y_mm > 0 &&
            needles[i].y_mm < f->size_mm)
            deepest = fmax(deepest, needles[i].depth_mm);
    CHECK(cit_specimen_visit_now(x, NULL, &errs) == CIT_OK, "%s", errs.items[0].text);
    cit_tissue_read(cit_specimen_tissue(x), CIT_DEBRIS, debris);
    for (size_t i = 0; i < count; i++)
        if (debris[i] > 0) last = (int)(i / plane);
    CHECK(last < f->nz - 1 && last == (int)floor((deepest - f->scar.epidermis_mm) / f->voxel_z_mm),
          "debris in layer %d, needles to %g mm", last, deepest);
    free(debris);
    free(needles);
    cit_specimen_free(x);
    close_scene(&s);
}

/* The law of docs/models/scar.md: a share c_band can be cut; those that are, by crowding and by reach over the border
 * of fat, which lies below the scar's floor. They come back at k_RT M, M from 0 to 1. */
static void bands_are_cut_and_come_back(void **state) {
    scene s = open_scene(PERSON(BANDED), COURSE(ONE));
    cit_specimen_options o = options_of(&s);
    (void)state;
    o.posterior = NULL;
    o.size_mm = 1.6;
    cit_specimen *x = made(&o);
    const cit_specimen_facts *f = cit_specimen_facts_of(x);
    const cit_parameters p = typical();
    CHECK(look(x).tether == 1, "bands cut before");
    CHECK(cit_specimen_visit_now(x, NULL, &errs) == CIT_OK, "%s", errs.items[0].text);
    const double border = f->scar.epidermis_mm + f->scar.thickness_mm +
                          cit_reach_gap(&p.needling, 0.5, 0.3),
                 cut = -expm1(-f->density * p.needling.a_T) *
                       cit_normal_cdf((f->reach_mm - border) / 0.25),
                 left = 1 - p.scar.c_band * cut;
    const cit_specimen_state at_once = look(x);
    CHECK(cut > 1e-3, "too few to be seen: %g", cut);
    CHECK_CLOSE(at_once.tether, left, 1e-12);
    CHECK_CLOSE(at_once.by_tether_mm, 0.1 * (1 - left), 1e-12);
    go(x, 30);
    const double back = (look(x).tether - left) / (1 - left), most = -expm1(-p.healing.k_RT * 30);
    CHECK(p.healing.k_RT > 0 && back > 1e-3 * most && back < 0.6 * most, "%g of at most %g", back,
          most);
    cit_specimen_free(x);
    close_scene(&s);
}

/* The lift of the middle, as a plain sum over voxels: z / (2 pi r^3) of what each has grown, z counted from the scar's
 * floor under an epidermis. */
static double lift_summed(const cit_specimen *x, const double *start) {
    const cit_specimen_facts *f = cit_specimen_facts_of(x);
    const cit_parameters p = typical();
    const size_t plane = (size_t)f->nx * (size_t)f->ny, count = plane * (size_t)f->nz;
    double *C = malloc(3 * count * sizeof *C), *N = C + count, *v = N + count, sum = 0;
    cit_tissue_read(cit_specimen_tissue(x), CIT_COLLAGEN, C);
    cit_tissue_read(cit_specimen_tissue(x), CIT_NEW_COLLAGEN, N);
    cit_tissue_viable(cit_specimen_tissue(x), v);
    for (size_t i = 0; i < plane; i++) {
        const double dx = ((double)(i % (size_t)f->nx) - f->nx / 2) * f->voxel_mm,
                     dy = ((double)(i / (size_t)f->nx) - f->ny / 2) * f->voxel_mm;
        double above = f->scar.epidermis_mm;
        for (size_t k = i; k < count; k += plane) {
            const double thick = v[k] * f->voxel_z_mm, z = above + 0.5 * thick,
                         r2 = dx * dx + dy * dy + z * z;
            sum += p.scar.chi_up * p.scar.beta * (C[k] - start[k] + p.scar.zeta * N[k]) * thick *
                   f->voxel_mm * f->voxel_mm * z / (2 * 3.14159265358979 * r2 * sqrt(r2));
            above += thick;
        }
    }
    free(C);
    return sum;
}

static void lift_is_the_sum_over_voxels(void **state) {
    scene s = open_scene(PERSON(SMALL), COURSE(ONE));
    cit_specimen_options o = options_of(&s);
    (void)state;
    o.posterior = NULL;
    o.size_mm = 31 * o.voxel_mm; /* a voxel in the middle */
    cit_specimen *x = made(&o);
    const cit_specimen_facts *f = cit_specimen_facts_of(x);
    const size_t count = (size_t)f->nx * (size_t)f->ny * (size_t)f->nz;
    double *start = malloc(count * sizeof *start);
    cit_tissue_read(cit_specimen_tissue(x), CIT_COLLAGEN, start);
    const double before = look(x).depth_mm;
    go(x, 40);
    const cit_specimen_state now = look(x);
    const double lift = lift_summed(x, start);
    CHECK(f->nx == 31 && now.by_collagen_mm < 0.9 * f->scar.deficit_mm, "lift %g of %g",
          now.by_collagen_mm, f->scar.deficit_mm);
    CHECK_CLOSE(now.by_collagen_mm, lift, 0.03 * lift);
    CHECK_CLOSE(before - now.depth_mm, now.by_collagen_mm, 0.1 * lift); /* the rim sinks a little */
    free(start);
    cit_specimen_free(x);
    close_scene(&s);
}

static void dermis_is_that_of_the_site_and_sex(void **state) {
    static const char *const sexes[] = {"female", "male", "unknown"};
    const cit_site *cheek = cit_catalogue_site(catalogue, "cheek");
    const double thick[] = {cheek->dermis_female_mm, cheek->dermis_male_mm,
                            0.5 * (cheek->dermis_female_mm + cheek->dermis_male_mm)};
    (void)state;
    for (int i = 0; i < 3; i++) {
        char person[500];
        snprintf(person, sizeof person,
                 "schema: cit/case/1\nage: 30 years\nsex: %s\nzones:\n  - {site: cheek, side: "
                 "left, scars: [" SMALL "]}\n",
                 sexes[i]);
        scene s = open_scene(person, COURSE(ONE));
        const cit_specimen_options o = options_of(&s);
        cit_specimen *x = made(&o);
        const cit_specimen_facts *f = cit_specimen_facts_of(x);
        CHECK_CLOSE(f->nz * f->voxel_z_mm, thick[i], 1e-12);
        cit_specimen_free(x);
        close_scene(&s);
    }
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
        {0, 0, 0, 0}, {0, -0.1, 0, 0}, {0, 0.1, (double)NAN, 0}, {0, (double)INFINITY, 0, 0}};
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
        CASE(without_visits_nothing_changes),
        CASE(visits_lift_a_scar),
        CASE(needles_follow_a_dip),
        CASE(short_needles_do_not_reach_a_floor),
        CASE(wounds_end_where_needles_do),
        CASE(dense_needles_that_end_within_dermis_are_followed),
        CASE(bands_are_cut_and_come_back),
        CASE(lift_is_the_sum_over_voxels),
        CASE(dermis_is_that_of_the_site_and_sex),
        CASE(a_stop_or_threads_change_no_byte),
        CASE(a_measured_bowl_is_the_bowl_told),
        CASE(a_long_scar_keeps_its_shape),
        CASE(maps_that_are_no_scar_are_refused),
        CASE(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(cases, open_catalogue, close_catalogue);
}
