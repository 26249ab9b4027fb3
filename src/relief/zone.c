/* A zone of a shape as heights along its normal.
 *
 * The normal n of a mesh is that of the sum of its triangles' areas within the square (cut at its sides), of a cloud that
 * of the plane through its points there; as the square turns with n, a few rounds find it. Then every
 * triangle is drawn into the samples that it covers, as in a picture: a sample may lie on several sheets. Of a cloud a
 * sample is the plane through the points near, with weights exp(-d^2 / (2 sigma^2)) of their distance d sideways, where
 * sigma is 0.75 of their spacing (moving least squares; Lancaster and Salkauskas, Math Comp 1981; 37:141-158). Which sheet
 * it is follows from the place that was asked for: from there on, neighbour by neighbour, the nearest one goes on. */
#include <cit/relief.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 30, SIDE_MOST = 4096, SHEETS_MOST = 16, NEAR = 6, QUERIES = 1000 };
static const double ball_sides =
    1.25; /* what may lie in the square, as a distance from its middle */
/* Assumed: no scar's wall is higher between two samples, and no fold of skin thinner. */
static const double step_mm = 1;
static const double hole_mm = 2;        /* over wider holes the sheet is not followed (assumed) */
static const double sigma_share = 0.75; /* of the spacing */
static const double reach_share = 2.25; /* 3 sigma */
static const double least_weight = 0.3; /* of what points all around would have */
/* A mesh faces away from its middle (1: as a ball does) or towards it (-1); a flat piece, and a slightly hollow one, is near 0.
 * Below this it is taken to be inside out (assumed; of two real faces the one that is has -0.54, the one that is not 0.54). */
static const double inside_out = -0.1;
static const double least_slant =
    0.1; /* of a direction against the surface, to tell its sides apart */

typedef struct place {
    double u, v,
        h; /* along the rows, down them, along the normal; mm, from the middle of the zone */
} place;

typedef struct cells {
    int across; /* a side of the square of cells */
    double size, corner;
    int *first; /* a cell each, and one */
    int *index;
} cells;

typedef struct zone {
    const cit_shape *shape;
    const cit_relief_zone_options *options;
    cit_errors *errs;
    double side, half, pitch, spacing;
    double middle
        [3]; /* the place of the shape nearest to what was asked for; about the shape's middle */
    double up[3], x[3], y[3], n[3];
    double turn; /* -1: the shape is inside out */
    int *kept;   /* triangles, or points, that may lie in the zone */
    size_t kept_count;
    int count;      /* samples a side */
    double *height; /* mm; NAN: missing */
    /* of a mesh: the heights of its sheets over every sample */
    size_t *sheet_first;
    float *sheets;
    /* of a cloud */
    place *places;
    cells cells;
} zone;

/* ---- vectors ----------------------------------------------------------------------------------- */

static double dot(const double a[3], const double b[3]) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void cross(const double a[3], const double b[3], double ret[3]) {
    for (int k = 0; k < 3; k++)
        ret[k] = a[(k + 1) % 3] * b[(k + 2) % 3] - a[(k + 2) % 3] * b[(k + 1) % 3];
}

static void less(const double a[3], const double b[3], double ret[3]) {
    for (int k = 0; k < 3; k++) ret[k] = a[k] - b[k];
}

/* a + s b */
static void plus(const double a[3], double s, const double b[3], double ret[3]) {
    for (int k = 0; k < 3; k++) ret[k] = a[k] + s * b[k];
}

static bool unit(double a[3]) {
    const double length = sqrt(dot(a, a));
    if (!(length > 0)) return false;
    for (int k = 0; k < 3; k++) a[k] /= length;
    return true;
}

static void point(const cit_shape *s, int i, double ret[3]) {
    for (int k = 0; k < 3; k++) ret[k] = (double)s->xyz[3 * (size_t)i + (size_t)k];
}

static void triangle(const cit_shape *s, int t, double ret[3][3]) {
    for (int k = 0; k < 3; k++) point(s, s->corners[3 * (size_t)t + (size_t)k], ret[k]);
}

/* Its length is the area. */
static void area(double t[3][3], double ret[3]) {
    double a[3], b[3];
    less(t[1], t[0], a);
    less(t[2], t[0], b);
    cross(a, b, ret);
    for (int k = 0; k < 3; k++) ret[k] /= 2;
}

/* The frame of a normal: x right, y down, as the shape is seen from outside with `up` on top. */
static void set_frame(zone *z, const double n[3]) {
    static const double spare[2][3] = {{0, 0, -1}, {1, 0, 0}};
    double up[3];
    memcpy(z->n, n, sizeof z->n);
    plus(z->up, -dot(z->up, n), n, up);
    for (int i = 0; i < 2 && !(dot(up, up) > 1e-6); i++) plus(spare[i], -dot(spare[i], n), n, up);
    unit(up);
    cross(up, n, z->x);
    for (int k = 0; k < 3; k++) z->y[k] = -up[k];
}

static place seen(const zone *z, const double p[3]) {
    double d[3];
    less(p, z->middle, d);
    return (place){dot(d, z->x), dot(d, z->y), dot(d, z->n)};
}

static cit_status fail(const zone *z, const char *what) {
    return cit_fail(z->errs, CIT_INVALID, "zone", "%s", what);
}

static cit_status take(const zone *z, size_t count, size_t each, void **ret) {
    *ret = calloc(count > 0 ? count : 1, each);
    return *ret != NULL ? CIT_OK : cit_fail(z->errs, CIT_NOMEM, "zone", "out of memory");
}

