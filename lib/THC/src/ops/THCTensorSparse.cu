// Sparse tensors in coordinate format: sums of what lies at one place, products with dense matrices.
//
// Both are sums over runs: of the elements at one place, of those in one row. A run's items are added one after the other, as
// the host adds them, so that the results are its to the bit.
#include <algorithm>

#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCAnswer.cuh"
#include "THC/device/THCDense.cuh"
#include "THC/device/THCMap.cuh"
#include "ops/THCIndexArgument.cuh"
#include "ops/THCRuns.cuh"
#include "ops/THCTarget.cuh"

namespace
{

constexpr int THREADS = 256;
constexpr int UNDER_WAY = 8;              // items that a thread reads before it adds the first of them
constexpr int64_t LONG = 256, NARROW = 4; // a warp reads a run of more items together where a row is so narrow

// What the runs consist of. C: what is added up in.
template <class T> struct Rows {
    static constexpr bool HAS_PACKS = false; // few runs may be long: more threads read more of them at once
    const int64_t *edges;
    const uint32_t *order;
    const T *values;
    int64_t width;

    __device__ THCCompute<T> at(int64_t k, int64_t column) const
    {
        return THCElement<T>::up(values[(int64_t)order[k] * width + column]);
    }
};

// order NULL: the elements are in order.
template <class T> struct Products {
    static constexpr bool HAS_PACKS = true;
    const int64_t *edges;
    const uint32_t *order;
    const T *values;
    const int64_t *columns;
    const T *dense;
    int64_t width;

    __device__ THCCompute<T> at(int64_t k, int64_t column) const
    {
        const int64_t element = order == nullptr ? k : order[k];
        return THCMul<THCCompute<T>>{}(THCElement<T>::up(values[element]),
                                       THCElement<T>::up(dense[columns[element] * width + column]));
    }
    // V of them from column number `column` on.
    template <int V> __device__ THCPack<THCCompute<T>, V> pack(int64_t k, int64_t column) const
    {
        const int64_t element = order == nullptr ? k : order[k];
        const auto items = *reinterpret_cast<const THCPack<T, V> *>(dense + columns[element] * width + column);
        const THCCompute<T> value = THCElement<T>::up(values[element]);
        THCPack<THCCompute<T>, V> pack;
#pragma unroll
        for (int v = 0; v < V; v++) pack.item[v] = THCMul<THCCompute<T>>{}(value, THCElement<T>::up(items.item[v]));
        return pack;
    }
    template <int V> bool isPacked() const
    {
        return width % V == 0 && reinterpret_cast<uintptr_t>(dense) % sizeof(THCPack<T, V>) == 0;
    }
};

template <class C, class Items> __device__ C sumAlone(const Items &items, int64_t k, int64_t end, int64_t column)
{
    C sum = 0;
    for (; k + UNDER_WAY <= end; k += UNDER_WAY) {
        C item[UNDER_WAY];
#pragma unroll
        for (int u = 0; u < UNDER_WAY; u++) item[u] = items.at(k + u, column);
#pragma unroll
        for (int u = 0; u < UNDER_WAY; u++) sum = THCAdd<C>{}(sum, item[u]);
    }
    for (; k < end; k++) sum = THCAdd<C>{}(sum, items.at(k, column));
    return sum;
}

// By all lanes of a warp, which read 32 items at once; each adds all of them up.
template <class C, class Items> __device__ C sumTogether(const Items &items, int64_t k, int64_t end, int64_t column)
{
    const int lane = (int)threadIdx.x % 32;
    C sum = 0, item = k + lane < end ? items.at(k + lane, column) : (C)0;
    for (; k < end; k += 32) {
        const int64_t ahead = k + 32 + lane;
        const C next = ahead < end ? items.at(ahead, column) : (C)0;
        const int count = end - k < 32 ? (int)(end - k) : 32;
        for (int l = 0; l < count; l++) sum = THCAdd<C>{}(sum, (C)__shfl_sync(0xffffffffu, item, l));
        item = next;
    }
    return sum;
}

// sums[run][column]. Warps stay whole: a long run is every lane's work. good: NULL, or 0 if there is nothing to add up.
template <class T, class Items>
__global__ void __launch_bounds__(THREADS) sumRuns(int64_t runs, int64_t width, const Items items, T *sums, const int64_t *good)
{
    using C = THCCompute<T>;
    if (good != nullptr && *good == 0) return;
    const int lane = (int)threadIdx.x % 32;
    const int64_t total = runs * width, step = (int64_t)gridDim.x * THREADS;
    for (int64_t base = (int64_t)blockIdx.x * THREADS + (int)threadIdx.x - lane; base < total; base += step) {
        const int64_t i = base + lane;
        int64_t begin = 0, end = 0, column = 0;
        if (i < total) {
            const int64_t run = thc_quotient(i, width);
            column = i - run * width;
            begin = items.edges[run];
            end = items.edges[run + 1];
        }
        const bool shared = width <= NARROW && end - begin > LONG;
        C sum = shared ? (C)0 : sumAlone<C>(items, begin, end, column);
        unsigned waiting = __ballot_sync(0xffffffffu, shared);
        while (waiting != 0) {
            const int owner = __ffs((int)waiting) - 1;
            waiting &= waiting - 1;
            const C whole = sumTogether<C>(items, (int64_t)__shfl_sync(0xffffffffu, (long long)begin, owner),
                                           (int64_t)__shfl_sync(0xffffffffu, (long long)end, owner),
                                           (int64_t)__shfl_sync(0xffffffffu, (long long)column, owner));
            if (lane == owner) sum = whole;
        }
        if (i < total) sums[i] = THCElement<T>::down(sum);
    }
}

// Adds the items from k on by groups of U, as many groups as there are; where the next item stands.
template <int U, int V, class C, class Items>
__device__ int64_t addGroups(const Items &items, int64_t k, int64_t end, int64_t column, THCPack<C, V> &sum)
{
    for (; k + U <= end; k += U) {
        THCPack<C, V> item[U];
#pragma unroll
        for (int u = 0; u < U; u++) item[u] = items.template pack<V>(k + u, column);
#pragma unroll
        for (int u = 0; u < U; u++)
#pragma unroll
            for (int v = 0; v < V; v++) sum.item[v] = THCAdd<C>{}(sum.item[v], item[u].item[v]);
    }
    return k;
}

// V columns for each thread.
template <int V, class T, class Items>
__global__ void __launch_bounds__(THREADS)
    sumPacks(int64_t runs, int64_t width, const Items items, T *sums, const int64_t *good)
{
    using C = THCCompute<T>;
    if (good != nullptr && *good == 0) return;
    const int64_t row_packs = width / V, total = runs * row_packs, step = (int64_t)gridDim.x * THREADS;
    for (int64_t i = (int64_t)blockIdx.x * THREADS + threadIdx.x; i < total; i += step) {
        const int64_t run = thc_quotient(i, row_packs), column = (i - run * row_packs) * V, end = items.edges[run + 1];
        THCPack<C, V> sum = {};
        const int64_t k = addGroups<UNDER_WAY>(items, items.edges[run], end, column, sum);
        addGroups<1>(items, addGroups<2>(items, k, end, column, sum), end, column, sum);
        THCPack<T, V> pack;
#pragma unroll
        for (int v = 0; v < V; v++) pack.item[v] = THCElement<T>::down(sum.item[v]);
        reinterpret_cast<THCPack<T, V> *>(sums)[i] = pack;
    }
}

template <class T, class Items>
THStatus startSums(const char *op, int64_t runs, int64_t width, const Items &items, T *sums, const int64_t *good)
{
    constexpr int V = sizeof(T) > 4 ? 2 : 4;
    const int64_t most = INT64_C(1) << 24;
    const auto blocksFor = [&](int64_t threads) { return (unsigned)std::min(most, (threads + THREADS - 1) / THREADS); };
    if (runs * width == 0) return TH_OK;
    if constexpr (Items::HAS_PACKS) {
        const bool aligned = reinterpret_cast<uintptr_t>(sums) % sizeof(THCPack<T, V>) == 0;
        if (width > NARROW && aligned && items.template isPacked<V>()) {
            const unsigned blocks = blocksFor(runs * (width / V));
            sumPacks<V, T, Items><<<blocks, THREADS, 0, thc_stream()>>>(runs, width, items, sums, good);
            return thc_started(op);
        }
    }
    sumRuns<T, Items><<<blocksFor(runs * width), THREADS, 0, thc_stream()>>>(runs, width, items, sums, good);
    return thc_started(op);
}

THStatus sumRows(const THCRuns &runs, const THTensor *edges, const THTensor *values, THTensor *sums)
{
    const int64_t width = values->numel / values->size[0];
    THC_FOR_ALL("coalesce", values->dtype, T, {
        const Rows<T> rows = {thc_data<int64_t>(edges), thc_data<uint32_t>(runs.sorted.positions), thc_data<T>(values), width};
        return startSums<T>("coalesce", runs.count, width, rows, thc_data<T>(sums), nullptr);
    })
}

struct Sums {
    THTensor *different, *sums, *inverse;
    const THTensor *places, *values;

