/* Colour of drawn skin beside drawn charts, whose light, camera and change are known; what must be refused; real photos. */
#include "colour_help.h"
#include "t.h"
#include <cit/report.h>

static const cit_photo_part beside = {230, 40, 200, 200};

static scene small_scene(void) {
    scene s = plain_scene();
    s.width = 440;
    s.height = 250;
    return s;
}

static void set_corners(scene *s, const double (*to)[2]) {
    for (int k = 0; k < 4; k++)
        for (int c = 0; c < 2; c++) s->corner[k][c] = to != NULL ? to[k][c] : 0;
}

static double numbers_of(const cit_colour *c, int i) {
    double v[6];
    memcpy(v, c, sizeof v);
    return v[i];
}

static cit_photo uniform(double r, double g, double b) {
    cit_photo p = {.width = 40, .height = 40, .bits = 16, .linear = true};
    const double rgb[3] = {r, g, b};
    p.rgb = malloc(3 * 1600 * sizeof *p.rgb);
    for (int i = 0; i < 3 * 1600; i++) p.rgb[i] = (uint16_t)lround(65535 * rgb[i % 3]);
    return p;
}

/* ---- exact ---------------------------------------------------------------------------------------- */

static void indices_are_those_of_their_formulas(void **state) {
    (void)state;
    cit_photo p = uniform(0.5, 0.25, 0.125);
    cit_colour_result r;
    cit_errors errs = {0};
    CHECK(cit_colour_of(&p, NULL, NULL, CIT_WHITE_NONE, &r, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    /* Lab by a few lines of Python from IEC 61966-2-1 and CIE 15 */
    CHECK_CLOSE(r.middle.L, 61.14397, 0.002);
    CHECK_CLOSE(r.middle.a, 14.64765, 0.005);
    CHECK_CLOSE(r.middle.b, 27.85575, 0.005);
    CHECK_CLOSE(r.middle.EI, 100 * log10(2), 0.003);
    CHECK_CLOSE(r.middle.MI, 100 * log10(2), 0.003);
    CHECK_CLOSE(r.middle.ITA, 57.29577951 * atan((r.middle.L - 50) / r.middle.b), 1e-6);
    CHECK_CLOSE(r.spread.L, 0, 1e-9);
    CHECK(r.relative && isnan(r.error.L), "a photo without a chart is relative");
    free(p.rgb);
}

static void a_part_outside_or_a_burnt_part_is_refused(void **state) {
    (void)state;
    cit_photo p = uniform(1, 0.5, 0.5);
    cit_colour_result r;
    cit_errors errs = {0};
    const cit_photo_part outside = {30, 0, 20, 20}, tiny = {0, 0, 4, 4};
    CHECK(cit_colour_of(&p, NULL, NULL, CIT_WHITE_NONE, &r, &errs) == CIT_INVALID, "burnt");
    CHECK(strstr(errs.items[0].text, "clipped") != NULL, "'%s'", errs.items[0].text);
    CHECK(cit_colour_of(&p, &outside, NULL, CIT_WHITE_NONE, &r, NULL) == CIT_INVALID, "outside");
    CHECK(cit_colour_of(&p, &tiny, NULL, CIT_WHITE_NONE, &r, NULL) == CIT_INVALID, "tiny");
    CHECK(cit_colour_of(&p, NULL, NULL, CIT_WHITE_CHART, &r, NULL) == CIT_INVALID, "no chart");
    free(p.rgb);
}

/* ---- charts ---------------------------------------------------------------------------------------- */

static void check_found(const scene *s, double most_error) {
    cit_photo p = draw(s);
    cit_chart c;
    cit_errors errs = {0};
    CHECK(cit_chart_find(&p, &c, &errs) == CIT_OK, "%s", errs.items[0].text);
    for (int k = 0; k < 4; k++)
        CHECK(hypot(c.corner[k][0] - s->corner[k][0], c.corner[k][1] - s->corner[k][1]) < 1.5,
              "corner %d at %g, %g", k, c.corner[k][0], c.corner[k][1]);
    CHECK(c.error_mean < most_error, "delta E %g", c.error_mean);
    free(p.rgb);
}

static void a_chart_is_found_from_any_side(void **state) {
    (void)state;
    static const double leaning[4][2] = {{60, 190}, {90, 30}, {200, 60}, {160, 235}},
                        upside_down[4][2] = {{210, 148.9}, {30, 148.9}, {30, 30}, {210, 30}},
                        small[4][2] = {{300, 120}, {390, 130}, {385, 182}, {298, 175}};
    scene s = small_scene();
    check_found(&s, 0.5);
    set_corners(&s, leaning);
    check_found(&s, 0.5);
    set_corners(&s, upside_down);
    check_found(&s, 0.5);
    set_corners(&s, small);
    check_found(&s, 0.5);
}

static void a_chart_is_found_in_bad_light_blur_and_noise(void **state) {
    (void)state;
    scene s = small_scene();
    s.light[0] = 0.9;
    s.light[2] = 0.5;
    s.mix = 0.2;
    s.gradient[0] = 0.3;
    s.noise = 3;
    s.blur = 1.5;
    check_found(&s, 2);
}

static void check_none(const scene *s, const char *what) {
    cit_photo p = draw(s);
    cit_chart c;
    CHECK(cit_chart_find(&p, &c, NULL) == CIT_NOTFOUND, "%s was found", what);
    free(p.rgb);
}

static void nothing_else_is_taken_for_a_chart(void **state) {
    (void)state;
    static const double mirrored[4][2] = {{210, 30}, {30, 30}, {30, 148.9}, {210, 148.9}};
    scene s = small_scene();
    set_corners(&s, NULL);
    check_none(&s, "skin");
    s = small_scene();
    s.shift = 5;
    check_none(&s, "a chart in a wrong order");
    s = small_scene();
    set_corners(&s, mirrored);
    check_none(&s, "a mirrored chart");
}

static void marked_corners_give_what_found_ones_give(void **state) {
    (void)state;
    scene s = small_scene();
    s.mix = 0.15;
    s.light[2] = 0.6;
    cit_photo p = draw(&s);
    cit_chart found, marked;
    CHECK(cit_chart_find(&p, &found, NULL) == CIT_OK, "not found");
    CHECK(cit_chart_at(&p, s.corner, &marked, NULL) == CIT_OK, "not fitted");
    for (int c = 0; c < 3; c++) {
        CHECK_CLOSE(found.white[c], s.light[c], 0.01);
        CHECK_CLOSE(marked.white[c], s.light[c], 0.01);
    }
    CHECK_CLOSE(marked.light_spread, 1, 0.02);
    double line[4][2] = {{10, 10}, {20, 20}, {30, 30}, {40, 40}},
           outside[4][2] = {{400, 10}, {600, 10}, {600, 120}, {400, 120}};
    CHECK(cit_chart_at(&p, line, &marked, NULL) == CIT_INVALID, "a line");
    CHECK(cit_chart_at(&p, outside, &marked, NULL) == CIT_INVALID, "outside");
    free(p.rgb);
}

static void a_chart_that_is_burnt_out_is_refused(void **state) {
    (void)state;
    scene s = small_scene();
    for (int c = 0; c < 3; c++) s.light[c] = 3.5;
    cit_photo p = draw(&s);
    cit_chart chart;
    cit_errors errs = {0};
    CHECK(cit_chart_at(&p, s.corner, &chart, &errs) == CIT_INVALID, "accepted");
    CHECK(strstr(errs.items[0].text, "darker") != NULL, "'%s'", errs.items[0].text);
    free(p.rgb);
}

/* ---- change ---------------------------------------------------------------------------------------- */

typedef struct pair {
    scene scene[2];
    cit_photo photo[2];
    cit_chart chart[2];
    bool found[2];
} pair;

static cit_colour_change compare(pair *p, bool charts, bool relative) {
    cit_colour_change c;
    cit_errors errs = {0};
    for (int i = 0; i < 2; i++) {
        p->photo[i] = draw(&p->scene[i]);
        p->found[i] =
            charts && cit_chart_at(&p->photo[i], p->scene[i].corner, &p->chart[i], NULL) == CIT_OK;
    }
    const cit_status st =
        cit_colour_compare(&p->photo[0], &beside, p->found[0] ? &p->chart[0] : NULL, &p->photo[1],
                           &beside, p->found[1] ? &p->chart[1] : NULL, relative, &c, &errs);
    CHECK(st == CIT_OK, "%s", errs.items[0].text);
    for (int i = 0; i < 2; i++) free(p->photo[i].rgb);
    return c;
}

static pair pair_of(scene s) {
    pair p = {.scene = {s, s}};
    p.scene[1].seed = 2;
    return p;
}

static void true_colour(const double rgb[3], cit_colour *ret) {
    cit_photo p = uniform(rgb[0], rgb[1], rgb[2]);
    cit_colour_result r;
    CHECK(cit_colour_of(&p, NULL, NULL, CIT_WHITE_NONE, &r, NULL) == CIT_OK, "no colour");
    *ret = r.middle;
    free(p.rgb);
}

static double somewhere(uint32_t i, const char *name, double low, double high) {
    return low + (high - low) * drawn_random(11, name, i);
}

/* Other light, camera and noise in each of the photos, uneven light, and skin that changes: how often does the interval hold
 * the change? */
static void intervals_hold_the_change(void **state) {
    (void)state;
    enum { PAIRS = 12, INDICES = 6 };
    int held = 0;
    for (uint32_t n = 0; n < PAIRS; n++) {
        pair p = pair_of(small_scene());
        cit_colour truth[2];
        for (uint32_t i = 0; i < 2; i++) {
            scene *s = &p.scene[i];
            const uint32_t k = 2 * n + i;
            s->pitch = 0;
            s->seed = k + 1;
            s->noise = 1.5;
            s->mix = somewhere(k, "mix", 0, 0.2);
            s->gradient[0] = somewhere(k, "across", -0.1, 0.1);
            s->light[0] = somewhere(k, "red", 0.7, 0.95);
            s->light[2] = somewhere(k, "blue", 0.6, 0.9);
            s->skin[0] = somewhere(n, "skin", 0.3, 0.5) + (i ? somewhere(n, "flush", 0, 0.04) : 0);
            s->skin[1] = 0.55 * s->skin[0];
            true_colour(s->skin, &truth[i]);
        }
        const cit_colour_change c = compare(&p, true, false);
        CHECK(!c.refused && !c.relative, "pair %u: gates %u", n, c.gates);
        for (int i = 0; i < INDICES; i++)
            held += fabs(numbers_of(&c.change, i) - numbers_of(&truth[1], i) +
                         numbers_of(&truth[0], i)) <= numbers_of(&c.half_width, i);
    }
    CHECK(held >= 65, "%d of 72 intervals hold the change", held);
}

static void without_a_chart_change_is_refused_and_relative_when_asked(void **state) {
    (void)state;
    pair p = pair_of(small_scene());
    cit_colour_change c = compare(&p, false, false);
    CHECK(c.refused && c.gates == 1U << CIT_GATE_CHART, "gates %u", c.gates);
    CHECK(strstr(c.reason[CIT_GATE_CHART], "the earlier photo has no colour chart") != NULL, "'%s'",
          c.reason[CIT_GATE_CHART]);
    CHECK(isnan(c.change.EI) && isnan(c.half_width.EI), "a change is shown");
    c = compare(&p, false, true);
    CHECK(!c.refused && c.relative, "not shown as relative");
    CHECK(c.half_width.a > 5 && c.half_width.EI > 8, "a* %g, EI %g", c.half_width.a,
          c.half_width.EI);
}

/* A pair on one side of a limit and one on the other: the gate is open, and shut with a reason. */
static void check_gate(int gate, bool charts, pair *open, pair *shut) {
    cit_colour_change c = compare(open, charts, true);
    CHECK(!(c.gates >> gate & 1), "gate %d is shut: %s", gate, c.reason[gate]);
    c = compare(shut, charts, true);
    CHECK(c.gates >> gate & 1, "gate %d is open; gates %u", gate, c.gates);
    CHECK(c.refused == ((c.gates & ~(1U << CIT_GATE_CHART)) != 0), "gates %u", c.gates);
    CHECK(!c.refused || isnan(c.change.a), "a change is shown");
    CHECK(c.reason[gate][0] != 0, "no reason");
}

static void charts_are_wanted_and_must_fit(void **state) {
    (void)state;
    pair open = pair_of(small_scene()), shut = open;
    for (int i = 0; i < 2; i++) open.scene[i].mix = 0.2;
    shut.scene[1].shift = 5;
    check_gate(CIT_GATE_CHART, true, &open, &shut);
    CHECK(strstr(compare(&shut, true, false).reason[CIT_GATE_CHART], "the later photo is missed") !=
              NULL,
          "another reason");
}

static void blur_shuts_its_gate(void **state) {
    (void)state;
    pair open = pair_of(small_scene()), shut = open;
    open.scene[1].blur = 2;
    shut.scene[1].blur = 2.5;
    check_gate(CIT_GATE_BLUR, true, &open, &shut);
    check_gate(CIT_GATE_BLUR, false, &open, &shut);
}

static void gloss_and_shadow_shut_the_gate_of_exposure(void **state) {
    (void)state;
    pair open = pair_of(small_scene()), shut = open;
    for (int c = 0; c < 3; c++) {
        open.scene[1].skin[c] *= 1.9;
        shut.scene[1].skin[c] *= 2.6;
    }
    open.scene[1].strength = shut.scene[1].strength = 0.12;
    check_gate(CIT_GATE_EXPOSURE, true, &open, &shut);
    open = shut = pair_of(small_scene());
    open.scene[1].skin[0] = 0.012;
    shut.scene[1].skin[0] = 0.0024;
    for (int i = 0; i < 2; i++) {
        scene *s = i ? &shut.scene[1] : &open.scene[1];
        s->skin[1] = s->skin[2] = s->skin[0] / 2;
        s->gradient[1] = 1.2;
    }
    check_gate(CIT_GATE_EXPOSURE, false, &open, &shut);
}

static void uneven_light_shuts_its_gate(void **state) {
    (void)state;
    pair open = pair_of(small_scene()), shut = open;
    open.scene[1].gradient[1] = 0.6;
    shut.scene[1].gradient[1] = 1.4;
    check_gate(CIT_GATE_LIGHT, false, &open, &shut);
    open = shut = pair_of(small_scene());
    open.scene[1].gradient[0] = 1.2; /* along the greys, before the skin shows it */
    shut.scene[1].gradient[0] = 1.4;
    check_gate(CIT_GATE_LIGHT, true, &open, &shut);
}

static void other_light_shuts_the_gate_of_balance(void **state) {
    (void)state;
    pair open = pair_of(small_scene()), shut = open;
    open.scene[1].light[2] = 0.8 / 1.5;
    shut.scene[1].light[2] = 0.8 / 1.7;
    check_gate(CIT_GATE_BALANCE, true, &open, &shut);
    open.scene[1].light[2] = 0.76;
    shut.scene[1].light[2] = 0.4;
    check_gate(CIT_GATE_BALANCE, false, &open, &shut);
}

static void a_step_nearer_shuts_the_gate_of_distance(void **state) {
    (void)state;
    static const double small[4][2] = {{30, 30}, {165, 30}, {165, 119.2}, {30, 119.2}},
                        smaller[4][2] = {{30, 30}, {154, 30}, {154, 111.9}, {30, 111.9}};
    pair open = pair_of(small_scene()), shut = open;
    set_corners(&open.scene[1], small); /* 1.33 times */
    set_corners(&shut.scene[1], smaller);
    check_gate(CIT_GATE_DISTANCE, true, &open, &shut);
    open = shut = pair_of(small_scene());
    open.scene[1].pitch = 11;
    shut.scene[1].pitch = 13.5;
    check_gate(CIT_GATE_DISTANCE, false, &open, &shut);
}

/* A chart turned about its upright: so many degrees make it so much narrower. */
static void turn_chart(scene *s, double degrees) {
    const double right = 30 + 180 * cos(degrees / 57.29577951);
    const double corner[4][2] = {{30, 30}, {right, 30}, {right, 148.9}, {30, 148.9}};
    set_corners(s, corner);
}

static void other_sides_shut_the_gate_of_pose(void **state) {
    (void)state;
    pair open = pair_of(small_scene()), shut = open;
    for (int i = 0; i < 2; i++) {
        turn_chart(&open.scene[i], 32);
        turn_chart(&shut.scene[i], 38);
    }
    check_gate(CIT_GATE_POSE, true, &open, &shut);
    open = shut = pair_of(small_scene());
    turn_chart(&open.scene[1], 17);
    turn_chart(&shut.scene[1], 23);
    check_gate(CIT_GATE_POSE, true, &open, &shut);
}

/* ---- redness --------------------------------------------------------------------------------------- */

static void redness_is_that_of_each_place(void **state) {
    (void)state;
    cit_photo p = uniform(0.5, 0.25, 0.125);
    cit_redness *map = NULL;
    const cit_photo_part part = {4, 8, 32, 24};
    for (int i = 0; i < 1600; i++) {
        const int x = i % 40;
        if (x >= 20) p.rgb[3 * i + 1] = (uint16_t)lround(65535 * 0.4);
        if (i / 40 < 12) p.rgb[3 * i] = 65535; /* clipped */
    }
    CHECK(cit_redness_of(&p, &part, NULL, 8, &map, NULL) == CIT_OK, "no map");
    CHECK(map->width == 8 && map->height == 6 && map->step == 4, "%d x %d", map->width,
          map->height);
    for (int i = 0; i < 48; i++) {
        if (i < 8)
            CHECK(isnan(map->EI[i]), "what is clipped has redness %g", map->EI[i]);
        else
            CHECK_CLOSE(map->EI[i], 100 * log10(i % 8 < 4 ? 2 : 1.25), 0.01);
    }
    cit_redness_free(map);
    free(p.rgb);
}

static void patches_lie_where_they_were_drawn(void **state) {
    (void)state;
    scene s = small_scene();
    cit_photo p = draw(&s);
    cit_chart chart;
    CHECK(cit_chart_at(&p, s.corner, &chart, NULL) == CIT_OK, "no chart");
    for (int k = 0; k < CIT_CHART_PATCHES; k++) {
        double corner[4][2], x = 0, y = 0;
        cit_chart_patch(&chart, k, corner);
        for (int i = 0; i < 4; i++) {
            x += corner[i][0] / 4;
            y += corner[i][1] / 4;
        }
        /* a patch is 1 wide, the next 1.125 off, on 6.625 by 4.375 */
        CHECK_CLOSE(x, 30 + 180 * (0.5 + 1.125 * (k % 6)) / 6.625, 0.01);
        CHECK_CLOSE(y, 30 + 118.9 * (0.5 + 1.125 * (k / 6)) / 4.375, 0.01);
        CHECK_CLOSE(corner[1][0] - corner[0][0], 90 / 6.625, 0.01);
    }
    free(p.rgb);
}

/* ---- told --------------------------------------------------------------------------------------------- */

static int count_of(const char *text, const char *what) {
    int n = 0;
    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what)) n++;
    return n;
}

