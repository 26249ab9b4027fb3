/* Scores against faces added up by hand, the panel against the rule it averages, and the feelings
 * of a patient against the shape they must have. */
#include "t.h"
#include <cit/num.h>
#include <cit/outcome.h>

static cit_outcome_params params(void) {
    cit_parameters p;
    cit_parameters_default(&p);
    return p.outcome;
}

/* ---- Goodman and Baron, quantitative -------------------------------------------------------- */

static void goodman_and_baron_add_up_as_by_hand(void **state) {
    static const struct {
        int counts[CIT_GB_ROWS];
        double raised_mm2;
        int score;
    } faces[] = {
        {{0}, 0, 0},
        /* 12 macular: 1 x 2; 7 mild: 1 x 1 */
        {{[CIT_GB_MACULAR] = 12, [CIT_GB_MILD_DISH] = 7}, 0, 2 + 1},
        /* 15 moderate dishes: 2 x 2; 4 shallow pits: 2 x 1; 3 broad ones: 2 x 1 */
        {{[CIT_GB_MODERATE_DISH] = 15, [CIT_GB_PUNCHED_SHALLOW] = 4, [CIT_GB_SHALLOW_BROAD] = 3},
         0,
         4 + 2 + 2},
        /* 25 deep pits of normal base: 3 x 3; 11 of abnormal base: 3 x 2; 1 trough: 3 x 1 */
        {{[CIT_GB_PUNCHED_DEEP_NORMAL] = 25,
          [CIT_GB_PUNCHED_DEEP_ABNORMAL] = 11,
          [CIT_GB_LINEAR] = 1},
         0,
         9 + 6 + 3},
        /* 2 deep and broad: 3 x 1; 22 papules: 2 x 3; 3 cm2 of keloid: 6 */
        {{[CIT_GB_DEEP_BROAD] = 2, [CIT_GB_PAPULAR] = 22}, 300, 3 + 6 + 6},
        /* a mixed face: 21 x 1 -> 3, 9 x 1 -> 1, 20 x 2 -> 4, 10 x 3 -> 3, 12 cm2 -> 12 */
        {{[CIT_GB_MACULAR] = 21,
          [CIT_GB_MILD_DISH] = 9,
          [CIT_GB_MODERATE_DISH] = 20,
          [CIT_GB_LINEAR] = 10},
         1200,
         3 + 1 + 4 + 3 + 12},
        /* nothing but 30 cm2 of keloid */
        {{0}, 3000, 18},
        /* everything at its most: 3 + 3 + 6 + 6 + 6 + 9 + 9 + 9 + 9 + 6 + 18 */
        {{99, 99, 99, 99, 99, 99, 99, 99, 99, 99}, 9999, 84},
    };
    (void)state;
    for (size_t i = 0; i < sizeof faces / sizeof *faces; i++) {
        const int got = cit_gb_score(faces[i].counts, faces[i].raised_mm2);
        CHECK(got == faces[i].score, "face %zu scores %d, not %d", i, got, faces[i].score);
    }
}

static void counts_band_at_1_11_and_21(void **state) {
    static const int weights[CIT_GB_ROWS] = {1, 1, 2, 2, 2, 3, 3, 3, 3, 2};
    static const struct {
        int count, band;
    } rows[] = {{0, 0}, {1, 1}, {10, 1}, {11, 2}, {20, 2}, {21, 3}, {1000, 3}};
    (void)state;
    for (int row = 0; row < CIT_GB_ROWS; row++)
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            int counts[CIT_GB_ROWS] = {0};
            counts[row] = rows[i].count;
            const int got = cit_gb_score(counts, 0);
            CHECK(got == weights[row] * rows[i].band, "%d in row %d score %d, not %d",
                  rows[i].count, row, got, weights[row] * rows[i].band);
        }
}

static void raised_scars_band_at_5_and_20_cm2(void **state) {
    static const struct {
        double mm2;
        int score;
    } rows[] = {{0, 0}, {1, 6}, {499, 6}, {500, 12}, {2000, 12}, {2001, 18}};
    const int none[CIT_GB_ROWS] = {0};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK(cit_gb_score(none, rows[i].mm2) == rows[i].score, "%g mm2 score %d, not %d",
              rows[i].mm2, cit_gb_score(none, rows[i].mm2), rows[i].score);
}