static int by_size(const void *a, const void *b) {
    const double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

static double median(double *numbers, size_t count) {
    qsort(numbers, count, sizeof *numbers, by_size);
    return (numbers[(count - 1) / 2] + numbers[count / 2]) / 2;
}

/* ---- the normal of a mesh ---------------------------------------------------------------------- */

/* The place of a triangle nearest to p: Ericson, Real-Time Collision Detection (2005), 5.1.5. */
static void nearest_of(double t[3][3], const double p[3], double ret[3]) {
    double ab[3], ac[3], d[3][3], s[3], r[3];
    less(t[1], t[0], ab);
    less(t[2], t[0], ac);
    for (int i = 0; i < 3; i++) {
        less(p, t[i], d[i]);
        s[i] = dot(ab, d[i]);
        r[i] = dot(ac, d[i]);
    }
    const double va = s[1] * r[2] - s[2] * r[1], vb = s[2] * r[0] - s[0] * r[2];
    const double vc = s[0] * r[1] - s[1] * r[0], on_bc[2] = {r[1] - s[1], s[2] - r[2]};
    double v = 0, w = 0; /* a + v ab + w ac */
    if (s[0] <= 0 && r[0] <= 0)
        v = w = 0;
    else if (s[1] >= 0 && r[1] <= s[1])
        v = 1;
    else if (r[2] >= 0 && s[2] <= r[2])
        w = 1;
    else if (vc <= 0 && s[0] >= 0 && s[1] <= 0)
        v = s[0] / (s[0] - s[1]);
    else if (vb <= 0 && r[0] >= 0 && r[2] <= 0)
        w = r[0] / (r[0] - r[2]);
    else {
        const bool edge = va <= 0 && on_bc[0] >= 0 && on_bc[1] >= 0;
        w = edge ? on_bc[0] / (on_bc[0] + on_bc[1]) : vc / (va + vb + vc);
        v = edge ? 1 - w : vb / (va + vb + vc);
    }
    for (int k = 0; k < 3; k++) ret[k] = t[0][k] + v * ab[k] + w * ac[k];
}

/* The triangle nearest to a place, and where. */
static int nearest_triangle(const cit_shape *s, const double at[3], double ret[3]) {
    double best = (double)INFINITY;
    int found = -1;
    for (size_t i = 0; i < s->triangles; i++) {
        double t[3][3], p[3], d[3], a[3];
        triangle(s, (int)i, t);
        area(t, a);
        if (!(dot(a, a) > 0)) continue;
        nearest_of(t, at, p);
        less(p, at, d);
        if (!(dot(d, d) < best)) continue;
        best = dot(d, d);
        found = (int)i;
        memcpy(ret, p, sizeof p);
    }
    return found;
}

static bool in_ball(const zone *z, const double low[3], const double high[3]) {
    const double r = ball_sides * z->side;
    double far = 0;
    for (int k = 0; k < 3; k++) {
        const double d = fmax(fmax(low[k] - z->middle[k], z->middle[k] - high[k]), 0);
        far += d * d;
    }
    return far <= r * r;
}

static cit_status keep_triangles(zone *z) {
    void *kept = NULL;
    const cit_status st = take(z, z->shape->triangles, sizeof *z->kept, &kept);
    z->kept = kept;
    for (size_t i = 0; st == CIT_OK && i < z->shape->triangles; i++) {
        double t[3][3], low[3], high[3];
        triangle(z->shape, (int)i, t);
        for (int k = 0; k < 3; k++) {
            low[k] = fmin(t[0][k], fmin(t[1][k], t[2][k]));
            high[k] = fmax(t[0][k], fmax(t[1][k], t[2][k]));
        }
        if (in_ball(z, low, high)) z->kept[z->kept_count++] = (int)i;
    }
    return st;
}

/* The part of a polygon where sign * coordinate <= half; at most one corner more. */
static int cut(double (*from)[2], int count, int axis, double sign, double half, double (*to)[2]) {
    int n = 0;
    for (int i = 0; i < count; i++) {
        const double *a = from[i], *b = from[(i + 1) % count];
        const double da = half - sign * a[axis], db = half - sign * b[axis];
        if (da >= 0) memcpy(to[n++], a, sizeof *to);
        if ((da >= 0) == (db >= 0)) continue;
        for (int k = 0; k < 2; k++) to[n][k] = a[k] + da / (da - db) * (b[k] - a[k]);
        n++;
    }
    return n;
}

static double area_of(double (*polygon)[2], int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
        const double *a = polygon[i], *b = polygon[(i + 1) % count];
        sum += a[0] * b[1] - a[1] * b[0];
    }
    return fabs(sum) / 2;
}

/* The share of a triangle that lies within the square, seen along the normal. */
static double share_within(const zone *z, const place p[3]) {
    double a[8][2], b[8][2], far = 0;
    for (int i = 0; i < 3; i++) far = fmax(far, fmax(fabs(p[i].u), fabs(p[i].v)));
    if (far <= z->half) return 1;
    for (int i = 0; i < 3; i++) {
        a[i][0] = p[i].u;
        a[i][1] = p[i].v;
    }
    const double whole = area_of(a, 3);
    int n = 3;
    if (!(whole > 0)) return 0;
    n = cut(a, n, 0, 1, z->half, b);
    n = cut(b, n, 0, -1, z->half, a);
    n = cut(a, n, 1, 1, z->half, b);
    n = cut(b, n, 1, -1, z->half, a);
    return area_of(a, n) / whole;
}

