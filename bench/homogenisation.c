/* cit-study-homogenisation [--quick] [--only TITLE] [CATALOGUE]: the tables of docs/models/homogenisation.md, in
 * Markdown. How far a column is off tissue that sees every puncture, in per cent, after one visit, four 28 days apart
 * and four 7 days apart.
 *
 * A row is one study (homogenise.h) with those three courses, and some seeds where punctures are scattered. Those
 * of a section are run on all processors, then it prints them. The last lines say how far rows above the limits
 * of cit/healing.h are off, and those below. --quick leaves out what takes long; --only runs the sections whose
 * titles begin so. */
#include "homogenise.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COURSES = 3, SEEDS_MAX = 6, ROWS_MAX = 64 };
enum { ONCE, MONTHLY, WEEKLY };

typedef struct row {
    char name[48];
    study s;
    int seeds;
    bool monthly_only;
    study_result results[COURSES][SEEDS_MAX];
} row;

/* A section is what its rows have in common: how they are made, and what is said of them. */
typedef struct section {
    const char *title;
    void (*fill)(void);
    void (*print)(const row *rows, int count);
    bool quick, judged; /* judged: its rows show whether the limits hold */
} section;

static row *rows;
static int row_count;
static const cit_device *roller, *pen;
static const cit_posterior *posterior;

static _Noreturn void die(const char *where, const char *text) {
    fprintf(stderr, "cit-study-homogenisation: %s: %s\n", where, text);
    exit(1);
}

/* ---- rows ---------------------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static void add(const study *s, int seeds, const char *name,
                                                      ...) {
    if (row_count == ROWS_MAX) die("rows", "too many");
    row *r = &rows[row_count++];
    va_list list;
    va_start(list, name);
    vsnprintf(r->name, sizeof r->name, name, list);
    va_end(list);
    r->s = *s;
    r->seeds = seeds;
}

/* D in mm2/day. */
typedef struct spreads {
    double I, R, G;
} spreads;

/* The lowest that data/parameters/healing.yaml allows, and its values but for TGF-beta, of which the range is
 * the uncertainty. */
static const spreads lowest = {0.03, 0.003, 0.03}, typical = {0.29, 0.03, 0.09};

static study with(spreads D, double spacing) {
    study s = study_default();
    s.kinetics.D_I = D.I;
    s.kinetics.D_R = D.R;
    s.kinetics.D_G = D.G;
    s.spacing_mm = spacing;
    s.visits = 4;
    s.gap_day = 7; /* the monthly course has its own */
    return s;
}

/* Coarser and in single precision: the convergence section says what that costs. */
static study scattered(study s, const cit_device *device) {
    s.device = device;
    s.box_mm = fmax(5, 5 * s.spacing_mm);
    s.layers = 12;
    s.voxel_mm = 0.1;
    s.precision = CIT_SINGLE;
    return s;
}

static const cit_device *device_of(int i) {
    const cit_device *const devices[] = {NULL, pen, roller};
    return devices[i];
}
static const char *const device_names[] = {"lattice", "pen", "roller"};

/* D that put a density's Lambda at these values, as far as the range of each D goes. */
static void put_at(study *s, double I, double R, double G) {
    const double q2 = 4 * acos(-1) * acos(-1) * study_density(s);
    cit_kinetics *k = &s->kinetics;
    k->D_I = fmax(lowest.I, I * k->d_I / q2);
    k->D_R = fmax(lowest.R, R * k->d_R / q2);
    k->D_G = fmax(lowest.G, G * k->d_G / q2);
}

