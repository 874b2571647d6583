#include "ops/THNNClassicConvolution.h"

/* References that a call holds; the first failure. */
typedef struct Hold {
    THTensor *tensors[12];
    int count;
    THStatus status;
} Hold;

static THTensor *keep(Hold *hold, THTensor *tensor)
{
    if (tensor == NULL) {
        if (hold->status == TH_OK) hold->status = THStatus_last();
        return NULL;
    }
    hold->tensors[hold->count++] = tensor;
    return tensor;
}

static THStatus release(Hold *hold)
{
    for (int i = 0; i < hold->count; i++) THTensor_free(hold->tensors[i]);
    return hold->status;
}

/* `tensor` with a batch dimension. */
static THTensor *batched(Hold *hold, const THTensor *tensor, int ndim)
{
    if (hold->status != TH_OK) return NULL;
    return keep(hold, tensor->ndim == ndim - 1 ? THTensor_newUnsqueeze(tensor, 0) : THTensor_newWithTensor(tensor));
}

/* `result` into `output`, without its batch dimension if `single`. */
static void deliver(Hold *hold, const char *op, THTensor *result, bool single, THTensor *output)
{
    THTensor *part = single ? keep(hold, THTensor_newSelect(result, 0, 0)) : result;
    if (hold->status == TH_OK) hold->status = THTensor_output(output, op, (THDtype)part->dtype, part->ndim, part->size);
    if (hold->status == TH_OK) hold->status = THTensor_copy(output, part);
}

/* The weight as O x C x kernel; Torch also takes it as O x (C * kernel). */
static THTensor *shaped(Hold *hold, const THNNClassic *self, const THTensor *weight, const THTensor *input, bool to_write)
{
    if (hold->status != TH_OK) return NULL;
    if (weight->ndim != 2) return keep(hold, THTensor_newWithTensor(weight));
    int64_t shape[2 + THNN_SPATIAL_MAX] = {weight->size[0], input->size[1]};
    for (int d = 0; d < self->dims; d++) shape[2 + d] = self->kernel[d];
    return keep(hold, to_write ? THTensor_newView(weight, 2 + self->dims, shape)
                               : THTensor_newReshape(weight, 2 + self->dims, shape));
}

/* The kernel's sizes repeat what the weight says: they have to agree. */
static THStatus checkKernel(const THNNClassic *self, const THTensor *input, const THTensor *weight)
{
    TH_TRY(THNN_checkDtype(self->op, "input", input, self->dtype));
    TH_FAIL_IF(input->ndim != self->dims + 1 && input->ndim != self->dims + 2, TH_ERR_SHAPE,
               "[%s] input has %d dimensions, expected %d, or %d without the batch", self->op, input->ndim, self->dims + 2,
               self->dims + 1);
    for (int d = 0; weight->ndim == self->dims + 2 && d < self->dims; d++) {
        TH_FAIL_IF(self->kernel[d] != 0 && weight->size[2 + d] != self->kernel[d], TH_ERR_SHAPE,
                   "[%s] weight has a kernel of %lld x %lld, kH x kW is %lld x %lld", self->op,
                   (long long)weight->size[self->dims], (long long)weight->size[self->dims + 1],
                   (long long)self->kernel[self->dims - 2], (long long)self->kernel[self->dims - 1]);
    }
    return TH_OK;
}

THStatus THNNClassic_updateOutput(const THNNClassic *self, THTensor *input, THTensor *output, THTensor *weight,
                                  const THTensor *bias)
{
    TH_TRY(checkKernel(self, input, weight));
    Hold hold = {.status = TH_OK};
    const THTensor *x = batched(&hold, input, self->dims + 2);
    const THTensor *w = x == NULL ? NULL : shaped(&hold, self, weight, x, false);
    THTensor *y = hold.status == TH_OK ? keep(&hold, THTensor_new()) : NULL;
    if (hold.status == TH_OK)
        hold.status = self->full ? THNN_FullConvolution_updateOutput(x, y, w, bias, &self->geometry, self->adjust)
                                 : THNN_Convolution_updateOutput(x, y, w, bias, &self->geometry);
    if (hold.status == TH_OK) deliver(&hold, self->op, y, x->ndim != input->ndim, output);
    return release(&hold);
}

THStatus THNNClassic_updateGradInput(const THNNClassic *self, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                     THTensor *weight)
{
    TH_TRY(checkKernel(self, input, weight));
    Hold hold = {.status = TH_OK};
    const THTensor *x = batched(&hold, input, self->dims + 2);
    const THTensor *gy = batched(&hold, gradOutput, self->dims + 2);
    const THTensor *w = x == NULL ? NULL : shaped(&hold, self, weight, x, false);
    THTensor *gx = hold.status == TH_OK ? keep(&hold, THTensor_new()) : NULL;
    if (hold.status == TH_OK)
        hold.status = self->full ? THNN_FullConvolution_updateGradInput(x, gy, gx, w, &self->geometry, self->adjust)
                                 : THNN_Convolution_updateGradInput(x, gy, gx, w, &self->geometry);
    if (hold.status == TH_OK) deliver(&hold, self->op, gx, x->ndim != input->ndim, gradInput);
    return release(&hold);
}

