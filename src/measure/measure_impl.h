/* Private to the measure room. Depths are um, downwards; distances mm. */
#pragma once
#include <cit/measure.h>

#define PI 3.14159265358979323846

static inline cit_status no_memory(cit_errors *errs, const char *what) {
    cit_fail(errs, CIT_NOMEM, "", "no memory for %s", what);
    return CIT_NOMEM;
}

enum { SCALES_MOST = 8 };
/* From here on a dip is one, on seeds set apart (docs/models/measure.md): score of its deepest, area, depth. */
#define DIP_LEAST_SIGNAL 6.0
#define DIP_LEAST_MM2    0.05
#define LEAST_DEPTH_UM   20.0

/* A surface with its form off. `fine` and `wide` are how deep it is after filters of 0.15 and 0.4 mm, missing samples
 * filled where others are near; `score` how deep over noise, the most of several scales. */
typedef struct scar_map {
    int nx, ny, threads;
    size_t n;
    bool first_look; /* only to know what is healthy: necks do not matter */
    double dx, dy;
    const float *um;
    const uint8_t *healthy;
    float *fine, *wide, *score;
    double fine_sd, wide_sd;      /* on healthy skin */
    double scale_sd[SCALES_MOST]; /* of the scales of score */
} scar_map;

/* ---- outline.c ---------------------------------------------------------------------------------- */

/* The nearest sample that has a label, and how far it is (HUGE_VALF: there is none). */
typedef struct nearest {
    int *label;
    float *mm;
} nearest;
/* `labels` 0: none. Exact; by columns, then by rows (Felzenszwalb and Huttenlocher, Theory of Computing 2012;
 * 8:415-428). */
cit_status nearest_find(const scar_map *m, const int *labels, nearest *ret, cit_errors *errs);
void nearest_clear(nearest *near);

/* `scar` is the number, from 0, of what it belongs to. */
typedef struct dip {
    double peak, signal; /* of fine, of score */
    double wide;         /* peak of wide; 0: fine will do for its core */
    int scar;
} dip;
typedef struct dips {
    int *label; /* 1 + the dip of a sample; 0: none */
    dip *dip;
    int count, scars;
} dips;
/* What is deep enough, cut into dips where a saddle or a neck says so, those that touch gathered into scars. */
cit_status dips_find(const scar_map *m, dips *ret, cit_errors *errs);
void dips_clear(dips *d);

/* ---- plane.c ------------------------------------------------------------------------------------ */

typedef struct points {
    int count, room;
    double *x, *y, *z;
} points;
bool points_add(points *p, double x, double y, double z);
void points_clear(points *p);

enum { RING_LEAST = 50 }; /* points of a plane; assumed */
/* z = at + x dx + y dy, by Tukey's weights; false: too few points. */
typedef struct plane {
    double at, x, y;
} plane;
bool plane_fit(const points *p, plane *ret);
static inline double plane_at(const plane *p, double x, double y) {
    return p->at + p->x * x + p->y * y;
}

/* ---- size.c ------------------------------------------------------------------------------------- */

/* Depth at the middle of what lies within `core` of it, from depth = D - c rho^2; NAN: too few points. */
double core_depth(const points *p, const plane *rim, double core_mm);

typedef struct part {
    double x, y;       /* its middle */
    double xx, xy, yy; /* of the distance in its ellipse: rho^2 = xx dx^2 + 2 xy dx dy + yy dy^2 */
    double depth, r10, r25, half, r75;
    double level, core; /* share of depth that its core is deeper than; radius there */
    double slope;
    double signal;
    int scar;
    bool sound; /* deep and wide enough to be one */
} part;
typedef struct sized_scar {
    plane rim;
    double volume, region_mm2; /* of what was summed */
    bool cut;
    int parts, deepest;
} sized_scar;
typedef struct sizes {
    part *part;
    sized_scar *scar;
    nearest near; /* core that is nearest to a sample: 1 + its part */
} sizes;
cit_status sizes_take(const scar_map *m, const dips *dips, sizes *ret, cit_errors *errs);
void sizes_clear(sizes *s);
/* How far from its core a part's volume goes. */
double part_margin(const part *p);
/* Of samples with labels, each nearest to some part, only pieces stay that hold the middle of one, or of a sound one. */
cit_status specks_drop(const scar_map *m, const sizes *s, int parts, bool sound, int *label,
                       cit_errors *errs);
/* A ring is taken at about every RING_STEP_MM: nearer samples of relief say the same twice. All four assumed. */
#define RING_STEP_MM 0.08
static inline bool ring_takes(const scar_map *m, int i, int j) {
    const int x = (int)(RING_STEP_MM / m->dx + 0.5), y = (int)(RING_STEP_MM / m->dy + 0.5);
    return (x < 2 || i % x == 0) && (y < 2 || j % y == 0);
}
#define RING_FROM_MM  0.05
#define RING_WIDTH_MM 0.9
#define CORE_SHARE    0.7 /* of the radius at half depth */

