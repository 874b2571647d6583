/* Elementary functions of one double; see THMathFloat.h. */
#ifndef TH_MATH_DOUBLE_H
#define TH_MATH_DOUBLE_H

#include "TH/THKernelMath.h"

#include "TH/THKernel.h"

/* Beyond it sin and cos need more digits of pi than the three parts of math_reduce give. */
#define MATH_TRIG_LIMIT 1e6

TH_INLINE double math_exp(double x)
{
    return THMath_expDouble(x);
}

/* e * ln 2 + log(1 + f), f in [sqrt(1/2) - 1, sqrt(2) - 1]. With s = f / (2 + f): log(1 + f) = 2 atanh(s) = 2 s + s R(s^2), and
 * 2 s = f - f^2 / 2 + s f^2 / 2 keeps the leading term exact. Relative error of R: 2^-58. */
TH_INLINE double math_logParts(double f, double e)
{
    const double s = f / (2.0 + f), z = s * s, h = 0.5 * f * f;
    double p = 0x1.2f5d2f4becef3p-3;
    p = TH_MATH_FMA(p, z, 0x1.399c00925c4c0p-3);
    p = TH_MATH_FMA(p, z, 0x1.746652ad7fba7p-3);
    p = TH_MATH_FMA(p, z, 0x1.c71c528e168e1p-3);
    p = TH_MATH_FMA(p, z, 0x1.2492493fe201ap-2);
    p = TH_MATH_FMA(p, z, 0x1.99999999844d8p-2);
    p = TH_MATH_FMA(p, z, 0x1.555555555557cp-1);
    const double tail = TH_MATH_FMA(s, TH_MATH_FMA(p, z, h), e * 0x1.9ef35793c7673p-41);
    return e * 0x1.62e42fefa2p-1 + (f - (h - tail)); /* ln 2 in two parts; e times the first is exact */
}

