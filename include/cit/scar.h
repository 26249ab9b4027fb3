/* cit/scar.h -- from tissue to surface: how deep a scar is, why, and how far it lifts.
 *
 * A scar's depth has three parts. The deficit is tissue missing in living dermis below it, which new
 * collagen fills; the tether is what fibrous bands pull down, which cutting releases; what neither can
 * explain is open, an epithelium-lined dip that nothing in the tissue can fill. Rolling, boxcar and
 * ice-pick scars are treated alike: they answer differently because of width, depth, bands and reach.
 *
 * Epidermis thickens as well, and by more than half the depth of the shallowest scars; it is kept
 * apart, so that collagen is not credited with it. What long needles, abuse and fibrosis do is added to
 * the depth and never counted as lift. Equations and sources: docs/models/scar.md.
 *
 *   1 mechanics      the formulas: a disc that grows, a plate that is pulled
 *   2 one scar       as numbers: parts of its depth, depth at a day
 *   3 maps           lift of any field of growth, dip of any forces, on a grid of pixels
 *   4 its surface    as a map: parts of its depth, depth later, size
 */
#pragma once
#include <cit/healing.h>

/* ---- 1 mechanics ----------------------------------------------------------------------------- */

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

/* ---- 2 one scar ------------------------------------------------------------------------------- */

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

/* ---- 3 maps ---------------------------------------------------------------------------------- */

/* A number for each pixel of a piece of skin seen from above: nx x ny pixels of dx x dy mm, pixel (i, j) at i +
 * j nx, its middle at ((i + 1/2) dx, (j + 1/2) dy). Depths are mm below the plane of the skin around,
 * downwards; lifts are mm upwards; forces are mN a pixel. Maps that go together have the same pixels: functions
 * refuse others. */
typedef struct cit_map {
    int nx, ny;
    double dx, dy;  /* mm */
    double *values; /* the caller's; nx ny numbers */
} cit_map;

/* A map of zeros; `values` is released by cit_map_free, which leaves the map empty. A caller may as well point
 * a map at memory of its own. CIT_INVALID: no pixel, or one that has no size. */
CIT_CHECKED cit_status cit_map_new(int nx, int ny, double dx_mm, double dy_mm, cit_map *ret,
                                   cit_errors *errs);
CIT_API void cit_map_free(cit_map *map); /* NULL and all zero are fine */

/* What is beyond the sides of a map or a grid. */
typedef enum cit_lateral {
    CIT_LATERAL_ISOLATED, /* skin that does not grow and is not pulled, without end */
    CIT_LATERAL_PERIODIC, /* the same again */
} cit_lateral;

/* The lift of the surface by growth g below it, g a share of volume (0.1: a tenth more), on a uniform elastic
 * half-space whose surface is free:
 *   u(x, y) = (1 + nu) / (3 pi) integral of g z / r^3 dV,
 *   u~(q) = 2/3 (1 + nu) integral of g~(q, z) exp(-q z) dz,
 * at the middle of each pixel. Growth is the same within a voxel of a cit_grid (z down, mm), and the integral
 * over it exact:
 *   isolated   in x, y and z (the prism of gravimetry), and not by way of a large box: no image of the scar
 *              acts on it.
 *   periodic   in z; sideways g is the wave through the values in the voxels. Its mean lifts by what skin that cannot
 *              give way to the side thickens, (1 + nu) / (3 (1 - nu)), which for nu = 1/2 is all of it.
 * At nu = 1/2 what grows comes out: the lift of a wide layer is its thickening.
 *
 * g is what the voxel gains over its whole volume: growth of the tissue in it, beta (C - C0 + zeta N), times
 * the share of the voxel that is tissue. */
typedef struct cit_lift_options {
    double poisson; /* nu, 0 to 0.5 */
    double chi_up;  /* share of the lift that soft fat leaves, above 0 to 1 */
    double top_mm;  /* depth of the grid's upper face below the plane of the skin, 0 or more */
    cit_lateral lateral;
    int threads; /* 0: all. The result is the same to the bit for any number. */
} cit_lift_options;

/* Kernels of one grid, used for as many fields as wanted, by one caller at a time. Keeps nz times nx ny numbers
 * (a quarter of that if periodic), and for a transform 16 nx ny more. CIT_INVALID names the option. */
typedef struct cit_lift cit_lift;
CIT_CHECKED cit_status cit_lift_new(const cit_grid *grid, const cit_lift_options *options,
                                    cit_lift **ret, cit_errors *errs);
