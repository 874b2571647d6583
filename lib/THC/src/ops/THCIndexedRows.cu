#include "ops/THCIndexedRows.cuh"

#include "kernels/THCAtomic.cuh"

namespace
{

constexpr int V = 4; // indices that a thread reads together
constexpr int STAGED_THREADS = 512;
constexpr int64_t STAGED_BYTES = 96 << 10; // of a row that a block holds: two fit into a multiprocessor
constexpr int64_t STAGED_LENGTH = 1024;    // with fewer indices a row is not worth a block
constexpr int64_t BY_THE_WAY = 1 << 21;    // from so many indices on a check of its own takes longer than waiting for all of it

// `count` rows of `size` elements, and of `length` indices each.
struct Rows {
    int64_t count, size, length;
};

// True if `base` and the indices are rows that packs of V indices go with: `other` has the indices' shape.
bool findRows(const THTensor *base, int dim, const THTensor *index, const THTensor *other, Rows *rows)
{
    const int64_t itemsize = THDtype_itemsize((THDtype)base->dtype);
    if (base->ndim == 0 || dim != base->ndim - 1 || index->numel == 0) return false;
    if (!THTensor_isContiguous(base) || !THTensor_isContiguous(index) || !THTensor_isContiguous(other)) return false;
    for (int d = 0; d < dim; d++)
        if (index->size[d] != base->size[d]) return false; // rows are left out
    *rows = Rows{index->numel / index->size[dim], base->size[dim], index->size[dim]};
    return rows->length % V == 0 && reinterpret_cast<uintptr_t>(THTensor_dataBytes(index)) % (V * sizeof(int64_t)) == 0 &&
           reinterpret_cast<uintptr_t>(THTensor_dataBytes(other)) % (uintptr_t)(V * itemsize) == 0;
}

// Whether blocks hold a row each, which they read and write as a whole.
bool areStaged(const THTensor *base, const Rows &rows)
{
    const int64_t bytes = rows.size * THDtype_itemsize((THDtype)base->dtype);
    return bytes <= STAGED_BYTES && bytes % (int64_t)sizeof(uint4) == 0 && rows.length >= STAGED_LENGTH &&
           4 * rows.length >= rows.size && rows.count >= 2 * thc_multiprocessors() && rows.count <= INT32_MAX &&
           reinterpret_cast<uintptr_t>(THTensor_dataBytes(base)) % sizeof(uint4) == 0;
}

// By a whole block. Elements of 16 bytes, which the rows consist of.
__device__ void copyRow(const uint4 *from, uint4 *to, uint32_t units)
{
    for (uint32_t k = threadIdx.x; k < units; k += STAGED_THREADS) to[k] = from[k];
}

// Room for `bytes` of a row in a block of `kernel`.
THStatus makeRoom(const char *op, const void *kernel, int64_t bytes)
{
    if (bytes > 48 << 10) THC_TRY(op, cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, (int)bytes));
    return TH_OK;
}

// The elements of `row` that a pack of indices names. watch.first: NULL if they have been checked.
template <class U>
__device__ THCPack<U, V> pick(const U *row, int64_t size, const int64_t *index, int64_t pack, const THCWatch &watch)
{
    const THCPack<int64_t, V> places = reinterpret_cast<const THCPack<int64_t, V> *>(index)[pack];
    THCPack<U, V> picked;
#pragma unroll
    for (int v = 0; v < V; v++) {
        const int64_t k = places.item[v];
        const bool inside = (uint64_t)k < (uint64_t)size;
        if (!inside && watch.first != nullptr) thc_note(watch, pack * V + v);
        picked.item[v] = row[inside ? k : 0];
    }
    return picked;
}

template <class U>
__global__ void __launch_bounds__(STAGED_THREADS)
    gatherStaged(Rows rows, const U *a, const int64_t *index, U *r, THCWatch watch)
{
    extern __shared__ uint4 room[];
    const uint32_t units = (uint32_t)(rows.size * sizeof(U) / sizeof(uint4)), packs = (uint32_t)(rows.length / V);
    copyRow(reinterpret_cast<const uint4 *>(a) + (int64_t)blockIdx.x * units, room, units);
    __syncthreads();
    for (uint32_t k = threadIdx.x; k < packs; k += STAGED_THREADS) {
        const int64_t pack = (int64_t)blockIdx.x * packs + k;
        reinterpret_cast<THCPack<U, V> *>(r)[pack] = pick(reinterpret_cast<const U *>(room), rows.size, index, pack, watch);
    }
}

template <class U>
__global__ void __launch_bounds__(THC_MAP_THREADS)
    gatherPacks(Rows rows, uint32_t packs, THCDivisor row_packs, const U *a, const int64_t *index, U *r, THCWatch watch)
{
    const uint32_t i = blockIdx.x * THC_MAP_THREADS + threadIdx.x;
    if (i >= packs) return;
    const U *const from = a + (int64_t)row_packs.quotient(i) * rows.size;
    reinterpret_cast<THCPack<U, V> *>(r)[i] = pick(from, rows.size, index, i, watch);
}

