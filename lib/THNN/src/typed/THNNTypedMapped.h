/* The bodies of Torch's typed names of subsampling and of convolutions by tables. A template, included by typed/THNNTyped.h. */
#include "ops/THNNClassicLocal.h"
#include "ops/THNNClassicSpatial.h"

THStatus THNN_(SpatialSubSampling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                THTensor *bias, int kW, int kH, int dW, int dH)
{
    (void)state;
    TH_GIVEN("SpatialSubSampling", input, output, weight);
    CHECK_INPUT("SpatialSubSampling");
    const THNNSubSampling sub = {"SpatialSubSampling", 2, {kH, kW}, {dH, dW}};
    return THNNSubSampling_updateOutput(&sub, input, output, weight, bias);
}

THStatus THNN_(SpatialSubSampling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                                   THTensor *weight, int kW, int kH, int dW, int dH)
{
    (void)state;
    TH_GIVEN("SpatialSubSampling", input, gradOutput, gradInput, weight);
    CHECK_INPUT("SpatialSubSampling");
    const THNNSubSampling sub = {"SpatialSubSampling", 2, {kH, kW}, {dH, dW}};
    return THNNSubSampling_updateGradInput(&sub, input, gradOutput, gradInput, weight);
}

THStatus THNN_(SpatialSubSampling_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                     THTensor *gradWeight, THTensor *gradBias, int kW, int kH, int dW, int dH,
                                                     double scale)
{
    (void)state;
    TH_GIVEN("SpatialSubSampling", input, gradOutput, gradWeight);
    CHECK_INPUT("SpatialSubSampling");
    const THNNSubSampling sub = {"SpatialSubSampling", 2, {kH, kW}, {dH, dW}};
    return THNNSubSampling_accGradParameters(&sub, input, gradOutput, gradWeight, gradBias, scale);
}

THStatus THNN_(SpatialConvolutionMap_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                   THTensor *bias, THTensor *connTable, int nInputPlane, int nOutputPlane,
                                                   int dW, int dH)
{
    (void)state;
    TH_GIVEN("SpatialConvolutionMap", input, output, weight, connTable);
    CHECK_INPUT("SpatialConvolutionMap");
    const THNNMap map = {"SpatialConvolutionMap", false, nInputPlane, nOutputPlane, {dH, dW}};
    return THNNMap_updateOutput(&map, input, output, weight, bias, connTable);
}

THStatus THNN_(SpatialConvolutionMap_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                      THTensor *gradInput, THTensor *weight, THTensor *bias,
                                                      THTensor *connTable, int nInputPlane, int nOutputPlane, int dW, int dH)
{
    (void)state, (void)bias;
    TH_GIVEN("SpatialConvolutionMap", input, gradOutput, gradInput, weight, connTable);
    CHECK_INPUT("SpatialConvolutionMap");
    const THNNMap map = {"SpatialConvolutionMap", false, nInputPlane, nOutputPlane, {dH, dW}};
    return THNNMap_updateGradInput(&map, input, gradOutput, gradInput, weight, connTable);
}

THStatus THNN_(SpatialConvolutionMap_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                        THTensor *gradWeight, THTensor *gradBias, THTensor *connTable,
                                                        int nInputPlane, int nOutputPlane, int dW, int dH, double scale)
{
    (void)state;
    TH_GIVEN("SpatialConvolutionMap", input, gradOutput, gradWeight, connTable);
    CHECK_INPUT("SpatialConvolutionMap");
    const THNNMap map = {"SpatialConvolutionMap", false, nInputPlane, nOutputPlane, {dH, dW}};
    return THNNMap_accGradParameters(&map, input, gradOutput, gradWeight, gradBias, connTable, scale);
}

THStatus THNN_(SpatialFullConvolutionMap_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                       THTensor *bias, THTensor *connTable, int nInputPlane, int nOutputPlane,
                                                       int dW, int dH)
{
    (void)state;
    TH_GIVEN("SpatialFullConvolutionMap", input, output, weight, connTable);
    CHECK_INPUT("SpatialFullConvolutionMap");
    const THNNMap map = {"SpatialFullConvolutionMap", true, nInputPlane, nOutputPlane, {dH, dW}};
    return THNNMap_updateOutput(&map, input, output, weight, bias, connTable);
}

