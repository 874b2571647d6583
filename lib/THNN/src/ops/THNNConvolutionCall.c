#include "TH/THArgument.h"
/* Convolution and FullConvolution: checks, shapes, and which way a convolution goes. A FullConvolution is the gradient of a
 * Convolution whose input has the shape of its output; its passes are therefore those of the Convolution, exchanged. */
#include "ops/THNNConvolution.h"
#include "ops/THNNConvolutionCall.h"
#include "ops/THNNWindowCheck.h"

#define AXES "DHW"

/* Which of D, H, W a spatial dimension is: images have no D, signals W alone. */
static int axisOf(int dims, int d)
{
    return THNN_SPATIAL_MAX - dims + d;
}

static THNNWindow *windowOf(THNNPlane *plane, int axis)
{
    return axis == 0 ? &plane->d : axis == 1 ? &plane->h : &plane->w;
}

static THStatus checkDimensions(const char *op, const THTensor *input, const THTensor *weight, int dims)
{
    TH_TRY(THNN_checkFloating(op, "input", input));
    TH_TRY(THNN_checkDtype(op, "weight", weight, (THDtype)input->dtype));
    TH_FAIL_IF(dims < 1 || dims > THNN_SPATIAL_MAX, TH_ERR_SHAPE, "[%s] weight has %d dimensions, expected 3, 4 or 5", op,
               weight->ndim);
    TH_FAIL_IF(input->ndim != dims + 2, TH_ERR_SHAPE, "[%s] input has %d dimensions, expected %d (N x C x %s)", op, input->ndim,
               dims + 2,
               dims == 3   ? "D x H x W"
               : dims == 2 ? "H x W"
                           : "W");
    TH_FAIL_IF(weight->numel == 0, TH_ERR_SHAPE, "[%s] weight has no elements, expected sizes of at least 1", op);
    return TH_OK;
}

/* planes: channels of what is convolved (the input), filters: of the result. */
static THStatus checkGroups(const char *op, const THTensor *weight, int64_t groups, const char *what)
{
    TH_FAIL_IF(groups < 1 || weight->size[0] % groups != 0, TH_ERR_VALUE,
               "[%s] groups is %lld, expected a divisor of the %lld %s channels", op, (long long)groups,
               (long long)weight->size[0], what);
    return TH_OK;
}

static void initSizes(THNNConvolution *conv, const char *op, const THTensor *weight, int64_t batch, int64_t groups)
{
    const THNNPlane *plane = &conv->plane;
    conv->op = op;
    conv->dtype = (THDtype)weight->dtype;
    conv->itemsize = (int64_t)THDtype_size(conv->dtype);
    conv->batch = batch;
    conv->groups = groups;
    conv->group_in = weight->size[1];
    conv->group_out = weight->size[0] / groups;
    conv->in_plane = plane->d.input * plane->h.input * plane->w.input;
    conv->out_plane = plane->d.output * plane->h.output * plane->w.output;
    conv->taps = plane->d.kernel * plane->h.kernel * plane->w.kernel;
    conv->kernel = TH_PICK(THNNColumnsKernel_tables, weight->dtype);
    conv->pointwise = conv->taps == 1;
    for (int axis = 0; axis < THNN_SPATIAL_MAX; axis++) {
        const THNNWindow *window = windowOf(&conv->plane, axis);
        /* Output padding, which dilation allows, makes a full convolution's images larger than its windows are many. */
        conv->pointwise = conv->pointwise && window->stride == 1 && window->pad == 0 && window->input == window->output;
    }
}

THStatus THNNConvolution_init(THNNConvolution *conv, const char *op, const THTensor *input, const THTensor *weight,
                              const THNNGeometry *geometry)
{
    const int dims = weight->ndim - 2;
    TH_TRY(checkDimensions(op, input, weight, dims));
    TH_TRY(checkGroups(op, weight, geometry->groups, "output"));
    TH_FAIL_IF(input->size[1] != weight->size[1] * geometry->groups, TH_ERR_SHAPE,
               "[%s] input has %lld channels, weight expects %lld%s", op, (long long)input->size[1],
               (long long)(weight->size[1] * geometry->groups), geometry->groups > 1 ? " in all groups" : "");
    *conv = (THNNConvolution){.plane = {THNN_WINDOW_WHOLE, THNN_WINDOW_WHOLE, THNN_WINDOW_WHOLE}};
    for (int d = 0; d < dims; d++) {
        const int axis = axisOf(dims, d);
        THNNWindow *window = windowOf(&conv->plane, axis);
        TH_TRY(THNNWindow_init(window, op, AXES[axis], input->size[2 + d], weight->size[2 + d], geometry->stride[d],
                               geometry->pad[d], geometry->dilation[d]));
        TH_TRY(THNNWindow_count(window, op, AXES[axis]));
    }
    initSizes(conv, op, weight, input->size[0], geometry->groups);
    return TH_OK;
}

