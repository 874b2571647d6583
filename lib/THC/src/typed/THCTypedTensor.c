/* THCudaTensor_* and THCudaStorage_*: making, looking, views, copies. Shapes are TH's affair. */
#include <string.h>

#include "typed/THCTypedBody.h"

#define SAME(type, name, parameters, arguments)                                                                                \
    type THTensor_(name) parameters                                                                                            \
    {                                                                                                                          \
        return SHAPE_(name) arguments;                                                                                         \
    }

SAME(THStorage *, storage, (const THTensor *self), (self))
SAME(int64_t, storageOffset, (const THTensor *self), (self))
SAME(int, nDimension, (const THTensor *self), (self))
SAME(int64_t, size, (const THTensor *self, int dim), (self, dim))
SAME(int64_t, stride, (const THTensor *self, int dim), (self, dim))
SAME(real *, data, (const THTensor *self), (self))
SAME(int64_t, nElement, (const THTensor *self), (self))
SAME(int, isContiguous, (const THTensor *self), (self))
SAME(int, isSameSizeAs, (const THTensor *self, const THTensor *source), (self, source))
SAME(THTensor *, newWithTensor, (const THTensor *self), (self))
SAME(THTensor *, newSelect, (const THTensor *self, int dim, int64_t index), (self, dim, index))
SAME(THTensor *, newNarrow, (const THTensor *self, int dim, int64_t first, int64_t size), (self, dim, first, size))
SAME(THTensor *, newTranspose, (const THTensor *self, int dim0, int dim1), (self, dim0, dim1))
SAME(THStatus, resizeNd, (THTensor * self, int n, const int64_t *size, const int64_t *stride), (self, n, size, stride))
SAME(THStatus, resizeAs, (THTensor * self, const THTensor *source), (self, source))
SAME(THStatus, set, (THTensor * self, const THTensor *source), (self, source))
SAME(int, isSetTo, (const THTensor *self, const THTensor *source), (self, source))
SAME(int, isSize, (const THTensor *self, const THStorage *size), (self, size))
SAME(THStorage *, newSizeOf, (const THTensor *self), (self))
SAME(THStorage *, newStrideOf, (const THTensor *self), (self))
SAME(THTensor *, newUnfold, (const THTensor *self, int dim, int64_t size, int64_t step), (self, dim, size, step))
SAME(THTensor *, newView, (const THTensor *self, const THStorage *size), (self, size))
SAME(THTensor *, newExpand, (const THTensor *self, const THStorage *size), (self, size))
SAME(THStatus, resize, (THTensor * self, const THStorage *size, const THStorage *stride), (self, size, stride))
SAME(THStatus, resize1d, (THTensor * self, int64_t size0), (self, size0))
SAME(THStatus, resize2d, (THTensor * self, int64_t size0, int64_t size1), (self, size0, size1))
SAME(THStatus, resize3d, (THTensor * self, int64_t size0, int64_t size1, int64_t size2), (self, size0, size1, size2))
SAME(THStatus, resize4d, (THTensor * self, int64_t size0, int64_t size1, int64_t size2, int64_t size3),
     (self, size0, size1, size2, size3))
SAME(THStatus, narrow, (THTensor * self, const THTensor *source, int dim, int64_t first, int64_t size),
     (self, source, dim, first, size))
SAME(THStatus, select, (THTensor * self, const THTensor *source, int dim, int64_t index), (self, source, dim, index))
SAME(THStatus, transpose, (THTensor * self, const THTensor *source, int dim0, int dim1), (self, source, dim0, dim1))
SAME(THStatus, unfold, (THTensor * self, const THTensor *source, int dim, int64_t size, int64_t step),
     (self, source, dim, size, step))
SAME(THStatus, squeeze, (THTensor * self, const THTensor *source), (self, source))
SAME(THStatus, squeeze1d, (THTensor * self, const THTensor *source, int dim), (self, source, dim))
SAME(THStatus, unsqueeze1d, (THTensor * self, const THTensor *source, int dim), (self, source, dim))

void THTensor_(retain)(THTensor *self)
{
    THTensor_retain(self);
}

void THTensor_(free)(THTensor *self)
{
    THTensor_free(self);
}

int THTensor_(getDevice)(const THTensor *self)
{
    TH_GIVEN_OR(TH_DEVICE_HOST, "getDevice", self);
    return THTensor_device(self);
}

/* --- making -------------------------------------------------------------------------------------------------------------- */

THTensor *THTensor_(new)(void)
{
    return new_here(1, &(int64_t){0});
}

