#include "TH/THArgument.h"
/* BatchNormalization: each channel less its mean, over its standard deviation, times weight, plus bias.
 *
 * Channels go to threads; a channel adds up its samples in order, so that results do not depend on the number of threads.
 * Without a further dimension a channel is a column: it is then worked on in a transposed copy. */
#include <math.h>

#include "kernels/THNNNormalizationKernel.h"
#include "ops/THNNCall.h"

#define OP "BatchNormalization"

typedef struct Task {
    const THNNNormalizationKernel *kernel;
    THDtype dtype;
    int64_t itemsize;
    int64_t batch;
    int64_t channels;
    int64_t inner;
    bool train;
    double momentum;
    double eps;
    double scale;
    const char *x;
    const char *gy;
    const char *weight;
    const char *bias;
    char *running_mean;
    char *running_var;
    char *mean;
    char *invstd;
    char *y;
    char *gx;
    char *gw;
    char *gb;
} Task;

static THStatus initTask(Task *task, const THTensor *input)
{
    TH_TRY(THNN_checkFloating(OP, "input", input));
    TH_FAIL_IF(input->ndim < 2, TH_ERR_SHAPE, "[" OP "] input has %d dimensions, expected 2 or more (N x C x *)", input->ndim);
    *task = (Task){.kernel = TH_PICK(THNNNormalizationKernel_tables, input->dtype),
                   .dtype = (THDtype)input->dtype,
                   .itemsize = (int64_t)THDtype_size((THDtype)input->dtype),
                   .batch = input->size[0],
                   .channels = input->size[1],
                   .inner = 1};
    for (int d = 2; d < input->ndim; d++) task->inner *= input->size[d];
    return TH_OK;
}

static THStatus checkVector(const Task *task, const char *name, const THTensor *tensor)
{
    if (tensor == NULL) return TH_OK;
    TH_TRY(THNN_checkDtype(OP, name, tensor, task->dtype));
    return THNN_checkShape(OP, name, tensor, 1, &task->channels);
}

static double at(const Task *t, const char *vector, int64_t channel, double absent)
{
    return vector == NULL ? absent : THScalar_toDouble(THScalar_load(t->dtype, vector + channel * t->itemsize));
}

static void put(const Task *t, char *vector, int64_t channel, double value)
{
    THScalar_store(THScalar_fromDouble(value), t->dtype, vector + channel * t->itemsize);
}

static int64_t place(const Task *t, int64_t sample, int64_t channel)
{
    return (sample * t->channels + channel) * t->inner * t->itemsize;
}

/* Mean and 1 / standard deviation of a channel: of the batch, or the running ones. */
static void measure(const Task *t, int64_t channel, double *mean, double *invstd)
{
    const double count = (double)(t->batch * t->inner);
    if (!t->train) {
        *mean = at(t, t->running_mean, channel, 0);
        *invstd = 1 / sqrt(at(t, t->running_var, channel, 1) + t->eps);
        return;
    }
    double sum = 0;
    for (int64_t i = 0; i < t->batch; i++) sum += t->kernel->sum(t->inner, t->x + place(t, i, channel));
    put(t, t->mean, channel, sum / count);
    *mean = at(t, t->mean, channel, 0); /* as it is stored: the backward pass sees the same */
    double squares = 0;
    for (int64_t i = 0; i < t->batch; i++) squares += t->kernel->squares(t->inner, t->x + place(t, i, channel), *mean);
    *invstd = 1 / sqrt(squares / count + t->eps);
    if (t->running_mean != NULL)
        put(t, t->running_mean, channel, t->momentum * *mean + (1 - t->momentum) * at(t, t->running_mean, channel, 0));
    if (t->running_var != NULL) /* the unbiased variance */
        put(t, t->running_var, channel,
            t->momentum * squares / (count - 1) + (1 - t->momentum) * at(t, t->running_var, channel, 0));
}

static void forwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t c = begin; c < end; c++) {
        double mean, invstd;
        measure(t, c, &mean, &invstd);
        put(t, t->mean, c, mean);
        put(t, t->invstd, c, invstd);
        const double scale = invstd * at(t, t->weight, c, 1);
        for (int64_t i = 0; i < t->batch; i++)
            t->kernel->apply(t->inner, t->x + place(t, i, c), mean, scale, at(t, t->bias, c, 0), t->y + place(t, i, c));
    }
}

