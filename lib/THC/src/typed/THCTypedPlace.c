/* What TH's typed sources ask of tensors on devices. */
#include "typed/THTypedPlace.h"

#include "THC/THCState.h"
#include "THC/THCTensor.h"

const char *const thTyped_package = "torch.cuda.";

static int current_device(void)
{
    int device = TH_DEVICE_HOST;
    return THC_getDevice(&device) == TH_OK ? device : TH_DEVICE_HOST;
}

THTensor *thTyped_new(THDtype dtype, int ndim, const int64_t *size)
{
    const int device = current_device();
    return device == TH_DEVICE_HOST ? NULL : THCTensor_newWithSize(device, dtype, ndim, size);
}

THStorage *thTyped_newStorage(THDtype dtype, int64_t numel)
{
    const int device = current_device();
    return device == TH_DEVICE_HOST ? NULL : THStorage_newOnDevice(dtype, numel, device);
}

THStorage *thTyped_newWithData(THDtype dtype, int64_t numel, void *data, void (*drop)(void *owner, void *data), void *owner)
{
    if (numel > 0) TH_GIVEN_OR(NULL, "newWithData", data);
    const int device = current_device();
    THStorage *const self = device == TH_DEVICE_HOST ? NULL : THStorage_newWithData(dtype, numel, data, drop, owner);
    if (self != NULL) self->device = (int16_t)device;
    return self;
}

static void free_data(void *owner, void *data)
{
    (void)owner;
    (void)THCudaFree(data);
}

THStorage *thTyped_newOwning(THDtype dtype, int64_t numel, void *data)
{
    return thTyped_newWithData(dtype, numel, data, free_data, NULL);
}

THStatus thTyped_check(const char *op, int device)
{
    TH_FAIL_IF(device == TH_DEVICE_HOST, TH_ERR_STATE, "[%s] tensor lies on the host, expected a CUDA device", op);
    return TH_OK;
}

/* Where a result goes that has no memory yet. */
static int target_of(const THTensor *self, const THTensor *like)
{
    if (self->storage != NULL) return self->storage->device;
    return like == NULL ? current_device() : THTensor_device(like);
}

THStatus thTyped_output(THTensor *self, const char *op, const THTensor *like, THDtype dtype, int ndim, const int64_t *size)
{
    TH_GIVEN(op, self);
    const int device = target_of(self, like);
    TH_TRY(thTyped_check(op, device));
    return THTensor_outputOn(self, op, device, dtype, ndim, size);
}

THStatus thTyped_checkOutput(const THTensor *self, const char *op, const THTensor *like, THDtype dtype, int ndim,
                             const int64_t *size)
{
    TH_TRY(thTyped_check(op, target_of(self, like)));
    TH_FAIL_IF(self->storage != NULL && self->dtype != dtype, TH_ERR_DTYPE, "[%s] output is %s, expected %s", op,
               THDtype_name((THDtype)self->dtype), THDtype_name(dtype));
    bool same = self->storage != NULL && self->ndim == ndim;
    for (int d = 0; same && d < ndim; d++) same = self->size[d] == size[d];
    for (int d = 0; same && d < ndim; d++)
        TH_FAIL_IF(self->stride[d] == 0 && size[d] > 1, TH_ERR_SHAPE,
                   "[%s] output is expanded along dimension %d, its elements share memory; clone it first", op, d);
    return TH_OK;
}

/* --- elements: views of the storage, copied ------------------------------------------------------------------------------ */

/* `there` has `count` elements of self's dtype, from `first` on; `up`: they are written. Gives the views back. */
static THStatus move(THStorage *self, int64_t first, int64_t count, THStorage *there, bool up)
{
    const THDtype dtype = (THDtype)self->dtype;
    THTensor *const ours = there == NULL ? NULL : THTensor_newWithStorage(self, dtype, first, 1, &count, NULL);
    THTensor *const theirs = ours == NULL ? NULL : THTensor_newWithStorage(there, dtype, 0, 1, &count, NULL);
    THStatus status = theirs == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK) status = up ? THCTensor_copy(ours, theirs) : THCTensor_copy(theirs, ours);
    THTensor_free(ours);
    THTensor_free(theirs);
    THStorage_free(there);
    return status;
}

THStatus thTyped_read(const char *op, const THStorage *self, int64_t first, int64_t count, void *elements)
{
    TH_TRY(thTyped_check(op, self->device));
    if (count == 0) return TH_OK;
    THStorage *const here = THStorage_newWithData((THDtype)self->dtype, count, elements, NULL, NULL);
    return move((THStorage *)(uintptr_t)self, first, count, here, false);
}

THStatus thTyped_write(const char *op, THStorage *self, int64_t first, int64_t count, const void *elements)
{
    TH_TRY(thTyped_check(op, self->device));
    if (count == 0) return TH_OK;
    void *const data = (void *)(uintptr_t)elements; /* only read */
    return move(self, first, count, THStorage_newWithData((THDtype)self->dtype, count, data, NULL, NULL), true);
}

THStatus thTyped_writeFrom(const char *op, THStorage *self, const void *data)
{
    TH_TRY(thTyped_check(op, self->device));
    const int64_t count = THStorage_size(self);
    if (count == 0) return TH_OK;
    THStorage *const there = THStorage_newWithData((THDtype)self->dtype, count, (void *)(uintptr_t)data, NULL, NULL);
    if (there != NULL) there->device = self->device;
    return move(self, 0, count, there, true);
}
