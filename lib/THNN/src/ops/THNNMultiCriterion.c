#include "TH/THArgument.h"
/* MultiMarginCriterion and MultiLabelMarginCriterion: hinge losses over the classes of each sample, N x C or C. */
#include <stdlib.h>
#include <string.h>

#include "kernels/THNNCriterionKernel.h"
#include "ops/THNNCall.h"

#define MARGIN "MultiMarginCriterion"
#define LABEL "MultiLabelMarginCriterion"

typedef struct Shape {
    int64_t n;
    int64_t classes;
    int ndim; /* of one loss for each sample */
} Shape;

typedef struct Task {
    const THNNCriterionKernel *kernel;
    Shape shape;
    THDtype dtype;
    int64_t itemsize;
    const char *x;
    const int64_t *target;
    const char *weights;
    const char *is_target;
    const char *gy;
    char *gx;
    THNNReduction reduction;
    int p;
    double margin;
} Task;

static THStatus initTask(Task *task, const char *op, const THTensor *input, const THTensor *target, THNNReduction reduction)
{
    TH_TRY(THNN_checkFloating(op, "input", input));
    TH_FAIL_IF(input->ndim != 1 && input->ndim != 2, TH_ERR_SHAPE, "[%s] input has %d dimensions, expected 1 (C) or 2 (N x C)",
               op, input->ndim);
    TH_TRY(THNN_checkDtype(op, "target", target, THDtype_Long));
    *task = (Task){
        .kernel = TH_PICK(THNNCriterionKernel_tables, input->dtype),
        .shape = {.n = input->ndim == 2 ? input->size[0] : 1, .classes = input->size[input->ndim - 1], .ndim = input->ndim - 1},
        .dtype = (THDtype)input->dtype,
        .itemsize = (int64_t)THDtype_size((THDtype)input->dtype),
        .reduction = reduction};
    TH_FAIL_IF(task->shape.classes == 0, TH_ERR_SHAPE, "[%s] input has no classes, expected at least 1", op);
    return TH_OK;
}

static double at(const Task *t, const char *data, int64_t index)
{
    return THScalar_toDouble(THScalar_load(t->dtype, data + index * t->itemsize));
}

/* Classes of the labels of a sample: up to the first -1. */
static int64_t labelsOf(const Task *t, int64_t sample)
{
    int64_t count = 0;
    while (count < t->shape.classes && t->target[sample * t->shape.classes + count] >= 0) count++;
    return count;
}

static double sampleLoss(const Task *t, int64_t i)
{
    const int64_t row = i * t->shape.classes;
    const char *x = t->x + row * t->itemsize;
    if (t->is_target != NULL)
        return t->kernel->multi_label(t->shape.classes, x, labelsOf(t, i), t->target + row, t->is_target + row * t->itemsize) /
               (double)t->shape.classes;
    const double weight = t->weights == NULL ? 1 : at(t, t->weights, t->target[i]);
    return weight * t->kernel->multi_margin(t->shape.classes, x, t->target[i], t->p, t->margin) / (double)t->shape.classes;
}

/* The losses into `y`: each, or one. */
static void reduceLosses(const Task *t, char *y)
{
    double sum = 0;
    for (int64_t i = 0; i < t->shape.n; i++) {
        const double loss = sampleLoss(t, i);
        if (t->reduction == THNNReduction_NONE) THScalar_store(THScalar_fromDouble(loss), t->dtype, y + i * t->itemsize);
        sum += loss;
    }
    if (t->reduction == THNNReduction_MEAN) sum /= (double)t->shape.n;
    if (t->reduction != THNNReduction_NONE) THScalar_store(THScalar_fromDouble(sum), t->dtype, y);
}

