#include "ops/THNNClassicTemporal.h"

#include "ops/THNNClassicSpatial.h"
#include "ops/THNNHold.h"

#define MAX "TemporalMaxPooling"
#define ROW "TemporalRowConvolution"
#define SUB "TemporalSubSampling"

static THStatus checkSequence(const char *op, const THTensor *input)
{
    TH_TRY(THNN_checkFloating(op, "input", input));
    TH_FAIL_IF(input->ndim != 2 && input->ndim != 3, TH_ERR_SHAPE,
               "[%s] input has %d dimensions, expected 3 (N x T x frame) or 2 (T x frame)", op, input->ndim);
    return TH_OK;
}

/* --- TemporalMaxPooling ---------------------------------------------------------------------------------------------- */

THStatus THNNTemporalMax_updateOutput(const THTensor *input, THTensor *output, THTensor *indices, int64_t kernel,
                                      int64_t stride)
{
    TH_TRY(checkSequence(MAX, input));
    const THNNGeometry geometry = {.stride = {stride}, .dilation = {1}};
    THNNHold hold = {.status = TH_OK};
    const THTensor *x = THNNHold_framesFirst(&hold, input);
    THTensor *y = THNNHold_fresh(&hold);
    THTensor *places = THNNHold_fresh(&hold);
    if (hold.status == TH_OK) THNNHold_note(&hold, THNN_MaxPooling_updateOutput(x, y, places, 1, &kernel, &geometry, 0));
    THNNHold_deliverFrames(&hold, MAX, y, input->ndim == 2, output);
    THNNHold_deliverFrames(&hold, MAX, places, input->ndim == 2, indices);
    return THNNHold_release(&hold);
}

THStatus THNNTemporalMax_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                         const THTensor *indices)
{
    TH_TRY(checkSequence(MAX, input));
    THNNHold hold = {.status = TH_OK};
    const THTensor *x = THNNHold_framesFirst(&hold, input);
    const THTensor *gy = THNNHold_framesFirst(&hold, gradOutput);
    const THTensor *places = THNNHold_framesFirst(&hold, indices);
    THTensor *gx = THNNHold_fresh(&hold);
    if (hold.status == TH_OK) THNNHold_note(&hold, THNN_MaxPooling_updateGradInput(x, gy, gx, places, 1));
    THNNHold_deliverFrames(&hold, MAX, gx, input->ndim == 2, gradInput);
    return THNNHold_release(&hold);
}

/* --- TemporalRowConvolution ------------------------------------------------------------------------------------------ */

static THTensor *channelsFirst(THNNHold *hold, const THNNRow *row, const THTensor *tensor)
{
    return row->feat_first ? THNNHold_batched(hold, tensor, 3) : THNNHold_framesFirst(hold, tensor);
}

static void deliver(THNNHold *hold, const THNNRow *row, THTensor *result, bool single, THTensor *output)
{
    if (row->feat_first)
        THNNHold_deliver(hold, ROW, result, single, output);
    else
        THNNHold_deliverFrames(hold, ROW, result, single, output);
}

static THTensor *rowFilters(THNNHold *hold, const THNNRow *row, const THTensor *weight)
{
    if (hold->status != TH_OK) return NULL;
    const int64_t shape[3] = {weight->ndim > 0 ? weight->size[0] : 1, 1, row->kernel};
    return THNNHold_keep(hold, THTensor_newView(weight, 3, shape));
}

static THNNGeometry rowGeometry(const THNNRow *row, const THTensor *x)
{
    return (THNNGeometry){.stride = {row->stride}, .pad = {row->pad}, .dilation = {1}, .groups = x == NULL ? 1 : x->size[1]};
}

THStatus THNNTemporalRow_updateOutput(const THNNRow *row, const THTensor *input, THTensor *output, const THTensor *weight,
                                      const THTensor *bias)
{
    TH_TRY(checkSequence(ROW, input));
    THNNHold hold = {.status = TH_OK};
    const THTensor *x = channelsFirst(&hold, row, input);
    THTensor *filters = THNNHold_keep(&hold, THTensor_newContiguous((THTensor *)weight));
    const THTensor *w = filters == NULL ? NULL : rowFilters(&hold, row, filters);
    THTensor *y = THNNHold_fresh(&hold);
    const THNNGeometry geometry = rowGeometry(row, x);
    if (hold.status == TH_OK) THNNHold_note(&hold, THNN_Convolution_updateOutput(x, y, w, bias, &geometry));
    deliver(&hold, row, y, input->ndim == 2, output);
    return THNNHold_release(&hold);
}

