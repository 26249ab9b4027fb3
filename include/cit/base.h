/* cit/base.h -- what every room stands on: status and located errors, units, strict documents bound
 * to field tables, parameter tables, counter-based random numbers, progress.
 *
 *   1 status and errors      a failure is data: a code, a place, one sentence
 *   2 unknown                how "nobody knows" is written in a struct
 *   3 units and dates        `1.5 mm`, `4 weeks`, `2026-01-10` are what people write
 *   4 documents              strict YAML as a tree with line and column on every node
 *   5 field tables           bind a document to a struct; all faults in one go
 *   6 parameter tables       one row: field, unit, range, spread, source, meaning
 *   7 random numbers         Philox: the same seed and name give the same number everywhere
 *   8 progress               how long work says how far it is, and is asked to stop
 *
 * Inside the program lengths are mm, times are days, tissue amounts are fractions of healthy tissue;
 * a name carries its unit (`needle_length_mm`). Nothing here prints; nothing here keeps global state. */
#pragma once
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define CIT_API                 __attribute__((visibility("default")))
#define CIT_CHECKED             __attribute__((visibility("default"), warn_unused_result))
#define CIT_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define CIT_API
#define CIT_CHECKED
#define CIT_PRINTF(text, first)
#endif

/* A function built twice, with and without AVX2; the processor decides at the start. Products and sums are
 * never fused nor reordered, so both give the same bits. The build says whether the compiler can. */
#ifdef CIT_TARGET_CLONES
#define CIT_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define CIT_WIDE
#endif

/* ---- 1 status and errors ------------------------------------------------------------------- */

/* One row per kind of failure: name, what a person reads, exit status of the program. */
#define CIT_STATUS_LIST(X)                                                                         \
    X(OK, "ok", 0)                                                                                 \
    X(REFUSED, "refused by a safety rule", 2)                                                      \
    X(UNSETTLED, "something must be asked first", 3)                                               \
    X(USAGE, "wrong command line", 64)                                                             \
    X(INVALID, "invalid input", 65)                                                                \
    X(NOTFOUND, "no such file or entry", 66)                                                       \
    X(INTERNAL, "internal fault", 70)                                                              \
    X(DIVERGED, "no converged solution", 70)                                                       \
    X(NOMEM, "out of memory", 71)                                                                  \
    X(IO, "input or output failed", 74)                                                            \
    X(CANCELLED, "stopped on request", 130)

typedef enum cit_status {
#define CIT_STATUS_ENUM(name, text, exit_status) CIT_##name,
    CIT_STATUS_LIST(CIT_STATUS_ENUM)
#undef CIT_STATUS_ENUM
} cit_status;

CIT_API const char *cit_status_text(cit_status status);
CIT_API int cit_status_exit(cit_status status);

/* One fault. Plain bytes: needs no allocation, so it can report that there is no memory. */
typedef struct cit_error {
    cit_status code;
    char where[192]; /* "case.yaml:14:3", "data/devices/x.yaml", or "" */
    char text[400];  /* one line, no full stop */
} cit_error;

enum { CIT_ERRORS_MAX = 40 };

/* All faults of a piece of work, in the order found; owned by the caller, zero-initialised. Faults
 * beyond CIT_ERRORS_MAX are counted in `lost`. */
typedef struct cit_errors {
    cit_error items[CIT_ERRORS_MAX];
    int count;
    int lost;
} cit_errors;

/* Adds one fault and returns its code, so that `return cit_fail(...)` reads well. errs may be NULL. */
CIT_API cit_status cit_fail(cit_errors *errs, cit_status code, const char *where,
                            const char *format, ...) CIT_PRINTF(4, 5);
/* The code of the first fault, CIT_OK if there is none. */
CIT_API cit_status cit_errors_status(const cit_errors *errs);

/* Leaves for the function's `done:` label with `st` set; the callee has described the fault. */
#define CIT_TRY(call)                                                                              \
    do {                                                                                           \
        st = (call);                                                                               \
        if (st != CIT_OK) goto done;                                                               \
    } while (0)

/* ---- 2 unknown ----------------------------------------------------------------------------- */

/* A field nobody knows: NAN for a number, CIT_UNKNOWN_INT for a whole number or a date, 0 for a
 * choice, NULL for text. Files write it `unknown`, or leave the key out. */
enum { CIT_UNKNOWN_INT = INT32_MIN };
#define CIT_UNKNOWN_NUMBER ((double)NAN)
static inline bool cit_known(double number) { return number == number; }

/* The answer to a yes/no question. */
typedef enum cit_answer { CIT_ANSWER_UNKNOWN, CIT_NO, CIT_YES } cit_answer;

/* ---- 3 units and dates --------------------------------------------------------------------- */

/* Reads "1.5 mm", "4 weeks", "250 /cm2" into the wanted unit ("mm", "day", "/cm2", "" for a plain
 * number). Refuses NaN, infinity, hexadecimal, a missing unit and a unit of another kind; then
 * writes the reason to `why` and leaves *ret alone. */
