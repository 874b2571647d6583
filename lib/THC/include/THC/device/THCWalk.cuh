// Where the i-th element of each operand lies: a plan of TH's walk (THIterPlan) in the form that a kernel takes as argument.
#pragma once

#include <cstdint>

#include "TH/THIter.h"

// Division of 31-bit numbers by one number: a multiplication and a shift, by the method of Granlund and Montgomery (1994).
struct THCDivisor {
    uint32_t value, factor, shift;

    __host__ void set(uint32_t divisor)
    {
        value = divisor;
        shift = 0;
        while (shift < 32 && (1ull << shift) < divisor) shift++;
        factor = (uint32_t)(((1ull << 32) * ((1ull << shift) - divisor)) / divisor + 1);
    }

    __device__ uint32_t quotient(uint32_t n) const { return (__umulhi(n, factor) + n) >> shift; }
};

// ARGS operands in at most DIMS dimensions and less than 2^31 elements. Dimension 0 is the innermost.
template <int ARGS, int DIMS> struct THCWalk {
    int ndim;
    THCDivisor size[DIMS];
    int64_t stride[DIMS][ARGS]; // bytes

    // Once for each unit, rather than within each launch.
    __host__ __attribute__((noinline)) explicit THCWalk(const THIterPlan &plan) : ndim(plan.ndim)
    {
        for (int d = 0; d < ndim; d++) {
            size[d].set((uint32_t)plan.size[d]);
            for (int k = 0; k < ARGS; k++) stride[d][k] = plan.stride[k][d];
        }
    }

    // offset[k]: bytes from the operand's first element.
    __device__ void offsets(uint32_t i, int64_t (&offset)[ARGS]) const
    {
#pragma unroll
        for (int k = 0; k < ARGS; k++) offset[k] = 0;
#pragma unroll
        for (int d = 0; d < DIMS; d++) {
            if (d >= ndim) break;
            const uint32_t rest = size[d].quotient(i);
            const uint32_t index = i - rest * size[d].value;
            i = rest;
#pragma unroll
            for (int k = 0; k < ARGS; k++) offset[k] += index * stride[d][k];
        }
    }
};
