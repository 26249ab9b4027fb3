/* Private to the specimen room. */
#pragma once
#include <cit/specimen.h>
#include <cit/statistics.h>

typedef struct specimen_visit {
    double day;
    cit_use use;
} specimen_visit;

struct cit_specimen {
    cit_specimen_options with;
    cit_specimen_facts facts;
    cit_parameters p;
    double dermis_mm;  /* around the scar */
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

/* Mean of a field over the scar's disc and layers from `first`, weighted with what lives. */
double disc_mean(const cit_specimen *s, const double *field, const double *viable, int first);
cit_status specimen_begin_surface(cit_specimen *s, cit_errors *errs);
void specimen_end_surface(cit_specimen *s);
