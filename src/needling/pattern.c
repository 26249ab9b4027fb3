/* Where every needle goes: puncture lists of a patch, and what can be read off them. */
#include <cit/needling.h>
#include <math.h>
#include <stdlib.h>

static const double pi = 3.14159265358979323846;

enum { PUNCTURES_MAX = 4000000 };

typedef struct list {
    cit_patch *patch;
    const cit_reach *reach;
    uint64_t seed;
    double margin;
    int capacity;
    bool full;
} list;

static double uniform(uint64_t seed, const char *stream, int i, int j) {
    return cit_random(seed, (uint32_t)i, cit_random_stream(stream), (uint32_t)j);
}

/* A needle's reach: the cut normal distribution by its quantile. */
static double draw_reach(const cit_reach *r, double u) {
    const double lo = cit_normal_cdf((0 - r->mean_mm) / r->scatter_mm);
    const double hi = cit_normal_cdf((r->length_mm - r->mean_mm) / r->scatter_mm);
    const double z = r->mean_mm + r->scatter_mm * cit_normal_quantile(lo + u * (hi - lo));
    return fmin(fmax(z, 0), r->length_mm);
}

static void put(list *l, double x, double y, double heading) {
    cit_patch *p = l->patch;
    if (x < -l->margin || y < -l->margin || x > p->size_mm + l->margin ||
        y > p->size_mm + l->margin)
        return;
    if (p->count == l->capacity) {
        const int more = l->capacity ? 2 * l->capacity : 1024;
        cit_puncture *grown =
            more > PUNCTURES_MAX ? NULL : realloc(p->punctures, sizeof *grown * (size_t)more);
        if (grown == NULL) {
            l->full = true;
            return;
        }
        p->punctures = grown;
        l->capacity = more;
    }
    const double u = uniform(l->seed, "needle reach", p->count, 0);
    p->punctures[p->count++] = (cit_puncture){x, y, heading, draw_reach(l->reach, u)};
}

/* From coordinates along and across a pass's heading, about the patch's middle, to the patch's. */
static void put_turned(list *l, double along, double across, double heading) {
    const double c = cos(heading), s = sin(heading), middle = 0.5 * l->patch->size_mm;
    put(l, middle + c * along - s * across, middle + s * along + c * across, heading);
}

static double heading_of(const cit_use *use, int pass) {
    const int directions = use->directions > 0 ? use->directions : 1;
    return pi * (pass % directions) / directions;
}

/* Needle rows across the drum, every second row shifted by half a pitch (assumed), laid on the skin at
 * a random offset. */
static void roll(list *l, const cit_use *use, int pass) {
    const cit_device *d = use->device;
    const double pitch_along = pi * d->drum_diameter_mm / d->per_row;
    const double pitch_across = d->drum_width_mm / d->rows;
    const double heading = heading_of(use, pass);
    const double radius = 0.75 * l->patch->size_mm + l->margin;
    const double along0 = pitch_along * uniform(l->seed, "roller along", pass, 0);
    const double across0 = 2 * pitch_across * uniform(l->seed, "roller across", pass, 0);
    const int rows = (int)ceil(radius / pitch_across) + 2,
              columns = (int)ceil(radius / pitch_along) + 2;
    for (int i = -rows; i <= rows; i++)
        for (int j = -columns; j <= columns; j++)
            put_turned(l, along0 + pitch_along * (j + (i & 1 ? 0.5 : 0)),
                       across0 + pitch_across * i, heading);
}

/* Needles spread evenly over a round tip by the golden angle (assumed), the tip turned at random for
 * each pass, striking along parallel tracks one tip apart. */
static void glide(list *l, const cit_use *use, int pass, double density_of_pass) {
    const cit_device *d = use->device;
    const double golden = pi * (3 - sqrt(5));
    const double heading = heading_of(use, pass);
    const double step = d->needles / (density_of_pass * d->tip_width_mm);
    const double radius = 0.75 * l->patch->size_mm + l->margin + d->tip_width_mm;
    const double turn = 2 * pi * uniform(l->seed, "tip turn", pass, 0);
    const double across0 = d->tip_width_mm * uniform(l->seed, "track across", pass, 0);
    const int tracks = (int)ceil(radius / d->tip_width_mm) + 1,
              strikes = (int)ceil(radius / step) + 1;
    for (int i = -tracks; i <= tracks && !l->full; i++) {
        const double along0 = step * uniform(l->seed, "track along", pass, i + tracks);
        for (int j = -strikes; j <= strikes && !l->full; j++)
            for (int k = 0; k < d->needles; k++) {
                const double r = 0.5 * d->tip_width_mm * sqrt((k + 0.5) / d->needles);
                const double a = turn + golden * k;
                put_turned(l, along0 + step * j + r * cos(a),
                           across0 + d->tip_width_mm * i + r * sin(a), heading);
            }
    }
}

/* Square prints side by side, at a random offset and turn for each pass. */
static void press(list *l, const cit_use *use, int pass) {
    const cit_device *d = use->device;
    const int per_row = d->per_row > 0 ? d->per_row : (int)ceil(sqrt(d->needles));
    const int rows = d->rows > 0 ? d->rows : (d->needles + per_row - 1) / per_row;
    const double w = d->tip_width_mm;
    const double heading = 2 * pi * uniform(l->seed, "stamp turn", pass, 0);
    const double along0 = w * uniform(l->seed, "stamp along", pass, 0);
    const double across0 = w * uniform(l->seed, "stamp across", pass, 0);
    const int prints = (int)ceil((0.75 * l->patch->size_mm + l->margin) / w) + 1;
    for (int i = -prints; i <= prints; i++)
        for (int j = -prints; j <= prints; j++)
            for (int k = 0; k < d->needles; k++) {
                const int row = k / per_row, column = k % per_row;
                put_turned(l, along0 + w * (j + (column + 0.5) / per_row),
                           across0 + w * (i + (row + 0.5) / rows), heading);
            }
}

