/* Slices through fields: a row a field, with a vertical cut and cuts at depths, all at one scale. Without depths, vertical
 * cuts alone, side by side. Numbers are drawn pixel by pixel, so that the edge of what lives can be drawn where it
 * is. */
#include "report_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 800, MARGIN = 26, TOP = 58, FOOT = 46, GAP = 22, HEAD = 38, PIXELS = 2 };
#define THINNEST 6.0 /* points: what is thinner is stretched */
static const colour epidermis_colour = {0.93, 0.80, 0.70}, corneum_colour = {0.62, 0.42, 0.32};
static const colour missing_colour = {0.72, 0.72, 0.74}, white = {1, 1, 1};

/* ---- a cut -------------------------------------------------------------------------------------------------- */

/* Numbers on a plane: u to the right, v down. */
typedef struct cut {
    int nu, nv;
    double u0, v0, du, dv;
    double *values, *viable;
    double *floor; /* depth at which tissue begins: of columns u, or of places; NULL: not known */
    double air_mm; /* drawn above */
    double at_mm;  /* where the plane is */
    bool horizontal;
} cut;

static int nearest(double at, double corner, double spacing, int n) {
    const double place = floor((at - corner) / spacing);
    return !(place >= 0) ? 0 : place >= n ? n - 1 : (int)place;
}

static bool cut_room(cut *c) {
    const size_t n = (size_t)c->nu * (size_t)c->nv;
    c->values = malloc(n * sizeof *c->values);
    c->viable = malloc(n * sizeof *c->viable);
    return c->values != NULL && c->viable != NULL;
}

static void cut_free(cut *c) {
    free(c->values);
    free(c->viable);
    free(c->floor);
    *c = (cut){0};
}

/* Where tissue begins in each column; NULL where some column is open below tissue, or all lives. */
static double *floors_of(const cit_frame *f) {
    const cit_box *b = &f->box;
    const size_t plane = (size_t)b->nx * (size_t)b->ny;
    double *floor = f->viable != NULL && b->nz > 1 ? malloc(plane * sizeof *floor) : NULL;
    for (size_t i = 0; i < plane && floor != NULL; i++) {
        double open = 0;
        for (int k = 0; k < b->nz && floor != NULL; k++) {
            const size_t at = i + (size_t)k * plane;
            open += 1 - f->viable[at];
            if (k == 0 || f->viable[at] >= f->viable[at - plane]) continue;
            free(floor);
            return NULL;
        }
        floor[i] = b->z_mm + open * b->dz_mm;
    }
    return floor;
}

/* The floor of the cut: a line of it where the cut goes down. Takes `all` over. */
static double *floor_of(const cut *c, const cit_box *b, double *all, int j) {
    if (all == NULL || c->horizontal || (b->nx == 1 && b->ny > 1)) return all;
    memmove(all, all + (size_t)j * (size_t)b->nx, (size_t)b->nx * sizeof *all);
    return all;
}

static void take(cut *c, int u, int v, const cit_frame *f, const double *values, size_t from) {
    const size_t to = (size_t)v * (size_t)c->nu + (size_t)u;
    c->values[to] = values[from];
    c->viable[to] = f->viable != NULL ? f->viable[from] : 1;
}