    // Makes the outputs ready for `count` different places.
    THStatus prepare(int64_t count) const
    {
        int64_t size[TH_MAX_DIMS];
        for (int d = 0; d < values->ndim; d++) size[d] = d == 0 ? count : values->size[d];
        TH_TRY(thc_outputApart("coalesce", different, places, THDtype_Long, 1, &count));
        TH_TRY(thc_outputApart("coalesce", inverse, places, THDtype_Long, 1, &places->numel));
        return thc_outputApart("coalesce", sums, values, (THDtype)values->dtype, values->ndim, size);
    }
    THStatus find(const THTensor *dense_places, int64_t limit) const;
};

THStatus Sums::find(const THTensor *dense_places, int64_t limit) const
{
    const THCGuard guard(places);
    THCRuns runs;
    const THCDense rows(values);
    if (rows.failed()) return THStatus_last();
    TH_TRY(thc_findRuns("coalesce", dense_places, limit, &runs));
    const int64_t edge_count = runs.count + 1;
    const THCOwned edges(THCTensor_newWithSize(THTensor_device(places), THDtype_Long, 1, &edge_count));
    if (!edges) return THStatus_last();
    TH_TRY(prepare(runs.count));
    const THCTarget found(different), where(inverse), whole(sums);
    if (!found || !where || !whole) return THStatus_last();
    TH_TRY(thc_writeRuns("coalesce", runs, found.get(), where.get(), edges.get()));
    TH_TRY(sumRows(runs, edges.get(), rows.get(), whole.get()));
    TH_TRY(found.finish());
    TH_TRY(where.finish());
    return whole.finish();
}

bool shareMemory(const THTensor *a, const THTensor *b)
{
    return a == b || (a->storage != nullptr && b->storage != nullptr && THTensor_mayOverlap(a, b));
}

// --- products ----------------------------------------------------------------------------------------------------------------

// Looks at an index of 2 x n: notes places of rows and columns that are out of range, and place 2 n if a row is less than the
// row before. The last block to be done leaves in *good whether nothing was noted.
__global__ void __launch_bounds__(THREADS)
    lookAtIndex(int64_t n, const int64_t *index, int64_t row_count, int64_t column_count, THCWatch watch, int64_t *good)
{
    for (int64_t k = (int64_t)blockIdx.x * THREADS + threadIdx.x; k < n; k += (int64_t)gridDim.x * THREADS) {
        const int64_t row = index[k], column = index[n + k], before = k > 0 ? index[k - 1] : row;
        if (row < 0 || row >= row_count) thc_note(watch, k);
        if (column < 0 || column >= column_count) thc_note(watch, n + k);
        if (row < before) thc_note(watch, 2 * n);
    }
    __threadfence();
    __syncthreads();
    if (threadIdx.x != 0 || atomicAdd(watch.done, 1u) != gridDim.x - 1) return;
    *good = *reinterpret_cast<volatile unsigned long long *>(watch.first) == THC_NOWHERE;
    thc_tell(watch);
}

THStatus refuse(const int64_t *index, int64_t place, int64_t n, int64_t row_count, int64_t column_count)
{
    int64_t entry = 0;
    THC_TRY("spmm", cudaMemcpyAsync(&entry, index + place, sizeof entry, cudaMemcpyDeviceToHost, thc_stream()));
    THC_TRY("spmm", cudaStreamSynchronize(thc_stream()));
    return THStatus_fail(TH_ERR_INDEX, "[spmm] index %lld at place %lld is out of range for a dimension of size %lld",
                         (long long)entry, (long long)(place % n), (long long)(place < n ? row_count : column_count));
}

// edges[i]: how many elements lie in rows before number i. order NULL: they are in order.
__global__ void __launch_bounds__(THREADS)
    findEdges(int64_t row_count, int64_t n, const int64_t *rows, const uint32_t *order, int64_t *edges)
{
    const int64_t i = (int64_t)blockIdx.x * THREADS + threadIdx.x;
    if (i > row_count) return;
    int64_t low = 0, high = n;
    while (low < high) {
        const int64_t middle = (low + high) / 2;
        if (rows[order == nullptr ? middle : order[middle]] < i)
            low = middle + 1;
        else
            high = middle;
    }
    edges[i] = low;
}

// A product of which the sums are left.
struct Product {
    const THTensor *index, *values, *dense; // without gaps
    int64_t row_count;
    THTensor *r;

