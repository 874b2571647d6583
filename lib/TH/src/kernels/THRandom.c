/* What is made of Philox's bits. Everything runs over LANES counters side by side, so that it vectorises, and uses only
 * operations that IEEE 754 rounds correctly (+ - * / sqrt, conversions), none of them fused: the numbers are equal on every
 * CPU. */
#include "kernels/THRandom.h"

#include <string.h>

#include "core/THHalf.h"
#include "kernels/THPhilox.h"

#define LANES TH_PHILOX_LANES

static void TH_KERNEL(words)(uint32_t *out, int64_t n, uint64_t seed, uint64_t counter)
{
    THPhilox words;
    uint32_t block[4 * LANES];
    for (int64_t i = 0; i < n; i += 4 * LANES, counter += LANES) {
        thPhilox_run(&words, seed, counter);
        for (int l = 0; l < LANES; l++) {
            for (int w = 0; w < 4; w++) block[4 * l + w] = words.w[w][l];
        }
        memcpy(out + i, block, sizeof *block * (size_t)(n - i < 4 * LANES ? n - i : 4 * LANES));
    }
}

/* --- float, and half by way of it ---------------------------------------------------------------------------------- */

#if !TH_DTYPE_IS(Double)

#define PER_COUNTER TH_RANDOM_FLOATS
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
    const float bounded = x > 128.0f ? 128.0f : (x < -120.0f ? -120.0f : x);
    const int32_t n = (int32_t)(bounded * 0x1.715476p+0f + (x < 0 ? -0.5f : 0.5f));
    const float r = bounded - (float)n * 0x1.62ep-1f - (float)n * 0x1.0bfbe8p-15f;
    const float high = 1.0f / 24 + r * (1.0f / 120 + r * (1.0f / 720 + r * (1.0f / 5040)));
    const float series = 1.0f + r * (1.0f + r * (0.5f + r * (1.0f / 6 + r * high)));
    const uint32_t half = (uint32_t)(n / 2 + 127) << 23, rest = (uint32_t)(n - n / 2 + 127) << 23;
    float a, b;
    memcpy(&a, &half, sizeof a);
    memcpy(&b, &rest, sizeof b);
    return series * a * b;
}

TH_INLINE float root(float x)
{
    return __builtin_sqrtf(x);
}

/* The LANES counters' numbers in [0, 1), those of one counter in a row. */
TH_INLINE void unitBlock(const THPhilox *words, real_t *out)
{
    for (int l = 0; l < LANES; l++) {
        for (int w = 0; w < 4; w++) out[4 * l + w] = (float)(int32_t)(words->w[w][l] >> 8) * 0x1p-24f;
    }
}

/* In (0, 1], with 31 bits, so that logarithms reach as far as floats do. */
TH_INLINE void openBlock(const THPhilox *words, real_t *out)
{
    for (int l = 0; l < LANES; l++) {
        for (int w = 0; w < 4; w++) out[4 * l + w] = ((float)(int32_t)(words->w[w][l] >> 1) + 0.5f) * 0x1p-31f;
    }
}

TH_INLINE void normalBlock(const THPhilox *words, real_t *out, real_t mean, real_t stddev)
{
    float z[4][LANES];
    for (int pair = 0; pair < 4; pair += 2) {
        for (int l = 0; l < LANES; l++) {
            const float u = ((float)(int32_t)(words->w[pair][l] >> 1) + 0.5f) * 0x1p-31f; /* (0, 1] */
            const float v = (float)(int32_t)(words->w[pair + 1][l] >> 8) * 0x1p-24f;
            const float radius = root(-2.0f * logarithm(u));
            float cosine, sine;
            circle(v, &cosine, &sine);
            z[pair][l] = mean + stddev * (radius * cosine);
            z[pair + 1][l] = mean + stddev * (radius * sine);
        }
    }
    for (int l = 0; l < LANES; l++) {
        for (int w = 0; w < 4; w++) out[4 * l + w] = z[w][l];
    }
}

/* --- double -------------------------------------------------------------------------------------------------------- */

#else

#define PER_COUNTER TH_RANDOM_DOUBLES
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
    const double bounded = x > 1024.0 ? 1024.0 : (x < -1024.0 ? -1024.0 : x);
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
    return series * a * b;
}

/* 53 bits as an integer-valued double, from 27 and 26 bits. */
TH_INLINE double bits53(uint32_t high, uint32_t low)
{
    return (double)(int32_t)(high >> 5) * 0x1p26 + (double)(int32_t)(low >> 6);
}

TH_INLINE void unitBlock(const THPhilox *words, real_t *out)
{
    for (int l = 0; l < LANES; l++) {
        out[2 * l] = bits53(words->w[0][l], words->w[1][l]) * 0x1p-53;
        out[2 * l + 1] = bits53(words->w[2][l], words->w[3][l]) * 0x1p-53;
    }
}

TH_INLINE void openBlock(const THPhilox *words, real_t *out)
{
    for (int l = 0; l < LANES; l++) {
        out[2 * l] = (bits53(words->w[0][l], words->w[1][l]) + 1.0) * 0x1p-53;
        out[2 * l + 1] = (bits53(words->w[2][l], words->w[3][l]) + 1.0) * 0x1p-53;
    }
}

TH_INLINE void normalBlock(const THPhilox *words, real_t *out, real_t mean, real_t stddev)
{
    double z[2][LANES];
    for (int l = 0; l < LANES; l++) {
        const double u = (bits53(words->w[0][l], words->w[1][l]) + 1.0) * 0x1p-53; /* (0, 1] */
        const double radius = __builtin_sqrt(-2.0 * logarithm(u));
        double cosine, sine;
        circle(bits53(words->w[2][l], words->w[3][l]) * 0x1p-53, &cosine, &sine);
        z[0][l] = mean + stddev * (radius * cosine);
        z[1][l] = mean + stddev * (radius * sine);
    }
    for (int l = 0; l < LANES; l++) {
        out[2 * l] = z[0][l];
        out[2 * l + 1] = z[1][l];
    }
}

