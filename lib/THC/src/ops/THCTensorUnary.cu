// Signs, inverses and bounds: functions of one tensor.
#include <limits>

#include "ops/THCPointwise.cuh"

namespace
{

template <template <class> class F> THStatus unary(const char *op, THTensor *r, const THTensor *a)
{
    TH_TRY(thc_outputLike(op, r, a, (THDtype)a->dtype));
    THC_FOR_ALL(op, a->dtype, T, return thc_map<T, T>(op, F<THCCompute<T>>{}, r, a);)
}

template <class C> struct Clamp {
    C low, high;
    __device__ C operator()(C a) const { return a < low ? low : a > high ? high : a; }
};

template <class C> C bound(int given, THScalar value, bool greatest)
{
    if (given) return thc_scalar<C>(value);
    if (std::numeric_limits<C>::has_infinity)
        return greatest ? std::numeric_limits<C>::infinity() : -std::numeric_limits<C>::infinity();
    return greatest ? std::numeric_limits<C>::max() : std::numeric_limits<C>::lowest();
}

} // namespace

THStatus THCTensor_clamp(THTensor *r, const THTensor *a, int has_min, THScalar min, int has_max, THScalar max)
{
    TH_GIVEN("clamp", r, a);
    const THDtype dtype = (THDtype)a->dtype;
    TH_FAIL_IF(!has_min && !has_max, TH_ERR_VALUE, "[clamp] neither min nor max, at least one of them is needed");
    if (has_min) TH_TRY(THScalar_check(min, dtype, "clamp", "min"));
    if (has_max) TH_TRY(THScalar_check(max, dtype, "clamp", "max"));
    TH_TRY(thc_outputLike("clamp", r, a, dtype));
    THC_FOR_ALL("clamp", dtype, T, {
        using C = THCCompute<T>;
        return thc_map<T, T>("clamp", Clamp<C>{bound<C>(has_min, min, false), bound<C>(has_max, max, true)}, r, a);
    })
}

THStatus THCTensor_neg(THTensor *r, const THTensor *a)
{
    TH_GIVEN("neg", r, a);
    return unary<THCNeg>("neg", r, a);
}
THStatus THCTensor_abs(THTensor *r, const THTensor *a)
{
    TH_GIVEN("abs", r, a);
    return unary<THCAbs>("abs", r, a);
}
THStatus THCTensor_sign(THTensor *r, const THTensor *a)
{
    TH_GIVEN("sign", r, a);
    return unary<THCSign>("sign", r, a);
}

THStatus THCTensor_cinv(THTensor *r, const THTensor *a)
{
    TH_GIVEN("cinv", r, a);
    if (!THDtype_isFloating((THDtype)a->dtype)) return thc_unsupported("cinv", (THDtype)a->dtype);
    return thc_withScalar<THCDiv, true>("cinv", r, a, THScalar_fromLong(1));
}
