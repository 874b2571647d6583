// What every op of THCUNN does with its tensors: checks in the layers' words, and what kernels add up with.
#pragma once

#include <cstdint>

#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCDense.cuh"
#include "THC/device/THCDtype.cuh"
#include "THC/device/THCMap.cuh"
#include "THC/device/THCOps.cuh"

#include "THCUNN/THCUNN.h"

// Half, Float or Double.
THStatus cunn_checkFloating(const char *op, const char *argument, const THTensor *tensor);
THStatus cunn_checkDtype(const char *op, const char *argument, const THTensor *tensor, THDtype dtype);
// `tensor` has exactly this shape.
THStatus cunn_checkShape(const char *op, const char *argument, const THTensor *tensor, int ndim, const int64_t *size);
// `tensor` has the dtype, the shape and the device of `like`.
THStatus cunn_checkLike(const char *op, const char *argument, const THTensor *tensor, const THTensor *like);
// *outside: whether an element of `indices` (Long, row-major) is neither in [low, high) nor *exempt (or NULL); *value: the
// first of these. Waits for the device, as a check of values has to.
THStatus cunn_findOutside(const char *op, const THTensor *indices, int64_t low, int64_t high, const int64_t *exempt,
                          bool *outside, int64_t *value);

using CunnDense = THCDense;
using CunnResult = THCResult;

constexpr int CUNN_THREADS = 256;

inline unsigned cunn_blocks(int64_t count)
{
    const int64_t blocks = (count + CUNN_THREADS - 1) / CUNN_THREADS;
    return (unsigned)(blocks < 65536 ? (blocks < 1 ? 1 : blocks) : 65536);
}

// i runs over [0, n), whatever the grid's size.
#define CUNN_LOOP(i, n)                                                                                                        \
    for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x; i < (n); i += (int64_t)gridDim.x * blockDim.x)

template <class F> __global__ void __launch_bounds__(CUNN_THREADS) cunn_eachOf(int64_t n, F f)
{
    CUNN_LOOP(i, n) f(i);
}

// f(i) for i in [0, n), in any order.
template <class F> THStatus cunn_each(const char *op, int64_t n, F f)
{
    if (n == 0) return TH_OK;
    cunn_eachOf<F><<<cunn_blocks(n), CUNN_THREADS, 0, thc_stream()>>>(n, f);
    return thc_started(op);
}

// log(1 + e^x), and 1 / (1 + e^-x).
template <class C> __device__ C softPlusOf(C x)
{
    return (x > 0 ? x : (C)0) + log1p(exp(-fabs(x)));
}
template <class C> __device__ C sigmoidOf(C x)
{
    const C e = exp(-fabs(x));
    return (x >= 0 ? (C)1 : e) / ((C)1 + e);
}

// What sums of T add up in.
template <class T> using CunnSum = std::conditional_t<std::is_same_v<T, double>, double, float>;

// Elements that a thread reads together where it can.
template <class T> constexpr int CUNN_PACK = sizeof(T) > 4 ? 2 : 4;

template <int V, class T> __device__ THCPack<T, V> cunn_packAt(const T *data, int64_t offset)
{
    return *reinterpret_cast<const THCPack<T, V> *>(data + offset);
}

// Whether runs of n elements are whole packs that begin where packs may, in all of `data` (or NULL).
template <class T> bool cunn_isPacked(int64_t n, std::initializer_list<const T *> data)
{
    bool packed = n % CUNN_PACK<T> == 0;
    for (const T *p : data) packed = packed && reinterpret_cast<uintptr_t>(p) % (CUNN_PACK<T> * sizeof(T)) == 0;
    return packed;
}

struct CunnPlus {
    template <class A> __device__ A operator()(A x, A y) const { return x + y; }
};
struct CunnGreater {
    template <class A> __device__ A operator()(A x, A y) const { return x != x || x > y ? x : y; }
};

// f over the values of all threads of a block of at most 1,024, known to all of them.
template <class A, class F> __device__ A cunn_blockReduce(A value, F f)
{
    __shared__ A partial[32];
    __shared__ A whole;
    for (int step = 16; step > 0; step /= 2) value = f(value, __shfl_xor_sync(0xffffffffu, value, step));
    const int warps = (int)(blockDim.x + 31) / 32, warp = (int)threadIdx.x / 32;
    __syncthreads(); // the former reduction has been read
    if (threadIdx.x % 32 == 0) partial[warp] = value;
    __syncthreads();
    if (threadIdx.x == 0) {
        A total = partial[0];
        for (int w = 1; w < warps; w++) total = f(total, partial[w]);
        whole = total;
    }
    __syncthreads();
    return whole;
}
