/* cit/report.h -- results as people and programs read them.
 *
 *   1 a forecast   terminal table, JSON (docs/forecast.schema.json), CSV, charts as SVG and PNG
 *   2 pages        one description of a sheet, for the terminal and for paper (PDF)
 *   3 files        whole or not at all
 *   4 advice       pages of screening, of care, of a visit, for somebody at home; answers to questions
 *   5 evidence     a calibration: the posterior as a file, what was learnt; predicted against reported
 *   6 trials       a virtual trial: page, JSON (docs/trial.schema.json), methods, its people as CSV and HDF5
 *   7 fields       tissue in voxels: VTK and HDF5 files, slices, reliefs, the pictures of a film
 *
 * Everything but fields in files is made in memory first. The same input gives the same bytes. */
#pragma once
#include <cit/colour.h>
#include <cit/forecast.h>
#include <cit/inference.h>
#include <cit/measure.h>
#include <cit/needling.h>
#include <cit/num.h>
#include <cit/planning.h>
#include <cit/screening.h>
#include <cit/serum.h>
#include <cit/specimen.h>
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

/* ---- 7 fields -------------------------------------------------------------------------------------- */

/* Voxel (i, j, k) of nx x ny x nz has its middle at x_mm + (i + 1/2) dx_mm, and so on; x_mm, y_mm, z_mm are the
 * corner of the box. z is depth, 0 at the top of the dermis, in files as well: nothing is turned over there, and
 * nothing moved by half a voxel. */
typedef struct cit_box {
    int nx, ny, nz;
    double dx_mm, dy_mm, dz_mm, x_mm, y_mm, z_mm;
} cit_box;

enum { CIT_FRAME_FIELDS_MAX = 32 };

/* NAN in a field is "no number"; infinity is refused. */
typedef struct cit_frame_field {
    const char *name; /* a letter, then letters, digits and _, 60 at most; not "viable" */
    const char *unit; /* "1": a fraction of healthy tissue */
    const char *meaning;
    const double *values; /* nx x ny x nz, x fastest */
} cit_frame_field;

/* What made it, for whoever finds the file alone. */
typedef struct cit_made_by {
    const char *program;   /* "cit 0.1.0" */
    const char *catalogue; /* its digest; NULL: none was used */
    const char *settings;  /* all that was asked for, in lines; NULL: nothing */
    uint64_t seed;
} cit_made_by;

/* Tissue at one moment; all borrowed for the call. */
typedef struct cit_frame {
    cit_box box;
    double day;
    const cit_frame_field *fields;
    int count;
    const double *viable; /* share of each voxel that lives, 0 to 1; NULL: all of it */
    cit_made_by made;
} cit_frame;

/* What every call below asks first. CIT_INVALID names the box, the field or the number. */
CIT_CHECKED cit_status cit_frame_check(const cit_frame *frame, cit_errors *errs);

/* VTK ImageData (.vti): values belong to cells, which are the voxels. 8 or 4 bytes a number, little endian,
 * appended raw. Where nothing lives (viable 0) fields are NaN, so that no mean or contour takes an empty voxel
 * for poor tissue, and VTK is told to hide the cell (vtkGhostType); `viable` is there as well. Units stand as
 * UNITS_LABEL; day, program, seed, settings and catalogue as field data. The file is there whole or not
 * at all, and is written as it is made, without a copy in memory. */
CIT_CHECKED cit_status cit_frame_vti(const cit_frame *frame, cit_precision precision,
                                     const char *path, cit_errors *errs);
/* The collection (.pvd) that makes a course of `count` such files, named relative to it. */
CIT_CHECKED cit_status cit_frames_pvd(const char *const *names, const double *days, int count,
                                      const char *path, cit_errors *errs);

