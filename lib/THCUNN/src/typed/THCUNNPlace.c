/* What THNN's sources ask of tensors on devices. */
#include "ops/THNNPlace.h"

THTensor *THNNPlace_newBeside(const THTensor *neighbour, THDtype dtype, int ndim, const int64_t *size)
{
    return THCTensor_newWithSize(THTensor_device(neighbour), dtype, ndim, size);
}

THStatus THNNPlace_check(const char *op, const char *argument, const THTensor *tensor)
{
    TH_FAIL_IF(THTensor_device(tensor) == TH_DEVICE_HOST, TH_ERR_STATE, "[%s] %s lies on the host, expected a CUDA device", op,
               argument);
    return TH_OK;
}

THStatus THNN_checkFloating(const char *op, const char *argument, const THTensor *tensor)
{
    TH_FAIL_IF(!THDtype_isFloating((THDtype)tensor->dtype), TH_ERR_UNSUPPORTED,
               "[%s] %s is a %s tensor, Half, Float or Double are implemented", op, argument,
               THDtype_name((THDtype)tensor->dtype));
    return THNNPlace_check(op, argument, tensor);
}
