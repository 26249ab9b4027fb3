/* Drawing: text by Pango, lines and areas by Cairo, and both formats from one routine. */
#include "report_impl.h"
#include <cairo-svg.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

const colour ink = {0.13, 0.15, 0.18}, pale = {0.80, 0.82, 0.85};
const colour type_colours[CIT_SCAR_TYPES + 1] = {
    {0.35, 0.35, 0.38}, {0.09, 0.42, 0.67}, {0.80, 0.40, 0.06}, {0.30, 0.52, 0.16}};
const colour score_colour = {0.42, 0.24, 0.60}, published_colour = {0.72, 0.07, 0.16};

void set_colour(cairo_t *c, colour k, double alpha) {
    cairo_set_source_rgba(c, k.r, k.g, k.b, alpha);
}

void put_text(cairo_t *c, double x, double y, align how, double size, bool bold,
              const char *words) {
    PangoLayout *layout = pango_cairo_create_layout(c);
    PangoFontDescription *font = pango_font_description_from_string("DejaVu Sans");
    int width = 0, height = 0;
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    if (bold) pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
    pango_layout_set_font_description(layout, font);
    pango_layout_set_text(layout, words, -1);
    pango_layout_get_pixel_size(layout, &width, &height);
    const double shift = how == LEFT ? 0 : how == CENTRE ? 0.5 * width : width;
    cairo_move_to(c, x - shift, y - 0.5 * height);
    pango_cairo_show_layout(c, layout);
    cairo_new_path(c);
    pango_font_description_free(font);
    g_object_unref(layout);
}

void put_pixels(cairo_t *c, cairo_surface_t *image, double x, double y, double pixels) {
    cairo_surface_mark_dirty(image);
    cairo_save(c);
    cairo_translate(c, x, y);
    cairo_scale(c, 1 / pixels, 1 / pixels);
    cairo_set_source_surface(c, image, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(c), CAIRO_FILTER_NEAREST);
    cairo_paint(c);
    cairo_restore(c);
}

void put_line(cairo_t *c, double x0, double y0, double x1, double y1, double width) {
    cairo_set_line_width(c, width);
    cairo_move_to(c, x0, y0);
    cairo_line_to(c, x1, y1);
    cairo_stroke(c);
}

double axes_x(const axes *a, double x) { return a->x + a->w * (x - a->x0) / (a->x1 - a->x0); }

double axes_y(const axes *a, double y) {
    return a->y + a->h - a->h * (y - a->y0) / (a->y1 - a->y0);
}

double round_step(double span, int count) {
    const double rough = span / count, power = pow(10, floor(log10(rough))), part = rough / power;
    return power * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
}

static double week_step(double weeks) { return weeks > 60 ? 8 : weeks > 8 ? 4 : 1; }

void axes_draw(cairo_t *c, const axes *a, const char *title, const char *x_label) {
    char label[32];
    const double y_step = round_step(a->y1 - a->y0, 5), x_step = week_step(a->x1 - a->x0);
    for (double y = ceil(a->y0 / y_step) * y_step; y <= a->y1 + 1e-9; y += y_step) {
        const double at = axes_y(a, y);
        set_colour(c, pale, fabs(y) < 1e-9 ? 1 : 0.5);
        put_line(c, a->x, at, a->x + a->w, at, fabs(y) < 1e-9 ? 1.5 : 0.8);
        set_colour(c, ink, 1);
        snprintf(label, sizeof label, "%g", fabs(y) < 1e-9 ? 0 : y);
        put_text(c, a->x - 8, at, RIGHT, 12, false, label);
    }
    for (double x = a->x0; x <= a->x1 + 1e-9; x += x_step) {
        set_colour(c, ink, 1);
        put_line(c, axes_x(a, x), a->y + a->h, axes_x(a, x), a->y + a->h + 4, 1);
        if (x_label == NULL) continue;
        snprintf(label, sizeof label, "%g", x);
        put_text(c, axes_x(a, x), a->y + a->h + 14, CENTRE, 12, false, label);
    }
    put_line(c, a->x, a->y + a->h, a->x + a->w, a->y + a->h, 1);
    put_text(c, a->x, a->y - 14, LEFT, 14, true, title);
    if (x_label != NULL)
        put_text(c, a->x + 0.5 * a->w, a->y + a->h + 34, CENTRE, 12, false, x_label);
}

static double inside(double v, double lo, double hi) { return fmin(fmax(v, lo), hi); }

void put_area(cairo_t *c, const axes *a, const double *x, const double *lo, const double *hi,
              int n) {
    if (n < 2) return;
    cairo_new_path(c);
    for (int i = 0; i < n; i++)
        cairo_line_to(c, axes_x(a, x[i]), axes_y(a, inside(hi[i], a->y0, a->y1)));
    for (int i = n - 1; i >= 0; i--)
        cairo_line_to(c, axes_x(a, x[i]), axes_y(a, inside(lo[i], a->y0, a->y1)));
    cairo_close_path(c);
    cairo_fill(c);
}