/* ---- Goodman and Baron, qualitative --------------------------------------------------------- */

/* Contour, colour, seen at 50 cm, coverable, flattens: the five answers as bits, from the first. */
static void the_qualitative_grade_of_every_face(void **state) {
    static const int grades[32] = {
        /* no contour: colour alone decides */
        0, 0, 0, 0, 0, 0, 0, 0, /* no colour */
        1, 1, 1, 1, 1, 1, 1, 1, /* colour */
        /* contour, with and without colour: not seen; seen, not coverable, flattening or not;
         * coverable */
        2, 2, 2, 2, 4, 3, 2, 2, /* no colour */
        2, 2, 2, 2, 4, 3, 2, 2, /* colour */
    };
    (void)state;
    for (int i = 0; i < 32; i++) {
        const int got = cit_gb_grade(i & 16, i & 8, i & 4, i & 2, i & 1);
        CHECK(got == grades[i],
              "contour %d, colour %d, seen %d, coverable %d, flattens %d: %d, not %d", i >> 4 & 1,
              i >> 3 & 1, i >> 2 & 1, i >> 1 & 1, i & 1, got, grades[i]);
    }
}

/* ---- ECCA ---------------------------------------------------------------------------------- */

static void ecca_adds_up_as_by_hand(void **state) {
    static const struct {
        int counts[CIT_ECCA_ROWS], score;
    } faces[] = {
        {{0}, 0},
        /* 3 pits: 15 x 1; 12 boxes: 20 x 2 */
        {{[CIT_ECCA_V] = 3, [CIT_ECCA_U] = 12}, 15 + 40},
        /* 25 pits: 15 x 3; 5 boxes: 20 x 2; 2 dishes: 25 x 1 */
        {{25, 5, 2}, 45 + 40 + 25},
        /* 30 dishes: 25 x 3; some elastolysis: 30 x 1 */
        {{[CIT_ECCA_M] = 30, [CIT_ECCA_ELASTOLYSIS] = 4}, 75 + 30},
        /* 6 young raised scars: 40 x 2; 1 old one: 50 x 1 */
        {{[CIT_ECCA_RAISED_YOUNG] = 6, [CIT_ECCA_RAISED_OLD] = 1}, 80 + 50},
        /* 3 (15 + 20 + 25 + 30 + 40 + 50) */
        {{50, 50, 50, 50, 50, 50}, 540},
    };
    (void)state;
    for (size_t i = 0; i < sizeof faces / sizeof *faces; i++)
        CHECK(cit_ecca_score(faces[i].counts) == faces[i].score, "face %zu scores %d, not %d", i,
              cit_ecca_score(faces[i].counts), faces[i].score);
}

static void ecca_counts_band_at_1_5_and_21(void **state) {
    static const int weights[CIT_ECCA_ROWS] = {15, 20, 25, 30, 40, 50};
    static const struct {
        int count, band;
    } rows[] = {{0, 0}, {1, 1}, {4, 1}, {5, 2}, {20, 2}, {21, 3}};
    (void)state;
    for (int row = 0; row < CIT_ECCA_ROWS; row++)
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            int counts[CIT_ECCA_ROWS] = {0};
            counts[row] = rows[i].count;
            CHECK(cit_ecca_score(counts) == weights[row] * rows[i].band,
                  "%d in row %d score %d, not %d", rows[i].count, row, cit_ecca_score(counts),
                  weights[row] * rows[i].band);
        }
}

/* ---- SCAR-S -------------------------------------------------------------------------------- */

static void scar_s_goes_by_what_is_seen_and_where(void **state) {
    static const struct {
        bool any, seen;
        double share;
        bool prominent;
        int grade;
    } rows[] = {
        {false, true, 1, true, 0},    {true, false, 1, true, 1},    {true, true, 0.01, false, 2},
        {true, true, 0.49, true, 2},  {true, true, 0.51, false, 3}, {true, true, 0.89, true, 3},
        {true, true, 0.91, false, 4}, {true, true, 1, false, 4},    {true, true, 1, true, 5},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const int got =
            cit_scar_s_grade(rows[i].any, rows[i].seen, rows[i].share, rows[i].prominent);
        CHECK(got == rows[i].grade, "row %zu: grade %d, not %d", i, got, rows[i].grade);
    }
}

