/* Elementary functions of one double for CPU levels with FMA, whose exact products shorten what THMathDouble.h does without
 * them. Polynomials are minimax (Remez exchange in 50 digits) on the intervals named. Several chains of terms instead of one:
 * a processor waits for the longest chain, not for the sum of the operations. */
#ifndef TH_FUSED_H
#define TH_FUSED_H

#include "TH/THKernelMath.h"

#include "TH/THKernel.h"

/* What remains of x after n pi/2, the sum of the result and *low; n as `quarters` (modulo 4). |x| <= 10^6. See
 * single_reduce. */
TH_INLINE double fused_reduce(double x, uint64_t *quarters, double *low)
{
    const double magic = 0x1.8p52; /* leaves an integer in the low bits */
    const double shifted = __builtin_fma(x, 0x1.45f306dc9c883p-1, magic), n = shifted - magic;
    const double first = __builtin_fma(n, -0x1.921fb54442d18p+0, x);
    const double product = n * -0x1.1a62633145c07p-54, lost = __builtin_fma(n, -0x1.1a62633145c07p-54, -product);
    const double r = first + product;
    *quarters = THMath_bitsDouble(shifted);
    *low = __builtin_fma(n, 0x1.f1976b7ed8fbcp-110, (product - (r - first)) + lost);
    return r;
}

/* (tan(r) / r - 1) / z of z = r^2, |r| <= pi/4; relative error of the tangent 2^-60. */
TH_INLINE double fused_tanPoly(double z)
{
    const double w = z * z, v = w * w;
    const double top = __builtin_fma(0x1.4601c4d11a0f4p-17, w, __builtin_fma(-0x1.90fdb84e16a3ap-16, z, 0x1.91b135eda7846p-15));
    const double high = __builtin_fma(__builtin_fma(-0x1.9f087444f4b37p-16, z, 0x1.16fd159e611bcp-14), w,
                                      __builtin_fma(0x1.6017715098a89p-14, z, 0x1.fede1995b5725p-13));
    const double middle = __builtin_fma(__builtin_fma(0x1.34c1b47352924p-11, z, 0x1.7db1005197441p-10), w,
                                        __builtin_fma(0x1.d6d2f1a662537p-9, z, 0x1.226e3a44bb9dfp-7));
    const double low = __builtin_fma(__builtin_fma(0x1.664f485f02323p-6, z, 0x1.ba1ba1bab68b9p-5), w,
                                     __builtin_fma(0x1.1111111110674p-3, z, 0x1.555555555555dp-2));
    return __builtin_fma(__builtin_fma(top, v, high), v * v, __builtin_fma(middle, v, low));
}

/* |x| <= 10^6. The derivative of the tangent, by which *low counts, is 1 + z + 2 z^2 / 3 + ... */
TH_INLINE double fused_tan(double x)
{
    uint64_t quarters;
    double low;
    const double r = fused_reduce(x, &quarters, &low), z = r * r;
    const double slope = __builtin_fma(z * z, 0x1.5555555555555p-1, z);
    const double rest = __builtin_fma(fused_tanPoly(z), z * r, __builtin_fma(slope, low, low));
    const double y = r + rest, y_low = (r - y) + rest;
    const double q = -1.0 / y; /* the tangent of what is a quarter turn further */
    const double turned = __builtin_fma(q, __builtin_fma(q, y_low, __builtin_fma(q, y, 1.0)), q);
    return x == 0.0 ? x : ((quarters & 1) ? turned : y);
}

#endif
