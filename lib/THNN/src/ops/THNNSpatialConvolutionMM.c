/* SpatialConvolutionMM: checks, shapes, and which way a convolution goes. */
#include "ops/THNNConvolution.h"
#include "ops/THNNWindowCheck.h"

#define OP "SpatialConvolutionMM"

/* Stride, padding and dilation as the caller gave them. */
typedef struct Arguments {
    int64_t dH, dW, padH, padW, dilationH, dilationW, groups;
} Arguments;

static THStatus checkChannels(const THTensor *input, const THTensor *weight, int64_t groups)
{
    TH_TRY(THNN_checkFloating(OP, "input", input));
    TH_TRY(THNN_checkDtype(OP, "weight", weight, (THDtype)input->dtype));
    TH_FAIL_IF(input->ndim != 4, TH_ERR_SHAPE, "[" OP "] input has %d dimensions, expected 4 (N x C x H x W)", input->ndim);
    TH_FAIL_IF(weight->ndim != 4, TH_ERR_SHAPE, "[" OP "] weight has %d dimensions, expected 4 (O x C/groups x kH x kW)",
               weight->ndim);
    TH_FAIL_IF(weight->numel == 0, TH_ERR_SHAPE, "[" OP "] weight has no elements, expected sizes of at least 1");
    TH_FAIL_IF(groups < 1 || weight->size[0] % groups != 0, TH_ERR_VALUE,
               "[" OP "] groups is %lld, expected a divisor of the %lld output channels", (long long)groups,
               (long long)weight->size[0]);
    TH_FAIL_IF(input->size[1] != weight->size[1] * groups, TH_ERR_SHAPE,
               "[" OP "] input has %lld channels, weight expects %lld%s", (long long)input->size[1],
               (long long)(weight->size[1] * groups), groups > 1 ? " in all groups" : "");
    return TH_OK;
}

static THStatus initConvolution(THNNConvolution *conv, const THTensor *input, const THTensor *weight, const Arguments *a)
{
    TH_TRY(checkChannels(input, weight, a->groups));
    THNNPlane plane;
    TH_TRY(THNNWindow_init(&plane.h, OP, 'H', input->size[2], weight->size[2], a->dH, a->padH, a->dilationH));
    TH_TRY(THNNWindow_init(&plane.w, OP, 'W', input->size[3], weight->size[3], a->dW, a->padW, a->dilationW));
    TH_TRY(THNNWindow_count(&plane.h, OP, 'H'));
    TH_TRY(THNNWindow_count(&plane.w, OP, 'W'));
    *conv = (THNNConvolution){.op = OP,
                              .dtype = (THDtype)input->dtype,
                              .itemsize = (int64_t)THDtype_size((THDtype)input->dtype),
                              .batch = input->size[0],
                              .groups = a->groups,
                              .group_in = weight->size[1],
                              .group_out = weight->size[0] / a->groups,
                              .plane = plane,
                              .in_plane = plane.h.input * plane.w.input,
                              .out_plane = plane.h.output * plane.w.output,
                              .taps = plane.h.kernel * plane.w.kernel,
                              .kernel = TH_PICK(THNNColumnsKernel_tables, input->dtype)};
    conv->pointwise = conv->taps == 1 && a->dH == 1 && a->dW == 1 && a->padH == 0 && a->padW == 0;
    return TH_OK;
}

/* One input channel in each group, and so few output channels for it that unrolling would be most of the work. */
static bool isDepthwise(const THNNConvolution *conv)
{
    return conv->group_in == 1 && conv->groups > 1 && conv->group_out <= 4;
}

static THStatus checkGradOutput(const THNNConvolution *conv, const THTensor *gradOutput)
{
    const int64_t shape[4] = {conv->batch, conv->groups * conv->group_out, conv->plane.h.output, conv->plane.w.output};
    TH_TRY(THNN_checkDtype(OP, "gradOutput", gradOutput, conv->dtype));
    return THNN_checkShape(OP, "gradOutput", gradOutput, 4, shape);
}

