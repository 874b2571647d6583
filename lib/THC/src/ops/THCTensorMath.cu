// Elementary functions: CUDA's accurate ones, never the fast intrinsics. Floating dtypes.
#include "THC/THCTensor.h"
#include "ops/THCFloating.cuh"

namespace
{

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

THC_FUNCTOR(Sqrt, sqrt(x))
THC_FUNCTOR(Rsqrt, 1 / sqrt(x))
THC_FUNCTOR(Exp, exp(x))
THC_FUNCTOR(Log, log(x))
THC_FUNCTOR(Log1p, log1p(x))
THC_FUNCTOR(Log2, log2(x))
THC_FUNCTOR(Log10, log10(x))
THC_FUNCTOR(Expm1, expm1(x))
THC_FUNCTOR(Floor, floor(x))
THC_FUNCTOR(Ceil, ceil(x))
THC_FUNCTOR(Round, rint(x))
THC_FUNCTOR(Trunc, trunc(x))

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
THC_FLOATING_OP(sigmoid, Sigmoid)
THC_FLOATING_OP(floor, Floor)
THC_FLOATING_OP(ceil, Ceil)
THC_FLOATING_OP(round, Round)
THC_FLOATING_OP(trunc, Trunc)
THC_FLOATING_OP(frac, Frac)

THStatus THCTensor_lerp(THTensor *r, const THTensor *a, const THTensor *b, THScalar weight)
{
    TH_GIVEN("lerp", r, a, b);
    TH_TRY(thc_same("lerp", a, b));
    TH_TRY(thc_floating("lerp", a));
    TH_TRY(thc_outputOfTwo("lerp", r, a, b, (THDtype)a->dtype));
    THC_FOR_FLOATING("lerp", a->dtype, T, {
        using C = THCCompute<T>;
        return thc_map<T, T, T>("lerp", Lerp<C>{thc_scalar<C>(weight)}, r, a, b);
    })
}
