/* The derivatives of log gamma, of one double, for every dtype; kernels of devices include this header, too. They are rarely
 * wanted of many elements: plain code with branches. */
#ifndef TH_GAMMA_MATH_H
#define TH_GAMMA_MATH_H

#include <math.h>

#include "TH/THKernel.h"

#ifdef __CUDACC__
#define GAMMA_TABLE static __constant__ const double
#define GAMMA_FMA(a, b, c) fma((a), (b), (c))
#else
#include "TH/THKernelMath.h"
#define GAMMA_TABLE static const double
#define GAMMA_FMA(a, b, c) TH_MATH_FMA((a), (b), (c))
#endif

#define GAMMA_PI 3.14159265358979323846

/* clang-format off */
/* digamma(x) / (x - root) of x - 3/2 for x in [1, 2], relative error 2^-57. */
GAMMA_TABLE digammaPoly[] = {
    -0x1.724570309af6dp-13, 0x1.107fda0c6a8aap-12, -0x1.343fb0c69a8e1p-13, 0x1.dc0aff2e9d6e1p-13,
    -0x1.fc4582459d586p-12, 0x1.7b4c3574f6860p-11, -0x1.0fcd6c72cf51bp-10, 0x1.980d4cef027d5p-10,
    -0x1.336b3f5dd9f95p-9, 0x1.cd3e7b473d83bp-9, -0x1.5a06ccc4622d2p-8, 0x1.03c0067553d34p-7, -0x1.86356277caa83p-7,
    0x1.256475f2e7afcp-6, -0x1.b9f8b124b8e15p-6, 0x1.4de9aa05925b3p-5, -0x1.fb44202a06d32p-5, 0x1.8512e5905db98p-4,
    -0x1.2feeeb98a7a38p-3, 0x1.eca189b8e6d98p-3, -0x1.b1cb63005ee98p-2, 0x1.e6f0cbb873617p-1};
/* B(2k) / (2k)! for k = 1, 2, ..., as fractions: Euler and Maclaurin's correction of a sum by an integral. */
GAMMA_TABLE bernoulliTerms[] = {
    1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160, -691.0 / 1307674368000.0, 1.0 / 74724249600.0,
    -3617.0 / 10670622842880000.0, 43867.0 / 5109094217170944000.0, -174611.0 / 802857662698291200000.0};
/* clang-format on */

TH_INLINE double gamma_poly(double x)
{
    double p = digammaPoly[0];
    for (int i = 1; i < (int)(sizeof(digammaPoly) / sizeof(digammaPoly[0])); i++) p = GAMMA_FMA(p, x, digammaPoly[i]);
    return p;
}

/* x > 0: by the polynomial on [1, 2], reached by digamma(x + 1) = digamma(x) + 1 / x; from 10 on by the asymptotic series. */
TH_INLINE double gamma_digammaPositive(double x)
{
    if (x >= 10.0) {
        const double z = 1.0 / (x * x);
        double p = 1.0 / 12;
        p = p * z - 691.0 / 32760;
        p = p * z + 1.0 / 132;
        p = p * z - 1.0 / 240;
        p = p * z + 1.0 / 252;
        p = p * z - 1.0 / 120;
        p = p * z + 1.0 / 12;
        return log(x) - 0.5 / x - p * z;
    }
    double sum = 0.0;
    for (; x > 2.0; x -= 1.0) sum += 1.0 / (x - 1.0);
    for (; x < 1.0; x += 1.0) sum -= 1.0 / x;
    return sum + ((x - 0x1.762d86356be3fp+0) - 0x1.b86a722197829p-54) * gamma_poly(x - 1.5);
}

/* nan at negative integers and -inf. */
TH_INLINE double gamma_digamma(double x)
{
    if (x > 0.0) return gamma_digammaPositive(x);
    if (x == 0.0) return copysign(INFINITY, -x);
    const double part = x - rint(x); /* of one period of the tangent */
    if (!(part != 0.0)) return NAN;
    return gamma_digammaPositive(1.0 - x) - GAMMA_PI / tan(GAMMA_PI * part);
}

/* The sum of (q + k)^-s over k = 0, 1, ...; q > 0, s >= 2: ten terms or more, then the integral with its corrections. */
TH_INLINE double gamma_zeta(int s, double q)
{
    double sum = 0.0;
    int k = 0;
    for (; k < 10 || q + k < 0.5 * s; k++) {
        const double term = pow(q + k, (double)-s);
        sum += term;
        if (term < 0x1p-60 * sum) return sum;
    }
    const double a = q + k, top = pow(a, (double)-s);
    double factor = s * top / a, tail = a * top / (s - 1) + 0.5 * top;
    for (int j = 0; j < (int)(sizeof(bernoulliTerms) / sizeof(bernoulliTerms[0])); j++) {
        tail += bernoulliTerms[j] * factor;
        factor *= (s + 2.0 * j + 1) * (s + 2.0 * j + 2) / (a * a);
    }
    return sum + tail;
}

/* (-1)^(n + 1) n! times the sum of (x + k)^-(n + 1). For x < 0 the sum over all integers k, which has period 1, less that over
 * the negative ones. */
TH_INLINE double gamma_polygamma(int n, double x)
{
    const int s = n + 1;
    const double sign = n % 2 == 1 ? 1.0 : -1.0, factorial = tgamma((double)s);
    if (n == 0) return gamma_digamma(x);
    if (x > 0.0) return x < INFINITY ? sign * factorial * gamma_zeta(s, x) : sign * 0.0;
    if (x == 0.0) return n % 2 == 1 ? INFINITY : copysign(INFINITY, -x);
    const double part = x - floor(x), other = ceil(x) - x; /* the small one is exact */
    if (!(part > 0.0)) return n % 2 == 1 && x == x && x > -INFINITY ? INFINITY : NAN;
    const double all = gamma_zeta(s, part) + sign * gamma_zeta(s, other);
    return sign * factorial * (all - sign * gamma_zeta(s, 1.0 - x));
}

#endif
