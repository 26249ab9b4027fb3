/* Many trials: passes over them, in chunks, on threads and processes, stopped and continued.
 *
 * A pass follows the people of every trial once, under one view of the world; its runs use them differently
 * (fewer of them, other drop-out, other noise). A chunk is some trials of a pass. Sums of chunks are whole
 * numbers and extremes, so that the order of chunks, who does them, and when, leave no trace. What is saved
 * are the sums and which chunks are in them. */
#include "trial_impl.h"
#include <cit/num.h>
#include <math.h>
#include <omp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RUNS_MAX = 70,       /* of one pass */
    PASSES_MAX = 24,     /* five, and doublings of the number of people */
    SIZES = 64,          /* tried in each doubling */
    FIRST_SIZE = 64,     /* where the search ends first */
    LEAST_SIZE = 8,      /* where it begins */
    CHUNK_PEOPLE = 1024, /* followed in one chunk: enough to fill vector lanes */
    CHUNKS_OF_ROUND = 8, /* of each thread between two looks at what others did */
};

const char *cit_trial_run_name(cit_trial_run_kind kind) {
    static const char *const names[] = {"assurance",
                                        "power",
                                        "no drift",
                                        "twice the drift",
                                        "other rater",
                                        "no drop-out",
                                        "twice the drop-out",
                                        "drop-out at random",
                                        "informative drop-out",
                                        "half the noise",
                                        "twice the noise",
                                        "size"};
    return names[kind];
}

typedef struct pass {
    world_plan plan;
    run_plan runs[RUNS_MAX];
    int run_count;
    int people;            /* followed in each trial: the most of its runs */
    int per_chunk, chunks; /* trials */
    size_t size;           /* of all tallies */
    char *bytes;
    unsigned char *done; /* chunks */
} pass;

typedef struct work {
    const cit_trial *trial;
    const cit_trial_options *with;
    bench bench;
    int trials, people, threads, rank, ranks;
    pass passes[PASSES_MAX];
    int pass_count;
    double all_people,
        people_before; /* to be followed, as far as it is known; in passes that are done */
    char key[40];
    char *letters; /* of all ranks: memory that is there before anybody waits for them */
    size_t letters_size;
} work;

/* ---- keys ------------------------------------------------------------------------------------------- */

/* FNV-1a, 64 bits: tells inputs apart, guards against nobody. */
static uint64_t hash(uint64_t h, const void *bytes, size_t size) {
    const unsigned char *b = bytes;
    for (size_t i = 0; i < size; i++) h = (h ^ b[i]) * 0x100000001b3u;
    return h;
}
static const uint64_t hash_start = 0xcbf29ce484222325u;

static uint64_t hash_whole(uint64_t h, int64_t number) {
    unsigned char bytes[sizeof number];
    memcpy(bytes, &number, sizeof number);
    return hash(h, bytes, sizeof bytes);
}

static cit_status hash_table(const cit_table *table, const void *object, uint64_t *h,
                             cit_errors *errs) {
    char *text = NULL;
    const cit_status st = cit_table_write(table, object, 0, 0, &text, errs);
    if (st == CIT_OK) *h = hash(*h, text, strlen(text));
    free(text);
    return st;
}

static void hash_kind(const cit_trial_kind *k, uint64_t *h) {
    *h = hash(*h, &k->age_day, sizeof k->age_day);
    const int rest[] = {k->sex, k->skin_type, k->grade, k->count[0], k->count[1], k->count[2]};
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) *h = hash_whole(*h, rest[i]);
}

static cit_status make_key(work *w, const cit_catalogue *catalogue, cit_errors *errs) {
    const cit_trial *t = w->trial;
    uint64_t h = hash_start;
    cit_status st = hash_table(&cit_trial_table, t, &h, errs);
    for (int i = 0; i < t->arm_count && st == CIT_OK; i++)
        st = hash_table(&cit_protocol_table, t->arms[i].protocol, &h, errs);
    for (int i = 0; i < t->row_count; i++) hash_kind(&t->rows[i], &h);
    /* Whatever changes the bytes of a result, or the meaning of those of a checkpoint. */
    const int64_t numbers[] = {(int64_t)w->with->seed,
                               w->trials,
                               w->people,
                               (int64_t)cit_instructions_best(),
                               CHUNK_PEOPLE,
                               SIZES,
                               FIRST_SIZE,
                               LEAST_SIZE,
                               REFERENCE_WORLDS,
                               TALLY_BINS,
                               (int64_t)tally_size(t, true)};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) h = hash_whole(h, numbers[i]);
    const char *program = w->with->program != NULL ? w->with->program : "";
    h = hash(h, program, strlen(program) + 1);
    h = hash(h, catalogue->digest, strlen(catalogue->digest));
    const cit_posterior *post = w->with->posterior;
    if (post != NULL)
        h = hash(h, post->numbers,
                 sizeof *post->numbers * (size_t)post->draws * (size_t)post->rows);
    snprintf(w->key, sizeof w->key, "%016llx-%s", (unsigned long long)h,
             cit_instructions_name(cit_instructions_best()));
    return st;
}