/* Its area as seen from outside. */
static void outer_area(const zone *z, int i, double ret[3]) {
    double t[3][3];
    triangle(z->shape, i, t);
    area(t, ret);
    for (int k = 0; k < 3; k++) ret[k] *= z->turn;
}

/* Does triangle i face us, within the square and not far above or below it? Its places, its area and its share there. */
static bool faces(const zone *z, int i, place p[3], double a[3], double *share) {
    double t[3][3], h = 0;
    outer_area(z, i, a);
    if (!(dot(a, z->n) > 0)) return false;
    triangle(z->shape, i, t);
    for (int k = 0; k < 3; k++) {
        p[k] = seen(z, t[k]);
        h += p[k].h / 3;
    }
    *share = fabs(h) <= z->half ? share_within(z, p) : 0;
    return *share > 0;
}

/* How much the mesh faces away from its middle, from -1 to 1. */
static double outwardness(const cit_shape *s) {
    double middle[3] = {0, 0, 0}, sum = 0, most = 0, whole = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < s->triangles; i++) {
            double t[3][3], a[3], d[3];
            triangle(s, (int)i, t);
            area(t, a);
            const double size = sqrt(dot(a, a));
            for (int k = 0; k < 3; k++) d[k] = (t[0][k] + t[1][k] + t[2][k]) / 3;
            if (pass == 0) {
                plus(middle, size, d, middle);
                whole += size;
                continue;
            }
            plus(d, -1 / whole, middle, d);
            sum += dot(d, a);
            most += sqrt(dot(d, d)) * size;
        }
    return most > 0 ? sum / most : 0;
}

static bool is_given(const double direction[3]) { return dot(direction, direction) > 0; }

/* Which side of the mesh is outside: as the caller says, else as its corners go round. */
static cit_status choose_mesh_side(zone *z, int seed) {
    double a[3];
    z->turn = 1;
    if (is_given(z->options->outside)) {
        outer_area(z, seed, a);
        const double slant = dot(a, z->options->outside) /
                             sqrt(dot(a, a) * dot(z->options->outside, z->options->outside));
        z->turn = slant < 0 ? -1 : 1;
        return fabs(slant) >= least_slant ? CIT_OK : fail(z, "'outside' runs along the surface");
    }
    if (outwardness(z->shape) >= inside_out) return CIT_OK;
    return fail(z, "the shape seems to be inside out: say which way is outside, with 'outside'");
}

static bool mean_area(const zone *z, double ret[3]) {
    memset(ret, 0, 3 * sizeof *ret);
    for (size_t i = 0; i < z->kept_count; i++) {
        place p[3];
        double a[3], share = 0;
        if (faces(z, z->kept[i], p, a, &share)) plus(ret, share, a, ret);
    }
    return unit(ret);
}

static double turned(const double a[3], const double b[3]) {
    double d[3];
    less(a, b, d);
    return sqrt(dot(d, d));
}

static cit_status find_mesh_normal(zone *z, int seed) {
    double n[3];
    outer_area(z, seed, n);
    unit(n);
    for (int round = 0; round < ROUNDS; round++) {
        set_frame(z, n);
        if (!mean_area(z, n)) return fail(z, "nothing of the shape faces one way there");
        if (turned(n, z->n) < 1e-10) break;
    }
    set_frame(z, n);
    return CIT_OK;
}

/* The median edge of the triangles in the square. */
static cit_status find_mesh_spacing(zone *z) {
    void *made = NULL;
    const cit_status st = take(z, 3 * z->kept_count, sizeof(double), &made);
    double *lengths = made;
    size_t count = 0;
    if (st != CIT_OK) return st;
    for (size_t i = 0; i < z->kept_count; i++) {
        place p[3];
        double a[3], t[3][3], share = 0;
        if (!faces(z, z->kept[i], p, a, &share)) continue;
        triangle(z->shape, z->kept[i], t);
        for (int k = 0; k < 3; k++) lengths[count++] = turned(t[k], t[(k + 1) % 3]);
    }
    if (count > 0) z->spacing = median(lengths, count);
    free(lengths);
    return CIT_OK;
}

/* ---- the sheets of a mesh ---------------------------------------------------------------------- */

/* The first and the last sample between two places of a row or column. */
static void samples(const zone *z, double low, double high, int ret[2]) {
    const double corner = z->count * z->pitch / 2;
    ret[0] = (int)fmax(0, floor((low + corner) / z->pitch - 0.5));
    ret[1] = (int)fmin(z->count - 1, ceil((high + corner) / z->pitch - 0.5));
}

static double sample_at(const zone *z, int i) { return (i + 0.5 - z->count / 2.0) * z->pitch; }

/* Draws one triangle: counts the samples it covers, or puts its heights where `to` says. */
static void draw(const zone *z, const place p[3], size_t *to, float *sheets) {
    const double twice =
        (p[1].u - p[0].u) * (p[2].v - p[0].v) - (p[2].u - p[0].u) * (p[1].v - p[0].v);
    int i[2], j[2];
    if (!(fabs(twice) > DBL_MIN)) return;
    samples(z, fmin(p[0].u, fmin(p[1].u, p[2].u)), fmax(p[0].u, fmax(p[1].u, p[2].u)), i);
    samples(z, fmin(p[0].v, fmin(p[1].v, p[2].v)), fmax(p[0].v, fmax(p[1].v, p[2].v)), j);
    for (int y = j[0]; y <= j[1]; y++)
        for (int x = i[0]; x <= i[1]; x++) {
            const double u = sample_at(z, x) - p[0].u, v = sample_at(z, y) - p[0].v;
            const double b = (u * (p[2].v - p[0].v) - v * (p[2].u - p[0].u)) / twice;
            const double c = (v * (p[1].u - p[0].u) - u * (p[1].v - p[0].v)) / twice;
            if (!(b >= -1e-9 && c >= -1e-9 && b + c <= 1 + 1e-9)) continue;
            size_t *n = &to[(size_t)x + (size_t)y * (size_t)z->count];
            if (sheets != NULL)
                sheets[*n] = (float)(p[0].h + b * (p[1].h - p[0].h) + c * (p[2].h - p[0].h));
            ++*n;
        }
}

