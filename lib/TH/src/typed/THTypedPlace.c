#include "typed/THTypedPlace.h"

#include <stdlib.h>
#include <string.h>

#include "TH/THDevice.h"
#include "ops/THOps.h"

const char *const thTyped_package = "torch.";

THTensor *thTyped_new(THDtype dtype, int ndim, const int64_t *size)
{
    return THTensor_newWithSize(dtype, ndim, size);
}

THStorage *thTyped_newStorage(THDtype dtype, int64_t numel)
{
    return THStorage_newWithSize(dtype, numel);
}

THStorage *thTyped_newWithData(THDtype dtype, int64_t numel, void *data, void (*drop)(void *owner, void *data), void *owner)
{
    return THStorage_newWithData(dtype, numel, data, drop, owner);
}

static void free_data(void *owner, void *data)
{
    (void)owner;
    free(data);
}

THStorage *thTyped_newOwning(THDtype dtype, int64_t numel, void *data)
{
    return THStorage_newWithData(dtype, numel, data, free_data, NULL);
}

THStatus thTyped_check(const char *op, int device)
{
    TH_FAIL_IF(device != TH_DEVICE_HOST, TH_ERR_STATE, "[%s] tensor lies on device %d, expected the host", op, device);
    return TH_OK;
}

THStatus thTyped_output(THTensor *self, const char *op, const THTensor *like, THDtype dtype, int ndim, const int64_t *size)
{
    (void)like;
    return THTensor_output(self, op, dtype, ndim, size);
}

THStatus thTyped_checkOutput(const THTensor *self, const char *op, const THTensor *like, THDtype dtype, int ndim,
                             const int64_t *size)
{
    (void)like;
    return THOps_checkOutput(op, self, dtype, ndim, size);
}

THStatus thTyped_read(const char *op, const THStorage *self, int64_t first, int64_t count, void *elements)
{
    TH_TRY(thTyped_check(op, self->device));
    const int64_t itemsize = THDtype_itemsize((THDtype)self->dtype);
    if (count > 0) memcpy(elements, self->data + first * itemsize, (size_t)(count * itemsize));
    return TH_OK;
}

THStatus thTyped_write(const char *op, THStorage *self, int64_t first, int64_t count, const void *elements)
{
    TH_TRY(thTyped_check(op, self->device));
    const int64_t itemsize = THDtype_itemsize((THDtype)self->dtype);
    if (count > 0) memmove(self->data + first * itemsize, elements, (size_t)(count * itemsize));
    return TH_OK;
}

THStatus thTyped_writeFrom(const char *op, THStorage *self, const void *data)
{
    return thTyped_write(op, self, 0, THStorage_size(self), data);
}
