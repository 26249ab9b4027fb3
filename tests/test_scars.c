/* Scars against phantoms of known truth, and what must not change them. Accuracy over many seeds is bench/scars.c. */
#include "t.h"
#include <cit/measure.h>
#include <math.h>
#include <stdlib.h>

static cit_phantom *made(const cit_phantom_options *o) {
    cit_phantom *p = NULL;
    cit_errors errs = {0};
    CHECK(cit_phantom_make(o, &p, &errs) == CIT_OK, "%s", errs.items[0].text);
    return p;
}

static cit_scars *found_by(const cit_heights *h, int threads) {
    cit_scars *s = NULL;
    cit_errors errs = {0};
    const cit_scars_options o = {.threads = threads};
    CHECK(cit_scars_find(h, &o, NULL, &s, &errs) == CIT_OK, "%s: %s", errs.items[0].where,
          errs.items[0].text);
    return s;
}
static cit_scars *found(const cit_heights *h) { return found_by(h, 2); }

static cit_heights *heights(int nx, int ny, double dx, double dy) {
    cit_heights *h = NULL;
    cit_errors errs = {0};
    CHECK(cit_heights_new(nx, ny, dx, dy, &h, &errs) == CIT_OK, "%s", errs.items[0].text);
    h->missing = 0;
    return h;
}

/* The scar whose middle is nearest to a place, within 0.5 mm; NULL: none. */
static const cit_measured_scar *near(const cit_scars *s, double x, double y) {
    const cit_measured_scar *best = NULL;
    double least = 0.5;
    for (int k = 0; k < s->count; k++) {
        const double r = hypot(s->scar[k].x_mm - x, s->scar[k].y_mm - y);
        if (r >= least) continue;
        least = r;
        best = &s->scar[k];
    }
    return best;
}

static int likeliest(const cit_measured_scar *s) {
    int best = 0;
    for (int c = 1; c < CIT_CLASS_COUNT; c++)
        if (s->probability[c] > s->probability[best]) best = c;
    return best;
}

/* ---- a hard map ---------------------------------------------------------------------------------- */

static cit_phantom *hard;
static cit_scars *hard_scars;

static int hard_make(void **state) {
    (void)state;
    const cit_phantom_options o = {.seed = 70001, .n = 820, .hard_form = true, .touching = 8};
    cit_errors errs = {0};
    if (cit_phantom_make(&o, &hard, &errs) != CIT_OK) return -1;
    const cit_scars_options how = {.threads = 2};
    return cit_scars_find(hard->heights, &how, NULL, &hard_scars, &errs) == CIT_OK ? 0 : -1;
}
static int hard_free(void **state) {
    (void)state;
    cit_phantom_free(hard);
    cit_scars_free(hard_scars);
    return 0;
}

static void scars_are_found_where_they_are(void **state) {
    (void)state;
    int missed = 0;
    for (int k = 0; k < hard->count; k++) {
        const cit_phantom_scar *t = &hard->scar[k];
        const cit_measured_scar *m = near(hard_scars, t->x_mm, t->y_mm);
        if (t->touches < 0) missed += m == NULL || m->compound;
    }
    CHECK(missed <= 1, "%d of %d are missed", missed, hard->count);
    CHECK(hard_scars->count_parts <= hard->count + 1, "%g parts of %d", hard_scars->count_parts,
          hard->count);
    CHECK(hard_scars->count_parts >= hard->count - 5, "%g parts of %d", hard_scars->count_parts,
          hard->count);
}