void put_curve(cairo_t *c, const axes *a, const double *x, const double *y, int n, double width) {
    cairo_set_line_width(c, width);
    cairo_set_line_join(c, CAIRO_LINE_JOIN_ROUND);
    cairo_new_path(c);
    for (int i = 0; i < n; i++)
        cairo_line_to(c, axes_x(a, x[i]), axes_y(a, inside(y[i], a->y0, a->y1)));
    cairo_stroke(c);
}

void colour_bar_draw(cairo_t *c, const colour_bar *b) {
    enum { H = 12, PIXELS = 2 };
    char label[60];
    const int count = (int)(b->w * PIXELS);
    for (int i = 0; i < count; i++) {
        set_colour(c, b->at((i + 0.5) / count), 1);
        cairo_rectangle(c, b->x + (double)i / PIXELS, b->y, 1.0 / PIXELS, H);
        cairo_fill(c);
    }
    const double step = round_step(b->high - b->low, 4);
    for (double v = ceil(b->low / step - 1e-9) * step; v <= b->high + 1e-9 * step; v += step) {
        const double x = b->x + (v - b->low) / (b->high - b->low) * b->w;
        set_colour(c, ink, 1);
        put_line(c, x, b->y + H, x, b->y + H + 4, 1);
        snprintf(label, sizeof label, b->sign && fabs(v) > 0.5 * step ? "%+.4g" : "%.4g",
                 fabs(v) > 1e-9 * step ? v : 0);
        put_text(c, x, b->y + H + 13, CENTRE, 14, false, label);
    }
    put_text(c, b->x + b->w, b->y + H + 33, RIGHT, 15, false, b->words);
}

/* ---- visits --------------------------------------------------------------------------------- */

static void put_visit(cairo_t *c, const axes *a, double week, const visit_change *v) {
    const double x = axes_x(a, week), none = a->y + a->h - 8;
    if (!cit_known(v->middle)) {
        put_line(c, x - 4, none - 4, x + 4, none + 4, 1.5);
        put_line(c, x - 4, none + 4, x + 4, none - 4, 1.5);
        return;
    }
    if (v->high > v->low) put_line(c, x, axes_y(a, v->low), x, axes_y(a, v->high), 2);
    cairo_arc(c, x, axes_y(a, v->middle), 4.5, 0, 6.2832);
    cairo_fill(c);
}

void visit_chart_draw(cairo_t *c, const visit_chart *v, double x, double y, double w, double h) {
    const int first = v->at(v->of, 0).day;
    double last = 1, lo = v->low, hi = v->high;
    for (int i = 1; i < v->count; i++) {
        const visit_change one = v->at(v->of, i);
        last = fmax(last, (one.day - first) / 7.0);
        lo = fmin(lo, one.low); /* NaN leaves them */
        hi = fmax(hi, one.high);
    }
    const axes a = {x, y, w, h, 0, last * 1.04, lo - 0.06 * (hi - lo), hi + 0.06 * (hi - lo)};
    axes_draw(c, &a, v->title, v->x_label);
    set_colour(c, score_colour, 1);
    for (int i = 0; i < v->count; i++) {
        const visit_change one = v->at(v->of, i);
        put_visit(c, &a, (one.day - first) / 7.0, &one);
    }
}

/* ---- forecasts ------------------------------------------------------------------------------ */

void series_of(const cit_forecast *f, cit_quantity q, week_series *s) {
    s->n = f->weeks < WEEKS_MAX ? f->weeks : WEEKS_MAX;
    for (int i = 0; i < s->n; i++) {
        const cit_band *b = cit_forecast_band(f, q, i);
        s->week[i] = i;
        s->median[i] = b->median;
        s->lo50[i] = b->lo50;
        s->hi50[i] = b->hi50;
        s->lo90[i] = b->lo90;
        s->hi90[i] = b->hi90;
    }
}

void put_unmeasured(cairo_t *c, const cit_forecast *f, const axes *a) {
    const double from = axes_x(a, f->measured_until_week), to = a->x + a->w;
    if (to <= from) return;
    cairo_save(c);
    cairo_rectangle(c, from, a->y, to - from, a->h);
    cairo_clip(c);
    cairo_set_source_rgba(c, 1, 1, 1, 0.45);
    cairo_paint(c);
    set_colour(c, ink, 0.16);
    for (double x = from - a->h; x < to; x += 9) put_line(c, x, a->y + a->h, x + a->h, a->y, 1);
    cairo_restore(c);
    set_colour(c, ink, 0.8);
    put_text(c, to - 3, a->y + 8, RIGHT, 10, false, "not");
    put_text(c, to - 3, a->y + 20, RIGHT, 10, false, "measured");
}

