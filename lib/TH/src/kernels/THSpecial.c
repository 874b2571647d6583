/* Special functions: erf and erfc by THErrorFunction.h, but erf and erfinv of Float by THSingle.h where the CPU level has FMA;
 * the others computed in double for either dtype (THWide.h). */
#define _DEFAULT_SOURCE /* lgamma_r */
#include "kernels/THSpecial.h"

#include <math.h>

#include "TH/THGammaMath.h"
#include "kernels/THErrorFunction.h"
#include "kernels/THWide.h"

#if TH_DTYPE_IS(Float) && !TH_CPU_IS(BASE)
#include "kernels/THSingle.h"
#endif

/* clang-format off */
/* Of erfinv (see there) and lgamma. */
#if TH_DTYPE_IS(Double)
static const double nearPoly[] = {
    -0x1.9939b296ac7cdp-72, 0x1.d1d1df344c9fdp-67, -0x1.adccf22fe788cp-63, 0x1.5ddd50527250cp-60, 0x1.33d0733524d47p-61,
    -0x1.19d56af76bc9dp-54, 0x1.4f989f129168dp-52, 0x1.a5ebdf3e731d9p-50, -0x1.63df55492d85cp-46, 0x1.2807672aadfd8p-46,
    0x1.dc27ca4c656bdp-41, -0x1.30a67a1a6fa4fp-38, -0x1.759566c43fa74p-36, 0x1.432a5eb812283p-32,
    -0x1.19d5ae47348a6p-32, -0x1.bb1ad06a14b3dp-27, 0x1.289ea251f353dp-24, 0x1.545098d940b2ap-22,
    -0x1.471ec4d8b0457p-18, 0x1.fcca0b2ccff01p-18, 0x1.c4dab7c605dd6p-13, -0x1.bb9627a1f0efcp-10, -0x1.01f7f04aa439ep-9,
    0x1.ff8666bb1460dp-3, 0x1.8244b4540a1adp-2};
static const double tailPoly[] = {
    -0x1.48b7d959b7966p-30, -0x1.778c0b7096288p-28, 0x1.bd1de53ee161fp-26, -0x1.719e98ee3cc9fp-26,
    -0x1.9ff6b0c08d39cp-24, 0x1.aceccbaafc394p-22, -0x1.4c6b90715f93ep-21, -0x1.f3b0dde2e7073p-22,
    0x1.55102878b79a0p-18, -0x1.cf4ef1b6da628p-17, 0x1.1e779ec0ff1d3p-16, 0x1.95167a365f9bap-16,
    -0x1.d19a56f29ac9ep-13, 0x1.c0cddfd8b21b7p-11, -0x1.4096906dcb33fp-9, 0x1.30e9d719b5d7ep-8, 0x1.0168ca8555d93p+0,
    0x1.8abb74e751a6bp+1};
static const double endPoly[] = {
    -0x1.6ddf67ebf9536p-38, 0x1.b1048ff89770cp-36, -0x1.a3aadeaa07e03p-35, 0x1.b9b6491df50dep-35,
    0x1.090243d1e85a5p-34, -0x1.14e5b85ac52c9p-30, 0x1.d036307d851d8p-28, -0x1.4276748ca7d07p-25,
    0x1.a112f50212df6p-23, -0x1.014c7aab631b8p-20, 0x1.2dcd0c3afdfc2p-18, -0x1.49de79b99a2d7p-16,
    0x1.3eb336362f392p-14, -0x1.c2f0c4b9836bap-13, -0x1.22eb371b1b6f6p-13, 0x1.02a30d2124a3fp+0, 0x1.3664ddd1a43ddp+2};
static const double gammaPoly[] = {
    0x1.02729ae98507fp-23, -0x1.0f2c0333ca922p-22, 0x1.a103a7a312000p-22, -0x1.b8b776dda014ap-21,
    0x1.e683c8c6154d8p-20, -0x1.02caf69d7c8abp-18, 0x1.13ddf755f9d8bp-17, -0x1.2849f4abb7918p-16,
    0x1.402f379a1bea0p-15, -0x1.5c86deca13f0ap-14, 0x1.7ed7331ab0456p-13, -0x1.a96a3f7a7fee8p-12,
    0x1.dfebcf8fa468ap-11, -0x1.145121fa341a6p-9, 0x1.47974853a9956p-8, -0x1.95ce223a9c32bp-7, 0x1.0e0c9df293533p-5,
    -0x1.9ae6509ea10a0p-4, 0x1.b0ee6072093cep-2};
static const double stirlingPoly[] = {
    0x1.6fe96381e0680p-3, -0x1.e4286cb0f5398p-6, 0x1.a41a41a41a41ap-8, -0x1.f6ab0d9993c7dp-10, 0x1.b951e2b18ff23p-11,
    -0x1.3813813813814p-11, 0x1.a01a01a01a01ap-11, -0x1.6c16c16c16c17p-9, 0x1.5555555555555p-4};
