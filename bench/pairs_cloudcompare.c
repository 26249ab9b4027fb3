/* cit-bench-cloudcompare [--rounds N] [--seed N] [--n SAMPLES] [--only SETTING]: the alignment of a pair beside the
 * iterative closest points of CloudCompare (docs/models/pairs.md).
 *
 * A phantom of 40.96 mm and the same skin 0.5 mm and 1 degree away, nothing else changed: a rigid motion, which is all
 * that CloudCompare looks for. Both programs read the same two text files of x, y, z; where CloudCompare is given the
 * later skin as a mesh, a PLY of the same points. Neither is told how the files lie. In a round each runs once, on two
 * threads. Seconds are those of the registration, reading and writing left out: of cit all of cit_pair_make, with the
 * changes of all scars; of CloudCompare from the line of its log that begins ICP to the one that ends it. Lateral error:
 * rms over a grid of places of the earlier skin, against where they truly went. */
#include "../tests/pair_help.h"
#include "bench.h"
#include "figures.h"
#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 2, PLACES = 41, PATH_BYTES = 200 };
static const double shift_mm = 0.5, turn_rad = 0.017453292519943295;

/* CloudCompare draws the points that its limit leaves over anew each time. Against a mesh it looks for the nearest place of
 * a triangle, not the nearest point; it is slow, and only run when asked for by its name. */
