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
    printf("# match %g\n", p->match);
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

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(the_same_skin_is_found_where_it_lies),
        CASE(what_healed_is_seen),
        CASE(threads_change_no_byte),
        CASE(far_apart_is_found_when_asked),
        CASE(other_skin_is_refused),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
