/* cit trial TRIAL: what a trial of this size and design would probably find, if the model holds. */
#include "cli.h"
#include <argp.h>
#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef struct arguments {
    const char *path, *methods, *individuals, *checkpoint, *resume;
    bool prior;
    int trials, people, of;
    computing with;
    output to;
} arguments;

enum {
    OPT_TRIALS = OPT_OWN,
    OPT_PEOPLE,
    OPT_PRIOR,
    OPT_METHODS,
    OPT_INDIVIDUALS,
    OPT_OF,
    OPT_CHECKPOINT,
    OPT_RESUME,
};

static const struct argp_option options[] = {
    {"json", OPT_JSON, NULL, 0, "print one JSON document instead of the page", 0},
    {"methods", OPT_METHODS, "FILE", 0, "write the methods as a paragraph of Markdown", 0},
    {"individuals", OPT_INDIVIDUALS, "FILE", 0,
     "write the people of the first trials: FILE.csv or FILE.h5 (HDF5)", 0},
    {"of", OPT_OF, "N", 0, "of how many trials (1)", 0},
    {"force", OPT_FORCE, NULL, 0, "replace these files where they exist", 0},
    {"trials", OPT_TRIALS, "N", 0, "virtual trials (as the file says, else 1000)", 0},
    {"people", OPT_PEOPLE, "N", 0, "people enrolled in each (as the file says)", 0},
    {"prior", OPT_PRIOR, NULL, 0, "draw worlds from the prior, not from the posterior", 0},
    {"checkpoint", OPT_CHECKPOINT, "FILE", 0, "keep where it stands in FILE, also on Ctrl-C", 0},
    {"resume", OPT_RESUME, "FILE", 0, "continue from such a FILE, to the same bytes", 0},
    {0}};

static void check_arguments(const arguments *a, struct argp_state *state) {
    const char *dot = a->individuals != NULL ? strrchr(a->individuals, '.') : NULL;
    if (a->path == NULL) argp_error(state, "a trial file is needed");
    if (a->individuals != NULL &&
        (dot == NULL || (strcmp(dot, ".csv") != 0 && strcmp(dot, ".h5") != 0)))
        argp_error(state, "--individuals: the file's name must end in .csv or .h5");
    if (a->of > 0 && a->individuals == NULL) argp_error(state, "--of needs --individuals");
}

static error_t parse(int key, char *arg, struct argp_state *state) {
    arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        take_computing(state, &a->with);
        break;
    case OPT_METHODS:
        a->methods = arg;
        break;
    case OPT_INDIVIDUALS:
        a->individuals = arg;
        break;
    case OPT_OF:
        a->of = (int)whole_number(arg, 1, 10000, "of", state);
        break;
    case OPT_TRIALS:
        a->trials = (int)whole_number(arg, 2, CIT_TRIAL_NUMBERS - 1, "trials", state);
        break;
    case OPT_PEOPLE:
        a->people = (int)whole_number(arg, 4, 20000, "people", state);
        break;
    case OPT_PRIOR:
        a->prior = true;
        break;
    case OPT_CHECKPOINT:
        a->checkpoint = arg;
        break;
    case OPT_RESUME:
        a->resume = arg;
        break;
    case ARGP_KEY_ARG:
        if (a->path != NULL) argp_error(state, "one trial at a time: '%s' is too much", arg);
        a->path = arg;
        break;
    case ARGP_KEY_END:
        check_arguments(a, state);
        break;
    default:
        return parse_output(key, arg, &a->to);
    }
    return 0;
}

static const struct argp parser = {
    options,
    parse,
    "TRIAL",
    "Repeats a trial many times with virtual people: power at a fixed effect, assurance over all "
    "that is "
    "not known, the size that is needed, and what changes them.\v"
    "A virtual arm is no evidence. docs/trial.md shows a trial file; examples/trials has some.",
    computing_children,
    NULL,
    NULL};

/* ---- progress ------------------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupted;

/* Once: stops in its own time. Twice: at once. */
static void interrupt(int number) {
    interrupted = 1;
    signal(number, SIG_DFL);
}

typedef struct watch {
    bool terminal, begun;
    time_t start;
    double share_at_start;
    int64_t followed, followed_at_start;
} watch;

static void show(watch *w, double share, const char *what) {
    const double seconds = difftime(time(NULL), w->start);
    const double done = share - w->share_at_start;
    char left[40] = "";
    if (seconds >= 1 && done > 0) {
        const double rest = (1 - share) * seconds / done;
        snprintf(left, sizeof left, ", %.0f:%02.0f left", (rest - (int)rest % 60) / 60,
                 (double)((int)rest % 60));
    }
    fprintf(stderr, "\r%3.0f %% %-18s %.0f people/s%s   ", 100 * share, what,
            seconds >= 1 ? (double)(w->followed - w->followed_at_start) / seconds : 0.0, left);
}

