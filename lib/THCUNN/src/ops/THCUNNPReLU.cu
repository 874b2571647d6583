// PReLU, with one weight for all or one for each channel, and RReLU, whose slopes are random while training.
#include "ops/THCUNNCall.cuh"

namespace
{

template <class C> struct Prelu {
    __device__ C operator()(C x, C w) const { return x > 0 ? x : x * w; }
};
template <class C> struct PreluBackward {
    __device__ C operator()(C x, C gy, C w) const { return x > 0 ? gy : gy * w; }
};
template <class C> struct BelowZero {
    __device__ C operator()(C x, C gy) const { return x > 0 ? (C)0 : x * gy; }
};
template <class C> struct SlopeAt {
    __device__ C operator()(C x, C noise) const { return x <= 0 ? noise : (C)1; }
};

#define PRELU "PReLU"
#define RRELU "RReLU"

THStatus checkWeight(const THTensor *input, const THTensor *weight)
{
    TH_TRY(cunn_checkFloating(PRELU, "input", input));
    TH_TRY(cunn_checkDtype(PRELU, "weight", weight, (THDtype)input->dtype));
    TH_TRY(thc_sameDevice(PRELU, input, weight));
    const int64_t channels = input->ndim > 1 ? input->size[1] : 1;
    TH_FAIL_IF(weight->numel != 1 && weight->numel != channels, TH_ERR_SHAPE,
               "[" PRELU "] weight has %lld elements, expected 1, or %lld for the input's channels", (long long)weight->numel,
               (long long)channels);
    return TH_OK;
}

// `weight`, dense, as something that broadcasts to `input`.
THTensor *newSpread(const THTensor *weight, const THTensor *input)
{
    int64_t size[TH_MAX_DIMS];
    for (int d = 0; d < input->ndim; d++) size[d] = d == 1 ? weight->numel : 1;
    return THTensor_newView(weight, input->ndim, size);
}

// r = the sum of `products` for each channel of `weight`.
THStatus sumChannels(THTensor *r, const THTensor *products, const THTensor *weight)
{
    if (weight->numel == 1) return THCTensor_sumall(r, products);
    const int64_t planes = products->size[0] * products->size[1];
    const int64_t size[] = {products->size[0], products->size[1], planes == 0 ? 0 : products->numel / planes};
    const THCOwned flat(THTensor_newView(products, 3, size)), inner(THTensor_new());
    if (!flat || !inner) return THStatus_last();
    TH_TRY(THCTensor_sum(inner.get(), flat.get(), 2, 0));
    return THCTensor_sum(r, inner.get(), 0, 0);
}

THStatus checkBounds(double lower, double upper)
{
    TH_FAIL_IF(!(lower <= upper), TH_ERR_VALUE, "[" RRELU "] lower is %g, expected at most upper, which is %g", lower, upper);
    return TH_OK;
}

} // namespace

THStatus THCUNN_PReLU_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight)
{
    TH_GIVEN("PReLU", input, output, weight);
    TH_TRY(checkWeight(input, weight));
    const CunnDense w(weight);
    if (w.failed()) return THStatus_last();
    const THCOwned spread(newSpread(w.get(), input));
    if (!spread) return THStatus_last();
    TH_TRY(thc_outputLike(PRELU, output, input, (THDtype)input->dtype));
    THC_FOR_FLOATING(
        PRELU, input->dtype, T,
        return (thc_map<T, T, T>(PRELU, Prelu<THCCompute<T>>{}, output, input, static_cast<const THTensor *>(spread.get())));)
}

THStatus THCUNN_PReLU_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                      const THTensor *weight)
{
    TH_GIVEN("PReLU", input, gradOutput, gradInput, weight);
    TH_TRY(checkWeight(input, weight));
    TH_TRY(cunn_checkLike(PRELU, "gradOutput", gradOutput, input));
    const CunnDense w(weight);
    if (w.failed()) return THStatus_last();
    const THCOwned spread(newSpread(w.get(), input));
    if (!spread) return THStatus_last();
    TH_TRY(thc_outputLike(PRELU, gradInput, input, (THDtype)input->dtype));
    THC_FOR_FLOATING(PRELU, input->dtype, T,
                     return (thc_map<T, T, T, T>(PRELU, PreluBackward<THCCompute<T>>{}, gradInput, input, gradOutput,
                                                 static_cast<const THTensor *>(spread.get())));)
}

THStatus THCUNN_PReLU_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight, double scale)
{
    TH_GIVEN("PReLU", input, gradOutput, gradWeight);
    TH_TRY(checkWeight(input, gradWeight));
    TH_TRY(cunn_checkLike(PRELU, "gradOutput", gradOutput, input));
    const THCGuard guard(input);
    const THCOwned products(THCTensor_newWithSize(THTensor_device(input), (THDtype)input->dtype, input->ndim, input->size));
    const THCOwned sums(THTensor_new());
    if (!products || !sums) return THStatus_last();
    const auto multiply = [&]() -> THStatus {
        THC_FOR_FLOATING(PRELU, input->dtype, T,
                         { return thc_map<T, T, T>(PRELU, BelowZero<THCCompute<T>>{}, products.get(), input, gradOutput); })
    };
    TH_TRY(multiply());
    TH_TRY(sumChannels(sums.get(), products.get(), gradWeight));
    const THCOwned shaped(THTensor_newView(sums.get(), gradWeight->ndim, gradWeight->size));
    if (!shaped) return THStatus_last();
    return THCTensor_cadd(gradWeight, gradWeight, shaped.get(), THScalar_fromDouble(scale));
}

THStatus THCUNN_RReLU_updateOutput(const THTensor *input, THTensor *output, THTensor *noise, double lower, double upper,
                                   int training, THGenerator *generator)
{
    TH_GIVEN("RReLU", input, output);
    if (training) TH_GIVEN("RReLU", noise);
    TH_TRY(checkBounds(lower, upper));
    TH_TRY(cunn_checkFloating(RRELU, "input", input));
    if (!training) return THCUNN_LeakyReLU_updateOutput(input, output, (lower + upper) / 2);
    TH_TRY(thc_outputLike(RRELU, noise, input, (THDtype)input->dtype));
    TH_TRY(THCTensor_uniform(noise, generator, lower, upper));
    const auto slopes = [&]() -> THStatus {
        THC_FOR_FLOATING(RRELU, input->dtype, T, {
            return thc_map<T, T, T>(RRELU, SlopeAt<THCCompute<T>>{}, noise, input, static_cast<const THTensor *>(noise));
        })
    };
    TH_TRY(slopes());
    return THCTensor_cmul(output, input, noise);
}

THStatus THCUNN_RReLU_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                      const THTensor *noise, double lower, double upper, int training)
{
    TH_GIVEN("RReLU", input, gradOutput, gradInput);
    if (training) TH_GIVEN("RReLU", noise);
    TH_TRY(checkBounds(lower, upper));
    TH_TRY(cunn_checkFloating(RRELU, "input", input));
    TH_TRY(cunn_checkLike(RRELU, "gradOutput", gradOutput, input));
    if (!training) return THCUNN_LeakyReLU_updateGradInput(input, gradOutput, gradInput, (lower + upper) / 2);
    TH_TRY(cunn_checkShape(RRELU, "noise", noise, input->ndim, input->size));
    return THCTensor_cmul(gradInput, gradOutput, noise);
}
