/* The lift of growing tissue and the dip of a tethered plate. */
#include <cit/scar.h>
#include <math.h>

static const double pi = 3.14159265358979323846;

double cit_lift_disc(double R, double a, double b) {
    /* (b - a) - sqrt(R^2 + b^2) + sqrt(R^2 + a^2), without the cancellation for wide discs. */
    return (b - a) * (1 - (b + a) / (sqrt(R * R + b * b) + sqrt(R * R + a * a)));
}

double cit_lift_transform(double q, double z, double poisson) {
    return 2.0 / 3 * (1 + poisson) * exp(-q * z);
}

cit_plate cit_plate_of(double stiffness, double thickness, double tension, double foundation) {
    const double poisson = 0.5;
    return (cit_plate){stiffness * thickness * thickness * thickness /
                           (12 * (1 - poisson * poisson)),
                       tension, foundation};
}

/* w(r) = f / (2 pi) int_0^inf q J0(q r) / (B q^4 + N q^2 + k) dq. With q = x / l, l^4 = B / k, this is
 * f / (8 sqrt(B k)) times 4 / pi int x J0(x r / l) / (x^4 + n x^2 + 1) dx, n = N / sqrt(B k). */
double cit_plate_shape(const cit_plate *p, double r) {
    static const double ends[] = {0,  0.5, 1,  1.5, 2,  3,  4,  5,  6,  8,  10,
                                  12, 14,  16, 20,  24, 28, 32, 48, 64, 96, 128};
    const double l = pow(p->bending / p->foundation, 0.25);
    const double n = p->tension / sqrt(p->bending * p->foundation);
    const double last = ends[sizeof ends / sizeof *ends - 1];
    double sum = 0;
    for (size_t i = 0; i + 1 < sizeof ends / sizeof *ends; i++) {
        double x[CIT_GAUSS_POINTS], w[CIT_GAUSS_POINTS];
        cit_gauss(ends[i], ends[i + 1], x, w);
        for (int j = 0; j < CIT_GAUSS_POINTS; j++) {
            const double x2 = x[j] * x[j];
            sum += w[j] * x[j] * (r > 0 ? j0(x[j] * r / l) : 1) / (x2 * x2 + n * x2 + 1);
        }
    }
    if (r == 0) sum += 1 / (2 * last * last); /* the tail, x^-3 */
    return 4 / pi * sum;
}
