/* What one channel of an array hands over to the skin around it.
 *
 * Round the channel, radius r0, lies its share of the skin, taken as a disc of radius R: c_rr + c_r / r =
 * lambda^2 c with c(r0) = c0, c_r(R) = 0, lambda^2 = k / D. Its solution is I0 and K0; through the wall flows
 *
 *     q = 2 pi D c0 lambda r0 [K1(lambda r0) - w I1(lambda r0)] / [K0(lambda r0) + w I0(lambda r0)],
 *     w = K1(lambda R) / I1(lambda R),
 *
 * and as much is cleared: the mean of the skin is q / (k pi (R^2 - r0^2)). The exchange is q over the
 * difference of c0 and that mean. Far apart, w = 0: the line source. Without clearance it is what fills all
 * of it at one pace. */
#include <assert.h>
#include <cit/num.h>
#include <cit/serum.h>
#include <math.h>

static const double pi = 3.14159265358979323846;

/* Without clearance: the disc fills everywhere at the same pace. */
static double filling(double r0, double area, double diffusion) {
    const double R2 = area / pi, r2 = r0 * r0, ring = R2 - r2;
    const double drop = R2 * R2 * log(R2 / r2) / (2 * ring * ring) - (3 * R2 - r2) / (4 * ring);
    return 2 * pi * diffusion / drop;
}

double cit_serum_exchange(double r0, double area, double diffusion, double clearance) {
    const double R = sqrt(area / pi), lambda = sqrt(clearance / diffusion);
    assert(r0 > 0 && R > r0 && diffusion > 0 && clearance >= 0);
    if (lambda * R < 1e-3) return filling(r0, area, diffusion);
    const double x = lambda * r0, far = lambda * R;
    const double w = far > 300 ? 0 : cit_bessel_k(1, far) / cit_bessel_i(1, far);
    /* Beyond this the wall is flat. */
    const double ratio = x > 300 ? 1
                                 : (cit_bessel_k(1, x) - w * cit_bessel_i(1, x)) /
                                       (cit_bessel_k(0, x) + w * cit_bessel_i(0, x));
    const double q = 2 * pi * diffusion * x * ratio;
    return q / (1 - q / (clearance * (area - pi * r0 * r0)));
}

double cit_serum_channel_permeability(const cit_serum_channels *c, double horny_mm) {
    return c->density * pi * c->radius_mm * c->radius_mm * c->diffusion /
           (horny_mm + pi * c->radius_mm / 2);
}