#else
#if TH_CPU_IS(BASE)
static const double middlePoly[] = {
    0x1.7073744c0c443p-32, -0x1.2d70e68f94169p-27, 0x1.36019fb1f8d6bp-26, 0x1.f440f42a18ea1p-22,
    -0x1.ccfdeb53eede9p-19, -0x1.4cfd9df00e683p-18, 0x1.c9c5a745c67c2p-13, -0x1.486643ecc700dp-10,
    -0x1.11c42077105a9p-8, 0x1.f91e8b084a214p-3, 0x1.805c5d073fbd1p+0};
static const double tailPoly[] = {
    -0x1.0a4c38ded06f5p-16, 0x1.d5b773635e951p-15, -0x1.6b34ab02e0b64p-15, -0x1.ce50f9f237941p-13,
    0x1.2c10f2e0e3ce5p-10, -0x1.c393de7d8fef5p-9, 0x1.c07da54bda5fdp-8, 0x1.00ae7b96c75d1p+0, 0x1.6a99416f2c337p+1};
#endif
static const double gammaPoly[] = {
    0x1.471f2ea93c8f5p-18, -0x1.44bd96244ff65p-17, 0x1.2dbf8177d7168p-19, -0x1.e89a97464336cp-18,
    0x1.6ea4a38e7b9c8p-15, -0x1.80c4cd20d70cdp-14, 0x1.7914869f4d20fp-13, -0x1.a5821ea7315b0p-12,
    0x1.e04d618d69bd2p-11, -0x1.146c586e8a3d1p-9, 0x1.4795b69eb716bp-8, -0x1.95cd7caebe75ap-7, 0x1.0e0ca06497a5bp-5,
    -0x1.9ae6512f6848bp-4, 0x1.b0ee607169dffp-2};
static const double stirlingPoly[] = {
    -0x1.99026f4f4a726p-11, 0x1.7a2fb97a9fe97p-11, -0x1.346814b48e1cep-11, 0x1.9ffe084db798dp-11,
    -0x1.6c16aa097f2acp-9, 0x1.55555554a0d81p-4};
#endif
/* clang-format on */

/* The kernel `name`, in blocks: one with a number x that is rare takes the loop `all`, others take `common`. */
#define TH_BLOCKS(name, is_rare, common, all)                                                                                  \
    static void TH_KERNEL(name)(char *const data[], const int64_t stride[], int64_t n, const void *args)                       \
    {                                                                                                                          \
        const int64_t block = 128;                                                                                             \
        for (int64_t begin = 0; begin < n; begin += block) {                                                                   \
            const int64_t count = n - begin < block ? n - begin : block;                                                       \
            char *const part[2] = {data[0] + begin * stride[0], data[1] + begin * stride[1]};                                  \
            int64_t rare = 0;                                                                                                  \
            for (int64_t i = 0; i < count; i++) {                                                                              \
                const scalar_t x = TH_CONST_AT(scalar_t, part[1], stride[1], i);                                               \
                rare += (is_rare);                                                                                             \
            }                                                                                                                  \
            if (rare == 0)                                                                                                     \
                TH_KERNEL(common)(part, stride, count, args);                                                                  \
            else                                                                                                               \
                TH_KERNEL(all)(part, stride, count, args);                                                                     \
        }                                                                                                                      \
    }

#if TH_DTYPE_IS(Double)

/* With w = -log(1 - x^2): x + x P(w) up to w = 6.25 (a Chebyshev series, error 2^-57), above that polynomials in sqrt(w), up to
 * 4 and up to 6.2, which is that of the last number before 1. */
TH_INLINE double wide_erfinvLog(double a)
{
    return -wide_log((1.0 - a) * (1.0 + a));
}

TH_INLINE double wide_erfinvNear(double a, double w)
{
    return TH_MATH_FMA(a, WIDE_CHAINS(nearPoly, w - 2.0), a);
}

#define ERFINV_NEAR 0.999 /* w is 6.21 */

TH_INLINE double wide_erfinv(double x)
{
    const double a = __builtin_fabs(x), w = wide_erfinvLog(a), s = __builtin_sqrt(w);
    const double tail = WIDE_POLY(tailPoly, s - 3.25), end = WIDE_POLY(endPoly, s - 5.0);
    const double far = a == 1.0 ? __builtin_inf() : (s <= 4.0 ? tail : end);
    return __builtin_copysign(w <= 6.25 ? wide_erfinvNear(a, w) : far, x);
}

TH_LOOP1(erfinvNear, scalar_t, scalar_t, ,
         __builtin_copysign(wide_erfinvNear(__builtin_fabs(x), wide_erfinvLog(__builtin_fabs(x))), x))
