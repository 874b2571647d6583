// Reducers (THCReduce.cuh) of maxima and minima, and of where they are.
#pragma once

#include <limits>

#include "kernels/THCReduce.cuh"

// Elements as what a maximum is looked for in: for minima with their order turned about, which is its own inverse. Nothing
// branches on which it is.
template <class T> struct THCOrder {
    using C = THCCompute<T>;
    using Bits =
        std::conditional_t<std::is_same_v<C, float>, uint32_t, std::conditional_t<std::is_same_v<C, double>, uint64_t, C>>;
    Bits turned;
    explicit THCOrder(bool least) : turned(0)
    {
        if (least) turned = std::is_integral_v<C> ? (Bits) ~(Bits)0 : (Bits)((Bits)1 << (8 * sizeof(Bits) - 1));
    }
    __device__ C operator()(C x) const
    {
        Bits bits;
        memcpy(&bits, &x, sizeof bits);
        bits = (Bits)(bits ^ turned);
        memcpy(&x, &bits, sizeof bits);
        return x;
    }
};

// Equals every element of a turned line, or is beaten by it.
template <class C> __host__ __device__ constexpr C thc_leastOf()
{
    using Limits = std::numeric_limits<C>;
    return Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
}

// The best element and its place, the first of equals; nan is better than all numbers. Either output may be absent. P: places
// within a line.
template <class T, class P> struct THCExtremum {
    using In = T;
    using C = THCCompute<T>;
    static constexpr int CHAINS = 4;
    static constexpr P NOWHERE = sizeof(P) == 4 ? (P)INT32_MAX : (P)INT64_MAX;
    struct Acc {
        C value;
        P place;
    };
    T *values;
    int64_t *places;
    THCOrder<T> order;
    __device__ Acc start() const { return {thc_leastOf<C>(), NOWHERE}; }
    __device__ Acc join(const Acc &a, const Acc &b) const
    {
        const bool equal = a.value == b.value || (a.value != a.value && b.value != b.value);
        const bool nan = b.value != b.value && a.value == a.value;
        return nan || b.value > a.value || (equal && b.place < a.place) ? b : a;
    }
    // As places ascend, an equal one is not the first.
    template <int N> __device__ __forceinline__ Acc take(const Acc &acc, const T (&item)[N], const int64_t (&k)[N]) const
    {
        C best = acc.value;
        P place = acc.place == NOWHERE ? (P)k[0] : acc.place;
#pragma unroll
        for (int i = 0; i < N; i++) {
            const C x = order(THCElement<T>::up(item[i]));
            const bool better = !(x <= best) & (best == best);
            best = better ? x : best;
            place = better ? (P)k[i] : place;
        }
        return {best, place};
    }
    __device__ void write(int64_t slot, const Acc &acc) const
    {
        if (values != nullptr) values[slot] = THCElement<T>::down(order(acc.value));
        if (places != nullptr) places[slot] = acc.place;
    }
};

// The best element alone.
template <class T> struct THCBest {
    using In = T;
    using C = THCCompute<T>;
    using Acc = std::conditional_t<(sizeof(C) < 4), int32_t, C>;
    static constexpr int CHAINS = 1;
    T *out;
    THCOrder<T> order;
    __device__ Acc start() const { return (Acc)thc_leastOf<C>(); }
    __device__ Acc join(Acc a, Acc b) const { return b != b || b > a ? b : a; }
    template <int N> __device__ __forceinline__ Acc take(Acc acc, const T (&item)[N], const int64_t (&)[N]) const
    {
        return join(acc, thc_tree<N>([&](Acc a, Acc b) { return join(a, b); },
                                     [&](auto i) { return (Acc)order(THCElement<T>::up(item[i])); }));
    }
    __device__ void write(int64_t slot, Acc acc) const { out[slot] = THCElement<T>::down(order((C)acc)); }
};
