/* Arithmetic of tensors and scalars. */
#include "TH/THArgument.h"
#include "TH/THTensorPointwise.h"

#include <math.h>

#include "TH/THTensorFill.h"
#include "TH/THTensorReduce.h"
#include "kernels/THPointwise.h"
#include "kernels/THReduce.h"
#include "ops/THOps.h"
#include "ops/THScalarLoop.h"

static bool is_one(THScalar s)
{
    return s.is_float ? s.value.d == 1.0 : s.value.i == 1;
}

static bool is_zero(THScalar s)
{
    return s.is_float ? s.value.d == 0.0 : s.value.i == 0;
}

static THScalar negative(THScalar s)
{
    return s.is_float ? THScalar_fromDouble(-s.value.d) : THScalar_fromLong((int64_t)(0 - (uint64_t)s.value.i));
}

static THScalar product(THScalar a, THScalar b)
{
    if (a.is_float || b.is_float) return THScalar_fromDouble(THScalar_toDouble(a) * THScalar_toDouble(b));
    return THScalar_fromLong((int64_t)((uint64_t)a.value.i * (uint64_t)b.value.i));
}

/* Fails if an element of an integer tensor is 0. */
static THStatus check_divisor(const char *op, const THTensor *b)
{
    if (THDtype_isFloating((THDtype)b->dtype)) return TH_OK;
    TH_OPS_TABLE(THReduce, table, op, (THDtype)b->dtype);
    THTensor *const dense = THTensor_newContiguous((THTensor *)b);
    if (dense == NULL) return THStatus_last();
    const int64_t zero = 0;
    const int64_t place = dense->numel == 0 ? 0
                                            : table->find(THTensor_dataBytes(dense), (int64_t)THDtype_size((THDtype)b->dtype),
                                                          dense->numel, (const char *)&zero);
    const bool found = place < dense->numel;
    THTensor_free(dense);
    TH_FAIL_IF(found, TH_ERR_VALUE, "[%s] divisor's element %lld is 0, integer division by zero", op, (long long)place);
    return TH_OK;
}

static THStatus check_divisor_scalar(const char *op, const THTensor *a, THScalar value)
{
    TH_FAIL_IF(!THDtype_isFloating((THDtype)a->dtype) && is_zero(value), TH_ERR_VALUE,
               "[%s] divisor is 0, integer division by zero", op);
    return TH_OK;
}

/* --- two tensors ------------------------------------------------------------------------------------------------------- */

static THStatus add_scaled(const char *op, THTensor *r, const THTensor *a, const THTensor *b, THScalar alpha)
{
    const THDtype dtype = (THDtype)a->dtype;
    TH_OPS_COMPUTE(THPointwise, table, op, dtype);
    int64_t scale = 0; /* room for any element */
    THScalar_store(alpha, THHalfLoop_computes(dtype), &scale);
    TH_TRY(THOps_outputOfTwo(op, r, a, b, dtype));
    return THOps_map2(op, table->addScaled, &scale, r, a, b);
}

THStatus THTensor_cadd(THTensor *r, const THTensor *a, const THTensor *b, THScalar alpha)
{
    TH_GIVEN("add", r, a, b);
    const THDtype dtype = (THDtype)a->dtype;
    TH_TRY(THOps_sameDtype("add", a, b));
    if (!is_one(alpha)) {
        TH_TRY(THScalar_check(alpha, dtype, "add", "alpha"));
        return add_scaled("add", r, a, b, alpha);
    }
    TH_OPS_COMPUTE(THPointwise, table, "add", dtype);
    TH_TRY(THOps_outputOfTwo("add", r, a, b, dtype));
    return THOps_map2("add", table->add, NULL, r, a, b);
}

THStatus THTensor_csub(THTensor *r, const THTensor *a, const THTensor *b, THScalar alpha)
{
    TH_GIVEN("sub", r, a, b);
    const THDtype dtype = (THDtype)a->dtype;
    TH_TRY(THOps_sameDtype("sub", a, b));
    if (!is_one(alpha)) {
        TH_TRY(THScalar_check(alpha, dtype, "sub", "alpha"));
        return add_scaled("sub", r, a, b, negative(alpha));
    }
    TH_OPS_COMPUTE(THPointwise, table, "sub", dtype);
    TH_TRY(THOps_outputOfTwo("sub", r, a, b, dtype));
    return THOps_map2("sub", table->sub, NULL, r, a, b);
}

/* For ops that have no meaning for floating dtypes. */
#define CHECK_BITS(op) TH_TRY(check_bits((op), a))

static THStatus check_bits(const char *op, const THTensor *a)
{
    TH_FAIL_IF(THDtype_isFloating((THDtype)a->dtype), TH_ERR_DTYPE,
               "[%s] self, of dtype %s: only integers have bits to combine", op, THDtype_name((THDtype)a->dtype));
    return TH_OK;
}

