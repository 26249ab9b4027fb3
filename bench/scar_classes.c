/* Fits the class probabilities of scars (src/measure/class.c) on phantoms and prints the table.
 *
 *   cit-fit-scar-classes [MAPS]
 *
 * Seeds from 2000 on, never used by the study (bench/scars.c). A ridge keeps classes that do not overlap here from being
 * told apart with certainty. */
#include <cit/measure.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEED = 2000,
    MAPS = 3,
    CLASSES = CIT_CLASS_COUNT,
    FEATURES = CIT_CLASS_FEATURES,
    UNKNOWNS = CLASSES * FEATURES,
    MOST = 20000,
    ROUNDS = 60
};
static const double ridge = 0.05; /* assumed */
static const double mixed_weight =
    0.35; /* a quarter of the phantoms' scars is mixed; a tenth is assumed */

typedef struct sample {
    int scar_class;
    double x[FEATURES];
} sample;
static sample samples[MOST];
static int count;

static void samples_add(const cit_phantom *p, const cit_scars *s) {
    for (int k = 0; k < p->count; k++) {
        const cit_phantom_scar *t = &p->scar[k];
        for (int j = 0; j < s->count && count < MOST; j++) {
            const cit_measured_scar *m = &s->scar[j];
            const double off = hypot(m->x_mm - t->x_mm, m->y_mm - t->y_mm);
            if (m->compound || off > fmax(0.3, 0.5 * t->radius_mm)) continue;
            samples[count].scar_class = (int)t->scar_class;
            cit_scar_class_features(m->flatness, m->depth_um, m->rim_mm, samples[count++].x);
        }
    }
}

static cit_status maps_take(const cit_phantom_options *kind, int maps, cit_errors *errs) {
    cit_status st = CIT_OK;
    for (int k = 0; k < maps && st == CIT_OK; k++) {
        cit_phantom_options o = *kind;
        cit_phantom *p = NULL;
        cit_scars *s = NULL;
        o.seed = SEED + (uint64_t)k;
        st = cit_phantom_make(&o, &p, errs);
        if (st == CIT_OK) st = cit_scars_find(p->heights, NULL, NULL, &s, errs);
        if (st == CIT_OK) samples_add(p, s);
        cit_phantom_free(p);
        cit_scars_free(s);
    }
    return st;
}

static void probabilities(const double b[UNKNOWNS], const double *x, double ret[CLASSES]) {
    double sum = 0, most = -HUGE_VAL;
    for (int c = 0; c < CLASSES; c++) {
        ret[c] = 0;
        for (int k = 0; k < FEATURES; k++) ret[c] += b[c * FEATURES + k] * x[k];
        most = fmax(most, ret[c]);
    }
    for (int c = 0; c < CLASSES; c++) sum += ret[c] = exp(ret[c] - most);
    for (int c = 0; c < CLASSES; c++) ret[c] /= sum;
}

/* Newton's method for the penalised likelihood, steps kept short. */
static void fit(double b[UNKNOWNS]) {
    static double h[UNKNOWNS * UNKNOWNS];
    for (int round = 0; round < ROUNDS; round++) {
        double g[UNKNOWNS], pivots[UNKNOWNS], far = 0;
        memset(h, 0, sizeof h);
        for (int i = 0; i < UNKNOWNS; i++) {
            g[i] = -ridge * b[i];
            h[i * UNKNOWNS + i] = ridge;
        }
        for (int n = 0; n < count; n++) {
            double p[CLASSES];
            const double *x = samples[n].x;
            const double w = samples[n].scar_class == CIT_CLASS_MIXED ? mixed_weight : 1;
            probabilities(b, x, p);
            for (int c = 0; c < CLASSES; c++)
                for (int k = 0; k < FEATURES; k++) {
                    const int i = c * FEATURES + k;
                    g[i] += w * ((samples[n].scar_class == c) - p[c]) * x[k];
                    for (int d = 0; d < CLASSES; d++)
                        for (int l = 0; l < FEATURES; l++)
                            h[i * UNKNOWNS + d * FEATURES + l] +=
                                w * p[c] * ((c == d) - p[d]) * x[k] * x[l];
                }
        }
        cit_dense_factor(h, pivots, UNKNOWNS);
        cit_dense_solve(h, pivots, UNKNOWNS, g);
        for (int i = 0; i < UNKNOWNS; i++) far = fmax(far, fabs(g[i]));
        for (int i = 0; i < UNKNOWNS; i++) b[i] += g[i] * fmin(1, 5 / fmax(far, 1e-12));
    }
}

static void table_print(const double b[UNKNOWNS]) {
    int seen[CLASSES][CLASSES] = {{0}};
    for (int n = 0; n < count; n++) {
        double p[CLASSES];
        int best = 0;
        probabilities(b, samples[n].x, p);
        for (int c = 1; c < CLASSES; c++)
            if (p[c] > p[best]) best = c;
        seen[samples[n].scar_class][best]++;
    }
    for (int c = 0; c < CLASSES; c++) {
        printf("    {");
        for (int k = 0; k < FEATURES; k++) printf("%s%.3f", k ? ", " : "", b[c * FEATURES + k]);
        printf("}, /* %s */\n", cit_scar_class_name(c));
    }
    printf("%d scars; rows are what they were, columns what they are taken for\n", count);
    for (int c = 0; c < CLASSES; c++) {
        printf("  %-8s", cit_scar_class_name(c));
        for (int d = 0; d < CLASSES; d++) printf(" %5d", seen[c][d]);
        printf("\n");
    }
}

int main(int argc, char **argv) {
    static const cit_phantom_options kinds[] = {
        {.hard_form = true, .mixed = 16},
        {.hard_form = true, .hard_scars = true, .mixed = 16},
        {.hard_form = true, .broad_relief = true, .hard_scars = true, .mixed = 16}};
    const int maps = argc > 1 ? atoi(argv[1]) : MAPS;
    double b[UNKNOWNS] = {0};
    cit_errors errs = {0};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (maps_take(&kinds[k], maps, &errs) != CIT_OK) {
            fprintf(stderr, "%s: %s\n", errs.items[0].where, errs.items[0].text);
            return 1;
        }
    fit(b);
    table_print(b);
    return 0;
}
