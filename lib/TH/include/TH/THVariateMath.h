/* Random numbers whose law has parameters for each element. Gamma numbers by G. Marsaglia and W. Tsang, "A simple method for
 * generating gamma variables", 2000; Poisson and binomial numbers of large mean by W. Hoermann's transformed rejection (PTRS
 * and BTRS, 1993), of small mean by inversion. Only functions of THRandomMath.h, for double: the numbers are equal on every
 * CPU, and on devices. */
#ifndef TH_VARIATE_MATH_H
#define TH_VARIATE_MATH_H

#include "TH/THKernel.h"

/* Counters that one element may use. Each has its own, so that no number depends on how often others were rejected: element i
 * of n takes counter + i, counter + i + n, ... */
#define TH_VARIATE_COUNTERS 64
#define TH_VARIATE_ROUND 3 /* of them for two tries of a gamma number */

#if TH_DTYPE_IS(Double)

#include <math.h>
#include <stdbool.h>

#include "TH/THRandomMath.h"

#define LARGE_MEAN 10.0  /* from there on by rejection */
#define POISSON_MOST 200 /* below that mean no number is as large */

/* The numbers that one try may use, in (0, 1]. */
typedef struct Try {
    double u, v;
} Try;

/* log(1 + t) - t for t > -1, exact also where that is tiny: log(1 + t) = 2 artanh(s), t = 2 s / (1 - s), s = t / (2 + t). */
TH_INLINE double logLess(double t)
{
    if (!(t > -0.25 && t < 0.25)) return logarithm(1.0 + t) - t;
    const double s = t / (2.0 + t), z = s * s;
    const double high = 1.0 / 9 + z * (1.0 / 11 + z * (1.0 / 13 + z * (1.0 / 15 + z * (1.0 / 17))));
    return 2.0 * s * z * (1.0 / 3 + z * (1.0 / 5 + z * (1.0 / 7 + z * high))) - s * t;
}

/* log k! less Stirling's formula (k + 1/2) log k - k + log(2 pi) / 2, for whole k >= 1. */
TH_INLINE double stirlingRest(double k)
{
    static const double rest[] = {
        0.08106146679532726,  0.04134069595540929,  0.02767792568499834,  0.02079067210376509,  0.01664469118982119,
        0.013876128823070748, 0.011896709945891770, 0.010411265261972096, 0.009255462182712733,
    };
    if (k < 10.0) return rest[(int)k - 1];
    const double z = 1.0 / (k * k);
    return (1.0 / 12 - z * (1.0 / 360 - z * (1.0 / 1260 - z * (1.0 / 1680)))) / k;
}

/* log of x^x e^(m - x) / m^x, at most 0: how much less x is expected than m, for x > 0. */
TH_INLINE double deviance(double x, double m)
{
    return x * logLess((m - x) / x);
}

/* d (1 + *more) is a gamma number of shape d + 1/3 >= 1, if u, in (0, 1], accepts what is made of a normal number. */
TH_INLINE bool gammaTry(double normal, double u, double d, double *more)
{
    const double y = normal / root(9.0 * d), square = normal * normal;
    *more = y * (3.0 + y * (3.0 + y));
    if (!(y > -1.0)) return false;
    if (u < 1.0 - 0.0331 * square * square) return true; /* what follows would say the same */
    return *more > -1.0 && logarithm(u) < 0.5 * square + d * logLess(*more);
}

TH_INLINE double poissonLog(double k, double mean)
{
    return k > 0.0 ? deviance(k, mean) - stirlingRest(k) - 0.5 * logarithm(6.283185307179586 * k) : -mean;
}

TH_INLINE bool poissonNumber(const Try *t, double mean, double unused, double *number)
{
    (void)unused;
    *number = mean >= 0.0 ? floor(mean) : NAN;
    if (!(mean > 0.0 && mean < INFINITY)) return true;
    if (mean < LARGE_MEAN) {
        double k = 0.0, p = exponential(-mean), sum = p;
        for (; t->u > sum && k < POISSON_MOST; sum += p) p *= mean / ++k;
        *number = k;
        return true;
    }
    const double b = 0.931 + 2.53 * root(mean), a = -0.059 + 0.02483 * b;
    const double u = t->u - 0.5, us = 0.5 - fabs(u), v = t->v;
    const double k = floor((2.0 * a / us + b) * u + mean + 0.43);
    if (!(k >= 0.0 && k < INFINITY) || (us < 0.013 && v > us)) return false;
    *number = k;
    if (us >= 0.07 && v <= 0.9277 - 3.6224 / (b - 2.0)) return true;
    const double scaled = v * (1.1239 + 1.1328 / (b - 3.4)) / (a / (us * us) + b);
    return logarithm(scaled) <= poissonLog(k, mean);
}

TH_INLINE double binomialLog(double k, double n, double p)
{
    if (k == 0.0) return n * (logLess(-p) - p);
    if (k == n) return n * logarithm(p);
    const double rests = stirlingRest(n) - stirlingRest(k) - stirlingRest(n - k);
    const double spread = 0.5 * logarithm(6.283185307179586 * k * ((n - k) / n));
    return rests + deviance(k, n * p) + deviance(n - k, n * (1.0 - p)) - spread;
}

/* For p <= 1/2. */
TH_INLINE bool binomialSmaller(const Try *t, double n, double p, double *number)
{
    if (n * p < LARGE_MEAN) {
        double k = 0.0, share = exponential(n * (logLess(-p) - p)), sum = share;
        for (; t->u > sum && k < n && k < 1000.0; sum += share) {
            share *= (n - k) / (k + 1.0) * (p / (1.0 - p));
            k++;
        }
        *number = k;
        return true;
    }
    const double spread = root(n * p * (1.0 - p)), b = 1.15 + 2.53 * spread, a = -0.0873 + 0.0248 * b + 0.01 * p;
    const double u = t->u - 0.5, us = 0.5 - fabs(u), v = t->v;
    const double k = floor((2.0 * a / us + b) * u + n * p + 0.5);
    if (!(k >= 0.0 && k <= n)) return false;
    *number = k;
    if (us >= 0.07 && v <= 0.92 - 4.2 / b) return true;
    const double scaled = v * (2.83 + 5.1 / b) * spread / (a / (us * us) + b), mode = floor((n + 1.0) * p);
    return logarithm(scaled) <= binomialLog(k, n, p) - binomialLog(mode, n, p);
}

TH_INLINE bool binomialNumber(const Try *t, double n, double p, double *number)
{
    *number = NAN;
    if (!(n >= 0.0 && n < INFINITY && p >= 0.0 && p <= 1.0)) return true;
    *number = p < 0.5 ? 0.0 : n;
    if (n == 0.0 || p == 0.0 || p == 1.0) return true;
    *number = floor(n * p); /* if all tries fail, which does not happen */
    const bool accepted = binomialSmaller(t, n, p <= 0.5 ? p : 1.0 - p, number);
    if (p > 0.5) *number = n - *number;
    return accepted;
}

#endif

#endif
