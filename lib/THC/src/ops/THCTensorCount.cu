// Histograms.
#include <cmath>

#include "THC/THCTensor.h"
#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCMap.cuh"

namespace
{

typedef unsigned long long Count; // an int64_t, as atomicAdd takes it

constexpr int64_t SHARED = 4096; // bins that a block counts in shared memory

// The interval of a value, -1 for none. Where the product rounds across an edge, the edge decides: an element on it belongs to
// the interval above.
template <class T> struct Bin {
    double low, high, width, scale;
    int64_t bins;
    __device__ int64_t operator()(T x) const
    {
        const double value = (double)THCElement<T>::up(x);
        if (!(value >= low && value <= high)) return -1; // nan as well
        int64_t bin = (int64_t)((value - low) * scale);
        bin = bin < bins ? bin : bins - 1;
        if (bin > 0 && value < low + (double)bin * width) bin--;
        if (bin < bins - 1 && value >= low + (double)(bin + 1) * width) bin++;
        return bin;
    }
};

template <class T> struct Itself {
    __device__ int64_t operator()(T x) const { return (int64_t)x; }
};

// counts[row, place(x)] grows for each of a row's n elements; blockIdx.y: the row. shared: counts are collected by block first.
template <class T, class Place>
__global__ void __launch_bounds__(THC_MAP_THREADS)
    countPlaces(Place place, const T *a, int64_t n, int64_t rows, int64_t bins, bool shared, Count *counts)
{
    extern __shared__ Count own[];
    const int64_t step = (int64_t)gridDim.x * THC_MAP_THREADS;
    for (int64_t row = blockIdx.y; row < rows; row += gridDim.y) {
        Count *const all = counts + row * bins, *const to = shared ? own : all;
        for (int64_t b = threadIdx.x; shared && b < bins; b += THC_MAP_THREADS) own[b] = 0;
        __syncthreads();
        for (int64_t i = (int64_t)blockIdx.x * THC_MAP_THREADS + threadIdx.x; i < n; i += step) {
            const int64_t bin = place(a[row * n + i]);
            if (bin >= 0) atomicAdd(&to[bin], (Count)1);
        }
        __syncthreads();
        for (int64_t b = threadIdx.x; shared && b < bins; b += THC_MAP_THREADS)
            if (own[b] != 0) atomicAdd(&all[b], own[b]);
        __syncthreads();
    }
}

template <class T, class Place>
THStatus startCounting(const char *op, Place place, const THTensor *dense, int64_t rows, int64_t bins, THTensor *counts)
{
    const THCGuard guard(dense);
    const int64_t n = rows == 0 ? 0 : dense->numel / rows, most = 16 * (int64_t)thc_multiprocessors();
    if (n == 0) return TH_OK;
    const int64_t needed = (n + 8 * THC_MAP_THREADS - 1) / (8 * THC_MAP_THREADS);
    const dim3 grid((unsigned)(needed < most ? needed : most), (unsigned)(rows < 65535 ? rows : 65535));
    const bool shared = bins <= SHARED;
    countPlaces<T, Place><<<grid, THC_MAP_THREADS, shared ? (size_t)bins * sizeof(Count) : 0, thc_stream()>>>(
        place, thc_data<T>(dense), n, rows, bins, shared, reinterpret_cast<Count *>(THTensor_dataBytes(counts)));
    return thc_started(op);
}

// The least and the greatest element; both are nan if one is. Waits.
THStatus extremes(const THTensor *a, THScalar *least, THScalar *greatest)
{
    const THCOwned r(THTensor_new());
    if (!r) return THStatus_last();
    TH_TRY(THCTensor_minall(r.get(), a));
    TH_TRY(THCTensor_item(r.get(), least));
    TH_TRY(THCTensor_maxall(r.get(), a));
    return THCTensor_item(r.get(), greatest);
}

// --- histc, bhistc -----------------------------------------------------------------------------------------------------------

THStatus findLimits(const char *op, const THTensor *a, int64_t bins, double *low, double *high)
{
    TH_FAIL_IF(std::isnan(*low) || std::isnan(*high) || *low > *high, TH_ERR_VALUE,
               "[%s] limits %g and %g, expected min <= max", op, *low, *high);
    if (*low == *high && a->numel > 0) {
        THScalar least, greatest;
        TH_TRY(extremes(a, &least, &greatest));
        *low = THScalar_toDouble(least);
        *high = THScalar_toDouble(greatest);
    }
    TH_FAIL_IF(!std::isfinite(*low) || !std::isfinite(*high), TH_ERR_VALUE, "[%s] range of [%g, %g], expected a finite one", op,
               *low, *high);
    if (*low == *high) {
        // Beside a large number 1 is nothing: the edges of all bins have to differ.
        const double step = std::fmax(1, std::fabs(*low) * 0x1p-52 * (double)bins);
        *low -= step;
        *high += step;
    }
    TH_FAIL_IF(!std::isfinite(*high - *low), TH_ERR_VALUE, "[%s] range of [%g, %g] is too wide", op, *low, *high);
    return TH_OK;
}

// rows: how many histograms, of as many elements each.
THStatus histogram(const char *op, THTensor *r, const THTensor *a, int64_t bins, double low, double high, int64_t rows,
                   int ndim)
{
    if (a->dtype != THDtype_Float && a->dtype != THDtype_Double) return thc_unsupported(op, (THDtype)a->dtype);
    TH_FAIL_IF(bins < 1, TH_ERR_VALUE, "[%s] bins, %lld: must be > 0", op, (long long)bins);
    TH_TRY(findLimits(op, a, bins, &low, &high));
    const int64_t sizes[] = {rows, bins}, *const size = ndim == 2 ? sizes : sizes + 1;
    TH_TRY(thc_outputApart(op, r, a, (THDtype)a->dtype, ndim, size));
    const THCOwned counts(THCTensor_newWithSize(THTensor_device(a), THDtype_Long, ndim, size)),
        dense(THCTensor_newContiguous(const_cast<THTensor *>(a)));
    if (!counts || !dense) return THStatus_last();
    TH_TRY(THCTensor_zero(counts.get()));
    const double width = (high - low) / (double)bins, scale = (double)bins / (high - low);
    if (a->dtype == THDtype_Float)
        TH_TRY(startCounting<float>(op, Bin<float>{low, high, width, scale, bins}, dense.get(), rows, bins, counts.get()));
    else
        TH_TRY(startCounting<double>(op, Bin<double>{low, high, width, scale, bins}, dense.get(), rows, bins, counts.get()));
    return THCTensor_copy(r, counts.get());
}

} // namespace

