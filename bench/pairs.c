/* How well a later surface is laid over an earlier one, what change is told within scars, and how long it takes
 * (docs/models/pairs.md).
 *
 *   cit-bench-pairs [--pairs N] [--from SEED] [--n SAMPLES] [--only CASE] [--speed] [--verbose]
 *
 * Eight kinds of pairs of phantoms, N of each, of 40.96 mm, moved by 0.5 mm and turned by 1 degree; a third of the scars
 * as they were, a third healed by 10 %, a third by 20 %. A later visit is evaluated where its samples show the skin,
 * not interpolated, so that every displacement is known. Each pair twice: outlines as truly known, and as they are
 * found. Seeds from 80000 on were never used to choose a
 * constant. --speed: 1,048,576 points on one and two threads. */
#include "../tests/pair_help.h"
#include "list.h"
#include <math.h>
#include <stdio.h>
#include <time.h>

static const double side_mm = 40.96;
enum { SEED = 80000, PAIRS = 5, N = 512, CLASSES = CIT_CLASS_COUNT, OUTLINES = 2 };

typedef struct study_case {
    const char *name, *meaning;
    cit_phantom_options skin;
    cit_phantom_visit visit;
} study_case;
static const study_case cases[] = {
    {"narrow", "relief of 0.2 to 0.6 mm, 50 um of slow deformation", {0}, {.slow_um = 50}},
    {"broad", "relief of 0.15 to 2.5 mm, the same", {.broad_relief = true}, {.slow_um = 50}},
    {"hard",
     "narrow, hard form, 4 um of noise",
     {.hard_form = true, .noise_um = 4},
     {.slow_um = 50}},
    {"hard-broad",
     "broad, hard form, 4 um of noise",
     {.hard_form = true, .noise_um = 4, .broad_relief = true},
     {.slow_um = 50}},
    {"new",
     "narrow, 30 um of lateral stretch, 5 um rms of new relief",
     {0},
     {.slow_um = 50, .stretch_um = 30, .new_relief_um = 5}},
    {"new-broad",
     "broad, the same",
     {.broad_relief = true},
     {.slow_um = 50, .stretch_um = 30, .new_relief_um = 5}},
    {"gaps",
     "narrow, hard form, 1.3 % missing",
     {.hard_form = true, .missing = 0.013},
     {.slow_um = 50}},
    {"still", "narrow, no noise: what interpolation leaves", {.noise_um = -1}, {0}},
};
enum { CASES = sizeof cases / sizeof *cases };

static bool verbose;

static double now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct tally {
    int scars, told, covered, depths, depth_covered;
    int unhealed, called;        /* of scars as they were, how many are said to have changed */
    int healed[2], right[2];     /* by 10 and by 20 % */
    double sum_z2;               /* error over deviation, squared */
    list detectable[CLASSES], z; /* smallest change seen, of the scar's volume */
    list squares[CLASSES + 1];   /* of z, by class; at last of scars within 3 mm of an edge */
    int hit[CLASSES + 1], as_they_were[CLASSES + 1], said[CLASSES + 1]; /* by the same */
    int zones, zone_covered;
} tally;

typedef struct figures {
    double lateral, vertical; /* sums of squares */
    long places, samples;
    list seconds;
    tally of[OUTLINES];
} figures;

static void fail(const char *what, const cit_errors *errs) {
    fprintf(stderr, "%s: %s\n", what, errs->items[0].text);
    exit(1);
}

static cit_phantom *phantom_of(const cit_phantom_options *o, const cit_phantom_visit *v) {
    cit_errors errs = {0};
    cit_phantom *p = NULL;
    const cit_status st =
        v != NULL ? cit_phantom_later(o, v, &p, &errs) : cit_phantom_make(o, &p, &errs);
    if (st != CIT_OK) fail("phantom", &errs);
    return p;
}

/* ---- how well it lies ------------------------------------------------------------------------------------------- */

