/* Evidence, its likelihood, the sampler, validation and the posterior's file: hand-computed figures, closed
 * forms, results that add up to one, the same bytes on any threads, parameters recovered from data drawn
 * from the model itself, coverage of intervals.
 *
 * CIT_SBC_REPETITIONS=1000 (and CIT_SBC_STEPS, CIT_SBC_CHAINS) makes the long run of the recovery. */
#include "t.h"
#include <cit/inference.h>
#include <cit/num.h>
#include <cit/report.h>
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof *(array)))

static cit_errors errs;
static cit_catalogue *catalogue;
static char folder[64];
static const cit_parameter *table;
static int rows;

static const double nan_ = CIT_UNKNOWN_NUMBER;
/* What the likelihood says it assumes (docs/models/inference.md). */
static const double floor_share = 1e-4, figure_sd = 0.03;

static int open_all(void **state) {
    char path[512];
    const char *root = getenv("CIT_SOURCE_ROOT");
    (void)state;
    if (root == NULL) return 1;
    snprintf(path, sizeof path, "%s/data", root);
    snprintf(folder, sizeof folder, "/tmp/cit-inference-XXXXXX");
    table = cit_parameter_table(&rows);
    if (mkdtemp(folder) == NULL) return 1;
    return cit_catalogue_load(path, &catalogue, &errs) == CIT_OK ? 0 : 1;
}

static int close_all(void **state) {
    (void)state;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.' && unlink(path) != 0) rmdir(path);
    }
    if (dir != NULL) closedir(dir);
    rmdir(folder);
    cit_catalogue_free(catalogue);
    return 0;
}

static void write_bytes(char path[512], const char *name, const void *bytes, size_t size) {
    snprintf(path, 512, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fwrite(bytes, 1, size, file) == size && fclose(file) == 0,
          "cannot write %s", path);
}

static int row_of(const char *name) {
    for (int i = 0; i < rows; i++)
        if (strcmp(table[i].param.name, name) == 0) return i;
    CHECK(false, "no parameter '%s'", name);
    return -1;
}

static double value_at(const char *name, double z) {
    const cit_law law = cit_param_law(&table[row_of(name)].param);
    return cit_law_quantile(&law, cit_normal_cdf(z));
}

static double random_normal(uint64_t seed, int draw, const char *what, int place) {
    return cit_normal_quantile(
        cit_random(seed, (uint32_t)draw, cit_random_stream(what), (uint32_t)place));
}

static double normal_density(double x, double mean, double variance) {
    return exp(-0.5 * (x - mean) * (x - mean) / variance) /
           sqrt(2 * 3.14159265358979323846 * variance);
}

static void *memory(size_t count, size_t size) {
    void *got = calloc(count, size);
    CHECK(got != NULL, "no memory");
    return got;
}

/* ---- studies ------------------------------------------------------------------------------------- */

#define HEAD(id)                                                                                   \
    "schema: cit/evidence/1\nid: " id "\ncitation: \"Example\"\nurl: \"https://example.org\"\n"    \
    "read: \"abstract\"\ndesign: \"made up\"\nusable: \"all of it\"\n"
#define ARM_FULL(name, device, length, visits, interval, passes, cream, adjunct, people)           \
    "  - name: \"" name "\"\n    device: " device "\n    needle_length: " length                   \
    "\n    visits: " visits "\n    interval: " interval "\n    passes: " passes                    \
    "\n    site: face\n    cream: " cream "\n    adjunct: \"" adjunct                              \
    "\"\n    participants: " people "\n"
#define ROLLER(name, visits, people)                                                               \
    ARM_FULL(name, "roller", "1.5 mm", visits, "28 days", "10", "yes", "none", people)

/* Studies read from files, and the evidence they make. */
typedef struct set {
    cit_study_file *files[24];
    const cit_study *studies[24];
    int count;
    cit_evidence *e;
    const cit_figure *figures;
    int figure_count, people;
} set;

static const cit_study *add_study(set *s, const char *text) {
    char path[512];
    errs = (cit_errors){0};
    write_bytes(path, "study.yaml", text, strlen(text));
    const cit_status st = cit_study_file_read(path, &s->files[s->count], &errs);
    CHECK(st == CIT_OK, "%s: %s", errs.items[0].where, errs.items[0].text);
    s->studies[s->count] = cit_study_of_file(s->files[s->count]);
    return s->studies[s->count++];
}

static cit_evidence *evidence_of(const cit_study *const *studies, int count, int people,
                                 uint64_t seed) {
    const cit_evidence_options with = {.people = people, .seed = seed};
    cit_evidence *e = NULL;
    errs = (cit_errors){0};
    const cit_status st = cit_evidence_make(catalogue, studies, count, &with, &e, &errs);
    CHECK(st == CIT_OK, "%s: %s", errs.items[0].where, errs.items[0].text);
    return e;
}

static void make_set(set *s, int people) {
    s->e = evidence_of(s->studies, s->count, people, 1);
    s->figure_count = cit_evidence_figures(s->e, &s->figures);
    s->people = people;
}

static void free_set(set *s) {
    cit_evidence_free(s->e);
    for (int i = 0; i < s->count; i++) cit_study_file_free(s->files[i]);
}

/* The only figure of a study that says just this in one arm. */
static void one_figure(set *s, const char *text) {
    *s = (set){0};
    (void)add_study(s, text);
    make_set(s, 4);
    CHECK(s->figure_count == 1, "%d figures of: %s", s->figure_count, text);
}

#define IN_ROLLER(rater, rest)                                                                     \
    HEAD("example") "rater: " rater "\narms:\n" ROLLER("a", "3", "25") "    outcomes:\n" rest

/* ---- the posterior's file -------------------------------------------------------------------------- */

static char *posterior_text(const cit_evidence *e, cit_samples *samples) {
    static const cit_validation nothing;
    const cit_calibration c = {.validation = &nothing,
                               .program = "cit 9.9",
                               .evidence = e,
                               .samples = samples,
                               .seed = 7,
                               .chains = 20,
                               .steps = 4,
                               .people = 16};
    char *text = NULL;
    errs = (cit_errors){0};
    CHECK(cit_report_posterior(&c, &text, &errs) == CIT_OK, "%s", errs.items[0].text);
    return text;
}

/* Numbers as they come from the sampler: standard normal where fitted. */
static cit_samples made_up_samples(int draws, uint64_t seed) {
    cit_samples s = {.draws = draws, .rows = rows};
    s.numbers = memory((size_t)draws * (size_t)rows, sizeof(double));
    for (int d = 0; d < draws; d++)
        for (int i = 0; i < rows; i++)
            s.numbers[d * rows + i] =
                cit_is_fitted(&table[i]) ? random_normal(seed, d, "made up", i) : nan_;
    return s;
}

static void a_posterior_is_read_as_it_was_written(void **state) {
    char path[512];
    set s;
    (void)state;
    one_figure(&s, IN_ROLLER("open", "      - {scale: x, measure: ecca, week: 12, statistic: mean, "
                                     "percent_improvement: 40}\n"));
    cit_samples samples = made_up_samples(300, 3);
    samples.numbers[row_of("roller_eta")] = -19.99996; /* rounded to the edge of what is read */
    samples.numbers[rows + row_of("roller_eta")] = 1e-9;
    char *text = posterior_text(s.e, &samples);
    write_bytes(path, "posterior.csv", text, strlen(text));
    cit_posterior *p = NULL;
    CHECK(cit_posterior_read(path, &p, &errs) == CIT_OK, "%s: %s", errs.items[0].where,
          errs.items[0].text);
    CHECK(p->draws == 300 && p->rows == rows, "%d draws of %d", p->draws, p->rows);
    for (int d = 0; d < 300; d++)
        for (int i = 0; i < rows; i++) {
            const double want = samples.numbers[d * rows + i], got = cit_posterior_number(p, d, i);
            if (cit_is_fitted(&table[i]))
                CHECK_CLOSE(got, want, 5e-5 + 1e-12);
            else
                CHECK(isnan(got), "%s is read but was not fitted", table[i].param.name);
            CHECK(memcmp(&got, &(double){cit_posterior_number(p, d + 600, i)}, sizeof got) == 0,
                  "not modulo the draws");
        }
    CHECK(strstr(p->about, "# studies: example\n") != NULL, "about: %s", p->about);
    CHECK(cit_posterior_knows(p, "example"), "does not know its study");
    CHECK(!cit_posterior_knows(p, "exampl") && !cit_posterior_knows(p, "xample") &&
              !cit_posterior_knows(p, "calibrate"),
          "knows a study that it has not seen");
    cit_posterior_free(p);
    free(text);
    free(samples.numbers);
    free_set(&s);
}

