/* The base room against what is known without it: published vectors, the calendar, closed forms. */
#include "t.h"
#include <cit/base.h>
#include <math.h>
#include <stdlib.h>

/* ---- status and errors --------------------------------------------------------------------- */

static void every_status_has_its_text_and_exit_status(void **state) {
    static const struct {
        const char *text;
        cit_status status;
        int exit_status;
    } rows[] = {
        {"ok", CIT_OK, 0},
        {"refused by a safety rule", CIT_REFUSED, 2},
        {"wrong command line", CIT_USAGE, 64},
        {"invalid input", CIT_INVALID, 65},
        {"no such file or entry", CIT_NOTFOUND, 66},
        {"internal fault", CIT_INTERNAL, 70},
        {"no converged solution", CIT_DIVERGED, 70},
        {"out of memory", CIT_NOMEM, 71},
        {"input or output failed", CIT_IO, 74},
        {"stopped on request", CIT_CANCELLED, 130},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK(strcmp(cit_status_text(rows[i].status), rows[i].text) == 0, "status %d is '%s'",
              rows[i].status, cit_status_text(rows[i].status));
        CHECK(cit_status_exit(rows[i].status) == rows[i].exit_status, "'%s' exits with %d",
              rows[i].text, cit_status_exit(rows[i].status));
    }
}

static void a_fault_keeps_its_code_place_and_text(void **state) {
    cit_errors errs = {0};
    (void)state;
    CHECK(cit_errors_status(&errs) == CIT_OK, "no fault gives status %d", cit_errors_status(&errs));
    const cit_status st = cit_fail(&errs, CIT_NOTFOUND, "x.yaml:3:4", "no %s of %d", "site", 7);
    CHECK(st == CIT_NOTFOUND, "returned %d", st);
    cit_fail(&errs, CIT_IO, NULL, "second");
    CHECK(cit_errors_status(&errs) == CIT_NOTFOUND, "the list's status is that of a later fault");
    CHECK(errs.count == 2 && errs.lost == 0, "%d faults, %d lost", errs.count, errs.lost);
    CHECK(strcmp(errs.items[0].where, "x.yaml:3:4") == 0, "where is '%s'", errs.items[0].where);
    CHECK(strcmp(errs.items[0].text, "no site of 7") == 0, "text is '%s'", errs.items[0].text);
    CHECK(strcmp(errs.items[1].where, "") == 0, "no place is '%s'", errs.items[1].where);
    CHECK(cit_fail(NULL, CIT_IO, "x", "unheard") == CIT_IO, "without a list the code is lost");
}

static void a_fault_stays_one_line_of_utf8(void **state) {
    cit_errors errs = {0};
    char flood[1000];
    (void)state;
    cit_fail(&errs, CIT_INVALID, "a\nb", "one\r\ntwo\tthree \x1b[1m \x7f \xc3\xa9 \xc3 \xc2\x85");
    CHECK(strcmp(errs.items[0].where, "a b") == 0, "where is '%s'", errs.items[0].where);
    CHECK(strcmp(errs.items[0].text, "one  two three  [1m   \xc3\xa9 ? ??") == 0, "text is '%s'",
          errs.items[0].text);

    memset(flood, 'x', sizeof flood);
    flood[sizeof flood - 1] = 0;
    cit_fail(&errs, CIT_INVALID, flood, "%s", flood);
    CHECK(strlen(errs.items[1].where) == sizeof errs.items[1].where - 1, "where has %zu bytes",
          strlen(errs.items[1].where));
    CHECK(strlen(errs.items[1].text) == sizeof errs.items[1].text - 1, "text has %zu bytes",
          strlen(errs.items[1].text));
    /* the cut at 2 bytes falls inside the second of two 2-byte letters */
    cit_fail(&errs, CIT_INVALID, "", "'%.3s'", "\xc3\xa9\xc3\xa9");
    CHECK(strcmp(errs.items[2].text, "'\xc3\xa9?'") == 0, "text is '%s'", errs.items[2].text);
}

static void faults_beyond_the_list_are_counted(void **state) {
    cit_errors errs = {0};
    (void)state;
    for (int i = 0; i < CIT_ERRORS_MAX + 5; i++) cit_fail(&errs, CIT_INVALID, "", "fault %d", i);
    CHECK(errs.count == CIT_ERRORS_MAX, "%d faults are kept", errs.count);
    CHECK(errs.lost == 5, "%d are counted as lost", errs.lost);
    CHECK(strcmp(errs.items[CIT_ERRORS_MAX - 1].text, "fault 39") == 0, "the last kept is '%s'",
          errs.items[CIT_ERRORS_MAX - 1].text);
}

static bool stop_at_half(void *context, double share, const char *what) {
    *(const char **)context = what;
    return share < 0.5;
}

static void progress_is_reported_and_can_stop_the_work(void **state) {
    const char *what = NULL;
    const cit_progress progress = {stop_at_half, &what}, silent = {0};
    (void)state;
    CHECK(cit_progress_report(NULL, 0.9, "x"), "no listener stops the work");
    CHECK(cit_progress_report(&silent, 0.9, "x"), "an empty listener stops the work");
    CHECK(cit_progress_report(&progress, 0.2, "draws"), "stopped at 0.2");
    CHECK(what != NULL && strcmp(what, "draws") == 0, "heard '%s'", what ? what : "nothing");
    CHECK(!cit_progress_report(&progress, 0.5, "draws"), "went on at 0.5");
}

/* ---- quantities ---------------------------------------------------------------------------- */