static void backwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    const double count = (double)(t->batch * t->inner);
    for (int64_t c = begin; c < end; c++) {
        const double mean = at(t, t->mean, c, 0), invstd = at(t, t->invstd, c, 1);
        double sum = 0, dot = 0;
        for (int64_t i = 0; i < t->batch; i++)
            t->kernel->products(t->inner, t->x + place(t, i, c), t->gy + place(t, i, c), mean, &sum, &dot);
        if (t->gw != NULL) put(t, t->gw, c, at(t, t->gw, c, 0) + t->scale * dot * invstd);
        if (t->gb != NULL) put(t, t->gb, c, at(t, t->gb, c, 0) + t->scale * sum);
        if (t->gx == NULL) continue;
        const double a = invstd * at(t, t->weight, c, 1);
        const double b = t->train ? -a * invstd * invstd * dot / count : 0;
        const double shift = t->train ? -a * sum / count : 0;
        for (int64_t i = 0; i < t->batch; i++)
            t->kernel->backward(t->inner, t->x + place(t, i, c), t->gy + place(t, i, c), mean, a, b, shift,
                                t->gx + place(t, i, c));
    }
}

/* The channels as rows: batch 1, and `tensor` transposed. The result is a new reference. */
static THTensor *newColumns(const THTensor *tensor)
{
    THTensor *flat = THTensor_newReshape(tensor, 2, (const int64_t[]){tensor->size[0], tensor->size[1]});
    THTensor *transposed = flat == NULL ? NULL : THTensor_newTranspose(flat, 0, 1);
    THTensor *copy = transposed == NULL ? NULL : THTensor_newClone(transposed);
    THTensor_free(flat);
    THTensor_free(transposed);
    return copy;
}

static THStatus copyColumns(THTensor *target, const THTensor *columns)
{
    THTensor *transposed = THTensor_newTranspose(columns, 0, 1);
    if (transposed == NULL) return THStatus_last();
    THTensor *shaped = THTensor_newReshape(transposed, target->ndim, target->size);
    const THStatus status = shaped == NULL ? THStatus_last() : THTensor_copy(target, shaped);
    THTensor_free(transposed);
    THTensor_free(shaped);
    return status;
}

static bool isColumnar(const Task *task)
{
    return task->inner == 1 && task->batch > 1 && task->channels > 1;
}

static void spread(Task *task, THRange range)
{
    const int64_t each = THNN_max(1, task->batch * task->inner);
    THThreads_for(task->channels, THNN_max(1, TH_GRAIN / each), range, task);
}

static void forwardColumns(Task *task, THNNCall *call, const THTensor *input, THTensor *y)
{
    THTensor *x = newColumns(input);
    THTensor *out = x == NULL ? NULL : THTensor_newWithSize(task->dtype, 2, x->size);
    if (out == NULL) {
        THNNCall_fail(call, THStatus_last());
    } else {
        task->inner = task->batch;
        task->batch = 1;
        task->x = THNN_data(x);
        task->y = THNN_data(out);
        spread(task, forwardRange);
        THNNCall_fail(call, copyColumns(y, out));
    }
    THTensor_free(x);
    THTensor_free(out);
}

static void backwardColumns(Task *task, THNNCall *call, const THTensor *input, const THTensor *gradOutput, THTensor *gx)
{
    THTensor *x = newColumns(input);
    THTensor *gy = newColumns(gradOutput);
    THTensor *out = x == NULL || gy == NULL ? NULL : THTensor_newWithSize(task->dtype, 2, x->size);
    if (out == NULL) {
        THNNCall_fail(call, THStatus_last());
    } else {
        task->inner = task->batch;
        task->batch = 1;
        task->x = THNN_data(x);
        task->gy = THNN_data(gy);
        task->gx = gx == NULL ? NULL : THNN_data(out);
        spread(task, backwardRange);
        if (gx != NULL) THNNCall_fail(call, copyColumns(gx, out));
    }
    THTensor_free(x);
    THTensor_free(gy);
    THTensor_free(out);
}

