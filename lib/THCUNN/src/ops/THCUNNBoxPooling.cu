// Poolings whose windows differ from output to output: adaptive ones, whose sizes follow from the output's, and fractional
// ones (Graham, 2014), whose places are random.
#include "ops/THCUNNPool.cuh"

namespace
{

// Elements from which a warp works on an output: where outputs are few, and always.
constexpr int64_t LARGE_BOX = 32, HUGE_BOX = 256, FEW_OUTPUTS = 65536;

struct Box {
    int64_t first[3], last[3];

    __device__ int64_t count() const { return (last[0] - first[0]) * (last[1] - first[1]) * (last[2] - first[2]); }
};

// Output o of an axis sees [o * in / out, (o + 1) * in / out), rounded to the outside.
struct Adaptive {
    int64_t in[3], out[3];

    explicit Adaptive(const CunnPlane &p) : in{p.d.input, p.h.input, p.w.input}, out{p.d.output, p.h.output, p.w.output} {}

    __device__ Box boxAt(const CunnSpot &o) const
    {
        const int64_t at[3] = {o.d, o.h, o.w};
        Box box;
        for (int a = 0; a < 3; a++) {
            box.first[a] = thc_quotient(at[a] * in[a], out[a]);
            box.last[a] = thc_quotient((at[a] + 1) * in[a] + out[a] - 1, out[a]);
        }
        return box;
    }