CIT_CHECKED bool cit_quantity_parse(const char *text, const char *unit, double *ret, char why[160]);

/* Days since 1970-01-01 of a Gregorian date "YYYY-MM-DD"; and back. */
CIT_CHECKED bool cit_date_parse(const char *text, int *ret_day);
CIT_API void cit_date_format(int day, char text[16]);
/* Years from one date to another by the calendar: whole at each birthday (28 February where there is no
 * 29th), and the share of the running year in between. Negative where `to` is before `from`. */
CIT_API double cit_years_between(int from, int to);
/* The day on which somebody born on `from` turns `years`. */
CIT_API int cit_birthday(int from, int years);
#define CIT_YEAR_DAYS 365.2425 /* the Gregorian mean, what `1 year` is */

/* Is this what a document may hold: UTF-8 without control characters but tab and line ends? */
CIT_API bool cit_text_is_plain(const char *text);
/* How many of its first `most` bytes end with a whole character: for "%.*s", and for what is cut already. */
CIT_API int cit_text_whole(const char *text, int most);

/* ---- 4 documents --------------------------------------------------------------------------- */

enum {
    CIT_DOC_MAX_BYTES = 1 << 20,
    CIT_DOC_MAX_DEPTH = 64,
    CIT_DOC_MAX_KEYS = 1000, /* of one map */
};

typedef struct cit_mark {
    int line, column; /* 1 is the first; 0: no place */
} cit_mark;

typedef enum cit_node_kind { CIT_NODE_SCALAR, CIT_NODE_LIST, CIT_NODE_MAP } cit_node_kind;

/* One value of a document. Scalars stay text: the field table decides what they are, so YAML's own
 * guessing (`no` as false) never runs. */
typedef struct cit_node cit_node;
struct cit_node {
    cit_node_kind kind;
    cit_mark mark;
    const char *text; /* scalar: the text; otherwise NULL */
    const char *key;  /* in a map: this entry's key; otherwise NULL */
    cit_mark key_mark;
    cit_node *first, *next; /* children of a list or a map, in file order */
    int count;
};

/* A parsed file. Owns every node, and every string and array bound from it. */
typedef struct cit_doc cit_doc;

/* Strict YAML (JSON is a subset): UTF-8 without control characters, within the limits above, one
 * document, no aliases, anchors or tags, no key twice. On failure *ret is untouched. */
CIT_CHECKED cit_status cit_doc_read(const char *path, cit_doc **ret, cit_errors *errs);
CIT_CHECKED cit_status cit_doc_parse(const char *name, const char *bytes, size_t size,
                                     cit_doc **ret, cit_errors *errs);
CIT_API const cit_node *cit_doc_root(const cit_doc *doc);
CIT_API const char *cit_doc_name(const cit_doc *doc);
CIT_API void cit_doc_free(cit_doc *doc); /* NULL is fine */

/* A fault at a place of the document: "name:line:column". */
CIT_API cit_status cit_doc_fail(const cit_doc *doc, cit_mark mark, cit_errors *errs,
                                const char *format, ...) CIT_PRINTF(4, 5);

/* All of a file, at most `most` bytes; the caller frees them. CIT_NOTFOUND; CIT_IO: a directory, no permission;
 * CIT_INVALID: longer. */
CIT_CHECKED cit_status cit_file_load(const char *path, size_t most, uint8_t **ret, size_t *ret_size,
                                     cit_errors *errs);

/* ---- 5 field tables ------------------------------------------------------------------------ */

typedef enum cit_kind {
    CIT_TEXT,    /* const char *       */
    CIT_ID,      /* const char *       lower case, digits, hyphens, dots */
    CIT_NUMBER,  /* double             in `unit`, from lo to hi */
    CIT_INTEGER, /* int                from lo to hi */
    CIT_CHOICE,  /* int (an enum)      1 + place in `choices` */
    CIT_CHOICES, /* unsigned           a list; bit (place in `choices`) */
    CIT_DATE,    /* int                days since 1970-01-01 */
    CIT_NUMBERS, /* double * + int     a list of numbers, arena of the document */
    CIT_TEXTS,   /* const char ** + int */
    CIT_STRUCT,  /* an embedded struct described by `table` */
    CIT_LIST,    /* struct * + int     a list of structs described by `table` */
} cit_kind;

enum {
    CIT_REQUIRED = 1,    /* the key must be there (it may still say `unknown`) */
    CIT_MUST_KNOW = 2,   /* `unknown` is not an answer either */
    CIT_ABOVE_LO = 4,    /* lo itself is out of range */
    CIT_ONE_WILL_DO = 8, /* of CIT_TEXTS: one text may stand for a list of one */
    CIT_SELDOM = 16,     /* cit_table_write leaves it out where it is unknown */
};

typedef struct cit_table cit_table;

/* One row binds one key of a map. `count_offset` is where the length of a list goes. */
typedef struct cit_field {
    const char *key;
    cit_kind kind;
    size_t offset, count_offset;
    unsigned flags;
    const char *unit;
    double lo, hi;
    const char *const *choices; /* NULL-terminated */
    const cit_table *table;
    const char *meaning; /* one line of help; also goes into the documentation */
} cit_field;

