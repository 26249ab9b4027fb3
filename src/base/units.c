/* Quantities with units and calendar dates, as people write them. */
#include <cit/base.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One row per unit and kind: its name, the unit it is converted to, and the factor. Months and years are the
 * Gregorian means. */
static const struct {
    const char *name, *base;
    double factor;
} units[] = {
    {"mm", "mm", 1},
    {"um", "mm", 1e-3},
    {"\xc2\xb5m", "mm", 1e-3},
    {"cm", "mm", 10},
    {"um", "um", 1},
    {"\xc2\xb5m", "um", 1},
    {"mm", "um", 1000},
    {"day", "day", 1},
    {"days", "day", 1},
    {"week", "day", 7},
    {"weeks", "day", 7},
    {"month", "day", CIT_YEAR_DAYS / 12},
    {"months", "day", CIT_YEAR_DAYS / 12},
    {"year", "day", CIT_YEAR_DAYS},
    {"years", "day", CIT_YEAR_DAYS},
    {"hour", "day", 1.0 / 24},
    {"hours", "day", 1.0 / 24},
    {"h", "day", 1.0 / 24},
    {"min", "day", 1.0 / 1440},
    {"/day", "/day", 1},
    {"/h", "/day", 24},
    {"mm2/day", "mm2/day", 1},
    {"cm2/s", "mm2/day", 100 * 86400.0},
    {"mm/day", "mm/day", 1},
    {"cm/h", "mm/day", 240},
    {"mg/mL", "mg/mL", 1},
    {"ug/mL", "mg/mL", 1e-3},
    {"\xc2\xb5g/mL", "mg/mL", 1e-3},
    {"%", "mg/mL", 10}, /* of a solution: grams in 100 mL */
    {"uL/cm2", "uL/cm2", 1},
    {"\xc2\xb5L/cm2", "uL/cm2", 1},
    {"Da", "Da", 1},
    {"kDa", "Da", 1000},
    {"kg", "kg", 1},
    {"g", "kg", 1e-3},
    {"Hz", "Hz", 1},
    {"/s", "Hz", 1},
    {"mm2", "mm2", 1},
    {"cm2", "mm2", 100},
    {"/cm2", "/cm2", 1},
    {"per cm2", "/cm2", 1},
    {"/mm2", "/cm2", 100},
    {"per mm2", "/cm2", 100},
    {"mm/s", "mm/s", 1},
    {"cm/s", "mm/s", 10},
    {"%", "%", 1},
    {"percent", "%", 1},
    {"points", "points", 1},
};

static const char *unit_example(const char *base) {
    static const struct {
        const char *base, *example;
    } examples[] = {
        {"mm", "1.5 mm"},        {"um", "20 um"},        {"day", "4 weeks"},
        {"kg", "62 kg"},         {"Hz", "100 Hz"},       {"mm2", "35 cm2"},
        {"/cm2", "250 /cm2"},    {"mm/s", "20 mm/s"},    {"%", "40 %"},
        {"points", "3 points"},  {"/day", "0.7 /h"},     {"mm2/day", "2e-6 cm2/s"},
        {"mm/day", "1e-4 cm/h"}, {"mg/mL", "100 mg/mL"}, {"uL/cm2", "2 uL/cm2"},
        {"Da", "176 Da"},
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        if (strcmp(examples[i].base, base) == 0) return examples[i].example;
    return "a number";
}

/* strtod as in the C locale: a program that uses us may have set one where 1.5 is read as 1. */
static double c_strtod(const char *text) {
    const locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c == (locale_t)0) return CIT_UNKNOWN_NUMBER;
    const double number = strtod_l(text, NULL, c);
    freelocale(c);
    return number;
}

