/* cit/report.h -- a forecast as people and programs read it.
 *
 * Terminal table, JSON (docs/forecast.schema.json), CSV, and charts as SVG and PNG. Everything is made
 * in memory first; a folder of results appears whole or not at all. The same forecast gives the same
 * bytes. */
#pragma once
#include <cit/forecast.h>
#include <cit/screening.h>

/* What a report is of; all borrowed. */
typedef struct cit_report {
    const char *program; /* "cit 0.1.0" */
    const cit_case *person;
    const cit_protocol *protocol;
    const cit_catalogue *catalogue;
    const cit_screening *screening;
    const cit_forecast *forecast;
} cit_report;

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

/* Replaces a file's content in one step, or leaves it alone. */
CIT_CHECKED cit_status cit_file_write(const char *path, const void *bytes, size_t size,
                                      cit_errors *errs);
