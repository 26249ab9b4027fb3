/* Private to the program: what every command shares. */
#pragma once
#include <cit/cit.h>

/* A command: its name, one line of help, and its main. */
typedef struct command {
    const char *name, *help;
    int (*run)(int argc, char **argv);
} command;

int run_simulate(int argc, char **argv);
int run_catalogue(int argc, char **argv);

/* Prints every fault to standard error, one line each; gives the exit status of the first. */
int print_errors(const cit_errors *errs);

/* Writes to standard output and reports a full disk or a closed pipe. */
cit_status print_bytes(const char *bytes, cit_errors *errs);

/* Where the catalogue lies: `given` if not NULL; else $CIT_CATALOGUE; else beside the program, as
 * installed (../share/cit) or as built (../data). */
cit_status find_catalogue(const char *given, char path[4096], cit_errors *errs);

/* May colour be used on standard output? */
bool colour_wanted(void);