#endif

/* --- for all ------------------------------------------------------------------------------------------------------- */

/* Elements [i, n) of out take the block, as many as there are. */
TH_INLINE void storeBlock(scalar_t *out, const real_t *block, int64_t n)
{
    const int64_t count = n < PER_COUNTER * LANES ? n : PER_COUNTER * LANES;
#if TH_DTYPE_IS(Half)
    for (int64_t i = 0; i < count; i++) out[i] = thHalf_fromFloat(block[i]);
#else
    memcpy(out, block, (size_t)count * sizeof *out);
#endif
}

static void TH_KERNEL(uniform)(void *data, int64_t n, uint64_t seed, uint64_t counter, double low_number, double high_number)
{
    const real_t low = (real_t)low_number, high = (real_t)high_number, width = (real_t)(high_number - low_number);
    scalar_t *out = data;
    THPhilox words;
    real_t block[PER_COUNTER * LANES];
    for (int64_t i = 0; i < n; i += PER_COUNTER * LANES, counter += LANES) {
        thPhilox_run(&words, seed, counter);
        unitBlock(&words, block);
        /* Rounding may reach the upper end, which does not belong to the range. */
        for (int j = 0; j < PER_COUNTER * LANES; j++) {
            real_t x = low + width * block[j];
#if TH_DTYPE_IS(Half)
            x = thHalf_toFloat(thHalf_fromFloat(x));
#endif
            block[j] = x < high ? x : low;
        }
        storeBlock(out + i, block, n - i);
    }
}

static void TH_KERNEL(normal)(void *data, int64_t n, uint64_t seed, uint64_t counter, double mean, double stddev)
{
    scalar_t *out = data;
    THPhilox words;
    real_t block[PER_COUNTER * LANES];
    for (int64_t i = 0; i < n; i += PER_COUNTER * LANES, counter += LANES) {
        thPhilox_run(&words, seed, counter);
        normalBlock(&words, block, (real_t)mean, (real_t)stddev);
        storeBlock(out + i, block, n - i);
    }
}

/* Defines a kernel with the parameters a and b: `fill` makes the block, and each x of it becomes `expression`. */
#define DISTRIBUTION(name, fill, expression)                                                                                   \
    static void TH_KERNEL(name)(void *data, int64_t n, uint64_t seed, uint64_t counter, double first, double second)           \
    {                                                                                                                          \
        const real_t a = (real_t)first, b = (real_t)second;                                                                    \
        scalar_t *out = data;                                                                                                  \
        THPhilox words;                                                                                                        \
        real_t block[PER_COUNTER * LANES];                                                                                     \
        (void)a;                                                                                                               \
        (void)b;                                                                                                               \
        for (int64_t i = 0; i < n; i += PER_COUNTER * LANES, counter += LANES) {                                               \
            thPhilox_run(&words, seed, counter);                                                                               \
            fill;                                                                                                              \
            for (int j = 0; j < PER_COUNTER * LANES; j++) {                                                                    \
                const real_t x = block[j];                                                                                     \
                block[j] = expression;                                                                                         \
            }                                                                                                                  \
            storeBlock(out + i, block, n - i);                                                                                 \
        }                                                                                                                      \
    }

/* The tangent of pi (u - 1/2) is -cos(pi u) / sin(pi u); u = 0 moves by half a step. */
TH_INLINE real_t cauchy(real_t u)
{
    real_t cosine, sine;
    circle(u > 0 ? u / 2 : (real_t)0x1p-26, &cosine, &sine);
    return -cosine / sine;
}

DISTRIBUTION(exponential, openBlock(&words, block), (0 - logarithm(x)) / a)
DISTRIBUTION(cauchy, unitBlock(&words, block), a + b * cauchy(x))
DISTRIBUTION(logNormal, normalBlock(&words, block, a, b), exponential(x))
/* The number of the first success: more than k trials fail with probability (1 - p)^k. */
DISTRIBUTION(geometric, openBlock(&words, block), 1 + (real_t)(int64_t)(logarithm(x) / a))

static void TH_KERNEL(below)(char *const data[], const int64_t stride[], int64_t n, const void *args)
{
    int outside = 0;
    for (int64_t i = 0; i < n; i++) {
        const scalar_t x = *(const scalar_t *)(const void *)(data[1] + i * stride[1]);
        const scalar_t p = *(const scalar_t *)(const void *)(data[2] + i * stride[2]);
#if TH_DTYPE_IS(Half)
        const float xx = thHalf_toFloat(x), pp = thHalf_toFloat(p);
#else
        const scalar_t xx = x, pp = p;
#endif
        *(uint8_t *)(data[0] + i * stride[0]) = xx < pp;
        outside |= !(pp >= 0 && pp <= 1);
    }
    if (outside) __atomic_store_n((int *)(intptr_t)args, 1, __ATOMIC_RELAXED);
}

const THRandom TH_TABLE(THRandom) = {
    .uniform = TH_KERNEL(uniform),
    .normal = TH_KERNEL(normal),
    .exponential = TH_KERNEL(exponential),
    .cauchy = TH_KERNEL(cauchy),
    .logNormal = TH_KERNEL(logNormal),
    .geometric = TH_KERNEL(geometric),
    .words = TH_KERNEL(words),
    .below = TH_KERNEL(below),
};