static bool progress(void *context, double share, const char *what) {
    watch *w = context;
    if (!w->begun) {
        w->begun = true;
        w->start = time(NULL);
        w->share_at_start = share;
        w->followed_at_start = w->followed;
    }
    if (w->terminal) show(w, share, what);
    return !interrupted;
}

static cit_status save(void *context, const void *bytes, size_t size, cit_errors *errs) {
    return cit_file_write(context, bytes, size, errs);
}

/* ---- the command ------------------------------------------------------------------------------------ */

typedef struct session {
    cit_catalogue *catalogue;
    cit_trial *trial;
    cit_trial_result *result;
    char *checkpoint; /* its name */
    void *resume;
    size_t resume_size;
} session;

static void close_session(session *s) {
    cit_trial_result_free(s->result);
    cit_trial_free(s->trial);
    cit_catalogue_free(s->catalogue);
    free(s->checkpoint);
    free(s->resume);
}

/* What a file is for, by its first bytes: a checkpoint may replace a checkpoint. */
static bool is_checkpoint(const char *path) {
    static const char mark[] = "cit-trial-save-";
    void *bytes = NULL;
    size_t size = 0;
    if (cit_checkpoint_read(path, &bytes, &size, NULL) != CIT_OK) return false;
    const bool is = size >= sizeof mark - 1 && memcmp(bytes, mark, sizeof mark - 1) == 0;
    free(bytes);
    return is;
}

static cit_status may_make(const char *path, bool force, cit_errors *errs) {
    char copy[4096];
    struct stat info;
    if (path == NULL) return CIT_OK;
    const cit_status st = may_write(path, force, errs);
    if (st != CIT_OK) return st;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return cit_fail(errs, CIT_IO, path, "is not a file that could be replaced");
    if (snprintf(copy, sizeof copy, "%s", path) >= (int)sizeof copy)
        return cit_fail(errs, CIT_INVALID, "", "the name of a file is too long");
    const char *folder = dirname(copy);
    if (access(folder, W_OK | X_OK) != 0)
        return cit_fail(errs, CIT_IO, path, "cannot be written: folder '%s': %s", folder,
                        strerror(errno));
    return CIT_OK;
}

/* ---- one file, one thing ----------------------------------------------------------------------------- */

/* Which file a path is, however it is spelt: by device and number; where there is none yet, its folder's and
 * its name in it. */
typedef struct identity {
    dev_t device;
    ino_t number;
    char name[256]; /* empty: the file is there */
} identity;

static bool identify(const char *path, identity *ret) {
    char copy[4096], again[4096];
    struct stat info;
    *ret = (identity){0};
    if (path == NULL || strlen(path) >= sizeof copy) return false;
    if (stat(path, &info) != 0) {
        snprintf(copy, sizeof copy, "%s", path);
        snprintf(again, sizeof again, "%s", path);
        if (stat(dirname(copy), &info) != 0) return false;
        snprintf(ret->name, sizeof ret->name, "%.255s", basename(again));
    }
    ret->device = info.st_dev;
    ret->number = info.st_ino;
    return true;
}

static bool same_file(const char *a, const char *b) {
    identity x, y;
    return identify(a, &x) && identify(b, &y) && x.device == y.device && x.number == y.number &&
           strcmp(x.name, y.name) == 0;
}

/* What is written must be neither what is read nor anything else that is written. A checkpoint may take the
 * place of the one it went on from. */
static cit_status check_clashes(const arguments *a, const cit_trial *t, cit_errors *errs) {
    const char *const made[] = {a->methods, a->individuals, a->checkpoint};
    enum { MADE = sizeof made / sizeof *made };
    char people[4096];
    const char *read[CIT_TRIAL_ARMS_MAX + 3] = {a->path, a->resume};
    int n = 2;
    if (t != NULL && cit_trial_people_path(t, people)) read[n++] = people;
    for (int i = 0; t != NULL && i < t->arm_count; i++)
        if (t->arms[i].protocol_path != NULL) read[n++] = cit_doc_name(t->arms[i].protocol->doc);
    for (int i = 0; i < MADE; i++) {
        bool clash = false;
        for (int j = 0; j < i; j++) clash = clash || same_file(made[i], made[j]);
        for (int j = 0; j < n; j++)
            clash = clash || (same_file(made[i], read[j]) &&
                              !(made[i] == a->checkpoint && read[j] == a->resume));
        if (clash) return cit_fail(errs, CIT_INVALID, made[i], "one file cannot be two things");
    }
    return CIT_OK;
}

