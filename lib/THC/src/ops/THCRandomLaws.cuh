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

__device__ void normal(const THCWords &words, float *out, float mean, float stddev)
{
    for (int pair = 0; pair < 4; pair += 2) {
        const float u = ((float)(int32_t)(words.w[pair] >> 1) + 0.5f) * 0x1p-31f;
        const float v = (float)(int32_t)(words.w[pair + 1] >> 8) * 0x1p-24f;
        const float radius = root(-2.0f * logarithm(u));
        float cosine, sine;
        circle(v, &cosine, &sine);
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

template <THCLaw LAW, class T> __global__ void fillLaw(THCStreamShare share, bool aligned, T *out)
{
    const int64_t counters = (share.n + PER_COUNTER - 1) / PER_COUNTER;
    const real_t a = (real_t)share.a, b = (real_t)share.b, width = (real_t)(share.b - share.a);
    for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x; i < counters; i += (int64_t)gridDim.x * blockDim.x) {
        const THCWords words = thc_philox(share.seed, share.counter + (uint64_t)i);
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
    const unsigned grid = (unsigned)(blocks < 65536 ? blocks : 65536);
    const cudaStream_t stream = thc_stream();
    const bool aligned = reinterpret_cast<uintptr_t>(out) % sizeof(THCPack<T, PER_COUNTER>) == 0;
    switch (law) {
#define CASE(LAW)                                                                                                              \
    case THCLaw::LAW:                                                                                                          \
        fillLaw<THCLaw::LAW, T><<<grid, 256, 0, stream>>>(share, aligned, out);                                                \
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
