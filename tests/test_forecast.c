/* The ensemble: determinism, bounds, common random numbers, refusals, and the published studies. */
#include "t.h"
#include <cit/forecast.h>
#include <stdlib.h>
#include <unistd.h>

static cit_errors errs;
static cit_catalogue *catalogue;

static void path_of(char path[512], const char *rest) {
    const char *root = getenv("CIT_SOURCE_ROOT");
    CHECK(root != NULL, "CIT_SOURCE_ROOT must name the source tree");
    snprintf(path, 512, "%s/%s", root, rest);
}

static int open_catalogue(void **state) {
    char path[512];
    (void)state;
    path_of(path, "data");
    return cit_catalogue_load(path, &catalogue, &errs) == CIT_OK ? 0 : 1;
}

static int close_catalogue(void **state) {
    (void)state;
    cit_catalogue_free(catalogue);
    return 0;
}

typedef struct course {
    cit_case *person;
    cit_protocol *protocol;
} course;

static course parse(const char *person, const char *protocol) {
    course c = {0};
    errs = (cit_errors){0};
    cit_status st = cit_case_parse("case", person, strlen(person), &c.person, &errs);
    CHECK(st == CIT_OK, "case: %s %s", errs.items[0].where, errs.items[0].text);
    st = cit_protocol_parse("protocol", protocol, strlen(protocol), &c.protocol, &errs);
    CHECK(st == CIT_OK, "protocol: %s %s", errs.items[0].where, errs.items[0].text);
    st = cit_check_together(c.person, c.protocol, catalogue, &errs);
    CHECK(st == CIT_OK, "together: %s %s", errs.items[0].where, errs.items[0].text);
    return c;
}

static course example(const char *name) {
    char path[512], rest[200];
    course c = {0};
    errs = (cit_errors){0};
    snprintf(rest, sizeof rest, "examples/%s/case.yaml", name);
    path_of(path, rest);
    cit_status st = cit_case_load(path, &c.person, &errs);
    CHECK(st == CIT_OK, "%s: %s", errs.items[0].where, errs.items[0].text);
    snprintf(rest, sizeof rest, "examples/%s/protocol.yaml", name);
    path_of(path, rest);
    st = cit_protocol_load(path, &c.protocol, &errs);
    CHECK(st == CIT_OK, "%s: %s", errs.items[0].where, errs.items[0].text);
    st = cit_check_together(c.person, c.protocol, catalogue, &errs);
    CHECK(st == CIT_OK, "%s: %s", errs.items[0].where, errs.items[0].text);
    return c;
}

static void course_free(course *c) {
    cit_case_free(c->person);
    cit_protocol_free(c->protocol);
}

static cit_forecast *run(const course *c, int draws, int threads, uint64_t seed) {
    const cit_forecast_options how = {.draws = draws, .threads = threads, .seed = seed};
    cit_forecast *f = NULL;
    errs = (cit_errors){0};
    const cit_status st = cit_forecast_run(c->person, c->protocol, catalogue, &how, &f, &errs);
    CHECK(st == CIT_OK, "forecast: %s %s", errs.items[0].where, errs.items[0].text);
    return f;
}

#define PERSON                                                                                     \
    "schema: cit/case/1\nsex: female\nskin_type: III\nzones:\n"                                    \
    "  - {site: cheek, side: left, scars: [{type: rolling, count: 6, width: 5 mm, depth: 0.4 mm}," \
    " {type: boxcar, count: 9, width: 2.5 mm, depth: 0.4 mm},"                                     \
    " {type: ice-pick, count: 12, width: 1 mm, depth: 0.4 mm}]}\n"
#define ROLLER(rest)                                                                               \
    "schema: cit/protocol/1\nwho: physician\ncream: yes\nsettings:\n"                              \
    "  - {device: dermaroller-192, length: 1.5 mm, passes: 15, directions: 4}\nvisits:\n" rest

/* ---- determinism ---------------------------------------------------------------------------- */

static void any_number_of_threads_gives_the_same_bits(void **state) {
    course c = example("lotfi-2013");
    cit_forecast *one = run(&c, 60, 1, 7);
    (void)state;
    for (int threads = 2; threads <= 4; threads += 2) {
        cit_forecast *many = run(&c, 60, threads, 7);
        const size_t size = sizeof(cit_band) * (size_t)(CIT_QUANTITIES * one->weeks);
        CHECK(memcmp(one->bands, many->bands, size) == 0, "%d threads differ in the bands",
              threads);
        for (int g = 0; g < one->group_count; g++)
            CHECK(memcmp(one->groups[g].depth_mm, many->groups[g].depth_mm,
                         sizeof(cit_band) * 3 * (size_t)one->weeks) == 0,
                  "%d threads differ in group %d", threads, g);
        CHECK(memcmp(&one->width_percent, &many->width_percent, sizeof(double)) == 0 &&
                  memcmp(&one->width_known_percent, &many->width_known_percent, sizeof(double)) ==
                      0,
              "%d threads differ in the widths", threads);
        cit_forecast_free(many);
    }
    cit_forecast_free(one);
    course_free(&c);
}