/* Before hours of work: can what is asked for be written? */
static cit_status check_outputs(const arguments *a, cit_errors *errs) {
    cit_status st = may_make(a->methods, a->to.force, errs);
    if (st == CIT_OK) st = may_make(a->individuals, a->to.force, errs);
    if (st == CIT_OK)
        st = may_make(a->checkpoint,
                      a->to.force || (a->checkpoint != NULL && is_checkpoint(a->checkpoint)), errs);
    if (st == CIT_OK) st = check_clashes(a, NULL, errs);
    return st;
}

/* Can these people be told one by one, and in this form? */
static cit_status check_individuals(const arguments *a, const session *s, cit_errors *errs) {
    const cit_trial *t = s->trial;
    const int people = a->people > 0 ? a->people : t->conduct.people;
    const int64_t rows =
        (int64_t)(a->of > 0 ? a->of : 1) * people * (t->design == CIT_SPLIT_FACE ? 2 : 1);
    const cit_trial_result nothing = {0};
    const cit_trial_report report = {"", t, s->catalogue, &nothing};
    unsigned char *image = NULL;
    size_t size = 0;
    cit_status st = CIT_OK;
    if (a->individuals == NULL) return CIT_OK;
    const int trials = a->trials > 0 ? a->trials : t->repeats.trials;
    if (a->of > trials)
        return cit_fail(errs, CIT_INVALID, a->individuals,
                        "--of %d: there are %d virtual trials; ask for more with --trials", a->of,
                        trials);
    if (rows > CIT_TRIAL_PEOPLE_MAX)
        return cit_fail(errs, CIT_INVALID, a->individuals,
                        "%lld rows are too many; %d at most: ask for fewer trials with --of",
                        (long long)rows, CIT_TRIAL_PEOPLE_MAX);
    if (strcmp(strrchr(a->individuals, '.'), ".h5") == 0)
        st = cit_report_trial_people_hdf5(&report, NULL, 0, &image, &size, errs);
    free(image);
    return st;
}

static cit_status read_people(session *s, cit_errors *errs) {
    char path[4096], *bytes = NULL;
    size_t size = 0;
    if (!cit_trial_people_path(s->trial, path)) return CIT_OK;
    if (access(path, F_OK) != 0)
        return cit_fail(errs, CIT_NOTFOUND, path, "there is no such file of people (named in %s)",
                        cit_doc_name(s->trial->doc));
    cit_status st = cit_file_read(path, &bytes, &size, errs);
    if (st == CIT_OK) st = cit_trial_take_people(s->trial, path, bytes, size, errs);
    free(bytes);
    return st;
}

static cit_status open_session(const arguments *a, session *s, cit_errors *errs) {
    cit_status st = CIT_OK;
    char folder[4096];
    CIT_TRY(check_outputs(a, errs));
    CIT_TRY(open_catalogue(a->with.catalogue, NULL, folder, &s->catalogue, errs));
    CIT_TRY(cit_trial_load(a->path, &s->trial, errs));
    CIT_TRY(check_clashes(a, s->trial, errs));
    CIT_TRY(read_people(s, errs));
    CIT_TRY(check_individuals(a, s, errs));
    if (a->resume != NULL)
        CIT_TRY(cit_checkpoint_read(a->resume, &s->resume, &s->resume_size, errs));
    if (a->checkpoint != NULL) s->checkpoint = strdup(a->checkpoint);
done:
    return st;
}

static cit_status write_individuals(const arguments *a, const session *s,
                                    const cit_trial_report *report, const cit_trial_options *how,
                                    cit_errors *errs) {
    cit_trial_person *people = NULL;
    char *bytes = NULL;
    unsigned char *image = NULL;
    size_t size = 0;
    int count = 0;
    cit_status st = CIT_OK;
    CIT_TRY(cit_trial_people(s->trial, s->catalogue, how, a->of > 0 ? a->of : 1, &people, &count,
                             errs));
    if (strcmp(strrchr(a->individuals, '.'), ".h5") == 0) {
        CIT_TRY(cit_report_trial_people_hdf5(report, people, count, &image, &size, errs));
        CIT_TRY(cit_file_write(a->individuals, image, size, errs));
    } else {
        CIT_TRY(cit_report_trial_people_csv(report, people, count, &bytes, errs));
        CIT_TRY(cit_file_write(a->individuals, bytes, strlen(bytes), errs));
    }
done:
    free(people);
    free(bytes);
    free(image);
    return st;
}

static cit_status write_methods(const arguments *a, const cit_trial_report *report,
                                cit_errors *errs) {
    char *bytes = NULL;
    cit_status st = cit_report_trial_methods(report, &bytes, errs);
    if (st == CIT_OK) st = cit_file_write(a->methods, bytes, strlen(bytes), errs);
    free(bytes);
    return st;
}