/* How many samples the triangle's box has: what drawing it costs. */
static double cost(const zone *z, const place p[3]) {
    int i[2], j[2];
    samples(z, fmin(p[0].u, fmin(p[1].u, p[2].u)), fmax(p[0].u, fmax(p[1].u, p[2].u)), i);
    samples(z, fmin(p[0].v, fmin(p[1].v, p[2].v)), fmax(p[0].v, fmax(p[1].v, p[2].v)), j);
    return fmax(i[1] - i[0] + 1, 0) * fmax(j[1] - j[0] + 1, 0);
}

static double draw_all(const zone *z, size_t *to, float *sheets, double most) {
    double sum = 0;
    for (size_t i = 0; i < z->kept_count && sum <= most; i++) {
        place p[3];
        double a[3], share = 0;
        if (!faces(z, z->kept[i], p, a, &share)) continue;
        sum += cost(z, p) + 1;
        draw(z, p, to, sheets);
    }
    return sum;
}

static cit_status draw_sheets(zone *z) {
    const size_t size = (size_t)z->count * (size_t)z->count;
    /* Boxes of a fair mesh's triangles hold a few times the samples that there are. */
    const double most = 100.0 * (double)size + 100.0 * (double)z->kept_count;
    void *first = NULL, *sheets = NULL;
    cit_status st = CIT_OK;
    CIT_TRY(take(z, size + 1, sizeof *z->sheet_first, &first));
    z->sheet_first = first;
    if (draw_all(z, z->sheet_first, NULL, most) > most)
        return fail(z, "too many triangles overlap");
    size_t sum = 0;
    for (size_t i = 0; i <= size; i++) {
        const size_t here = z->sheet_first[i];
        z->sheet_first[i] = sum;
        sum += here;
    }
    if (sum > SHEETS_MOST * size + 16) return fail(z, "too many sheets lie over each other");
    CIT_TRY(take(z, sum, sizeof *z->sheets, &sheets));
    z->sheets = sheets;
    draw_all(z, z->sheet_first, z->sheets, most);
    /* Drawing moved each start to the next one's. */
    memmove(z->sheet_first + 1, z->sheet_first, size * sizeof *z->sheet_first);
    z->sheet_first[0] = 0;
done:
    return st;
}

/* The sheet nearest to a height, within a step of it. */
static double mesh_height(const zone *z, int i, int j, double guess, double step) {
    const size_t at = (size_t)i + (size_t)j * (size_t)z->count;
    double best = CIT_UNKNOWN_NUMBER, off = step;
    for (size_t k = z->sheet_first[at]; k < z->sheet_first[at + 1]; k++) {
        const double h = (double)z->sheets[k];
        if (!(fabs(h - guess) <= off)) continue;
        best = h;
        off = fabs(h - guess);
    }
    return best;
}

/* ---- the normal of a cloud --------------------------------------------------------------------- */

static int nearest_point(const cit_shape *s, const double at[3], double ret[3]) {
    double best = (double)INFINITY;
    int found = -1;
    for (size_t i = 0; i < s->points; i++) {
        double p[3];
        point(s, (int)i, p);
        const double d = turned(p, at);
        if (!(d < best)) continue;
        best = d;
        found = (int)i;
        memcpy(ret, p, sizeof p);
    }
    return found;
}

static bool has_normal(const zone *z, int i, double ret[3]) {
    if (z->shape->normals == NULL) return false;
    for (int k = 0; k < 3; k++)
        ret[k] = z->turn * (double)z->shape->normals[3 * (size_t)i + (size_t)k];
    return dot(ret, ret) > 0;
}

static cit_status keep_points(zone *z) {
    void *kept = NULL;
    const cit_status st = take(z, z->shape->points, sizeof *z->kept, &kept);
    z->kept = kept;
    for (size_t i = 0; st == CIT_OK && i < z->shape->points; i++) {
        double p[3];
        point(z->shape, (int)i, p);
        if (in_ball(z, p, p)) z->kept[z->kept_count++] = (int)i;
    }
    return st;
}

