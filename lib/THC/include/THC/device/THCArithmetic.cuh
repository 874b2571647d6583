// Arithmetic of two elements in their computing type: integers wrap, as on the host. And of places.
#pragma once

#include <cstdint>
#include <type_traits>

// a / b of numbers that are not negative: the division of 32 bits costs a fraction of that of 64.
__device__ inline int64_t thc_quotient(int64_t a, int64_t b)
{
    return ((a | b) >> 32) == 0 ? (int64_t)((uint32_t)a / (uint32_t)b) : a / b;
}

template <class C> struct THCIdentity {
    __device__ C operator()(C x) const { return x; }
};

// Unsigned arithmetic of at least int's width: a product of two uint16_t, promoted to int, could overflow.
template <class C> using THCWrap = std::conditional_t<(sizeof(C) > 4), uint64_t, uint32_t>;

template <class C> struct THCAdd {
    __device__ C operator()(C x, C y) const
    {
        if constexpr (std::is_floating_point_v<C>)
            return x + y;
        else
            return (C)((THCWrap<C>)x + (THCWrap<C>)y);
    }
};

template <class C> struct THCSub {
    __device__ C operator()(C x, C y) const
    {
        if constexpr (std::is_floating_point_v<C>)
            return x - y;
        else
            return (C)((THCWrap<C>)x - (THCWrap<C>)y);
    }
};

template <class C> struct THCMul {
    __device__ C operator()(C x, C y) const
    {
        if constexpr (std::is_floating_point_v<C>)
            return x * y;
        else
            return (C)((THCWrap<C>)x * (THCWrap<C>)y);
    }
};

template <class C> struct THCNeg {
    __device__ C operator()(C x) const
    {
        if constexpr (std::is_floating_point_v<C>)
            return -x;
        else
            return (C)(0 - (THCWrap<C>)x);
    }
};

template <class C> __device__ bool thc_isNegative(C x)
{
    if constexpr (std::is_unsigned_v<C>)
        return false;
    else
        return x < 0;
}

template <class C> __device__ bool thc_isMinusOne(C x)
{
    if constexpr (std::is_unsigned_v<C>)
        return false;
    else
        return x == -1;
}

// Integers: towards zero; x / 0 is 0 here (the op refuses it before), min / -1 wraps.
template <class C> struct THCDiv {
    __device__ C operator()(C x, C y) const
    {
        if constexpr (std::is_floating_point_v<C>)
            return x / y;
        else
            return y == 0 ? (C)0 : thc_isMinusOne(y) ? THCNeg<C>{}(x) : (C)(x / y);
    }
};

// The sign of x; integers: x % 0 is 0 here.
template <class C> struct THCFmod {
    __device__ C operator()(C x, C y) const
    {
        if constexpr (std::is_floating_point_v<C>)
            return fmod(x, y);
        else
            return y == 0 || thc_isMinusOne(y) ? (C)0 : (C)(x % y);
    }
};

// The sign of y.
template <class C> struct THCRemainder {
    __device__ C operator()(C x, C y) const
    {
        const C m = THCFmod<C>{}(x, y);
        if constexpr (std::is_floating_point_v<C>)
            return m != 0 && (m < 0) != (y < 0) ? m + y : m;
        else
            return m != 0 && thc_isNegative(m) != thc_isNegative(y) ? THCAdd<C>{}(m, y) : m;
    }
};

// x * 2^y; integers: 0 if y is not in [0, width).
template <class C> struct THCLshift {
    __device__ C operator()(C x, C y) const
    {
        if constexpr (std::is_floating_point_v<C>)
            return x * exp2(y);
        else
            return (std::make_unsigned_t<C>)y < 8 * sizeof(C) ? (C)((THCWrap<C>)x << y) : (C)0;
    }
};

// x / 2^y; integers keep the sign.
template <class C> struct THCRshift {
    __device__ C operator()(C x, C y) const
    {
        if constexpr (std::is_floating_point_v<C>)
            return x / exp2(y);
        else
            return (std::make_unsigned_t<C>)y < 8 * sizeof(C) ? (C)(x >> y) : (C)(thc_isNegative(x) ? -1 : 0);
    }
};

template <class C> struct THCAnd {
    __device__ C operator()(C x, C y) const { return (C)(x & y); }
};
template <class C> struct THCOr {
    __device__ C operator()(C x, C y) const { return (C)(x | y); }
};
template <class C> struct THCXor {
    __device__ C operator()(C x, C y) const { return (C)(x ^ y); }
};

// nan if either is nan.
template <class C> struct THCMax {
    __device__ C operator()(C x, C y) const { return x != x || x > y ? x : y; }
};
template <class C> struct THCMin {
    __device__ C operator()(C x, C y) const { return x != x || x < y ? x : y; }
};

template <class C> struct THCAbs {
    __device__ C operator()(C x) const
    {
        if constexpr (std::is_floating_point_v<C>)
            return fabs(x);
        else
            return thc_isNegative(x) ? THCNeg<C>{}(x) : x;
    }
};

template <class C> struct THCSign {
    __device__ C operator()(C x) const
    {
        if constexpr (std::is_floating_point_v<C>)
            return x != x ? x : (C)((x > 0) - (x < 0));
        else
            return (C)((x > 0) - (thc_isNegative(x) ? 1 : 0));
    }
};
