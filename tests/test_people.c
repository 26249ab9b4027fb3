/* People followed one by one: the same bytes in any company, what a posterior does to a person, days as a
 * list, what is left out, and refusals. */
#include "t.h"
#include <cit/num.h>
#include <cit/people.h>
#include <stdlib.h>

static cit_errors errs;
static cit_catalogue *catalogue;
static const cit_parameter *table;
static int rows;

static int open_catalogue(void **state) {
    char path[512];
    const char *root = getenv("CIT_SOURCE_ROOT");
    (void)state;
    if (root == NULL) return 1;
    snprintf(path, sizeof path, "%s/data", root);
    table = cit_parameter_table(&rows);
    return cit_catalogue_load(path, &catalogue, &errs) == CIT_OK ? 0 : 1;
}

static int close_catalogue(void **state) {
    (void)state;
    cit_catalogue_free(catalogue);
    return 0;
}

static int row_of(const char *name) {
    for (int i = 0; i < rows; i++)
        if (strcmp(table[i].param.name, name) == 0) return i;
    CHECK(false, "no parameter '%s'", name);
    return -1;
}

/* ---- crowds -------------------------------------------------------------------------------------- */

#define CASE_TEXT                                                                                  \
    "schema: cit/case/1\nsex: unknown\nskin_type: unknown\nzones:\n"                               \
    "  - {site: cheek, side: left, scars: unknown}\n"                                              \
    "  - {site: forehead, side: both, scars: [{type: boxcar, count: 4, width: 2.5 mm, depth: 0.4 " \
    "mm}]}\n"
#define PROTOCOL_TEXT                                                                              \
    "schema: cit/protocol/1\nwho: physician\ncream: unknown\nsettings:\n"                          \
    "  - {device: unknown, length: 1.5 mm, passes: unknown}\nvisits:\n"                            \
    "  - {status: planned, count: 2, every: 30 days}\n"

typedef struct course {
    cit_case *person;
    cit_protocol *protocol;
    cit_crowd *crowd;
    cit_crowd_layout l;
} course;

static course course_of(const char *person, const char *protocol, cit_crowd_options with) {
    course c = {0};
    errs = (cit_errors){0};
    cit_status st = cit_case_parse("case", person, strlen(person), &c.person, &errs);
    if (st == CIT_OK)
        st = cit_protocol_parse("protocol", protocol, strlen(protocol), &c.protocol, &errs);
    if (st == CIT_OK) st = cit_check_together(c.person, c.protocol, catalogue, &errs);
    with.person = c.person;
    with.protocol = c.protocol;
    with.catalogue = catalogue;
    if (st == CIT_OK) st = cit_crowd_make(&with, &c.crowd, &errs);
    CHECK(st == CIT_OK, "%s: %s", errs.items[0].where, errs.items[0].text);
    c.l = cit_crowd_layout_of(c.crowd);
    return c;
}

static course usual(cit_crowd_options with) {
    if (with.seed == 0) with.seed = 5;
    return course_of(CASE_TEXT, PROTOCOL_TEXT, with);
}

static void course_free(course *c) {
    cit_crowd_free(c->crowd);
    cit_case_free(c->person);
    cit_protocol_free(c->protocol);
}

static double *follow(const course *c, const cit_someone *who, int count) {
    double *records = malloc(sizeof *records * (size_t)c->l.size * (size_t)count);
    cit_crowd_run *run = NULL;
    errs = (cit_errors){0};
    CHECK(records != NULL && cit_crowd_run_new(c->crowd, &run, &errs) == CIT_OK &&
              cit_crowd_follow(c->crowd, run, who, count, records, &errs) == CIT_OK,
          "%s: %s", errs.items[0].where, errs.items[0].text);
    cit_crowd_run_free(run);
    return records;
}

static cit_someone somebody(int world, int person) {
    return (cit_someone){.world = (uint32_t)world,
                         .person = (uint32_t)person,
                         .posterior_draw = world,
                         .clinic = CIT_UNKNOWN_NUMBER};
}

static bool same(const double *a, const double *b, int n) {
    return memcmp(a, b, sizeof *a * (size_t)n) == 0;
}

/* The standard normal number that a parameter in a record came from. */
static double number_of(const course *c, const double *record, int row) {
    const cit_law law = cit_param_law(&table[row].param);
    const double value = record[c->l.factors + row];
    double lo = -9, hi = 9;
    for (int i = 0; i < 80; i++) {
        const double middle = 0.5 * (lo + hi);
        *(cit_law_quantile(&law, cit_normal_cdf(middle)) < value ? &lo : &hi) = middle;
    }
    return 0.5 * (lo + hi);
}

/* ---- the same bytes ------------------------------------------------------------------------------ */

