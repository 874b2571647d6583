#include "ops/THNNClassicSpatial.h"

#include "ops/THNNHold.h"

/* --- subsampling ----------------------------------------------------------------------------------------------------- */

static THNNGeometry geometryOf(const THNNSubSampling *self, int64_t channels)
{
    return (THNNGeometry){
        .stride = {self->stride[0], self->stride[1]}, .dilation = {1, 1}, .groups = channels > 0 ? channels : 1};
}

/* weight (C) as C x 1 x kernel with equal taps: a view. */
static THTensor *equalTaps(THNNHold *hold, const THNNSubSampling *self, const THTensor *weight)
{
    if (hold->status != TH_OK) return NULL;
    const int64_t ones[4] = {weight->numel, 1, 1, 1};
    const int64_t taps[4] = {weight->numel, 1, self->kernel[0], self->kernel[1]};
    THTensor *column = THNNHold_keep(hold, THTensor_newReshape(weight, self->dims + 2, ones));
    return column == NULL ? NULL : THNNHold_keep(hold, THTensor_newExpand(column, self->dims + 2, taps));
}

static THStatus checkKernel(const THNNSubSampling *self, const THTensor *input, const THTensor *weight)
{
    TH_TRY(THNN_checkFloating(self->op, "input", input));
    TH_FAIL_IF(input->ndim != self->dims + 1 && input->ndim != self->dims + 2, TH_ERR_SHAPE,
               "[%s] input has %d dimensions, expected %d, or %d without the batch", self->op, input->ndim, self->dims + 2,
               self->dims + 1);
    const int64_t channels = input->size[input->ndim - self->dims - 1];
    TH_FAIL_IF(weight->numel != channels, TH_ERR_SHAPE, "[%s] weight has %lld elements, expected one for each of %lld planes",
               self->op, (long long)weight->numel, (long long)channels);
    for (int d = 0; d < self->dims; d++)
        TH_FAIL_IF(self->kernel[d] < 1, TH_ERR_VALUE, "[%s] a kernel of %lld, expected at least 1", self->op,
                   (long long)self->kernel[d]);
    return TH_OK;
}

THStatus THNNSubSampling_updateOutput(const THNNSubSampling *self, const THTensor *input, THTensor *output,
                                      const THTensor *weight, const THTensor *bias)
{
    TH_TRY(checkKernel(self, input, weight));
    THNNHold hold = {.status = TH_OK};
    const THTensor *x = THNNHold_batched(&hold, input, self->dims + 2);
    const THTensor *w = equalTaps(&hold, self, weight);
    THTensor *y = THNNHold_fresh(&hold);
    const THNNGeometry geometry = geometryOf(self, weight->numel);
    if (hold.status == TH_OK) THNNHold_note(&hold, THNN_Convolution_updateOutput(x, y, w, bias, &geometry));
    THNNHold_deliver(&hold, self->op, y, input->ndim == self->dims + 1, output);
    return THNNHold_release(&hold);
}

THStatus THNNSubSampling_updateGradInput(const THNNSubSampling *self, const THTensor *input, const THTensor *gradOutput,
                                         THTensor *gradInput, const THTensor *weight)
{
    TH_TRY(checkKernel(self, input, weight));
    THNNHold hold = {.status = TH_OK};
    const THTensor *x = THNNHold_batched(&hold, input, self->dims + 2);
    const THTensor *gy = THNNHold_batched(&hold, gradOutput, self->dims + 2);
    const THTensor *w = equalTaps(&hold, self, weight);
    THTensor *gx = THNNHold_fresh(&hold);
    const THNNGeometry geometry = geometryOf(self, weight->numel);
    if (hold.status == TH_OK) THNNHold_note(&hold, THNN_Convolution_updateGradInput(x, gy, gx, w, &geometry));
    THNNHold_deliver(&hold, self->op, gx, input->ndim == self->dims + 1, gradInput);
    return THNNHold_release(&hold);
}

