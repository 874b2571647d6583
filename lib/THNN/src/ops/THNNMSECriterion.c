/* MSECriterion: squared errors, each, summed or averaged. */
#include <stdlib.h>

#include "kernels/THNNCriterionKernel.h"
#include "ops/THNNCall.h"

#define OP "MSECriterion"

typedef struct Task {
    const THNNCriterionKernel *kernel;
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
    t->kernel->square_error(end - begin, t->x + at, t->target + at, t->out + at);
}

static void sumRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t block = begin; block < end; block++) {
        const int64_t first = block * THNN_CRITERION_BLOCK;
        const int64_t at = first * t->itemsize;
        t->sums[block] = t->kernel->square_error_sum(THNN_min(THNN_CRITERION_BLOCK, t->n - first), t->x + at, t->target + at);
    }
}

static void backwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    const int64_t at = begin * t->itemsize;
    t->kernel->square_error_backward(end - begin, t->x + at, t->target + at, t->gy + at * t->gy_step, t->gy_step, t->scale,
                                     t->out + at);
}

static THStatus checkArguments(const THTensor *input, const THTensor *target)
{
    TH_TRY(THNN_checkFloating(OP, "input", input));
    TH_TRY(THNN_checkDtype(OP, "target", target, (THDtype)input->dtype));
    return THNN_checkShape(OP, "target", target, input->ndim, input->size);
}

/* The sum of squared errors, by blocks that do not depend on the number of threads. */
static THStatus sumOfSquares(Task *task, double *sum)
{
    const int64_t blocks = (task->n + THNN_CRITERION_BLOCK - 1) / THNN_CRITERION_BLOCK;
    task->sums = calloc((size_t)THNN_max(blocks, 1), sizeof(double));
    TH_FAIL_IF(task->sums == NULL, TH_ERR_MEMORY, "[" OP "] out of memory for %lld partial sums", (long long)blocks);
    THThreads_for(blocks, TH_GRAIN / THNN_CRITERION_BLOCK, sumRange, task);
    *sum = 0;
    for (int64_t i = 0; i < blocks; i++) *sum += task->sums[i];
    free(task->sums);
    return TH_OK;
}

THStatus THNN_MSECriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                        THNNReduction reduction)
{
    TH_TRY(checkArguments(input, target));
    const THDtype dtype = (THDtype)input->dtype;
    THNNCall call = {.op = OP};
    const THTensor *x = THNNCall_read(&call, input);
    const THTensor *t = THNNCall_read(&call, target);
    THTensor *y = reduction == THNNReduction_NONE ? THNNCall_writeInPlace(&call, output, dtype, input->ndim, input->size)
                                                  : THNNCall_write(&call, output, dtype, 0, NULL);
    if (call.status != TH_OK) return THNNCall_close(&call);
    Task task = {.kernel = TH_PICK(THNNCriterionKernel_tables, dtype),
                 .x = THTensor_dataBytes(x),
                 .target = THTensor_dataBytes(t),
                 .out = THTensor_dataBytes(y),
                 .n = x->numel,
                 .itemsize = (int64_t)THDtype_size(dtype)};
    if (reduction == THNNReduction_NONE) {
        THThreads_for(task.n, TH_GRAIN, eachRange, &task);
        return THNNCall_close(&call);
    }
    double sum = 0;
    THNNCall_fail(&call, sumOfSquares(&task, &sum));
    if (reduction == THNNReduction_MEAN) sum /= (double)task.n;
    THScalar_store(THScalar_fromDouble(sum), dtype, task.out);
    return THNNCall_close(&call);
}

THStatus THNN_MSECriterion_updateGradInput(const THTensor *input, const THTensor *target, const THTensor *gradOutput,
                                           THTensor *gradInput, THNNReduction reduction)
{
    TH_TRY(checkArguments(input, target));
    const THDtype dtype = (THDtype)input->dtype;
    TH_TRY(THNN_checkDtype(OP, "gradOutput", gradOutput, dtype));
    if (reduction == THNNReduction_NONE) {
        TH_TRY(THNN_checkShape(OP, "gradOutput", gradOutput, input->ndim, input->size));
    } else {
        TH_FAIL_IF(gradOutput->numel != 1, TH_ERR_SHAPE, "[" OP "] gradOutput has %lld elements, expected 1",
                   (long long)gradOutput->numel);
    }
    THNNCall call = {.op = OP};
    const THTensor *x = THNNCall_read(&call, input);
    const THTensor *t = THNNCall_read(&call, target);
    const THTensor *gy = THNNCall_read(&call, gradOutput);
    THTensor *gx = THNNCall_writeInPlace(&call, gradInput, dtype, input->ndim, input->size);
    if (call.status == TH_OK && gx->numel > 0) {
        Task task = {.kernel = TH_PICK(THNNCriterionKernel_tables, dtype),
                     .x = THTensor_dataBytes(x),
                     .target = THTensor_dataBytes(t),
                     .gy = THTensor_dataBytes(gy),
                     .out = THTensor_dataBytes(gx),
                     .itemsize = (int64_t)THDtype_size(dtype),
                     .gy_step = reduction == THNNReduction_NONE ? 1 : 0,
                     .scale = reduction == THNNReduction_MEAN ? 2.0 / (double)gx->numel : 2.0};
        THThreads_for(gx->numel, TH_GRAIN, backwardRange, &task);
    }
    return THNNCall_close(&call);
}
