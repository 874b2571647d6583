/* The bodies of Torch's typed names of layers on sparse inputs. A template, included by typed/THNNTyped.h. */
#include "ops/THNNIndexLinear.h"
#include "ops/THNNSparseLinear.h"

THStatus THNN_(SparseLinear_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight, THTensor *bias)
{
    (void)state;
    TH_GIVEN("SparseLinear", input, output, weight, bias);
    CHECK_INPUT("SparseLinear");
    return THNNSparseLinear_updateOutput(input, output, weight, bias);
}

THStatus THNN_(SparseLinear_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradWeight,
                                               THTensor *gradBias, THTensor *weight, THTensor *bias, double weightDecay,
                                               double scale)
{
    (void)state, (void)bias;
    TH_GIVEN("SparseLinear", input, gradOutput, gradWeight, gradBias, weight);
    CHECK_INPUT("SparseLinear");
    return THNNSparseLinear_accGradParameters(input, gradOutput, gradWeight, gradBias, weight, weightDecay, scale);
}

THStatus THNN_(SparseLinear_zeroGradParameters)(THNNState *state, THTensor *gradWeight, THTensor *gradBias, THTensor *lastInput)
{
    (void)state;
    TH_GIVEN("SparseLinear", gradWeight, lastInput);
    TH_TRY(THNN_checkTyped("SparseLinear", "lastInput", lastInput, TYPED_DTYPE));
    return THNNSparseLinear_zeroGradParameters(gradWeight, gradBias, lastInput);
}

THStatus THNN_(SparseLinear_updateParameters)(THNNState *state, THTensor *weight, THTensor *bias, THTensor *gradWeight,
                                              THTensor *gradBias, THTensor *lastInput, double learningRate)
{
    (void)state;
    TH_GIVEN("SparseLinear", weight, gradWeight, lastInput);
    TH_TRY(THNN_checkTyped("SparseLinear", "lastInput", lastInput, TYPED_DTYPE));
    return THNNSparseLinear_updateParameters(weight, bias, gradWeight, gradBias, lastInput, learningRate);
}

THStatus THNN_(SparseLinear_legacy_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                 THTensor *bias)
{
    (void)state;
    TH_GIVEN("SparseLinear", input, output, weight, bias);
    CHECK_INPUT("SparseLinear");
    return THNNSparseLinear_updateOutput(input, output, weight, bias);
}

THStatus THNN_(SparseLinear_legacy_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                      THTensor *gradWeight, THTensor *gradBias, THTensor *weight,
                                                      THTensor *bias, double weightDecay, double scale)
{
    (void)state, (void)bias;
    TH_GIVEN("SparseLinear", input, gradOutput, gradWeight, gradBias, weight);
    CHECK_INPUT("SparseLinear");
    return THNNSparseLinear_accGradParameters(input, gradOutput, gradWeight, gradBias, weight, weightDecay, scale);
}

THStatus THNN_(SparseLinear_legacy_zeroGradParameters)(THNNState *state, THTensor *gradWeight, THTensor *gradBias,
                                                       THTensor *lastInput)
{
    (void)state;
    TH_GIVEN("SparseLinear", gradWeight, lastInput);
    TH_TRY(THNN_checkTyped("SparseLinear", "lastInput", lastInput, TYPED_DTYPE));
    return THNNSparseLinear_zeroGradParameters(gradWeight, gradBias, lastInput);
}

THStatus THNN_(SparseLinear_legacy_updateParameters)(THNNState *state, THTensor *weight, THTensor *bias, THTensor *gradWeight,
                                                     THTensor *gradBias, THTensor *lastInput, double learningRate)
{
    (void)state;
    TH_GIVEN("SparseLinear", weight, gradWeight, lastInput);
    TH_TRY(THNN_checkTyped("SparseLinear", "lastInput", lastInput, TYPED_DTYPE));
    return THNNSparseLinear_updateParameters(weight, bias, gradWeight, gradBias, lastInput, learningRate);
}

THStatus THNN_(IndexLinear_updateOutput)(THNNState *state, THTensor *keys, int64_t keysOffset, THTensor *values,
                                         THTensor *sizes, THTensor *cumSumSizes, THTensor *output, THTensor *weight,
                                         THTensor *bias, THTensor *normalizedValues, int train)
{
    (void)state, (void)cumSumSizes;
    TH_GIVEN("IndexLinear", keys, values, sizes, output, weight);
    const THNNPairs pairs = {keys, keysOffset, values, sizes};
    TH_TRY(THNN_checkTyped("IndexLinear", "weight", weight, TYPED_DTYPE));
    return THNNIndexLinear_updateOutput(&pairs, output, weight, bias, normalizedValues, train != 0);
}

THStatus THNN_(IndexLinear_accGradParameters)(THNNState *state, THTensor *keys, int64_t keysOffset, THTensor *values,
                                              THTensor *sizes, THTensor *cumSumSizes, THTensor *gradOutput,
                                              THTensor *gradWeight, THTensor *gradBias, THTensor *weight, THTensor *bias,
                                              THTensor *valuesBuffer, double weightDecay, double scale)
{
    (void)state, (void)cumSumSizes, (void)valuesBuffer, (void)weightDecay;
    TH_GIVEN("IndexLinear", keys, values, sizes, gradOutput, gradWeight, weight);
    const THNNPairs pairs = {keys, keysOffset, values, sizes};
    TH_TRY(THNN_checkTyped("IndexLinear", "weight", weight, TYPED_DTYPE));
    return THNNIndexLinear_accGradParameters(&pairs, gradOutput, gradWeight, gradBias, weight, bias, scale);
}

THStatus THNN_(IndexLinear_accUpdateGradParameters)(THNNState *state, THTensor *keys, int64_t keysOffset, THTensor *values,
                                                    THTensor *sizes, THTensor *cumSumSizes, THTensor *gradOutput,
                                                    THTensor *weight, THTensor *bias, double weightDecay, double scale)
{
    (void)state, (void)cumSumSizes;
    TH_GIVEN("IndexLinear", keys, values, sizes, gradOutput, weight);
    const THNNPairs pairs = {keys, keysOffset, values, sizes};
    TH_TRY(THNN_checkTyped("IndexLinear", "weight", weight, TYPED_DTYPE));
    return THNNIndexLinear_accUpdateGradParameters(&pairs, gradOutput, weight, bias, weightDecay, scale);
}

THStatus THNN_(IndexLinear_updateParameters)(THNNState *state, THTensor *gradWeight, THTensor *gradBias, THTensor *weight,
                                             THTensor *bias, THTensor *runningKeys, THTensor *cumSumSizes, int64_t keysOffset,
                                             double weightDecay, double learningRate)
{
    (void)state, (void)cumSumSizes;
    TH_GIVEN("IndexLinear", gradWeight, weight, runningKeys);
    const THNNPairs pairs = {.keys = runningKeys, .keysOffset = keysOffset};
    TH_TRY(THNN_checkTyped("IndexLinear", "weight", weight, TYPED_DTYPE));
    return THNNIndexLinear_updateParameters(&pairs, gradWeight, gradBias, weight, bias, weightDecay, learningRate);
}
