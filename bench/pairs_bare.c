/* cit-study-bare [--pairs N] [--from SEED] [--others N] [--pitch MM] [--only KIND] [--side MM]: maps of skin without a
 * scar, laid over themselves and over other skin (docs/models/pairs.md).
 *
 * N pairs of each kind and side, 0.5 mm and 1 degree apart; each first map also against maps of other seeds. Told: how many
 * pairs were accepted, how many of these lie within 20 um, rms lateral error of the accepted, the least correlation; how
 * many other skins were accepted, and the most that one correlated. */
#include "../tests/pair_help.h"
#include <math.h>
#include <stdio.h>

enum { PLACES = 7 };

typedef struct kind {
    const char *name;
    cit_phantom_options skin;
    cit_phantom_visit visit;
} kind;
static const kind kinds[] = {
    {"narrow", {0}, {0}},
    {"broad", {.broad_relief = true}, {0}},
    {"hard", {.hard_form = true, .noise_um = 4}, {0}},
    {"hard-broad", {.hard_form = true, .noise_um = 4, .broad_relief = true}, {0}},
    {"stretch", {0}, {.slow_um = 20, .stretch_um = 10, .new_relief_um = 5}},
};
static const double sides_mm[] = {8, 10, 12, 20, 40};

typedef struct tally {
    int accepted, right, others;
    double square, least, most;
} tally;

static void fail(const cit_errors *errs) {
    fprintf(stderr, "cit-study-bare: %s\n", errs->items[0].text);
    exit(EXIT_FAILURE);
}

static cit_phantom *phantom_of(const cit_phantom_options *o, const cit_phantom_visit *v) {
    cit_errors errs = {0};
    cit_phantom *p = NULL;
    const cit_status st =
        v != NULL ? cit_phantom_later(o, v, &p, &errs) : cit_phantom_make(o, &p, &errs);
    if (st != CIT_OK) fail(&errs);
    return p;
}

/* Of the shift and the turn alone: a stretch is in the error. */
static double lateral_mm(const cit_pair *pair, double side, const cit_phantom_visit *v) {
    const double c = cos(v->turn_rad), d = sin(v->turn_rad);
    double sum = 0;
    for (int j = 0; j < PLACES; j++)
        for (int i = 0; i < PLACES; i++) {
            const double p[2] = {side * (i + 1) / (PLACES + 1), side * (j + 1) / (PLACES + 1)},
                         x = p[0] - 0.5 * side, y = p[1] - 0.5 * side;
            double at[2];
            cit_pair_place(pair, p[0], p[1], at);
            sum += pow(at[0] - (0.5 * side + v->shift_mm[0] + c * x - d * y), 2) +
                   pow(at[1] - (0.5 * side + v->shift_mm[1] + d * x + c * y), 2);
        }
    return sqrt(sum / (PLACES * PLACES));
}

/* What a refusal says. */
static double correlation_in(const cit_errors *errs) {
    const char *at = strstr(errs->items[0].text, "correlates by");
    double match = CIT_UNKNOWN_NUMBER;
    if (at != NULL) sscanf(at, "correlates by %lf", &match);
    return match;
}

static void add_same(const cit_phantom *before, const cit_scars *s, const cit_phantom *after,
                     double side, const cit_phantom_visit *v, tally *t) {
    cit_errors errs = {0};
    cit_pair *pair = NULL;
    if (cit_pair_make(before->heights, s, after->heights, &(cit_pair_options){0}, NULL, &pair,
                      &errs) != CIT_OK) {
        t->least = fmin(t->least, correlation_in(&errs));
        return;
    }
    const double error = lateral_mm(pair, side, v);
    t->accepted++;
    t->right += error < 0.02;
    t->square += error * error;
    t->least = fmin(t->least, pair->match);
    cit_pair_free(pair);
}

static void add_other(const cit_phantom *before, const cit_scars *s, const cit_phantom *other,
                      tally *t) {
    cit_errors errs = {0};
    cit_pair *pair = NULL;
    const bool accepted = cit_pair_make(before->heights, s, other->heights, &(cit_pair_options){0},
                                        NULL, &pair, &errs) == CIT_OK;
    t->others += accepted;
    t->most = fmax(t->most, accepted ? pair->match : correlation_in(&errs));
    cit_pair_free(pair);
}

static void study(const kind *k, double side, double pitch, uint64_t seed, int others, tally *t) {
    const double angle = 6.283185307179586 * cit_random(seed, 0, cit_random_stream("bare"), 0);
    cit_phantom_options o = k->skin;
    cit_phantom_visit v = k->visit;
    o.seed = seed;
    o.side_mm = side;
    o.n = (int)round(side / pitch);
    o.rows = -1;
    v.noise_seed = seed + 500000;
    v.shift_mm[0] = 0.5 * cos(angle);
    v.shift_mm[1] = 0.5 * sin(angle);
    v.turn_rad = seed % 2 == 0 ? 0.017453292519943295 : -0.017453292519943295;
    v.tilt_um_per_mm[0] = 5;
    v.tilt_um_per_mm[1] = -8;
    cit_phantom *before = phantom_of(&o, NULL), *after = phantom_of(&o, &v);
    cit_scars *s = true_scars(before);
    add_same(before, s, after, side, &v, t);
    for (int i = 1; i <= others; i++) {
        o.seed = seed + 1000000 * (uint64_t)i;
        cit_phantom *other = phantom_of(&o, &v);
        add_other(before, s, other, t);
        cit_phantom_free(other);
    }
    free(s->outline);
    free(s->scar);
    free(s);
    cit_phantom_free(before);
    cit_phantom_free(after);
}

int main(int count, char **words) {
    int pairs = 10, others = 2;
    uint64_t seed = 81000;
    double pitch = 0.04, side = 0;
    const char *only = NULL;
    for (int i = 1; i + 1 < count; i += 2) {
        if (strcmp(words[i], "--pairs") == 0) pairs = atoi(words[i + 1]);
        if (strcmp(words[i], "--others") == 0) others = atoi(words[i + 1]);
        if (strcmp(words[i], "--from") == 0) seed = strtoull(words[i + 1], NULL, 10);
        if (strcmp(words[i], "--pitch") == 0) pitch = atof(words[i + 1]);
        if (strcmp(words[i], "--only") == 0) only = words[i + 1];
        if (strcmp(words[i], "--side") == 0) side = atof(words[i + 1]);
    }
    printf("pitch %g mm\n%-12s %5s %9s %6s %11s %6s %10s %6s\n", pitch, "", "mm", "accepted",
           "right", "lateral um", "least", "others", "most");
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (size_t i = 0; i < sizeof sides_mm / sizeof *sides_mm; i++) {
            if (only != NULL && strcmp(only, kinds[k].name) != 0) continue;
            if (side > 0 && side != sides_mm[i]) continue;
            tally t = {.least = 1, .most = -1};
            for (int n = 0; n < pairs; n++)
                study(&kinds[k], sides_mm[i], pitch, seed + (uint64_t)n, others, &t);
            printf("%-12s %5g %5d/%-3d %6d %11.2f %6.3f %6d/%-4d %5.2f\n", kinds[k].name,
                   sides_mm[i], t.accepted, pairs, t.right, 1000 * sqrt(t.square / t.accepted),
                   t.least, t.others, pairs * others, t.most);
            fflush(stdout);
        }
    return EXIT_SUCCESS;
}
