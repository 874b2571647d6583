// Special functions. Floating dtypes.
#include "TH/THGammaMath.h"
#include "THC/THCTensor.h"
#include "ops/THCFloating.cuh"

namespace
{

template <class C> struct Erf {
    __device__ C operator()(C x) const { return erf(x); }
};
template <class C> struct Erfc {
    __device__ C operator()(C x) const { return erfc(x); }
};
template <class C> struct Erfinv {
    __device__ C operator()(C x) const { return erfinv(x); }
};
template <class C> struct Lgamma {
    __device__ C operator()(C x) const { return lgamma(x); }
};
template <class C> struct Digamma {
    __device__ C operator()(C x) const { return (C)gamma_digamma((double)x); }
};

template <class C> struct Polygamma {
    int order;
    __device__ C operator()(C x) const { return (C)gamma_polygamma(order, (double)x); }
};

} // namespace

THC_FLOATING_OP(erf, Erf)
THC_FLOATING_OP(erfc, Erfc)
THC_FLOATING_OP(erfinv, Erfinv)
THC_FLOATING_OP(lgamma, Lgamma)
THC_FLOATING_OP(digamma, Digamma)

THStatus THCTensor_polygamma(THTensor *r, const THTensor *a, int n)
{
    TH_GIVEN("polygamma", r, a);
    TH_TRY(thc_floating("polygamma", a));
    TH_FAIL_IF(n < 0 || n > 170, TH_ERR_VALUE, "[polygamma] n, %d: must be 0 to 170", n);
    TH_TRY(thc_outputLike("polygamma", r, a, (THDtype)a->dtype));
    THC_FOR_FLOATING("polygamma", a->dtype, T, return thc_map<T, T>("polygamma", Polygamma<THCCompute<T>>{n}, r, a);)
}