/* Across y, or across x where x is one voxel thin. */
static bool cut_down(cut *c, const cit_frame *f, const double *values, const cit_slices *how) {
    const cit_box *b = &f->box;
    const bool along_y = b->nx == 1 && b->ny > 1;
    const double middle = b->y_mm + 0.5 * b->ny * b->dy_mm;
    const bool given =
        how->y_mm != 0 && how->y_mm >= b->y_mm && how->y_mm <= b->y_mm + b->ny * b->dy_mm;
    const int j = nearest(given ? how->y_mm : middle, b->y_mm, b->dy_mm, b->ny);
    *c = (cut){.nu = along_y ? b->ny : b->nx,
               .nv = b->nz,
               .u0 = along_y ? b->y_mm : b->x_mm,
               .v0 = b->z_mm,
               .du = along_y ? b->dy_mm : b->dx_mm,
               .dv = b->dz_mm,
               .air_mm = how->epidermis_mm > 0 ? 1.6 * how->epidermis_mm : 0,
               .at_mm = along_y ? b->x_mm + 0.5 * b->dx_mm : b->y_mm + (j + 0.5) * b->dy_mm};
    if (!cut_room(c)) return false;
    for (int k = 0; k < c->nv; k++)
        for (int i = 0; i < c->nu; i++)
            take(c, i, k, f, values, along_y ? box_at(b, 0, i, k) : box_at(b, i, j, k));
    c->floor = floor_of(c, b, floors_of(f), j);
    return true;
}

static bool cut_across(cut *c, const cit_frame *f, const double *values, double depth_mm) {
    const cit_box *b = &f->box;
    const int k = nearest(depth_mm, b->z_mm, b->dz_mm, b->nz);
    *c = (cut){.nu = b->nx,
               .nv = b->ny,
               .u0 = b->x_mm,
               .v0 = b->y_mm,
               .du = b->dx_mm,
               .dv = b->dy_mm,
               .at_mm = b->z_mm + (k + 0.5) * b->dz_mm,
               .horizontal = true};
    if (!cut_room(c)) return false;
    for (int j = 0; j < c->nv; j++)
        for (int i = 0; i < c->nu; i++) take(c, i, j, f, values, box_at(b, i, j, k));
    c->floor = floor_of(c, b, floors_of(f), 0);
    return true;
}

/* ---- numbers between middles ---------------------------------------------------------------------------------- */

typedef struct sample {
    bool lives;
    double value; /* NAN: no number */
} sample;

static sample sample_voxel(const cut *c, double u, double v) {
    const int i = nearest(u, c->u0, c->du, c->nu), j = nearest(v, c->v0, c->dv, c->nv);
    const size_t at = (size_t)j * (size_t)c->nu + (size_t)i;
    return (sample){c->viable[at] > 0, c->values[at]};
}

/* Bilinear, of living voxels with a number. It lives below the floor, or where that is not known, where at
 * least half of the place does. */
static sample sample_between(const cut *c, double u, double v) {
    const double x = fmin(fmax((u - c->u0) / c->du - 0.5, 0), c->nu - 1);
    const double y = fmin(fmax((v - c->v0) / c->dv - 0.5, 0), c->nv - 1);
    const int i = (int)x, j = (int)y;
    double lives = 0, weight = 0, sum = 0, lost = 0, floor_mm = 0;
    for (int b = 0; b < 2; b++)
        for (int a = 0; a < 2; a++) {
            const double w = (a ? x - i : 1 - x + i) * (b ? y - j : 1 - y + j);
            if (w == 0) continue;
            const size_t at = (size_t)(j + b) * (size_t)c->nu + (size_t)(i + a);
            if (c->floor != NULL) floor_mm += w * c->floor[c->horizontal ? at : (size_t)(i + a)];
            const double share = w * c->viable[at];
            lives += share;
            if (cit_known(c->values[at])) {
                weight += share;
                sum += share * c->values[at];
            } else {
                lost += share;
            }
        }
    const double depth = c->horizontal ? c->at_mm : v;
    return (sample){c->floor != NULL ? depth >= floor_mm : lives >= 0.5,
                    weight > lost ? sum / weight : (double)NAN};
}

static sample sample_at(const cut *c, bool voxels, double u, double v) {
    if (v < c->v0) return (sample){0};
    return voxels ? sample_voxel(c, u, v) : sample_between(c, u, v);
}

/* ---- a picture of a cut ---------------------------------------------------------------------------------------- */

/* Squared distance to the nearest zero along a line (P. Felzenszwalb and D. Huttenlocher, Theory of Computing 2012;
 * 8:415-428), in place. `work` needs 3 n + 1 numbers. */
