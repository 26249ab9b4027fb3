/* Virtual trials against what can be known without them: power in closed form, people who do not depend on the
 * size of a trial, sums that do not depend on threads, processes or interruptions, refusals, bad files. */
#include "input_help.h"
#include <cit/num.h>
#include <cit/report.h>
#include <pthread.h>
#include <unistd.h>
#ifdef CIT_HDF5
#include <hdf5.h>
#endif

static cit_catalogue *catalogue;

/* ---- files -------------------------------------------------------------------------------------- */

#define PEN "examples/trials/protocols/pen-monthly.yaml"

typedef struct text {
    char bytes[6000];
} text;

/* A trial whose protocols lie in the source tree. */
static text trial_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
static text trial_text(const char *format, ...) {
    text t;
    va_list list;
    va_start(list, format);
    const int n = vsnprintf(t.bytes, sizeof t.bytes, format, list);
    va_end(list);
    CHECK(n > 0 && n < (int)sizeof t.bytes, "the text is too long");
    return t;
}

static cit_trial *trial_of(const char *words) {
    cit_errors errs = {0};
    cit_trial *t = NULL;
    const path name = source_path("x.yaml");
    const cit_status st = cit_trial_parse(name.text, words, strlen(words), &t, &errs);
    CHECK(st == CIT_OK && errs.count == 0, "refused: %s: %s\n%s", errs.items[0].where,
          errs.items[0].text, words);
    return t;
}

/* Two arms of which nothing is known but the rater's noise: what is seen is exactly normal. */
static text exact(const char *design, const char *test, const char *more_of_endpoint, int people,
                  const char *rater, const char *rest) {
    return trial_text("schema: cit/trial/1\nname: exact\ndesign: %s\n"
                      "population: {kinds: 2}\narms:\n"
                      "  - {name: one, untreated: yes}\n  - {name: two, untreated: yes}\n"
                      "conduct: {people: %d, rater: {blinded: yes, %s}}\n"
                      "endpoints:\n  - {name: score, quantity: "
                      "goodman_baron_improvement_percent, at: 26 weeks, test: %s%s}\n%s",
                      design, people, rater, test, more_of_endpoint, rest);
}

static cit_trial_result *run_with(const cit_trial *t, cit_trial_options how) {
    cit_errors errs = {0};
    cit_trial_result *r = NULL;
    const cit_status st = cit_trial_run(t, catalogue, &how, &r, &errs);
    CHECK(st == CIT_OK, "status %d: %s: %s", st, errs.items[0].where, errs.items[0].text);
    return r;
}

static cit_trial_result *run(const cit_trial *t, int trials) {
    return run_with(t, (cit_trial_options){.seed = t->seed, .trials = trials});
}

static char *json_of(const cit_trial *t, const cit_trial_result *r) {
    cit_errors errs = {0};
    char *bytes = NULL;
    const cit_trial_report report = {"cit test", t, catalogue, r};
    CHECK(cit_report_trial_json(&report, &bytes, &errs) == CIT_OK, "%s", errs.items[0].text);
    return bytes;
}

static char *methods_of(const cit_trial *t, const cit_trial_result *r) {
    cit_errors errs = {0};
    char *bytes = NULL;
    const cit_trial_report report = {"cit test", t, catalogue, r};
    CHECK(cit_report_trial_methods(&report, &bytes, &errs) == CIT_OK, "%s", errs.items[0].text);
    return bytes;
}

/* What the methods say, and what they must not. */
static void check_methods(const char *words, int trials, const char *const *said,
                          const char *const *unsaid) {
    cit_trial *t = trial_of(words);
    cit_trial_result *r = run(t, trials);
    char *methods = methods_of(t, r);
    for (; *said != NULL; said++)
        CHECK(strstr(methods, *said) != NULL, "'%s' is not said:\n%s", *said, methods);
    for (; *unsaid != NULL; unsaid++)
        CHECK(strstr(methods, *unsaid) == NULL, "'%s' is said:\n%s", *unsaid, methods);
    free(methods);
    cit_trial_result_free(r);
    cit_trial_free(t);
}

static text needled(const char *population, const char *conduct, const char *rest) {
    return trial_text(
        "schema: cit/trial/1\nname: needled\ndesign: parallel\n%sarms:\n"
        "  - {name: untreated, untreated: yes}\n  - {name: pen, protocol: " PEN "}\n"
        "conduct: {people: 24, %s}\nendpoints:\n"
        "  - {name: score, quantity: goodman_baron_improvement_percent, at: 20 weeks, test: "
        "welch}\n%s",
        population, conduct, rest);
}

