/* cit/report.h -- results as people and programs read them.
 *
 *   1 a forecast   terminal table, JSON (docs/forecast.schema.json), CSV, charts as SVG and PNG
 *   2 pages        one description of a sheet, for the terminal and for paper (PDF)
 *   3 files        whole or not at all
 *   4 advice       pages of screening, of care, of a visit, for somebody at home; answers to questions
 *   5 evidence     a calibration: the posterior as a file, what was learnt; predicted against reported
 *   6 trials       a virtual trial: page, JSON (docs/trial.schema.json), methods, its people as CSV and HDF5
 *
 * Everything is made in memory first. The same input gives the same bytes. */
#pragma once
#include <cit/forecast.h>
#include <cit/inference.h>
#include <cit/planning.h>
#include <cit/screening.h>
#include <cit/serum.h>
#include <cit/trial.h>

/* What a report is of; all borrowed. */
typedef struct cit_report {
    const char *program; /* "cit 0.1.0" */
    const cit_case *person;
    const cit_protocol *protocol;
    const cit_catalogue *catalogue;
    const cit_screening *screening;
    const cit_forecast *forecast;
} cit_report;

/* ---- 1 forecasts ----------------------------------------------------------------------------- */

/* Texts are allocated for the caller, who frees them. */
CIT_CHECKED cit_status cit_report_table(const cit_report *report, bool colour, char **ret,
                                        cit_errors *errs);
/* A few lines: what was done, what it brings, and published figures beside it. */
CIT_CHECKED cit_status cit_report_brief(const cit_report *report, char **ret, cit_errors *errs);
CIT_CHECKED cit_status cit_report_json(const cit_report *report, char **ret, cit_errors *errs);
CIT_CHECKED cit_status cit_report_csv(const cit_report *report, char **ret, cit_errors *errs);

/* Writes forecast.json, forecast.csv, forecast.{svg,png}, evidence.{svg,png} (where the case stands for
 * a study), drivers.{svg,png} and punctures.{svg,png} into `folder`, which must not exist unless
 * `force`; then files of these names in it are replaced. */
CIT_CHECKED cit_status cit_report_write(const cit_report *report, const char *folder, bool force,
                                        cit_errors *errs);

/* ---- 2 pages --------------------------------------------------------------------------------- */

/* A sheet for people: blocks in the order of the calls that add them, shown on a terminal or printed.
 * Every text is copied. Spaces, tabs and line ends in a row count as one space; a blank line or a
 * second paragraph is another call.
 *
 * Building needs no checks between calls: a page remembers what was wrong (a text that is not UTF-8 or
 * has control characters, a row without its table, no memory), leaves that block out, and fails with
 * all of it when it is rendered. The calls leave a NULL page alone. */
typedef struct cit_page cit_page;

enum {
    CIT_PAGE_CELLS_MAX = 16, /* of a table, of a line of fields, of a line of boxes */
    CIT_PAGE_MARK_MAX = 8,   /* bytes of a bullet's mark */
};

/* Colour only repeats what a verdict's words must say. */
typedef enum cit_page_tone { CIT_PAGE_GOOD, CIT_PAGE_ASK, CIT_PAGE_BAD } cit_page_tone;

/* NULL: no memory. A NULL subtitle is none. */
CIT_API cit_page *cit_page_new(const char *title, const char *subtitle);
CIT_API void cit_page_free(cit_page *page); /* NULL is fine */

CIT_API void cit_page_heading(cit_page *page, const char *words);
CIT_API void cit_page_paragraph(cit_page *page, const char *words);
/* Small and dim. */
CIT_API void cit_page_note(cit_page *page, const char *words);
/* A bold line in a box. */
CIT_API void cit_page_verdict(cit_page *page, cit_page_tone tone, const char *words);
/* Text hangs beside its mark: "1.", "-" (a dot on paper), "[ ]" (a box to be ticked on paper). */
CIT_API void cit_page_bullet(cit_page *page, const char *mark, const char *words);