/* A course in one HDF5 file. Data sets:
 *   day [time]                    days
 *   x_mm [x], y_mm [y], z_mm [z]  middles of voxels
 *   viable [z][y][x]              once; only where it is not 1 everywhere
 *   fields/<name> [time][z][y][x] with attributes unit and meaning; chunks of one time, deflated
 *   settings                      text
 * and attributes program, seed, catalogue_digest, spacing_mm, origin_mm, layout on the file. Where nothing lives fields
 * have what they were given. No times of making: the same frames give the same bytes.
 *
 * A frame is in the file, and on the disk, when `add` returns. Until then nothing that was there before is
 * touched: its numbers go behind the end of the file, and what refers to them is changed last. So where a disk
 * fills, a limit is met or the program is killed, all earlier frames can be read. */
typedef struct cit_series_options {
    cit_precision precision;
    int deflate; /* 1 fast to 9 small; 0: 1; -1: not at all */
    bool force;  /* a file of this name is replaced */
    int threads; /* that deflate; 0: all. The bytes are the same */
} cit_series_options;

typedef struct cit_series cit_series;
/* The frame gives the box, what lives, and the fields by name; its numbers are not written. CIT_IO: the file is
 * there already, is a folder, cannot be made. CIT_INVALID where the program was built without HDF5. */
CIT_CHECKED cit_status cit_series_new(const char *path, const cit_frame *like,
                                      const cit_series_options *options, cit_series **ret,
                                      cit_errors *errs);
/* Goes on with a series that was made like this, and is closed, after its frames up to `day`; those behind are dropped
 * first. Its numbers are then those of a series that never stopped. CIT_INVALID, and the file as it was: another box,
 * other fields, precision, compressed or not, program, seed, settings or catalogue. */
CIT_CHECKED cit_status cit_series_resume(const char *path, const cit_frame *like,
                                         const cit_series_options *options, double day,
                                         cit_series **ret, cit_errors *errs);
/* CIT_INVALID: another box, other fields, a day not after the last one; the series goes on. CIT_IO: it could not be
 * written; the file has the frames before it, and takes no more. */
CIT_CHECKED cit_status cit_series_add(cit_series *series, const cit_frame *frame, cit_errors *errs);
CIT_API int cit_series_count(const cit_series *series);
/* Frees it too, whatever it returns. NULL is fine. */
CIT_CHECKED cit_status cit_series_close(cit_series *series, cit_errors *errs);
/* How many frames a file holds. CIT_IO: it cannot be read, is cut short, is no such file. */
CIT_CHECKED cit_status cit_series_look(const char *path, int *ret_count, double *ret_last_day,
                                       cit_errors *errs);

/* ---- one scar in voxels --------------------------------------------------------------------------- */

typedef struct cit_patch_report {
    cit_specimen *specimen;
    const cit_specimen_state *states; /* in the order of days, the start first */
    int count;
    double seconds; /* that it took */
    bool unsettled; /* screening asks something first */
} cit_patch_report;
CIT_API cit_page *cit_page_of_patch(const cit_patch_report *report);

/* ---- measurements --------------------------------------------------------------------------------- */

/* One file that was measured. The first take is what all others are held against. */
typedef struct cit_take {
    const char *name;           /* the file's, without its folder */
    int day;                    /* its date; CIT_UNKNOWN_INT: nobody told */
    const cit_heights *heights; /* as they were read */
    const cit_scars *scars;     /* of the first; else, and where none could be looked for, NULL */
    const cit_pair *pair;       /* of all others */
    const cit_roughness *roughness;       /* of the first; NULL: not asked for, or a profile */
    const cit_profile_roughness *profile; /* of a first that is one */
    const char *no_scars;                 /* of a first without scars: why none were looked for */
} cit_take;

typedef struct cit_measure_report {
    const char *program;
    const cit_take *takes;
    int count;         /* 1 or more */
    double s_mm, l_mm; /* cut-offs of the roughness; 0: none */
    const char *site;  /* id of a site, for the case; NULL: cheek */
} cit_measure_report;