static cit_status print_result(const arguments *a, const cit_trial_report *report,
                               cit_errors *errs) {
    char *bytes = NULL;
    cit_status st = CIT_OK;
    if (!a->to.json) {
        cit_page *page = cit_page_of_trial(report);
        st = print_page(page, errs);
        cit_page_free(page);
        return st;
    }
    st = cit_report_trial_json(report, &bytes, errs);
    if (st == CIT_OK) st = print_bytes(bytes, errs);
    if (st == CIT_OK) st = print_bytes("\n", errs);
    free(bytes);
    return st;
}

static cit_status run_it(session *s, const cit_trial_options *how, bool terminal,
                         cit_errors *errs) {
    const cit_status st = cit_trial_run(s->trial, s->catalogue, how, &s->result, errs);
    if (terminal) fprintf(stderr, "\r%-70s\r", "");
    const bool first = how->ranks == NULL || how->ranks->rank == 0;
    if (st == CIT_CANCELLED && first && how->save != NULL)
        fprintf(stderr, "cit: go on with --resume %s\n", s->checkpoint);
    if (st == CIT_CANCELLED && first && how->save == NULL)
        fprintf(stderr, "cit: nothing is kept; with --checkpoint FILE it could go on\n");
    return st;
}

/* The result first, which nothing may lose; then the files. Gives the first fault, after all was tried. */
static cit_status tell_result(const arguments *a, const session *s, const cit_trial_options *how,
                              bool terminal, cit_errors *errs) {
    const cit_trial_report report = {how->program, s->trial, s->catalogue, s->result};
    cit_trial_options people = *how;
    people.ranks = NULL;
    people.save = NULL;
    people.resume = NULL;
    cit_status st = print_result(a, &report, errs);
    if (a->methods != NULL) {
        const cit_status written = write_methods(a, &report, errs);
        if (st == CIT_OK) st = written;
    }
    if (a->individuals != NULL) {
        const cit_status written = write_individuals(a, s, &report, &people, errs);
        if (terminal) fprintf(stderr, "\r%-70s\r", "");
        if (st == CIT_OK) st = written;
    }
    return st;
}

/* A process that cannot begin must not leave the others waiting for it. What the first one met, it tells. */
static cit_status agree(const cit_ranks *ranks, cit_status own, bool *ret_first_tells,
                        cit_errors *errs) {
    int64_t mine = own, all[CIT_RANKS_MAX];
    if (ranks == NULL) return own;
    if (ranks->count > CIT_RANKS_MAX)
        return cit_fail(errs, CIT_INVALID, "", "%d processes; %d at most", ranks->count,
                        CIT_RANKS_MAX);
    if (!ranks->gather(ranks->context, &mine, sizeof mine, all))
        return cit_fail(errs, CIT_IO, "", "the processes do not find each other");
    *ret_first_tells = all[0] != CIT_OK;
    for (int i = 0; i < ranks->count && own == CIT_OK; i++)
        if (all[i] != CIT_OK)
            own = cit_fail(errs, (cit_status)all[i], "", "process %d could not begin", i);
    return own;
}

static cit_status try_it(const arguments *a, const cit_ranks *ranks, bool *ret_first_tells,
                         cit_errors *errs) {
    cit_status st = CIT_OK;
    session s = {0};
    const bool first = ranks == NULL || ranks->rank == 0;
    CIT_TRY(agree(ranks, open_session(a, &s, errs), ret_first_tells, errs));
    if (s.trial == NULL || s.catalogue == NULL) goto done; /* never: they were opened */
    watch w = {.terminal = first && isatty(STDERR_FILENO)};
    const cit_trial_options how = {.seed = a->with.has_seed ? a->with.seed : s.trial->seed,
                                   .threads = a->with.threads,
                                   .trials = a->trials,
                                   .people = a->people,
                                   .posterior = a->prior ? NULL : s.catalogue->posterior,
                                   .progress = {progress, &w},
                                   .followed = &w.followed,
                                   .ranks = ranks,
                                   .save = first && s.checkpoint != NULL ? save : NULL,
                                   .save_context = s.checkpoint,
                                   .resume = s.resume,
                                   .resume_size = s.resume_size,
                                   .program = "cit " CIT_VERSION};
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    CIT_TRY(run_it(&s, &how, w.terminal, errs));
    if (first) CIT_TRY(tell_result(a, &s, &how, w.terminal, errs));
done:
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    close_session(&s);
    return st;
}

int run_trial(int argc, char **argv) {
    static cit_errors errs;
    arguments a = {0};
    char name[] = "cit trial";
    argv[0] = name;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    const cit_ranks *ranks = ranks_begin();
    bool first_tells = false;
    const cit_status st = try_it(&a, ranks, &first_tells, &errs);
    if (st == CIT_OK) return 0;
    const bool tells = ranks == NULL || ranks->rank == 0 || (!first_tells && st != CIT_CANCELLED);
    return tells ? print_errors(&errs) : cit_status_exit(st);
}
