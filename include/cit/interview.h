/* cit/interview.h -- a case from answers to questions, in order of danger.
 *
 * Two lists of questions: the full one for a consultation (about twenty, two minutes), and the eight of
 * someone at home. Each answer is read at once and goes into a draft of a case; after each the draft is
 * screened, so that a refusal is known before the next question is asked. `?` answers that nobody knows.
 * What the questions say lies in the catalogue's texts, under `<list>.<id>`:
 *
 *     ask       the question            help      how to answer it
 *     <option>  what an option means, for lists of options
 *
 * Nothing is read or printed here: texts in, texts out. */
#pragma once
#include <cit/screening.h>

typedef enum cit_interview_list { CIT_LIST_CASE, CIT_LIST_HOME } cit_interview_list;

/* How an answer is written. */
typedef enum cit_question_kind {
    CIT_Q_ONE,     /* one of the options: its letter, number or name */
    CIT_Q_SOME,    /* some of them: letters or names; none */
    CIT_Q_NUMBER,  /* 34, or 34 years */
    CIT_Q_PLACES,  /* cheek left, temple */
    CIT_Q_TREATED, /* laser 2026-05-01, peel 3 weeks ago; none */
    CIT_Q_WHEN,    /* never, now, a date, 3 months ago */
    CIT_Q_NAMES,   /* names separated by commas; none */
    CIT_Q_SCARS,   /* rolling 5, boxcar 3; none */
} cit_question_kind;

typedef struct cit_question {
    const char *id;
    cit_question_kind kind;
    int option_count;
    const char *const *options; /* their names; NULL where there are none */
} cit_question;

typedef struct cit_interview cit_interview;

/* `today` dates the answers. The catalogue is borrowed until the interview is freed. */
CIT_CHECKED cit_status cit_interview_new(cit_interview_list list, const cit_catalogue *catalogue,
                                         int today, cit_interview **ret, cit_errors *errs);
CIT_API void cit_interview_free(cit_interview *interview); /* NULL is fine */

/* "case" or "home": the prefix of its texts. */
CIT_API const char *cit_interview_prefix(const cit_interview *interview);
/* The question to ask now; NULL when all are answered. Questions that earlier answers settle are left
 * out. `ret_number` is its place in the list, from 1, and `ret_of` the list's length. */
CIT_API const cit_question *cit_interview_next(cit_interview *interview, int *ret_number,
                                               int *ret_of);
/* Reads the answer to that question. False: it could not be read, `why` says so in one sentence with an
 * example, and the question stands. */
CIT_CHECKED bool cit_interview_answer(cit_interview *interview, const char *answer, char why[240]);
/* Every question of the list, by place from 0, for files of answers; NULL behind the last. */
CIT_API const cit_question *cit_interview_question(const cit_interview *interview, int i);

/* The draft so far: valid until the next answer. */
CIT_API const cit_case *cit_interview_draft(const cit_interview *interview);
/* The date on which the person last needled themselves; CIT_UNKNOWN_INT: never, or not said. */
CIT_API int cit_interview_needled_day(const cit_interview *interview);
/* The draft as a case file with a comment on every line; it has been read back. The caller frees it. */
CIT_CHECKED cit_status cit_interview_write(const cit_interview *interview, char **ret,
                                           cit_errors *errs);
