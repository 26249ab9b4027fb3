/* cit/specimen.h -- one scar of a case, in voxels, through its course: what `cit simulate --patch` follows.
 *
 *     case, protocol ──> the scar's dip and set point ──> tissue ──> needles of each visit ──> tissue over time
 *                                                                                    └─> lift ──> the surface
 *
 * A specimen is a box of dermis below one scar and around it (cit/patch.h), the needles that each visit of the
 * protocol lays into it, one by one (cit_patch_make), and the fibrous bands that pull the scar's floor down. Its
 * parameters are single values: medians of the posterior, or the typical ones of the table. It shows where
 * channels fall, how wounds overlap, how collagen fills a scar from its sides; it has no bands of uncertainty, and
 * is no forecast of a person (cit/forecast.h).
 *
 * The device rests on the rim. Skin follows it into wide dips: there needles reach deeper, by what
 * cit_reach_gap leaves of the dip's depth, in the shape of the dip. Bands are cut by visits as in a column.
 *
 * A scar is the bowl of its width and depth; or as it was measured: a map of how far each pixel lies below the skin
 * around, 0 where the scar is not. Its deepest pixel is taken for its depth, so noise is the caller's care. What bands pull
 * down and what is open are the case's to say; the rest of the map is what is missing. Pixels of the map become
 * voxels by means. The kind of scar then decides nothing but those parts.
 *
 * Lengths mm, times days from the first visit. A specimen belongs to one caller at a time; the same options give the
 * same bytes on any number of threads. Equations and limits: docs/models/patch.md. */
#pragma once
#include <cit/patch.h>
#include <cit/people.h>

typedef struct cit_specimen_options {
    const cit_case *person; /* all three passed cit_check_together and outlive the specimen */
    const cit_protocol *protocol;
    const cit_catalogue *catalogue;
    int zone, group;      /* of the case: which scars */
    const cit_map *depth; /* measured, of one such scar; borrowed for the call; NULL: none */
    const cit_posterior *posterior; /* NULL: the table's typical values */
    double voxel_mm;     /* sides of a voxel along the skin; 0: 0.05, or less for thin needles */
    double voxel_z_mm;   /* and across it; 0: voxel_mm */
    double size_mm;      /* of the box along the skin; 0: the scar and 1 mm around it */
    double memory_bytes; /* more is refused; 0: no limit */
    uint64_t seed;       /* of where needles fall */
    cit_precision precision;
    int threads; /* 0: all */
} cit_specimen_options;

/* What there is before anything is followed. */
typedef struct cit_specimen_facts {
    int type;          /* cit_scar_type */
    bool measured;     /* its shape is that of a map */
    bool assumed_size; /* nobody measured its width or depth: those of a typical one */
    int nx, ny, nz;
    double voxel_mm, voxel_z_mm, size_mm;
    double bytes; /* of memory */
    cit_scar scar;
    int visits;
    double first_day, last_day; /* of visits; 0 and 0: none reaches the scar's zone */
    double density;             /* punctures per mm2 of the first visit */
    double length_mm, reach_mm;
} cit_specimen_facts;

typedef struct cit_specimen cit_specimen;

/* CIT_INVALID: no such scars, a voxel that cannot resolve a channel, a scar as deep as its skin;
 * CIT_NOMEM: more than memory_bytes, said before anything is allocated. */
CIT_CHECKED cit_status cit_specimen_new(const cit_specimen_options *options, cit_specimen **ret,
                                        cit_errors *errs);
CIT_API void cit_specimen_free(cit_specimen *specimen); /* NULL is fine */
CIT_API const cit_specimen_facts *cit_specimen_facts_of(const cit_specimen *specimen);
CIT_API const cit_tissue *cit_specimen_tissue(const cit_specimen *specimen);
CIT_API double cit_specimen_day(const cit_specimen *specimen);
/* The day of a visit, from 0 to facts.visits - 1. */
CIT_API double cit_specimen_visit_day(const cit_specimen *specimen, int visit);

/* On to a day, visits on the way included, one on that very day not. */
CIT_CHECKED cit_status cit_specimen_advance(cit_specimen *specimen, double until_day,
                                            const cit_progress *progress, cit_errors *errs);
/* The visits of the day come to, if they have not been made: to look at the skin just after. */
CIT_CHECKED cit_status cit_specimen_visit_now(cit_specimen *specimen, int *ret_visits,
                                              cit_errors *errs);
/* Where the needles of a visit meet the skin, `count` of them; the caller frees. */
CIT_CHECKED cit_status cit_specimen_needles(const cit_specimen *specimen, int visit,
                                            cit_puncture **ret, int *ret_count, cit_errors *errs);

/* Means over the scar, and the scar where it was deepest. */
typedef struct cit_specimen_state {
    double day;
    double collagen, new_collagen,
        elastin;   /* change, per cent of the start (new: of healthy collagen) */
    double tether; /* share of bands left */
    double by_collagen_mm, by_tether_mm; /* off the depth in the middle */
    double depth_mm, volume_mm3;         /* of what is left below the skin just around the scar */
} cit_specimen_state;
/* `depth`: nx x ny numbers, how far the surface lies below the skin just around the scar; may be NULL. Epidermis, which thickens
 * alike everywhere, and what long needles do to fat are not in it. */
CIT_CHECKED cit_status cit_specimen_look(const cit_specimen *specimen, cit_specimen_state *ret,
                                         double *depth, cit_errors *errs);

/* Of each field what was there, what visits added, what was made, what crossed (cit_tissue_balances). */
CIT_API void cit_specimen_balances(cit_specimen *specimen,
                                   cit_tissue_balance ret[CIT_TISSUE_FIELDS]);

/* Everything that is needed to go on: to the same bytes as without a stop. Released with free(). Restoring wants a
 * specimen of the same options; CIT_INVALID leaves it as it was. */
CIT_CHECKED cit_status cit_specimen_save(const cit_specimen *specimen, void **ret, size_t *ret_size,
                                         cit_errors *errs);
CIT_CHECKED cit_status cit_specimen_restore(cit_specimen *specimen, const void *bytes, size_t size,
                                            cit_errors *errs);
