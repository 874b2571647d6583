/* What the fuzz programs share: bytes that become arguments, and tensors made of them. */
#ifndef TH_FUZZ_H
#define TH_FUZZ_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "TH/TH.h"
#include "TH/THTyped.h"

/* The rest of an input; behind its end come zeros. */
typedef struct FuzzInput {
    const uint8_t *bytes;
    size_t left;
} FuzzInput;

static inline unsigned fuzz_byte(FuzzInput *in)
{
    if (in->left == 0) return 0;
    in->left--;
    return *in->bytes++;
}

static inline bool fuzz_one_in(FuzzInput *in, unsigned n)
{
    return fuzz_byte(in) % n == n - 1;
}

static inline uint64_t fuzz_word(FuzzInput *in)
{
    uint64_t word = 0;
    for (int i = 0; i < 8; i++) word = word << 8 | fuzz_byte(in);
    return word;
}

/* Mostly near 0; sometimes where something ends. */
static inline int64_t fuzz_long(FuzzInput *in)
{
    static const int64_t far[] = {INT64_MAX,
                                  INT64_MIN,
                                  INT64_MAX - 1,
                                  INT32_MAX,
                                  INT32_MIN,
                                  INT64_C(1) << 31,
                                  INT64_C(1) << 32,
                                  INT64_C(1) << 62,
                                  63,
                                  64,
                                  65,
                                  100,
                                  255,
                                  256,
                                  -128,
                                  1000};
    const unsigned choice = fuzz_byte(in);
    if (choice < 224) return (int64_t)(choice % 9) - 2;
    if (choice < 252) return far[choice % (sizeof far / sizeof *far)];
    return (int64_t)fuzz_word(in);
}

static inline int fuzz_int(FuzzInput *in)
{
    const int64_t value = fuzz_long(in);
    return value > INT32_MAX ? INT32_MAX : value < INT32_MIN ? INT32_MIN : (int)value;
}

static inline double fuzz_double(FuzzInput *in)
{
    static const double values[] = {0,    1,   2,        0.5,       -1,    -0.0,   3,      0.25,
                                    1e-3, NAN, INFINITY, -INFINITY, 1e308, 1e-320, 9.3e18, 170};
    const unsigned choice = fuzz_byte(in);
    if (choice < 240) return values[choice % (sizeof values / sizeof *values)];
    const uint64_t bits = fuzz_word(in);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline THScalar fuzz_scalar(FuzzInput *in)
{
    return fuzz_one_in(in, 2) ? THScalar_fromDouble(fuzz_double(in)) : THScalar_fromLong(fuzz_long(in));
}

/* A fault: says what is wrong, and ends the program so that libFuzzer keeps the input. */
#define FUZZ_CHECK(condition, ...)                                                                                             \
    do {                                                                                                                       \
        if (!(condition)) {                                                                                                    \
            fprintf(stderr, "%s:%d: %s\n    ", __FILE__, __LINE__, #condition);                                                \
            fprintf(stderr, __VA_ARGS__);                                                                                      \
            fprintf(stderr, "\n    message: %s\n", THStatus_message());                                                        \
            abort();                                                                                                           \
        }                                                                                                                      \
    } while (0)

#endif
