/* Elementary functions computed in double, for Double and for Float: the same formulas, with polynomials as long as the dtype
 * needs. No branches, so that loops over them become vector code; a Float result is one rounding away from exact.
 *
 * Polynomials are minimax (Remez exchange in 40 digits) on the intervals named, the highest power first. For Double their
 * error is below 2^-57, for Float below 2^-30 of the result. */
#ifndef TH_WIDE_H
#define TH_WIDE_H

#include "TH/THKernel.h"
#include "TH/THKernelMath.h"

/* Horner's rule over an array of coefficients, unrolled. */
#define WIDE_POLY(coefficients, x) wide_poly((coefficients), (int)(sizeof(coefficients) / sizeof((coefficients)[0])), (x))

TH_INLINE double wide_poly(const double *c, int count, double x)
{
    double p = c[0];
#pragma GCC unroll 32
    for (int i = 1; i < count; i++) p = TH_MATH_FMA(p, x, c[i]);
    return p;
}

/* The same in two chains, of even and of odd powers: half as long to wait for, and less exact where they cancel. */
#define WIDE_CHAINS(coefficients, x) wide_chains((coefficients), (int)(sizeof(coefficients) / sizeof((coefficients)[0])), (x))

TH_INLINE double wide_chains(const double *c, int count, double x)
{
    const double z = x * x;
    double first = c[0], second = c[1];
#pragma GCC unroll 16
    for (int i = 2; i < count; i += 2) first = TH_MATH_FMA(first, z, c[i]);
#pragma GCC unroll 16
    for (int i = 3; i < count; i += 2) second = TH_MATH_FMA(second, z, c[i]);
    return count % 2 == 1 ? TH_MATH_FMA(second, x, first) : TH_MATH_FMA(first, x, second);
}

/* clang-format off */
/* exp: (exp(r) - 1 - r) / r^2 for r from -ln(2) / 2 to 3 ln(2) / 4; cosh: (cosh(r) - 1 - z / 2) / z^2 and sinh:
 * (sinh(r) / r - 1) / z of z = r^2 there; log: (2 atanh(s) / s - 2) / z of z = s^2 for the s of m in [sqrt(1/2), sqrt(2)). */
#if TH_DTYPE_IS(Double)
static const double expPoly[] = {
    0x1.b45f67b1e6300p-37, 0x1.6121907b3b6d2p-33, 0x1.1ee23857aa70ep-29, 0x1.ae649ae1d2ccfp-26, 0x1.27e4fe72e6fcbp-22,
    0x1.71de3a3e6839ep-19, 0x1.a01a019f5cfdep-16, 0x1.a01a01a01fc92p-13, 0x1.6c16c16c16d78p-10, 0x1.1111111111108p-7,
    0x1.5555555555555p-5, 0x1.5555555555555p-3, 0x1.000000p-1};
static const double coshPoly[] = {
    0x1.20519770acdaep-29, 0x1.27e40bf916642p-22, 0x1.a01a02380f07ep-16, 0x1.6c16c16bea07cp-10, 0x1.55555555555eep-5};
static const double sinhPoly[] = {
    0x1.62b7962c50d8ep-33, 0x1.ae632fa0a50ddp-26, 0x1.71de3abf7254cp-19, 0x1.a01a019ff3793p-13, 0x1.1111111111178p-7,
    0x1.5555555555555p-3};
static const double logPoly[] = {
    0x1.2f09de0692b4cp-3, 0x1.39a14ee14e06fp-3, 0x1.746642d472280p-3, 0x1.c71c51f7afaedp-3, 0x1.2492494204cd9p-2,
    0x1.999999997fc81p-2, 0x1.5555555555593p-1};
#else
static const double expPoly[] = {
    0x1.bf41552d46db0p-16, 0x1.a10cfd29a6c7fp-13, 0x1.6bfeb176aa8d4p-10, 0x1.1110e67009438p-7, 0x1.55555eec65b90p-5,
    0x1.5555555e4962bp-3, 0x1.fffffffdba0cap-2};
static const double coshPoly[] = {
    0x1.a2ccfb767493bp-16, 0x1.6c14c3db2de0cp-10, 0x1.5555563e6080dp-5};
static const double sinhPoly[] = {
    0x1.a31d717f1cc01p-13, 0x1.110f2c9d51fcep-7, 0x1.555556af0b7a2p-3};
static const double logPoly[] = {
    0x1.e2f99c1f72857p-3, 0x1.2438c6368654dp-2, 0x1.999a7abb337a5p-2, 0x1.555554fd8d14cp-1};
#endif
/* clang-format on */

/* x = n ln 2 + r, r / ln 2 from -1/2 - bias to 1/2 - bias. */
typedef struct WidePower {
    int32_t n;
    double r;
} WidePower;

TH_INLINE WidePower wide_reduce(double x, double bias)
{
    const double magic = 0x1.8p52; /* leaves an integer in the low bits */
    const double shifted = TH_MATH_FMA(x, 0x1.71547652b82fep+0, bias) + magic, n = shifted - magic;
    double r = TH_MATH_FMA(n, -0x1.62e42feep-1, x); /* ln 2 in two parts; n times the first is exact */
    r = TH_MATH_FMA(n, -0x1.a39ef35793c76p-33, r);
    return (WidePower){(int32_t)(uint32_t)(THMath_bitsDouble(shifted) - THMath_bitsDouble(magic)), r};
}

/* -n and a + b. Of nan, n is anything: these wrap around. */
TH_INLINE int32_t wide_minus(int32_t n)
{
    return (int32_t)(0u - (uint32_t)n);
}