    int64_t count() const { return values->numel; }
    THStatus look(THCAsked *asked, int64_t *good) const;
    THStatus sum(const uint32_t *order, int64_t *edges, const int64_t *good) const;
};

THStatus Product::look(THCAsked *asked, int64_t *good) const
{
    THCWatch watch;
    TH_TRY(asked->open("spmm", THTensor_device(index), &watch));
    const int64_t most = 16 * (int64_t)thc_multiprocessors(), needed = (count() + THREADS - 1) / THREADS;
    lookAtIndex<<<(unsigned)(needed < most ? needed : most), THREADS, 0, thc_stream()>>>(
        count(), thc_data<int64_t>(index), row_count, dense->size[0], watch, good);
    return thc_started("spmm");
}

THStatus Product::sum(const uint32_t *order, int64_t *edges, const int64_t *good) const
{
    const int64_t *const rows = thc_data<int64_t>(index), *const columns = rows + count();
    findEdges<<<thc_blocks(row_count + 1, THREADS), THREADS, 0, thc_stream()>>>(row_count, count(), rows, order, edges);
    TH_TRY(thc_started("spmm"));
    THC_FOR_ALL("spmm", dense->dtype, T, {
        const Products<T> products = {edges, order, thc_data<T>(values), columns, thc_data<T>(dense), dense->size[1]};
        return startSums<T>("spmm", row_count, dense->size[1], products, thc_data<T>(r), good);
    })
}

// The sums are started as if the elements were in order, and do nothing if the device has found them not to be by then.
THStatus multiply(const Product &p)
{
    const int64_t n = p.count(), edge_count = p.row_count + 2; // the last is `good`
    const THCOwned edges(THCTensor_newWithSize(THTensor_device(p.index), THDtype_Long, 1, &edge_count));
    if (!edges) return THStatus_last();
    int64_t place, *const numbers = thc_data<int64_t>(edges.get()), *const good = numbers + p.row_count + 1;
    THCAsked asked;
    TH_TRY(p.look(&asked, good));
    TH_TRY(p.sum(nullptr, numbers, good));
    TH_TRY(asked.await("spmm", &place));
    if (place < 0) return TH_OK;
    if (place < 2 * n) return refuse(thc_data<int64_t>(p.index), place, n, p.row_count, p.dense->size[0]);
    THCSortedLines sorted;
    const THCOwned row(THTensor_newSelect(p.index, 0, 0));
    if (!row) return THStatus_last();
    TH_TRY(thc_sortLines("spmm", row.get(), 0, false, &sorted, p.row_count));
    return p.sum(thc_data<uint32_t>(sorted.positions), numbers, nullptr);
}

THStatus checkProduct(const THTensor *index, const THTensor *values, const THTensor *dense, int64_t rows)
{
    if (values->dtype == THDtype_None) return thc_unsupported("spmm", THDtype_None);
    TH_TRY(thc_same("spmm", values, dense));
    TH_TRY(thc_sameDevice("spmm", values, index));
    TH_FAIL_IF(index->dtype != THDtype_Long, TH_ERR_DTYPE, "[spmm] index is %s, expected Long",
               THDtype_name((THDtype)index->dtype));
    TH_FAIL_IF(index->ndim != 2 || index->size[0] != 2, TH_ERR_SHAPE, "[spmm] index has %d dimensions, expected 2 x n",
               index->ndim);
    TH_FAIL_IF(values->ndim != 1 || values->numel != index->size[1], TH_ERR_SHAPE,
               "[spmm] values has %d dimensions and %lld elements, expected 1 and %lld", values->ndim, (long long)values->numel,
               (long long)index->size[1]);
    TH_FAIL_IF(dense->ndim != 2, TH_ERR_SHAPE, "[spmm] dense has %d dimensions, expected 2", dense->ndim);
    TH_FAIL_IF(rows < 0, TH_ERR_VALUE, "[spmm] rows is %lld, expected 0 or more", (long long)rows);
    return TH_OK;
}

} // namespace

