/* Devices, memory and order of work on CUDA. Tensors are TH's: a THTensor whose storage lives on a device.
 *
 * Every function that works on tensors runs on the device of its inputs, behind what the calling thread asked of that device's
 * current stream before, and returns before the work is done. An error of the device itself is noticed by a later call; its
 * message names the operations that were started since the device was last known to be well. */
#ifndef THC_GENERAL_H
#define THC_GENERAL_H

#include <stdbool.h>
#include <stdint.h>

#include "TH/TH.h"

#define THC_API TH_API
#define THC_MAX_DEVICES 64

TH_BEGIN_DECLS

/* --- devices ------------------------------------------------------------------------------------------------------------- */

typedef struct THCDeviceProperties {
    char name[256];
    int major, minor; /* compute capability */
    int multiprocessors;
    int64_t total_memory; /* bytes */
} THCDeviceProperties;

/* Opens the driver and registers the memory of its devices with TH. TH_ERR_UNSUPPORTED, with the reason, if there is no driver
 * or no device. May be called again: it answers the same. Not to be used in a child forked after it: TH_ERR_STATE there. */
THC_API THStatus THC_initialize(void);
THC_API THStatus THC_getDeviceCount(int *count);
/* The calling thread's device, on which new tensors are made. */
THC_API THStatus THC_getDevice(int *device);
THC_API THStatus THC_setDevice(int device);
THC_API THStatus THC_getDeviceProperties(int device, THCDeviceProperties *properties);
/* *possible: whether `device` can read the memory of `peer` itself. */
THC_API THStatus THC_canAccessPeer(int device, int peer, bool *possible);
/* Versions as CUDA counts them: 13000 is 13.0. */
THC_API THStatus THC_getVersions(int *runtime, int *driver);
/* Waits for all work of the device. */
THC_API THStatus THC_synchronize(int device);

/* --- random numbers --------------------------------------------------------------------------------------------------------
 * */

/* The default generator of a device (borrowed): what a generator of NULL means to an operation there. It begins with the seed
 * that the host's default generator has when it is first asked for. NULL with the failure set. */
THC_API THGenerator *THC_generator(int device);
/* Seeds the default generators of all devices. */
THC_API THStatus THC_seedAll(uint64_t seed);

/* --- memory -------------------------------------------------------------------------------------------------------------- */

/* Bytes. Blocks that are given back stay here and serve later requests. */
typedef struct THCMemoryUse {
    int64_t allocated, max_allocated; /* by tensors */
    int64_t cached, max_cached;       /* taken from the device */
    int64_t allocations;              /* blocks handed out so far */
    int64_t device_allocations;       /* of these, how many asked the device */
} THCMemoryUse;

THC_API THStatus THC_getMemoryUse(int device, THCMemoryUse *use);
THC_API THStatus THC_resetPeakMemory(int device);
/* Gives blocks that nobody uses back to the device. */
THC_API THStatus THC_emptyCache(void);
/* Page-locked memory of the host, for copies that overlap with work. NULL with the failure set. */
THC_API void *THC_newPinned(int64_t nbytes);
THC_API void THC_freePinned(void *data);
THC_API THStatus THC_isPinned(const void *data, bool *pinned);

TH_END_DECLS

#endif
