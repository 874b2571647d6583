/* Elementary functions. Those of Float where the CPU level has FMA are THSingle.h's; all others are computed in double for
 * either dtype (THWide.h). */
#include "kernels/THElementary.h"

#include "kernels/THPower.h"
#include "kernels/THWide.h"

#if TH_DTYPE_IS(Float) && !TH_CPU_IS(BASE)
#include "kernels/THSingle.h"

TH_LOOP1(asin, float, float, , single_asin(x))
TH_LOOP1(acos, float, float, , single_acos(x))
TH_LOOP1(atan, float, float, , single_atan(x))
TH_LOOP2(atan2, float, float, , single_atan2(x, y))
TH_LOOP1(sinh, float, float, , single_hyperbolic(x, 1))
TH_LOOP1(cosh, float, float, , single_hyperbolic(x, 0))
TH_LOOP1(expm1, float, float, , THMath_expm1Float(x))
TH_LOOP1(log2, float, float, , single_log2(x))
TH_LOOP1(log10, float, float, , single_log10(x))

#else

/* clang-format off */
/* atan: (atan(y) / y - 1) / z of z = y^2 for |y| <= tan(pi/8); asin: (asin(y) / y - 1) / z for |y| <= 1/2. */
#if TH_DTYPE_IS(Double)
static const double atanPoly[] = {
    -0x1.258603d0190a5p-6, 0x1.37e308791017ep-5, -0x1.9cd84ddc2a882p-5, 0x1.df1097a7e97bbp-5, -0x1.10ebd024a0ac0p-4,
    0x1.3b111b48e166fp-4, -0x1.745cf8fc5f896p-4, 0x1.c71c70e72ae8dp-4, -0x1.24924922b00f7p-3, 0x1.99999999958c5p-3,
    -0x1.555555555553dp-2};
static const double asinPoly[] = {
    0x1.0c19c0d6fa511p-5, -0x1.5a9cbb7a7c36ap-6, 0x1.65744ca1b0ae6p-6, 0x1.dfedfd66abb0bp-9, 0x1.61a2334883ad1p-7,
    0x1.75737d7c3a174p-7, 0x1.ca21bf651d408p-7, 0x1.1c49d90923de2p-6, 0x1.6e8be02b25376p-6, 0x1.f1c71a894185dp-6,
    0x1.6db6db72317ddp-5, 0x1.333333332de96p-4, 0x1.5555555555578p-3};
#else
static const double atanPoly[] = {
    0x1.84e8239c4902fp-5, -0x1.5b427467b596ep-4, 0x1.c4678a6ba841cp-4, -0x1.247f0253982f4p-3, 0x1.99991a289dae9p-3,
    -0x1.555554c87279fp-2};
static const double asinPoly[] = {
    0x1.1c7485d3890c2p-5, 0x1.e7dec3460deaap-8, 0x1.9379d3c981e3ap-6, 0x1.ed4e73cc54816p-6, 0x1.6ddb598252524p-5,
    0x1.3332a723c3887p-4, 0x1.5555560a59dc1p-3};
#endif
/* clang-format on */

#define PI_4 0x1.921fb54442d18p-1
#define PI_4_LOW 0x1.1a62633145c07p-55

/* asin(y) - y for |y| <= 1/2, z = y^2. */
TH_INLINE double asin_rest(double y, double z)
{
    return y * z * WIDE_POLY(asinPoly, z);
}

/* Above 1/2 by asin(a) = pi/2 - 2 asin(sqrt((1 - a) / 2)). */
TH_INLINE double wide_asin_of(double x)
{
    const double a = __builtin_fabs(x);
    const double z = a > 0.5 ? 0.5 * (1.0 - a) : a * a, y = a > 0.5 ? __builtin_sqrt(z) : a;
    const double rest = asin_rest(y, z);
    const double far = PI_4 + ((PI_4 - 2.0 * y) - (2.0 * rest - 2.0 * PI_4_LOW));
    return __builtin_copysign(a > 0.5 ? far : y + rest, x);
}

TH_INLINE double wide_acos_of(double x)
{
    const double a = __builtin_fabs(x);
    const double z = a > 0.5 ? 0.5 * (1.0 - a) : a * a, y = a > 0.5 ? __builtin_sqrt(z) : x;
    const double rest = asin_rest(y, z);
    const double near = 2.0 * PI_4 - (y - (2.0 * PI_4_LOW - rest));
    const double far = 2.0 * (y + rest);
    return a > 0.5 ? (x < 0.0 ? 4.0 * PI_4 - (far - 4.0 * PI_4_LOW) : far) : near;
}