/* Starts a table of n columns; its rows follow. Shares of the width are to each other as the numbers
 * given; NULL: equal. A heading or a cell that is NULL is empty. */
CIT_API void cit_page_table(cit_page *page, int n, const double *shares,
                            const char *const *headings);
CIT_API void cit_page_row(cit_page *page, int n, const char *const *cells);

/* A form's line of blanks to be filled by hand, side by side in these shares (NULL: equal). */
CIT_API void cit_page_fields(cit_page *page, int n, const char *const *labels,
                             const double *shares);
/* A question and boxes to tick; a NULL label is none. */
CIT_API void cit_page_boxes(cit_page *page, const char *label, int n, const char *const *choices);
/* A little room; none at the top of a sheet. */
CIT_API void cit_page_space(cit_page *page);

/* UTF-8 text in lines of at most `columns` (40 or more; 0: 78), combining marks counted as none and
 * wide characters as two. The caller frees it. */
CIT_CHECKED cit_status cit_page_text(const cit_page *page, int columns, bool colour, char **ret,
                                     cit_errors *errs);

typedef struct cit_page_paper {
    bool letter;        /* US letter; otherwise A4 */
    bool fit_one_page;  /* body text of 10 pt shrinks as far as 7.5 pt; beyond is a fault */
    int day;            /* the document's date, in days since 1970-01-01: there is no clock here */
    const char *footer; /* at the foot of every sheet, beside its number; NULL: none */
} cit_page_paper;

/* A tagged PDF in DejaVu Sans with margins of 15 mm. A heading stays with what follows it; a block is
 * split between sheets only where it is longer than a sheet; a table's heading is repeated. The same
 * bytes again with the same fonts and libraries. The caller frees the bytes. */
CIT_CHECKED cit_status cit_page_pdf(const cit_page *page, const cit_page_paper *paper,
                                    char **ret_bytes, size_t *ret_size, int *ret_sheets,
                                    cit_errors *errs);

/* ---- 3 files --------------------------------------------------------------------------------- */

/* Replaces a file's content in one step, or leaves it alone. */
CIT_CHECKED cit_status cit_file_write(const char *path, const void *bytes, size_t size,
                                      cit_errors *errs);

/* One file of a folder of results. */
typedef struct cit_product {
    char name[40];
    void *bytes;
    size_t size;
} cit_product;
/* Writes them all into a new folder, or, with `force`, into one that is there, from which those of `sometimes`
 * (ended by NULL; a '#' in a name stands for a number) that were not made now are taken away. */
CIT_CHECKED cit_status cit_folder_write(const cit_product *files, int count,
                                        const char *const *sometimes, const char *folder,
                                        bool force, cit_errors *errs);
/* Asked before any work is done: is there a name, a place for it, and nothing in the way? */
CIT_CHECKED cit_status cit_folder_may_write(const char *folder, bool force, cit_errors *errs);

/* A whole file of at most CIT_DOC_MAX_BYTES, with a NUL behind; the caller frees it. */
CIT_CHECKED cit_status cit_file_read(const char *path, char **ret, size_t *ret_size,
                                     cit_errors *errs);

/* ---- 4 advice -------------------------------------------------------------------------------- */

/* What a page of advice is about; all borrowed. Members that a page does not need may be NULL. */
typedef struct cit_advice {
    const cit_catalogue *catalogue;
    const cit_case *person;
    const cit_protocol *protocol;
    const cit_screening *screening;
    const cit_forecast *forecast;
    int who;     /* cit_who; 0: nobody said */
    int day;     /* today, or the day of the visit */
    bool plain;  /* in the words meant for the person */
    bool brief;  /* fewer reasons, shorter steps: for one sheet of paper */
    int needled; /* of the home page: day on which they needled themselves; CIT_UNKNOWN_INT */
} cit_advice;

/* Each returns a page for the caller to render and free; NULL where there is no memory (rendering a
 * NULL page fails with that). */

