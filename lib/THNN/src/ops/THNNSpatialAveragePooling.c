/* SpatialAveragePooling: the mean of each window. */
#include <string.h>

#include "ops/THNNPooling.h"

#define OP "SpatialAveragePooling"

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

/* Stride and padding as the caller gave them. */
typedef struct Arguments {
    int64_t kH, kW, dH, dW, padH, padW;
    int ceil_mode, count_include_pad;
} Arguments;

static THStatus initPooling(THNNPooling *pool, const THTensor *input, const Arguments *a)
{
    TH_TRY(THNNPooling_initInput(pool, OP, input));
    const int64_t *spatial = input->size + input->ndim - 2;
    TH_TRY(THNNWindow_init(&pool->plane.h, OP, 'H', spatial[0], a->kH, a->dH, a->padH, 1));
    TH_TRY(THNNWindow_init(&pool->plane.w, OP, 'W', spatial[1], a->kW, a->dW, a->padW, 1));
    TH_TRY(THNNPooling_initOutput(pool, OP, input, a->ceil_mode));
    pool->count_include_pad = a->count_include_pad;
    return TH_OK;
}

THStatus THNN_SpatialAveragePooling_updateOutput(const THTensor *input, THTensor *output, int64_t kH, int64_t kW, int64_t dH,
                                                 int64_t dW, int64_t padH, int64_t padW, int ceil_mode, int count_include_pad)
{
    THNNPooling pool;
    TH_TRY(initPooling(&pool, input, &(Arguments){kH, kW, dH, dW, padH, padW, ceil_mode, count_include_pad}));
    THNNCall call = {.op = OP};
    pool.x = THNN_data(THNNCall_read(&call, input));
    pool.out = THNN_data(THNNCall_write(&call, output, (THDtype)input->dtype, input->ndim, pool.shape));
    if (call.status == TH_OK) THThreads_for(pool.planes, THNNPooling_grain(&pool), forwardRange, &pool);
    return THNNCall_close(&call);
}

THStatus THNN_SpatialAveragePooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                    int64_t kH, int64_t kW, int64_t dH, int64_t dW, int64_t padH, int64_t padW,
                                                    int ceil_mode, int count_include_pad)
{
    THNNPooling pool;
    TH_TRY(initPooling(&pool, input, &(Arguments){kH, kW, dH, dW, padH, padW, ceil_mode, count_include_pad}));
    TH_TRY(THNN_checkDtype(OP, "gradOutput", gradOutput, (THDtype)input->dtype));
    TH_TRY(THNN_checkShape(OP, "gradOutput", gradOutput, input->ndim, pool.shape));
    THNNCall call = {.op = OP};
    pool.gy = THNN_data(THNNCall_read(&call, gradOutput));
    pool.out = THNN_data(THNNCall_write(&call, gradInput, (THDtype)input->dtype, input->ndim, input->size));
    if (call.status == TH_OK) THThreads_for(pool.planes, THNNPooling_grain(&pool), backwardRange, &pool);
    return THNNCall_close(&call);
}
