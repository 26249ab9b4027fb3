/* The S and L filters: Gaussians of ISO 16610-61 (of a profile: -21). */
#include "relief_impl.h"
#include <math.h>
#include <stdlib.h>

static cit_status check(const cit_filter_options *o, cit_errors *errs) {
    if (!(o->s_mm >= 0 && isfinite(o->s_mm)))
        return cit_fail(errs, CIT_INVALID, "s-filter", "a length of 0 mm or more, not %g", o->s_mm);
    if (!(o->l_mm >= 0 && isfinite(o->l_mm)))
        return cit_fail(errs, CIT_INVALID, "l-filter", "a length of 0 mm or more, not %g", o->l_mm);
    if (o->s_mm > 0 && o->l_mm > 0 && o->l_mm <= o->s_mm)
        return cit_fail(errs, CIT_INVALID, "l-filter",
                        "%g mm leaves nothing of what the S-filter of %g mm lets through", o->l_mm,
                        o->s_mm);
    return relief_check_threads(o->threads, errs);
}

static cit_status gaussian(const cit_heights *h, const cit_filter_options *o, double cutoff_mm,
                           float *out, cit_errors *errs) {
    const cit_smooth_options smooth = {
        .sigma_x = h->nx > 1 ? CIT_SMOOTH_SIGMA * cutoff_mm / h->dx_mm : 0,
        .sigma_y = h->ny > 1 ? CIT_SMOOTH_SIGMA * cutoff_mm / h->dy_mm : 0,
        .way = o->way,
        .threads = o->threads};
    return cit_smooth(h->nx, h->ny, h->um, out, &smooth, errs);
}

/* What was missing stays so; what has too little near it is missing now. */
static void keep_missing(const cit_heights *from, cit_heights *to, int threads) {
    const size_t n = relief_count(from);
    size_t missing = 0;
#pragma omp parallel for schedule(static) num_threads(threads) reduction(+ : missing)
    for (size_t i = 0; i < n; i++) {
        if (from->um[i] != from->um[i]) to->um[i] = NAN;
        missing += to->um[i] != to->um[i];
    }
    to->missing = missing;
}

static cit_status take_s(const cit_heights *from, cit_heights *h, const cit_filter_options *o,
                         cit_errors *errs) {
    cit_status st = CIT_OK;
    CIT_TRY(gaussian(from, o, o->s_mm, h->um, errs));
    keep_missing(from, h, relief_threads(o->threads));
    CIT_TRY(cit_heights_note(h, errs, "S-filter: Gaussian, %g mm", o->s_mm));
done:
    return st;
}

/* `from` is the surface, or what the S-filter has made of it in h. */
static cit_status take_l(const cit_heights *from, cit_heights *h, const cit_filter_options *o,
                         cit_errors *errs) {
    cit_status st = CIT_OK;
    const size_t n = relief_count(h);
    float *const own = from == h ? malloc(n * sizeof *own) : NULL, *const waves =
                                                                       from == h ? own : h->um;
    if (waves == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for an L-filter");
    CIT_TRY(gaussian(from, o, o->l_mm, waves, errs));
#pragma omp parallel for schedule(static) num_threads(relief_threads(o->threads))
    for (size_t i = 0; i < n; i++) h->um[i] = from->um[i] - waves[i];
    keep_missing(from, h, relief_threads(o->threads));
    h->zero_um = 0;
    CIT_TRY(cit_heights_note(h, errs, "L-filter: Gaussian, %g mm", o->l_mm));
done:
    free(own);
    return st;
}

cit_status cit_relief_filter(const cit_heights *heights, const cit_filter_options *options,
                             cit_heights **ret, cit_errors *errs) {
    cit_heights *h = NULL;
    cit_status st = check(options, errs);
    if (st != CIT_OK) return st;
    CIT_TRY(cit_heights_copy(heights, &h, errs));
    if (options->s_mm > 0) CIT_TRY(take_s(heights, h, options, errs));
    if (options->l_mm > 0) CIT_TRY(take_l(options->s_mm > 0 ? h : heights, h, options, errs));
    *ret = h;
    h = NULL;
done:
    cit_heights_free(h);
    return st;
}