static void another_seed_gives_other_draws(void **state) {
    course c = parse(PERSON, ROLLER("  - {status: planned, count: 2, every: 4 weeks}\n"));
    cit_forecast *a = run(&c, 40, 2, 1), *b = run(&c, 40, 2, 2);
    (void)state;
    CHECK(memcmp(a->bands, b->bands, sizeof(cit_band) * (size_t)(CIT_QUANTITIES * a->weeks)) != 0,
          "two seeds gave the same bands");
    cit_forecast_free(a);
    cit_forecast_free(b);
    course_free(&c);
}

/* Under one seed the same people meet both protocols: what the two share is equal to the bit up to the
 * second visit; after it the integrator's steps are cut at different days, and the difference is its
 * error. */
static void protocols_share_their_people(void **state) {
    course a = parse(PERSON, ROLLER("  - {status: planned, count: 2, every: 4 weeks}\n"));
    course b = parse(PERSON, ROLLER("  - {status: planned, count: 3, every: 4 weeks}\n"));
    cit_forecast *fa = run(&a, 40, 2, 3), *fb = run(&b, 40, 2, 3);
    (void)state;
    for (int week = 0; week <= 8; week++)
        for (int q = CIT_Q_DEPTH_ROLLING; q <= CIT_Q_VOLUME_ALL; q++) {
            const cit_band *x = cit_forecast_band(fa, (cit_quantity)q, week),
                           *y = cit_forecast_band(fb, (cit_quantity)q, week);
            CHECK(week > 4 || memcmp(x, y, sizeof *x) == 0, "week %d of %s differs: %.17g, %.17g",
                  week, cit_quantity_key((cit_quantity)q), x->median, y->median);
            CHECK_CLOSE(x->median, y->median, 1e-2);
        }
    cit_forecast_free(fa);
    cit_forecast_free(fb);
    course_free(&a);
    course_free(&b);
}

/* ---- visits --------------------------------------------------------------------------------- */

static void check_equal(const cit_forecast *a, const cit_forecast *b, const char *what) {
    CHECK(a->weeks == b->weeks, "%s: %d and %d weeks", what, a->weeks, b->weeks);
    CHECK(memcmp(a->bands, b->bands, sizeof(cit_band) * (size_t)(CIT_QUANTITIES * a->weeks)) == 0,
          "%s: the bands differ", what);
}

static void a_done_visit_counts_as_it_was_planned(void **state) {
    course planned = parse(PERSON, ROLLER("  - {status: planned, count: 4, every: 4 weeks}\n"));
    course half_done = parse(PERSON, ROLLER("  - {status: done, count: 2, every: 4 weeks}\n"
                                            "  - {status: planned, after: 4 weeks, count: 2, "
                                            "every: 4 weeks}\n"));
    course dated = parse(PERSON, ROLLER("  - {status: done, date: 2026-01-05}\n"
                                        "  - {status: done, date: 2026-02-02}\n"
                                        "  - {status: planned, date: 2026-03-02}\n"
                                        "  - {status: planned, after: 28 days}\n"));
    cit_forecast *a = run(&planned, 30, 2, 5), *b = run(&half_done, 30, 2, 5),
                 *c = run(&dated, 30, 2, 5);
    (void)state;
    check_equal(a, b, "half done");
    check_equal(a, c, "dated");
    cit_forecast_free(a);
    cit_forecast_free(b);
    cit_forecast_free(c);
    course_free(&planned);
    course_free(&half_done);
    course_free(&dated);
}

static void a_missed_visit_is_time_and_nothing_else(void **state) {
    course missed =
        parse(PERSON, ROLLER("  - {status: done}\n  - {status: missed, after: 4 weeks}\n"
                             "  - {status: planned, after: 4 weeks}\n"));
    course wide = parse(PERSON, ROLLER("  - {status: done}\n"
                                       "  - {status: planned, after: 8 weeks}\n"));
    cit_forecast *a = run(&missed, 30, 2, 5), *b = run(&wide, 30, 2, 5);
    (void)state;
    CHECK(a->visit_count == 2, "%d visits", a->visit_count);
    check_equal(a, b, "missed");
    cit_forecast_free(a);
    cit_forecast_free(b);
    course_free(&missed);
    course_free(&wide);
}

