/* Private to the specimen room. */
#pragma once
#include <cit/specimen.h>
#include <cit/statistics.h>

typedef struct specimen_visit {
    double day;
    cit_use use;
} specimen_visit;

/* Where a pixel is. */
enum { SCAR_FAR, SCAR_RIM, SCAR };

struct cit_specimen {
    cit_specimen_options with;
    cit_specimen_facts facts;
    cit_parameters p;
    double dermis_mm; /* around the scar */
    /* shape.c */
    cit_map depth; /* before treatment, below the skin around */
    double *share; /* of a pixel that is scar */
    unsigned char *part;
    size_t deepest;    /* pixel */
    double missing_mm; /* depth of the dip that is no tissue: bands pull down what there is */
    specimen_visit *visits;
    int visited;
    double tether;     /* share of bands left */
    double banded_day; /* up to which they have come back */
    cit_tissue *tissue;
    /* surface.c */
    double *start, *viable; /* collagen at the start; what lives */
    cit_grid grid;
    cit_map floor; /* of the dip that is no tissue */
    cit_lift *lift;
    cit_surface *surface;
    bool fibrotic;
};

/* A map that can be a scar: depths of 0 or more, somewhere more. */
cit_status specimen_check_map(const cit_map *m, cit_errors *errs);
double specimen_side_of(const cit_map *m); /* longer side of what is a scar, mm */
cit_scar_seen specimen_seen(const cit_map *m, double tether_mm, double open_mm);
cit_status specimen_lay_shape(cit_specimen *s, cit_errors *errs);
double specimen_shape_at(const cit_specimen *s, double x, double y); /* depth, 1 at the deepest */
cit_status specimen_floor(const cit_specimen *s, cit_map *ret, cit_errors *errs);
double *specimen_set_points(const cit_specimen *s);

/* Mean of a field over the scar's pixels and layers from `first`, weighted with what lives. */
double disc_mean(const cit_specimen *s, const double *field, const double *viable, int first);
cit_status specimen_begin_surface(cit_specimen *s, cit_errors *errs);
void specimen_end_surface(cit_specimen *s);