static void distances(double *f, int n, int stride, double *work) {
    double *d = work, *z = work + n, *apex = work + 2 * n + 1;
    int k = 0;
    apex[0] = 0;
    z[0] = -(double)INFINITY;
    for (int q = 1; q < n; q++) {
        double meet;
        for (;; k--) { /* ends at 0, whose parabola reaches to minus infinity */
            const double p = apex[k];
            meet = (f[q * stride] + (double)q * q - f[(int)p * stride] - p * p) / (2 * (q - p));
            if (meet > z[k]) break;
        }
        apex[++k] = q;
        z[k] = meet;
    }
    const int last = k;
    k = 0;
    for (int q = 0; q < n; q++) {
        while (k < last && z[k + 1] < q) k++;
        d[q] = (q - apex[k]) * (q - apex[k]) + f[(int)apex[k] * stride];
    }
    for (int q = 0; q < n; q++) f[q * stride] = d[q];
}

typedef struct look {
    const cit_slices *how;
    cit_scale scale;
    double points_mm; /* points a mm */
    bool *above, *below, *missing;
} look;

/* Colours with alpha, as Cairo wants them. */
static void put_pixel(unsigned char *row, int x, colour k, double alpha) {
    const uint32_t a = (uint32_t)(alpha * 255 + 0.5);
    const uint32_t r = (uint32_t)(k.r * alpha * 255 + 0.5), g = (uint32_t)(k.g * alpha * 255 + 0.5);
    const uint32_t b = (uint32_t)(k.b * alpha * 255 + 0.5);
    const uint32_t all = a << 24 | r << 16 | g << 8 | b;
    memcpy(row + 4 * x, &all, 4);
}

static colour mixed(colour a, colour b, double t) {
    return (colour){(1 - t) * a.r + t * b.r, (1 - t) * a.g + t * b.g, (1 - t) * a.b + t * b.b};
}

static colour colour_of(const look *l, double value) {
    if (!cit_known(value)) {
        *l->missing = true;
        return missing_colour;
    }
    const double share = (value - l->scale.lo) / (l->scale.hi - l->scale.lo);
    if (share < -1e-9) *l->below = true;
    if (share > 1 + 1e-9) *l->above = true;
    return map_colour(l->how->colours, share);
}

typedef struct raster {
    int w, h;
    double u0, v0, du, dv; /* of pixels */
    double *cover,
        *far; /* share of the pixel that lives; squared distance in pixels to what lives */
} raster;

static double cover_of(const cut *c, bool voxels, const raster *r, int x, int y) {
    enum { SUB = 3 };
    int lives = 0;
    for (int b = 0; b < SUB; b++)
        for (int a = 0; a < SUB; a++)
            lives += sample_at(c, voxels, r->u0 + (x + (a + 0.5) / SUB) * r->du,
                               r->v0 + (y + (b + 0.5) / SUB) * r->dv)
                         .lives;
    return (double)lives / (SUB * SUB);
}

/* Is a pixel beside it of the other kind? Then it is looked at more closely. */
static bool at_edge(const raster *r, int x, int y) {
    const double here = r->far[(size_t)y * (size_t)r->w + (size_t)x];
    for (int j = y > 0 ? y - 1 : 0; j <= y + 1 && j < r->h; j++)
        for (int i = x > 0 ? x - 1 : 0; i <= x + 1 && i < r->w; i++)
            if (r->far[(size_t)j * (size_t)r->w + (size_t)i] != here) return true;
    return false;
}

