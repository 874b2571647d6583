// Functions of one tensor of a floating dtype.
#pragma once

#include "THC/device/THCMap.cuh"

inline THStatus thc_floating(const char *op, const THTensor *a)
{
    return THDtype_isFloating((THDtype)a->dtype) ? TH_OK : thc_unsupported(op, (THDtype)a->dtype);
}

// r = F<C>{}(a), computed in C.
template <template <class> class F> THStatus thc_floatingMap(const char *op, THTensor *r, const THTensor *a)
{
    TH_TRY(thc_floating(op, a));
    TH_TRY(thc_outputLike(op, r, a, (THDtype)a->dtype));
    THC_FOR_FLOATING(op, a->dtype, T, return thc_map<T, T>(op, F<THCCompute<T>>{}, r, a);)
}

// The functor of an expression in x.
#define THC_FUNCTOR(Name, expression)                                                                                          \
    template <class C> struct Name {                                                                                           \
        __device__ C operator()(C x) const { return expression; }                                                              \
    };

#define THC_FLOATING_OP(name, F)                                                                                               \
    THStatus THCTensor_##name(THTensor *r, const THTensor *a)                                                                  \
    {                                                                                                                          \
        TH_GIVEN(#name, r, a);                                                                                                 \
        return thc_floatingMap<F>(#name, r, a);                                                                                \
    }
