/* Loops over floats, run over halves block by block. */
#include "ops/THHalfLoop.h"

#include "TH/THTensorFill.h"
#include "kernels/THConversion.h"
#include "ops/THOps.h"

#define BLOCK 1024 /* elements that are converted at a time: four operands stay within the first cache */

typedef struct HalfLoop {
    THLoop loop;
    const void *args;
    int count;        /* operands: the output first */
    bool half_output; /* else the output is what `loop` writes */
    THLoop widen, narrow;
} HalfLoop;

static void run(char *const data[], const int64_t stride[], int64_t n, const void *args)
{
    const HalfLoop *const self = args;
    _Alignas(64) float block[TH_ITER_MAX_ARGS][BLOCK]; /* no vector crosses a cache line */
    for (int64_t begin = 0; begin < n; begin += BLOCK) {
        const int64_t count = n - begin < BLOCK ? n - begin : BLOCK;
        char *part[TH_ITER_MAX_ARGS];
        int64_t step[TH_ITER_MAX_ARGS];
        for (int k = 0; k < self->count; k++) {
            char *const from = data[k] + begin * stride[k];
            const bool halves = k > 0 || self->half_output;
            part[k] = halves ? (char *)block[k] : from;
            step[k] = k == 0 ? (halves ? (int64_t)sizeof(float) : stride[0]) : (stride[k] == 0 ? 0 : (int64_t)sizeof(float));
            char *const pair[] = {part[k], from};
            const int64_t pair_stride[] = {sizeof(float), stride[k]};
            if (k > 0) self->widen(pair, pair_stride, stride[k] == 0 ? 1 : count, NULL);
        }
        self->loop(part, step, count, self->args);
        char *const pair[] = {data[0] + begin * stride[0], part[0]};
        const int64_t pair_stride[] = {stride[0], sizeof(float)};
        if (self->half_output) self->narrow(pair, pair_stride, count, NULL);
    }
}

THStatus THHalfLoop_map(const char *op, THLoop loop, const void *args, int64_t grain, int count, THTensor *const tensors[])
{
    const HalfLoop self = {.loop = loop,
                           .args = args,
                           .count = count,
                           .half_output = tensors[0]->dtype == THDtype_Half,
                           .widen = TH_PICK(THConversion_tables, THDtype_Half)->to[THDtype_Float],
                           .narrow = TH_PICK(THConversion_tables, THDtype_Float)->to[THDtype_Half]};
    return THIter_map(op, run, &self, grain, count, tensors);
}

THStatus THHalfLoop_reduce(const char *op, THHalfReduction run, const void *call, THTensor *r, const THTensor *a)
{
    TH_FAIL_IF(r->storage != NULL && r->dtype != THDtype_Half, TH_ERR_DTYPE, "[%s] the output is %s, expected Half", op,
               THDtype_name((THDtype)r->dtype));
    THTensor *const wide = THTensor_newConvert(a, THDtype_Float), *const result = THTensor_new();
    THStatus status = wide == NULL || result == NULL ? THStatus_last() : run(call, result, wide);
    if (status == TH_OK) status = THTensor_output(r, op, THDtype_Half, result->ndim, result->size);
    if (status == TH_OK) status = THTensor_copy(r, result);
    THTensor_free(wide);
    THTensor_free(result);
    return status;
}

THStatus THHalfLoop_update(THHalfUpdate run, const void *call, THTensor *self, const THTensor *source)
{
    THTensor *const target = THTensor_newConvert(self, THDtype_Float), *const wide = THTensor_newConvert(source, THDtype_Float);
    THStatus status = target == NULL || wide == NULL ? THStatus_last() : run(call, target, wide);
    if (status == TH_OK) status = THTensor_copy(self, target);
    THTensor_free(target);
    THTensor_free(wide);
    return status;
}