static void every_unit_is_read_into_its_own(void **state) {
    static const struct {
        const char *text, *unit;
        double want;
    } rows[] = {
        {"1.5 mm", "mm", 1.5},
        {"1.5mm", "mm", 1.5},
        {"1500 um", "mm", 1.5},
        {"1500 \xc2\xb5m", "mm", 1.5},
        {"0.15 cm", "mm", 1.5},
        {"350 um", "um", 350},
        {"0.35 mm", "um", 350},
        {"1 day", "day", 1},
        {"2 days", "day", 2},
        {"1 week", "day", 7},
        {"4 weeks", "day", 28},
        {"1 month", "day", 30.436875},
        {"12 months", "day", 365.2425},
        {"1 year", "day", 365.2425},
        {"400 years", "day", 146097},
        {"1 hour", "day", 1 / 24.0},
        {"36 hours", "day", 1.5},
        {"62 kg", "kg", 62},
        {"62000 g", "kg", 62},
        {"100 Hz", "Hz", 100},
        {"100 /s", "Hz", 100},
        {"350 mm2", "mm2", 350},
        {"3.5 cm2", "mm2", 350},
        {"250 /cm2", "/cm2", 250},
        {"250 per cm2", "/cm2", 250},
        {"2.5 /mm2", "/cm2", 250},
        {"2.5 per mm2", "/cm2", 250},
        {"20 mm/s", "mm/s", 20},
        {"2 cm/s", "mm/s", 20},
        {"40 %", "%", 40},
        {"40%", "%", 40},
        {"40 percent", "%", 40},
        {"3 points", "points", 3},
        {"3", "", 3},
        {"-0.5", "", -0.5},
        {"+.5", "", 0.5},
        {"5.", "", 5},
        {"1e3", "", 1000},
        {"2.5E-1", "", 0.25},
        {"-2e+2 mm", "mm", -200},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char why[160] = "";
        double got = -1;
        CHECK(cit_quantity_parse(rows[i].text, rows[i].unit, &got, why), "'%s': %s", rows[i].text,
              why);
        /* two roundings: the factor's and the product's */
        CHECK(fabs(got - rows[i].want) <= 4e-16 * fabs(rows[i].want), "'%s' is %.17g, not %.17g",
              rows[i].text, got, rows[i].want);
    }
}

