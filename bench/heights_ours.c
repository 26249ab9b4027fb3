/* The chain by cit. The last three stages, islands below a level, are written here: the product finds scars otherwise
 * (cit/measure.h). Volumes to the rim are to its mean height, where libgwyddion spans the rim by Laplace's equation. */
#include "bench.h"
#include "heights.h"
#include <cit/relief.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 2, STEPS = 1 << 16 };
static const double side_mm = 40.96;

typedef struct island {
    double area, low, volume, rim, rim_count, to_rim, radius;
} island;

typedef struct chain {
    float *um;
    int n, count;
    cit_heights *heights, *smooth;
    float level;
    int *numbers; /* 0: none */
    island *islands;
    heights_values values;
} chain;

static size_t count_of(const chain *c) { return (size_t)c->n * (size_t)c->n; }

static void fine(cit_status st) {
    if (st != CIT_OK) bench_die("%s", cit_status_text(st));
}

static void *chain_open(float *um, int n) {
    chain *c = calloc(1, sizeof *c);
    if (c == NULL) bench_die("no memory");
    c->um = um;
    c->n = n;
    return c;
}

static void import(chain *c) {
    fine(cit_heights_new(c->n, c->n, side_mm / c->n, side_mm / c->n, &c->heights, NULL));
    memcpy(c->heights->um, c->um, count_of(c) * sizeof *c->um);
    free(c->um);
    c->heights->missing = 0;
}

static void polynomial(chain *c, int degree) {
    const cit_form_options o = {.form = CIT_FORM_POLYNOMIAL, .degree = degree, .threads = THREADS};
    cit_form_result r = {0};
    fine(cit_relief_form(c->heights, &o, &r, NULL));
    cit_heights_free(c->heights);
    c->heights = r.relief;
    r.relief = NULL;
    cit_form_result_clear(&r);
}

static void roughness(chain *c) {
    cit_roughness r;
    fine(cit_relief_roughness(c->heights,
                              CIT_ROUGHNESS_HEIGHT | CIT_ROUGHNESS_HYBRID | CIT_ROUGHNESS_FUNCTION,
                              THREADS, &r, NULL));
    c->values = (heights_values){
        .Sa = r.Sa, .Sq = r.Sq, .Ssk = r.Ssk, .Sku = r.Sku, .Sz = r.Sz, .Sdr = r.Sdr, .Sdq = r.Sdq};
}

static cit_heights *filtered(const chain *c, cit_filter_options o) {
    cit_heights *r = NULL;
    o.threads = THREADS;
    fine(cit_relief_filter(c->heights, &o, &r, NULL));
    return r;
}

static void correlation(const chain *c) {
    cit_roughness r;
    fine(cit_relief_roughness(c->heights, CIT_ROUGHNESS_SPATIAL, THREADS, &r, NULL));
}

/* ---- islands ------------------------------------------------------------------------------------- */

/* The median by two histograms, the second of the step that holds it. */
static float median_of(const float *z, size_t n) {
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (size_t i = 0; i < n; i++) {
        low = fmin(low, (double)z[i]);
        high = fmax(high, (double)z[i]);
    }
    size_t below = 0;
    for (int round = 0; round < 2 && high > low; round++) {
        static size_t steps[STEPS];
        const double scale = STEPS / (high - low);
        memset(steps, 0, sizeof steps);
        for (size_t i = 0; i < n; i++) {
            const double at = ((double)z[i] - low) * scale;
            if (at >= 0 && at < STEPS) steps[(int)at]++;
        }
        int k = 0;
        while (below + steps[k] <= n / 2) below += steps[k++];
        low += k / scale;
        high = low + 1 / scale;
    }
    return (float)(0.5 * (low + high));
}

static int root(int *of, int i) {
    while (of[i] != i) i = of[i] = of[of[i]];
    return i;
}

