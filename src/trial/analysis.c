/* One trial, analysed as the file says.
 *
 * Everything is turned so that more is better, and every claim is one about x + shift > y: superiority with
 * shift 0, non-inferiority with the margin, equivalence also from the other side (two one-sided tests). Tests
 * of shares have no such shift; their margins are held against the interval. */
#include "trial_impl.h"
#include <cit/num.h>
#include <math.h>
#include <stdlib.h>

/* The values of two arms, or of the two sides; x is the arm, y what it is compared with. */
typedef struct samples {
    double *x, *y, *start_x, *start_y; /* turned; start: baseline */
    int nx, ny;
    double *pooled; /* for ANCOVA: follow-up and baseline of both */
    int *arm;
} samples;

typedef struct verdict {
    bool analysed, success; /* success: of margins of shares, where there is no p */
    double estimate, lo, hi;
    double p, p_against; /* one-sided; NAN: none */
} verdict;

static double turn(const cit_trial_endpoint *e) {
    return cit_trial_more_is_better(e->quantity) ? 1 : -1;
}

/* ---- who stays ----------------------------------------------------------------------------------- */

static double last_day(const cit_trial *t) {
    double last = 0;
    for (int i = 0; i < t->endpoint_count; i++) last = fmax(last, t->endpoints[i].day);
    return last;
}

/* 0 to 1, evenly: below the share that has left by then, they are among these. Where leaving depends on
 * severity or improvement, it is the normal tail of a sum of both and of chance. */
static double staying(const bench *b, const flock *f, const run_plan *run, int person,
                      int endpoint) {
    const double of_severity = run->leaving.severity, of_gain = run->leaving.improvement;
    const double chance = f->who[person].drops_at;
    if (of_severity == 0 && of_gain == 0) return chance;
    const double of_chance = sqrt(fmax(1 - of_severity * of_severity - of_gain * of_gain, 0));
    const double variance = 1 + 2 * of_severity * of_gain * b->reference.rho[endpoint];
    const double sum = of_chance * cit_normal_quantile(chance) - of_severity * f->severity[person] -
                       of_gain * f->so_far[person * b->trial->endpoint_count + endpoint];
    return cit_normal_cdf(sum / sqrt(fmax(variance, 1e-9)));
}

/* Who leaves does so at a time that is even over the course, and does not come back. */
bool is_seen(const bench *b, const flock *f, const run_plan *run, int person, int endpoint) {
    const cit_trial *t = b->trial;
    const double last = last_day(t), day = t->endpoints[endpoint].day;
    for (int i = 0; i < t->endpoint_count; i++) {
        const double then = t->endpoints[i].day;
        if (then <= day && staying(b, f, run, person, i) < run->drop_out * then / last)
            return false;
    }
    return true;
}

bool stayed(const bench *b, const flock *f, const run_plan *run, int person) {
    int last = 0;
    for (int i = 0; i < b->trial->endpoint_count; i++)
        if (b->trial->endpoints[i].day > b->trial->endpoints[last].day) last = i;
    return is_seen(b, f, run, person, last);
}

double rated(const bench *b, const flock *f, const run_plan *run, int person, int side,
             int endpoint) {
    const size_t at = value_at(b->trial, f, person, side, endpoint);
    if (is_seen(b, f, run, person, endpoint)) return f->value[at] + run->noise * f->noise[at];
    return b->trial->analysis.missing == CIT_AS_NO_CHANGE ? 0 : CIT_UNKNOWN_NUMBER;
}

/* ---- gathering ----------------------------------------------------------------------------------- */

static bool responds(const cit_trial_endpoint *e, double turned) {
    return turned >= turn(e) * e->responder;
}

