/* GroupNormalization: each group of channels of each sample less its mean, over its standard deviation, times the channel's
 * weight, plus its bias.
 *
 * Groups, which are contiguous, go to threads. The gradients of the parameters add up what a group found for each of its
 * channels in the order of the samples, so that results do not depend on the number of threads. */
#include <stdlib.h>

#include "TH/THArgument.h"
#include "kernels/THNNNormalizationKernel.h"
#include "ops/THNNCall.h"

#define OP "GroupNormalization"

typedef struct Task {
    const THNNNormalizationKernel *kernel;
    THDtype dtype;
    int64_t itemsize;
    int64_t batch;
    int64_t groups;
    int64_t channels; /* of a group */
    int64_t inner;
    int64_t all; /* channels of a sample */
    double eps;
    double scale;
    const char *x;
    const char *gy;
    const char *weight;
    const char *bias;
    char *y;
    char *gx;
    char *mean;
    char *invstd;
    char *gw;
    char *gb;
    double *sums; /* batch x channels: of the gradient, and of its product with x - mean */
    double *dots;
} Task;

static THStatus initTask(Task *task, const THTensor *input, int64_t groups)
{
    TH_TRY(THNN_checkFloating(OP, "input", input));
    TH_FAIL_IF(input->ndim < 2, TH_ERR_SHAPE, "[" OP "] input has %d dimensions, expected 2 or more (N x C x *)", input->ndim);
    TH_FAIL_IF(groups < 1 || input->size[1] % groups != 0, TH_ERR_SHAPE,
               "[" OP "] groups, %lld: must be a divisor of the number of channels, %lld", (long long)groups,
               (long long)input->size[1]);
    *task = (Task){.kernel = TH_PICK(THNNNormalizationKernel_tables, input->dtype),
                   .dtype = (THDtype)input->dtype,
                   .itemsize = (int64_t)THDtype_size((THDtype)input->dtype),
                   .batch = input->size[0],
                   .groups = groups,
                   .channels = input->size[1] / groups,
                   .inner = 1,
                   .all = input->size[1]};
    for (int d = 2; d < input->ndim; d++) task->inner *= input->size[d];
    return TH_OK;
}

static THStatus checkVector(const Task *task, const char *name, const THTensor *tensor)
{
    if (tensor == NULL) return TH_OK;
    TH_TRY(THNN_checkDtype(OP, name, tensor, task->dtype));
    return THNN_checkShape(OP, name, tensor, 1, &task->all);
}

static THStatus checkStatistics(const Task *task, const char *name, const THTensor *tensor)
{
    TH_TRY(THNN_checkDtype(OP, name, tensor, task->dtype));
    return THNN_checkShape(OP, name, tensor, 2, (const int64_t[]){task->batch, task->groups});
}

/* The numbers of the channels of group i in a vector, or NULL. */
static const char *part(const Task *t, const char *vector, int64_t i)
{
    return vector == NULL ? NULL : vector + i % t->groups * t->channels * t->itemsize;
}

static void forwardGroups(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    const int64_t size = t->channels * t->inner * t->itemsize;
    for (int64_t i = begin; i < end; i++)
        t->kernel->group(t->channels, t->inner, t->x + i * size, part(t, t->weight, i), part(t, t->bias, i), t->eps,
                         t->y + i * size, t->mean + i * t->itemsize, t->invstd + i * t->itemsize);
}

static void backwardGroups(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    const int64_t size = t->channels * t->inner * t->itemsize;
    for (int64_t i = begin; i < end; i++)
        t->kernel->group_backward(t->channels, t->inner, t->x + i * size, t->gy + i * size, part(t, t->weight, i),
                                  t->mean + i * t->itemsize, t->invstd + i * t->itemsize, t->sums + i * t->channels,
                                  t->dots + i * t->channels, t->gx == NULL ? NULL : t->gx + i * size);
}

static double load(const Task *t, const char *vector, int64_t at)
{
    return THScalar_toDouble(THScalar_load(t->dtype, vector + at * t->itemsize));
}

static void add(const Task *t, char *vector, int64_t at, double value)
{
    if (vector != NULL)
        THScalar_store(THScalar_fromDouble(load(t, vector, at) + t->scale * value), t->dtype, vector + at * t->itemsize);
}

