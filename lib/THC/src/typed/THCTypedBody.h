/* What the bodies of the typed functions share; compiled once for each dtype with -DTH_DTYPE=Float. */
#ifndef THC_TYPED_BODY_H
#define THC_TYPED_BODY_H

#include <math.h>

#include "TH/THKernel.h"
#include "THC/THCGeneral.h"
#include "THC/THCTyped.h"

#if TH_DTYPE_IS(Float)
#define TH_TYPED_NAME Cuda
#else
#define TH_TYPED_NAME TH_TYPED_CONCAT(Cuda, TH_DTYPE, , )
#endif
#define TH_TYPED_REAL scalar_t
#if TH_DTYPE_IS_FLOATING
#define TH_TYPED_ACCREAL double
#else
#define TH_TYPED_ACCREAL int64_t
#endif
#include "TH/generic/THTypedMacros.h"

#define REAL_DTYPE TH_TYPED_CONCAT(THDtype_, TH_DTYPE, , )
#define SHAPE_(NAME) TH_TYPED_CONCAT(TH, TH_DTYPE, Tensor_, NAME) /* TH's function, where no element is touched */

#if TH_DTYPE_IS(Float) || TH_DTYPE_IS(Double)
#define SCALAR(value) THScalar_fromDouble((double)(value))
#define NO_VALUE NAN /* what a function returns that could not compute its value */
#else
#define SCALAR(value) THScalar_fromLong((int64_t)(value))
#define NO_VALUE 0
#endif

/* TH_ERR_DTYPE unless t has this file's dtype, TH_ERR_STATE unless it lies on a device. */
static inline THStatus check_typed(const char *op, const THTensor *t)
{
    TH_GIVEN(op, t);
    TH_FAIL_IF(t->dtype != REAL_DTYPE, TH_ERR_DTYPE, "[%s] tensor is %s, expected %s", op, THDtype_name((THDtype)t->dtype),
               THDtype_name(REAL_DTYPE));
    TH_FAIL_IF(THTensor_device(t) == TH_DEVICE_HOST, TH_ERR_STATE, "[%s] tensor lies on the host, expected a CUDA device", op);
    return TH_OK;
}

/* Of this file's dtype on the current device. */
static inline THTensor *new_here(int ndim, const int64_t *size)
{
    int device = 0;
    return THC_getDevice(&device) == TH_OK ? THCTensor_newWithSize(device, REAL_DTYPE, ndim, size) : NULL;
}

/* The only element of r, if `status` says that it was made; frees r. */
static inline THScalar taken(THTensor *r, THStatus status)
{
    THScalar found = SCALAR(NO_VALUE);
    if (r == NULL) return found;
    if (status == TH_OK) status = THCTensor_item(r, &found);
    THTensor_free(r);
    return status == TH_OK ? found : SCALAR(NO_VALUE);
}

static inline accreal accreal_of(THScalar s)
{
    return s.is_float ? (accreal)s.value.d : (accreal)s.value.i;
}

/* Defines a function that checks `first` and then returns `call`. */
#define FORWARD(name, parameters, first, call)                                                                                 \
    THStatus THTensor_(name) parameters                                                                                        \
    {                                                                                                                          \
        TH_TRY(check_typed(#name, first));                                                                                     \
        return call;                                                                                                           \
    }

/* Defines a function that returns the only element which `call` leaves in the tensor r. */
#define RETURN_VALUE(type, name, parameters, call)                                                                             \
    type THTensor_(name) parameters                                                                                            \
    {                                                                                                                          \
        THTensor *const r = THTensor_new();                                                                                    \
        const THStatus status = r == NULL ? THStatus_last() : check_typed(#name, t);                                           \
        return (type)accreal_of(taken(r, status == TH_OK ? call : status));                                                    \
    }

#endif