static void volumes_depths_and_classes_are_right(void **state) {
    (void)state;
    static const double depth_within[] = {0.12, 0.05, 0.12};
    double sums[3][2] = {{0}};
    int right = 0, of = 0, held = 0;
    for (int k = 0; k < hard->count; k++) {
        const cit_phantom_scar *t = &hard->scar[k];
        const cit_measured_scar *m = near(hard_scars, t->x_mm, t->y_mm);
        if (t->touches >= 0 || m == NULL) continue;
        CHECK(fabs(m->depth_um / t->depth_um - 1) < depth_within[t->scar_class],
              "a depth of %.0f um is told as %.0f", t->depth_um, m->depth_um);
        CHECK(m->area_mm2 > 0.4 * t->area_mm2 && m->area_mm2 < 1.3 * t->area_mm2,
              "an area of %.2f mm2 is told as %.2f", t->area_mm2, m->area_mm2);
        sums[t->scar_class][0] += m->volume_mm3;
        sums[t->scar_class][1] += t->volume_mm3;
        right += likeliest(m) == (int)t->scar_class;
        held += m->volume_low_mm3 <= t->volume_mm3 && t->volume_mm3 <= m->volume_high_mm3;
        of++;
    }
    static const double volume_within[] = {0.02, 0.015, 0.05};
    for (int c = 0; c < 3; c++) CHECK_CLOSE(sums[c][0] / sums[c][1], 1, volume_within[c]);
    CHECK(right >= 0.9 * of, "%d classes of %d", right, of);
    CHECK(held >= 0.85 * of, "%d intervals of %d hold", held, of);
    CHECK_CLOSE(hard_scars->volume_mm3 / hard->volume_mm3, 1, 0.01);
}

static void what_is_told_agrees_with_itself(void **state) {
    (void)state;
    const cit_scars *s = hard_scars;
    const size_t n = (size_t)s->nx * (size_t)s->ny;
    double parts = 0, volume = 0, counts = 0, *area = calloc((size_t)s->count + 1, sizeof *area);
    for (size_t k = 0; k < n; k++) area[s->outline[k]] += s->dx_mm * s->dy_mm;
    for (int k = 0; k < s->count; k++) {
        const cit_measured_scar *m = &s->scar[k];
        double sum = 0;
        for (int c = 0; c < CIT_CLASS_COUNT; c++) sum += m->probability[c];
        CHECK(m->number == k + 1, "number %d at %d", m->number, k);
        CHECK_CLOSE(sum, 1, 1e-12);
        CHECK_CLOSE(m->area_mm2, area[k + 1], 1e-9);
        CHECK(m->compound == (m->parts > 1), "%d parts", m->parts);
        CHECK(m->volume_low_mm3 < m->volume_mm3 && m->depth_high_um > m->depth_um, "no interval");
        parts += m->parts;
        volume += m->volume_mm3;
    }
    for (int c = 0; c < CIT_CLASS_COUNT; c++) counts += s->counts[c];
    CHECK_CLOSE(parts, s->count_parts, 1e-9);
    CHECK_CLOSE(counts, s->count_parts, 1e-9);
    CHECK_CLOSE(volume, s->volume_mm3, 1e-9);
    CHECK(s->noise_um > 1.5 && s->noise_um < 4, "noise of %g um", s->noise_um);
    CHECK(s->relief_um > 18 && s->relief_um < 22, "relief of %g um", s->relief_um);
    CHECK(s->least_depth_um >= 20 && s->least_depth_um < 80, "least depth %g um",
          s->least_depth_um);
    /* More than 20 V shapes, 5 to 20 U shapes, 5 to 20 M shapes. */
    CHECK_CLOSE(s->ecca_suggested[CIT_CLASS_ICE_PICK], 45, 0);
    free(area);
}

/* ---- a shelf beside a pit ------------------------------------------------------------------------ */

/* A deep cone over the rim of a floor that is shallow: one dip, whose quarter is as deep as the floor, or far wider than
 * the cone's wall. */
typedef struct pit_and_shelf {
    double pit_mm, pit_um, shelf_mm, shelf_um;
} pit_and_shelf;