static void gather_arm(const bench *b, const flock *f, const run_plan *run, int arm, int endpoint,
                       double *values, double *starts, int *count) {
    const double sign = turn(&b->trial->endpoints[endpoint]);
    *count = 0;
    for (int i = 0; i < run->people; i++) {
        if (f->who[i].arm != arm) continue;
        const double v = rated(b, f, run, i, 0, endpoint);
        if (!cit_known(v)) continue;
        values[*count] = sign * v;
        starts[(*count)++] = f->start[i];
    }
}

static void gather_sides(const bench *b, const flock *f, const run_plan *run, int endpoint,
                         samples *s) {
    const double sign = turn(&b->trial->endpoints[endpoint]);
    s->nx = 0;
    for (int i = 0; i < run->people; i++) {
        const double y = rated(b, f, run, i, 0, endpoint), x = rated(b, f, run, i, 1, endpoint);
        if (!cit_known(x) || !cit_known(y)) continue;
        s->y[s->nx] = sign * y;
        s->x[s->nx++] = sign * x;
    }
    s->ny = s->nx;
}

static void gather(const bench *b, const flock *f, const run_plan *run, int arm, int endpoint,
                   samples *s) {
    if (b->trial->design == CIT_SPLIT_FACE) {
        gather_sides(b, f, run, endpoint, s);
        return;
    }
    gather_arm(b, f, run, arm, endpoint, s->x, s->start_x, &s->nx);
    gather_arm(b, f, run, 0, endpoint, s->y, s->start_y, &s->ny);
}

static void samples_free(samples *s) {
    free(s->x);
    free(s->pooled);
    free(s->arm);
}

static cit_status samples_make(int people, samples *s, cit_errors *errs) {
    const size_t n = (size_t)people;
    *s = (samples){.x = malloc(4 * n * sizeof(double)),
                   .pooled = malloc(4 * n * sizeof(double)),
                   .arm = malloc(2 * n * sizeof(int))};
    if (!(s->x && s->pooled && s->arm)) {
        samples_free(s);
        (void)!cit_fail(errs, CIT_NOMEM, "", "no memory for an analysis");
        return CIT_NOMEM;
    }
    s->y = s->x + n;
    s->start_x = s->y + n;
    s->start_y = s->start_x + n;
    return CIT_OK;
}

/* ---- tests of numbers -------------------------------------------------------------------------------- */

static cit_status ancova(samples *s, double level, cit_test_result *r) {
    double *follow = s->pooled, *start = s->pooled + s->nx + s->ny;
    for (int i = 0; i < s->nx + s->ny; i++) {
        const bool of_x = i >= s->ny;
        follow[i] = of_x ? s->x[i - s->ny] : s->y[i];
        start[i] = of_x ? s->start_x[i - s->ny] : s->start_y[i];
        s->arm[i] = of_x;
    }
    return cit_test_ancova(follow, start, s->arm, s->nx + s->ny, 2, level, r, NULL, NULL);
}

/* One-sided p of a test that is as likely to err to either side. */
static cit_tails tails_of(double towards_x, double p) {
    if (towards_x == 0) return (cit_tails){0.5, 0.5};
    return towards_x > 0 ? (cit_tails){0.5 * p, 1 - 0.5 * p} : (cit_tails){1 - 0.5 * p, 0.5 * p};
}

/* CIT_INVALID: these samples cannot be analysed. Ranks have tails of their own: with ties half of p is none,
 * and an estimate of grades, 0 as soon as half of the pairs are equal, tells no direction. */