THTensor *THTensor_(newWithSize)(const THStorage *size, const THStorage *stride)
{
    TH_GIVEN_OR(NULL, "newWithSize", size);
    const bool plain =
        size->dtype == THDtype_Long && size->device == TH_DEVICE_HOST && stride == NULL && THStorage_size(size) <= TH_MAX_DIMS;
    if (plain) return new_here((int)THStorage_size(size), (const int64_t *)(const void *)size->data);
    THStatus_fail(TH_ERR_VALUE,
                  "[newWithSize] size, stride: expected a LongStorage of the host with at most %d sizes, and NULL",
                  TH_MAX_DIMS);
    return NULL;
}

THTensor *THTensor_(newWithSize1d)(int64_t size0)
{
    return new_here(1, &size0);
}

THTensor *THTensor_(newWithSize2d)(int64_t size0, int64_t size1)
{
    return new_here(2, (int64_t[]){size0, size1});
}

THTensor *THTensor_(newWithSize3d)(int64_t size0, int64_t size1, int64_t size2)
{
    return new_here(3, (int64_t[]){size0, size1, size2});
}

THTensor *THTensor_(newWithSize4d)(int64_t size0, int64_t size1, int64_t size2, int64_t size3)
{
    return new_here(4, (int64_t[]){size0, size1, size2, size3});
}

THTensor *THTensor_(newClone)(const THTensor *self)
{
    return check_typed("newClone", self) == TH_OK ? THCTensor_newClone(self) : NULL;
}

THTensor *THTensor_(newContiguous)(THTensor *self)
{
    return check_typed("newContiguous", self) == TH_OK ? THCTensor_newContiguous(self) : NULL;
}

/* --- elements ------------------------------------------------------------------------------------------------------------ */

/* A view of one element; NULL with the failure set. */
static THTensor *element(const char *op, const THTensor *self, int ndim, const int64_t *at)
{
    THTensor *view = check_typed(op, self) == TH_OK ? THTensor_newWithTensor(self) : NULL;
    if (view != NULL && self->ndim != ndim) {
        THStatus_fail(TH_ERR_SHAPE, "[%s] tensor has %d dimensions, expected %d", op, self->ndim, ndim);
        THTensor_free(view);
        return NULL;
    }
    for (int d = 0; d < ndim && view != NULL; d++) {
        THTensor *const part = THTensor_newSelect(view, 0, at[d]);
        THTensor_free(view);
        view = part;
    }
    return view;
}

static THStatus set_element(THTensor *self, int ndim, const int64_t *at, real value)
{
    THTensor *const place = element("set", self, ndim, at);
    THTensor *const given = place == NULL ? NULL : THTensor_newWithSize(REAL_DTYPE, 0, NULL);
    THStatus status = given == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK) {
        memcpy(THTensor_dataBytes(given), &value, sizeof value);
        status = THCTensor_copy(place, given);
    }
    THTensor_free(place);
    THTensor_free(given);
    return status;
}

static real get_element(const THTensor *self, int ndim, const int64_t *at)
{
    real value = (real)NO_VALUE;
    THTensor *const place = element("get", self, ndim, at);
    THTensor *const here = place == NULL ? NULL : THCTensor_newOnDevice(place, TH_DEVICE_HOST);
    if (here != NULL) memcpy(&value, THTensor_dataBytes(here), sizeof value);
    THTensor_free(place);
    THTensor_free(here);
    return value;
}

THStatus THTensor_(set1d)(THTensor *self, int64_t x0, real value)
{
    return set_element(self, 1, &x0, value);
}

THStatus THTensor_(set2d)(THTensor *self, int64_t x0, int64_t x1, real value)
{
    return set_element(self, 2, (int64_t[]){x0, x1}, value);
}

real THTensor_(get1d)(const THTensor *self, int64_t x0)
{
    return get_element(self, 1, &x0);
}

real THTensor_(get2d)(const THTensor *self, int64_t x0, int64_t x1)
{
    return get_element(self, 2, (int64_t[]){x0, x1});
}

/* --- copies -------------------------------------------------------------------------------------------------------------- */

/* Shapes may differ as long as the numbers of elements agree; the source may lie anywhere. */
THStatus THTensor_(copy)(THTensor *self, const THTensor *source)
{
    TH_GIVEN("copy", self, source);
    TH_TRY(check_typed("copy", self));
    TH_FAIL_IF(self->numel != source->numel, TH_ERR_SHAPE, "[copy] source has %lld elements, expected %lld",
               (long long)source->numel, (long long)self->numel);
    if (THTensor_isSameSizeAs(self, source)) return THCTensor_copy(self, source);
    THTensor *const there = THCTensor_newOnDevice(source, THTensor_device(self));
    THTensor *const shaped = there == NULL ? NULL : THCTensor_newReshape(there, self->ndim, self->size);
    const THStatus status = shaped == NULL ? THStatus_last() : THCTensor_copy(self, shaped);
    THTensor_free(there);
    THTensor_free(shaped);
    return status;
}

