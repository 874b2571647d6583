/* Conversions between numbers, defined for every value (the C standard leaves float -> integer out of range undefined).
 *
 * float -> integer cuts the fraction. What int64 cannot hold (nan, inf, beyond 2^63) becomes INT64_MIN, as x86 and NumPy
 * have it; narrower integers take the low bits of that int64. integer -> integer takes the low bits. */
#ifndef TH_CONVERT_H
#define TH_CONVERT_H

#include <stdint.h>

static inline int64_t thConvert_doubleToLong(double value)
{
    return value >= -0x1p63 && value < 0x1p63 ? (int64_t)value : INT64_MIN;
}

#endif