/* atan(top / bottom) of numbers with 0 <= top <= bottom, bottom > 0, top + bottom finite: above tan(pi/8) by
 * atan(q) = pi/4 + atan((q - 1) / (q + 1)), which costs no rounding of the quotient. */
TH_INLINE double atan_ratio(double top, double bottom)
{
    const int turned = top > 0x1.a827999fcef32p-2 * bottom;
    const double y = (turned ? top - bottom : top) / (turned ? top + bottom : bottom), z = y * y;
    const double rest = y * z * WIDE_POLY(atanPoly, z);
    return turned ? PI_4 + (y + (rest + PI_4_LOW)) : y + rest;
}

TH_INLINE double wide_atan_of(double x)
{
    const double a = __builtin_fabs(x);
    const int inverse = a > 1.0;
    const double bounded = a > 0x1p100 ? 0x1p100 : a; /* there it is pi/2 already */
    const double r = atan_ratio(inverse ? 1.0 : bounded, inverse ? bounded : 1.0);
    return __builtin_copysign(inverse ? 2.0 * PI_4 - (r - 2.0 * PI_4_LOW) : r, x);
}

/* The angle of the point (x, y), with the signs of zeros and the infinities of C's atan2. */
TH_INLINE double wide_atan2_of(double y, double x)
{
    const double inf = __builtin_inf();
    double a = __builtin_fabs(y), b = __builtin_fabs(x);
    const int both = a == inf && b == inf, huge = a > 0x1p1000 || b > 0x1p1000, tiny = a < 0x1p-900 && b < 0x1p-900;
    const double scale = tiny ? 0x1p120 : (huge ? 0x1p-120 : 1.0);
    a = both ? 1.0 : a * scale;
    b = both ? 1.0 : b * scale;
    const int steep = a > b;
    const double top = steep ? b : a, bottom = steep ? a : b;
    const int none = bottom == 0.0, one = bottom == inf; /* one infinity: the ratio is 0 */
    const double r = atan_ratio(one ? 0.0 : top, none || one ? 1.0 : bottom);
    const double quarter = steep ? 2.0 * PI_4 - (r - 2.0 * PI_4_LOW) : r;
    const int left = (THMath_bitsDouble(x) >> 63) != 0;
    const double half = left ? 4.0 * PI_4 - (quarter - 4.0 * PI_4_LOW) : quarter;
    return x != x || y != y ? x + y : __builtin_copysign(half, y);
}

TH_LOOP1(asin, scalar_t, scalar_t, , wide_asin_of(x))
TH_LOOP1(acos, scalar_t, scalar_t, , wide_acos_of(x))
#if TH_DTYPE_IS(Double) && TH_CPU_IS(AVX512)
#include "kernels/THAngleVector.h"
VECTOR_LOOP(atan)
#else
TH_LOOP1(atan, scalar_t, scalar_t, , wide_atan_of(x))
#endif
TH_LOOP2(atan2, scalar_t, scalar_t, , wide_atan2_of(x, y))
TH_LOOP1(sinh, scalar_t, scalar_t, , wide_hyperbolic(x, 1))
TH_LOOP1(cosh, scalar_t, scalar_t, , wide_hyperbolic(x, 0))
TH_LOOP1(expm1, scalar_t, scalar_t, , wide_expm1(x))
TH_LOOP1(log2, scalar_t, scalar_t, , wide_log2(x))
TH_LOOP1(log10, scalar_t, scalar_t, , wide_log10(x))

#endif

TH_LOOP1(frac, scalar_t, scalar_t, , __builtin_copysign(__builtin_isinf(x) ? 0.0 : x - __builtin_trunc(x), x))

#if TH_CPU_IS(AVX512)
#include "kernels/THPowerVector.h"
#else
TH_LOOP2(pow, scalar_t, scalar_t, , power(x, y))
#endif
TH_LOOP2(lerp, scalar_t, scalar_t, const scalar_t weight = *(const scalar_t *)args, x + weight * (y - x))

const THElementary TH_TABLE(THElementary) = {
    .asin = TH_KERNEL(asin),
    .acos = TH_KERNEL(acos),
    .atan = TH_KERNEL(atan),
    .atan2 = TH_KERNEL(atan2),
    .sinh = TH_KERNEL(sinh),
    .cosh = TH_KERNEL(cosh),
    .expm1 = TH_KERNEL(expm1),
    .log2 = TH_KERNEL(log2),
    .log10 = TH_KERNEL(log10),
    .frac = TH_KERNEL(frac),
    .pow = TH_KERNEL(pow),
    .lerp = TH_KERNEL(lerp),
};
