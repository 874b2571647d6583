#include "TH/THArgument.h"
/* SpatialConvolutionMM: the Convolution of images, with its arguments one by one. */
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
