/* How well scars are found and measured, on phantoms whose scars are known (docs/models/measure.md).
 *
 *   cit-study-scars [--seeds N] [--from SEED] [--only CASE] [--each]
 *
 * Seeds from 90000 on were never used to choose a threshold or to fit a coefficient, nor looked at before a change. */
#include "list.h"
#include <cit/measure.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SEED = 90000, SEEDS = 10, CLASSES = CIT_CLASS_COUNT };

typedef struct study_case {
    const char *name, *meaning;
    cit_phantom_options options;
} study_case;
static const study_case cases[] = {
    {"easy", "narrow relief, sphere and tilt", {0}},
    {"smooth", "no relief, no noise, sphere and tilt", {.relief_um = -1, .noise_um = -1}},
    {"smooth-hard",
     "no relief, no noise, hard form",
     {.relief_um = -1, .noise_um = -1, .hard_form = true}},
    {"hard", "narrow relief, hard form", {.hard_form = true}},
    {"missing", "the same, 1.3 % missing", {.hard_form = true, .missing = 0.013}},
    {"shallow", "narrow relief, hard form, hard scars", {.hard_form = true, .hard_scars = true}},
    {"touching", "narrow relief, hard form, 12 pairs overlap", {.hard_form = true, .touching = 12}},
    {"broad", "relief of 0.15 to 2.5 mm, hard form", {.hard_form = true, .broad_relief = true}},
    {"broad-10", "the same, 10 um rms", {.hard_form = true, .broad_relief = true, .relief_um = 10}},
    {"all",
     "broad, hard scars, 12 pairs, 1.3 % missing",
     {.hard_form = true,
      .hard_scars = true,
      .broad_relief = true,
      .touching = 12,
      .missing = 0.013}},
    {"none", "narrow relief, hard form, no scars", {.hard_form = true, .rows = -1}},
    {"none-broad",
     "broad relief, hard form, no scars",
     {.hard_form = true, .broad_relief = true, .rows = -1}},
};

static bool each; /* tell of scars one by one */

typedef struct tally {
    list volume[CLASSES], depth[CLASSES], type[CLASSES], off[CLASSES], total, pairs;
    int isolated, found, touching, counted, spurious, parts;
    int right[CLASSES], of[CLASSES];
    int volume_in, volume_of, depth_in, depth_of, total_in, maps;
    double seconds, least;
} tally;

/* The measured scar that a true one lies in, 1 + its place; 0: none. Nearby samples too, as a middle may be off. */
static int scar_of(const cit_scars *s, const cit_phantom_scar *t) {
    int best = 0;
    double nearest = 0.3;
    const int i0 = (int)fmax(0, (t->x_mm - nearest) / s->dx_mm),
              j0 = (int)fmax(0, (t->y_mm - nearest) / s->dy_mm);
    for (int j = j0; j < s->ny && j * s->dy_mm < t->y_mm + 0.3; j++)
        for (int i = i0; i < s->nx && i * s->dx_mm < t->x_mm + 0.3; i++) {
            const int number = s->outline[(size_t)j * s->nx + i];
            const double r = hypot((i + 0.5) * s->dx_mm - t->x_mm, (j + 0.5) * s->dy_mm - t->y_mm);
            if (number == 0 || r >= nearest) continue;
            nearest = r;
            best = number;
        }
    return best;
}

static int best_class(const cit_measured_scar *m) {
    int best = 0;
    for (int c = 1; c < CLASSES; c++)
        if (m->probability[c] > m->probability[best]) best = c;
    return best;
}

static void single_tell(const cit_phantom_scar *truth, const cit_measured_scar *m) {
    printf("   %s x %.1f y %.1f radius %.2f depth %.0f %+.1f sd %.1f um volume %.4f %+.4f sd %.4f "
           "mm3\n",
           cit_scar_class_name((int)truth->scar_class), truth->x_mm, truth->y_mm, truth->radius_mm,
           truth->depth_um, m->depth_um - truth->depth_um, (m->depth_high_um - m->depth_um) / 1.96,
           truth->volume_mm3, m->volume_mm3 - truth->volume_mm3,
           (m->volume_high_mm3 - m->volume_mm3) / 1.96);
}

