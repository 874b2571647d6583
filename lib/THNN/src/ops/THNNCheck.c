/* Checks of tensors, of any place. */
#include "ops/THNNCall.h"
#include "ops/THNNPlace.h"

#define TEXT_ROOM 160

THStatus THNN_checkTyped(const char *op, const char *argument, const THTensor *tensor, THDtype dtype)
{
    TH_FAIL_IF(tensor == NULL, TH_ERR_VALUE, "[%s] %s, NULL: must be given", op, argument);
    TH_FAIL_IF(tensor->dtype != dtype, TH_ERR_DTYPE, "[%s] %s is a %s tensor, expected %s", op, argument,
               THDtype_name((THDtype)tensor->dtype), THDtype_name(dtype));
    return TH_OK;
}

THStatus THNN_checkDtype(const char *op, const char *argument, const THTensor *tensor, THDtype dtype)
{
    TH_TRY(THNN_checkTyped(op, argument, tensor, dtype));
    return THNNPlace_check(op, argument, tensor);
}

THStatus THNN_checkShape(const char *op, const char *argument, const THTensor *tensor, int ndim, const int64_t *size)
{
    bool same = tensor->ndim == ndim;
    for (int d = 0; same && d < ndim; d++) same = tensor->size[d] == size[d];
    if (same) return TH_OK;
    char has[TEXT_ROOM];
    char expected[TEXT_ROOM];
    return THStatus_fail(TH_ERR_SHAPE, "[%s] %s has shape %s, expected %s", op, argument,
                         THTensor_describeSize(tensor->ndim, tensor->size, has, sizeof(has)),
                         THTensor_describeSize(ndim, size, expected, sizeof(expected)));
}