/* ---- the panel ----------------------------------------------------------------------------- */

static cit_panel_scores rate(const cit_outcome_params *p, const cit_face *face) {
    cit_panel_scores s;
    cit_panel_rate(p, face, &s);
    return s;
}

/* One voice: nobody disagrees. */
static cit_outcome_params agreeing(void) {
    cit_outcome_params p = params();
    p.rater_threshold_sd = 0;
    p.rater_count_sd = 0;
    return p;
}

enum { KINDS = 5 };
/* A face with every row that depressed scars can fall in. */
static const cit_looks mixed[KINDS] = {
    {CIT_ROLLING, 12, 0.2, 5},   /* mild dishes */
    {CIT_ROLLING, 3, 0.3, 6},    /* moderate dishes */
    {CIT_ROLLING, 2, 0.6, 8},    /* deep, broad */
    {CIT_BOXCAR, 6, 0.55, 2.5},  /* punched out, deep, of normal base */
    {CIT_ICE_PICK, 25, 0.45, 1}, /* punched out, shallow */
};
static cit_face mixed_face(void) {
    return (cit_face){.scars = mixed,
                      .scar_count = KINDS,
                      .macular = 14,
                      .papular = 4,
                      .raised_mm2 = 600,
                      .area_mm2 = 6000};
}

static void a_panel_of_one_voice_is_the_rule(void **state) {
    const cit_outcome_params p = agreeing();
    const cit_face face = mixed_face();
    const cit_panel_scores s = rate(&p, &face);
    (void)state;
    /* macular 14: 2; mild 12: 2; moderate 3: 2; deep broad 2: 3; deep normal 6: 3; shallow 25: 6;
     * papular 4: 2; raised 6 cm2: 12 */
    CHECK_CLOSE(s.gb, 2 + 2 + 2 + 3 + 3 + 6 + 2 + 12, 0);
    /* V 25: 45; U 6: 40; M 17: 50; one raised: 50 */
    CHECK_CLOSE(s.ecca, 45 + 40 + 50 + 50, 0);
    /* skin within notice (4 mm) of a scar: 12 x 6.5^2 + 3 x 7^2 + 2 x 8^2 + 6 x 5.25^2 + 25 x
     * 4.5^2, times pi, are 4567 mm2 on 6000; at random places they cover 1 - exp(-0.761) = 0.53:
     * grade 3 */
    CHECK_CLOSE(s.scar_s, 3, 0);
    cit_face larger = face; /* on 7000 mm2 they cover 1 - exp(-0.652) = 0.48: grade 2 */
    larger.area_mm2 = 7000;
    CHECK_CLOSE(rate(&p, &larger).scar_s, 2, 0);
    /* count x width x (depth - 0.1 mm) */
    CHECK_CLOSE(s.visibility, 12 * 5 * 0.1 + 3 * 6 * 0.2 + 2 * 8 * 0.5 + 6 * 2.5 * 0.45 + 25 * 0.35,
                1e-13);
}

/* The rule for each kind of scar, one at a time: Goodman and Baron's row weights 1, 2, 2, 2, 3. */
static void depth_and_width_decide_the_row(void **state) {
    static const struct {
        cit_scar_type type;
        double depth, width;
        int weight;
    } rows[] = {
        {CIT_ROLLING, 0.11, 5, 1},  {CIT_ROLLING, 0.24, 5, 1},  {CIT_ROLLING, 0.26, 5, 2},
        {CIT_ROLLING, 0.49, 5, 2},  {CIT_ROLLING, 0.51, 5, 3},  {CIT_BOXCAR, 0.2, 3, 2},
        {CIT_BOXCAR, 0.2, 5.1, 2},  {CIT_BOXCAR, 0.51, 3, 3},   {CIT_BOXCAR, 0.51, 5.1, 3},
        {CIT_ICE_PICK, 0.2, 1, 2},  {CIT_ICE_PICK, 0.51, 1, 3}, {CIT_ROLLING, 0.09, 5, 0},
        {CIT_ICE_PICK, 0.09, 1, 0},
    };
    const cit_outcome_params p = agreeing();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cit_looks scar = {rows[i].type, 3, rows[i].depth, rows[i].width};
        const cit_face face = {.scars = &scar, .scar_count = 1, .area_mm2 = 7000};
        CHECK(rate(&p, &face).gb == rows[i].weight, "row %zu scores %g, not %d", i,
              rate(&p, &face).gb, rows[i].weight);
    }
}