static void somebody_is_the_same_in_any_company(void **state) {
    enum { N = 11 };
    course c = usual((cit_crowd_options){0});
    cit_someone who[N], turned[N];
    (void)state;
    for (int i = 0; i < N; i++) who[i] = somebody(i / 2, 3 * i);
    for (int i = 0; i < N; i++) turned[i] = who[N - 1 - i];
    double *all = follow(&c, who, N), *back = follow(&c, turned, N);
    for (int i = 0; i < N; i++) {
        const double *record = all + (size_t)i * (size_t)c.l.size;
        double *alone = follow(&c, &who[i], 1);
        CHECK(same(record, alone, c.l.size), "%d differs alone", i);
        CHECK(same(record, back + (size_t)(N - 1 - i) * (size_t)c.l.size, c.l.size),
              "%d differs where all come the other way round", i);
        free(alone);
    }
    /* Twins, and one who is followed twice. */
    const cit_someone twice[] = {who[3], who[4], who[3], who[3], who[3], who[7]};
    double *again = follow(&c, twice, 6);
    for (int i = 0; i < 5; i++)
        if (i != 1)
            CHECK(same(again + (size_t)i * (size_t)c.l.size, all + 3 * (size_t)c.l.size, c.l.size),
                  "twin %d", i);
    CHECK(!same(all, all + (size_t)c.l.size, c.l.size), "two people are one");
    free(again);
    free(all);
    free(back);
    course_free(&c);
}

/* A run's memory keeps nothing of whom it followed before. */
static void a_run_forgets(void **state) {
    course c = usual((cit_crowd_options){0});
    const cit_someone a = somebody(1, 1), b = somebody(2, 9);
    cit_crowd_run *run = NULL;
    double *first = follow(&c, &a, 1), *second = malloc(sizeof *second * (size_t)c.l.size);
    (void)state;
    CHECK(cit_crowd_run_new(c.crowd, &run, &errs) == CIT_OK, "run");
    for (int i = 0; i < 3; i++) {
        CHECK(cit_crowd_follow(c.crowd, run, &b, 1, second, &errs) == CIT_OK, "b");
        memset(second, 0xA5, sizeof *second * (size_t)c.l.size);
        CHECK(cit_crowd_follow(c.crowd, run, &a, 1, second, &errs) == CIT_OK, "a");
        CHECK(same(first, second, c.l.size), "another record the %d. time", i + 2);
    }
    cit_crowd_run_free(run);
    free(first);
    free(second);
    course_free(&c);
}

static void any_threads_give_the_same_bytes(void **state) {
    enum { N = 37 };
    course c = usual((cit_crowd_options){0});
    cit_someone who[N];
    (void)state;
    for (int i = 0; i < N; i++) who[i] = somebody(i, i);
    double *one = follow(&c, who, N);
    for (int threads = 1; threads <= 4; threads++) {
        double *more = malloc(sizeof *more * (size_t)c.l.size * N);
        CHECK(cit_crowd_follow_all(c.crowd, who, N, threads, NULL, more, &errs) == CIT_OK, "%s",
              errs.items[0].text);
        CHECK(same(one, more, c.l.size * N), "%d threads differ", threads);
        free(more);
    }
    free(one);
    course_free(&c);
}

static bool never(void *context, double share, const char *what) {
    (void)context;
    (void)share;
    (void)what;
    return false;
}

static void a_stop_is_a_status(void **state) {
    enum { N = 64 };
    course c = usual((cit_crowd_options){0});
    cit_someone who[N];
    const cit_progress progress = {never, NULL};
    (void)state;
    for (int i = 0; i < N; i++) who[i] = somebody(i, i);
    double *records = malloc(sizeof *records * (size_t)c.l.size * N);
    errs = (cit_errors){0};
    CHECK(cit_crowd_follow_all(c.crowd, who, N, 2, &progress, records, &errs) == CIT_CANCELLED &&
              errs.count == 1,
          "not stopped");
    free(records);
    course_free(&c);
}

/* ---- worlds, people, a posterior -------------------------------------------------------------------- */

static cit_posterior posterior_of(double *numbers, int draws) {
    return (cit_posterior){.draws = draws, .rows = rows, .numbers = numbers, .blend_weight = 1};
}

static void an_unknown_posterior_changes_nothing(void **state) {
    enum { N = 6 };
    double *numbers = malloc(sizeof *numbers * (size_t)rows * 3);
    (void)state;
    for (int i = 0; i < 3 * rows; i++) numbers[i] = CIT_UNKNOWN_NUMBER;
    const cit_posterior posterior = posterior_of(numbers, 3);
    course with = usual((cit_crowd_options){.posterior = &posterior}),
           without = usual((cit_crowd_options){0});
    cit_someone who[N], shared[N];
    for (int i = 0; i < N; i++) {
        who[i] = shared[i] = somebody(i, i);
        shared[i].shared = numbers;
    }
    double *a = follow(&without, who, N), *b = follow(&with, who, N),
           *d = follow(&without, shared, N);
    CHECK(same(a, b, with.l.size * N), "a posterior of nothing changes people");
    CHECK(same(a, d, with.l.size * N), "shared numbers that are unknown change people");
    free(a);
    free(b);
    free(d);
    free(numbers);
    course_free(&with);
    course_free(&without);
}