static void a_refusal_is_told_everywhere_and_no_change_beside_it(void **state) {
    (void)state;
    const scene s = small_scene();
    cit_photo p = draw(&s);
    cit_colour_change change;
    cit_colour_take takes[2] = {{.name = "a, \"b\".png", .day = 0, .photo = &p, .part = beside}};
    char *json = NULL, *csv = NULL, *text = NULL;
    unsigned char *png = NULL;
    size_t size = 0;
    CHECK(cit_colour_of(&p, &beside, NULL, CIT_WHITE_NONE, &takes[0].result, NULL) == CIT_OK, "");
    CHECK(cit_colour_compare(&p, &beside, NULL, &p, &beside, NULL, false, &change, NULL) == CIT_OK,
          "not compared");
    takes[1] = takes[0];
    takes[1].name = "after.png";
    takes[1].change = &change;
    const cit_colour_report r = {"cit", takes, 2};
    CHECK(cit_report_colour_json(&r, &json, NULL) == CIT_OK, "no JSON");
    CHECK(strstr(json, "\"refused\": true") != NULL && strstr(json, "\"CHART\": \"") != NULL, "%s",
          json);
    CHECK(count_of(json, "\"EI\": null") == 4, "%d", count_of(json, "\"EI\": null"));
    CHECK(cit_report_colour_csv(&r, &csv, NULL) == CIT_OK, "no CSV");
    CHECK(count_of(csv, "\n") == 13 && count_of(csv, ",,,refused,CHART\n") == 6, "%s", csv);
    CHECK(count_of(csv, "\"a, \"\"b\"\".png\",") == 6, "%s", csv);
    cit_page *page = cit_page_of_colour(&r);
    CHECK(cit_page_text(page, 100, false, &text, NULL) == CIT_OK, "no page");
    CHECK(strstr(text, "refused, for want of a chart") != NULL &&
              strstr(text, "change (95 %)") == NULL,
          "%s", text);
    CHECK(cit_report_colour_picture(&r, 1, &png, &size, NULL) == CIT_OK, "no picture");
    CHECK(size > 1000 && memcmp(png, "\x89PNG", 4) == 0, "%zu bytes", size);
    CHECK(cit_report_colour_picture(&r, 2, &png, &size, NULL) == CIT_INVALID, "a third");
    cit_page_free(page);
    free(json);
    free(csv);
    free(text);
    free(png);
    free(p.rgb);
}