/* One dimension of a full convolution: `size` elements of input become window->input of output. */
static THStatus initFullWindow(THNNWindow *window, const char *op, char axis, int64_t size, int64_t adjust)
{
    TH_FAIL_IF(adjust < 0 || (adjust >= window->stride && adjust >= window->dilation), TH_ERR_VALUE,
               "[%s] adj%c is %lld: output padding must be smaller than either stride or dilation, which are %lld and %lld", op,
               axis, (long long)adjust, (long long)window->stride, (long long)window->dilation);
    const int64_t extent = window->dilation * (window->kernel - 1) + 1;
    window->input = (size - 1) * window->stride - 2 * window->pad + extent + adjust;
    window->output = size;
    TH_FAIL_IF(size < 1 || window->input < 1, TH_ERR_SHAPE,
               "[%s] input has %c %lld: output size is too small, calculated as %lld", op, axis, (long long)size,
               (long long)window->input);
    return TH_OK;
}

THStatus THNNConvolution_initFull(THNNConvolution *conv, const char *op, const THTensor *input, const THTensor *weight,
                                  const THNNGeometry *geometry, const int64_t *adjust)
{
    const int dims = weight->ndim - 2;
    TH_TRY(checkDimensions(op, input, weight, dims));
    TH_TRY(checkGroups(op, weight, geometry->groups, "input"));
    TH_FAIL_IF(input->size[1] != weight->size[0], TH_ERR_SHAPE, "[%s] input has %lld channels, weight expects %lld", op,
               (long long)input->size[1], (long long)weight->size[0]);
    *conv = (THNNConvolution){.plane = {THNN_WINDOW_WHOLE, THNN_WINDOW_WHOLE, THNN_WINDOW_WHOLE}};
    for (int d = 0; d < dims; d++) {
        const int axis = axisOf(dims, d);
        THNNWindow *window = windowOf(&conv->plane, axis);
        TH_TRY(THNNWindow_init(window, op, AXES[axis], 1, weight->size[2 + d], geometry->stride[d], geometry->pad[d],
                               geometry->dilation[d]));
        TH_TRY(initFullWindow(window, op, AXES[axis], input->size[2 + d], adjust[d]));
    }
    initSizes(conv, op, weight, input->size[0], geometry->groups);
    return TH_OK;
}

void THNNConvolution_shape(const THNNConvolution *conv, int dims, bool of_input, int64_t *shape)
{
    shape[0] = conv->batch;
    shape[1] = conv->groups * (of_input ? conv->group_in : conv->group_out);
    for (int d = 0; d < dims; d++) {
        const THNNWindow *window = windowOf((THNNPlane *)&conv->plane, axisOf(dims, d));
        shape[2 + d] = of_input ? window->input : window->output;
    }
}

/* One input channel in each group, and so few output channels for it that unrolling would be most of the work. */
static bool isDepthwise(const THNNConvolution *conv)
{
    return conv->group_in == 1 && conv->groups > 1 && conv->group_out <= 4;
}

static THStatus runForward(const THNNConvolution *conv)
{
    THStatus status;
    if (isDepthwise(conv)) return THNNConvolution_depthwiseForward(conv);
    return THNNConvolution_directForward(conv, &status) ? status : THNNConvolution_forward(conv);
}

static THStatus runGradInput(const THNNConvolution *conv)
{
    THStatus status;
    if (isDepthwise(conv)) return THNNConvolution_depthwiseGradInput(conv);
    return THNNConvolution_directGradInput(conv, &status) ? status : THNNConvolution_gradInput(conv);
}

