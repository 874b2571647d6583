#include "TH/THArgument.h"
/* MaxPooling: the maximum of each window, and where it was. */
#include <string.h>

#include "ops/THNNPooling.h"

#define OP "MaxPooling"

static void forwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const THNNPooling *p = context;
    for (int64_t i = begin; i < end; i++)
        p->kernel->maximum(&p->plane, p->x + i * p->in_plane * p->itemsize, p->out + i * p->out_plane * p->itemsize,
                           p->indices + i * p->out_plane);
}

static void backwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const THNNPooling *p = context;
    for (int64_t i = begin; i < end; i++) {
        char *gx = p->out + i * p->in_plane * p->itemsize;
        memset(gx, 0, (size_t)(p->in_plane * p->itemsize));
        p->kernel->maximum_backward(p->out_plane, p->gy + i * p->out_plane * p->itemsize, p->indices + i * p->out_plane, gx);
    }
}

THStatus THNN_MaxPooling_updateOutput(const THTensor *input, THTensor *output, THTensor *indices, int dims,
                                      const int64_t *kernel, const THNNGeometry *geometry, int ceil_mode)
{
    TH_GIVEN("MaxPooling", input, output, indices, geometry, kernel);
    THNNPooling pool;
    TH_TRY(THNNPooling_initInput(&pool, OP, input, dims));
    TH_TRY(THNNPooling_initWindows(&pool, OP, input, kernel, geometry, ceil_mode));
    THNNCall call = {.op = OP};
    pool.x = THNN_data(THNNCall_read(&call, input));
    pool.out = THNN_data(THNNCall_write(&call, output, (THDtype)input->dtype, input->ndim, pool.shape));
    pool.indices = THNN_data(THNNCall_write(&call, indices, THDtype_Long, input->ndim, pool.shape));
    if (call.status == TH_OK) THThreads_for(pool.planes, THNNPooling_grain(&pool), forwardRange, &pool);
    return THNNCall_close(&call);
}

THStatus THNN_MaxPooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                         const THTensor *indices, int dims)
{
    TH_GIVEN("MaxPooling", input, gradOutput, gradInput, indices);
    THNNPooling pool;
    TH_TRY(THNNPooling_initInput(&pool, OP, input, dims));
    TH_TRY(THNNPooling_checkIndexed(&pool, OP, input, gradOutput, indices));
    THNNCall call = {.op = OP};
    pool.gy = THNN_data(THNNCall_read(&call, gradOutput));
    const THTensor *places = THNNCall_read(&call, indices);
    if (call.status == TH_OK) {
        pool.indices = THNN_data(places);
        THNNCall_fail(&call, THNNPooling_checkIndices(OP, places->numel, pool.indices, pool.in_plane));
    }
    pool.out = THNN_data(THNNCall_write(&call, gradInput, (THDtype)input->dtype, input->ndim, input->size));
    if (call.status == TH_OK) THThreads_for(pool.planes, THNNPooling_grain(&pool), backwardRange, &pool);
    return THNNCall_close(&call);
}
