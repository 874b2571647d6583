// Im2Col and Col2Im: what a sliding window sees, as columns, and columns added up to where they came from.
#include "ops/THCUNNColumns.cuh"

namespace
{

THStatus initPlane(CunnPlane *p, const char *op, const int64_t *size, const int64_t kernel[2], const int64_t dilation[2],
                   const int64_t pad[2], const int64_t stride[2])
{
    *p = CunnPlane{CUNN_WHOLE, CUNN_WHOLE, CUNN_WHOLE};
    for (int d = 0; d < 2; d++) {
        TH_TRY(cunn_initWindow(&p->axis(1 + d), op, "HW"[d], size[d], kernel[d], stride[d], pad[d], dilation[d]));
        TH_TRY(cunn_countWindows(&p->axis(1 + d), op, "HW"[d], false));
    }
    return TH_OK;
}

// All channels of all samples are channels of one sample: their columns lie behind one another.
CunnPart partOf(const CunnPlane &p, int64_t planes)
{
    return CunnPart{p, 1, planes, p.in(), 0};
}

} // namespace

THStatus THCUNN_Im2Col_updateOutput(const THTensor *input, THTensor *output, const int64_t kernel[2], const int64_t dilation[2],
                                    const int64_t pad[2], const int64_t stride[2])
{
    TH_GIVEN("Im2Col", input, output, kernel, dilation, pad, stride);
    static const char op[] = "Im2Col";
    TH_TRY(cunn_checkFloating(op, "input", input));
    TH_FAIL_IF(input->ndim != 3 && input->ndim != 4, TH_ERR_SHAPE,
               "[%s] input has %d dimensions, expected 4 (N x C x H x W) or 3 (C x H x W)", op, input->ndim);
    const int64_t *const size = input->size + input->ndim - 3;
    const int64_t batch = input->ndim == 4 ? input->size[0] : 1;
    CunnPlane p;
    TH_TRY(initPlane(&p, op, size + 1, kernel, dilation, pad, stride));
    const int64_t shape[] = {batch, size[0] * p.taps(), p.out()};
    const THCGuard guard(input);
    const CunnDense x(input);
    if (x.failed()) return THStatus_last();
    CunnResult y;
    TH_TRY(y.open(op, output, (THDtype)input->dtype, input->ndim - 1, shape + (4 - input->ndim), {input}));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(op, input->dtype, T, {
            cunn_unroll<T><<<cunn_blocks(batch * size[0] * p.out()), CUNN_THREADS, 0, thc_stream()>>>(
                partOf(p, batch * size[0]), x.data<T>(), y.data<T>());
            return thc_started(op);
        })
    };
    if (y.get()->numel > 0) TH_TRY(run());
    return y.close();
}

THStatus THCUNN_Col2Im_updateOutput(const THTensor *input, THTensor *output, const int64_t size[2], const int64_t kernel[2],
                                    const int64_t dilation[2], const int64_t pad[2], const int64_t stride[2])
{
    TH_GIVEN("Col2Im", input, output, size, kernel, dilation, pad, stride);
    static const char op[] = "Col2Im";
    TH_TRY(cunn_checkFloating(op, "input", input));
    TH_FAIL_IF(input->ndim != 2 && input->ndim != 3, TH_ERR_SHAPE,
               "[%s] input has %d dimensions, expected 3 (N x C*kH*kW x L) or 2 (C*kH*kW x L)", op, input->ndim);
    CunnPlane p;
    TH_TRY(initPlane(&p, op, size, kernel, dilation, pad, stride));
    const int64_t batch = input->ndim == 3 ? input->size[0] : 1, rows = input->size[input->ndim - 2];
    TH_FAIL_IF(
        rows % p.taps() != 0, TH_ERR_SHAPE,
        "[%s] Expected size of input's dimension 1 to be divisible by the product of kernel_size, which is %lld, but got "
        "%lld",
        op, (long long)p.taps(), (long long)rows);
    TH_FAIL_IF(input->size[input->ndim - 1] != p.out(), TH_ERR_SHAPE,
               "[%s] input has %lld columns, expected %lld sliding blocks", op, (long long)input->size[input->ndim - 1],
               (long long)p.out());
    const int64_t planes = batch * (rows / p.taps()), shape[] = {batch, rows / p.taps(), size[0], size[1]};
    const THCGuard guard(input);
    const CunnDense x(input);
    if (x.failed()) return THStatus_last();
    CunnResult y;
    TH_TRY(y.open(op, output, (THDtype)input->dtype, input->ndim + 1, shape + 3 - input->ndim, {input}));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(op, input->dtype, T, {
            cunn_roll<T>
                <<<cunn_blocks(planes * p.in()), CUNN_THREADS, 0, thc_stream()>>>(partOf(p, planes), x.data<T>(), y.data<T>());
            return thc_started(op);
        })
    };
    if (y.get()->numel > 0) TH_TRY(run());
    return y.close();
}
