// Convolutions and poolings of images under names of their own, with their arguments one by one.
#include "TH/THArgument.h"
#include "ops/THCUNNCall.cuh"

namespace
{

THNNGeometry geometryOf(int64_t dH, int64_t dW, int64_t padH, int64_t padW, int64_t dilationH, int64_t dilationW,
                        int64_t groups)
{
    THNNGeometry geometry = {};
    const int64_t values[][2] = {{dH, dW}, {padH, padW}, {dilationH, dilationW}};
    for (int d = 0; d < 2; d++) {
        geometry.stride[d] = values[0][d];
        geometry.pad[d] = values[1][d];
        geometry.dilation[d] = values[2][d];
    }
    geometry.groups = groups;
    return geometry;
}

THStatus checkImages(const THTensor *weight)
{
    TH_FAIL_IF(weight->ndim != 4, TH_ERR_SHAPE, "[Convolution] weight has %d dimensions, expected 4 (O x C/groups x kH x kW)",
               weight->ndim);
    return TH_OK;
}

} // namespace

THStatus THCUNN_SpatialConvolutionMM_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight,
                                                  const THTensor *bias, int64_t dH, int64_t dW, int64_t padH, int64_t padW,
                                                  int64_t dilationH, int64_t dilationW, int64_t groups)
{
    TH_GIVEN("SpatialConvolutionMM", input, output, weight);
    TH_TRY(checkImages(weight));
    const THNNGeometry geometry = geometryOf(dH, dW, padH, padW, dilationH, dilationW, groups);
    return THCUNN_Convolution_updateOutput(input, output, weight, bias, &geometry);
}

THStatus THCUNN_SpatialConvolutionMM_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                     const THTensor *weight, int64_t dH, int64_t dW, int64_t padH, int64_t padW,
                                                     int64_t dilationH, int64_t dilationW, int64_t groups)
{
    TH_GIVEN("SpatialConvolutionMM", input, gradOutput, gradInput, weight);
    TH_TRY(checkImages(weight));
    const THNNGeometry geometry = geometryOf(dH, dW, padH, padW, dilationH, dilationW, groups);
    return THCUNN_Convolution_updateGradInput(input, gradOutput, gradInput, weight, &geometry);
}

THStatus THCUNN_SpatialConvolutionMM_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                                       THTensor *gradBias, int64_t dH, int64_t dW, int64_t padH, int64_t padW,
                                                       int64_t dilationH, int64_t dilationW, int64_t groups, double scale)
{
    TH_GIVEN("SpatialConvolutionMM", input, gradOutput, gradWeight);
    TH_TRY(checkImages(gradWeight));
    const THNNGeometry geometry = geometryOf(dH, dW, padH, padW, dilationH, dilationW, groups);
    return THCUNN_Convolution_accGradParameters(input, gradOutput, gradWeight, gradBias, &geometry, scale);
}

THStatus THCUNN_SpatialMaxPooling_updateOutput(const THTensor *input, THTensor *output, THTensor *indices, int64_t kH,
                                               int64_t kW, int64_t dH, int64_t dW, int64_t padH, int64_t padW,
                                               int64_t dilationH, int64_t dilationW, int ceil_mode)
{
    TH_GIVEN("SpatialMaxPooling", input, output, indices);
    const int64_t kernel[2] = {kH, kW};
    const THNNGeometry geometry = geometryOf(dH, dW, padH, padW, dilationH, dilationW, 0);
    return THCUNN_MaxPooling_updateOutput(input, output, indices, 2, kernel, &geometry, ceil_mode);
}

THStatus THCUNN_SpatialMaxPooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                  const THTensor *indices)
{
    TH_GIVEN("SpatialMaxPooling", input, gradOutput, gradInput, indices);
    return THCUNN_MaxPooling_updateGradInput(input, gradOutput, gradInput, indices, 2);
}

THStatus THCUNN_SpatialAveragePooling_updateOutput(const THTensor *input, THTensor *output, int64_t kH, int64_t kW, int64_t dH,
                                                   int64_t dW, int64_t padH, int64_t padW, int ceil_mode, int count_include_pad)
{
    TH_GIVEN("SpatialAveragePooling", input, output);
    const int64_t kernel[2] = {kH, kW};
    const THNNGeometry geometry = geometryOf(dH, dW, padH, padW, 1, 1, 0);
    return THCUNN_AveragePooling_updateOutput(input, output, 2, kernel, &geometry, ceil_mode, count_include_pad);
}

THStatus THCUNN_SpatialAveragePooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                      int64_t kH, int64_t kW, int64_t dH, int64_t dW, int64_t padH,
                                                      int64_t padW, int ceil_mode, int count_include_pad)
{
    TH_GIVEN("SpatialAveragePooling", input, gradOutput, gradInput);
    const int64_t kernel[2] = {kH, kW};
    const THNNGeometry geometry = geometryOf(dH, dW, padH, padW, 1, 1, 0);
    return THCUNN_AveragePooling_updateGradInput(input, gradOutput, gradInput, 2, kernel, &geometry, ceil_mode,
                                                 count_include_pad);
}