static void backwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    const int64_t classes = t->shape.classes;
    const double mean = t->reduction == THNNReduction_MEAN ? 1 / (double)t->shape.n : 1;
    for (int64_t i = begin; i < end; i++) {
        const int64_t row = i * classes;
        const char *x = t->x + row * t->itemsize;
        char *gx = t->gx + row * t->itemsize;
        const double scale = mean / (double)classes * at(t, t->gy, t->reduction == THNNReduction_NONE ? i : 0);
        if (t->is_target != NULL) {
            t->kernel->multi_label_backward(classes, x, labelsOf(t, i), t->target + row, t->is_target + row * t->itemsize,
                                            scale, gx);
        } else {
            const double weight = t->weights == NULL ? 1 : at(t, t->weights, t->target[i]);
            t->kernel->multi_margin_backward(classes, x, t->target[i], t->p, t->margin, scale * weight, gx);
        }
    }
}

static THStatus checkGradOutput(const Task *task, const char *op, const THTensor *gradOutput)
{
    TH_TRY(THNN_checkDtype(op, "gradOutput", gradOutput, task->dtype));
    const int64_t expected = task->reduction == THNNReduction_NONE ? task->shape.n : 1;
    TH_FAIL_IF(gradOutput->numel != expected, TH_ERR_SHAPE, "[%s] gradOutput has %lld elements, expected %lld", op,
               (long long)gradOutput->numel, (long long)expected);
    return TH_OK;
}

static void forwardInto(Task *task, THNNCall *call, THTensor *output)
{
    THTensor *y =
        THNNCall_write(call, output, task->dtype, task->reduction == THNNReduction_NONE ? task->shape.ndim : 0, &task->shape.n);
    if (call->status == TH_OK) reduceLosses(task, THNN_data(y));
}

static void backwardInto(Task *task, THNNCall *call, const THTensor *input, const THTensor *gradOutput, THTensor *gradInput)
{
    task->gy = THNN_data(THNNCall_read(call, gradOutput));
    task->gx = THNN_data(THNNCall_write(call, gradInput, task->dtype, input->ndim, input->size));
    if (call->status == TH_OK) THThreads_for(task->shape.n, THNN_max(1, TH_GRAIN / task->shape.classes), backwardRange, task);
}

/* --- MultiMarginCriterion ------------------------------------------------------------------------------------------ */

static void readMargin(Task *task, THNNCall *call, const THTensor *input, const THTensor *target, const THTensor *weights)
{
    task->x = THNN_data(THNNCall_read(call, input));
    task->target = THNN_data(THNNCall_read(call, target));
    task->weights = THNN_data(THNNCall_read(call, weights));
    for (int64_t i = 0; call->status == TH_OK && i < task->shape.n; i++) {
        if (task->target[i] < 0 || task->target[i] >= task->shape.classes)
            THNNCall_fail(call, THStatus_fail(TH_ERR_INDEX, "[" MARGIN "] target holds %lld, expected classes in [0, %lld)",
                                              (long long)task->target[i], (long long)task->shape.classes));
    }
}

static THStatus initMargin(Task *task, const THTensor *input, const THTensor *target, THNNReduction reduction, int p,
                           const THTensor *weights, double margin)
{
    TH_TRY(initTask(task, MARGIN, input, target, reduction));
    TH_FAIL_IF(p != 1 && p != 2, TH_ERR_VALUE, "[" MARGIN "] p is %d, only p == 1 and p == 2 supported", p);
    TH_FAIL_IF(target->numel != task->shape.n, TH_ERR_SHAPE, "[" MARGIN "] target has %lld elements, expected %lld",
               (long long)target->numel, (long long)task->shape.n);
    if (weights != NULL) {
        TH_TRY(THNN_checkDtype(MARGIN, "weights", weights, task->dtype));
        TH_TRY(THNN_checkShape(MARGIN, "weights", weights, 1, &task->shape.classes));
    }
    task->p = p;
    task->margin = margin;
    return TH_OK;
}

THStatus THNN_MultiMarginCriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                                THNNReduction reduction, int p, const THTensor *weights, double margin)
{
    TH_GIVEN("MultiMarginCriterion", input, target, output);
    Task task;
    TH_TRY(initMargin(&task, input, target, reduction, p, weights, margin));
    THNNCall call = {.op = MARGIN};
    readMargin(&task, &call, input, target, weights);
    forwardInto(&task, &call, output);
    return THNNCall_close(&call);
}

