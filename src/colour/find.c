/* A chart looked for in a photo: even patches of about the shape of a parallelogram, lattices that they stand on, and the
 * place on a lattice where their colours are those of a chart. */
#include "colour_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* All of this file's limits are assumed; tests/test_colour.c holds them against charts that are known, and
 * docs/models/colour.md against photos that have none. */
enum {
    PATCHES_MAX = 600,
    LEAST_PIXELS = 20,
    LEAST_SEEN = 10, /* of 24 on one lattice */
    REACH = 5,       /* of a lattice from its first patch */
    WIDE = 2 * REACH + 1,
    NEAR_MAX = 12,
    SHUFFLES = 200,
};
static const double most_delta_e = 12, chance_share = 0.5;

/* ---- even patches --------------------------------------------------------------------------------- */

typedef struct spot {
    double x, y, area;
} spot;

typedef struct search {
    int width, height, step;
    float *tone;      /* square roots: about even to the eye */
    float *slope;     /* steepest of three channels */
    int32_t *pending; /* of a flood */
    uint8_t *seen;
    spot spots[PATCHES_MAX];
    int count;
} search;

static size_t at(const search *s, int x, int y) { return (size_t)y * (size_t)s->width + (size_t)x; }

static float smooth_at(const colour_view *v, int x, int y, int c) {
    float sum = 0;
    for (int j = -1; j <= 1; j++)
        for (int i = -1; i <= 1; i++) {
            const int xx = x + i < 0           ? 0
                           : x + i >= v->width ? v->width - 1
                                               : x + i,
                      yy = y + j < 0            ? 0
                           : y + j >= v->height ? v->height - 1
                                                : y + j;
            sum += v->rgb[3 * ((size_t)yy * (size_t)v->width + (size_t)xx) + (size_t)c];
        }
    return sqrtf(sum / 9);
}

static void find_slopes(search *s) {
    for (int y = 1; y < s->height - 1; y++)
        for (int x = 1; x < s->width - 1; x++) {
            float most = 0;
            for (int c = 0; c < 3; c++) {
                const float dx = s->tone[3 * at(s, x + 1, y) + (size_t)c] -
                                 s->tone[3 * at(s, x - 1, y) + (size_t)c],
                            dy = s->tone[3 * at(s, x, y + 1) + (size_t)c] -
                                 s->tone[3 * at(s, x, y - 1) + (size_t)c];
                most = fmaxf(most, fmaxf(fabsf(dx), fabsf(dy)));
            }
            s->slope[at(s, x, y)] = most;
        }
}

/* Moments of the flat region around (x, y). */
typedef struct region {
    double n, x, y, xx, xy, yy;
    bool at_edge;
} region;

static void visit(search *s, float limit, int x, int y, int *pending) {
    if (s->seen[at(s, x, y)] || s->slope[at(s, x, y)] > limit) return;
    s->seen[at(s, x, y)] = 1;
    s->pending[(*pending)++] = y * s->width + x;
}

static region flood(search *s, float limit, int x0, int y0) {
    region r = {0};
    int pending = 0;
    visit(s, limit, x0, y0, &pending);
    while (pending > 0) {
        const int here = s->pending[--pending], x = here % s->width, y = here / s->width;
        const double dx = x - x0, dy = y - y0;
        r.n++;
        r.x += dx;
        r.y += dy;
        r.xx += dx * dx;
        r.xy += dx * dy;
        r.yy += dy * dy;
        if (x <= 1 || y <= 1 || x >= s->width - 2 || y >= s->height - 2) {
            r.at_edge = true;
            continue;
        }
        visit(s, limit, x + 1, y, &pending);
        visit(s, limit, x - 1, y, &pending);
        visit(s, limit, x, y + 1, &pending);
        visit(s, limit, x, y - 1, &pending);
    }
    return r;
}

/* Of a filled parallelogram the area is 12 times the root of the determinant of its second moments, however it
 * leans. */
static bool is_patch(const search *s, const region *r) {
    if (r->at_edge || r->n < LEAST_PIXELS || r->n > 0.04 * s->width * s->height) return false;
    const double mx = r->x / r->n, my = r->y / r->n, xx = r->xx / r->n - mx * mx + 1.0 / 12,
                 xy = r->xy / r->n - mx * my, yy = r->yy / r->n - my * my + 1.0 / 12;
    const double determinant = xx * yy - xy * xy, half = 0.5 * (xx + yy),
                 root = sqrt(fmax(half * half - determinant, 0));
    const double fill = r->n / (12 * sqrt(fmax(determinant, 1e-9)));
    return fill > 0.85 && fill < 1.1 && half + root < 9 * (half - root);
}