static void find_edges(const cut *c, bool voxels, raster *r, double *work) {
    const size_t n = (size_t)r->w * (size_t)r->h;
    for (size_t at = 0; at < n; at++) {
        const double x = (double)(at % (size_t)r->w), y = (double)(at / (size_t)r->w);
        const sample s = sample_at(c, voxels, r->u0 + (x + 0.5) * r->du, r->v0 + (y + 0.5) * r->dv);
        r->far[at] = s.lives ? 0 : 1e9;
    }
    for (size_t at = 0; at < n; at++) {
        const int x = (int)(at % (size_t)r->w), y = (int)(at / (size_t)r->w);
        r->cover[at] = at_edge(r, x, y) ? cover_of(c, voxels, r, x, y) : r->far[at] == 0;
    }
    for (int x = 0; x < r->w; x++) distances(r->far + x, r->h, r->w, work);
    for (int y = 0; y < r->h; y++) distances(r->far + (size_t)y * (size_t)r->w, r->w, 1, work);
}

static void paint_raster(const cut *c, const look *l, const raster *r, unsigned char *bytes,
                         int stride) {
    const double skin_px = l->how->epidermis_mm * l->points_mm * PIXELS;
    for (int y = 0; y < r->h; y++)
        for (int x = 0; x < r->w; x++) {
            const size_t at = (size_t)y * (size_t)r->w + (size_t)x;
            const double away = sqrt(r->far[at]) - 0.5, cover = r->cover[at];
            /* from outside in: air, the horny layer, epidermis, what lives */
            const double skin = skin_px > 0 ? fmin(fmax(skin_px - away + 0.5, 0), 1) : 0;
            const double horn = fmin(fmax(away - (skin_px - 2.2) + 0.5, 0), 1);
            colour k = mixed(epidermis_colour, corneum_colour, 0.85 * horn);
            double alpha = skin;
            if (cover > 0) {
                const sample s = sample_at(c, l->how->voxels, r->u0 + (x + 0.5) * r->du,
                                           r->v0 + (y + 0.5) * r->dv);
                k = mixed(k, colour_of(l, s.value), alpha > 0 ? cover : 1);
                alpha = fmax(alpha, cover);
            }
            put_pixel(bytes + (size_t)y * (size_t)stride, x, k, alpha);
        }
}

/* Draws the cut into w x h points. */
static bool put_cut(cairo_t *c, const cut *of, const look *l, double x, double y, double w,
                    double h) {
    raster r = {.w = (int)ceil(w * PIXELS), .h = (int)ceil(h * PIXELS)};
    const size_t n = (size_t)r.w * (size_t)r.h, side = (size_t)(r.w > r.h ? r.w : r.h);
    r.u0 = of->u0;
    r.v0 = of->v0 - of->air_mm;
    r.du = of->nu * of->du / r.w;
    r.dv = (of->nv * of->dv + of->air_mm) / r.h;
    r.cover = malloc(n * sizeof *r.cover);
    r.far = malloc(n * sizeof *r.far);
    double *work = malloc((3 * side + 2) * sizeof *work);
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, r.w, r.h);
    const bool done = r.cover != NULL && r.far != NULL && work != NULL &&
                      cairo_surface_status(image) == CAIRO_STATUS_SUCCESS;
    if (done) {
        find_edges(of, l->how->voxels, &r, work);
        cairo_surface_flush(image);
        paint_raster(of, l, &r, cairo_image_surface_get_data(image),
                     cairo_image_surface_get_stride(image));
        put_pixels(c, image, x, y, PIXELS);
    }
    cairo_surface_destroy(image);
    free(r.cover);
    free(r.far);
    free(work);
    return done;
}

/* ---- around it --------------------------------------------------------------------------------------------------- */

typedef struct picture {
    const cit_frame *frame;
    const cit_slices *how;
    cit_scale scales[CIT_FRAME_FIELDS_MAX];
    double points_mm, down_w, down_h, across_w, across_h, block_w, block_h;
    int columns, rows;
    double height;
    bool *failed; /* no memory */
} picture;

/* Light on dark or dark on light, it can be read. */
static void put_outlined(cairo_t *c, double x0, double y0, double x1, double y1, double width) {
    set_colour(c, ink, 0.55);
    put_line(c, x0, y0, x1, y1, width + 1.6);
    set_colour(c, white, 1);
    put_line(c, x0, y0, x1, y1, width);
}

