/* Skin of known truth. A sample of a visit at q shows the place of the skin
 *   p = c + R^T (q - c - shift - u(q)),
 * with c the middle of the map, R the turn and u the slow stretch; form, relief and scars are functions of p, and tilt,
 * slow deformation and noise of q. Nothing is interpolated: waves and scars are evaluated where a sample shows them. */
#include <cit/measure.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

enum {
    NARROW_WAVES = 64,
    BROAD_WAVES = 200,
    SIDE_MAX = 1 << 15,
    ANGLES = 64,    /* tried for a scar that touches */
    GRID = 1000,    /* squares a side, for what two scars have in common */
    SEEN_STEPS = 40 /* at a stretch of 0.2 each leaves a fifth of the error */
};
/* All that a phantom is made of is assumed: sizes of the kind that skin has, no sample of any. */
static const double place_mm = 5.12, gap_mm = 0.12, default_side_mm = 40.96, side_most_mm = 120;
static const double lone_share = 0.75; /* of missing samples; the others are holes */

/* ---- scars ------------------------------------------------------------------------------------- */

/* A class's depth over the deepest one at share t of the radius, and the integral of that over the disc, by pi r^2:
 * a smooth cone, a floor with a wall of a quarter of the radius, a cosine bowl. */
static double cone(double t) { return (1 - t) * (1 - t) * (1 + 2 * t); }
static double box(double t) {
    const double q = (1 - t) / 0.25;
    return q >= 1 ? 1 : q * q * (3 - 2 * q);
}
static double bowl(double t) { return 0.5 * (1 + cos(PI * t)); }

typedef struct profile {
    double (*depth)(double t);
    double share; /* volume over pi r^2 d */
} profile;
static const profile profiles[] = {[CIT_CLASS_ICE_PICK] = {cone, 0.3},
                                   [CIT_CLASS_BOXCAR] = {box, 0.76875},
                                   [CIT_CLASS_ROLLING] = {bowl, 0.5 - 2 / (PI * PI)}};

/* A scar on the skin; of a mixed one the profile is between two. */
typedef struct shape {
    cit_scar_class first, second;
    double weight; /* of the first */
    double x, y, radius, depth;
} shape;

static double shape_share(const shape *s) {
    return s->weight * profiles[s->first].share + (1 - s->weight) * profiles[s->second].share;
}

static double shape_depth(const shape *s, double x, double y) {
    const double dx = x - s->x, dy = y - s->y, t = sqrt(dx * dx + dy * dy) / s->radius;
    if (t >= 1) return 0;
    const double first = profiles[s->first].depth(t);
    if (s->weight == 1) return s->depth * first;
    return s->depth * (s->weight * first + (1 - s->weight) * profiles[s->second].depth(t));
}

/* Ranges of radius (mm) and depth (um), by class; the hard ones are shallower and of wider ranges. */
typedef struct range {
    double radius[2], depth[2];
} range;
static const range ranges[2][3] = {
    {{{0.3, 0.9}, {300, 600}}, {{0.75, 2.0}, {100, 400}}, {{2.0, 2.4}, {50, 150}}},
    {{{0.25, 1.0}, {150, 600}}, {{0.5, 2.1}, {80, 400}}, {{1.4, 2.4}, {50, 150}}}};
static const range touching_ranges[] = {
    [CIT_CLASS_ICE_PICK] = {{0.3, 0.7}, {300, 500}}, [CIT_CLASS_BOXCAR] = {{0.6, 1.1}, {100, 300}}};
static const double class_shares[2][3] = {{0.6, 0.3, 0.1}, {0.4, 0.3, 0.3}};

/* ---- draws ------------------------------------------------------------------------------------- */

typedef struct stream {
    uint64_t seed;
    uint32_t id;
} stream;
static stream stream_of(uint64_t seed, const char *name) {
    return (stream){seed, cit_random_stream(name)};
}
static double draw(stream s, int item, uint32_t place) {
    return cit_random(s.seed, (uint32_t)item, s.id, place);
}
static double between(const double range_[2], double u) {
    return range_[0] + (range_[1] - range_[0]) * u;
}

