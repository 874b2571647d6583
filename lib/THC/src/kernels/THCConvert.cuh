// Conversions between numbers, as the host's: float -> integer cuts the fraction, and what int64 cannot hold becomes INT64_MIN;
// narrower integers take the low bits.
#pragma once

#include <cstdint>
#include <type_traits>

template <class From, class To> struct THCConvert {
    __device__ To operator()(From value) const
    {
        if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>)
            return (To)(value >= -0x1p63 && value < 0x1p63 ? (int64_t)value : INT64_MIN);
        else
            return (To)value;
    }
};