THStatus THNN_BatchNormalization_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight,
                                              const THTensor *bias, THTensor *running_mean, THTensor *running_var,
                                              THTensor *save_mean, THTensor *save_invstd, int train, double momentum,
                                              double eps)
{
    TH_GIVEN("BatchNormalization", input, output, save_mean, save_invstd);
    Task task;
    TH_TRY(initTask(&task, input));
    TH_TRY(checkVector(&task, "weight", weight));
    TH_TRY(checkVector(&task, "bias", bias));
    TH_TRY(checkVector(&task, "running_mean", running_mean));
    TH_TRY(checkVector(&task, "running_var", running_var));
    TH_FAIL_IF(!train && (running_mean == NULL || running_var == NULL), TH_ERR_VALUE,
               "[" OP "] running_mean and running_var are missing: without training they are what is used");
    TH_FAIL_IF(train && input->numel > 0 && task.batch * task.inner == 1, TH_ERR_SHAPE,
               "[" OP "] Expected more than 1 value per channel when training, input has 1");
    task.train = train;
    task.momentum = momentum;
    task.eps = eps;
    THNNCall call = {.op = OP};
    const THTensor *x = THNNCall_read(&call, input);
    task.x = THNN_data(x);
    task.weight = THNN_data(THNNCall_read(&call, weight));
    task.bias = THNN_data(THNNCall_read(&call, bias));
    task.running_mean = THNN_data(train ? THNNCall_update(&call, running_mean) : THNNCall_read(&call, running_mean));
    task.running_var = THNN_data(train ? THNNCall_update(&call, running_var) : THNNCall_read(&call, running_var));
    task.mean = THNN_data(THNNCall_write(&call, save_mean, task.dtype, 1, &task.channels));
    task.invstd = THNN_data(THNNCall_write(&call, save_invstd, task.dtype, 1, &task.channels));
    THTensor *y = THNNCall_write(&call, output, task.dtype, input->ndim, input->size);
    if (call.status == TH_OK && y->numel > 0) {
        task.y = THNN_data(y);
        if (isColumnar(&task))
            forwardColumns(&task, &call, x, y);
        else
            spread(&task, forwardRange);
    }
    return THNNCall_close(&call);
}

THStatus THNN_BatchNormalization_backward(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                          THTensor *gradWeight, THTensor *gradBias, const THTensor *weight,
                                          const THTensor *save_mean, const THTensor *save_invstd, int train, double scale)
{
    TH_GIVEN("BatchNormalization", input, gradOutput, save_mean, save_invstd);
    Task task;
    TH_TRY(initTask(&task, input));
    TH_TRY(THNN_checkDtype(OP, "gradOutput", gradOutput, task.dtype));
    TH_TRY(THNN_checkShape(OP, "gradOutput", gradOutput, input->ndim, input->size));
    TH_TRY(checkVector(&task, "weight", weight));
    TH_TRY(checkVector(&task, "save_mean", save_mean));
    TH_TRY(checkVector(&task, "save_invstd", save_invstd));
    TH_TRY(checkVector(&task, "gradWeight", gradWeight));
    TH_TRY(checkVector(&task, "gradBias", gradBias));
    task.train = train;
    task.scale = scale;
    THNNCall call = {.op = OP};
    const THTensor *x = THNNCall_read(&call, input);
    const THTensor *gy = THNNCall_read(&call, gradOutput);
    task.x = THNN_data(x);
    task.gy = THNN_data(gy);
    task.weight = THNN_data(THNNCall_read(&call, weight));
    task.mean = THNN_data(THNNCall_read(&call, save_mean));
    task.invstd = THNN_data(THNNCall_read(&call, save_invstd));
    task.gw = THNN_data(THNNCall_update(&call, gradWeight));
    task.gb = THNN_data(THNNCall_update(&call, gradBias));
    THTensor *gx = gradInput == NULL ? NULL : THNNCall_write(&call, gradInput, task.dtype, input->ndim, input->size);
    if (call.status == TH_OK && input->numel > 0) {
        task.gx = THNN_data(gx);
        if (isColumnar(&task))
            backwardColumns(&task, &call, x, gy, gx);
        else
            spread(&task, backwardRange);
    }
    return THNNCall_close(&call);
}
