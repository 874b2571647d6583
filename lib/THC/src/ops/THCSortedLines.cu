// Sorting by CUB's radix sort, which is stable: all elements at once by their keys, then by their lines. So one way serves one
// long line and a million short ones.
#include "ops/THCSortedLines.cuh"

#include <cub/device/device_radix_sort.cuh>

#include "THC/THCTensor.h"
#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCMap.cuh"
#include "kernels/THCSortKeys.cuh"

namespace
{

constexpr int THREADS = 256;

template <class T>
__global__ void __launch_bounds__(THREADS)
    makeKeys(uint32_t n, const T *a, bool descending, THCSortKey<T> *keys, uint32_t *positions)
{
    const uint32_t i = blockIdx.x * THREADS + threadIdx.x;
    if (i >= n) return;
    const THCSortKey<T> key = thc_sortKey(a[i]);
    keys[i] = descending ? (THCSortKey<T>)~key : key; // so that equal elements keep their order
    positions[i] = i;
}

__global__ void __launch_bounds__(THREADS) makeLines(uint32_t n, uint32_t length, const uint32_t *positions, uint32_t *lines)
{
    const uint32_t i = blockIdx.x * THREADS + threadIdx.x;
    if (i < n) lines[i] = positions[i] / length;
}

template <class Key>
THStatus sortPairs(const char *op, int device, cub::DoubleBuffer<Key> &keys, cub::DoubleBuffer<uint32_t> &values, uint32_t n,
                   int bits)
{
    size_t bytes = 0;
    THC_TRY(op, cub::DeviceRadixSort::SortPairs(nullptr, bytes, keys, values, n, 0, bits, thc_stream()));
    const THCScratch room(device, bytes == 0 ? 1 : (int64_t)bytes);
    if (room.data() == nullptr) return THStatus_last();
    THC_TRY(op, cub::DeviceRadixSort::SortPairs(room.data(), bytes, keys, values, n, 0, bits, thc_stream()));
    return thc_started(op);
}

int bitsOf(int64_t greatest)
{
    int bits = 1;
    while (greatest >> bits != 0) bits++;
    return bits;
}

THTensor *newWords(int device, int64_t n)
{
    return THCTensor_newWithSize(device, THDtype_Int, 1, &n);
}

uint32_t *wordsOf(const THTensor *t)
{
    return reinterpret_cast<uint32_t *>(THTensor_dataBytes(t));
}

THTensor *newBytes(int device, int64_t n)
{
    return THCTensor_newWithSize(device, THDtype_Byte, 1, &n);
}

template <class T>
THStatus sortByKeys(const char *op, const THTensor *dense, bool descending, int64_t limit,
                    cub::DoubleBuffer<uint32_t> &positions, THTensor **sorted_keys)
{
    using Key = THCSortKey<T>;
    const int device = THTensor_device(dense);
    const uint32_t n = (uint32_t)dense->numel;
    THCOwned one(newBytes(device, n * (int64_t)sizeof(Key))), other(newBytes(device, n * (int64_t)sizeof(Key)));
    if (!one || !other) return THStatus_last();
    Key *const first = reinterpret_cast<Key *>(THTensor_dataBytes(one.get()));
    cub::DoubleBuffer<Key> keys(first, reinterpret_cast<Key *>(THTensor_dataBytes(other.get())));
    makeKeys<T><<<thc_blocks(n, THREADS), THREADS, 0, thc_stream()>>>(n, reinterpret_cast<const T *>(THTensor_dataBytes(dense)),
                                                                      descending, keys.Current(), positions.Current());
    TH_TRY(sortPairs(op, device, keys, positions, n, limit > 0 ? bitsOf(limit - 1) : 8 * (int)sizeof(Key)));
    if (sorted_keys != nullptr) *sorted_keys = keys.Current() == first ? one.release() : other.release();
    return TH_OK;
}

THStatus sortByLines(const char *op, int device, uint32_t n, const THCSortedLines &s, cub::DoubleBuffer<uint32_t> &positions)
{
    const THCScratch one(device, n * (int64_t)sizeof(uint32_t)), other(device, n * (int64_t)sizeof(uint32_t));
    if (one.data() == nullptr || other.data() == nullptr) return THStatus_last();
    cub::DoubleBuffer<uint32_t> lines(reinterpret_cast<uint32_t *>(one.data()), reinterpret_cast<uint32_t *>(other.data()));
    makeLines<<<thc_blocks(n, THREADS), THREADS, 0, thc_stream()>>>(n, (uint32_t)s.length, positions.Current(),
                                                                    lines.Current());
    return sortPairs(op, device, lines, positions, n, bitsOf(s.count - 1));
}

THStatus sortDense(const char *op, const THTensor *dense, bool descending, int64_t limit,
                   cub::DoubleBuffer<uint32_t> &positions, THTensor **sorted_keys)
{
    THC_FOR_ALL(op, dense->dtype, T, { return sortByKeys<T>(op, dense, descending, limit, positions, sorted_keys); })
}

} // namespace

THTensor *thc_newLines(const THTensor *a, int dim)
{
    const THCOwned turned(a->ndim < 2 ? THTensor_newWithTensor(a) : THTensor_newTranspose(a, dim, a->ndim - 1));
    return turned ? THCTensor_newContiguous(turned.get()) : nullptr;
}

THStatus thc_sortLines(const char *op, const THTensor *a, int dim, bool descending, THCSortedLines *sorted, int64_t limit)
{
    const int device = THTensor_device(a);
    TH_FAIL_IF(a->numel > UINT32_MAX, TH_ERR_UNSUPPORTED, "[%s] %lld elements, expected less than 2^32 on CUDA", op,
               (long long)a->numel);
    const THCGuard guard(a);
    sorted->length = a->ndim == 0 ? 1 : a->size[dim];
    sorted->count = a->numel / sorted->length;
    sorted->dense = thc_newLines(a, dim);
    THCOwned one(newWords(device, a->numel)), other(newWords(device, a->numel));
    if (sorted->dense == nullptr || !one || !other) return THStatus_last();
    cub::DoubleBuffer<uint32_t> positions(wordsOf(one.get()), wordsOf(other.get()));
    TH_TRY(sortDense(op, sorted->dense, descending, limit, positions, sorted->count == 1 ? &sorted->keys : nullptr));
    if (sorted->count > 1) TH_TRY(sortByLines(op, device, (uint32_t)a->numel, *sorted, positions));
    sorted->positions = positions.Current() == wordsOf(one.get()) ? one.release() : other.release();
    return TH_OK;
}
