// Device memory of other processes. CUDA shares whole segments: a storage is a place in one, and a segment is mapped once for
// all of its storages that this process imported.
#include "THC/THCIpc.h"

#include <cstring>
#include <list>
#include <mutex>

#include "THC/device/THCCore.cuh"
#include "THC/device/THCSegment.cuh"

static_assert(sizeof(THCIpcHandle::memory) == sizeof(cudaIpcMemHandle_t), "CUDA's handles have another size");
static_assert(sizeof(THCIpcHandle::device) == sizeof(cudaUUID_t), "CUDA's UUIDs have another size");

namespace
{

struct Mapping {
    unsigned char memory[sizeof(cudaIpcMemHandle_t)];
    int device;
    char *base;
    int users;
};

// What an imported storage lies in, and who is told of its end.
struct Imported {
    Mapping *mapping;
    void (*drop)(void *owner);
    void *owner;
};

std::mutex mutex;
std::list<Mapping> *const mappings = new std::list<Mapping>; // tensors may outlive the library's other statics

THStatus findDevice(const THCIpcHandle *handle, int *device)
{
    int count = 0;
    TH_TRY(THC_getDeviceCount(&count));
    for (*device = 0; *device < count; ++*device) {
        cudaDeviceProp properties;
        THC_TRY("ipc", cudaGetDeviceProperties(&properties, *device));
        if (memcmp(&properties.uuid, handle->device, sizeof handle->device) == 0) return TH_OK;
    }
    return THStatus_fail(TH_ERR_INDEX,
                         "[ipc] device: the memory is on a device that this process does not have (CUDA_VISIBLE_DEVICES "
                         "hides it?)");
}

// The segment, mapped; with the mutex held.
THStatus map(const THCIpcHandle *handle, int device, Mapping **found)
{
    for (Mapping &known : *mappings) {
        if (known.device != device || memcmp(known.memory, handle->memory, sizeof known.memory) != 0) continue;
        known.users++;
        *found = &known;
        return TH_OK;
    }
    const THCGuard guard(device);
    cudaIpcMemHandle_t memory;
    memcpy(&memory, handle->memory, sizeof memory);
    void *base = nullptr;
    const cudaError_t error = cudaIpcOpenMemHandle(&base, memory, cudaIpcMemLazyEnablePeerAccess);
    if (error != cudaSuccess) {
        cudaGetLastError();
        return THStatus_fail(TH_ERR_STATE,
                             "[ipc] CUDA: %s; memory can be mapped while the process that shares it lives, and only in other "
                             "processes of the same machine",
                             cudaGetErrorString(error));
    }
    mappings->push_back(Mapping{{}, device, static_cast<char *>(base), 1});
    memcpy(mappings->back().memory, handle->memory, sizeof handle->memory);
    *found = &mappings->back();
    return TH_OK;
}

// With the mutex held.
void unmap(Mapping *mapping)
{
    if (--mapping->users > 0) return;
    const THCGuard guard(mapping->device);
    if (cudaIpcCloseMemHandle(mapping->base) != cudaSuccess) cudaGetLastError();
    mappings->remove_if([mapping](const Mapping &item) { return &item == mapping; });
}

// Who shares the memory may give it to others after this.
void dropImported(void *owner, void *)
{
    Imported *const imported = static_cast<Imported *>(owner);
    {
        const THCGuard guard(imported->mapping->device);
        if (cudaDeviceSynchronize() != cudaSuccess) cudaGetLastError();
        const std::lock_guard<std::mutex> lock(mutex);
        unmap(imported->mapping);
    }
    if (imported->drop != nullptr) imported->drop(imported->owner);
    delete imported;
}

} // namespace

THStatus THC_ipcExport(const THStorage *storage, THCIpcHandle *handle)
{
    TH_GIVEN("ipc", storage, handle);
    TH_FAIL_IF(storage->device == TH_DEVICE_HOST, TH_ERR_STATE, "[ipc] storage: it is in memory of the host");
    TH_FAIL_IF(storage->nbytes == 0, TH_ERR_SHAPE, "[ipc] storage: it has no bytes to share");
    TH_TRY(thc_checkDevice("ipc", storage->device));
    const char *const base = thc_segmentOf(storage->device, storage->data);
    TH_FAIL_IF(base == nullptr, TH_ERR_STATE,
               "[ipc] storage: its memory belongs to another process or library, which alone can share it; share a clone");
    const THCGuard guard(storage->device);
    cudaDeviceProp properties;
    cudaIpcMemHandle_t memory;
    THC_TRY("ipc", cudaGetDeviceProperties(&properties, storage->device));
    THC_TRY("ipc", cudaIpcGetMemHandle(&memory, const_cast<char *>(base)));
    memcpy(handle->device, &properties.uuid, sizeof handle->device);
    memcpy(handle->memory, &memory, sizeof handle->memory);
    handle->offset = storage->data - base;
    handle->nbytes = storage->nbytes;
    THC_TRY("ipc", cudaStreamSynchronize(thc_streamOf(storage->device)));
    return TH_OK;
}

THStorage *THC_ipcImport(const THCIpcHandle *handle, THDtype dtype, int64_t numel, void (*drop)(void *owner), void *owner)
{
    TH_GIVEN_OR(nullptr, "ipc", handle);
    int device = 0;
    if (findDevice(handle, &device) != TH_OK) return nullptr;
    const int64_t itemsize = THDtype_itemsize(dtype);
    if (itemsize == 0 || numel <= 0 || handle->offset < 0 || numel > handle->nbytes / itemsize) {
        THStatus_fail(TH_ERR_SHAPE, "[ipc] size, %lld: the handle is of %lld bytes at %lld", (long long)numel,
                      (long long)handle->nbytes, (long long)handle->offset);
        return nullptr;
    }
    Mapping *mapping = nullptr;
    {
        const std::lock_guard<std::mutex> lock(mutex);
        if (map(handle, device, &mapping) != TH_OK) return nullptr;
    }
    Imported *const imported = new Imported{mapping, nullptr, nullptr};
    THStorage *const storage = THStorage_newWithData(dtype, numel, mapping->base + handle->offset, dropImported, imported);
    if (storage == nullptr) {
        dropImported(imported, nullptr);
        return nullptr;
    }
    imported->drop = drop;
    imported->owner = owner;
    storage->device = static_cast<int16_t>(device);
    storage->flags |= THStorage_SHARED;
    return storage;
}
