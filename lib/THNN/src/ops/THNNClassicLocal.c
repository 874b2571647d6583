#include "ops/THNNClassicLocal.h"

#include "ops/THNNHold.h"

#define LOCAL "SpatialConvolutionLocal"
#define FEATURES "FeatureLPPooling"

/* --- SpatialConvolutionLocal: one product of matrices for each place --------------------------------------------------- */

static const int64_t NO_DILATION[2] = {1, 1};

static THStatus checkImages(const THNNLocal *self, const THTensor *input)
{
    TH_TRY(THNN_checkFloating(LOCAL, "input", input));
    TH_FAIL_IF(input->ndim != 3 && input->ndim != 4, TH_ERR_SHAPE,
               "[" LOCAL "] input has %d dimensions, expected 4 (N x C x H x W) or 3 (C x H x W)", input->ndim);
    for (int d = 0; d < 2; d++)
        TH_FAIL_IF(input->size[input->ndim - 2 + d] != self->input[d], TH_ERR_SHAPE,
                   "[" LOCAL "] input has %c %lld, the arguments say %lld", "HW"[d],
                   (long long)input->size[input->ndim - 2 + d], (long long)self->input[d]);
    return TH_OK;
}

/* N x rows x places as places x rows x N: a view, whichever way. */
static THTensor *reversed(THNNHold *hold, const THTensor *tensor)
{
    return tensor == NULL || hold->status != TH_OK ? NULL : THNNHold_keep(hold, THTensor_newTranspose(tensor, 0, 2));
}

/* What each place sees: places x (C * kH * kW) x N. */
static THTensor *columnsOf(THNNHold *hold, const THNNLocal *self, const THTensor *x)
{
    THTensor *columns = THNNHold_fresh(hold);
    if (hold->status == TH_OK)
        THNNHold_note(hold, THNN_Im2Col_updateOutput(x, columns, self->kernel, NO_DILATION, self->pad, self->stride));
    return reversed(hold, columns);
}

/* places x O x (C * kH * kW): a view. */
static THTensor *filtersOf(THNNHold *hold, const THNNLocal *self, const THTensor *weight, int64_t channels)
{
    if (hold->status != TH_OK) return NULL;
    const int64_t places = self->output[0] * self->output[1];
    const int64_t depth = channels * self->kernel[0] * self->kernel[1];
    const int64_t outputs = places * depth == 0 ? 0 : weight->numel / (places * depth);
    return THNNHold_keep(hold, THTensor_newReshape(weight, 3, (const int64_t[]){places, outputs, depth}));
}

/* gradOutput as places x O x N. */
static THTensor *gradientsOf(THNNHold *hold, const THNNLocal *self, const THTensor *gradOutput)
{
    const THTensor *gy = THNNHold_batched(hold, gradOutput, 4);
    if (gy == NULL) return NULL;
    const int64_t shape[3] = {gy->size[0], gy->size[1], self->output[0] * self->output[1]};
    return reversed(hold, THNNHold_keep(hold, THTensor_newReshape(gy, 3, shape)));
}

/* a b for each place. */
static THTensor *products(THNNHold *hold, const THTensor *a, const THTensor *b)
{
    if (hold->status != TH_OK) return NULL;
    THTensor *result = THNNHold_zeros(hold, a, 3, (const int64_t[]){a->size[0], a->size[1], b->size[2]});
    if (hold->status == TH_OK)
        THNNHold_note(hold, THTensor_baddbmm(result, THScalar_fromDouble(0), result, THScalar_fromDouble(1), a, b));
    return result;
}