static THStatus runGradWeight(const THNNConvolution *conv)
{
    THStatus status;
    if (isDepthwise(conv)) return THNNConvolution_depthwiseGradWeight(conv);
    return THNNConvolution_directGradWeight(conv, &status) ? status : THNNConvolution_gradWeight(conv);
}

static THStatus checkTensor(const THNNConvolution *conv, const char *name, const THTensor *tensor, int dims, bool of_input)
{
    int64_t shape[2 + THNN_SPATIAL_MAX];
    THNNConvolution_shape(conv, dims, of_input, shape);
    TH_TRY(THNN_checkDtype(conv->op, name, tensor, conv->dtype));
    return THNN_checkShape(conv->op, name, tensor, 2 + dims, shape);
}

static THStatus checkBias(const THNNConvolution *conv, const char *name, const THTensor *bias, int64_t channels)
{
    if (bias == NULL) return TH_OK;
    TH_TRY(THNN_checkDtype(conv->op, name, bias, conv->dtype));
    return THNN_checkShape(conv->op, name, bias, 1, &channels);
}

/* --- Convolution --------------------------------------------------------------------------------------------------- */

THStatus THNN_Convolution_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight, const THTensor *bias,
                                       const THNNGeometry *geometry)
{
    TH_GIVEN("Convolution", input, output, weight, geometry);
    THNNConvolution conv;
    TH_TRY(THNNConvolution_init(&conv, "Convolution", input, weight, geometry));
    TH_TRY(checkBias(&conv, "bias", bias, weight->size[0]));
    int64_t shape[2 + THNN_SPATIAL_MAX];
    THNNConvolution_shape(&conv, input->ndim - 2, false, shape);
    THNNCall call = {.op = conv.op};
    conv.x = THNN_data(THNNCall_read(&call, input));
    conv.weight = THNN_data(THNNCall_read(&call, weight));
    conv.bias = THNN_data(THNNCall_read(&call, bias));
    conv.y = THNN_data(THNNCall_write(&call, output, conv.dtype, input->ndim, shape));
    if (call.status == TH_OK) THNNCall_fail(&call, runForward(&conv));
    return THNNCall_close(&call);
}

THStatus THNN_Convolution_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                          const THTensor *weight, const THNNGeometry *geometry)
{
    TH_GIVEN("Convolution", input, gradOutput, gradInput, weight, geometry);
    THNNConvolution conv;
    TH_TRY(THNNConvolution_init(&conv, "Convolution", input, weight, geometry));
    TH_TRY(checkTensor(&conv, "gradOutput", gradOutput, input->ndim - 2, false));
    THNNCall call = {.op = conv.op};
    conv.gy = THNN_data(THNNCall_read(&call, gradOutput));
    conv.weight = THNN_data(THNNCall_read(&call, weight));
    conv.gx = THNN_data(THNNCall_write(&call, gradInput, conv.dtype, input->ndim, input->size));
    if (call.status == TH_OK) THNNCall_fail(&call, runGradInput(&conv));
    return THNNCall_close(&call);
}

THStatus THNN_Convolution_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                            THTensor *gradBias, const THNNGeometry *geometry, double scale)
{
    TH_GIVEN("Convolution", input, gradOutput, gradWeight, geometry);
    THNNConvolution conv;
    TH_TRY(THNNConvolution_init(&conv, "Convolution", input, gradWeight, geometry));
    TH_TRY(checkTensor(&conv, "gradOutput", gradOutput, input->ndim - 2, false));
    TH_TRY(checkBias(&conv, "gradBias", gradBias, gradWeight->size[0]));
    conv.scale = scale;
    THNNCall call = {.op = conv.op};
    conv.x = THNN_data(THNNCall_read(&call, input));
    conv.gy = THNN_data(THNNCall_read(&call, gradOutput));
    conv.gw = THNN_data(THNNCall_update(&call, gradWeight));
    conv.gb = THNN_data(THNNCall_update(&call, gradBias));
    if (call.status == TH_OK) THNNCall_fail(&call, runGradWeight(&conv));
    if (call.status == TH_OK && conv.gb != NULL) THNNCall_fail(&call, THNNConvolution_gradBias(&conv));
    return THNNCall_close(&call);
}