/* Names from those above and to the left, which `of` makes one; then numbers from 1. */
static void number(chain *c) {
    const float *const z = c->smooth->um;
    const int n = c->n;
    int room = 1 << 12, *of = malloc((size_t)room * sizeof *of), names = 0;
    c->numbers = malloc(count_of(c) * sizeof *c->numbers);
    if (c->numbers == NULL) bench_die("no memory");
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++) {
            const size_t at = (size_t)j * (size_t)n + (size_t)i;
            c->numbers[at] = 0;
            if (!(z[at] < c->level)) continue;
            const int left = i > 0 ? c->numbers[at - 1] : 0,
                      up = j > 0 ? c->numbers[at - (size_t)n] : 0;
            if (left == 0 && up == 0) {
                if (++names == room) of = realloc(of, (size_t)(room *= 2) * sizeof *of);
                if (of == NULL) bench_die("no memory");
                of[names] = names;
            }
            c->numbers[at] = up != 0 ? up : left != 0 ? left : names;
            if (left != 0 && up != 0) of[root(of, left)] = root(of, up);
        }
    int *const to = calloc((size_t)names + 1, sizeof *to), next = 0;
    if (to == NULL) bench_die("no memory");
    for (int k = 1; k <= names; k++) {
        const int r = root(of, k);
        if (to[r] == 0) to[r] = ++next;
    }
    for (size_t i = 0; i < count_of(c); i++)
        if (c->numbers[i] != 0) c->numbers[i] = to[root(of, c->numbers[i])];
    c->count = next;
    free(of);
    free(to);
}

static void values(chain *c) {
    const int n = c->n;
    const float *const z = c->heights->um;
    const double sample = side_mm / n * side_mm / n;
    c->islands = calloc((size_t)c->count + 1, sizeof *c->islands);
    if (c->islands == NULL) bench_die("no memory");
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++) {
            const size_t at = (size_t)j * (size_t)n + (size_t)i;
            if (c->numbers[at] == 0) continue;
            island *const s = &c->islands[c->numbers[at]];
            s->area += sample;
            s->low = fmin(s->low, (double)z[at]);
            s->volume += 1e-3 * (double)z[at] * sample;
            const bool rim = i == 0 || j == 0 || i == n - 1 || j == n - 1 ||
                             c->numbers[at - 1] == 0 || c->numbers[at + 1] == 0 ||
                             c->numbers[at - (size_t)n] == 0 || c->numbers[at + (size_t)n] == 0;
            s->rim += rim ? (double)z[at] : 0;
            s->rim_count += rim;
        }
    for (int k = 1; k <= c->count; k++) {
        island *const s = &c->islands[k];
        s->to_rim = s->volume - 1e-3 * s->rim / s->rim_count * s->area;
        s->radius = sqrt(s->area / 3.14159265358979323846);
    }
}

static void chain_run(void *state, heights_stage stage) {
    chain *const c = state;
    switch (stage) {
    case HEIGHTS_IMPORT:
        import(c);
        break;
    case HEIGHTS_PLANE:
        polynomial(c, 1);
        break;
    case HEIGHTS_FORM:
        polynomial(c, 2);
        break;
    case HEIGHTS_ROUGHNESS:
        roughness(c);
        break;
    case HEIGHTS_S:
        c->smooth = filtered(c, (cit_filter_options){.s_mm = 0.8});
        break;
    case HEIGHTS_L:
        cit_heights_free(filtered(c, (cit_filter_options){.l_mm = 8}));
        break;
    case HEIGHTS_CORRELATION:
        correlation(c);
        break;
    case HEIGHTS_MARK:
        c->level = median_of(c->smooth->um, count_of(c)) - 40;
        break;
    case HEIGHTS_NUMBER:
        number(c);
        break;
    case HEIGHTS_VALUES:
        values(c);
        break;
    case HEIGHTS_STAGE_COUNT:
        break;
    }
}

static heights_values chain_close(void *state) {
    chain *const c = state;
    for (int k = 1; k <= c->count; k++)
        if (c->islands[k].area >= 0.1) {
            c->values.islands++;
            c->values.volume_mm3 += c->islands[k].volume;
        }
    const heights_values v = c->values;
    free(c->islands);
    free(c->numbers);
    cit_heights_free(c->smooth);
    cit_heights_free(c->heights);
    free(c);
    return v;
}

const heights_solver heights_ours = {"cit", chain_open, chain_run, chain_close};