THStatus THNNSubSampling_accGradParameters(const THNNSubSampling *self, const THTensor *input, const THTensor *gradOutput,
                                           THTensor *gradWeight, THTensor *gradBias, double scale)
{
    TH_TRY(checkKernel(self, input, gradWeight));
    THNNHold hold = {.status = TH_OK};
    const THTensor *x = THNNHold_batched(&hold, input, self->dims + 2);
    const THTensor *gy = THNNHold_batched(&hold, gradOutput, self->dims + 2);
    const int64_t taps[4] = {gradWeight->numel, 1, self->kernel[0], self->kernel[1]};
    THTensor *each = THNNHold_zeros(&hold, input, self->dims + 2, taps);
    const THNNGeometry geometry = geometryOf(self, gradWeight->numel);
    if (hold.status == TH_OK) THNNHold_note(&hold, THNN_Convolution_accGradParameters(x, gy, each, gradBias, &geometry, scale));
    /* All taps are the one weight. */
    const int64_t rows[2] = {gradWeight->numel, self->kernel[0] * (self->dims == 2 ? self->kernel[1] : 1)};
    THTensor *flat = hold.status == TH_OK ? THNNHold_keep(&hold, THTensor_newView(each, 2, rows)) : NULL;
    THTensor *sums = THNNHold_fresh(&hold);
    if (hold.status == TH_OK) THNNHold_note(&hold, THTensor_sum(sums, flat, 1, 0));
    if (hold.status == TH_OK) THNNHold_note(&hold, THTensor_cadd(gradWeight, gradWeight, sums, THScalar_fromLong(1)));
    return THNNHold_release(&hold);
}

/* --- maps ------------------------------------------------------------------------------------------------------------ */

static THNNGeometry mapGeometry(const THNNMap *self)
{
    return (THNNGeometry){.stride = {self->stride[0], self->stride[1]}, .dilation = {1, 1}, .groups = 1};
}

static const int64_t NO_ADJUSTMENT[2] = {0, 0};

static THStatus checkMap(const THNNMap *self, const THTensor *input, const THTensor *weight, const THTensor *connTable)
{
    TH_TRY(THNN_checkFloating(self->op, "input", input));
    TH_FAIL_IF(input->ndim != 3 && input->ndim != 4, TH_ERR_SHAPE,
               "[%s] input has %d dimensions, expected 4 (N x C x H x W) or 3 (C x H x W)", self->op, input->ndim);
    TH_TRY(THNN_checkDtype(self->op, "weight", weight, (THDtype)input->dtype));
    TH_TRY(THNN_checkDtype(self->op, "connTable", connTable, (THDtype)input->dtype));
    TH_FAIL_IF(weight->ndim != 3, TH_ERR_SHAPE, "[%s] weight has %d dimensions, expected 3 (connections x kH x kW)", self->op,
               weight->ndim);
    const int64_t table[2] = {weight->size[0], 2};
    TH_TRY(THNN_checkShape(self->op, "connTable", connTable, 2, table));
    return TH_OK;
}

/* The place of connection k in O x C x kH x kW filters (C x O for a full convolution): a view of kH x kW. */
static THTensor *placeOf(THNNHold *hold, const THNNMap *self, const THTensor *filters, const THTensor *connTable, int64_t k)
{
    int64_t plane[2];
    for (int side = 0; side < 2 && hold->status == TH_OK; side++) {
        THScalar number;
        THTensor *row = THNNHold_keep(hold, THTensor_newSelect(connTable, 0, k));
        THTensor *cell = row == NULL ? NULL : THNNHold_keep(hold, THTensor_newSelect(row, 0, side));
        if (cell == NULL) return NULL;
        THNNHold_note(hold, THTensor_item(cell, &number));
        plane[side] = (int64_t)THScalar_toDouble(number);
        const int64_t bound = side == 0 ? self->inputs : self->outputs;
        if (hold->status == TH_OK && (plane[side] < 0 || plane[side] >= bound))
            THNNHold_note(hold, THStatus_fail(TH_ERR_INDEX, "[%s] connTable names plane %lld, expected [0, %lld)", self->op,
                                              (long long)plane[side], (long long)bound));
    }
    if (hold->status != TH_OK) return NULL;
    THTensor *outer = THNNHold_keep(hold, THTensor_newSelect(filters, 0, self->full ? plane[0] : plane[1]));
    return outer == NULL ? NULL : THNNHold_keep(hold, THTensor_newSelect(outer, 0, self->full ? plane[1] : plane[0]));
}