static double pit_depth(const pit_and_shelf *c, double x, double y) {
    const double apart = 0.75 * (c->pit_mm + c->shelf_mm), r = hypot(x - apart, y) / c->pit_mm,
                 q = 4 * (1 - hypot(x, y) / c->shelf_mm);
    const double pit = r < 1 ? (1 - r) * (1 - r) * (1 + 2 * r) : 0,
                 shelf = q >= 1 ? 1 : (q > 0 ? q * q * (3 - 2 * q) : 0);
    return fmax(c->pit_um * pit, c->shelf_um * shelf);
}

static void a_shelf_beside_a_pit_counts(void **state) {
    (void)state;
    static const pit_and_shelf cases[] = {{0.55, 588, 0.96, 123}, {0.59, 420, 1.6, 163}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const cit_phantom_options skin = {
            .seed = 4, .n = 320, .side_mm = 12.8, .hard_form = true, .rows = -1};
        cit_phantom *p = made(&skin);
        double volume = 0;
        for (int j = 0; j < 320; j++)
            for (int i = 0; i < 320; i++) {
                const double z = pit_depth(&cases[c], (i + 0.5) * 0.04 - 6, (j + 0.5) * 0.04 - 6.4);
                p->heights->um[(size_t)j * 320 + (size_t)i] -= (float)z;
                volume += z * 1e-3 * 0.04 * 0.04;
            }
        cit_scars *s = found(p->heights);
        CHECK(s->count == 1, "%d scars", s->count);
        CHECK_CLOSE(s->volume_mm3 / volume, 1, 0.02);
        cit_scars_free(s);
        cit_phantom_free(p);
    }
}

/* ---- outlines ------------------------------------------------------------------------------------ */

/* Takes the piece that a sample lies in off the outlines, by sides. */
static void piece_clear(cit_scars *s, size_t from) {
    const size_t nx = (size_t)s->nx, n = nx * (size_t)s->ny;
    const int number = s->outline[from];
    size_t count = 0, *stack = malloc(n * sizeof *stack);
    CHECK(stack != NULL, "no memory");
    stack[count++] = from;
    s->outline[from] = 0;
    while (count > 0) {
        const size_t k = stack[--count];
        const size_t beside[4] = {k % nx > 0 ? k - 1 : k, k % nx + 1 < nx ? k + 1 : k,
                                  k >= nx ? k - nx : k, k + nx < n ? k + nx : k};
        for (int b = 0; b < 4; b++) {
            if (s->outline[beside[b]] != number) continue;
            s->outline[beside[b]] = 0;
            stack[count++] = beside[b];
        }
    }
    free(stack);
}

static void an_outline_has_no_specks(void **state) {
    (void)state;
    const cit_phantom_options rough = {.seed = 7,
                                       .n = 384,
                                       .side_mm = 15.36,
                                       .hard_form = true,
                                       .broad_relief = true,
                                       .hard_scars = true};
    cit_phantom *p = made(&rough);
    cit_scars *s = found(p->heights);
    int *pieces = calloc((size_t)s->count + 1, sizeof *pieces);
    CHECK(pieces != NULL, "no memory");
    for (size_t k = 0; k < (size_t)s->nx * (size_t)s->ny; k++)
        if (s->outline[k] != 0) {
            pieces[s->outline[k]]++;
            piece_clear(s, k);
        }
    for (int k = 0; k < s->count; k++)
        CHECK(pieces[k + 1] >= 1 && pieces[k + 1] <= s->scar[k].parts, "%d pieces of %d parts",
              pieces[k + 1], s->scar[k].parts);
    free(pieces);
    cit_scars_free(s);
    cit_phantom_free(p);
}

/* ---- what must not change them ------------------------------------------------------------------- */

static const cit_phantom_options small = {.seed = 81, .n = 384, .side_mm = 15.36, .relief_um = 10};

typedef void place_map(double *x, double *y);
static void as_it_is(double *x, double *y) {
    (void)x;
    (void)y;
}
static void mirrored(double *x, double *y) {
    *x = 15.36 - *x;
    (void)y;
}
static void turned(double *x, double *y) {
    const double kept = *x;
    *x = 15.36 - *y;
    *y = kept;
}

