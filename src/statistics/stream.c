/* Summaries of streams whose bytes do not depend on order.
 *
 * Floating-point sums depend on the order of their terms; sums of whole numbers do not. The sketch counts.
 * The moments turn each value into whole numbers first: x 2^64 rounded to a whole number q (|q| < 2^127),
 * its digits to base 2^32 with the sign of x, and the digits of q^2, each digit added to its own 64-bit
 * sum. No carry is moved while values come in, so a sum's bytes are those of the list of values and of
 * nothing else. A digit is below 2^32, so that 2^30 values leave room for one carry more. Mean and variance
 * move the carries in a copy and are exact up to the rounding of their last two divisions, however
 * much n sum x^2 - (sum x)^2 cancels. A superaccumulator for all doubles (Neal 2015, arXiv:1505.05571) is
 * the same idea over the whole range of exponents, at ten times the memory. */
#include "statistics_impl.h"

/* ---- the sketch ---------------------------------------------------------------------------------- */

size_t cit_sketch_size(int bins) {
    if (bins < 1 || bins > CIT_SKETCH_BINS_MAX) return 0;
    return sizeof(cit_sketch) + (size_t)bins * sizeof(int64_t);
}

cit_status cit_sketch_init(cit_sketch *sketch, double lo, double hi, int bins, cit_errors *errs) {
    if (cit_sketch_size(bins) == 0)
        return cit_fail(errs, CIT_INVALID, "bins", "%d, not 1 to %d", bins, CIT_SKETCH_BINS_MAX);
    if (!(lo < hi && isfinite(lo) && isfinite(hi) && isfinite(hi - lo)))
        return cit_fail(errs, CIT_INVALID, "range", "%g to %g is none", lo, hi);
    sketch->lo = lo + 0.0; /* zero has one sign */
    sketch->hi = hi + 0.0;
    sketch->least = HUGE_VAL;
    sketch->most = -HUGE_VAL;
    sketch->bins = bins;
    sketch->below = sketch->above = sketch->unknown = 0;
    for (int i = 0; i < bins; i++) sketch->counts[i] = 0;
    return CIT_OK;
}

static int64_t bin_of(const cit_sketch *s, double value) {
    const int64_t k = (int64_t)((value - s->lo) / (s->hi - s->lo) * (double)s->bins);
    return k < s->bins ? k : s->bins - 1;
}

void cit_sketch_add(cit_sketch *sketch, double value) {
    if (!cit_known(value)) {
        sketch->unknown++;
        return;
    }
    const double x = value + 0.0; /* zero has one sign */
    if (x < sketch->least) sketch->least = x;
    if (x > sketch->most) sketch->most = x;
    if (x < sketch->lo)
        sketch->below++;
    else if (x > sketch->hi)
        sketch->above++;
    else
        sketch->counts[bin_of(sketch, x)]++;
}

cit_status cit_sketch_merge(cit_sketch *into, const cit_sketch *from, cit_errors *errs) {
    if (into->lo != from->lo || into->hi != from->hi || into->bins != from->bins)
        return cit_fail(errs, CIT_INVALID, "sketch", "%g to %g in %lld bins, and %g to %g in %lld",
                        into->lo, into->hi, (long long)into->bins, from->lo, from->hi,
                        (long long)from->bins);
    if (from->least < into->least) into->least = from->least;
    if (from->most > into->most) into->most = from->most;
    into->below += from->below;
    into->above += from->above;
    into->unknown += from->unknown;
    for (int64_t i = 0; i < into->bins; i++) into->counts[i] += from->counts[i];
    return CIT_OK;
}

int64_t cit_sketch_count(const cit_sketch *sketch) {
    int64_t n = sketch->below + sketch->above;
    for (int64_t i = 0; i < sketch->bins; i++) n += sketch->counts[i];
    return n;
}

typedef struct located {
    double value, error;
} located;

static double edge(const cit_sketch *s, int64_t k) {
    return s->lo + (s->hi - s->lo) * ((double)k / (double)s->bins);
}

/* The place-th of `count` values spread evenly from a to b, which hold all of them. */
static located spread_evenly(const cit_sketch *s, double a, double b, int64_t place,
                             int64_t count) {
    const double lo = fmax(a, s->least), hi = fmin(b, s->most);
    if (!isfinite(hi - lo)) return (located){isfinite(lo) ? lo : hi, HUGE_VAL};
    return (located){lo + (hi - lo) * (((double)place + 0.5) / (double)count), hi - lo};
}

/* The order statistic `place`, from 0, of n. */
static located order_statistic(const cit_sketch *s, int64_t place, int64_t n) {
    if (place <= 0) return (located){s->least, 0};
    if (place >= n - 1) return (located){s->most, 0};
    if (place < s->below) return spread_evenly(s, s->least, s->lo, place, s->below);
    int64_t before = s->below;
    for (int64_t k = 0; k < s->bins; k++) {
        if (place < before + s->counts[k])
            return spread_evenly(s, edge(s, k), edge(s, k + 1), place - before, s->counts[k]);
        before += s->counts[k];
    }
    return spread_evenly(s, s->hi, s->most, place - before, s->above);
}

