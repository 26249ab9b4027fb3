/* cit-bench-diffusion [--rounds N] [--only WORKLOAD] OUTPUT.csv: steps of diffusion and decay, in millions of
 * voxels times fields a second (MVSU/s), beside two baselines of the classes of BioFVM and
 * PhysiCore (diffusion_peers.c) and FreeFEM where it is installed.
 *
 * A round times one piece of each solver in order, and a sweep that scales memory in place, which is what a
 * step that reads and writes all fields twice (32 bytes a voxel and field in double precision) can reach at
 * half of. A figure is the median over rounds, a ratio the median of the rounds' ratios. */
#include "diffusion.h"
#include "bench.h"
#include "figures.h"
#include <cit/num.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

const double diffusion_d[DIFFUSION_FIELDS_MAX] = {1e5, 3e4, 1e4, 6e3, 3e3, 1e3, 600, 300};
const double diffusion_decay[DIFFUSION_FIELDS_MAX] = {0.1,  0.05,  0.02,  0.01,
                                                      0.01, 0.005, 0.002, 0.001};
const double diffusion_h_um = 20, diffusion_dt_min = 0.01;

static const diffusion_box boxes[] = {{"small", 80, 80, 50, 8}, {"large", 200, 200, 100, 4}};
static const diffusion_box freefem_box = {"freefem", 40, 40, 25, 1};
static const diffusion_solver *const solvers[] = {
    &diffusion_pointers, &diffusion_plain,  &diffusion_xyz,        &diffusion_alternating,
    &diffusion_layers,   &diffusion_voxels, &diffusion_xyz_single, &diffusion_alternating_single};

enum {
    BOXES = sizeof boxes / sizeof *boxes,
    SOLVERS = sizeof solvers / sizeof *solvers,
    POINTERS = 0,
    PLAIN = 1,
    THREADS = 2,
    ERROR_STEPS = 10
};
static const double piece_seconds = 0.2;

