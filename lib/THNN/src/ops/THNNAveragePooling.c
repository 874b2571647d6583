#include "TH/THArgument.h"
/* AveragePooling: the mean of each window. */
#include <string.h>

#include "ops/THNNPooling.h"

#define OP "AveragePooling"

static void forwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const THNNPooling *p = context;
    for (int64_t i = begin; i < end; i++)
        p->kernel->average(&p->plane, p->count_include_pad, p->x + i * p->in_plane * p->itemsize,
                           p->out + i * p->out_plane * p->itemsize);
}

static void backwardRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const THNNPooling *p = context;
    for (int64_t i = begin; i < end; i++) {
        char *gx = p->out + i * p->in_plane * p->itemsize;
        memset(gx, 0, (size_t)(p->in_plane * p->itemsize));
        p->kernel->average_backward(&p->plane, p->count_include_pad, p->gy + i * p->out_plane * p->itemsize, gx);
    }
}

THStatus THNN_AveragePooling_updateOutput(const THTensor *input, THTensor *output, int dims, const int64_t *kernel,
                                          const THNNGeometry *geometry, int ceil_mode, int count_include_pad)
{
    TH_GIVEN("AveragePooling", input, output, geometry, kernel);
    THNNPooling pool;
    TH_TRY(THNNPooling_initInput(&pool, OP, input, dims));
    TH_TRY(THNNPooling_initWindows(&pool, OP, input, kernel, geometry, ceil_mode));
    pool.count_include_pad = count_include_pad;
    THNNCall call = {.op = OP};
    pool.x = THNN_data(THNNCall_read(&call, input));
    pool.out = THNN_data(THNNCall_write(&call, output, (THDtype)input->dtype, input->ndim, pool.shape));
    if (call.status == TH_OK) THThreads_for(pool.planes, THNNPooling_grain(&pool), forwardRange, &pool);
    return THNNCall_close(&call);
}

THStatus THNN_AveragePooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput, int dims,
                                             const int64_t *kernel, const THNNGeometry *geometry, int ceil_mode,
                                             int count_include_pad)
{
    TH_GIVEN("AveragePooling", input, gradOutput, gradInput, geometry, kernel);
    THNNPooling pool;
    TH_TRY(THNNPooling_initInput(&pool, OP, input, dims));
    TH_TRY(THNNPooling_initWindows(&pool, OP, input, kernel, geometry, ceil_mode));
    pool.count_include_pad = count_include_pad;
    TH_TRY(THNN_checkDtype(OP, "gradOutput", gradOutput, (THDtype)input->dtype));
    TH_TRY(THNN_checkShape(OP, "gradOutput", gradOutput, input->ndim, pool.shape));
    THNNCall call = {.op = OP};
    pool.gy = THNN_data(THNNCall_read(&call, gradOutput));
    pool.out = THNN_data(THNNCall_write(&call, gradInput, (THDtype)input->dtype, input->ndim, input->size));
    if (call.status == TH_OK) THThreads_for(pool.planes, THNNPooling_grain(&pool), backwardRange, &pool);
    return THNNCall_close(&call);
}