THStatus THNN_SpatialConvolutionMM_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight,
                                                const THTensor *bias, int64_t dH, int64_t dW, int64_t padH, int64_t padW,
                                                int64_t dilationH, int64_t dilationW, int64_t groups)
{
    THNNConvolution conv;
    TH_TRY(initConvolution(&conv, input, weight, &(Arguments){dH, dW, padH, padW, dilationH, dilationW, groups}));
    if (bias != NULL) {
        TH_TRY(THNN_checkDtype(OP, "bias", bias, conv.dtype));
        TH_TRY(THNN_checkShape(OP, "bias", bias, 1, &weight->size[0]));
    }
    const int64_t shape[4] = {conv.batch, weight->size[0], conv.plane.h.output, conv.plane.w.output};
    THNNCall call = {.op = OP};
    conv.x = THNN_data(THNNCall_read(&call, input));
    conv.weight = THNN_data(THNNCall_read(&call, weight));
    conv.bias = THNN_data(THNNCall_read(&call, bias));
    conv.y = THNN_data(THNNCall_write(&call, output, conv.dtype, 4, shape));
    if (call.status == TH_OK)
        THNNCall_fail(&call, isDepthwise(&conv) ? THNNConvolution_depthwiseForward(&conv) : THNNConvolution_forward(&conv));
    return THNNCall_close(&call);
}

THStatus THNN_SpatialConvolutionMM_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                   const THTensor *weight, int64_t dH, int64_t dW, int64_t padH, int64_t padW,
                                                   int64_t dilationH, int64_t dilationW, int64_t groups)
{
    THNNConvolution conv;
    TH_TRY(initConvolution(&conv, input, weight, &(Arguments){dH, dW, padH, padW, dilationH, dilationW, groups}));
    TH_TRY(checkGradOutput(&conv, gradOutput));
    THNNCall call = {.op = OP};
    conv.gy = THNN_data(THNNCall_read(&call, gradOutput));
    conv.weight = THNN_data(THNNCall_read(&call, weight));
    conv.gx = THNN_data(THNNCall_write(&call, gradInput, conv.dtype, 4, input->size));
    if (call.status == TH_OK)
        THNNCall_fail(&call, isDepthwise(&conv) ? THNNConvolution_depthwiseGradInput(&conv) : THNNConvolution_gradInput(&conv));
    return THNNCall_close(&call);
}

THStatus THNN_SpatialConvolutionMM_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                                     THTensor *gradBias, int64_t dH, int64_t dW, int64_t padH, int64_t padW,
                                                     int64_t dilationH, int64_t dilationW, int64_t groups, double scale)
{
    THNNConvolution conv;
    TH_TRY(initConvolution(&conv, input, gradWeight, &(Arguments){dH, dW, padH, padW, dilationH, dilationW, groups}));
    TH_TRY(checkGradOutput(&conv, gradOutput));
    if (gradBias != NULL) {
        TH_TRY(THNN_checkDtype(OP, "gradBias", gradBias, conv.dtype));
        TH_TRY(THNN_checkShape(OP, "gradBias", gradBias, 1, &gradWeight->size[0]));
    }
    conv.scale = scale;
    THNNCall call = {.op = OP};
    conv.x = THNN_data(THNNCall_read(&call, input));
    conv.gy = THNN_data(THNNCall_read(&call, gradOutput));
    conv.gw = THNN_data(THNNCall_update(&call, gradWeight));
    conv.gb = THNN_data(THNNCall_update(&call, gradBias));
    if (call.status == TH_OK)
        THNNCall_fail(&call,
                      isDepthwise(&conv) ? THNNConvolution_depthwiseGradWeight(&conv) : THNNConvolution_gradWeight(&conv));
    if (call.status == TH_OK && conv.gb != NULL) THNNCall_fail(&call, THNNConvolution_gradBias(&conv));
    return THNNCall_close(&call);
}
