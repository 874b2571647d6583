/* erf and erfc of blocks of numbers, in the arithmetic of their dtype. About the node c next to |x|, with d = |x| - c,
 *
 *     erf(c + d) = erf(c) + erf'(c) d I(c d, d^2),   I(u, z) = integral from 0 to 1 of exp(-2 u t - z t^2) dt
 *
 * and erfc likewise, down. The functions and slopes of the nodes are in tables; d is exact. I is a sum of powers of z, whose
 * coefficients are polynomials in u = c d:
 *
 *     I(u, z) = F0(u) - z F1(u) + z^2 F2(u) / 2 - ...,   Fj(u) = integral from 0 to 1 of t^(2 j) exp(-2 u t) dt
 *
 * F0 being 1 + u G(u). The polynomials are minimax (Remez exchange in 60 digits) for all |u| that occur; their errors count as
 * far as d times the slope does, for erfc at most a tenth (Double) and a third (Float) of the result. In sweeps erf is within
 * 1.2 ulp, erfc within 1.7 (Double) and 1.9 (Float).
 *
 * Three loops over a block. The first and the last become vector code; between them the tables are read number by number, which
 * costs less than the instructions that gather, on many processors much less. */
#ifndef TH_ERROR_FUNCTION_H
#define TH_ERROR_FUNCTION_H

#include <string.h>

#include "TH/THKernelMath.h"
#include "kernels/THLoop.h"
#include "kernels/THWide.h"

#define ERROR_BLOCK 128

#if TH_DTYPE_IS(Double)
#include "kernels/THErrorNodesDouble.h"

#define ERROR_FMA TH_MATH_FMA
#define ERROR_ABS __builtin_fabs
#define ERROR_SIGNED __builtin_copysign
#define ERROR_BITS THMath_bitsDouble
#define ERROR_MAGIC 0x1.8p+46 /* adding it rounds to the nodes and leaves their number in the low bits */
#define ERF_LAST 6.0          /* the last node of erf, which is 1 from 5.93 on */
#define ERFC_LAST 6.0
#define ERROR_SCALE 1.0

/* I(u, z) - 1 for |u| <= 6 / 128, 0 <= z <= 2^-14; error of G 2^-47.4, of F1 2^-38.1, of F2 2^-25.4. */
TH_INLINE double error_integral(double u, double z)
{
    const double w = u * u;
    const double g_high = TH_MATH_FMA(-0x1.a031761708a43p-9, w, TH_MATH_FMA(0x1.a030cf52655e5p-7, u, -0x1.6c16c0d35261bp-5));
    const double g_middle = TH_MATH_FMA(g_high, w, TH_MATH_FMA(0x1.111110aa3dd9ep-3, u, -0x1.5555555557ebbp-2));
    const double g = TH_MATH_FMA(g_middle, w, TH_MATH_FMA(0x1.5555555557250p-1, u, -1.0));
    const double first_high = TH_MATH_FMA(-0x1.112885c7a6e17p-5, u, 0x1.863a9680e8a14p-4);
    const double first_middle = TH_MATH_FMA(first_high, w, TH_MATH_FMA(-0x1.c71c6fd0b727fp-3, u, 0x1.999997cadad4dp-2));
    const double first = TH_MATH_FMA(first_middle, w, TH_MATH_FMA(-0.5, u, 0x1.5555555555555p-2));
    const double second_high = TH_MATH_FMA(-0x1.558383d3f62a0p-4, u, 0x1.24bd0c4b78018p-3);
    const double second = TH_MATH_FMA(second_high, w, TH_MATH_FMA(-0x1.555550feb123cp-3, u, 0x1.99999392e41efp-4));
    const double third = TH_MATH_FMA(0x1.5555555555555p-5, u, -0x1.8618618618618p-6);
    const double rest = TH_MATH_FMA(TH_MATH_FMA(third, z, second), z, -first);
    return TH_MATH_FMA(rest, z, u * g);
}

