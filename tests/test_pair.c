/* A later surface against an earlier one: found again where it lies, change where there is some, none where there is
 * none, the same bytes on any number of threads, and what cannot be compared. */
#include "pair_help.h"
#include "t.h"

static cit_errors errs;

/* 20 mm of skin, nine scars. */
static const cit_phantom_options skin = {.seed = 77, .n = 400, .side_mm = 20.48, .rows = 4};

static cit_phantom *phantom_at(const cit_phantom_options *o, const cit_phantom_visit *visit) {
    cit_phantom *p = NULL;
    errs = (cit_errors){0};
    const cit_status st =
        visit != NULL ? cit_phantom_later(o, visit, &p, &errs) : cit_phantom_make(o, &p, &errs);
    CHECK(st == CIT_OK, "%s", errs.items[0].text);
    return p;
}

static cit_pair *pair_of(const cit_phantom *before, const cit_scars *s, const cit_phantom *after,
                         const cit_pair_options *o) {
    cit_pair *p = NULL;
    errs = (cit_errors){0};
    CHECK(cit_pair_make(before->heights, s, after->heights, o, NULL, &p, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    return p;
}

static void scars_free(cit_scars *s) {
    free(s->outline);
    free(s->scar);
    free(s);
}

static void the_same_skin_is_found_where_it_lies(void **state) {
    const cit_phantom_visit visit = {
        .noise_seed = 5, .shift_mm = {0.31, -0.22}, .turn_rad = 0.015, .tilt_um_per_mm = {12, -7}};
    cit_phantom *before = phantom_at(&skin, NULL), *after = phantom_at(&skin, &visit);
    cit_scars *s = true_scars(before);
    cit_pair *p = pair_of(before, s, after, &(cit_pair_options){0});
    (void)state;
    CHECK_CLOSE(p->turn_rad * p->turn_rad, 0.015 * 0.015, 2e-6);
    CHECK_CLOSE(hypot(p->shift_mm[0], p->shift_mm[1]), hypot(0.31, 0.22), 0.001);
    CHECK(p->overlap > 0.9 && p->overlap < 1 && p->residual_um < 6, "%g covered, %g um", p->overlap,
          p->residual_um);
    CHECK(p->lateral_error_um < 1 && p->vertical_error_um < 1, "%g, %g um", p->lateral_error_um,
          p->vertical_error_um);
    int seen = 0;
    for (int i = 0; i < p->count; i++) seen += p->change[i].verdict != CIT_CHANGE_UNSEEN;
    CHECK(seen <= 2 && p->zone.verdict == CIT_CHANGE_UNSEEN, "%d changes of %d in none", seen,
          p->count);
    cit_pair_free(p);
    scars_free(s);
    cit_phantom_free(before);
    cit_phantom_free(after);
}

static void what_healed_is_seen(void **state) {
    double healed[64] = {0}, truth = 0;
    cit_phantom *before = phantom_at(&skin, NULL);
    for (int i = 0; i < before->count; i++) {
        healed[i] = i % 2 == 0 ? 0.2 : -0.1; /* some got deeper */
        truth += healed[i] * before->scar[i].volume_mm3;
    }
    const cit_phantom_visit visit = {.noise_seed = 6,
                                     .shift_mm = {-0.2, 0.1},
                                     .turn_rad = -0.01,
                                     .slow_um = 20,
                                     .stretch_um = 15,
                                     .new_relief_um = 2,
                                     .healed = healed};
    cit_phantom *after = phantom_at(&skin, &visit);
    cit_scars *s = true_scars(before);
    cit_pair *p = pair_of(before, s, after, &(cit_pair_options){0});
    int covered = 0, right = 0, told = 0;
    (void)state;
    for (int i = 0; i < p->count; i++) {
        const cit_change *c = &p->change[i];
        const double change = healed[i] * before->scar[i].volume_mm3;
        if (!cit_known(c->change_mm3)) continue;
        told++;
        covered += change >= c->low_mm3 && change <= c->high_mm3;
        right += c->verdict == (change > 0 ? CIT_CHANGE_BETTER : CIT_CHANGE_WORSE);
        CHECK(c->low_mm3 < c->change_mm3 && c->change_mm3 < c->high_mm3 && c->detectable_mm3 > 0,
              "scar %d: %g (%g to %g)", c->number, c->change_mm3, c->low_mm3, c->high_mm3);
    }
    CHECK(told >= before->count - 3 && covered >= told - 2, "%d of %d intervals hold", covered,
          told);
    CHECK(right >= told - 3, "%d of %d verdicts", right, told);
    CHECK(truth >= p->zone.low_mm3 && truth <= p->zone.high_mm3, "all: %g, not %g to %g", truth,
          p->zone.low_mm3, p->zone.high_mm3);
    cit_pair_free(p);
    scars_free(s);
    cit_phantom_free(before);
    cit_phantom_free(after);
}

/* Waves of 20 mm over two of them, and relief that is new: what an alignment misses of a stretch shows as change of
 * volume. */
static void stretch_is_followed(void **state) {
    const cit_phantom_options large = {.seed = 78, .n = 512};
    const cit_phantom_visit visit = {.noise_seed = 16,
                                     .shift_mm = {0.3, -0.4},
                                     .turn_rad = 0.017,
                                     .slow_um = 50,
                                     .stretch_um = 30,
                                     .new_relief_um = 5};
    cit_phantom *before = phantom_at(&large, NULL), *after = phantom_at(&large, &visit);
    cit_scars *s = true_scars(before);
    cit_pair *p = pair_of(before, s, after, &(cit_pair_options){0});
    double square = 0;
    int seen = 0, told = 0;
    (void)state;
    for (int i = 0; i < before->count; i++) {
        double at[2];
        cit_pair_place(p, before->scar[i].x_mm, before->scar[i].y_mm, at);
        square += pow(at[0] - after->scar[i].x_mm, 2) + pow(at[1] - after->scar[i].y_mm, 2);
        told += cit_known(p->change[i].change_mm3);
        seen += p->change[i].verdict != CIT_CHANGE_UNSEEN;
    }
    const double off_um = 1000 * sqrt(square / before->count);
    CHECK(off_um < 2, "scars are %g um off their places", off_um);
    CHECK(told >= before->count - 3 && seen <= 6 && p->zone.verdict == CIT_CHANGE_UNSEEN,
          "%d changes of %d in none", seen, told);
    cit_pair_free(p);
    scars_free(s);
    cit_phantom_free(before);
    cit_phantom_free(after);
}

static void threads_change_no_byte(void **state) {
    const cit_phantom_visit visit = {.noise_seed = 8, .shift_mm = {0.1, 0.1}};
    cit_phantom *before = phantom_at(&skin, NULL), *after = phantom_at(&skin, &visit);
    cit_scars *s = true_scars(before);
    cit_pair *one = pair_of(before, s, after, &(cit_pair_options){.threads = 1}),
             *three = pair_of(before, s, after, &(cit_pair_options){.threads = 3});
    (void)state;
    CHECK(memcmp(one->difference->um, three->difference->um,
                 sizeof(float) * (size_t)s->nx * (size_t)s->ny) == 0,
          "differences differ");
    for (int i = 0; i < one->count; i++)
        CHECK(
            memcmp(&one->change[i].change_mm3, &three->change[i].change_mm3, sizeof(double)) == 0 &&
                memcmp(&one->change[i].low_mm3, &three->change[i].low_mm3, sizeof(double)) == 0,
            "scar %d: %.17g and %.17g", i, one->change[i].change_mm3, three->change[i].change_mm3);
    cit_pair_free(one);
    cit_pair_free(three);
    scars_free(s);
    cit_phantom_free(before);
    cit_phantom_free(after);
}

/* Narrow waves without a scar, on two pitches and on a hard form: nothing that a Gaussian of 0.3 mm would leave. */
static void fine_relief_alone_is_enough(void **state) {
    static const cit_phantom_options bare[] = {
        {.seed = 79, .n = 125, .side_mm = 10, .rows = -1},
        {.seed = 79, .n = 250, .side_mm = 10, .rows = -1},
        {.seed = 79, .n = 300, .side_mm = 12, .rows = -1, .hard_form = true, .noise_um = 4},
        {.seed = 79, .n = 500, .side_mm = 20, .rows = -1, .hard_form = true, .noise_um = 4}};
    const cit_phantom_visit visit = {
        .noise_seed = 16, .shift_mm = {0.3, -0.4}, .turn_rad = -0.017, .tilt_um_per_mm = {5, 8}};
    (void)state;
    for (size_t k = 0; k < sizeof bare / sizeof *bare; k++) {
        cit_phantom_options elsewhere = bare[k];
        elsewhere.seed++;
        const double middle = 0.5 * bare[k].side_mm;
        cit_phantom *before = phantom_at(&bare[k], NULL), *after = phantom_at(&bare[k], &visit),
                    *other = phantom_at(&elsewhere, NULL);
        cit_scars *s = true_scars(before);
        cit_pair *p = pair_of(before, s, after, &(cit_pair_options){0}), *none = NULL;
        double at[2];
        cit_pair_place(p, middle + 3, middle, at);
        CHECK_CLOSE(at[0], middle + 0.3 + 3 * cos(0.017), 0.003);
        CHECK_CLOSE(at[1], middle - 0.4 - 3 * sin(0.017), 0.003);
        CHECK(p->match > 0.95, "match %g", p->match);
        errs = (cit_errors){0};
        CHECK(cit_pair_make(before->heights, s, other->heights, &(cit_pair_options){0}, NULL, &none,
                            &errs) == CIT_DIVERGED &&
                  none == NULL,
              "other skin is taken for the same");
        cit_pair_free(p);
        scars_free(s);
        cit_phantom_free(before);
        cit_phantom_free(after);
        cit_phantom_free(other);
    }
}

/* Half a map away and upside down. */
static void far_apart_is_found_when_asked(void **state) {
    const cit_phantom_visit visit = {
        .noise_seed = 9, .shift_mm = {2.5, -1.5}, .turn_rad = 3.14159265 - 0.3};
    cit_phantom *before = phantom_at(&skin, NULL), *after = phantom_at(&skin, &visit);
    cit_scars *s = true_scars(before);
    cit_pair *p = pair_of(before, s, after, &(cit_pair_options){.search = true});
    (void)state;
    CHECK_CLOSE(fabs(p->turn_rad), 3.14159265 - 0.3, 0.001);
    CHECK(p->residual_um < 6, "%g um differ", p->residual_um);
    cit_pair_free(p);
    scars_free(s);
    cit_phantom_free(before);
    cit_phantom_free(after);
}

static void other_skin_is_refused(void **state) {
    cit_phantom_options elsewhere = skin;
    elsewhere.seed = 1234;
    cit_phantom *before = phantom_at(&skin, NULL), *other = phantom_at(&elsewhere, NULL);
    cit_scars *s = true_scars(before);
    cit_pair *p = NULL;
    (void)state;
    errs = (cit_errors){0};
    CHECK(cit_pair_make(before->heights, s, other->heights, &(cit_pair_options){0}, NULL, &p,
                        &errs) != CIT_OK &&
              p == NULL,
          "other skin is taken for the same: match %g", p->match);
    for (size_t i = 0; i < (size_t)s->nx * (size_t)s->ny; i++) other->heights->um[i] = NAN;
    errs = (cit_errors){0};
    CHECK(cit_pair_make(before->heights, s, other->heights, &(cit_pair_options){0}, NULL, &p,
                        &errs) != CIT_OK,
          "nothing is taken for something");
    scars_free(s);
    cit_phantom_free(before);
    cit_phantom_free(other);
}

/* The same skin with half as many samples down the map, each the mean of two. */
static cit_heights *oblong_of(const cit_heights *z) {
    cit_heights *ret = NULL;
    errs = (cit_errors){0};
    CHECK(cit_heights_new(z->nx, z->ny / 2, z->dx_mm, 2 * z->dy_mm, &ret, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    for (int j = 0; j < ret->ny; j++)
        for (int i = 0; i < z->nx; i++) {
            const float *from = z->um + (size_t)(2 * j) * (size_t)z->nx + (size_t)i;
            ret->um[(size_t)j * (size_t)z->nx + (size_t)i] = 0.5F * (from[0] + from[z->nx]);
        }
    return ret;
}

static int not_covered(const cit_pair *p, const cit_phantom *before, double healed) {
    int missed = 0;
    for (int i = 0; i < p->count; i++) {
        const double change = healed * before->scar[i].volume_mm3;
        missed += cit_known(p->change[i].change_mm3) &&
                  !(change >= p->change[i].low_mm3 && change <= p->change[i].high_mm3);
    }
    return missed;
}

/* Before at 51 um, after at 32 um, and at 51 by 102 um: places and changes do not depend on who took samples where. */
static void pitches_may_differ(void **state) {
    double healed[64];
    for (int i = 0; i < 64; i++) healed[i] = 0.15;
    const cit_phantom_visit visit = {
        .noise_seed = 11, .shift_mm = {0.2, 0.15}, .turn_rad = 0.01, .healed = healed};
    cit_phantom_options finer = skin;
    finer.n = 640;
    cit_phantom *before = phantom_at(&skin, NULL), *fine = phantom_at(&finer, &visit),
                *alike = phantom_at(&skin, &visit);
    cit_phantom oblong = {.heights = oblong_of(alike->heights)};
    cit_scars *s = true_scars(before);
    const cit_phantom *const afters[] = {fine, &oblong};
    (void)state;
    for (int k = 0; k < 2; k++) {
        cit_pair *p = pair_of(before, s, afters[k], &(cit_pair_options){0});
        for (int i = 0; i < before->count; i++) {
            double at[2];
            cit_pair_place(p, before->scar[i].x_mm, before->scar[i].y_mm, at);
            CHECK_CLOSE(at[0], alike->scar[i].x_mm, 0.003);
            CHECK_CLOSE(at[1], alike->scar[i].y_mm, 0.003);
        }
        CHECK(not_covered(p, before, 0.15) <= 2, "pitch %d: %d intervals miss", k,
              not_covered(p, before, 0.15));
        cit_pair_free(p);
    }
    cit_heights_free(oblong.heights);
    scars_free(s);
    cit_phantom_free(before);
    cit_phantom_free(fine);
    cit_phantom_free(alike);
}

/* 4 mm to the side with holes: what is not shown whole is not told, what is told is right. */
static void what_is_not_shown_is_not_told(void **state) {
    cit_phantom_options holes = skin;
    holes.missing = 0.013;
    const cit_phantom_visit visit = {.noise_seed = 12, .shift_mm = {4, 0}};
    cit_phantom *before = phantom_at(&skin, NULL), *after = phantom_at(&holes, &visit);
    cit_scars *s = true_scars(before);
    cit_pair *p = pair_of(before, s, after, &(cit_pair_options){.search = true});
    int told = 0;
    (void)state;
    CHECK(p->overlap > 0.65 && p->overlap < 0.81, "%g covered", p->overlap);
    for (int i = 0; i < p->count; i++) {
        const bool known = cit_known(p->change[i].change_mm3),
                   gone = before->scar[i].x_mm + before->scar[i].radius_mm + 4 > skin.side_mm;
        told += known;
        CHECK(!(known && gone), "scar %d is not shown and told", i);
        CHECK(known || p->change[i].verdict == CIT_CHANGE_UNSEEN, "scar %d", i);
    }
    CHECK(told >= 6 && not_covered(p, before, 0) <= 2, "%d told, %d intervals miss", told,
          not_covered(p, before, 0));
    cit_pair_free(p);
    scars_free(s);
    cit_phantom_free(before);
    cit_phantom_free(after);
}

/* None, and one alone: that one has an interval all the same. */
static void few_scars_are_enough(void **state) {
    const cit_phantom_visit visit = {.noise_seed = 13, .shift_mm = {0.1, 0.2}};
    cit_phantom *before = phantom_at(&skin, NULL), *after = phantom_at(&skin, &visit);
    cit_scars *s = true_scars(before);
    (void)state;
    for (int count = 0; count <= 1; count++) {
        s->count = count;
        for (size_t i = 0; i < (size_t)s->nx * (size_t)s->ny; i++)
            if (s->outline[i] > count) s->outline[i] = 0;
        cit_pair *p = pair_of(before, s, after, &(cit_pair_options){0});
        CHECK(p->count == count && p->match > 0.95, "%d changes, match %g", p->count, p->match);
        CHECK(count == 0 || p->change[0].high_mm3 > p->change[0].low_mm3, "no interval");
        cit_pair_free(p);
        if (count == 0) {
            scars_free(s);
            s = true_scars(before);
        }
    }
    scars_free(s);
    cit_phantom_free(before);
    cit_phantom_free(after);
}

static double half_of(const cit_change *c) { return 0.5 * (c->high_mm3 - c->low_mm3); }

/* Both add to the variance: the gain's error times the change, what repeats scatter times the area. */
static void gain_and_repeats_widen(void **state) {
    double healed[64];
    for (int i = 0; i < 64; i++) healed[i] = 0.3;
    const cit_phantom_visit visit = {.noise_seed = 14, .shift_mm = {0.1, 0}, .healed = healed};
    const double tiny = 1e-9;
    cit_phantom *before = phantom_at(&skin, NULL), *after = phantom_at(&skin, &visit);
    cit_scars *s = true_scars(before);
    cit_pair *plain = pair_of(before, s, after, &(cit_pair_options){.gain_error = tiny}),
             *gain = pair_of(before, s, after, &(cit_pair_options){.gain_error = 0.1}),
             *more = pair_of(before, s, after, &(cit_pair_options){.gain_error = 0.2}),
             *repeat = pair_of(before, s, after,
                               &(cit_pair_options){.gain_error = tiny, .repeat_sd_mm3 = 0.01});
    (void)state;
    for (int i = 0; i < s->count; i++) {
        const double a = half_of(&plain->change[i]), b = half_of(&gain->change[i]),
                     c = half_of(&more->change[i]);
        if (!cit_known(a)) continue;
        CHECK_CLOSE((c * c - a * a) / (b * b - a * a), 4, 1e-3);
        CHECK(b > 1.9 * 0.1 * gain->change[i].change_mm3, "scar %d: %g", i, b);
        CHECK(repeat->change[i].detectable_mm3 > plain->change[i].detectable_mm3 &&
                  gain->change[i].detectable_mm3 == plain->change[i].detectable_mm3,
              "scar %d: %g could be seen", i, repeat->change[i].detectable_mm3);
    }
    cit_pair_free(plain);
    cit_pair_free(gain);
    cit_pair_free(more);
    cit_pair_free(repeat);
    scars_free(s);
    cit_phantom_free(before);
    cit_phantom_free(after);
}

/* Noise alone says nothing of where it lies; samples five times apart are not compared. */
static void noise_and_far_pitches_are_refused(void **state) {
    cit_phantom_options bare = skin, coarse = skin;
    bare.relief_um = -1;
    bare.rows = -1;
    coarse.n = 80;
    const cit_phantom_visit visit = {.noise_seed = 15};
    cit_phantom *before = phantom_at(&bare, NULL), *after = phantom_at(&bare, &visit),
                *far = phantom_at(&coarse, &visit);
    cit_scars *s = true_scars(before);
    cit_pair *p = NULL;
    (void)state;
    errs = (cit_errors){0};
    CHECK(cit_pair_make(before->heights, s, after->heights, &(cit_pair_options){0}, NULL, &p,
                        &errs) == CIT_DIVERGED &&
              p == NULL,
          "noise is taken for skin");
    errs = (cit_errors){0};
    CHECK(cit_pair_make(before->heights, s, far->heights, &(cit_pair_options){0}, NULL, &p,
                        &errs) == CIT_INVALID &&
              p == NULL,
          "pitches: %s", errs.items[0].text);
    scars_free(s);
    cit_phantom_free(before);
    cit_phantom_free(after);
    cit_phantom_free(far);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(the_same_skin_is_found_where_it_lies),
        CASE(what_healed_is_seen),
        CASE(stretch_is_followed),
        CASE(threads_change_no_byte),
        CASE(fine_relief_alone_is_enough),
        CASE(far_apart_is_found_when_asked),
        CASE(other_skin_is_refused),
        CASE(pitches_may_differ),
        CASE(what_is_not_shown_is_not_told),
        CASE(few_scars_are_enough),
        CASE(gain_and_repeats_widen),
        CASE(noise_and_far_pitches_are_refused),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