/* ---- null.c ------------------------------------------------------------------------------------- */

/* The standard deviation that healthy skin alone gives a volume over a disc of radius r, and a depth over a core of
 * radius r: exp(log_at + power log(r + 0.15 mm)). */
typedef struct null_law {
    double log_at, power;
    int outlines;
} null_law;
typedef struct null_laws {
    null_law volume, depth;
    null_law hole_volume,
        hole_depth; /* what a form that is bridged adds; by the radius of the region, both */
    double edge_volume, edge_depth; /* times that where the map's edge cuts the ring */
} null_laws;
/* Sets volume and depth. */
cit_status null_sample(const scar_map *m, null_laws *ret, cit_errors *errs);

enum { NULL_HOLES = 48 };
typedef struct null_hole {
    double x, y, radius, volume, depth;
    bool edge;
} null_hole;
/* Places for outlines that are left out of the form, how many, and what is healthy without them. */
int null_holes(const scar_map *m, null_hole holes[NULL_HOLES], uint8_t *healthy);
/* Sets hole_volume and hole_depth, from the relief of that form. */
void null_holes_fit(const scar_map *m, const null_hole *holes, int count, null_laws *ret);
double null_sd(const null_law *law, double radius_mm);

/* ---- class.c ------------------------------------------------------------------------------------ */

void class_probabilities(const part *p, double ret[CIT_CLASS_COUNT]);
void scars_suggest(cit_scars *scars);
/* ---- alignment (align.c, search.c) -------------------------------------------------------------------------- */

enum {
    ALIGN_DEGREE_MAX = 12,
    ALIGN_TERMS_MAX = (ALIGN_DEGREE_MAX + 1) * (ALIGN_DEGREE_MAX + 2) / 2
};

/* Where a sample of the first surface lies on the second: both from the middles of their maps, mm, plus u; and what is
 * added to the second's heights, um. Chebyshev terms T_a(x) T_b(y), a + b up to a degree, a the slower, over the first
 * map from -1 to 1. */
typedef struct align_pose {
    int lateral, vertical; /* degrees */
    double x[ALIGN_TERMS_MAX], y[ALIGN_TERMS_MAX], z[ALIGN_TERMS_MAX];
    double lateral_size[ALIGN_DEGREE_MAX + 1], /* of the coefficients of a degree, mm */
        vertical_size[ALIGN_DEGREE_MAX + 1];   /* um */
    double sigma_um;                           /* of residuals, robust */
    double error[3]; /* deviation of the constants of x, y (mm) and z (um) */
    double fine_mm;  /* finer Gaussian of the search */
    int rounds;
} align_pose;

typedef struct align_input {
    const cit_heights *a, *b;
    int threads;
} align_input;

/* How sure the fields are, after the last level. */
typedef struct align_doubt align_doubt;
void align_doubt_free(align_doubt *doubt);

typedef struct align_level_options {
    const float *um_a, *um_b; /* heights of this level */
    const uint8_t *use;       /* of a's samples; NULL: all */
    int lateral, vertical, step, rounds;
    double enough_mm;        /* smaller moves end it */
    align_doubt **ret_doubt; /* NULL: not asked for */
} align_level_options;

/* CIT_DIVERGED: they do not overlap. */
cit_status align_level(const align_input *in, const align_level_options *o, align_pose *pose,
                       cit_errors *errs);
/* Second less first at the first's samples; missing where either is. */
void align_difference(const align_input *in, const align_pose *pose, float *ret);
/* A place of the first, from its corner, on the second, from its middle; `side` of the first; mm. */
void align_where(const double side_mm[2], const align_pose *pose, double x_mm, double y_mm,
                 double ret[2]);
/* Weights of the difference at nx x ny samples from (i0, j0): a reading is their sum. */
typedef struct align_window {
    int i0, j0, nx, ny;
    double *weight;
} align_window;
/* By how much a reading grows with each coefficient of the fields: align_doubt_size() numbers. That of a sum of readings
 * is the sum of theirs. */
int align_doubt_size(const align_doubt *doubt);
void align_pull(const align_input *in, const align_pose *pose, const align_doubt *doubt,
                const align_window *w, double *ret);
/* The deviation that errors of the lateral field give such a reading, heights fitted as well as they can be: from how
 * scores of tiles of skin scatter, and from the pull of what was known before. */
double align_sideways_sd(const align_doubt *doubt, const double *pull);
/* A shift and a turn to begin with, by correlation of what both show with form off, after a Gaussian of 0.3 mm or as fine
 * as relief is that has no wider waves; `degrees` either way. */
cit_status align_search(const align_input *in, double degrees, align_pose *ret, cit_errors *errs);
/* Correlation, from `fine_mm` on, of the first surface with the second as it was laid over it. */
cit_status align_match(const align_input *in, const float *difference, double fine_mm, double *ret,
                       cit_errors *errs);
