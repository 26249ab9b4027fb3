/* Zones of shapes: heights of surfaces that are known, whichever way the shape lies. */
#include "scan_help.h"
#include <cit/relief.h>

#define PI 3.14159265358979323846

/* ---- shapes of known surfaces ------------------------------------------------------------------ */

typedef double surface(double x, double y);

static double plain(double x, double y) { return 0.3 * x - 0.2 * y; }
static double ball(double x, double y) { return sqrt(80 * 80 - x * x - y * y) - 80; }
static double waves(double x, double y) { return (void)y, 0.1 * sin(2 * PI * x / 2); }
static double level(double x, double y) { return (void)x, (void)y, 0; }
/* A boxcar scar of 3 mm, 0.8 mm deep, whose wall is one triangle wide. */
static double boxcar(double x, double y) { return hypot(x, y) < 1.5 ? -0.8 : 0; }

/* A turn about an axis that is none of the shape's. */
typedef struct turn {
    double m[3][3], shift[3];
} turn;

static const turn still = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, {0, 0, 0}};

static turn turn_by(double angle) {
    const double k[3] = {2 / 3.0, -1 / 3.0, 2 / 3.0}, c = cos(angle), s = sin(angle);
    turn t = {.shift = {12, -340, 77}};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            const double wedge = j == (i + 1) % 3   ? -k[(i + 2) % 3]
                                 : j == (i + 2) % 3 ? k[(i + 1) % 3]
                                                    : 0;
            t.m[i][j] = (i == j ? c : 0) + (1 - c) * k[i] * k[j] + s * wedge;
        }
    return t;
}

static void moved(const turn *t, const double p[3], bool is_place, double ret[3]) {
    for (int i = 0; i < 3; i++)
        ret[i] = t->m[i][0] * p[0] + t->m[i][1] * p[1] + t->m[i][2] * p[2] +
                 (is_place ? t->shift[i] : 0);
}

static cit_shape *shape_new(size_t points, size_t triangles) {
    cit_shape *s = calloc(1, sizeof *s);
    s->points = points;
    s->triangles = triangles;
    s->xyz = calloc(3 * points, sizeof *s->xyz);
    s->corners = triangles > 0 ? calloc(3 * triangles, sizeof *s->corners) : NULL;
    return s;
}

static void put_point(cit_shape *s, size_t i, const turn *t, double x, double y, double z) {
    const double p[3] = {x, y, z};
    double q[3];
    moved(t, p, false, q);
    for (size_t k = 0; k < 3; k++) {
        s->middle_mm[k] = t->shift[k];
        s->xyz[3 * i + k] = (float)q[k];
    }
}

/* n x n points of a surface at that pitch, as a mesh (two triangles a square) or as a cloud; noise in mm. */
static cit_shape *grid_of(surface *f, int n, double pitch, const turn *t, bool mesh, double noise) {
    const size_t side = (size_t)n;
    cit_shape *s = shape_new(side * side, mesh ? 2 * (side - 1) * (side - 1) : 0);
    int *c = s->corners;
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++) {
            const double x = (i - (n - 1) / 2.0) * pitch, y = (j - (n - 1) / 2.0) * pitch;
            const double u = cit_random(1, (uint32_t)j, 1, (uint32_t)i);
            put_point(s, (size_t)i + (size_t)j * side, t, x, y,
                      f(x, y) + noise * cit_normal_quantile(u));
            if (!mesh || i + 1 == n || j + 1 == n) continue;
            const int a = i + j * n, square[6] = {a, a + 1, a + n + 1, a, a + n + 1, a + n};
            memcpy(c, square, sizeof square);
            c += 6;
        }
    return s;
}

static cit_relief_zone zone_of(const cit_shape *s, const turn *t, double side, double pitch) {
    const double top[3] = {0, 1, 0}, at[3] = {0, 0, 0}, out[3] = {0, 0, 1};
    cit_relief_zone_options o = {.side_mm = side, .pitch_mm = pitch};
    cit_relief_zone z = {0};
    cit_errors errs = {0};
    moved(t, at, true, o.at_mm);
    moved(t, top, false, o.up);
    if (s->triangles == 0 && s->normals == NULL) moved(t, out, false, o.outside);
    CHECK(cit_relief_from_shape(s, &o, &z, &errs) == CIT_OK, "%s", errs.items[0].text);
    return z;
}