/* An op of two tensors; `check` may refuse b before anything is written. */
#define BINARY_OP(name, op, entry, check)                                                                                      \
    THStatus THTensor_##name(THTensor *r, const THTensor *a, const THTensor *b)                                                \
    {                                                                                                                          \
        TH_GIVEN(op, r, a, b);                                                                                                 \
        const THDtype dtype = (THDtype)a->dtype;                                                                               \
        TH_TRY(THOps_sameDtype(op, a, b));                                                                                     \
        TH_OPS_COMPUTE(THPointwise, table, op, dtype);                                                                         \
        check;                                                                                                                 \
        TH_TRY(THOps_outputOfTwo(op, r, a, b, dtype));                                                                         \
        return THOps_map2(op, table->entry, NULL, r, a, b);                                                                    \
    }

BINARY_OP(cmul, "mul", mul, (void)0)
BINARY_OP(cdiv, "div", div, TH_TRY(check_divisor("div", b)))
BINARY_OP(cmax, "max", max, (void)0)
BINARY_OP(cmin, "min", min, (void)0)
BINARY_OP(cfmod, "fmod", fmod, TH_TRY(check_divisor("fmod", b)))
BINARY_OP(cremainder, "remainder", remainder, TH_TRY(check_divisor("remainder", b)))
BINARY_OP(clshift, "lshift", lshift, (void)0)
BINARY_OP(crshift, "rshift", rshift, (void)0)
BINARY_OP(cbitand, "bitand", bitand, CHECK_BITS("bitand"))
BINARY_OP(cbitor, "bitor", bitor, CHECK_BITS("bitor"))
BINARY_OP(cbitxor, "bitxor", bitxor, CHECK_BITS("bitxor"))

/* --- a tensor and a scalar ----------------------------------------------------------------------------------------------- */

static THStatus with_scalar(const char *op, THLoop loop, THTensor *r, const THTensor *a, THScalar value, THScalarSide side)
{
    const THDtype dtype = (THDtype)a->dtype;
    THScalarLoop args = {.loop = loop};
    THScalar_store(value, THHalfLoop_computes(dtype), &args.value);
    TH_TRY(THOps_outputLike(op, r, a, dtype));
    return THOps_map1(op, side == THScalarSide_RIGHT ? THScalarLoop_right : THScalarLoop_left, &args, r, a);
}