/* Eleven and eleven are one row of 22 (three bands) or two rows of 11 (two bands each). */
static void rows_are_shared_and_kept_apart_as_published(void **state) {
    static const struct {
        cit_looks a, b;
        double score;
    } rows[] = {
        /* small and shallow: one row for pits and boxes, 2 x 3 */
        {{CIT_BOXCAR, 11, 0.3, 3}, {CIT_ICE_PICK, 11, 0.3, 1}, 6},
        /* small and deep: a normal and an abnormal base, 3 x 2 + 3 x 2 */
        {{CIT_BOXCAR, 11, 0.6, 3}, {CIT_ICE_PICK, 11, 0.6, 1}, 12},
        /* shallow boxes under 5 mm and broader: 2 x 2 + 2 x 2 */
        {{CIT_BOXCAR, 11, 0.3, 4.9}, {CIT_BOXCAR, 11, 0.3, 5}, 8},
        /* deep and broad, rolling or boxcar: one row, 3 x 3 */
        {{CIT_ROLLING, 11, 0.6, 6}, {CIT_BOXCAR, 11, 0.6, 6}, 9},
        /* a shallow dish and a shallow broad box: 1 x 2 + 2 x 2 */
        {{CIT_ROLLING, 11, 0.2, 6}, {CIT_BOXCAR, 11, 0.2, 6}, 6},
    };
    const cit_outcome_params p = agreeing();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cit_looks scars[] = {rows[i].a, rows[i].b};
        const cit_face face = {.scars = scars, .scar_count = 2, .area_mm2 = 7000};
        CHECK(rate(&p, &face).gb == rows[i].score, "row %zu scores %g, not %g", i,
              rate(&p, &face).gb, rows[i].score);
    }
}

/* Sixteen raters stand at the middles of equal shares of a lognormal. With only one disagreement,
 * the panel is the mean of sixteen voices. */
static void the_panel_is_the_mean_of_its_raters(void **state) {
    const cit_face face = mixed_face();
    cit_outcome_params depth = params(), count = params();
    cit_panel_scores by_depth = {0}, by_count = {0};
    double gb_least = 84, gb_most = 0;
    (void)state;
    depth.rater_count_sd = 0;
    count.rater_threshold_sd = 0;
    for (int j = 0; j < CIT_PANEL_RATERS; j++) {
        const double z = cit_normal_quantile((j + 0.5) / CIT_PANEL_RATERS);
        cit_outcome_params one = agreeing();
        const double shift = exp(depth.rater_threshold_sd * z), eye = exp(count.rater_count_sd * z);
        one.visible_mm *= shift;
        one.moderate_mm *= shift;
        one.deep_mm *= shift;
        cit_panel_scores s = rate(&one, &face);
        by_depth.gb += s.gb / CIT_PANEL_RATERS;
        by_depth.ecca += s.ecca / CIT_PANEL_RATERS;
        by_depth.scar_s += s.scar_s / CIT_PANEL_RATERS;
        gb_least = fmin(gb_least, s.gb);
        gb_most = fmax(gb_most, s.gb);

        /* a rater whose eye makes more of numbers counts as if there were more */
        cit_looks seen[KINDS];
        for (int i = 0; i < KINDS; i++) {
            seen[i] = mixed[i];
            seen[i].count *= eye;
        }
        cit_face as_seen = face;
        as_seen.scars = seen;
        as_seen.macular *= eye;
        as_seen.papular *= eye;
        one = agreeing();
        s = rate(&one, &as_seen);
        by_count.gb += s.gb / CIT_PANEL_RATERS;
        by_count.ecca += s.ecca / CIT_PANEL_RATERS;
    }
    CHECK(gb_most > gb_least + 3, "raters from %g to %g do not disagree", gb_least, gb_most);
    const cit_panel_scores d = rate(&depth, &face), c = rate(&count, &face);
    CHECK_CLOSE(d.gb, by_depth.gb, 1e-12);
    CHECK_CLOSE(d.ecca, by_depth.ecca, 1e-12);
    CHECK_CLOSE(d.scar_s, by_depth.scar_s, 1e-12);
    CHECK_CLOSE(c.gb, by_count.gb, 1e-12);
    CHECK_CLOSE(c.ecca, by_count.ecca, 1e-12);
    CHECK(d.gb > gb_least && d.gb < gb_most, "the mean %g of %g to %g", d.gb, gb_least, gb_most);
}