static double height(const cit_relief_zone *z, int i, int j) {
    const cit_heights *h = z->heights;
    return (h->zero_um + (double)h->um[(size_t)i + (size_t)j * (size_t)h->nx]) / 1000;
}

/* The place of a sample, in the shape's own coordinates with the turn undone. */
static void place_of(const cit_relief_zone *z, const turn *t, int i, int j, double ret[3]) {
    const double u = (i + 0.5) * z->heights->dx_mm, v = (j + 0.5) * z->heights->dy_mm;
    double p[3];
    for (int k = 0; k < 3; k++)
        p[k] = z->origin_mm[k] + u * z->x[k] + v * z->y[k] + height(z, i, j) * z->normal[k] -
               t->shift[k];
    for (int k = 0; k < 3; k++) ret[k] = t->m[0][k] * p[0] + t->m[1][k] * p[1] + t->m[2][k] * p[2];
}

/* How far the samples lie off the surface, along z; mm. */
static double worst_off(const cit_relief_zone *z, const turn *t, surface *f) {
    double worst = 0;
    CHECK(z->heights->missing == 0, "%zu are missing", z->heights->missing);
    for (int j = 0; j < z->heights->ny; j++)
        for (int i = 0; i < z->heights->nx; i++) {
            double p[3];
            place_of(z, t, i, j, p);
            worst = fmax(worst, fabs(p[2] - f(p[0], p[1])));
        }
    return worst;
}

/* ---- meshes ------------------------------------------------------------------------------------ */

static void a_plane_is_flat_whichever_way_it_lies(void **state) {
    (void)state;
    for (int k = 0; k < 4; k++)
        for (int mesh = 0; mesh < 2; mesh++) {
            const turn t = k == 0 ? still : turn_by(k);
            cit_shape *s = grid_of(plain, 61, 0.5, &t, mesh == 1, 0);
            cit_relief_zone z = zone_of(s, &t, 15, 0.2);
            const double n[3] = {-0.3, 0.2, 1}, length = sqrt(1.13);
            double turned[3];
            moved(&t, n, false, turned);
            for (int i = 0; i < 3; i++)
                CHECK_CLOSE(fabs(z.normal[i]), fabs(turned[i] / length), 2e-6);
            for (int i = 0; i < 75 * 75; i++) CHECK_CLOSE(height(&z, i % 75, i / 75), 0, 5e-6);
            CHECK_CLOSE(worst_off(&z, &t, plain), 0, 1e-5);
            cit_heights_free(z.heights);
            cit_shape_free(s);
        }
}

/* Triangles of a sphere lie inside it by up to their circumradius squared over its diameter. */
static void a_ball_of_triangles_lies_within_their_sag(void **state) {
    (void)state;
    for (int k = 0; k < 2; k++) {
        const double pitch = k == 0 ? 1 : 0.5, sag = pitch * pitch / 2 / 160;
        const turn t = turn_by(2);
        cit_shape *s = grid_of(ball, k == 0 ? 41 : 81, pitch, &t, true, 0);
        cit_relief_zone z = zone_of(s, &t, 20, 0.1);
        const double off = worst_off(&z, &t, ball);
        CHECK(off > 0.8 * sag && off < 1.1 * sag, "%g mm off, sag %g", off, sag);
        CHECK_CLOSE(z.spacing_mm, pitch, 0.01 * pitch);
        cit_heights_free(z.heights);
        cit_shape_free(s);
    }
}

