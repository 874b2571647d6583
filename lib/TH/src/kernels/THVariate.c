/* Gamma numbers by G. Marsaglia and W. Tsang, "A simple method for generating gamma variables", 2000; Poisson and binomial
 * numbers of large mean by W. Hoermann's transformed rejection (PTRS and BTRS, 1993), of small mean by inversion. LANES
 * elements try together; who was accepted keeps the number. Only functions of THRandomMath.h: the numbers are equal on every
 * CPU. */
#include "kernels/THVariate.h"

#include <math.h>
#include <stdbool.h>

#include "kernels/THPhilox.h"
#include "kernels/THRandomMath.h"

#define LANES TH_PHILOX_LANES
#define LARGE_MEAN 10.0 /* from there on by rejection */

/* The numbers that one try may use: in (0, 1], and a normal one. */
typedef struct Try {
    double u, v, boost, normal;
} Try;

/* log(1 + t) - t for t > -1, exact also where that is tiny: log(1 + t) = 2 artanh(s), t = 2 s / (1 - s), s = t / (2 + t). */
static double logLess(double t)
{
    if (!(t > -0.25 && t < 0.25)) return logarithm(1.0 + t) - t;
    const double s = t / (2.0 + t), z = s * s;
    const double high = 1.0 / 9 + z * (1.0 / 11 + z * (1.0 / 13 + z * (1.0 / 15 + z * (1.0 / 17))));
    return 2.0 * s * z * (1.0 / 3 + z * (1.0 / 5 + z * (1.0 / 7 + z * high))) - s * t;
}

/* log k! less Stirling's formula (k + 1/2) log k - k + log(2 pi) / 2, for whole k >= 1. */
static double stirlingRest(double k)
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
static double deviance(double x, double m)
{
    return x * logLess((m - x) / x);
}

static bool gammaTry(const Try *t, double shape, double *logarithm_, double *number)
{
    const double a = shape < 1.0 ? shape + 1.0 : shape; /* and then that number times boost^(1 / shape) */
    const double d = a - 1.0 / 3, y = t->normal / __builtin_sqrt(9.0 * d), more = y * (3.0 + y * (3.0 + y));
    if (!(y > -1.0) || !(more > -1.0)) return false;
    if (!(logarithm(t->u) < 0.5 * t->normal * t->normal + d * logLess(more))) return false;
    const double shift = shape < 1.0 ? logarithm(t->boost) / shape : 0.0;
    *logarithm_ = logarithm(d) + logarithm(1.0 + more) + shift;
    *number = d * (1.0 + more) * (shape < 1.0 ? exponential(shift) : 1.0);
    return true;
}

static bool gammaNumber(const Try *t, double shape, double unused, double *number)
{
    double other;
    (void)unused;
    if (shape > 0.0 && shape < INFINITY) return gammaTry(t, shape, &other, number);
    *number = shape >= 0.0 ? shape : NAN;
    return true;
}

static bool gammaLogarithm(const Try *t, double shape, double unused, double *number)
{
    double other;
    (void)unused;
    if (shape > 0.0 && shape < INFINITY) return gammaTry(t, shape, number, &other);
    *number = shape >= 0.0 ? (shape > 0.0 ? INFINITY : -INFINITY) : NAN;
    return true;
}

static double poissonLog(double k, double mean)
{
    return k > 0.0 ? deviance(k, mean) - stirlingRest(k) - 0.5 * logarithm(6.283185307179586 * k) : -mean;
}

static bool poissonNumber(const Try *t, double mean, double unused, double *number)
{
    (void)unused;
    *number = mean >= 0.0 ? floor(mean) : NAN;
    if (!(mean > 0.0 && mean < INFINITY)) return true;
    if (mean < LARGE_MEAN) {
        double k = 0.0, p = exponential(-mean), sum = p;
        for (; t->u > sum && k < 200.0; sum += p) p *= mean / ++k;
        *number = k;
        return true;
    }
    const double b = 0.931 + 2.53 * __builtin_sqrt(mean), a = -0.059 + 0.02483 * b;
    const double u = t->u - 0.5, us = 0.5 - __builtin_fabs(u), v = t->v;
    const double k = floor((2.0 * a / us + b) * u + mean + 0.43);
    if (!(k >= 0.0 && k < INFINITY) || (us < 0.013 && v > us)) return false;
    *number = k;
    if (us >= 0.07 && v <= 0.9277 - 3.6224 / (b - 2.0)) return true;
    const double scaled = v * (1.1239 + 1.1328 / (b - 3.4)) / (a / (us * us) + b);
    return logarithm(scaled) <= poissonLog(k, mean);
}

