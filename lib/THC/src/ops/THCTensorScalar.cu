// Arithmetic of a tensor and a scalar.
#include "ops/THCPointwise.cuh"

namespace
{

THScalar product(THScalar a, THScalar b)
{
    if (a.is_float || b.is_float) return THScalar_fromDouble(THScalar_toDouble(a) * THScalar_toDouble(b));
    return THScalar_fromLong((int64_t)((uint64_t)a.value.i * (uint64_t)b.value.i));
}

} // namespace

THC_SCALAR_OP(rsub, "rsub", THCSub, true, (void)0)
THC_SCALAR_OP(mul, "mul", THCMul, false, (void)0)
THC_SCALAR_OP(div, "div", THCDiv, false, TH_TRY(thc_checkDivisorScalar("div", a, value)))
THC_SCALAR_OP(rdiv, "rdiv", THCDiv, true, TH_TRY(thc_checkDivisor("rdiv", a)))

THStatus THCTensor_add(THTensor *r, const THTensor *a, THScalar value, THScalar alpha)
{
    TH_GIVEN("add", r, a);
    TH_TRY(THScalar_check(value, (THDtype)a->dtype, "add", "value"));
    TH_TRY(THScalar_check(alpha, (THDtype)a->dtype, "add", "alpha"));
    return thc_withScalar<THCAdd>("add", r, a, product(alpha, value));
}

THStatus THCTensor_sub(THTensor *r, const THTensor *a, THScalar value, THScalar alpha)
{
    TH_GIVEN("sub", r, a);
    TH_TRY(THScalar_check(value, (THDtype)a->dtype, "sub", "value"));
    TH_TRY(THScalar_check(alpha, (THDtype)a->dtype, "sub", "alpha"));
    return thc_withScalar<THCSub>("sub", r, a, product(alpha, value));
}
