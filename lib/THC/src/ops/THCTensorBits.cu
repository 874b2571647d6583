// Bits of integers, and shifts.
#include "ops/THCPointwise.cuh"

namespace
{

THStatus checkBits(const char *op, const THTensor *a)
{
    TH_FAIL_IF(THDtype_isFloating((THDtype)a->dtype), TH_ERR_DTYPE,
               "[%s] self, of dtype %s: only integers have bits to combine", op, THDtype_name((THDtype)a->dtype));
    return TH_OK;
}

template <template <class> class F> THStatus binaryBits(const char *op, THTensor *r, const THTensor *a, const THTensor *b)
{
    TH_TRY(thc_same(op, a, b));
    TH_TRY(checkBits(op, a));
    TH_TRY(thc_outputOfTwo(op, r, a, b, (THDtype)a->dtype));
    THC_FOR_INTEGERS(op, a->dtype, T, return thc_map<T, T, T>(op, F<T>{}, r, a, b);)
}

template <template <class> class F> THStatus withScalarBits(const char *op, THTensor *r, const THTensor *a, THScalar value)
{
    TH_TRY(checkBits(op, a));
    TH_TRY(THScalar_check(value, (THDtype)a->dtype, op, "value"));
    TH_TRY(thc_outputLike(op, r, a, (THDtype)a->dtype));
    THC_FOR_INTEGERS(op, a->dtype, T, { return thc_map<T, T>(op, THCWithScalar<F, T, false>{thc_scalar<T>(value)}, r, a); })
}

} // namespace

THC_BINARY_OP(clshift, "lshift", THCLshift, (void)0)
THC_BINARY_OP(crshift, "rshift", THCRshift, (void)0)
THC_SCALAR_OP(lshift, "lshift", THCLshift, false, (void)0)
THC_SCALAR_OP(rshift, "rshift", THCRshift, false, (void)0)

#define BITS_OP(name, op, F)                                                                                                   \
    THStatus THCTensor_c##name(THTensor *r, const THTensor *a, const THTensor *b)                                              \
    {                                                                                                                          \
        TH_GIVEN(op, r, a, b);                                                                                                 \
        return binaryBits<F>(op, r, a, b);                                                                                     \
    }                                                                                                                          \
    THStatus THCTensor_##name(THTensor *r, const THTensor *a, THScalar value)                                                  \
    {                                                                                                                          \
        TH_GIVEN(op, r, a);                                                                                                    \
        return withScalarBits<F>(op, r, a, value);                                                                             \
    }

BITS_OP(bitand, "bitand", THCAnd)
BITS_OP(bitor, "bitor", THCOr)
BITS_OP(bitxor, "bitxor", THCXor)