static void put_needles(cairo_t *c, const picture *p, const cut *of, double x, double y, double w,
                        double h) {
    const cit_slices *how = p->how;
    const double radius = how->needle_mm > 0 ? how->needle_mm : 0.05, s = p->points_mm;
    const cit_box *b = &p->frame->box;
    const bool along_y = !of->horizontal && b->nx == 1 && b->ny > 1;
    cairo_save(c);
    cairo_rectangle(c, x, y, w, h);
    cairo_clip(c);
    for (int i = 0; i < how->needle_count; i++) {
        const cit_puncture *n = &how->needles[i];
        const double u = along_y ? n->y_mm : n->x_mm, off = along_y ? n->x_mm : n->y_mm;
        const double px = x + (u - of->u0) / (of->nu * of->du) * w;
        if (of->horizontal && n->depth_mm >= of->at_mm) {
            const double py = y + (n->y_mm - of->v0) / (of->nv * of->dv) * h;
            cairo_new_sub_path(c);
            cairo_arc(c, px, py, fmax(radius * s, 1.6), 0, 6.2832);
            set_colour(c, ink, 0.5);
            cairo_set_line_width(c, 1.9);
            cairo_stroke_preserve(c);
            set_colour(c, white, 1);
            cairo_set_line_width(c, 0.9);
            cairo_stroke(c);
        } else if (!of->horizontal && fabs(off - of->at_mm) <= radius + 0.5 * b->dy_mm) {
            const double full = of->nv * of->dv + of->air_mm;
            const double end = y + (n->depth_mm - of->v0 + of->air_mm) / full * h;
            put_outlined(c, px, y, px, end, 0.9);
        }
    }
    cairo_restore(c);
}

static void put_scale_bar(cairo_t *c, const picture *p, double x1, double y, double w) {
    char label[32];
    double mm = round_step(w / p->points_mm, 4);
    if (mm > w / p->points_mm) mm /= 2;
    const double length = mm * p->points_mm;
    put_outlined(c, x1 - length, y, x1, y, 2.6);
    snprintf(label, sizeof label, "%g mm", mm);
    set_colour(c, ink, 0.55);
    for (int i = 0; i < 8; i++)
        put_text(c, x1 - 0.5 * length + 0.9 * cos(i * 0.7854), y - 10 + 0.9 * sin(i * 0.7854),
                 CENTRE, 11, true, label);
    set_colour(c, white, 1);
    put_text(c, x1 - 0.5 * length, y - 10, CENTRE, 11, true, label);
}

static void put_triangle(cairo_t *c, double x, double y, double dx, double dy) {
    cairo_move_to(c, x + dx, y + dy);
    cairo_line_to(c, x - dy, y + dx);
    cairo_line_to(c, x + dy, y - dx);
    cairo_close_path(c);
    cairo_fill(c);
}

static void put_colour_bar(cairo_t *c, const look *l, const char *unit, double x, double y,
                           double w) {
    enum { H = 11 };
    char label[40];
    const int steps = (int)(w * PIXELS);
    for (int i = 0; i < steps; i++) {
        set_colour(c, map_colour(l->how->colours, (i + 0.5) / steps), 1);
        cairo_rectangle(c, x + (double)i / PIXELS, y, 1.0 / PIXELS, H);
        cairo_fill(c);
    }
    if (*l->below) {
        set_colour(c, map_colour(l->how->colours, 0), 1);
        put_triangle(c, x - 2, y + 0.5 * H, -6, 0);
    }
    if (*l->above) {
        set_colour(c, map_colour(l->how->colours, 1), 1);
        put_triangle(c, x + w + 2, y + 0.5 * H, 6, 0);
    }
    const double span = l->scale.hi - l->scale.lo, step = round_step(span, 4);
    for (double v = ceil(l->scale.lo / step - 1e-9) * step; v <= l->scale.hi + 1e-9 * span;
         v += step) {
        const double at = x + (v - l->scale.lo) / span * w;
        set_colour(c, ink, 1);
        put_line(c, at, y + H, at, y + H + 3, 1);
        snprintf(label, sizeof label, "%.4g", fabs(v) < 1e-9 * span ? 0 : v);
        put_text(c, at, y + H + 10, CENTRE, 11, false, label);
    }
    set_colour(c, ink, 0.75);
    put_text(c, x + w, y + H + 25, RIGHT, 11, false,
             strcmp(unit, "1") == 0 ? "fraction of healthy tissue" : unit);
}