/* At the middles of scars of other phantoms of this visit: places all over the map whose displacement is known. */
static void add_lateral(const cit_pair *pair, const cit_phantom_options *o,
                        const cit_phantom_visit *visit, figures *f) {
    const double side = pair->difference->nx * pair->difference->dx_mm;
    for (int k = 0; k < 8; k++) {
        cit_phantom_options few = *o;
        cit_phantom_visit same = *visit;
        few.seed = 900000 + (uint64_t)k;
        few.n = 8;
        few.relief_um = few.noise_um = -1;
        same.healed = NULL;
        cit_phantom *p = phantom_of(&few, NULL), *q = phantom_of(&few, &same);
        for (int i = 0; i < p->count; i++) {
            double at[2];
            const double x = q->scar[i].x_mm, y = q->scar[i].y_mm;
            if (fmin(x, y) < 0 || fmax(x, y) > side) continue;
            cit_pair_place(pair, p->scar[i].x_mm, p->scar[i].y_mm, at);
            f->lateral += (at[0] - x) * (at[0] - x) + (at[1] - y) * (at[1] - y);
            f->places++;
        }
        cit_phantom_free(p);
        cit_phantom_free(q);
    }
}

/* What the difference says on healthy skin, where nothing rose or fell, after a filter of 0.5 mm. */
static void add_vertical(const cit_pair *pair, const cit_phantom *before, figures *f) {
    const cit_heights *d = pair->difference;
    cit_errors errs = {0};
    float *healthy = malloc((size_t)d->nx * (size_t)d->ny * sizeof *healthy),
          *smooth = malloc((size_t)d->nx * (size_t)d->ny * sizeof *smooth);
    if (healthy == NULL || smooth == NULL) abort();
    for (int j = 0; j < d->ny; j++)
        for (int i = 0; i < d->nx; i++) {
            const size_t at = (size_t)j * (size_t)d->nx + (size_t)i;
            healthy[at] = d->um[at];
            for (int k = 0; k < before->count; k++)
                if (hypot((i + 0.5) * d->dx_mm - before->scar[k].x_mm,
                          (j + 0.5) * d->dy_mm - before->scar[k].y_mm) < before->scar[k].radius_mm)
                    healthy[at] = NAN;
        }
    /* of a Gaussian filter whose transmission is a half at 0.5 mm */
    const cit_smooth_options how = {
        .sigma_x = 0.5 * 0.18739 / d->dx_mm, .sigma_y = 0.5 * 0.18739 / d->dy_mm, .least = 0.5};
    if (cit_smooth(d->nx, d->ny, healthy, smooth, &how, &errs) != CIT_OK) fail("smooth", &errs);
    for (size_t at = 0; at < (size_t)d->nx * (size_t)d->ny; at++) {
        if (isnan(smooth[at]) || isnan(healthy[at])) continue;
        f->vertical += (double)smooth[at] * (double)smooth[at];
        f->samples++;
    }
    free(healthy);
    free(smooth);
}

/* ---- what is told -------------------------------------------------------------------------------------------------- */

static void add_change(const cit_change *c, const cit_phantom_scar *t, double healed, double truth,
                       tally *y) {
    const double z = 1.959963985 * (c->change_mm3 - truth) / (c->high_mm3 - c->change_mm3);
    y->told++;
    y->covered += truth >= c->low_mm3 && truth <= c->high_mm3;
    y->sum_z2 += z * z;
    list_add(&y->z, fabs(z));
    if (healed == 0) {
        y->unhealed++;
        y->called += c->verdict != CIT_CHANGE_UNSEEN;
    } else {
        y->healed[healed > 0.15]++;
        y->right[healed > 0.15] += c->verdict == CIT_CHANGE_BETTER;
    }
    if (t == NULL) return;
    list_add(&y->detectable[t->scar_class], c->detectable_mm3 / t->volume_mm3);
    const bool edge = fmin(fmin(t->x_mm, t->y_mm), side_mm - fmax(t->x_mm, t->y_mm)) < 3;
    for (int k = 0; k <= CLASSES; k++) {
        if (k == CLASSES ? !edge : k != (int)t->scar_class) continue;
        list_add(&y->squares[k], z * z);
        y->hit[k] += truth >= c->low_mm3 && truth <= c->high_mm3;
        y->as_they_were[k] += healed == 0;
        y->said[k] += healed == 0 && c->verdict != CIT_CHANGE_UNSEEN;
    }
    if (verbose && fabs(z) > 1.96)
        printf(
            "   %-8s at %5.1f %5.1f radius %.2f deep %3.0f healed %2.0f %%: off by %+.5f mm3, %.1f "
            "deviations\n",
            cit_scar_class_name((int)t->scar_class), t->x_mm, t->y_mm, t->radius_mm, t->depth_um,
            100 * healed, c->change_mm3 - truth, z);
}

