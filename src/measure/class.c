/* What kind of scar: a multinomial logistic model of how flat its floor is, how steep and how wide it is, and what the
 * scales of dermatology would make of the counts. The coefficients were fitted by bench/scar_classes.c on phantoms with
 * seeds set apart, a quarter of their scars between two classes; docs/models/measure.md says how well that does. */
#include "measure_impl.h"
#include <math.h>

const char *cit_scar_class_name(int c) {
    static const char *const names[] = {"ice-pick", "boxcar", "rolling", "mixed"};
    return c >= 0 && c < CIT_CLASS_COUNT ? names[c] : "unknown";
}

/* Ranges of the phantoms: beyond them nothing is known, and nothing is extrapolated. */
static double within(double x, double low, double high) { return fmin(fmax(x, low), high); }

void cit_scar_class_features(double flatness, double depth_um, double rim_mm,
                             double ret[CIT_CLASS_FEATURES]) {
    const double flat = within(flatness, 0.3, 1) - 0.6,
                 steep = within(log(1e-3 * depth_um / rim_mm), -4.5, 0.3) + 2,
                 wide = within(log(rim_mm), -1.2, 1.6);
    const double x[CIT_CLASS_FEATURES] = {1,           flat,          steep,       wide,
                                          flat * flat, steep * steep, flat * steep};
    for (int k = 0; k < CIT_CLASS_FEATURES; k++) ret[k] = x[k];
}

/* As printed by bench/scar_classes.c. */
static const double coefficients[CIT_CLASS_COUNT][CIT_CLASS_FEATURES] = {
    {1.891, -7.742, 4.054, -1.168, -0.960, -0.265, -8.645}, /* ice-pick */
    {-0.417, 14.846, 0.597, 0.382, 5.423, -0.513, -2.024},  /* boxcar */
    {-3.104, -4.999, -6.118, -0.245, 0.093, -0.312, 7.974}, /* rolling */
    {1.630, -2.105, 1.467, 1.032, -4.556, 1.089, 2.695},    /* mixed */
};

void class_probabilities(const part *p, double ret[CIT_CLASS_COUNT]) {
    double x[CIT_CLASS_FEATURES], most = -HUGE_VAL, sum = 0;
    cit_scar_class_features(p->r25 > 0 ? p->r75 / p->r25 : 0, p->depth, 2 * p->r10, x);
    for (int c = 0; c < CIT_CLASS_COUNT; c++) {
        ret[c] = 0;
        for (int k = 0; k < CIT_CLASS_FEATURES; k++) ret[c] += coefficients[c][k] * x[k];
        most = fmax(most, ret[c]);
    }
    for (int c = 0; c < CIT_CLASS_COUNT; c++) sum += ret[c] = exp(ret[c] - most);
    for (int c = 0; c < CIT_CLASS_COUNT; c++) ret[c] /= sum;
}

/* ---- scales -------------------------------------------------------------------------------------- */

/* 0 for none, 1 to 3 for few, some, many: more than `few` and more than `some`. */
static int band(double count, double few, double some) {
    if (count < 0.5) return 0;
    return count <= few ? 1 : (count <= some ? 2 : 3);
}

/* Expected counts by class with the mixed shared out, split at a depth. */
typedef struct split {
    double shallow, deep;
} split;

static void counts_split(const cit_scars *s, double depth_um, split ret[CIT_CLASS_MIXED]) {
    for (int c = 0; c < CIT_CLASS_MIXED; c++) ret[c] = (split){0};
    for (int k = 0; k < s->count; k++) {
        const cit_measured_scar *m = &s->scar[k];
        const double known = 1 - m->probability[CIT_CLASS_MIXED];
        for (int c = 0; c < CIT_CLASS_MIXED; c++) {
            const double share = known > 1e-6 ? m->probability[c] / known : 1.0 / CIT_CLASS_MIXED;
            *(m->depth_um >= depth_um ? &ret[c].deep : &ret[c].shallow) += m->parts * share;
        }
    }
}

/* ECCA (Dreno et al., Dermatology 2007; 214:46-51): V-shaped 15, U-shaped 20, M-shaped 25 times a band of the number,
 * under 5, to 20, more. Goodman and Baron (J Cosmet Dermatol 2006; 5:48-52): a point for mild, 2 for moderate, 3 for
 * severe kinds, times a band of the number, to 10, to 20, more. Which shape is which kind is assumed: punched out is deep
 * from 0.5 mm (Jacob et al., J Am Acad Dermatol 2001; 45:109-117), a dish is mild below 0.1 mm. */
void scars_suggest(cit_scars *s) {
    static const double weight[CIT_CLASS_MIXED] = {15, 20, 25};
    split at_half[CIT_CLASS_MIXED], at_tenth[CIT_CLASS_MIXED];
    counts_split(s, 500, at_half);
    counts_split(s, 100, at_tenth);
    s->ecca_suggested[CIT_CLASS_MIXED] = 0;
    for (int c = 0; c < CIT_CLASS_MIXED; c++)
        s->ecca_suggested[c] = weight[c] * band(at_half[c].shallow + at_half[c].deep, 4.5, 20.5);
    const split *box = &at_half[CIT_CLASS_BOXCAR], *pick = &at_half[CIT_CLASS_ICE_PICK],
                *dish = &at_half[CIT_CLASS_ROLLING];
    const double mild = at_tenth[CIT_CLASS_ROLLING].shallow;
    s->goodman_baron_suggested =
        band(mild, 10.5, 20.5) + 2 * band(dish->shallow - mild, 10.5, 20.5) +
        2 * band(box->shallow + pick->shallow, 10.5, 20.5) +
        3 * band(box->deep + pick->deep, 10.5, 20.5) + 3 * band(dish->deep, 10.5, 20.5);
}