/* Bytes differ, as floats do; heights do not. */
static void a_turned_shape_gives_the_same_heights(void **state) {
    (void)state;
    for (int mesh = 0; mesh < 2; mesh++) {
        cit_shape *a = grid_of(ball, 61, 0.5, &still, mesh == 1, 0.02);
        cit_relief_zone y = zone_of(a, &still, 15.2, 0.25);
        for (int k = 1; k < 4; k++) {
            const turn t = turn_by(1.3 * k);
            cit_shape *b = grid_of(ball, 61, 0.5, &t, mesh == 1, 0.02);
            cit_relief_zone z = zone_of(b, &t, 15.2, 0.25);
            for (int i = 0; i < 60 * 60; i++)
                CHECK_CLOSE(height(&z, i % 60, i / 60), height(&y, i % 60, i / 60), 2e-5);
            cit_heights_free(z.heights);
            cit_shape_free(b);
        }
        cit_heights_free(y.heights);
        cit_shape_free(a);
    }
}

static void walls_of_scars_are_followed(void **state) {
    (void)state;
    cit_shape *s = grid_of(boxcar, 201, 0.05, &still, true, 0);
    cit_relief_zone z = zone_of(s, &still, 8, 0.02);
    CHECK(z.heights->missing == 0, "%zu are missing", z.heights->missing);
    CHECK_CLOSE(height(&z, 200, 200) - height(&z, 5, 5), -0.8, 1e-5);
    cit_heights_free(z.heights);
    cit_shape_free(s);
}

/* A slab of 0.5 mm whose back faces away, and a second slab 3 mm below. */
static void the_sheet_that_was_asked_for_is_given(void **state) {
    (void)state;
    for (int below = 0; below < 2; below++) {
        cit_shape *one = grid_of(level, 41, 0.5, &still, true, 0);
        cit_shape *s = shape_new(4 * one->points, 4 * one->triangles);
        for (size_t k = 0; k < 4; k++) {
            const double z = (double[]){0, -0.5, -3, -3.5}[k];
            for (size_t i = 0; i < one->points; i++)
                put_point(s, k * one->points + i, &still, (double)one->xyz[3 * i],
                          (double)one->xyz[3 * i + 1], z);
            for (size_t i = 0; i < 3 * one->triangles; i++) {
                const size_t back =
                    k % 2 == 1 && i % 3 > 0 ? i + (i % 3 == 1 ? 1 : 0) - (i % 3 == 2) : i;
                s->corners[3 * k * one->triangles + i] =
                    one->corners[back] + (int)(k * one->points);
            }
        }
        const cit_relief_zone_options o = {
            .at_mm = {0.1, 0.1, below ? -2.8 : 0.4}, .side_mm = 10, .pitch_mm = 0.5};
        cit_relief_zone z = {0};
        CHECK(cit_relief_from_shape(s, &o, &z, NULL) == CIT_OK, "refused");
        CHECK(z.heights->missing == 0, "%zu are missing", z.heights->missing);
        CHECK_CLOSE(z.origin_mm[2] + height(&z, 3, 3), below ? -3 : 0, 1e-6);
        CHECK_CLOSE(z.normal[2], 1, 1e-6);
        cit_heights_free(z.heights);
        cit_shape_free(s);
        cit_shape_free(one);
    }
}

/* A gap of 1.5 mm is passed over and stays missing; what lies beyond one of 4 mm is not taken for the same sheet. */
static void holes_stay_missing(void **state) {
    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        cit_shape *s = grid_of(level, 41, 0.5, &still, true, 0);
        const double gap = wide ? 4 : 1.5;
        size_t kept = 0;
        for (size_t i = 0; i < s->triangles; i++) {
            const int *c = s->corners + 3 * i;
            double low = (double)INFINITY, high = -(double)INFINITY;
            for (int k = 0; k < 3; k++) {
                low = fmin(low, (double)s->xyz[3 * c[k]]);
                high = fmax(high, (double)s->xyz[3 * c[k]]);
            }
            if (high > 3 && low < 3 + gap) continue;
            memmove(s->corners + 3 * kept++, c, 3 * sizeof *c);
        }
        s->triangles = kept;
        cit_relief_zone z = zone_of(s, &still, 16, 0.25);
        const cit_heights *h = z.heights;
        CHECK(h->missing == 64 * (size_t)((wide ? 5 : 1.5) / 0.25), "%zu are missing", h->missing);
        CHECK(isnan(h->um[46]) && isnan(h->um[63]) == wide, "not the hole");
        cit_heights_free(z.heights);
        cit_shape_free(s);
    }
}

