/* The bodies of Torch's typed names of the layers on volumes. A template, included by typed/THNNTyped.h. */

THStatus THNN_(VolumetricConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                   THTensor *bias, THTensor *finput, THTensor *fgradInput, int dT, int dW,
                                                   int dH, int pT, int pW, int pH)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("VolumetricConvolution", input, output, weight);
    const THNNClassic call = volumeCall("VolumetricConvolution", 0, 0, 0, dT, dW, dH, pT, pW, pH);
    return THNNClassic_updateOutput(&call, input, output, weight, bias);
}

THStatus THNN_(VolumetricConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                      THTensor *gradInput, THTensor *weight, THTensor *finput, int dT, int dW,
                                                      int dH, int pT, int pW, int pH)
{
    (void)state, (void)finput;
    TH_GIVEN("VolumetricConvolution", input, gradOutput, gradInput, weight);
    const THNNClassic call = volumeCall("VolumetricConvolution", 0, 0, 0, dT, dW, dH, pT, pW, pH);
    return THNNClassic_updateGradInput(&call, input, gradOutput, gradInput, weight);
}

THStatus THNN_(VolumetricConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                        THTensor *gradWeight, THTensor *gradBias, THTensor *finput,
                                                        THTensor *fgradInput, int dT, int dW, int dH, int pT, int pW, int pH,
                                                        double scale)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("VolumetricConvolution", input, gradOutput, gradWeight);
    const THNNClassic call = volumeCall("VolumetricConvolution", 0, 0, 0, dT, dW, dH, pT, pW, pH);
    return THNNClassic_accGradParameters(&call, input, gradOutput, gradWeight, gradBias, scale);
}

THStatus THNN_(VolumetricConvolutionMM_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                     THTensor *bias, THTensor *finput, THTensor *fgradInput, int kT, int kW,
                                                     int kH, int dT, int dW, int dH, int pT, int pW, int pH)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("VolumetricConvolutionMM", input, output, weight);
    const THNNClassic call = volumeCall("VolumetricConvolutionMM", kT, kW, kH, dT, dW, dH, pT, pW, pH);
    return THNNClassic_updateOutput(&call, input, output, weight, bias);
}

THStatus THNN_(VolumetricConvolutionMM_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                        THTensor *gradInput, THTensor *weight, THTensor *finput,
                                                        THTensor *fgradInput, int kT, int kW, int kH, int dT, int dW, int dH,
                                                        int pT, int pW, int pH)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("VolumetricConvolutionMM", input, gradOutput, gradInput, weight);
    const THNNClassic call = volumeCall("VolumetricConvolutionMM", kT, kW, kH, dT, dW, dH, pT, pW, pH);
    return THNNClassic_updateGradInput(&call, input, gradOutput, gradInput, weight);
}

THStatus THNN_(VolumetricConvolutionMM_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                          THTensor *gradWeight, THTensor *gradBias, THTensor *finput,
                                                          THTensor *fgradInput, int kT, int kW, int kH, int dT, int dW, int dH,
                                                          int pT, int pW, int pH, double scale)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("VolumetricConvolutionMM", input, gradOutput, gradWeight);
    const THNNClassic call = volumeCall("VolumetricConvolutionMM", kT, kW, kH, dT, dW, dH, pT, pW, pH);
    return THNNClassic_accGradParameters(&call, input, gradOutput, gradWeight, gradBias, scale);
}

THStatus THNN_(VolumetricDilatedConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                          THTensor *bias, THTensor *columns, THTensor *ones, int kT, int kW,
                                                          int kH, int dT, int dW, int dH, int padT, int padW, int padH,
                                                          int dilationT, int dilationW, int dilationH)
{
    (void)state, (void)columns, (void)ones;
    TH_GIVEN("VolumetricDilatedConvolution", input, output, weight);
    const THNNClassic call = dilated(volumeCall("VolumetricDilatedConvolution", kT, kW, kH, dT, dW, dH, padT, padW, padH),
                                     (const int64_t[]){dilationT, dilationH, dilationW});
    return THNNClassic_updateOutput(&call, input, output, weight, bias);
}