/* Draw 0: the table's values. Of the posterior: what all people share, where it was fitted. */
static cit_kinetics drawn(int draw, const cit_posterior *from) {
    cit_parameters p;
    int count = 0;
    const cit_parameter *table = cit_parameter_table(&count);
    cit_parameters_default(&p);
    for (int i = 0; draw > 0 && i < count; i++) {
        if (strcmp(table[i].group, "healing") != 0) continue;
        const char *name = table[i].param.name;
        const double z = from != NULL ? cit_posterior_number(from, draw, i) : CIT_UNKNOWN_NUMBER,
                     u = cit_random(1, (uint32_t)draw, cit_random_stream(name), 0);
        cit_parameter_set(
            &p, &table[i],
            cit_param_quantile(&table[i].param, cit_known(z) ? cit_normal_cdf(z) : u));
    }
    return p.healing;
}

/* ---- running them -------------------------------------------------------------------------------- */

static bool has(const row *r, int course) { return !r->monthly_only || course == MONTHLY; }

static study course_of(const row *r, int course, int seed) {
    study s = r->s;
    if (course == ONCE) s.visits = 1;
    if (course == MONTHLY) s.gap_day = 28;
    s.seed = (uint64_t)seed + 1;
    return s;
}

/* The last rows are the largest of their section: they begin first. */
static void run_all(void) {
#pragma omp parallel for schedule(dynamic)
    for (int i = row_count * COURSES * SEEDS_MAX - 1; i >= 0; i--) {
        row *r = &rows[i / (COURSES * SEEDS_MAX)];
        const int course = i / SEEDS_MAX % COURSES, seed = i % SEEDS_MAX;
        if (seed >= r->seeds || !has(r, course)) continue;
        const study s = course_of(r, course, seed);
        cit_errors errs = {0};
        if (study_run(&s, &r->results[course][seed], &errs) != CIT_OK)
            die(errs.items[0].where, errs.items[0].text);
    }
}

/* ---- figures of a row ---------------------------------------------------------------------------- */

typedef double figure(const study_result *r);
static double by_column(const study_result *r) { return study_error(&r->column, &r->tissue); }
static double by_three(const study_result *r) { return study_error(&r->three, &r->tissue); }
static double by_told(const study_result *r) { return study_error(&r->told, &r->tissue); }
static double by_even(const study_result *r) { return study_error(&r->even, &r->tissue); }
static double in_lift(const study_result *r) { return r->column.lift / r->tissue.lift - 1; }
static double in_tgf(const study_result *r) { return r->column.tgf / r->tissue.tgf - 1; }
static double in_cells(const study_result *r) {
    return r->column.myofibroblasts / r->tissue.myofibroblasts - 1;
}
static double left_there(const study_result *r) { return r->tissue.set_point; }
static double left_here(const study_result *r) { return r->column.set_point; }
static double density_there(const study_result *r) { return r->in_the_box; }

/* Mean over seeds, and their deviation. */
static double mean(const row *r, int course, figure *f) {
    double sum = 0;
    for (int i = 0; i < r->seeds; i++) sum += f(&r->results[course][i]);
    return sum / r->seeds;
}

static double deviation(const row *r, int course, figure *f) {
    const double middle = mean(r, course, f);
    double sum = 0;
    for (int i = 0; i < r->seeds; i++) sum += pow(f(&r->results[course][i]) - middle, 2);
    return sqrt(sum / fmax(1, r->seeds - 1));
}

/* Of the three courses the one that is furthest off. */
static double worst(const row *r, figure *f) {
    double most = 0;
    for (int c = 0; c < COURSES; c++)
        if (has(r, c) && fabs(mean(r, c, f)) > fabs(most)) most = mean(r, c, f);
    return most;
}

static bool above(const row *r) {
    return cit_column_is_homogenised(&r->s.kinetics, study_density(&r->s));
}

static void print_lambda(const row *r) {
    const cit_lambda l = cit_column_lambda(&r->s.kinetics, study_density(&r->s));
    printf(" %.1f | %.2f | %.1f |", l.inflammation, l.macrophages, l.tgf);
}