/* Splits x > 0, normal: x = m * 2^e with m in [sqrt(1/2), sqrt(2)). */
TH_INLINE double math_split(double x, int32_t *e)
{
    const uint64_t bits = THMath_bitsDouble(x) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
    *e = (int32_t)(bits >> 52) - 1023;
    return THMath_doubleOfBits((bits & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu);
}

TH_INLINE double math_log(double x)
{
    const int subnormal = x < 0x1p-1022;
    int32_t e;
    const double m = math_split(subnormal ? x * 0x1p52 : x, &e);
    const double y = math_logParts(m - 1.0, (double)(subnormal ? e - 52 : e));
    const double edge = x == 0.0 ? -__builtin_inf() : (x < 0.0 ? __builtin_nan("") : x);
    return x > 0.0 && x < __builtin_inf() ? y : edge;
}

TH_INLINE double math_log1p(double x)
{
    const double u = 1.0 + x;
    int32_t e;
    const double m = math_split(u, &e);
    /* (1 + x) / 2^e - 1 without the rounding of 1 + x. From 2^54 on the 1 no longer matters. */
    const int32_t small = e < 54 ? e : 54;
    const double scale = THMath_doubleOfBits((uint64_t)(uint32_t)(1023 - small) << 52);
    const double f = e < 54 ? x * scale + (scale - 1.0) : m - 1.0;
    const double y = math_logParts(f, (double)e);
    const double edge = x == -1.0 ? -__builtin_inf() : (x < -1.0 ? __builtin_nan("") : x);
    return x > -1.0 && x < __builtin_inf() && x != 0.0 ? y : edge;
}

/* x - n pi/2 as a sum of two doubles, and n as `quarters` (modulo 4). |x| <= MATH_TRIG_LIMIT. */
TH_INLINE double math_reduce(double x, uint64_t *quarters, double *low)
{
    const double magic = 0x1.8p52; /* leaves an integer in the low bits */
    const double shifted = x * 0x1.45f306dc9c883p-1 + magic;
    const double n = shifted - magic;
    *quarters = THMath_bitsDouble(shifted);
    /* pi/2 in 33, 33 and 53 bits: n (20 bits) times the first two is exact, and so is the first difference. */
    const double t = x - n * 0x1.921fb544p+0, w = n * 0x1.0b4611a6p-34;
    const double r = t - w, back = r - t;
    const double error = (t - (r - back)) - (w + back); /* r + error = t - w exactly */
    const double rest = error - n * 0x1.3198a2e037073p-69;
    const double y = r + rest;
    *low = (r - y) + rest;
    return y;
}

/* Sine and cosine of r + low, |r| <= pi/4, each as a sum of two doubles. */
TH_INLINE void math_sinCos(double r, double low, double sine[2], double cosine[2])
{
    const double z = r * r;
    double s = 0x1.5d859beaa74ffp-33;
    s = TH_MATH_FMA(s, z, -0x1.ae5e462a67afep-26);
    s = TH_MATH_FMA(s, z, 0x1.71de3567ebbf3p-19);
    s = TH_MATH_FMA(s, z, -0x1.a01a019c28b23p-13);
    s = TH_MATH_FMA(s, z, 0x1.111111110fb18p-7);
    s = TH_MATH_FMA(s, z, -0x1.555555555554cp-3);
    const double sine_rest = TH_MATH_FMA(s * z, r, low * (1.0 - 0.5 * z));
    sine[0] = r + sine_rest;
    sine[1] = (r - sine[0]) + sine_rest;
    double c = -0x1.8ff804f42c13dp-37;
    c = TH_MATH_FMA(c, z, 0x1.1eea864676ae9p-29);
    c = TH_MATH_FMA(c, z, -0x1.27e4f9004805cp-22);
    c = TH_MATH_FMA(c, z, 0x1.a01a019e20ec3p-16);
    c = TH_MATH_FMA(c, z, -0x1.6c16c16c16118p-10);
    c = TH_MATH_FMA(c, z, 0x1.5555555555553p-5);
    const double h = 0.5 * z, w = 1.0 - h;
    const double cosine_rest = ((1.0 - w) - h) + TH_MATH_FMA(c * z, z, -(r * low));
    cosine[0] = w + cosine_rest;
    cosine[1] = (w - cosine[0]) + cosine_rest;
}

/* Sine of the angle r + low + quarters * pi/2; |r| <= pi/4. */
TH_INLINE double math_turn(double r, double low, uint64_t quarters)
{
    double s[2], c[2];
    math_sinCos(r, low, s, c);
    const double y = (quarters & 1) ? c[0] : s[0];
    return THMath_doubleOfBits(THMath_bitsDouble(y) ^ ((quarters & 2) << 62));
}

TH_INLINE double math_sin(double x)
{
    uint64_t quarters;
    double low;
    const double r = math_reduce(x, &quarters, &low);
    return x == 0.0 ? x : math_turn(r, low, quarters);
}

TH_INLINE double math_cos(double x)
{
    uint64_t quarters;
    double low;
    const double r = math_reduce(x, &quarters, &low);
    return math_turn(r, low, quarters + 1);
}

TH_INLINE double math_tan(double x)
{
    uint64_t quarters;
    double low, s[2], c[2];
    const double r = math_reduce(x, &quarters, &low);
    math_sinCos(r, low, s, c);
    const int odd = (quarters & 1) != 0;
    const double top = odd ? -c[0] : s[0], bottom = odd ? s[0] : c[0], q = top / bottom;
    const double lost = (odd ? -c[1] : s[1]) - q * (odd ? s[1] : c[1]);
    return x == 0.0 ? x : q + lost / bottom;
}

/* THMath_expRest in several chains of terms, for 0 <= x <= 40. */
TH_INLINE double math_expSmall(double x)
{
    const double magic = 6755399441055744.0 + 1023.0; /* 1.5 * 2^52, and the exponent's bits of 1 */
    const double shifted = TH_MATH_FMA(x, 1.44269504088896340736, magic), n = shifted - magic;
    const double r = TH_MATH_FMA(n, -7.371002565167798901834e-13, TH_MATH_FMA(n, -0.6931471805592082091607153, x));
    const double z = r * r, w = z * z;
    const double top = TH_MATH_FMA(TH_MATH_FMA(0x1.af39789bfd689p-26, r, 0x1.28922d8c8d4fbp-22), z,
                                   TH_MATH_FMA(0x1.71de0d573888bp-19, r, 0x1.a019b87f7a6e9p-16));
    const double middle = TH_MATH_FMA(TH_MATH_FMA(0x1.a01a01a7da98dp-13, r, 0x1.6c16c178b0646p-10), z,
                                      TH_MATH_FMA(0x1.1111111110996p-7, r, 0x1.5555555553d05p-5));
    const double p = TH_MATH_FMA(TH_MATH_FMA(top, w, middle), z, TH_MATH_FMA(0x1.5555555555556p-3, r, 0.5));
    return (1.0 + TH_MATH_FMA(p, z, r)) * THMath_doubleOfBits(THMath_bitsDouble(shifted) << 52);
}

/* x + x^3 P(x^2) below 0.55 (relative error 2^-59), 1 - 2 / (exp(2 |x|) + 1) above, where that does not cancel. P in pairs of
 * terms: one chain of them all would take longer than all operations. */
TH_INLINE double math_tanh(double x)
{
    const double a = __builtin_fabs(x), b = a > 20.0 ? 20.0 : a; /* from 19.07 on it is 1 */
    const double z = x * x, w = z * z;
    const double top = TH_MATH_FMA(TH_MATH_FMA(-0x1.460481ed9a3e3p-16, z, 0x1.5d2eb66844613p-14), z, -0x1.e96753ee8cff3p-13);
    const double middle = TH_MATH_FMA(TH_MATH_FMA(0x1.3484acb6f8082p-11, z, -0x1.7d90357e62771p-10), w,
                                      TH_MATH_FMA(0x1.d6d2a96136868p-9, z, -0x1.226e2f9b2a56ap-7));
    const double low = TH_MATH_FMA(TH_MATH_FMA(0x1.664f485f50351p-6, z, -0x1.ba1ba1b9a1943p-5), w,
                                   TH_MATH_FMA(0x1.1111111110af4p-3, z, -0x1.5555555555552p-2));
    const double p = TH_MATH_FMA(TH_MATH_FMA(top, w * w, middle), w * w, low);
    const double near = TH_MATH_FMA(p * z, a, a);
    const double far = 1.0 - 2.0 / (math_expSmall(b + b) + 1.0);
    return __builtin_copysign(a < 0.55 ? near : far, x);
}

/* By e = exp(-|x|), which cannot overflow: 1 / (1 + e), or e / (1 + e) for x < 0. The rounding error of 1 + e is put back;
 * without that the errors add up to 2.1 ulp. */
TH_INLINE double math_sigmoid(double x)
{
    const double e = THMath_expDoubleBelow(-__builtin_fabs(x));
    const double d = 1.0 + e, lost = e - (d - 1.0);
    const double q = (x < 0.0 ? e : 1.0) / d;
    const double inverse = x < 0.0 ? 1.0 - q : q;
    return TH_MATH_FMA(-q * inverse, lost, q);
}

#endif
