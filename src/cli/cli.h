/* Private to the program: what every command shares. */
#pragma once
#include <argp.h>
#include <cit/cit.h>

/* A command: its name, one line of help, and its main. */
typedef struct command {
    const char *name, *help;
    int (*run)(int argc, char **argv);
} command;

int run_case(int argc, char **argv);
int run_screen(int argc, char **argv);
int run_home(int argc, char **argv);
int run_plan(int argc, char **argv);
int run_simulate(int argc, char **argv);
int run_calibrate(int argc, char **argv);
int run_validate(int argc, char **argv);
int run_trial(int argc, char **argv);
int run_serum(int argc, char **argv);
int run_measure(int argc, char **argv);
int run_answers(int argc, char **argv);
int run_visit(int argc, char **argv);
int run_catalogue(int argc, char **argv);

/* Prints every fault to standard error, one line each; gives the exit status of the first. */
int print_errors(const cit_errors *errs);

/* Writes to standard output and reports a full disk or a closed pipe. */
cit_status print_bytes(const char *bytes, cit_errors *errs);

/* Where the catalogue lies: `given` if not NULL; else $CIT_CATALOGUE; else beside the program, as
 * installed (../share/cit) or as built (../data). */
cit_status find_catalogue(const char *given, char path[4096], cit_errors *errs);

/* Today by the clock of the machine; the only place where the program looks at it. */
int today(void);
/* A date option, or a usage fault. */
struct argp_state;
int parse_date(const char *text, struct argp_state *state);
/* A whole number of the option --NAME, or a usage fault. */
uint64_t whole_number(const char *text, uint64_t lo, uint64_t hi, const char *name,
                      struct argp_state *state);
/* A number with its unit of the option --NAME, in `unit`, or a usage fault. */
double quantity(const char *text, const char *unit, const char *name, struct argp_state *state);
/* The same, above 0. */
double positive_quantity(const char *text, const char *unit, const char *name,
                         struct argp_state *state);
/* The place of a word among the choices, from 1, or a usage fault that lists them. */
int choice_of(const char *text, const char *const *choices, const char *name,
              struct argp_state *state);
/* Where a result goes, which every command tells in words of its own: -o, --force, --json. A command that has any of
 * them in its table gives what it does not know itself to `parse_output`; keys of its own begin at OPT_OWN. */
enum { OPT_JSON = 256, OPT_FORCE, OPT_OWN };
typedef struct output {
    const char *path; /* a folder or a file; NULL: none */
    bool force, json;
} output;
int parse_output(int key, char *arg, output *to);
/* Options of commands that compute: --seed, --threads, --catalogue. A command has
 * `computing_children` in its argp and calls `take_computing` at ARGP_KEY_INIT. */
typedef struct computing {
    const char *catalogue; /* NULL: the usual one */
    int threads;           /* 0: all */
    uint64_t seed;
    bool has_seed; /* else `seed` is what it was before */
} computing;
extern const struct argp_child computing_children[];
void take_computing(struct argp_state *state, computing *with);
/* The day to screen for: the one given; else that of the first planned visit that has a date and lies
 * behind the last visit of the case; else today. */
int screening_day(int given, const cit_protocol *protocol, const cit_case *person);

/* Finds, reads and checks the catalogue, rules too, and chooses a language (NULL: English). */
cit_status open_catalogue(const char *given, const char *language, char path[4096],
                          cit_catalogue **ret, cit_errors *errs);

/* "there is no such device; did you mean 'dermapen-4'?; see `cit catalogue devices`" */
cit_status no_entry(const char *kind, const char *id, const char *near, cit_errors *errs);

/* What commands about a person read; zero-initialised. */
typedef struct files {
    cit_catalogue *catalogue;
    cit_case *person;
    cit_protocol *protocol;
    cit_screening *screening;
} files;
/* Reads catalogue, case and protocol (either path may be NULL) and holds them against each other; faults of
 * both files are told in one go. */
cit_status open_files(const char *catalogue, const char *language, const char *case_path,
                      const char *protocol_path, files *f, cit_errors *errs);
void close_files(files *f);
/* 0 cleared, 3 ask first, 2 refused. */
int exit_of_clearance(cit_clearance verdict);

/* Every finding that forbids it for who does it; where nobody said who, what forbids it for all. */
cit_status refuse_forbidden(const cit_screening *s, const cit_case *person, int who,
                            const cit_catalogue *catalogue, cit_errors *errs);
/* A progress line on a terminal, until end_work; Ctrl-C then stops the work in its own time. */
cit_progress begin_work(void);
void end_work(void);
/* Forecasts with a progress line. */
cit_status run_forecast(const cit_case *person, const cit_protocol *protocol,
                        const cit_catalogue *catalogue, const cit_forecast_options *options,
                        cit_forecast **ret, cit_errors *errs);