static void what_is_no_quantity_is_refused_with_a_reason(void **state) {
    static const struct {
        const char *text, *unit, *why;
    } rows[] = {
        {"nan", "mm", "'nan' is not a number; write for example '1.5 mm'"},
        {"nan mm", "mm", "not a number"},
        {"inf mm", "mm", "not a number"},
        {"-inf", "", "not a number; write for example '3'"},
        {"infinity mm", "mm", "not a number"},
        {"0x10 mm", "mm", "wrong unit"},
        {"0x10", "", "plain number"},
        {"", "mm", "not a number"},
        {"", "", "not a number"},
        {"mm", "mm", "not a number"},
        {" 1.5 mm", "mm", "not a number"},
        {"- 1 mm", "mm", "not a number"},
        {".", "", "not a number"},
        {"1,5 mm", "mm", "wrong unit"},
        {"1.5 mm ", "mm", "wrong unit"},
        {"1.5\tmm", "mm", "wrong unit"},
        {"1.5", "mm", "'1.5' has no unit; write for example '1.5 mm'"},
        {"1.5 parsec", "mm", "'1.5 parsec' has the wrong unit; write for example '1.5 mm'"},
        {"1.5 kg", "mm", "wrong unit; write for example '1.5 mm'"},
        {"1.5 MM", "mm", "wrong unit"},
        {"4 mm", "day", "write for example '4 weeks'"},
        {"4 days", "kg", "write for example '62 kg'"},
        {"4 days", "Hz", "write for example '100 Hz'"},
        {"4 mm", "mm2", "write for example '35 cm2'"},
        {"4 mm", "/cm2", "write for example '250 /cm2'"},
        {"4 mm", "mm/s", "write for example '20 mm/s'"},
        {"4 mm", "%", "write for example '40 %'"},
        {"4 mm", "points", "write for example '3 points'"},
        {"3 mm", "", "'3 mm' must be a plain number, without a unit"},
        {"1e", "", "plain number"},
        {"1e400 mm", "mm", "not a number"},
        {"-1e400", "", "not a number"},
        {"1e308 cm", "mm", "'1e308 cm' is too large"},
        {"1e308 years", "day", "too large"},
        {"1.00000000000000000000000000000000000000000000000000000000000000 mm", "mm",
         "not a number"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char why[160] = "";
        double got = 12.5;
        CHECK(!cit_quantity_parse(rows[i].text, rows[i].unit, &got, why), "'%s' is read as %g",
              rows[i].text, got);
        CHECK(got == 12.5, "'%s' is refused, but the result became %g", rows[i].text, got);
        CHECK(strstr(why, rows[i].why) != NULL, "'%s': %s", rows[i].text, why);
    }
}

/* ---- dates --------------------------------------------------------------------------------- */

static void every_day_from_1900_to_2199_makes_the_round_trip(void **state) {
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int want = -25567; /* 1900-01-01: 70 years of 365 days and 17 leap days before 1970-01-01 */
    (void)state;
    for (int year = 1900; year <= 2199; year++)
        for (int month = 1; month <= 12; month++) {
            const bool leap = year % 4 == 0 && (year % 100 != 0 || year == 2000);
            const int days = length[month - 1] + (month == 2 && leap);
            for (int day = 1; day <= days; day++, want++) {
                char text[40], back[16];
                int got = 0;
                snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
                CHECK(cit_date_parse(text, &got), "%s is refused", text);
                CHECK(got == want, "%s is day %d, not %d", text, got, want);
                cit_date_format(got, back);
                CHECK(strcmp(back, text) == 0, "%s comes back as %s", text, back);
            }
        }
    CHECK(want == 84006, "2200-01-01 would be day %d", want);
}

static void what_is_no_date_is_refused(void **state) {
    static const char *const texts[] = {
        "2025-02-29", "2100-02-29", "2026-02-30",  "2026-04-31", "2026-13-01", "2026-00-10",
        "2026-01-00", "2026-01-32", "1899-12-31",  "2200-01-01", "2026-1-10",  "2026-01-1",
        "26-01-10",   "2026/01/10", "2026-01-100", "20260110",   "10.01.2026", "2026-01-1x",
        " 2026-01-1", "+026-01-10", "2026-01--1",  "today",      "",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int day = 4711;
        CHECK(!cit_date_parse(texts[i], &day), "'%s' is read as day %d", texts[i], day);
        CHECK(day == 4711, "'%s' is refused, but the result became %d", texts[i], day);
    }
}

/* ---- birthdays and years -------------------------------------------------------------------- */

static int day_of(const char *date) {
    int day = 0;
    CHECK(cit_date_parse(date, &day), "'%s' is no date", date);
    return day;
}

static void a_birthday_falls_on_its_day_or_on_28_february(void **state) {
    static const struct {
        const char *born;
        int years;
        const char *want;
    } rows[] = {
        {"2000-06-15", 0, "2000-06-15"},  {"2000-06-15", 18, "2018-06-15"},
        {"2004-02-29", 18, "2022-02-28"}, {"2004-02-29", 20, "2024-02-29"},
        {"2004-02-29", 22, "2026-02-28"}, {"2004-02-29", 96, "2100-02-28"}, /* no leap year */
        {"1904-02-29", 96, "2000-02-29"}, {"2004-02-28", 18, "2022-02-28"},
        {"2004-03-01", 18, "2022-03-01"}, {"2005-02-28", 19, "2024-02-28"},
        {"2003-12-31", 1, "2004-12-31"},  {"1999-01-01", 100, "2099-01-01"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char got[16];
        cit_date_format(cit_birthday(day_of(rows[i].born), rows[i].years), got);
        CHECK(strcmp(got, rows[i].want) == 0, "born on %s: %d on %s, not %s", rows[i].born,
              rows[i].years, got, rows[i].want);
    }
}

static void years_are_whole_on_birthdays(void **state) {
    static const struct {
        const char *from, *to;
        double want;
    } rows[] = {
        {"2004-02-29", "2022-02-28", 18},
        {"2004-02-29", "2022-02-27", 17 + 364 / 365.0},
        {"2004-02-29", "2022-03-01", 18 + 1 / 365.0},
        {"2004-02-29", "2023-12-31", 19 + 306 / 366.0}, /* the year to 2024-02-29 */
        {"2004-02-29", "2024-02-28", 19 + 365 / 366.0},
        {"2004-02-29", "2024-02-29", 20},
        {"2000-06-15", "2000-06-15", 0},
        {"2000-06-15", "2000-06-16", 1 / 365.0},
        {"1999-06-15", "1999-12-15", 183 / 366.0}, /* across 29 February 2000 */
        {"2000-06-15", "2018-06-14", 17 + 364 / 365.0},
        {"2000-06-15", "2018-06-15", 18},
        {"2000-06-15", "2000-06-14", -1 / 366.0}, /* not yet born: the year before */
        {"2000-06-15", "1999-06-15", -1},
        {"1900-01-01", "2199-01-01", 299},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const double got = cit_years_between(day_of(rows[i].from), day_of(rows[i].to));
        CHECK(fabs(got - rows[i].want) < 1e-12, "%s to %s: %.17g years, not %.17g", rows[i].from,
              rows[i].to, got, rows[i].want);
    }
}

/* For every birth in five years: the age goes up from day to day, and is whole exactly on birthdays. */
static void the_age_goes_up_each_day_and_is_whole_on_birthdays_alone(void **state) {
    const int first = day_of("2003-01-01"), last = day_of("2007-12-31");
    (void)state;
    for (int born = first; born <= last; born++)
        for (int years = 17; years <= 22; years++) {
            const int birthday = cit_birthday(born, years);
            const double before = cit_years_between(born, birthday - 1);
            const double on = cit_years_between(born, birthday);
            const double after = cit_years_between(born, birthday + 1);
            CHECK(before < years && on == years && after > years && after < years + 1,
                  "born on day %d, %d on day %d: %.17g, %.17g, %.17g", born, years, birthday,
                  before, on, after);
            CHECK(birthday > cit_birthday(born, years - 1), "birthdays go back");
        }
}

/* ---- random numbers ------------------------------------------------------------------------ */

/* Random123, kat_vectors: philox4x32 10. */
static void philox_gives_its_published_vectors(void **state) {
    static const struct {
        uint32_t counter[4], key[2], want[4];
    } rows[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t got[4];
        cit_philox(rows[i].counter, rows[i].key, got);
        for (int j = 0; j < 4; j++)
            CHECK(got[j] == rows[i].want[j], "vector %zu word %d is %08x, not %08x", i, j, got[j],
                  rows[i].want[j]);
    }
}

/* FNV-1a, 32 bits: the test vectors of its authors (Fowler, Noll, Vo; draft-eastlake-fnv). */
static void a_streams_number_is_the_hash_of_its_name(void **state) {
    (void)state;
    CHECK(cit_random_stream("") == 0x811c9dc5u, "'' is %08x", cit_random_stream(""));
    CHECK(cit_random_stream("a") == 0xe40c292cu, "'a' is %08x", cit_random_stream("a"));
    CHECK(cit_random_stream("foobar") == 0xbf9cf968u, "'foobar' is %08x",
          cit_random_stream("foobar"));
}

static void the_first_number_is_philoxs(void **state) {
    const double want = (double)0x6627e8d5e169c58dull * 0x1p-64;
    (void)state;
    CHECK_CLOSE(cit_random(0, 0, 0, 0), want, 0x1p-52);
}

/* Found by running Philox backwards from an output whose 53 leading bits are ones. */
static void the_largest_number_is_below_one(void **state) {
    const double u = cit_random(1, 3112977487u, 2583964951u, 1615629386u);
    (void)state;
    CHECK(u < 1, "the number is %.17g", u);
    CHECK(u > 1 - 0x1p-51, "these are not the largest bits: %.17g", u);
}

static void a_number_does_not_depend_on_what_was_drawn_before(void **state) {
    enum { N = 1000 };
    double forward[N];
    (void)state;
    for (uint32_t i = 0; i < N; i++) forward[i] = cit_random(7, i % 10, i / 10 % 10, i / 100);
    for (uint32_t i = N; i-- > 0;) {
        const double again = cit_random(7, i % 10, i / 10 % 10, i / 100);
        CHECK(again == forward[i], "number %u is %.17g, and backwards %.17g", i, forward[i], again);
    }
}

static void every_coordinate_changes_the_number(void **state) {
    const double here = cit_random(5, 6, 7, 8);
    const double others[] = {
        cit_random(4, 6, 7, 8), cit_random(5 + (1ull << 32), 6, 7, 8),
        cit_random(5, 7, 7, 8), cit_random(5, 6, 8, 8),
        cit_random(5, 6, 7, 9), cit_random(5, 7, 6, 8),
        cit_random(5, 6, 8, 7),
    };
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        CHECK(others[i] != here, "neighbour %zu is the same number, %.17g", i, here);
}

enum { SERIES_LENGTH = 1 << 16, SERIES_KINDS = 4 };
static const char *const series_names[SERIES_KINDS] = {"places", "draws", "streams", "seeds"};

/* The i-th number along one of the four coordinates. */
static double series(int kind, uint32_t i) {
    switch (kind) {
    case 0:
        return cit_random(1, 2, 3, i);
    case 1:
        return cit_random(1, i, 3, 2);
    case 2:
        return cit_random(1, 2, i, 3);
    default:
        return cit_random(i, 1, 2, 3);
    }
}

static void numbers_have_the_moments_of_the_uniform(void **state) {
    (void)state;
    for (int kind = 0; kind < SERIES_KINDS; kind++) {
        double sum = 0, squares = 0, lag = 0, last = 0.5;
        for (uint32_t i = 0; i < SERIES_LENGTH; i++) {
            const double u = series(kind, i);
            CHECK(u > 0 && u < 1, "%s: %.17g", series_names[kind], u);
            sum += u - 0.5;
            squares += (u - 0.5) * (u - 0.5);
            lag += (u - 0.5) * (last - 0.5);
            last = u;
        }
        /* four deviations of each: variances 1/12, 1/180 and 1/144 a number */
        const double root = sqrt((double)SERIES_LENGTH);
        CHECK(fabs(sum / SERIES_LENGTH) < 4 * sqrt(1 / 12.0) / root, "%s: the mean is off by %g",
              series_names[kind], sum / SERIES_LENGTH);
        CHECK(fabs(squares / SERIES_LENGTH - 1 / 12.0) < 4 * sqrt(1 / 180.0) / root,
              "%s: the variance is %g", series_names[kind], squares / SERIES_LENGTH);
        CHECK(fabs(lag / SERIES_LENGTH) < 4 / 12.0 / root, "%s: neighbours covary by %g",
              series_names[kind], lag / SERIES_LENGTH);
    }
}

/* Chi-square of counts that should be equal. */
static double chi_square(const int *counts, int cells, double expected) {
    double sum = 0;
    for (int i = 0; i < cells; i++)
        sum += (counts[i] - expected) * (counts[i] - expected) / expected;
    return sum;
}

/* Between the 0.1 % and 99.9 % points: too even would be wrong as well. */
static void numbers_fill_cells_evenly(void **state) {
    (void)state;
    for (int kind = 0; kind < SERIES_KINDS; kind++) {
        int line[64] = {0}, square[256] = {0};
        for (uint32_t i = 0; i < SERIES_LENGTH; i += 2) {
            const double u = series(kind, i), v = series(kind, i + 1);
            line[(int)(64 * u)]++;
            line[(int)(64 * v)]++;
            square[16 * (int)(16 * u) + (int)(16 * v)]++;
        }
        const double on_line = chi_square(line, 64, SERIES_LENGTH / 64.0);
        const double on_square = chi_square(square, 256, SERIES_LENGTH / 512.0);
        CHECK(on_line > 33.9 && on_line < 103.4, "%s: chi-square %g of 63", series_names[kind],
              on_line);
        CHECK(on_square > 190.9 && on_square < 330.5, "%s in pairs: chi-square %g of 255",
              series_names[kind], on_square);
    }
}

/* ---- the normal distribution --------------------------------------------------------------- */

/* Values to 17 digits from 40-digit arithmetic. */
static void the_normal_cdf_has_its_known_values(void **state) {
    static const struct {
        double x, p;
    } rows[] = {
        {-20, 2.7536241186062336951e-89},
        {-10, 7.619853024160526066e-24},
        {-5, 2.8665157187919391167e-7},
        {-1.5, 0.066807201268858066004},
        {-1, 0.15865525393145705141},
        {-0.25, 0.40129367431707627576},
        {0, 0.5},
        {0.25, 0.59870632568292372424},
        {1, 0.84134474606854294859},
        {1.96, 0.97500210485177956586},
        {3, 0.99865010196836990547},
        {6, 0.99999999901341235496},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        /* rounding of the argument alone moves the tail by x^2 ulps */
        const double allowed = (4 + rows[i].x * rows[i].x) * 2.3e-16 * rows[i].p;
        const double got = cit_normal_cdf(rows[i].x);
        CHECK(fabs(got - rows[i].p) <= allowed, "at %g: %.17g, not %.17g", rows[i].x, got,
              rows[i].p);
    }
}

static void the_normal_quantile_has_its_known_values(void **state) {
    static const struct {
        double p, x;
    } rows[] = {
        {1e-300, -37.047096299361199237}, {1e-100, -21.273453560965324294},
        {1e-20, -9.2623400897984075796},  {1e-10, -6.3613409024040561991},
        {0.001, -3.0902323061678135354},  {0.025, -1.9599639845400542118},
        {0.07, -1.4757910281791706856},   {0.25, -0.6744897501960817432},
        {0.4, -0.25334710313579974132},   {0.5, 0},
        {0.7, 0.52440051270804065631},    {0.925, 1.4395314709384562291},
        {0.975, 1.9599639845400538556},   {0.999, 3.0902323061678132778},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const double got = cit_normal_quantile(rows[i].p);
        CHECK(fabs(got - rows[i].x) <= 1e-15 * fabs(rows[i].x), "at %g: %.17g, not %.17g",
              rows[i].p, got, rows[i].x);
    }
}

static void normal_cdf_and_quantile_undo_each_other(void **state) {
    double last = (double)-(double)INFINITY;
    (void)state;
    for (int i = -640; i <= 640; i++) { /* p from 2^-65 to a half, then on to 0.996 */
        const double p = i < 0 ? ldexp(0.5, i / 10) * (1 + (i % 10) / 20.0) : 0.5 + i / 1290.0;
        const double x = cit_normal_quantile(p);
        /* an error of 1e-15 in x moves the tail by 1 + x^2 times that; as much again for the cdf */
        const double allowed = (1 + x * x) * 2e-15 * p;
        CHECK(fabs(cit_normal_cdf(x) - p) <= allowed, "p %.17g goes to %.17g and back to %.17g", p,
              x, cit_normal_cdf(x));
        CHECK(x > last, "the quantile at %.17g, %.17g, is not above the one before, %.17g", p, x,
              last);
        last = x;
    }
}

/* ---- parameters ---------------------------------------------------------------------------- */

static const cit_param spreads[] = {
    {.name = "normal", .spread = CIT_NORMAL, .value = 2, .lo = 1, .hi = 4, .width = 0.7},
    {.name = "wide normal", .spread = CIT_NORMAL, .value = 2, .lo = 1, .hi = 4, .width = 50},
    {.name = "lognormal", .spread = CIT_LOGNORMAL, .value = 0.7, .lo = 0.21, .hi = 2.1, .width = 2},
    {.name = "lognormal from 0", .spread = CIT_LOGNORMAL, .value = 3, .lo = 0, .hi = 9, .width = 1},
    {.name = "uniform", .spread = CIT_UNIFORM, .value = 0, .lo = -0.07, .hi = 0.49},
    {.name = "log-uniform", .spread = CIT_LOG_UNIFORM, .value = 1, .lo = 0.07, .hi = 13.7},
};
enum { SPREADS = sizeof spreads / sizeof *spreads };

static void a_drawn_parameter_stays_in_its_bounds_and_grows_with_u(void **state) {
    (void)state;
    for (int i = 0; i < SPREADS; i++) {
        const cit_param *p = &spreads[i];
        double last = cit_param_quantile(p, 0x1p-53);
        CHECK(last >= p->lo, "%s: %.17g is below %.17g", p->name, last, p->lo);
        for (int k = 1; k < 1000; k++) {
            const double x = cit_param_quantile(p, k / 1000.0);
            CHECK(x > last, "%s: at u = %g %.17g follows %.17g", p->name, k / 1000.0, x, last);
            last = x;
        }
        const double top = cit_param_quantile(p, 1 - 0x1p-53);
        CHECK(top > last && top <= p->hi, "%s: the top is %.17g of %.17g", p->name, top, p->hi);
    }
}

/* Rounding in exp and pow steps over some bounds and not over others: try many. */
static void no_rounding_steps_over_a_bound(void **state) {
    (void)state;
    for (int i = 1; i < 100; i++)
        for (int k = 0; k < SPREADS; k++) {
            cit_param p = spreads[k];
            p.lo = 0.07 * i;
            p.hi = 0.07 * i + 1.3;
            p.value = 0.07 * i + 0.5;
            const double least = cit_param_quantile(&p, 0x1p-53);
            const double most = cit_param_quantile(&p, 1 - 0x1p-53);
            CHECK(least >= p.lo && most <= p.hi, "%s: %.17g to %.17g leaves %.17g to %.17g", p.name,
                  least, most, p.lo, p.hi);
        }
}

static void a_parameters_median_is_its_value_between_even_bounds(void **state) {
    const cit_param normal = {.spread = CIT_NORMAL, .value = 2, .lo = 0.5, .hi = 3.5, .width = 0.7};
    const cit_param lognormal = {
        .spread = CIT_LOGNORMAL, .value = 0.7, .lo = 0.7 / 3, .hi = 0.7 * 3, .width = 0.4};
    const cit_param uniform = {.spread = CIT_UNIFORM, .lo = 1, .hi = 4};
    const cit_param log_uniform = {.spread = CIT_LOG_UNIFORM, .lo = 0.1, .hi = 10};
    const cit_param fixed = {.spread = CIT_FIXED, .value = 0.3, .lo = 0, .hi = 1};
    (void)state;
    CHECK_CLOSE(cit_param_quantile(&normal, 0.5), 2, 1e-15);
    CHECK_CLOSE(cit_param_quantile(&lognormal, 0.5), 0.7, 1e-15);
    CHECK_CLOSE(cit_param_quantile(&uniform, 0.5), 2.5, 1e-15);
    CHECK_CLOSE(cit_param_quantile(&log_uniform, 0.5), 1, 1e-15);
    CHECK_CLOSE(cit_param_quantile(&fixed, 0.01), 0.3, 0);
    CHECK_CLOSE(cit_param_quantile(&fixed, 0.99), 0.3, 0);
}

/* Cut means conditioned on the bounds, not moved onto them: the share of the whole between lo and the
 * quantile at u is u. */
static void tails_are_cut_and_not_piled_up(void **state) {
    (void)state;
    for (int i = 0; i < SPREADS; i++) {
        const cit_param *p = &spreads[i];
        const bool logarithmic = p->spread == CIT_LOGNORMAL;
        if (!logarithmic && p->spread != CIT_NORMAL) continue;
        const double middle = logarithmic ? log(p->value) : p->value;
        const double lo = cit_normal_cdf(((logarithmic ? log(p->lo) : p->lo) - middle) / p->width);
        const double hi = cit_normal_cdf(((logarithmic ? log(p->hi) : p->hi) - middle) / p->width);
        for (int k = 1; k < 100; k++) {
            const double x = cit_param_quantile(p, k / 100.0);
            const double at = cit_normal_cdf(((logarithmic ? log(x) : x) - middle) / p->width);
            CHECK(fabs((at - lo) / (hi - lo) - k / 100.0) < 1e-13,
                  "%s: below its quantile at %g lies %.17g", p->name, k / 100.0,
                  (at - lo) / (hi - lo));
        }
    }
}

static void an_assumed_parameter_says_so(void **state) {
    const cit_param plain = {.source = "assumed"}, longer = {.source = "assumed: lay limits"};
    const cit_param cited = {.source = "Aust 2008"};
    (void)state;
    CHECK(cit_param_is_assumed(&plain), "'%s' is taken for a source", plain.source);
    CHECK(cit_param_is_assumed(&longer), "'%s' is taken for a source", longer.source);
    CHECK(!cit_param_is_assumed(&cited), "'%s' is taken for an assumption", cited.source);
}

/* ---- writing tables ------------------------------------------------------------------------- */

typedef struct leaf {
    cit_mark mark;
    const char *note;
    int count;
} leaf;

typedef struct inner {
    int answer;
    double mass_kg;
} inner;

/* A field of every kind. */
typedef struct tree {
    const char *text, *id;
    double length_mm, plain, time_day, area_mm2;
    int whole, choice, date;
    unsigned choices;
    double *numbers;
    int number_count;
    const char **texts;
    int text_count;
    inner inner;
    leaf *leaves;
    int leaf_count;
} tree;

static const char *const colours[] = {"red", "deep blue", "green", NULL};
static const cit_field leaf_fields[] = {
    {"note", CIT_TEXT, offsetof(leaf, note), 0, CIT_REQUIRED, NULL, 0, 0, NULL, NULL, "a note"},
    {"count", CIT_INTEGER, offsetof(leaf, count), 0, 0, "", -5, 9, NULL, NULL, "how many"},
    {0}};
static const cit_table leaf_table = {"leaf", NULL, sizeof(leaf), leaf_fields, offsetof(leaf, mark)};
static const cit_field inner_fields[] = {
    {"answer", CIT_CHOICE, offsetof(inner, answer), 0, 0, NULL, 0, 0, cit_answer_choices, NULL,
     "yes or no"},
    {"mass", CIT_NUMBER, offsetof(inner, mass_kg), 0, 0, "kg", 0, 400, NULL, NULL, "mass"},
    {0}};
static const cit_table inner_table = {"inner", NULL, sizeof(inner), inner_fields, CIT_NO_MARK};
#define T(member) offsetof(tree, member)
static const cit_field tree_fields[] = {
    {"text", CIT_TEXT, T(text), 0, 0, NULL, 0, 0, NULL, NULL, "a text"},
    {"id", CIT_ID, T(id), 0, 0, NULL, 0, 0, NULL, NULL, "an id"},
    {"length", CIT_NUMBER, T(length_mm), 0, 0, "mm", -9, 9, NULL, NULL, "a length"},
    {"plain", CIT_NUMBER, T(plain), 0, 0, "", -1e300, 1e300, NULL, NULL, "a number"},
    {"time", CIT_NUMBER, T(time_day), 0, 0, "day", -1e6, 1e6, NULL, NULL, "a time"},
    {"area", CIT_NUMBER, T(area_mm2), 0, 0, "mm2", 0, 1e6, NULL, NULL, "an area"},
    {"whole", CIT_INTEGER, T(whole), 0, 0, "", -1000000, 1000000, NULL, NULL, "a whole number"},
    {"choice", CIT_CHOICE, T(choice), 0, 0, NULL, 0, 0, colours, NULL, "one colour"},
    {"choices", CIT_CHOICES, T(choices), 0, 0, NULL, 0, 0, colours, NULL, "colours"},
    {"date", CIT_DATE, T(date), 0, 0, NULL, 0, 0, NULL, NULL, "a date"},
    {"numbers", CIT_NUMBERS, T(numbers), T(number_count), 0, "mm", 0, 9, NULL, NULL, "lengths"},
    {"texts", CIT_TEXTS, T(texts), T(text_count), 0, NULL, 0, 0, NULL, NULL, "texts"},
    {"inner", CIT_STRUCT, T(inner), 0, 0, NULL, 0, 0, NULL, &inner_table, "a part"},
    {"leaves", CIT_LIST, T(leaves), T(leaf_count), 0, NULL, 0, 0, NULL, &leaf_table, "leaves"},
    {0}};
static const cit_table tree_table = {"tree", "cit/tree/1", sizeof(tree), tree_fields, CIT_NO_MARK};

static cit_doc *bound(const char *text, tree *ret) {
    cit_errors errs = {0};
    cit_doc *doc = NULL;
    CHECK(cit_doc_parse("t", text, strlen(text), &doc, &errs) == CIT_OK, "%s: %s\n%s",
          errs.items[0].where, errs.items[0].text, text);
    CHECK(cit_bind(doc, cit_doc_root(doc), &tree_table, ret, &errs) == CIT_OK, "%s: %s\n%s",
          errs.items[0].where, errs.items[0].text, text);
    return doc;
}

static char *written(const tree *t, unsigned flags) {
    cit_errors errs = {0};
    char *text = NULL;
    CHECK(cit_table_write(&tree_table, t, 0, flags, &text, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    return text;
}

static void check_number(double got, double want, const char *what) {
    CHECK(cit_known(want) ? fabs(got - want) <= 1e-14 * fabs(want) : !cit_known(got),
          "%s is %.17g, not %.17g", what, got, want);
}

static void check_text(const char *got, const char *want, const char *what) {
    CHECK((got == NULL) == (want == NULL) && (want == NULL || strcmp(got, want) == 0),
          "%s is '%s', not '%s'", what, got ? got : "unknown", want ? want : "unknown");
}

static void check_same_lists(const tree *got, const tree *want) {
    CHECK((got->numbers == NULL) == (want->numbers == NULL) &&
              got->number_count == want->number_count,
          "%d numbers", got->number_count);
    for (int i = 0; i < want->number_count; i++)
        check_number(got->numbers[i], want->numbers[i], "a number of the list");
    CHECK((got->texts == NULL) == (want->texts == NULL) && got->text_count == want->text_count,
          "%d texts", got->text_count);
    for (int i = 0; i < want->text_count; i++)
        check_text(got->texts[i], want->texts[i], "a text of the list");
    CHECK((got->leaves == NULL) == (want->leaves == NULL) && got->leaf_count == want->leaf_count,
          "%d leaves", got->leaf_count);
    for (int i = 0; i < want->leaf_count; i++) {
        check_text(got->leaves[i].note, want->leaves[i].note, "a leaf's note");
        CHECK(got->leaves[i].count == want->leaves[i].count, "leaf %d counts %d", i,
              got->leaves[i].count);
    }
}

static void check_same_tree(const tree *got, const tree *want) {
    check_text(got->text, want->text, "text");
    check_text(got->id, want->id, "id");
    check_number(got->length_mm, want->length_mm, "length");
    check_number(got->plain, want->plain, "plain");
    check_number(got->time_day, want->time_day, "time");
    check_number(got->area_mm2, want->area_mm2, "area");
    check_number(got->inner.mass_kg, want->inner.mass_kg, "mass");
    CHECK(got->whole == want->whole && got->choice == want->choice && got->date == want->date &&
              got->choices == want->choices && got->inner.answer == want->inner.answer,
          "whole %d, choice %d, date %d, choices %u, answer %d", got->whole, got->choice, got->date,
          got->choices, got->inner.answer);
    check_same_lists(got, want);
}

/* What was written is read as the same, however it was written. */
static void check_round_trip(const tree *t) {
    static const unsigned flags[] = {0, CIT_WRITE_UNKNOWN, CIT_WRITE_MEANING,
                                     CIT_WRITE_UNKNOWN | CIT_WRITE_MEANING};
    for (int i = 0; i < 4; i++) {
        tree again;
        char *text = written(t, flags[i]);
        cit_doc *doc = bound(text, &again);
        check_same_tree(&again, t);
        cit_doc_free(doc);
        free(text);
    }
}

static void a_table_of_every_kind_makes_the_round_trip(void **state) {
    double numbers[] = {0.25, 1.5, 0.1, 1.0 / 3};
    const char *texts[] = {"one", "two, three", "[four]", "", "- five", "unknown"};
    leaf leaves[] = {{{0, 0}, "a", 1}, {{0, 0}, "b: c # d", -5}, {{0, 0}, "", CIT_UNKNOWN_INT}};
    tree t = {"all", "a-9.b",         0.25,   -0.5, 28, 4000, -7, 2, 0, 5, numbers, 4, texts,
              6,     {CIT_YES, 62.5}, leaves, 3};
    (void)state;
    t.date = day_of("2024-02-29");
    check_round_trip(&t);
    cit_table_clear(&tree_table, &t); /* nothing is known */
    check_round_trip(&t);
    t.numbers = numbers; /* lists that are empty are not lists that nobody made */
    t.texts = texts;
    t.leaves = leaves;
    check_round_trip(&t);
}

static void a_text_makes_the_round_trip_whatever_is_in_it(void **state) {
    static const char *const texts[] = {
        "",
        " ",
        "plain",
        "two words",
        " blanks at both ends ",
        "\"quoted\"",
        "'single'",
        "back\\slash",
        "\\",
        "\\n is no line end",
        "\"",
        "\\\"",
        "line\nline",
        "\n",
        "a\n\n\nb",
        "  indented\n  twice\n",
        "tab\tbed",
        "\ttab first",
        "carriage\rreturn",
        "crlf\r\nline",
        "key: value",
        "# no comment",
        "a # b",
        "- entry",
        "[list]",
        "{map: x}",
        "&anchor",
        "*alias",
        "!tag",
        "|",
        ">",
        "%",
        "@",
        "`",
        "?",
        "no",
        "yes",
        "null",
        "~",
        "true",
        "3",
        "3.5 mm",
        "2024-02-29",
        "caf\xc3\xa9",
        "\xe4\xbd\xa0\xe5\xa5\xbd",
        "\xf0\x9f\x98\x80",
        "\xc2\xb5m",
        "\xc2\xa0 hard blank",
        "\xe2\x80\xa6",
        "line\xe2\x80\xa8separator",
        "paragraph\xe2\x80\xa9separator",
        "mark\xef\xbb\xbf"
        "inside",
        "a text that is longer than eighty columns, so that a writer that folds lines would fold "
        "it "
        "somewhere in here, and a reader might read it with other blanks than were in it"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *list[] = {texts[i], texts[i]};
        leaf leaves[] = {{{0, 0}, texts[i], 1}};
        tree t;
        cit_table_clear(&tree_table, &t);
        t.text = texts[i];
        t.texts = list;
        t.text_count = 2;
        t.leaves = leaves;
        t.leaf_count = 1;
        check_round_trip(&t);
    }
}

static void a_number_makes_the_round_trip_in_its_unit(void **state) {
    static const double days[] = {0,   1,        7,   28,      365,       365.2425,
                                  18,  6574.365, 0.5, 1.0 / 3, 30.436875, 12600.86625,
                                  -14, 1e-9,     1e6, 43920,   6208.5,    23 * 365.2425};
    static const double areas[] = {0, 1, 50, 100, 4000, 3500.5, 1e6, 0.1, 1.0 / 7};
    static const double plain[] = {0, -0.0, 1e300, -1e300, 1e-300, 0.1, 1e15, 123456789012345678.0};
    (void)state;
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        tree t;
        cit_table_clear(&tree_table, &t);
        t.time_day = days[i];
        t.area_mm2 = areas[i % 9];
        t.plain = plain[i % 8];
        check_round_trip(&t);
    }
}

/* The largest unit in which a time or an area is whole is what a person would write. */
static void a_time_is_told_in_the_unit_a_person_would_choose(void **state) {
    static const struct {
        double day;
        const char *want;
    } rows[] = {{28, "time: 4 weeks\n"},
                {18 * 365.2425, "time: 18 years\n"},
                {17 * 365.2425, "time: 17 years\n"},
                {23 * 365.2425, "time: 23 years\n"},
                {10, "time: 10 days\n"},
                {1.5, "time: 1.5 day\n"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        tree t;
        cit_table_clear(&tree_table, &t);
        t.time_day = rows[i].day;
        char *text = written(&t, 0);
        CHECK(strstr(text, rows[i].want) != NULL, "%.17g days are written\n%s", rows[i].day, text);
        free(text);
    }
}

/* A key that must be there is there, though nobody knows what it says; else the entry would be lost. */
static void a_required_key_is_written_though_it_is_unknown(void **state) {
    leaf leaves[] = {{{0, 0}, NULL, CIT_UNKNOWN_INT}, {{0, 0}, NULL, 3}};
    tree t;
    (void)state;
    cit_table_clear(&tree_table, &t);
    t.leaves = leaves;
    t.leaf_count = 2;
    check_round_trip(&t);
}

static void an_entry_begins_with_a_dash(void **state) {
    const leaf l = {{0, 0}, "a \"b\"", 3};
    cit_errors errs = {0};
    char *text = NULL;
    (void)state;
    CHECK(cit_table_write(&leaf_table, &l, 4, CIT_WRITE_ENTRY, &text, &errs) == CIT_OK, "%s",
          errs.items[0].text);
    assert_string_equal(text, "  - note: \"a \\\"b\\\"\"\n    count: 3\n");
    free(text);
}

static void meanings_stand_as_comments(void **state) {
    tree t;
    (void)state;
    cit_table_clear(&tree_table, &t);
    t.choice = 2;
    char *text = written(&t, CIT_WRITE_UNKNOWN | CIT_WRITE_MEANING);
    CHECK(strncmp(text, "schema: cit/tree/1\n", 19) == 0, "begins\n%s", text);
    CHECK(strstr(text, "text: unknown  # a text\n") != NULL, "no meaning:\n%s", text);
    CHECK(strstr(text, "choice: deep blue  # one colour: red, deep blue, green\n") != NULL,
          "no choices:\n%s", text);
    free(text);
}

/* One text stands for a list of one where the table says so, and nowhere else. */
static void one_text_will_do_where_it_may(void **state) {
    static const struct {
        unsigned flags;
        const char *text;
        int count; /* -1: refused */
    } rows[] = {{CIT_ONE_WILL_DO, "texts: one", 1},
                {CIT_ONE_WILL_DO, "texts: [one]", 1},
                {CIT_ONE_WILL_DO, "texts: [a, b]", 2},
                {CIT_ONE_WILL_DO, "texts: []", 0},
                {CIT_ONE_WILL_DO, "texts: {a: b}", -1},
                {0, "texts: one", -1},
                {0, "texts: [one]", 1}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cit_field fields[2] = {tree_fields[11], {0}};
        fields[0].flags = rows[i].flags;
        const cit_table table = {"tree", NULL, sizeof(tree), fields, CIT_NO_MARK};
        cit_errors errs = {0};
        cit_doc *doc = NULL;
        tree t;
        CHECK(cit_doc_parse("t", rows[i].text, strlen(rows[i].text), &doc, &errs) == CIT_OK, "%s",
              errs.items[0].text);
        const cit_status st = cit_bind(doc, cit_doc_root(doc), &table, &t, &errs);
        CHECK((st == CIT_OK) == (rows[i].count >= 0), "'%s': status %d", rows[i].text, st);
        CHECK(st != CIT_OK || t.text_count == rows[i].count, "'%s': %d texts", rows[i].text,
              t.text_count);
        cit_doc_free(doc);
    }
}

/* ---- names --------------------------------------------------------------------------------- */

static void the_nearest_name_is_found_only_when_near(void **state) {
    static const char *const names[] = {"length", "passes", "directions", "speed", "spread", NULL};
    static const char *const none[] = {NULL};
    static const struct {
        const char *typed, *want;
    } rows[] = {
        {"length", "length"},
        {"lenght", "length"},
        {"Length", "length"},
        {"passs", "passes"},
        {"sped", "speed"},
        {"direction", "directions"},
        {"sprea", "spread"},
        {"depth", NULL},
        {"xyzzy", NULL},
        {"", NULL},
        {"a-name-that-is-much-longer-than-anything-we-have", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *got = cit_nearest(rows[i].typed, names);
        CHECK(rows[i].want ? got != NULL && strcmp(got, rows[i].want) == 0 : got == NULL,
              "'%s' is near '%s', not '%s'", rows[i].typed, got ? got : "nothing",
              rows[i].want ? rows[i].want : "nothing");
    }
    CHECK(cit_nearest("length", none) == NULL, "there is a name in an empty list");
}

static void choices_have_names(void **state) {
    (void)state;
    assert_string_equal(cit_choice_name(cit_answer_choices, CIT_NO), "no");
    assert_string_equal(cit_choice_name(cit_answer_choices, CIT_YES), "yes");
    assert_string_equal(cit_choice_name(cit_answer_choices, CIT_ANSWER_UNKNOWN), "unknown");
    assert_string_equal(cit_choice_name(cit_spread_choices, CIT_LOG_UNIFORM), "log-uniform");
    assert_string_equal(cit_choice_name(cit_level_choices, CIT_PERSON), "person");
}

T_MAIN(CASE(every_status_has_its_text_and_exit_status), CASE(a_fault_keeps_its_code_place_and_text),
       CASE(a_fault_stays_one_line_of_utf8), CASE(faults_beyond_the_list_are_counted),
       CASE(progress_is_reported_and_can_stop_the_work), CASE(every_unit_is_read_into_its_own),
       CASE(what_is_no_quantity_is_refused_with_a_reason),
       CASE(every_day_from_1900_to_2199_makes_the_round_trip), CASE(what_is_no_date_is_refused),
       CASE(a_birthday_falls_on_its_day_or_on_28_february), CASE(years_are_whole_on_birthdays),
       CASE(the_age_goes_up_each_day_and_is_whole_on_birthdays_alone),
       CASE(philox_gives_its_published_vectors), CASE(a_streams_number_is_the_hash_of_its_name),
       CASE(the_first_number_is_philoxs), CASE(the_largest_number_is_below_one),
       CASE(a_number_does_not_depend_on_what_was_drawn_before),
       CASE(every_coordinate_changes_the_number), CASE(numbers_have_the_moments_of_the_uniform),
       CASE(numbers_fill_cells_evenly), CASE(the_normal_cdf_has_its_known_values),
       CASE(the_normal_quantile_has_its_known_values),
       CASE(normal_cdf_and_quantile_undo_each_other),
       CASE(a_drawn_parameter_stays_in_its_bounds_and_grows_with_u),
       CASE(no_rounding_steps_over_a_bound),
       CASE(a_parameters_median_is_its_value_between_even_bounds),
       CASE(tails_are_cut_and_not_piled_up), CASE(an_assumed_parameter_says_so),
       CASE(a_table_of_every_kind_makes_the_round_trip),
       CASE(a_text_makes_the_round_trip_whatever_is_in_it),
       CASE(a_number_makes_the_round_trip_in_its_unit),
       CASE(a_time_is_told_in_the_unit_a_person_would_choose),
       CASE(a_required_key_is_written_though_it_is_unknown), CASE(an_entry_begins_with_a_dash),
       CASE(meanings_stand_as_comments), CASE(one_text_will_do_where_it_may),
       CASE(the_nearest_name_is_found_only_when_near), CASE(choices_have_names))