/* --- FullConvolution: conv.x and conv.gx are its output, conv.gy and conv.y its input ------------------------------ */

static void addBias(const THNNConvolution *conv, char *y)
{
    const int64_t channels = conv->groups * conv->group_in;
    for (int64_t image = 0; image < conv->batch; image++)
        conv->kernel->add_rows(channels, conv->in_plane, conv->bias, y + image * channels * conv->in_plane * conv->itemsize);
}

THStatus THNN_FullConvolution_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight,
                                           const THTensor *bias, const THNNGeometry *geometry, const int64_t *adjust)
{
    TH_GIVEN("FullConvolution", input, output, weight, geometry, adjust);
    THNNConvolution conv;
    TH_TRY(THNNConvolution_initFull(&conv, "FullConvolution", input, weight, geometry, adjust));
    TH_TRY(checkBias(&conv, "bias", bias, conv.groups * conv.group_in));
    int64_t shape[2 + THNN_SPATIAL_MAX];
    THNNConvolution_shape(&conv, input->ndim - 2, true, shape);
    THNNCall call = {.op = conv.op};
    conv.gy = THNN_data(THNNCall_read(&call, input));
    conv.weight = THNN_data(THNNCall_read(&call, weight));
    conv.bias = THNN_data(THNNCall_read(&call, bias));
    conv.gx = THNN_data(THNNCall_write(&call, output, conv.dtype, input->ndim, shape));
    if (call.status == TH_OK) THNNCall_fail(&call, runGradInput(&conv));
    if (call.status == TH_OK && bias != NULL) addBias(&conv, conv.gx);
    return THNNCall_close(&call);
}

THStatus THNN_FullConvolution_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                              const THTensor *weight, const THNNGeometry *geometry, const int64_t *adjust)
{
    TH_GIVEN("FullConvolution", input, gradOutput, gradInput, weight, geometry, adjust);
    THNNConvolution conv;
    TH_TRY(THNNConvolution_initFull(&conv, "FullConvolution", input, weight, geometry, adjust));
    TH_TRY(checkTensor(&conv, "gradOutput", gradOutput, input->ndim - 2, true));
    THNNCall call = {.op = conv.op};
    conv.x = THNN_data(THNNCall_read(&call, gradOutput));
    conv.weight = THNN_data(THNNCall_read(&call, weight));
    conv.y = THNN_data(THNNCall_write(&call, gradInput, conv.dtype, input->ndim, input->size));
    if (call.status == TH_OK) THNNCall_fail(&call, runForward(&conv));
    return THNNCall_close(&call);
}

THStatus THNN_FullConvolution_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                                THTensor *gradBias, const THNNGeometry *geometry, const int64_t *adjust,
                                                double scale)
{
    TH_GIVEN("FullConvolution", input, gradOutput, gradWeight, geometry, adjust);
    THNNConvolution conv;
    TH_TRY(THNNConvolution_initFull(&conv, "FullConvolution", input, gradWeight, geometry, adjust));
    TH_TRY(checkTensor(&conv, "gradOutput", gradOutput, input->ndim - 2, true));
    TH_TRY(checkBias(&conv, "gradBias", gradBias, conv.groups * conv.group_in));
    conv.scale = scale;
    THNNCall call = {.op = conv.op};
    conv.x = THNN_data(THNNCall_read(&call, gradOutput));
    conv.gy = THNN_data(THNNCall_read(&call, input));
    conv.gw = THNN_data(THNNCall_update(&call, gradWeight));
    THTensor *gb = THNNCall_update(&call, gradBias);
    if (call.status == TH_OK) THNNCall_fail(&call, runGradWeight(&conv));
    if (call.status == TH_OK && gb != NULL) {
        /* Channels of the output, as if they were the result of a convolution. */
        const THNNConvolution sums = {.batch = conv.batch,
                                      .groups = conv.groups,
                                      .group_out = conv.group_in,
                                      .out_plane = conv.in_plane,
                                      .dtype = conv.dtype,
                                      .itemsize = conv.itemsize,
                                      .kernel = conv.kernel,
                                      .scale = scale,
                                      .gy = conv.x,
                                      .gb = THNN_data(gb)};
        THNNCall_fail(&call, THNNConvolution_gradBias(&sums));
    }
    return THNNCall_close(&call);
}