static void tally_single(tally *t, const cit_phantom_scar *truth, const cit_measured_scar *m,
                         double sums[CLASSES][2]) {
    const int c = truth->scar_class;
    if (each) single_tell(truth, m);
    list_add(&t->volume[c], m->volume_mm3 / truth->volume_mm3 - 1);
    list_add(&t->depth[c], m->depth_um / truth->depth_um - 1);
    list_add(&t->off[c],
             1.96 * (m->volume_mm3 - truth->volume_mm3) / (m->volume_mm3 - m->volume_low_mm3));
    sums[c][0] += m->volume_mm3;
    sums[c][1] += truth->volume_mm3;
    t->of[c]++;
    t->right[c] += best_class(m) == c;
    t->volume_of++;
    t->volume_in +=
        m->volume_low_mm3 <= truth->volume_mm3 && truth->volume_mm3 <= m->volume_high_mm3;
    t->depth_of++;
    t->depth_in += m->depth_low_um <= truth->depth_um && truth->depth_um <= m->depth_high_um;
}

/* Which measured scar a true one is in, 1 + its place (0: none), how many are in each, and which hold one of a pair. */
typedef struct match {
    int *of, *held;
    bool *of_pair;
    double sums[CLASSES][2], alone,
        pairs; /* volumes: told and true; true of the isolated; told of pairs */
} match;

static match match_make(const cit_phantom *p, const cit_scars *s) {
    match m = {.of = calloc((size_t)p->count + 1, sizeof *m.of),
               .held = calloc((size_t)s->count + 1, sizeof *m.held),
               .of_pair = calloc((size_t)s->count + 1, sizeof *m.of_pair)};
    if (m.of == NULL || m.held == NULL || m.of_pair == NULL) abort();
    for (int k = 0; k < p->count; k++) {
        m.of[k] = scar_of(s, &p->scar[k]);
        m.held[m.of[k]]++;
    }
    return m;
}

static void tally_isolated(tally *t, const cit_phantom_scar *truth, const cit_measured_scar *m,
                           int held, match *to) {
    const bool told = m != NULL && (held == 1 || m->parts >= held);
    t->isolated++;
    t->found += told;
    to->alone += truth->volume_mm3;
    if (told && held == 1 && !m->compound) tally_single(t, truth, m, to->sums);
    if (!told && each)
        printf("   missed: %s radius %.2f depth %.0f at %.2f %.2f\n",
               cit_scar_class_name((int)truth->scar_class), truth->radius_mm, truth->depth_um,
               truth->x_mm, truth->y_mm);
}

static void tally_found(tally *t, const cit_measured_scar *m, int held, bool of_pair, match *to) {
    const int extra = m->parts - held;
    t->parts += m->parts;
    if (extra > 0) t->spurious += extra;
    if (extra > 0 && each)
        printf("   false: %d parts, of %d scars, at %.2f %.2f, depth %.0f rim %.2f signal %.1f\n",
               m->parts, held, m->x_mm, m->y_mm, m->depth_um, m->rim_mm, m->signal);
    if (!of_pair) return;
    t->counted += m->parts < held ? m->parts : held;
    to->pairs += m->volume_mm3;
}

static void tally_map(tally *t, const cit_phantom *p, const cit_scars *s) {
    match to = match_make(p, s);
    for (int k = 0; k < p->count; k++) {
        const cit_measured_scar *m = to.of[k] > 0 ? &s->scar[to.of[k] - 1] : NULL;
        if (p->scar[k].touches < 0) {
            tally_isolated(t, &p->scar[k], m, to.held[to.of[k]], &to);
            continue;
        }
        t->touching++;
        to.of_pair[to.of[k]] = true;
    }
    for (int k = 0; k < s->count; k++)
        tally_found(t, &s->scar[k], to.held[k + 1], to.of_pair[k + 1], &to);
    for (int c = 0; c < CLASSES; c++)
        if (to.sums[c][1] > 0) list_add(&t->type[c], to.sums[c][0] / to.sums[c][1] - 1);
    if (p->volume_mm3 > 0) {
        list_add(&t->total, s->volume_mm3 / p->volume_mm3 - 1);
        t->total_in += s->volume_low_mm3 <= p->volume_mm3 && p->volume_mm3 <= s->volume_high_mm3;
    }
    if (p->volume_mm3 - to.alone > 1e-9)
        list_add(&t->pairs, to.pairs / (p->volume_mm3 - to.alone) - 1);
    t->maps++;
    t->least += s->least_depth_um;
    free(to.of);
    free(to.held);
    free(to.of_pair);
}

static double worst(const list *l) {
    double far = 0;
    for (int k = 0; k < l->count; k++)
        if (fabs(l->v[k]) > fabs(far)) far = l->v[k];
    return far;
}
static int within(const list *l, double most) {
    int count = 0;
    for (int k = 0; k < l->count; k++) count += fabs(l->v[k]) <= most;
    return count;
}
static double spread(const list *l) { return sqrt(cit_variance(l->v, l->count)); }
static double far_95(const list *l) {
    list far = {0};
    for (int k = 0; k < l->count; k++) list_add(&far, fabs(l->v[k]));
    const double q = list_quantile(&far, 0.95);
    free(far.v);
    return q;
}
static double percent(int a, int b) { return b > 0 ? 100.0 * a / b : (double)NAN; }

