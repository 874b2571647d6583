/* log and log1p of vectors of scalar_t, by vector_logParts(f, e), which is e * ln 2 + log(1 + f). */
#ifndef TH_LOG_VECTOR_H
#define TH_LOG_VECTOR_H

#include "kernels/THVectorLoop.h"

#define LOG_SQRT2 ((scalar_t)0x1.6a09e667f3bcdp+0)
#define LOG_SPECIAL 0xdf /* all classes but positive normal and subnormal numbers: each nan, zero, infinity, negative */

/* What the fraction and exponent of u do not give: y of zeros, negative numbers, infinity, nan; x where u is none of them. */
static __attribute__((noinline)) Vector vector_logEdge(Vector y, Vector x, Vector u, VectorMask special)
{
    const VectorMask zero = VECTOR_IS(u, VECTOR(setzero)(), _CMP_EQ_OQ);
    const VectorMask negative = VECTOR_IS(u, VECTOR(setzero)(), _CMP_LT_OQ);
    y = VECTOR(mask_mov)(y, special, x);
    y = VECTOR(mask_mov)(y, zero, vector_of(-(scalar_t)__builtin_inf()));
    return VECTOR(mask_mov)(y, negative, vector_of((scalar_t)__builtin_nan("")));
}

TH_INLINE Vector vector_log(Vector x)
{
    const Vector one = vector_of(1);
    Vector m = VECTOR(getmant)(x, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_zero), e = VECTOR(getexp)(x);
    const VectorMask large = VECTOR_IS(m, vector_of(LOG_SQRT2), _CMP_GE_OQ);
    m = VECTOR(mask_mul)(m, large, m, vector_of((scalar_t)0.5));
    e = VECTOR(mask_add)(e, large, e, one);
    const Vector y = vector_logParts(VECTOR(sub)(m, one), e);
    const VectorMask special = VECTOR_CLASS(x, LOG_SPECIAL);
    return __builtin_expect(special != 0, 0) ? vector_logEdge(y, x, x, special) : y;
}

/* With u = 1 + x, rounded, in [2^(e - 1/2), 2^(e + 1/2)): (1 + x) / 2^e - 1 without the rounding of u. Where 2^-e is nothing
 * beside 1 that is x / 2^e - 1. */
TH_INLINE Vector vector_log1p(Vector x)
{
    const Vector one = vector_of(1), u = VECTOR(add)(one, x);
    const Vector m = VECTOR(getmant)(u, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_zero);
    const VectorMask large = VECTOR_IS(m, vector_of(LOG_SQRT2), _CMP_GE_OQ);
    Vector e = VECTOR(getexp)(u);
    e = VECTOR(mask_add)(e, large, e, one);
    const Vector minus = VECTOR(sub)(VECTOR(setzero)(), e);
    const Vector f = VECTOR(add)(VECTOR(scalef)(x, minus), VECTOR(sub)(VECTOR(scalef)(one, minus), one));
    const Vector y = vector_logParts(f, e);
    const VectorMask special = VECTOR_CLASS(u, LOG_SPECIAL) | VECTOR_IS(x, VECTOR(setzero)(), _CMP_EQ_OQ);
    return __builtin_expect(special != 0, 0) ? vector_logEdge(y, x, u, special) : y;
}

#endif