/* The sampler's numbers are not bounded, those of the file are. */
static void numbers_beyond_what_is_read_are_not_written_silently(void **state) {
    char path[512];
    set s;
    (void)state;
    one_figure(&s, IN_ROLLER("open", "      - {scale: x, measure: ecca, week: 12, statistic: mean, "
                                     "percent_improvement: 40}\n"));
    cit_samples samples = made_up_samples(2, 3);
    samples.numbers[row_of("roller_eta")] = 7.5;
    char *text = posterior_text(s.e, &samples);
    cit_posterior *p = NULL;
    write_bytes(path, "posterior.csv", text, strlen(text));
    CHECK(cit_posterior_read(path, &p, &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK_CLOSE(cit_posterior_number(p, 0, row_of("roller_eta")), 7.5, 0);
    cit_posterior_free(p);
    free(text);
    free(samples.numbers);
    free_set(&s);
}

/* One fault, with its place. */
static void refused_posterior(const char *what, const void *bytes, size_t size, cit_status status,
                              const char *place, const char *words) {
    char path[512], where[600];
    write_bytes(path, "bad.csv", bytes, size);
    cit_posterior *p = NULL;
    errs = (cit_errors){0};
    const cit_status st = cit_posterior_read(path, &p, &errs);
    CHECK(st == status, "%s: status %d (%s)", what, st, errs.items[0].text);
    CHECK(p == NULL, "%s: touched the result", what);
    CHECK(errs.count == 1, "%s: %d faults", what, errs.count);
    snprintf(where, sizeof where, "%s%s", path, place);
    CHECK(strcmp(errs.items[0].where, where) == 0, "%s: at '%s', not '%s'", what,
          errs.items[0].where, where);
    CHECK(strstr(errs.items[0].text, words) != NULL, "%s: '%s'", what, errs.items[0].text);
}
#define REFUSED(what, text, place, words)                                                          \
    refused_posterior(what, text, sizeof(text) - 1, CIT_INVALID, place, words)
#define FIRST "# cit posterior 1\n# studies: a b\n"

static void every_fault_of_a_posterior_is_one_located_error(void **state) {
    (void)state;
    REFUSED("empty", "", ":1:1", "no draws");
    REFUSED("only a comment", FIRST, ":3:1", "no draws");
    REFUSED("only names", FIRST "roller_eta\n", ":4:1", "no draws");
    REFUSED("another first line", "# cit posterior 2\nroller_eta\n0.5\n", ":1:1", "first line");
    REFUSED("no first line", "roller_eta\n0.5\n", ":1:1", "first line");
    REFUSED("unknown", FIRST "roller_eta,roller_etta\n0,0\n", ":3:12", "'roller_etta'");
    REFUSED("a name twice as long", FIRST "roller_eta,\n0,0\n", ":3:12", "''");
    REFUSED("too few", FIRST "roller_eta,pain_scale\n0,1\n0\n", ":5:1", "fewer");
    REFUSED("too many", FIRST "roller_eta,pain_scale\n0,1\n0,1,2\n", ":5:1", "more");
    REFUSED("nan", FIRST "roller_eta,pain_scale\n0,nan\n", ":4:3", "'nan'");
    REFUSED("infinite", FIRST "roller_eta,pain_scale\ninf,0\n", ":4:1", "'inf'");
    REFUSED("large", FIRST "roller_eta,pain_scale\n0,1e9\n", ":4:3", "'1e9'");
    REFUSED("a word", FIRST "roller_eta,pain_scale\n0,0.5x\n", ":4:3", "'0.5x'");
    REFUSED("nothing", FIRST "roller_eta,pain_scale\n0,\n", ":4:3", "''");
    REFUSED("a line cut off", FIRST "roller_eta,pain_scale\n0,1\n0.5", ":5:1", "cut");
    REFUSED("a zero byte", FIRST "roller_eta,pain_scale\n0,\0001\n", ":4:1", "zero byte");
    REFUSED("a zero byte in a comment", "# cit posterior 1\n# a\0b\nroller_eta\n0\n", ":2:1",
            "zero");
}

static void a_posterior_of_odd_kinds_is_refused(void **state) {
    char path[512], noise[4096];
    cit_posterior *p = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof noise; i++) noise[i] = (char)(i * 37 % 251);
    refused_posterior("binary", noise, sizeof noise, CIT_INVALID, ":1:1", "");

    const size_t size = 200000;
    char *line = memory(size, 1);
    snprintf(line, size, "%s", FIRST);
    memset(line + strlen(line), 'x', size - strlen(line));
    refused_posterior("a huge line", line, size, CIT_INVALID, ":3:1", "too long");
    free(line);

    snprintf(path, sizeof path, "%s/no.csv", folder);
    errs = (cit_errors){0};
    CHECK(cit_posterior_read(path, &p, &errs) == CIT_NOTFOUND && errs.count == 1, "missing");
    CHECK(strcmp(errs.items[0].where, path) == 0, "at '%s'", errs.items[0].where);
    errs = (cit_errors){0};
    CHECK(cit_posterior_read(folder, &p, &errs) == CIT_IO && errs.count == 1, "a directory: %d %s",
          errs.count, errs.items[0].text);
    CHECK(p == NULL, "touched");
}

/* Faults that would pass silently: each gives other numbers than were meant, or none. */
static void an_empty_first_line_is_no_first_line(void **state) {
    (void)state;
    REFUSED("empty first line", "\nroller_eta\n0.5\n", ":1:1", "first line");
}

static void a_parameter_stands_in_one_column(void **state) {
    (void)state;
    REFUSED("twice", FIRST "roller_eta,pain_scale,roller_eta\n0,1,2\n", ":3:23", "roller_eta");
}

static void a_last_line_that_was_cut_is_seen(void **state) {
    (void)state;
    /* "-1.2345" cut to "-1.2": a number, but not the one that was written. */
    REFUSED("cut in a number", FIRST "roller_eta,pain_scale\n0,1\n0,-1.2", ":5:1", "");
}

/* ---- figures --------------------------------------------------------------------------------------- */

/* What a row says, worked out by hand. */
static void means_are_shares_of_the_start_with_their_error(void **state) {
    static const struct {
        const char *row;
        int kind;
        double day, seen, error;
    } cases[] = {
        /* sqrt(3^2 + 2^2 - 3 2) = sqrt 7, of 20, over sqrt 25 */
        {"measure: gb-quantitative, week: 16, statistic: mean, baseline: 20, baseline_sd: 3, "
         "value: "
         "12, value_sd: 2",
         CIT_FIGURE_SCORE, 112, 0.4, 2.6457513110645907 / 20 / 5},
        /* no deviation: 0.25 a person */
        {"measure: ecca, week: 16, statistic: mean, baseline: 100, value: 60", CIT_FIGURE_SCORE,
         112, 0.4, 0.05},
        /* points with an interval: +-2.5 of a start of 25 is +-0.1, of 1.96 errors */
        {"measure: gb-quantitative, weeks_after_last: 12, statistic: mean, baseline: 25, change: "
         "-5, change_unit: points, change_low: -7.5, change_high: -2.5",
         CIT_FIGURE_SCORE, 56 + 84, 0.2, 0.1 / 1.96},
        /* points without a start: of the usual 20; of ECCA 90 */
        {"measure: gb-quantitative, week: 8, statistic: mean, change: -5, change_sd: 4, "
         "change_unit: points",
         CIT_FIGURE_SCORE, 56, 0.25, 0.2 / 5},
        {"measure: ecca, week: 8, statistic: mean, change: -45, change_unit: points",
         CIT_FIGURE_SCORE, 56, 0.5, 0.05},
        /* per cent with a deviation; with an interval */
        {"measure: ecca, week: 8, statistic: mean, change: -30, change_sd: 20, change_unit: "
         "percent",
         CIT_FIGURE_SCORE, 56, 0.3, 0.04},
        {"measure: other, week: 8, statistic: mean, change: -30, change_unit: percent, change_low: "
         "-40, change_high: -20",
         CIT_FIGURE_SCORE, 56, 0.3, 0.1 / 1.96},
        /* as printed; people that are not all of the arm; no time is four weeks after the last */
        {"measure: patient-rating, people: 16, statistic: mean, percent_improvement: 35",
         CIT_FIGURE_SCORE, 84, 0.35, 0.0625},
        /* a worsening is negative */
        {"measure: ecca, week: 12, statistic: median, baseline: 80, value: 100", CIT_FIGURE_SCORE,
         84, -0.25, 0.05},
        /* what is derived by us does not stand before what was printed */
        {"measure: ecca, week: 12, statistic: mean, baseline: 80, value: 60, percent_derived: 25, "
         "percent_improvement: 31",
         CIT_FIGURE_SCORE, 84, 0.25, 0.05},
        /* tissue: a rise is positive; 0.3 a person where nothing is told */
        {"measure: collagen-1, week: 12, statistic: mean, baseline: 50, value: 60",
         CIT_FIGURE_TISSUE, 84, 0.2, 0.06},
        {"measure: elastin, week: 12, statistic: mean, change: 12, change_sd: 10, change_unit: "
         "percent",
         CIT_FIGURE_TISSUE, 84, 0.12, 0.02},
        {"measure: epidermal-thickness, week: 12, statistic: mean, baseline: 40, change: -10, "
         "change_unit: "
         "points",
         CIT_FIGURE_TISSUE, 84, -0.25, 0.06},
        /* pain: of the visits, 1.5 a person where no deviation is told */
        {"measure: pain, statistic: mean, value: 5.5, value_sd: 2", CIT_FIGURE_PAIN, 84, 5.5, 0.4},
        {"measure: pain, statistic: mean, value: 5.5", CIT_FIGURE_PAIN, 84, 5.5, 0.3},
    };
    char text[2000];
    (void)state;
    for (int i = 0; i < COUNT_OF(cases); i++) {
        set s;
        snprintf(text, sizeof text, IN_ROLLER("open", "      - {scale: \"x\", %s}\n"),
                 cases[i].row);
        one_figure(&s, text);
        const cit_figure *f = s.figures;
        CHECK(f->kind == cases[i].kind && f->probe == 0 && f->other == -1 && !f->untreated,
              "%s: kind %d", cases[i].row, f->kind);
        CHECK(f->day == cases[i].day, "%s: day %g, not %g", cases[i].row, f->day, cases[i].day);
        CHECK(fabs(f->seen - cases[i].seen) < 1e-14, "%s: %.17g seen, not %.17g", cases[i].row,
              f->seen, cases[i].seen);
        CHECK(fabs(f->error - cases[i].error) < 1e-14, "%s: error %.17g, not %.17g", cases[i].row,
              f->error, cases[i].error);
        CHECK(strcmp(f->label, "example: x") == 0, "label '%s'", f->label);
        CHECK(cit_evidence_values(s.e) == 4 && cit_evidence_crowds(s.e) == 1,
              "one probe, one crowd");
        free_set(&s);
    }
}

static void classes_signs_ranges_and_events_are_figures(void **state) {
    set s = {0};
    (void)state;
    (void)add_study(
        &s,
        HEAD("example") "rater: unknown\narms:\n" ROLLER(
            "a", "3",
            "25") "    outcomes:\n"
                  "      - scale: quartile\n        measure: other\n        week: 16\n        "
                  "responders_of: 24\n"
                  "        responders:\n"
                  "          - {what: little, in: percent, low: 0, high: 25, count: 10}\n"
                  "          - {what: much, in: percent, low: 25, high: 100, count: 14}\n"
                  "      - scale: grade\n        measure: gb-qualitative\n        week: 16\n       "
                  " start_grade: 3\n"
                  "        responders_of: 10\n        responders:\n"
                  "          - {what: two, in: grades, low: 2, high: 2, percent: 40}\n"
                  "      - {scale: words, measure: other, responders: [{what: good, count: 3}], "
                  "note: n}\n"
                  "      - {scale: redness, measure: redness-days, statistic: range, high: 0.25}\n"
                  "      - {scale: redness, measure: redness-days, statistic: mean, value: 2}\n"
                  "      - {scale: s, measure: elastin, week: 12, direction: up, p: 0.03}\n"
                  "      - {scale: s, measure: elastin, week: 12, direction: none, p: 0.5}\n"
                  "      - {scale: v, measure: ecca, week: 12, versus: \"b\", direction: better, "
                  "p_below: 0.05}\n"
                  "      - {scale: t, measure: ecca, week: 12, types: [rolling], statistic: mean, "
                  "percent_improvement: 30}\n"
                  "      - {scale: kept, measure: ecca, week: 12, statistic: mean, "
                  "percent_improvement: 30, "
                  "use: no, why_not: \"read in two ways\"}\n"
                  "      - {scale: start, measure: ecca, week: 0, statistic: mean, "
                  "percent_improvement: 0}\n"
                  "      - {scale: relief, measure: surface-relief, week: 4, statistic: mean, "
                  "percent_improvement: 9}\n" ROLLER(
                      "b", "4",
                      "25") "    outcomes: []\n"
                            "by_scar_type:\n"
                            "  - {type: rolling, order: 1, arm: a, finding: most}\n"
                            "  - {type: boxcar, order: 2, arm: a, finding: less}\n"
                            "  - {type: ice-pick, order: 2, arm: a, finding: less}\n"
                            "adverse_events:\n"
                            "  - {event: PIH, kind: pigment, arm: a, count: 2, of_low: 28, "
                            "of_high: 30}\n"
                            "  - {event: PIH, kind: pigment, arm: b, percent: 13, of: 31}\n"
                            "  - {event: \"PIH of somebody\", kind: pigment, count: 2, of: 28}\n"
                            "  - {event: herpes, kind: herpes, arm: a, count: 2, of: 28}\n");
    make_set(&s, 4);
    static const struct {
        int kind;
        double day, low, high;
        int of, count, direction, significant;
        bool other;
    } want[] = {
        {CIT_FIGURE_CLASSES, 112, 0, 0, 24, 0, 0, 0, false},
        {CIT_FIGURE_CLASSES, 112, 0, 0, 10, 0, 0, 0, false},
        {CIT_FIGURE_REDNESS, 84, -1, 0.25, 25, 0, 0, 0, false},
        {CIT_FIGURE_REDNESS, 84, 2, 2, 25, 0, 0, 0, false},
        {CIT_FIGURE_SIGN, 84, 0, 0, 25, 0, CIT_UP, 1, false},
        {CIT_FIGURE_SIGN, 84, 0, 0, 25, 0, CIT_NO_CHANGE, 0, false},
        {CIT_FIGURE_SIGN, 84, 0, 0, 25, 0, CIT_BETTER, 1, true},
        {CIT_FIGURE_PIGMENT, 56 + 84, 0, 0, 29, 2, 0, 0, false},
        {CIT_FIGURE_PIGMENT, 84 + 84, 0, 0, 31, 4, 0, 0, false},
        {CIT_FIGURE_ORDER, 84, 0, 0, 0, 0, 0, 0, true},
        {CIT_FIGURE_ORDER, 84, 0, 0, 0, 0, 0, 0, true},
    };
    for (int i = 0; i < s.figure_count && i < COUNT_OF(want); i++) {
        const cit_figure *f = &s.figures[i];
        CHECK(f->kind == want[i].kind && f->day == want[i].day && f->of == want[i].of &&
                  f->count == want[i].count && f->direction == want[i].direction &&
                  f->significant == want[i].significant && (f->other >= 0) == want[i].other,
              "figure %d, %s: kind %d, day %g, %d of %d, direction %d, significant %d, other %d", i,
              f->label, f->kind, f->day, f->count, f->of, f->direction, f->significant, f->other);
        if (f->kind != CIT_FIGURE_REDNESS) continue;
        CHECK(want[i].low < 0 ? isnan(f->low) : f->low == want[i].low, "low %g", f->low);
        CHECK(f->high == want[i].high, "high %g", f->high);
    }
    CHECK(s.figure_count == COUNT_OF(want), "%d figures", s.figure_count);
    CHECK(strstr(s.figures[9].label, "rolling more than boxcar") &&
              strstr(s.figures[10].label, "rolling more than ice-pick"),
          "%s; %s", s.figures[9].label, s.figures[10].label);
    /* a; a of those at grade 3; b */
    CHECK(cit_evidence_crowds(s.e) == 3, "%d crowds", cit_evidence_crowds(s.e));
    free_set(&s);
}

static void what_the_model_has_no_counterpart_for_is_left_out(void **state) {
#define SCORE                                                                                      \
    "    outcomes: [{scale: x, measure: ecca, week: 12, statistic: mean, percent_improvement: "    \
    "30}]\n"
    static const char *const arms[] = {
        ARM_FULL("a", "radiofrequency", "1.5 mm", "3", "28 days", "10", "yes", "none", "25"),
        ARM_FULL("a", "laser", "unknown", "3", "28 days", "10", "yes", "none", "25"),
        ARM_FULL("a", "other", "unknown", "3", "28 days", "10", "yes", "none", "25"),
        ARM_FULL("a", "roller", "1.5 mm", "3", "28 days", "10", "yes", "PRP",
                 "25\n    adjunct_acts: yes"),
        ARM_FULL("a", "roller", "1.5 mm", "3", "28 days", "10", "yes", "none",
                 "25\n    use: no\n    why_not: \"another condition\""),
        /* a score after nobody knows how many visits */
        ARM_FULL("a", "roller", "1.5 mm", "unknown", "28 days", "10", "yes", "none", "25"),
    };
    static const char *const kept[] = {
        ARM_FULL("a", "pen", "unknown", "3", "unknown", "unknown", "unknown", "saline",
                 "unknown\n    adjunct_acts: no"),
        ARM_FULL("a", "unknown", "1.5 mm", "3", "28 days", "10", "yes", "serum", "25"),
        ARM_FULL("a", "stamp", "1.5 mm", "3", "28 days", "10", "yes", "none", "25"),
    };
    char text[2000];
    (void)state;
    for (int i = 0; i < COUNT_OF(arms) + COUNT_OF(kept); i++) {
        const bool out = i < COUNT_OF(arms);
        set s = {0};
        snprintf(text, sizeof text, HEAD("example") "rater: open\narms:\n%s" SCORE,
                 out ? arms[i] : kept[i - COUNT_OF(arms)]);
        (void)add_study(&s, text);
        make_set(&s, 4);
        CHECK(s.figure_count == !out, "%d figures of %s", s.figure_count, text);
        CHECK(cit_evidence_crowds(s.e) == !out, "%d crowds of %s", cit_evidence_crowds(s.e), text);
        free_set(&s);
    }
    /* Pain after short needles that let the cream in; a whole study that is kept out. */
    set s = {0};
    (void)add_study(&s, HEAD("a") "rater: open\narms:\n" ARM_FULL(
                            "a", "roller", "1.5 mm", "3", "28 days", "10", "yes", "none",
                            "25\n    pre_needling: 0.5 mm") "    outcomes: [{scale: x, measure: "
                                                            "pain, statistic: mean, value: 3}]\n");
    (void)add_study(&s, HEAD("b") "rater: open\nuse: no\nwhy_not: \"animals\"\narms:\n" ROLLER(
                            "a", "3", "25") SCORE);
    make_set(&s, 4);
    CHECK(s.figure_count == 0 && cit_evidence_values(s.e) == 0, "%d figures", s.figure_count);
    free_set(&s);
}

static void untreated_arms_are_drift_and_a_rater_who_knows(void **state) {
    static const char *const raters[] = {"blinded", "open", "unknown"};
    char text[2000];
    (void)state;
    for (int i = 0; i < 3; i++) {
        set s;
        snprintf(text, sizeof text,
                 HEAD("example") "rater: %s\narms:\n" ARM_FULL(
                     "none", "none", "unknown", "0", "unknown", "unknown", "unknown", "none",
                     "25") "    outcomes: [{scale: x, measure: ecca, week: 6, statistic: mean, "
                           "percent_improvement: 5}]\n",
                 raters[i]);
        one_figure(&s, text);
        CHECK(s.figures->untreated && s.figures->probe == -1 && s.figures->day == 42, "untreated");
        CHECK(cit_evidence_crowds(s.e) == 0 && cit_evidence_values(s.e) == 0, "nobody is followed");
        /* Half of 84 days: half the drift; of who knows, half of what that adds; else three quarters. */
        double *shared = memory((size_t)rows, sizeof *shared), got;
        for (int j = 0; j < rows; j++) shared[j] = nan_;
        const double open = i == 0 ? 0 : i == 1 ? 1 : 0.75, mean = 0.5 * (0.035 + open * 0.2);
        cit_evidence_likelihood(s.e, shared, NULL, &got);
        const double variance = 0.05 * 0.05 + figure_sd * figure_sd;
        /* The study's effect is of how it treats: it is not in an untreated arm. */
        CHECK_CLOSE(
            got, log((1 - floor_share) * normal_density(0.05, mean, variance) + floor_share), 1e-5);
        free(shared);
        free_set(&s);
    }
}

/* Arms treated alike are one crowd, whoever reports them; another rater or length is another. */
static void arms_alike_are_followed_once(void **state) {
    set s = {0};
    (void)state;
    (void)add_study(&s, HEAD("a") "rater: open\narms:\n" ROLLER("x", "3", "25") SCORE);
    (void)add_study(&s, HEAD("b") "rater: open\narms:\n" ROLLER("y", "3", "40") SCORE);
    (void)add_study(&s, HEAD("c") "rater: blinded\narms:\n" ROLLER("y", "3", "40") SCORE);
    (void)add_study(&s, HEAD("d") "rater: open\narms:\n" ROLLER("y", "4", "40") SCORE);
    make_set(&s, 4);
    CHECK(s.figure_count == 4 && cit_evidence_crowds(s.e) == 3 && cit_evidence_values(s.e) == 12,
          "%d figures, %d crowds, %d values", s.figure_count, cit_evidence_crowds(s.e),
          cit_evidence_values(s.e));
    CHECK(s.figures[0].probe == s.figures[1].probe, "two probes of the same");
    free_set(&s);
}

/* The catalogue's own studies: every figure is a number that makes sense. */
static void figures_of_the_catalogue_make_sense(void **state) {
    const cit_study **all = memory((size_t)catalogue->study_count, sizeof *all);
    (void)state;
    for (int i = 0; i < catalogue->study_count; i++) all[i] = &catalogue->studies[i];
    cit_evidence *e = evidence_of(all, catalogue->study_count, 4, 1);
    const cit_figure *f;
    const int count = cit_evidence_figures(e, &f);
    CHECK(count > 50, "%d figures", count);
    for (int i = 0; i < count; i++) {
        const bool mean = f[i].kind == CIT_FIGURE_SCORE || f[i].kind == CIT_FIGURE_TISSUE;
        if (mean)
            CHECK(f[i].seen > -1 && f[i].seen < 5 && f[i].error > 0 && f[i].error < 0.5,
                  "%s: %g +- %g", f[i].label, f[i].seen, f[i].error);
        if (f[i].kind == CIT_FIGURE_SCORE) CHECK(f[i].seen <= 1, "%s: %g", f[i].label, f[i].seen);
        if (f[i].kind == CIT_FIGURE_PAIN)
            CHECK(f[i].seen >= 0 && f[i].seen <= 10 && f[i].error > 0, "%s", f[i].label);
        if (f[i].kind == CIT_FIGURE_PIGMENT)
            CHECK(f[i].count >= 0 && f[i].count <= f[i].of, "%s: %d of %d", f[i].label, f[i].count,
                  f[i].of);
        CHECK(f[i].day > 0 && f[i].day < 3 * 366, "%s: day %g", f[i].label, f[i].day);
        CHECK(f[i].untreated ? f[i].probe == -1 : f[i].probe >= 0, "%s: probe", f[i].label);
    }
    cit_evidence_free(e);
    free(all);
}

/* ---- likelihood ------------------------------------------------------------------------------------ */

/* Of each study where everybody in a probe's crowd has the same value. */
static void likelihood_at(const set *s, const double *z, const double *of_probe, double *by_study) {
    const int values = cit_evidence_values(s->e);
    double *shared = memory((size_t)rows, sizeof *shared),
           *all = memory((size_t)values + 1, sizeof *all);
    for (int i = 0; i < rows; i++) shared[i] = z == NULL ? nan_ : z[i];
    for (int i = 0; i < values; i++) all[i] = of_probe[i / s->people];
    cit_evidence_likelihood(s->e, shared, all, by_study);
    free(shared);
    free(all);
}

static double likelihood_of(const set *s, double value) {
    double got[1], of_probe[16];
    for (int i = 0; i < 16; i++) of_probe[i] = value;
    likelihood_at(s, NULL, of_probe, got);
    return got[0];
}

static void one_score_has_its_closed_form(void **state) {
    set s;
    (void)state;
    one_figure(&s, IN_ROLLER("open", "      - {scale: x, measure: ecca, week: 12, statistic: mean, "
                                     "baseline: 100, value: 60}\n"));
    double *z = memory((size_t)rows, sizeof *z);
    for (double of_tau = -2; of_tau <= 2; of_tau += 1) {
        const double tau = value_at("between_sd", of_tau);
        const double variance = 0.05 * 0.05 + figure_sd * figure_sd + tau * tau;
        for (int i = 0; i < rows; i++) z[i] = nan_;
        z[row_of("between_sd")] = of_tau;
        for (double m = -1; m <= 2; m += 0.05) {
            double got;
            likelihood_at(&s, z, &m, &got);
            const double want =
                log((1 - floor_share) * normal_density(0.4, m, variance) + floor_share);
            /* The effect is cut at 4.5 deviations. */
            CHECK(fabs(got - want) < (fabs(m - 0.4) < 3 * sqrt(variance) ? 2e-4 : 0.15),
                  "tau %g, mean %g: %.8f, not %.8f", tau, m, got, want);
        }
    }
    free(z);
    free_set(&s);
}

static void two_studies_add_and_two_rows_share_their_effect(void **state) {
#define ROW(scale, week, percent)                                                                  \
    "      - {scale: " scale ", measure: ecca, week: " week                                        \
    ", statistic: mean, percent_improvement: " percent "}\n"
    set one = {0}, two = {0};
    (void)state;
    (void)add_study(&one, IN_ROLLER("open", ROW("x", "12", "40") ROW("x", "24", "60")));
    make_set(&one, 4);
    (void)add_study(&two, IN_ROLLER("open", ROW("x", "12", "40")));
    (void)add_study(&two, IN_ROLLER("open", ROW("x", "24", "60")));
    make_set(&two, 4);
    const double tau2 = 0.15 * 0.15, own = 0.05 * 0.05 + figure_sd * figure_sd, var = own + tau2;
    for (double m1 = 0.1; m1 < 0.9; m1 += 0.1)
        for (double m2 = 0.1; m2 < 0.9; m2 += 0.1) {
            const double of_probe[] = {m1, m2}, a = 0.4 - m1, b = 0.6 - m2, f = floor_share;
            /* Of the effect there is by week 12 what there is of the gain. */
            const double c = fmin(m1 / m2, 1), var1 = own + c * c * tau2;
            double joint, apart[2];
            likelihood_at(&one, NULL, of_probe, &joint);
            likelihood_at(&two, NULL, of_probe, apart);
            const double cov = c * tau2, det = var1 * var - cov * cov;
            const double both = exp(-0.5 * (var * a * a - 2 * cov * a * b + var1 * b * b) / det) /
                                (2 * 3.14159265358979323846 * sqrt(det));
            const double first = normal_density(a, 0, var1), second = normal_density(b, 0, var);
            const double want =
                log((1 - f) * (1 - f) * both + f * (1 - f) * (first + second) + f * f);
            CHECK(fabs(joint - want) < 1e-3, "%g, %g: %.8f, not %.8f", m1, m2, joint, want);
            CHECK_CLOSE(apart[0], log((1 - f) * normal_density(a, 0, var) + f), 2e-3);
            CHECK_CLOSE(apart[1], log((1 - f) * second + f), 2e-3);
        }
    free_set(&one);
    free_set(&two);
}

static double share_between(const double *x, int n, double shift, double sd, double low,
                            double high) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += 0.5 * erfc(-(high - x[i] - shift) / sd / sqrt(2)) -
               0.5 * erfc(-(low - x[i] - shift) / sd / sqrt(2));
    return sum / n;
}

