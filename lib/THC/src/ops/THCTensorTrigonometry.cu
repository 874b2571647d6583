// Trigonometric and hyperbolic functions: CUDA's accurate ones, never the fast intrinsics. Floating dtypes.
#include "THC/THCTensor.h"
#include "ops/THCFloating.cuh"

namespace
{

THC_FUNCTOR(Sin, sin(x))
THC_FUNCTOR(Cos, cos(x))
THC_FUNCTOR(Tan, tan(x))
THC_FUNCTOR(Asin, asin(x))
THC_FUNCTOR(Acos, acos(x))
THC_FUNCTOR(Atan, atan(x))
THC_FUNCTOR(Sinh, sinh(x))
THC_FUNCTOR(Cosh, cosh(x))
THC_FUNCTOR(Tanh, tanh(x))

template <class C> struct Atan2 {
    __device__ C operator()(C y, C x) const { return atan2(y, x); }
};

} // namespace

THC_FLOATING_OP(sin, Sin)
THC_FLOATING_OP(cos, Cos)
THC_FLOATING_OP(tan, Tan)
THC_FLOATING_OP(asin, Asin)
THC_FLOATING_OP(acos, Acos)
THC_FLOATING_OP(atan, Atan)
THC_FLOATING_OP(sinh, Sinh)
THC_FLOATING_OP(cosh, Cosh)
THC_FLOATING_OP(tanh, Tanh)

THStatus THCTensor_atan2(THTensor *r, const THTensor *a, const THTensor *b)
{
    TH_GIVEN("atan2", r, a, b);
    TH_TRY(thc_same("atan2", a, b));
    TH_TRY(thc_floating("atan2", a));
    TH_TRY(thc_outputOfTwo("atan2", r, a, b, (THDtype)a->dtype));
    THC_FOR_FLOATING("atan2", a->dtype, T, return thc_map<T, T, T>("atan2", Atan2<THCCompute<T>>{}, r, a, b);)
}