/* Of channels, all samples of each. */
static void addChannels(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t c = begin; c < end; c++) {
        double sum = 0, dot = 0;
        for (int64_t n = 0; n < t->batch; n++) {
            sum += t->sums[n * t->all + c];
            dot += t->dots[n * t->all + c] * load(t, t->invstd, n * t->groups + c / t->channels);
        }
        add(t, t->gw, c, dot);
        add(t, t->gb, c, sum);
    }
}

static int64_t grainOf(int64_t elements)
{
    return THNN_max(1, TH_GRAIN / THNN_max(1, elements));
}

THStatus THNN_GroupNormalization_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight,
                                              const THTensor *bias, THTensor *save_mean, THTensor *save_invstd, int64_t groups,
                                              double eps)
{
    TH_GIVEN("GroupNormalization", input, output, save_mean, save_invstd);
    Task task;
    TH_TRY(initTask(&task, input, groups));
    TH_TRY(checkVector(&task, "weight", weight));
    TH_TRY(checkVector(&task, "bias", bias));
    task.eps = eps;
    THNNCall call = {.op = OP};
    const int64_t statistics[] = {task.batch, groups};
    task.x = THNN_data(THNNCall_read(&call, input));
    task.weight = THNN_data(THNNCall_read(&call, weight));
    task.bias = THNN_data(THNNCall_read(&call, bias));
    task.mean = THNN_data(THNNCall_write(&call, save_mean, task.dtype, 2, statistics));
    task.invstd = THNN_data(THNNCall_write(&call, save_invstd, task.dtype, 2, statistics));
    const THTensor *y = THNNCall_write(&call, output, task.dtype, input->ndim, input->size);
    if (call.status == TH_OK && y->numel > 0) {
        task.y = THNN_data(y);
        THThreads_for(task.batch * groups, grainOf(task.channels * task.inner), forwardGroups, &task);
    }
    return THNNCall_close(&call);
}

static void runBackward(Task *task, THNNCall *call)
{
    const int64_t count = task->batch * task->all;
    task->sums = malloc((size_t)(2 * count) * sizeof(double));
    if (task->sums == NULL) {
        THNNCall_fail(call, THStatus_fail(TH_ERR_MEMORY, "[" OP "] no memory for two sums of each of %lld channels of samples",
                                          (long long)count));
        return;
    }
    task->dots = task->sums + count;
    THThreads_for(task->batch * task->groups, grainOf(task->channels * task->inner), backwardGroups, task);
    if (task->gw != NULL || task->gb != NULL) THThreads_for(task->all, grainOf(2 * task->batch), addChannels, task);
    free(task->sums);
}

THStatus THNN_GroupNormalization_backward(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                          THTensor *gradWeight, THTensor *gradBias, const THTensor *weight,
                                          const THTensor *save_mean, const THTensor *save_invstd, int64_t groups, double scale)
{
    TH_GIVEN("GroupNormalization", input, gradOutput, save_mean, save_invstd);
    Task task;
    TH_TRY(initTask(&task, input, groups));
    TH_TRY(THNN_checkDtype(OP, "gradOutput", gradOutput, task.dtype));
    TH_TRY(THNN_checkShape(OP, "gradOutput", gradOutput, input->ndim, input->size));
    TH_TRY(checkVector(&task, "weight", weight));
    TH_TRY(checkVector(&task, "gradWeight", gradWeight));
    TH_TRY(checkVector(&task, "gradBias", gradBias));
    TH_TRY(checkStatistics(&task, "save_mean", save_mean));
    TH_TRY(checkStatistics(&task, "save_invstd", save_invstd));
    task.scale = scale;
    THNNCall call = {.op = OP};
    task.x = THNN_data(THNNCall_read(&call, input));
    task.gy = THNN_data(THNNCall_read(&call, gradOutput));
    task.weight = THNN_data(THNNCall_read(&call, weight));
    task.mean = THNN_data(THNNCall_read(&call, save_mean));
    task.invstd = THNN_data(THNNCall_read(&call, save_invstd));
    task.gw = THNN_data(THNNCall_update(&call, gradWeight));
    task.gb = THNN_data(THNNCall_update(&call, gradBias));
    if (gradInput != NULL) task.gx = THNN_data(THNNCall_write(&call, gradInput, task.dtype, input->ndim, input->size));
    if (call.status == TH_OK && input->numel > 0) runBackward(&task, &call);
    return THNNCall_close(&call);
}
