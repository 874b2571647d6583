#include "ops/THNNClassicConvolution.h"

#include "ops/THNNHold.h"

/* The weight as O x C x kernel; Torch also takes it as O x (C * kernel). */
static THTensor *shaped(THNNHold *hold, const THNNClassic *self, const THTensor *weight, const THTensor *input, bool to_write)
{
    if (hold->status != TH_OK) return NULL;
    if (weight->ndim != 2) return THNNHold_keep(hold, THTensor_newWithTensor(weight));
    int64_t shape[2 + THNN_SPATIAL_MAX] = {weight->size[0], input->size[1]};
    for (int d = 0; d < self->dims; d++) shape[2 + d] = self->kernel[d];
    return THNNHold_keep(hold, to_write ? THTensor_newView(weight, 2 + self->dims, shape)
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
    THNNHold hold = {.status = TH_OK};
    const THTensor *x = THNNHold_batched(&hold, input, self->dims + 2);
    const THTensor *w = x == NULL ? NULL : shaped(&hold, self, weight, x, false);
    THTensor *y = hold.status == TH_OK ? THNNHold_keep(&hold, THTensor_new()) : NULL;
    if (hold.status == TH_OK)
        hold.status = self->full ? THNN_FullConvolution_updateOutput(x, y, w, bias, &self->geometry, self->adjust)
                                 : THNN_Convolution_updateOutput(x, y, w, bias, &self->geometry);
    if (hold.status == TH_OK) THNNHold_deliver(&hold, self->op, y, x->ndim != input->ndim, output);
    return THNNHold_release(&hold);
}

THStatus THNNClassic_updateGradInput(const THNNClassic *self, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                     THTensor *weight)
{
    TH_TRY(checkKernel(self, input, weight));
    THNNHold hold = {.status = TH_OK};
    const THTensor *x = THNNHold_batched(&hold, input, self->dims + 2);
    const THTensor *gy = THNNHold_batched(&hold, gradOutput, self->dims + 2);
    const THTensor *w = x == NULL ? NULL : shaped(&hold, self, weight, x, false);
    THTensor *gx = hold.status == TH_OK ? THNNHold_keep(&hold, THTensor_new()) : NULL;
    if (hold.status == TH_OK)
        hold.status = self->full ? THNN_FullConvolution_updateGradInput(x, gy, gx, w, &self->geometry, self->adjust)
                                 : THNN_Convolution_updateGradInput(x, gy, gx, w, &self->geometry);
    if (hold.status == TH_OK) THNNHold_deliver(&hold, self->op, gx, x->ndim != input->ndim, gradInput);
    return THNNHold_release(&hold);
}

THStatus THNNClassic_accGradParameters(const THNNClassic *self, THTensor *input, THTensor *gradOutput, THTensor *gradWeight,
                                       THTensor *gradBias, double scale)
{
    TH_TRY(checkKernel(self, input, gradWeight));
    THNNHold hold = {.status = TH_OK};
    const THTensor *x = THNNHold_batched(&hold, input, self->dims + 2);
    const THTensor *gy = THNNHold_batched(&hold, gradOutput, self->dims + 2);
    THTensor *gw = x == NULL ? NULL : shaped(&hold, self, gradWeight, x, true);
    if (hold.status == TH_OK)
        hold.status = self->full
                          ? THNN_FullConvolution_accGradParameters(x, gy, gw, gradBias, &self->geometry, self->adjust, scale)
                          : THNN_Convolution_accGradParameters(x, gy, gw, gradBias, &self->geometry, scale);
    return THNNHold_release(&hold);
}

/* --- SpatialDepthWiseConvolution ----------------------------------------------------------------------------------- */

/* M x C x ... as (C * M) x `rest`: a copy where that needs one. */
static THTensor *byChannel(THNNHold *hold, const THTensor *tensor, int ndim, const int64_t *rest)
{
    THTensor *swapped = hold->status == TH_OK ? THNNHold_keep(hold, THTensor_newTranspose(tensor, 0, 1)) : NULL;
    if (swapped == NULL) return NULL;
    int64_t shape[4] = {tensor->size[0] * tensor->size[1]};
    for (int d = 1; d < ndim; d++) shape[d] = rest[d - 1];
    return THNNHold_keep(hold, THTensor_newReshape(swapped, ndim, shape));
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

static THTensor *filters(THNNHold *hold, const THTensor *weight)
{
    return byChannel(hold, weight, 4, (const int64_t[]){1, weight->size[2], weight->size[3]});
}

THStatus THNNDepthWise_updateOutput(const THNNClassic *self, THTensor *input, THTensor *output, THTensor *weight,
                                    const THTensor *bias)
{
    TH_TRY(checkDepthWise(self, weight));
    THNNHold hold = {.status = TH_OK};
    THTensor *w = filters(&hold, weight);
    const THTensor *b = bias != NULL && bias->ndim == 2 ? byChannel(&hold, bias, 1, NULL) : bias;
    const THNNClassic call = grouped(self, weight);
    if (hold.status == TH_OK) hold.status = THNNClassic_updateOutput(&call, input, output, w, b);
    return THNNHold_release(&hold);
}

THStatus THNNDepthWise_updateGradInput(const THNNClassic *self, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                       THTensor *weight)
{
    TH_TRY(checkDepthWise(self, weight));
    THNNHold hold = {.status = TH_OK};
    THTensor *w = filters(&hold, weight);
    const THNNClassic call = grouped(self, weight);
    if (hold.status == TH_OK) hold.status = THNNClassic_updateGradInput(&call, input, gradOutput, gradInput, w);
    return THNNHold_release(&hold);
}

/* target (M x C x ...) += sums ((C * M) x ...). */
static void addByChannel(THNNHold *hold, THTensor *target, const THTensor *sums)
{
    THTensor *swapped = hold->status == TH_OK ? THNNHold_keep(hold, THTensor_newTranspose(target, 0, 1)) : NULL;
    THTensor *shaped_ = swapped == NULL ? NULL : THNNHold_keep(hold, THTensor_newReshape(sums, swapped->ndim, swapped->size));
    if (hold->status == TH_OK) hold->status = THTensor_cadd(swapped, swapped, shaped_, THScalar_fromLong(1));
}

THStatus THNNDepthWise_accGradParameters(const THNNClassic *self, THTensor *input, THTensor *gradOutput, THTensor *gradWeight,
                                         THTensor *gradBias, double scale)
{
    TH_TRY(checkDepthWise(self, gradWeight));
    THNNHold hold = {.status = TH_OK};
    const THTensor *shape = filters(&hold, gradWeight);
    THTensor *gw = shape == NULL ? NULL : THNNHold_zeros(&hold, gradWeight, 4, shape->size);
    const bool matrix = gradBias != NULL && gradBias->ndim == 2;
    THTensor *gb = gradBias;
    if (matrix) gb = THNNHold_zeros(&hold, gradBias, 1, &gradBias->numel);
    const THNNClassic call = grouped(self, gradWeight);
    if (hold.status == TH_OK) hold.status = THNNClassic_accGradParameters(&call, input, gradOutput, gw, gb, scale);
    addByChannel(&hold, gradWeight, gw);
    if (matrix) addByChannel(&hold, gradBias, gb);
    return THNNHold_release(&hold);
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

/* out x (kW * in) as out x in x kW: a view, or (for reading) a copy where strides do not allow one. */
static THTensor *temporalFilters(THNNHold *hold, const THTensor *weight, int64_t kernel, bool to_write)
{
    if (hold->status != TH_OK) return NULL;
    const int64_t shape[3] = {weight->size[0], kernel, weight->size[1] / kernel};
    THTensor *view = THNNHold_keep(hold, to_write ? THTensor_newView(weight, 3, shape) : THTensor_newReshape(weight, 3, shape));
    return view == NULL ? NULL : THNNHold_keep(hold, THTensor_newTranspose(view, 1, 2));
}

static THNNGeometry temporalGeometry(int64_t stride)
{
    return (THNNGeometry){.stride = {stride}, .dilation = {1}, .groups = 1};
}

THStatus THNNTemporal_updateOutput(THDtype dtype, THTensor *input, THTensor *output, THTensor *weight, const THTensor *bias,
                                   int64_t kernel, int64_t stride)
{
    TH_TRY(checkTemporal(dtype, input, weight, kernel));
    THNNHold hold = {.status = TH_OK};
    const THNNGeometry geometry = temporalGeometry(stride);
    const THTensor *x = THNNHold_framesFirst(&hold, input);
    const THTensor *w = temporalFilters(&hold, weight, kernel, false);
    THTensor *y = hold.status == TH_OK ? THNNHold_keep(&hold, THTensor_new()) : NULL;
    if (hold.status == TH_OK) hold.status = THNN_Convolution_updateOutput(x, y, w, bias, &geometry);
    if (hold.status == TH_OK) THNNHold_deliverFrames(&hold, TEMPORAL, y, input->ndim == 2, output);
    return THNNHold_release(&hold);
}

THStatus THNNTemporal_updateGradInput(THDtype dtype, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                      THTensor *weight, int64_t kernel, int64_t stride)
{
    TH_TRY(checkTemporal(dtype, input, weight, kernel));
    THNNHold hold = {.status = TH_OK};
    const THNNGeometry geometry = temporalGeometry(stride);
    const THTensor *x = THNNHold_framesFirst(&hold, input);
    const THTensor *gy = THNNHold_framesFirst(&hold, gradOutput);
    const THTensor *w = temporalFilters(&hold, weight, kernel, false);
    THTensor *gx = hold.status == TH_OK ? THNNHold_keep(&hold, THTensor_new()) : NULL;
    if (hold.status == TH_OK) hold.status = THNN_Convolution_updateGradInput(x, gy, gx, w, &geometry);
    if (hold.status == TH_OK) THNNHold_deliverFrames(&hold, TEMPORAL, gx, input->ndim == 2, gradInput);
    return THNNHold_release(&hold);
}

THStatus THNNTemporal_accGradParameters(THDtype dtype, THTensor *input, THTensor *gradOutput, THTensor *gradWeight,
                                        THTensor *gradBias, int64_t kernel, int64_t stride, double scale)
{
    TH_TRY(checkTemporal(dtype, input, gradWeight, kernel));
    THNNHold hold = {.status = TH_OK};
    const THNNGeometry geometry = temporalGeometry(stride);
    const THTensor *x = THNNHold_framesFirst(&hold, input);
    const THTensor *gy = THNNHold_framesFirst(&hold, gradOutput);
    THTensor *gw = temporalFilters(&hold, gradWeight, kernel, true);
    if (hold.status == TH_OK) hold.status = THNN_Convolution_accGradParameters(x, gy, gw, gradBias, &geometry, scale);
    return THNNHold_release(&hold);
}