static double binomialLog(double k, double n, double p)
{
    if (k == 0.0) return n * (logLess(-p) - p);
    if (k == n) return n * logarithm(p);
    const double rests = stirlingRest(n) - stirlingRest(k) - stirlingRest(n - k);
    const double spread = 0.5 * logarithm(6.283185307179586 * k * ((n - k) / n));
    return rests + deviance(k, n * p) + deviance(n - k, n * (1.0 - p)) - spread;
}

/* For p <= 1/2. */
static bool binomialSmaller(const Try *t, double n, double p, double *number)
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
    const double spread = __builtin_sqrt(n * p * (1.0 - p)), b = 1.15 + 2.53 * spread, a = -0.0873 + 0.0248 * b + 0.01 * p;
    const double u = t->u - 0.5, us = 0.5 - __builtin_fabs(u), v = t->v;
    const double k = floor((2.0 * a / us + b) * u + n * p + 0.5);
    if (!(k >= 0.0 && k <= n)) return false;
    *number = k;
    if (us >= 0.07 && v <= 0.92 - 4.2 / b) return true;
    const double scaled = v * (2.83 + 5.1 / b) * spread / (a / (us * us) + b), mode = floor((n + 1.0) * p);
    return logarithm(scaled) <= binomialLog(k, n, p) - binomialLog(mode, n, p);
}

static bool binomialNumber(const Try *t, double n, double p, double *number)
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

TH_INLINE double open53(const THPhilox *words, int word, int lane)
{
    return (bits53(words->w[word][lane], words->w[word + 1][lane]) + 1.0) * 0x1p-53;
}

typedef bool (*Attempt)(const Try *t, double a, double b, double *number);

/* Two counters make a try: (u, v) of the first; of the second, where `normal` wants them, the normal number, and the boost in
 * the place of v. */
TH_INLINE void fill(double *out, const double *a, const double *b, int64_t n, uint64_t seed, uint64_t counter, uint64_t step,
                    Attempt attempt, bool normal)
{
    THPhilox first, second;
    for (int64_t begin = 0; begin < n; begin += LANES) {
        const int count = n - begin < LANES ? (int)(n - begin) : LANES;
        bool done[LANES] = {false};
        int left = count;
        for (uint64_t at = counter + (uint64_t)begin, k = 0; k < TH_VARIATE_COUNTERS && left > 0; k += 2, at += 2 * step) {
            thPhilox_run(&first, seed, at);
            if (normal) thPhilox_run(&second, seed, at + step);
            for (int l = 0; l < count; l++) {
                if (done[l]) continue;
                Try t = {.u = open53(&first, 0, l), .v = open53(&first, 2, l)};
                t.boost = t.v;
                if (normal) {
                    double cosine, sine;
                    circle(open53(&second, 2, l) - 0x1p-53, &cosine, &sine);
                    t.normal = __builtin_sqrt(-2.0 * logarithm(open53(&second, 0, l))) * cosine;
                }
                done[l] = attempt(&t, a[begin + l], b == NULL ? 0.0 : b[begin + l], out + begin + l);
                left -= done[l];
            }
        }
    }
}

#define VARIATE(name, attempt, normal)                                                                                         \
    static void TH_KERNEL(name)(double *out, const double *a, const double *b, int64_t n, uint64_t seed, uint64_t counter,     \
                                uint64_t step)                                                                                 \
    {                                                                                                                          \
        fill(out, a, b, n, seed, counter, step, attempt, normal);                                                              \
    }

VARIATE(gammaVariate, gammaNumber, true)
VARIATE(gammaLogVariate, gammaLogarithm, true)
VARIATE(poissonVariate, poissonNumber, false)
VARIATE(binomialVariate, binomialNumber, false)

const THVariate TH_TABLE(THVariate) = {
    .gamma = TH_KERNEL(gammaVariate),
    .gammaLog = TH_KERNEL(gammaLogVariate),
    .poisson = TH_KERNEL(poissonVariate),
    .binomial = TH_KERNEL(binomialVariate),
};