/* The share of `room` points that words of this size take, cut short with dots. */
static void put_fitting(cairo_t *c, double x, double y, double room, double size,
                        const char *words) {
    char line[420];
    const int most = (int)(room / (0.58 * size));
    if ((int)strlen(words) <= most)
        snprintf(line, sizeof line, "%s", words);
    else
        snprintf(line, sizeof line, "%.*s...", cit_text_whole(words, most > 3 ? most - 3 : 0),
                 words);
    put_text(c, x, y, LEFT, size, false, line);
}

static void put_marks(cairo_t *c, const picture *p, const cut *down, double x, double y, double w,
                      double h) {
    const double full = down->nv * down->dv + down->air_mm;
    for (int i = 0; i < p->how->depth_count; i++) {
        const cit_box *b = &p->frame->box;
        const int k = nearest(p->how->depths_mm[i], b->z_mm, b->dz_mm, b->nz);
        const double at = y + ((k + 0.5) * b->dz_mm + down->air_mm) / full * h;
        set_colour(c, ink, 0.8);
        put_triangle(c, x - 5, at, 4, 0);
        put_triangle(c, x + w + 5, at, -4, 0);
    }
}

static void put_edge(cairo_t *c, double x, double y, double w, double h) {
    set_colour(c, ink, 0.35);
    cairo_set_line_width(c, 0.7);
    cairo_rectangle(c, x, y, w, h);
    cairo_stroke(c);
}

static void put_block(cairo_t *c, const picture *p, int which, double x, double y) {
    const cit_frame_field *f = &p->frame->fields[which];
    bool above = false, below = false, missing = false;
    const look l = {p->how, p->scales[which], p->points_mm, &above, &below, &missing};
    char label[100], name[80];
    cut of;
    snprintf(name, sizeof name, "%s", f->name);
    for (char *q = name; *q != 0; q++)
        if (*q == '_') *q = ' ';
    set_colour(c, ink, 1);
    put_text(c, x, y + 8, LEFT, 14, true, name);
    set_colour(c, ink, 0.75);
    if (strcmp(name, f->meaning) != 0) put_fitting(c, x, y + 25, p->block_w, 11.5, f->meaning);
    y += HEAD;
    if (!cut_down(&of, p->frame, f->values, p->how)) *p->failed = true;
    if (!*p->failed) {
        *p->failed = !put_cut(c, &of, &l, x, y, p->down_w, p->down_h);
        put_edge(c, x, y, p->down_w, p->down_h);
        put_needles(c, p, &of, x, y, p->down_w, p->down_h);
        put_marks(c, p, &of, x, y, p->down_w, p->down_h);
        if (p->down_h > 40) put_scale_bar(c, p, x + p->down_w - 10, y + p->down_h - 10, p->down_w);
        set_colour(c, ink, 0.75);
        snprintf(label, sizeof label, "vertical section at %s = %.4g mm",
                 p->frame->box.nx == 1 && p->frame->box.ny > 1 ? "x" : "y", of.at_mm);
        put_text(c, x, y + p->down_h + 11, LEFT, 11, false, label);
    }
    cut_free(&of);
    double at = x + p->down_w + GAP;
    for (int i = 0; i < p->how->depth_count && !*p->failed; i++) {
        if (!cut_across(&of, p->frame, f->values, p->how->depths_mm[i])) *p->failed = true;
        if (!*p->failed) {
            *p->failed = !put_cut(c, &of, &l, at, y, p->across_w, p->across_h);
            put_edge(c, at, y, p->across_w, p->across_h);
            put_needles(c, p, &of, at, y, p->across_w, p->across_h);
            set_colour(c, ink, 0.75);
            snprintf(label, sizeof label, "%.4g mm deep", of.at_mm);
            put_text(c, at, y + p->across_h + 11, LEFT, 11, false, label);
        }
        cut_free(&of);
        at += p->across_w + GAP;
    }
    put_colour_bar(c, &l, f->unit, x, y + p->down_h + 30, fmin(p->down_w, 420));
    if (missing) {
        set_colour(c, missing_colour, 1);
        cairo_rectangle(c, x, y + p->down_h + 62, 11, 11);
        cairo_fill(c);
        set_colour(c, ink, 0.75);
        put_text(c, x + 16, y + p->down_h + 67, LEFT, 11, false, "no number");
    }
}

