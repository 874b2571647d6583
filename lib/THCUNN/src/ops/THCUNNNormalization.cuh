// What normalisations ask of their vectors.
#pragma once

#include "ops/THCUNNCall.cuh"

// `tensor`, if there is one, has the dtype and the device of `input`, and exactly this shape.
inline THStatus cunn_checkVector(const char *op, const char *argument, const THTensor *tensor, const THTensor *input, int ndim,
                                 const int64_t *size)
{
    if (tensor == nullptr) return TH_OK;
    TH_TRY(cunn_checkDtype(op, argument, tensor, (THDtype)input->dtype));
    TH_TRY(thc_sameDevice(op, input, tensor));
    return cunn_checkShape(op, argument, tensor, ndim, size);
}