/* ---- one scar in voxels (cmd_patch.c), a part of `cit simulate` ------------------------------------ */

typedef struct patch_arguments {
    const char *case_path, *protocol_path, *folder, *fields, *resume;
    const char *surface; /* a map of heights that shows the scar; NULL: none */
    int number;          /* which scar of it; 0: the largest */
    bool force, prior, single, vtk;
    bool store_double; /* fields in files; else single */
    int day, scar;     /* scar: cit_scar_type; 0: the case's first */
    double voxel_mm, voxel_z_mm, size_mm;
    double days, every_day, checkpoint_day; /* days, checkpoint_day: NAN: as usual, never */
    computing computing;
} patch_arguments;

cit_status simulate_patch(const patch_arguments *arguments, cit_errors *errs);

/* ---- surfaces from files (surfaces.c), for `cit measure` -------------------------------------------- */

/* What options say of every file. */
typedef struct surface_arguments {
    cit_scan_scale scale;
    const char *scale_path; /* NULL: the one beside the file */
    const double
        *zone;         /* NULL: all; of heights x, y, width, height; of a shape x, y, z, side; mm */
    double outside[3]; /* of a shape; zeros: as it says itself */
} surface_arguments;

enum { SCAN_NAME_BYTES = 256 };
typedef struct scan_file {
    const char *path;
    char name[SCAN_NAME_BYTES]; /* without its folder */
    uint8_t *bytes;
    size_t size;
    cit_scan_scale scale;
    cit_scan_kind kind; /* of this file, not of its format */
} scan_file;

cit_status scan_file_load(const char *path, const surface_arguments *arguments, scan_file *ret,
                          cit_errors *errs);
cit_status scan_file_heights(const scan_file *file, const surface_arguments *arguments,
                             cit_heights **ret, cit_errors *errs);
/* The bytes alone: name and kind stay. */
void scan_file_free(scan_file *file);
/* Tells what went wrong with a surface at its file, which the rooms that are given one do not know. Files that do not
 * fit are bad input. */
void scan_file_tell(const scan_file *file, const cit_errors *of_surface, cit_errors *errs);

/* ---- without a file (cmd_phantom.c), parts of `cit measure` ------------------------------------------ */

typedef struct sight_arguments {
    const char *case_path, *protocol_path, *camera;
    const computing *with;
} sight_arguments;
typedef struct phantom_arguments {
    const char *kind, *case_path, *protocol_path; /* case_path NULL: no later visit */
    const computing *with;
    const output *to;
} phantom_arguments;

/* Could this camera see what the course is likely to bring? */
cit_status tell_sight(const sight_arguments *arguments, cit_errors *errs);
cit_status write_phantom(const phantom_arguments *arguments, cit_errors *errs);

/* ---- photos (cmd_colour.c), a part of `cit measure` ------------------------------------------------ */

typedef struct photo_file {
    const char *name; /* without its folder */
    const uint8_t *bytes;
    size_t size;
    int day;
} photo_file;
typedef struct photo_arguments {
    const photo_file *files;
    int count;
    const double *zone; /* x, y, width, height in pixels; NULL: the middle */
    const char *folder;
    int day; /* of the sheet */
    bool relative, json, force;
} photo_arguments;

cit_status measure_photos(const photo_arguments *arguments, cit_errors *errs);

/* ---- pages and questions ------------------------------------------------------------------------ */

cit_status print_page(const cit_page *page, cit_errors *errs);
/* A file that is there is kept unless `force`; asked before any work is done. NULL is fine. */
cit_status may_write(const char *path, bool force, cit_errors *errs);
cit_status write_pdf(const cit_page *page, const char *path, bool one_page, int day, bool force,
                     const char *footer, cit_errors *errs);
/* A line of standard input without its end; false when there is none. */
bool read_line(char *line, size_t size);
/* Asked after each answer: is that enough? */
typedef bool stop_function(void *context);
/* Puts every question, at the terminal or from a file of answers, until there are no more or `stop`
 * (NULL: never) says so. */
cit_status ask_all(cit_interview *interview, const cit_catalogue *catalogue, const char *path,
                   stop_function *stop, void *context, cit_errors *errs);

/* May colour be used on standard output? */
bool colour_wanted(void);

/* ---- processes (mpi.c) --------------------------------------------------------------------------- */

/* The processes that a launcher started together; NULL: this one alone. */
const cit_ranks *ranks_begin(void);
bool ranks_built(void);
