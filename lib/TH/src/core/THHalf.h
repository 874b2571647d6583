/* float16 <-> float32 by bit arithmetic: IEEE 754 binary16, round to nearest even, nan payloads cut. */
#ifndef TH_HALF_H
#define TH_HALF_H

#include <stdint.h>
#include <string.h>

static inline float thHalf_toFloat(uint16_t half)
{
    const uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
    const uint32_t magnitude = half & 0x7fffu;
    uint32_t bits;
    if (magnitude >= 0x7c00u) {
        bits = 0x7f800000u | (magnitude & 0x3ffu) << 13; /* inf, nan */
        if (magnitude > 0x7c00u) bits |= 0x00400000u;    /* quiet, as the hardware's conversion makes it */
    } else if (magnitude >= 0x0400u) {
        bits = (magnitude << 13) + ((127u - 15u) << 23);
    } else {
        /* Subnormal: magnitude * 2^-24 is exact in float. */
        const float value = (float)(int32_t)magnitude * 0x1p-24f;
        memcpy(&bits, &value, sizeof bits);
    }
    bits |= sign;
    float result;
    memcpy(&result, &bits, sizeof result);
    return result;
}

static inline uint16_t thHalf_fromFloat(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint32_t sign = bits >> 16 & 0x8000u;
    const uint32_t magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) return (uint16_t)(sign | 0x7e00u | (magnitude >> 13 & 0x3ffu));
    if (magnitude >= 0x477ff000u) return (uint16_t)(sign | 0x7c00u); /* 65520 and above round to inf */
    if (magnitude < 0x38800000u) {
        /* Subnormal or 0: adding 0.5 leaves the half's bits, rounded to nearest even, at the bottom of the sum. */
        float small;
        memcpy(&small, &magnitude, sizeof small);
        small += 0.5f;
        uint32_t sum;
        memcpy(&sum, &small, sizeof sum);
        return (uint16_t)(sign | (sum - 0x3f000000u));
    }
    const uint32_t odd = magnitude >> 13 & 1u;
    return (uint16_t)(sign | (magnitude - ((127u - 15u) << 23) + 0xfffu + odd) >> 13);
}

/* From double directly: by way of a float it could round twice. Makes the float that the half is rounded from sticky. */
static inline uint16_t thHalf_fromDouble(double value)
{
    const float nearest = (float)value;
    uint32_t bits;
    memcpy(&bits, &nearest, sizeof bits);
    if ((double)nearest != value && value == value && (bits & 0x7f800000u) != 0x7f800000u) {
        /* Round to odd: away from the tie that the first rounding may have made. */
        const int too_far = (nearest > value) == (nearest > 0);
        if ((bits & 1u) == 0) bits = nearest == 0 ? bits | 1u : too_far ? bits - 1u : bits | 1u;
    }
    float odd;
    memcpy(&odd, &bits, sizeof odd);
    return thHalf_fromFloat(odd);
}

#endif