/* Of a first without scars only the page, the JSON and a folder with that JSON can be made; later takes there are none. */
CIT_API cit_page *cit_page_of_measure(const cit_measure_report *report);
CIT_CHECKED cit_status cit_report_measure_json(const cit_measure_report *report, char **ret,
                                               cit_errors *errs);
/* A row a scar and take. */
CIT_CHECKED cit_status cit_report_measure_csv(const cit_measure_report *report, char **ret,
                                              cit_errors *errs);
/* The scars as the block `zones` of a case file, grouped by their likeliest class, for a person to look over. */
CIT_CHECKED cit_status cit_report_measure_case(const cit_measure_report *report, char **ret,
                                               cit_errors *errs);
/* The first take as depths, its scars outlined and numbered; or a later one as what has changed. PNG. */
CIT_CHECKED cit_status cit_report_measure_map(const cit_measure_report *report, int take,
                                              unsigned char **ret, size_t *ret_size,
                                              cit_errors *errs);
/* Volume over visits, all scars together, with 95 %. PNG. CIT_INVALID: fewer than two takes with a date. */
CIT_CHECKED cit_status cit_report_measure_series(const cit_measure_report *report,
                                                 unsigned char **ret, size_t *ret_size,
                                                 cit_errors *errs);
/* All of it on a sheet of A4, more where there are more scars than fit. */
CIT_CHECKED cit_status cit_report_measure_pdf(const cit_measure_report *report, int day,
                                              unsigned char **ret, size_t *ret_size,
                                              cit_errors *errs);
/* measure.json, scars.csv, scars.yaml, scars.png, change-N.png, series.png, measure.pdf. */
CIT_CHECKED cit_status cit_report_measure_write(const cit_measure_report *report, int day,
                                                const char *folder, bool force, cit_errors *errs);

/* ---- colour --------------------------------------------------------------------------------------- */

/* One photo that was measured. The first is what all others are held against. */
typedef struct cit_colour_take {
    const char *name; /* the file's, without its folder */
    int day;          /* its date; CIT_UNKNOWN_INT: nobody told */
    const cit_photo *photo;
    cit_photo_part part;
    const cit_chart *chart; /* NULL: none was found */
    cit_photo_quality quality;
    cit_colour_result result;
    const cit_colour_change *change; /* of all but the first */
} cit_colour_take;

typedef struct cit_colour_report {
    const char *program;
    const cit_colour_take *takes;
    int count; /* 1 or more */
} cit_colour_report;

CIT_API cit_page *cit_page_of_colour(const cit_colour_report *report);
CIT_CHECKED cit_status cit_report_colour_json(const cit_colour_report *report, char **ret,
                                              cit_errors *errs);
/* A row a photo and index. */
CIT_CHECKED cit_status cit_report_colour_csv(const cit_colour_report *report, char **ret,
                                             cit_errors *errs);
/* The photo with the part and the chart outlined, and the redness of that part. PNG. */
CIT_CHECKED cit_status cit_report_colour_picture(const cit_colour_report *report, int take,
                                                 unsigned char **ret, size_t *ret_size,
                                                 cit_errors *errs);
/* Each index over the visits as its change since the first, with 95 %. PNG. CIT_INVALID: a photo has no date, or none
 * may be compared with the first. */
CIT_CHECKED cit_status cit_report_colour_series(const cit_colour_report *report,
                                                unsigned char **ret, size_t *ret_size,
                                                cit_errors *errs);
/* All of it on a sheet of A4, more where there are many visits. */
CIT_CHECKED cit_status cit_report_colour_pdf(const cit_colour_report *report, int day,
                                             unsigned char **ret, size_t *ret_size,
                                             cit_errors *errs);
/* colour.json, colour.csv, photo-N.png, series.png, colour.pdf. */
CIT_CHECKED cit_status cit_report_colour_write(const cit_colour_report *report, int day,
                                               const char *folder, bool force, cit_errors *errs);