static void keep(search *s, const region *r, int x0, int y0) {
    const spot p = {x0 + r->x / r->n, y0 + r->y / r->n, r->n};
    for (int i = 0; i < s->count; i++) {
        spot *q = &s->spots[i];
        if (hypot(q->x - p.x, q->y - p.y) > 0.35 * sqrt(fmax(q->area, p.area))) continue;
        if (p.area > q->area) *q = p;
        return;
    }
    if (s->count < PATCHES_MAX) s->spots[s->count++] = p;
}

static void find_spots(search *s) {
    static const float limits[] = {0.012F, 0.024F, 0.048F, 0.096F};
    for (size_t l = 0; l < sizeof limits / sizeof *limits; l++) {
        memset(s->seen, 0, (size_t)s->width * (size_t)s->height);
        for (int y = 1; y < s->height - 1; y++)
            for (int x = 1; x < s->width - 1; x++) {
                if (s->seen[at(s, x, y)] || s->slope[at(s, x, y)] > limits[l]) continue;
                const region r = flood(s, limits[l], x, y);
                if (is_patch(s, &r)) keep(s, &r, x, y);
            }
    }
}

/* ---- lattices ---------------------------------------------------------------------------------------- */

typedef struct cell {
    int spot; /* from 1; 0: none */
    double u[2], v[2];
} cell;
typedef struct lattice {
    cell cells[WIDE][WIDE]; /* [j][i] */
    int count;
} lattice;

static int nearest(const search *s, double x, double y, double within, double area) {
    int best = 0;
    double least = within;
    for (int i = 0; i < s->count; i++) {
        const spot *p = &s->spots[i];
        const double d = hypot(p->x - x, p->y - y);
        if (d < least && p->area > area / 2.5 && p->area < 2.5 * area) {
            least = d;
            best = i + 1;
        }
    }
    return best;
}

/* One step from a cell along u (0) or v (1), forwards or back. */
static bool extend(const search *s, lattice *l, int i, int j, int along, int sign) {
    const cell *from = &l->cells[j][i];
    const int ii = i + (along == 0 ? sign : 0), jj = j + (along == 1 ? sign : 0);
    if (ii < 0 || jj < 0 || ii >= WIDE || jj >= WIDE || l->cells[jj][ii].spot) return false;
    const spot *p = &s->spots[from->spot - 1];
    const double *w = along == 0 ? from->u : from->v;
    const double reach = 0.25 * fmin(hypot(from->u[0], from->u[1]), hypot(from->v[0], from->v[1]));
    const int found = nearest(s, p->x + sign * w[0], p->y + sign * w[1], reach, p->area);
    if (found == 0) return false;
    cell next = *from;
    const spot *q = &s->spots[found - 1];
    double *turned = along == 0 ? next.u : next.v;
    turned[0] = 0.5 * (w[0] + sign * (q->x - p->x));
    turned[1] = 0.5 * (w[1] + sign * (q->y - p->y));
    next.spot = found;
    l->cells[jj][ii] = next;
    l->count++;
    return true;
}

static void grow(const search *s, int first, const double u[2], const double v[2], lattice *ret) {
    memset(ret, 0, sizeof *ret);
    ret->cells[REACH][REACH] = (cell){first, {u[0], u[1]}, {v[0], v[1]}};
    ret->count = 1;
    for (bool more = true; more;) {
        more = false;
        for (int j = 0; j < WIDE; j++)
            for (int i = 0; i < WIDE; i++)
                for (int k = 0; k < 4 && ret->cells[j][i].spot; k++)
                    more |= extend(s, ret, i, j, k / 2, k % 2 ? 1 : -1);
    }
}

static int neighbours(const search *s, int of, double (*ret)[2]) {
    const spot *p = &s->spots[of];
    const double side = sqrt(p->area);
    int n = 0;
    for (int i = 0; i < s->count && n < NEAR_MAX; i++) {
        const spot *q = &s->spots[i];
        const double d = hypot(q->x - p->x, q->y - p->y);
        if (i == of || d < 0.8 * side || d > 2.4 * side || q->area > 2.5 * p->area ||
            q->area < p->area / 2.5)
            continue;
        ret[n][0] = q->x - p->x;
        ret[n++][1] = q->y - p->y;
    }
    return n;
}

/* The lattice with the most patches among those through this one, and of several the one with the smallest cells (the
 * others have a diagonal for a side); u to v turns clockwise in the picture, as seen from in front. */
