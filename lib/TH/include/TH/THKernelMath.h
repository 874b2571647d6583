/* exp, and what is made of it, for kernels: inline, free of branches and tables, so that compilers turn loops over it into
 * vector code.
 *
 * The coefficients of exp interpolate (exp(r) - 1 - r) / r^2 at the Chebyshev nodes of |r| <= ln(2) / 2. Within 1.2 ulp in
 * all of the range, subnormal results included; exp(nan) is nan, exp(inf) inf, exp(-inf) 0. Results of levels with and without
 * FMA may differ in the last bit. */
#ifndef TH_KERNEL_MATH_H
#define TH_KERNEL_MATH_H

#include <stdint.h>
#include <string.h>

#define TH_MATH_INLINE static inline __attribute__((always_inline))

/* One rounding where the instruction exists; a call of libm's fma would cost a hundred times as much. */
#if defined(__FMA__) || defined(__aarch64__)
#define TH_MATH_FMAF(a, b, c) __builtin_fmaf((a), (b), (c))
#define TH_MATH_FMA(a, b, c) __builtin_fma((a), (b), (c))
#else
#define TH_MATH_FMAF(a, b, c) ((a) * (b) + (c))
#define TH_MATH_FMA(a, b, c) ((a) * (b) + (c))
#endif

TH_MATH_INLINE uint32_t THMath_bitsFloat(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof(bits));
    return bits;
}

TH_MATH_INLINE float THMath_floatOfBits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

TH_MATH_INLINE uint64_t THMath_bitsDouble(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    return bits;
}

TH_MATH_INLINE double THMath_doubleOfBits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

TH_MATH_INLINE float THMath_expFloat(float x)
{
    /* Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits. */
    const float magic = 12582912.0f;
    x = x > 89.0f ? 89.0f : x;     /* exp overflows from 88.73 on */
    x = x < -104.5f ? -104.5f : x; /* and rounds to 0 below -103.97 */
    const float shifted = TH_MATH_FMAF(x, 1.44269504f, magic);
    const float n = shifted - magic;
    float r = TH_MATH_FMAF(n, -0.693115234375f, x); /* ln 2 in two parts; n times the first is exact */
    r = TH_MATH_FMAF(n, -3.19461849453e-5f, r);
    float p = 0.00139263256181f;
    p = TH_MATH_FMAF(p, r, 0.00836329275303f);
    p = TH_MATH_FMAF(p, r, 0.0416665537626f);
    p = TH_MATH_FMAF(p, r, 0.166665763056f);
    p = TH_MATH_FMAF(p, r, 0.5f);
    p = 1.0f + TH_MATH_FMAF(p, r * r, r);
    /* 2^n in two factors: n runs from -151 to 128, so neither the largest nor the subnormal results break. */
    const int32_t k = (int32_t)(THMath_bitsFloat(shifted) - THMath_bitsFloat(magic));
    const int32_t half = k >> 1;
    const float low = THMath_floatOfBits((uint32_t)(half + 127) << 23);
    const float high = THMath_floatOfBits((uint32_t)(k - half + 127) << 23);
    return p * low * high;
}

/* exp of what is known to be below 80, as in a softmax: results below 2^-126 may be 0. Scaling by one power of two instead of
 * two saves a third of the time. */
TH_MATH_INLINE float THMath_expFloatBelow(float x)
{
    /* 1.5 * 2^23 + 127: the low bits of the sum are the exponent's bits of 2^n. */
    const float magic = 12583039.0f;
    x = x < -88.0f ? -88.0f : x; /* there 2^n is 0 */
    const float shifted = TH_MATH_FMAF(x, 1.44269504f, magic);
    const float n = shifted - magic;
    float r = TH_MATH_FMAF(n, -0.693115234375f, x);
    r = TH_MATH_FMAF(n, -3.19461849453e-5f, r);
    float p = 0.00139263256181f;
    p = TH_MATH_FMAF(p, r, 0.00836329275303f);
    p = TH_MATH_FMAF(p, r, 0.0416665537626f);
    p = TH_MATH_FMAF(p, r, 0.166665763056f);
    p = TH_MATH_FMAF(p, r, 0.5f);
    p = 1.0f + TH_MATH_FMAF(p, r * r, r);
    return p * THMath_floatOfBits(THMath_bitsFloat(shifted) << 23);
}

/* exp(x) - 1, within 1.5 ulp at levels with FMA: x = n ln 2 + r, and exp(r) - 1 + 1 - 2^-n is scaled, where nothing is lost to
 * cancellation: r reaches from -1/4 to 3/4 of ln 2 above 0, where n is never 1 with r far on the other side. */
