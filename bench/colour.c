/* How far the colour of one cheek moves with light and camera alone, per index, before and after the gates: what
 * docs/models/colour.md tells and src/colour/compare.c takes for the spread of a relative change.
 *
 *   cit-study-colour PHOTO...
 *   cit-study-colour --drawn PAIRS     how often intervals with charts hold the change, on photos that are drawn
 *
 * All photos of one part of one person. Real skin changes over the days too: figures are upper bounds. */
#include "../tests/colour_help.h"
#include <cit/num.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ONE(name, unit, meaning) +1
enum { MOST = 32, INDICES = 0 CIT_COLOUR_LIST(ONE), WAYS = 2 };
#define NAME(name, unit, meaning) #name,
static const char *const names[INDICES] = {CIT_COLOUR_LIST(NAME)};
#define GATE(name, text) #name,
static const char *const gates[CIT_GATE_COUNT] = {CIT_GATES(GATE)};
static const cit_white ways[WAYS] = {CIT_WHITE_NONE, CIT_WHITE_HIGHLIGHT};
static const char *const way_names[WAYS] = {"as written", "brightest 2 % as white"};

typedef struct photos {
    int count;
    cit_photo *photo[MOST];
    cit_colour colour[WAYS][MOST];
} photos;

static double number(const cit_colour *c, int i) {
    double v[INDICES];
    memcpy(v, c, sizeof v);
    return v[i];
}

static void stop(const cit_errors *errs) {
    fprintf(stderr, "%s: %s\n", errs->items[0].where, errs->items[0].text);
    exit(1);
}

static void read_one(photos *p, const char *path) {
    static cit_errors errs;
    uint8_t *bytes = NULL;
    size_t size = 0;
    cit_photo_quality q;
    cit_chart chart;
    cit_colour_result r;
    cit_photo **photo = &p->photo[p->count];
    const char *slash = strrchr(path, '/');
    if (cit_file_load(path, (size_t)1 << 28, &bytes, &size, &errs) != CIT_OK ||
        cit_photo_read(path, bytes, size, NULL, photo, &errs) != CIT_OK ||
        cit_photo_quality_of(*photo, NULL, &q, &errs) != CIT_OK)
        stop(&errs);
    free(bytes);
    const bool found = cit_chart_find(*photo, &chart, NULL) == CIT_OK;
    printf("%-24s %4d x %4d  blur %.3f clipped %.4f dark %.4f light %.2f scale %.1f chart %s\n",
           slash != NULL ? slash + 1 : path, (*photo)->width, (*photo)->height, q.blur, q.clipped,
           q.dark, q.light, q.scale, found ? "found" : "none");
    for (int w = 0; w < WAYS; w++) {
        if (cit_colour_of(*photo, NULL, NULL, ways[w], &r, &errs) != CIT_OK) stop(&errs);
        p->colour[w][p->count] = r.middle;
    }
    p->count++;
}

static void print_photos(const photos *p) {
    for (int w = 0; w < WAYS; w++) {
        double lowest, highest, of[MOST];
        printf("\n%s: standard deviation / range over %d photos\n", way_names[w], p->count);
        for (int i = 0; i < INDICES; i++) {
            lowest = HUGE_VAL;
            highest = -HUGE_VAL;
            for (int k = 0; k < p->count; k++) {
                of[k] = number(&p->colour[w][k], i);
                lowest = fmin(lowest, of[k]);
                highest = fmax(highest, of[k]);
            }
            printf("  %-4s mean %8.2f  %6.2f / %6.2f\n", names[i], cit_mean(of, p->count),
                   sqrt(cit_variance(of, p->count)), highest - lowest);
        }
    }
}

/* Root mean square of what differs between the photos of a pair. */
static void print_pairs(const photos *p) {
    static cit_errors errs;
    double sum[2][INDICES] = {{0}};
    int pairs[2] = {0}, shut[CIT_GATE_COUNT] = {0};
    printf("\n");
    for (int a = 0; a < p->count; a++)
        for (int b = a + 1; b < p->count; b++) {
            cit_colour_change c;
            if (cit_colour_compare(p->photo[a], NULL, NULL, p->photo[b], NULL, NULL, true, &c,
                                   &errs) != CIT_OK)
                stop(&errs);
            printf("pair %d %d:", a + 1, b + 1);
            for (int g = 1; g < CIT_GATE_COUNT; g++) {
                const bool closed = c.gates >> g & 1;
                shut[g] += closed;
                if (closed) printf(" %s (%s)", gates[g], c.reason[g]);
            }
            printf("%s\n", c.refused ? "" : " open");
            for (int i = 0; i < INDICES; i++) {
                const double d = number(&c.after, i) - number(&c.before, i);
                sum[0][i] += d * d;
                sum[1][i] += c.refused ? 0 : d * d;
            }
            pairs[0]++;
            pairs[1] += !c.refused;
        }
    printf("\nbetween photos of a pair, brightest 2 %% as white, rms: before the gates (%d pairs), "
           "after (%d)\n",
           pairs[0], pairs[1]);
    for (int i = 0; i < INDICES; i++)
        printf("  %-4s %6.2f %6.2f\n", names[i], sqrt(sum[0][i] / pairs[0]),
               pairs[1] > 0 ? sqrt(sum[1][i] / pairs[1]) : CIT_UNKNOWN_NUMBER);
    for (int g = 1; g < CIT_GATE_COUNT; g++) printf("%s shut %d times\n", gates[g], shut[g]);
}