double cit_sketch_quantile(const cit_sketch *sketch, double p, double *ret_error) {
    const int64_t n = cit_sketch_count(sketch);
    located r = {CIT_UNKNOWN_NUMBER, CIT_UNKNOWN_NUMBER};
    if (n > 0 && p >= 0 && p <= 1) {
        const double place = p * (double)(n - 1), below = floor(place);
        const located a = order_statistic(sketch, (int64_t)below, n);
        const located b = order_statistic(sketch, (int64_t)below + 1, n);
        const double share = place - below;
        const double way = b.value - a.value;
        r.value = share == 0 || isinf(a.value) ? a.value
                  : isinf(way)                 ? b.value
                                               : a.value + share * way;
        r.error = share > 0 ? fmax(a.error, b.error) : a.error;
    }
    if (ret_error != NULL) *ret_error = r.error;
    return r.value;
}

/* ---- moments -------------------------------------------------------------------------------------- */

__extension__ typedef unsigned __int128 whole;

static const int64_t values_max = (int64_t)1 << 30;

/* Adds the digits of a whole number, times 2^shift, to sums of digits, with a sign. */
static void add_digits(int64_t *sums, uint64_t number, int shift, int sign) {
    whole rest = (whole)number << shift % 32;
    for (int k = shift / 32; rest > 0; k++) {
        sums[k] += sign * (int64_t)(rest & 0xFFFFFFFF);
        rest >>= 32;
    }
}

void cit_moments_add(cit_moments *m, double value) {
    if (!cit_known(value)) {
        m->unknown++;
        return;
    }
    if (!(fabs(value) < 0x1p63) || m->count >= values_max) {
        m->outside++;
        return;
    }
    m->count++;
    /* |q| = digits 2^shift, digits below 2^53 */
    int exponent = 0;
    const double q = fabs(rint(value * 0x1p64)), share = frexp(q, &exponent);
    const int shift = exponent > 53 ? exponent - 53 : 0;
    const uint64_t digits = (uint64_t)ldexp(share, exponent - shift);
    const whole square = (whole)digits * digits;
    add_digits(m->sum, digits, shift, value < 0 ? -1 : 1);
    add_digits(m->square, (uint64_t)square, 2 * shift, 1);
    add_digits(m->square, (uint64_t)(square >> 64), 2 * shift + 64, 1);
}

void cit_moments_merge(cit_moments *into, const cit_moments *from) {
    if (into->count + from->count > values_max) {
        into->unknown += from->unknown;
        into->outside += from->outside + from->count; /* digits would overflow */
        return;
    }
    into->count += from->count;
    into->unknown += from->unknown;
    into->outside += from->outside;
    for (int k = 0; k < 4; k++) into->sum[k] += from->sum[k];
    for (int k = 0; k < 8; k++) into->square[k] += from->square[k];
}

/* A whole number of 32-bit digits, lowest first, and its sign. */
enum { DIGITS = 12 };
typedef struct big {
    uint32_t digit[DIGITS];
    int sign;
} big;

static big carried(const int64_t *sums, int count) {
    big b = {.sign = 1};
    int64_t rest = 0;
    for (int pass = 0; pass < 2; pass++) {
        rest = 0;
        for (int k = 0; k < DIGITS; k++) {
            const int64_t sum = rest + (k < count ? b.sign * sums[k] : 0);
            b.digit[k] = (uint32_t)(sum & 0xFFFFFFFF);
            rest = (sum - (int64_t)b.digit[k]) / 4294967296;
        }
        if (rest >= 0) break;
        b.sign = -1; /* below 0: the digits of its opposite */
    }
    return b;
}

static big times(const big *a, const big *b) {
    big r = {.sign = a->sign * b->sign};
    for (int i = 0; i < DIGITS; i++) {
        uint64_t rest = 0;
        for (int j = 0; i + j < DIGITS; j++) {
            rest += (uint64_t)a->digit[i] * b->digit[j] + r.digit[i + j];
            r.digit[i + j] = (uint32_t)rest;
            rest >>= 32;
        }
    }
    return r;
}

/* a - b of numbers that are not below 0, where a is the larger one. */
static big less(const big *a, const big *b) {
    big r = {.sign = 1};
    int64_t borrow = 0;
    for (int k = 0; k < DIGITS; k++) {
        const int64_t d = (int64_t)a->digit[k] - b->digit[k] - borrow;
        r.digit[k] = (uint32_t)d;
        borrow = d < 0;
    }
    return r;
}

/* The number times 2^power. */
static double to_double(const big *b, int power) {
    double x = 0;
    for (int k = DIGITS - 1; k >= 0; k--) x = x * 0x1p32 + b->digit[k];
    return b->sign * ldexp(x, power);
}

static bool complete(const cit_moments *m, int64_t least) {
    return m->count >= least && m->count <= values_max && m->outside == 0;
}

double cit_moments_mean(const cit_moments *m) {
    if (!complete(m, 1)) return CIT_UNKNOWN_NUMBER;
    const big sum = carried(m->sum, 4);
    return to_double(&sum, -64) / (double)m->count + 0.0;
}

double cit_moments_variance(const cit_moments *m) {
    if (!complete(m, 2)) return CIT_UNKNOWN_NUMBER;
    const big sum = carried(m->sum, 4), square = carried(m->square, 8);
    const big n = {{(uint32_t)m->count}, 1};
    const big top = times(&n, &square), bottom = times(&sum, &sum), d = less(&top, &bottom);
    return to_double(&d, -128) / (double)m->count / (double)(m->count - 1);
}