struct cit_table {
    const char *name;   /* what a person calls this thing: "visit" */
    const char *schema; /* "cit/case/1": the value that the key `schema` must have; NULL: none */
    size_t size;
    const cit_field *fields; /* ends with a row whose key is NULL */
    size_t mark_offset;      /* where a cit_mark of the map is kept; CIT_NO_MARK: nowhere */
};
#define CIT_NO_MARK ((size_t)-1)

/* Fills *object from a map by its table: every field is first set to unknown, then bound; unknown
 * keys, missing keys, wrong types, units and ranges are all reported. Lists and texts live as long
 * as the document. */
CIT_CHECKED cit_status cit_bind(cit_doc *doc, const cit_node *map, const cit_table *table,
                                void *object, cit_errors *errs);
/* What cit_table_write writes beside what is known. */
enum {
    CIT_WRITE_UNKNOWN = 1, /* `unknown` for what is not */
    CIT_WRITE_MEANING = 2, /* each field's meaning as a comment */
    CIT_WRITE_ENTRY = 4,   /* as an entry of a list: its first line begins with "- " */
};
/* The YAML that cit_bind reads as this object, its lines indented; texts are quoted. The caller frees
 * it. */
CIT_CHECKED cit_status cit_table_write(const cit_table *table, const void *object, int indent,
                                       unsigned flags, char **ret, cit_errors *errs);
/* Sets every field of *object to unknown. */
CIT_API void cit_table_clear(const cit_table *table, void *object);
/* The one of NULL-terminated `names` nearest to what was typed, or NULL when none is near. */
CIT_API const char *cit_nearest(const char *typed, const char *const *names);
/* The name of a choice's value, "unknown" for 0. */
CIT_API const char *cit_choice_name(const char *const *choices, int value);
extern CIT_API const char *const cit_answer_choices[]; /* no, yes */

/* ---- 6 parameter tables -------------------------------------------------------------------- */

/* How a parameter's uncertainty is drawn; all truncated to [lo, hi]. */
typedef enum cit_spread {
    CIT_FIXED = 1,   /* not drawn */
    CIT_NORMAL,      /* mean value, standard deviation width */
    CIT_LOGNORMAL,   /* median value, standard deviation of the logarithm width */
    CIT_UNIFORM,     /* lo to hi */
    CIT_LOG_UNIFORM, /* lo to hi, lo > 0 */
} cit_spread;

/* Whose uncertainty it is: `shared` is the same unknown for everybody (physiology, devices, scales),
 * `person` differs from one person to the next. */
typedef enum cit_level { CIT_SHARED = 1, CIT_PERSON } cit_level;

extern CIT_API const char *const cit_spread_choices[];
extern CIT_API const char *const cit_level_choices[];

typedef struct cit_param {
    const char *name, *unit;
    size_t offset; /* of a double in the struct that the table describes */
    double value, lo, hi;
    cit_spread spread;
    double width;
    cit_level level;
    const char *source; /* a citation, or "assumed" */
    const char *meaning;
} cit_param;

/* Is the value or its spread assumed? A draw uses both. */
CIT_API bool cit_param_is_assumed(const cit_param *param);
/* The parameter's value at probability u in (0, 1): the quantile function of its distribution. */
CIT_API double cit_param_quantile(const cit_param *param, double u);

/* The same with what does not depend on u worked out once, for many draws. */
typedef struct cit_law {
    int spread;
    double value, lo, hi;
    double middle, scale; /* of the normal or uniform that is drawn, or of its logarithm */
    double p_lo, p_range; /* what its bounds leave of a normal */
} cit_law;
CIT_API cit_law cit_param_law(const cit_param *param);
CIT_API double cit_law_quantile(const cit_law *law, double u);

/* ---- 7 random numbers ---------------------------------------------------------------------- */

/* Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). */
CIT_API void cit_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t ret[4]);

/* The number in (0, 1) that belongs to this seed, draw, stream and place in the stream. It depends on
 * nothing else: not on threads, not on what was drawn before, so two protocols compared under one
 * seed meet the same people. */
CIT_API double cit_random(uint64_t seed, uint32_t draw, uint32_t stream, uint32_t place);
/* A stream's number from its name, so that adding a parameter leaves the others' draws alone. */
CIT_API uint32_t cit_random_stream(const char *name);

CIT_API double cit_normal_cdf(double x);
CIT_API double cit_normal_quantile(double p); /* Wichura 1988, AS 241; relative error 1e-15 */

/* ---- 8 progress ---------------------------------------------------------------------------- */

/* Called now and then with the share done, 0 to 1, always from the thread that started the work.
 * Returns false to ask the work to stop (it then ends with CIT_CANCELLED). */
typedef struct cit_progress {
    bool (*report)(void *context, double share, const char *what);
    void *context;
} cit_progress;
CIT_API bool cit_progress_report(const cit_progress *progress, double share, const char *what);
