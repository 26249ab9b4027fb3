/* cit/screening.h -- may this person be needled in this way?
 *
 * So far only the hard stops that a case and a protocol show by themselves: a table of conditions, each
 * answered yes (refuse), no, or not known. What is not known is never taken as safe: the result then
 * says `not screened` and names the questions. */
#pragma once
#include <cit/protocol.h>

typedef struct cit_stop {
    const char *id;       /* "pregnant" */
    const char *question; /* what must be asked where it is unknown */
    const char *reason;   /* why a yes is refused */
    const char *source;   /* a citation, or "assumed" */
} cit_stop;

typedef struct cit_finding {
    const cit_stop *stop;
    cit_answer answer;
    char where[80]; /* the zone or device it was found at; "" for the person */
} cit_finding;

enum { CIT_FINDINGS_MAX = 400 };

/* Every stop at every place it applies to. Beyond CIT_FINDINGS_MAX places what matters least is left
 * out, so that a refusal is always among the findings; `refused` and `unknown` count all. */
typedef struct cit_screening {
    cit_finding findings[CIT_FINDINGS_MAX];
    int count;
    int refused, unknown; /* how many of each */
} cit_screening;

CIT_API void cit_screen(const cit_case *person, const cit_protocol *protocol,
                        const cit_catalogue *catalogue, cit_screening *ret);
/* The hard stops, in the order they are looked at; i from 0. */
CIT_API int cit_stop_count(void);
CIT_API const cit_stop *cit_stop_at(int i);