THStatus THNN_(VolumetricDilatedConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                             THTensor *gradInput, THTensor *weight, THTensor *columns, int kT,
                                                             int kW, int kH, int dT, int dW, int dH, int padT, int padW,
                                                             int padH, int dilationT, int dilationW, int dilationH)
{
    (void)state, (void)columns;
    TH_GIVEN("VolumetricDilatedConvolution", input, gradOutput, gradInput, weight);
    const THNNClassic call = dilated(volumeCall("VolumetricDilatedConvolution", kT, kW, kH, dT, dW, dH, padT, padW, padH),
                                     (const int64_t[]){dilationT, dilationH, dilationW});
    return THNNClassic_updateGradInput(&call, input, gradOutput, gradInput, weight);
}

THStatus THNN_(VolumetricDilatedConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                               THTensor *gradWeight, THTensor *gradBias, THTensor *columns,
                                                               THTensor *ones, int kT, int kW, int kH, int dT, int dW, int dH,
                                                               int padT, int padW, int padH, int dilationT, int dilationW,
                                                               int dilationH, double scale)
{
    (void)state, (void)columns, (void)ones;
    TH_GIVEN("VolumetricDilatedConvolution", input, gradOutput, gradWeight);
    const THNNClassic call = dilated(volumeCall("VolumetricDilatedConvolution", kT, kW, kH, dT, dW, dH, padT, padW, padH),
                                     (const int64_t[]){dilationT, dilationH, dilationW});
    return THNNClassic_accGradParameters(&call, input, gradOutput, gradWeight, gradBias, scale);
}

THStatus THNN_(VolumetricFullConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                       THTensor *bias, THTensor *finput, THTensor *fgradInput, int kT, int kW,
                                                       int kH, int dT, int dW, int dH, int pT, int pW, int pH, int aT, int aW,
                                                       int aH)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("VolumetricFullConvolution", input, output, weight);
    const THNNClassic call =
        full(volumeCall("VolumetricFullConvolution", kT, kW, kH, dT, dW, dH, pT, pW, pH), (const int64_t[]){aT, aH, aW});
    return THNNClassic_updateOutput(&call, input, output, weight, bias);
}

THStatus THNN_(VolumetricFullConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                          THTensor *gradInput, THTensor *weight, THTensor *finput,
                                                          THTensor *fgradInput, int kT, int kW, int kH, int dT, int dW, int dH,
                                                          int pT, int pW, int pH, int aT, int aW, int aH)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("VolumetricFullConvolution", input, gradOutput, gradInput, weight);
    const THNNClassic call =
        full(volumeCall("VolumetricFullConvolution", kT, kW, kH, dT, dW, dH, pT, pW, pH), (const int64_t[]){aT, aH, aW});
    return THNNClassic_updateGradInput(&call, input, gradOutput, gradInput, weight);
}

THStatus THNN_(VolumetricFullConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                            THTensor *gradWeight, THTensor *gradBias, THTensor *finput,
                                                            THTensor *fgradInput, int kT, int kW, int kH, int dT, int dW,
                                                            int dH, int pT, int pW, int pH, int aT, int aW, int aH,
                                                            double scale)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("VolumetricFullConvolution", input, gradOutput, gradWeight);
    const THNNClassic call =
        full(volumeCall("VolumetricFullConvolution", kT, kW, kH, dT, dW, dH, pT, pW, pH), (const int64_t[]){aT, aH, aW});
    return THNNClassic_accGradParameters(&call, input, gradOutput, gradWeight, gradBias, scale);
}

THStatus THNN_(VolumetricFullDilatedConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                              THTensor *weight, THTensor *bias, THTensor *finput,
                                                              THTensor *fgradInput, int kT, int kW, int kH, int dT, int dW,
                                                              int dH, int pT, int pW, int pH, int dilationT, int dilationW,
                                                              int dilationH, int aT, int aW, int aH)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("VolumetricFullDilatedConvolution", input, output, weight);
    const THNNClassic call = full(dilated(volumeCall("VolumetricFullDilatedConvolution", kT, kW, kH, dT, dW, dH, pT, pW, pH),
                                          (const int64_t[]){dilationT, dilationH, dilationW}),
                                  (const int64_t[]){aT, aH, aW});
    return THNNClassic_updateOutput(&call, input, output, weight, bias);
}