void put_visit_marks(cairo_t *c, const cit_forecast *f, const axes *a) {
    for (int i = 0; i < f->visit_count; i++) {
        const double x = axes_x(a, f->visits[i].day.median / 7), y = a->y + a->h - 6;
        set_colour(c, ink, 0.35);
        put_line(c, x, a->y, x, a->y + a->h, 0.8);
        set_colour(c, ink, 1);
        cairo_move_to(c, x - 5, y + 6);
        cairo_line_to(c, x + 5, y + 6);
        cairo_line_to(c, x, y - 3);
        cairo_close_path(c);
        if (f->visits[i].status == CIT_DONE) {
            cairo_fill(c);
        } else {
            cairo_save(c);
            cairo_set_source_rgb(c, 1, 1, 1);
            cairo_fill_preserve(c);
            cairo_restore(c);
            cairo_set_line_width(c, 1.2);
            cairo_stroke(c);
        }
    }
}

void put_band(cairo_t *c, const axes *a, const week_series *s, colour k, double strength) {
    set_colour(c, k, 0.10 * strength);
    put_area(c, a, s->week, s->lo90, s->hi90, s->n);
    set_colour(c, k, 0.22 * strength);
    put_area(c, a, s->week, s->lo50, s->hi50, s->n);
    set_colour(c, k, 0.55);
    const double dashes[] = {3, 3};
    cairo_set_dash(c, dashes, 2, 0);
    put_curve(c, a, s->week, s->lo90, s->n, 0.9);
    put_curve(c, a, s->week, s->hi90, s->n, 0.9);
    cairo_set_dash(c, NULL, 0, 0);
}

void put_median(cairo_t *c, const axes *a, const week_series *s, colour k) {
    set_colour(c, k, 1);
    put_curve(c, a, s->week, s->median, s->n, 2.4);
}

void put_key(cairo_t *c, double x, double y, colour k, const char *label) {
    set_colour(c, k, 1);
    put_line(c, x, y, x + 18, y, 3);
    set_colour(c, ink, 1);
    put_text(c, x + 24, y, LEFT, 12, false, label);
}

/* ---- rendering ----------------------------------------------------------------------------- */

cairo_status_t sink_take(void *closure, const unsigned char *data, unsigned int length) {
    sink *s = closure;
    if (s->size + length > s->capacity) {
        const size_t capacity = 2 * (s->size + length) + 4096;
        unsigned char *grown = realloc(s->bytes, capacity);
        if (grown == NULL) return CAIRO_STATUS_NO_MEMORY;
        s->bytes = grown;
        s->capacity = capacity;
    }
    memcpy(s->bytes + s->size, data, length);
    s->size += length;
    return CAIRO_STATUS_SUCCESS;
}

cit_status drawing_render(const drawing *p, bool png, unsigned char **ret, size_t *ret_size,
                          cit_errors *errs) {
    enum { SCALE = 2 }; /* pixels of a PNG to a point */
    sink s = {0};
    cairo_surface_t *surface =
        png ? cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(p->width * SCALE),
                                         (int)(p->height * SCALE))
            : cairo_svg_surface_create_for_stream(sink_take, &s, p->width, p->height);
    cairo_t *c = cairo_create(surface);
    if (png) cairo_scale(c, SCALE, SCALE);
    cairo_set_source_rgb(c, 1, 1, 1);
    cairo_paint(c);
    p->draw(c, p->of);
    cairo_status_t status = cairo_status(c);
    cairo_destroy(c);
    if (png && status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_write_to_png_stream(surface, sink_take, &s);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (status != CAIRO_STATUS_SUCCESS) {
        free(s.bytes);
        return cit_fail(errs, CIT_INTERNAL, p->name, "the chart could not be drawn: %s",
                        cairo_status_to_string(status));
    }
    *ret = s.bytes;
    *ret_size = s.size;
    return CIT_OK;
}

typedef struct figure_of {
    const figure *figure;
    const cit_report *report;
    const void *extra;
} figure_of;

static void draw_figure(cairo_t *c, const void *of) {
    const figure_of *f = of;
    f->figure->draw(c, f->report, f->extra);
}

cit_status figure_render(const figure *f, const cit_report *r, const void *extra, bool png,
                         unsigned char **ret, size_t *ret_size, cit_errors *errs) {
    const figure_of of = {f, r, extra};
    const drawing p = {f->name, f->width, f->height_of != NULL ? f->height_of(r) : f->height,
                       draw_figure, &of};
    return drawing_render(&p, png, ret, ret_size, errs);
}
