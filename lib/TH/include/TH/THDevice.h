/* Memory of accelerators. A library that knows a kind of them (THC) registers how memory there is taken and given back;
 * storages, views, references and outputs then work on it as on the host. TH itself never reads or writes an element there: its
 * element-wise functions are for tensors of the host. */
#ifndef TH_DEVICE_H
#define TH_DEVICE_H

#include "TH/THTensor.h"

#define TH_DEVICE_HOST (-1)

typedef struct THDeviceMemory {
    /* nbytes > 0. NULL with the failure set. */
    char *(*allocate)(int device, int64_t nbytes);
    void (*release)(int device, char *data, int64_t nbytes);
    /* Within one device, behind what was asked of it before. */
    THStatus (*copy)(int device, char *to, const char *from, int64_t nbytes);
} THDeviceMemory;

static inline int THTensor_device(const THTensor *self)
{
    return self->storage == NULL ? TH_DEVICE_HOST : self->storage->device;
}

TH_BEGIN_DECLS

/* The memory of devices 0, 1, ... of this process. Once, before the first tensor there. */
TH_API void THDevice_register(const THDeviceMemory *registered);

/* An owned storage of `numel` elements on `device` (TH_DEVICE_HOST: as THStorage_newWithSize), contents undefined. NULL if
 * memory is short, numel < 0 or no such memory is registered. */
TH_API THStorage *THStorage_newOnDevice(THDtype dtype, int64_t numel, int device);

/* Dtypes: all. */
/* THTensor_output for an op that runs on `device`. TH_ERR_STATE if `self` lives elsewhere. */
TH_API THStatus THTensor_outputOn(THTensor *self, const char *op, int device, THDtype dtype, int ndim, const int64_t *size);

TH_END_DECLS

#endif