static void tally_print(const study_case *c, tally *t) {
    printf("%s: %s, %d maps of 1024 x 1024\n", c->name, c->meaning, t->maps);
    printf("  isolated found %d of %d (%.1f %%); false %d of %d counted (%.2f %%)", t->found,
           t->isolated, percent(t->found, t->isolated), t->spurious, t->parts,
           percent(t->spurious, t->parts));
    printf("; %.2f s a map, least depth %.1f um\n", t->seconds / t->maps, t->least / t->maps);
    if (t->total.count == 0) return;
    printf("  total volume: mean %+.2f %%, worst map %+.2f %%; 95 %% interval holds it on %d of %d "
           "maps\n",
           100 * cit_mean(t->total.v, t->total.count), 100 * worst(&t->total), t->total_in,
           t->maps);
    if (t->touching > 0)
        printf("  touching: %d of %d counted (%.1f %%); volume of all pairs: mean %+.2f %%, worst "
               "map %+.2f %%\n",
               t->counted, t->touching, percent(t->counted, t->touching),
               100 * cit_mean(t->pairs.v, t->pairs.count), 100 * worst(&t->pairs));
    printf("  95 %% intervals hold: volume %.1f %%, depth %.1f %% of %d\n",
           percent(t->volume_in, t->volume_of), percent(t->depth_in, t->depth_of), t->volume_of);
    for (int k = 0; k < CLASSES; k++) {
        if (t->of[k] == 0) continue;
        printf(
            "  %-8s n %4d | volume mean %+5.1f sd %4.1f %%, over told %4.2f; all of a map: worst "
            "%+5.1f %%, within 3 %% on %d of %d | depth mean %+5.1f %%, 95 %% within %4.1f %% | "
            "class right %5.1f %%\n",
            cit_scar_class_name(k), t->of[k], 100 * cit_mean(t->volume[k].v, t->of[k]),
            100 * spread(&t->volume[k]), spread(&t->off[k]), 100 * worst(&t->type[k]),
            within(&t->type[k], 0.03), t->type[k].count, 100 * cit_mean(t->depth[k].v, t->of[k]),
            100 * far_95(&t->depth[k]), percent(t->right[k], t->of[k]));
    }
}

static void tally_clear(tally *t) {
    for (int c = 0; c < CLASSES; c++) {
        free(t->volume[c].v);
        free(t->depth[c].v);
        free(t->type[c].v);
        free(t->off[c].v);
    }
    free(t->total.v);
    free(t->pairs.v);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static cit_status case_run(const study_case *c, uint64_t from, int seeds, cit_errors *errs) {
    cit_status st = CIT_OK;
    tally t = {0};
    for (int k = 0; k < seeds && st == CIT_OK; k++) {
        cit_phantom_options o = c->options;
        cit_phantom *p = NULL;
        cit_scars *s = NULL;
        const cit_scars_options how = {.threads = 2};
        o.seed = from + (uint64_t)k;
        st = cit_phantom_make(&o, &p, errs);
        const double start = now();
        if (st == CIT_OK) st = cit_scars_find(p->heights, &how, NULL, &s, errs);
        t.seconds += now() - start;
        if (st == CIT_OK) tally_map(&t, p, s);
        cit_phantom_free(p);
        cit_scars_free(s);
    }
    if (st == CIT_OK) tally_print(c, &t);
    fflush(stdout);
    tally_clear(&t);
    return st;
}

int main(int argc, char **argv) {
    int seeds = SEEDS;
    uint64_t from = SEED;
    const char *only = NULL;
    cit_errors errs = {0};
    for (int k = 1; k < argc; k++) {
        const char *value = k + 1 < argc ? argv[k + 1] : "";
        each = each || strcmp(argv[k], "--each") == 0;
        if (strcmp(argv[k], "--seeds") == 0) seeds = atoi(value);
        if (strcmp(argv[k], "--from") == 0) from = strtoull(value, NULL, 10);
        if (strcmp(argv[k], "--only") == 0) only = value;
    }
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        if (only != NULL && strcmp(only, cases[k].name) != 0) continue;
        if (case_run(&cases[k], from, seeds, &errs) != CIT_OK) {
            fprintf(stderr, "%s: %s\n", errs.items[0].where, errs.items[0].text);
            return 1;
        }
    }
    return 0;
}