/* A study whose counts are set in memory. */
typedef struct counted {
    set s;
    cit_study study;
    cit_study_arm arm;
    cit_study_outcome outcome;
    cit_responder classes[4];
} counted;

static void count_study(counted *c, const char *text) {
    c->s = (set){0};
    c->study = *add_study(&c->s, text);
    c->arm = c->study.arms[0];
    c->outcome = c->arm.outcomes[0];
    for (int i = 0; i < c->outcome.responder_count; i++) c->classes[i] = c->outcome.responders[i];
    c->outcome.responders = c->classes;
    c->arm.outcomes = &c->outcome;
    c->study.arms = &c->arm;
    const cit_study *const list[] = {&c->study};
    c->s.e = evidence_of(list, 1, 4, 1);
    c->s.figure_count = cit_evidence_figures(c->s.e, &c->s.figures);
    CHECK(c->s.figure_count == 1, "%d figures", c->s.figure_count);
}

static double log_factorial(int n) { return lgamma(n + 1.0); }

/* The chance of every possible result, put together: 1. And each, by quadrature over the effect written a
 * second time. */
static void classes_are_a_multinomial_over_peoples_own_improvement(void **state) {
    static const double people[] = {0.05, 0.2, 0.35, 0.6};
    const double tau = 0.15, rating = 0.15;
    counted c;
    (void)state;
    count_study(&c, IN_ROLLER("open", "      - scale: x\n        measure: other\n        week: 12\n"
                                      "        responders_of: 5\n        responders:\n"
                                      "          - {what: none, in: percent, low: -1000, high: 10, "
                                      "count: 1}\n"
                                      "          - {what: some, in: percent, low: 10, high: 40, "
                                      "count: 1}\n"
                                      "          - {what: much, in: percent, low: 40, high: 100, "
                                      "count: 1}\n"));
    double *shared = memory((size_t)rows, sizeof *shared), sum = 0;
    for (int i = 0; i < rows; i++) shared[i] = nan_;
    for (int a = 0; a <= 5; a++)
        for (int b = 0; a + b <= 5; b++) {
            const int count[] = {a, b, 5 - a - b};
            for (int k = 0; k < 3; k++) c.classes[k].count = count[k];
            double got, want = 0;
            cit_evidence_likelihood(c.s.e, shared, people, &got);
            sum += exp(got);
            const double orders = exp(log_factorial(5) - log_factorial(a) - log_factorial(b) -
                                      log_factorial(5 - a - b));
            for (int piece = 0; piece < 40; piece++) {
                double x[CIT_GAUSS_POINTS], w[CIT_GAUSS_POINTS];
                cit_gauss(tau * (-5 + 0.25 * piece), tau * (-5 + 0.25 * (piece + 1)), x, w);
                for (int i = 0; i < CIT_GAUSS_POINTS; i++) {
                    const double p[] = {share_between(people, 4, x[i], rating, -10, 0.1),
                                        share_between(people, 4, x[i], rating, 0.1, 0.4),
                                        share_between(people, 4, x[i], rating, 0.4, HUGE_VAL)};
                    double chance = orders;
                    for (int k = 0; k < 3; k++) chance *= pow(p[k], count[k]);
                    /* 56 ways to part five people among three classes and none of them */
                    chance = (1 - floor_share) * chance + floor_share / 56;
                    want += w[i] * normal_density(x[i], 0, tau * tau) * chance;
                }
            }
            CHECK(fabs(got - log(want)) < 2e-4, "%d %d: %.7f, not %.7f", a, b, got, log(want));
        }
    /* Of the floor 21 of the 56 ways are there: everybody is in one of the three. */
    CHECK_CLOSE(sum, 1 - floor_share * 35 / 56, 1e-5);
    free(shared);
    free_set(&c.s);
}

