// MaxPooling and AveragePooling: a thread for each element of the result.
#include <cmath>

#include "ops/THCUNNPool.cuh"

namespace
{

THStatus initWindows(CunnPool *pool, const char *op, const THTensor *input, int dims, const int64_t *kernel,
                     const THNNGeometry *g, int ceil_mode)
{
    int64_t size[THNN_SPATIAL_MAX];
    TH_TRY(cunn_initPool(pool, op, input, dims));
    for (int d = 0; d < dims; d++) {
        const int k = THNN_SPATIAL_MAX - dims + d, at = input->ndim - dims + d;
        CunnWindow *const w = &pool->p.axis(k);
        TH_TRY(cunn_initWindow(w, op, "DHW"[k], input->size[at], kernel[d], g->stride[d], g->pad[d], g->dilation[d]));
        TH_FAIL_IF(w->pad * 2 > w->kernel, TH_ERR_VALUE, "[%s] pad%c is %lld, expected at most half of k%c, which is %lld", op,
                   "DHW"[k], (long long)w->pad, "DHW"[k], (long long)w->kernel);
        TH_TRY(cunn_countWindows(w, op, "DHW"[k], ceil_mode != 0));
        size[d] = w->output;
    }
    return cunn_setOutput(pool, op, input, dims, size);
}

// The taps of a window within the input: first, first + step, ... before last. Planes have less than 2^31 elements.
struct Taps {
    uint32_t first, last, step;

