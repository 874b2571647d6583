// Checks of dtypes, devices and shapes before a kernel starts, and outputs.
#pragma once

#include "THC/device/THCCore.cuh"

TH_BEGIN_DECLS

// TH_ERR_DTYPE unless a and b have one dtype, TH_ERR_STATE unless they live on one device.
TH_API THStatus thc_same(const char *op, const THTensor *a, const THTensor *b);
TH_API THStatus thc_sameDevice(const char *op, const THTensor *a, const THTensor *b);

// Make r ready for a result on the device of a: of a's shape, of the broadcast shape of a and b (b and c), of any shape. The
// broadcasting ones fail if r is an input of another shape: resizing it would destroy the input.
TH_API THStatus thc_outputLike(const char *op, THTensor *r, const THTensor *a, THDtype dtype);
TH_API THStatus thc_outputOfTwo(const char *op, THTensor *r, const THTensor *a, const THTensor *b, THDtype dtype);
TH_API THStatus thc_outputOfThree(const char *op, THTensor *r, const THTensor *a, const THTensor *b, const THTensor *c,
                                  THDtype dtype);
// TH_ERR_VALUE if r shares memory with a. The first leaves r as it is: for more inputs than one, before the second.
TH_API THStatus thc_checkApart(const char *op, const THTensor *r, const THTensor *a);
TH_API THStatus thc_outputApart(const char *op, THTensor *r, const THTensor *a, THDtype dtype, int ndim, const int64_t *size);

TH_END_DECLS

template <class T> T *thc_data(const THTensor *tensor)
{
    return reinterpret_cast<T *>(THTensor_dataBytes(tensor));
}