/* Moves between connections and full filters: filters += weight, or weight += filters. */
static THStatus exchange(const THNNMap *self, THTensor *filters, THTensor *weight, const THTensor *connTable, bool to_filters)
{
    for (int64_t k = 0; k < weight->size[0]; k++) {
        THNNHold hold = {.status = TH_OK};
        THTensor *place = placeOf(&hold, self, filters, connTable, k);
        THTensor *own = hold.status == TH_OK ? THNNHold_keep(&hold, THTensor_newSelect(weight, 0, k)) : NULL;
        if (hold.status == TH_OK)
            THNNHold_note(&hold, to_filters ? THTensor_cadd(place, place, own, THScalar_fromLong(1))
                                            : THTensor_cadd(own, own, place, THScalar_fromLong(1)));
        TH_TRY(THNNHold_release(&hold));
    }
    return TH_OK;
}

static THTensor *emptyFilters(THNNHold *hold, const THNNMap *self, const THTensor *weight)
{
    const int64_t shape[4] = {self->full ? self->inputs : self->outputs, self->full ? self->outputs : self->inputs,
                              weight->size[1], weight->size[2]};
    return THNNHold_zeros(hold, weight, 4, shape);
}

static THTensor *filtersOf(THNNHold *hold, const THNNMap *self, const THTensor *weight, const THTensor *connTable)
{
    THTensor *filters = emptyFilters(hold, self, weight);
    if (hold->status == TH_OK) THNNHold_note(hold, exchange(self, filters, (THTensor *)weight, connTable, true));
    return filters;
}

THStatus THNNMap_updateOutput(const THNNMap *self, const THTensor *input, THTensor *output, const THTensor *weight,
                              const THTensor *bias, const THTensor *connTable)
{
    TH_TRY(checkMap(self, input, weight, connTable));
    const THNNGeometry geometry = mapGeometry(self);
    THNNHold hold = {.status = TH_OK};
    const THTensor *x = THNNHold_batched(&hold, input, 4);
    const THTensor *w = filtersOf(&hold, self, weight, connTable);
    THTensor *y = THNNHold_fresh(&hold);
    if (hold.status == TH_OK)
        THNNHold_note(&hold, self->full ? THNN_FullConvolution_updateOutput(x, y, w, bias, &geometry, NO_ADJUSTMENT)
                                        : THNN_Convolution_updateOutput(x, y, w, bias, &geometry));
    THNNHold_deliver(&hold, self->op, y, input->ndim == 3, output);
    return THNNHold_release(&hold);
}

THStatus THNNMap_updateGradInput(const THNNMap *self, const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                 const THTensor *weight, const THTensor *connTable)
{
    TH_TRY(checkMap(self, input, weight, connTable));
    const THNNGeometry geometry = mapGeometry(self);
    THNNHold hold = {.status = TH_OK};
    const THTensor *x = THNNHold_batched(&hold, input, 4);
    const THTensor *gy = THNNHold_batched(&hold, gradOutput, 4);
    const THTensor *w = filtersOf(&hold, self, weight, connTable);
    THTensor *gx = THNNHold_fresh(&hold);
    if (hold.status == TH_OK)
        THNNHold_note(&hold, self->full ? THNN_FullConvolution_updateGradInput(x, gy, gx, w, &geometry, NO_ADJUSTMENT)
                                        : THNN_Convolution_updateGradInput(x, gy, gx, w, &geometry));
    THNNHold_deliver(&hold, self->op, gx, input->ndim == 3, gradInput);
    return THNNHold_release(&hold);
}

THStatus THNNMap_accGradParameters(const THNNMap *self, const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                   THTensor *gradBias, const THTensor *connTable, double scale)
{
    TH_TRY(checkMap(self, input, gradWeight, connTable));
    const THNNGeometry geometry = mapGeometry(self);
    THNNHold hold = {.status = TH_OK};
    const THTensor *x = THNNHold_batched(&hold, input, 4);
    const THTensor *gy = THNNHold_batched(&hold, gradOutput, 4);
    THTensor *gw = emptyFilters(&hold, self, gradWeight);
    if (hold.status == TH_OK)
        THNNHold_note(&hold, self->full
                                 ? THNN_FullConvolution_accGradParameters(x, gy, gw, gradBias, &geometry, NO_ADJUSTMENT, scale)
                                 : THNN_Convolution_accGradParameters(x, gy, gw, gradBias, &geometry, scale));
    if (hold.status == TH_OK) THNNHold_note(&hold, exchange(self, gw, gradWeight, connTable, false));
    return THNNHold_release(&hold);
}
