/* The outputs of a reduction, made ready. */
#include "ops/THReduceOutput.h"

/* Before THTensor_output could resize what is to be read; again after it, because the output may have moved. */
static THStatus check_apart(const char *op, const THTensor *r, const THTensor *a)
{
    const bool shared = r == a || (r->storage != NULL && a->storage != NULL && THTensor_mayOverlap(r, a));
    TH_FAIL_IF(shared, TH_ERR_VALUE, "[%s] output shares memory with the input, expected memory of its own", op);
    return TH_OK;
}

static THStatus prepare(const char *op, THTensor *r, const THTensor *a, THDtype dtype, int ndim, const int64_t *size)
{
    TH_TRY(check_apart(op, r, a));
    TH_TRY(THTensor_output(r, op, dtype, ndim, size));
    return check_apart(op, r, a);
}

THStatus THReduceOutput_all(const char *op, THTensor *r, const THTensor *a, THDtype dtype)
{
    return prepare(op, r, a, dtype, 0, NULL);
}

THStatus THReduceOutput_dim(const char *op, int count, THTensor *const outputs[], const THDtype dtypes[], const THTensor *a,
                            int *dim, int keepdim)
{
    int64_t size[TH_MAX_DIMS];
    int ndim = 0;
    TH_TRY(THTensor_wrapDim(a, *dim, op, dim));
    for (int d = 0; d < a->ndim; d++) {
        if (d == *dim && !keepdim) continue;
        size[ndim++] = d == *dim ? 1 : a->size[d];
    }
    for (int k = 0; k < count; k++) TH_TRY(prepare(op, outputs[k], a, dtypes[k], ndim, size));
    return TH_OK;
}