/* "At least 3 of 5": as likely as all counts from 3 on. */
static void a_bound_is_all_that_it_allows(void **state) {
    static const double people[] = {0.05, 0.2, 0.35, 0.6};
    counted c;
    (void)state;
    count_study(&c, IN_ROLLER("open", "      - scale: x\n        measure: other\n        week: 12\n"
                                      "        responders_of: 5\n        responders:\n"
                                      "          - {what: much, in: percent, low: 20, high: 100, "
                                      "count: 3}\n"));
    double *shared = memory((size_t)rows, sizeof *shared), exact[6], got;
    for (int i = 0; i < rows; i++) shared[i] = nan_;
    for (int k = 0; k <= 5; k++) {
        c.classes[0].count = k;
        cit_evidence_likelihood(c.s.e, shared, people, &exact[k]);
    }
    for (int k = 0; k <= 5; k++) {
        double more = 0, fewer = 0;
        for (int i = 0; i <= 5; i++) {
            more += i >= k ? exp(exact[i]) : 0;
            fewer += i <= k ? exp(exact[i]) : 0;
        }
        c.classes[0].count = k;
        c.classes[0].bound = CIT_AT_LEAST;
        cit_evidence_likelihood(c.s.e, shared, people, &got);
        CHECK_CLOSE(exp(got), more, 2e-4);
        c.classes[0].bound = CIT_AT_MOST;
        cit_evidence_likelihood(c.s.e, shared, people, &got);
        CHECK_CLOSE(exp(got), fewer, 2e-4);
        c.classes[0].bound = 0;
    }
    free(shared);
    free_set(&c.s);
}

/* Grades: to a grade, by grades and the rest of people: the same multinomial. */
static void grades_are_counted_from_half_to_half(void **state) {
    static const double people[] = {0, 1, 1, 2};
    const double tau = 0.15, rating = 0.15, start = 3;
    static const struct {
        const char *in;
        int low, high;
        double from, to;
    } cases[] = {{"grades", 1, 1, 0.5, 1.5},
                 {"grades", 2, 4, 1.5, 4.5},
                 {"to-grade", 1, 2, 0.5, 2.5},
                 {"to-grade", 0, 1, 1.5, HUGE_VAL}};
    (void)state;
    for (int i = 0; i < COUNT_OF(cases); i++) {
        char text[2000];
        counted c;
        snprintf(text, sizeof text,
                 IN_ROLLER("open",
                           "      - scale: x\n        measure: gb-qualitative\n        week: "
                           "12\n        start_grade: 3\n        responders_of: 6\n"
                           "        responders: [{what: y, in: %s, low: %d, high: %d, count: "
                           "4}]\n"),
                 cases[i].in, cases[i].low, cases[i].high);
        count_study(&c, text);
        double *shared = memory((size_t)rows, sizeof *shared), got, want = 0;
        for (int j = 0; j < rows; j++) shared[j] = nan_;
        cit_evidence_likelihood(c.s.e, shared, people, &got);
        for (int piece = 0; piece < 40; piece++) {
            double x[CIT_GAUSS_POINTS], w[CIT_GAUSS_POINTS];
            cit_gauss(tau * (-5 + 0.25 * piece), tau * (-5 + 0.25 * (piece + 1)), x, w);
            for (int j = 0; j < CIT_GAUSS_POINTS; j++) {
                const double p = share_between(people, 4, start * x[j], start * rating,
                                               cases[i].from, cases[i].to);
                /* 15 orders; 7 ways to part six people in two */
                const double chance = 15 * pow(p, 4) * pow(1 - p, 2);
                want += w[j] * normal_density(x[j], 0, tau * tau) *
                        ((1 - floor_share) * chance + floor_share / 7);
            }
        }
        CHECK(fabs(got - log(want)) < 2e-3, "%s %d to %d: %.6f, not %.6f", cases[i].in,
              cases[i].low, cases[i].high, got, log(want));
        free(shared);
        free_set(&c.s);
    }
}

/* "Exactly all of it" is a class of people like any other: many are in it where everybody is cured. */
static void a_class_of_exactly_all_of_it_can_be_met(void **state) {
    static const double people[] = {1, 1, 1, 1};
    counted c;
    (void)state;
    count_study(&c,
                IN_ROLLER("open", "      - {scale: x, measure: other, week: 12, responders_of: "
                                  "9, responders: [{what: cleared, in: percent, low: 100, high: "
                                  "100, count: 9}]}\n"));
    double *shared = memory((size_t)rows, sizeof *shared), got;
    for (int i = 0; i < rows; i++) shared[i] = nan_;
    cit_evidence_likelihood(c.s.e, shared, people, &got);
    /* As of any exact value: from 12.5 per cent below it on. Half of people, as now, would be 9 log 1/2 at
     * no effect. */
    double want = 0;
    for (int i = -500; i < 500; i++) {
        const double e = 0.15 * i / 100;
        want += 0.01 * normal_density(e / 0.15, 0, 1) *
                pow(share_between(people, 4, e, 0.15, 0.875, HUGE_VAL), 9);
    }
    CHECK_CLOSE(got, log(want), 0.01);
    free(shared);
    free_set(&c.s);
}

static double sign_at(const char *row, double own, double other) {
    set s = {0};
    char text[2000];
    double got, of_probe[] = {own, other};
    snprintf(text, sizeof text,
             IN_ROLLER("open", "      - {scale: x, measure: ecca, week: 12, %s}\n")
                 ROLLER("b", "4", "25") "    outcomes: []\n",
             row);
    (void)add_study(&s, text);
    make_set(&s, 4);
    likelihood_at(&s, NULL, of_probe, &got);
    free_set(&s);
    return got;
}

static void signs_go_the_right_way_and_add_up(void **state) {
    (void)state;
    for (double m = -0.3; m <= 0.3; m += 0.1) {
        const double better = sign_at("direction: better", m, 0),
                     worse = sign_at("direction: worse", m, 0),
                     sure = sign_at("direction: better, p: 0.01", m, 0),
                     sure_worse = sign_at("direction: worse, p_below: 0.05", m, 0),
                     null = sign_at("direction: none", m, 0);
        /* The study's effect is cut at 4.5 deviations: seven in a million. */
        CHECK_CLOSE(exp(better) + exp(worse), 1 + floor_share, 1e-5);
        CHECK_CLOSE(exp(sure) + exp(sure_worse) + exp(null), 1 + 2 * floor_share, 1e-5);
        CHECK(sure < better, "a significant gain is harder to meet");
        CHECK(sign_at("direction: better", m + 0.05, 0) > better &&
                  sign_at("direction: worse", m + 0.05, 0) < worse,
              "not monotone at %g", m);
        CHECK_CLOSE(null, sign_at("direction: none", -m, 0), 1e-9);
        CHECK(null <= sign_at("direction: none", 0, 0) + 1e-12, "a null is best met by nothing");
        /* 0.3 a person, 25 people, and how studies differ; of a difference within one sqrt 2 of the first alone */
        CHECK_CLOSE(exp(better),
                    (1 - floor_share) * cit_normal_cdf(m / hypot(0.06, 0.15)) + floor_share, 1e-5);
        CHECK_CLOSE(exp(sign_at("direction: better, versus: b", m, 0.1)),
                    (1 - floor_share) * cit_normal_cdf((m - 0.1) / (0.06 * sqrt(2))) + floor_share,
                    1e-12);
    }
}

static void orders_redness_and_pigment_have_their_closed_forms(void **state) {
    set s = {0};
    double got;
    (void)state;
    (void)add_study(
        &s, HEAD("a") "rater: open\narms:\n" ROLLER(
                "a", "3",
                "25") "    outcomes: []\nby_scar_type:\n  - {type: rolling, order: 1, finding: f}\n"
                      "  - {type: boxcar, order: 3, finding: f}\n");
    make_set(&s, 4);
    CHECK(s.figure_count == 1, "%d", s.figure_count);
    double before = -HUGE_VAL;
    for (double m = -0.4; m < 0.4; m += 0.05) {
        const double forth[] = {m, 0}, back[] = {0, m};
        double other;
        likelihood_at(&s, NULL, forth, &got);
        likelihood_at(&s, NULL, back, &other);
        CHECK(got > before, "not monotone");
        before = got;
        CHECK_CLOSE(exp(got) + exp(other), 1 + floor_share, 1e-12);
        CHECK_CLOSE(exp(got), (1 - floor_share) * cit_normal_cdf(m / 0.1) + floor_share, 1e-12);
    }
    free_set(&s);

    one_figure(&s, IN_ROLLER("open", "      - {scale: r, measure: redness-days, statistic: range, "
                                     "low: 1, high: 4}\n"));
    for (double m = -2; m < 3; m += 0.25) {
        const double width = log(4) / 4;
        CHECK_CLOSE(
            likelihood_of(&s, m),
            log((1 - floor_share) * normal_density(log(2), m, 0.25 + width * width) + floor_share),
            1e-12);
    }
    free_set(&s);
    one_figure(&s, IN_ROLLER("open", "      - {scale: r, measure: redness-days, statistic: range, "
                                     "high: 0.25}\n"));
    for (double m = -3; m < 3; m += 0.25)
        CHECK_CLOSE(exp(likelihood_of(&s, m)),
                    (1 - floor_share) * cit_normal_cdf((log(0.25) - m) / 0.5) + floor_share, 1e-12);
    free_set(&s);

    one_figure(&s, HEAD("a") "rater: open\narms:\n" ROLLER(
                       "a", "3", "25") "    outcomes: []\nadverse_events:\n"
                                       "  - {event: PIH, kind: pigment, count: 3, of: 20}\n");
    /* Of the log-odds a study differs by pigment_sd, which is 1 at the middle of its prior. */
    for (double p = 0.05; p < 1; p += 0.1) {
        double sum = 0;
        for (double z = -8; z < 8; z += 0.001) {
            const double q = 1 / (1 + exp(-log(p / (1 - p)) - z));
            sum += 0.001 * normal_density(z, 0, 1) * 1140 * pow(q, 3) * pow(1 - q, 17);
        }
        CHECK_CLOSE(likelihood_of(&s, p), log((1 - floor_share) * sum + floor_share / 21), 2e-3);
    }
    CHECK(isfinite(likelihood_of(&s, 0)) && isfinite(likelihood_of(&s, 1)), "no end of all");
    free_set(&s);
}

static void pain_and_tissue_have_their_closed_forms(void **state) {
    set s;
    (void)state;
    one_figure(&s, IN_ROLLER("open", "      - {scale: p, measure: pain, statistic: mean, value: 5, "
                                     "value_sd: 2}\n"));
    for (double m = 0; m <= 10; m += 0.5)
        CHECK_CLOSE(likelihood_of(&s, m),
                    log((1 - floor_share) * normal_density(5, m, 1.2 * 1.2 + 0.16) + floor_share),
                    1e-12);
    free_set(&s);
    one_figure(&s, IN_ROLLER("open", "      - {scale: p, measure: elastin, week: 12, statistic: "
                                     "mean, baseline: 10, value: 12}\n"));
    for (double m = -1; m <= 1; m += 0.1)
        CHECK_CLOSE(likelihood_of(&s, m),
                    log((1 - floor_share) * normal_density(0.2, m, 0.15 * 0.15 + 0.06 * 0.06) +
                        floor_share),
                    1e-12);
    free_set(&s);
}