static int people_of(const text *words, int people, int trials, cit_trial_person **ret) {
    cit_trial *t = trial_of(words->bytes);
    int count = 0;
    cit_errors errs = {0};
    const cit_trial_options how = {.seed = 5, .people = people};
    CHECK(cit_trial_people(t, catalogue, &how, trials, ret, &count, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    cit_trial_free(t);
    return count;
}

#ifdef CIT_HDF5
static void check_attribute(hid_t where, const char *name) {
    char words[4000] = "";
    const hid_t a = H5Aopen(where, name, H5P_DEFAULT), type = H5Aget_type(a);
    CHECK(H5Tget_size(type) < sizeof words && H5Aread(a, type, words) >= 0, "no %s", name);
    CHECK(cit_text_is_plain(words), "%s has a piece of a character", name);
    H5Tclose(type);
    H5Aclose(a);
}

static void check_hdf5_texts(const cit_trial_report *report, const cit_trial_person *people,
                             int n) {
    unsigned char *image = NULL;
    size_t size = 0;
    cit_errors errs = {0};
    CHECK(cit_report_trial_people_hdf5(report, people, n, &image, &size, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    const hid_t in_memory = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(in_memory, 1 << 16, false);
    H5Pset_file_image(in_memory, image, size);
    const hid_t file = H5Fopen("people.h5", H5F_ACC_RDONLY, in_memory);
    const hid_t set = H5Dopen2(file, "endpoint_1", H5P_DEFAULT);
    check_attribute(set, "meaning");
    check_attribute(file, "arms");
    H5Dclose(set);
    H5Fclose(file);
    H5Pclose(in_memory);
    free(image);
}
#endif

/* ---- closed forms --------------------------------------------------------------------------------- */

/* The share of trials against the true power: within what so many trials leave open, at one in a thousand. */
static void check_power(const cit_trial_result *r, double want) {
    const cit_trial_share s = cit_trial_run_of(r, CIT_RUN_POWER)->found[0].success;
    double lo = 0, hi = 0;
    CHECK(cit_exact_interval((int)s.events, (int)s.of, 0.999, &lo, &hi), "no interval");
    CHECK(lo <= want && want <= hi, "power %.4f of %d trials (%.4f to %.4f), not %.4f", s.share,
          (int)s.of, lo, hi, want);
}

static void power_case(text words, int trials, double want) {
    cit_trial *t = trial_of(words.bytes);
    cit_trial_result *r = run(t, trials);
    check_power(r, want);
    cit_trial_result_free(r);
    cit_trial_free(t);
}

enum { TRIALS = 400 };

static void two_samples_have_the_power_of_student(void **state) {
    (void)state;
    power_case(exact("parallel", "welch", "", 40, "noise: 15", "repeats: {effect: 12}\n"), TRIALS,
               cit_power_t(12 / (15 * sqrt(2.0 / 20)), 38, 0.05, 2));
}

static void one_sided_tests_have_their_power(void **state) {
    (void)state;
    power_case(exact("parallel", "ancova", "", 40, "noise: 15",
                     "analysis: {sides: 1, alpha: 0.05}\nrepeats: {effect: 10}\n"),
               TRIALS, cit_power_t(10 / (15 * sqrt(2.0 / 20)), 37, 0.05, 1));
}

/* No effect: a two-sided test at 0.05 finds it better in 0.025. */
static void nothing_is_found_where_there_is_nothing(void **state) {
    (void)state;
    power_case(exact("parallel", "welch", "", 40, "noise: 15", "repeats: {effect: 0}\n"), TRIALS,
               0.025);
}

static void noninferiority_is_the_test_of_a_shifted_effect(void **state) {
    (void)state;
    power_case(exact("parallel", "welch", ", claim: non-inferiority, margin: 12", 40, "noise: 15",
                     "repeats: {effect: 0}\n"),
               TRIALS, cit_power_t(12 / (15 * sqrt(2.0 / 20)), 38, 0.025, 1));
}

/* The sides' errors correlate at 0.6 and sides differ by 5: the difference's variance is known. */
static void pairs_have_the_power_of_their_differences(void **state) {
    (void)state;
    const double sd = sqrt(2 * 15 * 15 * (1 - 0.6) + 2 * 5 * 5);
    power_case(exact("split-face", "paired", "", 20,
                     "noise: 15, sides_correlation: 0.6, sides_sd: 5", "repeats: {effect: 9}\n"),
               TRIALS, cit_power_t(9 / (sd / sqrt(20)), 19, 0.05, 2));
}

static void the_sides_of_a_face_correlate_as_stated(void **state) {
    (void)state;
    const text words =
        exact("split-face", "paired", "", 20, "noise: 15, sides_correlation: 0.6, sides_sd: 5", "");
    cit_trial *t = trial_of(words.bytes);
    cit_trial_result *r = run(t, 200);
    const double rho = cit_trial_run_of(r, CIT_RUN_POWER)->sides_rho, true_rho = 135.0 / 250;
    /* The mean of 200 correlations of 20 pairs: its error about (1 - rho^2) / sqrt(19 200). */
    CHECK_CLOSE(rho, true_rho, 0.06);
    cit_trial_result_free(r);
    cit_trial_free(t);
}

/* One deviation apart: 17 an arm reach 0.8 (Cohen 1988), and steps of the search are 2. */
static void the_search_finds_the_size_of_the_tables(void **state) {
    (void)state;
    const text words = exact("parallel", "welch", "", 20, "noise: 15",
                             "repeats: {effect: 15, target: 0.8, goal: power, most_people: 64}\n");
    cit_trial *t = trial_of(words.bytes);
    cit_trial_result *r = run(t, TRIALS);
    CHECK(r->searched, "there was no search");
    /* 0.8 -+ 3.3 x 0.02: power is 0.73 at 30 people and 0.87 at 40. */
    CHECK(r->sample_size > 28 && r->sample_size < 42, "%d people, not about 34", r->sample_size);
    cit_trial_result_free(r);
    cit_trial_free(t);
}

/* ---- several endpoints, with stated effects -------------------------------------------------------------- */

/* Two endpoints whose errors are independent, an alpha of 0.05, two-sided. */
static text two_endpoints(const char *multiplicity) {
    return trial_text(
        "schema: cit/trial/1\nname: two\ndesign: parallel\npopulation: {kinds: 2}\narms:\n"
        "  - {name: one, untreated: yes}\n  - {name: two, untreated: yes}\n"
        "conduct: {people: 40, rater: {blinded: yes, noise: 15}}\nendpoints:\n"
        "  - {name: early, quantity: goodman_baron_improvement_percent, at: 13 weeks, test: welch, "
        "effect: 12}\n"
        "  - {name: late, quantity: goodman_baron_improvement_percent, at: 26 weeks, test: welch, "
        "effect: 9}\n"
        "analysis: {multiplicity: %s}\n",
        multiplicity);
}

static double power_of(double effect, double alpha) {
    return cit_power_t(effect / (15 * sqrt(2.0 / 20)), 38, alpha, 1);
}

static void check_share(const cit_trial_share *s, double want, const char *what) {
    double lo = 0, hi = 0;
    CHECK(cit_exact_interval((int)s->events, (int)s->of, 0.999, &lo, &hi), "no interval");
    CHECK(lo <= want && want <= hi, "%s: %.4f of %d trials (%.4f to %.4f), not %.4f", what,
          s->share, (int)s->of, lo, hi, want);
}

static void multiplicity_case(const char *multiplicity, double early, double late) {
    const text words = two_endpoints(multiplicity);
    cit_trial *t = trial_of(words.bytes);
    cit_trial_result *r = run(t, 250);
    const cit_trial_summary *s = cit_trial_run_of(r, CIT_RUN_POWER);
    check_share(&s->found[0].success, early, multiplicity);
    check_share(&s->found[1].success, late, multiplicity);
    cit_trial_result_free(r);
    cit_trial_free(t);
}

/* Each has its effect; with independent errors the procedures' powers are products of the single ones. */
static void several_endpoints_have_the_power_of_their_procedure(void **state) {
    (void)state;
    const double a = 0.025, e1 = power_of(12, a), e2 = power_of(9, a);
    const double h1 = power_of(12, a / 2), h2 = power_of(9, a / 2);
    multiplicity_case("bonferroni", h1, h2);
    multiplicity_case("fixed-sequence", e1, e1 * e2);
    /* Holm: at half the error, or at the whole of it where the other falls at half. */
    multiplicity_case("holm", h1 + (e1 - h1) * h2, h2 + (e2 - h2) * h1);
    /* Hochberg: also both at the whole. */
    multiplicity_case("hochberg", h1 + (e1 - h1) * e2, h2 + (e2 - h2) * e1);
}

/* One look at a face gives score and responder: one error, one difference of the sides. */
static void endpoints_of_one_rating_share_its_error(void **state) {
    (void)state;
    const text words = trial_text(
        "schema: cit/trial/1\nname: same\ndesign: split-face\npopulation: {kinds: 2}\narms:\n"
        "  - {name: one, untreated: yes}\n  - {name: two, untreated: yes}\n"
        "conduct: {people: 12, rater: {blinded: yes, noise: 15, sides_sd: 5}}\nendpoints:\n"
        "  - {name: score, quantity: goodman_baron_improvement_percent, at: 13 weeks, test: "
        "paired}\n"
        "  - {name: half, quantity: goodman_baron_improvement_percent, at: 13 weeks, responder: "
        "10, "
        "test: paired-shares}\n"
        "  - {name: late, quantity: goodman_baron_improvement_percent, at: 26 weeks, test: "
        "paired}\n");
    cit_trial *t = trial_of(words.bytes);
    cit_trial_person *people = NULL;
    int n = 0;
    cit_errors errs = {0};
    const cit_trial_options how = {.seed = 3};
    CHECK(cit_trial_people(t, catalogue, &how, 1, &people, &n, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    for (int i = 0; i < n; i++) {
        CHECK(people[i].value[0] == people[i].value[1], "%g and %g of one rating",
              people[i].value[0], people[i].value[1]);
        CHECK(people[i].value[0] != people[i].value[2], "one error at two times");
    }
    free(people);
    cit_trial_free(t);
}

/* ---- one-sided p --------------------------------------------------------------------------------------- */

static double hypergeometric(int k, int nx, int ny, int events) {
    return exp(lgamma(nx + 1.0) - lgamma(k + 1.0) - lgamma(nx - k + 1.0) + lgamma(ny + 1.0) -
               lgamma(events - k + 1.0) - lgamma(ny - events + k + 1.0) - lgamma(nx + ny + 1.0) +
               lgamma(events + 1.0) + lgamma(nx + ny - events + 1.0));
}

static double upper_p(int x, int nx, int y, int ny) {
    const double pooled = (double)(x + y) / (nx + ny);
    double p = 0;
    if (fmin(nx, ny) * fmin(pooled, 1 - pooled) >= 5)
        return cit_normal_cdf(-((double)x / nx - (double)y / ny) /
                              sqrt(pooled * (1 - pooled) * (1.0 / nx + 1.0 / ny)));
    for (int k = x; k <= (nx < x + y ? nx : x + y); k++)
        if (x + y - k <= ny) p += hypergeometric(k, nx, ny, x + y);
    return p;
}

static double chance_of(int k, int n, double share) {
    return cit_binomial_cdf(k, n, share) - (k > 0 ? cit_binomial_cdf(k - 1, n, share) : 0);
}

/* Fisher's two-sided p often has nothing at the other end: half of it would find too much. Raters err so much
 * that what clinics do otherwise does not count. */
static void shares_err_one_sided_as_they_may(void **state) {
    (void)state;
    enum { NX = 10, NY = 30, MANY = 800 };
    const double alpha = 0.1;
    const text words = trial_text(
        "schema: cit/trial/1\nname: shares\ndesign: parallel\npopulation: {kinds: 2}\narms:\n"
        "  - {name: one, untreated: yes, share: 3}\n  - {name: two, untreated: yes}\n"
        "conduct: {people: 40, block: 10, rater: {blinded: yes, noise: 300}}\nendpoints:\n"
        "  - {name: r, quantity: goodman_baron_improvement_percent, at: 26 weeks, test: shares, "
        "responder: 315, effect: 0}\nanalysis: {alpha: %g, sides: 1}\n",
        alpha);
    cit_trial *t = trial_of(words.bytes);
    cit_trial_result *r = run(t, MANY);
    const cit_trial_summary *s = cit_trial_run_of(r, CIT_RUN_POWER);
    const double share = 0.75 * s->seen[0].responders + 0.25 * s->seen[1].responders;
    double want = 0;
    CHECK(share > 0.1 && share < 0.2, "%.3f responders: the case says little", share);
    for (int x = 0; x <= NX; x++)
        for (int y = 0; y <= NY; y++)
            if ((double)x / NX > (double)y / NY && upper_p(x, NX, y, NY) <= alpha)
                want += chance_of(x, NX, share) * chance_of(y, NY, share);
    check_share(&s->found[0].success, want, "shares");
    cit_trial_result_free(r);
    cit_trial_free(t);
}

/* Most people count as unchanged, so that most pairs are equal and their median is 0; ranks still tell. */
static void ranks_tell_where_the_median_does_not(void **state) {
    (void)state;
    static const char *const designs[][2] = {{"parallel", "mann-whitney"},
                                             {"split-face", "signed-rank"}};
    for (int i = 0; i < 2; i++) {
        const text words = trial_text(
            "schema: cit/trial/1\nname: ranks\ndesign: %s\npopulation: {kinds: 2}\narms:\n"
            "  - {name: one, untreated: yes}\n  - {name: two, untreated: yes}\n"
            "conduct: {people: 120, drop_out: 0.8, rater: {blinded: yes, noise: 1}}\nendpoints:\n"
            "  - {name: s, quantity: goodman_baron_improvement_percent, at: 8 weeks, test: %s, "
            "effect: %d}\nanalysis: {missing: no-change}\n",
            designs[i][0], designs[i][1], i == 0 ? -60 : 60);
        cit_trial *t = trial_of(words.bytes);
        cit_trial_result *r = run(t, 40);
        const cit_trial_found *f = &cit_trial_run_of(r, CIT_RUN_POWER)->found[0];
        const cit_trial_share *found = i == 0 ? &f->against : &f->success;
        CHECK_CLOSE(f->median, 0, 0.2);
        CHECK(found->share > 0.5, "%s: found in %.2f", designs[i][1], found->share);
        cit_trial_result_free(r);
        cit_trial_free(t);
    }
}

/* ---- allocation ---------------------------------------------------------------------------------------- */

static void nobody_is_added_to_make_rounds(void **state) {
    (void)state;
    const text words = exact("parallel", "welch", "", 37, "noise: 15", "");
    cit_trial *t = trial_of(words.bytes);
    cit_trial_result *r = run(t, 20);
    CHECK(cit_trial_run_of(r, CIT_RUN_ASSURANCE)->enrolled == 20 * 37, "not 37 people a trial");
    cit_trial_result_free(r);
    cit_trial_free(t);
}

enum { CELLS = 2 * 3 * 6 };

static int cell_of_person(const cit_trial_person *p) {
    return (p->clinic * 3 + p->kind.grade - 2) * 6 + p->kind.skin_type - 1;
}

/* In every clinic, grade and skin type: whole blocks are balanced, and never is half a block between arms. */
static void strata_are_balanced(void **state) {
    (void)state;
    enum { BLOCK = 6 };
    const text words =
        needled("population: {kinds: 40, grades: [1, 1, 1], skin_types: [1, 1, 1, 1, 1, 1]}\n",
                "clinics: 2, block: 3, strata: [grade, skin_type], rater: {blinded: yes}", "");
    cit_trial_person *people = NULL;
    const int n = people_of(&words, 600, 2, &people);
    int met = 0;
    for (int trial = 0; trial < 2; trial++) {
        int arms[CELLS][2] = {{0}};
        for (int i = 0; i < n; i++) {
            if (people[i].trial != trial) continue;
            int *arm = arms[cell_of_person(&people[i])];
            arm[people[i].arm]++;
            const int apart = abs(arm[0] - arm[1]);
            CHECK(apart <= BLOCK / 2, "%d and %d in a stratum", arm[0], arm[1]);
            CHECK((arm[0] + arm[1]) % BLOCK != 0 || apart == 0, "a block is not balanced");
        }
        for (int c = 0; c < CELLS; c++) met += arms[c][0] + arms[c][1] >= BLOCK;
    }
    CHECK(met > CELLS, "%d strata have whole blocks", met);
    free(people);
}

/* Without strata the arms of a grade are apart as chance will have it. */
static void without_strata_grades_are_not_balanced(void **state) {
    (void)state;
    const text words = needled("population: {kinds: 40, grades: [1, 1, 1]}\n",
                               "block: 3, rater: {blinded: yes}", "");
    cit_trial_person *people = NULL;
    const int n = people_of(&words, 600, 1, &people);
    int arms[3][2] = {{0}}, most = 0;
    for (int i = 0; i < n; i++) {
        int *arm = arms[people[i].kind.grade - 2];
        arm[people[i].arm]++;
        if (abs(arm[0] - arm[1]) > most) most = abs(arm[0] - arm[1]);
    }
    CHECK(most > 3, "%d apart at most", most);
    free(people);
}

static void strata_need_somebody_of_whom_they_are_known(void **state) {
    (void)state;
    static const char csv[] = "age,sex\n22,female\n31,male\n";
    const text words =
        needled("population: {people: p.csv}\n", "strata: [sex, grade], rater: {blinded: yes}", "");
    cit_trial *t = trial_of(words.bytes);
    cit_errors errs = {0};
    cit_trial_result *r = NULL;
    const cit_trial_options how = {.seed = 1, .trials = 20};
    CHECK(cit_trial_take_people(t, "p.csv", csv, sizeof csv - 1, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    CHECK(cit_trial_run(t, catalogue, &how, &r, &errs) == CIT_INVALID, "ran");
    CHECK(strstr(errs.items[0].text, "of nobody in 'p.csv' 'grade' is known") != NULL, "%s",
          errs.items[0].text);
    cit_trial_free(t);
}

static void shares_of_allocation_are_kept(void **state) {
    (void)state;
    const text words = trial_text(
        "schema: cit/trial/1\nname: shares\ndesign: parallel\npopulation: {kinds: 2}\narms:\n"
        "  - {name: one, untreated: yes}\n  - {name: two, untreated: yes, share: 2}\n"
        "conduct: {people: 36, clinics: 2, block: 1, rater: {blinded: yes}}\nendpoints:\n"
        "  - {name: s, quantity: goodman_baron_improvement_percent, at: 8 weeks, test: welch}\n");
    cit_trial *t = trial_of(words.bytes);
    cit_trial_person *people = NULL;
    int count = 0, arms[2][2] = {{0}};
    cit_errors errs = {0};
    const cit_trial_options how = {.seed = 3};
    CHECK(cit_trial_people(t, catalogue, &how, 1, &people, &count, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    CHECK(count == 36, "%d people", count);
    for (int i = 0; i < count; i++) arms[people[i].clinic][people[i].arm]++;
    for (int c = 0; c < 2; c++)
        CHECK(arms[c][0] == 6 && arms[c][1] == 12, "%d and %d in clinic %d", arms[c][0], arms[c][1],
              c);
    free(people);
    cit_trial_free(t);
}

/* ---- who and what ------------------------------------------------------------------------------------ */

static void a_smaller_trial_is_the_beginning_of_a_larger_one(void **state) {
    (void)state;
    const text words = needled("", "drop_out: 0.2, missed_visits: 0.2, rater: {blinded: yes}", "");
    cit_trial_person *small = NULL, *large = NULL;
    const int n = people_of(&words, 12, 1, &small), m = people_of(&words, 30, 1, &large);
    CHECK(n == 12 && m == 30, "%d and %d people", n, m);
    for (int i = 0; i < n; i++)
        CHECK(memcmp(&small[i], &large[i], sizeof small[i]) == 0, "person %d is another one", i);
    free(small);
    free(large);
}

static void drop_out_and_missed_visits_are_as_stated(void **state) {
    (void)state;
    const text words = needled("", "drop_out: 0.25, missed_visits: 0.3, rater: {blinded: yes}", "");
    cit_trial_person *people = NULL;
    const int n = people_of(&words, 400, 1, &people);
    int left = 0, missed = 0, visits = 0, unseen = 0;
    for (int i = 0; i < n; i++) {
        left += people[i].dropped_out;
        unseen += !cit_known(people[i].value[0]);
        missed += people[i].visits_missed;
        visits += people[i].arm == 1 ? 2 : 0; /* the first is never missed */
    }
    CHECK(unseen == left, "%d left and %d were not seen", left, unseen);
    CHECK_CLOSE((double)left / n, 0.25, 3.3 * sqrt(0.25 * 0.75 / n));
    CHECK_CLOSE((double)missed / visits, 0.3, 3.3 * sqrt(0.3 * 0.7 / visits));
    free(people);
}

/* ---- informative drop-out ------------------------------------------------------------------------------ */

/* Improvements are normal between people, beside whose deviation worlds and clinics hardly count, since the
 * mean of trials' means does not see who leaves more in one trial than in another. */
static char nothing_done[40] = "/tmp/cit-test-XXXXXX"; /* a course whose only visit is missed */

static text leavers(const char *leaving) {
    return trial_text(
        "schema: cit/trial/1\nname: leavers\ndesign: parallel\npopulation: {kinds: 2}\narms:\n"
        "  - {name: one, protocol: %s, adds: {percent: 30, sd: 0, people_sd: 90, source: a}}\n"
        "  - {name: two, protocol: %s, adds: {percent: 30, sd: 0, people_sd: 90, source: a}}\n"
        "conduct: {people: 60, drop_out: 0.3, %srater: {blinded: yes, noise: 5}}\nendpoints:\n"
        "  - {name: early, quantity: goodman_baron_improvement_percent, at: 13 weeks, test: "
        "welch}\n"
        "  - {name: score, quantity: goodman_baron_improvement_percent, at: 26 weeks, test: "
        "welch}\n"
        "repeats: {sensitivity: yes}\n",
        nothing_done, nothing_done, leaving);
}

/* Mean and deviation of the last endpoint, both arms together. */
static double mean_late(const cit_trial_summary *s) {
    return 0.5 * (s->seen[2].mean + s->seen[3].mean);
}
static double sd_late(const cit_trial_summary *s) {
    return sqrt(0.5 * (s->seen[2].sd * s->seen[2].sd + s->seen[3].sd * s->seen[3].sd) +
                0.5 * (s->seen[2].sd_of_means * s->seen[2].sd_of_means +
                       s->seen[3].sd_of_means * s->seen[3].sd_of_means));
}

/* Who is left of a normal distribution when a share leaves that correlates at rho with it: the mean moves by
 * -rho phi(c) / (1 - share) deviations, c being the share's quantile (Heckman 1979). The rater's error is no
 * part of what people leave for. */
static void complete_cases_are_biased_by_a_known_amount(void **state) {
    (void)state;
    const double share = 0.3, c = cit_normal_quantile(share);
    const double density = exp(-0.5 * c * c) / sqrt(2 * 3.14159265358979323846);
    static const double rhos[] = {-0.6, 0.6};
    for (int i = 0; i < 2; i++) {
        char leaving[80];
        snprintf(leaving, sizeof leaving, "drop_out_correlation: {improvement: %g}, ", rhos[i]);
        const text words = leavers(leaving);
        cit_trial *t = trial_of(words.bytes);
        cit_trial_result *r = run(t, 100);
        const cit_trial_summary *planned = cit_trial_run_of(r, CIT_RUN_ASSURANCE);
        const cit_trial_summary *all = cit_trial_run_of(r, CIT_RUN_DROP_NONE);
        const cit_trial_summary *random = cit_trial_run_of(r, CIT_RUN_DROP_RANDOM);
        const double sd = sqrt(sd_late(all) * sd_late(all) - 25);
        const double want = -rhos[i] * sd * density / (1 - share);
        CHECK(all != NULL && random != NULL, "runs are missing");
        CHECK(cit_trial_run_of(r, CIT_RUN_DROP_INFORMATIVE) == NULL, "a run too many");
        CHECK_CLOSE((double)planned->dropped_out / (double)planned->enrolled, share, 0.02);
        CHECK_CLOSE(mean_late(planned) - mean_late(all), want, 0.1 * fabs(want));
        CHECK_CLOSE(mean_late(random) - mean_late(all), 0, 0.1 * fabs(want));
        /* Half have left by the first endpoint: some bias, and less. */
        CHECK(planned->seen[0].analysed > planned->seen[2].analysed, "nobody left in between");
        cit_trial_result_free(r);
        cit_trial_free(t);
    }
}

/* Where leaving depends on the improvement, which differs between worlds, the share who leave is told by
 * worlds, and not by people: with these seeds 64 of them made it 0.26 and 0.37. */
static void the_share_who_leave_is_kept_over_worlds(void **state) {
    (void)state;
    static const uint64_t seeds[] = {3, 7};
    enum { MANY = 1024, PEOPLE = 4 };
    const text words = trial_text(
        "schema: cit/trial/1\nname: share\ndesign: parallel\npopulation: {kinds: 2}\narms:\n"
        "  - {name: one, untreated: yes}\n  - {name: two, protocol: " PEN "}\n"
        "conduct: {people: %d, drop_out: 0.3, drop_out_correlation: {improvement: -0.9}, rater: "
        "{blinded: yes}}\nendpoints:\n"
        "  - {name: s, quantity: goodman_baron_improvement_percent, at: 20 weeks, test: welch}\n",
        PEOPLE);
    cit_trial *t = trial_of(words.bytes);
    for (int i = 0; i < 2; i++) {
        cit_trial_person *people = NULL;
        cit_errors errs = {0};
        int n = 0, left = 0;
        const cit_trial_options how = {.seed = seeds[i], .trials = MANY};
        CHECK(cit_trial_people(t, catalogue, &how, MANY, &people, &n, &errs) == CIT_OK, "%s",
              errs.items[0].text);
        for (int k = 0; k < n; k++) left += people[k].dropped_out;
        /* 2048 people of the reference, 4096 here, each other world among both: an error of 0.012. */
        CHECK_CLOSE((double)left / n, 0.3, 0.035);
        free(people);
    }
    cit_trial_free(t);
}

static void the_table_asks_what_informative_drop_out_would_do(void **state) {
    (void)state;
    const text words = leavers("");
    cit_trial *t = trial_of(words.bytes);
    cit_trial_result *r = run(t, 60);
    const cit_trial_summary *planned = cit_trial_run_of(r, CIT_RUN_ASSURANCE);
    const cit_trial_summary *informative = cit_trial_run_of(r, CIT_RUN_DROP_INFORMATIVE);
    CHECK(cit_trial_run_of(r, CIT_RUN_DROP_RANDOM) == NULL, "a run too many");
    CHECK(informative != NULL, "no such run");
    CHECK(mean_late(informative) > mean_late(planned) + 3, "%.2f beside %.2f",
          mean_late(informative), mean_late(planned));
    cit_trial_result_free(r);
    cit_trial_free(t);
}

static int by_start(const void *a, const void *b) {
    const cit_trial_person *x = a, *y = b;
    return (x->start_gb > y->start_gb) - (x->start_gb < y->start_gb);
}

/* The normal scores of those who stay have the mean -rho phi(c) / (1 - share). */
static void the_severe_leave_where_it_is_said(void **state) {
    (void)state;
    const double share = 0.3, rho = 0.7, c = cit_normal_quantile(share);
    const double density = exp(-0.5 * c * c) / sqrt(2 * 3.14159265358979323846);
    const text words = needled(
        "", "drop_out: 0.3, drop_out_correlation: {severity: 0.7}, rater: {blinded: yes}", "");
    cit_trial_person *people = NULL;
    const int n = people_of(&words, 60, 20, &people);
    double sum = 0;
    int stayed = 0;
    qsort(people, (size_t)n, sizeof *people, by_start);
    for (int i = 0; i < n; i++) {
        if (people[i].dropped_out) continue;
        sum += cit_normal_quantile((i + 0.5) / n);
        stayed++;
    }
    CHECK_CLOSE((double)stayed / n, 1 - share, 0.05);
    CHECK_CLOSE(sum / stayed, -rho * density / (1 - share), 0.1);
    free(people);
}

static double mean_of_arm(const cit_trial_person *people, int n, int arm) {
    double sum = 0;
    int count = 0;
    for (int i = 0; i < n; i++)
        if (people[i].arm == arm) {
            sum += people[i].value[0];
            count++;
        }
    return sum / count;
}

/* The same people and worlds: only who is needled gains from a rater who knows, and from 0 to 50 points. */
static void an_open_rater_favours_the_treated_alone(void **state) {
    (void)state;
    const text blinded = needled("", "rater: {blinded: yes}", ""),
               open = needled("", "rater: {blinded: no}", "");
    cit_trial_person *a = NULL, *b = NULL;
    const int n = people_of(&blinded, 24, 4, &a);
    people_of(&open, 24, 4, &b);
    CHECK_CLOSE(mean_of_arm(b, n, 0) - mean_of_arm(a, n, 0), 0, 1e-12);
    const double gain = mean_of_arm(b, n, 1) - mean_of_arm(a, n, 1);
    CHECK(gain > 1 && gain < 50, "%.2f points", gain);
    free(a);
    free(b);
}

static void a_missed_visit_is_a_wound_less(void **state) {
    (void)state;
    const text all = needled("", "rater: {blinded: yes, noise: 0}", ""),
               some = needled("", "missed_visits: 0.95, rater: {blinded: yes, noise: 0}", "");
    cit_trial_person *a = NULL, *b = NULL;
    const int n = people_of(&all, 24, 2, &a);
    people_of(&some, 24, 2, &b);
    CHECK_CLOSE(mean_of_arm(b, n, 0), mean_of_arm(a, n, 0), 1e-12);
    CHECK(mean_of_arm(b, n, 1) < mean_of_arm(a, n, 1), "%.2f is not below %.2f",
          mean_of_arm(b, n, 1), mean_of_arm(a, n, 1));
    free(a);
    free(b);
}

static void kinds_follow_the_population(void **state) {
    (void)state;
    const text words =
        needled("population: {kinds: 10, female: 0.3, grades: [0, 1, 1], age: {from: "
                "20 years, to: 40 years}, scars: [{type: boxcar, count: {from: 3, "
                "to: 9}}]}\n",
                "rater: {blinded: yes}", "");
    cit_trial_person *people = NULL;
    const int n = people_of(&words, 600, 1, &people);
    double age = 0, women = 0;
    for (int i = 0; i < n; i++) {
        const cit_trial_kind *k = &people[i].kind;
        const double years = k->age_day / CIT_YEAR_DAYS;
        CHECK(years > 20 && years < 40, "aged %.1f", years);
        CHECK(k->grade == 3 || k->grade == 4, "grade %d", k->grade);
        CHECK(k->count[0] == 0 && k->count[2] == 0, "scars that the file does not have");
        CHECK(k->count[1] >= 3 && k->count[1] <= 9, "%d boxcar scars", k->count[1]);
        age += years / n;
        women += k->sex == 1;
    }
    CHECK_CLOSE(age, 30, 3.3 * 20 / sqrt(12.0 * n));
    CHECK_CLOSE(women / n, 0.3, 3.3 * sqrt(0.21 / n));
    free(people);
}

static void people_of_a_file_are_those_who_come(void **state) {
    (void)state;
    static const char csv[] = "age,sex,skin_type,boxcar\n22,female,III,4\n31,male,IV,7\n\n";
    const text words = needled("population: {people: p.csv}\n", "rater: {blinded: yes}", "");
    cit_trial *t = trial_of(words.bytes);
    cit_errors errs = {0};
    cit_trial_person *people = NULL;
    int n = 0, seen[2] = {0};
    const cit_trial_options how = {.seed = 1, .people = 40};
    CHECK(cit_trial_people(t, catalogue, &how, 1, &people, &n, &errs) == CIT_INVALID,
          "ran without its people");
    errs = (cit_errors){0};
    CHECK(cit_trial_take_people(t, "p.csv", csv, sizeof csv - 1, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    CHECK(cit_trial_people(t, catalogue, &how, 1, &people, &n, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    for (int i = 0; i < n; i++) {
        const int row = people[i].kind.sex - 1;
        CHECK(people[i].kind.count[1] == (row ? 7 : 4), "mixed up");
        seen[row]++;
    }
    CHECK(seen[0] > 5 && seen[1] > 5, "%d and %d", seen[0], seen[1]);
    free(people);
    cit_trial_free(t);
}

static void bad_people_are_told_line_by_line(void **state) {
    (void)state;
    static const char csv[] = "age,sxe,grade\n22,female,3\n-4,male,7\n9\n";
    const text words = needled("population: {people: p.csv}\n", "rater: {blinded: yes}", "");
    cit_trial *t = trial_of(words.bytes);
    cit_errors errs = {0};
    const fault want[] = {{"p.csv:1:5", "no column has the name 'sxe'; there are age, sex,"},
                          {"p.csv:3:1", "age cannot be '-4': years above 0, up to 120, or empty"},
                          {"p.csv:3:9", "grade cannot be '7': 2, 3 or 4, or empty"},
                          {"p.csv:4:1", "1 cell; the heading has 3"}};
    CHECK(cit_trial_take_people(t, "p.csv", csv, sizeof csv - 1, &errs) == CIT_INVALID, "accepted");
    check_faults(&errs, want, 4);
    cit_trial_free(t);
}

static void people_of_a_spreadsheet_are_read(void **state) {
    (void)state;
    static const char csv[] = "\xef\xbb\xbf\"age\",sex\r\n 22 ,\"female\"\r\n\r\n31,\r\n";
    static const char none[] = "age,sex\n";
    const text words = needled("population: {people: p.csv}\n", "rater: {blinded: yes}", "");
    cit_trial *t = trial_of(words.bytes);
    cit_errors errs = {0};
    CHECK(cit_trial_take_people(t, "p.csv", csv, sizeof csv - 1, &errs) == CIT_OK, "%s: %s",
          errs.items[0].where, errs.items[0].text);
    CHECK(t->row_count == 2 && t->rows[0].sex == 1 && t->rows[1].sex == 0, "%d rows", t->row_count);
    CHECK(cit_trial_take_people(t, "p.csv", none, sizeof none - 1, &errs) == CIT_INVALID, "empty");
    CHECK(strstr(errs.items[0].text, "a heading and a line for each") != NULL, "%s",
          errs.items[0].text);
    char *many = malloc(20000);
    CHECK(many != NULL, "no memory");
    strcpy(many, "age\n");
    for (int i = 0; i < 1001; i++) strcat(many, "30\n");
    errs = (cit_errors){0};
    CHECK(cit_trial_take_people(t, "p.csv", many, strlen(many), &errs) == CIT_INVALID, "too many");
    CHECK(strstr(errs.items[0].text, "more than 1000 people") != NULL, "%s", errs.items[0].text);
    free(many);
    cit_trial_free(t);
}

static void nothing_of_a_file_of_people_is_cut(void **state) {
    (void)state;
    const text words = needled("population: {people: p.csv}\n", "rater: {blinded: yes}", "");
    const fault late[] = {{"p.csv:3:1", "a line of 5000 bytes; 3999 at most"}},
                early[] = {{"p.csv:1:1", "a line of 5000 bytes; 3999 at most"}};
    cit_trial *t = trial_of(words.bytes);
    char csv[5100];
    cit_errors errs = {0};
    /* Spaces, behind which an age stands that nobody would see. */
    const int n = snprintf(csv, sizeof csv, "age,sex\n22,female\n%-4998s31\n", "30,male");
    CHECK(cit_trial_take_people(t, "p.csv", csv, (size_t)n, &errs) == CIT_INVALID, "accepted");
    check_faults(&errs, late, 1);
    errs = (cit_errors){0};
    CHECK(cit_trial_take_people(t, "p.csv", csv + 18, (size_t)n - 18, &errs) == CIT_INVALID,
          "accepted");
    CHECK(errs.count == 0 || strcmp(errs.items[0].where, early[0].where) == 0, "blamed on %s",
          errs.items[0].where);
    cit_trial_free(t);
}

/* ---- what cannot be analysed ---------------------------------------------------------------------------- */

static void nobody_has_what_is_looked_at(void **state) {
    (void)state;
    const text words = trial_text(
        "schema: cit/trial/1\nname: none\ndesign: parallel\n"
        "population: {kinds: 2, scars: [{type: boxcar, count: {from: 3, to: 9}}]}\narms:\n"
        "  - {name: one, untreated: yes}\n  - {name: two, protocol: " PEN "}\n"
        "conduct: {people: 20, rater: {blinded: yes}}\nendpoints:\n"
        "  - {name: b, quantity: boxcar_depth_reduction_percent, at: 8 weeks, test: welch}\n"
        "  - {name: r, quantity: rolling_depth_reduction_percent, at: 8 weeks, test: welch}\n");
    cit_trial *t = trial_of(words.bytes);
    cit_errors errs = {0};
    cit_trial_result *r = NULL;
    const cit_trial_options how = {.seed = 1, .trials = 20};
    CHECK(cit_trial_run(t, catalogue, &how, &r, &errs) == CIT_INVALID, "it ran");
    CHECK(strstr(errs.items[0].where, "x.yaml:11:5") != NULL, "blamed on %s", errs.items[0].where);
    CHECK(strstr(errs.items[0].text, "nobody in the population has rolling scars") != NULL, "%s",
          errs.items[0].text);
    cit_trial_free(t);
}

/* Four people, nearly all of whom leave: mostly nobody is left to be compared, which is no success. */
static void what_could_not_be_analysed_is_told(void **state) {
    (void)state;
    static const char *const said[] = {"Repeats in which it could not be analysed, ",
                                       "count as no success", NULL},
                             *const unsaid[] = {NULL};
    const text words = trial_text(
        "schema: cit/trial/1\nname: few\ndesign: parallel\npopulation: {kinds: 2}\narms:\n"
        "  - {name: one, untreated: yes}\n  - {name: two, untreated: yes}\n"
        "conduct: {people: 4, drop_out: 0.9, rater: {blinded: yes, noise: 5}}\nendpoints:\n"
        "  - {name: s, quantity: goodman_baron_improvement_percent, at: 8 weeks, test: welch}\n");
    check_methods(words.bytes, 40, said, unsaid);
}

/* ---- screening ---------------------------------------------------------------------------------------- */

static void whom_a_rule_refuses_is_not_enrolled(void **state) {
    (void)state;
    const text words =
        needled("population: {kinds: 2, health: [{question: isotretinoin, share: 0.5}]}\n",
                "rater: {blinded: yes}", "");
    cit_trial *t = trial_of(words.bytes);
    cit_trial_result *r = run(t, 20);
    const cit_trial_summary *s = cit_trial_run_of(r, CIT_RUN_ASSURANCE);
    CHECK(s->enrolled == 20 * 24, "%d enrolled", (int)s->enrolled);
    /* Every other candidate: as many refused as enrolled, to sqrt(2 n). */
    CHECK_CLOSE((double)s->refused, (double)s->enrolled, 3.3 * sqrt(2.0 * (double)s->enrolled));
    cit_trial_result_free(r);
    cit_trial_free(t);
}

/* A rule that refuses who has both, each being harmless to it alone. */
static void rules_see_answers_together(void **state) {
    (void)state;
    static const char *yes[] = {"yes"};
    cit_term terms[] = {{.fact = "eczema", .is = yes, .is_count = 1},
                        {.fact = "diabetes", .is = yes, .is_count = 1}};
    const text words = needled("population: {kinds: 2, health: [{question: eczema, share: 0.6}, "
                               "{question: diabetes, share: 0.5}]}\n",
                               "rater: {blinded: yes}", "");
    cit_trial *t = trial_of(words.bytes);
    cit_rule *own = catalogue->rules,
             *more = malloc(((size_t)catalogue->rule_count + 1) * sizeof *more);
    CHECK(more != NULL, "no memory");
    memcpy(more, own, (size_t)catalogue->rule_count * sizeof *more);
    more[catalogue->rule_count] = more[0];
    cit_rule *both = &more[catalogue->rule_count];
    both->id = "zz-both";
    both->override = CIT_BY_NOBODY;
    for (int i = 0; i < CIT_USERS; i++) both->severity[i] = CIT_REFUSE;
    both->when = (cit_condition){.all = terms, .all_count = 2};
    cit_trial_result *alone = run(t, 20);
    catalogue->rules = more;
    catalogue->rule_count++;
    cit_trial_result *together = run(t, 20);
    catalogue->rules = own;
    catalogue->rule_count--;
    const cit_trial_summary *a = cit_trial_run_of(alone, CIT_RUN_ASSURANCE);
    const cit_trial_summary *b = cit_trial_run_of(together, CIT_RUN_ASSURANCE);
    /* 0.3 of candidates: 0.3 / 0.7 for one enrolled, to sqrt(0.3 n) / 0.7. */
    CHECK(a->refused == 0, "%d refused without the rule", (int)a->refused);
    CHECK_CLOSE((double)b->refused, (double)b->enrolled * 0.3 / 0.7,
                3.3 * sqrt(0.3 * (double)b->enrolled) / 0.7);
    cit_trial_result_free(alone);
    cit_trial_result_free(together);
    free(more);
    cit_trial_free(t);
}

static void a_trial_of_nobody_is_refused(void **state) {
    (void)state;
    const text words =
        needled("population: {kinds: 2, health: [{question: isotretinoin, share: 1}]}\n",
                "rater: {blinded: yes}", "");
    cit_trial *t = trial_of(words.bytes);
    cit_errors errs = {0};
    cit_trial_result *r = NULL;
    const cit_trial_options how = {.seed = 1, .trials = 20};
    CHECK(cit_trial_run(t, catalogue, &how, &r, &errs) == CIT_REFUSED, "it ran");
    CHECK(strstr(errs.items[0].text, "screening leaves 0") != NULL, "%s", errs.items[0].text);
    CHECK(r == NULL, "touched the result");
    cit_trial_free(t);
}

/* ---- threads, processes, interruptions --------------------------------------------------------------- */

static text busy_trial(void) {
    return needled("population: {kinds: 4, health: [{question: inflamed_acne, share: 0.2}]}\n",
                   "drop_out: 0.1, missed_visits: 0.1, rater: {blinded: yes}",
                   "repeats: {target: 0.7, most_people: 128, sensitivity: yes}\n");
}
enum { BUSY_TRIALS = 60 };

static void threads_leave_no_trace(void **state) {
    (void)state;
    const text words = busy_trial();
    cit_trial *t = trial_of(words.bytes);
    char *first = NULL;
    for (int threads = 1; threads <= 3; threads++) {
        cit_trial_result *r =
            run_with(t, (cit_trial_options){.seed = 2, .trials = BUSY_TRIALS, .threads = threads});
        char *json = json_of(t, r);
        CHECK(first == NULL || strcmp(first, json) == 0, "%d threads give other bytes", threads);
        if (first == NULL)
            first = json;
        else
            free(json);
        cit_trial_result_free(r);
    }
    free(first);
    cit_trial_free(t);
}

/* Processes without MPI: threads that lay their letters on one table. */
typedef struct desk {
    pthread_barrier_t barrier;
    int ranks;
    char *all;
} desk;
typedef struct seat {
    desk *at;
    cit_ranks ranks;
    const cit_trial *trial;
    cit_trial_result *result;
    cit_status st;
    cit_errors errs;
} seat;

static bool lay_down(void *context, const void *mine, size_t size, void *all) {
    seat *s = context;
    if (s->ranks.rank == 0) s->at->all = malloc(size * (size_t)s->at->ranks);
    pthread_barrier_wait(&s->at->barrier);
    if (s->at->all == NULL) return false;
    memcpy(s->at->all + size * (size_t)s->ranks.rank, mine, size);
    pthread_barrier_wait(&s->at->barrier);
    memcpy(all, s->at->all, size * (size_t)s->at->ranks);
    pthread_barrier_wait(&s->at->barrier);
    if (s->ranks.rank == 0) free(s->at->all);
    return true;
}

static void *sit(void *context) {
    seat *s = context;
    const cit_trial_options how = {
        .seed = 2, .trials = BUSY_TRIALS, .threads = 1, .ranks = &s->ranks};
    s->st = cit_trial_run(s->trial, catalogue, &how, &s->result, &s->errs);
    return NULL;
}

static void processes_leave_no_trace(void **state) {
    (void)state;
    enum { MOST = 3 };
    const text words = busy_trial();
    cit_trial *t = trial_of(words.bytes);
    cit_trial_result *alone =
        run_with(t, (cit_trial_options){.seed = 2, .trials = BUSY_TRIALS, .threads = 1});
    char *want = json_of(t, alone);
    for (int ranks = 2; ranks <= MOST; ranks++) {
        desk d = {.ranks = ranks};
        static seat seats[MOST];
        pthread_t threads[MOST];
        CHECK(pthread_barrier_init(&d.barrier, NULL, (unsigned)ranks) == 0, "no barrier");
        for (int i = 0; i < ranks; i++) {
            seats[i] = (seat){.at = &d, .trial = t, .ranks = {i, ranks, lay_down, &seats[i]}};
            CHECK(pthread_create(&threads[i], NULL, sit, &seats[i]) == 0, "no thread");
        }
        for (int i = 0; i < ranks; i++) pthread_join(threads[i], NULL);
        for (int i = 0; i < ranks; i++) {
            CHECK(seats[i].st == CIT_OK, "%s", seats[i].errs.items[0].text);
            char *json = json_of(t, seats[i].result);
            CHECK(strcmp(want, json) == 0, "rank %d of %d has other bytes", i, ranks);
            free(json);
            cit_trial_result_free(seats[i].result);
        }
        pthread_barrier_destroy(&d.barrier);
    }
    free(want);
    cit_trial_result_free(alone);
    cit_trial_free(t);
}

static cit_status full_disk(void *context, const void *bytes, size_t size, cit_errors *errs) {
    (void)context, (void)bytes, (void)size;
    return cit_fail(errs, CIT_IO, "save", "no space");
}

static void *sit_with_full_disk(void *context) {
    seat *s = context;
    const cit_trial_options how = {.seed = 2,
                                   .trials = BUSY_TRIALS,
                                   .threads = 1,
                                   .ranks = &s->ranks,
                                   .save = s->ranks.rank == 0 ? full_disk : NULL};
    s->st = cit_trial_run(s->trial, catalogue, &how, &s->result, &s->errs);
    return NULL;
}

static void nobody_waits_for_a_process_that_cannot_write(void **state) {
    (void)state;
    const text words = busy_trial();
    cit_trial *t = trial_of(words.bytes);
    desk d = {.ranks = 2};
    static seat seats[2];
    pthread_t threads[2];
    CHECK(pthread_barrier_init(&d.barrier, NULL, 2) == 0, "no barrier");
    for (int i = 0; i < 2; i++) {
        seats[i] = (seat){.at = &d, .trial = t, .ranks = {i, 2, lay_down, &seats[i]}};
        CHECK(pthread_create(&threads[i], NULL, sit_with_full_disk, &seats[i]) == 0, "no thread");
    }
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    CHECK(seats[0].st == CIT_IO && seats[1].st == CIT_IO, "%d and %d", seats[0].st, seats[1].st);
    pthread_barrier_destroy(&d.barrier);
    cit_trial_free(t);
}

/* Of two processes one has another seed: both say so, and nobody's numbers are mixed. */
static void *sit_with_own_seed(void *context) {
    seat *s = context;
    const cit_trial_options how = {.seed = 2 + (uint64_t)s->ranks.rank,
                                   .trials = BUSY_TRIALS,
                                   .threads = 1,
                                   .ranks = &s->ranks};
    s->st = cit_trial_run(s->trial, catalogue, &how, &s->result, &s->errs);
    return NULL;
}

static void sit_together(desk *d, seat *seats, const cit_trial *t, void *(*sits)(void *)) {
    pthread_t threads[2];
    *d = (desk){.ranks = 2};
    CHECK(pthread_barrier_init(&d->barrier, NULL, 2) == 0, "no barrier");
    for (int i = 0; i < 2; i++) {
        seats[i] = (seat){.at = d, .trial = t, .ranks = {i, 2, lay_down, &seats[i]}};
        CHECK(pthread_create(&threads[i], NULL, sits, &seats[i]) == 0, "no thread");
    }
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&d->barrier);
}

static void processes_must_run_the_same(void **state) {
    (void)state;
    static seat seats[2];
    desk d;
    const text words = busy_trial();
    cit_trial *t = trial_of(words.bytes);
    sit_together(&d, seats, t, sit_with_own_seed);
    for (int i = 0; i < 2; i++) {
        CHECK(seats[i].st == CIT_INVALID, "rank %d: status %d", i, seats[i].st);
        CHECK(strstr(seats[i].errs.items[0].text, "process 1 has another trial, program,") != NULL,
              "%s", seats[i].errs.items[0].text);
    }
    cit_trial_free(t);
}

typedef struct keeper {
    char *bytes;
    size_t size;
    int calls, stop_at; /* of progress */
} keeper;

static cit_status keep(void *context, const void *bytes, size_t size, cit_errors *errs) {
    keeper *k = context;
    (void)errs;
    free(k->bytes);
    k->bytes = malloc(size);
    CHECK(k->bytes != NULL, "no memory");
    memcpy(k->bytes, bytes, size);
    k->size = size;
    return CIT_OK;
}

static bool stop_later(void *context, double share, const char *what) {
    keeper *k = context;
    CHECK(share >= 0 && share <= 1, "%g done of %s", share, what);
    return ++k->calls < k->stop_at;
}

static void what_was_stopped_continues_to_the_same_bytes(void **state) {
    (void)state;
    const text words = busy_trial();
    cit_trial *t = trial_of(words.bytes);
    cit_trial_options how = {.seed = 2, .trials = BUSY_TRIALS, .threads = 1};
    cit_trial_result *whole = run_with(t, how), *r = NULL;
    char *want = json_of(t, whole);
    int stops = 0;
    keeper k = {0};
    for (;;) { /* again and again, after a chunk each */
        cit_errors errs = {0};
        char *resume = k.bytes;
        k = (keeper){.stop_at = 1, .size = k.size};
        how.progress = (cit_progress){stop_later, &k};
        how.save = keep;
        how.save_context = &k;
        how.resume = resume;
        how.resume_size = k.size;
        const cit_status st = cit_trial_run(t, catalogue, &how, &r, &errs);
        if (k.bytes != NULL)
            free(resume);
        else
            k.bytes = resume;
        if (st == CIT_OK) break;
        CHECK(st == CIT_CANCELLED, "%s: %s", errs.items[0].where, errs.items[0].text);
        CHECK(++stops < 100, "it does not get on");
    }
    char *json = json_of(t, r);
    CHECK(stops > 8, "stopped %d times only", stops);
    CHECK(strcmp(want, json) == 0, "other bytes after %d stops", stops);
    free(want);
    free(json);
    free(k.bytes);
    cit_trial_result_free(whole);
    cit_trial_result_free(r);
    cit_trial_free(t);
}

static void refused_save(const cit_trial *t, uint64_t seed, const char *bytes, size_t size,
                         const char *why) {
    cit_errors errs = {0};
    cit_trial_result *r = NULL;
    const cit_trial_options how = {
        .seed = seed, .trials = 20, .threads = 1, .resume = bytes, .resume_size = size};
    CHECK(cit_trial_run(t, catalogue, &how, &r, &errs) == CIT_INVALID, "accepted: %s", why);
    CHECK(strcmp(errs.items[0].where, "checkpoint") == 0, "blamed %s", errs.items[0].where);
    CHECK(strstr(errs.items[0].text, why) != NULL, "'%s' does not say '%s'", errs.items[0].text,
          why);
}

static void a_strange_checkpoint_is_refused(void **state) {
    (void)state;
    const text words = needled("population: {kinds: 2}\n", "rater: {blinded: yes}", "");
    cit_trial *t = trial_of(words.bytes);
    keeper k = {.stop_at = 1 << 20};
    cit_trial_result *r =
        run_with(t, (cit_trial_options){
                        .seed = 1, .trials = 20, .threads = 1, .save = keep, .save_context = &k});
    refused_save(t, 2, k.bytes, k.size, "another trial");
    refused_save(t, 1, k.bytes, k.size - 9, "not those that were written");
    refused_save(t, 1, k.bytes, 10, "no checkpoint");
    refused_save(t, 1, words.bytes, sizeof words.bytes, "no checkpoint");
    k.bytes[k.size / 2] ^= 1;
    refused_save(t, 1, k.bytes, k.size, "not those that were written");
    free(k.bytes);
    cit_trial_result_free(r);
    cit_trial_free(t);
}

/* Another version of the program may give other bytes: its checkpoints are another's. */
static void a_checkpoint_of_another_program_is_refused(void **state) {
    (void)state;
    const text words = needled("population: {kinds: 2}\n", "rater: {blinded: yes}", "");
    cit_trial *t = trial_of(words.bytes);
    keeper k = {.stop_at = 1 << 20};
    cit_trial_options how = {.seed = 1,
                             .trials = 20,
                             .threads = 1,
                             .save = keep,
                             .save_context = &k,
                             .program = "cit 0.1.0"};
    cit_trial_result *r = run_with(t, how), *other = NULL;
    cit_errors errs = {0};
    how.save = NULL;
    how.resume = k.bytes;
    how.resume_size = k.size;
    cit_trial_result *again = run_with(t, how);
    how.program = "cit 0.1.1";
    CHECK(cit_trial_run(t, catalogue, &how, &other, &errs) == CIT_INVALID, "accepted");
    CHECK(strstr(errs.items[0].text, "of another trial, program,") != NULL, "%s",
          errs.items[0].text);
    CHECK(strcmp(r->key, again->key) == 0, "%s and %s", r->key, again->key);
    free(k.bytes);
    cit_trial_result_free(r);
    cit_trial_result_free(again);
    cit_trial_free(t);
}

static void who_asks_for_people_may_stop(void **state) {
    (void)state;
    const text words = needled("", "rater: {blinded: yes}", "");
    cit_trial *t = trial_of(words.bytes);
    keeper k = {.stop_at = 3};
    cit_trial_person *people = NULL;
    cit_errors errs = {0};
    int n = 0;
    const cit_trial_options how = {.seed = 1, .progress = {stop_later, &k}};
    CHECK(cit_trial_people(t, catalogue, &how, 20, &people, &n, &errs) == CIT_CANCELLED, "went on");
    CHECK(k.calls == 3 && people == NULL, "asked %d times", k.calls);
    cit_trial_free(t);
}

/* ---- lack of memory ------------------------------------------------------------------------------------- */

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && defined(__GLIBC__)
/* In this thread, of the allocations of at least so many bytes, one fails. */
static _Thread_local size_t scarce_from;
static _Thread_local long scarce_in = -1;

static bool is_scarce(size_t size) {
    return scarce_in >= 0 && size >= scarce_from && scarce_in-- == 0;
}

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
#define SEEN __attribute__((visibility("default")))
SEEN void *malloc(size_t size) { return is_scarce(size) ? NULL : __libc_malloc(size); }
SEEN void *calloc(size_t count, size_t size) {
    return is_scarce(count * size) ? NULL : __libc_calloc(count, size);
}
SEEN void *realloc(void *old, size_t size) {
    return is_scarce(size) ? NULL : __libc_realloc(old, size);
}

/* Grades, which have ties, so that ranks need memory of their own. */
static text hungry_trial(void) {
    return trial_text(
        "schema: cit/trial/1\nname: hungry\ndesign: parallel\npopulation: {kinds: 2, grades: [1, "
        "1, "
        "1]}\narms:\n  - {name: one, untreated: yes}\n  - {name: two, protocol: " PEN "}\n"
        "conduct: {people: 12, rater: {blinded: yes}}\nendpoints:\n"
        "  - {name: g, quantity: goodman_baron_grade, at: 20 weeks, test: mann-whitney}\n");
}

static const struct scarcity {
    size_t from;
    long in;
} scarcities[] = {
    /* small and any; sums, letters, draws; counts of ties */
    {1, 0},      {1, 1},     {1, 40},    {1, 400},   {1, 4000},  {3000, 0},
    {3000, 1},   {3000, 2},  {3000, 4},  {3000, 8},  {3000, 16}, {3000, 60},
    {3000, 200}, {12000, 0}, {12000, 1}, {12000, 2}, {12000, 3}, {12000, 5},
    {12000, 9},  {80000, 0}, {80000, 1}, {80000, 5}, {80000, 9}, {80000, 25}};
enum { SCARCITIES = sizeof scarcities / sizeof *scarcities };

static cit_trial_options hungry_options(void) {
    return (cit_trial_options){
        .seed = 1, .trials = 20, .threads = 1, .posterior = catalogue->posterior};
}

/* What lacks memory ends, or has found another way to the same numbers; it never has others. */
static void lack_of_memory_changes_no_number(void **state) {
    (void)state;
    const text words = hungry_trial();
    cit_trial *t = trial_of(words.bytes);
    cit_trial_result *whole = run_with(t, hungry_options());
    char *want = json_of(t, whole);
    int failed = 0;
    for (int i = 0; i < SCARCITIES; i++) {
        cit_errors errs = {0};
        cit_trial_result *r = NULL;
        const cit_trial_options how = hungry_options();
        scarce_from = scarcities[i].from;
        scarce_in = scarcities[i].in;
        const cit_status st = cit_trial_run(t, catalogue, &how, &r, &errs);
        const bool met = scarce_in < 0;
        scarce_in = -1;
        failed += st == CIT_NOMEM;
        CHECK(met || st == CIT_OK, "status %d without a fault", st);
        if (st != CIT_OK) {
            CHECK(errs.count > 0 && r == NULL, "a fault without words");
            continue;
        }
        char *json = json_of(t, r);
        CHECK(strcmp(json, want) == 0, "lack %d (%zu bytes) gives other numbers", i,
              scarcities[i].from);
        free(json);
        cit_trial_result_free(r);
    }
    CHECK(failed > SCARCITIES / 3, "memory lacked %d times only", failed);
    free(want);
    cit_trial_result_free(whole);
    cit_trial_free(t);
}

static const struct scarcity *scarcity_now;

static void *sit_hungry(void *context) {
    seat *s = context;
    cit_trial_options how = hungry_options();
    how.ranks = &s->ranks;
    if (s->ranks.rank == 1) {
        scarce_from = scarcity_now->from;
        scarce_in = scarcity_now->in;
    }
    s->st = cit_trial_run(s->trial, catalogue, &how, &s->result, &s->errs);
    scarce_in = -1;
    return NULL;
}

/* A process that lacks memory tells the others, who end with it: it leaves nobody waiting. */
static void nobody_waits_for_a_process_without_memory(void **state) {
    (void)state;
    static seat seats[2];
    desk d;
    const text words = hungry_trial();
    cit_trial *t = trial_of(words.bytes);
    for (int i = 0; i < SCARCITIES; i++) {
        scarcity_now = &scarcities[i];
        sit_together(&d, seats, t, sit_hungry);
        CHECK((seats[0].st == CIT_OK) == (seats[1].st == CIT_OK), "lack %d: %d and %d", i,
              seats[0].st, seats[1].st);
        for (int k = 0; k < 2; k++) {
            CHECK(seats[k].st == CIT_OK || seats[k].errs.count > 0, "a fault without words");
            cit_trial_result_free(seats[k].result);
        }
    }
    cit_trial_free(t);
}
#define HAS_SCARCITY
#endif

/* ---- what plasma adds ------------------------------------------------------------------------------------ */

static double percent_of(const cit_study_arm *arm) {
    for (int i = 0; arm != NULL && i < arm->outcome_count; i++)
        if (arm->outcomes[i].measure > 0 && cit_known(arm->outcomes[i].percent_improvement))
            return arm->outcomes[i].percent_improvement;
    return CIT_UNKNOWN_NUMBER;
}

static double parameter(const char *name) {
    int rows = 0;
    const cit_parameter *table = cit_parameter_table(&rows);
    for (int i = 0; i < rows; i++)
        if (strcmp(table[i].param.name, name) == 0) return table[i].param.value;
    return CIT_UNKNOWN_NUMBER;
}

/* Computes again what examples/trials/prp-split-face.yaml says of itself. */
static void the_example_of_plasma_has_the_number_of_its_studies(void **state) {
    (void)state;
    const cit_study *asif = cit_catalogue_study(catalogue, "asif-2016");
    CHECK(asif != NULL, "asif-2016 is gone");
    const double with = percent_of(cit_study_arm_named(asif, "microneedling + PRP"));
    const double without = percent_of(cit_study_arm_named(asif, "microneedling + distilled water"));
    const double sd = 100 * parameter("rating_sd") * sqrt(2);
    const cit_study_result study = {with - without, sd * sd / asif->completed, 0};
    const cit_meta_prior prior = {.tau_scale = 100 * parameter("adjunct_sd")};
    static cit_meta fit;
    double means[CIT_META_NODES], sds[CIT_META_NODES];
    cit_errors errs = {0};
    CHECK(cit_meta_fit(&study, 1, &prior, &fit, &errs) == CIT_OK, "%s", errs.items[0].text);
    cit_meta_predict(&fit, 0, 0, means, sds);
    const cit_mixture next = {CIT_META_NODES, fit.weight, means, sds};

    const path name = source_path("examples/trials/prp-split-face.yaml");
    cit_trial *t = NULL;
    CHECK(cit_trial_load(name.text, &t, &errs) == CIT_OK, "%s", errs.items[0].text);
    CHECK_CLOSE(t->arms[1].adds.percent, cit_mixture_mean(&next), 0.05);
    CHECK_CLOSE(t->arms[1].adds.sd, cit_mixture_sd(&next), 0.05);
    cit_trial_free(t);
}

static void examples_can_be_read(void **state) {
    (void)state;
    static const char *const names[] = {
        "examples/trials/depth.yaml", "examples/trials/interval.yaml",
        "examples/trials/scale-untreated-pen.yaml", "examples/trials/scale-pen-pen.yaml"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const path name = source_path(names[i]);
        cit_trial *t = NULL;
        cit_errors errs = {0};
        CHECK(cit_trial_load(name.text, &t, &errs) == CIT_OK, "%s: %s", errs.items[0].where,
              errs.items[0].text);
        cit_trial_free(t);
    }
}

/* ---- the search --------------------------------------------------------------------------------------- */

/* Rounds of three, 32 people at most: the search ends at 30, and says that it found nothing. */
static void the_search_keeps_within_its_limit(void **state) {
    (void)state;
    static const char *const said[] =
        {"No size up to 32 people reached assurance of 90 %; sizes were "
         "judged by the primary comparison alone, that of two with one "
         "at the primary endpoint. ",
         NULL},
                             *const unsaid[] = {"least size", NULL};
    const text words = trial_text(
        "schema: cit/trial/1\nname: limit\ndesign: parallel\npopulation: {kinds: 2}\narms:\n"
        "  - {name: one, untreated: yes}\n  - {name: two, untreated: yes}\n"
        "  - {name: three, untreated: yes}\n"
        "conduct: {people: 20, rater: {blinded: yes, noise: 15}}\nendpoints:\n"
        "  - {name: s, quantity: goodman_baron_improvement_percent, at: 8 weeks, test: welch}\n"
        "repeats: {target: 0.9, most_people: 32}\n");
    cit_trial *t = trial_of(words.bytes);
    cit_trial_result *r = run(t, 20);
    int most = 0;
    for (int i = 0; i < r->run_count; i++)
        if (r->runs[i].kind == CIT_RUN_SIZE) {
            CHECK(r->runs[i].people % 3 == 0, "%d people", r->runs[i].people);
            if (r->runs[i].people > most) most = r->runs[i].people;
        }
    CHECK(most == 30, "%d people at most", most);
    cit_trial_result_free(r);
    cit_trial_free(t);
    check_methods(words.bytes, 20, said, unsaid);
}

static void the_search_needs_a_round(void **state) {
    (void)state;
    static const char words[] =
        "schema: cit/trial/1\nname: limit\ndesign: parallel\narms:\n"
        "  - {name: one, untreated: yes, share: 20}\n  - {name: two, untreated: yes}\n"
        "  - {name: three, untreated: yes}\nconduct: {people: 20, rater: {blinded: yes}}\n"
        "endpoints:\n"
        "  - {name: s, quantity: goodman_baron_improvement_percent, at: 8 weeks, test: welch}\n"
        "repeats: {target: 0.9, most_people: 21}\n";
    const fault want[] = {{"t:11:37", "most_people: 21 is below one round of the allocation, 22"}};
    cit_errors errs = {0};
    cit_trial *t = NULL;
    CHECK(cit_trial_parse("t", words, strlen(words), &t, &errs) != CIT_OK, "accepted");
    check_faults(&errs, want, 1);
}

/* ---- methods ------------------------------------------------------------------------------------------ */

static void methods_tell_the_size_and_how_sure_it_is(void **state) {
    (void)state;
    static const char *const said[] = {"The least size that reached power of 80 % was ",
                                       " people, at 8", " to ", " in 100 repeats. ", NULL},
                             *const unsaid[] = {"sizes were judged", "for several comparisons",
                                                "No size", NULL};
    const text words = exact("parallel", "welch", "", 20, "noise: 15",
                             "repeats: {effect: 15, target: 0.8, goal: power, most_people: 64}\n");
    check_methods(words.bytes, 100, said, unsaid);
}

static void methods_tell_what_was_done_to_sides(void **state) {
    (void)state;
    static const char *const said[] =
        {"of its own with a standard deviation of 5 percentage points, so "
         "that two sides differed by one of 7.07",
         "a rating scattered with a standard deviation of 15 percentage "
         "points",
         "correlated at 0.6", NULL},
                             *const unsaid[] = {"sides differed with a", NULL};
    const text words =
        exact("split-face", "paired", "", 20, "noise: 15, sides_correlation: 0.6, sides_sd: 5", "");
    check_methods(words.bytes, 20, said, unsaid);
    static const char *const none[] = {"ratings had no error. ", NULL}, *const unsaid_none[] = {
                                                                            "correlated at",
                                                                            "two sides differed",
                                                                            NULL};
    const text still = exact("split-face", "paired", "", 20, "noise: 0", "");
    check_methods(still.bytes, 20, none, unsaid_none);
}

static void methods_name_the_rater_only_where_there_is_an_error(void **state) {
    (void)state;
    static const char
        *const arms = "schema: cit/trial/1\nname: rater\ndesign: parallel\n"
                      "population: {kinds: 2, grades: [1, 1, 1]}\narms:\n"
                      "  - {name: one, untreated: yes}\n  - {name: two, untreated: yes}\n"
                      "conduct: {people: 20, rater: {blinded: yes}}\nendpoints:\n",
               *const grade = "  - {name: g, quantity: goodman_baron_grade, at: 8 weeks, test: "
                              "mann-whitney}\n",
               *const score = "  - {name: s, quantity: goodman_baron_improvement_percent, at: 8 "
                              "weeks, test: welch}\n";
    static const char *const none[] = {"what was seen had no error of a rater. ", NULL},
                             *const both[] = {"ratings of s scattered by the model's parameter "
                                              "`rating_sd`, the other endpoints had no error of a "
                                              "rater. ",
                                              NULL},
                             *const all[] = {"; ratings scattered by the model's parameter", NULL},
                             *const nothing[] = {NULL}, *const no_sd[] = {"rating_sd", NULL};
    check_methods(trial_text("%s%s", arms, grade).bytes, 20, none, no_sd);
    check_methods(trial_text("%s%s%s", arms, grade, score).bytes, 20, both, nothing);
    check_methods(trial_text("%s%s", arms, score).bytes, 20, all, nothing);
}

static void methods_tell_sides_of_each_claim(void **state) {
    (void)state;
    static const char
        *const superior[] = {"Superiority was tested two-sided at 0.05; those not seen", NULL},
               *const inferior[] = {"Non-inferiority was tested one-sided at 0.025;", NULL},
               *const equivalent[] = {"Equivalence was tested by two one-sided tests, each "
                                      "at 0.025;",
                                      NULL},
               *const nothing[] = {NULL}, *const two[] = {"two-sided", NULL};
    check_methods(exact("parallel", "welch", "", 20, "noise: 15", "").bytes, 20, superior, nothing);
    check_methods(
        exact("parallel", "welch", ", claim: non-inferiority, margin: 9", 20, "noise: 15", "")
            .bytes,
        20, inferior, two);
    check_methods(
        exact("parallel", "welch", ", claim: equivalence, margin: 9", 20, "noise: 15", "").bytes,
        20, equivalent, two);
}

static void methods_tell_what_was_added_and_when(void **state) {
    (void)state;
    static const char *const words =
        "schema: cit/trial/1\nname: adds\ndesign: parallel\npopulation: {kinds: 2}\narms:\n"
        "  - {name: one, untreated: yes}\n"
        "  - {name: two, protocol: " PEN ", adds: {percent: 5, sd: 3, source: \"some\\nwhere\"}}\n"
        "conduct: {people: 20, rater: {blinded: yes}}\nendpoints:\n"
        "  - {name: s, quantity: goodman_baron_improvement_percent, at: 8 weeks, test: welch%s}\n";
    static const char
        *const stated[] = {"explain: some where; for the power, whose effect is stated, "
                           "nothing was added. ",
                           NULL},
               *const one_world[] = {"for the power, which holds one world, without the "
                                     "deviation between trials. ",
                                     NULL},
               *const nothing[] = {NULL};
    char file[1000];
    snprintf(file, sizeof file, words, ", effect: 10");
    check_methods(file, 20, stated, nothing);
    snprintf(file, sizeof file, words, "");
    check_methods(file, 20, one_world, nothing);
}

static void methods_tell_who_left(void **state) {
    (void)state;
    static const char
        *const nobody[] = {"Nobody left before the last endpoint. ", NULL},
               *const random[] = {"Drop-out was 25 % by the last endpoint, evenly over time "
                                  "and at random (2",
                                  NULL},
               *const informative[] = {"; over the worlds of the assurance ",
                                       " % left, and for the power, which holds one world, "
                                       "where that share is free, ",
                                       NULL},
               *const nothing[] = {NULL}, *const unsaid[] = {"Drop-out", "missed at random", NULL};
    check_methods(needled("", "rater: {blinded: yes}", "").bytes, 20, nobody, unsaid);
    check_methods(needled("", "drop_out: 0.25, rater: {blinded: yes}", "").bytes, 20, random,
                  nothing);
    check_methods(needled("",
                          "drop_out: 0.25, drop_out_correlation: {improvement: -0.4}, rater: "
                          "{blinded: yes}",
                          "")
                      .bytes,
                  20, informative, nothing);
}

/* ---- texts that are cut --------------------------------------------------------------------------------- */

static void a_cut_text_ends_with_a_character(void **state) {
    (void)state;
    static const char word[] =
        "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z"; /* of 1, 2, 3, 4 and 1 bytes */
    static const int want[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
    for (int most = 0; most <= 12; most++)
        CHECK(cit_text_whole(word, most) == want[most], "%d of the first %d bytes",
              cit_text_whole(word, most), most);
    CHECK(cit_text_whole("a\xe2\x82", 9) == 1, "what is cut already is no character");
    CHECK(cit_text_whole("", 5) == 0, "nothing has no end");
}

/* Of two bytes each, behind a letter or none, so that one of both is cut inside, wherever that is. */
static void fill_accents(char *ret, int size, bool odd) {
    int n = 0;
    if (odd) ret[n++] = 'a';
    while (n + 2 < size) {
        memcpy(ret + n, "\xc3\xa9", 2);
        n += 2;
    }
    ret[n] = 0;
}

static void long_texts_are_cut_at_a_character(void **state) {
    (void)state;
    for (int odd = 0; odd < 2; odd++) {
        char name[300], other[300], source[620], published[700];
        fill_accents(name, sizeof name, odd);
        fill_accents(other, sizeof other - 4, odd);
        fill_accents(source, sizeof source, odd);
        fill_accents(published, sizeof published, odd);
        const text words =
            trial_text("schema: cit/trial/1\nname: long\npublished: %s\ndesign: parallel\n"
                       "population: {kinds: 2}\narms:\n  - {name: %s, untreated: yes}\n"
                       "  - {name: %s, protocol: " PEN ", adds: {percent: 1, sd: 1, source: %s}}\n"
                       "conduct: {people: 20, rater: {blinded: yes}}\nendpoints:\n"
                       "  - {name: %s, quantity: goodman_baron_improvement_percent, at: 8 weeks, "
                       "test: welch}\n",
                       published, name, other, source, name);
        cit_trial *t = trial_of(words.bytes);
        cit_trial_result *r = run(t, 20);
        const cit_trial_report report = {"cit test", t, catalogue, r};
        cit_trial_person *people = NULL;
        cit_errors errs = {0};
        char *page_text = NULL, *csv = NULL;
        int n = 0;
        cit_page *page = cit_page_of_trial(&report);
        CHECK(cit_page_text(page, 80, false, &page_text, &errs) == CIT_OK, "%s",
              errs.items[0].text);
        CHECK(cit_text_is_plain(page_text), "the page has a piece of a character");
        const cit_trial_options how = {.seed = 1};
        CHECK(cit_trial_people(t, catalogue, &how, 1, &people, &n, &errs) == CIT_OK, "%s",
              errs.items[0].text);
        CHECK(cit_report_trial_people_csv(&report, people, n, &csv, &errs) == CIT_OK, "%s",
              errs.items[0].text);
        CHECK(cit_text_is_plain(csv), "the CSV has a piece of a character");
        free(page_text);
        free(csv);
#ifdef CIT_HDF5
        check_hdf5_texts(&report, people, n);
#endif
        free(people);
        cit_page_free(page);
        cit_trial_result_free(r);
        cit_trial_free(t);
    }
}

/* ---- reports -------------------------------------------------------------------------------------------- */

#ifdef CIT_HDF5
static void hdf5_says_what_it_holds(void **state) {
    (void)state;
    const text words = needled("", "rater: {blinded: yes}", "");
    cit_trial *t = trial_of(words.bytes);
    cit_trial_result *r = run(t, 20);
    cit_trial_person *people = NULL;
    cit_errors errs = {0};
    unsigned char *image[2] = {NULL, NULL};
    size_t size[2] = {0, 0};
    int n = 0;
    const cit_trial_options how = {.seed = t->seed};
    const cit_trial_report report = {"cit test", t, catalogue, r};
    CHECK(cit_trial_people(t, catalogue, &how, 2, &people, &n, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    for (int i = 0; i < 2; i++)
        CHECK(cit_report_trial_people_hdf5(&report, people, n, &image[i], &size[i], &errs) ==
                  CIT_OK,
              "%s", errs.items[0].text);
    CHECK(size[0] == size[1] && memcmp(image[0], image[1], size[0]) == 0, "two files differ");

    double *values = malloc((size_t)n * sizeof *values);
    char unit[40] = "";
    const hid_t in_memory = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(in_memory, 1 << 16, false);
    H5Pset_file_image(in_memory, image[0], size[0]);
    const hid_t file = H5Fopen("people.h5", H5F_ACC_RDONLY, in_memory);
    const hid_t set = H5Dopen2(file, "endpoint_1", H5P_DEFAULT);
    const hid_t attribute = H5Aopen(set, "unit", H5P_DEFAULT), type = H5Aget_type(attribute);
    CHECK(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0, "unread");
    CHECK(H5Aread(attribute, type, unit) >= 0 && strcmp(unit, "%") == 0, "unit '%s'", unit);
    CHECK(H5Aexists(file, "no_evidence") > 0 && H5Aexists(file, "seed") > 0, "no provenance");
    for (int i = 0; i < n; i++) CHECK(values[i] == people[i].value[0], "person %d", i);
    H5Tclose(type);
    H5Aclose(attribute);
    H5Dclose(set);
    H5Fclose(file);
    H5Pclose(in_memory);
    free(values);
    free(image[0]);
    free(image[1]);
    free(people);
    cit_trial_result_free(r);
    cit_trial_free(t);
}
#endif

/* ---- bad files ----------------------------------------------------------------------------------------- */

static void refused_file(const char *words, const fault *want, int count) {
    cit_errors errs = {0};
    cit_trial *t = NULL;
    CHECK(cit_trial_parse("t", words, strlen(words), &t, &errs) != CIT_OK, "accepted:\n%s", words);
    check_faults(&errs, want, count);
    CHECK(t == NULL, "touched the result");
}

static void every_fault_is_told_at_its_place(void **state) {
    (void)state;
    static const char words[] =
        "schema: cit/trial/1\nname: bad\ndesign: crossed\n"
        "arms:\n  - {name: one, untreated: yes}\n  - {name: two, untreted: yes}\n"
        "conduct: {people: 3, drop_out: 2, rater: {blinded: perhaps}}\n"
        "endpoints:\n  - {name: s, quantity: beauty, at: 4 miles, test: welch}\n";
    const fault want[] = {{"t:3:9", "'crossed' is not one of: parallel, split-face"},
                          {"t:6:17", "unknown key 'untreted' in arm; did you mean 'untreated'"},
                          {"t:7:19", "people: 3 is not from 4"},
                          {"t:7:32", "drop_out: 2 is not from 0 to 0.95"},
                          {"t:7:52", "'perhaps' is not one of"},
                          {"t:9:25", "'beauty' is not one of"},
                          {"t:9:37", "at:"}};
    refused_file(words, want, 7);
}

static void what_does_not_go_together_is_told(void **state) {
    (void)state;
    static const char words[] =
        "schema: cit/trial/1\nname: bad\ndesign: split-face\n"
        "population: {grades: [1, 1], health: [{question: pregnent, share: 0.1}]}\n"
        "arms:\n  - {name: one, untreated: yes}\n  - {name: one, untreated: yes}\n"
        "  - {name: three}\n"
        "conduct: {people: 20, rater: {blinded: yes}}\nendpoints:\n"
        "  - {name: s, quantity: goodman_baron_grade, at: 8 weeks, test: welch, responder: 3}\n"
        "  - {name: r, quantity: goodman_baron_grade, at: 8 weeks, test: paired, margin: 1}\n"
        "repeats: {effect: 3}\n";
    const fault want[] = {{"t:4:22", "grades: 3 weights are needed"},
                          {"t:4:39", "did you mean 'pregnant'"},
                          {"t:6:3", "a face has two sides"},
                          {"t:7:5", "the name 'one' stands twice"},
                          {"t:8:5", "either 'protocol' or 'untreated: yes'"},
                          {"t:11:5", "welch is not one of a split-face trial"},
                          {"t:11:5", "is not one of responders"},
                          {"t:12:5", "needed for non-inferiority and equivalence"},
                          {"t:13:19", "there are 2 endpoints; state it beside each of them"}};
    refused_file(words, want, 9);
}

static void strata_drop_out_and_effects_are_checked(void **state) {
    (void)state;
    static const char words[] =
        "schema: cit/trial/1\nname: bad\ndesign: parallel\n"
        "population: {health: [{question: eczema, share: 0.1}, {question: eczema, share: 0.2}]}\n"
        "arms:\n  - {name: one, untreated: yes}\n  - {name: two, untreated: yes}\n"
        "conduct:\n  people: 20\n  allocation: simple\n  block: 4\n  strata: [grade]\n"
        "  drop_out_correlation: {severity: 0.8, improvement: -0.8}\n  rater: {blinded: yes}\n"
        "endpoints:\n"
        "  - {name: g, quantity: goodman_baron_grade, at: 8 weeks, test: welch, effect: 1}\n"
        "  - {name: h, quantity: goodman_baron_grade, at: 8 weeks, test: mann-whitney, effect: 2}\n"
        "  - {name: s, quantity: goodman_baron_improvement_percent, at: 8 weeks, test: shares, "
        "responder: 30, claim: non-inferiority, margin: 10}\n"
        "  - {name: o, quantity: goodman_baron_improvement_percent, at: 8 weeks, test: odds-ratio, "
        "responder: 30, claim: non-inferiority, margin: 0.5, effect: 0}\n";
    const fault want[] = {{"t:4:55", "health: 'eczema' stands twice"},
                          {"t:12:11", "strata: they need 'allocation: blocks'"},
                          {"t:12:11", "strata: 'grade' needs 'grades' in population"},
                          {"t:13:25", "the sum of squares, 1.28, is above 1"},
                          {"t:13:25", "needs 'drop_out' above 0"},
                          {"t:13:25", "the first endpoint is a grade by itself"},
                          {"t:11:10", "block: simple allocation has none"},
                          {"t:18:5", "10 is no share below 1; ten percentage points are 0.1"},
                          {"t:19:5", "0.5 is no ratio of odds above 1"},
                          {"t:17:5", "effect: 2, and 1 of 'g', which is the same rating"},
                          {"t:18:5", "needs 'effect', since 'g' has one"}};
    refused_file(words, want, 11);
}

static void a_rater_has_one_unit(void **state) {
    (void)state;
    static const char words[] =
        "schema: cit/trial/1\nname: bad\ndesign: %s\npopulation: {grades: [1, 1, 1]}\n"
        "arms:\n  - {name: one, untreated: yes}\n  - {name: two, untreated: yes}\n"
        "conduct: {people: 20, rater: {blinded: yes, %s}}\nendpoints:\n"
        "  - {name: s, quantity: %s, at: 8 weeks, test: %s}\n"
        "  - {name: g, quantity: %s, at: 8 weeks, test: %s}\n";
    const struct {
        const char *design, *rater, *first, *second, *test, *why;
    } rows[] = {
        {"parallel", "noise: 20", "goodman_baron_improvement_percent", "goodman_baron_grade",
         "welch",
         "noise: one number cannot be of 's' (Goodman-Baron score, improvement) and of 'g'"},
        {"split-face", "sides_sd: 5", "goodman_baron_improvement_percent", "raised_scar_mm",
         "paired", "sides_sd: one number"},
        {"parallel", "noise: 2", "goodman_baron_change_points", "ecca_change_points", "welch",
         "noise: one number"},
        {"parallel", "noise: 2", "goodman_baron_grade", "goodman_baron_grade_change", "welch",
         NULL},
        {"parallel", "noise: 0", "goodman_baron_improvement_percent", "goodman_baron_grade",
         "welch", NULL},
        {"parallel", "noise: unknown", "goodman_baron_improvement_percent", "goodman_baron_grade",
         "welch", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char file[1000];
        snprintf(file, sizeof file, words, rows[i].design, rows[i].rater, rows[i].first,
                 rows[i].test, rows[i].second, rows[i].test);
        const fault want[] = {{"t:8:30", rows[i].why}};
        if (rows[i].why != NULL)
            refused_file(file, want, 1);
        else
            cit_trial_free(trial_of(file));
    }
}

static void nothing_is_added_to_nothing(void **state) {
    (void)state;
    static const char words[] =
        "schema: cit/trial/1\nname: bad\ndesign: parallel\narms:\n"
        "  - {name: one, untreated: yes, adds: {percent: 5, sd: 1, source: a}}\n"
        "  - {name: two, untreated: yes}\nconduct: {people: 20, rater: {blinded: "
        "yes}}\nendpoints:\n"
        "  - {name: s, quantity: goodman_baron_improvement_percent, at: 8 weeks, test: welch}\n";
    const fault want[] = {{"t:5:5", "adds: nothing is given to an untreated arm"}};
    refused_file(words, want, 1);
}

static void names_are_of_one_line(void **state) {
    (void)state;
    static const char words[] =
        "schema: cit/trial/1\nname: \"a\\n\\n# b\"\ndesign: parallel\narms:\n"
        "  - {name: \"one\\ttwo\", untreated: yes}\n  - {name: two, untreated: yes}\n"
        "conduct: {people: 20, rater: {blinded: yes}}\nendpoints:\n"
        "  - {name: \"s\\rt\", quantity: goodman_baron_improvement_percent, at: 8 weeks, test: "
        "welch}\n";
    const fault want[] = {{"t:2:7", "name: control characters"},
                          {"t:5:5", "arm: control characters"},
                          {"t:9:5", "endpoint: control characters"}};
    refused_file(words, want, 3);
}

static void an_unknown_stratum_is_named(void **state) {
    (void)state;
    static const char words[] =
        "schema: cit/trial/1\nname: bad\ndesign: split-face\narms:\n"
        "  - {name: one, untreated: yes}\n  - {name: two, untreated: yes}\n"
        "conduct: {people: 20, strata: [grades], rater: {blinded: yes}}\nendpoints:\n"
        "  - {name: s, quantity: goodman_baron_improvement_percent, at: 8 weeks, test: paired}\n";
    const fault want[] = {{"t:7:32", "'grades' is not one of: grade, skin_type, sex"}};
    refused_file(words, want, 1);
}

static void a_protocol_that_is_not_there_is_named(void **state) {
    (void)state;
    const text words = trial_text(
        "schema: cit/trial/1\nname: bad\ndesign: parallel\narms:\n"
        "  - {name: one, untreated: yes}\n  - {name: two, protocol: nowhere.yaml}\n"
        "conduct: {people: 20, rater: {blinded: yes}}\nendpoints:\n"
        "  - {name: s, quantity: goodman_baron_improvement_percent, at: 8 weeks, test: welch}\n");
    const fault want[] = {{"nowhere.yaml", ""}};
    refused_file(words.bytes, want, 1);
}

static int open_catalogue(void **state) {
    (void)state;
    static const char words[] = "schema: cit/protocol/1\nname: nothing\nvisits:\n"
                                "  - {status: missed}\n";
    const int file = mkstemp(nothing_done);
    CHECK(file >= 0 && write(file, words, sizeof words - 1) == sizeof words - 1, "no file");
    close(file);
    catalogue = real_catalogue();
    return 0;
}
static int close_catalogue(void **state) {
    (void)state;
    unlink(nothing_done);
    cit_catalogue_free(catalogue);
    return 0;
}

int main(void) {
    const struct CMUnitTest cases[] = {CASE(two_samples_have_the_power_of_student),
                                       CASE(one_sided_tests_have_their_power),
                                       CASE(nothing_is_found_where_there_is_nothing),
                                       CASE(noninferiority_is_the_test_of_a_shifted_effect),
                                       CASE(pairs_have_the_power_of_their_differences),
                                       CASE(the_sides_of_a_face_correlate_as_stated),
                                       CASE(the_search_finds_the_size_of_the_tables),
                                       CASE(several_endpoints_have_the_power_of_their_procedure),
                                       CASE(endpoints_of_one_rating_share_its_error),
                                       CASE(shares_err_one_sided_as_they_may),
                                       CASE(ranks_tell_where_the_median_does_not),
                                       CASE(nobody_is_added_to_make_rounds),
                                       CASE(strata_are_balanced),
                                       CASE(without_strata_grades_are_not_balanced),
                                       CASE(strata_need_somebody_of_whom_they_are_known),
                                       CASE(shares_of_allocation_are_kept),
                                       CASE(a_smaller_trial_is_the_beginning_of_a_larger_one),
                                       CASE(drop_out_and_missed_visits_are_as_stated),
                                       CASE(complete_cases_are_biased_by_a_known_amount),
                                       CASE(the_table_asks_what_informative_drop_out_would_do),
                                       CASE(the_severe_leave_where_it_is_said),
                                       CASE(an_open_rater_favours_the_treated_alone),
                                       CASE(a_missed_visit_is_a_wound_less),
                                       CASE(kinds_follow_the_population),
                                       CASE(people_of_a_file_are_those_who_come),
                                       CASE(bad_people_are_told_line_by_line),
                                       CASE(people_of_a_spreadsheet_are_read),
                                       CASE(whom_a_rule_refuses_is_not_enrolled),
                                       CASE(rules_see_answers_together),
                                       CASE(a_trial_of_nobody_is_refused),
                                       CASE(threads_leave_no_trace),
                                       CASE(processes_leave_no_trace),
                                       CASE(nobody_waits_for_a_process_that_cannot_write),
                                       CASE(what_was_stopped_continues_to_the_same_bytes),
                                       CASE(a_strange_checkpoint_is_refused),
                                       CASE(the_example_of_plasma_has_the_number_of_its_studies),
                                       CASE(examples_can_be_read),
                                       CASE(the_share_who_leave_is_kept_over_worlds),
                                       CASE(nothing_of_a_file_of_people_is_cut),
                                       CASE(nobody_has_what_is_looked_at),
                                       CASE(what_could_not_be_analysed_is_told),
                                       CASE(processes_must_run_the_same),
                                       CASE(a_checkpoint_of_another_program_is_refused),
                                       CASE(who_asks_for_people_may_stop),
                                       CASE(the_search_keeps_within_its_limit),
                                       CASE(the_search_needs_a_round),
                                       CASE(methods_tell_the_size_and_how_sure_it_is),
                                       CASE(methods_tell_what_was_done_to_sides),
                                       CASE(methods_name_the_rater_only_where_there_is_an_error),
                                       CASE(methods_tell_sides_of_each_claim),
                                       CASE(methods_tell_what_was_added_and_when),
                                       CASE(methods_tell_who_left),
                                       CASE(a_cut_text_ends_with_a_character),
                                       CASE(long_texts_are_cut_at_a_character),
                                       CASE(a_rater_has_one_unit),
                                       CASE(nothing_is_added_to_nothing),
                                       CASE(names_are_of_one_line),
#ifdef HAS_SCARCITY
                                       CASE(lack_of_memory_changes_no_number),
                                       CASE(nobody_waits_for_a_process_without_memory),
#endif
#ifdef CIT_HDF5
                                       CASE(hdf5_says_what_it_holds),
#endif
                                       CASE(every_fault_is_told_at_its_place),
                                       CASE(what_does_not_go_together_is_told),
                                       CASE(strata_drop_out_and_effects_are_checked),
                                       CASE(an_unknown_stratum_is_named),
                                       CASE(a_protocol_that_is_not_there_is_named)};
    return cmocka_run_group_tests(cases, open_catalogue, close_catalogue);
}