/* Could this camera see what the course is likely to bring? By kind of scar, one alone and all together. */
CIT_API cit_page *cit_page_of_can_see(const cit_forecast *forecast, const cit_case *person,
                                      const cit_camera *camera);

/* phantom.x3p, phantom.gsf, truth.csv and step-card.pdf, which is printed and cut to check a camera; of a later
 * visit (NULL: none) later.x3p, later.gsf and truth-later.csv. */
CIT_CHECKED cit_status cit_report_phantom_write(const cit_phantom *phantom,
                                                const cit_phantom *later, const char *program,
                                                const char *folder, bool force, cit_errors *errs);

/* ---- pictures of fields, as PNG -------------------------------------------------------------------- */

/* Ends of a colour scale. */
typedef struct cit_scale {
    double lo, hi;
} cit_scale;
/* Widens one scale a field by what lives in this frame, so that a course can have fixed ones; NAN in either end: not
 * begun. */
CIT_CHECKED cit_status cit_frame_scales(const cit_frame *frame, cit_scale *scales,
                                        cit_errors *errs);

enum { CIT_SLICES_DEPTHS_MAX = 3 };

/* Both increase evenly to the eye and in grey, and are safe for the colour-blind. */
typedef enum cit_colours { CIT_VIRIDIS, CIT_CIVIDIS } cit_colours;

/* Zero is the default. */
typedef struct cit_slices {
    const char *title;
    const cit_scale *scales; /* one a field; NULL: from this frame */
    double y_mm;             /* where the vertical slice is; 0, NAN or outside: the middle */
    double depths_mm[CIT_SLICES_DEPTHS_MAX];
    int depth_count;     /* horizontal slices; 0: vertical ones alone */
    double epidermis_mm; /* thickness drawn over the tissue and within the open scar; 0: none */
    const cit_puncture *needles; /* in the box's coordinates, depth below z = 0 */
    int needle_count;
    double needle_mm; /* radius; 0: 0.05 */
    cit_colours colours;
    bool voxels; /* squares as they are; else between their middles */
} cit_slices;
CIT_CHECKED cit_status cit_frame_slices(const cit_frame *frame, const cit_slices *slices,
                                        unsigned char **ret, size_t *ret_size, cit_errors *errs);

/* A surface: height of nx x ny places, x fastest, mm; 0 is healthy skin, below 0 a scar. */
typedef struct cit_relief {
    int nx, ny;
    double dx_mm, dy_mm;
    const double *height_mm;
    const char *label; /* "before", "day 180" */
} cit_relief;

enum { CIT_RELIEFS_MAX = 3 };

/* One to three of them side by side as blocks of skin in perspective, in one light and at the same scale: colour
 * is depth, in equal steps of CIELAB, with contour lines. For a film give both numbers; the camera then stands. */
typedef struct cit_relief_picture {
    const char *title;
    double exaggeration; /* of heights, said in the picture; 0: a round number that shows them */
    double deepest_mm;   /* that the colours reach, above 0; 0: the deepest there is */
    cit_made_by made;
} cit_relief_picture;
CIT_CHECKED cit_status cit_reliefs_png(const cit_relief *reliefs, int count,
                                       const cit_relief_picture *picture, unsigned char **ret,
                                       size_t *ret_size, cit_errors *errs);

/* ---- a film ---------------------------------------------------------------------------------------- */

/* A folder of numbered pictures, 0000.png on, and README, which names the commands that make a video (ffmpeg) or an
 * animated picture (img2webp, apngasm) of them. With `force`, pictures of an earlier film are taken away. */
CIT_CHECKED cit_status cit_film_begin(const char *folder, int pictures_a_second, bool force,
                                      cit_errors *errs);
/* 0 to 9999. */
CIT_CHECKED cit_status cit_film_add(const char *folder, int number, const unsigned char *png,
                                    size_t size, cit_errors *errs);