static void same_scars(const cit_scars *a, const cit_scars *b, place_map *to, double volume,
                       double depth_um) {
    CHECK(a->count > 0 && a->count == b->count, "%d and %d scars", a->count, b->count);
    for (int k = 0; k < a->count; k++) {
        double x = a->scar[k].x_mm, y = a->scar[k].y_mm;
        to(&x, &y);
        const cit_measured_scar *m = near(b, x, y);
        CHECK(m != NULL, "a scar is gone");
        CHECK(hypot(m->x_mm - x, m->y_mm - y) < 0.05, "a scar is elsewhere");
        CHECK_CLOSE(m->volume_mm3, a->scar[k].volume_mm3, volume);
        CHECK_CLOSE(m->depth_um, a->scar[k].depth_um, depth_um);
    }
}

static void mirrors_and_turns_change_nothing(void **state) {
    (void)state;
    cit_phantom *p = made(&small);
    cit_heights *m = heights(384, 384, 0.04, 0.04), *t = heights(384, 384, 0.04, 0.04);
    for (int j = 0; j < 384; j++)
        for (int i = 0; i < 384; i++) {
            const float z = p->heights->um[(size_t)j * 384 + i];
            m->um[(size_t)j * 384 + (383 - i)] = z;
            t->um[(size_t)i * 384 + (383 - j)] = z;
        }
    cit_scars *a = found(p->heights), *b = found(m), *c = found(t);
    same_scars(a, b, mirrored, 0.004, 1);
    same_scars(a, c, turned, 0.004, 1);
    cit_scars_free(a);
    cit_scars_free(b);
    cit_scars_free(c);
    cit_heights_free(m);
    cit_heights_free(t);
    cit_phantom_free(p);
}

static void offset_and_tilt_change_nothing(void **state) {
    (void)state;
    cit_phantom *p = made(&small);
    cit_scars *a = found(p->heights);
    for (int j = 0; j < 384; j++)
        for (int i = 0; i < 384; i++)
            p->heights->um[(size_t)j * 384 + i] += (float)(2000 + 2 * i - 3 * j);
    p->heights->zero_um += 1e4;
    cit_scars *b = found(p->heights);
    same_scars(a, b, as_it_is, 1e-4, 0.05);
    cit_scars_free(a);
    cit_scars_free(b);
    cit_phantom_free(p);
}

/* The same skin at another pitch, and with samples twice as long as wide. */
static void pitch_changes_little(void **state) {
    (void)state;
    cit_phantom_options finer = small;
    finer.n = 512;
    cit_phantom *p = made(&small), *q = made(&finer);
    cit_heights *w = heights(256, 512, 0.06, 0.03);
    for (size_t k = 0; k < (size_t)256 * 512; k++)
        w->um[k] = 0.5F * (q->heights->um[2 * k] + q->heights->um[2 * k + 1]);
    cit_scars *a = found(p->heights), *b = found(q->heights), *c = found(w);
    same_scars(a, b, as_it_is, 0.006, 8);
    same_scars(b, c, as_it_is, 0.004, 5);
    cit_scars_free(a);
    cit_scars_free(b);
    cit_scars_free(c);
    cit_heights_free(w);
    cit_phantom_free(p);
    cit_phantom_free(q);
}

static void missing_samples_change_little(void **state) {
    (void)state;
    cit_phantom_options holed = small;
    holed.missing = 0.013;
    cit_phantom *p = made(&small), *q = made(&holed);
    cit_scars *a = found(p->heights), *b = found(q->heights);
    same_scars(a, b, as_it_is, 0.006, 6);
    cit_scars_free(a);
    cit_scars_free(b);
    cit_phantom_free(p);
    cit_phantom_free(q);
}

