// MaxPooling and AveragePooling: a thread for each element of the result.
#include "ops/THCUNNWindow.cuh"

namespace
{

struct Pool {
    CunnPlane p;
    int64_t planes; // samples times channels
    int64_t shape[2 + THNN_SPATIAL_MAX];
};

THStatus initInput(Pool *pool, const char *op, const THTensor *input, int dims)
{
    TH_TRY(cunn_checkFloating(op, "input", input));
    TH_FAIL_IF(input->ndim != dims + 1 && input->ndim != dims + 2, TH_ERR_SHAPE,
               "[%s] input has %d dimensions, expected %d or %d", op, input->ndim, dims + 2, dims + 1);
    pool->p = CunnPlane{CUNN_WHOLE, CUNN_WHOLE, CUNN_WHOLE};
    pool->planes = 1;
    for (int d = 0; d < input->ndim; d++) {
        pool->shape[d] = input->size[d];
        if (d < input->ndim - dims)
            pool->planes *= input->size[d];
        else
            pool->p.axis(THNN_SPATIAL_MAX - input->ndim + d).input = input->size[d];
    }
    return TH_OK;
}

THStatus initWindows(Pool *pool, const char *op, const THTensor *input, int dims, const int64_t *kernel, const THNNGeometry *g,
                     int ceil_mode)
{
    TH_TRY(initInput(pool, op, input, dims));
    for (int d = 0; d < dims; d++) {
        const int k = THNN_SPATIAL_MAX - dims + d, at = input->ndim - dims + d;
        CunnWindow *const w = &pool->p.axis(k);
        TH_TRY(cunn_initWindow(w, op, "DHW"[k], input->size[at], kernel[d], g->stride[d], g->pad[d], g->dilation[d]));
        TH_FAIL_IF(w->pad * 2 > w->kernel, TH_ERR_VALUE, "[%s] pad%c is %lld, expected at most half of k%c, which is %lld", op,
                   "DHW"[k], (long long)w->pad, "DHW"[k], (long long)w->kernel);
        TH_TRY(cunn_countWindows(w, op, "DHW"[k], ceil_mode != 0));
        pool->shape[at] = w->output;
    }
    return TH_OK;
}

struct Spot {
    int64_t plane, d, h, w;
};

__device__ Spot spotOf(int64_t i, int64_t d, int64_t h, int64_t w)
{
    const int64_t row = cunn_quotient(i, w), image = cunn_quotient(row, h), plane = cunn_quotient(image, d);
    return Spot{plane, image - plane * d, row - image * h, i - row * w};
}

template <class T> __global__ void greatest(Pool pool, const T *x, T *y, int64_t *indices)
{
    const CunnPlane &p = pool.p;
    CUNN_LOOP(i, pool.planes * p.out())
    {
        const Spot o = spotOf(i, p.d.output, p.h.output, p.w.output);
        const T *const plane = x + o.plane * p.in();
        int64_t found = -1;
        THCCompute<T> best = 0;
        for (int64_t kd = 0; kd < p.d.kernel; kd++) {
            const int64_t d = o.d * p.d.stride - p.d.pad + kd * p.d.dilation;
            if (d < 0 || d >= p.d.input) continue;
            for (int64_t kh = 0; kh < p.h.kernel; kh++) {
                const int64_t h = o.h * p.h.stride - p.h.pad + kh * p.h.dilation;
                if (h < 0 || h >= p.h.input) continue;
                for (int64_t kw = 0; kw < p.w.kernel; kw++) {
                    const int64_t w = o.w * p.w.stride - p.w.pad + kw * p.w.dilation;
                    if (w < 0 || w >= p.w.input) continue;
                    const int64_t at = (d * p.h.input + h) * p.w.input + w;
                    const THCCompute<T> value = THCElement<T>::up(plane[at]);
                    // nan wins, the first of them.
                    if (found < 0 || value > best || (value != value && best == best)) {
                        found = at;
                        best = value;
                    }
                }
            }
        }
        y[i] = THCElement<T>::down(best);
        indices[i] = found < 0 ? 0 : found;
    }
}

// Windows overlap: what meets in an element is added by atomic additions, whose order, and so the last bits, may differ.
template <class T>
__global__ void spread(int64_t count, int64_t out_plane, int64_t in_plane, const T *gy, const int64_t *indices, T *gx)
{
    CUNN_LOOP(i, count)
    {
        const int64_t at = indices[i];
        if (at >= 0 && at < in_plane) atomicAdd(&gx[i / out_plane * in_plane + at], gy[i]);
    }
}

// [first, last) of a window's input elements; what the window counts, padding included, in *whole.
__device__ void bounds(const CunnWindow &w, int64_t o, int64_t *first, int64_t *last, int64_t *whole)
{
    *first = o * w.stride - w.pad;
    *last = min(*first + w.kernel, w.input + w.pad);
    *whole = *last - *first;
    *first = max(*first, (int64_t)0);
    *last = min(*last, w.input);
}

__device__ int64_t divisorOf(const CunnPlane &p, const Spot &o, bool whole, int64_t (&first)[3], int64_t (&last)[3])
{
    int64_t all[3];
    bounds(p.d, o.d, &first[0], &last[0], &all[0]);
    bounds(p.h, o.h, &first[1], &last[1], &all[1]);
    bounds(p.w, o.w, &first[2], &last[2], &all[2]);
    if (whole) return all[0] * all[1] * all[2];
    return (last[0] - first[0]) * (last[1] - first[1]) * (last[2] - first[2]);
}

template <class T> __global__ void average(Pool pool, bool whole, const T *x, T *y)
{
    const CunnPlane &p = pool.p;
    CUNN_LOOP(i, pool.planes * p.out())
    {
        const Spot o = spotOf(i, p.d.output, p.h.output, p.w.output);
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
}

// [first, last) of the windows that see input element i.
__device__ void seers(const CunnWindow &w, int64_t i, int64_t *first, int64_t *last)
{
    const int64_t at = i + w.pad;
    *first = at < w.kernel ? 0 : (at - w.kernel) / w.stride + 1;
    *last = min(at / w.stride + 1, w.output);
}

template <class T> __global__ void averageBackward(Pool pool, bool whole, const T *gy, T *gx)
{
    const CunnPlane &p = pool.p;
    CUNN_LOOP(i, pool.planes * p.in())
    {
        const Spot e = spotOf(i, p.d.input, p.h.input, p.w.input);
        const T *const plane = gy + e.plane * p.out();
        int64_t low[3], high[3], first[3], last[3];
        seers(p.d, e.d, &low[0], &high[0]);
        seers(p.h, e.h, &low[1], &high[1]);
        seers(p.w, e.w, &low[2], &high[2]);
        CunnSum<T> sum = 0;
        for (int64_t d = low[0]; d < high[0]; d++)
            for (int64_t h = low[1]; h < high[1]; h++)
                for (int64_t w = low[2]; w < high[2]; w++) {
                    const int64_t divisor = divisorOf(p, Spot{0, d, h, w}, whole, first, last);
                    sum += (CunnSum<T>)THCElement<T>::up(plane[(d * p.h.output + h) * p.w.output + w]) / (CunnSum<T>)divisor;
                }
        gx[i] = THCElement<T>::down((THCCompute<T>)sum);
    }
}

} // namespace

THStatus THCUNN_MaxPooling_updateOutput(const THTensor *input, THTensor *output, THTensor *indices, int dims,
                                        const int64_t *kernel, const THNNGeometry *geometry, int ceil_mode)
{
    static const char op[] = "MaxPooling";
    Pool pool;
    TH_TRY(initWindows(&pool, op, input, dims, kernel, geometry, ceil_mode));
    const THCGuard guard(input);
    const CunnDense x(input);
    if (x.failed()) return THStatus_last();
    CunnResult y, places;
    TH_TRY(y.open(op, output, (THDtype)input->dtype, input->ndim, pool.shape, {input}));
    TH_TRY(places.open(op, indices, THDtype_Long, input->ndim, pool.shape, {input}));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(op, input->dtype, T, {
            greatest<T><<<cunn_blocks(y.get()->numel), CUNN_THREADS, 0, thc_stream()>>>(pool, x.data<T>(), y.data<T>(),
                                                                                        places.data<int64_t>());
            return thc_started(op);
        })
    };
    if (y.get()->numel > 0) TH_TRY(run());
    TH_TRY(y.close());
    return places.close();
}