/* ---- drawn ---------------------------------------------------------------------------------------- */

static double somewhere(uint32_t i, const char *name, double low, double high) {
    return low + (high - low) * drawn_random(777, name, i);
}

static scene scene_of(uint32_t pair, uint32_t i, double uneven) {
    const uint32_t k = 2 * pair + i;
    scene s = plain_scene();
    s.height = 250;
    s.pitch = 0;
    s.seed = k + 1;
    s.noise = somewhere(k, "noise", 0.5, 3);
    s.mix = somewhere(k, "mix", 0, 0.2);
    s.gradient[0] = somewhere(k, "across", -uneven, uneven);
    s.gradient[1] = somewhere(k, "down", -uneven, uneven);
    for (int c = 0; c < 3; c++) s.light[c] = somewhere(3 * k + (uint32_t)c, "light", 0.6, 0.9);
    s.skin[0] = somewhere(pair, "skin", 0.3, 0.5) + i * somewhere(pair, "flush", -0.04, 0.04);
    s.skin[1] = s.skin[0] * somewhere(k, "green", 0.5, 0.6);
    s.skin[2] = s.skin[0] * 0.4;
    return s;
}

static cit_colour truth_of(const scene *s) {
    uint16_t rgb[3 * 256];
    const cit_photo p = {.width = 16, .height = 16, .bits = 16, .linear = true, .rgb = rgb};
    const cit_photo_part all = {0, 0, 16, 16};
    static cit_errors errs;
    cit_colour_result r;
    for (int i = 0; i < 3 * 256; i++) rgb[i] = (uint16_t)lround(65535 * s->skin[i % 3]);
    if (cit_colour_of(&p, &all, NULL, CIT_WHITE_NONE, &r, &errs) != CIT_OK) stop(&errs);
    return r.middle;
}

static void study_drawn(int pairs, double uneven) {
    static cit_errors errs;
    const cit_photo_part beside = {230, 30, 220, 190};
    int held[INDICES] = {0}, open = 0;
    double off[INDICES] = {0}, half[INDICES] = {0};
    for (int n = 0; n < pairs; n++) {
        cit_photo photo[2];
        cit_chart chart[2];
        cit_colour truth[2];
        cit_colour_change c;
        for (uint32_t i = 0; i < 2; i++) {
            const scene s = scene_of((uint32_t)n, i, uneven);
            photo[i] = draw(&s);
            truth[i] = truth_of(&s);
            if (cit_chart_find(&photo[i], &chart[i], &errs) != CIT_OK) stop(&errs);
        }
        if (cit_colour_compare(&photo[0], &beside, &chart[0], &photo[1], &beside, &chart[1], false,
                               &c, &errs) != CIT_OK)
            stop(&errs);
        for (int i = 0; i < 2; i++) free(photo[i].rgb);
        if (c.refused) continue;
        open++;
        for (int i = 0; i < INDICES; i++) {
            const double d = number(&c.change, i) - number(&truth[1], i) + number(&truth[0], i);
            held[i] += fabs(d) <= number(&c.half_width, i);
            off[i] += d * d;
            half[i] += number(&c.half_width, i);
        }
    }
    printf("\nlight to %g %% uneven: %d of %d pairs open\n", 100 * uneven, open, pairs);
    for (int i = 0; i < INDICES && open > 0; i++)
        printf("  %-4s held %5.1f %%  rms error %.2f  mean half width %.2f\n", names[i],
               100.0 * held[i] / open, sqrt(off[i] / open), half[i] / open);
}

int main(int argc, char **argv) {
    static photos p;
    if (argc < 2 || argc > MOST) {
        fprintf(stderr, "usage: cit-study-colour PHOTO... | --drawn PAIRS\n");
        return 2;
    }
    if (argc == 3 && strcmp(argv[1], "--drawn") == 0) {
        study_drawn(atoi(argv[2]), 0);
        study_drawn(atoi(argv[2]), 0.1);
        study_drawn(atoi(argv[2]), 0.3);
        return 0;
    }
    for (int i = 1; i < argc; i++) read_one(&p, argv[i]);
    print_photos(&p);
    print_pairs(&p);
    for (int i = 0; i < p.count; i++) cit_photo_free(p.photo[i]);
    return 0;
}
