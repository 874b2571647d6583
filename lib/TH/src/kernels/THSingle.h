/* Elementary functions of one float computed in float, for CPU levels with FMA: vectors of floats hold twice as many numbers as
 * those of THWide.h, which computes the same functions in double where the CPU has no FMA.
 *
 * No branches, so that loops over them become vector code. What a rounding would lose where it matters, a second float carries.
 * Polynomials are minimax (Remez exchange in 50 digits) on the intervals named, the highest power first; their error is below
 * 2^-25 of the result. Over all floats each function is within 1.9 ulp. */
#ifndef TH_SINGLE_H
#define TH_SINGLE_H

#include "TH/THKernelMath.h"

#include "TH/THKernel.h"

/* Horner's rule over an array of coefficients, unrolled. */
#define SINGLE_POLY(coefficients, x) single_poly((coefficients), (int)(sizeof(coefficients) / sizeof((coefficients)[0])), (x))

TH_INLINE float single_poly(const float *c, int count, float x)
{
    float p = c[0];
#pragma GCC unroll 16
    for (int i = 1; i < count; i++) p = __builtin_fmaf(p, x, c[i]);
    return p;
}

#define SINGLE_PI_4 0x1.921fb6p-1f
#define SINGLE_PI_4_LOW -0x1.777a5cp-26f

/* --- powers of e and logarithms ------------------------------------------------------------------------------------------ */

/* sinh and cosh of |x| as in wide_hyperbolic: of x = n ln 2 + r by cosh(r) and sinh(r). For sinh r / ln 2 goes from -1/4 to
 * 3/4, so that nothing cancels where n is 1; for cosh from -1/2 to 1/2. */
TH_INLINE float single_hyperbolic(float x, int is_sinh)
{
    /* (cosh(r) - 1 - z / 2) / z^2 and (sinh(r) / r - 1) / z of z = r^2 */
    static const float coshPoly[] = {0x1.a2dee4p-16f, 0x1.6c14aap-10f, 0x1.555556p-5f};
    static const float sinhPoly[] = {0x1.a33172p-13f, 0x1.110f14p-7f, 0x1.555556p-3f};
    const float magic = 12582912.0f; /* 1.5 * 2^23 leaves an integer in the low bits */
    float a = __builtin_fabsf(x);
    a = a > 90.0f ? 90.0f : a; /* from 89.42 on they overflow */
    const float shifted = __builtin_fmaf(a, 1.44269504f, is_sinh ? -0.25f : 0.0f) + magic, n = shifted - magic;
    const float r = __builtin_fmaf(n, 0x1.05c61p-29f, __builtin_fmaf(n, -0x1.62e43p-1f, a)), z = r * r;
    const float c = z * __builtin_fmaf(z, SINGLE_POLY(coshPoly, z), 0.5f); /* cosh(r) - 1 */
    const float s = __builtin_fmaf(r * z, SINGLE_POLY(sinhPoly, z), r);
    /* e^x / 16 and e^-x / 16, so that the largest results do not overflow before they have to. */
    const uint32_t k = THMath_bitsFloat(shifted) - THMath_bitsFloat(magic);
    const float up = THMath_floatOfBits((k + 123u) << 23), down = n > 60.0f ? 0.0f : THMath_floatOfBits((123u - k) << 23);
    const float sum = up + down, difference = up - down;
    if (is_sinh) {
        const float y = 8.0f * (difference + __builtin_fmaf(difference, c, sum * s));
        return a < 0x1p-12f ? x : __builtin_copysignf(y, x);
    }
    return 8.0f * (sum + __builtin_fmaf(sum, c, difference * s));
}

/* The logarithm of x to a base: e `unit` + log(m) for x = m 2^e, m = 1 + f in [sqrt(1/2), sqrt(2)). `unit`, the logarithm of 2,
 * and `factor`, that of Euler's number, each in two parts; `poly` is (log(1 + f) - f factor) / f^2. */
