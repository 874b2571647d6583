// What a unit with TH_DTYPE Float or Double makes of Philox's words: the numbers of lib/TH/src/kernels/THRandom.c, by the same
// functions (TH/THRandomMath.h).
#include "TH/THRandomMath.h"
#include "THC/device/THCDtype.cuh"
#include "THC/device/THCMap.cuh"
#include "kernels/THCPhilox.cuh"
#include "ops/THCRandomFill.cuh"

namespace
{

#if TH_DTYPE_IS(Double)

constexpr int PER_COUNTER = 2;

// In [0, 1); in (0, 1], for logarithms.
__device__ void unit(const THCWords &words, double *out)
{
    for (int k = 0; k < 2; k++) out[k] = bits53(words.w[2 * k], words.w[2 * k + 1]) * 0x1p-53;
}

__device__ void open(const THCWords &words, double *out)
{
    for (int k = 0; k < 2; k++) out[k] = (bits53(words.w[2 * k], words.w[2 * k + 1]) + 1.0) * 0x1p-53;
}

__device__ void normal(const THCWords &words, double *out, double mean, double stddev)
{
    const double radius = root(-2.0 * logarithm((bits53(words.w[0], words.w[1]) + 1.0) * 0x1p-53));
    double cosine, sine;
    circle(bits53(words.w[2], words.w[3]) * 0x1p-53, &cosine, &sine);
    out[0] = mean + stddev * (radius * cosine);
    out[1] = mean + stddev * (radius * sine);
}

#else

constexpr int PER_COUNTER = 4;

__device__ void unit(const THCWords &words, float *out)
{
    for (int k = 0; k < 4; k++) out[k] = (float)(int32_t)(words.w[k] >> 8) * 0x1p-24f;
}

__device__ void open(const THCWords &words, float *out)
{
    for (int k = 0; k < 4; k++) out[k] = ((float)(int32_t)(words.w[k] >> 1) + 0.5f) * 0x1p-31f;
}

// Of normal numbers arithmetic is the price, not memory. So these are the functions of TH/THRandomMath.h with fewer steps,
// equal to the bit: powers of two move from one factor to another, whole numbers are taken apart as such, and division and root
// are the steps of nvcc's own, which round correctly, without its questions whether numbers are out of their range.
__device__ float quotient(float a, float b)
{
    float inverse;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(inverse) : "f"(b));
    inverse = fmaf(fmaf(-b, inverse, 1.0f), inverse, inverse);
    const float about = a * inverse, near = fmaf(fmaf(-b, about, a), inverse, about);
    return fmaf(fmaf(-b, near, a), inverse, near);
}

// x: 0 or more than 2^-60.
__device__ float rootOf(float x)
{
    float inverse;
    asm("rsqrt.approx.ftz.f32 %0, %1;" : "=f"(inverse) : "f"(fmaxf(x, 0x1p-60f)));
    const float about = x * inverse;
    return fmaf(fmaf(-about, about, x), 0.5f * inverse, about);
}

// root(-2 logarithm(u)), u = (word / 2 + 1/2) 2^-31. s is four times logarithm's.
__device__ float radiusOf(uint32_t word)
{
    const int32_t bits = __float_as_int((float)(int32_t)(word >> 1) + 0.5f) - (0x3f3504f3 + (31 << 23));
    const float e = (float)(bits >> 23), m = __int_as_float((bits & 0x7fffff) + 0x3f3504f3);
    const float s = quotient(fmaf(m, 4.0f, -4.0f), m + 1.0f), z = s * s;
    const float end = 1.0f / 5 / 256 + z * (1.0f / 7 / 4096 + z * (1.0f / 9 / 65536));
    const float series = 1.0f + z * (1.0f / 3 / 16 + z * end);
    return rootOf(-(e * 0x1.62e43p+0f + s * series));
}

// circle(v), v = (word / 256) 2^-24. With an eighth of a turn more the word's upper two bits are the quarter.
__device__ void circleOf(uint32_t word, float *cosine, float *sine)
{
    const float x = (float)(int32_t)(word << 2 & 0xfffffc00u) * 0x1.921fb6p-32f, z = x * x;
    const float s = x * (1.0f - z * (1.0f / 6 - z * (1.0f / 120 - z * (1.0f / 5040 - z * (1.0f / 362880)))));
    const float c = 1.0f - z * (0.5f - z * (1.0f / 24 - z * (1.0f / 720 - z * (1.0f / 40320 - z * (1.0f / 3628800)))));
    const uint32_t turned = word + 0x20000000u;
    const bool odd = (int32_t)(turned << 1) < 0;
    *cosine = __int_as_float(__float_as_int(odd ? s : c) ^ (int)(word + 0x60000000u & 0x80000000u));
    *sine = __int_as_float(__float_as_int(odd ? c : s) ^ (int)(turned & 0x80000000u));
}

