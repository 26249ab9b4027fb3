/* cit/patch.h -- living dermis in voxels: the resolved tissue that the column averages.
 *
 * A tissue is a box of dermis, x and y along the skin, z from 0 down; voxel (i, j, k) is nx x ny x nz, x fastest, each
 * dx x dy x dz mm. It has the fields of cit/healing.h and its very equations (data/equations/column.eq), a
 * value a voxel, and elastin as a field of its own. Inflammation, macrophages, TGF-beta and fibroblasts diffuse,
 * fibroblasts only into the room that myofibroblasts leave: div(D [(1 - M) grad F + F grad M]). Nothing leaves
 * through the top; TGF-beta is lost into fat below, a half-space with the same spread and loss; what the sides
 * do is chosen. Lengths are mm, times days, amounts fractions of healthy tissue; totals are those times mm3.
 *
 * A scar is a dip (viable share 0 in the open, shares in between where its wall cuts a voxel) and a collagen
 * set point below 1. Fields live in the viable part: the flux between two voxels is times the smaller share, and
 * totals are weighted with it. Where nothing lives every field reads 0.
 *
 * A visit lays needles into the tissue: cylinders of the halo's and of the hole's radius from the plane on which the
 * device rests, `top_mm` above the box, down to their reach, upright or tilted; the share of each voxel
 * that a cylinder takes is its exact area in each of several depths. Several make a union: what they have in
 * common within a voxel is counted at 8 x 8 x 8 points. Then, as in a column:
 *   D += halo / phi_ref    F, M *= 1 - hole / 2    N *= 1 - c_cut hole    C *= 1 - 0.2 c_cut hole
 * and priming is taken anew from the macrophages that were there. The signal of debris saturates with the mean
 * debris of a layer, as in a column (docs/models/homogenisation.md), or with that of the voxel.
 *
 * Time: ROS2, a W-method of order 2 with approximate matrix factorisation (Verwer, Spee, Blom and Hundsdorfer,
 * SIAM J Sci Comput 1999; 20:1456-1480), gamma = 1 - 1/sqrt 2, all reactions within its stages, solved for the
 * increment, so that what is steady stays so to the bit, and for F + M in the place of F, so that full tissue
 * stays full; debris in closed form. New and mature collagen, set
 * point and elastin follow what drives them, linear in themselves: an implicit trapezoidal rule of order 2 with
 * the drivers at both ends. After a visit half of the first step is replaced by several of backward Euler, one
 * dimension at a time. The largest difference to the embedded first-order result, anywhere, sets the step. A
 * step that leaves the bounds (nothing negative, F + M <= 1, N + C <= C_max) or is no number is done again with
 * half the size, and from the second failure by backward Euler, which keeps amounts as well.
 *
 * The same input gives the same bytes on any number of threads. A tissue belongs to one caller at a time. */
#pragma once
#include <cit/healing.h>

/* Fields: those of a layer of the column, CIT_DEBRIS to CIT_SET_POINT, and */
enum { CIT_TISSUE_ELASTIN = CIT_LAYER_FIELDS, CIT_TISSUE_FIELDS };
CIT_API const char *cit_tissue_field_name(int field);

/* ---- making one --------------------------------------------------------------------------------- */

/* A round dip: at distance r from its middle depth (1 - (r / radius)^profile) deep, so that 1 is a cone, 2 a bowl, a
 * large number a flat floor. radius 0: there is none. */
typedef struct cit_dip {
    double x_mm, y_mm, radius_mm, depth_mm, profile;
} cit_dip;

/* All of it is borrowed for the call only. Zero is the default where one is named. */
typedef struct cit_tissue_options {
    const cit_kinetics *kinetics;
    const cit_needling_params *needling;
    int nx, ny, nz;
    double dx_mm, dy_mm, dz_mm;
    double top_mm; /* from the plane on which a device rests down to the box: epidermis */
    cit_dip dip;
    const double
        *floor_mm;    /* nx x ny: depth of the open below the top of the box; instead of a dip */
    double set_point; /* of collagen, within the dip's radius or, without one, everywhere; 0: 1 */
    const double *set_points; /* nx x ny x nz, instead */
    const double *spread;     /* nz factors of all D, 1 where NULL */
    cit_edge edge_x, edge_y;  /* CIT_EDGE_VALUE: healthy tissue (F = 1, others 0) */
    bool saturates_at_points; /* the signal of debris; else with the mean of its layer */
    double tolerance;         /* error a step, relative to the field's largest value; 0: 0.01 */
    double fixed_step_day;    /* 0: as the error wants */
    double first_step_day;    /* after a visit; 0: 0.05 */
    double longest_step_day;  /* 0: as stability wants; see docs/models/patch.md */
    int start_steps;          /* of backward Euler in half a step after a visit, 1 to 64; 0: 4 */
    double memory_bytes;      /* more is refused; 0: no limit */
    cit_precision precision;  /* of fields; sums and steps are double */
    cit_instructions instructions;
    int threads; /* 0: all */
} cit_tissue_options;

