#include "TH/THArgument.h"
#include "core/THDeviceMemory.h"

static const THDeviceMemory *memory;

void THDevice_register(const THDeviceMemory *registered)
{
    TH_GIVEN_OR(, "register", registered);
    __atomic_store_n(&memory, registered, __ATOMIC_RELEASE);
}

char *thDevice_allocate(int device, int64_t nbytes)
{
    const THDeviceMemory *const known = __atomic_load_n(&memory, __ATOMIC_ACQUIRE);
    if (known != NULL) return known->allocate(device, nbytes);
    THStatus_fail(TH_ERR_UNSUPPORTED, "[storage] device, %d: no library for devices has been loaded", device);
    return NULL;
}

/* What follows is about memory that was allocated: it is registered. */
void thDevice_release(int device, char *data, int64_t nbytes)
{
    if (data != NULL) memory->release(device, data, nbytes);
}

THStatus thDevice_copy(int device, char *to, const char *from, int64_t nbytes)
{
    return memory->copy(device, to, from, nbytes);
}