/* Of a shared number z a person's is sqrt(1 - s) z + sqrt(s) of their own, s = 1/2; what all share is z. */
static void people_scatter_about_what_all_share(void **state) {
    enum { N = 1500 };
    static const double zs[] = {1.2, -0.7};
    static const double day[] = {0, 28};
    const char one_visit[] = "schema: cit/protocol/1\nwho: physician\ncream: no\nsettings:\n"
                             "  - {device: dermaroller-192, length: 0.5 mm, passes: 5}\nvisits:\n"
                             "  - {status: planned, count: 1}\n";
    const char one_scar[] = "schema: cit/case/1\nsex: female\nskin_type: III\nzones:\n"
                            "  - {site: cheek, side: left, scars: [{type: boxcar, count: 4, width: "
                            "2.5 mm, depth: 0.4 mm}]}\n";
    cit_parameters usual_values;
    (void)state;
    cit_parameters_default(&usual_values);
    const double s = usual_values.study.person_share;
    for (int k = 0; k < 2; k++) {
        double *numbers = malloc(sizeof *numbers * (size_t)rows);
        for (int i = 0; i < rows; i++) numbers[i] = zs[k];
        const cit_posterior posterior = posterior_of(numbers, 1);
        course c = course_of(one_scar, one_visit,
                             (cit_crowd_options){.posterior = &posterior,
                                                 .seed = 9,
                                                 .days = day,
                                                 .day_count = 2,
                                                 .sizes = 1,
                                                 .follow = CIT_FOLLOW_SCARS,
                                                 .rtol = 1e-2});
        static cit_someone who[N];
        for (int i = 0; i < N; i++) who[i] = somebody(i, i);
        double *records = follow(&c, who, N);
        int people = 0, shared = 0;
        double worst = 0;
        for (int row = 0; row < rows; row++) {
            const cit_param *p = &table[row].param;
            if (p->spread == CIT_FIXED) continue;
            if (p->level != CIT_PERSON) {
                const cit_law law = cit_param_law(p);
                const double want = cit_law_quantile(&law, cit_normal_cdf(zs[k]));
                for (int i = 0; i < N; i++)
                    CHECK(records[(size_t)i * (size_t)c.l.size + (size_t)(c.l.factors + row)] ==
                              want,
                          "%s is not what all share", p->name);
                shared++;
                continue;
            }
            static double z[N];
            for (int i = 0; i < N; i++)
                z[i] = number_of(&c, records + (size_t)i * (size_t)c.l.size, row);
            const double mean = cit_mean(z, N), variance = cit_variance(z, N);
            const double off = (mean - sqrt(1 - s) * zs[k]) / sqrt(s / N),
                         off2 = (variance - s) / (s * sqrt(2.0 / (N - 1)));
            worst = fmax(worst, fmax(fabs(off), fabs(off2)));
            CHECK(fabs(off) < 4.5 && fabs(off2) < 4.5,
                  "%s at %g: mean %.4f, not %.4f; variance %.4f, not %.4f", p->name, zs[k], mean,
                  sqrt(1 - s) * zs[k], variance, s);
            people++;
        }
        print_message("# at %g: %d parameters of the person, %d shared; worst %.2f errors off\n",
                      zs[k], people, shared, worst);
        CHECK(people > 10 && shared > 40, "%d of the person, %d shared", people, shared);
        free(records);
        free(numbers);
        course_free(&c);
    }
}

/* In the prior both parts are drawn: together a standard normal number, alike within a world by 1 - s. */
static void people_of_one_world_are_alike_by_what_they_share(void **state) {
    enum { WORLDS = 400 };
    static const double day[] = {0, 28};
    static cit_someone who[2 * WORLDS];
    course c = usual((cit_crowd_options){.days = day,
                                         .day_count = 2,
                                         .sizes = 1,
                                         .follow = CIT_FOLLOW_SCARS,
                                         .rtol = 1e-2,
                                         .seed = 17});
    (void)state;
    for (int i = 0; i < 2 * WORLDS; i++) who[i] = somebody(i / 2, i);
    double *records = follow(&c, who, 2 * WORLDS), pooled = 0;
    int count = 0;
    for (int row = 0; row < rows; row++) {
        const cit_param *p = &table[row].param;
        if (p->spread == CIT_FIXED) continue;
        double together = 0, squares = 0;
        for (int i = 0; i < WORLDS; i++) {
            const double a = number_of(&c, records + (size_t)(2 * i) * (size_t)c.l.size, row),
                         b = number_of(&c, records + (size_t)(2 * i + 1) * (size_t)c.l.size, row);
            together += a * b / WORLDS;
            squares += 0.5 * (a * a + b * b) / WORLDS;
            if (p->level != CIT_PERSON) CHECK(a == b, "%s differs in one world", p->name);
        }
        CHECK(fabs(squares - 1) < 4.5 * sqrt(2.0 / WORLDS), "%s: variance %g", p->name, squares);
        if (p->level == CIT_PERSON) {
            CHECK(fabs(together - 0.5) < 4.5 * sqrt(1.25 / WORLDS), "%s: covariance %g", p->name,
                  together);
            pooled += together;
            count++;
        }
    }
    CHECK(fabs(pooled / count - 0.5) < 4.5 * sqrt(1.25 / WORLDS / count), "pooled %g",
          pooled / count);
    free(records);
    course_free(&c);
}

