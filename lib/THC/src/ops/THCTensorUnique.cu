// The different elements of a tensor.
#include "THC/THCTensor.h"
#include "THC/device/THCMap.cuh"
#include "THC/device/THCPlace.cuh"
#include "kernels/THCSortKeys.cuh"
#include "ops/THCRuns.cuh"
#include "ops/THCTarget.cuh"

namespace
{

constexpr int THREADS = 256;

// begins[i]: element number i in order differs from the one before.
template <class T>
__global__ void __launch_bounds__(THREADS) findBegins(uint32_t n, const T *a, const uint32_t *order, uint8_t *begins)
{
    const uint32_t i = blockIdx.x * THREADS + threadIdx.x;
    if (i < n) begins[i] = i == 0 || thc_sortKey(a[order[i]]) != thc_sortKey(a[order[i - 1]]);
}

// rank[i]: how many different elements there are up to number i. inverse, edges NULL: not wanted.
template <class T>
__global__ void __launch_bounds__(THREADS) writeUnique(uint32_t n, const T *a, const uint32_t *order, const uint8_t *begins,
                                                       const int64_t *rank, T *values, int64_t *inverse, int64_t *edges)
{
    const uint32_t i = blockIdx.x * THREADS + threadIdx.x;
    if (i >= n) return;
    if (begins[i]) values[rank[i] - 1] = a[order[i]];
    if (begins[i] && edges != nullptr) edges[rank[i] - 1] = i;
    if (inverse != nullptr) inverse[order[i]] = rank[i] - 1;
    if (i == n - 1 && edges != nullptr) edges[rank[i]] = n;
}

template <class T> THStatus startBegins(const char *op, const THCRuns &runs)
{
    const uint32_t n = (uint32_t)runs.sorted.length;
    findBegins<T><<<thc_blocks(n, THREADS), THREADS, 0, thc_stream()>>>(
        n, thc_data<T>(runs.sorted.dense), thc_data<uint32_t>(runs.sorted.positions), thc_data<uint8_t>(runs.begins));
    return thc_started(op);
}

int64_t *numbersOf(const THTensor *t)
{
    return t == nullptr ? nullptr : thc_data<int64_t>(t);
}

template <class T>
THStatus startUnique(const char *op, const THCRuns &runs, THTensor *values, THTensor *inverse, THTensor *edges)
{
    const THCSortedLines &s = runs.sorted;
    const uint32_t n = (uint32_t)s.length;
    writeUnique<T><<<thc_blocks(n, THREADS), THREADS, 0, thc_stream()>>>(
        n, thc_data<T>(s.dense), thc_data<uint32_t>(s.positions), thc_data<uint8_t>(runs.begins), thc_data<int64_t>(runs.rank),
        thc_data<T>(values), numbersOf(inverse), numbersOf(edges));
    return thc_started(op);
}

// r becomes a copy of `source`, or `source` itself if it has no place of its own yet.
THStatus deliver(THTensor *r, const THTensor *source, const THTensor *a)
{
    if (r->storage == nullptr) return THTensor_set(r, source);
    TH_TRY(thc_outputApart("unique", r, a, (THDtype)source->dtype, source->ndim, source->size));
    return THCTensor_copy(r, source);
}

// The number of different elements; waits for the device, as it decides the size of the result.
THStatus countOf(const THTensor *rank, int64_t *count)
{
    THScalar last;
    const THCOwned end(THTensor_newSelect(rank, 0, rank->numel - 1));
    if (!end) return THStatus_last();
    TH_TRY(THCTensor_item(end.get(), &last));
    *count = last.value.i;
    return TH_OK;
}

// flat: 1-d with elements. places: of its size, or NULL. *found: a new tensor.
THStatus uniqueOf(const THTensor *flat, THTensor *places, THTensor **found)
{
    THCRuns runs;
    const THCGuard guard(flat);
    TH_TRY(thc_findRuns("unique", flat, 0, &runs));
    *found = THCTensor_newWithSize(THTensor_device(flat), (THDtype)flat->dtype, 1, &runs.count);
    return *found == nullptr ? THStatus_last() : thc_writeRuns("unique", runs, *found, places, nullptr);
}

} // namespace

THStatus thc_findRuns(const char *op, const THTensor *flat, int64_t limit, THCRuns *runs)
{
    const THCGuard guard(flat);
    TH_TRY(thc_sortLines(op, flat, 0, false, &runs->sorted, limit));
    runs->begins = THCTensor_newWithSize(THTensor_device(flat), THDtype_Byte, 1, &flat->numel);
    runs->rank = THTensor_new();
    if (runs->begins == nullptr || runs->rank == nullptr) return THStatus_last();
    const auto look = [&]() -> THStatus { THC_FOR_ALL(op, flat->dtype, T, return startBegins<T>(op, *runs);) };
    TH_TRY(look());
    TH_TRY(THCTensor_cumsum(runs->rank, runs->begins, 0));
    return countOf(runs->rank, &runs->count);
}

THStatus thc_writeRuns(const char *op, const THCRuns &runs, THTensor *values, THTensor *inverse, THTensor *edges)
{
    const THCGuard guard(values);
    THC_FOR_ALL(op, values->dtype, T, return startUnique<T>(op, runs, values, inverse, edges);)
}

THStatus THCTensor_unique(THTensor *r, THTensor *inverse, const THTensor *a)
{
    TH_GIVEN("unique", r, a);
    const int64_t all = -1, none = 0;
    if (a->dtype == THDtype_None) return thc_unsupported("unique", THDtype_None);
    TH_FAIL_IF(r->dtype != THDtype_None && r->dtype != a->dtype, TH_ERR_DTYPE, "[unique] output is %s, expected %s",
               THDtype_name((THDtype)r->dtype), THDtype_name((THDtype)a->dtype));
    TH_FAIL_IF(inverse != nullptr && inverse->dtype != THDtype_None && inverse->dtype != THDtype_Long, TH_ERR_DTYPE,
               "[unique] inverse is %s, expected Long", THDtype_name((THDtype)inverse->dtype));
    TH_TRY(thc_onDevice("unique", a));
    const int device = THTensor_device(a);
    const THCOwned places(inverse == nullptr ? nullptr : THCTensor_newWithSize(device, THDtype_Long, a->ndim, a->size));
    if (inverse != nullptr && !places) return THStatus_last();
    THTensor *found = nullptr;
    if (a->numel == 0) {
        found = THCTensor_newWithSize(device, (THDtype)a->dtype, 1, &none);
        if (found == nullptr) return THStatus_last();
    } else {
        const THCOwned flat(THCTensor_newReshape(a, 1, &all));
        if (!flat) return THStatus_last();
        const THStatus status = uniqueOf(flat.get(), places.get(), &found);
        if (status != TH_OK) {
            THTensor_free(found);
            return status;
        }
    }
    const THCOwned result(found);
    TH_TRY(deliver(r, result.get(), a));
    return inverse == nullptr ? TH_OK : deliver(inverse, places.get(), a);
}