static double put_swatch(cairo_t *c, double x, double y, colour fill, colour edge,
                         const char *words) {
    set_colour(c, fill, 1);
    cairo_rectangle(c, x, y - 5.5, 18, 11);
    cairo_fill_preserve(c);
    set_colour(c, edge, 1);
    cairo_set_line_width(c, 0.8);
    cairo_stroke(c);
    set_colour(c, ink, 0.75);
    put_text(c, x + 24, y, LEFT, 11, false, words);
    return x + 24 + 6.6 * (double)strlen(words) + 22;
}

static void put_foot(cairo_t *c, const picture *p) {
    char line[200];
    const double y = p->height - FOOT + 8;
    double x = MARGIN;
    if (p->how->epidermis_mm > 0)
        x = put_swatch(c, x, y, epidermis_colour, corneum_colour, "epidermis");
    if (p->frame->viable != NULL) x = put_swatch(c, x, y, white, ink, "open: no tissue");
    if (p->how->needle_count > 0) {
        put_outlined(c, x, y, x + 18, y, 0.9);
        set_colour(c, ink, 0.75);
        put_text(c, x + 24, y, LEFT, 11, false, "needles");
    }
    made_by_line(&p->frame->made, line);
    set_colour(c, ink, 0.55);
    put_text(c, MARGIN, p->height - 16, LEFT, 10, false, line);
    if (p->how->depth_count > 0)
        put_text(c, WIDTH - MARGIN, p->height - 16, RIGHT, 10, false, "all at one scale");
}

static void draw_slices(cairo_t *c, const void *of) {
    const picture *p = of;
    char day[40];
    set_colour(c, ink, 1);
    put_text(c, MARGIN, 28, LEFT, 18, true, text_or_none(p->how->title));
    snprintf(day, sizeof day, "day %.6g", p->frame->day);
    put_text(c, WIDTH - MARGIN, 28, RIGHT, 18, true, day);
    for (int i = 0; i < p->frame->count && !*p->failed; i++)
        put_block(c, p, i, MARGIN + (i % p->columns) * (p->block_w + GAP),
                  TOP + (i / p->columns) * p->block_h);
    put_foot(c, p);
}