THStatus THNNLocal_updateOutput(const THNNLocal *self, const THTensor *input, THTensor *output, const THTensor *weight,
                                const THTensor *bias)
{
    TH_TRY(checkImages(self, input));
    THNNHold hold = {.status = TH_OK};
    const THTensor *x = THNNHold_batched(&hold, input, 4);
    const THTensor *columns = columnsOf(&hold, self, x);
    const THTensor *w = hold.status == TH_OK ? filtersOf(&hold, self, weight, x->size[1]) : NULL;
    const THTensor *y = reversed(&hold, products(&hold, w, columns));
    if (hold.status == TH_OK) {
        const int64_t shape[4] = {x->size[0], y->size[1], self->output[0], self->output[1]};
        THTensor *images = THNNHold_keep(&hold, THTensor_newReshape(y, 4, shape));
        if (images != NULL && bias != NULL) THNNHold_note(&hold, THTensor_cadd(images, images, bias, THScalar_fromLong(1)));
        THNNHold_deliver(&hold, LOCAL, images, input->ndim == 3, output);
    }
    return THNNHold_release(&hold);
}

THStatus THNNLocal_updateGradInput(const THNNLocal *self, const THTensor *input, const THTensor *gradOutput,
                                   THTensor *gradInput, const THTensor *weight)
{
    TH_TRY(checkImages(self, input));
    THNNHold hold = {.status = TH_OK};
    const THTensor *x = THNNHold_batched(&hold, input, 4);
    const THTensor *gy = gradientsOf(&hold, self, gradOutput);
    const THTensor *w = hold.status == TH_OK ? filtersOf(&hold, self, weight, x->size[1]) : NULL;
    const THTensor *transposed = hold.status == TH_OK ? THNNHold_keep(&hold, THTensor_newTranspose(w, 1, 2)) : NULL;
    const THTensor *columns = reversed(&hold, products(&hold, transposed, gy));
    THTensor *gx = THNNHold_fresh(&hold);
    if (hold.status == TH_OK)
        THNNHold_note(&hold,
                      THNN_Col2Im_updateOutput(columns, gx, self->input, self->kernel, NO_DILATION, self->pad, self->stride));
    THNNHold_deliver(&hold, LOCAL, gx, input->ndim == 3, gradInput);
    return THNNHold_release(&hold);
}

THStatus THNNLocal_accGradParameters(const THNNLocal *self, const THTensor *input, const THTensor *gradOutput,
                                     THTensor *gradWeight, THTensor *gradBias, double scale)
{
    TH_TRY(checkImages(self, input));
    THNNHold hold = {.status = TH_OK};
    const THTensor *x = THNNHold_batched(&hold, input, 4);
    const THTensor *gy = gradientsOf(&hold, self, gradOutput);
    const THTensor *columns = reversed(&hold, columnsOf(&hold, self, x)); /* N x depth x places */
    const THTensor *seen =
        hold.status == TH_OK ? THNNHold_keep(&hold, THTensor_newPermute(columns, 3, (const int[]){2, 0, 1})) : NULL;
    const THTensor *sums = products(&hold, gy, seen);
    const THTensor *shaped =
        hold.status == TH_OK ? THNNHold_keep(&hold, THTensor_newReshape(sums, gradWeight->ndim, gradWeight->size)) : NULL;
    if (hold.status == TH_OK) THNNHold_note(&hold, THTensor_cadd(gradWeight, gradWeight, shaped, THScalar_fromDouble(scale)));
    if (hold.status == TH_OK && gradBias != NULL) {
        const THTensor *batch = THNNHold_batched(&hold, gradOutput, 4);
        THTensor *total = THNNHold_fresh(&hold);
        if (hold.status == TH_OK) THNNHold_note(&hold, THTensor_sum(total, batch, 0, 0));
        if (hold.status == TH_OK) THNNHold_note(&hold, THTensor_cadd(gradBias, gradBias, total, THScalar_fromDouble(scale)));
    }
    return THNNHold_release(&hold);
}

/* --- FeatureLPPooling -------------------------------------------------------------------------------------------------- */

static THStatus checkFeatures(const THNNFeatureLP *self, const THTensor *input)
{
    TH_TRY(THNN_checkFloating(FEATURES, "input", input));
    const int dim = self->batch ? 1 : 0;
    TH_FAIL_IF(input->ndim <= dim, TH_ERR_SHAPE, "[" FEATURES "] input has %d dimensions, expected more than %d", input->ndim,
               dim);
    TH_FAIL_IF(self->width < 1 || self->stride < 1 || self->width > input->size[dim], TH_ERR_VALUE,
               "[" FEATURES "] width is %lld and stride %lld, expected at least 1, and a width of at most %lld features",
               (long long)self->width, (long long)self->stride, (long long)input->size[dim]);
    TH_FAIL_IF(!(self->power > 0), TH_ERR_VALUE, "[" FEATURES "] power is %g, expected above 0", self->power);
    return TH_OK;
}