__device__ void normal(const THCWords &words, float *out, float mean, float stddev)
{
#pragma unroll
    for (int pair = 0; pair < 4; pair += 2) {
        const float radius = radiusOf(words.w[pair]);
        float cosine, sine;
        circleOf(words.w[pair + 1], &cosine, &sine);
        out[pair] = mean + stddev * (radius * cosine);
        out[pair + 1] = mean + stddev * (radius * sine);
    }
}

#endif

// Rounding may reach the upper end, which does not belong to the range.
template <class T> __device__ T uniformOf(real_t x, real_t low, real_t width, real_t high)
{
    const T rounded = THCElement<T>::down(low + width * x);
    return THCElement<T>::up(rounded) < high ? rounded : THCElement<T>::down(low);
}

template <THCLaw LAW, class T>
__global__ void __launch_bounds__(256) fillLaw(THCStreamShare share, const THCRoundKeys keys, bool aligned, T *out)
{
    const int64_t counters = (share.n + PER_COUNTER - 1) / PER_COUNTER;
    const real_t a = (real_t)share.a, b = (real_t)share.b, width = (real_t)(share.b - share.a);
    for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x; i < counters; i += (int64_t)gridDim.x * blockDim.x) {
        const THCWords words = thc_philox(keys, share.counter + (uint64_t)i);
        real_t x[PER_COUNTER];
        if constexpr (LAW == THCLaw::UNIFORM || LAW == THCLaw::CAUCHY)
            unit(words, x);
        else if constexpr (LAW == THCLaw::EXPONENTIAL || LAW == THCLaw::GEOMETRIC)
            open(words, x);
        else
            normal(words, x, a, b);
        THCPack<T, PER_COUNTER> pack;
        for (int k = 0; k < PER_COUNTER; k++) {
            T &place = pack.item[k];
            if constexpr (LAW == THCLaw::UNIFORM)
                place = uniformOf<T>(x[k], a, width, b);
            else if constexpr (LAW == THCLaw::EXPONENTIAL)
                place = THCElement<T>::down((0 - logarithm(x[k])) / a);
            else if constexpr (LAW == THCLaw::NORMAL)
                place = THCElement<T>::down(x[k]);
            else if constexpr (LAW == THCLaw::CAUCHY)
                place = THCElement<T>::down(a + b * cauchy(x[k]));
            else if constexpr (LAW == THCLaw::GEOMETRIC)
                place = THCElement<T>::down(fmin(1 + whole(logarithm(x[k]) / a), b));
            else
                place = THCElement<T>::down(exponential(x[k]));
        }
        if (aligned && (i + 1) * PER_COUNTER <= share.n) {
            reinterpret_cast<THCPack<T, PER_COUNTER> *>(out)[i] = pack;
            continue;
        }
        for (int k = 0; k < PER_COUNTER && i * PER_COUNTER + k < share.n; k++) out[i * PER_COUNTER + k] = pack.item[k];
    }
}

template <class T> THStatus fillWith(const char *op, THCLaw law, const THCStreamShare &share, T *out)
{
    const int64_t counters = (share.n + PER_COUNTER - 1) / PER_COUNTER, blocks = (counters + 255) / 256;
    const int64_t most = 16 * (int64_t)thc_multiprocessors();
    const unsigned grid = (unsigned)(blocks < most ? blocks : most);
    const THCRoundKeys keys(share.seed);
    const cudaStream_t stream = thc_stream();
    const bool aligned = reinterpret_cast<uintptr_t>(out) % sizeof(THCPack<T, PER_COUNTER>) == 0;
    switch (law) {
#define CASE(LAW)                                                                                                              \
    case THCLaw::LAW:                                                                                                          \
        fillLaw<THCLaw::LAW, T><<<grid, 256, 0, stream>>>(share, keys, aligned, out);                                          \
        break;
        CASE(UNIFORM)
        CASE(NORMAL)
        CASE(EXPONENTIAL)
        CASE(LOG_NORMAL)
        CASE(CAUCHY)
        CASE(GEOMETRIC)
#undef CASE
    }
    return thc_started(op);
}

} // namespace
