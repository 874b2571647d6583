/* SpatialMaxPooling: the maximum of each window, and where it was. */
#include <string.h>

#include "ops/THNNPooling.h"

#define OP "SpatialMaxPooling"

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

THStatus THNN_SpatialMaxPooling_updateOutput(const THTensor *input, THTensor *output, THTensor *indices, int64_t kH, int64_t kW,
                                             int64_t dH, int64_t dW, int64_t padH, int64_t padW, int64_t dilationH,
                                             int64_t dilationW, int ceil_mode)
{
    THNNPooling pool;
    TH_TRY(THNNPooling_initInput(&pool, OP, input));
    const int64_t *spatial = input->size + input->ndim - 2;
    TH_TRY(THNNWindow_init(&pool.plane.h, OP, 'H', spatial[0], kH, dH, padH, dilationH));
    TH_TRY(THNNWindow_init(&pool.plane.w, OP, 'W', spatial[1], kW, dW, padW, dilationW));
    TH_TRY(THNNPooling_initOutput(&pool, OP, input, ceil_mode));
    THNNCall call = {.op = OP};
    pool.x = THNN_data(THNNCall_read(&call, input));
    pool.out = THNN_data(THNNCall_write(&call, output, (THDtype)input->dtype, input->ndim, pool.shape));
    pool.indices = THNN_data(THNNCall_write(&call, indices, THDtype_Long, input->ndim, pool.shape));
    if (call.status == TH_OK) THThreads_for(pool.planes, THNNPooling_grain(&pool), forwardRange, &pool);
    return THNNCall_close(&call);
}

/* Before anything is written. */
static THStatus checkIndices(int64_t n, const int64_t *indices, int64_t in_plane)
{
    for (int64_t i = 0; i < n; i++) {
        TH_FAIL_IF(indices[i] < 0 || indices[i] >= in_plane, TH_ERR_INDEX,
                   "[" OP "] indices hold %lld, expected positions in [0, %lld)", (long long)indices[i], (long long)in_plane);
    }
    return TH_OK;
}

THStatus THNN_SpatialMaxPooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                const THTensor *indices)
{
    THNNPooling pool;
    TH_TRY(THNNPooling_initInput(&pool, OP, input));
    TH_TRY(THNN_checkDtype(OP, "gradOutput", gradOutput, (THDtype)input->dtype));
    TH_TRY(THNN_checkDtype(OP, "indices", indices, THDtype_Long));
    TH_FAIL_IF(gradOutput->ndim != input->ndim, TH_ERR_SHAPE, "[" OP "] gradOutput has %d dimensions, expected %d",
               gradOutput->ndim, input->ndim);
    int64_t shape[4];
    for (int d = 0; d < input->ndim; d++) shape[d] = d < input->ndim - 2 ? input->size[d] : gradOutput->size[d];
    TH_TRY(THNN_checkShape(OP, "gradOutput", gradOutput, input->ndim, shape));
    TH_TRY(THNN_checkShape(OP, "indices", indices, input->ndim, shape));
    pool.out_plane = shape[input->ndim - 2] * shape[input->ndim - 1];
    THNNCall call = {.op = OP};
    pool.gy = THNN_data(THNNCall_read(&call, gradOutput));
    const THTensor *places = THNNCall_read(&call, indices);
    if (call.status == TH_OK) {
        pool.indices = THNN_data(places);
        THNNCall_fail(&call, checkIndices(places->numel, pool.indices, pool.in_plane));
    }
    pool.out = THNN_data(THNNCall_write(&call, gradInput, (THDtype)input->dtype, input->ndim, input->size));
    if (call.status == TH_OK) THThreads_for(pool.planes, THNNPooling_grain(&pool), backwardRange, &pool);
    return THNNCall_close(&call);
}