/* The eigenvector of the least eigenvalue of a symmetric matrix, by Jacobi's rotations. */
static void least_axis(double a[3][3], double ret[3]) {
    double v[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    for (int sweep = 0; sweep < 30; sweep++)
        for (int k = 0; k < 3; k++) {
            const int p = k, q = (k + 1) % 3;
            if (!(fabs(a[p][q]) > 0)) continue;
            const double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
            const double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
            const double c = 1 / sqrt(t * t + 1), s = t * c;
            for (int i = 0; i < 3; i++) {
                const double x = a[i][p], y = a[i][q];
                a[i][p] = c * x - s * y;
                a[i][q] = s * x + c * y;
            }
            for (int i = 0; i < 3; i++) {
                const double x = a[p][i], y = a[q][i], vx = v[i][p], vy = v[i][q];
                a[p][i] = c * x - s * y;
                a[q][i] = s * x + c * y;
                v[i][p] = c * vx - s * vy;
                v[i][q] = s * vx + c * vy;
            }
        }
    int least = 0;
    for (int k = 1; k < 3; k++) least = a[k][k] < a[least][least] ? k : least;
    for (int k = 0; k < 3; k++) ret[k] = v[k][least];
}

/* Of the points within half a side: the way across the plane they are nearest to. */
static bool first_axis(const zone *z, double ret[3]) {
    double mean[3] = {0, 0, 0}, a[3][3] = {{0}};
    size_t count = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < z->kept_count; i++) {
            double p[3], d[3];
            point(z->shape, z->kept[i], p);
            if (turned(p, z->middle) > z->half) continue;
            less(p, z->middle, d);
            count += pass == 0;
            for (int k = 0; k < 3 && pass == 0; k++) mean[k] += d[k];
            for (int k = 0; k < 9 && pass == 1; k++)
                a[k / 3][k % 3] += (d[k / 3] - mean[k / 3] / (double)count) *
                                   (d[k % 3] - mean[k % 3] / (double)count);
        }
    if (count < 4) return false;
    least_axis(a, ret);
    return true;
}

/* What the normals within half a side add up to. */
static void mean_normal(const zone *z, double ret[3]) {
    memset(ret, 0, 3 * sizeof *ret);
    for (size_t i = 0; i < z->kept_count; i++) {
        double p[3], n[3];
        point(z->shape, z->kept[i], p);
        if (turned(p, z->middle) <= z->half && has_normal(z, z->kept[i], n)) plus(ret, 1, n, ret);
    }
}

/* From the middle of all points to here. */
static void away(const zone *z, double ret[3]) {
    double middle[3] = {0, 0, 0};
    for (size_t i = 0; i < z->shape->points; i++) {
        double p[3];
        point(z->shape, (int)i, p);
        plus(middle, 1 / (double)z->shape->points, p, middle);
    }
    less(z->middle, middle, ret);
}

/* Turns n to the outside: as the caller says, else as normals do, else away from the middle of all points. */
static cit_status choose_cloud_side(zone *z, double n[3]) {
    double normals[3], out[3];
    z->turn = 1;
    mean_normal(z, normals);
    if (is_given(z->options->outside))
        memcpy(out, z->options->outside, sizeof out);
    else if (is_given(normals))
        memcpy(out, normals, sizeof out);
    else
        away(z, out);
    if (!(fabs(dot(out, n)) >= least_slant * sqrt(dot(out, out)) && is_given(out)))
        return fail(z,
                    "which side of the points is outside cannot be told: say it, with 'outside'");
    if (dot(out, n) < 0)
        for (int k = 0; k < 3; k++) n[k] = -n[k];
    z->turn = dot(normals, n) < 0 ? -1 : 1;
    return CIT_OK;
}

/* The points that do not face away, within the square and `more` around it; those far above or below it not. */
static size_t see_points(zone *z, double more) {
    size_t count = 0;
    for (size_t i = 0; i < z->kept_count; i++) {
        double p[3], n[3];
        point(z->shape, z->kept[i], p);
        const place q = seen(z, p);
        if (fmax(fabs(q.u), fabs(q.v)) > z->half + more || fabs(q.h) > z->half) continue;
        if (has_normal(z, z->kept[i], n) && dot(n, z->n) < 0) continue;
        z->places[count++] = q;
    }
    return count;
}

/* Less and less towards the square's sides, so that no point there decides by being in or out. */
static double weight(const zone *z, const place *p) {
    return fmin(1, (z->half - fmax(fabs(p->u), fabs(p->v))) / (z->half / 8));
}

/* Slopes of the plane h = a + b u + c v through the points. */
static bool fit_plane(const zone *z, size_t count, double ret[2]) {
    double u = 0, v = 0, h = 0, uu = 0, uv = 0, vv = 0, uh = 0, vh = 0, sum = 0;
    for (size_t i = 0; i < count; i++) {
        const place *p = &z->places[i];
        const double w = weight(z, p);
        sum += w;
        u += w * p->u;
        v += w * p->v;
        h += w * p->h;
    }
    u /= sum;
    v /= sum;
    h /= sum;
    for (size_t i = 0; i < count; i++) {
        const place *p = &z->places[i];
        const double w = weight(z, p), du = p->u - u, dv = p->v - v, dh = p->h - h;
        uu += w * du * du;
        uv += w * du * dv;
        vv += w * dv * dv;
        uh += w * du * dh;
        vh += w * dv * dh;
    }
    const double det = uu * vv - uv * uv;
    if (count < 3 || !(det > 1e-12 * (uu + vv) * (uu + vv))) return false;
    ret[0] = (uh * vv - vh * uv) / det;
    ret[1] = (vh * uu - uh * uv) / det;
    return true;
}

static cit_status find_cloud_normal(zone *z) {
    double n[3], slopes[2];
    if (!first_axis(z, n)) return fail(z, "too few points lie there");
    const cit_status st = choose_cloud_side(z, n);
    if (st != CIT_OK) return st;
    for (int round = 0; round < ROUNDS; round++) {
        set_frame(z, n);
        if (!fit_plane(z, see_points(z, 0), slopes))
            return fail(z, "the points there lie on no plane");
        plus(n, -slopes[0], z->x, n);
        plus(n, -slopes[1], z->y, n);
        unit(n);
        if (hypot(slopes[0], slopes[1]) < 1e-9) break;
    }
    set_frame(z, n);
    return CIT_OK;
}

/* ---- the points of a cloud --------------------------------------------------------------------- */