#else
#include "kernels/THErrorNodesSingle.h"

#define ERROR_FMA TH_MATH_FMAF
#define ERROR_ABS __builtin_fabsf
#define ERROR_SIGNED __builtin_copysignf
#define ERROR_BITS THMath_bitsFloat
#define ERROR_MAGIC 0x1.8p+18f
#define ERF_LAST 4.0f        /* erf is 1 from 3.92 on */
#define ERFC_LAST 10.0625f   /* and erfc 0 */
#define ERROR_SCALE 0x1p-64f /* what erfc of the nodes has to be multiplied by */

/* I(u, z) - 1 for |u| <= 0.158, 0 <= z <= 2^-12; error of G 2^-23.6, of F1 2^-12.2. */
TH_INLINE float error_integral(float u, float z)
{
    const float w = u * u;
    const float g_high = TH_MATH_FMAF(-0x1.6d37c0p-5f, w, TH_MATH_FMAF(0x1.11df84p-3f, u, -0x1.5554eap-2f));
    const float g = TH_MATH_FMAF(g_high, w, TH_MATH_FMAF(0x1.555504p-1f, u, -1.0f));
    const float first = TH_MATH_FMAF(0x1.9ca0cep-2f, w, TH_MATH_FMAF(-0x1.021ebep-1f, u, 0x1.55517ep-2f));
    return TH_MATH_FMAF(-first, z, u * g);
}

#endif

/* erf of up to ERROR_BLOCK numbers side by side, or erfc of numbers up to ERFC_LAST. Of nan any node is read, and d is nan. */
TH_INLINE void error_block(scalar_t *r, const scalar_t *a, int64_t n, int is_erf)
{
    scalar_t node[ERROR_BLOCK], from[ERROR_BLOCK];
    int32_t place[ERROR_BLOCK];
    ErrorNode nodes[ERROR_BLOCK];
    const scalar_t last = is_erf ? ERF_LAST : ERFC_LAST;
    for (int64_t i = 0; i < n; i++) {
        const scalar_t size = ERROR_ABS(a[i]), bounded = size > last ? last : size;
        const scalar_t shifted = bounded + ERROR_MAGIC;
        node[i] = shifted - ERROR_MAGIC;
        from[i] = bounded - node[i];
        place[i] = (int32_t)(uint32_t)(ERROR_BITS(shifted) & (ERROR_NODES - 1));
    }
    for (int64_t i = 0; i < n; i++) nodes[i] = is_erf ? erfNodes[place[i]] : erfcNodes[place[i]];
    TH_INDEPENDENT
    for (int64_t i = 0; i < n; i++) {
        const scalar_t x = a[i], d = from[i], slope = nodes[i].slope, rest = error_integral(node[i] * d, d * d);
        const scalar_t rise = d + ERROR_FMA(slope, d, ERROR_FMA(slope, d, d) * rest); /* of erf: its slope is there less 1 */
        const scalar_t fall = ERROR_FMA(slope, d, slope * d * rest);
        const scalar_t y = nodes[i].value + (is_erf ? rise : fall);
        const scalar_t y_down = y * ERROR_SCALE;
        r[i] = is_erf ? ERROR_SIGNED(y, x) : (x < (scalar_t)0 ? (scalar_t)2 - y_down : y_down);
    }
}

#if TH_DTYPE_IS(Double)

/* erfc(a) for a >= 6: exp(-a^2) W(1 / a^2) / a, W(z) being 1 / sqrt(pi) + z Q(z) (error 2^-57). With the upper half h of a's
 * digits, exp(-a^2) is exp(-h^2) exp(-(a - h) (a + h)); h^2 is exact. What W, the product and the quotient lose is put back. */
