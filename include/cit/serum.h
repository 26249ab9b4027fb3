/* cit/serum.h -- how far something put on needled skin gets: a film, channels that close, living skin.
 *
 *   1 what is where     film, horny layer, channels, epidermis, dermis, as plain structs
 *   2 the column        one dimension, the array of channels averaged over the area, followed in time
 *   3 one channel       the exchange of a channel with the skin around it, in closed form
 *   4 around an axis    the same skin seen closely: radius and depth; the referee of 2 and 3
 *   5 a question        solute, device, closure, hours: an answer with bands, from the catalogue
 *
 * A film of serum lies on skin. Through the intact horny layer little gets in; through channels more does, as
 * long as they are open. Beneath, each channel hands its solute to the skin around it, epidermis and dermis;
 * blood and lymph take it from the dermis. Two averages stand side by side at every depth z: what is in the
 * channels, and what is in the skin between them. With u the concentration of the serum that would be at rest
 * with the place (in skin c = K u), per area of skin:
 *
 *     skin      K u_t = (K D u_z)_z - k K u - k_b K u + k_u b + n(z,t) G (v - u) + tips
 *     channels  (a v)_t = (a D_ch v_z)_z - n G (v - u) - tips - a v / tau,   a = n pi r^2
 *     bound     b_t = k_b K u - k_u b
 *
 * n is the number of open channels per area that pass z: it falls with depth as the needles' reach does and
 * with time as exp(-t / tau), as channels close one after another. What was in a channel as it closed stays
 * where it is, in the skin. G is what one channel's wall hands over per length (part 3), a tip hands over as a
 * disc does, 4 K D r, and a mouth takes in through the resistance pi r / 4 of the film over it. With the film
 * above, the skin at rest below and nothing but the horny layer between, all of it together is
 *
 *     P(t) = P_sc + n pi r^2 D_ch / (L_sc + pi r / 2) exp(-t / tau).
 *
 * Finite volumes; in time the L-stable, stiffly accurate method of two stages and order 2 (Alexander, SIAM J
 * Numer Anal 1977; 14:1006-1021), backward Euler where that would go below zero. Amounts are never lost: what
 * was put on is film, horny layer, channels, skin, what blood took and what the film lost, to rounding.
 *
 * Lengths mm, times days, concentrations mg/mL (which is ug/mm3), amounts ug on a mm2 of skin, diffusivities
 * mm2/day. A solver belongs to one thread at a time; two solvers share nothing. Nothing here is advice: what a
 * number says about how much gets in says nothing about whether it should. Equations, sources, limits:
 * docs/models/serum.md. */
#pragma once
#include <cit/needling.h>

/* ---- 1 what is where ------------------------------------------------------------------------ */

typedef struct cit_serum_film {
    double thickness_mm; /* as put on; INFINITY: never used up */
    double concentration;
    double solubility;             /* what it can hold dissolved; INFINITY: anything */
    double evaporation_mm_per_day; /* of the vehicle, until */
    double residue;                /* this share of the thickness is left */
    double loss_per_day;           /* of the solute itself: volatile, or rubbed off */
} cit_serum_film;

typedef struct cit_serum_channels {
    double density; /* per mm2; 0: intact skin */
    double radius_mm;
    double diffusion;   /* in what fills them */
    double closing_day; /* tau; INFINITY: they stay open */
    double age_day;     /* from needling to putting the film on */
    cit_reach reach;    /* of the needles, from the surface of the skin */
} cit_serum_channels;

/* A layer that is not there has thickness 0; one of epidermis and dermis must be. */
typedef struct cit_serum_skin {
    double horny_mm, horny_permeability; /* mm/day, intact and from serum */
    double horny_partition;              /* what it holds at rest, over the serum */
    double epidermis_mm, epidermis_diffusion;
    double dermis_mm, dermis_diffusion;        /* nothing passes below the dermis */
    double partition;                          /* of both, over the serum */
    double clearance_per_day;                  /* from the dermis */
    double binding_per_day, unbinding_per_day; /* in the dermis */
} cit_serum_skin;

typedef struct cit_serum {
    cit_serum_film film;
    cit_serum_channels channels;
    cit_serum_skin skin;
    int cells; /* of the dermis; others in proportion; 0: 48 */
    int finer; /* divides every step in time; 0: 1 */
} cit_serum;

/* ---- 2 the column --------------------------------------------------------------------------- */

/* Where everything is that was put on, ug/mm2. With a film that is never used up, `applied` is what has left
 * it so far and `film` is 0. */
typedef struct cit_serum_ledger {
    double day; /* since it was put on */
    double applied, film, horny, channels, epidermis, dermis, bound, cleared, lost;
} cit_serum_ledger;

/* What has got into living skin, and into dermis: there now, bound, or gone with blood and lymph. */
CIT_API double cit_serum_delivered(const cit_serum_ledger *ledger);
CIT_API double cit_serum_into_dermis(const cit_serum_ledger *ledger);
/* What is missing, as a share of what was applied. */
CIT_API double cit_serum_missing(const cit_serum_ledger *ledger);

typedef struct cit_serum_column cit_serum_column;

/* At day 0, all of it in the film. The struct is copied. CIT_INVALID names the field that cannot be. */
CIT_CHECKED cit_status cit_serum_new(const cit_serum *serum, cit_serum_column **ret,
                                     cit_errors *errs);
CIT_API void cit_serum_free(cit_serum_column *column); /* NULL is fine */
/* Follows it until that day, which is not before the one reached. */
CIT_CHECKED cit_status cit_serum_advance(cit_serum_column *column, double until_day,
                                         cit_errors *errs);
