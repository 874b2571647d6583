/* What THNN's C tests share: random tensors, and gradients checked against differences of the forward pass. */
#ifndef THNN_TEST_H
#define THNN_TEST_H

#include "../../TH/tests/THTest.h"
#include "THNN/THNN.h"

/* Numbers in (-1, 1) that depend on the seed alone, in steps too odd to be equal by chance. */
static inline double thnn_test_next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(int64_t)(*seed >> 11) / (double)(1LL << 52) - 1.0;
}

static inline double *thnn_test_doubles(THTensor *t)
{
    return (double *)(void *)THTensor_dataBytes(t);
}

static inline const int64_t *thnn_test_longs(THTensor *t)
{
    return (const int64_t *)(void *)THTensor_dataBytes(t);
}

static inline THTensor *thnn_test_random(THDtype dtype, int ndim, const int64_t *size, uint64_t seed)
{
    THTensor *t = THTensor_newWithSize(dtype, ndim, size);
    if (t == NULL) {
        fprintf(stderr, "cannot make a tensor: %s\n", THStatus_message());
        exit(EXIT_FAILURE);
    }
    for (int64_t i = 0; i < t->numel; i++)
        THScalar_store(THScalar_fromDouble(thnn_test_next(&seed)), dtype,
                       THTensor_dataBytes(t) + i * (int64_t)THDtype_size(dtype));
    return t;
}

/* The same values behind strides that are not row-major: the last dimension is stored first. */
static inline THTensor *thnn_test_strided(const THTensor *t)
{
    if (t->ndim < 2) return THTensor_newClone(t);
    THTensor *swapped = THTensor_newTranspose(t, 0, t->ndim - 1);
    THTensor *stored = THTensor_newClone(swapped);
    THTensor *back = THTensor_newTranspose(stored, 0, t->ndim - 1);
    THTensor_free(swapped);
    THTensor_free(stored);
    return back;
}

/* The largest difference of any two elements; infinity if the shapes differ or one is nan and the other is not. */
static inline double thnn_test_distance(const THTensor *a, const THTensor *b)
{
    if (!THTensor_isSameSizeAs(a, b)) return INFINITY;
    double worst = 0;
    for (int64_t i = 0; i < a->numel; i++) {
        const double x = th_test_at(a, i);
        const double y = th_test_at(b, i);
        if (isnan(x) != isnan(y)) return INFINITY;
        if (x != y && !isnan(x)) worst = fmax(worst, fabs(x - y));
    }
    return worst;
}

/* A forward pass of doubles, for thnn_test_gradient. */
typedef THStatus (*THNNTestForward)(void *context, THTensor *output);

/* sum(gradOutput * output) of a forward pass. */
static inline double thnn_test_objective(THNNTestForward forward, void *context, const THTensor *gradOutput)
{
    THTensor *output = THTensor_new();
    double sum = 0;
    if (CHECK_OK(forward(context, output))) {
        for (int64_t i = 0; i < output->numel; i++) sum += th_test_at(output, i) * th_test_at(gradOutput, i);
    }
    THTensor_free(output);
    return sum;
}

/* `gradient` is the derivative of sum(gradOutput * forward()) with respect to `variable`, a contiguous Double tensor that
 * `forward` reads. Central differences. */
static inline void thnn_test_gradient(THNNTestForward forward, void *context, THTensor *variable, const THTensor *gradOutput,
                                      const THTensor *gradient)
{
    const double step = 1e-6;
    double *x = thnn_test_doubles(variable);
    CHECK(THTensor_isSameSizeAs(variable, gradient));
    for (int64_t i = 0; i < variable->numel; i++) {
        const double before = x[i];
        x[i] = before + step;
        const double above = thnn_test_objective(forward, context, gradOutput);
        x[i] = before - step;
        const double below = thnn_test_objective(forward, context, gradOutput);
        x[i] = before;
        CHECK_NEAR(th_test_at(gradient, i), (above - below) / (2 * step), 1e-7 * (1 + fabs(th_test_at(gradient, i))));
    }
}

#endif
