/* Functional parameters of ISO 25178-2, from the areal material ratio curve: the share of the surface at or above a height.
 * The curve is a histogram of 2^16 steps from the lowest height to the highest, linear within a step. The core is where the
 * secant over 40 % is flattest, the first such from the top; the line of least squares there, drawn from 0 to 100 %, falls by
 * Sk (ISO 13565-2). */
#include "relief_impl.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 1 << 16, SHARES = 10000, SECANT = 4000 /* of SHARES: 40 % */ };

/* above[k]: share at or above the edge k; over[k]: its integral from there to the top, um. */
typedef struct curve {
    double low_um, step_um;
    double above[STEPS + 1], over[STEPS + 1];
    double height[SHARES + 1]; /* at shares 0 to 1 */
} curve;

static void count(const relief_surface *s, size_t *steps, size_t *scratch) {
    const size_t nx = (size_t)s->heights->nx;
    const double scale = STEPS / (s->m.high_um - s->m.low_um);
#pragma omp parallel num_threads(s->threads)
    {
        size_t *const mine = scratch + (size_t)STEPS * (size_t)omp_get_thread_num();
#pragma omp for schedule(static)
        for (int j = 0; j < s->heights->ny; j++)
            for (size_t i = 0; i < nx; i++) {
                const float um = s->heights->um[(size_t)j * nx + i];
                if (um != um) continue;
                const int k = (int)(((double)um - s->m.low_um) * scale);
                mine[k < STEPS ? k : STEPS - 1]++;
            }
    }
    memset(steps, 0, STEPS * sizeof *steps);
    for (int t = 0; t < s->threads; t++)
        for (size_t k = 0; k < STEPS; k++) steps[k] += scratch[(size_t)STEPS * (size_t)t + k];
}

/* Where the curve has this share; from the edge k upwards it has less. */
static double height_of(const curve *c, double share, int *k) {
    while (*k > 0 && c->above[*k] < share) (*k)--;
    while (*k < STEPS && c->above[*k + 1] >= share && c->above[*k] > share) (*k)++;
    if (*k >= STEPS) return c->low_um + STEPS * c->step_um;
    const double a = c->above[*k], b = c->above[*k + 1];
    const double part = a > b ? (a - share) / (a - b) : 0;
    return c->low_um + (*k + fmin(1, fmax(0, part))) * c->step_um;
}

static void draw(const relief_surface *s, const size_t *steps, curve *c) {
    const double all = (double)s->m.there;
    size_t above = 0;
    c->low_um = s->m.low_um - s->m.mean_um;
    c->step_um = (s->m.high_um - s->m.low_um) / STEPS;
    c->above[STEPS] = c->over[STEPS] = 0;
    for (int k = STEPS - 1; k >= 0; k--) {
        above += steps[k];
        c->above[k] = (double)above / all;
        c->over[k] = c->over[k + 1] + 0.5 * (c->above[k] + c->above[k + 1]) * c->step_um;
    }
    int k = STEPS - 1;
    for (int i = 0; i <= SHARES; i++) c->height[i] = height_of(c, (double)i / SHARES, &k);
    c->height[0] = s->m.high_um - s->m.mean_um;
}

/* Step of a height and how far into it. */
static int step_of(const curve *c, double um, double *part) {
    const double at = (um - c->low_um) / c->step_um;
    const int k = at <= 0 ? 0 : at >= STEPS ? STEPS - 1 : (int)at;
    *part = fmin(1, fmax(0, at - k));
    return k;
}
static double share_at(const curve *c, double um) {
    double part;
    const int k = step_of(c, um, &part);
    return c->above[k] + part * (c->above[k + 1] - c->above[k]);
}
/* Material above a height, and void below it, um3/um2. */
static double material(const curve *c, double um) {
    double part;
    const int k = step_of(c, um, &part);
    const double here = c->above[k] + part * (c->above[k + 1] - c->above[k]);
    return c->over[k + 1] + 0.5 * (here + c->above[k + 1]) * (1 - part) * c->step_um;
}
static double hollow(const curve *c, double um) {
    return um - c->low_um - (c->over[0] - material(c, um));
}
static double height_at(const curve *c, double percent) {
    return c->height[(int)lround(percent * SHARES / 100)];
}

/* Where the secant over 40 % is flattest, the straight line of least squares in height. */
static void line_of(const curve *c, double *ret_upper, double *ret_fall) {
    int from = 0;
    for (int i = 1; i + SECANT <= SHARES; i++)
        if (c->height[i] - c->height[i + SECANT] < c->height[from] - c->height[from + SECANT])
            from = i;
    const int half = SECANT / 2;
    double mean = 0, with = 0, squares = 0;
    for (int i = 0; i <= SECANT; i++) mean += c->height[from + i] / (SECANT + 1);
    for (int i = 0; i <= SECANT; i++) {
        const double x = (double)(i - half) / SHARES;
        with += x * (c->height[from + i] - mean);
        squares += x * x;
    }
    *ret_fall = -with / squares;
    *ret_upper = mean + *ret_fall * (from + half) / SHARES;
}

static void core(const curve *c, cit_roughness *ret) {
    double upper, fall;
    line_of(c, &upper, &fall);
    const double lower = upper - fall;
    const double peaks = share_at(c, upper), pits = 1 - share_at(c, lower);
    ret->Sk = fall;
    ret->Smr1 = 100 * peaks;
    ret->Smr2 = 100 * (1 - pits);
    ret->Spk = peaks > 0 ? 2 * material(c, upper) / peaks : 0;
    ret->Svk = pits > 0 ? 2 * hollow(c, lower) / pits : 0;
}

cit_status relief_functional(const relief_surface *s, cit_roughness *ret, cit_errors *errs) {
    if (!(s->m.high_um > s->m.low_um)) return CIT_OK; /* flat: there is no curve */
    curve *const c = malloc(sizeof *c);
    size_t *const steps = malloc(STEPS * sizeof *steps);
    size_t *const scratch = calloc((size_t)STEPS * (size_t)s->threads, sizeof *scratch);
    const bool fine = c != NULL && steps != NULL && scratch != NULL;
    if (fine) {
        count(s, steps, scratch);
        draw(s, steps, c);
        core(c, ret);
        const double c10 = height_at(c, 10), c80 = height_at(c, 80);
        ret->Smc = c10;
        ret->Sxp = height_at(c, 2.5) - height_at(c, 50);
        ret->Vmp = material(c, c10);
        ret->Vmc = material(c, c80) - ret->Vmp;
        ret->Vvv = hollow(c, c80);
        ret->Vvc = hollow(c, c10) - ret->Vvv;
    }
    free(c);
    free(steps);
    free(scratch);
    return fine ? CIT_OK : cit_fail(errs, CIT_NOMEM, "", "no memory for a material ratio curve");
}
