// Elementary functions: CUDA's accurate ones, never the fast intrinsics. Floating dtypes.
#include "THC/THCTensor.h"
#include "ops/THCFloating.cuh"

namespace
{

#define MATH_FUNCTION(Name, expression)                                                                                        \
    template <class C> struct Name {                                                                                           \
        __device__ C operator()(C x) const { return expression; }                                                              \
    };

// Of a negative number by its own exponential: that of its opposite overflows before the result is 0.
template <class C> struct Sigmoid {
    __device__ C operator()(C x) const
    {
        const C e = exp(-fabs(x));
        return (x < 0 ? e : (C)1) / (1 + e);
    }
};

// An infinity has no fraction, and 0 keeps the sign.
template <class C> struct Frac {
    __device__ C operator()(C x) const { return copysign(isinf(x) ? (C)0 : x - trunc(x), x); }
};

MATH_FUNCTION(Sqrt, sqrt(x))
MATH_FUNCTION(Rsqrt, 1 / sqrt(x))
MATH_FUNCTION(Exp, exp(x))
MATH_FUNCTION(Log, log(x))
MATH_FUNCTION(Log1p, log1p(x))
MATH_FUNCTION(Log2, log2(x))
MATH_FUNCTION(Log10, log10(x))
MATH_FUNCTION(Expm1, expm1(x))
MATH_FUNCTION(Sin, sin(x))
MATH_FUNCTION(Cos, cos(x))
MATH_FUNCTION(Tan, tan(x))
MATH_FUNCTION(Asin, asin(x))
MATH_FUNCTION(Acos, acos(x))
MATH_FUNCTION(Atan, atan(x))
MATH_FUNCTION(Sinh, sinh(x))
MATH_FUNCTION(Cosh, cosh(x))
MATH_FUNCTION(Tanh, tanh(x))
MATH_FUNCTION(Floor, floor(x))
MATH_FUNCTION(Ceil, ceil(x))
MATH_FUNCTION(Round, rint(x))
MATH_FUNCTION(Trunc, trunc(x))

template <class C> struct Atan2 {
    __device__ C operator()(C y, C x) const { return atan2(y, x); }
};

template <class C> struct Lerp {
    C weight;
    __device__ C operator()(C x, C y) const { return x + weight * (y - x); }
};

} // namespace

THC_FLOATING_OP(sqrt, Sqrt)
THC_FLOATING_OP(rsqrt, Rsqrt)
THC_FLOATING_OP(exp, Exp)
THC_FLOATING_OP(log, Log)
THC_FLOATING_OP(log1p, Log1p)
THC_FLOATING_OP(log2, Log2)
THC_FLOATING_OP(log10, Log10)
THC_FLOATING_OP(expm1, Expm1)
THC_FLOATING_OP(sin, Sin)
THC_FLOATING_OP(cos, Cos)
THC_FLOATING_OP(tan, Tan)
THC_FLOATING_OP(asin, Asin)
THC_FLOATING_OP(acos, Acos)
THC_FLOATING_OP(atan, Atan)
THC_FLOATING_OP(sinh, Sinh)
THC_FLOATING_OP(cosh, Cosh)
THC_FLOATING_OP(tanh, Tanh)
THC_FLOATING_OP(sigmoid, Sigmoid)
THC_FLOATING_OP(floor, Floor)
THC_FLOATING_OP(ceil, Ceil)
THC_FLOATING_OP(round, Round)
THC_FLOATING_OP(trunc, Trunc)
THC_FLOATING_OP(frac, Frac)

THStatus THCTensor_atan2(THTensor *r, const THTensor *a, const THTensor *b)
{
    TH_TRY(thc_same("atan2", a, b));
    TH_TRY(thc_floating("atan2", a));
    TH_TRY(thc_outputOfTwo("atan2", r, a, b, (THDtype)a->dtype));
    THC_FOR_FLOATING("atan2", a->dtype, T, return thc_map<T, T, T>("atan2", Atan2<THCCompute<T>>{}, r, a, b);)
}

THStatus THCTensor_lerp(THTensor *r, const THTensor *a, const THTensor *b, THScalar weight)
{
    TH_TRY(thc_same("lerp", a, b));
    TH_TRY(thc_floating("lerp", a));
    TH_TRY(thc_outputOfTwo("lerp", r, a, b, (THDtype)a->dtype));
    THC_FOR_FLOATING("lerp", a->dtype, T, {
        using C = THCCompute<T>;
        return thc_map<T, T, T>("lerp", Lerp<C>{thc_scalar<C>(weight)}, r, a, b);
    })
}
