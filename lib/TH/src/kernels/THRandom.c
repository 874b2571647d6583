/* What is made of Philox's bits. Everything runs over LANES counters side by side, so that it vectorises, with the functions of
 * THRandomMath.h: the numbers are equal on every CPU. */
#include "kernels/THRandom.h"

#include <string.h>

#include "TH/THRandomMath.h"
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

DISTRIBUTION(exponential, openBlock(&words, block), (0 - logarithm(x)) / a)
DISTRIBUTION(cauchy, unitBlock(&words, block), a + b * cauchy(x))
DISTRIBUTION(logNormal, normalBlock(&words, block, a, b), exponential(x))
/* The number of the first success: more than k trials fail with probability (1 - p)^k. */
DISTRIBUTION(geometric, openBlock(&words, block), 1 + whole(logarithm(x) / a))

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

/* args: a real_t that dropout multiplies with. */
TH_INLINE void thinBody(char *r, const char *a, const char *keep, int64_t sr, int64_t sa, int64_t sk, int64_t n, real_t scale)
{
    TH_INDEPENDENT
    for (int64_t i = 0; i < n; i++) {
        const real_t factor = *(const uint8_t *)(keep + i * sk) ? scale : 0;
        const scalar_t x = *(const scalar_t *)(const void *)(a + i * sa);
#if TH_DTYPE_IS(Half)
        *(scalar_t *)(void *)(r + i * sr) = thHalf_fromFloat(thHalf_toFloat(x) * factor);
#else
        *(scalar_t *)(void *)(r + i * sr) = x * factor;
#endif
    }
}

static void TH_KERNEL(thin)(char *const data[], const int64_t stride[], int64_t n, const void *args)
{
    const int64_t size = sizeof(scalar_t);
    const real_t scale = *(const real_t *)args;
    if (stride[0] == size && stride[1] == size && stride[2] == 1)
        thinBody(data[0], data[1], data[2], size, size, 1, n, scale);
    else
        thinBody(data[0], data[1], data[2], stride[0], stride[1], stride[2], n, scale);
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
    .thin = TH_KERNEL(thin),
};
