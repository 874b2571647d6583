// Running sums and products along one dimension: in int64 of integers, in double of floating dtypes, as on the host.
#include "THC/THCTensor.h"

#include <cub/block/block_scan.cuh>

#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCMap.cuh"
#include "ops/THCTarget.cuh"

namespace
{

constexpr int THREADS = 256;
constexpr int ITEMS = 8;
constexpr int64_t TILE = THREADS * ITEMS;
constexpr int64_t PART = 32 * TILE; // elements of a long line that one block scans

template <class T> using Wide = std::conditional_t<std::is_integral_v<T>, int64_t, double>;
template <class T> using Result = std::conditional_t<std::is_integral_v<T>, int64_t, T>;

// Sum or product.
template <class W> struct Combine {
    bool product;
    __device__ W operator()(W a, W b) const { return product ? THCMul<W>{}(a, b) : THCAdd<W>{}(a, b); }
    __host__ __device__ W neutral() const { return (W)(product ? 1 : 0); }
};

template <class T> __device__ Wide<T> widened(T x)
{
    return (Wide<T>)THCElement<T>::up(x);
}

template <class T> __device__ Result<T> narrowed(Wide<T> x)
{
    if constexpr (std::is_integral_v<T>)
        return x;
    else
        return THCElement<T>::down((THCCompute<T>)x);
}

// Elements that one access moves: 16 bytes at most.
template <class T> constexpr int PACK = sizeof(T) > 2 ? 16 / (int)sizeof(T) : ITEMS;

// A thread's own ITEMS elements from `own` on, as far as `last`. packed: whole packs are aligned.
template <class T, class W>
__device__ void loadItems(const T *from, int64_t own, int64_t last, bool packed, W rest, W (&item)[ITEMS])
{
    constexpr int V = PACK<T>;
    if (packed && own + ITEMS <= last) {
#pragma unroll
        for (int i = 0; i < ITEMS; i += V) {
            const THCPack<T, V> pack = *reinterpret_cast<const THCPack<T, V> *>(from + own + i);
#pragma unroll
            for (int v = 0; v < V; v++) item[i + v] = widened(pack.item[v]);
        }
        return;
    }
#pragma unroll
    for (int i = 0; i < ITEMS; i++) item[i] = own + i < last ? widened(from[own + i]) : rest;
}

template <class T, class W>
__device__ void storeItems(Result<T> *to, int64_t own, int64_t last, bool packed, const W (&item)[ITEMS])
{
    constexpr int V = PACK<Result<T>>;
    if (packed && own + ITEMS <= last) {
#pragma unroll
        for (int i = 0; i < ITEMS; i += V) {
            THCPack<Result<T>, V> pack;
#pragma unroll
            for (int v = 0; v < V; v++) pack.item[v] = narrowed<T>(item[i + v]);
            *reinterpret_cast<THCPack<Result<T>, V> *>(to + own + i) = pack;
        }
        return;
    }
#pragma unroll
    for (int i = 0; i < ITEMS; i++)
        if (own + i < last) to[own + i] = narrowed<T>(item[i]);
}

// A block for each part of `part` elements of each contiguous line. totals NULL: results, which begin behind before[line, part]
// (NULL: at the neutral element); else only the parts' totals. The next tile is on its way while one is scanned.
template <class T>
__global__ void __launch_bounds__(THREADS)
    scanLines(Combine<Wide<T>> combine, const T *in, Result<T> *out, int64_t n, int64_t lines, int64_t part, int64_t parts,
              bool packed, const Wide<T> *before, Wide<T> *totals)
{
    using W = Wide<T>;
    using Scan = cub::BlockScan<W, THREADS, cub::BLOCK_SCAN_WARP_SCANS>;
    __shared__ typename Scan::TempStorage room;
    for (int64_t place = blockIdx.x; place < lines * parts; place += gridDim.x) {
        const int64_t line = place / parts, first = (place - line * parts) * part, last = n - first < part ? n : first + part;
        const T *const from = in + line * n;
        W carried = before == nullptr ? combine.neutral() : before[place], next[ITEMS];
        loadItems<T>(from, first + (int64_t)threadIdx.x * ITEMS, last, packed, combine.neutral(), next);
        for (int64_t tile = first; tile < last; tile += TILE) {
            W item[ITEMS], all;
            const int64_t own = tile + (int64_t)threadIdx.x * ITEMS;
#pragma unroll
            for (int i = 0; i < ITEMS; i++) item[i] = next[i];
            if (tile + TILE < last) loadItems<T>(from, own + TILE, last, packed, combine.neutral(), next);
            Scan(room).InclusiveScan(item, item, combine, all);
            __syncthreads(); // before `room` serves the next tile
            if (totals == nullptr) {
#pragma unroll
                for (int i = 0; i < ITEMS; i++) item[i] = combine(carried, item[i]);
                storeItems<T>(out + line * n, own, last, packed, item);
            }
            carried = combine(carried, all);
        }
        if (totals != nullptr && threadIdx.x == 0) totals[place] = carried;
    }
}

// Totals of parts become what lies before each part; a thread for each line.
template <class W>
__global__ void __launch_bounds__(THREADS) accumulateParts(Combine<W> combine, W *totals, int64_t lines, int64_t parts)
{
    const int64_t line = (int64_t)blockIdx.x * THREADS + threadIdx.x;
    if (line >= lines) return;
    W sum = combine.neutral();
    for (int64_t k = line * parts; k < (line + 1) * parts; k++) {
        const W own = totals[k];
        totals[k] = sum;
        sum = combine(sum, own);
    }
}

// Lines whose elements are `inner` apart, each in `parts` parts of `part` elements (blockIdx.y): a thread for each, neighbours
// on neighbouring lines. before and totals as above.
template <class T>
__global__ void __launch_bounds__(THREADS)
    scanColumns(Combine<Wide<T>> combine, const T *in, Result<T> *out, int64_t n, int64_t inner, int64_t lines, int64_t part,
                int64_t parts, const Wide<T> *before, Wide<T> *totals)
{
    const int64_t step = (int64_t)gridDim.x * THREADS, begin = blockIdx.y * part, end = n - begin < part ? n : begin + part;
    for (int64_t line = (int64_t)blockIdx.x * THREADS + threadIdx.x; line < lines; line += step) {
        const int64_t first = line / inner * n * inner + line % inner;
        Wide<T> sum = before == nullptr ? combine.neutral() : before[line * parts + blockIdx.y];
        for (int64_t k = begin; k < end; k += ITEMS) {
            T item[ITEMS]; // together under way
#pragma unroll
            for (int i = 0; i < ITEMS; i++)
                if (k + i < end) item[i] = in[first + (k + i) * inner];
#pragma unroll
            for (int i = 0; i < ITEMS; i++) {
                if (k + i >= end) break;
                sum = combine(sum, widened(item[i]));
                if (totals == nullptr) out[first + (k + i) * inner] = narrowed<T>(sum);
            }
        }
        if (totals != nullptr) totals[line * parts + blockIdx.y] = sum;
    }
}

// y[k] = a[k] + x[k] y[k - 1], in double: a thread for each line, whose elements are `inner` apart.
template <class T>
__global__ void __launch_bounds__(THREADS) recur(const T *a, const T *x, T *out, int64_t n, int64_t inner, int64_t lines)
{
    const int64_t step = (int64_t)gridDim.x * THREADS;
    for (int64_t line = (int64_t)blockIdx.x * THREADS + threadIdx.x; line < lines; line += step) {
        const int64_t first = line / inner * n * inner + line % inner;
        double y = 0;
        for (int64_t k = first; k < first + n * inner; k += inner) {
            y = widened(a[k]) + widened(x[k]) * y;
            out[k] = narrowed<T>(y);
        }
    }
}

unsigned gridOf(int64_t blocks)
{
    const int64_t most = INT64_C(1) << 20;
    return (unsigned)(blocks < most ? blocks : most);
}

// As many parts of each line as give every device threads enough.
template <class T>
THStatus scanApart(const char *op, Combine<Wide<T>> combine, const T *in, Result<T> *out, const THCLines &l, int device)
{
    using W = Wide<T>;
    constexpr int64_t WANTED = INT64_C(1) << 18, LEAST = 64; // threads, elements of a part
    const int64_t lines = l.outer * l.inner, wanted = (WANTED + lines - 1) / lines, most = (l.n + LEAST - 1) / LEAST;
    const int64_t part = (l.n + (wanted < most ? wanted : most) - 1) / (wanted < most ? wanted : most);
    const int64_t parts = (l.n + part - 1) / part;
    const THCScratch room(device, parts > 1 ? lines * parts * (int64_t)sizeof(W) : 0);
    W *const totals = reinterpret_cast<W *>(room.data());
    const dim3 grid(gridOf((lines + THREADS - 1) / THREADS), (unsigned)parts);
    if (parts > 1) {
        if (totals == nullptr) return THStatus_last();
        scanColumns<T>
            <<<grid, THREADS, 0, thc_stream()>>>(combine, in, nullptr, l.n, l.inner, lines, part, parts, nullptr, totals);
        accumulateParts<W><<<thc_blocks(lines, THREADS), THREADS, 0, thc_stream()>>>(combine, totals, lines, parts);
    }
    scanColumns<T><<<grid, THREADS, 0, thc_stream()>>>(combine, in, out, l.n, l.inner, lines, part, parts, totals, nullptr);
    return thc_started(op);
}

template <class T> THStatus scanDense(const char *op, bool product, THTensor *r, const THTensor *a, const THCLines &l)
{
    using W = Wide<T>;
    const Combine<W> combine = {product};
    const T *const in = thc_data<T>(a);
    Result<T> *const out = thc_data<Result<T>>(r);
    const int64_t lines = l.outer * l.inner;
    if (l.inner > 1) return scanApart<T>(op, combine, in, out, l, THTensor_device(a));
    const bool cut = l.n > PART && lines < 1024; // else there are lines enough for the device
    const int64_t part = cut ? PART : l.n, parts = cut ? (l.n + PART - 1) / PART : 1;
    const THCScratch room(THTensor_device(a), cut ? lines * parts * (int64_t)sizeof(W) : 0);
    W *const totals = reinterpret_cast<W *>(room.data());
    const unsigned blocks = gridOf(lines * parts);
    const uintptr_t unit = ITEMS * (sizeof(T) > sizeof(Result<T>) ? sizeof(T) : sizeof(Result<T>)),
                    most = unit < 16 ? unit : 16;
    const bool packed =
        l.n % ITEMS == 0 && reinterpret_cast<uintptr_t>(in) % most == 0 && reinterpret_cast<uintptr_t>(out) % most == 0;
    if (cut && totals == nullptr) return THStatus_last();
    if (cut) {
        scanLines<T>
            <<<blocks, THREADS, 0, thc_stream()>>>(combine, in, nullptr, l.n, lines, part, parts, packed, nullptr, totals);
        accumulateParts<W><<<thc_blocks(lines, THREADS), THREADS, 0, thc_stream()>>>(combine, totals, lines, parts);
    }
    scanLines<T><<<blocks, THREADS, 0, thc_stream()>>>(combine, in, out, l.n, lines, part, parts, packed, totals, nullptr);
    return thc_started(op);
}

// r has its final shape.
THStatus scanInto(const char *op, bool product, THTensor *r, const THTensor *a, int dim)
{
    const THCOwned dense(THCTensor_newContiguous(const_cast<THTensor *>(a)));
    const THCTarget target(r);
    if (!dense || !target) return THStatus_last();
    const auto run = [&]() -> THStatus {
        const THCGuard guard(a);
        const THCLines lines(a, dim);
        THC_FOR_ALL(op, a->dtype, T, return scanDense<T>(op, product, target.get(), dense.get(), lines);)
    };
    TH_TRY(run());
    return target.finish();
}

// Neighbouring threads would have no neighbouring elements, or too few of them: such lines are copied together instead.
bool areFewAndLong(const THCLines &l)
{
    return l.inner > 1 && l.n > 256 && l.inner < 32 && l.outer * l.inner < 16384;
}

THStatus scan(const char *op, bool product, THTensor *r, const THTensor *a, int dim)
{
    if (a->dtype == THDtype_None) return thc_unsupported(op, THDtype_None);
    TH_TRY(THTensor_wrapDim(a, dim, op, &dim));
    TH_FAIL_IF(r->storage != nullptr && THIter_conflicts(r, a), TH_ERR_VALUE,
               "[%s] output shares memory with the input, expected memory of its own, or the input itself", op);
    TH_TRY(thc_outputLike(op, r, a, THDtype_isFloating((THDtype)a->dtype) ? (THDtype)a->dtype : THDtype_Long));
    TH_FAIL_IF(THIter_conflicts(r, a), TH_ERR_VALUE, "[%s] output shares memory with the input", op);
    if (r->numel == 0) return TH_OK;
    if (!areFewAndLong(THCLines(a, dim))) return scanInto(op, product, r, a, dim);
    const int last = a->ndim - 1;
    const THCOwned to(THTensor_newTranspose(r, dim, last)), from(THTensor_newTranspose(a, dim, last));
    return to && from ? scanInto(op, product, to.get(), from.get(), last) : THStatus_last();
}

} // namespace

