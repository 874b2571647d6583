// Arithmetic of tensors and scalars.
#include "THC/THCTensor.h"

#include <limits>
#include <type_traits>

#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCArithmetic.cuh"
#include "THC/device/THCMap.cuh"

namespace
{

bool isOne(THScalar s)
{
    return s.is_float ? s.value.d == 1.0 : s.value.i == 1;
}

bool isZero(THScalar s)
{
    return s.is_float ? s.value.d == 0.0 : s.value.i == 0;
}

THScalar negative(THScalar s)
{
    return s.is_float ? THScalar_fromDouble(-s.value.d) : THScalar_fromLong((int64_t)(0 - (uint64_t)s.value.i));
}

THScalar product(THScalar a, THScalar b)
{
    if (a.is_float || b.is_float) return THScalar_fromDouble(THScalar_toDouble(a) * THScalar_toDouble(b));
    return THScalar_fromLong((int64_t)((uint64_t)a.value.i * (uint64_t)b.value.i));
}

// r = F<T>{}(a, b) of tensors.
template <template <class> class F> THStatus binary(const char *op, THTensor *r, const THTensor *a, const THTensor *b)
{
    TH_TRY(thc_same(op, a, b));
    TH_TRY(thc_outputOfTwo(op, r, a, b, (THDtype)a->dtype));
    THC_FOR_ALL(op, a->dtype, T, return thc_map<T, T, T>(op, F<THCCompute<T>>{}, r, a, b);)
}

template <template <class> class F> THStatus binaryBits(const char *op, THTensor *r, const THTensor *a, const THTensor *b)
{
    TH_TRY(thc_same(op, a, b));
    TH_FAIL_IF(THDtype_isFloating((THDtype)a->dtype), TH_ERR_DTYPE,
               "[%s] self, of dtype %s: only integers have bits to combine", op, THDtype_name((THDtype)a->dtype));
    TH_TRY(thc_outputOfTwo(op, r, a, b, (THDtype)a->dtype));
    THC_FOR_INTEGERS(op, a->dtype, T, return thc_map<T, T, T>(op, F<T>{}, r, a, b);)
}

// f(a, s), or f(s, a) if LEFT.
template <template <class> class F, class C, bool LEFT> struct WithScalar {
    C s;
    __device__ C operator()(C a) const { return LEFT ? F<C>{}(s, a) : F<C>{}(a, s); }
};

template <template <class> class F, bool LEFT = false>
THStatus withScalar(const char *op, THTensor *r, const THTensor *a, THScalar value)
{
    TH_TRY(thc_outputLike(op, r, a, (THDtype)a->dtype));
    THC_FOR_ALL(op, a->dtype, T, {
        using C = THCCompute<T>;
        return thc_map<T, T>(op, WithScalar<F, C, LEFT>{thc_scalar<C>(value)}, r, a);
    })
}

template <template <class> class F> THStatus withScalarBits(const char *op, THTensor *r, const THTensor *a, THScalar value)
{
    TH_FAIL_IF(THDtype_isFloating((THDtype)a->dtype), TH_ERR_DTYPE,
               "[%s] self, of dtype %s: only integers have bits to combine", op, THDtype_name((THDtype)a->dtype));
    TH_TRY(THScalar_check(value, (THDtype)a->dtype, op, "value"));
    TH_TRY(thc_outputLike(op, r, a, (THDtype)a->dtype));
    THC_FOR_INTEGERS(op, a->dtype, T, { return thc_map<T, T>(op, WithScalar<F, T, false>{thc_scalar<T>(value)}, r, a); })
}

template <template <class> class F> THStatus unary(const char *op, THTensor *r, const THTensor *a)
{
    TH_TRY(thc_outputLike(op, r, a, (THDtype)a->dtype));
    THC_FOR_ALL(op, a->dtype, T, return thc_map<T, T>(op, F<THCCompute<T>>{}, r, a);)
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

template <class T> struct IsZero {
    unsigned *found;
    __device__ T operator()(T a) const
    {
        if (a == 0) *found = 1;
        return a;
    }
};

// Fails if an element of an integer tensor is 0. This waits for the device, as a check of values has to.
THStatus checkDivisor(const char *op, const THTensor *b)
{
    if (THDtype_isFloating((THDtype)b->dtype) || b->numel == 0) return TH_OK;
    const THCGuard guard(b);
    const THCScratch flag(THTensor_device(b), sizeof(unsigned));
    if (flag.data() == nullptr) return THStatus_last();
    unsigned found = 0;
    unsigned *const place = reinterpret_cast<unsigned *>(flag.data());
    THC_TRY(op, cudaMemsetAsync(place, 0, sizeof found, thc_stream()));
    const THCOwned seen(THTensor_new());
    if (!seen) return THStatus_last();
    TH_TRY(thc_outputLike(op, seen.get(), b, (THDtype)b->dtype));
    const auto look = [&]() -> THStatus {
        THC_FOR_INTEGERS(op, b->dtype, T, return thc_map<T, T>(op, IsZero<T>{place}, seen.get(), b);)
    };
    TH_TRY(look());
    THC_TRY(op, cudaMemcpyAsync(&found, place, sizeof found, cudaMemcpyDeviceToHost, thc_stream()));
    THC_TRY(op, cudaStreamSynchronize(thc_stream()));
    TH_FAIL_IF(found != 0, TH_ERR_VALUE, "[%s] divisor has an element that is 0, integer division by zero", op);
    return TH_OK;
}

THStatus checkDivisorScalar(const char *op, const THTensor *a, THScalar value)
{
    TH_FAIL_IF(!THDtype_isFloating((THDtype)a->dtype) && isZero(value), TH_ERR_VALUE,
               "[%s] divisor is 0, integer division by zero", op);
    return TH_OK;
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

// --- two tensors -------------------------------------------------------------------------------------------------------------

THStatus THCTensor_cadd(THTensor *r, const THTensor *a, const THTensor *b, THScalar alpha)
{
    if (isOne(alpha)) return binary<THCAdd>("add", r, a, b);
    TH_TRY(thc_same("add", a, b));
    TH_TRY(THScalar_check(alpha, (THDtype)a->dtype, "add", "alpha"));
    return addScaled("add", r, a, b, alpha);
}

THStatus THCTensor_csub(THTensor *r, const THTensor *a, const THTensor *b, THScalar alpha)
{
    if (isOne(alpha)) return binary<THCSub>("sub", r, a, b);
    TH_TRY(thc_same("sub", a, b));
    TH_TRY(THScalar_check(alpha, (THDtype)a->dtype, "sub", "alpha"));
    return addScaled("sub", r, a, b, negative(alpha));
}

#define BINARY_OP(name, op, F, check)                                                                                          \
    THStatus THCTensor_##name(THTensor *r, const THTensor *a, const THTensor *b)                                               \
    {                                                                                                                          \
        check;                                                                                                                 \
        return binary<F>(op, r, a, b);                                                                                         \
    }

BINARY_OP(cmul, "mul", THCMul, (void)0)
BINARY_OP(cdiv, "div", THCDiv, TH_TRY(checkDivisor("div", b)))
BINARY_OP(cmax, "max", THCMax, (void)0)
BINARY_OP(cmin, "min", THCMin, (void)0)
BINARY_OP(cfmod, "fmod", THCFmod, TH_TRY(checkDivisor("fmod", b)))
BINARY_OP(cremainder, "remainder", THCRemainder, TH_TRY(checkDivisor("remainder", b)))
BINARY_OP(clshift, "lshift", THCLshift, (void)0)
BINARY_OP(crshift, "rshift", THCRshift, (void)0)

#define BITS_OP(name, op, F)                                                                                                   \
    THStatus THCTensor_c##name(THTensor *r, const THTensor *a, const THTensor *b)                                              \
    {                                                                                                                          \
        return binaryBits<F>(op, r, a, b);                                                                                     \
    }                                                                                                                          \
    THStatus THCTensor_##name(THTensor *r, const THTensor *a, THScalar value)                                                  \
    {                                                                                                                          \
        return withScalarBits<F>(op, r, a, value);                                                                             \
    }

BITS_OP(bitand, "bitand", THCAnd)
BITS_OP(bitor, "bitor", THCOr)
BITS_OP(bitxor, "bitxor", THCXor)

// --- a tensor and a scalar ---------------------------------------------------------------------------------------------------

#define SCALAR_OP(name, op, F, LEFT, check)                                                                                    \
    THStatus THCTensor_##name(THTensor *r, const THTensor *a, THScalar value)                                                  \
    {                                                                                                                          \
        TH_TRY(THScalar_check(value, (THDtype)a->dtype, op, "value"));                                                         \
        check;                                                                                                                 \
        return withScalar<F, LEFT>(op, r, a, value);                                                                           \
    }

SCALAR_OP(rsub, "rsub", THCSub, true, (void)0)
SCALAR_OP(mul, "mul", THCMul, false, (void)0)
SCALAR_OP(div, "div", THCDiv, false, TH_TRY(checkDivisorScalar("div", a, value)))
SCALAR_OP(rdiv, "rdiv", THCDiv, true, TH_TRY(checkDivisor("rdiv", a)))
SCALAR_OP(fmod, "fmod", THCFmod, false, TH_TRY(checkDivisorScalar("fmod", a, value)))
SCALAR_OP(remainder, "remainder", THCRemainder, false, TH_TRY(checkDivisorScalar("remainder", a, value)))
SCALAR_OP(lshift, "lshift", THCLshift, false, (void)0)
SCALAR_OP(rshift, "rshift", THCRshift, false, (void)0)

THStatus THCTensor_add(THTensor *r, const THTensor *a, THScalar value, THScalar alpha)
{
    TH_TRY(THScalar_check(value, (THDtype)a->dtype, "add", "value"));
    TH_TRY(THScalar_check(alpha, (THDtype)a->dtype, "add", "alpha"));
    return withScalar<THCAdd>("add", r, a, product(alpha, value));
}

THStatus THCTensor_sub(THTensor *r, const THTensor *a, THScalar value, THScalar alpha)
{
    TH_TRY(THScalar_check(value, (THDtype)a->dtype, "sub", "value"));
    TH_TRY(THScalar_check(alpha, (THDtype)a->dtype, "sub", "alpha"));
    return withScalar<THCSub>("sub", r, a, product(alpha, value));
}

THStatus THCTensor_clamp(THTensor *r, const THTensor *a, int has_min, THScalar min, int has_max, THScalar max)
{
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

// --- one tensor --------------------------------------------------------------------------------------------------------------

THStatus THCTensor_neg(THTensor *r, const THTensor *a)
{
    return unary<THCNeg>("neg", r, a);
}
THStatus THCTensor_abs(THTensor *r, const THTensor *a)
{
    return unary<THCAbs>("abs", r, a);
}
THStatus THCTensor_sign(THTensor *r, const THTensor *a)
{
    return unary<THCSign>("sign", r, a);
}

THStatus THCTensor_cinv(THTensor *r, const THTensor *a)
{
    if (!THDtype_isFloating((THDtype)a->dtype)) return thc_unsupported("cinv", (THDtype)a->dtype);
    return withScalar<THCDiv, true>("cinv", r, a, THScalar_fromLong(1));
}

// --- three tensors -----------------------------------------------------------------------------------------------------------

THStatus THCTensor_addcmul(THTensor *r, const THTensor *a, THScalar value, const THTensor *b, const THTensor *c)
{
    TH_TRY(thc_same("addcmul", a, b));
    TH_TRY(thc_same("addcmul", a, c));
    return ofThree<AddCMul>("addcmul", r, a, value, b, c);
}

THStatus THCTensor_addcdiv(THTensor *r, const THTensor *a, THScalar value, const THTensor *b, const THTensor *c)
{
    TH_TRY(thc_same("addcdiv", a, b));
    TH_TRY(thc_same("addcdiv", a, c));
    TH_TRY(checkDivisor("addcdiv", c));
    return ofThree<AddCDiv>("addcdiv", r, a, value, b, c);
}