/* A study with nothing to say changes nothing, wherever it stands. */
static void a_study_without_figures_has_likelihood_one(void **state) {
    set with = {0}, without = {0};
    double got[3], alone;
    const double value = 0.3;
    (void)state;
    (void)add_study(&with, HEAD("n") "rater: open\narms: []\n");
    (void)add_study(&with, IN_ROLLER("open", ROW("x", "12", "40")));
    (void)add_study(&with,
                    HEAD("m") "rater: open\narms:\n" ROLLER("a", "3", "25") "    outcomes: []\n");
    (void)add_study(&without, IN_ROLLER("open", ROW("x", "12", "40")));
    make_set(&with, 4);
    make_set(&without, 4);
    likelihood_at(&with, NULL, &value, got);
    likelihood_at(&without, NULL, &value, &alone);
    CHECK(got[0] == 0 && got[2] == 0 && got[1] == alone, "%g %g %g, not %g", got[0], got[1], got[2],
          alone);
    free_set(&with);
    free_set(&without);
}

/* Whatever a file of data/evidence may say, evidence can be made of; else the fault names the file. */
static void single_visits_and_odd_settings_are_evidence_too(void **state) {
    static const char *const arms[] = {
        ARM_FULL("a", "roller", "1.5 mm", "1", "unknown", "10", "yes", "none", "25"),
        ARM_FULL("a", "roller", "6 mm", "40", "7 days", "100", "no", "none", "25"),
        ARM_FULL("a", "pen", "0.1 mm", "5", "400 days", "unknown", "no", "none", "25"),
        ARM_FULL("a", "roller", "1.5 mm", "1", "28 days", "10", "yes", "none", "25"),
        ARM_FULL("a", "roller", "1.5 mm", "unknown", "28 days", "10", "yes", "none", "25"),
    };
    char text[2000];
    (void)state;
    for (int i = 0; i < COUNT_OF(arms); i++) {
        set s = {0};
        snprintf(text, sizeof text, HEAD("example") "rater: open\narms:\n%s" SCORE, arms[i]);
        (void)add_study(&s, text);
        const cit_evidence_options with = {.people = 2, .seed = 1};
        errs = (cit_errors){0};
        const cit_status st = cit_evidence_make(catalogue, s.studies, 1, &with, &s.e, &errs);
        CHECK(st == CIT_OK, "%s: %s, of %s", errs.items[0].where, errs.items[0].text, arms[i]);
        free_set(&s);
    }
}

/* ---- sampling -------------------------------------------------------------------------------------- */

static cit_samples *settled(const cit_evidence *e, int chains, int steps, int moves, uint64_t seed,
                            int threads) {
    const cit_sampling with = {
        .chains = chains, .steps = steps, .moves = moves, .seed = seed, .threads = threads};
    cit_samples *ret = NULL;
    errs = (cit_errors){0};
    CHECK(cit_sample(e, &with, &ret, &errs) == CIT_OK, "%s", errs.items[0].text);
    return ret;
}

static cit_samples *sample(const cit_evidence *e, int chains, int steps, uint64_t seed,
                           int threads) {
    return settled(e, chains, steps, 0, seed, threads);
}

/* The last states of the chains: those least alike. */
static int last_of(const cit_samples *s, int chains, int chain) {
    return s->draws - chains + chain;
}

static double number(const cit_samples *s, int draw, int row) {
    return s->numbers[(size_t)draw * (size_t)s->rows + (size_t)row];
}

/* All parameters at once: none may be off by chance of one in ten thousand. */
static void without_figures_the_posterior_is_the_prior(void **state) {
    enum { N = 2000 };
    static double u[N], z[N];
    set s = {0};
    (void)state;
    (void)add_study(&s, HEAD("n") "rater: open\narms: []\n");
    make_set(&s, 4);
    cit_samples *got = sample(s.e, N, 2, 1, 0);
    CHECK(got->log_evidence == 0 && got->temperature_count == 1, "evidence of nothing: %g, %d",
          got->log_evidence, got->temperature_count);
    for (int i = 0; i < rows; i++) {
        if (!cit_is_fitted(&table[i])) {
            CHECK(isnan(number(got, 0, i)), "%s is not fitted", table[i].param.name);
            continue;
        }
        int counts[20];
        cit_test_result test;
        for (int d = 0; d < N; d++) {
            z[d] = number(got, last_of(got, N, d), i);
            u[d] = cit_normal_cdf(z[d]);
        }
        CHECK(cit_test_uniform(u, N, 20, counts, &test, &errs) == CIT_OK, "test");
        CHECK(test.p > 1e-4, "%s: not standard normal, p %g", table[i].param.name, test.p);
        CHECK(fabs(cit_mean(z, N)) < 5 / sqrt(N) &&
                  fabs(cit_variance(z, N) - 1) < 5 * sqrt(2.0 / N),
              "%s: mean %g, variance %g", table[i].param.name, cit_mean(z, N), cit_variance(z, N));
    }
    CHECK(cit_samples_distinct(got) == 1, "a likelihood of nothing tells draws apart");
    cit_samples_free(got);
    free_set(&s);
}

#define PAIN(value)                                                                                \
    "      - {scale: p, measure: pain, statistic: mean, value: " value ", value_sd: 1}\n"
#define ONE_VISIT(name, cream)                                                                     \
    ARM_FULL(name, "roller", "1.5 mm", "1", "unknown", "10", cream, "none", "25")

static void the_same_seed_gives_the_same_bytes_on_any_threads(void **state) {
    set s = {0};
    (void)state;
    (void)add_study(&s, HEAD("a") "rater: open\narms:\n" ONE_VISIT(
                            "x", "yes") "    outcomes:\n" PAIN("2.5") ROW("s", "4", "50"));
    make_set(&s, 5);
    cit_samples *one = settled(s.e, 20, 2, 2, 7, 1);
    for (int threads = 1; threads <= 3; threads++) {
        cit_samples *more = settled(s.e, 20, 2, 2, 7, threads);
        CHECK(memcmp(one->numbers, more->numbers, sizeof(double) * 40 * (size_t)rows) == 0 &&
                  memcmp(one->likelihood, more->likelihood, sizeof(double) * 40) == 0 &&
                  memcmp(one->predicted, more->predicted,
                         sizeof(double) * 40 * (size_t)one->values) == 0 &&
                  memcmp(&one->log_evidence, &more->log_evidence, sizeof(double)) == 0 &&
                  memcmp(one->temperatures, more->temperatures, sizeof one->temperatures) == 0 &&
                  one->predictions == more->predictions,
              "%d threads differ", threads);
        cit_samples_free(more);
    }
    cit_samples *other = settled(s.e, 20, 2, 2, 8, 2);
    CHECK(memcmp(one->numbers, other->numbers, sizeof(double) * 40 * (size_t)rows) != 0,
          "another seed, the same draws");
    /* What is kept of a draw is what the model says of it. */
    cit_evidence_run *run = NULL;
    double values[64], by_study;
    CHECK(cit_evidence_run_new(s.e, &run, &errs) == CIT_OK, "run");
    for (int d = 0; d < 40; d += 7) {
        const double *z = one->numbers + (size_t)d * (size_t)rows;
        CHECK(cit_evidence_predict(s.e, run, z, values, &errs) == CIT_OK, "predict");
        cit_evidence_likelihood(s.e, z, values, &by_study);
        CHECK(memcmp(values, one->predicted + (size_t)d * (size_t)one->values,
                     sizeof(double) * (size_t)one->values) == 0 &&
                  by_study == one->likelihood[d],
              "draw %d is not what it is said to be", d);
    }
    cit_evidence_run_free(run);
    cit_samples_free(other);
    cit_samples_free(one);
    free_set(&s);
}

static bool stop_after_a_while(void *context, double share, const char *what) {
    (void)share;
    (void)what;
    return ++*(int *)context < 20;
}

static void a_stop_leaves_nothing(void **state) {
    set s = {0};
    int calls = 0;
    (void)state;
    (void)add_study(
        &s, HEAD("a") "rater: open\narms:\n" ONE_VISIT("x", "yes") "    outcomes:\n" PAIN("2.5"));
    make_set(&s, 2);
    cit_samples *ret = NULL;
    const cit_sampling with = {
        .chains = 64, .steps = 4, .threads = 2, .progress = {stop_after_a_while, &calls}};
    errs = (cit_errors){0};
    CHECK(cit_sample(s.e, &with, &ret, &errs) == CIT_CANCELLED && ret == NULL && errs.count == 1,
          "not stopped: %d faults", errs.count);
    free_set(&s);
}

/* Draws from the prior, as a posterior that has seen nothing. */
static cit_posterior prior_draws(int draws, uint64_t seed) {
    cit_samples s = made_up_samples(draws, seed);
    return (cit_posterior){.draws = draws, .rows = rows, .numbers = s.numbers};
}

static cit_samples *samples_of(const cit_evidence *e, const cit_posterior *p, int threads) {
    cit_samples *ret = NULL;
    errs = (cit_errors){0};
    CHECK(cit_samples_of(e, p, 0, threads, NULL, &ret, &errs) == CIT_OK, "%s", errs.items[0].text);
    return ret;
}

/* The posterior a second way: draws of the prior weighed by their likelihood. */
static void the_sampler_agrees_with_importance_sampling(void **state) {
    enum { N = 8000, CHAINS = 500 };
    set s = {0};
    (void)state;
    (void)add_study(&s, HEAD("a") "rater: open\narms:\n" ONE_VISIT(
                            "x", "yes") "    outcomes:\n" PAIN("2.8") ROW("s", "4", "45"));
    make_set(&s, 4);
    cit_posterior prior = prior_draws(N, 5);
    cit_samples *flat = samples_of(s.e, &prior, 0);
    cit_samples *smc = sample(s.e, CHAINS, 6, 2, 0);
    double *w = memory(N, sizeof *w), sum = 0, squares = 0, worst = 0, sum_chi2 = 0;
    for (int d = 0; d < N; d++) {
        w[d] = exp(flat->likelihood[d]);
        sum += w[d];
        squares += w[d] * w[d];
    }
    const double ess = sum * sum / squares, evidence = log(sum / N);
    print_message(
        "# importance sampling: %.0f effective of %d; log evidence %.3f, sampler %.3f in %d "
        "temperatures\n",
        ess, N, evidence, smc->log_evidence, smc->temperature_count);
    CHECK(ess > 400, "too few draws tell: %g", ess);
    CHECK(fabs(evidence - smc->log_evidence) < 5 * sqrt(1 / ess + 4.0 / CHAINS),
          "log evidence %g, not %g", smc->log_evidence, evidence);
    int fitted = 0;
    for (int i = 0; i < rows; i++) {
        if (!cit_is_fitted(&table[i])) continue;
        double mean = 0, square = 0, got = 0, got2 = 0;
        for (int d = 0; d < N; d++) {
            const double z = number(flat, d, i);
            mean += w[d] / sum * z;
            square += w[d] / sum * z * z;
        }
        for (int d = 0; d < smc->draws; d++) {
            got += number(smc, d, i) / smc->draws;
            got2 += number(smc, d, i) * number(smc, d, i) / smc->draws;
        }
        const double sd = sqrt(square - mean * mean), sd2 = sqrt(got2 - got * got);
        /* A chain is worth an independent draw, to a factor of three. */
        const double error = sd * sqrt(1 / ess + 3.0 / CHAINS), off = (got - mean) / error;
        worst = fmax(worst, fabs(off));
        sum_chi2 += off * off;
        fitted++;
        CHECK(fabs(off) < 4.5, "%s: %.3f, not %.3f", table[i].param.name, got, mean);
        CHECK(fabs(sd2 / sd - 1) < 4.5 * sqrt(0.5 / ess + 1.5 / CHAINS), "%s: sd %.3f, not %.3f",
              table[i].param.name, sd2, sd);
    }
    print_message("# means of %d parameters: worst %.2f errors off, mean square %.2f\n", fitted,
                  worst, sum_chi2 / fitted);
    CHECK(sum_chi2 / fitted < 1.5, "means scatter too much: %g", sum_chi2 / fitted);
    free(w);
    cit_samples_free(flat);
    cit_samples_free(smc);
    free(prior.numbers);
    free_set(&s);
}

static const cit_learnt *learnt_named(const cit_learnt *list, int count, const char *name) {
    for (int i = 0; i < count; i++)
        if (strcmp(list[i].row->param.name, name) == 0) return &list[i];
    CHECK(false, "'%s' is not fitted", name);
    return NULL;
}

