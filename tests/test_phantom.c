/* Phantoms: their truth is what their samples hold, whatever is done to the skin. */
#include "t.h"
#include <cit/measure.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>

#define PI 3.14159265358979323846

static const cit_phantom_visit first = {.noise_seed = 7};

static cit_phantom *later(const cit_phantom_options *o, const cit_phantom_visit *v) {
    cit_phantom *p = NULL;
    cit_errors errs = {0};
    CHECK(cit_phantom_later(o, v, &p, &errs) == CIT_OK, "%s: %s", errs.items[0].where,
          errs.items[0].text);
    return p;
}
static cit_phantom *made(const cit_phantom_options *o) { return later(o, &first); }

static size_t samples(const cit_phantom *p) {
    return (size_t)p->heights->nx * (size_t)p->heights->ny;
}
static double height(const cit_phantom *p, size_t k) {
    return p->heights->zero_um + (double)p->heights->um[k];
}

/* The same without scars less that with them, mm3: what the scars take away. */
static double volume_of(const cit_phantom_options *with, const cit_phantom_visit *v) {
    cit_phantom_options without = *with;
    without.rows = -1;
    without.touching = without.mixed = 0;
    cit_phantom *a = later(&without, v), *b = later(with, v);
    const double pixel = a->heights->dx_mm * a->heights->dy_mm;
    double sum = 0;
    for (size_t k = 0; k < samples(a); k++) sum += height(a, k) - height(b, k);
    cit_phantom_free(a);
    cit_phantom_free(b);
    return sum * pixel * 1e-3;
}

static const cit_phantom_options smooth = {.seed = 3, .n = 512, .relief_um = -1, .noise_um = -1};

static void samples_hold_the_volume_that_is_told(void **state) {
    (void)state;
    const cit_phantom_options kinds[] = {
        {0}, {.hard_scars = true}, {.touching = 10}, {.mixed = 20}, {.hard_form = true}};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        cit_phantom_options o = smooth;
        o.hard_form = kinds[k].hard_form;
        o.hard_scars = kinds[k].hard_scars;
        o.touching = kinds[k].touching;
        o.mixed = kinds[k].mixed;
        cit_phantom *p = made(&o);
        const double held = volume_of(&o, &first);
        CHECK_CLOSE(held / p->volume_mm3, 1, 2e-4);
        CHECK(p->count == 60 + o.touching, "%d scars", p->count);
        cit_phantom_free(p);
    }
}

/* By Simpson's rule on the profiles as they are defined in docs/models/measure.md. */
static double bowl_share(void) {
    double sum = 0;
    for (int k = 0; k <= 1000; k++) {
        const double t = k / 1000.0, f = (1 + cos(PI * t)) * t;
        sum += f * (k == 0 || k == 1000 ? 1 : (k % 2 ? 4 : 2));
    }
    return sum / 3000;
}

static void volumes_are_those_of_the_profiles(void **state) {
    (void)state;
    cit_phantom *p = made(&smooth);
    for (int k = 0; k < p->count; k++) {
        const cit_phantom_scar *s = &p->scar[k];
        const double share[] = {0.3, 0.76875, bowl_share()};
        const double cylinder = PI * s->radius_mm * s->radius_mm * s->depth_um * 1e-3;
        CHECK_CLOSE(s->volume_mm3 / cylinder, share[s->scar_class], 1e-9);
        CHECK_CLOSE(s->area_mm2, PI * s->radius_mm * s->radius_mm, 1e-12);
    }
    cit_phantom_free(p);
}

static void only_pairs_overlap(void **state) {
    (void)state;
    cit_phantom_options o = smooth;
    o.hard_scars = true;
    o.touching = 12;
    cit_phantom *p = made(&o);
    int touching = 0;
    for (int a = 0; a < p->count; a++) {
        const cit_phantom_scar *s = &p->scar[a];
        touching += s->touches >= 0;
        if (s->touches >= 0) CHECK(p->scar[s->touches].touches == a, "%d is not returned", a);
        CHECK(fmin(s->x_mm, s->y_mm) > s->radius_mm &&
                  fmax(s->x_mm, s->y_mm) + s->radius_mm < 40.96,
              "scar %d leaves the map", a);
        for (int b = 0; b < a; b++) {
            const double gap = hypot(s->x_mm - p->scar[b].x_mm, s->y_mm - p->scar[b].y_mm) -
                               s->radius_mm - p->scar[b].radius_mm;
            CHECK((gap < 0) == (s->touches == b), "gap of %d and %d is %g mm", a, b, gap);
        }
    }
    CHECK(touching == 24, "%d scars touch", touching);
    cit_phantom_free(p);
}