TH_LOOP1(erfinvAll, scalar_t, scalar_t, , wide_erfinv(x))

/* Blocks without numbers next to 1 or beyond leave the rare polynomials out. */
TH_BLOCKS(erfinv, __builtin_fabs(x) > ERFINV_NEAR, erfinvNear, erfinvAll)

/* log gamma(x) for x > 0. Below 8, with u = x - n for the nearest whole n: gamma(2 + u), which is (1 + u) u P(u), times or over
 * the numbers that lead from 2 + u to x, whose logarithm is taken once; above Stirling's series. u is exact, and 0 at 1 and 2,
 * where the result is. */
TH_INLINE double wide_lgammaPositive(double x)
{
    const double n = __builtin_rint(x), u = x - n;
    double between = n < 1.0 ? x * (x + 1.0) : n < 2.0 ? x : 1.0;
#pragma GCC unroll 8
    for (int j = 1; j <= 6; j++) between *= (double)(j + 2) <= n ? x - (double)j : 1.0;
    const double logarithm = wide_log(x < 8.0 ? between : x);
    const double near = (u + 1.0) * u * WIDE_POLY(gammaPoly, u) + (n < 2.0 ? -logarithm : logarithm);
    const double inverse = 1.0 / x;
    const double rest = inverse * WIDE_POLY(stirlingPoly, inverse * inverse) + 0x1.acfe390c97d69p-2; /* log(2 pi) / 2 - 1/2 */
    const double far = x < __builtin_inf() ? (x - 0.5) * (logarithm - 1.0) + rest : x;
    return x < 8.0 ? near : far;
}

#else

#if TH_CPU_IS(BASE)
/* With w = -log(1 - x^2): x P(w) up to w = 5, a polynomial in sqrt(w) above. */
TH_INLINE double wide_erfinv(double x)
{
    const double a = __builtin_fabs(x);
    const double w = -wide_log((1.0 - a) * (1.0 + a)), s = __builtin_sqrt(w);
    const double near = x * WIDE_POLY(middlePoly, w - 2.5);
    const double far = __builtin_copysign(a == 1.0 ? __builtin_inf() : WIDE_POLY(tailPoly, s - 3.0), x);
    return w < 5.0 ? near : far;
}

TH_LOOP1(erfinv, scalar_t, scalar_t, , wide_erfinv(x))
#else
TH_LOOP1(erfinv, scalar_t, scalar_t, , single_erfinv(x))
#endif

/* log gamma(x) for x > 0. Below 3: (t - 1) (t - 2) P(t), t = x, or t = x + 1 and log x taken off; above Stirling's series. */
TH_INLINE double wide_lgammaPositive(double x)
{
    const double logarithm = wide_log(x), t = x < 1.0 ? x + 1.0 : x;
    const double near = (x < 1.0 ? -logarithm : 0.0) + (t - 1.0) * (t - 2.0) * WIDE_POLY(gammaPoly, t - 2.0);
    const double inverse = 1.0 / x;
    const double rest = inverse * WIDE_POLY(stirlingPoly, inverse * inverse) + 0x1.d67f1c864beb5p-1; /* log(2 pi) / 2 */
    const double far = x < __builtin_inf() ? (x - 0.5) * (logarithm - 1.0) + (rest - 0.5) : x;
    return x < 3.0 ? near : far;
}

#endif

static scalar_t wide_lgamma(scalar_t x)
{
    int sign;
    return (scalar_t)(x > (scalar_t)0 ? wide_lgammaPositive(x) : lgamma_r(x, &sign));
}

TH_LOOP1(lgammaPositive, scalar_t, scalar_t, , wide_lgammaPositive(x))
TH_LOOP1(lgammaAll, scalar_t, scalar_t, , wide_lgamma(x))

/* Blocks of positive numbers take the vector code. */
TH_BLOCKS(lgamma, !(x > (scalar_t)0), lgammaPositive, lgammaAll)
#if TH_DTYPE_IS(Float) && !TH_CPU_IS(BASE)
TH_LOOP1(erf, float, float, , single_erf(x))
#else
ERROR_LOOP(erf)
#endif
ERROR_LOOP(erfc)
TH_LOOP1(digamma, scalar_t, scalar_t, , gamma_digamma(x))
TH_LOOP1(polygamma, scalar_t, scalar_t, const int order = *(const int *)args, gamma_polygamma(order, x))

const THSpecial TH_TABLE(THSpecial) = {
    .erf = TH_KERNEL(erf),
    .erfc = TH_KERNEL(erfc),
    .erfinv = TH_KERNEL(erfinv),
    .lgamma = TH_KERNEL(lgamma),
    .digamma = TH_KERNEL(digamma),
    .polygamma = TH_KERNEL(polygamma),
};