THStatus THNN_MultiMarginCriterion_updateGradInput(const THTensor *input, const THTensor *target, const THTensor *gradOutput,
                                                   THTensor *gradInput, THNNReduction reduction, int p, const THTensor *weights,
                                                   double margin)
{
    TH_GIVEN("MultiMarginCriterion", input, target, gradOutput, gradInput);
    Task task;
    TH_TRY(initMargin(&task, input, target, reduction, p, weights, margin));
    TH_TRY(checkGradOutput(&task, MARGIN, gradOutput));
    THNNCall call = {.op = MARGIN};
    readMargin(&task, &call, input, target, weights);
    backwardInto(&task, &call, input, gradOutput, gradInput);
    return THNNCall_close(&call);
}

/* --- MultiLabelMarginCriterion ------------------------------------------------------------------------------------- */

static void readLabels(Task *task, THNNCall *call, const THTensor *input, const THTensor *target)
{
    task->x = THNN_data(THNNCall_read(call, input));
    task->target = THNN_data(THNNCall_read(call, target));
    for (int64_t i = 0; call->status == TH_OK && i < task->shape.n * task->shape.classes; i++) {
        if (task->target[i] < -1 || task->target[i] >= task->shape.classes)
            THNNCall_fail(call,
                          THStatus_fail(TH_ERR_INDEX, "[" LABEL "] target holds %lld, expected classes in [0, %lld), or -1",
                                        (long long)task->target[i], (long long)task->shape.classes));
    }
}

static THStatus initLabels(Task *task, const THTensor *input, const THTensor *target, THNNReduction reduction)
{
    TH_TRY(initTask(task, LABEL, input, target, reduction));
    return THNN_checkShape(LABEL, "target", target, input->ndim, input->size);
}

/* is_target[i][d]: 1 if d is among the labels of sample i. */
static void markTargets(const Task *t, char *is_target)
{
    memset(is_target, 0, (size_t)(t->shape.n * t->shape.classes * t->itemsize));
    for (int64_t i = 0; i < t->shape.n; i++) {
        const int64_t row = i * t->shape.classes;
        for (int64_t k = labelsOf(t, i) - 1; k >= 0; k--)
            THScalar_store(THScalar_fromDouble(1), t->dtype, is_target + (row + t->target[row + k]) * t->itemsize);
    }
}

THStatus THNN_MultiLabelMarginCriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                                     THTensor *is_target, THNNReduction reduction)
{
    TH_GIVEN("MultiLabelMarginCriterion", input, target, output, is_target);
    Task task;
    TH_TRY(initLabels(&task, input, target, reduction));
    THNNCall call = {.op = LABEL};
    readLabels(&task, &call, input, target);
    char *marks = THNN_data(THNNCall_write(&call, is_target, task.dtype, input->ndim, input->size));
    if (call.status == TH_OK) markTargets(&task, marks);
    task.is_target = marks;
    forwardInto(&task, &call, output);
    return THNNCall_close(&call);
}

THStatus THNN_MultiLabelMarginCriterion_updateGradInput(const THTensor *input, const THTensor *target,
                                                        const THTensor *gradOutput, THTensor *gradInput,
                                                        const THTensor *is_target, THNNReduction reduction)
{
    TH_GIVEN("MultiLabelMarginCriterion", input, target, gradOutput, gradInput, is_target);
    Task task;
    TH_TRY(initLabels(&task, input, target, reduction));
    TH_TRY(checkGradOutput(&task, LABEL, gradOutput));
    TH_TRY(THNN_checkDtype(LABEL, "is_target", is_target, task.dtype));
    TH_TRY(THNN_checkShape(LABEL, "is_target", is_target, input->ndim, input->size));
    THNNCall call = {.op = LABEL};
    readLabels(&task, &call, input, target);
    task.is_target = THNN_data(THNNCall_read(&call, is_target));
    backwardInto(&task, &call, input, gradOutput, gradInput);
    return THNNCall_close(&call);
}
