/* What the bodies of the typed functions share; compiled once for each dtype with -DTH_DTYPE=Float. */
#ifndef TH_TYPED_BODY_H
#define TH_TYPED_BODY_H

#include <math.h>
#include <string.h>

#include "TH/TH.h"
#include "TH/THArgument.h"
#include "TH/THKernel.h"
#include "TH/THTyped.h"
#include "typed/THTypedPlace.h"

/* THC compiles these sources, too, with a name of its own for each dtype. */
#ifndef TH_TYPED_BODY_NAME
#define TH_TYPED_BODY_NAME TH_DTYPE
#endif
#define TH_TYPED_NAME TH_TYPED_BODY_NAME
#define TH_TYPED_REAL scalar_t
#if TH_DTYPE_IS_FLOATING
#define TH_TYPED_ACCREAL double
#else
#define TH_TYPED_ACCREAL int64_t
#endif
#include "TH/generic/THTypedMacros.h"

#define REAL_DTYPE TH_TYPED_CONCAT(THDtype_, TH_DTYPE, , )

/* Numbers as THScalar and as double, and what a function returns that could not compute its value. A `real` of Half is its
 * bits. */
#if TH_DTYPE_IS_FLOATING
#define ACC_SCALAR(value) THScalar_fromDouble((double)(value))
#define NO_ACCREAL NAN
#else
#define ACC_SCALAR(value) THScalar_fromLong((int64_t)(value))
#define NO_ACCREAL 0
#endif
#if TH_DTYPE_IS(Half)
#define NO_REAL 0x7e00
#define REAL_OF(number) TH_float2half((float)(number))
#define DOUBLE_OF(value) ((double)TH_half2float(value))
#define SCALAR(value) ACC_SCALAR(DOUBLE_OF(value))
#else
#define NO_REAL ((real)NO_ACCREAL)
#define REAL_OF(number) ((real)(number))
#define DOUBLE_OF(value) ((double)(value))
#define SCALAR(value) ACC_SCALAR(value)
#endif
#define AS_accreal(number) (number)
#define AS_real(number) REAL_OF(number)

static inline accreal accreal_of(THScalar s)
{
    return s.is_float ? (accreal)s.value.d : (accreal)s.value.i;
}

/* TH_ERR_DTYPE unless t has this file's dtype: the tagged functions only ask for one dtype, whichever it is. */
#define check_dtype(op, t) check_dtype_of((op), #t, (t))
static inline THStatus check_dtype_of(const char *op, const char *name, const THTensor *t)
{
    TH_FAIL_IF(t == NULL, TH_ERR_VALUE, "[%s] %s, NULL: must be given", op, name);
    TH_FAIL_IF(t->dtype != REAL_DTYPE, TH_ERR_DTYPE, "[%s] tensor is %s, expected %s", op, THDtype_name((THDtype)t->dtype),
               THDtype_name(REAL_DTYPE));
    return TH_OK;
}

/* r_ becomes the int64 result `wide`, wrapped to this file's dtype; frees it. `status`: of what computed it. */
static inline THStatus wrap_into(const char *op, THTensor *r_, THTensor *wide, THStatus status)
{
    if (status == TH_OK) status = thTyped_output(r_, op, wide, REAL_DTYPE, wide->ndim, wide->size);
    if (status == TH_OK) status = THTensor_copy(r_, wide);
    THTensor_free(wide);
    return status;
}

/* The elements of a THLongStorage that holds sizes or strides. */
static inline const int64_t *longs_of(const THStorage *s)
{
    return s == NULL ? NULL : (const int64_t *)s->data;
}

/* Fails unless `size` is a LongStorage of at most TH_MAX_DIMS sizes, and `stride`, where there is one, has as many. */
static inline THStatus check_sizes(const char *op, const THStorage *size, const THStorage *stride)
{
    TH_FAIL_IF(size == NULL, TH_ERR_VALUE, "[%s] size, NULL: expected a LongStorage", op);
    TH_FAIL_IF(size->dtype != THDtype_Long, TH_ERR_DTYPE, "[%s] size is a storage of %s, expected Long", op,
               THDtype_name((THDtype)size->dtype));
    TH_FAIL_IF(size->device != TH_DEVICE_HOST, TH_ERR_STATE, "[%s] size lies on a device, expected a storage of the host", op);
    TH_FAIL_IF(THStorage_size(size) > TH_MAX_DIMS, TH_ERR_SHAPE, "[%s] size has %lld elements, expected at most %d", op,
               (long long)THStorage_size(size), TH_MAX_DIMS);
    if (stride == NULL) return TH_OK;
    TH_FAIL_IF(stride->dtype != THDtype_Long, TH_ERR_DTYPE, "[%s] stride is a storage of %s, expected Long", op,
               THDtype_name((THDtype)stride->dtype));
    TH_FAIL_IF(stride->device != TH_DEVICE_HOST, TH_ERR_STATE, "[%s] stride lies on a device, expected a storage of the host",
               op);
    TH_FAIL_IF(THStorage_size(stride) != THStorage_size(size), TH_ERR_SHAPE, "[%s] stride has %lld elements, expected %lld", op,
               (long long)THStorage_size(stride), (long long)THStorage_size(size));
    return TH_OK;
}

/* Defines a function that returns the only element which `call` leaves in the tensor r. */
#define RETURN_VALUE(type, name, parameters, call)                                                                             \
    type THTensor_(name) parameters                                                                                            \
    {                                                                                                                          \
        THScalar found = ACC_SCALAR(NO_ACCREAL);                                                                               \
        THTensor *const r = THTensor_new();                                                                                    \
        THStatus status = r == NULL ? THStatus_last() : check_dtype(#name, t);                                                 \
        if (status == TH_OK) status = call;                                                                                    \
        if (status == TH_OK) status = THTensor_item(r, &found);                                                                \
        THTensor_free(r);                                                                                                      \
        return AS_##type(status == TH_OK ? accreal_of(found) : NO_ACCREAL);                                                    \
    }

#endif
