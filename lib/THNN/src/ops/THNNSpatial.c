/* Convolutions and poolings of images under names of their own, with their arguments one by one. For THCUNN, too. */
#include "TH/THArgument.h"
#include "ops/THNNCall.h"

static THNNGeometry geometryOf(int64_t dH, int64_t dW, int64_t padH, int64_t padW, int64_t dilationH, int64_t dilationW,
                               int64_t groups)
{
    return (THNNGeometry){.stride = {dH, dW}, .pad = {padH, padW}, .dilation = {dilationH, dilationW}, .groups = groups};
}

static THStatus checkImages(const THTensor *weight)
{
    TH_FAIL_IF(weight->ndim != 4, TH_ERR_SHAPE, "[Convolution] weight has %d dimensions, expected 4 (O x C/groups x kH x kW)",
               weight->ndim);
    return TH_OK;
}

THStatus THNN_SpatialConvolutionMM_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight,
                                                const THTensor *bias, int64_t dH, int64_t dW, int64_t padH, int64_t padW,
                                                int64_t dilationH, int64_t dilationW, int64_t groups)
{
    TH_GIVEN("SpatialConvolutionMM", input, output, weight);
    TH_TRY(checkImages(weight));
    const THNNGeometry geometry = geometryOf(dH, dW, padH, padW, dilationH, dilationW, groups);
    return THNN_Convolution_updateOutput(input, output, weight, bias, &geometry);
}

THStatus THNN_SpatialConvolutionMM_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                   const THTensor *weight, int64_t dH, int64_t dW, int64_t padH, int64_t padW,
                                                   int64_t dilationH, int64_t dilationW, int64_t groups)
{
    TH_GIVEN("SpatialConvolutionMM", input, gradOutput, gradInput, weight);
    TH_TRY(checkImages(weight));
    const THNNGeometry geometry = geometryOf(dH, dW, padH, padW, dilationH, dilationW, groups);
    return THNN_Convolution_updateGradInput(input, gradOutput, gradInput, weight, &geometry);
}

THStatus THNN_SpatialConvolutionMM_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                                     THTensor *gradBias, int64_t dH, int64_t dW, int64_t padH, int64_t padW,
                                                     int64_t dilationH, int64_t dilationW, int64_t groups, double scale)
{
    TH_GIVEN("SpatialConvolutionMM", input, gradOutput, gradWeight);
    TH_TRY(checkImages(gradWeight));
    const THNNGeometry geometry = geometryOf(dH, dW, padH, padW, dilationH, dilationW, groups);
    return THNN_Convolution_accGradParameters(input, gradOutput, gradWeight, gradBias, &geometry, scale);
}

THStatus THNN_SpatialMaxPooling_updateOutput(const THTensor *input, THTensor *output, THTensor *indices, int64_t kH, int64_t kW,
                                             int64_t dH, int64_t dW, int64_t padH, int64_t padW, int64_t dilationH,
                                             int64_t dilationW, int ceil_mode)
{
    TH_GIVEN("SpatialMaxPooling", input, output, indices);
    const int64_t kernel[2] = {kH, kW};
    const THNNGeometry geometry = geometryOf(dH, dW, padH, padW, dilationH, dilationW, 0);
    return THNN_MaxPooling_updateOutput(input, output, indices, 2, kernel, &geometry, ceil_mode);
}

THStatus THNN_SpatialMaxPooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                const THTensor *indices)
{
    TH_GIVEN("SpatialMaxPooling", input, gradOutput, gradInput, indices);
    return THNN_MaxPooling_updateGradInput(input, gradOutput, gradInput, indices, 2);
}

THStatus THNN_SpatialAveragePooling_updateOutput(const THTensor *input, THTensor *output, int64_t kH, int64_t kW, int64_t dH,
                                                 int64_t dW, int64_t padH, int64_t padW, int ceil_mode, int count_include_pad)
{
    TH_GIVEN("SpatialAveragePooling", input, output);
    const int64_t kernel[2] = {kH, kW};
    const THNNGeometry geometry = geometryOf(dH, dW, padH, padW, 1, 1, 0);
    return THNN_AveragePooling_updateOutput(input, output, 2, kernel, &geometry, ceil_mode, count_include_pad);
}

THStatus THNN_SpatialAveragePooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                    int64_t kH, int64_t kW, int64_t dH, int64_t dW, int64_t padH, int64_t padW,
                                                    int ceil_mode, int count_include_pad)
{
    TH_GIVEN("SpatialAveragePooling", input, gradOutput, gradInput);
    const int64_t kernel[2] = {kH, kW};
    const THNNGeometry geometry = geometryOf(dH, dW, padH, padW, 1, 1, 0);
    return THNN_AveragePooling_updateGradInput(input, gradOutput, gradInput, 2, kernel, &geometry, ceil_mode,
                                               count_include_pad);
}