/* ---- passes ----------------------------------------------------------------------------------------- */

static run_plan *add_run(const work *w, pass *p, cit_trial_run_kind kind, int people) {
    const cit_trial_conduct *c = &w->trial->conduct;
    run_plan *run = &p->runs[p->run_count++];
    *run = (run_plan){kind, people, c->drop_out, 1, c->leaving};
    if (people > p->people) p->people = people;
    return run;
}

static world_plan usual_plan(const work *w, bool power) {
    return (world_plan){
        .fixed = power, .drift = 1, .stated = power && cit_trial_states_effects(w->trial)};
}

/* Who leaves, otherwise than the file says. Somebody stays even where drop-out is doubled. */
static void plan_drop_out(const work *w, pass *p) {
    const double most = 0.95;
    const run_plan *usual = &p->runs[0];
    add_run(w, p, CIT_RUN_DROP_NONE, w->people)->drop_out = 0;
    add_run(w, p, CIT_RUN_DROP_TWICE, w->people)->drop_out = fmin(2 * usual->drop_out, most);
    if (!cit_trial_leaves_at_random(w->trial))
        add_run(w, p, CIT_RUN_DROP_RANDOM, w->people)->leaving = (cit_trial_leaving){0, 0};
    else if (usual->drop_out > 0)
        add_run(w, p, CIT_RUN_DROP_INFORMATIVE, w->people)->leaving =
            (cit_trial_leaving){0, CIT_TRIAL_INFORMATIVE};
}

static void plan_assurance(const work *w, pass *p) {
    p->plan = usual_plan(w, false);
    add_run(w, p, CIT_RUN_ASSURANCE, w->people);
    if (w->trial->repeats.sensitivity != CIT_YES) return;
    plan_drop_out(w, p);
    add_run(w, p, CIT_RUN_NOISE_HALF, w->people)->noise = 0.5;
    add_run(w, p, CIT_RUN_NOISE_TWICE, w->people)->noise = 2;
}

static void plan_power(const work *w, pass *p) {
    p->plan = usual_plan(w, true);
    add_run(w, p, CIT_RUN_POWER, w->people);
}

static void plan_what_if(const work *w, cit_trial_run_kind kind, pass *p) {
    p->plan = usual_plan(w, false);
    if (kind == CIT_RUN_DRIFT_NONE) p->plan.drift = 0;
    if (kind == CIT_RUN_DRIFT_TWICE) p->plan.drift = 2;
    p->plan.other_rater = kind == CIT_RUN_RATER_OTHER;
    add_run(w, p, kind, w->people);
}

/* Whole rounds of allocation. */
static int round_up(const cit_trial *t, int people) {
    return (people + round_of(t) - 1) / round_of(t) * round_of(t);
}

/* Sizes above `from` up to `to`, evenly: since people are enrolled in order, a smaller trial is the beginning
 * of a larger one, and all sizes between two doublings cost nothing beside the largest. */
static void plan_sizes(const work *w, int from, int to, pass *p) {
    p->plan = usual_plan(w, w->trial->repeats.goal == CIT_GOAL_POWER);
    int last = 0;
    for (int i = 1; i <= SIZES; i++) {
        const int size = round_up(w->trial, from + (int)((int64_t)(to - from) * i / SIZES));
        if (size == last || size > round_up(w->trial, to)) continue;
        add_run(w, p, CIT_RUN_SIZE, size);
        last = size;
    }
}

static tally tally_of(const work *w, const pass *p, int run) {
    const bool sketches = p->runs[run].kind != CIT_RUN_SIZE;
    const size_t size = tally_size(w->trial, sketches);
    return (tally){w->trial, sketches, size, p->bytes + (size_t)run * size};
}

static bool reaches(const work *w, const pass *p, int run) {
    const tally t = tally_of(w, p, run);
    return (double)tally_compared(&t, 0)->success >=
           w->trial->repeats.target * (double)tally_head(&t)->trials;
}

