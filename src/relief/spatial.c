/* Spatial parameters of ISO 25178-2.
 *
 * The autocorrelation at a lag is the mean product of heights that are that lag apart, both there, over their mean square:
 * nothing is wrapped around and nothing padded counts. Sal and Str are told by the region about lag 0 where it stays above
 * 0.2: of the lags that border on it, the nearest and the farthest; on the line from 0 to each, where the correlation falls to 0.2
 * (by cubics between lags).
 * Str has none of either where the region reaches half of a side.
 *
 * Only lags that matter are worked out. A tile of the map is correlated with the samples that can be so far from it through
 * one complex transform, the tile its real part and its surroundings the imaginary one; tiles add up as spectra. Where the
 * correlation reaches beyond 256 samples, means of blocks stand for samples. */
#include "relief_impl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

static const double fallen = 0.2; /* ISO 25178-3, default */
enum { COARSE = 256, LAGS_MOST = 256, SIZE_LEAST = 64, SIZE_MOST = 1024 };

/* ---- the map, or means of its blocks -------------------------------------------------------------- */

typedef struct blocks {
    int nx, ny, fx, fy; /* samples of a block */
    const float *z;     /* NAN where missing */
    float *own;         /* z, unless blocks are samples */
    double mean;        /* of z, to be taken off */
    bool holes;
    int threads;
} blocks;

static void blocks_free(blocks *b) { free(b->own); }

/* Less the mean; 0 where missing. */
static double block_of(const blocks *b, size_t at) {
    const float z = b->z[at];
    return z == z ? (double)z - b->mean : 0;
}

static double present(const blocks *b, size_t at) { return b->z[at] == b->z[at] ? 1 : 0; }

static void average(const cit_heights *h, blocks *b) {
#pragma omp parallel for schedule(static) num_threads(b->threads)
    for (int j = 0; j < b->ny; j++)
        for (int i = 0; i < b->nx; i++) {
            double sum = 0;
            int count = 0;
            for (int q = 0; q < b->fy; q++)
                for (int p = 0; p < b->fx; p++) {
                    const size_t row = (size_t)j * (size_t)b->fy + (size_t)q,
                                 column = (size_t)i * (size_t)b->fx + (size_t)p;
                    const float um = h->um[row * (size_t)h->nx + column];
                    sum += um == um ? (double)um - b->mean : 0;
                    count += um == um;
                }
            b->own[(size_t)j * (size_t)b->nx + (size_t)i] = count > 0 ? (float)(sum / count) : NAN;
        }
}