#define COPY_FROM(Name, ctype, acc, python)                                                                                    \
    THStatus THTensor_(copy##Name)(THTensor * self, const THTensor *source)                                                    \
    {                                                                                                                          \
        TH_GIVEN("copy" #Name, self, source);                                                                                  \
        TH_FAIL_IF(source->dtype != THDtype_##Name, TH_ERR_DTYPE, "[copy" #Name "] source is %s, expected " #Name,             \
                   THDtype_name((THDtype)source->dtype));                                                                      \
        return THTensor_(copy)(self, source);                                                                                  \
    }
TH_FORALL_DTYPES(COPY_FROM)

/* --- storages: one-dimensional tensors do their work --------------------------------------------------------------------- */

/* All elements of a storage of this file's dtype on a device; NULL with the failure set. */
static THTensor *whole(const char *op, const THStorage *self, THDtype dtype)
{
    TH_GIVEN_OR(NULL, op, self);
    const int64_t size = THStorage_size(self);
    if (self->dtype == dtype) return THTensor_newWithStorage((THStorage *)self, dtype, 0, 1, &size, NULL);
    THStatus_fail(TH_ERR_DTYPE, "[%s] storage is %s, expected %s", op, THDtype_name((THDtype)self->dtype), THDtype_name(dtype));
    return NULL;
}

real *THStorage_(data)(const THStorage *self)
{
    TH_GIVEN_OR(NULL, "data", self);
    return (real *)(void *)self->data;
}

int64_t THStorage_(size)(const THStorage *self)
{
    return THStorage_size(self);
}

int THStorage_(getDevice)(const THStorage *self)
{
    TH_GIVEN_OR(TH_DEVICE_HOST, "getDevice", self);
    return self->device;
}

THStorage *THStorage_(newWithSize)(int64_t size)
{
    THTensor *const t = new_here(1, &size);
    THStorage *const storage = t == NULL ? NULL : t->storage;
    if (storage != NULL) THStorage_retain(storage);
    THTensor_free(t);
    return storage;
}

THStorage *THStorage_(new)(void)
{
    return THStorage_(newWithSize)(0);
}

void THStorage_(retain)(THStorage *self)
{
    THStorage_retain(self);
}

void THStorage_(free)(THStorage *self)
{
    THStorage_free(self);
}

THStatus THStorage_(resize)(THStorage *self, int64_t size)
{
    return THStorage_resize(self, size);
}

THStatus THStorage_(set)(THStorage *self, int64_t place, real value)
{
    THTensor *const t = whole("set", self, REAL_DTYPE);
    const THStatus status = t == NULL ? THStatus_last() : THTensor_(set1d)(t, place, value);
    THTensor_free(t);
    return status;
}

real THStorage_(get)(const THStorage *self, int64_t place)
{
    THTensor *const t = whole("get", self, REAL_DTYPE);
    const real value = t == NULL ? (real)NO_VALUE : THTensor_(get1d)(t, place);
    THTensor_free(t);
    return value;
}

THStatus THStorage_(copy)(THStorage *self, const THStorage *source)
{
    TH_GIVEN("copy", self, source);
    THTensor *const to = whole("copy", self, REAL_DTYPE), *const from = whole("copy", source, (THDtype)source->dtype);
    const THStatus status = to == NULL || from == NULL ? THStatus_last() : THTensor_(copy)(to, from);
    THTensor_free(to);
    THTensor_free(from);
    return status;
}

/* By way of one element of the host, which has any dtype's bits. */
THStatus THStorage_(fill)(THStorage *self, real value)
{
    THTensor *const to = whole("fill", self, REAL_DTYPE);
    THTensor *const given = to == NULL ? NULL : THTensor_newWithSize(REAL_DTYPE, 0, NULL);
    THTensor *const there = given == NULL ? NULL : THCTensor_newOnDevice(given, self->device);
    THStatus status = there == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK) {
        memcpy(THTensor_dataBytes(given), &value, sizeof value);
        status = THCTensor_copy(there, given);
    }
    if (status == TH_OK) status = THCTensor_copy(to, there);
    THTensor *const all[] = {to, given, there};
    for (int i = 0; i < 3; i++) THTensor_free(all[i]);
    return status;
}
