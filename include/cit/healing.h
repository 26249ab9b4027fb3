/* cit/healing.h -- what needled dermis does over weeks and months: the column.
 *
 * A column is the dermis below one place, cut into layers; each layer's state is its average over the
 * skin. Debris of a visit (D) raises inflammation (I), which calls reparative macrophages (R); debris,
 * macrophages and myofibroblasts release active TGF-beta (G), under which fibroblasts (F) become
 * myofibroblasts (M) and both lay down new collagen (N), which matures (C). Amounts are fractions of
 * healthy tissue. Equations, sources and what is left out: docs/models/healing.md.
 *
 * With three layers the state has 28 numbers of repair (eight fields in three layers, elastin, tether,
 * redness, pigment) and four of harm (the collagen set point of each layer, raised scar).
 *
 * The average is exact only where what diffuses is even between punctures; cit_column_lambda says how
 * even, and below CIT_LAMBDA_MIN_* a column must not be used. */
#pragma once
#include <cit/needling.h>
#include <cit/num.h>

/* Fields with one value a layer: y[field * layers + layer]. */
enum {
    CIT_DEBRIS,
    CIT_INFLAMMATION,
    CIT_MACROPHAGES,
    CIT_TGF,
    CIT_FIBROBLASTS,
    CIT_MYOFIBROBLASTS,
    CIT_NEW_COLLAGEN,
    CIT_COLLAGEN,
    CIT_SET_POINT, /* of collagen; falls under abuse */
    CIT_LAYER_FIELDS
};
/* Single values: y[CIT_LAYER_FIELDS * layers + place]. */
enum {
    CIT_ELASTIN_STATE, /* relative to the start */
    CIT_TETHER,        /* share of bands left */
    CIT_REDNESS,
    CIT_PIGMENT_LOAD,
    CIT_RAISED, /* raised scar, mm */
    CIT_SINGLE_FIELDS
};

enum { CIT_COLUMN_LAYERS = 3 };
enum { CIT_COLUMN_SIZE_MAX = CIT_LAYER_FIELDS * CIT_LAYERS_MAX + CIT_SINGLE_FIELDS };

typedef struct cit_column {
    cit_kinetics kinetics;
    int layers;
    double edges_mm[CIT_LAYERS_MAX + 1]; /* equal layers, from the epidermis down */
    double set_point[CIT_LAYERS_MAX];    /* collagen at the start, 1: healthy */
    double viable[CIT_LAYERS_MAX];       /* share of living tissue; 1 unless a tract is open */
    double pigment_rate;                 /* of this skin type, per day */
    /* Made by cit_column_make: exchange between layers per day, loss of TGF-beta into fat per day. */
    double exchange_I, exchange_R, exchange_G, exchange_F, loss_G;
    double pigment_fading, raised_fading; /* per day */
    /* Changed by visits: priming Q of each layer, and whether raised scar is counted by now. */
    double priming[CIT_LAYERS_MAX];
    bool counts_raised;
} cit_column;

/* Checks the rules that make the bounds hold (rates >= 0, k_mat >= b, set point <= C_max) and fills
 * the derived part. */
CIT_CHECKED cit_status cit_column_make(const cit_kinetics *kinetics, double top_mm,
                                       double thickness_mm, int layers, double set_point,
                                       double pigment_rate, cit_column *ret, cit_errors *errs);
CIT_API int cit_column_size(const cit_column *column);
/* The untreated state, which is an exact steady state. */
CIT_API void cit_column_start(const cit_column *column, double *y);
/* The right side, its Jacobian's solver and their sizes, for any method of cit/num.h. */
CIT_API cit_ode_system cit_column_system(const cit_column *column);
/* The Jacobian of the right side, size x size, row by row. */
CIT_API void cit_column_jacobian(const cit_column *column, const double *y, double *J);

/* What a visit does at once: debris and holes by the wound, cut bands down to `band_floor` (the share
 * that needles never cut), priming from the macrophages present. c_cut: share of new collagen in a
 * channel that is cut. */
CIT_API void cit_column_visit(cit_column *column, const cit_wound *wound, double c_cut,
                              double band_floor, double *y);

/* Loop gain p_M k_FM / (K_G d_G d_M) of myofibroblasts feeding themselves, and the gain above which a
 * column of these layers never comes to rest: 1 + mu0 / d_G, mu0 the smallest eigenvalue of its own
 * exchange matrix. Above it the answer is fibrosis. */
CIT_API double cit_loop_gain(const cit_kinetics *kinetics);
CIT_API double cit_column_loop_limit(const cit_column *column);

/* How fast a field evens out between punctures of this density (per mm2) relative to how fast it
 * decays: D (2 pi)^2 density / d. The limits are those of punctures as devices scatter them, from the study of
 * docs/models/homogenisation.md (cit-study-homogenisation): at all three at once the column's gain of collagen is
 * within 5 % of that of tissue in which every puncture is seen for four drawn kinetics of five (worst: 5.8 %). */
typedef struct cit_lambda {
    double inflammation, macrophages, tgf;
} cit_lambda;
CIT_API cit_lambda cit_column_lambda(const cit_kinetics *kinetics, double density);
#define CIT_LAMBDA_MIN_INFLAMMATION 10.0
#define CIT_LAMBDA_MIN_MACROPHAGES  2.0
#define CIT_LAMBDA_MIN_TGF          3.0
CIT_API bool cit_column_is_homogenised(const cit_kinetics *kinetics, double density);

/* ---- a course of visits --------------------------------------------------------------------- */

typedef struct cit_course {
    cit_column column; /* as made; the run changes its own copy */
    int visits;
    const double *days; /* ascending, 0 first */
    const cit_wound *wounds;
    double c_cut, band_floor;
    const double *times; /* ascending; where the state is wanted. At a visit's day: before it */
    int time_count;
    double *values; /* time_count x column size */
    /* A course that begins like an earlier one of the same run (by its place) shares that one's work up to and
     * with so many visits; 0: none. One that is wholly the same shares all of it: the values are copied.
     * cit_courses_share finds what can be shared; what is said here and cannot be is ignored. */
    int shares_with, shared_visits;
    bool shares_all;
} cit_course;

/* For each course the earlier one with which it shares most: all, where column, days, wounds and times are the
 * same; otherwise the most visits of the same column, days and wounds, with the same times wanted up to the
 * last visit shared. Meant for the candidate protocols of one person. The results are those of courses run
 * apart, to the bit. */
CIT_API void cit_courses_share(cit_course *courses, int count);

/* An engine runs many courses and belongs to one thread. The plain one takes them one after the other with
 * a method of cit/num.h; any other must agree with it. The one with lanes runs as many at once as a
 * vector holds, three layers each, with RODAS5P: what a course gives depends neither on the others nor on
 * their order. What a lane cannot do (it does not pivot) is done again by the plain one with RODAS, at the same
 * tolerance. The plain one only shares courses that are wholly the same. */
typedef struct cit_engine cit_engine;
CIT_CHECKED cit_status cit_engine_new(const cit_ode_method *method, int layers, double rtol,
                                      cit_engine **ret, cit_errors *errs);
CIT_CHECKED cit_status cit_engine_new_lanes(cit_instructions set, double rtol, cit_engine **ret,
                                            cit_errors *errs);
CIT_API void cit_engine_free(cit_engine *engine); /* NULL is fine */
CIT_CHECKED cit_status cit_engine_run(cit_engine *engine, cit_course *courses, int count,
                                      cit_ode_stats *stats, cit_errors *errs);
