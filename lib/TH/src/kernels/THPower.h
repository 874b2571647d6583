/* x^y as 2^(y log2 |x|), for THElementary.c: no branches, no tables, so that loops over it become vector code.
 *
 * Polynomials are minimax (Remez exchange in 60 digits) on the intervals named, the highest power first. */
#ifndef TH_POWER_H
#define TH_POWER_H

#include "kernels/THWide.h"

#if TH_DTYPE_IS(Float)
typedef uint32_t power_bits_t;
#define POWER_BITS THMath_bitsFloat
#define POWER_OF_BITS THMath_floatOfBits
#define POWER_FN(name) __builtin_##name##f
#else
typedef uint64_t power_bits_t;
#define POWER_BITS THMath_bitsDouble
#define POWER_OF_BITS THMath_doubleOfBits
#define POWER_FN(name) __builtin_##name
#endif

/* What C says of zeros, infinities, nan and signs, `size` being |x|^y. */
TH_INLINE scalar_t power_edges(scalar_t x, scalar_t y, scalar_t size)
{
    const power_bits_t sign = (power_bits_t)1 << (8 * sizeof(x) - 1);
    const scalar_t inf = POWER_FN(inf)(), a = POWER_FN(fabs)(x), halved = y * (scalar_t)0.5;
    const int integer = POWER_FN(rint)(y) == y, odd = integer & (POWER_FN(rint)(halved) != halved);
    const scalar_t at_zero = y < 0 ? inf : 0, at_inf = y < 0 ? 0 : inf;
    scalar_t r = a == 0 ? at_zero : size;
    r = a == inf ? at_inf : r;
    r = POWER_OF_BITS(POWER_BITS(r) | (odd ? POWER_BITS(x) & sign : 0));
    r = ((x < 0) & !integer & (a < inf)) ? POWER_FN(nan)("") : r;
    r = ((x != x) | (y != y)) ? x + y : r;
    return ((y == 0) | (x == 1) | ((x == -1) & (POWER_FN(fabs)(y) == inf))) ? 1 : r;
}

