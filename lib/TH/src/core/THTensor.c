#include "TH/THTensor.h"
#include "TH/THArgument.h"

#include <stdlib.h>
#include <string.h>

#include "TH/THDevice.h"
#include "core/THCore.h"
#include "core/THLocal.h"

/* A header with one reference: no dtype, no storage, size (0). */
static THTensor *newHeader(void)
{
    THTensor *self = thCache_take(&th_local.tensors);
    if (__builtin_expect(self == NULL, 0)) {
        self = malloc(sizeof(THTensor));
        if (self == NULL) {
            THStatus_fail(TH_ERR_MEMORY, "[tensor] not enough memory");
            return NULL;
        }
    }
    self->refcount = 1;
    self->dtype = THDtype_None;
    self->flags = THTensor_CONTIGUOUS;
    self->ndim = 1;
    self->numel = 0;
    self->offset = 0;
    self->size = self->inline_dims;
    self->stride = self->inline_dims + TH_TENSOR_INLINE_DIMS;
    self->storage = NULL;
    self->pyobj = NULL;
    self->meta = NULL;
    self->meta_drop = NULL;
    self->size[0] = 0;
    self->stride[0] = 1;
    return self;
}

THTensor *THTensor_new(void)
{
    return newHeader();
}

void THTensor_retain(THTensor *self)
{
    TH_GIVEN_OR(, "retain", self);
    THRefcount_retain(&self->refcount);
}

void THTensor_free(THTensor *self)
{
    if (self == NULL || !THRefcount_release(&self->refcount)) return;
    if (self->meta_drop != NULL) self->meta_drop(self->meta);
    THStorage_free(self->storage);
    if (__builtin_expect(self->size != self->inline_dims, 0)) free(self->size);
    if (!thCache_give(&th_local.tensors, self)) free(self);
}

THStatus thTensor_setNdim(THTensor *self, int ndim)
{
    TH_FAIL_IF(ndim < 0 || ndim > TH_MAX_DIMS, TH_ERR_SHAPE, "[shape] number of dimensions, %d: must be 0 to %d", ndim,
               TH_MAX_DIMS);
    const bool on_heap = self->size != self->inline_dims;
    if (ndim <= TH_TENSOR_INLINE_DIMS) {
        if (on_heap) free(self->size);
        self->size = self->inline_dims;
        self->stride = self->inline_dims + TH_TENSOR_INLINE_DIMS;
    } else if (ndim != self->ndim || !on_heap) {
        int64_t *room = malloc(2 * (size_t)ndim * sizeof *room);
        TH_FAIL_IF(room == NULL, TH_ERR_MEMORY, "[shape] not enough memory");
        if (on_heap) free(self->size);
        self->size = room;
        self->stride = room + ndim;
    }
    self->ndim = (int16_t)ndim;
    return TH_OK;
}

THTensor *thTensor_newLike(const THTensor *self, int ndim)
{
    if (__builtin_expect(self->storage == NULL, 0)) {
        THStatus_fail(TH_ERR_STATE, "[view] self: has no dtype and no elements yet");
        return NULL;
    }
    THTensor *view = newHeader();
    if (__builtin_expect(view == NULL, 0)) return NULL;
    if (__builtin_expect(ndim > TH_TENSOR_INLINE_DIMS, 0) && thTensor_setNdim(view, ndim) != TH_OK) {
        THTensor_free(view);
        return NULL;
    }
    view->ndim = (int16_t)ndim;
    view->dtype = self->dtype;
    view->flags = self->flags & THTensor_QUIET;
    view->offset = self->offset;
    view->storage = self->storage;
    THStorage_retain(view->storage);
    return view;
}

THStatus thTensor_update(THTensor *self, const char *op)
{
    TH_TRY(thShape_numel(op, self->ndim, self->size, &self->numel));
    const bool contiguous = thShape_isContiguous(self->ndim, self->size, self->stride);
    self->flags = (uint8_t)((self->flags & ~THTensor_CONTIGUOUS) | (contiguous ? THTensor_CONTIGUOUS : 0));
    return TH_OK;
}

THTensor *thTensor_finish(THTensor *view, const char *op)
{
    if (view == NULL || thTensor_update(view, op) == TH_OK) return view;
    THTensor_free(view);
    return NULL;
}

/* Gives a header without storage a row-major shape, a dtype and memory. Leaves it as it was on failure. */
static THStatus allocate(THTensor *self, const char *op, int device, THDtype dtype, int ndim, const int64_t *size)
{
    int64_t numel;
    TH_FAIL_IF((unsigned)dtype >= (unsigned)THDtype_Count, TH_ERR_DTYPE, "[%s] dtype, %d: must name an element type", op,
               (int)dtype);
    TH_TRY(thShape_numel(op, ndim, size, &numel));
    THStorage *storage = THStorage_newOnDevice(dtype, numel, device);
    if (__builtin_expect(storage == NULL, 0)) return THStatus_last();
    if (__builtin_expect(thTensor_setNdim(self, ndim) != TH_OK, 0)) {
        THStorage_free(storage);
        return THStatus_last();
    }
    for (int d = 0; d < ndim; d++) self->size[d] = size[d];
    thShape_strides(ndim, self->size, self->stride);
    self->numel = numel;
    self->offset = 0;
    self->flags |= THTensor_CONTIGUOUS;
    self->dtype = (uint8_t)dtype;
    self->storage = storage;
    return TH_OK;
}