CIT_API cit_serum_ledger cit_serum_read(const cit_serum_column *column);
/* Concentration in living skin (free, mg/mL of tissue) at this depth below the horny layer, between the
 * middles of cells; 0 below the dermis. */
CIT_API double cit_serum_at(const cit_serum_column *column, double depth_mm);
/* What the film drives through all channels of intact length: n pi r^2 D_ch / (L_sc + pi r / 2), mm/day. */
CIT_API double cit_serum_channel_permeability(const cit_serum_channels *channels, double horny_mm);

/* ---- 3 one channel ---------------------------------------------------------------------------- */

/* G: what a channel of this radius hands over per length, time and difference between its serum and the mean
 * of the skin around it, where there is one channel on this area; exact at rest for a hexagonal cell taken as
 * a disc of that area, with the clearance spread evenly. mm2/day, times the partition K. */
CIT_API double cit_serum_exchange(double radius_mm, double area_mm2, double diffusion,
                                  double clearance_per_day);

/* ---- 4 around an axis ------------------------------------------------------------------------- */

/* Skin of one kind, from z_edges[0] at the top down and from r_edges[0] outward. What is held at 'wall' (the
 * cylinder r_edges[0], from the top) and 'lid' (the plane z_edges[0], from the axis) is NAN where that face is
 * sealed; a NULL list is sealed all over. The other faces are sealed too, or, where `open`, skin goes on
 * beyond them and concentration falls there as one over the distance from the middle of the lid. */
typedef struct cit_serum_axial {
    const double *r_edges, *z_edges; /* nr + 1, nz + 1 of them, ascending, from 0 or above */
    int nr, nz;
    double diffusion, clearance_per_day;
    const double *wall, *lid; /* nz, nr */
    bool open;
} cit_serum_axial;

enum { CIT_SERUM_AXIAL_MAX = 40 * 1000 }; /* cells */

/* Concentrations c (nr x nz, r fastest) at rest, and what flows in through wall and lid, ug/day for all
 * around. CIT_INVALID where nothing holds it (sealed and not cleared). */
CIT_CHECKED cit_status cit_serum_axial_rest(const cit_serum_axial *axial, double *c,
                                            double *ret_inflow, cit_errors *errs);
/* From c as it is over `days` in equal steps of the same method; adds to *taken what flowed in. */
CIT_CHECKED cit_status cit_serum_axial_follow(const cit_serum_axial *axial, double days, int steps,
                                              double *c, double *taken, cit_errors *errs);

/* ---- 5 a question ------------------------------------------------------------------------------ */

enum { CIT_SERUM_HOURS_MAX = 16, CIT_SERUM_TIMES = 25, CIT_SERUM_NUMBERS_MAX = 48 };

/* How much of a solute gets into needled skin of this site, put on so many days after needling? Everything is
 * borrowed and must outlive the answer. */
typedef struct cit_serum_question {
    const cit_solute *solute;
    const cit_closure *closure;
    const cit_device *device;
    double length_mm, passes;
    double speed_mm_per_s, rate_Hz, density_per_cm2; /* NAN: the prior's, the device's, of passes */
    const cit_site *site;
    int sex;              /* 0: the mean of both */
    int skin_type;        /* 1 to 6; 0: unknown, the mean of people */
    double concentration; /* mg/mL; NAN: as sold */
    double dose_mm;       /* 1 uL/cm2 is 0.01 mm; INFINITY: more than is ever used */
    bool occluded;
    const double *after_day; /* ascending */
    int after_count;
    double watch_day;   /* how long it is followed from being put on */
    int draws, threads; /* 0 threads: all; the answer does not depend on them */
    uint64_t seed;
    cit_progress progress;
} cit_serum_question;

/* Over the draws: median, and what nine tenths lie between. */
typedef struct cit_serum_band {
    double median, low, high;
} cit_serum_band;

/* At the end of the watch; ug on a cm2 of skin. */
typedef struct cit_serum_moment {
    double after_day;
    double open;                      /* share of the channels that is open, at the middle values */
    cit_serum_band delivered, dermis; /* into living skin; of it into dermis */
    cit_serum_band share;  /* delivered, of what was put on; NAN where that is without end */
    cit_serum_band times;  /* delivered, over what gets through intact skin */
    cit_serum_band of_now; /* delivered, over what the first moment's is in the same draw */
    cit_serum_ledger
        course[CIT_SERUM_TIMES]; /* at the middle values, ug/mm2, evenly over the watch */
} cit_serum_moment;

/* A number the answer stands on. */
typedef struct cit_serum_number {
    const char *of, *name, *unit; /* of: "closure", "solute", "serum", "needling" or "prior" */
    double low, value, high;
    const char *source;
    bool assumed;
} cit_serum_number;

typedef struct cit_serum_answer {
    cit_serum_question question;
    cit_serum middle; /* the model at the middle values, put on at once */
    cit_serum_moment moments[CIT_SERUM_HOURS_MAX];
    cit_serum_band intact;     /* delivered through skin that was not needled */
    double applied_ug_per_cm2; /* NAN: without end */
    double channels_per_cm2;   /* as asked for; those that merge are counted once in `middle` */
    double tau_day;
    double missing; /* the worst of any ledger */
    cit_serum_number numbers[CIT_SERUM_NUMBERS_MAX];
    int number_count;
} cit_serum_answer;

/* CIT_INVALID names what cannot be asked. On failure *ret is as it was. */
CIT_CHECKED cit_status cit_serum_ask(const cit_serum_question *question, cit_serum_answer *ret,
                                     cit_errors *errs);