static cit_status blocks_make(const relief_surface *s, int fx, int fy, blocks *b,
                              cit_errors *errs) {
    const cit_heights *const h = s->heights;
    *b = (blocks){.nx = h->nx / fx,
                  .ny = h->ny / fy,
                  .fx = fx,
                  .fy = fy,
                  .z = h->um,
                  .mean = s->m.mean_um,
                  .holes = s->m.there < relief_count(h),
                  .threads = s->threads};
    if (fx == 1 && fy == 1) return CIT_OK;
    b->own = malloc((size_t)b->nx * (size_t)b->ny * sizeof *b->own);
    if (b->own == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for an autocorrelation");
    average(h, b);
    b->z = b->own;
    b->mean = 0;
    return CIT_OK;
}

/* ---- correlation by tiles ------------------------------------------------------------------------ */

/* Lags -mx to mx and 0 to my: the rest is the same, turned by half a circle. */
typedef struct lags {
    int mx, my;
    double *r; /* (2 mx + 1) x (my + 1): correlation */
} lags;

static size_t lag_at(const lags *l, int x, int y) {
    return (size_t)y * (size_t)(2 * l->mx + 1) + (size_t)(x + l->mx);
}
/* Any lag within. */
static double lag_of(const lags *l, int x, int y) {
    return y < 0 ? l->r[lag_at(l, -x, -y)] : l->r[lag_at(l, x, y)];
}

/* The length of transforms that costs least for n samples of which `extra` are surroundings. */
static int length_for(int n, int extra) {
    int best = cit_fft_length(n + extra);
    double least = HUGE_VAL;
    for (int size = SIZE_LEAST; size <= SIZE_MOST; size *= 2) {
        if (size - extra < size / 4) continue;
        const int use = size < n + extra ? size : cit_fft_length(n + extra);
        const double cost = ceil((double)n / (use - extra)) * use * (8 + log2(use));
        if (cost < least) {
            least = cost;
            best = use;
        }
    }
    return best;
}

typedef struct tiles {
    const blocks *of;
    int mx, my, sx, sy; /* lags; length of transforms */
    cit_fft *fft;
    double *re, *im, *sum_re, *sum_im;
} tiles;

static void tiles_free(tiles *t) {
    cit_fft_free(t->fft);
    free(t->re);
    free(t->im);
    free(t->sum_re);
    free(t->sum_im);
}

static cit_status tiles_make(const blocks *of, int mx, int my, tiles *t, cit_errors *errs) {
    *t = (tiles){.of = of,
                 .mx = mx,
                 .my = my,
                 .sx = length_for(of->nx, 2 * mx),
                 .sy = length_for(of->ny, my)};
    const size_t n = (size_t)t->sx * (size_t)t->sy;
    t->re = malloc(n * sizeof *t->re);
    t->im = malloc(n * sizeof *t->im);
    t->sum_re = malloc(n * sizeof *t->sum_re);
    t->sum_im = malloc(n * sizeof *t->sum_im);
    if (t->re == NULL || t->im == NULL || t->sum_re == NULL || t->sum_im == NULL)
        return cit_fail(errs, CIT_NOMEM, "", "no memory for an autocorrelation");
    return cit_fft_new(t->sx, t->sy, of->threads, &t->fft, errs);
}

/* Rows of a tile whose first sample is (x, y), as real parts, and all that is near as imaginary ones. Returns how many
 * rows hold anything. */
static int cut(const tiles *t, int x, int y, bool count) {
    const blocks *const b = t->of;
    const int wide = t->sx - 2 * t->mx, high = t->sy - t->my;
    const int rows = b->ny - y < t->sy ? b->ny - y : t->sy;
#pragma omp parallel for schedule(static) num_threads(b->threads)
    for (int j = 0; j < rows; j++) {
        double *const re = t->re + (size_t)j * (size_t)t->sx, *const im =
                                                                  t->im + (size_t)j * (size_t)t->sx;
        const size_t row = (size_t)(y + j) * (size_t)b->nx;
        for (int i = 0; i < t->sx; i++) {
            const int at = x - t->mx + i;
            const bool in = at >= 0 && at < b->nx;
            im[i] = !in ? 0 : count ? present(b, row + (size_t)at) : block_of(b, row + (size_t)at);
            re[i] = i >= t->mx && i < t->mx + wide && j < high ? im[i] : 0;
        }
    }
    return rows;
}

/* Adds conj(A) B, of A and B the transforms of the two parts. */
static void add_spectrum(const tiles *t) {
    const size_t nx = (size_t)t->sx, ny = (size_t)t->sy;
#pragma omp parallel for schedule(static) num_threads(t->of->threads)
    for (size_t j = 0; j < ny; j++)
        for (size_t i = 0; i < nx; i++) {
            const size_t at = j * nx + i, mirror = (ny - j) % ny * nx + (nx - i) % nx;
            const double ar = 0.5 * (t->re[at] + t->re[mirror]),
                         ai = 0.5 * (t->im[at] - t->im[mirror]),
                         br = 0.5 * (t->im[at] + t->im[mirror]),
                         bi = 0.5 * (t->re[mirror] - t->re[at]);
            t->sum_re[at] += ar * br + ai * bi;
            t->sum_im[at] += ar * bi - ai * br;
        }
}

/* Sums of products over all pairs at each lag (of whether samples are there, if `count`). */
static void add_tiles(tiles *t, bool count, double *ret) {
    const size_t n = (size_t)t->sx * (size_t)t->sy;
    memset(t->sum_re, 0, n * sizeof *t->sum_re);
    memset(t->sum_im, 0, n * sizeof *t->sum_im);
    for (int y = 0; y < t->of->ny; y += t->sy - t->my)
        for (int x = 0; x < t->of->nx; x += t->sx - 2 * t->mx) {
            const int rows = cut(t, x, y, count);
            memset(t->re + (size_t)rows * (size_t)t->sx, 0,
                   (n - (size_t)rows * (size_t)t->sx) * sizeof *t->re);
            memset(t->im + (size_t)rows * (size_t)t->sx, 0,
                   (n - (size_t)rows * (size_t)t->sx) * sizeof *t->im);
            cit_fft_forward(t->fft, rows, t->re, t->im);
            add_spectrum(t);
        }
    cit_fft_backward(t->fft, t->my + 1, t->sum_re, t->sum_im);
    for (int y = 0; y <= t->my; y++)
        for (int x = -t->mx; x <= t->mx; x++)
            *ret++ =
                t->sum_re[(size_t)y * (size_t)t->sx + (size_t)(x < 0 ? x + t->sx : x)] / (double)n;
}

/* The mean square at lag 0 is that of samples, not of blocks. */
static cit_status correlate(const blocks *of, double mean_square, lags *l, cit_errors *errs) {
    cit_status st = CIT_OK;
    tiles t;
    double *pairs = NULL;
    const size_t n = (size_t)(2 * l->mx + 1) * (size_t)(l->my + 1);
    CIT_TRY(tiles_make(of, l->mx, l->my, &t, errs));
    l->r = malloc(n * sizeof *l->r);
    pairs = malloc(n * sizeof *pairs);
    if (l->r == NULL || pairs == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory for an autocorrelation");
        goto done;
    }
    add_tiles(&t, false, l->r);
    if (of->holes) add_tiles(&t, true, pairs);
    for (int y = 0; y <= l->my; y++)
        for (int x = -l->mx; x <= l->mx; x++) {
            const size_t at = lag_at(l, x, y);
            const double all = (double)(of->nx - abs(x)) * (of->ny - y);
            const double both = of->holes ? round(pairs[at]) : all;
            /* Where hardly any pair is left there is nothing to be seen. */
            l->r[at] = both >= 1 ? l->r[at] / both / mean_square : 0;
        }
    l->r[lag_at(l, 0, 0)] = 1;
done:
    tiles_free(&t);
    free(pairs);
    return st;
}

/* ---- the region above 0.2 ------------------------------------------------------------------------ */

typedef struct region {
    bool ends;  /* within the lags */
    int ex, ey; /* how far it reaches */
    double near_mm, far_mm;
} region;

/* Cubics through four lags each way; beyond the last lag it stands for all. */
static void cubic(double t, double ret[4]) {
    ret[0] = -t * (t - 1) * (t - 2) / 6;
    ret[1] = (t + 1) * (t - 1) * (t - 2) / 2;
    ret[2] = -(t + 1) * t * (t - 2) / 2;
    ret[3] = (t + 1) * t * (t - 1) / 6;
}
static int clamped(int i, int most) { return i < -most ? -most : i > most ? most : i; }
static double between(const lags *l, double x, double y) {
    const int i = (int)floor(x), j = (int)floor(y);
    double wx[4], wy[4], sum = 0;
    cubic(x - i, wx);
    cubic(y - j, wy);
    for (int b = 0; b < 4; b++)
        for (int a = 0; a < 4; a++)
            sum += wx[a] * wy[b] * lag_of(l, clamped(i + a - 1, l->mx), clamped(j + b - 1, l->my));
    return sum;
}

/* Where, on the line from lag 0 to one below 0.2, the correlation last falls to 0.2. */
static double crossing(const lags *l, int x, int y, double distance) {
    enum { PARTS = 1000 };
    double outer = between(l, x, y);
    for (int k = PARTS - 1; k >= 0; k--) {
        const double here = between(l, (double)x * k / PARTS, (double)y * k / PARTS);
        if (here > fallen)
            return distance * (k + (outer < here ? fmin(1, (here - fallen) / (here - outer)) : 1)) /
                   PARTS;
        outer = here;
    }
    return distance;
}

typedef struct walk {
    const lags *l;
    int width, height;
    uint8_t *seen; /* 1: in the region, 2: next to it */
    int *stack;
    int top;
} walk;

static int place(const walk *w, int x, int y) { return (y + w->l->my) * w->width + x + w->l->mx; }

static void visit(walk *w, region *r, int x, int y) {
    if (abs(x) > w->l->mx || abs(y) > w->l->my) {
        r->ends = false;
        return;
    }
    const int at = place(w, x, y);
    if (w->seen[at]) return;
    w->seen[at] = 2;
    if (!(lag_of(w->l, x, y) > fallen)) return;
    w->seen[at] = 1;
    w->stack[w->top++] = at;
    if (abs(x) > r->ex) r->ex = abs(x);
    if (abs(y) > r->ey) r->ey = abs(y);
}

static cit_status region_of(const lags *l, double dx_mm, double dy_mm, region *ret,
                            cit_errors *errs) {
    walk w = {.l = l, .width = 2 * l->mx + 1, .height = 2 * l->my + 1};
    const size_t n = (size_t)w.width * (size_t)w.height;
    *ret = (region){.ends = true, .near_mm = HUGE_VAL, .far_mm = 0};
    w.seen = calloc(n, 1);
    w.stack = malloc(n * sizeof *w.stack);
    const bool fine = w.seen != NULL && w.stack != NULL;
    if (fine) visit(&w, ret, 0, 0);
    while (fine && w.top > 0) {
        const int at = w.stack[--w.top], x = at % w.width - l->mx, y = at / w.width - l->my;
        visit(&w, ret, x - 1, y);
        visit(&w, ret, x + 1, y);
        visit(&w, ret, x, y - 1);
        visit(&w, ret, x, y + 1);
    }
    int near[2] = {0, 0}, far[2] = {0, 0};
    for (int y = 0; fine && y <= l->my; y++)
        for (int x = -l->mx; x <= l->mx; x++) {
            if (w.seen[place(&w, x, y)] != 2) continue;
            const double d = hypot(x * dx_mm, y * dy_mm);
            if (d < ret->near_mm) {
                ret->near_mm = d;
                near[0] = x;
                near[1] = y;
            }
            if (d > ret->far_mm) {
                ret->far_mm = d;
                far[0] = x;
                far[1] = y;
            }
        }
    if (ret->far_mm > 0) {
        ret->near_mm = crossing(l, near[0], near[1], ret->near_mm);
        ret->far_mm = crossing(l, far[0], far[1], ret->far_mm);
    }
    free(w.seen);
    free(w.stack);
    return fine ? CIT_OK : cit_fail(errs, CIT_NOMEM, "", "no memory for an autocorrelation");
}

/* Correlates blocks of fx x fy over lags of mx x my samples, and looks at the region. */
static cit_status look(const relief_surface *s, int fx, int fy, int mx, int my, region *ret,
                       cit_errors *errs) {
    cit_status st = CIT_OK;
    blocks b = {0};
    lags l = {0};
    CIT_TRY(blocks_make(s, fx, fy, &b, errs));
    l.mx = mx / fx < b.nx - 1 ? mx / fx : b.nx - 1;
    l.my = my / fy < b.ny - 1 ? my / fy : b.ny - 1;
    CIT_TRY(correlate(&b, s->m.sq_um * s->m.sq_um, &l, errs));
    CIT_TRY(region_of(&l, fx * s->heights->dx_mm, fy * s->heights->dy_mm, ret, errs));
    ret->ex *= fx;
    ret->ey *= fy;
done:
    blocks_free(&b);
    free(l.r);
    return st;
}

static int over(int n, int most) { return (n + most - 1) / most; }
static int least_of(int a, int b) { return a < b ? a : b; }

/* Coarsely how far the region reaches, then as finely as need be. */
static cit_status lengths(const relief_surface *s, region *r, cit_errors *errs) {
    cit_status st = CIT_OK;
    const int nx = s->heights->nx, ny = s->heights->ny, half_x = nx / 2, half_y = ny / 2;
    const int fx = over(nx, COARSE), fy = over(ny, COARSE);
    CIT_TRY(look(s, fx, fy, half_x, half_y, r, errs));
    int mx = r->ends ? least_of(half_x, r->ex + r->ex / 16 + fx + 1) : half_x,
        my = r->ends ? least_of(half_y, r->ey + r->ey / 16 + fy + 1) : half_y;
    for (;;) {
        CIT_TRY(look(s, over(mx, LAGS_MOST), over(my, LAGS_MOST), mx, my, r, errs));
        if (r->ends || (mx == half_x && my == half_y)) break;
        mx = least_of(2 * mx + 1, half_x);
        my = least_of(2 * my + 1, half_y);
    }
done:
    return st;
}

/* ---- direction ----------------------------------------------------------------------------------- */

/* The angular spectrum: power over squares of at most 512 blocks, half of each in the next, tapered by Hann's window. A
 * block is an eighth of Sal, so that what makes the texture is well within. */
enum {
    SQUARE = 512,
    PER_SAL = 8,
    ANGLES = 720,
    SPREAD = 12 /* of ANGLES: 3 degrees */,
    NEAR = 40 /* 10 degrees */,
    SLOWEST = 3 /* waves a square */
};

static void window(const blocks *b, int x, int y, int sx, int sy, double *re, double *im) {
#pragma omp parallel for schedule(static) num_threads(b->threads)
    for (int j = 0; j < sy; j++)
        for (int i = 0; i < sx; i++) {
            const double w = sin(PI * (i + 0.5) / sx) * sin(PI * (j + 0.5) / sy);
            re[(size_t)j * (size_t)sx + (size_t)i] =
                w * w * block_of(b, (size_t)(y + j) * (size_t)b->nx + (size_t)(x + i));
            im[(size_t)j * (size_t)sx + (size_t)i] = 0;
        }
}

/* Power of waves by the direction along their crests, half a circle; waves of half a block's rate and slower than three in
 * a square are left out. */
static void add_angles(const double *re, const double *im, int sx, int sy, double dx_mm,
                       double dy_mm, double *angles) {
    for (int j = 0; j < sy; j++)
        for (int i = 0; i < sx; i++) {
            const int a = i <= sx / 2 ? i : i - sx, b = j <= sy / 2 ? j : j - sy;
            const double u = a / (sx * dx_mm), v = b / (sy * dy_mm);
            if (a * a + b * b < SLOWEST * SLOWEST || hypot(2.0 * a / sx, 2.0 * b / sy) > 1)
                continue;
            const size_t at = (size_t)j * (size_t)sx + (size_t)i;
            double along =
                atan2(v, u) / PI + 0.5; /* in half circles: a quarter turn from the wave */
            along -= floor(along);
            angles[(int)(along * ANGLES) % ANGLES] += re[at] * re[at] + im[at] * im[at];
        }
}

/* The direction about which a few degrees are strongest; then the middle of those near. */
static double strongest(const double *angles) {
    double best = 0, sum = 0, first = 0;
    int place = 0;
    for (int k = 0; k < ANGLES; k++) {
        double near = 0;
        for (int d = -SPREAD; d <= SPREAD; d++)
            near += angles[(k + d + ANGLES) % ANGLES] * (SPREAD + 1 - abs(d));
        if (near <= best) continue;
        best = near;
        place = k;
    }
    for (int d = -NEAR; d <= NEAR; d++) {
        const double power = angles[(place + d + ANGLES) % ANGLES];
        sum += power;
        first += power * d;
    }
    const double degrees = (place + 0.5 + first / sum) * 180 / ANGLES;
    return sum > 0 ? degrees - 180 * floor(degrees / 180) : CIT_UNKNOWN_NUMBER;
}

static cit_status direction(const relief_surface *s, double sal_mm, double *ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    blocks b = {0};
    cit_fft *fft = NULL;
    double *re = NULL, *im = NULL, angles[ANGLES] = {0};
    const cit_heights *const h = s->heights;
    const double want = sal_mm / PER_SAL;
    const int fx = (int)fmax(1, fmin(h->nx / 8.0, floor(want / h->dx_mm))),
              fy = (int)fmax(1, fmin(h->ny / 8.0, floor(want / h->dy_mm)));
    CIT_TRY(blocks_make(s, fx, fy, &b, errs));
    const int sx = least_of(b.nx, SQUARE), sy = least_of(b.ny, SQUARE);
    const size_t n = (size_t)sx * (size_t)sy;
    CIT_TRY(cit_fft_new(sx, sy, s->threads, &fft, errs));
    re = malloc(n * sizeof *re);
    im = malloc(n * sizeof *im);
    if (re == NULL || im == NULL) {
        st = cit_fail(errs, CIT_NOMEM, "", "no memory for a spectrum");
        goto done;
    }
    const int across = 1 + over(2 * (b.nx - sx), sx), down = 1 + over(2 * (b.ny - sy), sy);
    for (int q = 0; q < down; q++)
        for (int p = 0; p < across; p++) {
            const int x = across > 1 ? (b.nx - sx) * p / (across - 1) : 0,
                      y = down > 1 ? (b.ny - sy) * q / (down - 1) : 0;
            window(&b, x, y, sx, sy, re, im);
            cit_fft_forward(fft, sy, re, im);
            add_angles(re, im, sx, sy, fx * h->dx_mm, fy * h->dy_mm, angles);
        }
    *ret = strongest(angles);
done:
    blocks_free(&b);
    cit_fft_free(fft);
    free(re);
    free(im);
    return st;
}

cit_status relief_spatial(const relief_surface *s, cit_roughness *ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    region r;
    if (!(s->m.sq_um > 0)) return CIT_OK; /* flat: NAN */
    CIT_TRY(lengths(s, &r, errs));
    if (r.far_mm > 0) ret->Sal = r.near_mm;
    if (r.far_mm > 0 && r.ends) ret->Str = r.near_mm / r.far_mm;
    const double sal = r.far_mm > 0 ? r.near_mm
                                    : 0.5 * fmin(s->heights->nx * s->heights->dx_mm,
                                                 s->heights->ny * s->heights->dy_mm);
    CIT_TRY(direction(s, sal, &ret->Std, errs));
done:
    return st;
}