/* A found scar's truth is what became of the true ones whose middles it holds or is nearest to. */
static void add_changes(const cit_pair *pair, const cit_scars *s, const cit_phantom *p,
                        const double *healed, tally *y) {
    double *truth = calloc((size_t)s->count + 1, sizeof *truth), all = 0;
    const cit_phantom_scar **of = calloc((size_t)s->count + 1, sizeof *of);
    double *share = calloc((size_t)s->count + 1, sizeof *share);
    if (truth == NULL || of == NULL || share == NULL) abort();
    for (int k = 0; k < p->count; k++) {
        const cit_phantom_scar *t = &p->scar[k];
        const int i = (int)(t->x_mm / s->dx_mm), j = (int)(t->y_mm / s->dy_mm),
                  number = s->outline[(size_t)j * (size_t)s->nx + (size_t)i];
        y->scars++;
        if (number == 0) continue;
        truth[number - 1] += healed[k] * t->volume_mm3;
        share[number - 1] = fmax(share[number - 1], healed[k]);
        of[number - 1] = t;
    }
    for (int i = 0; i < pair->count; i++) {
        if (!cit_known(pair->change[i].change_mm3)) continue;
        add_change(&pair->change[i], of[i], share[i], truth[i], y);
        all += truth[i];
    }
    y->zones++;
    y->zone_covered += all >= pair->zone.low_mm3 && all <= pair->zone.high_mm3;
    free(truth);
    free(of);
    free(share);
}

static cit_scars *scars_of(const cit_phantom *before, bool found) {
    cit_errors errs = {0};
    cit_scars *s = NULL;
    if (!found) return true_scars(before);
    if (cit_scars_find(before->heights, &(cit_scars_options){0}, NULL, &s, &errs) != CIT_OK)
        fail("scars", &errs);
    return s;
}

static void scars_drop(cit_scars *s, bool found) {
    if (found) {
        cit_scars_free(s);
        return;
    }
    free(s->outline);
    free(s->scar);
    free(s);
}

static cit_phantom_visit visit_of(const study_case *c, uint64_t seed) {
    const uint32_t stream = cit_random_stream("pairs apart");
    const double angle = 6.283185307179586 * cit_random(seed, 0, stream, 0);
    cit_phantom_visit v = c->visit;
    v.noise_seed = seed + 500000;
    v.shift_mm[0] = 0.5 * cos(angle);
    v.shift_mm[1] = 0.5 * sin(angle);
    v.turn_rad = 0.017453292519943295 * (cit_random(seed, 1, stream, 0) < 0.5 ? -1 : 1);
    v.tilt_um_per_mm[0] = 20 * cit_random(seed, 2, stream, 0) - 10;
    v.tilt_um_per_mm[1] = 20 * cit_random(seed, 3, stream, 0) - 10;
    return v;
}

static void study(const study_case *c, uint64_t seed, int n, figures *f) {
    double healed[512];
    for (int k = 0; k < 512; k++) healed[k] = 0.1 * (k % 3);
    cit_phantom_options o = c->skin;
    o.seed = seed;
    o.n = n;
    cit_phantom_visit v = visit_of(c, seed);
    v.healed = healed;
    cit_phantom *before = phantom_of(&o, NULL), *after = phantom_of(&o, &v);
    for (int which = 0; which < OUTLINES; which++) {
        cit_scars *s = scars_of(before, which == 1);
        cit_pair *pair = NULL;
        cit_errors errs = {0};
        const double from = now(CLOCK_MONOTONIC);
        if (cit_pair_make(before->heights, s, after->heights, &(cit_pair_options){0}, NULL, &pair,
                          &errs) != CIT_OK)
            fail(c->name, &errs);
        list_add(&f->seconds, now(CLOCK_MONOTONIC) - from);
        if (which == 0) add_lateral(pair, &o, &v, f);
        if (which == 0) add_vertical(pair, before, f);
        add_changes(pair, s, before, healed, &f->of[which]);
        cit_pair_free(pair);
        scars_drop(s, which == 1);
    }
    cit_phantom_free(before);
    cit_phantom_free(after);
}