THStatus THCUNN_MaxPooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                           const THTensor *indices, int dims)
{
    static const char op[] = "MaxPooling";
    Pool pool;
    TH_TRY(initInput(&pool, op, input, dims));
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
    const int64_t count = gradOutput->numel;
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(op, input->dtype, T, {
            spread<T><<<cunn_blocks(count), CUNN_THREADS, 0, thc_stream()>>>(count, out_plane, pool.p.in(), gy.data<T>(),
                                                                             places.data<int64_t>(), gx.data<T>());
            return thc_started(op);
        })
    };
    if (count > 0) TH_TRY(run());
    return gx.close();
}

THStatus THCUNN_AveragePooling_updateOutput(const THTensor *input, THTensor *output, int dims, const int64_t *kernel,
                                            const THNNGeometry *geometry, int ceil_mode, int count_include_pad)
{
    static const char op[] = "AveragePooling";
    Pool pool;
    TH_TRY(initWindows(&pool, op, input, dims, kernel, geometry, ceil_mode));
    const THCGuard guard(input);
    const CunnDense x(input);
    if (x.failed()) return THStatus_last();
    CunnResult y;
    TH_TRY(y.open(op, output, (THDtype)input->dtype, input->ndim, pool.shape, {input}));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(op, input->dtype, T, {
            average<T><<<cunn_blocks(y.get()->numel), CUNN_THREADS, 0, thc_stream()>>>(pool, count_include_pad != 0,
                                                                                       x.data<T>(), y.data<T>());
            return thc_started(op);
        })
    };
    if (y.get()->numel > 0) TH_TRY(run());
    return y.close();
}

THStatus THCUNN_AveragePooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput, int dims,
                                               const int64_t *kernel, const THNNGeometry *geometry, int ceil_mode,
                                               int count_include_pad)
{
    static const char op[] = "AveragePooling";
    Pool pool;
    TH_TRY(initWindows(&pool, op, input, dims, kernel, geometry, ceil_mode));
    TH_TRY(cunn_checkDtype(op, "gradOutput", gradOutput, (THDtype)input->dtype));
    TH_TRY(cunn_checkShape(op, "gradOutput", gradOutput, input->ndim, pool.shape));
    const THCGuard guard(input);
    const CunnDense gy(gradOutput);
    if (gy.failed()) return THStatus_last();
    CunnResult gx;
    TH_TRY(gx.open(op, gradInput, (THDtype)input->dtype, input->ndim, input->size, {gradOutput}));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(op, input->dtype, T, {
            averageBackward<T><<<cunn_blocks(input->numel), CUNN_THREADS, 0, thc_stream()>>>(pool, count_include_pad != 0,
                                                                                             gy.data<T>(), gx.data<T>());
            return thc_started(op);
        })
    };
    if (input->numel > 0) TH_TRY(run());
    return gx.close();
}