    // The outputs that see an input element: the same with sizes exchanged.
    Adaptive turned() const
    {
        Adaptive other = *this;
        for (int a = 0; a < 3; a++) std::swap(other.in[a], other.out[a]);
        return other;
    }
};

template <class T> struct Fractional {
    int64_t in[3], out[3], kernel[3];
    int dims;
    const T *samples; // `dims` for each plane, the width's first

    __device__ Box boxAt(const CunnSpot &o) const
    {
        const int64_t at[3] = {o.d, o.h, o.w};
        Box box;
        for (int a = 0; a < 3; a++) {
            const bool whole = a < 3 - dims;
            const double given = whole ? 0 : (double)THCElement<T>::up(samples[o.plane * dims + 2 - a]);
            const double sample = given < 0 ? 0 : given > 1 ? 1 : given;
            const double alpha = out[a] > 1 ? (double)(in[a] - kernel[a]) / (double)(out[a] - 1) : 0;
            box.first[a] = at[a] + 1 == out[a] ? in[a] - kernel[a]
                                               : (int64_t)(((double)at[a] + sample) * alpha) - (int64_t)(sample * alpha);
            box.last[a] = box.first[a] + kernel[a];
        }
        return box;
    }
};

// Calls f(position in the plane) for the calling thread's share of a box in a plane of rows of `width` and images of `height`.
template <int LANES, class F> __device__ void eachInBox(const Box &box, int64_t height, int64_t width, F f)
{
    if constexpr (LANES == 1) {
        for (int64_t d = box.first[0]; d < box.last[0]; d++)
            for (int64_t h = box.first[1]; h < box.last[1]; h++)
                for (int64_t w = box.first[2]; w < box.last[2]; w++) f((d * height + h) * width + w);
    } else {
        // Rows that fill the width lie behind one another.
        const bool whole = box.last[2] - box.first[2] == width;
        const uint32_t high = (uint32_t)(box.last[1] - box.first[1]), wide = (uint32_t)(box.last[2] - box.first[2]);
        const uint32_t across = whole ? high * wide : wide, count = high * wide;
        for (int64_t d = box.first[0]; d < box.last[0]; d++) {
            const int64_t start = (d * height + box.first[1]) * width + box.first[2];
#pragma unroll 4
            for (uint32_t k = threadIdx.x % LANES; k < count; k += LANES) {
                const uint32_t row = whole ? 0 : k / across;
                f(start + row * width + (k - row * across));
            }
        }
    }
}

template <int LANES, class T> struct Average {
    Adaptive boxes;
    const T *x;
    T *y;

    __device__ void operator()(int64_t at, const CunnSpot &o) const
    {
        const Box box = boxes.boxAt(o);
        const T *const plane = x + o.plane * boxes.in[0] * boxes.in[1] * boxes.in[2];
        CunnSum<T> sum = 0;
        eachInBox<LANES>(box, boxes.in[1], boxes.in[2], [&](int64_t i) { sum += (CunnSum<T>)THCElement<T>::up(plane[i]); });
        for (int step = LANES / 2; step > 0; step /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, step);
        if (threadIdx.x % LANES == 0) y[at] = THCElement<T>::down((THCCompute<T>)(sum / (CunnSum<T>)box.count()));
    }
};

template <class T> struct AverageBackward {
    Adaptive boxes, turned;
    const T *gy;
    T *gx;

    __device__ void operator()(int64_t at, const CunnSpot &i) const
    {
        const Box seers = turned.boxAt(i);
        const T *const plane = gy + i.plane * boxes.out[0] * boxes.out[1] * boxes.out[2];
        CunnSum<T> sum = 0;
        for (int64_t d = seers.first[0]; d < seers.last[0]; d++)
            for (int64_t h = seers.first[1]; h < seers.last[1]; h++)
                for (int64_t w = seers.first[2]; w < seers.last[2]; w++) {
                    const Box box = boxes.boxAt(CunnSpot{0, (int)d, (int)h, (int)w});
                    const T g = plane[(d * boxes.out[1] + h) * boxes.out[2] + w];
                    sum += (CunnSum<T>)THCElement<T>::up(g) / (CunnSum<T>)box.count();
                }
        gx[at] = THCElement<T>::down((THCCompute<T>)sum);
    }
};

// The greatest: nan before all, of equals the first.
template <class C> __device__ bool isBefore(C a, int64_t at, C b, int64_t other)
{
    const bool nan_a = a != a, nan_b = b != b;
    if (nan_a || nan_b) return nan_a && (!nan_b || at < other);
    return a > b || (a == b && at < other);
}

template <int LANES, class Boxes, class T> struct Maximum {
    Boxes boxes;
    const T *x;
    T *y;
    int64_t *indices;

    __device__ void operator()(int64_t at, const CunnSpot &o) const
    {
        const Box box = boxes.boxAt(o);
        const T *const plane = x + o.plane * boxes.in[0] * boxes.in[1] * boxes.in[2];
        int64_t found = (box.first[0] * boxes.in[1] + box.first[1]) * boxes.in[2] + box.first[2];
        THCCompute<T> best = THCElement<T>::up(plane[found]);
        eachInBox<LANES>(box, boxes.in[1], boxes.in[2], [&](int64_t i) {
            const THCCompute<T> value = THCElement<T>::up(plane[i]);
            if (!isBefore(value, i, best, found)) return;
            best = value;
            found = i;
        });
        for (int step = LANES / 2; step > 0; step /= 2) {
            const THCCompute<T> value = __shfl_xor_sync(0xffffffffu, best, step);
            const int64_t place = __shfl_xor_sync(0xffffffffu, found, step);
            if (isBefore(value, place, best, found)) {
                best = value;
                found = place;
            }
        }
        if (threadIdx.x % LANES != 0) return;
        y[at] = plane[found];
        indices[at] = found;
    }
};

THStatus initAdaptive(CunnPool *pool, const char *op, const THTensor *input, int dims, const int64_t *size)
{
    TH_TRY(cunn_initPool(pool, op, input, dims));
    for (int d = 0; d < dims; d++)
        TH_FAIL_IF(size[d] < 0 || size[d] > INT32_MAX, TH_ERR_VALUE, "[%s] output size is %lld, expected 0 to %d", op,
                   (long long)size[d], INT32_MAX);
    TH_FAIL_IF(pool->p.in() == 0, TH_ERR_SHAPE, "[%s] input has a spatial size of 0, expected at least 1", op);
    return cunn_setOutput(pool, op, input, dims, size);
}

bool isLarge(const CunnPool &pool)
{
    const int64_t box = pool.p.in() / std::max<int64_t>(1, pool.p.out());
    return box >= HUGE_BOX || (box >= LARGE_BOX && pool.planes * pool.p.out() < FEW_OUTPUTS);
}

// y = the mean of each plane.
THStatus meanOfPlanes(const CunnPool &pool, const THTensor *x, const THTensor *y)
{
    const int64_t rows[] = {pool.planes, pool.p.in()};
    const THCOwned planes(THTensor_newView(x, 2, rows)), means(THTensor_newView(y, 1, rows));
    return planes && means ? THCTensor_mean(means.get(), planes.get(), 1, 0) : THStatus_last();
}

// Calls run(y, indices) with places for the results.
template <class F>
THStatus maximum(const char *op, const CunnPool &pool, const THTensor *input, THTensor *output, THTensor *indices, F run)
{
    CunnResult y, places;
    TH_TRY(y.open(op, output, (THDtype)input->dtype, input->ndim, pool.shape, {input}));
    TH_TRY(places.open(op, indices, THDtype_Long, input->ndim, pool.shape, {input}));
    TH_TRY(run(y, places.data<int64_t>()));
    TH_TRY(y.close());
    return places.close();
}

} // namespace

