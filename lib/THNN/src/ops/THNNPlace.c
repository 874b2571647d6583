#include "ops/THNNPlace.h"

THTensor *THNNPlace_newBeside(const THTensor *neighbour, THDtype dtype, int ndim, const int64_t *size)
{
    (void)neighbour; /* on the host, as all that this library takes */
    return THTensor_newWithSize(dtype, ndim, size);
}

THStatus THNNPlace_check(const char *op, const char *argument, const THTensor *tensor)
{
    TH_FAIL_IF(THTensor_device(tensor) != TH_DEVICE_HOST, TH_ERR_STATE, "[%s] %s lies on device %d, expected the host", op,
               argument, THTensor_device(tensor));
    return TH_OK;
}

THStatus THNN_checkFloating(const char *op, const char *argument, const THTensor *tensor)
{
    TH_FAIL_IF(tensor->dtype != THDtype_Float && tensor->dtype != THDtype_Double, TH_ERR_UNSUPPORTED,
               "[%s] %s is a %s tensor, Float or Double are implemented", op, argument, THDtype_name((THDtype)tensor->dtype));
    return THNNPlace_check(op, argument, tensor);
}