static void print_courses(const row *r, figure *f) {
    for (int c = 0; c < COURSES; c++)
        if (has(r, c))
            printf(" %+.1f |", 100 * mean(r, c, f));
        else
            printf(" |");
}

/* ---- sections ------------------------------------------------------------------------------------ */

static void print_rows(const row *r, int count) {
    puts("| needles | s | D_I | D_R | D_G | Lambda_I | Lambda_R | Lambda_G | once | monthly | "
         "weekly | lift | three layers | above |\n|---|---|---|---|---|---|---|---|---|---|---|---|"
         "---|---|");
    for (int i = 0; i < count; i++, r++) {
        const cit_kinetics *k = &r->s.kinetics;
        printf("| %s | %.2f | %.3f | %.4f | %.3f |", r->name, 1 / sqrt(study_density(&r->s)),
               k->D_I, k->D_R, k->D_G);
        print_lambda(r);
        print_courses(r, by_column);
        printf(" %+.1f | %+.1f | %s |\n", 100 * worst(r, in_lift), 100 * worst(r, by_three),
               above(r) ? "yes" : "");
    }
}

static const double spacings[] = {0.45, 0.63, 1.0, 1.5, 2.6};

static void fill_lattice(void) {
    for (int i = 0; i < 40; i++) {
        const spreads D = {i / 4 % 2 ? 0.29 : 0.03, i / 2 % 2 ? 0.03 : 0.003, i % 2 ? 0.29 : 0.03};
        const study s = with(D, spacings[i / 8]);
        add(&s, 1, "lattice");
    }
}

static void fill_scattered(void) {
    static const spreads D[] = {{0.03, 0.003, 0.03}, {0.29, 0.03, 0.03}, {0.29, 0.03, 0.09}};
    for (int i = 0; i < 18; i++) {
        const int device = 1 + i % 2;
        const study s = scattered(with(D[i / 2 % 3], spacings[1 + i / 6]), device_of(device));
        add(&s, 2, "%s", device_names[device]);
    }
}

static void fill_map(void) {
    static const double I[] = {4, 8, 16}, R[] = {0.5, 2}, G[] = {3, 9};
    for (int i = 0; i < 12; i++) {
        study s = scattered(with(typical, 1), roller);
        put_at(&s, I[i / 4], R[i / 2 % 2], G[i % 2]);
        add(&s, 2, "roller");
        rows[row_count - 1].monthly_only = true;
    }
}

static void fill_depth(void) {
    static const double reaches[] = {0.5, 1.0, 1.5};
    for (int i = 0; i < 14; i++) {
        const int device = 2 * (i % 2), thin = i / 12;
        study s = with(i / 6 % 2 ? typical : lowest, 1);
        s.reach_mm = reaches[thin ? 2 : i / 2 % 3];
        s.dermis_mm = thin ? 1.1 : 1.8;
        if (device) s = scattered(s, roller);
        add(&s, device ? 2 : 1, "%s, %.1f of %.1f mm", device_names[device], s.reach_mm,
            s.dermis_mm);
    }
}

static void fill_places(void) {
    for (int i = 0; i < 8; i++) {
        const int device = 2 * (i / 2 % 2);
        study s = with(lowest, i / 4 ? 1.0 : 0.63);
        s.moves = i % 2;
        if (device) s = scattered(s, roller);
        add(&s, device ? 2 : 1, "%s, %s", device_names[device],
            s.moves ? "other places" : "same places");
    }
}

static void fill_halos(void) {
    static const double halos[] = {0.05, 0.1, 0.2};
    for (int i = 0; i < 12; i++) {
        study s = with(i / 3 % 2 ? typical : lowest, i / 6 ? 1.0 : 0.63);
        s.halo_mm = halos[i % 3];
        s.voxel_mm = 0.025;
        add(&s, 1, "lattice, halo %.2f", s.halo_mm);
    }
}

