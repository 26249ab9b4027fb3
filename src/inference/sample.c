/* Sequential Monte Carlo: particles are led from prior to posterior by temperatures. */
#include "inference_impl.h"
#include <math.h>
#include <omp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { PARTICLES_DEFAULT = 512, MOVES_DEFAULT = 4 };
/* The share of particles that stay effective at each temperature; steps are lengthened and shortened to keep
 * the accepted share between these. */
static const double keep_effective = 0.5, accept_low = 0.15, accept_high = 0.35;

typedef struct particle {
    double *z; /* of the fitted rows */
    double log_likelihood;
    double *by_study, *values;
} particle;

typedef struct sampler {
    const cit_evidence *e;
    const cit_sampling *with;
    int count, dims;
    int *rows; /* of the parameter table */
    particle *now, *next;
    double *memory, *middle, *spread, *weight;
    int *parent;
    cit_evidence_run **runs;
    int threads;
    uint32_t round; /* every use of random numbers has its own */
    double step;
    long predictions;
    atomic_bool cancelled;
} sampler;

/* ---- memory ------------------------------------------------------------------------------------- */

static void sampler_free(sampler *s) {
    for (int i = 0; s->runs != NULL && i < s->threads; i++) cit_evidence_run_free(s->runs[i]);
    free(s->runs);
    free(s->rows);
    free(s->now);
    free(s->next);
    free(s->memory);
    free(s->middle);
    free(s->spread);
    free(s->weight);
    free(s->parent);
}

