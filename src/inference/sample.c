/* Sequential Monte Carlo: particles are led from prior to posterior by temperatures. */
#include "inference_impl.h"
#include <math.h>
#include <omp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { CHAINS_DEFAULT = 256, STEPS_DEFAULT = 8 };
/* The share of particles that stay effective at each temperature; walks are made longer and shorter to keep
 * the accepted share between these. */
static const double keep_effective = 0.5, accept_low = 0.25, accept_high = 0.45;
enum { PACES_START = 16, PACES_MIN = 2, PACES_MAX = 60 };

/* A pace of a walk draws so large a share of the numbers, and changes them by so much. */
static const struct {
    double share, size;
} paces[] = {{0.02, 1}, {0.06, 1}, {0.06, 0.5}, {0.25, 0.5}, {0.25, 0.25}, {1, 0.15}};

/* Numbers that no likelihood looks at are sampled along: what they contract by is chance. */
enum { DECOYS = 16 };

typedef struct particle {
    double *z;         /* of the fitted rows, then of the decoys */
    double base, part; /* log of what is sampled: prior + base + beta x part */
    double *by_study, *values;
} particle;

/* Room of one thread for walking. */
typedef struct walker {
    cit_evidence_run *run;
    particle now, next;
} walker;

typedef struct sampler {
    const cit_evidence *e;
    const cit_sampling *with;
    int without;              /* the study that is being taken out; NOTHING: all is being let in */
    int count, chains, steps; /* count = chains x steps */
    int fitted, dims;         /* dims = fitted + DECOYS */
    int *rows;                /* of the parameter table */
    bool *known;              /* the study has a say in the draws */
    particle *now, *proposed;
    double *memory, *weight, *gain; /* gain: what a chain's walk has gained by the emulator */
    emulator emulator;
    /* What was predicted last, for the emulator: a ring of 2 x count points. */
    particle *ring;
    const double **ring_z, **ring_values;
    long ring_count;
    walker *walkers;
    int threads, paces;
    uint32_t round;                   /* every use of random numbers has its own */
    double share_done, share_heating; /* of the work, for progress; what heating is of it */
    long predictions;
    atomic_bool cancelled;
} sampler;
enum { NOTHING = -1 };

/* ---- memory ------------------------------------------------------------------------------------- */

static void sampler_free(sampler *s) {
    for (int i = 0; s->walkers != NULL && i < s->threads; i++)
        cit_evidence_run_free(s->walkers[i].run);
    free(s->walkers);
    free(s->rows);
    free(s->known);
    free(s->now);
    free(s->memory);
    free(s->weight);
    free(s->gain);
    free(s->ring_z);
    free(s->ring_values);
    emulator_free(&s->emulator);
}

static size_t particle_size(const sampler *s) {
    return (size_t)s->dims + (size_t)s->e->study_count + (size_t)cit_evidence_values(s->e);
}

static particle particle_at(const sampler *s, size_t place) {
    particle p = {.z = s->memory + place * particle_size(s)};
    p.by_study = p.z + s->dims;
    p.values = p.by_study + s->e->study_count;
    return p;
}

/* Particles, proposals, the ring and two for each thread, one after the other. */
static cit_status sampler_room(sampler *s, cit_errors *errs) {
    const size_t n = (size_t)s->count, chains = (size_t)s->chains, threads = (size_t)s->threads,
                 all = n + chains + 2 * n, places = all + 2 * threads;
    s->now = calloc(all, sizeof *s->now);
    s->memory = calloc(places * particle_size(s), sizeof *s->memory);
    s->weight = calloc(n, sizeof *s->weight);
    s->gain = calloc(chains, sizeof *s->gain);
    s->ring_z = calloc(2 * n, sizeof *s->ring_z);
    s->ring_values = calloc(2 * n, sizeof *s->ring_values);
    s->walkers = calloc(threads, sizeof *s->walkers);
    if (!(s->now && s->memory && s->weight && s->gain && s->ring_z && s->ring_values && s->walkers))
        return cit_fail(errs, CIT_NOMEM, "", "no memory for %d particles", s->count);
    for (size_t i = 0; i < all; i++) s->now[i] = particle_at(s, i);
    s->proposed = s->now + n;
    s->ring = s->proposed + chains;
    for (size_t i = 0; i < threads; i++) {
        s->walkers[i].now = particle_at(s, all + 2 * i);
        s->walkers[i].next = particle_at(s, all + 2 * i + 1);
    }
    return CIT_OK;
}

