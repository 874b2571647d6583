/* Linear: output = input weight' + bias, for a matrix of samples or one vector. */
#include "TH/THArgument.h"
#include "TH/THTensorBlas.h"
#include "ops/THNNCall.h"

#define OP "Linear"

static THStatus checkArguments(const THTensor *input, const THTensor *weight)
{
    TH_TRY(THNN_checkFloating(OP, "input", input));
    TH_TRY(THNN_checkDtype(OP, "weight", weight, (THDtype)input->dtype));
    TH_FAIL_IF(weight->ndim != 2, TH_ERR_SHAPE, "[" OP "] weight has %d dimensions, expected 2 (out x in)", weight->ndim);
    TH_FAIL_IF(input->ndim != 1 && input->ndim != 2, TH_ERR_SHAPE, "[" OP "] input has %d dimensions, expected 2 (N x in) or 1",
               input->ndim);
    TH_FAIL_IF(input->size[input->ndim - 1] != weight->size[1], TH_ERR_SHAPE,
               "[" OP "] input has %lld features, weight expects %lld", (long long)input->size[input->ndim - 1],
               (long long)weight->size[1]);
    return TH_OK;
}

static THStatus checkGradOutput(const THTensor *input, const THTensor *weight, const THTensor *gradOutput)
{
    const int64_t shape[2] = {input->size[0], weight->size[0]};
    TH_TRY(THNN_checkDtype(OP, "gradOutput", gradOutput, (THDtype)input->dtype));
    return THNN_checkShape(OP, "gradOutput", gradOutput, input->ndim, shape + 2 - input->ndim);
}

/* A vector as a matrix of one row: a new reference. */
static THTensor *newMatrix(const THTensor *tensor)
{
    return tensor->ndim == 1 ? THTensor_newUnsqueeze(tensor, 0) : THTensor_newWithTensor(tensor);
}

static THStatus deliver(const THTensor *result, int ndim, THTensor *output)
{
    const int64_t *size = result->size + 2 - ndim;
    TH_TRY(THTensor_output(output, OP, (THDtype)result->dtype, ndim, size));
    THTensor *shaped = THTensor_newView(result, ndim, size);
    if (shaped == NULL) return THStatus_last();
    const THStatus status = THTensor_copy(output, shaped);
    THTensor_free(shaped);
    return status;
}

/* result = a b (+ bias) with the shape of `like`; a is a vector or a matrix. */
static THStatus product(const THTensor *a, const THTensor *b, const THTensor *bias, THTensor *output)
{
    THTensor *rows = newMatrix(a);
    THTensor *result = rows == NULL ? NULL : THTensor_newWithSize((THDtype)a->dtype, 2, (int64_t[]){rows->size[0], b->size[1]});
    THStatus status = result == NULL ? THStatus_last() : TH_OK;
    const double beta = bias == NULL ? 0 : 1;
    if (status == TH_OK && bias == NULL) status = THTensor_zero(result);
    if (status == TH_OK)
        status =
            THTensor_addmm(result, THScalar_fromDouble(beta), bias == NULL ? result : bias, THScalar_fromDouble(1), rows, b);
    if (status == TH_OK) status = deliver(result, a->ndim, output);
    THTensor_free(rows);
    THTensor_free(result);
    return status;
}

THStatus THNN_Linear_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight, const THTensor *bias)
{
    TH_GIVEN("Linear", input, output, weight);
    TH_TRY(checkArguments(input, weight));
    if (bias != NULL) {
        TH_TRY(THNN_checkDtype(OP, "bias", bias, (THDtype)input->dtype));
        TH_TRY(THNN_checkShape(OP, "bias", bias, 1, &weight->size[0]));
    }
    THTensor *transposed = THTensor_newTranspose(weight, 0, 1);
    if (transposed == NULL) return THStatus_last();
    const THStatus status = product(input, transposed, bias, output);
    THTensor_free(transposed);
    return status;
}

THStatus THNN_Linear_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                     const THTensor *weight)
{
    TH_GIVEN("Linear", input, gradOutput, gradInput, weight);
    TH_TRY(checkArguments(input, weight));
    TH_TRY(checkGradOutput(input, weight, gradOutput));
    return product(gradOutput, weight, NULL, gradInput);
}

THStatus THNN_Linear_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                       THTensor *gradBias, double scale)
{
    TH_GIVEN("Linear", input, gradOutput, gradWeight);
    TH_TRY(checkArguments(input, gradWeight));
    TH_TRY(checkGradOutput(input, gradWeight, gradOutput));
    THTensor *x = newMatrix(input);
    THTensor *gy = newMatrix(gradOutput);
    THTensor *transposed = gy == NULL ? NULL : THTensor_newTranspose(gy, 0, 1);
    THTensor *sums = THTensor_new();
    THStatus status = x == NULL || transposed == NULL || sums == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK)
        status = THTensor_addmm(gradWeight, THScalar_fromDouble(1), gradWeight, THScalar_fromDouble(scale), transposed, x);
    if (status == TH_OK && gradBias != NULL) {
        status = THTensor_sum(sums, gy, 0, 0);
        if (status == TH_OK) status = THTensor_cadd(gradBias, gradBias, sums, THScalar_fromDouble(scale));
    }
    THTensor_free(x);
    THTensor_free(gy);
    THTensor_free(transposed);
    THTensor_free(sums);
    return status;
}