THStatus THCTensor_cumsum(THTensor *r, const THTensor *a, int dim)
{
    TH_GIVEN("cumsum", r, a);
    return scan("cumsum", false, r, a, dim);
}
THStatus THCTensor_cumprod(THTensor *r, const THTensor *a, int dim)
{
    TH_GIVEN("cumprod", r, a);
    return scan("cumprod", true, r, a, dim);
}

THStatus THCTensor_recurrence(THTensor *r, const THTensor *a, const THTensor *x, int dim)
{
    TH_GIVEN("recurrence", r, a, x);
    char have[128], want[128];
    if (!THDtype_isFloating((THDtype)a->dtype)) return thc_unsupported("recurrence", (THDtype)a->dtype);
    TH_TRY(THTensor_wrapDim(a, dim, "recurrence", &dim));
    TH_TRY(thc_same("recurrence", a, x));
    bool fits = a->ndim == x->ndim;
    for (int d = 0; fits && d < a->ndim; d++) fits = a->size[d] == x->size[d];
    TH_FAIL_IF(!fits, TH_ERR_SHAPE, "[recurrence] x of size %s, expected %s",
               THTensor_describeSize(x->ndim, x->size, have, sizeof have),
               THTensor_describeSize(a->ndim, a->size, want, sizeof want));
    TH_TRY(thc_outputApart("recurrence", r, a, (THDtype)a->dtype, a->ndim, a->size));
    TH_TRY(thc_outputApart("recurrence", r, x, (THDtype)a->dtype, a->ndim, a->size));
    if (r->numel == 0) return TH_OK;
    const THCOwned from(THCTensor_newContiguous(const_cast<THTensor *>(a))),
        factor(THCTensor_newContiguous(const_cast<THTensor *>(x)));
    const THCTarget target(r);
    if (!from || !factor || !target) return THStatus_last();
    const THCGuard guard(a);
    const THCLines l(a, dim);
    const int64_t lines = l.outer * l.inner;
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING("recurrence", a->dtype, T, {
            recur<T><<<gridOf((lines + THREADS - 1) / THREADS), THREADS, 0, thc_stream()>>>(
                thc_data<T>(from.get()), thc_data<T>(factor.get()), thc_data<T>(target.get()), l.n, l.inner, lines);
            return thc_started("recurrence");
        })
    };
    TH_TRY(run());
    return target.finish();
}
