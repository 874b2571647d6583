#include "TH/THArgument.h"
/* ClassNLLCriterion: the negative log-likelihood of the target class. */
#include <string.h>

#include "kernels/THNNCriterionKernel.h"
#include "ops/THNNCall.h"

#define OP "ClassNLLCriterion"

/* The input as n x classes x inner; a vector is one sample. */
typedef struct Shape {
    int64_t n;
    int64_t classes;
    int64_t inner;
    int target_ndim;
    int64_t target[TH_MAX_DIMS];
} Shape;

/* Shapes and dtypes of what both directions take. */
static THStatus checkArguments(const THTensor *input, const THTensor *target, const THTensor *weights, Shape *shape)
{
    TH_TRY(THNN_checkFloating(OP, "input", input));
    TH_FAIL_IF(input->ndim < 1, TH_ERR_SHAPE, "[" OP "] input has 0 dimensions, expected 1 (C) or more (N x C x *)");
    const int channel = input->ndim > 1 ? 1 : 0;
    *shape = (Shape){.n = input->ndim > 1 ? input->size[0] : 1, .classes = input->size[channel], .inner = 1};
    if (input->ndim > 1) shape->target[shape->target_ndim++] = shape->n;
    for (int d = 2; d < input->ndim; d++) {
        shape->target[shape->target_ndim++] = input->size[d];
        shape->inner *= input->size[d];
    }
    TH_TRY(THNN_checkDtype(OP, "target", target, THDtype_Long));
    if (input->ndim > 1) {
        TH_TRY(THNN_checkShape(OP, "target", target, shape->target_ndim, shape->target));
    } else {
        TH_FAIL_IF(target->numel != 1, TH_ERR_SHAPE, "[" OP "] target has %lld elements, one sample has 1",
                   (long long)target->numel);
    }
    if (weights != NULL) {
        TH_TRY(THNN_checkDtype(OP, "weights", weights, (THDtype)input->dtype));
        TH_TRY(THNN_checkShape(OP, "weights", weights, 1, &shape->classes));
    }
    return TH_OK;
}

/* Before anything is written. */
static THStatus checkTargets(int64_t n, const int64_t *target, int64_t classes, int64_t ignore_index)
{
    for (int64_t i = 0; i < n; i++) {
        TH_FAIL_IF(target[i] != ignore_index && (target[i] < 0 || target[i] >= classes), TH_ERR_INDEX,
                   "[" OP "] Expected targets in [0, %lld) or ignore_index %lld, target %lld is out of bounds",
                   (long long)classes, (long long)ignore_index, (long long)target[i]);
    }
    return TH_OK;
}

THStatus THNN_ClassNLLCriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                             THNNReduction reduction, const THTensor *weights, THTensor *total_weight,
                                             int64_t ignore_index)
{
    TH_GIVEN("ClassNLLCriterion", input, target, output, total_weight);
    Shape s;
    TH_TRY(checkArguments(input, target, weights, &s));
    const THDtype dtype = (THDtype)input->dtype;
    THNNCall call = {.op = OP};
    const THTensor *x = THNNCall_read(&call, input);
    const THTensor *t = THNNCall_read(&call, target);
    const THTensor *w = THNNCall_read(&call, weights);
    if (call.status == TH_OK) THNNCall_fail(&call, checkTargets(s.n * s.inner, THNN_data(t), s.classes, ignore_index));
    const bool each = reduction == THNNReduction_NONE;
    THTensor *y = THNNCall_write(&call, output, dtype, each ? s.target_ndim : 0, s.target);
    THTensor *total = THNNCall_write(&call, total_weight, dtype, 0, NULL);
    if (call.status == TH_OK) {
        double loss = 0;
        double weight = 0;
        TH_PICK(THNNCriterionKernel_tables, dtype)
            ->nll(s.n, s.classes, s.inner, THNN_data(x), THNN_data(t), THNN_data(w), ignore_index, each ? THNN_data(y) : NULL,
                  &loss, &weight);
        /* All targets ignored: the loss is 0, not 0 / 0. */
        if (reduction == THNNReduction_MEAN && weight != 0) loss /= weight;
        if (!each) THScalar_store(THScalar_fromDouble(loss), dtype, THNN_data(y));
        THScalar_store(THScalar_fromDouble(weight), dtype, THNN_data(total));
    }
    return THNNCall_close(&call);
}

/* What MEAN divides by: *scale becomes 1 / total_weight, or 0 if all targets were ignored. */
static THStatus meanScale(const THTensor *total_weight, double *scale)
{
    THScalar total;
    TH_TRY(THTensor_item(total_weight, &total));
    const double weight = THScalar_toDouble(total);
    *scale = weight != 0 ? 1.0 / weight : 0.0;
    return TH_OK;
}

THStatus THNN_ClassNLLCriterion_updateGradInput(const THTensor *input, const THTensor *target, const THTensor *gradOutput,
                                                THTensor *gradInput, THNNReduction reduction, const THTensor *weights,
                                                const THTensor *total_weight, int64_t ignore_index)
{
    TH_GIVEN("ClassNLLCriterion", input, target, gradOutput, gradInput, total_weight);
    Shape s;
    TH_TRY(checkArguments(input, target, weights, &s));
    const THDtype dtype = (THDtype)input->dtype;
    TH_TRY(THNN_checkDtype(OP, "gradOutput", gradOutput, dtype));
    const int64_t gradients = reduction == THNNReduction_NONE ? s.n * s.inner : 1;
    TH_FAIL_IF(gradOutput->numel != gradients, TH_ERR_SHAPE, "[" OP "] gradOutput has %lld elements, expected %lld",
               (long long)gradOutput->numel, (long long)gradients);
    double scale = 1;
    if (reduction == THNNReduction_MEAN) TH_TRY(meanScale(total_weight, &scale));
    THNNCall call = {.op = OP};
    const THTensor *t = THNNCall_read(&call, target);
    const THTensor *gy = THNNCall_read(&call, gradOutput);
    const THTensor *w = THNNCall_read(&call, weights);
    if (call.status == TH_OK) THNNCall_fail(&call, checkTargets(s.n * s.inner, THNN_data(t), s.classes, ignore_index));
    THTensor *gx = THNNCall_write(&call, gradInput, dtype, input->ndim, input->size);
    if (call.status == TH_OK && gx->numel > 0) {
        memset(THNN_data(gx), 0, (size_t)gx->numel * THDtype_size(dtype));
        TH_PICK(THNNCriterionKernel_tables, dtype)
            ->nll_backward(s.n, s.classes, s.inner, THNN_data(t), THNN_data(w), ignore_index, THNN_data(gy),
                           reduction == THNNReduction_NONE ? 1 : 0, scale, THNN_data(gx));
    }
    return THNNCall_close(&call);
}