/* A plain decimal number: strtod also takes nan, inf and hexadecimal, which nobody means here. */
static bool decimal(const char *text, double *ret, const char **ret_end) {
    const char *c = text;
    int digits = 0;
    if (*c == '+' || *c == '-') c++;
    for (; *c >= '0' && *c <= '9'; c++) digits++;
    if (*c == '.') {
        c++;
        for (; *c >= '0' && *c <= '9'; c++) digits++;
    }
    if (digits == 0) return false;
    if (*c == 'e' || *c == 'E') {
        const char *e = c + 1;
        if (*e == '+' || *e == '-') e++;
        if (*e >= '0' && *e <= '9') {
            while (*e >= '0' && *e <= '9') e++;
            c = e;
        }
    }
    char copy[64];
    const size_t length = (size_t)(c - text);
    if (length >= sizeof copy) return false;
    memcpy(copy, text, length);
    copy[length] = 0;
    *ret = c_strtod(copy);
    *ret_end = c;
    return isfinite(*ret);
}

bool cit_quantity_parse(const char *text, const char *unit, double *ret, char why[160]) {
    double number = 0;
    const char *rest = text;
    if (!decimal(text, &number, &rest)) {
        snprintf(why, 160, "'%.40s' is not a number; write for example '%s'", text,
                 *unit ? unit_example(unit) : "3");
        return false;
    }
    while (*rest == ' ') rest++;
    if (*unit == 0) {
        if (*rest == 0) {
            *ret = number;
            return true;
        }
        snprintf(why, 160, "'%.40s' must be a plain number, without a unit", text);
        return false;
    }
    if (*rest == 0) {
        snprintf(why, 160, "'%.40s' has no unit; write for example '%s'", text, unit_example(unit));
        return false;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(units[i].name, rest) != 0) continue;
        if (strcmp(units[i].base, unit) != 0) continue; /* a name may stand for two kinds */
        const double converted = number * units[i].factor;
        if (!isfinite(converted)) {
            snprintf(why, 160, "'%.40s' is too large", text);
            return false;
        }
        *ret = converted;
        return true;
    }
    snprintf(why, 160, "'%.40s' has the wrong unit; write for example '%s'", text,
             unit_example(unit));
    return false;
}

/* Civil calendar to day number and back, after H. Hinnant, "chrono-compatible low-level date
 * algorithms": years run from March, eras are 400 years. */
static int day_number(int year, int month, int day) {
    year -= month <= 2;
    const int era = (year >= 0 ? year : year - 399) / 400;
    const int of_era = year - era * 400;
    const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int days_in_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

bool cit_date_parse(const char *text, int *ret_day) {
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-') return false;
    for (int i = 0; i < 10; i++)
        if (i != 4 && i != 7 && (text[i] < '0' || text[i] > '9')) return false;
    const int year = (int)strtol(text, NULL, 10), month = (int)strtol(text + 5, NULL, 10),
              day = (int)strtol(text + 8, NULL, 10);
    if (year < 1900 || year > 2199 || month < 1 || month > 12) return false;
    if (day < 1 || day > days_in_month(year, month)) return false;
    *ret_day = day_number(year, month, day);
    return true;
}

static void civil(int day, int *ret_year, int *ret_month, int *ret_day) {
    const int shifted = day + 719468;
    const int era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    const int of_era = shifted - era * 146097;
    const int year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int shifted_month = (5 * of_year + 2) / 153;
    *ret_month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    *ret_year = year_of_era + era * 400 + (*ret_month <= 2);
    *ret_day = of_year - (153 * shifted_month + 2) / 5 + 1;
}

int cit_birthday(int from, int years) {
    int year = 0, month = 0, day = 0;
    civil(from, &year, &month, &day);
    const int last = days_in_month(year + years, month);
    return day_number(year + years, month, day < last ? day : last);
}

double cit_years_between(int from, int to) {
    int years = (int)floor((to - from) / CIT_YEAR_DAYS);
    while (cit_birthday(from, years) > to) years--;
    while (cit_birthday(from, years + 1) <= to) years++;
    const int start = cit_birthday(from, years), end = cit_birthday(from, years + 1);
    return years + (double)(to - start) / (end - start);
}

void cit_date_format(int number, char text[16]) {
    int year = 0, month = 0, of_month = 0;
    civil(number, &year, &month, &of_month);
    snprintf(text, 16, "%04u-%02u-%02u", (unsigned)year % 10000u, (unsigned)month % 100u,
             (unsigned)of_month % 100u);
}