TH_INLINE double erfc_tail(double a)
{
    static const double poly[] = {0x1.66777416fbb00p+16, -0x1.85f9608ae7a2fp+14, 0x1.fa66519a1dd2ep+11, -0x1.256570db03c04p+9,
                                  0x1.6e0bbdefe1242p+6,  -0x1.0a8f9946f6726p+4,  0x1.d9eb1a4b82083p+1,  -0x1.0ecf9d4ca5f33p+0,
                                  0x1.b14c2f857e957p-2,  -0x1.20dd75042994fp-2};
    const double centre = 0x1.20dd750429b6dp-1, centre_low = 0x1.1ae3a914fed80p-57; /* 1 / sqrt(pi) */
    const uint64_t upper = 0xfffffffff8000000u;
    a = a > 28.0 ? 28.0 : a; /* from 27.3 on it is 0 */
    const double h = THMath_doubleOfBits(THMath_bitsDouble(a) & upper), below = a - h, rest = below * (a + h);
    const WidePower power = wide_reduce(-h * h, 0.0);
    const double r = power.r - rest, low = (power.r - r) - rest;
    const double p = r + TH_MATH_FMA(r * r, WIDE_POLY(expPoly, r), low);
    const double z = 1.0 / (a * a), more = z * WIDE_POLY(poly, z), w = centre + more,
                 w_low = ((centre - w) + more) + centre_low;
    const double grown = TH_MATH_FMA(p, w, w_low), top = w + grown, top_low = (w - top) + grown;
    const double q = top / a, q_upper = THMath_doubleOfBits(THMath_bitsDouble(q) & upper), q_below = q - q_upper;
    const double lost = ((top - q_upper * h) - (q_upper * below + q_below * h)) - q_below * below;
    return wide_scale(q + (lost + top_low) / a, power.n);
}

#endif

static __attribute__((unused)) void erf_dense(scalar_t *r, const scalar_t *a, int64_t n)
{
    error_block(r, a, n, 1);
}

static void erfc_dense(scalar_t *r, const scalar_t *a, int64_t n)
{
#if TH_DTYPE_IS(Double)
    double kept[ERROR_BLOCK]; /* r may be a */
    int64_t beyond = 0;
    for (int64_t i = 0; i < n; i++) beyond += a[i] > ERFC_LAST;
    if (beyond != 0) memcpy(kept, a, (size_t)n * sizeof(double));
    error_block(r, a, n, 0);
    if (beyond == 0) return;
    TH_INDEPENDENT
    for (int64_t i = 0; i < n; i++) {
        const double tail = erfc_tail(kept[i]);
        r[i] = kept[i] > ERFC_LAST ? tail : r[i];
    }
#else
    error_block(r, a, n, 0);
#endif
}

/* Defines TH_KERNEL(name) of <name>_dense; a walk with strides gathers a block. */
#define ERROR_LOOP(name)                                                                                                       \
    static void TH_KERNEL(name)(char *const data[], const int64_t stride[], int64_t n, const void *args)                       \
    {                                                                                                                          \
        const int64_t s = sizeof(scalar_t);                                                                                    \
        const int dense = stride[0] == s && stride[1] == s;                                                                    \
        (void)args;                                                                                                            \
        for (int64_t begin = 0; begin < n; begin += ERROR_BLOCK) {                                                             \
            const int64_t count = n - begin < ERROR_BLOCK ? n - begin : ERROR_BLOCK;                                           \
            char *const r = data[0] + begin * stride[0];                                                                       \
            const char *const a = data[1] + begin * stride[1];                                                                 \
            if (dense) {                                                                                                       \
                name##_dense((scalar_t *)(void *)r, (const scalar_t *)(const void *)a, count);                                 \
                continue;                                                                                                      \
            }                                                                                                                  \
            scalar_t block[ERROR_BLOCK];                                                                                       \
            for (int64_t i = 0; i < count; i++) block[i] = TH_CONST_AT(scalar_t, a, stride[1], i);                             \
            name##_dense(block, block, count);                                                                                 \
            for (int64_t i = 0; i < count; i++) TH_AT(scalar_t, r, stride[0], i) = block[i];                                   \
        }                                                                                                                      \
    }

#endif
