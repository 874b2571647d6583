// Sequences: on the device of r, or, if r has no elements yet, on the calling thread's.
#include "THC/THCTensor.h"

#include <cmath>

#include "THC/device/THCMap.cuh"
#include "THC/device/THCPlace.cuh"
#include "kernels/THCConvert.cuh"
#include "ops/THCTarget.cuh"

namespace
{

// first + i * step; with `total` > 0 the second half counts back from last, so that both ends are exact.
struct Doubles {
    using Number = double;
    double first, step, last;
    int64_t total;
    __device__ double operator()(int64_t i) const
    {
        return total > 0 && i >= total - i ? last - (double)(total - 1 - i) * step : first + (double)i * step;
    }
};

struct Longs {
    using Number = int64_t;
    int64_t first, step;
    __device__ int64_t operator()(int64_t i) const { return (int64_t)((uint64_t)first + (uint64_t)i * (uint64_t)step); }
};

template <class T, class S> __global__ void __launch_bounds__(THC_MAP_THREADS) writeSequence(int64_t n, const S sequence, T *r)
{
    using Convert = THCConvert<typename S::Number, THCCompute<T>>;
    const int64_t step = (int64_t)gridDim.x * THC_MAP_THREADS;
    for (int64_t i = (int64_t)blockIdx.x * THC_MAP_THREADS + threadIdx.x; i < n; i += step)
        r[i] = THCElement<T>::down(Convert{}(sequence(i)));
}

// The place of a fresh tensor.
THStatus deviceOf(const char *op, const THTensor *r, int *device)
{
    TH_TRY(thc_onDevice(op, r));
    *device = THTensor_device(r);
    return r->storage == nullptr ? THC_getDevice(device) : TH_OK;
}

// Makes r a 1-d tensor of `count` elements (dtype as it has it, else `fresh`) and writes the sequence.
template <class S> THStatus write(const char *op, THTensor *r, THDtype fresh, int64_t count, const S &sequence)
{
    int device;
    TH_TRY(deviceOf(op, r, &device));
    TH_TRY(THTensor_outputOn(r, op, device, r->storage == nullptr ? fresh : (THDtype)r->dtype, 1, &count));
    if (count == 0) return TH_OK;
    const THCTarget target(r);
    if (!target) return THStatus_last();
    const auto start = [&]() -> THStatus {
        const THCGuard guard(r);
        const int64_t most = INT64_C(1) << 20, needed = thc_blocks(count, THC_MAP_THREADS);
        THC_FOR_ALL(op, r->dtype, T, {
            writeSequence<T, S><<<(unsigned)(needed < most ? needed : most), THC_MAP_THREADS, 0, thc_stream()>>>(
                count, sequence, thc_data<T>(target.get()));
            return thc_started(op);
        })
    };
    TH_TRY(start());
    return target.finish();
}

// Elements of start, start + step, ... before end: exactly, with differences that may not fit int64.
int64_t countLongs(int64_t start, int64_t end, int64_t step)
{
    const uint64_t distance = step > 0 ? (uint64_t)end - (uint64_t)start : (uint64_t)start - (uint64_t)end;
    const uint64_t stride = step > 0 ? (uint64_t)step : -(uint64_t)step;
    const uint64_t count = distance / stride + (distance % stride != 0);
    return count > INT64_MAX ? INT64_MAX : (int64_t)count;
}

} // namespace

THStatus THCTensor_arange(THTensor *r, THScalar start, THScalar end, THScalar step)
{
    TH_GIVEN("arange", r);
    const bool integer = !start.is_float && !end.is_float && !step.is_float;
    const double first = THScalar_toDouble(start), last = THScalar_toDouble(end), by = THScalar_toDouble(step);
    TH_FAIL_IF(by == 0 || std::isnan(by), TH_ERR_VALUE, "[arange] step, %g: step must be nonzero", by);
    const bool away = integer ? (step.value.i > 0) != (start.value.i <= end.value.i) && start.value.i != end.value.i
                              : !((by > 0 && first <= last) || (by < 0 && first >= last));
    TH_FAIL_IF(away, TH_ERR_VALUE,
               "[arange] start %g, end %g, step %g: upper bound and larger bound inconsistent with step sign", first, last, by);
    if (integer) {
        const int64_t count = countLongs(start.value.i, end.value.i, step.value.i);
        return write("arange", r, THDtype_Long, count, Longs{start.value.i, step.value.i});
    }
    const double length = std::ceil((last - first) / by);
    TH_FAIL_IF(!(length < 0x1p62), TH_ERR_SHAPE, "[arange] start %g, end %g, step %g: too many elements", first, last, by);
    return write("arange", r, THDtype_Float, (int64_t)length, Doubles{first, by, last, 0});
}

THStatus THCTensor_linspace(THTensor *r, double start, double end, int64_t steps)
{
    TH_GIVEN("linspace", r);
    TH_FAIL_IF(steps < 0, TH_ERR_VALUE, "[linspace] steps, %lld: number of steps must be non-negative", (long long)steps);
    const double step = steps > 1 ? (end - start) / (double)(steps - 1) : 0;
    return write("linspace", r, THDtype_Float, steps, Doubles{start, step, steps == 1 ? start : end, steps});
}

THStatus THCTensor_eye(THTensor *r, int64_t n, int64_t m)
{
    TH_GIVEN("eye", r);
    int device;
    const int64_t size[] = {n, m}, length = n < m ? n : m;
    TH_FAIL_IF(n < 0 || m < 0, TH_ERR_VALUE, "[eye] sizes, %lld and %lld: must not be negative", (long long)n, (long long)m);
    TH_TRY(deviceOf("eye", r, &device));
    TH_TRY(THTensor_outputOn(r, "eye", device, r->storage == nullptr ? THDtype_Float : (THDtype)r->dtype, 2, size));
    TH_TRY(THCTensor_zero(r));
    const int64_t stride = r->stride[0] + r->stride[1];
    const THCOwned diagonal(THTensor_newAsStrided(r, 1, &length, &stride, r->offset));
    return diagonal ? THCTensor_fill(diagonal.get(), THScalar_fromLong(1)) : THStatus_last();
}