/* Among scars of one kind the strictest and the most lenient rater bound the panel. */
static void the_mean_lies_between_the_extremes(void **state) {
    const cit_outcome_params p = params();
    const double z = cit_normal_quantile(0.5 / CIT_PANEL_RATERS); /* -1.86 */
    (void)state;
    for (double depth = 0.06; depth < 0.9; depth += 0.04) {
        const cit_looks scar = {CIT_ROLLING, 9, depth, 6};
        double scores[2];
        for (int i = 0; i < 2; i++) {
            cit_outcome_params one = agreeing();
            const double shift = exp(p.rater_threshold_sd * (i ? z : -z));
            cit_looks seen = scar;
            const cit_face face = {.scars = &seen, .scar_count = 1, .area_mm2 = 7000};
            seen.count *= exp(p.rater_count_sd * (i ? -z : z));
            one.visible_mm *= shift;
            one.moderate_mm *= shift;
            one.deep_mm *= shift;
            scores[i] = rate(&one, &face).gb;
        }
        const cit_face face = {.scars = &scar, .scar_count = 1, .area_mm2 = 7000};
        const double mean = rate(&p, &face).gb;
        CHECK(mean >= scores[0] && mean <= scores[1], "%g mm deep: %g, not from %g to %g", depth,
              mean, scores[0], scores[1]);
    }
}

/* As scars of one kind lift, no rater's score rises. The thresholds of two raters differ by 5.6 %
 * at least (0.35 x 0.157, in the middle), so a fall of 0.3 % takes at most one of them over each of
 * the three depths: of 16 raters, 3 change by at most a full row, 9 points of GB. */
static void scores_fall_smoothly_with_the_depth(void **state) {
    static const cit_scar_type types[] = {CIT_ROLLING, CIT_BOXCAR, CIT_ICE_PICK};
    const cit_outcome_params p = params();
    (void)state;
    for (int t = 0; t < 3; t++) {
        cit_looks scar = {types[t], 30, 1.5, 3};
        const cit_face face = {.scars = &scar, .scar_count = 1, .area_mm2 = 7000};
        cit_panel_scores last = rate(&p, &face);
        int falls = 0;
        CHECK(last.gb == 9, "30 deep scars score %g", last.gb);
        for (; scar.depth_mm > 0.04; scar.depth_mm *= 0.997) {
            const cit_panel_scores s = rate(&p, &face);
            CHECK(s.gb <= last.gb && s.ecca <= last.ecca && s.scar_s <= last.scar_s,
                  "type %d rises at %g mm: %g after %g", types[t], scar.depth_mm, s.gb, last.gb);
            CHECK(last.gb - s.gb <= 3 * 9.0 / CIT_PANEL_RATERS, "type %d drops by %g at %g mm",
                  types[t], last.gb - s.gb, scar.depth_mm);
            CHECK(s.visibility <= last.visibility, "visibility %g after %g", s.visibility,
                  last.visibility);
            falls += s.gb < last.gb;
            last = s;
        }
        CHECK(falls > 25, "type %d falls in %d steps", types[t], falls);
        CHECK(last.gb == 0 && last.ecca == 0 && last.scar_s == 0 && last.visibility == 0,
              "type %d still scores %g, %g, %g, %g", types[t], last.gb, last.ecca, last.scar_s,
              last.visibility);
    }
}

static void macular_marks_are_counted_and_never_lifted(void **state) {
    const cit_outcome_params p = params(), one = agreeing();
    cit_looks scar = {CIT_ROLLING, 8, 0.8, 5};
    cit_face marks = {.macular = 15, .papular = 3, .area_mm2 = 7000}, both = marks;
    (void)state;
    both.scars = &scar;
    both.scar_count = 1;
    const double of_marks = rate(&p, &marks).gb;
    CHECK_CLOSE(rate(&one, &marks).gb, 2 + 2, 0); /* 15 macular, 3 papules */
    CHECK(of_marks > 2 && of_marks < 6, "marks alone score %g", of_marks);
    CHECK_CLOSE(rate(&p, &marks).visibility, 0, 0);
    CHECK_CLOSE(rate(&p, &marks).ecca, 0, 0);
    CHECK(rate(&p, &both).gb > of_marks + 2, "with scars the score is %g", rate(&p, &both).gb);
    scar.depth_mm = 0.01; /* lifted out of sight */
    CHECK_CLOSE(rate(&p, &both).gb, of_marks, 1e-12);
    scar.count = 0;
    CHECK_CLOSE(rate(&p, &both).gb, of_marks, 1e-12);
}