/* Ten studies of pain, half of them without cream, tell of pain and of nothing else. */
static void pain_studies_tell_of_pain_alone(void **state) {
    set s = {0};
    char text[2000];
    (void)state;
    for (int i = 0; i < 10; i++) {
        snprintf(
            text, sizeof text,
            HEAD("p%d") "rater: open\narms:\n" ONE_VISIT("x", "%s") "    outcomes:\n" PAIN("%g"), i,
            i % 2 ? "yes" : "no", (i % 2 ? 2.0 : 4.5) + 0.1 * i);
        (void)add_study(&s, text);
    }
    make_set(&s, 4);
    CHECK(cit_evidence_crowds(s.e) == 2 && s.figure_count == 10, "ten studies of two courses");
    cit_samples *got = sample(s.e, 300, 4, 3, 0);
    cit_learnt *learnt = NULL;
    int count = 0, above = 0;
    CHECK(cit_learnt_of(got, &learnt, &count, &errs) == CIT_OK, "learnt");
    for (int i = 1; i < count; i++)
        CHECK(learnt[i].contraction <= learnt[i - 1].contraction, "not in order");
    static const char *const of_pain[] = {"pain_scale", "pain_sd", "pain_cream"};
    for (int i = 0; i < 3; i++) {
        const cit_learnt *l = learnt_named(learnt, count, of_pain[i]);
        print_message("# %s: contraction %.2f, shift %+.2f (limit %.2f)\n", of_pain[i],
                      l->contraction, l->shift, cit_learnt_limit(got));
    }
    CHECK(learnt_named(learnt, count, "pain_scale")->contraction > 0.3, "pain_scale");
    CHECK(learnt_named(learnt, count, "pain_sd")->contraction > 0.2, "pain_sd");
    CHECK(learnt_named(learnt, count, "pain_scale")->shift < -0.7, "a scale of 4.5 is below 7.5");
    double mean = 0, worst = 0, shift = 0, square = 0, shifts = 0;
    int others = 0;
    for (int i = 0; i < count; i++) {
        if (strncmp(learnt[i].row->param.name, "pain", 4) == 0) continue;
        others++;
        mean += learnt[i].contraction;
        worst = fmax(worst, fabs(learnt[i].contraction));
        shift = fmax(shift, fabs(learnt[i].shift));
        square += learnt[i].contraction * learnt[i].contraction;
        shifts += learnt[i].shift * learnt[i].shift;
        above += learnt[i].contraction > cit_learnt_limit(got);
    }
    print_message(
        "# %d others: mean contraction %+.3f, worst %.2f, shift %.2f, %d above the limit; %d "
        "distinct of %d\n",
        others, mean / others, worst, shift, above, cit_samples_distinct(got), got->draws);
    /* Of draws as good as independent both were 1. */
    print_message(
        "# %d temperatures; their contractions scatter %.2f times, their shifts %.2f times as "
        "far as of independent draws\n",
        got->temperature_count, sqrt(square / others / 2 * (got->draws - 1)),
        sqrt(shifts / others * got->draws));
    CHECK(fabs(mean / others) < 0.06, "others contract by %g", mean / others);
    CHECK(worst < 0.5 && shift < 0.35, "others: contraction %g, shift %g", worst, shift);
    CHECK(above <= 2, "%d that pain cannot tell of are said to be informed", above);
    free(learnt);
    cit_samples_free(got);
    free_set(&s);
}

/* A parameter that no likelihood looks at is not said to be informed, in the posterior that forecasts use. */
static void what_no_figure_sees_is_not_said_to_be_informed(void **state) {
    const cit_posterior *p = catalogue->posterior;
    (void)state;
    if (p == NULL) skip();
    const cit_study **all = memory((size_t)catalogue->study_count, sizeof *all);
    for (int i = 0; i < catalogue->study_count; i++) all[i] = &catalogue->studies[i];
    cit_evidence *e = evidence_of(all, catalogue->study_count, 4, 1);
    const cit_samples samples = {
        .draws = p->draws, .rows = rows, .numbers = p->numbers, .chance = p->chance};
    const double limit = cit_learnt_limit(&samples);
    double *shared = memory((size_t)rows, sizeof *shared),
           *values = memory((size_t)cit_evidence_values(e), sizeof *values),
           *likelihood = memory(2 * (size_t)catalogue->study_count, sizeof *likelihood),
           *other = likelihood + catalogue->study_count, square = 0;
    int unseen = 0, said = 0;
    char which[512] = "";
    cit_evidence_run *run = NULL;
    CHECK(cit_evidence_run_new(e, &run, &errs) == CIT_OK, "run");
    for (int i = 0; i < rows; i++) shared[i] = cit_posterior_number(p, 0, i);
    CHECK(cit_evidence_predict(e, run, shared, values, &errs) == CIT_OK, "predict");
    cit_evidence_likelihood(e, shared, values, likelihood);
    for (int i = 0; i < rows; i++) {
        if (!cit_is_fitted(&table[i])) continue;
        const double was = shared[i];
        bool seen = false;
        for (double by = -2; by <= 2; by += 4) {
            shared[i] = was + by;
            CHECK(cit_evidence_predict(e, run, shared, values, &errs) == CIT_OK, "predict");
            cit_evidence_likelihood(e, shared, values, other);
            for (int k = 0; k < catalogue->study_count; k++)
                seen = seen || fabs(other[k] - likelihood[k]) > 1e-6;
        }
        shared[i] = was;
        if (seen || isnan(was)) continue; /* or younger than this posterior */
        double mean = 0, variance = 0;
        for (int d = 0; d < p->draws; d++) mean += cit_posterior_number(p, d, i) / p->draws;
        for (int d = 0; d < p->draws; d++)
            variance += pow(cit_posterior_number(p, d, i) - mean, 2) / (p->draws - 1);
        unseen++;
        square += mean * mean * p->draws;
        if (1 - variance <= limit) continue;
        said++;
        snprintf(which + strlen(which), sizeof which - strlen(which), " %s (%.2f)",
                 table[i].param.name, 1 - variance);
    }
    print_message(
        "# %d parameters that no figure sees: their means lie %.2f errors of independent draws "
        "from the prior's\n",
        unseen, sqrt(square / unseen));
    cit_evidence_run_free(run);
    cit_evidence_free(e);
    free(all);
    free(shared);
    free(values);
    free(likelihood);
    CHECK(unseen >= 5, "%d unseen", unseen);
    CHECK(said == 0, "contract by more than %.2f:%s", limit, which);
}

/* ---- data drawn from the model ---------------------------------------------------------------------- */

enum { ARMS_MADE = 2, ROWS_MADE = 3 };

/* A study whose figures are set in memory. */
typedef struct made_study {
    cit_study study;
    cit_study_arm arms[ARMS_MADE];
    cit_study_outcome outcomes[ARMS_MADE][ROWS_MADE];
    char id[16];
} made_study;

static void copy_study(made_study *to, const cit_study *from, int place) {
    to->study = *from;
    snprintf(to->id, sizeof to->id, "made-%d", place);
    to->study.id = to->id;
    to->study.arms = to->arms;
    CHECK(from->arm_count <= ARMS_MADE, "arms");
    for (int a = 0; a < from->arm_count; a++) {
        to->arms[a] = from->arms[a];
        CHECK(from->arms[a].outcome_count <= ROWS_MADE, "rows");
        for (int o = 0; o < from->arms[a].outcome_count; o++)
            to->outcomes[a][o] = from->arms[a].outcomes[o];
        to->arms[a].outcomes = to->outcomes[a];
    }
}

static double shared_value(const double *z, const char *name) {
    return value_at(name, z[row_of(name)]);
}

/* Puts figures as the model would have them at these numbers into studies of an evidence that was made of
 * them; written from docs/models/inference.md, not from the likelihood. */
static void draw_data(const cit_evidence *e, made_study *studies, const double *z, int only,
                      uint64_t seed, int repetition) {
    const cit_figure *figures;
    const int count = cit_evidence_figures(e, &figures), values = cit_evidence_values(e);
    double *all = memory((size_t)values + 1, sizeof *all);
    cit_evidence_run *run = NULL;
    errs = (cit_errors){0};
    CHECK(cit_evidence_run_new(e, &run, &errs) == CIT_OK &&
              cit_evidence_predict(e, run, z, all, &errs) == CIT_OK,
          "%s", errs.items[0].text);
    for (int i = 0; i < count; i++) {
        const cit_figure *f = &figures[i];
        if (only >= 0 && f->study != only) continue;
        made_study *s = &studies[f->study];
        cit_study_outcome *o = NULL;
        for (int a = 0; a < s->study.arm_count; a++)
            for (int k = 0; k < s->arms[a].outcome_count; k++)
                if (&s->outcomes[a][k] == f->outcome) o = &s->outcomes[a][k];
        CHECK(o != NULL, "a figure of no row");
        const double noise = random_normal(seed, repetition, "noise", i);
        double mean = 0;
        if (f->untreated) {
            CHECK(s->study.rater == CIT_OPEN, "raters of untreated arms know here");
            mean = fmin(1, f->day / shared_value(z, "drift_rise")) *
                   (shared_value(z, "drift_share") + shared_value(z, "open_share"));
        } else {
            for (int p = 0; p < 4; p++) mean += all[4 * f->probe + p] / 4;
        }
        if (f->kind == CIT_FIGURE_PAIN) {
            const double sd = shared_value(z, "pain_sd");
            o->value = mean + sqrt(f->error * f->error + sd * sd) * noise;
        } else {
            CHECK(f->kind == CIT_FIGURE_SCORE, "a kind that is not drawn here");
            const double effect = f->untreated
                                      ? 0
                                      : shared_value(z, "between_sd") *
                                            random_normal(seed, repetition, "effect", f->study);
            o->percent_improvement =
                100 * (mean + effect + sqrt(f->error * f->error + figure_sd * figure_sd) * noise);
        }
    }
    cit_evidence_run_free(run);
    free(all);
}

static void draw_prior(double *z, uint64_t seed, int repetition) {
    for (int i = 0; i < rows; i++)
        z[i] = cit_is_fitted(&table[i]) ? random_normal(seed, repetition, "truth", i) : nan_;
}

static int environment(const char *name, int usual) {
    const char *text = getenv(name);
    return text != NULL ? atoi(text) : usual;
}

/* Talts and others 2018 (arXiv 1804.06788): where the truth is drawn from the prior and data from the model
 * at the truth, the truth is one more draw of the posterior, and its rank is uniform. The likelihood is
 * ranked as well: it depends on all numbers at once (Modrak and others, Bayesian Anal 2023). */
typedef struct recovery {
    int repetitions, chains, steps, moves,
        threads;     /* moves: CIT_SBC_MOVES=1 lets draws settle, too */
    double at_least; /* p of the ranks */
} recovery;

enum { RECOVERED_MAX = 12, BINS = 8 };

/* The last of `names` is the likelihood. */
static void rank_once(const recovery *how, const cit_study *const *list, int count, const double *z,
                      int r, const char *const *names, double **pit, double *ret_temperatures) {
    double *draws = memory((size_t)how->chains, sizeof *draws);
    cit_evidence *e = evidence_of(list, count, 4, 1);
    cit_samples *got =
        settled(e, how->chains, how->steps, how->moves, (uint64_t)r + 100, how->threads);
    int k = 0;
    for (; names[k] != NULL; k++) {
        for (int d = 0; d < how->chains; d++)
            draws[d] = number(got, last_of(got, how->chains, d), row_of(names[k]));
        pit[k][r] = cit_pit_ensemble(draws, how->chains, z[row_of(names[k])],
                                     cit_random(12, (uint32_t)r, 1, (uint32_t)k));
    }
    double *copy = memory((size_t)rows, sizeof *copy);
    memcpy(copy, z, sizeof *copy * (size_t)rows);
    const cit_posterior truth = {.draws = 1, .rows = rows, .numbers = copy};
    cit_samples *at_truth = samples_of(e, &truth, 1);
    for (int d = 0; d < how->chains; d++)
        draws[d] =
            cit_sum(got->likelihood + (size_t)count * (size_t)last_of(got, how->chains, d), count);
    pit[k][r] = cit_pit_ensemble(draws, how->chains, cit_sum(at_truth->likelihood, count),
                                 cit_random(12, (uint32_t)r, 1, (uint32_t)k));
    *ret_temperatures += (double)got->temperature_count / how->repetitions;
    free(copy);
    free(draws);
    cit_samples_free(at_truth);
    cit_samples_free(got);
    cit_evidence_free(e);
}

static void recover(const recovery *how, set *s, const char *const *names) {
    made_study made[COUNT_OF(s->studies)];
    const cit_study *list[COUNT_OF(s->studies)];
    double *pit[RECOVERED_MAX], *z = memory((size_t)rows, sizeof *z), temperatures = 0;
    int known = 0;
    while (names[known] != NULL) known++;
    for (int k = 0; k <= known; k++) pit[k] = memory((size_t)how->repetitions, sizeof *pit[k]);
    for (int i = 0; i < s->count; i++) {
        copy_study(&made[i], s->studies[i], i);
        list[i] = &made[i].study;
    }
    cit_evidence *blank = evidence_of(list, s->count, 4, 1);
    for (int r = 0; r < how->repetitions; r++) {
        draw_prior(z, 11, r);
        draw_data(blank, made, z, -1, 11, r);
        rank_once(how, list, s->count, z, r, names, pit, &temperatures);
    }
    print_message("# %d repetitions of %d chains of %d steps, in %.1f temperatures\n",
                  how->repetitions, how->chains, how->steps, temperatures);
    for (int k = 0; k <= known; k++) {
        const char *name = k < known ? names[k] : "likelihood";
        int counts[BINS];
        cit_test_result test, middle;
        errs = (cit_errors){0};
        CHECK(cit_test_uniform(pit[k], how->repetitions, BINS, counts, &test, &errs) == CIT_OK &&
                  cit_test_mean(pit[k], how->repetitions, 0.5, 0.95, &middle, &errs) == CIT_OK,
              "%s", errs.items[0].text);
        print_message("# %-13s ranks", name);
        for (int i = 0; i < BINS; i++) print_message(" %3d", counts[i]);
        print_message("  p %.4f  mean %.3f (p %.4f)  variance %.2f\n", test.p, middle.estimate,
                      middle.p, 12 * cit_variance(pit[k], how->repetitions));
        CHECK(test.p > how->at_least && middle.p > how->at_least,
              "%s: ranks are not uniform: p %g, mean %g", name, test.p, middle.estimate);
        free(pit[k]);
    }
    free(z);
    cit_evidence_free(blank);
}