/* ---- shape of the answer --------------------------------------------------------------------- */

static void bands_are_nested_and_begin_at_nothing(void **state) {
    course c = example("severe-scars");
    cit_forecast *f = run(&c, 80, 2, 1);
    (void)state;
    for (int q = 0; q < CIT_QUANTITIES; q++)
        for (int week = 0; week < f->weeks; week++) {
            const cit_band *b = cit_forecast_band(f, (cit_quantity)q, week);
            CHECK(b->lo90 <= b->lo50 && b->lo50 <= b->median && b->median <= b->hi50 &&
                      b->hi50 <= b->hi90,
                  "%s, week %d: bands cross", cit_quantity_key((cit_quantity)q), week);
        }
    for (int q = CIT_Q_DEPTH_ROLLING; q <= CIT_Q_GB_PERCENT; q++) {
        const cit_band *b = cit_forecast_band(f, (cit_quantity)q, 0);
        CHECK(b->lo90 == 0 && b->hi90 == 0, "%s does not begin at 0: %g to %g",
              cit_quantity_key((cit_quantity)q), b->lo90, b->hi90);
    }
    for (int g = 0; g < f->group_count; g++) {
        const cit_group_forecast *r = &f->groups[g];
        CHECK_CLOSE(r->start_deficit_mm.mean + r->start_tether_mm.mean + r->start_open_mm.mean,
                    r->start_depth_mm.mean, 1e-9);
        CHECK_CLOSE(r->depth_mm[0].mean, r->start_depth_mm.mean, 1e-9);
    }
    CHECK(f->odds_two_grades <= f->odds_one_grade, "two grades are likelier than one");
    CHECK_CLOSE(cit_forecast_band(f, CIT_Q_GRADE, 0)->median, 4, 0);
    cit_forecast_free(f);
    course_free(&c);
}

/* V15 in the large: with a device whose needles do not enter, nothing happens to any scar. */
static void needles_that_do_not_enter_change_no_scar(void **state) {
    course c = parse(PERSON, "schema: cit/protocol/1\nwho: home\nsettings:\n"
                             "  - {device: home-roller-short, length: 0.2 mm, passes: 15}\n"
                             "visits:\n  - {status: planned, count: 4, every: 4 weeks}\n");
    cit_forecast *f = run(&c, 60, 2, 1);
    (void)state;
    const cit_band *b = cit_forecast_band(f, CIT_Q_DEPTH_ALL, f->summary_week);
    CHECK(fabs(b->median) < 1.0, "0.2 mm needles lift scars by %g %% at the median", b->median);
    bool told = false;
    for (int i = 0; i < f->note_count; i++) told = told || strstr(f->notes[i], "home") != NULL;
    CHECK(told, "nothing says that home needling is not shown to change scars");
    cit_forecast_free(f);
    course_free(&c);
}

static void bands_widen_where_nothing_is_measured(void **state) {
    course c = example("malik-2024");
    cit_forecast *f = run(&c, 256, 2, 1);
    (void)state;
    const cit_band *then = cit_forecast_band(f, CIT_Q_DEPTH_ALL, f->measured_until_week),
                   *last = cit_forecast_band(f, CIT_Q_DEPTH_ALL, f->weeks - 1);
    CHECK(f->weeks - 1 > f->measured_until_week, "the forecast ends at week %d", f->weeks - 1);
    /* Relative to the gain itself, which fades in the middle of the draws. */
    const double before = (then->hi90 - then->lo90) / then->median,
                 after = (last->hi90 - last->lo90) / last->median;
    CHECK(after > before, "90 %% band %g medians wide at week %d, %g at week %d", before,
          f->measured_until_week, after, f->weeks - 1);
    cit_forecast_free(f);
    course_free(&c);
}

/* However long ago it was won, a gain can be lost only once: without harm no scar is deeper than before.
 * Two per cent are left for the weeks after a visit, in which collagen is broken down before it is laid
 * down; unbounded fading made scars half as deep again. */
static void a_gain_that_fades_leaves_the_scar_as_it_was(void **state) {
    course c = parse(PERSON, ROLLER("  - {status: planned, count: 2, every: 52 weeks}\n"
                                    "  - {status: planned, after: 100 weeks}\n"));
    cit_forecast *f = run(&c, 60, 2, 1);
    (void)state;
    for (int week = 0; week < f->weeks; week++) {
        const cit_band *depth = cit_forecast_band(f, CIT_Q_DEPTH_ALL, week);
        CHECK(depth->lo90 > -2, "week %d: scars %g %% deeper", week, -depth->lo90);
        CHECK(depth->hi90 <= 100, "week %d: %g %% less depth", week, depth->hi90);
    }
    cit_forecast_free(f);
    course_free(&c);
}

