/* Reports: the same bytes again, files whole or not at all, numbers that agree with the forecast. */
#include "t.h"
#include <cit/report.h>
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static cit_errors errs;
static cit_catalogue *catalogue;
static cit_case *person;
static cit_protocol *protocol;
static cit_screening *screening;
static cit_forecast *forecast;
static char folder[] = "/tmp/cit-report-XXXXXX";

static cit_status load(void) {
    const char *root = getenv("CIT_SOURCE_ROOT");
    char path[600];
    cit_status st = CIT_OK;
    snprintf(path, sizeof path, "%s/data", root ? root : "CIT_SOURCE_ROOT-is-missing");
    CIT_TRY(cit_catalogue_load(path, &catalogue, &errs));
    snprintf(path, sizeof path, "%s/examples/lotfi-2013/case.yaml", root);
    CIT_TRY(cit_case_load(path, &person, &errs));
    snprintf(path, sizeof path, "%s/examples/lotfi-2013/protocol.yaml", root);
    CIT_TRY(cit_protocol_load(path, &protocol, &errs));
    CIT_TRY(cit_check_together(person, protocol, catalogue, &errs));
    CIT_TRY(cit_screen(person, protocol, catalogue, 20778, &screening, &errs));
    const cit_forecast_options how = {.draws = 60, .seed = 1, .threads = 2};
    CIT_TRY(cit_forecast_run(person, protocol, catalogue, &how, &forecast, &errs));
done:
    return st;
}

static int setup(void **state) {
    (void)state;
    if (load() != CIT_OK) {
        fprintf(stderr, "%s: %s\n", errs.items[0].where, errs.items[0].text);
        return 1;
    }
    return mkdtemp(folder) ? 0 : 1;
}

static int teardown(void **state) {
    (void)state;
    cit_forecast_free(forecast);
    cit_screening_free(screening);
    cit_protocol_free(protocol);
    cit_case_free(person);
    cit_catalogue_free(catalogue);
    return rmdir(folder);
}

static cit_report report(void) {
    return (cit_report){"cit test", person, protocol, catalogue, screening, forecast};
}

static void path_in(char path[700], const char *name) {
    snprintf(path, 700, "%s/%s", folder, name);
}

static int count_files(const char *path) {
    DIR *d = opendir(path);
    int n = 0;
    if (d == NULL) return -1;
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static void remove_all(const char *path) {
    DIR *d = opendir(path);
    if (d == NULL) return;
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        char file[1400];
        if (e->d_name[0] == '.') continue;
        snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        unlink(file);
    }
    closedir(d);
    rmdir(path);
}

static char *read_file(const char *path, size_t *ret_size) {
    FILE *f = fopen(path, "rb");
    CHECK(f != NULL, "%s is not there", path);
    fseek(f, 0, SEEK_END);
    const long size = ftell(f);
    rewind(f);
    char *bytes = malloc((size_t)size + 1);
    *ret_size = fread(bytes, 1, (size_t)size, f);
    bytes[*ret_size] = 0;
    fclose(f);
    return bytes;
}

static void texts_are_the_same_bytes_again(void **state) {
    typedef cit_status make(const cit_report *, char **, cit_errors *);
    make *const makers[] = {cit_report_json, cit_report_csv, cit_report_brief};
    const cit_report r = report();
    (void)state;
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
        char *a = NULL, *b = NULL;
        CHECK(makers[i](&r, &a, &errs) == CIT_OK && makers[i](&r, &b, &errs) == CIT_OK,
              "maker %zu failed", i);
        CHECK(strcmp(a, b) == 0, "maker %zu gave other bytes", i);
        CHECK(strlen(a) > 200, "maker %zu gave only %zu bytes", i, strlen(a));
        free(a);
        free(b);
    }
}

static void colour_is_only_there_when_asked_for(void **state) {
    const cit_report r = report();
    char *plain = NULL, *coloured = NULL;
    (void)state;
    CHECK(cit_report_table(&r, false, &plain, &errs) == CIT_OK, "no table");
    CHECK(cit_report_table(&r, true, &coloured, &errs) == CIT_OK, "no table");
    CHECK(strchr(plain, '\033') == NULL, "escape codes in the plain table");
    CHECK(strchr(coloured, '\033') != NULL, "no colour in the coloured table");
    free(plain);
    free(coloured);
}

