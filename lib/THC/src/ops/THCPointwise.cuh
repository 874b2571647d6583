// What the units of arithmetic share. Each template is compiled for eight dtypes, so that the operations are spread over units.
#pragma once

#include "THC/THCTensor.h"
#include "THC/device/THCArithmetic.cuh"
#include "THC/device/THCMap.cuh"

// Fails if the integer divisor is 0. That of a tensor waits for the device, as a check of values has to.
THStatus thc_checkDivisor(const char *op, const THTensor *divisor);
THStatus thc_checkDivisorScalar(const char *op, const THTensor *a, THScalar divisor);

// r = F<T>{}(a, b) of tensors.
template <template <class> class F> THStatus thc_binary(const char *op, THTensor *r, const THTensor *a, const THTensor *b)
{
    TH_TRY(thc_same(op, a, b));
    TH_TRY(thc_outputOfTwo(op, r, a, b, (THDtype)a->dtype));
    THC_FOR_ALL(op, a->dtype, T, return thc_map<T, T, T>(op, F<THCCompute<T>>{}, r, a, b);)
}

// f(a, s), or f(s, a) if LEFT.
template <template <class> class F, class C, bool LEFT> struct THCWithScalar {
    C s;
    __device__ C operator()(C a) const { return LEFT ? F<C>{}(s, a) : F<C>{}(a, s); }
};

template <template <class> class F, bool LEFT = false>
THStatus thc_withScalar(const char *op, THTensor *r, const THTensor *a, THScalar value)
{
    TH_TRY(thc_outputLike(op, r, a, (THDtype)a->dtype));
    THC_FOR_ALL(op, a->dtype, T, {
        using C = THCCompute<T>;
        return thc_map<T, T>(op, THCWithScalar<F, C, LEFT>{thc_scalar<C>(value)}, r, a);
    })
}

// A function of the interface that is one functor, after a check.
#define THC_BINARY_OP(name, op, F, check)                                                                                      \
    THStatus THCTensor_##name(THTensor *r, const THTensor *a, const THTensor *b)                                               \
    {                                                                                                                          \
        TH_GIVEN(op, r, a, b);                                                                                                 \
        check;                                                                                                                 \
        return thc_binary<F>(op, r, a, b);                                                                                     \
    }

#define THC_SCALAR_OP(name, op, F, LEFT, check)                                                                                \
    THStatus THCTensor_##name(THTensor *r, const THTensor *a, THScalar value)                                                  \
    {                                                                                                                          \
        TH_GIVEN(op, r, a);                                                                                                    \
        TH_TRY(THScalar_check(value, (THDtype)a->dtype, op, "value"));                                                         \
        check;                                                                                                                 \
        return thc_withScalar<F, LEFT>(op, r, a, value);                                                                       \
    }