static void lay_out(picture *p) {
    enum { TALLEST = 330, BELOW = 82 };
    const cit_box *b = &p->frame->box;
    const int n = p->how->depth_count;
    const bool along_y = b->nx == 1 && b->ny > 1;
    const double x = b->nx * b->dx_mm, y = b->ny * b->dy_mm;
    const double z = b->nz * b->dz_mm + (p->how->epidermis_mm > 0 ? 1.6 * p->how->epidermis_mm : 0);
    const double u = along_y ? y : x;
    p->columns = n > 0 || p->frame->count == 1 ? 1 : p->frame->count <= 4 ? 2 : 3;
    p->rows = (p->frame->count + p->columns - 1) / p->columns;
    p->block_w = (WIDTH - 2 * MARGIN - GAP * (p->columns - 1.0)) / p->columns;
    p->points_mm = fmin((p->block_w - n * (double)GAP) / (u + n * x), TALLEST / fmax(z, n ? y : z));
    const double thin = THINNEST;
    p->down_w = fmax(u * p->points_mm, thin);
    p->down_h = fmax(z * p->points_mm, thin);
    p->across_w = fmax(x * p->points_mm, thin);
    p->across_h = n > 0 ? fmax(y * p->points_mm, thin) : 0;
    p->block_h = HEAD + fmax(p->down_h + BELOW, p->across_h + 34);
    p->height = ceil(TOP + p->rows * p->block_h + FOOT);
}

static cit_status check_slices(const cit_slices *s, const cit_frame *f, cit_errors *errs) {
    if (s->depth_count < 0 || s->depth_count > CIT_SLICES_DEPTHS_MAX)
        return cit_fail(errs, CIT_INVALID, "slices", "%d depths; at most %d", s->depth_count,
                        CIT_SLICES_DEPTHS_MAX);
    for (int i = 0; i < s->depth_count; i++)
        if (!isfinite(s->depths_mm[i]))
            return cit_fail(errs, CIT_INVALID, "slices", "depth %d is %g", i + 1, s->depths_mm[i]);
    if (!(s->epidermis_mm >= 0 && s->epidermis_mm < 10) || !(s->needle_mm >= 0))
        return cit_fail(errs, CIT_INVALID, "slices",
                        "the epidermis or a needle is %g or %g mm thick", s->epidermis_mm,
                        s->needle_mm);
    if (s->title != NULL && !cit_text_is_plain(s->title))
        return cit_fail(errs, CIT_INVALID, "slices", "the title is not text");
    for (int i = 0; i < f->count && s->scales != NULL; i++)
        if (!(s->scales[i].lo <= s->scales[i].hi) || !isfinite(s->scales[i].hi - s->scales[i].lo))
            return cit_fail(errs, CIT_INVALID, f->fields[i].name, "has a scale from %g to %g",
                            s->scales[i].lo, s->scales[i].hi);
    return CIT_OK;
}

/* One that has a length: what is as good as even is shown in the middle of a scale. */
static cit_scale usable(cit_scale s) {
    if (!cit_known(s.lo) || !cit_known(s.hi)) return (cit_scale){0, 1};
    const double size = fmax(fabs(s.lo), fabs(s.hi)), middle = 0.5 * (s.lo + s.hi);
    if (s.hi - s.lo > 1e-3 * size) return s;
    return size > 0 ? (cit_scale){middle - 0.05 * size, middle + 0.05 * size} : (cit_scale){0, 1};
}

cit_status cit_frame_slices(const cit_frame *f, const cit_slices *slices, unsigned char **ret,
                            size_t *ret_size, cit_errors *errs) {
    bool failed = false;
    picture p = {.frame = f, .how = slices, .failed = &failed};
    cit_status st = CIT_OK;
    CIT_TRY(cit_frame_check(f, errs));
    CIT_TRY(check_slices(slices, f, errs));
    for (int i = 0; i < f->count; i++)
        p.scales[i] =
            slices->scales != NULL ? slices->scales[i] : (cit_scale){(double)NAN, (double)NAN};
    if (slices->scales == NULL) CIT_TRY(cit_frame_scales(f, p.scales, errs));
    for (int i = 0; i < f->count; i++) p.scales[i] = usable(p.scales[i]);
    lay_out(&p);
    const drawing d = {"slices", WIDTH, p.height, draw_slices, &p};
    CIT_TRY(drawing_render(&d, true, ret, ret_size, errs));
    if (failed) {
        free(*ret);
        *ret = NULL;
        st = cit_fail(errs, CIT_NOMEM, "slices", "no memory for a picture");
    }
done:
    return st;
}
