// Element types on the device, and the choice of one at run time.
#pragma once

#include <cuda_fp16.h>

#include "THC/device/THCCore.cuh"

// What an element computes in: Half computes in float.
template <class T> struct THCElement {
    using Compute = T;
    static __host__ __device__ T up(T value) { return value; }
    static __host__ __device__ T down(T value) { return value; }
};

template <> struct THCElement<__half> {
    using Compute = float;
    static __host__ __device__ float up(__half value) { return __half2float(value); }
    static __host__ __device__ __half down(float value) { return __float2half_rn(value); }
};

template <class T> using THCCompute = typename THCElement<T>::Compute;

// Sums: int64 of integers, float of Half and float, double of double, as on the host.
template <class T> struct THCAccumulate {
    using Type = int64_t;
};
template <> struct THCAccumulate<__half> {
    using Type = float;
};
template <> struct THCAccumulate<float> {
    using Type = float;
};
template <> struct THCAccumulate<double> {
    using Type = double;
};

// A number as an argument of a kernel. Integers wrap as on the host.
template <class T> T thc_scalar(THScalar s)
{
    return s.is_float ? (T)s.value.d : (T)s.value.i;
}

inline THStatus thc_unsupported(const char *op, THDtype dtype)
{
    if (dtype == THDtype_None)
        return THStatus_fail(TH_ERR_DTYPE, "[%s] a tensor without dtype, expected one with elements", op);
    return THStatus_fail(TH_ERR_UNSUPPORTED, "[%s] not implemented for %s on CUDA", op, THDtype_name(dtype));
}

#define THC_CASE_(Name, Type, T, ...)                                                                                          \
    case THDtype_##Name: {                                                                                                     \
        using T = Type;                                                                                                        \
        __VA_ARGS__                                                                                                            \
    }

#define THC_INTEGERS_(T, ...)                                                                                                  \
    THC_CASE_(Byte, uint8_t, T, __VA_ARGS__)                                                                                   \
    THC_CASE_(Char, int8_t, T, __VA_ARGS__)                                                                                    \
    THC_CASE_(Short, int16_t, T, __VA_ARGS__)                                                                                  \
    THC_CASE_(Int, int32_t, T, __VA_ARGS__)                                                                                    \
    THC_CASE_(Long, int64_t, T, __VA_ARGS__)

#define THC_FLOATING_(T, ...)                                                                                                  \
    THC_CASE_(Half, __half, T, __VA_ARGS__)                                                                                    \
    THC_CASE_(Float, float, T, __VA_ARGS__)                                                                                    \
    THC_CASE_(Double, double, T, __VA_ARGS__)

// Runs the statements, which return, with T as the element type; returns TH_ERR_UNSUPPORTED for the others.
#define THC_FOR_ALL(op, dtype, T, ...)                                                                                         \
    switch ((THDtype)(dtype)) {                                                                                                \
        THC_INTEGERS_(T, __VA_ARGS__)                                                                                          \
        THC_FLOATING_(T, __VA_ARGS__)                                                                                          \
    default:                                                                                                                   \
        return thc_unsupported((op), (THDtype)(dtype));                                                                        \
    }
#define THC_FOR_INTEGERS(op, dtype, T, ...)                                                                                    \
    switch ((THDtype)(dtype)) {                                                                                                \
        THC_INTEGERS_(T, __VA_ARGS__)                                                                                          \
    default:                                                                                                                   \
        return thc_unsupported((op), (THDtype)(dtype));                                                                        \
    }
#define THC_FOR_FLOATING(op, dtype, T, ...)                                                                                    \
    switch ((THDtype)(dtype)) {                                                                                                \
        THC_FLOATING_(T, __VA_ARGS__)                                                                                          \
    default:                                                                                                                   \
        return thc_unsupported((op), (THDtype)(dtype));                                                                        \
    }
