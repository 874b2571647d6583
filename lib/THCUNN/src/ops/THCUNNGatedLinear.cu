// GatedLinear: the first half of a dimension, times the sigmoid of the second.
#include "ops/THCUNNCall.cuh"

#define OP "GatedLinear"

namespace
{

template <class C> struct Gated {
    __device__ C operator()(C x, C gate) const { return x * sigmoidOf(gate); }
};
template <class C> struct OfValue {
    __device__ C operator()(C gate, C gy) const { return gy * sigmoidOf(gate); }
};
template <class C> struct OfGate {
    __device__ C operator()(C x, C gate, C gy) const
    {
        const C open = sigmoidOf(gate);
        return gy * x * open * ((C)1 - open);
    }
};

// *dim becomes the dimension, size[*dim] half of the input's.
THStatus halve(const THTensor *input, int *dim, int64_t *size)
{
    TH_TRY(cunn_checkFloating(OP, "input", input));
    TH_TRY(THTensor_wrapDim(input, *dim, OP, dim));
    TH_FAIL_IF(input->ndim == 0 || input->size[*dim] % 2 != 0, TH_ERR_SHAPE,
               "[" OP "] Halving dimension must be even, but dimension %d is size %lld", *dim,
               input->ndim == 0 ? 1LL : (long long)input->size[*dim]);
    for (int d = 0; d < input->ndim; d++) size[d] = d == *dim ? input->size[d] / 2 : input->size[d];
    return TH_OK;
}

} // namespace

THStatus THCUNN_GatedLinear_updateOutput(const THTensor *input, THTensor *output, int dim)
{
    TH_GIVEN("GatedLinear", input, output);
    int64_t size[TH_MAX_DIMS];
    TH_TRY(halve(input, &dim, size));
    const THCGuard guard(input);
    const THCOwned value(THTensor_newNarrow(input, dim, 0, size[dim])),
        gate(THTensor_newNarrow(input, dim, size[dim], size[dim]));
    if (!value || !gate) return THStatus_last();
    CunnResult y;
    TH_TRY(y.open(OP, output, (THDtype)input->dtype, input->ndim, size, {input}));
    const THTensor *const a = value.get(), *const b = gate.get();
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, input->dtype, T, return (thc_map<T, T, T>(OP, Gated<THCCompute<T>>{}, y.get(), a, b));)
    };
    TH_TRY(run());
    return y.close();
}

THStatus THCUNN_GatedLinear_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput, int dim)
{
    TH_GIVEN("GatedLinear", input, gradOutput, gradInput);
    int64_t size[TH_MAX_DIMS];
    TH_TRY(halve(input, &dim, size));
    TH_TRY(cunn_checkDtype(OP, "gradOutput", gradOutput, (THDtype)input->dtype));
    TH_TRY(cunn_checkShape(OP, "gradOutput", gradOutput, input->ndim, size));
    TH_TRY(thc_sameDevice(OP, input, gradOutput));
    const THCGuard guard(input);
    const THCOwned value(THTensor_newNarrow(input, dim, 0, size[dim])),
        gate(THTensor_newNarrow(input, dim, size[dim], size[dim]));
    if (!value || !gate) return THStatus_last();
    CunnResult gx;
    TH_TRY(gx.open(OP, gradInput, (THDtype)input->dtype, input->ndim, input->size, {input, gradOutput}));
    const THCOwned of_value(THTensor_newNarrow(gx.get(), dim, 0, size[dim]));
    const THCOwned of_gate(THTensor_newNarrow(gx.get(), dim, size[dim], size[dim]));
    if (!of_value || !of_gate) return THStatus_last();
    const THTensor *const a = value.get(), *const b = gate.get();
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, input->dtype, T, {
            using C = THCCompute<T>;
            TH_TRY((thc_map<T, T, T>(OP, OfValue<C>{}, of_value.get(), b, gradOutput)));
            return thc_map<T, T, T, T>(OP, OfGate<C>{}, of_gate.get(), a, b, gradOutput);
        })
    };
    TH_TRY(run());
    return gx.close();
}
