/* The bodies of Torch's typed names of layers on sparse inputs. A template, included by typed/THNNTyped.h. */
#include "ops/THNNSparseLinear.h"

THStatus THNN_(SparseLinear_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight, THTensor *bias)
{
    (void)state;
    CHECK_INPUT("SparseLinear");
    return THNNSparseLinear_updateOutput(input, output, weight, bias);
}

THStatus THNN_(SparseLinear_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradWeight,
                                               THTensor *gradBias, THTensor *weight, THTensor *bias, double weightDecay,
                                               double scale)
{
    (void)state, (void)bias;
    CHECK_INPUT("SparseLinear");
    return THNNSparseLinear_accGradParameters(input, gradOutput, gradWeight, gradBias, weight, weightDecay, scale);
}

THStatus THNN_(SparseLinear_zeroGradParameters)(THNNState *state, THTensor *gradWeight, THTensor *gradBias, THTensor *lastInput)
{
    (void)state;
    TH_TRY(THNN_checkDtype("SparseLinear", "lastInput", lastInput, TYPED_DTYPE));
    return THNNSparseLinear_zeroGradParameters(gradWeight, gradBias, lastInput);
}

THStatus THNN_(SparseLinear_updateParameters)(THNNState *state, THTensor *weight, THTensor *bias, THTensor *gradWeight,
                                              THTensor *gradBias, THTensor *lastInput, double learningRate)
{
    (void)state;
    TH_TRY(THNN_checkDtype("SparseLinear", "lastInput", lastInput, TYPED_DTYPE));
    return THNNSparseLinear_updateParameters(weight, bias, gradWeight, gradBias, lastInput, learningRate);
}

THStatus THNN_(SparseLinear_legacy_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                 THTensor *bias)
{
    (void)state;
    CHECK_INPUT("SparseLinear");
    return THNNSparseLinear_updateOutput(input, output, weight, bias);
}

THStatus THNN_(SparseLinear_legacy_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                      THTensor *gradWeight, THTensor *gradBias, THTensor *weight,
                                                      THTensor *bias, double weightDecay, double scale)
{
    (void)state, (void)bias;
    CHECK_INPUT("SparseLinear");
    return THNNSparseLinear_accGradParameters(input, gradOutput, gradWeight, gradBias, weight, weightDecay, scale);
}

THStatus THNN_(SparseLinear_legacy_zeroGradParameters)(THNNState *state, THTensor *gradWeight, THTensor *gradBias,
                                                       THTensor *lastInput)
{
    (void)state;
    TH_TRY(THNN_checkDtype("SparseLinear", "lastInput", lastInput, TYPED_DTYPE));
    return THNNSparseLinear_zeroGradParameters(gradWeight, gradBias, lastInput);
}

THStatus THNN_(SparseLinear_legacy_updateParameters)(THNNState *state, THTensor *weight, THTensor *bias, THTensor *gradWeight,
                                                     THTensor *gradBias, THTensor *lastInput, double learningRate)
{
    (void)state;
    TH_TRY(THNN_checkDtype("SparseLinear", "lastInput", lastInput, TYPED_DTYPE));
    return THNNSparseLinear_updateParameters(weight, bias, gradWeight, gradBias, lastInput, learningRate);
}