/* ---- quality ----------------------------------------------------------------------------------------- */

static cit_photo_quality quality(const scene *s) {
    cit_photo p = draw(s);
    cit_photo_quality q;
    CHECK(cit_photo_quality_of(&p, &beside, &q, NULL) == CIT_OK, "no quality");
    free(p.rgb);
    return q;
}

static void the_pattern_tells_the_distance_and_blur_goes_with_it(void **state) {
    (void)state;
    scene s = small_scene();
    const cit_photo_quality here = quality(&s);
    s.blur = 1;
    const cit_photo_quality soft = quality(&s);
    s.blur = 2;
    const cit_photo_quality softer = quality(&s);
    s.blur = 0;
    s.pitch = 13.5;
    const cit_photo_quality nearer = quality(&s);
    CHECK_CLOSE(here.scale, 9, 0.9);
    CHECK_CLOSE(nearer.scale / here.scale, 1.5, 0.15);
    CHECK(softer.blur < soft.blur && soft.blur < here.blur, "blur %g, %g, %g", here.blur, soft.blur,
          softer.blur);
    CHECK_CLOSE(nearer.blur / here.blur, 1, 0.25);
}

/* ---- real --------------------------------------------------------------------------------------------- */

static cit_photo *real_photo(const char *name) {
    char path[4096];
    const char *data = getenv("CIT_DATA"), *root = getenv("CIT_SOURCE_ROOT");
    uint8_t *bytes = NULL;
    size_t size = 0;
    cit_photo *photo = NULL;
    if (data != NULL)
        snprintf(path, sizeof path, "%s/acne-photos/%s", data, name);
    else
        snprintf(path, sizeof path, "%s/../shared/data/acne-photos/%s", root != NULL ? root : ".",
                 name);
    if (cit_file_load(path, (size_t)1 << 26, &bytes, &size, NULL) != CIT_OK) return NULL;
    CHECK(cit_photo_read(path, bytes, size, NULL, &photo, NULL) == CIT_OK, "%s", name);
    free(bytes);
    return photo;
}