static void rows_run_as_they_are_asked_to(void **state) {
    (void)state;
    cit_shape *s = grid_of(level, 41, 0.5, &still, true, 0);
    const cit_relief_zone_options turned = {.side_mm = 8, .pitch_mm = 0.5, .up = {1, 0, 0}};
    const cit_relief_zone_options usual = {.side_mm = 8, .pitch_mm = 0.5};
    cit_relief_zone z = {0};
    CHECK(cit_relief_from_shape(s, &usual, &z, NULL) == CIT_OK, "refused");
    const double right[3] = {1, 0, 0}, down[3] = {0, -1, 0};
    for (int k = 0; k < 3; k++) {
        CHECK_CLOSE(z.x[k], right[k], 1e-9);
        CHECK_CLOSE(z.y[k], down[k], 1e-9);
    }
    CHECK_CLOSE(z.origin_mm[0], -4, 1e-6);
    CHECK_CLOSE(z.origin_mm[1], 4, 1e-6);
    cit_heights_free(z.heights);
    CHECK(cit_relief_from_shape(s, &turned, &z, NULL) == CIT_OK, "refused");
    CHECK_CLOSE(z.y[0], -1, 1e-9);
    CHECK_CLOSE(z.x[1], -1, 1e-9);
    cit_heights_free(z.heights);
    cit_shape_free(s);
}

/* ---- clouds ------------------------------------------------------------------------------------ */

/* A plane fitted under weights of standard deviation sigma sees the mean of a curved surface: sigma^2 / 2 times the sum
 * of its second derivatives, -sigma^2 / R on top of a ball. */
static void a_ball_of_points_is_flattened_as_known(void **state) {
    (void)state;
    const double pitch = 0.5, sigma = 0.75 * pitch;
    cit_shape *s = grid_of(ball, 81, pitch, &still, false, 0);
    cit_relief_zone z = zone_of(s, &still, 10, 0.25);
    double p[3];
    CHECK_CLOSE(z.spacing_mm, pitch, 0.03 * pitch);
    place_of(&z, &still, 20, 20, p);
    CHECK_CLOSE((p[2] - ball(p[0], p[1])) / (-sigma * sigma / 80), 1, 0.1);
    cit_heights_free(z.heights);
    cit_shape_free(s);
}

/* A wave of length L keeps exp(-2 (pi sigma / L)^2) of its height; here 4 spacings are one. */
static void waves_of_a_cloud_keep_their_share(void **state) {
    (void)state;
    cit_shape *s = grid_of(waves, 81, 0.5, &still, false, 0);
    cit_relief_zone z = zone_of(s, &still, 12, 0.1);
    const double sigma = 0.75 * z.spacing_mm, share = exp(-2 * pow(PI * sigma / 2, 2));
    double sum = 0, square = 0;
    for (int i = 0; i < 120 * 120; i++) {
        double p[3];
        place_of(&z, &still, i % 120, i / 120, p);
        const double w = sin(2 * PI * p[0] / 2);
        sum += p[2] * w;
        square += w * w;
    }
    CHECK_CLOSE(sum / square / 0.1, share, 0.03);
    CHECK(share > 0.4 && share < 0.6, "a share of %g", share);
    cit_heights_free(z.heights);
    cit_shape_free(s);
}

/* Of the points' own noise, s / (2 sqrt(pi) sigma) = 0.376 stays. */
static void noise_of_a_cloud_falls_as_known(void **state) {
    (void)state;
    cit_shape *s = grid_of(level, 161, 0.25, &still, false, 0.02);
    cit_relief_zone z = zone_of(s, &still, 30, 0.25);
    const double n = 120 * 120;
    double sum = 0, square = 0;
    for (int i = 0; i < 120 * 120; i++) {
        const double h = height(&z, i % 120, i / 120);
        sum += h;
        square += h * h;
    }
    CHECK_CLOSE(sqrt(square / n - sum / n * sum / n) / 0.02, 0.376, 0.02);
    cit_heights_free(z.heights);
    cit_shape_free(s);
}

