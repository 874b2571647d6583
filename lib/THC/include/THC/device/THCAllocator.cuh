// The caching allocator behind THDeviceMemory.
#pragma once

#include "THC/device/THCCore.cuh"

extern const THDeviceMemory thc_device_memory;

TH_BEGIN_DECLS

// As the functions of thc_device_memory.
TH_API char *thc_allocate(int device, int64_t nbytes);
TH_API void thc_release(int device, char *data, int64_t nbytes);
// Work of `stream` (NULL: the default one) uses the block as well. Memory that is not from here is left alone.
TH_API void thc_alsoUsedOn(int device, const char *data, THCStream *stream);
// One reference more, one less; the last one ends the stream. NULL is allowed.
TH_API void thc_keepStream(THCStream *stream);
TH_API void thc_dropStream(THCStream *stream);

TH_END_DECLS

// Scratch of an operation: device memory that is given back at the end of the scope, which is early enough: blocks are reused
// in the order of their stream.
class THCScratch
{
  public:
    THCScratch(int device, int64_t nbytes)
        : device_(device), nbytes_(nbytes), data_(nbytes > 0 ? thc_allocate(device, nbytes) : nullptr)
    {
    }
    ~THCScratch()
    {
        if (data_ != nullptr) thc_release(device_, data_, nbytes_);
    }
    THCScratch(const THCScratch &) = delete;
    THCScratch &operator=(const THCScratch &) = delete;
    // NULL with the failure set if memory was short (or nothing was asked for).
    char *data() const { return data_; }

  private:
    int device_;
    int64_t nbytes_;
    char *data_;
};