static void an_unknown_setting_is_named_among_the_drivers(void **state) {
    course c = example("alam-2014");
    cit_forecast *f = run(&c, 300, 2, 1);
    const cit_driver *length = NULL;
    (void)state;
    for (int i = 0; i < f->driver_count; i++)
        if (strcmp(f->drivers[i].name, "needle_length_mm") == 0) length = &f->drivers[i];
    CHECK(length != NULL && length->unknown_setting, "the unknown needle length is not a driver");
    CHECK(length->share > 0.05, "its share is %g", length->share);
    CHECK(length->high > length->low, "longer needles do not do more: %g, %g", length->low,
          length->high);
    CHECK(f->unknown_setting_count == 2, "%d unknown settings", f->unknown_setting_count);
    CHECK(f->width_known_percent < f->width_percent, "knowing them costs nothing: %g, %g",
          f->width_percent, f->width_known_percent);
    CHECK(f->assumed_share >= 0 && f->assumed_share <= 1, "share %g", f->assumed_share);
    cit_forecast_free(f);
    course_free(&c);
}

static void the_scale_layer_adds_up(void **state) {
    course c = example("malik-2024");
    cit_forecast *f = run(&c, 100, 2, 1);
    (void)state;
    const double scale = f->drift_points + f->open_points;
    CHECK_CLOSE(f->scale_share, scale / (scale + f->geometry_points), 1e-12);
    CHECK(f->open_points > 0, "no open rating although the study does not say it was blinded");
    CHECK_CLOSE(f->start_gb.median, 20.62, 1e-12);
    cit_forecast_free(f);
    course_free(&c);
}

static void a_blinded_rater_adds_no_open_rating(void **state) {
    course c = example("alam-2014");
    cit_forecast *f = run(&c, 60, 2, 1);
    (void)state;
    CHECK(f->open_points == 0, "%g points", f->open_points);
    cit_forecast_free(f);
    course_free(&c);
}

/* ---- published studies ------------------------------------------------------------------------ */