static void a_face_without_scars_scores_nothing(void **state) {
    const cit_outcome_params p = params();
    const cit_face face = {.area_mm2 = 7000};
    const cit_panel_scores s = rate(&p, &face);
    (void)state;
    CHECK(s.gb == 0 && s.ecca == 0 && s.scar_s == 0 && s.visibility == 0, "%g, %g, %g, %g", s.gb,
          s.ecca, s.scar_s, s.visibility);
}

/* ---- the grade later ----------------------------------------------------------------------- */

static void without_change_the_grade_stays(void **state) {
    const cit_outcome_params p = params();
    (void)state;
    for (int grade = 0; grade <= 4; grade++)
        for (double place = 0; place < 1; place += 0.09)
            for (int colour = 0; colour < 2; colour++)
                CHECK(cit_grade_later(&p, grade, place, 1, colour) == grade,
                      "grade %d at place %g becomes %d", grade, place,
                      cit_grade_later(&p, grade, place, 1, colour));
}

/* From the upper end of a grade, one step of grade_ratio brings it down by one; from the middle,
 * half a step does. Just short of the step it is still there. */
static void the_grade_falls_by_one_for_every_ratio(void **state) {
    const cit_outcome_params p = params();
    (void)state;
    for (double place = 0; place < 1; place += 0.25)
        for (int steps = 1; steps <= 2; steps++) {
            const double at = pow(p.grade_ratio, steps - place);
            CHECK(cit_grade_later(&p, 4, place, at * 1.001, false) == 5 - steps,
                  "place %g, %g left: grade %d, not %d", place, at * 1.001,
                  cit_grade_later(&p, 4, place, at * 1.001, false), 5 - steps);
            CHECK(cit_grade_later(&p, 4, place, at * 0.999, false) == 4 - steps,
                  "place %g, %g left: grade %d, not %d", place, at * 0.999,
                  cit_grade_later(&p, 4, place, at * 0.999, false), 4 - steps);
        }
    /* and it rises where scars got deeper, to 4 at most */
    CHECK(cit_grade_later(&p, 3, 0.5, 1.5, false) == 4, "at 1.5 of the visibility: %d",
          cit_grade_later(&p, 3, 0.5, 1.5, false));
    CHECK(cit_grade_later(&p, 4, 0.5, 3, false) == 4, "at 3 times the visibility: %d",
          cit_grade_later(&p, 4, 0.5, 3, false));
}

static void below_2_a_grade_needs_more_than_a_step(void **state) {
    cit_outcome_params p = params();
    (void)state;
    /* From the middle of a grade, 0.59^x left is grade - 0.5 - x: past 1 - flat_steps it is flat. */
    for (p.flat_steps = 0; p.flat_steps <= 1.5; p.flat_steps += 0.5)
        for (int grade = 2; grade <= 3; grade++) {
            const double steps = grade - 0.5 - 1 + p.flat_steps;
            const double at = pow(p.grade_ratio, steps);
            if (at * 0.999 < 0.1) continue; /* gone anyway */
            CHECK(cit_grade_later(&p, grade, 0.5, at * 1.001, true) == 2,
                  "grade %d, %g steps: %d before", grade, p.flat_steps,
                  cit_grade_later(&p, grade, 0.5, at * 1.001, true));
            for (int colour = 0; colour < 2; colour++)
                CHECK(cit_grade_later(&p, grade, 0.5, at * 0.999, colour) == 1,
                      "grade %d, %g steps: %d after", grade, p.flat_steps,
                      cit_grade_later(&p, grade, 0.5, at * 0.999, colour));
        }
}

