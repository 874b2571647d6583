// Arithmetic of two tensors.
#include "ops/THCPointwise.cuh"

namespace
{

bool isOne(THScalar s)
{
    return s.is_float ? s.value.d == 1.0 : s.value.i == 1;
}

THScalar negative(THScalar s)
{
    return s.is_float ? THScalar_fromDouble(-s.value.d) : THScalar_fromLong((int64_t)(0 - (uint64_t)s.value.i));
}

template <class C> struct AddScaled {
    C scale;
    __device__ C operator()(C a, C b) const { return THCAdd<C>{}(a, THCMul<C>{}(scale, b)); }
};

THStatus addScaled(const char *op, THTensor *r, const THTensor *a, const THTensor *b, THScalar alpha)
{
    TH_TRY(thc_outputOfTwo(op, r, a, b, (THDtype)a->dtype));
    THC_FOR_ALL(op, a->dtype, T, {
        using C = THCCompute<T>;
        return thc_map<T, T, T>(op, AddScaled<C>{thc_scalar<C>(alpha)}, r, a, b);
    })
}

} // namespace

THStatus THCTensor_cadd(THTensor *r, const THTensor *a, const THTensor *b, THScalar alpha)
{
    TH_GIVEN("add", r, a, b);
    if (isOne(alpha)) return thc_binary<THCAdd>("add", r, a, b);
    TH_TRY(thc_same("add", a, b));
    TH_TRY(THScalar_check(alpha, (THDtype)a->dtype, "add", "alpha"));
    return addScaled("add", r, a, b, alpha);
}

THStatus THCTensor_csub(THTensor *r, const THTensor *a, const THTensor *b, THScalar alpha)
{
    TH_GIVEN("sub", r, a, b);
    if (isOne(alpha)) return thc_binary<THCSub>("sub", r, a, b);
    TH_TRY(thc_same("sub", a, b));
    TH_TRY(THScalar_check(alpha, (THDtype)a->dtype, "sub", "alpha"));
    return addScaled("sub", r, a, b, negative(alpha));
}

THC_BINARY_OP(cmul, "mul", THCMul, (void)0)
THC_BINARY_OP(cdiv, "div", THCDiv, TH_TRY(thc_checkDivisor("div", b)))
THC_BINARY_OP(cmax, "max", THCMax, (void)0)
THC_BINARY_OP(cmin, "min", THCMin, (void)0)
