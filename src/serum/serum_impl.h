/* Private to the serum room. */
#pragma once
#include <cit/serum.h>

/* The numbers of one draw, those of the middle values, and how to get them. */
typedef struct serum_draw {
    uint64_t seed;
    int draw; /* CIT_UNKNOWN_INT: the middle values */
} serum_draw;

/* One of a range, or of a parameter, that has this name. */
double draw_range(const serum_draw *d, const char *name, const double *range);
double draw_parameter(const serum_draw *d, const cit_parameter *row);
/* A row of either table of parameters; there is one. */
const cit_parameter *serum_row(const char *group, const char *name);

/* Everything that `answer`'s question stands on. */
void list_numbers(cit_serum_answer *answer);