/* Bytes that a tissue of this size takes, before anything is allocated: 168 a voxel in double precision where all
 * is viable; where there is a dip 8 more, and 64 in each of the planes down to its floor and in two below; half of
 * it in single, with rows filled up to a multiple of 16. A visit needs 112 bytes a voxel of one plane and thread for a while, and making a dip 8 a voxel. */
CIT_API double cit_tissue_bytes(const cit_tissue_options *options);

typedef struct cit_tissue cit_tissue;
/* The untreated tissue at day 0, which is an exact steady state. CIT_INVALID names what is wrong: sizes, numbers
 * that are none, kinetics that break the rules of cit_column_make, a dip as deep as the box. CIT_NOMEM:
 * more than memory_bytes, or than there is. */
CIT_CHECKED cit_status cit_tissue_new(const cit_tissue_options *options, cit_tissue **ret,
                                      cit_errors *errs);
CIT_API void cit_tissue_free(cit_tissue *tissue); /* NULL is fine */
CIT_API const cit_grid *cit_tissue_grid(const cit_tissue *tissue);
CIT_API double cit_tissue_day(const cit_tissue *tissue);

/* ---- visits ------------------------------------------------------------------------------------- */

/* Punctures of cit_patch_make, or any others: x and y where the needle meets the plane on which the device rests,
 * depth its reach below that plane. Tilt, in radians, leans all of them towards their heading. Over a periodic edge
 * a needle goes on at the other side; over any other, what is outside is lost. */
typedef struct cit_punctures {
    const cit_puncture *punctures;
    int count;
    double halo_mm, hole_mm, tilt;
} cit_punctures;

/* CIT_INVALID: a number that is none, a halo thinner than a voxel is wide (dx or dy above halo_mm), a tilt beyond 1.
 * No puncture changes nothing at all. */
CIT_CHECKED cit_status cit_tissue_visit(cit_tissue *tissue, const cit_punctures *needles,
                                        cit_errors *errs);
/* The same with the homogenised wound of a column that has a layer for each of the tissue's: even in x and y. */
CIT_CHECKED cit_status cit_tissue_visit_even(cit_tissue *tissue, const cit_wound *wound,
                                             cit_errors *errs);
/* The shares of voxels that needles take, as a visit lays them: halo and hole, nx x ny x nz; either may be NULL. */
CIT_CHECKED cit_status cit_tissue_needle_shares(const cit_tissue *tissue,
                                                const cit_punctures *needles, double *halo,
                                                double *hole, cit_errors *errs);

/* ---- time --------------------------------------------------------------------------------------- */

/* Since it was made. */
typedef struct cit_tissue_stats {
    long steps, euler_steps, rejected; /* rejected: by error or by bounds */
    long out_of_bounds;                /* of those, by bounds */
    double shortest_day, longest_day;  /* accepted step of ROS2 */
    double voxel_steps;
} cit_tissue_stats;
CIT_API cit_tissue_stats cit_tissue_stats_of(const cit_tissue *tissue);

/* On to a day, which is met exactly. Progress is asked between steps; CIT_CANCELLED, and CIT_DIVERGED where no step
 * is small enough, leave the last accepted step. */
CIT_CHECKED cit_status cit_tissue_advance(cit_tissue *tissue, double until_day,
                                          const cit_progress *progress, cit_errors *errs);

/* ---- reading and writing ------------------------------------------------------------------------ */

/* A field as nx x ny x nz numbers, x fastest; or what is viable. */
CIT_API void cit_tissue_read(const cit_tissue *tissue, int field, double *out);
CIT_API void cit_tissue_viable(const cit_tissue *tissue, double *out);
/* Sets a field so, for starts of one's own and for tests. CIT_INVALID: a number that is none. Bounds are the caller's
 * care. */
CIT_CHECKED cit_status cit_tissue_set(cit_tissue *tissue, int field, const double *values,
                                      cit_errors *errs);

/* Of each field the sum of v u over the tissue, mm3: at the start, what visits (and cit_tissue_set) added, what
 * reactions made and what came in over the edges and the bottom (less what left), both by the weights of a step's own
 * stages; and what is there now. start + visits + reacted + crossed - now is rounding; where sides are held as
 * healthy tissue, what the factored matrix adds there. For fields that do not move what reacted is the difference. */
typedef struct cit_tissue_balance {
    double start, visits, reacted, crossed, now;
} cit_tissue_balance;
CIT_API void cit_tissue_balances(const cit_tissue *tissue,
                                 cit_tissue_balance ret[CIT_TISSUE_FIELDS]);

/* All of a tissue's state as bytes, released with free(). Going on from them gives the bytes that going on without
 * would, if the tissue that takes them was made with the same options (the number of threads apart). */
CIT_CHECKED cit_status cit_tissue_save(const cit_tissue *tissue, void **ret, size_t *ret_size,
                                       cit_errors *errs);
/* CIT_INVALID, and the tissue as it was: no checkpoint, one of another version, damaged, cut short, or of a tissue
 * that was made otherwise. */
CIT_CHECKED cit_status cit_tissue_restore(cit_tissue *tissue, const void *bytes, size_t size,
                                          cit_errors *errs);
