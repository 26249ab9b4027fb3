/* cit/screening.h -- may this person be needled, where, by whom, and what must be asked first?
 *
 * Rules are data (data/rules/, cit_rule). A rule's condition looks at named facts of the person, the
 * zone, the setting or the protocol; each fact may be unknown, and a condition is then yes, no or
 * unknown (Kleene's three-valued logic). What comes of it, per zone and kind of user:
 *
 *     condition   refuse, refuse until   ask first   caution
 *     yes         refused                ask first   cleared, with the caution
 *     unknown     ask first              ask first   cleared, with the question
 *     no          -                      -           -
 *
 * A verdict is the worst of its findings, so it cannot contradict them, and by this table:
 *   - nobody is cleared while a rule that could refuse is unanswered;
 *   - taking a fact away never clears anybody;
 *   - the worst that missing answers could bring (`cit_screening_worst`) never falls when a fact is
 *     taken away.
 * Rules that look at settings or the protocol wait until a protocol is given.
 *
 * A physician may go on in spite of a rule whose `override` says so, by name, with a reason: the case
 * file holds it, and the finding stays, marked. */
#pragma once
#include <cit/protocol.h>

typedef enum cit_clearance { CIT_CLEARED = 1, CIT_ASK_FIRST, CIT_FORBIDDEN } cit_clearance;
extern CIT_API const char *const cit_clearance_choices[];

enum { CIT_MISSING_MAX = 6 };

/* One rule whose condition holds or is not known, at one place. */
typedef struct cit_finding {
    const cit_rule *rule;
    int zone;                    /* index in the case; -1: the person, the whole course */
    const cit_setting *setting;  /* NULL where it is not about one */
    cit_answer holds[CIT_USERS]; /* per kind of user; never CIT_NO for all of them */
    int until;                   /* the day from which it no longer holds; CIT_UNKNOWN_INT */
    const char *missing[CIT_MISSING_MAX]; /* facts that are not known, by name */
    int missing_count;
    const cit_override *override; /* NULL: none */
} cit_finding;

typedef struct cit_screening {
    int day; /* for which it was judged */
    int zone_count;
    bool has_protocol; /* else `waiting` rules are not judged */
    int judged, waiting;
    cit_finding *findings;
    int count;
} cit_screening;

/* Screens a person for the day `day`. `protocol` may be NULL. The catalogue's rules must have passed
 * cit_rules_check. Findings stand by rule, by id, and of a rule by place. */
CIT_CHECKED cit_status cit_screen(const cit_case *person, const cit_protocol *protocol,
                                  const cit_catalogue *catalogue, int day, cit_screening **ret,
                                  cit_errors *errs);
CIT_API void cit_screening_free(cit_screening *screening); /* NULL is fine */

/* The verdict for a zone and a kind of user (cit_who). Zone -1: everything, all zones together. Who 0,
 * nobody said: the verdict that all kinds of user share, else `ask first`. */
CIT_API cit_clearance cit_screening_verdict(const cit_screening *screening, int zone, int who);
/* The worst verdict that answers to what is not known could bring. */
CIT_API cit_clearance cit_screening_worst(const cit_screening *screening, int zone, int who);
/* What one finding weighs for a kind of user: the verdict it asks for, and whether it counts there. */
CIT_API bool cit_finding_counts(const cit_finding *finding, int zone, int who);
CIT_API cit_clearance cit_finding_verdict(const cit_finding *finding, int who);
/* Has a physician's override settled it for this kind of user? */
CIT_API bool cit_finding_overridden(const cit_finding *finding, int who);
/* The latest of the days before which a refusal of this zone and user ends by itself; CIT_UNKNOWN_INT
 * where there is none, or one that no date ends. */
CIT_API int cit_screening_earliest(const cit_screening *screening, int zone, int who);

/* Every term names a fact there is, and says of it what it can be: all faults in one go. */
CIT_CHECKED cit_status cit_rules_check(const cit_catalogue *catalogue, cit_errors *errs);

/* Does a condition on the person hold, as for care? An empty one does. */
CIT_API cit_answer cit_condition_holds(const cit_condition *condition, const cit_case *person,
                                       const cit_catalogue *catalogue, int day);

/* The facts there are, for documentation and questions: i from 0. */
typedef enum cit_scope {
    CIT_OF_PERSON = 1,
    CIT_OF_PROTOCOL,
    CIT_OF_ZONE,
    CIT_OF_SETTING,
} cit_scope;
CIT_API int cit_fact_count(void);
CIT_API const char *cit_fact_name(int i);
CIT_API cit_scope cit_fact_scope(int i);

/* A course that has begun is not an untreated scar: may a forecast start from this case? CIT_OK, or
 * CIT_REFUSED with the reason: scars measured after (or nobody knows when) the first visit that the
 * case records as done, or such visits that the protocol does not have. */
CIT_CHECKED cit_status cit_may_forecast(const cit_case *person, const cit_protocol *protocol,
                                        cit_errors *errs);
