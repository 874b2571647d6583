/* What activations and losses need beside exp: inline, free of branches, so that loops over them become vector code. */
#ifndef THNN_LOGARITHM_H
#define THNN_LOGARITHM_H

#include "TH/THKernel.h"
#include "TH/THKernelMath.h"

#if TH_DTYPE_IS(Float)

#define THNN_EXP THMath_expFloat
#define THNN_LOG_TERMS 5

/* log(1 + x) for x in [0, 1]; from sqrt(2) - 1 on as log 2 + log((1 + x) / 2). */
TH_INLINE float log1pOfUnit(float x)
{
    const int large = x > 0x1.a8279ap-2f;
    return THMath_logPartsFloat(large ? 0.5f * (x - 1.0f) : x, large ? 1.0f : 0.0f);
}

/* exp(x) - 1 for x <= 0. */
TH_INLINE float expm1Below(float x)
{
    return THMath_expm1Float(x);
}

#else

#define THNN_EXP THMath_expDouble
#define THNN_ATANH_TERMS 17
#define THNN_EXPM1_TERMS 15
#define THNN_LOG_TERMS 11

/* log(1 + x) for x in [0, 1]: 2 atanh(s) with s = x / (2 + x) <= 1/3, by its series. */
TH_INLINE scalar_t log1pOfUnit(scalar_t x)
{
    const scalar_t s = x / ((scalar_t)2 + x);
    const scalar_t square = s * s;
    scalar_t sum = 0;
    for (int k = THNN_ATANH_TERMS; k >= 0; k--) sum = sum * square + (scalar_t)1 / (scalar_t)(2 * k + 1);
    return (scalar_t)2 * s * sum;
}

/* exp(x) - 1 for x <= 0; near zero by Taylor's series, where the difference would lose its digits. */
TH_INLINE scalar_t expm1Below(scalar_t x)
{
    scalar_t sum = 0;
    for (int k = THNN_EXPM1_TERMS; k >= 1; k--) sum = ((scalar_t)1 + sum) * (x * ((scalar_t)1 / (scalar_t)k));
    const scalar_t difference = THNN_EXP(x) - (scalar_t)1;
    return x > (scalar_t)-0.4 ? sum : difference;
}

#endif

/* log(1 + exp(x)), which overflows nowhere. */
TH_INLINE scalar_t softPlusOf(scalar_t x)
{
    return (x > 0 ? x : (scalar_t)0) + log1pOfUnit(THNN_EXP(x < 0 ? x : -x));
}

/* log(x) for positive normal numbers, nan for nan: x = 2^e m with m in [sqrt(1/2), sqrt(2)), log(m) = 2 atanh((m-1)/(m+1)). */
TH_INLINE scalar_t logOfPositive(scalar_t x)
{
#if TH_DTYPE_IS(Float)
    const int32_t bits = (int32_t)THMath_bitsFloat(x);
    const int32_t exponent = (bits - 0x3f3504f3) >> 23;
    const scalar_t m = THMath_floatOfBits((uint32_t)(bits - exponent * (1 << 23)));
#else
    const int64_t bits = (int64_t)THMath_bitsDouble(x);
    const int64_t exponent = (bits - 0x3fe6a09e667f3bcd) >> 52;
    const scalar_t m = THMath_doubleOfBits((uint64_t)(bits - exponent * ((int64_t)1 << 52)));
#endif
    const scalar_t s = (m - (scalar_t)1) / (m + (scalar_t)1);
    const scalar_t square = s * s;
    scalar_t sum = 0;
    for (int k = THNN_LOG_TERMS; k >= 0; k--) sum = sum * square + (scalar_t)1 / (scalar_t)(2 * k + 1);
    return (scalar_t)exponent * (scalar_t)0.69314718055994530942 + (scalar_t)2 * s * sum + (x - x);
}

/* 1 / (1 + exp(-x)), which overflows nowhere. */
TH_INLINE scalar_t sigmoidOf(scalar_t x)
{
    const scalar_t e = THNN_EXP(x < 0 ? x : -x);
    return (x < 0 ? e : (scalar_t)1) / ((scalar_t)1 + e);
}

#endif
