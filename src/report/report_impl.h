/* Private to the report room. */
#pragma once
#include <cairo.h>
#include <cit/report.h>
#include <stdio.h>

/* ---- texts in memory ------------------------------------------------------------------------ */

typedef struct text {
    char *bytes;
    size_t size;
    FILE *out;
} text;
cit_status text_open(text *t, cit_errors *errs);
/* Closes and hands the bytes over, or reports that memory ran out. */
cit_status text_close(text *t, char **ret, cit_errors *errs);

/* "pen, 12 needles, 2 mm" of the first visit's first setting. */
void describe_setting(const cit_report *r, char line[200]);
/* Visits by status, as "3 visits (2 done, 1 planned)". */
void describe_visits(const cit_report *r, char line[120]);

/* ---- drawing -------------------------------------------------------------------------------- */

typedef struct colour {
    double r, g, b;
} colour;
extern const colour ink, pale, type_colours[CIT_SCAR_TYPES + 1], score_colour, published_colour;

/* A plot area in the picture, and what its edges mean. */
typedef struct axes {
    double x, y, w, h; /* pixels */
    double x0, x1, y0, y1;
} axes;
double axes_x(const axes *a, double x);
double axes_y(const axes *a, double y);
/* Frame, ticks and labels; `x_label` may be NULL. */
void axes_draw(cairo_t *c, const axes *a, const char *title, const char *x_label);

typedef enum align { LEFT, CENTRE, RIGHT } align;
void put_text(cairo_t *c, double x, double y, align how, double size, bool bold, const char *words);
void set_colour(cairo_t *c, colour k, double alpha);
void put_line(cairo_t *c, double x0, double y0, double x1, double y1, double width);
/* The area between two curves of n points; the curve itself. */
void put_area(cairo_t *c, const axes *a, const double *x, const double *lo, const double *hi,
              int n);
void put_curve(cairo_t *c, const axes *a, const double *x, const double *y, int n, double width);
/* A round step for about `count` ticks over this span. */
double round_step(double span, int count);

typedef void figure_function(cairo_t *c, const cit_report *r, const void *extra);

typedef struct figure {
    const char *name;
    double width, height;
    double (*height_of)(const cit_report *r); /* where it depends on what is drawn; or NULL */
    figure_function *draw;
} figure;

/* What figure_punctures is drawn of, as its `extra`. */
typedef struct puncture_picture {
    cit_patch patch;
    cit_patch_stats stats;
    cit_use use;
} puncture_picture;

/* The first setting in use on 12 mm of skin, unstated settings at the middle of their prior. The caller
 * frees the patch, which is empty where no setting is in use. */
cit_status punctures_of(const cit_report *r, puncture_picture *p, cit_errors *errs);

extern const figure figure_forecast, figure_evidence, figure_drivers, figure_punctures;
/* Renders a figure; `png` chooses between the two formats. */
cit_status figure_render(const figure *f, const cit_report *r, const void *extra, bool png,
                         unsigned char **ret, size_t *ret_size, cit_errors *errs);