static cit_status test_numbers(int test, samples *s, double level, cit_test_result *r,
                               cit_tails *tails) {
    cit_status st = CIT_INVALID;
    switch ((cit_trial_test)test) {
    case CIT_TRIAL_WELCH:
        st = cit_test_welch(s->x, s->nx, s->y, s->ny, level, r, NULL);
        break;
    case CIT_TRIAL_ANCOVA:
        st = ancova(s, level, r);
        break;
    case CIT_TRIAL_PAIRED:
        st = cit_test_paired(s->x, s->y, s->nx, level, r, NULL);
        break;
    case CIT_TRIAL_MANN_WHITNEY:
        return cit_test_mann_whitney_tails(s->x, s->nx, s->y, s->ny, level, r, tails, NULL);
    case CIT_TRIAL_SIGNED_RANK:
        for (int i = 0; i < s->nx; i++) s->pooled[i] = s->x[i] - s->y[i];
        return cit_test_signed_rank_tails(s->pooled, s->nx, level, r, tails, NULL);
    case CIT_TRIAL_SHARES:
    case CIT_TRIAL_ODDS_RATIO:
    case CIT_TRIAL_PAIRED_SHARES:
        break;
    }
    if (st == CIT_OK) *tails = tails_of(r->estimate, r->p);
    return st;
}

static cit_status shifted(int test, samples *s, double shift, double level, cit_tails *ret) {
    cit_test_result r;
    for (int i = 0; i < s->nx; i++) s->x[i] += shift;
    const cit_status st = test_numbers(test, s, level, &r, ret);
    for (int i = 0; i < s->nx; i++) s->x[i] -= shift;
    return st;
}

static cit_status judge_numbers(const cit_trial_endpoint *e, samples *s, double level,
                                verdict *ret) {
    cit_test_result r;
    cit_tails as_is, up = {0}, down = {0};
    if (s->nx < 2 || s->ny < 2) return CIT_INVALID;
    cit_status st = test_numbers(e->test, s, level, &r, &as_is);
    if (st == CIT_OK && e->claim != CIT_CLAIM_SUPERIOR)
        st = shifted(e->test, s, e->margin, level, &up);
    if (st == CIT_OK && e->claim == CIT_CLAIM_EQUIVALENT)
        st = shifted(e->test, s, -e->margin, level, &down);
    if (st != CIT_OK) return st;
    *ret = (verdict){true, false, r.estimate, r.lo, r.hi, as_is.up, as_is.down};
    if (e->claim != CIT_CLAIM_SUPERIOR) ret->p = fmax(up.up, down.down);
    return CIT_OK;
}

/* ---- tests of shares --------------------------------------------------------------------------------- */

static int count_responders(const cit_trial_endpoint *e, const double *x, int n) {
    int count = 0;
    for (int i = 0; i < n; i++) count += responds(e, x[i]);
    return count;
}

/* Fisher's chance of x events or more in the first arm (J R Stat Soc 1935; 98:39-82). It is not half of the
 * two-sided p, which adds what is no likelier at the other end, often nothing. */
static double fisher_tail(int x, int nx, int y, int ny) {
    const int events = x + y, lo = events > ny ? events - ny : 0, hi = events < nx ? events : nx;
    double chance = 1, all = 0, tail = 0; /* against that of lo */
    for (int k = lo; k <= hi; k++) {
        if (k > lo)
            chance *= (double)(events - k + 1) * (nx - k + 1) / ((double)k * (ny - events + k));
        all += chance;
        if (k >= x) tail += chance;
    }
    return tail / all;
}

static cit_tails tails_of_shares(const cit_trial_endpoint *e, const samples *s,
                                 const cit_test_result *r) {
    const int x = count_responders(e, s->x, s->nx), y = count_responders(e, s->y, s->ny);
    if (e->test != CIT_TRIAL_SHARES || !r->exact) return tails_of(r->estimate, r->p);
    return (cit_tails){fisher_tail(x, s->nx, y, s->ny), fisher_tail(y, s->ny, x, s->nx)};
}

static cit_status test_pairs(const cit_trial_endpoint *e, const samples *s, double level,
                             cit_test_result *r) {
    int table[2][2] = {{0}};
    for (int i = 0; i < s->nx; i++) table[responds(e, s->x[i])][responds(e, s->y[i])]++;
    return cit_test_paired_shares(table[1][1], table[1][0], table[0][1], table[0][0], level, r,
                                  NULL);
}

