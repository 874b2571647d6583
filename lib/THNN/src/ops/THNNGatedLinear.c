#include "TH/THArgument.h"
/* GatedLinear: the first half of a dimension, times the sigmoid of the second. */
#include "kernels/THNNActivationKernel.h"
#include "ops/THNNCall.h"

#define OP "GatedLinear"

typedef struct Task {
    const THNNActivationKernel *kernel;
    int64_t half; /* bytes of one half, in one outer position */
    int64_t itemsize;
    int64_t outer;
    const char *x;
    const char *gy;
    char *out;
} Task;

/* shape: of the output, room for TH_MAX_DIMS. */
static THStatus initTask(Task *task, const THTensor *input, int dim, int64_t *shape)
{
    TH_TRY(THNN_checkFloating(OP, "input", input));
    int wrapped;
    TH_TRY(THTensor_wrapDim(input, dim, OP, &wrapped));
    TH_FAIL_IF(input->ndim == 0 || input->size[wrapped] % 2 != 0, TH_ERR_SHAPE,
               "[" OP "] Halving dimension must be even, but dimension %d is size %lld", wrapped,
               input->ndim == 0 ? 1LL : (long long)input->size[wrapped]);
    *task = (Task){.kernel = TH_PICK(THNNActivationKernel_tables, input->dtype),
                   .itemsize = (int64_t)THDtype_size((THDtype)input->dtype),
                   .outer = 1};
    int64_t inner = 1;
    for (int d = 0; d < input->ndim; d++) {
        shape[d] = d == wrapped ? input->size[d] / 2 : input->size[d];
        if (d < wrapped)
            task->outer *= shape[d];
        else
            inner *= shape[d];
    }
    task->half = inner * task->itemsize;
    return TH_OK;
}

static void forwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t i = begin; i < end; i++) {
        const char *x = t->x + 2 * i * t->half;
        t->kernel->gated(t->half / t->itemsize, x, x + t->half, t->out + i * t->half);
    }
}

static void backwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t i = begin; i < end; i++) {
        const char *x = t->x + 2 * i * t->half;
        char *gx = t->out + 2 * i * t->half;
        t->kernel->gated_backward(t->half / t->itemsize, x, x + t->half, t->gy + i * t->half, gx, gx + t->half);
    }
}

static int64_t grainOf(const Task *t)
{
    return THNN_max(1, TH_GRAIN / 4 / THNN_max(1, t->half / t->itemsize));
}

THStatus THNN_GatedLinear_updateOutput(const THTensor *input, THTensor *output, int dim)
{
    TH_GIVEN("GatedLinear", input, output);
    Task task;
    int64_t shape[TH_MAX_DIMS];
    TH_TRY(initTask(&task, input, dim, shape));
    THNNCall call = {.op = OP};
    task.x = THNN_data(THNNCall_read(&call, input));
    task.out = THNN_data(THNNCall_write(&call, output, (THDtype)input->dtype, input->ndim, shape));
    if (call.status == TH_OK) THThreads_for(task.outer, grainOf(&task), forwardRange, &task);
    return THNNCall_close(&call);
}

THStatus THNN_GatedLinear_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput, int dim)
{
    TH_GIVEN("GatedLinear", input, gradOutput, gradInput);
    Task task;
    int64_t shape[TH_MAX_DIMS];
    TH_TRY(initTask(&task, input, dim, shape));
    TH_TRY(THNN_checkDtype(OP, "gradOutput", gradOutput, (THDtype)input->dtype));
    TH_TRY(THNN_checkShape(OP, "gradOutput", gradOutput, input->ndim, shape));
    THNNCall call = {.op = OP};
    task.x = THNN_data(THNNCall_read(&call, input));
    task.gy = THNN_data(THNNCall_read(&call, gradOutput));
    task.out = THNN_data(THNNCall_write(&call, gradInput, (THDtype)input->dtype, input->ndim, input->size));
    if (call.status == TH_OK) THThreads_for(task.outer, grainOf(&task), backwardRange, &task);
    return THNNCall_close(&call);
}