/* A hole of two fifths of the radius in each scar: nothing is made of what is not there. */
static void a_hole_in_a_scar_is_no_dip(void **state) {
    (void)state;
    cit_phantom *p = made(&small);
    cit_heights *h = p->heights;
    for (int k = 0; k < p->count; k++)
        for (int j = 0; j < h->ny; j++)
            for (int i = 0; i < h->nx; i++) {
                float *z = &h->um[(size_t)j * (size_t)h->nx + (size_t)i];
                const double x = (i + 0.5) * h->dx_mm - p->scar[k].x_mm,
                             y = (j + 0.5) * h->dy_mm - p->scar[k].y_mm;
                if (hypot(x, y) >= 0.4 * p->scar[k].radius_mm || isnan(*z)) continue;
                *z = NAN;
                h->missing++;
            }
    cit_scars *s = found(h);
    CHECK(s->count == p->count, "%d scars of %d", s->count, p->count);
    for (int k = 0; k < p->count; k++) {
        const cit_phantom_scar *t = &p->scar[k];
        const cit_measured_scar *m = near(s, t->x_mm, t->y_mm);
        CHECK(m != NULL, "a scar is gone");
        const double off = hypot(m->x_mm - t->x_mm, m->y_mm - t->y_mm);
        CHECK(off < 0.1 * t->radius_mm, "a scar of %.2f mm is %.2f mm off", t->radius_mm, off);
    }
    cit_scars_free(s);
    cit_phantom_free(p);
}

static void threads_change_no_bit(void **state) {
    (void)state;
    cit_phantom *p = made(&small);
    cit_scars *a = found_by(p->heights, 1), *b = found_by(p->heights, 3);
    CHECK(a->count == b->count, "%d and %d scars", a->count, b->count);
    CHECK(memcmp(a->outline, b->outline, (size_t)384 * 384 * sizeof *a->outline) == 0, "outlines");
    CHECK(memcmp(a->relief->um, b->relief->um, (size_t)384 * 384 * sizeof(float)) == 0, "relief");
    for (int k = 0; k < a->count; k++) {
        CHECK(a->scar[k].volume_mm3 == b->scar[k].volume_mm3, "volume");
        CHECK(a->scar[k].volume_low_mm3 == b->scar[k].volume_low_mm3, "interval");
        CHECK(a->scar[k].depth_low_um == b->scar[k].depth_low_um, "interval");
        CHECK(a->scar[k].probability[0] == b->scar[k].probability[0], "class");
    }
    cit_scars_free(a);
    cit_scars_free(b);
    cit_phantom_free(p);
}

/* ---- none, some, cut ----------------------------------------------------------------------------- */

static void nothing_is_found_on_healthy_skin(void **state) {
    (void)state;
    for (int broad = 0; broad < 2; broad++) {
        const cit_phantom_options o = {.seed = 91,
                                       .n = 512,
                                       .side_mm = 20.48,
                                       .rows = -1,
                                       .hard_form = true,
                                       .broad_relief = broad};
        cit_phantom *p = made(&o);
        cit_scars *s = found(p->heights);
        CHECK(s->count == 0 && s->volume_mm3 == 0 && s->area_share == 0, "%d scars", s->count);
        cit_scars_free(s);
        cit_phantom_free(p);
    }
}