TH_INLINE float single_logBase(float x, float unit, float unit_low, float factor, float factor_low, const float *poly)
{
    const int subnormal = x < 0x1p-126f;
    const uint32_t bits = THMath_bitsFloat(subnormal ? x * 0x1p23f : x) + (0x3f800000u - 0x3f3504f3u);
    const float e = (float)((int32_t)(bits >> 23) - (subnormal ? 150 : 127));
    const float f = THMath_floatOfBits((bits & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
    const float rest = __builtin_fmaf(f, factor_low, single_poly(poly, 9, f) * (f * f));
    const float y = __builtin_fmaf(e, unit, __builtin_fmaf(f, factor, __builtin_fmaf(e, unit_low, rest)));
    const float edge = x == 0.0f ? -__builtin_inff() : (x < 0.0f ? __builtin_nanf("") : x);
    return x > 0.0f && x < __builtin_inff() ? y : edge;
}

TH_INLINE float single_log2(float x)
{
    static const float poly[9] = {-0x1.ce4eacp-4f, 0x1.804280p-3f,  -0x1.864736p-3f, 0x1.a27a4cp-3f, -0x1.eacc7ap-3f,
                                  0x1.27822ep-2f,  -0x1.715a3ap-2f, 0x1.ec7086p-2f,  -0x1.715472p-1f};
    return single_logBase(x, 1.0f, 0.0f, 0x1.715476p+0f, 0x1.4ae0c0p-26f, poly);
}

TH_INLINE float single_log10(float x)
{
    static const float poly[9] = {-0x1.165634p-5f, 0x1.ceb1e4p-5f,  -0x1.d5f126p-5f, 0x1.f7e5bap-5f, -0x1.277d84p-4f,
                                  0x1.63d3e6p-4f,  -0x1.bcbea2p-4f, 0x1.287a68p-3f,  -0x1.bcb7aap-3f};
    return single_logBase(x, 0x1.344136p-2f, -0x1.ec10c0p-27f, 0x1.bcb7b2p-2f, -0x1.5b235ep-27f, poly);
}

/* --- angles -------------------------------------------------------------------------------------------------------------- */

/* asin(y) - y for |y| <= 1/2, z = y^2. */
TH_INLINE float single_asinRest(float y, float z)
{
    static const float poly[] = {0x1.5a589ep-5f, 0x1.8b1754p-6f, 0x1.74997cp-5f, 0x1.3300d4p-4f, 0x1.5555ccp-3f};
    return y * z * SINGLE_POLY(poly, z);
}

/* Above 1/2 by asin(a) = pi/2 - 2 asin(sqrt((1 - a) / 2)), pi/2 being 1.125 and two floats: small enough that asin(1) is
 * rounded but once. */
TH_INLINE float single_asin(float x)
{
    const float a = __builtin_fabsf(x);
    const float z = a > 0.5f ? 0.5f * (1.0f - a) : a * a, y = a > 0.5f ? __builtin_sqrtf(z) : a;
    const float rest = single_asinRest(y, z);
    const float far = 1.125f + ((0x1.c87ed6p-2f - 2.0f * y) - (2.0f * rest + 0x1.dde974p-27f));
    return __builtin_copysignf(a > 0.5f ? far : y + rest, x);
}

TH_INLINE float single_acos(float x)
{
    const float a = __builtin_fabsf(x);
    const float z = a > 0.5f ? 0.5f * (1.0f - a) : a * a, y = a > 0.5f ? __builtin_sqrtf(z) : x;
    const float rest = single_asinRest(y, z);
    const float near = 2.0f * SINGLE_PI_4 - (y - (2.0f * SINGLE_PI_4_LOW - rest));
    const float far = 2.0f * (y + rest);
    return a > 0.5f ? (x < 0.0f ? 4.0f * SINGLE_PI_4 - (far - 4.0f * SINGLE_PI_4_LOW) : far) : near;
}

/* atan(y) - y for 0 <= y <= 1. Where the terms are large they are added one by one: their signs alternate. */
TH_INLINE float single_atanRest(float y)
{
    static const float even[] = {-0x1.d61076p-10f, -0x1.fec2fcp-6f, -0x1.5832c4p-4f};
    static const float odd[] = {0x1.6595d2p-7f, 0x1.dac330p-5f, 0x1.c0996ep-4f};
    static const float last[] = {-0x1.2421a8p-3f, 0x1.9991fcp-3f, -0x1.55553ep-2f};
    const float z = y * y, w = z * z;
    float p = __builtin_fmaf(__builtin_fmaf(even[0], w, even[1]), z, __builtin_fmaf(odd[0], w, odd[1]));
    p = __builtin_fmaf(p, w, __builtin_fmaf(even[2], z, odd[2]));
    p = __builtin_fmaf(p, z, last[0]);
    p = __builtin_fmaf(p, z, last[1]);
    p = __builtin_fmaf(p, z, last[2]);
    return p * (z * y);
}

/* Above 1 by atan(x) = pi/2 - atan(1 / x). Both results are computed before the choice: gcc's vector code is faster so. */
TH_INLINE float single_atan(float x)
{
    const float a = __builtin_fabsf(x), inverse = 1.0f / a;
    const float y = a > 1.0f ? inverse : a, rest = single_atanRest(y);
    const float near = y + rest, far = (2.0f * SINGLE_PI_4 - y) - (rest - 2.0f * SINGLE_PI_4_LOW);
    return __builtin_copysignf(a > 1.0f ? far : near, x);
}

/* The angle of the point (x, y), with the signs of zeros and the infinities of C's atan2. */
TH_INLINE float single_atan2(float y, float x)
{
    const float inf = __builtin_inff();
    float a = __builtin_fabsf(y), b = __builtin_fabsf(x);
    const int both = a == inf && b == inf, huge = a > 0x1p126f || b > 0x1p126f;
    const float scale = huge ? 0.25f : 1.0f; /* what this takes from a subnormal number is nothing beside the other one */
    a = both ? 1.0f : a * scale;
    b = both ? 1.0f : b * scale;
    const int steep = a > b;
    const float top = steep ? b : a, bottom = steep ? a : b;
    const int none = bottom == 0.0f, one = bottom == inf; /* one infinity: the ratio is 0 */
    const float ratio = (one ? 0.0f : top) / (none || one ? 1.0f : bottom), rest = single_atanRest(ratio);
    const float near = ratio + rest, far = (2.0f * SINGLE_PI_4 - ratio) - (rest - 2.0f * SINGLE_PI_4_LOW);
    const float quarter = steep ? far : near;
    const int left = (THMath_bitsFloat(x) >> 31) != 0;
    const float half = left ? 4.0f * SINGLE_PI_4 - (quarter - 4.0f * SINGLE_PI_4_LOW) : quarter;
    return x != x || y != y ? x + y : __builtin_copysignf(half, y);
}

/* What remains of x after n pi/2, the sum of the result and *low; n as `quarters` (modulo 4). |x| <= 10^6. pi/2 is in three
 * parts: n (20 bits) times the first leaves an exact difference, because that has no more digits than a float holds; and the
 * difference is a multiple of the last place of n times the second, so that *low is exact but for the third. */
TH_INLINE float single_reduce(float x, uint32_t *quarters, float *low)
{
    const float magic = 12582912.0f; /* 1.5 * 2^23 leaves an integer in the low bits */
    const float shifted = __builtin_fmaf(x, 0x1.45f306p-1f, magic), n = shifted - magic;
    const float first = __builtin_fmaf(n, -0x1.921fb6p+0f, x);
    const float product = n * 0x1.777a5cp-25f, lost = __builtin_fmaf(n, 0x1.777a5cp-25f, -product);
    const float r = first + product;
    *quarters = THMath_bitsFloat(shifted);
    *low = __builtin_fmaf(n, 0x1.ee59dap-50f, (product - (r - first)) + lost);
    return r;
}

/* Sine of the angle x + turns * pi/2. */
TH_INLINE float single_turn(float x, uint32_t turns)
{
    uint32_t quarters;
    float low;
    const float r = single_reduce(x, &quarters, &low), z = r * r;
    const float s = __builtin_fmaf(__builtin_fmaf(-0x1.994388p-13f, z, 0x1.11073ap-7f), z, -0x1.555546p-3f);
    const float sine = r + __builtin_fmaf(s, z * r, low);
    const float c = __builtin_fmaf(__builtin_fmaf(0x1.99eb4ap-16f, z, -0x1.6c0c32p-10f), z, 0x1.55554ap-5f);
    const float h = 0.5f * z, w = 1.0f - h;
    const float cosine = w + (((1.0f - w) - h) + __builtin_fmaf(c * z, z, -(r * low)));
    const float y = ((quarters + turns) & 1) ? cosine : sine;
    return THMath_floatOfBits(THMath_bitsFloat(y) ^ (((quarters + turns) & 2) << 30));
}

TH_INLINE float single_sin(float x)
{
    return x == 0.0f ? x : single_turn(x, 0);
}

TH_INLINE float single_cos(float x)
{
    return single_turn(x, 1);
}

/* tan(r) = r + r^3 P(r^2), P in pairs of terms: a chain of one operation after another is what would take the time. */
TH_INLINE float single_tan(float x)
{
    uint32_t quarters;
    float low;
    const float r = single_reduce(x, &quarters, &low), z = r * r, w = z * z;
    float p = __builtin_fmaf(0x1.305424p-8f, w, __builtin_fmaf(-0x1.df6740p-12f, z, 0x1.71553cp-7f));
    p = __builtin_fmaf(p, w, __builtin_fmaf(0x1.59e806p-6f, z, 0x1.bb21aap-5f));
    p = __builtin_fmaf(p, w, __builtin_fmaf(0x1.110bfep-3f, z, 0x1.555566p-2f));
    const float rest = __builtin_fmaf(p, z * r, __builtin_fmaf(z, low, low));
    const float y = r + rest, y_low = (r - y) + rest;
    const float q = -1.0f / y; /* the tangent of what is a quarter turn further */
    const float turned = __builtin_fmaf(q, __builtin_fmaf(q, y_low, __builtin_fmaf(q, y, 1.0f)), q);
    return x == 0.0f ? x : ((quarters & 1) ? turned : y);
}

/* --- the error function -------------------------------------------------------------------------------------------------- */

/* x + x P(x^2) below 0.84, above 1 - exp(|x| Q(|x| - 1)), |x| Q being
 * log(erfc), where that does not cancel. From 3.92 on it is 1. */
TH_INLINE float single_erf(float x)
{
    static const float near[] = {0x1.75036ap-14f, -0x1.b0eb36p-11f, 0x1.55786ap-8f, -0x1.b81f5ap-6f,
                                 0x1.ce2ec2p-4f,  -0x1.812746p-2f,  0x1.06eba8p-3f};
    static const float far[] = {-0x1.03bbd8p-17f, 0x1.fb7e88p-13f, -0x1.1d9f7ap-9f, 0x1.8f505ap-7f,
                                -0x1.b84596p-5f,  -0x1.942744p-1f, -0x1.d97fc0p+0f};
    const float a = __builtin_fabsf(x), b = a > 4.0f ? 4.0f : a, z = x * x;
    const float low = __builtin_fmaf(a, SINGLE_POLY(near, z), a);
    const float high = 1.0f - THMath_expFloatBelow(b * SINGLE_POLY(far, b - 1.0f));
    return __builtin_copysignf(a < 0.84f ? low : high, x);
}

/* With w = -log(1 - x^2): x + x P(w - 5/4) up to w = 5, above a polynomial in sqrt(w), whose rounding is put back. The
 * polynomials are Chebyshev series, errors 2^-26 and 2^-28. */
TH_INLINE float single_erfinv(float x)
{
    static const float near[] = {-0x1.2c4c5ep-27f, 0x1.05273ap-23f, -0x1.1625cep-22f, -0x1.55211cp-18f, 0x1.047b7p-15f,
                                 0x1.2d5a8ep-13f,  -0x1.2765aap-9f, 0x1.4933ep-9f,    0x1.ff0424p-3f,   0x1.8438dep-3f};
    static const float tail[] = {-0x1.0819b6p-16f, 0x1.2325d6p-15f, 0x1.4844c4p-17f, -0x1.ed3c14p-13f, 0x1.f1e42ep-11f,
                                 -0x1.673d1cp-9f,  0x1.5aaaeep-8f,  0x1.013372p+0f,  0x1.802fep+1f};
    const float a = __builtin_fabsf(x), rest = __builtin_fmaf(-a, a, 1.0f); /* of 1 at least 2^-23 */
    const uint32_t bits = THMath_bitsFloat(rest) + (0x3f800000u - 0x3f3504f3u);
    const float e = (float)((int32_t)(bits >> 23) - 127);
    const float w = -THMath_logPartsFloat(THMath_floatOfBits((bits & 0x007fffffu) + 0x3f3504f3u) - 1.0f, e);
    const float s = __builtin_sqrtf(w), lost = __builtin_fmaf(-s, s, w); /* 2 s is 4.5 to 8 */
    const float low = __builtin_fmaf(a, SINGLE_POLY(near, w - 1.25f), a);
    const float high = SINGLE_POLY(tail, __builtin_fmaf(lost, 0.17f, s - 3.16803408f));
    const float edge = a == 1.0f ? __builtin_inff() : __builtin_nanf("");
    return __builtin_copysignf(a < 1.0f ? (w < 5.0f ? low : high) : edge, x);
}

#endif