static void relief_and_noise_have_their_rms(void **state) {
    (void)state;
    for (int broad = 0; broad < 2; broad++) {
        const cit_phantom_options flat = {
            .seed = 5, .n = 512, .rows = -1, .relief_um = -1, .noise_um = -1};
        cit_phantom_options rough = flat, noisy = flat;
        rough.relief_um = 20;
        rough.broad_relief = broad;
        noisy.noise_um = 2;
        cit_phantom *a = made(&flat), *b = made(&rough), *c = made(&noisy);
        double relief = 0, noise = 0;
        for (size_t k = 0; k < samples(a); k++) {
            relief += pow(height(b, k) - height(a, k), 2);
            noise += pow(height(c, k) - height(a, k), 2);
        }
        CHECK_CLOSE(sqrt(relief / (double)samples(a)), 20, 0.6);
        CHECK_CLOSE(sqrt(noise / (double)samples(a)), 2, 0.01);
        cit_phantom_free(a);
        cit_phantom_free(b);
        cit_phantom_free(c);
    }
}

static void a_share_is_missing(void **state) {
    (void)state;
    cit_phantom_options o = smooth;
    o.missing = 0.02;
    cit_phantom *p = made(&o);
    size_t missing = 0;
    for (size_t k = 0; k < samples(p); k++) missing += isnan(p->heights->um[k]) != 0;
    CHECK(missing == p->heights->missing, "%zu are told, %zu are", p->heights->missing, missing);
    CHECK_CLOSE((double)missing / (double)samples(p), 0.02, 0.001);
    cit_phantom_free(p);
}

static void threads_and_seeds_make_the_bytes(void **state) {
    (void)state;
    const cit_phantom_options o = {
        .seed = 11, .n = 200, .side_mm = 20.48, .hard_form = true, .missing = 0.01};
    const int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    cit_phantom *a = made(&o);
    omp_set_num_threads(3);
    cit_phantom *b = made(&o);
    omp_set_num_threads(threads);
    CHECK(memcmp(a->heights->um, b->heights->um, samples(a) * sizeof(float)) == 0,
          "threads change a phantom");
    cit_phantom_options other = o;
    other.seed = 12;
    cit_phantom *c = made(&other);
    CHECK(memcmp(a->heights->um, c->heights->um, samples(a) * sizeof(float)) != 0,
          "two seeds make one phantom");
    cit_phantom_free(a);
    cit_phantom_free(b);
    cit_phantom_free(c);
}

/* A whole turn, and a shift of whole samples: the same skin in other places, to rounding. */
static void a_visit_shows_the_same_skin(void **state) {
    (void)state;
    const cit_phantom_options o = {
        .seed = 2, .n = 256, .side_mm = 20.48, .noise_um = -1, .hard_form = true};
    const double pitch = 20.48 / 256;
    const cit_phantom_visit turned = {.turn_rad = PI},
                            moved = {.shift_mm = {3 * pitch, -5 * pitch}};
    cit_phantom *a = made(&o), *b = later(&o, &turned), *c = later(&o, &moved);
    double worst = 0;
    for (int j = 8; j < 248; j++)
        for (int i = 8; i < 248; i++) {
            const size_t at = (size_t)j * 256 + i, there = (size_t)(255 - j) * 256 + (255 - i),
                         shifted = (size_t)(j - 5) * 256 + i + 3;
            worst = fmax(worst, fabs(height(a, at) - height(b, there)));
            worst = fmax(worst, fabs(height(a, at) - height(c, shifted)));
        }
    CHECK(worst < 2e-3, "off by %g um", worst);
    CHECK_CLOSE(c->scar[4].x_mm, a->scar[4].x_mm + 3 * pitch, 1e-9);
    CHECK_CLOSE(b->scar[4].y_mm, 20.48 - a->scar[4].y_mm, 1e-9);
    cit_phantom_free(a);
    cit_phantom_free(b);
    cit_phantom_free(c);
}