static void the_table_says_what_it_rests_on(void **state) {
    static const char *const words[] = {
        "assumed", "Where the evidence ends",    "medical advice", "inside", "scale", "catalogue",
        "seed 1",  "fitted to published studies"};
    const cit_report r = report();
    char *table = NULL;
    (void)state;
    CHECK(cit_report_table(&r, false, &table, &errs) == CIT_OK, "no table");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        CHECK(strstr(table, words[i]) != NULL, "the table does not say '%s'", words[i]);
    CHECK(strstr(table, "permanent") == NULL, "the table says permanent");
    free(table);
}

static void csv_has_every_week_of_every_quantity(void **state) {
    const cit_report r = report();
    char *csv = NULL;
    int lines = 0;
    (void)state;
    CHECK(cit_report_csv(&r, &csv, &errs) == CIT_OK, "no CSV");
    for (const char *c = csv; *c; c++) lines += *c == '\n';
    const int expected = 1 + forecast->weeks * (CIT_QUANTITIES + 3 * forecast->group_count);
    CHECK(lines == expected, "%d lines, not %d", lines, expected);
    free(csv);
}

static void a_folder_appears_whole(void **state) {
    const cit_report r = report();
    char path[700], file[800];
    size_t size = 0;
    (void)state;
    path_in(path, "results");
    errs = (cit_errors){0};
    CHECK(cit_report_write(&r, path, false, &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK(count_files(path) == 10, "%d files", count_files(path));
    CHECK(count_files(folder) == 1, "something is left beside the folder");
    snprintf(file, sizeof file, "%s/forecast.svg", path);
    char *svg = read_file(file, &size);
    CHECK(strncmp(svg, "<?xml", 5) == 0 && strstr(svg, "</svg>") != NULL, "not an SVG");
    snprintf(file, sizeof file, "%s/forecast.png", path);
    char *png = read_file(file, &size);
    CHECK(memcmp(png, "\x89PNG\r\n\x1a\n", 8) == 0, "not a PNG");
    CHECK(memcmp(png + size - 8, "IEND", 4) == 0, "the PNG is cut short");
    free(svg);
    free(png);
    remove_all(path);
}

static void what_is_there_is_not_replaced_without_force(void **state) {
    const cit_report r = report();
    char path[700], file[800];
    size_t size = 0;
    (void)state;
    path_in(path, "results");
    CHECK(mkdir(path, 0777) == 0, "no folder");
    snprintf(file, sizeof file, "%s/forecast.csv", path);
    errs = (cit_errors){0};
    CHECK(cit_file_write(file, "mine", 4, &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK(cit_report_write(&r, path, false, &errs) == CIT_IO, "it was replaced");
    CHECK(strstr(errs.items[0].text, "--force") != NULL, "it says '%s'", errs.items[0].text);
    char *kept = read_file(file, &size);
    CHECK(strcmp(kept, "mine") == 0, "the file was changed");
    free(kept);
    CHECK(cit_report_write(&r, path, true, &errs) == CIT_OK, "force did not write");
    kept = read_file(file, &size);
    CHECK(strncmp(kept, "quantity,", 9) == 0, "force did not replace");
    free(kept);
    remove_all(path);
}

static void a_place_that_cannot_be_written_leaves_nothing(void **state) {
    const cit_report r = report();
    (void)state;
    errs = (cit_errors){0};
    CHECK(cit_report_write(&r, "/dev/null/results", false, &errs) == CIT_IO, "it was written");
    CHECK(errs.count == 1 && strstr(errs.items[0].where, "/dev/null/results") != NULL,
          "it blames '%s'", errs.items[0].where);
    errs = (cit_errors){0};
    CHECK(cit_file_write("/dev/full/x", "y", 1, &errs) == CIT_IO, "it was written");
    CHECK(count_files(folder) == 0, "something was left");
}

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(texts_are_the_same_bytes_again),
        CASE(colour_is_only_there_when_asked_for),
        CASE(the_table_says_what_it_rests_on),
        CASE(csv_has_every_week_of_every_quantity),
        CASE(a_folder_appears_whole),
        CASE(what_is_there_is_not_replaced_without_force),
        CASE(a_place_that_cannot_be_written_leaves_nothing),
    };
    return cmocka_run_group_tests(cases, setup, teardown);
}
