/* Elementary and special functions of a tensor. */
#include "TH/THArgument.h"
#include "TH/THTensorPointwise.h"

#include "TH/THTensorReduce.h"
#include "kernels/THElementary.h"
#include "kernels/THMath.h"
#include "kernels/THPointwise.h"
#include "kernels/THSpecial.h"
#include "ops/THOps.h"
#include "ops/THScalarLoop.h"

/* An element of a function costs some ten times an addition: smaller pieces are worth a thread. */
#define MATH_GRAIN (TH_GRAIN / 8)

#define MATH_OP(Table, name, grain)                                                                                            \
    THStatus THTensor_##name(THTensor *r, const THTensor *a)                                                                   \
    {                                                                                                                          \
        TH_GIVEN(#name, r, a);                                                                                                 \
        THTensor *const tensors[] = {r, (THTensor *)a};                                                                        \
        TH_OPS_COMPUTE(Table, table, #name, (THDtype)a->dtype);                                                                \
        TH_TRY(THOps_outputLike(#name, r, a, (THDtype)a->dtype));                                                              \
        return THOps_map(#name, table->name, NULL, (grain), 2, tensors);                                                       \
    }

MATH_OP(THMath, sqrt, TH_GRAIN)
MATH_OP(THMath, rsqrt, TH_GRAIN)
MATH_OP(THMath, exp, MATH_GRAIN)
MATH_OP(THMath, log, MATH_GRAIN)
MATH_OP(THMath, log1p, MATH_GRAIN)
MATH_OP(THMath, sin, MATH_GRAIN)
MATH_OP(THMath, cos, MATH_GRAIN)
MATH_OP(THMath, tan, MATH_GRAIN)
MATH_OP(THMath, tanh, MATH_GRAIN)
MATH_OP(THMath, sigmoid, MATH_GRAIN)
MATH_OP(THMath, floor, TH_GRAIN)
MATH_OP(THMath, ceil, TH_GRAIN)
MATH_OP(THMath, round, TH_GRAIN)
MATH_OP(THMath, trunc, TH_GRAIN)
MATH_OP(THElementary, asin, MATH_GRAIN)
MATH_OP(THElementary, acos, MATH_GRAIN)
MATH_OP(THElementary, atan, MATH_GRAIN)
MATH_OP(THElementary, sinh, MATH_GRAIN)
MATH_OP(THElementary, cosh, MATH_GRAIN)
MATH_OP(THElementary, expm1, MATH_GRAIN)
MATH_OP(THElementary, log2, MATH_GRAIN)
MATH_OP(THElementary, log10, MATH_GRAIN)
MATH_OP(THElementary, frac, TH_GRAIN)
MATH_OP(THSpecial, erf, MATH_GRAIN)
MATH_OP(THSpecial, erfc, MATH_GRAIN)
MATH_OP(THSpecial, erfinv, MATH_GRAIN)
MATH_OP(THSpecial, lgamma, MATH_GRAIN)
MATH_OP(THSpecial, digamma, MATH_GRAIN)

THStatus THTensor_polygamma(THTensor *r, const THTensor *a, int n)
{
    TH_GIVEN("polygamma", r, a);
    THTensor *const tensors[] = {r, (THTensor *)a};
    TH_OPS_COMPUTE(THSpecial, table, "polygamma", (THDtype)a->dtype);
    TH_FAIL_IF(n < 0 || n > 170, TH_ERR_VALUE, "[polygamma] n, %d: must be 0 to 170", n);
    TH_TRY(THOps_outputLike("polygamma", r, a, (THDtype)a->dtype));
    return THOps_map("polygamma", table->polygamma, &n, MATH_GRAIN, 2, tensors);
}

THStatus THTensor_atan2(THTensor *r, const THTensor *a, const THTensor *b)
{
    TH_GIVEN("atan2", r, a, b);
    THTensor *const tensors[] = {r, (THTensor *)a, (THTensor *)b};
    TH_TRY(THOps_sameDtype("atan2", a, b));
    TH_OPS_COMPUTE(THElementary, table, "atan2", (THDtype)a->dtype);
    TH_TRY(THOps_outputOfTwo("atan2", r, a, b, (THDtype)a->dtype));
    return THOps_map("atan2", table->atan2, NULL, MATH_GRAIN, 3, tensors);
}

THStatus THTensor_lerp(THTensor *r, const THTensor *a, const THTensor *b, THScalar weight)
{
    TH_GIVEN("lerp", r, a, b);
    const THDtype dtype = (THDtype)a->dtype;
    int64_t element = 0; /* room for any */
    TH_TRY(THOps_sameDtype("lerp", a, b));
    TH_OPS_COMPUTE(THElementary, table, "lerp", dtype);
    TH_TRY(THScalar_check(weight, dtype, "lerp", "weight"));
    THScalar_store(weight, THHalfLoop_computes(dtype), &element);
    TH_TRY(THOps_outputOfTwo("lerp", r, a, b, dtype));
    return THOps_map2("lerp", table->lerp, &element, r, a, b);
}

/* --- powers: the loop is of another table for floating dtypes ------------------------------------------------------------ */

static THStatus find_pow(const char *op, THDtype dtype, THLoop *loop)
{
    if (THDtype_isFloating(dtype)) {
        TH_OPS_COMPUTE(THElementary, table, op, dtype);
        *loop = table->pow;
    } else {
        TH_OPS_TABLE(THPointwise, table, op, dtype);
        *loop = table->pow;
    }
    return TH_OK;
}

/* Fails if an element of an integer tensor is negative. */
static THStatus check_exponent(const char *op, const THTensor *b)
{
    if (THDtype_isFloating((THDtype)b->dtype) || b->dtype == THDtype_Byte || b->numel == 0) return TH_OK;
    THTensor *const least = THTensor_new();
    if (least == NULL) return THStatus_last();
    THScalar value = THScalar_fromLong(0);
    THStatus status = THTensor_minall(least, b);
    if (status == TH_OK) status = THTensor_item(least, &value);
    THTensor_free(least);
    TH_TRY(status);
    TH_FAIL_IF(value.value.i < 0, TH_ERR_VALUE, "[%s] exponent %lld, integers to negative powers are not integers", op,
               (long long)value.value.i);
    return TH_OK;
}

THStatus THTensor_cpow(THTensor *r, const THTensor *a, const THTensor *b)
{
    TH_GIVEN("pow", r, a, b);
    THTensor *const tensors[] = {r, (THTensor *)a, (THTensor *)b};
    THLoop loop;
    TH_TRY(THOps_sameDtype("pow", a, b));
    TH_TRY(find_pow("pow", (THDtype)a->dtype, &loop));
    TH_TRY(check_exponent("pow", b));
    TH_TRY(THOps_outputOfTwo("pow", r, a, b, (THDtype)a->dtype));
    return THOps_map("pow", loop, NULL, MATH_GRAIN, 3, tensors);
}

static THStatus pow_scalar(const char *op, THTensor *r, const THTensor *a, THScalar value, THScalarSide side)
{
    THTensor *const tensors[] = {r, (THTensor *)a};
    THScalarLoop args = {.loop = NULL};
    TH_TRY(find_pow(op, (THDtype)a->dtype, &args.loop));
    THScalar_store(value, THHalfLoop_computes((THDtype)a->dtype), &args.value);
    TH_TRY(THOps_outputLike(op, r, a, (THDtype)a->dtype));
    return THOps_map(op, side == THScalarSide_RIGHT ? THScalarLoop_right : THScalarLoop_left, &args, MATH_GRAIN, 2, tensors);
}

THStatus THTensor_pow(THTensor *r, const THTensor *a, THScalar exponent)
{
    TH_GIVEN("pow", r, a);
    if (a->dtype == THDtype_None) return THOps_unsupported("pow", THDtype_None);
    TH_TRY(THScalar_check(exponent, (THDtype)a->dtype, "pow", "exponent"));
    const double e = THScalar_toDouble(exponent);
    if (e == 2.0) return THTensor_cmul(r, a, a);
    if (!THDtype_isFloating((THDtype)a->dtype)) {
        TH_FAIL_IF(e < 0, TH_ERR_VALUE, "[pow] exponent %g, integers to negative powers are not integers", e);
    } else if (e == -1.0) {
        return THTensor_cinv(r, a);
    }
    return pow_scalar("pow", r, a, exponent, THScalarSide_RIGHT);
}

THStatus THTensor_tpow(THTensor *r, const THTensor *a, THScalar base)
{
    TH_GIVEN("tpow", r, a);
    if (a->dtype == THDtype_None) return THOps_unsupported("tpow", THDtype_None);
    TH_TRY(THScalar_check(base, (THDtype)a->dtype, "tpow", "value"));
    TH_TRY(check_exponent("tpow", a));
    return pow_scalar("tpow", r, a, base, THScalarSide_LEFT);
}