static cit_status test_shares(const cit_trial_endpoint *e, const samples *s, double level,
                              cit_test_result *r) {
    if (e->test == CIT_TRIAL_PAIRED_SHARES) return test_pairs(e, s, level, r);
    const int x = count_responders(e, s->x, s->nx), y = count_responders(e, s->y, s->ny);
    if (e->test == CIT_TRIAL_SHARES) return cit_test_shares(x, s->nx, y, s->ny, level, r, NULL);
    const cit_status st = cit_test_odds_ratio(x, s->nx, y, s->ny, level, r, NULL);
    if (st != CIT_OK) return st;
    r->estimate = log(r->estimate);
    r->lo = log(r->lo);
    r->hi = log(r->hi);
    return CIT_OK;
}

static cit_status judge_shares(const cit_trial_endpoint *e, const samples *s, double level,
                               verdict *ret) {
    cit_test_result r;
    cit_margin_result m;
    if (s->nx < 1 || s->ny < 1) return CIT_INVALID;
    cit_status st = test_shares(e, s, level, &r);
    if (st != CIT_OK) return st;
    const cit_tails p = tails_of_shares(e, s, &r);
    verdict v = {true, false, r.estimate, r.lo, r.hi, p.up, p.down};
    if (e->claim != CIT_CLAIM_SUPERIOR) {
        const double margin = e->test == CIT_TRIAL_ODDS_RATIO ? log(e->margin) : e->margin;
        st = cit_test_margin(&r, margin, &m, NULL);
        if (st != CIT_OK) return st;
        v.success = e->claim == CIT_CLAIM_NONINFERIOR ? m.noninferior : m.equivalent;
        v.p = CIT_UNKNOWN_NUMBER;
    }
    *ret = v;
    return CIT_OK;
}

/* What cannot be analysed is no fault, and no success; anything else ends the run. */
static cit_status judge(const cit_trial_endpoint *e, samples *s, double level, verdict *ret,
                        cit_errors *errs) {
    const bool shares = cit_known(e->responder);
    *ret = (verdict){0};
    const cit_status st = shares ? judge_shares(e, s, level, ret) : judge_numbers(e, s, level, ret);
    if (st == CIT_OK || st == CIT_INVALID) return CIT_OK;
    return cit_fail(errs, st, "", "an analysis failed: %s", cit_status_text(st));
}

/* ---- sums ------------------------------------------------------------------------------------------- */

/* The error of one side of the claim. */
static double one_sided(const cit_trial *t) { return t->analysis.alpha / t->analysis.sides; }

static void note_compared(const cit_trial *t, const verdict *v, bool success, int comparison,
                          tally *into) {
    compared_tally *c = tally_compared(into, comparison);
    cit_sketch *s = tally_compared_sketch(into, comparison);
    if (!v->analysed) {
        c->lost++;
        return;
    }
    c->success += success;
    c->against += v->p_against <= one_sided(t);
    cit_moments_add(&c->estimate, v->estimate);
    if (isfinite(v->lo)) cit_moments_add(&c->lo, v->lo);
    if (isfinite(v->hi)) cit_moments_add(&c->hi, v->hi);
    if (s != NULL) cit_sketch_add(s, v->estimate);
}

/* Adjusted for being several, where the file says how. */
static cit_status note_all(const cit_trial *t, const verdict *all, tally *into, cit_errors *errs) {
    enum { MOST = CIT_TRIAL_ARMS_MAX * CIT_TRIAL_ENDPOINTS_MAX };
    double p[MOST];
    const int n = cit_trial_comparisons(t);
    for (int i = 0; i < n; i++) p[i] = all[i].analysed && cit_known(all[i].p) ? all[i].p : 1;
    if (t->analysis.multiplicity != 0) {
        const cit_status st =
            cit_adjust_p((cit_multiplicity)t->analysis.multiplicity, p, n, p, errs);
        if (st != CIT_OK) return st;
    }
    for (int i = 0; i < n; i++)
        note_compared(t, &all[i], cit_known(all[i].p) ? p[i] <= one_sided(t) : all[i].success, i,
                      into);
    return CIT_OK;
}