static cit_status sampler_make(const cit_evidence *e, const cit_sampling *with, int without,
                               sampler *s, cit_errors *errs) {
    *s = (sampler){.e = e, .with = with, .without = without, .paces = PACES_START};
    /* as if there were eight temperatures */
    s->share_heating = 8.0 / (8 + 2 * with->moves);
    s->chains = with->chains > 0 ? with->chains : CHAINS_DEFAULT;
    s->steps = with->steps > 1 ? with->steps : STEPS_DEFAULT;
    s->count = s->chains * s->steps;
    s->threads = with->threads > 0 ? with->threads : omp_get_num_procs();
    if (e->table_count > NUMBERS_MAX)
        return cit_fail(errs, CIT_INVALID, "", "%d parameters; at most %d can be fitted",
                        e->table_count, NUMBERS_MAX);
    s->known = malloc(((size_t)e->study_count + 1) * sizeof *s->known);
    s->rows = malloc((size_t)e->table_count * sizeof *s->rows);
    if (s->rows == NULL || s->known == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    for (int i = 0; i < e->table_count; i++)
        if (cit_is_fitted(&e->table[i])) s->rows[s->fitted++] = i;
    for (int i = 0; i < e->study_count; i++) s->known[i] = true;
    s->dims = s->fitted + DECOYS;
    cit_status st = emulator_new(&s->emulator, s->fitted, cit_evidence_values(e), errs);
    if (st == CIT_OK) st = sampler_room(s, errs);
    for (int i = 0; i < s->threads && st == CIT_OK; i++)
        st = cit_evidence_run_new(e, &s->walkers[i].run, errs);
    return st;
}

/* ---- one particle -------------------------------------------------------------------------------- */

static uint64_t seed_of(const sampler *s) { return s->with->seed + ((uint64_t)s->round << 32); }

static double uniform(const sampler *s, const char *what, int who, int place) {
    return cit_random(seed_of(s), (uint32_t)who, cit_random_stream(what), (uint32_t)place);
}

static void put_shared(const sampler *s, const double *z, double *shared) {
    for (int i = 0; i < s->e->table_count; i++) shared[i] = CIT_UNKNOWN_NUMBER;
    for (int i = 0; i < s->fitted; i++) shared[s->rows[i]] = z[i];
}

/* From the prior all likelihoods are let in; from the posterior one is taken out. */
static void split(const sampler *s, particle *p) {
    double all = 0;
    for (int i = 0; i < s->e->study_count; i++)
        if (s->known[i]) all += p->by_study[i];
    p->base = s->without == NOTHING ? 0 : all;
    p->part = s->without == NOTHING ? all : -p->by_study[s->without];
    if (!isnan(p->base + p->part)) return;
    p->base = 0;
    p->part = -HUGE_VAL;
}

/* The likelihood of values, predicted or emulated. */
static void judge(const sampler *s, particle *p) {
    double shared[NUMBERS_MAX];
    put_shared(s, p->z, shared);
    cit_evidence_likelihood(s->e, shared, p->values, p->by_study);
    split(s, p);
}

/* What cannot be integrated has no likelihood. */
static void weigh(const sampler *s, cit_evidence_run *run, particle *p) {
    double shared[NUMBERS_MAX];
    cit_errors none = {.count = CIT_ERRORS_MAX};
    put_shared(s, p->z, shared);
    p->base = 0;
    p->part = -HUGE_VAL;
    if (cit_evidence_predict(s->e, run, shared, p->values, &none) == CIT_OK) judge(s, p);
}

static void copy_particle(const sampler *s, particle *to, const particle *from) {
    /* z, by_study and values lie together */
    memcpy(to->z, from->z, particle_size(s) * sizeof *to->z);
    to->base = from->base;
    to->part = from->part;
}

static void remember(sampler *s, const particle *p) {
    if (!isfinite(p->base + p->part)) return;
    const int place = (int)(s->ring_count++ % (2L * s->count));
    copy_particle(s, &s->ring[place], p);
    s->ring_z[place] = s->ring[place].z;
    s->ring_values[place] = s->ring[place].values;
}

static void fit_emulator(sampler *s) {
    const long most = 2L * s->count;
    const int count = (int)(s->ring_count < most ? s->ring_count : most);
    emulator_fit(&s->emulator, s->ring_z, s->ring_values, count, s->threads);
}

/* ---- temperatures -------------------------------------------------------------------------------- */

static double highest_part(const sampler *s) {
    double highest = -HUGE_VAL;
    for (int i = 0; i < s->count; i++) highest = fmax(highest, s->now[i].part);
    return highest;
}

/* Weighs all for a rise of temperature: how many particles that leaves. */
static double effective_at(sampler *s, double rise) {
    const double highest = highest_part(s);
    double sum = 0, squares = 0;
    for (int i = 0; i < s->count; i++) {
        const double w = exp(rise * (s->now[i].part - highest));
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

/* Systematic: one uniform number, evenly spaced places in the sum of weights. Those kept become the
 * first particles, where the chains start. */
static void resample(sampler *s) {
    const double sum = cit_sum(s->weight, s->count), u = uniform(s, "resample", 0, 0);
    double reached = 0;
    int at = -1;
    for (int i = 0; i < s->chains; i++) {
        const double place = (i + u) / s->chains * sum;
        while (at < s->count - 1 && reached <= place) reached += s->weight[++at];
        copy_particle(s, &s->proposed[i], &s->now[at]);
    }
    for (int i = 0; i < s->chains; i++) copy_particle(s, &s->now[i], &s->proposed[i]);
}

/* ---- moves ---------------------------------------------------------------------------------------- */

/* A point nearby, by steps that leave the prior as it is (preconditioned Crank-Nicolson). */
static void pace(const sampler *s, const double *from, double *to, int chain, int number) {
    const int kinds = (int)(sizeof paces / sizeof *paces), first = number * 2 * s->dims;
    const int kind = (int)(kinds * uniform(s, "pace", chain, number));
    const double size = paces[kind].size, keep = sqrt(1 - size * size);
    const uint64_t seed = seed_of(s);
    const uint32_t which = cit_random_stream("which");
    for (int j = 0; j < s->dims; j++) {
        to[j] = from[j];
        if (cit_random(seed, (uint32_t)chain, which, (uint32_t)(first + j)) >= paces[kind].share)
            continue;
        const double xi = cit_normal_quantile(uniform(s, "where", chain, first + j));
        to[j] = keep * from[j] + size * xi;
    }
}

/* Metropolis and Hastings' walk among emulated likelihoods, from a particle to where it ends. Its paces are
 * drawn independently of where they are taken, so that the walk is reversible. Returns what it gained. */
static double walk(const sampler *s, walker *w, const particle *from, particle *to, double beta,
                   int chain) {
    const size_t dims = (size_t)s->dims, values = (size_t)s->emulator.outputs;
    memcpy(w->now.z, from->z, dims * sizeof(double));
    emulator_values(&s->emulator, w->now.z, w->now.values);
    judge(s, &w->now);
    const double start = w->now.base + beta * w->now.part;
    double reached = start;
    for (int k = 0; k < s->paces; k++) {
        pace(s, w->now.z, w->next.z, chain, k);
        memcpy(w->next.values, w->now.values, values * sizeof(double));
        emulator_shift(&s->emulator, w->now.z, w->next.z, w->next.values);
        judge(s, &w->next);
        const double there = w->next.base + beta * w->next.part;
        if (!(log(uniform(s, "go", chain, k)) < there - reached)) continue;
        const particle kept = w->now;
        w->now = w->next;
        w->next = kept;
        reached = there;
    }
    memcpy(to->z, w->now.z, dims * sizeof(double));
    return reached - start;
}

/* Works at `count` particles on all threads: beta NAN weighs them where they are, otherwise each is where a walk
 * from `from` ends. */
static bool work(sampler *s, const particle *from, particle *to, int count, double beta,
                 const char *what) {
    atomic_int next = 0;
#pragma omp parallel num_threads(s->threads)
    {
        const int thread = omp_get_thread_num();
        walker *w = &s->walkers[thread];
        for (;;) {
            const int i = atomic_fetch_add(&next, 1);
            if (i >= count || atomic_load(&s->cancelled)) break;
            if (!isnan(beta) && from != NULL) s->gain[i] = walk(s, w, &from[i], &to[i], beta, i);
            weigh(s, w->run, &to[i]);
            if (thread == 0 && !cit_progress_report(&s->with->progress, s->share_done, what))
                atomic_store(&s->cancelled, true);
        }
    }
    s->predictions += count;
    for (int i = 0; i < count; i++) remember(s, &to[i]);
    return !atomic_load(&s->cancelled);
}

/* Every chain goes from one place to another (or stays at one): accepted by how much better the walk's end is than
 * the emulator made it (Christen and Fox 2005). */
static bool move(sampler *s, const particle *from, particle *to, double beta,
                 double *ret_accepted) {
    int accepted = 0;
    s->round++;
    if (!work(s, from, s->proposed, s->chains, beta,
              s->without == NOTHING ? "calibrating" : "leaving out"))
        return false;
    for (int i = 0; i < s->chains; i++) {
        const particle *p = &s->proposed[i], *old = &from[i];
        const double gain = p->base - old->base + beta * (p->part - old->part);
        const bool yes = log(uniform(s, "accept", i, 0)) < gain - s->gain[i];
        if (yes || to != from) copy_particle(s, &to[i], yes ? p : old);
        accepted += yes;
    }
    *ret_accepted = (double)accepted / s->chains;
    if (*ret_accepted > accept_high) s->paces = (int)fmin(PACES_MAX, ceil(s->paces * 1.2));
    if (*ret_accepted < accept_low) s->paces = (int)fmax(PACES_MIN, floor(s->paces * 0.8));
    return true;
}

/* The places of all chains after so many of their steps. */
static particle *places(sampler *s, int step) { return s->now + (ptrdiff_t)step * s->chains; }

/* Walks every chain from its first place to its last, `moves` walks a step. */
static bool go(sampler *s, double beta, int moves, double share_end, double *ret_accepted) {
    const double share = s->share_done;
    double accepted = 0, sum = 0;
    for (int step = 1; step < s->steps; step++)
        for (int k = 0; k < moves; k++) {
            if (!move(s, places(s, k == 0 ? step - 1 : step), places(s, step), beta, &accepted))
                return false;
            sum += accepted;
            s->share_done = share + (share_end - share) * ((step - 1) * moves + k + 1) /
                                        ((s->steps - 1) * moves);
        }
    *ret_accepted = sum / ((s->steps - 1) * moves);
    return true;
}

static void note_temperature(const sampler *s, double beta, double effective, double accepted,
                             cit_samples *ret) {
    if (ret->temperature_count < CIT_TEMPERATURES_MAX)
        ret->temperatures[ret->temperature_count++] =
            (cit_temperature){beta, effective, accepted, s->paces};
}

static bool heat(sampler *s, double *beta, cit_samples *ret) {
    const double to = next_beta(s, *beta);
    const double effective = effective_at(s, to - *beta);
    ret->log_evidence +=
        (to - *beta) * highest_part(s) + log(cit_sum(s->weight, s->count) / s->count);
    s->round++;
    fit_emulator(s);
    resample(s);
    double accepted = 0;
    if (!go(s, to, 1, s->share_heating * to, &accepted)) return false;
    *beta = to;
    note_temperature(s, to, effective, accepted, ret);
    return true;
}

/* At the last temperature chains go on from where they are, by an emulator fitted there; once so that they forget
 * whom they share a beginning with, then to be kept. */
static bool settle(sampler *s, cit_samples *ret) {
    double accepted = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < s->chains; i++)
            copy_particle(s, &s->now[i], &places(s, s->steps - 1)[i]);
        fit_emulator(s);
        const double end = s->share_done + (1 - s->share_done) / (2 - pass);
        if (!go(s, 1, s->with->moves, end, &accepted)) return false;
        note_temperature(s, 1, CIT_UNKNOWN_NUMBER, accepted, ret);
    }
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

/* Of all numbers that mean nothing: three deviations of what they contract by. */
static double chance_of(const sampler *s) {
    double squares = 0;
    for (int j = s->fitted; j < s->dims; j++) {
        for (int i = 0; i < s->count; i++) s->weight[i] = s->now[i].z[j];
        const double contraction = 1 - cit_variance(s->weight, s->count);
        squares += contraction * contraction / DECOYS;
    }
    return 3 * sqrt(squares);
}

static cit_status run(sampler *s, cit_samples **ret, cit_errors *errs) {
    cit_status st = CIT_OK;
    double beta = 0;
    bool going = true;
    cit_samples *kept = calloc(1, sizeof *kept);
    if (kept == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for the samples");
    s->share_done = 0;
    while (going && beta < 1) going = heat(s, &beta, kept);
    if (going && s->with->moves > 0) going = settle(s, kept);
    if (!going) {
        st = cit_fail(errs, CIT_CANCELLED, "", "stopped on request");
        goto done;
    }
    CIT_TRY(keep_samples(s, kept, errs));
    kept->chance = chance_of(s);
    *ret = kept;
    kept = NULL;
done:
    cit_samples_free(kept);
    return st;
}

cit_status cit_sample(const cit_evidence *e, const cit_sampling *sampling, cit_samples **ret,
                      cit_errors *errs) {
    sampler s;
    cit_status st = sampler_make(e, sampling, NOTHING, &s, errs);
    if (st == CIT_OK) {
        for (int i = 0; i < s.count; i++)
            for (int j = 0; j < s.dims; j++)
                s.now[i].z[j] = cit_normal_quantile(uniform(&s, "prior", i, j));
        if (work(&s, NULL, s.now, s.count, CIT_UNKNOWN_NUMBER, "drawing from the prior"))
            st = run(&s, ret, errs);
        else
            st = cit_fail(errs, CIT_CANCELLED, "", "stopped on request");
    }
    sampler_free(&s);
    return st;
}

/* A particle from a draw; its decoys are new, and so is what the draw leaves open. */
static void take_draw(sampler *s, const cit_samples *from, int draw, int place) {
    particle *p = &s->now[place];
    const size_t d = (size_t)draw;
    bool open = false;
    for (int j = 0; j < s->dims; j++) {
        const double z = j < s->fitted ? from->numbers[d * (size_t)from->rows + (size_t)s->rows[j]]
                                       : CIT_UNKNOWN_NUMBER;
        p->z[j] = cit_known(z) ? z : cit_normal_quantile(uniform(s, "decoy", place, j));
        open = open || (j < s->fitted && !cit_known(z));
    }
    if (open) {
        weigh(s, s->walkers[0].run, p);
        remember(s, p);
        return;
    }
    memcpy(p->by_study, from->likelihood + d * (size_t)from->studies,
           (size_t)from->studies * sizeof(double));
    memcpy(p->values, from->predicted + d * (size_t)from->values,
           (size_t)from->values * sizeof(double));
    split(s, p);
    remember(s, p);
}

cit_status cit_sample_without(const cit_evidence *e, const cit_posterior *posterior,
                              const cit_samples *from, int study, const cit_sampling *sampling,
                              cit_samples **ret, cit_errors *errs) {
    sampler s;
    cit_status st = sampler_make(e, sampling, study, &s, errs);
    if (st == CIT_OK && s.now != NULL) {
        for (int i = 0; i < e->study_count && posterior != NULL; i++)
            s.known[i] = cit_posterior_knows(posterior, e->studies[i]->id);
        s.round = (uint32_t)(study + 1) * 4096; /* apart from those that made `from` */
        for (int i = 0; i < s.count; i++)
            take_draw(&s, from, (int)((long)i * from->draws / s.count), i);
        st = run(&s, ret, errs);
    }
    sampler_free(&s);
    return st;
}

void cit_samples_free(cit_samples *samples) {
    if (samples == NULL) return;
    free(samples->numbers);
    free(samples->likelihood);
    free(samples->predicted);
    free(samples);
}
