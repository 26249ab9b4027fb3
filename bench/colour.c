/* How far the colour of one cheek moves with light and camera alone, per index, before and after the gates: what
 * docs/models/colour.md tells and src/colour/compare.c takes for the spread of a relative change.
 *
 *   cit-study-colour PHOTO...
 *
 * All photos of one part of one person. Real skin changes over the days too: figures are upper bounds. */
#include <cit/colour.h>
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
    if (cit_scan_load(path, (size_t)1 << 28, &bytes, &size, &errs) != CIT_OK ||
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
            lowest = INFINITY;
            highest = -INFINITY;
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
               pairs[1] > 0 ? sqrt(sum[1][i] / pairs[1]) : NAN);
    for (int g = 1; g < CIT_GATE_COUNT; g++) printf("%s shut %d times\n", gates[g], shut[g]);
}

int main(int argc, char **argv) {
    static photos p;
    if (argc < 2 || argc > MOST) {
        fprintf(stderr, "usage: cit-study-colour PHOTO...\n");
        return 2;
    }
    for (int i = 1; i < argc; i++) read_one(&p, argv[i]);
    print_photos(&p);
    print_pairs(&p);
    for (int i = 0; i < p.count; i++) cit_photo_free(p.photo[i]);
    return 0;
}
