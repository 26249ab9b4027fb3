/* A few words on top of cmocka: a check that prints the number that was wrong, and a main. */
#pragma once
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka comes after what it needs */
#include <cmocka.h>

/* Fails the case with a message when the condition does not hold (NAN in a comparison does not). */
#define CHECK(condition, ...)                                                                      \
    do {                                                                                           \
        if (!(condition)) fail_msg(__VA_ARGS__);                                                   \
    } while (0)

/* |got - want| <= tolerance. */
#define CHECK_CLOSE(got, want, tolerance)                                                          \
    do {                                                                                           \
        const double got_ = (got), want_ = (want), tolerance_ = (tolerance);                       \
        CHECK(fabs(got_ - want_) <= tolerance_,                                                    \
              "%s is %.17g, not %.17g (off by %.3g, allowed %g)", #got, got_, want_, got_ - want_, \
              tolerance_);                                                                         \
    } while (0)

#define CASE(function) cmocka_unit_test(function)
#define T_MAIN(...)                                                                                \
    int main(void) {                                                                               \
        const struct CMUnitTest cases[] = {__VA_ARGS__};                                           \
        return cmocka_run_group_tests(cases, NULL, NULL);                                          \
    }