THStatus THCTensor_histc(THTensor *r, const THTensor *a, int64_t bins, double low, double high)
{
    TH_GIVEN("histc", r, a);
    return histogram("histc", r, a, bins, low, high, 1, 1);
}

THStatus THCTensor_bhistc(THTensor *r, const THTensor *a, int64_t bins, double low, double high)
{
    TH_GIVEN("bhistc", r, a);
    TH_FAIL_IF(a->ndim != 1 && a->ndim != 2, TH_ERR_SHAPE, "[bhistc] a tensor of %d dimensions, expected 1 or 2", a->ndim);
    return histogram("bhistc", r, a, bins, low, high, a->ndim == 2 ? a->size[0] : 1, 2);
}

// --- bincount ----------------------------------------------------------------------------------------------------------------

namespace
{

// One more than the greatest element, and at least min_length.
THStatus countLength(const THTensor *a, int64_t min_length, int64_t *length)
{
    THScalar least, greatest;
    *length = min_length;
    if (a->numel == 0) return TH_OK;
    TH_TRY(extremes(a, &least, &greatest));
    TH_FAIL_IF(least.value.i < 0, TH_ERR_VALUE, "[bincount] element %lld: elements must not be negative",
               (long long)least.value.i);
    TH_FAIL_IF(greatest.value.i >= INT64_MAX / 8, TH_ERR_VALUE,
               "[bincount] element %lld: too large for a result of that length", (long long)greatest.value.i);
    if (greatest.value.i >= *length) *length = greatest.value.i + 1;
    return TH_OK;
}

THStatus checkCounted(const THTensor *a, const THTensor *weights, int64_t min_length)
{
    TH_FAIL_IF(a->dtype == THDtype_None || THDtype_isFloating((THDtype)a->dtype), TH_ERR_DTYPE,
               "[bincount] tensor is %s, expected integers",
               a->dtype == THDtype_None ? "without dtype" : THDtype_name((THDtype)a->dtype));
    TH_FAIL_IF(a->ndim != 1, TH_ERR_SHAPE, "[bincount] a tensor of %d dimensions, expected a vector", a->ndim);
    TH_FAIL_IF(min_length < 0, TH_ERR_VALUE, "[bincount] minlength, %lld: must not be negative", (long long)min_length);
    if (weights == nullptr) return TH_OK;
    TH_FAIL_IF(weights->dtype != THDtype_Float && weights->dtype != THDtype_Double, TH_ERR_DTYPE,
               "[bincount] weights are %s, expected Float or Double", THDtype_name((THDtype)weights->dtype));
    TH_FAIL_IF(weights->ndim != 1 || weights->size[0] != a->size[0], TH_ERR_SHAPE,
               "[bincount] weights must have the tensor's size, %lld elements", (long long)a->numel);
    return thc_sameDevice("bincount", a, weights);
}

// Into zeros, dense.
THStatus countInto(THTensor *r, const THTensor *a, const THTensor *weights)
{
    if (weights != nullptr) {
        const THCOwned places(THCTensor_newConvert(a, THDtype_Long));
        return places ? THCTensor_indexAdd(r, 0, places.get(), weights) : THStatus_last();
    }
    const THCOwned dense(THCTensor_newContiguous(const_cast<THTensor *>(a)));
    if (!dense) return THStatus_last();
    THC_FOR_INTEGERS("bincount", a->dtype, T, return startCounting<T>("bincount", Itself<T>{}, dense.get(), 1, r->size[0], r);)
}

} // namespace

THStatus THCTensor_bincount(THTensor *r, const THTensor *a, const THTensor *weights, int64_t min_length)
{
    TH_GIVEN("bincount", r, a);
    int64_t length;
    TH_TRY(checkCounted(a, weights, min_length));
    TH_TRY(countLength(a, min_length, &length));
    const THDtype dtype = weights == nullptr ? THDtype_Long : (THDtype)weights->dtype;
    TH_TRY(thc_outputApart("bincount", r, a, dtype, 1, &length));
    if (weights != nullptr) TH_TRY(thc_outputApart("bincount", r, weights, dtype, 1, &length));
    const THCOwned counts(THCTensor_newWithSize(THTensor_device(a), dtype, 1, &length));
    if (!counts) return THStatus_last();
    TH_TRY(THCTensor_zero(counts.get()));
    if (a->numel > 0) TH_TRY(countInto(counts.get(), a, weights));
    return THCTensor_copy(r, counts.get());
}