THStatus THNNClassic_accGradParameters(const THNNClassic *self, THTensor *input, THTensor *gradOutput, THTensor *gradWeight,
                                       THTensor *gradBias, double scale)
{
    TH_TRY(checkKernel(self, input, gradWeight));
    Hold hold = {.status = TH_OK};
    const THTensor *x = batched(&hold, input, self->dims + 2);
    const THTensor *gy = batched(&hold, gradOutput, self->dims + 2);
    THTensor *gw = x == NULL ? NULL : shaped(&hold, self, gradWeight, x, true);
    if (hold.status == TH_OK)
        hold.status = self->full
                          ? THNN_FullConvolution_accGradParameters(x, gy, gw, gradBias, &self->geometry, self->adjust, scale)
                          : THNN_Convolution_accGradParameters(x, gy, gw, gradBias, &self->geometry, scale);
    return release(&hold);
}

/* --- SpatialDepthWiseConvolution ----------------------------------------------------------------------------------- */

/* M x C x ... as (C * M) x `rest`: a copy where that needs one. */
static THTensor *byChannel(Hold *hold, const THTensor *tensor, int ndim, const int64_t *rest)
{
    THTensor *swapped = hold->status == TH_OK ? keep(hold, THTensor_newTranspose(tensor, 0, 1)) : NULL;
    if (swapped == NULL) return NULL;
    int64_t shape[4] = {tensor->size[0] * tensor->size[1]};
    for (int d = 1; d < ndim; d++) shape[d] = rest[d - 1];
    return keep(hold, THTensor_newReshape(swapped, ndim, shape));
}

static THStatus checkDepthWise(const THNNClassic *self, const THTensor *weight)
{
    TH_FAIL_IF(weight->ndim != 4, TH_ERR_SHAPE, "[%s] weight has %d dimensions, expected 4 (M x C x kH x kW)", self->op,
               weight->ndim);
    return TH_OK;
}

static THNNClassic grouped(const THNNClassic *self, const THTensor *weight)
{
    THNNClassic result = *self;
    result.geometry.groups = weight->size[1];
    return result;
}

static THTensor *filters(Hold *hold, const THTensor *weight)
{
    return byChannel(hold, weight, 4, (const int64_t[]){1, weight->size[2], weight->size[3]});
}

THStatus THNNDepthWise_updateOutput(const THNNClassic *self, THTensor *input, THTensor *output, THTensor *weight,
                                    const THTensor *bias)
{
    TH_TRY(checkDepthWise(self, weight));
    Hold hold = {.status = TH_OK};
    THTensor *w = filters(&hold, weight);
    const THTensor *b = bias != NULL && bias->ndim == 2 ? byChannel(&hold, bias, 1, NULL) : bias;
    const THNNClassic call = grouped(self, weight);
    if (hold.status == TH_OK) hold.status = THNNClassic_updateOutput(&call, input, output, w, b);
    return release(&hold);
}

THStatus THNNDepthWise_updateGradInput(const THNNClassic *self, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                       THTensor *weight)
{
    TH_TRY(checkDepthWise(self, weight));
    Hold hold = {.status = TH_OK};
    THTensor *w = filters(&hold, weight);
    const THNNClassic call = grouped(self, weight);
    if (hold.status == TH_OK) hold.status = THNNClassic_updateGradInput(&call, input, gradOutput, gradInput, w);
    return release(&hold);
}

/* target (M x C x ...) += sums ((C * M) x ...). */
static void addByChannel(Hold *hold, THTensor *target, const THTensor *sums)
{
    THTensor *swapped = hold->status == TH_OK ? keep(hold, THTensor_newTranspose(target, 0, 1)) : NULL;
    THTensor *shaped_ = swapped == NULL ? NULL : keep(hold, THTensor_newReshape(sums, swapped->ndim, swapped->size));
    if (hold->status == TH_OK) hold->status = THTensor_cadd(swapped, swapped, shaped_, THScalar_fromLong(1));
}

THStatus THNNDepthWise_accGradParameters(const THNNClassic *self, THTensor *input, THTensor *gradOutput, THTensor *gradWeight,
                                         THTensor *gradBias, double scale)
{
    TH_TRY(checkDepthWise(self, gradWeight));
    Hold hold = {.status = TH_OK};
    const THTensor *shape = filters(&hold, gradWeight);
    THTensor *gw = shape == NULL ? NULL : keep(&hold, THTensor_newWithSize(self->dtype, 4, shape->size));
    const bool matrix = gradBias != NULL && gradBias->ndim == 2;
    THTensor *gb = gradBias;
    if (matrix) gb = keep(&hold, THTensor_newWithSize(self->dtype, 1, &gradBias->numel));
    if (hold.status == TH_OK) hold.status = THTensor_zero(gw);
    if (hold.status == TH_OK && matrix) hold.status = THTensor_zero(gb);
    const THNNClassic call = grouped(self, gradWeight);
    if (hold.status == TH_OK) hold.status = THNNClassic_accGradParameters(&call, input, gradOutput, gw, gb, scale);
    addByChannel(&hold, gradWeight, gw);
    if (matrix) addByChannel(&hold, gradBias, gb);
    return release(&hold);
}