THStatus THNN_(SpatialFullConvolutionMap_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                          THTensor *gradInput, THTensor *weight, THTensor *bias,
                                                          THTensor *connTable, int nInputPlane, int nOutputPlane, int dW,
                                                          int dH)
{
    (void)state, (void)bias;
    TH_GIVEN("SpatialFullConvolutionMap", input, gradOutput, gradInput, weight, connTable);
    CHECK_INPUT("SpatialFullConvolutionMap");
    const THNNMap map = {"SpatialFullConvolutionMap", true, nInputPlane, nOutputPlane, {dH, dW}};
    return THNNMap_updateGradInput(&map, input, gradOutput, gradInput, weight, connTable);
}

THStatus THNN_(SpatialFullConvolutionMap_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                            THTensor *gradWeight, THTensor *gradBias, THTensor *connTable,
                                                            int nInputPlane, int nOutputPlane, int dW, int dH, double scale)
{
    (void)state;
    TH_GIVEN("SpatialFullConvolutionMap", input, gradOutput, gradWeight, connTable);
    CHECK_INPUT("SpatialFullConvolutionMap");
    const THNNMap map = {"SpatialFullConvolutionMap", true, nInputPlane, nOutputPlane, {dH, dW}};
    return THNNMap_accGradParameters(&map, input, gradOutput, gradWeight, gradBias, connTable, scale);
}

THStatus THNN_(SpatialConvolutionLocal_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                     THTensor *bias, THTensor *finput, THTensor *fgradInput, int kW, int kH,
                                                     int dW, int dH, int padW, int padH, int64_t inputWidth,
                                                     int64_t inputHeight, int64_t outputWidth, int64_t outputHeight)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("SpatialConvolutionLocal", input, output, weight);
    CHECK_INPUT("SpatialConvolutionLocal");
    const THNNLocal local = {{kH, kW}, {dH, dW}, {padH, padW}, {inputHeight, inputWidth}, {outputHeight, outputWidth}};
    return THNNLocal_updateOutput(&local, input, output, weight, bias);
}

THStatus THNN_(SpatialConvolutionLocal_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                        THTensor *gradInput, THTensor *weight, THTensor *finput,
                                                        THTensor *fgradInput, int kW, int kH, int dW, int dH, int padW,
                                                        int padH, int64_t inputWidth, int64_t inputHeight, int64_t outputWidth,
                                                        int64_t outputHeight)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("SpatialConvolutionLocal", input, gradOutput, gradInput, weight);
    CHECK_INPUT("SpatialConvolutionLocal");
    const THNNLocal local = {{kH, kW}, {dH, dW}, {padH, padW}, {inputHeight, inputWidth}, {outputHeight, outputWidth}};
    return THNNLocal_updateGradInput(&local, input, gradOutput, gradInput, weight);
}

THStatus THNN_(SpatialConvolutionLocal_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                          THTensor *gradWeight, THTensor *gradBias, THTensor *finput,
                                                          THTensor *fgradInput, int kW, int kH, int dW, int dH, int padW,
                                                          int padH, int64_t inputWidth, int64_t inputHeight,
                                                          int64_t outputWidth, int64_t outputHeight, double scale)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("SpatialConvolutionLocal", input, gradOutput, gradWeight);
    CHECK_INPUT("SpatialConvolutionLocal");
    const THNNLocal local = {{kH, kW}, {dH, dW}, {padH, padW}, {inputHeight, inputWidth}, {outputHeight, outputWidth}};
    return THNNLocal_accGradParameters(&local, input, gradOutput, gradWeight, gradBias, scale);
}

THStatus THNN_(FeatureLPPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, double power, int width,
                                              int stride, bool batchMode)
{
    (void)state;
    TH_GIVEN("FeatureLPPooling", input, output);
    CHECK_INPUT("FeatureLPPooling");
    const THNNFeatureLP pool = {power, width, stride, batchMode};
    return THNNFeatureLP_updateOutput(&pool, input, output);
}

THStatus THNN_(FeatureLPPooling_updateGradInput)(THNNState *state, THTensor *gradOutput, THTensor *input, THTensor *output,
                                                 THTensor *gradInput, double power, int width, int stride, bool batchMode)
{
    (void)state;
    TH_GIVEN("FeatureLPPooling", gradOutput, input, output, gradInput);
    CHECK_INPUT("FeatureLPPooling");
    const THNNFeatureLP pool = {power, width, stride, batchMode};
    return THNNFeatureLP_updateGradInput(&pool, gradOutput, input, output, gradInput);
}
