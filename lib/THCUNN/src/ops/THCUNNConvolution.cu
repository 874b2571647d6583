// Convolutions by unrolled windows and one matrix product for each group: columns are (channels x taps) x (samples x windows).
// A FullConvolution is the gradient of a Convolution whose input has the shape of its output: its passes are exchanged.
#include <algorithm>

#include "ops/THCUNNConvolution.cuh"

namespace
{

// channels x samples x windows from or to samples x channels x windows; with bias on the way out.
template <bool OUT, class T> __global__ void exchange(CunnPart a, T *matrix, T *image, const T *bias)
{
    const int64_t plane = a.p.out();
    CUNN_LOOP(i, a.channels * a.samples * plane)
    {
        const int64_t image_number = thc_quotient(i, plane), c = thc_quotient(image_number, a.samples);
        const int64_t o = i - image_number * plane, n = image_number - c * a.samples;
        T &there = image[n * a.sample_stride + c * a.channel_stride + o];
        if constexpr (OUT)
            there =
                bias == nullptr ? matrix[i] : THCElement<T>::down(THCElement<T>::up(matrix[i]) + THCElement<T>::up(bias[c]));
        else
            matrix[i] = there;
    }
}

// --- one chunk --------------------------------------------------------------------------------------------------------------

// Which kernel to run on a part of the tensor at `data`, whose planes are inputs or results of the convolution.
enum class Step { UNROLL, ROLL, GATHER, SPREAD };

struct Place {
    char *data; // the chunk's first element of the group
    int64_t channels, plane, all_channels;
};

THStatus step(const CunnConvolution &conv, Step what, int64_t samples, const Place &place, THTensor *matrix, const char *bias)
{
    const CunnPart a = {conv.plane, samples, place.channels, place.plane, place.all_channels * place.plane};
    const int64_t planes = what == Step::ROLL ? conv.plane.in() : conv.plane.out();
    const unsigned blocks = cunn_blocks(place.channels * samples * planes);
    const cudaStream_t stream = thc_stream();
    THC_FOR_FLOATING(conv.op, conv.dtype, T, {
        T *const image = reinterpret_cast<T *>(place.data), *const m = thc_data<T>(matrix);
        switch (what) {
        case Step::UNROLL:
            cunn_unroll<T><<<blocks, CUNN_THREADS, 0, stream>>>(a, image, m);
            break;
        case Step::ROLL:
            cunn_roll<T><<<blocks, CUNN_THREADS, 0, stream>>>(a, m, image);
            break;
        case Step::GATHER:
            exchange<false, T><<<blocks, CUNN_THREADS, 0, stream>>>(a, m, image, nullptr);
            break;
        case Step::SPREAD:
            exchange<true, T><<<blocks, CUNN_THREADS, 0, stream>>>(a, m, image, reinterpret_cast<const T *>(bias));
            break;
        }
        return thc_started(conv.op);
    })
}

THTensor *newMatrix(const CunnConvolution &conv, int64_t rows, int64_t columns)
{
    const int64_t size[] = {rows, columns};
    return THCTensor_newWithSize(conv.device, conv.dtype, 2, size);
}

// Group g of a weight (or its gradient), row-major, as group_out x (group_in * taps).
THTensor *newFilters(const CunnConvolution &conv, const THTensor *weight, int64_t g)
{
    const THCOwned group(THTensor_newNarrow(weight, 0, g * conv.group_out, conv.group_out));
    const int64_t size[] = {conv.group_out, conv.rows()};
    return group ? THTensor_newView(group.get(), 2, size) : nullptr;
}

Place placeOf(const CunnConvolution &conv, const THTensor *tensor, bool of_input, int64_t sample, int64_t g)
{
    const int64_t channels = of_input ? conv.group_in : conv.group_out, plane = of_input ? conv.plane.in() : conv.plane.out();
    const int64_t all = channels * conv.groups, itemsize = THDtype_itemsize(conv.dtype);
    return Place{THTensor_dataBytes(tensor) + (sample * all + g * channels) * plane * itemsize, channels, plane, all};
}

// Calls f(first sample, samples, group) over everything.
template <class F> THStatus forEachPart(const CunnConvolution &conv, F f)
{
    for (int64_t n = 0; n < conv.batch; n += conv.chunk) {
        for (int64_t g = 0; g < conv.groups; g++) TH_TRY(f(n, std::min(conv.chunk, conv.batch - n), g));
    }
    return TH_OK;
}

const THScalar ONE = THScalar_fromLong(1), ZERO = THScalar_fromLong(0);

// y = weight * x + bias. All dense.
THStatus runForward(const CunnConvolution &conv, const THTensor *x, const THTensor *weight, const THTensor *bias, THTensor *y)
{
    if (conv.isDepthwise()) return cunn_depthwiseForward(conv, x, weight, bias, y);
    if (conv.isPointwise()) return cunn_pointwiseForward(conv, x, weight, bias, y);
    return forEachPart(conv, [&](int64_t n, int64_t samples, int64_t g) -> THStatus {
        const THCOwned columns(newMatrix(conv, conv.rows(), samples * conv.plane.out()));
        const THCOwned filters(newFilters(conv, weight, g)), product(THTensor_new());
        if (!columns || !filters || !product) return THStatus_last();
        TH_TRY(step(conv, Step::UNROLL, samples, placeOf(conv, x, true, n, g), columns.get(), nullptr));
        TH_TRY(THCTensor_addmm(product.get(), ZERO, nullptr, ONE, filters.get(), columns.get()));
        const char *const own =
            bias == nullptr ? nullptr : THTensor_dataBytes(bias) + g * conv.group_out * THDtype_itemsize(conv.dtype);
        return step(conv, Step::SPREAD, samples, placeOf(conv, y, false, n, g), product.get(), own);
    });
}

// gx = the gradient of a forward pass along x.
THStatus runGradInput(const CunnConvolution &conv, const THTensor *gy, const THTensor *weight, THTensor *gx)
{
    if (conv.isDepthwise()) return cunn_depthwiseGradInput(conv, gy, weight, gx);
    if (conv.isPointwise()) return cunn_pointwiseGradInput(conv, gy, weight, gx);
    return forEachPart(conv, [&](int64_t n, int64_t samples, int64_t g) -> THStatus {
        const THCOwned gradients(newMatrix(conv, conv.group_out, samples * conv.plane.out()));
        const THCOwned filters(newFilters(conv, weight, g)), columns(THTensor_new());
        if (!gradients || !filters || !columns) return THStatus_last();
        const THCOwned transposed(THTensor_newTranspose(filters.get(), 0, 1));
        if (!transposed) return THStatus_last();
        TH_TRY(step(conv, Step::GATHER, samples, placeOf(conv, gy, false, n, g), gradients.get(), nullptr));
        TH_TRY(THCTensor_addmm(columns.get(), ZERO, nullptr, ONE, transposed.get(), gradients.get()));
        return step(conv, Step::ROLL, samples, placeOf(conv, gx, true, n, g), columns.get(), nullptr);
    });
}

// gw += scale * the gradient of a forward pass along weight.
THStatus runGradWeight(const CunnConvolution &conv, const THTensor *x, const THTensor *gy, THTensor *gw, double scale)
{
    if (conv.isDepthwise()) return cunn_depthwiseGradWeight(conv, x, gy, gw, scale);
    if (conv.isPointwise()) return cunn_pointwiseGradWeight(conv, x, gy, gw, scale);
    return forEachPart(conv, [&](int64_t n, int64_t samples, int64_t g) -> THStatus {
        const THCOwned gradients(newMatrix(conv, conv.group_out, samples * conv.plane.out()));
        const THCOwned columns(newMatrix(conv, conv.rows(), samples * conv.plane.out())), filters(newFilters(conv, gw, g));
        if (!gradients || !filters || !columns) return THStatus_last();
        const THCOwned transposed(THTensor_newTranspose(columns.get(), 0, 1));
        if (!transposed) return THStatus_last();
        TH_TRY(step(conv, Step::GATHER, samples, placeOf(conv, gy, false, n, g), gradients.get(), nullptr));
        TH_TRY(step(conv, Step::UNROLL, samples, placeOf(conv, x, true, n, g), columns.get(), nullptr));
        return THCTensor_addmm(filters.get(), ONE, filters.get(), THScalar_fromDouble(scale), gradients.get(),
                               transposed.get());
    });
}

// gb += scale * the sum of `planes` (N x O x spatial) over all but its channels.
THStatus addBias(const THTensor *planes, THTensor *gb, double scale)
{
    if (gb == nullptr) return TH_OK;
    const int64_t size[] = {planes->size[0], planes->size[1], -1};
    const THCOwned flat(THTensor_newView(planes, 3, size)), one(THTensor_new()), both(THTensor_new());
    if (!flat || !one || !both) return THStatus_last();
    TH_TRY(THCTensor_sum(one.get(), flat.get(), 2, 0));
    TH_TRY(THCTensor_sum(both.get(), one.get(), 0, 0));
    return THCTensor_cadd(gb, gb, both.get(), THScalar_fromDouble(scale));
}

// --- checks and shapes ------------------------------------------------------------------------------------------------------

// `full`: input and result are exchanged, and `adjust` adds to the result's size.
THStatus init(CunnConvolution *conv, const char *op, const THTensor *input, const THTensor *weight,
              const THNNGeometry *geometry, const int64_t *adjust)
{
    const bool full = adjust != nullptr;
    const int dims = weight->ndim - 2;
    const int64_t groups = geometry->groups, channels = full ? weight->size[0] : weight->size[1] * groups;
    TH_TRY(cunn_checkFloating(op, "input", input));
    TH_TRY(cunn_checkDtype(op, "weight", weight, (THDtype)input->dtype));
    TH_TRY(thc_sameDevice(op, input, weight));
    TH_FAIL_IF(dims < 1 || dims > THNN_SPATIAL_MAX, TH_ERR_SHAPE, "[%s] weight has %d dimensions, expected 3, 4 or 5", op,
               weight->ndim);
    TH_FAIL_IF(input->ndim != dims + 2, TH_ERR_SHAPE, "[%s] input has %d dimensions, expected %d", op, input->ndim, dims + 2);
    TH_FAIL_IF(weight->numel == 0, TH_ERR_SHAPE, "[%s] weight has no elements, expected sizes of at least 1", op);
    TH_FAIL_IF(groups < 1 || weight->size[0] % groups != 0, TH_ERR_VALUE,
               "[%s] groups is %lld, expected a divisor of the %lld %s channels", op, (long long)groups,
               (long long)weight->size[0], full ? "input" : "output");
    TH_FAIL_IF(input->size[1] != channels, TH_ERR_SHAPE, "[%s] input has %lld channels, weight expects %lld%s", op,
               (long long)input->size[1], (long long)channels, !full && groups > 1 ? " in all groups" : "");
    *conv = CunnConvolution{op,
                            (THDtype)input->dtype,
                            THTensor_device(input),
                            {CUNN_WHOLE, CUNN_WHOLE, CUNN_WHOLE},
                            input->size[0],
                            groups,
                            weight->size[1],
                            weight->size[0] / groups,
                            0};
    for (int d = 0; d < dims; d++) {
        const int k = THNN_SPATIAL_MAX - dims + d;
        CunnWindow *const w = &conv->plane.axis(k);
        const int64_t size = input->size[2 + d];
        TH_TRY(cunn_initWindow(w, op, "DHW"[k], full ? 1 : size, weight->size[2 + d], geometry->stride[d], geometry->pad[d],
                               geometry->dilation[d]));
        if (!full) {
            TH_TRY(cunn_countWindows(w, op, "DHW"[k], false));
            continue;
        }
        TH_FAIL_IF(adjust[d] < 0 || (adjust[d] >= w->stride && adjust[d] >= w->dilation), TH_ERR_VALUE,
                   "[%s] adj%c is %lld: output padding must be smaller than either stride or dilation, which are %lld and %lld",
                   op, "DHW"[k], (long long)adjust[d], (long long)w->stride, (long long)w->dilation);
        w->input = (size - 1) * w->stride - 2 * w->pad + w->extent() + adjust[d];
        w->output = size;
        TH_FAIL_IF(size < 1 || w->input < 1, TH_ERR_SHAPE,
                   "[%s] input has %c %lld: output size is too small, calculated as %lld", op, "DHW"[k], (long long)size,
                   (long long)w->input);
    }
    const int64_t each = conv->rows() * conv->plane.out() * THDtype_itemsize(conv->dtype);
    conv->chunk = std::max<int64_t>(1, CUNN_COLUMNS_BYTES / std::max<int64_t>(1, each));
    return TH_OK;
}

void shapeOf(CunnConvolution *conv, int dims, bool of_input, int64_t *shape)
{
    shape[0] = conv->batch;
    shape[1] = conv->groups * (of_input ? conv->group_in : conv->group_out);
    for (int d = 0; d < dims; d++) {
        const CunnWindow &w = conv->plane.axis(THNN_SPATIAL_MAX - dims + d);
        shape[2 + d] = of_input ? w.input : w.output;
    }
}

// Forward of a Convolution, or of a FullConvolution, where `adjust` is given.
THStatus updateOutput(const char *op, const THTensor *input, THTensor *output, const THTensor *weight, const THTensor *bias,
                      const THNNGeometry *geometry, const int64_t *adjust)
{
    CunnConvolution conv;
    TH_TRY(init(&conv, op, input, weight, geometry, adjust));
    int64_t shape[2 + THNN_SPATIAL_MAX];
    shapeOf(&conv, weight->ndim - 2, adjust != nullptr, shape);
    if (bias != nullptr) {
        TH_TRY(cunn_checkDtype(op, "bias", bias, conv.dtype));
        TH_TRY(cunn_checkShape(op, "bias", bias, 1, &shape[1]));
    }
    const THCGuard guard(input);
    const CunnDense x(input), w(weight), b(bias);
    if (x.failed() || w.failed() || b.failed()) return THStatus_last();
    CunnResult y;
    TH_TRY(y.open(op, output, conv.dtype, input->ndim, shape, {input, weight, bias}));
    if (adjust == nullptr) {
        TH_TRY(runForward(conv, x.get(), w.get(), b.get(), y.get()));
        return y.close();
    }
    TH_TRY(runGradInput(conv, x.get(), w.get(), y.get()));
    if (bias != nullptr) {
        const int64_t column[] = {1, shape[1], 1, 1, 1};
        const THCOwned spread(THTensor_newView(b.get(), input->ndim, column));
        if (!spread) return THStatus_last();
        TH_TRY(THCTensor_cadd(y.get(), y.get(), spread.get(), ONE));
    }
    return y.close();
}

THStatus updateGradInput(const char *op, const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                         const THTensor *weight, const THNNGeometry *geometry, const int64_t *adjust)
{
    CunnConvolution conv;
    TH_TRY(init(&conv, op, input, weight, geometry, adjust));
    int64_t shape[2 + THNN_SPATIAL_MAX];
    shapeOf(&conv, weight->ndim - 2, adjust != nullptr, shape);
    TH_TRY(cunn_checkDtype(op, "gradOutput", gradOutput, conv.dtype));
    TH_TRY(cunn_checkShape(op, "gradOutput", gradOutput, input->ndim, shape));
    const THCGuard guard(input);
    const CunnDense gy(gradOutput), w(weight);
    if (gy.failed() || w.failed()) return THStatus_last();
    CunnResult gx;
    TH_TRY(gx.open(op, gradInput, conv.dtype, input->ndim, input->size, {gradOutput, weight}));
    TH_TRY(adjust == nullptr ? runGradInput(conv, gy.get(), w.get(), gx.get())
                             : runForward(conv, gy.get(), w.get(), nullptr, gx.get()));
    return gx.close();
}

THStatus accGradParameters(const char *op, const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                           THTensor *gradBias, const THNNGeometry *geometry, const int64_t *adjust, double scale)
{
    CunnConvolution conv;
    TH_TRY(init(&conv, op, input, gradWeight, geometry, adjust));
    int64_t shape[2 + THNN_SPATIAL_MAX];
    shapeOf(&conv, gradWeight->ndim - 2, adjust != nullptr, shape);
    TH_TRY(cunn_checkDtype(op, "gradOutput", gradOutput, conv.dtype));
    TH_TRY(cunn_checkShape(op, "gradOutput", gradOutput, input->ndim, shape));
    const THCGuard guard(input);
    const CunnDense x(input), gy(gradOutput);
    if (x.failed() || gy.failed()) return THStatus_last();
    CunnResult gw;
    TH_TRY(gw.openUpdate(gradWeight));
    TH_TRY(adjust == nullptr ? runGradWeight(conv, x.get(), gy.get(), gw.get(), scale)
                             : runGradWeight(conv, gy.get(), x.get(), gw.get(), scale));
    TH_TRY(gw.close());
    return addBias(gy.get(), gradBias, scale);
}

} // namespace

