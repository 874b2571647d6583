// Elements as unsigned integers of the same order: nan above all others and equal to itself, 0 equal to -0.
#pragma once

#include "THC/device/THCDtype.cuh"

template <size_t SIZE> struct THCSortKeyOf {
    using Type = uint64_t;
};
template <> struct THCSortKeyOf<1> {
    using Type = uint8_t;
};
template <> struct THCSortKeyOf<2> {
    using Type = uint16_t;
};
template <> struct THCSortKeyOf<4> {
    using Type = uint32_t;
};

template <class T> using THCSortKey = typename THCSortKeyOf<sizeof(T)>::Type;

template <class T> __device__ THCSortKey<T> thc_sortKey(T x)
{
    using Key = THCSortKey<T>;
    constexpr Key TOP = (Key)((Key)1 << (8 * sizeof(Key) - 1));
    if constexpr (std::is_integral_v<T>) {
        return std::is_unsigned_v<T> ? (Key)x : (Key)((Key)x ^ TOP);
    } else {
        const THCCompute<T> value = THCElement<T>::up(x);
        Key bits;
        memcpy(&bits, &x, sizeof bits);
        if (value != value) return (Key) ~(Key)0;
        if (value == 0) return TOP;
        return (Key)((bits & TOP) != 0 ? ~bits : bits | TOP);
    }
}

// The element that has this key; false if several have it: zeros, what is not a number.
template <class T> __device__ bool thc_elementOf(THCSortKey<T> key, T *x)
{
    using Key = THCSortKey<T>;
    constexpr Key TOP = (Key)((Key)1 << (8 * sizeof(Key) - 1));
    Key bits = key;
    if constexpr (std::is_integral_v<T>) {
        if (!std::is_unsigned_v<T>) bits = (Key)(key ^ TOP);
    } else {
        if (key == TOP || key == (Key) ~(Key)0) return false;
        bits = (Key)((key & TOP) != 0 ? key ^ TOP : ~key);
    }
    memcpy(x, &bits, sizeof bits);
    return true;
}
