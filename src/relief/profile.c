/* Parameters of a profile (ISO 21920-2): those of a mean are taken over five sections of equal length, the others over all of
 * it. */
#include "relief_impl.h"
#include <math.h>
#include <stddef.h>

enum { SECTIONS = 5 };

const cit_profile_row cit_profile_rows[] = {
#define ROW(name, unit, meaning) {#name, unit, meaning, offsetof(cit_profile_roughness, name)},
    CIT_PROFILE_LIST(ROW)
#undef ROW
        {NULL, NULL, NULL, 0}};

typedef struct line {
    const float *um;
    int first, end;
    double dx_mm, level, slope; /* heights are less level + slope (i - first) */
} line;

static bool there(const line *l, int i) { return l->um[i] == l->um[i]; }
static double height(const line *l, int i) {
    return (double)l->um[i] - l->level - l->slope * (i - l->first);
}

/* The mean, or the straight line of least squares. */
static int level(line *l, bool line_off) {
    double n = 0, x = 0, z = 0, xx = 0, xz = 0;
    for (int i = l->first; i < l->end; i++) {
        if (!there(l, i)) continue;
        n += 1;
        x += i - l->first;
        z += (double)l->um[i];
    }
    if (n == 0) return 0;
    for (int i = l->first; i < l->end; i++) {
        if (!there(l, i)) continue;
        const double from = i - l->first - x / n;
        xx += from * from;
        xz += from * ((double)l->um[i] - z / n);
    }
    l->slope = line_off && xx > 0 ? xz / xx : 0;
    l->level = z / n - l->slope * x / n;
    return (int)n;
}

static void moments(const line *l, int n, cit_profile_roughness *ret) {
    double a = 0, q = 0, s = 0, k = 0, steps = 0, slopes = 0, low = HUGE_VAL, high = -HUGE_VAL;
    for (int i = l->first; i < l->end; i++) {
        if (!there(l, i)) continue;
        const double z = height(l, i);
        a += fabs(z);
        q += z * z;
        s += z * z * z;
        k += z * z * z * z;
        low = fmin(low, z);
        high = fmax(high, z);
        if (i + 1 >= l->end || !there(l, i + 1)) continue;
        const double slope = 1e-3 * (height(l, i + 1) - z) / l->dx_mm;
        steps += 1;
        slopes += slope * slope;
    }
    ret->Ra = a / n;
    ret->Rq = sqrt(q / n);
    ret->Rt = high - low;
    if (ret->Rq > 0) {
        ret->Rsk = s / n / pow(ret->Rq, 3);
        ret->Rku = k / n / pow(ret->Rq, 4);
    }
    if (steps > 0) ret->Rdq = sqrt(slopes / steps);
}

/* Mean highest peak and deepest pit of sections in which something is there. */
static void sections(const line *l, cit_profile_roughness *ret) {
    double peaks = 0, pits = 0;
    int seen = 0;
    for (int s = 0; s < SECTIONS; s++) {
        const long n = l->end - l->first;
        const int first = l->first + (int)(n * s / SECTIONS),
                  end = l->first + (int)(n * (s + 1) / SECTIONS);
        double low = HUGE_VAL, high = -HUGE_VAL;
        for (int i = first; i < end; i++)
            if (there(l, i)) {
                low = fmin(low, height(l, i));
                high = fmax(high, height(l, i));
            }
        if (high < low) continue;
        peaks += high;
        pits -= low;
        seen++;
    }
    ret->Rp = peaks / seen;
    ret->Rv = pits / seen;
    ret->Rz = ret->Rp + ret->Rv;
}

cit_status cit_relief_profile(const cit_heights *heights, int row, double from_mm, double to_mm,
                              bool line_off, cit_profile_roughness *ret, cit_errors *errs) {
    const double length = heights->nx * heights->dx_mm;
    if (row < 0 || row >= heights->ny)
        return cit_fail(errs, CIT_INVALID, "row", "from 0 to %d, not %d", heights->ny - 1, row);
    if (from_mm == 0 && to_mm == 0) to_mm = length;
    if (!(from_mm >= 0 && from_mm < to_mm && isfinite(to_mm)))
        return cit_fail(errs, CIT_INVALID, "from",
                        "a stretch of a profile of %g mm, not %g to %g mm", length, from_mm, to_mm);
    line l = {.um = heights->um + (size_t)row * (size_t)heights->nx, .dx_mm = heights->dx_mm};
    /* Samples whose middles lie within; a rounding error is no reason to lose one. */
    l.first = (int)fmin(heights->nx, fmax(0, ceil(from_mm / l.dx_mm - 0.5 - 1e-9)));
    l.end = (int)fmin(heights->nx, floor(to_mm / l.dx_mm - 0.5 + 1e-9) + 1);
    const int n = l.end > l.first ? level(&l, line_off) : 0;
    if (n < 2)
        return cit_fail(errs, CIT_INVALID, "", "%d samples between %g and %g mm: no profile", n,
                        from_mm, to_mm);
    const double none = CIT_UNKNOWN_NUMBER;
    *ret = (cit_profile_roughness){.Rsk = none, .Rku = none, .Rdq = none};
    moments(&l, n, ret);
    sections(&l, ret);
    return CIT_OK;
}