/* Two lights on one cheek: as the camera wrote them a* is 7.4 apart. */
static void real_skin_under_two_lights_is_not_called_changed(void **state) {
    (void)state;
    cit_photo *a = real_photo("5-1017-2022-023557.jpg"), *b = real_photo("5-1023-2022-185320.jpg");
    cit_colour_change c;
    cit_chart chart;
    if (a == NULL || b == NULL) {
        printf("# no real photos here (CIT_DATA): nothing is said about them\n");
        skip();
    }
    CHECK(cit_chart_find(a, &chart, NULL) == CIT_NOTFOUND, "a chart in skin");
    CHECK(cit_colour_compare(a, NULL, NULL, b, NULL, NULL, true, &c, NULL) == CIT_OK, "compare");
    CHECK(c.refused && c.gates >> CIT_GATE_BALANCE & 1, "gates %u", c.gates);
    cit_photo_free(a);
    cit_photo_free(b);
}

T_MAIN(CASE(indices_are_those_of_their_formulas), CASE(a_part_outside_or_a_burnt_part_is_refused),
       CASE(a_chart_is_found_from_any_side), CASE(a_chart_is_found_in_bad_light_blur_and_noise),
       CASE(nothing_else_is_taken_for_a_chart), CASE(marked_corners_give_what_found_ones_give),
       CASE(a_chart_that_is_burnt_out_is_refused), CASE(intervals_hold_the_change),
       CASE(without_a_chart_change_is_refused_and_relative_when_asked),
       CASE(charts_are_wanted_and_must_fit), CASE(blur_shuts_its_gate),
       CASE(gloss_and_shadow_shut_the_gate_of_exposure), CASE(uneven_light_shuts_its_gate),
       CASE(other_light_shuts_the_gate_of_balance), CASE(a_step_nearer_shuts_the_gate_of_distance),
       CASE(other_sides_shut_the_gate_of_pose), CASE(redness_is_that_of_each_place),
       CASE(patches_lie_where_they_were_drawn),
       CASE(a_refusal_is_told_everywhere_and_no_change_beside_it),
       CASE(the_pattern_tells_the_distance_and_blur_goes_with_it),
       CASE(real_skin_under_two_lights_is_not_called_changed))
