// Reducers (THCReduce.cuh) of sums, products, norms, variances.
#pragma once

#include "kernels/THCReduce.cuh"

template <class T> using THCSum = typename THCAccumulate<T>::Type;
// Sums of integers are int64.
template <class T> using THCSumResult = std::conditional_t<std::is_integral_v<T>, int64_t, T>;

// The sum, or with a divisor (floating dtypes) the mean.
template <class T> struct THCAdding {
    using In = T;
    using Acc = THCSum<T>;
    using Part = std::conditional_t<std::is_integral_v<T> && sizeof(T) <= 2, int32_t, Acc>; // holds what a thread reads at once
    static constexpr int CHAINS = 1;
    THCSumResult<T> *out;
    bool divide;
    Acc divisor;
    __device__ Acc start() const { return 0; }
    template <int N> __device__ __forceinline__ Acc take(Acc acc, const T (&item)[N], const int64_t (&)[N]) const
    {
        return join(acc, (Acc)thc_tree<N>(THCAdd<Part>{}, [&](auto i) { return (Part)THCElement<T>::up(item[i]); }));
    }
    __device__ Acc join(Acc a, Acc b) const { return THCAdd<Acc>{}(a, b); }
    __device__ void write(int64_t slot, Acc acc) const
    {
        if constexpr (std::is_floating_point_v<Acc>)
            if (divide) acc /= divisor;
        out[slot] = THCElement<THCSumResult<T>>::down(acc);
    }
};

template <class T> struct THCMultiplying {
    using In = T;
    using Acc = THCSum<T>;
    static constexpr int CHAINS = 1;
    THCSumResult<T> *out;
    __device__ Acc start() const { return 1; }
    template <int N> __device__ __forceinline__ Acc take(Acc acc, const T (&item)[N], const int64_t (&)[N]) const
    {
        return join(acc, thc_tree<N>(THCMul<Acc>{}, [&](auto i) { return (Acc)THCElement<T>::up(item[i]); }));
    }
    __device__ Acc join(Acc a, Acc b) const { return THCMul<Acc>{}(a, b); }
    __device__ void write(int64_t slot, Acc acc) const { out[slot] = THCElement<THCSumResult<T>>::down(acc); }
};

enum THCNormKind { THC_NORM_COUNT, THC_NORM_ABSOLUTE, THC_NORM_SQUARES, THC_NORM_LARGEST, THC_NORM_POWER };

// What is added up (or, for LARGEST, compared) is chosen by an argument that is not POWER: the choice is the same for all
// threads.
template <class T> struct THCNorming {
    using In = T;
    using Acc = THCCompute<T>;
    static constexpr int CHAINS = 1;
    T *out;
    THCNormKind kind;
    __device__ Acc start() const { return 0; }
    __device__ Acc join(Acc a, Acc b) const
    {
        const Acc sum = a + b, most = b > a || b != b ? b : a;
        return kind == THC_NORM_LARGEST ? most : sum;
    }
    template <int N> __device__ __forceinline__ Acc take(Acc acc, const T (&item)[N], const int64_t (&)[N]) const
    {
        const auto part = [&](auto i) {
            const Acc x = THCElement<T>::up(item[i]);
            return kind == THC_NORM_SQUARES ? x * x : kind == THC_NORM_COUNT ? (Acc)(x != 0) : (Acc)fabs(x);
        };
        return join(acc, thc_tree<N>([&](Acc a, Acc b) { return join(a, b); }, part));
    }
    __device__ void write(int64_t slot, Acc acc) const
    {
        out[slot] = THCElement<T>::down(kind == THC_NORM_SQUARES ? sqrt(acc) : acc);
    }
};

