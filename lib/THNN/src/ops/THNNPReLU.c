#include "TH/THArgument.h"
/* PReLU: y = x > 0 ? x : weight * x, with one weight for all, or one for each channel (dimension 1). */
#include "kernels/THNNActivationKernel.h"
#include "ops/THNNCall.h"

#define OP "PReLU"

typedef struct Task {
    const THNNActivationKernel *kernel;
    THDtype dtype;
    int64_t itemsize;
    int64_t batch;
    int64_t channels;
    int64_t inner; /* elements of one channel of one sample */
    const char *x;
    const char *gy;
    const char *weight;
    char *out;
    double scale;
} Task;

static THStatus initTask(Task *task, const THTensor *input, const THTensor *weight)
{
    TH_TRY(THNN_checkFloating(OP, "input", input));
    TH_TRY(THNN_checkDtype(OP, "weight", weight, (THDtype)input->dtype));
    const int64_t channels = input->ndim > 1 ? input->size[1] : 1;
    TH_FAIL_IF(weight->numel != 1 && weight->numel != channels, TH_ERR_SHAPE,
               "[" OP "] weight has %lld elements, expected 1, or %lld for the input's channels", (long long)weight->numel,
               (long long)channels);
    *task = (Task){.kernel = TH_PICK(THNNActivationKernel_tables, input->dtype),
                   .dtype = (THDtype)input->dtype,
                   .itemsize = (int64_t)THDtype_size((THDtype)input->dtype),
                   .batch = 1,
                   .channels = weight->numel};
    if (weight->numel > 1) task->batch = input->size[0];
    const int64_t planes = task->batch * task->channels;
    task->inner = planes == 0 ? 0 : input->numel / planes;
    return TH_OK;
}

static double weightOf(const Task *t, int64_t plane)
{
    return THScalar_toDouble(THScalar_load(t->dtype, t->weight + plane % t->channels * t->itemsize));
}

static void forwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t plane = begin; plane < end; plane++) {
        const int64_t at = plane * t->inner * t->itemsize;
        t->kernel->forward[THNNActivation_LeakyReLU](t->inner, t->x + at, t->out + at, weightOf(t, plane), 0);
    }
}

static void gradInputRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t plane = begin; plane < end; plane++) {
        const int64_t at = plane * t->inner * t->itemsize;
        t->kernel->backward[THNNActivation_LeakyReLU](t->inner, t->x + at, t->gy + at, t->out + at, weightOf(t, plane), 0);
    }
}

/* A channel over all samples in order: the same sum for every number of threads. */
static void gradWeightRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t channel = begin; channel < end; channel++) {
        double sum = 0;
        for (int64_t sample = 0; sample < t->batch; sample++) {
            const int64_t at = (sample * t->channels + channel) * t->inner * t->itemsize;
            sum += t->kernel->negative_product(t->inner, t->x + at, t->gy + at);
        }
        char *target = t->out + channel * t->itemsize;
        const double before = THScalar_toDouble(THScalar_load(t->dtype, target));
        THScalar_store(THScalar_fromDouble(before + t->scale * sum), t->dtype, target);
    }
}

static int64_t grainOf(const Task *t)
{
    return THNN_max(1, TH_GRAIN / THNN_max(1, t->inner));
}

static THStatus checkGradOutput(const THTensor *input, const THTensor *gradOutput)
{
    TH_TRY(THNN_checkDtype(OP, "gradOutput", gradOutput, (THDtype)input->dtype));
    return THNN_checkShape(OP, "gradOutput", gradOutput, input->ndim, input->size);
}

THStatus THNN_PReLU_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight)
{
    TH_GIVEN("PReLU", input, output, weight);
    Task task;
    TH_TRY(initTask(&task, input, weight));
    THNNCall call = {.op = OP};
    task.x = THNN_data(THNNCall_read(&call, input));
    task.weight = THNN_data(THNNCall_read(&call, weight));
    task.out = THNN_data(THNNCall_write(&call, output, task.dtype, input->ndim, input->size));
    if (call.status == TH_OK) THThreads_for(task.batch * task.channels, grainOf(&task), forwardRange, &task);
    return THNNCall_close(&call);
}

THStatus THNN_PReLU_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                    const THTensor *weight)
{
    TH_GIVEN("PReLU", input, gradOutput, gradInput, weight);
    Task task;
    TH_TRY(initTask(&task, input, weight));
    TH_TRY(checkGradOutput(input, gradOutput));
    THNNCall call = {.op = OP};
    task.x = THNN_data(THNNCall_read(&call, input));
    task.gy = THNN_data(THNNCall_read(&call, gradOutput));
    task.weight = THNN_data(THNNCall_read(&call, weight));
    task.out = THNN_data(THNNCall_write(&call, gradInput, task.dtype, input->ndim, input->size));
    if (call.status == TH_OK) THThreads_for(task.batch * task.channels, grainOf(&task), gradInputRange, &task);
    return THNNCall_close(&call);
}

THStatus THNN_PReLU_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight, double scale)
{
    TH_GIVEN("PReLU", input, gradOutput, gradWeight);
    Task task;
    TH_TRY(initTask(&task, input, gradWeight));
    TH_TRY(checkGradOutput(input, gradOutput));
    task.scale = scale;
    THNNCall call = {.op = OP};
    task.x = THNN_data(THNNCall_read(&call, input));
    task.gy = THNN_data(THNNCall_read(&call, gradOutput));
    task.out = THNN_data(THNNCall_update(&call, gradWeight));
    if (call.status == TH_OK) THThreads_for(task.channels, 1, gradWeightRange, &task);
    return THNNCall_close(&call);
}