/* ---- inside and outside ------------------------------------------------------------------------ */

static cit_status see(const cit_shape *s, double outside, cit_relief_zone *z, cit_errors *errs) {
    const cit_relief_zone_options o = {
        .side_mm = 10, .pitch_mm = 0.25, .outside = {0, 0.1 * outside, outside}};
    return cit_relief_from_shape(s, &o, z, errs);
}

/* The middle stands out from outside and lies deep from inside. */
static void check_side(const cit_shape *s, double outside, bool from_outside) {
    cit_relief_zone z = {0};
    cit_errors errs = {0};
    CHECK(see(s, outside, &z, &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK(z.normal[2] * (from_outside ? 1 : -1) > 0.999, "the normal is %g", z.normal[2]);
    CHECK((height(&z, 20, 20) - height(&z, 1, 1)) * (from_outside ? 1 : -1) > 0.1,
          "the wrong side");
    cit_heights_free(z.heights);
}

static void check_asked(const cit_shape *s, double outside, const char *text) {
    cit_relief_zone z = {0};
    cit_errors errs = {0};
    check_fault(&errs, see(s, outside, &z, &errs), "zone");
    CHECK(strstr(errs.items[0].text, text) != NULL, "'%s', not '%s'", errs.items[0].text, text);
}

/* Normals say which side of a cloud is outside; without them it is the one away from the middle of all points. */
static void clouds_are_seen_from_outside(void **state) {
    (void)state;
    cit_shape *s = grid_of(ball, 61, 0.5, &still, false, 0);
    check_side(s, 0, true);
    check_side(s, -1, false);
    s->normals = calloc(3 * s->points, sizeof *s->normals);
    for (size_t i = 0; i < s->points; i++) s->normals[3 * i + 2] = -1;
    check_side(s, 0, false);
    check_side(s, 1, true);
    cit_shape_free(s);
}

static void flat_clouds_ask_which_side_is_outside(void **state) {
    (void)state;
    cit_shape *s = grid_of(level, 61, 0.5, &still, false, 0);
    check_asked(s, 0, "which side");
    cit_shape_free(s);
}

/* A cap of a half ball that goes round the wrong way is refused, until somebody says where outside is. */
static double cap(double x, double y) { return sqrt(fmax(18 * 18 - x * x - y * y, 0)); }

static void meshes_that_are_inside_out_are_not_believed(void **state) {
    (void)state;
    cit_shape *s = grid_of(cap, 49, 0.5, &still, true, 0);
    const cit_relief_zone_options top = {.at_mm = {0, 0, 18}, .side_mm = 10, .pitch_mm = 0.25};
    cit_relief_zone_options told = top;
    cit_relief_zone z = {0};
    cit_errors errs = {0};
    CHECK(cit_relief_from_shape(s, &top, &z, &errs) == CIT_OK, "%s", errs.items[0].text);
    cit_heights_free(z.heights);
    for (size_t i = 0; i < s->triangles; i++) {
        int *c = s->corners + 3 * i;
        const int other = c[1];
        c[1] = c[2];
        c[2] = other;
    }
    check_fault(&errs, cit_relief_from_shape(s, &top, &z, &errs), "zone");
    CHECK(strstr(errs.items[0].text, "inside out") != NULL, "%s", errs.items[0].text);
    told.outside[2] = 1;
    CHECK(cit_relief_from_shape(s, &told, &z, NULL) == CIT_OK, "refused");
    CHECK(z.normal[2] > 0.999 && height(&z, 20, 20) > height(&z, 1, 1) + 0.1, "the wrong side");
    cit_heights_free(z.heights);
    told.outside[2] = 0;
    told.outside[0] = 1;
    errs.count = 0;
    check_fault(&errs, cit_relief_from_shape(s, &told, &z, &errs), "zone");
    CHECK(strstr(errs.items[0].text, "along the surface") != NULL, "%s", errs.items[0].text);
    cit_shape_free(s);
}

/* No point is made up: beyond the edge by more than a spacing there is nothing. */
static void clouds_end_where_their_points_do(void **state) {
    (void)state;
    cit_shape *s = grid_of(level, 21, 0.5, &still, false, 0);
    cit_relief_zone z = zone_of(s, &still, 16, 0.25);
    const int n = z.heights->nx;
    for (int i = 0; i < n * n; i++) {
        double p[3];
        const double u = (i % n + 0.5) * 0.25 - 8, v = (i / n + 0.5) * 0.25 - 8;
        const double beyond = fmax(fabs(u), fabs(v)) - 5;
        place_of(&z, &still, i % n, i / n, p);
        if (beyond > 0.5) CHECK(isnan(p[2]), "made up at (%g, %g)", u, v);
        if (beyond < -0.1) CHECK(fabs(p[2]) < 1e-6, "missing at (%g, %g)", u, v);
    }
    cit_heights_free(z.heights);
    cit_shape_free(s);
}

/* ---- resolution and refusals ------------------------------------------------------------------- */

static void the_pitch_follows_the_points(void **state) {
    (void)state;
    for (int mesh = 0; mesh < 2; mesh++) {
        cit_shape *s = grid_of(level, 81, 0.5, &still, mesh == 1, 0);
        cit_relief_zone z = zone_of(s, &still, 20, 0);
        CHECK_CLOSE(z.heights->dx_mm, z.spacing_mm / 2, 1e-12);
        CHECK_CLOSE(z.spacing_mm, 0.5, 0.02);
        CHECK(z.heights->history != NULL && strstr(z.heights->history, "no relief finer") != NULL,
              "the history says nothing");
        cit_heights_free(z.heights);
        cit_shape_free(s);
    }
}

static void what_cannot_be_seen_is_refused(void **state) {
    (void)state;
    static const struct {
        cit_relief_zone_options o;
        const char *text;
    } wrong[] = {
        {{.side_mm = 0}, "side"},
        {{.side_mm = (double)NAN}, "side"},
        {{.side_mm = 10, .pitch_mm = -1}, "pitch"},
        {{.side_mm = 10, .pitch_mm = 1e-4}, "samples a side"},
        {{.side_mm = 10, .at_mm = {(double)NAN, 0, 0}}, "no number"},
        {{.side_mm = 10, .at_mm = {0, 0, 6}}, "away from that place"},
        {{.side_mm = 0.2, .at_mm = {0.1, 0.1, 0}}, ""},
    };
    for (int mesh = 0; mesh < 2; mesh++) {
        cit_shape *s = grid_of(ball, 41, 0.5, &still, mesh == 1, 0);
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
            cit_relief_zone z = {0};
            cit_errors errs = {0};
            check_fault(&errs, cit_relief_from_shape(s, &wrong[i].o, &z, &errs), "zone");
            CHECK(z.heights == NULL && strstr(errs.items[0].text, wrong[i].text) != NULL,
                  "'%s', not '%s'", errs.items[0].text, wrong[i].text);
        }
        cit_shape_free(s);
    }
}

/* ---- real faces -------------------------------------------------------------------------------- */

static void real_faces_give_sane_maps(void **state) {
    (void)state;
    static const struct {
        const char *name;
        double unit_mm, at[3], side, normal[3]; /* roughly outwards */
        double spacing[2], missing;             /* from, to; most, as a share */
    } faces[] = {
        /* The forehead, in the model's own units. */
        {"face-leeperrysmith/LeePerrySmith.obj",
         1,
         {0, 2.6, 2.3},
         0.8,
         {0, 0.2, 1},
         {0.02, 0.2},
         0},
        {"face-truedepth/face-fused-points.ply",
         1000,
         {-62, -59, 310},
         40,
         {-0.2, 0, -1},
         {1, 1.5},
         0.01},
        {"face-truedepth/depth-frame-000.ply",
         1000,
         {-30, 20, -320},
         60,
         {0, -0.2, 1},
         {0.8, 1.3},
         0.05},
    };
    const char *folder = real_data();
    for (size_t f = 0; folder != NULL && f < sizeof faces / sizeof *faces; f++) {
        size_t size = 0;
        uint8_t *all = load(folder, faces[f].name, &size);
        cit_shape *s = NULL;
        cit_errors errs = {0};
        const cit_scan_scale scale = {.unit_mm = faces[f].unit_mm};
        CHECK(cit_shape_read(faces[f].name, all, size, &scale, NULL, &s, &errs) == CIT_OK, "%s",
              errs.items[0].text);
        cit_relief_zone_options o = {.side_mm = faces[f].side};
        memcpy(o.at_mm, faces[f].at, sizeof o.at_mm);
        cit_relief_zone z = {0};
        CHECK(cit_relief_from_shape(s, &o, &z, &errs) == CIT_OK, "%s: %s", faces[f].name,
              errs.items[0].text);
        const double n = (double)z.heights->nx * z.heights->ny, *a = z.normal, *b = faces[f].normal;
        CHECK((double)z.heights->missing <= faces[f].missing * n, "%s: %zu of %g are missing",
              faces[f].name, z.heights->missing, n);
        CHECK(a[0] * b[0] + a[1] * b[1] + a[2] * b[2] > 0.8, "%s: normal %g %g %g", faces[f].name,
              a[0], a[1], a[2]);
        CHECK(z.spacing_mm > faces[f].spacing[0] && z.spacing_mm < faces[f].spacing[1],
              "%s: points %g mm apart", faces[f].name, z.spacing_mm);
        cit_heights_free(z.heights);
        cit_shape_free(s);
        free(all);
    }
}

/* The corners of this scan go round clockwise; the face looks along -z. */
static void a_real_face_is_inside_out(void **state) {
    (void)state;
    const char *folder = real_data();
    if (folder == NULL) return;
    size_t size = 0;
    uint8_t *all = load(folder, "face-fran/fran_cut.obj", &size);
    const cit_scan_scale metres = {.unit_mm = 1000};
    cit_relief_zone_options o = {.at_mm = {30, -128, -117}, .side_mm = 25, .pitch_mm = 0.5};
    cit_shape *s = NULL;
    cit_relief_zone z = {0};
    cit_errors errs = {0};
    CHECK(cit_shape_read("f.obj", all, size, &metres, NULL, &s, &errs) == CIT_OK, "refused");
    check_fault(&errs, cit_relief_from_shape(s, &o, &z, &errs), "zone");
    CHECK(strstr(errs.items[0].text, "inside out") != NULL, "%s", errs.items[0].text);
    o.outside[2] = -1;
    CHECK(cit_relief_from_shape(s, &o, &z, NULL) == CIT_OK, "refused");
    CHECK(z.normal[2] < -0.9 && z.heights->missing == 0, "normal %g, %zu missing", z.normal[2],
          z.heights->missing);
    cit_heights_free(z.heights);
    cit_shape_free(s);
    free(all);
}

T_MAIN(CASE(a_plane_is_flat_whichever_way_it_lies), CASE(a_ball_of_triangles_lies_within_their_sag),
       CASE(a_turned_shape_gives_the_same_heights), CASE(walls_of_scars_are_followed),
       CASE(the_sheet_that_was_asked_for_is_given), CASE(holes_stay_missing),
       CASE(rows_run_as_they_are_asked_to), CASE(a_ball_of_points_is_flattened_as_known),
       CASE(waves_of_a_cloud_keep_their_share), CASE(noise_of_a_cloud_falls_as_known),
       CASE(clouds_are_seen_from_outside), CASE(flat_clouds_ask_which_side_is_outside),
       CASE(meshes_that_are_inside_out_are_not_believed), CASE(clouds_end_where_their_points_do),
       CASE(the_pitch_follows_the_points), CASE(what_cannot_be_seen_is_refused),
       CASE(real_faces_give_sane_maps), CASE(a_real_face_is_inside_out))
