/* cit-bench-tissue [--rounds N] [--only GROUP] [--fine yes] OUTPUT.csv: steps of living dermis, in nanoseconds a
 * voxel step, beside its parts and its kinds; how the cost grows; memory; and courses of a year. --fine: the
 * courses at 25 um as well.
 *
 * A round times one piece of each contender of a group in order, and memory that is scaled in place. A figure is
 * the median over rounds, a ratio the median of the rounds' ratios. */
#include "tissue.h"
#include "bench.h"
#include "figures.h"
#include <cit/num.h>
#include <stdlib.h>
#include <string.h>

enum { CONTENDERS_MAX = 8, MODEL_FIELDS = 10, SWEEP_COUNT = 1 << 24 };
static const double piece_seconds = 0.2;

void bench_die(const char *format, ...) {
    va_list list;
    va_start(list, format);
    fputs("cit-bench-tissue: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    exit(EXIT_FAILURE);
}

/* ---- groups ------------------------------------------------------------------------------------- */

typedef struct row {
    const char *name;
    const tissue_contender *what;
    tissue_box box;
    int beside;  /* the row of the group that the ratio is to */
    double goal; /* of that ratio; 0: none */
} row;

typedef struct group {
    const char *name;
    int threads; /* whose clock all rows have, and the memory beside them */
    int count;
    row rows[CONTENDERS_MAX];
} group;

/* Rows of a ladder have as many bytes a voxel; the last takes 1.8 GB. */
static const group groups[] = {
    {"parts",
     1,
     7,
     {{"model", &tissue_model, {100, 100, 40, .threads = 1}, 1, 2},
      {"diffusion alone", &tissue_diffusion, {100, 100, 40, .threads = 1}, 1, 0},
      {"its solutions", &tissue_solves, {100, 100, 40, .threads = 1}, 1, 0},
      {"model, layers", &tissue_model, {100, 100, 40, .threads = 1, .layered = true}, 0, 1.5},
      {"model, a dip", &tissue_model, {100, 100, 40, .threads = 1, .dip = true}, 0, 0},
      {"model, single", &tissue_model, {100, 100, 40, .threads = 1, .single = true}, 0, 0},
      {"single, a dip",
       &tissue_model,
       {100, 100, 40, .threads = 1, .dip = true, .single = true},
       5,
       0}}},
    {"sizes",
     1,
     5,
     {{"100,000", &tissue_model, {50, 50, 40, .threads = 1}, 0, 0},
      {"400,000", &tissue_model, {100, 100, 40, .threads = 1}, 0, 0},
      {"1,024,000", &tissue_model, {160, 160, 40, .threads = 1}, 0, 0},
      {"3,200,000", &tissue_model, {200, 200, 80, .threads = 1}, 0, 0},
      {"10,000,000", &tissue_model, {250, 250, 160, .threads = 1}, 0, 0}}},
    {"threads",
     2,
     3,
     {{"one thread", &tissue_model, {100, 100, 40, .threads = 1}, 0, 0},
      {"two threads", &tissue_model, {100, 100, 40, .threads = 2}, 0, 0},
      {"two, a dip", &tissue_model, {100, 100, 40, .threads = 2, .dip = true}, 1, 0}}},
};
enum { GROUPS = sizeof groups / sizeof *groups };

typedef struct contender {
    const row *row;
    void *state;
    int steps; /* of a piece */
    double ns[ROUNDS_MAX];
} contender;

static double voxels(const tissue_box *b) { return (double)b->nx * b->ny * b->nz; }

static double seconds_of(const contender *c, int threads, int steps) {
    const double start = seconds_now(threads);
    c->row->what->run(c->state, steps);
    return seconds_now(threads) - start;
}

static contender contender_new(const row *r, int threads) {
    contender c = {.row = r, .state = r->what->open(&r->box)};
    const double seconds = seconds_of(&c, threads, 1);
    c.steps = (int)(piece_seconds / seconds);
    if (c.steps < 1) c.steps = 1;
    return c;
}

static void report(const group *g, const contender *all, int rounds, double gb, FILE *csv) {
    for (int i = 0; i < g->count; i++) {
        const row *r = all[i].row;
        const figure ns = figure_of(all[i].ns, rounds),
                     ratio = figure_of_ratios(all[i].ns, all[r->beside].ns, rounds);
        const double bytes = r->what->bytes(all[i].state) / voxels(&r->box);
        printf("  %-16s %6.1f ns (%.1f to %.1f)", r->name, ns.value, ns.min, ns.max);
        if (r->beside != i)
            printf("; %.2f (%.2f to %.2f) x %s", ratio.value, ratio.min, ratio.max,
                   g->rows[r->beside].name);
        if (r->goal > 0)
            printf(", goal %g: %s", r->goal, ratio.value <= r->goal ? "reached" : "missed");
        printf("; %.0f B a voxel", bytes);
        if (r->what == &tissue_model) printf(", %.1f a field", bytes / MODEL_FIELDS);
        printf("\n");
        fprintf(csv, "%s,%s,%.0f,%.4g,%.4g,%.4g,%.4g,%.4g,%.4g,%.4g,%.4g,%d\n", g->name, r->name,
                voxels(&r->box), ns.value, ns.min, ns.max, ratio.value, ratio.min, ratio.max, bytes,
                gb, rounds);
    }
}

static void run_group(const group *g, int rounds, FILE *csv) {
    contender all[CONTENDERS_MAX];
    double sweeps[ROUNDS_MAX];
    sweep memory = sweep_new(SWEEP_COUNT, g->threads);
    for (int i = 0; i < g->count; i++) all[i] = contender_new(&g->rows[i], g->threads);
    machine_watch(0);
    for (int round = 0; round < rounds; round++) {
        sweeps[round] = sweep_rate(&memory, 0.5 * piece_seconds);
        for (int i = 0; i < g->count; i++)
            all[i].ns[round] = 1e9 * seconds_of(&all[i], g->threads, all[i].steps) /
                               (voxels(&g->rows[i].box) * all[i].steps);
    }
    const double busy = machine_watched(0);
    const figure gb = figure_of(sweeps, rounds);
    printf("%s: %d rounds, %s; memory in place %.1f GB/s (%.1f to %.1f); other programs kept "
           "%.1f cores busy\n",
           g->name, rounds, g->threads > 1 ? "by the wall clock" : "one thread's seconds", gb.value,
           gb.min, gb.max, busy);
    report(g, all, rounds, gb.value, csv);
    for (int i = 0; i < g->count; i++) g->rows[i].what->close(all[i].state);
    sweep_free(&memory);
}

/* ---- courses ------------------------------------------------------------------------------------ */

typedef struct course_row {
    double voxel_um, goal_s; /* goal of two threads; 0: none */
    bool dip, single, fine;
} course_row;

static void run_courses(bool fine, FILE *csv) {
    static const course_row rows[] = {{50, 0, .dip = false},
                                      {50, 20, .dip = true},
                                      {50, 0, .single = true},
                                      {25, 180, .fine = true},
                                      {25, 0, .fine = true, .dip = true}};
    printf("courses: 5 x 5 x 2 mm, four visits and a year\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int threads = 1; threads <= 2; threads++) {
            const course_row *r = &rows[i];
            if (r->fine && !fine) continue;
            machine_watch(0);
            const tissue_course c = tissue_course_run(r->voxel_um, r->dip, r->single, threads);
            const double busy = machine_watched(0);
            printf("  %g um%s%s, %d thread%s: %.1f s, of the processor %.1f s; %ld steps, %ld of "
                   "Euler, %ld rejected; other programs kept %.1f cores busy",
                   r->voxel_um, r->dip ? ", a dip" : "", r->single ? ", single" : "", threads,
                   threads > 1 ? "s" : "", c.wall_s, c.processor_s, c.steps, c.euler_steps,
                   c.rejected, busy);
            if (r->goal_s > 0 && threads > 1)
                printf("; goal %g s: %s", r->goal_s, c.wall_s <= r->goal_s ? "reached" : "missed");
            printf("\n");
            fprintf(csv, "courses,%g um%s%s %d,%.0f,%.4g,%.4g,,,,,,,1\n", r->voxel_um,
                    r->dip ? " dip" : "", r->single ? " single" : "", threads, c.voxel_steps,
                    c.wall_s, c.processor_s);
        }
}

static bool asked(const char *only, const char *name) {
    return strncmp(name, only, strlen(only)) == 0;
}

int main(int argc, char **argv) {
    int rounds = 7, i = 1;
    const char *only = "";
    bool fine = false;
    for (; i < argc - 2; i += 2) {
        if (strcmp(argv[i], "--rounds") == 0)
            rounds = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--only") == 0)
            only = argv[i + 1];
        else if (strcmp(argv[i], "--fine") == 0)
            fine = strcmp(argv[i + 1], "yes") == 0;
        else
            break;
    }
    if (i != argc - 1 || rounds < 1 || rounds > ROUNDS_MAX)
        bench_die("usage: cit-bench-tissue [--rounds 1..%d] [--only GROUP] [--fine yes] OUTPUT.csv",
                  ROUNDS_MAX);
    FILE *csv = fopen(argv[i], "w");
    if (csv == NULL) bench_die("cannot write %s", argv[i]);
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("best instructions here: %s\n", cit_instructions_name(cit_instructions_best()));
    fputs("group,row,voxels,ns,min,max,ratio,min,max,bytes,memory_gb_s,rounds\n", csv);
    for (int g = 0; g < GROUPS; g++)
        if (asked(only, groups[g].name)) run_group(&groups[g], rounds, csv);
    if (asked(only, "courses")) run_courses(fine, csv);
    if (fclose(csv) != 0) bench_die("cannot write %s", argv[i]);
    return EXIT_SUCCESS;
}
