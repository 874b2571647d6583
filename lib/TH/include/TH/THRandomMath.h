/* Elementary functions for random numbers, in float (also for Half) or double. They use only operations that IEEE 754 rounds
 * correctly (+ - * / sqrt, conversions), none of them fused: the numbers made with them are equal on every CPU, and
 * on devices, whose kernels include this header. */
#ifndef TH_RANDOM_MATH_H
#define TH_RANDOM_MATH_H

#include <math.h>
#include <string.h>

#include "TH/THKernel.h"

#if !TH_DTYPE_IS(Double)

typedef float real_t;

/* ln x for x in [2^-32, 1]: x = 2^e m with m in [1/sqrt 2, sqrt 2), ln m = 2 artanh((m - 1) / (m + 1)) by its series. */
TH_INLINE float logarithm(float x)
{
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const int32_t e = (bits - 0x3f3504f3) >> 23;
    bits -= (int32_t)((uint32_t)e << 23);
    float m;
    memcpy(&m, &bits, sizeof m);
    const float s = (m - 1.0f) / (m + 1.0f), z = s * s;
    const float series = 1.0f + z * (1.0f / 3 + z * (1.0f / 5 + z * (1.0f / 7 + z * (1.0f / 9))));
    return (float)e * 0x1.62e43p-1f + 2.0f * s * series;
}

/* cos and sin of 2 pi u for u in [0, 1): the nearest quarter turn is taken off, the rest is at most pi / 4. */
TH_INLINE void circle(float u, float *cosine, float *sine)
{
    const int32_t quarter = (int32_t)(4.0f * u + 0.5f);
    const float x = (u - (float)quarter * 0.25f) * 0x1.921fb6p+2f, z = x * x;
    const float s = x * (1.0f - z * (1.0f / 6 - z * (1.0f / 120 - z * (1.0f / 5040 - z * (1.0f / 362880)))));
    const float c = 1.0f - z * (0.5f - z * (1.0f / 24 - z * (1.0f / 720 - z * (1.0f / 40320 - z * (1.0f / 3628800)))));
    const float cc = quarter & 1 ? s : c, ss = quarter & 1 ? c : s;
    *cosine = (quarter + 1) & 2 ? -cc : cc;
    *sine = quarter & 2 ? -ss : ss;
}

/* e^x for a normal x: 2^n e^r, |r| <= ln(2) / 2, by the series. */
TH_INLINE float exponential(float x)
{
    const float bounded = x > 128.0f ? 128.0f : (x >= -120.0f ? x : -120.0f);
    const int32_t n = (int32_t)(bounded * 0x1.715476p+0f + (x < 0 ? -0.5f : 0.5f));
    const float r = bounded - (float)n * 0x1.62ep-1f - (float)n * 0x1.0bfbe8p-15f;
    const float high = 1.0f / 24 + r * (1.0f / 120 + r * (1.0f / 720 + r * (1.0f / 5040)));
    const float series = 1.0f + r * (1.0f + r * (0.5f + r * (1.0f / 6 + r * high)));
    const uint32_t half = (uint32_t)(n / 2 + 127) << 23, rest = (uint32_t)(n - n / 2 + 127) << 23;
    float a, b;
    memcpy(&a, &half, sizeof a);
    memcpy(&b, &rest, sizeof b);
    return x == x ? series * a * b : x;
}

TH_INLINE float root(float x)
{
    return sqrtf(x);
}

/* --- double -------------------------------------------------------------------------------------------------------- */

#else

typedef double real_t;

