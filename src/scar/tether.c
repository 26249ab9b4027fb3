/* The dip that bands pull into dermis: a plate of bending stiffness B under tension N on a foundation k,
 *   B w'''' - N w'' + k w = f,   w~(q) = f~(q) / (B q^4 + N q^2 + k).
 *
 * Isolated, a band is a point force in the middle of its pixel, and w its Green's function. With l^4 = B / k, n
 * = N / sqrt(B k) and a^2, b^2 the roots of x^2 - n x + 1,
 *   w(r) = 1 / (2 pi sqrt(B k)) (K0(a r / l) - K0(b r / l)) / (b^2 - a^2),
 * for n < 2 a conjugate pair: a^2 = e^(i t), cos t = n / 2, and the fraction is -Im K0(a r / l) / sin t. */
#include "scar_impl.h"
#include <stdlib.h>

static const double pi = 3.14159265358979323846;

struct cit_tether {
    int nx, ny;
    double dx, dy;
    scar_waves waves;
};

/* -Im K0(x e^(i t / 2)) by the trapezoidal rule on its integral of exp(-z cosh s) over s from 0: the rule
 * converges geometrically, as for cit_bessel_k. */
static double minus_im_k0(double x, double t) {
    const double c = x * cos(t / 2), s = x * sin(t / 2), step = fmin(0.05, 0.35 / sqrt(x));
    double sum = 0.5 * exp(-c) * sin(s);
    for (int j = 1; c * cosh(step * j) < 745; j++) {
        const double h = cosh(step * j);
        sum += exp(-c * h) * sin(s * h);
    }
    return step * sum;
}

/* w(r) / (f / sqrt(B k)), x = r / l. */
static double dip(double n, double x) {
    if (fabs(n - 2) < 1e-9) n = 2 - 1e-9; /* where both roots are one; w is smooth in n */
    if (n < 2) {
        const double t = acos(n / 2);
        return (x > 0 ? minus_im_k0(x, t) : t / 2) / sin(t) / (2 * pi);
    }
    const double d = sqrt(n * n - 4), b = sqrt((n + d) / 2), a = 1 / b;
    return (x > 0 ? cit_bessel_k(0, a * x) - cit_bessel_k(0, b * x) : log(b / a)) / d / (2 * pi);
}

static cit_status check_plate(const cit_plate *p, cit_errors *errs) {
    if (!(p->bending > 0 && isfinite(p->bending)))
        return cit_fail(errs, CIT_INVALID, "plate.bending",
                        "a plate's bending stiffness is above 0, not %g", p->bending);
    if (!(p->foundation > 0 && isfinite(p->foundation)))
        return cit_fail(errs, CIT_INVALID, "plate.foundation",
                        "a plate's foundation is above 0, not %g", p->foundation);
    if (!(p->tension >= 0 && isfinite(p->tension)))
        return cit_fail(errs, CIT_INVALID, "plate.tension", "a tension is 0 or more, not %g",
                        p->tension);
    return CIT_OK;
}

static void make_kernel(cit_tether *t, const cit_plate *p, cit_lateral lateral, double *memory) {
    const double root = sqrt(p->bending * p->foundation), n = p->tension / root,
                 length = pow(p->bending / p->foundation, 0.25);
    double *to = memory;
    if (lateral == CIT_LATERAL_ISOLATED) {
        for (int j = 0; j < t->ny; j++)
            for (int i = 0; i < t->nx; i++)
                *to++ = dip(n, hypot(i * t->dx, j * t->dy) / length) / root;
        scar_waves_kernel(&t->waves, 0, memory);
        return;
    }
    for (int j = 0; j <= t->ny / 2; j++)
        for (int i = 0; i <= t->nx / 2; i++) {
            const double x = scar_wave_number(i, t->nx, t->dx),
                         y = scar_wave_number(j, t->ny, t->dy), q2 = x * x + y * y;
            *to++ = 1 / ((p->bending * q2 + p->tension) * q2 + p->foundation) / (t->dx * t->dy);
        }
    scar_waves_spectrum(&t->waves, 0, memory);
}

cit_status cit_tether_new(const cit_map *like, const cit_plate *plate, cit_lateral lateral,
                          int threads, cit_tether **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    cit_tether *t = NULL;
    double *memory = NULL;
    CIT_TRY(scar_check_map(like, "like", errs));
    CIT_TRY(check_plate(plate, errs));
    CIT_TRY(scar_check_lateral(lateral, threads, errs));
    t = calloc(1, sizeof *t);
    memory = malloc((size_t)(like->nx + 1) * (size_t)(like->ny + 1) * sizeof *memory);
    if (t == NULL || memory == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory for a tethered plate");
        goto done;
    }
    t->nx = like->nx;
    t->ny = like->ny;
    t->dx = like->dx;
    t->dy = like->dy;
    CIT_TRY(scar_waves_new(t->nx, t->ny, 1, lateral, threads, &t->waves, errs));
    make_kernel(t, plate, lateral, memory);
    *ret = t;
    t = NULL;
done:
    cit_tether_free(t);
    free(memory);
    return st;
}

void cit_tether_free(cit_tether *t) {
    if (t == NULL) return;
    scar_waves_free(&t->waves);
    free(t);
}

cit_status cit_tether_run(cit_tether *t, const cit_map *force_mN, cit_map *ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    CIT_TRY(scar_check_same(force_mN, "force_mN", t->nx, t->ny, t->dx, t->dy, errs));
    CIT_TRY(scar_check_same(ret, "ret", t->nx, t->ny, t->dx, t->dy, errs));
    CIT_TRY(scar_check_finite(force_mN, "force_mN", errs));
    scar_waves_run(&t->waves, force_mN->values, (size_t)t->nx, (size_t)t->nx * (size_t)t->ny,
                   ret->values);
done:
    return st;
}
