/* cit/scar.h -- from tissue to surface: how deep a scar is, why, and how far it lifts.
 *
 * A scar's depth has three parts. The deficit is tissue missing in living dermis below it, which new
 * collagen fills; the tether is what fibrous bands pull down, which cutting releases; what neither can
 * explain is open, an epithelium-lined dip that nothing in the tissue can fill. Rolling, boxcar and
 * ice-pick scars are treated alike: they answer differently because of width, depth, bands and reach.
 *
 * Epidermis thickens as well, and by more than half the depth of the shallowest scars; it is kept
 * apart, so that collagen is not credited with it. What long needles, abuse and fibrosis do is added to
 * the depth and never counted as lift. Equations and sources: docs/models/scar.md. */
#pragma once
#include <cit/healing.h>

/* ---- mechanics ----------------------------------------------------------------------------- */

/* Lift of the surface above the middle of a disc of radius R that grows by a volume share of 1 between
 * depths a and b, on an incompressible half-space. */
CIT_API double cit_lift_disc(double radius_mm, double a_mm, double b_mm);
/* The same in Fourier space, for any Poisson ratio: lift at wavenumber q of growth 1 at depth z, a unit
 * of thickness: 2/3 (1 + nu) exp(-q z). */
CIT_API double cit_lift_transform(double q, double z_mm, double poisson);

/* Dermis as a plate on fat. */
typedef struct cit_plate {
    double bending;    /* kPa mm3 = 1e-6 N m */
    double tension;    /* N/m */
    double foundation; /* kPa/mm = 1e6 N/m3 */
} cit_plate;
CIT_API cit_plate cit_plate_of(double stiffness_kPa, double thickness_mm, double tension_N_per_m,
                               double foundation_kPa_per_mm);
/* Depression at distance r from a point force, relative to the force times 1 / (8 sqrt(bending
 * foundation)), which is the depression below the force without tension. */
CIT_API double cit_plate_shape(const cit_plate *plate, double r_mm);

/* ---- one scar ------------------------------------------------------------------------------- */

/* What a file says or a prior gave. NAN: not known. */
typedef struct cit_scar_seen {
    double width_mm, depth_mm, tether_mm, open_mm;
    double profile; /* exponent of its cross-section: 1 a cone, 2 a bowl, large a flat floor */
} cit_scar_seen;

typedef struct cit_scar {
    double radius_mm, depth_mm, profile;
    double deficit_mm, tether_mm, open_mm; /* parts of the depth at the start */
    double top_mm, thickness_mm;           /* living dermis, from the scar's floor */
    double set_point;                      /* collagen in it, 1: healthy */
    double gap_mm;                         /* of a device's plane above its floor */
    double epidermis_mm;
    double kernel_mm[CIT_COLUMN_LAYERS]; /* lift of each layer at a growth of 1 */
} cit_scar;

/* Splits a depth into its parts; `dermis_mm` and `epidermis_mm` are those of the skin around it. */
CIT_API void cit_scar_make(const cit_scar_params *params, const cit_needling_params *needling,
                           const cit_scar_seen *seen, double epidermis_mm, double dermis_mm,
                           cit_scar *ret);

/* What needles have done by a day apart from the column: all in closed form. */
typedef struct cit_scar_history {
    double epidermis; /* thickening, share of the epidermis */
    double bruise;
    double fat_loss; /* share of fat support gone */
} cit_scar_history;
CIT_API cit_scar_history cit_scar_history_at(const cit_scar_params *params, const double *days,
                                             const cit_wound *wounds, int visits, double day);

typedef struct cit_scar_state {
    double depth_mm, volume_mm3;
    double width_mm;                                      /* of what is deeper than `visible_mm` */
    double by_collagen_mm, by_tether_mm, by_epidermis_mm; /* what each took off the depth */
    double by_harm_mm;                                    /* what harm added to it */
} cit_scar_state;

/* A scar's bowl at a depth: h (1 - (r/R)^profile). */
typedef struct cit_scar_bowl {
    double volume_mm3;
    double width_mm; /* of what is deeper than `visible_mm` */
} cit_scar_bowl;
CIT_API cit_scar_bowl cit_scar_bowl_of(const cit_scar *scar, double depth_mm, double visible_mm);

/* The scar at a day: y is its column's state. `fibrotic`: the column is above its loop limit, so that
 * collagen is not credited. */
CIT_API void cit_scar_at(const cit_scar_params *params, const cit_scar *scar,
                         const cit_column *column, const double *y, const cit_scar_history *history,
                         bool fibrotic, double visible_mm, cit_scar_state *ret);