/* A map that ends in the middle of a scar says so, or leaves it out; the others are as they were. */
static void a_cut_scar_is_said_to_be_cut(void **state) {
    (void)state;
    cit_phantom *p = made(&small);
    const cit_phantom_scar *big = &p->scar[0];
    for (int k = 1; k < p->count; k++)
        if (p->scar[k].radius_mm > big->radius_mm) big = &p->scar[k];
    /* To the right and to the left of its middle, whichever leaves more. */
    const int middle = (int)(big->x_mm / 0.04), from = middle < 192 ? middle : 0,
              to = middle < 192 ? 384 : middle;
    cit_heights *h = heights(to - from, 384, 0.04, 0.04);
    for (int j = 0; j < 384; j++)
        memcpy(&h->um[(size_t)j * h->nx], &p->heights->um[(size_t)j * 384 + from],
               (size_t)h->nx * sizeof(float));
    cit_scars *s = found(h);
    int whole = 0;
    for (int k = 0; k < s->count; k++) {
        const cit_measured_scar *m = &s->scar[k];
        const double gap = hypot(m->x_mm + from * 0.04 - big->x_mm, m->y_mm - big->y_mm);
        if (gap < big->radius_mm) CHECK(m->cut, "half a scar is told as a whole one");
        whole += !m->cut;
    }
    CHECK(whole >= 3, "%d are whole", whole);
    cit_scars_free(s);
    cit_heights_free(h);
    cit_phantom_free(p);
}

static void what_has_no_scars_to_find_is_refused(void **state) {
    (void)state;
    const struct {
        int nx, ny;
        double pitch;
        bool missing;
    } bad[] = {{500, 1, 0.04, false},
               {1, 500, 0.04, false},
               {16, 16, 0.04, false},
               {100, 100, 1, false},
               {200, 200, 0.04, true}};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        cit_heights *h = heights(bad[k].nx, bad[k].ny, bad[k].pitch, bad[k].pitch);
        const size_t n = (size_t)bad[k].nx * (size_t)bad[k].ny;
        for (size_t i = 0; i < n; i++) h->um[i] = bad[k].missing ? NAN : 0.0F;
        h->missing = bad[k].missing ? n : 0;
        cit_scars *s = NULL;
        cit_errors errs = {0};
        CHECK(cit_scars_find(h, NULL, NULL, &s, &errs) == CIT_INVALID, "%zu is taken", k);
        CHECK(s == NULL && errs.count == 1, "%zu leaves something", k);
        cit_heights_free(h);
    }
}

static void flat_and_small_maps_have_none(void **state) {
    (void)state;
    static const int sides[][2] = {{80, 80}, {80, 300}, {300, 76}};
    for (size_t k = 0; k < sizeof sides / sizeof *sides; k++) {
        cit_heights *h = heights(sides[k][0], sides[k][1], 0.04, 0.04);
        for (size_t i = 0; i < (size_t)h->nx * (size_t)h->ny; i++) h->um[i] = 3.0F;
        cit_scars *s = found(h);
        CHECK(s->count == 0, "%d scars", s->count);
        cit_scars_free(s);
        cit_heights_free(h);
    }
}

static bool stop(void *context, double share, const char *what) {
    (void)context;
    (void)share;
    (void)what;
    return false;
}

static void it_stops_when_asked(void **state) {
    (void)state;
    const cit_progress progress = {stop, NULL};
    cit_phantom *p = made(&small);
    cit_scars *s = NULL;
    cit_errors errs = {0};
    CHECK(cit_scars_find(p->heights, NULL, &progress, &s, &errs) == CIT_CANCELLED, "went on");
    CHECK(s == NULL, "leaves something");
    cit_phantom_free(p);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(scars_are_found_where_they_are),  CASE(volumes_depths_and_classes_are_right),
        CASE(what_is_told_agrees_with_itself), CASE(a_shelf_beside_a_pit_counts),
        CASE(an_outline_has_no_specks),        CASE(mirrors_and_turns_change_nothing),
        CASE(offset_and_tilt_change_nothing),  CASE(pitch_changes_little),
        CASE(missing_samples_change_little),   CASE(a_hole_in_a_scar_is_no_dip),
        CASE(threads_change_no_bit),           CASE(nothing_is_found_on_healthy_skin),
        CASE(a_cut_scar_is_said_to_be_cut),    CASE(what_has_no_scars_to_find_is_refused),
        CASE(flat_and_small_maps_have_none),   CASE(it_stops_when_asked)};
    return cmocka_run_group_tests(cases, hard_make, hard_free);
}
