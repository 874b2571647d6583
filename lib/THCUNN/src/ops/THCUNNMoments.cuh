// What normalisations share: channels are measured in parts, a warp joins the parts of a channel in a fixed order, and a last
// kernel writes the result. A group of channels of one sample is a channel to them, or each of its channels is.
#pragma once

#include "ops/THCUNNPool.cuh"

constexpr int CUNN_EACH = 16;                           // elements of a thread
constexpr int64_t CUNN_PART = CUNN_EACH * CUNN_THREADS; // of a channel, for one block

// batch x channels x inner.
struct CunnLines {
    int64_t batch, channels, inner;

    __host__ __device__ int64_t count() const { return batch * inner; } // of a channel
    __host__ __device__ int64_t parts() const { return (count() + CUNN_PART - 1) / CUNN_PART; }
};

// What is known of a part, a channel: the mean of `n` elements and the sum of squares about it.
struct CunnMoments {
    double n, mean, squares;

    __device__ CunnMoments joined(const CunnMoments &o) const
    {
        const double all = n + o.n, delta = o.mean - mean;
        if (all == 0) return *this;
        return CunnMoments{all, mean + delta * (o.n / all), squares + o.squares + delta * delta * (n * o.n / all)};
    }
    __device__ CunnMoments shuffled(int distance) const
    {
        return CunnMoments{__shfl_xor_sync(0xffffffffu, n, distance), __shfl_xor_sync(0xffffffffu, mean, distance),
                           __shfl_xor_sync(0xffffffffu, squares, distance)};
    }
};

// Of the gradients g at distances d from the mean as it is stored.
struct CunnSums {
    double sum, dot, away; // of g, of d * g, of d

    __device__ CunnSums joined(const CunnSums &o) const { return CunnSums{sum + o.sum, dot + o.dot, away + o.away}; }
    __device__ CunnSums shuffled(int distance) const
    {
        return CunnSums{__shfl_xor_sync(0xffffffffu, sum, distance), __shfl_xor_sync(0xffffffffu, dot, distance),
                        __shfl_xor_sync(0xffffffffu, away, distance)};
    }
};

// Calls f(k, offset) for the packs of V elements that are the calling thread's share of a part; all of a pack lie in one plane.
template <int V, class F> __device__ void cunn_share(const CunnLines &s, int64_t channel, int64_t part, F f)
{
#pragma unroll
    for (int k = 0; k < CUNN_EACH / V; k++) {
        const int64_t i = part * CUNN_PART + ((int64_t)k * CUNN_THREADS + threadIdx.x) * V;
        if (i >= s.count()) break;
        const int64_t sample = thc_quotient(i, s.inner);
        f(k, (sample * s.channels + channel) * s.inner + i - sample * s.inner);
    }
}

// A block for each part of each channel.
template <int V, class T>
__global__ void __launch_bounds__(CUNN_THREADS) cunn_measure(CunnLines s, const T *x, CunnMoments *parts)
{
    using A = CunnSum<T>;
    const int64_t channel = blockIdx.x / s.parts(), part = blockIdx.x - channel * s.parts();
    const int64_t n = min(CUNN_PART, s.count() - part * CUNN_PART), mine = n - (int64_t)threadIdx.x * V;
    A value[CUNN_EACH], sum = 0, squares = 0;
    cunn_share<V>(s, channel, part, [&](int k, int64_t offset) {
        const THCPack<T, V> pack = cunn_packAt<V>(x, offset);
#pragma unroll
        for (int v = 0; v < V; v++) sum += value[k * V + v] = (A)THCElement<T>::up(pack.item[v]);
    });
    const double mean = cunn_blockReduce((double)sum, CunnPlus{}) / (double)n;
#pragma unroll
    for (int k = 0; k < CUNN_EACH / V; k++) {
        if ((int64_t)k * CUNN_THREADS * V >= mine) break;
#pragma unroll
        for (int v = 0; v < V; v++) {
            const A d = value[k * V + v] - (A)mean;
            squares += d * d;
        }
    }
    const double spread = cunn_blockReduce((double)squares, CunnPlus{});
    if (threadIdx.x == 0) parts[blockIdx.x] = CunnMoments{(double)n, mean, spread};
}

// each: channels that share a mean.
template <int V, class T>
__global__ void __launch_bounds__(CUNN_THREADS)
    cunn_addUp(CunnLines s, const T *x, const T *gy, const T *means, int64_t each, CunnSums *parts)
{
    using A = CunnSum<T>;
    const int64_t channel = blockIdx.x / s.parts(), part = blockIdx.x - channel * s.parts();
    const A center = (A)THCElement<T>::up(means[thc_quotient(channel, each)]);
    A sum = 0, dot = 0, away = 0;
    cunn_share<V>(s, channel, part, [&](int, int64_t offset) {
        const THCPack<T, V> values = cunn_packAt<V>(x, offset), gradients = cunn_packAt<V>(gy, offset);
#pragma unroll
        for (int v = 0; v < V; v++) {
            const A g = (A)THCElement<T>::up(gradients.item[v]), d = (A)THCElement<T>::up(values.item[v]) - center;
            sum += g;
            dot += d * g;
            away += d;
        }
    });
    const CunnSums all = {cunn_blockReduce((double)sum, CunnPlus{}), cunn_blockReduce((double)dot, CunnPlus{}),
                          cunn_blockReduce((double)away, CunnPlus{})};
    if (threadIdx.x == 0) parts[blockIdx.x] = all;
}

// All parts of a channel, known to the whole warp.
template <class P> __device__ P cunn_joinParts(const CunnLines &s, int64_t channel, const P *parts)
{
    P all = {};
    for (int64_t p = threadIdx.x % 32; p < s.parts(); p += 32) all = all.joined(parts[channel * s.parts() + p]);
    for (int distance = 1; distance < 32; distance *= 2) {
        const P other = all.shuffled(distance);
        all = threadIdx.x & distance ? other.joined(all) : all.joined(other); // the same for both
    }
    return all;
}

template <class T> __device__ double cunn_at(const T *vector, int64_t channel, double absent)
{
    return vector == nullptr ? absent : (double)THCElement<T>::up(vector[channel]);
}

template <class T> __device__ void cunn_put(T *vector, int64_t channel, double value)
{
    if (vector != nullptr) vector[channel] = THCElement<T>::down((THCCompute<T>)value);
}

// What the third kernel does with an element x, and with a gradient g: (x - center) * pull + g * slope + shift.
template <class A> struct CunnLine {
    A center, pull, slope, shift;
};

// Packs of V elements of all planes. gy: NULL forward.
template <int V, class T> struct CunnApply {
    int64_t channels;
    const CunnLine<CunnSum<T>> *lines;
    const T *x, *gy;
    T *out;

    __device__ void operator()(int64_t at, const CunnSpot &spot) const
    {
        using A = CunnSum<T>;
        const CunnLine<A> line = lines[spot.plane - thc_quotient(spot.plane, channels) * channels];
        THCPack<T, V> values = cunn_packAt<V>(x, at * V), gradients;
        if (gy != nullptr) gradients = cunn_packAt<V>(gy, at * V);
#pragma unroll
        for (int v = 0; v < V; v++) {
            const A d = (A)THCElement<T>::up(values.item[v]) - line.center;
            const A own = gy == nullptr ? (A)0 : (A)THCElement<T>::up(gradients.item[v]) * line.slope;
            values.item[v] = THCElement<T>::down((THCCompute<T>)(d * line.pull + own + line.shift));
        }
        reinterpret_cast<THCPack<T, V> *>(out)[at] = values;
    }
};
