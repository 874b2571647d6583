// Linear: output = input weight' + bias, for a matrix of samples or one vector.
#include "TH/THArgument.h"
#include "ops/THCUNNCall.cuh"

#define OP "Linear"

namespace
{

const THScalar ONE = THScalar_fromLong(1), ZERO = THScalar_fromLong(0);

THStatus checkArguments(const THTensor *input, const THTensor *weight)
{
    TH_TRY(cunn_checkFloating(OP, "input", input));
    TH_TRY(cunn_checkDtype(OP, "weight", weight, (THDtype)input->dtype));
    TH_TRY(thc_sameDevice(OP, input, weight));
    TH_FAIL_IF(weight->ndim != 2, TH_ERR_SHAPE, "[" OP "] weight has %d dimensions, expected 2 (out x in)", weight->ndim);
    TH_FAIL_IF(input->ndim != 1 && input->ndim != 2, TH_ERR_SHAPE, "[" OP "] input has %d dimensions, expected 2 (N x in) or 1",
               input->ndim);
    TH_FAIL_IF(input->size[input->ndim - 1] != weight->size[1], TH_ERR_SHAPE,
               "[" OP "] input has %lld features, weight expects %lld", (long long)input->size[input->ndim - 1],
               (long long)weight->size[1]);
    return TH_OK;
}

THStatus checkBias(const char *name, const THTensor *bias, const THTensor *input, const THTensor *weight)
{
    if (bias == nullptr) return TH_OK;
    TH_TRY(cunn_checkDtype(OP, name, bias, (THDtype)input->dtype));
    TH_TRY(thc_sameDevice(OP, input, bias));
    return cunn_checkShape(OP, name, bias, 1, &weight->size[0]);
}

THStatus checkGradOutput(const THTensor *input, const THTensor *weight, const THTensor *gradOutput)
{
    const int64_t shape[2] = {input->size[0], weight->size[0]};
    TH_TRY(cunn_checkDtype(OP, "gradOutput", gradOutput, (THDtype)input->dtype));
    TH_TRY(thc_sameDevice(OP, input, gradOutput));
    return cunn_checkShape(OP, "gradOutput", gradOutput, input->ndim, shape + 2 - input->ndim);
}

// A vector as a matrix of one row.
THTensor *newMatrix(const THTensor *tensor)
{
    return tensor->ndim == 1 ? THTensor_newUnsqueeze(tensor, 0) : THTensor_newWithTensor(tensor);
}

// output = a b (+ bias); a is a vector or a matrix.
THStatus product(const THTensor *a, const THTensor *b, const THTensor *bias, THTensor *output)
{
    const THCGuard guard(a);
    const THCOwned rows(newMatrix(a));
    if (!rows) return THStatus_last();
    const int64_t size[] = {rows.get()->size[0], b->size[1]};
    CunnResult result;
    TH_TRY(result.open(OP, output, (THDtype)a->dtype, a->ndim, size + 2 - a->ndim, {a, b, bias}));
    const THCOwned matrix(newMatrix(result.get()));
    if (!matrix) return THStatus_last();
    TH_TRY(THCTensor_addmm(matrix.get(), bias == nullptr ? ZERO : ONE, bias, ONE, rows.get(), b));
    return result.close();
}

} // namespace

THStatus THCUNN_Linear_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight, const THTensor *bias)
{
    TH_GIVEN(OP, input, output, weight);
    TH_TRY(checkArguments(input, weight));
    TH_TRY(checkBias("bias", bias, input, weight));
    const THCOwned turned(THTensor_newTranspose(weight, 0, 1));
    return turned ? product(input, turned.get(), bias, output) : THStatus_last();
}

THStatus THCUNN_Linear_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                       const THTensor *weight)
{
    TH_GIVEN(OP, input, gradOutput, gradInput, weight);
    TH_TRY(checkArguments(input, weight));
    TH_TRY(checkGradOutput(input, weight, gradOutput));
    return product(gradOutput, weight, nullptr, gradInput);
}

THStatus THCUNN_Linear_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                         THTensor *gradBias, double scale)
{
    TH_GIVEN(OP, input, gradOutput, gradWeight);
    TH_TRY(checkArguments(input, gradWeight));
    TH_TRY(checkBias("gradBias", gradBias, input, gradWeight));
    TH_TRY(checkGradOutput(input, gradWeight, gradOutput));
    const THCGuard guard(input);
    const THCOwned x(newMatrix(input)), gy(newMatrix(gradOutput)), sums(THTensor_new());
    if (!x || !gy || !sums) return THStatus_last();
    const THCOwned turned(THTensor_newTranspose(gy.get(), 0, 1));
    if (!turned) return THStatus_last();
    TH_TRY(THCTensor_addmm(gradWeight, ONE, gradWeight, THScalar_fromDouble(scale), turned.get(), x.get()));
    if (gradBias == nullptr) return TH_OK;
    TH_TRY(THCTensor_sum(sums.get(), gy.get(), 0, 0));
    return THCTensor_cadd(gradBias, gradBias, sums.get(), THScalar_fromDouble(scale));
}