THTensor *THTensor_newWithSize(THDtype dtype, int ndim, const int64_t *size)
{
    if (ndim > 0) TH_GIVEN_OR(NULL, "newWithSize", size);
    THTensor *self = newHeader();
    if (self == NULL || allocate(self, "new", TH_DEVICE_HOST, dtype, ndim, size) == TH_OK) return self;
    THTensor_free(self);
    return NULL;
}

THTensor *THTensor_newWithScalar(THDtype dtype, THScalar value)
{
    THTensor *self = THTensor_newWithSize(dtype, 0, NULL);
    if (self != NULL) THScalar_store(value, dtype, self->storage->data);
    return self;
}

THStatus thTensor_checkOutput(const THTensor *self, const char *op, THDtype dtype)
{
    TH_FAIL_IF(self->storage != NULL && self->dtype != dtype, TH_ERR_DTYPE,
               "[%s] output, a tensor of dtype %s: must have dtype %s", op, THDtype_name((THDtype)self->dtype),
               THDtype_name(dtype));
    return TH_OK;
}

THStatus THTensor_output(THTensor *self, const char *op, THDtype dtype, int ndim, const int64_t *size)
{
    TH_GIVEN("output", self, op);
    if (ndim > 0) TH_GIVEN("output", size);
    return THTensor_outputOn(self, op, THTensor_device(self), dtype, ndim, size);
}

THStatus THTensor_outputOn(THTensor *self, const char *op, int device, THDtype dtype, int ndim, const int64_t *size)
{
    TH_GIVEN("outputOn", self, op);
    if (ndim > 0) TH_GIVEN("outputOn", size);
    if (self->storage == NULL) return allocate(self, op, device, dtype, ndim, size);
    TH_FAIL_IF(self->storage->device != device, TH_ERR_STATE, "[%s] output: does not live on the device of the inputs", op);
    TH_TRY(thTensor_checkOutput(self, op, dtype));
    bool same = self->ndim == ndim;
    for (int d = 0; same && d < ndim; d++) same = self->size[d] == size[d];
    if (!same) TH_TRY(THTensor_resize(self, ndim, size));
    thCore_touch(self);
    return TH_OK;
}

THStatus THTensor_resize(THTensor *self, int ndim, const int64_t *size)
{
    TH_GIVEN("resize", self);
    if (ndim > 0) TH_GIVEN("resize", size);
    int64_t numel, needed;
    TH_FAIL_IF(self->storage == NULL, TH_ERR_STATE, "[resize] self: has no dtype yet");
    TH_TRY(thShape_numel("resize", ndim, size, &numel));
    TH_FAIL_IF(__builtin_add_overflow(numel, self->offset, &needed), TH_ERR_SHAPE,
               "[resize] size, %lld elements from element %lld on: too many", (long long)numel, (long long)self->offset);
    const int64_t itemsize = THDtype_itemsize((THDtype)self->dtype);
    if (numel > 0 && needed > self->storage->nbytes / itemsize) {
        /* The storage counts in its own dtype, which a view of raw memory need not share. */
        const int64_t unit = THDtype_itemsize((THDtype)self->storage->dtype);
        int64_t nbytes;
        TH_FAIL_IF(__builtin_mul_overflow(needed, itemsize, &nbytes), TH_ERR_SHAPE,
                   "[resize] size, %lld elements: more bytes than an address can count", (long long)numel);
        TH_TRY(THStorage_resize(self->storage, nbytes / unit + (nbytes % unit != 0)));
    }
    /* `size` may be self's own sizes; setNdim may free them. */
    int64_t copy[TH_MAX_DIMS];
    if (ndim > 0) memcpy(copy, size, (size_t)ndim * sizeof *copy);
    TH_TRY(thTensor_setNdim(self, ndim));
    memcpy(self->size, copy, (size_t)ndim * sizeof *copy);
    thShape_strides(ndim, self->size, self->stride);
    self->numel = numel;
    self->flags |= THTensor_CONTIGUOUS;
    return TH_OK;
}

THStatus THTensor_set(THTensor *self, const THTensor *source)
{
    TH_GIVEN("set", self, source);
    if (self == source) return TH_OK;
    TH_TRY(thTensor_setNdim(self, source->ndim));
    memcpy(self->size, source->size, (size_t)source->ndim * sizeof *self->size);
    memcpy(self->stride, source->stride, (size_t)source->ndim * sizeof *self->stride);
    if (source->storage != NULL) THStorage_retain(source->storage);
    THStorage_free(self->storage);
    self->storage = source->storage;
    self->dtype = source->dtype;
    self->offset = source->offset;
    self->numel = source->numel;
    self->flags = (uint8_t)((self->flags & THTensor_QUIET) | (source->flags & THTensor_CONTIGUOUS));
    return TH_OK;
}

THStatus THTensor_item(const THTensor *self, THScalar *value)
{
    TH_GIVEN("item", self, value);
    TH_FAIL_IF(self->numel != 1, TH_ERR_VALUE,
               "[item] self, %lld elements: only one element tensors can be converted to Python scalars",
               (long long)self->numel);
    *value = THScalar_load((THDtype)self->dtype, THTensor_dataBytes(self));
    return TH_OK;
}

uint32_t THTensor_version(const THTensor *self)
{
    TH_GIVEN_OR(0, "version", self);
    return self->storage == NULL ? 0 : __atomic_load_n(&self->storage->version, __ATOMIC_RELAXED);
}
