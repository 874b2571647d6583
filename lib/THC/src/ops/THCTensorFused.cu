// A tensor and the scaled product or quotient of two others.
#include "ops/THCPointwise.cuh"

namespace
{

template <class C> struct AddCMul {
    C s;
    __device__ C operator()(C a, C b, C c) const { return THCAdd<C>{}(a, THCMul<C>{}(THCMul<C>{}(s, b), c)); }
};

template <class C> struct AddCDiv {
    C s;
    __device__ C operator()(C a, C b, C c) const { return THCAdd<C>{}(a, THCDiv<C>{}(THCMul<C>{}(s, b), c)); }
};

template <template <class> class F>
THStatus ofThree(const char *op, THTensor *r, const THTensor *a, THScalar value, const THTensor *b, const THTensor *c)
{
    TH_TRY(THScalar_check(value, (THDtype)a->dtype, op, "value"));
    TH_TRY(thc_outputOfThree(op, r, a, b, c, (THDtype)a->dtype));
    THC_FOR_ALL(op, a->dtype, T, {
        using C = THCCompute<T>;
        return thc_map<T, T, T, T>(op, F<C>{thc_scalar<C>(value)}, r, a, b, c);
    })
}

} // namespace

THStatus THCTensor_addcmul(THTensor *r, const THTensor *a, THScalar value, const THTensor *b, const THTensor *c)
{
    TH_GIVEN("addcmul", r, a, b, c);
    TH_TRY(thc_same("addcmul", a, b));
    TH_TRY(thc_same("addcmul", a, c));
    return ofThree<AddCMul>("addcmul", r, a, value, b, c);
}

THStatus THCTensor_addcdiv(THTensor *r, const THTensor *a, THScalar value, const THTensor *b, const THTensor *c)
{
    TH_GIVEN("addcdiv", r, a, b, c);
    TH_TRY(thc_same("addcdiv", a, b));
    TH_TRY(thc_same("addcdiv", a, c));
    TH_TRY(thc_checkDivisor("addcdiv", c));
    return ofThree<AddCDiv>("addcdiv", r, a, value, b, c);
}
