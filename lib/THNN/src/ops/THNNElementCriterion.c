#include "TH/THArgument.h"
/* The losses that compare element with element: each, summed or averaged, over one table of loops. */
#include <stdlib.h>

#include "kernels/THNNElementLossKernel.h"
#include "ops/THNNCall.h"

typedef struct Loss {
    const char *op;
    THNNElementLoss kind;
    double parameter;
    THNNReduction reduction;
} Loss;

typedef struct Task {
    const THNNElementLossKernel *kernel;
    THNNElementLoss kind;
    double parameter;
    const char *x;
    const char *target;
    const char *gy;
    char *out;
    double *sums; /* one for each block */
    int64_t n;
    int64_t itemsize;
    int64_t gy_step;
    double scale;
} Task;

static void eachRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    const int64_t at = begin * t->itemsize;
    t->kernel->each[t->kind](end - begin, t->x + at, t->target + at, t->parameter, t->out + at);
}

static void sumRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t block = begin; block < end; block++) {
        const int64_t first = block * THNN_LOSS_BLOCK;
        const int64_t at = first * t->itemsize;
        t->sums[block] =
            t->kernel->sum[t->kind](THNN_min(THNN_LOSS_BLOCK, t->n - first), t->x + at, t->target + at, t->parameter);
    }
}

static void backwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    const int64_t at = begin * t->itemsize;
    t->kernel->backward[t->kind](end - begin, t->x + at, t->target + at, t->parameter, t->gy + at * t->gy_step, t->gy_step,
                                 t->scale, t->out + at);
}

static THStatus checkArguments(const Loss *loss, const THTensor *input, const THTensor *target)
{
    TH_TRY(THNN_checkFloating(loss->op, "input", input));
    TH_TRY(THNN_checkDtype(loss->op, "target", target, (THDtype)input->dtype));
    return THNN_checkShape(loss->op, "target", target, input->ndim, input->size);
}

/* The sum of all losses, by blocks that do not depend on the number of threads. */
static THStatus sumOfLosses(const char *op, Task *task, double *sum)
{
    const int64_t blocks = (task->n + THNN_LOSS_BLOCK - 1) / THNN_LOSS_BLOCK;
    task->sums = calloc((size_t)THNN_max(blocks, 1), sizeof(double));
    TH_FAIL_IF(task->sums == NULL, TH_ERR_MEMORY, "[%s] out of memory for %lld partial sums", op, (long long)blocks);
    THThreads_for(blocks, TH_GRAIN / THNN_LOSS_BLOCK, sumRange, task);
    *sum = 0;
    for (int64_t i = 0; i < blocks; i++) *sum += task->sums[i];
    free(task->sums);
    return TH_OK;
}

static THStatus checkProbabilities(const Loss *loss, const Task *task)
{
    TH_FAIL_IF(loss->kind == THNNElementLoss_BCE && !task->kernel->in_unit(task->n, task->x), TH_ERR_VALUE,
               "[%s] input value should be between 0~1: probabilities are expected", loss->op);
    return TH_OK;
}

static THStatus forward(const Loss *loss, const THTensor *input, const THTensor *target, THTensor *output)
{
    TH_TRY(checkArguments(loss, input, target));
    const THDtype dtype = (THDtype)input->dtype;
    THNNCall call = {.op = loss->op};
    Task task = {.kernel = TH_PICK(THNNElementLossKernel_tables, dtype),
                 .kind = loss->kind,
                 .parameter = loss->parameter,
                 .n = input->numel,
                 .itemsize = (int64_t)THDtype_size(dtype)};
    task.x = THNN_data(THNNCall_read(&call, input));
    task.target = THNN_data(THNNCall_read(&call, target));
    if (call.status == TH_OK) THNNCall_fail(&call, checkProbabilities(loss, &task));
    const bool each = loss->reduction == THNNReduction_NONE;
    task.out = THNN_data(each ? THNNCall_writeInPlace(&call, output, dtype, input->ndim, input->size)
                              : THNNCall_write(&call, output, dtype, 0, NULL));
    if (call.status != TH_OK) return THNNCall_close(&call);
    if (each) {
        THThreads_for(task.n, TH_GRAIN, eachRange, &task);
        return THNNCall_close(&call);
    }
    double sum = 0;
    THNNCall_fail(&call, sumOfLosses(loss->op, &task, &sum));
    if (loss->reduction == THNNReduction_MEAN) sum /= (double)task.n;
    THScalar_store(THScalar_fromDouble(sum), dtype, task.out);
    return THNNCall_close(&call);
}