/* May this person be needled: a table of zones by kinds of user, and every reason with its rule. */
CIT_API cit_page *cit_page_of_screening(const cit_advice *advice);
/* The page for somebody at home. */
CIT_API cit_page *cit_page_of_home(const cit_advice *advice);
/* Care by day; with dates where `day` is known. Person and screening may be NULL: for everybody. */
CIT_API cit_page *cit_page_of_care(const cit_advice *advice);
/* The paper for the day, to be filled by hand: a visit of the protocol, the `number`th of its course, on
 * `day` (CIT_UNKNOWN_INT: no date yet). */
CIT_API cit_page *cit_page_of_visit(const cit_advice *advice, const cit_visit *visit, int number);
/* The ten usual questions; without a forecast, from rules and claims alone. */
CIT_API cit_page *cit_page_of_answers(const cit_advice *advice);
/* One entry of the catalogue, or all of a kind (id NULL): "rules", "claims", "harms", "care", "flags",
 * "anaesthetics", "medicines". NULL where there is no such kind or id. */
CIT_API cit_page *cit_page_of_entries(const cit_catalogue *catalogue, const char *kind,
                                      const char *id);

/* The screening in four lines: who is cleared, and why not. */
CIT_CHECKED cit_status cit_report_screening_brief(const cit_advice *advice, char **ret,
                                                  cit_errors *errs);
/* The screening as one JSON document (docs/screening.schema.json). */
CIT_CHECKED cit_status cit_report_screening_json(const cit_advice *advice, char **ret,
                                                 cit_errors *errs);

/* ---- 5 evidence ---------------------------------------------------------------------------------- */

typedef struct cit_calibration {
    const char *program;
    const cit_evidence *evidence;
    const cit_samples *samples;
    const cit_validation *validation; /* of these samples: gives the blend */
    uint64_t seed;
    int chains, steps, moves, people; /* as asked for */
} cit_calibration;

/* The file that cit_posterior_read reads, and a page in Markdown on how it came about. */
CIT_CHECKED cit_status cit_report_posterior(const cit_calibration *calibration, char **ret,
                                            cit_errors *errs);
CIT_CHECKED cit_status cit_report_calibration(const cit_calibration *calibration, char **ret,
                                              cit_errors *errs);

typedef struct cit_validation_report {
    const char *program;
    const cit_evidence *evidence;
    const cit_validation *validation;
    const cit_posterior *posterior;
    int draws;
} cit_validation_report;

/* For the terminal, study by study. */
CIT_CHECKED cit_status cit_report_validation_table(const cit_validation_report *report, char **ret,
                                                   cit_errors *errs);
/* The page docs/validation.md. */
CIT_CHECKED cit_status cit_report_validation(const cit_validation_report *report, char **ret,
                                             cit_errors *errs);
CIT_CHECKED cit_status cit_report_validation_json(const cit_validation_report *report, char **ret,
                                                  cit_errors *errs);
/* A forest: a line a study, reported and predicted. */
CIT_CHECKED cit_status cit_report_forest(const cit_validation_report *report, bool png,
                                         unsigned char **ret, size_t *ret_size, cit_errors *errs);

/* ---- 6 trials ------------------------------------------------------------------------------------ */

typedef struct cit_trial_report {
    const char *program;
    const cit_trial *trial;
    const cit_catalogue *catalogue;
    const cit_trial_result *result;
} cit_trial_report;

/* For the caller to render and free, as pages of advice. */
CIT_API cit_page *cit_page_of_trial(const cit_trial_report *report);
CIT_CHECKED cit_status cit_report_trial_json(const cit_trial_report *report, char **ret,
                                             cit_errors *errs);
/* A paragraph in Markdown that a protocol or a paper can take over. */
CIT_CHECKED cit_status cit_report_trial_methods(const cit_trial_report *report, char **ret,
                                                cit_errors *errs);
/* People one by one: a line each, after lines on where they come from. */
CIT_CHECKED cit_status cit_report_trial_people_csv(const cit_trial_report *report,
                                                   const cit_trial_person *people, int count,
                                                   char **ret, cit_errors *errs);
