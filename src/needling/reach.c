/* How deep needles go, how densely they stand, and what share of each layer they disturb. */
#include <cit/needling.h>
#include <cit/num.h>
#include <math.h>

static const double pi = 3.14159265358979323846;

/* Depth beyond dermis at which a needle's overshoot counts fully; assumed. */
static const double overshoot_full_mm = 0.5;
/* Scatter of the depth at which bands are anchored; assumed. */
static const double band_scatter_mm = 0.25;

cit_reach cit_reach_of(const cit_needling_params *p, cit_device_kind kind, double length_mm) {
    double eta = p->pen_eta, delta = p->pen_delta;
    switch (kind) {
    case CIT_ROLLER:
        eta = p->roller_eta;
        delta = p->roller_delta;
        break;
    case CIT_STAMP:
        eta = p->stamp_eta;
        delta = p->stamp_delta;
        break;
    case CIT_PEN:
    case CIT_RADIOFREQUENCY:
        break;
    }
    const double mean = fmax(0, eta * (length_mm - delta));
    return (cit_reach){mean, fmax(p->reach_scatter * mean, 1e-3), length_mm};
}

/* The integral of the normal distribution function: x Phi(x) + phi(x). */
static double integral_of_cdf(double x) {
    return x * cit_normal_cdf(x) + exp(-0.5 * x * x) / sqrt(2 * pi);
}

/* Where the normal distribution of reach is cut: at the needle's length and at the surface. */
typedef struct cut {
    double top, bottom;
} cut;

static cut cut_of(const cit_reach *r) {
    return (cut){cit_normal_cdf((r->length_mm - r->mean_mm) / r->scatter_mm),
                 cit_normal_cdf((0 - r->mean_mm) / r->scatter_mm)};
}

static double beyond(const cit_reach *r, cut c, double z) {
    if (z <= 0) return 1;
    if (z >= r->length_mm) return 0;
    return (c.top - cit_normal_cdf((z - r->mean_mm) / r->scatter_mm)) / (c.top - c.bottom);
}

double cit_reach_beyond(const cit_reach *r, double z) { return beyond(r, cut_of(r), z); }

/* The integral of cit_reach_beyond over [a, b]: outside [0, length] it is 1 or 0, inside in closed
 * form. */
double cit_reach_layer(const cit_reach *r, double a, double b) {
    const cut c = cut_of(r);
    const double lo = fmin(fmax(a, 0), r->length_mm), hi = fmin(fmax(b, 0), r->length_mm);
    const double above = fmax(0, fmin(b, 0) - a);
    const double s = r->scatter_mm;
    const double inside = (c.top * (hi - lo) - s * (integral_of_cdf((hi - r->mean_mm) / s) -
                                                    integral_of_cdf((lo - r->mean_mm) / s))) /
                          (c.top - c.bottom);
    return (above + inside) / (b - a);
}

double cit_reach_gap(const cit_needling_params *p, double radius_mm, double depth_mm) {
    /* 2.405 is the first zero of J0: the wavenumber of a dip of this radius. */
    const double q = 2.405 * p->conform_mm / radius_mm;
    const double follows = 1 / (1 + q * q);
    return (1 - follows) * depth_mm;
}

double cit_density_per_pass(const cit_device *d, double speed_mm_per_s, double rate_Hz) {
    switch ((cit_device_kind)d->kind) {
    case CIT_ROLLER:
        return d->needles / (pi * d->drum_diameter_mm * d->drum_width_mm);
    case CIT_PEN:
        return d->needles * rate_Hz / (speed_mm_per_s * d->tip_width_mm);
    case CIT_STAMP:
    case CIT_RADIOFREQUENCY:
        return d->needles / (d->tip_width_mm * d->tip_width_mm);
    }
    return 0;
}

double cit_coverage(const cit_use *use, double reached, double radius_mm) {
    const double area = use->density * reached * pi * radius_mm * radius_mm;
    if (use->kind == CIT_PEN) return -expm1(-area);
    const double each = fmin(area / use->passes, 1);
    return 1 - pow(1 - each, use->passes);
}

/* Mean coverage of a layer by halos and by holes: the share of needles that get there falls with depth, so
 * the saturating coverage is averaged over depth rather than taken of the average. */
static void layer_coverage(const cit_use *use, const cit_reach *reach, double a, double b,
                           double *ret_halo, double *ret_hole) {
    double z[CIT_GAUSS_POINTS], w[CIT_GAUSS_POINTS], halo = 0, hole = 0;
    const cut c = cut_of(reach);
    cit_gauss(a, b, z, w);
    for (int i = 0; i < CIT_GAUSS_POINTS; i++) {
        const double reached = beyond(reach, c, z[i]);
        halo += w[i] * cit_coverage(use, reached, use->halo_mm);
        hole += w[i] * cit_coverage(use, reached, use->hole_mm);
    }
    *ret_halo = halo / (b - a);
    *ret_hole = hole / (b - a);
}

void cit_wound_make(const cit_needling_params *p, const cit_use *use, double gap_mm,
                    const double *edges_mm, int layers, double border_mm, cit_wound *ret) {
    const cit_reach reach = cit_reach_of(p, use->kind, use->length_mm);
    ret->layers = layers;
    for (int k = 0; k < layers; k++) {
        const double a = edges_mm[k] + gap_mm, b = edges_mm[k + 1] + gap_mm;
        layer_coverage(use, &reach, a, b, &ret->debris[k], &ret->hole[k]);
        ret->debris[k] /= p->phi_ref;
    }
    const double border = border_mm + gap_mm;
    ret->crowding = -expm1(-use->density * p->a_T);
    ret->band_cut = ret->crowding * cit_normal_cdf((reach.mean_mm - border) / band_scatter_mm);
    /* E min(1, (z - border)+ / w) is the mean of P(z' > z) over [border, border + w]. */
    ret->overshoot = cit_reach_layer(&reach, border, border + overshoot_full_mm);
    ret->surface = cit_reach_beyond(&reach, edges_mm[0] + gap_mm);
}