THStatus THCUNN_AdaptiveMaxPooling_updateOutput(const THTensor *input, THTensor *output, THTensor *indices, int dims,
                                                const int64_t *size)
{
    TH_GIVEN("AdaptiveMaxPooling", input, output, indices, size);
    static const char op[] = "AdaptiveMaxPooling";
    CunnPool pool;
    TH_TRY(initAdaptive(&pool, op, input, dims, size));
    const THCGuard guard(input);
    const CunnDense x(input);
    if (x.failed()) return THStatus_last();
    const CunnPlane &p = pool.p;
    return maximum(op, pool, input, output, indices, [&](const CunnResult &y, int64_t *places) -> THStatus {
        THC_FOR_FLOATING(op, input->dtype, T, {
            const Adaptive boxes(p);
            if (!isLarge(pool))
                return cunn_eachSpot(op, pool.planes, p.d.output, p.h.output, p.w.output,
                                     Maximum<1, Adaptive, T>{boxes, x.data<T>(), y.data<T>(), places});
            return cunn_eachSpot<32>(op, pool.planes, p.d.output, p.h.output, p.w.output,
                                     Maximum<32, Adaptive, T>{boxes, x.data<T>(), y.data<T>(), places});
        })
    });
}

THStatus THCUNN_AdaptiveAveragePooling_updateOutput(const THTensor *input, THTensor *output, int dims, const int64_t *size)
{
    TH_GIVEN("AdaptiveAveragePooling", input, output, size);
    static const char op[] = "AdaptiveAveragePooling";
    CunnPool pool;
    TH_TRY(initAdaptive(&pool, op, input, dims, size));
    const THCGuard guard(input);
    const CunnDense x(input);
    if (x.failed()) return THStatus_last();
    CunnResult y;
    TH_TRY(y.open(op, output, (THDtype)input->dtype, input->ndim, pool.shape, {input}));
    const CunnPlane &p = pool.p;
    if (p.out() == 1) {
        TH_TRY(meanOfPlanes(pool, x.get(), y.get()));
        return y.close();
    }
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(op, input->dtype, T, {
            const Adaptive boxes(p);
            if (!isLarge(pool))
                return cunn_eachSpot(op, pool.planes, p.d.output, p.h.output, p.w.output,
                                     Average<1, T>{boxes, x.data<T>(), y.data<T>()});
            return cunn_eachSpot<32>(op, pool.planes, p.d.output, p.h.output, p.w.output,
                                     Average<32, T>{boxes, x.data<T>(), y.data<T>()});
        })
    };
    TH_TRY(run());
    return y.close();
}