/* Against many people, one at each place. */
static void the_mean_grade_is_that_of_all_places(void **state) {
    enum { PLACES = 4000 };
    cit_outcome_params p = params();
    (void)state;
    for (p.flat_steps = 0; p.flat_steps < 3; p.flat_steps += 0.7)
        for (int grade = 0; grade <= 4; grade++)
            for (double left = 0; left < 1.6; left += 0.037)
                for (int colour = 0; colour < 2; colour++) {
                    double sum = 0;
                    for (int i = 0; i < PLACES; i++)
                        sum += cit_grade_later(&p, grade, (i + 0.5) / PLACES, left, colour);
                    const double mean = cit_grade_later_mean(&p, grade, left, colour);
                    CHECK(fabs(mean - sum / PLACES) < 4.0 / PLACES, "grade %d at %g: %g, not %g",
                          grade, left, mean, sum / PLACES);
                }
}

static void a_tenth_left_is_flat_whatever_the_steps(void **state) {
    cit_outcome_params p = params();
    (void)state;
    p.flat_steps = 5;
    for (int grade = 2; grade <= 4; grade++) {
        CHECK(cit_grade_later(&p, grade, 0.5, 0.11, true) == 2, "grade %d at 0.11: %d", grade,
              cit_grade_later(&p, grade, 0.5, 0.11, true));
        CHECK(cit_grade_later(&p, grade, 0.5, 0.09, true) == 1, "grade %d at 0.09 with colour: %d",
              grade, cit_grade_later(&p, grade, 0.5, 0.09, true));
        CHECK(cit_grade_later(&p, grade, 0.5, 0.09, false) == 0, "grade %d at 0.09: %d", grade,
              cit_grade_later(&p, grade, 0.5, 0.09, false));
        CHECK(cit_grade_later(&p, grade, 0.5, 0, false) == 0, "grade %d at 0: %d", grade,
              cit_grade_later(&p, grade, 0.5, 0, false));
    }
    for (double left = 0; left < 2; left += 0.1)
        for (int grade = 0; grade < 2; grade++)
            CHECK(cit_grade_later(&p, grade, 0.5, left, true) == grade, "grade %d becomes %d",
                  grade, cit_grade_later(&p, grade, 0.5, left, true));
}

static void the_grade_never_rises_as_scars_lift(void **state) {
    cit_outcome_params p = params();
    (void)state;
    for (p.grade_ratio = 0.35; p.grade_ratio < 0.86; p.grade_ratio += 0.1)
        for (int grade = 2; grade <= 4; grade++) {
            int last = grade;
            for (double left = 1; left > -0.1; left -= 0.01) {
                const int now = cit_grade_later(&p, grade, 0.3, left, true);
                CHECK(now <= last && now >= 1, "grade %d at %g left: %d after %d", grade, left, now,
                      last);
                last = now;
            }
            CHECK(last == 1, "with nothing left but colour: %d", last);
        }
}

/* ---- what a patient feels ------------------------------------------------------------------ */

static void pain_grows_with_length_and_density_up_to_ten(void **state) {
    const cit_outcome_params p = params();
    double last = 0;
    (void)state;
    CHECK_CLOSE(cit_pain(&p, 1.5, 2.5, false), p.pain_scale, 1e-14);
    for (double length = 0.25; length < 4; length += 0.25) {
        const double now = cit_pain(&p, length, 2.5, false);
        CHECK(now > last, "%g mm hurts %g, less than %g", length, now, last);
        last = now;
    }
    last = 0;
    for (double density = 0.1; density < 200; density *= 1.5) {
        const double now = cit_pain(&p, 1.5, density, false),
                     cream = cit_pain(&p, 1.5, density, true);
        CHECK(now > last || now == 10, "%g per mm2 hurts %g, less than %g", density, now, last);
        CHECK(cream < now && cream > 0, "with cream %g, without %g", cream, now);
        CHECK(now <= 10, "pain %g", now);
        if (now < 10) CHECK_CLOSE(cream / now, 1 - p.pain_cream, 1e-14);
        last = now;
    }
    CHECK_CLOSE(last, 10, 0); /* 7.5 (150 / 2.5)^0.1 = 11.3 */
}

static void darker_skin_lays_down_more_pigment(void **state) {
    const cit_outcome_params p = params();
    (void)state;
    CHECK_CLOSE(cit_pigment_rate(&p, 6), p.pigment_rate, 0);
    for (int type = 1; type < 6; type++)
        CHECK_CLOSE(cit_pigment_rate(&p, type) / cit_pigment_rate(&p, type + 1), p.pigment_type,
                    1e-14);
    CHECK(p.pigment_type < 1, "lighter skin gets %g of it", p.pigment_type);
}

