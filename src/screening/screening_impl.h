/* Private to the screening room: what a rule looks at, and its three-valued logic. */
#pragma once
#include <cit/screening.h>

/* Where a fact is looked at. Members not given are NULL; `who` is a cit_who. */
typedef struct scene {
    const cit_case *person;
    const cit_zone *zone;
    const cit_setting *setting;
    const cit_protocol *protocol;
    const cit_catalogue *catalogue;
    int who, day;
} scene;

typedef enum fact_kind {
    FACT_ANSWER, /* yes or no */
    FACT_NUMBER, /* somewhere from lo to hi */
    FACT_CHOICE, /* one of names */
    FACT_SET,    /* some of names, as bits */
} fact_kind;

/* What is known of a fact. A number that is known has lo == hi; one that is not may still have
 * bounds. */
typedef struct fact_value {
    cit_answer answer;
    double lo, hi;
    const char *choice; /* NULL: unknown */
    unsigned set;       /* 0: unknown */
} fact_value;

typedef struct fact {
    const char *name;
    cit_scope scope;
    fact_kind kind;
    const char *unit;           /* of a number */
    const char *const *choices; /* of a choice or set; NULL: ids of the catalogue's sites */
    fact_value (*get)(const struct fact *f, const scene *at);
    size_t offset; /* where `get` looks */
    int which;     /* what it looks for there */
} fact;

const fact *fact_find(const char *name);
const fact *fact_at(int i); /* NULL behind the last */
const char *fact_near(const char *name);

/* The term's answer, and whether an unknown fact kept it from one. */
cit_answer term_holds(const cit_term *term, const scene *at);
bool term_check(const cit_term *term, const cit_catalogue *catalogue, char why[160]);
/* The day from which a term on a time that runs no longer holds; CIT_UNKNOWN_INT for other terms. */
int term_ends(const cit_term *term, const scene *at);

cit_answer answer_and(cit_answer a, cit_answer b);
cit_answer answer_or(cit_answer a, cit_answer b);