static cit_status sampler_make(const cit_evidence *e, const cit_sampling *with, sampler *s,
                               cit_errors *errs) {
    *s = (sampler){.e = e, .with = with, .step = 0.5};
    s->count = with->particles > 0 ? with->particles : PARTICLES_DEFAULT;
    s->threads = with->threads > 0 ? with->threads : omp_get_num_procs();
    const size_t n = (size_t)s->count, values = (size_t)cit_evidence_values(e),
                 studies = (size_t)e->study_count;
    s->rows = malloc((size_t)e->table_count * sizeof *s->rows);
    if (s->rows == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    for (int i = 0; i < e->table_count; i++)
        if (cit_is_fitted(&e->table[i])) s->rows[s->dims++] = i;
    const size_t each = (size_t)s->dims + studies + values;
    s->now = calloc(n, sizeof *s->now);
    s->next = calloc(n, sizeof *s->next);
    s->memory = calloc(2 * n * each, sizeof *s->memory);
    s->middle = calloc((size_t)s->dims, sizeof *s->middle);
    s->spread = calloc((size_t)s->dims, sizeof *s->spread);
    s->weight = calloc(n, sizeof *s->weight);
    s->parent = calloc(n, sizeof *s->parent);
    s->runs = calloc((size_t)s->threads, sizeof *s->runs);
    if (!(s->now && s->next && s->memory && s->middle && s->spread && s->weight && s->parent &&
          s->runs))
        return cit_fail(errs, CIT_NOMEM, "", "no memory for %d particles", s->count);
    for (size_t i = 0; i < 2 * n; i++) {
        particle *p = i < n ? &s->now[i] : &s->next[i - n];
        p->z = s->memory + i * each;
        p->by_study = p->z + s->dims;
        p->values = p->by_study + studies;
    }
    for (int i = 0; i < s->threads; i++) {
        const cit_status st = cit_evidence_run_new(e, &s->runs[i], errs);
        if (st != CIT_OK) return st;
    }
    return CIT_OK;
}

/* ---- one particle -------------------------------------------------------------------------------- */

static double uniform(const sampler *s, const char *what, int who, int place) {
    return cit_random(s->with->seed + ((uint64_t)s->round << 32), (uint32_t)who,
                      cit_random_stream(what), (uint32_t)place);
}

static void put_shared(const sampler *s, const double *z, double *shared) {
    for (int i = 0; i < s->e->table_count; i++) shared[i] = CIT_UNKNOWN_NUMBER;
    for (int i = 0; i < s->dims; i++) shared[s->rows[i]] = z[i];
}

/* What cannot be integrated has no likelihood. */
static void weigh(const sampler *s, cit_evidence_run *run, particle *p) {
    double shared[512];
    cit_errors none = {.count = CIT_ERRORS_MAX};
    put_shared(s, p->z, shared);
    p->log_likelihood = -HUGE_VAL;
    if (cit_evidence_predict(s->e, run, shared, p->values, &none) != CIT_OK) return;
    cit_evidence_likelihood(s->e, shared, p->values, p->by_study);
    p->log_likelihood = cit_sum(p->by_study, s->e->study_count);
    if (isnan(p->log_likelihood)) p->log_likelihood = -HUGE_VAL;
}

/* Weighs all of a generation, on all threads. */
static bool weigh_all(sampler *s, particle *particles, double share, const char *what) {
    atomic_int next = 0;
#pragma omp parallel num_threads(s->threads)
    {
        const int thread = omp_get_thread_num();
        for (;;) {
            const int i = atomic_fetch_add(&next, 1);
            if (i >= s->count || atomic_load(&s->cancelled)) break;
            weigh(s, s->runs[thread], &particles[i]);
            if (thread == 0 && !cit_progress_report(&s->with->progress, share, what))
                atomic_store(&s->cancelled, true);
        }
    }
    s->predictions += s->count;
    return !atomic_load(&s->cancelled);
}

static void copy_particle(const sampler *s, particle *to, const particle *from) {
    const size_t each =
        (size_t)s->dims + (size_t)s->e->study_count + (size_t)cit_evidence_values(s->e);
    memcpy(to->z, from->z, each * sizeof *to->z); /* z, by_study and values lie together */
    to->log_likelihood = from->log_likelihood;
}

/* ---- temperatures -------------------------------------------------------------------------------- */

static double effective_at(sampler *s, double rise) {
    double highest = -HUGE_VAL, sum = 0, squares = 0;
    for (int i = 0; i < s->count; i++) highest = fmax(highest, s->now[i].log_likelihood);
    for (int i = 0; i < s->count; i++) {
        const double w = exp(rise * (s->now[i].log_likelihood - highest));
        s->weight[i] = w;
        sum += w;
        squares += w * w;
    }
    return sum * sum / squares;
}

static double next_beta(sampler *s, double beta) {
    double low = 0, high = 1 - beta;
    if (effective_at(s, high) >= keep_effective * s->count) return 1;
    for (int i = 0; i < 60; i++) {
        const double middle = 0.5 * (low + high);
        if (effective_at(s, middle) >= keep_effective * s->count)
            low = middle;
        else
            high = middle;
    }
    return beta + low;
}

/* Log of the mean weight: what the evidence gains by this temperature. */
static double log_mean_weight(sampler *s, double rise) {
    double highest = -HUGE_VAL, sum = 0;
    for (int i = 0; i < s->count; i++) highest = fmax(highest, s->now[i].log_likelihood);
    for (int i = 0; i < s->count; i++) sum += exp(rise * (s->now[i].log_likelihood - highest));
    return rise * highest + log(sum / s->count);
}

/* Systematic: one uniform number, evenly spaced places in the sum of weights. */
static void resample(sampler *s) {
    const double sum = cit_sum(s->weight, s->count), u = uniform(s, "resample", 0, 0);
    double reached = 0;
    int at = -1;
    for (int i = 0; i < s->count; i++) {
        const double place = (i + u) / s->count * sum;
        while (at < s->count - 1 && reached <= place) reached += s->weight[++at];
        copy_particle(s, &s->next[i], &s->now[at]);
    }
    particle *kept = s->now;
    s->now = s->next;
    s->next = kept;
}

static void look_round(sampler *s) {
    for (int j = 0; j < s->dims; j++) {
        double sum = 0, squares = 0;
        for (int i = 0; i < s->count; i++) sum += s->now[i].z[j];
        const double mean = sum / s->count;
        for (int i = 0; i < s->count; i++)
            squares += (s->now[i].z[j] - mean) * (s->now[i].z[j] - mean);
        s->middle[j] = mean;
        s->spread[j] = fmax(sqrt(squares / s->count), 0.1);
    }
}

/* ---- moves ---------------------------------------------------------------------------------------- */

/* Log of the prior over the density about which steps are reversible. */
static double log_ratio(const sampler *s, const double *z) {
    double sum = 0;
    for (int j = 0; j < s->dims; j++) {
        const double a = (z[j] - s->middle[j]) / s->spread[j];
        sum += 0.5 * (a * a - z[j] * z[j]);
    }
    return sum;
}

/* Every move takes a random half of the numbers: fewer at a time are accepted more often. */
static void propose(const sampler *s, int i) {
    const double keep = sqrt(1 - s->step * s->step);
    for (int j = 0; j < s->dims; j++) {
        s->next[i].z[j] = s->now[i].z[j];
        if (uniform(s, "block", i, j) < 0.5) continue;
        const double xi = cit_normal_quantile(uniform(s, "step", i, j));
        s->next[i].z[j] =
            s->middle[j] + keep * (s->now[i].z[j] - s->middle[j]) + s->step * s->spread[j] * xi;
    }
}

static bool move(sampler *s, double beta, double *ret_accepted) {
    int accepted = 0;
    s->round++;
    for (int i = 0; i < s->count; i++) propose(s, i);
    if (!weigh_all(s, s->next, beta, "calibrating")) return false;
    for (int i = 0; i < s->count; i++) {
        const double log_alpha = beta * (s->next[i].log_likelihood - s->now[i].log_likelihood) +
                                 log_ratio(s, s->next[i].z) - log_ratio(s, s->now[i].z);
        if (!(log(uniform(s, "accept", i, 0)) < log_alpha)) continue;
        copy_particle(s, &s->now[i], &s->next[i]);
        accepted++;
    }
    *ret_accepted = (double)accepted / s->count;
    if (*ret_accepted > accept_high) s->step = fmin(0.99, s->step * 1.3);
    if (*ret_accepted < accept_low) s->step = s->step * 0.7;
    return true;
}

static bool heat(sampler *s, double *beta, cit_samples *ret) {
    const double to = next_beta(s, *beta);
    const double effective = effective_at(s, to - *beta);
    ret->log_evidence += log_mean_weight(s, to - *beta);
    effective_at(s, to - *beta);
    s->round++;
    resample(s);
    look_round(s);
    const int moves = s->with->moves > 0 ? s->with->moves : MOVES_DEFAULT;
    double accepted = 0, sum = 0;
    for (int m = 0; m < moves; m++) {
        if (!move(s, to, &accepted)) return false;
        sum += accepted;
    }
    *beta = to;
    if (ret->temperature_count < CIT_TEMPERATURES_MAX)
        ret->temperatures[ret->temperature_count++] =
            (cit_temperature){to, effective, sum / moves, s->step};
    return true;
}

/* ---- from beginning to end ------------------------------------------------------------------------- */

static cit_status keep_samples(const sampler *s, cit_samples *ret, cit_errors *errs) {
    ret->draws = s->count;
    ret->rows = s->e->table_count;
    ret->studies = s->e->study_count;
    ret->values = cit_evidence_values(s->e);
    ret->predictions = s->predictions;
    ret->numbers = malloc((size_t)ret->draws * (size_t)ret->rows * sizeof(double));
    ret->likelihood = malloc(((size_t)ret->draws * (size_t)ret->studies + 1) * sizeof(double));
    ret->predicted = malloc(((size_t)ret->draws * (size_t)ret->values + 1) * sizeof(double));
    if (ret->numbers == NULL || ret->likelihood == NULL || ret->predicted == NULL)
        return cit_fail(errs, CIT_NOMEM, "", "no memory for the samples");
    for (int i = 0; i < s->count; i++) {
        put_shared(s, s->now[i].z, ret->numbers + (size_t)i * (size_t)ret->rows);
        memcpy(ret->likelihood + (size_t)i * (size_t)ret->studies, s->now[i].by_study,
               (size_t)ret->studies * sizeof(double));
        memcpy(ret->predicted + (size_t)i * (size_t)ret->values, s->now[i].values,
               (size_t)ret->values * sizeof(double));
    }
    return CIT_OK;
}

cit_status cit_sample(const cit_evidence *e, const cit_sampling *sampling, cit_samples **ret,
                      cit_errors *errs) {
    cit_status st = CIT_OK;
    sampler s;
    double beta = 0;
    cit_samples *kept = calloc(1, sizeof *kept);
    if (kept == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for the samples");
    CIT_TRY(sampler_make(e, sampling, &s, errs));
    for (int i = 0; i < s.count; i++)
        for (int j = 0; j < s.dims; j++)
            s.now[i].z[j] = cit_normal_quantile(uniform(&s, "prior", i, j));
    bool going = weigh_all(&s, s.now, 0, "drawing from the prior");
    while (going && beta < 1) going = heat(&s, &beta, kept);
    if (!going) {
        st = cit_fail(errs, CIT_CANCELLED, "", "stopped on request");
        goto done;
    }
    CIT_TRY(keep_samples(&s, kept, errs));
    *ret = kept;
    kept = NULL;
done:
    sampler_free(&s);
    cit_samples_free(kept);
    return st;
}

void cit_samples_free(cit_samples *samples) {
    if (samples == NULL) return;
    free(samples->numbers);
    free(samples->likelihood);
    free(samples->predicted);
    free(samples);
}
