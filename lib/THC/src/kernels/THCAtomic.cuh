// Additions that several threads make to one element. Integers wrap. The order of additions is not defined: sums of floats may
// differ in their last digits from one time to the next.
#pragma once

#include "THC/device/THCArithmetic.cuh"
#include "THC/device/THCDtype.cuh"

// The device exchanges words of 4 bytes: a smaller element is changed within its word. Memory of tensors comes in whole words.
template <class T> __device__ void thc_addWithinWord(T *place, T value)
{
    using Bits = std::conditional_t<sizeof(T) == 1, uint8_t, uint16_t>;
    const uintptr_t address = reinterpret_cast<uintptr_t>(place);
    unsigned *const word = reinterpret_cast<unsigned *>(address & ~(uintptr_t)3);
    const unsigned shift = (unsigned)(address & 3) * 8, mask = (unsigned)(Bits) ~(Bits)0 << shift;
    unsigned seen = *word, before;
    do {
        before = seen;
        Bits bits = (Bits)(before >> shift);
        T element;
        memcpy(&element, &bits, sizeof bits);
        using C = THCCompute<T>;
        element = THCElement<T>::down(THCAdd<C>{}(THCElement<T>::up(element), THCElement<T>::up(value)));
        memcpy(&bits, &element, sizeof bits);
        seen = atomicCAS(word, before, (before & ~mask) | ((unsigned)bits << shift));
    } while (seen != before);
}

// Four of them, at a multiple of 16 bytes: one access where the device has such.
__device__ inline void thc_atomicAddPack(float4 *place, float4 value)
{
#if __CUDA_ARCH__ >= 900
    atomicAdd(place, value);
#else
    float *const one = reinterpret_cast<float *>(place);
    atomicAdd(one, value.x);
    atomicAdd(one + 1, value.y);
    atomicAdd(one + 2, value.z);
    atomicAdd(one + 3, value.w);
#endif
}

template <class T> __device__ void thc_atomicAdd(T *place, T value)
{
    if constexpr (sizeof(T) < 4)
        thc_addWithinWord(place, value);
    else if constexpr (std::is_floating_point_v<T>)
        atomicAdd(place, value);
    else if constexpr (sizeof(T) == 4)
        atomicAdd(reinterpret_cast<unsigned *>(place), (unsigned)value);
    else
        atomicAdd(reinterpret_cast<unsigned long long *>(place), (unsigned long long)value);
}