THStatus THCUNN_Convolution_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight, const THTensor *bias,
                                         const THNNGeometry *geometry)
{
    TH_GIVEN("Convolution", input, output, weight, geometry);
    return updateOutput("Convolution", input, output, weight, bias, geometry, nullptr);
}

THStatus THCUNN_Convolution_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                            const THTensor *weight, const THNNGeometry *geometry)
{
    TH_GIVEN("Convolution", input, gradOutput, gradInput, weight, geometry);
    return updateGradInput("Convolution", input, gradOutput, gradInput, weight, geometry, nullptr);
}

THStatus THCUNN_Convolution_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                              THTensor *gradBias, const THNNGeometry *geometry, double scale)
{
    TH_GIVEN("Convolution", input, gradOutput, gradWeight, geometry);
    return accGradParameters("Convolution", input, gradOutput, gradWeight, gradBias, geometry, nullptr, scale);
}

THStatus THCUNN_FullConvolution_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight,
                                             const THTensor *bias, const THNNGeometry *geometry, const int64_t *adjust)
{
    TH_GIVEN("FullConvolution", input, output, weight, geometry, adjust);
    return updateOutput("FullConvolution", input, output, weight, bias, geometry, adjust);
}

THStatus THCUNN_FullConvolution_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                const THTensor *weight, const THNNGeometry *geometry, const int64_t *adjust)
{
    TH_GIVEN("FullConvolution", input, gradOutput, gradInput, weight, geometry, adjust);
    return updateGradInput("FullConvolution", input, gradOutput, gradInput, weight, geometry, adjust);
}

THStatus THCUNN_FullConvolution_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                                  THTensor *gradBias, const THNNGeometry *geometry, const int64_t *adjust,
                                                  double scale)
{
    TH_GIVEN("FullConvolution", input, gradOutput, gradWeight, geometry, adjust);
    return accGradParameters("FullConvolution", input, gradOutput, gradWeight, gradBias, geometry, adjust, scale);
}