static int cell_of(const cells *c, double at) {
    const double i = floor((at - c->corner) / c->size);
    return (int)fmin(fmax(i, 0), c->across - 1);
}

static void free_cells(cells *c) {
    free(c->first);
    free(c->index);
    *c = (cells){0};
}

/* Sorts the places into square cells of that size, or of a size that leaves no more than 2048 a side. */
static cit_status sort_places(zone *z, size_t count, double size) {
    const double half = z->half * 1.5;
    cells *c = &z->cells;
    void *first = NULL, *index = NULL;
    cit_status st = CIT_OK;
    free_cells(c);
    c->size = fmax(size, 2 * half / 2048);
    c->across = (int)ceil(2 * half / c->size);
    c->corner = -half;
    CIT_TRY(take(z, (size_t)c->across * (size_t)c->across + 2, sizeof(int), &first));
    c->first = first;
    CIT_TRY(take(z, count, sizeof(int), &index));
    c->index = index;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < count; i++) {
            const place *p = &z->places[i];
            const int at = cell_of(c, p->u) + c->across * cell_of(c, p->v);
            if (pass == 0)
                c->first[at + 2]++;
            else
                c->index[c->first[at + 1]++] = (int)i;
        }
        for (int i = 0; i < c->across * c->across && pass == 0; i++)
            c->first[i + 2] += c->first[i + 1];
    }
done:
    return st;
}

/* Keeps the least distances, ascending. */
static void note(double nearest[NEAR], double d) {
    if (!(d < nearest[NEAR - 1])) return;
    int k = NEAR - 1;
    for (; k > 0 && nearest[k - 1] > d; k--) nearest[k] = nearest[k - 1];
    nearest[k] = d;
}

/* Distances (squared) from place i to those in the ring of cells at `ring` around its own. */
static void search_ring(const zone *z, int i, int ring, double nearest[NEAR]) {
    const cells *c = &z->cells;
    const place *p = &z->places[i];
    const int x = cell_of(c, p->u), y = cell_of(c, p->v);
    for (int b = y - ring; b <= y + ring; b++)
        for (int a = x - ring; a <= x + ring; a += abs(b - y) == ring ? 1 : 2 * ring) {
            if (a < 0 || b < 0 || a >= c->across || b >= c->across) continue;
            const int at = a + c->across * b;
            for (int k = c->first[at]; k < c->first[at + 1]; k++) {
                const place *q = &z->places[c->index[k]];
                const double u = q->u - p->u, v = q->v - p->v, h = q->h - p->h;
                if (c->index[k] != i) note(nearest, u * u + v * v + h * h);
            }
        }
}

/* As if the points lay on a square grid: pi r^2 holds NEAR of them, r the distance of the last. */
static double spacing_at(const zone *z, int i) {
    double nearest[NEAR];
    for (int k = 0; k < NEAR; k++) nearest[k] = (double)INFINITY;
    for (int ring = 0; ring < z->cells.across; ring++) {
        search_ring(z, i, ring, nearest);
        const double seen_to = ring * z->cells.size;
        if (nearest[NEAR - 1] <= seen_to * seen_to) break;
    }
    return sqrt(nearest[NEAR - 1] * 3.14159265358979323846 / NEAR);
}

static cit_status find_cloud_spacing(zone *z) {
    const size_t count = see_points(z, 0);
    const double each = 2 * z->half / sqrt((double)(count > 0 ? count : 1));
    double spacings[QUERIES];
    size_t asked = 0;
    if (count <= NEAR) return fail(z, "too few points lie there");
    const cit_status st = sort_places(z, count, 2 * each);
    if (st != CIT_OK) return st;
    const size_t step = (count - 1) / QUERIES + 1;
    for (size_t i = 0; i < count; i += step) spacings[asked++] = spacing_at(z, (int)i);
    z->spacing = median(spacings, asked);
    if (!(z->spacing > 1e-6 * z->side)) return fail(z, "most points there lie on each other");
    return CIT_OK;
}

/* Points in reach of samples, and refuses a heap that would be looked at without end. */
static cit_status reach_points(zone *z) {
    const double reach = reach_share * z->spacing;
    const size_t count = see_points(z, reach);
    const cit_status st = sort_places(z, count, reach);
    const double samples_a_cell = z->cells.size * z->cells.size / (z->pitch * z->pitch);
    double work = 0;
    if (st != CIT_OK) return st;
    for (int i = 0; i < z->cells.across * z->cells.across; i++)
        work += 9 * samples_a_cell * (z->cells.first[i + 1] - z->cells.first[i]);
    return work < 1e11 ? CIT_OK : fail(z, "a finer pitch than so many points allow");
}

/* Weighted sums over the points near a sample, about the sample. */
typedef struct sums {
    double w, u, v, h, uu, uv, vv, uh, vh;
    int count;
} sums;

static void add_near(const zone *z, const place *at, double step, sums *s) {
    const cells *c = &z->cells;
    const double reach = reach_share * z->spacing, sigma = sigma_share * z->spacing;
    const int x[2] = {cell_of(c, at->u - reach), cell_of(c, at->u + reach)};
    const int y[2] = {cell_of(c, at->v - reach), cell_of(c, at->v + reach)};
    for (int b = y[0]; b <= y[1]; b++)
        for (int k = c->first[x[0] + c->across * b]; k < c->first[x[1] + c->across * b + 1]; k++) {
            const place *p = &z->places[c->index[k]];
            const double u = p->u - at->u, v = p->v - at->v, h = p->h - at->h;
            if (!(u * u + v * v <= reach * reach && fabs(h) <= step)) continue;
            const double w = exp(-(u * u + v * v) / (2 * sigma * sigma));
            s->w += w;
            s->u += w * u;
            s->v += w * v;
            s->h += w * h;
            s->uu += w * u * u;
            s->uv += w * u * v;
            s->vv += w * v * v;
            s->uh += w * u * h;
            s->vh += w * v * h;
            s->count++;
        }
}

