/* Numbers as programs print them, read and written alike in every locale. */
#include "scan_impl.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

enum { EXPONENT_MOST = 9999, EXACT_POWERS = 23, LONGEST = 64 };

/* Up to 2^53 and 10^22 both factors are exact, so that one rounding is the right one. */
static bool exact(uint64_t mantissa, int power, double *ret) {
    static const double powers[EXACT_POWERS] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (mantissa > (uint64_t)1 << 53 || power <= -EXACT_POWERS || power >= EXACT_POWERS)
        return false;
    *ret = power < 0 ? (double)mantissa / powers[-power] : (double)mantissa * powers[power];
    return true;
}

typedef struct scanned {
    uint64_t mantissa;
    int digits, power; /* of the last digit */
    bool negative, cut;
} scanned;

static const char *scan_digits(const char *c, const char *end, scanned *s, int power) {
    for (; c < end && is_digit(*c); c++, s->digits++) {
        s->power += power;
        if (s->mantissa > (UINT64_MAX - 9) / 10) {
            s->cut = true;
            continue;
        }
        s->mantissa = s->mantissa * 10 + (uint64_t)(*c - '0');
    }
    return c;
}

static const char *scan_exponent(const char *c, const char *end, scanned *s) {
    const char *e = c + 1;
    if (c == end || (*c != 'e' && *c != 'E' && *c != 'd' && *c != 'D')) return c;
    const bool negative = e < end && *e == '-';
    if (e < end && (*e == '-' || *e == '+')) e++;
    if (e == end || !is_digit(*e)) return c;
    int power = 0;
    for (; e < end && is_digit(*e); e++)
        if (power < EXPONENT_MOST) power = power * 10 + (*e - '0');
    s->power += negative ? -power : power;
    return e;
}

static double slowly(const char *text, const char *end, char point, locale_t c) {
    char copy[LONGEST];
    const size_t length = (size_t)(end - text);
    if (length >= sizeof copy) return CIT_UNKNOWN_NUMBER;
    for (size_t i = 0; i < length; i++)
        copy[i] = (char)(text[i] == point ? '.' : text[i] == 'd' || text[i] == 'D' ? 'e' : text[i]);
    copy[length] = 0;
    return strtod_l(copy, NULL, c);
}

const char *cit_number_read(const char *text, const char *end, char point, locale_t c_locale,
                            cit_number *ret) {
    scanned s = {0};
    const char *c = text;
    if (c < end && (*c == '+' || *c == '-')) s.negative = *c++ == '-';
    c = scan_digits(c, end, &s, 0);
    if (c < end && *c == point) c = scan_digits(c + 1, end, &s, -1);
    if (s.digits == 0) return NULL;
    c = scan_exponent(c, end, &s);
    double size = 0;
    if (!s.cut && exact(s.mantissa, s.power, &size))
        ret->value = s.negative ? -size : size;
    else
        ret->value = slowly(text, c, point, c_locale);
    ret->decimals = -s.power;
    return isfinite(ret->value) ? c : NULL;
}

bool cit_number_whole(const char *text, size_t length, double *ret) {
    const locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    cit_number number = {0};
    while (length > 0 && strchr(" \t\r\n", *text) != NULL) {
        text++;
        length--;
    }
    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL) length--;
    if (c == (locale_t)0) return false;
    const char *end = length > 0 ? cit_number_read(text, text + length, '.', c, &number) : NULL;
    freelocale(c);
    if (end != text + length) return false;
    *ret = number.value;
    return true;
}

void cit_number_print(double number, char text[32]) {
    for (int digits = 15; digits <= 17; digits++) {
        double back = 0;
        snprintf(text, 32, "%.*g", digits, number);
        char *comma = strchr(text, ',');
        if (comma != NULL) *comma = '.';
        if (cit_number_whole(text, strlen(text), &back) && back == number) return;
    }
}
