// sort, topk, kthvalue, median, mode: from the order of all lines.
#include "THC/THCTensor.h"
#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCMap.cuh"
#include "kernels/THCSortKeys.cuh"
#include "ops/THCSelectedLines.cuh"
#include "ops/THCTarget.cuh"

namespace
{

constexpr int THREADS = 256;

// The first k of each line, whose elements and places are written row-major.
template <class T>
__global__ void __launch_bounds__(THREADS)
    takeFirst(int64_t n, int64_t k, int64_t length, const T *a, const uint32_t *positions, T *values, int64_t *indices)
{
    const int64_t step = (int64_t)gridDim.x * THREADS;
    for (int64_t i = (int64_t)blockIdx.x * THREADS + threadIdx.x; i < n; i += step) {
        const int64_t line = i / k, at = positions[line * length + (i - line * k)];
        values[i] = a[at];
        indices[i] = at - line * length;
    }
}

// The first k of a single line, whose elements are read from the sorted keys: they lie in a row, and those of `a` all over.
template <class T>
__global__ void __launch_bounds__(THREADS)
    takeFirstKeys(int64_t k, const T *a, const uint32_t *positions, const THCSortKey<T> *keys, bool descending, T *values,
                  int64_t *indices)
{
    const int64_t step = (int64_t)gridDim.x * THREADS;
    for (int64_t i = (int64_t)blockIdx.x * THREADS + threadIdx.x; i < k; i += step) {
        const uint32_t at = positions[i];
        const THCSortKey<T> key = keys[i];
        T value;
        values[i] = thc_elementOf<T>(descending ? (THCSortKey<T>)~key : key, &value) ? value : a[at];
        indices[i] = at;
    }
}

// Which element of its line is wanted.
enum Choice { KTH, MEDIAN, MODE };

// The rank of the first element of a sorted line that is not below `key`; the line has one.
template <class T> __device__ int64_t firstNotBelow(const T *a, const uint32_t *order, int64_t length, THCSortKey<T> key)
{
    int64_t low = 0, high = length - 1;
    while (low < high) {
        const int64_t middle = (low + high) / 2;
        if (thc_sortKey(a[order[middle]]) < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// The rank where the longest run of equal elements begins, the first of several.
template <class T> __device__ int64_t longestRun(const T *a, const uint32_t *order, int64_t length)
{
    int64_t best = 0, most = 0, begin = 0;
    THCSortKey<T> key = thc_sortKey(a[order[0]]);
    for (int64_t rank = 1; rank <= length; rank++) {
        const bool ends = rank == length || thc_sortKey(a[order[rank]]) != key;
        if (!ends) continue;
        if (rank - begin > most) {
            most = rank - begin;
            best = begin;
        }
        begin = rank;
        if (rank < length) key = thc_sortKey(a[order[rank]]);
    }
    return best;
}

// A thread for each line, sorted in ascending order.
template <class T>
__global__ void __launch_bounds__(THREADS) takeOne(Choice choice, int64_t k, int64_t lines, int64_t length, const T *a,
                                                   const uint32_t *positions, T *values, int64_t *indices)
{
    const int64_t step = (int64_t)gridDim.x * THREADS;
    for (int64_t line = (int64_t)blockIdx.x * THREADS + threadIdx.x; line < lines; line += step) {
        const uint32_t *const order = positions + line * length;
        int64_t rank;
        if (choice == MODE) {
            rank = longestRun(a, order, length);
        } else {
            const THCSortKey<T> last = thc_sortKey(a[order[length - 1]]), own = thc_sortKey(a[order[k]]);
            const THCCompute<T> greatest = THCElement<T>::up(a[order[length - 1]]);
            rank = firstNotBelow(a, order, length, choice == MEDIAN && greatest != greatest ? last : own);
        }
        const int64_t at = order[rank];
        values[line] = a[at];
        indices[line] = at - line * length;
    }
}

unsigned gridOf(int64_t n)
{
    const int64_t most = INT64_C(1) << 20, needed = thc_blocks(n, THREADS);
    return (unsigned)(needed < most ? needed : most);
}

template <class T>
THStatus startFirst(const char *op, const THCSortedLines &s, int64_t k, bool descending, THTensor *values, THTensor *indices)
{
    const T *const a = thc_data<T>(s.dense);
    const uint32_t *const positions = thc_data<uint32_t>(s.positions);
    T *const to = thc_data<T>(values);
    int64_t *const at = thc_data<int64_t>(indices);
    const unsigned grid = gridOf(s.count * k);
    if (s.keys != nullptr)
        takeFirstKeys<T>
            <<<grid, THREADS, 0, thc_stream()>>>(k, a, positions, thc_data<THCSortKey<T>>(s.keys), descending, to, at);
    else
        takeFirst<T><<<grid, THREADS, 0, thc_stream()>>>(s.count * k, k, s.length, a, positions, to, at);
    return thc_started(op);
}

template <class T>
THStatus startOne(const char *op, const THCSortedLines &s, Choice choice, int64_t k, THTensor *values, THTensor *indices)
{
    takeOne<T><<<gridOf(s.count), THREADS, 0, thc_stream()>>>(choice, k, s.count, s.length, thc_data<T>(s.dense),
                                                              thc_data<uint32_t>(s.positions), thc_data<T>(values),
                                                              thc_data<int64_t>(indices));
    return thc_started(op);
}

// An operation's input and outputs.
struct Ordering {
    const char *op;
    THTensor *values, *indices;
    const THTensor *a;
    int dim;

    int64_t length() const { return a->ndim == 0 ? 1 : a->size[dim]; }

    // Both outputs made ready: a's size with `n` in place of dim, or without dim.
    THStatus prepare(int64_t n, bool without) const
    {
        int64_t size[TH_MAX_DIMS];
        int ndim = 0;
        for (int d = 0; d < a->ndim; d++)
            if (d != dim || !without) size[ndim++] = d == dim ? n : a->size[d];
        const bool shared = values == indices || (values->storage != nullptr && values->storage == indices->storage);
        TH_FAIL_IF(shared, TH_ERR_VALUE, "[%s] values and indices share memory, expected two tensors", op);
        TH_FAIL_IF(indices->dtype != THDtype_None && indices->dtype != THDtype_Long, TH_ERR_DTYPE,
                   "[%s] indices are %s, expected Long", op, THDtype_name((THDtype)indices->dtype));
        TH_TRY(thc_outputApart(op, values, a, (THDtype)a->dtype, ndim, size));
        return thc_outputApart(op, indices, a, THDtype_Long, ndim, size);
    }

    // The first k of each line.
    THStatus first(int64_t k, bool descending) const;
    // One element of each; the outputs have no dim, or one of size 1.
    THStatus one(Choice choice, int64_t k, int keepdim) const;
};

// r, whose dimension dim stands last in `lines`, becomes it.
THStatus deliver(THTensor *r, int dim, const THTensor *lines)
{
    const THCOwned turned(r->ndim < 2 ? THTensor_newWithTensor(r) : THTensor_newTranspose(r, dim, r->ndim - 1));
    return turned ? THCTensor_copy(turned.get(), lines) : THStatus_last();
}

// Row-major, of r's elements with dim last.
THTensor *newLinesLike(const THTensor *r, int dim)
{
    int64_t size[TH_MAX_DIMS];
    for (int d = 0; d < r->ndim; d++) size[d] = r->size[d];
    if (r->ndim > 1) {
        size[dim] = r->size[r->ndim - 1];
        size[r->ndim - 1] = r->size[dim];
    }
    return THCTensor_newWithSize(THTensor_device(r), (THDtype)r->dtype, r->ndim, size);
}

THStatus Ordering::first(int64_t k, bool descending) const
{
    TH_TRY(prepare(k, false));
    if (values->numel == 0) return TH_OK;
    const int64_t lines = a->numel / length();
    const bool selects = thc_selects(lines, length(), k);
    THCSortedLines sorted;
    if (!selects) TH_TRY(thc_sortLines(op, a, dim, descending, &sorted));
    const THCOwned dense(selects ? thc_newLines(a, dim) : nullptr);
    if (selects && !dense) return THStatus_last();
    const bool last = a->ndim < 2 || dim == a->ndim - 1;
    const bool direct = last && THTensor_isContiguous(values) && THTensor_isContiguous(indices);
    const THCOwned to(direct ? nullptr : newLinesLike(values, dim)), at(direct ? nullptr : newLinesLike(indices, dim));
    if (!direct && (!to || !at)) return THStatus_last();
    THTensor *const v = direct ? values : to.get(), *const i = direct ? indices : at.get();
    const auto run = [&]() -> THStatus {
        const THCGuard guard(a);
        if (selects) return thc_selectLines(op, dense.get(), lines, length(), k, descending, v, i);
        THC_FOR_ALL(op, a->dtype, T, return startFirst<T>(op, sorted, k, descending, v, i);)
    };
    TH_TRY(run());
    if (direct) return TH_OK;
    TH_TRY(deliver(values, dim, to.get()));
    return deliver(indices, dim, at.get());
}

// The outputs' lines are in the order of a's with dim and the last dimension exchanged: so they are written to tensors with
// dim, of size 1, in the last place.
THStatus Ordering::one(Choice choice, int64_t k, int keepdim) const
{
    THCSortedLines sorted;
    TH_TRY(prepare(1, a->ndim > 0 && !keepdim));
    if (values->numel == 0) return TH_OK;
    TH_TRY(thc_sortLines(op, a, dim, false, &sorted));
    const bool wide = keepdim || a->ndim == 0;
    const THCOwned v(wide ? THTensor_newWithTensor(values) : THTensor_newUnsqueeze(values, dim));
    const THCOwned i(wide ? THTensor_newWithTensor(indices) : THTensor_newUnsqueeze(indices, dim));
    if (!v || !i) return THStatus_last();
    const THCOwned to(newLinesLike(v.get(), dim)), at(newLinesLike(i.get(), dim));
    if (!to || !at) return THStatus_last();
    const auto run = [&]() -> THStatus {
        const THCGuard guard(a);
        THC_FOR_ALL(op, a->dtype, T, return startOne<T>(op, sorted, choice, k, to.get(), at.get());)
    };
    TH_TRY(run());
    TH_TRY(deliver(v.get(), dim, to.get()));
    return deliver(i.get(), dim, at.get());
}

THStatus checkElements(const char *op, const THTensor *a, int dim)
{
    TH_FAIL_IF(a->ndim > 0 && a->size[dim] == 0, TH_ERR_SHAPE, "[%s] dimension %d of size 0, expected at least one element", op,
               dim);
    return TH_OK;
}

THStatus begin(const char *op, const THTensor *a, int *dim)
{
    if (a->dtype == THDtype_None) return thc_unsupported(op, THDtype_None);
    return THTensor_wrapDim(a, *dim, op, dim);
}

} // namespace

THStatus THCTensor_sort(THTensor *values, THTensor *indices, const THTensor *a, int dim, int descending)
{
    TH_GIVEN("sort", values, indices, a);
    TH_TRY(begin("sort", a, &dim));
    const Ordering order = {"sort", values, indices, a, dim};
    return order.first(order.length(), descending != 0);
}

// The first of all sorted, whether that is asked for or not.
THStatus THCTensor_topk(THTensor *values, THTensor *indices, const THTensor *a, int64_t k, int dim, int largest, int)
{
    TH_GIVEN("topk", values, indices, a);
    TH_TRY(begin("topk", a, &dim));
    const Ordering order = {"topk", values, indices, a, dim};
    const int64_t n = order.length();
    TH_FAIL_IF(k < 0 || k > n || (k == 0 && a->ndim == 0), TH_ERR_INDEX,
               "[topk] k, %lld: selected index k out of range, dimension %d has size %lld", (long long)k, dim, (long long)n);
    return order.first(k, largest != 0);
}

THStatus THCTensor_kthvalue(THTensor *values, THTensor *indices, const THTensor *a, int64_t k, int dim, int keepdim)
{
    TH_GIVEN("kthvalue", values, indices, a);
    TH_TRY(begin("kthvalue", a, &dim));
    const Ordering order = {"kthvalue", values, indices, a, dim};
    const int64_t n = order.length();
    TH_FAIL_IF(k < 1 || k > n, TH_ERR_INDEX, "[kthvalue] k, %lld: selected index k out of range, dimension %d has size %lld",
               (long long)k, dim, (long long)n);
    return order.one(KTH, k - 1, keepdim);
}

THStatus THCTensor_median(THTensor *values, THTensor *indices, const THTensor *a, int dim, int keepdim)
{
    TH_GIVEN("median", values, indices, a);
    TH_TRY(begin("median", a, &dim));
    TH_TRY(checkElements("median", a, dim));
    const Ordering order = {"median", values, indices, a, dim};
    return order.one(MEDIAN, (order.length() - 1) / 2, keepdim);
}

THStatus THCTensor_mode(THTensor *values, THTensor *indices, const THTensor *a, int dim, int keepdim)
{
    TH_GIVEN("mode", values, indices, a);
    TH_TRY(begin("mode", a, &dim));
    TH_TRY(checkElements("mode", a, dim));
    const Ordering order = {"mode", values, indices, a, dim};
    return order.one(MODE, 0, keepdim);
}

THStatus THCTensor_medianall(THTensor *r, const THTensor *a)
{
    TH_GIVEN("median", r, a);
    const int64_t all = -1;
    if (a->dtype == THDtype_None) return thc_unsupported("median", THDtype_None);
    TH_FAIL_IF(a->numel == 0, TH_ERR_SHAPE, "[median] a tensor without elements, expected at least one");
    TH_TRY(thc_outputApart("median", r, a, (THDtype)a->dtype, 0, nullptr));
    const THCOwned flat(THCTensor_newReshape(a, 1, &all)), place(THTensor_new());
    if (!flat || !place) return THStatus_last();
    return THCTensor_median(r, place.get(), flat.get(), 0, 0);
}