static void note_seen(const cit_trial *t, int arm, int endpoint, const double *turned, int n,
                      tally *into) {
    const cit_trial_endpoint *e = &t->endpoints[endpoint];
    seen_tally *c = tally_seen(into, arm, endpoint);
    cit_sketch *s = tally_seen_sketch(into, arm, endpoint);
    const double sign = turn(e);
    cit_moments_add(&c->people, n);
    if (n > 0) cit_moments_add(&c->mean, sign * cit_mean(turned, n));
    if (n > 1) cit_moments_add(&c->variance, cit_variance(turned, n));
    if (cit_known(e->responder)) {
        c->responders += count_responders(e, turned, n);
        c->of += n;
    }
    for (int i = 0; i < n && s != NULL; i++) cit_sketch_add(s, sign * turned[i]);
}

static double correlation(const double *x, const double *y, int n) {
    const double mx = cit_mean(x, n), my = cit_mean(y, n);
    double xx = 0, yy = 0, xy = 0;
    for (int i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : CIT_UNKNOWN_NUMBER;
}

static void note_visits(const cit_trial *t, const subject *s, int sides, head_tally *h) {
    cit_appointment all[CIT_APPOINTMENTS_MAX];
    for (int side = 0; side < sides; side++) {
        const int n = cit_protocol_schedule(t->arms[arm_of(t, s, side)].protocol, 28, all);
        h->visits += n > 1 ? n - 1 : 0;
        for (int v = 1; v < n; v++) h->missed += (int64_t)(s->missed >> v & 1);
    }
}

static void note_people(const bench *b, const flock *f, const run_plan *run, tally *into) {
    head_tally *h = tally_head(into);
    h->trials++;
    h->enrolled += run->people;
    h->refused += f->who[run->people - 1].refused_before;
    for (int i = 0; i < run->people; i++) {
        h->asked += f->who[i].asked;
        h->dropped += !stayed(b, f, run, i);
        h->sparse += f->sparse[i];
        note_visits(b->trial, &f->who[i], f->sides, h);
    }
}

static cit_status note_endpoint(const bench *b, const flock *f, const run_plan *run, int endpoint,
                                samples *s, verdict *all, tally *into, cit_errors *errs) {
    const cit_trial *t = b->trial;
    const double level = 1 - 2 * one_sided(t);
    for (int arm = 1; arm < t->arm_count; arm++) {
        verdict *v = &all[endpoint * (t->arm_count - 1) + arm - 1];
        gather(b, f, run, arm, endpoint, s);
        const cit_status st = judge(&t->endpoints[endpoint], s, level, v, errs);
        if (st != CIT_OK) return st;
        note_seen(t, arm, endpoint, s->x, s->nx, into);
    }
    note_seen(t, 0, endpoint, s->y, s->ny, into);
    if (t->design == CIT_SPLIT_FACE && endpoint == 0) {
        const double rho = correlation(s->x, s->y, s->nx);
        if (cit_known(rho)) cit_moments_add(&tally_head(into)->rho, rho);
    }
    return CIT_OK;
}

cit_status analyse(const bench *b, const flock *f, const run_plan *run, tally *into,
                   cit_errors *errs) {
    const cit_trial *t = b->trial;
    verdict all[CIT_TRIAL_ARMS_MAX * CIT_TRIAL_ENDPOINTS_MAX] = {0};
    samples s;
    cit_status st = samples_make(run->people, &s, errs);
    if (st != CIT_OK) return st;
    note_people(b, f, run, into);
    for (int e = 0; e < t->endpoint_count && st == CIT_OK; e++)
        st = note_endpoint(b, f, run, e, &s, all, into, errs);
    if (st == CIT_OK) st = note_all(t, all, into, errs);
    samples_free(&s);
    return st;
}
