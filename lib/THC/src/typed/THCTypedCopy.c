/* THCudaTensor_*, THCudaStorage_*: places, copies between the host and devices; THFloatTensor_copyCuda*. */
#include "THC/THCTensor.h"
#include "typed/THTypedBody.h"

int THTensor_(getDevice)(const THTensor *self)
{
    TH_GIVEN_OR(TH_DEVICE_HOST, "getDevice", self);
    return THTensor_device(self);
}

int THStorage_(getDevice)(const THStorage *self)
{
    TH_GIVEN_OR(TH_DEVICE_HOST, "getDevice", self);
    return self->device;
}

THTensor *THTensor_(newFoldBatchDim)(THTensor *self)
{
    TH_GIVEN_OR(NULL, "newFoldBatchDim", self);
    if (check_dtype("newFoldBatchDim", self) != TH_OK) return NULL;
    if (self->ndim < 2 || !THTensor_isContiguous(self)) {
        THStatus_fail(TH_ERR_SHAPE, "[newFoldBatchDim] tensor has %d dimensions, expected a contiguous one of at least 2",
                      self->ndim);
        return NULL;
    }
    int64_t size[TH_MAX_DIMS] = {self->size[0] * self->size[1]};
    for (int d = 2; d < self->ndim; d++) size[d - 1] = self->size[d];
    return THTensor_newView(self, self->ndim - 1, size);
}

THStorage *THStorage_(newWithMapping)(const char *filename, int64_t size, int flags)
{
    TH_GIVEN_OR(NULL, "newWithMapping", filename);
    if ((flags & TH_ALLOCATOR_MAPPED_SHARED) != 0) {
        THStatus_fail(TH_ERR_UNSUPPORTED,
                      "[newWithMapping] flags, %d: what is written on a device does not reach the file, "
                      "expected a mapping that is not shared",
                      flags);
        return NULL;
    }
    THStorage *const here = THC_HOST_(Storage_newWithMapping)(filename, size, flags);
    THStorage *there = here == NULL ? NULL : THStorage_(newWithSize)(THStorage_size(here));
    if (there != NULL && THStorage_(copyCPU)(there, here) != TH_OK) {
        THStorage_free(there);
        there = NULL;
    }
    THStorage_free(here);
    return there;
}

/* --- copies -------------------------------------------------------------------------------------------------------------- */

/* What a copy wants of its source. */
static THStatus check_source(const char *op, THDtype is, int device, THDtype dtype, bool on_device)
{
    TH_FAIL_IF(is != dtype, TH_ERR_DTYPE, "[%s] source is %s, expected %s", op, THDtype_name(is), THDtype_name(dtype));
    TH_FAIL_IF(on_device != (device != TH_DEVICE_HOST), TH_ERR_STATE, "[%s] source lies on %s, expected %s", op,
               on_device ? "the host" : "a device", on_device ? "a CUDA device" : "the host");
    return TH_OK;
}

static THStatus check_target(const char *op, THDtype is, int device, THDtype dtype)
{
    TH_FAIL_IF(is != dtype, TH_ERR_DTYPE, "[%s] self is %s, expected %s", op, THDtype_name(is), THDtype_name(dtype));
    TH_FAIL_IF(device != TH_DEVICE_HOST, TH_ERR_STATE, "[%s] self lies on a device, expected the host", op);
    return TH_OK;
}

static THTensor *whole(const THStorage *s)
{
    const int64_t n = THStorage_size(s);
    return THTensor_newWithStorage((THStorage *)(uintptr_t)s, (THDtype)s->dtype, 0, 1, &n, NULL);
}

static THStatus copy_storage(const char *op, THStorage *self, const THStorage *source)
{
    TH_FAIL_IF(THStorage_size(self) != THStorage_size(source), TH_ERR_SHAPE, "[%s] source has %lld elements, expected %lld", op,
               (long long)THStorage_size(source), (long long)THStorage_size(self));
    THTensor *const to = whole(self), *const from = whole(source);
    const THStatus status = to == NULL || from == NULL ? THStatus_last() : THCTensor_copy(to, from);
    THTensor_free(to);
    THTensor_free(from);
    return status;
}