THStatus THNN_(VolumetricFullDilatedConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                 THTensor *gradInput, THTensor *weight, THTensor *finput,
                                                                 THTensor *fgradInput, int kT, int kW, int kH, int dT, int dW,
                                                                 int dH, int pT, int pW, int pH, int dilationT, int dilationW,
                                                                 int dilationH, int aT, int aW, int aH)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("VolumetricFullDilatedConvolution", input, gradOutput, gradInput, weight);
    const THNNClassic call = full(dilated(volumeCall("VolumetricFullDilatedConvolution", kT, kW, kH, dT, dW, dH, pT, pW, pH),
                                          (const int64_t[]){dilationT, dilationH, dilationW}),
                                  (const int64_t[]){aT, aH, aW});
    return THNNClassic_updateGradInput(&call, input, gradOutput, gradInput, weight);
}

THStatus THNN_(VolumetricFullDilatedConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                   THTensor *gradWeight, THTensor *gradBias, THTensor *finput,
                                                                   THTensor *fgradInput, int kT, int kW, int kH, int dT, int dW,
                                                                   int dH, int pT, int pW, int pH, int dilationT, int dilationW,
                                                                   int dilationH, int aT, int aW, int aH, double scale)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("VolumetricFullDilatedConvolution", input, gradOutput, gradWeight);
    const THNNClassic call = full(dilated(volumeCall("VolumetricFullDilatedConvolution", kT, kW, kH, dT, dW, dH, pT, pW, pH),
                                          (const int64_t[]){dilationT, dilationH, dilationW}),
                                  (const int64_t[]){aT, aH, aW});
    return THNNClassic_accGradParameters(&call, input, gradOutput, gradWeight, gradBias, scale);
}

THStatus THNN_(VolumetricAdaptiveMaxPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                          THTensor *indices, int osizeT, int osizeW, int osizeH)
{
    (void)state;
    CHECK_INPUT("AdaptiveMaxPooling");
    return THNN_AdaptiveMaxPooling_updateOutput(input, output, indices, 3, (const int64_t[]){osizeT, osizeH, osizeW});
}

THStatus THNN_(VolumetricAdaptiveMaxPooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                             THTensor *gradInput, THTensor *indices)
{
    (void)state;
    CHECK_INPUT("AdaptiveMaxPooling");
    return THNN_MaxPooling_updateGradInput(input, gradOutput, gradInput, indices, 3);
}

THStatus THNN_(VolumetricAdaptiveAveragePooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int osizeT,
                                                              int osizeW, int osizeH)
{
    (void)state;
    CHECK_INPUT("AdaptiveAveragePooling");
    return THNN_AdaptiveAveragePooling_updateOutput(input, output, 3, (const int64_t[]){osizeT, osizeH, osizeW});
}

THStatus THNN_(VolumetricAdaptiveAveragePooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                 THTensor *gradInput)
{
    (void)state;
    CHECK_INPUT("AdaptiveAveragePooling");
    return THNN_AdaptiveAveragePooling_updateGradInput(input, gradOutput, gradInput, 3);
}

THStatus THNN_(VolumetricFractionalMaxPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int outputT,
                                                            int outputW, int outputH, int poolSizeT, int poolSizeW,
                                                            int poolSizeH, THTensor *indices, THTensor *randomSamples)
{
    (void)state;
    CHECK_INPUT("FractionalMaxPooling");
    return THNN_FractionalMaxPooling_updateOutput(input, output, indices, 3, (const int64_t[]){outputT, outputH, outputW},
                                                  (const int64_t[]){poolSizeT, poolSizeH, poolSizeW}, randomSamples);
}

THStatus THNN_(VolumetricFractionalMaxPooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                               THTensor *gradInput, int outputT, int outputW, int outputH,
                                                               int poolSizeT, int poolSizeW, int poolSizeH, THTensor *indices)
{
    (void)state, (void)outputT, (void)outputW, (void)outputH, (void)poolSizeT, (void)poolSizeW, (void)poolSizeH;
    CHECK_INPUT("FractionalMaxPooling");
    return THNN_MaxPooling_updateGradInput(input, gradOutput, gradInput, indices, 3);
}

THStatus THNN_(VolumetricMaxUnpooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *indices,
                                                    int oT, int oW, int oH, int dT, int dW, int dH, int pT, int pW, int pH)
{
    (void)state, (void)dT, (void)dW, (void)dH, (void)pT, (void)pW, (void)pH;
    CHECK_INPUT("MaxUnpooling");
    return THNN_MaxUnpooling_updateOutput(input, output, indices, 3, (const int64_t[]){oT, oH, oW});
}