static void best_lattice(const search *s, int first, lattice *ret) {
    double near[NEAR_MAX][2];
    const int n = neighbours(s, first, near);
    double smallest = 0;
    ret->count = 0;
    for (int a = 0; a < n; a++)
        for (int b = 0; b < n; b++) {
            const double *u = near[a], *v = near[b], cross = u[0] * v[1] - u[1] * v[0],
                         size = hypot(u[0], u[1]) * hypot(v[0], v[1]);
            lattice l;
            if (cross < 0.6 * size) continue;
            grow(s, first + 1, u, v, &l);
            if (l.count < ret->count || (l.count == ret->count && size >= smallest)) continue;
            *ret = l;
            smallest = size;
        }
}

static bool plane_of_lattice(const search *s, const lattice *l, colour_plane *ret) {
    double uv[WIDE * WIDE][2], xy[WIDE * WIDE][2];
    int n = 0;
    for (int j = 0; j < WIDE; j++)
        for (int i = 0; i < WIDE; i++) {
            if (!l->cells[j][i].spot) continue;
            uv[n][0] = i - REACH;
            uv[n][1] = j - REACH;
            xy[n][0] = s->spots[l->cells[j][i].spot - 1].x;
            xy[n++][1] = s->spots[l->cells[j][i].spot - 1].y;
        }
    return colour_plane_fit(n, uv, xy, ret);
}

/* ---- colours ------------------------------------------------------------------------------------------- */

/* Where a chart may lie: its first patch on cell (i, j), its rows turned by quarters. */
typedef struct placement {
    int i, j, turn;
    double error;
    double rgb[CIT_CHART_PATCHES][3];
    colour_plane plane;
} placement;

/* Column and row of the chart, which may be fractions, to the lattice's. */
static void turned(const placement *p, double column, double row, double ret[2]) {
    static const int cosine[4] = {1, 0, -1, 0}, sine[4] = {0, 1, 0, -1};
    ret[0] = p->i - REACH + cosine[p->turn] * column - sine[p->turn] * row;
    ret[1] = p->j - REACH + sine[p->turn] * column + cosine[p->turn] * row;
}

static void place_in_view(const placement *p, double column, double row, double xy[2]) {
    double ij[2];
    turned(p, column, row, ij);
    colour_plane_at(&p->plane, ij[0], ij[1], xy);
}

static int seen_by(const lattice *l, const placement *p) {
    int seen = 0;
    for (int k = 0; k < CIT_CHART_PATCHES; k++) {
        const int column = k % CHART_COLUMNS, row = k / CHART_COLUMNS;
        double ij[2];
        turned(p, column, row, ij);
        const int i = (int)lround(ij[0]) + REACH, j = (int)lround(ij[1]) + REACH;
        seen += i >= 0 && j >= 0 && i < WIDE && j < WIDE && l->cells[j][i].spot > 0;
    }
    return seen;
}

static bool look(const colour_view *v, placement *p) {
    for (int k = 0; k < CIT_CHART_PATCHES; k++) {
        const int column = k % CHART_COLUMNS, row = k / CHART_COLUMNS;
        double xy[2];
        place_in_view(p, column, row, xy);
        const int x = (int)floor(xy[0] + 0.5), y = (int)floor(xy[1] + 0.5);
        if (!(xy[0] > 1 && xy[1] > 1 && xy[0] < v->width - 2 && xy[1] < v->height - 2))
            return false;
        for (int c = 0; c < 3; c++) {
            double sum = 0;
            for (int j = -1; j <= 1; j++)
                for (int i = -1; i <= 1; i++)
                    sum +=
                        (double)v->rgb[3 * ((size_t)(y + j) * (size_t)v->width + (size_t)(x + i)) +
                                       (size_t)c];
            p->rgb[k][c] = sum / 9;
        }
    }
    return true;
}

static double error_of(double rgb[CIT_CHART_PATCHES][3], const int *order) {
    colour_fit fit;
    return colour_fit_make(rgb, order, false, &fit, NULL) == CIT_OK ? fit.mean : HUGE_VAL;
}

/* The least error that a chart of the same colours in random order reaches. */
static double chance(double rgb[CIT_CHART_PATCHES][3]) {
    const uint32_t stream = cit_random_stream("chart in random order");
    double least = HUGE_VAL;
    for (uint32_t n = 0; n < SHUFFLES; n++) {
        int order[CIT_CHART_PATCHES];
        for (int k = 0; k < CIT_CHART_PATCHES; k++) {
            const int other = (int)(cit_random(1, n, stream, (uint32_t)k) * (k + 1));
            order[k] = k;
            order[k] = order[other];
            order[other] = k;
        }
        least = fmin(least, error_of(rgb, order));
    }
    return least;
}