/* Plain needling arms that were published as positive, as far as their settings are known. */
static void no_published_positive_course_loses_collagen_at_the_median(void **state) {
    static const struct {
        const char *id, *setting, *visits;
    } arms[] = {
        {"malik-2024", "{device: unknown, kind: pen, length: 2.0 mm}", "count: 3, every: 4 weeks"},
        {"lotfi-2013", "{device: dermaroller-192, length: 1.5 mm}", "count: 5, every: 4 weeks"},
        {"alam-2014", "{device: dermaroller-192, length: unknown}", "count: 3, every: 2 weeks"},
        {"dogra-2014", "{device: dermaroller-192, length: unknown}", "count: 5, every: 4 weeks"},
        {"minh-2019", "{device: dermaroller-192, length: unknown}", "count: 12, every: 1 week"},
        {"el-domyati-2015", "{device: unknown, length: unknown}", "count: 6, every: 2 weeks"},
        {"al-chalabi-2020", "{device: unknown, kind: pen, length: unknown}",
         "count: 4, every: 6 weeks"},
        {"ishfaq-2022", "{device: unknown, length: unknown}", "count: 6, every: 2 weeks"},
        {"dermapen-2.5", "{device: unknown, kind: pen, length: 2.5 mm}",
         "count: 6, every: 2 weeks"},
        {"asif-2016", "{device: unknown, length: unknown}", "count: 3, every: 4 weeks"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof arms / sizeof *arms; i++) {
        char protocol[400];
        snprintf(protocol, sizeof protocol,
                 "schema: cit/protocol/1\nwho: physician\nsettings:\n  - %s\nvisits:\n"
                 "  - {status: done, %s}\n",
                 arms[i].setting, arms[i].visits);
        course c = parse("schema: cit/case/1\nzones:\n  - {site: cheek, side: both}\n", protocol);
        cit_forecast *f = run(&c, 100, 2, 1);
        const cit_band *collagen = cit_forecast_band(f, CIT_Q_COLLAGEN, f->summary_week),
                       *depth = cit_forecast_band(f, CIT_Q_DEPTH_ALL, f->summary_week);
        printf("# %-16s collagen %+5.1f %%, depth less by %5.1f %%\n", arms[i].id, collagen->median,
               depth->median);
        CHECK(collagen->median > 0, "%s loses collagen: %g %%", arms[i].id, collagen->median);
        CHECK(depth->median > 0, "%s makes scars deeper: %g %%", arms[i].id, depth->median);
        cit_forecast_free(f);
        course_free(&c);
    }
}

static void published_figures_stand_beside_the_forecast(void **state) {
    static const struct {
        const char *example;
        int figures;
    } expected[] = {{"malik-2024", 1}, {"lotfi-2013", 2}, {"alam-2014", 2}, {"severe-scars", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        course c = example(expected[i].example);
        cit_forecast *f = run(&c, 40, 2, 1);
        CHECK(f->comparison_count == expected[i].figures, "%s: %d figures", expected[i].example,
              f->comparison_count);
        for (int j = 0; j < f->comparison_count; j++) {
            const cit_comparison *p = &f->comparisons[j];
            const bool in50 = p->reported >= p->forecast.lo50 && p->reported <= p->forecast.hi50;
            const bool in90 = p->reported >= p->forecast.lo90 && p->reported <= p->forecast.hi90;
            const cit_verdict want = in50 ? CIT_INSIDE_50 : in90 ? CIT_INSIDE_90 : CIT_OUTSIDE_90;
            CHECK(p->verdict == want, "%s: verdict %d, not %d", expected[i].example, p->verdict,
                  want);
        }
        cit_forecast_free(f);
        course_free(&c);
    }
}

/* ---- refusals ------------------------------------------------------------------------------- */

static void expect_refusal(const char *protocol, const char *words) {
    course c = parse(PERSON, protocol);
    const cit_forecast_options how = {.draws = 20, .threads = 1};
    cit_forecast *f = NULL;
    errs = (cit_errors){0};
    const cit_status st = cit_forecast_run(c.person, c.protocol, catalogue, &how, &f, &errs);
    CHECK(st == CIT_INVALID && f == NULL, "status %d", st);
    CHECK(strstr(errs.items[0].text, words) != NULL, "it says '%s'", errs.items[0].text);
    CHECK(strncmp(errs.items[0].where, "protocol:", 9) == 0, "it blames '%s'", errs.items[0].where);
    course_free(&c);
}

static void radiofrequency_is_refused_with_its_reason(void **state) {
    (void)state;
    expect_refusal("schema: cit/protocol/1\nwho: physician\nsettings:\n"
                   "  - {device: rf-49, length: 2.0 mm, passes: 1}\nvisits:\n"
                   "  - {status: planned, count: 3, every: 6 weeks}\n",
                   "no heat");
}

static void punctures_too_sparse_for_a_column_are_refused(void **state) {
    (void)state;
    expect_refusal(
        ROLLER("  - {status: planned, settings: [{device: dermaroller-192, length: 1.5 mm, "
               "density: 2 /cm2}]}\n"),
        "not homogenised");
}

static bool stop_at_once(void *context, double share, const char *what) {
    int *calls = context;
    (void)share;
    (void)what;
    return ++*calls < 3;
}

static void a_stop_ends_the_work_without_a_result(void **state) {
    course c = parse(PERSON, ROLLER("  - {status: planned}\n"));
    int calls = 0;
    const cit_forecast_options how = {
        .draws = 5000, .threads = 2, .progress = {stop_at_once, &calls}};
    cit_forecast *f = NULL;
    (void)state;
    errs = (cit_errors){0};
    const cit_status st = cit_forecast_run(c.person, c.protocol, catalogue, &how, &f, &errs);
    CHECK(st == CIT_CANCELLED && f == NULL, "status %d after %d calls", st, calls);
    course_free(&c);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(any_number_of_threads_gives_the_same_bits),
        CASE(another_seed_gives_other_draws),
        CASE(protocols_share_their_people),
        CASE(a_done_visit_counts_as_it_was_planned),
        CASE(a_missed_visit_is_time_and_nothing_else),
        CASE(bands_are_nested_and_begin_at_nothing),
        CASE(needles_that_do_not_enter_change_no_scar),
        CASE(bands_widen_where_nothing_is_measured),
        CASE(a_gain_that_fades_leaves_the_scar_as_it_was),
        CASE(an_unknown_setting_is_named_among_the_drivers),
        CASE(the_scale_layer_adds_up),
        CASE(a_blinded_rater_adds_no_open_rating),
        CASE(no_published_positive_course_loses_collagen_at_the_median),
        CASE(published_figures_stand_beside_the_forecast),
        CASE(radiofrequency_is_refused_with_its_reason),
        CASE(punctures_too_sparse_for_a_column_are_refused),
        CASE(a_stop_ends_the_work_without_a_result),
    };
    return cmocka_run_group_tests(cases, open_catalogue, close_catalogue);
}