THStatus THNN_(VolumetricMaxUnpooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                       THTensor *gradInput, THTensor *indices, int oT, int oW, int oH, int dT,
                                                       int dW, int dH, int pT, int pW, int pH)
{
    (void)state, (void)dT, (void)dW, (void)dH, (void)pT, (void)pW, (void)pH;
    CHECK_INPUT("MaxUnpooling");
    return THNN_MaxUnpooling_updateGradInput(input, gradOutput, gradInput, indices, 3, (const int64_t[]){oT, oH, oW});
}

THStatus THNN_(VolumetricMaxPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *indices,
                                                  int kT, int kW, int kH, int dT, int dW, int dH, int pT, int pW, int pH,
                                                  bool ceilMode)
{
    (void)state;
    TH_GIVEN("VolumetricMaxPooling", input, output, indices);
    return THNN_(VolumetricDilatedMaxPooling_updateOutput)(state, input, output, indices, kT, kW, kH, dT, dW, dH, pT, pW, pH, 1,
                                                           1, 1, ceilMode);
}

THStatus THNN_(VolumetricMaxPooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                     THTensor *gradInput, THTensor *indices, int kT, int kW, int kH, int dT,
                                                     int dW, int dH, int pT, int pW, int pH, bool ceilMode)
{
    (void)state, (void)kT, (void)kW, (void)kH, (void)dT, (void)dW, (void)dH, (void)pT, (void)pW, (void)pH, (void)ceilMode;
    CHECK_INPUT("MaxPooling");
    return THNN_MaxPooling_updateGradInput(input, gradOutput, gradInput, indices, 3);
}

THStatus THNN_(VolumetricDilatedMaxPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *indices,
                                                         int kT, int kW, int kH, int dT, int dW, int dH, int pT, int pW, int pH,
                                                         int dilationT, int dilationW, int dilationH, bool ceilMode)
{
    (void)state;
    CHECK_INPUT("MaxPooling");
    const THNNGeometry geometry = {.stride = {dT, dH, dW}, .pad = {pT, pH, pW}, .dilation = {dilationT, dilationH, dilationW}};
    return THNN_MaxPooling_updateOutput(input, output, indices, 3, (const int64_t[]){kT, kH, kW}, &geometry, ceilMode);
}

THStatus THNN_(VolumetricDilatedMaxPooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                            THTensor *gradInput, THTensor *indices, int kT, int kW, int kH,
                                                            int dT, int dW, int dH, int pT, int pW, int pH, int dilationT,
                                                            int dilationW, int dilationH, bool ceilMode)
{
    (void)state, (void)kT, (void)kW, (void)kH, (void)dT, (void)dW, (void)dH, (void)pT, (void)pW, (void)pH, (void)dilationT,
        (void)dilationW, (void)dilationH, (void)ceilMode;
    CHECK_INPUT("MaxPooling");
    return THNN_MaxPooling_updateGradInput(input, gradOutput, gradInput, indices, 3);
}

THStatus THNN_(VolumetricAveragePooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int kT, int kW,
                                                      int kH, int dT, int dW, int dH, int padT, int padW, int padH,
                                                      bool ceil_mode, bool count_include_pad)
{
    (void)state;
    CHECK_INPUT("AveragePooling");
    const THNNGeometry geometry = {.stride = {dT, dH, dW}, .pad = {padT, padH, padW}, .dilation = {1, 1, 1}};
    return THNN_AveragePooling_updateOutput(input, output, 3, (const int64_t[]){kT, kH, kW}, &geometry, ceil_mode,
                                            count_include_pad);
}

THStatus THNN_(VolumetricAveragePooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                         THTensor *gradInput, int kT, int kW, int kH, int dT, int dW, int dH,
                                                         int padT, int padW, int padH, bool ceil_mode, bool count_include_pad)
{
    (void)state;
    CHECK_INPUT("AveragePooling");
    const THNNGeometry geometry = {.stride = {dT, dH, dW}, .pad = {padT, padH, padW}, .dilation = {1, 1, 1}};
    return THNN_AveragePooling_updateGradInput(input, gradOutput, gradInput, 3, (const int64_t[]){kT, kH, kW}, &geometry,
                                               ceil_mode, count_include_pad);
}