/* The limits themselves, with kinetics as drawn. */
static void fill_limits(void) {
    static const double s_mm[] = {0.63, 1.0, 1.5};
    for (int i = 0; i < 24; i++) {
        study s = scattered(with(typical, s_mm[i / 8]), roller);
        s.kinetics = drawn(i % 8, NULL);
        put_at(&s, CIT_LAMBDA_MIN_INFLAMMATION, CIT_LAMBDA_MIN_MACROPHAGES, CIT_LAMBDA_MIN_TGF);
        add(&s, 2, "draw %d", i % 8);
    }
}

/* As drawn, D and all, at 15 and at 5 passes of a roller. */
static void fill_drawn(void) {
    for (int i = 0; i < 16; i++) {
        study s = scattered(with(typical, i / 8 ? 1.14 : 0.66), roller);
        const cit_posterior *from = i / 4 % 2 ? posterior : NULL;
        s.kinetics = drawn(1 + i % 4, from);
        add(&s, 2, "%s %d", from ? "posterior" : "prior", 1 + i % 4);
    }
}

/* Lasting loss follows the peaks of inflammation, which are in the channels: eight visits, soon after each other,
 * with the fastest loss of the table's range. */
static void fill_loss(void) {
    static const double gaps[] = {2, 7};
    for (int i = 0; i < 16; i++) {
        study s = with(i % 2 ? typical : lowest, i / 4 % 2 ? 1.0 : 0.45);
        s.kinetics.s_x = 0.03;
        s.kinetics.P_c = 3;
        s.halo_mm = i / 2 % 2 ? 0.2 : 0.1;
        s.visits = 8;
        s.gap_day = gaps[i / 8];
        add(&s, 1, "lattice, halo %.1f, every %.0f d", s.halo_mm, s.gap_day);
    }
}

static void print_loss(const row *r, int count) {
    puts("| needles | s | D_I | collagen | lift | set point left, tissue | column |\n"
         "|---|---|---|---|---|---|---|");
    for (int i = 0; i < count; i++, r++)
        printf("| %s | %.2f | %.2f | %+.1f | %+.1f | %.3f | %.3f |\n", r->name, r->s.spacing_mm,
               r->s.kinetics.D_I, 100 * mean(r, WEEKLY, by_column), 100 * mean(r, WEEKLY, in_lift),
               mean(r, WEEKLY, left_there), mean(r, WEEKLY, left_here));
}

/* A column has one D for all layers; `even` is one that has the tissue's. */
static void fill_layered(void) {
    static double up[12], down[12];
    for (int k = 0; k < 12; k++) {
        up[k] = exp(log(10) * (k - 5.5) / 11);
        down[11 - k] = up[k];
    }
    for (int i = 0; i < 8; i++) {
        study s = with(i / 2 % 2 ? typical : lowest, 1);
        s.layers = 12;
        s.spread = i % 2 ? down : up;
        if (i / 4) s = scattered(s, roller);
        add(&s, i / 4 ? 2 : 1, "%s, D %s", device_names[i / 4 ? 2 : 0],
            i % 2 ? "high at the top" : "high below");
    }
}

static void print_layered(const row *r, int count) {
    puts("| needles | D_I | column of one D | with the tissue's own D by layer "
         "|\n|---|---|---|---|");
    for (int i = 0; i < count; i++, r++)
        printf("| %s | %.2f | %+.1f | %+.1f |\n", r->name, r->s.kinetics.D_I,
               100 * worst(r, by_column), 100 * worst(r, by_even));
}

/* What one piece of skin of this size does, beside a column that is told the density alone. */
static void fill_boxes(void) {
    static const double sizes[] = {2, 4, 8};
    for (int i = 0; i < 12; i++) {
        const int device = 1 + i / 3 % 2;
        study s = scattered(with(typical, i / 6 ? 1.0 : 0.63), device_of(device));
        s.box_mm = sizes[i % 3];
        s.moves = true;
        add(&s, SEEDS_MAX, "%s, %.0f mm", device_names[device], sizes[i % 3]);
        rows[row_count - 1].monthly_only = true;
    }
}