/* To a device: defines the tensor's and the storage's function. */
#define COPY_TO_DEVICE(name, wanted, on_device)                                                                                \
    THStatus THTensor_(name)(THTensor * self, const THTensor *source)                                                          \
    {                                                                                                                          \
        TH_GIVEN(#name, self, source);                                                                                         \
        TH_TRY(check_source(#name, (THDtype)source->dtype, THTensor_device(source), wanted, on_device));                       \
        return THTensor_(copy)(self, source);                                                                                  \
    }                                                                                                                          \
    THStatus THStorage_(name)(THStorage * self, const THStorage *source)                                                       \
    {                                                                                                                          \
        TH_GIVEN(#name, self, source);                                                                                         \
        TH_TRY(check_source(#name, (THDtype)source->dtype, source->device, wanted, on_device));                                \
        TH_FAIL_IF(self->dtype != REAL_DTYPE, TH_ERR_DTYPE, "[" #name "] self is %s, expected %s",                             \
                   THDtype_name((THDtype)self->dtype), THDtype_name(REAL_DTYPE));                                              \
        TH_TRY(thTyped_check(#name, self->device));                                                                            \
        return copy_storage(#name, self, source);                                                                              \
    }

/* To the host: `Tensor` and `Storage` name the functions, `host` the dtype that self has. */
#define COPY_TO_HOST(Tensor, Storage, op, host)                                                                                \
    THStatus Tensor(THTensor *self, const THTensor *source)                                                                    \
    {                                                                                                                          \
        TH_GIVEN(op, self, source);                                                                                            \
        TH_TRY(check_target(op, (THDtype)self->dtype, THTensor_device(self), host));                                           \
        TH_TRY(check_source(op, (THDtype)source->dtype, THTensor_device(source), REAL_DTYPE, true));                           \
        return copy_down(op, self, source);                                                                                    \
    }                                                                                                                          \
    THStatus Storage(THStorage *self, const THStorage *source)                                                                 \
    {                                                                                                                          \
        TH_GIVEN(op, self, source);                                                                                            \
        TH_TRY(check_target(op, (THDtype)self->dtype, self->device, host));                                                    \
        TH_TRY(check_source(op, (THDtype)source->dtype, source->device, REAL_DTYPE, true));                                    \
        return copy_storage(op, self, source);                                                                                 \
    }

/* In any shape of as many elements. */
static THStatus copy_down(const char *op, THTensor *self, const THTensor *source)
{
    TH_FAIL_IF(self->numel != source->numel, TH_ERR_SHAPE, "[%s] source has %lld elements, expected %lld", op,
               (long long)source->numel, (long long)self->numel);
    THTensor *const shaped = THCTensor_newReshape(source, self->ndim, self->size);
    const THStatus status = shaped == NULL ? THStatus_last() : THCTensor_copy(self, shaped);
    THTensor_free(shaped);
    return status;
}

COPY_TO_DEVICE(copyCuda, REAL_DTYPE, true)
COPY_TO_DEVICE(copyCPU, REAL_DTYPE, false)
COPY_TO_HOST(THC_HOST_(Tensor_copyCuda), THC_HOST_(Storage_copyCuda), "copyCuda", REAL_DTYPE)

#define BOTH_WAYS(Name, ctype, acc, python)                                                                                    \
    COPY_TO_DEVICE(copyCuda##Name, THDtype_##Name, true)                                                                       \
    COPY_TO_HOST(THC_TO_HOST_(Name, Tensor_copyCuda), THC_TO_HOST_(Name, Storage_copyCuda), "copyCuda", THDtype_##Name)
TH_FORALL_DTYPES(BOTH_WAYS)

THStatus THTensor_(copyIgnoringOverlaps)(THTensor *self, const THTensor *source)
{
    TH_GIVEN("copyIgnoringOverlaps", self, source);
    TH_TRY(check_dtype("copyIgnoringOverlaps", self));
    TH_TRY(thTyped_check("copyIgnoringOverlaps", THTensor_device(self)));
    TH_FAIL_IF(!THTensor_isSameSizeAs(self, source), TH_ERR_SHAPE, "[copyIgnoringOverlaps] source has not the size of self");
    /* Of elements that are one, the last stays: places that are not the last are left out. */
    THTensor *to = THTensor_newWithTensor(self), *from = THTensor_newWithTensor(source);
    for (int d = 0; to != NULL && from != NULL && d < self->ndim; d++) {
        if (to->stride[d] != 0 || to->size[d] < 2) continue;
        THTensor *const last = THTensor_newNarrow(to, d, to->size[d] - 1, 1);
        THTensor *const of_last = THTensor_newNarrow(from, d, from->size[d] - 1, 1);
        THTensor_free(to);
        THTensor_free(from);
        to = last;
        from = of_last;
    }
    const THStatus status = to == NULL || from == NULL ? THStatus_last() : THCTensor_copy(to, from);
    THTensor_free(to);
    THTensor_free(from);
    return status;
}

static THStatus check_async(const char *op, const THTensor *self, const THTensor *source)
{
    TH_FAIL_IF(!THTensor_isContiguous(self) || !THTensor_isContiguous(source) || !THTensor_isSameSizeAs(self, source),
               TH_ERR_SHAPE, "[%s] self, source: expected contiguous tensors of one size", op);
    return TH_OK;
}

THStatus THTensor_(copyAsyncCPU)(THTensor *self, const THTensor *source)
{
    TH_GIVEN("copyAsyncCPU", self, source);
    TH_TRY(check_dtype("copyAsyncCPU", self));
    TH_TRY(check_source("copyAsyncCPU", (THDtype)source->dtype, THTensor_device(source), REAL_DTYPE, false));
    TH_TRY(thTyped_check("copyAsyncCPU", THTensor_device(self)));
    TH_TRY(check_async("copyAsyncCPU", self, source));
    return THCTensor_copyAsync(self, source, true);
}

THStatus THC_HOST_(Tensor_copyAsyncCuda)(THTensor *self, const THTensor *source)
{
    TH_GIVEN("copyAsyncCuda", self, source);
    TH_TRY(check_target("copyAsyncCuda", (THDtype)self->dtype, THTensor_device(self), REAL_DTYPE));
    TH_TRY(check_source("copyAsyncCuda", (THDtype)source->dtype, THTensor_device(source), REAL_DTYPE, true));
    TH_TRY(check_async("copyAsyncCuda", self, source));
    return THCTensor_copyAsync(self, source, true);
}