/* value has to fit a's dtype before the kernel may see it. */
#define SCALAR_OP(name, op, entry, side, check)                                                                                \
    THStatus THTensor_##name(THTensor *r, const THTensor *a, THScalar value)                                                   \
    {                                                                                                                          \
        TH_GIVEN(op, r, a);                                                                                                    \
        TH_OPS_COMPUTE(THPointwise, table, op, (THDtype)a->dtype);                                                             \
        TH_TRY(THScalar_check(value, (THDtype)a->dtype, op, "value"));                                                         \
        check;                                                                                                                 \
        return with_scalar(op, table->entry, r, a, value, THScalarSide_##side);                                                \
    }

SCALAR_OP(rsub, "rsub", sub, LEFT, (void)0)
SCALAR_OP(mul, "mul", mul, RIGHT, (void)0)
SCALAR_OP(div, "div", div, RIGHT, TH_TRY(check_divisor_scalar("div", a, value)))
SCALAR_OP(rdiv, "rdiv", div, LEFT, TH_TRY(check_divisor("rdiv", a)))
SCALAR_OP(fmod, "fmod", fmod, RIGHT, TH_TRY(check_divisor_scalar("fmod", a, value)))
SCALAR_OP(remainder, "remainder", remainder, RIGHT, TH_TRY(check_divisor_scalar("remainder", a, value)))
SCALAR_OP(lshift, "lshift", lshift, RIGHT, (void)0)
SCALAR_OP(rshift, "rshift", rshift, RIGHT, (void)0)
SCALAR_OP(bitand, "bitand", bitand, RIGHT, CHECK_BITS("bitand"))
SCALAR_OP(bitor, "bitor", bitor, RIGHT, CHECK_BITS("bitor"))
SCALAR_OP(bitxor, "bitxor", bitxor, RIGHT, CHECK_BITS("bitxor"))

THStatus THTensor_add(THTensor *r, const THTensor *a, THScalar value, THScalar alpha)
{
    TH_GIVEN("add", r, a);
    TH_OPS_COMPUTE(THPointwise, table, "add", (THDtype)a->dtype);
    TH_TRY(THScalar_check(value, (THDtype)a->dtype, "add", "value"));
    TH_TRY(THScalar_check(alpha, (THDtype)a->dtype, "add", "alpha"));
    return with_scalar("add", table->add, r, a, product(alpha, value), THScalarSide_RIGHT);
}

THStatus THTensor_sub(THTensor *r, const THTensor *a, THScalar value, THScalar alpha)
{
    TH_GIVEN("sub", r, a);
    TH_OPS_COMPUTE(THPointwise, table, "sub", (THDtype)a->dtype);
    TH_TRY(THScalar_check(value, (THDtype)a->dtype, "sub", "value"));
    TH_TRY(THScalar_check(alpha, (THDtype)a->dtype, "sub", "alpha"));
    return with_scalar("sub", table->sub, r, a, product(alpha, value), THScalarSide_RIGHT);
}

/* The least or greatest value of a dtype, for a bound that is absent. */
static THScalar extreme(THDtype dtype, bool greatest)
{
    if (THDtype_isFloating(dtype)) return THScalar_fromDouble(greatest ? INFINITY : -INFINITY);
    const int bits = 8 * (int)THDtype_size(dtype);
    if (dtype == THDtype_Byte) return THScalar_fromLong(greatest ? UINT8_MAX : 0);
    const int64_t max = (int64_t)(UINT64_MAX >> (65 - bits));
    return THScalar_fromLong(greatest ? max : -max - 1);
}

THStatus THTensor_clamp(THTensor *r, const THTensor *a, int has_min, THScalar min, int has_max, THScalar max)
{
    TH_GIVEN("clamp", r, a);
    const THDtype dtype = (THDtype)a->dtype;
    const THDtype computes = THHalfLoop_computes(dtype);
    TH_OPS_COMPUTE(THPointwise, table, "clamp", dtype);
    TH_FAIL_IF(!has_min && !has_max, TH_ERR_VALUE, "[clamp] neither min nor max, at least one of them is needed");
    if (has_min) TH_TRY(THScalar_check(min, dtype, "clamp", "min"));
    if (has_max) TH_TRY(THScalar_check(max, dtype, "clamp", "max"));
    int64_t bounds[2]; /* room for two elements of any dtype, packed */
    THScalar_store(has_min ? min : extreme(dtype, false), computes, bounds);
    THScalar_store(has_max ? max : extreme(dtype, true), computes, (char *)bounds + THDtype_size(computes));
    TH_TRY(THOps_outputLike("clamp", r, a, dtype));
    return THOps_map1("clamp", table->clamp, bounds, r, a);
}

/* --- one tensor ---------------------------------------------------------------------------------------------------------- */

#define UNARY_OP(name)                                                                                                         \
    THStatus THTensor_##name(THTensor *r, const THTensor *a)                                                                   \
    {                                                                                                                          \
        TH_GIVEN(#name, r, a);                                                                                                 \
        TH_OPS_COMPUTE(THPointwise, table, #name, (THDtype)a->dtype);                                                          \
        TH_TRY(THOps_outputLike(#name, r, a, (THDtype)a->dtype));                                                              \
        return THOps_map1(#name, table->name, NULL, r, a);                                                                     \
    }

UNARY_OP(neg)
UNARY_OP(abs)
UNARY_OP(sign)

THStatus THTensor_cinv(THTensor *r, const THTensor *a)
{
    TH_GIVEN("cinv", r, a);
    TH_OPS_COMPUTE(THPointwise, table, "cinv", (THDtype)a->dtype);
    if (!THDtype_isFloating((THDtype)a->dtype)) return THOps_unsupported("cinv", (THDtype)a->dtype);
    return with_scalar("cinv", table->div, r, a, THScalar_fromLong(1), THScalarSide_LEFT);
}

/* --- three tensors ------------------------------------------------------------------------------------------------------- */

static THStatus map3(const char *op, THLoop loop, THTensor *r, const THTensor *a, THScalar value, const THTensor *b,
                     const THTensor *c)
{
    const THDtype dtype = (THDtype)a->dtype;
    THTensor *const tensors[] = {r, (THTensor *)a, (THTensor *)b, (THTensor *)c};
    int64_t scale = 0; /* room for any element */
    THScalar_store(value, THHalfLoop_computes(dtype), &scale);
    if (THOps_sameSize(a, b) && THOps_sameSize(a, c))
        TH_TRY(THOps_outputLike(op, r, a, dtype));
    else
        TH_TRY(THOps_outputBroadcast3(op, r, a, b, c, dtype));
    return THOps_map(op, loop, &scale, TH_GRAIN, 4, tensors);
}

THStatus THTensor_addcmul(THTensor *r, const THTensor *a, THScalar value, const THTensor *b, const THTensor *c)
{
    TH_GIVEN("addcmul", r, a, b, c);
    TH_TRY(THOps_sameDtype("addcmul", a, b));
    TH_TRY(THOps_sameDtype("addcmul", a, c));
    TH_OPS_COMPUTE(THPointwise, table, "addcmul", (THDtype)a->dtype);
    TH_TRY(THScalar_check(value, (THDtype)a->dtype, "addcmul", "value"));
    return map3("addcmul", table->addcmul, r, a, value, b, c);
}

THStatus THTensor_addcdiv(THTensor *r, const THTensor *a, THScalar value, const THTensor *b, const THTensor *c)
{
    TH_GIVEN("addcdiv", r, a, b, c);
    TH_TRY(THOps_sameDtype("addcdiv", a, b));
    TH_TRY(THOps_sameDtype("addcdiv", a, c));
    TH_OPS_COMPUTE(THPointwise, table, "addcdiv", (THDtype)a->dtype);
    TH_TRY(THScalar_check(value, (THDtype)a->dtype, "addcdiv", "value"));
    TH_TRY(check_divisor("addcdiv", c));
    return map3("addcdiv", table->addcdiv, r, a, value, b, c);
}