static void truths_are_draws_like_any_other(void **state) {
    static const char *const names[] = {
        "pain_scale",   "pain_cream",  "pain_sd",    "between_sd", "roller_eta",
        "roller_delta", "drift_share", "open_share", "scale_ecca", NULL};
    const recovery how = {environment("CIT_SBC_REPETITIONS", 48),
                          environment("CIT_SBC_CHAINS", 64),
                          environment("CIT_SBC_STEPS", 10),
                          environment("CIT_SBC_MOVES", 0),
                          0,
                          0.001};
    set s = {0};
    (void)state;
    (void)add_study(&s, HEAD("a") "rater: open\narms:\n" ONE_VISIT(
                            "x", "yes") "    outcomes:\n" PAIN("3") ROW("s", "4", "50"));
    (void)add_study(&s, HEAD("b") "rater: open\narms:\n" ONE_VISIT(
                            "x", "yes") "    outcomes:\n" PAIN("3") ROW("s", "4", "50"));
    (void)add_study(
        &s,
        HEAD("c") "rater: open\narms:\n" ONE_VISIT("x", "yes") "    outcomes:\n" ROW("s", "4", "50")
            ARM_FULL("none", "none", "unknown", "0", "unknown", "unknown", "unknown", "none",
                     "100") "    outcomes:\n" ROW("s", "4", "5"));
    recover(&how, &s, names);
    free_set(&s);
}

/* Of pain no column is followed: more repetitions in the same time. halo_ratio and beta have nothing to
 * do with it. */
static void truths_of_pain_are_draws_like_any_other(void **state) {
    static const char *const names[] = {"pain_scale",   "pain_cream", "pain_sd", "pain_length",
                                        "pain_density", "halo_ratio", "beta",    NULL};
    const recovery how = {environment("CIT_SBC_PAIN_REPETITIONS", 128),
                          environment("CIT_SBC_CHAINS", 64),
                          environment("CIT_SBC_STEPS", 10),
                          environment("CIT_SBC_MOVES", 0),
                          0,
                          0.001};
    /* CIT_SBC_COURSES=4: four courses, which ask for more steps. */
    const bool many = environment("CIT_SBC_COURSES", 1) > 1;
    set s = {0};
    char text[2000];
    (void)state;
    for (int i = 0; i < 6; i++) {
        snprintf(text, sizeof text,
                 HEAD("p%d") "rater: open\narms:\n" ARM_FULL("x", "roller", "%s", "1", "unknown",
                                                             "10", "%s", "none",
                                                             "100") "    outcomes:\n" PAIN("4"),
                 i,
                 !many   ? "1.5 mm"
                 : i % 3 ? "2.5 mm"
                         : "0.5 mm",
                 many && i % 2 ? "yes" : "no");
        (void)add_study(&s, text);
    }
    recover(&how, &s, names);
    free_set(&s);
}

/* ---- validation ------------------------------------------------------------------------------------ */

static cit_validation *validation_of(const cit_evidence *e, const cit_posterior *p,
                                     const cit_samples *s, uint64_t seed) {
    cit_validation *ret = NULL;
    errs = (cit_errors){0};
    CHECK(cit_validate(e, p, s, NULL, seed, &ret, &errs) == CIT_OK, "%s", errs.items[0].text);
    return ret;
}

/* Makes `count` studies like one of these files, in turn. */
static void make_studies(made_study *made, const cit_study **list, const set *s, int count) {
    for (int i = 0; i < count; i++) {
        copy_study(&made[i], s->studies[i % s->count], i);
        list[i] = &made[i].study;
    }
}

static void share_inside(const char *what, int inside, int all, double nominal) {
    cit_test_result test;
    errs = (cit_errors){0};
    CHECK(cit_test_share(inside, all, nominal, 0.95, &test, &errs) == CIT_OK, "test");
    print_message("# %s: %d of %d inside %.0f %%, p %.3f\n", what, inside, all, 100 * nominal,
                  test.p);
    CHECK(test.p > 0.001, "%s: %d of %d inside %.0f %%", what, inside, all, 100 * nominal);
}

/* Studies that each have a truth of their own, drawn from the prior; the prior predicts them. */
static void intervals_hold_what_they_say(void **state) {
    enum { STUDIES = 150, DRAWS = 400 };
    static made_study made[STUDIES];
    static const cit_study *list[STUDIES];
    set s = {0};
    (void)state;
    (void)add_study(&s, HEAD("a") "rater: open\narms:\n" ONE_VISIT(
                            "x", "yes") "    outcomes:\n" PAIN("3") ROW("s", "4", "50"));
    (void)add_study(&s, HEAD("b") "rater: blinded\narms:\n" ROLLER(
                            "x", "3", "9") "    outcomes:\n" PAIN("3") ROW("s", "12", "50"));
    (void)add_study(&s, HEAD("c") "rater: unknown\narms:\n" ARM_FULL(
                            "x", "pen", "2 mm", "2", "unknown", "unknown", "no", "none",
                            "40") "    outcomes:\n" PAIN("3") ROW("s", "10", "50"));
    make_studies(made, list, &s, STUDIES);
    cit_evidence *blank = evidence_of(list, STUDIES, 4, 1);
    CHECK(cit_evidence_crowds(blank) == 3, "three crowds");
    double *z = memory((size_t)rows, sizeof *z);
    for (int i = 0; i < STUDIES; i++) {
        draw_prior(z, 21, i);
        draw_data(blank, made, z, i, 21, i);
        for (int o = 0; o < 2; o++) /* pain ends at 0 and 10 where it is predicted */
            made[i].outcomes[0][o].value = fmin(fmax(made[i].outcomes[0][o].value, 0), 10);
        for (int o = 0; o < 2; o++)
            if (made[i].outcomes[0][o].measure != CIT_PAIN_SCORE)
                made[i].outcomes[0][o].value = nan_;
    }
    cit_evidence *e = evidence_of(list, STUDIES, 4, 1);
    cit_posterior prior = prior_draws(DRAWS, 22);
    cit_samples *samples = samples_of(e, &prior, 0);
    cit_validation *v = validation_of(e, &prior, samples, 23);
    int all[9] = {0}, in50[9] = {0}, in90[9] = {0}, below[9] = {0};
    CHECK(v->compared_count == 2 * STUDIES && v->between_count == STUDIES && v->distrusted == 0,
          "%d compared, %d between", v->compared_count, v->between_count);
    for (int i = 0; i < v->compared_count; i++) {
        const cit_compared *c = &v->compared[i];
        const int kind = c->figure->kind;
        CHECK(isnan(c->pareto), "weights for a study that was never seen");
        CHECK(c->lo90 <= c->lo50 && c->lo50 <= c->median && c->median <= c->hi50 &&
                  c->hi50 <= c->hi90,
              "bands out of order");
        all[kind]++;
        in50[kind] += c->seen >= c->lo50 && c->seen <= c->hi50;
        in90[kind] += c->seen >= c->lo90 && c->seen <= c->hi90;
        below[kind] += c->seen < c->median;
    }
    share_inside("scores", in50[CIT_FIGURE_SCORE], all[CIT_FIGURE_SCORE], 0.5);
    share_inside("scores", in90[CIT_FIGURE_SCORE], all[CIT_FIGURE_SCORE], 0.9);
    share_inside("scores below the median", below[CIT_FIGURE_SCORE], all[CIT_FIGURE_SCORE], 0.5);
    share_inside("pain", in50[CIT_FIGURE_PAIN], all[CIT_FIGURE_PAIN], 0.5);
    share_inside("pain", in90[CIT_FIGURE_PAIN], all[CIT_FIGURE_PAIN], 0.9);
    share_inside("pain below the median", below[CIT_FIGURE_PAIN], all[CIT_FIGURE_PAIN], 0.5);
    int inside = 0;
    for (int i = 0; i < STUDIES; i++)
        inside +=
            v->between[i].seen >= v->between[i].lo90 && v->between[i].seen <= v->between[i].hi90;
    share_inside("between studies", inside, STUDIES, 0.9);
    CHECK_CLOSE(v->inside90.estimate, (double)inside / STUDIES, 1e-12);
    cit_validation_free(v);
    cit_samples_free(samples);
    cit_evidence_free(e);
    cit_evidence_free(blank);
    free(prior.numbers);
    free(z);
    free_set(&s);
}

/* inference.h promises both. */
static void coverage_of_both_intervals_is_given(void **state) {
    set s = {0};
    char text[2000];
    (void)state;
    for (int i = 0; i < 6; i++) {
        snprintf(text, sizeof text,
                 HEAD("s%d") "rater: open\narms:\n" ARM_FULL(
                     "x", "roller", "1.5 mm", "%d", "unknown", "10", "yes", "none",
                     "25") "    outcomes:\n" ROW("s", "12", "%d"),
                 i, 1 + i % 2, 20 + 5 * i);
        (void)add_study(&s, text);
    }
    make_set(&s, 4);
    cit_posterior prior = prior_draws(60, 2);
    cit_samples *samples = samples_of(s.e, &prior, 0);
    cit_validation *v = validation_of(s.e, &prior, samples, 3);
    const int n90 = v->inside90.n, n50 = v->inside50.n;
    cit_validation_free(v);
    cit_samples_free(samples);
    free(prior.numbers);
    free_set(&s);
    CHECK(n90 == 6, "inside90 is of %d studies", n90);
    CHECK(n50 == 6, "inside50 is of %d studies, not 6", n50);
}

/* A line on visits cannot be fitted where all have the same: that baseline falls away, the rest stands. */
static void studies_of_one_number_of_visits_are_validated(void **state) {
    set s = {0};
    char text[2000];
    (void)state;
    for (int i = 0; i < 5; i++) {
        snprintf(text, sizeof text,
                 HEAD("s%d") "rater: open\narms:\n" ROLLER("x", "3", "25") "    outcomes:\n" ROW(
                     "s", "12", "%d"),
                 i, 20 + 5 * i);
        (void)add_study(&s, text);
    }
    make_set(&s, 4);
    cit_posterior prior = prior_draws(60, 2);
    cit_samples *samples = samples_of(s.e, &prior, 0);
    cit_validation *v = validation_of(s.e, &prior, samples, 3);
    CHECK(v->compared_count == 5, "%d figures", v->compared_count);
    cit_validation_free(v);
    cit_samples_free(samples);
    free(prior.numbers);
    free_set(&s);
}

/* A posterior about a truth, as a fit on very much evidence would leave it. */
static cit_posterior near_truth(const double *truth, double by, int draws) {
    cit_samples s = made_up_samples(draws, 31);
    for (int d = 0; d < draws; d++)
        for (int i = 0; i < rows; i++)
            if (cit_is_fitted(&table[i]))
                s.numbers[d * rows + i] = truth[i] + by * s.numbers[d * rows + i];
    return (cit_posterior){.draws = draws, .rows = rows, .numbers = s.numbers};
}

enum { CONTEST = 24 };

/* The contest where studies differ by what was done, and where they do not. */
static cit_validation *contest_of(bool differ, set *s, made_study *made, const cit_study **list,
                                  cit_evidence **ret_e) {
    static const char *const lengths[] = {"0.7 mm", "2.5 mm", "1.2 mm"};
    double *truth = memory((size_t)rows, sizeof *truth);
    char text[2000];
    *s = (set){0};
    for (int i = 0; i < CONTEST; i++) {
        snprintf(text, sizeof text,
                 HEAD("s%d") "rater: blinded\narms:\n" ARM_FULL(
                     "x", "roller", "%s", "%d", "28 days", "%d", "yes", "none",
                     "400") "    outcomes:\n      - {scale: s, measure: ecca, weeks_after_last: "
                            "12, statistic: "
                            "mean, percent_improvement: 50}\n",
                 i, differ ? lengths[i % 3] : "1.5 mm", differ ? 2 + i / 4 : 3 + i % 2,
                 differ ? (i % 2 ? 4 : 15) : 10);
        (void)add_study(s, text);
    }
    make_studies(made, list, s, CONTEST);
    for (int i = 0; i < rows; i++) truth[i] = cit_is_fitted(&table[i]) ? 0 : nan_;
    truth[row_of("between_sd")] = -4; /* nearly 0.03 */
    truth[row_of("scale_ecca")] = 2;  /* 1.65: room to differ */
    cit_evidence *blank = evidence_of(list, CONTEST, 4, 1);
    draw_data(blank, made, truth, -1, 41, 0);
    cit_evidence_free(blank);
    *ret_e = evidence_of(list, CONTEST, 4, 1);
    cit_posterior p = near_truth(truth, 0.1, 150);
    cit_samples *samples = samples_of(*ret_e, &p, 0);
    cit_validation *v = validation_of(*ret_e, &p, samples, 43);
    free(p.numbers);
    free(truth);
    cit_samples_free(samples);
    return v;
}

