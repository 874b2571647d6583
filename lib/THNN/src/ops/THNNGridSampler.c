#include "TH/THArgument.h"
/* GridSampler: images or volumes, sampled linearly at the places of a grid. */
#include <string.h>

#include "kernels/THNNGridKernel.h"
#include "ops/THNNCall.h"

#define OP "GridSampler"

typedef struct Task {
    const THNNGridKernel *kernel;
    THNNGrid shape;
    int64_t batch;
    int64_t in_bytes;   /* of one sample of the input */
    int64_t grid_bytes; /* of one sample of the grid */
    int64_t out_bytes;  /* of one sample of the output */
    int64_t out_size[2 + THNN_SPATIAL_MAX];
    const char *x;
    const char *grid;
    const char *gy;
    char *y;
    char *gx;
    char *ggrid;
} Task;

static THStatus initTask(Task *task, const THTensor *input, const THTensor *grid, int border)
{
    TH_TRY(THNN_checkFloating(OP, "input", input));
    const int dims = input->ndim - 2;
    TH_FAIL_IF(dims != 2 && dims != 3, TH_ERR_SHAPE,
               "[" OP "] input has %d dimensions, expected 4 (N x C x H x W) or 5 (N x C x D x H x W)", input->ndim);
    TH_TRY(THNN_checkDtype(OP, "grid", grid, (THDtype)input->dtype));
    TH_FAIL_IF(grid->ndim != input->ndim || grid->size[0] != input->size[0] || grid->size[dims + 1] != dims, TH_ERR_SHAPE,
               "[" OP "] grid has %d dimensions, the last of size %lld; expected %d, as many samples as the input, the last of "
               "size %d",
               grid->ndim, grid->ndim ? (long long)grid->size[grid->ndim - 1] : 0LL, input->ndim, dims);
    TH_FAIL_IF(input->numel == 0 && input->size[0] != 0, TH_ERR_SHAPE, "[" OP "] input has no elements, expected at least 1");
    const int64_t itemsize = (int64_t)THDtype_size((THDtype)input->dtype);
    *task = (Task){.kernel = TH_PICK(THNNGridKernel_tables, input->dtype),
                   .shape = {.dims = dims, .border = border, .channels = input->size[1], .size = {1, 1, 1}, .positions = 1},
                   .batch = input->size[0],
                   .out_size = {input->size[0], input->size[1]}};
    int64_t volume = 1;
    for (int d = 0; d < dims; d++) {
        task->shape.size[3 - dims + d] = input->size[2 + d];
        task->shape.positions *= grid->size[1 + d];
        task->out_size[2 + d] = grid->size[1 + d];
        volume *= input->size[2 + d];
    }
    task->in_bytes = task->shape.channels * volume * itemsize;
    task->grid_bytes = task->shape.positions * dims * itemsize;
    task->out_bytes = task->shape.channels * task->shape.positions * itemsize;
    return TH_OK;
}

static void forwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t i = begin; i < end; i++)
        t->kernel->sample(&t->shape, t->x + i * t->in_bytes, t->grid + i * t->grid_bytes, t->y + i * t->out_bytes);
}

static void backwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    for (int64_t i = begin; i < end; i++) {
        memset(t->gx + i * t->in_bytes, 0, (size_t)t->in_bytes);
        t->kernel->sample_backward(&t->shape, t->x + i * t->in_bytes, t->grid + i * t->grid_bytes, t->gy + i * t->out_bytes,
                                   t->gx + i * t->in_bytes, t->ggrid + i * t->grid_bytes);
    }
}

THStatus THNN_GridSampler_updateOutput(const THTensor *input, const THTensor *grid, THTensor *output, int border)
{
    TH_GIVEN("GridSampler", input, grid, output);
    Task task;
    TH_TRY(initTask(&task, input, grid, border));
    THNNCall call = {.op = OP};
    task.x = THNN_data(THNNCall_read(&call, input));
    task.grid = THNN_data(THNNCall_read(&call, grid));
    task.y = THNN_data(THNNCall_write(&call, output, (THDtype)input->dtype, input->ndim, task.out_size));
    if (call.status == TH_OK) THThreads_for(task.batch, 1, forwardRange, &task);
    return THNNCall_close(&call);
}

THStatus THNN_GridSampler_updateGradInput(const THTensor *input, const THTensor *grid, const THTensor *gradOutput,
                                          THTensor *gradInput, THTensor *gradGrid, int border)
{
    TH_GIVEN("GridSampler", input, grid, gradOutput, gradInput, gradGrid);
    Task task;
    TH_TRY(initTask(&task, input, grid, border));
    TH_TRY(THNN_checkDtype(OP, "gradOutput", gradOutput, (THDtype)input->dtype));
    TH_TRY(THNN_checkShape(OP, "gradOutput", gradOutput, input->ndim, task.out_size));
    THNNCall call = {.op = OP};
    task.x = THNN_data(THNNCall_read(&call, input));
    task.grid = THNN_data(THNNCall_read(&call, grid));
    task.gy = THNN_data(THNNCall_read(&call, gradOutput));
    task.gx = THNN_data(THNNCall_write(&call, gradInput, (THDtype)input->dtype, input->ndim, input->size));
    task.ggrid = THNN_data(THNNCall_write(&call, gradGrid, (THDtype)input->dtype, grid->ndim, grid->size));
    if (call.status == TH_OK) THThreads_for(task.batch, 1, backwardRange, &task);
    return THNNCall_close(&call);
}
