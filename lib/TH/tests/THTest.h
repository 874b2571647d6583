/* Checks for the C tests: a failed one prints where and why and the program goes on; the exit code counts. */
#ifndef TH_TEST_H
#define TH_TEST_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "TH/TH.h"

static int th_test_checks;
static int th_test_failures;

/* `condition` holds. */
#define CHECK(condition) th_test_check((condition), __FILE__, __LINE__, #condition)
/* `expression`, a THStatus, is TH_OK; the message is shown if not. */
#define CHECK_OK(expression) th_test_status((expression), TH_OK, NULL, __FILE__, __LINE__, #expression)
/* `expression` fails with `code`, and the message contains `part`. */
#define CHECK_FAILS(expression, code, part) th_test_status((expression), (code), (part), __FILE__, __LINE__, #expression)
/* `pointer` is NULL, the last failure has `code`, and the message contains `part`. */
#define CHECK_NULL(pointer, code, part)                                                                                        \
    th_test_status((pointer) == NULL ? THStatus_last() : TH_OK, (code), (part), __FILE__, __LINE__, #pointer)
/* |a - b| <= tolerance. */
#define CHECK_NEAR(a, b, tolerance) th_test_near((a), (b), (tolerance), __FILE__, __LINE__, #a " ~ " #b)

static inline bool th_test_check(bool holds, const char *file, int line, const char *text)
{
    __atomic_add_fetch(&th_test_checks, 1, __ATOMIC_RELAXED); /* tests of threads check in each of them */
    if (!holds) {
        __atomic_add_fetch(&th_test_failures, 1, __ATOMIC_RELAXED);
        fprintf(stderr, "%s:%d: failed: %s\n", file, line, text);
    }
    return holds;
}

static inline bool th_test_status(THStatus status, THStatus code, const char *part, const char *file, int line,
                                  const char *text)
{
    const bool named = part == NULL || strstr(THStatus_message(), part) != NULL;
    if (!th_test_check(status == code && named, file, line, text)) {
        fprintf(stderr, "    status %d, expected %d%s%s; message: %s\n", (int)status, (int)code, part == NULL ? "" : ", with ",
                part == NULL ? "" : part, THStatus_message());
        return false;
    }
    return true;
}

static inline bool th_test_near(double a, double b, double tolerance, const char *file, int line, const char *text)
{
    const bool holds = fabs(a - b) <= tolerance || (isnan(a) && isnan(b)) || a == b;
    if (!th_test_check(holds, file, line, text)) {
        fprintf(stderr, "    %.17g and %.17g differ by more than %g\n", a, b, tolerance);
        return false;
    }
    return true;
}

/* The last line of every test's main. */
static inline int th_test_end(const char *name)
{
    printf("%s: %d checks, %d failed\n", name, th_test_checks, th_test_failures);
    return th_test_failures == 0 && th_test_checks > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* A Float tensor with the given sizes and the values 0, 1, 2, ... */
static inline THTensor *th_test_ramp(THDtype dtype, int ndim, const int64_t *size)
{
    THTensor *t = THTensor_newWithSize(dtype, ndim, size);
    if (t == NULL) return NULL;
    const int64_t itemsize = (int64_t)THDtype_size(dtype);
    for (int64_t i = 0; i < t->numel; i++) THScalar_store(THScalar_fromLong(i), dtype, THTensor_dataBytes(t) + i * itemsize);
    return t;
}

/* The element number `index` in row-major order, whatever the strides. */
static inline double th_test_at(const THTensor *t, int64_t index)
{
    int64_t place = t->offset;
    for (int d = t->ndim - 1; d >= 0; d--) {
        place += index % t->size[d] * t->stride[d];
        index /= t->size[d];
    }
    return THScalar_toDouble(THScalar_load((THDtype)t->dtype, t->storage->data + place * (int64_t)THDtype_size(t->dtype)));
}

#endif