THStatus THCTensor_coalesce(THTensor *different, THTensor *sums, THTensor *inverse, const THTensor *places,
                            const THTensor *values, int64_t limit)
{
    TH_GIVEN("coalesce", different, sums, inverse, places, values);
    char have[128];
    THCIndexArgument checked;
    if (values->dtype == THDtype_None) return thc_unsupported("coalesce", THDtype_None);
    TH_FAIL_IF(places->ndim != 1, TH_ERR_SHAPE, "[coalesce] places has %d dimensions, expected 1", places->ndim);
    TH_FAIL_IF(values->ndim < 1 || values->size[0] != places->numel, TH_ERR_SHAPE,
               "[coalesce] values of size %s, expected %lld rows",
               THTensor_describeSize(values->ndim, values->size, have, sizeof have), (long long)places->numel);
    TH_FAIL_IF(shareMemory(different, inverse) || shareMemory(different, sums) || shareMemory(inverse, sums), TH_ERR_VALUE,
               "[coalesce] two outputs share memory, expected memory of its own for each");
    TH_TRY(checked.of("coalesce", places, values, limit, false));
    const Sums call = {different, sums, inverse, places, values};
    return places->numel == 0 ? call.prepare(0) : call.find(checked.get(), limit);
}

THStatus THCTensor_spmm(THTensor *r, const THTensor *index, const THTensor *values, const THTensor *dense, int64_t rows)
{
    TH_GIVEN("spmm", r, index, values, dense);
    TH_TRY(checkProduct(index, values, dense, rows));
    const THCGuard guard(dense);
    const THCDense places(index), factors(values), matrix(dense);
    if (places.failed() || factors.failed() || matrix.failed()) return THStatus_last();
    const int64_t size[2] = {rows, dense->size[1]};
    for (const THTensor *input : {index, values, dense}) TH_TRY(thc_checkApart("spmm", r, input)); // before r is touched
    for (const THTensor *input : {index, values, dense})
        TH_TRY(thc_outputApart("spmm", r, input, (THDtype)dense->dtype, 2, size));
    const THCTarget result(r);
    if (!result) return THStatus_last();
    if (values->numel == 0)
        TH_TRY(THCTensor_zero(result.get()));
    else
        TH_TRY(multiply(Product{places.get(), factors.get(), matrix.get(), rows, result.get()}));
    return result.finish();
}