/* A permutation of 0..n-1 (Fisher and Yates). */
static void shuffle(stream s, int *order, int n) {
    for (int i = 0; i < n; i++) order[i] = i;
    for (int i = n - 1; i > 0; i--) {
        const int j = (int)(draw(s, i, 0) * (i + 1));
        const int kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}

static shape shape_drawn(stream s, int item, cit_scar_class first, cit_scar_class second,
                         bool hard) {
    const range *a = &ranges[hard][first], *b = &ranges[hard][second];
    const double u = draw(s, item, 0), v = draw(s, item, 1);
    return (shape){.first = first,
                   .second = second,
                   .weight = first == second ? 1 : 0.35 + 0.3 * draw(s, item, 2),
                   .radius = sqrt(between(a->radius, u) * between(b->radius, u)),
                   .depth = sqrt(between(a->depth, v) * between(b->depth, v))};
}

/* ---- the skin ---------------------------------------------------------------------------------- */

typedef struct wave {
    double x, y, phase, um; /* turns a mm; turns */
} wave;
typedef struct waves {
    int count;
    wave *wave;
} waves;

typedef struct skin {
    cit_phantom_options o; /* with defaults in */
    double pitch, middle;
    waves relief, fresh;
    shape *shape;
    int *touches;
    int count;
    double wave_phase[2]; /* of the form */
    cit_phantom_visit visit;
    double turn_cos, turn_sin;
    double slow_phase[3][3]; /* turns */
} skin;

static void skin_clear(skin *s) {
    free(s->relief.wave);
    free(s->fresh.wave);
    free(s->shape);
    free(s->touches);
}

/* Waves in all directions whose rms together is `rms`; the broad ones are even in the logarithm of length, and higher
 * the longer they are. */
static bool waves_draw(stream s, bool broad, double rms, waves *ret) {
    const int count = broad ? BROAD_WAVES : NARROW_WAVES;
    double power = 0;
    if (!(rms > 0)) return true;
    ret->wave = calloc((size_t)count, sizeof *ret->wave);
    if (ret->wave == NULL) return false;
    ret->count = count;
    for (int i = 0; i < count; i++) {
        const double u = draw(s, i, 0), angle = 2 * PI * draw(s, i, 1);
        const double length = broad ? 0.15 * pow(2.5 / 0.15, u) : 0.2 + 0.4 * u;
        const double um = broad ? sqrt(length) : 1;
        ret->wave[i] = (wave){cos(angle) / length, sin(angle) / length, draw(s, i, 2), um};
        power += um * um / 2;
    }
    for (int i = 0; i < count; i++) ret->wave[i].um *= rms / sqrt(power);
    return true;
}

/* sin of 2 pi s for s from -1/4 to 1/4: its series, off by at most 7e-10. */
static inline double sine(double s) {
    const double x = 2 * PI * s, q = x * x;
    return x *
           (1 + q * (-1.0 / 6 +
                     q * (1.0 / 120 + q * (-1.0 / 5040 +
                                           q * (1.0 / 362880 + q * (-1.0 / 39916800 +
                                                                    q * (1.0 / 6227020800.0)))))));
}

CIT_WIDE static void waves_add(const waves *w, int n, const double *restrict x,
                               const double *restrict y, double *restrict sum) {
    const double round = 0x1.8p52; /* added and taken off it leaves the nearest whole number */
    for (int k = 0; k < w->count; k++) {
        const wave a = w->wave[k];
        for (int i = 0; i < n; i++) {
            const double turns = a.x * x[i] + a.y * y[i] + a.phase;
            const double rest = turns - ((turns + round) - round);
            sum[i] -= a.um * sine(fabs(rest) - 0.25); /* cos t = -sin(|t| - a quarter) */
        }
    }
}

static double form(const skin *s, double x, double y) {
    const double dx = x - s->middle, dy = y - s->middle, flat = 30 * dx - 18 * dy;
    if (!s->o.hard_form) return flat - 1000 * (dx * dx + dy * dy) / (2 * 90.0);
    const double ellipsoid =
        1000 * (sqrt(70.0 * 70 - dx * dx) - 70) + 1000 * (sqrt(110.0 * 110 - dy * dy) - 110);
    const double cubic = 0.02 * dx * dx * dx + 0.015 * dx * dy * dy;
    const double wave_um = 40 * cos(2 * PI * (dx / 20 + s->wave_phase[0])) *
                           cos(2 * PI * (dy / 20 + s->wave_phase[1]));
    return flat + ellipsoid + cubic + wave_um;
}

/* ---- where scars stand ------------------------------------------------------------------------- */

static cit_scar_class class_of(int k, int count, bool hard) {
    const double share = (k + 0.5) / count, *s = class_shares[hard];
    if (share < s[0]) return CIT_CLASS_ICE_PICK;
    return share < s[0] + s[1] ? CIT_CLASS_BOXCAR : CIT_CLASS_ROLLING;
}

/* One a place, a sixteenth of the places empty; none reaches beyond its place. The mixed are spread over the classes. */
static void scars_place(skin *s, const int *order, int places) {
    const stream sizes = stream_of(s->o.seed, "phantom-scar");
    const int rows = s->o.rows, count = places - places / 16, mixed = s->o.mixed;
    const double cell = s->o.side_mm / rows;
    for (int k = 0; k < count; k++) {
        const cit_scar_class first = class_of(k, count, s->o.hard_scars);
        const bool is_mixed = (k + 1) * mixed / count > k * mixed / count;
        const cit_scar_class second = is_mixed ? (cit_scar_class)((first + 1) % 3) : first;
        shape a = shape_drawn(sizes, k, first, second, s->o.hard_scars);
        const double room = fmax(0, place_mm - gap_mm - 2 * a.radius) / 2;
        const int column = order[k] % rows, row_of = order[k] / rows;
        a.x = (column + 0.5) * cell + (draw(sizes, k, 3) - 0.5) * room;
        a.y = (row_of + 0.5) * cell + (draw(sizes, k, 4) - 0.5) * room;
        s->shape[k] = a;
        s->touches[k] = -1;
    }
    s->count = count;
}

static bool is_clear(const skin *s, const shape *a, int host) {
    const double reach = a->radius + 0.3;
    if (fmin(a->x, a->y) < reach || fmax(a->x, a->y) > s->o.side_mm - reach) return false;
    for (int k = 0; k < s->count; k++) {
        const shape *b = &s->shape[k];
        if (k != host && hypot(a->x - b->x, a->y - b->y) < reach + b->radius) return false;
    }
    return true;
}

/* A second scar over the rim of one, three quarters of both radii away, where nothing else is near. */
static bool scar_touching(skin *s, stream sizes, int host) {
    const shape *b = &s->shape[host];
    const double first_angle = draw(sizes, s->count, 3);
    const cit_scar_class which =
        draw(sizes, s->count, 5) < 0.5 ? CIT_CLASS_ICE_PICK : CIT_CLASS_BOXCAR;
    const range *r = &touching_ranges[which];
    shape a = {.first = which,
               .second = which,
               .weight = 1,
               .radius = between(r->radius, draw(sizes, s->count, 0)),
               .depth = between(r->depth, draw(sizes, s->count, 1))};
    for (int k = 0; k < ANGLES; k++) {
        const double angle = 2 * PI * (first_angle + (double)k / ANGLES);
        a.x = b->x + 0.75 * (a.radius + b->radius) * cos(angle);
        a.y = b->y + 0.75 * (a.radius + b->radius) * sin(angle);
        if (!is_clear(s, &a, host)) continue;
        s->shape[s->count] = a;
        s->touches[s->count] = host;
        s->touches[host] = s->count++;
        return true;
    }
    return false;
}

static int scars_touch(skin *s) {
    const stream sizes = stream_of(s->o.seed, "phantom-scar");
    const int hosts = s->count;
    int made = 0;
    for (int k = 0; k < hosts && made < s->o.touching; k++) {
        const int host = (int)((long)k * 7 % hosts); /* spread over the classes */
        if (s->shape[host].first != CIT_CLASS_ROLLING && s->touches[host] < 0)
            made += scar_touching(s, sizes, host);
    }
    return made;
}

static cit_status scars_make(skin *s, cit_errors *errs) {
    const int places = s->o.rows * s->o.rows;
    if (places == 0) return CIT_OK;
    int *order = calloc((size_t)places, sizeof *order);
    s->shape = calloc((size_t)2 * places, sizeof *s->shape);
    s->touches = calloc((size_t)2 * places, sizeof *s->touches);
    if (order == NULL || s->shape == NULL || s->touches == NULL) {
        free(order);
        return cit_fail(errs, CIT_NOMEM, "", "no memory for a phantom's scars");
    }
    shuffle(stream_of(s->o.seed, "phantom-place"), order, places);
    scars_place(s, order, places);
    free(order);
    const int made = scars_touch(s);
    if (made < s->o.touching)
        return cit_fail(errs, CIT_INVALID, "touching",
                        "%d pairs that overlap find no room, only %d do", s->o.touching, made);
    return CIT_OK;
}

/* What two scars have in common, mm3: midpoints of GRID^2 squares over the square around the smaller. */
static double common_mm3(const shape *a, const shape *b) {
    const shape *small = a->radius < b->radius ? a : b;
    const double step = 2 * small->radius / GRID;
    double sum = 0;
    for (int j = 0; j < GRID; j++)
        for (int i = 0; i < GRID; i++) {
            const double x = small->x - small->radius + (i + 0.5) * step,
                         y = small->y - small->radius + (j + 0.5) * step;
            sum += fmin(shape_depth(a, x, y), shape_depth(b, x, y));
        }
    return sum * step * step * 1e-3;
}

/* ---- a visit ----------------------------------------------------------------------------------- */

/* Slow waves along x, y and across, of the visit's length; `which` 0 and 1: stretch, 2: heights. */
static double slow(const skin *s, int which, double x, double y) {
    const double a = x / s->visit.slow_mm, b = y / s->visit.slow_mm;
    const double *phase = s->slow_phase[which];
    return (cos(2 * PI * (a + phase[0])) + cos(2 * PI * (b + phase[1])) +
            cos(2 * PI * (0.7 * (a + b) + phase[2]))) /
           3;
}

/* Where a sample's skin is. */
static void skin_place(const skin *s, double qx, double qy, double *ret_x, double *ret_y) {
    const cit_phantom_visit *v = &s->visit;
    double x = qx - s->middle - v->shift_mm[0], y = qy - s->middle - v->shift_mm[1];
    if (v->stretch_um > 0) {
        x -= 1e-3 * v->stretch_um * slow(s, 0, qx, qy);
        y -= 1e-3 * v->stretch_um * slow(s, 1, qx, qy);
    }
    *ret_x = s->middle + s->turn_cos * x + s->turn_sin * y;
    *ret_y = s->middle - s->turn_sin * x + s->turn_cos * y;
}

/* Where the skin at p is seen: the other way round, by steps of what is missing. */
static void seen_place(const skin *s, double px, double py, double *ret_x, double *ret_y) {
    double qx = px, qy = py;
    for (int k = 0; k < SEEN_STEPS; k++) {
        double x, y;
        skin_place(s, qx, qy, &x, &y);
        qx += s->turn_cos * (px - x) - s->turn_sin * (py - y);
        qy += s->turn_sin * (px - x) + s->turn_cos * (py - y);
    }
    *ret_x = qx;
    *ret_y = qy;
}

/* ---- samples ----------------------------------------------------------------------------------- */

typedef struct row {
    double *q, *x, *y, *dip, *sum; /* where samples are, what skin they show, how deep it is, um */
} row;

static bool row_new(int n, row *ret) {
    const size_t size = (size_t)n;
    ret->q = calloc(5 * size, sizeof *ret->q);
    if (ret->q == NULL) return false;
    ret->x = ret->q + size;
    ret->y = ret->x + size;
    ret->dip = ret->y + size;
    ret->sum = ret->dip + size;
    return true;
}

/* The deeper of two where they overlap. A turn and a stretch do not take a scar beyond `reach`. */
static void row_dip(const skin *s, const shape *seen, double qy, const row *r) {
    const int n = s->o.n;
    memset(r->dip, 0, (size_t)n * sizeof *r->dip);
    for (int k = 0; k < s->count; k++) {
        const double reach = seen[k].radius;
        if (fabs(qy - seen[k].y) > reach) continue;
        const int from = (int)fmax(0, floor((seen[k].x - reach) / s->pitch)),
                  to = (int)fmin(n, ceil((seen[k].x + reach) / s->pitch) + 1);
        for (int i = from; i < to; i++)
            r->dip[i] = fmax(r->dip[i], shape_depth(&s->shape[k], r->x[i], r->y[i]));
    }
}

/* Numbers of the noise and of missing samples are keyed by row and place. */
static void row_make(const skin *s, const shape *seen, int j, const row *r, double zero,
                     float *um) {
    const int n = s->o.n;
    const cit_phantom_visit *v = &s->visit;
    const double qy = (j + 0.5) * s->pitch;
    const stream noise = stream_of(v->noise_seed, "phantom-noise"),
                 gone = stream_of(v->noise_seed, "phantom-missing");
    for (int i = 0; i < n; i++) {
        r->q[i] = (i + 0.5) * s->pitch;
        skin_place(s, r->q[i], qy, &r->x[i], &r->y[i]);
        r->sum[i] = form(s, r->x[i], r->y[i]) - zero +
                    v->tilt_um_per_mm[0] * (r->q[i] - s->middle) +
                    v->tilt_um_per_mm[1] * (qy - s->middle);
        if (v->slow_um > 0) r->sum[i] += v->slow_um * slow(s, 2, r->q[i], qy);
    }
    waves_add(&s->relief, n, r->x, r->y, r->sum);
    waves_add(&s->fresh, n, r->x, r->y, r->sum);
    row_dip(s, seen, qy, r);
    for (int i = 0; i < n; i++) {
        double h = r->sum[i] - r->dip[i];
        if (s->o.noise_um > 0)
            h += s->o.noise_um * cit_normal_quantile(draw(noise, j, (uint32_t)i));
        const bool missing =
            s->o.missing > 0 && draw(gone, j, (uint32_t)i) < s->o.missing * lone_share;
        um[i] = missing ? NAN : (float)h;
    }
}

/* What is missing together: round holes, until the rest of the share is used up. */
static void holes_make(const skin *s, float *um) {
    const stream hole = stream_of(s->visit.noise_seed, "phantom-hole");
    const int n = s->o.n;
    double rest = s->o.missing * (1 - lone_share) * s->o.side_mm * s->o.side_mm;
    for (int k = 0; rest > 0; k++) {
        const double radius = 0.05 + 0.35 * draw(hole, k, 2) * draw(hole, k, 3),
                     x = draw(hole, k, 0) * s->o.side_mm, y = draw(hole, k, 1) * s->o.side_mm;
        for (int j = (int)fmax(0, (y - radius) / s->pitch); j < n && j * s->pitch < y + radius; j++)
            for (int i = (int)fmax(0, (x - radius) / s->pitch); i < n && i * s->pitch < x + radius;
                 i++)
                if (hypot((i + 0.5) * s->pitch - x, (j + 0.5) * s->pitch - y) < radius)
                    um[(size_t)j * n + i] = NAN;
        rest -= PI * radius * radius;
    }
}

static cit_status samples_make(const skin *s, const shape *seen, cit_heights *h, cit_errors *errs) {
    const int n = s->o.n;
    bool memory = true;
    h->zero_um = 0.5 * form(s, 0, 0) + 0.5 * form(s, s->middle, s->middle);
#pragma omp parallel
    {
        row r = {0};
        const bool here = row_new(n, &r);
        if (!here) {
#pragma omp atomic write
            memory = false;
        }
#pragma omp for schedule(static)
        for (int j = 0; j < n; j++)
            if (here) row_make(s, seen, j, &r, h->zero_um, h->um + (size_t)j * n);
        free(r.q);
    }
    if (!memory) return cit_fail(errs, CIT_NOMEM, "", "no memory for a row of a phantom");
    holes_make(s, h->um);
    h->missing = 0;
    for (size_t i = 0; i < (size_t)n * n; i++) h->missing += isnan(h->um[i]) != 0;
    return CIT_OK;
}

/* ---- all of it --------------------------------------------------------------------------------- */

static cit_status options_check(const cit_phantom_options *o, const cit_phantom_visit *v,
                                cit_errors *errs) {
    if (o->n < 1 || o->n > SIDE_MAX)
        return cit_fail(errs, CIT_INVALID, "n", "1 to %d samples a side, not %d", SIDE_MAX, o->n);
    if (!(o->side_mm > 0 && o->side_mm <= side_most_mm))
        return cit_fail(errs, CIT_INVALID, "side_mm", "a side is above 0 and at most %g mm, not %g",
                        side_most_mm, o->side_mm);
    if (o->rows > 0 && o->side_mm / o->rows < place_mm * (1 - 1e-9))
        return cit_fail(errs, CIT_INVALID, "rows", "a place is %g mm wide: %d do not fit in %g mm",
                        place_mm, o->rows, o->side_mm);
    if (!(o->missing >= 0 && o->missing <= 0.5))
        return cit_fail(errs, CIT_INVALID, "missing", "a share of 0 to 0.5, not %g", o->missing);
    if (!isfinite(o->relief_um) || !isfinite(o->noise_um) || !isfinite(v->shift_mm[0]) ||
        !isfinite(v->shift_mm[1]) || !isfinite(v->turn_rad) || !isfinite(v->tilt_um_per_mm[0]) ||
        !isfinite(v->tilt_um_per_mm[1]) || !isfinite(v->slow_um) || !isfinite(v->new_relief_um))
        return cit_fail(errs, CIT_INVALID, "", "a phantom's numbers are finite");
    if (o->touching < 0 || o->mixed < 0)
        return cit_fail(errs, CIT_INVALID, "", "no less than 0 scars touch or are mixed");
    if (!(v->stretch_um >= 0 && 1e-3 * v->stretch_um * 2 * PI < 0.2 * v->slow_mm))
        return cit_fail(errs, CIT_INVALID, "stretch_um",
                        "a stretch of %g um over %g mm would fold the skin", v->stretch_um,
                        v->slow_mm);
    return CIT_OK;
}

static cit_phantom_options with_defaults(const cit_phantom_options *from) {
    cit_phantom_options o = *from;
    if (o.n == 0) o.n = 1024;
    if (o.side_mm == 0) o.side_mm = default_side_mm;
    if (o.relief_um == 0) o.relief_um = 20;
    if (o.noise_um == 0) o.noise_um = 2;
    if (o.rows == 0) o.rows = (int)(o.side_mm / place_mm * (1 + 1e-9));
    if (o.rows < 0) o.rows = 0;
    return o;
}

static cit_status skin_make(skin *s, cit_errors *errs) {
    const uint64_t seed = s->o.seed, visit = s->visit.noise_seed;
    const stream of_form = stream_of(seed, "phantom-form"),
                 of_slow = stream_of(visit, "phantom-slow");
    s->pitch = s->o.side_mm / s->o.n;
    s->middle = s->o.side_mm / 2;
    s->turn_cos = cos(s->visit.turn_rad);
    s->turn_sin = sin(s->visit.turn_rad);
    for (int k = 0; k < 2; k++) s->wave_phase[k] = draw(of_form, k, 0);
    for (int k = 0; k < 9; k++) s->slow_phase[k / 3][k % 3] = draw(of_slow, k, 0);
    if (!waves_draw(stream_of(seed, "phantom-relief"), s->o.broad_relief, s->o.relief_um,
                    &s->relief) ||
        !waves_draw(stream_of(visit, "phantom-fresh"), s->o.broad_relief, s->visit.new_relief_um,
                    &s->fresh))
        return cit_fail(errs, CIT_NOMEM, "", "no memory for a phantom's relief");
    return scars_make(s, errs);
}

/* Healed, and where this visit sees them, a little wider than they are there. */
static void scars_heal(skin *s, shape *seen) {
    const double strain = 2e-3 * 2 * PI * s->visit.stretch_um / s->visit.slow_mm;
    for (int k = 0; k < s->count; k++) {
        if (s->visit.healed != NULL) s->shape[k].depth *= 1 - s->visit.healed[k];
        seen[k] = s->shape[k];
        seen_place(s, s->shape[k].x, s->shape[k].y, &seen[k].x, &seen[k].y);
        seen[k].radius *= 1 + strain;
    }
}

static void truth_tell(const skin *s, const shape *seen, cit_phantom *p) {
    p->count = s->count;
    for (int k = 0; k < s->count; k++) {
        const shape *a = &s->shape[k];
        const double area = PI * a->radius * a->radius;
        p->scar[k] = (cit_phantom_scar){.scar_class = a->weight == 1 ? a->first : CIT_CLASS_MIXED,
                                        .x_mm = seen[k].x,
                                        .y_mm = seen[k].y,
                                        .radius_mm = a->radius,
                                        .depth_um = a->depth,
                                        .area_mm2 = area,
                                        .volume_mm3 = shape_share(a) * area * a->depth * 1e-3,
                                        .touches = s->touches[k]};
        p->volume_mm3 += p->scar[k].volume_mm3;
        if (s->touches[k] > k) p->volume_mm3 -= common_mm3(a, &s->shape[s->touches[k]]);
    }
}

cit_status cit_phantom_later(const cit_phantom_options *options, const cit_phantom_visit *visit,
                             cit_phantom **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    skin s = {.o = with_defaults(options), .visit = *visit};
    cit_phantom *p = NULL;
    shape *seen = NULL;
    if (s.visit.slow_mm == 0) s.visit.slow_mm = 20;
    CIT_TRY(options_check(&s.o, &s.visit, errs));
    CIT_TRY(skin_make(&s, errs));
    p = calloc(1, sizeof *p);
    seen = calloc((size_t)s.count + 1, sizeof *seen);
    if (p != NULL) p->scar = calloc((size_t)s.count + 1, sizeof *p->scar);
    if (p == NULL || seen == NULL || p->scar == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory for a phantom");
        goto done;
    }
    CIT_TRY(cit_heights_new(s.o.n, s.o.n, s.pitch, s.pitch, &p->heights, errs));
    snprintf(p->heights->origin, sizeof p->heights->origin, "phantom, seed %llu",
             (unsigned long long)s.o.seed);
    scars_heal(&s, seen);
    CIT_TRY(samples_make(&s, seen, p->heights, errs));
    truth_tell(&s, seen, p);
    *ret = p;
    p = NULL;
done:
    cit_phantom_free(p);
    free(seen);
    skin_clear(&s);
    return st;
}

cit_status cit_phantom_make(const cit_phantom_options *options, cit_phantom **ret,
                            cit_errors *errs) {
    const cit_phantom_visit first = {.noise_seed = options->seed};
    return cit_phantom_later(options, &first, ret, errs);
}

void cit_phantom_free(cit_phantom *phantom) {
    if (phantom == NULL) return;
    cit_heights_free(phantom->heights);
    free(phantom->scar);
    free(phantom);
}