TH_INLINE int32_t wide_sum(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

/* 2^n, -1022 <= n <= 1023. */
TH_INLINE double wide_exp2(int32_t n)
{
    return THMath_doubleOfBits((uint64_t)((uint32_t)n + 1023u) << 52);
}

/* y * 2^n, |n| < 2000, with one rounding if the result is subnormal. */
TH_INLINE double wide_scale(double y, int32_t n)
{
    const int32_t half = n >> 1;
    return y * wide_exp2(half) * wide_exp2(n - half);
}

/* exp(x) - 1. */
TH_INLINE double wide_expm1(double x)
{
    double a = x > 710.0 ? 710.0 : x; /* from 709.79 on it overflows */
    a = a < -60.0 ? -60.0 : a;        /* below -38 it is -1 */
    /* Where n is 1 or -1, r is not far on the other side of 0: so e^x - 1 loses nothing to cancellation. */
    const WidePower power = wide_reduce(a, a < 0.0 ? 0.0 : -0.25);
    const double p = TH_MATH_FMA(power.r * power.r, WIDE_POLY(expPoly, power.r), power.r);
    const double one = 1.0 - wide_exp2(power.n > 1000 ? -1000 : wide_minus(power.n)); /* exact as far as it matters */
    return x == 0.0 ? x : wide_scale(p + one, power.n);
}

/* exp(x) of |x| < 700, or 0 or infinity beyond: for results that are then rounded to float. */
TH_INLINE double wide_exp(double x)
{
    double a = x > 700.0 ? 700.0 : x;
    a = a < -700.0 ? -700.0 : a;
    const WidePower power = wide_reduce(a, 0.0);
    return (1.0 + TH_MATH_FMA(power.r * power.r, WIDE_POLY(expPoly, power.r), power.r)) * wide_exp2(power.n);
}

/* sinh and cosh of |x|, with e^r as cosh(r) + sinh(r), e^-r as cosh(r) - sinh(r): nothing is divided. */
TH_INLINE double wide_hyperbolic(double x, int is_sinh)
{
    double a = __builtin_fabs(x);
    a = a > 711.0 ? 711.0 : a; /* from 710.48 on they overflow */
    const WidePower power = wide_reduce(a, -0.25);
    const double r = power.r, z = r * r;
    const double c = z * TH_MATH_FMA(z, WIDE_POLY(coshPoly, z), 0.5); /* cosh(r) - 1 */
    const double s = TH_MATH_FMA(r * z, WIDE_POLY(sinhPoly, z), r);
    /* e^x / 16 and e^-x / 16, so that the largest results do not overflow before they have to. */
    const int32_t minus = power.n > 1000 ? -1000 : wide_minus(power.n);
    const double up = wide_exp2(wide_sum(power.n, -4)), down = wide_exp2(wide_sum(minus, -4));
    const double sum = up + down, difference = up - down;
    if (is_sinh) {
        const double y = 8.0 * (difference + TH_MATH_FMA(difference, c, sum * s));
        return a < 0x1p-28 ? x : __builtin_copysign(y, x);
    }
    return 8.0 * (sum + TH_MATH_FMA(sum, c, difference * s));
}

/* x > 0 as m * 2^e, m in [sqrt(1/2), sqrt(2)), and log(m) = high + low. */
typedef struct WideLog {
    double e, high, low;
} WideLog;

TH_INLINE WideLog wide_split(double x)
{
    const int subnormal = x < 0x1p-1022;
    const uint64_t bits = THMath_bitsDouble(subnormal ? x * 0x1p52 : x) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
    const int32_t e = (int32_t)(bits >> 52) - 1023 - (subnormal ? 52 : 0);
    const double f = THMath_doubleOfBits((bits & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu) - 1.0;
    /* log(1 + f) = 2 atanh(s) = f - (h - s (h + z P(z))), which keeps f exact */
    const double s = f / (2.0 + f), z = s * s, h = 0.5 * f * f;
    const double w = h - s * TH_MATH_FMA(WIDE_POLY(logPoly, z), z, h);
    const double high = f - w;
    return (WideLog){(double)e, high, (f - high) - w};
}

/* What logarithms give outside of (0, inf). */
TH_INLINE double wide_logEdge(double x, double y)
{
    const double edge = x == 0.0 ? -__builtin_inf() : (x < 0.0 ? __builtin_nan("") : x);
    return x > 0.0 && x < __builtin_inf() ? y : edge;
}

TH_INLINE double wide_log(double x)
{
    const WideLog log = wide_split(x);
    return wide_logEdge(x, log.e * 0x1.62e42fefa2p-1 + (log.high + TH_MATH_FMA(log.e, 0x1.9ef35793c7673p-41, log.low)));
}

/* e * unit + log(m) * factor, each constant in two parts: the first of `factor` has 26 bits, so that its product with the
 * upper half of log(m) is exact; the first of `unit` has 32. */
TH_INLINE double wide_logBase(double x, double unit, double unit_low, double factor, double factor_low)
{
    const WideLog log = wide_split(x);
    const double upper = THMath_doubleOfBits(THMath_bitsDouble(log.high) & 0xfffffffff8000000u);
    const double lower = (log.high - upper) + log.low;
    const double low = log.e * unit_low + (lower * (factor + factor_low) + upper * factor_low);
    const double y = log.e * unit, high = y + upper * factor;
    return wide_logEdge(x, high + (((y - high) + upper * factor) + low));
}

TH_INLINE double wide_log2(double x)
{
    return wide_logBase(x, 1.0, 0.0, 0x1.7154768p+0, -0x1.6a3e80f444178p-27);
}

TH_INLINE double wide_log10(double x)
{
    return wide_logBase(x, 0x1.3441350ap-2, -0x1.0c0219dc1da99p-39, 0x1.bcb7b18p-2, -0x1.6c8d78e6acaa4p-29);
}

#endif