/* The plane through the points near, at the sample. */
static double cloud_height(const zone *z, int i, int j, double guess, double step) {
    const double sigma = sigma_share * z->spacing;
    const double full = 2 * 3.14159265358979323846 * sigma_share * sigma_share;
    const place at = {sample_at(z, i), sample_at(z, j), guess};
    sums s = {0};
    add_near(z, &at, fmax(step, 3 * z->spacing), &s);
    if (s.count < 4 || !(s.w >= least_weight * full)) return CIT_UNKNOWN_NUMBER;
    const double u = s.u / s.w, v = s.v / s.w, h = s.h / s.w;
    const double uu = s.uu / s.w - u * u, uv = s.uv / s.w - u * v, vv = s.vv / s.w - v * v;
    const double uh = s.uh / s.w - u * h, vh = s.vh / s.w - v * h, det = uu * vv - uv * uv;
    if (!(det > 0.01 * sigma * sigma * sigma * sigma)) return CIT_UNKNOWN_NUMBER;
    return guess + h - u * (uh * vv - vh * uv) / det - v * (vh * uu - uh * uv) / det;
}

/* ---- following the sheet ----------------------------------------------------------------------- */

typedef struct step {
    int at;      /* a sample */
    float guess; /* its height, by the one that leads there */
    int gap;     /* how many missing ones lie between */
} step;

typedef struct queue {
    step *steps;
    size_t first, count, room;
} queue;

static cit_status push(const zone *z, queue *q, step s) {
    if (q->count == q->room && q->first > 0) {
        /* What is done with makes room. */
        memmove(q->steps, q->steps + q->first, (q->count - q->first) * sizeof *q->steps);
        q->count -= q->first;
        q->first = 0;
    }
    if (2 * q->count >= q->room) {
        const size_t room = 2 * q->room + 1024;
        step *steps = realloc(q->steps, room * sizeof *steps);
        if (steps == NULL) return cit_fail(z->errs, CIT_NOMEM, "zone", "out of memory");
        q->steps = steps;
        q->room = room;
    }
    q->steps[q->count++] = s;
    return CIT_OK;
}

typedef double height_of(const zone *z, int i, int j, double guess, double step);

/* To the neighbours that are not there yet; over missing ones only where that is the shortest way so far. */
static cit_status lead_on(const zone *z, queue *q, const step *s, double h, int *gaps) {
    static const int ways[4][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}};
    const int i = s->at % z->count, j = s->at / z->count;
    const bool missing = !cit_known(z->height[s->at]);
    const int gap = missing ? s->gap + 1 : 0;
    const int most = (int)fmin(fmax(ceil(hole_mm / z->pitch), 1), 1000);
    for (int k = 0; k < 4 && gap <= most; k++) {
        const int a = i + ways[k][0], b = j + ways[k][1], to = a + b * z->count;
        if (a < 0 || b < 0 || a >= z->count || b >= z->count) continue;
        if (cit_known(z->height[to]) || (missing && gap >= gaps[to])) continue;
        gaps[to] = gap < gaps[to] ? gap : gaps[to];
        const cit_status st = push(z, q, (step){to, (float)h, gap});
        if (st != CIT_OK) return st;
    }
    return CIT_OK;
}

static cit_status follow(zone *z, height_of *height_at) {
    const size_t size = (size_t)z->count * (size_t)z->count;
    const double most = fmax(step_mm, 3 * z->pitch);
    queue q = {0};
    void *made = NULL;
    cit_status st = CIT_OK;
    CIT_TRY(take(z, size, sizeof(int), &made));
    int *gaps = made;
    for (size_t i = 0; i < size; i++) {
        z->height[i] = CIT_UNKNOWN_NUMBER;
        gaps[i] = 1 << 20;
    }
    CIT_TRY(push(z, &q, (step){z->count / 2 + z->count / 2 * z->count, 0, 0}));
    while (q.first < q.count) {
        const step s = q.steps[q.first++];
        if (cit_known(z->height[s.at])) continue;
        const double h =
            height_at(z, s.at % z->count, s.at / z->count, (double)s.guess, most * (1 + s.gap));
        z->height[s.at] = h;
        CIT_TRY(lead_on(z, &q, &s, cit_known(h) ? h : (double)s.guess, gaps));
    }
done:
    free(made);
    free(q.steps);
    return st;
}

/* ---- all of it --------------------------------------------------------------------------------- */

static cit_status check(const zone *z) {
    const cit_relief_zone_options *o = z->options;
    for (int k = 0; k < 3; k++)
        if (!isfinite(o->at_mm[k]) || !isfinite(o->up[k]) || !isfinite(o->outside[k]))
            return fail(z, "a place is no number");
    if (!(o->side_mm > 0 && o->side_mm <= 1000)) return fail(z, "a side is above 0 and up to 1 m");
    if (!(o->pitch_mm >= 0 && o->pitch_mm <= o->side_mm / 2))
        return fail(z, "a pitch is at most half of the side");
    return CIT_OK;
}