static void print_boxes(const row *r, int count) {
    puts("| box | s | punctures per cm2 | told its own wound | told the density | lift |\n"
         "|---|---|---|---|---|---|");
    for (int i = 0; i < count; i++, r++)
        printf("| %s | %.2f | %.0f (%.0f) | %+.1f (%.1f) | %+.1f (%.1f) | %+.1f |\n", r->name,
               1 / sqrt(study_density(&r->s)), 100 * mean(r, MONTHLY, density_there),
               100 * deviation(r, MONTHLY, density_there), 100 * mean(r, MONTHLY, by_column),
               100 * deviation(r, MONTHLY, by_column), 100 * mean(r, MONTHLY, by_told),
               100 * deviation(r, MONTHLY, by_told), 100 * mean(r, MONTHLY, in_lift));
}

static void print_why(const row *r, int count) {
    puts("| needles | D_I | TGF-beta, day 6 | myofibroblasts, day 14 | collagen, day 60 | lift |\n"
         "|---|---|---|---|---|---|");
    for (int i = 0; i < count; i++, r++)
        for (int c = ONCE; c <= WEEKLY; c += WEEKLY)
            printf("| %s, %s | %.2f | %+.1f | %+.1f | %+.1f | %+.1f |\n", r->name,
                   c == ONCE ? "once" : "weekly", r->s.kinetics.D_I, 100 * mean(r, c, in_tgf),
                   100 * mean(r, c, in_cells), 100 * mean(r, c, by_column),
                   100 * mean(r, c, in_lift));
}

static void fill_why(void) {
    for (int i = 0; i < 4; i++) {
        study s = with(i % 2 ? typical : lowest, 1.5);
        if (i / 2) s = scattered(s, roller);
        add(&s, i / 2 ? 2 : 1, "%s", device_names[i / 2 ? 2 : 0]);
    }
}

/* The worst rows, then with all else as it was: finer voxels, layers and steps, the other precision. */
static void fill_convergence(void) {
    for (int i = 0; i < 2; i++) {
        study s = with(lowest, 2.6), fine = s;
        if (i) s = fine = scattered(with(lowest, 0.63), roller);
        add(&s, 1, "%s", device_names[2 * i]);
        fine.voxel_mm = 0.5 * s.voxel_mm;
        add(&fine, 1, "%s, half the width", device_names[2 * i]);
        fine = s;
        fine.layers = 2 * s.layers;
        add(&fine, 1, "%s, twice the layers", device_names[2 * i]);
        fine = s;
        fine.tolerance = 1e-3;
        add(&fine, 1, "%s, tolerance / 10", device_names[2 * i]);
        fine = s;
        fine.precision = i ? CIT_DOUBLE : CIT_SINGLE;
        add(&fine, 1, "%s, %s precision", device_names[2 * i], i ? "double" : "single");
    }
}

static void print_convergence(const row *r, int count) {
    puts("| needles | once | monthly | weekly | lift | three layers |\n|---|---|---|---|---|---|");
    for (int i = 0; i < count; i++, r++) {
        printf("| %s |", r->name);
        for (int c = 0; c < COURSES; c++) printf(" %+.2f |", 100 * mean(r, c, by_column));
        printf(" %+.2f | %+.2f |\n", 100 * worst(r, in_lift), 100 * worst(r, by_three));
    }
}