static void mechanism_beats_the_mean_where_protocols_differ(void **state) {
    static made_study made[CONTEST];
    static const cit_study *list[CONTEST];
    set s;
    cit_evidence *e;
    (void)state;
    cit_validation *v = contest_of(true, &s, made, list, &e);
    print_message(
        "# protocols differ: CRPS %.2f, mean %.2f, visits %.2f, blend %.2f (weight %.2f); to "
        "mean %.2f (%.2f to %.2f)\n",
        v->crps, v->crps_mean, v->crps_visits, v->crps_blend, v->blend_weight, v->to_mean.estimate,
        v->to_mean.lo, v->to_mean.hi);
    CHECK(v->between_count == CONTEST, "%d studies", v->between_count);
    CHECK(v->to_mean.hi < 0, "no better than the mean: %.2f to %.2f", v->to_mean.lo, v->to_mean.hi);
    CHECK(v->crps_blend < v->crps_mean && v->blend_weight > 0.5, "the blend holds to the mean: %g",
          v->blend_weight);
    /* The baseline a second way: mixtures, not draws. */
    for (int i = 0; i < CONTEST; i++) {
        static cit_meta fit;
        cit_study_result others[CONTEST];
        double mean[CIT_META_NODES], sd[CIT_META_NODES];
        int n = 0;
        for (int j = 0; j < CONTEST; j++) {
            const double error = 100 * v->between[j].figure->error;
            if (j != i) others[n++] = (cit_study_result){v->between[j].seen, error * error, 0};
        }
        const cit_meta_prior prior = {.tau_scale = 20};
        errs = (cit_errors){0};
        CHECK(cit_meta_fit(others, n, &prior, &fit, &errs) == CIT_OK, "fit");
        const double error = 100 * v->between[i].figure->error;
        cit_meta_predict(&fit, 0, error * error, mean, sd);
        const cit_mixture mixture = {CIT_META_NODES, fit.weight, mean, sd};
        const double want = cit_crps_mixture(&mixture, v->between[i].seen);
        CHECK(fabs(v->between[i].crps_mean - want) < 0.01 * want + 0.02, "study %d: %g, not %g", i,
              v->between[i].crps_mean, want);
    }
    cit_validation_free(v);
    cit_evidence_free(e);
    free_set(&s);
}

static void mechanism_ties_with_the_mean_where_they_do_not(void **state) {
    static made_study made[CONTEST];
    static const cit_study *list[CONTEST];
    set s;
    cit_evidence *e;
    (void)state;
    cit_validation *v = contest_of(false, &s, made, list, &e);
    print_message(
        "# protocols alike: CRPS %.2f, mean %.2f, visits %.2f, blend %.2f (weight %.2f); to "
        "mean %.2f (%.2f to %.2f)\n",
        v->crps, v->crps_mean, v->crps_visits, v->crps_blend, v->blend_weight, v->to_mean.estimate,
        v->to_mean.lo, v->to_mean.hi);
    CHECK(fabs(v->to_mean.estimate) < 0.25 * v->crps_mean, "no tie: %g", v->to_mean.estimate);
    cit_validation_free(v);
    cit_evidence_free(e);
    free_set(&s);
}

static cit_posterior posterior_of_samples(const cit_samples *s, const char *about) {
    cit_posterior p = {.draws = s->draws, .rows = s->rows, .numbers = s->numbers};
    p.about = strdup(about);
    CHECK(p.about != NULL, "no memory");
    return p;
}

/* Taking a study out of the samples again ends where a fit without it begins: the same predictions, and the
 * ratio of the two evidences. */
static void check_taken_out(const cit_evidence *e, const cit_samples *all, const cit_samples *fewer,
                            int study, const cit_validation *truly) {
    const cit_sampling with = {.chains = 300, .steps = 6, .seed = 3};
    cit_samples *refits[8] = {0};
    cit_validation *anew = NULL;
    errs = (cit_errors){0};
    CHECK(cit_sample_without(e, NULL, all, study, &with, &refits[study], &errs) == CIT_OK, "%s",
          errs.items[0].text);
    const double want = fewer->log_evidence - all->log_evidence;
    CHECK(fabs(refits[study]->log_evidence - want) < 0.3, "log evidence %g, not %g",
          refits[study]->log_evidence, want);
    CHECK(cit_validate(e, NULL, all, refits, 5, &anew, &errs) == CIT_OK, "validate");
    CHECK(anew->fitted_anew == 1, "%d", anew->fitted_anew);
    for (int i = 0; i < anew->compared_count; i++) {
        const cit_compared *a = &anew->compared[i], *r = &truly->compared[i];
        const double sd = (r->hi90 - r->lo90) / 3.29;
        if (a->figure->study != study) {
            CHECK(!isnan(a->pareto), "%s: only one study is fitted anew", a->label);
            continue;
        }
        print_message("# %s: taken out %.2f (%.2f to %.2f)\n", a->label, a->median, a->lo90,
                      a->hi90);
        CHECK(isnan(a->pareto) && fabs(a->median - r->median) < 0.3 * sd &&
                  fabs(a->lo90 - r->lo90) < 0.5 * sd && fabs(a->hi90 - r->hi90) < 0.5 * sd,
              "%s: taken out is not fitted without", a->label);
    }
    cit_validation_free(anew);
    cit_samples_free(refits[study]);
}

static void weights_leave_a_study_out_as_a_new_fit_does(void **state) {
    enum { CHAINS = 500 };
    set s = {0}, without = {0};
    char text[2000];
    static const double seen[] = {15, 18, 38, 20, 12};
    (void)state;
    for (int i = 0; i < 5; i++) {
        snprintf(text, sizeof text,
                 HEAD("s%d") "rater: open\narms:\n" ARM_FULL(
                     "x", "roller", "1.5 mm", "%d", "unknown", "10", "yes", "none",
                     "25") "    outcomes:\n" ROW("s", "4", "%g") PAIN("%g"),
                 i, 1 + i % 2, seen[i], i == 2 ? 4.2 : 3.0);
        (void)add_study(&s, text);
        if (i != 2) (void)add_study(&without, text);
    }
    make_set(&s, 4);
    make_set(&without, 4);
    cit_samples *all = settled(s.e, CHAINS, 6, 2, 1, 0),
                *fewer = settled(without.e, CHAINS, 6, 2, 2, 0);
    cit_posterior full = posterior_of_samples(all, "# studies: s0 s1 s2 s3 s4\n"),
                  refit = posterior_of_samples(fewer, "# studies: s0 s1 s3 s4\n"),
                  naive = posterior_of_samples(all, "# studies: s0 s1 s3 s4\n");
    cit_samples *of_refit = samples_of(s.e, &refit, 0);
    cit_validation *weighted = validation_of(s.e, &full, all, 5),
                   *truly = validation_of(s.e, &refit, of_refit, 5),
                   *seen_twice = validation_of(s.e, &naive, all, 5);
    int checked = 0, nearer = 0;
    for (int i = 0; i < weighted->compared_count; i++) {
        const cit_compared *w = &weighted->compared[i], *r = &truly->compared[i],
                           *n = &seen_twice->compared[i];
        if (w->figure->study != 2) continue;
        const double sd = (r->hi90 - r->lo90) / 3.29;
        print_message(
            "# %s: left out %.2f (%.2f to %.2f), fitted anew %.2f (%.2f to %.2f), not left out "
            "%.2f (%.2f to %.2f); k %.2f\n",
            w->label, w->median, w->lo90, w->hi90, r->median, r->lo90, r->hi90, n->median, n->lo90,
            n->hi90, w->pareto);
        CHECK(w->pareto < 0.7 && isnan(r->pareto) && isnan(n->pareto), "k %g", w->pareto);
        CHECK(fabs(w->median - r->median) < 0.3 * sd && fabs(w->lo90 - r->lo90) < 0.5 * sd &&
                  fabs(w->hi90 - r->hi90) < 0.5 * sd,
              "%s: the weights are not a fit without it", w->label);
        nearer += fabs(w->median - r->median) < fabs(n->median - r->median);
        checked++;
    }
    check_taken_out(s.e, all, fewer, 2, truly);
    CHECK(checked == 2, "%d figures", checked);
    CHECK(nearer == 2, "left out or not, %d of 2 are nearer to a new fit", nearer);
    cit_validation_free(weighted);
    cit_validation_free(truly);
    cit_validation_free(seen_twice);
    cit_samples_free(of_refit);
    cit_samples_free(all);
    cit_samples_free(fewer);
    free(full.about);
    free(refit.about);
    free(naive.about);
    free_set(&s);
    free_set(&without);
}

/* What the draws say of a study they have never seen does not depend on its likelihood, nor threads. */
static void unseen_studies_have_no_weights(void **state) {
    set s = {0};
    (void)state;
    (void)add_study(&s, HEAD("new") "rater: open\narms:\n" ONE_VISIT(
                            "x", "yes") "    outcomes:\n" PAIN("3") ROW("s", "4", "20"));
    make_set(&s, 4);
    cit_posterior p = prior_draws(80, 6);
    char about[] = "# cit posterior 1\n# studies: other newer\n";
    p.about = about;
    cit_samples *one = samples_of(s.e, &p, 1), *three = samples_of(s.e, &p, 3);
    CHECK(memcmp(one->predicted, three->predicted, sizeof(double) * 80 * (size_t)one->values) ==
                  0 &&
              memcmp(one->likelihood, three->likelihood, sizeof(double) * 80) == 0,
          "threads differ");
    cit_validation *a = validation_of(s.e, &p, one, 1);
    for (int d = 0; d < 80; d++) three->likelihood[d] = -0.5 * d;
    cit_validation *b = validation_of(s.e, &p, three, 1);
    CHECK(a->compared_count == 2 && a->between_count == 0, "%d compared", a->compared_count);
    CHECK(memcmp(a->compared, b->compared, 2 * sizeof *a->compared) == 0, "weighted");
    cit_validation_free(b);
    char knows[] = "# cit posterior 1\n# studies: other new\n";
    p.about = knows;
    b = validation_of(s.e, &p, three, 1);
    CHECK(memcmp(a->compared, b->compared, 2 * sizeof *a->compared) != 0, "not weighted");
    cit_validation_free(a);
    cit_validation_free(b);
    cit_samples_free(one);
    cit_samples_free(three);
    free(p.numbers);
    free_set(&s);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_posterior_is_read_as_it_was_written),
        CASE(numbers_beyond_what_is_read_are_not_written_silently),
        CASE(every_fault_of_a_posterior_is_one_located_error),
        CASE(a_posterior_of_odd_kinds_is_refused),
        CASE(an_empty_first_line_is_no_first_line),
        CASE(a_parameter_stands_in_one_column),
        CASE(a_last_line_that_was_cut_is_seen),
        CASE(means_are_shares_of_the_start_with_their_error),
        CASE(classes_signs_ranges_and_events_are_figures),
        CASE(what_the_model_has_no_counterpart_for_is_left_out),
        CASE(untreated_arms_are_drift_and_a_rater_who_knows),
        CASE(arms_alike_are_followed_once),
        CASE(figures_of_the_catalogue_make_sense),
        CASE(one_score_has_its_closed_form),
        CASE(two_studies_add_and_two_rows_share_their_effect),
        CASE(classes_are_a_multinomial_over_peoples_own_improvement),
        CASE(a_bound_is_all_that_it_allows),
        CASE(grades_are_counted_from_half_to_half),
        CASE(a_class_of_exactly_all_of_it_can_be_met),
        CASE(signs_go_the_right_way_and_add_up),
        CASE(orders_redness_and_pigment_have_their_closed_forms),
        CASE(pain_and_tissue_have_their_closed_forms),
        CASE(a_study_without_figures_has_likelihood_one),
        CASE(single_visits_and_odd_settings_are_evidence_too),
        CASE(without_figures_the_posterior_is_the_prior),
        CASE(the_same_seed_gives_the_same_bytes_on_any_threads),
        CASE(a_stop_leaves_nothing),
        CASE(the_sampler_agrees_with_importance_sampling),
        CASE(pain_studies_tell_of_pain_alone),
        CASE(what_no_figure_sees_is_not_said_to_be_informed),
        CASE(truths_are_draws_like_any_other),
        CASE(truths_of_pain_are_draws_like_any_other),
        CASE(intervals_hold_what_they_say),
        CASE(coverage_of_both_intervals_is_given),
        CASE(studies_of_one_number_of_visits_are_validated),
        CASE(mechanism_beats_the_mean_where_protocols_differ),
        CASE(mechanism_ties_with_the_mean_where_they_do_not),
        CASE(weights_leave_a_study_out_as_a_new_fit_does),
        CASE(unseen_studies_have_no_weights),
    };
    return cmocka_run_group_tests(cases, open_all, close_all);
}