cit_status cit_patch_make(const cit_use *use, const cit_reach *reach, double size_mm, uint64_t seed,
                          cit_patch *ret, cit_errors *errs) {
    cit_patch patch = {.size_mm = size_mm};
    list l = {.patch = &patch, .reach = reach, .seed = seed, .margin = 1.0};
    const int passes = (int)fmax(1, round(use->passes));
    const double of_pass = use->density / passes;
    for (int pass = 0; pass < passes && !l.full; pass++) {
        switch (use->kind) {
        case CIT_ROLLER:
            roll(&l, use, pass);
            break;
        case CIT_PEN:
            glide(&l, use, pass, of_pass);
            break;
        case CIT_STAMP:
        case CIT_RADIOFREQUENCY:
            press(&l, use, pass);
            break;
        }
    }
    if (l.full) {
        cit_patch_free(&patch);
        return cit_fail(errs, CIT_NOMEM, "", "too many punctures for a list");
    }
    *ret = patch;
    return CIT_OK;
}

void cit_patch_free(cit_patch *patch) {
    free(patch->punctures);
    patch->punctures = NULL;
    patch->count = 0;
}

/* ---- coverage ------------------------------------------------------------------------------ */

typedef struct interval {
    double from, to;
} interval;

static int by_from(const void *a, const void *b) {
    const interval *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

/* Length of the union of intervals, cut to [0, size]; and of their sum. */
static double union_length(interval *items, int count, double size, double *ret_sum) {
    double covered = 0, sum = 0, end = 0;
    qsort(items, (size_t)count, sizeof *items, by_from);
    for (int i = 0; i < count; i++) {
        const double from = fmax(items[i].from, 0), to = fmin(items[i].to, size);
        if (to <= from) continue;
        sum += to - from;
        if (to > end) covered += to - fmax(from, end);
        end = fmax(end, to);
    }
    *ret_sum = sum;
    return covered;
}

static cit_status measure_coverage(const cit_patch *patch, double radius, cit_patch_stats *ret,
                                   cit_errors *errs) {
    enum { ROWS_A_RADIUS = 12 };
    const int rows = (int)ceil(patch->size_mm / radius * ROWS_A_RADIUS);
    const double pitch = patch->size_mm / rows;
    interval *items = malloc(sizeof *items * (size_t)(patch->count + 1));
    double covered = 0, sum = 0;
    if (items == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    for (int i = 0; i < rows; i++) {
        const double y = (i + 0.5) * pitch;
        double row_sum = 0;
        int n = 0;
        for (int j = 0; j < patch->count; j++) {
            const double dy = patch->punctures[j].y_mm - y;
            if (fabs(dy) >= radius) continue;
            const double half = sqrt(radius * radius - dy * dy), x = patch->punctures[j].x_mm;
            items[n++] = (interval){x - half, x + half};
        }
        covered += union_length(items, n, patch->size_mm, &row_sum);
        sum += row_sum;
    }
    free(items);
    ret->coverage = covered / (rows * patch->size_mm);
    ret->overlap = sum > 0 ? 1 - covered / sum : 0;
    return CIT_OK;
}

/* ---- streaks ------------------------------------------------------------------------------- */

static void measure_streaks(const cit_patch *patch, cit_patch_stats *ret) {
    enum { ANGLES = 180, BINS = 400 };
    const double width = 0.25, circle = 0.5 * patch->size_mm;
    const int bins = (int)fmin(BINS, floor(2 * circle / width));
    ret->streak_ratio = 0;
    ret->streak_score = 0;
    ret->streak_angle = 0;
    for (int a = 0; a < ANGLES; a++) {
        int counts[BINS] = {0};
        const double angle = pi * a / ANGLES, nx = -sin(angle), ny = cos(angle);
        for (int j = 0; j < patch->count; j++) {
            const double x = patch->punctures[j].x_mm - circle,
                         y = patch->punctures[j].y_mm - circle;
            if (x * x + y * y > circle * circle) continue;
            const int bin = (int)floor((nx * x + ny * y + circle) / width);
            if (bin >= 0 && bin < bins) counts[bin]++;
        }
        for (int b = 0; b < bins; b++) {
            const double t = (b + 0.5) * width - circle;
            const double chord = 2 * sqrt(fmax(0, circle * circle - t * t));
            const double expected = ret->density * chord * width;
            if (chord < circle || expected <= 0) continue;
            const double score = (counts[b] - expected) / sqrt(expected);
            if (score <= ret->streak_score) continue;
            ret->streak_score = score;
            ret->streak_ratio = counts[b] / expected;
            ret->streak_angle = angle;
        }
    }
}

cit_status cit_patch_measure(const cit_patch *patch, double radius_mm, cit_patch_stats *ret,
                             cit_errors *errs) {
    int inside = 0;
    for (int i = 0; i < patch->count; i++) {
        const cit_puncture *p = &patch->punctures[i];
        inside +=
            p->x_mm >= 0 && p->y_mm >= 0 && p->x_mm < patch->size_mm && p->y_mm < patch->size_mm;
    }
    ret->density = inside / (patch->size_mm * patch->size_mm);
    measure_streaks(patch, ret);
    return measure_coverage(patch, radius_mm, ret, errs);
}