/* --- TemporalConvolution: frames are channels, and stand last ------------------------------------------------------ */

#define TEMPORAL "TemporalConvolution"

static THStatus checkTemporal(THDtype dtype, const THTensor *input, const THTensor *weight, int64_t kernel)
{
    TH_TRY(THNN_checkDtype(TEMPORAL, "input", input, dtype));
    TH_FAIL_IF(input->ndim != 2 && input->ndim != 3, TH_ERR_SHAPE,
               "[" TEMPORAL "] input has %d dimensions, expected 3 (N x T x frame) or 2 (T x frame)", input->ndim);
    TH_FAIL_IF(weight->ndim != 2 || weight->size[1] != kernel * input->size[input->ndim - 1], TH_ERR_SHAPE,
               "[" TEMPORAL "] weight has %lld columns, expected kW * inputFrameSize, which is %lld",
               (long long)(weight->ndim == 2 ? weight->size[1] : 0), (long long)(kernel * input->size[input->ndim - 1]));
    return TH_OK;
}

/* N x T x frame as N x frame x T. */
static THTensor *framesFirst(Hold *hold, const THTensor *tensor)
{
    THTensor *whole = batched(hold, tensor, 3);
    return whole == NULL ? NULL : keep(hold, THTensor_newTranspose(whole, 1, 2));
}

/* out x (kW * in) as out x in x kW: a view, or (for reading) a copy where strides do not allow one. */
static THTensor *temporalFilters(Hold *hold, const THTensor *weight, int64_t kernel, bool to_write)
{
    if (hold->status != TH_OK) return NULL;
    const int64_t shape[3] = {weight->size[0], kernel, weight->size[1] / kernel};
    THTensor *view = keep(hold, to_write ? THTensor_newView(weight, 3, shape) : THTensor_newReshape(weight, 3, shape));
    return view == NULL ? NULL : keep(hold, THTensor_newTranspose(view, 1, 2));
}

static THNNGeometry temporalGeometry(int64_t stride)
{
    return (THNNGeometry){.stride = {stride}, .dilation = {1}, .groups = 1};
}

static void deliverFrames(Hold *hold, THTensor *result, bool single, THTensor *output)
{
    THTensor *frames = keep(hold, THTensor_newTranspose(result, 1, 2));
    if (frames != NULL) deliver(hold, TEMPORAL, frames, single, output);
}

THStatus THNNTemporal_updateOutput(THDtype dtype, THTensor *input, THTensor *output, THTensor *weight, const THTensor *bias,
                                   int64_t kernel, int64_t stride)
{
    TH_TRY(checkTemporal(dtype, input, weight, kernel));
    Hold hold = {.status = TH_OK};
    const THNNGeometry geometry = temporalGeometry(stride);
    const THTensor *x = framesFirst(&hold, input);
    const THTensor *w = temporalFilters(&hold, weight, kernel, false);
    THTensor *y = hold.status == TH_OK ? keep(&hold, THTensor_new()) : NULL;
    if (hold.status == TH_OK) hold.status = THNN_Convolution_updateOutput(x, y, w, bias, &geometry);
    if (hold.status == TH_OK) deliverFrames(&hold, y, input->ndim == 2, output);
    return release(&hold);
}

THStatus THNNTemporal_updateGradInput(THDtype dtype, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                      THTensor *weight, int64_t kernel, int64_t stride)
{
    TH_TRY(checkTemporal(dtype, input, weight, kernel));
    Hold hold = {.status = TH_OK};
    const THNNGeometry geometry = temporalGeometry(stride);
    const THTensor *x = framesFirst(&hold, input);
    const THTensor *gy = framesFirst(&hold, gradOutput);
    const THTensor *w = temporalFilters(&hold, weight, kernel, false);
    THTensor *gx = hold.status == TH_OK ? keep(&hold, THTensor_new()) : NULL;
    if (hold.status == TH_OK) hold.status = THNN_Convolution_updateGradInput(x, gy, gx, w, &geometry);
    if (hold.status == TH_OK) deliverFrames(&hold, gx, input->ndim == 2, gradInput);
    return release(&hold);
}

THStatus THNNTemporal_accGradParameters(THDtype dtype, THTensor *input, THTensor *gradOutput, THTensor *gradWeight,
                                        THTensor *gradBias, int64_t kernel, int64_t stride, double scale)
{
    TH_TRY(checkTemporal(dtype, input, gradWeight, kernel));
    Hold hold = {.status = TH_OK};
    const THNNGeometry geometry = temporalGeometry(stride);
    const THTensor *x = framesFirst(&hold, input);
    const THTensor *gy = framesFirst(&hold, gradOutput);
    THTensor *gw = temporalFilters(&hold, gradWeight, kernel, true);
    if (hold.status == TH_OK) hold.status = THNN_Convolution_accGradParameters(x, gy, gw, gradBias, &geometry, scale);
    return release(&hold);
}
