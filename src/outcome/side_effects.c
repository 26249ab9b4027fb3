/* Pain, pigment and redness. */
#include <cit/outcome.h>
#include <math.h>

double cit_pain(const cit_outcome_params *p, double length_mm, double density_per_mm2, bool cream) {
    const double pain = p->pain_scale * pow(length_mm / 1.5, p->pain_length) *
                        pow(density_per_mm2 / 2.5, p->pain_density) *
                        (cream ? 1 - p->pain_cream : 1);
    return fmin(pain, 10);
}

double cit_pigment_rate(const cit_outcome_params *p, int skin_type) {
    return p->pigment_rate * pow(p->pigment_type, 6 - skin_type);
}

double cit_pigment_risk(const cit_outcome_params *p, double load) {
    if (load <= 0) return 0;
    return 1 / (1 + pow(p->pigment_middle / load, p->pigment_steepness));
}

double cit_red_days(const cit_outcome_params *p, const double *times, const double *redness,
                    int count) {
    for (int i = count - 1; i >= 0; i--) {
        if (redness[i] < p->red_visible) continue;
        if (i == count - 1) return times[i] - times[0];
        const double fall = redness[i] - redness[i + 1];
        const double part = (redness[i] - p->red_visible) / fall;
        return times[i] + part * (times[i + 1] - times[i]) - times[0];
    }
    return 0;
}
