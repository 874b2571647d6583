/* The bodies of Torch's typed names of the layers on sequences. A template, included by typed/THNNTyped.h. */
#include "ops/THNNClassicTemporal.h"

THStatus THNN_(TemporalConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                 THTensor *bias, int kW, int dW, int inputFrameSize, int outputFrameSize)
{
    (void)state;
    TH_GIVEN("TemporalConvolution", input, output, weight);
    TH_FAIL_IF(input->ndim > 0 && input->size[input->ndim - 1] != inputFrameSize, TH_ERR_SHAPE,
               "[TemporalConvolution] input has frames of %lld, inputFrameSize is %d", (long long)input->size[input->ndim - 1],
               inputFrameSize);
    TH_FAIL_IF(weight->ndim > 0 && weight->size[0] != outputFrameSize, TH_ERR_SHAPE,
               "[TemporalConvolution] weight has %lld rows, outputFrameSize is %d", (long long)weight->size[0],
               outputFrameSize);
    return THNNTemporal_updateOutput(TYPED_DTYPE, input, output, weight, bias, kW, dW);
}

THStatus THNN_(TemporalConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                    THTensor *gradInput, THTensor *weight, int kW, int dW)
{
    (void)state;
    TH_GIVEN("TemporalConvolution", input, gradOutput, gradInput, weight);
    return THNNTemporal_updateGradInput(TYPED_DTYPE, input, gradOutput, gradInput, weight, kW, dW);
}

THStatus THNN_(TemporalConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                      THTensor *gradWeight, THTensor *gradBias, int kW, int dW, double scale)
{
    (void)state;
    TH_GIVEN("TemporalConvolution", input, gradOutput, gradWeight);
    return THNNTemporal_accGradParameters(TYPED_DTYPE, input, gradOutput, gradWeight, gradBias, kW, dW, scale);
}

THStatus THNN_(TemporalMaxPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *indices, int kW,
                                                int dW)
{
    (void)state;
    TH_GIVEN("TemporalMaxPooling", input, output, indices);
    CHECK_INPUT("TemporalMaxPooling");
    return THNNTemporalMax_updateOutput(input, output, indices, kW, dW);
}

THStatus THNN_(TemporalMaxPooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                                   THTensor *indices, int kW, int dW)
{
    (void)state, (void)kW, (void)dW;
    TH_GIVEN("TemporalMaxPooling", input, gradOutput, gradInput, indices);
    CHECK_INPUT("TemporalMaxPooling");
    return THNNTemporalMax_updateGradInput(input, gradOutput, gradInput, indices);
}

THStatus THNN_(TemporalRowConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                    THTensor *bias, THTensor *finput, THTensor *fgradInput, int kW, int dW,
                                                    int padW, bool featFirst)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("TemporalRowConvolution", input, output, weight);
    CHECK_INPUT("TemporalRowConvolution");
    const THNNRow row = {kW, dW, padW, featFirst};
    return THNNTemporalRow_updateOutput(&row, input, output, weight, bias);
}

THStatus THNN_(TemporalRowConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                       THTensor *gradInput, THTensor *weight, THTensor *finput,
                                                       THTensor *fgradInput, int kW, int dW, int padW, bool featFirst)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("TemporalRowConvolution", input, gradOutput, gradInput, weight);
    CHECK_INPUT("TemporalRowConvolution");
    const THNNRow row = {kW, dW, padW, featFirst};
    return THNNTemporalRow_updateGradInput(&row, input, gradOutput, gradInput, weight);
}

THStatus THNN_(TemporalRowConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                         THTensor *gradWeight, THTensor *gradBias, THTensor *finput,
                                                         THTensor *fgradInput, int kW, int dW, int padW, bool featFirst,
                                                         double scale)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("TemporalRowConvolution", input, gradOutput, gradWeight);
    CHECK_INPUT("TemporalRowConvolution");
    const THNNRow row = {kW, dW, padW, featFirst};
    return THNNTemporalRow_accGradParameters(&row, input, gradOutput, gradWeight, gradBias, scale);
}

THStatus THNN_(TemporalSubSampling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                 THTensor *bias, int kW, int dW, int inputFrameSize)
{
    (void)state;
    TH_GIVEN("TemporalSubSampling", input, output, weight);
    CHECK_INPUT("TemporalSubSampling");
    TH_FAIL_IF(weight->numel != inputFrameSize, TH_ERR_SHAPE,
               "[TemporalSubSampling] weight has %lld elements, inputFrameSize is %d", (long long)weight->numel,
               inputFrameSize);
    return THNNTemporalSub_updateOutput(input, output, weight, bias, kW, dW);
}

THStatus THNN_(TemporalSubSampling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                    THTensor *gradInput, THTensor *weight, int kW, int dW)
{
    (void)state;
    TH_GIVEN("TemporalSubSampling", input, gradOutput, gradInput, weight);
    CHECK_INPUT("TemporalSubSampling");
    return THNNTemporalSub_updateGradInput(input, gradOutput, gradInput, weight, kW, dW);
}

THStatus THNN_(TemporalSubSampling_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                      THTensor *gradWeight, THTensor *gradBias, int kW, int dW, double scale)
{
    (void)state;
    TH_GIVEN("TemporalSubSampling", input, gradOutput, gradWeight);
    CHECK_INPUT("TemporalSubSampling");
    return THNNTemporalSub_accGradParameters(input, gradOutput, gradWeight, gradBias, kW, dW, scale);
}