THStatus THNNFeatureLP_updateOutput(const THNNFeatureLP *self, const THTensor *input, THTensor *output)
{
    TH_TRY(checkFeatures(self, input));
    THNNHold hold = {.status = TH_OK};
    THTensor *powers = THNNHold_fresh(&hold);
    if (hold.status == TH_OK) THNNHold_note(&hold, THTensor_pow(powers, input, THScalar_fromDouble(self->power)));
    THTensor *windows = hold.status == TH_OK
                            ? THNNHold_keep(&hold, THTensor_newUnfold(powers, self->batch ? 1 : 0, self->width, self->stride))
                            : NULL;
    THTensor *sums = THNNHold_fresh(&hold);
    if (hold.status == TH_OK) THNNHold_note(&hold, THTensor_sum(sums, windows, -1, 0));
    if (hold.status == TH_OK) THNNHold_note(&hold, THTensor_pow(sums, sums, THScalar_fromDouble(1 / self->power)));
    THNNHold_deliver(&hold, FEATURES, sums, false, output);
    return THNNHold_release(&hold);
}

/* gx += gy * (x / y)^(power - 1), for one element of each window. */
static void addPlace(const THNNFeatureLP *self, int64_t place, const THTensor *gy, const THTensor *x, const THTensor *y,
                     THTensor *gx, THStatus *status)
{
    const int dim = self->batch ? 1 : 0;
    const int64_t stop = place + (gy->size[dim] - 1) * self->stride + 1;
    THNNHold hold = {.status = TH_OK};
    const THTensor *source = THNNHold_keep(&hold, THTensor_newSlice(x, dim, place, stop, self->stride));
    THTensor *target =
        hold.status == TH_OK ? THNNHold_keep(&hold, THTensor_newSlice(gx, dim, place, stop, self->stride)) : NULL;
    THTensor *share = THNNHold_fresh(&hold);
    if (hold.status == TH_OK) THNNHold_note(&hold, THTensor_cdiv(share, source, y));
    if (hold.status == TH_OK) THNNHold_note(&hold, THTensor_pow(share, share, THScalar_fromDouble(self->power - 1)));
    if (hold.status == TH_OK) THNNHold_note(&hold, THTensor_cmul(share, share, gy));
    if (hold.status == TH_OK) THNNHold_note(&hold, THTensor_cadd(target, target, share, THScalar_fromLong(1)));
    *status = THNNHold_release(&hold);
}

THStatus THNNFeatureLP_updateGradInput(const THNNFeatureLP *self, const THTensor *gradOutput, const THTensor *input,
                                       const THTensor *output, THTensor *gradInput)
{
    TH_TRY(checkFeatures(self, input));
    TH_TRY(THNN_checkShape(FEATURES, "gradOutput", gradOutput, output->ndim, output->size));
    /* A window of zeros gets zeros, not 0 / 0. */
    const double least = input->dtype == THDtype_Double ? 1e-300 : input->dtype == THDtype_Float ? 1e-30 : 0x1p-24;
    THNNHold hold = {.status = TH_OK};
    THTensor *y = THNNHold_fresh(&hold);
    THTensor *gx = THNNHold_zeros(&hold, input, input->ndim, input->size);
    if (hold.status == TH_OK)
        THNNHold_note(&hold, THTensor_clamp(y, output, 1, THScalar_fromDouble(least), 0, THScalar_fromDouble(0)));
    for (int64_t place = 0; place < self->width && hold.status == TH_OK; place++)
        addPlace(self, place, gradOutput, input, y, gx, &hold.status);
    THNNHold_deliver(&hold, FEATURES, gx, false, gradInput);
    return THNNHold_release(&hold);
}