template <class U> THStatus gather(const Rows &rows, bool staged, const U *a, const int64_t *index, U *r, const THCWatch &watch)
{
    if (staged) {
        const int64_t bytes = rows.size * (int64_t)sizeof(U);
        TH_TRY(makeRoom("gather", reinterpret_cast<const void *>(&gatherStaged<U>), bytes));
        gatherStaged<U><<<(unsigned)rows.count, STAGED_THREADS, (size_t)bytes, thc_stream()>>>(rows, a, index, r, watch);
    } else {
        const uint32_t packs = (uint32_t)(rows.count * rows.length / V);
        THCDivisor row_packs;
        row_packs.set((uint32_t)(rows.length / V));
        gatherPacks<U><<<thc_blocks(packs, THC_MAP_THREADS), THC_MAP_THREADS, 0, thc_stream()>>>(rows, packs, row_packs, a,
                                                                                                 index, r, watch);
    }
    return thc_started("gather");
}

// Additions within a block: no other one comes to its row.
template <class T>
__global__ void __launch_bounds__(STAGED_THREADS)
    addStaged(Rows rows, T *to, const int64_t *index, const T *source, const unsigned long long *gate)
{
    extern __shared__ uint4 room[];
    if (*gate != THC_FINE) return;
    const uint32_t units = (uint32_t)(rows.size * sizeof(T) / sizeof(uint4)), packs = (uint32_t)(rows.length / V);
    uint4 *const row = reinterpret_cast<uint4 *>(to) + (int64_t)blockIdx.x * units;
    copyRow(row, room, units);
    __syncthreads();
    for (uint32_t k = threadIdx.x; k < packs; k += STAGED_THREADS) {
        const int64_t pack = (int64_t)blockIdx.x * packs + k;
        const THCPack<int64_t, V> places = reinterpret_cast<const THCPack<int64_t, V> *>(index)[pack];
        const THCPack<T, V> items = reinterpret_cast<const THCPack<T, V> *>(source)[pack];
#pragma unroll
        for (int v = 0; v < V; v++) thc_atomicAdd(reinterpret_cast<T *>(room) + places.item[v], items.item[v]);
    }
    __syncthreads();
    copyRow(room, row, units);
}

template <class T> THStatus addRows(const Rows &rows, T *to, const THCIndexArgument &places, const T *source)
{
    const int64_t bytes = rows.size * (int64_t)sizeof(T);
    TH_TRY(makeRoom("scatterAdd", reinterpret_cast<const void *>(&addStaged<T>), bytes));
    addStaged<T><<<(unsigned)rows.count, STAGED_THREADS, (size_t)bytes, thc_stream()>>>(
        rows, to, thc_data<int64_t>(places.get()), source, places.gate());
    return thc_started("scatterAdd");
}

THStatus startGather(const Rows &rows, bool staged, THTensor *r, const THTensor *a, THCIndexArgument &places, bool known)
{
    const bool by_the_way = !known && r->numel >= BY_THE_WAY;
    THCWatch watch = {};
    if (by_the_way)
        TH_TRY(places.watch("gather", &watch));
    else if (!known)
        TH_TRY(places.ask("gather"));
    const auto start = [&]() -> THStatus {
        THC_FOR_BITS(a->dtype, U,
                     { return gather(rows, staged, thc_data<U>(a), thc_data<int64_t>(places.get()), thc_data<U>(r), watch); })
    };
    TH_TRY(start());
    return by_the_way ? places.tell("gather") : TH_OK;
}

} // namespace

bool thc_gatherRows(THTensor *r, const THTensor *a, int dim, THCIndexArgument &places, bool known, THStatus *status)
{
    Rows rows;
    if (!findRows(a, dim, places.get(), r, &rows)) return false;
    const THCGuard guard(a);
    const bool staged = areStaged(a, rows);
    if (!staged && r->numel / V > INT32_MAX) return false;
    *status = startGather(rows, staged, r, a, places, known);
    return true;
}

bool thc_scatterAddRows(THTensor *to, int dim, const THCIndexArgument &places, const THTensor *source, THStatus *status)
{
    const THTensor *const index = places.get();
    Rows rows;
    if (!THTensor_isSameSizeAs(index, source) || !findRows(to, dim, index, source, &rows)) return false;
    const THCGuard guard(to);
    if (!areStaged(to, rows)) return false;
    const auto start = [&]() -> THStatus {
        THC_FOR_ALL("scatterAdd", to->dtype, T, return addRows(rows, thc_data<T>(to), places, thc_data<T>(source));)
    };
    *status = start();
    return true;
}
