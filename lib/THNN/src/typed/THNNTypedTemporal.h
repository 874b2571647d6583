/* The bodies of Torch's typed names of the layers on sequences. A template, included by typed/THNNTyped.h. */

THStatus THNN_(TemporalConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                 THTensor *bias, int kW, int dW, int inputFrameSize, int outputFrameSize)
{
    (void)state;
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
    return THNNTemporal_updateGradInput(TYPED_DTYPE, input, gradOutput, gradInput, weight, kW, dW);
}

THStatus THNN_(TemporalConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                      THTensor *gradWeight, THTensor *gradBias, int kW, int dW, double scale)
{
    (void)state;
    return THNNTemporal_accGradParameters(TYPED_DTYPE, input, gradOutput, gradWeight, gradBias, kW, dW, scale);
}
