#include "TH/THArgument.h"
/* Im2Col and Col2Im: what a sliding window sees, as columns, and columns added up to where they came from. */
#include <string.h>

#include "kernels/THNNColumnsKernel.h"
#include "ops/THNNCall.h"
#include "ops/THNNWindowCheck.h"

typedef struct Task {
    const THNNColumnsKernel *kernel;
    THNNPlane plane;
    int64_t batch;
    int64_t channels;
    int64_t in_bytes;  /* of one sample of images */
    int64_t out_bytes; /* of one sample of columns */
    int64_t columns;
    const char *x;
    char *y;
} Task;

static THStatus initPlane(Task *task, const char *op, int64_t height, int64_t width, const int64_t kernel[2],
                          const int64_t dilation[2], const int64_t pad[2], const int64_t stride[2])
{
    task->plane.d = THNN_WINDOW_WHOLE;
    TH_TRY(THNNWindow_init(&task->plane.h, op, 'H', height, kernel[0], stride[0], pad[0], dilation[0]));
    TH_TRY(THNNWindow_init(&task->plane.w, op, 'W', width, kernel[1], stride[1], pad[1], dilation[1]));
    TH_TRY(THNNWindow_count(&task->plane.h, op, 'H'));
    TH_TRY(THNNWindow_count(&task->plane.w, op, 'W'));
    task->columns = task->plane.h.output * task->plane.w.output;
    return TH_OK;
}

static void initSizes(Task *task, const THTensor *tensor, int64_t taps)
{
    const int64_t itemsize = (int64_t)THDtype_size((THDtype)tensor->dtype);
    task->kernel = TH_PICK(THNNColumnsKernel_tables, tensor->dtype);
    task->in_bytes = task->channels * task->plane.h.input * task->plane.w.input * itemsize;
    task->out_bytes = task->channels * taps * task->columns * itemsize;
}

static void unrollRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t i = begin; i < end; i++)
        t->kernel->unroll(&t->plane, t->channels, 0, t->plane.h.output, t->x + i * t->in_bytes, t->y + i * t->out_bytes,
                          t->columns);
}

static void rollRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t i = begin; i < end; i++) {
        memset(t->y + i * t->in_bytes, 0, (size_t)t->in_bytes);
        t->kernel->roll(&t->plane, t->channels, t->x + i * t->out_bytes, t->columns, t->y + i * t->in_bytes);
    }
}

THStatus THNN_Im2Col_updateOutput(const THTensor *input, THTensor *output, const int64_t kernel[2], const int64_t dilation[2],
                                  const int64_t pad[2], const int64_t stride[2])
{
    TH_GIVEN("Im2Col", input, output, kernel, dilation, pad, stride);
    TH_TRY(THNN_checkFloating("Im2Col", "input", input));
    TH_FAIL_IF(input->ndim != 3 && input->ndim != 4, TH_ERR_SHAPE,
               "[Im2Col] input has %d dimensions, expected 4 (N x C x H x W) or 3 (C x H x W)", input->ndim);
    const int64_t *size = input->size + input->ndim - 3;
    Task task = {.batch = input->ndim == 4 ? input->size[0] : 1, .channels = size[0]};
    TH_TRY(initPlane(&task, "Im2Col", size[1], size[2], kernel, dilation, pad, stride));
    const int64_t taps = kernel[0] * kernel[1];
    initSizes(&task, input, taps);
    const int64_t shape[3] = {task.batch, task.channels * taps, task.columns};
    THNNCall call = {.op = "Im2Col"};
    task.x = THNN_data(THNNCall_read(&call, input));
    task.y = THNN_data(THNNCall_write(&call, output, (THDtype)input->dtype, input->ndim - 1, shape + 4 - input->ndim));
    if (call.status == TH_OK) THThreads_for(task.batch, 1, unrollRange, &task);
    return THNNCall_close(&call);
}

THStatus THNN_Col2Im_updateOutput(const THTensor *input, THTensor *output, const int64_t size[2], const int64_t kernel[2],
                                  const int64_t dilation[2], const int64_t pad[2], const int64_t stride[2])
{
    TH_GIVEN("Col2Im", input, output, size, kernel, dilation, pad, stride);
    TH_TRY(THNN_checkFloating("Col2Im", "input", input));
    TH_FAIL_IF(input->ndim != 2 && input->ndim != 3, TH_ERR_SHAPE,
               "[Col2Im] input has %d dimensions, expected 3 (N x C*kH*kW x L) or 2 (C*kH*kW x L)", input->ndim);
    Task task = {.batch = input->ndim == 3 ? input->size[0] : 1};
    TH_TRY(initPlane(&task, "Col2Im", size[0], size[1], kernel, dilation, pad, stride));
    const int64_t taps = kernel[0] * kernel[1];
    const int64_t rows = input->size[input->ndim - 2];
    TH_FAIL_IF(
        rows % taps != 0, TH_ERR_SHAPE,
        "[Col2Im] Expected size of input's dimension 1 to be divisible by the product of kernel_size, which is %lld, but "
        "got %lld",
        (long long)taps, (long long)rows);
    TH_FAIL_IF(input->size[input->ndim - 1] != task.columns, TH_ERR_SHAPE,
               "[Col2Im] input has %lld columns, expected %lld sliding blocks", (long long)input->size[input->ndim - 1],
               (long long)task.columns);
    task.channels = rows / taps;
    initSizes(&task, input, taps);
    const int64_t shape[4] = {task.batch, task.channels, size[0], size[1]};
    THNNCall call = {.op = "Col2Im"};
    task.x = THNN_data(THNNCall_read(&call, input));
    task.y = THNN_data(THNNCall_write(&call, output, (THDtype)input->dtype, input->ndim + 1, shape + 3 - input->ndim));
    if (call.status == TH_OK) THThreads_for(task.batch, 1, rollRange, &task);
    return THNNCall_close(&call);
}