/* ---- tables ----------------------------------------------------------------------------------------------------------- */

static double percent(int part, int whole) {
    return whole > 0 ? 100.0 * part / whole : CIT_UNKNOWN_NUMBER;
}

/* Binomial standard error of a share, percent. */
static double percent_error(int part, int whole) {
    const double share = (double)part / whole;
    return whole > 0 ? 100 * sqrt(share * (1 - share) / whole) : CIT_UNKNOWN_NUMBER;
}

static void add_tally(const tally *from, tally *to) {
    to->scars += from->scars;
    to->told += from->told;
    to->covered += from->covered;
    to->unhealed += from->unhealed;
    to->called += from->called;
    to->sum_z2 += from->sum_z2;
    to->zones += from->zones;
    to->zone_covered += from->zone_covered;
    for (int k = 0; k < 2; k++) {
        to->healed[k] += from->healed[k];
        to->right[k] += from->right[k];
    }
    for (int k = 0; k < CLASSES; k++)
        for (int i = 0; i < from->detectable[k].count; i++)
            list_add(&to->detectable[k], from->detectable[k].v[i]);
    for (int i = 0; i < from->z.count; i++) list_add(&to->z, from->z.v[i]);
    for (int k = 0; k <= CLASSES; k++) {
        to->hit[k] += from->hit[k];
        to->as_they_were[k] += from->as_they_were[k];
        to->said[k] += from->said[k];
        for (int i = 0; i < from->squares[k].count; i++)
            list_add(&to->squares[k], from->squares[k].v[i]);
    }
}

static void print_tally(const char *name, tally *y) {
    printf("%-12s %5d %5d %5.1f +- %3.1f %6.2f %6.2f %4.1f +- %3.1f %7.1f %7.1f %8.2f %7.2f %7.2f "
           "%5d/%d\n",
           name, y->scars, y->told, percent(y->covered, y->told),
           percent_error(y->covered, y->told), sqrt(y->sum_z2 / y->told),
           list_quantile(&y->z, 0.95), percent(y->called, y->unhealed),
           percent_error(y->called, y->unhealed), percent(y->right[0], y->healed[0]),
           percent(y->right[1], y->healed[1]),
           100 * list_quantile(&y->detectable[CIT_CLASS_ICE_PICK], 0.5),
           100 * list_quantile(&y->detectable[CIT_CLASS_BOXCAR], 0.5),
           100 * list_quantile(&y->detectable[CIT_CLASS_ROLLING], 0.5), y->zone_covered, y->zones);
}

/* By what a scar is: rms z is 1 if intervals are as wide as they should be. */
static void print_classes(const tally *y) {
    const char *const names[] = {"ice-picks", "boxcars", "rolling", "mixed", "near edges"};
    for (int k = 0; k <= CLASSES; k++) {
        const int count = y->squares[k].count;
        double sum = 0;
        for (int i = 0; i < count; i++) sum += y->squares[k].v[i];
        if (count > 0)
            printf("  %-10s %5d  cover %5.1f +- %3.1f  rms z %.2f  false %4.1f +- %3.1f of %d\n",
                   names[k], count, percent(y->hit[k], count), percent_error(y->hit[k], count),
                   sqrt(sum / count), percent(y->said[k], y->as_they_were[k]),
                   percent_error(y->said[k], y->as_they_were[k]), y->as_they_were[k]);
    }
}

static void print_tallies(const char *title, figures *f, int which) {
    tally all = {0};
    printf("\n%s\n%-12s %5s %5s %12s %6s %6s %11s %7s %7s %8s %7s %7s %7s\n", title, "", "scars",
           "told", "cover %", "rms z", "95 % z", "false %", "10 %", "20 %", "ice-pick", "boxcar",
           "rolling", "zones");
    for (int k = 0; k < CASES; k++) {
        if (f[k].of[which].told == 0) continue;
        print_tally(cases[k].name, &f[k].of[which]);
        add_tally(&f[k].of[which], &all);
    }
    print_tally("all", &all);
    print_classes(&all);
}