TH_MATH_INLINE float THMath_expm1Float(float x)
{
    const float magic = 12582912.0f;
    float a = x > 89.0f ? 89.0f : x; /* it overflows from 88.73 on */
    a = a < -18.0f ? -18.0f : a;     /* and rounds to -1 below -17.33 */
    const float shifted = TH_MATH_FMAF(a, 1.44269504f, magic), n = shifted - magic;
    float r = TH_MATH_FMAF(n, -0.693115234375f, a);
    r = TH_MATH_FMAF(n, -3.19461849453e-5f, r);
    float p = 0x1.a03300p-13f;
    p = TH_MATH_FMAF(p, r, 0x1.6d73fap-10f);
    p = TH_MATH_FMAF(p, r, 0x1.11118ap-7f);
    p = TH_MATH_FMAF(p, r, 0x1.5554b0p-5f);
    p = TH_MATH_FMAF(p, r, 0x1.555554p-3f);
    p = TH_MATH_FMAF(p, r, 0.5f);
    p = TH_MATH_FMAF(p, r * r, r);
    /* 2^(n - 1), because 2^128 is no float; n runs from -26 to 128. */
    const float half = THMath_floatOfBits((THMath_bitsFloat(shifted) - THMath_bitsFloat(magic) + 126u) << 23);
    const float one =
        1.0f - (n > 60.0f ? 0.0f : THMath_floatOfBits((THMath_bitsFloat(magic) - THMath_bitsFloat(shifted) + 127u) << 23));
    return x == 0.0f ? x : (p + one) * half * 2.0f;
}

/* e * ln 2 + log(1 + f), f in [sqrt(1/2) - 1, sqrt(2) - 1]: log(1 + f) = f - f^2 / 2 + f^3 P(f), relative error 2^-29. */
TH_MATH_INLINE float THMath_logPartsFloat(float f, float e)
{
    const float z = f * f;
    float p = 0x1.1c2760p-4f;
    p = TH_MATH_FMAF(p, f, -0x1.e56ae6p-4f);
    p = TH_MATH_FMAF(p, f, 0x1.e70de6p-4f);
    p = TH_MATH_FMAF(p, f, -0x1.faf592p-4f);
    p = TH_MATH_FMAF(p, f, 0x1.2328dcp-3f);
    p = TH_MATH_FMAF(p, f, -0x1.556434p-3f);
    p = TH_MATH_FMAF(p, f, 0x1.99a526p-3f);
    p = TH_MATH_FMAF(p, f, -0x1.ffffeap-3f);
    p = TH_MATH_FMAF(p, f, 0x1.555548p-2f);
    p = p * (f * z);
    p = TH_MATH_FMAF(e, -0x1.bd0106p-13f, p); /* ln 2 in two parts; e times the first is exact */
    p = TH_MATH_FMAF(z, -0.5f, p);
    p = f + p;
    return TH_MATH_FMAF(e, 0x1.63p-1f, p);
}

/* exp(x - n ln 2), |x - n ln 2| <= ln(2) / 2. */
TH_MATH_INLINE double THMath_expRest(double x, double n)
{
    double r = TH_MATH_FMA(n, -0.6931471805592082091607153, x);
    r = TH_MATH_FMA(n, -7.371002565167798901834e-13, r);
    double p = 0x1.af39789bfd689p-26;
    p = TH_MATH_FMA(p, r, 0x1.28922d8c8d4fbp-22);
    p = TH_MATH_FMA(p, r, 0x1.71de0d573888bp-19);
    p = TH_MATH_FMA(p, r, 0x1.a019b87f7a6e9p-16);
    p = TH_MATH_FMA(p, r, 0x1.a01a01a7da98dp-13);
    p = TH_MATH_FMA(p, r, 0x1.6c16c178b0646p-10);
    p = TH_MATH_FMA(p, r, 0x1.1111111110996p-7);
    p = TH_MATH_FMA(p, r, 0x1.5555555553d05p-5);
    p = TH_MATH_FMA(p, r, 0x1.5555555555556p-3);
    p = TH_MATH_FMA(p, r, 0.5);
    return 1.0 + TH_MATH_FMA(p, r * r, r);
}

TH_MATH_INLINE double THMath_expDouble(double x)
{
    const double magic = 6755399441055744.0; /* 1.5 * 2^52 */
    x = x > 710.0 ? 710.0 : x;               /* exp overflows from 709.79 on */
    x = x < -746.0 ? -746.0 : x;             /* and rounds to 0 below -745.13 */
    const double shifted = TH_MATH_FMA(x, 1.44269504088896340736, magic);
    const double n = shifted - magic;
    const double p = THMath_expRest(x, n);
    /* In 32 bits: only AVX-512 shifts 64-bit lanes arithmetically. nan makes any k, and stays nan. */
    const int32_t k = (int32_t)(uint32_t)(THMath_bitsDouble(shifted) - THMath_bitsDouble(magic));
    const int32_t half = k >> 1;
    const double low = THMath_doubleOfBits((uint64_t)(uint32_t)(half + 1023) << 52);
    const double high = THMath_doubleOfBits((uint64_t)(uint32_t)(k - half + 1023) << 52);
    return p * low * high;
}

/* exp of what is known to be below 600. One power of two instead of two: results are scaled where 2^n is 2^64 times larger, and
 * then rounded once to what they are. */
TH_MATH_INLINE double THMath_expDoubleBelow(double x)
{
    const double magic = 6755399441055744.0 + 1087.0; /* 1.5 * 2^52, and the exponent's bits of 2^64 */
    x = x < -746.0 ? -746.0 : x;
    const double shifted = TH_MATH_FMA(x, 1.44269504088896340736, magic);
    const double n = shifted - magic;
    const double p = THMath_expRest(x, n);
    return p * THMath_doubleOfBits(THMath_bitsDouble(shifted) << 52) * 0x1p-64;
}

#endif