THStatus THNNTemporalRow_updateGradInput(const THNNRow *row, const THTensor *input, const THTensor *gradOutput,
                                         THTensor *gradInput, const THTensor *weight)
{
    TH_TRY(checkSequence(ROW, input));
    THNNHold hold = {.status = TH_OK};
    const THTensor *x = channelsFirst(&hold, row, input);
    const THTensor *gy = channelsFirst(&hold, row, gradOutput);
    THTensor *filters = THNNHold_keep(&hold, THTensor_newContiguous((THTensor *)weight));
    const THTensor *w = filters == NULL ? NULL : rowFilters(&hold, row, filters);
    THTensor *gx = THNNHold_fresh(&hold);
    const THNNGeometry geometry = rowGeometry(row, x);
    if (hold.status == TH_OK) THNNHold_note(&hold, THNN_Convolution_updateGradInput(x, gy, gx, w, &geometry));
    deliver(&hold, row, gx, input->ndim == 2, gradInput);
    return THNNHold_release(&hold);
}

THStatus THNNTemporalRow_accGradParameters(const THNNRow *row, const THTensor *input, const THTensor *gradOutput,
                                           THTensor *gradWeight, THTensor *gradBias, double scale)
{
    TH_TRY(checkSequence(ROW, input));
    THNNHold hold = {.status = TH_OK};
    const THTensor *x = channelsFirst(&hold, row, input);
    const THTensor *gy = channelsFirst(&hold, row, gradOutput);
    THTensor *gw = rowFilters(&hold, row, gradWeight);
    const THNNGeometry geometry = rowGeometry(row, x);
    if (hold.status == TH_OK) THNNHold_note(&hold, THNN_Convolution_accGradParameters(x, gy, gw, gradBias, &geometry, scale));
    return THNNHold_release(&hold);
}

/* --- TemporalSubSampling --------------------------------------------------------------------------------------------- */

THStatus THNNTemporalSub_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight, const THTensor *bias,
                                      int64_t kernel, int64_t stride)
{
    TH_TRY(checkSequence(SUB, input));
    const THNNSubSampling sub = {.op = SUB, .dims = 1, .kernel = {kernel}, .stride = {stride}};
    THNNHold hold = {.status = TH_OK};
    const THTensor *x = THNNHold_framesFirst(&hold, input);
    THTensor *y = THNNHold_fresh(&hold);
    if (hold.status == TH_OK) THNNHold_note(&hold, THNNSubSampling_updateOutput(&sub, x, y, weight, bias));
    THNNHold_deliverFrames(&hold, SUB, y, input->ndim == 2, output);
    return THNNHold_release(&hold);
}

THStatus THNNTemporalSub_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                         const THTensor *weight, int64_t kernel, int64_t stride)
{
    TH_TRY(checkSequence(SUB, input));
    const THNNSubSampling sub = {.op = SUB, .dims = 1, .kernel = {kernel}, .stride = {stride}};
    THNNHold hold = {.status = TH_OK};
    const THTensor *x = THNNHold_framesFirst(&hold, input);
    const THTensor *gy = THNNHold_framesFirst(&hold, gradOutput);
    THTensor *gx = THNNHold_fresh(&hold);
    if (hold.status == TH_OK) THNNHold_note(&hold, THNNSubSampling_updateGradInput(&sub, x, gy, gx, weight));
    THNNHold_deliverFrames(&hold, SUB, gx, input->ndim == 2, gradInput);
    return THNNHold_release(&hold);
}

THStatus THNNTemporalSub_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                           THTensor *gradBias, int64_t kernel, int64_t stride, double scale)
{
    TH_TRY(checkSequence(SUB, input));
    const THNNSubSampling sub = {.op = SUB, .dims = 1, .kernel = {kernel}, .stride = {stride}};
    THNNHold hold = {.status = TH_OK};
    const THTensor *x = THNNHold_framesFirst(&hold, input);
    const THTensor *gy = THNNHold_framesFirst(&hold, gradOutput);
    if (hold.status == TH_OK) THNNHold_note(&hold, THNNSubSampling_accGradParameters(&sub, x, gy, gradWeight, gradBias, scale));
    return THNNHold_release(&hold);
}
