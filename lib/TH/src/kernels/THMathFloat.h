/* Elementary functions of one float: no branches, no tables, so that loops over them become vector code.
 *
 * Polynomials are minimax (Remez exchange in 70 digits) on the intervals named; TH_MATH_FMAF is one rounding where the CPU
 * level has it. */
#ifndef TH_MATH_FLOAT_H
#define TH_MATH_FLOAT_H

#include "TH/THKernelMath.h"

#include "TH/THKernel.h"

/* Beyond it sin and cos need more digits of pi than two doubles give. */
#define MATH_TRIG_LIMIT 1e6f

TH_INLINE float math_exp(float x)
{
    return THMath_expFloat(x);
}

/* Splits x > 0, normal: x = m * 2^e with m in [sqrt(1/2), sqrt(2)). */
TH_INLINE float math_split(float x, int32_t *e)
{
    const uint32_t bits = THMath_bitsFloat(x) + (0x3f800000u - 0x3f3504f3u);
    *e = (int32_t)(bits >> 23) - 127;
    return THMath_floatOfBits((bits & 0x007fffffu) + 0x3f3504f3u);
}

TH_INLINE float math_log(float x)
{
    const int subnormal = x < 0x1p-126f;
    int32_t e;
    const float m = math_split(subnormal ? x * 0x1p23f : x, &e);
    const float y = THMath_logPartsFloat(m - 1.0f, (float)(subnormal ? e - 23 : e));
    const float edge = x == 0.0f ? -__builtin_inff() : (x < 0.0f ? __builtin_nanf("") : x);
    return x > 0.0f && x < __builtin_inff() ? y : edge;
}

TH_INLINE float math_log1p(float x)
{
    const float u = 1.0f + x;
    int32_t e;
    const float m = math_split(u, &e);
    /* (1 + x) / 2^e - 1 without the rounding of 1 + x. From 2^25 on the 1 no longer matters (and 2^-e would become subnormal).
     * */
    const int32_t small = e < 25 ? e : 25;
    const float scale = THMath_floatOfBits((uint32_t)(127 - small) << 23);
    const float f = e < 25 ? x * scale + (scale - 1.0f) : m - 1.0f;
    const float y = THMath_logPartsFloat(f, (float)e);
    const float edge = x == -1.0f ? -__builtin_inff() : (x < -1.0f ? __builtin_nanf("") : x);
    return x > -1.0f && x < __builtin_inff() && x != 0.0f ? y : edge;
}

/* The rest of x in double after the multiples of pi/2, and how many quarter turns they are (modulo 4). |x| <= MATH_TRIG_LIMIT.
 * */
TH_INLINE double math_reduce(float x, uint64_t *quarters)
{
    const double magic = 0x1.8p52; /* leaves an integer in the low bits */
    const double shifted = (double)x * 0x1.45f306dc9c883p-1 + magic;
    const double n = shifted - magic;
    *quarters = THMath_bitsDouble(shifted);
    /* pi/2 in 33 and 53 bits: n (20 bits) times the first is exact. */
    return ((double)x - n * 0x1.921fb544p+0) - n * 0x1.0b4611a626331p-34;
}

/* Sine and cosine of |r| <= pi/4. In double, where 2^-36 is enough for a correctly rounded float almost always. */
TH_INLINE void math_sinCos(double r, double *sine, double *cosine)
{
    const double z = r * r;
    double s = 0x1.6cb4cbd60f8f9p-19;
    s = TH_MATH_FMA(s, z, -0x1.a00f2e73a0d2ep-13);
    s = TH_MATH_FMA(s, z, 0x1.1111086a865d2p-7);
    s = TH_MATH_FMA(s, z, -0x1.5555554d8f1c2p-3);
    *sine = TH_MATH_FMA(s * z, r, r);
    double c = -0x1.247334a1a2c20p-22;
    c = TH_MATH_FMA(c, z, 0x1.a012c7e6121c5p-16);
    c = TH_MATH_FMA(c, z, -0x1.6c16bba5b6487p-10);
    c = TH_MATH_FMA(c, z, 0x1.55555552bcfc4p-5);
    c = TH_MATH_FMA(c, z, -0.5);
    *cosine = TH_MATH_FMA(c, z, 1.0);
}

/* Sine of the angle r + quarters * pi/2; |r| <= pi/4. */
TH_INLINE float math_turn(double r, uint64_t quarters)
{
    double s, c;
    math_sinCos(r, &s, &c);
    const double y = (quarters & 1) ? c : s;
    return (float)THMath_doubleOfBits(THMath_bitsDouble(y) ^ ((quarters & 2) << 62));
}

TH_INLINE float math_sin(float x)
{
    uint64_t quarters;
    const double r = math_reduce(x, &quarters);
    return x == 0.0f ? x : math_turn(r, quarters);
}

TH_INLINE float math_cos(float x)
{
    uint64_t quarters;
    const double r = math_reduce(x, &quarters);
    return math_turn(r, quarters + 1);
}

TH_INLINE float math_tan(float x)
{
    uint64_t quarters;
    double s, c;
    math_sinCos(math_reduce(x, &quarters), &s, &c);
    return x == 0.0f ? x : (float)(((quarters & 1) ? -c : s) / ((quarters & 1) ? s : c));
}

/* x + x^3 P(x^2) below 0.55 (relative error 2^-34), 1 - 2 / (exp(2 |x|) + 1) above, where that does not cancel. From 9.02 on
 * it is 1. */
TH_INLINE float math_tanh(float x)
{
    const float a = __builtin_fabsf(x), b = a > 10.0f ? 10.0f : a, z = x * x;
    float p = 0x1.38698ap-9f;
    p = TH_MATH_FMAF(p, z, -0x1.137c84p-7f);
    p = TH_MATH_FMAF(p, z, 0x1.64e18ap-6f);
    p = TH_MATH_FMAF(p, z, -0x1.ba0a1ap-5f);
    p = TH_MATH_FMAF(p, z, 0x1.1110e2p-3f);
    p = TH_MATH_FMAF(p, z, -0x1.555556p-2f);
    const float near = TH_MATH_FMAF(p * z, a, a);
    const float far = 1.0f - 2.0f / (THMath_expFloatBelow(b + b) + 1.0f);
    return __builtin_copysignf(a < 0.55f ? near : far, x);
}

/* By e = exp(-|x|), which cannot overflow: 1 / (1 + e), or e / (1 + e) for x < 0. The rounding error of 1 + e is put back;
 * without that the errors add up to 2.1 ulp. */
TH_INLINE float math_sigmoid(float x)
{
    const float e = THMath_expFloat(-__builtin_fabsf(x));
    const float d = 1.0f + e, lost = e - (d - 1.0f);
    const float q = (x < 0.0f ? e : 1.0f) / d;
    const float inverse = x < 0.0f ? 1.0f - q : q;
    return TH_MATH_FMAF(-q * inverse, lost, q);
}

#endif