static void draws_of_a_posterior_are_taken_in_turn(void **state) {
    double *numbers = malloc(sizeof *numbers * (size_t)rows * 2);
    const int row = row_of("between_sd");
    const cit_law law = cit_param_law(&table[row].param);
    (void)state;
    for (int i = 0; i < 2 * rows; i++) numbers[i] = i < rows ? -1 : 1;
    const cit_posterior posterior = posterior_of(numbers, 2);
    course c = usual((cit_crowd_options){.posterior = &posterior});
    cit_someone who[4];
    for (int i = 0; i < 4; i++) {
        who[i] = somebody(1, 1);
        who[i].posterior_draw = i;
    }
    double *records = follow(&c, who, 4);
    for (int i = 0; i < 4; i++)
        CHECK(records[i * c.l.size + c.l.factors + row] ==
                  cit_law_quantile(&law, cit_normal_cdf(i % 2 ? 1 : -1)),
              "draw %d", i);
    CHECK(same(records, records + 2 * c.l.size, c.l.size), "draw 2 is draw 0");
    /* Numbers given for somebody stand before it. */
    double *given = malloc(sizeof *given * (size_t)rows);
    for (int i = 0; i < rows; i++) given[i] = i == row ? 0.3 : CIT_UNKNOWN_NUMBER;
    who[0].shared = given;
    double *own = follow(&c, who, 1);
    CHECK(own[c.l.factors + row] == cit_law_quantile(&law, cit_normal_cdf(0.3)),
          "not what was given");
    free(own);
    free(given);
    free(records);
    free(numbers);
    course_free(&c);
}

/* What a clinic adds to scores is one number, there as depth falls, in full eight weeks after the last of two
 * visits 30 days apart, and touches no tissue. */
static void a_clinic_moves_scores_and_nothing_else(void **state) {
    enum { DAYS = 4, FULL = 2 };
    static const double day[DAYS] = {0, 42, 30 + 56, 300};
    course c = usual((cit_crowd_options){.days = day, .day_count = DAYS, .rater = CIT_BLINDED});
    cit_someone who[3] = {somebody(4, 4), somebody(4, 4), somebody(4, 4)};
    const int row = row_of("between_sd");
    (void)state;
    who[0].clinic = 0;
    who[1].clinic = 1;
    double *r = follow(&c, who, 3);
    const double *none = r, *one = r + c.l.size, *drawn = r + 2 * c.l.size;
    const double sd = none[c.l.factors + row];
    const double *depth = none + CIT_Q_DEPTH_ALL * DAYS;
    CHECK(depth[1] > 1 && depth[1] < depth[FULL], "no course: %g, %g", depth[1], depth[FULL]);
    const int clinic = c.l.factors + rows + CIT_FACTOR_CLINIC;
    CHECK(none[clinic] == 0 && one[clinic] == 1 && drawn[clinic] != 0, "clinic %g %g %g",
          none[clinic], one[clinic], drawn[clinic]);
    for (int d = 0; d < DAYS; d++) {
        const double full = fmin(fmax(depth[d] / depth[FULL], 0), 1);
#define AT(record, quantity) record[CIT_Q_##quantity * DAYS + d]
        CHECK_CLOSE(AT(one, GB_PERCENT) - AT(none, GB_PERCENT), 100 * sd * full, 1e-9);
        CHECK_CLOSE(AT(drawn, ECCA_PERCENT) - AT(none, ECCA_PERCENT),
                    100 * sd * full * drawn[clinic], 1e-9);
        for (int q = 0; q < CIT_QUANTITIES; q++) {
            const bool score = q >= CIT_Q_GB_CHANGE && q <= CIT_Q_SCAR_S;
            if (!score && q != CIT_Q_OTHER_PERCENT)
                CHECK(none[q * DAYS + d] == one[q * DAYS + d], "%s moves",
                      cit_quantity_key((cit_quantity)q));
        }
    }
    free(r);
    course_free(&c);
}

static void a_rater_who_knows_sees_more(void **state) {
    static const double day[] = {0, 300};
    course blind = usual((cit_crowd_options){.days = day, .day_count = 2, .rater = CIT_BLINDED}),
           open = usual((cit_crowd_options){.days = day, .day_count = 2, .rater = CIT_OPEN}),
           said = usual((cit_crowd_options){.days = day, .day_count = 2});
    const int share = row_of("open_share");
    (void)state;
    for (int i = 0; i < 8; i++) {
        cit_someone who = somebody(i, i);
        who.clinic = 0;
        double *a = follow(&blind, &who, 1), *b = follow(&open, &who, 1),
               *d = follow(&said, &who, 1);
        const int at = CIT_Q_GB_PERCENT * 2 + 1;
        if (b[at] < 100) CHECK_CLOSE(b[at] - a[at], 100 * a[blind.l.factors + share], 1e-9);
        CHECK(same(a, d, blind.l.size), "a person's own forecast is of a rater who does not know");
        CHECK(a[CIT_Q_DEPTH_ALL * 2 + 1] == b[CIT_Q_DEPTH_ALL * 2 + 1], "a rater changes depth");
        free(a);
        free(b);
        free(d);
    }
    course_free(&blind);
    course_free(&open);
    course_free(&said);
}