    __device__ Taps(const CunnWindow &w, int64_t o) : step((uint32_t)w.dilation)
    {
        const int64_t begin = o * w.stride - w.pad, end = begin + (w.kernel - 1) * w.dilation + 1;
        first = (uint32_t)(begin >= 0 ? begin : begin + thc_quotient(w.dilation - 1 - begin, w.dilation) * w.dilation);
        last = (uint32_t)max(min(end, w.input), (int64_t)0);
    }
};

template <class T> struct Greatest {
    CunnPlane p;
    const T *x;
    T *y;
    int64_t *indices;

    __device__ void operator()(int64_t i, const CunnSpot &o) const
    {
        const Taps depth(p.d, o.d), height(p.h, o.h), width(p.w, o.w);
        const uint32_t high = (uint32_t)p.h.input, wide = (uint32_t)p.w.input;
        const T *const plane = x + o.plane * p.in();
        uint32_t found = (depth.first * high + height.first) * wide + width.first;
        THCCompute<T> best = (THCCompute<T>)-INFINITY;
        for (uint32_t d = depth.first; d < depth.last; d += depth.step) {
            for (uint32_t h = height.first; h < height.last; h += height.step) {
                const uint32_t row = (d * high + h) * wide;
                for (uint32_t w = width.first; w < width.last; w += width.step) {
                    const THCCompute<T> value = THCElement<T>::up(plane[row + w]);
                    // nan wins, the first of them.
                    if (!(value <= best) && best == best) {
                        found = row + w;
                        best = value;
                    }
                }
            }
        }
        // A window may lie in the padding as a whole.
        const bool empty = depth.first >= depth.last || height.first >= height.last || width.first >= width.last;
        y[i] = empty ? T(0) : THCElement<T>::down(best);
        indices[i] = empty ? 0 : found;
    }
};

// Windows overlap: what meets in an element is added by atomic additions, whose order, and so the last bits, may differ.
template <class T> struct Spread {
    int64_t in_plane;
    const T *gy;
    const int64_t *indices;
    T *gx;

    __device__ void operator()(int64_t i, const CunnSpot &o) const
    {
        const int64_t at = indices[i];
        if (at >= 0 && at < in_plane) atomicAdd(&gx[o.plane * in_plane + at], gy[i]);
    }
};

// [first, last) of a window's input elements; what the window counts, padding included, in *whole.
__device__ void bounds(const CunnWindow &w, int64_t o, int64_t *first, int64_t *last, int64_t *whole)
{
    *first = o * w.stride - w.pad;
    *last = min(*first + w.kernel, w.input + w.pad);
    *whole = *last - *first;
    *first = max(*first, (int64_t)0);
    *last = min(*last, w.input);
}

__device__ int64_t divisorOf(const CunnPlane &p, const CunnSpot &o, bool whole, int64_t (&first)[3], int64_t (&last)[3])
{
    int64_t all[3];
    bounds(p.d, o.d, &first[0], &last[0], &all[0]);
    bounds(p.h, o.h, &first[1], &last[1], &all[1]);
    bounds(p.w, o.w, &first[2], &last[2], &all[2]);
    if (whole) return all[0] * all[1] * all[2];
    return (last[0] - first[0]) * (last[1] - first[1]) * (last[2] - first[2]);
}

template <class T> struct Average {
    CunnPlane p;
    bool whole;
    const T *x;
    T *y;

    __device__ void operator()(int64_t i, const CunnSpot &o) const
    {
        const T *const plane = x + o.plane * p.in();
        int64_t first[3], last[3];
        const int64_t divisor = divisorOf(p, o, whole, first, last);
        CunnSum<T> sum = 0;
        for (int64_t d = first[0]; d < last[0]; d++)
            for (int64_t h = first[1]; h < last[1]; h++)
                for (int64_t w = first[2]; w < last[2]; w++)
                    sum += (CunnSum<T>)THCElement<T>::up(plane[(d * p.h.input + h) * p.w.input + w]);
        y[i] = THCElement<T>::down((THCCompute<T>)(sum / (CunnSum<T>)divisor));
    }
};

// [first, last) of the windows that see input element i.
__device__ void seers(const CunnWindow &w, int64_t i, int64_t *first, int64_t *last)
{
    const int64_t at = i + w.pad;
    *first = at < w.kernel ? 0 : thc_quotient(at - w.kernel, w.stride) + 1;
    *last = min(thc_quotient(at, w.stride) + 1, w.output);
}

template <class T> struct AverageBackward {
    CunnPlane p;
    bool whole;
    const T *gy;
    T *gx;

    __device__ void operator()(int64_t i, const CunnSpot &e) const
    {
        const T *const plane = gy + e.plane * p.out();
        int64_t low[3], high[3], first[3], last[3];
        seers(p.d, e.d, &low[0], &high[0]);
        seers(p.h, e.h, &low[1], &high[1]);
        seers(p.w, e.w, &low[2], &high[2]);
        CunnSum<T> sum = 0;
        for (int64_t d = low[0]; d < high[0]; d++)
            for (int64_t h = low[1]; h < high[1]; h++)
                for (int64_t w = low[2]; w < high[2]; w++) {
                    const int64_t divisor = divisorOf(p, CunnSpot{0, (int)d, (int)h, (int)w}, whole, first, last);
                    sum += (CunnSum<T>)THCElement<T>::up(plane[(d * p.h.output + h) * p.w.output + w]) / (CunnSum<T>)divisor;
                }
        gx[i] = THCElement<T>::down((THCCompute<T>)sum);
    }
};

} // namespace

THStatus THCUNN_MaxPooling_updateOutput(const THTensor *input, THTensor *output, THTensor *indices, int dims,
                                        const int64_t *kernel, const THNNGeometry *geometry, int ceil_mode)
{
    TH_GIVEN("MaxPooling", input, output, indices, geometry, kernel);
    static const char op[] = "MaxPooling";
    CunnPool pool;
    TH_TRY(initWindows(&pool, op, input, dims, kernel, geometry, ceil_mode));
    const THCGuard guard(input);
    const CunnDense x(input);
    if (x.failed()) return THStatus_last();
    CunnResult y, places;
    TH_TRY(y.open(op, output, (THDtype)input->dtype, input->ndim, pool.shape, {input}));
    TH_TRY(places.open(op, indices, THDtype_Long, input->ndim, pool.shape, {input}));
    const CunnPlane &p = pool.p;
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(op, input->dtype, T, {
            return cunn_eachSpot(op, pool.planes, p.d.output, p.h.output, p.w.output,
                                 Greatest<T>{p, x.data<T>(), y.data<T>(), places.data<int64_t>()});
        })
    };
    TH_TRY(run());
    TH_TRY(y.close());
    return places.close();
}

