/* deSolve, in an R of its own that is kept running on two pipes. */
#include "desolve.h"
#include "bench.h"
#include "solvers.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* One for all solvers, as starting it takes a second. */
static struct {
    pid_t process;
    FILE *to, *from;
    bool missing; /* tried, and it is not here */
} r;

/* ---- the process ------------------------------------------------------------------------------- */

/* BENCH_SOURCE and BENCH_BUILD are the folders, from meson.build. What R builds lies in the latter. */
static bool build_model(void) {
    return system("cd '" BENCH_BUILD "' && cp '" BENCH_SOURCE "/desolve_model.c' . &&"
                  " PKG_CPPFLAGS='-I" BENCH_SOURCE " -I" BENCH_SOURCE "/../include"
                  " -I" BENCH_BUILD "/../include'"
                  " PKG_LIBS='-L" BENCH_BUILD "/.. -lcit -Wl,-rpath," BENCH_BUILD "/..'"
                  " R CMD SHLIB desolve_model.c >desolve_model.log 2>&1") == 0;
}

_Noreturn static void be_r(const int requests[2], const int replies[2]) {
    char bytes[32];
    snprintf(bytes, sizeof bytes, "%zu", sizeof(flat_course));
    /* Away from 3 and 4 first, which one of them may be. */
    const int in = fcntl(requests[0], F_DUPFD, 10), out = fcntl(replies[1], F_DUPFD, 10);
    dup2(in, 3);
    dup2(out, 4);
    for (int fd = 5; fd < 20; fd++) close(fd);
    execlp("Rscript", "Rscript", "--vanilla", BENCH_SOURCE "/desolve.R",
           BENCH_BUILD "/desolve_model.so", bytes, (char *)NULL);
    _exit(127);
}

static void stop_r(void) {
    if (r.to != NULL) fclose(r.to);
    if (r.from != NULL) fclose(r.from);
    if (r.process > 0) waitpid(r.process, NULL, 0);
    r.to = r.from = NULL;
    r.process = 0;
}

static bool start_r(void) {
    int requests[2], replies[2];
    double ready;
    if (!build_model() || atexit(stop_r) != 0) return false;
    if (pipe(requests) != 0 || pipe(replies) != 0) return false;
    signal(SIGPIPE, SIG_IGN);
    r.process = fork();
    if (r.process < 0) return false;
    if (r.process == 0) be_r(requests, replies);
    close(requests[0]);
    close(replies[1]);
    r.to = fdopen(requests[1], "wb");
    r.from = fdopen(replies[0], "rb");
    return r.to != NULL && r.from != NULL && fread(&ready, sizeof ready, 1, r.from) == 1;
}

/* ---- courses ----------------------------------------------------------------------------------- */

typedef struct desolve_state {
    double rtol;
    bool net;
} desolve_state;

static void send_course(const cit_course *c) {
    flat_course flat = {.column = c->column,
                        .c_cut = c->c_cut,
                        .band_floor = c->band_floor,
                        .end_day = c->times[c->time_count - 1],
                        .visits = c->visits};
    memcpy(flat.days, c->days, (size_t)c->visits * sizeof *c->days);
    memcpy(flat.wounds, c->wounds, (size_t)c->visits * sizeof *c->wounds);
    if (fwrite(&flat, sizeof flat, 1, r.to) != 1) bench_die("R does not listen");
}

static void receive(double *values, size_t count) {
    if (fread(values, sizeof *values, count, r.from) != count) bench_die("R has stopped");
}

/* Time of the courses' bytes on the way is not counted; that is no part of deSolve. */
static void desolve_run(void *state, cit_course *courses, int count, long *steps) {
    const desolve_state *s = state;
    const double head[2] = {count, s->rtol};
    double figures[3]; /* steps, seconds, and those of calls without work */
    if (fwrite(head, sizeof head, 1, r.to) != 1) bench_die("R does not listen");
    for (int i = 0; i < count; i++) send_course(&courses[i]);
    fflush(r.to);
    receive(figures, 3);
    for (int i = 0; i < count; i++)
        receive(courses[i].values, (size_t)courses[i].time_count * STATES);
    *steps += (long)figures[0];
    bench_took_elsewhere(figures[1] - (s->net ? figures[2] : 0), figures[1] + figures[2]);
}

static void *desolve_open(const course_solver *self, double rtol) {
    if (r.process == 0 && !r.missing) r.missing = !start_r();
    if (r.missing) {
        printf("%s: not here (R with deSolve)\n", self->name);
        return NULL;
    }
    desolve_state *s = malloc(sizeof *s);
    if (s == NULL) bench_die("no memory");
    *s = (desolve_state){rtol, self->variant != NULL};
    return s;
}

const course_solver desolve_raw = {"deSolve LSODA", desolve_open, desolve_run, free, NULL, NULL};
const course_solver desolve_net = {"deSolve LSODA, net", desolve_open, desolve_run, free, "net",
                                   &desolve_raw};
