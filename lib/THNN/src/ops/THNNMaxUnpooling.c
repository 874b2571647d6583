#include "TH/THArgument.h"
/* MaxUnpooling: elements back to where a max pooling took them from, zeros elsewhere. */
#include <string.h>

#include "kernels/THNNBoxKernel.h"
#include "ops/THNNPooling.h"

#define OP "MaxUnpooling"

typedef struct Task {
    const THNNBoxKernel *kernel;
    THNNPooling pool;
} Task;

static void scatterRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    const THNNPooling *p = &t->pool;
    for (int64_t i = begin; i < end; i++) {
        char *y = p->out + i * p->out_plane * p->itemsize;
        memset(y, 0, (size_t)(p->out_plane * p->itemsize));
        t->kernel->scatter(p->in_plane, p->x + i * p->in_plane * p->itemsize, p->indices + i * p->in_plane, y);
    }
}

static void gatherRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Task *t = context;
    const THNNPooling *p = &t->pool;
    for (int64_t i = begin; i < end; i++)
        t->kernel->gather(p->in_plane, p->gy + i * p->out_plane * p->itemsize, p->indices + i * p->in_plane,
                          p->out + i * p->in_plane * p->itemsize);
}

static THStatus initTask(Task *task, const THTensor *input, const THTensor *indices, int dims, const int64_t *size)
{
    TH_TRY(THNN_checkFloating(OP, "input", input));
    *task = (Task){.kernel = TH_PICK(THNNBoxKernel_tables, input->dtype)};
    TH_TRY(THNNPooling_initInput(&task->pool, OP, input, dims));
    TH_TRY(THNN_checkDtype(OP, "indices", indices, THDtype_Long));
    TH_TRY(THNN_checkShape(OP, "indices", indices, input->ndim, input->size));
    task->pool.out_plane = 1;
    for (int d = 0; d < dims; d++) {
        TH_FAIL_IF(size[d] < 0 || size[d] > INT32_MAX, TH_ERR_VALUE, "[" OP "] output size is %lld, expected 0 to %d",
                   (long long)size[d], INT32_MAX);
        task->pool.shape[input->ndim - dims + d] = size[d];
        task->pool.out_plane *= size[d];
    }
    return TH_OK;
}

static void readIndices(Task *task, THNNCall *call, const THTensor *indices)
{
    const THTensor *places = THNNCall_read(call, indices);
    if (call->status != TH_OK) return;
    task->pool.indices = THNN_data(places);
    THNNCall_fail(call, THNNPooling_checkIndices(OP, places->numel, task->pool.indices, task->pool.out_plane));
}

THStatus THNN_MaxUnpooling_updateOutput(const THTensor *input, THTensor *output, const THTensor *indices, int dims,
                                        const int64_t *size)
{
    TH_GIVEN("MaxUnpooling", input, output, indices, size);
    Task task;
    TH_TRY(initTask(&task, input, indices, dims, size));
    THNNCall call = {.op = OP};
    task.pool.x = THNN_data(THNNCall_read(&call, input));
    readIndices(&task, &call, indices);
    task.pool.out = THNN_data(THNNCall_write(&call, output, (THDtype)input->dtype, input->ndim, task.pool.shape));
    if (call.status == TH_OK) THThreads_for(task.pool.planes, THNNPooling_grain(&task.pool), scatterRange, &task);
    return THNNCall_close(&call);
}

THStatus THNN_MaxUnpooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                           const THTensor *indices, int dims, const int64_t *size)
{
    TH_GIVEN("MaxUnpooling", input, gradOutput, gradInput, indices, size);
    Task task;
    TH_TRY(initTask(&task, input, indices, dims, size));
    TH_TRY(THNN_checkDtype(OP, "gradOutput", gradOutput, (THDtype)input->dtype));
    TH_TRY(THNN_checkShape(OP, "gradOutput", gradOutput, input->ndim, task.pool.shape));
    THNNCall call = {.op = OP};
    task.pool.gy = THNN_data(THNNCall_read(&call, gradOutput));
    readIndices(&task, &call, indices);
    task.pool.out = THNN_data(THNNCall_write(&call, gradInput, (THDtype)input->dtype, input->ndim, input->size));
    if (call.status == TH_OK) THThreads_for(task.pool.planes, THNNPooling_grain(&task.pool), gatherRange, &task);
    return THNNCall_close(&call);
}