static void try_lattice(const search *s, const colour_view *view, const lattice *l,
                        placement *best) {
    placement p = {0};
    if (!plane_of_lattice(s, l, &p.plane)) return;
    for (p.turn = 0; p.turn < 4; p.turn++)
        for (p.j = 0; p.j < WIDE; p.j++)
            for (p.i = 0; p.i < WIDE; p.i++) {
                if (seen_by(l, &p) < LEAST_SEEN || !look(view, &p)) continue;
                p.error = error_of(p.rgb, NULL);
                if (p.error < best->error) *best = p;
            }
}

static void try_all(const search *s, const colour_view *view, placement *best) {
    uint8_t done[PATCHES_MAX] = {0};
    for (int first = 0; first < s->count; first++) {
        lattice l;
        if (done[first]) continue;
        best_lattice(s, first, &l);
        if (l.count < LEAST_SEEN) continue;
        for (int j = 0; j < WIDE; j++)
            for (int i = 0; i < WIDE; i++)
                if (l.cells[j][i].spot) done[l.cells[j][i].spot - 1] = 1;
        try_lattice(s, view, &l, best);
    }
}

/* ---- all together ---------------------------------------------------------------------------------------- */

static void search_free(search *s) {
    if (s == NULL) return;
    free(s->tone);
    free(s->slope);
    free(s->pending);
    free(s->seen);
    free(s);
}

static search *search_new(const colour_view *v) {
    const size_t n = (size_t)v->width * (size_t)v->height;
    search *s = calloc(1, sizeof *s);
    if (s == NULL) return NULL;
    *s = (search){.width = v->width, .height = v->height, .step = v->step};
    s->tone = malloc(3 * n * sizeof *s->tone);
    s->slope = malloc(n * sizeof *s->slope);
    s->pending = malloc(n * sizeof *s->pending);
    s->seen = calloc(n, 1);
    if (s->tone != NULL && s->slope != NULL && s->pending != NULL && s->seen != NULL) return s;
    search_free(s);
    return NULL;
}

static void corners_of(const placement *p, int step, double corner[4][2]) {
    const double h = 0.5 * CHART_SIDE, right = CHART_COLUMNS - 1 + h, below = CHART_ROWS - 1 + h;
    const double at_corner[4][2] = {{-h, -h}, {right, -h}, {right, below}, {-h, below}};
    for (int k = 0; k < 4; k++) {
        place_in_view(p, at_corner[k][0], at_corner[k][1], corner[k]);
        for (int c = 0; c < 2; c++) corner[k][c] = (corner[k][c] + 0.5) * step;
    }
}

static cit_status find_at(const cit_photo *photo, int longest, double corner[4][2],
                          cit_errors *errs) {
    colour_view v = {0};
    placement best = {.error = HUGE_VAL};
    cit_status st = colour_view_of(photo, longest, &v, errs);
    if (st != CIT_OK) return st;
    search *s = search_new(&v);
    if (s == NULL) CIT_TRY(cit_fail(errs, CIT_NOMEM, "", "no memory to look for a chart"));
    for (int y = 0; y < v.height; y++)
        for (int x = 0; x < v.width; x++)
            for (int c = 0; c < 3; c++)
                s->tone[3 * at(s, x, y) + (size_t)c] = smooth_at(&v, x, y, c);
    if (v.width > 2 && v.height > 2) {
        find_slopes(s);
        find_spots(s);
        try_all(s, &v, &best);
    }
    if (!(best.error < most_delta_e && best.error < chance_share * chance(best.rgb)))
        st = CIT_NOTFOUND;
    else
        corners_of(&best, v.step, corner);
done:
    search_free(s);
    free(v.rgb);
    return st;
}

cit_status cit_chart_find(const cit_photo *photo, cit_chart *ret, cit_errors *errs) {
    static const int longest[] = {500, 1000};
    cit_status st = CIT_NOTFOUND;
    double corner[4][2];
    for (size_t i = 0; i < sizeof longest / sizeof *longest && st == CIT_NOTFOUND; i++)
        st = find_at(photo, longest[i], corner, errs);
    if (st == CIT_NOTFOUND)
        return cit_fail(errs, st, "chart",
                        "there is none that stands clear of chance; mark its corners, or take the "
                        "photo with a chart of 24 patches beside the skin");
    return st == CIT_OK ? cit_chart_at(photo, corner, ret, errs) : st;
}