CIT_API void cit_lift_free(cit_lift *lift); /* NULL is fine */
/* The lift in mm by `growth`, a field at the grid's strides. The half-space begins at the plane of the skin;
 * or, if `surface` is given, at that depth (mm, 0 or more) in each pixel: all growth counts by its depth below
 * the surface above it, as that of cit_scar counts from the scar's floor. A column is moved up by that depth, a
 * voxel that comes to lie between two layers shared out between both, and what the map says is above the
 * surface counted as just below it, so that no growth is lost. It costs nx ny nz numbers more. */
CIT_CHECKED cit_status cit_lift_run(cit_lift *lift, const double *growth, const cit_map *surface,
                                    cit_map *ret, cit_errors *errs);

/* The dip of dermis, a plate on fat, under forces: w~(q) = f~(q) / (B q^4 + N q^2 + k). Each pixel's force
 * pulls at its middle; isolated, the dip of each is the closed form for an endless plate (to 1e-11). Periodic,
 * waves shorter than two pixels are missing, which takes (dx / (pi l))^2 / 2 or less of the dip below a single
 * force, l^4 = B / k. `like` says which pixels, its values are not read. */
typedef struct cit_tether cit_tether;
CIT_CHECKED cit_status cit_tether_new(const cit_map *like, const cit_plate *plate,
                                      cit_lateral lateral, int threads, cit_tether **ret,
                                      cit_errors *errs);
CIT_API void cit_tether_free(cit_tether *tether); /* NULL is fine */
/* The dip in mm, downwards. */
CIT_CHECKED cit_status cit_tether_run(cit_tether *tether, const cit_map *force_mN, cit_map *ret,
                                      cit_errors *errs);

/* ---- 4 its surface --------------------------------------------------------------------------- */

/* The depth of a scar's bowl, h (1 - (r/R)^profile), about a place on the map; 0 around it. */
CIT_CHECKED cit_status cit_surface_bowl(const cit_scar *scar, double x_mm, double y_mm,
                                        cit_map *ret, cit_errors *errs);

/* A scar's surface before treatment, each pixel's depth in three parts. The scar is where the depth is above 0;
 * what is not deeper than the plane stays as it is.
 *   tether    `dip` less its mean along the rim (the pixels around the scar), scaled so that it is `tether_share` of
 *             the depth where the scar is deepest; nowhere more than the depth. dip NULL: in proportion to the depth.
 *   open      of the rest, the same share everywhere, `open_share` of the depth where it is deepest
 *   deficit   what is left, which collagen can fill
 * Shares are those of cit_scar: tether_mm / depth_mm, open_mm / depth_mm. Maps are copied. CIT_INVALID: nothing
 * is deeper than the plane, shares that are negative or above 1 together, a scar that fills its map, a dip that
 * is none where the scar is deepest. */
typedef struct cit_surface cit_surface;
CIT_CHECKED cit_status cit_surface_new(const cit_map *depth, const cit_map *dip,
                                       double tether_share, double open_share, cit_surface **ret,
                                       cit_errors *errs);
CIT_API void cit_surface_free(cit_surface *surface); /* NULL is fine */
/* Parts of the depth; valid as long as the surface. */
CIT_API const cit_map *cit_surface_tether(const cit_surface *surface);
CIT_API const cit_map *cit_surface_deficit(const cit_surface *surface);
/* By what `dip`, and so the forces that made it, was multiplied. */
CIT_API double cit_surface_pull(const cit_surface *surface);

typedef struct cit_surface_change {
    const cit_map *lift; /* by collagen, from cit_lift_run; NULL: none */
    double tether_left;  /* the column's T: share of bands that still hold */
    double raised_mm; /* over all of the scar: thicker epidermis and raised scar, less lost fat */
    bool fibrotic;    /* above the loop limit: collagen is not credited */
} cit_surface_change;

/* The depths later, in each pixel as in cit_scar_at: the lift takes off no more than the deficit, so that what
 * is open stays; cut bands give back their part; nothing of the scar rises above the plane. Lift of the skin
 * around is left out, since a scar is seen against it; its sinking, where collagen is lost, is not. */
CIT_CHECKED cit_status cit_surface_at(const cit_surface *surface, const cit_surface_change *change,
                                      cit_map *ret, cit_errors *errs);

typedef struct cit_surface_size {
    double depth_mm, volume_mm3; /* below the plane */
    double seen_mm2,
        width_mm;     /* of what is deeper than `visible_mm`; diameter of a disc that large */
    double height_mm; /* above the plane */
} cit_surface_size;
/* How large a scar is on a map of depths; `visible_mm` as for cit_scar_at: what can be seen at 50 cm. */
CIT_CHECKED cit_status cit_surface_measure(const cit_map *depth, double visible_mm,
                                           cit_surface_size *ret, cit_errors *errs);
