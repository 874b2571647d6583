#include "TH/THIter.h"
#include "TH/THArgument.h"

#include "TH/THThreads.h"
#include "iter/THIterCopy.h"
#include "iter/THIterPlan.h"

/* Computes into fresh memory, then copies. */
static THStatus mapAside(const char *op, THLoop loop, const void *args, int64_t grain, int nargs, THTensor *const tensors[])
{
    THTensor *output = tensors[0];
    THTensor *aside = THTensor_newWithSize((THDtype)output->dtype, output->ndim, output->size);
    if (aside == NULL) return THStatus_last();
    THTensor *operands[TH_ITER_MAX_ARGS] = {aside};
    for (int k = 1; k < nargs; k++) operands[k] = tensors[k];
    THStatus status = THIter_map(op, loop, args, grain, nargs, operands);
    if (status == TH_OK) status = thIterCopy_run(op, output, aside);
    THTensor_free(aside);
    return status;
}

static THStatus mapGeneral(const char *op, THLoop loop, const void *args, int64_t grain, int nargs, THTensor *const tensors[])
{
    THIterPlan plan;
    TH_TRY(THIter_plan(&plan, op, nargs, tensors));
    for (int k = 1; k < nargs; k++) {
        if (THIter_conflicts(tensors[0], tensors[k])) return mapAside(op, loop, args, grain, nargs, tensors);
    }
    thIterPlan_lengthenRuns(&plan);
    thIterPlan_run(&plan, loop, args, grain);
    return TH_OK;
}

typedef struct Flat {
    THLoop loop;
    const void *args;
    int nargs;
    char *data[TH_ITER_MAX_ARGS];
    int64_t stride[TH_ITER_MAX_ARGS];
} Flat;

static void flatRange(int64_t begin, int64_t end, int thread, void *context)
{
    (void)thread;
    const Flat *flat = context;
    char *data[TH_ITER_MAX_ARGS];
    for (int k = 0; k < flat->nargs; k++) data[k] = flat->data[k] + begin * flat->stride[k];
    flat->loop(data, flat->stride, end - begin, flat->args);
}

/* The common case without a plan: a contiguous output; inputs contiguous in the same shape, or of one element. False if it
 * is not that. */
static bool flatten(Flat *flat, int nargs, THTensor *const tensors[])
{
    const THTensor *output = tensors[0];
    const int64_t itemsize = THDtype_itemsize((THDtype)output->dtype);
    if (output->storage == NULL || !THTensor_isContiguous(output)) return false;
    char *begin = flat->data[0] = THTensor_dataBytes(output);
    const char *end = begin + output->numel * itemsize;
    flat->stride[0] = itemsize;
    for (int k = 1; k < nargs; k++) {
        const THTensor *t = tensors[k];
        if (t->storage == NULL) return false;
        const int64_t bytes = THDtype_itemsize((THDtype)t->dtype);
        char *data = flat->data[k] = THTensor_dataBytes(t);
        if (THTensor_isContiguous(t) && THTensor_isSameSizeAs(t, output)) {
            flat->stride[k] = bytes;
            if (data < end && begin < data + t->numel * bytes && !(data == begin && bytes == itemsize)) return false;
        } else if (t->numel == 1 && t->ndim <= output->ndim) {
            flat->stride[k] = 0;
            if (data < end && begin < data + bytes) return false;
        } else {
            return false;
        }
    }
    return true;
}

THStatus THIter_map(const char *op, THLoop loop, const void *args, int64_t grain, int nargs, THTensor *const tensors[])
{
    TH_GIVEN("map", op, tensors);
    TH_FAIL_IF(loop == NULL, TH_ERR_VALUE, "[%s] loop, NULL: must be given", op);
    Flat flat;
    if (__builtin_expect(!flatten(&flat, nargs, tensors), 0)) return mapGeneral(op, loop, args, grain, nargs, tensors);
    const int64_t numel = tensors[0]->numel;
    if (numel <= grain) {
        if (numel > 0) loop(flat.data, flat.stride, numel, args);
        return TH_OK;
    }
    flat.loop = loop;
    flat.args = args;
    flat.nargs = nargs;
    THThreads_for(numel, grain, flatRange, &flat);
    return TH_OK;
}