static const section sections[] = {
    {"A lattice", fill_lattice, print_rows, true, true},
    {"Scattered", fill_scattered, print_rows, false, true},
    {"Scattered, by Lambda", fill_map, print_rows, false, true},
    {"Drawn kinetics at the limits", fill_limits, print_rows, false, true},
    {"Kinetics as drawn", fill_drawn, print_rows, false, true},
    {"Depth", fill_depth, print_rows, false, true},
    {"Visits at other places", fill_places, print_rows, false, true},
    {"Halos", fill_halos, print_rows, true, true},
    {"Lasting loss", fill_loss, print_loss, true, true},
    {"Where it comes from", fill_why, print_why, true, false},
    {"D by layer", fill_layered, print_layered, false, false},
    {"One piece of skin", fill_boxes, print_boxes, false, false},
    {"Voxels, layers, steps", fill_convergence, print_convergence, true, false},
};
enum { SECTIONS = sizeof sections / sizeof *sections };

/* ---- the whole ------------------------------------------------------------------------------------ */

/* Of the rows above the limits, and of those below. */
typedef struct verdict {
    int rows, beyond; /* beyond: collagen off by more than 5 % */
    double collagen, lift, three;
} verdict;

static void judge(const row *r, verdict *v) {
    const double off = fabs(worst(r, by_column));
    v->rows++;
    v->beyond += off > 0.05;
    v->collagen = fmax(v->collagen, off);
    v->lift = fmax(v->lift, fabs(worst(r, in_lift)));
    v->three = fmax(v->three, fabs(worst(r, by_three)));
}

static void print_verdicts(const verdict v[2]) {
    printf("\nLimits: Lambda_I %g, Lambda_R %g, Lambda_G %g.\n", CIT_LAMBDA_MIN_INFLAMMATION,
           CIT_LAMBDA_MIN_MACROPHAGES, CIT_LAMBDA_MIN_TGF);
    for (int side = 1; side >= 0; side--)
        printf("%s, %d rows: collagen off by more than 5 %% in %d, by at most %.1f %%; lift %.1f "
               "%%; with three layers %.1f %%\n",
               side ? "Above" : "Below", v[side].rows, v[side].beyond, 100 * v[side].collagen,
               100 * v[side].lift, 100 * v[side].three);
}

typedef struct wanted {
    const char *folder, *only; /* only: how a section's title begins */
    bool quick;
} wanted;

static wanted wanted_of(int argc, char **argv) {
    wanted w = {.folder = BENCH_SOURCE "/../data"};
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--quick") == 0)
            w.quick = true;
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
            w.only = argv[++i];
        else
            w.folder = argv[i];
    return w;
}

static bool is_wanted(const wanted *w, const section *s) {
    if (w->only != NULL) return strncmp(s->title, w->only, strlen(w->only)) == 0;
    return s->quick || !w->quick;
}

static void run_section(const section *s, verdict verdicts[2]) {
    row_count = 0;
    memset(rows, 0, (size_t)ROWS_MAX * sizeof *rows);
    s->fill();
    run_all();
    printf("\n## %s\n\n", s->title);
    s->print(rows, row_count);
    fflush(stdout);
    for (int i = 0; s->judged && i < row_count; i++) judge(&rows[i], &verdicts[above(&rows[i])]);
}

int main(int argc, char **argv) {
    const wanted w = wanted_of(argc, argv);
    verdict verdicts[2] = {0};
    cit_errors errs = {0};
    cit_catalogue *catalogue = NULL;
    if (cit_catalogue_load(w.folder, &catalogue, &errs) != CIT_OK)
        die(errs.items[0].where, errs.items[0].text);
    roller = cit_catalogue_device(catalogue, "dermaroller-192");
    pen = cit_catalogue_device(catalogue, "pen-12");
    posterior = catalogue->posterior;
    if (roller == NULL || pen == NULL) die(w.folder, "has no dermaroller-192 or pen-12");
    rows = calloc(ROWS_MAX, sizeof *rows);
    if (rows == NULL) die("", "no memory");
    for (int i = 0; i < SECTIONS; i++)
        if (is_wanted(&w, &sections[i])) run_section(&sections[i], verdicts);
    print_verdicts(verdicts);
    free(rows);
    cit_catalogue_free(catalogue);
    return 0;
}