static void print_figures(figures *f) {
    printf("%-12s %10s %11s %8s\n", "", "lateral um", "vertical um", "s a pair");
    for (int k = 0; k < CASES; k++)
        if (f[k].places > 0)
            printf("%-12s %10.2f %11.2f %8.2f  %s\n", cases[k].name,
                   1000 * sqrt(f[k].lateral / (double)f[k].places),
                   sqrt(f[k].vertical / (double)f[k].samples), list_quantile(&f[k].seconds, 0.5),
                   cases[k].meaning);
    print_tallies("outlines as truly known", f, 0);
    print_tallies("outlines as found", f, 1);
    printf(
        "\ncover: intervals of 95 %% that hold the truth. z: error over deviation. false: of scars "
        "as they were, said to have\nchanged. 10 %%, 20 %%: of scars healed by that, said to be "
        "better. By class: smallest change seen, %% of the scar.\n");
}

/* ---- speed ------------------------------------------------------------------------------------------------------------ */

static void speed(uint64_t seed) {
    enum { REPEATS = 5 };
    const study_case *c = &cases[3];
    cit_phantom_options o = c->skin;
    o.seed = seed;
    const cit_phantom_visit v = visit_of(c, seed);
    cit_phantom *before = phantom_of(&o, NULL), *after = phantom_of(&o, &v);
    cit_scars *s = true_scars(before);
    list seconds[3] = {{0}}, cpu[3] = {{0}};
    for (int r = 0; r < REPEATS; r++)
        for (int threads = 1; threads <= 2; threads++) {
            cit_pair *pair = NULL;
            cit_errors errs = {0};
            const double from = now(CLOCK_MONOTONIC), work = now(CLOCK_PROCESS_CPUTIME_ID);
            if (cit_pair_make(before->heights, s, after->heights,
                              &(cit_pair_options){.threads = threads}, NULL, &pair,
                              &errs) != CIT_OK)
                fail("speed", &errs);
            list_add(&seconds[threads], now(CLOCK_MONOTONIC) - from);
            list_add(&cpu[threads], now(CLOCK_PROCESS_CPUTIME_ID) - work);
            cit_pair_free(pair);
        }
    printf("1,048,576 points, %s\n", c->meaning);
    for (int t = 1; t <= 2; t++)
        printf("%d thread%s: %.2f s (least %.2f), of processors %.2f s (least %.2f)\n", t,
               t > 1 ? "s" : "", list_quantile(&seconds[t], 0.5), list_quantile(&seconds[t], 0),
               list_quantile(&cpu[t], 0.5), list_quantile(&cpu[t], 0));
    scars_drop(s, false);
    cit_phantom_free(before);
    cit_phantom_free(after);
}

int main(int argc, char **argv) {
    int pairs = PAIRS, n = N;
    uint64_t seed = SEED;
    const char *only = NULL;
    bool timed = false;
    for (int i = 1; i < argc; i++) {
        const bool more = i + 1 < argc;
        if (strcmp(argv[i], "--pairs") == 0 && more)
            pairs = atoi(argv[++i]);
        else if (strcmp(argv[i], "--from") == 0 && more)
            seed = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--n") == 0 && more)
            n = atoi(argv[++i]);
        else if (strcmp(argv[i], "--only") == 0 && more)
            only = argv[++i];
        else if (strcmp(argv[i], "--speed") == 0)
            timed = true;
        else if (strcmp(argv[i], "--verbose") == 0)
            verbose = true;
        else {
            fprintf(stderr,
                    "usage: cit-bench-pairs [--pairs N] [--from SEED] [--n SAMPLES] [--only "
                    "CASE] [--speed] [--verbose]\n");
            return 2;
        }
    }
    if (timed) {
        speed(seed);
        return 0;
    }
    static figures f[CASES];
    for (int k = 0; k < CASES; k++)
        for (int i = 0; i < pairs && (only == NULL || strcmp(only, cases[k].name) == 0); i++)
            study(&cases[k], seed + (uint64_t)(100 * k + i), n, &f[k]);
    print_figures(f);
    return 0;
}