/* As above, for x in [2^-53, 1], with the terms that double needs. */
TH_INLINE double logarithm(double x)
{
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    /* The exponent in 32 bits: int64 -> double does not vectorise everywhere. */
    const int32_t e = ((int32_t)(bits >> 32) - 0x3fe6a09e) >> 20;
    bits -= (int64_t)((uint64_t)(int64_t)e << 52);
    double m;
    memcpy(&m, &bits, sizeof m);
    const double s = (m - 1.0) / (m + 1.0), z = s * s;
    const double high = 1.0 / 13 + z * (1.0 / 15 + z * (1.0 / 17 + z * (1.0 / 19 + z * (1.0 / 21 + z * (1.0 / 23)))));
    const double low = 1.0 / 3 + z * (1.0 / 5 + z * (1.0 / 7 + z * (1.0 / 9 + z * (1.0 / 11 + z * high))));
    return (double)e * 0x1.62e42fefa39efp-1 + 2.0 * s * (1.0 + z * low);
}

TH_INLINE void circle(double u, double *cosine, double *sine)
{
    const int32_t quarter = (int32_t)(4.0 * u + 0.5);
    const double x = (u - (double)quarter * 0.25) * 0x1.921fb54442d18p+2, z = x * x;
    const double s_end = 1.0 / 1307674368000.0 - z * (1.0 / 355687428096000.0);
    const double s_high = 1.0 / 39916800 - z * (1.0 / 6227020800.0 - z * s_end);
    const double s = x * (1.0 - z * (1.0 / 6 - z * (1.0 / 120 - z * (1.0 / 5040 - z * (1.0 / 362880 - z * s_high)))));
    const double c_end = 1.0 / 20922789888000.0 - z * (1.0 / 6402373705728000.0);
    const double c_high = 1.0 / 479001600 - z * (1.0 / 87178291200.0 - z * c_end);
    const double c_low = 1.0 / 40320 - z * (1.0 / 3628800 - z * c_high);
    const double c = 1.0 - z * (0.5 - z * (1.0 / 24 - z * (1.0 / 720 - z * c_low)));
    const double cc = quarter & 1 ? s : c, ss = quarter & 1 ? c : s;
    *cosine = (quarter + 1) & 2 ? -cc : cc;
    *sine = quarter & 2 ? -ss : ss;
}

TH_INLINE double exponential(double x)
{
    const double bounded = x > 1024.0 ? 1024.0 : (x >= -1024.0 ? x : -1024.0);
    const int32_t n = (int32_t)(bounded * 0x1.71547652b82fep+0 + (x < 0 ? -0.5 : 0.5));
    const double r = bounded - (double)n * 0x1.62e42feep-1 - (double)n * 0x1.a39ef35793c76p-33;
    const double end = 1.0 / 39916800 + r * (1.0 / 479001600 + r * (1.0 / 6227020800.0));
    const double high = 1.0 / 5040 + r * (1.0 / 40320 + r * (1.0 / 362880 + r * (1.0 / 3628800 + r * end)));
    const double low = 1.0 / 24 + r * (1.0 / 120 + r * (1.0 / 720 + r * high));
    const double series = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6 + r * low)));
    const uint64_t half = (uint64_t)(uint32_t)(n / 2 + 1023) << 52, rest = (uint64_t)(uint32_t)(n - n / 2 + 1023) << 52;
    double a, b;
    memcpy(&a, &half, sizeof a);
    memcpy(&b, &rest, sizeof b);
    return x == x ? series * a * b : x;
}

TH_INLINE double root(double x)
{
    return sqrt(x);
}

/* 53 bits as an integer-valued double, from 27 and 26 bits. */
TH_INLINE double bits53(uint32_t high, uint32_t low)
{
    return (double)(int32_t)(high >> 5) * 0x1p26 + (double)(int32_t)(low >> 6);
}

#endif

/* --- for both ------------------------------------------------------------------------------------------------------ */

/* The tangent of pi (u - 1/2) is -cos(pi u) / sin(pi u); u = 0 moves by half a step. */
TH_INLINE real_t cauchy(real_t u)
{
    real_t cosine, sine;
    circle(u > 0 ? u / 2 : (real_t)0x1p-26, &cosine, &sine);
    return -cosine / sine;
}

/* x >= 0 without its fraction; from 2^52 on there is none. */
TH_INLINE real_t whole(real_t x)
{
    return x < (real_t)0x1p62 ? (real_t)(int64_t)x : x;
}

#endif