/* ---- memory ---------------------------------------------------------------------------------------- */

/* Where this program's own malloc stands before the C library's, it can be made to fail: what the library under
 * test asks for by itself, not what others ask for on its behalf. */
#if defined __GLIBC__ && !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
#define CAN_FAIL
#include <dlfcn.h>
/* NOLINTBEGIN(bugprone-reserved-identifier) */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
/* NOLINTEND(bugprone-reserved-identifier) */
static bool counting;
static int asked, fail_first, fail_last; /* those from and to these are refused, by count from 1 */
static bool is_refused(const void *caller) {
    Dl_info from;
    if (!counting || dladdr(caller, &from) == 0 || strstr(from.dli_fname, "libcit") == NULL)
        return false;
    asked++;
    return asked >= fail_first && asked <= fail_last;
}
void *malloc(size_t size) {
    return is_refused(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
    return is_refused(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}
#endif

/* Whenever memory fails for a while, the call says so, or all records are there. */
static void no_record_is_left_out_when_memory_fails(void **state) {
    (void)state;
#ifdef CAN_FAIL
    enum { N = 5 * CIT_CROWD_AT_ONCE + 1, TRIES = 120 };
    course c = usual((cit_crowd_options){.follow = CIT_FOLLOW_SCARS, .rtol = 1e-2});
    const size_t numbers = (size_t)c.l.size * N;
    cit_someone who[N];
    int done = 0, refused = 0;
    for (int i = 0; i < N; i++) who[i] = somebody(i, i);
    double *want = follow(&c, who, N), *got = calloc(numbers, sizeof *got);
    for (int length = 1; length <= 16; length *= 4) {
        for (int first = 1; first < TRIES; first++) {
            memset(got, 0xA5, numbers * sizeof *got);
            errs = (cit_errors){0};
            asked = 0;
            fail_first = first;
            fail_last = first + length - 1;
            counting = true;
            const cit_status st = cit_crowd_follow_all(c.crowd, who, N, 1, NULL, got, &errs);
            counting = false;
            if (asked < first) break;
            CHECK(st == CIT_OK || (st == CIT_NOMEM && errs.count == 1), "status %d, %d faults",
                  (int)st, errs.count);
            CHECK(st != CIT_OK || same(want, got, c.l.size * N),
                  "%d failures from %d on: not all records are there", length, first);
            done += st == CIT_OK;
            refused += st != CIT_OK;
        }
    }
    print_message("# memory failed %d times: done all the same %d times\n", done + refused, done);
    CHECK(done > 10 && refused > 10, "done %d times, refused %d times", done, refused);
    free(want);
    free(got);
    course_free(&c);
#else
    skip();
#endif
}

/* ---- days, sizes, what is left out ------------------------------------------------------------------ */

/* Days that are asked for alone are what a weekly course says of them, to the columns' tolerance. */
static void days_alone_agree_with_weeks(void **state) {
    static const double days[] = {0, 7, 56, 119, 182};
    enum { DAYS = 5 };
    const double tolerance[] = {1e-6, 1e-3};
    (void)state;
    for (int exact = 0; exact < 2; exact++) {
        const double rtol = exact ? 1e-7 : 0;
        course weekly = usual((cit_crowd_options){.rtol = rtol}),
               few = usual((cit_crowd_options){.rtol = rtol, .days = days, .day_count = DAYS});
        double worst = 0;
        for (int i = 0; i < 6; i++) {
            const cit_someone who = somebody(i, i);
            double *a = follow(&weekly, &who, 1), *b = follow(&few, &who, 1);
            for (int q = 0; q < CIT_QUANTITIES; q++)
                for (int d = 0; d < DAYS; d++) {
                    const double x = a[q * weekly.crowd->day_count + (int)(days[d] / 7)],
                                 y = b[q * DAYS + d];
                    /* The chance of a mark follows the worst seen so far, looked for less often. */
                    if (q == CIT_Q_PIGMENT_RISK || isnan(x) || isnan(y)) {
                        CHECK(isnan(x) == isnan(y), "%s is known in one",
                              cit_quantity_key((cit_quantity)q));
                        continue;
                    }
                    /* Grades and SCAR-S jump. */
                    if (q == CIT_Q_GRADE || q == CIT_Q_GRADE_CHANGE || q == CIT_Q_SCAR_S) continue;
                    worst = fmax(worst, fabs(x - y) / (1 + fabs(x)));
                }
            free(a);
            free(b);
        }
        print_message("# rtol %g: days and weeks differ by %.2g\n", rtol, worst);
        CHECK(worst < tolerance[1 - exact] * (exact ? 1 : 10), "differ by %g", worst);
        course_free(&weekly);
        course_free(&few);
    }
}

/* The risk of a mark is of the worst load until then: asked less often it must not be lower. */
static void pigment_does_not_depend_on_the_days_asked_for(void **state) {
    static const double days[] = {0, 182};
    course weekly = usual((cit_crowd_options){0}),
           few = usual((cit_crowd_options){.days = days, .day_count = 2});
    double worst = 0, mean = 0;
    (void)state;
    for (int i = 0; i < 12; i++) {
        const cit_someone who = somebody(i, i);
        double *a = follow(&weekly, &who, 1), *b = follow(&few, &who, 1);
        const double x = a[CIT_Q_PIGMENT_RISK * weekly.crowd->day_count + 26],
                     y = b[CIT_Q_PIGMENT_RISK * 2 + 1];
        worst = fmax(worst, fabs(x - y));
        mean += x / 12;
        free(a);
        free(b);
    }
    print_message(
        "# chance of a mark at week 26 by weeks and by two days: %.1f %%, differ by %.2g points\n",
        mean, worst);
    CHECK(mean > 0.1, "nobody has a chance of a mark");
    CHECK(worst < 1, "%.2f points", worst);
    course_free(&weekly);
    course_free(&few);
}

/* The days may go once the crowd is made. */
static void a_crowd_has_its_own_days(void **state) {
    double day[] = {0, 30, 30, 90}; /* twice the same is no fault */
    course c = usual((cit_crowd_options){.days = day, .day_count = 4, .follow = CIT_FOLLOW_SCARS});
    const cit_someone who = somebody(3, 3);
    (void)state;
    CHECK(c.crowd->with.days == NULL && c.crowd->days != day, "points to the caller's days");
    double *before = follow(&c, &who, 1);
    for (int i = 0; i < 4; i++) day[i] = CIT_UNKNOWN_NUMBER;
    double *after = follow(&c, &who, 1);
    CHECK(same(before, after, c.l.size), "another record");
    free(before);
    free(after);
    course_free(&c);
}

static void scars_alone_are_the_same_scars(void **state) {
    enum { N = 9 };
    course whole = usual((cit_crowd_options){0}),
           scars = usual((cit_crowd_options){.follow = CIT_FOLLOW_SCARS});
    cit_someone who[N];
    double red = 0;
    (void)state;
    for (int i = 0; i < N; i++) who[i] = somebody(i, i);
    double *a = follow(&whole, who, N), *b = follow(&scars, who, N);
    const int days = whole.crowd->day_count;
    for (int i = 0; i < N; i++) {
        const double *x = a + (size_t)i * (size_t)whole.l.size,
                     *y = b + (size_t)i * (size_t)scars.l.size;
        for (int q = 0; q < CIT_QUANTITIES; q++) {
            if (q == CIT_Q_PIGMENT_RISK) {
                for (int d = 0; d < days; d++) CHECK(y[q * days + d] == 0, "pigment is followed");
                continue;
            }
            if (q == CIT_Q_EPIDERMIS) continue; /* of healthy skin: held below */
            CHECK(same(x + q * days, y + q * days, days), "%s differs",
                  cit_quantity_key((cit_quantity)q));
        }
        CHECK(same(x + CIT_Q_EPIDERMIS * days, y + CIT_Q_EPIDERMIS * days, days),
              "the epidermis differs");
        CHECK(same(x + whole.l.groups, y + scars.l.groups, whole.l.visits - whole.l.groups),
              "groups differ");
        for (int v = 0; v < whole.crowd->visit_count; v++) {
            const double *p = x + whole.l.visits + CIT_V_SIZE * v,
                         *r = y + scars.l.visits + CIT_V_SIZE * v;
            CHECK(r[CIT_V_RED] == 0, "redness is followed");
            red += p[CIT_V_RED];
            CHECK(p[CIT_V_PAIN] == r[CIT_V_PAIN] && p[CIT_V_DENSITY] == r[CIT_V_DENSITY] &&
                      p[CIT_V_REACH] == r[CIT_V_REACH],
                  "visit %d differs", v);
        }
    }
    CHECK(red > 0, "nobody turned red");
    free(a);
    free(b);
    course_free(&whole);
    course_free(&scars);
}

/* Pain, reach and density need no column; a face whose scars are not followed has no depth to tell of. */
static void visits_alone_are_the_same_visits(void **state) {
    enum { N = 7 };
    course whole = usual((cit_crowd_options){0}),
           visits = usual((cit_crowd_options){.follow = CIT_FOLLOW_VISITS});
    cit_someone who[N];
    (void)state;
    for (int i = 0; i < N; i++) who[i] = somebody(i, i);
    double *a = follow(&whole, who, N), *b = follow(&visits, who, N);
    for (int i = 0; i < N; i++) {
        const double *x = a + (size_t)i * (size_t)whole.l.size,
                     *y = b + (size_t)i * (size_t)visits.l.size;
        for (int v = 0; v < whole.crowd->visit_count; v++) {
            const double *p = x + whole.l.visits + CIT_V_SIZE * v,
                         *r = y + visits.l.visits + CIT_V_SIZE * v;
            CHECK(p[CIT_V_PAIN] == r[CIT_V_PAIN] && p[CIT_V_DENSITY] == r[CIT_V_DENSITY] &&
                      p[CIT_V_REACH] == r[CIT_V_REACH] && p[CIT_V_DAY] == r[CIT_V_DAY],
                  "visit %d differs", v);
        }
        CHECK(same(x + whole.l.factors, y + visits.l.factors, rows + CIT_EXTRA_FACTORS),
              "other people");
        for (int d = 0; d < visits.crowd->day_count; d++)
            CHECK(isnan(y[CIT_Q_DEPTH_ALL * visits.crowd->day_count + d]),
                  "a depth that nobody followed");
    }
    free(a);
    free(b);
    course_free(&whole);
    course_free(&visits);
}

/* One, two or three scars that stand for a group: the same people, and much the same in the middle. */
static void fewer_sizes_are_the_same_people(void **state) {
    enum { N = 40 };
    course c[3];
    double mean[3] = {0}, start[3] = {0};
    cit_someone who[N];
    (void)state;
    for (int i = 0; i < N; i++) who[i] = somebody(i, i);
    double *first = NULL;
    for (int k = 0; k < 3; k++) {
        c[k] = usual((cit_crowd_options){.sizes = k + 1, .follow = CIT_FOLLOW_SCARS});
        double *r = follow(&c[k], who, N);
        const int days = c[k].crowd->day_count;
        CHECK(c[k].l.size == c[0].l.size, "the record has another shape");
        for (int i = 0; i < N; i++) {
            const double *x = r + (size_t)i * (size_t)c[k].l.size;
            mean[k] += x[CIT_Q_DEPTH_ALL * days + 26] / N;
            start[k] += x[c[k].l.groups + CIT_G_DEPTH] / N;
            if (first != NULL)
                CHECK(same(x + c[k].l.factors,
                           first + (size_t)i * (size_t)c[k].l.size + c[k].l.factors,
                           rows + CIT_EXTRA_FACTORS),
                      "other people");
        }
        if (first == NULL)
            first = r;
        else
            free(r);
    }
    print_message(
        "# sizes 1, 2, 3: depth at the start %.3f %.3f %.3f mm, reduced by %.2f %.2f %.2f %%\n",
        start[0], start[1], start[2], mean[0], mean[1], mean[2]);
    for (int k = 0; k < 2; k++)
        CHECK(fabs(mean[k] - mean[2]) < 0.25 * fabs(mean[2]), "%d sizes: %g, not %g", k + 1,
              mean[k], mean[2]);
    free(first);
    for (int k = 0; k < 3; k++) course_free(&c[k]);
}

/* ---- refusals -------------------------------------------------------------------------------------- */

static void refused_with(cit_crowd_options with, const char *person, const char *protocol,
                         const char *where, const char *words) {
    cit_case *c = NULL;
    cit_protocol *p = NULL;
    cit_crowd *crowd = NULL;
    errs = (cit_errors){0};
    if (with.catalogue == NULL) with.catalogue = catalogue;
    CHECK(cit_case_parse("case", person, strlen(person), &c, &errs) == CIT_OK &&
              cit_protocol_parse("protocol", protocol, strlen(protocol), &p, &errs) == CIT_OK &&
              cit_check_together(c, p, with.catalogue, &errs) == CIT_OK,
          "%s: %s", errs.items[0].where, errs.items[0].text);
    with.person = c;
    with.protocol = p;
    CHECK(cit_crowd_make(&with, &crowd, &errs) == CIT_INVALID && crowd == NULL, "accepted: %s",
          words);
    CHECK(errs.count == 1 && strncmp(errs.items[0].where, where, strlen(where)) == 0 &&
              strstr(errs.items[0].text, words) != NULL,
          "%d faults: %s: %s", errs.count, errs.items[0].where, errs.items[0].text);
    cit_case_free(c);
    cit_protocol_free(p);
}

static void refused(const char *person, const char *protocol, const char *words) {
    refused_with((cit_crowd_options){0}, person, protocol,
                 strstr(words, "scar") ? "case:" : "protocol:", words);
}

static void what_cannot_be_followed_is_refused(void **state) {
#define WITH(setting, visits)                                                                      \
    "schema: cit/protocol/1\nwho: physician\ncream: no\nsettings:\n  - " setting                   \
    "\nvisits:\n  - {status: planned, " visits "}\n"
    (void)state;
    refused(CASE_TEXT, WITH("{device: unknown, kind: radiofrequency, length: 1.5 mm}", "count: 1"),
            "heat");
    refused(CASE_TEXT,
            WITH("{device: unknown, kind: pen, length: 1.5 mm, passes: 100, speed: 1 mm/s}",
                 "count: 1"),
            "punctures per cm2");
    refused(CASE_TEXT,
            WITH("{device: dermaroller-192, length: 1.5 mm}", "count: 9, every: 52 weeks"),
            "weeks");
    refused("schema: cit/case/1\nzones:\n  - {site: cheek, side: left, scars: []}\n",
            WITH("{device: dermaroller-192, length: 1.5 mm}", "count: 2, every: 4 weeks"), "scar");
}

/* Days that are asked for do not let a course become longer. */
static void a_course_beyond_five_years_is_refused_whatever_the_days(void **state) {
    static const double day[] = {0, 100};
    const cit_crowd_options with = {.days = day, .day_count = 2};
    (void)state;
    refused_with(with, CASE_TEXT,
                 WITH("{device: dermaroller-192, length: 1.5 mm}", "count: 9, every: 52 weeks"),
                 "protocol:7", "the course lasts 416 weeks");
    course c = course_of(
        CASE_TEXT, WITH("{device: dermaroller-192, length: 1.5 mm}", "count: 5, every: 52 weeks"),
        with);
    course_free(&c);
}

static void days_that_do_not_ascend_are_refused(void **state) {
    static const double days[][4] = {
        {0, 30, 20, 40},          {0, 30, 40, 39.5},        {0, -1, 5, 6},
        {0, (double)NAN, 10, 20}, {0, 10, 20, (double)NAN}, {0, 10, 20, (double)INFINITY},
        {0, 1e300, 1e200, 1e100}};
    (void)state;
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        refused_with((cit_crowd_options){.days = days[i], .day_count = 4}, CASE_TEXT, PROTOCOL_TEXT,
                     "", "must ascend");
    refused_with((cit_crowd_options){.days = days[0] + 1, .day_count = 1}, CASE_TEXT, PROTOCOL_TEXT,
                 "", "day 0");
}

/* A catalogue that has no device of a kind: a setting that may be of that kind has none to stand for it. */
static void an_unknown_device_of_a_kind_nobody_sells_is_refused(void **state) {
    static const char *const kinds[] = {"roller", "pen", "stamp"};
    static const char *const named[] = {"dermaroller-192", "pen-12", "stamp-40"};
    cit_device *left = malloc(sizeof *left * (size_t)catalogue->device_count);
    (void)state;
    for (int kind = CIT_ROLLER; kind <= CIT_STAMP; kind++) {
        cit_catalogue without = *catalogue;
        const cit_crowd_options with = {.catalogue = &without};
        char text[512];
        without.device_count = 0;
        without.devices = left;
        for (int i = 0; i < catalogue->device_count; i++)
            if (catalogue->devices[i].kind != kind)
                left[without.device_count++] = catalogue->devices[i];
        CHECK(without.device_count < catalogue->device_count, "there was none anyway");
        for (int of = 0; of <= CIT_STAMP; of++) {
            snprintf(text, sizeof text,
                     WITH("{device: unknown, kind: %s, length: 1.5 mm}", "count: 1"),
                     of == 0 ? "unknown" : kinds[of - 1]);
            const bool may_be = of == kind || (of == 0 && kind != CIT_STAMP);
            if (may_be) {
                refused_with(with, CASE_TEXT, text, "protocol:5", kinds[kind - 1]);
                continue;
            }
            cit_catalogue *all = catalogue;
            catalogue = &without;
            course c = course_of(CASE_TEXT, text, (cit_crowd_options){.seed = 1});
            catalogue = all;
            const cit_someone who[] = {somebody(1, 1), somebody(2, 2), somebody(3, 3)};
            free(follow(&c, who, 3));
            course_free(&c);
        }
        /* One that is named is there or was refused before. */
        snprintf(text, sizeof text, WITH("{device: %s, length: 1.5 mm}", "count: 1"),
                 named[kind % 3]);
        cit_catalogue *all = catalogue;
        catalogue = &without;
        course c = course_of(CASE_TEXT, text, (cit_crowd_options){.seed = 1});
        catalogue = all;
        course_free(&c);
    }
    free(left);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(somebody_is_the_same_in_any_company),
        CASE(a_run_forgets),
        CASE(any_threads_give_the_same_bytes),
        CASE(a_stop_is_a_status),
        CASE(an_unknown_posterior_changes_nothing),
        CASE(people_scatter_about_what_all_share),
        CASE(people_of_one_world_are_alike_by_what_they_share),
        CASE(draws_of_a_posterior_are_taken_in_turn),
        CASE(a_clinic_moves_scores_and_nothing_else),
        CASE(a_rater_who_knows_sees_more),
        CASE(no_record_is_left_out_when_memory_fails),
        CASE(a_crowd_has_its_own_days),
        CASE(days_alone_agree_with_weeks),
        CASE(pigment_does_not_depend_on_the_days_asked_for),
        CASE(scars_alone_are_the_same_scars),
        CASE(visits_alone_are_the_same_visits),
        CASE(fewer_sizes_are_the_same_people),
        CASE(what_cannot_be_followed_is_refused),
        CASE(a_course_beyond_five_years_is_refused_whatever_the_days),
        CASE(days_that_do_not_ascend_are_refused),
        CASE(an_unknown_device_of_a_kind_nobody_sells_is_refused),
    };
    return cmocka_run_group_tests(cases, open_catalogue, close_catalogue);
}