/* Where a stretched visit says that a scar is, the skin is deepest: against the same visit without scars. */
static void scars_are_where_a_visit_sees_them(void **state) {
    (void)state;
    cit_phantom_options o = smooth, none = smooth;
    const cit_phantom_visit v = {.noise_seed = 9,
                                 .shift_mm = {0.3, -0.2},
                                 .turn_rad = 0.02,
                                 .tilt_um_per_mm = {5, -3},
                                 .slow_um = 100,
                                 .stretch_um = 150};
    none.rows = -1;
    cit_phantom *a = later(&none, &v), *b = later(&o, &v);
    for (int s = 0; s < b->count; s++) {
        const cit_phantom_scar *t = &b->scar[s];
        double w = 0, x = 0, y = 0;
        for (int j = 0; j < 512; j++)
            for (int i = 0; i < 512; i++) {
                const double px = (i + 0.5) * 0.08, py = (j + 0.5) * 0.08;
                if (hypot(px - t->x_mm, py - t->y_mm) > 1.05 * t->radius_mm) continue;
                const size_t k = (size_t)j * 512 + i;
                const double d = height(a, k) - height(b, k);
                w += d;
                x += d * px;
                y += d * py;
            }
        CHECK_CLOSE(x / w, t->x_mm, 0.03);
        CHECK_CLOSE(y / w, t->y_mm, 0.03);
    }
    cit_phantom_free(a);
    cit_phantom_free(b);
}

static void what_heals_is_less_deep(void **state) {
    (void)state;
    double healed[60];
    for (int k = 0; k < 60; k++) healed[k] = k % 3 * 0.25;
    const cit_phantom_visit v = {.noise_seed = 4, .healed = healed};
    cit_phantom *a = made(&smooth), *b = later(&smooth, &v);
    double total = 0;
    for (int k = 0; k < 60; k++) {
        CHECK_CLOSE(b->scar[k].volume_mm3, a->scar[k].volume_mm3 * (1 - healed[k]), 1e-12);
        total += b->scar[k].volume_mm3;
    }
    CHECK_CLOSE(b->volume_mm3, total, 1e-9);
    CHECK_CLOSE(volume_of(&smooth, &v) / total, 1, 3e-4);
    cit_phantom_free(a);
    cit_phantom_free(b);
}

static void what_cannot_be_is_refused(void **state) {
    (void)state;
    const struct {
        cit_phantom_options o;
        cit_phantom_visit v;
        const char *where;
    } bad[] = {{{.n = -1}, {0}, "n"},
               {{.side_mm = 500}, {0}, "side_mm"},
               {{.side_mm = (double)NAN}, {0}, "side_mm"},
               {{.rows = 9}, {0}, "rows"},
               {{.missing = 0.9}, {0}, "missing"},
               {{.touching = 200}, {0}, "touching"},
               {{.relief_um = HUGE_VAL}, {0}, ""},
               {{0}, {.stretch_um = 5000}, "stretch_um"}};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        cit_phantom *p = NULL;
        cit_errors errs = {0};
        CHECK(cit_phantom_later(&bad[k].o, &bad[k].v, &p, &errs) == CIT_INVALID, "%zu is taken", k);
        CHECK(p == NULL && errs.count == 1, "%zu leaves something", k);
        CHECK(strcmp(errs.items[0].where, bad[k].where) == 0, "%zu blames '%s'", k,
              errs.items[0].where);
    }
}

T_MAIN(CASE(samples_hold_the_volume_that_is_told), CASE(volumes_are_those_of_the_profiles),
       CASE(only_pairs_overlap), CASE(relief_and_noise_have_their_rms), CASE(a_share_is_missing),
       CASE(threads_and_seeds_make_the_bytes), CASE(a_visit_shows_the_same_skin),
       CASE(scars_are_where_a_visit_sees_them), CASE(what_heals_is_less_deep),
       CASE(what_cannot_be_is_refused))