/* The same as an HDF5 file: a data set a column, with units, and what made it. CIT_INVALID where the program was
 * built without HDF5. */
CIT_CHECKED cit_status cit_report_trial_people_hdf5(const cit_trial_report *report,
                                                    const cit_trial_person *people, int count,
                                                    unsigned char **ret, size_t *ret_size,
                                                    cit_errors *errs);

enum { CIT_CHECKPOINT_MAX_BYTES = 1 << 30 };
/* The bytes of a checkpoint, for the caller to free. */
CIT_CHECKED cit_status cit_checkpoint_read(const char *path, void **ret, size_t *ret_size,
                                           cit_errors *errs);

/* ---- serum ----------------------------------------------------------------------------------------- */

typedef struct cit_serum_report {
    const char *program;
    const cit_catalogue *catalogue;
    const cit_serum_answer *answer;
} cit_serum_report;

/* How much gets in at each hour, what that stands on, and why the advice is to put on nothing. */
CIT_API cit_page *cit_page_of_serum(const cit_serum_report *report);
/* docs/serum.schema.json describes it. */
CIT_CHECKED cit_status cit_report_serum_json(const cit_serum_report *report, char **ret,
                                             cit_errors *errs);
/* Where it is over time, at the middle values: a line a moment and time. */
CIT_CHECKED cit_status cit_report_serum_csv(const cit_serum_report *report, char **ret,
                                            cit_errors *errs);
/* serum.json, serum.csv and serum.txt in a folder of their own. */
CIT_CHECKED cit_status cit_report_serum_write(const cit_serum_report *report, const char *folder,
                                              bool force, cit_errors *errs);

/* ---- a plan --------------------------------------------------------------------------------------- */

/* Everything that a plan's page, PDF, JSON and calendar are made of. */
typedef struct cit_plan_report {
    const char *program; /* "cit 0.1.0" */
    const cit_case *person;
    const cit_catalogue *catalogue;
    const cit_space *space;
    const cit_screening *screening;       /* for `start`, without a protocol */
    const cit_search *search;             /* NULL: nobody may needle this person now */
    const cit_dated_course *course;       /* of the chosen option; NULL: it is to do nothing */
    const cit_forecast *const *forecasts; /* one an option, NULL where nothing is done */
    const cit_prices *prices;             /* NULL: none */
    int day, start;                       /* today; the first day that may have a visit */
    uint64_t seed;
    uint64_t inputs; /* a hash of the files that it is made from: case, space, prices */
} cit_plan_report;

/* The first day that leaves time for all that care asks of this person before a visit (a test spot, sun), and is as
 * long after the last visit that is done as care asks between two. */
CIT_API int cit_plan_first_day(const cit_case *person, const cit_catalogue *catalogue, int today);

/* The plan on one screen. */
CIT_API cit_page *cit_page_of_plan(const cit_plan_report *report);
/* Two pages for the person, then the clinician's: the bytes of a PDF. The same report gives the same bytes. */
CIT_CHECKED cit_status cit_report_plan_pdf(const cit_plan_report *report, unsigned char **ret,
                                           size_t *ret_size, cit_errors *errs);
/* What the options bring against what they ask, and how the chosen one goes over time. */
CIT_CHECKED cit_status cit_report_plan_chart(const cit_plan_report *report, bool over_time,
                                             bool png, unsigned char **ret, size_t *ret_size,
                                             cit_errors *errs);
/* docs/plan.schema.json describes it. */
CIT_CHECKED cit_status cit_report_plan_json(const cit_plan_report *report, char **ret,
                                            cit_errors *errs);
/* Visits, care around them and days of photos and judging, as a calendar (RFC 5545): whole days, stable ids,
 * titles that tell nobody what for. Without a visit ahead there is nothing to write: CIT_OK, and *ret is NULL. */
CIT_CHECKED cit_status cit_report_plan_calendar(const cit_plan_report *report, char **ret,
                                                cit_errors *errs);
