/* The outputs of a reduction, made ready. */
#include "ops/THReduceOutput.h"

#include "ops/THOps.h"

THStatus THReduceOutput_all(const char *op, THTensor *r, const THTensor *a, THDtype dtype)
{
    return THOps_outputApart(op, r, a, dtype, 0, NULL);
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
    for (int k = 0; k < count; k++) TH_TRY(THOps_checkApart(op, outputs[k], a, dtypes[k], ndim, size));
    for (int k = 1; k < count; k++) TH_TRY(THOps_checkTwo(op, outputs[k - 1], outputs[k]));
    for (int k = 0; k < count; k++) TH_TRY(THOps_outputApart(op, outputs[k], a, dtypes[k], ndim, size));
    return TH_OK;
}
