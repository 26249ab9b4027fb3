/* Surfaces as blocks of skin: rays from a camera to a height map.
 *
 * Light is one lamp high on the left (Lambert, with a soft shadow) and a sky that lights each place as much as it
 * is seen from there (ambient occlusion by horizons in 16 directions; the share of a cosine-weighted sky above a
 * horizon of elevation e is cos^2 e). A flat place gets light 1, so that it has the colour of the scale. */
#include "report_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TOP = 64, FOOT = 92, MARGIN = 24, GAP = 18, PIXELS = 2, SUB = 2, DIRECTIONS = 16 };
#define PI 3.14159265358979323846

typedef struct vec {
    double x, y, z;
} vec;
static vec plus(vec a, vec b, double t) {
    return (vec){a.x + t * b.x, a.y + t * b.y, a.z + t * b.z};
}
static double dot(vec a, vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static vec cross(vec a, vec b) {
    return (vec){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
static vec unit(vec a) { return plus((vec){0, 0, 0}, a, 1 / sqrt(dot(a, a))); }

/* ---- a height map, prepared ----------------------------------------------------------------------------------- */

typedef struct terrain {
    const cit_relief *of;
    double lx, ly, base;          /* mm; base: z of the block's foot */
    double lowest, highest, tall; /* of heights; tall: exaggeration */
    float *sky, *lamp;            /* at places: share of the sky seen, of the lamp */
    float *slope;                 /* two at each place */
} terrain;

/* Towards the lamp, as x and y of the block and height. */
static const vec to_lamp = {-0.70, 0.30, 0.62};

static double height_at(const cit_relief *r, int i, int j) {
    i = i < 0 ? 0 : i >= r->nx ? r->nx - 1 : i;
    j = j < 0 ? 0 : j >= r->ny ? r->ny - 1 : j;
    return r->height_mm[(size_t)j * (size_t)r->nx + (size_t)i];
}

/* Places are middles of cells of the block; beyond the outermost ones it is level. */
typedef struct spot {
    int i, j;
    double a, b;
} spot;
static spot spot_of(const cit_relief *r, double x, double y) {
    const double u = fmin(fmax(x / r->dx_mm - 0.5, 0), r->nx - 1);
    const double v = fmin(fmax(y / r->dy_mm - 0.5, 0), r->ny - 1);
    const int i = (int)u, j = (int)v;
    return (spot){i, j, u - i, v - j};
}
static double height_mm(const cit_relief *r, double x, double y) {
    const spot s = spot_of(r, x, y);
    const double low = (1 - s.a) * height_at(r, s.i, s.j) + s.a * height_at(r, s.i + 1, s.j);
    const double high =
        (1 - s.a) * height_at(r, s.i, s.j + 1) + s.a * height_at(r, s.i + 1, s.j + 1);
    return (1 - s.b) * low + s.b * high;
}
static double between(const cit_relief *r, const float *v, int each, int which, double x,
                      double y) {
    const spot s = spot_of(r, x, y);
    double sum = 0;
    for (int q = 0; q < 4; q++) {
        const int i = s.i + (q & 1) < r->nx ? s.i + (q & 1) : r->nx - 1;
        const int j = s.j + (q >> 1) < r->ny ? s.j + (q >> 1) : r->ny - 1;
        const size_t at = ((size_t)j * (size_t)r->nx + (size_t)i) * (size_t)each + (size_t)which;
        sum += ((q & 1) ? s.a : 1 - s.a) * ((q >> 1) ? s.b : 1 - s.b) * (double)v[at];
    }
    return sum;
}

/* The tangent of the horizon's elevation from (x, y, z) towards (ux, uy), in exaggerated heights. */
static double horizon(const terrain *t, double x, double y, double z, double ux, double uy,
                      double reach) {
    enum { STEPS = 22 };
    const double least = 0.7 * fmin(t->of->dx_mm, t->of->dy_mm);
    const double grow = pow(fmax(reach / least, 1.01), 1.0 / (STEPS - 1));
    double steepest = 0, d = least;
    for (int k = 0; k < STEPS; k++, d *= grow) {
        const double px = x + ux * d, py = y + uy * d;
        if (px < 0 || py < 0 || px > t->lx || py > t->ly) break;
        steepest = fmax(steepest, (t->tall * height_mm(t->of, px, py) - z) / d);
    }
    return steepest;
}

static void light_row(terrain *t, int j) {
    const cit_relief *r = t->of;
    const double reach = 0.45 * fmax(t->lx, t->ly), flat = hypot(to_lamp.x, to_lamp.y);
    for (int i = 0; i < r->nx; i++) {
        const size_t at = (size_t)j * (size_t)r->nx + (size_t)i;
        const double x = (i + 0.5) * r->dx_mm, y = (j + 0.5) * r->dy_mm;
        const double z = t->tall * height_at(r, i, j);
        double sky = 0;
        for (int k = 0; k < DIRECTIONS; k++) {
            const double angle = 2 * PI * (k + 0.5) / DIRECTIONS;
            const double e = horizon(t, x, y, z, cos(angle), sin(angle), reach);
            sky += 1 / (1 + e * e) / DIRECTIONS;
        }
        /* The lamp is as wide as its light takes to go from all to nothing. */
        const double e = horizon(t, x, y, z, to_lamp.x / flat, to_lamp.y / flat, 2 * reach);
        const double over = (to_lamp.z / flat - e) / 0.35 + 0.5, s = fmin(fmax(over, 0), 1);
        t->sky[at] = (float)sky;
        t->lamp[at] = (float)(s * s * (3 - 2 * s));
        t->slope[2 * at] =
            (float)(t->tall * (height_at(r, i + 1, j) - height_at(r, i - 1, j)) / (2 * r->dx_mm));
        t->slope[2 * at + 1] =
            (float)(t->tall * (height_at(r, i, j + 1) - height_at(r, i, j - 1)) / (2 * r->dy_mm));
    }
}

static bool prepare(terrain *t, const cit_relief *r, double tall, double base) {
    const size_t n = (size_t)r->nx * (size_t)r->ny;
    *t = (terrain){.of = r,
                   .lx = r->nx * r->dx_mm,
                   .ly = r->ny * r->dy_mm,
                   .base = base,
                   .tall = tall,
                   .lowest = (double)INFINITY,
                   .highest = -(double)INFINITY};
    t->sky = malloc(n * sizeof *t->sky);
    t->lamp = malloc(n * sizeof *t->lamp);
    t->slope = malloc(2 * n * sizeof *t->slope);
    if (t->sky == NULL || t->lamp == NULL || t->slope == NULL) return false;
    for (size_t i = 0; i < n; i++) {
        t->lowest = fmin(t->lowest, r->height_mm[i]);
        t->highest = fmax(t->highest, r->height_mm[i]);
    }
#pragma omp parallel for schedule(static)
    for (int j = 0; j < r->ny; j++) light_row(t, j);
    return true;
}

static void unprepare(terrain *t) {
    free(t->sky);
    free(t->lamp);
    free(t->slope);
}

/* ---- camera ------------------------------------------------------------------------------------------------------ */

typedef struct camera {
    vec eye, right, up, ahead;
    double focus; /* points, times distance */
    double cx, cy;
} camera;

static camera look_at(double lx, double ly, double z) {
    const double turn = -24 * PI / 180, rise = 38 * PI / 180, away = 4.2 * hypot(lx, ly);
    const vec middle = {0.5 * lx, 0.5 * ly, z};
    const vec back = {sin(turn) * cos(rise), -cos(turn) * cos(rise), sin(rise)};
    camera c = {.eye = plus(middle, back, away), .ahead = {-back.x, -back.y, -back.z}};
    c.right = unit(cross(c.ahead, (vec){0, 0, 1}));
    c.up = cross(c.right, c.ahead);
    c.focus = 1;
    return c;
}

static void project(const camera *c, vec p, double *x, double *y) {
    const vec d = plus(p, c->eye, -1);
    const double depth = dot(d, c->ahead);
    *x = c->cx + c->focus * dot(d, c->right) / depth;
    *y = c->cy - c->focus * dot(d, c->up) / depth;
}

/* Fits the block into w points, and at most so many of height, which it returns. */
static double fit(camera *c, double lx, double ly, double top, double base, double w, double most) {
    const double far = (double)INFINITY;
    double x0 = far, x1 = -far, y0 = far, y1 = -far;
    c->cx = c->cy = 0;
    for (int q = 0; q < 8; q++) {
        double x, y;
        project(c, (vec){q & 1 ? lx : 0, q & 2 ? ly : 0, q & 4 ? top : base}, &x, &y);
        x0 = fmin(x0, x);
        x1 = fmax(x1, x);
        y0 = fmin(y0, y);
        y1 = fmax(y1, y);
    }
    const double s = fmin(w / (x1 - x0), most / (y1 - y0)), h = s * (y1 - y0);
    c->focus = s;
    c->cx = 0.5 * w - 0.5 * s * (x0 + x1);
    c->cy = 0.5 * h - 0.5 * s * (y0 + y1);
    return h;
}

/* ---- a ray --------------------------------------------------------------------------------------------------------- */

typedef struct shade {
    double r, g, b, a; /* linear light, times alpha */
} shade;

typedef struct style {
    double deepest, contour; /* mm */
    double point_mm;         /* mm a point at the middle of the block */
    const colour *ramp;      /* RAMP colours in linear light */
} style;
enum { RAMP = 512 };

static double linear(double v) { return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4); }
static double display(double v) {
    v = fmin(fmax(v, 0), 1);
    return v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055;
}

static shade shade_top(const terrain *t, const style *how, vec p, vec ray) {
    const cit_relief *r = t->of;
    const double sx = between(r, t->slope, 2, 0, p.x, p.y);
    const double sy = between(r, t->slope, 2, 1, p.x, p.y);
    const vec normal = unit((vec){-sx, -sy, 1}), lamp = unit(to_lamp);
    const double sky = between(r, t->sky, 1, 0, p.x, p.y);
    const double lit = between(r, t->lamp, 1, 0, p.x, p.y);
    const double lambert = fmax(dot(normal, lamp), 0) / lamp.z;
    const double depth = -p.z / t->tall;
    const colour k = how->ramp[(int)(fmin(fmax(depth / how->deepest, 0), 1) * (RAMP - 1) + 0.5)];
    const double ambient = 0.40 * sky * (0.75 + 0.25 * normal.z), key = 0.60 * lambert * lit;
    const vec half = unit(plus(lamp, ray, -1));
    const double gleam = 0.035 * pow(fmax(dot(normal, half), 0), 28) * lit;
    double line = 0;
    const double nearest = round(depth / how->contour) * how->contour;
    if (nearest > 0.5 * how->contour && nearest < how->deepest * 1.5) {
        const double steep = hypot(sx, sy) / t->tall;
        const double off = fabs(depth - nearest) / fmax(steep, 1e-9) / how->point_mm;
        line = 0.30 * fmin(fmax(0.85 - off, 0), 0.5) / 0.5;
    }
    const double light = (1 - line);
    /* The lamp is a little warm and the sky a little blue; together they are white. */
    return (shade){light * (k.r * (0.97 * ambient + 1.02 * key) + gleam),
                   light * (k.g * (1.00 * ambient + 1.00 * key) + gleam),
                   light * (k.b * (1.06 * ambient + 0.96 * key) + gleam), 1};
}

/* The cut sides say nothing: plain, and fading towards the foot. */
static shade shade_side(const terrain *t, vec p, bool across_x) {
    const double top = t->tall * height_mm(t->of, p.x, p.y);
    const double down = (top - p.z) / (fmax(top, 0) - t->base);
    const double light = across_x ? 0.62 : 0.80, fade = fmin(fmax(1 - down, 0), 1);
    const double alpha = 0.14 + 0.86 * fade * fade * (3 - 2 * fade);
    return (shade){0.70 * light * alpha, 0.42 * light * alpha, 0.34 * light * alpha, alpha};
}

static bool slab(double eye, double ray, double lo, double hi, double *in, double *out,
                 bool *entered) {
    if (fabs(ray) < 1e-12) return eye >= lo && eye <= hi;
    const double a = (lo - eye) / ray, b = (hi - eye) / ray;
    *entered = fmin(a, b) > *in;
    *in = fmax(*in, fmin(a, b));
    *out = fmin(*out, fmax(a, b));
    return *in < *out;
}

static shade trace(const terrain *t, const style *how, vec eye, vec ray) {
    const shade nothing = {0, 0, 0, 0};
    double in = 0, out = (double)INFINITY;
    bool by_x = false, by_y = false, by_z = false;
    if (!slab(eye.x, ray.x, 0, t->lx, &in, &out, &by_x) ||
        !slab(eye.y, ray.y, 0, t->ly, &in, &out, &by_y) ||
        !slab(eye.z, ray.z, t->base, t->tall * t->highest + 1e-6, &in, &out, &by_z))
        return nothing;
    const vec first = plus(eye, ray, in);
    if (!by_z && first.z < t->tall * height_mm(t->of, first.x, first.y))
        return shade_side(t, first, !by_y);
    const double flat = hypot(ray.x, ray.y);
    const double step = 0.6 * fmin(t->of->dx_mm, t->of->dy_mm) / fmax(flat, 0.05);
    double before = in;
    for (double at = in + step; before < out; at += step) {
        const double here = fmin(at, out);
        vec p = plus(eye, ray, here);
        if (p.z <= t->tall * height_mm(t->of, p.x, p.y)) {
            double a = before, b = here;
            for (int k = 0; k < 10; k++) {
                const double m = 0.5 * (a + b);
                p = plus(eye, ray, m);
                if (p.z <= t->tall * height_mm(t->of, p.x, p.y))
                    b = m;
                else
                    a = m;
            }
            p = plus(eye, ray, b);
            p.z = t->tall * height_mm(t->of, p.x, p.y);
            return shade_top(t, how, p, ray);
        }
        before = here;
    }
    return nothing;
}

static uint32_t pixel_of(const terrain *t, const style *how, const camera *c, int px, int py) {
    shade sum = {0, 0, 0, 0};
    for (int q = 0; q < SUB * SUB; q++) {
        const double x = (px + (q % SUB + 0.5) / SUB) / PIXELS;
        const double y = (py + (q / SUB + 0.5) / SUB) / PIXELS;
        vec ray = plus(c->ahead, c->right, (x - c->cx) / c->focus);
        ray = unit(plus(ray, c->up, -(y - c->cy) / c->focus));
        const shade s = trace(t, how, c->eye, ray);
        const double share = 1.0 / (SUB * SUB);
        sum = (shade){sum.r + share * s.r, sum.g + share * s.g, sum.b + share * s.b,
                      sum.a + share * s.a};
    }
    if (sum.a <= 0) return 0;
    const uint32_t a = (uint32_t)(sum.a * 255 + 0.5);
    const uint32_t r = (uint32_t)(display(sum.r / sum.a) * a + 0.5);
    const uint32_t g = (uint32_t)(display(sum.g / sum.a) * a + 0.5);
    const uint32_t b = (uint32_t)(display(sum.b / sum.a) * a + 0.5);
    return a << 24 | r << 16 | g << 8 | b;
}

/* ---- the picture ----------------------------------------------------------------------------------------------------- */

typedef struct picture {
    const cit_relief *reliefs;
    int count;
    const cit_relief_picture *how;
    terrain terrains[CIT_RELIEFS_MAX];
    double tall, deepest, contour, base, lx, ly, highest;
    double width, height, block_w, block_h;
    camera camera;
    style style;
    bool *failed;
} picture;

static bool put_terrain(cairo_t *c, const picture *p, const terrain *t, double x, double y) {
    const int w = (int)(p->block_w * PIXELS), h = (int)(p->block_h * PIXELS);
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, w, h);
    if (cairo_surface_status(image) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(image);
        return false;
    }
    cairo_surface_flush(image);
    unsigned char *bytes = cairo_image_surface_get_data(image);
    const int stride = cairo_image_surface_get_stride(image);
    /* A smaller one stands in the middle. */
    camera cam = p->camera;
    cam.eye = plus(cam.eye, (vec){0.5 * (t->lx - p->lx), 0.5 * (t->ly - p->ly), 0}, 1);
#pragma omp parallel for schedule(dynamic, 8)
    for (int py = 0; py < h; py++)
        for (int px = 0; px < w; px++) {
            const uint32_t all = pixel_of(t, &p->style, &cam, px, py);
            memcpy(bytes + (size_t)py * (size_t)stride + 4 * (size_t)px, &all, 4);
        }
    put_pixels(c, image, x, y, PIXELS);
    cairo_surface_destroy(image);
    return true;
}

/* A length along the front edge, at its foot, and a height at its corner. */
static void put_bars(cairo_t *c, const picture *p, const terrain *t, double x, double y) {
    char label[60];
    camera cam = p->camera;
    cam.eye = plus(cam.eye, (vec){0.5 * (t->lx - p->lx), 0.5 * (t->ly - p->ly), 0}, 1);
    double x0, y0, x1, y1;
    const double mm = round_step(t->lx, 5), z = p->base, out = -0.035 * p->ly;
    project(&cam, (vec){0, out, z}, &x0, &y0);
    project(&cam, (vec){mm, out, z}, &x1, &y1);
    set_colour(c, ink, 0.9);
    put_line(c, x + x0, y + y0, x + x1, y + y1, 2.4);
    snprintf(label, sizeof label, "%g mm", mm);
    put_text(c, x + 0.5 * (x0 + x1) - 4, y + 0.5 * (y0 + y1) + 14, CENTRE, 12, false, label);
    const double tall = round_step(-p->base / p->tall, 2);
    project(&cam, (vec){-0.03 * p->lx, out, z}, &x0, &y0);
    project(&cam, (vec){-0.03 * p->lx, out, z + fmin(tall * p->tall, -p->base)}, &x1, &y1);
    put_line(c, x + x0, y + y0, x + x1, y + y1, 2.4);
    snprintf(label, sizeof label, "%.2g mm", fmin(tall, -p->base / p->tall));
    put_text(c, x + x0 - 7, y + 0.5 * (y0 + y1), RIGHT, 12, false, label);
}

static void put_figures(cairo_t *c, const terrain *t, double x, double y) {
    const cit_relief *r = t->of;
    char line[120];
    double volume = 0;
    for (size_t i = 0; i < (size_t)r->nx * (size_t)r->ny; i++)
        volume += fmax(-r->height_mm[i], 0) * r->dx_mm * r->dy_mm;
    snprintf(line, sizeof line, "deepest %.2f mm, %.3g mm³ below healthy skin", fmax(-t->lowest, 0),
             volume);
    set_colour(c, ink, 0.8);
    put_text(c, x, y, CENTRE, 12, false, line);
}

static void put_depth_bar(cairo_t *c, const picture *p, double x, double y, double w) {
    enum { H = 12 };
    char label[120];
    const int steps = (int)(w * PIXELS);
    for (int i = 0; i < steps; i++) {
        set_colour(c, depth_colour((i + 0.5) / steps), 1);
        cairo_rectangle(c, x + (double)i / PIXELS, y, 1.0 / PIXELS, H);
        cairo_fill(c);
    }
    for (double v = 0; v <= p->deepest * (1 + 1e-9); v += p->contour) {
        const double at = x + v / p->deepest * w;
        set_colour(c, ink, 0.9);
        put_line(c, at, y + H, at, y + H + 4, 1);
        snprintf(label, sizeof label, "%.4g", v);
        put_text(c, at, y + H + 12, CENTRE, 11, false, label);
    }
    snprintf(label, sizeof label, "mm below healthy skin; a contour line every %.4g mm",
             p->contour);
    set_colour(c, ink, 0.8);
    put_text(c, x + w + 18, y + 0.5 * H, LEFT, 12, false, label);
    snprintf(label, sizeof label,
             p->tall > 1 ? "heights %g times as tall as they are" : "true to scale", p->tall);
    put_text(c, x + w + 18, y + 0.5 * H + 17, LEFT, 12, p->tall > 1, label);
}

static void draw_reliefs(cairo_t *c, const void *of) {
    const picture *p = of;
    char line[200];
    set_colour(c, ink, 1);
    put_text(c, MARGIN, 26, LEFT, 18, true, text_or_none(p->how->title));
    for (int i = 0; i < p->count && !*p->failed; i++) {
        const double x = MARGIN + i * (p->block_w + GAP), middle = x + 0.5 * p->block_w;
        *p->failed = !put_terrain(c, p, &p->terrains[i], x, TOP);
        put_bars(c, p, &p->terrains[i], x, TOP);
        set_colour(c, ink, 1);
        put_text(c, middle, TOP - 6, CENTRE, 15, true, text_or_none(p->reliefs[i].label));
        put_figures(c, &p->terrains[i], middle, TOP + p->block_h + 10);
    }
    put_depth_bar(c, p, MARGIN + 8, p->height - FOOT + 34, fmin(0.36 * p->width, 320));
    made_by_line(&p->how->made, line);
    set_colour(c, ink, 0.55);
    put_text(c, p->width - MARGIN, p->height - 14, RIGHT, 10, false, line);
}

static cit_status check_reliefs(const cit_relief *all, int count, const cit_relief_picture *how,
                                cit_errors *errs) {
    if (count < 1 || count > CIT_RELIEFS_MAX)
        return cit_fail(errs, CIT_INVALID, "reliefs", "there are %d; 1 to %d can be drawn", count,
                        CIT_RELIEFS_MAX);
    if (how->made.program == NULL || !cit_text_is_plain(how->made.program) ||
        !cit_text_is_plain(text_or_none(how->title)))
        return cit_fail(errs, CIT_INVALID, "reliefs", "no program, or a title that is no text");
    if (!(how->exaggeration >= 0 && how->exaggeration <= 100) ||
        !(how->deepest_mm >= 0 && isfinite(how->deepest_mm)))
        return cit_fail(errs, CIT_INVALID, "reliefs", "heights times %g, colours down to %g mm",
                        how->exaggeration, how->deepest_mm);
    for (int q = 0; q < count; q++) {
        const cit_relief *r = &all[q];
        if (r->nx < 1 || r->ny < 1 || !(r->dx_mm > 0 && r->dy_mm > 0) ||
            !isfinite(r->nx * r->dx_mm + r->ny * r->dy_mm))
            return cit_fail(errs, CIT_INVALID, "reliefs", "%d is %d x %d places of %g x %g mm",
                            q + 1, r->nx, r->ny, r->dx_mm, r->dy_mm);
        if (!cit_text_is_plain(text_or_none(r->label)))
            return cit_fail(errs, CIT_INVALID, "reliefs", "the label of %d is not text", q + 1);
        for (size_t i = 0; i < (size_t)r->nx * (size_t)r->ny; i++)
            if (!(fabs(r->height_mm[i]) < 1e3))
                return cit_fail(errs, CIT_INVALID, "reliefs", "height %zu of %d is %g mm", i, q + 1,
                                r->height_mm[i]);
    }
    return CIT_OK;
}

/* Of 1, 2, 3, 5 and 10 the largest that makes the deepest place at most 0.3 of the block's width. */
static double tall_enough(double deepest, double wide) {
    static const double usual[] = {10, 5, 3, 2};
    for (int i = 0; i < 4; i++)
        if (usual[i] * deepest <= 0.3 * wide) return usual[i];
    return 1;
}

static void measure(picture *p) {
    double lowest = 0;
    for (int q = 0; q < p->count; q++) {
        const cit_relief *r = &p->reliefs[q];
        p->lx = fmax(p->lx, r->nx * r->dx_mm);
        p->ly = fmax(p->ly, r->ny * r->dy_mm);
        for (size_t i = 0; i < (size_t)r->nx * (size_t)r->ny; i++) {
            lowest = fmin(lowest, r->height_mm[i]);
            p->highest = fmax(p->highest, r->height_mm[i]);
        }
    }
    const double wide = fmax(p->lx, p->ly);
    p->deepest = p->how->deepest_mm > 0 ? p->how->deepest_mm : lowest < 0 ? -lowest : 0.1;
    p->contour = round_step(p->deepest, 5);
    p->tall = p->how->exaggeration > 0 ? p->how->exaggeration : tall_enough(p->deepest, wide);
    p->base = -fmax(1.06 * p->tall * fmax(-lowest, p->deepest), 0.1 * wide);
    p->width = p->count == 1 ? 820 : p->count == 2 ? 1080 : 1200;
    p->block_w = (p->width - 2 * MARGIN - GAP * (p->count - 1.0)) / p->count;
    p->camera = look_at(p->lx, p->ly, 0.5 * p->base);
    /* Nothing but what is given moves the camera through a film. Room for the bars on the left and at the
     * foot. */
    p->block_h = 38 + fit(&p->camera, p->lx, p->ly, p->tall * fmax(p->highest, 0.15 * p->deepest),
                          p->base, p->block_w - 74, 520);
    p->block_h = ceil(p->block_h);
    p->camera.cx += 48;
    p->camera.cy += 8;
    p->height = TOP + p->block_h + FOOT;
    p->style = (style){.deepest = p->deepest,
                       .contour = p->contour,
                       .point_mm = 4.2 * hypot(p->lx, p->ly) / p->camera.focus};
}

cit_status cit_reliefs_png(const cit_relief *reliefs, int count, const cit_relief_picture *how,
                           unsigned char **ret, size_t *ret_size, cit_errors *errs) {
    bool failed = false;
    colour ramp[RAMP];
    picture p = {.reliefs = reliefs, .count = count, .how = how, .failed = &failed};
    cit_status st = CIT_OK;
    CIT_TRY(check_reliefs(reliefs, count, how, errs));
    measure(&p);
    for (int i = 0; i < RAMP; i++) {
        const colour k = depth_colour(i / (RAMP - 1.0));
        ramp[i] = (colour){linear(k.r), linear(k.g), linear(k.b)};
    }
    p.style.ramp = ramp;
    for (int q = 0; q < count; q++) failed |= !prepare(&p.terrains[q], &reliefs[q], p.tall, p.base);
    const drawing d = {"relief", p.width, p.height, draw_reliefs, &p};
    if (!failed) CIT_TRY(drawing_render(&d, true, ret, ret_size, errs));
    if (failed) st = cit_fail(errs, CIT_NOMEM, "relief", "no memory for a picture");
done:
    for (int q = 0; q < CIT_RELIEFS_MAX; q++) unprepare(&p.terrains[q]);
    return st;
}