static cit_status pass_open(const work *w, pass *p, cit_errors *errs) {
    const int followed = p->people * sides_of(w->trial);
    p->per_chunk = followed > 0 && followed < CHUNK_PEOPLE ? CHUNK_PEOPLE / followed : 1;
    p->chunks = (w->trials + p->per_chunk - 1) / p->per_chunk;
    p->size = (size_t)p->run_count * tally_size(w->trial, p->runs[0].kind != CIT_RUN_SIZE);
    p->bytes = calloc(1, p->size);
    p->done = calloc((size_t)p->chunks, 1);
    if (p->bytes == NULL || p->done == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    for (int i = 0; i < p->run_count; i++) {
        tally t = tally_of(w, p, i);
        const cit_status st = tally_init(w->trial, t.sketches, t.bytes, &t, errs);
        if (st != CIT_OK) return st;
    }
    return CIT_OK;
}

static void pass_close(pass *p) {
    free(p->bytes);
    free(p->done);
}

/* The pass that follows from those that are done; false: none. */
static bool next_pass(work *w, pass *p) {
    const cit_trial_repeats *r = &w->trial->repeats;
    static const cit_trial_run_kind what_if[] = {CIT_RUN_DRIFT_NONE, CIT_RUN_DRIFT_TWICE,
                                                 CIT_RUN_RATER_OTHER};
    const int n = w->pass_count, usual = r->sensitivity == CIT_YES ? 5 : 2;
    *p = (pass){0};
    if (n == 0) plan_assurance(w, p);
    if (n == 1) plan_power(w, p);
    if (n >= 2 && n < usual) plan_what_if(w, what_if[n - 2], p);
    if (n < usual) return true;
    if (!cit_known(r->target) || n == PASSES_MAX) return false;
    const int most = most_to_enrol(w->trial);
    int from = LEAST_SIZE - 1, to = most < FIRST_SIZE ? most : FIRST_SIZE;
    if (n > usual) {
        const pass *last = &w->passes[n - 1];
        if (reaches(w, last, last->run_count - 1) || last->people >= most) return false;
        from = last->people;
        to = 2 * from < most ? 2 * from : most;
    }
    plan_sizes(w, from, to, p);
    return true;
}

/* ---- chunks ----------------------------------------------------------------------------------------- */

/* One chunk into the sums at `bytes`. */
static cit_status do_chunk(const work *w, const pass *p, int chunk, char *bytes, cit_errors *errs) {
    const int first = chunk * p->per_chunk;
    const int count = first + p->per_chunk < w->trials ? p->per_chunk : w->trials - first;
    flock *flocks = calloc((size_t)count, sizeof *flocks);
    pass mine = *p;
    mine.bytes = bytes;
    if (flocks == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a chunk");
    cit_status st = flocks_follow(&w->bench, &p->plan, first, count, p->people, flocks, errs);
    if (st == CIT_OK) {
        for (int i = 0; i < count; i++) {
            for (int r = 0; r < p->run_count && st == CIT_OK; r++) {
                tally t = tally_of(w, &mine, r);
                st = analyse(&w->bench, &flocks[i], &p->runs[r], &t, errs);
            }
            flock_free(&flocks[i]);
        }
    }
    free(flocks);
    return st;
}

static cit_status merge_pass(const work *w, pass *into, char *from, cit_errors *errs) {
    pass other = *into;
    other.bytes = from;
    for (int i = 0; i < into->run_count; i++) {
        tally a = tally_of(w, into, i), b = tally_of(w, &other, i);
        const cit_status st = tally_merge(&a, &b, errs);
        if (st != CIT_OK) return st;
    }
    return CIT_OK;
}

/* The sums of nothing: for a thread, a rank or a file to be added to. */
static cit_status blank(const work *w, const pass *p, char **ret, cit_errors *errs) {
    pass mine = *p;
    mine.bytes = malloc(p->size);
    if (mine.bytes == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    for (int i = 0; i < p->run_count; i++) {
        tally t = tally_of(w, &mine, i);
        const cit_status st = tally_init(w->trial, t.sketches, t.bytes, &t, errs);
        if (st != CIT_OK) {
            free(mine.bytes);
            return st;
        }
    }
    *ret = mine.bytes;
    return CIT_OK;
}

/* ---- a round: some chunks of this rank, on all threads ------------------------------------------------- */

typedef struct shift {
    work *w;
    pass *p;
    pass sum;            /* of this round */
    int *chunks, count;  /* to be done */
    unsigned char *done; /* of them */
    atomic_int next, followed;
    atomic_bool stop;
    cit_status st;
    int failed;
    cit_errors *errs;
} shift;

static bool say(shift *r) {
    const work *w = r->w;
    const run_plan *run = &r->p->runs[0];
    char what[40];
    int64_t people = (int64_t)w->people_before;
    for (int i = 0; i < r->p->chunks; i++)
        if (r->p->done[i]) people += (int64_t)r->p->per_chunk * r->p->people;
    people += (int64_t)atomic_load(&r->followed) * w->ranks;
    if (w->with->followed != NULL) *w->with->followed = people * sides_of(w->trial);
    snprintf(what, sizeof what, run->kind == CIT_RUN_SIZE ? "%s, to %d" : "%s",
             cit_trial_run_name(run->kind), r->p->people);
    return cit_progress_report(&w->with->progress, fmin((double)people / w->all_people, 1), what);
}

static void note_fault(shift *r, int chunk, cit_status st, const cit_errors *mine) {
#pragma omp critical(trial_round)
    if (r->st == CIT_OK || chunk < r->failed) {
        r->st = st;
        r->failed = chunk;
        *r->errs = *mine;
    }
    atomic_store(&r->stop, true);
}

static void work_thread(shift *r) {
    const work *w = r->w;
    char *mine = NULL;
    cit_errors *faults = calloc(1, sizeof *faults);
    const bool first = omp_get_thread_num() == 0;
    cit_status st = faults == NULL ? CIT_NOMEM : blank(w, r->p, &mine, faults);
    int i = -1;
    while (st == CIT_OK && !atomic_load(&r->stop)) {
        i = atomic_fetch_add(&r->next, 1);
        if (i >= r->count) break;
        st = do_chunk(w, r->p, r->chunks[i], mine, faults);
        r->done[i] = st == CIT_OK;
        atomic_fetch_add(&r->followed, r->p->per_chunk * r->p->people);
        if (first && !say(r)) atomic_store(&r->stop, true);
    }
    static const cit_errors no_memory = {.items = {{CIT_NOMEM, "", "no memory for a thread"}},
                                         .count = 1};
    if (st != CIT_OK) note_fault(r, i, st, faults != NULL ? faults : &no_memory);
#pragma omp critical(trial_round)
    if (st == CIT_OK && r->st == CIT_OK) r->st = merge_pass(w, &r->sum, mine, r->errs);
    free(mine);
    free(faults);
}

/* Its chunks that are still to be done, as many as a round has: every rank has every so many-th. */
static int choose_chunks(const work *w, const pass *p, int *chunks) {
    int n = 0, open = 0;
    for (int i = 0; i < p->chunks; i++) {
        if (p->done[i]) continue;
        if (open++ % w->ranks == w->rank && n < CHUNKS_OF_ROUND * w->threads) chunks[n++] = i;
    }
    return n;
}

/* What ranks tell each other after a round; the sums follow, then which chunks are in them. */
typedef struct letter {
    int64_t stop, status;
} letter;

static size_t letter_size(const pass *p) {
    const size_t size = sizeof(letter) + p->size + (size_t)p->chunks;
    return (size + 7) / 8 * 8;
}

static cit_status read_letter(work *w, pass *p, char *bytes, letter *all, cit_errors *errs) {
    const letter *l = (const letter *)(const void *)bytes;
    const unsigned char *done = (const unsigned char *)bytes + sizeof *l + p->size;
    all->stop = all->stop || l->stop;
    if (all->status == CIT_OK) all->status = l->status;
    for (int i = 0; i < p->chunks; i++) p->done[i] |= done[i];
    return merge_pass(w, p, bytes + sizeof *l, errs);
}

/* What every process met, on the stack: who lacks memory must tell the others, who would wait for it. */
static cit_status agree(const work *w, cit_status own, cit_errors *errs) {
    int64_t mine = own, all[CIT_RANKS_MAX];
    if (w->ranks == 1) return own;
    if (!w->with->ranks->gather(w->with->ranks->context, &mine, sizeof mine, all))
        return own != CIT_OK ? own : cit_fail(errs, CIT_IO, "", "a process does not answer");
    for (int i = 0; i < w->ranks && own == CIT_OK; i++)
        if (all[i] != CIT_OK)
            own = cit_fail(errs, (cit_status)all[i], "", "stopped: process %d met a fault", i);
    return own;
}

/* Everybody's round is added up by everybody. Memory is ready: see do_round. */
static cit_status share_round(work *w, pass *p, shift *r, bool *ret_stop, cit_errors *errs) {
    const size_t size = letter_size(p);
    char *mine = w->letters, *all = w->letters + size;
    letter sum = {0}, own = {atomic_load(&r->stop), (int64_t)r->st};
    cit_status st = CIT_OK;
    memset(mine, 0, size);
    memcpy(mine, &own, sizeof own);
    memcpy(mine + sizeof own, r->sum.bytes, p->size);
    for (int i = 0; i < r->count; i++)
        ((unsigned char *)mine + sizeof own + p->size)[r->chunks[i]] = r->done[i];
    if (w->ranks == 1)
        memcpy(all, mine, size);
    else if (!w->with->ranks->gather(w->with->ranks->context, mine, size, all))
        return cit_fail(errs, CIT_IO, "", "a process does not answer");
    for (int i = 0; i < w->ranks && st == CIT_OK; i++)
        st = read_letter(w, p, all + (size_t)i * size, &sum, errs);
    *ret_stop = sum.stop != 0;
    if (st == CIT_OK && sum.status != CIT_OK) {
        st = (cit_status)sum.status;
        if (r->st == CIT_OK) (void)!cit_fail(errs, st, "", "stopped: another process met a fault");
    }
    return st;
}

/* Room for a letter of each rank, and for one's own. */
static cit_status make_letters(work *w, const pass *p, cit_errors *errs) {
    const size_t size = ((size_t)w->ranks + 1) * letter_size(p);
    if (size <= w->letters_size) return CIT_OK;
    char *more = realloc(w->letters, size);
    if (more == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for letters");
    w->letters = more;
    w->letters_size = size;
    return CIT_OK;
}

static cit_status do_round(work *w, pass *p, bool *ret_stop, cit_errors *errs) {
    const size_t most = (size_t)CHUNKS_OF_ROUND * (size_t)w->threads;
    shift r = {.w = w,
               .p = p,
               .sum = *p,
               .errs = errs,
               .chunks = calloc(most, sizeof(int)),
               .done = calloc(most, 1)};
    cit_status st = CIT_OK;
    r.sum.bytes = NULL;
    if (r.chunks == NULL || r.done == NULL) st = cit_fail(errs, CIT_NOMEM, "", "no memory");
    if (st == CIT_OK) st = blank(w, p, &r.sum.bytes, errs);
    if (st == CIT_OK) st = make_letters(w, p, errs);
    st = agree(w, st, errs);
    if (st == CIT_OK && r.chunks != NULL) {
        r.count = choose_chunks(w, p, r.chunks);
#pragma omp parallel num_threads(w->threads)
        work_thread(&r);
        st = share_round(w, p, &r, ret_stop, errs);
    }
    free(r.chunks);
    free(r.done);
    free(r.sum.bytes);
    return st;
}

/* ---- saving and continuing -------------------------------------------------------------------------- */

typedef struct saved {
    char magic[16]; /* "cit-trial-save-3" */
    char key[40];
    int64_t passes; /* the last may be unfinished */
} saved;
static const char magic[16] = {'c', 'i', 't', '-', 't', 'r', 'i', 'a',
                               'l', '-', 's', 'a', 'v', 'e', '-', '3'};

static cit_status save(const work *w, cit_errors *errs) {
    if (w->with->save == NULL || w->rank != 0) return CIT_OK;
    size_t size = sizeof(saved) + sizeof(uint64_t), at = sizeof(saved);
    for (int i = 0; i < w->pass_count; i++) size += w->passes[i].size + (size_t)w->passes[i].chunks;
    char *bytes = calloc(1, size);
    saved head = {.passes = w->pass_count};
    if (bytes == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory for a checkpoint");
    memcpy(head.magic, magic, sizeof magic);
    memcpy(head.key, w->key, sizeof head.key);
    memcpy(bytes, &head, sizeof head);
    for (int i = 0; i < w->pass_count; i++) {
        const pass *p = &w->passes[i];
        memcpy(bytes + at, p->done, (size_t)p->chunks);
        memcpy(bytes + at + p->chunks, p->bytes, p->size);
        at += p->size + (size_t)p->chunks;
    }
    const uint64_t check = hash(hash_start, bytes, at);
    memcpy(bytes + at, &check, sizeof check);
    const cit_status st = w->with->save(w->with->save_context, bytes, size, errs);
    free(bytes);
    return st;
}

static cit_status bad_save(const char *why, cit_errors *errs) {
    return cit_fail(errs, CIT_INVALID, "checkpoint", "%s", why);
}

static bool is_finished(const pass *p) { return memchr(p->done, 0, (size_t)p->chunks) == NULL; }

static cit_status open_next(work *w, bool *ret_more, cit_errors *errs) {
    pass *p = &w->passes[w->pass_count];
    *ret_more = next_pass(w, p);
    if (!*ret_more) return CIT_OK;
    w->pass_count++;
    return pass_open(w, p, errs);
}

static cit_status resume_pass(work *w, const char *bytes, size_t end, size_t *at,
                              cit_errors *errs) {
    bool more = false;
    char *copy = NULL;
    cit_status st = open_next(w, &more, errs);
    if (st != CIT_OK) return st;
    if (!more) return bad_save("it has more in it than this trial needs", errs);
    pass *p = &w->passes[w->pass_count - 1];
    if (end - *at < p->size + (size_t)p->chunks) return bad_save("it is cut short", errs);
    memcpy(p->done, bytes + *at, (size_t)p->chunks);
    copy = malloc(p->size); /* as memory asks to be aligned */
    if (copy == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    memcpy(copy, bytes + *at + p->chunks, p->size);
    *at += p->size + (size_t)p->chunks;
    st = merge_pass(w, p, copy, errs);
    free(copy);
    return st;
}

static cit_status resume(work *w, cit_errors *errs) {
    const char *bytes = w->with->resume;
    const size_t size = w->with->resume_size;
    saved head;
    uint64_t check = 0;
    if (bytes == NULL) return CIT_OK;
    if (size < sizeof head + sizeof check || memcmp(bytes, magic, sizeof magic) != 0)
        return bad_save("this is no checkpoint of a trial, or one of another version", errs);
    memcpy(&head, bytes, sizeof head);
    head.key[sizeof head.key - 1] = 0;
    memcpy(&check, bytes + size - sizeof check, sizeof check);
    if (check != hash(hash_start, bytes, size - sizeof check))
        return bad_save("its bytes are not those that were written", errs);
    if (strcmp(head.key, w->key) != 0)
        return cit_fail(errs, CIT_INVALID, "checkpoint",
                        "it is of another trial, program, catalogue, posterior, seed, size or "
                        "processor (%s here, %.39s there)",
                        w->key, head.key);
    size_t at = sizeof head;
    cit_status st = CIT_OK;
    for (int64_t i = 0; i < head.passes && st == CIT_OK; i++) {
        if (i > 0 && !is_finished(&w->passes[i - 1])) return bad_save("it does not add up", errs);
        st = resume_pass(w, bytes, size - sizeof check, &at, errs);
    }
    if (st == CIT_OK && at != size - sizeof check) return bad_save("it does not add up", errs);
    return st;
}

/* ---- all of it ---------------------------------------------------------------------------------------- */

static double people_of(const work *w, const pass *p) { return (double)w->trials * p->people; }

/* What is known to be coming; a search is counted as its next doubling. */
static void estimate_work(work *w) {
    work later = *w;
    w->all_people = 0;
    for (int i = 0; i < w->pass_count; i++) w->all_people += people_of(w, &w->passes[i]);
    const int usual = w->trial->repeats.sensitivity == CIT_YES ? 5 : 2;
    for (; later.pass_count < usual; later.pass_count++) {
        pass p;
        if (next_pass(&later, &p)) w->all_people += people_of(w, &p);
    }
    if (cit_known(w->trial->repeats.target) && w->pass_count <= usual)
        w->all_people += (double)w->trials * FIRST_SIZE;
}

/* The first process alone writes; where it cannot, the others must not wait for it. */
static cit_status save_together(const work *w, cit_errors *errs) {
    return agree(w, save(w, errs), errs);
}

static cit_status finish_pass(work *w, pass *p, cit_errors *errs) {
    bool stop = false;
    while (!is_finished(p)) {
        cit_status st = do_round(w, p, &stop, errs);
        if (st == CIT_OK) st = save_together(w, errs);
        if (st != CIT_OK) return st;
        if (stop) return cit_fail(errs, CIT_CANCELLED, "", "stopped on request");
    }
    w->people_before += people_of(w, p);
    return CIT_OK;
}

static cit_status do_all(work *w, cit_errors *errs) {
    bool more = true;
    cit_status st = agree(w, resume(w, errs), errs);
    for (int i = 0; i < w->pass_count && st == CIT_OK; i++) {
        estimate_work(w);
        st = finish_pass(w, &w->passes[i], errs);
    }
    while (st == CIT_OK) {
        st = agree(w, open_next(w, &more, errs), errs);
        if (st != CIT_OK || !more) break;
        estimate_work(w);
        st = finish_pass(w, &w->passes[w->pass_count - 1], errs);
    }
    return st;
}

/* The least size from which on all that were tried reach the target. */
static int find_size(const work *w) {
    const pass *p = &w->passes[w->pass_count - 1];
    int size = 0;
    if (p->runs[0].kind != CIT_RUN_SIZE) return 0;
    for (int i = p->run_count - 1; i >= 0 && reaches(w, p, i); i--) size = p->runs[i].people;
    return size;
}

static cit_status sum_up(const work *w, cit_trial_result *r, cit_errors *errs) {
    int n = 0;
    for (int i = 0; i < w->pass_count; i++) n += w->passes[i].run_count;
    r->runs = calloc((size_t)n + 1, sizeof *r->runs);
    if (r->runs == NULL) return cit_fail(errs, CIT_NOMEM, "", "no memory");
    for (int i = 0; i < w->pass_count; i++) {
        const pass *p = &w->passes[i];
        r->followed += (int64_t)people_of(w, p) * sides_of(w->trial);
        for (int k = 0; k < p->run_count; k++) {
            const tally t = tally_of(w, p, k);
            const cit_status st = tally_summary(&t, &p->runs[k], &r->runs[r->run_count++], errs);
            if (st != CIT_OK) return st;
        }
    }
    r->seed = w->with->seed;
    r->trials = w->trials;
    r->has_posterior = w->with->posterior != NULL;
    r->searched = cit_known(w->trial->repeats.target);
    r->sample_size = find_size(w);
    memcpy(r->key, w->key, sizeof r->key);
    return CIT_OK;
}

static cit_status work_open(work *w, const cit_trial *t, const cit_catalogue *catalogue,
                            const cit_trial_options *o, cit_errors *errs) {
    w->trial = t;
    w->with = o;
    w->trials = o->trials > 0 ? o->trials : t->repeats.trials;
    w->people = o->people > 0 ? o->people : t->conduct.people;
    w->threads = o->threads > 0 ? o->threads : omp_get_num_procs();
    w->ranks = o->ranks != NULL ? o->ranks->count : 1;
    w->rank = o->ranks != NULL ? o->ranks->rank : 0;
    cit_status st = bench_make(t, catalogue, o->seed, o->posterior, &w->bench, errs);
    if (st == CIT_OK) st = make_key(w, catalogue, errs);
    return st;
}

/* Do all processes run the same? Each sends what it met, and a hash of its key. */
static cit_status compare_keys(const cit_ranks *ranks, const char *key, cit_status own,
                               cit_errors *errs) {
    typedef struct card {
        int64_t status;
        uint64_t key;
    } card;
    card mine = {own, hash(hash_start, key, strlen(key))}, all[CIT_RANKS_MAX];
    if (ranks == NULL || ranks->count == 1) return own;
    if (!ranks->gather(ranks->context, &mine, sizeof mine, all))
        return own != CIT_OK ? own : cit_fail(errs, CIT_IO, "", "a process does not answer");
    for (int i = 0; i < ranks->count && own == CIT_OK; i++)
        if (all[i].status != CIT_OK)
            own =
                cit_fail(errs, (cit_status)all[i].status, "", "stopped: process %d met a fault", i);
    for (int i = 1; i < ranks->count && own == CIT_OK; i++)
        if (all[i].key != all[0].key)
            own = cit_fail(errs, CIT_INVALID, "",
                           "process %d has another trial, program, catalogue, posterior, seed, "
                           "size or processor than the first (here: key %s)",
                           i, key);
    return own;
}

static void work_close(work *w) {
    for (int i = 0; i < w->pass_count; i++) pass_close(&w->passes[i]);
    bench_free(&w->bench);
    free(w->letters);
    free(w);
}

cit_status cit_trial_run(const cit_trial *t, const cit_catalogue *catalogue,
                         const cit_trial_options *options, cit_trial_result **ret,
                         cit_errors *errs) {
    cit_errors unheard = {0};
    if (errs == NULL) errs = &unheard;
    const cit_ranks *ranks = options->ranks;
    if (ranks != NULL && ranks->count > CIT_RANKS_MAX)
        return cit_fail(errs, CIT_INVALID, "", "%d processes; %d at most", ranks->count,
                        CIT_RANKS_MAX);
    work *w = calloc(1, sizeof *w);
    cit_trial_result *r = calloc(1, sizeof *r);
    cit_status st = w == NULL || r == NULL ? cit_fail(errs, CIT_NOMEM, "", "no memory")
                                           : work_open(w, t, catalogue, options, errs);
    st = compare_keys(ranks, w != NULL ? w->key : "", st, errs);
    if (st == CIT_OK && w != NULL && w->with != NULL) st = do_all(w, errs);
    if (st == CIT_OK && w != NULL && w->with != NULL && r != NULL) st = sum_up(w, r, errs);
    if (w != NULL) work_close(w);
    if (st != CIT_OK) {
        cit_trial_result_free(r);
        return st;
    }
    *ret = r;
    return CIT_OK;
}

void cit_trial_result_free(cit_trial_result *r) {
    if (r == NULL) return;
    for (int i = 0; i < r->run_count; i++) {
        free(r->runs[i].found);
        free(r->runs[i].seen);
    }
    free(r->runs);
    free(r);
}

const cit_trial_summary *cit_trial_run_of(const cit_trial_result *r, cit_trial_run_kind kind) {
    for (int i = 0; i < r->run_count; i++)
        if (r->runs[i].kind == kind) return &r->runs[i];
    return NULL;
}

/* ---- its people ------------------------------------------------------------------------------------------ */

static void tell(const bench *b, const flock *f, const run_plan *run, int trial, int person,
                 int side, cit_trial_person *ret) {
    const cit_trial *t = b->trial;
    const subject *s = &f->who[person];
    cit_appointment all[CIT_APPOINTMENTS_MAX];
    *ret = (cit_trial_person){.trial = trial,
                              .candidate = s->candidate,
                              .arm = arm_of(t, s, side),
                              .clinic = s->clinic,
                              .kind = b->kinds.items[s->kind].is,
                              .dropped_out = !stayed(b, f, run, person),
                              .start_gb = f->start[person * f->sides + side]};
    const int visits = cit_protocol_schedule(t->arms[ret->arm].protocol, 28, all);
    for (int v = 1; v < visits; v++) ret->visits_missed += (int)(s->missed >> v & 1);
    for (int e = 0; e < t->endpoint_count; e++)
        ret->value[e] =
            is_seen(b, f, run, person, e) ? rated(b, f, run, person, side, e) : CIT_UNKNOWN_NUMBER;
}

cit_status cit_trial_people(const cit_trial *t, const cit_catalogue *catalogue,
                            const cit_trial_options *options, int trials, cit_trial_person **ret,
                            int *ret_count, cit_errors *errs) {
    work w = {0};
    cit_status st = work_open(&w, t, catalogue, options, errs);
    const int sides = sides_of(t);
    if (trials > w.trials) trials = w.trials;
    const run_plan run = {CIT_RUN_ASSURANCE, w.people, t->conduct.drop_out, 1, t->conduct.leaving};
    const world_plan plan = usual_plan(&w, false);
    if (st == CIT_OK && (int64_t)trials * w.people * sides > CIT_TRIAL_PEOPLE_MAX)
        st = cit_fail(errs, CIT_INVALID, cit_doc_name(t->doc),
                      "%d trials of %d people are too many to be told one by one; %d rows at most",
                      trials, w.people, CIT_TRIAL_PEOPLE_MAX);
    cit_trial_person *all =
        st != CIT_OK ? NULL
                     : calloc((size_t)trials * (size_t)w.people * (size_t)sides + 1, sizeof *all);
    int n = 0;
    if (all == NULL && st == CIT_OK) st = cit_fail(errs, CIT_NOMEM, "", "no memory for people");
    for (int i = 0; i < trials && st == CIT_OK; i++) {
        flock f;
        if (!cit_progress_report(&options->progress, (double)i / trials, "people of trials")) {
            st = cit_fail(errs, CIT_CANCELLED, "", "stopped on request");
            break;
        }
        st = flocks_follow(&w.bench, &plan, i, 1, w.people, &f, errs);
        if (st != CIT_OK) break;
        for (int k = 0; k < w.people; k++)
            for (int side = 0; side < sides; side++)
                tell(&w.bench, &f, &run, i, k, side, &all[n++]);
        flock_free(&f);
    }
    bench_free(&w.bench);
    if (st != CIT_OK) {
        free(all);
        return st;
    }
    *ret = all;
    *ret_count = n;
    return CIT_OK;
}
