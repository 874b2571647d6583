// Powers.
#include "THC/THCTensor.h"
#include "THC/device/THCMap.cuh"

namespace
{

// Integers: by squaring, wrapping; the op refuses negative exponents before.
template <class C> struct Power {
    __device__ C operator()(C x, C exponent) const
    {
        if constexpr (std::is_floating_point_v<C>) {
            return pow(x, exponent);
        } else {
            C result = 1;
            for (; exponent > 0; exponent = (C)(exponent / 2)) {
                if (exponent & 1) result = THCMul<C>{}(result, x);
                x = THCMul<C>{}(x, x);
            }
            return result;
        }
    }
};

template <class C> struct ToPower {
    C exponent;
    __device__ C operator()(C x) const { return Power<C>{}(x, exponent); }
};

template <class C> struct OfBase {
    C base;
    __device__ C operator()(C x) const { return Power<C>{}(base, x); }
};

template <template <class> class F> THStatus withScalar(const char *op, THTensor *r, const THTensor *a, THScalar value)
{
    TH_TRY(thc_outputLike(op, r, a, (THDtype)a->dtype));
    THC_FOR_ALL(op, a->dtype, T, {
        using C = THCCompute<T>;
        return thc_map<T, T>(op, F<C>{thc_scalar<C>(value)}, r, a);
    })
}

// Fails if an element of an integer tensor is negative. This waits for the device, as a check of values has to.
THStatus checkExponent(const char *op, const THTensor *b)
{
    if (THDtype_isFloating((THDtype)b->dtype) || b->dtype == THDtype_Byte || b->numel == 0) return TH_OK;
    const THCOwned least(THTensor_new());
    if (!least) return THStatus_last();
    THScalar value;
    TH_TRY(THCTensor_minall(least.get(), b));
    TH_TRY(THCTensor_item(least.get(), &value));
    TH_FAIL_IF(value.value.i < 0, TH_ERR_VALUE, "[%s] exponent %lld, integers to negative powers are not integers", op,
               (long long)value.value.i);
    return TH_OK;
}

} // namespace

THStatus THCTensor_cpow(THTensor *r, const THTensor *a, const THTensor *b)
{
    TH_GIVEN("pow", r, a, b);
    TH_TRY(thc_same("pow", a, b));
    if (a->dtype == THDtype_None) return thc_unsupported("pow", THDtype_None);
    TH_TRY(checkExponent("pow", b));
    TH_TRY(thc_outputOfTwo("pow", r, a, b, (THDtype)a->dtype));
    THC_FOR_ALL("pow", a->dtype, T, return thc_map<T, T, T>("pow", Power<THCCompute<T>>{}, r, a, b);)
}

THStatus THCTensor_pow(THTensor *r, const THTensor *a, THScalar exponent)
{
    TH_GIVEN("pow", r, a);
    if (a->dtype == THDtype_None) return thc_unsupported("pow", THDtype_None);
    TH_TRY(THScalar_check(exponent, (THDtype)a->dtype, "pow", "exponent"));
    const double e = THScalar_toDouble(exponent);
    if (e == 2.0) return THCTensor_cmul(r, a, a);
    if (!THDtype_isFloating((THDtype)a->dtype))
        TH_FAIL_IF(e < 0, TH_ERR_VALUE, "[pow] exponent %g, integers to negative powers are not integers", e);
    else if (e == -1.0)
        return THCTensor_cinv(r, a);
    return withScalar<ToPower>("pow", r, a, exponent);
}

THStatus THCTensor_tpow(THTensor *r, const THTensor *a, THScalar base)
{
    TH_GIVEN("tpow", r, a);
    if (a->dtype == THDtype_None) return thc_unsupported("tpow", THDtype_None);
    TH_TRY(THScalar_check(base, (THDtype)a->dtype, "tpow", "value"));
    TH_TRY(checkExponent("tpow", a));
    return withScalar<OfBase>("tpow", r, a, base);
}