static THStatus backward(const Loss *loss, const THTensor *input, const THTensor *target, const THTensor *gradOutput,
                         THTensor *gradInput)
{
    TH_TRY(checkArguments(loss, input, target));
    const THDtype dtype = (THDtype)input->dtype;
    TH_TRY(THNN_checkDtype(loss->op, "gradOutput", gradOutput, dtype));
    const bool each = loss->reduction == THNNReduction_NONE;
    if (each) {
        TH_TRY(THNN_checkShape(loss->op, "gradOutput", gradOutput, input->ndim, input->size));
    } else {
        TH_FAIL_IF(gradOutput->numel != 1, TH_ERR_SHAPE, "[%s] gradOutput has %lld elements, expected 1", loss->op,
                   (long long)gradOutput->numel);
    }
    THNNCall call = {.op = loss->op};
    Task task = {.kernel = TH_PICK(THNNElementLossKernel_tables, dtype),
                 .kind = loss->kind,
                 .parameter = loss->parameter,
                 .itemsize = (int64_t)THDtype_size(dtype),
                 .gy_step = each ? 1 : 0,
                 .scale = loss->reduction == THNNReduction_MEAN ? 1.0 / (double)input->numel : 1.0};
    task.x = THNN_data(THNNCall_read(&call, input));
    task.target = THNN_data(THNNCall_read(&call, target));
    task.gy = THNN_data(THNNCall_read(&call, gradOutput));
    task.out = THNN_data(THNNCall_writeInPlace(&call, gradInput, dtype, input->ndim, input->size));
    if (call.status == TH_OK) THThreads_for(input->numel, TH_GRAIN, backwardRange, &task);
    return THNNCall_close(&call);
}

/* The pair of functions of a loss without parameters. */
#define CRITERION(Family, Kind)                                                                                                \
    THStatus THNN_##Family##_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,                     \
                                          THNNReduction reduction)                                                             \
    {                                                                                                                          \
        TH_GIVEN(#Family, input, target, output);                                                                              \
        return forward(&(Loss){#Family, THNNElementLoss_##Kind, 0, reduction}, input, target, output);                         \
    }                                                                                                                          \
    THStatus THNN_##Family##_updateGradInput(const THTensor *input, const THTensor *target, const THTensor *gradOutput,        \
                                             THTensor *gradInput, THNNReduction reduction)                                     \
    {                                                                                                                          \
        TH_GIVEN(#Family, input, target, gradOutput, gradInput);                                                               \
        return backward(&(Loss){#Family, THNNElementLoss_##Kind, 0, reduction}, input, target, gradOutput, gradInput);         \
    }

CRITERION(AbsCriterion, Abs)
CRITERION(BCECriterion, BCE)
CRITERION(BCEWithLogitsCriterion, BCEWithLogits)
CRITERION(DistKLDivCriterion, DistKLDiv)
CRITERION(MSECriterion, MSE)
CRITERION(SmoothL1Criterion, SmoothL1)
CRITERION(SoftMarginCriterion, SoftMargin)

THStatus THNN_MarginCriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                           THNNReduction reduction, double margin)
{
    TH_GIVEN("MarginCriterion", input, target, output);
    return forward(&(Loss){"MarginCriterion", THNNElementLoss_Margin, margin, reduction}, input, target, output);
}

THStatus THNN_MarginCriterion_updateGradInput(const THTensor *input, const THTensor *target, const THTensor *gradOutput,
                                              THTensor *gradInput, THNNReduction reduction, double margin)
{
    TH_GIVEN("MarginCriterion", input, target, gradOutput, gradInput);
    return backward(&(Loss){"MarginCriterion", THNNElementLoss_Margin, margin, reduction}, input, target, gradOutput,
                    gradInput);
}

THStatus THNN_L1Cost_updateOutput(const THTensor *input, THTensor *output)
{
    TH_GIVEN("L1Cost", input, output);
    return forward(&(Loss){"L1Cost", THNNElementLoss_L1Cost, 0, THNNReduction_SUM}, input, input, output);
}

THStatus THNN_L1Cost_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput)
{
    TH_GIVEN("L1Cost", input, gradOutput, gradInput);
    return backward(&(Loss){"L1Cost", THNNElementLoss_L1Cost, 0, THNNReduction_SUM}, input, input, gradOutput, gradInput);
}