static void the_risk_of_a_mark_rises_with_the_load(void **state) {
    const cit_outcome_params p = params();
    double last = 0;
    (void)state;
    CHECK_CLOSE(cit_pigment_risk(&p, 0), 0, 0);
    CHECK_CLOSE(cit_pigment_risk(&p, -1), 0, 0);
    CHECK_CLOSE(cit_pigment_risk(&p, p.pigment_middle), 0.5, 1e-15);
    for (double load = 1e-6; load < 1e3; load *= 2) {
        const double now = cit_pigment_risk(&p, load);
        CHECK(now > last && now <= 1, "a load of %g is a risk of %.17g after %.17g", load, now,
              last);
        last = now;
    }
    /* odds are (load / middle)^steepness: 4 to 1 at twice the middle */
    CHECK_CLOSE(cit_pigment_risk(&p, 2 * p.pigment_middle),
                pow(2, p.pigment_steepness) / (1 + pow(2, p.pigment_steepness)), 1e-15);
}

/* Up to 1 within two days and down to 0 within eight more: below 0.2 from 80 % of the way down. */
static void a_triangle_of_redness_is_seen_until_its_level(void **state) {
    cit_outcome_params p = params();
    const double times[] = {10, 12, 20, 30}, redness[] = {0, 1, 0, 0};
    (void)state;
    p.red_visible = 0.2;
    CHECK_CLOSE(cit_red_days(&p, times, redness, 4), 2 + 0.8 * 8, 1e-14);
    p.red_visible = 0.5;
    CHECK_CLOSE(cit_red_days(&p, times, redness, 4), 2 + 0.5 * 8, 1e-14);
    p.red_visible = 1.01; /* never seen */
    CHECK_CLOSE(cit_red_days(&p, times, redness, 4), 0, 0);
    p.red_visible = 0.2;
    CHECK_CLOSE(cit_red_days(&p, times, redness, 2), 2, 0); /* still red at the last look */
    CHECK_CLOSE(cit_red_days(&p, times, redness, 1), 0, 0);
}

/* The last fall counts, not the first. */
static void redness_that_returns_counts_to_its_last_day(void **state) {
    cit_outcome_params p = params();
    const double times[] = {0, 1, 2, 3, 4, 5}, redness[] = {0, 1, 0, 0.6, 0.2, 0};
    (void)state;
    p.red_visible = 0.4;
    CHECK_CLOSE(cit_red_days(&p, times, redness, 6), 3.5, 1e-14); /* 0.6 to 0.2 passes 0.4 midway */
}

T_MAIN(CASE(goodman_and_baron_add_up_as_by_hand), CASE(counts_band_at_1_11_and_21),
       CASE(raised_scars_band_at_5_and_20_cm2), CASE(the_qualitative_grade_of_every_face),
       CASE(ecca_adds_up_as_by_hand), CASE(ecca_counts_band_at_1_5_and_21),
       CASE(scar_s_goes_by_what_is_seen_and_where), CASE(a_panel_of_one_voice_is_the_rule),
       CASE(depth_and_width_decide_the_row), CASE(rows_are_shared_and_kept_apart_as_published),
       CASE(the_panel_is_the_mean_of_its_raters), CASE(the_mean_lies_between_the_extremes),
       CASE(scores_fall_smoothly_with_the_depth), CASE(macular_marks_are_counted_and_never_lifted),
       CASE(a_face_without_scars_scores_nothing), CASE(without_change_the_grade_stays),
       CASE(the_grade_falls_by_one_for_every_ratio), CASE(below_2_a_grade_needs_more_than_a_step),
       CASE(the_mean_grade_is_that_of_all_places), CASE(a_tenth_left_is_flat_whatever_the_steps),
       CASE(the_grade_never_rises_as_scars_lift),
       CASE(pain_grows_with_length_and_density_up_to_ten), CASE(darker_skin_lays_down_more_pigment),
       CASE(the_risk_of_a_mark_rises_with_the_load),
       CASE(a_triangle_of_redness_is_seen_until_its_level),
       CASE(redness_that_returns_counts_to_its_last_day))