THStatus THCUNN_MaxPooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                           const THTensor *indices, int dims)
{
    TH_GIVEN("MaxPooling", input, gradOutput, gradInput, indices);
    static const char op[] = "MaxPooling";
    CunnPool pool;
    TH_TRY(cunn_initPool(&pool, op, input, dims));
    TH_TRY(cunn_checkDtype(op, "gradOutput", gradOutput, (THDtype)input->dtype));
    TH_TRY(cunn_checkDtype(op, "indices", indices, THDtype_Long));
    TH_TRY(cunn_checkShape(op, "indices", indices, gradOutput->ndim, gradOutput->size));
    TH_FAIL_IF(gradOutput->ndim != input->ndim, TH_ERR_SHAPE, "[%s] gradOutput has %d dimensions, expected %d", op,
               gradOutput->ndim, input->ndim);
    int64_t out_plane = 1;
    for (int d = 0; d < input->ndim; d++) {
        if (d >= input->ndim - dims)
            out_plane *= gradOutput->size[d];
        else
            TH_FAIL_IF(gradOutput->size[d] != input->size[d], TH_ERR_SHAPE, "[%s] gradOutput and input differ in dimension %d",
                       op, d);
    }
    const THCGuard guard(input);
    const CunnDense gy(gradOutput), places(indices);
    if (gy.failed() || places.failed()) return THStatus_last();
    CunnResult gx;
    TH_TRY(gx.open(op, gradInput, (THDtype)input->dtype, input->ndim, input->size, {gradOutput, indices}));
    TH_TRY(THCTensor_zero(gx.get()));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(op, input->dtype, T, {
            return cunn_eachSpot(op, pool.planes, 1, 1, out_plane,
                                 Spread<T>{pool.p.in(), gy.data<T>(), places.data<int64_t>(), gx.data<T>()});
        })
    };
    TH_TRY(run());
    return gx.close();
}

THStatus THCUNN_AveragePooling_updateOutput(const THTensor *input, THTensor *output, int dims, const int64_t *kernel,
                                            const THNNGeometry *geometry, int ceil_mode, int count_include_pad)
{
    TH_GIVEN("AveragePooling", input, output, geometry, kernel);
    static const char op[] = "AveragePooling";
    CunnPool pool;
    TH_TRY(initWindows(&pool, op, input, dims, kernel, geometry, ceil_mode));
    const THCGuard guard(input);
    const CunnDense x(input);
    if (x.failed()) return THStatus_last();
    CunnResult y;
    TH_TRY(y.open(op, output, (THDtype)input->dtype, input->ndim, pool.shape, {input}));
    const CunnPlane &p = pool.p;
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(op, input->dtype, T, {
            return cunn_eachSpot(op, pool.planes, p.d.output, p.h.output, p.w.output,
                                 Average<T>{p, count_include_pad != 0, x.data<T>(), y.data<T>()});
        })
    };
    TH_TRY(run());
    return y.close();
}

THStatus THCUNN_AveragePooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput, int dims,
                                               const int64_t *kernel, const THNNGeometry *geometry, int ceil_mode,
                                               int count_include_pad)
{
    TH_GIVEN("AveragePooling", input, gradOutput, gradInput, geometry, kernel);
    static const char op[] = "AveragePooling";
    CunnPool pool;
    TH_TRY(initWindows(&pool, op, input, dims, kernel, geometry, ceil_mode));
    TH_TRY(cunn_checkDtype(op, "gradOutput", gradOutput, (THDtype)input->dtype));
    TH_TRY(cunn_checkShape(op, "gradOutput", gradOutput, input->ndim, pool.shape));
    const THCGuard guard(input);
    const CunnDense gy(gradOutput);
    if (gy.failed()) return THStatus_last();
    CunnResult gx;
    TH_TRY(gx.open(op, gradInput, (THDtype)input->dtype, input->ndim, input->size, {gradOutput}));
    const CunnPlane &p = pool.p;
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(op, input->dtype, T, {
            return cunn_eachSpot(op, pool.planes, p.d.input, p.h.input, p.w.input,
                                 AverageBackward<T>{p, count_include_pad != 0, gy.data<T>(), gx.data<T>()});
        })
    };
    TH_TRY(run());
    return gx.close();
}