static cit_status choose_pitch(zone *z) {
    z->pitch = z->options->pitch_mm > 0 ? z->options->pitch_mm : z->spacing / 2;
    const double count = floor(z->side / z->pitch + 1e-9);
    if (!(count >= 2))
        return cit_fail(z->errs, CIT_INVALID, "zone",
                        "points lie %.3g mm apart, too far for a side of %g mm", z->spacing,
                        z->side);
    if (count > SIDE_MOST)
        return cit_fail(z->errs, CIT_INVALID, "zone",
                        "a pitch of %.3g mm makes %.0f samples a side; at most %d", z->pitch, count,
                        SIDE_MOST);
    z->count = (int)count;
    return CIT_OK;
}

static cit_status check_distance(const zone *z, const double at[3], int found) {
    if (found < 0) return fail(z, "the shape has no surface");
    const double d = turned(z->middle, at);
    if (d <= z->half) return CIT_OK;
    return cit_fail(z->errs, CIT_INVALID, "zone",
                    "the shape is %.3g mm away from that place, beyond half a side; nearest is "
                    "%.1f,%.1f,%.1f",
                    d, z->middle[0] + z->shape->middle_mm[0], z->middle[1] + z->shape->middle_mm[1],
                    z->middle[2] + z->shape->middle_mm[2]);
}

static cit_status see_mesh(zone *z, const double at[3]) {
    const int seed = nearest_triangle(z->shape, at, z->middle);
    cit_status st = CIT_OK;
    CIT_TRY(check_distance(z, at, seed));
    CIT_TRY(choose_mesh_side(z, seed));
    CIT_TRY(keep_triangles(z));
    CIT_TRY(find_mesh_normal(z, seed));
    CIT_TRY(find_mesh_spacing(z));
    CIT_TRY(choose_pitch(z));
    CIT_TRY(draw_sheets(z));
done:
    return st;
}

static cit_status see_cloud(zone *z, const double at[3]) {
    const int seed = nearest_point(z->shape, at, z->middle);
    void *places = NULL;
    cit_status st = CIT_OK;
    CIT_TRY(check_distance(z, at, seed));
    CIT_TRY(keep_points(z));
    CIT_TRY(take(z, z->kept_count, sizeof *z->places, &places));
    z->places = places;
    CIT_TRY(find_cloud_normal(z));
    CIT_TRY(find_cloud_spacing(z));
    CIT_TRY(choose_pitch(z));
    CIT_TRY(reach_points(z));
done:
    return st;
}

/* Heights about the middle of their range. */
static void fill(const zone *z, cit_heights *to) {
    const size_t size = (size_t)z->count * (size_t)z->count;
    double low = (double)INFINITY, high = -(double)INFINITY;
    for (size_t i = 0; i < size; i++) {
        low = fmin(low, z->height[i]);
        high = fmax(high, z->height[i]);
    }
    to->zero_um = low <= high ? (low + high) / 2 * 1000 : 0;
    to->missing = 0;
    for (size_t i = 0; i < size; i++) {
        to->um[i] = (float)(z->height[i] * 1000 - to->zero_um);
        to->missing += !cit_known(z->height[i]);
    }
}

static cit_status give(const zone *z, cit_relief_zone *ret) {
    cit_heights *heights = NULL;
    const double *at = z->options->at_mm;
    cit_status st = CIT_OK;
    CIT_TRY(cit_heights_new(z->count, z->count, z->pitch, z->pitch, &heights, z->errs));
    fill(z, heights);
    if (heights->missing == (size_t)z->count * (size_t)z->count) {
        st = fail(z, "no surface goes on from there");
        goto done;
    }
    memcpy(heights->origin, z->shape->origin, sizeof heights->origin);
    CIT_TRY(
        cit_heights_note(heights, z->errs,
                         "zone of %g mm at (%g, %g, %g) mm, pitch %.4g mm, points %.3g mm apart: "
                         "no relief finer than %.3g mm was seen",
                         z->side, at[0], at[1], at[2], z->pitch, z->spacing, 2 * z->spacing));
    *ret = (cit_relief_zone){.heights = heights, .spacing_mm = z->spacing};
    for (int k = 0; k < 3; k++) {
        const double corner = z->count * z->pitch / 2;
        ret->origin_mm[k] =
            z->middle[k] + z->shape->middle_mm[k] - corner * z->x[k] - corner * z->y[k];
        ret->x[k] = z->x[k];
        ret->y[k] = z->y[k];
        ret->normal[k] = z->n[k];
    }
    heights = NULL;
done:
    cit_heights_free(heights);
    return st;
}

cit_status cit_relief_from_shape(const cit_shape *shape, const cit_relief_zone_options *options,
                                 cit_relief_zone *ret, cit_errors *errs) {
    zone z = {.shape = shape, .options = options, .errs = errs};
    double at[3];
    void *height = NULL;
    cit_status st = CIT_OK;
    CIT_TRY(check(&z));
    z.side = options->side_mm;
    z.half = z.side / 2;
    memcpy(z.up, options->up, sizeof z.up);
    if (!unit(z.up)) z.up[1] = 1;
    less(options->at_mm, shape->middle_mm, at);
    CIT_TRY(shape->triangles > 0 ? see_mesh(&z, at) : see_cloud(&z, at));
    CIT_TRY(take(&z, (size_t)z.count * (size_t)z.count, sizeof(double), &height));
    z.height = height;
    CIT_TRY(follow(&z, shape->triangles > 0 ? mesh_height : cloud_height));
    CIT_TRY(give(&z, ret));
done:
    free(z.kept);
    free(z.height);
    free(z.sheet_first);
    free(z.sheets);
    free(z.places);
    free_cells(&z.cells);
    return st;
}