/* x > 0 as m 2^e, m in [sqrt(1/2), sqrt(2)). */
TH_INLINE double power_split(double x, int32_t *e)
{
    const uint64_t bits = THMath_bitsDouble(x) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
    *e = (int32_t)(bits >> 52) - 1023;
    return THMath_doubleOfBits((bits & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu);
}

#if TH_DTYPE_IS(Float)

/* In double: log2 within 2^-41 of itself, the power of two within 2^-34, so that the result is one rounding away from exact. */
TH_INLINE float power(float x, float y)
{
    /* log2(1 + f) / f; 2^r for |r| <= 1/2 */
    static const double logarithm[] = {0x1.02c9c99a33ac3p-4, -0x1.f9efeb370c2a1p-4, 0x1.024d23b741433p-3, -0x1.e9fcc824f2ed4p-4,
                                       0x1.087cb4842aeccp-3, -0x1.272b9d5c4b3a2p-3, 0x1.488d063603e47p-3, -0x1.715b8d9a150f6p-3,
                                       0x1.a615466f3cc06p-3, -0x1.ec7061df6b0c1p-3, 0x1.2776c940bf143p-2, -0x1.715476b4437c2p-2,
                                       0x1.ec709dbd2400bp-2, -0x1.715476528d47fp-1, 0x1.71547652b89e0p+0};
    static const double exponential[] = {0x1.fe17988364839p-17, 0x1.446a203d732d5p-13, 0x1.5d8a707a6bf48p-10,
                                         0x1.3b29dc401232fp-7,  0x1.c6b08aaf36349p-5,  0x1.ebfbe0a4c09e3p-3,
                                         0x1.62e42ff1162a0p-1,  0x1.ffffffffabb69p-1};
    const double magic = 0x1.8p52; /* leaves an integer in the low bits */
    int32_t e;
    const double f = power_split(__builtin_fabs((double)x), &e) - 1.0; /* subnormal floats are ordinary doubles */
    double t = (double)y * TH_MATH_FMA(WIDE_POLY(logarithm, f), f, (double)e);
    t = t > 200.0 ? 200.0 : t; /* far beyond what a float holds */
    t = t < -200.0 ? -200.0 : t;
    const double shifted = t + magic, r = t - (shifted - magic);
    const int32_t n = (int32_t)(uint32_t)(THMath_bitsDouble(shifted) - THMath_bitsDouble(magic));
    return power_edges(x, y, (float)(WIDE_POLY(exponential, r) * wide_exp2(n)));
}

#elif TH_CPU_IS(BASE)

TH_INLINE double power(double x, double y)
{
    return __builtin_pow(x, y);
}

#else

/* A number as the sum of two, the second being what the first rounds away. */
typedef struct PowerPair {
    double high, low;
} PowerPair;

/* a + b, |a| >= |b| or a = 0. */
TH_INLINE PowerPair power_sum(double a, double b)
{
    const double high = a + b;
    return (PowerPair){high, (a - high) + b};
}

TH_INLINE PowerPair power_product(PowerPair a, PowerPair b)
{
    const double high = a.high * b.high;
    const double low = __builtin_fma(a.high, b.high, -high);
    return (PowerPair){high, __builtin_fma(a.high, b.low, __builtin_fma(a.low, b.high, low))};
}

/* log2(x), x > 0, within 2^-65 of itself. With s = f / (2 + f) and C = 2 / ln 2, log2(1 + f) = s (C + s^2 (C / 3 + s^2
 * P(s^2))). */
TH_INLINE PowerPair power_log2(double x)
{
    static const double rest[] = {0x1.5a68da3f96607p-3, 0x1.59dfb09edc54ap-3, 0x1.89fedb3349efap-3, 0x1.c68f2ed512a87p-3,
                                  0x1.0c9a84bf8b7dbp-2, 0x1.484b13d79bf16p-2, 0x1.a61762a7adfaap-2, 0x1.2776c50ef9bfep-1};
    const PowerPair c = {0x1.71547652b82fep+1, 0x1.777d0ffda0d24p-55}, third = {0x1.ec709dc3a03fdp-1, 0x1.d27f05548af0cp-55};
    const int subnormal = x < 0x1p-1022;
    int32_t e;
    const double f = power_split(subnormal ? x * 0x1p52 : x, &e) - 1.0;
    const PowerPair below = power_sum(2.0, f);
    const double inverse = 1.0 / below.high, quotient = f * inverse;
    const double lost = __builtin_fma(-quotient, below.low, __builtin_fma(-quotient, below.high, f));
    const PowerPair s = power_sum(quotient, lost * inverse), z = power_product(s, s);
    const PowerPair tail = power_sum(third.high, z.high * WIDE_POLY(rest, z.high));
    const PowerPair bend = power_product(z, (PowerPair){tail.high, tail.low + third.low});
    const PowerPair factor = power_sum(c.high, bend.high);
    const PowerPair y = power_product(s, (PowerPair){factor.high, factor.low + (bend.low + c.low)});
    const PowerPair sum = power_sum((double)(subnormal ? e - 52 : e), y.high);
    return (PowerPair){sum.high, sum.low + y.low};
}

/* Within 0.55 ulp unless the result is subnormal, so that powers that a double holds are exact; of bases near to sqrt(2), whose
 * exponent and logarithm cancel, within 0.85 where the result is near the end of the range. */
TH_INLINE double power(double x, double y)
{
    /* (e^r - 1 - r - r^2 / 2) / r^3 for |r| <= ln(2) / 2 */
    static const double cubic[] = {0x1.1f7f6b080fb0cp-29, 0x1.af390d379bbe1p-26, 0x1.27e4d4b0380bap-22, 0x1.71de0d8468cf9p-19,
                                   0x1.a01a01a942d57p-16, 0x1.a01a01a7cef6bp-13, 0x1.6c16c16c15dacp-10, 0x1.11111111109a5p-7,
                                   0x1.5555555555556p-5,  0x1.5555555555556p-3};
    const double most = 1100.0, magic = 0x1.8p52;
    const PowerPair logarithm = power_log2(__builtin_fabs(x));
    double t = y * logarithm.high;
    const double low = __builtin_fma(y, logarithm.low, __builtin_fma(y, logarithm.high, -t));
    const int huge = !(__builtin_fabs(t) < most); /* then low may be nan */
    t = t > most ? most : t;
    t = t < -most ? -most : t;
    const double shifted = t + magic, part = t - (shifted - magic);
    /* e^r = 1 + r + r^2 / 2 + r^3 P(r), all but the last term as pairs */
    const PowerPair fraction = power_sum(part, huge ? 0.0 : low);
    const PowerPair ln2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56}, r = power_product(fraction, ln2);
    const PowerPair square = power_product(r, r), first = power_sum(1.0, r.high),
                    second = power_sum(first.high, 0.5 * square.high);
    const double cube = square.high * r.high * WIDE_POLY(cubic, r.high);
    const double rest = first.low + (second.low + (r.low + __builtin_fma(0.5, square.low, cube)));
    const int32_t n = (int32_t)(uint32_t)(THMath_bitsDouble(shifted) - THMath_bitsDouble(magic));
    return power_edges(x, y, wide_scale(second.high + rest, n));
}

#endif

#endif