void bench_die(const char *format, ...) {
    va_list list;
    va_start(list, format);
    fputs("cit-bench-diffusion: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    exit(EXIT_FAILURE);
}

/* ---- the exact solution ------------------------------------------------------------------------ */

static double mode(const diffusion_box *b, int i, int j, int k) {
    return 0.5 * cos(PI * (i + 0.5) / b->nx) * cos(PI * (j + 0.5) / b->ny) *
           cos(PI * (k + 0.5) / b->nz);
}

double diffusion_start(const diffusion_box *b, int i, int j, int k) { return 1 + mode(b, i, j, k); }

/* The largest error of any voxel and field, relative to the exact value there. */
static double worst_error(const diffusion_box *b, const diffusion_solver *solver, const void *state,
                          int steps) {
    const double t = steps * diffusion_dt_min, h = diffusion_h_um;
    const double q = PI / h,
                 k2 = q * q * (1.0 / b->nx / b->nx + 1.0 / b->ny / b->ny + 1.0 / b->nz / b->nz);
    double worst = 0;
    for (int s = 0; s < b->fields; s++) {
        const double fade = exp(-diffusion_decay[s] * t), spread = exp(-diffusion_d[s] * k2 * t);
        for (int k = 0; k < b->nz; k++)
            for (int j = 0; j < b->ny; j++)
                for (int i = 0; i < b->nx; i++) {
                    const double exact = fade * (1 + spread * mode(b, i, j, k));
                    const double off = fabs(solver->value(state, s, i, j, k) / exact - 1);
                    if (!(off <= worst)) worst = off;
                }
    }
    return worst;
}

/* ---- rounds ------------------------------------------------------------------------------------ */

typedef struct contender {
    const diffusion_solver *solver;
    void *state;
    int threads, steps; /* of a piece */
    double error, rates[ROUNDS_MAX];
} contender;

static double seconds_of(const contender *c, int steps) {
    const double start = seconds_now(c->threads);
    c->solver->run(c->state, steps);
    return seconds_now(c->threads) - start;
}

static contender contender_new(const diffusion_box *b, const diffusion_solver *solver,
                               int threads) {
    contender c = {.solver = solver, .state = solver->open(b, threads), .threads = threads};
    if (c.state == NULL) bench_die("no memory for %s", solver->name);
    const double seconds = seconds_of(&c, ERROR_STEPS) / ERROR_STEPS;
    c.error = worst_error(b, solver, c.state, ERROR_STEPS);
    c.steps = (int)(piece_seconds / seconds / 2) * 2; /* even: alternating steps come in pairs */
    if (c.steps < 2) c.steps = 2;
    return c;
}

static figure ratio_of(const contender *a, const contender *b, int rounds) {
    return figure_of_ratios(a->rates, b->rates, rounds);
}

static void report(const diffusion_box *b, int threads, const contender *all, int rounds,
                   double sweep_gb, FILE *csv) {
    const double voxels = (double)b->nx * b->ny * b->nz * b->fields;
    for (int i = 0; i < SOLVERS; i++) {
        const contender *c = &all[i];
        const figure rate = figure_of(c->rates, rounds),
                     pointers = ratio_of(c, &all[POINTERS], rounds),
                     plain = ratio_of(c, &all[PLAIN], rounds);
        const double bytes = (double)c->solver->bytes(c->state) / voxels;
        const bool single = strstr(c->solver->name, "single") != NULL;
        const double share = rate.value * 1e6 * (single ? 16 : 32) / (sweep_gb * 1e9);
        printf(
            "  %-18s %7.1f (%.1f to %.1f); %5.2f (%.2f to %.2f) x pointers, %5.2f (%.2f to %.2f) x "
            "plain; %.2f of memory; error %.3e; %.1f B\n",
            c->solver->name, rate.value, rate.min, rate.max, pointers.value, pointers.min,
            pointers.max, plain.value, plain.min, plain.max, share, c->error, bytes);
        fprintf(csv,
                "%s,%d,%s,%.5g,%.5g,%.5g,%.4g,%.4g,%.4g,%.4g,%.4g,%.4g,%.4g,%.4g,%.3e,%.4g,%d\n",
                b->name, threads, c->solver->name, rate.value, rate.min, rate.max, pointers.value,
                pointers.min, pointers.max, plain.value, plain.min, plain.max, sweep_gb, share,
                c->error, bytes, rounds);
    }
}

static void run_box(const diffusion_box *b, int threads, int rounds, FILE *csv) {
    contender all[SOLVERS];
    double sweeps[ROUNDS_MAX];
    sweep memory =
        sweep_new((size_t)b->nx * (size_t)b->ny * (size_t)b->nz * (size_t)b->fields, threads);
    const double work = 1e-6 * b->nx * b->ny * b->nz * b->fields;
    for (int i = 0; i < SOLVERS; i++) all[i] = contender_new(b, solvers[i], threads);
    machine_watch(0);
    for (int round = 0; round < rounds; round++) {
        sweeps[round] = sweep_rate(&memory, 0.5 * piece_seconds);
        for (int i = 0; i < SOLVERS; i++)
            all[i].rates[round] = work * all[i].steps / seconds_of(&all[i], all[i].steps);
    }
    const double busy = machine_watched(0);
    const figure gb = figure_of(sweeps, rounds);
    printf(
        "%s: %d x %d x %d x %d, %d thread%s, %d rounds, MVSU/s; memory in place %.1f GB/s (%.1f to "
        "%.1f); other programs kept %.1f cores busy\n",
        b->name, b->nx, b->ny, b->nz, b->fields, threads, threads > 1 ? "s" : "", rounds, gb.value,
        gb.min, gb.max, busy);
    report(b, threads, all, rounds, gb.value, csv);
    for (int i = 0; i < SOLVERS; i++) all[i].solver->close(all[i].state);
    sweep_free(&memory);
}

/* ---- FreeFEM ----------------------------------------------------------------------------------- */

/* BENCH_SOURCE is this folder, from meson.build. Debian's package finds its own files only where it is told. */
static bool ask_freefem(double *ret_assembly, double *ret_step, double *ret_vertices,
                        double *ret_error) {
    char line[400];
    bool found = false;
    FILE *f = popen("command -v FreeFem++-nw >/dev/null && cd /tmp && "
                    "FF_LOADPATH=/usr/lib/freefem++ FF_INCLUDEPATH=/usr/share/freefem++/idp "
                    "FreeFem++-nw -v 0 -nw '" BENCH_SOURCE "/diffusion.edp' 2>/dev/null",
                    "r");
    if (f == NULL) return false;
    while (fgets(line, sizeof line, f) != NULL)
        found = found || sscanf(line, "RESULT %lf %lf %lf %lf", ret_assembly, ret_step,
                                ret_vertices, ret_error) == 4;
    pclose(f);
    return found;
}

static void run_freefem(FILE *csv) {
    double assembly, step, vertices, error;
    if (!ask_freefem(&assembly, &step, &vertices, &error)) {
        printf("freefem: not here (package freefem++ with libfreefem++)\n");
        return;
    }
    contender c = contender_new(&freefem_box, &diffusion_xyz, 1);
    const double work = 1e-6 * freefem_box.nx * freefem_box.ny * freefem_box.nz;
    const double ours = work * c.steps / seconds_of(&c, c.steps), theirs = work / step;
    printf(
        "freefem: 40 x 40 x 25 x 1, 1 thread: %.3g MVSU/s after %.2g s of assembly, %.0f vertices, "
        "error %.1e; xyz %.0f, %.0f x, error %.1e\n",
        theirs, assembly, vertices, error, ours, ours / theirs, c.error);
    fprintf(csv, "freefem,1,freefem,%.5g,,,,,,,,,,,%.3e,,1\nfreefem,1,xyz,%.5g,,,,,,,,,,,%.3e,,1\n",
            theirs, error, ours, c.error);
    c.solver->close(c.state);
}

int main(int argc, char **argv) {
    int rounds = 7, i = 1;
    const char *only = "";
    for (; i < argc - 2; i += 2) {
        if (strcmp(argv[i], "--rounds") == 0)
            rounds = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--only") == 0)
            only = argv[i + 1];
        else
            break;
    }
    if (i != argc - 1 || rounds < 1 || rounds > ROUNDS_MAX)
        bench_die("usage: cit-bench-diffusion [--rounds 1..%d] [--only WORKLOAD] OUTPUT.csv",
                  ROUNDS_MAX);
    FILE *csv = fopen(argv[i], "w");
    if (csv == NULL) bench_die("cannot write %s", argv[i]);
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("best instructions here: %s\n", cit_instructions_name(cit_instructions_best()));
    fputs("workload,threads,solver,mvsu_s,min,max,over_pointers,min,max,over_plain,min,max,memory_"
          "gb_s,"
          "share_of_memory,error,bytes,rounds\n",
          csv);
    for (int b = 0; b < BOXES; b++)
        for (int threads = 1; threads <= THREADS && strncmp(boxes[b].name, only, strlen(only)) == 0;
             threads++)
            run_box(&boxes[b], threads, rounds, csv);
    if (strncmp("freefem", only, strlen(only)) == 0) run_freefem(csv);
    if (fclose(csv) != 0) bench_die("cannot write %s", argv[i]);
    return EXIT_SUCCESS;
}