// Norms of other powers.
template <class T> struct THCPowering {
    using In = T;
    using Acc = THCCompute<T>;
    static constexpr int CHAINS = 1;
    T *out;
    Acc p, inverse;
    __device__ Acc start() const { return 0; }
    template <int N> __device__ Acc take(Acc acc, const T (&item)[N], const int64_t (&)[N]) const
    {
        return acc + thc_tree<N>(THCAdd<Acc>{}, [&](auto i) { return (Acc)pow(fabs(THCElement<T>::up(item[i])), p); });
    }
    __device__ Acc join(Acc a, Acc b) const { return a + b; }
    __device__ void write(int64_t slot, Acc acc) const { out[slot] = THCElement<T>::down(pow(acc, inverse)); }
};

// Of the elements taken together, distances to what was their lines' mean so far give the mean and the squares, in two passes
// over registers; parts are joined by Chan's method. So nothing cancels, and there is one division for all of them.
template <class T> struct THCSpreading {
    using In = T;
    using C = THCCompute<T>;
    static constexpr int CHAINS = 1;
    struct Acc {
        int64_t count;
        C mean, squares;
    };
    T *out;
    C divisor;
    bool root; // the standard deviation
    __device__ Acc start() const { return {0, 0, 0}; }
    template <int N> __device__ __forceinline__ Acc take(const Acc &acc, const T (&item)[N], const int64_t (&)[N]) const
    {
        const C from = acc.count == 0 ? THCElement<T>::up(item[0]) : acc.mean;
        const C mean = thc_tree<N>(THCAdd<C>{}, [&](auto i) { return THCElement<T>::up(item[i]) - from; }) * (C)(1. / N);
        const auto square = [&](auto i) {
            const C distance = THCElement<T>::up(item[i]) - from - mean;
            return distance * distance;
        };
        const int64_t count = acc.count + N;
        const C share = (C)N / (C)count;
        return {count, from + mean * share,
                acc.squares + thc_tree<N>(THCAdd<C>{}, square) + mean * mean * ((C)acc.count * share)};
    }
    __device__ Acc join(const Acc &a, const Acc &b) const
    {
        if (b.count == 0) return a;
        if (a.count == 0) return b;
        const int64_t count = a.count + b.count;
        const C distance = b.mean - a.mean, share = (C)b.count / (C)count;
        return {count, a.mean + distance * share, a.squares + b.squares + distance * distance * ((C)a.count * share)};
    }
    __device__ void write(int64_t slot, const Acc &acc) const
    {
        const C variance = acc.squares / divisor;
        out[slot] = THCElement<T>::down(root ? sqrt(variance) : variance);
    }
};

// log(sum(exp(a))) in one pass: a sum of exponentials of distances to the largest element so far, which starts as -inf.
template <class T> struct THCExponentials {
    using In = T;
    using C = THCCompute<T>;
    static constexpr int CHAINS = 1;
    struct Acc {
        C most, sum;
    };
    T *out;
    __device__ Acc start() const { return {-(C)INFINITY, 0}; }
    __device__ Acc join(const Acc &a, const Acc &b) const
    {
        if (a.most == b.most) return {a.most, a.sum + b.sum}; // infinities have no distance
        if (a.most > b.most) return {a.most, a.sum + b.sum * exp(b.most - a.most)};
        return {b.most, a.sum * exp(a.most - b.most) + b.sum};
    }
    // fmax passes nan over; the sum does not.
    template <int N> __device__ __forceinline__ Acc take(const Acc &acc, const T (&item)[N], const int64_t (&)[N]) const
    {
        const auto value = [&](auto i) { return THCElement<T>::up(item[i]); };
        const C best = fmax(acc.most, thc_tree<N>([](C a, C b) { return fmax(a, b); }, value));
        const auto part = [&](auto i) { return value(i) == best ? (C)1 : exp(value(i) - best); };
        return join(acc, {best, thc_tree<N>(THCAdd<C>{}, part)});
    }
    __device__ void write(int64_t slot, const Acc &acc) const { out[slot] = THCElement<T>::down(acc.most + log(acc.sum)); }
};