typedef struct setting {
    const char *name, *meaning, *model, *options[8];
    bool when_asked;
} setting;
static const setting settings[] = {
    {"default", "defaults: 20,000 points of each", "after.xyz", {NULL}, false},
    {"all",
     "all points of both",
     "after.xyz",
     {"-RANDOM_SAMPLING_LIMIT", "100000000", NULL},
     false},
    {"mesh", "20,000 points, on a mesh", "after.ply", {NULL}, true},
    {"overlap",
     "20,000 points, on a mesh, overlap 90 %",
     "after.ply",
     {"-OVERLAP", "90", NULL},
     true},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

void bench_die(const char *format, ...) {
    va_list list;
    va_start(list, format);
    fputs("cit-bench-cloudcompare: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    exit(EXIT_FAILURE);
}

static double now(clockid_t clock) {
    struct timespec t;
    if (clock_gettime(clock, &t) != 0) return CIT_UNKNOWN_NUMBER;
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- the skin ------------------------------------------------------------------------------------------------ */

typedef struct skin {
    cit_phantom *before, *after;
    cit_scars *scars;
    cit_phantom_visit visit;
    char folder[PATH_BYTES / 2];
} skin;

static const char *path_of(const skin *s, const char *name) {
    static char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", s->folder, name);
    return path;
}

/* Where a place of before truly is later. */
static void true_place(const skin *s, const double p[2], double ret[2]) {
    const cit_heights *z = s->before->heights;
    const double middle = 0.5 * z->nx * z->dx_mm, c = cos(s->visit.turn_rad),
                 d = sin(s->visit.turn_rad), x = p[0] - middle, y = p[1] - middle;
    ret[0] = middle + s->visit.shift_mm[0] + c * x - d * y;
    ret[1] = middle + s->visit.shift_mm[1] + d * x + c * y;
}

static skin make_skin(uint64_t seed, int n) {
    const cit_phantom_options o = {
        .seed = seed, .n = n, .broad_relief = true, .hard_form = true, .noise_um = 4};
    skin s = {.visit = {.noise_seed = seed + 500000,
                        .shift_mm = {0.6 * shift_mm, 0.8 * shift_mm},
                        .turn_rad = turn_rad},
              .folder = "/tmp/cit-bench-XXXXXX"};
    cit_errors errs = {0};
    if (cit_phantom_make(&o, &s.before, &errs) != CIT_OK ||
        cit_phantom_later(&o, &s.visit, &s.after, &errs) != CIT_OK)
        bench_die("%s", errs.items[0].text);
    s.scars = true_scars(s.before);
    for (int i = 0; i < s.before->count; i++) {
        double q[2];
        true_place(&s, (double[2]){s.before->scar[i].x_mm, s.before->scar[i].y_mm}, q);
        if (hypot(q[0] - s.after->scar[i].x_mm, q[1] - s.after->scar[i].y_mm) > 1e-9)
            bench_die("the phantom's scars lie elsewhere than its motion says");
    }
    if (mkdtemp(s.folder) == NULL) bench_die("no folder %s", s.folder);
    return s;
}

static double height_mm(const cit_heights *z, int i, int j) {
    return 1e-3 * ((double)z->um[(size_t)j * (size_t)z->nx + (size_t)i] + z->zero_um);
}

static FILE *open_to_write(const skin *s, const char *name) {
    FILE *f = fopen(path_of(s, name), "w");
    if (f == NULL) bench_die("cannot write %s", path_of(s, name));
    return f;
}

static void write_points(const skin *s, const cit_heights *z, const char *name) {
    FILE *f = open_to_write(s, name);
    for (int j = 0; j < z->ny; j++)
        for (int i = 0; i < z->nx; i++)
            fprintf(f, "%.4f %.4f %.6f\n", (i + 0.5) * z->dx_mm, (j + 0.5) * z->dy_mm,
                    height_mm(z, i, j));
    if (fclose(f) != 0) bench_die("cannot write %s", name);
}

/* Two triangles a square of samples. */
static void write_mesh(const skin *s, const cit_heights *z, const char *name) {
    FILE *f = open_to_write(s, name);
    fprintf(f,
            "ply\nformat binary_little_endian 1.0\nelement vertex %d\nproperty float x\n"
            "property float y\nproperty float z\nelement face %d\n"
            "property list uchar int vertex_indices\nend_header\n",
            z->nx * z->ny, 2 * (z->nx - 1) * (z->ny - 1));
    for (int j = 0; j < z->ny; j++)
        for (int i = 0; i < z->nx; i++) {
            const float xyz[3] = {(float)((i + 0.5) * z->dx_mm), (float)((j + 0.5) * z->dy_mm),
                                  (float)height_mm(z, i, j)};
            fwrite(xyz, sizeof *xyz, 3, f);
        }
    for (int j = 0; j + 1 < z->ny; j++)
        for (int i = 0; i + 1 < z->nx; i++) {
            const int a = j * z->nx + i, c = a + z->nx,
                      corners[2][3] = {{a, a + 1, c + 1}, {a, c + 1, c}};
            for (int k = 0; k < 2; k++) {
                fputc(3, f);
                fwrite(corners[k], sizeof *corners[k], 3, f);
            }
        }
    if (fclose(f) != 0) bench_die("cannot write %s", name);
}

static cit_heights *read_points(const skin *s, const char *name) {
    const cit_scan_scale scale = {.unit_mm = 1, .height_um = 1000};
    cit_errors errs = {0};
    cit_heights *z = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (cit_file_load(path_of(s, name), (size_t)1 << 31, &bytes, &size, &errs) != CIT_OK ||
        cit_heights_read(name, bytes, size, &scale, NULL, &z, &errs) != CIT_OK)
        bench_die("%s: %s", name, errs.items[0].text);
    free(bytes);
    return z;
}

static void remove_skin(const skin *s) {
    static const char *const names[] = {"before.xyz", "after.xyz", "after.ply",
                                        "before_REGISTRATION_MATRIX.txt"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) unlink(path_of(s, names[i]));
    rmdir(s->folder);
}

/* ---- what a run gives ------------------------------------------------------------------------------------------ */

typedef struct taken {
    double wall, processor, lateral_um;
} taken;

/* Where a program says that a place of before is later. */
typedef void teller(const void *how, const skin *s, const double p[2], double ret[2]);

static double lateral_error_um(const skin *s, teller *tell, const void *how) {
    const double side = s->before->heights->nx * s->before->heights->dx_mm;
    double sum = 0;
    int count = 0;
    for (int j = 0; j < PLACES; j++)
        for (int i = 0; i < PLACES; i++) {
            const double p[2] = {side * (i + 0.5) / PLACES, side * (j + 0.5) / PLACES};
            double is[2], said[2];
            true_place(s, p, is);
            if (fmin(is[0], is[1]) < 0 || fmax(is[0], is[1]) > side) continue;
            tell(how, s, p, said);
            sum += (said[0] - is[0]) * (said[0] - is[0]) + (said[1] - is[1]) * (said[1] - is[1]);
            count++;
        }
    return 1000 * sqrt(sum / count);
}

/* ---- cit ------------------------------------------------------------------------------------------------------- */

static void pair_tells(const void *how, const skin *s, const double p[2], double ret[2]) {
    (void)s;
    cit_pair_place(how, p[0], p[1], ret);
}

static taken run_cit(const skin *s, const cit_heights *before, const cit_heights *after) {
    cit_pair *pair = NULL;
    cit_errors errs = {0};
    const double wall = now(CLOCK_MONOTONIC), processor = now(CLOCK_PROCESS_CPUTIME_ID);
    if (cit_pair_make(before, s->scars, after, &(cit_pair_options){.threads = THREADS}, NULL, &pair,
                      &errs) != CIT_OK)
        bench_die("%s", errs.items[0].text);
    taken t = {now(CLOCK_MONOTONIC) - wall, now(CLOCK_PROCESS_CPUTIME_ID) - processor, 0};
    t.lateral_um = lateral_error_um(s, pair_tells, pair);
    cit_pair_free(pair);
    return t;
}

/* ---- CloudCompare ------------------------------------------------------------------------------------------------ */

/* Its log comes line by line only where its output is made to. */
_Noreturn static void be_cloudcompare(const skin *s, const setting *how, int out) {
    const char *words[40] = {"stdbuf",     "-oL",  "CloudCompare", "-SILENT",    "-NO_TIMESTAMP",
                             "-AUTO_SAVE", "OFF",  "-O",           "before.xyz", "-O",
                             how->model,   "-ICP", "-MAX_TCOUNT",  "2"};
    int count = 14;
    for (int i = 0; how->options[i] != NULL; i++) words[count++] = how->options[i];
    char *copies[40] = {0};
    for (int i = 0; i < count; i++) copies[i] = strdup(words[i]);
    setenv("QT_QPA_PLATFORM", "offscreen", 1);
    dup2(out, STDOUT_FILENO);
    if (freopen("/dev/null", "w", stderr) == NULL || chdir(s->folder) != 0) _exit(126);
    execvp(copies[0], copies);
    _exit(127);
}

/* From the line that begins the registration to the one that ends it. */
static bool read_log(FILE *log, pid_t process, taken *ret) {
    char line[1024];
    clockid_t clock;
    bool ended = false;
    if (clock_getcpuclockid(process, &clock) != 0) return false;
    while (fgets(line, sizeof line, log) != NULL)
        if (strncmp(line, "[ICP]", 5) == 0 && ret->wall == 0)
            *ret = (taken){now(CLOCK_MONOTONIC), now(clock), 0};
        else if (strstr(line, "has been registered") != NULL && !ended) {
            *ret = (taken){now(CLOCK_MONOTONIC) - ret->wall, now(clock) - ret->processor, 0};
            ended = true;
        }
    return ended;
}

static void matrix_tells(const void *how, const skin *s, const double p[2], double ret[2]) {
    const double *m = how;
    const cit_heights *z = s->before->heights;
    const double at[3] = {p[0], p[1], height_mm(z, (int)(p[0] / z->dx_mm), (int)(p[1] / z->dy_mm))};
    for (int k = 0; k < 2; k++)
        ret[k] = m[4 * k] * at[0] + m[4 * k + 1] * at[1] + m[4 * k + 2] * at[2] + m[4 * k + 3];
}

static double matrix_error_um(const skin *s) {
    FILE *f = fopen(path_of(s, "before_REGISTRATION_MATRIX.txt"), "r");
    double m[16];
    int count = 0;
    if (f == NULL) bench_die("CloudCompare wrote no matrix");
    while (count < 16 && fscanf(f, "%lf", &m[count]) == 1) count++;
    fclose(f);
    if (count != 16) bench_die("CloudCompare's matrix has %d numbers", count);
    return lateral_error_um(s, matrix_tells, m);
}

/* False: it is not here. */
static bool run_cloudcompare(const skin *s, const setting *how, taken *ret) {
    int ends[2], status = 0;
    if (pipe(ends) != 0) bench_die("no pipe");
    const pid_t process = fork();
    if (process < 0) bench_die("no process");
    if (process == 0) {
        close(ends[0]);
        be_cloudcompare(s, how, ends[1]);
    }
    close(ends[1]);
    FILE *log = fdopen(ends[0], "r");
    *ret = (taken){0};
    const bool ended = log != NULL && read_log(log, process, ret);
    if (log != NULL) fclose(log);
    waitpid(process, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return false;
    if (!ended) bench_die("%s: CloudCompare registered nothing", how->name);
    ret->lateral_um = matrix_error_um(s);
    return true;
}

/* ---- figures ------------------------------------------------------------------------------------------------------- */

typedef struct series {
    double wall[ROUNDS_MAX], processor[ROUNDS_MAX], lateral_um[ROUNDS_MAX];
    bool there;
} series;

static void keep(series *to, int round, taken t) {
    to->wall[round] = t.wall;
    to->processor[round] = t.processor;
    to->lateral_um[round] = t.lateral_um;
    to->there = true;
}

static void tell(const char *name, const series *s, const series *ours, int rounds) {
    const figure error = figure_of(s->lateral_um, rounds);
    printf("%-48s %8.2f %8.1f %8.2f %8.1f %9.2f (%.2f to %.2f)\n", name,
           figure_of(s->wall, rounds).value, figure_of_ratios(s->wall, ours->wall, rounds).value,
           figure_of(s->processor, rounds).value,
           figure_of_ratios(s->processor, ours->processor, rounds).value, error.value, error.min,
           error.max);
}

static void compare(const skin *s, int rounds, const char *only) {
    static const double unmoved[16] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
    static series ours, theirs[SETTINGS];
    cit_heights *before = read_points(s, "before.xyz"), *after = read_points(s, "after.xyz");
    bool here = true;
    for (int r = 0; r < rounds; r++) {
        keep(&ours, r, run_cit(s, before, after));
        for (int k = 0; k < SETTINGS && here; k++) {
            taken t;
            if (only != NULL ? strcmp(only, settings[k].name) != 0 : settings[k].when_asked)
                continue;
            here = run_cloudcompare(s, &settings[k], &t);
            if (here) keep(&theirs[k], r, t);
        }
    }
    printf("%d points, %g mm and 1 degree apart, %d rounds, %d threads; medians\n",
           before->nx * before->ny, shift_mm, rounds, THREADS);
    printf("%-48s %8s %8s %8s %8s %9s\n", "", "s", "ratio", "cpu s", "ratio", "lateral um");
    printf("%-48s %35s %9.2f\n", "left where they are", "",
           lateral_error_um(s, matrix_tells, unmoved));
    tell("cit, alignment and changes", &ours, &ours, rounds);
    for (int k = 0; k < SETTINGS; k++)
        if (theirs[k].there) {
            char name[80];
            snprintf(name, sizeof name, "CloudCompare, %s", settings[k].meaning);
            tell(name, &theirs[k], &ours, rounds);
        }
    if (!here) printf("CloudCompare: not here (package cloudcompare)\n");
    cit_heights_free(before);
    cit_heights_free(after);
}

int main(int count, char **words) {
    int rounds = 3, n = 1024;
    uint64_t seed = 70000;
    const char *only = NULL;
    /* Threads that spin while they wait would count as work. */
    if (getenv("OMP_WAIT_POLICY") == NULL) {
        setenv("OMP_WAIT_POLICY", "passive", 1);
        execv("/proc/self/exe", words);
    }
    for (int at = 1; at < count; at += 2) {
        if (at + 1 == count) bench_die("%s: what?", words[at]);
        if (strcmp(words[at], "--rounds") == 0)
            rounds = atoi(words[at + 1]);
        else if (strcmp(words[at], "--n") == 0)
            n = atoi(words[at + 1]);
        else if (strcmp(words[at], "--seed") == 0)
            seed = strtoull(words[at + 1], NULL, 10);
        else if (strcmp(words[at], "--only") == 0)
            only = words[at + 1];
        else
            bench_die("no option %s", words[at]);
    }
    if (rounds < 1 || rounds > ROUNDS_MAX) bench_die("1 to %d rounds", ROUNDS_MAX);
    skin s = make_skin(seed, n);
    write_points(&s, s.before->heights, "before.xyz");
    write_points(&s, s.after->heights, "after.xyz");
    write_mesh(&s, s.after->heights, "after.ply");
    compare(&s, rounds, only);
    remove_skin(&s);
    return EXIT_SUCCESS;
}