THStatus THCUNN_AdaptiveAveragePooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                       int dims)
{
    TH_GIVEN("AdaptiveAveragePooling", input, gradOutput, gradInput);
    static const char op[] = "AdaptiveAveragePooling";
    CunnPool pool;
    TH_TRY(cunn_checkDtype(op, "gradOutput", gradOutput, (THDtype)input->dtype));
    TH_FAIL_IF(gradOutput->ndim != input->ndim, TH_ERR_SHAPE, "[%s] gradOutput has %d dimensions, expected %d", op,
               gradOutput->ndim, input->ndim);
    TH_TRY(initAdaptive(&pool, op, input, dims, gradOutput->size + gradOutput->ndim - dims));
    TH_TRY(cunn_checkShape(op, "gradOutput", gradOutput, input->ndim, pool.shape));
    TH_TRY(thc_sameDevice(op, input, gradOutput));
    const THCGuard guard(input);
    const CunnDense gy(gradOutput);
    if (gy.failed()) return THStatus_last();
    CunnResult gx;
    TH_TRY(gx.open(op, gradInput, (THDtype)input->dtype, input->ndim, input->size, {gradOutput}));
    if (gradOutput->numel == 0) {
        TH_TRY(THCTensor_zero(gx.get()));
        return gx.close();
    }
    const CunnPlane &p = pool.p;
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(op, input->dtype, T, {
            const Adaptive boxes(p);
            return cunn_eachSpot(op, pool.planes, p.d.input, p.h.input, p.w.input,
                                 AverageBackward<T>{boxes, boxes.turned(), gy.data<T>(), gx.data<T>()});
        })
    };
    TH_TRY(run());
    return gx.close();
}

THStatus THCUNN_FractionalMaxPooling_updateOutput(const THTensor *input, THTensor *output, THTensor *indices, int dims,
                                                  const int64_t *size, const int64_t *kernel, const THTensor *randomSamples)
{
    TH_GIVEN("FractionalMaxPooling", input, output, indices, kernel, randomSamples, size);
    static const char op[] = "FractionalMaxPooling";
    CunnPool pool;
    TH_TRY(cunn_initPool(&pool, op, input, dims));
    for (int d = 0; d < dims; d++) {
        const int64_t in = input->size[input->ndim - dims + d];
        TH_FAIL_IF(kernel[d] < 1 || size[d] < 1 || size[d] + kernel[d] - 1 > in, TH_ERR_SHAPE,
                   "[%s] pool of %lld and output of %lld are too large for an input of %lld along %c", op, (long long)kernel[d],
                   (long long)size[d], (long long)in, "DHW"[THNN_SPATIAL_MAX - dims + d]);
        pool.p.axis(THNN_SPATIAL_MAX - dims + d).kernel = kernel[d];
    }
    TH_TRY(cunn_setOutput(&pool, op, input, dims, size));
    TH_TRY(cunn_checkDtype(op, "randomSamples", randomSamples, (THDtype)input->dtype));
    TH_TRY(thc_sameDevice(op, input, randomSamples));
    TH_FAIL_IF(randomSamples->numel != pool.planes * dims, TH_ERR_SHAPE,
               "[%s] randomSamples have %lld elements, expected %d for each of %lld planes", op,
               (long long)randomSamples->numel, dims, (long long)pool.planes);
    const THCGuard guard(input);
    const CunnDense x(input), samples(randomSamples);
    if (x.failed() || samples.failed()) return THStatus_last();
    const CunnPlane &p = pool.p;
    return maximum(op, pool, input, output, indices, [&](const CunnResult &y, int64_t *places) -> THStatus {
        THC_FOR_FLOATING(op, input->dtype, T, {
            const Fractional<T> boxes = {{p.d.input, p.h.input, p.w.input},
                                         {p.d.output, p.h.output, p.w.output},
                                         {p.d.kernel, p.h.kernel, p.w.kernel},
                                         dims,
                                         samples.data<T>()};
            return cunn_eachSpot(op, pool.planes, p.d.output, p.h.output, p.w.output,
                                 Maximum<1, Fractional<T>, T>{boxes, x.data<T>(), y.data<T>(), places});
        })
    });
}
