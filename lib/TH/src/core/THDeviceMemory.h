/* Bytes on a device, for storages. */
#ifndef TH_CORE_DEVICE_MEMORY_H
#define TH_CORE_DEVICE_MEMORY_H

#include "TH/THDevice.h"

/* nbytes > 0. NULL with the failure set. */
char *thDevice_allocate(int device, int64_t nbytes);
void thDevice_release(int device, char *data, int64_t nbytes);
THStatus thDevice_copy(int device, char *to, const char *from, int64_t nbytes);

#endif
