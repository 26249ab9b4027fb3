/* What a camera could see. */
#include <cit/measure.h>
#include <math.h>

static const double pi = 3.14159265358979323846;

/* Of the mean height over the scar between two takes: um. */
static double deviation(const cit_camera *c, double radius) {
    const double area = pi * radius * radius, alike = 1; /* mm2; assumed */
    const double samples = area / (c->pitch_mm * c->pitch_mm),
                 noise = 2 * c->noise_um * c->noise_um / samples,
                 take = c->repeat_um * c->repeat_um * fmin(1, alike / area);
    return sqrt(2 * (noise + take)); /* twice: the skin around errs as much */
}

double cit_camera_detectable_um(const cit_camera *c, double radius) {
    if (!(2 * radius >= 4 * c->pitch_mm)) return (double)INFINITY;
    return (cit_normal_quantile(0.975) + cit_normal_quantile(0.8)) * deviation(c, radius);
}

double cit_camera_detectable_mm3(const cit_camera *c, double radius) {
    return cit_camera_detectable_um(c, radius) * 1e-3 * pi * radius * radius;
}
